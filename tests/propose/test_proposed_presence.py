"""Empty cells of an attribute: not always shown by design, or lost, and who is to say so."""

import numpy as np
import pytest
from exported import DESIGN, long, responses, settled, wide

import conjoint as cj
from conjoint.errors import DataError
from conjoint.propose import as_toml, propose, write_survey
from conjoint.read.file import read_responses
from conjoint.survey import Data

READ = Data(layout="long", respondent="")
PEOPLE, TASKS = 120, "12345"
FIVE = DESIGN | {"party": ["Left", "Right"], "region": ["North", "South", "East"]}
SHAPE = (PEOPLE, len(TASKS), 2)


def drawn(layout, empty, design=FIVE, **columns):
    """An export without the levels where `empty`, by attribute, holds: of shape (people, tasks, profiles)."""
    if layout == "wide":
        frame = wide(
            lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice", people=PEOPLE, design=design
        )
        for name, mask in empty.items():
            for task, profile in np.ndindex(SHAPE[1:]):
                own = np.broadcast_to(mask, SHAPE)[:, task, profile]
                frame.loc[own, f"t{TASKS[task]}_{'AB'[profile]}_{name}"] = ""
        return frame.assign(**columns)
    frame = long(PEOPLE, design=design)
    for name, mask in empty.items():
        frame.loc[np.broadcast_to(mask, SHAPE).ravel(), name] = ""
    return frame.assign(**{name: np.repeat(cells, 10) for name, cells in columns.items()})


def asked(proposal, name="party"):
    return [d for d in proposal.decisions if d.key == ("attributes", name, "presence")]


def presence(proposal, name="party"):
    return proposal.guesses.get(("attributes", name, "presence"))


def read(frame, folder, answers=None):
    """The wave of an export, by what is proposed for it; and the proposal."""
    path = folder / "export.csv"
    frame.to_csv(path, index=False)
    proposal = propose(read_responses(path, READ))
    write_survey(settled(proposal, answers), folder / "new")
    return cj.read_wave(folder / "new"), proposal


@pytest.fixture
def rng():
    return np.random.default_rng(4)


both = pytest.mark.parametrize("layout", ["wide", "long"])


@both
def test_tasks_that_lack_an_attribute_whole_are_proposed_and_asked_about(layout, rng, tmp_path):
    mask = rng.random(SHAPE[:2])[..., None] < 0.4
    wave, proposal = read(drawn(layout, {"party": mask}), tmp_path)
    guess, (question,) = presence(proposal), asked(proposal)
    assert (guess.value, guess.sureness) == ("some", "likely")
    assert f"{2 * mask.sum():,} of 1,200 profiles lack it" in guess.evidence
    assert f"in all profiles: {mask.sum():,}; in some alone: 0" in guess.evidence
    assert not question.stops
    assert wave.profiles["party"].isna().sum() == 2 * mask.sum()
    assert not asked(proposal, "price")
    assert presence(proposal, "price") is None


@both
def test_a_task_or_a_profile_that_never_shows_an_attribute_has_empty_columns(layout, tmp_path):
    never = np.zeros(SHAPE, dtype=bool)
    never[:, 2] = True
    wave, proposal = read(drawn(layout, {"party": never}), tmp_path)
    assert (presence(proposal).value, presence(proposal).sureness) == ("some", "likely")
    assert set(wave.profiles["task"][wave.profiles["party"].isna()].astype(str)) == {"3"}
    for place in (0, 1):
        never = np.arange(2) == place
        proposal = propose(responses(drawn(layout, {"party": never})))
        assert presence(proposal) is None
        assert asked(proposal)[0].stops
        assert len(proposal.content()["outcomes"]) == 1


