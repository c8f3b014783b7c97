"""Piecewise-linear curves through levels that are numbers, and where they cross zero."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import Fault, RequestError, choices

if TYPE_CHECKING:
    from conjoint.survey import Survey
    from conjoint.typing import FloatArray

__all__ = ["Crossing", "Line", "crossing", "numbers_of", "straightened"]

MOST = 1e12


def numbers_of(survey: Survey, name: str, argument: str) -> FloatArray:
    """The numbers of an attribute's levels, in the levels' order.

    Raises
    ------
    RequestError
        There is no such attribute, a level has no number, or two have the same.
    """
    if name not in survey.attributes:
        what, known = f'there is no attribute "{name}"', choices(survey.attributes)
        raise RequestError(Fault(argument, what, known, "Correct the name."))
    levels = survey.attributes[name].levels
    without = [level.value for level in levels if level.number is None]
    if without:
        what = f'the level(s) {choices(without)} of "{name}" have no number'
        numeric = [
            other
            for other, attribute in survey.attributes.items()
            if all(level.number is not None for level in attribute.levels)
        ]
        do = "Give each level its `number` in survey.toml."
        raise RequestError(Fault(argument, what, choices(numeric), do))
    numbers = np.array([level.number for level in levels], dtype=float)
    if len(np.unique(numbers)) < max(2, len(numbers)):
        what = f'levels of "{name}" share a number, or there is one alone'
        raise RequestError(Fault(argument, what, "two levels or more, each with its own number"))
    return numbers


@dataclass(frozen=True, eq=False, slots=True)
class Line:
    """A curve that is linear between knots and linear in figures.

    Parameters
    ----------
    knots
        Ascending, of shape (n,).
    rows
        Weights on figures that give the curve at each knot, of shape (n, k).
    """

    knots: FloatArray
    rows: FloatArray

    def at(self, x: float) -> FloatArray:
        """Weights on figures that give the curve at x, of shape (k,)."""
        place = int(np.clip(np.searchsorted(self.knots, x) - 1, 0, len(self.knots) - 2))
        low, high = self.knots[place], self.knots[place + 1]
        part = (x - low) / (high - low)
        return np.asarray((1 - part) * self.rows[place] + part * self.rows[place + 1])

    def inside(self, x: float) -> bool:
        """Whether x lies between the first and the last knot."""
        return bool(self.knots[0] <= x <= self.knots[-1])


def straightened(line: Line) -> Line:
    """The straight line nearest to the curve at its knots (ordinary least squares)."""
    X = np.column_stack([np.ones(len(line.knots)), line.knots - line.knots.mean()])
    projection = X @ np.linalg.solve(X.T @ X, X.T)
    return Line(line.knots, projection @ line.rows)


@dataclass(frozen=True, eq=False, slots=True)
class Crossing:
    """Where a curve is zero.

    Parameters
    ----------
    x
        NaN where it is nowhere zero between its first and last knot.
    gradient
        How x moves with each figure, of shape (k,).
    steepness
        The slope there over its standard error.
    low, high
        The ends of Fieller's set: all x at which the curve is not distinguishable from zero. Infinite
        where it reaches the last knot; NaN where it is empty.
    """

    x: float
    gradient: FloatArray
    steepness: float
    low: float
    high: float


def crossing(
    line: Line, values: FloatArray, covariance: FloatArray, start: float, t: float
) -> Crossing:
    """The zero of a curve that lies nearest to where it starts, with Fieller's set.

    Formula
        Fieller (1954): {x : h(x)^2 <= t^2 Var h(x)}. Between two knots h is linear in x, so that this is
        a quadratic inequality; the set is taken over all pieces, which a ratio of two figures of one
        piece alone would miss.
    """
    h = line.rows @ values
    V = line.rows @ covariance @ line.rows.T
    low, high = _set(line.knots, h, V, t)
    found = [
        (abs(x - start), piece, x)
        for piece in range(len(h) - 1)
        if h[piece] * h[piece + 1] <= 0 and h[piece] != h[piece + 1]
        for x in [_zero(line.knots, h, piece)]
    ]
    if not found:
        return Crossing(np.nan, np.zeros(len(values)), np.nan, low, high)
    _, piece, x = min(found)
    width = line.knots[piece + 1] - line.knots[piece]
    slope_row = (line.rows[piece + 1] - line.rows[piece]) / width
    slope = float(slope_row @ values)
    error = float(np.sqrt(max(slope_row @ covariance @ slope_row, 0.0)))
    part = (x - line.knots[piece]) / width
    row = (1 - part) * line.rows[piece] + part * line.rows[piece + 1]
    steepness = abs(slope) / error if error > abs(slope) / MOST else np.inf
    return Crossing(x, -row / slope, steepness, low, high)


def _zero(knots: FloatArray, h: FloatArray, piece: int) -> float:
    part = h[piece] / (h[piece] - h[piece + 1])
    return float(knots[piece] + part * (knots[piece + 1] - knots[piece]))


def _set(knots: FloatArray, h: FloatArray, V: FloatArray, t: float) -> tuple[float, float]:
    """The smallest and largest x with h^2 <= t^2 Var h; infinite at the ends of the curve."""
    inside: list[float] = []
    for piece in range(len(h) - 1):
        a, b = piece, piece + 1
        step, low = h[b] - h[a], knots[a]
        spread = V[a, a] + V[b, b] - 2 * V[a, b]
        # h^2 - t^2 Var h as a polynomial of the part of the way from knot a to knot b.
        polynomial = [
            step**2 - t**2 * spread,
            2 * (h[a] * step - t**2 * (V[a, b] - V[a, a])),
            h[a] ** 2 - t**2 * V[a, a],
        ]
        ends = [0.0, 1.0]
        roots = np.roots(polynomial) if np.any(polynomial) else np.zeros(0)
        ends += [
            float(root.real) for root in roots if abs(root.imag) < 1e-12 and 0 <= root.real <= 1
        ]
        ends.sort()
        for one, two in pairwise(ends):
            if np.polyval(polynomial, (one + two) / 2) <= 0:
                width = knots[b] - low
                inside += [low + one * width, low + two * width]
    if not inside:
        return np.nan, np.nan
    first, last = min(inside), max(inside)
    return (
        -np.inf if first <= knots[0] else float(first),
        np.inf if last >= knots[-1] else float(last),
    )
