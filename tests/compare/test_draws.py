"""Waves drawn from one truth show no change; a planted one is found as often as stated."""

import numpy as np
import pytest
from scipy.stats import norm
from two_waves import TARGETS, draw, two

import conjoint as cj
from conjoint.compare import compare, minimum_detectable_change, power_of_change
from conjoint.errors import RequestError


def studied(draws, **how):
    """Changes of all figures of waves of one truth, draw by draw; and clear ones by family."""
    coverage, tables, comparisons = [], [], []
    for seed in range(draws):
        waves = two(seed, 250 + 100 * (seed % 3), **how)
        frame = compare(*waves, by="segments").frame.dropna(subset=["p_value"])
        coverage.append(((frame["conf_low"] <= 0) & (frame["conf_high"] >= 0)).mean())
        keys = ["kind", "outcome", "group"]
        tables.append((frame["p_adjusted"] < 0.05).groupby([frame[key] for key in keys]).any())
        whole = compare(*waves, by="segments", family="comparison").frame
        comparisons.append(whole["verdict"].isin(["rose", "fell"]).any())
    return np.mean(coverage), np.mean([own.mean() for own in tables]), np.mean(comparisons)


def test_waves_of_one_truth_mostly_show_no_change():
    coverage, by_table, by_comparison = studied(40)
    assert 0.92 < coverage < 0.98
    assert by_table < 0.09
    assert by_comparison <= 0.125  # 5 of 40: 2 standard errors


@pytest.mark.slow
@pytest.mark.parametrize("weighted", [True, False])
def test_waves_of_one_truth_show_no_change_in_95_of_100_draws(weighted):
    coverage, by_table, by_comparison = studied(400, weighted=weighted)
    assert 0.935 < coverage < 0.965
    assert by_table < 0.058
    assert by_comparison < 0.072  # 2 standard errors above one in twenty


def found(draws, change, n, weighted=False):
    hits = 0
    for seed in range(draws):
        a = draw(seed, n[0], prefix=f"a{seed}", tasks=1)
        b = draw(90_000 + seed, n[1], prefix=f"b{seed}", tasks=1, lift=change)
        if weighted:
            a, b = cj.rake(a, TARGETS), cj.rake(b, TARGETS)
        frame = compare(a, b, what=["topline"], hold=()).frame
        hits += frame.loc[frame["level"] == "Support", "p_value"].iloc[0] < 0.05
    return hits / draws


@pytest.mark.parametrize(("n", "change"), [((800, 800), 0.05), ((1500, 500), 0.08)])
def test_a_planted_change_is_found_with_the_stated_power(n, change):
    told = power_of_change(change, *n, share=0.4825)
    draws = 100
    assert found(draws, change, n) == pytest.approx(
        told, abs=2.6 * np.sqrt(told * (1 - told) / draws)
    )


@pytest.mark.slow
def test_five_points_are_found_with_eighty_per_cent():
    n = 1
    while minimum_detectable_change(n + 1, n + 1, share=0.4825) > 0.05:
        n += 1
    draws = 500
    assert found(draws, 0.05, (n, n)) == pytest.approx(0.8, abs=2.6 * np.sqrt(0.16 / draws))
    # Weighting to targets that go with the answer saves more than it costs.
    assert found(draws, 0.05, (n, n), weighted=True) > 0.8 - 2 * np.sqrt(0.16 / draws)


def test_power_is_the_normal_tail_from_both_sides():
    """By hand: 1,000 and 1,000, from 50% to 55%, s = sqrt(0.25 / 1000 + 0.2475 / 1000)."""
    s = np.sqrt(0.25 / 1000 + 0.2475 / 1000)

    expected = norm.sf(norm.isf(0.025) - 0.05 / s) + norm.cdf(-norm.isf(0.025) - 0.05 / s)
    assert power_of_change(0.05, 1000, 1000) == pytest.approx(expected, rel=1e-12)
    assert power_of_change(0, 100, 100) == pytest.approx(0.05)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("tests", [1, 6])
def test_the_minimum_has_just_the_power(share, tests):
    how = {"share": share, "tests": tests, "design_effect": 1.4}
    least = minimum_detectable_change(2000, 1000, **how)
    assert power_of_change(least, 2000, 1000, **how) == pytest.approx(0.8, abs=1e-8)
    assert least > minimum_detectable_change(4000, 2000, **how)
    assert np.isnan(minimum_detectable_change(4, 4, share=0.9))


def test_detectable_in_the_frame_is_the_plan_kept():
    a, b = draw(1, 1000, prefix="a"), draw(2, 1000, prefix="b")
    frame = compare(a, b, what=["topline"]).frame.set_index("level")
    planned = minimum_detectable_change(1000, 1000, share=frame.loc["Support", "estimate_first"])
    assert frame.loc["Support", "detectable"] == pytest.approx(planned, rel=0.01)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"share": 1.0}, "share"),
        ({"n_first": 1}, "n:"),
        ({"design_effect": 0}, "design_effect"),
        ({"confidence": 1}, "confidence"),
        ({"tests": 0}, "tests"),
        ({"change": 0.7}, "change"),
    ],
)
def test_impossible_plans_are_refused(given, told):
    with pytest.raises(RequestError, match=told):
        power_of_change(**({"change": 0.05, "n_first": 100, "n_second": 100} | given))
    if "change" not in given:
        with pytest.raises(RequestError, match=told):
            minimum_detectable_change(**({"n_first": 100, "n_second": 100} | given))
    with pytest.raises(RequestError, match="power"):
        minimum_detectable_change(100, 100, power=1.0)
