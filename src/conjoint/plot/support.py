"""Support for all combinations of two attributes: as a map and as lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from plotnine import (
    aes,
    element_blank,
    element_text,
    facet_wrap,
    geom_line,
    geom_point,
    geom_ribbon,
    geom_text,
    geom_tile,
    ggplot,
    labs,
    scale_fill_gradient,
    scale_x_continuous,
    scale_x_discrete,
    scale_y_continuous,
    scale_y_discrete,
    theme,
)

from conjoint.plot.chart import NARROW, Chart
from conjoint.plot.theme import (
    HUE,
    INK,
    chart_theme,
    font_family,
    source_note,
    wrap,
)
from conjoint.say.label import group_label, level_label
from conjoint.say.measure import Measure, columns_of_ends, measure_of
from conjoint.say.number import base, base_text
from conjoint.say.phrase import phrase
from conjoint.say.words import sentence_case
from conjoint.survey import INTERLOCK
from conjoint.withhold.threshold import reading_of, too_few

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from conjoint.survey import Survey

__all__ = ["support_lines", "support_map"]

LINE = "#0072B2"
LETTERS = 18
"""Letters of small print that fit in an inch."""

SIDE = 0.6
"""Inches beside the panels."""


def support_map(survey: Survey, frame: pd.DataFrame, outcome: str, group: str) -> Chart:
    """Draw every combination of two attributes as a tile: the first across, the second down.

    Parameters
    ----------
    survey
        What was asked.
    frame
        Of :func:`conjoint.grid`.
    outcome, group
        Whose figures of it are drawn; the scale runs over all groups' figures of the outcome.

    Notes
    -----
    A group under the survey's threshold is not drawn. Under each figure stands how many people saw the
    combination; "not shown" says that the model alone stands behind it.
    """
    cells = _Cells.of(survey, frame, outcome, group)
    of_outcome = frame.loc[frame["outcome"] == outcome, "estimate"]
    limits = (float(of_outcome.min()), float(of_outcome.max()))
    return Chart(
        lambda width: _tiles(cells, limits, width),
        cells.alt(),
        cells.data(),
        cells.own.empty,
    )


def support_lines(survey: Survey, frame: pd.DataFrame, outcome: str, group: str) -> Chart:
    """Draw support along the first attribute, a panel for each level of the second.

    Parameters
    ----------
    survey, frame, outcome, group
        As for :func:`support_map`.

    Notes
    -----
    The dark band holds each figure by itself, the light one all of them at once. Levels stand at even
    distances, whatever their numbers.
    """
    cells = _Cells.of(survey, frame, outcome, group)
    return Chart(
        lambda width: _panels(cells, width), cells.alt(lines=True), cells.data(), cells.own.empty
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Cells:
    """One group's combinations of two attributes; `own` is empty where too few people answered."""

    survey: Survey
    own: pd.DataFrame
    names: tuple[str, str]
    group: str
    outcome: str
    base: int

    @classmethod
    def of(cls, survey: Survey, frame: pd.DataFrame, outcome: str, group: str) -> _Cells:
        own = frame[(frame["outcome"] == outcome) & (frame["group"] == group)]
        first, second = own["attribute"].iloc[0].split(INTERLOCK)
        levels = own["level"].str.split(INTERLOCK, expand=True, regex=False)
        own = own.assign(across=levels[0], down=levels[1]).reset_index(drop=True)
        base = int(own["n_respondents"].iloc[0])
        if too_few(base, survey.thresholds):
            own = own.iloc[:0]
        return cls(survey, own, (first, second), group, outcome, base)

    @property
    def measure(self) -> Measure:
        return measure_of(self.survey, self.outcome)

    def shown(self, axis: int, value: str) -> str:
        return level_label(self.survey, self.names[axis], value)

    def label(self, axis: int) -> str:
        return self.survey.attribute_label(self.names[axis])

    def values(self, axis: int) -> tuple[str, ...]:
        return self.survey.attributes[self.names[axis]].values

    def caption(self) -> str:
        base, note = sentence_case(base_text(self.base)), source_note(self.survey)
        if reading_of(self.base, self.survey.thresholds) == "caution":
            base = phrase("charts.support.caution", base=base)
        return f"{base}. {note}" if note else base

    def alt(self, *, lines: bool = False) -> str:
        parts = {
            "what": phrase(
                "charts.support.lines" if lines else "charts.support.map",
                first=self.label(0), second=self.label(1),
            ),
            "who": group_label(self.survey, self.group),
            "base": base_text(self.base),
        }  # fmt: skip
        if self.own.empty:
            return phrase("charts.support.too_small", **parts)
        outcome = self.survey.outcomes[self.outcome].label or self.outcome
        ranked = self.own.sort_values("estimate", kind="stable").to_dict("records")
        ends = [
            (
                phrase(
                    "words.pair",
                    first=self.shown(0, row["across"]), second=self.shown(1, row["down"]),
                ),
                self.measure.say(row["estimate"]),
            )
            for row in (ranked[-1], ranked[0])
        ]  # fmt: skip
        (highest, high), (lowest, low) = ends
        return phrase(
            "charts.support.alt",
            outcome=outcome, highest=highest, high=high, lowest=lowest, low=low, **parts,
        )  # fmt: skip

    def data(self) -> pd.DataFrame:
        rows = self.own.to_dict("records")
        bands = columns_of_ends(self.measure, self.own["band_low"], self.own["band_high"])
        columns = {
            self.label(0): [self.shown(0, row["across"]) for row in rows],
            self.label(1): [self.shown(1, row["down"]) for row in rows],
            phrase("charts.figure"): [self.measure.say(row["estimate"]) for row in rows],
            **columns_of_ends(self.measure, self.own["conf_low"], self.own["conf_high"]),
            phrase("charts.support.all_from"): bands[phrase("words.from")],
            phrase("charts.support.all_to"): bands[phrase("words.to")],
            phrase("charts.support.saw"): [_seen(row, self.survey) for row in rows],
        }
        return pd.DataFrame(columns)


