"""How the weighting works out: charts, headline figures with and without it, and what flips them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from conjoint.plot import Chart, weighting_chart, weights_chart
from conjoint.report.crosstab import pipe_table
from conjoint.say.label import answer_label, group_label, margin_label, question_label
from conjoint.say.measure import SHARE
from conjoint.say.number import DASH, base, numeral, percent, points
from conjoint.say.words import escape
from conjoint.survey import INTERLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.analysis import Analysis
    from conjoint.survey import Survey

__all__ = ["fragility_line", "weighting"]

FURTHEST = 0.15
"""Share of everybody by which no target is likely to be wrong: a larger change is not worth a sentence."""


def weighting(analysis: Analysis, *, flips: bool = True) -> Iterator[str | Chart]:
    """Targets against the sample, the weights, and what they did to the headlines.

    Parameters
    ----------
    flips
        Whether it is said how the lines about what would flip a headline were made.
    """
    survey, tables = analysis.survey, analysis.tables
    if not analysis.provenance["weighting"]["weighted"]:
        yield "The figures are not weighted."
        return
    table = tables["weighting"]
    yield from _headlines(analysis, flips=flips)
    if table.empty:
        yield "The weights came with the data; what they were made to meet is not known here."
    else:
        yield weighting_chart(survey, table).titled(
            "The sample before and after weighting",
            "Share of each category, and its population target in figures on the right.",
        )
        yield _means(survey, table)
        sources = list(dict.fromkeys(str(s) for s in table["source"].dropna() if s))
        yield f"::: {{.note}}\nTargets: {escape('; '.join(sources))}.\n:::" if sources else ""
    yield weights_chart(survey, tables["weight_histogram"], tables["weighting_summary"]).titled(
        "How far weights differ",
        "People by their weight; bars that would hold fewer than five are merged.",
    )


def _means(survey: Survey, table: pd.DataFrame) -> str:
    """Targets that are means: no chart of shares can hold them."""
    means = table[table["unit"] == "mean"]
    if means.empty:
        return ""
    rows = [
        (
            f"**{escape(margin_label(survey, row['margin']))}**",
            *(numeral(row[name], 2) for name in ("target", "unweighted", "weighted")),
        )
        for row in means.to_dict("records")
    ]
    header = ("Mean", "Target", "Unweighted", "Weighted")
    return pipe_table("Means and their targets", header, rows, "lrrr")


def _headlines(analysis: Analysis, *, flips: bool) -> Iterator[str]:
    """Headline figures with and without weighting, and how the intervals would be otherwise."""
    checks = analysis.tables.get("headline_checks")
    if checks is None or checks.empty:
        return
    known = bool(analysis.provenance["weighting"]["margins"])
    yield (
        "What weighting did to the headline figures, in per cent."
        + " The last column is the interval if the weights were taken as given, instead of as made to "
        "meet the targets." * known
    )
    columns = ("Unweighted", "Weighted", "Interval", *["Weights as given"] * known)
    for (outcome, level), own in checks.groupby(["outcome", "level"], sort=False):
        answer = _answer(analysis.survey, str(outcome), str(level))
        rows = [_headline(analysis.survey, row, known) for row in own.to_dict("records")]
        header = (escape(answer), *columns)
        name = f"{answer}, with and without weighting"
        yield pipe_table(name, header, rows, "l" + "r" * len(columns), (3, *[2] * len(columns)))
    if flips and checks["respondents"].notna().any():
        yield (
            "Under a headline stands how little it would take to carry the figure across one half: so many "
            "people, or fewer, would have to be left out, those who pull it most first"
            + ", the others weighted to the same targets again"
            * known
            + "; or the one target that would have to change by the fewest points of the population, the "
            "margin’s other categories giving way in proportion and everybody weighted again"
            * bool((checks["shift"].abs() <= FURTHEST).any())
            + ". Another choice of people may take fewer."
        )


def _headline(survey: Survey, row: dict[Any, Any], known: bool) -> tuple[str, ...]:
    figures = (
        percent(row["unweighted"], 1),
        percent(row["estimate"], 1),
        _interval(row, "conf_low", "conf_high"),
    )
    given = (_interval(row, "conf_low_fixed", "conf_high_fixed"),) * known
    return (f"**{escape(group_label(survey, row['group']))}**", *figures, *given)


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
    said = "; or ".join(way for way in ways if way)
    if not said:
        return ""
    side = "under" if row["estimate"] > row["threshold"] else "over"
    return f"::: {{.fragility}}\nIt would be {side} half {said}.\n:::"


def _without(row: pd.Series[Any]) -> str:
    if pd.isna(row["respondents"]):
        return ""
    people, share = int(row["respondents"]), row["respondent_share"]
    pull = "up" if row["estimate"] > row["threshold"] else "down"
    part = percent(share, int(share < 0.1))
    if people == 1:
        return f"without the one person who pulls it {pull} most ({part} of the base)"
    return f"without {base(people)} people or fewer, those who pull it {pull} most ({part} of the base)"


def _moved(survey: Survey, row: pd.Series[Any]) -> str:
    if pd.isna(row["shift"]) or abs(row["shift"]) > FURTHEST:
        return ""
    category = escape(", ".join(str(row["category"]).split(INTERLOCK)))
    margin = escape(margin_label(survey, str(row["margin"])))
    size = abs(row["shift"])
    way = "higher" if row["shift"] > 0 else "lower"
    return (
        f"if the target for “{category}” ({margin}) were more than about {points(size, int(size <= 0.015))} {way} than its "
        f"{percent(row['target'])}"
    )
