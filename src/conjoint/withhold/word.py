"""Whether any combination of sums is about few people: an exhaustive search with a proof.

Sums of groups span a linear code whose coordinates are kinds of people. A combination that is about few people is a
word of low weight. To find the lightest word is hard in general; for the groups of a poll it is quick, because the
bound below is nearly always enough. No pandas here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from conjoint.typing import BoolArray, FloatArray, IntArray

__all__ = ["light_word"]

PRIME = 1_048_573.0
"""Sums are reckoned modulo this prime, exactly: products of two residues, 8,192 at a time, are whole numbers that a
double holds. A combination over the rationals is one modulo a prime, too, of no more people. So where there is
none modulo the prime, there is none."""

MOST_STEPS = 4_000
"""Bases that are made before the search is given up."""


class _GivenUpError(Exception):
    """More steps than the search may take."""


@dataclass(slots=True)
class _Search:
    """The kinds' sizes, what a word has to weigh at the least, and how many steps are left."""

    size: FloatArray
    limit: float
    left: int


def light_word(shown: FloatArray, size: FloatArray, limit: float) -> tuple[BoolArray | None, bool]:
    """Find the kinds of people that some combination of columns is about, if they are fewer than the limit.

    Formula
        A basis is a set of kinds, as many as the columns have dimensions, whose values decide all others. Every
        combination but the empty one is about somebody in each basis, and about three kinds of it or more unless
        it is one of the basis' own (one for one of its kinds, zero for its others) or made of two of them. These
        are looked at. So if T bases share nobody, all other combinations are about 3 T people or more (Brouwer
        and Zimmermann's bound). Where T is too small, each kind of one basis takes its turn as the first that
        the combination is about: those before it drop out, it counts with all its people, and what is left has
        fewer dimensions.

    Parameters
    ----------
    shown
        For each kind of people alike in all columns, whether they stand in each, ones and zeros; (kinds, columns).
    size
        How many people each kind is, whole numbers of shape (kinds,).
    limit
        The number of people that a combination has to be about at the least.

    Returns
    -------
    kinds : array of bool or None
        Of shape (kinds,): those that a combination is about, fewer people than the limit; None if there is none.
    decided : bool
        False where the search was given up after `MOST_STEPS` steps.
    """
    search = _Search(np.asarray(size, dtype=float), float(limit), MOST_STEPS)
    code = np.asarray(shown, dtype=float).T
    order = np.argsort(-search.size, kind="stable")
    pivots, change = _basis(code, order)
    code = _times(change[: len(pivots)], code)
    try:
        return _find(search, code, np.zeros(len(size), dtype=bool)), True
    except _GivenUpError:
        return None, False


def _find(search: _Search, code: FloatArray, counted: BoolArray) -> BoolArray | None:
    """The kinds of a word lighter than the limit that holds all of `counted`; None if there is none.

    Parameters
    ----------
    code
        The words that are left: linear combinations of these independent rows, of shape (dimensions, kinds).
    counted
        Kinds that the word is taken to be about, of shape (kinds,).
    """
    spent = float(search.size[counted].sum())
    if spent >= search.limit or not len(code):
        return None
    left = np.where(counted, 0.0, search.size)
    first: FloatArray | None = None
    while True:
        pivots, change = _step(search, code, _by_size(left))
        if len(pivots) < len(code):
            break
        rows = _times(change, code)
        light = _light_sum(rows, search.size, search.limit)
        if light is not None:
            return light
        # Half of the scarcest kind at a time: kinds that are plenty are used before those that are not.
        several = max(1.0, np.floor(left[pivots].min() / 2))
        left[pivots] -= several
        spent += 3 * several
        if spent >= search.limit or len(code) <= 2:
            return None
        if first is None:
            first, turns = rows, pivots
    if first is None:  # some word is about nobody beside those counted
        return np.asarray(_times(change[len(pivots) :][:1], code)[0] != 0)
    for place, pivot in enumerate(turns):
        inside = counted.copy()
        inside[pivot] = True
        found = _find(search, first[place:], inside)
        if found is not None:
            return found
    return None


