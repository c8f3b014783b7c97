"""A person's own draft held against the figures of a bundle, sentence by sentence."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from conjoint.report.claim import obstacles
from conjoint.report.lint.background import audited, background
from conjoint.report.lint.check import UNSAID, check_mention
from conjoint.report.lint.context import Vocabulary
from conjoint.report.lint.draft import sentences
from conjoint.report.lint.facts import facts_of
from conjoint.report.lint.finding import BAD, Finding
from conjoint.report.lint.mention import mentions
from conjoint.report.lint.wording import check_wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from conjoint.analysis import Analysis
    from conjoint.report.lint.background import Audited
    from conjoint.report.lint.context import Context
    from conjoint.report.lint.draft import Sentence
    from conjoint.report.lint.facts import Fact
    from conjoint.report.lint.finding import Status
    from conjoint.report.lint.mention import Mention

__all__ = ["BAD", "LINT_COLUMNS", "lint_claims"]

LINT_COLUMNS = [
    "line", "sentence", "said", "status", "figure", "estimate", "conf_low", "conf_high",
    "n_respondents", "verdict", "note",
]  # fmt: skip

PRONOUN = re.compile(r"\b(?:they|them|their|it|its)\b|^That\b", re.IGNORECASE)
NOT_QUOTED = re.compile(r"(?:Synthetic \(else )?do not quote\b", re.IGNORECASE)
NOT_QUOTED_BEHIND = re.compile(r"[^();]*(?:\([^()]*\)\s*)?\([^()]*not to be quoted")
FORBIDDEN: tuple[Status, ...] = ("small base", "do not quote")
FURTHEST, HEADINGS, SAME_CLAIM = 40, 2, 3
"""Sentences and headings before a sentence in which to look for whom it means; sentences after it that may
belong to the same claim."""


def lint_claims(draft: str, analysis: Analysis) -> pd.DataFrame:
    """Hold every figure of a draft against those of a bundle.

    It matches words and numbers and understands nothing: what fits several figures, and what it
    cannot read, it says.

    Parameters
    ----------
    draft
        Markdown or plain text.
    analysis
        A bundle, as :func:`conjoint.run_analysis` makes or ``read_bundle`` reads.

    Returns
    -------
    pandas.DataFrame
        One row a figure, or a way of putting one: ``line, sentence, said`` (the words), ``status``,
        ``figure`` (of the bundle, in words), its ``estimate, conf_low, conf_high, n_respondents`` (on
        0 to 1 for shares), ``verdict`` and ``note``. The statuses are told in docs/lint_claims.md; those in
        `BAD` are wrong.
    """
    read = cache(Vocabulary.of(analysis).read)
    facts = [*facts_of(analysis), *background(analysis)]
    drafted, heard = sentences(draft), audited(analysis, read)
    rows = [
        _row(sentence, finding, analysis)
        for place, sentence in enumerate(drafted)
        for finding in _findings(sentence, _contexts(drafted, place, read), facts, heard, analysis)
    ]
    return pd.DataFrame(rows, columns=LINT_COLUMNS)


def _contexts(
    drafted: Sequence[Sentence], place: int, read: Callable[[str], Context]
) -> Iterator[Context]:
    """What a sentence names; then the same with whom it may mean, from what stands before it.

    A group is looked for elsewhere where the sentence names none, or says "they" or "it": in the two
    sentences before it that name one, and in the headings over it.
    """
    own = read(drafted[place].text)
    following = [s.text for s in drafted[place + 1 : place + 1 + SAME_CLAIM] if not s.is_table]
    after = None
    for text in reversed(following):
        after = replace(read(text), after=after)
    own = replace(own, after=after)
    yield own
    if own.otherwise:
        own = replace(own, named=own.otherwise, otherwise=())
        yield own
    if own.groups and not PRONOUN.search(own.unnamed):
        return
    headings = sentences_used = 0
    for earlier in reversed(drafted[max(0, place - FURTHEST) : place]):
        if earlier.is_table:
            continue
        headings += earlier.is_heading
        if headings > HEADINGS:
            return
        if (earlier.is_heading or (not headings and sentences_used < 2)) and read(
            earlier.text
        ).groups:
            sentences_used += not earlier.is_heading
            yield own.carried(read(earlier.text))


def _findings(
    sentence: Sentence,
    contexts: Iterator[Context],
    facts: Sequence[Fact],
    heard: Sequence[Audited],
    analysis: Analysis,
) -> Iterator[Finding]:
    if sentence.is_table:
        yield Finding("", "not read", "a row of a table: hold it against the workbook's tables")
        return
    context = next(contexts)
    others: list[Context] = []
    yield from _levels(context)
    stated = mentions(sentence.text, context.masked)
    found = [check_mention(mention, context, facts, analysis) for mention in stated]
    worded = check_wording(context, facts, found)
    if PRONOUN.search(context.unnamed) or any(f.status in BAD for f in (*found, *worded)):
        others = list(contexts)
    for at, mention in enumerate(stated):
        again = [check_mention(mention, other, facts, analysis) for other in others]
        found[at] = _best(found[at], again)
        if found[at].status in BAD and any(own.is_said(mention, context) for own in heard):
            found[at] = Finding(mention.text, "found", "as the audit says")
        if found[at].status in FORBIDDEN and _is_admitted(mention, context):
            note = f"{found[at].note}; the draft says so"
            found[at] = replace(found[at], status="caution", note=note)
    for other in others:
        if any(finding.status in BAD for finding in worded):
            again = check_wording(other, facts, found)
            worded = worded if any(finding.status in BAD for finding in again) else again
    yield from found
    for finding in worded:
        yield _unless_forbidden(finding, analysis)


def _best(own: Finding, others: Sequence[Finding]) -> Finding:
    """Of readings of one number: its own, unless that is wrong or says not of what it is."""
    special = [other for other in others if other.fact is not None and other.fact.cue is not None]
    if own.status in BAD:
        return min((own, *others), key=_badness)
    if special and (UNSAID in own.note or own.status == "ambiguous"):
        return min(special, key=_badness)
    return own


def _badness(finding: Finding) -> int:
    """Rank what readings of a sentence make of a number; one that may not be shown was at least found."""
    return (finding.status in BAD) + (finding.status in BAD and finding.status not in FORBIDDEN)


def _is_admitted(mention: Mention, context: Context) -> bool:
    """Whether a draft says itself that a figure is not to be quoted: in brackets behind it, or after."""
    said = NOT_QUOTED_BEHIND.match(context.sentence, mention.end)
    later = context.after
    while later and not said:
        said, later = NOT_QUOTED.match(later.sentence), later.after
    return bool(said)


def _unless_forbidden(finding: Finding, analysis: Analysis) -> Finding:
    """A comparison that the figures bear, unless the audit or an effect forbids to quote them."""
    if finding.fact is None or finding.status in BAD:
        return finding
    forbidden = obstacles(analysis, [finding.fact.figure])
    if not forbidden:
        return finding
    return replace(finding, status="do not quote", note=", ".join(forbidden))


def _levels(context: Context) -> Iterator[Finding]:
    """Numbers that were taken for a level by the words around them: said, since it is a guess."""
    survey = context.survey
    for named in context.named:
        said = context.sentence[named.start : named.end]
        same = [own for own in context.named if (own.start, own.end) == (named.start, named.end)]
        if named.kind == "level" and said[:1].isdigit() and len(same) == 1:
            shown = survey.level(*named.key).shown
            if said.casefold() != shown.casefold() and not said.casefold().startswith(
                shown.casefold()
            ):
                yield Finding(said, "level", f"read as the level “{shown}”, not as a figure")


def _row(sentence: Sentence, finding: Finding, analysis: Analysis) -> dict[str, object]:
    fact = finding.fact
    return {
        "line": sentence.line,
        "sentence": sentence.text,
        "said": finding.said,
        "status": finding.status,
        "figure": fact.words(analysis.survey) if fact else "",
        "estimate": fact.figure.estimate if fact else None,
        "conf_low": fact.figure.low if fact else None,
        "conf_high": fact.figure.high if fact else None,
        "n_respondents": fact.figure.base if fact else None,
        "verdict": fact.verdict(analysis) if fact else "",
        "note": finding.note,
    }
