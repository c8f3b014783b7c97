"""Levels of one attribute by group: marginal means or AMCEs, a dot and its interval each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from plotnine import (
    aes,
    geom_point,
    geom_segment,
    geom_vline,
    ggplot,
    guide_legend,
    guides,
    labs,
    scale_color_manual,
    scale_shape_manual,
    scale_size_manual,
    scale_x_continuous,
    scale_y_continuous,
)

from conjoint.plot.chart import NARROW, Chart
from conjoint.plot.theme import (
    MUTED,
    chart_theme,
    group_styles,
    percent,
    percents,
    points,
    source_note,
    wrap,
)
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from conjoint.survey import Survey

__all__ = ["level_chart", "shown_level"]

LANE = 0.17
"""Distance between the lanes of two groups, in rows."""


def level_chart(survey: Survey, estimates: pd.DataFrame, attribute: str, outcome: str) -> Chart:
    """Draw one attribute's levels, a lane a group.

    Parameters
    ----------
    survey
        What was asked.
    estimates
        The bundle's ``marginal_means`` or ``amce``.
    attribute, outcome
        Which attribute, and on which outcome.

    Notes
    -----
    A rule stands where there is nothing to see: at 50% for the marginal means of a forced choice
    between two, at zero for AMCEs, and nowhere for other marginal means.
    """
    own = estimates[(estimates["attribute"] == attribute) & (estimates["outcome"] == outcome)]
    effects = bool((own["estimand"] == "amce").any())
    shown = own.dropna(subset=["estimate"]).reset_index(drop=True)
    rule: list[float] = [0.0] if effects else []
    if not effects and survey.outcomes[outcome].kind == "choice":
        rule = [0.5]

    def draw(width: float) -> ggplot:
        return _draw(survey, shown, attribute, rule, width, effects=effects)

    return Chart(
        draw,
        _alt(survey, shown, attribute, effects=effects),
        _data(survey, own, attribute, effects=effects),
    )


def shown_level(survey: Survey, attribute: str, value: str) -> str:
    """A level as shown, with a dagger where it is assumed."""
    level = survey.level(attribute, value)
    assumed = level.assumed or survey.attributes[attribute].assumed
    return f"{level.shown}\u00a0†" if assumed else level.shown


def _draw(
    survey: Survey,
    shown: pd.DataFrame,
    attribute: str,
    rule: list[float],
    width: float,
    *,
    effects: bool,
) -> ggplot:
    styles = {
        key: style for key, style in group_styles(survey).items() if key in set(shown["group"])
    }
    groups, values = list(styles), list(survey.attributes[attribute].values)
    lanes = {key: LANE * ((len(groups) - 1) / 2 - place) for place, key in enumerate(groups)}
    rows = {value: len(values) - place for place, value in enumerate(values)}
    frame = shown.assign(
        place=[rows[v] + lanes[g] for v, g in zip(shown["level"], shown["group"], strict=True)]
    )
    names = [wrap(shown_level(survey, attribute, v), 24 if width > NARROW else 14) for v in values]
    bases = shown.groupby("group")["n_respondents"].min()
    legend = [wrap(f"{styles[key][0]} ({bases[key]:,}+)", 30) for key in groups]
    lines = sum(name.count("\n") + 1 for name in names)
    height = 0.85 + max(len(values) * max(0.42, (LANE * len(groups) + 0.12) * 0.62), 0.2 * lines)
    columns = _legend_columns(legend, width)
    rows_of_legend = -(-len(groups) // columns)
    scale = {"breaks": groups, "labels": legend}
    return (
        ggplot(frame, aes("estimate", "place", color="group", shape="group", size="group"))
        + geom_vline(xintercept=rule, color=MUTED, size=0.5)
        + geom_segment(
            aes(x="conf_low", xend="conf_high", yend="place"),
            size=0.8,
            na_rm=True,
            show_legend=False,
        )
        + geom_point()
        + scale_color_manual(values={key: styles[key][1] for key in groups}, **scale)
        + scale_shape_manual(values={key: styles[key][2] for key in groups}, **scale)
        + scale_size_manual(values={key: 2.9 if key == TOTAL else 2.1 for key in groups}, **scale)
        + guides(
            color=guide_legend(ncol=columns),
            shape=guide_legend(ncol=columns),
            size=guide_legend(ncol=columns),
        )
        + scale_x_continuous(labels=points if effects else percents)
        + scale_y_continuous(
            breaks=[rows[value] for value in values],
            labels=names,
            limits=(0.5, len(values) + 0.5),
            expand=(0, 0),
        )
        + labs(
            x="Change in percentage points" if effects else "", y="", caption=source_note(survey)
        )
        + chart_theme(width, height + 0.24 * (rows_of_legend - 1))
    )


def _legend_columns(legend: list[str], width: float) -> int:
    """As many columns as fit beside each other over the panel, a letter being some 1/13 inch."""
    widest = max(len(label) for label in legend) + 4
    return min(len(legend), max(1, int(13 * (width - 1.6) // widest)))


def _alt(survey: Survey, shown: pd.DataFrame, attribute: str, *, effects: bool) -> str:
    label = survey.attribute_label(attribute)
    measure = "change in percentage points" if effects else "share"
    total = shown[shown["group"] == TOTAL]
    say = _signed if effects else percent
    figures = "; ".join(
        f"{shown_level(survey, attribute, row['level'])} {say(row['estimate'])}"
        for row in total.to_dict("records")
    )
    groups = [style[0] for key, style in group_styles(survey).items() if key != TOTAL]
    beside = f" Beside it: {', '.join(groups)}." if groups else ""
    return f"Dot chart of {label}, {measure} with 95% intervals. All: {figures}.{beside}"


def _signed(value: float) -> str:
    return f"{100 * value:+.0f}"


def _data(survey: Survey, own: pd.DataFrame, attribute: str, *, effects: bool) -> pd.DataFrame:
    styles = group_styles(survey)
    say = _signed if effects else percent

    def cell(row: pd.Series[float]) -> str:
        if pd.isna(row["estimate"]):
            return f"base too small ({row['n_respondents']:,.0f})"
        if pd.isna(row["conf_low"]):
            return "baseline"
        interval = f"{say(row['conf_low'])} to {say(row['conf_high'])}"
        return f"{say(row['estimate'])} ({interval}; base {row['n_respondents']:,.0f})"

    table = own.assign(
        cell=own.apply(cell, axis=1),
        Level=[shown_level(survey, attribute, value) for value in own["level"]],
    )
    wide = table.pivot_table(index="Level", columns="group", values="cell", aggfunc="first")
    order = list(dict.fromkeys(table["Level"]))
    groups = [key for key in styles if key in wide.columns]
    return (
        wide.loc[order, groups]
        .rename(columns={key: styles[key][0] for key in groups})
        .rename_axis(columns=None)
        .reset_index()
    )
