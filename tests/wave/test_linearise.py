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


def test_residuals_of_weights_moved_far_have_the_spread_of_what_they_stand_for(sample):
    """The scale makes up for what the fit takes off, person by person."""
    z, start, _, weights, _ = sample
    margins = Linearised(z, start, weights**3, weights)
    u = np.random.default_rng(2).normal(size=(N, 20_000))
    along = margins.basis.T @ (margins.slope[:, None] * u)
    left = margins.scale[:, None] * (u - margins.basis @ along)
    some = weights > 0
    assert margins.scale.max() > 1.1
    np.testing.assert_allclose((left**2).mean(axis=1)[some], 1, rtol=0.05)


def test_degrees_of_freedom_are_of_people_who_weigh_alike(sample):
    z, start, slope, weights, _ = sample
    members = np.arange(N) < 30
    w = weights[members]
    degrees = Linearised(z, start, slope, weights).degrees(members)
    assert degrees == pytest.approx((w**2).sum() ** 2 / (w**4).sum() - 1)
    assert degrees < 25
    # The mean square of as many normal numbers, weighted alike, is as sure.
    squares = np.random.default_rng(1).normal(size=(40_000, 30)) ** 2 @ w**2
    assert 2 * squares.mean() ** 2 / squares.var() == pytest.approx(degrees + 1, rel=0.05)


@pytest.mark.parametrize("margin", [slice(2), slice(2, 5)])
def test_a_fit_as_with_the_starting_weights_is_left_alone(sample, margin):
    """Nothing moves with the category that another distance would not move as well."""
    z, start, _, weights, _ = sample
    slope = np.where(
        weights > 0, 1.0 + z[:, margin] @ np.arange(margin.stop - (margin.start or 0)), 0.0
    )
    margins = Linearised(z[:, margin], start, slope, weights)
    assert (margins.scale == 1).all()
    assert margins.degrees(weights > 0) == N - 4
    both = Linearised(z, start, slope, weights)
    assert both.scale.max() > 1
