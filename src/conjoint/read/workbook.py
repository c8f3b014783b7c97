"""Excel workbooks: one sheet's cells as they are shown."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile, ZipInfo

from conjoint.errors import DataError, Fault, choices
from conjoint.read.column import number_text, text_of
from conjoint.read.grid import read_grid
from conjoint.read.library import library, reading
from conjoint.read.packed import most_bytes, too_many_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from conjoint.read.responses import Responses
    from conjoint.survey import Data

__all__ = [
    "Cells",
    "check_unpacked",
    "choose_sheet",
    "most_cells",
    "read_workbook",
    "too_many_cells",
]

MOST = 10

CHUNK = 1 << 20

CELLS = 1_000_000
CELLS_A_BYTE = 10
"""Cells that a file may spread out to: so many, and so many more for each byte of it."""

MOST_MARKS = 300_000
"""Elements of a part that is read at once: all 65,490 formats that a workbook may have need fewer."""

READ_AT_ONCE = ("styles.xml", "workbook.xml", ".rels", "content_types].xml", "custom.xml")

OVERLAP = 1 << 12
"""More than a cell's markup takes, so that none is missed between two chunks."""

UNCALCULATED = re.compile(
    rb'<(?:\w+:)?c r="([A-Z]+\d+)"(?![^<>]*\bt="str")[^<>]*>\s*<(?:\w+:)?f\b(?:[^<>]*/>|[^<>]*>[^<]*</(?:\w+:)?f>)\s*'
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
"""A formula without the value that it last had; an empty text (``t="str"``) is a value."""

HIDDEN = re.compile(rb'<(?:\w+:)?(row|col)\b[^<>]*\shidden="(?:1|true)"')

MERGED = re.compile(rb'<(?:\w+:)?mergeCell ref="([A-Z]+\d+:[A-Z]+\d+)"')


def read_workbook(path: Path, data: Data) -> Responses:
    """Read a sheet of a workbook: `data.sheet`, or the first that is not hidden.

    A number is text as it is shown where it is whole (``5000``) or a percentage (``25%``), else
    with all its digits and a decimal point. A formula counts by the value it last had.

    Raises
    ------
    DataError
        Names cells that hold an error (``#N/A``), formulas never calculated, and what
        :func:`conjoint.read.grid.read_grid` names.
    """
    openpyxl = library("openpyxl", path)
    with path.open("rb") as file, reading(path, "an Excel workbook"):
        check_unpacked(path)
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        sheets = {sheet.title: sheet for sheet in book.worksheets}
        shown = {title: sheet.sheet_state == "visible" for title, sheet in sheets.items()}
        title, notes = choose_sheet(path, shown, data.sheet)
        marks = _Excel(path, notes)
        marks.look(sheets[title])
        sheets[title].reset_dimensions()  # some programs write wrong ones
        return marks.grid(enumerate(sheets[title].iter_rows(), start=1), data)


def check_unpacked(path: Path) -> None:
    """Refuse a workbook whose parts would fill the memory or take minutes, before any is read.

    Raises
    ------
    DataError
        They are far larger than the file, or describe far more formats than a workbook may have.
    """
    with ZipFile(path) as archive:
        size = sum(part.file_size for part in archive.infolist())
        most = most_bytes(path)
        if size > most:
            raise DataError(too_many_bytes(path, most))
        for part in archive.infolist():
            if part.file_size > MOST_MARKS and part.filename.lower().endswith(READ_AT_ONCE):
                _check_marks(path, archive, part)


def _check_marks(path: Path, archive: ZipFile, part: ZipInfo) -> None:
    """Refuse a part that describes so much beside the cells that reading it takes minutes."""
    marks = 0
    with archive.open(part) as content:
        while piece := content.read(CHUNK):
            marks += piece.count(b"<")
    if marks > MOST_MARKS:
        what = f"its part {part.filename} has {marks:,} elements of XML, most of them of no use"
        do = "Copy the answers into a new workbook, or export the sheet as CSV."
        raise DataError(Fault(str(path), what, f"{MOST_MARKS:,} at most", do))


def most_cells(path: Path) -> int:
    """How many cells a file may have: a small one can say that it has milliards."""
    return CELLS + CELLS_A_BYTE * path.stat().st_size


def too_many_cells(path: Path, most: int) -> Fault:
    """A sheet that spreads out far beyond what it holds."""
    what = f"has more than {most:,} cells, most of them empty, for a file of this size"
    do = "Delete the empty rows and columns around the answers, or export the sheet as CSV."
    return Fault(str(path), what, "a sheet of answers", do)


def choose_sheet(path: Path, shown: Mapping[str, bool], wanted: str) -> tuple[str, list[str]]:
    """The sheet named, or the first that is shown; `shown` says of each whether it is.

    Raises
    ------
    DataError
        There is none of that name, or none that is shown.
    """
    if wanted:
        if wanted not in shown:
            raise DataError(
                Fault(
                    str(path),
                    f'there is no sheet "{wanted}"',
                    choices(shown),
                    "Correct data.sheet in survey.toml.",
                )
            )
        return wanted, []
    first = next((title for title, is_shown in shown.items() if is_shown), None)
    if first is None:
        raise DataError(
            Fault(str(path), "shows no sheet of cells", "one", "Name one as data.sheet.")
        )
    if len(shown) == 1:
        return first, []
    others = choices(f'"{title}"' for title in shown if title != first)
    return first, [
        f'{path.name}: the sheet "{first}" was read, and not {others}. '
        "Name another as data.sheet in survey.toml."
    ]


class Cells:
    """A sheet's rows as text, and what is odd about it; each format says what text a cell is."""

    def __init__(self, path: Path, notes: list[str]) -> None:
        self.path = path
        self.notes = notes
        self.faults: list[Fault] = []
        self.errors: dict[tuple[str, int], list[int]] = {}
        self.names: Sequence[str] = ()
        self.percentages = False

    def grid(self, rows: Iterable[tuple[int, Sequence[Any]]], data: Data) -> Responses:
        """Read the rows, given with their numbers; the first that is not blank names the columns."""
        return read_grid(
            self.path,
            self._records(rows),
            data.missing,
            typed=True,
            notes=self.notes,
            faults=self.faults,
        )

    def text(self, cell: Any, row: int, place: int) -> str:
        """A cell's value as text."""
        raise NotImplementedError

    def number(self, value: float, shown: str) -> str:
        """A number, as percentage where the sheet shows one."""
        if "%" in shown:
            self.percentages = True
            return f"{number_text(round(value * 100, 10))}%"
        return number_text(value)

    def error(self, text: str, row: int, place: int) -> str:
        """An error such as ``#N/A``, which is a fault."""
        self.errors.setdefault((text, place), []).append(row)
        return text

    def note_hidden(self, rows: int, columns: int) -> None:
        """Say that hidden rows or columns were read."""
        if rows:
            self.notes.append(f"{self.path.name}: rows that the sheet hides ({rows:,}) were read.")
        if columns:
            self.notes.append(f"{self.path.name}: columns that the sheet hides were read.")

    def _records(
        self, rows: Iterable[tuple[int, Sequence[Any]]]
    ) -> Iterator[tuple[int, list[str]]]:
        """Each row's number and cells as text, as long as the first that is not blank."""
        width = count = 0
        most = most_cells(self.path)
        for number, row in rows:
            count += max(len(row), width)
            if count > most:
                raise DataError(too_many_cells(self.path, most))
            cells = [self.text(cell, number, place) for place, cell in enumerate(row)]
            if not width and any(cells):
                width = len(cells)
                self.names = cells
            yield number, cells + [""] * (width - len(cells))
        if self.percentages:
            self.notes.append(
                f"{self.path.name}: numbers that the sheet shows as percentages were read so "
                '("25%", not "0.25").'
            )
        self._say_errors()

    def _say_errors(self) -> None:
        for (error, place), rows in list(self.errors.items())[:MOST]:
            name = self.names[place] if place < len(self.names) else ""
            more = f" ({len(rows) - 1:,} more cells do)" if len(rows) > 1 else ""
            self.faults.append(
                Fault(
                    f"{self.path}, row {rows[0]}, {name or f'column {place + 1}'}",
                    f"holds the error {error}{more}",
                    "a value",
                    "Mend the formula, or empty the cell.",
                )
            )


class _Excel(Cells):
    """Cells as openpyxl reads them."""

    def look(self, sheet: Any) -> None:
        """Look through the sheet's markup for what its cells do not tell."""
        uncalculated: dict[str, None] = {}
        hidden, merged = {"row": 0, "col": 0}, []
        part = sheet._worksheet_path  # noqa: SLF001  # openpyxl tells it nowhere else
        with ZipFile(self.path) as archive, archive.open(part.lstrip("/")) as markup:
            rest = b""
            while chunk := markup.read(CHUNK):
                text = rest + chunk
                uncalculated |= {cell.decode(): None for cell in UNCALCULATED.findall(text)}
                for kind in HIDDEN.findall(chunk):
                    hidden[kind.decode()] += 1
                merged += [area.decode() for area in MERGED.findall(chunk)]
                rest = text[-OVERLAP:]
        if uncalculated:
            more = f" ({len(uncalculated) - 1:,} more do)" if len(uncalculated) > 1 else ""
            self.faults.append(
                Fault(
                    f"{self.path}, cell {next(iter(uncalculated))}",
                    f"holds a formula that was never calculated{more}",
                    "values",
                    "Open the workbook in a spreadsheet and save it.",
                )
            )
        self.note_hidden(hidden["row"], hidden["col"])
        if merged:
            self.notes.append(
                f"{self.path.name}: cells are merged ({choices(merged, 4)}); what they show counts for the "
                "first of them alone."
            )

    def text(self, cell: Any, row: int, place: int) -> str:
        """A cell's value as text."""
        value = cell.value
        if value is None:
            return ""
        if isinstance(value, str):
            if cell.data_type == "e":
                return self.error(value, row, place)
            return value
        if isinstance(value, bool):
            return str(value).upper()
        if isinstance(value, (int, float)):
            return self.number(value, cell.number_format)
        if isinstance(value, datetime.timedelta):
            return number_text(value.total_seconds())
        return text_of(value)
