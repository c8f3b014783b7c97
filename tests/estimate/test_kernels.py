"""The kernels against a dense design matrix."""

import numpy as np
import pytest

from conjoint.estimate.linear import CollinearityError, additive_fit, cell_counts, cell_means

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


@pytest.mark.parametrize("references", [[0, 0, 0], [2, 1, 1]])
def test_additive_fit_is_weighted_least_squares(data, references):
    codes, y, w, respondent = data
    fit = additive_fit(codes, SIZES, references, y, w, respondent, G)
    X, cells = dense(codes, SIZES, references)
    b, influence = brute_force(X, y, w, respondent)
    np.testing.assert_allclose(fit.effects[cells], b[1:], rtol=1e-10)
    np.testing.assert_allclose(fit.influence[:, cells], influence[:, 1:], rtol=1e-8, atol=1e-13)


def test_reference_cells_have_no_effect_and_no_influence(data):
    codes, y, w, respondent = data
    fit = additive_fit(codes, SIZES, [1, 2, 0], y, w, respondent, G)
    places = np.add(fit.offsets[:-1], [1, 2, 0])
    assert (fit.effects[places] == 0).all()
    assert (fit.influence[:, places] == 0).all()
    assert fit.offsets.tolist() == [0, 3, 7, 9]


def test_cells_that_never_occur_are_missing_and_leave_the_others_alone(data):
    codes, y, w, respondent = data
    codes = [codes[0], np.where(codes[1] == 2, 0, codes[1]), codes[2]]
    fit = additive_fit(codes, SIZES, [0, 0, 0], y, w, respondent, G)
    X, cells = dense(codes, SIZES, [0, 0, 0])
    b, _ = brute_force(X, y, w, respondent)
    empty = 3 + 2
    assert np.flatnonzero(~fit.observed).tolist() == [empty]
    assert np.isnan(fit.effects[empty])
    assert (fit.influence[:, empty] == 0).all()
    np.testing.assert_allclose(fit.effects[cells], b[1:], rtol=1e-10)


def test_cells_that_go_together_are_refused_by_name(data):
    codes, y, w, respondent = data
    with pytest.raises(CollinearityError) as caught:
        additive_fit([*codes, codes[0]], [*SIZES, 3], [0] * 4, y, w, respondent, G)
    assert caught.value.cells.tolist() == [1, 2, 10, 11]


def test_cell_means_are_weighted_means_with_their_influence(data):
    (code, *_), y, w, respondent = data
    means, influence = cell_means(code, 3, y, w, respondent, G)
    for cell in range(3):
        here = code == cell
        assert means[cell] == pytest.approx(np.average(y[here], weights=w[here]), rel=1e-12)
        by_hand = [
            (w * (y - means[cell]))[here & (respondent == i)].sum() / w[here].sum()
            for i in range(G)
        ]
        np.testing.assert_allclose(influence[:, cell], by_hand, rtol=1e-10, atol=1e-15)


def test_an_empty_cell_has_no_mean_and_no_influence(data):
    (code, *_), y, w, respondent = data
    means, influence = cell_means(code, 4, y, w, respondent, G)
    assert np.isnan(means[3])
    assert (influence[:, 3] == 0).all()


def test_cell_counts_count_profiles_and_people():
    code, respondent = np.array([0, 0, 1, 1, 1]), np.array([0, 0, 0, 2, 1])
    profiles, people = cell_counts(code, 3, respondent, 4)
    assert profiles.tolist() == [2, 3, 0]
    assert people.tolist() == [1, 3, 0]
