"""Whether all columns of a question together leave open how the people of a hidden group answered.

That is shown by an exchange of two people which changes no published figure, or decided by a programme: in whole
numbers where few describe who is alike, else in fractions. What cannot be decided counts as told. No pandas here.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import scipy  # its `optimize` takes a while to load, and few surveys need it
from scipy import linalg, sparse

from conjoint.withhold.detail import FINE
from conjoint.withhold.outward import rounded, whole_share

if TYPE_CHECKING:
    from scipy.optimize import LinearConstraint

    from conjoint.typing import BoolArray, FloatArray, IntArray

__all__ = ["is_open"]

MOST_UNKNOWNS = 200
"""Whole numbers of an integer programme; where there would be more, people are too different for whole numbers to
tell more than fractions do."""

MOST_OTHERS = 400
"""People who may exchange answers with those in question."""

MOST_PAIRS = 8
"""Pairs of sets of answers between which people may exchange."""

TURNS = 4
"""Exchanges of all groups at once that are tried before those of each."""

IN_VAIN = 6
"""Groups one after the other of which none is found open, after which the others of these exchanges are not tried."""

MOST_NODES = 200
"""Nodes of its search; what needs more cannot be decided."""

ZERO = 1e-9
"""A change below this is none."""


def is_open(
    few: BoolArray,
    members: BoolArray,
    coarse: BoolArray,
    weights: FloatArray,
    answers: FloatArray,
    rests: BoolArray,
) -> BoolArray:
    """Return True for small groups of whom published figures allow other numbers to have given each answer.

    Where everybody or nobody gave an answer in some column, or in all that a crossbreak hides together, that is
    told of each of them, and they are left out here. For each other answer it is enough that two people exchange their answers and no figure changes. Where
    there are no such two, programmes look for numbers that fit all figures: in whole numbers if few people are
    alike in everything, and otherwise in fractions, with a difference of one person or more.

    Parameters
    ----------
    few
        Who is in each group, among everybody in the question's base; (people, groups).
    members
        Who stands in each column that is shown, the total among them; (people, columns).
    coarse
        Which of these columns are whole percentages alone; of shape (columns,).
    weights
        Of shape (people,).
    answers
        Who gave each answer: ones and zeros of shape (people, answers).
    rests
        Who is in none of the columns shown of each crossbreak, where these share nobody; (people, crossbreaks).
    """
    together = np.concatenate([members, rests], axis=1)
    some = members.any(axis=0)
    shares = _Shares(members[:, some], coarse[some], weights, answers)
    given, base = together.T.astype(float) @ answers, together.sum(axis=0)[:, None]
    told = together.astype(float) @ ((given == 0) | (given == base)) > 0
    _, kind = np.unique(shares.members, axis=0, return_inverse=True)
    exchanged = np.stack([shares.exchanged(own, kind.ravel()) for own in few.T])
    doubtful = (few.T.astype(float) @ ~told > 0) & ~exchanged
    for row in np.flatnonzero(doubtful.any(axis=0)):
        groups = np.flatnonzero(doubtful[:, row])
        left = few[:, groups] & ~told[:, [row]]
        doubtful[groups, row] = ~shares.others(left, int(row))
    return np.asarray(~doubtful.any(axis=1))


@dataclass(frozen=True, eq=False, slots=True)
class _Shares:
    """What is published of one question: shares of each column, and counts of those that are not coarse."""

    members: BoolArray
    coarse: BoolArray
    weights: FloatArray
    answers: FloatArray

    def exchanged(self, few: BoolArray, kind: IntArray) -> BoolArray:
        """For each answer, whether one of the few can exchange with somebody else and no figure changes.

        `kind` says who stands in the same columns, of shape (people,).
        """
        open_to = np.zeros(self.answers.shape[1], dtype=bool)
        for person in np.flatnonzero(few):
            others = np.flatnonzero(~few & (kind == kind[person]))
            apart = np.abs(self.weights[others] - self.weights[person])
            for row in np.flatnonzero(~open_to):
                differ = self.answers[others, row] != self.answers[person, row]
                if differ.any():
                    nearest = others[np.argmin(np.where(differ, apart, np.inf))]
                    open_to[row] = self._unchanged(int(person), int(nearest))
        return open_to

    def _unchanged(self, first: int, second: int) -> bool:
        inside = self.members[first]
        columns = self.members[:, inside].T * self.weights
        total = columns.sum(axis=1)[:, None]
        share = columns @ self.answers / total
        moved = np.outer(
            np.full(inside.sum(), self.weights[second] - self.weights[first]),
            self.answers[first] - self.answers[second],
        )
        after = share + moved / total
        fine, whole = rounded(after) == rounded(share), whole_share(after) == whole_share(share)
        return bool(np.where(self.coarse[inside][:, None], whole, fine).all())

    def others(self, few: BoolArray, row: int) -> BoolArray:
        """For each group, whether other numbers of it fit all figures."""
        alike = np.column_stack([self.members, few, np.round(self.weights, 9)])
        kinds, n = np.unique(alike, axis=0, return_counts=True)
        sets = np.unique(self.answers, axis=0)
        if len(kinds) * len(sets) <= MOST_UNKNOWNS:
            C = self.members.shape[1]
            inside, weight = kinds[:, :C].T, kinds[:, -1]
            groups = kinds[:, C:-1].T
            known = self._known(inside, weight, n, sets)
            true = few.T.astype(float) @ self.answers[:, row]
            return np.array(
                [
                    _has_another(known, np.kron(own, sets[:, row]), count, np.repeat(n, len(sets)))
                    for own, count in zip(groups, true, strict=True)
                ]
            )
        return self._moved(few, row)

    def _known(
        self, inside: FloatArray, weight: FloatArray, n: IntArray, sets: FloatArray
    ) -> LinearConstraint:
        """What figures say of how many people of each kind gave each set of answers that anybody gave."""
        fine = ~self.coarse
        low, high = self._ends()
        count = (self.members[:, fine].T.astype(float) @ self.answers).ravel()
        matrix = sparse.vstack(
            [
                sparse.kron(sparse.eye_array(len(n)), np.ones((1, len(sets)))),
                sparse.kron(inside * weight, sets.T),
                sparse.kron(inside[fine], sets.T),
            ],
            format="csr",
        )
        return scipy.optimize.LinearConstraint(
            matrix, np.concatenate([n, low, count]), np.concatenate([n, high, count])
        )

    def _moved(self, few: BoolArray, row: int) -> BoolArray:
        """The same for people who are nearly all of a kind of their own: by parts of people who change their answers.

        First all who gave one of two sets of answers may give the other, the most frequent sets first; then everybody
        may give the set nearest to the own in which `row` is otherwise.
        """
        open_to = np.zeros(few.shape[1], dtype=bool)
        sets, which, n = np.unique(self.answers, axis=0, return_inverse=True, return_counts=True)
        which, has = which.ravel(), sets[:, row] > 0
        pairs = [np.array(pair) for pair in product(np.flatnonzero(has), np.flatnonzero(~has))]
        pairs.sort(key=lambda pair: -int(n[pair].min()))
        target = np.arange(len(sets))
        for pair in pairs[:MOST_PAIRS]:
            target[pair] = pair[::-1]
            open_to |= self._changed(few, row, sets[target][which], ~open_to)
            target[pair] = pair
            if open_to.all():
                return open_to
        if len(pairs) > 1:
            apart = np.abs(sets[:, None] - sets).sum(axis=2) - n / (n.sum() + 1.0)
            target = np.argmin(np.where(has[:, None] != has, apart, np.inf), axis=1)
            open_to |= self._changed(few, row, sets[target][which], ~open_to)
        return open_to

    def _changed(
        self, few: BoolArray, row: int, target: FloatArray, wanted: BoolArray
    ) -> BoolArray:
        """For each group, whether it gains or loses an answer or more when people move to a target by parts."""
        change = target - self.answers
        people = np.flatnonzero(change.any(axis=1))
        people = _some(people, np.asarray(few[people].any(axis=1)))
        columns, change = self.members[people].T.astype(float), change[people].T
        low, high = self._ends()
        true = ((self.members.T * self.weights) @ self.answers).ravel()
        counts = columns[~self.coarse][:, None] * change
        sums = columns[:, None] * (change * self.weights[people])
        known = [
            scipy.optimize.LinearConstraint(counts.reshape(-1, len(people)), 0, 0),
            scipy.optimize.LinearConstraint(sums.reshape(-1, len(people)), low - true, high - true),
        ]
        moves = few[people].T * change[row]
        # What the counts of columns shown add up to cannot change: no programme need say so.
        used = counts.reshape(-1, len(people)).T
        free = moves.T - used @ linalg.lstsq(used, moves.T)[0]
        fixed = np.abs(free).max(axis=0, initial=0.0) <= ZERO
        open_to = ~wanted | fixed
        # First all groups at once, each in one direction or the other.
        for turn in range(TURNS if (~open_to).sum() > 1 else 0):
            left = np.flatnonzero(~open_to)
            direction = np.where((left + turn * (left // 2)) % 2, 1.0, -1.0)
            open_to = open_to | _exchanged(direction @ moves[left], moves, known)
        in_vain = 0
        for group in np.flatnonzero(~open_to):
            if open_to[group] or in_vain == IN_VAIN:
                continue
            before = open_to
            for goal in (moves[group], -moves[group]):
                if not open_to[group]:
                    open_to = open_to | _exchanged(goal, moves, known)
            in_vain = 0 if (open_to & ~before).any() else in_vain + 1
        return np.asarray(open_to & ~fixed)

    def _ends(self) -> tuple[FloatArray, FloatArray]:
        """Between which weighted sums each column's answers lie, as its published share says."""
        columns = self.members.T * self.weights
        total = columns.sum(axis=1)[:, None]
        true = columns @ self.answers
        coarse = self.coarse[:, None]
        told = np.where(coarse, whole_share(true / total), rounded(true / total)) * total
        step = np.where(coarse, 0.5e-2, 0.5 * FINE) * total
        return np.minimum(told - step, true).ravel(), np.maximum(told + step, true).ravel()


