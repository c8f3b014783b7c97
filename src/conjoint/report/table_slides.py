"""The topline report and the appendix as presentations: one question, or one check, a slide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjoint.report.crosstab import (
    CAUTION,
    SUPPRESSED,
    asked_of,
    chunks,
    crosstabs,
    pipe_table,
    table_named,
)
from conjoint.report.robustness import Robustness
from conjoint.report.show import Only, slide
from conjoint.report.slides import charts_as_slides, how_made
from conjoint.say.number import DASH, base, percent
from conjoint.say.phrase import phrase
from conjoint.say.words import base_notes, escape, numbered
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.report.appendix import AppendixReport
    from conjoint.report.crosstab import Crosstab
    from conjoint.report.topline import ToplineReport

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
        for table in crosstabs(analysis, key):
            if table.crossbreak in ("", "Segments"):
                yield from _question(table, question.text, question.base)
    yield slide(phrase("method.how_made.heading"), how_made(analysis))


def _question(table: Crosstab, text: str, people: str) -> Iterator[Only]:
    """A question's slides, a few segments on each."""
    others = table.columns.iloc[1:].to_dict("records")
    total = table.columns.iloc[0].to_dict()
    parts = chunks(len(others), MOST_COLUMNS)
    rows, left = _rows(table)
    wording = phrase("words.quoted", text=escape(text))
    for number, part in enumerate(parts, 1):
        columns = [total, *others[part]]
        groups = [str(column["group"]) for column in columns]
        header = [phrase("column.percentages"), *(escape(column["label"]) for column in columns)]
        lines = [[label, *(cells[group] for group in groups)] for label, cells in rows]
        bases = [
            SUPPRESSED
            if column["reading"] == "suppressed"
            else base(column["n_respondents"])
            + f"\u00a0{CAUTION}" * (column["reading"] == "caution")
            for column in columns
        ]
        again = numbered(number, len(parts))
        limits = table.survey.thresholds
        few = any(column["reading"] == "caution" for column in columns)
        notes = [
            wording if text else "",
            asked_of(people),
            left,
            *base_notes([column["reading"] for column in columns], limits, escape),
        ]
        # A wording that is no title has a slide of its own before the table.
        fits = 0 < len(text) <= LONGEST_WORDING and not table.item
        limit = phrase("topline.caution_under", mark=CAUTION, limit=limits.caution_below)
        foot = f"*{phrase('column.base')}*" + f" {limit}" * few
        yield slide(
            (wording if fits else escape(table.title)) + again,
            pipe_table(
                table.title,
                header,
                [*lines, [foot, *bases]],
                "l" + "r" * len(columns),
                (12, *[8] * len(columns)),
            ),
            small="" if fits or number > 1 or not text else wording,
            notes=" ".join(note for note in notes if note),
        )


def _rows(table: Crosstab) -> tuple[list[tuple[str, dict[str, str]]], str]:
    """Answers, nets and the mean with each column's figure; and what was left out, if anything."""
    rows = []
    for _, cells in table.figures.groupby(["row", "kind"], sort=False):
        said = {
            str(cell["group"]): SUPPRESSED
            if cell["reading"] == "suppressed"
            else DASH
            if cell["estimate"] != cell["estimate"]
            else table.say(cell, float(cell["estimate"]))
            for cell in cells.to_dict("records")
        }
        total = cells[cells["group"] == TOTAL]["estimate"].iloc[0]
        kind = str(cells["kind"].iloc[0])
        rows.append((kind == "answer", float(total), escape(cells["label"].iloc[0]), said))
    spare = len(rows) - MOST_ROWS
    if spare <= 0:
        return [(label, said) for _, _, label, said in rows], ""
    answers = sorted((share for is_answer, share, _, _ in rows if is_answer), reverse=True)
    least = answers[max(0, len(answers) - spare - 1)]
    kept = [row for row in rows if not row[0] or row[1] >= least]
    gone = len(rows) - len(kept)
    words = phrase("topline.left_out", gone, share=percent(least)) if gone else ""
    return [(label, said) for _, _, label, said in kept], words


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
    if table_named(analysis, "reliability")["estimate"].notna().any():
        yield slide(phrase("appendix.slides.reliability"), *report.reliability(""))
    yield slide(phrase("appendix.slides.multiplicity"), made.families())
    yield slide(phrase("method.how_made.heading"), how_made(analysis))
