"""The linear kernels: array functions that know no pandas.

Profiles are described by integer codes, one array a factor, so that the normal equations come from
contingency tables and no design matrix is ever built.

Letters: N profiles, G respondents, K coefficients, k figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import linalg

from conjoint.estimate.term import Term
from conjoint.wave.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.typing import FloatArray, IntArray, Integers

__all__ = [
    "CollinearityError",
    "Regression",
    "RegressionInfluence",
    "Term",
    "factors_of",
    "gram_of",
    "inverse_of",
    "least_squares",
    "moved_by",
    "sums_by_cell",
    "tally_of",
    "weighted_gram",
]

RANK_TOLERANCE = 1e-10
PERFECT = 1e-12
"""Residuals this small beside the largest outcome are zeros that rounding has touched."""
ONE_THREAD = 1 << 18
"""Multiplications in a product up to which OpenBLAS starts no second thread."""
CANCELLED = 1e-6
"""A variance this small beside what it is made of is summed again, respondent by respondent."""


@dataclass(frozen=True, eq=False, slots=True)
class Regression:
    """A weighted least squares fit on the cells of factors.

    Parameters
    ----------
    terms
        Factors and their columns; an intercept is a factor of one cell.
    w, respondent
        Weight and respondent (from 0 to G - 1) of each profile, of shape (N,).
    G
        The number of respondents.
    coefficients, inverse
        b of shape (K,) and (X'WX)^-1 of shape (K, K).
    residual
        y - Xb, of shape (N,).
    tally, pattern
        The cells of the terms that have several, and what each of these cells adds to a profile's
        row of X, of shape (all cells, K); every term of one cell is added to the first factor's.
    """

    terms: tuple[Term, ...]
    w: FloatArray
    respondent: IntArray
    G: int
    coefficients: FloatArray
    inverse: FloatArray
    residual: FloatArray
    tally: Tally
    pattern: FloatArray


class CollinearityError(ArithmeticError):
    """The factors do not vary freely; `columns` are coefficients that cannot be told apart."""

    def __init__(self, columns: IntArray) -> None:
        self.columns = columns
        super().__init__(f"collinear columns {columns.tolist()}")


def least_squares(
    terms: Sequence[Term],
    y: FloatArray,
    w: FloatArray,
    respondent: IntArray,
    G: int,
    tally: Tally | None = None,
) -> Regression:
    """Weighted least squares of y on the columns of the terms.

    Formula
        b = (X'WX)^-1 X'Wy.

    Parameters
    ----------
    tally
        Of the terms with several cells, where it has been made already.

    Raises
    ------
    CollinearityError
        X'WX is singular.
    """
    K = 1 + max(int(term.columns.max()) for term in terms)
    factors = factors_of(terms)
    if tally is None:
        tally = tally_of(terms, respondent, G)
    pattern = _pattern(terms, factors, K)
    inverse = inverse_of(_gram_of(pattern, tally, w))
    b = inverse @ (pattern.T @ tally.totals(y, w))
    residual = tally.spread(pattern @ b)
    np.subtract(y, residual, out=residual)
    # Else rounding passes for a spread, and differences of nothing for certain ones.
    if max(residual.max(), -residual.min()) <= PERFECT * max(y.max(), -y.min()):
        residual = np.zeros(len(y))
    return Regression(tuple(terms), w, respondent, G, b, inverse, residual, tally, pattern)


def gram_of(terms: Sequence[Term], w: FloatArray, tally: Tally) -> FloatArray:
    """X'WX of terms whose factors the tally has counted, of shape (K, K)."""
    K = 1 + max(int(term.columns.max()) for term in terms)
    return _gram_of(_pattern(terms, factors_of(terms), K), tally, w)


def tally_of(terms: Sequence[Term], respondent: IntArray, G: int) -> Tally:
    """The terms' factors, to be counted."""
    factors = factors_of(terms)
    return Tally([term.codes for term in factors], [term.size for term in factors], respondent, G)


def _gram_of(pattern: FloatArray, tally: Tally, w: FloatArray) -> FloatArray:
    return np.asarray(pattern.T @ tally.crossed(w) @ pattern)


def factors_of(terms: Sequence[Term]) -> list[Term]:
    """The terms whose cells a tally counts: those with several, or the first where there is none."""
    return [term for term in terms if term.size > 1] or [terms[0]]


def _pattern(terms: Sequence[Term], factors: Sequence[Term], K: int) -> FloatArray:
    """What each cell of the factors adds to a profile's row of X, of shape (all cells, K).

    Every profile falls in one cell of the first factor, so that what all of them have is added there.
    """
    pattern = np.concatenate([term.spread(np.eye(K)) for term in factors])
    for term in terms:
        if not any(term is factor for factor in factors):
            pattern[: factors[0].size] += term.spread(np.eye(K))
    return pattern


def moved_by(regression: Regression, figures: FloatArray, residual: FloatArray) -> FloatArray:
    """How far each respondent moves linear figures of the coefficients.

    Formula
        psi_i = C (X'WX)^-1 sum over i's profiles of x w e.

    Parameters
    ----------
    figures
        C, of shape (k, K).
    residual
        e, of shape (N,): the regression's own, or adjusted for leverage.

    Returns
    -------
    numpy.ndarray
        Of shape (G, k).
    """
    by_cell = regression.pattern @ (regression.inverse @ figures.T)
    influence = np.empty((len(figures), regression.G))
    for people, sums in regression.tally.sums(residual, regression.w):
        _multiply(by_cell.T, sums.T, influence[:, people])
    return influence.T


@dataclass(frozen=True, eq=False, slots=True)
class RegressionInfluence:
    """Influence of linear figures of a regression, made when it is asked for.

    Variances need no influence: with S the sums of w e by respondent and cell, and L what each cell
    adds to a figure, psi' psi = L' (S' S) L, which has as many rows as there are cells.

    Parameters
    ----------
    regression
        The fit.
    figures
        C, of shape (k, K).
    residual
        e, of shape (N,).
    """

    regression: Regression
    figures: FloatArray
    residual: FloatArray

    @property
    def shape(self) -> tuple[int, int]:
        """Respondents and figures."""
        return self.regression.G, len(self.figures)

    def matrix(self) -> FloatArray:
        """The influence, of shape (G, k)."""
        return moved_by(self.regression, self.figures, self.residual)

    def squares(self) -> FloatArray:
        """Sum of squares of each column, of shape (k,)."""
        fit = self.regression
        S2 = np.zeros((fit.tally.size, fit.tally.size))
        for _, sums in fit.tally.sums(self.residual, fit.w):
            S2 += sums.T @ sums
        L = fit.pattern @ (fit.inverse @ self.figures.T)
        squares = np.einsum("ck,ck->k", L, S2 @ L)
        largest = (np.sqrt(np.diag(S2)) @ np.abs(L)) ** 2
        if (squares < CANCELLED * largest).any():
            influence = self.matrix()
            return np.asarray(np.einsum("ik,ik->k", influence, influence))
        return np.asarray(squares)


def _multiply(left: FloatArray, right: FloatArray, out: FloatArray) -> None:
    """The matrix product in pieces that BLAS leaves to one thread.

    Threads that share busy cores wait for one another: whole, the product takes ten times as long
    on a machine that does something else besides.
    """
    rows, inner = left.shape
    width = max(1, ONE_THREAD // max(1, rows * inner))
    for start in range(0, right.shape[1], width):
        piece = slice(start, start + width)
        np.matmul(left, right[:, piece], out=out[:, piece])


def sums_by_cell(regression: Regression, values: FloatArray) -> FloatArray:
    """Sums of a number of each profile by respondent and cell, terms in order; (G, all cells)."""
    return _sums(
        [term.codes for term in regression.terms],
        [term.size for term in regression.terms],
        values,
        regression.respondent,
        regression.G,
    ).T


def weighted_gram(
    first: Regression,
    second: Regression,
    weight: FloatArray,
    mine: IntArray | None = None,
    theirs: IntArray | None = None,
) -> FloatArray:
    """X'WX of two regressions' columns over rows that go together, of shape (K_1, K_2).

    `mine` and `theirs` are these rows in either; all of them where None.
    """
    left, right = _codes_of(first, mine), _codes_of(second, theirs)
    same = first is second and mine is theirs
    codes, sizes = (left, first.tally.sizes)
    if not same:
        codes, sizes = left + right, sizes + second.tally.sizes
    table = Tally(codes, sizes, np.zeros(len(weight), dtype=np.intp), 1).crossed(weight)
    between = table if same else table[: first.tally.size, first.tally.size :]
    return np.asarray(first.pattern.T @ between @ second.pattern)


def _codes_of(regression: Regression, rows: IntArray | None) -> tuple[Integers, ...]:
    codes = regression.tally.codes
    return codes if rows is None else tuple(code[rows] for code in codes)


def _sums(
    codes: Sequence[Integers],
    sizes: Sequence[int],
    values: FloatArray,
    respondent: IntArray,
    G: int,
) -> FloatArray:
    """Sums of values by cell and respondent, of shape (all cells, G)."""
    sums = np.empty((sum(sizes), G))
    start = 0
    for size, code in zip(sizes, codes, strict=True):
        cell = code * np.intp(G)
        cell += respondent
        own = np.bincount(cell, weights=values, minlength=G * size)
        sums[start : start + size] = own.reshape(size, G)
        start += size
    return sums


def inverse_of(gram: FloatArray) -> FloatArray:
    """Inverse of a normal or information matrix, scaled to unit diagonal first.

    Raises
    ------
    CollinearityError
        The matrix is singular.
    """
    diagonal = np.diag(gram)
    if (diagonal <= 0).any():
        raise CollinearityError(np.flatnonzero(diagonal <= 0))
    if not (gram - np.diag(diagonal)).any():
        return np.diag(1 / diagonal)
    scale = 1 / np.sqrt(diagonal)
    values, vectors = linalg.eigh(gram * np.outer(scale, scale))
    empty = values < RANK_TOLERANCE * values[-1]
    if empty.any():
        null = np.abs(vectors[:, empty]).max(axis=1)
        raise CollinearityError(np.flatnonzero(null > RANK_TOLERANCE**0.5))
    inverse = (vectors / values) @ vectors.T * np.outer(scale, scale)
    return np.asarray(inverse)
