"""The linear kernels: array functions that know no pandas.

Profiles are described by integer codes, one array a factor, so that the normal equations come from
contingency tables and no design matrix is ever built.

Letters: N profiles, G respondents, K coefficients, k figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy import linalg

from conjoint.estimate.term import Term

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conjoint.typing import FloatArray, IntArray, Integers

__all__ = [
    "CellMeans",
    "CollinearityError",
    "Regression",
    "Term",
    "cell_means",
    "inverse_of",
    "least_squares",
    "moved_by",
    "sums_by_cell",
    "weighted_gram",
]

RANK_TOLERANCE = 1e-10
PERFECT = 1e-12
"""Residuals this small beside the largest outcome are zeros that rounding has touched."""
MERGED_CELLS = 256
"""Small factors are merged up to this many joint cells, what a byte holds: fewer, larger tables."""
ONE_THREAD = 1 << 18
"""Multiplications in a product up to which OpenBLAS starts no second thread."""
CHUNK = 1 << 16
"""Profiles per chunk where sums by respondent are made: what fits a processor's cache."""


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
    """

    terms: tuple[Term, ...]
    w: FloatArray
    respondent: IntArray
    G: int
    coefficients: FloatArray
    inverse: FloatArray
    residual: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class CellMeans:
    """Means of cells, (cells,), NaN where a cell is empty, and their influence, (G, cells)."""

    means: FloatArray
    influence: FloatArray


class CollinearityError(ArithmeticError):
    """The factors do not vary freely; `columns` are coefficients that cannot be told apart."""

    def __init__(self, columns: IntArray) -> None:
        self.columns = columns
        super().__init__(f"collinear columns {columns.tolist()}")


def least_squares(
    terms: Sequence[Term], y: FloatArray, w: FloatArray, respondent: IntArray, G: int
) -> Regression:
    """Weighted least squares of y on the columns of the terms.

    Formula
        b = (X'WX)^-1 X'Wy.

    Raises
    ------
    CollinearityError
        X'WX is singular.
    """
    K = 1 + max(int(term.columns.max()) for term in terms)
    merged = _merged(terms)
    tables, sums = _tables(merged, y, w)
    marks = [_marks(tuple(term.size for term in group)) for _, group in merged]
    cells = np.block(
        [
            [_between(tables, marks, first, second) for second in range(len(merged))]
            for first in range(len(merged))
        ]
    )
    pattern = np.concatenate([term.spread(np.eye(K)) for term in terms])
    gram = pattern.T @ cells @ pattern
    moments = np.concatenate([mark.T @ own for mark, own in zip(marks, sums, strict=True)])
    inverse = inverse_of(gram)
    b = inverse @ (pattern.T @ moments)
    return Regression(tuple(terms), w, respondent, G, b, inverse, _residual(merged, b, y))


def _tables(
    merged: Merged, y: FloatArray, w: FloatArray
) -> tuple[dict[tuple[int, int], FloatArray], list[FloatArray]]:
    """Sums of w by the joint cells of every two groups of factors, and of each; sums of w y of each."""
    sizes = [int(np.prod([term.size for term in group])) for _, group in merged]
    pairs = [*combinations(range(len(merged)), 2)]
    tables = {(a, b): np.zeros(sizes[a] * sizes[b]) for a, b in pairs}
    own, sums = ([np.zeros(size) for size in sizes] for _ in range(2))
    for start in range(0, len(y), CHUNK):
        rows = slice(start, start + CHUNK)
        codes = [code[rows].astype(np.intp) for code, _ in merged]
        weight = w[rows]
        moment = weight * y[rows]
        for place, code in enumerate(codes):
            sums[place] += np.bincount(code, weights=moment, minlength=sizes[place])
            own[place] += np.bincount(code, weights=weight, minlength=sizes[place])
        for a, b in pairs:
            joint = codes[a] * sizes[b] + codes[b]
            tables[a, b] += np.bincount(joint, weights=weight, minlength=sizes[a] * sizes[b])
    shaped = {(a, b): table.reshape(sizes[a], sizes[b]) for (a, b), table in tables.items()}
    return shaped | {(a, a): np.diag(table) for a, table in enumerate(own)}, sums


@cache
def _marks(shape: tuple[int, ...]) -> FloatArray:
    """Which cells of several factors each of their joint cells belongs to; (joint cells, cells)."""
    places = np.unravel_index(np.arange(int(np.prod(shape))), shape)
    return np.concatenate(
        [np.eye(size)[place] for size, place in zip(shape, places, strict=True)], axis=1
    )


def _between(
    tables: dict[tuple[int, int], FloatArray], marks: list[FloatArray], first: int, second: int
) -> FloatArray:
    """The cross-table of all cells of one group of factors with all cells of another."""
    if first > second:
        return _between(tables, marks, second, first).T
    return np.asarray(marks[first].T @ tables[first, second] @ marks[second])


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
    loadings = regression.inverse @ figures.T
    by_cell = np.concatenate([term.spread(loadings) for term in regression.terms])
    codes = [term.codes for term in regression.terms]
    sizes = [term.size for term in regression.terms]
    influence = np.empty((len(figures), regression.G))
    for people, rows in _chunks(regression.respondent, regression.G):
        person = regression.respondent[rows] - people.start
        scores = _sums(
            [code[rows] for code in codes],
            sizes,
            regression.w[rows] * residual[rows],
            person,
            people.stop - people.start,
        )
        _multiply(by_cell.T, scores, influence[:, people])
    return influence.T


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
    mine: IntArray | slice = slice(None),
    theirs: IntArray | slice = slice(None),
) -> FloatArray:
    """X'WX of two regressions' columns over rows that go together, of shape (K_1, K_2)."""
    table = np.zeros((len(first.coefficients), len(second.coefficients)))
    for one in first.terms:
        for two in second.terms:
            joint = one.codes[mine].astype(np.intp) * two.size + two.codes[theirs]
            cells = np.bincount(joint, weights=weight, minlength=one.size * two.size)
            sums = np.asarray(cells, dtype=float).reshape(one.size, two.size)
            block = _folded(one, two, sums)
            table[np.ix_(one.coefficients, two.coefficients)] += block
    return table


def cell_means(
    codes: Sequence[Integers],
    shown: Sequence[Integers],
    y: FloatArray,
    weight: FloatArray,
    respondent: IntArray,
) -> CellMeans:
    """Weighted mean of y in each cell of each factor, and its influence.

    Formula
        m_c = sum w y / sum w over the profiles of cell c;
        psi_ic = w_i sum over i's profiles in c of (y - m_c) / sum of w in c.

    Parameters
    ----------
    codes
        For each factor, each profile's cell, of shape (N,).
    shown
        For each factor, how many profiles of each cell a respondent saw, of shape (cells, G).
    y, respondent
        Of shape (N,).
    weight
        One a respondent, above zero, of shape (G,).
    """
    G = len(weight)
    starts = np.cumsum([0, *(len(table) for table in shown)])
    inside = [slice(start, stop) for start, stop in pairwise(starts)]
    moved = np.empty((starts[-1], G))
    moment, total = np.zeros(starts[-1]), np.zeros(starts[-1])
    binary = bool(((y == 0) | (y == 1)).all())
    for people, rows in _chunks(respondent, G):
        n = people.stop - people.start
        # Answers of zero, half of all in a forced choice, add nothing.
        some = np.flatnonzero(y[rows])
        person, answers = respondent[rows][some] - people.start, y[rows][some]
        for code, table, own in zip(codes, shown, inside, strict=True):
            cell = code[rows][some] * np.intp(n)
            cell += person
            sums = np.bincount(cell, None if binary else answers, minlength=n * len(table))
            block = moved[own, people]
            block[:] = sums.reshape(len(table), n)
            moment[own] += block @ weight[people]
            total[own] += table[:, people].astype(float) @ weight[people]
    with np.errstate(invalid="ignore", divide="ignore"):
        means = moment / total
    centre, scale = np.nan_to_num(means), 1 / np.where(total > 0, total, 1.0)
    for people, _ in _chunks(respondent, G):
        for table, own in zip(shown, inside, strict=True):
            block = moved[own, people]
            block -= table[:, people] * centre[own, None]
            block *= scale[own, None]
            if (weight != 1).any():
                block *= weight[people]
    return CellMeans(means, moved.T)


Merged = list[tuple["Integers", tuple[Term, ...]]]


def _merged(terms: Sequence[Term]) -> Merged:
    """Terms in groups whose joint cells are few, with each profile's joint cell."""
    groups: list[list[Term]] = []
    sizes: list[int] = []
    for term in terms:
        if groups and sizes[-1] * term.size <= MERGED_CELLS:
            groups[-1].append(term)
            sizes[-1] *= term.size
        else:
            groups.append([term])
            sizes.append(term.size)
    merged = []
    for group, size in zip(groups, sizes, strict=True):
        kept = np.uint8 if size <= MERGED_CELLS else np.intp
        codes: Integers = group[0].codes.astype(kept)
        for term in group[1:]:
            codes *= kept(term.size)
            codes += term.codes.astype(kept)
        merged.append((codes, tuple(group)))
    return merged


def _folded(first: Term, second: Term, table: FloatArray) -> FloatArray:
    """Sums over cells of two terms as sums over their coefficients."""
    return second.fold(first.fold(table).T).T


def _residual(merged: Merged, b: FloatArray, y: FloatArray) -> FloatArray:
    residual = y.copy()
    for codes, group in merged:
        table = np.zeros(())
        for term in group:
            table = np.add.outer(table, term.spread(b))
        fitted = table.ravel()
        for start in range(0, len(y), CHUNK):
            rows = slice(start, start + CHUNK)
            residual[rows] -= fitted[codes[rows]]
    # Else rounding passes for a spread, and differences of nothing for certain ones.
    perfect = max(residual.max(), -residual.min()) <= PERFECT * max(y.max(), -y.min())
    return np.zeros(len(y)) if perfect else residual


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


def _chunks(respondent: IntArray, G: int) -> Iterator[tuple[slice, slice]]:
    """Respondents and their profiles in pieces, where profiles stand in respondents' order."""
    N = len(respondent)
    if N <= CHUNK or (respondent[1:] < respondent[:-1]).any():
        yield slice(0, G), slice(0, N)
        return
    pieces = -(-N // CHUNK)
    people = np.linspace(0, G, pieces + 1).astype(np.intp)
    rows = np.searchsorted(respondent, people)
    for piece in range(pieces):
        yield slice(people[piece], people[piece + 1]), slice(rows[piece], rows[piece + 1])


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
