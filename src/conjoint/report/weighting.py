"""How the weighting works out: charts, headline figures with and without it, and what flips them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from conjoint.plot import Chart, weighting_chart, weights_chart
from conjoint.say.label import answer_label, group_label, margin_label, question_label
from conjoint.say.measure import SHARE
from conjoint.say.number import DASH, numeral, percent, points
from conjoint.say.phrase import phrase
from conjoint.say.words import escape
from conjoint.survey import INTERLOCK
from conjoint.table import Cell, Table, strong
from conjoint.table.markdown import note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.analysis import Analysis
    from conjoint.survey import Survey

__all__ = ["fragility_line", "weighting"]

FURTHEST = 0.15
"""Share of everybody by which no target is likely to be wrong: a larger change is not worth a sentence."""


def weighting(analysis: Analysis, *, flips: bool = True) -> Iterator[str | Chart | Table]:
    """Targets against the sample, the weights, and what they did to the headlines.

    Parameters
    ----------
    flips
        Whether it is said how the lines about what would flip a headline were made.
    """
    survey, tables = analysis.survey, analysis.tables
    if not analysis.provenance["weighting"]["weighted"]:
        yield phrase("method.weighting_told.unweighted")
        return
    table = tables["weighting"]
    yield from _headlines(analysis, flips=flips)
    if table.empty:
        yield phrase("method.weighting_told.given")
    else:
        yield weighting_chart(survey, table).titled(
            phrase("charts.weighting.title"), phrase("charts.weighting.measure")
        )
        yield from _means(survey, table)
        sources = list(dict.fromkeys(str(s) for s in table["source"].dropna() if s))
        told = phrase("method.weighting_told.sources", sources=escape("; ".join(sources)))
        yield note([told]) if sources else ""
    yield weights_chart(survey, tables["weight_histogram"], tables["weighting_summary"]).titled(
        phrase("charts.weights.title"), phrase("charts.weights.measure")
    )


def _means(survey: Survey, table: pd.DataFrame) -> Iterator[Table]:
    """Targets that are means: no chart of shares can hold them."""
    means = table[table["unit"] == "mean"]
    if means.empty:
        return
    rows: list[tuple[str | Cell, ...]] = [
        (
            strong(margin_label(survey, row["margin"])),
            *(numeral(row[name], 2) for name in ("target", "unweighted", "weighted")),
        )
        for row in means.to_dict("records")
    ]
    heads = (
        phrase("words.mean"),
        phrase("column.target"),
        phrase("column.unweighted"),
        phrase("column.weighted"),
    )
    yield Table.of(phrase("method.weighting_told.means"), heads, rows, captioned=False)


def _headlines(analysis: Analysis, *, flips: bool) -> Iterator[str | Table]:
    """Headline figures with and without weighting, and how the intervals would be otherwise."""
    checks = analysis.tables.get("headline_checks")
    if checks is None or checks.empty:
        return
    known = bool(analysis.provenance["weighting"]["margins"])
    yield phrase(
        "method.weighting_told.headlines_and_given" if known else "method.weighting_told.headlines"
    )
    columns = (
        phrase("column.unweighted"),
        phrase("column.weighted"),
        phrase("method.weighting_told.interval"),
        *[phrase("method.weighting_told.as_given")] * known,
    )
    for (outcome, level), own in checks.groupby(["outcome", "level"], sort=False):
        answer = _answer(analysis.survey, str(outcome), str(level))
        rows = [_headline(analysis.survey, row, known) for row in own.to_dict("records")]
        name, widths = (
            phrase("method.weighting_told.table", answer=answer),
            (3, *[2] * len(columns)),
        )
        yield Table.of(name, (answer, *columns), rows, widths=widths, captioned=False)
    if flips and checks["respondents"].notna().any():
        moved = bool((checks["shift"].abs() <= FURTHEST).any())  # so there are targets
        again = phrase("method.fragility.told_again" if known else "method.fragility.told")
        yield phrase("method.fragility.told_and_moved") if moved else again


def _headline(survey: Survey, row: dict[Any, Any], known: bool) -> tuple[str | Cell, ...]:
    figures = (
        percent(row["unweighted"], 1),
        percent(row["estimate"], 1),
        _interval(row, "conf_low", "conf_high"),
    )
    given = (_interval(row, "conf_low_fixed", "conf_high_fixed"),) * known
    return (strong(group_label(survey, row["group"])), *figures, *given)


def _answer(survey: Survey, name: str, level: str) -> str:
    return f"{question_label(survey, name)}: {answer_label(survey, name, level)}"


FINE = replace(SHARE, decimals=1)


def _interval(row: dict[Any, Any], low: str, high: str) -> str:
    return DASH if pd.isna(row[low]) else FINE.bare_interval(row[low], row[high])


def fragility_line(analysis: Analysis, question: str, group: str) -> str:
    """Say how little would carry a headline share across one half; nothing where nothing small would."""
    checks = analysis.tables.get("headline_checks")
    if checks is None:
        return ""
    own = checks[(checks["outcome"] == question) & (checks["group"] == group)]
    if own.empty or own["reading"].iloc[0] == "suppressed":
        return ""
    row = own.iloc[0]
    ways = [_without(row), _moved(analysis.survey, row)]
    said = phrase("words.or_else").join(way for way in ways if way)
    if not said:
        return ""
    above = row["estimate"] > row["threshold"]
    line = phrase("method.fragility.under" if above else "method.fragility.over", ways=said)
    return f"::: {{.fragility}}\n{line}\n:::"


def _without(row: pd.Series[Any]) -> str:
    if pd.isna(row["respondents"]):
        return ""
    people, share = int(row["respondents"]), row["respondent_share"]
    above = row["estimate"] > row["threshold"]
    return phrase(
        "method.fragility.without_up" if above else "method.fragility.without_down",
        people, share=percent(share, int(share < 0.1)),
    )  # fmt: skip


def _moved(survey: Survey, row: pd.Series[Any]) -> str:
    if pd.isna(row["shift"]) or abs(row["shift"]) > FURTHEST:
        return ""
    category = escape(", ".join(str(row["category"]).split(INTERLOCK)))
    margin = escape(margin_label(survey, str(row["margin"])))
    size = abs(row["shift"])
    return phrase(
        "method.fragility.target_higher" if row["shift"] > 0 else "method.fragility.target_lower",
        category=category, margin=margin,
        size=points(size, int(size <= 0.015)), target=percent(row["target"]),
    )  # fmt: skip
