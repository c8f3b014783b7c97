"""The workbook as a whole: sheets in their order, and the same bytes for the same book."""

from __future__ import annotations

import datetime
import io
from typing import TYPE_CHECKING

from conjoint.errors import Fault, ReportError
from conjoint.workbook.figures import KINDS, figures_sheet
from conjoint.workbook.grid import GRID, grid_sheet, grid_title
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
            "comments": "Synthetic wave: not for quotation" if survey.synthetic else "",
            "created": datetime.datetime(day.year, day.month, day.day),
        }
    )
    cover_sheet(workbook, styles, book)
    # Second among the sheets, and written last: where the tables of a grid begin is known then.
    contents = contents_sheet(workbook, styles, survey)
    entries = [Entry("Cover", 0, "Cover", "How the poll was made, and how to read the tables")]
    for asked in book.questions:
        entries += _listed(asked, *question_sheet(workbook, styles, book, asked))
    for kind in KINDS:
        if kind.frame in book.figures:
            figures_sheet(workbook, styles, book, kind)
            entries.append(Entry(kind.name, 0, kind.name, kind.text))
    if "joint_means" in book.figures:
        grid_sheet(workbook, styles, book)
        title = grid_title(survey)
        entries.append(Entry(GRID, 0, GRID, f"{title}: means, by segment"))
    design_sheet(workbook, styles, book)
    weighting_sheet(workbook, styles, book)
    audit_sheet(workbook, styles, book)
    entries += [
        Entry("Design", 0, "Design", "Attributes and levels, how often they were shown, wording"),
        Entry("Weighting", 0, "Weighting", "Targets, and the sample before and after weighting"),
        Entry("Audit", 0, "Audit", "Checks of the design and of the answers"),
    ]
    write_contents(contents, entries)


def _listed(asked: Asked, name: str, starts: list[int]) -> Iterator[Entry]:
    """A question's line of the contents, and one for each item of a grid."""
    first = asked.tables[0]
    base = float(first.unweighted[0]) if first.reading[0] != "suppressed" else None
    if not first.item:
        yield Entry(name, 0, f"{asked.number}. {asked.title}", first.text, base)
        return
    yield Entry(name, 0, f"{asked.number}. {asked.title}", first.text)
    for table, row in zip(asked.tables, starts, strict=True):
        own = float(table.unweighted[0]) if table.reading[0] != "suppressed" else None
        yield Entry(name, row, asked.item_label(table), "", own, within=True)
