"""How many people carry a figure: those whose answers the data really compare.

Where two attributes nearly always go together, their effects are told apart by the few profiles in which they do
not. A thousand people may have seen the level, and one profile of one of them may be all that the effect hangs on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.estimate.linear import Regression
    from conjoint.typing import FloatArray, IntArray

__all__ = ["Carriers"]

NOTHING = 1e-12


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
    k
        How many figures there are.
    parts
        For each regression it, the places of the figures that are made of it, of shape (m,), and these as
        combinations of its coefficients, of shape (m, K).
    """

    k: int
    parts: tuple[tuple[Regression, IntArray, FloatArray], ...] = ()

    @classmethod
    def of(cls, regression: Regression, figures: FloatArray) -> Carriers:
        """Of figures that are combinations of one regression's coefficients, (k, K)."""
        return cls(len(figures), ((regression, np.arange(len(figures)), figures),))

    def combine(self, matrix: FloatArray) -> Carriers:
        """Linear combinations of the figures; `matrix` of shape (m, k)."""
        parts = []
        for regression, places, figures in self.parts:
            made = matrix[:, places] @ figures
            # What cancels out but for rounding is nothing.
            some = np.abs(made).max(axis=1, initial=0) > NOTHING * np.abs(figures).max(initial=0)
            parts.append((regression, np.flatnonzero(some), made[some]))
        return Carriers(len(matrix), tuple(part for part in parts if len(part[1])))

    def take(self, rows: IntArray) -> Carriers:
        """Some of the figures."""
        parts = []
        for regression, places, figures in self.parts:
            where = np.full(self.k, -1, dtype=np.intp)
            where[places] = np.arange(len(places))
            kept = np.flatnonzero(where[rows] >= 0)
            parts.append((regression, kept, figures[where[rows][kept]]))
        return Carriers(len(rows), tuple(part for part in parts if len(part[1])))

    def beside(self, other: Carriers) -> Carriers:
        """These figures with `other`'s behind them."""
        behind = tuple((own, places + self.k, figures) for own, places, figures in other.parts)
        return Carriers(self.k + other.k, self.parts + behind)

    def people(self) -> FloatArray:
        """How many people each figure hangs on, of shape (k,); infinite where it is made of no regression."""
        fewest = np.full(self.k, np.inf)
        for regression, places, figures in self.parts:
            some = np.flatnonzero(figures.any(axis=1))
            even = _worth(regression, regression.w)
            everyone = len(np.unique(regression.respondent))
            parts = _parts_of(regression, figures[some])
            for place, h in zip(places[some], parts, strict=True):
                fewest[place] = min(fewest[place], _worth(regression, h) * everyone / even)
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
