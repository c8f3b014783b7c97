"""What calibration does to a figure's spread: the influence that the margins leave over."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from conjoint.typing import BoolArray, FloatArray

__all__ = ["Linearised"]

RANK_TOLERANCE = 1e-10


@dataclass(frozen=True, eq=False)
class Linearised:
    """How calibrated weights give way when a respondent counts a little more or less.

    Formula
        w = d F(z'lambda), with lambda such that sum w z = t, moves a figure of influence psi = w u by
        w_i (u_i - z_i'B), B = (sum s z z')^-1 sum s z u and s = d F'(z'lambda) (Deville & Sarndal 1992).
        What respondents alike in the margins have in common cannot vary between samples that are
        weighted to the same margins.

        A fit with weights that were moved far follows those that were moved up, whose residuals are
        then too small. Each residual is scaled by sqrt(q_d / q_s), q = var(residual) / var(u) were all
        alike: 1 - 2 H_ii + sum_j H_ij^2, H = z (sum s z z')^-1 z's. With s = d nothing is scaled.

    Parameters
    ----------
    z
        What is calibrated, of shape (n, p); columns may depend on each other.
    start
        d, of shape (n,).
    slope
        s, of shape (n,): the weights themselves for raking, the start weights for the linear distance,
        zero where a weight is held at a limit.
    weights
        The calibrated weights, of shape (n,).
    moved
        Where some targets hang on the sample, the influence of respondent i on the targets, of shape
        (n, p), times the start weight scaled to the calibrated weights' sum.
    """

    z: FloatArray
    start: FloatArray
    slope: FloatArray
    weights: FloatArray
    moved: FloatArray | None = None

    @cached_property
    def _solved(self) -> FloatArray:
        """T such that the columns of sqrt(s) z T are orthonormal, of shape (p, rank)."""
        return _orthonormal(self.z, self.slope)

    @cached_property
    def basis(self) -> FloatArray:
        """V = z T, of shape (n, rank): V'(s u) is what the margins say of u."""
        return self.z @ self._solved

    @cached_property
    def taken(self) -> FloatArray:
        """What is taken off an influence for a unit of V'(s u), of shape (n, rank)."""
        taken = self.weights[:, None] * self.basis
        return taken if self.moved is None else taken - self.moved @ self._solved

    @cached_property
    def scale(self) -> FloatArray:
        """What residuals are multiplied by, of shape (n,)."""
        fitted = _spread(self.basis, self.slope)
        begun = _spread(self.z @ _orthonormal(self.z, self.start), self.start)
        square = np.ones(len(fitted))
        np.divide(begun, fitted, out=square, where=fitted > RANK_TOLERANCE)
        return np.sqrt(square)

    @property
    def counted(self) -> BoolArray:
        """Who has a weight."""
        return self.weights > 0

    def residual(self, influence: FloatArray) -> FloatArray:
        """The influence that is left when the margins have taken theirs, less its mean: (n, k)."""
        along = self.basis.T @ (self.slope[:, None] * self._each(influence))
        left = self.scale[:, None] * (influence - self.taken @ along)
        left[self.counted] -= left[self.counted].mean(axis=0)
        return np.asarray(left)

    def effects(self, influence: FloatArray, z: FloatArray) -> FloatArray:
        """How a figure moves with the weighted totals of columns like the margins': B, (p, k).

        Where columns of z depend on each other it is the smallest of the solutions; any change of
        totals that weights can meet moves the figure by the same amount under all of them.
        """
        root = np.sqrt(self.slope)[:, None]
        u = self._each(influence) * root
        return np.asarray(np.linalg.lstsq(z * root, u, rcond=RANK_TOLERANCE)[0])

    def _each(self, influence: FloatArray) -> FloatArray:
        """u, the influence of a unit of weight."""
        weights = self.weights[:, None]
        return np.divide(influence, weights, out=np.zeros_like(influence), where=weights > 0)


def _orthonormal(z: FloatArray, slope: FloatArray) -> FloatArray:
    """T such that the columns of sqrt(slope) z T are orthonormal, from the columns' products."""
    products = z.T @ (z * slope[:, None])
    size = np.sqrt(np.diagonal(products))
    each = np.divide(1.0, size, out=np.zeros_like(size), where=size > 0)
    values, vectors = np.linalg.eigh(products * each[:, None] * each)
    kept = values > RANK_TOLERANCE * values.max(initial=0.0)
    return np.asarray(each[:, None] * vectors[:, kept] / np.sqrt(values[kept]))


def _spread(basis: FloatArray, slope: FloatArray) -> FloatArray:
    """The variance of each residual in those of u, were all alike."""
    products = basis.T @ (basis * (slope**2)[:, None])
    own = np.einsum("ir,ir->i", basis, basis @ products - 2 * slope[:, None] * basis)
    return np.asarray(np.maximum(1 + own, 0.0))
