"""One answer's share by group: a dot and its interval for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from plotnine import (
    aes,
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

from conjoint.plot.chart import NARROW, Chart, chart_name, not_quoted
from conjoint.plot.theme import (
    RULE,
    chart_theme,
    font_family,
    group_styles,
    source_note,
    wrap,
)
from conjoint.say.measure import SHARE, columns_of_ends
from conjoint.say.number import base, base_text
from conjoint.say.phrase import phrase
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from conjoint.survey import Survey

__all__ = ["share_chart"]


def share_chart(survey: Survey, toplines: pd.DataFrame, question: str) -> Chart:
    """Draw a question's headline answer by group, the total as a rule.

    Parameters
    ----------
    survey
        What was asked.
    toplines
        The bundle's table of that name.
    question
        A question with a headline answer.
    """
    answer = survey.questions[question].headline
    own = toplines[(toplines["outcome"] == question) & (toplines["level"] == answer)]
    shown = own.dropna(subset=["estimate"]).reset_index(drop=True)
    styles = group_styles(survey)

    def draw(width: float) -> ggplot:
        return _draw(shown, styles, width, source_note(survey))

    alt, data = _alt(survey, shown, question, styles), _data(own, styles)
    return Chart(draw, alt, data, shown.empty, name=chart_name("share", question))


def _draw(
    shown: pd.DataFrame, styles: dict[str, tuple[str, str, str]], width: float, note: str
) -> ggplot:
    groups = list(shown["group"])
    frame = shown.assign(place=range(len(shown), 0, -1), shown=shown["estimate"].map(SHARE.say))
    names = [
        f"{wrap(styles[group][0], 18 if width <= NARROW else 26)}\n{base_text(n)}"
        for group, n in zip(groups, shown["n_respondents"], strict=True)
    ]
    deep = max(0.56, 0.1 + 0.18 * max(name.count("\n") + 1 for name in names))
    total = shown.loc[shown["group"] == TOTAL, "estimate"]
    low = min(0.2, float(shown["conf_low"].min()) - 0.03)
    high = max(0.8, float(shown["conf_high"].max()) + 0.08)
    return ggplot(frame, aes("estimate", "place", color="group", shape="group")) + [
        geom_vline(xintercept=list(total), linetype="dashed", color=RULE, size=0.5),
        geom_segment(aes(x="conf_low", xend="conf_high", yend="place"), size=1.1),
        geom_point(size=3.4),
        geom_text(
            aes(x="conf_high", label="shown"),
            nudge_x=0.012 * (high - low) / 0.6,
            ha="left",
            size=11,
            fontweight="bold",
            family=font_family(),
            show_legend=False,
        ),
        scale_color_manual(values={group: styles[group][1] for group in groups}, breaks=groups),
        scale_shape_manual(values={group: styles[group][2] for group in groups}, breaks=groups),
        scale_x_continuous(labels=SHARE.axis, limits=(low, high), expand=(0, 0)),
        scale_y_continuous(
            breaks=list(frame["place"]),
            labels=names,
            limits=(0.6, len(shown) + 0.55),
            expand=(0, 0),
        ),
        labs(x="", y="", caption=note),
        chart_theme(width, 0.45 + deep * len(shown)),
        theme(legend_position="none"),
    ]


def _alt(
    survey: Survey, shown: pd.DataFrame, question: str, styles: dict[str, tuple[str, str, str]]
) -> str:
    label = survey.questions[question].label or question
    answer = survey.questions[question].headline
    figures = "; ".join(
        f"{styles[row['group']][0]} "
        + SHARE.figure(row["estimate"], row["conf_low"], row["conf_high"])
        + not_quoted(survey, row)
        for row in shown.to_dict("records")
    )
    return phrase("charts.share_of.alt", answer=answer, question=label, figures=figures)


def _data(own: pd.DataFrame, styles: dict[str, tuple[str, str, str]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            phrase("column.group"): [styles[group][0] for group in own["group"]],
            phrase("charts.share"): [
                SHARE.say(v) if pd.notna(v) else phrase("charts.base_too_small")
                for v in own["estimate"]
            ],
            **columns_of_ends(SHARE, own["conf_low"], own["conf_high"]),
            phrase("column.base"): [base(n) if n else "" for n in own["n_respondents"]],
        }
    )
