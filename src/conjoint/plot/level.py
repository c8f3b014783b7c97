"""Levels of one attribute by group: marginal means or AMCEs, a dot and its interval each."""

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
    scale_size_manual,
    scale_x_continuous,
    scale_y_continuous,
)

from conjoint.plot.chart import NARROW, Chart, chart_name
from conjoint.plot.panels import MOST_LANES, panels
from conjoint.plot.theme import (
    MUTED,
    chart_theme,
    group_styles,
    source_note,
    wrap,
)
from conjoint.say.label import level_label
from conjoint.say.measure import Measure, measure_of
from conjoint.say.number import base, base_text
from conjoint.say.phrase import phrase
from conjoint.wave import TOTAL
from conjoint.withhold.mark import NOT_AVAILABLE

if TYPE_CHECKING:
    from collections.abc import Hashable

    from conjoint.survey import Survey

__all__ = [
    "LevelPanel",
    "level_chart",
]

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
    A rule stands where there is nothing to see: at the even share for the marginal means of a forced
    choice (50% between two, 25% among four), at zero for AMCEs. Other marginal means have none, nor have
    choices whose tasks differ in how many profiles they show.
    """
    own = estimates[estimates["outcome"] == outcome]
    panel = LevelPanel.of(survey, own, attribute, outcome)
    rule = rule_of(survey, own, outcome)

    def draw(width: float) -> ggplot:
        return panel.draw(width, rule)

    other = [outcome] * (outcome != survey.main_outcome)
    name = chart_name("effects" if panel.effects else "means", attribute, *other)
    return Chart(draw, panel.alt(), panel.data(), panel.shown.empty, name=name)


def rule_of(survey: Survey, own: pd.DataFrame, outcome: str) -> list[float]:
    """Where a rule stands in a chart of an outcome's figures; nowhere where none is even."""
    if (own["estimand"] == "amce").any():
        return [0.0]
    even = survey.even_choice(outcome)
    return [] if even is None else [even]


