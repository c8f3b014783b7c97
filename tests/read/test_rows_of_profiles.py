"""Files of several rows a respondent, however their rows make up tasks: all are one wave."""

from io import StringIO

import numpy as np
import pandas as pd
import pytest

import conjoint as cj

ATTRIBUTES = """
[attributes.price]
levels = ["low", "mid", "high"]
[attributes.colour]
levels = ["red", "green"]
[attributes.size]
levels = ["S", "M", "L"]
"""
CHOSEN = '[outcomes.chosen]\nkind = "choice"\ncolumn = "chosen"\npositive = "1"\nnegative = "0"\n'


def toml(data, outcome=CHOSEN, attributes=ATTRIBUTES):
    return f'title = "t"\n[data]\nfile = "responses.csv"\n{data}\n{attributes}\n{outcome}'


@pytest.fixture
def rows(simulated):
    """Three tasks of two profiles each, as text; the tasks are numbered 0, 1, 2."""
    frame = simulated(3, 60).drop(columns=["weight", "rating"])
    frame["chosen"] = frame["chosen"].astype(int)
    return frame.astype(str)


@pytest.fixture
def truth(rows, small):
    data = 'layout = "long"\nrespondent = "id"\ntask = "task"\nprofile = "profile"'
    return small.read(toml(data), rows.to_csv(index=False))


def assert_same(wave, truth):
    for name in ("respondent", "price", "colour", "size", "chosen"):
        assert wave.profiles[name].astype(str).tolist() == truth.profiles[name].astype(str).tolist()
    mine, theirs = cj.amce(wave).frame, cj.amce(truth).frame
    assert mine["estimate"].to_numpy() == pytest.approx(theirs["estimate"].to_numpy(), nan_ok=True)
    assert mine["std_error"].to_numpy() == pytest.approx(
        theirs["std_error"].to_numpy(), nan_ok=True
    )


def side_by_side(rows, pattern="{attribute}_{profile}"):
    """One row a task: the attributes of both profiles, and the profile chosen."""
    keys = ["id", "task"]
    sides = {who: own.set_index(keys) for who, own in rows.groupby("profile", sort=True)}
    first = sides["A"]
    frame = pd.DataFrame({"party": first["party"]})
    for who, own in sides.items():
        for name in ("price", "colour", "size"):
            frame[pattern.format(attribute=name, profile=who)] = own[name]
    frame["pick"] = np.where(first["chosen"] == "1", "A", "B")
    return frame.reset_index()


PICK = '[outcomes.chosen]\nkind = "choice"\ncolumn = "pick"\nchosen = { A = "A", B = "B" }\n'
TASKS = 'layout = "tasks"\nrespondent = "id"\nprofiles = ["A", "B"]\nattribute = "{attribute}_{profile}"\n'


@pytest.mark.parametrize("task", ['task = "task"', ""])
def test_one_row_a_task_is_read_as_it_is(rows, truth, small, task):
    wave = small.read(toml(TASKS + task, PICK), side_by_side(rows).to_csv(index=False))
    assert_same(wave, truth)
    assert wave.survey.data.layout == "tasks"
    assert wave.survey.even_choice("chosen") == 0.5


def test_people_may_have_answered_different_numbers_of_tasks(rows, small):
    frame = side_by_side(rows).drop(index=[2, 4, 5])
    wave = small.read(toml(TASKS, PICK), frame.to_csv(index=False))
    assert len(wave.profiles) == 2 * len(frame)
    assert wave.profiles.groupby("respondent", observed=True)["task"].nunique().max() == 3


def test_a_fault_names_the_column_and_row_of_the_task(rows, small):
    frame = side_by_side(rows)
    frame.loc[1, "price_B"] = "dear"
    (fault,) = small.faults(toml(TASKS, PICK), frame.to_csv(index=False))
    assert fault.startswith('responses.csv, row 3, price_B: "dear" is not a level of "price"')
    (fault,) = small.faults(toml(TASKS, PICK), frame.drop(columns="size_B").to_csv(index=False))
    assert 'there is no column "size_B"' in fault


@pytest.mark.parametrize("key", ["rows = 2", "task = { rows = 2 }"])
def test_tasks_may_be_every_so_many_rows(rows, truth, small, key):
    frame = rows.drop(columns=["task", "profile"])
    data = f'layout = "long"\nrespondent = "id"\n{key}'
    assert_same(small.read(toml(data), frame.to_csv(index=False)), truth)
    (fault,) = small.faults(toml(data), frame.drop(index=3).to_csv(index=False))
    assert fault.startswith("responses.csv, row 2, id: has 5 rows (expected a multiple of 2")


def test_two_columns_may_number_the_tasks_together(rows, truth, small):
    frame = rows.assign(block=np.where(rows["task"] == "2", "y", "x"))
    frame["round"] = np.where(frame["task"] == "1", "2", "1")
    data = 'layout = "long"\nrespondent = "id"\ntask = ["block", "round"]\nprofile = "profile"'
    wave = small.read(toml(data), frame.drop(columns="task").to_csv(index=False))
    assert_same(wave, truth)
    assert set(wave.profiles["task"]) == {"x, 1", "x, 2", "y, 1"}


