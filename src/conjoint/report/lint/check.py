"""Each number of a sentence held against the bundle: found, rounded, another figure, or unsupported."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from conjoint.report.lint.facts import shown_group
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.analysis import Analysis
    from conjoint.report.lint.context import Context
    from conjoint.report.lint.facts import Fact
    from conjoint.report.lint.mention import Mention

__all__ = ["BAD", "Finding", "Status", "check_mention", "fits"]

Status = Literal[
    "found", "caution", "ambiguous", "not read", "level",
    "wrongly rounded", "another figure", "unsupported", "wording", "small base",
]  # fmt: skip

BAD: tuple[Status, ...] = (
    "wrongly rounded", "another figure", "unsupported", "wording", "small base",
)  # fmt: skip
"""What the command ends with exit code 1 for."""

FRACTION_REACH, ABOUT_REACH, BOUND_REACH = 2.5, 3.5, 10.0
"""Points within which a share in words, "about" and a bound ("more than") may be of a figure."""

FEW = 6
AVERAGE = re.compile(r"\b(?:above|below|than) (?:the )?average\b", re.IGNORECASE)
THAN = re.compile(r"\b(?:than|compared (?:with|to)|against|versus)\b", re.IGNORECASE)
MORE = re.compile(
    r"\b(?:more|higher|above|ahead|greater|rises?|raises?|raised|increase[sd]?|up|better|gains?)\b",
    re.I,
)
LESS = re.compile(
    r"\b(?:less|lower(?:s|ed)?|below|behind|fewer|falls?|reduce[sd]?|down|worse|drops?|loses?|costs?)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one number, or of one way of putting it.

    Parameters
    ----------
    said
        The words of the draft.
    status, note
        What became of it, and why.
    fact
        The figure of the bundle, where there is one.
    """

    said: str
    status: Status
    note: str = ""
    fact: Fact | None = None


def fits(value: float, mention: Mention) -> bool:
    """Whether a figure, as a draft counts it, is what the draft says, rounded as the draft rounds."""
    reach = 0.5 * 10.0**-mention.decimals
    if mention.kind == "fraction":
        reach = FRACTION_REACH
    off = value - mention.value
    match mention.relation:
        case "over":
            return 0 < off < BOUND_REACH
        case "under":
            return -BOUND_REACH < off < 0
        case "about":
            return abs(off) <= max(reach, ABOUT_REACH)
    return abs(off) <= reach + 1e-9


def check_mention(
    mention: Mention, context: Context, facts: Sequence[Fact], analysis: Analysis
) -> Finding:
    """Find the figure of the bundle that a number states."""
    if mention.kind in ("margin", "base", "range"):
        return _beside(mention, context, facts, analysis)
    unit = {"points": "points", "rating": "number"}.get(mention.kind, "percent")
    own = [fact for fact in facts if fact.unit == unit]
    ideal = [fact for fact in own if not _mismatches(fact, mention, context)]
    right = [fact for fact in own if fits(_size(fact), mention)]
    good = [fact for fact in right if fact in ideal]
    if good:
        return _matched(mention, context, good)
    return _unmatched(mention, context, ideal, right, analysis)


def _size(fact: Fact) -> float:
    return fact.value if fact.unit == "percent" else abs(fact.value)


def _matched(mention: Mention, context: Context, good: list[Fact]) -> Finding:
    """One figure or several that the number fits."""
    named = bool(context.questions or context.is_conjoint or context.keys("answer"))
    best = _preferred(_same_way(good, mention, context), context)
    others = [fact for fact in best[1:] if fact.subject != best[0].subject or not named]
    if not named or len({fact.key for fact in best}) > 1:
        other = f"; or {others[0].words(context.survey)}" if others else ""
        if len(best) > 1:
            more = f" and {len(best) - 2} more" if len(best) > 2 else ""
            other = other or f"; or {best[1].words(context.survey)}"
            note = f"fits {len(best)} figures: {best[0].words(context.survey)}{other}{more}. Say which."
            return Finding(mention.text, "ambiguous", note, best[0])
    fact, notes = best[0], []
    if not named:
        notes.append("the sentence does not say what it is of: this is the one figure that fits")
    if not context.groups:
        notes.append("no group is named: held against everybody")
    if mention.relation in ("over", "under") and _bound_open(fact, mention):
        notes.append(f"the interval reaches across {mention.text}")
    return _judged(mention, context, fact, notes)


