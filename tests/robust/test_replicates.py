"""Replicates: what they do on their own, and that linearised intervals agree with them."""

from dataclasses import replace

import numpy as np
import pytest

import conjoint as cj
from conjoint.errors import EstimationError, RequestError

TARGETS = {"party": {"Left": 0.35, "Right": 0.65}, "sex": {"F": 0.52, "M": 0.48}}


@pytest.fixture(scope="module")
def wave(simulated, as_wave):
    frame = simulated(31, n=300)
    sex = np.where(np.random.default_rng(2).random(300) < 0.6, "F", "M")
    frame["sex"] = sex[frame["id"]]
    return cj.rake(as_wave(frame, segments=["party", "sex"]), TARGETS)


def test_means_by_matrix_product_are_the_means_of_every_run(wave):
    fast = cj.replicate(wave, cj.marginal_means, by="party", replicates=20, seed=5)

    def slow(*arguments, **options):
        return cj.marginal_means(*arguments, **options)

    each = cj.replicate(wave, slow, by="party", replicates=20, seed=5)
    np.testing.assert_allclose(fast.values, each.values, rtol=1e-10)


def test_every_replicate_is_weighted_to_the_targets(wave):
    """The share of a category that is a target does not vary at all."""

    def shares(wave):
        return cj.marginal_means(wave, by="party")

    made = cj.replicate(wave, shares, replicates=30)
    again = cj.replicate(wave, shares, replicates=30)
    assert made.values.shape == (30, len(made.estimates))
    np.testing.assert_array_equal(made.values, again.values)
    other = cj.replicate(wave, shares, replicates=30, seed=2)
    assert not np.allclose(made.values, other.values)


@pytest.mark.parametrize("estimator", [cj.marginal_means, cj.amce])
def test_linearised_errors_are_those_of_the_bootstrap(wave, estimator):
    replicates = 2000 if estimator is cj.marginal_means else 400
    made = cj.replicate(wave, estimator, replicates=replicates)
    linear = estimator(wave).std_errors
    kept = ~made.estimates.fixed
    ratio = made.std_errors[kept] / linear[kept]
    # A bootstrap error of R replicates is off by 1 / sqrt(2 R) itself, any one by up to four times.
    noise = 1 / np.sqrt(2 * replicates)
    assert abs(ratio.mean() - 1) < 0.02 + noise
    assert np.abs(ratio - 1).max() < 0.03 + 4 * noise


def test_linearised_errors_are_those_of_the_jackknife(wave):
    made = cj.replicate(wave, cj.marginal_means, method="jackknife")
    assert made.values.shape[0] == 300
    np.testing.assert_allclose(made.std_errors, cj.marginal_means(wave).std_errors, rtol=0.02)


def test_without_targets_the_jackknife_is_cr3(simulated, as_wave):
    wave = as_wave(simulated(32, n=40), weight="weight")
    made = cj.replicate(wave, cj.amce, method="jackknife")
    exact = cj.amce(wave, variance="CR3")
    np.testing.assert_allclose(made.std_errors, exact.std_errors, rtol=1e-8)
    np.testing.assert_allclose(made.covariance, exact.covariance, rtol=1e-6, atol=1e-12)


def test_toplines_by_matrix_product_are_those_of_every_run(small_wave):
    wave = cj.rake(small_wave)
    fast = cj.replicate(wave, cj.toplines, by="segments", replicates=10)

    def slow(wave, **options):
        return cj.toplines(wave, **options)

    each = cj.replicate(wave, slow, by="segments", replicates=10)
    np.testing.assert_allclose(fast.values, each.values, rtol=1e-9)


def test_the_frame_has_the_errors_of_the_replicates(wave):
    made = cj.replicate(wave, cj.marginal_means, replicates=50)
    frame = made.frame
    assert list(frame) == list(made.estimates.frame)
    np.testing.assert_allclose(frame["std_error"], made.std_errors)
    np.testing.assert_allclose(frame["estimate"], made.estimates.values)
    assert (frame["conf_low"] < frame["estimate"]).all()
    assert (frame["conf_high"] <= 1).all()
    wald = replace(made, estimates=made.estimates.with_interval("wald")).frame
    np.testing.assert_allclose((wald["conf_low"] + wald["conf_high"]) / 2, wald["estimate"])


def test_draws_that_miss_a_category_are_left_out_and_counted(simulated, as_wave):
    frame = simulated(33, n=60)
    frame["rare"] = np.where(frame["id"] < 2, "yes", "no")
    wave = cj.rake(as_wave(frame, segments=["rare"]), {"rare": {"yes": 0.05, "no": 0.95}})
    made = cj.replicate(wave, cj.marginal_means, replicates=200)
    # Two of sixty are both missed with a chance of about exp(-2).
    assert 10 < made.dropped < 50
    assert len(made.values) == 200 - made.dropped
    assert np.isfinite(made.values).all()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "magic"}, 'method: there is no "magic" .*bootstrap, jackknife'),
        ({"replicates": 1}, "replicates: 1 .*two or more"),
    ],
)
def test_what_cannot_be_replicated_is_said(wave, options, said):
    with pytest.raises(RequestError, match=said):
        cj.replicate(wave, cj.marginal_means, **options)


def test_targets_that_no_draw_meets(simulated, as_wave):
    frame = simulated(34, n=30)
    frame["single"] = frame["id"].map(str)
    shares = {str(who): 1 / 30 for who in range(30)}
    wave = cj.rake(as_wave(frame, segments=["single"]), {"single": shares})
    with pytest.raises(EstimationError, match="0 of 20 can be weighted"):
        cj.replicate(wave, cj.marginal_means, replicates=20)


def test_weights_taken_as_given_have_wider_intervals_where_margins_say_much(simulated, as_wave):
    """Answers that hang on the party vary less between samples weighted by party."""
    frame = simulated(35, n=400)
    frame["rating"] = frame["rating"] + 4 * (frame["party"] == "Left")
    wave = cj.rake(as_wave(frame, outcome="rating"), {"party": {"Left": 0.5, "Right": 0.5}})
    known, given = cj.marginal_means(wave), cj.marginal_means(wave.fixed())
    np.testing.assert_array_equal(known.values, given.values)
    assert (known.std_errors < 0.8 * given.std_errors).all()
    made = cj.replicate(wave, cj.marginal_means, replicates=1000)
    np.testing.assert_allclose(made.std_errors, known.std_errors, rtol=0.12)
