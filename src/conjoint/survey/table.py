"""The small tables beside survey.toml, with a header row. Read strictly, and told by row."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from conjoint.encoding import find_encoding
from conjoint.errors import DataError, Fault
from conjoint.source import LARGEST_TABLE, check_file, read_file
from conjoint.spelling import repeated

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MOST_DECIMALS", "Records", "TableReader", "find_table", "read_figure", "read_table"]

Records = list[tuple[int, list[str]]]
"""Rows of texts with their numbers, the header first."""

TEXT = (".csv", ".tsv", ".tab", ".txt", "")
"""Endings of delimited text, which is read here."""

ENDINGS = (".csv", ".xlsx", ".ods", ".xlsm", ".xls", ".xlsb", ".tsv", ".tab", ".txt")
"""Endings of tables that are read where they lie, the first that is there."""

LONGEST_CELL = 2_000
"""Signs of a cell: names, labels and sources are shorter."""

MOST_ROWS = 100_000

MOST_DECIMALS = 12
"""Of a figure: no table has more, and what is printed with more is not a figure."""

LARGEST = 1e12
"""More than there are people, and than sums of figures lose."""

FIGURE = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
DELIMITERS = (",", ";", "\t", "|")
SEPARATOR = re.compile(r'"?sep=.?"?', re.IGNORECASE)
"""A first line for spreadsheets only."""

COMMA = re.compile(r"[+-]?\d+,\d+ ?%?", re.ASCII)
PERCENTAGE = re.compile(r"([+-]?\d+(\.\d+)?) ?%", re.ASCII)
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3} ?%?", re.ASCII)
"""A figure with a comma, and one whose comma may stand for thousands."""

GROUPED = re.compile(r"[+-]?\d{1,3}([,'’_ \u00a0\u202f.]\d{3})+([.,]\d+)?", re.ASCII)


TableReader = Callable[[Path], Records]
"""What reads a table of another format than delimited text; the first row names the columns."""


def read_figure(text: str) -> tuple[float, str]:
    """A figure as a table writes it, and what is wrong with it (nothing where it is one).

    Digits with one decimal point, nothing else: no marks for thousands, and no form that only a program
    would write.

    >>> read_figure("12.5")
    (12.5, '')
    >>> read_figure("1,000")[1], read_figure("1_000")[1], read_figure("1e308")[1]
    ('has marks for thousands', 'has marks for thousands', 'is too large')
    """
    if FIGURE.fullmatch(text) is None:
        if GROUPED.fullmatch(text):
            return math.nan, "has marks for thousands"
        comma = re.fullmatch(r"[+-]?\d+,\d+", text, re.ASCII)
        return math.nan, "has a decimal comma" if comma else "is not a number"
    number = float(text)
    if not abs(number) <= LARGEST:
        return math.nan, "is too large"
    if len(text.lower().partition("e")[0].partition(".")[2].rstrip("0")) > MOST_DECIMALS:
        return math.nan, f"has more than {MOST_DECIMALS} decimals"
    return number, ""


def find_table(folder: Path, stem: str) -> Path:
    """The table of that name in a folder, whatever its format: ``targets.csv``, ``targets.xlsx``."""
    each = [folder / f"{stem}{ending}" for ending in ENDINGS]
    return next((path for path in each if path.is_file()), each[0])


def read_table(
    path: Path,
    required: Sequence[str],
    figures: Sequence[str] = (),
    reader: TableReader | None = None,
) -> tuple[list[tuple[int, dict[str, str]]], list[Fault]]:
    """Read a table as text.

    Parameters
    ----------
    path
        A file of delimited text with a header row: with commas, semicolons, tabs or pipes, in any
        encoding that responses may have; or of another format that `reader` reads.
    required
        Columns that have to be there.
    figures
        Columns of figures. Where a comma marks their decimals, it is read as a point.

    Returns
    -------
    list of (row number, row), list of Fault
        Row numbers count as a spreadsheet does: the header is row 1. Blank rows are left out, and rows at
        fault: those that are longer than the header or too short to hold what is required, repeat the
        header, or have a cell that nobody would write. Where the header is at fault there are no rows.
    """
    try:
        records, faults = _opened(path, required, figures, reader)
    except FileNotFoundError:
        return [], [Fault(str(path), "there is no such file", do="Add it, or take it out.")]
    except OSError as error:
        return [], [Fault(str(path), f"cannot be read: {error.strerror or error}", "a CSV file")]
    except DataError as error:
        return [], list(error.faults)
    header = [name.strip() for name in records[0][1]] if records else []
    faults += _header_faults(path, header, required)
    if faults:
        return [], faults
    width = len(header)
    least = max(header.index(name) for name in required) + 1 if required else 0
    rows: list[tuple[int, dict[str, str]]] = []
    for number, record in records[1:]:
        cells = [cell.strip() for cell in record]
        if not any(cells):
            continue
        wrong = _row_fault(f"{path}, row {number}", cells, header, least)
        if wrong:
            faults.append(wrong)
            continue
        cells += [""] * (width - len(cells))
        rows.append(
            (number, {name: cell for name, cell in zip(header, cells, strict=False) if name})
        )
    return _with_points(rows, figures), faults


def _opened(
    path: Path, required: Sequence[str], figures: Sequence[str], reader: TableReader | None
) -> tuple[Records, list[Fault]]:
    """The rows of a table as text, as its format is read."""
    if path.suffix.lower() not in TEXT and reader is not None:
        check_file(path, LARGEST_TABLE)
        return _plain(reader(path), figures), []
    content = read_file(path, LARGEST_TABLE)
    try:
        text = content.decode(find_encoding(path, "")[0]).removeprefix("\ufeff")
    except DataError as error:
        faults = [replace(fault, do="Save it as UTF-8.") for fault in error.faults]
        raise DataError(*faults) from error
    return _records(path, text, _delimiter(text, required))


def _plain(records: Records, figures: Sequence[str]) -> Records:
    """Figures of a spreadsheet as a text table has them: 51% is 0.51, but 51 percent; no digits of rounding."""
    names = [name.strip() for name in records[0][1]]
    places = [place for place, name in enumerate(names) if name in figures]
    for _, cells in records[1:]:
        for place in places:
            found = PERCENTAGE.fullmatch(cells[place])
            number = found[1] if found else cells[place]
            if FIGURE.fullmatch(number):
                value = float(number) / (100 if found and names[place] != "percent" else 1)
                written = f"{value:.{MOST_DECIMALS}f}".rstrip("0").rstrip(".")
                cells[place] = written if found or len(written) < len(number) else number
    return records


def _delimiter(text: str, required: Sequence[str]) -> str:
    """The mark by which the header has the columns that are required; else a comma."""
    lines = (line for line in text.splitlines() if line.strip() and not SEPARATOR.fullmatch(line))
    header = next(lines, "")
    for mark in DELIMITERS:
        with suppress(csv.Error):
            names = next(csv.reader([header], delimiter=mark), [])
            if {*required} <= {*map(str.strip, names)}:
                return mark
    return DELIMITERS[0]


def _with_points(
    rows: list[tuple[int, dict[str, str]]], figures: Sequence[str]
) -> list[tuple[int, dict[str, str]]]:
    """The rows with decimal points, where the table plainly writes commas.

    Plain is a figure such as 0,5 or 12,25. A table where every comma may mark thousands (1,250) is left
    as it is, and so is one that has points, too: they are faults where the figures are read.
    """
    cells = [row.get(name, "") for _, row in rows for name in figures]
    commas = [cell for cell in cells if COMMA.fullmatch(cell)]
    if all(THOUSANDS.fullmatch(cell) for cell in commas) or any("." in cell for cell in cells):
        return rows
    for _, row in rows:
        own = {
            name: row[name].replace(",", ".")
            for name in figures
            if COMMA.fullmatch(row.get(name, ""))
        }
        row.update(own)
    return rows


def _records(
    path: Path, text: str, delimiter: str
) -> tuple[list[tuple[int, list[str]]], list[Fault]]:
    """Every row with its number, the header first; blank rows before it are left out."""
    records: list[tuple[int, list[str]]] = []
    number = 0
    try:
        reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
        for number, record in enumerate(reader, start=1):
            if number == 1 and SEPARATOR.fullmatch(delimiter.join(record)):
                continue
            if records or any(map(str.strip, record)):
                records.append((number, record))
            if number > MOST_ROWS:
                what, expected = "is longer than such a table can be", f"{MOST_ROWS:,} rows at most"
                return records, [
                    Fault(str(path), what, expected, "Look whether it is the right file.")
                ]
    except csv.Error as error:
        what = f"cannot be read: {error}"
        do = "Look for a quotation mark that has no second one."
        return records, [Fault(f"{path}, row {number + 1}", what, "a row of a CSV file", do)]
    return records, []


def _header_faults(path: Path, header: Sequence[str], required: Sequence[str]) -> list[Fault]:
    where = f"{path}, row 1"
    missing = [name for name in required if name not in header]
    if missing:
        return [
            Fault(
                where,
                f"no column {', '.join(missing)}",
                f"the columns {', '.join(required)}",
                "Add the column to the header row.",
            )
        ]
    twice = repeated(filter(None, header))
    do = "Take one of the columns out, or give it another name."
    return [
        Fault(where, f'the column "{name}" stands twice', "each name once", do) for name in twice
    ]


def _row_fault(where: str, cells: Sequence[str], header: Sequence[str], least: int) -> Fault | None:
    """What is wrong with a row as such."""
    if any(cells[len(header) :]) or len(cells) < least:
        return Fault(
            where,
            f"has {len(cells)} cell{'s' * (len(cells) != 1)}",
            f"{len(header)} as the header",
            "Put a text that holds the delimiter in quotation marks, or add what is missing.",
        )
    if [cell for cell in cells if cell] == [name for name in header if name]:
        return Fault(where, "repeats the header", "one header row", "Take the row out.")
    for name, cell in zip(header, cells, strict=False):
        if len(cell) > LONGEST_CELL:
            expected = f"{LONGEST_CELL:,} at most"
            return Fault(
                f"{where}, {name}", f"holds {len(cell):,} signs", expected, "Shorten the cell."
            )
        if "\0" in cell:
            return Fault(
                f"{where}, {name}", "holds bytes of zero", "text", "Export the file again."
            )
    return None
