"""Cells: respondents alike in everything that weighting looks at, who therefore move together.

Letters: n respondents, C cells. No pandas here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.typing import BoolArray, FloatArray, IntArray, Integers

__all__ = ["Cells", "find_cells"]

ROOM = 1 << 16
"""Numbers of possible cells up to which a table of all of them is always cheap."""


@dataclass(frozen=True, eq=False, slots=True)
class Cells:
    """Who is alike.

    Parameters
    ----------
    member
        Each respondent's cell, of shape (n,); -1 for respondents who are in none.
    first
        For each cell one of its respondents, of shape (C,).
    """

    member: IntArray
    first: IntArray

    def __len__(self) -> int:
        return len(self.first)

    def sums(self, values: FloatArray) -> FloatArray:
        """Sum a number a respondent over each cell: (n,) to (C,), or (n, R) to (C, R)."""
        inside = self.member >= 0
        if values.ndim == 1:
            if not inside.all():
                return np.asarray(np.bincount(self.member[inside], values[inside], len(self)))
            return np.asarray(np.bincount(self.member, values, len(self)))
        from scipy import sparse

        rows, people = self.member[inside], np.flatnonzero(inside)
        shape = (len(self), len(self.member))
        table = sparse.csr_array((np.ones(len(rows)), (rows, people)), shape=shape)
        return np.asarray(table @ values)

    def spread(self, values: FloatArray, outside: float = 0.0) -> FloatArray:
        """Give each respondent the number of the cell: (C,) to (n,), or (C, R) to (n, R)."""
        spread = values[self.member]
        spread[self.member < 0] = outside
        return spread

    def only(self, keep: BoolArray) -> Cells:
        """Leave cells out: their respondents are in none."""
        place = np.where(keep, np.cumsum(keep) - 1, -1)
        member = np.where(self.member >= 0, place[self.member], -1)
        return Cells(member, self.first[keep])


def find_cells(codes: Sequence[Integers], sizes: Sequence[int], n: int) -> Cells:
    """Find the cells of n respondents.

    Parameters
    ----------
    codes
        Arrays of shape (n,): what a respondent is, from 0.
    sizes
        How many kinds each array of `codes` tells apart.

    Notes
    -----
    The codes are digits of one number a respondent; a table over all such numbers finds those that
    occur, without sorting. Numbers are packed again before they outgrow the table.
    """
    key, radix = np.zeros(n, dtype=np.intp), 1
    most = max(ROOM, 4 * n)
    for code, size in zip(codes, sizes, strict=True):
        if radix * size > most:
            key, radix = _packed(key, radix, most)
        key *= size
        key += code
        radix *= size
    key, count = _packed(key, radix, most)
    first = np.empty(count, dtype=np.intp)
    first[key[::-1]] = np.arange(n - 1, -1, -1)
    return Cells(key, first)


def _packed(key: IntArray, radix: int, most: int) -> tuple[IntArray, int]:
    """Number the keys that occur from 0, in their order."""
    if radix > most:
        present, packed = np.unique(key, return_inverse=True)
        return packed.ravel(), len(present)
    there = np.bincount(key, minlength=radix) > 0
    place = np.cumsum(there) - 1
    return place[key], int(there.sum())
