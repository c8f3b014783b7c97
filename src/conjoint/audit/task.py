"""Tasks whose profiles are all alike: which they are, and how many the design implies; and arms."""

from __future__ import annotations

from itertools import combinations, compress
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.estimate.design import drawn_of, find_components

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.audit.grid import Grid
    from conjoint.typing import BoolArray, FloatArray, IntArray
    from conjoint.wave import Wave

__all__ = ["alike_tasks", "arms_of", "implied_alike", "shows_twins"]

ENOUGH = 20
"""People who see just the same attributes, from which an arm of their own can be judged."""


def alike_tasks(wave: Wave, grid: Grid) -> BoolArray:
    """Which tasks show one profile several times, of shape (respondents, tasks)."""
    alike = grid.shown.copy()
    for name in wave.survey.attributes:
        shown = wave.codes(name)[grid.row]
        for place in range(1, shown.shape[2]):
            alike &= shown[:, :, place] == shown[:, :, 0]
    return alike


def shows_twins(wave: Wave, grid: Grid) -> bool:
    """Whether any task shows two profiles that are alike, among others or alone."""
    for first, second in combinations(range(len(grid.profiles)), 2):
        twins = grid.shown
        for name in wave.survey.attributes:
            shown = wave.codes(name)[grid.row]
            twins = twins & (shown[:, :, first] == shown[:, :, second])
        if twins.any():
            return True
    return False


def implied_alike(wave: Wave, grid: Grid, n: int) -> FloatArray:
    """For each task shown, the probability that n profiles drawn apart are alike.

    The sum of p(profile) ** n; nought where they show different attributes, or one in which the
    profiles of a task differ.
    """
    implied = np.ones(int(grid.shown.sum()))
    for component in find_components(wave.survey):
        if all(wave.survey.attributes[name].is_always for name in component):
            implied *= _alike(wave, component, n)
        else:
            implied *= _alike_where_shown(wave, grid, component, n)
    return implied


def _alike(wave: Wave, names: Sequence[str], n: int) -> float:
    """How likely n profiles that show just these attributes of a part are alike in them."""
    if set(names) & set(wave.survey.distinct):
        return 0.0
    return float((drawn_of(wave.survey, names) ** n).sum())


def _alike_where_shown(wave: Wave, grid: Grid, component: tuple[str, ...], n: int) -> FloatArray:
    """For each task, how likely its profiles are alike in some attributes, given which they show."""
    shows = np.stack([wave.shows(name)[grid.row[grid.shown]] for name in component])
    same = (shows == shows[:, :, :1]).all(axis=(0, 2))
    index, first = _distinct(shows[:, :, 0])
    likely = [_alike(wave, tuple(compress(component, own)), n) for own in shows[:, first, 0].T]
    return np.asarray(np.where(same, np.array(likely)[index], 0.0))


def arms_of(wave: Wave) -> IntArray:
    """A number for each respondent's arm: people whose tasks are as likely to be equal.

    Who sees the same attributes in all tasks is in an arm with those who see just these, where there
    are enough of them.
    """
    arms = np.zeros(wave.n_respondents, dtype=np.intp)
    for column in wave.survey.arm_columns:
        own, names = pd.factorize(wave.respondents[column])
        arms = arms * (len(names) + 1) + own + 1
    seen = pd.DataFrame(index=pd.RangeIndex(wave.n_profiles))
    for name, attribute in wave.survey.attributes.items():
        if not attribute.is_always:
            seen[name] = wave.shows(name)
    if seen.empty:
        return arms
    number = pd.Series(pd.factorize(pd.util.hash_pandas_object(seen, index=False))[0])
    by_person = number.groupby(wave.respondent_index).agg(["first", "nunique"])
    by_person = by_person.reindex(range(wave.n_respondents), fill_value=0)
    first = np.where(by_person["nunique"] == 1, by_person["first"] + 1, 0)
    first[np.bincount(first)[first] < ENOUGH] = 0
    return np.where(first > 0, arms.max() + first, arms)


def _distinct(marks: BoolArray) -> tuple[IntArray, IntArray]:
    """Number the different columns of some rows, and say where each stands first."""
    index: IntArray = np.zeros(marks.shape[1], dtype=np.intp)
    for row in marks:
        index = pd.factorize(2 * index + row)[0].astype(np.intp)
    return index, np.unique(index, return_index=True)[1]
