"""A long file's hidden structure: whose row it is, which task and which profile.

Every reading that the columns allow is weighed by what has to hold of the right one: one row of each
task is chosen, tasks are of one size, the columns of respondents never change within them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.propose.column import Column
from conjoint.propose.evidence import association, chosen_one
from conjoint.propose.pattern import HINTS, in_order, ordinal
from conjoint.propose.reading import names_profiles
from conjoint.propose.words import names_id, names_outcome, words_of
from conjoint.read.rows import place_in
from conjoint.say.number import counted, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conjoint.typing import BoolArray, IntArray

__all__ = ["Long", "find_long", "is_said", "memory_long", "respondents_of", "stand_together"]

MOST_LEVELS = 60
MOST_ROWS_EACH = 200
"""A respondent who has more rows than this is a group of something else."""

MOST_PROFILES = 10
MOST_SEARCHED = 6_000
"""Rows that the search looks at: whole respondents. What it finds is read off all of them."""

FIRST_ROWS = 1_000
"""Rows that say of most columns that they do not tell the profiles of a task apart."""

MOST_IDS, MOST_KEYS, MOST_PAIRED = 5, 24, 7
"""Columns that may name respondents, that may number tasks alone, and with another."""

EXACT = 0.98
"""The share of tasks in which one row alone is chosen, where a reading is the right one."""

NEAR = 2.0
"""A reading whose score is this near to the best leaves doubt."""

GROUPS = frozenset({"block", "version", "ver", "country", "wave", "batch", "design", "region"})
"""Words of columns that hold groups of respondents."""


@dataclass(frozen=True, eq=False, slots=True)
class Long:
    """How a long file holds its profiles.

    `keys` are the columns that number the tasks together; where there are none, each `rows` rows of
    a respondent are a task. `task` holds the tasks' names in either case. `place` is the profile's
    place within its task, from 0, of shape (rows,). `varying` are the columns that differ between the
    profiles of a task, `by_task` those that differ between the tasks of a respondent alone, `fixed`
    those of the respondent. `chosen` are columns of which one row of each task holds an answer.
    `rivals` are readings for which nearly as much speaks.
    """

    respondent: Column
    keys: tuple[Column, ...]
    rows: int
    task: Column | None
    profile: Column | None
    group: IntArray
    place: IntArray
    varying: tuple[Column, ...]
    by_task: tuple[Column, ...]
    fixed: tuple[Column, ...]
    chosen: tuple[Column, ...]
    score: float
    evidence: Mapping[str, str]
    rivals: tuple[Long, ...] = ()

    @property
    def size(self) -> int:
        """How many rows most tasks have."""
        return int(np.bincount(np.bincount(self.group)).argmax())

    def at(self, rows: IntArray) -> Long:
        """The same with some of its rows, tasks and places as they were."""

        def of(columns: Sequence[Column]) -> tuple[Column, ...]:
            return tuple(column.at(rows) for column in columns)

        return replace(
            self,
            respondent=self.respondent.at(rows),
            task=None if self.task is None else self.task.at(rows),
            profile=None if self.profile is None else self.profile.at(rows),
            group=_dense(self.group[rows]),
            place=self.place[rows],
            varying=of(self.varying),
            by_task=of(self.by_task),
            fixed=of(self.fixed),
            chosen=of(self.chosen),
        )


@dataclass(frozen=True, eq=False, slots=True)
class _Key:
    """What may number the tasks: columns, or so many rows; neither where respondents have one."""

    columns: tuple[Column, ...] = ()
    rows: int = 0

    def group(self, whose: IntArray) -> IntArray:
        """The tasks of all respondents, numbered in the order in which they come."""
        if self.rows:
            place = place_in(whose)
            return _dense(whose * (int(place.max(initial=0)) + 2) + place // self.rows)
        joined = whose
        for column in self.columns:
            joined = _dense(
                joined * (len(column.categories) + 1) + column.codes.astype(np.intp) + 1
            )
        return joined if self.columns else _dense(whose)


def find_long(columns: Sequence[Column]) -> Long | None:
    """The reading of a long file that its cells speak for most; none where there is none."""
    usable = [c for c in columns if c.name and c.filled]
    ids = respondents_of(usable)
    found: list[tuple[float, Column, _Key]] = []
    for score, respondent in ids:
        rows = _searched(respondent)
        few = usable if rows is None else [column.at(rows) for column in usable]
        whole = dict(zip(few, usable, strict=True))
        own = respondent if rows is None else respondent.at(rows)
        found += [
            (reading.score, respondent, _Key(tuple(whole[c] for c in reading.keys), reading.rows))
            for key in _keys(own, few)
            if (reading := _read_as(own, score, key, few)) is not None
        ]
    found.sort(key=lambda item: -item[0])
    scores = {column: score for score, column in ids}
    near = [item for item in found if item[0] > found[0][0] - NEAR][:6]
    readings = [
        read
        for _, respondent, key in near
        if (read := _read_as(respondent, scores[respondent], key, usable)) is not None
    ]
    if not readings:
        return None
    best = readings[0]
    rivals = [
        other
        for other in readings[1:]
        if other.respondent is not best.respondent or not np.array_equal(other.group, best.group)
    ]
    return replace(best, rivals=tuple(rivals[:2]))


def _searched(respondent: Column) -> IntArray | None:
    """The rows of the first respondents, as many as the search looks at; none for all."""
    if respondent.rows <= MOST_SEARCHED:
        return None
    whose = _dense(respondent.codes.astype(np.intp))
    few = int(np.searchsorted(np.cumsum(np.bincount(whose)), MOST_SEARCHED))
    return np.flatnonzero(whose < max(few, 10)).astype(np.intp)


# --- Whose row ------------------------------------------------------------------------------------


def respondents_of(columns: Sequence[Column]) -> list[tuple[float, Column]]:
    """Columns that may name the respondent of several rows, and what speaks for each, best first."""
    found = [(score, column) for column in columns if (score := _id_score(column)) > 0]
    found = sorted(found, key=lambda pair: -pair[0])[:MOST_IDS]
    inner = {
        column: any(other is not column and _is_within(column, other) for _, other in found)
        for _, column in found
    }
    # An id that is only ever another's is a task's: its number runs on from person to person.
    weighed = [(score - 3.0 * inner[column], column) for score, column in found]
    return sorted(weighed, key=lambda pair: -pair[0])


def _id_score(column: Column) -> float:
    """What speaks for a column that names the respondent of several rows."""
    if column.filled < column.rows or not 1 < column.distinct <= column.rows / 1.8:
        return 0.0
    held = column.counts[column.counts > 0]
    even = float((held == np.bincount(held).argmax()).mean())
    named = names_id(column.name)
    if held.max() > MOST_ROWS_EACH or (column.distinct < 10 and not named):
        return 0.0
    runs = 1 + int(np.count_nonzero(np.diff(column.codes.astype(np.intp))))
    together = runs == column.distinct
    words = words_of(column.name)
    pair = any(word in ("pair", "task", "set", "contest", "row") for word in words)
    if not (together or named) and even < EXACT:  # rows in any order, as many of each person
        return 0.0
    score = 4.0 * named + 2.0 * together + even - 3.0 * pair - 3.0 * any(w in GROUPS for w in words)
    return max(score, 0.1)


def _is_within(column: Column, other: Column) -> bool:
    """Whether each value of a column goes with one of another that has fewer."""
    return other.distinct < column.distinct and _is_fixed(
        other, column.codes.astype(np.intp), len(column.categories)
    )


# --- Which task -----------------------------------------------------------------------------------


def _keys(respondent: Column, columns: Sequence[Column]) -> Iterator[_Key]:
    """Whatever may number the tasks of a respondent."""
    whose = _dense(respondent.codes.astype(np.intp))
    numbering = [
        c
        for c in columns
        if c is not respondent and c.distinct > 1 and c.filled == c.rows and _may_number(c)
    ]
    numbering = [c for c in numbering if not _is_fixed(c, whose, int(whose.max()) + 1)]
    numbering.sort(key=lambda c: (not is_said(c, "task"), not c.is_whole, c.place))
    yield from (_Key((column,)) for column in numbering[:MOST_KEYS])
    few = [c for c in numbering if c.distinct <= MOST_LEVELS][:MOST_PAIRED]
    yield from (_Key(pair) for pair in combinations(few, 2))
    each = np.bincount(whose)
    if np.count_nonzero(np.diff(whose)) == len(each) - 1:
        sizes = range(2, MOST_PROFILES + 1)
        yield from (_Key(rows=k) for k in sizes if not (each % k).any() and each.max() > k)
    yield _Key()


def _may_number(column: Column) -> bool:
    """Whether a column may number tasks: an answer or a measure does not."""
    if column.is_numeric and not column.is_whole:
        return False
    return is_said(column, "task") or not names_outcome(column.name)


def is_said(column: Column, kind: str) -> bool:
    """Whether a column's name says that it numbers tasks, or profiles."""
    words = words_of(column.name)
    return any(word in HINTS[kind] and len(word) > 1 for word in words) or any(
        word in ("no", "number", "num", "id") and words[0] in HINTS[kind] for word in words
    )


