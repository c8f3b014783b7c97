"""What was shown against who saw it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from drawn import SIZES, draw, only, verdicts, wave_of

import conjoint as cj
from conjoint.audit.balance import (
    MANY_ANSWERS,
    RARE,
    _coded,
    _patterns,
    balance,
    covariates,
    kinds_of,
    means_by_level,
)
from conjoint.survey import Auditing, Targets


def auditing(wave, *names):
    survey = wave.survey.model_copy(update={"audit": Auditing(covariates=names)})
    return replace(wave, survey=survey)


def leaning(share, covariate="party", attribute="colour"):
    """Some respondents of the first answer see the attribute's first level more often."""

    def shown(rng, codes):
        hit = (codes[covariate] == 0)[:, None, None] & (rng.random(codes[attribute].shape) < share)
        codes[attribute][hit] = 0

    return shown


@pytest.fixture(scope="module")
def clean():
    return wave_of(draw(1))


def test_a_clean_wave_is_fine_in_one_item(clean):
    (item,) = balance(clean)
    assert item.verdict == "fine"
    assert item.text.startswith("12 tests of attributes against sex, party and age: 0 departures")


def test_levels_assigned_by_an_answer_stop():
    items = balance(wave_of(draw(2, shown=leaning(0.5))))
    assert verdicts(items) == {"colour, party": "stop"}
    item = only(items, "stop")
    assert "party 0" in item.text or "of colour" in item.text
    assert item.unit == "sd"
    assert item.value > 0.2


def test_a_slight_leaning_is_worth_a_look():
    items = balance(wave_of(draw(3, shown=leaning(0.15))))
    assert verdicts(items) == {"colour, party": "look"}


def test_a_numeric_covariate_is_taken_as_it_is():
    def shown(rng, codes):
        old = (codes["age"] > 60)[:, None, None] & (rng.random(codes["price"].shape) < 0.4)
        codes["price"][old] = 2

    items = balance(wave_of(draw(4, shown=shown)))
    item = only(items, "stop")
    assert item.subject == "price, age"
    assert "mean age" in item.text


def test_rows_joined_to_the_wrong_respondent_are_not_seen_but_cost_nothing():
    frame = draw(5)
    frame["party"] = np.repeat(np.random.default_rng(0).permutation(frame["party"][::10]), 10)
    assert verdicts(balance(wave_of(frame))) == {}


# --- Covariates -----------------------------------------------------------------------------


def test_the_survey_says_which_covariates(clean):
    assert covariates(clean) == ("sex", "party", "age")
    assert covariates(auditing(clean, "age", "nowhere")) == ("age",)
    (item,) = balance(auditing(clean, "age"))
    assert item.text.startswith("4 tests of attributes against age")


def test_margins_and_questions_are_the_default(small_wave):
    assert covariates(small_wave) == ("sex", "age", "party", "warmth")
    targets = Targets.from_shares({"age * sex": {"young * Male": 1.0}})
    survey = small_wave.survey.model_copy(update={"targets": targets})
    assert covariates(replace(small_wave, survey=survey))[:2] == ("age", "sex")


def test_a_wave_without_covariates_says_so():
    (item,) = balance(wave_of(draw(6, n=50), segments=None))
    assert item.verdict == "fine"
    assert "no respondent column" in item.text
    assert "[audit] covariates" in item.do


def test_rare_answers_are_not_told_apart():
    frame = draw(7, n=200)
    first = frame["id"].to_numpy()
    frame["party"] = np.where(first < RARE - 1, "rare", np.where(first < 90, "some", "many"))
    coded = _coded(wave_of(frame), "party")
    assert coded.answers == ("some", "many")
    assert coded.numbers.sum(axis=0).tolist() == [90 - (RARE - 1), 110]


def test_missing_answers_leave_respondents_out():
    frame = draw(8, n=200)
    frame["age"] = frame["age"].astype(float).where(frame["id"] >= 50)
    coded = _coded(wave_of(frame), "age")
    assert coded.known.sum() == len(coded.numbers) == 150


