"""What the audit draws: levels against the design, and which place was chosen from task to task."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
from plotnine import (
    aes,
    element_text,
    facet_wrap,
    geom_hline,
    geom_label,
    geom_line,
    geom_point,
    geom_segment,
    geom_text,
    geom_vline,
    ggplot,
    labs,
    scale_color_manual,
    scale_shape_manual,
    scale_x_continuous,
    scale_y_continuous,
    theme,
)

from conjoint.plot.chart import NARROW, Chart
from conjoint.plot.theme import (
    INK,
    MUTED,
    RULE,
    SEGMENT_COLOURS,
    SEGMENT_SHAPES,
    chart_theme,
    font_family,
    source_note,
    wrap,
)
from conjoint.say.measure import SHARE, Measure, columns_of_ends
from conjoint.say.number import base, percent
from conjoint.say.phrase import phrase

if TYPE_CHECKING:
    from conjoint.survey import Survey

__all__ = ["even_share", "position_chart", "shown_chart"]

LEAST_POINTS = 2.0
"""Reach of the levels' axis at least, in points; for the same reason as `LEAST_REACH`."""

MOST_MARKS = 3
"""Marks on either side of zero."""

FIGURES = ("estimate", "conf_low", "conf_high")

FINE = replace(SHARE, decimals=1)

POINTS = Measure(factor=1, sign="")
"""Points that are points already."""

LEAST_REACH = 0.03
"""Half the height of the choices' axis at least: what is smaller is noise, and should look it."""


def shown_chart(survey: Survey, table: pd.DataFrame) -> Chart:
    """Draw how far each level is from the share designed, one attribute under another.

    Parameters
    ----------
    survey
        What was asked.
    table
        The bundle's ``shown``.
    """
    frame = table.reset_index(drop=True)

    def draw(width: float) -> ggplot:
        return _draw_shown(survey, frame, width)

    return Chart(
        draw, _alt_shown(frame), _data_shown(survey, frame), frame.empty, name="levels-shown"
    )


def _draw_shown(survey: Survey, frame: pd.DataFrame, width: float) -> ggplot:
    narrow = width <= NARROW
    names, places, headings, depth = [], [], {}, 0.0
    for attribute, own in frame.groupby("attribute", sort=False):
        headings[attribute] = depth
        for level in own["level"]:
            name = wrap(survey.level(str(attribute), level).shown, 18 if narrow else 34)
            lines = name.count("\n")
            depth -= 1 + 0.45 * lines
            names.append(name)
            places.append(depth + 0.22 * lines)
        depth -= 1.4
    shown = frame.assign(
        place=places,
        said=[percent(share, 1) for share in frame["estimate"]],
        **{key: 100 * (frame[key] - frame["designed"]) for key in FIGURES},
    )
    reach = 1.1 * max(LEAST_POINTS, float(shown[list(FIGURES)].abs().to_numpy(float).max()))
    edge = reach * (1.75 if narrow else 1.35)
    step = next((own for own in (1, 2, 5, 10, 20) if reach / own <= MOST_MARKS), 50)
    marks = [
        step * place for place in range(-MOST_MARKS, MOST_MARKS + 1) if step * abs(place) <= reach
    ]
    titles = pd.DataFrame(
        {
            "place": headings.values(),
            "text": [wrap(survey.attribute_label(str(a)), 40 if narrow else 70) for a in headings],
        }
    )
    return ggplot(shown, aes("estimate", "place")) + [
        geom_vline(xintercept=0, color=RULE, size=0.5),
        geom_segment(aes(x="conf_low", xend="conf_high", yend="place"), color=INK, size=0.9),
        geom_point(size=2.6, color=INK),
        geom_text(
            aes(label="said"), x=edge, ha="right", size=9.5, color=MUTED, family=font_family()
        ),
        geom_label(
            titles,
            aes(y="place", label="text"),
            x=-reach,
            ha="left",
            size=10.5,
            fill="white",  # the rule stops at a heading
            label_size=0,
            label_padding=0.1,
            fontweight="bold",
            family=font_family(),
        ),
        scale_x_continuous(
            labels=POINTS.change_axis, limits=(-reach, edge), breaks=marks, expand=(0, 0)
        ),
        scale_y_continuous(breaks=places, labels=names, limits=(depth + 0.8, 0.6), expand=(0, 0)),
        labs(x="", y="", caption=source_note(survey)),
        chart_theme(width, 0.6 + 0.235 * -depth),
    ]


def _alt_shown(frame: pd.DataFrame) -> str:
    off = (frame["estimate"] - frame["designed"]).abs().to_numpy(float)
    row = frame.iloc[int(off.argmax())]
    return phrase(
        "charts.shown.alt", levels=len(frame), level=row["level"], attribute=row["attribute"],
        shown=percent(row["estimate"], 1), designed=percent(row["designed"], 1),
    )  # fmt: skip


