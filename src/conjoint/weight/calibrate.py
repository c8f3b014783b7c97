"""Calibration: the weights nearest to the start that meet every target. No pandas here.

Letters: n respondents, C cells, p independent columns, R replicates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from conjoint.weight.constraint import Problem, Shares, pose
from conjoint.weight.distance import RAKING, curve_of, cut
from conjoint.weight.newton import Solution, solve
from conjoint.weight.rake import fit_proportions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.typing import Distance, FloatArray, IntArray
    from conjoint.weight.constraint import Constraint
    from conjoint.weight.distance import Curve
    from conjoint.weight.product import Products

__all__ = ["TOLERANCE", "Calibrated", "Method", "calibrate_weights", "prepare", "rake_weights"]

TOLERANCE = 1e-10
"""The largest miss of a target: part of all weight, or of a standard deviation for a mean."""

FITTED = 5
"""Rounds of proportional fitting before Newton's method takes over. They come near from any start; then
a step of Newton's, no dearer than two or three rounds, doubles the digits, where margins that hang
together would need hundreds of rounds."""

EXTREME = 1e-9
"""Weights as small a part of their start may be on their way to zero: then one more step of Newton's
method, which by then moves nothing else, makes them smaller by about a factor of e."""

ON_THE_WAY = 0.1
"""A step in the logarithm of a weight that is none of rounding's."""


@dataclass(frozen=True, eq=False, slots=True)
class Calibrated:
    """Weights that meet their targets.

    Parameters
    ----------
    weights
        Of shape (n,), summing to n.
    slope
        How readily each weight moves: d F'(u) where the weight is d F(u), on the weights' scale; zero
        for those held at a limit.
    rounds
        Rounds of proportional fitting and steps of Newton's method.
    discrepancy
        The largest miss left: part of all weight, or of a standard deviation for a mean.
    problem
        The constraints on cells.
    """

    weights: FloatArray
    slope: FloatArray
    rounds: int
    discrepancy: float
    problem: Problem

    @property
    def cell(self) -> IntArray:
        """Each respondent's cell, of shape (n,); -1 for those without weight."""
        return self.problem.cells.member

    @property
    def columns(self) -> FloatArray:
        """What each cell counts for in the constraints, linearly independent, of shape (C, p)."""
        return self.problem.basis * self.problem.scale[self.problem.kept]

    @property
    def drawn(self) -> FloatArray | None:
        """How each cell moves the targets that hang on the sample, (C, p); None where none does."""
        moved = self.problem.drawn()
        return None if moved is None else moved * self.problem.scale[self.problem.kept]

    @property
    def origin(self) -> list[tuple[int, int]]:
        """The constraint each column is of, -1 for the total, and which of its categories."""
        kept = self.problem.kept
        owner, place = self.problem.owner[kept].tolist(), self.problem.place[kept].tolist()
        return list(zip(owner, place, strict=True))


@dataclass(frozen=True, eq=False, slots=True)
class Method:
    """How weights are moved.

    Parameters
    ----------
    distance
        What is kept small between weights and start.
    bounds
        The smallest and largest weight over starting weight, both scaled to the same sum.
    limits
        The smallest and largest weight itself, the mean weight being one. They win where bounds
        would take a weight out of them. Under limits the logit distance gives way to raking within
        its bounds: its curve has no place for a second pair.
    """

    distance: Distance = "raking"
    bounds: tuple[float, float] | None = None
    limits: tuple[float, float] | None = None

    def curve(self, size: FloatArray | None = None) -> Curve:
        """F for cells whose members start with `size`, of shape (C,), the mean being one."""
        if self.limits is None or size is None:
            return curve_of(self.distance, self.bounds)
        lowest, highest = self.bounds or (-np.inf, np.inf)
        bottom, top = self.limits[0] / size[:, None], self.limits[1] / size[:, None]
        low, high = np.clip(lowest, bottom, top), np.clip(highest, bottom, top)
        return cut(curve_of("raking" if self.distance == "logit" else self.distance), low, high)


def prepare(
    constraints: Sequence[Constraint], start: FloatArray, method: Method
) -> tuple[Problem, Curve]:
    """Set a calibration up: its cells, and the curve on them."""
    if method.limits is None:
        return pose(constraints, start), method.curve()
    code = np.unique(start, return_inverse=True)[1]
    problem = pose(constraints, start, [code.ravel()])
    size = start[problem.cells.first] * (np.count_nonzero(start) / start.sum())
    return problem, method.curve(size)


def calibrate_weights(
    constraints: Sequence[Constraint],
    start: FloatArray,
    method: Method | None = None,
    *,
    tolerance: float = TOLERANCE,
) -> Calibrated:
    """Calibrate weights to constraints.

    Parameters
    ----------
    constraints
        Shares of categories and means of numbers that the weights shall have.
    start
        Weights to begin with, of shape (n,), not negative; their scale does not matter.
    method
        Distance and bounds; raking without bounds where None.
    tolerance
        The largest miss of any constraint, those included that follow from others.

    Raises
    ------
    UnreachableError
        No weights were found that meet every constraint. Converged means met.
    """
    method = method or Method()
    problem, curve = prepare(constraints, start, method)
    mass, rounds = problem.base, 0
    plainly_raked = curve is RAKING and problem.plain
    if plainly_raked and np.abs(problem.misses(mass)).max() > tolerance:
        mass, rounds = fit_proportions(
            mass, problem.categories, tolerance=tolerance / 10, most_rounds=FITTED
        )
    begun, products, target = mass[:, None], problem.products, problem.target[problem.kept]
    found = solve(products, target, begun, curve, tolerance=tolerance / 10)
    factor = found.factor[:, 0] * (mass / problem.base)
    mass = problem.base * factor
    discrepancy = float(np.abs(problem.misses(mass)).max())
    met = bool(found.met[0]) and discrepancy <= tolerance
    vanishing = (
        met and factor.min() < EXTREME and _on_the_way(found, products, target, begun, curve)
    )
    if not met or vanishing:
        raise problem.furthest(mass, vanishing=vanishing)
    slope = curve.at(products.along(found.multipliers))[1][:, 0] * (begun[:, 0] / problem.base)
    weights = start * problem.cells.spread(factor)
    scale = len(weights) / weights.sum()
    slope = start * problem.cells.spread(slope) * scale
    return Calibrated(weights * scale, slope, rounds + found.rounds, discrepancy, problem)


def _on_the_way(
    found: Solution, products: Products, target: FloatArray, begun: FloatArray, curve: Curve
) -> bool:
    """Whether some weights would go on to zero: the targets are then met in the limit alone."""
    if curve is not RAKING:
        return False
    start = found.multipliers[:, 0]
    after = solve(products, target, begun, curve, start=start, tolerance=0.0, most_rounds=1)
    moved = np.log(after.factor) - np.log(found.factor)
    return bool(np.abs(moved).max() > ON_THE_WAY)


def rake_weights(
    codes: Sequence[IntArray],
    targets: Sequence[FloatArray],
    start: FloatArray,
    *,
    tolerance: float = TOLERANCE,
) -> Calibrated:
    """Rake weights to the shares of categories: codes and shares, margin by margin."""
    constraints = [Shares(code, share) for code, share in zip(codes, targets, strict=True)]
    return calibrate_weights(constraints, start, tolerance=tolerance)
