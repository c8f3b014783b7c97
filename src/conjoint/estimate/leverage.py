"""Leverage: residuals adjusted for it, and the degrees of freedom that go with them.

The working covariance of the errors is the identity, with weights too: survey weights say whom a
respondent stands for, not how precise the answer is. So do clubSandwich and estimatr.

Letters: N profiles, G respondents, K coefficients, k figures, n profiles of one respondent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations_with_replacement, pairwise, product
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy import linalg, sparse
from scipy.linalg import blas

from conjoint.estimate.linear import factors_of, weighted_gram

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conjoint.estimate.linear import Regression
    from conjoint.typing import FloatArray, IntArray, Variance

__all__ = ["BellMcCaffrey", "Leverage", "SaturatedError", "dense_rows", "find_leverage"]

SATURATED = 1e-10
"""Leverage this close to one leaves nothing of a residual to adjust."""
CHUNK = 1 << 22
"""Numbers in one dense piece of the design matrix."""
PIECE = 1 << 20
"""Numbers in one piece of respondents' scores for all figures."""
FEWEST = 16
"""Respondents in a piece, however many figures and coefficients there are."""
GRAMS = 1 << 22
"""Numbers in the products of scores that are summed in one pass over respondents."""


class SaturatedError(ArithmeticError):
    """Without one respondent some figure has no data; `columns` are such coefficients."""

    def __init__(self, columns: IntArray) -> None:
        self.columns = columns
        super().__init__(f"columns {columns.tolist()} stand on one respondent")


@dataclass(frozen=True, eq=False, slots=True)
class Batch:
    """Respondents with equally many profiles, (g,), their rows, (g, n), and A_i, (g, n, n) or None."""

    people: IntArray
    rows: IntArray
    adjuster: FloatArray | None


@dataclass(frozen=True, eq=False)
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
            if batch.adjuster is not None:
                own = self.regression.residual[batch.rows][..., None]
                adjusted[batch.rows] = (batch.adjuster @ own)[..., 0]
        return adjusted

    @cached_property
    def slots(self) -> tuple[IntArray, IntArray]:
        """For each respondent the batch, -1 where without rows, and the place in it; of shape (G,)."""
        batch = np.full(self.regression.G, -1, dtype=np.intp)
        place = np.zeros_like(batch)
        for number, own in enumerate(self.batches):
            batch[own.people] = number
            place[own.people] = np.arange(len(own.people))
        return batch, place


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
    adjust: Adjust | None = None
    if variance == "CR2":
        adjust = _unbiased(regression)
    elif variance == "CR3":
        adjust = _left_out
    batches = tuple(
        Batch(people, rows, None if adjust is None else _adjusters(regression, rows, adjust))
        for people, rows in _equal_sizes(regression)
    )
    return Leverage(regression, place, batches)


Adjust: TypeAlias = "Callable[[Regression, IntArray], FloatArray]"
"""The adjustments A_i, (g, n, n), of respondents with equally many rows, (g, n)."""


def _equal_sizes(regression: Regression) -> Iterator[tuple[IntArray, IntArray]]:
    """Respondents with equally many profiles, (g,), and their rows, (g, n)."""
    respondent = regression.respondent
    order = np.argsort(respondent, kind="stable")
    counts = np.bincount(respondent, minlength=regression.G)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    for n in np.unique(counts[counts > 0]):
        people = np.flatnonzero(counts == n)
        yield people, order[starts[people][:, None] + np.arange(n)]


