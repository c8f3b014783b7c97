"""Replicates: a wave weighted again, as often as its respondents are drawn, or some of them left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import Fault, RequestError
from conjoint.weight.calibrate import Method, calibrate_weights, prepare
from conjoint.weight.check import read_constraints
from conjoint.weight.constraint import Shares, UnreachableError
from conjoint.weight.many import calibrate_many
from conjoint.weight.trim import cut_weights

if TYPE_CHECKING:
    from conjoint.typing import BoolArray, FloatArray, IntArray
    from conjoint.wave import Wave
    from conjoint.weight.constraint import Constraint

__all__ = ["Reweighting", "replicate_weights"]


class Reweighting:
    """How a wave was weighted, to be repeated with fewer people or with other targets.

    Targets, distance, bounds, starting weights and limits are those of the wave; a wave that was not
    weighted to targets keeps the weights it has.

    Parameters
    ----------
    wave
        Weighted or not.
    """

    def __init__(self, wave: Wave) -> None:
        calibration = wave.calibration
        self.start = wave.weights if calibration is None else calibration.start
        self.method, self.cut_to = Method(), None
        self.constraints: list[Constraint] = []
        if calibration is None:
            return
        self.method = Method(
            calibration.distance,
            calibration.bounds,
            calibration.limits if calibration.again else None,
        )
        self.cut_to = None if calibration.again else calibration.limits
        if calibration.targets.margins:
            self.constraints, _ = read_constraints(
                wave.respondents, calibration.targets, wave.survey.segments, self.start
            )

    def without(self, people: IntArray) -> FloatArray | None:
        """Weight the wave without some of its people, given by their positions.

        Returns
        -------
        numpy.ndarray
            Of shape (respondents,), zero for those left out; None where the targets cannot be met,
            such as when a category is empty.
        """
        start = self.start.copy()
        start[people] = 0.0
        return self._weights(self.constraints, start)

    def with_shares(self, margin: int, shares: FloatArray) -> FloatArray | None:
        """Weight the wave to other shares of one margin; None where the targets cannot be met."""
        constraints = list(self.constraints)
        changed = constraints[margin]
        assert isinstance(changed, Shares)  # noqa: S101  # a margin of shares, by its number
        constraints[margin] = replace(changed, shares=shares)
        return self._weights(constraints, self.start)

    def _weights(self, constraints: list[Constraint], start: FloatArray) -> FloatArray | None:
        total = start.sum()
        if not total > 0:
            return None
        weights = start * (len(start) / total)
        if constraints:
            try:
                weights = calibrate_weights(constraints, start, self.method).weights
            except UnreachableError:
                return None
        if (weights < 0).any():
            return None
        return weights if self.cut_to is None else _trimmed(weights, self.cut_to)


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
    n = wave.n_respondents
    if factors.ndim != 2 or len(factors) != n or not (factors >= 0).all():
        expected = f"numbers of zero or more, of shape ({n}, replicates)"
        raise RequestError(Fault("factors", f"have the shape {factors.shape}", expected))
    again = Reweighting(wave)
    drawn = again.start[:, None] * factors
    if not again.constraints:
        met = np.asarray(drawn.sum(axis=0) > 0)
        weights = drawn
    else:
        problem, curve = prepare(again.constraints, again.start, again.method)
        factor, met = calibrate_many(problem, problem.cells.sums(drawn), curve)
        weights = drawn * problem.cells.spread(factor)
    with np.errstate(invalid="ignore", divide="ignore"):
        weights *= n / weights.sum(axis=0)
    weights[:, ~met] = np.nan
    if again.cut_to is not None:
        for place in np.flatnonzero(met):
            weights[:, place] = _trimmed(weights[:, place], again.cut_to)
    return weights, met


def _trimmed(weights: FloatArray, limits: tuple[float, float]) -> FloatArray:
    """Cut weights as a trim does that does not meet the targets again."""
    alive = weights > 0
    mean = weights[alive].mean()
    trimmed = np.zeros_like(weights)
    trimmed[alive] = cut_weights(weights[alive] / mean, *limits) * mean
    return trimmed
