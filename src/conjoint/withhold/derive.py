"""Which columns to hide so that nobody can derive a small one from those that are shown.

Every published sum over a group of people is one linear equation. A reader may add and subtract such sums: the
total less a column, a segment less the segment nested in it, one crossbreak less another. What such a
combination is about are the people with a coefficient that is not zero. If they are fewer than the limit,
the combination gives them away, whether anybody named that group or not. No pandas here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import linalg

from conjoint.withhold.word import light_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conjoint.typing import BoolArray, FloatArray, IntArray

__all__ = ["find_derived", "joined_by_followers", "suppressed_columns"]

FOLLOWS = 1e-9
"""What is left of a column, as a part of its base, where it follows from the others."""

ZERO = 1e-7
"""Coefficients of a combination below this are zeros that rounding has touched."""


def suppressed_columns(
    members: BoolArray | FloatArray,
    blocks: Sequence[IntArray],
    limit: int,
    hidden: BoolArray | None = None,
) -> tuple[BoolArray, BoolArray]:
    """Find the columns that are not shown.

    1. A column whose base is under the limit is not shown; nor is any, where the total's is.
    2. Where nobody stands in two columns of a crossbreak, those not shown, and the people in none of its
       columns as one more, are at least two, and stand together on a base that may be shown: the
       smallest of the others join them until they do. Otherwise the total would give them away.
    3. No combination of the columns shown is about fewer people than the limit, whatever crossbreaks
       they belong to (see :func:`find_derived`): the smallest column that it needs joins those hidden.
    4. Of the columns that have joined, the largest first, those are shown again without which 2 and 3
       hold as well.

    Parameters
    ----------
    members
        Who of the base stands in each column; (people, columns), the total first.
    blocks
        The places of each crossbreak's columns.
    limit
        The smallest base that is shown.
    hidden
        Columns that are hidden in any case, of shape (columns,).

    Returns
    -------
    small, joined
        Columns under the limit, and those that join them; of shape (columns,). A column that nobody
        stands in is neither: there is nothing to hide.
    """
    inside = np.asarray(members, dtype=float)
    shared = inside.T @ inside
    n = np.diagonal(shared)
    empty = n == 0
    small = (n < limit) & ~empty
    if small[0]:
        return np.array(~empty), np.zeros(len(n), dtype=bool)
    always = np.zeros(len(n), dtype=bool) if hidden is None else hidden & ~empty
    hidden, there = small | always, ~empty
    split = [block[there[block]] for block in blocks if _splits(shared, block)]
    for block in split:
        _join_smallest(hidden, block, n, limit)
    patterns, size = _alike(inside)
    derived = [patterns[:, column] for column in map(int, np.flatnonzero(small))]
    _hide_what_tells(patterns, size, derived, hidden, there, n)
    while True:
        found, decided = find_derived(patterns[:, there & ~hidden], size, limit)
        before = hidden.copy()
        _hide_what_tells(patterns, size, found, hidden, there, n)
        derived += found
        if not decided:  # what cannot be decided is not shown
            hidden[_smallest(there & ~hidden, n)] = True
        if (before == hidden).all():  # nothing tells, or it is the total by itself that does
            break
    joined = np.flatnonzero(hidden & ~small & ~always)
    for column in joined[np.argsort(-n[joined], kind="stable")]:
        hidden[column] = False
        shown = there & ~hidden
        hidden[column] = (
            not all(_stand_together(hidden, block, n, limit) for block in split)
            or any(_is_told(patterns, size, vector, shown) for vector in derived)
            or find_derived(patterns[:, shown], size, limit) != ([], True)
        )
    return small, hidden & ~small


def find_derived(shown: FloatArray, size: FloatArray, limit: int) -> tuple[list[FloatArray], bool]:
    """Find combinations of columns that are about fewer people than the limit, or prove that there is none.

    Such a combination is a word of low weight of the code that the columns span. Differences of two columns
    are looked at first; then the search is exhaustive (see :func:`light_word`).

    Parameters
    ----------
    shown
        For each kind of people alike in all columns, whether they stand in each; (kinds, columns).
    size
        How many people each kind is, of shape (kinds,).
    limit
        The smallest number of people that a combination may be about.

    Returns
    -------
    combinations : list of arrays
        Each of shape (kinds,): what a person counts for. Empty where there is none.
    decided : bool
        False where the search was given up, and no combination is known: there may be one.
    """
    found = [vector for vector in _differences(shown) if 0 < (np.abs(vector) > ZERO) @ size < limit]
    if found or shown.shape[1] < 2:
        return found, True
    support, decided = light_word(shown, size, limit)
    if support is None:
        return [], decided
    # The word over the rationals: what the columns can make that is zero for everybody else.
    others = np.concatenate([shown[~support], np.zeros_like(shown.T @ shown)])
    _, values, right = linalg.svd(linalg.qr(others, mode="r")[0][: shown.shape[1]])
    null = right[values <= ZERO * max(1.0, values[0])]
    vectors = [vector for vector in null @ shown.T if (np.abs(vector) > ZERO).any()]
    few = [vector for vector in vectors if (np.abs(vector) > ZERO) @ size < limit]
    return few[:1], bool(few)


def _differences(shown: FloatArray) -> Iterable[FloatArray]:
    """Columns, and what is left of one when another is taken off."""
    count = shown.shape[1]
    yield from shown.T
    for first in range(count):
        for second in range(first):
            yield shown[:, first] - shown[:, second]


def _alike(inside: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Kinds of people who stand in the same columns, and how many they are."""
    packed = np.packbits(inside > 0, axis=1)
    _, first, size = np.unique(packed, axis=0, return_index=True, return_counts=True)
    return inside[first], size.astype(float)


