"""Two one-sided tests: by hand, against the 90% interval, and on figures that have none."""

import numpy as np
import pytest
from scipy import stats

import conjoint as cj
from conjoint.errors import RequestError


@pytest.fixture(scope="module")
def wave(simulated, as_wave):
    return as_wave(simulated(5, n=200), weight="weight", outcome=["chosen", "rating"])


def test_it_is_the_larger_of_two_one_sided_tests(wave):
    effects = cj.amce(wave, outcome="rating")
    frame = cj.equivalent(effects, 0.4)
    low, high = (
        stats.t.sf((0.4 + sign * frame["estimate"]) / frame["std_error"], effects.degrees)
        for sign in (1, -1)
    )
    there = ~effects.fixed
    np.testing.assert_allclose(frame["p_equivalent"][there], np.maximum(low, high)[there])
    assert frame["equivalent"].to_list() == (frame["p_equivalent"] < 0.05).to_list()
    assert list(frame.columns[:-2]) == list(effects.frame.columns)


@pytest.mark.parametrize("variance", ["linearised", "CR2"])
@pytest.mark.parametrize("outcome", ["chosen", "rating"])
def test_it_holds_where_the_90_percent_interval_lies_within(wave, outcome, variance):
    """Shares by the score test, ratings by t; groups of people, with weights."""
    means = cj.marginal_means(wave, by="party", outcome=outcome, variance=variance)
    gaps = cj.differences(means, "Left")
    inside = gaps.with_confidence(0.9).frame
    reach = np.maximum(-inside["conf_low"], inside["conf_high"]).to_numpy()
    for size in np.median(reach), *(reach[:3] + 1e-6), *(reach[:3] - 1e-6):
        assert cj.equivalent(gaps, size)["equivalent"].to_list() == (reach < size).tolist()
    assert (cj.equivalent(gaps, np.median(reach))["equivalent"]).any()


def test_a_baseline_is_not_alike_and_a_mean_is_refused(wave):
    effects = cj.equivalent(cj.amce(wave, outcome="chosen"), 0.9)
    baseline = effects["level"] == effects["baseline"]
    assert effects["equivalent"].to_list() == (~baseline).to_list()
    assert effects.loc[baseline, "p_equivalent"].isna().all()
    with pytest.raises(RequestError, match='"marginal mean" is compared with nothing'):
        cj.equivalent(cj.marginal_means(wave, outcome="chosen"), 0.03)
    for size in (0, -0.1, np.nan):
        with pytest.raises(RequestError, match="is no size"):
            cj.equivalent(cj.amce(wave, outcome="chosen"), size)
