"""Percentages, errors and column tests against R's survey on the survey that ships."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import conjoint as cj
from conjoint.survey import Net
from conjoint.toplines import tables
from conjoint.toplines.banner import make_banner

HERE = Path(__file__).parent
FIGURES = HERE.parent / "oracles" / "toplines" / "figures.csv"
ROUTES = HERE.parent.parent / "surveys" / "routes_for_returns_2026"
QUESTIONS = ["deal", "work", "open_to_labour"]


@pytest.fixture(scope="module")
def figures():
    return pd.read_csv(FIGURES, keep_default_na=False, na_values=[""])


@pytest.fixture(scope="module")
def wave():
    raked = cj.rake(cj.read_wave(ROUTES)).at_start()
    survey = raked.survey
    net = {"Net support": Net(plus=("Support",), minus=("Oppose",))}
    deal = survey.questions["deal"].model_copy(update={"nets": net})
    questions = survey.questions | {"deal": deal}
    return replace(raked, survey=survey.model_copy(update={"questions": questions}))


@pytest.fixture(scope="module", params=["fixed", "calibrated"])
def made(request, wave, figures):
    own = wave.fixed() if request.param == "fixed" else wave
    crossbreaks = ["segments", "sex", "age_group", "region"]
    return (
        own,
        tables(own, crossbreaks, questions=QUESTIONS, interval="wald"),
        figures[figures["weights"] == request.param],
    )


def test_percentages_and_errors(made):
    wave, tabulated, figures = made
    reference = figures[figures["what"].isin(["svymean", "svyby"])]
    frame = pd.concat([table.frame for table in tabulated])
    rows = frame.merge(
        reference, on=["question", "row", "group"], suffixes=("", "_reference"), validate="1:1"
    )
    assert len(rows) == len(reference) == 8 * 23
    np.testing.assert_allclose(rows["estimate"], rows["estimate_reference"], rtol=1e-8)
    # A column's own figure stands in the design of its members, survey's in that of all.
    n = wave.n_respondents
    banner = {key: who.sum() for key, who in members_of(wave).items()}
    m = rows["group"].map(banner).to_numpy()
    whole = np.sqrt(n / (n - 1) * (m - 1) / m)
    np.testing.assert_allclose(rows["std_error"] * whole, rows["std_error_reference"], rtol=1e-8)


def test_column_tests(made):
    """Survey compares columns in one design of everybody; the table's tests are those of the two columns.

    ``test_column_tests_are_contrasts_of_the_estimates`` has that they are the same figures, each column's
    own G apart.
    """
    wave, tabulated, figures = made
    reference = figures[figures["what"].isin(["svyttest", "svycontrast"])]
    assert len(reference) == 8 * (1 + 15 + 5)
    compared = 0
    for table in tabulated:
        theirs = reference[reference["question"] == table.question]
        for group, rows in theirs.groupby("reference"):
            gap = cj.differences(table.estimates, group, one_design=True).frame
            rows = rows.assign(group=rows["group"] + f" − {group}")
            both = gap.merge(
                rows, left_on=["level", "group"], right_on=["row", "group"], suffixes=("", "_r")
            )
            assert len(both) == len(rows)
            for name in ("estimate", "std_error", "statistic"):
                np.testing.assert_allclose(both[name], both[f"{name}_r"], rtol=1e-8, atol=1e-14)
            p_value = 2 * stats.t.sf(both["statistic_r"].abs(), wave.n_respondents - 1)
            np.testing.assert_allclose(both["p_value"], p_value, rtol=1e-6, atol=1e-15)
            compared += len(both)
            mine = table.tests[table.tests["reference"] == group].set_index(["row", "group"])
            mine = mine.loc[
                list(
                    zip(theirs.loc[rows.index, "row"], theirs.loc[rows.index, "group"], strict=True)
                )
            ]
            ratio = mine["std_error"].to_numpy() / rows["std_error"].to_numpy()
            assert (np.abs(ratio - 1) < 1 / 97).all()
    assert compared == len(reference)


def members_of(wave):
    return dict(make_banner(wave, ["segments", "sex", "age_group", "region"]).groups())
