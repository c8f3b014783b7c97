"""Raw exports of Qualtrics: the file is left as it is, and the right figures come out."""

import csv
import re

import numpy as np
import pytest
from drawn_export import Export, _header, _positions, draw_profiles
from test_drawn_exports import means_of, same, true_means, ways

import conjoint as cj
from conjoint.propose import propose, write_survey
from conjoint.read.file import read_responses
from conjoint.survey import Data

READ = Data(layout="long", respondent="")


def drawn(attributes=("price", "colour", "quality"), *, tasks=4, profiles=2, seed=1):
    """Profiles, choices, and the table and wordings of an export by position."""
    export = Export(
        "positions",
        "import ids",
        "t1_A_price",
        "numbers",
        attributes,
        tasks,
        profiles,
        (),
        ",",
        seed,
    )
    found = draw_profiles(export, 90)
    return found, *_positions(export, found)


@pytest.fixture
def come_out(tmp_path):
    """The proposal of a table, and whether some way to decide it gives the figures that were drawn."""

    def write_and_propose(found, table, wordings, header="import ids", mark=","):
        export = Export("positions", header, "", "", (), 0, 0, (), ",", 0)
        with (tmp_path / "export.csv").open("w", newline="", encoding="utf-8-sig") as file:
            writer = csv.writer(file, delimiter=mark)
            writer.writerows(_header(export, list(table), wordings))
            writer.writerows(table.fillna("").to_numpy())
        proposal = propose(read_responses(tmp_path / "export.csv", READ))
        right = False
        for number, decided in enumerate(ways(proposal)):
            write_survey(decided, tmp_path / f"way{number}")
            right |= same(means_of(tmp_path / f"way{number}"), true_means(found))
        return proposal, right

    return write_and_propose


def stops(proposal):
    return [".".join(decision.key) for decision in proposal.decisions if decision.stops]


