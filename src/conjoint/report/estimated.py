"""Tables of conjoint figures: levels down, groups across, attributes as bands."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from conjoint.errors import choices
from conjoint.report.crosstab import (
    ABSENT,
    CAUTION,
    FEWER_COLUMNS,
    LONG_LABEL,
    chunks,
    figure_table,
    mark_of,
    note,
    shown_segments,
)
from conjoint.say.label import group_label, level_label, levels_label, merged_note
from conjoint.say.measure import Measure, fine_measure, measure_of
from conjoint.say.number import base, p_value
from conjoint.say.phrase import phrase
from conjoint.say.words import base_notes, escape, numbered, together
from conjoint.wave import TOTAL
from conjoint.withhold.mark import NOT_AVAILABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    from conjoint.analysis import Analysis
    from conjoint.survey import Survey

__all__ = [
    "LONGEST_TABLE",
    "absences",
    "banded",
    "means_tables",
    "notes",
    "paged",
]

_Known: TypeAlias = "dict[tuple[str, str], dict[Hashable, Any]]"

PARTING = "‡"
"""Mark of a segment's mean that differs from everybody's."""

MOST_SEGMENTS = 4
"""Segments beside each other where a cell holds a figure and its reach."""

LONGEST_TABLE = 32
"""Rows that a table may have before the next attribute starts another: about a printed page."""


def banded(
    survey: Survey,
    name: str,
    header: Sequence[str],
    cells: Callable[[str, str], Sequence[str]],
    *,
    label: str,
    first: float = 3,
    widths: Sequence[float] = (),
) -> Iterator[str]:
    """Tables of all levels, each attribute under a band with its name, cut where they get too long.

    Parameters
    ----------
    name
        The caption.
    header
        Heads of the columns behind that of the levels, already escaped.
    cells
        Gives a level's cells behind its name, from attribute and level; already escaped.
    label
        Of the first table; the others count on.
    """
    bands = []
    for attribute in survey.attributes:
        title = f"**{escape(survey.attribute_label(attribute))}**"
        band = [[title, *[""] * len(header)]]
        for level in survey.attributes[attribute].values:
            shown = escape(level_label(survey, attribute, level))
            band.append([shown, *cells(attribute, level)])
        bands.append(band)
    yield from paged(
        name, [phrase("column.level"), *header], bands, label=label, first=first, widths=widths
    )


def paged(
    name: str,
    header: Sequence[str],
    bands: Sequence[Sequence[Sequence[str]]],
    *,
    label: str,
    first: float = 3,
    widths: Sequence[float] = (),
) -> Iterator[str]:
    """Tables of bands of rows, as many on each as a page holds; no band is cut."""
    pages: list[list[Sequence[str]]] = [[]]
    for band in bands:
        if pages[-1] and len(pages[-1]) + len(band) > LONGEST_TABLE:
            pages.append([])
        pages[-1] += band
    for number, rows in enumerate(pages, 1):
        several = numbered(number, len(pages))
        own = f"{label}-{number}" if number > 1 else label
        yield figure_table(f"{name}{several}", header, rows, label=own, first=first, widths=widths)


def means_tables(analysis: Analysis, outcome: str, *, label: str) -> Iterator[str]:
    """Marginal means of everybody and of each segment, in whole numbers, for the press."""
    survey, measure = analysis.survey, measure_of(analysis.survey, outcome)
    own = analysis.tables["marginal_means"]
    own = own[own["outcome"] == outcome]
    known = {(row["group"], row["attribute"], row["level"]): row for row in own.to_dict("records")}
    segments = shown_segments(analysis)
    wide = max((len(group_label(survey, name)) for name in segments), default=0) > LONG_LABEL
    parts = chunks(len(segments), FEWER_COLUMNS if wide else MOST_SEGMENTS)
    for number, part in enumerate(parts, 1):
        groups = [TOTAL, *segments[part]]
        labels = [escape(group_label(survey, group)) for group in groups]
        header = [labels[0], phrase("column.interval"), phrase("column.base"), *labels[1:]]

        def cells(attribute: str, level: str, groups: Sequence[str] = groups) -> list[str]:
            rows = [known.get((group, attribute, level)) for group in groups]
            total = rows[0]
            if total is None or pd.isna(total["estimate"]):
                first = [mark_of(total)] * 3
            else:
                ends = together(measure.interval(total["conf_low"], total["conf_high"]))
                first = [measure.say(total["estimate"]), ends, base(total["n_respondents"])]
            return first + [_short(row, measure) for row in rows[1:]]

        asked = survey.outcomes[outcome].label or outcome
        name = phrase("topline.means", outcome=asked) + numbered(number, len(parts))
        widths = [3, 1.1, 1.4, *[1.0] * len(groups)]
        yield from banded(survey, name, header, cells, label=f"{label}-{number}", widths=widths)
    yield from notes(survey, own[own["group"].isin([TOTAL, *segments])])


def _short(row: dict[Hashable, Any] | None, measure: Measure) -> str:
    """A segment's figure, marked where its base is small."""
    if row is None or pd.isna(row["estimate"]):
        return mark_of(row)
    return measure.say(row["estimate"]) + (
        f"\u00a0{CAUTION}" if row["reading"] == "caution" else ""
    )


