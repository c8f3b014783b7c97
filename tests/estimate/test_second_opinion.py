"""statsmodels and linearmodels on simulated data, where no reference results are needed."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from linearmodels.panel import PanelOLS, PooledOLS

import conjoint as cj

N = 150


@pytest.fixture(scope="module")
def frame(simulated):
    return simulated(20260511, n=N)


def dummies(frame):
    """Intercept and the levels but the first, in the order of an AMCE's rows."""
    names = ["price", "colour", "size"]
    X = pd.get_dummies(frame[names], drop_first=True, dtype=float)
    return sm.add_constant(X)


def estimated(estimates):
    """Figures and standard errors of the rows that are not baselines."""
    rows = ~estimates.fixed
    return estimates.values[rows], estimates.std_errors[rows]


@pytest.mark.parametrize("outcome", ["chosen", "rating"])
@pytest.mark.parametrize("weight", [None, "weight"])
def test_amce_is_weighted_least_squares_clustered_by_respondent(frame, as_wave, outcome, weight):
    values, errors = estimated(cj.amce(as_wave(frame, outcome=outcome, weight=weight)))
    weights = 1.0 if weight is None else frame[weight]
    fit = sm.WLS(frame[outcome], dummies(frame), weights=weights).fit(
        cov_type="cluster", cov_kwds={"groups": frame["id"], "use_correction": False}
    )
    # Without its correction statsmodels gives CR0; the linearised variance is G / (G - 1) of it.
    np.testing.assert_allclose(values, fit.params[1:], rtol=1e-9)
    np.testing.assert_allclose(errors, fit.bse[1:] * np.sqrt(N / (N - 1)), rtol=1e-9)


def test_the_correction_of_statsmodels_is_another_one(frame, as_wave):
    """With `use_correction` statsmodels gives CR1: (N - 1) / (N - K) comes on top."""
    _, errors = estimated(cj.amce(as_wave(frame)))
    X = dummies(frame)
    fit = sm.OLS(frame["chosen"], X).fit(
        cov_type="cluster", cov_kwds={"groups": frame["id"], "use_correction": True}
    )
    rows, columns = X.shape
    ratio = np.sqrt((rows - 1) / (rows - columns))
    np.testing.assert_allclose(fit.bse[1:] / errors, ratio, rtol=1e-9)


@pytest.mark.parametrize("weight", [None, "weight"])
def test_amce_agrees_with_linearmodels(frame, as_wave, weight):
    values, errors = estimated(cj.amce(as_wave(frame, weight=weight)))
    panel = frame.assign(row=range(len(frame))).set_index(["id", "row"])
    weights = None if weight is None else panel[weight]
    for model in (PooledOLS, PanelOLS):
        fit = model(panel["chosen"], dummies(panel), weights=weights).fit(
            cov_type="clustered", cluster_entity=True, debiased=False
        )
        np.testing.assert_allclose(values, fit.params[1:], rtol=1e-9)
        np.testing.assert_allclose(errors, fit.std_errors[1:] * np.sqrt(N / (N - 1)), rtol=1e-9)


@pytest.mark.parametrize("weight", [None, "weight"])
def test_marginal_means_are_a_regression_on_levels_without_intercept(frame, as_wave, weight):
    estimates = cj.marginal_means(as_wave(frame, weight=weight)).select(attribute="price")
    weights = 1.0 if weight is None else frame[weight]
    levels = pd.get_dummies(frame["price"], dtype=float)
    fit = sm.WLS(frame["chosen"], levels, weights=weights).fit(
        cov_type="cluster", cov_kwds={"groups": frame["id"], "use_correction": False}
    )
    scale = N / (N - 1)
    np.testing.assert_allclose(estimates.values, fit.params, rtol=1e-9)
    np.testing.assert_allclose(
        estimates.covariance, fit.cov_params() * scale, rtol=1e-8, atol=1e-14
    )


def test_joint_means_are_a_regression_on_the_combinations(frame, as_wave):
    estimates = cj.joint_means(as_wave(frame), ("price", "colour"))
    cells = frame["price"].astype(str) + " * " + frame["colour"].astype(str)
    fit = sm.OLS(frame["chosen"], pd.get_dummies(cells, dtype=float)).fit(
        cov_type="cluster", cov_kwds={"groups": frame["id"], "use_correction": False}
    )
    mine = estimates.frame.set_index("level")
    np.testing.assert_allclose(mine["estimate"][fit.params.index], fit.params, rtol=1e-9)
    np.testing.assert_allclose(
        mine["std_error"][fit.bse.index], fit.bse * np.sqrt(N / (N - 1)), rtol=1e-9
    )


def test_effects_within_a_group_are_a_regression_on_its_rows(frame, as_wave):
    values, errors = estimated(cj.amce(as_wave(frame), by="party").select(group="Left"))
    left = frame[frame["party"] == "Left"]
    people = left["id"].nunique()
    fit = sm.OLS(left["chosen"], dummies(left)).fit(
        cov_type="cluster", cov_kwds={"groups": left["id"], "use_correction": False}
    )
    np.testing.assert_allclose(values, fit.params[1:], rtol=1e-9)
    np.testing.assert_allclose(errors, fit.bse[1:] * np.sqrt(people / (people - 1)), rtol=1e-9)
