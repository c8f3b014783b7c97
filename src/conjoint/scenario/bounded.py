"""Means of a logistic curve over what a package leaves out, exact and with their derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.typing import FloatArray, IntArray

__all__ = ["Mixture", "Part", "mean_logistic"]

STEP, NODES = 0.05, 240
"""Of the sum that stands for the integral: the same in assets/algebra.js."""

T = STEP * (np.arange(NODES) + 0.5)
KERNEL = STEP / np.sinh(np.pi * T)


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """Attributes whose levels are drawn together, independently of all others.

    Parameters
    ----------
    cells
        The model's cells that each combination adds up, of shape (n, blocks).
    share
        How often each combination is drawn, of shape (n,).
    sign
        -1 for an opponent's, which is taken off.
    """

    cells: IntArray
    share: FloatArray
    sign: float = 1.0


Mixture = list[tuple[float, list[Part]]]
"""Which attributes are shown together, how often, and the parts of such profiles."""


def mean_logistic(
    worth: FloatArray, intercept: float, mixture: Sequence[tuple[float, list[Part]]], *, even: bool
) -> tuple[float, float, FloatArray]:
    """Return the mean of F(intercept + worth of the cells drawn), with its derivatives.

    Formula
        F(x) = 1/2 + integral over t > 0 of sin(tx) / sinh(pi t) (Gradshteyn & Ryzhik 3.981), so the mean is
        1/2 + integral of Im phi(t) / sinh(pi t), phi the characteristic function of x: a product over parts, so
        that thousands of combinations cost no more than the cells they are made of. The integral is a sum
        at steps of 0.05, to within exp(|x| - 125).

    Parameters
    ----------
    worth
        Of all the model's cells, of shape (all cells,).
    even
        Whether the intercept is what standing first is worth: the mean of both orders.

    Returns
    -------
    float, float, numpy.ndarray
        The mean, and its derivative by the intercept and by the worth of each cell, of shape (all cells,).
    """
    if even:
        start, moved = np.cos(T * intercept) + 0j, -T * np.sin(T * intercept) + 0j
    else:
        start = np.exp(1j * T * intercept)
        moved = 1j * T * start
    value, by_intercept, by_cell = 0.5, 0.0, np.zeros(len(worth))
    for weight, parts in mixture:
        turns = [
            np.exp(1j * part.sign * np.multiply.outer(worth[part.cells].sum(axis=1), T))
            for part in parts
        ]
        each = [part.share @ turn for part, turn in zip(parts, turns, strict=True)]
        before = [np.ones(NODES, dtype=complex)]
        for own in each:
            before.append(before[-1] * own)
        value += weight * float(KERNEL @ (start * before[-1]).imag)
        by_intercept += weight * float(KERNEL @ (moved * before[-1]).imag)
        after = start
        for place in range(len(parts) - 1, -1, -1):
            part, others = parts[place], before[place] * after
            slopes = (turns[place] * others).real @ (KERNEL * T)
            own_slopes = weight * part.sign * part.share * slopes
            np.add.at(by_cell, part.cells, own_slopes[:, None])
            after = after * each[place]
    return min(max(value, 0.0), 1.0), by_intercept, by_cell
