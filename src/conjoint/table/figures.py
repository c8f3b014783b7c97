"""Figures of the conjoint as tables: marginal means, effects, and what sets segments apart from everybody.

Each figure is said once, in parts; tables for the press, for researchers, for pages and for spreadsheets choose among
these.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from conjoint.errors import choices
from conjoint.say.label import group_label, level_label, outcome_label
from conjoint.say.measure import Measure, fine_measure, measure_of
from conjoint.say.number import base_text, between
from conjoint.say.phrase import phrase
from conjoint.say.words import ABSENT, CAUTION, MARKS, SUPPRESSED, base_notes, together
from conjoint.table.model import Cell, Column, Row, Table
from conjoint.table.number import change, ends, figure, people, probability
from conjoint.wave import TOTAL
from conjoint.withhold.mark import NOT_AVAILABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from conjoint.survey import Survey

__all__ = [
    "DEPARTURES",
    "EFFECTS",
    "KINDS",
    "MEANS",
    "PAIRS",
    "Figures",
    "Kind",
    "Said",
    "absences",
    "by_level",
    "level_rows",
    "mark_of",
    "notes_of",
    "rows_by",
    "said_of",
    "shown_segments",
]

Known: TypeAlias = "Mapping[Any, Any] | None"

PARTING = "‡"
"""Mark of a segment's figure that differs from everybody's."""

CERTAIN = 0.05
"""Adjusted p-value under which a difference is marked."""

MOST_SEGMENTS = 4
"""Segments beside each other where a cell holds a figure and its reach."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of figure.

    Parameters
    ----------
    frame
        Its table in the bundle.
    change
        Whether a figure is a change, and not a level.
    p
        The column of its p-values.
    """

    frame: str
    change: bool = False
    p: str = ""

    @property
    def name(self) -> str:
        """Of its sheet."""
        return phrase(f"workbook.figures.{self.frame}.name")

    @property
    def heading(self) -> str:
        """Over the figures."""
        return phrase(f"workbook.figures.{self.frame}.heading")

    @property
    def text(self) -> str:
        """What it says, in plain words."""
        return phrase(f"workbook.figures.{self.frame}.text")


MEANS = Kind("marginal_means")
EFFECTS = Kind("amce", change=True, p="p_value")
DEPARTURES = Kind("departures", change=True, p="p_holm")
KINDS = (MEANS, EFFECTS, DEPARTURES)
PAIRS = Kind("joint_means")
"""Means of pairs of levels."""


@dataclass(frozen=True, slots=True)
class Said:
    """A figure as tables have it, in parts; the same mark in each where it is not shown.

    Parameters
    ----------
    figure, low, high, error, p
        The figure, both ends of its interval, its standard error and its p-value.
    base, profiles
        The people and the profiles behind it; that of people has the mark of a small base.
    reach
        The interval as it stands behind the figure.
    parting
        The mark of a segment that differs from everybody.
    """

    figure: Cell
    low: Cell
    high: Cell
    error: Cell
    p: Cell
    base: Cell
    profiles: Cell
    reach: str = ""
    parting: str = ""

    @classmethod
    def gone(cls, mark: str) -> Said:
        """One that is not shown."""
        own = Cell(mark)
        return cls(own, own, own, own, own, own, own)

    @property
    def is_shown(self) -> bool:
        """Whether there is a figure."""
        return not math.isnan(self.figure.value)

    @property
    def interval(self) -> Cell:
        """Both ends in one text."""
        if not self.low.text or not self.is_shown:
            return self.low
        return Cell(together(between(self.low.text, self.high.text)))

    @property
    def marked(self) -> Cell:
        """The figure, marked where its base is small."""
        return replace(self.figure, mark=self.base.mark)

    @property
    def beside(self) -> Cell:
        """The figure with its reach and its marks, for tables of many groups."""
        mark = "\u00a0".join(filter(None, (self.parting, self.base.mark)))
        return replace(self.figure, aside=self.reach, mark=mark) if self.reach else self.figure

    @property
    def beneath(self) -> Cell:
        """The figure with interval and base, for a page."""
        if not self.is_shown:
            return self.figure
        told = (self.interval.text, base_text(self.base.value))
        return replace(self.marked, aside="; ".join(filter(None, told)))


def said_of(kind: Kind, measure: Measure, row: Known, *, parting: bool = False) -> Said:
    """Say a row of a bundle's table of figures; None is one that it has no row of."""
    if row is None or pd.isna(row["estimate"]):
        return Said.gone(mark_of(row))
    low, high = ends(measure, row["conf_low"], row["conf_high"], changed=kind.change)
    own, error, reach = (change if kind.change else figure)(measure, row["estimate"]), "", ""
    if low.text:
        write = measure.change_reach if kind.change else measure.reach
        reach = together(write(row["estimate"], row["conf_low"], row["conf_high"]))
        error = measure.size(row["std_error"], measure.decimals + 1)
    elif kind is EFFECTS and row["level"] == row["baseline"]:
        text = phrase("column.baseline")
        own = replace(own, text=text, shown=";".join([f'"{text}"'] * 3))
    p = probability(row[kind.p]) if kind.p else Cell()
    base = people(row["n_respondents"], CAUTION * (row["reading"] == "caution"))
    profiles = people(row["n_profiles"])
    return Said(own, low, high, Cell(error), p, base, profiles, reach, PARTING * parting)