@pytest.mark.parametrize("header", ["import ids", "before 2017"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("attributes", "profiles"),
    [
        (("price", "colour", "origin"), 2),
        (("price", "quality", "service"), 2),  # two share all their levels
        (("quality", "price"), 2),  # as many attributes as profiles
        (("price", "quality", "service"), 3),
    ],
)
def test_a_raw_export_comes_right_unaided(attributes, profiles, mark, header, come_out):
    proposal, right = come_out(*drawn(attributes, profiles=profiles), header, mark)
    assert right
    assert stops(proposal) == []
    assert list(proposal.content()["attributes"]) != []
    assert [key[1] for key in proposal.guesses if key[0] == "outcomes" and key[-1] == "kind"] == [
        "choice"
    ]


def test_attributes_in_a_new_order_each_task_and_other_names_come_right(come_out):
    found, table, wordings = drawn(("quality", "service", "price"))
    rng = np.random.default_rng(3)
    for task in found.tasks:
        order = np.array([rng.permutation(3) for _ in range(len(table))])
        for stem in (f"F-{task}-", *(f"F-{task}-{profile}-" for profile in found.profiles)):
            names = [f"{stem}{place}" for place in (1, 2, 3)]
            table[names] = np.take_along_axis(table[names].to_numpy(), order, axis=1)
    table.columns = [re.sub("^F-", "K-", name) for name in table]
    assert come_out(found, table, wordings)[1]


@pytest.mark.parametrize(
    "answer",
    [
        lambda task, profile: f"{task}{'ABC'[int(profile) - 1]}",
        lambda task, profile: f"{task}{profile}",
        lambda task, profile: f"Set {task} - option {profile}",
        lambda task, profile: f"{profile}/{task}",
    ],
    ids=["1A", "11", "words", "profile first"],
)
@pytest.mark.parametrize("profiles", [2, 3])
def test_answers_may_name_the_task_beside_the_profile(answer, profiles, come_out):
    found, table, wordings = drawn(profiles=profiles)
    for task in found.tasks:
        table[f"Q{task}.1"] = [answer(task, chosen) for chosen in table[f"Q{task}.1"]]
    proposal, right = come_out(found, table, wordings)
    assert right
    assert stops(proposal) == []
    assert [
        len(texts) for texts in proposal.content()["outcomes"]["choice"]["chosen"].values()
    ] == [4] * profiles


@pytest.mark.parametrize("start", [1, 23], ids=["codes of profiles", "codes of anything"])
def test_choices_are_found_by_their_wording_and_are_no_questions(start, come_out):
    found, table, wordings = drawn()
    for task in found.tasks:
        table[f"Q{task}.1"] = [str(int(chosen) - 1 + start) for chosen in table[f"Q{task}.1"]]
    again = {f"Q{task}.1": f"Q{10 + 3 * int(task)}" for task in found.tasks}
    table["Q40"] = table["gender"].map({"Female": "1", "Male": "2"})
    wordings = {again[name]: text for name, text in wordings.items()}
    proposal, right = come_out(found, table.rename(columns=again), wordings)
    assert right
    columns = proposal.guesses.get(("outcomes", "choice", "columns"))
    # One wording, as often as there are tasks: in the file's order, if the answers name the profiles.
    assert (columns is None) == (start != 1) == ("outcomes.choice.columns" in stops(proposal))
    assert columns is None or columns.sureness == "likely"
    assert set(proposal.content()["questions"]) == {"gender", "Q40"}


def test_what_the_platform_adds_is_neither_question_nor_attribute(come_out):
    found, table, wordings = drawn()
    rng = np.random.default_rng(1)
    added = {"IPAddress": [f"203.0.113.{place}" for place in range(len(table))]}
    names = [
        "Progress",
        "LocationLatitude",
        "RecipientEmail",
        "Q_RecaptchaScore",
        "FL_7_DO",
        "Q3_DO_1",
    ]
    names += [
        f"Q{t}.2_{what}"
        for t in found.tasks
        for what in ("First Click", "Page Submit", "Click Count")
    ]
    added |= {name: rng.integers(1, 4, len(table)).astype(str) for name in names}
    for place, (name, cells) in enumerate(added.items()):
        table.insert(place, name, cells)
    proposal, right = come_out(found, table, wordings)
    assert right
    assert proposal.content()["data"]["respondent"] == "ResponseId"
    assert set(proposal.content()["questions"]) == {"gender"}
    said = str(proposal.guesses) + str(proposal.notes) + str(proposal.decisions)
    assert not [name for name in added if name in said]
    assert "203.0.113" not in said


def test_people_whose_profiles_were_lost_are_counted_and_left_out(come_out):
    found, table, wordings = drawn()
    table.loc[[4, 7, 30], [name for name in table if name.startswith("F-")]] = ""
    found.rows = found.rows[~found.rows["person"].isin([4, 7, 30])]
    proposal, right = come_out(found, table, wordings)
    assert right
    assert any(note.startswith("3 people answered tasks") for note in proposal.notes)
    where = proposal.content()["exclusions"]["no_profiles"]["where"]
    assert list(where.values()) == [{"empty": True}]


def test_people_who_were_shown_profiles_are_not_left_out(come_out):
    found, table, wordings = drawn()
    table.loc[5, [f"Q{task}.1" for task in found.tasks]] = ""
    proposal, _ = come_out(found, table, wordings)
    assert "exclusions" not in proposal.content()


@pytest.mark.parametrize(
    ("tick", "empty"), [(str, ""), ("1", ""), ("1", "0"), ("Selected", "Not Selected")]
)
def test_answers_that_may_be_ticked_are_one_question(tick, empty, come_out, tmp_path):
    found, table, wordings = drawn()
    issues = ["Health", "Tax", "Defence", "Schools", "None of these"]
    rng = np.random.default_rng(2)
    ticks = rng.random((len(table), 5)) < 0.4
    for place, issue in enumerate(issues):
        text = issue if tick is str else tick
        table[f"Q50_{place + 1}"] = np.where(ticks[:, place], text, empty)
        wordings[f"Q50_{place + 1}"] = f"Which matter to you? - Selected Choice - {issue}"
    proposal, right = come_out(found, table, wordings)
    assert right
    question = proposal.content()["questions"]["Q50"]
    assert question["kind"] == "multiple"
    assert question["columns"] == {issue: f"Q50_{n + 1}" for n, issue in enumerate(issues)}
    assert question["text"] == "Which matter to you?"
    answers = cj.toplines(cj.read_wave(tmp_path / "way0")).frame
    shares = answers[answers["outcome"] == "Q50"].set_index("level")["estimate"]
    base = np.ones(len(table), dtype=bool) if empty else ticks.any(axis=1)
    assert shares["Tax"] == pytest.approx(ticks[base, 1].mean(), abs=1e-9)


def test_ratings_of_profiles_that_go_by_other_letters_are_an_outcome(come_out, tmp_path):
    found, table, wordings = drawn()
    rng = np.random.default_rng(4)
    rated = []
    for task in found.tasks:
        for letter in "ab":
            table[f"W{task}{letter}_x"] = rng.integers(1, 8, len(table)).astype(str)
            rated.append(table[f"W{task}{letter}_x"].astype(float))
    proposal, right = come_out(found, table, wordings)
    assert right
    name, outcome = list(proposal.content()["outcomes"].items())[-1]
    assert (outcome["kind"], outcome["profiles"]) == ("rating", {"1": "a", "2": "b"})
    profiles = cj.read_wave(tmp_path / "way0").profiles.set_index(["task", "profile"])
    for place, cells in enumerate(rated):
        task, profile = found.tasks[place // 2], found.profiles[place % 2]
        np.testing.assert_array_equal(profiles.loc[(task, profile), name], cells)
