"""Wide and long files brought to one shape: one row a profile, cells still as codes of texts.

Nothing is interpreted here; :mod:`conjoint.read.encode` does that for both layouts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import DataError, Fault
from conjoint.read.positions import place_attributes, stated_positions
from conjoint.read.wide import Wide, stacked, texts_of
from conjoint.wave.frame import constant_columns

if TYPE_CHECKING:
    from typing import Literal

    from conjoint.read.responses import Responses
    from conjoint.survey import Data, Survey
    from conjoint.typing import BoolArray, IntArray

__all__ = ["Long", "as_long", "columns_of_rows", "key_columns", "people_of", "used_columns"]


@dataclass(frozen=True, eq=False, slots=True)
class Long:
    """One row a profile; attributes, outcomes and respondents' answers are categoricals of texts.

    Parameters
    ----------
    respondents
        One row a respondent: ``respondent`` (text) and the file's respondent-level columns.
    respondent_rows
        For each respondent, the position of its (first) row in the file.
    profiles
        ``respondent, task, profile``, then one column an attribute and an outcome.
    profile_rows
        For each profile, the position of its row in the file.
    group
        For each profile, the number of its task among all respondents' tasks.
    lent
        Whether a profile's attributes are those of another task, of shape (profiles,).
    positions
        For each profile, at which place (from 1 on, 0 where nowhere) each attribute stood.
    unread
        By attribute or outcome, the profiles whose cell cannot be looked at, as a fault says; of
        shape (profiles,). Only names with any.
    notes
        What was seen and let pass, each a sentence.
    """

    responses: Responses
    survey: Survey
    data: Data
    respondents: pd.DataFrame
    respondent_rows: IntArray
    profiles: pd.DataFrame
    profile_rows: IntArray
    group: IntArray
    lent: BoolArray
    positions: pd.DataFrame | None = None
    unread: dict[str, BoolArray] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def decimal_of(self, column: str = "") -> Literal[".", ","]:
        """What marks decimals in a column; in those of the responses' own without one."""
        return self.responses.decimal_of(column, self.data.decimal)

    def place(self, row: int, name: str) -> str:
        """Where the cell of a profile row stands in the file; `name` an attribute or outcome."""
        return self.responses.place(int(self.profile_rows[row]), self.column(row, name))

    def column(self, row: int, name: str) -> str:
        """The file's column that holds an attribute or outcome of a profile row."""
        column, survey, data = name, self.survey, self.data
        if name in survey.attributes or name in survey.outcomes:
            task, profile = (str(self.profiles[key].iloc[row]) for key in ("task", "profile"))
            if data.layout == "long":
                column = survey.column(name, task, profile)
            else:
                placed = self.positions is not None and name in self.positions
                position = int(self.positions[name].iloc[row]) if placed else 0  # type: ignore[index]
                column = Wide.declared(survey, data).column_of(name, task, profile, position)
        elif data.layout == "long":
            column = {"task": data.task_column, "profile": data.profile}.get(name) or name
        return column

    def columns_of(self, name: str) -> list[str]:
        """The columns of an attribute or outcome, one a profile shown; the one of a long file."""
        if self.data.layout == "long":
            return [self.survey.column(name, "", "")]
        shown = len(self.profiles) // max(1, len(self.respondents))
        return [self.column(row, name) for row in range(shown)]

    def seen(self) -> BoolArray:
        """Whether anything stands in the cells of a profile's task, of shape (profiles,)."""
        filled = np.zeros(len(self.profiles), dtype=bool)
        for name in (*self.survey.attributes, *self.survey.outcomes):
            cells = self.profiles[name].cat.codes.to_numpy() >= 0
            # Profiles of another task do not say that this one was seen.
            filled |= cells & ~self.lent if name in self.survey.attributes else cells
        return np.asarray(np.bincount(self.group, filled)[self.group] > 0)

    def place_respondent(self, row: int, name: str) -> str:
        """Where the cell of a respondent stands in the file."""
        column = {"respondent": self.data.respondent, "weight": self.data.weight}.get(name, name)
        if name in self.survey.recode:
            column = self.survey.recode[name].of or name
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
    wide: Wide | None = None
    notes: list[str] = []
    if data.layout == "wide":
        wide, notes = Wide.declared(survey, data).without_absent(responses.cells)
        _, told = wide.never_shown(responses.cells)
        notes = [*notes, *told]
    faults = responses.absent(used_columns(survey, data, wide, responses.cells))
    if responses.absent(key_columns(data)):
        raise DataError(*faults)
    long, found = _long(responses, survey, data) if wide is None else _wide(responses, wide, notes)
    return long, faults + found


