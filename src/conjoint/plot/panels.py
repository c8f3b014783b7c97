"""Levels of one attribute where there are many groups: a panel each, everybody's beside in grey."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from plotnine import (
    aes,
    facet_wrap,
    geom_point,
    geom_segment,
    geom_vline,
    ggplot,
    labs,
    scale_color_manual,
    scale_shape_manual,
    scale_x_continuous,
    scale_y_continuous,
    theme,
)

from conjoint.plot.theme import MUTED, RULE, chart_theme, font_size, wrap
from conjoint.say.number import base
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conjoint.plot.theme import GroupStyle

__all__ = ["MOST_LANES", "panels"]

MOST_LANES = 8
"""Groups that still can be told apart in lanes of one panel; more get a panel each."""

LINE = 0.175
"""Inches of a line of text."""


def panels(
    shown: pd.DataFrame,
    styles: dict[str, GroupStyle],
    rows: dict[str, int],
    names: Sequence[str],
    width: float,
    *,
    narrow: bool,
    rule: list[float],
    axis: Callable[[Sequence[float]], list[str]],
    labels: tuple[str, str],
) -> ggplot:
    """Draw a panel a segment.

    Parameters
    ----------
    shown
        The rows of one attribute that have a figure.
    styles
        Label, colour and shape of the groups present, in order.
    rows, names
        Where each level stands, and how it is called.
    width, narrow
        In inches; whether it is a phone's.
    rule, axis, labels
        Where a rule stands, how the axis counts, what stands under it and under all.
    """
    segments = [group for group in styles if group != TOTAL]
    columns = min(2 if narrow else 3, len(segments))
    bases = shown.groupby("group")["n_respondents"].min()
    titles = {
        group: wrap(f"{styles[group][0]} ({base(bases[group])}+)", 16 if narrow else 24)
        for group in segments
    }
    total = shown[shown["group"] == TOTAL]
    parts = []
    for group in segments:
        for own, lane in ((total, -0.16), (shown[shown["group"] == group], 0.16)):
            at = [rows[level] + lane * bool(len(total)) for level in own["level"]]
            parts.append(own.assign(panel=titles[group], place=at))
    frame = pd.concat(parts, ignore_index=True)
    frame["panel"] = pd.Categorical(frame["panel"], list(dict.fromkeys(titles.values())))
    lines = sum(max(2, name.count("\n") + 1) for name in names)
    deep = max(title.count("\n") + 1 for title in titles.values())
    height = -(-len(segments) // columns) * (LINE * lines + 0.19 * deep + 0.12) + 0.75
    colours = {group: styles[group][1] for group in segments} | {TOTAL: RULE}
    return ggplot(frame, aes("estimate", "place", color="group", shape="group")) + [
        geom_vline(xintercept=rule, color=MUTED, size=0.4),
        geom_segment(aes(x="conf_low", xend="conf_high", yend="place"), size=0.8, na_rm=True),
        geom_point(size=2),
        facet_wrap("panel", ncol=columns),
        scale_color_manual(values=colours),
        scale_shape_manual(values={group: styles[group][2] for group in styles}),
        scale_x_continuous(labels=axis),
        scale_y_continuous(
            breaks=[rows[level] for level in rows],
            labels=list(names),
            limits=(0.5, len(rows) + 0.5),
            expand=(0, 0),
        ),
        labs(x=labels[0], y="", caption=labels[1]),
        chart_theme(width, height),
        theme(
            legend_position="none",
            axis_text_y=font_size(9 if narrow else 9.5),
            axis_text_x=font_size(9, ha="center"),
            strip_text=font_size(9.5, weight="bold", ha="left", ma="left"),
            plot_margin_top=0.03,
            panel_spacing_x=0.03,
            panel_spacing_y=0.02,
        ),
    ]
