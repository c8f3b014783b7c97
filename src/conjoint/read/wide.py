"""Which column of a wide file holds which cell, and many columns as one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.errors import choices
from conjoint.survey.data import column_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.survey import Data, Survey

__all__ = ["Wide", "stacked", "texts_of"]


@dataclass(frozen=True, slots=True)
class Wide:
    """The columns of a wide file.

    Parameters
    ----------
    shown
        The (task, profile) pairs that the file holds, the repeated task last.
    """

    survey: Survey
    data: Data
    shown: tuple[tuple[str, str], ...]

    @classmethod
    def declared(cls, survey: Survey, data: Data) -> Wide:
        """Every profile in every task."""
        tasks = data.tasks if data.repeat is None else (*data.tasks, data.repeat.task)
        return cls(survey, data, tuple((task, who) for task in tasks for who in data.profiles))

    def is_lent(self, task: str) -> bool:
        """Whether the file holds nothing but the answer to a task that repeats another."""
        repeat = self.data.repeat
        return repeat is not None and repeat.attributes == "same" and task == repeat.task

    def lender(self, task: str, profile: str) -> tuple[str, str]:
        """Whose cells say what a profile shows: its own, or those of the profile it repeats.

        Flipped profiles stand in the reverse of their order.
        """
        repeat = self.data.repeat
        if repeat is None or not self.is_lent(task):
            return task, profile
        profiles = self.data.profiles
        turned = dict(zip(profiles, reversed(profiles), strict=True))
        return repeat.of, turned[profile] if repeat.flipped else profile

    def column_of(self, name: str, task: str, profile: str, position: int = 0) -> str:
        """The column of an attribute, at the place where it stood (from 1 on), or of an outcome."""
        if name in self.survey.outcomes:
            return self.survey.column(name, task, profile)
        if self.data.name:
            if not position:
                return self.name_columns(task, profile)[0]
            return self.level_columns(task, profile)[position - 1]
        return self.survey.column(name, *self.lender(task, profile))

    def level_columns(self, task: str, profile: str) -> list[str]:
        """The columns of a profile's levels: one an attribute, or one a position."""
        if self.data.name:
            return self._at_positions(self.data.attribute, task, profile)
        return [self.column_of(name, task, profile) for name in self.survey.attributes]

    def name_columns(self, task: str, profile: str) -> list[str]:
        """The columns of the attributes' names, one a position; none where attributes have columns."""
        return self._at_positions(self.data.name, task, profile) if self.data.name else []

    def outcome_columns(self, task: str, profile: str, *, own: bool = False) -> list[str]:
        """The columns of the outcomes; only those of a profile alone where `own`."""
        return [
            self.survey.column(name, task, profile)
            for name, outcome in self.survey.outcomes.items()
            if not own or outcome.of_profiles
        ]

    def columns(self) -> list[str]:
        """Every column of the tasks, each once."""
        found: dict[str, None] = {}
        for task, profile in self.shown:
            found |= dict.fromkeys(self.name_columns(task, profile))
            found |= dict.fromkeys(self.level_columns(task, profile))
            found |= dict.fromkeys(self.outcome_columns(task, profile))
        return [column for column in found if column]

    def without_absent(self, cells: pd.DataFrame) -> tuple[Wide, list[str]]:
        """The same without profiles that a task never shows, and a note on each such task.

        That is so where the task's columns of the profile are absent or empty, those of another
        profile are not, and the profile is shown in another task.
        """
        held = {
            (task, profile): any(
                column in cells and cells[column].notna().any()
                for column in (
                    *self.level_columns(task, profile),
                    *self.outcome_columns(task, profile, own=True),
                )
            )
            for task, profile in self.shown
        }
        tasks = {task for (task, _), filled in held.items() if filled}
        profiles = {profile for (_, profile), filled in held.items() if filled}
        kept = tuple(
            pair
            for pair in self.shown
            if held[pair] or pair[0] not in tasks or pair[1] not in profiles
        )
        notes = []
        for task in dict.fromkeys(task for task, _ in self.shown):
            gone = [who for own, who in self.shown if own == task and (own, who) not in kept]
            if gone:
                notes.append(
                    f"Task {task} shows no profile {choices(gone)}: the file holds nothing of it."
                )
        return replace(self, shown=kept), notes

    def never_shown(self, cells: pd.DataFrame) -> tuple[set[str], list[str]]:
        """Columns that the file has no need of, and a note on each attribute that lacks some.

        So it is where an attribute is not always shown, none of a task's profiles has a column of it, and
        profiles of another task have.
        """
        columns: set[str] = set()
        notes = []
        for name, attribute in self.survey.attributes.items():
            if attribute.is_always or self.data.name:
                continue
            by_task: dict[str, list[str]] = {}
            for task, profile in self.shown:
                by_task.setdefault(task, []).append(self.column_of(name, task, profile))
            there = {task: any(c in cells for c in own) for task, own in by_task.items()}
            gone = [task for task, some in there.items() if not some]
            if gone and any(there.values()):
                columns.update(column for task in gone for column in by_task[task])
                notes.append(f"No column holds {name} of task {choices(gone)}: read as not shown.")
        return columns, notes

    def _at_positions(self, pattern: str, task: str, profile: str) -> list[str]:
        task, profile = self.lender(task, profile)
        own = column_of(pattern, task, profile, "{attribute}")
        return [own.replace("{position}", position) for position in self.data.positions]


def stacked(cells: pd.DataFrame, columns: Sequence[str]) -> pd.Categorical:
    """Columns side by side as one: the first row's cells, then the second's.

    A column that is not there is empty.
    """
    code: dict[str, int] = {}
    known: dict[str, Any] = {}
    matrix = np.full((len(cells), len(columns)), -1, dtype=np.int32)
    for place, column in enumerate(columns):
        if column not in known and column in cells:
            own = cells[column].cat
            new = np.array([code.setdefault(text, len(code)) for text in own.categories] + [-1])
            known[column] = new.astype(np.int32)[own.codes.to_numpy()]
        if column in known:
            matrix[:, place] = known[column]
    return pd.Categorical.from_codes(matrix.ravel(), pd.Index(list(code), dtype=object))


def texts_of(column: pd.Series[Any]) -> pd.Series[Any]:
    """A categorical column as texts, None where it is empty."""
    texts = np.array([*column.cat.categories, None], dtype=object)
    return pd.Series(
        texts[column.cat.codes.to_numpy()], column.index, name=column.name, dtype=object
    )
