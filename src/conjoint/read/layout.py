"""Wide and long files brought to one shape: one row a profile, still text.

Nothing is interpreted here; :mod:`conjoint.read.encode` does that for both layouts.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import DataError, Fault
from conjoint.wave.frame import constant_columns

if TYPE_CHECKING:
    from conjoint.read.text import Responses
    from conjoint.survey import Data, Survey
    from conjoint.typing import BoolArray, IntArray

__all__ = ["Long", "as_long"]


@dataclass(frozen=True, eq=False, slots=True)
class Long:
    """One row a profile, as text.

    Parameters
    ----------
    respondents
        One row a respondent: ``respondent`` and the file's respondent-level columns.
    respondent_rows
        For each respondent, the position of its (first) row in the file.
    profiles
        ``respondent, task, profile``, then one column an attribute and an outcome.
    profile_rows
        For each profile, the position of its row in the file.
    unread
        By attribute or outcome, the profiles whose cell the file has no column for; of shape
        (profiles,). Only names with any.
    """

    responses: Responses
    survey: Survey
    data: Data
    respondents: pd.DataFrame
    respondent_rows: IntArray
    profiles: pd.DataFrame
    profile_rows: IntArray
    unread: dict[str, BoolArray] = field(default_factory=dict)

    def place(self, row: int, name: str) -> str:
        """Where the cell of a profile row stands in the file; `name` an attribute or outcome."""
        column = name
        if name in self.survey.attributes or name in self.survey.outcomes:
            task, profile = (str(self.profiles[key].iloc[row]) for key in ("task", "profile"))
            column = self.survey.column(name, task, profile)
        elif name in ("task", "profile") and self.data.layout == "long":
            column = {"task": self.data.task, "profile": self.data.profile}[name] or name
        return self.responses.place(int(self.profile_rows[row]), column)

    def place_respondent(self, row: int, name: str) -> str:
        """Where the cell of a respondent stands in the file."""
        column = {"respondent": self.data.respondent, "weight": self.data.weight}.get(name, name)
        return self.responses.place(int(self.respondent_rows[row]), column)


def as_long(responses: Responses, survey: Survey, data: Data) -> tuple[Long, list[Fault]]:
    """Bring the file to one row a profile.

    Columns that the survey declares and the file does not have are named. Those of attributes and
    outcomes are read as if they were empty, so that the others can still be looked at.

    Raises
    ------
    DataError
        The rows cannot be told apart: no column of respondents, tasks or profiles.
    """
    faults = responses.missing(_columns(survey, data))
    if responses.missing(_keys(data)):
        raise DataError(*faults)
    present = responses.cells
    absent = [name for name in dict.fromkeys(_task_columns(survey, data)) if name not in present]
    empty = pd.DataFrame(None, index=present.index, columns=absent, dtype=object)
    filled = replace(responses, cells=pd.concat([present, empty], axis=1) if absent else present)
    long, found = (_wide if data.layout == "wide" else _long)(filled, survey, data, absent)
    return long, faults + found


def _names(survey: Survey) -> tuple[str, ...]:
    return (*survey.attributes, *survey.outcomes)


def _tasks(data: Data) -> tuple[str, ...]:
    return data.tasks if data.repeat is None else (*data.tasks, data.repeat.task)


def _task_columns(survey: Survey, data: Data) -> list[str]:
    if data.layout == "long":
        return [survey.column(name, "", "") for name in _names(survey)]
    return [
        survey.column(name, task, profile)
        for task in _tasks(data)
        for profile in data.profiles
        for name in _names(survey)
    ]


def _respondent_columns(survey: Survey) -> list[str]:
    """Columns that questions, segments and margins need."""
    needed = [survey.question_column(name) for name in survey.questions]
    for segment in survey.segments.values():
        needed += [column for column, _ in segment.where.conditions()]
    for margin in survey.targets.margins if survey.targets else ():
        needed += margin.columns
    return list(dict.fromkeys(needed))


def _keys(data: Data) -> list[str]:
    """The columns that say whose row it is, and which."""
    own = [data.respondent, *((data.task, data.profile) if data.layout == "long" else ())]
    return [name for name in own if name]


def _columns(survey: Survey, data: Data) -> list[str]:
    """Every column of the file that the survey declares."""
    own = [name for name in (data.weight, data.duration, *data.respondent_columns) if name]
    return _keys(data) + own + _respondent_columns(survey) + _task_columns(survey, data)


def _wide(
    responses: Responses, survey: Survey, data: Data, absent: list[str]
) -> tuple[Long, list[Fault]]:
    cells = responses.cells
    n, shown = len(cells), [(task, who) for task in _tasks(data) for who in data.profiles]
    taken = {*_task_columns(survey, data), data.respondent, "respondent"}
    respondents = pd.DataFrame({"respondent": cells[data.respondent]})
    for name in cells.columns:
        if name and name not in taken:
            respondents[name] = cells[name]
    rows = np.repeat(np.arange(n, dtype=np.intp), len(shown))
    profiles = pd.DataFrame(
        {
            "respondent": cells[data.respondent].to_numpy()[rows],
            "task": np.tile(np.array([task for task, _ in shown], dtype=object), n),
            "profile": np.tile(np.array([who for _, who in shown], dtype=object), n),
        }
    )
    unread = {}
    for name in _names(survey):
        columns = [survey.column(name, task, who) for task, who in shown]
        profiles[name] = cells[columns].to_numpy(dtype=object).ravel()
        if not set(columns).isdisjoint(absent):
            unread[name] = np.tile([column in absent for column in columns], n)
    each = np.arange(n, dtype=np.intp)
    return Long(responses, survey, data, respondents, each, profiles, rows, unread), []


def _long(
    responses: Responses, survey: Survey, data: Data, absent: list[str]
) -> tuple[Long, list[Fault]]:
    cells = responses.cells
    respondent = cells[data.respondent]
    kept = list(dict.fromkeys([*data.respondent_columns, *_respondent_columns(survey)]))
    kept += [name for name in (data.weight, data.duration) if name and name not in kept]
    kept = [name for name in kept if name in cells]
    first, faults = constant_columns(cells, respondent, kept, responses.place)
    if respondent.isna().any():
        row = int(np.flatnonzero(respondent.isna())[0])
        faults.append(
            Fault(
                responses.place(row, data.respondent),
                "has no respondent id",
                "an id in every row",
            )
        )
        raise DataError(*faults)
    respondents = pd.DataFrame({"respondent": respondent.iloc[first]})
    for name in kept:
        respondents[name] = cells[name].iloc[first]
    profiles = pd.DataFrame({"respondent": respondent})
    profiles["task"] = cells[data.task] if data.task else "1"
    if data.profile:
        profiles["profile"] = cells[data.profile]
    else:
        within = profiles.groupby(["respondent", "task"], sort=False, dropna=False)
        profiles["profile"] = (within.cumcount() + 1).astype(str).astype(object)
    unread = {}
    for name in _names(survey):
        column = survey.column(name, "", "")
        profiles[name] = cells[column]
        if column in absent:
            unread[name] = np.ones(len(cells), dtype=bool)
    long = Long(
        responses,
        survey,
        data,
        respondents.reset_index(drop=True),
        first,
        profiles,
        np.arange(len(cells), dtype=np.intp),
        unread,
    )
    return long, faults
