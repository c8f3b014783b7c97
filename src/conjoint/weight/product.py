"""Products with the columns of a calibration, on one thread. No pandas here.

Letters: C cells, p columns Z, R sets of weights.

Threads of BLAS that share busy cores wait for one another, which makes small products ten times as
slow on a machine that does something else besides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.typing import FloatArray, IntArray

__all__ = ["Dense", "Products", "Sparse", "Tabulated"]

ONE_THREAD = 1 << 18
"""Multiplications in a product up to which OpenBLAS starts no second thread."""


class Products(Protocol):
    """The products that Newton's method needs, and the columns themselves."""

    size: int

    def columns(self) -> FloatArray:
        """Z, of shape (C, p)."""

    def only(self, kept: IntArray) -> Products:
        """Products with some of the columns."""

    def along(self, multipliers: FloatArray) -> FloatArray:
        """Z lambda: (p, R) to (C, R)."""

    def sums(self, weights: FloatArray) -> FloatArray:
        """Z'w: (C, R) to (p, R)."""

    def hessians(self, slopes: FloatArray) -> FloatArray:
        """Z' diag(s) Z for each set: (C, R) to (R, p, p)."""


class Tabulated:
    """Columns that indicate categories: every product is a table of counts.

    Parameters
    ----------
    codes, sizes
        For each margin the cells' categories, of shape (C,), and how many there are.
    kept
        Which columns are meant, of all categories of all margins.
    """

    def __init__(self, codes: Sequence[IntArray], sizes: Sequence[int], kept: IntArray) -> None:
        self.codes, self.sizes, self.kept, self.size = codes, sizes, kept, len(kept)
        self.firsts = np.concatenate([[0], np.cumsum(sizes)])

    def columns(self) -> FloatArray:
        """Z."""
        place = np.full(self.firsts[-1], self.size)
        place[self.kept] = np.arange(self.size)
        cells = np.arange(len(self.codes[0]))
        columns = np.zeros((len(cells), self.size + 1))
        for code, first in zip(self.codes, self.firsts, strict=False):
            columns[cells, place[code + first]] = 1.0
        return np.ascontiguousarray(columns[:, : self.size])

    def only(self, kept: IntArray) -> Tabulated:
        """Products with some of the columns."""
        return Tabulated(self.codes, self.sizes, self.kept[kept])

    def along(self, multipliers: FloatArray) -> FloatArray:
        """Z lambda: a number a category, looked up."""
        full = np.zeros((self.firsts[-1], multipliers.shape[1]))
        full[self.kept] = multipliers
        along = full[self.codes[0]]
        for code, first in zip(self.codes[1:], self.firsts[1:], strict=False):
            along += full[code + first]
        return np.asarray(along)

    def sums(self, weights: FloatArray) -> FloatArray:
        """Z'w: weights of categories."""
        return np.stack([self._totals(weight)[self.kept] for weight in weights.T], axis=1)

    def _totals(self, weight: FloatArray) -> FloatArray:
        pairs = zip(self.codes, self.sizes, strict=True)
        return np.concatenate([np.bincount(code, weight, size) for code, size in pairs])

    def hessians(self, slopes: FloatArray) -> FloatArray:
        """Z' diag(s) Z: weights of pairs of categories."""
        return np.stack([self._pairs(slope)[np.ix_(self.kept, self.kept)] for slope in slopes.T])

    def _pairs(self, slope: FloatArray) -> FloatArray:
        full = np.diag(self._totals(slope))
        for one in range(len(self.codes)):
            for other in range(one):
                shape = (self.sizes[other], self.sizes[one])
                both = self.codes[other] * shape[1] + self.codes[one]
                table = np.bincount(both, slope, shape[0] * shape[1]).reshape(shape)
                rows = slice(self.firsts[other], self.firsts[other + 1])
                columns = slice(self.firsts[one], self.firsts[one + 1])
                full[rows, columns], full[columns, rows] = table, table.T
        return full


class Dense:
    """Any columns, for one set of weights or a few."""

    def __init__(self, columns: FloatArray) -> None:
        self.array, self.size = columns, columns.shape[1]

    def columns(self) -> FloatArray:
        """Z."""
        return self.array

    def only(self, kept: IntArray) -> Dense:
        """Products with some of the columns."""
        return Dense(np.ascontiguousarray(self.array[:, kept]))

    def along(self, multipliers: FloatArray) -> FloatArray:
        """Z lambda."""
        return np.asarray(np.einsum("cp,pr->cr", self.array, multipliers))

    def sums(self, weights: FloatArray) -> FloatArray:
        """Z'w."""
        return np.asarray(np.einsum("cp,cr->pr", self.array, weights))

    def hessians(self, slopes: FloatArray) -> FloatArray:
        """Z' diag(s) Z, in pieces that BLAS leaves to one thread."""
        step = max(1, ONE_THREAD // self.size**2)
        total = np.zeros((slopes.shape[1], self.size, self.size))
        for start in range(0, len(self.array), step):
            piece = self.array[start : start + step]
            for place, slope in enumerate(slopes[start : start + step].T):
                total[place] += piece.T @ (piece * slope[:, None])
        return total


class Sparse:
    """Any columns, for many sets of weights: most columns are nought in most cells."""

    def __init__(self, columns: FloatArray) -> None:
        from scipy import sparse

        self.size = columns.shape[1]
        self.array = sparse.csr_array(columns)
        self.turned = sparse.csr_array(columns.T)
        entries, cells, values = self._pairs()
        shape = (self.size**2, len(columns))
        self.pairs = sparse.csr_array((values, (entries, cells)), shape=shape)

    def columns(self) -> FloatArray:
        """Z."""
        return np.asarray(self.array.toarray())

    def only(self, kept: IntArray) -> Sparse:
        """Products with some of the columns."""
        return Sparse(self.columns()[:, kept])

    def _pairs(self) -> tuple[IntArray, IntArray, FloatArray]:
        """Products of two columns that are not nought: entry of the matrix, cell, value."""
        table, counts = self.array, np.diff(self.array.indptr)
        parts = []
        for count in np.unique(counts[counts > 0]):
            cells = np.flatnonzero(counts == count)
            places = table.indptr[cells][:, None] + np.arange(count)
            index, value = table.indices[places], table.data[places]
            first, second = np.triu_indices(count)
            parts.append(
                (
                    (index[:, first].astype(np.intp) * self.size + index[:, second]).ravel(),
                    np.repeat(cells, len(first)),
                    (value[:, first] * value[:, second]).ravel(),
                )
            )
        entries, cells, values = (np.concatenate(part) for part in zip(*parts, strict=True))
        return entries, cells, values

    def along(self, multipliers: FloatArray) -> FloatArray:
        """Z lambda."""
        return np.asarray(self.array @ multipliers)

    def sums(self, weights: FloatArray) -> FloatArray:
        """Z'w."""
        return np.asarray(self.turned @ weights)

    def hessians(self, slopes: FloatArray) -> FloatArray:
        """Z' diag(s) Z, from its upper triangle."""
        entries = np.asarray(self.pairs @ slopes)
        upper = entries.T.reshape(-1, self.size, self.size)
        full = upper + upper.transpose(0, 2, 1)
        diagonal = np.arange(self.size)
        full[:, diagonal, diagonal] /= 2
        return np.asarray(full)
