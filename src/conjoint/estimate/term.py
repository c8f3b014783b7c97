"""One factor of a regression: which coefficient each of its cells moves, and by how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from conjoint.typing import FloatArray, IntArray, Integers

__all__ = ["Term"]


@dataclass(frozen=True, eq=False, slots=True)
class Term:
    """One factor of a regression and its columns: dummies, or signed and scaled ones.

    Parameters
    ----------
    codes
        Each profile's cell, from 0, of shape (N,).
    columns
        The coefficient of each cell, of shape (cells,); -1 where the cell has none. No two cells
        share one, unless `values` are given.
    values
        What the design matrix holds for a profile in the cell, of shape (cells,): ones where None.
        A pair of levels is +1 in the one order and -1 in the other.
    """

    codes: Integers
    columns: IntArray
    values: FloatArray | None = None

    @property
    def size(self) -> int:
        """How many cells the factor has."""
        return len(self.columns)

    @property
    def coefficients(self) -> IntArray:
        """The coefficients that its cells move, each once."""
        own = self.columns[self.columns >= 0]
        return own if self.values is None else np.unique(own)

    def fold(self, sums: FloatArray) -> FloatArray:
        """Sums over cells, (cells, ...), as sums over :attr:`coefficients`, (own, ...)."""
        kept = np.flatnonzero(self.columns >= 0)
        if self.values is None:
            return np.asarray(sums[kept])
        own = self.coefficients
        pattern = np.zeros((len(own), self.size))
        pattern[np.searchsorted(own, self.columns[kept]), kept] = self.values[kept]
        return np.asarray(np.tensordot(pattern, sums, axes=1))

    def spread(self, loadings: FloatArray) -> FloatArray:
        """What each cell adds, (cells, ...), given loadings of all coefficients, (K, ...)."""
        along = (self.size,) + (1,) * (loadings.ndim - 1)
        rows = np.where((self.columns >= 0).reshape(along), loadings[self.columns], 0.0)
        if self.values is not None:
            rows *= self.values.reshape(along)
        return np.asarray(rows)
