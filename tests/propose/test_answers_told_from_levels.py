"""Answers that look like levels, and numbers that look like text: what else exports hold."""

import numpy as np
import pytest
from exported import long, responses, settled, wide

from conjoint import read_wave
from conjoint.errors import DataError
from conjoint.propose import propose, write_survey
from conjoint.read.file import read_responses
from conjoint.survey import Data

READ = Data(layout="long", respondent="")


def written(tmp_path, frame, **how):
    """The proposal for a frame that stands in a file of text."""
    frame.to_csv(tmp_path / "export.csv", index=False, **how)
    return propose(read_responses(tmp_path / "export.csv", READ))


def read(tmp_path, proposal):
    write_survey(proposal, tmp_path / "new")
    return read_wave(tmp_path / "new")


# --- Decimal commas -------------------------------------------------------------------------------


def design():
    return wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice")


def test_a_decimal_comma_is_found_and_weights_are_read_by_it(tmp_path):
    frame, weights = design(), np.random.default_rng(4).uniform(0.2, 3, 300).round(3)
    frame["weight"] = [f"{number:.3f}".replace(".", ",") for number in weights]
    proposal = written(tmp_path, frame, sep=";")
    guess = proposal.guesses["data", "decimal"]
    assert (guess.value, guess.sureness) == (",", "likely")
    assert guess.evidence.startswith('weight holds numbers such as "0,')
    wave = read(tmp_path, settled(proposal, {"data.weight": 1}))
    assert wave.weights == pytest.approx(weights)


@pytest.mark.parametrize(
    "other",
    [["1,234", "12,345", "7"], ["0,5", "1.5"], ["£1,50"], ["1,2,3"]],
    ids=["may be thousands", "mixed", "money", "lists"],
)
def test_other_commas_are_none_of_decimals(tmp_path, other):
    frame = design()
    frame["what"] = np.random.default_rng(1).choice(other, len(frame))
    assert ("data", "decimal") not in written(tmp_path, frame, sep=";").guesses


def test_points_elsewhere_say_that_commas_are_no_decimals(tmp_path):
    frame = design()
    frame["what"], frame["weight"] = "0,5", np.linspace(0.5, 1.5, len(frame)).round(4)
    assert ("data", "decimal") not in written(tmp_path, frame, sep=";").guesses


# --- Choices in long files ------------------------------------------------------------------------


def by_task(names=("Option 1", "Option 2")):
    """The chosen profile named in every row of its task."""
    frame = long()
    own = frame["id"] + frame["task"]
    place = dict(
        zip(own[frame["chosen"] == "1"], frame["profile"][frame["chosen"] == "1"], strict=True)
    )
    said = dict(zip("12", names, strict=True))
    return frame, frame.assign(chosen=[said[place[one]] for one in own])


def test_a_choice_that_all_rows_of_a_task_name(tmp_path):
    truth, frame = by_task()
    proposal = written(tmp_path, frame)
    outcome = proposal.content()["outcomes"]["chosen"]
    assert outcome == {
        "kind": "choice",
        "column": "chosen",
        "chosen": {"1": "Option 1", "2": "Option 2"},
    }
    wave = read(tmp_path, settled(proposal))
    assert wave.outcome("chosen").tolist() == truth["chosen"].astype(float).tolist()


def test_codes_of_a_task_s_choice_are_left_to_a_person(tmp_path):
    truth, frame = by_task(("0", "1"))
    proposal = written(tmp_path, frame)
    (asked,) = [decision for decision in proposal.decisions if decision.stops]
    assert asked.key == ("outcomes", "chosen", "chosen")
    wave = read(tmp_path, settled(proposal))
    assert wave.outcome("chosen").tolist() == truth["chosen"].astype(float).tolist()


def test_what_goes_with_the_task_is_no_choice(tmp_path):
    frame = long(tasks="12")
    frame["version"] = frame["task"]
    proposal = written(tmp_path, frame)
    assert list(proposal.content()["outcomes"]) == ["chosen"]
    assert any('"version" goes with the task\'s number' in note for note in proposal.notes)


# --- Opting out -----------------------------------------------------------------------------------


def opted_out(share=0.15, profiles=("1", "2", "3")):
    """A long file in which some tasks have no chosen profile."""
    frame = long(profiles=profiles)
    own = (frame["id"] + frame["task"]).to_numpy()
    tasks = np.unique(own)
    out = np.random.default_rng(3).choice(tasks, int(share * len(tasks)), replace=False)
    frame["chosen"] = np.where(np.isin(own, out), "0", frame["chosen"])
    return frame, len(out)


