"""The figures of R's packages on the immigration data of Hainmueller, Hopkins & Yamamoto (2014)."""

import numpy as np
import pytest

import conjoint as cj

RTOL = 1e-8


def assert_agrees(estimates, reference, keys=("attribute", "level"), names=("variable", "level")):
    """Every row of the reference is there, with its estimate and standard error."""
    rows = estimates.frame.merge(
        reference, left_on=list(keys), right_on=list(names), suffixes=("", "_reference")
    )
    assert len(rows) == len(reference) > 0
    for mine, theirs in (("estimate", "estimate_reference"), ("std_error", "std.error")):
        np.testing.assert_allclose(rows[mine], rows[theirs], rtol=RTOL, atol=0)


BY = {"keys": ("group", "attribute", "level"), "names": ("BY", "variable", "level")}


def test_amce(immigration, golden):
    assert_agrees(cj.amce(immigration), golden("imm_amce"))


def test_amce_weighted(immigration_weighted, golden):
    assert_agrees(cj.amce(immigration_weighted), golden("imm_amce_weighted"))


def test_marginal_means(immigration, golden):
    assert_agrees(cj.marginal_means(immigration), golden("imm_mm"))


def test_marginal_means_weighted(immigration_weighted, golden):
    assert_agrees(cj.marginal_means(immigration_weighted), golden("imm_mm_weighted"))


def test_marginal_means_by_a_respondent_column(immigration, golden):
    assert_agrees(cj.marginal_means(immigration, by="ethno3"), golden("imm_mm_by_ethno3"), **BY)


def test_weighted_marginal_means_by_a_respondent_column(immigration_weighted, golden):
    estimates = cj.marginal_means(immigration_weighted, by="ethno3")
    assert_agrees(estimates, golden("imm_mm_weighted_by_ethno3"), **BY)


def test_amce_by_a_respondent_column(immigration, golden):
    assert_agrees(cj.amce(immigration, by="ethno3"), golden("imm_amce_by_ethno3"), **BY)


def test_amce_by_task(immigration, golden):
    assert_agrees(cj.amce(immigration, by="task"), golden("imm_amce_by_contest_f"), **BY)


def test_marginal_means_by_task(immigration, golden):
    assert_agrees(cj.marginal_means(immigration, by="task"), golden("imm_mm_by_contest_f"), **BY)


def test_restricted_amce_averages_uniformly_over_the_cells_allowed(immigration_restricted, golden):
    assert_agrees(cj.amce(immigration_restricted), golden("imm_amce_constrained_cells"))


def test_restricted_amce_weighted(immigration_restricted_weighted, golden):
    estimates = cj.amce(immigration_restricted_weighted)
    assert_agrees(estimates, golden("imm_amce_constrained_cells_weighted"))


@pytest.mark.parametrize(
    ("by", "case"), [("ethno3", "ethno3"), ("task", "contest_f"), ("Gender", "Gender")]
)
def test_differences_count_people_who_belong_to_both_groups_once(immigration, golden, by, case):
    reference = golden(f"imm_mm_diffs_cov_{case}")
    base = reference["BY"].iloc[0].split(" - ")[1]
    differences = cj.differences(cj.marginal_means(immigration, by=by), reference=base)
    assert_agrees(differences, reference.replace({"BY": {"-": "−"}}, regex=True), **BY)


@pytest.mark.parametrize("case", ["imm_amce_vcov", "imm_amce_weighted_vcov"])
def test_covariance_of_all_effects(make_immigration, golden, case):
    wave = make_immigration(weight="w") if "weighted" in case else make_immigration()
    estimates = cj.amce(wave)
    terms = (estimates.frame["attribute"] + estimates.frame["level"]).to_numpy()
    estimated = np.flatnonzero(~estimates.fixed)
    reference = golden(case).set_index("term").loc[terms[estimated], terms[estimated]]
    assert reference.shape == (41, 41)
    mine = estimates.covariance[np.ix_(estimated, estimated)]
    np.testing.assert_allclose(mine, reference, rtol=RTOL, atol=1e-14)


@pytest.fixture(scope="module")
def immigration_with_gaps(immigration):
    """Answers missing of whole respondents, and of single contests of others."""
    profiles = immigration.profiles
    person, contest = profiles["respondent"], profiles["task"]
    gone = (person % 10 == 3) | ((contest == "2") & (person % 4 == 1))
    profiles.loc[gone, "ChosenImmigrant"] = np.nan
    return cj.Wave.build(immigration.survey, immigration.respondents, profiles)


def test_people_without_an_answer_still_count_in_the_design(immigration_with_gaps, golden):
    assert_agrees(cj.marginal_means(immigration_with_gaps), golden("imm_mm_missing_outcome"))
    assert_agrees(cj.amce(immigration_with_gaps), golden("imm_amce_missing_outcome"))


def test_the_survey_folder_gives_the_same_marginal_means(immigration_folder, golden):
    assert_agrees(cj.marginal_means(immigration_folder), golden("imm_mm"))


def test_the_survey_folder_declares_the_restrictions(immigration_folder, golden):
    assert_agrees(cj.amce(immigration_folder), golden("imm_amce_constrained_cells"))


def test_the_survey_folder_keeps_a_level_called_none(immigration_folder):
    experience = immigration_folder.profiles["JobExperience"]
    assert experience.cat.categories[0] == "None"
    assert (experience == "None").sum() > 3000


def test_the_survey_folder_splits_by_ethnocentrism(immigration_folder, golden):
    estimates = cj.marginal_means(immigration_folder, by="ethno3")
    assert_agrees(estimates, golden("imm_mm_by_ethno3"), **BY)


@pytest.fixture(scope="module")
def immigration_folder(oracle, pytestconfig):
    folder = pytestconfig.rootpath / "surveys" / "immigration_2014"
    return cj.read_wave(folder, data=oracle / "data" / "immigration.csv")
