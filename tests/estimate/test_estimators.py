"""What estimators give besides their figures, and what they refuse."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import conjoint as cj
from conjoint.errors import EstimationError, RequestError


@pytest.fixture
def wave(simulated, as_wave):
    return as_wave(simulated(3), weight="weight")


def test_baselines_stay_as_rows(wave):
    frame = cj.amce(wave).frame
    baselines = frame[frame["level"] == frame["baseline"]]
    assert baselines["level"].tolist() == ["low", "red", "S"]
    assert (baselines["estimate"] == 0).all()
    assert (
        baselines[["std_error", "statistic", "p_value", "conf_low", "conf_high"]]
        .isna()
        .to_numpy()
        .all()
    )


def test_rows_come_by_group_then_attribute_then_level(wave):
    frame = cj.amce(wave, by="party").frame
    assert frame["group"].tolist() == ["Left"] * 8 + ["Right"] * 8
    assert frame["level"].tolist()[:8] == ["low", "mid", "high", "red", "green", "S", "M", "L"]


def test_every_outcome_is_estimated_unless_one_is_named(small_wave):
    assert cj.amce(small_wave).frame["outcome"].unique().tolist() == ["choice", "support"]
    assert cj.amce(small_wave, outcome="support").frame["outcome"].unique().tolist() == ["support"]


def test_intervals_use_t_with_one_degree_less_than_respondents(wave):
    estimates = cj.marginal_means(wave, confidence=0.9, interval="wald")
    row = estimates.frame.iloc[0]
    reach = stats.t.ppf(0.95, 40 - 1) * row["std_error"]
    assert row["conf_high"] == pytest.approx(row["estimate"] + reach, rel=1e-12)
    assert row["conf_low"] == pytest.approx(row["estimate"] - reach, rel=1e-12)
    assert row["statistic"] == pytest.approx(row["estimate"] / row["std_error"], rel=1e-12)
    assert row["p_value"] == pytest.approx(2 * stats.t.sf(row["statistic"], 39), rel=1e-12)


def test_counts_are_the_unweighted_bases(wave):
    profiles, frame = wave.profiles, cj.marginal_means(wave).frame
    for row in frame.itertuples():
        shown = profiles[profiles[row.attribute] == row.level]
        assert row.n_profiles == len(shown)
        assert row.n_respondents == shown["respondent"].nunique()


def test_people_of_no_weight_are_left_out(wave):
    weights = wave.weights.copy()
    weights[:10] = 0
    without = wave.profiles[wave.respondent_index >= 10]
    smaller = cj.Wave.build(wave.survey, wave.respondents.iloc[10:], without, wave.weights[10:])
    silent = cj.amce(wave.with_weights(weights))
    assert silent.frame["n_profiles"].tolist() == cj.amce(smaller).frame["n_profiles"].tolist()
    np.testing.assert_allclose(silent.values, cj.amce(smaller).values, rtol=1e-10, atol=1e-14)


def test_joint_means_name_the_combination(wave):
    frame = cj.joint_means(wave, ("colour", "price")).frame
    assert frame["attribute"].unique().tolist() == ["colour * price"]
    assert frame["level"].tolist()[:4] == ["red * low", "red * mid", "red * high", "green * low"]


def test_combinations_never_shown_are_left_out(immigration_restricted):
    levels = cj.joint_means(immigration_restricted, ("Education", "Job")).frame["level"]
    assert "No Formal * Doctor" not in set(levels)
    assert len(levels) == 7 * 11 - 4 * 4


def test_differences_subtract_the_reference_figure_by_figure(wave):
    means = cj.marginal_means(wave, by="party")
    gap = cj.differences(means, reference="Left").frame
    by_group = means.frame.set_index(["group", "attribute", "level"])["estimate"]
    expected = by_group["Right"] - by_group["Left"]
    assert gap["group"].unique().tolist() == ["Right − Left"]
    assert gap["estimand"].unique().tolist() == ["marginal mean difference"]
    np.testing.assert_allclose(gap["estimate"], expected, rtol=1e-12)


def test_differences_of_separate_groups_add_their_variances(wave):
    means = cj.marginal_means(wave, by="party")
    gap = cj.differences(means, reference="Left")
    left, right = means.std_errors[:8] ** 2, means.std_errors[8:] ** 2
    np.testing.assert_allclose(gap.std_errors, np.sqrt(left + right), rtol=1e-10)


def test_a_contrast_of_two_levels_has_the_variance_of_both(wave):
    effects = cj.amce(wave)
    covariance = effects.covariance
    matrix = np.zeros((1, 8))
    matrix[0, 1], matrix[0, 2] = 1, -1
    gap = effects.contrast(matrix, effects.labels.iloc[[1]])
    expected = covariance[1, 1] + covariance[2, 2] - 2 * covariance[1, 2]
    assert gap.covariance[0, 0] == pytest.approx(expected, rel=1e-10)
    assert gap.values[0] == pytest.approx(effects.values[1] - effects.values[2], rel=1e-12)


def test_select_keeps_the_rows_named(wave):
    chosen = cj.amce(wave).select(attribute=["price", "size"], level="high")
    assert chosen.frame[["attribute", "level"]].to_numpy().tolist() == [["price", "high"]]
    assert chosen.influence.shape == (40, 1)


def test_arrays_of_estimates_are_read_only(wave):
    with pytest.raises(ValueError, match="read-only"):
        cj.amce(wave).values[0] = 1.0


def test_a_frame_can_be_written(wave, tmp_path):
    estimates = cj.amce(wave)
    estimates.to_csv(tmp_path / "amce.csv")
    back = pd.read_csv(tmp_path / "amce.csv")
    assert back.columns.tolist() == list(estimates.frame)
    np.testing.assert_allclose(back["estimate"], estimates.values, rtol=1e-14)


# --- Refusals ---------------------------------------------------------------------------------


def test_a_level_never_shown_has_no_effect_and_says_so(simulated, as_wave):
    frame = simulated(4)
    kept = cj.amce(as_wave(frame))
    frame["price"] = frame["price"].cat.add_categories(["free"])
    effects = cj.amce(as_wave(frame))
    free = effects.select(level="free").frame.iloc[0]
    assert (free["note"], free["n_profiles"]) == ('"free" is never shown', 0)
    assert effects.reasons == [
        'Total, outcome "chosen": no figure of price free: "free" is never shown.'
    ]
    pd.testing.assert_frame_equal(effects.without_missing().frame, kept.frame)
    covariance = effects.without_missing().covariance
    np.testing.assert_array_equal(covariance, kept.covariance)
    assert np.isfinite(effects.covariance).all()


def test_a_level_never_shown_has_no_marginal_mean(simulated, as_wave):
    frame = simulated(4)
    frame["price"] = frame["price"].cat.add_categories(["free"])
    assert "free" not in set(cj.marginal_means(as_wave(frame)).frame["level"])


def test_attributes_that_go_together_are_named(simulated, as_wave):
    frame = simulated(4)
    frame["shape"] = frame["size"].map({"S": "round", "M": "square", "L": "flat"}).astype(object)
    wave = as_wave(frame, attributes=["size", "shape"])
    with pytest.raises(EstimationError, match="the effects of size, shape cannot be told apart"):
        cj.amce(wave)


def test_a_baseline_that_meets_no_level_of_the_other_leaves_the_rest(simulated, as_wave):
    frame = simulated(4, n=80)
    allowed = (frame["price"] == "low") == (frame["size"] == "S")
    restrictions = [
        {"price": ["low"], "size": ["M", "L"]},
        {"price": ["mid", "high"], "size": ["S"]},
    ]
    wave = as_wave(frame[allowed], outcome="rating", restrictions=restrictions)
    effects = cj.amce(wave)
    assert effects.estimable.tolist() == [True, False, False, True, True, True, False, False]
    never = "never meet the same levels of the attributes they are restricted with"
    assert effects.notes[1] == f'"mid" and the baseline "low" {never}'
    # Mid and high do meet the same sizes.
    other = cj.amce(wave, baselines={"price": "mid"})
    assert other.select(attribute="price").estimable.tolist() == [False, True, True]


def test_an_outcome_that_nobody_answered_is_refused(simulated, as_wave):
    frame = simulated(4).assign(rating=np.nan)
    wave = as_wave(frame, outcome=["chosen", "rating"])
    with pytest.raises(
        EstimationError, match=r'outcome "rating", group "Total": 0 respondent\(s\)'
    ):
        cj.marginal_means(wave)


@pytest.mark.parametrize("estimator", [cj.amce, cj.marginal_means, cj.toplines])
def test_an_unknown_variance_is_refused(small_wave, estimator):
    with pytest.raises(RequestError, match='variance: there is no "bootstrap"'):
        estimator(small_wave, variance="bootstrap")


@pytest.mark.parametrize("estimator", [cj.amce, cj.marginal_means, cj.toplines])
@pytest.mark.parametrize("confidence", [0.0, 1.0, 95])
def test_a_confidence_that_is_no_probability_is_refused(small_wave, estimator, confidence):
    with pytest.raises(RequestError, match=f"confidence: {confidence} is no probability"):
        estimator(small_wave, confidence=confidence)


@pytest.mark.parametrize("estimator", [cj.amce, cj.marginal_means])
def test_an_unknown_outcome_is_refused(small_wave, estimator):
    with pytest.raises(RequestError, match=r'there is no "vote" \(expected choice, support\)'):
        estimator(small_wave, outcome="vote")


@pytest.mark.parametrize("attributes", [("price",), ("price", "price"), ()])
def test_no_combination_is_refused(small_wave, attributes):
    with pytest.raises(RequestError, match="is no combination"):
        cj.joint_means(small_wave, attributes)


@pytest.mark.parametrize("attributes", [("price", "prize"), ("prize", "price")])
def test_a_combination_with_an_unknown_attribute_is_refused(small_wave, attributes):
    with pytest.raises(RequestError, match='there is no "prize"'):
        cj.joint_means(small_wave, attributes)


def test_an_unknown_reference_is_refused_with_the_groups_there_are(wave):
    means = cj.marginal_means(wave, by="party")
    with pytest.raises(RequestError, match=r'cannot compare with "Up" \(expected Left, Right\)'):
        cj.differences(means, reference="Up")


def test_a_single_group_has_nothing_to_be_compared_with(wave):
    with pytest.raises(RequestError, match='cannot compare with "Total"'):
        cj.differences(cj.marginal_means(wave), reference="Total")


def test_selecting_what_is_not_there_is_refused(wave):
    estimates = cj.amce(wave)
    with pytest.raises(RequestError, match='select level: no "free"'):
        estimates.select(level="free")
    with pytest.raises(RequestError, match='select: there is no "colour"'):
        estimates.select(colour="red")


def test_changing_a_frame_changes_no_estimate(small_wave):
    means = cj.marginal_means(small_wave)
    mine = means.frame
    mine["estimate"] = 0.0
    mine.loc[0, "group"] = "mine"
    assert means.frame["estimate"].gt(0).all()
    assert means.frame["group"].eq("Total").all()
