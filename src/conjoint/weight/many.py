"""Calibration of many sets of starting weights at once, for replicates. No pandas here.

Letters: n respondents, C cells, p independent columns, R replicates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conjoint.weight.calibrate import TOLERANCE
from conjoint.weight.newton import solve
from conjoint.weight.product import Sparse

if TYPE_CHECKING:
    from conjoint.typing import BoolArray, FloatArray
    from conjoint.weight.constraint import Problem
    from conjoint.weight.distance import Curve

__all__ = ["calibrate_many"]

CHUNK = 1 << 17
"""Cells times replicates in one go: what a processor's cache holds a few times over."""


def calibrate_many(
    problem: Problem,
    base: FloatArray,
    curve: Curve,
    *,
    tolerance: float = TOLERANCE,
) -> tuple[FloatArray, BoolArray]:
    """Calibrate many sets of starting weights to the same constraints.

    Parameters
    ----------
    problem, curve
        As :func:`conjoint.weight.calibrate.prepare` sets them up for the weights of everybody.
    base
        Starting weights of cells, of shape (C, R), a replicate a column; their scale does not matter.
    tolerance
        The largest miss, as for one set of weights.

    Returns
    -------
    factor, met
        What to multiply the starting weights by, of shape (C, R), so that weights sum to one; and
        which replicates meet every constraint, of shape (R,). The factors of others are NaN.

    Notes
    -----
    Replicates start from the solution for everybody. Columns that follow from others do so in every
    replicate, so only the independent ones are looked at.
    """
    target, tolerance = problem.target_of(problem.base), tolerance / 10
    whole = solve(problem.products, target, problem.base[:, None], curve, tolerance=tolerance)
    start = whole.multipliers[:, 0] if whole.met[0] else None
    factor = np.full(base.shape, np.nan)
    met = _occupied(problem, base)
    products = Sparse(problem.basis)
    places = np.flatnonzero(met)
    # Targets that hang on the draw are those of one draw.
    step = 1 if problem.retained else max(1, CHUNK // len(base))
    for first in range(0, len(places), step):
        own = places[first : first + step]
        total = base[:, own].sum(axis=0)
        part = base[:, own] / total
        if problem.retained:
            target = problem.target_of(part[:, 0])
        found = solve(products, target, part, curve, start=start, tolerance=tolerance)
        good = found.met
        factor[:, own[good]] = (found.factor / total)[:, good]
        met[own] = good
    return factor, met


def _occupied(problem: Problem, base: FloatArray) -> BoolArray:
    """Which replicates have weight in every category that has a share, of shape (R,)."""
    from scipy import sparse

    there = np.asarray(base.sum(axis=0) > 0)
    cells = np.arange(len(base))
    for (codes, shares), needed in zip(problem.categories, problem.needed, strict=True):
        shape = (len(shares) + 1, len(base))
        table = sparse.csr_array((np.ones(len(base)), (codes, cells)), shape=shape)
        there &= (np.asarray(table @ base)[:-1][needed] > 0).all(axis=0)
    return there
