"""Text that a spreadsheet would run, kept as text."""

from __future__ import annotations

__all__ = ["harmless"]

RISKY = ("=", "+", "-", "@")
"""What a spreadsheet takes for the start of a formula, also behind blanks."""

BLANK = ("\t", "\r")
"""What it may drop from the start of a cell, or take for the start of another."""


def harmless(cell: object) -> object:
    """A cell for a spreadsheet: text that it would take for a formula begins with an apostrophe.

    >>> harmless("=cmd()"), harmless(" @sum"), harmless("62%"), harmless(-3)
    ("'=cmd()", "' @sum", '62%', -3)
    """
    if not isinstance(cell, str):
        return cell
    risky = cell.lstrip().startswith(RISKY) or cell.lstrip(" ").startswith(BLANK)
    return f"'{cell}" if risky else cell
