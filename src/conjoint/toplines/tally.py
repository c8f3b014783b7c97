"""Weighted sums of answers by column, and the spread of every figure and pair of figures from them.

A table of k rows and C columns has k C figures. Their influence would be a matrix of respondents by
k C; what tests need of it is, row by row, the products of its columns. They follow from sums over
respondents that one matrix product a question gives.

Letters: n respondents, C columns, K parts of a question, k rows, p columns of the calibration's basis.
No pandas here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import linalg

if TYPE_CHECKING:
    from conjoint.typing import BoolArray, FloatArray
    from conjoint.wave import Linearised

__all__ = ["Spread", "Sums", "Weighed", "condensed", "spread_of", "sums_of", "tally", "weigh"]

ONE_THREAD = 1 << 18
"""Multiplications in a product up to which OpenBLAS starts no second thread."""

ROUNDING = 1e-13
"""A variance this small beside the largest it could be is zero that rounding has touched."""


@dataclass(frozen=True, eq=False, slots=True)
class Weighed:
    """What respondents are summed with, made once for all questions of a wave.

    Parameters
    ----------
    members
        M, of shape (n, C), ones and zeros.
    left
        Of shape (n, 2 + C), and under calibration (n, 3 + 2C + 2p): ones, the weights w, w^2 M; then s V,
        f^2 w eta, f w and f^2 w^2 M, with V, s, eta and f the basis, slope, what is taken and the scale
        of :class:`conjoint.wave.linearise.Linearised`.
    size
        p.
    inner
        Of shape (p, p): the products of f eta.
    total
        Of shape (p,): the sums of f eta.
    counted
        How many respondents calibration counts.
    degrees
        Degrees of freedom of each column's figures, of shape (C,).
    """

    members: FloatArray
    left: FloatArray
    size: int
    inner: FloatArray
    total: FloatArray
    counted: int
    degrees: FloatArray

    @property
    def weights(self) -> FloatArray:
        """w, of shape (n,)."""
        return self.left[:, 1]


@dataclass(frozen=True, eq=False, slots=True)
class Sums:
    """Sums by row and column.

    Parameters
    ----------
    counts, weights
        Of those whose value is not zero, people (weighted: the values' weighted sum); (k, C).
    n, total
        The base, people and weights; (k, C).
    values
        The weighted mean of the row's values; (k, C), NaN where nobody stands in the base.
    """

    counts: FloatArray
    weights: FloatArray
    n: FloatArray
    total: FloatArray
    values: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class Spread:
    """The spread of a row's figures.

    Parameters
    ----------
    products
        For each row, sum over respondents of the influence of column c times that of c'; (k, C, C).
    overlap
        sum of w^2 over who stands in the base of both c and c', over their weights' totals; (k, C, C).
        Its diagonal is one over the effective base.
    variance
        The weighted variance of the row's values within each column; (k, C).
    """

    products: FloatArray
    overlap: FloatArray
    variance: FloatArray


def weigh(weights: FloatArray, members: BoolArray, margins: Linearised | None = None) -> Weighed:
    """Set up what respondents are summed with.

    Parameters
    ----------
    weights
        w, of shape (n,).
    members
        Of shape (n, C).
    margins
        What the targets take of an influence; None where weights are taken as given.
    """
    M = members.astype(float)
    columns = [np.ones((len(weights), 1)), weights[:, None], (weights**2)[:, None] * M]
    if margins is None:
        none, degrees = np.zeros(0), M.sum(axis=0) - 1.0
        left = np.concatenate(columns, axis=1)
        return Weighed(M, left, 0, np.zeros((0, 0)), none, len(weights), degrees)
    scaled = margins.scale * weights
    eta = margins.scale[:, None] * margins.taken
    columns += [margins.basis * margins.slope[:, None], eta * scaled[:, None]]
    columns += [scaled[:, None], (scaled**2)[:, None] * M]
    left = np.concatenate(columns, axis=1)
    counted, size = int(margins.counted.sum()), margins.basis.shape[1]
    degrees = np.array([margins.degrees(column) for column in members.T])
    return Weighed(M, left, size, eta.T @ eta, eta.sum(axis=0), counted, degrees)


def tally(weighed: Weighed, parts: FloatArray) -> FloatArray:
    """Sum each part of a question: (n, K) to (K, 2 + C + 2p, C).

    Only the respondents of a part are touched, so a question of one answer each is read once; in
    pieces that BLAS leaves to one thread, because threads on busy cores wait for each other.
    """
    m, C = weighed.left.shape[1], weighed.members.shape[1]
    sums = np.zeros((parts.shape[1], m, C))
    width = max(1, ONE_THREAD // (m * C))
    for k, part in enumerate(parts.T):
        rows = np.flatnonzero(part)
        factor = None if (part[rows] == 1).all() else part[rows, None]
        for start in range(0, len(rows), width):
            own = rows[start : start + width]
            right = weighed.members[own]
            if factor is not None:
                right *= factor[start : start + width]
            sums[k] += weighed.left[own].T @ right
    return sums


def sums_of(tallied: FloatArray, first: FloatArray, base: FloatArray) -> Sums:
    """The figures of every row and column, from what :func:`tally` gave."""
    ones, weights = tallied[:, 0], tallied[:, 1]
    total, moment = base @ weights, first @ weights
    values = np.divide(moment, total, out=np.full_like(moment, np.nan), where=total > 0)
    return Sums(first @ ones, moment, base @ ones, total, values)


def spread_of(
    weighed: Weighed,
    tallied: FloatArray,
    coefficients: tuple[FloatArray, FloatArray, FloatArray],
    sums: Sums,
) -> Spread:
    """The spread of every row's figures.

    Parameters
    ----------
    coefficients
        First, second and base of :class:`conjoint.toplines.answers.Answered`.

    Notes
    -----
    The influence of a share is psi_i = w_i m_ic b_i (y_i - p_c) / W_c. Calibration leaves of it
    f (psi - eta a), a = sum s V psi / w, less its mean (see :class:`conjoint.wave.linearise.Linearised`);
    products of two columns are multiplied out.
    """
    C, p = weighed.members.shape[1], weighed.size
    y, yy, b = (np.tensordot(part, tallied, axes=1) for part in coefficients)
    safe = np.where(sums.total > 0, sums.total, 1.0)
    v = np.where(sums.total > 0, sums.values, 0.0)
    pairs = slice(2, 2 + C)
    scale = safe[:, :, None] * safe[:, None, :]
    overlap = b[:, pairs] / scale
    if p:
        pairs = slice(3 + C + 2 * p, 3 + 2 * C + 2 * p)
    y2, y1, y0 = (each[:, pairs] / scale for each in (yy, y, b))
    products = y2 - (v[:, :, None] + v[:, None, :]) * y1 + v[:, :, None] * v[:, None, :] * y0
    largest = np.diagonal(y2 + (v**2)[:, None, :] * y0, axis1=1, axis2=2)
    if p:
        a, x = (
            (y[:, part] - v[:, None, :] * b[:, part]) / safe[:, None, :]
            for part in (slice(2 + C, 2 + C + p), slice(2 + C + p, 2 + C + 2 * p))
        )
        cross = np.swapaxes(a, 1, 2) @ x
        whole = (y[:, 2 + C + 2 * p] - v * b[:, 2 + C + 2 * p]) / safe
        mean = (whole - a.transpose(0, 2, 1) @ weighed.total) / weighed.counted
        products += np.swapaxes(a, 1, 2) @ (weighed.inner @ a) - cross - np.swapaxes(cross, 1, 2)
        products -= weighed.counted * mean[:, :, None] * mean[:, None, :]
    still = np.diagonal(products, axis1=1, axis2=2) <= ROUNDING * largest
    products = np.where(still[:, :, None] | still[:, None, :], 0.0, products)
    square = np.divide(yy[:, 1], sums.total, out=np.zeros_like(v), where=sums.total > 0)
    return Spread(products, overlap, np.maximum(square - v**2, 0.0))


def condensed(products: FloatArray) -> FloatArray:
    """Columns whose products are those given: (C, C) to (C, C), by pivoted Cholesky.

    They stand for the influence of many respondents: covariances, contrasts and their tests need
    nothing else of it.
    """
    scale = np.sqrt(np.diagonal(products))
    moving = np.flatnonzero(scale > 0)
    columns = np.zeros_like(products)
    if not len(moving):
        return columns
    correlation = products[np.ix_(moving, moving)] / np.outer(scale[moving], scale[moving])
    upper, pivots, rank, _ = linalg.lapack.dpstrf(correlation)
    columns[:rank, moving[pivots - 1]] = np.triu(upper)[:rank]
    return np.asarray(columns * scale)
