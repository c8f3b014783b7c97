"""What every part of a survey is made of: frozen models, and values as a file stores them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from conjoint.survey.rule import as_text

__all__ = ["Part", "Text"]

Text = Annotated[
    str,
    BeforeValidator(
        lambda value: (
            as_text(value)
            if isinstance(value, (int, float)) and not isinstance(value, bool)
            else value
        )
    ),
]
"""A value as a response file stores it; a bare TOML number is read as its text."""


class Part(BaseModel):
    """A part of a survey: frozen, and closed to keys nobody has defined."""

    model_config = ConfigDict(frozen=True, extra="forbid")
