"""Figures of small groups drawn towards the total, beside the raw ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import Fault, RequestError
from conjoint.estimates import stack
from conjoint.scenario.family import families

if TYPE_CHECKING:
    from conjoint.estimates import Estimates
    from conjoint.typing import FloatArray, IntArray

__all__ = ["Shrunken", "shrink"]

KEYS = ["outcome", "estimand", "attribute", "level", "baseline"]
FAMILY = ["outcome", "estimand"]


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
        the total's: 0 none, 1 all), ``between`` (the spread of groups around the total), ``shrunken``,
        ``shrunken_error`` and ``shrunken_low, shrunken_high``.
    """

    figures: Estimates
    frame: pd.DataFrame

    def __repr__(self) -> str:
        return f"<Shrunken: {len(self.frame)} figures>"

    def _repr_html_(self) -> str:
        return str(self.frame.to_html(index=False, float_format=lambda value: f"{value:.4f}"))


def shrink(estimates: Estimates, total: Estimates) -> Shrunken:
    """Draw groups' figures towards the total, the more the less sure they are: empirical Bayes.

    Estimand
        That of the figures. The shrunken figure is nearer to the truth on average over many groups; for
        a group that is unlike the others it is further off. So it stands beside the raw one.
    Formula
        d = group - total, v = Var d (group and total share people, and v knows it); the groups' own d vary
        around zero with variance tau^2 = max(0, mean(d^2 - v)) over all figures of an outcome and
        estimand. borrowed = v / (v + tau^2); shrunken = total + (1 - borrowed) d.
    Variance
        Mean squared error over groups: Var(total) + (1 - borrowed)^2 v + 2 (1 - borrowed) Cov(d, total)
        + borrowed^2 tau^2. tau^2 is taken as known: with few groups intervals are somewhat short.
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
    Morris 1983, doi:10.1080/01621459.1983.10477920. Checked by simulation (docs/scenarios.md).

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
    tau2 = np.empty(k)
    for _, own in families(estimates.labels, FAMILY):
        tau2[own] = max(0.0, float(np.mean(d[own] ** 2 - v[own])))
    borrowed = np.where(v > 0, v / np.where(v > 0, v + tau2, 1.0), 0.0)
    kept = 1 - borrowed
    spread = np.diag(covariance)[k:] + kept**2 * v + 2 * kept * shared
    error = np.sqrt(np.maximum(spread, 0.0) + borrowed**2 * tau2)
    combined = np.hstack([np.diag(kept), np.eye(k)])
    figures = parts.contrast(combined, estimates.labels, "shrink")
    return Shrunken(
        figures, _frame(estimates, figures.values, parts.values[k:], borrowed, tau2, error)
    )


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
    tau2: FloatArray,
    error: FloatArray,
) -> pd.DataFrame:
    frame = estimates.frame
    # As wide, in standard errors, as the raw figures' intervals.
    raw = frame["std_error"].to_numpy()
    reach = (frame["conf_high"] - frame["estimate"]).to_numpy() / np.where(raw > 0, raw, np.nan)
    return frame.assign(
        total=total,
        borrowed=borrowed,
        between=np.sqrt(tau2),
        shrunken=values,
        shrunken_error=error,
        shrunken_low=values - reach * error,
        shrunken_high=values + reach * error,
    )
