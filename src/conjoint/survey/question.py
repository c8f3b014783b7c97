"""What people answered: outcomes of profiles, and questions put to respondents."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from conjoint.survey.attribute import Level
from conjoint.survey.part import Part, Text
from conjoint.survey.rule import Rule, Texts

__all__ = ["Item", "Net", "Outcome", "Question"]


LARGEST = 1e12
"""End of a scale, on either side."""


def _is_scale(low: float | None, high: float | None) -> bool:
    return low is not None and high is not None and -LARGEST <= low < high <= LARGEST


class Outcome(Part):
    """What is measured for each profile.

    ``choice``: one profile of a task is chosen; either `chosen` says which answers in the task's
    column mean which profile, or the column is a profile's own and `positive` / `negative`
    say what it holds; where neither is said, the answers are read if they are the profiles' names.
    `none` are answers that choose no profile of the task. ``support``: each profile is judged;
    `positive` counts 1, `negative` 0, `missing` is no answer. ``rating``: a number from `min` to
    `max`. `columns` names the column of each task, where no pattern does. `profiles` says how the
    outcome's columns call the profiles, where they do so otherwise than the attributes' columns.
    """

    kind: Literal["choice", "support", "rating"]
    column: str = ""
    columns: dict[str, str] = Field(default_factory=dict)
    profiles: dict[str, Text] = Field(default_factory=dict)
    label: str = ""
    text: str = ""
    chosen: dict[str, Texts] = Field(default_factory=dict)
    positive: Texts = ()
    negative: Texts = ()
    none: Texts = ()
    missing: Texts = ()
    min: float | None = None
    max: float | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        """The pattern of its columns, or the patterns of its tasks'."""
        return tuple(self.columns.values()) or (self.column,)

    @property
    def choosing(self) -> tuple[str, ...]:
        """The answers that choose a profile, profile by profile."""
        return tuple(answer for answers in self.chosen.values() for answer in answers)

    @property
    def profile_of(self) -> dict[str, str]:
        """The profile that each answer of `chosen` chooses."""
        return {answer: profile for profile, own in self.chosen.items() for answer in own}

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of the scale that its means cannot leave: 0 and 1 but for a rating."""
        if self.kind == "rating" and self.min is not None and self.max is not None:
            return self.min, self.max
        return 0.0, 1.0

    @property
    def of_profiles(self) -> bool:
        """Whether, in a wide file, each profile has a column of its own."""
        return any("{profile}" in pattern for pattern in self.cells)

    @model_validator(mode="after")
    def _placed(self) -> Outcome:
        if bool(self.column) == bool(self.columns):
            raise ValueError("needs either `column` or `columns`: where its answers stand")
        return self

    @model_validator(mode="after")
    def _complete(self) -> Outcome:
        if self.kind == "rating":
            if not _is_scale(self.min, self.max):
                raise ValueError(f"a rating needs min and max, min below max, within {LARGEST:g}")
        elif self.kind == "support" or not self.chosen:
            deferred = self.kind == "choice" and not (self.positive or self.negative)
            if not deferred and not (self.positive and self.negative):
                raise ValueError(
                    "needs `positive` and `negative`: the answers that count 1 and 0"
                    + (", or `chosen`: which answers mean which profile" * (self.kind == "choice"))
                )
            both = set(self.positive) & set(self.negative)
            if both:
                raise ValueError(f"{sorted(both)} stand in both `positive` and `negative`")
        return self


class Net(Part):
    """Answers taken together: the sum of some, less the sum of others where there are any.

    In survey.toml a list of answers, or ``{ plus = [...], minus = [...] }``. Where several answers may
    be given, a sum counts the people who gave any of them.
    """

    plus: Texts
    minus: Texts = ()

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return value if isinstance(value, (dict, Net)) else {"plus": value}

    @model_validator(mode="after")
    def _tells_apart(self) -> Net:
        if not self.plus:
            raise ValueError("a net needs the answers it takes together")
        both = [answer for answer in self.plus if answer in self.minus]
        if both:
            raise ValueError(f"{both} stand in both `plus` and `minus`")
        return self

    @property
    def answers(self) -> tuple[str, ...]:
        """Every answer it takes."""
        return (*self.plus, *self.minus)


class Item(Part):
    """One row of a grid: what was asked about, and the column of its answers."""

    label: str = ""
    column: str = ""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"column": value} if isinstance(value, str) else value


class Question(Part):
    """A question put to respondents.

    ``single``: one answer of a list. ``scale``: a number from `min` to `max`. ``multiple``: any number
    of answers, either each in a column of its own (`columns`; `selected` and `unselected` say what a
    cell holds, the answer's own text or nothing where they are empty), or all in one column, set apart by
    `separator`, or one in each of several columns (`mentions`: the first, second and third that came to
    mind). ``grid``: the same answers for each of several `items`.

    `nets` are answers taken together, `scores` are numbers for answers, of which tables show the mean.
    `base` says in words who was asked, `filter` by a rule; everybody where it is left out.
    `headline` is the answer or net that reports lead with, and `claim` says it as a verb, such as
    "support the deal".
    """

    kind: Literal["single", "scale", "multiple", "grid"] = "single"
    label: str = ""
    text: str = ""
    column: str = ""
    columns: dict[str, str] = Field(default_factory=dict)
    selected: Texts = ()
    unselected: Texts = ()
    separator: str = ""
    mentions: Texts = ()
    items: dict[str, Item] = Field(default_factory=dict)
    answers: tuple[Level, ...] = ()
    nets: dict[str, Net] = Field(default_factory=dict)
    scores: dict[str, float] = Field(default_factory=dict)
    base: str = ""
    filter: Rule | None = None
    headline: Text | None = None
    claim: str = ""
    missing: Texts = ()
    min: float | None = None
    max: float | None = None
    topline: bool = True

    @model_validator(mode="before")
    @classmethod
    def _answers_of_columns(cls, value: Any) -> Any:
        """Where each answer has a column, the columns name the answers."""
        if isinstance(value, dict) and isinstance(value.get("columns"), dict):
            return {"answers": list(value["columns"])} | value
        return value

    @model_validator(mode="after")
    def _complete(self) -> Question:
        if self.kind != "scale" and not self.answers:
            raise ValueError(f"a question of kind {self.kind} needs its `answers`, in order")
        if self.kind == "scale" and not _is_scale(self.min, self.max):
            raise ValueError(
                f"a scale question needs min and max, min below max, within {LARGEST:g}"
            )
        ways = (self.columns, self.separator, self.mentions)
        if self.kind == "multiple" and sum(map(bool, ways)) != 1:
            raise ValueError(
                "a multiple question needs either `columns` (answer to column), `mentions` (columns of one "
                "answer each) or a `separator`"
            )
        if self.kind == "grid" and not self.items:
            raise ValueError("a grid needs its `items`, each with a column")
        if self.headline is not None and self.headline not in (*self.values, *self.nets):
            raise ValueError(f'headline "{self.headline}" is not one of its answers')
        return self

    @property
    def values(self) -> tuple[str, ...]:
        """The answers as stored, in order."""
        return tuple(answer.value for answer in self.answers)

    @property
    def figures(self) -> tuple[str, ...]:
        """What a figure can be about: the answers, then the nets."""
        return (*self.values, *self.nets)

    def stored(self, name: str) -> dict[str, str]:
        """The respondent columns that hold the answers, by answer, by item, or the one by ``""``.

        Mentions are numbered.
        """
        if self.columns:
            return dict(self.columns)
        if self.mentions:
            return {str(place): column for place, column in enumerate(self.mentions, start=1)}
        if self.items:
            return {key: item.column or key for key, item in self.items.items()}
        return {"": self.column or name}

    def shown(self, value: str) -> str:
        """An answer as shown; a net or a number is shown as it is written."""
        return next((answer.shown for answer in self.answers if answer.value == value), value)
