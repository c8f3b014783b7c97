"""Columns that overlap: which of them to keep, and what the others are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import lapack, solve_triangular

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.estimate.linear import Term
    from conjoint.typing import BoolArray, FloatArray, IntArray

__all__ = ["Basis", "find_basis", "renumber"]

NOTHING_LEFT = 1e-8
"""A share of a column's squared length this small is rounding: it is made of the others."""


@dataclass(frozen=True, eq=False, slots=True)
class Basis:
    """Independent columns of a design matrix.

    Parameters
    ----------
    kept, left
        The columns kept, of shape (K,), and those left out.
    relation
        Of shape (K, left out): X[:, left] = X[:, kept] relation.
    """

    kept: IntArray
    left: IntArray
    relation: FloatArray

    def express(self, figures: FloatArray) -> tuple[FloatArray, BoolArray]:
        """Figures in all columns as figures in those kept; and which the data can tell.

        Parameters
        ----------
        figures
            Of shape (k, all columns).
        """
        return figures[:, self.kept], np.asarray(~self._gaps(figures).any(axis=1))

    def confounded(self, figure: FloatArray) -> IntArray:
        """The columns that go together and so keep the data from telling a figure, in their order.

        Parameters
        ----------
        figure
            Of shape (all columns,).
        """
        gaps = self._gaps(figure[None])[0]
        made_of = (np.abs(self.relation[:, gaps]) > NOTHING_LEFT).any(axis=1)
        return np.sort(np.concatenate([self.left[gaps], self.kept[made_of]]))

    def _gaps(self, figures: FloatArray) -> BoolArray:
        """Where figures hold other amounts of a column left out than of what it is made of."""
        gap = np.abs(figures[:, self.left] - figures[:, self.kept] @ self.relation)
        size = np.abs(figures).max(axis=1, initial=0.0, keepdims=True)
        return np.asarray(gap > NOTHING_LEFT * np.maximum(size, 1.0))

    def then(self, inner: Basis) -> Basis:
        """The basis of all columns, where of those kept an inner one keeps fewer."""
        first, second = inner.kept, inner.left
        outer = self.relation[first] + inner.relation @ self.relation[second]
        return Basis(
            self.kept[first],
            np.concatenate([self.left, self.kept[second]]),
            np.hstack([outer, inner.relation]),
        )


def find_basis(gram: FloatArray) -> Basis:
    """Choose independent columns of X by a pivoted Cholesky decomposition of X'WX, weights above zero.

    Notes
    -----
    The coefficients are those of one generalised inverse; every figure that can be told from the
    data is the same in all of them (Searle 1971, chapter 5).
    """
    length = np.sqrt(np.diag(gram))
    scale = 1 / np.where(length > 0, length, 1.0)
    scaled = gram * np.outer(scale, scale)
    # Of equals the first is chosen: the intercept stays.
    np.fill_diagonal(scaled, length > 0)
    factor, pivot, rank, _ = lapack.dpstrf(scaled, tol=NOTHING_LEFT)
    order = pivot - 1
    kept, left = order[:rank], order[rank:]
    relation = solve_triangular(factor[:rank, :rank], factor[:rank, rank:])
    relation *= scale[kept, None] / scale[left]
    ranked = np.argsort(kept)
    return Basis(kept[ranked].astype(np.intp), left.astype(np.intp), relation[ranked])


def renumber(terms: Sequence[Term], basis: Basis) -> list[Term]:
    """The terms with the columns that are kept, counted anew."""
    place = np.full(len(basis.kept) + len(basis.left) + 1, -1, dtype=np.intp)
    place[basis.kept] = np.arange(len(basis.kept))
    return [replace(term, columns=place[term.columns]) for term in terms]
