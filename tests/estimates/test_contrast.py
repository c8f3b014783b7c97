"""Figures made of figures: against arithmetic on respondents left out one by one."""

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.errors import EstimationError, RequestError
from conjoint.estimates import contrast, stack


@pytest.fixture(scope="module")
def frame(simulated):
    return simulated(11, n=50)


@pytest.fixture(scope="module")
def means(frame, as_wave):
    return cj.marginal_means(as_wave(frame, weight="weight"), by="party")


LOW, HIGH = {"attribute": "price", "level": "low"}, {"attribute": "price", "level": "high"}


def value(estimates, **keys):
    return float(estimates.select(**keys).values[0])


def test_the_first_minus_the_second_for_every_group(means):
    gap = contrast(means, [LOW, HIGH])
    assert gap.frame["group"].to_list() == ["Left", "Right"]
    for row, group in enumerate(("Left", "Right")):
        expected = value(means, group=group, **LOW) - value(means, group=group, **HIGH)
        assert gap.values[row] == pytest.approx(expected, rel=1e-14)
    places = [
        int(np.flatnonzero((means.labels["group"] == "Left") & (means.labels["level"] == level))[0])
        for level in ("low", "high")
    ]
    V = means.covariance[np.ix_(places, places)]
    assert gap.std_errors[0] ** 2 == pytest.approx(V[0, 0] + V[1, 1] - 2 * V[0, 1], rel=1e-12)
    assert gap.frame["level"].to_list() == ["low − high"] * 2
    assert set(gap.frame["estimand"]) == {"contrast"}


def test_rows_may_stand_in_different_groups(means):
    gap = contrast(means, [LOW | {"group": "Left"}, LOW | {"group": "Right"}])
    expected = cj.differences(means, reference="Right").select(**LOW)
    assert gap.values == pytest.approx(expected.values)
    assert gap.std_errors == pytest.approx(expected.std_errors)
    assert gap.frame["group"].to_list() == ["Left − Right"]


def test_weights_make_any_linear_combination(means):
    average = contrast(means, [LOW, HIGH], weights=[0.5, 0.5], label="either")
    expected = 0.5 * (value(means, group="Left", **LOW) + value(means, group="Left", **HIGH))
    assert average.values[0] == pytest.approx(expected)
    assert average.frame[["level", "estimand"]].iloc[0].to_list() == ["either", "combination"]


def test_a_ratio_has_the_standard_error_of_the_delta_method(means):
    ratio = contrast(means, [LOW, HIGH], function=lambda low, high: low / high)
    low, high = value(means, group="Left", **LOW), value(means, group="Left", **HIGH)
    rows = means.select(group="Left", attribute="price", level=["low", "high"])
    order = [list(rows.labels["level"]).index(level) for level in ("low", "high")]
    V = rows.covariance[np.ix_(order, order)]
    slope = np.array([1 / high, -low / high**2])
    assert ratio.values[0] == pytest.approx(low / high, rel=1e-14)
    assert ratio.std_errors[0] == pytest.approx(np.sqrt(slope @ V @ slope), rel=1e-9)


def test_a_function_that_is_linear_is_the_combination(means):
    linear = contrast(means, [LOW, HIGH], weights=[2.0, -0.5])
    smooth = contrast(means, [LOW, HIGH], function=lambda a, b: 2 * a - 0.5 * b)
    np.testing.assert_allclose(smooth.influence, linear.influence, rtol=1e-8, atol=1e-14)


def test_figures_of_two_estimators_can_be_compared(frame, as_wave):
    wave = as_wave(frame)
    both = stack([cj.marginal_means(wave), cj.amce(wave)])
    gap = contrast(both, [LOW | {"estimand": "marginal mean"}, LOW | {"estimand": "amce"}])
    jackknife = []
    for person in frame["id"].unique():
        rest = as_wave(frame[frame["id"] != person])
        jackknife.append(value(cj.marginal_means(rest), **LOW) - value(cj.amce(rest), **LOW))
    n = len(jackknife)
    error = np.sqrt((n - 1) / n * np.sum((np.array(jackknife) - gap.values[0]) ** 2))
    # The linearised variance and the jackknife agree up to terms of order 1 / n.
    assert gap.std_errors[0] == pytest.approx(error, rel=0.1)


def test_one_contrast_for_each_outcome(frame, as_wave):
    wave = as_wave(frame, outcome=["chosen", "rating"])
    gap = contrast(cj.marginal_means(wave), [LOW, HIGH])
    assert gap.frame["outcome"].to_list() == ["chosen", "rating"]


@pytest.mark.parametrize(
    ("rows", "options", "said"),
    [
        ([LOW, {"attribute": "prize"}], {}, r"rows\[1\]: no figure .* price, colour, size"),
        ([LOW, {"attribute": "price", "level": "dear"}], {}, "level: low, mid, high"),
        ([LOW, {"attribute": "price"}], {}, r"rows\[1\]: 3 figures have"),
        ([LOW, {"size": "S"}], {}, r'rows\[1\]: there is no "size"'),
        ([LOW], {}, "rows: 1 of them"),
        ([LOW, HIGH], {"weights": [1.0]}, "weights: 1 for 2 rows"),
        ([LOW, HIGH], {"weights": [1, -1], "function": max}, "together with a function"),
        ([], {"weights": []}, "rows: there are none"),
    ],
)
def test_what_cannot_be_combined_is_said(means, rows, options, said):
    with pytest.raises(RequestError, match=said):
        contrast(means, rows, **options)


def test_rows_that_never_stand_together(means):
    left = LOW | {"group": "Left"}
    both = stack([means.select(group="Left"), means.select(group="Right")])
    only = both.select(group="Left")
    with pytest.raises(RequestError, match="group: Left"):
        contrast(only, [left, HIGH | {"group": "Right"}])


def test_a_function_without_a_finite_value_is_an_error(means):
    with pytest.raises(EstimationError, match="not finite"):
        contrast(means, [LOW, HIGH], function=lambda low, high: np.log(low - 2) + high)


def test_baselines_may_take_part(frame, as_wave):
    effects = cj.amce(as_wave(frame))
    gap = contrast(effects, [HIGH, LOW])
    assert gap.values[0] == pytest.approx(value(effects, **HIGH))
    assert np.isfinite(gap.std_errors[0])
    nothing = contrast(effects, [LOW, {"attribute": "colour", "level": "red"}])
    assert nothing.values[0] == 0
    assert np.isnan(nothing.std_errors[0])
    assert isinstance(nothing.frame, pd.DataFrame)
