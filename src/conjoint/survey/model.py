"""Survey: what was asked, of whom, and how the answers are stored.

One frozen object for everything that survey.toml declares. It knows no answers.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, get_args

from pydantic import Field, field_validator, model_validator

from conjoint.survey.attribute import Arm, Attribute, Joint, Level, Restriction
from conjoint.survey.crossbreak import Crossbreak
from conjoint.survey.data import JOINED, Auditing, Data, Exclusion, column_of
from conjoint.survey.house import Reporting
from conjoint.survey.joined_file import DesignFile, RespondentsFile
from conjoint.survey.part import Part
from conjoint.survey.published import PublishedFigure
from conjoint.survey.question import Outcome, Question
from conjoint.survey.recode import Recode
from conjoint.survey.rule import ID_SIGN, WORD, Rule, hide_ids
from conjoint.survey.target import Targets
from conjoint.typing import Unanswered

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = [
    "TOTAL",
    "Fieldwork",
    "Reporting",
    "Segment",
    "Survey",
    "Thresholds",
    "Weighting",
]

TOTAL = "Total"
"""The group of everybody; no segment may be called so."""


class Fieldwork(Part):
    """The first and last day of fieldwork."""

    start: datetime.date
    end: datetime.date

    @model_validator(mode="after")
    def _in_order(self) -> Fieldwork:
        if self.end < self.start:
            raise ValueError(f"ends on {self.end}, before it starts on {self.start}")
        return self


class Segment(Part):
    """A named part of the electorate, and the rule that says who belongs.

    `label` names it in a chart, `noun` within a sentence (the label where it is empty).
    """

    label: str = ""
    noun: str = ""
    text: str = ""
    where: Rule


class Weighting(Part):
    """How the sample is weighted: the file of targets, and where they come from in words.

    `unknown` says what becomes of people without an answer in a margin: in all of them, or by the
    margin's name. See :class:`conjoint.survey.Margin`.
    """

    targets: str = "targets.csv"
    text: str = ""
    unknown: Unanswered | dict[str, Unanswered] = "refuse"

    @field_validator("unknown", mode="before")
    @classmethod
    def _known_way(cls, value: Any) -> Any:
        ways = value.items() if isinstance(value, dict) else [("unknown", value)]
        for name, way in ways:
            if way not in get_args(Unanswered):
                raise ValueError(f'{name} is {way!r} ("refuse", "keep" or "drop" is needed)')
        return value


class Thresholds(Part):
    """Bases, in respondents, below which a figure is cautioned or suppressed."""

    caution_below: int = Field(default=100, ge=0)
    suppress_below: int = Field(default=50, ge=0)


class Survey(Part):
    """What was asked: attributes, levels, restrictions, outcomes, segments, questions, targets.

    Read one with :func:`conjoint.read_survey`; it holds no answers. `task_sizes` says how many
    profiles the tasks with an answer show, by choice; the wave counts it, survey.toml does not have it.
    `smallest_effect` is the smallest difference of shares that would matter, 0.03 for three points: only where
    one is declared may reports say "alike".
    """

    title: str
    pollster: str = ""
    client: str = ""
    fieldwork: Fieldwork | None = None
    population: str = ""
    mode: str = ""
    geography: str = ""
    sample_source: str = ""
    introduction: str = ""
    contact: str = ""
    website: str = ""
    released: datetime.date | None = None
    source: str = ""
    synthetic: bool = False
    synthetic_note: str = ""
    data: Data | None = None
    respondents: RespondentsFile | None = None
    design: DesignFile | None = None
    recode: dict[str, Recode] = Field(default_factory=dict)
    attributes: dict[str, Attribute] = Field(min_length=1)
    restrictions: tuple[Restriction, ...] = ()
    joint: tuple[Joint, ...] = ()
    outcomes: dict[str, Outcome] = Field(min_length=1)
    segments: dict[str, Segment] = Field(default_factory=dict)
    questions: dict[str, Question] = Field(default_factory=dict)
    crossbreaks: tuple[Crossbreak, ...] = ()
    exclusions: dict[str, Exclusion] = Field(default_factory=dict)
    weighting: Weighting | None = None
    thresholds: Thresholds = Thresholds()
    smallest_effect: float | None = Field(default=None, gt=0, lt=1)
    audit: Auditing = Auditing()
    report: Reporting = Reporting()
    targets: Targets | None = None
    published: tuple[PublishedFigure, ...] = ()
    task_sizes: dict[str, tuple[int, ...]] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _attributes_of_design(cls, content: Any) -> Any:
        """Name the columns of attributes that the responses do not have, and a design file has."""
        data = content.get("data") if isinstance(content, dict) else None
        if not isinstance(data, dict) or not content.get("design"):
            return content
        pattern = JOINED.get(str(data.get("layout")), "")
        if data.get("attribute") or not pattern:
            return content
        return {**content, "data": {**data, "attribute": pattern}}

    @property
    def forbidden(self) -> tuple[Restriction, ...]:
        """The restrictions within a profile: pairs of levels that never meet."""
        return tuple(restriction for restriction in self.restrictions if restriction.never)

    @property
    def distinct(self) -> tuple[str, ...]:
        """The attributes of which two profiles of one task never show the same level."""
        across = (name for restriction in self.restrictions for name in restriction.across)
        return tuple(dict.fromkeys(across))

    @property
    def arm_columns(self) -> tuple[str, ...]:
        """The respondent columns that say which arm shows an attribute."""
        arms = (attribute.presence for attribute in self.attributes.values())
        return tuple(dict.fromkeys(arm.column for arm in arms if isinstance(arm, Arm)))

    @property
    def id_columns(self) -> tuple[str, ...]:
        """The columns that hold respondents' ids."""
        columns = ["respondent", self.data.respondent if self.data else ""]
        columns.append(self.respondents.key if self.respondents else "")
        return tuple(dict.fromkeys(filter(None, columns)))

    def without_ids(self, ids: Collection[str] = ()) -> Survey:
        """The survey as outputs may show it: without respondents' ids.

        Rules on ids say that and no more. The words of exclusions do not hold `ids`, nor those that
        their rules name.
        """
        columns = self.id_columns
        exclusions: dict[str, Exclusion] = {}
        for key, rule in self.exclusions.items():
            named = rule.where.ids(columns) if rule.where else set()
            where = rule.where.without_ids(columns) if rule.where else None
            words = {name: getattr(rule, name) for name in ("label", "text")}
            for name, text in words.items():
                written = {word for word in WORD.findall(text) if ID_SIGN.search(word)}
                words[name] = hide_ids(text, named | {*ids} & written)
            hidden = hide_ids(key, named | {*ids} & {key})
            if hidden in exclusions:
                hidden = f"{hidden} {len(exclusions) + 1}"
            exclusions[hidden] = rule.model_copy(update={**words, "where": where})
        segments = {
            name: own.model_copy(update={"where": own.where.without_ids(columns)})
            for name, own in self.segments.items()
        }
        questions = {
            name: own.model_copy(update={"filter": own.filter.without_ids(columns)})
            if own.filter
            else own
            for name, own in self.questions.items()
        }
        changed = {"exclusions": exclusions, "segments": segments, "questions": questions}
        return self.model_copy(update=changed)

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
            outcome, own = self.outcomes[name], name
            pattern = outcome.columns.get(task, "") if outcome.columns else outcome.column
            profile = outcome.profiles.get(profile, profile)
        else:
            own = self.attributes[name].column or name
            by_pattern = self.data is not None and self.data.layout != "long"
            pattern = self.data.attribute if self.data and by_pattern else own
        if self.data is None or self.data.layout == "long":
            return pattern
        return column_of(pattern, task, profile, own)

    def recode_columns(self, name: str) -> tuple[str, ...]:
        """The file's columns that a recode reads, as far as survey.toml names them.

        None for an attribute whose columns hold others, too: where attributes stand by position.
        """
        recode, data = self.recode[name], self.data
        found: list[str] = []
        for own in (recode.of,) if recode.of else recode.columns or (name,):
            if own in self.attributes or own in self.outcomes:
                if not (own in self.attributes and data and data.name):
                    found += [self.column(own, *pair) for pair in self._pairs]
            elif own in self.questions:
                found += self.questions[own].stored(own).values()
            else:
                found += self.spelt_out(own)
        return tuple(dict.fromkeys(found))

    def profile_columns(self) -> frozenset[str]:
        """The file's columns of tasks and profiles: those of attributes and outcomes."""
        names = (*self.attributes, *self.outcomes)
        columns = [self.column(name, *pair) for pair in self._pairs for name in names]
        if self.data and self.data.name:
            columns += [*self.spelt_out(self.data.attribute), *self.spelt_out(self.data.name)]
        return frozenset(columns)

    @property
    def _pairs(self) -> list[tuple[str, str]]:
        """Every task and profile of a wide file."""
        if self.data is None or self.data.layout == "long":
            return [("", "")]
        repeated = (self.data.repeat.task,) if self.data.repeat else ()
        tasks = (*self.data.tasks, *repeated)
        return [(task, profile) for task in tasks for profile in self.data.profiles]

    def spelt_out(self, pattern: str) -> list[str]:
        """The columns of a pattern with {task}, {profile}, {attribute} or {position}, or the one."""
        columns = [pattern]
        for place, names in (
            ("{task}", dict.fromkeys(task for task, _ in self._pairs)),
            ("{profile}", dict.fromkeys(profile for _, profile in self._pairs)),
            ("{attribute}", [own.column or name for name, own in self.attributes.items()]),
            ("{position}", self.data.positions if self.data else ()),
        ):
            if place in pattern:
                columns = [column.replace(place, name) for column in columns for name in names]
        return columns

    def group_noun(self, group: str) -> str:
        """The members of a segment within a sentence; of the total, the survey's `everyone`."""
        segment = self.segments.get(group)
        return (segment.noun or self.segment_label(group)) if segment else self.report.everyone

    def question_column(self, question: str) -> str:
        """The respondent column that holds the answers to a question."""
        return self.questions[question].column or question

    def asked_columns(self) -> tuple[str, ...]:
        """Every respondent column that a question, its rule of who was asked or a crossbreak needs."""
        needed: list[str] = []
        for name, question in self.questions.items():
            needed += question.stored(name).values()
            if question.filter is not None:
                needed += [column for column, _ in question.filter.conditions()]
        needed += [crossbreak.column for crossbreak in self.crossbreaks]
        return tuple(dict.fromkeys(needed))

    @property
    def main_outcome(self) -> str:
        """The outcome that charts lead with: the one named, or the first."""
        return self.report.outcome or next(iter(self.outcomes))

    def is_forced(self, outcome: str) -> bool:
        """Whether one profile of each task is always chosen: a choice without a none option."""
        return self.outcomes[outcome].kind == "choice" and not self.outcomes[outcome].none

    def even_choice(self, outcome: str) -> float | None:
        """Return the share at which a forced choice is even: one over the profiles of a task.

        None for other outcomes, and where tasks differ in how many profiles they show.
        """
        if not self.is_forced(outcome):
            return None
        declared = (len(self.data.profiles),) if self.data and self.data.profiles else ()
        sizes = self.task_sizes.get(outcome, declared)
        return 1 / sizes[0] if len(sizes) == 1 and sizes[0] > 1 else None

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
