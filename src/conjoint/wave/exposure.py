"""How often each level was shown, and to whom."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.typing import BoolArray, IntArray, Integers

__all__ = ["Opponents", "cell_counts", "count_opponents", "count_shown"]

Opponents = dict[tuple[tuple[str, ...], ...], float]
"""How often the other profiles of a task show which attributes: a key has those of each of them."""


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


def count_opponents(
    task: Integers, code: Integers, names: Sequence[tuple[str, ...]], among: BoolArray
) -> dict[tuple[str, ...], Opponents]:
    """How often the other profiles of a task show which attributes, by those a profile shows.

    Parameters
    ----------
    task
        A number for each profile row's task.
    code
        For each profile row, which entry of `names` holds the attributes that it shows.
    among
        The rows that count, as profiles that have opponents.
    """
    number = pd.factorize(task)[0]
    state = 2 * code.astype(np.intp) + among
    order = np.lexsort((state, number))
    first = np.flatnonzero(np.r_[True, np.diff(number[order]) > 0])
    size = np.diff(np.r_[first, len(order)])
    tasks = np.full((len(size), int(size.max(initial=0))), -1, dtype=np.intp)
    within = np.arange(len(order)) - np.repeat(first, size)
    tasks[np.repeat(np.arange(len(size)), size), within] = state[order]
    counts: defaultdict[tuple[str, ...], Counter[tuple[tuple[str, ...], ...]]]
    counts = defaultdict(Counter)
    for states, times in zip(*np.unique(tasks, axis=0, return_counts=True), strict=True):
        present = [int(own) for own in states if own >= 0]
        for place, own in enumerate(present):
            if own % 2:
                others = tuple(names[other // 2] for at, other in enumerate(present) if at != place)
                counts[names[own // 2]][others] += int(times)
    return {
        own: {others: times / each.total() for others, times in each.items()}
        for own, each in counts.items()
    }