def _same_way(good: list[Fact], mention: Mention, context: Context) -> list[Fact]:
    """Of several differences, those that go the way that is said, if any does."""
    way = _way(context.sentence, context.masked, mention) if mention.kind == "points" else 0
    same = [fact for fact in good if way * _signed(fact, context) > 0]
    return same or good


def _preferred(good: list[Fact], context: Context) -> list[Fact]:
    """The facts that fit best what the sentence speaks of: main outcome, everybody, simplest kind."""
    survey = context.survey
    order = ["answer", "mean", "levels", "groups", "effect", "pull", "pair"]
    if len(context.groups) > 1 or THAN.search(context.sentence):
        order = ["groups", *order]
    if AVERAGE.search(context.sentence):
        order = ["pull", *order]

    def rank(fact: Fact) -> tuple[int, int, int]:
        wanted = context.outcome_kind
        outcome = survey.outcomes.get(fact.figure.outcome)
        off = bool(outcome and wanted and outcome.kind != wanted)
        second = fact.figure.outcome not in (survey.main_outcome, *survey.questions)
        return (int(off), int(second and not wanted), 0)

    ranked = sorted(good, key=lambda fact: (rank(fact), order.index(fact.kind)))
    first = rank(ranked[0])
    kept = [fact for fact in ranked if rank(fact) == first]
    kinds = [fact for fact in kept if fact.kind == kept[0].kind]
    if not context.groups or len(kinds) == 1:
        return kinds
    return [fact for fact in kinds if fact.groups[0] == kinds[0].groups[0]] or kinds


def _bound_open(fact: Fact, mention: Mention) -> bool:
    low, high = (fact.scale * end for end in (fact.figure.low, fact.figure.high))
    return bool(low <= mention.value if mention.relation == "over" else high >= mention.value)


def _judged(mention: Mention, context: Context, fact: Fact, notes: list[str]) -> Finding:
    """A figure that was found: whether its sign, its clearness and its base bear what is said."""
    survey, limits = context.survey, context.survey.thresholds
    if mention.kind == "points":
        way = _way(context.sentence, context.masked, mention)
        if way and fact.kind != "levels" and way * _signed(fact, context) < 0:
            return Finding(mention.text, "unsupported", "the difference goes the other way", fact)
        if way and not fact.clear:
            return Finding(
                mention.text,
                "wording",
                "not clear: the interval of the difference covers zero, or does once the number of "
                "comparisons is allowed for; do not say more, less, above or below",
                fact,
            )
    if fact.figure.base < limits.suppress_below:
        return Finding(mention.text, "small base", f"base under {limits.suppress_below}", fact)
    small = fact.verdict(survey.model_copy(update={"synthetic": False}))
    if small.startswith("do not quote"):
        return Finding(mention.text, "small base", small, fact)
    status: Status = "found" if small == "safe to quote" else "caution"
    notes += [small] if status == "caution" else []
    return Finding(mention.text, status, "; ".join(notes), fact)


def _way(sentence: str, masked: list[tuple[int, int]], mention: Mention) -> int:
    """Up, down or neither: by the words around a difference, names left out."""
    letters = list(sentence)
    for start, end in masked:
        letters[start:end] = " " * (end - start)
    text = "".join(letters)
    around = text[max(0, mention.start - 40) : mention.end + 40]
    after = text[mention.end : mention.end + 25]
    for piece in (after, around):
        up, down = bool(MORE.search(piece)), bool(LESS.search(piece))
        if up != down:
            return 1 if up else -1
    return 0


def _signed(fact: Fact, context: Context) -> float:
    """A difference as the sentence puts it: what it names first, less the other."""
    if fact.kind == "groups":
        first = next((group for group in context.groups if group in fact.groups), "")
        return fact.value if first in ("", fact.groups[0]) else -fact.value
    if fact.kind in ("effect", "levels"):
        named = [key for key in context.keys("level") if key in fact.levels]
        return fact.value if not named or named[0] == fact.levels[0] else -fact.value
    return fact.value


