"""Allowing for the number of figures that are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np

from conjoint.errors import Fault, RequestError, choices
from conjoint.estimates.model import Estimates
from conjoint.typing import Adjustment

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from conjoint.typing import FloatArray

__all__ = ["adjust", "adjusted", "adjusted_families"]


def adjust(
    figures: Estimates | pd.DataFrame,
    method: Adjustment = "holm",
    family: Sequence[str] = ("outcome", "group"),
) -> pd.DataFrame:
    """P-values that allow for the number of tests, beside the raw ones.

    Parameters
    ----------
    figures
        Estimates, or a frame with a column `p_value` such as :func:`conjoint.omnibus` gives.
    method
        ``"holm"``: the chance of even one false finding in a family is held (Holm 1979).
        ``"benjamini-hochberg"``: the expected share of false ones among the findings is (Benjamini
        & Hochberg 1995).
    family
        Columns that tell families of tests apart: those of one outcome and group by default. Columns
        that the frame lacks are passed over; ``()`` makes one family of all.

    Returns
    -------
    pandas.DataFrame
        The frame with a column `p_adjusted`; missing where `p_value` is (a baseline is no test).

    Raises
    ------
    RequestError
        There is no such method.

    References
    ----------
    Liu & Shiraito 2023, doi:10.1017/pan.2022.30, on multiple testing in conjoint analysis.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"outcome": "choice", "p_value": [0.01, 0.04, None]})
    >>> adjust(frame)["p_adjusted"].round(3).to_list()
    [0.02, 0.04, nan]
    """
    if method not in get_args(Adjustment):
        raise RequestError(
            Fault("method", f'there is no "{method}"', choices(get_args(Adjustment)), "Name one.")
        )
    frame = figures.frame if isinstance(figures, Estimates) else figures.copy(deep=False)
    keys = [name for name in family if name in frame.columns]
    p_values = frame["p_value"].astype(float)
    if not keys:
        return frame.assign(p_adjusted=adjusted(p_values, method))
    families = p_values.groupby([frame[key] for key in keys], sort=False, observed=True)
    return frame.assign(p_adjusted=families.transform(lambda own: adjusted(own, method)))


def adjusted(p_values: pd.Series[float], method: Adjustment = "holm") -> pd.Series[float]:
    """One family's p-values, adjusted; missing ones are no tests and stay missing."""
    result = p_values.astype(float).copy()
    result[:] = adjusted_families(np.asarray(result, dtype=np.float64)[None], method)[0]
    return result


def adjusted_families(p_values: FloatArray, method: Adjustment = "holm") -> FloatArray:
    """Each family's p-values, adjusted; of shape (families, tests), NaN where there is no test.

    All families at once, and checked against statsmodels, which takes a second to import and collects the
    garbage of the whole program at every call.

    Formula
        With p_(1) <= ... <= p_(m): Holm max over j <= i of (m - j + 1) p_(j); Benjamini-Hochberg min over
        j >= i of m p_(j) / j; one at most.
    """
    order = np.argsort(p_values, axis=1)  # NaN come last
    ascending = np.take_along_axis(p_values, order, axis=1)
    rank = np.arange(1, p_values.shape[1] + 1)
    m = (~np.isnan(p_values)).sum(axis=1, keepdims=True)
    if method == "holm":
        scaled = np.fmax.accumulate((m - rank + 1) * ascending, axis=1)
    else:
        scaled = np.fmin.accumulate((m / rank * ascending)[:, ::-1], axis=1)[:, ::-1]
    result = np.empty_like(ascending)
    np.put_along_axis(result, order, np.where(np.isnan(ascending), np.nan, scaled), axis=1)
    return np.minimum(result, 1.0)
