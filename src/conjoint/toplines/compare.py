"""Columns held against each other: tests by the figures' joint spread, or by effective bases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
from scipy import special

from conjoint.estimates import Basis, Designs, Estimates
from conjoint.estimates.multiplicity import adjusted_families
from conjoint.toplines.tally import condensed

if TYPE_CHECKING:
    from conjoint.estimates import Specification
    from conjoint.toplines.answers import Answered
    from conjoint.toplines.banner import Banner
    from conjoint.toplines.tally import Spread, Sums, Weighed
    from conjoint.typing import Adjustment, BoolArray, FloatArray, IntArray

__all__ = [
    "Comparisons",
    "by_design",
    "by_effective_bases",
    "letters_of",
    "with_adjustment",
]

Marks: TypeAlias = tuple[tuple[str, ...], ...]
"""One text a cell, row by row."""

LEVELS = (0.95, 0.99)
"""Where a difference gets a lower-case letter, and where an upper-case one."""

ROWS_AT_ONCE = 10
"""Rows that are tested together: the matrix of their contrasts grows with the square of their number."""

NOISE = 1e-6
"""Standard errors of a difference this small beside those of its parts are zeros that rounding has
touched.
"""


@dataclass(frozen=True, eq=False, slots=True)
class Comparisons:
    """Tests between columns, row by row.

    Parameters
    ----------
    pairs
        The two columns of each test, the second the total for some; of shape (P, 2).
    difference, std_error, statistic, p_value, p_adjusted
        The first column less the second, and what follows; of shape (rows, P), NaN where there is no
        test: a column nobody answered in, or figures without any spread.
    degrees
        Degrees of freedom, of shape (rows, P); infinite for the normal distribution.
    """

    pairs: IntArray
    difference: FloatArray
    std_error: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    p_adjusted: FloatArray
    degrees: FloatArray


def by_design(
    answered: Answered,
    banner: Banner,
    weighed: Weighed,
    sums: Sums,
    spread: Spread,
    specification: Specification,
) -> tuple[FloatArray, Comparisons]:
    """Figures with their intervals, and tests by contrasts of the figures.

    Returns
    -------
    numpy.ndarray, Comparisons
        Standard error and ends of the interval, of shape (3, rows, columns); the tests. The figures
        stand in one :class:`conjoint.Estimates`, so people who belong to two columns, and targets that
        weights were made to meet, are allowed for.

    Notes
    -----
    A row's influence is condensed to its products, which is all that comparisons within a row need.
    Products of different rows mean nothing: rows are not compared with each other here, and these
    estimates are not handed out.
    """
    pairs, usable = banner.pairs(), sums.n >= 2
    weights = weighed.weights * answered.asked
    exposure = np.ascontiguousarray((banner.members * weights[:, None]).T)
    designs = Designs.concatenate(
        [
            Designs.of(members, 1, max(2, int(members.sum())), degrees=own)
            for members, own in zip(banner.members.T.astype(bool), weighed.degrees, strict=True)
        ]
    )
    cuts = range(0, len(answered.rows), ROWS_AT_ONCE)
    parts = [
        _figures(
            answered,
            banner,
            designs,
            exposure,
            sums,
            spread,
            specification,
            slice(cut, cut + ROWS_AT_ONCE),
        )
        for cut in cuts
    ]
    errors, tests, degrees = (np.concatenate(each, axis=-2) for each in zip(*parts, strict=True))
    errors = np.where(usable, errors, np.nan)
    # Columns that hold the same people differ by rounding alone.
    apart = tests[1] > NOISE * errors[0][:, pairs].max(axis=2)
    difference, error, statistic, p_value = np.where(usable[:, pairs].all(axis=2), tests, np.nan)
    statistic, p_value = np.where(apart, (statistic, p_value), np.nan)
    return errors, Comparisons(pairs, difference, error, statistic, p_value, p_value, degrees)


def _figures(
    answered: Answered,
    banner: Banner,
    designs: Designs,
    exposure: FloatArray,
    sums: Sums,
    spread: Spread,
    specification: Specification,
    rows: slice,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Errors and ends, (3, R, C); difference, error, statistic and p, (4, R, P); degrees, (R, P)."""
    pairs, values = banner.pairs(), sums.values[rows]
    (R, C), P = values.shape, len(pairs)
    figures = Estimates(
        _labels(answered, banner, rows),
        np.where(sums.n[rows] >= 2, values, 0.0).ravel(),
        np.concatenate([condensed(own) for own in spread.products[rows]], axis=1),
        designs.take(np.tile(np.arange(C), R)),
        np.zeros(R * C, dtype=bool),
        specification,
        basis=_basis(answered, exposure, sums, spread, rows),
    )
    minus: FloatArray = np.zeros((P, C))
    minus[np.arange(P), pairs[:, 0]] += 1.0
    minus[np.arange(P), pairs[:, 1]] -= 1.0
    matrix = np.asarray(np.kron(np.eye(R), minus), dtype=np.float64)
    compared = figures.labels.iloc[np.repeat(np.arange(R) * C, P)]
    contrast = figures.contrast(matrix, compared, "column test")
    own = figures.frame[["std_error", "conf_low", "conf_high"]].to_numpy(dtype=float)
    # Their intervals take long to find, and no table has them.
    tests = np.stack([contrast.values, contrast.std_errors, contrast.statistics, contrast.p_values])
    return own.T.reshape(3, R, C), tests.reshape(4, R, P), contrast.degrees.reshape(R, P)


