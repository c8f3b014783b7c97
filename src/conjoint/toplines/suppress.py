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

__all__ = ["joined_by_followers", "suppressed_columns"]

FOLLOWS = 1e-9
"""What is left of a column, as a part of its base, where it follows from the others."""


def suppressed_columns(
    shared: FloatArray, blocks: Sequence[IntArray], limit: int
) -> tuple[BoolArray, BoolArray]:
    """Find the columns that are not shown.

    1. A column whose base is under the limit is not shown; nor is any, where the total's is.
    2. Where nobody stands in two columns of a crossbreak, those not shown, and the people in none of its
       columns as one more, are at least two, and stand together on a base that may be shown: the
       smallest of the others join them until they do. Otherwise the total would give them away.
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
            other = _giving_away(shared, column, there & ~hidden, n)
            if other is None:
                break
            hidden[other] = True
    joined = np.flatnonzero(hidden & ~small)
    for column in joined[np.argsort(-n[joined], kind="stable")]:
        hidden[column] = False
        told = any(_follows(shared, int(own), there & ~hidden) for own in np.flatnonzero(small))
        hidden[column] = told or not all(
            _stand_together(hidden, block, n, limit) for block in split
        )
    return small, hidden & ~small


def joined_by_followers(shared: FloatArray, hidden: BoolArray, n: FloatArray) -> BoolArray:
    """Hide as many figures more as it takes that none hidden follows from those shown.

    Parameters
    ----------
    shared
        How many profiles each two figures share; (figures, figures). The first is always known.
    hidden
        Figures that are not shown, of shape (figures,).
    n
        Their bases: the smallest join first, and the largest that need not have joined are shown again.
    """
    wanted = [place for place in map(int, np.flatnonzero(hidden)) if place and shared[place, place]]
    hidden, there = hidden.copy(), np.diagonal(shared) > 0
    joined: list[int] = []
    for column in wanted:
        while _follows(shared, column, there & ~hidden):
            other = _giving_away(shared, column, there & ~hidden, n)
            if other is None:
                break
            joined.append(other)
            hidden[other] = True
    for column in sorted(joined, key=lambda place: -n[place]):
        hidden[column] = False
        hidden[column] = any(_follows(shared, own, there & ~hidden) for own in wanted)
    return hidden


def _splits(shared: FloatArray, block: IntArray) -> bool:
    """Whether nobody stands in two columns."""
    own = shared[np.ix_(block, block)]
    return bool(np.diagonal(own).sum() == own.sum())


def _stand_together(hidden: BoolArray, block: IntArray, n: FloatArray, limit: int) -> bool:
    """Whether what the total leaves when the columns shown are taken off, if any of them is hidden,
    is several groups and not too small together. Who stands in none of the columns is one of them.
    """
    together = block[hidden[block]]
    if not len(together) or len(together) == len(block):
        return True
    rest = n[0] - n[block].sum()
    return len(together) + (rest > 0) >= 2 and bool(n[together].sum() + rest >= limit)


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


def _giving_away(shared: FloatArray, column: int, known: BoolArray, n: FloatArray) -> int | None:
    """The smallest known column without which another does not follow, or the smallest it uses; None
    where nothing but the first tells.
    """
    places = np.flatnonzero(known)
    across = shared[known, column]
    uses = np.linalg.pinv(shared[np.ix_(known, known)], hermitian=True) @ across
    others = places[(np.abs(uses) > FOLLOWS) & (places != 0)]
    others = others[np.lexsort((-others, n[others]))]
    for place in others:
        without = known.copy()
        without[place] = False
        if not _follows(shared, column, without):
            return int(place)
    return int(others[0]) if len(others) else None
