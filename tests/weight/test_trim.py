"""Trimming: limits hold, targets hold too where they shall, and the price is said."""

from dataclasses import replace

import numpy as np
import pytest

import conjoint as cj
from conjoint.errors import RequestError, TargetError
from conjoint.weight import calibrate, rake, trim, weighting_table
from conjoint.weight.trim import cut_weights

TARGETS = {"sex": {"Female": 0.6, "Male": 0.4}, "age": {"young": 0.4, "old": 0.6}}


@pytest.fixture
def weighted(small_wave):
    """Raked from uneven starting weights, from 0.14 to 2.7."""
    start = np.exp(np.random.default_rng(4).normal(0, 0.6, 60))
    return rake(small_wave.with_weights(start), TARGETS)


def misses(wave):
    table = weighting_table(wave)
    return (table["weighted"] - table["target"]).abs().max()


def test_limits_and_targets_hold_together(weighted):
    assert weighted.weights.max() > 2
    assert weighted.weights.min() < 0.4
    trimmed = trim(weighted, lower=0.4, upper=2)
    assert trimmed.weights.min() >= 0.4 * (1 - 1e-9)
    assert trimmed.weights.max() <= 2 * (1 + 1e-9)
    assert trimmed.weights.sum() == pytest.approx(60)
    assert misses(trimmed) <= 1e-9


def test_what_it_cost_is_said(weighted):
    made = trim(weighted, lower=0.4, upper=2).calibration
    trimmed = trim(weighted, lower=0.4, upper=2).weights
    held = (trimmed <= 0.4 * (1 + 1e-6)) | (trimmed >= 2 * (1 - 1e-6))
    assert made.trimmed == held.mean() > 0
    assert made.limits == (0.4, 2.0)
    assert made.design_effect_before == cj.efficiency(weighted.weights).design_effect
    assert made.design_effect == cj.efficiency(trimmed).design_effect
    assert made.design_effect < made.design_effect_before
    assert made.discrepancy <= 1e-10
    assert made.again
    np.testing.assert_array_equal(made.start, weighted.calibration.start)


def test_weights_between_the_limits_are_only_raked_again(weighted):
    """Each is its start times a factor that people alike in every margin share."""
    trimmed = trim(weighted, lower=0.4, upper=2)
    free = (trimmed.weights > 0.4 * (1 + 1e-6)) & (trimmed.weights < 2 * (1 - 1e-6))
    factor = trimmed.weights / weighted.calibration.start
    people = weighted.respondents
    for sex in ("Female", "Male"):
        for age in ("young", "old"):
            own = ((people["sex"] == sex) & (people["age"] == age)).to_numpy() & free
            np.testing.assert_allclose(factor[own], factor[own][0], rtol=1e-6)


def test_limits_that_do_not_bind_change_nothing(weighted):
    trimmed = trim(weighted, lower=0.01, upper=20)
    np.testing.assert_allclose(trimmed.weights, weighted.weights, rtol=1e-7)
    assert trimmed.calibration.trimmed == 0


def test_without_meeting_the_targets_again_the_miss_is_said(weighted):
    trimmed = trim(weighted, upper=1.5, again=False)
    assert trimmed.weights.max() <= 1.5 * (1 + 1e-12)
    assert trimmed.weights.sum() == pytest.approx(60)
    assert trimmed.calibration.discrepancy == pytest.approx(misses(trimmed), rel=1e-9)
    assert trimmed.calibration.discrepancy > 1e-3
    assert not trimmed.calibration.again


def test_the_excess_is_spread_evenly_over_the_rest():
    once = cut_weights(np.array([0.2, 0.8, 1.0, 2.0]), 0.5, 1.6)
    np.testing.assert_allclose(once, [0.5, 0.85, 1.05, 1.6])


def test_spreading_goes_on_until_all_lie_between():
    weights = np.array([0.5, 0.5, 1.0, 2.0])
    assert cut_weights(weights, 0.0, 1.1, strict=False).max() > 1.1
    strict = cut_weights(weights, 0.0, 1.1)
    assert strict.max() <= 1.1 + 1e-12
    assert strict.sum() == pytest.approx(4)


