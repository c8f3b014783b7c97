"""Designs of fixed versions: few different tasks, seen by many people.

How often people saw a level then says nothing of how it was drawn: each different task was drawn once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from scipy.special import gammaln

from conjoint.audit.pattern import number_rows
from conjoint.say.number import base
from conjoint.say.phrase import phrase

if TYPE_CHECKING:
    from conjoint.typing import FloatArray, IntArray
    from conjoint.wave import Wave

__all__ = ["FixedDesign", "fixed_design"]

EXCESS = 3.0
"""How many times more often than by chance tasks, or the tasks of a person, have to be the same."""

SEEN_AGAIN = 0.5
"""Tasks drawn at random come twice to one person as often as to two; those of a version, hardly ever."""

PEOPLE = 10
"""Respondents who all saw the same before it is the design."""

MOVED = 1.5
"""Orders in which a task has to come, on average, before its order can be told from what it shows."""

MANY = 100
"""Different tasks from which levels stand in so many places and tasks that these can be compared."""


@dataclass(frozen=True, eq=False, slots=True)
class FixedDesign:
    """The different tasks of a design.

    Parameters
    ----------
    wave
        One respondent a different task, who saw that task alone.
    tasks, versions
        How many there are; versions are counted among respondents who saw the most tasks.
    seen
        What each respondent saw, numbered; of shape (respondents,).
    drawn
        Whether people saw tasks drawn from a list instead of a version of the whole.
    turned
        Whether profiles stand in one place of their task for some people and in another for others.
    shuffled
        Whether tasks come early for some and late for others.
    """

    wave: Wave
    tasks: int
    versions: int
    seen: IntArray
    drawn: bool
    turned: bool
    shuffled: bool

    @property
    def text(self) -> str:
        """What the design is, as a sentence without its full stop."""
        tasks = phrase("audit.count.tasks", self.tasks)
        if self.drawn:
            return phrase("audit.fixed.list", tasks=tasks)
        if self.versions == 1:
            return phrase("audit.fixed.one_version", tasks=tasks)
        return phrase("audit.fixed.versions", versions=base(self.versions), tasks=base(self.tasks))

    @property
    def is_small(self) -> bool:
        """Whether its tasks are too few to average over what they show."""
        return self.tasks < MANY


_FIXED: WeakKeyDictionary[Wave, FixedDesign | None] = WeakKeyDictionary()


def fixed_design(wave: Wave) -> FixedDesign | None:
    """Find the different tasks of a design that shows few, once for all checks; None for any other.

    Notes
    -----
    Pairs of tasks are compared, and pairs of people: how many are the same, against how many would be
    if profiles were put together anew into tasks, and tasks into versions. Profiles are those shown, so
    that restrictions on them do not count. In designs of very few combinations the same tasks come
    up by chance, and then to one person as often as to two.
    """
    if wave not in _FIXED:
        _FIXED[wave] = _find(wave)
    return _FIXED[wave]


def _find(wave: Wave) -> FixedDesign | None:
    G = wave.n_respondents
    if G < PEOPLE:
        return None
    number = number_rows(wave.codes(name) for name in wave.survey.attributes)
    tasks = _Tasks.of(wave, number)
    m = int(tasks.key.max(initial=-1)) + 1
    pattern, size = _patterns(tasks.person, tasks.key, G)
    longest = int(size.max(initial=0))
    complete = pattern[size == longest]
    versions = len(np.unique(complete))
    drawn = versions > G / 2
    if versions > 1 and not (
        _from_a_list(wave, number, tasks) or _in_versions(complete, tasks.key, longest)
    ):
        return None
    first = np.unique(tasks.key, return_index=True)[1]
    placed = tasks.key * (tasks.place.max() + 1) + tasks.place
    return FixedDesign(
        wave=_each_once(wave, tasks, first),
        tasks=m,
        versions=versions,
        seen=pattern,
        drawn=drawn,
        turned=len(np.unique(tasks.ordered)) >= MOVED * m,
        shuffled=len(np.unique(placed)) >= MOVED * m,
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Tasks:
    """All tasks of all people: whose each is, each of shape (tasks,).

    `place` is its number among the person's; `key` tells different tasks apart whatever the order of
    their profiles, `ordered` in that order; `of_row` is each profile's task, `places` the most profiles
    of one.
    """

    person: IntArray
    place: IntArray
    key: IntArray
    ordered: IntArray
    of_row: IntArray
    places: int

    @classmethod
    def of(cls, wave: Wave, number: IntArray) -> _Tasks:
        task = pd.Series(wave.profiles["task"]).cat.codes.to_numpy().astype(np.int64)
        person = wave.respondent_index
        of_row = pd.factorize(person * (int(task.max(initial=0)) + 1) + task)[0].astype(np.intp)
        owner = np.zeros(int(of_row.max(initial=-1)) + 1, dtype=np.intp)
        turn = np.zeros_like(owner)
        owner[of_row], turn[of_row] = person, task
        place = pd.Series(wave.profiles["profile"]).cat.codes.to_numpy()
        keys = [_rows_of(of_row, number, np.lexsort((own, of_row))) for own in (number, place)]
        places = int(np.bincount(of_row).max(initial=0))
        return cls(owner, turn, keys[0], keys[1], of_row, places)


def _rows_of(of_row: IntArray, number: IntArray, order: IntArray) -> IntArray:
    """Number each task by its profiles in an order."""
    task = of_row[order]
    starts = np.flatnonzero(np.diff(task, prepend=-1))
    place = np.arange(len(task)) - np.repeat(starts, np.diff(starts, append=len(task)))
    table = np.full((len(starts), int(place.max(initial=0)) + 1), -1, dtype=np.int64)
    table[task, place] = number[order]
    return number_rows(table.T)


def _patterns(person: IntArray, key: IntArray, G: int) -> tuple[IntArray, IntArray]:
    """A number for what each respondent saw, whatever the order of tasks, and how many tasks it was."""
    row = np.asarray(pd.util.hash_array(key.astype(np.int64)), dtype=np.uint64)
    total = np.zeros(G, dtype=np.uint64)
    np.add.at(total, person, row)
    return pd.factorize(total)[0].astype(np.intp), np.bincount(person, minlength=G).astype(np.intp)


def _from_a_list(wave: Wave, number: IntArray, tasks: _Tasks) -> bool:
    """Whether tasks of several profiles are the same far more often than their profiles explain."""
    N, K = len(tasks.key), tasks.places
    if K < 2 or int(tasks.key.max()) + 1 > N / 2:
        return False
    by_chance = _same(number) ** K
    for name in wave.survey.distinct:
        # Declared to differ within a task, which leaves fewer tasks to draw.
        by_chance /= max(1e-9, 1 - _same(wave.codes(name).astype(np.intp))) ** (K * (K - 1) / 2)
    often = _same(tasks.key)
    unordered = by_chance * float(np.exp(gammaln(K + 1)))
    excess = max(_same(tasks.ordered) / by_chance, often / unordered)
    return excess >= EXCESS and _within(tasks) < SEEN_AGAIN * often


def _within(tasks: _Tasks) -> float:
    """The share of the pairs of one person's tasks that are the same; nought where all had one."""
    size = np.bincount(tasks.person).astype(float)
    pairs = (size * (size - 1) / 2).sum()
    if not pairs:
        return 0.0
    both = tasks.person * (int(tasks.key.max()) + 1) + tasks.key
    again = np.unique(both, return_counts=True)[1].astype(float)
    return float((again * (again - 1) / 2).sum() / pairs)


