"""Joint tests against R's, and against a Wald test written out."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import conjoint as cj
from conjoint.errors import EstimationError
from conjoint.estimates import omnibus
from conjoint.survey import Segment


@pytest.fixture(scope="module")
def frame(simulated):
    return simulated(5, n=80)


def test_one_row_an_attribute(frame, as_wave):
    table = omnibus(cj.amce(as_wave(frame, outcome=["chosen", "rating"])))
    assert list(table) == [
        "outcome", "attribute", "hypothesis", "comparisons", "statistic", "df_num", "df_denom",
        "p_value", "n_respondents", "note",
    ]  # fmt: skip
    assert table["attribute"].to_list() == ["price", "colour", "size"] * 2
    assert table["comparisons"].to_list() == [2, 1, 2] * 2
    assert set(table["hypothesis"]) == {"no effect"}
    assert set(table["n_respondents"]) == {80}


def test_a_test_of_one_comparison_is_its_t_test(frame, as_wave):
    effects = cj.amce(as_wave(frame, weight="weight"))
    table = omnibus(effects).set_index("attribute")
    row = effects.select(attribute="colour").frame.iloc[1]
    assert table.loc["colour", "statistic"] == pytest.approx(row["statistic"] ** 2)
    assert table.loc["colour", "p_value"] == pytest.approx(row["p_value"])


def test_hotelling_is_the_wald_statistic_rescaled(frame, as_wave):
    effects = cj.amce(as_wave(frame)).select(attribute="price")
    b, V = effects.values[1:], effects.covariance[1:, 1:]
    W, G, q = float(b @ np.linalg.solve(V, b)), 80, 2
    exact, plain = omnibus(effects).iloc[0], omnibus(effects, small_sample=False).iloc[0]
    assert plain["statistic"] == pytest.approx(W / q)
    assert plain["p_value"] == pytest.approx(stats.f.sf(W / q, q, G - 1))
    assert exact["statistic"] == pytest.approx(W * (G - q) / ((G - 1) * q))
    assert exact["df_denom"] == G - q
    assert exact["p_value"] > plain["p_value"]


@pytest.mark.parametrize("estimator", [cj.amce, cj.marginal_means])
def test_the_same_pattern_in_all_groups(frame, as_wave, estimator):
    """Means and effects have the same pattern, up to the other attributes' chance imbalance."""
    by = estimator(as_wave(frame), by="party")
    table = omnibus(by).set_index("attribute")
    assert set(table["hypothesis"]) == {"same in all groups"}
    assert table.loc["price", "comparisons"] == 2
    gaps = cj.differences(by, reference="Left", one_design=True).select(attribute="price")
    gaps = gaps.contrast(
        np.array([[-1.0, 1, 0], [-1.0, 0, 1]]), gaps.labels.iloc[[0, 0]], "pattern"
    )
    W = gaps.values @ np.linalg.solve(gaps.covariance, gaps.values)
    plain = omnibus(by, small_sample=False).set_index("attribute")
    assert plain.loc["price", "statistic"] == pytest.approx(W / 2)


def test_a_small_group_beside_a_large_one_has_about_its_own_degrees(simulated, as_wave):
    """Krishnamoorthy & Yu's degrees by hand, from each group's own covariance."""
    frame = simulated(5, n=120)
    frame["party"] = np.where(frame["id"] < 20, "Few", "Many")
    means = cj.marginal_means(as_wave(frame), by="party").select(attribute="price")
    pattern = np.array([[-1.0, 1, 0], [-1.0, 0, 1]])
    few, many = (means.select(group=name) for name in ("Few", "Many"))
    parts = [pattern @ own.covariance @ pattern.T for own in (few, many)]
    V, d = sum(parts), pattern @ (few.values - many.values)
    shares = [np.linalg.solve(V, own) for own in parts]
    spread = sum(
        (np.trace(own @ own) + np.trace(own) ** 2) / (G - 1)
        for own, G in zip(shares, (20, 100), strict=True)
    )
    eta = 2 * 3 / spread
    test = omnibus(means).iloc[0]
    assert 19 < eta < 40
    assert test["df_denom"] == pytest.approx(eta - 1)
    F = float(d @ np.linalg.solve(V, d)) * (eta - 1) / (2 * eta)
    assert test["statistic"] == pytest.approx(F)
    assert test["p_value"] == pytest.approx(stats.f.sf(F, 2, eta - 1))


def test_a_group_that_is_higher_on_all_levels_has_the_same_pattern(frame, as_wave):
    lifted = frame.assign(rating=frame["rating"] + 3.0 * (frame["party"] == "Left"))
    before = omnibus(cj.marginal_means(as_wave(frame, outcome="rating"), by="party"))
    after = omnibus(cj.marginal_means(as_wave(lifted, outcome="rating"), by="party"))
    np.testing.assert_allclose(after["statistic"], before["statistic"], rtol=1e-9)


