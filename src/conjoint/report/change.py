"""A change in words: rose or fell where that is clear, and otherwise no clear change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from conjoint.say.label import subject_label, value_label
from conjoint.say.measure import RATED, SHARE, Measure, measure_of
from conjoint.say.number import DASH, base, numeral
from conjoint.say.words import escape, sentence_case, together
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conjoint.survey import Survey

__all__ = [
    "BADGES",
    "EXACT",
    "arrow_said",
    "bases_said",
    "chance_line",
    "change_said",
    "decomposition_line",
    "figures_said",
    "kept",
    "points_said",
    "verdict_line",
]

BADGES = {
    "rose": "[rose]{.verdict .safe}",
    "fell": "[fell]{.verdict .safe}",
    "no clear change": "",
    "not compared": "[not compared]{.verdict .suppressed}",
    "too few": "*base too small*",
    "baseline": "",
}

EXACT = replace(SHARE, decimals=1)
SCORE = replace(RATED, kind="")

MORE = {
    "choice": ("are chosen more often", "are chosen less often"),
    "support": ("are supported more often", "are supported less often"),
    "rating": ("are rated higher", "are rated lower"),
}
"""What a marginal mean that rose or fell says of the profiles with a level."""


def _measure(survey: Survey, row: Any, *, exact: bool = False) -> Measure:
    """How a row's figures are said: in points, or in the units of a mean or a rating."""
    if row["estimand"] == "mean":
        return SCORE
    if row["kind"] != "topline" and row["outcome"] in survey.outcomes:
        own = measure_of(survey, row["outcome"])
        return replace(own, decimals=1) if exact else own
    return EXACT if exact else SHARE


def figures_said(survey: Survey, row: Any) -> str:
    """Both waves' figures in a table."""
    measure = _measure(survey, row, exact=True)
    say = measure.change if row["estimand"] == "net" else measure.bare
    return arrow_said(row["estimate_first"], row["estimate_second"], say)


def arrow_said(first: float, second: float, say: Callable[[float], str]) -> str:
    """Two figures with an arrow between them; a dash for one that is not there."""
    return kept(" → ".join(DASH if pd.isna(value) else say(value) for value in (first, second)))


def change_said(survey: Survey, row: Any) -> str:
    """A change in a table, with its interval; bold where it is clear."""
    if pd.isna(row["change"]):
        return DASH
    measure = _measure(survey, row, exact=True)
    ends = measure.changes(row["conf_low"], row["conf_high"])
    said = measure.change(row["change"])
    return f"{f'**{said}**' if row['verdict'] in ('rose', 'fell') else said} ({ends})"


def points_said(row: Any) -> str:
    """A part of a change in a table."""
    if row["std_error"] == 0 and row["estimate"] == 0:
        return "0"
    return EXACT.moved(row["estimate"], row["conf_low"], row["conf_high"])


def bases_said(part: pd.DataFrame) -> str:
    """The bases of a group's figures in both waves, or from the smallest to the largest."""
    said = []
    for column in ("n_first", "n_second"):
        low, high = part[column].min(), part[column].max()
        said.append(base(low) if low == high else f"{base(low)}{DASH}{base(high)}")
    return kept(f"n {said[0]} → {said[1]}")


def kept(text: object) -> str:
    """Words that stay on one line."""
    return together(escape(text))


