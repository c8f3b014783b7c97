"""What no figure uses is left out with a count; nothing is dropped unseen, no name of anybody said."""

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.errors import DataError
from conjoint.folder import open_folder

WEIGHTED = 'respondent = "id"\nweight = "w"'


@pytest.fixture
def large(folder):
    """The small survey of 240 people, with 720 tasks: enough for one in a hundred to mean something."""
    parts = [folder.responses.assign(id=folder.responses["id"] + mark) for mark in "abcd"]
    folder.responses = pd.concat(parts, ignore_index=True)
    return folder


def entries(wave, kind):
    return [(entry.count, entry.text) for entry in wave.unused if entry.kind == kind]


def test_rows_without_any_answer_are_nobody(folder):
    before = cj.read_wave(folder.write())
    silent = pd.DataFrame({"id": [f"x{i}" for i in range(100)], "sex": "Female", "warmth": "DK"})
    folder.responses = pd.concat([folder.responses, silent], ignore_index=True)
    wave = cj.read_wave(folder.write())
    assert (wave.n_respondents, wave.n_read) == (60, 60)
    assert wave.respondents.equals(before.respondents)
    ((count, text),) = entries(wave, "respondents")
    assert (count, "no answer" in text) == (100, True)
    assert not any("x0" in str(entry) for entry in wave.unused)


def test_one_answer_to_a_question_makes_a_respondent(folder):
    only = pd.DataFrame({"id": ["x1", "x2"], "warmth": ["7", None]})
    folder.responses = pd.concat([folder.responses, only], ignore_index=True)
    wave = cj.read_wave(folder.write())
    assert wave.n_respondents == 61
    assert entries(wave, "respondents")[0][0] == 1


def test_in_a_long_file_rows_of_somebody_without_an_answer_go_too(small):
    toml = (
        'title = "T"\n[data]\nfile = "responses.csv"\nlayout = "long"\nrespondent = "id"\ntask = "t"\n'
        '[attributes.a]\nlevels = ["x", "y"]\n[outcomes.choice]\nkind = "choice"\ncolumn = "c"\n'
        'positive = "1"\nnegative = "0"\n'
    )
    rows = "id,t,a,c\np,1,x,1\np,1,y,0\nq,1,x,\nq,1,y,\np,2,x,\np,2,y,\n"
    wave = small.read(toml, rows)
    assert wave.people.tolist() == ["p"]
    assert wave.n_profiles == 4
    assert entries(wave, "respondents")[0][0] == 1


def test_people_without_a_weight_who_answered_no_task_are_left_out(folder):
    folder.replace('respondent = "id"', WEIGHTED)
    folder.responses["w"] = "1.5"
    tasks = [name for name in folder.responses if name.startswith("t")]
    folder.responses.loc[[3, 8], ["w", *tasks]] = None
    wave = cj.read_wave(folder.write())
    assert wave.n_respondents == 58
    assert entries(wave, "weights")[0][0] == 2
    folder.cell(20, "w", None)
    with pytest.raises(DataError, match="row 20, w: the weight nan cannot be used"):
        cj.read_wave(folder.write())


def test_one_of_many_without_a_weight_is_left_out(large):
    large.replace('respondent = "id"', WEIGHTED)
    large.responses["w"] = "1.5"
    wave = cj.read_wave(large.cell(20, "w", None).write())
    assert wave.n_respondents == 239
    assert entries(wave, "weights")[0][1].startswith("respondents have no weight, 1 of whom")


