"""Spreadsheets of other kinds than .xlsx: .ods, .xls and .xlsb."""

from __future__ import annotations

import datetime
import os
import re
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any
from xml.parsers import expat
from zipfile import ZipFile

from conjoint.errors import DataError
from conjoint.read.column import number_text, text_of
from conjoint.read.library import library, reading
from conjoint.read.packed import most_bytes, too_many_bytes
from conjoint.read.workbook import Cells, choose_sheet, most_cells, too_many_cells

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conjoint.read.responses import Responses
    from conjoint.survey import Data

__all__ = ["read_sheets"]

CHUNK = 1 << 20

WIDEST = 20_000
"""Columns of a sheet; programs have at most 16,384."""

DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d+))?S)?")

ROW, FIRST_CELL, LAST_CELL = 0, 1, 11
"""Kinds of records of an .xlsb sheet: the start of a row, and the cells."""


def read_sheets(path: Path, data: Data) -> Responses:
    """Read a sheet of an .ods, .xls or .xlsb file, as :func:`read_workbook` reads Excel's .xlsx.

    Raises
    ------
    DataError
        A library is not installed, the file is damaged, or what :func:`read_workbook` names.
    """
    with path.open("rb") as file:
        head = file.read(4)
    if not head.startswith(b"PK"):
        return _read_xls(path, data)
    with ZipFile(path) as archive:
        binary = "xl/workbook.bin" in archive.namelist()
    return _read_xlsb(path, data) if binary else _read_ods(path, data)


# --- .xls -----------------------------------------------------------------------------------------


class _Old(Cells):
    """Cells as xlrd reads them."""

    def __init__(self, path: Path, notes: list[str], book: Any, kinds: Any) -> None:
        super().__init__(path, notes)
        self.book, self.kinds = book, kinds

    def text(self, cell: Any, row: int, place: int) -> str:
        value = cell.value
        if cell.ctype == self.kinds.XL_CELL_ERROR:
            return self.error(self.kinds.error_text_from_code.get(value, "#ERROR"), row, place)
        if cell.ctype == self.kinds.XL_CELL_BOOLEAN:
            return str(bool(value)).upper()
        if cell.ctype == self.kinds.XL_CELL_DATE:
            if 0 <= value < 1:
                seconds = round(value * 86400)
                return str((datetime.datetime.min + datetime.timedelta(seconds=seconds)).time())
            return text_of(self.kinds.xldate_as_datetime(value, self.book.datemode))
        if cell.ctype == self.kinds.XL_CELL_NUMBER:
            shown = self.book.xf_list[cell.xf_index].format_key
            return self.number(value, self.book.format_map[shown].format_str)
        return str(value)


def _read_xls(path: Path, data: Data) -> Responses:
    xlrd = library("xlrd", path, "sheets")
    nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  # xlrd prints
    with nowhere, reading(path, "an Excel workbook"):
        book = xlrd.open_workbook(
            str(path),
            logfile=nowhere,
            encoding_override=data.encoding or None,
            formatting_info=True,
            on_demand=True,
            ragged_rows=True,
        )
        sheets = [book.sheet_by_index(place) for place in range(book.nsheets)]
        shown = {sheet.name: sheet.visibility == 0 for sheet in sheets}
        title, notes = choose_sheet(path, shown, data.sheet)
        sheet = sheets[list(shown).index(title)]
        cells = _Old(path, notes, book, xlrd)
        cells.note_hidden(
            sum(info.hidden for info in sheet.rowinfo_map.values()),
            sum(info.hidden for info in sheet.colinfo_map.values()),
        )
        rows = ((row + 1, sheet.row(row)) for row in range(sheet.nrows) if sheet.row_len(row))
        return cells.grid(rows, data)


# --- .xlsb ----------------------------------------------------------------------------------------


class _Binary(Cells):
    """Cells as python-calamine reads them: values alone."""

    def text(self, cell: Any, row: int, place: int) -> str:  # noqa: ARG002
        if isinstance(cell, bool):
            return str(cell).upper()
        if isinstance(cell, datetime.timedelta):
            return number_text(cell.total_seconds())
        return text_of(cell)


