"""Intervals and tests of figures that cannot leave a scale: shares, and means of ratings and scores.

Arrays only. Throughout, p is a share (or a mean, moved to 0 to 1), q = 1 - p, V its variance, and the
*effective base* m = p q / V: the number of people, drawn simply, who would know p as well. It holds
weights, clusters and what calibration saves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from conjoint.typing import FloatArray, IntervalMethod

__all__ = [
    "EXPECTED",
    "FEW",
    "ROUNDING",
    "Sides",
    "chance_of",
    "design_effect",
    "expected_answers",
    "inverse_base",
    "score_difference",
    "score_statistic",
    "share_interval",
    "sides",
]

EXPECTED = 5.0
"""Fewest answers of either sort that a test of a difference has to expect in both groups (Cochran 1954)."""

FEW = 10.0
"""Answers over which an estimated design effect comes to be trusted, as in exp(-answers / FEW)."""

STEPS = 50
"""Halvings when an interval is searched: to 1e-15 of the scale."""

ROUNDING = 1e-9
"""How far a share may be outside 0 to 1 by rounding, or a test beside its limit."""


def chance_of(rarer: FloatArray) -> FloatArray:
    """Return how far a design effect that so many answers give is chance, from 1 (none) to 0 (many)."""
    return np.asarray(np.exp(-rarer / FEW))


def inverse_base(
    p: FloatArray, variance: FloatArray, rarer: FloatArray, effective: FloatArray
) -> FloatArray:
    """Return 1 / m, of shape (k,), steadied where few people gave the rarer answer.

    A design effect that is estimated from a few answers is mostly chance, and from none it is nought. So
    V / (p q) is averaged with 1 / e, what the weights alone say::

        1 / m = (1 - c) V / (p q) + c / e,    c = exp(-rarer / 10); c = 1 where p is 0 or 1

    Parameters
    ----------
    p, variance
        On 0 to 1.
    rarer
        How many answers there are of the rarer sort; infinite for means.
    effective
        e = (sum w)^2 / sum w^2 over people.
    """
    spread = p * (1 - p)
    at_end = spread <= ROUNDING**2
    chance = np.where(at_end, 1.0, chance_of(rarer))
    observed = np.divide(variance, spread, out=np.zeros_like(variance), where=~at_end)
    # Unknown bases (NaN) matter only where they are needed.
    by_weights = np.divide(
        chance, effective, out=np.zeros_like(chance), where=(chance > 0) & (effective != 0)
    )
    return np.asarray((1 - chance) * observed + by_weights)


def share_interval(
    p: FloatArray,
    inverse: FloatArray,
    quantile: FloatArray,
    tail: FloatArray,
    method: IntervalMethod = "score",
    effective: FloatArray | None = None,
) -> FloatArray:
    """Return both ends of intervals of shares, of shape (2, k), within 0 to 1.

    Parameters
    ----------
    p, inverse
        Shares within 0 to 1 and 1 / m.
    quantile
        How many standard errors the interval reaches, of the t distribution.
    tail
        The probability beyond it on one side.
    method
        ``"score"``: Wilson (1927) on m, the shares that a test would not reject. ``"logit"``: Wald's on
        the logit scale, and ``"beta"``: Korn & Graubard (1998), Clopper-Pearson on m; both as R's
        svyciprop has them (which under ``"beta"`` also corrects m where one person has several rows).
    effective
        e, which nought and all have in place of m under ``"logit"`` and ``"beta"``.
    """
    base = np.divide(1.0, inverse, out=np.full_like(inverse, np.inf), where=inverse > 0)
    if method == "score":
        square = quantile**2 * inverse
        middle = (p + square / 2) / (1 + square)
        reach = np.sqrt(square * (p * (1 - p) + square / 4)) / (1 + square)
        low, high = middle - reach, middle + reach
    else:
        at_end = p * (1 - p) <= ROUNDING**2
        exact = base if effective is None else np.where(at_end, effective, base)
        low, high = _beta_ends(p, exact, tail)
        if method == "logit":
            with np.errstate(divide="ignore", invalid="ignore"):
                middle, reach = special.logit(p), quantile * np.sqrt(inverse / (p * (1 - p)))
                ends = special.expit([middle - reach, middle + reach])
            low, high = np.where(at_end, (low, high), ends)
    # Shares that everybody was made to meet have no spread, and one value that is sure.
    sure = np.isinf(base)
    low, high = np.where(sure, p, low), np.where(sure, p, high)
    # Nought has no lower end and all no upper one; arithmetic leaves 1e-17.
    low, high = np.where(p <= ROUNDING, 0.0, low), np.where(p >= 1 - ROUNDING, 1.0, high)
    return np.clip(np.stack([low, high]), 0.0, 1.0)


def _beta_ends(p: FloatArray, base: FloatArray, tail: FloatArray) -> tuple[FloatArray, FloatArray]:
    yes, no = p * base, (1 - p) * base
    with np.errstate(invalid="ignore"):
        low = np.where(yes > 0, special.betaincinv(yes, no + 1, tail), 0.0)
        high = np.where(no > 0, special.betainccinv(yes + 1, no, tail), 1.0)
    return low, high


def sides(p: FloatArray, inverse: FloatArray, alone: FloatArray, squares: FloatArray) -> Sides:
    """Take two groups that may overlap as two that do not, and the difference of their shares with them.

    Whoever is in both groups moves both shares alike, and cancels out but for the difference of what they
    weigh in each. So the difference is that of two samples without common members, times a scale: the people
    of the group with more of its own, against all others. A group and a total that holds it are the group
    and everybody else.

    Parameters
    ----------
    p, inverse
        Both groups' shares, and one over their effective bases; of shape (2, k).
    alone
        The part of each group's weight that the other group does not have; 1 where they do not overlap.
    squares
        The same of the squares of weights.
    """
    flip = alone[0] > alone[1]
    p, inverse, alone, squares = (
        np.where(flip, part[::-1], part) for part in (p, inverse, alone, squares)
    )
    smaller, larger = alone
    with np.errstate(divide="ignore", invalid="ignore"):
        common = np.where(smaller > 0, (larger * p[0] + smaller * p[1]) / (larger + smaller), p[0])
        second = np.clip((p[1] - (1 - larger) * common) / larger, 0.0, 1.0)
        first = np.clip(second + (p[0] - p[1]) / larger, 0.0, 1.0)
        weighed = ((larger - smaller) / (1 - smaller)) ** 2
        in_common = np.where(smaller < 1, (1 - squares[0]) * weighed, 0.0)
        bases = inverse * np.stack([squares[0] + in_common, squares[1]]) / larger**2
    p = np.stack([first, second])
    return Sides(np.where(flip, p[::-1], p), np.where(flip, bases[::-1], bases), larger)


class Sides(NamedTuple):
    """Two shares without common members, (2, k), one over their effective bases, and the scale, (k,)."""

    p: FloatArray
    inverse: FloatArray
    scale: FloatArray


def design_effect(p: FloatArray, inverse: FloatArray, variance: FloatArray) -> FloatArray:
    """Return how many times larger a difference's variance is than weights alone have it, of shape (k,).

    Formula
        g = V / (p1 q1 / e1 + p2 q2 / e2), of both groups together: clusters, what calibration saves, and
        weights that go with the answer. Where few answers tell it, it is averaged with 1, as in
        :func:`inverse_base`.
    """
    spread = p * (1 - p)
    by_weights = (spread * inverse).sum(axis=0)
    observed = np.divide(variance, by_weights, out=np.ones_like(variance), where=by_weights > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rarer = np.where(inverse > 0, np.minimum(p, 1 - p) / inverse, np.inf).min(axis=0)
    chance = chance_of(rarer)
    return np.asarray((1 - chance) * observed + chance)


def expected_answers(p: FloatArray, inverse: FloatArray) -> FloatArray:
    """Return the fewest answers of either sort that a group would have if both shares were one, (k,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        base = 1 / inverse
        pooled = np.nan_to_num((base * p).sum(axis=0) / base.sum(axis=0), nan=0.5)
    return np.asarray(base.min(axis=0) * np.minimum(pooled, 1 - pooled))


def score_statistic(difference: FloatArray, p: FloatArray, inverse: FloatArray) -> FloatArray:
    """Test whether two shares are `difference` apart: the statistic, of shape (k,).

    Formula
        z = (p1 - p2 - d) / sqrt(r1 (1 - r1) / m1 + r2 (1 - r2) / m2), with r1 and r2 = r1 - d the shares that
        are likeliest if d is true. At d = 0 both are the pooled share (m1 p1 + m2 p2) / (m1 + m2).

    Parameters
    ----------
    difference
        d, of shape (k,).
    p, inverse
        Both shares and one over their effective bases, of shape (2, k).

    References
    ----------
    Miettinen & Nurminen 1985; Rao & Scott 1984 on design effects.
    """
    r = _restricted(difference, p, inverse)
    variance = (np.clip(r * (1 - r), 0.0, None) * inverse).sum(axis=0)
    gap = p[0] - p[1] - difference
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(gap == 0, 0.0, gap / np.sqrt(variance)))


