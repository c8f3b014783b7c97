"""The figures of R's packages on the immigration data of Hainmueller, Hopkins & Yamamoto (2014)."""

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.survey import Joint

RTOL = 1e-8
OUTCOME = "ChosenImmigrant"
TIED = [("Education", "Job"), ("CountryOfOrigin", "ReasonForApplication")]


@pytest.fixture(scope="module")
def figures(make_immigration, immigration):
    """Estimates by estimator, group and weight, each made once."""
    waves = {False: immigration, True: make_immigration(weight="w")}
    made = {}

    def get(estimator, by=None, *, weighted=False):
        key = (estimator, by, weighted)
        if key not in made:
            made[key] = getattr(cj, estimator)(waves[weighted], by=by)
        return made[key]

    return get


def minus(reference):
    """The reference's groups, their hyphen a minus sign."""
    return reference.replace({"BY": {" - ": " − "}}, regex=True)


# --- AMCEs and marginal means -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "by"),
    [
        ("imm_amce", None),
        ("imm_amce_weighted", None),
        ("imm_amce_by_ethno2", "ethno2"),
        ("imm_amce_by_ethno3", "ethno3"),
        ("imm_amce_by_contest_f", "task"),
        ("imm_amce_weighted_by_ethno2", "ethno2"),
        ("imm_amce_weighted_by_ethno3", "ethno3"),
        ("imm_amce_weighted_by_contest_f", "task"),
    ],
)
def test_amce(figures, golden, agrees, case, by):
    agrees(figures("amce", by, weighted="weighted" in case), golden(case))


@pytest.mark.parametrize(
    ("case", "by"),
    [
        ("imm_mm", None),
        ("imm_mm_weighted", None),
        ("imm_mm_by_ethno2", "ethno2"),
        ("imm_mm_by_ethno3", "ethno3"),
        ("imm_mm_by_contest_f", "task"),
        ("imm_mm_weighted_by_ethno2", "ethno2"),
        ("imm_mm_weighted_by_ethno3", "ethno3"),
        ("imm_mm_weighted_by_contest_f", "task"),
    ],
)
def test_marginal_means(figures, golden, agrees, case, by):
    agrees(figures("marginal_means", by, weighted="weighted" in case), golden(case))


def test_means_tested_against_one_half(figures, golden, agrees):
    agrees(figures("marginal_means").with_null(0.5), golden("imm_mm_h0"))


@pytest.fixture(scope="module")
def rows_apart(immigration):
    """The wave with every profile a respondent of its own."""
    frame = immigration.profiles.assign(row=np.arange(immigration.n_profiles))
    return cj.Wave.from_frame(
        frame, respondent="row", outcome=OUTCOME, attributes=list(immigration.survey.attributes)
    )


@pytest.mark.parametrize(
    ("case", "estimator"),
    [("imm_amce_unclustered", cj.amce), ("imm_mm_unclustered", cj.marginal_means)],
)
def test_without_clusters(rows_apart, golden, agrees, case, estimator):
    agrees(estimator(rows_apart), golden(case))


@pytest.mark.parametrize("case", ["imm_amce_vcov", "imm_amce_weighted_vcov"])
def test_covariance_of_all_effects(figures, golden, case):
    estimates = figures("amce", weighted="weighted" in case)
    terms = (estimates.frame["attribute"] + estimates.frame["level"]).to_numpy()
    estimated = np.flatnonzero(~estimates.fixed)
    reference = golden(case).set_index("term").loc[terms[estimated], terms[estimated]]
    assert reference.shape == (41, 41)
    mine = estimates.covariance[np.ix_(estimated, estimated)]
    np.testing.assert_allclose(mine, reference, rtol=RTOL, atol=1e-14)


def by_term(reference, estimates):
    """A table of R's terms with the attribute and level of each, the intercept left out."""
    labels = estimates.labels[["attribute", "level"]]
    terms = labels.assign(term=labels["attribute"] + labels["level"])
    joined = reference.merge(terms, on="term", validate="1:1")
    assert len(joined) == len(reference) - 1 == int((~estimates.fixed).sum())
    return joined


COEF = {
    "attribute": "attribute",
    "estimate": "Estimate",
    "std_error": "Std. Error",
    "statistic": "t value",
}


def test_effects_are_coefficients_of_a_survey_regression(figures, golden, agrees):
    estimates = figures("amce")
    agrees(estimates, by_term(golden("imm_amce_svyglm_coef"), estimates), **COEF)