def notes(survey: Survey, shown: pd.DataFrame) -> Iterator[str]:
    """What the marks of small bases mean, where any are there."""
    said = list(base_notes({*shown["reading"]}, survey.thresholds, escape, effective=True))
    said += absences(survey, shown)
    if said:
        yield note(said)


def absences(survey: Survey, shown: pd.DataFrame) -> list[str]:
    """One sentence for each reason that figures of a group cannot be estimated."""
    lacking = shown[shown["reading"] == NOT_AVAILABLE]
    rows = Counter(shown["group"])
    said = []
    for (group, reason), own in lacking.groupby(["group", "note"], sort=False):
        levels = dict.fromkeys(
            f"{survey.attribute_label(attribute)} {level_label(survey, attribute, level)}"
            if attribute in survey.attributes
            else f"{attribute} {level}"
            for attribute, level in zip(own["attribute"], own["level"], strict=True)
            if level and len(own) < rows[group]
        )
        who = escape(group_label(survey, str(group)))
        named = [who, *([escape(choices(levels))] if levels else [])]
        said.append(
            phrase("appendix.absent", mark=ABSENT, of=", ".join(named), reason=escape(reason))
        )
    return said


@dataclass(frozen=True, eq=False)
class Estimated:
    """Marginal means or AMCEs of one outcome as tables for researchers, with one decimal more.

    Parameters
    ----------
    outcome
        Its name.
    effects
        Whether the figures are AMCEs.
    """

    analysis: Analysis
    outcome: str
    effects: bool

    @property
    def title(self) -> str:
        """What the figures are."""
        return phrase("appendix.effects" if self.effects else "appendix.means")

    @property
    def _asked(self) -> str:
        return self.analysis.survey.outcomes[self.outcome].label or self.outcome

    @cached_property
    def measure(self) -> Measure:
        """How the figures are said."""
        return fine_measure(self.analysis.survey, self.outcome)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The outcome's rows of the bundle's table."""
        table = self.analysis.tables["amce" if self.effects else "marginal_means"]
        return table[table["outcome"] == self.outcome]

    def tables(self, label: str) -> Iterator[str]:
        """Everybody in detail, then the segments beside each other."""
        name = f"tbl-{'effects' if self.effects else 'means'}-{label}"
        yield from self.everybody(name)
        yield from self.segments(f"{name}-segments")
        yield from notes(self.analysis.survey, self.table)

    def say(self, value: float) -> str:
        """A figure: effects with their direction."""
        return self.measure.change(value) if self.effects else self.measure.bare(value)

    def everybody(self, label: str) -> Iterator[str]:
        """Estimate, standard error, interval, test and bases of everybody's figures."""
        known = self._by_level(TOTAL)

        def cells(attribute: str, level: str) -> list[str]:
            row = known.get((attribute, level))
            if row is None or pd.isna(row["estimate"]):
                return [mark_of(row)] * (5 + self.effects)
            counts = [base(row[name]) for name in ("n_profiles", "n_respondents")]
            if pd.isna(row["conf_low"]):
                return [phrase("column.baseline"), "", "", *[""] * self.effects, *counts]
            error = self.measure.size(row["std_error"], self.measure.decimals + 1)
            write = self.measure.changes if self.effects else self.measure.bare_interval
            ends = together(write(row["conf_low"], row["conf_high"]))
            tested = [escape(p_value(row["p_value"]))] * self.effects
            return [self.say(row["estimate"]), error, ends, *tested, *counts]

        unit = phrase("appendix.column.points") if self.effects else phrase("column.per_cent")
        header = [
            unit if self.measure.unit else phrase("words.mean"),
            phrase("appendix.column.error"),
            phrase("column.interval"),
            *[phrase("appendix.column.p")] * self.effects,
            phrase("appendix.column.profiles"),
            phrase("column.people"),
        ]
        widths = [3.4, 1.1, 0.8, 2.0, *[1.0] * self.effects, 1.0, 1.0]
        yield from banded(
            self.analysis.survey,
            phrase("appendix.of_everybody", outcome=self._asked, figures=self.title),
            header,
            cells,
            label=label,
            widths=widths,
        )

    def segments(self, label: str) -> Iterator[str]:
        """Each segment's figures with the half-widths of their intervals."""
        survey, segments = self.analysis.survey, shown_segments(self.analysis)
        parts = chunks(len(segments), MOST_SEGMENTS) if segments else []
        for number, part in enumerate(parts, 1):
            known = [self._by_level(name) for name in segments[part]]

            def cells(attribute: str, level: str, known: list[_Known] = known) -> list[str]:
                return [self._cell(own.get((attribute, level))) for own in known]

            header = [escape(group_label(survey, name)) for name in segments[part]]
            head = phrase("appendix.of_segments", outcome=self._asked, figures=self.title)
            head += numbered(number, len(parts))
            yield from banded(survey, head, header, cells, label=f"{label}-{number}", first=2.2)
        if parts and self._parting:
            yield note([phrase("appendix.parting", mark=PARTING)])

    def _cell(self, row: dict[Hashable, Any] | None) -> str:
        if row is None or pd.isna(row["estimate"]):
            return mark_of(row)
        if pd.isna(row["conf_low"]):
            return phrase("column.baseline")
        key = (row["group"], row["attribute"], row["level"])
        marks = f"\u00a0{PARTING}" * (key in self._parting)
        marks += f"\u00a0{CAUTION}" * (row["reading"] == "caution")
        write = self.measure.change_reach if self.effects else self.measure.reach
        reach = write(row["estimate"], row["conf_low"], row["conf_high"])
        return f"{self.say(row['estimate'])}\u00a0{together(reach)}{marks}"

    def _by_level(self, group: str) -> _Known:
        rows = self.table[self.table["group"] == group].to_dict("records")
        return {(str(row["attribute"]), str(row["level"])): row for row in rows}

    @cached_property
    def _parting(self) -> set[tuple[Any, Any, Any]]:
        """Segments' means that differ from everybody's, all of a segment's allowed for."""
        table = self.analysis.tables.get("departures")
        if table is None or self.effects:
            return set()
        own = table[(table["outcome"] == self.outcome) & (table["p_holm"] < 0.05)]
        return set(zip(own["group"], own["attribute"], own["level"], strict=True))


