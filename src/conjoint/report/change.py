"""A change in words: rose or fell where that is clear, and otherwise no clear change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from conjoint.plot.measure import SHARE, Measure, measure_of
from conjoint.report.text import escape, sentence_case
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conjoint.survey import Survey

__all__ = [
    "BADGES",
    "arrow_said",
    "bases_said",
    "chance_line",
    "change_said",
    "decomposition_line",
    "figures_said",
    "kept",
    "label_of",
    "level_said",
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
SCORE = Measure(factor=1, decimals=1, sign="", unit="")
PLAIN = SCORE

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


def label_of(survey: Survey, kind: str, outcome: object, item: object = "") -> str:
    """A question or outcome as shown."""
    name = str(outcome)
    if kind != "topline":
        return (survey.outcomes[name].label if name in survey.outcomes else "") or name
    if name not in survey.questions:
        return name
    question = survey.questions[name]
    label = question.label or name
    if item and str(item) in question.items:
        return f"{label}: {question.items[str(item)].label or item}"
    return label


def level_said(survey: Survey, row: Any, level: object) -> str:
    """An answer or a level as shown."""
    value = str(level)
    if row["kind"] != "topline":
        known = survey.attributes.get(row["attribute"])
        return (
            survey.level(row["attribute"], value).shown
            if known and value in known.values
            else value
        )
    if row["estimand"] == "mean":
        return "Mean"
    question = survey.questions.get(row["outcome"])
    return question.shown(value) if question else value


def figures_said(survey: Survey, row: Any) -> str:
    """Both waves' figures in a table."""
    measure = replace(_measure(survey, row, exact=True), sign="")
    signed = row["estimand"] == "net"
    return arrow_said(
        *(measure.factor * row[f"estimate_{end}"] for end in ("first", "second")), signed=signed
    )


def arrow_said(first: float, second: float, *, signed: bool = False) -> str:
    """Two numbers with an arrow between them; a dash for one that is not there."""
    return kept(
        " → ".join(
            "–" if pd.isna(value) else (PLAIN.change(value) if signed else PLAIN.number(value))
            for value in (first, second)
        )
    )


def change_said(survey: Survey, row: Any) -> str:
    """A change in a table, with its interval; bold where it is clear."""
    if pd.isna(row["change"]):
        return "–"
    measure = _measure(survey, row, exact=True)
    ends = f"{measure.change(row['conf_low'])} to {measure.change(row['conf_high'])}"
    said = measure.change(row["change"])
    return f"{f'**{said}**' if row['verdict'] in ('rose', 'fell') else said} ({ends})"


def points_said(row: Any) -> str:
    """A part of a change in a table."""
    if row["std_error"] == 0 and row["estimate"] == 0:
        return "0"
    ends = f"{EXACT.change(row['conf_low'])} to {EXACT.change(row['conf_high'])}"
    return f"{EXACT.change(row['estimate'])} ({ends})"


def bases_said(part: pd.DataFrame) -> str:
    """The bases of a group's figures in both waves, or from the smallest to the largest."""
    said = []
    for column in ("n_first", "n_second"):
        low, high = part[column].min(), part[column].max()
        said.append(f"{low:,}" if low == high else f"{low:,}–{high:,}")
    return kept(f"n {said[0]} → {said[1]}")


def kept(text: object) -> str:
    """Words that stay on one line."""
    return escape(text).replace(" ", "\u00a0")


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
    unit = f" {measure.unit}s" if measure.unit else ""
    ends = f"{measure.change(row['conf_low'])} to {measure.change(row['conf_high'])}"
    interval = kept(f"{measure.change(row['change'])}{unit}") + " (" + kept(ends) + ")"
    if row["verdict"] in ("rose", "fell"):
        care = " [small base]{.verdict .caution}" if row["reading"] == "caution" else ""
        badge = "" if short else " [clear change]{.verdict .safe}"
        return f"**{subject} {_moved(survey, row)}**: {then}, {interval}.{badge}{care}"
    missed = kept(f"{measure.number(row['detectable'])}{unit}")
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
    level = level_said(survey, row, row["level"])
    label = label_of(survey, row["kind"], row["outcome"], row["item"])
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
            f"{round(1 / level)}, at most, would show any."
        )
    expected = tables * level
    most = "fewer than one" if expected < 0.95 else f"about {expected:.0f}"
    return (
        f"{tables} tables were looked at for a change, and {clear or 'none'} of them "
        f"{'shows' if clear == 1 else 'show'} a clear one. Were nothing changed, {most} of the tables would "
        "show one by chance alone."
    )


def decomposition_line(survey: Survey, cells: pd.DataFrame, variable: str) -> str:
    """What a change is made of, in one sentence."""
    whole = {row["part"]: row for row in cells[cells["cell"] == ""].to_dict("records")}
    change, mix, view = (whole[part] for part in ("change", "mix", "view"))
    level = level_said(survey, {**change, "kind": "topline"}, change["level"])
    ends = [
        f"{EXACT.change(part['estimate'])} ({EXACT.change(part['conf_low'])} to "
        f"{EXACT.change(part['conf_high'])})"
        for part in (mix, view)
    ]
    return (
        f"Of the change of {EXACT.change(change['estimate'])} points in “{escape(level)}”, {ends[0]} is "
        f"the mix by {escape(variable)}, and {ends[1]} is view within its groups."
    )