def _restricted(d: FloatArray, p: FloatArray, inverse: FloatArray) -> FloatArray:
    """Return the likeliest two shares that are d apart, (2, k): the root of a cubic, in closed form."""
    # The cubic of Miettinen and Nurminen in parts of the two bases: w is the first's.
    total = inverse.sum(axis=0)
    w = np.divide(inverse[1], total, out=np.full_like(d, 0.5), where=total > 0)
    v = 1 - w
    yes = w * p[0] + v * p[1]
    a = (w + 2 * v) * d - 1 - yes
    b = (v * d - 1 - 2 * v * p[1]) * d + yes
    c = v * p[1] * d * (1 - d)
    q = (a / 3) ** 3 - a * b / 6 + c / 2
    root = np.sqrt(np.maximum((a / 3) ** 2 - b / 3, 0.0)) * np.where(q < 0, -1.0, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = np.where(root == 0, 0.0, q / root**3)
    angle = (np.pi + np.arccos(np.clip(cosine, -1.0, 1.0))) / 3
    second = 2 * root * np.cos(angle) - a / 3
    second = np.clip(second, np.maximum(0.0, -d), np.minimum(1.0, 1 - d))
    return np.stack([second + d, second])


def score_difference(p: FloatArray, inverse: FloatArray, quantile: FloatArray) -> FloatArray:
    """Return both ends of the interval of p1 - p2, (2, k): the differences the test does not reject."""
    gap = p[0] - p[1]
    ends = []
    for limit in (-1.0, 1.0):
        near, far = gap.copy(), np.full_like(gap, limit)
        for _ in range(STEPS):
            middle = (near + far) / 2
            reached = np.abs(score_statistic(middle, p, inverse)) <= quantile
            near, far = np.where(reached, middle, near), np.where(reached, far, middle)
        ends.append(near)
    low, high = ends
    # Interval and test agree on zero to the last digit.
    clear = np.abs(score_statistic(np.zeros_like(gap), p, inverse)) > quantile
    low = np.where(
        clear & (gap > 0), np.maximum(low, ROUNDING), np.where(clear, low, np.minimum(low, 0.0))
    )
    high = np.where(
        clear & (gap < 0), np.minimum(high, -ROUNDING), np.where(clear, high, np.maximum(high, 0.0))
    )
    return np.stack([low, high])
