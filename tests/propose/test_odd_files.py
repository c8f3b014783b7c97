"""Files that are no conjoint, or hold what breaks things: a proposal or one clear refusal."""

import time
import tomllib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from exported import coded, long, responses, settled, wide
from hypothesis import given, settings
from hypothesis import strategies as st

from conjoint.errors import ConjointError, DataError
from conjoint.propose import as_toml, propose, write_survey
from conjoint.read.file import read_responses
from conjoint.survey import Data, read_survey

READ = Data(layout="long", respondent="")
RNG = np.random.default_rng(0)
HARD = [
    '"""', "'''", "]", "# no comment", "a\\b", "\\u0041", "=1+1", "{x}", "[[outcomes]]", "a = 1",
    "tab\there", "\u2028line", "😀", "ü\u0308", "\x7f", "\x1b[31m", "-", "''", '"', "~", "@SUM(A1)",
]  # fmt: skip


def battery(people=300, seed=2):
    """A grid of ratings, as surveys have many: no conjoint."""
    rng = np.random.default_rng(seed)
    person = rng.normal(size=people)
    frame = {"respondent_id": [f"R{i}" for i in range(people)]}
    for question in range(1, 5):
        for item in range(1, 7):
            felt = np.round(3 + person + rng.normal(size=people))
            frame[f"Q{question}_{item}"] = np.clip(felt, 1, 5).astype(int).astype(str)
    return pd.DataFrame(frame, dtype=object)


NO_CONJOINT = {
    "one column": pd.DataFrame({"a": ["1", "2", "3"]}),
    "ids alone": pd.DataFrame({"id": [f"r{i}" for i in range(50)]}),
    "a battery": battery(),
    "people": pd.DataFrame({"id": [str(i) for i in range(80)], "sex": ["f", "m"] * 40,
                            "age": ["young", "old", "old", "young"] * 20}),
    "one row": pd.DataFrame({"id": ["1"], "t1_A": ["x"], "t1_B": ["y"]}),
    "text": pd.DataFrame({f"open{i}": [f"{i} {j} says" for j in range(40)] for i in range(30)}),
    "empty cells": pd.DataFrame({f"t{t}_{p}_a": [""] * 20 for t in "123" for p in "AB"}),
    "constant": pd.DataFrame({f"t{t}_{p}_{a}": ["x"] * 20 for t in "123" for p in "AB" for a in "uv"}),
    "nameless": pd.DataFrame({"": ["1", "2"], "b": ["x", "y"]}),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_CONJOINT)
def test_a_file_without_a_conjoint_is_refused_in_words(name):
    frame = NO_CONJOINT[name].astype(object)
    with pytest.raises(DataError, match="no conjoint was found") as refused:
        propose(responses(frame))
    (fault,) = refused.value.faults
    assert f"{len(frame.columns):,} column" in fault.what
    assert "t1_A_price" in fault.expected


def test_a_battery_beside_a_conjoint_is_left_to_the_questions():
    design = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice")
    both = pd.concat([design, battery().drop(columns="respondent_id")], axis=1)
    content = propose(responses(both)).content()
    assert content["data"]["attribute"] == "t{task}_{profile}_{attribute}"
    assert content["questions"]["Q1_1"] == {"kind": "scale", "min": 1, "max": 5}
    assert list(content["outcomes"]) == ["choice"]


@pytest.mark.parametrize("text", HARD)
def test_any_text_may_be_a_level_a_name_or_an_answer(text, tmp_path):
    levels = {"price": [text, "ordinary", "other"], "cut": ["x", "y", "z"]}
    frame = wide(
        lambda t, p, a: f"t{t}_{p}_{a}",
        lambda t: f"t{t}_choice",
        ("1", "2"),
        profiles="12",
        design=levels,
    )
    frame[f"asked {text}"] = RNG.choice([text, "nothing of it"], len(frame))
    path = tmp_path / "export.csv"
    proposal = propose(responses(frame, path, labels={f"asked {text}": f"Why\n{text}?"}))
    assert tomllib.loads(as_toml(proposal)) == proposal.content()
    path.write_text("not looked at")
    write_survey(settled(proposal), tmp_path / "new")
    survey = read_survey(tmp_path / "new")
    assert set(survey.attributes["price"].values) == {text, "ordinary", "other"}
    (question,) = (q for q in survey.questions.values() if q.column == f"asked {text}")
    assert set(question.values) == {text, "nothing of it"}


@pytest.mark.parametrize(
    "name", ["a.b", "a b", "é", '"q"', "#", "x]", "task", "respondent", "1", "€ each"]
)
def test_any_text_may_name_an_attribute(name, tmp_path):
    design = {name: ["low", "mid", "high"], "other": ["x", "y", "z"]}
    frame = wide(
        lambda t, p, a: f"t{t}_{p}_{a}",
        lambda t: f"t{t}_choice",
        ("1", "2"),
        profiles="12",
        design=design,
    )
    path = tmp_path / "export.csv"
    frame.to_csv(path, index=False)
    proposal = propose(read_responses(path, READ))
    write_survey(settled(proposal), tmp_path / "new")
    survey = read_survey(tmp_path / "new")
    own = [a.column or key for key, a in survey.attributes.items()]
    assert own == [name, "other"]
    assert not set(survey.attributes) & {"respondent", "task", "profile"}