def _read_xlsb(path: Path, data: Data) -> Responses:
    calamine = library("python_calamine", path, "sheets")
    _check_extent(path)
    with reading(path, "a binary workbook"), calamine.CalamineWorkbook.from_path(path) as book:
        shown = {
            sheet.name: sheet.visible == calamine.SheetVisibleEnum.Visible
            for sheet in book.sheets_metadata
            if sheet.typ == calamine.SheetTypeEnum.WorkSheet
        }
        title, notes = choose_sheet(path, shown, data.sheet)
        notes.append(
            f"{path.name}: of this format values alone are seen: percentages come as fractions, errors "
            "such as #N/A as empty cells. Save it as .xlsx if it holds some."
        )
        sheet = book.get_sheet_by_name(title)
        rows = sheet.to_python(skip_empty_area=False)
        return _Binary(path, notes).grid(enumerate(rows, start=1), data)


def _check_extent(path: Path) -> None:
    """Refuse a sheet whose cells lie far apart: the library makes room for all that are between."""
    with reading(path, "a binary workbook"), ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".bin"):
                with archive.open(name) as file:
                    rows, columns = _extent(path, file)
                if (rows + 1) * (columns + 1) > most_cells(path):
                    raise DataError(too_many_cells(path, most_cells(path)))


def _extent(path: Path, file: IO[bytes]) -> tuple[int, int]:
    """The last row and column of a sheet's records."""
    rows = columns = at = 0
    content = b"".join(_chunks(path, file))
    while at < len(content):
        kind = content[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | content[at] << 7
            at += 1
        size = shift = 0
        for _ in range(4):
            part = content[at]
            at += 1
            size |= (part & 0x7F) << shift
            shift += 7
            if not part & 0x80:
                break
        if kind == ROW:
            rows = max(rows, int.from_bytes(content[at : at + 4], "little"))
        elif FIRST_CELL <= kind <= LAST_CELL:
            columns = max(columns, int.from_bytes(content[at : at + 4], "little"))
        at += size
    return rows, columns


def _chunks(path: Path, file: IO[bytes]) -> Iterator[bytes]:
    """What a part of a packed file holds, as long as it is not far more than the file."""
    count, most = 0, most_bytes(path)
    while chunk := file.read(CHUNK):
        count += len(chunk)
        if count > most:
            raise DataError(too_many_bytes(path, most))
        yield chunk


# --- .ods -----------------------------------------------------------------------------------------


class _Open(Cells):
    """Cells of an OpenDocument sheet: attributes and text."""

    def text(self, cell: Any, row: int, place: int) -> str:
        kind, given, text = cell
        if kind == "error":
            return self.error(text, row, place)
        if kind in ("float", "currency", "percentage"):
            return self.number(float(given), "%" if kind == "percentage" else "")
        if kind == "boolean":
            return str(given).upper()
        if kind == "date":
            return str(given).removesuffix("T00:00:00").replace("T", " ")
        if kind == "time":
            return _time(given, text)
        return str(given or text)


def _time(given: str, text: str) -> str:
    """A time of day as in ISO's form, a longer one as seconds."""
    found = DURATION.fullmatch(given)
    if found is None:
        return text
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[:3])
    if hours < 24 and not int(found[4] or 0):
        return f"{hours:02d}:{minutes:02d}:{seconds:02d}"
    return number_text(3600 * hours + 60 * minutes + float(f"{seconds}.{found[4] or 0}"))


def _read_ods(path: Path, data: Data) -> Responses:
    with reading(path, "an OpenDocument spreadsheet"), ZipFile(path) as archive:
        with _elements(path, archive) as parse:
            names = _Names()
            for _ in parse(names):
                pass
        title, notes = choose_sheet(path, names.shown(), data.sheet)
        with _elements(path, archive) as parse:
            sheet = _Sheet(path, title)
            cells = _Open(path, notes)
            read = cells.grid((own for part in parse(sheet) for own in part.take()), data)
        cells.note_hidden(sheet.hidden, 0)
        return read