def verdict_line(
    survey: Survey, row: Mapping[Any, Any], reason: str, *, short: bool = False
) -> str:
    """A figure's change in one sentence, with its verdict.

    "Rose" and "fell" stand only where the change is clear of zero after the adjustment.
    """
    subject = _subject(survey, row)
    measure = _measure(survey, row)
    if row["verdict"] == "not compared":
        return f"**{subject}** is not compared{f': {reason}' if reason else ''}. {BADGES['not compared']}"
    if pd.isna(row["change"]):
        return f"**{subject}**: too few people were asked to show a change."
    then = (
        f"{_said(measure, row, row['estimate_first'])} in {kept(row['first'])}, "
        f"{_said(measure, row, row['estimate_second'])} in {kept(row['second'])}"
    )
    size = measure.change(row["change"])
    ends = measure.changes(row["conf_low"], row["conf_high"])
    interval = f"{kept(size + measure.units(size))} ({kept(ends)})"
    if row["verdict"] in ("rose", "fell"):
        care = " [small base]{.verdict .caution}" if row["reading"] == "caution" else ""
        badge = "" if short else " [clear change]{.verdict .safe}"
        return f"**{subject} {_moved(survey, row)}**: {then}, {interval}.{badge}{care}"
    missed = measure.size(row["detectable"])
    missed = kept(missed + measure.units(missed))
    return (
        f"**{subject}: no clear change.** {then}, {interval}. A change under about {missed} would often "
        "be missed."
    )


def _moved(survey: Survey, row: Mapping[Any, Any]) -> str:
    """Rose or fell, in the words that go with what is measured."""
    outcome = survey.outcomes.get(row["outcome"])
    if row["kind"] != "marginal mean" or outcome is None:
        return str(row["verdict"])
    more, less = MORE[outcome.kind]
    return more if row["verdict"] == "rose" else less


def _said(measure: Measure, row: Mapping[Any, Any], value: float) -> str:
    return measure.change(value) if row["estimand"] == "net" else measure.say(value)


def _subject(survey: Survey, row: Mapping[Any, Any]) -> str:
    """What a sentence is about, such as: the share of Labour voters who support the deal."""
    level = value_label(survey, row, row["level"])
    label = subject_label(survey, row["kind"], row["outcome"], row["item"])
    among = "" if row["group"] == TOTAL else f", among {survey.group_noun(row['group'])}"
    if row["kind"] == "topline":
        question = survey.questions.get(row["outcome"])
        if question is not None and question.claim and question.headline == row["level"]:
            who = survey.group_noun(row["group"])
            return escape(f"The share of {who} who {question.claim}")
        return escape(f"{label}: “{level}”{among}")
    attribute = row["attribute"]
    own = survey.attribute_label(attribute) if attribute in survey.attributes else attribute
    profiles = sentence_case(survey.report.profiles)
    return escape(f"{profiles} with “{level}” ({own}){among}")


def chance_line(asked: Any, clear: int) -> str:
    """In how many tables chance alone would show a clear change, beside those that do (`clear`)."""
    tables, level = int(asked["tables"]), 1 - float(asked["confidence"])
    if asked["family"] == "comparison":
        return (
            f"{clear or 'None'} of {tables} tables {'shows' if clear == 1 else 'show'} a clear change. Every "
            "change is held against all others of this comparison: were nothing changed, one comparison in "
            f"{numeral(1 / level)}, at most, would show any."
        )
    expected = tables * level
    most = "fewer than one" if expected < 0.95 else f"about {numeral(expected)}"
    return (
        f"{tables} tables were looked at for a change, and {clear or 'none'} of them "
        f"{'shows' if clear == 1 else 'show'} a clear one. Were nothing changed, {most} of the tables would "
        "show one by chance alone."
    )


def decomposition_line(survey: Survey, cells: pd.DataFrame, variable: str) -> str:
    """What a change is made of, in one sentence."""
    whole = {row["part"]: row for row in cells[cells["cell"] == ""].to_dict("records")}
    change, mix, view = (whole[part] for part in ("change", "mix", "view"))
    level = value_label(survey, {**change, "kind": "topline"}, change["level"])
    ends = [
        EXACT.moved(part["estimate"], part["conf_low"], part["conf_high"]) for part in (mix, view)
    ]
    return (
        f"Of the change of {EXACT.change(change['estimate'])} points in “{escape(level)}”, {ends[0]} is "
        f"the mix by {escape(variable)}, and {ends[1]} is view within its groups."
    )