def test_columns_called_after_outcomes_do_not_clash(tmp_path):
    design = {"choice": ["low", "mid", "high"], "other": ["x", "y", "z"]}
    frame = wide(
        lambda t, p, a: f"t{t}_{p}_{a}",
        lambda t: f"choice{t}",
        ("1", "2"),
        profiles="12",
        design=design,
    )
    path = tmp_path / "export.csv"
    frame.to_csv(path, index=False)
    proposal = propose(read_responses(path, READ))
    assert list(proposal.content()["attributes"]) == ["choice", "other"]
    assert list(proposal.content()["outcomes"]) == ["choice_2"]
    write_survey(proposal, tmp_path / "new")
    read_survey(tmp_path / "new")


def test_ids_that_stand_twice_are_said():
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice")
    frame.loc[[5, 6], "respondent_id"] = "R1000"
    guess = propose(responses(frame)).guesses["data", "respondent"]
    assert (guess.value, guess.sureness) == ("respondent_id", "likely")
    assert "2 ids stand twice" in guess.evidence


def test_a_file_without_ids_is_left_to_a_person():
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice")
    proposal = propose(responses(frame.drop(columns="respondent_id")))
    (asked,) = (d for d in proposal.decisions if d.key == ("data", "respondent"))
    assert asked.stops
    assert "respondent" not in proposal.content()["data"]


MANY = {
    "one number": lambda: [f"v{i}" for i in range(10_000)],
    "grids": lambda: [f"Q{i}_{j}" for i in range(100) for j in range(100)],
    "cubes": lambda: [f"Q{i}_{j}_{k}" for i in range(21) for j in range(22) for k in range(22)],
    "many places": lambda: [f"Q{i}_{j}_{k}_{m}_{n}_{o}" for i in range(4) for j in range(4)
                            for k in range(5) for m in range(5) for n in range(5) for o in range(5)],
}  # fmt: skip


@pytest.mark.parametrize("name", MANY)
def test_ten_thousand_columns_do_not_hang(name):
    file = coded(MANY[name]())
    given_up = time.process_time() + 20
    with pytest.raises(DataError, match="no conjoint was found"):
        propose(file)
    assert time.process_time() < given_up


def test_a_conjoint_among_ten_thousand_columns_is_found():
    design = wide(
        lambda t, p, a: f"Q7_t{t}_p{p}_{a}",
        lambda t: f"Q8_t{t}",
        ("1", "2"),
        profiles="12",
        people=60,
    )
    others = coded([f"x{i}" for i in range(10_000)], 60)
    file = replace(others, cells=pd.concat([responses(design).cells, others.cells], axis=1))
    given_up = time.process_time() + 20
    content = propose(file).content()
    assert time.process_time() < given_up
    assert content["data"]["attribute"] == "Q7_t{task}_p{profile}_{attribute}"
    assert content["outcomes"]["choice"]["column"] == "Q8_t{task}"
    assert len(content["questions"]) == 40


def test_a_hundred_thousand_people_take_seconds():
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice", people=100_000)
    for place in range(24):
        frame[f"q{place}"] = np.random.default_rng(place).choice(["a", "b", "c"], len(frame))
    assert len(frame.columns) >= 60
    file = responses(frame)
    begun = time.process_time()
    proposal = propose(file)
    assert time.process_time() - begun < 5
    assert proposal.content()["data"]["tasks"] == 5


# --- Whatever a file holds --------------------------------------------------------------------

CELLS = st.one_of(
    st.sampled_from(["", "1", "2", "A", "B", "None", "-99", "£5,000", "x y", *HARD]),
    st.text(max_size=6),
)
NAMES = st.one_of(
    st.builds(
        "t{}_{}_{}".format,
        st.integers(1, 4),
        st.sampled_from("AB12"),
        st.sampled_from(["cap", "x", "1"]),
    ),
    st.builds("{}{}".format, st.sampled_from(["choice", "id", "rating_", "Q"]), st.integers(0, 9)),
    st.text(max_size=8),
)


@settings(max_examples=150)
@given(st.data())
def test_nothing_ends_in_a_traceback(data):
    names = data.draw(st.lists(NAMES, min_size=1, max_size=14, unique=True))
    rows = data.draw(st.integers(1, 12))
    cells = {n: data.draw(st.lists(CELLS, min_size=rows, max_size=rows)) for n in names}
    looked_at(pd.DataFrame(cells, dtype=object))


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_a_file_with_its_cells_and_columns_mixed_up_is_no_trouble(seed):
    rng = np.random.default_rng(seed)
    frame = (
        long(12, tasks="123")
        if seed % 2
        else wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice", people=20)
    )
    for _ in range(rng.integers(1, 8)):
        column = frame.columns[rng.integers(len(frame.columns))]
        match rng.integers(5):
            case 0:
                frame[column] = frame[column].sample(frac=1, random_state=seed).to_numpy()
            case 1:
                frame.loc[rng.random(len(frame)) < 0.3, column] = ""
            case 2:
                frame = frame.drop(columns=column) if len(frame.columns) > 2 else frame
            case 3:
                other = frame.columns[rng.integers(len(frame.columns))]
                frame[[column, other]] = frame[[other, column]].to_numpy()
            case 4:
                frame.loc[rng.integers(len(frame)), column] = HARD[rng.integers(len(HARD))]
    looked_at(frame)


def looked_at(frame):
    """Propose, or refuse; what is proposed is TOML that says the same."""
    try:
        proposal = propose(responses(frame))
    except ConjointError:
        return
    assert tomllib.loads(as_toml(proposal)) == proposal.content()
    decided = settled(proposal)
    assert tomllib.loads(as_toml(decided)) == decided.content()
