"""A question's sheet: items of a grid one below another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conjoint.say.phrase import phrase
from conjoint.table import Cell, Row, Table
from conjoint.table.question import asked_of, items
from conjoint.table.sheet import Sheet, sheet_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conjoint.table.question import Asked as Item
    from conjoint.table.style import Styles
    from conjoint.workbook.book import Asked, Book

__all__ = ["question_sheet"]


def question_sheet(styles: Styles, book: Book, asked: Asked) -> tuple[str, list[int]]:
    """Write a question.

    Returns
    -------
    str, list of int
        The sheet's name, and the row at which each item of a grid begins.
    """
    survey, first = book.survey, asked.tables[0]
    table = _stacked(list(items(survey, book.frames, asked.key, book.decimals)))
    plain = book.adjustment is None
    letters = phrase(f"workbook.question.{'letters_unadjusted' if plain else 'letters'}")
    name = sheet_name(asked.number, asked.title)
    title = phrase("workbook.question.titled", number=asked.number, question=asked.title)
    sheet = Sheet(styles, name, title, survey, [table], kept=2)
    if first.text:
        sheet.paragraph(first.text)
    sheet.paragraph(asked_of(first.base), "muted")
    return name, sheet.table(replace(table, notes=(*table.notes, letters)))


def _stacked(made: Sequence[Item]) -> Table:
    """One table of a question: a band an item."""
    tables = [item.table() for item in made]
    rows: list[Row] = []
    said: dict[str, list[str]] = {}
    for item, table in zip(made, tables, strict=True):
        rows += [Row((Cell(item.item_label),), "band")] if item.item else []
        rows += table.rows
        for note in table.notes:
            said.setdefault(note, []).append(item.item_label)
    return replace(tables[0], rows=tuple(rows), notes=tuple(_notes(said, len(made))))


def _notes(said: dict[str, list[str]], count: int) -> Iterator[str]:
    """Notes, each once, with the items that it is about where that is not all."""
    for note, about in said.items():
        if about[0] and len(about) < count:
            yield phrase("workbook.question.about", items=", ".join(about), note=note)
        else:
            yield note
