"""Sheet: a worksheet that is written from the top down, with its links, widths and print set-up.

Every text goes through `write_string`: nothing that a survey says can become a formula or an address.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from conjoint.say.cell import CellKind, cell_format
from conjoint.say.phrase import phrase
from conjoint.table.sheet import cell_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from conjoint.survey import Survey
    from conjoint.workbook.style import Styles

__all__ = ["LINE", "Sheet", "pages_of", "sheet_name", "wrapped"]

LINE = 12.5
"""Height of a line of text, in points."""

FULL = 104.0
"""Characters that fit across a landscape page of A4 at full size."""

PAGE = 144.0
"""Characters that fit across it at a size that can be read."""

HIGHEST = 400.0
"""Height of a row that spreadsheets take; a higher one is a damaged file to them."""

LETTER = 0.7
"""Width of a letter of the sheet's font, in the unit of a column's width (a figure of a larger one)."""

LONGEST_NAME = 31
FORBIDDEN = dict.fromkeys(map(ord, "[]:*?/\\'"), " ")


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


def pages_of(widths: Sequence[float], starts: Sequence[int]) -> list[tuple[int, int]]:
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
    """A worksheet and the row that is written next.

    Parameters
    ----------
    workbook, styles
        The workbook it is added to, and its formats.
    name, title
        Of the tab, and at the top.
    survey
        Whose title stands in the footer, and the synthetic notice where it is one.
    widths
        Of the columns, in characters.
    portrait
        Printed upright, and not across.
    starts
        Columns at which a page may begin, where the sheet is too wide for one; see :func:`pages_of`.
    """

    def __init__(
        self,
        workbook: Workbook,
        styles: Styles,
        name: str,
        title: str,
        survey: Survey,
        widths: Sequence[float],
        *,
        portrait: bool = False,
        starts: Sequence[int] = (),
    ) -> None:
        self.worksheet: Worksheet = workbook.add_worksheet(name)
        self.pages = pages_of(widths, starts or range(1, len(widths)))
        self.styles, self.name, self.widths, self.row = styles, name, widths, 0
        self.worksheet.hide_gridlines(2)
        for column, width in enumerate(widths):
            self.worksheet.set_column(column, column, width, styles["plain"])
        self._set_up_print(survey, portrait=portrait)
        contents = phrase("workbook.contents")
        if name != contents:
            self.link(0, contents, phrase("workbook.back"))
        if survey.synthetic:
            self.text(1 if name != contents else 0, phrase("workbook.synthetic"), "red")
        self.row += 1
        self.height(20)
        self.text(0, title, "title")
        self.row += 1

    def _set_up_print(self, survey: Survey, *, portrait: bool) -> None:
        sheet = self.worksheet
        if portrait:
            sheet.set_portrait()
        else:
            sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        if len(self.pages) == 1:
            sheet.fit_to_pages(1, 0)
        else:
            sheet.set_print_scale(int(100 * min(1.0, FULL / self._widest())))
            sheet.set_v_pagebreaks([first for first, _ in self.pages[1:]])
        title = cell_text(survey.title)[:80].replace("&", "&&")
        name = self.name.replace("&", "&&")
        pages = phrase("workbook.page_of", page="&P", pages="&N")
        sheet.set_footer(f"&L&8 {title}&C&8 {name}&R&8 {pages}")
        if survey.synthetic:
            sheet.set_header(f"&R&8&KC00000{phrase('workbook.synthetic')}")

    def _widest(self) -> float:
        """Characters of the widest page, the repeated column counted."""
        return max(
            sum(self.widths[first : last + 1]) + (first > 0) * self.widths[0]
            for first, last in self.pages
        )

    def text(self, column: int, text: object, style: str = "text") -> None:
        """Write text into a cell of the row."""
        self.worksheet.write_string(self.row, column, cell_text(text), self.styles[style])

    def number(
        self,
        column: int,
        figure: float | None,
        kind: CellKind,
        decimals: int = 0,
        *,
        marks: Sequence[float] = (),
        style: str = "",
        blank: str = "blank",
    ) -> None:
        """Write a number into a cell of the row; where there is none, leave it empty and say so."""
        if figure is None or not math.isfinite(figure):
            self.worksheet.write_blank(self.row, column, None, self.styles[blank])
        else:
            # No minus zero: spreadsheets would print it.
            own = self.styles.of_number(style, cell_format(kind, figure, decimals, marks))
            self.worksheet.write_number(self.row, column, float(figure) + 0.0, own)

    def fill(self, first: int, last: int, style: str) -> None:
        """Give empty cells of the row a style."""
        for column in range(first, last + 1):
            self.worksheet.write_blank(self.row, column, None, self.styles[style])

    def link(self, column: int, name: str, text: str, row: int = 0, style: str = "link") -> None:
        """Write a link to another sheet's row."""
        place = f"internal:'{name}'!A{row + 1}"
        self.worksheet.write_url(self.row, column, place, self.styles[style], cell_text(text))

    def across(self, first: int, last: int, text: str, style: str = "text") -> None:
        """Write text across columns, as high as it needs."""
        room = sum(self.widths[first : last + 1])
        lines = self.lines(text, room)
        if last > first:
            # Merged cells with nothing in them: text is written as text alone.
            self.worksheet.merge_range(self.row, first, self.row, last, "", self.styles[style])
        self.text(first, text, style)
        if lines > 1:
            self.height(lines * LINE)

    def heading(self, first: int, last: int, text: str, style: str) -> None:
        """Write a heading over columns, again on each page that they are torn across."""
        for start, end in self.pages:
            own = max(first, start), min(last, end)
            if own[0] <= own[1]:
                self.across(*own, text, style)

    def lines(self, text: object, width: float) -> int:
        """How many lines a text takes in a column."""
        return wrapped(cell_text(text), width)

    def height(self, points: float) -> None:
        """Set the row's height."""
        self.worksheet.set_row(self.row, min(points, HIGHEST))

    def next(self, rows: int = 1) -> None:
        """Go down."""
        self.row += rows

    def paragraph(self, text: str, style: str = "text", last: int | None = None) -> None:
        """Write a text across the sheet (or up to a page) and go down.

        Where there are several pages, behind the column that each of them repeats: there it would be cut.
        """
        first = int(len(self.pages) > 1)
        self.across(first, self.page_end if last is None else last, text, style)
        self.next()

    def notes(self, texts: Iterable[str]) -> None:
        """Write notes under a table."""
        for text in texts:
            self.paragraph(text, "note")

    @property
    def page_end(self) -> int:
        """The last column of the first page."""
        return self.pages[0][1]

    def freeze(self, columns: int) -> None:
        """Keep what stands above the row, and columns, in view."""
        self.worksheet.freeze_panes(self.row, columns)

    def repeat(self, first: int, columns: int) -> None:
        """Print the rows from `first` to the last one written on every page, and columns."""
        self.worksheet.repeat_rows(first, self.row - 1)
        self.worksheet.repeat_columns(0, columns - 1)
