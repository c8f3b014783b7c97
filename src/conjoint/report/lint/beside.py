"""What stands beside a figure: its interval, its margin of error, its base."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from conjoint.report.lint.facts import shown_group
from conjoint.report.lint.finding import Finding, mismatches
from conjoint.say.number import base
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conjoint.analysis import Analysis
    from conjoint.report.lint.context import Context
    from conjoint.report.lint.facts import Fact
    from conjoint.report.lint.mention import Mention

__all__ = ["BESIDE", "check_beside"]

BESIDE = ("margin", "base", "range")
"""Kinds of numbers that say how firm a figure is."""


def check_beside(
    mention: Mention, context: Context, facts: Sequence[Fact], analysis: Analysis
) -> Finding:
    """Intervals, margins and bases: those of a figure that the sentence may state."""

    def spoken(fact: Fact) -> bool:
        return not mismatches(fact, mention, context)

    if mention.kind == "base":
        fits = (fact for fact in facts if _is_base(fact, mention))
        return _base(mention, context, next(filter(spoken, fits), None), analysis)
    if mention.kind == "margin":
        return _margin(mention, filter(spoken, facts), analysis)
    return _range(mention, context, facts)


def _margin(mention: Mention, near: Iterable[Fact], analysis: Analysis) -> Finding:
    reach = 0.5 * 10.0**-mention.decimals
    for fact in near:
        half = fact.scale * (fact.figure.high - fact.figure.low) / 2
        if abs(half - mention.value) <= reach + 0.06:
            return Finding(mention.text, "found", "half the width of an interval", fact)
    if any(abs(100 * own - mention.value) <= reach for own in _bases(analysis, "margin_of_error")):
        return Finding(mention.text, "found", "a margin of error of the bundle")
    return Finding(mention.text, "unsupported", "no interval of the bundle is so wide")


def _range(mention: Mention, context: Context, facts: Sequence[Fact]) -> Finding:
    ends = sorted((mention.value, mention.upper))
    reach = 0.5 * 10.0**-mention.decimals + 1e-9
    for fact in facts:
        fits = all(abs(own - end) <= reach for own, end in zip(_ends(fact), ends, strict=True))
        if fits and not mismatches(fact, mention, context):
            return Finding(mention.text, "found", "the interval", fact)
    spoken = [
        fact
        for fact in facts
        if fact.kind in ("answer", "mean")
        and any(abs(fact.value - end) <= reach for end in ends)
        and not mismatches(fact, mention, context) - {"group"}
    ]
    low, high = (
        next((fact for fact in spoken if abs(fact.value - end) <= reach), None) for end in ends
    )
    if low and high and low.levels == high.levels:
        both = f"{low.words(context.survey)}; {high.words(context.survey)}"
        return Finding(mention.text, "ambiguous", f"as a range of figures: {both}", low)
    return Finding(mention.text, "unsupported", "no interval of the bundle has these ends")


def _ends(fact: Fact) -> list[float]:
    """The ends of a figure's interval as a draft counts them."""
    ends = [fact.scale * end for end in (fact.figure.low, fact.figure.high)]
    return sorted(abs(end) if fact.unit == "points" else end for end in ends)


def _bases(analysis: Analysis, column: str) -> pd.Series[float]:
    """A column of the bundle's bases, by group; empty where it has none."""
    table = analysis.tables.get("bases")
    if table is None or column not in table:
        return pd.Series(dtype=float)
    return table.set_index("group")[column]


def _is_base(fact: Fact, mention: Mention) -> bool:
    if fact.unit != "people":
        return fact.figure.base == mention.value == mention.upper
    if mention.value != mention.upper:
        return (fact.figure.low, fact.figure.high) == (mention.value, mention.upper)
    return fact.figure.estimate == mention.value


def _base(mention: Mention, context: Context, near: Fact | None, analysis: Analysis) -> Finding:
    if near is not None:
        return Finding(mention.text, "found", "the base", near)
    known = _bases(analysis, "n_respondents")
    local = [n.key[0] for n in context.local("group", mention.start, mention.end)]
    for group in local or context.groups or [TOTAL]:
        if group in known.index and int(known[group]) == mention.value:
            return Finding(mention.text, "found", "a base of the bundle")
    for group in local:
        if group in known.index:
            note = f"the base of {shown_group(context.survey, group)} is {base(known[group])}"
            return Finding(mention.text, "unsupported", note)
    if (known == mention.value).any():
        whose = str(known.index[known == mention.value][0])
        return Finding(
            mention.text, "ambiguous", f"the base of {shown_group(context.survey, whose)}"
        )
    return Finding(mention.text, "unsupported", "no base of the bundle is this")
