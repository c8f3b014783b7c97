"""Raking: the margins are met, or it raises; and nothing else about the input matters."""

import numpy as np
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from conjoint.weight import efficiency
from conjoint.weight.rake import RakeError, rake_weights

modest = settings(max_examples=60, deadline=None)


@st.composite
def problems(draw):
    """Categories of some respondents in a few margins, targets for them, and weights to start."""
    n = draw(st.integers(5, 80))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sizes = draw(st.lists(st.integers(2, 4), min_size=1, max_size=4))
    codes = [rng.integers(0, size, n) for size in sizes]
    targets = [rng.dirichlet(np.full(size, 3.0)) for size in sizes]
    start = rng.uniform(0.2, 3.0, n) if draw(st.booleans()) else np.ones(n)
    return codes, targets, start


def solved(codes, targets, start):
    """The weights, or the example is thrown away: sparse tables can be impossible to rake."""
    try:
        return rake_weights(codes, targets, start).weights
    except RakeError:
        assume(False)


def misses(codes, targets, weights):
    return max(
        np.abs(
            np.bincount(code, weights=weights, minlength=len(target)) / weights.sum() - target
        ).max()
        for code, target in zip(codes, targets, strict=True)
    )


@modest
@given(problem=problems())
def test_the_margins_are_met_or_it_raises(problem):
    codes, targets, start = problem
    try:
        raked = rake_weights(codes, targets, start)
    except RakeError:
        event("raises")
        return
    event("is met")
    assert misses(codes, targets, raked.weights) < 1e-9
    assert (raked.weights >= 0).all()
    assert raked.weights.sum() == pytest.approx(len(start), rel=1e-10)


@modest
@given(problem=problems())
def test_an_empty_category_always_raises(problem):
    codes, targets, start = problem
    codes[0] = np.where(codes[0] == 1, 0, codes[0])
    with pytest.raises(RakeError) as caught:
        rake_weights(codes, targets, start)
    assert caught.value.empty


@modest
@given(problem=problems())
def test_raking_twice_changes_nothing(problem):
    codes, targets, start = problem
    once = solved(codes, targets, start)
    again = rake_weights(codes, targets, once)
    np.testing.assert_allclose(again.weights, once, rtol=1e-7)


@modest
@given(problem=problems(), order=st.randoms(use_true_random=False))
def test_the_order_of_the_margins_changes_nothing(problem, order):
    codes, targets, start = problem
    once = solved(codes, targets, start)
    places = list(range(len(codes)))
    order.shuffle(places)
    other = rake_weights([codes[k] for k in places], [targets[k] for k in places], start)
    np.testing.assert_allclose(other.weights, once, rtol=1e-5, atol=1e-7)


@modest
@given(problem=problems(), scale=st.floats(1e-3, 1e3))
def test_the_scale_of_the_start_changes_nothing(problem, scale):
    codes, targets, start = problem
    once = solved(codes, targets, start)
    np.testing.assert_allclose(rake_weights(codes, targets, scale * start).weights, once, rtol=1e-7)


@modest
@given(problem=problems())
def test_people_alike_in_every_margin_keep_their_ratio(problem):
    codes, targets, start = problem
    weights = solved(codes, targets, start)
    factor = weights / start
    cells = np.unique(np.stack(codes, axis=1), axis=0, return_inverse=True)[1].ravel()
    for cell in np.unique(cells):
        own = factor[cells == cell]
        np.testing.assert_allclose(own, own[0], rtol=1e-9)


@modest
@given(problem=problems())
def test_targets_that_are_met_already_leave_the_weights_alone(problem):
    codes, targets, start = problem
    met = [
        np.bincount(code, weights=start, minlength=len(target)) / start.sum()
        for code, target in zip(codes, targets, strict=True)
    ]
    raked = rake_weights(codes, met, start)
    assert raked.rounds == 0
    np.testing.assert_allclose(raked.weights, start * len(start) / start.sum(), rtol=1e-12)


@modest
@given(weights=st.lists(st.floats(0.01, 100), min_size=1, max_size=50))
def test_the_effective_sample_is_never_larger_than_the_sample(weights):
    found = efficiency(np.array(weights))
    assert 0 < found.effective <= len(weights) * (1 + 1e-12)
    assert found.smallest <= 1 + 1e-12
    assert found.largest >= 1 - 1e-12
