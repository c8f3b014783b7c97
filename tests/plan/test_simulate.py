"""The synthetic wave: drawn from its recipe, off target as a panel is, on the published figures."""

import shutil

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conftest import ROUTES
from conjoint.errors import SurveyError
from conjoint.plan import read_recipe, simulate


@pytest.fixture(scope="module")
def wave():
    return cj.read_wave(ROUTES)


@pytest.fixture(scope="module")
def weighted(wave):
    return cj.rake(wave)


def test_the_recipe_draws_the_file_that_ships():
    drawn = simulate(cj.read_survey(ROUTES), read_recipe(ROUTES))
    assert drawn.to_csv(index=False, lineterminator="\n") == (ROUTES / "responses.csv").read_text()


def test_another_seed_draws_other_answers():
    recipe = read_recipe(ROUTES).model_copy(update={"seed": 1, "respondents": 200})
    drawn = simulate(cj.read_survey(ROUTES), recipe)
    shipped = pd.read_csv(ROUTES / "responses.csv", dtype=str)
    assert len(drawn) == 200
    assert list(drawn.columns) == list(shipped.columns)
    assert (drawn["t1_A_cap"] != shipped["t1_A_cap"][:200]).any()


def test_it_has_the_published_size_and_says_it_is_synthetic(wave):
    assert wave.n_respondents == 2369
    assert wave.survey.synthetic
    assert "No person gave them" in wave.survey.synthetic_note


def test_weighted_toplines_round_to_every_published_figure(weighted):
    frame = cj.toplines(weighted, by="segments").frame
    shares = frame.set_index(["outcome", "group", "level"])["estimate"]
    published = weighted.survey.published
    assert len(published) == 10
    for figure in published:
        ours = 100 * shares[figure.question, figure.group, figure.answer]
        assert round(ours, figure.decimals) == figure.value, figure


def test_the_unweighted_sample_is_off_target(wave, weighted):
    table = cj.weighting_table(weighted)
    assert (table["unweighted"] - table["target"]).abs().max() > 0.05
    assert (table["weighted"] - table["target"]).abs().max() < 1e-9
    assert 0.6 < cj.efficiency(weighted.weights).efficiency < 0.9
    support = [
        cj.toplines(which, question="deal").frame["estimate"].iloc[0] for which in (wave, weighted)
    ]
    assert abs(support[0] - support[1]) > 0.005


def test_the_repeated_task_is_the_first_with_the_deals_swapped(wave):
    repeats = wave.repeats.set_index(["respondent", "profile"])
    first = wave.profiles.query("task == '1'").set_index(["respondent", "profile"])
    swapped = first.rename(index={"A": "B", "B": "A"}, level="profile").reindex(repeats.index)
    for attribute in wave.survey.attributes:
        assert (repeats[attribute].astype(str) == swapped[attribute].astype(str)).all()
    agreement = (repeats["choice"] == swapped["choice"]).mean()
    assert 0.6 < agreement < 0.95


def test_levels_are_uniform_and_the_two_deals_of_a_task_differ(wave):
    profiles = wave.profiles
    for name, attribute in wave.survey.attributes.items():
        shares = profiles[name].value_counts(normalize=True)
        assert np.allclose(shares, 1 / len(attribute.levels), atol=0.012)
    attributes = list(wave.survey.attributes)
    first, second = (profiles[profiles["profile"] == who].reset_index() for who in "AB")
    assert not (first[attributes].astype(str) == second[attributes].astype(str)).all(axis=1).any()


def test_preferences_agree_with_the_published_findings(weighted):
    frame = cj.amce(weighted, outcome="choice").frame.set_index(["attribute", "level"])
    cut = frame.loc["reduction"]
    assert list(cut["estimate"]) == sorted(cut["estimate"])  # larger reductions preferred most
    cap = frame.loc["cap"]
    assert cap.loc["5000", "conf_low"] > 0  # 5,000 preferred over 40,000
    assert cut.loc["90%", "estimate"] > cap.loc["5000", "estimate"]  # and the reduction is stronger


def test_a_survey_without_targets_cannot_be_drawn():
    survey = cj.read_survey(ROUTES).model_copy(update={"targets": None})
    with pytest.raises(SurveyError, match="a wide layout and weighting targets"):
        simulate(survey, read_recipe(ROUTES))


def test_an_outcome_that_it_cannot_draw_is_named():
    survey = cj.read_survey(ROUTES)
    rating = survey.outcomes["choice"].model_copy(update={"kind": "rating"})
    outcomes = {"choice": rating, "support": survey.outcomes["support"]}
    with pytest.raises(SurveyError, match=r"outcomes\.choice: cannot be drawn"):
        simulate(survey.model_copy(update={"outcomes": outcomes}), read_recipe(ROUTES))


def test_a_fault_of_the_recipe_is_named_by_its_key(tmp_path):
    shutil.copy(ROUTES / "simulation.toml", tmp_path)
    path = tmp_path / "simulation.toml"
    path.write_text(path.read_text().replace("respondents = 2369", "respondents = 1"))
    with pytest.raises(SurveyError, match=r"simulation\.toml, respondents: "):
        read_recipe(tmp_path)
