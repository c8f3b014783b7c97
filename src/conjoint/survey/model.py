"""Survey: what was asked, of whom, and how the answers are stored.

One frozen object for everything that survey.toml declares. It knows no answers.
"""

from __future__ import annotations

import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from conjoint.survey.published import PublishedFigure
from conjoint.survey.rule import Rule, Texts, as_text
from conjoint.survey.target import Targets
from conjoint.typing import Layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "TOTAL",
    "Attribute",
    "Data",
    "Fieldwork",
    "Joint",
    "Level",
    "Outcome",
    "Question",
    "Repeat",
    "Reporting",
    "Restriction",
    "Segment",
    "Survey",
    "Thresholds",
    "Weighting",
]

SUMS_TO_ONE = 1e-6
"""How far probabilities, written with a few decimals, may sum from one."""

TOTAL = "Total"
"""The group of everybody; no segment may be called so."""

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


class Fieldwork(Part):
    """The first and last day of fieldwork."""

    start: datetime.date
    end: datetime.date

    @model_validator(mode="after")
    def _in_order(self) -> Fieldwork:
        if self.end < self.start:
            raise ValueError(f"ends on {self.end}, before it starts on {self.start}")
        return self


class Level(Part):
    """One level of an attribute.

    `value` is the text as stored, `label` as shown, `number` what trade-offs count in.
    `assumed` marks a level this survey's authors assumed: reports mark it wherever it shows.
    """

    value: Text
    label: str = ""
    number: float | None = None
    assumed: bool = False

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return value if isinstance(value, (dict, Level)) else {"value": value}

    @property
    def shown(self) -> str:
        """The label, or the stored value where there is none."""
        return self.label or self.value


class Attribute(Part):
    """What varies between profiles, with its levels in order; the first is the usual baseline.

    `probabilities` are those with which the design draws the levels, before restrictions;
    empty where they are all the same.
    """

    label: str = ""
    text: str = ""
    column: str = ""
    levels: tuple[Level, ...]
    baseline: Text | None = None
    assumed: bool = False
    probabilities: tuple[float, ...] = ()

    @model_validator(mode="after")
    def _distribution(self) -> Attribute:
        if self.probabilities:
            if len(self.probabilities) != len(self.levels):
                raise ValueError(
                    f"{len(self.probabilities)} probabilities for {len(self.levels)} levels "
                    "(one a level is needed)"
                )
            # Written so that a probability that is no number does not pass.
            if not (min(self.probabilities) > 0 and _sum_to_one(self.probabilities)):
                raise ValueError(
                    f"probabilities {list(self.probabilities)} have to be above zero and sum to 1"
                )
        return self

    @property
    def values(self) -> tuple[str, ...]:
        """The levels as stored, in order."""
        return tuple(level.value for level in self.levels)

    @property
    def baseline_index(self) -> int:
        """The place of the baseline among the levels."""
        return 0 if self.baseline is None else self.values.index(self.baseline)


class Restriction(Part):
    """Two sets of levels, of two attributes, that never meet in one profile."""

    never: dict[str, Texts]

    @model_validator(mode="after")
    def _pair(self) -> Restriction:
        if len(self.never) != 2:
            raise ValueError(f"names {len(self.never)} attributes (two are needed)")
        return self


class Joint(Part):
    """The joint distribution from which a design draws several attributes together.

    `cells` nests the levels in the order of `attributes`: ``{ "No Formal" = { Janitor = 0.02 } }``.
    A combination that it leaves out is never shown.
    """

    attributes: tuple[str, ...]
    cells: dict[str, Any]

    @model_validator(mode="after")
    def _distribution(self) -> Joint:
        if len(self.attributes) < 2:
            raise ValueError(f"names {len(self.attributes)} attribute(s) (two or more are needed)")
        if len(set(self.attributes)) < len(self.attributes):
            raise ValueError("names an attribute twice")
        for cell, share in self.probabilities.items():
            if not share >= 0:
                raise ValueError(f"{', '.join(cell)} has the probability {share:g} (zero or more)")
        if not _sum_to_one(self.probabilities.values()):
            raise ValueError(f"cells sum to {sum(self.probabilities.values()):.6g} (1 is needed)")
        return self

    @property
    def probabilities(self) -> dict[tuple[str, ...], float]:
        """The probability of each combination that is listed, levels in the attributes' order."""
        return dict(_unnest(self.cells, len(self.attributes)))


