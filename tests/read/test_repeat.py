"""A repeated task of which the file holds nothing but the answer."""

import pytest

import conjoint as cj

TOML = """\
title = "Repeat"
[data]
file = "responses.csv"
layout = "wide"
respondent = "id"
tasks = 2
profiles = ["A", "B"]
attribute = "p{task}{profile}_{attribute}"
repeat = { task = "again", of = "1", flipped = true, attributes = "same" }
[attributes.price]
levels = ["low", "mid", "high"]
[attributes.colour]
levels = ["red", "green"]
[outcomes.choice]
kind = "choice"
column = "c{task}"
chosen = { A = "Deal A", B = "Deal B" }
[outcomes.score]
kind = "rating"
column = "s{task}{profile}"
min = 0
max = 10
"""
HEADER = (
    "id,p1A_price,p1A_colour,p1B_price,p1B_colour,p2A_price,p2A_colour,p2B_price,p2B_colour,"
    "c1,c2,cagain,s1A,s1B,s2A,s2B,sagainA,sagainB\n"
)
A = "a,low,red,high,green,mid,red,low,red,Deal A,Deal B,Deal B,7,2,3,4,1,8\n"
B = "b,mid,green,low,red,high,red,mid,green,Deal B,Deal A,,5,6,1,1,,\n"


def shown(wave):
    rows = wave.repeats.astype(dict.fromkeys(("profile", "price", "colour"), object))
    return rows[["respondent", "profile", "price", "colour", "choice", "score"]].to_numpy().tolist()


def test_flipped_profiles_are_those_of_the_first_time_in_each_other_s_places(small):
    assert shown(small.read(TOML, HEADER + A)) == [
        ["a", "A", "high", "green", 0.0, 1.0],
        ["a", "B", "low", "red", 1.0, 8.0],
    ]


def test_profiles_that_were_not_flipped_stay(small):
    assert shown(small.read(TOML.replace("flipped = true", "flipped = false"), HEADER + A)) == [
        ["a", "A", "low", "red", 0.0, 1.0],
        ["a", "B", "high", "green", 1.0, 8.0],
    ]


def test_three_profiles_flipped_stand_in_reverse(small):
    toml = TOML.replace('["A", "B"]', '["A", "B", "C"]').replace("tasks = 2", "tasks = 1")
    toml = toml.replace('B = "Deal B" }', 'B = "Deal B", C = "Deal C" }').split("[outcomes.score]")[
        0
    ]
    header = "id," + ",".join(f"p1{who}_{name}" for who in "ABC" for name in ("price", "colour"))
    wave = small.read(toml, f"{header},c1,cagain\na,low,red,mid,red,high,green,Deal A,Deal C\n")
    assert wave.repeats["price"].tolist() == ["high", "mid", "low"]
    assert wave.repeats["choice"].tolist() == [0, 0, 1]


def test_who_was_not_asked_again_has_no_repeated_task(small):
    wave = small.read(TOML, HEADER + A + B)
    assert wave.repeats["respondent"].unique().tolist() == ["a"]
    assert set(wave.profiles["task"]) == {"1", "2"}


def test_reliability_takes_the_profiles_as_the_same(small):
    data = HEADER + A + A.replace("a,", "c,", 1) + A.replace("a,", "d,", 1)
    data += B.replace(",Deal A,,", ",Deal A,Deal B,").replace(",1,1,,", ",1,1,5,5")
    told = cj.reliability(small.read(TOML, data)).frame.set_index("level")
    assert told.loc["irr", "estimate"] == 0.75


def test_an_answer_to_a_repeat_of_a_task_that_was_not_seen_is_named(small):
    # The levels of the first task are empty; the second and the repeat are answered.
    data = HEADER + A + "b,,,,,high,red,mid,green,,Deal A,Deal A,,,1,1,2,3\n"
    found = small.faults(TOML, data)
    assert found[0].startswith("responses.csv, row 3: answered 1 task whose profiles are empty")


def test_a_wrong_level_is_named_where_it_stands(small):
    found = small.faults(TOML, HEADER + A.replace("a,low", "a,lowest"))
    assert found == [
        'responses.csv, row 2, p1A_price: "lowest" is not a level of "price" (1 more cells hold it) '
        "(expected low, mid, high). Correct the cell, add the level in survey.toml, or have it "
        'read as one: under [recode.price] write aliases = { "LEVEL" = ["lowest"] }, with the level it stands for in place of LEVEL.'
    ]


def test_an_absent_answer_to_the_repeat_is_the_one_fault(small):
    (fault,) = small.faults(TOML, (HEADER + A).replace("cagain", "other"))
    assert fault.startswith('responses.csv, row 1: there is no column "cagain"')


def test_own_attributes_have_to_be_there(small):
    found = small.faults(TOML.replace(', attributes = "same"', ""), HEADER + A)
    assert [fault.split('"')[1] for fault in found] == [
        "pagainA_price",
        "pagainA_colour",
        "pagainB_price",
        "pagainB_colour",
    ]


def test_a_long_file_holds_the_profiles(small):
    toml = TOML.replace('layout = "wide"', 'layout = "long"\ntask = "t"\nprofile = "p"')
    found = small.faults(toml, HEADER)
    assert any('data.repeat.attributes: "same" does not fit a long layout' in f for f in found)


@pytest.mark.parametrize("attributes", ["own", "same"])
def test_one_task_and_its_repeat_are_told_apart(small, attributes):
    toml = TOML.replace("tasks = 2", "tasks = 1").replace('"same"', f'"{attributes}"')
    found = small.faults(toml.replace("c{task}", "choice"), HEADER)
    assert any('outcomes.choice.column: "choice" names no task' in fault for fault in found)
