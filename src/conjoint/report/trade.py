"""What makes up for what, in words: a row of a trade-off as a sentence that is true of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.report.claim import Claim, Figure
from conjoint.say.label import level_label, level_phrase
from conjoint.say.measure import measure_of
from conjoint.say.number import amount, base_text, between
from conjoint.say.words import escape, sentence_case
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conjoint.survey import Survey

__all__ = ["trade_claim"]


def trade_claim(survey: Survey, row: Mapping[str, Any]) -> Claim:
    """Say whether a step of one attribute makes up for a step of another, or that data cannot say.

    Parameters
    ----------
    survey
        What was asked.
    row
        Of the frame of :func:`conjoint.trade_off`; nothing else is looked at.

    Returns
    -------
    Claim
        Text in Markdown. "Makes up for" is said where the interval of gain less loss keeps off zero, and
        nothing at all of people under the survey's threshold. The figures are net, gain and loss.
    """
    limits, people = survey.thresholds, int(row["n_respondents"])
    who = "" if row["group"] == TOTAL else f"Among {escape(survey.group_noun(row['group']))}, "
    take = escape(survey.attribute_label(row["take"]))
    if people < limits.suppress_below:
        few = (
            f"{who}too few people answered to say what “{take}” makes up for ({base_text(people)})."
        )
        return Claim(sentence_case(few), "suppressed", "trade-off", _figures(row))
    if np.isnan(row["net"]):
        reason = str(row.get("words", row.get("reading", ""))).removeprefix("not estimable: ")
        text = f"{who}the data cannot say what “{take}” makes up for: {escape(reason)}."
        return Claim(sentence_case(text), "suppressed", "trade-off", _figures(row))
    says = _keeps(survey, row) if row["question"] == "keeps" else _buys(survey, row)
    fewest = np.fmin(people, row.get("n_effective", np.nan))
    reading = "caution" if fewest < limits.caution_below else "safe"
    return Claim(sentence_case(f"{who}{says}"), reading, "trade-off", _figures(row))


def _figures(row: Mapping[str, Any]) -> tuple[Figure, ...]:
    """What is weighed: net of what is taken and given, and each alone."""
    return tuple(
        Figure(
            estimand=f"{name} difference",
            group=row["group"],
            outcome=row["outcome"],
            attribute=row[which],
            level=f"{row[f'{which}_end']:g}",
            reference=f"{row[f'{which}_from']:g}",
            estimate=float(row[name]),
            low=float(row[f"{name}_low"]),
            high=float(row[f"{name}_high"]),
            base=int(row["n_respondents"]),
            effective=float(row.get("n_effective", np.nan)),
        )
        for name, which in (("net", "take"), ("gain", "take"), ("loss", "give"))
    )


def _buys(survey: Survey, row: Mapping[str, Any]) -> str:
    """What a step of `take` makes up for."""
    text = _weighed(survey, row)
    if np.isnan(row["estimate"]) or not row["gain_low"] > 0:
        return text
    give, start = row["give"], row["give_from"]
    ends = _ends(survey, give, row["fieller_low"] + start, row["fieller_high"] + start)
    change = between(amount(start), amount(start + row["estimate"]))
    return (
        f"{text} By straight lines between the levels it makes up for a change of “"
        f"{escape(survey.attribute_label(give))}” from {change} (interval {ends})."
    )


def _keeps(survey: Survey, row: Mapping[str, Any]) -> str:
    """What level of `take` keeps support where it was."""
    if np.isnan(row["estimate"]):
        return _weighed(survey, row)
    give, take = (escape(survey.attribute_label(row[name])) for name in ("give", "take"))
    needs = "has to go" if row["loss"] > 0 else "can go"
    ends = _ends(survey, row["take"], row["fieller_low"], row["fieller_high"])
    given = between(amount(row["give_from"]), amount(row["give_end"]))
    needed = between(amount(row["take_from"]), amount(row["estimate"]))
    return (
        f"if “{give}” goes from {given}, “{take}” {needs} from {needed} (interval {ends}; "
        f"{base_text(row['n_respondents'])}) to leave {_share(survey, row)} as it was, by straight lines between "
        "the levels."
    )


def _ends(survey: Survey, name: str, low: float, high: float) -> str:
    """An interval of an attribute's numbers; an open end is that of the levels shown."""
    numbers = [level.number for level in survey.attributes[name].levels if level.number is not None]
    first = f"{amount(min(numbers))} or less" if np.isinf(low) else amount(low)
    last = f"{amount(max(numbers))} or more" if np.isinf(high) else amount(high)
    return between(first, last)


