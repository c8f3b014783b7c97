"""Which respondents make up the design that each figure stands in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.typing import BoolArray, FloatArray, IntArray

__all__ = ["Designs"]


@dataclass(frozen=True, eq=False, slots=True)
class Designs:
    """The designs of k figures: a group's own figure stands in its group.

    Parameters
    ----------
    members
        The respondents of each design, of shape (respondents,) each.
    place
        Which design each figure stands in, of shape (k,).
    sizes
        How many respondents make up each figure's design, of shape (k,).
    portion
        What part of size - 1 each figure's degrees of freedom are, of shape (k,): 1, but for weights that
        were moved far to meet targets.
    """

    members: tuple[BoolArray, ...]
    place: IntArray
    sizes: IntArray
    portion: FloatArray

    @staticmethod
    def of(
        members: BoolArray, k: int, size: int | None = None, *, degrees: float | None = None
    ) -> Designs:
        """One design of k figures.

        Parameters
        ----------
        size
            Where weights leave some of its members out.
        degrees
            Of freedom; one less than its size where None.
        """
        size = int(members.sum()) if size is None else size
        portion = 1.0 if degrees is None or size < 2 else degrees / (size - 1)
        place, sizes = np.zeros(k, dtype=np.intp), np.full(k, size, dtype=np.intp)
        return Designs((members,), place, sizes, np.full(k, portion))

    @property
    def degrees(self) -> FloatArray:
        """Degrees of freedom of figures that stand in their design alone, of shape (k,)."""
        return np.asarray((self.sizes - 1.0) * self.portion)

    @staticmethod
    def concatenate(parts: Sequence[Designs]) -> Designs:
        """The designs of several sets of figures; those of the same respondents are one."""
        members: list[BoolArray] = []
        known: dict[int | bytes, int] = {}
        places = []
        for part in parts:
            own = np.empty(len(part.members), dtype=np.intp)
            for at, column in enumerate(part.members):
                if id(column) not in known:
                    key = np.packbits(column).tobytes()
                    if key not in known:
                        known[key] = len(members)
                        members.append(column)
                    known[id(column)] = known[key]
                own[at] = known[id(column)]
            places.append(own[part.place])
        sizes, portion = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("sizes", "portion")
        )
        return Designs(tuple(members), np.concatenate(places), sizes, portion)

    def take(self, rows: IntArray) -> Designs:
        """The designs of some of the figures."""
        return Designs(self.members, self.place[rows], self.sizes[rows], self.portion[rows])

    def union(self, rows: BoolArray | None = None) -> BoolArray:
        """Who belongs to the design of any of some figures, of shape (respondents,); of all where None."""
        used = np.unique(self.place if rows is None else self.place[rows])
        return np.any([self.members[place] for place in used], axis=0) if len(used) else self.nobody

    @property
    def nobody(self) -> BoolArray:
        """A design without members."""
        return np.zeros_like(self.members[0])

    def derived(self, involved: BoolArray) -> tuple[Designs, BoolArray]:
        """The designs of what is made of the figures involved, and which of these are of samples apart.

        What is made of figures of several designs stands in a new one, of all their members, with the least
        `portion` of theirs. Where no two of them share a member they are samples apart, each with a
        G of its own.

        Parameters
        ----------
        involved
            Of shape (m, k).

        Returns
        -------
        Designs, numpy.ndarray
            Of m figures; and whether they are of samples apart, of shape (m,).
        """
        table = np.zeros((len(self.members), len(self.place)), dtype=bool)
        table[self.place, np.arange(len(self.place))] = True
        used = involved.astype(np.float32) @ table.T.astype(np.float32) > 0
        several = used.sum(axis=1) > 1
        first = involved.argmax(axis=1) if involved.shape[1] else np.zeros(len(used), dtype=np.intp)
        made = self.take(first)
        place, sizes, members = made.place.copy(), made.sizes.copy(), list(self.members)
        kinds, kind = np.unique(used[several], axis=0, return_inverse=True)
        rows, apart = np.flatnonzero(several), np.zeros(len(used), dtype=bool)
        for number, columns in enumerate(kinds):
            own = rows[kind.ravel() == number]
            together = [self.members[at] for at in np.flatnonzero(columns)]
            everybody = np.any(together, axis=0)
            place[own] = len(members)
            largest = np.where(involved[own], self.sizes, 0).max(axis=1)
            sizes[own] = np.maximum(largest, everybody.sum())
            apart[own] = everybody.sum() == np.sum(together)
            members.append(everybody)
        # Samples apart have the degrees of Welch and Satterthwaite, which are never more than all of theirs.
        least = np.where(involved, self.portion, 1.0).min(axis=1, initial=1.0)
        portion = np.where(
            apart, np.where(involved, self.portion, 0.0).max(axis=1, initial=0.0), least
        )
        return Designs(tuple(members), place, sizes, portion), apart
