"""Influence that is made when it is asked for: standard errors alone need less."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.typing import FloatArray, IntArray

__all__ = [
    "Influence",
    "Placed",
    "beside",
    "combined",
    "cross_product",
    "matrix_of",
    "squares_of",
    "unmoved",
]

ONE_THREAD = 1 << 18
"""Multiplications that BLAS leaves to one thread. Threads that share busy cores wait for one another:
the products of a hundred thousand respondents' influence then take many times as long."""

FEWEST = 16
"""Respondents in a piece; with so many figures that it were fewer, threads are worth their wait."""

FEW = 16
"""Products of matrices of which not one number in so many counts leave the others out."""


class Influence(Protocol):
    """How far each respondent moves each figure, as a matrix that need not exist yet."""

    @property
    def shape(self) -> tuple[int, int]:
        """Respondents and figures."""

    def matrix(self) -> FloatArray:
        """The influence, of shape (respondents, k)."""

    def squares(self) -> FloatArray:
        """Sum of squares of each column, of shape (k,)."""


@dataclass(frozen=True, eq=False, slots=True)
class Placed:
    """Influence of figures among others that nobody moves: those that cannot be estimated.

    Parameters
    ----------
    known
        Of some figures.
    place
        Where each of these stands among all, of shape (some,).
    k
        How many there are in all.
    """

    known: FloatArray | Influence
    place: IntArray
    k: int

    @property
    def shape(self) -> tuple[int, int]:
        """Respondents and figures."""
        return self.known.shape[0], self.k

    def matrix(self) -> FloatArray:
        """The influence, zero for the others; of shape (respondents, k), a figure's in one piece."""
        whole = np.zeros(self.shape[::-1]).T
        whole[:, self.place] = matrix_of(self.known)
        return whole

    def squares(self) -> FloatArray:
        """Sum of squares of each column, of shape (k,)."""
        sums = np.zeros(self.k)
        sums[self.place] = squares_of(self.known)
        return sums


def unmoved(n: int, k: int) -> Placed:
    """Influence of k figures that none of n respondents moves."""
    return Placed(np.zeros((n, 0)), np.zeros(0, dtype=np.intp), k)


def matrix_of(influence: FloatArray | Influence) -> FloatArray:
    """The influence as a matrix."""
    return influence if isinstance(influence, np.ndarray) else influence.matrix()


def squares_of(influence: FloatArray | Influence) -> FloatArray:
    """Sum of squares of each column of influence, of shape (k,)."""
    if isinstance(influence, np.ndarray):
        return np.asarray(np.einsum("ij,ij->j", influence, influence))
    return influence.squares()


def combined(influence: FloatArray, matrix: FloatArray) -> FloatArray:
    """Influence on linear combinations of figures, one a row of `matrix`; of shape (n, m)."""
    (n, k), m = influence.shape, len(matrix)
    if np.count_nonzero(matrix) * FEW < matrix.size:
        return np.asarray(sparse.csr_array(matrix) @ influence.T).T
    out = np.empty((m, n))
    for piece in _pieces(n, m * k):
        np.matmul(matrix, influence.T[:, piece], out=out[:, piece])
    return out.T


def cross_product(influence: FloatArray) -> FloatArray:
    """Sums over respondents of the products of each two columns, of shape (k, k)."""
    n, k = influence.shape
    out = np.zeros((k, k))
    for piece in _pieces(n, k * k):
        own = influence[piece]
        out += own.T @ own
    return out


def _pieces(n: int, size: int) -> list[slice]:
    """Rows, so many at a time that a product of `size` numbers a row stays with one thread."""
    step = ONE_THREAD // max(1, size)
    step = step if step >= FEWEST else max(1, n)
    return [slice(start, start + step) for start in range(0, n, step)]


def beside(parts: Sequence[FloatArray | Influence]) -> FloatArray | Influence:
    """Influence of several sets of figures as one, still to be made where all of them are."""
    if len(parts) == 1:
        return parts[0]
    made = [part for part in parts if isinstance(part, np.ndarray)]
    if made:
        return np.concatenate([matrix_of(part) for part in parts], axis=1)
    return _Beside(tuple(part for part in parts if not isinstance(part, np.ndarray)))


@dataclass(frozen=True, eq=False, slots=True)
class _Beside:
    """Influence of several sets of figures, none of it made."""

    parts: tuple[Influence, ...]

    @property
    def shape(self) -> tuple[int, int]:
        return self.parts[0].shape[0], sum(part.shape[1] for part in self.parts)

    def matrix(self) -> FloatArray:
        rows, columns = self.shape
        whole = np.empty((columns, rows)).T
        start = 0
        for part in self.parts:
            stop = start + part.shape[1]
            whole[:, start:stop] = part.matrix()
            start = stop
        return whole

    def squares(self) -> FloatArray:
        return np.concatenate([part.squares() for part in self.parts])
