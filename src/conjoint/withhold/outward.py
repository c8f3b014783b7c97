"""What leaves the house is rounded: so much as a reader needs, and no more.

With fifteen digits of a weighted share and its count, whole numbers that only one set of people can have are
found by search. Four decimals of a share, people in whole numbers and four digits of a covariance are enough for
every chart and every table. Rounding never changes how a figure is read: a number that is not a half is
never rounded to one, and what is above zero, or one half, stays above it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.say.number import rounded_percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conjoint.typing import BoolArray, FloatArray

__all__ = ["DECIMALS", "coarsened", "outward", "outward_numbers", "rounded", "whole_share"]

DECIMALS = 4
"""Of a share, an effect, an error, an interval."""

SUMMED = 6
"""Of a coefficient: the explorer's page adds up a dozen, and prints tenths of a percentage."""

WHOLE = frozenset(
    ("weighted_base", "effective_base", "n_effective", "weighted_count", "effective", "respondents")
)
"""Columns of people, weighted or not."""

SIGNIFICANT = {"covariance": 4}
"""Columns of significant digits."""

TESTED = {"statistic": 2, "degrees": 1, "df_num": 1, "df_denom": 1, "in_errors": 2}
"""Columns from which errors could be had with more digits than their own."""

DECLARED = frozenset(("drawn", "designed", "number", "start", "end", "step", "give_from", "give_to", "take_from",
    "take_to", "give_end", "take_end", "scale_low", "scale_high", "threshold", "confidence", "quantile"))  # fmt: skip
"""Columns that are of the design or of the survey, and of nobody's answers."""

ENDS = (
    ("conf_low", "conf_high"), ("conf_low_fixed", "conf_high_fixed"), ("effect_low", "effect_high"),
)  # fmt: skip
"""Columns that are the ends of one interval."""

STEPS = ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0), (1, -1), (-1, 1))
"""By how many last digits both ends may be moved, the fewest first."""

LEVELS = (0.1, 0.05, 0.01, 0.001)
"""Probabilities that tests are read against."""

COARSE = (
    "estimate", "estimate_first", "estimate_second", "mean_first", "mean_second", "change", "std_error", "conf_low", "conf_high", "std_error_fixed", "conf_low_fixed", "conf_high_fixed",
)  # fmt: skip

TOO_FINE = ("statistic", "p_value", "p_holm", "p_equivalent", "moves", "unweighted", "difference")
"""What would tell more of a whole percentage than it says."""

BELOW_HALF = 0.004
"""A share that is above zero, and under half of one per cent."""