def test_effects_by_another_baseline(immigration, golden, agrees):
    reference = golden("imm_amce_by_reference")
    wave = cj.Wave.from_frame(
        immigration.profiles,
        respondent="respondent",
        outcome=OUTCOME,
        attributes=["LanguageSkills", "Education"],
    )
    effects = cj.amce(wave)
    assert reference["REFERENCE"].nunique() == 4
    for level, rows in reference.groupby("REFERENCE"):
        agrees(cj.amce(wave, baselines={"LanguageSkills": level}), rows)
        agrees(effects.relevel({"LanguageSkills": level}), rows)


def test_balance_of_a_respondent_column(immigration, golden, agrees):
    """A column of the respondents' as the outcome, of those who have it."""
    people = immigration.respondents[["respondent", "ethnocentrism"]].dropna()
    wave = cj.Wave.from_frame(
        immigration.profiles.merge(people, on="respondent"),
        respondent="respondent",
        outcome="ethnocentrism",
        attributes=["Gender", "Education", "LanguageSkills"],
    )
    agrees(cj.amce(wave), golden("imm_balance_ethnocentrism"))


# --- Missing answers --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def immigration_with_gaps(immigration):
    """Answers missing of whole respondents, and of single contests of others."""
    profiles = immigration.profiles
    person, contest = profiles["respondent"], profiles["task"]
    gone = (person % 10 == 3) | ((contest == "2") & (person % 4 == 1))
    profiles.loc[gone, OUTCOME] = np.nan
    return cj.Wave.build(immigration.survey, immigration.respondents, profiles)


def test_people_without_an_answer_still_count_in_the_design(immigration_with_gaps, golden, agrees):
    agrees(cj.marginal_means(immigration_with_gaps), golden("imm_mm_missing_outcome"))
    agrees(cj.amce(immigration_with_gaps), golden("imm_amce_missing_outcome"))


def test_people_left_out_of_the_frame_do_not(immigration_with_gaps, golden, agrees):
    estimates = cj.amce(
        cj.Wave.from_frame(
            immigration_with_gaps.profiles.dropna(subset=OUTCOME),
            respondent="respondent",
            outcome=OUTCOME,
            attributes=list(immigration_with_gaps.survey.attributes),
        )
    )
    assert estimates.joint_design < immigration_with_gaps.n_respondents
    reference = by_term(golden("imm_amce_missing_outcome_dropped"), estimates)
    agrees(estimates, reference, attribute="attribute")


# --- Differences between groups ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "by"),
    [
        ("imm_amce_diffs_ethno2", "ethno2"),
        ("imm_amce_diffs_ethno3", "ethno3"),
        ("imm_amce_diffs_contest_f", "task"),
        ("imm_amce_diffs_weighted_ethno2", "ethno2"),
        ("imm_amce_diffs_weighted_ethno3", "ethno3"),
        ("imm_amce_diffs_weighted_contest_f", "task"),
    ],
)
def test_differences_of_effects_are_interactions_of_one_regression(
    figures, golden, agrees, case, by
):
    reference = golden(case)
    base = reference["BY"].iloc[0].split(" - ")[1]
    effects = figures("amce", by, weighted="weighted" in case)
    agrees(cj.differences(effects, reference=base, one_design=True), minus(reference))


def test_differences_of_effects_between_levels_of_an_attribute(immigration, golden, agrees):
    """Two outcomes of the same people: answers to profiles of women, and of men."""
    profiles = immigration.profiles
    for gender in ("Female", "Male"):
        profiles[gender] = profiles[OUTCOME].where(profiles["Gender"] == gender)
    effects = cj.amce(
        cj.Wave.from_frame(
            profiles,
            respondent="respondent",
            outcome=["Female", "Male"],
            attributes=["LanguageSkills", "Education"],
        )
    )
    half = len(effects) // 2
    matrix = np.hstack([-np.eye(half), np.eye(half)])
    gap = effects.contrast(matrix, effects.labels[half:].assign(group="Male − Female"))
    agrees(gap, minus(golden("imm_amce_diffs_Gender")))


