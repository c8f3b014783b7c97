"""Tasks whose profiles are all alike: which they are, and how many the design implies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.estimate.design import block_for, drawn_of, find_components

if TYPE_CHECKING:
    from conjoint.audit.grid import Grid
    from conjoint.typing import BoolArray, FloatArray, IntArray
    from conjoint.wave import Wave

__all__ = ["alike_tasks", "implied_alike"]


def alike_tasks(wave: Wave, grid: Grid) -> BoolArray:
    """Which tasks show one profile several times, of shape (respondents, tasks)."""
    alike = grid.shown
    for name in wave.survey.attributes:
        shown = wave.codes(name)[grid.row]
        alike &= (shown[:, :, 1:] == shown[:, :, :1]).all(axis=2)
    return alike


def implied_alike(wave: Wave, grid: Grid, n: int) -> float:
    """The probability that n profiles drawn apart are alike: the sum of p(profile) ** n.

    Averaged over the tasks, whose profiles have to show the same attributes.
    """
    survey = wave.survey
    if survey.distinct:
        return 0.0
    implied, tasks = 1.0, np.ones(int(grid.shown.sum()))
    for component in find_components(survey):
        if all(survey.attributes[name].is_always for name in component):
            implied *= float((block_for(survey, component).probabilities ** n).sum())
        else:
            tasks *= _alike_where_shown(wave, grid, component, n)
    return implied * float(tasks.mean()) if len(tasks) else implied


def _alike_where_shown(wave: Wave, grid: Grid, component: tuple[str, ...], n: int) -> FloatArray:
    """For each task, how likely its profiles are alike in some attributes, given which they show."""
    shows = np.stack([wave.shows(name)[grid.row[grid.shown]] for name in component])
    same = (shows == shows[:, :, :1]).all(axis=(0, 2))
    index, first = _distinct(shows[:, :, 0])
    likely = []
    for pattern in shows[:, first, 0].T:
        names = [name for name, has in zip(component, pattern, strict=True) if has]
        likely.append((drawn_of(wave.survey, names) ** n).sum())
    return np.asarray(np.where(same, np.array(likely)[index], 0.0))


def _distinct(marks: BoolArray) -> tuple[IntArray, IntArray]:
    """Number the different columns of some rows, and say where each stands first."""
    index: IntArray = np.zeros(marks.shape[1], dtype=np.intp)
    for row in marks:
        index = pd.factorize(2 * index + row)[0].astype(np.intp)
    return index, np.unique(index, return_index=True)[1]
