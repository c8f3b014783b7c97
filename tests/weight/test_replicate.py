"""Replicates are the wave weighted again, one by one or all at once."""

import numpy as np
import pytest

import conjoint as cj
from conftest import ROUTES
from conjoint.errors import RequestError, TargetError
from conjoint.survey import Margin, Targets
from conjoint.weight import Reweighting, calibrate, rake, replicate_weights, trim

TARGETS = {"sex": {"Female": 0.6, "Male": 0.4}, "age": {"young": 0.4, "old": 0.6}}
SEGMENT = Targets(
    (Margin.of("sex", TARGETS["sex"], segment="left"), Margin.of("age", TARGETS["age"]))
)
UNANSWERED = Targets((*SEGMENT.margins, Margin.of("warmth", 5.2, unknown="keep")))


def bootstrap(people, replicates, seed=5):
    rng = np.random.default_rng(seed)
    return rng.multinomial(people, np.full(people, 1 / people), replicates).T.astype(float)


MADE = {
    "raking": lambda wave: rake(wave, TARGETS),
    "linear": lambda wave: calibrate(wave, TARGETS, distance="linear", bounds=(0.1, 9)),
    "logit": lambda wave: calibrate(wave, TARGETS, distance="logit", bounds=(0.1, 9)),
    "bounded": lambda wave: calibrate(wave, TARGETS, bounds=(0.5, 1.8)),
    "segment": lambda wave: rake(wave, SEGMENT),
    "unanswered": lambda wave: rake(wave, UNANSWERED),
    "trimmed": lambda wave: trim(rake(wave, TARGETS), lower=0.4, upper=2.5),
    "cut": lambda wave: trim(rake(wave, TARGETS), lower=0.4, upper=2.5, again=False),
}


@pytest.mark.parametrize("how", MADE)
def test_each_replicate_is_the_wave_weighted_again(small_wave, how):
    start = np.exp(np.random.default_rng(4).normal(0, 0.4, 60))
    wave = MADE[how](small_wave.with_weights(start))
    factors = bootstrap(60, 12)
    weights, met = replicate_weights(wave, factors)
    assert weights.shape == (60, 12)
    assert met.any()
    for place in range(12):
        drawn = start * factors[:, place]
        if how == "trimmed":
            # Limits are held by those of the wave, relative to each start; see the next test.
            continue
        try:
            again = MADE[how](small_wave.with_weights(drawn)).weights
        except TargetError:
            assert not met[place]
            assert np.isnan(weights[:, place]).all()
            continue
        assert met[place]
        np.testing.assert_allclose(weights[:, place], again, rtol=1e-7, atol=1e-9)


def test_replicates_of_trimmed_weights_meet_the_targets_within_the_limits(small_wave):
    start = np.exp(np.random.default_rng(4).normal(0, 0.4, 60))
    wave = MADE["trimmed"](small_wave.with_weights(start))
    factors = bootstrap(60, 20)
    weights, met = replicate_weights(wave, factors)
    assert met.sum() >= 15
    women = (wave.respondents["sex"] == "Female").to_numpy()
    np.testing.assert_allclose(weights[women][:, met].sum(axis=0) / 60, 0.6, atol=1e-9)
    drawn = start[:, None] * factors
    share = weights[:, met] / np.where(factors > 0, factors, 1)[:, met]
    # A replicate's mean weight is one, before its start is scaled to the drawn people's sum.
    scale = drawn.sum(axis=0)[met] / start.sum()
    alive = factors[:, met] > 0
    assert (share * scale)[alive].min() >= 0.4 * (1 - 1e-6)
    assert (share * scale)[alive].max() <= 2.5 * (1 + 1e-6)


@pytest.mark.parametrize("how", MADE)
def test_a_wave_without_some_of_its_people_is_weighted_as_it_was(small_wave, how):
    start = np.exp(np.random.default_rng(4).normal(0, 0.4, 60))
    again = Reweighting(MADE[how](small_wave.with_weights(start)))
    start[[3, 14, 15]] = 0.0
    expected = MADE[how](small_wave.with_weights(start)).weights
    weights = again.without(np.array([3, 14, 15]))
    np.testing.assert_allclose(weights, expected, rtol=1e-7, atol=1e-12)
    women = np.flatnonzero(small_wave.respondents["sex"] == "Female")
    assert again.without(women) is None
    assert again.without(np.arange(60)) is None


@pytest.mark.parametrize("how", [name for name in MADE if name not in ("segment", "unanswered")])
def test_a_wave_is_weighted_again_to_other_shares(small_wave, monkeypatch, how):
    again = Reweighting(MADE[how](small_wave))
    monkeypatch.setitem(TARGETS, "sex", {"Female": 0.55, "Male": 0.45})
    weights = again.with_shares(list(TARGETS).index("sex"), np.array([0.55, 0.45]))
    np.testing.assert_allclose(weights, MADE[how](small_wave).weights, rtol=1e-7, atol=1e-12)


def test_without_targets_weights_stay_in_proportion(small_wave):
    start = np.arange(60.0)
    weights = Reweighting(small_wave.with_weights(start)).without(np.array([59]))
    np.testing.assert_allclose(weights[:59], start[:59] * 60 / start[:59].sum())
    assert weights[59] == 0


def test_a_replicate_that_is_the_wave_has_its_weights(small_wave):
    wave = rake(small_wave, TARGETS)
    weights, met = replicate_weights(wave, np.ones((60, 2)))
    assert met.all()
    np.testing.assert_allclose(weights, np.repeat(wave.weights[:, None], 2, axis=1), rtol=1e-9)


def test_a_draw_without_a_category_is_reported_and_not_raised(small_wave):
    women = (small_wave.respondents["sex"] == "Female").to_numpy(dtype=float)
    factors = np.stack([np.ones(60), women, np.zeros(60)], axis=1)
    weights, met = replicate_weights(rake(small_wave, TARGETS), factors)
    assert met.tolist() == [True, False, False]
    assert np.isnan(weights[:, 1:]).all()
    assert np.isfinite(weights[:, 0]).all()


def test_a_wave_without_targets_is_only_scaled(small_wave):
    factors = bootstrap(60, 3)
    weights, met = replicate_weights(small_wave, factors)
    assert met.all()
    np.testing.assert_allclose(weights, factors)


def test_factors_have_a_row_a_respondent(small_wave):
    with pytest.raises(RequestError, match=r"factors: have the shape \(10, 2\)"):
        replicate_weights(small_wave, np.ones((10, 2)))


def test_a_thousand_replicates_of_the_survey_that_ships_meet_its_targets():
    wave = cj.rake(cj.read_wave(ROUTES))
    factors = bootstrap(wave.n_respondents, 1000)
    weights, met = replicate_weights(wave, factors)
    assert met.all()
    table = cj.weighting_table(wave)
    people = wave.respondents
    rows = table[table["margin"].isin(people.columns)].to_dict("records")
    assert len(rows) > 10
    for row in rows:
        own = (people[row["margin"]] == row["category"]).to_numpy()
        reached = weights[own].sum(axis=0) / wave.n_respondents
        np.testing.assert_allclose(reached, row["target"], atol=1e-9)
