"""Ways of putting it: majorities, causes, comparisons that no difference bears, people for choices."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conjoint.report.lint.finding import Finding
from conjoint.say.measure import SHARE
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.report.lint.context import Context
    from conjoint.report.lint.facts import Fact

__all__ = ["check_wording"]

PEOPLE = r"(?:people|voters|adults|respondents|britons|americans|citizens|the public|members|of them|of us)"
MAJORITY = re.compile(
    rf"\b(?:(?:a |the |large |clear |vast |slim |overwhelming )*majorit(?:y|ies)|most (?:of )?(?:\w+ ){{0,3}}?{PEOPLE}"
    r"|(?:more than|over) half)\b",
    re.IGNORECASE,
)
MINORITY = re.compile(r"\b(?:a |only a |small )*minorit(?:y|ies)\b", re.IGNORECASE)
CAUSAL = re.compile(
    r"\b(?:because(?: of)?|thanks to|due to|owing to|drives?|driven by|caus(?:e|es|ed|ing)|leads? to|"
    r"results? in|(?:makes?|made) (?:people|voters|them|\w+ voters))\b",
    re.IGNORECASE,
)
COMPARED = re.compile(
    r"\b(?:more|less|higher|lower|greater|fewer|likelier|stronger|weaker|better|worse|further)\b[^.]{0,80}?\bthan\b"
    r"|\b(?:ahead of|clearly above|clearly below|outstrips?|exceeds?)\b",
    re.IGNORECASE,
)
BOUND = re.compile(
    r"\s*(?:half|a (?:third|quarter)|an? |one|two|three|four|five|six|seven|eight|nine|\d)",
    re.IGNORECASE,
)
HIGHEST = re.compile(
    r"\b(?:highest|lowest|most (?:popular|supportive|likely|often)|(?:it|the \w+) most|least|strongest|weakest|"
    r"top|best|worst)\b",
    re.IGNORECASE,
)
SUPPOSED = re.compile(r"\bwould be $|\bif\b[^.;]*\bwere\b[^.;]*$", re.IGNORECASE)
"""Before what is not said to be so, such as "It would be over half if ... were higher than"."""

AVERAGE = re.compile(r"\bthan (?:the )?average\b", re.IGNORECASE)
PULLED = re.compile(r"\b(?:better|worse|(?:more|less) often|higher|lower)\b", re.IGNORECASE)
UNCLEAR = re.compile(r"\bnot (?:clearly|significantly)\b(?P<whom>[^.]*)", re.IGNORECASE)
COUNTED = re.compile(r"\b(\d+) other segments?\b")

DENIED = re.compile(
    r"\b(?:not|no|nothing|neither|cannot|never|without)\b[^.]{0,40}$", re.IGNORECASE
)


def check_wording(
    context: Context, facts: Sequence[Fact], found: Sequence[Finding]
) -> list[Finding]:
    """Hold a sentence's words against the figures it states, and against those it is about."""
    stated = [finding.fact for finding in found if finding.fact is not None]
    results = [
        *_majorities(context, facts, stated),
        *_causes(context, stated),
        *_people(context, found),
    ]
    if not any(f.status == "wording" for f in found):
        results += _comparisons(context, facts, found)
    return results


def _majorities(context: Context, facts: Sequence[Fact], stated: Sequence[Fact]) -> list[Finding]:
    results = []
    for pattern, side in ((MAJORITY, 1), (MINORITY, -1)):
        for match in pattern.finditer(context.sentence):
            before = context.sentence[: match.start()]
            if DENIED.search(before) or SUPPOSED.search(before):
                continue
            results.append(_majority(context, facts, stated, match, side))
    return results


def _majority(
    context: Context,
    facts: Sequence[Fact],
    stated: Sequence[Fact],
    match: re.Match[str],
    side: int,
) -> Finding:
    shares = [fact for fact in stated if fact.kind == "answer"]
    if not shares and not context.is_conjoint:
        shares = _shares(context, facts, match)
    if context.is_conjoint or (stated and not shares):
        return Finding(
            match[0], "wording",
            "no word of majority fits a marginal mean or an AMCE: these say how often profiles are chosen, "
            "or how that changes, not how many people want something",
        )  # fmt: skip
    if not shares:
        return Finding(match[0], "unsupported", "no share of people is named that could be one")
    fact = shares[0]
    low, high = (fact.scale * end for end in (fact.figure.low, fact.figure.high))
    if side * (fact.value - 50) <= 0:
        return Finding(
            match[0], "unsupported", f"the figure is {SHARE.say(fact.figure.estimate)}", fact
        )
    if (low if side > 0 else high) * side <= 50 * side:
        return Finding(
            match[0], "wording", f"not clear: the interval, {SHARE.interval(fact.figure.low, fact.figure.high)}, reaches one half", fact
        )  # fmt: skip
    if fact.reading == "caution":
        return Finding(match[0], "caution", "a small base", fact)
    return Finding(match[0], "found", "the interval is on one side of one half", fact)


