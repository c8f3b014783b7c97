"""What weighting did: every category before and after against its target, and the weights."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from plotnine import (
    aes,
    element_blank,
    element_text,
    geom_point,
    geom_rect,
    geom_segment,
    geom_text,
    geom_vline,
    ggplot,
    labs,
    scale_color_manual,
    scale_fill_manual,
    scale_shape_manual,
    scale_size_manual,
    scale_x_continuous,
    scale_y_continuous,
    theme,
)

from conjoint.plot.chart import NARROW, Chart
from conjoint.plot.theme import (
    HUE,
    INK,
    MUTED,
    RULE,
    chart_theme,
    font_family,
    source_note,
    wrap,
)
from conjoint.say.label import margin_label
from conjoint.say.measure import SHARE
from conjoint.say.number import base, between, exact, numeral, percent, points
from conjoint.say.phrase import phrase
from conjoint.survey import INTERLOCK

if TYPE_CHECKING:
    from conjoint.survey import Survey

__all__ = ["margin_label", "weighting_chart", "weights_chart"]

LOOK = {
    "unweighted": ("o", "white", MUTED, 2.4),
    "weighted": ("o", HUE[1], HUE[1], 2.9),
    "target": ("|", INK, INK, 4.6),
}
"""By column: shape, filling, outline and size: a ring goes to a full dot, which has the target's stroke on it."""

MET = 0.0005
"""Miss of a target, as a share, that no table with one decimal shows."""


def weighting_chart(survey: Survey, table: pd.DataFrame) -> Chart:
    """Draw target, unweighted and weighted share of every category, one margin under another.

    Parameters
    ----------
    survey
        What was asked.
    table
        The bundle's ``weighting``. Targets that are means, and categories of which nothing may be shown, are
        in the data, not in the picture.
    """
    drawn = (table["unit"] == "share") & table["unweighted"].notna()
    shares = table[drawn].reset_index(drop=True)

    def draw(width: float) -> ggplot:
        return _draw(survey, shares, width)

    return Chart(draw, _alt(survey, shares), _data(survey, table), shares.empty, name="weighting")


def _draw(survey: Survey, shares: pd.DataFrame, width: float) -> ggplot:
    narrow = width <= NARROW
    names = [wrap(_category(text), 17 if narrow else 34) for text in shares["category"]]
    places, headings, depth = _places(shares, names)
    high = float(shares[["target", "unweighted", "weighted"]].to_numpy(float).max()) + 0.02
    edge = high * (1.17 if narrow else 1.1)
    frame = shares.assign(edge=edge, place=places, shown=shares["target"].map(SHARE.say))
    words = {column: phrase(f"column.{column}") for column in LOOK}
    dots = pd.concat(
        [frame[["place"]].assign(what=w, value=frame[column]) for column, w in words.items()],
        ignore_index=True,
    ).assign(what=lambda d: pd.Categorical(d["what"], list(words.values())))
    titles = pd.DataFrame({"place": headings.values(), "text": [
        wrap(margin_label(survey, name), 34 if narrow else 60) for name in headings
    ]})  # fmt: skip
    look: dict[str, Any] = {
        what: {words[column]: value[at] for column, value in LOOK.items()}
        for at, what in enumerate(("shape", "fill", "color", "size"))
    }
    return ggplot(dots, aes("value", "place")) + [
        geom_segment(
            frame,
            aes(x="unweighted", xend="weighted", yend="place"),
            color=RULE,
            size=0.7,
        ),
        geom_point(aes(shape="what", fill="what", color="what", size="what"), stroke=0.8),
        geom_text(
            titles,
            aes(x=0, y="place", label="text"),
            ha="left",
            size=10.5,
            fontweight="bold",
            color=INK,
            family=font_family(),
        ),
        geom_text(
            frame,
            aes(x="edge", y="place", label="shown"),
            ha="right",
            size=10,
            color=INK,
            family=font_family(),
        ),
        scale_shape_manual(values=look["shape"]),
        scale_fill_manual(values=look["fill"]),
        scale_color_manual(values=look["color"]),
        scale_size_manual(values=look["size"]),
        scale_x_continuous(labels=SHARE.axis, limits=(0, edge), expand=(0, 0)),
        scale_y_continuous(
            breaks=list(places), labels=names, limits=(-depth - 0.2, 0.5), expand=(0, 0)
        ),
        labs(x="", y="", caption=source_note(survey)),
        chart_theme(width, 0.8 + 0.185 * depth),
        theme(legend_text=element_text(size=9 if narrow else 10.5), legend_key_spacing_x=2),
    ]


def _places(shares: pd.DataFrame, names: list[str]) -> tuple[list[float], dict[str, float], float]:
    """Where each row and each margin's heading stand, from the top down, in lines of text."""
    places: list[float] = []
    headings: dict[str, float] = {}
    at = 0.0
    for margin, name in zip(shares["margin"], names, strict=True):
        if margin not in headings:
            at += 0.55 if headings else 0.0
            headings[margin] = -at
            at += 1.0
        lines = name.count("\n") + 1
        places.append(-(at + (lines - 1) / 2 * 0.8))
        at += 1.0 + (lines - 1) * 0.8
    return places, headings, at - 0.5