@dataclass(frozen=True, eq=False, slots=True)
class LevelPanel:
    """One attribute's levels: `own` holds its rows, `effects` says that they are AMCEs."""

    survey: Survey
    own: pd.DataFrame
    attribute: str
    measure: Measure
    effects: bool

    @classmethod
    def of(cls, survey: Survey, own: pd.DataFrame, attribute: str, outcome: str) -> LevelPanel:
        """One attribute among the figures of an outcome."""
        own = own[own["attribute"] == attribute]
        effects = bool((own["estimand"] == "amce").any())
        return cls(survey, own, attribute, measure_of(survey, outcome), effects)

    @property
    def shown(self) -> pd.DataFrame:
        """The rows that have a figure."""
        return self.own.dropna(subset=["estimate"]).reset_index(drop=True)

    @property
    def change(self) -> str:
        """What an axis of effects is called."""
        return phrase("charts.change_in_points" if self.measure.unit else "charts.change")

    @property
    def note(self) -> str:
        """What stands under panels: whose the grey dots are."""
        return "  ".join(filter(None, (phrase("charts.grey"), source_note(self.survey))))

    def say(self, value: float) -> str:
        """A figure, as the measure has it."""
        return self.measure.change(value) if self.effects else self.measure.say(value)

    def level(self, value: str) -> str:
        """A level as shown."""
        return level_label(self.survey, self.attribute, value)

    def draw(self, width: float, rule: list[float]) -> ggplot:
        """The plot at a width in inches."""
        shown = self.shown
        present = set(shown["group"])
        styles = {k: style for k, style in group_styles(self.survey).items() if k in present}
        groups, values = list(styles), list(self.survey.attributes[self.attribute].values)
        lanes = {key: LANE * ((len(groups) - 1) / 2 - place) for place, key in enumerate(groups)}
        rows = {value: len(values) - place for place, value in enumerate(values)}
        frame = shown.assign(
            place=[rows[v] + lanes[g] for v, g in zip(shown["level"], shown["group"], strict=True)]
        )
        names = [wrap(self.level(value), 24 if width > NARROW else 14) for value in values]
        if len(groups) > MOST_LANES:
            return panels(
                shown, styles, rows, names, width, narrow=width <= NARROW, rule=rule,
                axis=self.measure.change_axis if self.effects else self.measure.axis,
                labels=(self.change if self.effects else "", self.note),
            )  # fmt: skip
        bases = shown.groupby("group")["n_respondents"].min()
        legend = [wrap(f"{styles[key][0]} ({base(bases[key])}+)", 30) for key in groups]
        columns = _legend_columns(legend, width)
        # One guide each: a guide that is shared keeps only the last of the three in its keys.
        keys = {name: guide_legend(ncol=columns) for name in ("color", "shape", "size")}
        scale = {"breaks": groups, "labels": legend}
        return ggplot(
            frame, aes("estimate", "place", color="group", shape="group", size="group")
        ) + [
            geom_vline(xintercept=rule, color=MUTED, size=0.5),
            geom_segment(
                aes(x="conf_low", xend="conf_high", yend="place"),
                size=0.8,
                na_rm=True,
                show_legend=False,
            ),
            geom_point(),
            scale_color_manual(values={key: styles[key][1] for key in groups}, **scale),
            scale_shape_manual(values={key: styles[key][2] for key in groups}, **scale),
            scale_size_manual(
                values={key: 2.9 if key == TOTAL else 2.1 for key in groups}, **scale
            ),
            guides(**keys),
            scale_x_continuous(
                labels=self.measure.change_axis if self.effects else self.measure.axis
            ),
            scale_y_continuous(
                breaks=[rows[value] for value in values],
                labels=names,
                limits=(0.5, len(values) + 0.5),
                expand=(0, 0),
            ),
            labs(x=self.change if self.effects else "", y="", caption=source_note(self.survey)),
            chart_theme(width, _height(names, len(groups), -(-len(groups) // columns))),
        ]

    def alt(self) -> str:
        """What the chart shows, in words."""
        label = self.survey.attribute_label(self.attribute)
        groups = [style[0] for key, style in group_styles(self.survey).items() if key != TOTAL]
        parts = {"attribute": label, "what": self.what, "figures": self.figures()}
        if not groups:
            return phrase("charts.level.alt", **parts)
        return phrase("charts.level.alt_and_groups", groups=", ".join(groups), **parts)

    @property
    def what(self) -> str:
        """What its figures are, within a sentence."""
        return self.change.lower() if self.effects else phrase("charts.mean")

    def figures(self) -> str:
        """Everybody's figure for each level, in words."""
        shown = self.shown
        return "; ".join(
            f"{self.level(row['level'])} {self.say(row['estimate'])}"
            for row in shown[shown["group"] == TOTAL].to_dict("records")
        )

    def data(self) -> pd.DataFrame:
        """A row a level and a column a group, cells as they are to be read."""
        styles = group_styles(self.survey)
        cells: dict[str, dict[str, str]] = {}
        for row in self.own.to_dict("records"):
            group = styles[row["group"]][0]
            cells.setdefault(self.level(row["level"]), {})[group] = self._cell(row)
        return pd.DataFrame(
            [{phrase("column.level"): level} | row for level, row in cells.items()]
        ).fillna("")

    def _cell(self, row: dict[Hashable, Any]) -> str:
        people = row["n_respondents"]
        if pd.isna(row["estimate"]):
            if row.get("reading") == NOT_AVAILABLE:
                return phrase("charts.not_available")
            if not people:
                return phrase("charts.not_shown")
            return f"{base_text(people)}: {phrase('charts.too_small')}"
        if pd.isna(row["conf_low"]):
            return phrase("column.baseline")
        write = self.measure.moved if self.effects else self.measure.figure
        return write(row["estimate"], row["conf_low"], row["conf_high"], people)


def _legend_columns(legend: list[str], width: float) -> int:
    """As many columns as fit beside each other over the panel, a letter being some 1/13 inch."""
    widest = max(len(label) for label in legend) + 4
    return min(len(legend), max(1, int(13 * (width - 1.6) // widest)))


def _height(names: list[str], groups: int, rows_of_legend: int) -> float:
    """Inches for the lanes or the lines of the labels, whichever need more, and the legend."""
    lanes = len(names) * max(0.42, (LANE * groups + 0.12) * 0.62)
    lines = 0.2 * sum(name.count("\n") + 1 for name in names)
    return 0.85 + max(lanes, lines) + 0.24 * (rows_of_legend - 1)