def test_a_wave_that_was_never_weighted_to_targets_can_be_trimmed(small_wave):
    start = np.ones(60)
    start[0] = 10
    trimmed = trim(small_wave.with_weights(start), upper=3)
    assert trimmed.weights.max() == pytest.approx(3)
    assert trimmed.weights.sum() == pytest.approx(60)
    made = trimmed.calibration
    assert made.targets.margins == ()
    assert made.basis().shape == (60, 0)
    assert made.trimmed == 1 / 60
    assert weighting_table(trimmed).empty


def test_people_of_no_weight_get_none(small_wave):
    start = np.ones(60)
    start[:5] = 0
    for again in (True, False):
        wave = trim(rake(small_wave.with_weights(start), TARGETS), lower=0.9, again=again)
        assert (wave.weights[:5] == 0).all()
        alive = wave.weights[5:] / wave.weights[5:].mean()
        assert alive.min() >= 0.9 * (1 - 1e-9)


@pytest.mark.parametrize("distance", ["linear", "logit"])
def test_other_distances_can_be_trimmed(small_wave, distance):
    start = np.exp(np.random.default_rng(4).normal(0, 0.6, 60))
    wave = calibrate(small_wave.with_weights(start), TARGETS, distance=distance, bounds=(0.2, 4))
    trimmed = trim(wave, lower=0.4, upper=2)
    assert trimmed.weights.min() >= 0.4 * (1 - 1e-9)
    assert trimmed.weights.max() <= 2 * (1 + 1e-9)
    assert misses(trimmed) <= 1e-9
    assert trimmed.calibration.distance == distance


def test_limits_within_which_the_targets_cannot_be_met_say_so(weighted):
    with pytest.raises(TargetError) as caught:
        trim(weighted, upper=1.05)
    text = str(caught.value)
    assert "no weights between 0 and 1.05 meet the targets; without bounds they go from" in text
    assert f"to {weighted.weights.max():.3g}" in text


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({}, "lower, upper: there is no limit"),
        ({"upper": 0.9}, "0 and 0.9 do not lie on either side of 1"),
        ({"lower": 1.0}, "1 and inf do not lie on either side of 1"),
        ({"lower": -1.0}, "-1 and inf do not lie on either side of 1"),
        ({"upper": float("nan")}, "0 and nan do not lie on either side of 1"),
    ],
)
def test_limits_that_are_none_are_refused(weighted, limits, words):
    with pytest.raises(RequestError) as caught:
        trim(weighted, **limits)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("distance", "bounds", "limits"),
    [
        ("raking", None, None),
        ("linear", None, None),
        ("logit", (0.3, 2.6), None),
        ("linear", (0.8, 1.25), None),
        ("raking", None, (0.4, 2)),
    ],
)
def test_an_influence_is_what_a_little_more_of_a_person_does(small_wave, distance, bounds, limits):
    """The wave is weighted anew with each person's starting weight a little up, and a little down."""

    def weigh(start):
        wave = calibrate(small_wave.with_weights(start), TARGETS, distance=distance, bounds=bounds)
        return wave if limits is None else trim(wave, lower=limits[0], upper=limits[1])

    start, step = np.exp(np.random.default_rng(4).normal(0, 0.6, 60)), 1e-4
    wave = weigh(start)
    held = wave.calibration.slope == 0
    assert held.any() == (distance != "logit" and (bounds or limits) is not None)
    people = np.flatnonzero(~held)[:12]
    expected = []
    for person in people:
        up, down = (
            cj.marginal_means(weigh(start * (1 + way * (np.arange(60) == person)))).values
            for way in (step, -step)
        )
        expected.append((up - down) / (2 * step))
    given = cj.marginal_means(wave.fixed()).influence
    made = replace(wave.margins, start=wave.margins.slope).residual(given)  # not scaled
    apart = made[people] - np.array(expected)
    # Starting weights are scaled to their mean, which the others', too, hang on a little.
    scale = np.stack([np.ones(len(people)), start[people]], axis=1)
    apart -= scale @ np.linalg.lstsq(scale, apart, rcond=None)[0]
    np.testing.assert_allclose(apart, 0, atol=1e-7)


def test_weights_cut_once_are_weights_as_given(weighted):
    once = cj.marginal_means(trim(weighted, lower=0.4, upper=2, again=False))
    given = cj.marginal_means(trim(weighted, lower=0.4, upper=2, again=False).fixed())
    np.testing.assert_allclose(once.std_errors, given.std_errors, rtol=1e-12)
    assert (once.std_errors > cj.marginal_means(weighted).std_errors).any()