def used_columns(
    survey: Survey, data: Data, wide: Wide | None = None, cells: pd.DataFrame | None = None
) -> list[str]:
    """Every column that survey.toml names; `wide` says which tasks the file holds, all without it.

    Columns that the file has no need of (`Wide.never_shown`) are left out where its `cells` are given.
    """
    if data.layout == "wide":
        wide = wide or Wide.declared(survey, data)
        never = set() if cells is None else wide.never_shown(cells)[0]
        tasks = [name for name in wide.columns() if name not in never]
    else:
        tasks = [survey.column(name, "", "") for name in (*survey.attributes, *survey.outcomes)]
    own = [name for name in (data.weight, data.duration, *data.respondent_columns) if name]
    return list(
        dict.fromkeys([*key_columns(data), *own, *_respondent_columns(survey, data), *tasks])
    )


def key_columns(data: Data) -> list[str]:
    """The columns that say whose row it is, and which."""
    own = [data.respondent, *((*data.task, data.profile) if data.layout == "long" else ())]
    return [name for name in own if name]


def columns_of_rows(survey: Survey, data: Data) -> set[str]:
    """The columns of a long file that differ from row to row: of attributes and outcomes."""
    if data.layout == "wide":
        return set()
    return {survey.column(name, "", "") for name in (*survey.attributes, *survey.outcomes)}


def _respondent_columns(survey: Survey, data: Data) -> list[str]:
    """Columns that questions, arms, segments, exclusions, margins and the audit need."""
    needed = [*survey.asked_columns(), *survey.arm_columns]
    for segment in survey.segments.values():
        needed += [column for column, _ in segment.where.conditions()]
    of_rows = columns_of_rows(survey, data)
    for rule in survey.exclusions.values():
        conditions = rule.where.conditions() if rule.where is not None else ()
        needed += [column for column, _ in conditions if column not in of_rows]
    for margin in survey.targets.margins if survey.targets else ():
        needed += margin.columns
    return list(dict.fromkeys([*needed, *survey.audit.covariates]))


def people_of(
    responses: Responses, survey: Survey, data: Data
) -> tuple[pd.DataFrame, IntArray, IntArray, list[Fault]]:
    """Respondents with their columns, their first rows, and for each row of the file its respondent.

    A row without an id, in a long file, belongs to -1. The faults are columns that differ between
    the rows of a respondent.
    """
    cells = responses.cells
    ids = texts_of(cells[data.respondent])
    if data.layout == "wide":
        taken = {*Wide.declared(survey, data).columns(), data.respondent, "respondent", ""}
        # A question may be asked of a column that also answers a task.
        taken -= {*_respondent_columns(survey, data)} - {data.respondent, "respondent", ""}
        kept = [name for name in cells.columns if name not in taken]
        owner = np.arange(len(cells), dtype=np.intp)
        first, faults = owner, []
    else:
        own = [
            *data.respondent_columns,
            *_respondent_columns(survey, data),
            data.weight,
            data.duration,
        ]
        kept = [name for name in dict.fromkeys(own) if name in cells and name != "respondent"]
        owner = pd.factorize(ids)[0].astype(np.intp)
        rows = np.flatnonzero(owner >= 0)
        first = rows[np.unique(owner[rows], return_index=True)[1]].astype(np.intp)
        faults = constant_columns(cells, ids, kept, responses.place)[1]
    respondents = cells[kept].iloc[first].reset_index(drop=True)
    respondents.insert(0, "respondent", ids.iloc[first].reset_index(drop=True))
    return respondents, first, owner, faults


