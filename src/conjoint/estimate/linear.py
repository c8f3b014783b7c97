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

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conjoint.typing import FloatArray, IntArray, Integers

__all__ = [
    "CellMeans",
    "CollinearityError",
    "Regression",
    "Term",
    "cell_counts",
    "cell_means",
    "inverse_of",
    "least_squares",
    "moved_by",
    "sums_by_cell",
    "weighted_gram",
]

RANK_TOLERANCE = 1e-10
MERGED_CELLS = 256
"""Small factors are merged up to this many joint cells: fewer, larger tables are faster."""
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
    """Means of cells, NaN where a cell is empty, with what they stand on.

    `means`, `n_profiles` and `n_respondents` have the shape (cells,), `influence` (G, cells).
    """

    means: FloatArray
    influence: FloatArray
    n_profiles: IntArray
    n_respondents: IntArray


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
    gram, moments = np.zeros((K, K)), np.zeros(K)
    merged = _merged(terms)
    wy = w * y
    for place, (codes, group) in enumerate(merged):
        shape = tuple(term.size for term in group)
        size = int(np.prod(shape))
        sums = _table(codes, wy, shape)
        for axis, term in enumerate(group):
            _add(moments, term, _margin(sums, (axis,)))
        own = _table(codes, w, shape)
        for axis, term in enumerate(group):
            _add_table(gram, term, term, np.diag(_margin(own, (axis,))))
            for other in range(axis):
                _add_table(gram, group[other], term, _margin(own, (other, axis)))
        for codes_before, before in merged[:place]:
            shape_before = tuple(term.size for term in before)
            joint = _table(codes_before * size + codes, w, shape_before + shape)
            for first, term_before in enumerate(before):
                for axis, term in enumerate(group):
                    table = _margin(joint, (first, len(before) + axis))
                    _add_table(gram, term_before, term, table)
    inverse = inverse_of(gram)
    b = inverse @ moments
    return Regression(tuple(terms), w, respondent, G, b, inverse, y - _fitted(merged, b, len(y)))


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
        np.matmul(by_cell.T, scores, out=influence[:, people])
    return influence.T


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
    sizes: Sequence[int],
    y: FloatArray,
    w: FloatArray,
    respondent: IntArray,
    G: int,
) -> CellMeans:
    """Weighted mean of y in each cell of each factor, and its influence; weights are positive.

    Formula
        m_c = sum w y / sum w over the profiles of cell c;
        psi_ic = sum over i's profiles in c of w (y - m_c) / sum of w in c.
    """
    starts = np.cumsum([0, *sizes])
    total, moment, n_profiles = _cell_totals(codes, sizes, y, w)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = moment / total
    centre, scale = np.nan_to_num(means), 1 / np.where(total > 0, total, 1.0)
    influence = np.empty((starts[-1], G)).T
    n_respondents = np.zeros(starts[-1], dtype=np.intp)
    weight = _weights_of_respondents(w, respondent, G)
    countable = weight is not None and bool(((y == 0) | (y == 1)).all())
    for people, rows in _chunks(respondent, G):
        person, n = respondent[rows] - people.start, people.stop - people.start
        chosen = person + n * y[rows].astype(np.intp) if countable else person
        for code, size, start in zip(codes, sizes, starts[:-1], strict=True):
            own = slice(start, start + size)
            if countable:
                moved, seen = _from_counts(chosen, code[rows], n, centre[own])
            else:
                residual = w[rows] * (y[rows] - centre[own][code[rows]])
                moved, seen = _from_residuals(person, code[rows], n, residual, size)
            np.multiply(moved, scale[own, None], out=influence[people, own].T)
            n_respondents[own] += seen
    if countable and weight is not None and (weight != 1).any():
        influence *= weight[:, None]
    return CellMeans(means, influence, n_profiles, n_respondents)


def _weights_of_respondents(w: FloatArray, respondent: IntArray, G: int) -> FloatArray | None:
    """One weight a respondent, of shape (G,); None where profiles of one differ."""
    weight = np.ones(G)
    weight[respondent] = w
    return weight if (weight[respondent] == w).all() else None


