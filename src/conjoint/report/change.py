"""A change in words: rose or fell where that is clear, and otherwise no clear change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.report.claim import SYNTHETIC, Claim, Figure, Judgement, badge
from conjoint.say.label import subject_label, value_label
from conjoint.say.measure import RATED, SHARE, Measure, measure_of
from conjoint.say.number import DASH, base, numeral
from conjoint.say.phrase import phrase
from conjoint.say.words import escape, sentence_case, together
from conjoint.table import Cell, strong
from conjoint.table.number import change
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conjoint.report.claim import Verdict
    from conjoint.survey import Survey

__all__ = [
    "EXACT",
    "arrow_said",
    "badge_of",
    "bases_said",
    "chance_line",
    "change_claim",
    "change_said",
    "decomposition_line",
    "figures_said",
    "kept",
    "points_said",
]

LOOKS = {"rose": "safe", "fell": "safe", "not compared": "suppressed"}
"""How a verdict's mark looks; others have none."""

EXACT = replace(SHARE, decimals=1)
SCORE = replace(RATED, kind="")


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
    return together(" → ".join(DASH if pd.isna(value) else say(value) for value in (first, second)))


def change_said(survey: Survey, row: Any) -> Cell:
    """A change in a table, with its interval; bold where it is clear."""
    if pd.isna(row["change"]):
        return Cell(DASH)
    measure = _measure(survey, row, exact=True)
    ends = measure.changes(row["conf_low"], row["conf_high"])
    is_clear = row["verdict"] in ("rose", "fell")
    said = strong(measure.change(row["change"])) if is_clear else change(measure, row["change"])
    return replace(said, aside=f"({ends})")


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
    return together(f"n {said[0]} → {said[1]}")


def kept(text: object) -> str:
    """Words that stay on one line."""
    return together(escape(text))


def badge_of(verdict: str) -> str:
    """A verdict's mark in a table; nothing where there is no change to be told."""
    if verdict == "too few":
        return f"*{phrase('comparison.verdict.too_few')}*"
    if verdict not in LOOKS:
        return ""
    return badge(phrase(f"comparison.verdict.{verdict.replace(' ', '_')}"), LOOKS[verdict])


def change_claim(
    survey: Survey, row: Mapping[Any, Any], reason: str, *, short: bool = False
) -> Claim:
    """A figure's change in one sentence, with its verdict.

    "Rose" and "fell" stand only where the change is clear of zero after the adjustment.
    """
    subject, measure = _subject(survey, row), _measure(survey, row)
    if row["verdict"] == "not compared":
        key = "comparison.change.not_compared_why" if reason else "comparison.change.not_compared"
        parts = {"reason": reason} if reason else {}
        marks = [badge_of("not compared")]
        return _claim(survey, row, key, marks, reason, subject=subject, **parts)
    if pd.isna(row["change"]):
        return _claim(survey, row, "comparison.change.too_few", [], subject=subject)
    size = measure.change(row["change"])
    ends = measure.changes(row["conf_low"], row["conf_high"])
    parts = {
        end: phrase(
            "comparison.change.wave",
            figure=_said(measure, row, row[f"estimate_{end}"]),
            wave=kept(row[end]),
        )
        for end in ("first", "second")
    }
    parts["change"] = phrase(
        "comparison.change.size", size=kept(size + measure.units(size)), interval=kept(ends)
    )
    if row["verdict"] in ("rose", "fell"):
        marks = [] if short else [badge(phrase("comparison.change.clear"), "safe")]
        if row["reading"] == "caution":
            marks.append(badge(phrase("comparison.change.small_base"), "caution"))
        what = phrase(f"comparison.moved.{_way(survey, row)}", subject=subject)
        return _claim(survey, row, "comparison.change.moved", marks, what=what, **parts)
    missed = measure.size(row["detectable"])
    parts["size"] = kept(missed + measure.units(missed))
    return _claim(survey, row, "comparison.change.no_clear_change", [], subject=subject, **parts)


