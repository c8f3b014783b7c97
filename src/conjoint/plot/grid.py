"""Two attributes against each other: the mean of each combination, with its base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from plotnine import (
    aes,
    element_blank,
    geom_text,
    geom_tile,
    ggplot,
    labs,
    scale_fill_gradient,
    scale_x_continuous,
    scale_y_continuous,
    theme,
)

from conjoint.plot.chart import NARROW, Chart, chart_name, not_quoted
from conjoint.plot.theme import (
    HUE,
    INK,
    chart_theme,
    font_family,
    group_styles,
    source_note,
    wrap,
)
from conjoint.say.label import levels_in, levels_label
from conjoint.say.measure import Measure, columns_of_ends, measure_of
from conjoint.say.number import DASH, base, base_text
from conjoint.say.phrase import phrase
from conjoint.say.words import CAUTION
from conjoint.withhold.mark import NOT_AVAILABLE

if TYPE_CHECKING:
    from collections.abc import Hashable

    from conjoint.survey import Survey

__all__ = ["beneath", "grid_chart"]


def grid_chart(survey: Survey, joint: pd.DataFrame, group: str) -> Chart:
    """Draw one group's mean in every cell: the first attribute across, the second down.

    Parameters
    ----------
    survey
        What was asked; its `report.grid` names the two attributes.
    joint
        The bundle's ``joint_means``.
    group
        The total or a segment.

    Notes
    -----
    The scale runs over all groups' figures, and levels that are put together are as wide and high as these
    were, so that grids can be held against each other. Cells whose base is too small stay empty and say so.
    """
    own = joint[joint["group"] == group].reset_index(drop=True)
    limits = (float(joint["estimate"].min()), float(joint["estimate"].max()))

    def draw(width: float) -> ggplot:
        return _draw(survey, own, limits, width)

    empty, name = bool(own["estimate"].isna().all()), chart_name("grid", group)
    return Chart(draw, _alt(survey, own, group), _data(survey, own), empty, name=name)


def _draw(survey: Survey, own: pd.DataFrame, limits: tuple[float, float], width: float) -> ggplot:
    first, second = survey.report.grid
    narrow, measure = width <= NARROW, measure_of(survey, survey.grid_outcome)
    frame = own.assign(
        figure=[measure.say(v) if pd.notna(v) else DASH for v in own["estimate"]],
        small=[
            beneath(measure, cell, survey.thresholds.suppress_below)
            for cell in own.to_dict("records")
        ],
    )
    across, down = _spans(survey, first, own["across"]), _spans(survey, second, own["down"])
    columns = [
        wrap(levels_label(survey, first, name), (9 if narrow else 16) * int(wide))
        for name, (_, wide) in across.items()
    ]
    rows = [wrap(levels_label(survey, second, name), 12 if narrow else 22) for name in down]
    lines = [max(name.count("\n") + 1 for name in names) for names in (rows, columns)]
    spans = [
        [at[name] for name in frame[side]] for at, side in ((across, "across"), (down, "down"))
    ]
    frame = frame.assign(
        x=[middle for middle, _ in spans[0]],
        wide=[size for _, size in spans[0]],
        y=[-middle for middle, _ in spans[1]],
        high=[size for _, size in spans[1]],
    )
    under = wrap(survey.attribute_label(first), 30 if narrow else 70)
    row = max(0.72 if narrow else 0.56, 0.1 + 0.175 * lines[0])  # two grids fit a printed page
    height = 0.7 + row * len(survey.attributes[second].values) + 0.175 * (lines[1] - 1)
    return ggplot(frame, aes("x", "y")) + [
        geom_tile(aes(width="wide", height="high", fill="estimate"), color="white", size=1.2),
        geom_text(
            aes(label="figure"),
            nudge_y=0.2 if narrow else 0.25,
            size=12 if narrow else 14,
            fontweight="bold",
            color=INK,
            family=font_family(),
        ),
        geom_text(
            aes(label="small"),
            nudge_y=-0.18 if narrow else -0.16,
            size=9,
            color=INK,
            lineheight=1.05,
            family=font_family(),
        ),
        scale_fill_gradient(HUE[0], HUE[1], limits=limits, na_value="white"),
        scale_x_continuous(
            breaks=[middle for middle, _ in across.values()], labels=columns, expand=(0, 0)
        ),
        scale_y_continuous(
            breaks=[-middle for middle, _ in down.values()], labels=rows, expand=(0, 0)
        ),
        labs(x=under, y="", caption=source_note(survey)),
        chart_theme(width, height + 0.16 * under.count("\n")),
        theme(
            legend_position="none",
            panel_grid_major_x=element_blank(),
            panel_grid_major_y=element_blank(),
        ),
    ]


def _spans(survey: Survey, attribute: str, names: pd.Series[str]) -> dict[str, tuple[float, float]]:
    """The middle and the size of each row or column in levels, by the joined names of its levels."""
    values = survey.attributes[attribute].values
    found = dict.fromkeys(names)
    if set(found) <= set(values):  # levels that no pair of shows stay empty, in their places
        return {value: (float(place), 1.0) for place, value in enumerate(values)}
    spans, start = {}, -0.5
    for name in found:
        size = len(levels_in(survey, attribute, name))
        spans[name] = (start + size / 2, float(size))
        start += size
    return spans


def beneath(measure: Measure, cell: dict[Hashable, Any], least: int) -> str:
    """Interval and base of a cell; an exclamation mark where the base asks for caution."""
    if not cell["n_respondents"]:
        return phrase("charts.not_shown")
    base = base_text(cell["n_respondents"])
    if cell.get("reading") == NOT_AVAILABLE:
        return f"{base}:\n{phrase('charts.not_available')}"
    if pd.isna(cell["estimate"]):
        small = cell["n_respondents"] < least
        return f"{base}:\n{phrase('charts.too_small' if small else 'charts.not_shown')}"
    mark = CAUTION if cell["reading"] == "caution" else ""
    return f"{measure.bare_interval(cell['conf_low'], cell['conf_high'])}\n{base}{mark}"


def _alt(survey: Survey, own: pd.DataFrame, group: str) -> str:
    first, second = (survey.attribute_label(name) for name in survey.report.grid)
    label, measure = group_styles(survey)[group][0], measure_of(survey, survey.grid_outcome)
    outcome = survey.outcomes[survey.grid_outcome].label or survey.grid_outcome
    known = own.dropna(subset=["estimate"])
    if known.empty:
        return phrase("charts.grid.too_small", first=first, second=second, who=label)
    ranked = known.sort_values("estimate", kind="stable")
    low, high = ranked.iloc[0], ranked.iloc[-1]
    return phrase(
        "charts.grid.alt", first=first, second=second, outcome=outcome, who=label,
        highest=_cell(survey, high), high=measure.say(high["estimate"]) + not_quoted(survey, high),
        lowest=_cell(survey, low), low=measure.say(low["estimate"]) + not_quoted(survey, low),
    )  # fmt: skip


def _cell(survey: Survey, row: pd.Series[str]) -> str:
    first, second = survey.report.grid
    across, down = str(row["across"]), str(row["down"])
    levels = levels_label(survey, first, across), levels_label(survey, second, down)
    return phrase("words.pair", first=levels[0], second=levels[1])


def _data(survey: Survey, own: pd.DataFrame) -> pd.DataFrame:
    (first, second), measure = survey.report.grid, measure_of(survey, survey.grid_outcome)
    return pd.DataFrame(
        {
            survey.attribute_label(first): [levels_label(survey, first, v) for v in own["across"]],
            survey.attribute_label(second): [levels_label(survey, second, v) for v in own["down"]],
            phrase("charts.share"): [
                measure.say(v) if pd.notna(v) else phrase("charts.not_shown")
                for v in own["estimate"]
            ],
            **columns_of_ends(measure, own["conf_low"], own["conf_high"]),
            phrase("column.base"): [base(n) if n else "" for n in own["n_respondents"]],
        }
    )
