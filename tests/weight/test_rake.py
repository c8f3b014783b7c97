"""Raking meets every margin, or says which it cannot meet."""

import json

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.errors import TargetError
from conjoint.survey import Targets
from conjoint.weight.rake import RakeError, rake_weights


def shares(wave, column):
    people = wave.respondents.assign(weight=wave.weights)
    return (people.groupby(column, observed=True)["weight"].sum() / wave.weights.sum()).to_dict()


def refusal(wave, margins):
    with pytest.raises(TargetError) as caught:
        cj.rake(wave, Targets.from_shares(margins, where="targets.csv"))
    return [str(fault) for fault in caught.value.faults]


# --- Reference results ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def taxes(oracle):
    """Respondents of the taxes data, their five margins, and R's weights for them."""
    read = {"keep_default_na": False, "na_values": [""]}
    people = pd.read_csv(oracle / "data" / "taxes_respondents.csv", **read)
    margins = json.loads((oracle / "data" / "taxes_population.json").read_text())["margins"]
    weights = pd.read_csv(oracle / "golden" / "survey_weights.csv", **read)
    assert (people["ID"] == weights["ID"]).all()
    return people, margins, weights


def taxes_wave(people, margins, weight=None):
    """Raking needs no profiles, but a wave does: two each, of one attribute."""
    two = people.loc[people.index.repeat(2)].reset_index(drop=True)
    two = two.assign(price=["low", "high"] * len(people), chosen=[1, 0] * len(people))
    return cj.Wave.from_frame(
        two,
        respondent="ID",
        outcome="chosen",
        attributes=["price"],
        weight=weight,
        segments=list(margins),
    )


@pytest.mark.parametrize(("start", "case"), [(None, "unit_rake5"), ("weight", "wt_rake5")])
def test_weights_are_those_of_r_s_survey(taxes, start, case):
    people, margins, reference = taxes
    wave = taxes_wave(people, margins, start)
    raked = cj.rake(wave, Targets.from_shares(margins))
    theirs = reference[case] / reference[case].mean()
    assert len(raked.weights) == 2000
    np.testing.assert_allclose(raked.weights, theirs, rtol=1e-6)


def test_three_margins_too(taxes):
    people, margins, reference = taxes
    three = {name: margins[name] for name in ("party4", "ineq", "harm3")}
    raked = cj.rake(taxes_wave(people, margins), Targets.from_shares(three))
    theirs = reference["unit_rake3"] / reference["unit_rake3"].mean()
    np.testing.assert_allclose(raked.weights, theirs, rtol=1e-6)


def test_the_effective_sample_is_that_of_r(taxes, golden):
    _people, _margins, reference = taxes
    means = golden("survey_means").query("stat == 'mean_y'").set_index("scheme")
    found = cj.efficiency(reference["wt_rake5"].to_numpy())
    assert found.effective == pytest.approx(means.loc["wt_rake5", "ess"], rel=1e-10)
    assert found.design_effect == pytest.approx(means.loc["wt_rake5", "deff_kish"], rel=1e-10)


# --- What raking does -------------------------------------------------------------------------


def test_every_margin_of_the_survey_is_met(small_wave):
    raked = cj.rake(small_wave)
    assert shares(raked, "sex") == pytest.approx({"Female": 0.52, "Male": 0.48}, abs=1e-9)
    assert shares(raked, "age") == pytest.approx({"young": 0.4, "old": 0.6}, abs=1e-9)


def test_weights_sum_to_the_number_of_respondents(small_wave):
    assert cj.rake(small_wave).weights.sum() == pytest.approx(60, rel=1e-12)


def test_one_margin_is_target_over_sample_share(small_wave):
    raked = cj.rake(small_wave, Targets.from_shares({"sex": {"Female": 0.7, "Male": 0.3}}))
    women = (small_wave.respondents["sex"] == "Female").to_numpy()
    np.testing.assert_allclose(raked.weights[women], 0.7 / women.mean(), rtol=1e-12)
    np.testing.assert_allclose(raked.weights[~women], 0.3 / (1 - women.mean()), rtol=1e-12)


def test_an_interlocked_margin_is_met_cell_by_cell(small_wave):
    wanted = {"Female * young": 1, "Female * old": 2, "Male * young": 3, "Male * old": 4}
    raked = cj.rake(small_wave, Targets.from_shares({"sex * age": wanted}))
    assert shares(raked, ["sex", "age"]) == pytest.approx(
        {tuple(key.split(" * ")): share / 10 for key, share in wanted.items()}, abs=1e-9
    )


def test_the_start_is_kept_where_the_margins_say_nothing(small_wave):
    start = np.linspace(0.5, 2, 60)
    raked = cj.rake(small_wave.with_weights(start))
    people = small_wave.respondents
    same = ((people["sex"] == "Male") & (people["age"] == "old")).to_numpy()
    ratio = raked.weights[same] / start[same]
    assert same.sum() > 1
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-12)


