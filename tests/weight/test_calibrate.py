"""Calibration with other distances, bounds, means and segments, and post-stratification."""

import numpy as np
import pytest

import conjoint as cj
from conjoint.errors import RequestError, TargetError
from conjoint.survey import Margin, Targets
from conjoint.weight import calibrate, post_stratify, rake, weighting_table

SEX = {"Female": 0.7, "Male": 0.3}
AGE = {"young": 0.35, "old": 0.65}


def share(wave, column, value, members=None):
    """The weighted share of a value, among members where they are given."""
    inside = np.ones(wave.n_respondents) if members is None else members
    weights = wave.weights * inside
    return weights[(wave.respondents[column] == value).to_numpy()].sum() / weights.sum()


def refusal(error, call, *given, **named):
    with pytest.raises(error) as caught:
        call(*given, **named)
    return str(caught.value)


@pytest.fixture
def answered(folder):
    """The small survey with everybody's warmth a number."""
    folder.responses["warmth"] = [str(n % 11) for n in range(60)]
    return cj.read_wave(folder.write())


@pytest.mark.parametrize(
    ("distance", "bounds"),
    [("raking", None), ("raking", (0.5, 2)), ("linear", (0.5, 2)), ("logit", (0.5, 2))],
)
def test_every_distance_meets_the_margins(small_wave, distance, bounds):
    wave = calibrate(small_wave, {"sex": SEX, "age": AGE}, distance=distance, bounds=bounds)
    assert share(wave, "sex", "Female") == pytest.approx(0.7, abs=1e-9)
    assert share(wave, "age", "young") == pytest.approx(0.35, abs=1e-9)
    assert wave.weights.sum() == pytest.approx(60)
    made = wave.calibration
    assert (made.distance, made.bounds) == (distance, bounds)
    assert made.discrepancy <= 1e-10
    assert made.design_effect == cj.efficiency(wave.weights).design_effect > 1


def test_distances_differ_where_a_sample_is_far_off(small_wave):
    far = {"sex": {"Female": 0.85, "Male": 0.15}, "age": {"young": 0.85, "old": 0.15}}
    found = [
        calibrate(small_wave, far, distance=distance, bounds=bounds).weights
        for distance, bounds in (("raking", None), ("linear", (0, 9)), ("logit", (0.05, 5)))
    ]
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(found[first] - found[second]).max() > 1e-4


def test_bounds_hold(small_wave):
    start = np.linspace(0.5, 1.5, 60)
    wave = calibrate(small_wave.with_weights(start), {"sex": SEX, "age": AGE}, bounds=(0.5, 1.6))
    factor = wave.weights / start * start.mean()
    assert factor.min() >= 0.5 - 1e-12
    assert factor.max() <= 1.6 + 1e-12


def test_bounds_that_are_too_tight_say_what_weights_would_need(small_wave):
    text = refusal(TargetError, calibrate, small_wave, {"sex": SEX}, bounds=(0.95, 1.05))
    assert "no weights between 0.95 and 1.05 times the starting weights meet the targets" in text
    women = (small_wave.respondents["sex"] == "Female").mean()
    lowest, highest = 0.3 / (1 - women), 0.7 / women
    assert f"without bounds they go from {lowest:.3g} to {highest:.3g}" in text


def test_bounds_are_not_blamed_for_margins_that_fight(folder):
    folder.responses["twin"] = folder.responses["sex"]
    wave = cj.read_wave(folder.write())
    targets = {"sex": SEX, "twin": {"Female": 0.6, "Male": 0.4}}
    text = refusal(TargetError, calibrate, wave, targets, distance="logit", bounds=(0.2, 5))
    assert "the margins sex and twin cannot be met together" in text


