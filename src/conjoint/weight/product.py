"""Products with the columns of a calibration, on one thread. No pandas here.

Letters: C cells, p independent columns Z, R sets of weights.

Threads of BLAS that share busy cores wait for one another, which makes small products ten times as slow
on a machine that does something else besides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from conjoint.typing import FloatArray, IntArray

__all__ = ["Dense", "Products", "Sparse", "cross_products"]

ONE_THREAD = 1 << 18
"""Multiplications in a product up to which OpenBLAS starts no second thread."""


class Products(Protocol):
    """The three products that Newton's method needs."""

    def along(self, multipliers: FloatArray) -> FloatArray:
        """Z lambda: (p, R) to (C, R)."""

    def sums(self, weights: FloatArray) -> FloatArray:
        """Z'w: (C, R) to (p, R)."""

    def hessians(self, slopes: FloatArray) -> FloatArray:
        """Z' diag(s) Z for each set: (C, R) to (R, p, p)."""


class Dense:
    """Products for one set of weights."""

    def __init__(self, columns: FloatArray) -> None:
        self.columns = columns

    def along(self, multipliers: FloatArray) -> FloatArray:
        """Z lambda."""
        return np.asarray(np.einsum("cp,pr->cr", self.columns, multipliers))

    def sums(self, weights: FloatArray) -> FloatArray:
        """Z'w."""
        return np.asarray(np.einsum("cp,cr->pr", self.columns, weights))

    def hessians(self, slopes: FloatArray) -> FloatArray:
        """Z' diag(s) Z."""
        return np.stack([cross_products(self.columns, slope) for slope in slopes.T])


class Sparse:
    """Products for many sets of weights: most columns are nought in most cells."""

    def __init__(self, columns: FloatArray) -> None:
        from scipy import sparse

        self.size = columns.shape[1]
        self.columns = sparse.csr_array(columns)
        self.turned = sparse.csr_array(columns.T)
        entries, cells, values = self._pairs()
        shape = (self.size**2, len(columns))
        self.pairs = sparse.csr_array((values, (entries, cells)), shape=shape)

    def _pairs(self) -> tuple[IntArray, IntArray, FloatArray]:
        """Products of two columns that are not nought: entry of the matrix, cell, value."""
        table, counts = self.columns, np.diff(self.columns.indptr)
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
        return np.asarray(self.columns @ multipliers)

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


def cross_products(columns: FloatArray, weights: FloatArray) -> FloatArray:
    """Weighted cross-products of columns, (C, P) and (C,) to (P, P), in pieces of one thread."""
    cells, size = columns.shape
    step = max(1, ONE_THREAD // size**2)
    total = np.zeros((size, size))
    for start in range(0, cells, step):
        piece = columns[start : start + step]
        total += piece.T @ (piece * weights[start : start + step, None])
    return total