def _wide(responses: Responses, wide: Wide, notes: list[str]) -> tuple[Long, list[Fault]]:
    cells, survey, data, shown = responses.cells, wide.survey, wide.data, wide.shown
    respondents, first, _, faults = people_of(responses, survey, data)
    n, tasks = len(cells), list(dict.fromkeys(task for task, _ in shown))
    rows = np.repeat(first, len(shown))
    task = np.tile(np.array([tasks.index(own) for own, _ in shown], dtype=np.intp), n)
    who = np.tile(np.array([data.profiles.index(own) for _, own in shown], dtype=np.intp), n)
    columns: dict[str, object] = {
        "respondent": respondents["respondent"].iloc[rows].reset_index(drop=True),
        "task": pd.Categorical.from_codes(task, pd.Index(tasks, dtype=object)),
        "profile": pd.Categorical.from_codes(who, pd.Index(data.profiles, dtype=object)),
    }
    unread, positions = {}, None
    if data.name:
        placed = place_attributes(responses, wide)
        columns |= placed.levels
        unread, positions = placed.unread, placed.positions
        faults, notes = [*faults, *placed.faults], [*notes, *placed.notes]
    never, _ = wide.never_shown(cells)
    for name in (*survey.attributes, *survey.outcomes):
        if name in columns:
            continue
        own = [wide.column_of(name, *pair) for pair in shown]
        columns[name] = stacked(cells, own)
        lost = [column not in cells and column not in never for column in own]
        if any(lost):
            unread[name] = np.tile(lost, n)
    long = Long(
        responses,
        survey,
        data,
        respondents,
        first,
        pd.DataFrame(columns),
        rows,
        rows * len(tasks) + task,
        np.tile([wide.is_lent(own) for own, _ in shown], n),
        positions,
        unread,
        tuple(notes),
    )
    return long, faults


def _long(responses: Responses, survey: Survey, data: Data) -> tuple[Long, list[Fault]]:
    cells = responses.cells
    respondents, first, owner, faults = people_of(responses, survey, data)
    if (owner < 0).any():
        where = responses.place(int(np.flatnonzero(owner < 0)[0]), data.respondent)
        raise DataError(*faults, Fault(where, "has no respondent id", "an id in every row"))
    columns: dict[str, object] = {
        "respondent": respondents["respondent"].iloc[owner].reset_index(drop=True)
    }
    task_cells = cells[data.task_column] if data.task else pd.Categorical(["1"] * len(cells))
    columns["task"] = task_cells
    profiles = pd.DataFrame(columns, index=cells.index)
    task, _ = pd.factorize(profiles["task"])
    group = np.unique(owner * (task.max() + 2) + task + 1, return_inverse=True)[1]
    if data.profile:
        profiles["profile"] = cells[data.profile]
    else:
        within = profiles.groupby(group, sort=False).cumcount() + 1
        profiles["profile"] = within.astype(str).astype(object).astype("category")
    unread = {}
    for name in (*survey.attributes, *survey.outcomes):
        column = survey.column(name, "", "")
        profiles[name] = stacked(cells, [column])
        if column not in cells:
            unread[name] = np.ones(len(cells), dtype=bool)
    rows = np.arange(len(cells), dtype=np.intp)
    lent = np.zeros(len(cells), dtype=bool)
    positions, found = stated_positions(responses, survey, data)
    long = Long(
        responses, survey, data, respondents, first, profiles, rows, group, lent, positions, unread
    )
    return long, [*faults, *found]
