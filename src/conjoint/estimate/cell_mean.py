"""Means of the cells of factors, and their influence: a kernel that knows no pandas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from conjoint.typing import BoolArray, FloatArray, IntArray
    from conjoint.wave.tally import Tally

__all__ = ["CellMeans", "MeanInfluence", "cell_means"]

CANCELLED = 1e-6
"""A variance this small beside what it is made of is summed again, respondent by respondent."""


@dataclass(frozen=True, eq=False, slots=True)
class MeanInfluence:
    """Influence of the means of some cells, made when it is asked for.

    Parameters
    ----------
    tally
        Profiles and their cells.
    y
        Of shape (N,).
    weight
        One a respondent, of shape (G,).
    means, total
        Mean of y and sum of weights of each of these cells.
    cells
        Which of the tally's cells these are.
    squared
        Sums over respondents of (w sum of y)^2, (w n)^2 and w^2 n sum of y, with n the profiles of
        the cell that the respondent saw; of shape (3, cells).
    """

    tally: Tally
    y: FloatArray
    weight: FloatArray
    means: FloatArray
    total: FloatArray
    cells: IntArray
    squared: FloatArray

    @property
    def shape(self) -> tuple[int, int]:
        """Respondents and means."""
        return self.tally.G, len(self.cells)

    def matrix(self) -> FloatArray:
        """The influence, w (sum of y - n m) / T, of shape (G, cells)."""
        moved = np.empty((len(self.cells), self.tally.G))
        scale = self.weight[:, None]
        for people, sums in self.tally.sums(self.y):
            rest = sums[:, self.cells] - self.tally.shown[people][:, self.cells] * self.means
            moved[:, people] = (rest * scale[people] / self.total).T
        return moved.T

    def squares(self) -> FloatArray:
        """Sum of squares of each column, of shape (cells,)."""
        own, shown, both = self.squared
        squares = own - 2 * self.means * both + self.means**2 * shown
        if (squares < CANCELLED * (own + self.means**2 * shown)).any():
            influence = self.matrix()
            return np.asarray(np.einsum("ik,ik->k", influence, influence))
        return np.asarray(squares / self.total**2)


@dataclass(frozen=True, eq=False, slots=True)
class CellMeans:
    """Means of the cells that occur, which these are, and how far each respondent moves them.

    `answers` is the sum of y in each, without weights.
    """

    means: FloatArray
    cells: IntArray
    influence: MeanInfluence
    answers: FloatArray


def cell_means(
    tally: Tally, y: FloatArray, weight: FloatArray, reported: BoolArray | None = None
) -> CellMeans:
    """Weighted mean of y in each cell of each factor that occurs, and its influence.

    Formula
        m_c = sum w y / sum w over the profiles of cell c;
        psi_ic = w_i sum over i's profiles in c of (y - m_c) / sum of w in c.

    Parameters
    ----------
    tally
        Profiles and their cells.
    y
        Of shape (N,).
    weight
        One a respondent, above zero, of shape (G,).
    reported
        Which of the tally's cells have a mean; all where None.
    """
    moment, answers = np.zeros(tally.size), np.zeros(tally.size)
    total, shown = tally.exposure(weight)
    squared = np.stack([np.zeros(tally.size), shown, np.zeros(tally.size)])
    even = bool((weight == 1).all())
    for people, sums in tally.answer_sums(y):
        own = weight[people]
        square = own if even else own**2
        sum_of_piece = own @ sums.astype(float)
        moment += sum_of_piece
        answers += sum_of_piece if even else sums.sum(axis=0)
        squared[0] += square @ (sums * sums).astype(float)
        squared[2] += square @ (sums * tally.shown[people]).astype(float)
    cells = np.flatnonzero(total if reported is None else (total > 0) & reported)
    means, total = moment[cells] / total[cells], total[cells]
    influence = MeanInfluence(tally, y, weight, means, total, cells, squared[:, cells])
    return CellMeans(means, cells, influence, answers[cells])
