"""Each number of a sentence held against the bundle: found, rounded, another figure, or unsupported."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conjoint.report.claim import SYNTHETIC, obstacles
from conjoint.report.lint.beside import BESIDE, check_beside
from conjoint.report.lint.finding import Finding, fits
from conjoint.report.lint.match import mismatches
from conjoint.say.number import numeral
from conjoint.withhold.threshold import too_few

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.analysis import Analysis
    from conjoint.report.lint.context import Context
    from conjoint.report.lint.facts import Fact
    from conjoint.report.lint.finding import Status
    from conjoint.report.lint.mention import Mention

__all__ = ["check_mention"]

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


def check_mention(
    mention: Mention, context: Context, facts: Sequence[Fact], analysis: Analysis
) -> Finding:
    """Find the figure of the bundle that a number states."""
    if mention.kind in BESIDE:
        return check_beside(mention, context, facts, analysis)
    unit = {"points": "points", "rating": "number"}.get(mention.kind, "percent")
    own = [fact for fact in facts if fact.unit == unit]
    ideal = [fact for fact in own if not mismatches(fact, mention, context)]
    right = [fact for fact in own if fits(_size(fact), mention)]
    good = [fact for fact in right if fact in ideal]
    if good:
        return _matched(mention, context, good, analysis)
    return _unmatched(mention, context, ideal, right, analysis)


def _size(fact: Fact) -> float:
    return fact.value if fact.unit == "percent" else abs(fact.value)


def _matched(mention: Mention, context: Context, good: list[Fact], analysis: Analysis) -> Finding:
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
    return _judged(mention, context, fact, notes, analysis)


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


def _judged(
    mention: Mention, context: Context, fact: Fact, notes: list[str], analysis: Analysis
) -> Finding:
    """A figure that was found: whether its sign, its clearness and its base bear what is said."""
    limits = context.survey.thresholds
    if mention.kind == "points":
        way = _way(context.sentence, context.masked, mention)
        if way and fact.kind != "levels" and way * _signed(fact, context) < 0:
            return Finding(mention.text, "unsupported", "the difference goes the other way", fact)
        if way and not fact.clear:
            return Finding(
                mention.text,
                "wording",
                "not clear: the interval of the difference covers zero, or does once its "
                "question’s pairs of segments, or its segment’s levels, are allowed for; do not say more, less, above or below",
                fact,
            )
    if too_few(fact.figure.base, limits):
        return Finding(mention.text, "small base", f"base under {limits.suppress_below}", fact)
    forbidden = obstacles(analysis, [fact.figure])
    if forbidden:
        return Finding(mention.text, "do not quote", ", ".join(forbidden), fact)
    found = fact.judged(analysis)
    reasons = ", ".join(reason for reason in found.reasons if reason != SYNTHETIC)
    if found.otherwise == "do not quote":
        return Finding(mention.text, "small base", f"{found.otherwise} ({reasons})", fact)
    status: Status = "found" if found.otherwise == "safe to quote" else "caution"
    notes += [f"{found.otherwise} ({reasons})"] if status == "caution" else []
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
                note = f"rounds to {numeral(_size(fact), places)}, not {numeral(mention.value, places)}"
                return Finding(mention.text, "wrongly rounded", note, fact)
    hidden = _hidden(context, mention, analysis)
    if hidden:
        return Finding(mention.text, "small base", hidden)
    elsewhere = sorted(right, key=lambda fact: len(mismatches(fact, mention, context)))
    expected = "; what it speaks of is another figure" if near else ""
    close = [
        fact
        for fact in elsewhere
        if len(mismatches(fact, mention, context) - {"subject"}) == 1
        and mention.relation == "equal"
        and "subject" not in mismatches(fact, mention, context)
    ]
    if close and named and mention.kind != "fraction":
        off = ", ".join(sorted(mismatches(close[0], mention, context)))
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
