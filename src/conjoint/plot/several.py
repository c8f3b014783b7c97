"""Levels of several attributes in one chart, for everybody: where there are too many for a chart each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from plotnine import (
    aes,
    coord_cartesian,
    geom_label,
    geom_point,
    geom_segment,
    geom_vline,
    ggplot,
    labs,
    scale_x_continuous,
    scale_y_continuous,
)

from conjoint.plot.chart import NARROW, Chart, chart_name
from conjoint.plot.level import LevelPanel, rule_of
from conjoint.plot.theme import INK, MUTED, chart_theme, font_family, source_note, wrap
from conjoint.say.number import base
from conjoint.say.phrase import phrase
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from conjoint.survey import Survey

__all__ = ["MOST_CHARTS", "in_parts", "several_chart"]

MOST_CHARTS = 12
"""Attributes that have a chart each; more share charts."""

MOST_ROWS = 32
"""Rows of a chart that several share: their levels, and a heading for each attribute."""

ROW, LINE = 0.235, 0.16
"""Inches of a row, and of each further line of its label."""

MARGIN = 0.04
"""How far the axis reaches beyond the intervals, as a share of its width."""


def in_parts(survey: Survey) -> list[tuple[str, ...]]:
    """Split the attributes, in their order, into parts that share a chart; one part is one chart."""
    parts: list[list[str]] = []
    rows = MOST_ROWS
    for name, attribute in survey.attributes.items():
        needed = 1 + len(attribute.levels)
        if rows + needed > MOST_ROWS:
            parts.append([])
            rows = 0
        parts[-1].append(name)
        rows += needed
    return [tuple(part) for part in parts]


def several_chart(
    survey: Survey, estimates: pd.DataFrame, attributes: Sequence[str], outcome: str
) -> Chart:
    """Draw the levels of several attributes below each other, each attribute under its name.

    Parameters
    ----------
    survey
        What was asked.
    estimates
        The bundle's ``marginal_means`` or ``amce``. All of the outcome's levels have the same axis, so that
        charts can be compared.
    attributes, outcome
        Which attributes, from the top down, and on which outcome.

    Notes
    -----
    The dots are everybody's; the chart's data has every group. The rule is that of
    :func:`conjoint.plot.level_chart`.
    """
    own = estimates[estimates["outcome"] == outcome]
    panels = tuple(LevelPanel.of(survey, own, name, outcome) for name in attributes)
    rows = tuple(_of_everybody(panel) for panel in panels)
    several = _Several(survey, panels, rows, _ends(own), tuple(rule_of(survey, own, outcome)))
    kind = "effects" if panels[0].effects else "means"
    other = [outcome] * (outcome != survey.main_outcome)
    name = chart_name(kind, attributes[0], "to", attributes[-1], *other)
    return Chart(several.draw, several.alt(), several.data(), not any(rows), name=name)


def _ends(estimates: pd.DataFrame) -> tuple[float, float]:
    """The least and the most that any interval of everybody's reaches, with a margin."""
    own = estimates[estimates["group"] == TOTAL]
    ends = own[["estimate", "conf_low", "conf_high"]].to_numpy(dtype=float)
    if np.isnan(ends).all():
        return 0.0, 1.0
    low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
    room = MARGIN * (high - low)
    return low - room, high + room


@dataclass(frozen=True, eq=False, slots=True)
class _Several:
    """Attributes from the top down, of each everybody's row by level; `ends` of the axis, and where a rule stands."""

    survey: Survey
    panels: tuple[LevelPanel, ...]
    rows: tuple[dict[str, dict[Hashable, Any]], ...]
    ends: tuple[float, float]
    rule: tuple[float, ...]

    def draw(self, width: float) -> ggplot:
        narrow = width <= NARROW
        dots, heads, breaks, names = [], [], [], []
        top = 0.0
        for panel, rows in zip(self.panels, self.rows, strict=True):
            least = min((row["n_respondents"] for row in rows.values()), default=None)
            label = self.survey.attribute_label(panel.attribute)
            missing = phrase("charts.several.not_available", attribute=label)
            head = missing if least is None else f"{label} ({base(least)}+)"
            head = wrap(head, 28 if narrow else 60)
            deep = ROW + LINE * head.count("\n")
            heads.append({"place": -(top + deep / 2), "label": head})
            top += deep
            for value in self.survey.attributes[panel.attribute].values:
                name = wrap(panel.level(value), 16 if narrow else 28)
                deep = ROW + LINE * name.count("\n")
                if value in rows:
                    dots.append(rows[value] | {"place": -(top + deep / 2)})
                breaks.append(-(top + deep / 2))
                names.append(name)
                top += deep
        first = self.panels[0]
        axis = first.measure.change_axis if first.effects else first.measure.axis
        parts = [
            geom_vline(xintercept=list(self.rule), color=MUTED, size=0.5),
            geom_segment(aes(x="conf_low", xend="conf_high", yend="place"), size=0.8, na_rm=True),
            geom_point(size=2.2),
            geom_label(
                aes(x=self.ends[0], y="place", label="label"),
                data=pd.DataFrame(heads),
                ha="left",
                fill="white",
                label_size=0,
                label_padding=0.08,
                size=10,
                fontweight="bold",
                color=INK,
                family=font_family(),
            ),
            scale_x_continuous(labels=axis),
            scale_y_continuous(breaks=breaks, labels=names, expand=(0, 0)),
            coord_cartesian(xlim=self.ends, ylim=(-top, 0)),
            labs(x=first.change if first.effects else "", y="", caption=source_note(self.survey)),
            chart_theme(width, 0.65 + top),
        ]
        return ggplot(pd.DataFrame(dots), aes("estimate", "place")) + parts

    def alt(self) -> str:
        each = ". ".join(
            f"{self.survey.attribute_label(panel.attribute)}: {panel.figures()}"
            for panel in self.panels
        )
        return phrase(
            "charts.several.alt", attributes=len(self.panels), what=self.panels[0].what, figures=each
        )  # fmt: skip

    def data(self) -> pd.DataFrame:
        """A row a level and a column a group, behind the attribute it belongs to."""
        parts = []
        for panel in self.panels:
            part = panel.data()
            part.insert(0, phrase("column.attribute"), self.survey.attribute_label(panel.attribute))
            parts.append(part)
        return pd.concat(parts, ignore_index=True).fillna("")


def _of_everybody(panel: LevelPanel) -> dict[str, dict[Hashable, Any]]:
    """Everybody's rows that have a figure, by level."""
    shown = panel.shown
    return {str(row["level"]): row for row in shown[shown["group"] == TOTAL].to_dict("records")}
