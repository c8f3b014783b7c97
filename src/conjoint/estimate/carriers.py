"""How many people carry a figure: those whose answers the data really compare.

Where two attributes nearly always go together, their effects are told apart by the few profiles in which they do
not. A thousand people may have seen the level, and one profile of one of them may be all that the effect hangs on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.estimate.linear import Regression
    from conjoint.typing import FloatArray

__all__ = ["Carriers"]


@dataclass(frozen=True, eq=False, slots=True)
class Carriers:
    """Who carries the figures of regressions; see :class:`conjoint.estimates.carrying.Carrying`.

    Formula
        A figure is a sum over profiles of h y, where h hangs on the design and on weights alone. With s_i the sum
        of h^2 over the profiles of person i, (sum s)^2 / sum s^2 equally important people are worth as much as
        all of them. So many people would be N, all of them, had each the same part in it; because weights
        differ they are f N, with f made of the sums of squared weights in the same way. The number is
        (sum s)^2 / sum s^2 / f; of a figure that is made of several regressions, the smallest of theirs.

    Parameters
    ----------
    parts
        The regressions, K_s coefficients each.
    figures
        Of shape (k, sum of K_s): the figures as combinations of all regressions' coefficients.
    """

    parts: tuple[Regression, ...]
    figures: FloatArray

    @classmethod
    def nobody(cls, k: int) -> Carriers:
        """Of k figures that are made of no regression."""
        return cls((), np.zeros((k, 0)))

    def combine(self, matrix: FloatArray) -> Carriers:
        """Linear combinations of the figures; `matrix` of shape (m, k)."""
        return replace(self, figures=matrix @ self.figures)

    def beside(self, other: Carriers) -> Carriers:
        """These figures with `other`'s behind them."""
        mine, theirs = self.figures, other.figures
        figures = np.zeros((len(mine) + len(theirs), mine.shape[1] + theirs.shape[1]))
        figures[: len(mine), : mine.shape[1]] = mine
        figures[len(mine) :, mine.shape[1] :] = theirs
        return Carriers(self.parts + other.parts, figures)

    def people(self) -> FloatArray:
        """How many people each figure hangs on, of shape (k,); infinite where it is made of no regression."""
        fewest = np.full(len(self.figures), np.inf)
        start = 0
        for regression in self.parts:
            stop = start + len(regression.coefficients)
            rows = np.flatnonzero(self.figures[:, start:stop].any(axis=1))
            even = _worth(regression, regression.w)
            everyone = len(np.unique(regression.respondent))
            for row, h in zip(
                rows, _parts_of(regression, self.figures[rows, start:stop]), strict=True
            ):
                fewest[row] = min(fewest[row], _worth(regression, h) * everyone / even)
            start = stop
        return fewest


def _parts_of(regression: Regression, figures: FloatArray) -> Iterator[FloatArray]:
    """What each profile's answer counts for in each figure, each of shape (N,)."""
    by_cell = regression.pattern @ (regression.inverse @ figures.T)
    for column in by_cell.T:
        yield regression.tally.spread(column) * regression.w


def _worth(regression: Regression, counted: FloatArray) -> float:
    """How many people are worth as much as all who count."""
    squares = np.bincount(regression.respondent, counted**2, minlength=regression.G)
    total = float(squares.sum())
    return total**2 / float((squares**2).sum()) if total > 0 else 0.0