def test_people_of_no_weight_keep_none(small_wave):
    start = np.ones(60)
    start[:5] = 0
    raked = cj.rake(small_wave.with_weights(start))
    assert (raked.weights[:5] == 0).all()
    assert shares(raked, "sex") == pytest.approx({"Female": 0.52, "Male": 0.48}, abs=1e-9)


def test_the_wave_remembers_how_it_was_weighted(small_wave):
    raked = cj.rake(small_wave)
    assert small_wave.calibration is None
    assert raked.calibration.targets == small_wave.survey.targets
    assert (raked.calibration.start == 1).all()
    assert raked.calibration.discrepancy <= 1e-10
    assert cj.marginal_means(raked).specification.calibrated
    assert not cj.marginal_means(small_wave).specification.calibrated


def test_a_scale_question_can_be_a_margin(folder):
    folder.responses["warmth"] = ["0", "10"] * 30
    wave = cj.rake(cj.read_wave(folder.write()), Targets.from_shares({"warmth": {"0": 3, "10": 1}}))
    assert shares(wave, "warmth") == pytest.approx({0.0: 0.75, 10.0: 0.25}, abs=1e-9)


# --- Refusals ---------------------------------------------------------------------------------


def test_a_category_nobody_is_in_is_named(small_wave):
    (fault,) = refusal(small_wave, {"sex": {"Female": 50, "Male": 48, "Other": 2}})
    assert fault.startswith(
        'targets.csv, margin "sex": nobody is in the category "Other" (target 2%) '
        "(expected one of Female, Male)"
    )


def test_a_category_without_target_is_named_with_its_people(small_wave):
    women = int((small_wave.respondents["sex"] == "Female").sum())
    (fault,) = refusal(small_wave, {"sex": {"Male": 100}})
    assert f'{women} respondents are in "Female", which has no target' in fault


def test_a_target_of_zero_for_people_who_exist_is_named(small_wave):
    (fault,) = refusal(small_wave, {"sex": {"Male": 100, "Female": 0}})
    assert 'are in "Female", which has no target above zero' in fault


def test_a_target_of_zero_for_nobody_is_no_fault(small_wave):
    margins = {"sex": {"Female": 0.5, "Male": 0.5, "Other": 0}}
    raked = cj.rake(small_wave, Targets.from_shares(margins))
    assert shares(raked, "sex")["Male"] == pytest.approx(0.5, abs=1e-9)


def test_people_without_an_answer_are_counted(folder):
    for row in (2, 3, 4):
        folder.cell(row, "sex", "")
    (fault,) = refusal(cj.read_wave(folder.write()), {"sex": {"Female": 0.5, "Male": 0.5}})
    assert 'margin "sex": 3 respondents have no answer' in fault


def test_a_margin_of_no_column_is_named(small_wave):
    (fault,) = refusal(small_wave, {"region": {"North": 1.0}})
    assert 'margin "region": there is no respondent column region' in fault


def test_faults_of_several_margins_are_named_together(small_wave):
    faults = refusal(small_wave, {"region": {"N": 1.0}, "sex": {"Male": 1.0}})
    assert [fault.split(":")[0] for fault in faults] == [
        'targets.csv, margin "region"',
        'targets.csv, margin "sex"',
    ]


def test_margins_that_contradict_each_other_are_named(folder):
    folder.responses["twin"] = folder.responses["sex"]
    wave = cj.read_wave(folder.write())
    (fault,) = refusal(
        wave, {"sex": {"Female": 0.5, "Male": 0.5}, "twin": {"Female": 0.4, "Male": 0.6}}
    )
    assert fault.startswith('targets.csv, margin "sex": cannot be met together with the others')
    assert "10 points from its target" in fault


def test_a_wave_without_targets_cannot_be_raked(folder):
    folder.replace('[weighting]\ntargets = "targets.csv"\n', "")
    with pytest.raises(TargetError, match="targets: there are none"):
        cj.rake(cj.read_wave(folder.write()))


def test_the_kernel_refuses_an_empty_category():
    codes, targets = [np.array([0, 0, 1])], [np.array([0.5, 0.3, 0.2])]
    with pytest.raises(RakeError) as caught:
        rake_weights(codes, targets, np.ones(3))
    assert (caught.value.margin, caught.value.empty) == (0, True)


def test_the_kernel_never_gives_back_weights_that_miss():
    codes = [np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])]
    targets = [np.array([0.9, 0.1]), np.array([0.3, 0.7])]
    assert rake_weights(codes, targets, np.ones(4)).discrepancy <= 1e-10
    start = np.array([1.0, 2.0, 3.0, 4.0])
    with pytest.raises(RakeError):
        rake_weights(codes, targets, start, most_rounds=0)


def test_targets_can_be_a_mapping(small_wave):
    shares = {"sex": {"Female": 0.52, "Male": 0.48}, "age": {"young": 40, "old": 60}}
    assert cj.rake(small_wave, shares).weights == pytest.approx(cj.rake(small_wave).weights)
