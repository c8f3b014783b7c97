"""Simultaneous intervals: a band that holds all figures of a family at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import Fault, RequestError
from conjoint.estimates import matrix_of
from conjoint.scenario.family import families

if TYPE_CHECKING:
    import pandas as pd

    from conjoint.estimates import Estimates
    from conjoint.typing import FloatArray, IntArray

__all__ = ["root_of", "simultaneous"]

FAMILY = ["outcome", "estimand", "group"]
"""Figures that share these stand in one band."""

NEGLIGIBLE = 1e-12


def simultaneous(estimates: Estimates, *, draws: int = 20_000, seed: int = 1) -> pd.DataFrame:
    """Intervals that hold all figures of an outcome and group at once, in 95 samples of 100.

    Formula
        The interval of each figure with c in place of the t quantile, c the quantile of max |T_j| for T a multivariate t with the
        figures' correlation (max-t; Hothorn, Bretz & Westfall 2008), by draws.
    Units
        Those of the figures.

    Parameters
    ----------
    estimates
        Any figures.
    draws, seed
        Of multivariate t; with 20,000 the quantile is within some 0.02 of what it would be with more.

    Returns
    -------
    pandas.DataFrame
        The tidy frame with ``band_low``, ``band_high`` and ``critical`` (c) behind it.

    References
    ----------
    Hothorn, Bretz & Westfall 2008, doi:10.1002/bimj.200810425. Checked against the exact quantiles of
    independent and of fully dependent figures.

    Examples
    --------
    >>> # simultaneous(grid(wave, "cap", "reduction").figures)
    """
    if draws < 1000:
        raise RequestError(Fault("draws", f"{draws} are too few", "1,000 or more"))
    frame = estimates.frame
    critical = np.full(len(frame), np.nan)
    for _, rows in families(frame, FAMILY):
        errors = estimates.std_errors[rows]
        moving = rows[np.isfinite(errors) & (errors > 0)]
        if len(moving):
            critical[rows] = _quantile(estimates, moving, draws, seed)
    low, high = estimates.ends(estimates.std_errors, critical)
    return frame.assign(band_low=low, band_high=high, critical=critical)


def _quantile(estimates: Estimates, rows: IntArray, draws: int, seed: int) -> float:
    influence = matrix_of(estimates.moved)[:, rows] * np.sqrt(estimates.inflation[rows])
    covariance = influence.T @ influence
    scale = np.sqrt(np.diag(covariance))
    root = root_of(covariance / np.outer(scale, scale))
    rng = np.random.default_rng(seed)
    degrees = float(np.nanmin(estimates.degrees[rows]))
    drawn = rng.standard_normal((draws, root.shape[1]))
    spread = np.sqrt(rng.chisquare(degrees, draws) / degrees)
    largest = np.abs(drawn @ root.T).max(axis=1) / spread
    return float(np.quantile(largest, estimates.specification.confidence))


def root_of(covariance: FloatArray) -> FloatArray:
    """A root R of a covariance, R R' = V, with as many columns as it has dimensions."""
    values, vectors = np.linalg.eigh(covariance)
    kept = values > NEGLIGIBLE * max(float(values[-1]), 0.0)
    return np.asarray(vectors[:, kept] * np.sqrt(values[kept]))