def _exchanged(goal: FloatArray, moves: FloatArray, known: list[LinearConstraint]) -> BoolArray:
    """Which groups gain or lose an answer or more when people exchange as much as fits to some end."""
    found = scipy.optimize.milp(goal, bounds=scipy.optimize.Bounds(0, 1), constraints=known)
    if found.x is None:
        return np.zeros(len(moves), dtype=bool)
    return np.asarray(np.abs(moves @ found.x) >= 1)


def _some(people: IntArray, needed: BoolArray) -> IntArray:
    """Those needed, and others from all over, not too many: fewer who exchange are quicker to find."""
    others = people[~needed]
    return np.concatenate([people[needed], others[:: -(-len(others) // MOST_OTHERS) or 1]])


def _has_another(
    known: LinearConstraint, number: FloatArray, true: float, most: FloatArray
) -> bool:
    """Whether whole numbers fit in which another number of a group gave the answer; no, if that is not decided."""
    for ends in ((true + 1, np.inf), (-np.inf, true - 1)):
        found = scipy.optimize.milp(
            np.zeros(len(number)),
            integrality=np.ones(len(number), dtype=np.intp),
            bounds=scipy.optimize.Bounds(0, most),
            constraints=[known, scipy.optimize.LinearConstraint(number[None, :], *ends)],
            options={"node_limit": MOST_NODES},
        )
        if found.x is not None:
            return True
    return False
