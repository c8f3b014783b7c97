"""Figures corrected for errors of choice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import Fault, RequestError, choices
from conjoint.estimates import Estimates, stack

if TYPE_CHECKING:
    from conjoint.typing import IntArray

__all__ = ["corrected"]

SHARES = (
    "marginal mean",
    "joint mean",
    "choice-level mean",
    "choice share",
    "population marginal mean",
)
"""Shares of choices: errors turn a share m into m (1 - tau) + (1 - m) tau."""
CHANGES = (
    "amce",
    "choice-level amce",
    "population amce",
    "acie",
    "amie",
    "average component preference",
)
"""Differences of shares, and shares less one half: errors shrink them by 1 - 2 tau."""


def corrected(estimates: Estimates, reliability: Estimates) -> Estimates:
    """Marginal means and AMCEs of a forced choice as they would be had nobody erred.

    Estimand
        The share of choices (or the change in it) that would be observed if tau were zero, on the
        assumptions of :func:`conjoint.reliability`.
    Formula
        mean* = (mean - tau) / (1 - 2 tau) for shares; amce* = amce / (1 - 2 tau) for differences.
    Variance
        Delta method over figure and tau together, from both their influences: that the same people
        move both is in it. (projoint 1.1.3 takes the covariance of the two from the repeated task's
        answers, not clustered, and the uncorrected figure's degrees of freedom.) Figures of a group
        share its one tau, which the covariance of the corrected figures knows.
    Units
        Those of the figures. A corrected share can fall outside 0 to 1, where it and tau are noisy.
    Restricted designs
        As the figures.

    Parameters
    ----------
    estimates
        From :func:`conjoint.marginal_means`, :func:`conjoint.joint_means`, :func:`conjoint.amce` or
        another estimator of shares of choices and of their differences.
    reliability
        From :func:`conjoint.reliability`, of the same wave, with the same `by` and variance. There is
        one tau a group, and in a small group it is noisy: show it with its interval.

    Returns
    -------
    Estimates
        The same rows; the estimand is ``"corrected marginal mean"``, ``"corrected amce"`` and so on.
        Baselines stay fixed at zero. A group without a tau is NaN, with the reason in `note`.

    Raises
    ------
    RequestError
        A figure is of another kind, or its outcome and group have no tau. Differences between groups
        are made of corrected figures: ``differences(corrected(...), reference=...)``.

    References
    ----------
    As :func:`conjoint.reliability`. Checked against projoint 1.1.3, and against a jackknife over
    respondents.

    Examples
    --------
    >>> # tau = cj.reliability(wave, by="segments")
    >>> # cj.corrected(cj.marginal_means(wave, by="segments", outcome="choice"), tau)
    """
    kinds = estimates.labels["estimand"]
    unknown = sorted(set(kinds) - {*SHARES, *CHANGES})
    if unknown:
        raise RequestError(_not_correctable(unknown[0]))
    tau = _tau_of_each(estimates, reliability)
    values, error = estimates.values, reliability.values[tau]
    stretch = 1 / (1 - 2 * error)
    share = kinds.isin(SHARES).to_numpy()
    k = len(estimates)
    jacobian = np.zeros((k, k + len(reliability)))
    jacobian[np.arange(k), np.arange(k)] = stretch
    jacobian[np.arange(k), k + tau] = np.where(share, 2 * values - 1, 2 * values) * stretch**2
    joint = stack([estimates, reliability]).derive(
        np.where(share, values - error, values) * stretch,
        jacobian,
        estimates.labels.assign(estimand="corrected " + kinds),
        "corrected",
    )
    options = estimates.specification.options + reliability.specification.options
    return replace(
        joint,
        specification=replace(joint.specification, options=options),
        basis=estimates.basis,
    )


def _tau_of_each(estimates: Estimates, reliability: Estimates) -> IntArray:
    """For each figure the row of its outcome's and group's tau."""
    told = reliability.labels
    place = {
        (row.outcome, row.group): position
        for position, row in enumerate(told.itertuples())
        if row.estimand == "tau"
    }
    keys = list(zip(estimates.labels["outcome"], estimates.labels["group"], strict=True))
    missing = [key for key in dict.fromkeys(keys) if key not in place]
    if missing:
        outcome, group = missing[0]
        raise RequestError(
            Fault(
                "reliability",
                f'there is no tau of outcome "{outcome}", group "{group}"',
                choices(f'outcome "{own}", group "{other}"' for own, other in place),
                "Estimate both with the same `by`, and select(outcome=...) a forced choice.",
            )
        )
    tau = np.array([place[key] for key in keys], dtype=np.intp)
    other = np.flatnonzero(reliability.design[tau] != estimates.design)
    if len(other):
        group = estimates.labels["group"].iloc[other[0]]
        mine, theirs = estimates.design[other[0]], reliability.design[tau[other[0]]]
        raise RequestError(
            Fault(
                "reliability",
                f'group "{group}" has {theirs} respondents there and {mine} in the estimates',
                "the same groups",
                "Estimate both with the same `by`.",
            )
        )
    return tau


def _not_correctable(estimand: str) -> Fault:
    if estimand.endswith("difference"):
        return Fault(
            "estimates",
            "differences between groups have a tau on either side",
            "the groups' own figures",
            "Correct first: differences(corrected(...), reference=...).",
        )
    return Fault("estimates", f'"{estimand}" cannot be corrected', choices((*SHARES, *CHANGES)))