@pytest.mark.parametrize(
    ("case", "by"),
    [
        ("imm_mm_diffs_cov_ethno3", "ethno3"),
        ("imm_mm_diffs_cov_contest_f", "task"),
        ("imm_mm_diffs_cov_Gender", "Gender"),
    ],
)
def test_differences_count_people_who_belong_to_both_groups_once(figures, golden, agrees, case, by):
    reference = golden(case)
    base = reference["BY"].iloc[0].split(" - ")[1]
    means = figures("marginal_means", by)
    agrees(cj.differences(means, reference=base, one_design=True), minus(reference))
    # One design of all groups, which is what a comparison of theirs stands in.
    everybody = means.joint_design
    place = {key: row for row, key in enumerate(keys_of(means))}
    psi = means.influence * np.sqrt(everybody / (everybody - 1))
    names = zip(reference["BY"], reference["variable"], reference["level"], strict=True)
    mine = [
        psi[:, place[groups.split(" - ")[0], *row]] @ psi[:, place[base, *row]]
        for groups, *row in names
    ]
    np.testing.assert_allclose(mine, reference["cov"], rtol=RTOL, atol=1e-18)


def keys_of(estimates):
    """Group, attribute and level of each figure."""
    return list(
        estimates.labels[["group", "attribute", "level"]].itertuples(index=False, name=None)
    )


@pytest.mark.parametrize(
    ("case", "by"),
    [
        ("imm_mm_diffs_ethno2", "ethno2"),
        ("imm_mm_diffs_ethno3", "ethno3"),
        ("imm_mm_diffs_contest_f", "task"),
        ("imm_mm_diffs_Gender", "Gender"),
        ("imm_mm_diffs_weighted_ethno2", "ethno2"),
        ("imm_mm_diffs_weighted_ethno3", "ethno3"),
        ("imm_mm_diffs_weighted_contest_f", "task"),
    ],
)
def test_differences_of_means_with_the_groups_taken_as_independent(
    figures, golden, agrees, case, by
):
    """What cregg does: the two variances added, each with its own group's G / (G - 1)."""
    reference = golden(case)
    base = reference["BY"].iloc[0].split(" - ")[1]
    means = figures("marginal_means", by, weighted="weighted" in case)
    gap = cj.differences(means, reference=base)
    agrees(gap, minus(reference.drop(columns=["std.error", "z"])))

    error = dict(zip(keys_of(means), means.std_errors, strict=True))
    names = zip(reference["BY"], reference["variable"], reference["level"], strict=True)
    added = [
        np.hypot(error[groups.split(" - ")[0], *row], error[base, *row]) for groups, *row in names
    ]
    np.testing.assert_allclose(added, reference["std.error"], rtol=RTOL, atol=0)

    if by.startswith("ethno"):  # the groups share nobody
        agrees(gap, minus(reference))
        return
    names = {"left_on": ["BY", "variable", "level"], "right_on": ["group", "attribute", "level"]}
    both = minus(reference).merge(gap.frame, **names)
    assert (np.abs(both["std_error"] / both["std.error"] - 1) > 0.005).mean() > 0.5


# --- Restricted designs -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "case", ["imm_amce_constrained_cells", "imm_amce_constrained_cells_weighted"]
)
def test_restricted_amce_averages_uniformly_over_the_cells_allowed(
    immigration_restricted, immigration_restricted_weighted, golden, agrees, case
):
    weighted = "weighted" in case
    wave = immigration_restricted_weighted if weighted else immigration_restricted
    agrees(cj.amce(wave), golden(case))


def test_restricted_amce_with_the_correction_of_stata(immigration_restricted, golden, agrees):
    reference = golden("imm_amce_constrained_cells").drop(columns="z")
    agrees(cj.amce(immigration_restricted, variance="CR1"), reference, std_error="std.error_cr1")


@pytest.fixture(scope="module")
def drawn_as_observed(immigration_restricted):
    """The wave, its tied pairs declared to be drawn as often as they were."""
    profiles = immigration_restricted.profiles
    joint = []
    for pair in TIED:
        counts = pd.crosstab(profiles[pair[0]], profiles[pair[1]])
        cells = {
            level: row[row > 0].to_dict() for level, row in (counts / len(profiles)).iterrows()
        }
        joint.append(Joint(attributes=pair, cells=cells))
    survey = immigration_restricted.survey.model_copy(update={"joint": tuple(joint)})
    return cj.Wave.build(survey, immigration_restricted.respondents, profiles)


@pytest.mark.parametrize(
    ("variance", "column"), [("linearised", "std.error"), ("CR1", "std.error_cr1")]
)
def test_restricted_amce_averages_over_a_joint_distribution(
    drawn_as_observed, golden, agrees, variance, column
):
    reference = golden("imm_amce_constrained_cells_empirical").drop(columns="z")
    estimates = cj.amce(drawn_as_observed, variance=variance)
    agrees(estimates, reference, std_error=column)


