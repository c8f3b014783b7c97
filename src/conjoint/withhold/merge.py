"""Neighbouring levels of two attributes put together, where too few people saw each pair of them.

A table of two attributes in which some cell may not be shown is not left blank: levels that stand beside each
other are taken together, over the whole table, until each cell may be. No pandas here.
"""

from __future__ import annotations

from itertools import pairwise, product
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from conjoint.withhold.derive import find_derived
from conjoint.withhold.follow import Published, Sums

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from conjoint.typing import BoolArray, FloatArray, IntArray

    Run: TypeAlias = tuple[int, ...]
    """Places of levels that stand beside each other."""

    Runs: TypeAlias = tuple[Run, ...]
    """The levels of an attribute, each in one run."""

__all__ = ["Merging", "Seen", "finest", "merge_levels", "partitions_of"]

MOST_LEVELS = 10
"""Levels of an attribute up to which every way of putting them together is looked at; of more, neighbours that
the fewest people saw are put together first."""

MOST_TABLES = 200
"""Tables that are looked at, the finest first, before a group's cells are left blank."""


class Merging(NamedTuple):
    """How the levels of both attributes are put together."""

    across: Runs
    down: Runs


def runs_of(order: Run | None, seen: Sequence[float]) -> Runs:
    """Every run that levels may be put together in: each by itself where they have no order.

    Parameters
    ----------
    order
        The places of the levels in their order.
    seen
        How many people saw each level.
    """
    alone = tuple((place,) for place in range(len(seen)))
    if order is None:
        return alone
    units = _units(order, seen)
    longer = [sum(units[a:b], ()) for a in range(len(units)) for b in range(a + 1, len(units) + 1)]
    return tuple(dict.fromkeys([*alone, *longer]))


def _units(order: Run, seen: Sequence[float]) -> list[Run]:
    """The levels in their order, neighbours put together where there are too many to look at all."""
    units: list[Run] = [(place,) for place in order]
    while len(units) > MOST_LEVELS:
        people = [sum(seen[place] for place in run) for run in units]
        at = min(range(len(units) - 1), key=lambda place: people[place] + people[place + 1])
        units[at : at + 2] = [units[at] + units[at + 1]]
    return units


def partitions_of(order: Run | None, seen: Sequence[float]) -> list[Runs]:
    """Every way of putting all levels into runs of neighbours, the finest first."""
    if order is None:
        return [tuple((place,) for place in range(len(seen)))]
    units = _units(order, seen)
    made = []
    for ends in product((True, False), repeat=len(units) - 1):
        cuts = [0, *(place for place, cut in enumerate(ends, 1) if cut), len(units)]
        made.append(tuple(sum(units[a:b], ()) for a, b in pairwise(cuts)))
    return made


def people_by_run(
    shown: BoolArray, across: Runs, down: Runs, kind: IntArray, kinds: int
) -> IntArray:
    """How many people of each kind saw a level of one run with one of another.

    Parameters
    ----------
    shown
        Whether a person saw both levels, of shape (levels across, levels down, people).
    kind
        Each person's kind, from 0 to `kinds` - 1, of shape (people,).

    Returns
    -------
    numpy.ndarray
        Of shape (runs across, runs down, kinds).
    """
    count = np.zeros((len(across), len(down), kinds), dtype=np.intp)
    for a, run in enumerate(across):
        row = np.asarray(shown[list(run)].any(axis=0))
        for d, other in enumerate(down):
            count[a, d] = np.bincount(kind[row[list(other)].any(axis=0)], minlength=kinds)
    return count


def finest(
    base: IntArray, across: Sequence[IntArray], down: Sequence[IntArray], limit: int
) -> Iterator[tuple[int, int]]:
    """Yield the pairs of partitions whose cells all stand on enough people, the one with most cells first.

    Of those with as many, the one whose smallest base is largest, then the first. Cells that nobody saw do not
    count; there are two cells at the least.

    Parameters
    ----------
    base
        People who saw a level of a run with one of another, of shape (runs across, runs down).
    across, down
        Partitions, each as the places of its runs.
    """
    inside = np.zeros((len(across), len(base)), dtype=bool)
    for place, runs in enumerate(across):
        inside[place, runs] = True
    found = []
    for second, runs in enumerate(down):
        own = base[:, runs]
        cells = inside @ np.count_nonzero(own, axis=1)
        least = np.where(own > 0, own, np.inf).min(axis=1)
        least = np.where(inside, least, np.inf).min(axis=1)
        valid = np.flatnonzero((least >= limit) & (cells >= 2))
        found += [(-cells[first], -least[first], first, second) for first in valid]
    for *_, first, second in sorted(found):
        yield int(first), int(second)


