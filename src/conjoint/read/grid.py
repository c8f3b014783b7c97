"""Records of text under a row of names, as Responses: for formats that are grids of cells."""

from __future__ import annotations

from collections import Counter
from itertools import chain, islice
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import DataError, Fault, choices
from conjoint.read.column import Codes, as_column
from conjoint.read.qualtrics import LOOKED_AT, header_rows
from conjoint.read.responses import Responses
from conjoint.say.number import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path
    from typing import Any

    import numpy.typing as npt

    from conjoint.read.arrow import Columns

    Record = tuple[int, Sequence[str]]

__all__ = ["assemble", "check_width", "read_grid"]

CHUNK = 128
"""Records encoded at a time: few enough that their texts stay in the processor's cache."""

MOST_COLUMNS = 20_000

MOST = 10
"""Faults of one kind that are listed."""


def read_grid(
    path: Path,
    records: Iterator[Record],
    missing: Collection[str] = (),
    *,
    typed: bool = False,
    notes: Sequence[str] = (),
    faults: list[Fault] | None = None,
    columns: Callable[[int, int], Columns | None] = lambda names, header: None,  # noqa: ARG005
) -> Responses:
    """Read records, of which the first that is not blank names the columns.

    Parameters
    ----------
    path
        The file.
    records
        Each row's number and cells, blank rows among them.
    missing
        Cells that count as empty.
    typed, notes
        As in `Responses`.
    faults
        What is wrong with the file so far; `records` may add to it while they are read.
    columns
        Reads all rows at once, where it can: takes how many columns the header has and the row that
        it ends in.

    Raises
    ------
    DataError
        There are no rows, or a row longer or shorter than the header.
    """
    faults = [] if faults is None else faults
    head = list(
        islice((record for record in records if any(map(str.strip, record[1]))), 1 + LOOKED_AT)
    )
    if not head:
        raise DataError(*(faults or [_empty(path)]))
    header, names = head[0][0], [name.strip() for name in head[0][1]]
    check_width(path, len(names))
    extra, labels = header_rows(names, [cells for _, cells in head[1:]])
    shape = _Shape(path, names, typed=typed)
    ends = head[extra][0]
    parsed = columns(len(names), ends)
    if parsed is None:
        books, codes, rows = _by_row(chain(head[1 + extra :], records), shape)
    else:
        books, codes = parsed
        rows = list(range(ends + 1, ends + 1 + len(codes[0])))
    faults += [*shape.faults(), *_nuls(path, names, books, codes, rows)]
    if typed and shape.beyond:
        notes = [
            *notes,
            f"{path.name}: cells right of the last column that row {header} names are left out.",
        ]
    cells = [as_column(code, list(book), missing) for code, book in zip(codes, books, strict=True)]
    return assemble(
        path, names, cells, rows, header, faults, typed=typed, labels=labels, notes=tuple(notes)
    )


def _by_row(
    records: Iterator[Record], shape: _Shape
) -> tuple[list[Codes[str]], list[npt.NDArray[np.int32]], list[int]]:
    """Texts and codes of the columns, and the rows' numbers, row by row."""
    books: list[Codes[str]] = [Codes() for _ in range(shape.width)]
    parts: list[list[npt.NDArray[np.int32]]] = [[] for _ in books]
    rows: list[int] = []
    filled = (record for record in records if record[1])  # of blank lines there may be millions
    while chunk := list(islice(filled, CHUNK)):
        rows += [row for row, _ in chunk]
        fitted = [shape.fit(row, cells) for row, cells in chunk]
        for book, part, column in zip(books, parts, zip(*fitted, strict=True), strict=True):
            part.append(np.fromiter(map(book.__getitem__, column), np.int32, len(column)))
    codes = [np.concatenate(part) if part else np.empty(0, np.int32) for part in parts]
    return books, codes, rows


