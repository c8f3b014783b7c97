"""The figures of R's packages on the tax data of Ballard-Rosa, Martin & Scheve (2016)."""

import numpy as np
import pandas as pd
import pytest

import conjoint as cj

RTOL = 1e-8
OUTCOME = "chose_plan"
G = 2000


@pytest.fixture(scope="module")
def figures(taxes, taxes_weighted):
    """Estimates by estimator, group, weight and variance, each made once."""
    waves = {False: taxes, True: taxes_weighted}
    made = {}

    def get(estimator, by=None, *, weighted=False, variance="linearised"):
        key = (estimator, by, weighted, variance)
        if key not in made:
            made[key] = getattr(cj, estimator)(waves[weighted], by=by, variance=variance)
        return made[key]

    return get


@pytest.fixture(scope="module")
def rows_apart(make_taxes):
    """Waves with every profile a respondent of its own, by weight."""

    def make(weight=None):
        return make_taxes(respondent="row", task=None, profile=None, segments=None, weight=weight)

    return {False: make(), True: make("weight")}


def minus(reference):
    """The reference's groups, their hyphen a minus sign."""
    return reference.replace({"BY": {" - ": " − "}}, regex=True)


def by_term(reference, estimates):
    """A table of R's terms with the attribute and level of each, the intercept left out."""
    labels = estimates.labels[["attribute", "level"]]
    terms = labels.assign(term=labels["attribute"] + labels["level"])
    joined = reference.merge(terms, on="term", validate="1:1")
    assert len(joined) == len(reference) - 1 == 25
    return joined.rename(columns={"attribute": "variable"})


def square(reference, estimates):
    """A covariance of R's terms in the order of the figures estimated, and that of the figures."""
    rows = np.flatnonzero(~estimates.fixed)
    terms = (estimates.labels["attribute"] + estimates.labels["level"]).to_numpy()[rows]
    theirs = reference.set_index("term").loc[terms, terms]
    assert theirs.shape == (25, 25)
    return estimates.covariance[np.ix_(rows, rows)], theirs


# --- AMCEs and marginal means -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "by"),
    [
        ("tax_amce", None),
        ("tax_amce_weighted", None),
        ("tax_amce_by_partyid", "partyid"),
        ("tax_amce_weighted_by_partyid", "partyid"),
    ],
)
def test_amce(figures, golden, agrees, case, by):
    agrees(figures("amce", by, weighted="weighted" in case), golden(case))


@pytest.mark.parametrize(
    ("case", "by"),
    [
        ("tax_mm", None),
        ("tax_mm_weighted", None),
        ("tax_mm_by_partyid", "partyid"),
        ("tax_mm_weighted_by_partyid", "partyid"),
    ],
)
def test_marginal_means(figures, golden, agrees, case, by):
    agrees(figures("marginal_means", by, weighted="weighted" in case), golden(case))


def test_means_tested_against_one_half(figures, golden, agrees):
    agrees(figures("marginal_means").with_null(0.5), golden("tax_mm_h0"))


@pytest.mark.parametrize(
    ("case", "estimator"),
    [("tax_amce_unclustered", cj.amce), ("tax_mm_unclustered", cj.marginal_means)],
)
def test_without_clusters(rows_apart, golden, agrees, case, estimator):
    agrees(estimator(rows_apart[False]), golden(case))


@pytest.mark.parametrize(
    ("case", "variance"),
    [
        ("tax_amce_vcov", "linearised"),
        ("tax_amce_weighted_vcov", "linearised"),
        ("tax_ols_vcov_cr1", "CR1"),
        ("tax_ols_vcov_cr2", "CR2"),
    ],
)
def test_covariance_of_all_effects(figures, golden, case, variance):
    estimates = figures("amce", weighted="weighted" in case, variance=variance)
    mine, theirs = square(golden(case), estimates)
    np.testing.assert_allclose(mine, theirs, rtol=RTOL, atol=1e-14)