def _weighed(survey: Survey, row: Mapping[str, Any]) -> str:
    """Whether the one step makes up for the other."""
    step, other, share = (
        _step(survey, row, "take"),
        _step(survey, row, "give"),
        _share(survey, row),
    )
    if row["loss_high"] < 0:
        gap = _gap(survey, row, "loss")
        return f"{other} raises {share} by {gap}: there is nothing to make up for."
    if row["take_from"] == row["take_end"]:
        top = _level(survey, row["take"], row["take_end"], level_phrase)
        return f"the data cannot say what makes up for {other}: nothing beyond {top} was shown."
    if row["gain_high"] < 0:
        return f"{step} lowers {share} by {_gap(survey, row, 'gain')}: it makes up for nothing."
    if not row["gain_low"] > 0:
        return (
            f"the data cannot say whether {step} makes up for {other}: the first may make no difference "
            f"to {share}, {_effect(survey, row, 'gain')}."
        )
    measure = measure_of(survey, row["outcome"])
    more, less = ("more often", "less often") if measure.unit else ("higher", "lower")
    both = (
        f"with both, {_profiles(survey)} are {measure.verb} {more if row['net'] > 0 else less} than with "
        f"neither, by {_gap(survey, row, 'net')}"
    )
    if not row["loss_low"] > 0:
        end = f"; {both}." if row["net_low"] > 0 else "."
        return (
            f"the data cannot say how much {step} makes up for: {other} may make no difference to "
            f"{share}, {_effect(survey, row, 'loss')}{end}"
        )
    if row["net_low"] > 0:
        return f"{step} more than makes up for {other}: {both}."
    if row["net_high"] < 0:
        return f"{step} does not make up for {other}: {both}."
    return (
        f"the data cannot say whether {step} makes up for {other} in full: with both instead of neither, "
        f"{share} changes by {_effect(survey, row, 'net')}, which may be nothing."
    )


def _step(survey: Survey, row: Mapping[str, Any], which: str) -> str:
    """One level instead of another, with the attribute that they are of."""
    name = row[which]
    old, new = (_level(survey, name, row[f"{which}_{end}"], _quoted) for end in ("from", "end"))
    return f"{new} instead of {old} ({escape(survey.attribute_label(name))})"


def _level(survey: Survey, name: str, number: float, phrase: Callable[..., str]) -> str:
    for level in survey.attributes[name].levels:
        if level.number == number:
            return phrase(survey, name, level.value, escape)
    return amount(number)


def _quoted(survey: Survey, name: str, value: str, write: Callable[[str], str]) -> str:
    return f"“{write(level_label(survey, name, value))}”"


def _effect(survey: Survey, row: Mapping[str, Any], name: str) -> str:
    """A change with its interval; a loss is a change downwards."""
    measure, sign = measure_of(survey, row["outcome"]), -1.0 if name == "loss" else 1.0
    low, high = sorted(sign * row[f"{name}_{end}"] for end in ("low", "high"))
    return measure.moved(sign * row[name], low, high, row["n_respondents"], unit=True)


def _gap(survey: Survey, row: Mapping[str, Any], name: str) -> str:
    """The size of a change, whichever way it goes."""
    size = row[name], row[f"{name}_low"], row[f"{name}_high"]
    return measure_of(survey, row["outcome"]).gap(*size, int(row["n_respondents"]))


def _profiles(survey: Survey) -> str:
    return escape(survey.report.profiles)


def _share(survey: Survey, row: Mapping[str, Any]) -> str:
    """What is measured, as a noun."""
    measure = measure_of(survey, row["outcome"])
    often = "how often" if measure.unit else "how high"
    return f"{often} {_profiles(survey)} are {measure.verb}"
