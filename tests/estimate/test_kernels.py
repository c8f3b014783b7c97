"""The kernels against a dense design matrix."""

import numpy as np
import pytest

from conjoint.estimate.cell_mean import cell_means
from conjoint.estimate.linear import (
    CollinearityError,
    RegressionInfluence,
    Term,
    least_squares,
    moved_by,
)
from conjoint.wave import Tally, cell_counts, count_shown

G, N = 30, 400
SIZES = [3, 4, 2]


@pytest.fixture
def data():
    rng = np.random.default_rng(7)
    codes = [rng.integers(0, size, N) for size in SIZES]
    y = rng.normal(size=N) + codes[0] - 0.5 * codes[1]
    return codes, y, rng.uniform(0.2, 3, N), rng.integers(0, G, N)


def dense(codes, sizes, references):
    """Intercept, then a dummy for every cell that occurs but the references; and the cells."""
    columns, cells, start = [np.ones(len(codes[0]))], [], 0
    for code, size, reference in zip(codes, sizes, references, strict=True):
        for cell in range(size):
            if cell != reference and (code == cell).any():
                columns.append((code == cell).astype(float))
                cells.append(start + cell)
        start += size
    return np.column_stack(columns), cells


def brute_force(X, y, w, respondent):
    """Weighted least squares, and each respondent's influence on it."""
    bread = np.linalg.inv(X.T @ (w[:, None] * X))
    b = bread @ X.T @ (w * y)
    scores = X * (w * (y - X @ b))[:, None]
    by_respondent = np.array([scores[respondent == i].sum(axis=0) for i in range(G)])
    return b, by_respondent @ bread


def additive(codes, sizes, references):
    """An intercept and the cells of each factor but its reference and those that never occur."""
    terms, K = [Term(np.zeros(len(codes[0]), dtype=np.int8), np.zeros(1, dtype=np.intp))], 1
    for code, size, reference in zip(codes, sizes, references, strict=True):
        columns = np.full(size, -1)
        kept = [c for c in range(size) if c != reference and (code == c).any()]
        columns[kept] = K + np.arange(len(kept))
        K += len(kept)
        terms.append(Term(code.astype(np.int8), columns))
    return terms


@pytest.mark.parametrize("references", [[0, 0, 0], [2, 1, 1]])
@pytest.mark.parametrize("ordered", [False, True])
def test_least_squares_is_that_of_a_dense_design_matrix(data, references, ordered):
    codes, y, w, respondent = data
    respondent = np.sort(respondent) if ordered else respondent
    fit = least_squares(additive(codes, SIZES, references), y, w, respondent, G)
    X, _ = dense(codes, SIZES, references)
    b, influence = brute_force(X, y, w, respondent)
    np.testing.assert_allclose(fit.coefficients, b, rtol=1e-10)
    np.testing.assert_allclose(fit.residual, y - X @ b, rtol=1e-9, atol=1e-12)
    figures = np.random.default_rng(3).normal(size=(4, len(b)))
    moved = moved_by(fit, figures, fit.residual)
    np.testing.assert_allclose(moved, influence @ figures.T, rtol=1e-8, atol=1e-13)


def test_influence_is_the_same_made_in_pieces(data, monkeypatch):
    codes, y, w, respondent = data
    fit = least_squares(additive(codes, SIZES, [0, 0, 0]), y, w, np.sort(respondent), G)
    figures = np.eye(len(fit.coefficients))
    whole = moved_by(fit, figures, fit.residual)
    ordered = np.sort(respondent)
    weight = np.random.default_rng(1).uniform(0.5, 2, G)
    means = cell_means(Tally(codes[1:2], [4], ordered, G), y, weight)
    monkeypatch.setattr("conjoint.wave.tally.CHUNK", 50)
    np.testing.assert_allclose(moved_by(fit, figures, fit.residual), whole, rtol=1e-12)
    pieces = cell_means(Tally(codes[1:2], [4], ordered, G), y, weight)
    np.testing.assert_allclose(pieces.means, means.means, rtol=1e-12)
    np.testing.assert_allclose(pieces.influence.matrix(), means.influence.matrix(), rtol=1e-12)
    np.testing.assert_allclose(pieces.influence.squares(), means.influence.squares(), rtol=1e-12)


