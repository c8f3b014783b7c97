"""Weights are those of R's survey and anesrake."""

import json

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.weight import calibrate, efficiency, post_stratify, rake, trim, weighting_summary
from conjoint.weight.trim import cut_weights

CLOSED, ITERATED = 1e-8, 1e-6


@pytest.fixture(scope="module")
def population(oracle):
    """The targets, which are invented."""
    return json.loads((oracle / "data" / "taxes_population.json").read_text())


@pytest.fixture(scope="module")
def margins(population):
    return population["margins"]


@pytest.fixture(scope="module")
def waves(oracle, margins):
    """Respondents of the taxes data by their starting weights, two profiles each."""
    people = pd.read_csv(
        oracle / "data" / "taxes_respondents.csv", keep_default_na=False, na_values=[""]
    )
    people["xnum"] = (people["ID"] // 11) % 60 + 18
    two = people.loc[people.index.repeat(2)].reset_index(drop=True)
    two = two.assign(price=["low", "high"] * len(people), chosen=[1, 0] * len(people))

    def wave(weight):
        return cj.Wave.from_frame(
            two,
            respondent="ID",
            outcome="chosen",
            attributes=["price"],
            weight=weight,
            segments=[*margins, "xnum"],
        )

    return {"unit": wave(None), "wt": wave("weight")}


@pytest.fixture(scope="module")
def reference(golden):
    return golden("survey_weights")


@pytest.fixture(params=["unit", "wt"])
def start(request):
    return request.param


def agree(wave, theirs, tolerance):
    assert len(theirs) == wave.n_respondents == 2000
    np.testing.assert_allclose(wave.weights, theirs / theirs.mean(), rtol=tolerance)


def test_raking_to_five_margins(waves, margins, reference, start):
    agree(rake(waves[start], margins), reference[f"{start}_rake5"], ITERATED)


def test_raking_to_three_margins(waves, margins, reference, start):
    three = {name: margins[name] for name in ("party4", "ineq", "harm3")}
    agree(rake(waves[start], three), reference[f"{start}_rake3"], ITERATED)


def test_linear_calibration(waves, margins, reference, start):
    linear = calibrate(waves[start], margins, distance="linear")
    agree(linear, reference[f"{start}_cal_linear"], CLOSED)
    assert linear.calibration.rounds == 1


@pytest.mark.parametrize(
    ("distance", "bounds", "case"),
    [
        ("raking", None, "cal_raking"),
        ("logit", (0.2, 4), "cal_logit"),
        ("linear", "own", "cal_linear_bounded"),
        ("raking", "own", "cal_raking_bounded"),
    ],
)
def test_calibration(waves, margins, reference, start, distance, bounds, case):
    if bounds == "own":
        bounds = {"unit": (0.5, 1.8), "wt": (0.3, 3)}[start]
    made = calibrate(waves[start], margins, distance=distance, bounds=bounds)
    agree(made, reference[f"{start}_{case}"], ITERATED)


def test_post_stratification(waves, population, reference, start):
    joint = {
        f"{party} * {answer}": share
        for party, shares in population["joint_party4_ineq"].items()
        for answer, share in shares.items()
    }
    agree(
        post_stratify(waves[start], {"party4 * ineq": joint}),
        reference[f"{start}_poststrat"],
        CLOSED,
    )


def test_trimming_until_all_weights_lie_between(waves, margins, reference, start):
    trimmed = trim(rake(waves[start], margins), lower=0.4, upper=2, again=False)
    agree(trimmed, reference[f"{start}_trim_rake5"], ITERATED)


def test_trimming_once(reference, start):
    weights = reference[f"{start}_rake5"].to_numpy() / 500
    once = cut_weights(weights, 0.4, 2, strict=False)
    np.testing.assert_allclose(once * 500, reference[f"{start}_trim_rake5_once"], rtol=CLOSED)


@pytest.mark.parametrize(("distance", "tolerance"), [("raking", ITERATED), ("linear", CLOSED)])
def test_a_number_among_the_targets(waves, margins, golden, distance, tolerance):
    theirs = golden("survey_weights_numeric_aux")
    assert (waves["unit"].respondents["xnum"] == theirs["xnum"]).all()
    targets = {"party4": margins["party4"], "xnum": 49}
    agree(calibrate(waves["unit"], targets, distance=distance), theirs[distance], tolerance)


# --- anesrake ---------------------------------------------------------------------------------


def test_anesrake_without_a_cap_that_binds(waves, margins, golden):
    theirs = golden("survey_anesrake")
    agree(rake(waves["unit"], margins), theirs["nolim_all"], ITERATED)


def test_anesrake_of_the_variables_it_chose(waves, margins, golden):
    chosen = {name: shares for name, shares in margins.items() if name != "sex_syn"}
    agree(rake(waves["unit"], chosen), golden("survey_anesrake")["pctlim5"], ITERATED)


@pytest.mark.parametrize(
    ("case", "weights", "cap"), [("cap1p5", "unit", 1.5), ("nolim_all_wt", "wt", 5)]
)
def test_capped_weights_keep_the_cap_and_move_less_than_anesrake_s(
    waves, margins, golden, case, weights, cap
):
    """anesrake cuts and rakes in turn, so its weights end near the cap, some above, and depend on
    the order of the margins; those here are the nearest to the start."""
    theirs = golden("survey_anesrake")[case].to_numpy()
    wave = waves[weights]
    raked = rake(wave, margins)
    capped = trim(raked, upper=cap)
    assert theirs.max() > cap
    assert capped.weights.max() <= cap * (1 + 1e-9)
    assert capped.calibration.discrepancy <= 1e-10
    before = wave.weights / wave.weights.mean()

    def moved(w):
        return (w * np.log(w / before) - w + before).sum()

    assert moved(raked.weights) < moved(trim(raked, upper=theirs.max()).weights)
    assert moved(trim(raked, upper=theirs.max()).weights) <= moved(theirs) * (1 + 1e-9)
    assert np.corrcoef(capped.weights, theirs)[0, 1] > 0.999


# --- What weights cost ------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["none", "rake5", "cal_linear", "cal_logit", "trim_rake5"])
def test_the_price_of_weights(golden, reference, start, case):
    scheme = f"{start}_{case}"
    row = golden("survey_means").set_index(["scheme", "stat"]).loc[(scheme, "mean_y")]
    found = efficiency(reference[scheme].to_numpy())
    assert found.n == row["n"]
    assert found.effective == pytest.approx(row["ess"], rel=1e-10)
    assert found.design_effect == pytest.approx(row["deff_kish"], rel=1e-10)
    assert found.smallest * 500 == pytest.approx(row["w_min"], rel=1e-10)
    assert found.largest * 500 == pytest.approx(row["w_max"], rel=1e-10)
    assert found.variation == pytest.approx(row["cv"], rel=1e-7, abs=1e-7)


def test_the_summary_says_the_same(waves, margins, golden, start):
    row = golden("survey_means").set_index(["scheme", "stat"]).loc[(f"{start}_rake5", "mean_y")]
    found = weighting_summary(rake(waves[start], margins)).set_index("measure")["value"]
    assert found["respondents"] == 2000
    assert found["effective"] == pytest.approx(row["ess"], rel=1e-6)
    assert found["design_effect"] == pytest.approx(row["deff_kish"], rel=1e-6)
    assert found["design_effect_start"] == pytest.approx(
        efficiency(waves[start].weights).design_effect
    )
    assert found["discrepancy"] <= 1e-10