@both
def test_lost_cells_are_never_presence_in_silence(layout, rng, tmp_path):
    masks = {
        "few": rng.random(SHAPE) < 0.01,
        "few whole tasks": rng.random(SHAPE[:2])[..., None] < 0.02,
        "one profile of a task": np.stack([rng.random(SHAPE[:2]) < 0.4, np.zeros(SHAPE[:2])], 2) > 0,
        "scattered": rng.random(SHAPE) < 0.3,
    }  # fmt: skip
    for name, mask in masks.items():
        frame = drawn(layout, {"party": mask})
        proposal = propose(responses(frame))
        assert presence(proposal) is None, name
        (question,) = asked(proposal)
        assert question.stops, name
        assert (
            f"{np.broadcast_to(mask, SHAPE).sum():,} of 1,200 profiles lack it" in question.question
        )
        folder = tmp_path / name
        folder.mkdir()
        with pytest.raises(DataError, match='no level of "party"'):
            read(frame, folder, {"attributes.party.presence": len(question.options) - 1})
        assert len(read_again(folder, proposal, question)) == 1_200


def read_again(folder, proposal, question):
    """The profiles once somebody has said that the attribute is not always shown."""
    path = folder / "export.csv"
    decided = propose(read_responses(path, READ)).decide(question, 0)
    write_survey(settled(decided), folder / "decided")
    return cj.read_wave(folder / "decided").profiles


@both
def test_who_says_that_cells_are_missing_data_gets_their_rows_named(layout, rng, tmp_path):
    frame = drawn(layout, {"party": rng.random(SHAPE[:2])[..., None] < 0.4})
    with pytest.raises(DataError, match='no level of "party"'):
        read(frame, tmp_path, {"attributes.party.presence": 1})


@both
def test_an_arm_is_named_by_the_column_that_holds_it(layout, rng, tmp_path):
    arm = rng.choice(["a", "b", "c"], PEOPLE)
    asked_of_b = np.where(arm == "b", rng.choice(["yes", "no"], PEOPLE), "")
    masks = {"party": (arm != "b")[:, None, None], "region": (arm == "a")[:, None, None]}
    frame = drawn(layout, masks, arm=arm, after=asked_of_b)
    wave, proposal = read(frame, tmp_path)
    assert presence(proposal).value == {"column": "arm", "arm": "b"}
    assert presence(proposal, "region").value == {"column": "arm", "arm": ["b", "c"]}
    assert presence(proposal).sureness == "sure"
    assert 'whose "arm" is "b"' in presence(proposal).evidence
    assert not asked(proposal)
    assert wave.survey.attributes["party"].presence.arm == ("b",)


@both
def test_two_columns_that_tell_the_arm_are_both_offered(layout, rng):
    arm = rng.choice(["a", "b"], PEOPLE)
    wording = np.where(arm == "a", "Without party", "With party")
    proposal = propose(
        responses(drawn(layout, {"party": (arm == "a")[:, None, None]}, words=wording, arm=arm))
    )
    guess, (question,) = presence(proposal), asked(proposal)
    assert (guess.value["column"], guess.sureness) == ("arm", "likely")
    assert not question.stops
    other = proposal.decide(question, 1)
    assert presence(other).value == {"column": "words", "arm": "With party"}


@both
def test_cells_lost_within_an_arm_are_left_for_the_check_to_name(layout, rng, tmp_path):
    arm = rng.choice(["a", "b"], PEOPLE)
    mask = np.broadcast_to((arm == "a")[:, None, None], SHAPE).copy()
    mask[np.flatnonzero(arm == "b")[:3], 2, 1] = True
    frame = drawn(layout, {"party": mask}, arm=arm)
    proposal = propose(responses(frame))
    assert presence(proposal).value == {"column": "arm", "arm": "b"}
    assert "but for 3 profiles" in presence(proposal).evidence
    assert len(asked(proposal)) == 1
    with pytest.raises(DataError, match='no level of "party", which the arm "b" shows') as error:
        read(frame, tmp_path)
    assert sum(1 + fault.more for fault in error.value.faults) == 3


@both
def test_arms_that_no_column_holds_are_said_and_asked_about(layout, rng):
    mask = (rng.random(PEOPLE) < 0.5)[:, None, None]
    proposal = propose(responses(drawn(layout, {"party": mask})))
    assert presence(proposal).value == "some"
    assert f"{mask.sum()} of 120 respondents never see it" in presence(proposal).evidence
    assert len(asked(proposal)) == 1


