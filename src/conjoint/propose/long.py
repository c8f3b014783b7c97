"""A long file's hidden structure: whose row it is, which task and which profile."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from conjoint.propose.evidence import agreement, association
from conjoint.propose.pattern import HINTS, places
from conjoint.propose.words import names_id, names_outcome, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.propose.column import Column
    from conjoint.typing import BoolArray, IntArray

__all__ = ["Long", "find_long", "memory_long", "side_by_side"]

MOST_LEVELS = 60
ALIKE = 0.8
MOST_ROWS_EACH = 200
"""A respondent who has more rows than this is a group of something else."""


@dataclass(frozen=True, eq=False, slots=True)
class Long:
    """How a long file holds its profiles.

    `place` is the profile's place within its task, from 0, of shape (rows,). `varying` are the
    columns that differ between the profiles of a task, `by_task` those that differ between the
    tasks of a respondent alone, `fixed` those of the respondent.
    """

    respondent: Column
    task: Column | None
    profile: Column | None
    group: IntArray
    place: IntArray
    varying: tuple[Column, ...]
    by_task: tuple[Column, ...]
    fixed: tuple[Column, ...]
    score: float
    evidence: Mapping[str, str]


def find_long(columns: Sequence[Column]) -> Long | None:
    """The reading of a long file that its cells speak for most; none where there is none."""
    usable = [c for c in columns if c.name and c.filled]
    ids = [(score, c) for c in usable if (score := _id_score(c)) > 0]
    found = [
        long
        for score, column in sorted(ids, key=lambda pair: -pair[0])[:4]
        if (long := _read_as(column, score, usable)) is not None
    ]
    return max(found, key=lambda long: long.score, default=None)


def _id_score(column: Column) -> float:
    """What speaks for a column that names the respondent of several rows."""
    if column.filled < column.rows or not 1 < column.distinct <= column.rows / 1.8:
        return 0.0
    held = column.counts[column.counts > 0]
    common = np.bincount(held).argmax()
    even = float((held == common).mean())
    named = names_id(column.name)
    if held.max() > MOST_ROWS_EACH or even < 0.5 or (column.distinct < 10 and not named):
        return 0.0
    runs = 1 + int(np.count_nonzero(np.diff(column.codes.astype(np.intp))))
    together = runs == column.distinct
    pair = any(word in ("pair", "task", "set", "contest", "row") for word in words_of(column.name))
    if not (together or named):
        return 0.0
    return 4.0 * named + 2.0 * together + even - 3.0 * pair


def _read_as(respondent: Column, score: float, columns: Sequence[Column]) -> Long | None:
    """The file read with this column of respondents; none where no profiles stand in its rows."""
    whose = respondent.codes.astype(np.intp)
    others = [c for c in columns if c is not respondent]
    fixed = [c for c in others if _is_fixed(c, whose, len(respondent.categories))]
    moving = [c for c in others if c not in set(fixed) and not c.is_unique]
    task, why_task = _find_task(respondent, moving)
    within = whose if task is None else _joined(whose, task)
    profile, why_profile = _find_profile(within, [c for c in moving if c is not task])
    group, size = _dense(within)
    place = _place(group) if profile is None else _codes_in_order(profile)
    by_task = [
        c for c in moving if task is not None and c is not task and _is_fixed(c, group, size)
    ]
    alone = bool(len(group) == size)
    varying = [c for c in moving if c not in (task, profile) and (alone or c not in by_task)]
    levels = [c for c in varying if 2 <= c.distinct <= MOST_LEVELS]
    if len(levels) < 2:
        return None
    each = np.bincount(np.bincount(whose)).argmax()
    evidence = {
        "respondent": f"{respondent.distinct:,} ids, {each} rows of most, "
        f"and {len(fixed)} other columns never change within one",
        "task": why_task,
        "profile": why_profile,
    }
    total = score + 2 * (task is not None) + 2 * (profile is not None) + min(len(levels), 10) / 2
    return Long(
        respondent, task, profile, group, place, tuple(varying), tuple(by_task), tuple(fixed),
        total, evidence,
    )  # fmt: skip


def _dense(codes: IntArray) -> tuple[IntArray, int]:
    _, dense = np.unique(codes, return_inverse=True)
    dense = dense.astype(np.intp)
    return dense, int(dense.max()) + 1


def _joined(whose: IntArray, column: Column) -> IntArray:
    return whose * (len(column.categories) + 1) + column.codes.astype(np.intp) + 1


def _is_fixed(column: Column, group: IntArray, size: int) -> bool:
    """Whether a column holds one text within each group."""
    codes = column.codes.astype(np.intp)
    first = np.full(size, -2, dtype=np.intp)
    first[group[::-1]] = codes[::-1]
    return bool((codes == first[group]).all())


def _place(group: IntArray) -> IntArray:
    """Each row's place within its group, from 0."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    start = np.r_[True, ordered[1:] != ordered[:-1]]
    since = np.arange(len(group)) - np.maximum.accumulate(np.where(start, np.arange(len(group)), 0))
    place = np.empty(len(group), dtype=np.intp)
    place[order] = since
    return place