def rows_by(frame: pd.DataFrame, *keys: str) -> dict[tuple[str, ...], dict[Any, Any]]:
    """Rows of a table by their keys."""
    return {tuple(str(row[key]) for key in keys): row for row in frame.to_dict("records")}


def mark_of(row: Known) -> str:
    """What a cell without a figure says: that it is not shown, or that it cannot be estimated."""
    return SUPPRESSED if row is None else MARKS[row["reading"]] or SUPPRESSED


Part: TypeAlias = tuple[str, Column, str]
"""A column of a table: whose figures it holds, what stands over it, and which part of `Said` it is."""


@dataclass(frozen=True, eq=False)
class Figures:
    """Figures of one kind.

    Parameters
    ----------
    survey
        What was asked.
    tables
        Those of a bundle.
    kind
        Which of them.
    """

    survey: Survey
    tables: Mapping[str, pd.DataFrame]
    kind: Kind

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The bundle's table."""
        return self.tables[self.kind.frame]

    @cached_property
    def _rows(self) -> dict[tuple[str, ...], dict[Any, Any]]:
        return rows_by(self.frame, "outcome", "group", "attribute", "level")

    @cached_property
    def _parting(self) -> set[tuple[str, str, str, str]]:
        """Segments' figures that differ from everybody's, all of a segment's allowed for."""
        table = self.tables.get(DEPARTURES.frame)
        if table is None or self.kind is EFFECTS:
            return set()
        own = table.loc[table["p_holm"] < CERTAIN, ["outcome", "group", "attribute", "level"]]
        return set(own.astype(str).itertuples(index=False, name=None))

    def said(self, outcome: str, group: str, attribute: str, level: str, measure: Measure) -> Said:
        """A figure in its parts."""
        key = (outcome, group, attribute, level)
        return said_of(self.kind, measure, self._rows.get(key), parting=key in self._parting)

    def press(self, outcome: str, label: str) -> Iterator[Table]:
        """Everybody's figures with intervals, and those of segments, in whole numbers."""
        parts = [
            *self._of_each([TOTAL], "figure"),
            (TOTAL, Column(phrase("column.interval"), 1.4), "interval"),
            (TOTAL, Column(phrase("column.base"), 1), "base"),
            *self._of_each(self._segments(outcome), "marked"),
        ]
        name, measure = self._named("topline.means", outcome), measure_of(self.survey, outcome)
        made = self._table([outcome], parts, name=name, label=label, measure=measure)
        for part in made.split(4, MOST_SEGMENTS):
            yield from part.cut()

    def everybody(self, outcome: str, label: str) -> Iterator[Table]:
        """Estimate, standard error, interval, test and bases of everybody's figures."""
        points = self.kind.change and fine_measure(self.survey, outcome).unit
        head = phrase("appendix.column.points") if points else self.kind.heading
        parts: list[Part] = [
            (TOTAL, Column(head, 1.1), "figure"),
            (TOTAL, Column(phrase("appendix.column.error"), 0.8), "error"),
            (TOTAL, Column(phrase("column.interval"), 2), "interval"),
            (TOTAL, Column(phrase("appendix.column.p"), 1), "p"),
            (TOTAL, Column(phrase("appendix.column.profiles"), 1), "profiles"),
            (TOTAL, Column(phrase("column.people"), 1), "base"),
        ]
        parts = [part for part in parts if self.kind.p or part[-1] != "p"]
        name = self._named("appendix.of_everybody", outcome)
        yield from self._table([outcome], parts, name=name, label=label, first=3.4).cut()

    def segments(self, outcome: str, label: str) -> Iterator[Table]:
        """Each segment's figures with the half-widths of their intervals; nothing where none is shown."""
        parts = self._of_each(self._segments(outcome), "beside")
        key = "appendix.departures" if self.kind is DEPARTURES else "appendix.of_segments"
        name = self._named(key, outcome)
        made = self._table([outcome], parts, name=name, label=label, first=2.2)
        if any(key[0] == outcome for key in self._parting):
            made = replace(made, notes=(phrase("appendix.parting", mark=PARTING), *made.notes))
        for part in made.split(1, MOST_SEGMENTS) if parts else ():
            yield from part.cut()

    def sheet(self, groups: Sequence[str]) -> Table:
        """Every figure, each part in a column of its own, as a spreadsheet has it."""
        heads = {"figure": self.kind.heading}
        heads |= {part: phrase(f"workbook.head.{part}") for part in ("low", "high", "base")}
        if self.kind is DEPARTURES:
            heads["p"] = phrase("workbook.head.p")
        parts = [
            (group, Column(head, 1, group_label(self.survey, group)), part)
            for group in groups
            for part, head in heads.items()
        ]
        return self._table(self._outcomes, parts, first=4)

    def page(self, groups: Sequence[str]) -> Table:
        """Every figure, with its interval and its base beneath."""
        made = self._table(self._outcomes, self._of_each(groups, "beneath"))
        return replace(made, notes=(phrase("workbook.beneath"), *made.notes))

    @property
    def _outcomes(self) -> list[str]:
        return list(dict.fromkeys(map(str, self.frame["outcome"])))

    def _of_each(self, groups: Iterable[str], part: str) -> list[Part]:
        """One part of each group."""
        return [(group, Column(group_label(self.survey, group), 1), part) for group in groups]

    def _table(
        self,
        outcomes: Sequence[str],
        parts: Sequence[Part],
        *,
        name: str = "",
        label: str = "",
        first: float = 3,
        measure: Measure | None = None,
    ) -> Table:
        """A band an attribute, or an attribute of each outcome where the table has no name of its own."""
        rows: list[Row] = []
        groups = dict.fromkeys(group for group, _, _ in parts)
        for outcome in outcomes:
            how = measure or fine_measure(self.survey, outcome)
            over = "" if name else outcome_label(self.survey, outcome)

            def cells(
                attribute: str, level: str, outcome: str = outcome, how: Measure = how
            ) -> Iterator[Cell]:
                said = {each: self.said(outcome, each, attribute, level, how) for each in groups}
                return (getattr(said[group], part) for group, _, part in parts)

            rows += level_rows(self.survey, cells, over)
        columns = (Column(phrase("column.level"), first, words=True), *(part[1] for part in parts))
        own = self.frame[self.frame["outcome"].isin(outcomes)]
        notes = notes_of(self.survey, own, groups, whole=not name)
        return Table(
            name or self.kind.name, columns, tuple(rows), label, bool(name), notes=tuple(notes)
        )

    def _segments(self, outcome: str) -> list[str]:
        """Segments that have figures of an outcome to show."""
        own = set(self.frame.loc[self.frame["outcome"] == outcome, "group"])
        return [name for name in shown_segments(self.survey, self.tables) if name in own]

    def _named(self, key: str, outcome: str) -> str:
        kind = phrase("appendix.effects" if self.kind is EFFECTS else "appendix.means")
        return phrase(key, outcome=outcome_label(self.survey, outcome), figures=kind)


