"""Differences between groups that share members, against the influence written out and a jackknife."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import conjoint as cj
from conjoint.survey import Segment

SEEDS = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="session")
def overlapping(simulated, as_wave):
    """A wave with two segments that share about a third of their members."""

    def make(seed, n=40):
        frame = simulated(seed, n=n)
        age = np.random.default_rng(seed).integers(18, 80, n)
        age[:4] = 20, 40, 45, 70  # some young, some old, some both
        frame["age"] = np.repeat(age, 6)
        wave = as_wave(frame, weight="weight", segments=["age"])
        segments = {
            "younger": Segment.model_validate({"where": {"age": {"max": 50}}}),
            "older": Segment.model_validate({"where": {"age": {"min": 35}}}),
        }
        survey = wave.survey.model_copy(update={"segments": segments})
        return cj.Wave.build(survey, wave.respondents, wave.profiles, wave.weights)

    return make


def mean_and_influence(wave, members, level):
    """A group's marginal mean of a price, straight from its definition."""
    rows = members[wave.respondent_index] & (wave.codes("price") == level)
    w, y = wave.weights[wave.respondent_index][rows], wave.outcome("chosen")[rows]
    mean = (w * y).sum() / w.sum()
    influence = np.zeros(wave.n_respondents)
    np.add.at(influence, wave.respondent_index[rows], w * (y - mean) / w.sum())
    return mean, influence


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_the_difference_moves_as_its_two_parts_do(overlapping, seed):
    wave = overlapping(seed)
    younger, older = wave.segment("younger"), wave.segment("older")
    assert (younger & older).any()
    means = cj.marginal_means(wave, by="segments")
    gap = cj.differences(means, reference="younger").select(attribute="price")
    for level in range(3):
        high, psi_high = mean_and_influence(wave, older, level)
        low, psi_low = mean_and_influence(wave, younger, level)
        assert gap.values[level] == pytest.approx(high - low, abs=1e-12)
        people = (younger | older).sum()
        variance = ((psi_high - psi_low) ** 2).sum() * people / (people - 1)
        assert gap.std_errors[level] == pytest.approx(np.sqrt(variance), rel=1e-9)


@settings(max_examples=3, deadline=None)
@given(seed=SEEDS)
def test_the_standard_error_is_near_the_jackknife(overlapping, seed):
    """Each respondent left out in turn: the linearised error is its first-order approximation."""
    n = 300
    wave = overlapping(seed, n=n)
    gap = cj.differences(cj.marginal_means(wave, by="segments"), reference="younger")
    mine = gap.select(attribute="price").std_errors
    left_out = np.empty((n, 3))
    for i in range(n):
        weights = wave.weights.copy()
        weights[i] = 0
        without = wave.with_weights(weights)
        for level in range(3):
            high, _ = mean_and_influence(without, wave.segment("older"), level)
            low, _ = mean_and_influence(without, wave.segment("younger"), level)
            left_out[i, level] = high - low
    spread = ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0)
    np.testing.assert_allclose(mine, np.sqrt(spread * (n - 1) / n), rtol=0.06)


@settings(max_examples=8, deadline=None)
@given(seed=SEEDS)
def test_shared_members_make_the_groups_covary(overlapping, seed):
    means = cj.marginal_means(overlapping(seed), by="segments")
    covariance = means.covariance[:8, 8:]
    assert np.abs(np.diag(covariance)).min() > 0


@settings(max_examples=8, deadline=None)
@given(seed=SEEDS)
def test_turning_a_difference_round_turns_its_sign(overlapping, seed):
    means = cj.marginal_means(overlapping(seed), by="segments")
    one = cj.differences(means, reference="younger")
    other = cj.differences(means, reference="older")
    np.testing.assert_allclose(one.values, -other.values, rtol=1e-12)
    np.testing.assert_allclose(one.std_errors, other.std_errors, rtol=1e-12)


def effects_with_pair(wave, by, kind, **options):
    return cj.interactions(wave, ("price", "colour"), by, kind=kind, **options)


OF_COEFFICIENTS = {
    "joint_means": lambda wave, by, **options: cj.joint_means(
        wave, ("colour", "size"), by, **options
    ),
    "acie": partial(effects_with_pair, kind="acie"),
    "amie": partial(effects_with_pair, kind="amie"),
    "choice_means": lambda wave, by, **options: cj.choice_means(wave, "colour", by, **options),
    "component_preferences": lambda wave, by, **options: cj.component_preferences(
        wave, ["price", "colour"], by, **options
    ),
    "amce without ties": partial(cj.amce, ties="drop"),
}
"""Estimators that test_variances.py does not hold against the jackknife."""


@pytest.mark.parametrize("estimator", OF_COEFFICIENTS.values(), ids=OF_COEFFICIENTS)
@settings(max_examples=2, deadline=None)
@given(seed=SEEDS)
def test_cr3_of_overlapping_groups_compared_is_the_jackknife(overlapping, estimator, seed):
    """Each respondent left out in turn, and both groups estimated anew."""
    n = 32
    wave = overlapping(seed, n=n)
    figures = estimator(wave, "segments", variance="CR3")
    gap = cj.differences(figures, reference="younger")
    left_out = []
    for i in range(n):
        weights = wave.weights.copy()
        weights[i] = 0
        without = estimator(wave.with_weights(weights), "segments")
        left_out.append(cj.differences(without, reference="younger").values)
    people = (wave.segment("younger") | wave.segment("older")).sum()
    moved = np.array(left_out) - gap.values
    expected = moved.T @ moved * (people - 1) / people
    np.testing.assert_allclose(gap.covariance, expected, rtol=1e-7, atol=1e-12)
