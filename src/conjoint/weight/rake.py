"""The raking kernel: array functions that know no pandas.

Letters: n respondents, K margins, c_k categories of margin k.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.typing import FloatArray, IntArray

__all__ = ["RakeError", "Raked", "rake_weights"]


@dataclass(frozen=True, slots=True)
class Raked:
    """Weights, of shape (n,), summing to n; the rounds it took, and the largest miss left."""

    weights: FloatArray
    rounds: int
    discrepancy: float


class RakeError(ArithmeticError):
    """The margins cannot all be met.

    `margin` is the one that is furthest from its target, and `discrepancy` how far each category
    is (share reached minus share wanted). `empty` says that a wanted category has no weight at all.
    """

    def __init__(self, margin: int, discrepancy: FloatArray, *, empty: bool) -> None:
        self.margin, self.discrepancy, self.empty = margin, discrepancy, empty
        super().__init__(f"margin {margin} is off by {np.abs(discrepancy).max():.2g}")


def rake_weights(
    codes: Sequence[IntArray],
    targets: Sequence[FloatArray],
    start: FloatArray,
    *,
    tolerance: float = 1e-10,
    most_rounds: int = 2000,
) -> Raked:
    """Rake weights to margins by iterative proportional fitting.

    Formula
        Each round multiplies the weights by target share over reached share, margin after margin
        (Deming & Stephan 1940). The result is start * exp(sum of one term a category), the raking
        member of Deville & Sarndal's (1992) calibration family.

    Parameters
    ----------
    codes
        K arrays of shape (n,): each respondent's category, from 0.
    targets
        K arrays of shape (c_k,): shares, each summing to one.
    start
        Weights to begin with, of shape (n,), not negative.
    tolerance
        The largest difference between a reached share and its target, in any category of any margin.
    most_rounds
        Rounds after which the margins count as contradictory.

    Raises
    ------
    RakeError
        A category is wanted but empty, or the margins are not all met after `most_rounds`.
        Converged means met: there is no other way out.
    """
    # Respondents alike in every margin move together, so the rounds run over their cells.
    cells, member = np.unique(np.stack(codes, axis=1), axis=0, return_inverse=True)
    member = member.ravel()
    base = np.bincount(member, weights=start, minlength=len(cells))
    mass = base / base.sum()
    columns = [np.ascontiguousarray(cells[:, k]) for k in range(len(codes))]
    for k, (column, target) in enumerate(zip(columns, targets, strict=True)):
        reached = np.bincount(column, weights=mass, minlength=len(target))
        if ((reached <= 0) & (target > 0)).any():
            raise RakeError(k, reached - target, empty=True)
    worst = np.inf
    for done in range(most_rounds + 1):
        misses = [
            np.bincount(column, weights=mass, minlength=len(target)) - target
            for column, target in zip(columns, targets, strict=True)
        ]
        worst = max(float(np.abs(miss).max()) for miss in misses)
        if worst <= tolerance:
            factor = np.divide(mass, base, out=np.zeros_like(mass), where=base > 0)
            weights = start * factor[member]
            return Raked(weights * (len(weights) / weights.sum()), done, worst)
        if done == most_rounds:
            break
        for column, target in zip(columns, targets, strict=True):
            reached = np.bincount(column, weights=mass, minlength=len(target))
            ratio = np.divide(target, reached, out=np.zeros_like(target), where=reached > 0)
            mass = mass * ratio[column]
    furthest = int(np.argmax([np.abs(miss).max() for miss in misses]))
    raise RakeError(furthest, misses[furthest], empty=False)