def _read_as(respondent: Column, score: float, key: _Key, columns: Sequence[Column]) -> Long | None:
    """The file read with these respondents and tasks; none where no profiles stand in its rows."""
    whose = _dense(respondent.codes.astype(np.intp))
    group = key.group(whose)
    each = np.bincount(group)
    size = int(np.bincount(each).argmax())
    even = float((each == size).mean())
    alone = not (key.columns or key.rows)
    if not alone and (even < 0.6 or size > MOST_PROFILES or len(each) == whose.max() + 1):
        return None
    others = [c for c in columns if c is not respondent and c not in key.columns]
    people = int(whose.max()) + 1
    fixed = [c for c in others if _is_fixed(c, whose, people)]
    moving = [c for c in others if c not in set(fixed) and not c.is_unique]
    profile, why_profile = _find_profile(group, moving, mixed=not stand_together(whose))
    by_task = [c for c in moving if size > 1 and _is_fixed(c, group, len(each))]
    varying = [c for c in moving if c is not profile and c not in by_task]
    levels = [c for c in varying if c.distinct > 1]
    place = place_in(group) if profile is None else _codes_in_order(profile)
    chosen = [c for c in levels if size > 1 and _is_chosen(c, group, place_in(group))]
    names = [str(p + 1) for p in range(size)] if profile is None else list(profile.answers)
    told = any(
        len(names) > 1
        and c.distinct <= len(names) + 2
        and names_profiles(c.answers, in_order(names))
        and not _is_fixed(c, place_in(whose), int(np.bincount(whose).max()))
        for c in by_task
    )
    if len([c for c in levels if c not in chosen]) < 1 or (len(levels) < 2 and not told):
        return None
    total = score / 2 + _key_score(key, size, even, len(each), bool(chosen or told))
    total += 7.0 * bool(chosen) + 4.0 * told + 2.0 * (profile is not None)
    total += 1.5 * any(names_outcome(c.name) for c in chosen) + min(len(levels), 10) / 4
    task, why_task = _task(key, group, whose, size, even)
    evidence = {
        "respondent": f"{respondent.distinct:,} ids, {np.bincount(np.bincount(whose)).argmax()} rows "
        f"of most, and {len(fixed)} other columns never change within one",
        "task": why_task,
        "profile": why_profile,
    }
    return Long(
        respondent, key.columns, key.rows, task, profile, group, place, tuple(varying), tuple(by_task),
        tuple(fixed), tuple(chosen), total, evidence,
    )  # fmt: skip


