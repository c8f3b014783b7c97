"""Delimited text: any delimiter, any encoding, quotation marks respected, rows counted."""

from __future__ import annotations

import csv
import re
from contextlib import suppress
from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING

from conjoint.encoding import find_encoding
from conjoint.errors import DataError, Fault
from conjoint.read.arrow import parse_regular
from conjoint.read.grid import read_grid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from conjoint.read.arrow import Columns
    from conjoint.read.responses import Responses
    from conjoint.survey import Data

__all__ = ["read_delimited"]

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}

SAMPLE = 1 << 20

SEPARATOR = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)
"""A first line for spreadsheets only."""


def read_delimited(path: Path, data: Data) -> Responses:
    """Read delimited text.

    Every cell is text, ``"None"``, ``"NA"`` and ``"=1+1"`` too. A row number counts rows as a
    spreadsheet shows them: blank ones too, and a cell with line breaks once.

    Raises
    ------
    DataError
        Names every row that is longer or shorter than the header, every name that stands twice,
        bytes that the encoding does not have, and quotation marks that do not pair.
    """
    codec, notes = find_encoding(path, data.encoding)
    with path.open(encoding=codec, newline="") as file:
        sample = file.read(SAMPLE)
        whole = len(sample) < SAMPLE
        first = SEPARATOR.fullmatch(sample.split("\n", 1)[0])
        delimiter, found = _delimiter(path, data.delimiter, first, sample, whole=whole)
        notes += found
        file.seek(0)
        faults: list[Fault] = []
        swallowing: list[int] = []
        records = _records(path, file, delimiter, faults, swallowing, skip=first is not None)

        def columns(names: int, header: int) -> Columns | None:
            if faults or swallowing:
                return None
            return parse_regular(path, codec, delimiter, names, header)

        responses = read_grid(path, records, data.missing, faults=faults, columns=columns)
        return replace(responses, notes=(*notes, *_swallowing(path, swallowing), *responses.notes))


def _records(
    path: Path,
    file: Iterator[str],
    delimiter: str,
    faults: list[Fault],
    swallowing: list[int],
    *,
    skip: bool,
) -> Iterator[tuple[int, list[str]]]:
    """Each row's number and cells; what breaks off the reading goes to `faults`."""
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    row = lines = 0
    try:
        for row, cells in enumerate(reader, start=1):
            if reader.line_num > lines + 1 and _swallows(cells, delimiter):
                swallowing.append(row)
            lines = reader.line_num
            if not (skip and row == 1):
                yield row, cells
    except csv.Error as error:
        faults.append(_broken(path, row + 1, str(error)))


def _swallowing(path: Path, rows: Sequence[int]) -> Iterator[str]:
    """A note on rows with a cell that may be made of rows."""
    if rows:
        more = f" (as do {len(rows) - 1:,} more rows)" if len(rows) > 1 else ""
        yield (
            f"{path.name}: row {rows[0]} holds a cell of several lines with as many "
            f"delimiters as a whole row{more}: quotation marks that do not belong together may have "
            "made one cell of rows. Look whether the number of people is right."
        )


def _swallows(cells: Sequence[str], delimiter: str) -> bool:
    """Whether a cell of a row of several lines may be made of rows."""
    return len(cells) > 3 and any(
        "\n" in cell and cell.count(delimiter) >= len(cells) - 1 for cell in cells
    )


def _broken(path: Path, row: int, reason: str) -> Fault:
    """What a broken row means to a person."""
    where = f"{path}, row {row}"
    if "expected after" in reason:
        return Fault(
            where,
            "a quotation mark stands within a cell in quotation marks",
            'such a mark doubled ("")',
            "Mend the row, or export the file again.",
        )
    if "field limit" in reason:
        what = "a cell is too long, or begins with a quotation mark that never ends"
        expected = f"{csv.field_size_limit():,} characters at most"
        return Fault(where, what, expected, "Mend the row, or export the file again.")
    if "unexpected end" in reason:
        return Fault(
            where,
            "a cell begins with a quotation mark that never ends",
            "a second mark at the cell's end",
            "Mend the row, or export the file again.",
        )
    return Fault(where, f"cannot be read: {reason}", "delimited text", "Export the file again.")


def _delimiter(
    path: Path, declared: str, first: re.Match[str] | None, sample: str, *, whole: bool
) -> tuple[str, list[str]]:
    """The delimiter declared, or the one by which most rows are as long as the header."""
    if declared:
        if len(declared) != 1 or declared in '"\r\n':
            raise DataError(
                Fault(
                    "survey.toml, data.delimiter",
                    f'"{declared}" is not a delimiter',
                    'one character, such as ";" or "\\t"',
                    "Correct it, or leave it out.",
                )
            )
        return declared, []
    if first is not None:
        return first[1], []
    scores = {mark: _score(sample, mark, whole=whole) for mark in DELIMITERS}
    best = max(scores, key=lambda mark: scores[mark])
    share, width = scores[best]
    rivals = [
        mark
        for mark, score in scores.items()
        if mark != best and score[0] >= share and score[1] > 1
    ]
    if width == 1 or not rivals:
        return best, []
    others = " and ".join(f"{DELIMITERS[mark]} ({scores[mark][1]} columns)" for mark in rivals)
    return best, [
        f"{path.name}: read with a {DELIMITERS[best]} as delimiter ({width} columns); {others} would "
        "fit as well. Name it as data.delimiter in survey.toml."
    ]


def _score(sample: str, mark: str, *, whole: bool) -> tuple[float, int]:
    """The share of rows as long as the header, and its length; worst where it has one cell."""
    if mark not in sample:
        return 0.0, 1
    lengths: list[int] = []
    reader = csv.reader(StringIO(sample, newline=""), delimiter=mark, strict=True)
    # The sample may end amid a row, even amid a quoted cell.
    with suppress(csv.Error):
        lengths.extend(len(cells) for cells in reader if any(cells))
        lengths = lengths if whole else lengths[:-1]
    if not lengths or lengths[0] == 1:
        return 0.0, 1
    return sum(length == lengths[0] for length in lengths) / len(lengths), lengths[0]
