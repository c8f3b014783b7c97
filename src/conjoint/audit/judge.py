"""When a departure is worth a look, and when nothing should be published before it is explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError
from conjoint.estimates import adjusted, cross_product, omnibus, wald
from conjoint.say import number
from conjoint.say.phrase import phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.estimates import Estimates
    from conjoint.typing import FloatArray, Verdict

__all__ = [
    "CERTAIN",
    "CLEAR",
    "all_zero",
    "chance",
    "holm",
    "judge",
    "p_of",
    "same_means",
    "together",
]

CLEAR = 0.01
"""Below this p, adjusted for all tests of a check, a departure is worth a look: a check then bothers
one clean wave in a hundred at most."""

CERTAIN = 1e-5
"""Below this adjusted p, chance is ruled out: of a hundred thousand clean waves one is stopped, if
the departure is large besides."""

PER_COMPARISON = 4
"""Respondents needed for each comparison of a joint test, of which the variance is estimated."""

SPREAD_OF = 30
"""Respondents who are all off alike, in a figure without any spread, before that is no accident."""

NOTHING = 1e-12
"""Departures as small as this are rounding."""

NOISE = 1e-14
"""Standard errors as small as this are zeros that rounding has touched."""


def judge(p_value: float, size: float, look: float, stop: float = np.inf) -> Verdict:
    """Give the verdict on a departure that is tested and has a size.

    Parameters
    ----------
    p_value
        Adjusted; NaN, which finds nothing, where there was no test.
    size
        Of the departure, in the unit of `look` and `stop`, below which it is let pass.
    """
    if p_value < CERTAIN and size >= stop:
        return "stop"
    return "look" if p_value < CLEAR and size >= look else "fine"


def together(figures: Estimates) -> float:
    """P-value of all comparisons of some figures at once, clustered by respondent.

    Of those that can be estimated. NaN where respondents are too few for a test. Zero where the figures differ although no
    respondent differs from another, which no randomisation does.
    """
    figures = figures.without_missing()
    still = np.nan_to_num(figures.std_errors) <= NOISE
    if still.all():
        differ = len(figures) > 0 and np.ptp(figures.values) > NOTHING
        return _without_spread(figures.joint_design, differ=bool(differ))
    try:
        test = omnibus(figures, together=True).iloc[0]
    except EstimationError:
        return np.nan
    return _with_enough(test["p_value"], test["comparisons"], test["n_respondents"])


def same_means(values: FloatArray, influence: FloatArray, G: int) -> float:
    """P-value of several means by level, that none hangs on the level.

    Parameters
    ----------
    values
        Of shape (means, levels).
    influence
        Of respondents or, times the root of how many there are, of respondents alike; of shape
        (these, means, levels).
    G
        How many respondents the means are of.

    As for :func:`together`, each level is held against the first.
    """
    factor = G / max(1, G - 1)
    if (np.sqrt((influence**2).sum(axis=0) * factor) <= NOISE).all():
        return _without_spread(G, differ=bool(np.ptp(values) > NOTHING))
    off = (values[:, 1:] - values[:, :1]).ravel()
    moved = (influence[:, :, 1:] - influence[:, :, :1]).reshape(len(influence), -1)
    return _tested(off, cross_product(moved) * factor, G)


def all_zero(values: FloatArray, influence: FloatArray, G: int) -> float:
    """The same of numbers that are all to be zero, (k,), with their influence, (respondents, k).

    `G` is how many of the respondents say anything of them.
    """
    covariance = cross_product(influence) * (G / max(1, G - 1))
    if (np.sqrt(np.diag(covariance)) <= NOISE).all():
        return _without_spread(G, differ=bool((np.abs(values) > NOTHING).any()))
    return _tested(values, covariance, G)


def _tested(values: FloatArray, covariance: FloatArray, G: int) -> float:
    if not len(values):
        return np.nan
    try:
        test = wald(values, covariance, G, "")
    except EstimationError:
        return np.nan
    return _with_enough(test.p_value, test.comparisons, G)


def _without_spread(G: int, *, differ: bool) -> float:
    if not differ:
        return 1.0
    return 0.0 if G >= SPREAD_OF else np.nan


def _with_enough(p_value: float, comparisons: int, G: int) -> float:
    return np.nan if comparisons * PER_COMPARISON > G else float(p_value)


def holm(p_values: Sequence[float] | FloatArray) -> FloatArray:
    """P-values adjusted for all tests of a check (Holm); NaN is no test.

    Where none is small enough for a look, they are left as they are: adjusting only raises them.
    """
    own = pd.Series(np.asarray(p_values, dtype=float))
    if not (own < CLEAR).any():
        return np.asarray(own, dtype=float)
    return np.asarray(adjusted(own), dtype=float)


def chance(p_value: float) -> str:
    """The p-value as a sentence says it.

    >>> chance(0.0312), chance(0), chance(float("nan"))
    ('p = 0.031', 'p < 0.00001', 'not tested: too few cases')
    """
    if np.isnan(p_value):
        return phrase("audit.not_tested")
    return number.p_value(p_value, "p", least=CERTAIN)


def p_of(figures: Estimates) -> FloatArray:
    """Two-sided p-values of the figures; NaN where one has no spread."""
    return np.asarray(figures.frame["p_value"], dtype=float)
