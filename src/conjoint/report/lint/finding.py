"""A finding; whether a figure fits a number, and is of what a sentence speaks of near it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from conjoint.wave import TOTAL

if TYPE_CHECKING:
    import re

    from conjoint.report.lint.context import Context
    from conjoint.report.lint.facts import Fact
    from conjoint.report.lint.mention import Mention

__all__ = ["BAD", "Finding", "Status", "fits", "mismatches"]

Status = Literal[
    "found", "caution", "ambiguous", "not read", "level",
    "wrongly rounded", "another figure", "unsupported", "wording", "small base", "do not quote",
]  # fmt: skip

BAD: tuple[Status, ...] = (
    "wrongly rounded", "another figure", "unsupported", "wording", "small base", "do not quote",
)  # fmt: skip
"""What the command ends with exit code 1 for."""

FRACTION_REACH, ABOUT_REACH, BOUND_REACH = 2.5, 3.5, 10.0
"""Points within which a share in words, "about" and a bound ("more than") may be of a figure."""


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


def mismatches(fact: Fact, mention: Mention, context: Context) -> set[str]:
    """In what a figure is about something else than the sentence says near the number."""
    if fact.cue is not None:
        return _background_off(fact, fact.cue, mention, context)
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


def _background_off(
    fact: Fact, cue: re.Pattern[str], mention: Mention, context: Context
) -> set[str]:
    """Of figures about the sample: their words, their groups, and the levels of both steps."""
    found: set[str] = set()
    if not cue.search(context.sentence):
        found.add("subject")
    asked = [key[0] for key in context.keys("subject")] or context.questions
    if fact.kind == "flip" and asked and fact.subject not in asked:
        found.add("question")
    if fact.kind == "trade" and not set(fact.levels) <= set(context.keys("level")):
        found.add("level")
    both = "both" in context.sentence[: mention.start]
    if fact.kind == "trade" and both != fact.figure.estimand.startswith("net"):
        found.add("subject")
    if fact.kind == "background" and context.questions and not fact.figure.outcome:
        found.add("subject")
    named = context.groups or [TOTAL]
    if fact.figure.estimand == "share of everybody":
        off = set(named) != set(fact.groups)
    elif len(fact.groups) == 2:  # how many of a segment are in another as well
        local = [n.key[0] for n in context.local("group", mention.start, mention.end)]
        off = fact.groups[0] not in named or fact.groups[1] not in local
    else:
        off = bool(fact.groups) and fact.groups[0] not in named
    return found | {"group"} if off else found


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
