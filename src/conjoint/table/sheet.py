"""Tables as worksheets: one line of heads, and what stands behind a figure in a column of its own beside it.

Every text goes through `write_string`: nothing that a survey says can become a formula or an address.
"""

from __future__ import annotations

import math
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from conjoint.say.phrase import phrase
from conjoint.say.words import MARKS, printable
from conjoint.table.style import STYLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from xlsxwriter.worksheet import Worksheet

    from conjoint.survey import Survey
    from conjoint.table.model import Cell, Row, Table
    from conjoint.table.style import Styles

__all__ = ["Sheet", "cell_text", "pages_of", "sheet_name", "wrapped"]

LINE = 12.5
"""Height of a line of text, in points."""

FIGURE, BESIDE, WORDS = 9.0, 5.0, 40.0
"""Widths, in characters: of a column of figures, the least of what stands beside one, the most of words."""

EDGE = 0.7
"""Width that a further column takes beside its text."""

FULL = 104.0
"""Characters that fit across a landscape page of A4 at full size."""

PAGE = 144.0
"""Characters that fit across it at a size that can be read."""

HIGHEST = 400.0
"""Height of a row that spreadsheets take; a higher one is a damaged file to them."""

LETTER = 0.7
"""Width of a letter of the sheet's font, in the unit of a column's width (a figure of a larger one)."""

LONGEST = 32_000
"""Characters that a cell may hold, less some."""

LONGEST_NAME = 31
FORBIDDEN = dict.fromkeys(map(ord, "[]:*?/\\'"), " ")


def cell_text(text: object) -> str:
    """Text as a cell holds it, on one line."""
    return printable(text).replace("\n", " ")[:LONGEST]


def sheet_name(number: int, label: str) -> str:
    """A name that spreadsheets take: numbered, so it is like no other; at most 31 characters.

    >>> sheet_name(3, "Support/oppose: what's your view of the [deal]?")
    '3 Support oppose what s your vi'
    """
    words = " ".join(cell_text(label).translate(FORBIDDEN).split())
    return f"{number} {words}"[:LONGEST_NAME].strip()


