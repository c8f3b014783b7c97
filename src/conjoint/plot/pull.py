"""What wins a group and what loses it: its levels against their attribute's average, beside everybody's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
    scale_x_continuous,
    scale_y_continuous,
)

from conjoint.plot.chart import NARROW, Chart, chart_name
from conjoint.plot.theme import MUTED, chart_theme, group_styles, source_note, wrap
from conjoint.say.label import attribute_behind, group_label, level_label
from conjoint.say.measure import Measure, measure_of
from conjoint.say.number import base
from conjoint.say.phrase import phrase
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Hashable

    from conjoint.survey import Survey

__all__ = ["pull_chart"]

MOST = 6
"""Levels drawn: those that pull the group furthest."""

LANE = 0.19


def pull_chart(survey: Survey, pulls: pd.DataFrame, group: str) -> Chart:
    """Draw the levels that pull a segment furthest, best first, with everybody's pulls beside.

    Parameters
    ----------
    survey
        What was asked.
    pulls
        The bundle's table of that name.
    group
        A segment.
    """
    own = pulls[(pulls["outcome"] == survey.main_outcome) & pulls["group"].isin([TOTAL, group])]
    known = own.dropna(subset=["estimate"])
    theirs = known[known["group"] == group]
    furthest = theirs.loc[
        theirs["estimate"].abs().sort_values(ascending=False, kind="stable").index[:MOST]
    ].sort_values("estimate", ascending=False, kind="stable")
    keys = list(zip(furthest["attribute"], furthest["level"], strict=True))
    shown = known[
        [key in keys for key in zip(known["attribute"], known["level"], strict=True)]
    ].reset_index(drop=True)
    panel = _Panel(survey, shown, keys, group, measure_of(survey, survey.main_outcome))
    name = chart_name("pulls", group)
    return Chart(panel.draw, panel.alt(), panel.data(), not keys, name=name)


@dataclass(frozen=True, eq=False, slots=True)
class _Panel:
    """The rows to draw; `keys` are attribute and level from the top down."""

    survey: Survey
    shown: pd.DataFrame
    keys: list[tuple[str, str]]
    group: str
    measure: Measure

    def draw(self, width: float) -> ggplot:
        styles, groups = group_styles(self.survey), [self.group, TOTAL]
        rows = {key: len(self.keys) - place for place, key in enumerate(self.keys)}
        lanes = {self.group: LANE, TOTAL: -LANE}
        frame = self.shown.assign(
            place=[
                rows[attribute, level] + lanes[group]
                for attribute, level, group in zip(
                    self.shown["attribute"],
                    self.shown["level"],
                    self.shown["group"],
                    strict=True,
                )
            ]
        )
        names = [wrap(self.level(key), 26 if width > NARROW else 15) for key in self.keys]
        bases = self.shown.groupby("group")["n_respondents"].min()
        legend = [wrap(f"{styles[key][0]} ({base(bases.get(key, 0))}+)", 30) for key in groups]
        scale = {"breaks": groups, "labels": legend}
        columns = 2 if width > NARROW else 1
        keyed = {name: guide_legend(ncol=columns) for name in ("color", "shape")}
        lines = sum(max(2, name.count("\n") + 1) for name in names)
        return ggplot(frame, aes("estimate", "place", color="group", shape="group")) + [
            geom_vline(xintercept=0, color=MUTED, size=0.5),
            geom_segment(
                aes(x="conf_low", xend="conf_high", yend="place"), size=0.9, show_legend=False
            ),
            geom_point(size=2.8),
            scale_color_manual(values={key: styles[key][1] for key in groups}, **scale),
            scale_shape_manual(values={key: styles[key][2] for key in groups}, **scale),
            guides(**keyed),
            scale_x_continuous(labels=self.measure.change_axis),
            scale_y_continuous(
                breaks=list(rows.values()),
                labels=names,
                limits=(0.5, len(self.keys) + 0.5),
                expand=(0, 0),
            ),
            labs(x=self.change, y="", caption=source_note(self.survey)),
            chart_theme(width, 0.95 + 0.18 * lines + 0.1 * legend[0].count("\n")),
        ]

    def level(self, key: tuple[str, str]) -> str:
        """A level, with its attribute where its text is not enough among those of other attributes."""
        return level_label(self.survey, *key) + attribute_behind(self.survey, *key)

    @property
    def change(self) -> str:
        return phrase("charts.pull.points" if self.measure.unit else "charts.pull.change")

    def alt(self) -> str:
        label = group_label(self.survey, self.group)
        theirs = {
            (row["attribute"], row["level"]): row
            for row in self.shown[self.shown["group"] == self.group].to_dict("records")
        }
        said = "; ".join(
            f"{self.level(key)} {self.measure.change(theirs[key]['estimate'])}" for key in self.keys
        )
        return phrase("charts.pull.alt", levels=len(self.keys), who=label, figures=said)

    def data(self) -> pd.DataFrame:
        """A row a level, cells as they are to be read."""
        label, everybody = (group_label(self.survey, group) for group in (self.group, TOTAL))
        cells: dict[tuple[str, str], dict[str, str]] = {}
        for row in self.shown.to_dict("records"):
            name = group_label(self.survey, row["group"])
            cells.setdefault((row["attribute"], row["level"]), {})[name] = self._cell(row)
        return pd.DataFrame(
            [
                {
                    phrase("column.attribute"): self.survey.attribute_label(key[0]),
                    phrase("column.level"): level_label(self.survey, *key),
                    label: cells[key].get(label, ""),
                    everybody: cells[key].get(everybody, ""),
                }
                for key in self.keys
            ]
        )

    def _cell(self, row: dict[Hashable, Any]) -> str:
        figures = (row[name] for name in ("estimate", "conf_low", "conf_high", "n_respondents"))
        return self.measure.moved(*figures)