def test_effects_are_coefficients_of_a_survey_regression(figures, golden, agrees):
    estimates = figures("amce")
    names = {"estimate": "Estimate", "std_error": "Std. Error", "statistic": "t value"}
    agrees(estimates, by_term(golden("tax_amce_svyglm_coef"), estimates), **names)


# --- Differences between groups ---------------------------------------------------------------


@pytest.mark.parametrize("case", ["tax_amce_diffs_partyid", "tax_amce_diffs_weighted_partyid"])
def test_differences_of_effects_are_interactions_of_one_regression(figures, golden, agrees, case):
    effects = figures("amce", "partyid", weighted="weighted" in case)
    gap = cj.differences(effects, reference="Independent", one_design=True)
    agrees(gap, minus(golden(case)))


@pytest.mark.parametrize("case", ["tax_mm_diffs_partyid", "tax_mm_diffs_weighted_partyid"])
def test_differences_of_means_add_the_variances_of_parties(figures, golden, agrees, case):
    """Nobody is of two parties, and each keeps its own G / (G - 1), as in cregg."""
    means = figures("marginal_means", "partyid", weighted="weighted" in case)
    agrees(cj.differences(means, reference="Independent"), minus(golden(case)))


# --- Counts and combinations ------------------------------------------------------------------


def test_counts_of_profiles(figures, golden):
    frame = figures("marginal_means").frame
    reference = golden("tax_freqs")
    assert list(frame["attribute"]) == list(reference["variable"])
    assert list(frame["level"]) == list(reference["level"])
    assert list(frame["n_profiles"]) == list(reference["estimate"])


def test_levels_stand_in_the_order_of_the_table(taxes, golden):
    attributes = taxes.survey.attributes.values()
    mine = [value for attribute in attributes for value in attribute.values]
    assert mine == list(golden("tax_table")["level"])


def test_effects_of_combinations(taxes, make_taxes, golden, agrees):
    """cregg's "ACIE": the combination as an attribute, against the first of them all."""
    reference = golden("tax_acie_amce")
    combined = taxes.profiles[["taxrate1", "taxrev"]].agg("_".join, axis=1)
    (name,) = reference["variable"].unique()
    wave = cj.Wave.from_frame(
        taxes.profiles.assign(**{name: pd.Categorical(combined, categories=reference["level"])}),
        respondent="respondent",
        outcome=OUTCOME,
        attributes=[name],
    )
    agrees(cj.amce(wave), reference)


# --- The corrections for few respondents ------------------------------------------------------

# Each column, the variance that is the same, and the square of the factor between the two.
CLUSTERED = [
    ("vcovCL_HC0", "linearised", 1),
    ("vcovCL_HC0_noadj", "linearised", (G - 1) / G),
    ("vcovCL_HC1", "CR1", 1),
    ("vcovCL_HC1_noadj", "CR1", (G - 1) / G),
    ("clubSandwich_CR0", "linearised", (G - 1) / G),
    ("clubSandwich_CR1", "linearised", 1),
    ("clubSandwich_CR1p", "linearised", (G - 1) / (G - 26)),
    ("clubSandwich_CR1S", "CR1", 1),
    ("clubSandwich_CR2", "CR2", 1),
    ("clubSandwich_CR3", "CR3", G / (G - 1)),
    ("vcovCL_HC3", "CR3", G / (G - 1)),
    ("vcovCL_HC3_noadj", "CR3", 1),
]


def check_columns(estimates, reference, agrees, columns):
    for column, variance, square_of_factor in columns:
        rows = by_term(reference, estimates(variance))
        rows["std.error"] = rows[column] / np.sqrt(square_of_factor)
        agrees(estimates(variance), rows)


@pytest.mark.parametrize(
    ("case", "also"),
    [
        # Unweighted, sandwich's HC2 is CR2; weighted, it takes weights for precisions.
        ("tax_ols_se", [("vcovCL_HC2", "CR2", 1), ("vcovCL_HC2_noadj", "CR2", (G - 1) / G)]),
        ("tax_ols_weighted_se", []),
    ],
)
def test_variances_of_an_additive_regression(figures, golden, agrees, case, also):
    def estimates(variance):
        return figures("amce", weighted="weighted" in case, variance=variance)

    check_columns(estimates, golden(case), agrees, CLUSTERED + also)


