"""Replicates: a wave weighted again as often as its respondents are drawn again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import Fault, RequestError
from conjoint.weight.calibrate import Method, prepare
from conjoint.weight.check import read_constraints
from conjoint.weight.many import calibrate_many
from conjoint.weight.trim import cut_weights

if TYPE_CHECKING:
    from conjoint.typing import BoolArray, FloatArray
    from conjoint.wave import Wave

__all__ = ["replicate_weights"]


def replicate_weights(wave: Wave, factors: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Weight a wave again for every replicate, as it was weighted itself.

    Parameters
    ----------
    wave
        Its starting weights, times the factors, are what each replicate starts from; its own weights
        where it was not weighted to targets.
    factors
        How often each respondent is in each replicate, of shape (respondents, R): counts of a
        bootstrap; for a jackknife one, and zero for who is left out.

    Returns
    -------
    weights, met
        Of shape (respondents, R), a column summing to the number of respondents; and which replicates
        meet the targets, of shape (R,). A draw may miss a category altogether: the weights of such a
        replicate are NaN.

    Raises
    ------
    RequestError
        The factors do not fit the respondents.
    """
    n, made = wave.n_respondents, wave.calibration
    if factors.ndim != 2 or len(factors) != n or not (factors >= 0).all():
        expected = f"numbers of zero or more, of shape ({n}, replicates)"
        raise RequestError(Fault("factors", f"have the shape {factors.shape}", expected))
    start = wave.weights if made is None else made.start
    drawn = start[:, None] * factors
    if made is None or not made.targets.margins:
        met = np.asarray(drawn.sum(axis=0) > 0)
        weights = drawn
    else:
        method = Method(made.distance, made.bounds, made.limits if made.again else None)
        constraints, _ = read_constraints(
            wave.respondents, made.targets, wave.survey.segments, start
        )
        problem, curve = prepare(constraints, start, method)
        factor, met = calibrate_many(problem, problem.cells.sums(drawn), curve)
        weights = drawn * problem.cells.spread(factor)
    with np.errstate(invalid="ignore", divide="ignore"):
        weights *= n / weights.sum(axis=0)
    weights[:, ~met] = np.nan
    if made is not None and made.limits is not None and not made.again:
        _trim_each(weights, met, made.limits)
    return weights, met


def _trim_each(weights: FloatArray, met: BoolArray, limits: tuple[float, float]) -> None:
    """Cut the weights of each replicate in place, as one trim without meeting targets again does."""
    for place in np.flatnonzero(met):
        column = weights[:, place]
        alive = column > 0
        mean = column[alive].mean()
        column[alive] = cut_weights(column[alive] / mean, *limits) * mean
