"""Where the responses are, how they are laid out, and who is left out of them."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, Literal

from pydantic import Field, model_validator

from conjoint.survey.part import Part, Text
from conjoint.survey.rule import Rule, Texts
from conjoint.typing import Layout

__all__ = ["Auditing", "Data", "Exclusion", "Repeat", "column_of"]

JOINED = {
    "wide": "{attribute}:task {task}:profile {profile}",
    "tasks": "{attribute}:profile {profile}",
}
"""What columns of attributes are called where a design file holds them, by layout."""


def column_of(pattern: str, task: str, profile: str = "", attribute: str = "") -> str:
    """The column that a pattern gives."""
    for place, text in (("{task}", task), ("{profile}", profile), ("{attribute}", attribute)):
        pattern = pattern.replace(place, text)
    return pattern


class Repeat(Part):
    """A task that repeats an earlier one, usually with the profiles swapped (`flipped`).

    `attributes` says whether the file holds the repeated profiles (``own``) or only the answer to
    them, so that the profiles are those of the task repeated (``same``).
    """

    task: Text
    of: Text
    flipped: bool = True
    attributes: Literal["own", "same"] = "own"


MOST = {"tasks": 200, "profiles": 100, "positions": 500}
"""How many a design may have."""

MOST_SHOWN = 2_000
"""Tasks times profiles of them."""


class Data(Part):
    """Where the responses are and how they are laid out.

    ``wide``: one row a respondent; column names are patterns with ``{task}``, ``{profile}`` and
    ``{attribute}``. ``long``: one row a profile; `task` and `profile` name columns. ``tasks``: one
    row a task; column names are patterns with ``{profile}`` and ``{attribute}``. `task` may name
    several columns that number the tasks together; without it, `rows` says of how many rows each
    task of a long file consists. `none_rows` says what cells hold in rows that stand for choosing
    none, and `position` is the pattern of columns that say where an attribute stood. Where each
    respondent saw the attributes in an order of their own, `attribute` is the pattern of the levels
    with ``{position}`` in place of ``{attribute}``, and `name` that of the attributes' names.
    `missing` are cells that count as empty anywhere in the file; `tidy` makes white space and Unicode
    form alike in all of it but the ids. `version` is the column, or in a wide file the pattern of
    columns, of the version of a design file that was seen, where the design file calls it otherwise.
    """

    file: str = ""
    layout: Layout
    respondent: str
    tasks: tuple[Text, ...] = ()
    profiles: tuple[Text, ...] = ()
    attribute: str = ""
    name: str = ""
    positions: tuple[Text, ...] = ()
    repeat: Repeat | None = None
    task: Texts = ()
    rows: int = Field(default=0, ge=0)
    profile: str = ""
    version: str = ""
    none_rows: dict[str, Texts] = Field(default_factory=dict)
    position: str = ""
    respondent_columns: tuple[str, ...] = ()
    weight: str = ""
    duration: str = ""
    encoding: str = ""
    delimiter: str = ""
    decimal: Literal[".", ","] = "."
    sheet: Text = ""
    member: str = ""
    object: str = ""
    values: Literal["labels", "codes"] = "labels"
    missing: Texts = ()
    tidy: bool = False
    url: str = ""
    sha256: str = ""

    @model_validator(mode="before")
    @classmethod
    def _counted(cls, value: Any) -> Any:
        """A bare number of tasks, profiles or positions stands for their names from 1 on."""
        if not isinstance(value, dict):
            return value
        counted: dict[str, Any] = {}
        for key, most in MOST.items():
            named = value.get(key)
            if isinstance(named, int) and not isinstance(named, bool):
                counted[key] = [str(place + 1) for place in range(min(named, most + 1))]
            if len(counted.get(key, named if isinstance(named, list) else ())) > most:
                raise ValueError(f"has more than {most} {key}")
        task = value.get("task")
        if isinstance(task, dict) and {*task} == {"rows"}:
            counted |= {"task": (), "rows": task["rows"]}
        elif task == "":
            counted["task"] = ()
        return {**value, **counted}

    @property
    def task_column(self) -> str:
        """The column that numbers the tasks, where it is one alone."""
        return self.task[0] if len(self.task) == 1 else ""

    @model_validator(mode="after")
    def _complete(self) -> Data:
        if self.file and (PurePath(self.file).is_absolute() or ".." in PurePath(self.file).parts):
            raise ValueError(f'file "{self.file}" has to lie in the survey folder')
        if len(self.tasks) * len(self.profiles) > MOST_SHOWN:
            raise ValueError(f"has more than {MOST_SHOWN:,} profiles in its tasks")
        needed = {"wide": ("tasks", "profiles", "attribute"), "tasks": ("profiles", "attribute")}
        missing = [key for key in needed.get(self.layout, ()) if not getattr(self, key)]
        if missing:
            name = "a wide layout" if self.layout == "wide" else "a layout of one row a task"
            raise ValueError(f"{name} also needs {', '.join(missing)}")
        return self


class Exclusion(Part):
    """Who is left out before anything is estimated, counted in the audit and in reports.

    Either `where`, a rule like a segment's, or `faster_than`, a share of the median duration.
    """

    label: str = ""
    text: str = ""
    where: Rule | None = None
    faster_than: float | None = Field(default=None, gt=0, lt=1)

    @model_validator(mode="after")
    def _says_one_thing(self) -> Exclusion:
        if (self.where is None) == (self.faster_than is None):
            raise ValueError("needs either `where` or `faster_than`")
        return self


class Auditing(Part):
    """What the audit asks: when an interview is too fast, as a share of the median duration, and
    which respondent columns randomisation is held against (those of questions and margins without).
    """

    speeding: float = Field(default=1 / 3, gt=0, lt=1)
    covariates: tuple[str, ...] = ()
