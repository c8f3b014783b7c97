"""A wide file becomes the long one that cregg makes of it."""

import pandas as pd
import pytest

from conjoint import read_wave

TOML = """\
title = "Wide"
[data]
layout = "wide"
respondent = "respondent"
tasks = ["a", "b", "c", "d"]
profiles = ["1", "2"]
attribute = "{attribute}{task}{profile}"
[outcomes.choice]
kind = "choice"
column = "choice_{task}"
chosen = { 1 = 1, 2 = 2 }
[outcomes.rating]
kind = "rating"
column = "rating_{task}{profile}"
min = 1
max = 7
"""


@pytest.fixture
def wave(oracle, tmp_path):
    data = oracle / "data" / "wide_conjoint.csv"
    wide = pd.read_csv(data)
    toml = TOML
    for name in ("feature1", "feature2", "feature3"):
        columns = [f"{name}{task}{profile}" for task in "abcd" for profile in "12"]
        levels = sorted(set(wide[columns].to_numpy().ravel()))
        toml += f"[attributes.{name}]\nlevels = {levels}\n"
    (tmp_path / "survey.toml").write_text(toml)
    return read_wave(tmp_path, data=data)


def test_every_cell_of_every_profile(wave, golden):
    reference = golden("wide_cj_tidy").sort_values(["respondent", "task", "profile"])
    profiles = wave.profiles.sort_values(["respondent", "task", "profile"], key=by_number)
    assert len(profiles) == len(reference) == 800
    for name in ("feature1", "feature2", "feature3", "rating"):
        assert profiles[name].tolist() == reference[name].tolist()
    # cregg keeps the number of the chosen profile in both rows of a task.
    chosen = reference["profile"].map({"A": 1, "B": 2}) == reference["choice"]
    assert profiles["choice"].tolist() == chosen.astype(float).tolist()


def by_number(column):
    return column.astype(int) if column.name == "respondent" else column


def test_respondent_columns_stay_with_the_respondent(wave, golden):
    reference = golden("wide_cj_tidy").drop_duplicates("respondent").set_index("respondent")
    people = wave.respondents.astype({"respondent": int, "covariate2": int}).set_index("respondent")
    assert people["covariate2"].to_dict() == reference["covariate2"].to_dict()