def level_rows(
    survey: Survey, cells: Callable[[str, str], Iterable[str | Cell]], over: str = ""
) -> Iterator[Row]:
    """Rows of all levels, each attribute under a band with its name.

    Parameters
    ----------
    cells
        Gives a level's cells behind its name, from attribute and level.
    over
        The outcome, where a table has several.
    """
    for name, attribute in survey.attributes.items():
        band = survey.attribute_label(name)
        if over:
            band = phrase("workbook.subject", outcome=over, attribute=band)
        yield Row((Cell(band),), "band")
        for level in attribute.values:
            made = (cell if isinstance(cell, Cell) else Cell(cell) for cell in cells(name, level))
            yield Row((Cell(level_label(survey, name, level)), *made))


def by_level(
    survey: Survey,
    name: str,
    heads: Sequence[str],
    cells: Callable[[str, str], Iterable[str | Cell]],
    *,
    label: str,
    first: float = 3,
) -> Table:
    """A table of all levels; `first` is the width of their column, where one of figures is 1."""
    rows, widths = list(level_rows(survey, cells)), (first, *[1.0] * len(heads))
    return Table.of(name, (phrase("column.level"), *heads), rows, widths=widths, label=label)


def shown_segments(survey: Survey, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Segments of whom any conjoint figure is shown."""
    means = tables[MEANS.frame]
    shown = set(means.loc[means["reading"] != "suppressed", "group"])
    return [name for name in survey.segments if name in shown]


def notes_of(
    survey: Survey, frame: pd.DataFrame, groups: Collection[str], *, whole: bool = False
) -> Iterator[str]:
    """What the marks in a table of some groups mean: of small bases, and why figures cannot be estimated.

    Parameters
    ----------
    whole
        Whether it holds all figures, so that it says of assumed levels what they are.
    """
    shown = frame[frame["group"].isin([*groups])]
    hidden = ["suppressed"] * bool({*groups} - {*shown["group"]})
    yield from base_notes({*shown["reading"], *hidden}, survey.thresholds, effective=True)
    yield from absences(survey, shown)
    if whole and survey.has_assumed_levels:
        yield phrase("workbook.assumed")


def absences(survey: Survey, shown: pd.DataFrame) -> Iterator[str]:
    """One sentence for each reason that figures of a group cannot be estimated."""
    lacking = shown[shown["reading"] == NOT_AVAILABLE]
    rows = Counter(shown["group"])
    for (group, reason), own in lacking.groupby(["group", "note"], sort=False):
        levels = dict.fromkeys(
            f"{survey.attribute_label(attribute)} {level_label(survey, attribute, level)}"
            if attribute in survey.attributes
            else f"{attribute} {level}"
            for attribute, level in zip(own["attribute"], own["level"], strict=True)
            if level and len(own) < rows[group]
        )
        who = [group_label(survey, str(group)), *([choices(levels)] if levels else [])]
        yield phrase("appendix.absent", mark=ABSENT, of=", ".join(who), reason=reason)
