"""Terms whose cells share columns, with signs and scales, against a dense design matrix."""

import numpy as np
import pytest

from conjoint.estimate.leverage import BellMcCaffrey, find_leverage
from conjoint.estimate.linear import (
    CollinearityError,
    Term,
    least_squares,
    moved_by,
    weighted_gram,
)

G, N, LEVELS, OTHERS = 25, 300, 4, 3
K = 1 + LEVELS * (LEVELS - 1) // 2 + (OTHERS - 1) + 1


def pair_term(own, other):
    """Pairs of levels, signed: +1 for (k, l), -1 for (l, k), nothing where both are the same."""
    columns = np.full((LEVELS, LEVELS), -1)
    values = np.zeros((LEVELS, LEVELS))
    upper = np.triu_indices(LEVELS, 1)
    columns[upper] = columns.T[upper] = 1 + np.arange(len(upper[0]))
    values[upper], values.T[upper] = 1.0, -1.0
    return Term(own * LEVELS + other, columns.ravel(), values.ravel())


def dense_pairs(own, other):
    return [
        ((own == k) & (other == level)).astype(float) - ((own == level) & (other == k))
        for k in range(LEVELS)
        for level in range(k + 1, LEVELS)
    ]


@pytest.fixture(scope="module")
def data():
    """An intercept, signed pairs, dummies, and a column of scores; in both forms."""
    rng = np.random.default_rng(11)
    own, other = rng.integers(0, LEVELS, (2, N))
    third, fourth = rng.integers(0, OTHERS, N), rng.integers(0, 3, N)
    scores = np.array([-0.5, 0.25, 2.0])
    first = 1 + LEVELS * (LEVELS - 1) // 2
    terms = [
        Term(np.zeros(N, dtype=np.int8), np.zeros(1, dtype=np.intp)),
        pair_term(own, other),
        Term(third.astype(np.int8), np.array([-1, first, first + 1])),
        Term(fourth, np.full(3, first + 2), scores),
    ]
    X = np.column_stack(
        [
            np.ones(N),
            *dense_pairs(own, other),
            *(third == level for level in (1, 2)),
            scores[fourth],
        ]
    ).astype(float)
    assert X.shape == (N, K)
    y = rng.normal(size=N) + 0.5 * (own > other)
    return terms, X, y, rng.uniform(0.2, 3, N), rng.integers(0, G, N)


@pytest.fixture(scope="module")
def fit(data):
    terms, _, y, w, respondent = data
    return least_squares(terms, y, w, respondent, G)


def bread(X, w):
    return np.linalg.inv(X.T @ (w[:, None] * X))


