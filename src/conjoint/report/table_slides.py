"""The topline report and the appendix as presentations: one question, or one check, a slide."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conjoint.report.robustness import Robustness
from conjoint.report.show import Only, slide
from conjoint.report.slides import charts_as_slides, how_made
from conjoint.say.number import percent
from conjoint.say.phrase import phrase
from conjoint.say.words import CAUTION, SUPPRESSED, base_notes, escape, numbered
from conjoint.table import Cell, Row
from conjoint.table.question import asked_of, by_crossbreak
from conjoint.toplines.banner import OF_SEGMENTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.report.appendix import AppendixReport
    from conjoint.report.topline import ToplineReport
    from conjoint.table.question import Asked

__all__ = ["appendix_slides", "topline_slides"]

MOST_COLUMNS = 4
"""Columns beside the total's that can be read from the back of a room."""

MOST_ROWS = 9
"""Answers that a slide holds; the fewest named are left out of longer ones, and that is said."""

LONGEST_WORDING = 140
"""Characters of a question that can stand over a slide."""

MOST_CHECKS = 6
"""Things to stop for or to look at that a slide holds."""


def topline_slides(report: ToplineReport) -> Iterator[Only]:
    """A slide a topline question: everybody and the segments; then how the poll was made."""
    analysis = report.analysis
    for key, question in analysis.survey.questions.items():
        if not question.topline:
            continue
        for asked in by_crossbreak(analysis, key):
            if asked.crossbreak in ("", OF_SEGMENTS):
                yield from _question(asked, question.text, question.base)
    yield slide(phrase("method.how_made.heading"), how_made(analysis))


def _question(asked: Asked, text: str, people: str) -> Iterator[Only]:
    """A question's slides, a few segments on each."""
    made, limits = asked.without_letters().table(), asked.survey.thresholds
    base, _, _, *answers = made.rows
    rows, left = _most_named(answers)
    columns = (replace(made.columns[0], width=1.5), *made.columns[1:])
    made = replace(made, columns=columns, rows=(*rows, base), captioned=False, notes=())
    parts = list(made.split(2, MOST_COLUMNS))
    wording = phrase("words.quoted", text=escape(text)) if text else ""
    # A wording that is no title has a slide of its own before the table.
    fits = 0 < len(text) <= LONGEST_WORDING and not asked.item
    for number, part in enumerate(parts, 1):
        foot = part.rows[-1].cells
        readings = ["caution"] * any(cell.mark for cell in foot)
        name = phrase("column.base")
        if readings:
            limit = phrase("topline.caution_under", mark=CAUTION, limit=limits.caution_below)
            name = f"{name} {limit}"
        readings += ["suppressed"] * any(cell.text == SUPPRESSED for cell in foot)
        told = [wording, asked_of(escape(people)), left, *base_notes(readings, limits, escape)]
        last = Row((Cell(name), *foot[1:]), "base")
        yield slide(
            (wording if fits else escape(asked.title)) + numbered(number, len(parts)),
            replace(part, rows=(*part.rows[:-1], last)),
            small="" if fits or number > 1 else wording,
            notes=" ".join(filter(None, told)),
        )


def _most_named(rows: list[Row]) -> tuple[list[Row], str]:
    """Answers, nets and the mean; the fewest named are left out of many, and that is said."""
    spare = len(rows) - MOST_ROWS
    if spare <= 0:
        return rows, ""
    shares = sorted((row.cells[1].value for row in rows if not row.kind), reverse=True)
    least = shares[max(0, len(shares) - spare - 1)]
    kept = [row for row in rows if row.kind or row.cells[1].value >= least]
    gone = len(rows) - len(kept)
    return kept, phrase("topline.left_out", gone, share=percent(least)) if gone else ""


def appendix_slides(report: AppendixReport) -> Iterator[Only]:
    """The audit's verdict, how firm the effects are, how reliably people choose; the chart of both."""
    analysis = report.analysis
    audit = report.checks
    found = [*audit.having("stop"), *audit.having("look")]
    lines = [f"- {escape(item.text)}" for item in found[:MOST_CHECKS]]
    more = len(found) - MOST_CHECKS
    lines += [f"- {phrase('appendix.slides.more', count=more)}"] if more > 0 else []
    verdict = phrase("appendix.slides.audit", verdict=escape(audit.summary))
    yield slide(verdict, "\n".join(lines) or f"- {phrase('appendix.slides.all_fine')}")
    made = Robustness(analysis)
    yield slide(
        phrase("appendix.slides.robustness"),
        made.summary(methods=("CR2", "CR3", "unweighted", "absorbed", "logit", "corrected")),
    )
    yield from charts_as_slides(report.robustness())
    if analysis.table("reliability")["estimate"].notna().any():
        yield slide(phrase("appendix.slides.reliability"), *report.reliability(""))
    yield slide(phrase("appendix.slides.multiplicity"), made.families())
    yield slide(phrase("method.how_made.heading"), how_made(analysis))