def _hide_what_tells(
    patterns: FloatArray,
    size: FloatArray,
    derived: Sequence[FloatArray],
    hidden: BoolArray,
    there: BoolArray,
    n: FloatArray,
) -> None:
    """Hide columns until none of the combinations can be made of those shown.

    Either the smallest column without which a combination cannot be made, or the smallest ones that it
    uses, one after the other: whatever leaves out fewer people.
    """
    for vector in derived:
        if not _is_told(patterns, size, vector, there & ~hidden):
            continue
        several = hidden.copy()
        alone: int | None = None
        while _is_told(patterns, size, vector, there & ~several):
            used = _used(patterns, size, vector, there & ~several, n)
            if not used:
                break
            if alone is None:
                alone = next((own for own in used if not _is_told(
                    patterns, size, vector, there & ~hidden & (np.arange(len(n)) != own)
                )), -1)  # fmt: skip
            several[used[0]] = True
        if alone is not None and alone >= 0 and n[alone] <= n[several & ~hidden].sum():
            hidden[alone] = True
        else:
            hidden |= several


def _smallest(shown: BoolArray, n: FloatArray) -> IntArray:
    """The smallest column shown, the total excepted; of two alike, the last."""
    places = np.flatnonzero(shown)[1:]
    return places[np.lexsort((-places, n[places]))][:1]


def _is_told(patterns: FloatArray, size: FloatArray, vector: FloatArray, known: BoolArray) -> bool:
    """Whether a combination can be made of the known columns."""
    root = np.sqrt(size)
    columns, wanted = patterns[:, known] * root[:, None], vector * root
    left = wanted - columns @ linalg.lstsq(columns, wanted)[0]
    return bool(left @ left <= FOLLOWS * (wanted @ wanted))


def _used(
    patterns: FloatArray, size: FloatArray, vector: FloatArray, known: BoolArray, n: FloatArray
) -> list[int]:
    """The known columns that a combination uses, but the first; the smallest first."""
    places, root = np.flatnonzero(known), np.sqrt(size)
    uses = linalg.lstsq(patterns[:, known] * root[:, None], vector * root)[0]
    others = places[(np.abs(uses) > FOLLOWS) & (places != 0)]
    return [int(place) for place in others[np.lexsort((-others, n[others]))]]


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
            other = _follower(shared, column, there & ~hidden, n)
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
    """Return True if subtracting the visible columns from the total leaves at least two groups that together
    reach the limit, or if none is hidden. Who stands in none of the columns is one of the groups.
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


def _follower(shared: FloatArray, column: int, known: BoolArray, n: FloatArray) -> int | None:
    """The smallest known figure without which another does not follow, or the smallest it uses; None where
    it needs nothing but the first.
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
