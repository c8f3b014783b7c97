"""What calibration does to a figure's spread: the influence that the margins leave over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from conjoint.typing import FloatArray

__all__ = ["basis_of", "drawn_targets", "margin_effects", "margin_residual"]

RANK_TOLERANCE = 1e-10


def basis_of(z: FloatArray, start: FloatArray) -> FloatArray:
    """An orthonormal basis of the margins, rows scaled by the square root of the start weights.

    Parameters
    ----------
    z
        What is calibrated, of shape (n, p); columns may depend on each other.
    start
        The weights that calibration began with, of shape (n,), zero or more.

    Returns
    -------
    numpy.ndarray
        Of shape (n, rank).
    """
    scaled = z * np.sqrt(start)[:, None]
    left, values, _ = np.linalg.svd(scaled, full_matrices=False)
    return np.asarray(left[:, values > RANK_TOLERANCE * values.max(initial=0.0)])


def drawn_targets(
    z: FloatArray, moved: FloatArray, basis: FloatArray, start: FloatArray, weights: FloatArray
) -> FloatArray:
    """What targets that hang on the sample give back to a figure's influence.

    Formula
        d_i phi_i B, with phi_i the influence of respondent i on the targets, d scaled to the sum of the
        calibrated weights, and B as in :func:`margin_residual`: B = T (Q' sqrt(d) u), T the smallest
        solution of sqrt(d) z T = Q.

    Parameters
    ----------
    z, start
        As for :func:`basis_of`.
    moved
        phi, of shape (n, p).
    basis
        Q, of shape (n, rank).
    weights
        The calibrated weights, of shape (n,).

    Returns
    -------
    numpy.ndarray
        d phi T, of shape (n, rank).
    """
    scale = start * (weights.sum() / start.sum())
    solved = np.linalg.lstsq(z * np.sqrt(start)[:, None], basis, rcond=RANK_TOLERANCE)[0]
    return np.asarray(scale[:, None] * (moved @ solved))


def margin_residual(
    influence: FloatArray,
    basis: FloatArray,
    start: FloatArray,
    weights: FloatArray,
    drawn: FloatArray | None = None,
) -> FloatArray:
    """The influence that is left when the margins have taken theirs.

    Formula
        psi_i -> w_i (u_i - z_i B), less its mean, u = psi / w, B = (sum d z z')^-1 sum d z u, with d the start
        weights and w the calibrated ones (Deville & Sarndal 1992): what respondents alike in the
        margins have in common cannot vary between samples that are weighted to the same margins.

    Parameters
    ----------
    influence
        Of shape (n, k).
    basis
        See :func:`basis_of`, of shape (n, rank).
    start, weights
        d and w, of shape (n,).
    drawn
        Where some targets hang on the sample, what :func:`drawn_targets` says of them.
    """
    counted = (weights > 0) & (start > 0)
    factor = np.divide(np.sqrt(start), weights, out=np.zeros_like(weights), where=counted)
    scaled = influence * factor[:, None]
    along = basis.T @ scaled
    scaled -= basis @ along
    back = np.divide(1.0, factor, out=np.zeros_like(weights), where=counted)
    left = scaled * back[:, None]
    if drawn is not None:
        left += drawn @ along
    # Orthogonal under the start weights is not quite balanced under the calibrated ones.
    left[counted] -= left[counted].mean(axis=0)
    return np.asarray(left)


def margin_effects(
    influence: FloatArray, z: FloatArray, start: FloatArray, weights: FloatArray
) -> FloatArray:
    """How a figure moves with the margins' weighted totals: B, of shape (p, k).

    Where columns of z depend on each other it is the smallest of the solutions; any change of
    totals that weights can meet moves the figure by the same amount under all of them.
    """
    counted = (weights > 0) & (start > 0)
    u = np.divide(influence, weights[:, None], out=np.zeros_like(influence), where=counted[:, None])
    root = np.sqrt(start)[:, None]
    return np.asarray(np.linalg.lstsq(z * root, u * root, rcond=RANK_TOLERANCE)[0])
