"""One figure made in several ways, level by level: how far effects hang on the way they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from plotnine import (
    aes,
    geom_label,
    geom_point,
    geom_segment,
    geom_vline,
    ggplot,
    guide_legend,
    guides,
    labs,
    scale_color_manual,
    scale_shape_manual,
    scale_x_continuous,
    scale_y_continuous,
)

from conjoint.plot.chart import NARROW, Chart
from conjoint.plot.theme import INK, MUTED, chart_theme, font_family, source_note, wrap
from conjoint.say.label import level_label
from conjoint.say.measure import Measure, measure_of
from conjoint.say.number import DASH
from conjoint.say.phrase import phrase
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.survey import Survey

__all__ = ["specification_charts"]

WAYS = {
    "linearised": (INK, "o"),
    "unweighted": ("#56B4E9", "s"),
    "absorbed": ("#E69F00", "^"),
    "logit": ("#CC79A7", "D"),
    "corrected": ("#7F5F00", "v"),
}
"""Ways to make an effect: colour, shape."""

LANE = 0.16
"""Distance between the lanes of two ways, in rows."""

LINE = 0.5
"""Height of a line of a label, in rows."""

MOST_LEVELS = 10
"""Levels that one picture holds: more would be too small to read on a slide."""


def specification_charts(survey: Survey, table: pd.DataFrame) -> Iterator[Chart]:
    """Draw everybody's effects made in several ways, a lane each, as many attributes as a page holds.

    Parameters
    ----------
    survey
        What was asked.
    table
        The bundle's ``robustness``. Ways that are not available have no lane.
    """
    own = table[
        (table["figure"] == "amce")
        & (table["group"] == TOTAL)
        & table["method"].isin(list(WAYS))
        & table["conf_low"].notna()
    ]
    pages: list[list[str]] = [[]]
    count = 0
    for name, attribute in survey.attributes.items():
        size = len(attribute.levels)
        if pages[-1] and count + size > MOST_LEVELS:
            pages.append([])
            count = 0
        pages[-1].append(name)
        count += size
    for names in pages:
        rows = own[own["attribute"].isin(names)].reset_index(drop=True)
        if len(rows):
            yield _chart(survey, rows, names)


def _chart(survey: Survey, rows: pd.DataFrame, names: list[str]) -> Chart:
    measure = measure_of(survey, survey.main_outcome)

    def draw(width: float) -> ggplot:
        return _draw(survey, rows, names, measure, width)

    return Chart(draw, _alt(rows, measure), _data(survey, rows, measure))


def _places(
    survey: Survey, rows: pd.DataFrame, titles: dict[str, str], letters: int
) -> tuple[dict[tuple[str, str], float], dict[str, float], float]:
    """Where levels and headings stand, from the top down; labels of many lines have more room."""
    shown = set(zip(rows["attribute"], rows["level"], strict=True))
    levels: dict[tuple[str, str], float] = {}
    headings: dict[str, float] = {}
    at = 0.0
    for name, title in titles.items():
        more = LINE * title.count("\n")
        headings[name] = -at - more / 2
        at += 0.85 + more
        for value in survey.attributes[name].values:
            if (name, value) in shown:
                lines = wrap(level_label(survey, name, value), letters).count("\n") + 1
                room = max(1.0, LINE * lines)
                levels[name, value] = -at - (room - 1) / 2
                at += room
        at += 0.15
    return levels, headings, at


def _draw(
    survey: Survey, rows: pd.DataFrame, names: list[str], measure: Measure, width: float
) -> ggplot:
    narrow = width <= NARROW
    letters = 15 if narrow else 26
    heads = {name: wrap(survey.attribute_label(name), 34 if narrow else 60) for name in names}
    levels, headings, depth = _places(survey, rows, heads, letters)
    present = [way for way in WAYS if (rows["method"] == way).any()]
    lanes = {way: LANE * ((len(present) - 1) / 2 - at) for at, way in enumerate(present)}
    frame = rows.assign(
        place=[
            levels[attribute, level] + lanes[way]
            for attribute, level, way in zip(
                rows["attribute"], rows["level"], rows["method"], strict=True
            )
        ],
        way=pd.Categorical(rows["method"], present),
    )
    low = min(0.0, float(rows["conf_low"].min()))
    titles = pd.DataFrame(
        {
            "place": list(headings.values()),
            "text": list(heads.values()),
            "low": low,
        }
    )
    labels = [wrap(level_label(survey, *key), letters) for key in levels]
    words = [_name(way) for way in present]
    legend = {"breaks": present, "labels": words}
    keys = {name: guide_legend(ncol=2 if narrow else 5) for name in ("color", "shape")}
    return ggplot(frame, aes("estimate", "place", color="way", shape="way")) + [
        geom_vline(xintercept=0, color=MUTED, size=0.5),
        geom_segment(
            aes(x="conf_low", xend="conf_high", yend="place"), size=0.6, show_legend=False
        ),
        geom_point(size=1.8),
        geom_label(
            titles,
            aes(x="low", y="place", label="text"),
            ha="left",
            size=10.5,
            fontweight="bold",
            color=INK,
            fill="white",
            label_size=0,
            label_padding=0.1,
            family=font_family(),
            inherit_aes=False,
        ),
        scale_color_manual(values={way: WAYS[way][0] for way in present}, **legend),
        scale_shape_manual(values={way: WAYS[way][1] for way in present}, **legend),
        guides(**keys),
        scale_x_continuous(labels=measure.change_axis),
        scale_y_continuous(
            breaks=list(levels.values()), labels=labels, limits=(-depth, 0.5), expand=(0, 0)
        ),
        labs(
            x=phrase("charts.change_in_points" if measure.unit else "charts.change"),
            y="",
            caption=source_note(survey),
        ),
        chart_theme(width, 1.1 + 0.36 * depth),
    ]


def _alt(rows: pd.DataFrame, measure: Measure) -> str:
    main = rows[rows["method"] == "linearised"].set_index(["attribute", "level"])["estimate"]
    words = [_name(way).lower() for way in WAYS if (rows["method"] == way).any()]
    apart = []
    for way in ("unweighted", "logit"):
        own = rows[rows["method"] == way].set_index(["attribute", "level"])["estimate"]
        if len(own):
            furthest = float((own - main).abs().max())
            apart.append(f"{_name(way).lower()} {measure.size(furthest)}")
    far = phrase(
        "charts.ways.furthest_points" if measure.unit else "charts.ways.furthest",
        figures=", ".join(apart),
    )
    alt = phrase("charts.ways.alt", effects=len(main), ways=len(words), names=", ".join(words))
    return f"{alt} {far}" if apart else alt


def _name(way: str) -> str:
    return phrase(f"charts.way.{way}")


def _data(survey: Survey, rows: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    """A row a level, a column a way."""
    cells: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows.to_dict("records"):
        key = (str(row["attribute"]), str(row["level"]))
        own = cells.setdefault(
            key,
            {
                phrase("column.attribute"): survey.attribute_label(key[0]),
                phrase("column.level"): level_label(survey, *key),
            },
        )
        ends = row["conf_low"], row["conf_high"]
        own[_name(row["method"])] = measure.moved(row["estimate"], *ends)
    return pd.DataFrame(list(cells.values())).fillna(DASH)
