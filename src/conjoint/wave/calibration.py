"""How a wave's weights were made, with what an interval has to know of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from conjoint.wave.linearise import Linearised

if TYPE_CHECKING:
    from conjoint.survey import Targets
    from conjoint.typing import Distance, FloatArray, IntArray

__all__ = ["Calibration"]


@dataclass(frozen=True, eq=False, slots=True)
class Calibration:
    """How a wave's weights were made: the targets met, the weights they started from, and the price.

    Parameters
    ----------
    targets
        What the weights meet; no margins where weights were trimmed and nothing else.
    start
        The weights before, of shape (respondents,): the design weights.
    cell
        For each respondent a row of `columns`, of shape (respondents,); -1 for respondents whose
        starting weight is zero.
    columns
        What the constraints sum up, cell by cell and linearly independent, of shape (cells, p):
        indicators of categories; numbers less their target mean; for a target of a segment, within
        it, indicators less their share. The total is among the combinations of the columns.
    labels
        For each column the margin and the category it is about, as targets.csv writes them: p pairs.
        The category is "mean" where the target is one; the column of the total is ("", "total").
        Categories that have no column follow from the others.
    rounds
        Rounds and steps it took.
    discrepancy
        The largest miss of a target: part of all weight, or of a standard deviation for a mean.
    slope
        How readily each respondent's weight moves, of shape (respondents,): d F'(u) for start weight d
        and weight d F(u). None for the start weights.
    distance
        What was kept small between the weights and the start.
    bounds
        The smallest and largest weight over starting weight (both scaled to a mean of one).
    limits
        Where the weights were trimmed: the smallest and largest, the mean being one.
    again
        Whether the targets were met again after trimming.
    trimmed
        Share of the respondents whose weight is held at a limit.
    drawn
        How each cell's people move the targets of `columns` that hang on the sample, of shape
        (cells, p): people without an answer keep their share, which is that of the sample. None where
        all targets are known.
    design_effect_start, design_effect_before, design_effect
        Kish's design effect of the weights at the start, before trimming, and as they are.
    """

    targets: Targets
    start: FloatArray
    cell: IntArray
    columns: FloatArray
    labels: tuple[tuple[str, str], ...] = ()
    rounds: int = 0
    discrepancy: float = 0.0
    slope: FloatArray | None = None
    distance: Distance = "raking"
    bounds: tuple[float, float] | None = None
    limits: tuple[float, float] | None = None
    again: bool = True
    trimmed: float = 0.0
    drawn: FloatArray | None = None
    design_effect_start: float = 1.0
    design_effect_before: float = 1.0
    design_effect: float = 1.0

    def __post_init__(self) -> None:
        for array in (self.start, self.cell, self.columns):
            array.setflags(write=False)

    def basis(self) -> FloatArray:
        """Each respondent's row of `columns`, of shape (respondents, p); zeros without a weight."""
        return self._spread(self.columns)

    def _spread(self, cells: FloatArray) -> FloatArray:
        spread = cells[self.cell]
        spread[self.cell < 0] = 0.0
        return np.asarray(spread)

    def linearised(self, weights: FloatArray) -> Linearised | None:
        """How the weights give way; None where they were made to no targets."""
        if not self.columns.shape[1]:
            return None
        moved = None
        if self.drawn is not None:
            scale = self.start * (weights.sum() / self.start.sum())
            moved = scale[:, None] * self._spread(self.drawn)
        slope = self.start if self.slope is None else self.slope
        return Linearised(self.basis(), self.start, slope, weights, moved)