def test_names_of_people_are_no_covariate():
    frame = draw(9, n=200)
    frame["party"] = "person " + frame["id"].astype(str)
    assert frame["party"].nunique() > MANY_ANSWERS
    assert _coded(wave_of(frame), "party") is None
    assert balance(wave_of(frame))


def test_an_attribute_everybody_saw_alike_cannot_be_out_of_balance():
    frame = draw(10, n=300)
    frame["colour"] = pd.Categorical(np.tile(["red", "green"], len(frame) // 2))
    (item,) = balance(wave_of(frame))
    assert item.text.startswith("9 tests")


@pytest.mark.parametrize("people", [2, 5, 25])
def test_a_handful_of_respondents_is_no_error(people):
    assert "stop" not in verdicts(balance(wave_of(draw(11, n=people)))).values()


# --- Against cregg --------------------------------------------------------------------------


def answered(make_immigration, attributes):
    """The covariate as the outcome, of those who have it."""
    whole = make_immigration(outcome="ethnocentrism", attributes=attributes, segments=None)
    return cj.Wave.from_frame(
        whole.profiles.dropna(subset="ethnocentrism"),
        respondent="respondent",
        outcome="ethnocentrism",
        attributes=attributes,
    )


def test_effects_on_a_covariate_are_those_of_cregg(make_immigration, golden, agrees):
    """cregg takes the covariate as the outcome of its regression: imm_balance_ethnocentrism."""
    attributes = ["Gender", "Education", "LanguageSkills"]
    agrees(cj.amce(answered(make_immigration, attributes)), golden("imm_balance_ethnocentrism"))


def means_of(wave, attribute, covariate):
    kinds = kinds_of(wave, attribute, _coded(wave, covariate), _patterns(wave, attribute))
    return kinds, *means_by_level(kinds)


def test_differences_of_means_are_effects_on_a_covariate(make_immigration, golden):
    """Of one attribute alone exactly; beside two others that are drawn apart, nearly."""
    wave = make_immigration(segments=["ethnocentrism"])
    kinds, means, influence = means_of(wave, "Gender", "ethnocentrism")
    apart = means[0, 1] - means[0, 0]
    moved = influence[:, 0, 1] - influence[:, 0, 0]
    G = kinds.count[kinds.shown.any(axis=0)].sum()
    error = np.sqrt(kinds.count @ moved**2 * G / (G - 1))
    alone = cj.amce(answered(make_immigration, ["Gender"]))
    assert apart == pytest.approx(alone.values[1], rel=1e-9)
    assert error == pytest.approx(alone.std_errors[1], rel=1e-9)
    reference = golden("imm_balance_ethnocentrism").query("level == 'Male'").iloc[0]
    assert apart == pytest.approx(reference["estimate"], abs=0.2 * reference["std.error"])
    assert error == pytest.approx(reference["std.error"], rel=0.01)


def test_immigration_is_balanced(make_immigration):
    wave = make_immigration(segments=["ethnocentrism", "ethno2", "ethno3"])
    assert verdicts(balance(wave)) == {}


# --- Clean waves ----------------------------------------------------------------------------


def looks(seeds, **size):
    found = [verdicts(balance(wave_of(draw(seed, **size)))) for seed in seeds]
    assert not any("stop" in own.values() for own in found)
    return sum(bool(own) for own in found)


def test_clean_waves_are_fine():
    assert looks(range(200, 230), n=400) <= 3


@pytest.mark.slow
def test_no_clean_wave_of_two_thousand_stops():
    assert looks(range(2000, 2200)) <= 10


def test_every_attribute_is_held_against_every_covariate(clean):
    for name in SIZES:
        for covariate in covariates(clean):
            kinds, means, influence = means_of(clean, name, covariate)
            assert means.shape == ({"sex": 2, "party": 5, "age": 1}[covariate], SIZES[name])
            assert kinds.count.sum() == clean.n_respondents
            np.testing.assert_allclose(np.tensordot(kinds.count, influence, 1), 0, atol=1e-9)