def wrapped(text: str, width: float) -> int:
    """How many lines a text takes in so many characters of width; a long word breaks.

    >>> wrapped("Conservative (b)", 9), wrapped("Green (e)", 9)
    (2, 1)
    """
    lines, room = 1, 0.0
    for word in text.split():
        size = len(word) * LETTER
        if room and room + LETTER + size > width:
            lines, room = lines + 1, 0.0
        broken = int(size // width)
        lines, room = lines + broken, (room + LETTER * bool(room) + size) - broken * width
    return lines


def pages_of(widths: Sequence[float], starts: Iterable[int]) -> list[tuple[int, int]]:
    """Put columns on as few pages across as can be read; the first column stands on each.

    Parameters
    ----------
    widths
        Of the columns, in characters.
    starts
        Columns at which a block begins that should not be torn; none is where it fits on a page.

    Returns
    -------
    list of tuple of int
        The first and last column of each page, the repeated one in the first page alone.

    >>> pages_of([20] + [10] * 20, [1, 2, 11, 13])
    [(0, 12), (13, 20)]
    """
    if sum(widths) <= PAGE:
        return [(0, len(widths) - 1)]
    blocks = [*sorted({start for start in starts if start > 0}), len(widths)]
    pages, first, used = [], 0, float(sum(widths[: blocks[0]]))
    for start, end in pairwise(blocks):
        size = sum(widths[start:end])
        if used + size > PAGE >= widths[0] + size:
            pages.append((first, start - 1))
            first, used = start, float(widths[0])
        for column in range(start, end):
            if used + widths[column] > PAGE:
                pages.append((first, column - 1))
                first, used = column, float(widths[0])
            used += widths[column]
    return [*pages, (first, len(widths) - 1)]


class Sheet:
    """A worksheet for tables with the same columns, and the row that is written next.

    Parameters
    ----------
    styles
        Formats of the workbook that it is added to.
    name, title
        Of the tab, and at the top.
    survey
        Whose title stands in the footer, and the synthetic notice where it is one.
    tables
        That will stand in it, one below another; their widths and what stands beside figures are looked at.
    kept
        Columns that stay in view.
    portrait
        Printed upright, and not across.
    """

    def __init__(
        self,
        styles: Styles,
        name: str,
        title: str,
        survey: Survey,
        tables: Sequence[Table],
        *,
        kept: int = 1,
        portrait: bool = False,
    ) -> None:
        self.worksheet: Worksheet = styles.workbook.add_worksheet(name)
        self.styles, self.name, self.row, self.kept = styles, name, 0, kept
        self._own, self._beside = _widths(tables)
        sizes = [
            own + (beside + EDGE) * bool(beside)
            for own, beside in zip(self._own, self._beside, strict=True)
        ]
        self.places = [
            0,
            *accumulate(1 + bool(beside) for beside in self._beside),
        ]
        """The worksheet's column of each column of the tables, and the first behind them."""
        columns = tables[0].columns
        breaks = [
            place
            for place, (before, own) in enumerate(pairwise(columns), 1)
            if before.over != own.over or not own.over
        ]
        self._pages = pages_of(sizes, breaks)
        self._is_frozen = False
        self.worksheet.hide_gridlines(2)
        for place, own, beside in zip(self.places[:-1], self._own, self._beside, strict=True):
            self.worksheet.set_column(place, place, own)
            if beside:
                self.worksheet.set_column(place + 1, place + 1, beside)
        self._set_up_print(survey, sizes, portrait=portrait)
        contents = phrase("workbook.contents")
        if name != contents:
            self.link(0, contents, phrase("workbook.back"))
        if survey.synthetic:
            self._text(int(name != contents), phrase("workbook.synthetic"), "red")
        self.row += 1
        self.worksheet.set_row(self.row, 20)
        self._text(0, title, "title")
        self.row += 1

    def _set_up_print(self, survey: Survey, sizes: Sequence[float], *, portrait: bool) -> None:
        sheet = self.worksheet
        if portrait:
            sheet.set_portrait()
        else:
            sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        if len(self._pages) == 1:
            sheet.fit_to_pages(1, 0)
        else:
            widest = max(
                sum(sizes[first : last + 1]) + (first > 0) * sizes[0] for first, last in self._pages
            )
            sheet.set_print_scale(int(100 * min(1.0, FULL / widest)))
            sheet.set_v_pagebreaks([self.places[first] for first, _ in self._pages[1:]])
        title = cell_text(survey.title)[:80].replace("&", "&&")
        name = self.name.replace("&", "&&")
        pages = phrase("workbook.page_of", page="&P", pages="&N")
        sheet.set_footer(f"&L&8 {title}&C&8 {name}&R&8 {pages}")
        if survey.synthetic:
            sheet.set_header(f"&R&8&KC00000{phrase('workbook.synthetic')}")

    def table(self, table: Table) -> list[int]:
        """Write a table, and its notes under it; the heads of the first stay in view and are on each page.

        Returns
        -------
        list of int
            The rows of its bands.
        """
        bands = []
        if any(column.head for column in table.columns):
            self._heads(table)
        for row in table.rows:
            if row.kind == "band":
                bands.append(self.row)
            self._row(table, row)
        if table.notes:
            self.row += 1
            self.notes(table.notes)
        return bands

    def _heads(self, table: Table) -> None:
        lines = 1
        for place, column in enumerate(table.columns):
            head, style = column.named, "head words" if column.words else "head"
            lines = max(lines, self._text(self.places[place], head, style, self._own[place]))
            if self._beside[place]:
                beside = phrase("table.beside", head=head)
                room = self._beside[place]
                lines = max(
                    lines, self._text(self.places[place] + 1, beside, "head words beside", room)
                )
        self._high(lines)
        self.row += 1
        if not self._is_frozen:
            self._is_frozen = True
            self.worksheet.freeze_panes(self.row, self.places[min(self.kept, len(self._own) - 1)])
            self.worksheet.repeat_rows(self.row - 1, self.row - 1)
            self.worksheet.repeat_columns(0, 0)

    def _row(self, table: Table, row: Row) -> None:
        if row.kind == "band":
            for place in range(self.places[-1]):
                self.worksheet.write_blank(self.row, place, None, self.styles["band"])
        listing = all(column.words for column in table.columns)
        lines = 1
        for place, (column, cell) in enumerate(zip(table.columns, row.cells, strict=False)):
            style = "text" if place or listing else "label"
            if row.kind == "band":
                style = ""
            elif not column.words:
                style = "figure"
            lines = max(lines, self._cell(place, cell, f"{style} {row.kind}"))
        self._high(lines if row.kind != "band" else 1)
        self.row += 1

    def _cell(self, place: int, cell: Cell, style: str) -> int:
        """Write a cell and what stands behind it; how many lines it takes."""
        column, lines = self.places[place], 1
        if cell.tone in STYLES:
            style = f"{style} {cell.tone}"
        if math.isfinite(cell.value):
            own = self.styles.of_number(style.replace("text", "words"), cell.shown)
            self.worksheet.write_number(self.row, column, cell.value, own)
        elif "figure" in style and cell.text in MISSING:
            self._text(column, cell.text, "missing")
        elif cell.text:
            lines = self._text(column, cell.text, style, self._own[place])
        if beside := _behind(cell):
            self._text(column + 1, beside, "beside")
        return lines

    def _text(self, column: int, text: object, style: str, width: float = math.inf) -> int:
        """Write text; how many lines it takes."""
        own = cell_text(text)
        self.worksheet.write_string(self.row, column, own, self.styles[style])
        return wrapped(own, width)

    def _high(self, lines: int) -> None:
        if lines > 1:
            self.worksheet.set_row(self.row, min(lines * LINE + 2, HIGHEST))

    def link(
        self,
        column: int,
        name: str,
        text: str,
        row: int = 0,
        style: str = "link",
        at: int | None = None,
    ) -> None:
        """Write a link to another sheet's row; `at` a row that is written already."""
        place, own = f"internal:'{name}'!A{row + 1}", self.row if at is None else at
        self.worksheet.write_url(own, column, place, self.styles[style], cell_text(text))

    def paragraph(self, text: str, style: str = "text") -> None:
        """Write a text across the first page and go down.

        Where there are several pages, behind the column that each of them repeats: there it would be cut.
        """
        first, last = int(len(self._pages) > 1), self._pages[0][1]
        start, end = self.places[first], self.places[last + 1] - 1
        if end > start:
            # Merged cells with nothing in them: text is written as text alone.
            self.worksheet.merge_range(self.row, start, self.row, end, "", self.styles[style])
        room = sum(self._own[first : last + 1]) + sum(self._beside[first : last + 1])
        self._high(self._text(start, text, style, room))
        self.row += 1

    def notes(self, texts: Iterable[str]) -> None:
        """Write notes under a table."""
        for text in texts:
            self.paragraph(text, "note")


MISSING = frozenset(filter(None, MARKS.values()))
"""What stands where a figure is not shown."""


def _behind(cell: Cell) -> str:
    return " ".join(filter(None, (cell.aside, cell.letters, cell.mark)))


def _widths(tables: Sequence[Table]) -> tuple[list[float], list[float]]:
    """Of each column, and of what stands beside it: nothing where no cell has any."""
    own, beside = [], []
    for place, column in enumerate(tables[0].columns):
        cells = list(_down(tables, place))
        size = FIGURE * (column.width or 1)
        if column.words and not column.width:
            size = min(WORDS, max(size, *(len(cell.text) for cell in cells)))
        own.append(size)
        longest = max((len(_behind(cell)) for cell in cells), default=0)
        beside.append(max(BESIDE, longest * LETTER) if longest else 0.0)
    return own, beside


def _down(tables: Sequence[Table], place: int) -> Iterator[Cell]:
    """The cells of a column."""
    for table in tables:
        for row in table.rows:
            if row.kind != "band" and place < len(row.cells):
                yield row.cells[place]
