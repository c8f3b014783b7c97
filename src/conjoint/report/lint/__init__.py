"""A person's own draft held against the figures of a bundle, sentence by sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from conjoint.report.claim import obstacles
from conjoint.report.lint.check import check_mention
from conjoint.report.lint.context import Vocabulary
from conjoint.report.lint.draft import sentences
from conjoint.report.lint.facts import facts_of
from conjoint.report.lint.finding import BAD, Finding
from conjoint.report.lint.mention import mentions
from conjoint.report.lint.wording import check_wording

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conjoint.analysis import Analysis
    from conjoint.report.lint.context import Context
    from conjoint.report.lint.draft import Sentence
    from conjoint.report.lint.facts import Fact

__all__ = ["BAD", "LINT_COLUMNS", "lint_claims"]

LINT_COLUMNS = [
    "line", "sentence", "said", "status", "figure", "estimate", "conf_low", "conf_high",
    "n_respondents", "verdict", "note",
]  # fmt: skip


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
    vocabulary, facts = Vocabulary.of(analysis), facts_of(analysis)
    rows = [
        _row(sentence, finding, analysis)
        for sentence in sentences(draft)
        for finding in _findings(sentence, vocabulary, facts, analysis)
    ]
    return pd.DataFrame(rows, columns=LINT_COLUMNS)


def _findings(
    sentence: Sentence, vocabulary: Vocabulary, facts: Sequence[Fact], analysis: Analysis
) -> Iterator[Finding]:
    if sentence.is_table:
        yield Finding("", "not read", "a row of a table: hold it against the workbook's tables")
        return
    context = vocabulary.read(sentence.text)
    yield from _levels(context)
    found = [
        check_mention(mention, context, facts, analysis)
        for mention in mentions(sentence.text, context.masked)
    ]
    yield from found
    for finding in check_wording(context, facts, found):
        yield _unless_forbidden(finding, analysis)


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
