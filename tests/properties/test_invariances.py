"""What must not change an estimate, and what must change it in a known way."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import conjoint as cj

SEEDS = st.integers(0, 2**32 - 1)
ESTIMATORS = [cj.amce, cj.marginal_means]
LEVELS = {"price": ["low", "mid", "high"], "colour": ["red", "green"], "size": ["S", "M", "L"]}

modest = settings(max_examples=12, deadline=None)


def same(left, right, rtol=1e-9):
    """The figures, their errors and their covariance are the same, row by row."""
    np.testing.assert_allclose(left.values, right.values, rtol=rtol, atol=1e-12)
    np.testing.assert_allclose(left.std_errors, right.std_errors, rtol=rtol, atol=1e-12)
    np.testing.assert_allclose(left.covariance, right.covariance, rtol=1e-7, atol=1e-14)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@modest
@given(seed=SEEDS, weight=st.floats(0.01, 100))
def test_constant_weights_equal_none(simulated, as_wave, estimator, seed, weight):
    frame = simulated(seed).assign(weight=weight)
    same(estimator(as_wave(frame)), estimator(as_wave(frame, weight="weight")))


@pytest.mark.parametrize("estimator", ESTIMATORS)
@modest
@given(seed=SEEDS, scale=st.floats(0.001, 1000))
def test_the_scale_of_weights_changes_nothing(simulated, as_wave, estimator, seed, scale):
    wave = as_wave(simulated(seed), weight="weight")
    same(estimator(wave), estimator(wave.with_weights(scale * wave.weights)))


@pytest.mark.parametrize("estimator", ESTIMATORS)
@modest
@given(seed=SEEDS, order=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(simulated, as_wave, estimator, seed, order):
    frame = simulated(seed)
    rows = list(range(len(frame)))
    order.shuffle(rows)
    original = estimator(as_wave(frame, weight="weight"), by="party")
    same(original, estimator(as_wave(frame.iloc[rows], weight="weight"), by="party"))


@pytest.mark.parametrize("estimator", ESTIMATORS)
@modest
@given(seed=SEEDS)
def test_the_names_of_respondents_change_nothing(simulated, as_wave, estimator, seed):
    frame = simulated(seed)
    names = np.random.default_rng(seed).permutation(frame["id"].nunique())
    renamed = frame.assign(id=[f"person {names[i]}" for i in frame["id"]])
    same(estimator(as_wave(frame, weight="weight")), estimator(as_wave(renamed, weight="weight")))


@pytest.mark.parametrize("estimator", ESTIMATORS)
@modest
@given(
    seed=SEEDS, names=st.lists(st.text(min_size=1, max_size=8), min_size=3, max_size=3, unique=True)
)
def test_the_names_of_levels_change_nothing(simulated, as_wave, estimator, seed, names):
    frame = simulated(seed)
    renamed = frame.assign(price=frame["price"].cat.rename_categories(names))
    estimates = estimator(as_wave(renamed))
    same(estimator(as_wave(frame)), estimates)
    assert estimates.select(attribute="price").frame["level"].tolist() == names


@modest
@given(seed=SEEDS, baseline=st.sampled_from(LEVELS["price"]))
def test_another_baseline_shifts_the_effects_by_a_constant(simulated, as_wave, seed, baseline):
    frame = simulated(seed)
    others = [level for level in LEVELS["price"] if level != baseline]
    moved = frame.assign(price=frame["price"].cat.reorder_categories([baseline, *others]))
    before = cj.amce(as_wave(frame)).frame.set_index(["attribute", "level"])["estimate"]
    after = cj.amce(as_wave(moved)).frame.set_index(["attribute", "level"])["estimate"]
    expected = before["price"] - before["price", baseline]
    np.testing.assert_allclose(after["price"][expected.index], expected, rtol=1e-8, atol=1e-12)
    for name in ("colour", "size"):
        np.testing.assert_allclose(after[name], before[name], rtol=1e-8, atol=1e-12)


@modest
@given(
    seed=SEEDS, attribute=st.sampled_from(list(LEVELS)), weight=st.sampled_from([None, "weight"])
)
def test_marginal_means_of_a_forced_choice_average_one_half(
    simulated, as_wave, seed, attribute, weight
):
    wave = as_wave(simulated(seed), weight=weight)
    means = cj.marginal_means(wave).select(attribute=attribute)
    shown = np.bincount(wave.codes(attribute), weights=wave.weights[wave.respondent_index])
    assert np.average(means.values, weights=shown) == pytest.approx(0.5, rel=1e-12)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@modest
@given(seed=SEEDS)
def test_everybody_twice_at_half_the_weight_gives_the_same_figures(
    simulated, as_wave, estimator, seed
):
    frame = simulated(seed)
    half = frame.assign(weight=frame["weight"] / 2)
    twice = pd.concat([half, half.assign(id=half["id"] + 1000)])
    once = estimator(as_wave(frame, weight="weight"))
    double = estimator(as_wave(twice, weight="weight"))
    np.testing.assert_allclose(double.values, once.values, rtol=1e-9, atol=1e-12)
    # Twice the people halve the variance; G / (G - 1) changes from 40/39 to 80/79.
    ratio = (80 / 79) / (40 / 39) / 2
    np.testing.assert_allclose(double.covariance, once.covariance * ratio, rtol=1e-7, atol=1e-13)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@modest
@given(seed=SEEDS)
def test_every_task_twice_is_no_more_evidence(simulated, as_wave, estimator, seed):
    frame = simulated(seed)
    twice = pd.concat([frame, frame.assign(task=frame["task"] + 100)])
    same(estimator(as_wave(frame)), estimator(as_wave(twice)))


@pytest.mark.parametrize("by", [None, "party", "colour", "task"])
@modest
@given(seed=SEEDS)
def test_influence_sums_to_zero_and_stays_within_the_group(simulated, as_wave, by, seed):
    wave = as_wave(simulated(seed), weight="weight")
    members = {group.key: group.respondents for group in wave.groups(by)}
    estimates = [cj.marginal_means(wave, by=by)]
    if by != "colour":
        estimates.append(cj.amce(wave, by=by))
    for figures in estimates:
        np.testing.assert_allclose(figures.influence.sum(axis=0), 0, atol=1e-10)
        for column, group in enumerate(figures.labels["group"]):
            assert (figures.influence[~members[group], column] == 0).all()


@pytest.mark.parametrize("estimator", ESTIMATORS)
@modest
@given(seed=SEEDS)
def test_standard_errors_are_the_root_of_the_diagonal(simulated, as_wave, estimator, seed):
    estimates = estimator(as_wave(simulated(seed), weight="weight"), by="party")
    free = ~estimates.fixed
    np.testing.assert_allclose(
        estimates.std_errors[free], np.sqrt(np.diag(estimates.covariance))[free], rtol=1e-10
    )
    assert np.isnan(estimates.std_errors[~free]).all()


@modest
@given(seed=SEEDS)
def test_a_group_is_estimated_as_if_it_were_alone(simulated, as_wave, seed):
    frame = simulated(seed)
    together = cj.amce(as_wave(frame, weight="weight"), by="party").select(group="Left")
    alone = cj.amce(as_wave(frame[frame["party"] == "Left"], weight="weight"))
    same(together, alone)


@modest
@given(seed=SEEDS)
def test_effects_and_means_of_one_attribute_alone_say_the_same(simulated, as_wave, seed):
    wave = as_wave(simulated(seed), attributes=["price"], weight="weight")
    effects, means = cj.amce(wave), cj.marginal_means(wave)
    np.testing.assert_allclose(effects.values, means.values - means.values[0], atol=1e-12)
    difference = means.influence - means.influence[:, [0]]
    np.testing.assert_allclose(effects.influence, difference, atol=1e-12)
