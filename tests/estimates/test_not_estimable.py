"""Figures that cannot be estimated: what is made of them has their reason, all else is what it was."""

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.errors import EstimationError
from conjoint.estimates import contrast, independent, stack


@pytest.fixture(scope="module")
def frames(simulated):
    """Somebody alone in a party, and a party that never saw a low price; then without the one's party."""
    frame = simulated(8, n=90)
    frame["party"] = np.where(frame["id"] == 3, "Alone", frame["party"])
    seen = (frame["party"] != "Left") | (frame["price"] != "low")
    none = frame.assign(party=frame["party"].where(frame["party"] != "Alone"))
    return frame[seen], none[seen]


@pytest.fixture(scope="module")
def make(frames, as_wave):
    def both(estimator, **options):
        alone = {"task": None, "profile": None, "weight": "weight"}
        return [estimator(as_wave(own, **alone), "party", **options) for own in frames]

    return both


@pytest.fixture(scope="module")
def means(make):
    return make(cj.marginal_means)[0]


def known(estimates):
    return estimates.frame.dropna(subset="estimate").reset_index(drop=True)


@pytest.mark.parametrize("estimator", [cj.amce, cj.marginal_means])
@pytest.mark.parametrize("variance", ["linearised", "CR1", "CR2", "CR3"])
def test_other_groups_are_as_without_a_thin_one(make, estimator, variance):
    made, without = make(estimator, variance=variance)
    rows = (made.frame["group"] != "Alone").to_numpy()
    pd.testing.assert_frame_equal(
        made.frame[rows].reset_index(drop=True), without.frame, check_exact=True
    )
    np.testing.assert_allclose(
        made.covariance[np.ix_(rows, rows)], without.covariance, rtol=1e-12, atol=1e-18
    )
    assert np.isfinite(made.covariance).all()
    assert not made.covariance[~made.estimable].any()
    assert made.joint_design == without.joint_design


def test_a_difference_has_the_reason_of_either_side(make):
    made, without = (cj.differences(own, "Right") for own in make(cj.marginal_means))
    pd.testing.assert_frame_equal(known(made), known(without))
    why = made.frame.set_index(["group", "level"])["note"]
    assert set(why["Alone − Right"]) == {"1 respondent(s) answered"}
    assert why["Left − Right"].to_dict()["low"] == "never shown"
    gaps = cj.differences(make(cj.marginal_means)[0], "Left").frame
    assert gaps.query("level == 'low' and group == 'Alone − Left'")["note"].item() == (
        "1 respondent(s) answered; never shown"
    )


def test_a_contrast_of_what_is_missing_is_missing(means):
    low, high = {"attribute": "price", "level": "low"}, {"attribute": "price", "level": "high"}
    plain, ratio = contrast(means, [low, high]), contrast(means, [low, high], function=np.divide)
    for made in (plain, ratio):
        assert made.estimable.tolist() == [False, False, True]
        assert made.notes == ("1 respondent(s) answered", "never shown", "")
        assert np.isfinite(made.std_errors).tolist() == [False, False, True]


def test_what_is_missing_stays_so_beside_others(means, as_wave, frames):
    doubled = stack([means, means.select(group="Right")])
    assert doubled.notes == (*means.notes, *[""] * 8)
    two = independent([means, cj.marginal_means(as_wave(frames[1]))])
    assert two.notes[: len(means)] == means.notes
    np.testing.assert_allclose(two.std_errors[: len(means)], means.std_errors, rtol=1e-12)
    assert len(means.without_missing()) == means.estimable.sum()
    assert means.without_missing().without_missing().notes == ("",) * means.estimable.sum()


def test_adjusted_p_values_count_the_figures_there_are(make):
    made, without = (cj.adjust(own, family=()) for own in make(cj.marginal_means))
    there = made["p_value"].notna()
    assert made["p_adjusted"].notna().equals(there)
    assert made.loc[there, "p_adjusted"].tolist() == without["p_adjusted"].dropna().tolist()


def test_joint_tests_leave_out_what_is_missing_and_say_so(make):
    made, without = (cj.omnibus(own) for own in make(cj.marginal_means))
    pd.testing.assert_frame_equal(made.drop(columns="note"), without.drop(columns="note"))
    notes = made.set_index("attribute")["note"]
    assert notes["colour"] == (
        "left out: Alone, colour red (1 respondent(s) answered), "
        "Alone, colour green (1 respondent(s) answered)"
    )
    assert "Left, price low (never shown)" in notes["price"]
    assert made.set_index("attribute").loc["price", "comparisons"] == 1


def test_groups_are_compared_on_the_levels_that_both_have(make):
    """By hand: mid less high, of one group against the other."""
    means = make(cj.marginal_means)[1]
    mid, high = {"level": "mid"}, {"level": "high"}
    gap = cj.differences(contrast(means, [mid, high]), "Right", one_design=True).frame.iloc[0]
    test = cj.omnibus(means.select(attribute="price")).iloc[0]
    apart = contrast(means, [mid, high])
    variance, degrees = apart.std_errors**2, apart.design - 1
    assert test["statistic"] == pytest.approx(gap["estimate"] ** 2 / variance.sum())
    welch = variance.sum() ** 2 / (variance**2 / degrees).sum()
    assert test["df_denom"] == pytest.approx(welch)


def test_an_attribute_without_a_test_does_not_silence_the_others(make):
    left = make(cj.amce)[0].select(group="Left")
    tests = cj.omnibus(left).set_index("attribute")
    assert np.isnan(tests.loc["price", "p_value"])
    assert tests.loc["price", "note"].startswith(
        "there is nothing to compare; left out: Left, price"
    )
    assert tests.loc[["colour", "size"], "p_value"].between(0, 1).all()
    with pytest.raises(EstimationError, match="nothing to compare"):
        cj.omnibus(left.select(attribute="price"))


def test_replicates_of_a_thin_group_are_missing_and_others_are_there(frames, as_wave):
    wave = as_wave(frames[0], task=None, profile=None)
    means = cj.replicate(wave, by="party", replicates=5)
    effects = cj.replicate(wave, cj.amce, by="party", replicates=5)
    for made in (means, effects):
        errors = made.frame["std_error"]
        estimates = made.estimates
        assert errors.notna().tolist() == (estimates.estimable & ~estimates.fixed).tolist()
        assert np.isfinite(made.covariance).all()
    flips = cj.fragility(wave, cj.marginal_means, by="party", threshold=0.5)
    assert len(flips) == means.estimates.estimable.sum()
