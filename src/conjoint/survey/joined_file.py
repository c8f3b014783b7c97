"""Further files of a survey: respondents' columns and weights, and the profiles that were shown."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from conjoint.survey.part import Part, Text
from conjoint.survey.rule import Texts

__all__ = ["DesignFile", "JoinedFile", "RespondentsFile"]


class JoinedFile(Part):
    """A file that is joined to the responses, and how it is read.

    It lies in the survey folder, or where it is published (`url`), with the hash declared. `missing` are cells that count as empty, beside those of ``data.missing``. Without `decimal` the
    mark is that of the responses.
    """

    file: str = ""
    encoding: str = ""
    delimiter: str = ""
    decimal: Literal["", ".", ","] = ""
    sheet: Text = ""
    member: str = ""
    object: str = ""
    values: Literal["labels", "codes"] = "labels"
    missing: Texts = ()
    url: str = ""
    sha256: str = ""

    @field_validator("file")
    @classmethod
    def _in_folder(cls, value: str) -> str:
        path = PurePath(value)
        if not value.strip() or path.is_absolute() or ".." in path.parts:
            raise ValueError(f'"{value}" has to be a file of the survey folder')
        return value

    @model_validator(mode="after")
    def _is_somewhere(self) -> JoinedFile:
        if not self.file and not self.url:
            raise ValueError("needs a `file`, or the `url` of one")
        return self


class RespondentsFile(JoinedFile):
    """A file of one row a respondent: background, questions, weights.

    `key` is its column of ids. They are looked up in the column of that name in the responses, or in
    ``data.respondent`` where there is none. `unmatched` says what becomes of respondents whom the file
    does not have: each is a fault (``refuse``), they stay with empty cells (``keep``), or they are left
    out (``drop``).
    """

    key: str = Field(min_length=1)
    unmatched: Literal["refuse", "keep", "drop"] = "refuse"


class DesignFile(JoinedFile):
    """A file of the profiles that each version of the survey shows.

    `version`, `task` and `profile` are its columns; without `version` everybody saw the same. Where
    profiles, or tasks too, stand side by side, `attribute` is the pattern of its columns. `tasks` and
    `profiles` say what the file calls them, by their names in the responses.
    """

    version: str = ""
    task: Texts = ()
    profile: str = ""
    attribute: str = ""
    tasks: dict[str, Text] = Field(default_factory=dict)
    profiles: dict[str, Text] = Field(default_factory=dict)

    @field_validator("task", mode="before")
    @classmethod
    def _no_column(cls, value: Any) -> Any:
        return () if value == "" else value

    @property
    def keys(self) -> tuple[str, ...]:
        """Its columns that say which profile a row holds."""
        return tuple(name for name in (self.version, *self.task, self.profile) if name)
