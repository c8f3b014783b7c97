"""A wide file becomes one row a profile."""

import numpy as np
import pandas as pd
import pytest

from conjoint import read_wave

TOML = """\
title = "Two people"
[data]
file = "responses.csv"
layout = "wide"
respondent = "ID"
tasks = ["1", "2"]
profiles = ["L", "R"]
attribute = "{attribute}_{task}{profile}"
repeat = { task = "9", of = "1" }
weight = "w"
[attributes.cap]
column = "Cap"
levels = [5000, 10000]
[attributes.reduction]
levels = ["None", "NA", "25%"]
[outcomes.choice]
kind = "choice"
column = "pick{task}"
chosen = { L = "Left one", R = "Right one" }
[outcomes.support]
kind = "support"
column = "s{task}{profile}"
positive = "Support"
negative = ["Oppose", "Don't know"]
missing = ["Skipped"]
[outcomes.score]
kind = "rating"
column = "r{task}{profile}"
min = 0
max = 10
missing = "-"
"""

HEADER = (
    "ID,w,age,pick1,pick2,pick9,"
    + ",".join(
        f"{name}_{task}{who},"[:-1]
        for task in "129"
        for who in "LR"
        for name in ("Cap", "reduction")
    )
    + ","
    + ",".join(f"{kind}{task}{who}" for kind in "sr" for task in "129" for who in "LR")
)

ROWS = [
    # ID, weight, age, the three choices
    "a,1.5,young,Left one,Right one,Left one,"
    # caps and reductions of 1L 1R 2L 2R 9L 9R
    "5000,None,10000,25%,10000,NA,10000,None,10000,25%,5000,None,"
    # support of 1L 1R 2L 2R 9L 9R
    "Support,Oppose,Don't know,Skipped,Support,Support,"
    # scores
    "0,10,7.5,-,1,2",
    "b,0.5,old,Right one,,,"
    "10000,NA,5000,NA,,,,,,,,,"
    "Oppose,,,,,,"
    "3,,,,,",
]  # fmt: skip


@pytest.fixture
def read(tmp_path):
    def write_and_read(header=HEADER, rows=ROWS, toml=TOML, start=""):
        (tmp_path / "survey.toml").write_text(toml, encoding="utf-8")
        text = start + "\n".join([header, *rows]) + "\n"
        (tmp_path / "responses.csv").write_text(text, encoding="utf-8")
        return read_wave(tmp_path)

    return write_and_read


NAN = float("nan")
EXPECTED = pd.DataFrame(
    [
        ["a", "1", "L", "5000", "None", 1.0, 1.0, 0.0],
        ["a", "1", "R", "10000", "25%", 0.0, 0.0, 10.0],
        ["a", "2", "L", "10000", "NA", 0.0, 0.0, 7.5],
        ["a", "2", "R", "10000", "None", 1.0, NAN, NAN],
        ["b", "1", "L", "10000", "NA", 0.0, 0.0, 3.0],
        ["b", "1", "R", "5000", "NA", 1.0, NAN, NAN],
    ],
    columns=["respondent", "task", "profile", "cap", "reduction", "choice", "support", "score"],
)


def test_every_profile_row_by_row(read):
    names = ["task", "profile", "cap", "reduction"]
    profiles = read().profiles.astype(dict.fromkeys(names, object))
    pd.testing.assert_frame_equal(profiles, EXPECTED, check_dtype=False)


def test_levels_are_categories_in_the_survey_s_order(read):
    profiles = read().profiles
    assert list(profiles["cap"].cat.categories) == ["5000", "10000"]
    assert list(profiles["reduction"].cat.categories) == ["None", "NA", "25%"]


def test_weights_are_those_of_the_file(read):
    assert read().weights.tolist() == [1.5, 0.5]


def test_other_columns_belong_to_the_respondent(read):
    assert read().respondents.to_dict("list") == {
        "respondent": ["a", "b"],
        "w": ["1.5", "0.5"],
        "age": ["young", "old"],
    }


def test_the_repeated_task_is_set_apart(read):
    wave = read()
    assert set(wave.profiles["task"]) == {"1", "2"}
    repeats = wave.repeats
    assert repeats["task"].tolist() == ["9", "9"]
    assert repeats["cap"].tolist() == ["10000", "5000"]
    assert repeats["choice"].tolist() == [1.0, 0.0]


def test_a_task_nobody_put_is_left_out(read):
    wave = read()
    assert wave.profiles.query("respondent == 'b'")["task"].unique().tolist() == ["1"]
    assert wave.repeats["respondent"].unique().tolist() == ["a"]


def test_a_task_that_was_seen_and_not_answered_stays_without_choice(read):
    rows = [ROWS[0].replace("Left one,Right one,", "Left one,,"), ROWS[1]]
    wave = read(rows=rows)
    seen = wave.profiles.query("respondent == 'a' and task == '2'")
    assert seen["cap"].tolist() == ["10000", "10000"]
    assert np.isnan(seen["choice"]).all()


@pytest.mark.parametrize(
    "changed",
    [
        {"start": "\ufeff"},
        {"rows": [ROWS[0], "", "," * ROWS[0].count(","), ROWS[1], ""]},
        {"rows": [row.replace(",", " ,  ") for row in ROWS]},
        {"header": HEADER.replace(",", " , ")},
    ],
    ids=["byte order mark", "blank rows", "white space in cells", "white space in the header"],
)
def test_dirt_around_the_cells_changes_nothing(read, changed):
    clean, dirty = read(), read(**changed)
    assert dirty.profiles.equals(clean.profiles)
    assert dirty.respondents.equals(clean.respondents)


def test_windows_line_ends_change_nothing(read):
    clean = read()
    assert read(rows=[row + "\r" for row in ROWS], header=HEADER + "\r").profiles.equals(
        clean.profiles
    )


def test_a_column_called_respondent_does_not_take_the_place_of_the_id(read):
    wave = read(header=HEADER.replace(",age,", ",respondent,"))
    assert wave.respondents["respondent"].tolist() == ["a", "b"]


def test_data_can_lie_elsewhere(read, tmp_path):
    clean = read()
    (tmp_path / "responses.csv").rename(tmp_path / "export.csv")
    assert read_wave(tmp_path, data=tmp_path / "export.csv").profiles.equals(clean.profiles)
