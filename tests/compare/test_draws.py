"""Waves drawn from one truth show no change; a planted one is found as often as stated."""

from importlib import import_module

import numpy as np
import pytest
from scipy.stats import norm
from two_waves import TARGETS, draw, two

import conjoint as cj
from conjoint.compare import compare, minimum_detectable_change, power_of_change
from conjoint.errors import RequestError
from conjoint.withhold.decision import Withheld

KEYS = ["kind", "outcome", "group"]


@pytest.fixture(autouse=True)
def nothing_withheld(monkeypatch):
    """What small bases keep back is the longest part of a comparison, and not asked about here."""
    nothing = Withheld(*[frozenset()] * 6)
    module = import_module("conjoint.compare.run")
    monkeypatch.setattr(module, "find_withheld", lambda *_, **__: nothing)


def studied(draws, **how):
    """Of waves of one truth: how many intervals hold zero, tables and draws that show some change."""
    coverage, tables, by_table, by_comparison = [], [], [], []
    for seed in range(draws):
        waves = two(seed, 250 + 100 * (seed % 3), **how)
        made = compare(*waves, by="segments").frame
        frame = made.dropna(subset=["p_value"])
        coverage.append(((frame["conf_low"] <= 0) & (frame["conf_high"] >= 0)).mean())
        # Holm shows something in a table where Bonferroni does.
        p = (
            frame["p_value"]
            .groupby([frame[key] for key in KEYS])
            .agg(lambda own: own.min() * len(own))
        )
        tables.append((p < 0.05).mean())
        by_table.append((p < 0.05).any())
        by_comparison.append(made["verdict"].isin(["rose", "fell"]).any())
    return [np.mean(own) for own in (coverage, tables, by_table, by_comparison)]


def test_waves_of_one_truth_mostly_show_no_change():
    coverage, tables, by_table, by_comparison = studied(40)
    assert 0.92 < coverage < 0.98
    assert tables < 0.09
    assert by_comparison <= 0.125  # 5 of 40: 2 standard errors
    assert by_comparison < by_table


@pytest.mark.slow
@pytest.mark.parametrize("weighted", [True, False])
def test_waves_of_one_truth_show_no_change_in_95_of_100_draws(weighted):
    coverage, tables, by_table, by_comparison = studied(400, weighted=weighted)
    assert 0.935 < coverage < 0.965
    assert tables < 0.058
    assert by_comparison < 0.072  # 2 standard errors above one in twenty
    assert (
        0.1 < by_table < 0.35
    )  # eight tables, not independent: what `family="table"` lets through


def found(draws, change, n, weighted=False, called=False):
    """How often a change is found: by its own test, or called by the comparison."""
    hits = 0
    for seed in range(draws):
        a = draw(seed, n[0], prefix=f"a{seed}", tasks=1)
        b = draw(90_000 + seed, n[1], prefix=f"b{seed}", tasks=1, lift=change)
        if weighted:
            a, b = cj.rake(a, TARGETS), cj.rake(b, TARGETS)
        frame = compare(a, b, what=["topline"], hold=()).frame
        own = frame[frame["level"] == "Support"].iloc[0]
        hits += own["verdict"] == "rose" if called else own["p_value"] < 0.05
    return hits / draws


@pytest.mark.parametrize(("n", "change"), [((800, 800), 0.05), ((1500, 500), 0.08)])
def test_a_planted_change_is_found_with_the_stated_power(n, change):
    told = power_of_change(change, *n, share=0.4825)
    draws = 60
    assert found(draws, change, n) == pytest.approx(
        told, abs=2.6 * np.sqrt(told * (1 - told) / draws)
    )


TESTS = 8
"""Two tables, a question of four figures: each has an eighth of the comparison's error."""


@pytest.mark.slow
def test_a_planted_change_is_called_at_least_as_often_as_stated():
    """Holm's later steps, once other changes are found, only add."""
    told, draws = power_of_change(0.05, 1600, 1600, share=0.4825, tests=TESTS), 500
    told_alone = power_of_change(0.05, 1600, 1600, share=0.4825)
    rate = found(draws, 0.05, (1600, 1600), called=True)
    assert rate > told - 2.6 * np.sqrt(told * (1 - told) / draws)
    assert rate < told_alone


@pytest.mark.slow
def test_five_points_are_found_with_eighty_per_cent():
    n = 100
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


@pytest.mark.parametrize(("family", "tests"), [("comparison", TESTS), ("table", 4)])
def test_detectable_in_the_frame_is_the_plan_kept(family, tests):
    a, b = draw(1, 1000, prefix="a"), draw(2, 1000, prefix="b")
    frame = compare(a, b, what=["topline"], family=family).frame.set_index("level")
    share = frame.loc["Support", "estimate_first"]
    planned = minimum_detectable_change(1000, 1000, share=share, tests=tests)
    assert frame.loc["Support", "detectable"] == pytest.approx(planned, rel=0.02)


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