def _sum_to_one(probabilities: Iterable[float]) -> bool:
    return abs(sum(probabilities) - 1) <= SUMS_TO_ONE


def _unnest(cells: Any, depth: int) -> Iterator[tuple[tuple[str, ...], float]]:
    for level, inside in cells.items():
        if depth == 1:
            if isinstance(inside, bool) or not isinstance(inside, (int, float)):
                raise ValueError(f'"{level}" holds no probability')
            yield (level,), float(inside)
        elif isinstance(inside, dict):
            yield from (((level, *rest), share) for rest, share in _unnest(inside, depth - 1))
        else:
            raise ValueError(f'"{level}" has to hold the levels of the next attribute')


class Outcome(Part):
    """What is measured for each profile.

    ``choice``: one profile of a task is chosen; either `chosen` says which answer in the task's
    column means which profile, or the column is a profile's own and `positive` / `negative`
    say what it holds. ``support``: each profile is judged; `positive` counts 1, `negative` 0,
    `missing` is no answer. ``rating``: a number from `min` to `max`.
    """

    kind: Literal["choice", "support", "rating"]
    column: str
    label: str = ""
    text: str = ""
    chosen: dict[str, Text] = Field(default_factory=dict)
    positive: Texts = ()
    negative: Texts = ()
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


class Segment(Part):
    """A named part of the electorate, and the rule that says who belongs.

    `label` names it in a chart, `noun` within a sentence (the label where it is empty).
    """

    label: str = ""
    noun: str = ""
    text: str = ""
    where: Rule


class Repeat(Part):
    """A task that repeats an earlier one, usually with the profiles swapped (`flipped`)."""

    task: Text
    of: Text
    flipped: bool = True


class Data(Part):
    """Where the responses are and how they are laid out.

    ``wide``: one row a respondent; column names are patterns with ``{task}``, ``{profile}`` and
    ``{attribute}``. ``long``: one row a profile; `task` and `profile` name columns.
    """

    file: str = ""
    layout: Layout
    respondent: str
    tasks: tuple[Text, ...] = ()
    profiles: tuple[Text, ...] = ()
    attribute: str = ""
    repeat: Repeat | None = None
    task: str = ""
    profile: str = ""
    respondent_columns: tuple[str, ...] = ()
    weight: str = ""
    duration: str = ""

    @model_validator(mode="before")
    @classmethod
    def _counted_tasks(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("tasks"), int):
            return {**value, "tasks": [str(task + 1) for task in range(value["tasks"])]}
        return value

    @model_validator(mode="after")
    def _complete(self) -> Data:
        if self.file and (PurePath(self.file).is_absolute() or ".." in PurePath(self.file).parts):
            raise ValueError(f'file "{self.file}" has to lie in the survey folder')
        if self.layout == "wide":
            missing = [key for key in ("tasks", "profiles", "attribute") if not getattr(self, key)]
            if missing:
                raise ValueError(f"a wide layout also needs {', '.join(missing)}")
        return self


class Weighting(Part):
    """How the sample is weighted: the file of targets, and where they come from in words."""

    targets: str = "targets.csv"
    text: str = ""


class Thresholds(Part):
    """Bases, in respondents, below which a figure is cautioned or suppressed."""

    caution_below: int = Field(default=100, ge=0)
    suppress_below: int = Field(default=50, ge=0)


