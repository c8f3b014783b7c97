"""Any number of profiles a task, several outcomes, missing tasks, one task, one attribute."""

import numpy as np
import pytest

TOML = """\
title = "Tasks"
[data]
file = "responses.csv"
layout = "wide"
respondent = "id"
tasks = {tasks}
profiles = {profiles}
attribute = "p{{task}}{{profile}}_{{attribute}}"
[attributes.price]
levels = ["low", "high"]
[attributes.colour]
levels = ["red", "green"]
[outcomes.choice]
kind = "choice"
column = "c{{task}}"
chosen = {chosen}
[outcomes.score]
kind = "rating"
column = "s{{task}}{{profile}}"
min = 0
max = 10
"""


def survey(tasks, profiles):
    chosen = "{ " + ", ".join(f'{who} = "{who}"' for who in profiles) + " }"
    return TOML.format(tasks=tasks, profiles=list(profiles), chosen=chosen)


def export(shown, people, seed=1):
    """A header and rows: `shown` says by task which profiles it shows."""
    rng = np.random.default_rng(seed)
    names = [
        f"p{task}{who}_{name}"
        for task, whos in shown.items()
        for who in whos
        for name in ("price", "colour")
    ]
    names += [f"c{task}" for task in shown]
    names += [f"s{task}{who}" for task, whos in shown.items() for who in whos]
    rows = []
    for person in range(people):
        cells = [f"r{person}"]
        for whos in shown.values():
            for _ in whos:
                cells += [rng.choice(["low", "high"]), rng.choice(["red", "green"])]
        cells += [rng.choice(list(whos)) for whos in shown.values()]
        cells += [str(rng.integers(0, 11)) for whos in shown.values() for _ in whos]
        rows.append(",".join(cells))
    return "\n".join([",".join(["id", *names]), *rows]) + "\n"


@pytest.mark.parametrize("profiles", ["AB", "ABC", "ABCDEF"])
def test_any_number_of_profiles(small, profiles):
    shown = dict.fromkeys("123", profiles)
    wave = small.read(survey(3, profiles), export(shown, 4))
    assert wave.n_profiles == 4 * 3 * len(profiles)
    assert wave.profiles["profile"].tolist() == list(profiles) * 12
    per_task = wave.profiles.groupby(["respondent", "task"], observed=True)["choice"].sum()
    assert per_task.tolist() == [1.0] * 12
    assert wave.survey.even_choice("choice") == 1 / len(profiles)


def test_tasks_may_show_fewer_profiles_than_others(small):
    shown = {"1": "ABC", "2": "AB", "3": "A", "4": "ABC"}
    wave = small.read(survey(4, "ABC"), export(shown, 3))
    rows = wave.profiles.query("respondent == 'r0'")
    assert rows["task"].tolist() == [task for task, whos in shown.items() for _ in whos]
    assert rows["profile"].tolist() == list("ABCABAABC")
    assert wave.notes == (
        "Task 2 shows no profile C: the file holds nothing of it.",
        "Task 3 shows no profile B, C: the file holds nothing of it.",
    )


def test_columns_without_a_cell_are_as_good_as_absent(small):
    data = export({"1": "AB", "2": "AB"}, 3).splitlines()
    header = data[0].split(",")
    out = [place for place, name in enumerate(header) if name.startswith(("p2B", "s2B"))]
    rows = [
        [
            "" if place in out else "A" if header[place] == "c2" else cell
            for place, cell in enumerate(line.split(","))
        ]
        for line in data[1:]
    ]
    wave = small.read(survey(2, "AB"), "\n".join([data[0], *map(",".join, rows)]))
    assert wave.profiles["profile"].tolist() == ["A", "B", "A"] * 3
    assert len(wave.notes) == 1


def test_who_chose_a_profile_that_was_not_shown_is_named(small):
    shown = {"1": "AB", "2": "A"}
    data = export(shown, 3).splitlines()
    place = data[0].split(",").index("c2")
    cells = data[2].split(",")
    cells[place] = "B"
    (fault,) = small.faults(survey(2, "AB"), "\n".join([*data[:2], ",".join(cells), data[3]]))
    assert fault.startswith("responses.csv, row 3, c2: none of the task's profiles is chosen")


def test_a_profile_that_no_task_shows_is_a_fault(small):
    found = small.faults(survey(2, "ABC"), export({"1": "AB", "2": "AB"}, 3))
    assert [fault.split('"')[1] for fault in found] == [
        "p1C_price", "p1C_colour", "s1C", "p2C_price", "p2C_colour", "s2C",
    ]  # fmt: skip


