"""The levels that were shown, as codes: for counts, forbidden pairs and repeated tasks."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from conjoint.propose.evidence import codes_of, pooled
from conjoint.read.rows import place_in
from conjoint.survey.data import column_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.propose.column import Column
    from conjoint.propose.design import Wide
    from conjoint.typing import BoolArray, IntArray

__all__ = ["Shown", "matching_tasks", "same_profiles", "shown_long", "shown_wide"]


@dataclass(frozen=True, eq=False, slots=True)
class Shown:
    """Levels shown, by attribute.

    Parameters
    ----------
    texts
        The levels of each attribute, as stored.
    codes
        For each attribute the place of each cell's level, -1 where it is empty: of shape
        (respondents, tasks, profiles), or (1, 1, rows) where a long file's tasks differ between
        respondents.
    tasks
        The tasks' names along the second axis.
    rows
        Where codes are by row: whose each row is, and of which task.
    """

    texts: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, IntArray]
    tasks: tuple[str, ...]
    rows: tuple[IntArray, IntArray] | None = None

    def counts(self, attribute: str) -> Counter[str]:
        """How often each level was shown."""
        texts, codes = self.texts[attribute], self.codes[attribute]
        found = np.bincount(codes[codes >= 0], minlength=len(texts))
        return Counter({text: int(n) for text, n in zip(texts, found, strict=True) if n})

    def by_person(self) -> Mapping[str, IntArray]:
        """The codes with respondents along the first axis; -1 where one has fewer rows than others."""
        if self.rows is None:
            return self.codes
        whose = self.rows[0]
        place = place_in(whose)
        grid = {}
        for name, codes in self.codes.items():
            held = np.full((int(whose.max()) + 1, 1, int(place.max()) + 1), -1, dtype=np.intp)
            held[whose, 0, place] = codes.ravel()
            grid[name] = held
        return grid

    def of(self, attributes: Sequence[str]) -> Shown:
        """The same of some attributes."""
        texts = {name: self.texts[name] for name in attributes}
        codes = {name: self.codes[name] for name in attributes}
        return Shown(texts, codes, self.tasks, self.rows)

    def without(self, task: str) -> Shown:
        """The same without one task."""
        if task not in self.tasks:
            return self
        place = self.tasks.index(task)
        codes = {name: np.delete(own, place, axis=1) for name, own in self.codes.items()}
        return Shown(self.texts, codes, tuple(t for t in self.tasks if t != task))


def matching_tasks(pattern: str, names: Sequence[str], profile: str, attribute: str) -> list[str]:
    """Every text that, put in the place of the task, makes the pattern a column's name."""
    before, _, after = column_of(pattern, "\0", profile, attribute).partition("\0")
    if not after and not before:
        return []
    found = re.compile(re.escape(before) + r"(.+)" + re.escape(after), re.DOTALL)
    return [match.group(1) for name in names if (match := found.fullmatch(name))]


def shown_wide(wide: Wide, columns: Mapping[str, Column], extra: Sequence[str] = ()) -> Shown:
    """The levels of a wide file; `extra` are tasks whose names the search did not see."""
    tasks = (*wide.tasks, *extra)
    if wide.names is not None:
        return _by_position(wide, wide.names.pattern, columns, tasks)
    codes, texts = {}, {}
    for name in wide.attributes:
        own = [
            columns[column_of(wide.pattern, task, profile, name)]
            for task in tasks
            for profile in wide.profiles or ("",)
        ]
        texts[name] = tuple(pooled(own))
        codes[name] = _grid(own, texts[name], len(tasks))
    return Shown(texts, codes, tasks)


def _grid(own: Sequence[Column], texts: Sequence[str], tasks: int) -> IntArray:
    rows = np.arange(own[0].rows, dtype=np.intp)
    return codes_of(own, rows, texts).reshape(len(rows), tasks, -1)


def _by_position(
    wide: Wide, names: str, columns: Mapping[str, Column], tasks: tuple[str, ...]
) -> Shown:
    """Levels where each respondent saw the attributes in an order of their own."""
    positions = tuple(wide.attributes)
    named = [columns[column_of(names, task, place)] for task in tasks for place in positions]
    attributes = tuple(pooled(named))
    which = _grid(named, attributes, len(tasks))  # respondents, tasks, positions
    held = [
        columns[column_of(wide.pattern, task, profile, place)]
        for task in tasks
        for place in positions
        for profile in wide.profiles
    ]
    every = tuple(pooled(held))
    levels = _grid(held, every, len(tasks)).reshape(*which.shape, len(wide.profiles))
    texts, codes = {}, {}
    for index, name in enumerate(attributes):
        own = np.full((*which.shape[:2], len(wide.profiles)), -1, dtype=np.intp)
        for place in range(len(positions)):
            here = which[:, :, place] == index
            own[here] = levels[:, :, place][here]
        seen = np.unique(own[own >= 0])
        lookup = np.full(len(every) + 1, -1, dtype=np.intp)
        lookup[seen] = np.arange(len(seen))
        texts[name], codes[name] = tuple(every[place] for place in seen), lookup[own]
    return Shown(texts, codes, tasks)


def shown_long(
    attributes: Sequence[Column],
    respondent: Column,
    task: Column | None,
    profile: IntArray,
    group: IntArray,
) -> Shown:
    """The levels of a long file, brought to a grid where all respondents have the same tasks.

    `profile` is each row's place within its task, `group` numbers the tasks of all respondents.
    """
    rows = np.arange(respondent.rows, dtype=np.intp)
    texts = {c.name: tuple(c.answers) for c in attributes}
    flat = {c.name: codes_of([c], rows, texts[c.name])[:, 0] for c in attributes}
    count = int(profile.max()) + 1 if len(profile) else 1
    where = (np.cumsum(respondent.counts > 0) - 1)[respondent.codes]
    if task is None or task.distinct > 60 or count > 8 or (task.codes < 0).any():
        by_row = {name: own.reshape(1, 1, -1) for name, own in flat.items()}
        return Shown(texts, by_row, ("",), (where, group))
    tasks = tuple(str(t) for t in task.categories)
    shape = (respondent.distinct, len(tasks), count)
    codes = {}
    for name, own in flat.items():
        grid = np.full(shape, -1, dtype=np.intp)
        grid[where, task.codes.astype(np.intp), profile] = own
        codes[name] = grid
    return Shown(texts, codes, tasks)


def same_profiles(shown: Shown, task: int, other: int, swapped: bool, keep: BoolArray) -> float:
    """The share of respondents who saw the profiles of one task again in another."""
    same = np.ones(int(keep.sum()), dtype=bool)
    seen = np.zeros(int(keep.sum()), dtype=bool)
    for codes in shown.codes.values():
        one, two = codes[keep, task], codes[keep, other]
        two = two[:, ::-1] if swapped else two
        same &= (one == two).all(axis=1)
        seen |= (one >= 0).any(axis=1) & (two >= 0).any(axis=1)
    return float(same[seen].mean()) if seen.sum() >= 5 else 0.0
