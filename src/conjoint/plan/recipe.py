"""The recipe of a synthetic wave: who people are, what they prefer, who answers a panel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from conjoint.errors import Fault, SurveyError
from conjoint.survey import Rule
from conjoint.survey.toml import read_toml

if TYPE_CHECKING:
    from os import PathLike

__all__ = [
    "Column",
    "Panel",
    "Preference",
    "Presence",
    "QuestionShares",
    "Recipe",
    "Shift",
    "read_recipe",
]


Together = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)
]
"""An attribute, or several that are shown together."""


class Part(BaseModel):
    """A part of a recipe."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Shift(Part):
    """Added to the log odds of categories, for those to whom the rule applies."""

    where: Rule
    add: dict[str, float]


class Column(Part):
    """A respondent column, drawn from a multinomial logit given the columns before it.

    `shares` are the categories' shares before any shift.
    """

    name: str
    shares: dict[str, float] = Field(min_length=2)
    shifts: tuple[Shift, ...] = ()


class Lean(Part):
    """Added to the log odds of joining the panel, for those to whom the rule applies."""

    where: Rule
    log_odds: float


class Panel(Part):
    """Who answers: the pool the sample is drawn from, and which people a panel has too many of."""

    pool: int = Field(ge=1000)
    leans: tuple[Lean, ...] = ()


class Preference(Part):
    """Part-worths of one kind of person, added up over all rules that apply.

    `utility` maps attribute and level to logits of choosing; `support` shifts the logits of
    supporting any deal at all.
    """

    where: Rule | None = None
    support: float = 0.0
    utility: dict[str, dict[str, float]] = Field(default_factory=dict)


class Presence(Part):
    """How attributes that survey.toml declares with ``presence = "some"`` come to be shown.

    Either `count` of them, all sets as likely, or each with a `probability`; drawn anew for each
    respondent, task or profile. A list in `attributes` is a set that is shown as a whole or not at
    all. Without `attributes` the rule is about all attributes that are shown sometimes.
    """

    attributes: tuple[Together, ...] = ()
    count: int | None = Field(default=None, ge=1)
    probability: float | None = Field(default=None, gt=0, le=1)
    per: Literal["respondent", "task", "profile"] = "task"

    @model_validator(mode="after")
    def _one_way(self) -> Presence:
        if (self.count is None) == (self.probability is None):
            raise ValueError("needs either `count` or `probability`")
        return self


class QuestionShares(Part):
    """Weighted shares of a question's answers in one part of the population.

    Parts are met in order, each as a whole: people who have an answer from an earlier part keep
    it, so parts go from narrow to broad and the last is everybody.
    """

    where: Rule | None = None
    shares: dict[str, float]


class Recipe(Part):
    """All that a synthetic wave is drawn from."""

    seed: int
    respondents: int = Field(ge=10)
    id_prefix: str = "R"
    panel: Panel
    columns: tuple[Column, ...]
    preferences: tuple[Preference, ...]
    presence: tuple[Presence, ...] = ()
    person_sd: float = 0.35
    support_sd: float = 1.0
    dont_know: float = 0.45
    questions: dict[str, tuple[QuestionShares, ...]] = Field(default_factory=dict)
    question_noise: float = 1.0
    median_seconds: float = 480.0


def read_recipe(folder: str | PathLike[str]) -> Recipe:
    """Read simulation.toml from a survey folder.

    Raises
    ------
    SurveyError
        Names every fault of the file with its key.
    """
    path = Path(folder) / "simulation.toml"
    content, faults = read_toml(path)
    if content is None or faults:
        raise SurveyError(*faults)
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        raise SurveyError(
            *(
                Fault(
                    f"{path}, {'.'.join(str(part) for part in detail['loc'])}",
                    detail["msg"],
                    do="Correct it.",
                )
                for detail in error.errors()
            )
        ) from error
