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
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

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
    "mark_of",
    "notes_of",
    "said_of",
    "shown_segments",
    "whole_notes",
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


EMPTY = Cell()


@dataclass(frozen=True, slots=True)
class Said:
    """A figure as tables have it, in parts; the same mark in each where it is not shown.

    Parameters
    ----------
    figure, low, high, p
        The figure, both ends of its interval, and its p-value.
    base
        The people behind it, with the mark of a small base.
    reach
        The interval as it stands behind the figure.
    parting
        The mark of a segment that differs from everybody.
    """

    figure: Cell
    low: Cell
    high: Cell
    base: Cell
    p: Cell = EMPTY
    reach: str = ""
    parting: str = ""

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
        if not self.reach:
            return self.figure
        mark = "\u00a0".join(filter(None, (self.parting, self.base.mark)))
        return replace(self.figure, aside=self.reach, mark=mark)

    @property
    def beneath(self) -> Cell:
        """The figure with interval and base, for a page."""
        if not self.is_shown:
            return self.figure
        told = (self.interval.text, base_text(self.base.value))
        return replace(self.figure, aside="; ".join(filter(None, told)), mark=self.base.mark)

    @property
    def across(self) -> tuple[Cell, Cell, Cell, Cell]:
        """Each in a column of its own."""
        return self.figure, self.low, self.high, self.base


def said_of(kind: Kind, measure: Measure, row: Known, *, parting: bool = False) -> Said:
    """Say a row of a bundle's table of figures; None is one that it has no row of."""
    if row is None or pd.isna(row["estimate"]):
        gone = Cell(mark_of(row))
        return Said(gone, gone, gone, gone, gone)
    low, high = ends(measure, row["conf_low"], row["conf_high"], changed=kind.change)
    own, reach = (change if kind.change else figure)(measure, row["estimate"]), ""
    if low.text:
        write = measure.change_reach if kind.change else measure.reach
        reach = together(write(row["estimate"], row["conf_low"], row["conf_high"]))
    elif kind is EFFECTS and row["level"] == row["baseline"]:
        text = phrase("column.baseline")
        own = replace(own, text=text, shown=";".join([f'"{text}"'] * 3))
    base = people(row["n_respondents"], CAUTION * (row["reading"] == "caution"))
    p = probability(row[kind.p]) if kind.p else EMPTY
    return Said(own, low, high, base, p, reach, PARTING * parting)


