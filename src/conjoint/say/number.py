"""Every number as people read it, by one rounding rule: halves away from zero, from the unrounded value."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from conjoint.say.phrase import phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conjoint.typing import FloatArray

__all__ = [
    "DASH",
    "LEVELS",
    "MINUS",
    "SLACK",
    "SMALLEST_P",
    "above",
    "amount",
    "bare_percent",
    "bare_points",
    "base",
    "base_text",
    "below",
    "between",
    "by_chance",
    "counted",
    "exact",
    "numeral",
    "p_value",
    "percent",
    "percent_by_size",
    "percent_exactly",
    "points",
    "rounded",
    "rounded_percent",
    "rounding_note",
    "side_of",
]

MINUS, DASH = "\u2212", "\u2013"
"""The sign of negative numbers, and what stands where there is no number."""

SLACK = 1e-9
"""Halves that arithmetic left a hair below one half are halves."""

LEVELS = (0.05, 0.01)
"""Levels of significance that no p-value is rounded to."""

SMALLEST_P = 0.001


def rounded(value: float, decimals: int = 0) -> float:
    """Round to decimals, halves away from zero; never minus zero.

    Examples
    --------
    >>> rounded(48.5), rounded(-2.5), rounded(0.285 * 100), rounded(-0.4), rounded(2.25, 1)
    (49.0, -3.0, 29.0, 0.0, 2.3)
    """
    if not math.isfinite(value):
        return float(value)
    scale = 10**decimals
    size: float = math.floor(abs(value) * scale + 0.5 + SLACK) / scale
    return -size if value < 0 and size else size


def rounded_percent(shares: FloatArray | Sequence[float], decimals: int = 0) -> FloatArray:
    """Shares as percentages, halves rounded away from zero as the trade does; never adjusted.

    Examples
    --------
    >>> rounded_percent([0.475, 0.335, 0.19]).tolist()
    [48.0, 34.0, 19.0]
    """
    values, scale = np.asarray(shares, dtype=float) * 100, 10**decimals
    size = np.floor(np.abs(values) * scale + 0.5 + SLACK) / scale
    return np.asarray(np.copysign(size, np.where(size > 0, values, 1.0)))


def numeral(value: float, decimals: int = 0, *, signed: bool = False) -> str:
    """A number with a real minus, thousands apart; a dash where there is none.

    Parameters
    ----------
    signed
        Whether a plus stands before what is above zero, as for a change.

    Examples
    --------
    >>> numeral(-1234.5), numeral(0.05, 1, signed=True), numeral(-0.04, 1), numeral(float("nan"))
    ('−1,235', '+0.1', '0.0', '–')
    """
    return _written(rounded(value, decimals), decimals, signed=signed)


def _written(size: float, decimals: int, *, signed: bool = False) -> str:
    """A number that is rounded already."""
    if math.isnan(size):
        return DASH
    sign = MINUS if size < 0 else "+" if signed and size > 0 else ""
    return f"{sign}{abs(size):,.{decimals}f}"


def bare_percent(share: float, decimals: int = 0) -> str:
    """A share in per cent without the sign; never nought or all where it is not.

    Examples
    --------
    >>> bare_percent(0.475), bare_percent(0.004), bare_percent(0.9996, 1), bare_percent(1.0)
    ('48', '<0.5', '>99.95', '100')
    """
    size = rounded(share * 100, decimals)
    if share > 0 and size == 0:
        return f"<{below(decimals)}"
    if share < 1 and size == 100:
        return f">{above(decimals)}"
    return _written(size, decimals)


def below(decimals: int) -> str:
    """The percentage under which a share that is not nought would round to it.

    Examples
    --------
    >>> below(0), below(1)
    ('0.5', '0.05')
    """
    return f"{0.5 / 10**decimals:.{decimals + 1}f}"


def above(decimals: int) -> str:
    """The percentage above which a share that is not all would round to it.

    Examples
    --------
    >>> above(0), above(1)
    ('99.5', '99.95')
    """
    return f"{100 - 0.5 / 10**decimals:.{decimals + 1}f}"


def percent(share: float, decimals: int = 0) -> str:
    """A share; one that would round to nought (or all) although it is not says that it is above (or below).

    Examples
    --------
    >>> percent(0.485), percent(0), percent(0.004), percent(0.0004, 1), percent(0.996)
    ('49%', '0%', '<0.5%', '<0.05%', '>99.5%')
    >>> percent(float("nan"))
    '–'
    """
    text = bare_percent(share, decimals)
    return text if text == DASH else f"{text}%"


def percent_by_size(share: float) -> str:
    """A share with the decimals that its size needs, as checks have it.

    Examples
    --------
    >>> percent_by_size(0.617), percent_by_size(0.034), percent_by_size(0.0004), percent_by_size(0)
    ('62%', '3.4%', '0.04%', '0%')
    """
    decimals = 0 if share == 0 or abs(share) >= 0.1 else 1 if abs(share) >= 0.0095 else 2
    return percent(share, decimals)


def percent_exactly(share: float) -> str:
    """A share that is declared, such as a confidence level, with all its digits.

    Examples
    --------
    >>> percent_exactly(0.95), percent_exactly(0.995)
    ('95%', '99.5%')
    """
    return f"{exact(100 * share)}%"


def bare_points(difference: float, decimals: int = 1, *, signed: bool = False) -> str:
    """A difference of shares in percentage points, without the word.

    Examples
    --------
    >>> bare_points(-0.052), bare_points(0.05, 0, signed=True)
    ('−5.2', '+5')
    """
    return numeral(100 * difference, decimals, signed=signed)


def points(difference: float, decimals: int = 1, *, signed: bool = False) -> str:
    """A difference of shares, in percentage points.

    Examples
    --------
    >>> points(-0.052), points(0.31), points(0.01, 0)
    ('−5.2 points', '31.0 points', '1 point')
    """
    text = bare_points(difference, decimals, signed=signed)
    return f"{text} {'point' if text.lstrip('+' + MINUS) == '1' else 'points'}"


def side_of(value: float, marks: Iterable[float], decimals: int = 0, factor: float = 1.0) -> str:
    """Return > or < where a number would be printed as another that it is not, to stand before it; else nothing.

    Parameters
    ----------
    marks
        What it must be told apart from, such as zero.
    decimals, factor
        How it is printed: factor times itself, so rounded.

    Examples
    --------
    >>> side_of(0.5031, [0.5], factor=100), side_of(-0.0004, [0.0], 2), side_of(0.5, [0.5])
    ('>', '<', '')
    """
    for mark in marks:
        apart = factor * (value - mark)
        same = rounded(factor * value, decimals) == rounded(factor * mark, decimals)
        if abs(apart) > SLACK and same:
            return ">" if apart > 0 else "<"
    return ""


def between(low: str, high: str) -> str:
    """The ends of an interval.

    Examples
    --------
    >>> between("58%", "66%")
    '58% to 66%'
    """
    return f"{low} to {high}"


def base(people: float) -> str:
    """How many people a figure is of, weighted or not; a dash where that is unknown.

    Examples
    --------
    >>> base(1234), base(97.5), base(float("nan"))
    ('1,234', '98', '–')
    """
    return numeral(people)


def base_text(people: float) -> str:
    """A base with its word.

    Examples
    --------
    >>> base_text(1234)
    'base 1,234'
    """
    return f"base {base(people)}"


def counted(count: int, one: str, several: str = "") -> str:
    """A number with its noun.

    Examples
    --------
    >>> counted(1, "respondent"), counted(2000, "respondent"), counted(0, "person", "people")
    ('1 respondent', '2,000 respondents', '0 people')
    """
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def p_value(p: float, name: str = "", *, least: float = SMALLEST_P) -> str:
    """A p-value, never rounded to a level of significance that it is not at.

    Parameters
    ----------
    name
        Stands before it, with the sign between, such as ``p``.
    least
        Under which it is not told.

    Examples
    --------
    >>> p_value(0.0314), p_value(0.0314, "p"), p_value(0.0002, "p"), p_value(0.04997)
    ('0.031', 'p = 0.031', 'p < 0.001', '<0.05')
    >>> p_value(0.00027, "p", least=0.00001)
    'p = 0.00027'
    """
    if math.isnan(p):
        return DASH
    sign, text = "=", _written(rounded(p, 3), 3)
    if p < least:
        sign, text = "<", exact(least)
    elif p < SMALLEST_P:
        text = numeral(p, 5)
    elif side := side_of(p, LEVELS, 3):
        sign, text = side, exact(rounded(p, 2))
    if name:
        return f"{name} {sign} {text}"
    return text if sign == "=" else sign + text


def amount(value: float) -> str:
    """An estimated amount of a level's own unit: three digits are more than the data know.

    Examples
    --------
    >>> amount(17841.83), amount(30.839), amount(5000), amount(0.25), amount(-12345)
    ('17,800', '30.8', '5,000', '0.25', '−12,300')
    """
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else DASH
    places = 2 - math.floor(math.log10(abs(value)))
    size = rounded(value, places) if places > 0 else rounded(value / 10**-places) * 10**-places
    return exact(size)


def exact(value: float) -> str:
    """A number that is declared, with all its digits.

    Examples
    --------
    >>> exact(12345), exact(-2.5), exact(1234567.25)
    ('12,345', '−2.5', '1,234,567.25')
    """
    if not math.isfinite(value):
        return DASH if math.isnan(value) else f"{'' if value > 0 else MINUS}∞"
    text = f"{value:,.10f}".rstrip("0").rstrip(".")
    return text.replace("-", MINUS)


def by_chance(expected: float) -> str:
    """How many of something chance gives.

    Examples
    --------
    >>> by_chance(3.26), by_chance(0.002)
    ('about 3.3', 'hardly any')
    """
    return f"about {numeral(expected, 1)}" if expected >= 0.05 else "hardly any"


def rounding_note(shares: FloatArray | Sequence[float], decimals: int = 0) -> str:
    """Say what rounded percentages sum to, where the shares sum to one and they do not to 100.

    Parameters
    ----------
    shares
        Of all answers to a question of one answer each.

    Returns
    -------
    str
        A sentence; empty where there is nothing to say: they sum to 100, the shares do not sum to one
        (several answers each), or some are not shown.

    Examples
    --------
    >>> rounding_note([0.475, 0.335, 0.19])
    'Figures sum to 101% because each is rounded.'
    >>> rounding_note([0.5, 0.3, 0.2])
    ''
    """
    values = np.asarray(shares, dtype=float)
    # Shares of outward tables have four decimals: their sum is one but for what rounding took.
    if not np.isclose(values.sum(), 1.0, rtol=0, atol=SLACK + 1e-4 * values.size):
        return ""
    total = round(float(rounded_percent(values, decimals).sum()), decimals)
    return "" if total == 100 else phrase("words.rounded", total=f"{total:g}%")
