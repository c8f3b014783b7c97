"""Attributes in an order of each respondent's own: named by cells, beside cells with the levels."""

import numpy as np
import pytest

TOML = """\
title = "Positions"
[data]
file = "responses.csv"
layout = "wide"
respondent = "id"
tasks = 2
profiles = ["A", "B"]
name = "n{task}_{position}"
attribute = "v{task}{profile}_{position}"
positions = 2
[attributes.price]
label = "Monthly price"
levels = ["low", "high"]
[attributes.colour]
column = "The colour"
levels = ["red", "green"]
[outcomes.choice]
kind = "choice"
column = "c{task}"
chosen = { A = "first", B = "second" }
"""
HEADER = "id,n1_1,n1_2,v1A_1,v1A_2,v1B_1,v1B_2,c1,n2_1,n2_2,v2A_1,v2A_2,v2B_1,v2B_2,c2\n"
FIRST = "a,Monthly price,The colour,low,red,high,green,first,The colour,Monthly price,red,high,green,low,second\n"
SECOND = "b,price,colour,low,green,low,red,second,colour,price,red,low,red,high,first\n"
DATA = HEADER + FIRST + SECOND


def test_levels_stand_with_the_attribute_that_the_cell_names(small):
    wave = small.read(TOML, DATA)
    rows = wave.profiles.astype(dict.fromkeys(("task", "profile", "price", "colour"), object))
    assert rows[["task", "profile", "price", "colour", "choice"]].to_numpy().tolist() == [
        ["1", "A", "low", "red", 1.0],
        ["1", "B", "high", "green", 0.0],
        ["2", "A", "high", "red", 0.0],
        ["2", "B", "low", "green", 1.0],
        ["1", "A", "low", "green", 0.0],
        ["1", "B", "low", "red", 1.0],
        ["2", "A", "low", "red", 1.0],
        ["2", "B", "high", "red", 0.0],
    ]
    assert wave.notes == ()


def test_the_wave_keeps_where_each_attribute_stood(small):
    positions = small.read(TOML, DATA).positions
    assert positions.to_dict("list") == {
        "price": [1, 1, 2, 2, 1, 1, 2, 2],
        "colour": [2, 2, 1, 1, 2, 2, 1, 1],
    }
    assert all(np.issubdtype(dtype, np.integer) for dtype in positions.dtypes)


def test_without_names_there_are_no_positions(small_wave):
    assert small_wave.positions is None


def test_positions_stay_with_their_rows_where_a_task_was_not_seen(small):
    unseen = FIRST.replace("low,red,high,green,first", ",,,,", 1)
    wave = small.read(TOML, HEADER + unseen + SECOND)
    assert wave.profiles["task"].tolist() == ["2", "2", "1", "1", "2", "2"]
    assert wave.positions["price"].tolist() == [2, 2, 1, 1, 2, 2]


def test_names_may_stand_by_profile(small):
    toml = TOML.replace("n{task}_{position}", "n{task}{profile}_{position}")
    toml = toml.replace("tasks = 2", "tasks = 1")
    data = "id,n1A_1,n1A_2,n1B_1,n1B_2,v1A_1,v1A_2,v1B_1,v1B_2,c1\n"
    data += "a,price,colour,colour,price,low,red,green,high,first\n"
    wave = small.read(toml, data)
    assert wave.profiles["price"].tolist() == ["low", "high"]
    assert wave.positions.to_dict("list") == {"price": [1, 2], "colour": [2, 1]}


def test_one_order_may_hold_for_all_tasks(small):
    toml = TOML.replace('"n{task}_{position}"', '"n_{position}"')
    data = "id,n_1,n_2,v1A_1,v1A_2,v1B_1,v1B_2,c1,v2A_1,v2A_2,v2B_1,v2B_2,c2\n"
    data += "a,colour,price,red,low,green,high,first,red,high,green,low,second\n"
    assert small.read(toml, data).positions["price"].tolist() == [2, 2, 2, 2]


def test_case_and_white_space_of_names_do_not_matter_and_are_noted(small):
    wave = small.read(TOML, DATA.replace("Monthly price", "monthly  PRICE"))
    assert wave.profiles["price"].tolist()[:4] == ["low", "high", "high", "low"]
    assert wave.notes == ('"monthly  PRICE" is read as the attribute "price".',)