@pytest.mark.parametrize("rule", ['{ none_asc = "1" }', '{ price = "", size = "" }'])
def test_rows_of_the_none_option_are_no_profiles(rows, small, rule):
    blocks = []
    for place, (_, own) in enumerate(rows.assign(none_asc="0").groupby(["id", "task"], sort=False)):
        none = own.iloc[[0]].assign(price="", colour="", size="", none_asc="1", chosen="0")
        if place % 3 == 0:
            own, none = own.assign(chosen="0"), none.assign(chosen="1")
        blocks += [own, none]
    frame = pd.concat(blocks).drop(columns=["task", "profile"])
    data = f'layout = "long"\nrespondent = "id"\nrows = 3\nnone_rows = {rule}'
    wave = small.read(toml(data, CHOSEN + 'none = "0"\n'), frame.to_csv(index=False))
    assert len(wave.profiles) == 360
    assert wave.outcome("chosen").sum() == 120
    assert set(wave.profiles["profile"]) == {"1", "2"}
    assert any("180 rows stand for choosing none" in note for note in wave.notes)


def test_columns_of_zeros_and_ones_may_be_one_attribute(rows, truth, small):
    frame = rows.assign(is_mid=(rows["price"] == "mid") * 1, is_high=(rows["price"] == "high") * 1)
    data = 'layout = "long"\nrespondent = "id"\ntask = "task"\nprofile = "profile"'
    cells = 'cells.mid = { is_mid = "1" }\ncells.high = { is_high = "1" }\n'
    attributes = ATTRIBUTES.replace('"high"]\n', f'"high"]\n{cells}', 1)
    text = frame.drop(columns="price").to_csv(index=False)
    assert_same(small.read(toml(data, attributes=attributes), text), truth)
    frame.loc[0, ["is_mid", "is_high"]] = 1
    (fault,) = small.faults(toml(data, attributes=attributes), frame.to_csv(index=False))
    assert 'row 2, is_high: holds two levels of price: "mid" and "high"' in fault
    (fault,) = small.faults(toml(data, attributes=attributes.replace("mid =", "middle =")), text)
    assert "attributes.price.cells: names middle" in fault


def test_columns_may_say_where_an_attribute_stood(rows, truth, small):
    order = np.random.default_rng(1).permuted(np.tile([1, 2, 3], (len(rows), 1)), axis=1)
    frame = rows.assign(
        **{f"{n}.rowpos": order[:, i] for i, n in enumerate(["price", "colour", "size"])}
    )
    data = 'layout = "long"\nrespondent = "id"\ntask = "task"\nprofile = "profile"\nposition = "{attribute}.rowpos"'
    wave = small.read(toml(data), frame.to_csv(index=False))
    assert_same(wave, truth)
    assert (wave.positions.to_numpy() == order).all()
    frame["size.rowpos"] = "top"
    (fault,) = small.faults(toml(data), frame.to_csv(index=False))
    assert 'row 2, size.rowpos: "top" is no position' in fault


def test_ratings_may_call_the_profiles_otherwise(small):
    frame = pd.read_csv(
        StringIO("id,p1_1,p1_2,ra1,rb1\nx,low,high,3,5\ny,high,low,1,2\n"), dtype=str
    )
    text = toml(
        'layout = "wide"\nrespondent = "id"\ntasks = 1\nprofiles = 2\nattribute = "p{task}_{profile}"',
        '[outcomes.warm]\nkind = "rating"\ncolumn = "r{profile}{task}"\nmin = 1\nmax = 7\n'
        'profiles = { 1 = "a", 2 = "b" }\n',
        '[attributes.price]\nlevels = ["low", "high"]\n',
    )
    wave = small.read(text, frame.to_csv(index=False))
    assert wave.outcome("warm").tolist() == [3, 5, 1, 2]
    (fault,) = small.faults(text.replace('2 = "b"', '3 = "b"'), frame.to_csv(index=False))
    assert "outcomes.warm.profiles: names 1, 3 (expected one name for each of 1, 2)" in fault


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('rows = 2\ntask = "task"', "data.rows: stands beside data.task (task)"),
        ('position = "rowpos"', 'data.position: "rowpos" names no attribute'),
    ],
)
def test_what_does_not_fit_is_named(rows, small, line, said):
    data = f'layout = "long"\nrespondent = "id"\n{line}'
    assert any(said in fault for fault in small.faults(toml(data), rows.to_csv(index=False)))


def test_a_column_may_answer_a_task_and_a_question(small):
    text = toml(
        'layout = "wide"\nrespondent = "id"\ntasks = 1\nprofiles = ["A", "B"]\nattribute = "p{task}_{profile}"',
        '[outcomes.choice]\nkind = "choice"\ncolumn = "Q{task}"\nchosen = { A = "A", B = "B" }\n'
        '[questions.first]\ncolumn = "Q1"\nanswers = ["A", "B"]\n',
        '[attributes.price]\nlevels = ["low", "high"]\n',
    )
    wave = small.read(text, "id,p1_A,p1_B,Q1\nx,low,high,A\ny,high,low,B\n")
    assert wave.respondents["Q1"].astype(str).tolist() == ["A", "B"]