def _codes_in_order(column: Column) -> IntArray:
    held = np.flatnonzero(column.counts)
    order = sorted(held, key=lambda code: _sort_key(str(column.categories[code])))
    lookup = np.zeros(len(column.categories) + 1, dtype=np.intp)
    lookup[order] = np.arange(len(order))
    return lookup[column.codes]


def _sort_key(text: str) -> tuple[bool, int, str]:
    return (not text.isdecimal(), int(text) if text.isdecimal() and len(text) < 10 else 0, text)


def _said(column: Column, kind: str) -> bool:
    words = words_of(column.name)
    return any(word in HINTS[kind] and len(word) > 1 for word in words) or any(
        word in ("no", "number", "num", "id") and words[0] in HINTS[kind] for word in words
    )


def _find_task(respondent: Column, moving: Sequence[Column]) -> tuple[Column | None, str]:
    """The column that numbers a respondent's tasks: each has the same few rows."""
    whose = respondent.codes.astype(np.intp)
    best: tuple[float, Column | None, str] = (0.0, None, "no column numbers the tasks")
    for column in moving:
        if column.filled < column.rows or column.distinct < 2:
            continue
        joined, size = _dense(_joined(whose, column))
        held = np.bincount(joined, minlength=size)
        usual = int(np.bincount(held).argmax())
        even = float((held == usual).mean())
        own = column.distinct == size
        if (
            even < 0.9
            or usual > 8
            or (own and not _said(column, "task"))
            or (column.distinct > 60 and not own)
        ):
            continue
        said = _said(column, "task")
        score = 2.0 * said + even + 1.0 * column.is_whole + 0.5 * (usual == 2) - 1.0 * own
        score -= 2.0 * _said(column, "profile") + (2.0 if usual == 1 and not said else 0.0)
        if score > best[0] and score >= 2.0:
            own_words = ", though every respondent has tasks of names of their own" * own
            words = (
                f"{usual} row{'s' * (usual > 1)} of a respondent for each of its values{own_words}"
            )
            best = (score, column, words)
    return best[1], best[2]


def _find_profile(within: IntArray, moving: Sequence[Column]) -> tuple[Column | None, str]:
    """The column that tells the profiles of a task apart, the same values in every task."""
    best: tuple[float, Column | None, str] = (
        0.0,
        None,
        "no column numbers the profiles: counted in the file's order",
    )
    alone = len(np.unique(within)) == len(within)
    for column in moving:
        if column.filled < column.rows or not 2 <= column.distinct <= 8:
            continue
        # Where each task has one row, any column would tell its profiles apart.
        if alone and not _said(column, "profile"):
            continue
        joined = _joined(within, column)
        if len(np.unique(joined)) < len(joined):
            continue
        said = _said(column, "profile")
        even = float(column.counts[column.counts > 0].min() / column.counts.max())
        answers = set(column.answers)
        if names_outcome(column.name) or (
            answers <= {"0", "1"} and "profile" not in column.name.lower()
        ):
            continue
        score = 3.0 * said + even + column.is_whole
        if score > best[0]:
            shown = ", ".join(sorted(answers, key=_sort_key))
            best = (score, column, f"every task has {shown} once at most")
    return best[1], best[2]


def side_by_side(long: Long) -> list[str]:
    """Columns of profiles that stand side by side in one row: A_price and B_price.

    Such a file has one row a task; none where a column tells the profiles of rows apart.
    """
    if long.profile is not None:
        return []
    found: dict[tuple[str, str], dict[str, Column]] = defaultdict(dict)
    for column in long.varying:
        if 2 <= column.distinct <= MOST_LEVELS:
            for start, end in places(column.name):
                around = (column.name[:start], column.name[end:])
                found[around][column.name[start:end]] = column
    alike = [
        own
        for own in found.values()
        if 2 <= len(own) <= 6 and agreement(list(own.values())) >= ALIKE
    ]
    groups: dict[tuple[str, ...], list[dict[str, Column]]] = defaultdict(list)
    for own in alike:
        groups[tuple(sorted(own))].append(own)
    best = max(groups.values(), key=len, default=[])
    held = [column.name for own in best for column in own.values()]
    return held if len(best) > 1 and 2 * len(held) >= len(long.varying) - 2 else []


def memory_long(long: Long, column: Column) -> float:
    """How much a respondent's neighbouring tasks go together beyond chance, first profiles alone."""
    keep = long.place == 0
    whose, codes = long.respondent.codes[keep], column.codes[keep].astype(np.intp)
    next_own: BoolArray = whose[1:] == whose[:-1]
    texts = [str(text) for text in column.categories]
    return association(codes[:-1][next_own], codes[1:][next_own], texts)