@pytest.mark.parametrize(
    "case",
    [
        "imm_amce_constrained_cregg",
        "imm_amce_constrained_cregg_weighted",
        "imm_amce_constrained_cregg_docs",
    ],
)
def test_restricted_amce_is_that_of_cregg_where_its_cells_are_not_empty(
    make_immigration, immigration_restricted, immigration_restricted_weighted, golden, agrees, case
):
    """Elsewhere cregg averages in contrasts against the last level: five rows here, three there."""
    reference = golden(case)
    wave = immigration_restricted_weighted if "weighted" in case else immigration_restricted
    if case.endswith("docs"):
        wave = cj.Wave.from_frame(
            wave.profiles,
            respondent="respondent",
            outcome=OUTCOME,
            attributes=["Gender", "ReasonForApplication", "CountryOfOrigin"],
            restrictions=[restriction.never for restriction in wave.survey.restrictions[1:]],
        )
    wrong = reference["level"].isin(
        ["Two-Year College", "College Degree", "China", "Sudan", "Somalia"]
    )
    estimates = cj.amce(wave)
    agrees(estimates, reference[~wrong])
    assert wrong.sum() == (3 if case.endswith("docs") else 5)
    rows = reference[wrong].merge(estimates.frame, left_on="level", right_on="level")
    assert (np.abs(rows["estimate_x"] - rows["estimate_y"]) > 1e-3).all()


def test_restricted_amce_by_another_baseline_moves_no_other_attribute(make_cjoint, golden, agrees):
    """cjoint's Education moves when Job's baseline does: it mislabels the design's levels."""
    reference = golden("cjoint_amce_restricted_baseline_teacher_BUG")
    estimates = cj.amce(make_cjoint(), baselines={"Job": "teacher"}, variance="CR1")
    wrong = reference["attribute"] == "Education"
    agrees(estimates, reference[~wrong], attribute="attribute")
    rows = reference[wrong].merge(estimates.frame, on=["attribute", "level"])
    assert len(rows) == 6
    assert (np.abs(rows["estimate_x"] - rows["estimate_y"]) > 1e-3).any()
    own = cj.amce(make_cjoint(), variance="CR1").select(attribute="Education")
    np.testing.assert_allclose(rows["estimate_y"], own.values[1:], rtol=RTOL)


def test_effects_by_group_with_other_attributes_in_common(make_cjoint, immigration, golden, agrees):
    """cjoint's conditional AMCEs: one regression in which the group goes with two attributes."""
    profiles = make_cjoint(["Gender", "Language Skills", "Prior Entry"]).profiles
    profiles = profiles.merge(
        immigration.respondents[["respondent", "ethno3"]].dropna(), on="respondent"
    )
    languages = profiles["Language Skills"].cat.categories
    group = profiles["ethno3"].astype(str)
    crossed = [f"{name}: {value}" for name in ("Bottom", "Middle", "Top") for value in languages]
    profiles["Language Skills"] = pd.Categorical(
        group + ": " + profiles["Language Skills"].astype(str), categories=crossed
    )
    # The groups themselves are in the languages already.
    men = (group + ": male").where(profiles["Gender"] == "male", "female")
    profiles["Gender"] = pd.Categorical(men)
    wave = cj.Wave.from_frame(
        profiles,
        respondent="respondent",
        outcome="Chosen_Immigrant",
        attributes=["Gender", "Language Skills", "Prior Entry"],
    )
    effects = cj.amce(wave, baselines={"Gender": "female"}, variance="CR1")
    reference = golden("cjoint_cond_ethno3_language")
    for name, rows in reference.groupby("at"):
        named = rows.assign(level=f"{name}: " + rows["level"])
        own = effects.relevel({"Language Skills": f"{name}: {languages[0]}"})
        agrees(own, named, attribute="attribute")


# --- Counts -----------------------------------------------------------------------------------


def test_counts_of_profiles(figures, golden):
    reference = golden("imm_freqs").merge(
        figures("marginal_means").frame,
        left_on=["variable", "level"],
        right_on=["attribute", "level"],
    )
    assert len(reference) == 50
    assert (reference["n_profiles"] == reference["estimate_x"]).all()