def _in_versions(complete: IntArray, key: IntArray, T: int) -> bool:
    """Whether people saw the same tasks far more often than if each drew different ones.

    Formula
        1 / C(m, T), with m the tasks that would be the same as often if all were as likely.
    """
    if len(complete) < PEOPLE or len(np.unique(complete)) > len(complete) / 2:
        return False
    m = max(1 / _same(key), float(T))
    by_chance = np.exp(gammaln(T + 1) + gammaln(m - T + 1) - gammaln(m + 1))
    return bool(_same(complete) >= EXCESS * by_chance)


def _same(key: IntArray) -> float:
    """The share of pairs that are the same; never nought."""
    size: FloatArray = np.unique(key, return_counts=True)[1].astype(float)
    n = float(size.sum())
    return max(float((size * (size - 1)).sum()), 1.0) / max(n * (n - 1), 1.0)


def _each_once(wave: Wave, tasks: _Tasks, first: IntArray) -> Wave:
    rank = np.full(len(tasks.key), -1, dtype=np.intp)
    rank[first] = np.arange(len(first))
    rows = np.flatnonzero(rank[tasks.of_row] >= 0)
    names = np.array([f"task {place + 1}" for place in range(len(first))], dtype=object)
    people = wave.respondents.iloc[tasks.person[first]].reset_index(drop=True)
    profiles = wave.profiles.iloc[rows].reset_index(drop=True)
    return replace(
        wave,
        _respondents=people.assign(respondent=names),
        _profiles=profiles.assign(respondent=names[rank[tasks.of_row[rows]]]),
        weights=np.ones(len(first)),
        _repeats=None,
        calibration=None,
        _positions=None,
        _answers=None,
    )
