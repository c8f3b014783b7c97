"""A question's sheet: bases first, then answers, nets and the mean; items of a grid below each other."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from conjoint.say.label import column_label, crossbreak_label
from conjoint.say.phrase import phrase
from conjoint.say.words import CAUTION, SUPPRESSED
from conjoint.workbook.sheet import LINE, Sheet, sheet_name, wrapped
from conjoint.workbook.words import base_line, labelled_bases, table_notes

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

    from conjoint.say.cell import CellKind
    from conjoint.toplines import Table
    from conjoint.toplines.answers import Row
    from conjoint.workbook.book import Asked, Book
    from conjoint.workbook.style import Styles

__all__ = ["question_sheet"]

LABEL, FIGURE = 32.0, 9.0
"""Widths of the labels' column and of a column of figures."""

FROZEN = 2
"""Columns that stay in view: the labels and the total."""


def question_sheet(
    workbook: Workbook, styles: Styles, book: Book, asked: Asked
) -> tuple[str, list[int]]:
    """Write a question.

    Returns
    -------
    str, list of int
        The sheet's name, and the row at which each of its tables begins.
    """
    first = asked.tables[0]
    widths = [LABEL, *[FIGURE] * len(first.columns)]
    name = sheet_name(asked.number, asked.title)
    starts = [
        place
        for place, column in enumerate(first.columns, 1)
        if place == 1 or column.crossbreak != first.columns[place - 2].crossbreak
    ]
    title = phrase("workbook.question.titled", number=asked.number, question=asked.title)
    sheet = Sheet(workbook, styles, name, title, book.survey, widths, starts=starts)
    if first.text:
        sheet.paragraph(first.text)
    sheet.paragraph(base_line(first), "muted")
    top = sheet.row
    _heads(sheet, first)
    sheet.freeze(min(FROZEN, len(widths) - 1))
    sheet.repeat(top, 1)
    rows = []
    for table in asked.tables:
        rows.append(sheet.row)
        if table.item:
            sheet.text(0, asked.item_label(table), "band")
            sheet.fill(1, len(table.columns), "band")
            sheet.next()
        _table(sheet, book, table)
    sheet.next()
    said: dict[str, list[str]] = {}
    for table in asked.tables:
        for text in table_notes(book, table):
            said.setdefault(text, []).append(asked.item_label(table))
    for text, items in said.items():
        if items[0] and len(items) < len(asked.tables):
            text = phrase("workbook.question.about", items=", ".join(items), note=text)
        sheet.notes([text])
    plain = book.adjustment is None
    sheet.notes(
        [phrase("workbook.question.letters_unadjusted" if plain else "workbook.question.letters")]
    )
    return name, rows


def _heads(sheet: Sheet, table: Table) -> None:
    """Crossbreaks, then columns with their letters."""
    sheet.text(0, "", "head_left")
    column = 1
    lines = 1
    for heading, own in groupby(table.columns, key=lambda each: each.crossbreak):
        size, heading = len(list(own)), crossbreak_label(heading)
        sheet.heading(column, column + size - 1, heading, "head")
        lines = max(lines, wrapped(heading, size * FIGURE))
        column += size
    sheet.height(LINE * lines)
    sheet.next()
    sheet.text(0, "", "subhead_left")
    heads = [column_label(column.label, column.letter) for column in table.columns]
    for place, head in enumerate(heads, 1):
        sheet.text(place, head, "subhead")
    sheet.height(LINE * max(wrapped(head, FIGURE) for head in heads))
    sheet.next()


def _table(sheet: Sheet, book: Book, table: Table) -> None:
    shown = [reading != "suppressed" for reading in table.reading]
    for label, bases in labelled_bases(table):
        sheet.text(0, label, "base")
        for place, (base, told) in enumerate(zip(bases, shown, strict=True), 1):
            sheet.number(place, float(base) if told else None, "count", style="muted")
        sheet.next()
    marks = {"safe": "", "caution": CAUTION, "suppressed": SUPPRESSED}
    sheet.text(0, phrase("workbook.head.small_bases"), "reading_label")
    for place, reading in enumerate(table.reading, 1):
        sheet.text(place, marks[reading], "reading_label reading")
    sheet.next()
    for place, row in enumerate(table.rows):
        _row(sheet, book, table, place, row)


def _row(sheet: Sheet, book: Book, table: Table, place: int, row: Row) -> None:
    """Figures, and under them letters and marks where there are any."""
    style = "net" if row.kind != "answer" else "label"
    sheet.text(0, row.label, style)
    sheet.height(LINE * sheet.lines(row.label, LABEL) + 2)
    kind = _kind(book, table, row)
    factor, decimals = 100 if kind == "points" else 1, book.decimals + (kind == "mean")
    for column, figure in enumerate(table.values[place], 1):
        sheet.number(column, factor * float(figure), kind, decimals, style=style)
    sheet.next()
    pairs = zip(table.letters[place], table.against_total[place], strict=True)
    marks = [f"{letters} {mark}".strip() for letters, mark in pairs]
    if any(marks):
        sheet.height(LINE - 1)
        for column, mark in enumerate(marks, 1):
            if mark:
                sheet.text(column, mark, "letters")
        sheet.next()


def _kind(book: Book, table: Table, row: Row) -> CellKind:
    """How figures are shown: as shares, differences of shares, or means."""
    if row.kind == "mean":
        return "mean"
    net = book.survey.questions[table.question].nets.get(row.key) if row.kind == "net" else None
    return "points" if net is not None and net.minus else "share"
