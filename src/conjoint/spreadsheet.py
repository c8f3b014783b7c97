"""Text that a spreadsheet would run, kept as text."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["csv_text", "harmless", "restored", "risky_cells"]

RISKY = ("=", "+", "-", "@")
"""What a spreadsheet takes for the start of a formula, also behind blanks and in full width."""

WIDE = str.maketrans("＝＋－＠", "=+-@")

BLANK = ("\t", "\r", "\n")
"""What it may drop from the start of a cell, or take for the start of another."""

NUMBER = re.compile(
    r"[+-]|[+-] ?[£€$]?((\d{1,3}(,\d{3})+|\d+)(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?( ?%)?( [\w%£€$.,;-][\w %£€$.,;-]*)?",
    re.IGNORECASE,
)
"""A number with its sign, and plain words behind it: no formula, whatever a spreadsheet makes of it."""

NUMERIC = "biufcmM"
"""Kinds of columns that hold no text."""


def harmless(cell: object) -> object:
    """A cell for a spreadsheet: text that it would take for a formula begins with an apostrophe.

    Numbers stay numbers, with a sign too. Text that begins so already gets one more, so that
    :func:`restored` gives back what it was.

    >>> harmless("=cmd()"), harmless(" @sum"), harmless("62%"), harmless(-3), harmless("+5,000")
    ("'=cmd()", "' @sum", '62%', -3, '+5,000')
    """
    if not isinstance(cell, str):
        return cell
    return f"'{cell}" if _is_risky(cell.lstrip("'")) else cell


def restored(cell: object) -> object:
    """The cell that :func:`harmless` was given.

    >>> restored(harmless("=1+1")), restored(harmless("'=1+1")), restored("'quoted'")
    ('=1+1', "'=1+1", "'quoted'")
    """
    if isinstance(cell, str) and cell.startswith("'") and _is_risky(cell.lstrip("'")):
        return cell[1:]
    return cell


def _is_risky(text: str) -> bool:
    start = text.lstrip()[:1].translate(WIDE)
    if text.lstrip(" ").startswith(BLANK):
        return True
    return start in RISKY and NUMBER.fullmatch(text.strip()) is None


def csv_text(frame: pd.DataFrame, *, raw: bool = False) -> str:
    """A frame as CSV with a header and without an index; cells and names are made harmless unless `raw`."""
    if not raw:
        frame = frame.rename(columns=harmless)
        for place, kind in enumerate(frame.dtypes):
            if kind.kind not in NUMERIC:
                frame.isetitem(place, frame.iloc[:, place].astype(object).map(harmless).to_numpy())
    buffer = io.StringIO()
    frame.to_csv(buffer, index=False, lineterminator="\n")
    return buffer.getvalue()


def risky_cells(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """The cells that a spreadsheet would run, as (column, text), each once."""
    found: dict[tuple[str, str], None] = {}
    for name in frame.columns:
        if frame[name].dtype.kind not in NUMERIC:
            for text in frame[name].dropna().unique():
                if isinstance(text, str) and harmless(text) != text:
                    found[str(name), text] = None
    return list(found)