def grid_tables(analysis: Analysis, label: str) -> Iterator[str]:
    """Everybody's marginal means of the grid's pairs of levels."""
    survey = analysis.survey
    measure, (first, second) = fine_measure(survey, survey.grid_outcome), survey.report.grid
    joint = analysis.tables["joint_means"]
    own = joint[joint["group"] == TOTAL]
    known = {(str(row["across"]), str(row["down"])): row for row in own.to_dict("records")}
    merged, bands = merged_note(survey, known, escape), []
    sides = [list(dict.fromkeys(side)) for side in zip(*known, strict=True)]
    if not merged:  # levels that no pair of shows have their rows
        sides = [list(survey.attributes[name].values) for name in (first, second)]
    for one in sides[0]:
        band = [[f"**{escape(levels_label(survey, first, one))}**", "", "", ""]]
        for two in sides[1]:
            row = known.get((one, two))
            cells = [ABSENT if row is None else mark_of(row)] * 3
            if row is not None and not pd.isna(row["estimate"]):
                ends = together(measure.bare_interval(row["conf_low"], row["conf_high"]))
                cells = [measure.bare(row["estimate"]), ends, base(row["n_respondents"])]
            band.append([escape(levels_label(survey, second, two)), *cells])
        bands.append(band)
    names = [survey.attribute_label(name) for name in (first, second)]
    beside = escape(names[1][:1].lower() + names[1][1:])
    yield f"### {phrase('segment.grid.heading', first=escape(names[0]), second=beside)}"
    asked = survey.outcomes[survey.grid_outcome].label or survey.grid_outcome
    header = [
        phrase("method.levels"),
        phrase("column.per_cent" if measure.unit else "words.mean"),
        phrase("column.interval"),
        phrase("column.people"),
    ]
    name = phrase("appendix.joint_means", who=group_label(survey, TOTAL), outcome=asked)
    yield from filter(None, [merged])
    yield from paged(name, header, bands, label=label, widths=(3, 1, 1.4, 1))
