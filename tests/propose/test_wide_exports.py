"""Files of many platforms: the proposal, once decided, reads the very profiles that were shown."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from exported import DESIGN, responses, settled, shown_to, wide

import conjoint as cj
from conjoint.errors import InputError, SurveyError
from conjoint.propose import as_toml, propose, write_survey
from conjoint.read.file import read_responses
from conjoint.survey import Data

NUMBER = {name: str(place + 1) for place, name in enumerate(DESIGN)}
READ = Data(layout="long", respondent="")


def read_back(tmp_path, frame, answers=None):
    """Write a file, propose, decide, and read the folder: the survey and the wave."""
    path = tmp_path / "export.csv"
    frame.to_csv(path, index=False)
    proposal = settled(propose(read_responses(path, READ)), answers)
    write_survey(proposal, tmp_path / "survey")
    return proposal, cj.read_wave(tmp_path / "survey")


def check_profiles(wave, shown, chosen, profiles, key):
    """Every level shown, and every choice, stands in the wave where it belongs; `key` names columns."""
    n = len(next(iter(chosen.values())))
    tasks = list(chosen)
    for (task, profile, attribute), levels in shown.items():
        rows = wave.profiles[
            (wave.profiles["task"] == task) & (wave.profiles["profile"] == profile)
        ]
        assert rows[key(attribute)].astype(str).to_list() == list(levels)
    assert len(wave.profiles) == n * len(tasks) * len(profiles)
    outcome = wave.survey.main_outcome
    for task, place in chosen.items():
        for index, profile in enumerate(profiles):
            rows = wave.profiles[
                (wave.profiles["task"] == task) & (wave.profiles["profile"] == profile)
            ]
            np.testing.assert_array_equal(rows[outcome].to_numpy(), place == index)


FORMATS = {
    "words": (
        lambda t, p, a: f"t{t}_{p}_{a}",
        lambda t: f"t{t}_choice",
        "AB",
        ("Deal A", "Deal B"),
    ),
    "numbers": (lambda t, p, a: f"CJ{t}_{p}_{NUMBER[a]}", lambda t: f"CJ{t}", "12", ("1", "2")),
    "alchemer": (
        lambda t, p, a: f"{a.title()}:Task {t}:Profile {p}",
        lambda t: f"Which do you prefer?:Task {t}",
        "AB",
        ("Profile A", "Profile B"),
    ),
    "decipher": (
        lambda t, p, a: f"Q5_t{t}_p{p}_a{NUMBER[a]}",
        lambda t: f"Q6_t{t}",
        "12",
        ("1", "2"),
    ),
    "confirmit": (
        lambda t, p, a: f"CBC_{a}_r{p}_c{t}",
        lambda t: f"CBC_answer_c{t}",
        "12",
        ("Left", "Right"),
    ),
    "sides": (
        lambda t, p, a: f"t{t}_{p}_{a}",
        lambda t: f"pref_{t}",
        ("left", "right"),
        ("Left one", "Right one"),
    ),
    "camel": (
        lambda t, p, a: f"Task{t}Profile{p}{a.title()}",
        lambda t: f"Task{t}Choice",
        "AB",
        ("A", "B"),
    ),
    "three": (
        lambda t, p, a: f"T{t}_Concept{p}_{a}",
        lambda t: f"T{t}_pick",
        "123",
        ("Concept 1", "Concept 2", "Concept 3"),
    ),
    "brackets": (
        lambda t, p, a: f"Q1[{t}][{p}][{a}]",
        lambda t: f"Q2[{t}]",
        "12",
        ("Option 1", "Option 2"),
    ),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_platform_s_names_are_taken_apart(name, tmp_path):
    column, choice, profiles, answers = FORMATS[name]
    proposal, wave = read_back(tmp_path, wide(column, choice, answers, profiles=profiles))
    assert not [d for d in propose_decisions(tmp_path) if d.stops]
    own = {attribute.column or key: key for key, attribute in wave.survey.attributes.items()}
    names = {
        a: next(own[k] for k in own if k.lower() in (a, NUMBER[a], f"a{NUMBER[a]}")) for a in DESIGN
    }
    check_profiles(wave, *shown_to(profiles=profiles), profiles, names.__getitem__)
    assert proposal.guesses["data", "respondent"].value == "respondent_id"
    for a, levels in DESIGN.items():
        assert set(wave.survey.attributes[names[a]].values) == set(levels)
    price = wave.survey.attributes[names["price"]]
    assert [level.number for level in price.levels] == [5000, 10000, 20000, 40000]
    cut = wave.survey.attributes[names["cut"]]
    assert [(level.value, level.number) for level in cut.levels] == [
        ("None", 0), ("25%", 25), ("50%", 50),
    ]  # fmt: skip


def propose_decisions(tmp_path):
    return propose(read_responses(tmp_path / "export.csv", READ)).decisions


@pytest.mark.parametrize("tasks", ["1", "12", "12345678"])
@pytest.mark.parametrize("people", [12, 150])
def test_few_tasks_and_few_people_will_do(tasks, people, tmp_path):
    frame = wide(
        lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice", tasks=tasks, people=people
    )
    proposal, wave = read_back(tmp_path, frame)
    assert proposal.content()["data"]["tasks"] == len(tasks)
    check_profiles(wave, *shown_to(people, tasks), "AB", str)


def test_tasks_of_other_names_are_listed(tmp_path):
    frame = wide(
        lambda t, p, a: f"{a}{t}{p}",
        lambda t: f"choice_{t}",
        ("1", "2"),
        tasks="abcd",
        profiles="12",
    )
    proposal, wave = read_back(tmp_path, frame)
    assert proposal.content()["data"]["tasks"] == ["a", "b", "c", "d"]
    check_profiles(wave, *shown_to(tasks="abcd", profiles="12"), "12", str)


def test_attributes_of_the_same_levels_are_told_apart_by_names():
    same = {name: ["Yes", "No", "Maybe"] for name in "1234"}
    frame = wide(
        lambda t, p, a: f"T{t}P{p}A{a}",
        lambda t: f"T{t}answer",
        ("1", "2"),
        profiles="12",
        design=same,
    )
    data = propose(responses(frame)).content()["data"]
    assert data["attribute"] == "T{task}P{profile}{attribute}"
    assert (data["tasks"], data["profiles"]) == (5, ["1", "2"])


def test_tasks_that_some_never_saw_are_no_matter(tmp_path):
    frame = wide(lambda t, p, a: f"{a}_{t}_{p}", lambda t: f"pick_{t}", ("1", "2"), profiles="12")
    rng = np.random.default_rng(4)
    for task in "45":
        gone = rng.random(len(frame)) < 0.4
        frame.loc[gone, [name for name in frame if f"_{task}" in name]] = ""
    proposal, wave = read_back(tmp_path, frame)
    assert proposal.content()["data"]["tasks"] == 5
    seen = frame[[f"pick_{task}" for task in "12345"]].ne("").to_numpy().sum()
    assert len(wave.profiles) == 2 * seen


# --- Attributes that change places ------------------------------------------------------------


def by_position(people=300):
    shown, chosen = shown_to(people, profiles="12")
    rng = np.random.default_rng(3)
    order = np.array([rng.permutation(list(DESIGN)) for _ in range(people)])
    columns = {"ResponseId": [f"R_{i}" for i in range(people)]}
    for task in chosen:
        for place in range(3):
            columns[f"F-{task}-{place + 1}"] = order[:, place]
            for profile in "12":
                columns[f"F-{task}-{profile}-{place + 1}"] = [
                    shown[task, profile, order[row, place]][row] for row in range(people)
                ]
        columns[f"choice_{task}"] = np.array(["Option 1", "Option 2"], dtype=object)[chosen[task]]
    return pd.DataFrame(columns, dtype=object), shown, chosen


def test_attributes_that_change_places_are_found_by_their_names(tmp_path):
    frame, shown, chosen = by_position()
    proposal, wave = read_back(tmp_path, frame)
    data = proposal.content()["data"]
    assert data["attribute"] == "F-{task}-{profile}-{position}"
    assert data["name"] == "F-{task}-{position}"
    assert data["positions"] == 3
    check_profiles(wave, shown, chosen, "12", str)


def test_choices_that_do_not_go_by_the_tasks_names_are_asked_for(tmp_path):
    frame, shown, chosen = by_position()
    frame = frame.rename(columns={f"choice_{task}": f"Q{3 * int(task)}" for task in "12345"})
    answers = [f"Q{3 * int(task)}" for task in "12345"]
    frame = frame[[*frame.columns.drop(answers), *answers]]
    frame.to_csv(tmp_path / "export.csv", index=False)
    proposal = propose(read_responses(tmp_path / "export.csv", READ))
    assert "questions" not in proposal.content()
    (asked,) = [decision for decision in proposal.decisions if decision.stops]
    assert asked.key == ("outcomes", "choice", "columns")
    assert "Q3, Q6, Q9, Q12, Q15 could" in asked.question
    write_survey(proposal, tmp_path / "open")
    with pytest.raises(SurveyError, match="choice: needs either `column` or `columns`"):
        cj.read_survey(tmp_path / "open")
    assert '# columns = { 1 = "Q3", 2 = "Q6",' in (tmp_path / "open/survey.toml").read_text()
    write_survey(settled(proposal), tmp_path / "new")
    check_profiles(cj.read_wave(tmp_path / "new"), shown, chosen, "12", str)


def test_choices_that_stand_behind_their_tasks_are_read_so(tmp_path):
    frame, shown, chosen = by_position()
    names = {f"choice_{task}": f"Q2.{3 * int(task)}" for task in "12345"}
    frame = frame.rename(columns=names)
    rng = np.random.default_rng(1)
    for number in "1234":  # other questions of the same answers
        frame[f"Q5.{number}"] = rng.choice(["Option 1", "Option 2"], len(frame))
    proposal, wave = read_back(tmp_path, frame)
    guess = proposal.guesses["outcomes", "choice", "columns"]
    assert guess.sureness == "likely"
    assert guess.value == {task: f"Q2.{3 * int(task)}" for task in "12345"}
    check_profiles(wave, shown, chosen, "12", str)


def test_more_columns_than_tasks_are_named_and_left_to_a_person():
    frame, _, _ = by_position()
    frame = frame.rename(columns={f"choice_{task}": f"Q{3 * int(task)}" for task in "12345"})
    frame["Q1"] = frame["Q3"].to_numpy()[::-1]
    (asked,) = [d for d in propose(responses(frame)).decisions if d.key == ("outcomes",)]
    assert asked.stops
    assert "Some of Q3, Q6, Q9, Q12, Q15, Q1 may." in asked.question
    assert "`columns` names the column of each task" in asked.question


# --- A task asked twice -----------------------------------------------------------------------


def repeated(name, swapped=True):
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice")
    for attribute in DESIGN:
        for profile, other in (("A", "B"), ("B", "A")):
            source = other if swapped else profile
            frame[f"t{name}_{profile}_{attribute}"] = frame[f"t2_{source}_{attribute}"]
    frame[f"t{name}_choice"] = frame["t2_choice"].to_numpy()[::-1]
    return frame


@pytest.mark.parametrize(
    ("name", "swapped"), [("6", True), ("6", False), ("2_flipped", True), ("2rep", False)]
)
def test_a_repeated_task_is_known_by_its_profiles(name, swapped, tmp_path):
    proposal, wave = read_back(tmp_path, repeated(name, swapped))
    assert proposal.content()["data"]["repeat"] == {"task": name, "of": "2", "flipped": swapped}
    assert proposal.content()["data"]["tasks"] == 5
    assert proposal.guesses["data", "repeat"].sureness == "sure"
    assert wave.repeats is not None
    assert len(wave.repeats) == 2 * 300


def test_a_second_answer_to_a_task_is_known_by_its_name(tmp_path):
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"choice{t}")
    frame["choice3_repeated_flipped"] = np.where(frame["choice3"] == "Deal A", "Deal B", "Deal A")
    proposal, wave = read_back(tmp_path, frame)
    assert proposal.content()["data"]["repeat"] == {
        "task": "3_repeated_flipped", "of": "3", "flipped": True, "attributes": "same",
    }  # fmt: skip
    assert wave.repeats is not None


def test_two_tasks_of_few_levels_are_not_taken_for_a_repeat():
    tiny = {"a1": ["x", "y"], "a2": ["u", "v"]}
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice", people=400, design=tiny)
    assert "repeat" not in propose(responses(frame)).content()["data"]


# --- Outcomes ---------------------------------------------------------------------------------


def test_a_choice_of_0_and_1_is_left_to_a_person_with_both_readings(tmp_path):
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice", ("0", "1"))
    proposal = propose(responses(frame))
    assert ("outcomes", "choice", "chosen") not in proposal.guesses
    asked = next(d for d in proposal.decisions if d.key == ("outcomes", "choice", "chosen"))
    assert asked.stops
    zeros = sum((frame[f"t{task}_choice"] == "0").sum() for task in "12345")
    assert f"A chosen {zeros:,} times, B chosen {1500 - zeros:,} times" in asked.options[0].evidence
    assert f"A chosen {1500 - zeros:,} times, B chosen {zeros:,} times" in asked.options[1].evidence
    write_survey(proposal_at(tmp_path, frame, proposal), tmp_path / "open")
    with pytest.raises(InputError, match=r"outcomes\.choice"):
        cj.read_wave(tmp_path / "open")
    for answer in (0, 1):
        folder = tmp_path / str(answer)
        folder.mkdir()
        _, wave = read_back(folder, frame, {"outcomes.choice.chosen": answer})
        first = wave.profiles[wave.profiles["profile"] == "A"]["choice"].sum()
        assert first == (zeros if answer == 0 else 1500 - zeros)


def proposal_at(tmp_path, frame, proposal):
    path = tmp_path / "export.csv"
    frame.to_csv(path, index=False)
    return replace(proposal, path=path)


def test_a_code_that_names_no_profile_is_asked_about():
    frame = wide(
        lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice", ("1", "2"), profiles="12"
    )
    frame.loc[::5, "t1_choice"] = "3"
    proposal = propose(responses(frame))
    assert proposal.content()["outcomes"]["choice"]["chosen"] == {"1": "1", "2": "2"}
    asked = next(d for d in proposal.decisions if d.key == ("outcomes", "choice", "none"))
    assert asked.stops
    assert '"3" 60' in asked.question


def test_none_of_these_is_an_answer_that_chooses_nothing(tmp_path):
    frame = wide(
        lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice", ("1", "2", "3"), profiles="123"
    )
    frame.loc[::4, "t2_choice"] = "None of these"
    proposal, wave = read_back(tmp_path, frame)
    assert proposal.content()["outcomes"]["choice"]["none"] == ["None of these"]
    assert wave.profiles["choice"].sum() == 5 * 300 - 75


@pytest.mark.parametrize(("no", "yes"), [("0", "1"), ("No", "Yes"), ("not chosen", "chosen")])
@pytest.mark.parametrize("name", [lambda t, p: f"C{t}_{p}", lambda t, p: f"t{t}_{p}_chosen"])
def test_a_choice_that_each_profile_holds(no, yes, name, tmp_path):
    profiles = "ABC"
    shown, chosen = shown_to(profiles=profiles)
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", profiles=profiles)
    for task, place in chosen.items():
        for index, profile in enumerate(profiles):
            frame[name(task, profile)] = np.where(place == index, yes, no)
    proposal, wave = read_back(tmp_path, frame)
    (outcome,) = proposal.content()["outcomes"].values()
    assert (outcome["kind"], outcome["positive"], outcome["negative"]) == ("choice", [yes], [no])
    check_profiles(wave, shown, chosen, profiles, str)


def test_codes_1_and_2_of_two_profiles_do_not_say_which_is_chosen():
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}")
    _, chosen = shown_to()
    for task, place in chosen.items():
        for index, profile in enumerate("AB"):
            frame[f"t{task}_{profile}_chosen"] = np.where(place == index, "1", "2")
    proposal = propose(responses(frame))
    asked = next(d for d in proposal.decisions if d.key == ("outcomes", "chosen", "positive"))
    assert asked.stops
    assert [option.text for option in asked.options] == ['"1" counts 1', '"2" counts 1']


def liked(frame, kind):
    rng = np.random.default_rng(8)
    person = rng.normal(size=len(frame))
    for task in "12345":
        for profile in "AB":
            felt = person + rng.normal(size=len(frame))
            if kind == "support":
                words = np.where(
                    felt > 0.3, "Support", np.where(felt < -0.3, "Oppose", "Don't know")
                )
            else:
                words = np.clip(np.round(5 + 2 * felt), 0, 10).astype(int).astype(str)
            frame[f"t{task}_{profile}_{kind}"] = words
    return frame


def test_a_rating_has_its_ends_and_support_its_words(tmp_path):
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice")
    frame = liked(liked(frame, "support"), "score")
    proposal, wave = read_back(tmp_path, frame, {"outcomes.support.missing": 1})
    outcomes = proposal.content()["outcomes"]
    assert outcomes["score"]["kind"] == "rating"
    assert (outcomes["score"]["min"], outcomes["score"]["max"]) == (0, 10)
    assert outcomes["support"]["positive"] == ["Support"]
    assert outcomes["support"]["negative"] == ["Oppose"]
    assert outcomes["support"]["missing"] == ["Don't know"]
    assert list(wave.survey.outcomes) == ["choice", "support", "score"]
    assert set(wave.survey.attributes) == set(DESIGN)


# --- What has to stand out --------------------------------------------------------------------


def test_two_spellings_of_a_level_are_shown_and_never_merged(tmp_path):
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice")
    frame.loc[[3, 5, 8], "t2_A_price"] = "£5000"
    frame.loc[[4], "t1_B_partner"] = "germany"
    proposal = propose(responses(frame))
    asked = [
        d for d in proposal.decisions if "misspelt" in (d.options[0].text if d.options else "")
    ]
    assert [d.key[1] for d in asked] == ["price", "partner"]
    assert all(d.stops for d in asked)
    count = sum((frame[c] == "£5,000").sum() for c in frame if c.endswith("_price"))
    assert asked[0].question.startswith(f'"£5000" (3 cells) looks like "£5,000" ({count:,} cells)')
    values = [level["value"] for level in proposal.content()["attributes"]["price"]["levels"]]
    assert "£5000" not in values
    # Four tasks of many: left out with a count, neither merged nor unseen.
    unused = [entry for entry in read_back(tmp_path, frame)[1].unused if entry.kind == "tasks"]
    assert [entry.count for entry in unused] == [4]
    kept = proposal
    for decision in asked:
        kept = kept.decide(decision, 1)
    assert "£5000" in kept.content()["attributes"]["price"]["levels"]


def test_pairs_that_never_meet_are_proposed_with_their_counts():
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice", people=800)
    for task in "12345":
        for profile in "AB":
            tied = frame[f"t{task}_{profile}_price"].isin(["£5,000", "£10,000"])
            spain = frame[f"t{task}_{profile}_partner"] == "Spain"
            frame.loc[tied & spain, f"t{task}_{profile}_partner"] = "France"
    proposal = propose(responses(frame))
    (asked,) = (d for d in proposal.decisions if d.key == ("restrictions",))
    assert not asked.stops
    guess = proposal.guesses["restrictions",]
    assert guess.sureness == "likely"
    assert "0 of 8,000 profiles" in guess.items[0]
    assert f"# likely: {guess.items[0][:40]}" in as_toml(proposal)
    (table,) = proposal.content()["restrictions"]
    assert set(table["never"]["price"]) == {"£5,000", "£10,000"}
    assert table["never"]["partner"] == ["Spain"]
    assert "restrictions" not in proposal.decide(asked, 1).content()


def test_levels_that_chance_left_out_are_not_proposed_as_restrictions():
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice", people=12)
    assert not [d for d in propose(responses(frame)).decisions if d.key == ("restrictions",)]


def test_a_weight_is_proposed_and_not_taken(tmp_path):
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice")
    frame["wgt"] = np.random.default_rng(2).uniform(0.5, 1.5, len(frame)).round(4).astype(str)
    frame["qtime"] = np.random.default_rng(2).integers(200, 900, len(frame)).astype(str)
    proposal, wave = read_back(tmp_path, frame)
    assert "weight" not in proposal.content()["data"]
    assert proposal.content()["data"]["duration"] == "qtime"
    assert (wave.weights == 1).all()
    asked = next(d for d in proposal.decisions if d.key == ("data", "weight"))
    assert proposal.decide(asked, 1).content()["data"]["weight"] == "wgt"


def test_labels_and_declared_answers_are_used():
    frame = wide(
        lambda t, p, a: f"CJ{t}_{p}_{NUMBER[a]}", lambda t: f"CJ{t}", ("1", "2"), profiles="12"
    )
    titles = {"price": "What it costs", "cut": "By how much", "partner": "Together with"}
    labels = {
        f"CJ{t}_{p}_{NUMBER[a]}": f"Task {t} - Option {p} - {title}"
        for t in "12345"
        for p in "12"
        for a, title in titles.items()
    }
    order = ("Spain", "Italy", "Poland", "France", "Germany", "Malta")
    answers = {name: order for name in labels if name.endswith("_3")}
    proposal = propose(responses(frame, labels=labels, answers=answers))
    attributes = proposal.content()["attributes"]
    assert list(attributes) == ["what_it_costs", "by_how_much", "together_with"]
    assert [a["label"] for a in attributes.values()] == list(titles.values())
    assert attributes["together_with"]["levels"] == list(order[:5])
    assert proposal.guesses["attributes", "together_with", "levels"].sureness == "sure"


def test_questions_come_with_their_answers_and_what_counts_as_none():
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice")
    rng = np.random.default_rng(6)
    frame["often"] = rng.choice(["Never", "Sometimes", "Always", "Prefer not to say"], len(frame))
    frame["likes it"] = rng.choice([*"1234567", "-99"], len(frame))
    frame["says"] = [f"text {i}" for i in range(len(frame))]
    proposal = propose(responses(frame))
    asked = proposal.content()["questions"]
    assert asked["gender"]["answers"] == ["Female", "Male"]
    assert asked["trust"] == {"kind": "scale", "min": 0, "max": 10, "missing": ["Don't know"]}
    assert asked["often"]["answers"] == ["Never", "Sometimes", "Always", "Prefer not to say"]
    assert asked["likes_it"] == {
        "kind": "scale", "column": "likes it", "min": 1, "max": 7, "missing": ["-99"],
    }  # fmt: skip
    assert any('"says"' in note for note in proposal.notes)
    none = next(d for d in proposal.decisions if d.key == ("questions", "often", "missing"))
    assert not none.stops
    assert proposal.decide(none, 1).content()["questions"]["often"]["missing"] == [
        "Prefer not to say"
    ]


def test_one_profile_a_task_is_a_rating_of_each():
    frame = wide(lambda t, _, a: f"v{t}_{a}", profiles=("",))
    rng = np.random.default_rng(5)
    person = rng.normal(size=len(frame))
    for task in "12345":
        felt = 4 + person + rng.normal(size=len(frame))
        frame[f"v{task}_rating"] = np.clip(felt.round(), 1, 7).astype(int).astype(str)
    content = propose(responses(frame)).content()
    assert content["data"]["attribute"] == "v{task}_{attribute}"
    assert content["data"]["profiles"] == ["1"]
    assert set(content["attributes"]) == set(DESIGN)
    assert (
        content["outcomes"]["rating"] | {"kind": "rating", "min": 1, "max": 7}
        == content["outcomes"]["rating"]
    )