@pytest.mark.parametrize(
    ("case", "columns"),
    [
        (
            "tax_ols_se",
            [
                ("HC0_nocluster", "linearised", (32000 - 1) / 32000),
                ("HC1_nocluster", "CR1", 1),
                ("HC2_nocluster", "CR2", 1),
                ("HC3_nocluster", "CR3", 32000 / (32000 - 1)),
            ],
        ),
        (
            "tax_ols_weighted_se",
            [
                ("HC0_nocluster", "linearised", (32000 - 1) / 32000),
                ("HC1_nocluster", "CR1", 1),
                ("HC3_nocluster", "CR3", 32000 / (32000 - 1)),
            ],
        ),
    ],
)
def test_variances_of_rows_that_stand_alone(rows_apart, golden, agrees, case, columns):
    wave = rows_apart["weighted" in case]
    check_columns(lambda kind: cj.amce(wave, variance=kind), golden(case), agrees, columns)


@pytest.mark.parametrize(
    ("case", "people"),
    [
        ("tax_ols_cr2_satterthwaite", None),
        ("tax_ols_weighted_cr2_satterthwaite", None),
        ("tax_ols_cr2_first60", 60),
    ],
)
def test_satterthwaite_degrees_of_freedom(figures, make_taxes, golden, agrees, case, people):
    if people is None:
        estimates = figures("amce", weighted="weighted" in case, variance="CR2")
    else:
        estimates = cj.amce(make_taxes(people=people), variance="CR2")
        assert estimates.joint_design == people
    names = {
        "estimate": "beta",
        "std_error": "SE",
        "statistic": "tstat",
        "p_value": "p_Satt",
    }
    reference = by_term(golden(case), estimates)
    agrees(estimates, reference, **names)
    degrees = estimates.labels.assign(mine=estimates.degrees, variable=estimates.labels.attribute)
    both = reference.merge(degrees, on=["variable", "level"])
    np.testing.assert_allclose(both["mine"], both["df_Satt"], rtol=RTOL)


@pytest.mark.parametrize("case", ["tax_ols_estimatr", "tax_ols_weighted_estimatr"])
def test_robust_regression_of_estimatr(figures, golden, agrees, case):
    """Its CR0 has the normal theory of G - 1 degrees of freedom, as its "stata" has."""
    variances = {"CR0": "linearised", "stata": "CR1", "CR2": "CR2"}
    reference = golden(case)
    assert set(reference["se_type"]) == set(variances)
    for kind, rows in reference.groupby("se_type"):
        estimates = figures("amce", weighted="weighted" in case, variance=variances[kind])
        own = by_term(rows, estimates)
        if kind == "CR0":
            own["std.error"] *= np.sqrt(G / (G - 1))
            agrees(estimates, own)
        else:
            names = ("statistic", "p_value", "conf_low", "conf_high")
            agrees(estimates, own, **{name: name.replace("_", ".") for name in names})


def test_the_delete_one_jackknife(figures, golden, agrees):
    estimates = figures("amce", variance="CR3")
    reference = by_term(golden("tax_ols_jackknife"), estimates)
    agrees(estimates, reference, std_error="se_jk_centered_estimate")
    # Around the mean of the jackknife values it is smaller, here by a part in 10^10.
    agrees(estimates, reference, std_error="se_jk_centered_mean")


def test_weighted_counts_of_levels(taxes_weighted, golden):
    reference = golden("tax_freqs_weighted").set_index(["variable", "level"])["estimate"]
    assert len(reference) == 32
    for name, attribute in taxes_weighted.survey.attributes.items():
        counts = taxes_weighted.shown(name) @ taxes_weighted.weights
        theirs = [reference[name, level] for level in attribute.values]
        np.testing.assert_allclose(counts, theirs, rtol=1e-8)