def _mismatches(fact: Fact, mention: Mention, context: Context) -> set[str]:
    """In what a figure is about something else than the sentence says near the number."""
    found: set[str] = set()
    if _group_off(fact, mention, context):
        found.add("group")
    if fact.kind == "answer" or (
        fact.kind == "groups" and fact.subject in context.survey.questions
    ):
        return found | _answer_off(fact, mention, context)
    if context.questions and not context.is_conjoint:
        found.add("subject")
    return found | _level_off(fact, mention, context)


def _group_off(fact: Fact, mention: Mention, context: Context) -> bool:
    named = context.groups
    if fact.kind == "groups":
        wanted = set(named) if len(named) > 1 else {*named, TOTAL}
        if len(named) > 2:
            return not set(fact.groups) <= wanted
        return set(fact.groups) != wanted
    if not named:
        return fact.groups[0] != TOTAL
    local = [n.key[0] for n in context.local("group", mention.start, mention.end)]
    if fact.unit == "points":
        local = named[:1] if len(named) == 1 else named
    return fact.groups[0] not in local


def _answer_off(fact: Fact, mention: Mention, context: Context) -> set[str]:
    if context.is_conjoint:
        return {"subject"}
    found: set[str] = set()
    if context.questions and fact.subject not in context.questions:
        return {"question"}
    local = [n.key for n in context.local("answer", mention.start, mention.end)]
    known = [key for key in local if not context.questions or key[0] in context.questions]
    if known and fact.levels[0] not in known:
        found.add("answer")
    headline = context.survey.questions[fact.subject].headline
    if not known and context.questions and headline and fact.levels[0][1] != headline:
        found.add("answer")  # a claim that names no other answer is the headline's
    return found


def _level_off(fact: Fact, mention: Mention, context: Context) -> set[str]:
    levels = [(key[0], key[1]) for key in context.keys("level")]
    attributes = [key[0] for key in context.keys("attribute")]
    found: set[str] = set()
    own = set(fact.levels)
    if fact.kind == "mean":
        local = [n.key for n in context.local("level", mention.start, mention.end)]
        if local and fact.levels[0] not in local:
            found.add("level")
    elif levels and fact.kind in ("levels", "effect", "pair"):
        if not own <= set(levels) and not (len(set(levels)) == 1 and own & set(levels)):
            found.add("level")
    elif levels and not own & set(levels):
        found.add("level")
    if fact.kind == "pair" and len(set(levels)) < 2:
        found.add("level")
    if not levels and attributes and fact.subject not in attributes:
        found.add("attribute")
    return found


def _unmatched(
    mention: Mention,
    context: Context,
    ideal: list[Fact],
    right: list[Fact],
    analysis: Analysis,
) -> Finding:
    """No figure fits both the number and the sentence: wrongly rounded, another's, or nobody's."""
    survey = context.survey
    named = bool(context.questions or context.is_conjoint or context.keys("answer"))
    near = _preferred(ideal, context)[:FEW] if ideal and named else []
    step = 10.0**-mention.decimals
    if mention.relation == "equal" and mention.kind != "fraction":
        for fact in near:
            if abs(_size(fact) - mention.value) <= 1.05 * step:
                places = mention.decimals
                note = f"rounds to {_size(fact):.{places}f}, not {mention.value:.{places}f}"
                return Finding(mention.text, "wrongly rounded", note, fact)
    hidden = _hidden(context, mention, analysis)
    if hidden:
        return Finding(mention.text, "small base", hidden)
    elsewhere = sorted(right, key=lambda fact: len(_mismatches(fact, mention, context)))
    expected = "; what it speaks of is another figure" if near else ""
    close = [
        fact
        for fact in elsewhere
        if len(_mismatches(fact, mention, context) - {"subject"}) == 1
        and mention.relation == "equal"
        and "subject" not in _mismatches(fact, mention, context)
    ]
    if close and named and mention.kind != "fraction":
        off = ", ".join(sorted(_mismatches(close[0], mention, context)))
        note = f"this is of another {off}: {close[0].words(survey)}"
        note += "; what the sentence speaks of is another figure" if near else ""
        return Finding(mention.text, "another figure", note, near[0] if near else close[0])
    if right and not named and not context.groups:
        first = _preferred(right, context)
        more = f" and {len(right) - 1} more" if len(right) > 1 else ""
        note = (
            f"the sentence does not say what it is of; it would fit {first[0].words(survey)}{more}"
        )
        return Finding(mention.text, "ambiguous", note)
    reason = "no figure of the bundle is this"
    if right and not named:
        reason = "the sentence does not say what it is of, and the group named has no such figure"
    return Finding(mention.text, "unsupported", reason + expected, near[0] if near else None)