def test_linear_weights_below_zero_are_refused(answered):
    text = refusal(TargetError, calibrate, answered, {"warmth": 9}, distance="linear")
    assert "the linear distance gives" in text
    assert "a weight below zero" in text
    kept = calibrate(answered, {"warmth": 9}, distance="linear", bounds=(0, 8))
    assert kept.weights.min() >= 0


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"distance": "euclid"}, 'there is no "euclid" (expected raking, linear, logit)'),
        ({"distance": "logit"}, "bounds: are missing, and the logit distance runs between them"),
        ({"bounds": (1.2, 3)}, "(1.2, 3) do not lie on either side of 1"),
        ({"bounds": (-0.1, 3)}, "(-0.1, 3) do not lie on either side of 1"),
        ({"bounds": (0.5, np.inf)}, "(0.5, inf) do not lie on either side of 1"),
    ],
)
def test_a_distance_or_bounds_that_cannot_be_are_refused(small_wave, named, words):
    assert words in refusal(RequestError, calibrate, small_wave, {"sex": SEX}, **named)


# --- Means ------------------------------------------------------------------------------------


@pytest.mark.parametrize("distance", ["raking", "linear"])
def test_a_mean_is_met_beside_margins(answered, distance):
    wave = calibrate(answered, {"sex": SEX, "warmth": 5.5}, distance=distance)
    values = wave.respondents["warmth"].to_numpy(dtype=float)
    assert wave.weights @ values / 60 == pytest.approx(5.5, abs=1e-9)
    assert share(wave, "sex", "Female") == pytest.approx(0.7, abs=1e-9)


def test_a_mean_by_hand(answered):
    """The regression estimator: w = 1 + (target - mean) (x - mean) / variance."""
    values = answered.respondents["warmth"].to_numpy(dtype=float)
    wave = calibrate(answered, {"warmth": 5.3}, distance="linear")
    wanted = 1 + (5.3 - values.mean()) * (values - values.mean()) / values.var()
    np.testing.assert_allclose(wave.weights, wanted, rtol=1e-12)


def test_a_mean_out_of_reach_is_named(answered):
    text = refusal(TargetError, calibrate, answered, {"warmth": 11})
    assert 'margin "warmth": a mean of 11 is out of reach: answers go from 0 to 10' in text


def test_a_mean_of_what_is_no_number_is_named(small_wave):
    text = refusal(TargetError, calibrate, small_wave, {"sex": 0.5})
    assert 'margin "sex": 60 respondent(s) have no number, but' in text
    assert "'Female'" in text


def test_a_mean_needs_a_number_of_everybody(folder):
    folder.responses["warmth"] = ["DK", *(str(n % 11) for n in range(59))]
    wave = cj.read_wave(folder.write())
    assert "1 respondent(s) have no number" in refusal(TargetError, calibrate, wave, {"warmth": 5})


def test_a_mean_has_a_row_in_the_table(answered):
    table = weighting_table(calibrate(answered, {"sex": SEX, "warmth": 5.5}))
    assert table["unit"].tolist() == ["share", "share", "mean"]
    row = table.iloc[2]
    assert (row["margin"], row["category"], row["target"], row["n"]) == ("warmth", "mean", 5.5, 60)
    assert row["unweighted"] == answered.respondents["warmth"].astype(float).mean()
    assert row["weighted"] == pytest.approx(5.5, abs=1e-9)


# --- Segments ---------------------------------------------------------------------------------


def test_a_target_of_a_segment_holds_among_its_members(small_wave):
    targets = Targets((Margin.of("sex", SEX, segment="left"), Margin.of("age", AGE)))
    wave = rake(small_wave, targets)
    left = small_wave.segment("left")
    assert share(wave, "sex", "Female", left) == pytest.approx(0.7, abs=1e-9)
    assert share(wave, "age", "young") == pytest.approx(0.35, abs=1e-9)
    assert abs(share(wave, "sex", "Female") - 0.7) > 0.01
    table = weighting_table(wave)
    assert table["margin"].tolist() == ["sex in left"] * 2 + ["age"] * 2
    assert table["n"].iloc[:2].sum() == left.sum()
    np.testing.assert_allclose(table["weighted"], table["target"], atol=1e-9)


def test_how_large_a_segment_is_stays_open(small_wave):
    """With nothing else to meet, the segment keeps its part of the weight only by the distance."""
    wave = rake(small_wave, Targets((Margin.of("sex", SEX, segment="left"),)))
    left = small_wave.segment("left")
    outside = wave.weights[~left]
    np.testing.assert_allclose(outside, outside[0], rtol=1e-12)
    women = ((small_wave.respondents["sex"] == "Female") & left).to_numpy()
    assert wave.weights[women].sum() / wave.weights[left].sum() == pytest.approx(0.7, abs=1e-9)


