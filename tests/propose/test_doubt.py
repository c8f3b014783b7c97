"""Where the file speaks for two readings, or against a column, that is said and not chosen in silence."""

import numpy as np
import pytest
from exported import DESIGN, responses, settled, shown_to, wide

import conjoint as cj
from conjoint.errors import InputError
from conjoint.propose import as_toml, propose, write_survey
from conjoint.read.file import read_responses
from conjoint.survey import Data

READ = Data(layout="long", respondent="")


@pytest.mark.parametrize("count", [2, 3])
def test_as_many_tasks_as_profiles_without_a_word_are_asked_about(count, tmp_path):
    same = "123"[:count]
    frame = wide(
        lambda t, p, a: f"{a}_{t}_{p}",
        lambda t: f"pick_{t}",
        list(same),
        tasks=same,
        profiles=same,
        people=150,
    )
    path = tmp_path / "export.csv"
    frame.to_csv(path, index=False)
    proposal = propose(read_responses(path, READ))
    (asked,) = (d for d in proposal.decisions if d.key == ("data", "attribute"))
    assert asked.stops
    assert {o.text for o in asked.options} == {
        "{attribute}_{task}_{profile}", "{attribute}_{profile}_{task}",
    }  # fmt: skip
    assert "price_1_2 is profile" in as_toml(proposal) or "price_1_1 is profile" in as_toml(
        proposal
    )
    write_survey(proposal, tmp_path / "open")
    with pytest.raises(InputError, match=r"attribute"):
        cj.read_wave(tmp_path / "open")
    place = [o.text for o in asked.options].index("{attribute}_{task}_{profile}")
    write_survey(settled(proposal.decide(asked, place)), tmp_path / "decided")
    wave = cj.read_wave(tmp_path / "decided")
    shown, _ = shown_to(150, same, same)
    for (task, profile, attribute), levels in shown.items():
        own = wave.profiles[(wave.profiles["task"] == task) & (wave.profiles["profile"] == profile)]
        assert own[attribute].astype(str).to_list() == list(levels)


def test_words_in_the_names_settle_it():
    frame = wide(
        lambda t, p, a: f"{a}_task{t}_profile{p}", lambda t: f"pick_{t}", ("1", "2"),
        tasks="12", profiles="12",
    )  # fmt: skip
    proposal = propose(responses(frame))
    assert proposal.content()["data"]["attribute"] == "{attribute}_task{task}_profile{profile}"
    assert not [d for d in proposal.decisions if d.stops]


def test_two_attributes_that_change_places_are_not_taken_for_two_profiles(tmp_path):
    design = {"price": DESIGN["price"], "cut": DESIGN["cut"]}
    shown, chosen = shown_to(200, profiles="12", design=design)
    rng = np.random.default_rng(3)
    order = np.array([rng.permutation(list(design)) for _ in range(200)])
    frame = wide(lambda t, p, a: f"drop_{t}_{p}_{a}", people=200, profiles="12", design=design)
    frame = frame[["respondent_id"]].copy()
    for task in chosen:
        for place in range(2):
            frame[f"F-{task}-{place + 1}"] = order[:, place]
            for profile in "12":
                frame[f"F-{task}-{profile}-{place + 1}"] = [
                    shown[task, profile, order[row, place]][row] for row in range(200)
                ]
        frame[f"choice{task}"] = (chosen[task] + 1).astype(str)
    path = tmp_path / "export.csv"
    frame.to_csv(path, index=False)
    proposal = propose(read_responses(path, READ))
    assert proposal.content()["data"]["attribute"] == "F-{task}-{profile}-{position}"
    write_survey(settled(proposal), tmp_path / "new")
    wave = cj.read_wave(tmp_path / "new")
    for (task, profile, attribute), levels in shown.items():
        own = wave.profiles[(wave.profiles["task"] == task) & (wave.profiles["profile"] == profile)]
        assert own[attribute].astype(str).to_list() == list(levels)


def test_versions_of_a_fixed_design_are_not_taken_for_answers():
    """Six versions, each with all its levels coded 1 to 5: levels go with the respondent."""
    rng = np.random.default_rng(5)
    version = rng.integers(6, size=600)
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", people=600)[["respondent_id"]].copy()
    for task in "1234":
        for profile in "AB":
            for attribute in ("price", "cut", "partner"):
                levels = rng.integers(1, 6, size=6).astype(str)
                frame[f"t{task}_{profile}_{attribute}"] = levels[version]
        frame[f"t{task}_choice"] = rng.choice(["A", "B"], 600)
    content = propose(responses(frame)).content()
    assert list(content["attributes"]) == ["price", "cut", "partner"]
    assert list(content["outcomes"]) == ["choice"]


def test_columns_that_go_by_the_names_and_hold_no_levels_are_noted():
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice")
    rng = np.random.default_rng(9)
    for task in "12345":
        for profile in "AB":
            frame[f"t{task}_{profile}_cost"] = rng.integers(0, 10**6, len(frame)).astype(str)
            frame[f"t{task}_{profile}_origin"] = (
                rng.choice(["x", "y", "z"], len(frame)) if profile == "A" else "now"
            )
    proposal = propose(responses(frame))
    assert list(proposal.content()["attributes"]) == [*DESIGN, "origin"]
    (asked,) = [d for d in proposal.decisions if d.key == ("attributes",)]
    assert '"cost" holds' in asked.question
    assert "It is left out" in asked.question
    assert not any("t1_A_cost" in note for note in proposal.notes)
    guess = proposal.guesses["attributes", "origin", "levels"]
    assert guess.sureness == "guess"
    assert "whose levels differ from column to column" in guess.evidence


def test_a_task_that_lacks_columns_is_left_out_and_said():
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice")
    proposal = propose(responses(frame.drop(columns=[f"t5_B_{a}" for a in DESIGN])))
    assert proposal.content()["data"]["tasks"] == 4
    assert any('task "5"' in note for note in proposal.notes)
    one = propose(responses(frame.drop(columns="t5_B_cut")))
    assert one.content()["data"]["tasks"] == 4 or "cut" not in one.content()["attributes"]
    assert any("5" in note or "cut" in note for note in one.notes)


def test_spellings_of_a_choice_s_answers_are_shown():
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice")
    frame.loc[[1, 2], "t3_choice"] = "deal a"
    proposal = propose(responses(frame))
    assert proposal.content()["outcomes"]["choice"]["chosen"] == {"A": "Deal A", "B": "Deal B"}
    asked = [d for d in proposal.decisions if d.stops]
    assert len(asked) == 1
    assert asked[0].question.startswith('"deal a" (2 cells) looks like "Deal A" (')


def test_people_who_stand_twice_do_not_make_a_wide_file_long():
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice")
    twice = frame.loc[frame.index.repeat(2)].reset_index(drop=True)
    proposal = propose(responses(twice))
    assert proposal.content()["data"]["layout"] == "wide"
