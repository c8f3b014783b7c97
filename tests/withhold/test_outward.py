"""What leaves the house is rounded, and printed as it was."""

import numpy as np
import pandas as pd
import pytest

from conjoint.withhold.outward import coarsened, outward, outward_numbers, rounded


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(3)
    n = 20_000
    estimate, error = rng.random(n), 0.05 * rng.random(n)
    return pd.DataFrame(
        {
            "estimate": estimate,
            "std_error": error,
            "conf_low": estimate - 1.96 * error,
            "conf_high": estimate + 1.96 * error,
            "p_value": rng.random(n) ** 4,
            "covariance": 1e-4 * rng.normal(size=n),
            "weighted_base": 900 * rng.random(n),
            "statistic": 9 * rng.normal(size=n),
            "n_respondents": rng.integers(50, 900, n),
        }
    )


def test_four_decimals_whole_people_and_four_digits(frame):
    made = outward("any", frame)
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        assert (made[name] == made[name].round(4)).all()
        assert (made[name] - frame[name]).abs().max() < 2.01e-4
    assert (made["weighted_base"] == frame["weighted_base"].round()).all()
    assert (made["statistic"] == made["statistic"].round(2)).all()
    assert made["covariance"].map(lambda value: float(f"{value:.3e}")).equals(made["covariance"])
    assert made["n_respondents"].equals(frame["n_respondents"])


def test_what_is_printed_stays(frame):
    made = outward("any", frame)
    for name in ("estimate", "conf_low", "conf_high"):
        for decimals in (0, 1):
            before = [f"{100 * value:.{decimals}f}" for value in frame[name]]
            assert [f"{100 * value:.{decimals}f}" for value in made[name]] == before
        assert (np.sign(made[name]) == np.sign(frame[name])).all()
        assert ((made[name] > 0.5) == (frame[name] > 0.5)).all()
    errors = [f"{100 * value:.2f}" for value in frame["std_error"]]
    assert [f"{100 * value:.2f}" for value in made["std_error"]] == errors
    for level in (0.1, 0.05, 0.01, 0.001):
        assert ((made["p_value"] < level) == (frame["p_value"] < level)).all()
    half = [f"{50 * width:.0f}" for width in frame["conf_high"] - frame["conf_low"]]
    assert [f"{50 * width:.0f}" for width in made["conf_high"] - made["conf_low"]] == half


def test_rounding_again_changes_nothing(frame):
    made = outward("any", frame)
    pd.testing.assert_frame_equal(outward("any", made), made)


def test_halves_stay_halves_and_nothing_becomes_one():
    values = np.array([0.485, 0.48499, 0.48501, 0.48546, 0.48554, 0.49999, 0.00004, -0.00004, 0.0])
    assert rounded(values).tolist() == [
        0.485, 0.4849, 0.4851, 0.4854, 0.4856, 0.4999, 0.0001, -0.0001, 0.0,
    ]  # fmt: skip
    assert rounded(np.array([np.nan, np.inf, -np.inf])).tolist()[1:] == [np.inf, -np.inf]


def test_what_is_of_the_design_is_left_alone():
    table = pd.DataFrame({"drawn": [1 / 3], "estimate": [1 / 3]})
    made = outward("explorer_cells", table)
    assert made["drawn"].iloc[0] == 1 / 3
    assert made["estimate"].iloc[0] == 0.3333


def test_numbers_of_the_provenance_are_rounded_too():
    told = {
        "weighting": {"efficiency": 0.774002, "effective": 1833.61, "largest": 6.2371, "n": [1]}
    }
    assert outward_numbers(told) == {
        "weighting": {"efficiency": 0.774, "effective": 1834.0, "largest": 6.24, "n": [1]}
    }


def test_a_whole_percentage_is_all_that_is_left_of_coarse_rows():
    table = pd.DataFrame(
        {"estimate": [0.12345, 0.12345, 0.001], "statistic": 2.0, "unweighted": 0.125, "other": 0.3}
    )
    made = coarsened(table, np.array([False, True, True]))
    assert made["estimate"].tolist() == [0.12345, 0.12, 0.004]
    assert made["statistic"].isna().tolist() == [False, True, True]
    assert made["unweighted"].isna().tolist() == [False, True, True]
    assert made["other"].tolist() == [0.3] * 3
