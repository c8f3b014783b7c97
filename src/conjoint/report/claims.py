"""Sentences with figures: each says its estimand, base and interval, and whether to quote it.

A share is "62% of Labour voters". A marginal mean is "chosen 59% of the time". Nothing is "more" or
"less" unless the interval of the difference keeps off zero, and no word says "most" or "majority".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from conjoint.plot.level import shown_level
from conjoint.plot.measure import SHARE, measure_of
from conjoint.report.text import escape, listed, sentence_case
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from conjoint.analysis import Analysis
    from conjoint.plot.measure import Measure
    from conjoint.survey import Survey

__all__ = [
    "Claim",
    "departures",
    "group_claim",
    "is_compared",
    "lead_question",
    "leader",
    "level_claim",
    "verdict",
]

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence in Markdown, and the reading of the base it stands on."""

    text: str
    reading: str


def verdict(survey: Survey, reading: str) -> str:
    """Whether a figure may be quoted, as a mark in Markdown."""
    limits = survey.thresholds
    words = {
        "safe": "safe to quote",
        "caution": f"caution: base under {limits.caution_below}",
        "suppressed": f"do not quote: base under {limits.suppress_below}",
    }[reading]
    synthetic = survey.synthetic and reading != "suppressed"
    words = f"Synthetic (else {words})" if synthetic else sentence_case(words)
    return f"[{words}]{{.verdict .{reading}}}"


def lead_question(analysis: Analysis) -> str | None:
    """The first topline question that has a headline answer."""
    questions = analysis.survey.questions.items()
    return next((name for name, q in questions if q.topline and q.headline), None)


def group_claim(analysis: Analysis, question: str, group: str) -> Claim:
    """Say what share of a group gives the headline answer, and how that compares with everybody."""
    survey, row = analysis.survey, _headline(analysis, question, group)
    who = survey.group_noun(group)
    says = _says(survey, question)
    base = f"base {row['n_respondents']:,}"
    if row["reading"] == "suppressed":
        few = "people" if group == TOTAL else escape(who)
        text = f"Too few {few} answered to say what share {says} ({base})."
        return Claim(text, "suppressed")
    figure = f"**{SHARE.say(row['estimate'])}** of {escape(who)} {says}"
    text = f"{figure} ({base}; {SHARE.interval(row['conf_low'], row['conf_high'])})"
    if group == TOTAL:
        return Claim(f"{text}. {_others(analysis, question)}", row["reading"])
    difference = _difference(analysis, question, group, TOTAL)
    everyone = escape(survey.report.everyone)
    if difference is None:
        return Claim(f"{text}.", row["reading"])
    if _clear(difference):
        word = "more" if difference["estimate"] > 0 else "less"
        size = SHARE.gap(difference["estimate"], difference["conf_low"], difference["conf_high"])
        return Claim(f"{text}: {size} {word} than {everyone} as a whole.", row["reading"])
    return Claim(f"{text}. That is not clearly different from {everyone}.", row["reading"])


def leader(analysis: Analysis, question: str) -> Claim | None:
    """Say which segment gives the headline answer most, and whether that is clearly more.

    The segment is picked by its figure, so "clearly" allows for all pairs of segments (Holm).
    """
    survey, table = analysis.survey, analysis.tables["toplines"]
    own = table[
        (table["outcome"] == question)
        & (table["level"] == survey.questions[question].headline)
        & (table["group"] != TOTAL)
        & table["estimate"].notna()
    ]
    if len(own) < 2:
        return None
    ranked = own.sort_values("estimate", ascending=False, kind="stable").to_dict("records")
    top = ranked[0]
    clear: list[str] = []
    unclear: list[str] = []
    for other in ranked[1:]:
        difference = _difference(analysis, question, top["group"], other["group"])
        name = escape(survey.group_noun(other["group"]))
        (clear if difference is not None and difference["p_holm"] < ALPHA else unclear).append(name)
    who = escape(survey.group_noun(top["group"]))
    text = (
        f"Of the segments, the figure is highest among {who}, at {SHARE.say(top['estimate'])} "
        f"(base {top['n_respondents']:,})"
    )
    if clear:
        text += f", clearly above {listed(clear)}"
    if unclear:
        joint = ", but" if not clear else ", and"
        text += f"{joint} not clearly above {listed(unclear)}"
    readings = [row["reading"] for row in ranked]
    return Claim(f"{text}.", "caution" if "caution" in readings else "safe")


