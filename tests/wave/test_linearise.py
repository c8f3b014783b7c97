"""What margins leave of a figure's influence."""

import numpy as np
import pytest

from conjoint.wave.linearise import basis_of, margin_effects, margin_residual

N = 60


@pytest.fixture
def sample():
    rng = np.random.default_rng(8)
    sex, age = rng.integers(0, 2, N), rng.integers(0, 3, N)
    z = np.column_stack([sex[:, None] == np.arange(2), age[:, None] == np.arange(3)]).astype(float)
    start = rng.uniform(0.5, 2, N)
    weights = start * rng.uniform(0.7, 1.4, N)
    start[:3] = weights[:3] = 0.0
    influence = rng.normal(size=(N, 4)) * weights[:, None]
    return z, start, weights, influence


def test_residuals_are_those_of_a_weighted_regression(sample):
    z, start, weights, influence = sample
    kept = weights > 0
    u = influence[kept] / weights[kept, None]
    root = np.sqrt(start[kept])[:, None]
    B = np.linalg.lstsq(z[kept] * root, u * root, rcond=None)[0]
    expected = np.zeros_like(influence)
    expected[kept] = weights[kept, None] * (u - z[kept] @ B)
    expected[kept] -= expected[kept].mean(axis=0)
    mine = margin_residual(influence, basis_of(z, start), start, weights)
    np.testing.assert_allclose(mine, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(margin_effects(influence, z, start, weights), B, rtol=1e-8)


def test_what_the_margins_say_entirely_has_no_spread_left(sample):
    z, start, weights, _ = sample
    influence = weights[:, None] * (z @ np.arange(10.0).reshape(5, 2))
    left = margin_residual(influence, basis_of(z, start), start, weights)
    np.testing.assert_allclose(left, 0, atol=1e-12)


def test_the_influence_that_is_left_sums_to_zero(sample):
    z, start, weights, influence = sample
    left = margin_residual(influence, basis_of(z, start), start, weights)
    np.testing.assert_allclose(left.sum(axis=0), 0, atol=1e-12)


def test_the_basis_drops_what_follows_from_the_rest(sample):
    z, start, _, _ = sample
    basis = basis_of(z, start)
    # Two and three indicators, whose sums are both the constant.
    assert basis.shape == (N, 4)
    np.testing.assert_allclose(basis.T @ basis, np.eye(4), atol=1e-12)
    np.testing.assert_allclose(basis[:3], 0, atol=1e-15)


def test_the_scale_of_weights_does_not_matter(sample):
    z, start, weights, influence = sample
    one = margin_residual(influence, basis_of(z, start), start, weights)
    other = margin_residual(influence, basis_of(z, 7 * start), 7 * start, 3 * weights)
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-13)
