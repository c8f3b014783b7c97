"""Figures and standard errors under calibrated weights are those of R's survey."""

import json

import numpy as np
import pandas as pd
import pytest

import conjoint as cj

CLOSED, ITERATED = 1e-8, 1e-6


@pytest.fixture(scope="module")
def population(oracle):
    """The targets, which are invented."""
    return json.loads((oracle / "data" / "taxes_population.json").read_text())


@pytest.fixture(scope="module")
def waves(oracle, population):
    """The taxes data with what respondents are weighted by, by their starting weights."""
    meta = json.loads((oracle / "data" / "meta.json").read_text())["taxes"]
    read = {"keep_default_na": False, "na_values": [""]}
    profiles = pd.read_csv(oracle / "data" / "taxes.csv", **read)
    people = pd.read_csv(oracle / "data" / "taxes_respondents.csv", **read)
    columns = [*population["margins"], "y"]
    frame = profiles.merge(people[["ID", *columns]], on="ID")
    for name in meta["features"]:
        frame[name] = pd.Categorical(
            frame[name].astype(object), categories=meta["factors"][name]["levels"]
        )

    def wave(weight):
        return cj.Wave.from_frame(
            frame, respondent="ID", outcome="chose_plan", attributes=meta["features"],
            task="task", profile="profile", weight=weight, segments=columns,
        )  # fmt: skip

    return {"unit": wave(None), "wt": wave("weight")}


@pytest.fixture(scope="module")
def weighted(waves, population):
    """Make a wave weighted by one of the reference's schemes."""
    margins = population["margins"]
    joint = {
        f"{party} * {answer}": share
        for party, shares in population["joint_party4_ineq"].items()
        for answer, share in shares.items()
    }
    made = {}

    def make(scheme):
        if scheme not in made:
            start, how = scheme.split("_", 1)
            wave = waves[start]
            if how == "none":
                made[scheme] = wave
            elif how == "poststrat":
                made[scheme] = cj.post_stratify(wave, {"party4 * ineq": joint})
            else:
                # The linear distance is fitted with the starting weights whether asked to or not.
                distance = "linear" if how == "cal_linear" else "raking"
                weighted = cj.calibrate(wave, margins, distance=distance)
                made[scheme] = weighted if distance == "linear" else weighted.at_start()
        return made[scheme]

    return make


SCHEMES = [
    f"{start}_{how}"
    for start in ("unit", "wt")
    for how in ("none", "cal_linear", "cal_raking", "poststrat", "rake5")
    # survey's rake averages within cells where starting weights differ, which widens its errors.
    if (start, how) != ("wt", "rake5")
]


def tolerance(scheme):
    return CLOSED if scheme.endswith(("none", "cal_linear", "poststrat")) else ITERATED


@pytest.mark.parametrize("scheme", SCHEMES)
def test_marginal_means_under_the_calibrated_design(weighted, golden, scheme):
    reference = golden("survey_conjoint_mm")
    reference = reference[reference["scheme"] == scheme]
    rows = cj.marginal_means(weighted(scheme)).frame.merge(
        reference,
        left_on=["attribute", "level"],
        right_on=["variable", "level"],
        suffixes=("", "_reference"),
    )
    assert len(rows) == len(reference) > 0
    rtol = tolerance(scheme)
    np.testing.assert_allclose(rows["estimate"], rows["estimate_reference"], rtol=rtol)
    np.testing.assert_allclose(rows["std_error"], rows["std.error"], rtol=rtol)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_effects_under_the_calibrated_design(weighted, golden, scheme):
    reference = golden("survey_conjoint_amce")
    reference = reference[reference["scheme"] == scheme]
    frame = cj.amce(weighted(scheme)).frame
    frame["term"] = frame["attribute"] + frame["level"]
    rows = frame.merge(reference, on="term", suffixes=("", "_reference"))
    assert len(rows) == len(reference) - 1  # the intercept is no effect
    rtol = tolerance(scheme)
    np.testing.assert_allclose(rows["estimate"], rows["estimate_reference"], rtol=rtol, atol=1e-12)
    np.testing.assert_allclose(rows["std_error"], rows["std.error"], rtol=rtol)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_means_of_respondents_under_the_calibrated_design(weighted, golden, scheme):
    from dataclasses import replace

    from conjoint.survey import Question

    reference = golden("survey_means").set_index(["scheme", "stat"]).loc[scheme]
    wave = weighted(scheme)
    questions = {"y": Question(kind="scale", min=0, max=10)}
    wave = replace(wave, survey=wave.survey.model_copy(update={"questions": questions}))
    figures = cj.toplines(wave, by="party4", question="y")
    rtol = tolerance(scheme)
    for group, stat in (
        ("Total", "mean_y"),
        ("Democrat", "mean_y|Democrat"),
        ("Independent", "mean_y|Independent"),
        ("Republican", "mean_y|Republican"),
    ):
        row = figures.select(group=group).frame.iloc[0]
        assert row["estimate"] == pytest.approx(reference.loc[stat, "estimate"], rel=rtol)
        if group == "Total":
            assert row["std_error"] == pytest.approx(reference.loc[stat, "se"], rel=rtol)
        else:
            # A group's own figure stands in the design of its members, survey's in that of all.
            n = wave.groups("party4")
            members = next(each.respondents.sum() for each in n if each.key == group)
            whole = np.sqrt(2000 / 1999 * (members - 1) / members)
            assert row["std_error"] * whole == pytest.approx(reference.loc[stat, "se"], rel=rtol)


@pytest.mark.parametrize("scheme", ["unit_none", "unit_cal_linear", "wt_cal_raking"])
def test_the_jackknife_is_that_of_survey(weighted, golden, scheme):
    reference = golden("survey_conjoint_mm_jk1")
    reference = reference[reference["scheme"] == scheme].set_index("term")
    made = cj.replicate(weighted(scheme), cj.marginal_means, method="jackknife")
    frame = made.frame
    frame["term"] = frame["attribute"] + frame["level"]
    own = frame.set_index("term").loc[
        [term for term in reference.index if term in set(frame["term"])]
    ]
    theirs = reference.loc[own.index]
    assert len(own) == 32
    np.testing.assert_allclose(own["estimate"], theirs["estimate"], rtol=1e-6)
    np.testing.assert_allclose(own["std_error"], theirs["se_jk1_mse"], rtol=1e-5)
