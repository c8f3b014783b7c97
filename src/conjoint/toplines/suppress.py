"""Columns too small to show, and those that have to go with them.

A figure that is left out can often be worked out: the total less all other columns of a crossbreak is
the one that is missing. No pandas here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.typing import BoolArray, FloatArray, IntArray

__all__ = ["suppressed_columns"]

FOLLOWS = 1e-9
"""What is left of a column, as a part of its base, where it follows from the others."""


def suppressed_columns(
    shared: FloatArray, blocks: Sequence[IntArray], limit: int
) -> tuple[BoolArray, BoolArray]:
    """Find the columns that are not shown.

    1. A column whose base is under the limit is not shown; nor is any, where the total's is.
    2. Where the columns of a crossbreak split the base without rest, those not shown are at least two,
       and stand together on a base that may be shown: the smallest of the others join them until they
       do. Otherwise the total would give them away.
    3. No column under the limit follows from those shown by adding and taking off, whatever crossbreaks
       they belong to: the smallest column without which it does not follow joins it.
    4. Of the columns that have joined, the largest first, those are shown again without which 2 and 3
       hold as well.

    Parameters
    ----------
    shared
        How many respondents of the base stand in each two columns; (columns, columns), the total first.
        The diagonal holds the bases.
    blocks
        The places of each crossbreak's columns.
    limit
        The smallest base that is shown.

    Returns
    -------
    small, joined
        Columns under the limit, and those that join them; of shape (columns,). A column that nobody
        stands in is neither: there is nothing to hide.
    """
    n = np.diagonal(shared)
    empty = n == 0
    small = (n < limit) & ~empty
    if small[0]:
        return np.array(~empty), np.zeros(len(n), dtype=bool)
    hidden, there = small.copy(), ~empty
    split = [block[there[block]] for block in blocks if _splits(shared, block)]
    for block in split:
        _join_smallest(hidden, block, n, limit)
    for column in map(int, np.flatnonzero(small)):
        while _follows(shared, column, there & ~hidden):
            hidden[_giving_away(shared, column, there & ~hidden)] = True
    joined = np.flatnonzero(hidden & ~small)
    for column in joined[np.argsort(-n[joined], kind="stable")]:
        hidden[column] = False
        told = any(_follows(shared, int(own), there & ~hidden) for own in np.flatnonzero(small))
        hidden[column] = told or not all(
            _stand_together(hidden, block, n, limit) for block in split
        )
    return small, hidden & ~small


def _splits(shared: FloatArray, block: IntArray) -> bool:
    """Whether everybody of the base stands in exactly one column."""
    own = shared[np.ix_(block, block)]
    return bool(np.diagonal(own).sum() == own.sum() == shared[0, 0])


def _stand_together(hidden: BoolArray, block: IntArray, n: FloatArray, limit: int) -> bool:
    """Whether the hidden columns of a crossbreak, if any, are several and not too small together."""
    together = block[hidden[block]]
    if not len(together) or len(together) == len(block):
        return True
    return len(together) >= 2 and bool(n[together].sum() >= limit)


def _join_smallest(hidden: BoolArray, block: IntArray, n: FloatArray, limit: int) -> None:
    """Hide the smallest columns of a crossbreak until those hidden stand together."""
    for column in sorted(block[~hidden[block]], key=lambda place: (n[place], -place)):
        if _stand_together(hidden, block, n, limit):
            return
        hidden[column] = True


def _follows(shared: FloatArray, column: int, known: BoolArray) -> bool:
    """Whether a column is a sum of known ones, some of them taken off."""
    inside = shared[np.ix_(known, known)]
    across = shared[known, column]
    left = shared[column, column] - across @ np.linalg.pinv(inside, hermitian=True) @ across
    return bool(left <= FOLLOWS * shared[column, column])


def _giving_away(shared: FloatArray, column: int, known: BoolArray) -> int:
    """The smallest known column without which another does not follow, or the smallest it uses."""
    n, places = np.diagonal(shared), np.flatnonzero(known)
    across = shared[known, column]
    uses = np.linalg.pinv(shared[np.ix_(known, known)], hermitian=True) @ across
    others = places[(np.abs(uses) > FOLLOWS) & (places != 0)]
    others = others[np.lexsort((-others, n[others]))]
    for place in others:
        without = known.copy()
        without[place] = False
        if not _follows(shared, column, without):
            return int(place)
    return int(others[0])
