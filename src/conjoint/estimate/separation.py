"""Answers that levels decide altogether: there a logit or probit has no finite coefficients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import EstimationError, Fault, choices
from conjoint.estimate.design import cell_names

if TYPE_CHECKING:
    from conjoint.estimate.additive import BlockFit
    from conjoint.estimate.sample import Sample
    from conjoint.typing import BoolArray, FloatArray

__all__ = ["DECIDED", "SETTLED", "check_sides", "diverged"]

DECIDED = 1e-10
"""A fitted variance p (1 - p) this small is on its way to zero: the answer is decided."""
SETTLED = 1e-8
"""A Newton step this small, in coefficients, is at the maximum up to rounding."""
EXPECTED = "answers of both kinds at every level"
DO = "Merge levels, or widen the group; the linear model of amce needs neither."


def check_sides(
    sample: Sample, fit: BlockFit, never: BoolArray, always: BoolArray, words: tuple[str, str]
) -> None:
    """Refuse cells at which all answers are the same.

    Parameters
    ----------
    never, always
        Where the answer never is yes, and where it always is; of shape (all cells,).
    words
        What to say of the one and of the other, ``{}`` for the level.
    """
    survey = sample.wave.survey
    names = [cell for block in fit.blocks for cell in cell_names(survey, block.attributes)]
    faults = [
        Fault(
            f'{sample.where}, attribute "{names[cell][0]}"',
            f"{words[int(always[cell])].format(names[cell][1])}, so that its coefficient has no "
            "finite value",
            EXPECTED,
            DO,
        )
        for cell in np.flatnonzero(never | always)
    ]
    if faults:
        raise EstimationError(*faults)


def diverged(sample: Sample, fit: BlockFit, coefficients: FloatArray) -> EstimationError:
    """The error for coefficients, of shape (K,), that grow without end."""
    size = np.abs(np.nan_to_num(coefficients, nan=np.inf))
    size[0] = 0.0
    largest = np.flatnonzero(size >= size.max() / 2)
    named = [f'"{fit.cells[column][1]}" of {fit.cells[column][0]}' for column in largest]
    return EstimationError(
        Fault(
            sample.where,
            f"{choices(named, 4)} decide some answers altogether with other levels, so that their "
            "coefficients have no finite values",
            EXPECTED,
            DO,
        )
    )
