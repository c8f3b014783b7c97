"""Figures of small groups drawn towards the total, beside the raw ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import Fault, RequestError
from conjoint.estimates import stack
from conjoint.say.number import numeral
from conjoint.say.prompt import at_prompt
from conjoint.scenario.family import families

if TYPE_CHECKING:
    from conjoint.estimates import Estimates
    from conjoint.typing import FloatArray, IntArray

__all__ = ["Shrunken", "shrink"]

KEYS = ["outcome", "estimand", "attribute", "level", "baseline"]
"""What a group's figure shares with the total's."""

STEPS = 2000
"""Of the integral over how much groups differ."""


@dataclass(frozen=True, eq=False, repr=False)
class Shrunken:
    """Raw figures, and what they are with strength borrowed from the total.

    Parameters
    ----------
    figures
        The shrunken figures as linear combinations of raw ones, with their influence: their sampling
        variance alone, which leaves out that they are drawn aside. Intervals are those of `frame`.
    frame
        The raw figures' tidy frame; behind it ``total``, ``borrowed`` (the share of the figure that is
        the total's: 0 none, 1 all), ``between`` (the spread of groups around the total, as likely to be
        larger as smaller), ``shrunken``, ``shrunken_error`` and ``shrunken_low, shrunken_high``.
    """

    figures: Estimates
    frame: pd.DataFrame

    def __repr__(self) -> str:
        return at_prompt(f"<Shrunken: {len(self.frame)} figures>", self.frame, list(self.frame))

    def _repr_html_(self) -> str:
        return str(self.frame.to_html(index=False, float_format=lambda value: numeral(value, 4)))


def shrink(estimates: Estimates, total: Estimates) -> Shrunken:
    """Draw groups' figures towards the total, the more the less sure they are: empirical Bayes.

    Estimand
        That of the figures. The shrunken figure is nearer to the truth on average over many groups; for
        a group that is unlike the others it is further off. So it stands beside the raw one.
    Formula
        d = group - total, v = Var d (group and total share people, and v knows it), d normal around a
        group's own departure, and departures normal around zero with spread tau. borrowed is the mean
        of B = v / (v + tau^2) over what the groups' d say of tau, all tau alike beforehand (Gelman 2006):
        to put the likeliest tau in its place would be too sure of it, and at tau = 0 would give every
        group the total's narrow interval. shrunken = total + (1 - borrowed) d; each figure has its tau.
    Variance
        Mean squared error over groups: Var(total) + (1 - borrowed) v + 2 (1 - borrowed) Cov(d, total) +
        d^2 Var(B), the last for tau being unsure (Morris 1983).
    Units
        Those of the figures.

    Parameters
    ----------
    estimates
        Figures of two groups or more, such as ``support(wave, package, by="segments").figures``.
    total
        The same figures of everybody (``by=None``), of the same wave.

    Returns
    -------
    Shrunken

    Raises
    ------
    RequestError
        Fewer than two groups, figures of different waves, or one that the total does not have.

    References
    ----------
    Morris 1983, doi:10.1080/01621459.1983.10477920; Gelman 2006, doi:10.1214/06-BA117A. Checked by
    simulation (docs/scenarios.md).

    Examples
    --------
    >>> # shrink(support(wave, package, by="segments").figures, support(wave, package).figures).frame
    """
    if estimates.labels["group"].nunique() < 2:
        raise RequestError(Fault("shrink", "there is one group", "two groups or more", "Use by=."))
    place = _places(estimates, total)
    both = stack([estimates, total])
    k = len(estimates)
    matrix = np.zeros((2 * k, len(both)))
    rows = np.arange(k)
    matrix[rows, rows], matrix[rows, k + place] = 1.0, -1.0
    matrix[k + rows, k + place] = 1.0
    labels = pd.concat([estimates.labels] * 2, ignore_index=True)
    parts = both.contrast(matrix, labels, "shrink")
    d, covariance = parts.values[:k], parts.covariance
    v, shared = np.diag(covariance)[:k], np.diagonal(covariance, offset=k)
    borrowed, unsure, between = np.zeros(k), np.zeros(k), np.zeros(k)
    for _, own in families(estimates.labels, KEYS):
        sure = own[v[own] > 0]
        if len(sure) > 1:  # one group alone says nothing of how much groups differ
            borrowed[sure], unsure[sure], between[sure] = _borrowing(d[sure], v[sure])
    kept = 1 - borrowed
    spread = np.diag(covariance)[k:] + kept * v + 2 * kept * shared + d**2 * unsure
    error = np.sqrt(np.maximum(spread, 0.0))
    combined = np.hstack([np.diag(kept), np.eye(k)])
    figures = parts.contrast(combined, estimates.labels, "shrink")
    return Shrunken(
        figures, _frame(estimates, figures.values, parts.values[k:], borrowed, between, error)
    )


def _borrowing(d: FloatArray, v: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Mean and variance of v / (v + tau^2) over tau, and the median of tau."""
    part = (np.arange(STEPS) + 0.5) / STEPS
    tau = np.sqrt(max(v.mean(), float(np.mean(d**2)))) * part / (1 - part)
    total = v[:, None] + tau**2
    fit = -0.5 * (np.log(total) + d[:, None] ** 2 / total).sum(axis=0)
    chance = np.exp(fit - fit.max()) / (1 - part) ** 2
    chance /= chance.sum()
    B = v[:, None] / total
    mean = B @ chance
    median = tau[int(np.searchsorted(np.cumsum(chance), 0.5))]
    return mean, (B - mean[:, None]) ** 2 @ chance, float(median)


def _places(estimates: Estimates, total: Estimates) -> IntArray:
    """Where each figure's total stands."""
    known = list(total.labels[KEYS].itertuples(index=False, name=None))
    wanted = list(estimates.labels[KEYS].itertuples(index=False, name=None))
    if len(set(known)) < len(known):
        raise RequestError(Fault("total", "it has several groups", "figures with by=None"))
    missing = [key for key in wanted if key not in set(known)]
    if missing:
        what = f"it has no figure for {dict(zip(KEYS, missing[0], strict=True))}"
        raise RequestError(Fault("total", what, "the same figures of everybody"))
    return np.array([known.index(key) for key in wanted], dtype=np.intp)


def _frame(
    estimates: Estimates,
    values: FloatArray,
    total: FloatArray,
    borrowed: FloatArray,
    between: FloatArray,
    error: FloatArray,
) -> pd.DataFrame:
    frame = estimates.frame
    # As wide, in standard errors, as the raw figures' intervals.
    raw = frame["std_error"].to_numpy()
    reach = (frame["conf_high"] - frame["estimate"]).to_numpy() / np.where(raw > 0, raw, np.nan)
    return frame.assign(
        total=total,
        borrowed=borrowed,
        between=between,
        shrunken=values,
        shrunken_error=error,
        shrunken_low=values - reach * error,
        shrunken_high=values + reach * error,
    )