def _hidden(context: Context, mention: Mention, analysis: Analysis) -> str:
    """Why a group that is named has no figures, where that is why."""
    local = [n.key[0] for n in context.local("group", mention.start, mention.end)]
    for name in ("toplines", "marginal_means"):
        table = analysis.tables.get(name)
        if table is None or not local:
            continue
        own = table[table["group"] == local[0]]
        if len(own) and (own["reading"] == "suppressed").all():
            return "the group's base is too small for any figure to be shown"
    return ""


def _beside(
    mention: Mention, context: Context, facts: Sequence[Fact], analysis: Analysis
) -> Finding:
    """Intervals, margins and bases: those of a figure that the sentence may state."""
    near = [fact for fact in facts if not _mismatches(fact, mention, context)]
    if mention.kind == "base":
        return _base(mention, context, near, analysis)
    if mention.kind == "margin":
        for fact in near:
            half = fact.scale * (fact.figure.high - fact.figure.low) / 2
            if abs(half - mention.value) <= 0.5 * 10.0**-mention.decimals + 0.06:
                return Finding(mention.text, "found", "half the width of an interval", fact)
        table = analysis.tables.get("bases")
        none = pd.Series(dtype=float)
        known = none if table is None else table.get("margin_of_error", none)
        if any(abs(100 * own - mention.value) <= 0.5 * 10.0**-mention.decimals for own in known):
            return Finding(mention.text, "found", "a margin of error of the bundle")
        return Finding(mention.text, "unsupported", "no interval of the bundle is so wide")
    ends = sorted((mention.value, mention.upper))
    reach = 0.5 * 10.0**-mention.decimals + 1e-9
    for fact in near:
        own = sorted(abs(fact.scale * end) if fact.unit == "points" else fact.scale * end
                     for end in (fact.figure.low, fact.figure.high))  # fmt: skip
        if all(abs(a - b) <= reach for a, b in zip(own, ends, strict=True)):
            return Finding(mention.text, "found", "the interval", fact)
    spoken = [
        fact
        for fact in facts
        if fact.kind in ("answer", "mean") and not _mismatches(fact, mention, context) - {"group"}
    ]
    low, high = (
        next((fact for fact in spoken if abs(fact.value - end) <= reach), None) for end in ends
    )
    if low and high and low.levels == high.levels:
        both = f"{low.words(context.survey)}; {high.words(context.survey)}"
        return Finding(mention.text, "ambiguous", f"as a range of figures: {both}", low)
    return Finding(mention.text, "unsupported", "no interval of the bundle has these ends")


def _base(mention: Mention, context: Context, near: list[Fact], analysis: Analysis) -> Finding:
    for fact in near:
        if fact.figure.base == mention.value:
            return Finding(mention.text, "found", "the base", fact)
    table = analysis.tables.get("bases")
    known = pd.Series(dtype=float) if table is None else table.set_index("group")["n_respondents"]
    local = [n.key[0] for n in context.local("group", mention.start, mention.end)]
    for group in local or context.groups or [TOTAL]:
        if group in known.index and int(known[group]) == mention.value:
            return Finding(mention.text, "found", "a base of the bundle")
    for group in local:
        if group in known.index:
            note = f"the base of {shown_group(context.survey, group)} is {int(known[group]):,}"
            return Finding(mention.text, "unsupported", note)
    if (known == mention.value).any():
        whose = str(known.index[known == mention.value][0])
        return Finding(
            mention.text, "ambiguous", f"the base of {shown_group(context.survey, whose)}"
        )
    return Finding(mention.text, "unsupported", "no base of the bundle is this")
