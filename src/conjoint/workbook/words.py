"""Words that all formats share: how to read letters, small bases and rounding; plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjoint.say.label import crossbreak_label
from conjoint.say.phrase import phrase
from conjoint.say.words import base_notes, printable, small_bases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.toplines import Table
    from conjoint.workbook.book import Book

__all__ = [
    "SYNTHETIC",
    "cell_text",
    "how_to_read",
    "table_notes",
]

SYNTHETIC = "Synthetic wave: no person gave these answers. Not for quotation."

LONGEST = 32_000
"""Characters that a cell may hold, less some."""


def cell_text(text: object) -> str:
    """Text as a cell holds it, on one line."""
    return printable(text).replace("\n", " ")[:LONGEST]


def how_to_read(book: Book) -> Iterator[tuple[str, str]]:
    """What the marks in the tables mean, as (name, text)."""
    yield (
        "Letters",
        "Under a figure stand the letters of the columns of its crossbreak that it is above: lower-case "
        f"where the difference is significant at 95%, upper-case at 99%. {phrase('topline.too_few')} {_test(book)}",
    )
    yield (
        "+ and -",
        "Above or below the total at 95%; twice (++ or --) at 99%. Who stands in the column stands in "
        "the total too; the test allows for it.",
    )
    yield (
        "Bases",
        "Unweighted: people who were asked and answered. Weighted: their weight, weights having a mean "
        "of 1. Effective: what the sample is worth after weighting, (sum w)² / sum w².",
    )
    yield (
        "Small bases",
        small_bases(book.survey),
    )
    yield (
        "Rounding",
        "Figures are rounded each on its own, halves up, and never adjusted, so a column may sum to 99% "
        "or 101% (48, 34 and 19 sum to 101); a note under the table says where.",
    )


def _test(book: Book) -> str:
    own = (
        "Tested on the figures' joint covariance: people in both columns count once, and what "
        "weighting to the targets saves is saved."
        if book.test == "design"
        else "Tested as table software does: effective bases, one pooled variance, overlap allowed for."
    )
    if book.adjustment is None:
        return f"{own} Not adjusted for the number of tests: one letter in twenty is chance."
    name = book.adjustment.replace("-", " and ").title().replace("And", "and")
    return f"{own} Adjusted for the number of tests of a row within a crossbreak ({name})."


def table_notes(book: Book, table: Table) -> Iterator[str]:
    """What has to be said under a table."""
    if table.several:
        yield "More than one answer could be given: figures may sum to more than 100%."
    summed: dict[str, list[str]] = {}
    for key, note in table.rounding_notes(book.decimals).items():
        column = next(column for column in table.columns if column.key == key)
        heading = crossbreak_label(column.crossbreak)
        label = f"{heading}: {column.label}" if heading else column.label
        summed.setdefault(note.rstrip("."), []).append(label)
    for note, labels in summed.items():
        yield f"{note} ({'; '.join(labels)})."
    yield from base_notes(table.reading, book.survey.thresholds)