@pytest.mark.parametrize("merged_cells", [1, 256, 10**6])
def test_least_squares(data, monkeypatch, merged_cells):
    monkeypatch.setattr("conjoint.wave.tally.MERGED_CELLS", merged_cells)
    terms, X, y, w, respondent = data
    fit = least_squares(terms, y, w, respondent, G)
    b = bread(X, w) @ X.T @ (w * y)
    np.testing.assert_allclose(fit.coefficients, b, rtol=1e-10)
    np.testing.assert_allclose(fit.inverse, bread(X, w), rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(fit.residual, y - X @ b, rtol=1e-9, atol=1e-12)


def test_influence(data, fit):
    _, X, _, w, respondent = data
    figures = np.random.default_rng(3).normal(size=(4, K))
    scores = X * (w * fit.residual)[:, None]
    by_respondent = np.array([scores[respondent == i].sum(axis=0) for i in range(G)])
    expected = by_respondent @ bread(X, w) @ figures.T
    np.testing.assert_allclose(
        moved_by(fit, figures, fit.residual), expected, rtol=1e-9, atol=1e-14
    )


def test_products_of_two_design_matrices(data, fit):
    terms, X, y, w, respondent = data
    weight = np.random.default_rng(4).uniform(size=N)
    np.testing.assert_allclose(
        weighted_gram(fit, fit, weight), X.T @ (weight[:, None] * X), rtol=1e-10, atol=1e-12
    )
    dummies = [terms[0], Term(terms[2].codes, np.array([-1, 1, 2]))]
    plain = least_squares(dummies, y, w, respondent, G)
    # Some rows of the one, in another order in the other.
    mine, theirs = np.arange(0, 200, 2), np.arange(0, 200, 2)[::-1].copy()
    columns = [0, K - 3, K - 2]
    expected = X[mine].T @ (weight[:100, None] * X[theirs][:, columns])
    product = weighted_gram(fit, plain, weight[:100], mine, theirs)
    np.testing.assert_allclose(product, expected, rtol=1e-10, atol=1e-12)


def dense_parts(X, w, respondent):
    """H, and for each respondent the rows: the definitions written out."""
    H = X @ bread(X, w) @ (X.T * w)
    return H, [np.flatnonzero(respondent == i) for i in range(G)]


def power(matrix, exponent):
    values, vectors = np.linalg.eigh(matrix)
    return vectors @ np.diag(values**exponent) @ vectors.T


def test_cr2_and_its_degrees_of_freedom(data, fit):
    _, X, _, w, respondent = data
    H, people = dense_parts(X, w, respondent)
    left = np.eye(N) - H
    B = left @ left.T
    adjusted, P = np.zeros(N), []
    figure = np.random.default_rng(5).normal(size=K)
    for rows in people:
        A = power(B[np.ix_(rows, rows)], -0.5)
        adjusted[rows] = A @ fit.residual[rows]
        g = A.T @ (w[rows] * (X[rows] @ bread(X, w) @ figure))
        P.append(left[rows].T @ g)
    leverage = find_leverage(fit, np.arange(N), "CR2")
    np.testing.assert_allclose(leverage.residual, adjusted, rtol=1e-8, atol=1e-12)
    products = np.array(P) @ np.array(P).T
    expected = np.trace(products) ** 2 / np.sum(products**2)
    freedom = BellMcCaffrey((leverage,), figure[None, :])
    np.testing.assert_allclose(freedom.degrees(), [expected], rtol=1e-9)


def test_cr3_leaves_each_respondent_out(data, fit):
    _, X, y, w, respondent = data
    leverage = find_leverage(fit, np.arange(N), "CR3")
    moved = moved_by(fit, np.eye(K), leverage.residual)
    for i in range(G):
        kept = respondent != i
        b = bread(X[kept], w[kept]) @ X[kept].T @ (w[kept] * y[kept])
        np.testing.assert_allclose(fit.coefficients - b, moved[i], rtol=1e-7, atol=1e-11)


def test_columns_that_go_together_are_named(data):
    terms, _, y, w, respondent = data
    own, other = np.divmod(terms[1].codes, LEVELS)
    ordered = pair_term(np.minimum(own, other), np.maximum(own, other))
    apart = (own != other).nonzero()[0]
    # Every pair stands in one order and none is a tie: their columns add up to the intercept.
    one = Term(np.zeros(len(apart), dtype=np.int8), np.zeros(1, dtype=np.intp))
    signed = Term(ordered.codes[apart], ordered.columns, ordered.values)
    with pytest.raises(CollinearityError) as caught:
        least_squares([one, signed], y[apart], w[apart], respondent[apart], G)
    assert sorted(caught.value.columns) == list(range(7))


def test_ones_are_what_a_plain_term_holds(data):
    terms, _, y, w, respondent = data
    plain = [terms[0], Term(terms[2].codes, np.array([-1, 1, 2]))]
    ones = [terms[0], Term(terms[2].codes, np.array([-1, 1, 2]), np.ones(3))]
    expected = least_squares(plain, y, w, respondent, G)
    fit = least_squares(ones, y, w, respondent, G)
    np.testing.assert_array_equal(fit.coefficients, expected.coefficients)
    np.testing.assert_array_equal(fit.inverse, expected.inverse)
