"""Leverage: residuals adjusted for it, and the degrees of freedom that go with them.

The working covariance of the errors is the identity, with weights too: survey weights say whom a
respondent stands for, not how precise the answer is. So do clubSandwich and estimatr.

Letters: N profiles, G respondents, K coefficients, k figures, n profiles of one respondent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations_with_replacement, pairwise
from typing import TYPE_CHECKING

import numpy as np

from conjoint.estimate.linear import sums_by_cell, weighted_gram

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.estimate.linear import Regression
    from conjoint.typing import FloatArray, IntArray, Variance

__all__ = ["BellMcCaffrey", "Leverage", "SaturatedError", "dense_rows", "find_leverage"]

SATURATED = 1e-10
"""Leverage this close to one leaves nothing of a residual to adjust."""
CHUNK = 1 << 22
"""Numbers in one dense piece of the design matrix."""


class SaturatedError(ArithmeticError):
    """Without one respondent some figure has no data; `columns` are such coefficients."""

    def __init__(self, columns: IntArray) -> None:
        self.columns = columns
        super().__init__(f"columns {columns.tolist()} stand on one respondent")


@dataclass(frozen=True, eq=False, slots=True)
class Batch:
    """Respondents with equally many profiles: their rows, (g, n), and A_i, (g, n, n)."""

    rows: IntArray
    adjuster: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class Leverage:
    """A regression, the place of its rows among all rows, and its adjustments.

    `place`, of shape (N,), numbers the rows so that regressions on the same profiles know it.
    """

    regression: Regression
    place: IntArray
    batches: tuple[Batch, ...]

    @property
    def residual(self) -> FloatArray:
        """The adjusted residual, A_i e_i for every respondent, of shape (N,)."""
        adjusted = self.regression.residual.copy()
        for batch in self.batches:
            own = self.regression.residual[batch.rows][..., None]
            adjusted[batch.rows] = (batch.adjuster @ own)[..., 0]
        return adjusted

    def transposed(self, rows: FloatArray) -> FloatArray:
        """A_i' applied to each respondent's rows; of shape (N,)."""
        adjusted = rows.copy()
        for batch in self.batches:
            own = rows[batch.rows][:, None, :]
            adjusted[batch.rows] = (own @ batch.adjuster)[:, 0, :]
        return adjusted


def find_leverage(regression: Regression, place: IntArray, variance: Variance) -> Leverage:
    """Work out the adjustment A_i of every respondent's residuals.

    Formula
        CR2: A_i = B_i^(-1/2), B_i the ii block of (I - H)(I - H)' (Bell & McCaffrey 2002), a
        pseudo-inverse where a respondent saturates a cell. CR3: A_i = (I - H_ii)^-1, the jackknife.
        Others: none.

    Parameters
    ----------
    regression
        Its weights have to be positive.
    place
        See :class:`Leverage`.

    Raises
    ------
    SaturatedError
        Under CR3, a coefficient cannot be estimated without one of the respondents.
    """
    batches: tuple[Batch, ...] = ()
    if variance == "CR2":
        spread = weighted_gram(regression, regression, regression.w**2)
        middle = regression.inverse @ spread @ regression.inverse
        batches = tuple(
            Batch(rows, _unbiased(regression, rows, middle)) for rows in _equal_sizes(regression)
        )
    elif variance == "CR3":
        batches = tuple(
            Batch(rows, _left_out(regression, rows)) for rows in _equal_sizes(regression)
        )
    return Leverage(regression, place, batches)


def _equal_sizes(regression: Regression) -> Iterator[IntArray]:
    """Rows by respondent, (g, n), in pieces of equal n and bounded size."""
    respondent = regression.respondent
    order = np.argsort(respondent, kind="stable")
    counts = np.bincount(respondent)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    for n in np.unique(counts[counts > 0]):
        people = np.flatnonzero(counts == n)
        most = max(1, CHUNK // (int(n) * (len(regression.coefficients) + int(n))))
        for first in range(0, len(people), most):
            piece = people[first : first + most]
            yield order[starts[piece][:, None] + np.arange(n)]


def dense_rows(regression: Regression, rows: IntArray) -> FloatArray:
    """Rows of the design matrix, of shape (*rows.shape, K)."""
    X = np.zeros((*rows.shape, len(regression.coefficients)))
    for term in regression.terms:
        column = term.columns[term.codes[rows]]
        place = np.nonzero(column >= 0)
        held = 1.0 if term.values is None else term.values[term.codes[rows[place]]]
        X[(*place, column[place])] += held
    return X


def _unbiased(regression: Regression, rows: IntArray, middle: FloatArray) -> FloatArray:
    """B_i^(-1/2) for respondents of equally many rows, of shape (g, n, n)."""
    X, w = dense_rows(regression, rows), regression.w[rows]
    H = X @ regression.inverse @ X.swapaxes(1, 2) * w[:, None, :]
    B = np.eye(rows.shape[1]) - H - H.swapaxes(1, 2) + X @ middle @ X.swapaxes(1, 2)
    left, vectors = np.linalg.eigh(B)
    saturated = left < SATURATED
    factor = np.where(saturated, 0.0, np.where(saturated, 1.0, left) ** -0.5)
    return np.asarray((vectors * factor[:, None, :]) @ vectors.swapaxes(1, 2))


def _left_out(regression: Regression, rows: IntArray) -> FloatArray:
    """(I - H_ii)^-1 for respondents of equally many rows, of shape (g, n, n)."""
    scale = np.sqrt(regression.w[rows])
    X = dense_rows(regression, rows) * scale[..., None]
    H = X @ regression.inverse @ X.swapaxes(1, 2)
    left, vectors = np.linalg.eigh(np.eye(rows.shape[1]) - H)
    if (left < SATURATED).any():
        which, axis = np.nonzero(left < SATURATED)
        # M X_i'u for an eigenvector u of nothing left: what X'X without respondent i maps to zero.
        lost = np.einsum("sn,snk->sk", vectors[which, :, axis], X[which]) @ regression.inverse
        share = np.abs(lost) / np.abs(lost).max(axis=1, keepdims=True)
        raise SaturatedError(np.flatnonzero(share.max(axis=0) > SATURATED**0.5))
    inverse = (vectors / left[:, None, :]) @ vectors.swapaxes(1, 2)
    return np.asarray(inverse * scale[:, None, :] / scale[..., None])


@dataclass(frozen=True, eq=False, slots=True)
class _Quadratic:
    """One figure's part of the GxG matrix B of :class:`BellMcCaffrey`.

    `own` is g, of shape (rows,); `left` is L = [U, H], of shape (G, 2K).
    """

    own: FloatArray
    left: FloatArray


@dataclass(frozen=True, eq=False)
class BellMcCaffrey:
    """Degrees of freedom of figures whose variance is CR2 (or CR1, CR3), by Satterthwaite.

    Formula
        A variance estimate is sum_i (p_i'y)^2 with p_i = (I - H)_i' g_i, g_i = A_i' W_i X_i M c.
        With B_ij = p_i'p_j the degrees of freedom are tr(B)^2 / tr(B^2). A figure made of several
        regressions has the sum of their p_i, rows that they share counted once.

    Parameters
    ----------
    parts
        The regressions, K_s coefficients each.
    figures
        Of shape (k, sum of K_s): the figures as combinations of all regressions' coefficients.

    Notes
    -----
    B is diagonal plus a product of thin matrices, B = D - U M H' - H M U' + U M S M U' with u_i =
    X_i'g_i, h_i = X_i'W_i g_i, S = X'W^2 X, so that no G x G matrix is ever built.

    References
    ----------
    Bell & McCaffrey 2002; Pustejovsky & Tipton 2018, doi:10.1080/07350015.2016.1247004. Checked
    against clubSandwich 0.5.8 and estimatr 1.0.0.
    """

    parts: tuple[Leverage, ...]
    figures: FloatArray

    def combine(self, matrix: FloatArray) -> BellMcCaffrey:
        """See :class:`conjoint.estimates.Freedom`."""
        return replace(self, figures=matrix @ self.figures)

    def beside(self, other: object) -> BellMcCaffrey | None:
        """See :class:`conjoint.estimates.Freedom`."""
        if not isinstance(other, BellMcCaffrey):
            return None
        mine, theirs = self.figures, other.figures
        figures = np.zeros((len(mine) + len(theirs), mine.shape[1] + theirs.shape[1]))
        figures[: len(mine), : mine.shape[1]] = mine
        figures[len(mine) :, mine.shape[1] :] = theirs
        return BellMcCaffrey(self.parts + other.parts, figures)

    def degrees(self) -> FloatArray:
        """See :class:`conjoint.estimates.Freedom`."""
        result = np.full(len(self.figures), np.nan)
        needed = np.stack([own.any(axis=1) for _, own in self._pieces], axis=1)
        for pattern in np.unique(needed[needed.any(axis=1)], axis=0):
            rows = np.flatnonzero((needed == pattern).all(axis=1))
            alike = self._only(self.figures[rows])
            result[rows] = [alike._degrees(figure) for figure in alike.figures]  # noqa: SLF001
        return result

    def _degrees(self, figure: FloatArray) -> float:
        """tr(B)^2 / tr(B^2) of one figure."""
        own, Q = self._quadratic(figure), self._middle
        diagonal = self._diagonal(own, own)
        inner = Q @ (own.left.T @ own.left)
        cross = np.sum((own.left @ Q) * own.left, axis=1)
        square = np.sum(diagonal * (diagonal + 2 * cross)) + np.sum(inner * inner.T)
        # Nothing to go by where the figure stands on one respondent.
        return float((diagonal.sum() + np.trace(inner)) ** 2 / square) if square > 0 else np.nan

    def hotelling(self) -> float:
        """See :class:`conjoint.estimates.Freedom`.

        Formula
            eta = q (q + 1) / sum over s, t of Var(d_st), d the variance estimate of the q figures
            standardised by its expectation.
        """
        small = self._only(self.figures)
        raw = small._quadratics  # noqa: SLF001
        q = len(raw)
        expected = np.array([[small._trace(a, b) for b in raw] for a in raw])  # noqa: SLF001
        values, vectors = np.linalg.eigh(expected)
        root = (vectors / np.sqrt(values)) @ vectors.T
        standard = small.combine(root)._quadratics  # noqa: SLF001
        alone = [small._product(own, own) for own in standard]  # noqa: SLF001
        spread = 0.0
        for s, t in combinations_with_replacement(range(q), 2):
            across = alone[s] if s == t else small._product(standard[s], standard[t])  # noqa: SLF001
            # tr(B^ss B^tt) and tr(B^st B^st)
            own = small._trace_of_product(alone[s], alone[t], across, across)  # noqa: SLF001
            own += small._trace_of_product(across, across, across.turned, across)  # noqa: SLF001
            spread += own * (1 if s == t else 2)
        return float(q * (q + 1) / spread)

    def _only(self, figures: FloatArray) -> BellMcCaffrey:
        """The same for some figures, regressions that they do not need left out."""
        pieces = replace(self, figures=figures)._pieces  # noqa: SLF001
        needed = [(part, own) for part, own in pieces if own.any()]
        return BellMcCaffrey(
            tuple(part for part, _ in needed), np.concatenate([own for _, own in needed], axis=1)
        )

    @property
    def _pieces(self) -> list[tuple[Leverage, FloatArray]]:
        """The regressions, each with the figures as combinations of its own coefficients."""
        starts = np.cumsum([0, *(len(part.regression.coefficients) for part in self.parts)])
        return [
            (part, self.figures[:, start:stop])
            for part, (start, stop) in zip(self.parts, pairwise(starts), strict=True)
        ]

    @property
    def _even(self) -> bool:
        """Whether there is one regression, of equal weights: then H is w U and S is w / M."""
        return len(self.parts) == 1 and bool(np.ptp(self.parts[0].regression.w) == 0)

    @cached_property
    def _quadratics(self) -> tuple[_Quadratic, ...]:
        return tuple(self._quadratic(figure) for figure in self.figures)

    def _quadratic(self, figure: FloatArray) -> _Quadratic:
        rows = 1 + max(int(part.place.max()) for part in self.parts)
        total = np.zeros(rows)
        own, start = [], 0
        for part in self.parts:
            K = len(part.regression.coefficients)
            g = part.transposed(_predictions(part.regression, figure[start : start + K]))
            total[part.place] += g
            own.append(g)
            start += K
        U = [_scores(part.regression, g) for part, g in zip(self.parts, own, strict=True)]
        if self._even:
            return _Quadratic(total, U[0])
        H = [_scores(part.regression, part.regression.w * total[part.place]) for part in self.parts]
        return _Quadratic(total, np.concatenate(U + H, axis=1))

    @cached_property
    def _respondent(self) -> IntArray:
        respondent = np.zeros(1 + max(int(part.place.max()) for part in self.parts), dtype=np.intp)
        for part in self.parts:
            respondent[part.place] = part.regression.respondent
        return respondent

    @cached_property
    def _middle(self) -> FloatArray:
        """Q of B = D + L Q L'."""
        if self._even:
            regression = self.parts[0].regression
            return np.asarray(-regression.w[0] * regression.inverse)
        sizes = [len(part.regression.coefficients) for part in self.parts]
        starts = np.cumsum([0, *sizes])
        M, S = np.zeros((starts[-1],) * 2), np.zeros((starts[-1],) * 2)
        for a, first in enumerate(self.parts):
            own = slice(starts[a], starts[a + 1])
            M[own, own] = first.regression.inverse
            for b, second in enumerate(self.parts):
                S[own, slice(starts[b], starts[b + 1])] = _shared(first, second)
        zero = np.zeros_like(M)
        return np.block([[M @ S @ M, -M], [-M, zero]])

    def _diagonal(self, a: _Quadratic, b: _Quadratic) -> FloatArray:
        G = self.parts[0].regression.G
        sums = np.bincount(self._respondent, weights=a.own * b.own, minlength=G)
        return np.asarray(sums, dtype=float)

    def _trace(self, a: _Quadratic, b: _Quadratic) -> float:
        low = np.sum((a.left.T @ b.left) * self._middle)
        return float(np.sum(a.own * b.own) + low)

    def _product(self, a: _Quadratic, b: _Quadratic) -> _Product:
        """What the traces of products need of B^ab = diag(g_a g_b) + L_a Q L_b'."""
        low = np.einsum("gk,gk->g", a.left @ self._middle, b.left)
        return _Product(self._diagonal(a, b), low, a.left.T @ b.left)

    def _trace_of_product(self, ab: _Product, cd: _Product, bc: _Product, ad: _Product) -> float:
        """tr(B^ab B^cd)."""
        Q = self._middle
        own = ab.own @ cd.own + ab.own @ cd.low + cd.own @ ab.low
        return float(own + np.sum((Q @ bc.gram @ Q) * ad.gram))


@dataclass(frozen=True, eq=False, slots=True)
class _Product:
    """B^ab, respondent by respondent: `own` and `low` are the diagonals of its parts, `gram` is L_a'L_b."""

    own: FloatArray
    low: FloatArray
    gram: FloatArray

    @property
    def turned(self) -> _Product:
        """B^ba: Q is symmetric."""
        return replace(self, gram=self.gram.T)


def _predictions(regression: Regression, figure: FloatArray) -> FloatArray:
    """W x M c of each row, of shape (N,)."""
    loading = regression.inverse @ figure
    predicted = np.zeros(len(regression.w))
    for term in regression.terms:
        predicted += term.spread(loading)[term.codes]
    return regression.w * predicted


def _scores(regression: Regression, rows: FloatArray) -> FloatArray:
    """Sums of x times a number of each row, by respondent; of shape (G, K)."""
    sums = sums_by_cell(regression, rows)
    scores = np.zeros((regression.G, len(regression.coefficients)))
    start = 0
    for term in regression.terms:
        scores[:, term.coefficients] += term.fold(sums[:, start : start + term.size].T).T
        start += term.size
    return scores


def _shared(first: Leverage, second: Leverage) -> FloatArray:
    """X'WWX of two regressions over the rows they share, of shape (K_1, K_2)."""
    if first is second:
        return weighted_gram(first.regression, first.regression, first.regression.w**2)
    _, mine, theirs = np.intersect1d(
        first.place, second.place, assume_unique=True, return_indices=True
    )
    if not len(mine):
        return np.zeros((len(first.regression.coefficients), len(second.regression.coefficients)))
    weight = first.regression.w[mine] * second.regression.w[theirs]
    return weighted_gram(first.regression, second.regression, weight, mine, theirs)
