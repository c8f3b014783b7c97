"""When a figure is the same as a published one: as soon as it rounds to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conjoint.say.number import SLACK, rounded_percent

if TYPE_CHECKING:
    from conjoint.typing import BoolArray, FloatArray, IntArray

__all__ = ["is_same", "rounded"]


def is_same(
    figures: FloatArray, published: FloatArray, decimals: IntArray | FloatArray
) -> BoolArray:
    """Whether figures round to published ones, halves rounded to even or away from zero.

    Both are in use: halves go to even in R and Python, away from zero in spreadsheets and SPSS. So a
    figure is the same if it is no more than half of the last decimal away.

    >>> is_same(np.array([48.5, 48.5, 48.51]), np.array([48.0, 49.0, 48.0]), np.zeros(3)).tolist()
    [True, True, False]
    """
    unit = 10.0 ** -np.asarray(decimals, dtype=float)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(figures - published) <= (0.5 + SLACK) * unit)


def rounded(figure: float, published: float, decimals: int) -> float:
    """The figure rounded: to the published one where halves may go there, else away from zero.

    >>> rounded(48.5, 48.0, 0), rounded(48.5, 50.0, 0)
    (48.0, 49.0)
    """
    if is_same(np.array([figure]), np.array([published]), np.array([decimals]))[0]:
        return published
    return float(rounded_percent([figure / 100], decimals)[0])
