"""How often each level was shown, and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from conjoint.typing import IntArray, Integers

__all__ = ["cell_counts", "count_shown"]


def count_shown(code: Integers, size: int, respondent: IntArray, G: int) -> Integers:
    """How many profiles of each cell a respondent saw.

    Parameters
    ----------
    code, respondent
        Each profile's cell and respondent, of shape (profiles,).
    size, G
        How many cells and respondents there are.

    Returns
    -------
    numpy.ndarray
        Of shape (size, G), in as few bytes as the counts need.
    """
    cell = code * np.intp(G)
    cell += respondent
    counts = np.bincount(cell, minlength=size * G).reshape(size, G)
    return counts.astype(np.min_scalar_type(int(counts.max(initial=0))))


def cell_counts(
    code: Integers, size: int, respondent: IntArray, G: int
) -> tuple[IntArray, IntArray]:
    """How many profiles show each cell, and how many respondents saw it; both of shape (size,)."""
    shown = count_shown(code, size, respondent, G)
    return shown.sum(axis=1, dtype=np.intp), np.count_nonzero(shown, axis=1)
