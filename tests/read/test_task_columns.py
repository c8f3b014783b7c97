"""Answers in columns that go by no task's name: survey.toml names the column of each task."""

import pandas as pd
import pytest

import conjoint as cj
from conjoint.errors import InputError

TOML = """\
title = "Columns by task"
[data]
file = "responses.csv"
layout = "wide"
respondent = "id"
tasks = 2
profiles = ["A", "B"]
attribute = "p{task}{profile}_{attribute}"
repeat = { task = "again", of = "1", flipped = false, attributes = "same" }
[attributes.price]
levels = ["low", "high"]
[outcomes.choice]
kind = "choice"
columns = { 1 = "Q3", 2 = "Q9", again = "Q12" }
chosen = { A = "left", B = "right" }
[outcomes.stars]
kind = "rating"
columns = { 1 = "Q4_{profile}", 2 = "Q5_{profile}", again = "Q6_{profile}" }
min = 1
max = 5
"""
HEADER = "id,p1A_price,p1B_price,p2A_price,p2B_price,Q3,Q9,Q12,Q4_A,Q4_B,Q5_A,Q5_B,Q6_A,Q6_B\n"
ROWS = "a,low,high,high,low,left,right,right,1,2,3,4,5,1\nb,high,low,low,low,right,right,right,5,4,3,2,1,2\n"


def test_each_task_has_its_own_column(small):
    wave = small.read(TOML, HEADER + ROWS)
    cells = wave.profiles[["respondent", "task", "profile", "choice", "stars"]].astype(str)
    assert cells.apply(" ".join, axis=1).tolist() == [
        "a 1 A 1.0 1.0", "a 1 B 0.0 2.0", "a 2 A 0.0 3.0", "a 2 B 1.0 4.0",
        "b 1 A 0.0 5.0", "b 1 B 1.0 4.0", "b 2 A 0.0 3.0", "b 2 B 1.0 2.0",
    ]  # fmt: skip
    again = wave.repeats
    assert isinstance(again, pd.DataFrame)
    assert again["choice"].tolist() == [0, 1, 0, 1]
    assert again["stars"].tolist() == [5, 1, 1, 2]
    assert again["price"].tolist() == ["low", "high", "high", "low"]
    assert "Q3" not in wave.respondents


def test_a_cell_is_named_by_its_own_column(small):
    (fault,) = small.faults(
        TOML, HEADER + ROWS.replace("b,high,low,low,low,right,right", "b,high,low,low,low,right,up")
    )
    assert 'responses.csv, row 3, Q9: "up" is not an answer to "choice"' in fault


def test_codes_that_could_be_read_two_ways_stop_here_too(small):
    (fault,) = small.faults(
        TOML.replace('chosen = { A = "left", B = "right" }\n', ""), HEADER + ROWS
    )
    assert 'nothing says what the answers in "Q3", "Q9", "Q12" mean' in fault
    assert "left = A, right = B (1 / 5 tasks); or right = A, left = B (5 / 1 tasks)" in fault


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('2 = "Q9", ', "", 'outcomes.choice.columns: names no column for task "2" (expected one for'),
        ('again = "Q12"', 'again = "Q12", 3 = "Q7"', 'choice.columns.3: there is no task "3"'),
        ('2 = "Q9"', '2 = "Q3"', 'outcomes.choice.columns: "Q3" answers more than one task'),
        ('"Q3"', '"Q{task}"', 'choice.columns.1: "{task}" is no place of this pattern'),
        ("columns = { 1 = \"Q3\"", 'column = "Q{task}"\ncolumns = { 1 = "Q3"',
         "outcomes.choice: needs either `column` or `columns`"),
        ('columns = { 1 = "Q3", 2 = "Q9", again = "Q12" }', "", "needs either `column` or `columns`"),
        ("_{profile}", "", '"Q4, Q5, Q6" names no profile'),
        ('2 = "Q9"', '2 = "Q99"', 'row 1: there is no column "Q99"'),
    ],
)  # fmt: skip
def test_columns_that_do_not_fit_are_named(small, old, new, said):
    found = small.faults(TOML.replace(old, new), HEADER + ROWS)
    assert any(said in fault for fault in found), found


def test_a_long_file_has_one_column(tmp_path):
    (tmp_path / "survey.toml").write_text(
        'title = "x"\n[data]\nlayout = "long"\nrespondent = "id"\ntask = "t"\n'
        '[attributes.price]\nlevels = ["low", "high"]\n'
        '[outcomes.choice]\nkind = "choice"\npositive = "1"\nnegative = "0"\ncolumns = { 1 = "c" }\n'
    )
    with pytest.raises(InputError, match=r"choice\.columns: does not fit a long layout"):
        cj.read_survey(tmp_path)