FAULTS = {
    "a level nobody declared": ({"t1_A_price": "lowest"}, "does not declare"),
    "an answer nobody declared": ({"t1_A_support": "perhaps"}, "does not declare"),
    "two choices": ({"t1_A_choice": "1", "t1_B_choice": "1"}, "exactly one"),
    "no choice": ({"t1_A_choice": "0", "t1_B_choice": "0"}, "exactly one"),
    "half a choice": ({"t1_A_choice": "0", "t1_B_choice": None}, "exactly one"),
    "no level": ({"t1_B_colour": None}, "is empty"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_few_faulty_tasks_are_left_out_and_many_are_refused(large, fault):
    cells, reason = FAULTS[fault]
    whole = cj.read_wave(large.write())
    for row in range(2, 9):
        for column, value in cells.items():
            large.cell(row, column, value)
    wave = cj.read_wave(large.write())
    ((count, text),) = entries(wave, "tasks")
    assert (count, reason in text) == (7, True)
    # 7 of 720 tasks: all others are as they were, and so is everybody.
    assert wave.n_respondents == 240
    gone = whole.profiles["respondent"].isin(whole.people[:7]) & (whole.profiles["task"] == "1")
    columns = ["respondent", "price", "choice", "support"]
    expected = whole.profiles.loc[~gone, columns].reset_index(drop=True)
    assert np.array_equal(wave.profiles[columns].astype(str), expected.astype(str))
    for column, value in cells.items():
        large.cell(9, column, value)  # 8 of 720 are more than 1%
    with pytest.raises(DataError):
        cj.read_wave(large.write())


def test_a_fault_of_another_kind_names_the_faulty_tasks_too(large):
    large.cell(4, "t1_A_price", "lowest").cell(5, "party", "Centre")
    faults = large.faults(cj.read_wave)
    assert len(faults) == 2
    assert any("row 4, t1_A_price" in fault for fault in faults)


def test_answers_outside_a_filter_columns_and_files_are_counted(folder):
    folder.toml = folder.toml.replace(
        "[questions.warmth]", '[questions.warmth]\nfilter = { party = "Left" }'
    )
    folder.responses["party"] = ["Left"] * 50 + ["Right"] * 10
    folder.responses["warmth"] = ["5"] * 52 + [None] * 6 + ["DK"] * 2
    folder.responses["comment"] = "-"
    path = folder.write()
    (path / "old_targets.xlsx").write_text("", encoding="utf-8")
    (path / "README.md").write_text("", encoding="utf-8")
    wave = open_folder(path)
    assert [count for count, _ in entries(wave, "answers")] == [2]
    assert entries(wave, "columns") == [(1, "columns are not named in survey.toml: comment")]
    ((count, text),) = entries(wave, "files")
    assert (count, text.endswith(": old_targets.xlsx")) == (1, True)


def test_columns_of_one_name_that_nothing_needs_are_left_out(folder):
    header = [*folder.responses, "note", "note"]
    folder.responses = pd.concat([folder.responses, folder.responses[["sex", "age"]]], axis=1)
    folder.responses.columns = header
    wave = cj.read_wave(folder.write())
    assert "note" not in wave.respondent_columns
    assert entries(wave, "columns") == [(2, "columns share a name and are left out: note")]
    folder.responses.columns = [*header[:-1], "party"]
    with pytest.raises(DataError, match='the column "party" stands twice'):
        cj.read_wave(folder.write())


def test_faulty_tasks_are_named_by_the_first_cell_at_fault(large):
    large.cell(3, "t1_A_support", "perhaps").cell(9, "t1_A_price", "lowest")
    (entry,) = (own for own in cj.read_wave(large.write()).unused if own.kind == "tasks")
    assert (entry.count, entry.where.split(", ", 1)[1]) == (2, "row 3, t1_A_support")


def test_answered_tasks_without_profiles_are_said_to_be_so(large):
    for column in [name for name in large.responses if name.startswith("t1_")]:
        if not column.endswith(("choice", "support")):
            large.cell(3, column, None).cell(9, column, None)
    ((count, text),) = entries(cj.read_wave(large.write()), "tasks")
    assert (count, "answered, but their profiles are empty" in text) == (2, True)


HEAD = 'title = "T"\n[data]\nfile = "responses.csv"\nrespondent = "id"\n'
CHOICE = '[outcomes.choice]\nkind = "choice"\n'
NAMED = {
    "two columns that number the tasks, positions and none rows": (
        'layout = "long"\ntask = ["block", "t"]\nposition = "pos_{attribute}"\nnone_rows = { alt = "0" }\n'
        + CHOICE
        + 'column = "c"\nnone = ["Neither"]\npositive = "1"\nnegative = "0"\n'
        '[attributes.a]\nlevels = ["x", "y"]\n',
        "id,block,t,alt,a,pos_a,c,z\np,1,1,1,x,1,1,\np,1,1,2,y,1,0,\np,1,1,0,,,0,\n",
    ),
    "cells and one row a task": (
        'layout = "tasks"\ntask = "t"\nprofiles = ["L", "R"]\nattribute = "{profile}.{attribute}"\n'
        + CHOICE
        + 'column = "c"\nchosen = { L = "left", R = "right" }\n'
        '[attributes.a]\nlevels = ["x", "y"]\ncells = { y = { "{profile}.y" = "1" } }\n'
        '[attributes.b]\nlevels = ["u", "v"]\n',
        "id,t,L.y,R.y,L.b,R.b,c,z\np,1,0,1,u,v,left,\np,2,1,0,v,u,right,\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", NAMED)
def test_columns_that_data_and_cells_name_are_no_others(small, kind):
    toml, rows = NAMED[kind]
    wave = small.read(HEAD + toml, rows)
    assert entries(wave, "columns") == [(1, "columns are not named in survey.toml: z")]
