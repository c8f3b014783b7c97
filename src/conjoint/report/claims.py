"""Sentences with figures: each says its estimand, base and interval, and whether to quote it.

A share is "62% of Labour voters". A marginal mean is "chosen 59% of the time". Nothing is "more" or
"less" unless the interval of the difference keeps off zero, nothing is "alike" unless a test of equivalence
says so, and no word says "most" or "majority".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from conjoint.report.claim import Claim, claim, figure_of
from conjoint.say.label import level_pair, level_phrase
from conjoint.say.measure import SHARE, measure_of
from conjoint.say.number import base_text, exact
from conjoint.say.phrase import phrase
from conjoint.say.words import escape, listed
from conjoint.wave import TOTAL
from conjoint.withhold.mark import NOT_AVAILABLE
from conjoint.withhold.threshold import too_few

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conjoint.analysis import Analysis
    from conjoint.say.measure import Measure
    from conjoint.survey import Survey

__all__ = [
    "ALPHA",
    "PARTINGS",
    "Claim",
    "alike",
    "departures",
    "direction",
    "gap",
    "group_claim",
    "headline_questions",
    "is_compared",
    "lead_question",
    "leader",
    "level_claim",
    "mean_row",
    "ranked",
    "smallest_reading",
    "swing",
    "within",
]

ALPHA = 0.05
ORDER = ("safe", "caution", "suppressed", NOT_AVAILABLE)

PARTINGS = 3
"""Levels said on a segment's page, which is to be one, to be seen differently by it than by everybody."""


def headline_questions(analysis: Analysis) -> list[str]:
    """Topline questions that have a headline answer of their own."""
    questions = analysis.survey.questions.items()
    return [name for name, q in questions if q.topline and q.headline and q.kind != "grid"]


def lead_question(analysis: Analysis) -> str | None:
    """The first topline question that has a headline answer."""
    return next(iter(headline_questions(analysis)), None)


def ranked(analysis: Analysis, group: str = TOTAL) -> list[str]:
    """Attributes by how far their levels' means are apart, chance taken out, the furthest first.

    Those between which there is nothing but chance come in the survey's order, as do all in a bundle of an
    older version.
    """
    survey, table = analysis.survey, analysis.tables["spread"]
    own = table[(table["outcome"] == survey.main_outcome) & (table["group"] == group)]
    if "moves" not in own:
        return list(own["attribute"])
    return list(own.sort_values("moves", ascending=False, kind="stable")["attribute"])


def alike(row: Any) -> bool:
    """Whether a test of equivalence says that a figure is smaller than the survey's smallest effect."""
    return bool(row.get("p_equivalent", float("nan")) < ALPHA)


def within(survey: Survey) -> str:
    """The survey's smallest effect of shares in words."""
    size = exact(100 * (survey.smallest_effect or 0.0))
    return f"{size}{SHARE.units(size)}"


def smallest_reading(rows: Iterable[Any]) -> str:
    """The most careful of the readings of several rows."""
    return max((str(row["reading"]) for row in rows), key=ORDER.index)


