"""Weighting: the targets are met, or it raises; and nothing else about the input matters."""

import numpy as np
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from conjoint.weight import efficiency
from conjoint.weight.calibrate import Method, calibrate_weights, rake_weights
from conjoint.weight.constraint import Mean, Shares, UnreachableError, pose

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
    except UnreachableError:
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
    except UnreachableError:
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
    with pytest.raises(UnreachableError) as caught:
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


METHODS = [
    Method("raking", (0.3, 3.0)),
    Method("linear", (0.3, 3.0)),
    Method("logit", (0.3, 3.0)),
    Method("linear"),
    Method("raking", None, (0.3, 3.0)),
]


@modest
@given(problem=problems(), method=st.sampled_from(METHODS))
def test_bounds_are_kept_and_the_margins_met_or_it_raises(problem, method):
    codes, targets, start = problem
    constraints = [Shares(*pair) for pair in zip(codes, targets, strict=True)]
    try:
        weights = calibrate_weights(constraints, start, method).weights
    except UnreachableError:
        event("raises")
        return
    event("is met")
    assert misses(codes, targets, weights) < 1e-9
    if method.bounds is not None:
        factor = weights / (start / start.mean())
        assert factor.min() >= 0.3 - 1e-9
        assert factor.max() <= 3.0 + 1e-9
    if method.limits is not None:
        assert weights.min() >= 0.3 - 1e-9
        assert weights.max() <= 3.0 + 1e-9


def room(constraints, start, method):
    """How far inside their bounds weights can be that meet everything: a linear programme.

    Below zero nothing meets it, at zero only weights at their bounds do.
    """
    problem = pose(constraints, start, [np.arange(len(start))])
    base, cells = problem.base, len(problem.base)
    unit = np.full(cells, 1 / cells) if method.limits else base
    low, high = method.bounds or method.limits or (0.0, np.inf)
    width = unit * (high - low if np.isfinite(high) else 1.0)
    above = np.hstack([-np.eye(cells), width[:, None]])
    below = np.hstack([np.eye(cells), width[:, None]])
    finite = np.isfinite(high)
    solved = linprog(
        np.r_[np.zeros(cells), -1.0],
        A_ub=np.vstack([above, below]) if finite else above,
        b_ub=np.r_[-low * unit, high * unit] if finite else -low * unit,
        A_eq=np.hstack([problem.columns.T, np.zeros((len(problem.target), 1))]),
        b_eq=problem.target,
        bounds=[(None, None)] * cells + [(None, 1e3)],
    )
    return solved.x[-1] if solved.status == 0 else -1.0


@modest
@given(problem=problems(), method=st.sampled_from([Method(), *METHODS[:3], METHODS[4]]))
def test_what_can_be_met_is_met(problem, method):
    codes, targets, start = problem
    constraints = [Shares(*pair) for pair in zip(codes, targets, strict=True)]
    try:
        inside = room(constraints, start, method)
    except UnreachableError:
        assume(False)
    assume(abs(inside) > 1e-6)
    event("can be met" if inside > 0 else "cannot be met")
    if inside > 0:
        calibrate_weights(constraints, start, method)
    else:
        with pytest.raises(UnreachableError):
            calibrate_weights(constraints, start, method)


@modest
@given(problem=problems(), scale=st.floats(1e-3, 1e3), method=st.sampled_from(METHODS))
def test_the_scale_of_the_start_changes_nothing_for_any_distance(problem, scale, method):
    codes, targets, start = problem
    constraints = [Shares(*pair) for pair in zip(codes, targets, strict=True)]
    try:
        once = calibrate_weights(constraints, start, method).weights
    except UnreachableError:
        assume(False)
    again = calibrate_weights(constraints, scale * start, method).weights
    np.testing.assert_allclose(again, once, rtol=1e-6, atol=1e-9)


@modest
@given(problem=problems(), seed=st.integers(0, 2**16))
def test_a_mean_is_met_with_the_margins_or_it_raises(problem, seed):
    codes, targets, start = problem
    values = np.random.default_rng(seed).normal(50, 10, len(start)).round()
    constraints = [Shares(*pair) for pair in zip(codes, targets, strict=True)]
    try:
        weights = calibrate_weights([*constraints, Mean(values, 51.0)], start).weights
    except UnreachableError:
        event("raises")
        return
    event("is met")
    assert misses(codes, targets, weights) < 1e-9
    assert weights @ values / weights.sum() == pytest.approx(51, abs=1e-7)


@modest
@given(problem=problems())
def test_shares_among_members_leave_their_part_of_the_whole_free(problem):
    codes, targets, start = problem
    members = codes[-1] == 0
    inside = Shares(codes[0], targets[0], members)
    rest = [Shares(*pair) for pair in zip(codes[1:], targets[1:], strict=True)]
    assume(len(codes) > 1)
    try:
        weights = calibrate_weights([inside, *rest], start).weights
    except UnreachableError:
        event("raises")
        return
    event("is met")
    assert misses([codes[0][members]], [targets[0]], weights[members]) < 1e-8
    assert weights[members].sum() / weights.sum() == pytest.approx(targets[-1][0], abs=1e-9)


@modest
@given(problem=problems(), seed=st.integers(0, 2**16))
def test_raked_weights_are_the_nearest_to_the_start(problem, seed):
    """No other weights that meet the margins have a smaller distance: sum w log(w / d) - w + d."""
    codes, targets, start = problem
    weights = solved(codes, targets, start)
    before = start * (weights.sum() / start.sum())
    indicators = np.hstack([np.eye(len(t))[c] for c, t in zip(codes, targets, strict=True)])
    noise = np.random.default_rng(seed).normal(size=len(weights))
    # What is left of the noise changes no margin.
    noise -= indicators @ np.linalg.lstsq(indicators, noise, rcond=None)[0]
    assume(np.abs(noise).max() > 1e-6)
    other = weights + noise * (0.5 * weights.min() / np.abs(noise).max())

    def distance(w):
        return (w * np.log(w / before) - w + before).sum()

    assert distance(weights) <= distance(other) + 1e-9 * len(start)


@modest
@given(weights=st.lists(st.floats(0.01, 100), min_size=1, max_size=50))
def test_the_effective_sample_is_never_larger_than_the_sample(weights):
    found = efficiency(np.array(weights))
    assert 0 < found.effective <= len(weights) * (1 + 1e-12)
    assert found.smallest <= 1 + 1e-12
    assert found.largest >= 1 - 1e-12
