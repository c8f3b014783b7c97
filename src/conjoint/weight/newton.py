"""Newton's method on the dual of a calibration, for one set of starting weights or many at once.

Letters: C cells, p independent columns Z, R sets of starting weights d, u = Z lambda, w = d F(u).
No pandas here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjoint.typing import BoolArray, FloatArray, IntArray
    from conjoint.weight.distance import Curve
    from conjoint.weight.product import Products

__all__ = ["Solution", "solve"]

RIDGE = 1e-12
"""Added to the scaled Hessian, whose diagonal is one, so that it can always be inverted."""

HALVINGS = 30
ENOUGH = 1e-4
"""A step has to gain this part of what its direction promises (Armijo)."""

ROUNDING = 1e-13


@dataclass(frozen=True, eq=False, slots=True)
class Solution:
    """What Newton's method found.

    Parameters
    ----------
    factor
        w / d, of shape (C, R).
    multipliers
        lambda, of shape (p, R).
    met
        Which sets of weights meet the targets, of shape (R,).
    rounds
        Steps taken, the most of any set.
    """

    factor: FloatArray
    multipliers: FloatArray
    met: BoolArray
    rounds: int


@dataclass(eq=False, slots=True)
class _Point:
    """Where each set of weights stands: u and lambda, and what follows from them."""

    u: FloatArray
    multipliers: FloatArray
    factor: FloatArray
    slope: FloatArray
    gap: FloatArray
    dual: FloatArray

    def only(self, sets: BoolArray | IntArray) -> _Point:
        return _Point(*(getattr(self, name)[..., sets] for name in self.__slots__))

    def put(self, sets: IntArray | slice, other: _Point) -> None:
        for name in self.__slots__:
            getattr(self, name)[..., sets] = getattr(other, name)


def solve(
    products: Products,
    target: FloatArray,
    base: FloatArray,
    curve: Curve,
    *,
    start: FloatArray | None = None,
    tolerance: float,
    most_rounds: int = 60,
) -> Solution:
    """Find the weights nearest to the starting weights that meet targets.

    Formula
        min over lambda of sum d G(Z lambda) - t'lambda, G the integral of F (Deville & Sarndal
        1992). Its gradient is Z'w - t, its Hessian Z' diag(d F') Z. A step that does not bring the
        minimum nearer is halved.

    Parameters
    ----------
    products, target
        Z, known by its products, and t, of shape (p,).
    base
        Starting weights of cells, of shape (C, R).
    curve
        F and what goes with it.
    start
        lambda to begin with, of shape (p,); zero where None.
    tolerance
        The largest difference between Z'w and t.
    most_rounds
        Steps after which the targets count as unreachable.
    """
    sets = base.shape[1]
    first = np.zeros(products.size) if start is None else start
    multipliers = np.repeat(first[:, None], sets, axis=1)

    def evaluate(own: FloatArray, u: FloatArray, multipliers: FloatArray) -> _Point:
        value, slope, integral = curve.at(u)
        gap = target[:, None] - products.sums(own * value)
        dual = np.einsum("cr,cr->r", own, integral) - target @ multipliers
        return _Point(u, multipliers, value, slope, gap, dual)

    point = evaluate(base, products.along(multipliers), multipliers)
    found = Solution(np.ones_like(base), np.zeros_like(multipliers), np.zeros(sets, bool), 0)
    left, own, rounds, stuck = np.arange(sets), base, 0, np.zeros(sets, bool)
    while True:
        met = np.abs(point.gap).max(axis=0) <= tolerance
        over = met | stuck | (rounds == most_rounds)
        if over.any():
            found.factor[:, left[over]] = point.factor[:, over]
            found.multipliers[:, left[over]] = point.multipliers[:, over]
            found.met[left[over]] = met[over]
            left, own, point = left[~over], own[:, ~over], point.only(~over)
            if not len(left):
                return Solution(found.factor, found.multipliers, found.met, rounds)
        # Where F' is zero the Hessian is filled up by as much as is missed: it can be inverted, and the
        # last steps are Newton's (a Levenberg-Marquardt step).
        slope = point.slope + np.abs(point.gap).max(axis=0) if curve.flat else point.slope
        direction = _direction(products.hessians(own * slope), point.gap)
        stuck = _search(point, own, direction, products.along(direction), curve.longest, evaluate)
        rounds += 1


def _search(
    point: _Point,
    own: FloatArray,
    direction: FloatArray,
    along: FloatArray,
    longest: float,
    evaluate: Callable[[FloatArray, FloatArray, FloatArray], _Point],
) -> BoolArray:
    """Move `point` along its direction as far as it pays; which sets found no step that does."""
    reach = np.abs(along).max(axis=0)
    scale = np.minimum(1.0, longest / np.maximum(reach, np.finfo(float).tiny))
    promise = np.einsum("pr,pr->r", point.gap, direction)
    waiting = np.arange(own.shape[1])
    for _ in range(HALVINGS):
        if len(waiting) == own.shape[1]:
            weights, move, turn, before = own, along, direction, point
        else:
            weights, move = own[:, waiting], along[:, waiting]
            turn, before = direction[:, waiting], point.only(waiting)
        step = scale[waiting]
        there = evaluate(weights, before.u + step * move, before.multipliers + step * turn)
        slack = ROUNDING * (1 + np.abs(before.dual))
        gains = there.dual <= before.dual - ENOUGH * step * promise[waiting] + slack
        if gains.all() and len(waiting) == own.shape[1]:
            point.put(slice(None), there)
            return np.zeros(own.shape[1], dtype=bool)
        point.put(waiting[gains], there.only(gains))
        waiting = waiting[~gains]
        if not len(waiting):
            break
        scale[waiting] /= 2
    stuck = np.zeros(own.shape[1], dtype=bool)
    stuck[waiting] = True
    return stuck


def _direction(hessian: FloatArray, gap: FloatArray) -> FloatArray:
    """Solve for the Newton step of each set, (R, p, p) and (p, R) to (p, R)."""
    size = np.sqrt(np.diagonal(hessian, axis1=1, axis2=2))
    scale = np.divide(1.0, size, out=np.ones_like(size), where=size > 0)
    scaled = hessian * scale[:, :, None] * scale[:, None, :]
    scaled += RIDGE * np.eye(hessian.shape[1])
    step = np.linalg.solve(scaled, (gap.T * scale)[:, :, None])[:, :, 0]
    return np.asarray((step * scale).T)