def group_claim(analysis: Analysis, question: str, group: str) -> Claim:
    """Say what share of a group gives the headline answer, and how that compares with everybody."""
    survey, row = analysis.survey, _headline(analysis, question, group)
    own, base = figure_of(survey, row), base_text(row["n_respondents"])
    says, who = _says(survey, question), escape(survey.group_noun(group))
    if row["reading"] == "suppressed":
        few, n = phrase("words.people") if group == TOTAL else who, row["n_respondents"]
        if n > 0 and too_few(n, survey.thresholds):
            key = "claim.headline.too_few"
        else:
            key = "claim.headline.not_shown" if n else "claim.headline.not_shown_nobody"
            base = base if n else ""
        return claim(analysis, key, "suppressed", [own], few=few, says=says, base=base)
    parts = {
        "share": SHARE.say(row["estimate"]),
        "who": who,
        "says": says,
        "base": base,
        "interval": SHARE.interval(row["conf_low"], row["conf_high"]),
        "everyone": escape(survey.report.everyone),
    }
    if group == TOTAL:
        others = _others(analysis, question)
        key = "claim.headline.all_with_others" if others else "claim.headline.alone"
        return claim(analysis, key, row["reading"], [own], **parts, others=others)
    difference = _difference(analysis, question, group, TOTAL)
    if difference is None:
        return claim(analysis, "claim.headline.alone", row["reading"], [own], **parts)
    figures = (own, figure_of(survey, difference, reference=TOTAL))
    if _clear(difference):
        way = "more" if difference["estimate"] > 0 else "less"
        ends = (difference["conf_low"], difference["conf_high"])
        parts["size"] = SHARE.gap(difference["estimate"], *ends)
        key = f"claim.headline.{way}"
    else:
        parts["change"] = _difference_said(difference)
        parts["within"] = within(survey)
        key = "claim.headline.alike" if alike(difference) else "claim.headline.not_clear"
    return claim(analysis, key, row["reading"], figures, **parts)


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
    best = own.sort_values("estimate", ascending=False, kind="stable").to_dict("records")
    top = best[0]
    figures = [figure_of(survey, top)]
    clear: list[str] = []
    unclear: list[str] = []
    for other in best[1:]:
        difference = _difference(analysis, question, top["group"], other["group"])
        name = escape(survey.group_noun(other["group"]))
        if difference is None or not difference["p_holm"] < ALPHA or not _clear(difference):
            unclear.append(name)
            continue
        clear.append(name)
        figures.append(figure_of(survey, difference, reference=other["group"]))
    key = "claim.leader.of_some" if clear else "claim.leader.of_none"
    return claim(
        analysis,
        key if unclear else "claim.leader.of_all",
        smallest_reading(best),
        figures,
        who=escape(survey.group_noun(top["group"])),
        says=_says(survey, question),
        share=SHARE.say(top["estimate"]),
        base=base_text(top["n_respondents"]),
        interval=SHARE.interval(top["conf_low"], top["conf_high"]),
        clear=_few(clear),
        unclear=_few(unclear, either=True),
    )


def _few(names: list[str], most: int = 4, *, either: bool = False) -> str:
    """Names in a sentence; the rest of a long list is counted."""
    if len(names) > most:
        names = [*names[: most - 1], phrase("words.other_segments", len(names) - most + 1)]
    return listed(names, either=either)


def swing(analysis: Analysis, attribute: str, group: str = TOTAL) -> pd.Series[Any]:
    """How far an attribute moves a group: its highest level against its lowest."""
    table = analysis.tables["spread"]
    return table[
        (table["outcome"] == analysis.survey.main_outcome)
        & (table["group"] == group)
        & (table["attribute"] == attribute)
    ].iloc[0]


