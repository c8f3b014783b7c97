"""Percentages as they are printed: each rounded by itself, and a word where they do not sum to 100."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.typing import FloatArray

__all__ = ["percent_text", "rounded_percent", "rounding_note"]

SLACK = 1e-9
"""Halves that arithmetic left a hair below one half are halves."""


def rounded_percent(shares: FloatArray | Sequence[float], decimals: int = 0) -> FloatArray:
    """Shares as percentages, halves rounded away from zero as the trade does; never adjusted.

    Examples
    --------
    >>> rounded_percent([0.475, 0.335, 0.19]).tolist()
    [48.0, 34.0, 19.0]
    """
    scaled = np.asarray(shares, dtype=float) * 100 * 10**decimals
    away = np.sign(scaled) * np.floor(np.abs(scaled) + 0.5 + SLACK)
    # Not -0.0: a net that is nearly even prints as 0.
    return np.asarray(away / 10**decimals + 0.0)


def percent_text(share: float, decimals: int = 0) -> str:
    """Print a share; one that would round to nought although it is none says that it is below that.

    Examples
    --------
    >>> percent_text(0.475), percent_text(0.0), percent_text(0.004), percent_text(0.0004, 1)
    ('48%', '0%', '<0.5%', '<0.05%')
    """
    rounded = float(rounded_percent([share], decimals)[0])
    if rounded == 0 and share > 0:
        return f"<{0.5 / 10**decimals:.{decimals + 1}f}%"
    return f"{rounded:.{decimals}f}%"


def rounding_note(shares: FloatArray | Sequence[float], decimals: int = 0) -> str:
    """Say what rounded percentages sum to, where the shares sum to one and they do not to 100.

    Parameters
    ----------
    shares
        Of all answers to a question of one answer each.

    Returns
    -------
    str
        A sentence; empty where there is nothing to say: they sum to 100, the shares do not sum to one
        (several answers each), or some are not shown.

    Examples
    --------
    >>> rounding_note([0.475, 0.335, 0.19])
    'Figures sum to 101% because each is rounded.'
    >>> rounding_note([0.5, 0.3, 0.2])
    ''
    """
    own = np.asarray(shares, dtype=float)
    # Shares of outward tables have four decimals: their sum is one but for what rounding took.
    if not np.isclose(own.sum(), 1.0, rtol=0, atol=SLACK + 1e-4 * own.size):
        return ""
    total = round(float(rounded_percent(own, decimals).sum()), decimals)
    return "" if total == 100 else f"Figures sum to {total:g}% because each is rounded."
