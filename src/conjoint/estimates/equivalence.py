"""Equivalence: are figures so close to zero that the difference would not matter?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from conjoint.errors import Fault, RequestError

if TYPE_CHECKING:
    import pandas as pd

    from conjoint.estimates.model import Estimates
    from conjoint.typing import FloatArray

__all__ = ["equivalent", "p_equivalent"]


def equivalent(estimates: Estimates, smallest: float) -> pd.DataFrame:
    """Test whether differences and effects are smaller than what would matter: two one-sided tests.

    Estimand
        Is a figure closer to zero than `smallest`, either way? That a difference is not clear does not show
        that there is none; this does.
    Formula
        p_equivalent is the larger p-value of the tests of figure <= -smallest and figure >= smallest, each on
        one side, with the standard errors, degrees of freedom and, for differences of two shares, the score
        tests that the figures' intervals have. A figure is equivalent where it is under
        alpha = 1 - `confidence`: where its interval at 1 - 2 alpha (90% by default) lies within +- `smallest`.
    Units
        As the figures: 0.03 is three points of a share.

    Parameters
    ----------
    estimates
        Differences, AMCEs or other contrasts.
    smallest
        The smallest effect of interest, above zero. Declare it before you look at the figures.

    Returns
    -------
    pandas.DataFrame
        The tidy frame with ``equivalent`` and ``p_equivalent``. Without a test (a baseline, a figure that
        cannot be estimated, shares of which too few answers are expected) `p_equivalent` is missing and
        `equivalent` False.

    Raises
    ------
    RequestError
        `smallest` is not above zero, or a figure is a mean or share and no difference.

    References
    ----------
    Schuirmann 1987; Lakens 2017, doi:10.1177/1948550617697177.

    Examples
    --------
    >>> # cj.equivalent(cj.differences(cj.marginal_means(wave, by="party"), "Labour"), 0.03)
    """
    p = p_equivalent(estimates, smallest)
    alpha = 1 - estimates.specification.confidence
    return estimates.frame.assign(equivalent=p < alpha, p_equivalent=p)


def p_equivalent(estimates: Estimates, smallest: float) -> FloatArray:
    """Return the p-value of each figure's equivalence test, of shape (k,): see :func:`equivalent`."""
    if not smallest > 0 or not np.isfinite(smallest):
        raise RequestError(
            Fault(
                "smallest", f"{smallest:g} is no size", "a number above zero", "For example 0.03."
            )
        )
    means = estimates.footing.bounded
    if means.any():
        estimand = estimates.labels["estimand"].to_numpy()[means][0]
        raise RequestError(
            Fault(
                "equivalent",
                f'"{estimand}" is compared with nothing',
                "differences or effects, which can be near zero",
                "Use amce(...) or differences(...).",
            )
        )
    below, above = (estimates.with_null(end).statistics for end in (-smallest, smallest))
    return np.asarray(special.stdtr(estimates.degrees, np.maximum(-below, above)))