@pytest.mark.parametrize("profiles", [("1", "2"), ("1", "2", "3")])
def test_tasks_without_a_chosen_profile_are_asked_about(tmp_path, profiles):
    frame, count = opted_out(profiles=profiles)
    proposal = written(tmp_path, frame)
    assert list(proposal.content()["attributes"]) == ["price", "cut", "partner"]
    (asked,) = [decision for decision in proposal.decisions if decision.stops]
    assert asked.key == ("outcomes", "chosen", "none")
    assert "In 15% of tasks no profile is chosen." in asked.question
    write_survey(proposal, tmp_path / "open")
    with pytest.raises(DataError, match="none of the task's profiles is chosen"):
        read_wave(tmp_path / "open")
    wave = read(tmp_path, settled(proposal))
    assert wave.survey.outcomes["chosen"].none == ("0",)
    assert wave.outcome("chosen").sum() == 1000 - count


def test_the_same_in_a_wide_file():
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", profiles="ABC")
    place = np.random.default_rng(5).integers(-1, 3, (len(frame), 5))
    for task in range(5):
        for own, who in enumerate("ABC"):
            frame[f"t{task + 1}_{who}_picked"] = np.where(place[:, task] == own, "1", "0")
    proposal = propose(responses(frame))
    assert list(proposal.content()["attributes"]) == ["price", "cut", "partner"]
    assert proposal.content()["outcomes"]["picked"]["kind"] == "choice"
    assert [d.key for d in proposal.decisions if d.stops] == [("outcomes", "picked", "none")]


@pytest.mark.parametrize("rare", [0.02, 0.1, 0.3, 0.5])
def test_a_level_of_two_that_is_drawn_by_chance_is_no_choice(rare):
    design = {"price": ["a", "b", "c"], "feature": ["0", "1"]}
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice", design=design)
    rng = np.random.default_rng(6)
    for task in "12345":
        for who in "AB":
            frame[f"t{task}_{who}_feature"] = np.where(rng.random(len(frame)) < rare, "1", "0")
    assert list(propose(responses(frame)).content()["attributes"]) == ["price", "feature"]


# --- Ratings --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["R{t}_{p}", "t{t}_{p}_q21"])
def test_a_scale_that_people_use_unevenly_holds_ratings(name):
    frame, rng = design(), np.random.default_rng(8)
    for task in "12345":
        for who in "AB":
            stars = np.clip(np.round(rng.normal(5, 1.7, len(frame))), 0, 10).astype(int)
            frame[name.format(t=task, p=who)] = stars.astype(str)
    content = propose(responses(frame)).content()
    assert list(content["attributes"]) == ["price", "cut", "partner"]
    assert [own["kind"] for own in content["outcomes"].values()] == ["choice", "rating"]
    assert "R1_A" not in content["questions"]


@pytest.mark.parametrize(
    "codes",
    [
        {"price": "12345", "cut": "1234567"},
        {"price": "123", "cut": "123"},
        {"price": "12", "cut": "12", "partner": "123"},
    ],
)
def test_codes_of_levels_that_are_drawn_evenly_are_levels(codes):
    design = {name: [*levels] for name, levels in codes.items()}
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice", design=design)
    content = propose(responses(frame)).content()
    assert content["data"]["attribute"] == "t{task}_{profile}_{attribute}"
    assert {n: own["levels"] for n, own in content["attributes"].items()} == design


def test_a_column_whose_name_ends_alike_is_not_said_to_lack_tasks():
    number = {"price": "1", "cut": "2", "partner": "3"}
    frame = wide(lambda t, p, a: f"feature{number[a]}{'abcde'[int(t) - 1]}{p}",
                 lambda t: f"choice_{'abcde'[int(t) - 1]}", ("1", "2"), profiles="12")  # fmt: skip
    frame = frame.drop(columns=[name for name in frame if name[-2:-1] == "e" or name == "choice_e"])
    frame["covariate1"] = frame["covariate2"] = np.random.default_rng(2).choice(["x", "y"], 300)
    proposal = propose(responses(frame))
    assert list(proposal.content()["attributes"]) == ["feature1", "feature2", "feature3"]
    assert not any("covariat{" in note for note in proposal.notes)
