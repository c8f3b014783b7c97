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

SAME = 1e-8
"""Two fits of which every residual shrinks as much, to this part, are one fit."""


@dataclass(frozen=True, eq=False)
class Linearised:
    """How calibrated weights give way when a respondent counts a little more or less.

    Formula
        w = d F(z'lambda), with lambda such that sum w z = t, moves a figure of influence psi = w u by
        w_i (u_i - z_i'B), B = (sum s z z')^-1 sum s z u and s = d F'(z'lambda) (Deville & Sarndal 1992).
        What respondents alike in the margins have in common cannot vary between samples that are
        weighted to the same margins.

        A residual is smaller than the error it stands for, the more so for heavy people in small
        categories, whom the fit follows. Given who was drawn, a figure's variance is sum w^2 sigma^2, and
        the mean of a residual's square is q sigma^2, q = 1 - 2 H_ii + sum_j H_ij^2 with
        H = z (sum s z z')^-1 z's: residuals are divided by sqrt(q) (Valliant 2002; HC2 of a regression).
        What adds up such squares is known as well as from (sum w^2)^2 / sum w^4 people who weigh alike
        (Satterthwaite 1946), and has one degree of freedom less. Both as if sigma were the same for all.

        Where the starting weights fit as the slopes do (the linear distance, post-stratification, raking to
        one margin) neither is done: the errors and degrees of freedom are those of R's survey.

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
    def _shrunk(self) -> FloatArray | None:
        """q, of shape (n,); None where the fit is that of the starting weights."""
        fitted = _spread(self.basis, self.slope)
        begun = _spread(self.z @ _orthonormal(self.z, self.start), self.start)
        return None if np.allclose(fitted, begun, rtol=0.0, atol=SAME) else fitted

    @cached_property
    def scale(self) -> FloatArray:
        """What residuals are multiplied by, of shape (n,)."""
        scale = np.ones(len(self.weights))
        if self._shrunk is not None:
            root = np.sqrt(self._shrunk)
            np.divide(1.0, root, out=scale, where=self._shrunk > RANK_TOLERANCE)
        return scale

    def degrees(self, members: BoolArray) -> float:
        """Degrees of freedom of figures of some respondents, of shape (n,)."""
        if self._shrunk is None:
            return float(members.sum()) - 1.0
        squares = np.square(self.weights[members])
        total = float(squares.sum())
        alike = total**2 / float(np.square(squares).sum()) if total > 0 else 0.0
        return max(alike - 1.0, 1.0)

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