def level_claim(analysis: Analysis, attribute: str, group: str) -> Claim:
    """Say how far an attribute moves a group: its highest level against its lowest."""
    survey, row = analysis.survey, swing(analysis, attribute, group)
    own = figure_of(survey, row, level=str(row["high"]), reference=str(row["low"]))
    who = "" if group == TOTAL else escape(survey.group_noun(group))
    parts = {
        "among": phrase("words.among_lead", who=who) if who else "",
        "attribute": phrase("words.this")
        if who
        else escape(survey.attribute_label(attribute).lower()),
        "base": base_text(row["n_respondents"]),
        "note": escape(row["note"]) if "note" in row else "",
    }
    if row["reading"] == "suppressed":
        key = "claim.level.too_few" if row["n_respondents"] else "claim.level.too_few_nobody"
        return claim(analysis, key, "suppressed", [own], **parts)
    if row["reading"] == NOT_AVAILABLE:
        return claim(analysis, "claim.level.not_available", "suppressed", [own], **parts)
    means = [mean_row(analysis, group, attribute, str(row[end])) for end in ("high", "low")]
    measure = measure_of(survey, survey.main_outcome)
    size_of = [measure.rounded(mean["estimate"]) for mean in means]
    odd = abs(size_of[0] - size_of[1] - measure.rounded(row["estimate"])) > 1e-9
    high, low = level_pair(survey, attribute, str(row["high"]), str(row["low"]), escape)
    parts |= {
        "profiles": escape(survey.report.profiles),
        "high": high,
        "low": low,
        "mean": measure.mean(means[0]["estimate"]),
        "other_mean": measure.say(means[1]["estimate"]),
        "size": gap(measure, row),
        "rounded": phrase("claim.level.before_rounding") if odd else "",
        "within": within(survey),
    }
    key = "claim.level.apart" if _clear(row) else "claim.level.not_clear"
    if alike(row) and not _clear(row):
        key = "claim.level.alike"
    return claim(
        analysis, key, row["reading"], [own, *(figure_of(survey, m) for m in means)], **parts
    )


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
    own = own[(own["p_holm"] < ALPHA) & ((own["conf_low"] > 0) | (own["conf_high"] < 0))]
    own = own.reindex(own["estimate"].abs().sort_values(ascending=False, kind="stable").index)
    measure = measure_of(survey, survey.main_outcome)
    return [
        claim(
            analysis,
            f"claim.departure.{direction(measure, row['estimate'])}",
            row["reading"],
            [figure_of(survey, row, reference=TOTAL)],
            profiles=escape(survey.report.profiles),
            level=level_phrase(survey, row["attribute"], row["level"], escape),
            verb=measure.verb,
            who=escape(survey.group_noun(row["group"])),
            everyone=escape(survey.report.everyone),
            size=gap(measure, row),
        )
        for row in own.to_dict("records")
    ]


def _departures(analysis: Analysis, attribute: str | None, group: str | None) -> pd.DataFrame:
    """Differences of segments from everybody on the main outcome, bases large enough."""
    table = analysis.tables.get("departures")
    if table is None:
        return pd.DataFrame(columns=["p_holm", "estimate", "conf_low", "conf_high"])
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
    answer, label = escape(asked.headline), escape(asked.label or question)
    return phrase("claim.says", answer=answer, question=label)


def _others(analysis: Analysis, question: str) -> str:
    """The total's other answers, so that a headline never stands alone; none where they do not add up to all."""
    table, asked = analysis.tables["toplines"], analysis.survey.questions[question]
    own = table[
        (table["outcome"] == question)
        & (table["group"] == TOTAL)
        & table["estimate"].notna()
        & table["level"].isin([v for v in asked.values if v != asked.headline])
    ]
    if asked.kind != "single" or asked.headline in asked.nets or len(own) > 5 or own.empty:
        return ""
    return listed(
        phrase(
            "claim.answer",
            answer=escape(asked.shown(row["level"])),
            share=SHARE.say(row["estimate"]),
        )
        for row in own.to_dict("records")
    )


def _difference_said(row: Any) -> str:
    """A difference of shares with its direction and interval."""
    size = SHARE.change(row["estimate"])
    ends = SHARE.changes(row["conf_low"], row["conf_high"])
    return phrase("claim.change", size=f"{size}{SHARE.units(size)}", interval=ends)


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


def mean_row(analysis: Analysis, group: str, attribute: str, level: str) -> pd.Series[Any]:
    """The marginal mean of a level in a group, on the main outcome."""
    table = analysis.tables["marginal_means"]
    return table[
        (table["outcome"] == analysis.survey.main_outcome)
        & (table["group"] == group)
        & (table["attribute"] == attribute)
        & (table["level"] == level)
    ].iloc[0]


def gap(measure: Measure, row: Any) -> str:
    """The size of a difference, its interval and base."""
    return measure.gap(
        row["estimate"], row["conf_low"], row["conf_high"], int(row["n_respondents"])
    )


def direction(measure: Measure, difference: float) -> str:
    """Which sentence says a difference that is clear: of how often, or of how high."""
    if measure.unit:
        return "more_often" if difference > 0 else "less_often"
    return "higher" if difference > 0 else "lower"


def _clear(row: Any) -> bool:
    """Whether an interval keeps off zero."""
    return bool(row["conf_low"] > 0 or row["conf_high"] < 0)
