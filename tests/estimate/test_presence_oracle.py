"""Attributes that one arm, or some profiles, do not show, against estimatr's lm_robust with CR2."""

import shutil
import subprocess
from pathlib import Path
from runpy import run_path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import conjoint as cj

FOLDER = Path(__file__).parent.parent / "oracles" / "matchups"
DESIGNS = ("by_task", "by_person")
BY_PERSON = {
    "brand": {"column": "arm", "arm": "labelled"},
    "warranty": {"column": "arm", "arm": "plain"},
}
EVERY_PROFILE = {
    "labelled": ("price", "size", "brand"),
    "plain": ("price", "size", "warranty"),
    "both": ("price", "size"),
}
SEEN = {arm: (*names, "origin") for arm, names in EVERY_PROFILE.items()}
SEEN["both"] += tuple(BY_PERSON)
"""What any profile of an arm shows."""

COLUMNS = ["estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high"]


def read(path):
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


FIGURES = read(FOLDER / "figures.csv")
JUDGED = FIGURES.groupby(["design", "weights", "arm", "case"])


@pytest.fixture(scope="module", params=DESIGNS)
def design(request):
    return request.param


@pytest.fixture(scope="module", params=["one", "given"])
def weights(request):
    return request.param


@pytest.fixture(scope="module", params=list(EVERY_PROFILE))
def arm(request):
    return request.param


@pytest.fixture(scope="module")
def frame(design, arm):
    """The profiles of an arm, or of both."""
    frame = pd.read_csv(FOLDER / f"{design}.csv")
    return frame if arm == "both" else frame[frame["arm"] == arm]


@pytest.fixture(scope="module")
def wave_of(design, weights):
    """Make a wave of profiles and attributes; what some do not show is declared."""

    def make(frame, attributes, **options):
        arms = BY_PERSON if design == "by_person" and "arm" not in attributes else {}
        absent = [name for name in attributes if frame[name].isna().any()]
        return cj.Wave.from_frame(
            frame, respondent="id", outcome="chosen", attributes=attributes,
            weight="weight" if weights == "given" else None,
            presence={name: arms.get(name, "some") for name in absent}, **options,
        )  # fmt: skip

    return make


@pytest.fixture(scope="module")
def wave(wave_of, frame, arm):
    return wave_of(frame, SEEN[arm], task="task", profile="profile")


@pytest.fixture
def judged(design, weights, arm):
    """The judge's figures of a case, those of one attribute where it is named."""

    def find(case, attribute=None):
        part = JUDGED.get_group((design, weights, arm, case))
        return part if attribute is None else part[part["attribute"] == attribute]

    return find


def check(expected, estimates):
    """Hold the judge's figures, and all that follows from them, against those of the same levels."""
    estimates = estimates.with_interval("wald")
    frame = estimates.frame.assign(df=estimates.degrees).set_index(["attribute", "level"])
    over = " over " if "choice-level mean" in set(frame["estimand"]) else None
    level = expected["level"] if over is None else expected["level"] + over + expected["against"]
    result = frame.loc[list(zip(expected["attribute"], level, strict=True)), COLUMNS]
    assert len(expected)
    np.testing.assert_allclose(result, expected[COLUMNS], rtol=1e-8, atol=0)


def effects(wave, expected, **options):
    baselines = dict(zip(expected["attribute"], expected["against"], strict=True))
    return cj.amce(wave, baselines=baselines, variance="CR2", **options)


def test_effects_of_what_every_profile_shows(wave_of, frame, arm, judged):
    expected = judged("amce")
    wave = wave_of(frame, EVERY_PROFILE[arm], task="task", profile="profile")
    check(expected, effects(wave, expected))


def test_effects_with_an_indicator_of_what_is_absent(wave, judged):
    expected = judged("with_absent")
    check(expected, effects(wave, expected))


def test_effects_in_the_profiles_that_show_everything(wave_of, frame, arm, judged):
    expected = judged("complete")
    complete = frame[frame["origin"].notna()]
    check(expected, effects(wave_of(complete, (*EVERY_PROFILE[arm], "origin")), expected))


def test_effects_of_one_attribute_alone(wave_of, frame, arm, judged):
    for name in SEEN[arm]:
        expected = judged("alone", name)
        check(expected, effects(wave_of(frame[frame[name].notna()], [name]), expected))


def test_means_of_the_profiles_that_show_an_attribute(wave, judged):
    check(judged("mean"), cj.marginal_means(wave, variance="CR2"))


def test_choices_between_two_levels_that_a_task_shows(wave, judged):
    check(judged("afcp"), cj.choice_means(wave, variance="CR2"))


@pytest.mark.parametrize("arm", ["both"], indirect=True)
@pytest.mark.parametrize(
    ("case", "names"),
    [("difference_common", ()), ("difference", ("brand", "warranty"))],
    ids=["common", "each"],
)
def test_effects_of_one_arm_less_the_others(wave_of, frame, judged, case, names):
    """The arm is an attribute of the profile, so that a person may be in both."""
    expected = judged(case)
    wave = wave_of(frame, ("price", "size", *names, "arm"), task="task", profile="profile")
    apart = cj.differences(effects(wave, expected, by="arm"), "plain")
    check(expected, apart.without_missing())


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    """The scripts in a folder of their own, and the data that the first of them draws there."""
    folder = tmp_path_factory.mktemp("matchups")
    for script in ("make_data.py", "figures.R"):
        shutil.copy(FOLDER / script, folder)
    run_path(str(folder / "make_data.py"), run_name="__main__")
    return folder


def test_the_script_draws_these_data(again):
    for name in DESIGNS:
        assert (again / f"{name}.csv").read_text() == (FOLDER / f"{name}.csv").read_text()


def test_the_judge_gives_these_figures(again):
    r = shutil.which("Rscript")
    if r is None:
        pytest.skip("R is not on the path")
    if subprocess.run([r, "-e", "library(estimatr)"], capture_output=True).returncode:
        pytest.skip("R has no package estimatr")
    subprocess.run([r, again / "figures.R"], check=True, capture_output=True)
    assert_frame_equal(read(again / "figures.csv"), FIGURES, check_exact=False, rtol=1e-8, atol=0)
