"""Influence that is made when it is asked for: standard errors alone need less."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.typing import FloatArray

__all__ = ["Influence", "beside", "matrix_of", "squares_of"]


class Influence(Protocol):
    """How far each respondent moves each figure, as a matrix that need not exist yet."""

    @property
    def shape(self) -> tuple[int, int]:
        """Respondents and figures."""

    def matrix(self) -> FloatArray:
        """The influence, of shape (respondents, k)."""

    def squares(self) -> FloatArray:
        """Sum of squares of each column, of shape (k,)."""


def matrix_of(influence: FloatArray | Influence) -> FloatArray:
    """The influence as a matrix."""
    return influence if isinstance(influence, np.ndarray) else influence.matrix()


def squares_of(influence: FloatArray | Influence) -> FloatArray:
    """Sum of squares of each column of influence, of shape (k,)."""
    if isinstance(influence, np.ndarray):
        return np.asarray(np.einsum("ij,ij->j", influence, influence))
    return influence.squares()


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
