"""Attributes as survey.toml says them: levels in order, spellings to decide, pairs never shown."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from conjoint.propose.draft import quoted
from conjoint.propose.level import put_in_order, variants
from conjoint.propose.model import Option
from conjoint.propose.restriction import never_together
from conjoint.propose.value import without_markup
from conjoint.propose.words import slug

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.propose.column import Column
    from conjoint.propose.draft import Draft
    from conjoint.propose.level import Ordered, Variant
    from conjoint.propose.model import Key
    from conjoint.propose.shown import Shown
    from conjoint.typing import Sureness

__all__ = ["family_labels", "propose_attribute", "propose_restrictions"]

MOST_RESTRICTIONS = 12


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
    found = never_together(shown)
    tables, items = [], []
    for never in found[:MOST_RESTRICTIONS]:
        one, other = names[never.one], names[never.other]
        tables.append({"never": {one: list(never.one_levels), other: list(never.other_levels)}})
        items.append(
            f"0 of {never.profiles:,} profiles show them together, where chance would have shown some "
            f"{never.expected:,.0f}"
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