def level_claim(analysis: Analysis, attribute: str, group: str) -> Claim:
    """Say how far an attribute moves a group: its highest level against its lowest."""
    survey, outcome = analysis.survey, analysis.survey.main_outcome
    table = analysis.tables["spread"]
    row = table[
        (table["outcome"] == outcome)
        & (table["group"] == group)
        & (table["attribute"] == attribute)
    ].iloc[0]
    who = "" if group == TOTAL else f"Among {escape(survey.group_noun(group))}, "
    label = escape(survey.attribute_label(attribute).lower() if not who else "this")
    if row["reading"] == "suppressed":
        text = f"{who}too few people saw each level to say how {label} moves them"
        return Claim(sentence_case(f"{text} (base {row['n_respondents']:,})."), "suppressed")
    high, low = (escape(shown_level(survey, attribute, str(row[end]))) for end in ("high", "low"))
    high_mean, low_mean = (
        _mean(analysis, group, attribute, str(row[end])) for end in ("high", "low")
    )
    measure = measure_of(survey, outcome)
    text = (
        f"{who}{escape(survey.report.profiles)} with “{high}” are {measure.mean(high_mean)} and those "
        f"with “{low}” {measure.say(low_mean)}"
    )
    size = _gap(measure, row)
    ending = f": {size} apart." if _clear(row) else f": not clearly different, {size}."
    return Claim(sentence_case(text) + ending, row["reading"])


def is_compared(
    analysis: Analysis, *, attribute: str | None = None, group: str | None = None
) -> bool:
    """Whether any segment (or the one named) could be held against everybody."""
    return not _departures(analysis, attribute, group).empty


def departures(
    analysis: Analysis, *, attribute: str | None = None, group: str | None = None
) -> list[Claim]:
    """Say where segments part from everybody: marginal means that differ after Holm's adjustment."""
    survey, own = analysis.survey, _departures(analysis, attribute, group)
    own = own[own["p_holm"] < ALPHA]
    own = own.reindex(own["estimate"].abs().sort_values(ascending=False, kind="stable").index)
    measure = measure_of(survey, survey.main_outcome)
    claims = []
    for row in own.to_dict("records"):
        level = escape(shown_level(survey, row["attribute"], row["level"]))
        word = _direction(measure, row["estimate"])
        claims.append(
            Claim(
                f"{sentence_case(escape(survey.report.profiles))} with “{level}” are {measure.verb} {word} "
                f"by {escape(survey.group_noun(row['group']))} than by "
                f"{escape(survey.report.everyone)} as a whole: a difference of {_gap(measure, row)}.",
                row["reading"],
            )
        )
    return claims


def _departures(analysis: Analysis, attribute: str | None, group: str | None) -> pd.DataFrame:
    """Differences of segments from everybody on the main outcome, bases large enough."""
    table = analysis.tables.get("departures")
    if table is None:
        return pd.DataFrame(columns=["p_holm", "estimate"])
    own = table[(table["outcome"] == analysis.survey.main_outcome) & table["estimate"].notna()]
    if attribute is not None:
        own = own[own["attribute"] == attribute]
    return own if group is None else own[own["group"] == group]


def _headline(analysis: Analysis, question: str, group: str) -> dict[str, Any]:
    table = analysis.tables["toplines"]
    answer = analysis.survey.questions[question].headline
    own = table[
        (table["outcome"] == question) & (table["level"] == answer) & (table["group"] == group)
    ]
    return {str(key): value for key, value in own.iloc[0].to_dict().items()}


def _says(survey: Survey, question: str) -> str:
    asked = survey.questions[question]
    if asked.claim:
        return escape(asked.claim)
    return f"answer “{escape(asked.headline)}” on {escape(asked.label or question)}"


def _others(analysis: Analysis, question: str) -> str:
    """The total's other answers, so that a headline never stands alone."""
    table, asked = analysis.tables["toplines"], analysis.survey.questions[question]
    own = table[(table["outcome"] == question) & (table["group"] == TOTAL)]
    shown = {answer.value: answer.shown for answer in asked.answers}
    others = [
        f"“{escape(shown[row['level']])}” {SHARE.say(row['estimate'])}"
        for row in own.to_dict("records")
        if row["level"] != asked.headline
    ]
    return f"The rest: {listed(others)}."


def _difference(
    analysis: Analysis, question: str, group: str, reference: str
) -> pd.Series[Any] | None:
    table = analysis.tables["topline_differences"]
    own = table[
        (table["outcome"] == question)
        & (table["group"] == group)
        & (table["reference"] == reference)
        & table["estimate"].notna()
    ]
    return own.iloc[0] if len(own) else None


def _mean(analysis: Analysis, group: str, attribute: str, level: str) -> float:
    table = analysis.tables["marginal_means"]
    own = table[
        (table["outcome"] == analysis.survey.main_outcome)
        & (table["group"] == group)
        & (table["attribute"] == attribute)
        & (table["level"] == level)
    ]
    return float(own["estimate"].iloc[0])


def _gap(measure: Measure, row: Any) -> str:
    return measure.gap(
        row["estimate"], row["conf_low"], row["conf_high"], int(row["n_respondents"])
    )


def _direction(measure: Measure, difference: float) -> str:
    if measure.unit:
        return "more often" if difference > 0 else "less often"
    return "higher" if difference > 0 else "lower"


def _clear(row: pd.Series[Any]) -> bool:
    """Whether an interval keeps off zero."""
    return bool(row["conf_low"] > 0 or row["conf_high"] < 0)
