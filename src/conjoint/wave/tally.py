"""Tally: which cells profiles fall in, and sums over them, by respondent and in all.

Everything linear is made of these sums, so that no design matrix is ever built.
"""

from __future__ import annotations

from functools import cache, cached_property
from itertools import combinations_with_replacement, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conjoint.typing import FloatArray, IntArray, Integers

__all__ = ["Tally"]

MERGED_CELLS = 256
"""Small factors are merged up to this many joint cells, what a byte holds: fewer, larger tables."""
CHUNK = 1 << 16
"""Profiles a piece: what fits a processor's cache."""
PIECE = 1 << 19
"""Sums a piece, respondents times cells, for the same reason."""
TABLES = 1 << 23
"""Numbers in the joint tables that are counted at once, so that many factors do not fill the memory."""


class Tally:
    """Profiles, the cell of each factor they fall in, and the respondent they belong to.

    A tally is made once for a sample and a choice of factors; what it has counted, it keeps.

    Parameters
    ----------
    codes
        For each factor, each profile's cell, from 0; of shape (N,).
    sizes
        For each factor, how many cells it has.
    respondent
        Each profile's respondent, from 0 to G - 1, in any order; of shape (N,).
    G
        How many respondents there are.
    """

    def __init__(
        self, codes: Sequence[Integers], sizes: Sequence[int], respondent: IntArray, G: int
    ) -> None:
        self.codes = tuple(codes)
        self.sizes = tuple(sizes)
        self.respondent = respondent
        self.G = G
        self.starts: IntArray = np.cumsum([0, *sizes])
        self._answered: tuple[FloatArray, Integers] | None = None
        self._weighted: tuple[FloatArray, FloatArray] | None = None
        self._exposed: tuple[FloatArray, tuple[FloatArray, FloatArray]] | None = None

    @property
    def size(self) -> int:
        """How many cells all factors have together."""
        return int(self.starts[-1])

    def inside(self, factor: int) -> slice:
        """The cells of one factor, among those of all."""
        return slice(int(self.starts[factor]), int(self.starts[factor + 1]))

    @cached_property
    def _order(self) -> IntArray | None:
        """The profiles in respondents' order; None where they stand so."""
        if (self.respondent[1:] >= self.respondent[:-1]).all():
            return None
        return np.argsort(self.respondent, kind="stable")

    @cached_property
    def _first(self) -> IntArray:
        """Where each respondent's profiles start, in respondents' order; of shape (G + 1,)."""
        counts = np.bincount(self.respondent, minlength=self.G)
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)

    @cached_property
    def _cells(self) -> Integers:
        """Each profile's cells among all cells, in respondents' order; of shape (N, factors)."""
        kept = np.min_scalar_type(max(self.size - 1, 0)).type
        cells = np.empty((len(self.respondent), len(self.codes)), dtype=kept)
        for place, code in enumerate(self.codes):
            own = code if self._order is None else code[self._order]
            start = kept(self.starts[place])
            np.add(own, start, out=cells[:, place], dtype=kept, casting="unsafe")
        return cells

    def cells_of(self, rows: IntArray) -> Integers:
        """The cells of some profiles, among those of all factors; of shape (*rows.shape, factors)."""
        return self._cells[rows if self._order is None else self._rank[rows]]

    @cached_property
    def _rank(self) -> IntArray:
        """Where each profile stands in respondents' order, of shape (N,)."""
        rank = np.empty(len(self.respondent), dtype=np.intp)
        rank[self._order] = np.arange(len(rank))
        return rank

    def sums(
        self, values: FloatArray | Integers, weight: FloatArray | None = None
    ) -> Iterator[tuple[slice, Any]]:
        """Sums of a number of each profile, by respondent and cell, a piece at a time.

        Parameters
        ----------
        values
            Of shape (N,), of any kind of number.
        weight
            What the values are multiplied by, of shape (N,).

        Yields
        ------
        slice, numpy.ndarray
            Some respondents, and their sums of shape (these respondents, all cells). The next piece stands
            in the same memory: new pages for each take longer than the sums.
        """
        held = None
        for people in self._pieces():
            rows = slice(int(self._first[people.start]), int(self._first[people.stop]))
            chosen = rows if self._order is None else self._order[rows]
            own = values[chosen] if weight is None else values[chosen] * weight[chosen]
            if held is None:  # the first piece is the widest
                held = np.empty((people.stop - people.start, self.size), dtype=own.dtype)
            out = held[: people.stop - people.start]
            yield people, self._piece(people, rows, own, out)

    def answer_sums(self, y: FloatArray) -> Iterator[tuple[slice, Any]]:
        """Sums of answers as `sums` gives them; of zeros and ones as counts in few bytes.

        Counts are kept for the answers asked for last: every mean is made of them.
        """
        if self._answered is None or not np.array_equal(self._answered[0], y):
            self._answered = None
            if np.count_nonzero(y) != np.count_nonzero(y == 1):
                yield from self.sums(y)
                return
            self._answered = y, self._counts(y.astype(self._kept))
        counts = self._answered[1]
        for people in self._pieces():
            yield people, counts[people]

    def _counts(self, marked: Integers) -> Integers:
        counts = np.empty((self.G, self.size), dtype=self._kept)
        for people, sums in self.sums(marked):
            counts[people] = sums
        counts.setflags(write=False)
        return counts

    @property
    def _kept(self) -> np.dtype[np.unsignedinteger]:
        """What holds the square of as many profiles as one respondent has."""
        return np.min_scalar_type(int(self.profiles_of.max(initial=0)) ** 2)

    def _pieces(self) -> Iterator[slice]:
        profiles = max(1, len(self.respondent) // max(1, self.G))
        width = max(1, min(CHUNK // profiles, PIECE // max(1, self.size)))
        for start in range(0, self.G, width):
            yield slice(start, min(start + width, self.G))

    def _piece(self, people: slice, rows: slice, values: FloatArray | Integers, out: Any) -> Any:
        """Sums of the values of some respondents, whose profiles stand in `rows` of their order."""
        from scipy import sparse  # takes long to load, and reading a file needs none of it

        factors = len(self.codes)
        first = self._first[people.start : people.stop + 1]
        # A row of a sparse matrix may name a cell again: the entries are added up.
        matrix = sparse.csr_array(
            (
                np.repeat(values, factors),
                self._cells[rows].astype(np.int32).ravel(),
                ((first - first[0]) * factors).astype(np.int32),
            ),
            shape=(len(first) - 1, self.size),
        )
        return matrix.toarray(out=out)

    @cached_property
    def shown(self) -> Integers:
        """How many profiles of each cell a respondent saw; of shape (G, all cells)."""
        return self._counts(np.ones(len(self.respondent), dtype=self._kept))

    @cached_property
    def counts(self) -> tuple[IntArray, IntArray]:
        """How many profiles show each cell, and how many respondents saw it; both (all cells,)."""
        profiles = np.zeros(self.size, dtype=np.intp)
        people = np.zeros(self.size, dtype=np.intp)
        for rows in self._pieces():
            profiles += self.shown[rows].sum(axis=0, dtype=np.intp)
            people += np.count_nonzero(self.shown[rows], axis=0)
        return profiles, people

    def exposure(self, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Sums over respondents of w n and of (w n)^2, n the profiles of a cell they saw.

        Kept for the weight asked for last.

        Parameters
        ----------
        weight
            One a respondent, of shape (G,).

        Returns
        -------
        numpy.ndarray, numpy.ndarray
            Both of shape (all cells,).
        """
        if self._exposed is None or not np.array_equal(self._exposed[0], weight):
            total, squared = np.zeros(self.size), np.zeros(self.size)
            for people in self._pieces():
                own, shown = weight[people], self.shown[people].astype(float)
                # The very product that sums answers: a mean of ones is one to the last digit.
                total += own @ shown
                squared += own**2 @ (shown * shown)
            self._exposed = weight, (total, squared)
        return self._exposed[1]

    @cached_property
    def profiles_of(self) -> IntArray:
        """How many profiles each respondent has, of shape (G,)."""
        return np.diff(self._first)

    @cached_property
    def _merged(self) -> tuple[tuple[Integers, slice], ...]:
        """Factors in groups whose joint cells are few, and each profile's joint cell of a group."""
        groups: list[list[int]] = []
        sizes: list[int] = []
        for factor, size in enumerate(self.sizes):
            if groups and sizes[-1] * size <= MERGED_CELLS:
                groups[-1].append(factor)
                sizes[-1] *= size
            else:
                groups.append([factor])
                sizes.append(size)
        merged = []
        for group, size in zip(groups, sizes, strict=True):
            kept = np.uint8 if size <= MERGED_CELLS else np.intp
            codes: Integers = self.codes[group[0]].astype(kept)
            for factor in group[1:]:
                codes *= kept(self.sizes[factor])
                codes += self.codes[factor].astype(kept)
            merged.append((codes, slice(group[0], group[-1] + 1)))
        return tuple(merged)

    def _marks(self, group: slice) -> FloatArray:
        return _marks(self.sizes[group])

    def _joint_cells(self, group: slice) -> int:
        return int(np.prod(self.sizes[group]))

    def totals(self, values: FloatArray, weight: FloatArray) -> FloatArray:
        """Sums of a number of each profile times its weight, by cell; of shape (all cells,)."""
        sums = [np.zeros(self._joint_cells(group)) for _, group in self._merged]
        for rows in _rows(len(values)):
            piece = values[rows] * weight[rows]
            for own, (codes, _) in zip(sums, self._merged, strict=True):
                own += np.bincount(codes[rows], weights=piece, minlength=len(own))
        marks = [self._marks(group) for _, group in self._merged]
        return np.concatenate([mark.T @ own for mark, own in zip(marks, sums, strict=True)])

    def crossed(self, weight: FloatArray) -> FloatArray:
        """Sums of a weight of each profile by every two cells, of shape (all cells, all cells).

        Kept for the weight asked for last: the design's part of normal equations.
        """
        if self._weighted is None or not np.array_equal(self._weighted[0], weight):
            self._weighted = weight, self._cross(weight)
        return self._weighted[1]

    def _cross(self, weight: FloatArray) -> FloatArray:
        crossed = np.zeros((self.size, self.size))
        marks = [self._marks(group) for _, group in self._merged]
        bounds = [
            slice(int(self.starts[group.start]), int(self.starts[group.stop]))
            for _, group in self._merged
        ]
        for a, b, table in self._tables(weight):
            block = marks[a].T @ table @ marks[b]
            crossed[bounds[a], bounds[b]] = block
            crossed[bounds[b], bounds[a]] = block.T
        crossed.setflags(write=False)
        return crossed

    def _tables(self, weight: FloatArray) -> Iterator[tuple[int, int, FloatArray]]:
        """Sums of the weight by the joint cells of every two groups of factors, and of each."""
        sizes = [self._joint_cells(group) for _, group in self._merged]
        for pairs in _batches(sizes):
            tables = {
                (a, b): np.zeros(sizes[a] * sizes[b] if a < b else sizes[a]) for a, b in pairs
            }
            needed = sorted({group for pair in pairs for group in pair})
            for rows in _rows(len(weight)):
                codes = {group: self._merged[group][0][rows].astype(np.intp) for group in needed}
                piece = weight[rows]
                for (a, b), table in tables.items():
                    joint = codes[a] * sizes[b] + codes[b] if a < b else codes[a]
                    table += np.bincount(joint, weights=piece, minlength=len(table))
            for (a, b), table in tables.items():
                yield a, b, table.reshape(sizes[a], sizes[b]) if a < b else np.diag(table)

    def spread(self, values: FloatArray) -> FloatArray:
        """For each profile, the sum of a number of each of its cells; of shape (N,).

        Parameters
        ----------
        values
            Of shape (all cells,).
        """
        joint = []
        for codes, group in self._merged:
            table: FloatArray = np.zeros(1)
            for start, stop in pairwise(self.starts[group.start : group.stop + 1]):
                table = np.add.outer(table, values[start:stop]).ravel()
            joint.append((codes, table))
        result = np.zeros(len(self.respondent))
        for rows in _rows(len(result)):
            for codes, table in joint:
                result[rows] += table.take(codes[rows])
        return result


def _rows(N: int) -> Iterator[slice]:
    for start in range(0, N, CHUNK):
        yield slice(start, start + CHUNK)


def _batches(sizes: Sequence[int]) -> Iterator[list[tuple[int, int]]]:
    """Pairs of groups of factors, and each with itself, whose joint tables are few enough together."""
    batch: list[tuple[int, int]] = []
    numbers = 0
    for a, b in combinations_with_replacement(range(len(sizes)), 2):
        own = sizes[a] * sizes[b]
        if batch and numbers + own > TABLES:
            yield batch
            batch, numbers = [], 0
        batch.append((a, b))
        numbers += own
    if batch:
        yield batch


@cache
def _marks(shape: tuple[int, ...]) -> FloatArray:
    """Which cells of several factors each of their joint cells belongs to; (joint cells, cells)."""
    places = np.unravel_index(np.arange(int(np.prod(shape))), shape)
    return np.concatenate(
        [np.eye(size)[place] for size, place in zip(shape, places, strict=True)], axis=1
    )