@contextmanager
def _elements(path: Path, archive: ZipFile) -> Iterator[Any]:
    """What puts the content through a handler of its elements, a piece at a time."""
    with archive.open("content.xml") as file:

        def parse(handler: Any) -> Iterator[Any]:
            parser = expat.ParserCreate()
            parser.buffer_text = True
            parser.StartElementHandler = handler.start
            parser.EndElementHandler = handler.end
            parser.CharacterDataHandler = handler.characters
            for chunk in _chunks(path, file):
                parser.Parse(chunk, False)
                yield handler
            parser.Parse(b"", True)
            yield handler

        yield parse


class _Names:
    """The sheets of a document, and which are shown."""

    def __init__(self) -> None:
        self.styles: dict[str, str] = {}
        self.hidden: set[str] = set()
        self.style = ""

    def start(self, tag: str, given: dict[str, str]) -> None:
        if tag == "style:style":
            self.style = given.get("style:name", "")
        elif tag == "style:table-properties" and given.get("table:display") == "false":
            self.hidden.add(self.style)
        elif tag == "table:table":
            self.styles[given.get("table:name", "")] = given.get("table:style-name", "")

    def end(self, tag: str) -> None:
        """Elements have ends that say nothing here."""

    def characters(self, text: str) -> None:
        """Nor have texts."""

    def shown(self) -> dict[str, bool]:
        return {name: style not in self.hidden for name, style in self.styles.items()}


class _Sheet:
    """The rows of one sheet, as far as they have come."""

    def __init__(self, path: Path, title: str) -> None:
        self.path, self.title = path, title
        self.rows: list[tuple[int, list[tuple[str, str, str]]]] = []
        self.number = self.hidden = 0
        self.here = False
        self.repeated = 1
        self.cells: list[tuple[str, str, str]] = []
        self.pending = 0
        self.cell: tuple[str, str, int] | None = None
        self.parts: list[str] = []
        self.aside = 0

    def take(self) -> list[tuple[int, list[tuple[str, str, str]]]]:
        """The rows that have come since the last time."""
        rows, self.rows = self.rows, []
        return rows

    def start(self, tag: str, given: dict[str, str]) -> None:
        if tag == "table:table":
            self.here = given.get("table:name", "") == self.title
        elif not self.here:
            return
        elif tag == "table:table-row":
            self.repeated = int(given.get("table:number-rows-repeated", "1"))
            self.cells, self.pending = [], 0
            if given.get("table:visibility", "visible") != "visible":
                self.hidden += 1
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            error = given.get("calcext:value-type") == "error"
            kind = "error" if error else given.get("office:value-type", "")
            value = next((given[name] for name in VALUES if name in given), "")
            self.cell = kind, value, int(given.get("table:number-columns-repeated", "1"))
            self.parts = []
        elif tag == "office:annotation":
            self.aside += 1
        elif tag == "text:p" and self.parts:
            self.parts.append("\n")
        elif tag == "text:s":
            self.parts.append(" " * min(int(given.get("text:c", "1")), 1000))
        elif tag in ("text:line-break", "text:tab"):
            self.parts.append("\n" if tag == "text:line-break" else "\t")

    def characters(self, text: str) -> None:
        if self.cell is not None and not self.aside:
            self.parts.append(text)

    def end(self, tag: str) -> None:
        if tag == "table:table":
            self.here = False
        elif tag == "office:annotation":
            self.aside = max(self.aside - 1, 0)
        elif tag in ("table:table-cell", "table:covered-table-cell") and self.cell is not None:
            self._end_cell(*self.cell)
            self.cell = None
        elif tag == "table:table-row" and self.here:
            if self.cells:
                if len(self.cells) * self.repeated > most_cells(self.path):
                    raise DataError(too_many_cells(self.path, most_cells(self.path)))
                first = self.number + 1
                self.rows += [(first + again, self.cells) for again in range(self.repeated)]
            self.number += self.repeated

    def _end_cell(self, kind: str, value: str, repeated: int) -> None:
        text = "".join(self.parts)
        if not value and not text.strip():
            self.pending += repeated
            return
        if len(self.cells) + self.pending + repeated > WIDEST:
            raise DataError(too_many_cells(self.path, most_cells(self.path)))
        self.cells += [("", "", "")] * self.pending + [(kind, value, text)] * repeated
        self.pending = 0


VALUES = (
    "office:value",
    "office:date-value",
    "office:time-value",
    "office:boolean-value",
    "office:string-value",
)
"""The attributes that hold a cell's value."""
