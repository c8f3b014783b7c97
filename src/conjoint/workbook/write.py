"""The workbook as a whole: sheets in their order, and the same bytes for the same book."""

from __future__ import annotations

import datetime
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conjoint.errors import Fault, ReportError
from conjoint.say.phrase import phrase
from conjoint.table import Cell, Table
from conjoint.table.pairs import Pairs
from conjoint.table.question import items
from conjoint.table.sheet import Sheet, cell_text
from conjoint.table.style import Styles
from conjoint.workbook.figures import figures_sheet, grid_sheet, kinds_of
from conjoint.workbook.method import audit_sheet, cover_sheet, design_sheet, weighting_sheet
from conjoint.workbook.question import question_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xlsxwriter.workbook import Workbook

    from conjoint.workbook.book import Asked, Book

__all__ = ["workbook_bytes"]

OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents: a sheet, or an item of a grid within one."""

    sheet: str
    row: int
    label: str
    text: str
    base: Cell = Cell()  # noqa: RUF009  # frozen
    within: bool = False


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
    cover_sheet(styles, book)
    # Second among the sheets, and written last: where the tables of a grid begin is known then.
    name = phrase("workbook.contents")
    contents = Sheet(styles, name, name, survey, [_contents([])])
    cover = phrase("workbook.cover.name")
    entries = [Entry(cover, 0, cover, phrase("workbook.how_made"))]
    for asked in book.questions:
        entries += _listed(book, asked, *question_sheet(styles, book, asked))
    for kind in kinds_of(book):
        figures_sheet(styles, book, kind)
        entries.append(Entry(kind.name, 0, kind.name, kind.text))
    if "joint_means" in book.figures:
        grid_sheet(styles, book)
        name = phrase("workbook.grid.name")
        text = phrase("workbook.grid.contents", title=Pairs(survey, book.figures).title)
        entries.append(Entry(name, 0, name, text))
    design_sheet(styles, book)
    weighting_sheet(styles, book)
    audit_sheet(styles, book)
    for sheet in ("design", "weighting", "audit"):
        name = phrase(f"workbook.{sheet}.name")
        entries.append(Entry(name, 0, name, phrase(f"workbook.{sheet}.contents")))
    contents.table(_contents(entries))
    for row, entry in enumerate(entries, contents.row - len(entries)):
        style = "link within" if entry.within else "link"
        contents.link(0, entry.sheet, entry.label, entry.row, style, at=row)


def _contents(entries: Sequence[Entry]) -> Table:
    """Every sheet, and every item of a grid."""
    heads = [phrase(f"workbook.head.{name}") for name in ("sheet", "holds", "base")]
    rows = [(entry.label, entry.text, entry.base) for entry in entries]
    return Table.of(phrase("workbook.contents"), heads, rows, words=2, widths=(3.8, 9.8, 1.2))


def _listed(book: Book, asked: Asked, name: str, starts: list[int]) -> Iterator[Entry]:
    """A question's line of the contents, and one for each item of a grid."""
    first = asked.tables[0]
    made = list(items(book.survey, book.frames, asked.key))
    bases = [next(item.bases()).cells[1] for item in made]
    title = phrase("workbook.question.titled", number=asked.number, question=asked.title)
    yield Entry(name, 0, title, first.text, Cell() if starts else replace(bases[0], mark=""))
    for item, row, base in zip(made, starts, bases, strict=False):
        yield Entry(name, row, item.item_label, "", replace(base, mark=""), within=True)
