"""Questions of several answers: a column a mention, or all answers in one cell."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from conjoint.propose.evidence import codes_of, pooled
from conjoint.propose.level import put_in_order
from conjoint.propose.pattern import common
from conjoint.propose.value import is_no_answer
from conjoint.propose.words import slug

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conjoint.propose.column import Column
    from conjoint.propose.draft import Draft
    from conjoint.propose.model import Key

__all__ = ["propose_multiple"]

MEMBER = re.compile(
    r"(.*[^\W_]|)(?:[_\-:\[ ]|(?<=[a-z]{3}))(?:\d+|first|second|third|fourth|fifth)\]?",
    re.IGNORECASE | re.DOTALL,
)
"""The name of one of several columns: Q5_1, brand_first, mention2. Q5.1 and Q6 are questions of their own."""

MOST_MENTIONS, MOST_ANSWERS = 8, 40
MEET = 0.05
"""How many people gave several answers, at least, where one cell holds them all."""


def propose_multiple(draft: Draft, columns: Sequence[Column]) -> set[str]:
    """Propose each question of several answers as one; says which columns they take."""
    used: set[str] = set()
    for own in _runs(columns):
        if _propose_mentions(draft, own):
            used |= {column.name for column in own}
    for column in columns:
        if column.name not in used and _propose_in_one_cell(draft, column):
            used.add(column.name)
    return used


def _runs(columns: Sequence[Column]) -> Iterator[list[Column]]:
    """Columns that are members of one question by their names."""
    runs: dict[str, list[Column]] = defaultdict(list)
    for column in columns:
        found = MEMBER.fullmatch(column.name)
        if found and found[1] and column.filled:
            runs[found[1]].append(column)
    yield from (own for own in runs.values() if len(own) > 1)


def _stem(own: Sequence[Column]) -> str:
    """What the columns' wordings begin with, up to where the answer begins."""
    labels = [column.label for column in own]
    if any(not label or label == column.name for label, column in zip(labels, own, strict=True)):
        return ""
    shared = labels[0][: common(labels)]
    if shared in labels:
        return shared
    cut = max(shared.rfind(mark) for mark in ("- ", ": ", "? ", "–"))
    return shared[: cut + 1] if cut > 0 else ""


def _text(stem: str) -> str:
    return re.sub(r"([\s–:-]+(Selected Choice)?)+$", "", stem).strip()


def _name(draft: Draft, own: Sequence[Column]) -> Key:
    found = MEMBER.fullmatch(own[0].name) if len(own) > 1 else None
    name = found[1] if found else own[0].name
    bare = name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else slug(name, "question")
    return ("questions", draft.free("questions", bare))


# --- A column a mention ---------------------------------------------------------------------------


def _propose_mentions(draft: Draft, own: Sequence[Column]) -> bool:
    """Columns of one answer each from one list, of which nobody gives the same one twice."""
    counts = pooled(own)
    texts = list(counts)
    if not 2 <= len(own) <= MOST_MENTIONS or not len(own) < len(texts) <= MOST_ANSWERS:
        return False
    none = [text for text in texts if is_no_answer(text)]
    first = set(own[0].answers)
    if any(len(first & set(c.answers)) < 0.6 * c.distinct for c in own[1:]):
        return False
    codes = codes_of(
        own, np.arange(own[0].rows, dtype=np.intp), [t for t in texts if t not in none]
    )
    held = codes >= 0
    later = [
        bool((held[:, one] | ~held[:, two]).mean() >= 0.98)
        for one, two in pairwise(range(len(own)))
    ]
    if (
        not all(later)
        or held.sum(axis=1).max() < 2
        or (all(column.is_numeric for column in own) and held.all())
    ):
        return False
    ordered = np.sort(codes, axis=1)
    twice = ((np.diff(ordered, axis=1) == 0) & (ordered[:, 1:] >= 0)).any(axis=1)
    several = held.sum(axis=1) > 1
    # By chance one in as many as there are answers would say the same again.
    if several.sum() < 20 or twice[several].mean() > 0.2 / len(texts):
        return False
    key = _name(draft, own)
    draft.say(
        (*key, "kind"), "multiple", "likely", "answers of one list, none given twice by anybody"
    )
    if text := _text(_stem(own)):
        draft.say((*key, "text"), text, "sure", "the columns' wording in the file")
    draft.say((*key, "mentions"), [column.name for column in own], "likely", f"{len(own)} columns")
    _say_answers(draft, key, counts, own[0].declared, none)
    return True


def _say_answers(
    draft: Draft, key: Key, counts: Counter[str], declared: tuple[str, ...], none: Sequence[str]
) -> None:
    ordered = put_in_order({t: n for t, n in counts.items() if t not in none}, declared)
    items = tuple(f"{counts[text]:,}" for text in ordered.texts)
    draft.say((*key, "answers"), list(ordered.texts), ordered.sureness, ordered.evidence, items)
    if none:
        draft.say((*key, "missing"), list(none), "likely", "looks like no answer")


# --- All answers in one cell ----------------------------------------------------------------------


def _propose_in_one_cell(draft: Draft, column: Column) -> bool:
    """One column whose cells hold several answers, set apart by a mark."""
    for mark, pattern in ((",", r",(?! )"), (";", r"; ?"), ("|", r"\|"), (", ", r", ")):
        several = sum(column.answers[t] for t in column.answers if re.search(pattern, t))
        if several < max(10, MEET * column.filled):
            continue
        parts = {text: [p.strip() for p in re.split(pattern, text)] for text in column.answers}
        counts: Counter[str] = Counter()
        for text, own in parts.items():
            counts.update(dict.fromkeys(own, column.answers[text]))
        again = sum(n > 1 for n in counts.values())
        if (
            2 < len(counts) <= MOST_ANSWERS
            and len(counts) < column.distinct
            and again >= 0.9 * len(counts)
            and all(len(set(own)) == len(own) and all(own) for own in parts.values())
            and max(len(own) for own in parts.values()) > 2
        ):
            key = _name(draft, [column])
            draft.say(
                (*key, "kind"), "multiple", "likely", f"{several:,} cells hold several answers"
            )
            if column.label and column.label != column.name:
                draft.say(
                    (*key, "text"), _text(column.label), "sure", "the column's wording in the file"
                )
            if key[1] != column.name:
                draft.say((*key, "column"), column.name, "sure")
            draft.say((*key, "separator"), mark, "likely", "what stands between them")
            none = [text for text in counts if is_no_answer(text)]
            _say_answers(draft, key, counts, column.declared, none)
            return True
    return False