def _key_score(key: _Key, size: int, even: float, tasks: int, answered: bool) -> float:
    """What speaks for numbering the tasks so, beside the answers."""
    if not key.columns:
        return even - 1.0 if key.rows else 0.0
    said = sum(is_said(c, "task") for c in key.columns) / len(key.columns)
    own = any(c.distinct == tasks for c in key.columns)
    points = 2.0 * said + even + all(c.is_whole for c in key.columns) + 0.5 * (size == 2)
    points -= 2.0 * any(is_said(c, "profile") for c in key.columns)
    points -= 0.5 * (len(key.columns) > 1) + 1.0 * (own and not answered)
    few = any(c.distinct < 3 for c in key.columns)
    return points - 2.0 * (size == 1 and not said) - 1.5 * (few and not said)


def _task(
    key: _Key, group: IntArray, whose: IntArray, size: int, even: float
) -> tuple[Column | None, str]:
    """The tasks' names as a column, as reading the survey makes them, and what speaks for them."""
    rows = f"{counted(size, 'row')} of a respondent"
    if even < 1:
        rows += f" ({percent(even)} of tasks)"
    if key.rows:
        number = place_in(whose) // key.rows
        return _named("task", number, [str(n + 1) for n in range(int(number.max()) + 1)]), (
            f"no column numbers the tasks; every {size} rows of a respondent go together"
        )
    if not key.columns:
        return None, "no column numbers the tasks"
    if len(key.columns) == 1:
        column = key.columns[0]
        own = column.distinct == int(group.max()) + 1
        run_on = ", though every respondent has tasks of names of their own" * own
        return column, f"{rows} for each of its values{run_on}"
    first, second = key.columns
    pairs = first.codes.astype(np.intp) * len(second.categories) + second.codes.astype(np.intp)
    held, code = np.unique(pairs, return_inverse=True)
    texts = [
        f"{first.categories[p // len(second.categories)]}, {second.categories[p % len(second.categories)]}"
        for p in held
    ]
    name = f"{first.name} and {second.name}"
    return _named(name, code.astype(np.intp), texts), f"{rows} for each pair of their values"


def _named(name: str, codes: IntArray, texts: Sequence[str]) -> Column:
    """A column that the file does not have."""
    counts = np.bincount(codes, minlength=len(texts)).astype(np.intp)
    return Column(name, -1, np.array(texts, dtype=object), codes, counts)


