"""Words that all formats share: how to read letters, small bases and rounding; plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjoint.say.label import crossbreak_label
from conjoint.say.phrase import phrase
from conjoint.say.words import base_notes, printable, small_bases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.toplines import Table
    from conjoint.typing import FloatArray, IntArray
    from conjoint.workbook.book import Book

__all__ = [
    "base_line",
    "cell_text",
    "how_to_read",
    "labelled_bases",
    "table_notes",
]

LONGEST = 32_000
"""Characters that a cell may hold, less some."""


def cell_text(text: object) -> str:
    """Text as a cell holds it, on one line."""
    return printable(text).replace("\n", " ")[:LONGEST]


def how_to_read(book: Book) -> Iterator[tuple[str, str]]:
    """What the marks in the tables mean, as (name, text)."""
    for name, parts in (
        ("letters", {"too_few": phrase("topline.too_few"), "test": _test(book)}),
        ("marks", {}),
        ("bases", {}),
    ):
        yield phrase(f"workbook.read.{name}"), phrase(f"workbook.read.{name}_text", **parts)
    yield phrase("workbook.read.small_bases"), small_bases(book.survey)
    yield phrase("workbook.read.rounding"), phrase("workbook.read.rounding_text")


def _test(book: Book) -> str:
    design = book.test == "design"
    own = phrase("workbook.read.design" if design else "workbook.read.effective_base")
    if book.adjustment is None:
        return f"{own} {phrase('workbook.read.unadjusted')}"
    name = phrase(f"workbook.read.{book.adjustment.replace('-', '_')}")
    return f"{own} {phrase('workbook.read.adjusted', name=name)}"


def table_notes(book: Book, table: Table) -> Iterator[str]:
    """What has to be said under a table."""
    if table.several:
        yield phrase("workbook.question.several")
    summed: dict[str, list[str]] = {}
    for key, note in table.rounding_notes(book.decimals).items():
        column = next(column for column in table.columns if column.key == key)
        heading = crossbreak_label(column.crossbreak)
        label = column.label
        if heading:
            label = phrase("workbook.question.column", crossbreak=heading, column=label)
        summed.setdefault(note.rstrip("."), []).append(label)
    for note, labels in summed.items():
        yield phrase("workbook.question.rounding", note=note, columns="; ".join(labels))
    yield from base_notes(table.reading, book.survey.thresholds)


def base_line(table: Table) -> str:
    """Whom a question was put to."""
    if table.base:
        return phrase("workbook.base", base=table.base)
    return phrase("workbook.all_respondents")


def labelled_bases(table: Table) -> Iterator[tuple[str, IntArray | FloatArray]]:
    """The bases of a table, unweighted ones first, with their labels."""
    yield phrase("workbook.head.unweighted_base"), table.unweighted
    yield phrase("workbook.head.weighted_base"), table.weighted
    yield phrase("workbook.head.effective_base"), table.effective
