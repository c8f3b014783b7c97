"""A wave's rows laid out by respondent, task and profile, for checks that compare tasks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from conjoint.typing import BoolArray, FloatArray, IntArray
    from conjoint.wave import Wave

__all__ = ["Grid", "grid_of"]

SPARSE = 12
"""Cells of the grid for each row from which tasks are taken to have names of each person's own."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Where the row of each respondent, task and profile stands.

    Parameters
    ----------
    tasks, profiles
        Their names, in order.
    row
        Position in the frame laid out, of shape (respondents, tasks, profiles); -1 where there is
        none.
    """

    tasks: tuple[str, ...]
    profiles: tuple[str, ...]
    row: IntArray

    @cached_property
    def shown(self) -> BoolArray:
        """Which tasks a respondent was shown whole, of shape (respondents, tasks)."""
        whole = np.ones(self.row.shape[:2], dtype=bool)
        for place in range(self.row.shape[2]):
            whole &= self.row[:, :, place] >= 0
        whole.setflags(write=False)
        return whole

    def values(self, column: FloatArray) -> FloatArray:
        """A column of numbers, laid out; NaN where there is no row."""
        laid: FloatArray = column[self.row]
        laid[self.row < 0] = np.nan
        return np.asarray(laid)

    def chosen(self, outcome: FloatArray) -> FloatArray:
        """The position of the profile chosen, of shape (respondents, tasks).

        NaN where the task was not answered, or none of its profiles was chosen.
        """
        won = self.values(outcome) == 1
        place = won.argmax(axis=2).astype(float)
        place[~won.any(axis=2)] = np.nan
        return np.asarray(place)


_LAID_OUT: WeakKeyDictionary[Wave, Grid | None] = WeakKeyDictionary()


def grid_of(wave: Wave) -> Grid | None:
    """Lay out a wave's profiles, once for all checks; None where tasks have nothing in common."""
    if wave not in _LAID_OUT:
        _LAID_OUT[wave] = _lay_out(wave)
    return _LAID_OUT[wave]


def _lay_out(wave: Wave) -> Grid | None:
    frame, person = wave.profiles, wave.respondent_index
    each = [pd.Categorical(frame[name]).remove_unused_categories() for name in ("task", "profile")]
    names = [tuple(map(str, own.categories)) for own in each]
    shape = (wave.n_respondents, len(names[0]), len(names[1]))
    if np.prod(shape, dtype=float) > SPARSE * max(len(frame), 1):
        return None
    row = np.full(shape, -1, dtype=np.intp)
    row[person, each[0].codes, each[1].codes] = np.arange(len(frame))
    row.setflags(write=False)
    return Grid(names[0], names[1], row)
