"""Raking meets every margin, or says which it cannot meet."""

import numpy as np
import pytest

import conjoint as cj
from conjoint.errors import TargetError
from conjoint.survey import Targets
from conjoint.weight.calibrate import rake_weights
from conjoint.weight.constraint import UnreachableError


def shares(wave, column):
    people = wave.respondents.assign(weight=wave.weights)
    return (people.groupby(column, observed=True)["weight"].sum() / wave.weights.sum()).to_dict()


def refusal(wave, margins):
    with pytest.raises(TargetError) as caught:
        cj.rake(wave, Targets.from_shares(margins, where="targets.csv"))
    return [str(fault) for fault in caught.value.faults]


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


@pytest.mark.parametrize(
    ("figures", "what"),
    [
        ({"Female": 0.5, "Male": 0.4}, "sum to 0.9 (expected shares that sum to 1"),
        ({"Female": 52, "Male": 51}, "sum to 103 (expected percentages that sum to 100"),
        ({"Female": 0.5, "Male": -0.5}, '"Male" is -0.5'),
        ({"Female": 0.5, "Male": float("nan")}, '"Male" is nan'),
        ({"Female": 0, "Male": 0}, "sum to 0"),
    ],
)
def test_shares_that_are_not_all_of_the_population_are_refused(small_wave, figures, what):
    with pytest.raises(TargetError) as caught:
        cj.rake(small_wave, {"sex": figures, "age": {"young": 0.1, "old": 0.1, "mid": 0.7}})
    assert len(caught.value.faults) == 2
    assert what in str(caught.value.faults[0])


@pytest.mark.parametrize("figures", [{"Female": 30.2, "Male": 31.1}, {"Female": 51.2, "Male": 49}])
def test_counts_and_rounded_percentages_are_scaled(small_wave, figures):
    raked = cj.rake(small_wave, {"sex": figures})
    total = sum(figures.values())
    assert shares(raked, "sex") == pytest.approx({k: v / total for k, v in figures.items()})


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
        'targets.csv, margin "sex": nobody is in the category "Other" (target 2.0%) '
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


def test_margins_that_contradict_each_other_are_named_and_no_others(folder):
    folder.responses["twin"] = folder.responses["sex"]
    (fault,) = refusal(
        cj.read_wave(folder.write()),
        {
            "age": {"young": 0.5, "old": 0.5},
            "sex": {"Female": 0.5, "Male": 0.5},
            "twin": {"Female": 0.4, "Male": 0.6},
        },
    )
    assert fault.startswith("targets.csv: the margins sex and twin cannot be met together: ")
    assert "+10 points from its target" in fault


def test_a_margin_that_contradicts_an_interlocked_one_is_named(small_wave):
    both = {"Female * young": 1, "Female * old": 1, "Male * young": 1, "Male * old": 1}
    (fault,) = refusal(small_wave, {"sex": {"Female": 0.6, "Male": 0.4}, "sex * age": both})
    assert "the margins sex and sex * age cannot be met together" in fault


def test_three_margins_of_which_no_one_is_to_blame_leave_two_that_fight(folder):
    folder.responses["twin"] = folder.responses["sex"]
    folder.responses["other"] = folder.responses["sex"]
    shares = {
        name: {"Female": share, "Male": 1 - share}
        for name, share in (("sex", 0.4), ("twin", 0.5), ("other", 0.6))
    }
    (fault,) = refusal(cj.read_wave(folder.write()), shares)
    assert "the margins twin and other cannot be met together" in fault


def test_targets_that_need_weights_of_zero_are_not_met_in_secret(folder):
    """Everybody in the second category is a woman: with as many of both no man would count."""
    women = folder.responses["sex"] == "Female"
    folder.responses["group"] = ["b" if woman and n % 2 else "a" for n, woman in enumerate(women)]
    (fault,) = refusal(
        cj.read_wave(folder.write()),
        {"sex": {"Female": 0.5, "Male": 0.5}, "group": {"a": 0.5, "b": 0.5}},
    )
    assert "the margins sex and group cannot be met together: only in the limit" in fault


def test_one_respondent_cannot_be_weighted(folder):
    folder.responses = folder.responses.iloc[:1]
    faults = refusal(cj.read_wave(folder.write()), {"sex": {"Female": 0.5, "Male": 0.5}})
    assert faults == [
        "targets.csv: one respondent cannot be weighted "
        "(expected two respondents or more, with weights above zero)."
    ]


def test_a_category_without_any_weight_is_named(small_wave):
    women = (small_wave.respondents["sex"] == "Female").to_numpy(dtype=float)
    (fault,) = refusal(small_wave.with_weights(women), {"sex": {"Female": 0.5, "Male": 0.5}})
    assert 'nobody with a weight above zero is in the category "Male" (target 50%)' in fault


@pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf])
def test_starting_weights_that_are_no_weights_are_refused(small_wave, weight):
    weights = np.ones(60)
    weights[2] = weight
    with pytest.raises(cj.errors.DataError, match=f"the weight {weight:g} cannot be used"):
        small_wave.with_weights(weights)
    codes, targets = [np.arange(60) % 2], [np.array([0.5, 0.5])]
    with pytest.raises(ValueError, match="starting weights have to be finite numbers of zero"):
        rake_weights(codes, targets, weights)


def test_a_wave_without_targets_cannot_be_raked(folder):
    folder.replace('[weighting]\ntargets = "targets.csv"\n', "")
    folder.targets = ""
    with pytest.raises(TargetError, match="targets: there are none"):
        cj.rake(cj.read_wave(folder.write()))


def test_the_kernel_refuses_an_empty_category():
    codes, targets = [np.array([0, 0, 1])], [np.array([0.5, 0.3, 0.2])]
    with pytest.raises(UnreachableError) as caught:
        rake_weights(codes, targets, np.ones(3))
    assert (caught.value.margin, caught.value.empty) == (0, True)


def test_margins_that_hang_together_are_met_too():
    """Proportional fitting needs hundreds of rounds here."""
    first = np.repeat([0, 1], 500)
    second = first.copy()
    second[[0, -1]] = [1, 0]
    codes, targets = [first, second], [np.array([0.5, 0.5]), np.array([0.501, 0.499])]
    raked = rake_weights(codes, targets, np.ones(1000))
    for code, target in zip(codes, targets, strict=True):
        reached = np.bincount(code, raked.weights) / 1000
        np.testing.assert_allclose(reached, target, atol=1e-10)
    assert raked.discrepancy <= 1e-10


def test_people_of_no_weight_are_in_no_cell(small_wave):
    start = np.ones(60)
    start[:5] = 0
    made = cj.rake(small_wave.with_weights(start)).calibration
    assert (made.cell[:5] == -1).all()
    assert (made.basis()[:5] == 0).all()
    assert np.linalg.matrix_rank(made.basis()) == made.columns.shape[1] == 3


def test_the_basis_spans_what_the_margins_say_once(small_wave):
    people = small_wave.respondents
    basis = cj.rake(small_wave).calibration.basis()
    assert basis.shape == (60, 3)
    for column in ((people["sex"] == "Male"), (people["age"] == "old"), np.ones(60)):
        wanted = np.asarray(column, dtype=float)
        fitted = basis @ np.linalg.lstsq(basis, wanted, rcond=None)[0]
        np.testing.assert_allclose(fitted, wanted, atol=1e-12)


def test_targets_can_be_a_mapping(small_wave):
    shares = {"sex": {"Female": 0.52, "Male": 0.48}, "age": {"young": 40, "old": 60}}
    assert cj.rake(small_wave, shares).weights == pytest.approx(cj.rake(small_wave).weights)