class Seen(NamedTuple):
    """What was seen of two attributes, and by whom.

    Parameters
    ----------
    shown
        Whether a person saw a profile with both levels, of shape (levels across, levels down, people).
    members
        Who is in which group, of shape (people, groups).
    people
        How many people of each group each figure is of, (figures, groups). Figures are all profiles (the first),
        cells of single attributes, and the cells of both.
    shared
        How many profiles of some people, of shape (people,), each two figures share.
    grid
        Where the cells of both attributes are among the figures, those of one level across after another.
    """

    shown: BoolArray
    members: BoolArray
    people: FloatArray
    shared: Callable[[BoolArray], FloatArray]
    grid: IntArray


def merge_levels(
    seen: Seen,
    orders: tuple[Run | None, Run | None],
    gone: BoolArray,
    undecided: BoolArray,
    limit: int,
    decided: Mapping[int, Merging] | None = None,
) -> tuple[dict[int, Merging], BoolArray]:
    """Put levels together in groups of which some cell is hidden, the finest way in which none has to be.

    1. A table is two partitions of levels into runs of neighbours. Each of its cells stands on as many people as
       may be shown, or nobody saw it. There are two cells at the least.
    2. No group of fewer people follows from the cells of this table, those of other groups, and the means of all
       levels that are shown: neither people who saw any runs of levels, in one group, or in one of two groups,
       nor a mean of a level that is hidden. What follows without the table does not count. All groups' sums
       over a cell of the table are looked at besides (see :func:`conjoint.withhold.derive.find_derived`).
    3. The table with most cells is taken; of those with as many, the one whose smallest base is largest.

    Groups with small cells come first, those whose cells would only give them away behind: their levels may
    well stay as they are. Where there is no such table the cells that are hidden stay so, or all do
    where those shown would tell of few people.

    Parameters
    ----------
    orders
        The levels of each attribute in their order; None where they have none: these stay as they are.
    gone
        Figures that are not shown, of shape (figures, groups).
    undecided
        Groups that are to be decided on, of shape (groups,).
    decided
        How levels of other groups are put together.

    Returns
    -------
    merged
        By group how levels are put together.
    blank
        Cells of single levels that are not shown, of shape (cells, groups); of a group with merged levels all
        that are no cell of its table.
    """
    table = _Tables(seen, orders, gone, limit)
    blank, merged = gone[seen.grid].copy(), dict(decided or {})
    for group in map(int, np.flatnonzero(~undecided)):
        own = merged.get(group)
        table.publish(
            table.sums(group, table.merged(own) if own else table.alone(~blank[:, group]))
        )
    table.forget_what_follows()
    few = (seen.people[seen.grid] > 0) & (seen.people[seen.grid] < limit)
    for group in sorted(map(int, np.flatnonzero(undecided)), key=lambda own: not few[:, own].any()):
        found = table.finest(group)
        if found is not None:
            cells, blank[:, group] = table.merged(found), False
            if len(cells) < len(blank):
                merged[group] = found
        else:
            cells = table.alone(~blank[:, group])
            if table.tells(group, cells):
                cells, blank[:, group] = cells[:0], True
        table.publish(table.sums(group, cells))
    for group, own in merged.items():  # cells of single levels stay as they are
        cells = table.merged(own)
        blank[:, group] = ~cells[cells.sum(axis=1) == 1].any(axis=0)
    return merged, blank