def _light_sum(rows: FloatArray, size: FloatArray, limit: float) -> BoolArray | None:
    """The kinds of a row, or of a sum of two of them whatever they are multiplied by, lighter than the limit."""
    about = rows != 0
    shared = (about * size) @ about.T
    weight = np.diagonal(shared)
    if weight.min() < limit:
        return np.asarray(about[int(np.argmin(weight))])
    # Who is in one of two rows alone is in each sum of them.
    alone = weight[:, None] + weight - 2 * shared
    for first, second in np.argwhere(np.triu(alone < limit, 1)):
        both = about[first] & about[second]
        ratio = _residue(rows[first, both] * _inverse(rows[second, both]))
        values, place = np.unique(ratio, return_inverse=True)
        gone = np.bincount(place, size[both])
        if alone[first, second] + shared[first, second] - gone.max() < limit:
            most = values[int(np.argmax(gone))]
            return np.asarray(_residue(rows[first] - _residue(most * rows[second])) != 0)
    return None


def _inverse(values: FloatArray) -> FloatArray:
    """What each residue times is one, by Fermat."""
    inverse, power, left = np.ones_like(values), values, int(PRIME) - 2
    while left:
        if left % 2:
            inverse = _residue(inverse * power)
        power, left = _residue(power * power), left // 2
    return inverse


def _step(search: _Search, code: FloatArray, order: IntArray) -> tuple[IntArray, FloatArray]:
    search.left -= 1
    if search.left < 0:
        raise _GivenUpError
    return _basis(code, order)


def _by_size(size: FloatArray) -> IntArray:
    """Kinds that have people, the largest first."""
    order = np.argsort(-size, kind="stable")
    return np.asarray(order[: np.count_nonzero(size > 0)])


def _basis(code: FloatArray, order: IntArray) -> tuple[IntArray, FloatArray]:
    """The first kinds in an order whose values decide all of these kinds'.

    Returns
    -------
    pivots : array
        As many kinds as the code has dimensions on those in `order`.
    change : array
        Of shape (rows, rows): `change` times the code is one for a pivot in its row and zero in the others. Rows
        behind those of pivots are zero on all kinds in `order`.
    """
    rows = len(code)
    change, pivots = np.eye(rows), list[int]()
    width = 2 * rows
    for start in range(0, len(order), width):
        piece = order[start : start + width]
        table = np.concatenate([_times(change, code[:, piece]), change], axis=1)
        column = 0
        while len(pivots) < rows:
            at = len(pivots)
            # The next kind that those before do not decide.
            rest = np.flatnonzero(table[at:, column : len(piece)].any(axis=0))
            if not len(rest):
                break
            column += int(rest[0])
            row = at + int(np.flatnonzero(table[at:, column])[0])
            table[[at, row]] = table[[row, at]]
            table[at] = _residue(table[at] * float(pow(int(table[at, column]), -1, int(PRIME))))
            taken = table[:, column].copy()
            taken[at] = 0.0
            used = np.flatnonzero(taken)
            table[used] = _residue(table[used] - np.outer(taken[used], table[at]))
            pivots.append(int(piece[column]))
        change = table[:, len(piece) :]
        if len(pivots) == rows:
            break
    return np.array(pivots, dtype=np.intp), change


def _times(left: FloatArray, right: FloatArray) -> FloatArray:
    return _residue(left @ right)


def _residue(values: FloatArray) -> FloatArray:
    """Whole numbers modulo the prime, 0 to PRIME - 1: three times as fast as numpy's remainder."""
    values = values - PRIME * np.floor(values * (1 / PRIME))
    # The quotient may be one off.
    values += PRIME * (values < 0)
    values -= PRIME * (values >= PRIME)
    return values