def _basis(
    answered: Answered, exposure: FloatArray, sums: Sums, spread: Spread, rows: slice
) -> Basis:
    """What intervals and tests need to know of some rows; `exposure` is (C, n)."""
    n, overlap = sums.n[rows], spread.overlap[rows]
    inverse = np.diagonal(overlap, axis1=1, axis2=2)
    effective = np.divide(1.0, inverse, out=np.zeros_like(inverse), where=inverse > 0)

    still = spread.variance[rows] <= NOISE**2
    counts = sums.counts[rows]
    return answered.only(rows).basis(n, counts, still, effective, [*exposure] * len(n))


def _labels(answered: Answered, banner: Banner, rows: slice) -> pd.DataFrame:
    """Labels of the figures, row by row."""
    named = answered.rows[rows]
    R, C = len(named), len(banner.columns)
    labels: dict[str, object] = {
        "outcome": answered.question,
        "estimand": np.repeat([row.estimand for row in named], C),
        "group": np.tile([column.key for column in banner.columns], R),
        "attribute": answered.column,
        "level": np.repeat([row.key for row in named], C),
        "baseline": "",
        "n_profiles": 0,
        "n_respondents": 0,
    }
    return pd.DataFrame(labels, index=range(R * C))


def by_effective_bases(
    answered: Answered, design: Comparisons, sums: Sums, spread: Spread
) -> Comparisons:
    """Tests as table software makes them: effective bases, and one variance for both columns.

    Formula
        z = (p1 - p2) / sqrt(s^2 (1/e1 + 1/e2 - 2/e12)), with e = (sum w)^2 / sum w^2 and 1/e12 the same
        over who stands in both columns: sum of w1 w2 / (W1 W2), none for columns without overlap. For a
        share s^2 = p (1 - p), p = (e1 p1 + e2 p2) / (e1 + e2), and z is normal; for a mean or a net of
        differences s^2 = (e1 s1^2 + e2 s2^2) / (e1 + e2 - 2), and t has e1 + e2 - 2 degrees of freedom.
        Weights count as given: what calibration saves is left out. Shares that the test by `design` finds
        too few answers for are not tested here either.

    References
    ----------
    Kish 1965, Survey Sampling, on the effective base and on overlapping samples.
    """
    first, second = design.pairs.T
    inverse = np.diagonal(spread.overlap, axis1=1, axis2=2)
    is_share = answered.shares[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        e = 1.0 / inverse
        both = e[:, first] + e[:, second]
        pooled = (e * sums.values)[:, first] + (e * sums.values)[:, second]
        pooled /= both
        variance = (e * spread.variance)[:, first] + (e * spread.variance)[:, second]
        degrees = np.where(is_share, np.inf, np.maximum(both - 2, 0.0))
        s = np.where(is_share, pooled * (1 - pooled), variance / degrees)
        room = inverse[:, first] + inverse[:, second] - 2 * spread.overlap[:, first, second]
        error = np.sqrt(np.maximum(s * room, 0.0))
        difference = sums.values[:, first] - sums.values[:, second]
        # A column that is the other one, or answers that are all the same, leave nothing to test.
        apart = room > NOISE**2 * (inverse[:, first] + inverse[:, second])
        statistic = np.where(apart & (s > 0), difference / error, np.nan)
    usable = (sums.n >= 2)[:, first] & (sums.n >= 2)[:, second]
    usable &= ~(is_share & np.isnan(design.p_value))
    statistic = np.where(usable, statistic, np.nan)
    p_value = 2 * np.where(
        is_share,
        special.ndtr(-np.abs(statistic)),
        special.stdtr(np.where(is_share, 1.0, degrees), -np.abs(statistic)),
    )
    return Comparisons(design.pairs, difference, error, statistic, p_value, p_value, degrees)


def with_adjustment(
    compared: Comparisons, banner: Banner, shown: BoolArray, method: Adjustment | None
) -> Comparisons:
    """Leave out figures that are not shown (rows, columns), and allow for the number of tests.

    A family is a row's tests between the columns of one crossbreak, or of those with the total.
    """
    tested = shown[:, compared.pairs].all(axis=2)
    p_value = np.where(tested, compared.p_value, np.nan)
    if method is None:
        return replace(compared, p_adjusted=p_value)
    headings = [column.crossbreak for column in banner.columns]
    family = pd.factorize(
        pd.Series([(headings[first], second == 0) for first, second in compared.pairs])
    )[0]
    p_adjusted = np.full_like(p_value, np.nan)
    for code in range(family.max(initial=-1) + 1):
        inside = family == code
        p_adjusted[:, inside] = adjusted_families(p_value[:, inside], method)
    return replace(compared, p_adjusted=p_adjusted)


def letters_of(compared: Comparisons, banner: Banner) -> tuple[Marks, Marks]:
    """Significance in letters, and against the total.

    Returns
    -------
    tuple of tuple of str, twice
        Row by row and column by column. First, the letters of the columns of its crossbreak that
        the column is above: lower-case at 95%, upper-case at 99%. Second, ``+`` or ``-`` for above or
        below the total at 95%, twice at 99%.
    """
    rows, columns = len(compared.difference), len(banner.columns)
    letters = [[""] * columns for _ in range(rows)]
    marks = [[""] * columns for _ in range(rows)]
    wide = any(len(column.letter) > 1 for column in banner.columns)
    with np.errstate(invalid="ignore"):
        found = np.argwhere(compared.p_adjusted < 1 - LEVELS[0])
    for row, pair in found:
        first, second = compared.pairs[pair]
        difference = compared.difference[row, pair]
        strong = compared.p_adjusted[row, pair] < 1 - LEVELS[1]
        if second == 0:
            marks[row][first] = ("+" if difference > 0 else "-") * (2 if strong else 1)
            continue
        above, below = (first, second) if difference > 0 else (second, first)
        letter = banner.columns[below].letter
        letters[row][above] += (letter.upper() if strong else letter) + " " * wide
    tidy = tuple(tuple(text.strip() for text in row) for row in letters)
    return tidy, tuple(map(tuple, marks))