def _shares(context: Context, facts: Sequence[Fact], match: re.Match[str]) -> list[Fact]:
    """Shares that a majority without a number speaks of: the group's headline answers."""
    groups = [n.key[0] for n in context.local("group", match.start(), match.end())] or [TOTAL]
    answers = [n.key for n in context.local("answer", match.start(), match.end())]
    headlines = {(name, context.survey.questions[name].headline) for name in context.questions}
    wanted = {key for key in answers if key[0] in context.questions} or headlines
    return [
        fact
        for fact in facts
        if fact.kind == "answer" and fact.groups[0] == groups[0] and fact.levels[0] in wanted
    ]


def _causes(context: Context, stated: Sequence[Fact]) -> list[Finding]:
    return [
        Finding(
            match[0], "wording",
            "a cause: a poll gives shares, and its experiment how choices change with what is shown; why "
            "people answer so it does not say",
            stated[0] if stated else None,
        )
        for match in CAUSAL.finditer(context.sentence)
        if stated or context.is_conjoint or context.questions
    ]  # fmt: skip


def _people(context: Context, found: Sequence[Finding]) -> list[Finding]:
    """A marginal mean put as a share of people."""
    results = []
    for finding in found:
        fact = finding.fact
        if fact is None or fact.kind not in ("mean", "pair") or fact.unit != "percent":
            continue
        place = context.sentence.find(finding.said)
        after = context.sentence[place + len(finding.said) :]
        group = next((n for n in context.named if n.kind == "group" and n.start >= place), None)
        of_group = group is not None and re.fullmatch(
            r"\s+of\s+(?:all\s+|the\s+)?", context.sentence[place + len(finding.said) : group.start]
        )
        if of_group or re.match(rf"\s+of\s+{PEOPLE}", after, re.IGNORECASE):
            results.append(
                Finding(
                    finding.said, "wording",
                    "a marginal mean is how often profiles with the level are chosen, not a share of people: "
                    "say “chosen … of the time”",
                    fact,
                )
            )  # fmt: skip
    return results


def _comparisons(
    context: Context, facts: Sequence[Fact], found: Sequence[Finding]
) -> list[Finding]:
    """Comparisons without a size: whether the difference they speak of is clear."""
    if any(f.fact is not None and f.fact.unit == "points" for f in found):
        return []
    results = []
    text = context.unnamed
    pattern, check = (PULLED, _pulled) if AVERAGE.search(text) else (COMPARED, _compared)
    for match in pattern.finditer(text):
        before = text[: match.start()]
        if (
            BOUND.match(context.sentence, match.end())
            or DENIED.search(before)
            or SUPPOSED.search(before)
        ):
            continue
        results.append(check(context, facts, match))
    if not results:
        results += [_superlative(context, facts, m) for m in HIGHEST.finditer(context.unnamed)][:1]
    return results


def _pulled(context: Context, facts: Sequence[Fact], match: re.Match[str]) -> Finding:
    """A level said to do better or worse than average: that nearest before the words."""
    words = context.sentence[match.start() : match.end()]
    levels = [n.key for n in context.named if n.kind == "level" and n.end <= match.start()]
    groups = context.groups or [TOTAL]
    main = context.survey.main_outcome
    own = next(
        (f for f in facts if f.kind == "pull" and f.groups[0] == groups[0] and f.figure.outcome == main
         and levels and f.levels[0] == levels[-1]), None,
    )  # fmt: skip
    if own is None:
        return Finding(words, "unsupported", "the bundle has no such level against its average")
    if (own.value < 0) != bool(re.search(r"\b(?:worse|less|lower|fewer)\b", words, re.IGNORECASE)):
        return Finding(words, "unsupported", "the difference goes the other way", own)
    if not own.clear:
        return Finding(words, "wording", "not clear once its segment’s levels are allowed for", own)
    return Finding(words, "found", "clear of its attribute's average", own)


