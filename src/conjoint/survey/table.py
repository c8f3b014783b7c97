"""The small tables beside survey.toml: comma-separated, with a header row. Read strictly, and told by row."""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from typing import TYPE_CHECKING

from conjoint.errors import Fault
from conjoint.source import LARGEST_TABLE, read_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["MOST_DECIMALS", "read_figure", "read_table"]

LONGEST_CELL = 2_000
"""Signs of a cell: names, labels and sources are shorter."""

MOST_ROWS = 100_000

MOST_DECIMALS = 12
"""Of a figure: no table has more, and what is printed with more is not a figure."""

LARGEST = 1e12
"""More than there are people, and than sums of figures lose."""

FIGURE = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
GROUPED = re.compile(r"[+-]?\d{1,3}([,'’_ \u00a0\u202f.]\d{3})+([.,]\d+)?", re.ASCII)


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


def read_table(
    path: Path, required: Sequence[str]
) -> tuple[list[tuple[int, dict[str, str]]], list[Fault]]:
    """Read a table as text.

    Parameters
    ----------
    path
        A UTF-8 CSV file with a header row.
    required
        Columns that have to be there.

    Returns
    -------
    list of (row number, row), list of Fault
        Row numbers count as a spreadsheet does: the header is row 1. Blank rows are left out, and rows at
        fault: those that are longer than the header or too short to hold what is required, repeat the
        header, or have a cell that nobody would write. Where the header is at fault there are no rows.
    """
    try:
        text = read_file(path, LARGEST_TABLE).decode("utf-8-sig")
    except FileNotFoundError:
        return [], [Fault(str(path), "there is no such file", do="Add it, or take it out.")]
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return [], [Fault(str(path), f"cannot be read: {reason}", "a UTF-8 CSV file")]
    records, faults = _records(path, text)
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
    return rows, faults


def _records(path: Path, text: str) -> tuple[list[tuple[int, list[str]]], list[Fault]]:
    """Every row with its number, the header first; blank rows before it are left out."""
    records: list[tuple[int, list[str]]] = []
    number = 0
    try:
        for number, record in enumerate(csv.reader(io.StringIO(text), strict=True), start=1):
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
    twice = [name for name, count in Counter(header).items() if name and count > 1]
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
            "Put a text that holds a comma in quotation marks, or add what is missing.",
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
