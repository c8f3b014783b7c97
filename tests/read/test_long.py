"""A long file: one row a profile."""

import pytest

from conjoint import read_wave
from conjoint.errors import DataError

TOML = """\
title = "Long"
[data]
file = "responses.csv"
layout = "long"
respondent = "who"
task = "contest"
profile = "side"
weight = "w"
respondent_columns = ["age"]
[attributes.price]
column = "Price"
levels = ["low", "high"]
[outcomes.choice]
kind = "choice"
column = "won"
positive = "1"
negative = "0"
[questions.vote]
answers = ["Yes", "No"]
[segments.yes]
where = { vote = "Yes" }
"""

DATA = """\
who,contest,side,Price,won,w,age,vote,comment
a,1,x,low,1,2,30,Yes,fine
a,1,y,high,0,2,30,Yes,so so
a,2,x,high,0,2,30,Yes,
a,2,y,high,1,2,30,Yes,
b,1,x,high,,1,50,No,
b,1,y,low,,1,50,No,
"""


@pytest.fixture
def read(tmp_path):
    def write_and_read(data=DATA, toml=TOML):
        (tmp_path / "survey.toml").write_text(toml, encoding="utf-8")
        (tmp_path / "responses.csv").write_text(data, encoding="utf-8")
        return read_wave(tmp_path)

    return write_and_read


def faults(read, **given):
    with pytest.raises(DataError) as caught:
        read(**given)
    return [str(fault).split("/")[-1] for fault in caught.value.faults]


def test_every_profile_row_by_row(read):
    profiles = read().profiles
    assert profiles["respondent"].tolist() == ["a"] * 4 + ["b"] * 2
    assert profiles["task"].tolist() == ["1", "1", "2", "2", "1", "1"]
    assert profiles["profile"].tolist() == ["x", "y"] * 3
    assert profiles["price"].tolist() == ["low", "high", "high", "high", "high", "low"]
    assert profiles["choice"].tolist()[:4] == [1.0, 0.0, 0.0, 1.0]
    assert profiles["choice"].isna().tolist() == [False] * 4 + [True] * 2


def test_respondents_keep_what_the_survey_names(read):
    wave = read()
    assert wave.respondents.astype(object).to_dict("list") == {
        "respondent": ["a", "b"],
        "age": ["30", "50"],
        "vote": ["Yes", "No"],
        "w": ["2", "1"],
    }
    assert wave.weights.tolist() == [2.0, 1.0]
    assert wave.segment("yes").tolist() == [True, False]


def test_rows_of_a_respondent_need_not_stand_together(read):
    header, *rows = DATA.splitlines()
    shuffled = read("\n".join([header, *(rows[i] for i in (4, 0, 5, 2, 1, 3))]))
    assert shuffled.respondents["respondent"].tolist() == ["b", "a"]
    assert shuffled.weights.tolist() == [1.0, 2.0]


def test_without_columns_of_tasks_and_profiles_rows_are_counted(read):
    toml = TOML.replace('task = "contest"\nprofile = "side"\n', "").replace('"choice"', '"support"')
    profiles = read(toml=toml).profiles
    assert profiles["task"].unique().tolist() == ["1"]
    assert profiles["profile"].tolist() == ["1", "2", "3", "4", "1", "2"]


def test_a_respondent_column_that_varies_is_named(read):
    (fault,) = faults(read, data=DATA.replace("y,high,1,2,30", "y,high,1,2,31"))
    assert fault.startswith("responses.csv, row 5, age: age differs from the respondent's earlier")


def test_a_row_without_respondent_is_named(read):
    (fault,) = faults(read, data=DATA.replace("a,2,x", ",2,x"))
    assert fault.startswith("responses.csv, row 4, who: has no respondent id")


def test_a_row_without_task_is_named(read):
    (fault,) = [f for f in faults(read, data=DATA.replace("a,2,x", "a,,x")) if "task" in f]
    assert fault.startswith("responses.csv, row 4, contest: has no task")


def test_a_row_without_task_is_named_once_where_profiles_are_counted(read):
    toml = TOML.replace('profile = "side"\n', "")
    (fault,) = faults(read, data=DATA.replace("a,2,x", "a,,x"), toml=toml)
    assert fault.startswith("responses.csv, row 4, contest: has no task")


def test_a_task_with_two_choices_is_named_at_its_first_row(read):
    assert faults(read, data=DATA.replace("a,2,x,high,0", "a,2,x,high,1"))[0].startswith(
        "responses.csv, row 4, won: more than one of the task's profiles is chosen"
    )


def test_a_profile_twice_is_named(read):
    found = faults(read, data=DATA.replace("b,1,y", "b,1,x"))
    assert found[0].startswith(
        "responses.csv, row 7, side: the same respondent, task and profile stand again"
    )


def test_an_absent_outcome_does_not_hide_a_wrong_level(read):
    found = faults(read, data=DATA.replace("won", "lost").replace("b,1,y,low", "b,1,y,lowest"))
    assert len(found) == 2
    assert found[0].startswith('responses.csv, row 1: there is no column "won"')
    assert found[1].startswith('responses.csv, row 7, Price: "lowest" is not a level of "price"')


def test_without_a_column_of_respondents_all_absent_columns_are_named(read):
    found = faults(read, data=DATA.replace("who", "whom").replace("won", "lost"))
    assert [f.split('"')[1] for f in found] == ["who", "won"]
