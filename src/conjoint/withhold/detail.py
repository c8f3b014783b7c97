"""Whether the published shares of a column tell how its people of one weight answered.

Where weights come from a few margins, people of one age and sex have one weight. A share of 60 people to four
decimals then has few solutions in whole numbers: so many of these, so many of those. Where it has one, the answers
of a handful of people can be read off. So either there are far too many solutions, or the share is
shown as a whole percentage alone; and where even that has too few solutions, it is not shown. No pandas here.
"""

from __future__ import annotations

from math import lgamma, log
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.typing import BoolArray, FloatArray, IntArray

__all__ = ["FINE", "Detail", "detail_shown", "feasible_counts"]

Detail: TypeAlias = Literal["full", "coarse", "none"]

FINE = 1e-4
"""The step of an outward share."""

COARSE = 0.25e-2
"""Half the width of what a whole percentage, with its interval, leaves open."""

PLENTY = 1e4
"""Solutions of a share, its count and its error at which nobody knows which is true."""

SEVERAL = 30.0
"""Solutions of the share of a rare answer, likewise."""

MOST_WEIGHTS = 24
"""Different weights up to which readers may know who has which: from a margin or two."""

STEPS = 16
"""Steps of the search to half the width of what is left open."""


def detail_shown(weights: FloatArray, answers: FloatArray, limit: int) -> Detail:
    """Decide in what detail the answers of a column may be shown.

    Parameters
    ----------
    weights
        Of everybody in the column's base, of shape (people,).
    answers
        Who gave each answer: ones and zeros of shape (people, answers).
    limit
        People of one weight who are as many are no small base.

    Returns
    -------
    str
        ``full``; ``coarse``, whole percentages and no count of people; or ``none``.
    """
    scaled = weights / weights.mean()
    values, place, n = np.unique(np.round(scaled, 9), return_inverse=True, return_counts=True)
    if len(values) == 1 or n.min() >= limit or not answers.shape[1]:
        return "full"
    given = np.stack([np.bincount(place, own, len(values)) for own in answers.T], axis=1)
    if _is_ambiguous(values, n, given.sum(axis=0)):
        return "full"
    small = np.flatnonzero(n < limit)
    for own in given.T:
        rarer = int(min(own.sum(), n.sum() - own.sum()))
        for kind in small:
            wanted = min(3, int(n[kind]) + 1, rarer + 1)
            if feasible_counts(values, n, own, int(kind)).sum() < wanted:
                return "none"
    return "coarse"


def _is_ambiguous(values: FloatArray, n: IntArray, answers: FloatArray) -> bool:
    """Whether so many solutions are left that nobody need look for them."""
    people = int(n.sum())
    solutions = np.log(n + 1.0).sum() - log((people + 1) / FINE) - log(100)
    if solutions < log(PLENTY):
        return False
    if len(values) > MOST_WEIGHTS:
        return True
    spread = float(np.ptp(values)) + 1e-12
    for count in answers:
        rarer = min(count, people - count)
        if rarer > 0:
            # Ways to put so many people into the kinds, and how many of them share one step.
            ways = lgamma(rarer + len(n)) - lgamma(rarer + 1) - lgamma(len(n))
            if ways + log(FINE * people / (spread * np.sqrt(rarer))) < log(SEVERAL):
                return False
    return True


def feasible_counts(values: FloatArray, n: IntArray, given: FloatArray, kind: int) -> BoolArray:
    """Return which numbers of people of one weight a whole percentage leaves possible.

    Parameters
    ----------
    values, n
        Different weights, and how many people have each; of shape (kinds,).
    given
        How many of each truly gave the answer, of shape (kinds,).
    kind
        The weight in question.

    Returns
    -------
    array
        Of shape (n[kind] + 1,). Numbers are only counted that are possible whatever the search rounds.
    """
    total = float(values @ n)
    step = COARSE * total / STEPS
    size = int(np.ceil(total / step)) + len(n) + 2
    reach = np.zeros(size, dtype=bool)
    reach[0] = True
    for place, (value, count) in enumerate(zip(values, n, strict=True)):
        if place != kind:
            reach = _with(reach, value / step, int(count))
    # Each kind's sum is rounded to half a step at the most.
    slack = STEPS - len(n) / 2
    wanted = float(values @ given) / step
    sums = np.flatnonzero(reach)
    possible = np.array(
        [
            bool((np.abs(sums + count * values[kind] / step - wanted) <= max(slack, 0)).any())
            for count in range(int(n[kind]) + 1)
        ]
    )
    possible[int(given[kind])] = True
    return possible


def _with(reach: BoolArray, value: float, count: int) -> BoolArray:
    """The sums that can be reached with up to so many people more of one weight."""
    further = reach.copy()
    for shift in _shifts(value, count, len(reach)):
        further[shift:] |= reach[: len(reach) - shift]
    return further


def _shifts(value: float, count: int, size: int) -> Iterator[int]:
    for many in range(1, count + 1):
        shift = round(many * value)
        if 0 < shift < size:
            yield shift