def _seen(row: Mapping[Hashable, Any], survey: Survey) -> str:
    """How many people saw a combination; few are not counted out."""
    if row["extrapolated"]:
        return phrase("charts.not_shown")
    limits, people = survey.thresholds, int(row["shown_respondents"])
    under = phrase("charts.support.under", limit=limits.suppress_below)
    return under if too_few(people, limits) else base(people)


def _tiles(cells: _Cells, limits: tuple[float, float], width: float) -> ggplot:
    narrow, write = width <= NARROW, cells.measure.bare_interval
    rows = cells.own.to_dict("records")
    beneath = []
    for row in rows:
        seen = _seen(row, cells.survey)
        if not row["extrapolated"]:
            line = "\n" if narrow else " "
            seen = f"{phrase('charts.support.seen_by')}{line}{seen}"
        beneath.append(f"{write(row['conf_low'], row['conf_high'])}\n{seen}")
    frame = cells.own.assign(
        figure=[cells.measure.say(row["estimate"]) for row in rows], small=beneath
    )
    across, down = cells.values(0), cells.values(1)
    text = {"color": INK, "family": font_family()}
    return ggplot(frame, aes("across", "down")) + [
        geom_tile(aes(fill="estimate"), color="white", size=1.2),
        geom_text(
            aes(label="figure"), nudge_y=0.25, size=12 if narrow else 14, fontweight="bold", **text
        ),
        geom_text(
            aes(label="small"), nudge_y=-0.17, size=8 if narrow else 9, lineheight=1.05, **text
        ),
        scale_fill_gradient(HUE[0], HUE[1], limits=limits),
        scale_x_discrete(
            limits=list(across),
            labels=[wrap(cells.shown(0, value), 9 if narrow else 16) for value in across],
            expand=(0, 0),
        ),
        scale_y_discrete(
            limits=list(reversed(down)),
            labels=[wrap(cells.shown(1, value), 10 if narrow else 18) for value in reversed(down)],
            expand=(0, 0),
        ),
        labs(x=cells.label(0), y="", caption=cells.caption()),
        chart_theme(width, 0.85 + (0.85 if narrow else 0.72) * len(down)),
        theme(
            legend_position="none",
            panel_grid_major_x=element_blank(),
            panel_grid_major_y=element_blank(),
        ),
    ]


def _panels(cells: _Cells, width: float) -> ggplot:
    narrow = width <= NARROW
    across, down = list(cells.values(0)), list(cells.values(1))
    labels = [cells.shown(0, value) for value in across]
    columns, letters = _columns(labels, width, len(down))
    names = {
        value: wrap(cells.shown(1, value), int(LETTERS * 0.8 * width / columns)) for value in down
    }
    frame = cells.own.assign(
        place=[float(across.index(value)) for value in cells.own["across"]],
        panel=pd.Categorical([names[value] for value in cells.own["down"]], list(names.values())),
    )
    lines = -(-len(down) // columns)
    return ggplot(frame, aes("place", "estimate")) + [
        geom_ribbon(aes(ymin="band_low", ymax="band_high"), fill=LINE, alpha=0.15),
        geom_ribbon(aes(ymin="conf_low", ymax="conf_high"), fill=LINE, alpha=0.3),
        geom_line(color=LINE, size=0.9),
        geom_point(color=LINE, size=1.8),
        facet_wrap("panel", ncol=columns),
        scale_x_continuous(
            breaks=list(range(len(across))),
            labels=[wrap(label, letters) for label in labels],
            expand=(0.04, 0),
        ),
        scale_y_continuous(labels=cells.measure.axis),
        labs(x=cells.label(0), y="", caption=f"Light band: all figures at once\n{cells.caption()}"),
        chart_theme(width, 1.05 + 1.75 * lines),
        theme(axis_text_x=element_text(size=8.5 if narrow else 9.5), panel_spacing=0.07),
    ]


def _columns(labels: list[str], width: float, panels: int) -> tuple[int, int]:
    """How many panels stand side by side, and how many letters a label has, so that words fit."""
    longest = max(len(word) for label in labels for word in label.split(" "))
    for columns in range(min(panels, 2 if width <= NARROW else 3), 0, -1):
        letters = int(LETTERS * ((width - SIDE) / columns - 0.1) / len(labels)) - 1
        if letters >= longest or columns == 1:
            break
    return columns, max(letters, 1)