def _is_chosen(column: Column, group: IntArray, place: IntArray) -> bool:
    """Whether one row of each task holds an answer, and not the same row of every task."""
    if not 2 <= column.distinct <= 3:
        return False
    tasks = int(group.max()) + 1
    shares = {}
    for text in column.answers:
        held = np.bincount(group, weights=column.holds(text), minlength=tasks)
        shares[text] = float((held == 1).mean()), float((held == 0).mean())
    share, text, nobody = chosen_one(shares)
    if share < EXACT:
        return False
    if nobody and not names_outcome(column.name):
        return False
    # Numbers of profiles stand once in every task, too, each in its place.
    at = [
        np.bincount(place[column.holds(t)]).max(initial=0) / column.answers[t]
        for t in column.answers
    ]
    return max(at) < EXACT or (names_outcome(column.name) and bool(text))


# --- Which profile --------------------------------------------------------------------------------


def _dense(codes: IntArray) -> IntArray:
    """Codes numbered from 0 on in the order in which they come."""
    return pd.factorize(codes)[0].astype(np.intp)


def _is_fixed(column: Column, group: IntArray, size: int) -> bool:
    """Whether a column holds one text within each group."""
    codes = column.codes.astype(np.intp)
    first = np.full(size, -2, dtype=np.intp)
    first[group[::-1]] = codes[::-1]
    return bool((codes == first[group]).all())


def _codes_in_order(column: Column) -> IntArray:
    held = np.flatnonzero(column.counts)
    order = sorted(held, key=lambda code: _sort_key(str(column.categories[code])))
    lookup = np.zeros(len(column.categories) + 1, dtype=np.intp)
    lookup[order] = np.arange(len(order))
    return lookup[column.codes]


def _sort_key(text: str) -> tuple[bool, int, str]:
    return (not text.isdecimal(), int(text) if text.isdecimal() and len(text) < 10 else 0, text)


def stand_together(whose: IntArray) -> bool:
    """Whether the rows of each respondent stand one after the other."""
    return bool(np.count_nonzero(np.diff(whose)) == whose.max(initial=0))


def _counts_profiles(column: Column, group: IntArray) -> bool:
    """Whether a column's values are names of profiles, all of them in each task."""
    names = list(column.answers)
    return all(ordinal(name, names) is not None for name in names) and bool(
        (np.bincount(group) == len(names)).all()
    )


def _find_profile(
    group: IntArray, moving: Sequence[Column], *, mixed: bool = False
) -> tuple[Column | None, str]:
    """The column that tells the profiles of a task apart, the same values in every task.

    `mixed` says that rows of different respondents stand mixed.
    """
    best: tuple[float, Column | None, str] = (
        0.0,
        None,
        "no column numbers the profiles: counted in the file's order",
    )
    alone = bool(np.bincount(group).max(initial=0) == 1)
    place = place_in(group)
    for column in moving:
        said = is_said(column, "profile")
        if column.filled < column.rows or not 2 <= column.distinct <= MOST_PROFILES:
            continue
        answers = set(column.answers)
        if names_outcome(column.name) or (answers <= {"0", "1"} and not said):
            continue
        # Where each task has one row, any column would tell its profiles apart.
        if (alone and not said) or not _all_differ(column, group):
            continue
        even = float(column.counts[column.counts > 0].min() / column.counts.max())
        codes = column.codes.astype(np.intp)
        pairs = len(pd.unique(codes * (int(place.max()) + 1) + place))
        stays = pairs == column.distinct
        # Levels that never meet in a task move about; numbers of profiles stay in their places, unless
        # rows stand in no order.
        if not (said or stays or (mixed and _counts_profiles(column, group))):
            continue
        score = 3.0 * said + even + column.is_whole + 1.0 * stays
        if score > best[0]:
            listed = ", ".join(sorted(answers, key=_sort_key))
            best = (score, column, f"every task has {listed} once at most")
    return best[1], best[2]


def _all_differ(column: Column, group: IntArray) -> bool:
    """Whether no two rows of a task hold the same."""
    joined = group * (len(column.categories) + 1) + column.codes.astype(np.intp) + 1
    # Most columns fail within the first rows.
    return bool(pd.Index(joined[:FIRST_ROWS]).is_unique and pd.Index(joined).is_unique)


def memory_long(long: Long, column: Column) -> float:
    """How much a respondent's neighbouring tasks go together beyond chance, first profiles alone."""
    keep = long.place == 0
    whose, codes = long.respondent.codes[keep], column.codes[keep].astype(np.intp)
    next_own: BoolArray = whose[1:] == whose[:-1]
    texts = [str(text) for text in column.categories]
    return association(codes[:-1][next_own], codes[1:][next_own], texts)