def test_shares_of_combinations(immigration, golden):
    means = cj.joint_means(immigration, ("Job", "Education")).frame
    reference = golden("imm_props_Job_Education")
    shares = (means["n_profiles"] / immigration.n_profiles).to_numpy()
    theirs = pd.Series(
        reference["Proportion"].to_numpy(), reference["Job"] + " * " + reference["Education"]
    )
    assert (theirs.drop(means["level"]) == 0).all()
    np.testing.assert_allclose(shares, theirs[means["level"]], rtol=1e-12)


def test_means_of_combinations(immigration, golden, agrees):
    reference = golden("imm_acie_language_entry_mm")
    reference["variable"] = "LanguageSkills * PriorEntry"
    reference["level"] = reference["level"].str.replace("_", " * ")
    agrees(cj.joint_means(immigration, ("LanguageSkills", "PriorEntry")), reference)


def test_effects_of_combinations(immigration, golden, agrees):
    """cregg's "ACIE": the combination as an attribute, against the first of them all."""
    reference = golden("imm_acie_language_entry_amce")
    combined = immigration.profiles[["LanguageSkills", "PriorEntry"]].agg("_".join, axis=1)
    wave = cj.Wave.from_frame(
        immigration.profiles.assign(
            language_entry=pd.Categorical(combined, categories=reference["level"])
        ),
        respondent="respondent",
        outcome=OUTCOME,
        attributes=["language_entry"],
    )
    agrees(cj.amce(wave), reference)


# --- The corrections for few respondents ------------------------------------------------------


@pytest.mark.parametrize(
    ("variance", "column", "factor"),
    [
        ("linearised", "vcovCL_HC0", 1.0),
        ("CR1", "vcovCL_HC1", 1.0),
        ("CR2", "clubSandwich_CR2", 1.0),
        # Without the (G - 1) / G that makes it the jackknife.
        ("CR3", "vcovCL_HC3", np.sqrt(1395 / 1396)),
    ],
)
def test_variances_of_an_additive_regression(immigration, golden, agrees, variance, column, factor):
    estimates = cj.amce(immigration, variance=variance)
    reference = by_term(golden("imm_ols_se"), estimates)
    reference[column] *= factor
    more = {"p_value": "p_Satt"} if variance == "CR2" else {}
    agrees(estimates, reference, attribute="attribute", std_error=column, **more)
    if variance == "CR2":
        degrees = dict(zip(keys_of(estimates), estimates.degrees, strict=True))
        names = zip(reference["attribute"], reference["level"], strict=True)
        mine = [degrees["Total", *row] for row in names]
        np.testing.assert_allclose(mine, reference["df_Satt"], rtol=RTOL)


# --- The survey folder ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def immigration_folder(oracle, pytestconfig):
    folder = pytestconfig.rootpath / "surveys" / "immigration_2014"
    return cj.read_wave(folder, data=oracle / "data" / "immigration.csv")


def test_the_survey_folder_gives_the_same_marginal_means(immigration_folder, golden, agrees):
    agrees(cj.marginal_means(immigration_folder), golden("imm_mm"))


def test_the_survey_folder_declares_the_restrictions(immigration_folder, golden, agrees):
    agrees(cj.amce(immigration_folder), golden("imm_amce_constrained_cells"))


def test_the_survey_folder_keeps_a_level_called_none(immigration_folder):
    experience = immigration_folder.profiles["JobExperience"]
    assert experience.cat.categories[0] == "None"
    assert (experience == "None").sum() > 3000


def test_the_survey_folder_splits_by_ethnocentrism(immigration_folder, golden, agrees):
    agrees(cj.marginal_means(immigration_folder, by="ethno3"), golden("imm_mm_by_ethno3"))


def test_the_survey_folder_lists_the_attributes_and_levels(immigration_folder, golden):
    mine = [
        ((attribute.label or name).casefold(), value)
        for name, attribute in immigration_folder.survey.attributes.items()
        for value in attribute.values
    ]
    reference = golden("imm_table")
    theirs = zip(reference["feature"].str.casefold(), reference["level"], strict=True)
    assert mine == list(theirs)


def test_weighted_counts_of_levels(immigration_weighted, golden):
    reference = golden("imm_freqs_weighted").set_index(["variable", "level"])["estimate"]
    assert len(reference) == 50
    for name, attribute in immigration_weighted.survey.attributes.items():
        counts = immigration_weighted.shown(name) @ immigration_weighted.weights
        theirs = [reference[name, level] for level in attribute.values]
        np.testing.assert_allclose(counts, theirs, rtol=RTOL)
