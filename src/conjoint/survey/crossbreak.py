"""Crossbreaks: the columns that tables are broken down by."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from conjoint.survey.part import Part
from conjoint.survey.rule import Condition

__all__ = ["Crossbreak"]


class Crossbreak(Part):
    """What a table's columns are made of: a respondent column, one group a value or as declared.

    In survey.toml the name of a column, or a table with `groups`: a name to what the column must hold,
    such as ``{ "18 to 34" = ["18-24", "25-34"], "65 and over" = "65+" }``. Groups may overlap, and need
    not hold everybody.
    """

    column: str
    label: str = ""
    groups: dict[str, Condition] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"column": value} if isinstance(value, str) else value