@both
@pytest.mark.parametrize("by_task", [True, False])
def test_a_draw_of_three_of_five_attributes_is_sure(layout, by_task, rng, tmp_path):
    order = rng.random((5, *SHAPE[:2], 1 if by_task else 2)).argsort(axis=0).argsort(axis=0)
    masks = {name: order[place] >= 3 for place, name in enumerate(FIVE)}
    wave, proposal = read(drawn(layout, masks), tmp_path)
    for name in FIVE:
        guess = presence(proposal, name)
        assert (guess.value, guess.sureness) == ("some", "sure")
        assert "every profile shows 3 of these 5" in guess.evidence
        assert not asked(proposal, name)
    assert (wave.profiles[list(FIVE)].notna().sum(axis=1) == 3).all()


def test_a_draw_that_seldom_leaves_an_attribute_out_is_a_draw(rng):
    many = {f"item{place}": ["low", "mid", "high"] for place in range(25)}
    out = rng.integers(25, size=SHAPE)
    masks = {name: out == place for place, name in enumerate(many)}
    proposal = propose(responses(drawn("long", masks, many)))
    assert {presence(proposal, name).sureness for name in many} == {"sure"}
    assert "every profile shows 24 of these 25" in presence(proposal, "item3").evidence


@both
def test_a_draw_is_found_beside_an_attribute_with_lost_cells(layout, rng):
    order = rng.random((4, *SHAPE)).argsort(axis=0).argsort(axis=0)
    masks = {name: order[place] >= 2 for place, name in enumerate(list(FIVE)[:4])}
    proposal = propose(responses(drawn(layout, masks | {"region": rng.random(SHAPE) < 0.1})))
    assert presence(proposal).sureness == "sure"
    assert asked(proposal, "region")[0].stops


@both
def test_an_attribute_that_goes_with_a_level_of_another_says_which(layout):
    frame = drawn(layout, {})
    for suffix in [""] if layout == "long" else [f"t{t}_{p}_" for t in TASKS for p in "AB"]:
        frame.loc[frame[f"{suffix}cut"] == "None", f"{suffix}party"] = ""
    proposal = propose(responses(frame))
    assert presence(proposal).value == "some"
    assert 'empty wherever "cut" is "None"' in presence(proposal).evidence
    assert len(asked(proposal)) == 1


def test_tasks_numbered_through_the_whole_file_are_tasks_all_the_same(rng):
    mask = rng.random(SHAPE[:2])[..., None] < 0.4
    arm = rng.choice(["a", "b"], PEOPLE)
    frame = drawn("long", {"party": mask, "region": (arm == "a")[:, None, None]}, arm=arm)
    frame["task"] = np.repeat(np.arange(PEOPLE * len(TASKS)), 2).astype(str)
    proposal = propose(responses(frame))
    assert f"in all profiles: {mask.sum():,}; in some alone: 0" in presence(proposal).evidence
    assert presence(proposal, "region").value == {"column": "arm", "arm": "b"}


@both
def test_tasks_that_were_not_seen_are_no_presence(layout, rng):
    unseen = rng.random(SHAPE[:2])[..., None] < 0.2
    proposal = propose(responses(drawn(layout, dict.fromkeys(FIVE, unseen))))
    assert not [key for key in proposal.guesses if key[-1] == "presence"]
    assert not [d for d in proposal.decisions if d.key[-1] == "presence"]


def test_what_is_to_decide_stands_under_the_attribute(rng):
    text = as_toml(propose(responses(drawn("long", {"party": rng.random(SHAPE) < 0.3}))))
    party = text[text.index("[attributes.party]") : text.index("[attributes.region]")]
    words = " ".join(party.replace("#", "").split())
    assert "of 1,200 profiles lack it" in words
    assert "`conjoint check` stops until this is decided." in words
    assert '\n# presence = "some"\n' in party