def test_a_name_that_only_case_tells_apart_is_not_guessed(small):
    toml = TOML.replace('"Monthly price"', '"x"').replace('"The colour"', '"X"')
    data = DATA.replace("Monthly price", "x").replace("The colour", "X")
    assert small.read(toml, data).profiles["price"].tolist()[:2] == ["low", "high"]
    toml = toml.replace('"x"', '"Y y"').replace('"X"', '"y Y"')
    found = small.faults(toml, DATA.replace("Monthly price", "y y"))
    assert found[0].startswith('responses.csv, row 2, n1_1: "y y" names no attribute')


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "a,Monthly price,",
            "a,Prise,",
            'row 2, n1_1: "Prise" names no attribute (expected price, Monthly price, The colour, '
            "colour)",
        ),
        (
            "a,Monthly price,The colour,",
            "a,Monthly price,price,",
            'row 2, n1_1: "price" stands at two positions (expected each attribute at one)',
        ),
        (
            "a,Monthly price,",
            "a,,",
            "row 2, n1_1: names no attribute, and there is a level at its position",
        ),
        ("low,red,high,green,first", ",red,high,green,first", 'row 2, v1A_1: no level of "price"'),
        ("low,red,high", "lowest,red,high", 'row 2, v1A_1: "lowest" is not a level of "price"'),
        # What stands with the wrong attribute is no level of it.
        ("low,red,high", "red,low,high", 'row 2, v1A_1: "red" is not a level of "price"'),
    ],
)
def test_a_wrong_cell_is_named(small, old, new, fault):
    assert old in DATA
    found = small.faults(TOML, DATA.replace(old, new, 1))
    assert found[0].startswith(f"responses.csv, {fault}")


def test_one_wrong_name_is_one_fault(small):
    assert len(small.faults(TOML, DATA.replace("a,Monthly price,", "a,Prise,"))) == 1
    assert len(small.faults(TOML, DATA.replace("price,The colour", "price,price", 1))) == 1
    assert len(small.faults(TOML, DATA.replace("a,Monthly price", "a,"))) == 1


def test_an_attribute_at_no_position_is_named(small):
    # Nothing at all stands at the attribute's position.
    data = (
        HEADER
        + FIRST.replace("Monthly price,The colour,low,red,high,green", ",The colour,,red,,green")
        + SECOND
    )
    (fault,) = small.faults(TOML, data)
    assert fault.startswith('responses.csv, row 2, n1_1: "price" stands at no position')


@pytest.mark.parametrize("column", ["n1_2", "v2B_1"])
def test_an_absent_column_is_the_one_fault(small, column):
    (fault,) = small.faults(TOML, DATA.replace(column, "other"))
    assert fault.startswith(f'responses.csv, row 1: there is no column "{column}"')


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("positions = 2\n", "", "data.positions: is missing, and data.name is there"),
        (
            'name = "n{task}_{position}"\n',
            "",
            "data.name: is missing, and data.positions is there",
        ),
        ("n{task}_{position}", "n{task}", 'data.name: "n{task}" is no pattern'),
        ("v{task}{profile}_{position}", "v{task}{profile}_{attribute}", "data.attribute: "),
        ("positions = 2", "positions = 1", "data.positions: 1 position(s) for 2 attributes"),
        (
            "positions = 2",
            'positions = ["1", "1"]',
            'data.positions: the position "1" stands twice',
        ),
        ("Monthly price", "The colour", 'data.name: "The colour" names more than one attribute'),
        ("n{task}_", "n{tsak}_", 'data.name: "{tsak}" is no place of this pattern'),
    ],
)
def test_faults_of_the_survey(small, old, new, fault):
    assert old in TOML
    assert any(
        found.startswith(f"survey.toml, {fault}") for found in small.faults(TOML.replace(old, new))
    )


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        (
            'column = "n{task}_{profile}"\npositive = ["price"]\nnegative = ["The colour"]',
            'outcomes.choice.column: "n1_1" is a column of data.name',
        ),
        (
            'column = "c{task}"\nchosen = { 1 = "Monthly price", 2 = "the colour" }',
            "outcomes.choice: Monthly price, the colour are names of attributes",
        ),
    ],
)
def test_columns_that_name_attributes_are_no_answers(small, answers, fault):
    toml = TOML.replace('["A", "B"]', '["1", "2"]')
    toml = toml.replace('column = "c{task}"\nchosen = { A = "first", B = "second" }', answers)
    assert any(found.startswith(f"survey.toml, {fault}") for found in small.faults(toml))


def test_a_fault_of_a_shared_order_is_seen_where_only_one_profile_has_levels(small):
    data = HEADER + FIRST.replace("price,The colour,low,red", "price,price,,", 1) + SECOND
    assert any('"price" stands at two positions' in fault for fault in small.faults(TOML, data))


def test_a_repeated_task_has_positions_of_its_own(small):
    toml = TOML.replace("tasks = 2", 'tasks = 1\nrepeat = { task = "2", of = "1" }')
    data = HEADER + FIRST.replace(
        "The colour,Monthly price,red,high,green,low", "The colour,Monthly price,green,high,red,low"
    )
    wave = small.read(toml, data)
    assert wave.repeats["price"].tolist() == ["high", "low"]
    assert len(wave.positions) == len(wave.profiles) == 2