def test_a_segment_s_mean_is_met_among_its_members(answered):
    wave = rake(answered, Targets((Margin.of("warmth", 5.4, segment="left"),)))
    left = answered.segment("left")
    values = answered.respondents["warmth"].to_numpy(dtype=float)
    assert wave.weights[left] @ values[left] / wave.weights[left].sum() == pytest.approx(5.4)


def test_two_targets_of_one_segment_have_independent_columns(small_wave):
    targets = Targets(
        (
            Margin.of("sex", SEX, segment="left"),
            Margin.of("age", AGE, segment="left"),
            Margin.of("age", {"young": 1, "old": 1}),
        )
    )
    basis = rake(small_wave, targets).calibration.basis()
    assert basis.shape == (60, 4)
    assert np.linalg.matrix_rank(basis) == 4


def test_columns_say_what_they_are_about(answered):
    targets = Targets(
        (
            Margin.of("sex", SEX),
            Margin.of("age", AGE),
            Margin.of("warmth", 5.4),
            Margin.of("age", {"young": 0.4, "old": 0.6}, segment="left"),
        )
    )
    made = rake(answered, targets).calibration
    assert made.labels == (
        ("sex", "Female"),
        ("sex", "Male"),
        ("age", "young"),
        ("warmth", "mean"),
        ("age in left", "young"),
    )
    people, basis = answered.respondents, made.basis()
    young = (people["age"] == "young").to_numpy()
    np.testing.assert_array_equal(basis[:, 1], people["sex"] == "Male")
    np.testing.assert_array_equal(basis[:, 2], young)
    np.testing.assert_allclose(basis[:, 3], people["warmth"].astype(float) - 5.4, atol=1e-12)
    left = answered.segment("left")
    np.testing.assert_allclose(basis[:, 4], left * (young - 0.4), atol=1e-12)
    only = rake(answered, Targets(targets.margins[2:])).calibration
    assert only.labels == (("", "total"), ("warmth", "mean"), ("age in left", "young"))


def test_a_segment_that_is_not_there_is_named(small_wave):
    targets = Targets((Margin.of("sex", SEX, segment="lft"),), "targets.csv")
    text = refusal(TargetError, rake, small_wave, targets)
    assert 'targets.csv, margin "sex in lft": there is no segment "lft" (expected left' in text


def test_a_category_that_no_member_is_in_is_named(folder):
    folder.responses["party"] = folder.responses["sex"].map({"Female": "Left", "Male": "Right"})
    wave = cj.read_wave(folder.write())
    targets = Targets((Margin.of("sex", SEX, segment="left"),))
    text = refusal(TargetError, rake, wave, targets)
    assert 'margin "sex in left": nobody is in the category "Male"' in text


# --- Post-stratification ----------------------------------------------------------------------


def test_post_strata_are_target_over_sample_share(small_wave):
    cells = {"Female * young": 1, "Female * old": 2, "Male * young": 3, "Male * old": 4}
    wave = post_stratify(small_wave, {"sex * age": cells})
    people = small_wave.respondents
    cell = (people["sex"].astype(str) + " * " + people["age"].astype(str)).to_numpy()
    wanted = [cells[each] / 10 / (cell == each).mean() for each in cell]
    np.testing.assert_allclose(wave.weights, wanted, rtol=1e-12)


def test_a_margin_of_the_survey_can_be_named(small_wave):
    by_name = post_stratify(small_wave, "age")
    margin = next(each for each in small_wave.survey.targets.margins if each.name == "age")
    np.testing.assert_array_equal(by_name.weights, post_stratify(small_wave, margin).weights)
    assert share(by_name, "age", "young") == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        ("region", 'there is no margin "region" (expected sex, age)'),
        ({"sex": SEX, "age": AGE}, "hold sex, age (expected one margin of categories"),
        ({"warmth": 5}, "hold warmth (expected one margin of categories"),
    ],
)
def test_post_strata_are_one_margin(small_wave, targets, words):
    assert words in refusal(RequestError, post_stratify, small_wave, targets)
