"""Tables of what sets segments apart: their marginal means less everybody's, and the trade-off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.report.crosstab import (
    CAUTION,
    chunks,
    mark_of,
    note,
    shown_segments,
    table_named,
)
from conjoint.report.estimated import MOST_SEGMENTS, PARTING, banded, notes, paged
from conjoint.say.label import group_label
from conjoint.say.measure import fine_measure
from conjoint.say.number import DASH, amount, base, between, exact
from conjoint.say.phrase import phrase
from conjoint.say.words import base_notes, escape, numbered
from conjoint.wave import TOTAL
from conjoint.withhold.threshold import reading_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from conjoint.analysis import Analysis
    from conjoint.say.measure import Measure
    from conjoint.survey import Thresholds
    from conjoint.typing import BoolArray

__all__ = ["departure_tables", "trade_tables"]

CERTAIN = 0.05
"""Adjusted p-value under which a difference is marked."""


def departure_tables(analysis: Analysis, outcome: str, label: str) -> Iterator[str]:
    """Differences of segments' marginal means from everybody's, with the half-widths of their intervals.

    Parameters
    ----------
    outcome
        Its name.
    label
        Of the first table; the others count on.
    """
    survey, table = analysis.survey, table_named(analysis, "departures")
    own = table[table["outcome"] == outcome]
    segments = [name for name in shown_segments(analysis) if name in set(own["group"])]
    measure = fine_measure(survey, outcome)
    known = {
        (str(row["group"]), str(row["attribute"]), str(row["level"])): row
        for row in own.to_dict("records")
    }
    parts = chunks(len(segments), MOST_SEGMENTS) if segments else []
    for number, part in enumerate(parts, 1):
        groups = segments[part]

        def cells(attribute: str, level: str, groups: list[str] = groups) -> list[str]:
            return [_cell(known.get((group, attribute, level)), measure) for group in groups]

        asked = survey.outcomes[outcome].label or outcome
        name = phrase("appendix.departures", outcome=asked) + numbered(number, len(parts))
        header = [escape(group_label(survey, group)) for group in groups]
        yield from banded(survey, name, header, cells, label=f"{label}-{number}", first=2.2)
    if (own["p_holm"] < CERTAIN).any():
        yield note([phrase("appendix.parting", mark=PARTING)])
    yield from notes(survey, own[own["group"].isin(segments)])


def _cell(row: dict[Hashable, Any] | None, measure: Measure) -> str:
    if row is None or pd.isna(row["estimate"]):
        return mark_of(row)
    if pd.isna(row["conf_low"]):
        return measure.change(row["estimate"])
    reach = measure.change_reach(row["estimate"], row["conf_low"], row["conf_high"])
    marks = f"\u00a0{PARTING}" * bool(row["p_holm"] < CERTAIN)
    marks += f"\u00a0{CAUTION}" * (row["reading"] == "caution")
    return f"{measure.change(row['estimate'])}\u00a0{reach}{marks}"


def trade_tables(analysis: Analysis, label: str) -> Iterator[str]:
    """What a step of one of the grid's attributes is worth in the other, and what would keep support.

    Worth and level needed are ratios of effects, with Fieller's intervals; one end of these may be open.
    """
    table = table_named(analysis, "trade_off")
    table = table[table["group"].isin([TOTAL, *shown_segments(analysis)])]
    limits = analysis.survey.thresholds
    for question, own in table.groupby("question", sort=False):
        first = own.iloc[0]
        take, give = (
            analysis.survey.attribute_label(str(first[name])) for name in ("take", "give")
        )
        start = exact(first["give_from"])
        kind = "buys" if question == "buys" else "keeps"
        if kind == "buys":
            name = phrase("appendix.trade.buys", take=take, give=give, start=start)
            heads = (phrase("appendix.trade.step"), phrase("appendix.trade.pays_for"))
        else:
            end = exact(first["give_to"])
            name = phrase("appendix.trade.keeps", take=take, give=give, start=start, end=end)
            heads = (phrase("words.from"), phrase("appendix.trade.needed"))
        header = [
            *heads,
            phrase("column.interval"),
            phrase("appendix.trade.net"),
            phrase("column.people"),
        ]
        measure = fine_measure(analysis.survey, str(first["outcome"]))
        bands: list[Sequence[Sequence[str]]] = []
        for group, rows in own.groupby("group", sort=False):
            head = [f"**{escape(group_label(analysis.survey, str(group)))}**", *[""] * 4]
            few = bool(_is_careful(rows, limits).any())
            bands.append(
                [head, *(_traded(row, measure, few=few) for row in rows.to_dict("records"))]
            )
        widths = (1.6, 1.0, 1.8, 1.6, 0.8)
        yield from paged(name, header, bands, label=f"{label}-{kind}", widths=widths)
    said = [phrase("appendix.trade.net_note")] * bool(len(table))
    gone = dict.fromkeys(text for text in table["words"] if text.startswith(ABSENT))
    if gone:
        reasons = phrase("words.or_else").join(text.removeprefix(ABSENT) for text in gone)
        said.append(phrase("appendix.trade.not_estimable", reasons=escape(reasons)))
    if _is_careful(table, limits).any():
        said += base_notes(["caution"], limits, escape, effective=True)
    if said:
        yield note(said)


def _is_careful(rows: pd.DataFrame, limits: Thresholds) -> BoolArray:
    """Which trade-offs ask for caution, by people or equally weighted ones."""
    reading = reading_of(rows["n_respondents"], limits, rows.get("n_effective", np.nan))
    return np.asarray(reading != "safe")


ABSENT = "not estimable: "
"""Before the reason why a trade-off has no figure."""


def _traded(row: dict[Hashable, Any], measure: Measure, *, few: bool) -> list[str]:
    """A row of the trade-off."""
    begin = exact(row["take_from"])
    step = between(begin, exact(row["take_end"])) if row["question"] == "buys" else begin
    net, ends = row["net"], (row["net_low"], row["net_high"])
    said = (
        DASH if pd.isna(net) else f"{measure.change(net)}\u00a0{measure.change_reach(net, *ends)}"
    )
    return [
        step,
        amount(row["estimate"]),
        _ends(row["fieller_low"], row["fieller_high"]),
        said,
        base(row["n_respondents"]) + (f"\u00a0{CAUTION}" if few else ""),
    ]


def _ends(low: float, high: float) -> str:
    if pd.isna(low) or pd.isna(high) or (np.isinf(low) and np.isinf(high)):
        return DASH if pd.isna(low) else phrase("appendix.trade.any")
    if np.isinf(low):
        return phrase("words.or_less", number=amount(high))
    if np.isinf(high):
        return phrase("words.or_more", number=amount(low))
    return between(amount(low), amount(high))