def test_the_order_of_levels_and_the_baseline_do_not_matter(frame, as_wave):
    effects = cj.amce(as_wave(frame), by="party")
    other = effects.relevel({"price": "high", "size": "L"})
    np.testing.assert_allclose(omnibus(effects)["p_value"], omnibus(other)["p_value"], rtol=1e-8)


def test_all_attributes_together(frame, as_wave):
    table = omnibus(cj.amce(as_wave(frame), by="party"), together=True)
    assert table["attribute"].to_list() == [""]
    assert table["comparisons"].to_list() == [5]


def test_comparisons_that_follow_from_others_are_counted_once(frame, as_wave):
    """In a forced choice the means of two levels that share all profiles move against each other."""
    twice = cj.Wave.from_frame(
        frame.assign(shade=frame["colour"]),
        respondent="id", outcome="chosen", attributes=["colour", "shade"], task="task",
        profile="profile",
    )  # fmt: skip
    means = cj.marginal_means(twice)
    table = omnibus(means, together=True)
    assert table["comparisons"].to_list() == [1]


@pytest.mark.parametrize("variance", ["CR1", "CR2"])
def test_groups_of_the_same_people_are_one_group(frame, as_wave, variance):
    """What rounding leaves between their figures is no spread."""
    wave = as_wave(frame)
    rules = {
        name: Segment(label=name, where={"party": name[:-1]})
        for name in ("Left1", "Left2", "Right1", "Left3")
    }
    several = replace(wave, survey=wave.survey.model_copy(update={"segments": rules}))
    two = {name: rules[name] for name in ("Left1", "Right1")}
    pair = replace(wave, survey=wave.survey.model_copy(update={"segments": two}))
    tests = [
        omnibus(cj.marginal_means(own, by="segments", variance=variance), small_sample=False)
        for own in (several, pair)
    ]
    pd.testing.assert_frame_equal(*tests, rtol=1e-8)


def test_too_few_respondents_for_the_comparisons(frame, as_wave):
    few = as_wave(frame[frame["id"] < 3])
    with pytest.raises(EstimationError, match="comparisons among 3 respondents"):
        omnibus(cj.joint_means(few, ("price", "size")))


def test_one_level_leaves_nothing_to_compare(frame, as_wave):
    means = cj.marginal_means(as_wave(frame)).select(level="low")
    with pytest.raises(EstimationError, match="nothing to compare"):
        omnibus(means)


# --- R's survey and clubSandwich -------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "by"),
    [
        ("imm_waldtest_ethno2", "ethno2"),
        ("imm_waldtest_ethno3", "ethno3"),
        ("imm_waldtest_contest_f", "task"),
    ],
)
def test_all_interactions_with_a_group(make_immigration, golden, case, by):
    wave = make_immigration()
    table = omnibus(cj.amce(wave, by=by), together=True, small_sample=False)
    reference = golden(case).iloc[0]
    assert table["statistic"].iloc[0] == pytest.approx(reference["F"], rel=1e-8)
    assert table["df_num"].iloc[0] == reference["df"]


@pytest.fixture(scope="module")
def tax_effects(make_taxes):
    return {
        "CR1S": cj.amce(make_taxes(), variance="CR1"),
        "CR2": cj.amce(make_taxes(), variance="CR2"),
    }


def test_interactions_with_the_party(make_taxes, golden):
    effects = cj.amce(make_taxes(), by="partyid")
    table = omnibus(effects, together=True, small_sample=False)
    reference = golden("tax_waldtest_partyid").iloc[0]
    assert table["statistic"].iloc[0] == pytest.approx(reference["F"], rel=1e-8)
    assert table["df_num"].iloc[0] == reference["df"]


def assert_tests_agree(effects, reference, variance):
    for kind, small_sample in (("Naive-F", False), ("HTZ", True)):
        theirs = reference[(reference["vcov"] == variance) & (reference["test"] == kind)]
        if len(theirs):
            rows = omnibus(effects, small_sample=small_sample).merge(
                theirs, left_on="attribute", right_on="variable", suffixes=("", "_reference")
            )
            assert len(rows) == 7
            for mine, other in (
                ("statistic", "Fstat"),
                ("df_num", "df_num_reference"),
                ("df_denom", "df_denom_reference"),
            ):
                np.testing.assert_allclose(rows[mine], rows[other], rtol=1e-8)
            np.testing.assert_allclose(rows["p_value"], rows["p_val"], rtol=1e-6)


@pytest.mark.parametrize("variance", ["CR1S", "CR2"])
def test_wald_tests_of_each_attribute(tax_effects, golden, variance):
    assert_tests_agree(tax_effects[variance], golden("tax_ols_wald"), variance)


@pytest.mark.parametrize("variance", ["CR1S", "CR2"])
def test_approximate_hotelling_with_sixty_respondents(make_taxes, golden, variance):
    wave = make_taxes(people=60)
    effects = cj.amce(wave, variance={"CR1S": "CR1"}.get(variance, variance))
    assert_tests_agree(effects, golden("tax_ols_wald_first60"), variance)
