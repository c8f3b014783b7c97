"""Reading attributes that not every profile shows: files of every layout, and what is at fault."""

import numpy as np
import pytest

import conjoint as cj

LONG = """
title = "T"
[data]
file = "responses.csv"
layout = "long"
respondent = "id"
task = "task"
profile = "profile"
[attributes.price]
levels = ["low", "high"]
[attributes.party]
levels = ["Left", "Right"]
PRESENCE
[outcomes.chosen]
kind = "choice"
column = "chosen"
positive = "1"
negative = "0"
"""
ROWS = """id,arm,task,profile,price,party,chosen
a,x,1,1,low,Left,1
a,x,1,2,high,Right,0
a,x,2,1,low,Left,1
a,x,2,2,low,Right,0
b,y,1,1,high,,0
b,y,1,2,low,,1
"""
WIDE = """
title = "T"
[data]
file = "responses.csv"
layout = "wide"
respondent = "id"
tasks = 1
profiles = ["1", "2"]
attribute = "{profile}_{attribute}"
[attributes.price]
levels = ["low", "high"]
[attributes.party]
levels = ["Left", "Right"]
PRESENCE
[outcomes.chosen]
kind = "choice"
column = "chosen"
chosen = { "1" = "first", "2" = "second" }
"""
SOME = 'presence = "some"'
ARM = 'presence = { column = "arm", arm = "x" }'


def long(presence):
    return LONG.replace("PRESENCE", presence)


def states(wave, name="party"):
    return wave.codes(name).tolist()


@pytest.mark.parametrize(
    "presence", [SOME, ARM, ARM.replace('"x"', '["x", "z"]').replace("z", "x")]
)
def test_empty_cells_of_a_long_file_are_not_shown(small, presence):
    wave = small.read(long(presence), ROWS)
    assert states(wave) == [0, 1, 0, 1, 2, 2]
    assert wave.profiles["party"].isna().sum() == 2
    assert wave.shown("party").shape == (2, 2)
    assert wave.shows("price", "party").tolist() == [True] * 4 + [False] * 2
    np.testing.assert_allclose(wave.presence(["price", "party"]), [[4 / 6, 2 / 6]])


def test_empty_cells_of_a_wide_file_are_not_shown(small):
    data = (
        "id,1_price,1_party,2_price,2_party,chosen\n"
        "a,low,Left,high,Right,first\nb,low,,high,,second\nc,high,,low,Left,first\n"
    )
    wave = small.read(WIDE.replace("PRESENCE", SOME), data)
    assert states(wave) == [0, 1, 2, 2, 2, 0]
    assert states(wave, "price") == [0, 1, 0, 1, 1, 0]


def test_an_attribute_at_no_position_is_not_shown(small):
    toml = WIDE.replace("PRESENCE", SOME).replace(
        'attribute = "{profile}_{attribute}"',
        'attribute = "{profile}_v{position}"\nname = "{profile}_n{position}"\npositions = 2',
    )
    data = (
        "id,1_n1,1_v1,1_n2,1_v2,2_n1,2_v1,2_n2,2_v2,chosen\n"
        "a,party,Left,price,low,party,Right,price,high,first\n"
        "b,price,low,,,price,high,,,second\n"
    )
    wave = small.read(toml, data)
    assert states(wave) == [0, 1, 2, 2]
    assert states(wave, "price") == [0, 1, 0, 1]
    assert wave.positions["party"].tolist() == [1, 1, 0, 0]
    faults = small.faults(toml.replace(SOME, ""), data)
    assert '"party" stands at no position' in faults[0]


def test_fewer_positions_than_attributes_do_where_some_are_not_always_shown(small):
    toml = WIDE.replace("PRESENCE", SOME).replace(
        'attribute = "{profile}_{attribute}"',
        'attribute = "{profile}_v{position}"\nname = "{profile}_n{position}"\npositions = 1',
    )
    data = "id,1_n1,1_v1,2_n1,2_v1,chosen\na,price,low,price,high,first\n"
    assert states(small.read(toml, data)) == [2, 2]


def test_an_empty_cell_of_what_is_always_shown_names_the_way_out(small):
    faults = small.faults(long(""), ROWS)
    assert faults[0].startswith('responses.csv, row 6, party: no level of "party"')
    assert 'attributes.party.presence = "some"' in faults[0]