def mark_of(row: Known) -> str:
    """What a cell without a figure says: that it is not shown, or that it cannot be estimated."""
    return SUPPRESSED if row is None else MARKS[row["reading"]] or SUPPRESSED


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
    def _rows(self) -> dict[tuple[str, str, str, str], dict[Any, Any]]:
        keys = ("outcome", "group", "attribute", "level")
        return {tuple(str(row[key]) for key in keys): row for row in self.frame.to_dict("records")}  # type: ignore[misc]

    @cached_property
    def _parting(self) -> set[tuple[str, str, str, str]]:
        """Segments' figures that differ from everybody's, all of a segment's allowed for."""
        table = self.tables.get(DEPARTURES.frame)
        if table is None or self.kind is EFFECTS:
            return set()
        own = table.loc[table["p_holm"] < CERTAIN, ["outcome", "group", "attribute", "level"]]
        return set(own.astype(str).itertuples(index=False, name=None))

    def said(
        self, outcome: str, group: str, attribute: str, level: str, measure: Measure | None = None
    ) -> Said:
        """A figure in its parts, with one decimal more than for the press unless told otherwise."""
        key = (outcome, group, attribute, level)
        how = measure or fine_measure(self.survey, outcome)
        return said_of(self.kind, how, self._rows.get(key), parting=key in self._parting)

    def press(self, outcome: str, label: str) -> Iterator[Table]:
        """Everybody's figures with intervals, and those of segments, in whole numbers."""
        segments, measure = self._segments(outcome), measure_of(self.survey, outcome)

        def cells(attribute: str, level: str) -> Iterator[Cell]:
            all_of_them = self.said(outcome, TOTAL, attribute, level, measure)
            yield from (all_of_them.figure, all_of_them.interval, all_of_them.base)
            for group in segments:
                yield self.said(outcome, group, attribute, level, measure).marked

        everybody, *others = (group_label(self.survey, group) for group in (TOTAL, *segments))
        name = phrase("topline.means", outcome=outcome_label(self.survey, outcome))
        heads = (everybody, phrase("column.interval"), phrase("column.base"), *others)
        widths = (3, 1, 1.4, *[1] * (1 + len(segments)))
        made = by_level(self.survey, name, heads, cells, label=label, widths=widths)
        yield from _parts(replace(made, notes=self._notes(outcome)), 4, MOST_SEGMENTS)

    def everybody(self, outcome: str, label: str) -> Iterator[Table]:
        """Estimate, standard error, interval, test and bases of everybody's figures."""
        measure, tested = fine_measure(self.survey, outcome), bool(self.kind.p)

        def cells(attribute: str, level: str) -> Sequence[Cell]:
            own = self.said(outcome, TOTAL, attribute, level)
            if not own.is_shown:
                return [own.figure] * (5 + tested)
            row = self._rows[outcome, TOTAL, attribute, level]
            error = measure.size(row["std_error"], measure.decimals + 1) if own.reach else ""
            profiles = people(row["n_profiles"])
            return [own.figure, Cell(error), own.interval, *[own.p] * tested, profiles, own.base]

        points = self.kind.change and bool(measure.unit)
        heads = (
            phrase("appendix.column.points") if points else self.kind.heading,
            phrase("appendix.column.error"),
            phrase("column.interval"),
            *[phrase("appendix.column.p")] * tested,
            phrase("appendix.column.profiles"),
            phrase("column.people"),
        )
        name = self._named("appendix.of_everybody", outcome)
        widths = (3.4, 1.1, 0.8, 2.0, *[1.0] * tested, 1.0, 1.0)
        made = by_level(self.survey, name, heads, cells, label=label, widths=widths)
        if not self._segments(outcome):
            made = replace(made, notes=self._notes(outcome))
        yield from made.cut()

    def segments(self, outcome: str, label: str) -> Iterator[Table]:
        """Each segment's figures with the half-widths of their intervals; nothing where none is shown."""
        segments = self._segments(outcome)
        if not segments:
            return

        def cells(attribute: str, level: str) -> list[Cell]:
            return [self.said(outcome, group, attribute, level).beside for group in segments]

        key = "appendix.departures" if self.kind is DEPARTURES else "appendix.of_segments"
        heads = [group_label(self.survey, group) for group in segments]
        made = by_level(
            self.survey, self._named(key, outcome), heads, cells, label=label, first=2.2
        )
        notes = self._notes(outcome)
        if any(key[0] == outcome for key in self._parting):
            notes = (phrase("appendix.parting", mark=PARTING), *notes)
        yield from _parts(replace(made, notes=notes), 1, MOST_SEGMENTS)

    def sheet(self, groups: Sequence[str]) -> Table:
        """Every figure, each part in a column of its own, as a spreadsheet has it."""
        heads = [
            self.kind.heading,
            *(phrase(f"workbook.head.{n}") for n in ("low", "high", "base")),
        ]
        adjusted = self.kind is DEPARTURES
        heads += [phrase("workbook.head.p")] * adjusted
        columns = [
            Column(head, 1, group_label(self.survey, group)) for group in groups for head in heads
        ]
        return self._whole(groups, columns, lambda own: [*own.across, *[own.p] * adjusted])

    def page(self, groups: Sequence[str]) -> Table:
        """Every figure, with its interval and its base beneath."""
        columns = [Column(group_label(self.survey, group)) for group in groups]
        made = self._whole(groups, columns, lambda own: [own.beneath])
        return replace(made, notes=(phrase("workbook.beneath"), *made.notes))

    def _whole(
        self,
        groups: Sequence[str],
        columns: Sequence[Column],
        cells: Callable[[Said], Sequence[Cell]],
    ) -> Table:
        """A band an outcome and attribute, a row a level."""
        rows, keys = [], ["outcome", "attribute"]
        for key, own in self.frame.groupby(keys, sort=False):
            outcome, attribute = (str(part) for part in key)
            subject = phrase(
                "workbook.subject",
                outcome=outcome_label(self.survey, outcome),
                attribute=self.survey.attribute_label(attribute),
            )
            rows.append(Row((Cell(subject),), "band"))
            for level in dict.fromkeys(map(str, own["level"])):
                said = [self.said(outcome, group, attribute, level) for group in groups]
                label = Cell(level_label(self.survey, attribute, level))
                rows.append(Row((label, *(cell for each in said for cell in cells(each)))))
        first = Column(phrase("column.level"), 4, words=True)
        notes = tuple(whole_notes(self.survey, self.frame, groups))
        return Table(self.kind.name, (first, *columns), tuple(rows), captioned=False, notes=notes)

    def _segments(self, outcome: str) -> list[str]:
        """Segments that have figures of an outcome to show."""
        own = set(self.frame.loc[self.frame["outcome"] == outcome, "group"])
        return [name for name in shown_segments(self.survey, self.tables) if name in own]

    def _named(self, key: str, outcome: str) -> str:
        kind = phrase("appendix.effects" if self.kind is EFFECTS else "appendix.means")
        return phrase(key, outcome=outcome_label(self.survey, outcome), figures=kind)

    def _notes(self, outcome: str) -> tuple[str, ...]:
        shown = self.frame["group"].isin([TOTAL, *self._segments(outcome)])
        own = self.frame[(self.frame["outcome"] == outcome) & shown]
        return tuple(notes_of(self.survey, own))


