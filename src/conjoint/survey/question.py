"""What people answered: outcomes of profiles, and questions put to respondents."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from conjoint.survey.attribute import Level
from conjoint.survey.part import Part, Text
from conjoint.survey.rule import Texts

__all__ = ["Outcome", "Question"]


class Outcome(Part):
    """What is measured for each profile.

    ``choice``: one profile of a task is chosen; either `chosen` says which answer in the task's
    column means which profile, or the column is a profile's own and `positive` / `negative`
    say what it holds; `none` are answers that choose no profile of the task. ``support``: each profile is judged; `positive` counts 1, `negative` 0,
    `missing` is no answer. ``rating``: a number from `min` to `max`.
    """

    kind: Literal["choice", "support", "rating"]
    column: str
    label: str = ""
    text: str = ""
    chosen: dict[str, Text] = Field(default_factory=dict)
    positive: Texts = ()
    negative: Texts = ()
    none: Texts = ()
    missing: Texts = ()
    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _complete(self) -> Outcome:
        if self.kind == "rating":
            if self.min is None or self.max is None or not self.min < self.max:
                raise ValueError("a rating needs min and max, min below max")
        elif self.kind == "support" or not self.chosen:
            if not (self.positive and self.negative):
                raise ValueError(
                    "needs `positive` and `negative`: the answers that count 1 and 0"
                    + (", or `chosen`: which answer means which profile" * (self.kind == "choice"))
                )
            both = set(self.positive) & set(self.negative)
            if both:
                raise ValueError(f"{sorted(both)} stand in both `positive` and `negative`")
        return self


class Question(Part):
    """A question put to respondents: ``single`` (one answer of a list) or ``scale`` (a number).

    `headline` is the answer that reports lead with, and `claim` says it as a verb, such as
    "support the deal".
    """

    kind: Literal["single", "scale"] = "single"
    label: str = ""
    text: str = ""
    column: str = ""
    answers: tuple[Level, ...] = ()
    headline: Text | None = None
    claim: str = ""
    missing: Texts = ()
    min: float | None = None
    max: float | None = None
    topline: bool = True

    @model_validator(mode="after")
    def _complete(self) -> Question:
        if self.kind == "single" and not self.answers:
            raise ValueError("a single-answer question needs its `answers`, in order")
        if self.kind == "scale" and (self.min is None or self.max is None):
            raise ValueError("a scale question needs min and max")
        if self.headline is not None and self.headline not in self.values:
            raise ValueError(f'headline "{self.headline}" is not one of its answers')
        return self

    @property
    def values(self) -> tuple[str, ...]:
        """The answers as stored, in order."""
        return tuple(answer.value for answer in self.answers)