def _claim(
    survey: Survey, row: Mapping[Any, Any], key: str, marks: list[str], why: str = "", **parts: str
) -> Claim:
    """The claim of a row, judged by its reading and verdict."""
    limits = survey.thresholds
    own: Verdict = "safe to quote"
    reasons: tuple[str, ...] = ()
    if pd.isna(row["change"]) or row["verdict"] == "not compared":
        too_few = phrase("verdict.base", limit=limits.suppress_below)
        not_compared = why or phrase("comparison.verdict.not_compared")
        stopped = row["verdict"] == "not compared"
        own, reasons = "do not quote", (not_compared if stopped else too_few,)
    elif row["reading"] == "caution":
        own = "with caution"
        reasons = (phrase("verdict.base", limit=limits.caution_below),)
    judgement = Judgement(own, reasons, own)
    if survey.synthetic:
        judgement = Judgement("do not quote", (SYNTHETIC, *reasons), own)
    figure = Figure(
        str(row["estimand"]), str(row["group"]), str(row["outcome"]), str(row["attribute"]),
        str(row["level"]), str(row["first"]), float(row["change"]), float(row["conf_low"]),
        float(row["conf_high"]), int(np.nan_to_num(np.fmin(row["n_first"], row["n_second"]))),
    )  # fmt: skip
    return Claim(key, (figure,), str(row["reading"]), judgement, parts, " ".join(marks))


def _way(survey: Survey, row: Mapping[Any, Any]) -> str:
    """Rose or fell, in the words that go with what is measured."""
    outcome = survey.outcomes.get(row["outcome"])
    if row["kind"] != "marginal mean" or outcome is None:
        return str(row["verdict"])
    return f"{outcome.kind}_{row['verdict']}"


def _said(measure: Measure, row: Mapping[Any, Any], value: float) -> str:
    return measure.change(value) if row["estimand"] == "net" else measure.say(value)


def _subject(survey: Survey, row: Mapping[Any, Any]) -> str:
    """What a sentence is about, such as: the share of Labour voters who support the deal."""
    level = value_label(survey, row, row["level"])
    label = subject_label(survey, row["kind"], row["outcome"], row["item"])
    own = {} if row["group"] == TOTAL else {"who": survey.group_noun(row["group"])}
    if row["kind"] == "topline":
        question = survey.questions.get(row["outcome"])
        if question is not None and question.claim and question.headline == row["level"]:
            who = survey.group_noun(row["group"])
            return escape(phrase("comparison.subject.share", who=who, says=question.claim))
        key = "answer_among" if own else "answer"
        return escape(phrase(f"comparison.subject.{key}", question=label, answer=level, **own))
    attribute, key = row["attribute"], "level_among" if own else "level"
    if attribute in survey.attributes:
        attribute = survey.attribute_label(attribute)
    profiles = sentence_case(survey.report.profiles)
    own |= {"profiles": profiles, "level": level, "attribute": attribute}
    return escape(phrase(f"comparison.subject.{key}", **own))


def chance_line(asked: Any, clear: int) -> str:
    """In how many tables chance alone would show a clear change, beside those that do (`clear`)."""
    tables, level = int(asked["tables"]), 1 - float(asked["confidence"])
    if asked["family"] == "comparison":
        said = {"tables": tables, "number": numeral(1 / level)}
        if not clear:
            return phrase("comparison.chance.comparison_none", **said)
        return phrase("comparison.chance.comparison", clear, **said)
    expected = tables * level
    if expected < 0.95:
        most = phrase("comparison.chance.fewer_than_one")
    else:
        most = phrase("comparison.chance.about", count=numeral(expected))
    if not clear:
        return phrase("comparison.chance.none", tables=tables, expected=most)
    return phrase("comparison.chance.clear", clear, tables=tables, expected=most)


def decomposition_line(survey: Survey, cells: pd.DataFrame, variable: str) -> str:
    """What a change is made of, in one sentence."""
    whole = {row["part"]: row for row in cells[cells["cell"] == ""].to_dict("records")}
    change, mix, view = (whole[part] for part in ("change", "mix", "view"))
    level = value_label(survey, {**change, "kind": "topline"}, change["level"])
    ends = [
        EXACT.moved(part["estimate"], part["conf_low"], part["conf_high"]) for part in (mix, view)
    ]
    return phrase(
        "comparison.decomposition.line",
        change=EXACT.change(change["estimate"]),
        answer=escape(level),
        mix=ends[0],
        variable=escape(variable),
        view=ends[1],
    )
