"""Whether a figure is of what a sentence speaks of near a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from conjoint.report.lint.context import Context
    from conjoint.report.lint.facts import Fact
    from conjoint.report.lint.mention import Mention

__all__ = ["mismatches"]


def mismatches(fact: Fact, mention: Mention, context: Context) -> set[str]:
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