def assemble(
    path: Path,
    names: Sequence[str],
    columns: Sequence[pd.Categorical],
    rows: Sequence[int],
    header: int = 1,
    faults: Sequence[Fault] = (),
    *,
    notes: Sequence[str] = (),
    **known: Any,
) -> Responses:
    """Make responses of columns; blank rows are left out, and columns without a name.

    Of columns of one name the first stands for all; `Responses.twice` counts the others.

    Raises
    ------
    DataError
        The faults given, or no rows.
    """
    check_width(path, len(names))
    faults = [*faults]
    twice = {name: count - 1 for name, count in Counter(names).items() if name and count > 1}
    filled = np.zeros(len(rows), dtype=bool)
    nameless = []
    for place, (name, column) in enumerate(zip(names, columns, strict=True)):
        here = np.asarray(column.codes) >= 0
        filled |= here
        if not name and here.any():
            nameless.append(place + 1)
    if not filled.any() and not faults:
        faults.append(_empty(path))
    if faults:
        raise DataError(*faults)
    if nameless:
        notes = [*notes, _unnamed(path, header, nameless)]
    kept = slice(None) if filled.all() else filled
    cells = pd.DataFrame(
        # The first of columns of one name: the last value given to a key stays.
        {
            name: column[kept]
            for name, column in reversed([*zip(names, columns, strict=True)])
            if name
        }
    )[list(dict.fromkeys(filter(None, names)))]
    cells.columns = cells.columns.astype(object)
    number = np.asarray(rows, dtype=np.intp)[kept]
    return Responses(path, cells, number, header, notes=tuple(notes), twice=twice, **known)


def check_width(path: Path, width: int) -> None:
    """Refuse more columns than can be looked at in time."""
    if width > MOST_COLUMNS:
        what, expected = f"has {width:,} columns", f"{MOST_COLUMNS:,} at most"
        raise DataError(Fault(str(path), what, expected, "Leave out those that nobody needs."))


class _Shape:
    """Rows held against the header: as many cells, but that empty ones may follow.

    In a sheet (`typed`) no cell is shifted: what stands right of the header has no name, no more.
    """

    def __init__(self, path: Path, names: Sequence[str], *, typed: bool) -> None:
        self.path = path
        self.typed = typed
        self.beyond = False
        self.width = len(names)
        self.least = max((place + 1 for place, name in enumerate(names) if name), default=0)
        self.wrong: dict[int, list[int]] = {}

    def fit(self, row: int, cells: Sequence[str]) -> Sequence[str]:
        """The row, made as long as the header."""
        if len(cells) == self.width:
            return cells
        surplus = any(map(str.strip, cells[self.width :]))
        self.beyond |= surplus
        if (surplus and not self.typed) or (len(cells) < self.least and any(map(str.strip, cells))):
            self.wrong.setdefault(len(cells), []).append(row)
        return [*cells[: self.width], *[""] * (self.width - len(cells))]

    def faults(self) -> list[Fault]:
        """A fault for each length that a row has and should not have."""
        found = []
        for length, rows in list(self.wrong.items())[:MOST]:
            more = f" ({len(rows) - 1:,} more rows have)" if len(rows) > 1 else ""
            found.append(
                Fault(
                    f"{self.path}, row {rows[0]}",
                    f"has {counted(length, 'cell')}{more}",
                    f"{self.width} as the header",
                    "Look for a line cut short, or for a delimiter within a cell that has no "
                    "quotation marks around it.",
                )
            )
        return found


def _nuls(
    path: Path,
    names: Sequence[str],
    books: Sequence[Codes[str]],
    codes: Sequence[npt.NDArray[np.int32]],
    rows: Sequence[int],
) -> list[Fault]:
    """Cells that hold zero bytes: a damaged copy, which may have lost more than it shows."""
    found = []
    for name, book, code in zip(names, books, codes, strict=True):
        spoilt = [position for text, position in book.items() if "\0" in text]
        if spoilt:
            at = np.flatnonzero(np.isin(code, spoilt))
            more = f" ({len(at) - 1:,} more cells hold some)" if len(at) > 1 else ""
            found.append(
                Fault(
                    f"{path}, row {rows[at[0]]}, {name}",
                    f"holds bytes of zero{more}",
                    "text",
                    "The copy is damaged: export the file again.",
                )
            )
    return found[:MOST]


def _empty(path: Path) -> Fault:
    return Fault(str(path), "there are no responses in it", "one row or more")


def _unnamed(path: Path, header: int, places: Sequence[int]) -> str:
    one = len(places) == 1
    return (
        f"{path.name}: row {header} gives no name to column{'s' * (not one)} "
        f"{choices(places)} of the file, which {'is' if one else 'are'} left out."
    )