def test_a_task_that_the_file_does_not_hold_is_a_fault(small):
    found = small.faults(survey(3, "AB"), export({"1": "AB", "2": "AB"}, 3))
    assert found[0].startswith('responses.csv, row 1: there is no column "p3A_price"')
    assert len(found) == 7


def test_a_profile_that_one_person_lacks_is_a_fault(small):
    data = export({"1": "AB", "2": "AB"}, 3).splitlines()
    header, cells = data[0].split(","), data[2].split(",")
    for place, name in enumerate(header):
        if name.startswith(("p2B", "s2B")):
            cells[place] = ""
    found = small.faults(survey(2, "AB"), "\n".join([*data[:2], ",".join(cells), data[3]]))
    assert [fault.split(" (")[0] for fault in found] == [
        'responses.csv, row 3, p2B_price: no level of "price", "colour"',
    ]


def test_tasks_that_people_did_not_see_are_left_out(small):
    data = export({"1": "AB", "2": "AB"}, 3).splitlines()
    header = data[0].split(",")
    second = [place for place, name in enumerate(header) if name[1] == "2"]
    cells = data[2].split(",")
    for place in second:
        cells[place] = ""
    wave = small.read(survey(2, "AB"), "\n".join([*data[:2], ",".join(cells), data[3]]))
    assert wave.profiles.query("respondent == 'r1'")["task"].unique().tolist() == ["1"]
    assert wave.n_profiles == 10


def test_each_outcome_is_missing_on_its_own(small):
    data = export({"1": "AB"}, 2).splitlines()
    cells = data[1].split(",")
    cells[data[0].split(",").index("s1A")] = ""
    other = data[2].split(",")
    other[data[0].split(",").index("c1")] = ""
    toml = survey(1, "AB")
    wave = small.read(toml, "\n".join([data[0], ",".join(cells), ",".join(other)]))
    assert wave.profiles["score"].isna().tolist() == [True, False, False, False]
    assert wave.profiles["choice"].isna().tolist() == [False, False, True, True]


ONE = """\
title = "One"
[data]
file = "responses.csv"
layout = "wide"
respondent = "id"
tasks = 1
profiles = 1
attribute = "{attribute}"
[attributes.price]
levels = ["low", "high"]
[outcomes.liked]
kind = "support"
column = "liked"
positive = "yes"
negative = "no"
"""


def test_one_profile_in_one_task_needs_no_pattern(small):
    wave = small.read(ONE, "id,price,liked\na,low,yes\nb,high,no\n")
    assert wave.outcome("liked").tolist() == [1, 0]
    assert wave.profiles["price"].tolist() == ["low", "high"]


def test_a_choice_between_one_profile_is_refused(small):
    toml = ONE.replace('"support"', '"choice"').replace(
        'positive = "yes"\nnegative = "no"', 'chosen = { 1 = "yes" }'
    )
    (fault,) = small.faults(toml, "")
    assert fault.startswith("survey.toml, outcomes.liked.kind: a task shows one profile")
    wave = small.read(toml + 'none = "no"\n', "id,price,liked\na,low,yes\nb,high,no\n")
    assert wave.outcome("liked").tolist() == [1, 0]


def test_one_attribute_needs_no_place(small):
    toml = ONE.replace("profiles = 1", 'profiles = ["a", "b"]')
    toml = toml.replace('"{attribute}"', '"price_{profile}"').replace(
        '"liked"', '"liked_{profile}"'
    )
    wave = small.read(toml, "id,price_a,price_b,liked_a,liked_b\nr,low,high,yes,no\n")
    assert wave.profiles["price"].tolist() == ["low", "high"]
    found = small.faults(toml.replace("price_{profile}", "price"), "")
    assert any('data.attribute: "price" is no pattern' in fault for fault in found)


def test_tasks_in_a_long_file_may_differ_in_size(small):
    toml = """\
title = "Long"
[data]
file = "responses.csv"
layout = "long"
respondent = "id"
task = "t"
profile = "p"
[attributes.price]
levels = ["low", "high"]
[outcomes.choice]
kind = "choice"
column = "won"
positive = "1"
negative = "0"
"""
    data = "id,t,p,price,won\na,1,x,low,1\na,1,y,high,0\na,2,x,low,0\na,2,y,high,0\na,2,z,low,1\n"
    wave = small.read(toml, data)
    assert wave.profiles.groupby("task", observed=True).size().tolist() == [2, 3]


def test_two_cells_of_one_column_are_a_fault(small):
    toml = survey(11, ["1", "11"]).replace("p{task}{profile}_", "p{task}{profile}")
    found = small.faults(toml, "")
    assert found[0].startswith(
        'survey.toml, data.attribute: the column "p111price" would hold two cells: '
        "1 / 11 / price and 11 / 1 / price (task / profile / attribute)"
    )
