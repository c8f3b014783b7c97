"""Attributes as survey.toml says them: levels in order, spellings to decide, pairs never shown."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from conjoint.propose.draft import quoted
from conjoint.propose.evidence import fits
from conjoint.propose.judged import FEW_VERSIONS
from conjoint.propose.level import put_in_order, variants
from conjoint.propose.model import Option
from conjoint.propose.restriction import never_together, versions
from conjoint.propose.words import slug
from conjoint.say.number import numeral
from conjoint.spelling import without_markup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.propose.column import Column
    from conjoint.propose.draft import Draft
    from conjoint.propose.level import Ordered, Variant
    from conjoint.propose.model import Key
    from conjoint.propose.shown import Shown
    from conjoint.typing import FloatArray, Sureness

__all__ = [
    "family_labels",
    "propose_attribute",
    "propose_probabilities",
    "propose_restrictions",
    "say_uneven",
]

MOST_RESTRICTIONS = 12
UNEVEN, FITS = 1e-4, 0.02
"""How improbable counts of levels are, where they are no even draws; and how probable, where shares fit."""

MOST_PARTS = 20


def propose_attribute(
    draft: Draft,
    text: str,
    counts: Counter[str],
    why: tuple[Sureness, str],
    label: str = "",
    declared: Sequence[str] = (),
    missing: frozenset[str] = frozenset(),
) -> str:
    """An attribute with its levels; says under which name."""
    own = text if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", text) else ""
    name = draft.free(
        "attributes", own or slug(label, "") or slug(text, "attribute") or "attribute"
    )
    key: Key = ("attributes", name)
    shown = without_markup(label or (text if name != text and not text.isdecimal() else ""))
    if shown:
        sure = "the columns' wording in the file" if label else "the attribute's name in the file"
        draft.say((*key, "label"), shown, "sure", sure)
    if name != text:
        draft.say((*key, "column"), text, *why)
    counts = Counter({t: n for t, n in counts.items() if t not in missing})
    spelled = variants(counts)
    rare = {variant.text for variant in spelled}
    ordered = put_in_order({t: n for t, n in counts.items() if t not in rare}, declared)
    items = tuple(f"{counts[t]:,} profiles" for t in ordered.texts)
    said = ordered.evidence if name != text else f"{why[1]}; {ordered.evidence}"
    sureness: Sureness = "guess" if why[0] == "guess" else ordered.sureness
    draft.say((*key, "levels"), ordered.levels, sureness, said, items)
    _ask_spellings(draft, key, spelled)
    _ask_order(draft, key, ordered)
    return name


def _ask_spellings(draft: Draft, key: Key, spelled: Sequence[Variant]) -> None:
    """Leave to a person whether two spellings are one level; the survey cannot be read before."""
    for variant in spelled:
        both = f"{quoted(variant.text)} ({variant.count:,} cells) looks like {quoted(variant.usual)} ({variant.usual_count:,} cells)"
        draft.ask(
            (*key, "levels"),
            f"{both}. Nothing is merged: which is it?",
            Option("the same level, misspelt: correct the cells in the file", "`conjoint check` names them"),
            Option("a level of its own", "", adds=(((*key, "levels"), variant.text),)),
            default=None,
        )  # fmt: skip


def _ask_order(draft: Draft, key: Key, ordered: Ordered) -> None:
    """Leave the order to a person where nothing tells, and the baseline in any case."""
    if len(ordered.texts) > 2 and ordered.sureness == "guess":
        draft.ask_order((*key, "levels"), "In which order do the levels stand?", ordered.texts)
    draft.ask(
        (*key, "baseline"),
        "Which level are effects measured against?",
        *(
            Option(t, "the first level, unless you name another" * (not place),
                   (((*key, "baseline"), t),) if place else ())
            for place, t in enumerate(ordered.texts)
        ),
    )  # fmt: skip


def propose_restrictions(draft: Draft, shown: Shown, names: Mapping[str, str]) -> None:
    """Pairs of levels that were never shown together, each left to a person."""
    found = never_together(shown) if len(shown.codes) > 1 else []
    tables, items = [], []
    for never in found[:MOST_RESTRICTIONS]:
        one, other = names[never.one], names[never.other]
        tables.append({"never": {one: list(never.one_levels), other: list(never.other_levels)}})
        items.append(
            f"0 of {never.profiles:,} profiles show them together, where chance would have shown some "
            f"{numeral(never.expected)}"
        )
    if tables:
        key = ("restrictions",)
        draft.say(key, tables, "likely", "", tuple(items))
        several = f"these {len(tables)} blocks of levels" if len(tables) > 1 else "these levels"
        draft.ask(
            key,
            f"Were {several} never to be shown together?",
            Option("yes: the design left them out", "as it stands"),
            Option("no: the design allowed them", "take [[restrictions]] out", drops=(key,)),
        )
    if len(found) > MOST_RESTRICTIONS:
        draft.notes.append(
            f"{len(found) - MOST_RESTRICTIONS} more blocks of level pairs were never shown."
        )


def propose_probabilities(draft: Draft, shown: Shown, names: Mapping[str, str]) -> None:
    """Probabilities of levels that were drawn unevenly; not where a restriction, or a version, does it."""
    codes = shown.by_person()
    people = len(next(iter(codes.values()), ()))
    if people > 1 and FEW_VERSIONS * len(versions(list(codes.values()))) < people:
        return
    tied: set[str] = set()
    restricted = draft.guesses.get(("restrictions",))
    for table in restricted.value if restricted else ():
        tied |= set(table["never"])
    for text, name in names.items():
        key: Key = ("attributes", name)
        if (
            name in tied
            or (*key, "presence") in draft.guesses
            or (*key, "levels") not in draft.guesses
        ):
            continue
        levels = [own["value"] if isinstance(own, dict) else own
                  for own in draft.guesses[*key, "levels"].value]  # fmt: skip
        counts = np.array([shown.counts(text)[level] for level in levels], dtype=float)
        say_uneven(draft, key, counts)


def say_uneven(draft: Draft, key: Key, counts: FloatArray) -> None:
    """Say with which probabilities levels were drawn, where their counts are no even draws."""
    even = np.full(len(counts), 1 / len(counts))
    if len(counts) < 2 or counts.min() == 0 or fits(counts, even) > UNEVEN:
        return
    shares, simple = _simple_shares(counts)
    said = f"{'close to ' * simple}the shares in which the levels were shown"
    why = f"{said}: even draws would differ less; the design may say better"
    draft.say((*key, "probabilities"), shares, "likely", why)


def _simple_shares(counts: FloatArray) -> tuple[list[float], bool]:
    """Shares of small whole numbers that fit the counts, or else those counted."""
    observed = counts / counts.sum()
    for parts in range(2, MOST_PARTS + 1):
        whole = np.round(observed * parts)
        if whole.min() >= 1 and whole.sum() == parts and fits(counts, whole / parts) > FITS:
            return _to_one(whole / parts), True
    return _to_one(observed), False


def _to_one(shares: FloatArray) -> list[float]:
    """Shares with few decimals that sum to 1."""
    short = np.round(shares, 4)
    short[np.argmax(short)] += 1 - short.sum()
    return [round(float(share), 4) for share in short]


def family_labels(columns: Mapping[str, Sequence[Column]]) -> dict[str, str]:
    """By attribute, what its columns' labels have in common, and other attributes' do not."""
    shared: dict[str, list[str]] = {}
    for name, own in columns.items():
        texts = [c.label for c in own if c.label and c.label != c.name]
        if len(texts) < len(own):
            continue
        words = [re.findall(r"\S+", text) for text in texts]
        common = set(words[0]).intersection(*map(set, words[1:]))
        shared[name] = [word for word in words[0] if word in common]
    if len(shared) < len(columns) or len(shared) < 2:
        return {}
    everywhere = set.intersection(*(set(words) for words in shared.values()))
    made = {
        name: " ".join(word for word in words if word not in everywhere).strip(" -–:;,./|")
        for name, words in shared.items()
    }
    return made if all(made.values()) and len(set(made.values())) == len(made) else {}
