"""Sentences with figures: each says its estimand, base and interval, and whether to quote it.

A share is "62% of Labour voters". A marginal mean is "chosen 59% of the time". Nothing is "more" or
"less" unless the interval of the difference keeps off zero, nothing is "alike" unless a test of equivalence
says so, and no word says "most" or "majority".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from conjoint.report.claim import Claim, figure_of
from conjoint.say.label import level_pair, level_phrase
from conjoint.say.measure import SHARE, measure_of
from conjoint.say.number import base_text, exact
from conjoint.say.words import escape, listed, sentence_case
from conjoint.wave import TOTAL
from conjoint.withhold.mark import NOT_AVAILABLE

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
    who, says = survey.group_noun(group), _says(survey, question)
    base = base_text(row["n_respondents"])
    own = figure_of(survey, row)
    if row["reading"] == "suppressed":
        few = "people" if group == TOTAL else escape(who)
        n = row["n_respondents"]
        if 0 < n < survey.thresholds.suppress_below:
            text = f"Too few {few} answered to say what share {says} ({base})."
        else:
            text = (
                f"The share of {few} who {says} is not shown{f' ({base})' if n else ''}: too few "
                "answered, or it would reveal a group with too small a base."
            )
        return Claim(text, "suppressed", "headline", (own,))
    figure = f"**{SHARE.say(row['estimate'])}** of {escape(who)} {says}"
    text = f"{figure} ({base}; {SHARE.interval(row['conf_low'], row['conf_high'])})"
    if group == TOTAL:
        rest = _others(analysis, question)
        return Claim(f"{text}.{rest}", row["reading"], "headline", (own,))
    difference = _difference(analysis, question, group, TOTAL)
    everyone = escape(survey.report.everyone)
    if difference is None:
        return Claim(f"{text}.", row["reading"], "headline", (own,))
    figures = (own, figure_of(survey, difference, reference=TOTAL))
    if _clear(difference):
        word = "more" if difference["estimate"] > 0 else "less"
        size = SHARE.gap(difference["estimate"], difference["conf_low"], difference["conf_high"])
        said = f"{text}: {size} {word} than {everyone} as a whole."
    else:
        apart = _difference_said(difference)
        said = f"{text}. That is not clearly different from {everyone} as a whole ({apart})."
        if alike(difference):
            said = f"{text}. That and {everyone} as a whole are alike to within {within(survey)} ({apart})."
    return Claim(said, row["reading"], "headline", figures)


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
    who = escape(survey.group_noun(top["group"]))
    text = (
        f"Among the segments, the share who {_says(survey, question)} is highest for {who}: "
        f"{SHARE.say(top['estimate'])} ({base_text(top['n_respondents'])}; "
        f"{SHARE.interval(top['conf_low'], top['conf_high'])})."
    )
    held = [f"clearly above that of {_few(clear, 'and')}"] if clear else []
    held += [f"not clearly above that of {_few(unclear, 'or')}"] if unclear else []
    text = f"{text} It is {', but '.join(held)}."
    return Claim(text, smallest_reading(best), "leader", tuple(figures))


def _few(names: list[str], word: str, most: int = 4) -> str:
    """Names in a sentence; the rest of a long list is counted."""
    if len(names) <= most:
        return listed(names, word)
    return listed([*names[: most - 1], f"{len(names) - most + 1} other segments"], word)


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
    survey, outcome = analysis.survey, analysis.survey.main_outcome
    row = swing(analysis, attribute, group)
    own = figure_of(survey, row, level=str(row["high"]), reference=str(row["low"]))
    who = "" if group == TOTAL else f"Among {escape(survey.group_noun(group))}, "
    label = escape(survey.attribute_label(attribute).lower() if not who else "this")
    if row["reading"] == "suppressed":
        text = f"{who}too few people saw each level to say how {label} moves them"
        base = f" ({base_text(row['n_respondents'])})" if row["n_respondents"] else ""
        text = sentence_case(f"{text}{base}.")
        return Claim(text, "suppressed", "level", (own,))
    if row["reading"] == NOT_AVAILABLE:
        text = sentence_case(
            f"{who}how {label} moves them cannot be estimated: {escape(row['note'])}."
        )
        return Claim(text, "suppressed", "level", (own,))
    high, low = level_pair(survey, attribute, str(row["high"]), str(row["low"]), escape)
    means = [mean_row(analysis, group, attribute, str(row[end])) for end in ("high", "low")]
    measure = measure_of(survey, outcome)
    text = (
        f"{who}{escape(survey.report.profiles)} with {high} are "
        f"{measure.mean(means[0]['estimate'])} and those with {low} "
        f"{measure.say(means[1]['estimate'])}"
    )
    size = gap(measure, row)
    size_of = [measure.rounded(mean["estimate"]) for mean in means]
    odd = abs(size_of[0] - size_of[1] - measure.rounded(row["estimate"])) > 1e-9
    rounded = " before rounding" * odd
    ending = (
        f": {size} apart{rounded}." if _clear(row) else f": not clearly different, {size}{rounded}."
    )
    if alike(row) and not _clear(row):
        ending = f": {size}{rounded}. All its levels are alike to within {within(survey)}."
    figures = (own, *(figure_of(survey, mean) for mean in means))
    return Claim(sentence_case(text) + ending, row["reading"], "level", figures)


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
    claims = []
    for row in own.to_dict("records"):
        level = level_phrase(survey, row["attribute"], row["level"], escape)
        word = direction(measure, row["estimate"])
        text = (
            f"{sentence_case(escape(survey.report.profiles))} with {level} are {measure.verb} {word} "
            f"by {escape(survey.group_noun(row['group']))} than by "
            f"{escape(survey.report.everyone)} as a whole: a difference of {gap(measure, row)}."
        )
        figure = figure_of(survey, row, reference=TOTAL)
        claims.append(Claim(text, row["reading"], "departure", (figure,)))
    return claims


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
    return f"answer “{escape(asked.headline)}” on {escape(asked.label or question)}"


def _others(analysis: Analysis, question: str) -> str:
    """The total's other answers, so that a headline never stands alone; where answers add up to all."""
    table, asked = analysis.tables["toplines"], analysis.survey.questions[question]
    own = table[
        (table["outcome"] == question)
        & (table["group"] == TOTAL)
        & table["estimate"].notna()
        & table["level"].isin([v for v in asked.values if v != asked.headline])
    ]
    if asked.kind != "single" or asked.headline in asked.nets or len(own) > 5 or own.empty:
        return ""
    others = [
        f"“{escape(asked.shown(row['level']))}” {SHARE.say(row['estimate'])}"
        for row in own.to_dict("records")
    ]
    return f" The rest: {listed(others)}."


def _difference_said(row: Any) -> str:
    """A difference of shares with its direction and interval."""
    size = SHARE.change(row["estimate"])
    return f"{size}{SHARE.units(size)}, {SHARE.changes(row['conf_low'], row['conf_high'])}"


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
    """The word for a difference that is clear."""
    if measure.unit:
        return "more often" if difference > 0 else "less often"
    return "higher" if difference > 0 else "lower"


def _clear(row: Any) -> bool:
    """Whether an interval keeps off zero."""
    return bool(row["conf_low"] > 0 or row["conf_high"] < 0)
