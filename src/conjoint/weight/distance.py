"""Distances between weights and those they start from (Deville & Sarndal 1992).

A calibrated weight is the starting weight times F(u), where u is linear in what the targets are
about. Each distance is known by F, its derivative, its integral (the dual problem minimises it) and
its inverse. Arrays of any shape; no pandas here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjoint.typing import Distance, FloatArray

__all__ = ["Curve", "curve_of", "cut"]

LONGEST = 5.0
"""How far one Newton step may move the logarithm of a weight: 150 times as much, or as little."""


@dataclass(frozen=True, eq=False, slots=True)
class Curve:
    """What a distance makes of u.

    Parameters
    ----------
    at
        u to F(u), F'(u) and the integral of F up to u, whatever its constant.
    inverse
        F to u; infinite where no u gives the F.
    longest
        The longest step in u that can be trusted.
    flat
        Whether F' is zero somewhere, so that nothing says how far a step may go.
    """

    at: Callable[[FloatArray], tuple[FloatArray, FloatArray, FloatArray]]
    inverse: Callable[[FloatArray], FloatArray]
    longest: float = np.inf
    flat: bool = False


def curve_of(distance: Distance, bounds: tuple[float, float] | None = None) -> Curve:
    """Give the curve of a distance, within bounds on weight over starting weight.

    Parameters
    ----------
    distance
        "raking": F = exp(u). "linear": F = 1 + u. "logit": F runs smoothly from one bound to the
        other, so it needs them.
    bounds
        One on each side of 1. "raking" and "linear" are cut off at them, as in R's survey.
    """
    if distance == "logit":
        if bounds is None:
            raise ValueError("the logit distance needs bounds")
        return _logit(*bounds)
    curve = RAKING if distance == "raking" else LINEAR
    return curve if bounds is None else cut(curve, np.array(bounds[0]), np.array(bounds[1]))


def cut(curve: Curve, low: FloatArray, high: FloatArray) -> Curve:
    """Cut F off at limits, numbers or one a row of u; its integral goes on as a straight line."""
    bottom, top = curve.inverse(low), curve.inverse(high)

    def at(u: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        held = np.clip(u, bottom, top)
        value, slope, integral = curve.at(held)
        value = np.clip(value, low, high)
        return value, np.where(u == held, slope, 0.0), integral + (u - held) * value

    return Curve(at, curve.inverse, min(curve.longest, LONGEST), flat=True)


def _raking(u: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    value = np.exp(u)
    return value, value, value


def _logarithm(factor: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(factor))


def _linear(u: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    return 1 + u, np.ones_like(u), u + u**2 / 2


RAKING = Curve(_raking, _logarithm, LONGEST)
LINEAR = Curve(_linear, lambda factor: factor - 1)


def _logit(low: float, high: float) -> Curve:
    """Case 6 of Deville & Sarndal, by way of tanh so that nothing overflows."""
    width = high - low
    steep = width / ((1 - low) * (high - 1))
    shift = np.log((1 - low) / (high - 1))

    def at(u: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        score = steep * u + shift
        part = (1 + np.tanh(score / 2)) / 2
        integral = low * u + width / steep * np.logaddexp(0, score)
        return low + width * part, steep * width * part * (1 - part), integral

    def inverse(factor: FloatArray) -> FloatArray:
        inner = np.clip(factor, low, high)
        return np.asarray((_logarithm(inner - low) - _logarithm(high - inner) - shift) / steep)

    return Curve(at, inverse, LONGEST / steep)
