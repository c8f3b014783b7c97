"""The workbook as a whole: sheets in their order, and the same bytes for the same book."""

from __future__ import annotations

import datetime
import io
from typing import TYPE_CHECKING

from conjoint.errors import Fault, ReportError
from conjoint.say.phrase import phrase
from conjoint.workbook.figures import KINDS, figures_sheet
from conjoint.workbook.grid import grid_sheet, grid_title
from conjoint.workbook.method import (
    Entry,
    audit_sheet,
    contents_sheet,
    cover_sheet,
    design_sheet,
    weighting_sheet,
    write_contents,
)
from conjoint.workbook.question import question_sheet
from conjoint.workbook.style import Styles
from conjoint.workbook.words import cell_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlsxwriter.workbook import Workbook

    from conjoint.workbook.book import Asked, Book

__all__ = ["workbook_bytes"]

OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def workbook_bytes(book: Book) -> bytes:
    """Write the workbook.

    Returns
    -------
    bytes
        An .xlsx file: no formula is in it, and no date but that of the last day of fieldwork.

    Raises
    ------
    ReportError
        The extra `tables` is not installed.
    """
    try:
        import xlsxwriter
    except ModuleNotFoundError as error:
        raise ReportError(
            Fault("xlsx", f"{error.name} is not installed", do='pip install "conjoint[tables]".')
        ) from error
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as workbook:
        _write(workbook, book)
    return buffer.getvalue()


def _write(workbook: Workbook, book: Book) -> None:
    survey, styles = book.survey, Styles(workbook)
    day = survey.fieldwork.end if survey.fieldwork else datetime.date(1980, 1, 1)
    workbook.set_properties(
        {
            "title": cell_text(survey.title),
            "author": cell_text(survey.pollster),
            "company": cell_text(survey.client),
            "comments": phrase("workbook.synthetic_short") if survey.synthetic else "",
            "created": datetime.datetime(day.year, day.month, day.day),
        }
    )
    cover_sheet(workbook, styles, book)
    # Second among the sheets, and written last: where the tables of a grid begin is known then.
    contents = contents_sheet(workbook, styles, survey)
    cover = phrase("workbook.cover.name")
    entries = [Entry(cover, 0, cover, phrase("workbook.how_made"))]
    for asked in book.questions:
        entries += _listed(asked, *question_sheet(workbook, styles, book, asked))
    for kind in KINDS:
        if kind.frame in book.figures:
            figures_sheet(workbook, styles, book, kind)
            entries.append(Entry(kind.name, 0, kind.name, kind.text))
    if "joint_means" in book.figures:
        grid_sheet(workbook, styles, book)
        name = phrase("workbook.grid.name")
        text = phrase("workbook.grid.contents", title=grid_title(survey))
        entries.append(Entry(name, 0, name, text))
    design_sheet(workbook, styles, book)
    weighting_sheet(workbook, styles, book)
    audit_sheet(workbook, styles, book)
    for sheet in ("design", "weighting", "audit"):
        name = phrase(f"workbook.{sheet}.name")
        entries.append(Entry(name, 0, name, phrase(f"workbook.{sheet}.contents")))
    write_contents(contents, entries)


def _listed(asked: Asked, name: str, starts: list[int]) -> Iterator[Entry]:
    """A question's line of the contents, and one for each item of a grid."""
    first = asked.tables[0]
    base = float(first.unweighted[0]) if first.reading[0] != "suppressed" else None
    title = phrase("workbook.question.titled", number=asked.number, question=asked.title)
    if not first.item:
        yield Entry(name, 0, title, first.text, base)
        return
    yield Entry(name, 0, title, first.text)
    for table, row in zip(asked.tables, starts, strict=True):
        own = float(table.unweighted[0]) if table.reading[0] != "suppressed" else None
        yield Entry(name, row, asked.item_label(table), "", own, within=True)