def test_factors_larger_than_what_is_merged_give_the_same_fit(data, monkeypatch):
    codes, y, w, respondent = data
    terms = additive(codes, SIZES, [0, 0, 0])
    merged = least_squares(terms, y, w, respondent, G)
    monkeypatch.setattr("conjoint.wave.tally.MERGED_CELLS", 1)
    apart = least_squares(terms, y, w, respondent, G)
    np.testing.assert_allclose(merged.coefficients, apart.coefficients, rtol=1e-9)
    np.testing.assert_allclose(merged.inverse, apart.inverse, rtol=1e-9)


def test_factors_that_go_together_are_named(data):
    codes, y, w, respondent = data
    terms = additive([*codes, codes[0]], [*SIZES, 3], [0] * 4)
    with pytest.raises(CollinearityError) as caught:
        least_squares(terms, y, w, respondent, G)
    # Columns of the first and the fourth factor, and of no other.
    assert sorted(caught.value.columns) == [1, 2, 7, 8]


@pytest.mark.parametrize("kind", ["numbers", "binary", "equal weights"])
def test_cell_means_are_weighted_means_with_their_influence(data, kind):
    codes, y, _, respondent = data
    y = (y > 0).astype(float) if kind == "binary" else y
    weight = np.ones(G) if kind == "equal weights" else np.linspace(0.3, 2, G)
    result = cell_means(Tally(codes[:2], [4, 4], respondent, G), y, weight)
    influence, w = result.influence.matrix(), weight[respondent]
    # The first factor has three levels, so that its fourth cell occurs nowhere.
    assert result.cells.tolist() == [0, 1, 2, 4, 5, 6, 7]
    for factor, start in ((0, 0), (1, 3)):
        for level in range(3 + factor):
            inside, cell = codes[factor] == level, start + level
            mean = np.average(y[inside], weights=w[inside])
            assert result.means[cell] == pytest.approx(mean, rel=1e-12)
            moved = [
                np.sum((w * (y - mean))[inside & (respondent == i)]) / w[inside].sum()
                for i in range(G)
            ]
            np.testing.assert_allclose(influence[:, cell], moved, rtol=1e-9, atol=1e-15)
    squares = (influence**2).sum(axis=0)
    np.testing.assert_allclose(result.influence.squares(), squares, rtol=1e-9)


def test_variances_need_no_influence(data):
    codes, y, w, respondent = data
    fit = least_squares(additive(codes, SIZES, [0, 0, 0]), y, w, respondent, G)
    figures = np.vstack([np.eye(len(fit.coefficients)), np.zeros(len(fit.coefficients))])
    moved = RegressionInfluence(fit, figures, fit.residual)
    squares = (moved.matrix() ** 2).sum(axis=0)
    np.testing.assert_allclose(moved.squares(), squares, rtol=1e-9)
    assert moved.squares()[-1] == 0


def test_a_variance_that_cancels_out_is_summed_respondent_by_respondent():
    """Two people who move a figure by as much up as down: rounding may not pass for a spread."""
    code = np.array([0, 1, 0, 1])
    terms = [Term(np.zeros(4, dtype=int), np.zeros(1, dtype=int)), Term(code, np.array([-1, 1]))]
    y = np.array([0.1, 0.7, 0.3, 0.9])
    fit = least_squares(terms, y, np.ones(4), np.array([0, 0, 1, 1]), 2)
    moved = RegressionInfluence(fit, np.array([[0.0, 1.0]]), fit.residual)
    assert moved.squares()[0] < 1e-30


def test_cell_counts_count_profiles_and_people():
    code, respondent = np.array([0, 0, 1, 1, 1]), np.array([0, 0, 1, 2, 2])
    profiles, people = cell_counts(code, 3, respondent, 4)
    assert profiles.tolist() == [2, 3, 0]
    assert people.tolist() == [1, 2, 0]


def test_what_was_shown_is_counted_in_few_bytes():
    code, respondent = np.array([0, 0, 1, 1, 1], dtype=np.int8), np.array([0, 0, 1, 2, 2])
    shown = count_shown(code, 3, respondent, 4)
    assert shown.tolist() == [[2, 0, 0, 0], [0, 1, 2, 0], [0, 0, 0, 0]]
    assert shown.dtype == np.uint8
    assert count_shown(np.zeros(300, dtype=np.int8), 1, np.zeros(300, dtype=int), 1)[0, 0] == 300
