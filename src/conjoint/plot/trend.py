"""One answer from wave to wave: a panel a group, a dot and its interval a wave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from plotnine import (
    aes,
    element_text,
    facet_wrap,
    geom_line,
    geom_point,
    geom_segment,
    geom_text,
    ggplot,
    labs,
    scale_color_manual,
    scale_shape_manual,
    scale_x_continuous,
    scale_y_continuous,
    theme,
)

from conjoint.plot.chart import NARROW, Chart, chart_name, not_quoted
from conjoint.plot.theme import (
    INK,
    MUTED,
    chart_theme,
    font_family,
    group_styles,
    wrap,
)
from conjoint.say.measure import SHARE, columns_of_ends
from conjoint.say.number import base
from conjoint.say.phrase import phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.plot.theme import GroupStyle
    from conjoint.survey import Survey

__all__ = ["trend_chart"]

LEAST_HEIGHT = 0.2
"""Height of the axis at least: a change of two points should look like one."""

ROOM = 0.06
"""Part of the axis that the bases need below the lowest interval."""

APART = 0.16
"""Days between two waves, as a part of the whole time, below which their labels would touch."""


def trend_chart(
    survey: Survey,
    trend: pd.DataFrame,
    waves: pd.DataFrame,
    question: str,
    level: str,
    *,
    joined: Sequence[tuple[str, str]],
) -> Chart:
    """Draw a question's answer over the waves, the total first and then each segment.

    Parameters
    ----------
    survey
        What was asked in the last wave.
    trend, waves
        The comparison's tables.
    question, level
        What is drawn: a share.
    joined
        Pairs of waves whose dots are joined: those that can be compared.
    """
    own = trend[(trend["outcome"] == question) & (trend["level"] == level)]
    own = own.assign(group=own["group"].astype(str))
    shown = own.dropna(subset=["estimate"]).reset_index(drop=True)
    styles = group_styles(survey)
    synthetic = bool(waves["synthetic"].any())

    def draw(width: float) -> ggplot:
        return _draw(
            shown, waves, styles, width, joined, phrase("charts.synthetic") if synthetic else ""
        )

    alt = _alt(survey, shown, question, level, styles)
    name = chart_name("trend", question, level)
    return Chart(draw, alt, _data(own, styles), shown.empty, name=name)


def _draw(
    shown: pd.DataFrame,
    waves: pd.DataFrame,
    styles: dict[str, GroupStyle],
    width: float,
    joined: Sequence[tuple[str, str]],
    note: str,
) -> ggplot:
    groups = [group for group in styles if group in set(shown["group"])]
    columns = 1 if width <= NARROW or len(groups) == 1 else 2
    rows = -(-len(groups) // columns)
    names = list(waves["wave"])
    x = dict(zip(names, _places(waves), strict=True))
    titles = {group: wrap(styles[group][0], 32) for group in groups}
    frame = shown.assign(
        x=[x[name] for name in shown["wave"]],
        said=shown["estimate"].map(SHARE.say),
        base=[f"n {base(n)}" for n in shown["n_respondents"]],
        panel=pd.Categorical([titles[g] for g in shown["group"]], [titles[g] for g in groups]),
    )
    low, high = _limits(frame)
    span = high - low
    frame = frame.assign(top=frame["conf_high"] + 0.012 * span, bottom=low + 0.005 * span)
    wide = 0.34 if len(names) < 4 else 0.2
    return ggplot(frame, aes("x", "estimate", color="group", shape="group")) + [
        geom_line(_lines(frame, joined), aes(group="line"), size=0.6),
        geom_segment(aes(xend="x", y="conf_low", yend="conf_high"), size=1.1),
        geom_point(size=3.2),
        geom_text(
            aes(y="top", label="said"),
            va="bottom",
            size=11,
            fontweight="bold",
            family=font_family(),
            show_legend=False,
        ),
        geom_text(
            aes(y="bottom", label="base"),
            va="bottom",
            size=9,
            color=MUTED,
            family=font_family(),
            show_legend=False,
        ),
        facet_wrap("panel", ncol=columns),
        scale_color_manual(values={group: styles[group][1] for group in groups}, breaks=groups),
        scale_shape_manual(values={group: styles[group][2] for group in groups}, breaks=groups),
        scale_x_continuous(
            breaks=list(x.values()),
            labels=[wrap(name, max(6, len(name) - 5)) for name in names],
            limits=(-wide, 1 + wide),
            expand=(0, 0),
        ),
        scale_y_continuous(labels=SHARE.axis, limits=(low, high), expand=(0, 0)),
        labs(x="", y="", caption=note),
        chart_theme(width, 0.6 + 2.2 * rows),
        theme(
            legend_position="none",
            panel_spacing_x=0.03,
            panel_spacing_y=0.05,
            axis_text_x=element_text(size=10, color=INK),
            strip_text=element_text(size=11, weight="bold", ha="left"),
        ),
    ]


def _places(waves: pd.DataFrame) -> list[float]:
    """Where waves stand between 0 and 1: by date where all have one and labels keep apart."""
    count = len(waves)
    even = [float(place) for place in np.linspace(0, 1, count)] if count > 1 else [0.5]
    days = pd.to_datetime(waves["end"], errors="coerce")
    if count < 2 or days.isna().any():
        return even
    since = (days - days.iloc[0]).dt.days.to_numpy(float)
    if since[-1] <= 0:
        return even
    places = since / since[-1]
    return even if (np.diff(places) < APART).any() else [float(place) for place in places]


def _limits(frame: pd.DataFrame) -> tuple[float, float]:
    low, high = float(frame["conf_low"].min()), float(frame["conf_high"].max())
    missing = max(0.0, LEAST_HEIGHT - (high - low)) / 2
    low, high = low - missing, high + missing
    span = high - low
    return low - 2.4 * ROOM * span, high + 2.6 * ROOM * span


def _lines(frame: pd.DataFrame, joined: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """The ends of each line between two waves that can be compared."""
    parts = []
    for number, (first, second) in enumerate(joined):
        own = frame[frame["wave"].isin((first, second))]
        both = own.groupby("group")["wave"].transform("size") == 2
        parts.append(own[both].assign(line=[f"{number} {group}" for group in own["group"][both]]))
    if not parts:
        return frame.iloc[:0].assign(line="")
    return pd.concat(parts, ignore_index=True)


def _alt(
    survey: Survey, shown: pd.DataFrame, question: str, level: str, styles: dict[str, GroupStyle]
) -> str:
    asked = survey.questions.get(question)
    label = (asked.label if asked else "") or question
    figures = "; ".join(
        f"{styles[str(group)][0]} "
        + ", ".join(
            phrase("charts.trend.in_wave", share=SHARE.say(row["estimate"]), wave=row["wave"])
            + not_quoted(survey, row)
            for row in own.to_dict("records")
        )
        for group, own in shown.groupby("group", sort=False)
    )
    return phrase("charts.trend.alt", answer=level, question=label, figures=figures)


def _data(own: pd.DataFrame, styles: dict[str, GroupStyle]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            phrase("column.group"): [styles.get(group, (group,))[0] for group in own["group"]],
            phrase("charts.trend.wave"): list(own["wave"]),
            phrase("charts.share"): [
                SHARE.say(v) if pd.notna(v) else phrase("charts.base_too_small")
                for v in own["estimate"]
            ],
            **columns_of_ends(SHARE, own["conf_low"], own["conf_high"]),
            phrase("column.base"): [base(n) for n in own["n_respondents"]],
        }
    )