def _data_shown(survey: Survey, frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            phrase("column.attribute"): [
                survey.attribute_label(name) for name in frame["attribute"]
            ],
            phrase("column.level"): [
                survey.level(attribute, level).shown
                for attribute, level in zip(frame["attribute"], frame["level"], strict=True)
            ],
            phrase("column.shown"): [percent(share, 1) for share in frame["estimate"]],
            **columns_of_ends(FINE, frame["conf_low"], frame["conf_high"]),
            phrase("column.designed"): [percent(share, 1) for share in frame["designed"]],
        }
    )


def position_chart(survey: Survey, table: pd.DataFrame) -> Chart:
    """Draw how often each place was chosen in each task.

    Parameters
    ----------
    survey
        What was asked.
    table
        The bundle's ``positions``.
    """
    frame = table.reset_index(drop=True)

    def draw(width: float) -> ggplot:
        return _draw_positions(survey, frame, width)

    alt, data = _alt_positions(frame), _data_positions(survey, frame)
    return Chart(draw, alt, data, frame.empty, name="positions")


def even_share(survey: Survey, table: pd.DataFrame) -> float | None:
    """Return where no place has an advantage; None where that is not the same in all choices."""
    shares = {survey.even_choice(outcome) for outcome in table["outcome"]}
    return shares.pop() if len(shares) == 1 else None


def _draw_positions(survey: Survey, frame: pd.DataFrame, width: float) -> ggplot:
    tasks, profiles = list(dict.fromkeys(frame["task"])), list(dict.fromkeys(frame["profile"]))
    even = even_share(survey, frame)
    middle = float(frame["estimate"].mean()) if even is None else even
    off = (frame[["conf_low", "conf_high"]] - middle).abs().to_numpy(float).max()
    reach = 1.15 * max(LEAST_REACH, float(off))
    place = {task: at for at, task in enumerate(tasks)}
    # In each other's way otherwise: two places of a pair mirror each other.
    apart = {name: 0.08 * (at - (len(profiles) - 1) / 2) for at, name in enumerate(profiles)}
    shown = frame.assign(
        x=[
            place[task] + apart[name]
            for task, name in zip(frame["task"], frame["profile"], strict=True)
        ],
        profile=pd.Categorical(frame["profile"], profiles),
        title=[survey.outcomes[name].label or name for name in frame["outcome"]],
    )
    last = shown[shown["task"] == tasks[-1]].assign(x=len(tasks) - 1 + 0.18)
    colours = dict(zip(profiles, SEGMENT_COLOURS[1:] + SEGMENT_COLOURS, strict=False))
    shapes = dict(zip(profiles, SEGMENT_SHAPES, strict=False))
    panels = len(set(frame["outcome"]))
    chart = ggplot(
        shown, aes("x", "estimate", color="profile", shape="profile", group="profile")
    ) + [
        geom_hline(
            yintercept=[] if even is None else [even], color=RULE, size=0.5, linetype="dashed"
        ),
        geom_line(size=0.5),
        geom_segment(aes(xend="x", y="conf_low", yend="conf_high"), size=0.9),
        geom_point(size=2.8),
        geom_text(
            last,
            aes(label="profile"),
            ha="left",
            size=10.5,
            fontweight="bold",
            family=font_family(),
            show_legend=False,
        ),
        scale_color_manual(values=colours, breaks=profiles),
        scale_shape_manual(values=shapes, breaks=profiles),
        scale_x_continuous(
            breaks=list(range(len(tasks))),
            labels=[
                phrase("charts.positions.task_n", task=t) if width > NARROW else t for t in tasks
            ],
            limits=(-0.4, len(tasks) - 0.4),
            expand=(0, 0),
        ),
        scale_y_continuous(
            labels=SHARE.axis, limits=(middle - reach, middle + reach), expand=(0, 0)
        ),
        labs(
            x="" if width > NARROW else phrase("charts.positions.under"),
            y="",
            caption=source_note(survey),
        ),
        chart_theme(width, 2.6 * panels),
        theme(legend_position="none", axis_title_x=element_text(size=10, color=MUTED)),
    ]
    return chart + facet_wrap("title", ncol=1) if panels > 1 else chart


def _alt_positions(frame: pd.DataFrame) -> str:
    first = frame[frame["profile"] == frame["profile"].iloc[0]]
    figures = ", ".join(
        phrase("charts.positions.in_task", share=percent(share), task=task)
        for task, share in zip(first["task"], first["estimate"], strict=True)
    )
    return phrase("charts.positions.alt", place=first["profile"].iloc[0], figures=figures)


def _data_positions(survey: Survey, frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            phrase("charts.positions.outcome"): [
                survey.outcomes[name].label or name for name in frame["outcome"]
            ],
            phrase("charts.positions.task"): list(frame["task"]),
            phrase("charts.positions.place"): list(frame["profile"]),
            phrase("charts.positions.chosen"): [percent(share, 1) for share in frame["estimate"]],
            **columns_of_ends(FINE, frame["conf_low"], frame["conf_high"]),
            phrase("column.base"): [base(n) for n in frame["n_respondents"]],
        }
    )
