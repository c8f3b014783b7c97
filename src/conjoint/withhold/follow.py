"""Sums over profiles that are published, and whether others follow from them. No pandas here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.linalg import lapack, solve_triangular

from conjoint.withhold.derive import FOLLOWS

if TYPE_CHECKING:
    from conjoint.typing import BoolArray, FloatArray, IntArray

__all__ = ["Published", "Sums"]

INDEPENDENT = 1e-11
"""What is left of a sum, as a part of it, where it follows from others."""


class Sums(NamedTuple):
    """Combinations of elementary sums: `places` of those, and what each counts for, (sums, places)."""

    places: IntArray
    counts: FloatArray


class Published:
    """Sums over profiles that are published, and which others follow from them.

    A sum follows from others where its indicator is a combination of theirs. All that is needed to tell are the
    numbers of profiles that each two share: what is left of a sum is its part at right angles to those published.

    Parameters
    ----------
    shared
        How many profiles each two elementary sums share, of shape (elementary, elementary).
    across, known
        The same of each elementary sum with those published from the first, (elementary, published), and of
        these with each other.
    """

    def __init__(self, shared: FloatArray, across: FloatArray, known: FloatArray) -> None:
        self.whole = shared
        self.left = shared - _explained(across, known)

    def add(self, sums: Sums) -> None:
        """Publish further sums."""
        self.left = self.left - _explained(*self._with(sums))

    def _with(self, sums: Sums) -> tuple[FloatArray, FloatArray]:
        across = self.left[:, sums.places] @ sums.counts.T
        return across, sums.counts @ across[sums.places]

    def follow(self, wanted: Sums, beside: Sums | None = None) -> BoolArray:
        """Whether each of some sums follows from those published, and from those `beside` them."""
        left, own = _squares(self.left, wanted), _squares(self.whole, wanted)
        if beside is not None:
            across, known = self._with(beside)
            left = left - _squared(wanted.counts @ across[wanted.places], known)
        return np.asarray(left <= FOLLOWS * own)


def _squares(shared: FloatArray, sums: Sums) -> FloatArray:
    inside = shared[np.ix_(sums.places, sums.places)]
    return np.asarray(((sums.counts @ inside) * sums.counts).sum(axis=1))


def _explained(across: FloatArray, known: FloatArray) -> FloatArray:
    """What known sums, the shares of which with each other are `known`, explain of others."""
    moved = _moved(across, known)
    return moved.T @ moved


def _squared(across: FloatArray, known: FloatArray) -> FloatArray:
    return np.asarray((_moved(across, known) ** 2).sum(axis=0))


def _moved(across: FloatArray, known: FloatArray) -> FloatArray:
    """Others' parts along known sums, (independent sums, others): those that follow from the rest add nothing."""
    size = np.sqrt(np.maximum(np.diagonal(known), 0.0))
    there = size > np.sqrt(FOLLOWS)
    if not there.any():
        return np.zeros((0, len(across)))
    size = size[there]
    scaled = known[np.ix_(there, there)] / np.outer(size, size)
    factor, pivots, rank, _ = lapack.dpstrf(scaled, tol=INDEPENDENT, lower=1)
    used = pivots[:rank] - 1
    return np.asarray(
        solve_triangular(
            factor[:rank, :rank], (across[:, there][:, used] / size[used]).T, lower=True
        )
    )
