"""What makes up for what, in words: a row of a trade-off as a sentence that is true of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.report.claim import Claim, Figure, claim
from conjoint.say.label import level_label, level_phrase
from conjoint.say.measure import measure_of
from conjoint.say.number import amount, base_text, between
from conjoint.say.phrase import phrase
from conjoint.say.words import escape
from conjoint.survey import INTERLOCK
from conjoint.wave import TOTAL
from conjoint.withhold.threshold import reading_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conjoint.analysis import Analysis
    from conjoint.survey import Survey

__all__ = ["trade_claim", "trade_words"]


def trade_claim(analysis: Analysis, row: Mapping[str, Any]) -> Claim:
    """Say whether a step of one attribute makes up for a step of another, or that data cannot say.

    Parameters
    ----------
    analysis
        The bundle.
    row
        Of the frame of :func:`conjoint.trade_off`, of its question "buys".

    Returns
    -------
    Claim
        Its figures are net, gain and loss.
    """
    key, reading, parts = trade_words(analysis.survey, row)
    return claim(analysis, key, reading, _figures(row), **parts)


def trade_words(survey: Survey, row: Mapping[str, Any]) -> tuple[str, str, dict[str, str]]:
    """Find the sentence that is true of a trade-off: its key, the reading of the base, and its parts.

    "Makes up for" is said where the interval of gain less loss keeps off zero, and nothing at all of people
    under the survey's threshold.
    """
    people = int(row["n_respondents"])
    who = "" if row["group"] == TOTAL else escape(survey.group_noun(row["group"]))
    parts = {
        "among": phrase("words.among_lead", who=who) if who else "",
        "take": escape(survey.attribute_label(row["take"])),
        "base": base_text(people),
    }
    reading = reading_of(people, survey.thresholds, row.get("n_effective", np.nan))
    if reading == "suppressed":
        return "claim.trade_off.too_few", "suppressed", parts
    if np.isnan(row["net"]):
        reason = str(row.get("words", row.get("reading", ""))).removeprefix("not estimable: ")
        return "claim.trade_off.unknown", "suppressed", parts | {"reason": escape(reason)}
    key, weighed = _weighed(survey, row)
    return key, reading, parts | weighed


def _figures(row: Mapping[str, Any]) -> tuple[Figure, ...]:
    """What one step gains, what the other loses, and both together."""
    group, outcome, base = str(row["group"]), str(row["outcome"]), int(row["n_respondents"])
    both = INTERLOCK.join((str(row["give"]), str(row["take"])))
    ends = {"net": both, "gain": row["take"], "loss": row["give"]}
    return tuple(
        Figure(
            f"{name} of a trade-off",
            group,
            outcome,
            str(attribute),
            "",
            "before",
            float(row[name]),
            float(row[f"{name}_low"]),
            float(row[f"{name}_high"]),
            base,
            effective=float(row.get("n_effective", np.nan)),
        )
        for name, attribute in ends.items()
        if name == "net" or pd.notna(row[name])
    )


def _weighed(survey: Survey, row: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Whether the one step makes up for the other: the sentence and its parts."""
    measure = measure_of(survey, row["outcome"])
    more, less = ("more_often", "less_often") if measure.unit else ("higher", "lower")
    profiles = escape(survey.report.profiles)
    share = phrase(
        "claim.how_often" if measure.unit else "claim.how_high",
        profiles=profiles,
        verb=measure.verb,
    )
    both = phrase(
        f"claim.trade_off.with_both.{more if row['net'] > 0 else less}",
        profiles=profiles,
        verb=measure.verb,
        size=_gap(survey, row, "net"),
    )
    parts = {
        "step": _step(survey, row, "take"),
        "other": _step(survey, row, "give"),
        "share": share,
        "with_both": both,
    }
    if row["loss_high"] < 0:
        return "claim.trade_off.nothing_lost", parts | {"size": _gap(survey, row, "loss")}
    if row["take_from"] == row["take_end"]:
        top = _level(survey, row["take"], row["take_end"], level_phrase)
        return "claim.trade_off.nothing_beyond", parts | {"top": top}
    if row["gain_high"] < 0:
        return "claim.trade_off.lowers", parts | {"size": _gap(survey, row, "gain")}
    if not row["gain_low"] > 0:
        parts["change"] = _effect(survey, row, "gain")
        return "claim.trade_off.gain_unclear", parts
    key, more_parts = _of_a_gain(survey, row)
    parts |= more_parts
    if np.isnan(row["estimate"]):
        return f"claim.trade_off.{key}", parts
    give, start = row["give"], row["give_from"]
    parts["line"] = phrase(
        "claim.trade_off.line",
        give=escape(survey.attribute_label(give)),
        change=between(amount(start), amount(start + row["estimate"])),
        interval=_ends(survey, give, row["fieller_low"] + start, row["fieller_high"] + start),
    )
    return f"claim.trade_off.{key}_by_line", parts


def _of_a_gain(survey: Survey, row: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """What is to be said of a step that clearly gains something."""
    if not row["loss_low"] > 0:
        loss = {"change": _effect(survey, row, "loss")}
        return ("loss_unclear_gain" if row["net_low"] > 0 else "loss_unclear"), loss
    if row["net_low"] > 0:
        return "more_than", {}
    if row["net_high"] < 0:
        return "not_enough", {}
    return "net_unclear", {"change": _effect(survey, row, "net")}


def _ends(survey: Survey, name: str, low: float, high: float) -> str:
    """An interval of an attribute's numbers; an open end is that of the levels shown."""
    numbers = [level.number for level in survey.attributes[name].levels if level.number is not None]
    first, last = amount(low), amount(high)
    if np.isinf(low):
        first = phrase("words.or_less", number=amount(min(numbers)))
    if np.isinf(high):
        last = phrase("words.or_more", number=amount(max(numbers)))
    return between(first, last)


def _step(survey: Survey, row: Mapping[str, Any], which: str) -> str:
    """One level instead of another, with the attribute that they are of."""
    name = row[which]
    old, new = (_level(survey, name, row[f"{which}_{end}"], _quoted) for end in ("from", "end"))
    attribute = escape(survey.attribute_label(name))
    return phrase("claim.trade_off.step", new=new, old=old, attribute=attribute)


def _level(survey: Survey, name: str, number: float, write: Callable[..., str]) -> str:
    for level in survey.attributes[name].levels:
        if level.number == number:
            return write(survey, name, level.value, escape)
    return amount(number)


def _quoted(survey: Survey, name: str, value: str, write: Callable[[str], str]) -> str:
    return phrase("words.quoted", text=write(level_label(survey, name, value)))


def _effect(survey: Survey, row: Mapping[str, Any], name: str) -> str:
    """A change with its interval; a loss is a change downwards."""
    measure, sign = measure_of(survey, row["outcome"]), -1.0 if name == "loss" else 1.0
    low, high = sorted(sign * row[f"{name}_{end}"] for end in ("low", "high"))
    return measure.moved(sign * row[name], low, high, row["n_respondents"], unit=True)


def _gap(survey: Survey, row: Mapping[str, Any], name: str) -> str:
    """The size of a change, whichever way it goes."""
    size = row[name], row[f"{name}_low"], row[f"{name}_high"]
    return measure_of(survey, row["outcome"]).gap(*size, int(row["n_respondents"]))
