"""Tasks whose profiles are all alike: which they are, and how many the design implies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjoint.estimate.design import block_for, find_components

if TYPE_CHECKING:
    from conjoint.audit.grid import Grid
    from conjoint.survey import Survey
    from conjoint.typing import BoolArray
    from conjoint.wave import Wave

__all__ = ["alike_tasks", "implied_alike"]


def alike_tasks(wave: Wave, grid: Grid) -> BoolArray:
    """Which tasks show one profile several times, of shape (respondents, tasks)."""
    alike = grid.shown
    for name in wave.survey.attributes:
        shown = wave.codes(name)[grid.row]
        alike &= (shown[:, :, 1:] == shown[:, :, :1]).all(axis=2)
    return alike


def implied_alike(survey: Survey, n: int) -> float:
    """The probability that n profiles drawn apart are alike: the sum of p(profile) ** n."""
    implied = 1.0
    for component in find_components(survey):
        implied *= float((block_for(survey, component).probabilities ** n).sum())
    return implied
