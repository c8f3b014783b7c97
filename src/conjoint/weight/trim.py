"""Weights cut to limits, and the targets met again within them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import Fault, RequestError, TargetError
from conjoint.survey import Targets
from conjoint.wave import Calibration
from conjoint.weight.calibrate import Method
from conjoint.weight.check import read_constraints
from conjoint.weight.constraint import Mean, Shares
from conjoint.weight.diagnose import efficiency
from conjoint.weight.sample import labels_of, solve_targets

if TYPE_CHECKING:
    from conjoint.typing import FloatArray
    from conjoint.wave import Wave
    from conjoint.weight.constraint import Constraint

__all__ = ["cut_weights", "trim"]

MOST_CUTS = 10_000
"""Rounds of cutting and spreading; what is left to spread shrinks in each."""

AT_LIMIT = 1e-9
"""A weight this near to a limit, in parts of it, is held there."""


def trim(
    wave: Wave, *, lower: float | None = None, upper: float | None = None, again: bool = True
) -> Wave:
    """Cut a wave's smallest and largest weights, and meet its targets again within the limits.

    Formula
        With `again`, the weights nearest to the starting weights, in the distance the wave was
        weighted by, among those that meet every target and lie between the limits. Without, what is
        cut off is spread evenly over the weights that were not cut, until all lie between.

    Parameters
    ----------
    wave
        Weighted or not. Its weights count relative to a mean of one.
    lower, upper
        The smallest and largest weight, such as 0.3 and 3; either may be left open.
    again
        Whether the targets shall be met. Without, they are missed, and the calibration says by how
        much.

    Returns
    -------
    Wave
        Its ``calibration`` says what it cost: the share of respondents held at a limit, Kish's
        design effect before and after, and the largest miss of a target.

    Raises
    ------
    RequestError
        No limit, or limits that do not lie on either side of one.
    TargetError
        No weights between the limits meet the targets; it says what they would go to without.

    Notes
    -----
    A wave that was weighted by logit keeps its bounds, and raking within them takes logit's place.
    Who has no weight gets none. A wave without targets is trimmed as if `again` were False.

    References
    ----------
    Potter 1990; Deville & Sarndal 1992, their case 7. Without `again`, checked against trimWeights of
    R's survey (``strict = TRUE``).

    Examples
    --------
    >>> import pandas as pd, conjoint as cj
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 2, 2, 3, 3, 4, 4], "price": ["low", "high"] * 4, "bought": [1, 0] * 4,
    ...     "sex": ["F"] * 6 + ["M"] * 2, "design": [1, 1, 1, 1, 4, 4, 2, 2]})
    >>> wave = cj.Wave.from_frame(
    ...     frame, respondent="id", outcome="bought", attributes=["price"], weight="design",
    ...     segments=["sex"])
    >>> raked = cj.rake(wave, {"sex": {"F": 0.75, "M": 0.25}})
    >>> raked.weights.round(6).tolist(), trim(raked, upper=1.5).weights.round(6).tolist()
    ([0.5, 0.5, 2.0, 1.0], [0.75, 0.75, 1.5, 1.0])
    """
    low, high = _limits(lower, upper)
    weights, made = wave.weights, wave.calibration
    alive = weights > 0
    targets = made.targets if made is not None else Targets(())
    constraints: list[Constraint] = []
    if targets.margins:
        start = made.start if made is not None else weights
        constraints, faults = read_constraints(
            wave.respondents, targets, wave.survey.segments, start
        )
        if faults:
            raise TargetError(*faults)
    if again and constraints and made is not None:
        method = Method(made.distance, made.bounds, (low, high))
        solved = solve_targets(targets, constraints, made.start, method)
        changed = replace(
            made,
            cell=solved.cell,
            columns=solved.columns,
            drawn=solved.drawn,
            labels=labels_of(targets, solved),
            rounds=solved.rounds,
            discrepancy=solved.discrepancy,
            slope=solved.slope,
        )
        trimmed = solved.weights
    else:
        trimmed = np.zeros(len(weights))
        scale = len(weights) / weights.sum()
        mean = alive.sum() / len(weights)
        trimmed[alive] = cut_weights(weights[alive] * scale * mean, low, high) / mean
        changed = made or _untargeted(wave)
        miss = _largest_miss(constraints, trimmed, changed.start)
        changed = replace(changed, discrepancy=miss, again=False)
    size = trimmed[alive] / trimmed[alive].mean()
    held = (size <= low * (1 + AT_LIMIT)) | (size >= high * (1 - AT_LIMIT))
    calibration = replace(
        changed,
        limits=(low, high),
        trimmed=float(held.mean()),
        design_effect_before=efficiency(weights).design_effect,
        design_effect=efficiency(trimmed).design_effect,
    )
    return wave.with_weights(trimmed, calibration)


def cut_weights(weights: FloatArray, low: float, high: float, *, strict: bool = True) -> FloatArray:
    """Cut weights to limits, and spread what is cut off evenly over those that were not cut.

    Parameters
    ----------
    weights
        Of shape (n,), with a mean between the limits.
    low, high
        The smallest and largest weight.
    strict
        Again and again until all lie between the limits, which spreading once may lift some out of.
    """
    weights = np.asarray(weights, dtype=float)
    for _ in range(MOST_CUTS):
        outside = (weights < low) | (weights > high)
        if not outside.any():
            break
        cut = np.clip(weights, low, high)
        excess = (weights - cut).sum()
        inside = ~outside
        if not inside.any():
            inside = cut < high if excess > 0 else cut > low
        weights = np.where(inside, cut + excess / max(1, inside.sum()), cut)
        if not strict:
            return weights
    return np.clip(weights, low, high)


def _limits(lower: float | None, upper: float | None) -> tuple[float, float]:
    if lower is None and upper is None:
        raise RequestError(
            Fault("lower, upper", "there is no limit", "the smallest or largest weight, or both")
        )
    low, high = 0.0 if lower is None else float(lower), np.inf if upper is None else float(upper)
    if not 0 <= low < 1 < high:
        raise RequestError(
            Fault(
                "lower, upper",
                f"{low:g} and {high:g} do not lie on either side of 1",
                "limits on weights that have a mean of one, such as 0.3 and 3",
            )
        )
    return low, high


def _untargeted(wave: Wave) -> Calibration:
    """The calibration of a wave that was never weighted to anything."""
    cell = np.where(wave.weights > 0, 0, -1)
    price = efficiency(wave.weights).design_effect
    return Calibration(Targets(()), wave.weights, cell, np.zeros((1, 0)), design_effect_start=price)


def _largest_miss(constraints: list[Constraint], weights: FloatArray, start: FloatArray) -> float:
    """How far weights are from the targets, as `discrepancy` counts it."""
    misses = [0.0]
    for each in constraints:
        constraint = each.settled(start) if isinstance(each, Shares) else each
        own = np.ones(len(weights)) if constraint.members is None else constraint.members
        if isinstance(constraint, Mean) and constraint.unknown is not None:
            own = ~constraint.unknown
        share = own * weights / (own @ weights)
        if isinstance(constraint, Shares):
            reached = np.bincount(constraint.category(), share, len(constraint.shares) + 1)[:-1]
            misses.append(float(np.abs(reached - constraint.shares).max()))
        elif isinstance(constraint, Mean):
            mean = float(share @ constraint.values)
            spread = float(np.sqrt(share @ (constraint.values - mean) ** 2))
            misses.append(abs(mean - constraint.mean) / (spread or 1.0))
    return max(misses)