class _Tables:
    """The tables of all groups: what is published so far, and what must not follow from it.

    A table is an array of (cells, levels across * levels down): which pairs of levels each of its cells holds.
    """

    def __init__(
        self, seen: Seen, orders: tuple[Run | None, Run | None], gone: BoolArray, limit: int
    ) -> None:
        self.limit, self.shape = limit, seen.shown.shape[:2]
        levels = [seen.shown.any(axis=axis).sum(axis=1).tolist() for axis in (1, 0)]
        self.runs = [runs_of(*own) for own in zip(orders, levels, strict=True)]
        self.partitions = [partitions_of(*own) for own in zip(orders, levels, strict=True)]
        kinds, kind = np.unique(seen.members, axis=0, return_inverse=True)
        self.member, kind = kinds.T, kind.ravel()
        self.people = people_by_run(seen.shown, self.runs[0], self.runs[1], kind, len(kinds))
        self.pairs = self._cells(self.runs[0], self.runs[1]).reshape(*self.people.shape[:2], -1)
        shared = np.stack([seen.shared(kind == own) for own in range(len(kinds))])
        self._begin(seen, gone, shared)
        self.wanted = list(self._wanted())

    def _cells(self, across: Sequence[Run], down: Sequence[Run]) -> FloatArray:
        """The table of some runs of levels."""
        inside = [
            np.zeros((len(runs), size))
            for runs, size in zip((across, down), self.shape, strict=True)
        ]
        for own, runs in zip(inside, (across, down), strict=True):
            for place, run in enumerate(runs):
                own[place, list(run)] = 1.0
        return np.asarray(np.kron(*inside))

    def _begin(self, seen: Seen, gone: BoolArray, shared: FloatArray) -> None:
        """Publish the means of levels, of each group those that are shown.

        Elementary sums are the cells of all groups, group by group, and means of levels that are hidden.
        """
        is_level = np.ones(len(gone), dtype=bool)
        is_level[seen.grid] = False
        hidden = gone & is_level[:, None] & (seen.people < self.limit) & (seen.people > 0)
        figure, group = np.nonzero(hidden)
        n_groups = len(self.member)
        figure = np.concatenate([np.tile(seen.grid, n_groups), figure])
        group = np.concatenate([np.repeat(np.arange(n_groups), len(seen.grid)), group])
        self.hidden = np.arange(n_groups * len(seen.grid), len(figure))
        told, of = np.nonzero(~gone & is_level[:, None])
        both = (self.member[:, None] & self.member).astype(float)
        common = np.tensordot(both, shared, axes=(2, 0))

        def between(one: tuple[IntArray, IntArray], other: tuple[IntArray, IntArray]) -> FloatArray:
            return np.asarray(common[one[1][:, None], other[1], one[0][:, None], other[0]])

        own, known = (figure, group), (told, of)
        self.published = Published(between(own, own), between(own, known), between(known, known))

    def _wanted(self) -> Iterator[Sums]:
        """Sums over few people, which must not be told."""
        if len(self.hidden):
            yield Sums(self.hidden, np.eye(len(self.hidden)))
        size = self.pairs.shape[2]
        for group in range(len(self.member)):
            for other in (None, *range(group)):
                # In one group, or in one of two and not in the other.
                apart = (
                    self.member[group] if other is None else self.member[group] ^ self.member[other]
                )
                people = self.people @ apart
                few = (people > 0) & (people < self.limit)
                if not few.any():
                    continue
                counts, places = self.pairs[few], group * size + np.arange(size)
                if other is not None:
                    counts = np.concatenate([counts, -counts], axis=1)
                    places = np.concatenate([places, other * size + np.arange(size)])
                yield Sums(places, counts)

    def sums(self, group: int, cells: FloatArray) -> Sums:
        """The sums of a group over the cells of a table."""
        size = cells.shape[1]
        return Sums(group * size + np.arange(size), cells)

    def alone(self, shown: BoolArray) -> FloatArray:
        """The table of single levels, of which some cells are shown."""
        return np.eye(len(shown))[shown]

    def merged(self, merging: Merging) -> FloatArray:
        """The table of levels that are put together."""
        return self._cells(merging.across, merging.down)

    def publish(self, sums: Sums) -> None:
        """Publish a table."""
        self.published.add(sums)

    def forget_what_follows(self) -> None:
        """Leave out of what must not be told that which is told already."""
        rest = [(own, ~self.published.follow(own)) for own in self.wanted]
        self.wanted = [Sums(own.places, own.counts[open_]) for own, open_ in rest if open_.any()]

    def finest(self, group: int) -> Merging | None:
        """The finest table of a group that may be shown."""
        base = self.people @ self.member[group]
        at = [{run: place for place, run in enumerate(runs)} for runs in self.runs]
        across, down = (
            [np.array([own[run] for run in runs], dtype=np.intp) for runs in partitions]
            for own, partitions in zip(at, self.partitions, strict=True)
        )
        for tried, (first, second) in enumerate(finest(base, across, down, self.limit)):
            if tried == MOST_TABLES:
                break
            found = Merging(self.partitions[0][first], self.partitions[1][second])
            if not self.tells(group, self.merged(found)):
                return found
        return None

    def tells(self, group: int, cells: FloatArray) -> bool:
        """Whether a table of a group would tell of few people."""
        if not len(cells):
            return False
        beside = self.sums(group, cells)
        if any(self.published.follow(own, beside).any() for own in self.wanted):
            return True
        return any(self._tells_across(cell, beside) for cell in cells)

    def _tells_across(self, cell: FloatArray, beside: Sums) -> bool:
        """Whether groups' sums over a cell, added and subtracted, are about few people, and not without this table."""
        n_groups, size = len(self.member), len(cell)
        every = Sums(np.arange(n_groups * size), np.asarray(np.kron(np.eye(n_groups), cell)))
        known = self.published.follow(every, beside)
        if known.sum() < 2:
            return False
        people = self.people[self._run_of(cell)]
        there = people > 0
        kinds, sizes = self.member.T[there].astype(float), people[there].astype(float)
        if find_derived(kinds[:, known], sizes, self.limit) == ([], True):
            return False
        before = self.published.follow(every)
        return find_derived(kinds[:, before], sizes, self.limit) == ([], True)

    def _run_of(self, cell: FloatArray) -> tuple[int, int]:
        """The runs, across and down, that a cell is made of."""
        inside = cell.reshape(self.shape) > 0
        across, down = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
        found = [
            next(at for at, run in enumerate(runs) if sorted(run) == own.tolist())
            for runs, own in zip(self.runs, (across, down), strict=True)
        ]
        return found[0], found[1]
