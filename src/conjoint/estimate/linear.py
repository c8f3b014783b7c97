"""The linear kernels: array functions that know no pandas.

Profiles are described by integer codes, one array a block of attributes, so that the normal
equations come from contingency tables and no design matrix is ever built.

Letters: N profiles, G respondents, B blocks, m_b cells in block b, M = sum of m_b.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import linalg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.typing import BoolArray, FloatArray, IntArray

__all__ = ["CellEffects", "CollinearityError", "additive_fit", "cell_counts", "cell_means"]

RANK_TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True)
class CellEffects:
    """Effects of cells against their block's reference cell.

    Parameters
    ----------
    effects
        Of shape (M,), blocks in order; 0 at reference cells, NaN at cells that never occur.
    influence
        Of shape (G, M); zero where the effect is fixed or missing.
    observed
        Of shape (M,): cells that occur with positive weight.
    offsets
        Of shape (B + 1,): where each block's cells start.
    """

    effects: FloatArray
    influence: FloatArray
    observed: BoolArray
    offsets: IntArray


class CollinearityError(ArithmeticError):
    """The blocks do not vary freely; `cells` are those that cannot be told apart."""

    def __init__(self, cells: IntArray) -> None:
        self.cells = cells
        super().__init__(f"collinear cells {cells.tolist()}")


def additive_fit(
    codes: Sequence[IntArray],
    sizes: Sequence[int],
    references: Sequence[int],
    y: FloatArray,
    w: FloatArray,
    respondent: IntArray,
    G: int,
) -> CellEffects:
    """Weighted least squares of y on one set of cell dummies a block.

    Formula
        b = (X'WX)^-1 X'Wy with X the intercept and all cells but the reference of each block;
        psi_i = (X'WX)^-1 sum over i's profiles of x w (y - x'b).

    Parameters
    ----------
    codes
        B arrays of shape (N,): each profile's cell, from 0.
    sizes
        The number of cells m_b of each block.
    references
        The cell of each block that the others are measured against; it has to occur.
    y, w
        Outcome and weight, of shape (N,).
    respondent
        Each profile's respondent, from 0 to G - 1, of shape (N,).
    G
        The number of respondents.

    Raises
    ------
    CollinearityError
        X'WX is singular.
    """
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)
    gram, moments = _normal_equations(codes, sizes, offsets, y, w)
    observed = np.diag(gram) > 0
    keep = observed.copy()
    keep[offsets[:-1] + np.asarray(references, dtype=np.intp)] = False
    columns = np.flatnonzero(keep)
    # Row and column 0 are the intercept: the margin of the first block's table.
    A = np.empty((len(columns) + 1,) * 2)
    A[0, 0] = w.sum()
    A[0, 1:] = A[1:, 0] = np.diag(gram)[columns]
    A[1:, 1:] = gram[np.ix_(columns, columns)]
    inverse = _inverse(A, columns)
    b = inverse @ np.concatenate([[moments[: sizes[0]].sum()], moments[columns]])

    effects = np.where(observed, 0.0, np.nan)
    effects[columns] = b[1:]
    fitted = np.full(len(y), b[0])
    for code, start, stop in zip(codes, offsets[:-1], offsets[1:], strict=True):
        fitted += effects[start:stop][code]
    scores = _scores(codes, sizes, w * (y - fitted), respondent, G)
    intercept = scores[:, : sizes[0]].sum(axis=1, keepdims=True)
    psi = np.concatenate([intercept, scores[:, columns]], axis=1) @ inverse[:, 1:]
    influence = np.zeros((G, offsets[-1]))
    influence[:, columns] = psi
    return CellEffects(effects, influence, observed, offsets)


def cell_means(
    code: IntArray, size: int, y: FloatArray, w: FloatArray, respondent: IntArray, G: int
) -> tuple[FloatArray, FloatArray]:
    """Weighted mean of y in each cell, and its influence.

    Formula
        m_c = sum w y / sum w over the profiles of cell c;
        psi_ic = sum over i's profiles in c of w (y - m_c) / sum of w in c.

    Returns
    -------
    means
        Of shape (size,); NaN where a cell has no weight.
    influence
        Of shape (G, size).
    """
    weight = np.bincount(code, weights=w, minlength=size)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.bincount(code, weights=w * y, minlength=size) / weight
    scores = _scores([code], [size], w * (y - means[code]), respondent, G)
    return means, scores / np.where(weight > 0, weight, 1.0)


def cell_counts(
    code: IntArray, size: int, respondent: IntArray, G: int
) -> tuple[IntArray, IntArray]:
    """How many profiles show each cell, and how many respondents saw it; both of shape (size,)."""
    table = np.bincount(respondent * size + code, minlength=G * size).reshape(G, size)
    return table.sum(axis=0), np.count_nonzero(table, axis=0).astype(np.intp)


def _normal_equations(
    codes: Sequence[IntArray],
    sizes: Sequence[int],
    offsets: IntArray,
    y: FloatArray,
    w: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Weighted cross-table of all cells, (M, M), and weighted sums of y, (M,)."""
    M = int(offsets[-1])
    gram, moments, wy = np.zeros((M, M)), np.zeros(M), w * y
    for a, code in enumerate(codes):
        rows = slice(offsets[a], offsets[a + 1])
        moments[rows] = np.bincount(code, weights=wy, minlength=sizes[a])
        gram[rows, rows] = np.diag(np.bincount(code, weights=w, minlength=sizes[a]))
        for b in range(a):
            columns = slice(offsets[b], offsets[b + 1])
            joint = np.bincount(
                code * sizes[b] + codes[b], weights=w, minlength=sizes[a] * sizes[b]
            ).reshape(sizes[a], sizes[b])
            gram[rows, columns] = joint
            gram[columns, rows] = joint.T
    return gram, moments


def _scores(
    codes: Sequence[IntArray],
    sizes: Sequence[int],
    residual: FloatArray,
    respondent: IntArray,
    G: int,
) -> FloatArray:
    """Sum of weighted residuals by respondent and cell, of shape (G, M)."""
    return np.concatenate(
        [
            np.bincount(respondent * size + code, weights=residual, minlength=G * size).reshape(
                G, size
            )
            for code, size in zip(codes, sizes, strict=True)
        ],
        axis=1,
    )


def _inverse(A: FloatArray, columns: IntArray) -> FloatArray:
    """Inverse of the normal matrix, scaled to unit diagonal first."""
    scale = 1 / np.sqrt(np.diag(A))
    values, vectors = linalg.eigh(A * np.outer(scale, scale))
    if values[0] < RANK_TOLERANCE * values[-1]:
        null = np.abs(vectors[1:, values < RANK_TOLERANCE * values[-1]]).max(axis=1)
        raise CollinearityError(columns[null > RANK_TOLERANCE**0.5])
    inverse = (vectors / values) @ vectors.T * np.outer(scale, scale)
    return np.asarray(inverse)