def by_level(
    survey: Survey,
    name: str,
    heads: Sequence[str],
    cells: Callable[[str, str], Iterable[str | Cell]],
    *,
    label: str,
    first: float = 3,
    widths: Sequence[float] = (),
) -> Table:
    """A table of all levels, each attribute under a band with its name.

    Parameters
    ----------
    heads
        Of the columns behind that of the levels.
    cells
        Gives a level's cells behind its name, from attribute and level.
    first
        Width of the first column, where one of figures is 1; `widths` of all, instead.
    """
    rows: list[tuple[str | Cell, ...]] = []
    for attribute, own in survey.attributes.items():
        rows.append((survey.attribute_label(attribute),))
        rows += [
            (level_label(survey, attribute, level), *cells(attribute, level))
            for level in own.values
        ]
    sizes = widths or (first, *[1.0] * len(heads))
    return Table.of(name, (phrase("column.level"), *heads), rows, widths=sizes, label=label)


def _parts(table: Table, kept: int, most: int) -> Iterator[Table]:
    """A table cut to pages, first by its columns."""
    for part in table.split(kept, most):
        yield from part.cut()


def shown_segments(survey: Survey, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Segments of whom any conjoint figure is shown."""
    means = tables[MEANS.frame]
    shown = set(means.loc[means["reading"] != "suppressed", "group"])
    return [name for name in survey.segments if name in shown]


def notes_of(survey: Survey, shown: pd.DataFrame, *, hidden: bool = False) -> Iterator[str]:
    """What the marks in a table mean: of small bases, and why figures of a group cannot be estimated.

    Parameters
    ----------
    hidden
        Whether a group stands in it of which there is no figure.
    """
    readings = {*shown["reading"], *["suppressed"] * hidden}
    yield from base_notes(readings, survey.thresholds, effective=True)
    yield from absences(survey, shown)


def whole_notes(survey: Survey, frame: pd.DataFrame, groups: Sequence[str]) -> Iterator[str]:
    """The same of a table of all figures, and what assumed levels are."""
    yield from notes_of(survey, frame, hidden=bool({*groups} - {*frame["group"]}))
    if survey.has_assumed_levels:
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