def _compared(context: Context, facts: Sequence[Fact], match: re.Match[str]) -> Finding:
    """The first of the groups named against each that follows the words, or against the other."""
    words = context.sentence[match.start() : match.end()]
    named = context.groups if len(context.groups) > 1 else [*context.groups, TOTAL]
    end = match.end() + len(re.split(r"\bbut\b", context.sentence[match.end() :])[0])
    rivals = [n.key[0] for n in context.named if n.kind == "group" and match.end() <= n.start < end]
    if len(named) == 2 or context.is_conjoint or not rivals:
        return _two(context, facts, words, named)
    pairs = [_two(context, facts, words, [named[0], rival]) for rival in rivals]
    return next((pair for pair in pairs if pair.status != "found"), pairs[0])


def _two(context: Context, facts: Sequence[Fact], words: str, groups: list[str]) -> Finding:
    levels = context.keys("level")
    if len(set(groups)) == 2:
        own = [f for f in facts if f.kind == "groups" and set(f.groups) == set(groups)
               and _speaks_of(f, context)]  # fmt: skip
    elif len(levels) == 2:
        own = [f for f in facts if f.kind in ("levels", "effect") and set(f.levels) == set(levels)
               and f.groups[0] in (context.groups or [TOTAL])]  # fmt: skip
    else:
        own = []
    down = bool(re.match(r"(?:less|lower|fewer|weaker|worse)", words, re.IGNORECASE))
    if not own:
        return Finding(
            words, "unsupported", "the bundle has no difference of these two: nothing says that it is clear"
        )  # fmt: skip
    fact = own[0]
    first = next((group for group in context.groups if group in fact.groups), fact.groups[0])
    flipped = fact.kind == "groups" and first != fact.groups[0]
    if fact.kind != "groups" and levels:
        flipped = levels[0] != fact.levels[0]
    sign = (-1 if flipped else 1) * (-1 if down else 1)
    if not fact.clear:
        return Finding(words, "wording", "not clear: the interval of the difference covers zero, or does "
                       "once its question’s pairs of segments, or its segment’s levels, are allowed for", fact)  # fmt: skip
    if sign * fact.value < 0:
        return Finding(words, "unsupported", "the difference goes the other way", fact)
    return Finding(words, "found", "the interval of the difference keeps off zero", fact)


def _speaks_of(fact: Fact, context: Context) -> bool:
    if context.is_conjoint:
        return fact.levels[0] in context.keys("level")
    return fact.subject in context.questions


def _superlative(context: Context, facts: Sequence[Fact], match: re.Match[str]) -> Finding:
    """A group said to be first or last: it has to be clear of every other segment."""
    local = [n.key[0] for n in context.local("group", match.start(), match.end())]
    own = [f for f in facts if f.kind == "groups" and local and f.groups[0] == local[0]
           and TOTAL not in f.groups and f.subject in context.questions]  # fmt: skip
    if not own or context.is_conjoint:
        return Finding(
            match[0], "not read", "a highest, best or the like is not checked: see the report"
        )
    sign = -1 if re.match(r"lowest|least|weakest|worst", match[0], re.IGNORECASE) else 1
    other = next((f for f in own if sign * f.value < 0), None)
    unclear = [f for f in own if not f.clear]
    if other is None and unclear and _admitted(context, match, unclear):
        return Finding(
            match[0], "found", "in the sample, and it is said where that is not clear", own[0]
        )
    other = other or next(iter(unclear), None)
    if other is not None:
        return Finding(match[0], "wording", "not clearly so against every other segment", other)
    return Finding(match[0], "found", "clear against every other segment", own[0])


def _admitted(context: Context, match: re.Match[str], unclear: Sequence[Fact]) -> bool:
    """Whether the sentence, or the next one, names those from which a group is not clearly apart."""
    for told, start in ((context, match.end()), (context.after, 0)):
        said = UNCLEAR.search(told.sentence, start) if told else None
        if told and said:
            named = {n.key[0] for n in told.named if n.kind == "group" and n.start >= said.start()}
            others = COUNTED.search(said["whom"])
            lacking = {fact.groups[1] for fact in unclear} - named
            return len(lacking) == (int(others[1]) if others else 0)
    return False
