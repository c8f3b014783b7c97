"""Packages ranked by support: a dot and its interval each, and how likely each is the best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from plotnine import (
    aes,
    element_text,
    geom_point,
    geom_segment,
    geom_text,
    ggplot,
    labs,
    scale_x_continuous,
    scale_y_continuous,
    theme,
)

from conjoint.plot.chart import NARROW, Chart
from conjoint.plot.theme import INK, chart_theme, font_family, source_note, wrap
from conjoint.say.label import attribute_behind, group_label, level_label
from conjoint.say.measure import Measure, columns_of_ends, measure_of
from conjoint.say.number import base, percent
from conjoint.say.phrase import phrase
from conjoint.withhold.threshold import too_few

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from conjoint.survey import Survey

__all__ = ["best_chart"]

DOT = "#0072B2"


def best_chart(survey: Survey, frame: pd.DataFrame, ranking: str, outcome: str) -> Chart:
    """Draw the packages that a ranking lists, the best on top, with the chance that each is best.

    Parameters
    ----------
    survey
        What was asked.
    frame
        Of :func:`conjoint.best`.
    ranking
        A group, or "lowest of all groups".
    outcome
        That the packages are ranked by.
    """
    own = frame[frame["ranking"] == ranking].reset_index(drop=True)
    if too_few(own["n_respondents"], survey.thresholds).any():
        own = own.iloc[:0]
    measure = measure_of(survey, outcome)
    return Chart(
        lambda width: _ranked(survey, own, measure, width),
        _alt_of_best(survey, own, ranking, measure),
        _data_of_best(survey, own, measure),
        own.empty,
    )


def _chance(chance: float) -> str:
    """Draws that never came out so are no proof that it cannot be."""
    return f"<{percent(0.01)}" if chance < 0.005 else percent(chance)


def _ranked(survey: Survey, own: pd.DataFrame, measure: Measure, width: float) -> ggplot:
    letters = 26 if width <= NARROW else 54
    names = [wrap(_package(survey, row), letters) for row in own.to_dict("records")]
    lines = [name.count("\n") + 1 for name in names]
    frame = own.assign(
        place=[float(len(own) - place) for place in range(len(own))],
        said=[_chance(chance) for chance in own["probability_best"]],
    )
    right = float(own["conf_high"].max())
    reach = right - float(own["conf_low"].min())
    end = right + 0.18 * reach
    return ggplot(frame, aes("estimate", "place")) + [
        geom_segment(aes(x="conf_low", xend="conf_high", yend="place"), color=DOT, size=0.8),
        geom_point(color=DOT, size=2.6),
        geom_text(aes(x=end, label="said"), ha="right", size=9.5, color=INK, family=font_family()),
        scale_x_continuous(labels=measure.axis, limits=(None, end)),
        scale_y_continuous(
            breaks=frame["place"].to_list(), labels=names, limits=(0.5, len(own) + 0.5)
        ),
        labs(
            x="",
            y="",
            caption="\n".join(
                part for part in (phrase("charts.best.note"), source_note(survey)) if part
            ),
        ),
        chart_theme(width, 0.95 + sum(0.1 + 0.175 * count for count in lines)),
        theme(axis_text_y=element_text(size=9.5, ha="left", ma="left", color=INK)),
    ]


def _package(survey: Survey, row: Mapping[Hashable, Any]) -> str:
    keys = [(name, str(row[name])) for name in survey.attributes]
    return "; ".join(level_label(survey, *key) + attribute_behind(survey, *key) for key in keys)


def _alt_of_best(survey: Survey, own: pd.DataFrame, ranking: str, measure: Measure) -> str:
    who = group_label(survey, ranking)
    if own.empty:
        return phrase("charts.best.too_small", who=who)
    said = "; ".join(
        f"{row['rank']}. {_package(survey, row)}: {measure.say(row['estimate'])}"
        for row in own.head(3).to_dict("records")
    )
    return phrase("charts.best.alt", packages=len(own), who=who, figures=said)


def _data_of_best(survey: Survey, own: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    rows = own.to_dict("records")
    columns: dict[str, list[str]] = {phrase("charts.best.rank"): [str(row["rank"]) for row in rows]}
    for name in survey.attributes:
        columns[survey.attribute_label(name)] = [
            level_label(survey, name, str(row[name])) for row in rows
        ]
    return pd.DataFrame(
        columns
        | {
            phrase("charts.best.figure_of"): [
                group_label(survey, str(row["group"])) for row in rows
            ],
            phrase("charts.figure"): [measure.say(row["estimate"]) for row in rows],
            **columns_of_ends(measure, own["conf_low"], own["conf_high"]),
            phrase("charts.best.chance"): [_chance(row["probability_best"]) for row in rows],
            phrase("column.base"): [base(row["n_respondents"]) for row in rows],
        }
    )
