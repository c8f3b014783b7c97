"""Rows of profiles by number: whose they are, and of which task."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from typing import Any

    from conjoint.typing import BoolArray, IntArray

__all__ = ["Keys"]


@dataclass(frozen=True, eq=False)
class Keys:
    """What tells the rows of profiles apart, each of shape (profiles,).

    Parameters
    ----------
    ids
        The ids that occur, in the order in which they come.
    person, task, profile
        Numbers of the ids, and of the names of tasks and profiles; -1 where there is none.
    """

    ids: pd.Index[Any]
    person: IntArray
    task: IntArray
    profile: IntArray

    @classmethod
    def of(cls, profiles: pd.DataFrame) -> Keys:
        """Number the rows of ``respondent, task, profile``."""
        person, ids = _numbered(profiles["respondent"])
        task, profile = (_numbered(profiles[name])[0] for name in ("task", "profile"))
        return cls(ids, person, task, profile)

    @cached_property
    def group(self) -> IntArray:
        """The number of each row's task among all people's tasks; rows without either form some too."""
        return _groups(self._tasks)[0]

    @cached_property
    def first(self) -> IntArray:
        """The first row of each of these tasks."""
        return _groups(self._tasks)[1]

    @property
    def whole(self) -> BoolArray:
        """Whether a row says whose it is and of which task."""
        return (self.person >= 0) & (self.task >= 0)

    @property
    def again(self) -> BoolArray:
        """Whether an earlier row has the same respondent, task and profile."""
        number = self._tasks * (int(self.profile.max(initial=-1)) + 2) + self.profile
        mask = np.ones(len(number), dtype=bool)
        mask[_groups(number)[1]] = False
        return mask

    @cached_property
    def _tasks(self) -> IntArray:
        """A number for each respondent and task, which leaves gaps."""
        tasks = int(self.task.max(initial=-1)) + 2
        return (self.person + 1) * tasks + self.task + 1


def _groups(number: IntArray) -> tuple[IntArray, IntArray]:
    """Numbers without gaps, and the first row of each.

    Rows mostly stand in order already, or nearly: a stable sort is quick then.
    """
    order = np.argsort(number, kind="stable")
    new = np.diff(number[order], prepend=-1) != 0
    group = np.empty(len(number), dtype=np.intp)
    group[order] = np.cumsum(new) - 1
    return group, order[new]


def _numbered(column: pd.Series[Any]) -> tuple[IntArray, pd.Index[Any]]:
    """Number the values as they come; rows of one value mostly stand together, and are looked at once."""
    values = column.to_numpy()
    if isinstance(column.dtype, pd.CategoricalDtype) or not len(values):
        codes, unique = pd.factorize(column)
        return codes.astype(np.intp, copy=False), pd.Index(unique)
    try:
        starts = np.flatnonzero(np.append(True, values[1:] != values[:-1]))
    except TypeError:  # missing values that are neither alike nor different
        starts = np.arange(len(values))
    codes, unique = pd.factorize(column.iloc[starts])
    return np.repeat(codes, np.diff(starts, append=len(values))), pd.Index(unique)