def _adjusters(regression: Regression, rows: IntArray, adjust: Adjust) -> FloatArray:
    """The adjustments of respondents whose rows these are, (g, n), a piece of them at a time."""
    n = rows.shape[1]
    most = max(1, CHUNK // (n * (len(regression.coefficients) + n)))
    pieces = [rows[first : first + most] for first in range(0, len(rows), most)]
    return np.concatenate([adjust(regression, piece) for piece in pieces])


def dense_rows(regression: Regression, rows: IntArray) -> FloatArray:
    """Rows of the design matrix, of shape (*rows.shape, K)."""
    factors, K = factors_of(regression.terms), len(regression.coefficients)
    column = np.concatenate([term.columns for term in factors]).astype(np.int32)
    value = np.concatenate([term.spread(np.ones(K)) for term in factors])
    cells = regression.tally.cells_of(rows.ravel())
    # A row of a sparse matrix may name a column again: the entries are added up.
    places = np.arange(rows.size + 1) * len(factors)
    parts = value[cells].ravel(), np.maximum(column, 0)[cells].ravel(), places
    X = sparse.csr_array(parts, shape=(rows.size, K)).toarray()
    for term in regression.terms:
        if not any(term is factor for factor in factors):
            X += term.spread(np.eye(K))
    return np.asarray(X.reshape(*rows.shape, K))


def _unbiased(regression: Regression) -> Adjust:
    """B_i^(-1/2): with weights that are all alike B_i = I - H_ii, because H is then symmetric."""
    middle: FloatArray | None = None
    if np.ptp(regression.w):
        spread = weighted_gram(regression, regression, regression.w**2)
        middle = regression.inverse @ spread @ regression.inverse

    def adjust(regression: Regression, rows: IntArray) -> FloatArray:
        X, w = dense_rows(regression, rows), regression.w[rows]
        H = X @ regression.inverse @ X.swapaxes(1, 2) * w[:, None, :]
        B = np.eye(rows.shape[1]) - H
        if middle is not None:
            B += X @ middle @ X.swapaxes(1, 2) - H.swapaxes(1, 2)
        left, vectors = np.linalg.eigh(B)
        saturated = left < SATURATED
        factor = np.where(saturated, 0.0, np.where(saturated, 1.0, left) ** -0.5)
        return np.asarray((vectors * factor[:, None, :]) @ vectors.swapaxes(1, 2))

    return adjust


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
class _Piece:
    """Some respondents' part of the figures' matrices B^st of :class:`BellMcCaffrey`.

    Parameters
    ----------
    own
        t, the sum of all regressions' g over the rows that these respondents have in any of them, of
        shape (c, rows, k).
    sides
        The columns of Q that a side of these respondents' L = X'z stands in, X of shape (c, n, columns)
        and z of shape (c, n, k).
    Q
        The middle of B = D + L Q L'.
    """

    own: FloatArray
    sides: tuple[tuple[slice, FloatArray, FloatArray], ...]
    Q: FloatArray

    def diagonals(self) -> tuple[FloatArray, FloatArray]:
        """The diagonals of D and of L Q L' of every figure, both of shape (c, k)."""
        low = np.zeros((len(self.own), self.own.shape[2]))
        for middle, left, right in self._middles():
            low += np.einsum("cnk,cnk->ck", left, middle @ right)
        return np.einsum("crk,crk->ck", self.own, self.own), low

    def products(self) -> tuple[FloatArray, FloatArray]:
        """The same of every two figures, both of shape (c, k, k)."""
        low = sum(left.swapaxes(1, 2) @ middle @ right for middle, left, right in self._middles())
        return self.own.swapaxes(1, 2) @ self.own, np.asarray(low)

    def _middles(self) -> Iterator[tuple[FloatArray, FloatArray, FloatArray]]:
        """X Q X' of every two sides, (c, n, n'), and both their z."""
        for (mine, X, left), (theirs, Y, right) in product(self.sides, repeat=2):
            block = self.Q[mine, theirs]
            if block.any():
                yield X @ block @ Y.swapaxes(1, 2), left, right

    def scores(self) -> tuple[IntArray, FloatArray]:
        """The columns of L that these respondents have, and L of every figure, (k, c, columns)."""
        columns = np.concatenate([np.r_[columns] for columns, *_ in self.sides])
        left = np.empty((self.own.shape[2], len(self.own), len(columns)))
        start = 0
        for _, X, z in self.sides:
            inside = left[:, :, start : start + X.shape[2]]
            np.matmul(z.swapaxes(1, 2), X, out=inside.swapaxes(0, 1))
            start += X.shape[2]
        return columns, left


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
    B is diagonal plus a product of thin matrices, B = D - U M H' - H M U' + U M S M U' = D + L Q L' with
    u_i = X_i'g_i, h_i = X_i'W_i g_i, S = X'W^2 X, L = [U, H], so that no G x G matrix is ever built. Where
    weights are all alike, h is w u, S is w / M, and L is U. The sums over respondents that traces of B
    and of B^2 need are made a piece of the respondents at a time, for all figures at once.

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
            most = max(1, GRAMS // len(alike._middle) ** 2)  # noqa: SLF001
            for start in range(0, len(rows), most):
                some = slice(start, start + most)
                result[rows[some]] = alike._with(alike.figures[some])._satterthwaite()  # noqa: SLF001
        return result

    def _satterthwaite(self) -> FloatArray:
        """tr(B)^2 / tr(B^2) of every figure."""
        k, Q = len(self.figures), self._middle
        trace, square, gram = np.zeros(k), np.zeros(k), np.zeros((k, *Q.shape))
        for piece in self._sweep():
            own, low = piece.diagonals()
            trace += (own + low).sum(axis=0)
            square += (own * (own + 2 * low)).sum(axis=0)
            _add_products(gram, *piece.scores())
        # What BLAS adds up is the lower half.
        gram += np.tril(gram, -1).swapaxes(1, 2)
        inner = Q @ gram
        square += np.einsum("kab,kba->k", inner, inner)
        # Nothing to go by where the figure stands on one respondent.
        return np.where(square > 0, trace**2 / np.where(square > 0, square, 1.0), np.nan)

    def hotelling(self) -> float:
        """See :class:`conjoint.estimates.Freedom`.

        Formula
            eta = q (q + 1) / sum over s, t of Var(d_st), d the variance estimate of the q figures
            standardised by its expectation.
        """
        small = self._only(self.figures)
        q = len(self.figures)
        expected = np.zeros((q, q))
        for piece in small._sweep():  # noqa: SLF001
            own, low = piece.products()
            expected += (own + low).sum(axis=0)
        values, vectors = np.linalg.eigh(expected)
        root = (vectors / np.sqrt(values)) @ vectors.T
        return float(q * (q + 1) / small.combine(root)._spread())  # noqa: SLF001

    def _spread(self) -> float:
        """Sum over figures s, t of tr(B^ss B^tt) + tr(B^st B^st)."""
        total = 0.0
        for piece in self._sweep():
            own, low = piece.products()
            diagonal, beside = (np.einsum("css->c", table) for table in (own, low))
            total += float(np.sum(diagonal * (diagonal + 2 * beside)))
            total += float(np.sum(own * (own + 2 * low)))
        most = max(1, int(GRAMS**0.5) // len(self._middle))
        blocks = [self.figures[first : first + most] for first in range(0, len(self.figures), most)]
        for a, b in combinations_with_replacement(range(len(blocks)), 2):
            both = self._with(np.concatenate([blocks[a], blocks[b]]) if a < b else blocks[a])
            total += both._low_spread(len(blocks[a])) * (1 if a == b else 2)  # noqa: SLF001
        return total

    def _low_spread(self, first: int) -> float:
        """The part of :meth:`_spread` of L Q L' alone, s the first figures and t the last."""
        Q, last = (
            self._middle,
            slice(-first, None) if len(self.figures) == first else slice(first, None),
        )
        k, other, width = first, len(self.figures[last]), len(Q)
        gram = np.zeros((k, width, other, width))
        for piece in self._sweep():
            columns, left = piece.scores()
            left = left.swapaxes(0, 1)
            mine, theirs = (own.reshape(len(own), -1) for own in (left[:, :first], left[:, last]))
            inside = (mine.T @ theirs).reshape(k, len(columns), other, len(columns))
            if len(columns) == width:
                gram += inside
            else:
                gram[:, columns[:, None], :, columns] += inside.transpose(1, 3, 0, 2)
        tables = gram.transpose(0, 2, 1, 3)
        turned = Q @ tables.swapaxes(2, 3) @ Q
        straight = Q @ tables @ Q
        return float(np.sum(straight * tables) + np.sum(turned * tables))

    def _only(self, figures: FloatArray) -> BellMcCaffrey:
        """The same for some figures, regressions that they do not need left out."""
        needed = [(part, own) for part, own in self._with(figures)._pieces if own.any()]  # noqa: SLF001
        return BellMcCaffrey(
            tuple(part for part, _ in needed), np.concatenate([own for _, own in needed], axis=1)
        )

    def _with(self, figures: FloatArray) -> BellMcCaffrey:
        """The same regressions for other figures."""
        other = replace(self, figures=figures)
        vars(other).update({name: vars(self)[name] for name in WORKED_OUT if name in vars(self)})
        return other

    @property
    def _pieces(self) -> list[tuple[Leverage, FloatArray]]:
        """The regressions, each with the figures as combinations of its own coefficients."""
        starts = np.cumsum([0, *(len(part.regression.coefficients) for part in self.parts)])
        return [
            (part, self.figures[:, start:stop])
            for part, (start, stop) in zip(self.parts, pairwise(starts), strict=True)
        ]

    @cached_property
    def _even(self) -> bool:
        """Whether weights are all alike in each regression, and no two of them share rows."""
        if any(np.ptp(part.regression.w) for part in self.parts):
            return False
        places = np.concatenate([part.place for part in self.parts])
        return len(self.parts) == 1 or not np.bincount(places).max() > 1

    @cached_property
    def _middle(self) -> FloatArray:
        """Q of B = D + L Q L'."""
        inverses = [part.regression.inverse for part in self.parts]
        if self._even:
            scaled = zip(self.parts, inverses, strict=True)
            return linalg.block_diag(*(-part.regression.w[0] * M for part, M in scaled))
        M = linalg.block_diag(*inverses)
        S = np.block([[_shared(first, second) for second in self.parts] for first in self.parts])
        return np.block([[M @ S @ M, -M], [-M, np.zeros_like(M)]])

    def _sweep(self) -> Iterator[_Piece]:
        """All respondents, some at a time who have equally many rows in each regression."""
        slots = np.stack([part.slots[0] for part in self.parts], axis=1)
        kinds, kind = np.unique(slots, axis=0, return_inverse=True)
        k, width = len(self.figures), len(self._middle)
        for number, batches in enumerate(kinds):
            people = np.flatnonzero(kind.ravel() == number)
            n = sum(
                part.batches[at].rows.shape[1]
                for part, at in zip(self.parts, batches, strict=True)
                if at >= 0
            )
            most = max(FEWEST, min(PIECE // (k * width), CHUNK // (max(n, 1) * width)))
            for first in range(0, len(people) if n else 0, most):
                yield self._piece(people[first : first + most], batches)

    def _piece(self, people: IntArray, batches: IntArray) -> _Piece:
        starts = np.cumsum([0, *(len(part.regression.coefficients) for part in self.parts)])
        inside = np.flatnonzero(batches >= 0)
        rows, g, X = [], [], []
        for number, (part, figures) in enumerate(self._pieces):
            if batches[number] < 0:
                continue
            batch, slot = part.batches[batches[number]], part.slots[1][people]
            fit, own = part.regression, batch.rows[slot]
            dense = dense_rows(fit, own)
            predicted = dense @ (fit.inverse @ figures.T) * fit.w[own][..., None]
            if batch.adjuster is not None:
                predicted = batch.adjuster[slot].swapaxes(1, 2) @ predicted
            rows.append(own)
            g.append(predicted)
            X.append(dense)
        columns = [slice(int(starts[at]), int(starts[at + 1])) for at in inside]
        sides = list(zip(columns, X, g, strict=True))
        if self._even:
            return _Piece(np.concatenate(g, axis=1), tuple(sides), self._middle)
        own, totals = _totals(
            [self.parts[at].place[at_rows] for at, at_rows in zip(inside, rows, strict=True)], g
        )
        for at, at_rows, dense, total, column in zip(inside, rows, X, totals, columns, strict=True):
            weighted = total * self.parts[at].regression.w[at_rows][..., None]
            moved = slice(column.start + int(starts[-1]), column.stop + int(starts[-1]))
            sides.append((moved, dense, weighted))
        return _Piece(own, tuple(sides), self._middle)


def _add_products(gram: FloatArray, columns: IntArray, left: FloatArray) -> None:
    """Add L'L of some respondents to the lower half of each figure's, (k, all columns, all columns).

    Parameters
    ----------
    columns, left
        As of :meth:`_Piece.scores`.
    """
    if len(columns) < gram.shape[1]:
        gram[:, columns[:, None], columns] += np.tril(left.swapaxes(1, 2) @ left)
        return
    for total, own in zip(gram, left, strict=True):
        blas.dsyrk(1.0, own.T, 1.0, total.T, overwrite_c=True)  # in its memory


WORKED_OUT = ("_even", "_middle")
"""What of :class:`BellMcCaffrey` hangs on the regressions alone."""


def _totals(places: list[IntArray], g: list[FloatArray]) -> tuple[FloatArray, list[FloatArray]]:
    """Sums of several regressions' g over the rows that they share.

    Parameters
    ----------
    places
        Of respondents' rows in each regression, of shape (c, n).
    g
        Of shape (c, n, k) each.

    Returns
    -------
    numpy.ndarray, list of numpy.ndarray
        By row, rows that respondents do not have being zero, of shape (c, most rows, k); and for each
        regression as `g`.
    """
    if len(g) == 1:
        return g[0], g
    c = len(g[0])
    person = np.concatenate([np.repeat(np.arange(c), own.shape[1]) for own in places])
    order = np.unique(np.concatenate([own.ravel() for own in places]), return_inverse=True)[1]
    owner = np.zeros(order.max() + 1, dtype=np.intp)
    owner[order] = person
    by_owner = np.argsort(owner, kind="stable")
    counts = np.bincount(owner, minlength=c)
    slot = np.empty_like(owner)
    slot[by_owner] = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    total = np.zeros((c, int(counts.max()), g[0].shape[2]))
    bounds = np.cumsum([0, *(own.size for own in places)])
    at = [
        (owner[own].reshape(shape.shape), slot[own].reshape(shape.shape))
        for own, shape in zip(np.split(order, bounds[1:-1]), places, strict=True)
    ]
    for place, own in zip(at, g, strict=True):
        total[place] += own
    return total, [total[place] for place in at]


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
