"""Raking by proportional fitting: array functions that know no pandas.

Letters: n respondents, C cells, K margins, c_k categories of margin k.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.typing import FloatArray, IntArray

__all__ = ["fit_proportions"]


def fit_proportions(
    mass: FloatArray,
    categories: Sequence[tuple[IntArray, FloatArray]],
    *,
    tolerance: float,
    most_rounds: int,
) -> tuple[FloatArray, int]:
    """Fit weights of cells to margins, one margin after the other, round after round.

    Formula
        Each step multiplies the weights by target share over reached share (Deming & Stephan 1940).
        The limit is start * exp(sum of one term a category), the raking member of Deville &
        Sarndal's (1992) calibration family.

    Parameters
    ----------
    mass
        Weights of cells, of shape (C,), summing to one, with some weight in every category.
    categories
        For each margin the cells' categories, of shape (C,), and the shares, of shape (c_k,).
    tolerance
        Ends the rounds: no step of a round changed a category by more.
    most_rounds
        Ends the rounds too, whether the margins are met or not.

    Returns
    -------
    mass, rounds
        The fitted weights, of shape (C,), and how many rounds it took.
    """
    for done in range(most_rounds):
        worst = 0.0
        for codes, shares in categories:
            reached = np.bincount(codes, mass, len(shares))
            worst = max(worst, float(np.abs(reached - shares).max()))
            ratio = np.divide(shares, reached, out=np.zeros_like(shares), where=reached > 0)
            mass = mass * ratio[codes]
        if worst <= tolerance:
            return mass, done + 1
    return mass, most_rounds
