"""Excel workbooks: one sheet's cells as they are shown."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from conjoint.errors import DataError, Fault, choices
from conjoint.read.column import number_text, text_of
from conjoint.read.grid import read_grid
from conjoint.read.library import library, reading
from conjoint.source import most_cells, most_unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from conjoint.read.responses import Responses
    from conjoint.survey import Data

__all__ = ["check_unpacked", "read_workbook", "too_many_cells"]

MOST = 10

CHUNK = 1 << 20

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
        sheet, notes = _sheet(path, book, data.sheet)
        marks = _Marks(path, sheet, notes)
        marks.look()
        return read_grid(
            path, marks.records(), data.missing, typed=True, notes=marks.notes, faults=marks.faults
        )


def check_unpacked(path: Path) -> None:
    """Refuse a workbook whose parts would fill the memory, before any of them is unpacked.

    Raises
    ------
    DataError
        They are far larger than the file.
    """
    with ZipFile(path) as archive:
        size = sum(part.file_size for part in archive.infolist())
    if size > most_unpacked(path):
        what = f"unpacks to {size:,} bytes, far more than a file of its size holds"
        do = "Export the sheet as CSV."
        raise DataError(Fault(str(path), what, "a workbook of answers", do))


def too_many_cells(path: Path, most: int) -> Fault:
    """A sheet that spreads out far beyond what it holds."""
    what = f"has more than {most:,} cells, most of them empty, for a file of this size"
    do = "Delete the empty rows and columns around the answers, or export the sheet as CSV."
    return Fault(str(path), what, "a sheet of answers", do)


def _sheet(path: Path, book: Any, wanted: str) -> tuple[Any, list[str]]:
    """The sheet named, or the first that is shown."""
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if wanted:
        if wanted not in sheets:
            raise DataError(
                Fault(
                    str(path),
                    f'there is no sheet "{wanted}"',
                    choices(sheets),
                    "Correct data.sheet in survey.toml.",
                )
            )
        return sheets[wanted], []
    shown = [sheet for sheet in sheets.values() if sheet.sheet_state == "visible"]
    if not shown:
        raise DataError(
            Fault(str(path), "shows no sheet of cells", "one", "Name one as data.sheet.")
        )
    if len(sheets) == 1:
        return shown[0], []
    others = choices(f'"{title}"' for title in sheets if title != shown[0].title)
    return shown[0], [
        f'{path.name}: the sheet "{shown[0].title}" was read, and not {others}. '
        "Name another as data.sheet in survey.toml."
    ]


class _Marks:
    """A sheet's rows, and what is odd about it."""

    def __init__(self, path: Path, sheet: Any, notes: list[str]) -> None:
        self.path = path
        self.sheet = sheet
        self.notes = notes
        self.faults: list[Fault] = []
        self.errors: dict[tuple[str, int], list[int]] = {}
        self.names: Sequence[str] = ()
        self.percentages = False

    def look(self) -> None:
        """Look through the sheet's markup for what its cells do not tell."""
        uncalculated: dict[str, None] = {}
        hidden, merged = {"row": 0, "col": 0}, []
        part = self.sheet._worksheet_path  # noqa: SLF001  # openpyxl tells it nowhere else
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
        self._note(hidden, merged)

    def _note(self, hidden: dict[str, int], merged: Sequence[str]) -> None:
        """Say what a person who looks at the sheet does not see."""
        name = self.path.name
        if hidden["row"]:
            self.notes.append(f"{name}: rows that the sheet hides ({hidden['row']:,}) were read.")
        if hidden["col"]:
            self.notes.append(f"{name}: columns that the sheet hides were read.")
        if merged:
            self.notes.append(
                f"{name}: cells are merged ({choices(merged, 4)}); what they show counts for the "
                "first of them alone."
            )

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Each row's number and cells as text, as long as the first that is not blank."""
        self.sheet.reset_dimensions()  # some programs write wrong ones
        width = count = 0
        most = most_cells(self.path)
        for number, row in enumerate(self.sheet.iter_rows(), start=1):
            count += max(len(row), width)
            if count > most:
                raise DataError(too_many_cells(self.path, most))
            cells = [self._text(cell, number, place) for place, cell in enumerate(row)]
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

    def _text(self, cell: Any, row: int, place: int) -> str:
        """A cell's value as text."""
        value = cell.value
        if value is None:
            return ""
        if isinstance(value, str):
            if cell.data_type == "e":
                self.errors.setdefault((value, place), []).append(row)
            return value
        if isinstance(value, bool):
            return str(value).upper()
        if isinstance(value, (int, float)):
            if "%" in cell.number_format:
                self.percentages = True
                return f"{number_text(round(value * 100, 10))}%"
            return number_text(value)
        if isinstance(value, datetime.timedelta):
            return number_text(value.total_seconds())
        return text_of(value)

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