def _category(text: str) -> str:
    return ", ".join(text.split(INTERLOCK))


def _alt(survey: Survey, shares: pd.DataFrame) -> str:
    if shares.empty:
        return phrase("charts.weighting.none")
    before = (shares["unweighted"] - shares["target"]).abs()
    after = (shares["weighted"] - shares["target"]).abs().max()
    far = shares.iloc[int(np.argmax(before))]
    parts = {
        "categories": len(shares),
        "margins": shares["margin"].nunique(),
        "category": _category(far["category"]),
        "margin": margin_label(survey, far["margin"]),
        "share": percent(far["unweighted"]),
        "target": percent(far["target"]),
    }
    if after < MET:
        return phrase("charts.weighting.alt_met", **parts)
    return phrase("charts.weighting.alt", miss=points(after), **parts)


def _data(survey: Survey, table: pd.DataFrame) -> pd.DataFrame:
    def say(row: dict[str, Any], column: str) -> str:
        value = float(row[column])
        if math.isnan(value):
            return phrase("charts.not_shown")
        return numeral(value, 2) if row["unit"] == "mean" else percent(value, 1)

    rows = [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
    return pd.DataFrame(
        {
            phrase("charts.weighting.margin"): [
                margin_label(survey, row["margin"]) for row in rows
            ],
            phrase("column.category"): [_category(row["category"]) for row in rows],
            **{
                phrase(f"column.{column}"): [say(row, column) for row in rows]
                for column in ("target", "unweighted", "weighted")
            },
            phrase("column.people"): [
                phrase("charts.not_shown") if math.isnan(row["unweighted"]) else base(row["n"])
                for row in rows
            ],
        }
    )


def weights_chart(survey: Survey, bins: pd.DataFrame, summary: pd.DataFrame) -> Chart:
    """Draw how many people have which weight, with a rule at the mean of one.

    Parameters
    ----------
    survey
        What was asked.
    bins, summary
        The bundle's ``weight_histogram`` and ``weighting_summary``.

    Notes
    -----
    A bar's area counts people: where bins were merged, it is as high as the bins would be on average.
    """
    cost = dict(zip(summary["measure"], summary["value"], strict=True))
    words = phrase(
        "charts.weights.cost", efficiency=percent(cost["efficiency"], 1),
        weights=between(numeral(cost["smallest"], 2), numeral(cost["largest"], 2)),
    )  # fmt: skip
    steps = (bins["end"] - bins["start"]) / bins["step"]
    frame = bins.assign(height=bins["n_respondents"] / steps.round())
    # A merged bar is too low to be seen, and says how many it holds.
    tail = frame[steps.round() > 2].assign(
        middle=lambda d: (d["start"] + d["end"]) / 2,
        label=lambda d: [
            phrase("charts.weights.from", n, start=exact(start))
            for n, start in zip(d["n_respondents"], d["start"], strict=True)
        ],
    )

    def draw(width: float) -> ggplot:
        notes = [words, source_note(survey)]
        return ggplot(frame) + [
            geom_rect(
                aes(xmin="start", xmax="end", ymin=0, ymax="height"),
                fill=HUE[1],
                color="white",
                size=0.4,
            ),
            geom_vline(xintercept=1, color=INK, size=0.6),
            geom_text(
                pd.DataFrame({"x": [1.0], "y": [1.09 * float(frame["height"].max())]}),
                aes("x", "y"),
                label=phrase("charts.weights.mean"),
                ha="left",
                nudge_x=0.012 * float(frame["end"].max()),
                size=10,
                color=INK,
                family=font_family(),
            ),
            geom_text(
                tail,
                aes("middle", "height", label="label"),
                va="bottom",
                nudge_y=0.03 * float(frame["height"].max()),
                size=9,
                color=MUTED,
                family=font_family(),
            ),
            scale_x_continuous(
                limits=(0, float(np.ceil(2 * frame["end"].max()) / 2)), expand=(0, 0, 0.02, 0)
            ),
            scale_y_continuous(expand=(0, 0, 0.04, 0)),
            labs(
                x=phrase("charts.weights.weight"),
                y=phrase("charts.weights.people", step=exact(frame["step"].iloc[0])),
                caption="\n".join(note for note in notes if note),
            ),
            chart_theme(width, 2.5),
            theme(
                panel_grid_major_x=element_blank(),
                plot_caption=element_text(size=9, color=MUTED, ha="right", ma="right"),
            ),
        ]

    alt = f"{_weights_alt(bins)} {words}"
    return Chart(draw, alt, _weights_data(bins), len(bins) < 2, name="weights")


def _weights_alt(bins: pd.DataFrame) -> str:
    people = int(bins["n_respondents"].sum())
    below = int(bins.loc[bins["end"] <= 1, "n_respondents"].sum())
    share = percent(below / people)
    return phrase("charts.weights.alt", weights=base(people), share=share)


def _weights_data(bins: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            phrase("charts.weights.weight_from"): [exact(value) for value in bins["start"]],
            phrase("charts.weights.to_under"): [exact(value) for value in bins["end"]],
            phrase("column.people"): [base(n) for n in bins["n_respondents"]],
        }
    )
