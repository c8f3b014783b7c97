"""Number formats of spreadsheets, under which a cell shows its number as `say.number` writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from conjoint.say.number import LEVELS, MINUS, SMALLEST_P, above, below, numeral, rounded, side_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CellKind", "cell_format"]

CellKind: TypeAlias = Literal["count", "share", "points", "mean", "p"]
"""People, and other numbers with thousands apart; shares on 0 to 1; differences in points, or in units of their own; other numbers; p-values."""


def cell_format(
    kind: CellKind, value: float, decimals: int = 0, marks: Sequence[float] = ()
) -> str:
    """The number format for a cell that holds a number; that of another may differ.

    Parameters
    ----------
    marks
        What the number must not be shown as, as it is stored.

    Examples
    --------
    >>> cell_format("share", 0.3), cell_format("share", 0.997, 1)
    ('[=0]0%;[<0.005]"<0.5%";0%', '[=1]0.0%;[>=0.9995]">99.95%";0.0%')
    >>> cell_format("points", -5.2, 1), cell_format("points", -0.04, 1), cell_format("mean", 3.2, 2)
    ('+0.0;"−"0.0;0.0', '0.0;0.0;0.0', '0.00')
    >>> cell_format("share", 0.5004, 1, [0.5])
    '">50.0%";">50.0%";">50.0%"'
    """
    if kind == "count":
        digits = "#,##0." + "0" * decimals if decimals else "#,##0"
        return digits if value >= 0 else f'{digits};"{MINUS}"{digits}'
    if kind == "p":
        decimals, marks = 3, LEVELS
    factor = 100 if kind == "share" else 1
    side = side_of(value, marks, decimals, factor)
    if side:
        text = f'"{side}{numeral(factor * value, decimals)}{"%" if kind == "share" else ""}"'
        return ";".join([text] * 3)
    digits = "0." + "0" * decimals if decimals else "0"
    if kind == "share":
        edge = float(below(decimals)) / 100
        if value > 0.5:
            return f'[=1]{digits}%;[>={1 - edge:.{decimals + 3}f}]">{above(decimals)}%";{digits}%'
        return f'[=0]{digits}%;[<{edge:.{decimals + 3}f}]"<{below(decimals)}%";{digits}%'
    if kind == "p":
        return f'[<{SMALLEST_P}]"<{SMALLEST_P}";{digits}'
    if rounded(value, decimals) == 0 and value:
        return f"{digits};{digits};{digits}"  # no sign before nought
    if kind == "points":
        return f'+{digits};"{MINUS}"{digits};{digits}'
    return digits if value >= 0 else f'{digits};"{MINUS}"{digits}'
