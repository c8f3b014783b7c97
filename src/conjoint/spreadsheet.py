"""Text that a spreadsheet would run, kept as text."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

__all__ = ["csv_text", "harmless", "restored", "risky_cells"]

RISKY = frozenset("=+-@")
"""What a spreadsheet takes for the start of a formula, also behind blanks and in full width."""

WIDE = str.maketrans("＝＋－＠", "=+-@")

SIGN = re.compile("[=+\\-@＝＋－＠]")

APART = re.compile(r"([;\t\r\n])")
"""What may part a cell into several: spreadsheets of many countries part the columns of a CSV file by
semicolons, and quotation marks amid a line mean nothing to them."""

NUMBER = re.compile(
    r"[+-]|[+-] ?[£€$]?((\d{1,3}(,\d{3})+|\d+)(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?( ?%)?( [\w%£€$.,;-][\w %£€$.,;-]*)?",
    re.IGNORECASE,
)
"""A number with its sign, and plain words behind it: no formula, whatever a spreadsheet makes of it."""

BEFORE = "'\"" + "".join(map(chr, (*range(33), *range(127, 161), 0x200B, 0x3000, 0xFEFF)))
"""What may stand before a formula: quotation marks, blanks and signs that nobody sees."""

NUMERIC = "biufcmM"
"""Kinds of columns that hold no text."""


def harmless(cell: object) -> object:
    """A cell for a spreadsheet: text that it would take for a formula begins with an apostrophe.

    So does what stands behind a semicolon, a tab or the end of a line, which may become a cell of its own.
    Numbers stay numbers, with a sign too. Text that begins so already gets one more, so that
    :func:`restored` gives back what it was.

    >>> harmless("=cmd()"), harmless(" @sum"), harmless("62%"), harmless(-3), harmless("+5,000")
    ("'=cmd()", "' @sum", '62%', -3, '+5,000')
    >>> harmless("Left; =cmd()")
    "Left;' =cmd()"
    """
    if not isinstance(cell, str) or not SIGN.search(cell):
        return cell
    return "".join(f"'{part}" if risky else part for part, risky in _parts(cell))


def restored(cell: object) -> object:
    """The cell that :func:`harmless` was given.

    >>> restored(harmless("=1+1")), restored(harmless("'=1+1")), restored("'quoted'")
    ('=1+1', "'=1+1", "'quoted'")
    """
    if not isinstance(cell, str) or "'" not in cell:
        return cell
    return "".join(part.removeprefix("'") if risky else part for part, risky in _parts(cell))


def _parts(cell: str) -> Iterator[tuple[str, bool]]:
    """What a cell may fall into, and which parts would be taken for formulas.

    A number is one only where it is the whole cell: behind a semicolon it would go on into the next cell.
    """
    parts = APART.split(cell)
    for part in parts:
        text = part.strip(BEFORE)
        is_number = len(parts) == 1 and NUMBER.fullmatch(text) is not None
        yield part, text[:1].translate(WIDE) in RISKY and not is_number


def csv_text(frame: pd.DataFrame, *, raw: bool = False) -> str:
    """A frame as CSV with a header and without an index; cells and names are made harmless unless `raw`.

    Lines within a cell end alike: a carriage return of its own would end the row.
    """
    made = _with_plain_ends if raw else _for_spreadsheets
    frame = frame.rename(columns=made)
    for place, kind in enumerate(frame.dtypes):
        if kind.kind not in NUMERIC:
            frame.isetitem(place, frame.iloc[:, place].astype(object).map(made).to_numpy())
    buffer = io.StringIO()
    frame.to_csv(buffer, index=False, lineterminator="\n")
    return buffer.getvalue()


def _with_plain_ends(cell: object) -> object:
    return cell.replace("\r\n", "\n").replace("\r", "\n") if isinstance(cell, str) else cell


def _for_spreadsheets(cell: object) -> object:
    return harmless(_with_plain_ends(cell))


def risky_cells(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """The cells that a spreadsheet would run, as (column, text), each once."""
    found: dict[tuple[str, str], None] = {}
    for name in frame.columns:
        if frame[name].dtype.kind not in NUMERIC:
            for text in frame[name].dropna().unique():
                if isinstance(text, str) and harmless(text) != text:
                    found[str(name), text] = None
    return list(found)
