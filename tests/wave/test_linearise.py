"""What margins leave of a figure's influence."""

import numpy as np
import pytest

from conjoint.wave import Linearised

N = 60


@pytest.fixture
def sample():
    rng = np.random.default_rng(8)
    sex, age = rng.integers(0, 2, N), rng.integers(0, 3, N)
    z = np.column_stack([sex[:, None] == np.arange(2), age[:, None] == np.arange(3)]).astype(float)
    weights = rng.uniform(0.5, 2, N)
    slope = weights * rng.uniform(0.7, 1.4, N)
    slope[:3] = weights[:3] = 0.0  # without weight
    slope[5:12] = 0.0  # held at a limit
    influence = rng.normal(size=(N, 4)) * weights[:, None]
    return z, (weights > 0) * 1.0, slope, weights, influence


def test_residuals_are_those_of_a_regression_of_those_who_can_move(sample):
    z, start, slope, weights, influence = sample
    kept = weights > 0
    u = influence[kept] / weights[kept, None]
    root = np.sqrt(slope[kept])[:, None]
    B = np.linalg.lstsq(z[kept] * root, u * root, rcond=None)[0]
    expected = np.zeros_like(influence)
    expected[kept] = (weights * Linearised(z, start, slope, weights).scale)[kept, None] * (
        u - z[kept] @ B
    )
    expected[kept] -= expected[kept].mean(axis=0)
    margins = Linearised(z, start, slope, weights)
    np.testing.assert_allclose(margins.residual(influence), expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(margins.effects(influence, z), B, rtol=1e-8)


def test_what_the_margins_say_entirely_has_no_spread_left(sample):
    z, start, slope, weights, _ = sample
    influence = weights[:, None] * (z @ np.arange(10.0).reshape(5, 2))
    left = Linearised(z, start, slope, weights).residual(influence)
    np.testing.assert_allclose(left, 0, atol=1e-12)


def test_the_influence_that_is_left_sums_to_zero(sample):
    z, start, slope, weights, influence = sample
    left = Linearised(z, start, slope, weights).residual(influence)
    np.testing.assert_allclose(left.sum(axis=0), 0, atol=1e-12)


def test_the_basis_drops_what_follows_from_the_rest(sample):
    z, start, slope, weights, _ = sample
    basis = Linearised(z, start, slope, weights).basis
    # Two and three indicators, whose sums are both the constant.
    assert basis.shape == (N, 4)
    np.testing.assert_allclose(basis.T @ (slope[:, None] * basis), np.eye(4), atol=1e-12)


def test_the_scale_of_weights_does_not_matter(sample):
    z, start, slope, weights, influence = sample
    one = Linearised(z, start, slope, weights).residual(influence)
    other = Linearised(z, 2 * start, 7 * slope, 3 * weights).residual(influence)
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-13)


def test_residuals_of_weights_moved_far_have_their_true_spread(sample):
    """The scale makes up for what the fit with moved weights takes off a residual more than the other."""
    z, start, _, weights, _ = sample
    slope = weights**3
    u = np.random.default_rng(2).normal(size=(N, 20_000))

    def spread(s):
        made = Linearised(z, s, s, np.ones(N))
        left = u - made.basis @ (made.basis.T @ (s[:, None] * u))
        return (left**2).mean(axis=1)

    scale = Linearised(z, start, slope, weights).scale
    some = weights > 0
    assert scale.max() > 1.1
    np.testing.assert_allclose(scale[some] ** 2, (spread(start) / spread(slope))[some], rtol=0.1)
    np.testing.assert_allclose(Linearised(z, slope, 5 * slope, weights).scale, 1, rtol=1e-12)
