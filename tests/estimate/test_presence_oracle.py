"""Attributes that one arm, or some profiles, do not show, against estimatr's lm_robust with CR2."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import conjoint as cj

FOLDER = Path(__file__).parent.parent / "oracles" / "matchups"
ATTRIBUTES = ["price", "size", "brand", "warranty", "origin"]
COLUMNS = ["estimate", "std_error", "df", "p_value"]
FIGURES = pd.read_csv(FOLDER / "figures.csv", keep_default_na=False, na_values=[""])


@pytest.fixture(scope="module", params=["by_task", "by_person"])
def design(request):
    return request.param


@pytest.fixture(scope="module", params=["one", "given"])
def weights(request):
    return request.param


@pytest.fixture(scope="module")
def wave(design, weights):
    frame = pd.read_csv(FOLDER / f"{design}.csv")
    presence = dict.fromkeys(("brand", "warranty", "origin"), "some")
    if design == "by_person":
        presence |= {
            "brand": {"column": "arm", "arm": "labelled"},
            "warranty": {"column": "arm", "arm": "plain"},
        }
    return cj.Wave.from_frame(
        frame, respondent="id", task="task", profile="profile", outcome="chosen",
        attributes=ATTRIBUTES, weight="weight" if weights == "given" else None, presence=presence,
    )  # fmt: skip


def judged(design, weights, case, arm="both"):
    part = FIGURES.query("design == @design and weights == @weights and case == @case")
    return part[part["arm"] == arm]


def check(expected, estimates, level=lambda row: row.level):
    """Hold a table of the judge's against the figures of the same level."""
    frame = estimates.frame.assign(df=estimates.degrees)
    frame = frame.set_index(["attribute", "level"])[COLUMNS]
    assert len(expected)
    result = frame.loc[[(row.attribute, level(row)) for row in expected.itertuples()]]
    np.testing.assert_allclose(result, expected[COLUMNS], rtol=1e-7, atol=1e-12)


def test_effects_with_an_indicator_of_what_is_absent(wave, design, weights):
    expected = judged(design, weights, "with_absent")
    baselines = {row.attribute: row.against for row in expected.itertuples()}
    check(expected, cj.amce(wave, baselines=baselines, variance="CR2"))


def test_means_of_the_profiles_that_show_an_attribute(wave, design, weights):
    expected = judged(design, weights, "mean")
    check(expected, cj.marginal_means(wave, variance="CR2"))


def test_choices_between_two_levels_that_a_task_shows(wave, design, weights):
    expected = judged(design, weights, "afcp")
    check(
        expected,
        cj.choice_means(wave, variance="CR2"),
        lambda row: f"{row.level} over {row.against}",
    )