def outward(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Round a table as it leaves the house; a table that has been rounded stays as it is.

    Parameters
    ----------
    name
        Of the table in the bundle.
    table
        Any tidy frame: columns are rounded by what they are called.
    """
    if name == "explorer_together":  # what the design ties together, to be calculated with
        return table
    if name == "explorer_coefficients":
        return table.assign(estimate=np.round(table["estimate"], SUMMED))
    made = {
        str(column): _column(str(column), table[column].to_numpy())
        for column in table
        if pd.api.types.is_float_dtype(table[column]) and column not in DECLARED
    }
    for low, high in ENDS:
        if low in made and high in made:
            true = table[low].to_numpy(dtype=float), table[high].to_numpy(dtype=float)
            made[low], made[high] = _same_width((made[low], made[high]), true)
    if name == "weighting_summary":
        people = table["measure"].isin(["respondents", "effective"]).to_numpy()
        made["value"] = np.where(people, np.rint(table["value"]), made["value"])
    return table.assign(**made) if made else table


def outward_numbers(told: Mapping[str, Any]) -> dict[str, Any]:
    """Round the numbers of nested dictionaries and lists, as :func:`outward` does columns."""

    def one(name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: one(str(key), own) for key, own in value.items()}
        if isinstance(value, list):
            return [one(name, own) for own in value]
        if isinstance(value, float) and np.isfinite(value):
            return float(_column(name, np.array([value]))[0])
        return value

    return {name: one(name, value) for name, value in told.items()}


def rounded(values: FloatArray, decimals: int = DECIMALS) -> FloatArray:
    """Round numbers, so that none changes what it is read as.

    A number that ends up on a half of a last printed digit (0.4850 of a whole percentage, 0.4855 of a tenth), on
    zero, one half or one, and was not there, is put beside it on its own side.

    Examples
    --------
    >>> rounded(np.array([0.123449, 0.48496, 0.48504, 0.00003, 0.485])).tolist()
    [0.1234, 0.4849, 0.4851, 0.0001, 0.485]
    """
    scale = 10.0**decimals
    finite = np.isfinite(values)
    exact = np.where(finite, values, 0.0) * scale
    whole = np.rint(exact)
    # Float noise is no difference; halves that printing rounds up were meant to be halves.
    beside = np.where(np.abs(exact - whole) > 1e-6, np.sign(exact - whole), 0.0)
    last = np.abs(whole)
    tie = (last % 10 == 5) | (last % 100 == 50) | np.isin(last, (0, scale / 2, scale))
    made = (whole + np.where(tie, beside, 0.0)) / scale + 0.0
    return np.asarray(np.where(finite, made, values))


def whole_share(shares: FloatArray) -> FloatArray:
    """Round shares to whole percentages, halves up; what is above zero does not become zero."""
    whole = rounded_percent(shares) / 100
    return np.asarray(np.where((shares > 0) & (whole == 0), BELOW_HALF, whole))


def coarsened(table: pd.DataFrame, rows: BoolArray) -> pd.DataFrame:
    """Leave whole percentages of rows, and nothing that would tell more of them."""
    if not rows.any():
        return table
    made: dict[str, object] = {}
    for name in COARSE:
        if name in table:
            values = table[name].to_numpy(dtype=float)
            made[name] = np.where(rows, whole_share(values), values)
    for name in TOO_FINE:
        if name in table:
            made[name] = table[name].mask(rows)
    return table.assign(**made)  # type: ignore[arg-type]


def _same_width(
    ends: tuple[FloatArray, FloatArray], true: tuple[FloatArray, FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Put ends of intervals a step further where half their distance would be printed otherwise."""
    low, high = ends[0].copy(), ends[1].copy()
    settled = ~np.isfinite(true[0] + true[1])
    whole = tuple(np.where(settled, 0.0, own) for own in (*ends, *true))
    half = (whole[3] - whole[2]) / 2
    for down, up in STEPS:
        low_now, high_now = whole[0] + down / 10**DECIMALS, whole[1] + up / 10**DECIMALS
        fits = _reads_as((high_now - low_now) / 2, half)
        if down or up:
            fits &= _reads_as(low_now, whole[2]) & _reads_as(high_now, whole[3])
        fits &= ~settled
        low[fits], high[fits] = (
            np.round(low_now[fits], DECIMALS),
            np.round(high_now[fits], DECIMALS),
        )
        settled |= fits
    return low, high


def _reads_as(value: FloatArray, true: FloatArray) -> BoolArray:
    """Whether a number is printed as the true one, in tenths of a percentage and in whole ones."""
    same = (np.sign(value) == np.sign(true)) & (np.sign(value - 0.5) == np.sign(true - 0.5))
    for scale in (100.0, 1000.0):
        at, of = np.abs(value) * scale, np.abs(true) * scale
        tie = np.abs(at - np.floor(at) - 0.5) < 1e-6
        was = np.abs(of - np.floor(of) - 0.5) < 1e-6
        same &= (rounded_percent(at / 100) == rounded_percent(of / 100)) & (~tie | was)
    return np.asarray(same, dtype=bool)


def _column(name: str, values: FloatArray) -> FloatArray:
    if name in WHOLE:
        return np.rint(values)
    if name in SIGNIFICANT:
        return _significant(values, SIGNIFICANT[name])
    if name.startswith("p_"):
        return _probabilities(values)
    if name in ("smallest", "largest"):
        return np.round(values, 2)  # one person's weight
    if name.startswith(
        "std_error"
    ):  # printed in hundredths of a point: four decimals are all of it
        return np.round(values, DECIMALS)
    if name == "statistic":  # printed with all its decimals
        return np.round(values, TESTED[name])
    if name in TESTED:
        return rounded(values, TESTED[name])
    return rounded(values)


def _significant(values: FloatArray, digits: int) -> FloatArray:
    return np.array([float(f"{value:.{digits - 1}e}") for value in values], dtype=float)


def _probabilities(values: FloatArray) -> FloatArray:
    """Four decimals, or two significant digits of what is smaller; on the same side of usual levels."""
    whole = np.where(values < 1e-3, _significant(values, 2), rounded(values))
    for level in LEVELS:
        at = (whole == level) & (np.abs(values - level) > 1e-12)
        whole = np.where(at, level + np.sign(values - level) * level / 100, whole)
    return np.asarray(whole)