def test_what_does_not_fit_the_arms_is_named(small):
    outside = ROWS.replace("b,y,1,2,low,,", "b,y,1,2,low,Left,")
    assert small.faults(long(ARM), outside) == [
        'responses.csv, row 7, party: "Left" stands outside the arm "x" (expected an empty cell: '
        "other arms do not show the attribute). Correct the cell, the arms of `presence`, or the "
        "respondent's arm."
    ]
    empty = ROWS.replace("a,x,2,1,low,Left", "a,x,2,1,low,")
    assert small.faults(long(ARM), empty) == [
        'responses.csv, row 4, party: no level of "party", which the arm "x" shows (expected Left, '
        'Right). Fill the cell in, or declare presence = "some".'
    ]
    assert 'nobody is in the arm "z"' in small.faults(long(ARM.replace('"x"', '"z"')), ROWS)[0]
    absent = small.faults(long(ARM.replace('"arm"', '"group"')), ROWS)
    assert '"group"' in absent[0]


@pytest.mark.parametrize("presence", ["often", '{ arm = "x" }', '{ column = "arm", arm = [] }'])
def test_a_presence_that_is_none_is_named(small, presence):
    value = presence if presence.startswith("{") else f'"{presence}"'
    (fault,) = small.faults(long(f"presence = {value}"), ROWS)
    assert "attributes.party.presence" in fault
    assert 'is not "always", "some", or arms such as' in fault


def test_a_frame_says_what_is_not_always_shown(pair_frame):
    arguments = {
        "respondent": "id", "task": "task", "profile": "profile", "outcome": "chosen",
        "attributes": ["price", "colour"],
    }  # fmt: skip
    frame = pair_frame.assign(colour=pair_frame["colour"].where(pair_frame["id"] == "a"))
    arm = {"column": "party", "arm": "Left"}
    for presence in ("some", arm):
        wave = cj.Wave.from_frame(frame, **arguments, presence={"colour": presence})
        assert states(wave, "colour") == [1, 0, 1, 0, 2, 2, 2, 2]
        assert wave.survey.attributes["colour"].values == ("green", "red")
    for presence, what in (
        ({"shape": "some"}, 'presence: there is no attribute "shape"'),
        ({"colour": "often"}, '\'often\' is not "always", "some"'),
        ({"colour": {**arm, "arm": "Right"}}, 'stands outside the arm "Right"'),
    ):
        with pytest.raises(cj.errors.DataError, match=what):
            cj.Wave.from_frame(frame, **arguments, presence=presence)


def test_restrictions_across_profiles_are_checked(small):
    toml = long("").replace('title = "T"', 'title = "T"\nrestrictions = [{ across = ["price"] }]')
    rows = ROWS.replace(",,", ",Left,")
    assert "stands in two profiles of the task" in small.faults(toml, rows)[0]
    faults = small.faults(toml.replace('["price"]', '["shape"]'), rows)
    assert faults[0].startswith(
        'survey.toml, restrictions[0].across: there is no attribute "shape"'
    )


TASKS = (
    WIDE.replace("tasks = 1", "tasks = 2")
    .replace('"{profile}_{attribute}"', '"t{task}_{profile}_{attribute}"')
    .replace('column = "chosen"', 'column = "chosen{task}"')
)
FIRST_ALONE = (
    "id,t1_1_price,t1_1_party,t1_2_price,t1_2_party,chosen1,t2_1_price,t2_2_price,chosen2\n"
    "a,low,Left,high,Right,first,low,high,second\nb,low,Right,high,Left,second,high,low,first\n"
)


def test_columns_that_a_task_lacks_are_not_shown(small):
    wave = small.read(TASKS.replace("PRESENCE", SOME), FIRST_ALONE)
    party = wave.profiles.pivot_table("party", ["respondent", "profile"], "task", "first")
    assert party["1"].tolist() == ["Left", "Right", "Right", "Left"]
    assert wave.profiles.loc[wave.profiles["task"] == "2", "party"].isna().all()
    assert states(wave, "price") == [0, 1, 0, 1, 0, 1, 1, 0]


def test_columns_that_a_task_lacks_are_a_fault_of_what_is_always_shown(small):
    faults = small.faults(TASKS.replace("PRESENCE", ""), FIRST_ALONE)
    assert any("t2_1_party" in fault for fault in faults)