class Reporting(Part):
    """What reports of this survey show: a pair of attributes as a grid, and words for the whole.

    `everyone` is the population in a sentence, such as "British adults"; `profile` is what a profile
    is, such as "deal"; `outcome` is the one that charts lead with, `grid_outcome` the grid's.
    """

    grid: tuple[str, ...] = ()
    grid_outcome: str = ""
    outcome: str = ""
    everyone: str = "everyone"
    profile: str = "profile"
    profiles: str = "profiles"

    @model_validator(mode="after")
    def _pair(self) -> Reporting:
        if len(self.grid) not in (0, 2):
            raise ValueError(f"grid names {len(self.grid)} attributes (two are needed)")
        return self


class Survey(Part):
    """What was asked: attributes, levels, restrictions, outcomes, segments, questions, targets.

    Read one with :func:`conjoint.read_survey`; it holds no answers.
    """

    title: str
    pollster: str = ""
    client: str = ""
    fieldwork: Fieldwork | None = None
    population: str = ""
    mode: str = ""
    geography: str = ""
    source: str = ""
    synthetic: bool = False
    synthetic_note: str = ""
    data: Data | None = None
    attributes: dict[str, Attribute] = Field(min_length=1)
    restrictions: tuple[Restriction, ...] = ()
    joint: tuple[Joint, ...] = ()
    outcomes: dict[str, Outcome] = Field(min_length=1)
    segments: dict[str, Segment] = Field(default_factory=dict)
    questions: dict[str, Question] = Field(default_factory=dict)
    weighting: Weighting | None = None
    thresholds: Thresholds = Thresholds()
    report: Reporting = Reporting()
    targets: Targets | None = None
    published: tuple[PublishedFigure, ...] = ()

    def attribute_label(self, attribute: str) -> str:
        """The attribute as shown, or its key where it has no label."""
        return self.attributes[attribute].label or attribute

    def segment_label(self, group: str) -> str:
        """The segment as shown, or the group itself where it is no segment."""
        segment = self.segments.get(group)
        return segment.label or group if segment else group

    def column(self, name: str, task: str, profile: str) -> str:
        """The file's column that holds an attribute or outcome of one task and profile."""
        if name in self.outcomes:
            pattern, own = self.outcomes[name].column, name
        else:
            own = self.attributes[name].column or name
            pattern = self.data.attribute if self.data and self.data.layout == "wide" else own
        if self.data is None or self.data.layout == "long":
            return pattern
        for place, text in (("{task}", task), ("{profile}", profile), ("{attribute}", own)):
            pattern = pattern.replace(place, text)
        return pattern

    def group_noun(self, group: str) -> str:
        """The members of a segment within a sentence; of the total, the survey's `everyone`."""
        segment = self.segments.get(group)
        return (segment.noun or self.segment_label(group)) if segment else self.report.everyone

    def question_column(self, question: str) -> str:
        """The respondent column that holds the answers to a question."""
        return self.questions[question].column or question

    @property
    def main_outcome(self) -> str:
        """The outcome that charts lead with: the one named, or the first."""
        return self.report.outcome or next(iter(self.outcomes))

    @property
    def even_choice(self) -> float:
        """The share at which a forced choice is even: one over the number of profiles."""
        return 1 / len(self.data.profiles) if self.data and self.data.profiles else 0.5

    @property
    def grid_outcome(self) -> str:
        """The outcome that the grid shows: the one named, or the main one."""
        return self.report.grid_outcome or self.main_outcome

    def level(self, attribute: str, value: str) -> Level:
        """The level of an attribute that is stored as `value`."""
        levels = self.attributes[attribute].levels
        return next(level for level in levels if level.value == value)

    @property
    def has_assumed_levels(self) -> bool:
        """Whether any attribute or level is marked as assumed."""
        return any(
            attribute.assumed or any(level.assumed for level in attribute.levels)
            for attribute in self.attributes.values()
        )