def _from_counts(
    chosen: IntArray, code: Integers, n: int, centre: FloatArray
) -> tuple[FloatArray, IntArray]:
    """Sums of y - m, y 0 or 1, of shape (cells, n); and how many respondents saw each cell.

    `chosen` is the respondent, and n more for an answer of 1: counting is faster than adding.
    """
    cell = code * np.intp(2 * n)
    cell += chosen
    counts = np.bincount(cell, minlength=2 * n * len(centre)).reshape(-1, 2, n)
    shown = counts.sum(axis=1)
    return counts[:, 1] - shown * centre[:, None], np.count_nonzero(shown, axis=1)


def _from_residuals(
    person: IntArray, code: Integers, n: int, residual: FloatArray, size: int
) -> tuple[FloatArray, IntArray]:
    """Sums of w (y - m), of shape (cells, n); and how many respondents saw each cell."""
    cell = code * np.intp(n)
    cell += person
    seen = np.zeros(n * size, dtype=bool)
    seen[cell] = True
    sums = np.bincount(cell, weights=residual, minlength=n * size)
    people = np.count_nonzero(seen.reshape(size, n), axis=1)
    return np.asarray(sums, dtype=float).reshape(size, n), people


def _cell_totals(
    codes: Sequence[Integers], sizes: Sequence[int], y: FloatArray, w: FloatArray
) -> tuple[FloatArray, FloatArray, IntArray]:
    """Sum of w, sum of w y, and number of profiles of each cell, factors in order."""
    places = np.split(np.arange(sum(sizes)), np.cumsum(sizes)[:-1])
    terms = [Term(code, place) for code, place in zip(codes, places, strict=True)]
    total, moment, count = (np.zeros(sum(sizes)) for _ in range(3))
    equal = np.ptp(w) == 0
    for merged, group in _merged(terms):
        shape = tuple(term.size for term in group)
        shown = _table(merged, np.ones_like(w), shape) if not equal else None
        for sums, table in (
            (total, _table(merged, w, shape)),
            (moment, _table(merged, w * y, shape)),
            (count, shown),
        ):
            for axis, term in enumerate(group):
                if table is not None:
                    _add(sums, term, _margin(table, (axis,)))
    return total, moment, np.rint(total / w[0] if equal else count).astype(np.intp)


def cell_counts(
    code: Integers, size: int, respondent: IntArray, G: int
) -> tuple[IntArray, IntArray]:
    """How many profiles show each cell, and how many respondents saw it; both of shape (size,)."""
    profiles, seen_by = np.zeros(size, dtype=np.intp), np.zeros(size, dtype=np.intp)
    for people, rows in _chunks(respondent, G):
        n = people.stop - people.start
        cell = code[rows] * np.intp(n)
        cell += respondent[rows] - people.start
        counts = np.bincount(cell, minlength=size * n).reshape(size, n)
        profiles += counts.sum(axis=1)
        seen_by += np.count_nonzero(counts, axis=1)
    return profiles, seen_by


Merged = list[tuple["IntArray", tuple[Term, ...]]]


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
    for group in groups:
        codes = group[0].codes.astype(np.intp)
        for term in group[1:]:
            codes *= term.size
            codes += term.codes
        merged.append((codes, tuple(group)))
    return merged


def _table(codes: IntArray, weights: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """Sums of weights by cell, in the shape of the factors."""
    sums = np.bincount(codes, weights=weights, minlength=int(np.prod(shape)))
    return np.asarray(sums, dtype=float).reshape(shape)


def _margin(table: FloatArray, axes: tuple[int, ...]) -> FloatArray:
    others = tuple(axis for axis in range(table.ndim) if axis not in axes)
    return np.asarray(table.sum(axis=others))


def _add(vector: FloatArray, term: Term, sums: FloatArray) -> None:
    vector[term.coefficients] += term.fold(sums)


def _folded(first: Term, second: Term, table: FloatArray) -> FloatArray:
    """Sums over cells of two terms as sums over their coefficients."""
    return second.fold(first.fold(table).T).T


def _add_table(gram: FloatArray, first: Term, second: Term, table: FloatArray) -> None:
    block = _folded(first, second, table)
    gram[np.ix_(first.coefficients, second.coefficients)] += block
    if first is not second:
        gram[np.ix_(second.coefficients, first.coefficients)] += block.T


def _fitted(merged: Merged, b: FloatArray, N: int) -> FloatArray:
    fitted = np.zeros(N)
    for codes, group in merged:
        table = np.zeros(())
        for term in group:
            table = np.add.outer(table, term.spread(b))
        fitted += table.ravel()[codes]
    return fitted


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
