"""Tables of conjoint figures: levels down, groups across, attributes as bands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from conjoint.plot.level import shown_level
from conjoint.plot.measure import Measure, measure_of
from conjoint.report.crosstab import CAUTION, SUPPRESSED, chunks, figure_table, shown_segments
from conjoint.report.text import escape
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    from conjoint.analysis import Analysis
    from conjoint.survey import Survey

__all__ = ["LONGEST_TABLE", "banded", "fine_measure", "means_tables", "who"]

MOST_SEGMENTS = 4
"""Segments beside each other where a cell holds a figure and its reach."""

LONGEST_TABLE = 32
"""Rows that a table may have before the next attribute starts another: about a printed page."""


def who(survey: Survey, group: str) -> str:
    """A group as the head of a column."""
    return "Everybody" if group == TOTAL else survey.segment_label(group)


def fine_measure(survey: Survey, outcome: str) -> Measure:
    """The outcome's measure with one decimal more, as tables for researchers have it."""
    own = measure_of(survey, outcome)
    return replace(own, decimals=own.decimals + 1)


def banded(
    survey: Survey,
    name: str,
    header: Sequence[str],
    cells: Callable[[str, str], Sequence[str]],
    *,
    label: str,
    first: float = 3,
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
            shown = escape(shown_level(survey, attribute, level))
            band.append([shown, *cells(attribute, level)])
        bands.append(band)
    pages: list[list[list[str]]] = [[]]
    for band in bands:
        if pages[-1] and len(pages[-1]) + len(band) > LONGEST_TABLE:
            pages.append([])
        pages[-1] += band
    for number, rows in enumerate(pages, 1):
        several = f" ({number} of {len(pages)})" if len(pages) > 1 else ""
        own = f"{label}-{number}" if number > 1 else label
        yield figure_table(f"{name}{several}", ["Level", *header], rows, label=own, first=first)


def means_tables(analysis: Analysis, outcome: str, *, label: str) -> Iterator[str]:
    """Marginal means of everybody and of each segment, in whole numbers, for the press."""
    survey, measure = analysis.survey, measure_of(analysis.survey, outcome)
    own = analysis.tables["marginal_means"]
    own = own[own["outcome"] == outcome]
    known = {(row["group"], row["attribute"], row["level"]): row for row in own.to_dict("records")}
    segments = shown_segments(analysis)
    parts = chunks(len(segments), MOST_SEGMENTS)
    for number, part in enumerate(parts, 1):
        groups = [TOTAL, *segments[part]]
        header = [escape(who(survey, TOTAL)), "95% interval", "Base", *(
            escape(who(survey, group)) for group in groups[1:])]  # fmt: skip

        def cells(attribute: str, level: str, groups: Sequence[str] = groups) -> list[str]:
            rows = [known.get((group, attribute, level)) for group in groups]
            total = rows[0]
            if total is None or pd.isna(total["estimate"]):
                first = [SUPPRESSED] * 3
            else:
                ends = measure.interval(total["conf_low"], total["conf_high"]).replace(
                    " ", "\u00a0"
                )
                first = [measure.say(total["estimate"]), ends, f"{total['n_respondents']:,}"]
            return first + [_short(row, measure) for row in rows[1:]]

        again = f" ({number} of {len(parts)})" if len(parts) > 1 else ""
        name = f"{survey.outcomes[outcome].label or outcome}: marginal means{again}"
        yield from banded(survey, name, header, cells, label=f"{label}-{number}")
    yield from _notes(survey, own[own["group"].isin([TOTAL, *segments])])


def _short(row: dict[Hashable, Any] | None, measure: Measure) -> str:
    """A segment's figure, marked where its base is small."""
    if row is None or pd.isna(row["estimate"]):
        return SUPPRESSED
    return measure.say(row["estimate"]) + (
        f"\u00a0{CAUTION}" if row["reading"] == "caution" else ""
    )


def _notes(survey: Survey, shown: pd.DataFrame) -> Iterator[str]:
    limits, notes = survey.thresholds, []
    if (shown["reading"] == "caution").any():
        notes.append(f"{CAUTION} Base under {limits.caution_below}: to be read with caution.")
    if (shown["reading"] == "suppressed").any():
        notes.append(
            f"{SUPPRESSED} Base under {limits.suppress_below}, or one that would give such a base away: "
            "not shown."
        )
    if notes:
        yield "::: {.note}\n" + "\\\n".join(notes) + "\n:::"
