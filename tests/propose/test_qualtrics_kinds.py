"""Qualtrics' exports as they are: what the platform adds is no question, and no attribute."""

import csv
import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from exported import responses, shown_to, wide
from test_wide_exports import READ, check_profiles, read_back

import conjoint as cj
from conjoint.propose import propose, write_survey
from conjoint.propose.words import piped, wording
from conjoint.read.file import read_responses


def test_wording_has_no_markup():
    text = '<p style="x">Which&nbsp;of <b>these</b> two<br>do you<script>bad()</script> prefer?</p>'
    assert wording(text) == "Which of these two do you prefer?"
    assert wording("Under &lt;18 &amp; &lt;b&gt;over&lt;/b&gt; 65") == "Under <18 & over 65"
    assert piped("${e://Field/F-1-1-1} or ${e://Field/F-1-2-1}") == ("F-1-1-1", "F-1-2-1")


# --- Attributes that change places, named in columns of their own ---------------------------------

JUDGED = ["Poor", "Fair", "Good"]
APART = {
    "Gender": ["Male", "Female"],
    "Party": ["Left", "Centre", "Right"],
    "Age": ["25", "45", "65"],
}
SHARED = {"Teaching": JUDGED, "Gender": ["Male", "Female"], "Research": JUDGED}
ALL_SHARED = {"Teaching": JUDGED, "Service": JUDGED, "Research": JUDGED}
TWO = {"Gender": ["Male", "Female"], "Party": ["Left", "Right"]}


def placed(design, profiles="12", tasks="1234", people=120, names="F-{t}-{k}", order="person"):
    """Columns as the usual designer of conjoints names them, and what was shown and chosen."""
    shown, chosen = shown_to(people, tasks, profiles, design)
    rng = np.random.default_rng(5)
    drawn = np.array([rng.permutation(len(design)) for _ in range(people)])
    attributes = list(design)
    columns = {"ResponseId": [f"R_{i}" for i in range(people)]}
    for t in tasks:
        if order == "task":
            drawn = np.array([rng.permutation(len(design)) for _ in range(people)])
        for k in range(len(design)):
            own = [attributes[place] for place in drawn[:, k]]
            columns[names.format(t=t, k=k + 1)] = own
            for p in profiles:
                columns[f"F-{t}-{p}-{k + 1}"] = [shown[t, p, a][row] for row, a in enumerate(own)]
    return pd.DataFrame(columns, dtype=object), shown, chosen


def answered(frame, chosen, name, answers):
    for place, (task, own) in enumerate(chosen.items()):
        frame[name(task, place)] = np.array(list(answers), dtype=object)[own]
    return frame


@pytest.mark.parametrize("names", ["F-{t}-{k}", "K-{t}-{k}", "order_{k}"])
@pytest.mark.parametrize(
    ("design", "profiles"),
    [(APART, "12"), (APART, "123"), (SHARED, "12"), (TWO, "12"), (TWO, "123")],
)
def test_columns_that_name_attributes_are_found_and_are_no_choice(
    tmp_path, design, profiles, names
):
    frame, shown, chosen = placed(design, profiles, names=names)
    answered(frame, chosen, lambda t, _: f"choice{t}", [f"Candidate {p}" for p in profiles])
    proposal, wave = read_back(tmp_path, frame)
    data = proposal.content()["data"]
    assert data["attribute"] == "F-{task}-{profile}-{position}"
    assert data["name"] == names.format(t="{task}", k="{position}")
    assert list(proposal.content()["outcomes"]) == ["choice"]
    assert not [d for d in proposal.decisions if d.stops]
    check_profiles(wave, shown, chosen, profiles, str)


@pytest.mark.parametrize("profiles", ["12", "123"])
def test_attributes_that_all_have_the_same_levels_are_told_by_names_alone(tmp_path, profiles):
    frame, shown, chosen = placed(ALL_SHARED, profiles)
    answered(frame, chosen, lambda t, _: f"choice{t}", profiles)
    proposal, wave = read_back(tmp_path, frame)
    assert proposal.guesses["data", "attribute"].sureness == "likely"
    check_profiles(wave, shown, chosen, profiles, str)


def test_as_many_profiles_as_tasks_are_told_apart_by_custom_and_not_for_sure():
    frame, _, chosen = placed(APART, "12", "12")
    answered(frame, chosen, lambda t, _: f"choice{t}", "12")
    guess = propose(responses(frame)).guesses["data", "attribute"]
    assert guess.value == "F-{task}-{profile}-{position}"
    assert guess.sureness == "likely"


def test_names_of_attributes_alone_are_no_outcome():
    frame, _, _ = placed(TWO, "12", names="K-{t}-{k}")
    proposal = propose(responses(frame))
    assert "outcomes" not in proposal.content()
    assert [d.key for d in proposal.decisions if d.stops] == [("outcomes",)]


@pytest.mark.parametrize("design", [APART, SHARED, TWO])
def test_attributes_that_change_places_without_names_are_not_read(tmp_path, design):
    frame, _, chosen = placed(design)
    frame = frame[[name for name in frame if name.count("-") != 2]]
    answered(frame, chosen, lambda t, _: f"choice{t}", "12")
    proposal = propose(responses(frame))
    asked = [d for d in proposal.decisions if d.key == ("data", "attribute") and d.stops]
    assert "no columns say which stood where" in asked[-1].question
    assert "attribute" not in proposal.content()["data"]


def test_equal_levels_that_never_meet_are_a_design():
    design = {name: ["Red", "Blue", "Green", "Black"] for name in ("first", "second")}
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice", design=design)
    for task in "12345":
        for profile in "AB":
            first, second = (f"t{task}_{profile}_{name}" for name in design)
            turn = dict(zip(design["first"], ["Blue", "Green", "Black", "Red"], strict=True))
            frame[second] = frame[second].where(
                frame[first] != frame[second], frame[second].map(turn)
            )
    assert "attribute" in propose(responses(frame)).content()["data"]


# --- Which columns hold the choice, and what its answers mean -------------------------------------

TEXTS = {
    "Which of these two candidates would you prefer?": ("Profile A", "Profile B"),
    "Please choose one.": ("Candidate 1", "Candidate 2"),
    "<b>Which package</b> is better?": ("Package A", "Package B"),
    "Task # of 4: which one?": ("Option A (left)", "Option B (right)"),
    "Vote": ("The one on the left", "The one on the right"),
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_choice_is_found_by_its_wording(tmp_path, text):
    frame, shown, chosen = placed(SHARED)
    answered(frame, chosen, lambda _, place: f"Q{3 + place}.{1 + place % 2}", TEXTS[text])
    labels = {
        f"Q{3 + place}.{1 + place % 2}": text.replace("#", str(place + 1)) for place in range(4)
    }
    proposal = propose(responses(frame, labels=labels))
    assert not [d for d in proposal.decisions if d.stops]
    outcome = proposal.content()["outcomes"]["choice"]
    assert outcome["columns"] == {"1": "Q3.1", "2": "Q4.2", "3": "Q5.1", "4": "Q6.2"}
    assert list(outcome["chosen"].values()) == list(TEXTS[text])
    assert proposal.guesses["outcomes", "choice", "columns"].sureness == "likely"
    write_survey(at(tmp_path, frame, proposal), tmp_path / "new")
    check_profiles(cj.read_wave(tmp_path / "new"), shown, chosen, "12", str)


def at(tmp_path, frame, proposal):
    frame.to_csv(tmp_path / "export.csv", index=False)
    return replace(proposal, path=tmp_path / "export.csv")


def showing(task, profiles="12", mark="[Field-{}]"):
    return "Which do you prefer? " + " ".join(
        mark.format(f"F-{task}-{p}-{k}") for k in "123" for p in profiles
    )


@pytest.mark.parametrize("mark", ["[Field-{}]", "${{e://Field/{}}}"])
def test_what_a_wording_shows_says_which_task_a_column_answers(tmp_path, mark):
    frame, shown, chosen = placed(SHARED)
    # In another order than the tasks', and named after other tasks.
    number = {"1": "4", "2": "3", "3": "1", "4": "2"}
    answered(frame, chosen, lambda t, _: f"Q{number[t]}", "12")
    labels = {f"Q{number[t]}": showing(t, mark=mark) for t in chosen}
    proposal = propose(responses(frame, labels=labels))
    outcome = proposal.content()["outcomes"]["choice"]
    assert outcome["columns"] == {t: f"Q{n}" for t, n in number.items()}
    assert outcome["text"] == "Which do you prefer?"
    assert proposal.guesses["outcomes", "choice", "columns"].sureness == "sure"
    write_survey(at(tmp_path, frame, proposal), tmp_path / "new")
    check_profiles(cj.read_wave(tmp_path / "new"), shown, chosen, "12", str)


def test_columns_that_go_by_the_tasks_names_and_ask_something_else_are_no_choice():
    frame, _, chosen = placed(SHARED)
    answered(frame, chosen, lambda t, _: f"Q4.{int(t) + 1}", "12")
    frame["Q4.1"] = frame["Q4.2"].to_numpy()[::-1]
    labels = dict.fromkeys([f"Q4.{n}" for n in range(2, 6)], "Which do you prefer?")
    proposal = propose(responses(frame, labels=labels | {"Q4.1": "Do you vote?"}))
    outcome = proposal.content()["outcomes"]["choice"]
    assert outcome["columns"] == {"1": "Q4.2", "2": "Q4.3", "3": "Q4.4", "4": "Q4.5"}


@pytest.mark.parametrize("name", ["Q{}", "Q{}.2"])
def test_a_task_that_some_saw_again_with_profiles_swapped_is_left_to_a_person(tmp_path, name):
    frame, _, chosen = placed(SHARED)
    by_task = name == "Q{}"
    answered(frame, chosen, lambda t, _: name.format(t if by_task else int(t) + 3), "12")
    first = frame[name.format(1 if by_task else 4)]
    five, six = (name.format(n if by_task else n + 3) for n in (5, 6))
    swapped = np.arange(len(frame)) % 2 == 0
    frame["arm"] = np.where(swapped, "yes", "no")
    frame[five] = np.where(swapped, first.map({"1": "2", "2": "1"}), "")
    frame[six] = np.where(swapped, "", first)
    labels = {name.format(t if by_task else int(t) + 3): showing(t) for t in chosen}
    labels |= {five: showing("1", "21"), six: showing("1")}
    proposal = propose(responses(frame, labels=labels))
    (asked,) = [d for d in proposal.decisions if d.key == ("data", "repeat")]
    assert "repeat" not in proposal.content()["data"]
    assert 'those whose "arm" is "yes"' in asked.options[1].evidence
    for option, flipped in ((1, True), (2, False)):
        decided = proposal.decide(asked, option)
        repeat = decided.content()["data"]["repeat"]
        task = ("5" if flipped else "6") if by_task else "1_again"
        assert repeat == {"task": task, "of": "1", "flipped": flipped, "attributes": "same"}
        folder = tmp_path / str(option)
        folder.mkdir()
        write_survey(at(folder, frame, decided), folder / "new")
        wave = cj.read_wave(folder / "new")
        assert len(wave.repeats) == 2 * (swapped if flipped else ~swapped).sum()
        first = wave.profiles[wave.profiles["task"] == "1"]
        both = wave.repeats.merge(
            first, on=["respondent", "Gender", "Teaching", "Research", "choice"]
        )
        assert both["respondent"].nunique() == len(wave.repeats) // 2


@pytest.mark.parametrize(
    "form", ["{t}{p}", "{p}{t}", "Task {t}: Option {p}", "{t}-{p}", "Option {p} (task {t})"]
)
@pytest.mark.parametrize("profiles", ["AB", "ABC"])
def test_answers_that_name_their_task_too(form, profiles):
    frame = wide(
        lambda t, p, a: f"t{t}_{p}_{a}",
        lambda t: f"t{t}_choice",
        tuple(profiles),
        profiles=profiles,
    )
    for task in "12345":
        own = frame[f"t{task}_choice"]
        frame[f"t{task}_choice"] = [form.format(t=task, p=p) for p in own]
    proposal = propose(responses(frame))
    assert not [d for d in proposal.decisions if d.stops]
    outcome = proposal.content()["outcomes"]["choice"]
    assert {p: set(own) for p, own in outcome["chosen"].items()} == {
        p: {form.format(t=t, p=p) for t in "12345"} for p in profiles
    }


def test_brackets_that_contradict_the_name_are_left_to_a_person():
    frame = wide(
        lambda t, p, a: f"t{t}_{p}_{a}",
        lambda t: f"t{t}_choice",
        ("Option A (right)", "Option B (left)"),
    )
    (asked,) = [d for d in propose(responses(frame)).decisions if d.stops]
    assert asked.key == ("outcomes", "choice", "chosen")
    assert len(asked.options) == 2


# --- Who is left out -------------------------------------------------------------------------------


def without_profiles(frame, rows):
    """Empty the embedded data of some people, as the platform does that loses them."""
    lost = frame.copy()
    lost.loc[rows, [name for name in frame if name.startswith("F-")]] = ""
    return lost


def test_people_whose_profiles_were_lost_are_counted_and_left_out_by_a_rule():
    frame, _, chosen = placed(SHARED)
    answered(frame, chosen, lambda t, _: f"choice{t}", "12")
    proposal = propose(responses(without_profiles(frame, [3, 50, 51])))
    rule = proposal.content()["exclusions"]["no_profiles"]
    assert list(rule["where"].values()) == [{"empty": True}]
    guess = proposal.guesses["exclusions", "no_profiles", "where"]
    assert guess.evidence.startswith("3 people answered tasks")
    assert not any("R_3" in str(guess) for guess in proposal.guesses.values())
    assert "exclusions" not in propose(responses(frame)).content()


def test_who_left_before_the_tasks_is_not_left_out_with_them():
    frame, _, chosen = placed(SHARED)
    answered(frame, chosen, lambda t, _: f"choice{t}", "12")
    frame = without_profiles(frame, [3, 50, 51, 70])
    frame.loc[[70, 71], [f"choice{t}" for t in "1234"]] = ""
    rule = propose(responses(frame)).content()["exclusions"]["no_profiles"]
    assert list(rule["where"].values()) == [{"empty": True}, {"answered": True}]


def test_a_task_that_some_did_not_see_does_not_say_that_profiles_were_lost():
    frame, _, chosen = placed(SHARED)
    answered(frame, chosen, lambda t, _: f"choice{t}", "12")
    frame.loc[::7, [name for name in frame if name.startswith("F-1")]] = ""
    frame = without_profiles(frame, [3, 50])
    frame.loc[::7, "choice1"] = ""
    rule = propose(responses(frame)).content()["exclusions"]["no_profiles"]
    (column,) = rule["where"]
    assert column.startswith("F-2")


def test_previews_are_left_out():
    frame, _, chosen = placed(SHARED)
    answered(frame, chosen, lambda t, _: f"choice{t}", "12")
    frame["Status"] = ["Survey Preview", *["IP Address"] * (len(frame) - 1)]
    proposal = propose(responses(frame))
    rule = proposal.content()["exclusions"]["tests"]
    assert rule["where"] == {"Status": ["Survey Preview"]}
    assert "Status" not in str(proposal.content().get("questions"))


# --- A task asked twice, with its profiles swapped for some people ---------------------------------


def test_a_second_answer_that_some_gave_to_swapped_profiles_is_left_to_a_person():
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"choice{t}", ("A", "B"))
    rng = np.random.default_rng(2)
    swapped, again = rng.random(len(frame)) < 0.5, rng.random(len(frame)) < 0.8
    other = frame["choice1"].map({"A": "B", "B": "A"})
    frame["turned"] = np.where(swapped, "TRUE", "FALSE")
    frame["choice1_repeated_flipped"] = np.where(swapped == again, other, frame["choice1"])
    proposal = propose(responses(frame))
    (asked,) = [d for d in proposal.decisions if d.key == ("data", "repeat")]
    assert '"turned" is "TRUE"' in asked.question
    assert "repeat" not in proposal.content()["data"]
    assert proposal.content()["data"]["tasks"] == 5
    assert "choice1_repeated_flipped" not in str(proposal.content().get("questions"))


def test_profiles_shown_again_and_swapped_for_some_are_no_further_task():
    frame = wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"t{t}_choice")
    swapped = np.arange(len(frame)) % 3 == 0
    for attribute in ("price", "cut", "partner"):
        for profile, other in (("A", "B"), ("B", "A")):
            frame[f"t6_{profile}_{attribute}"] = np.where(
                swapped, frame[f"t2_{other}_{attribute}"], frame[f"t2_{profile}_{attribute}"]
            )
    frame["t6_choice"] = frame["t2_choice"]
    proposal = propose(responses(frame))
    (asked,) = [d for d in proposal.decisions if d.key == ("data", "repeat")]
    shares = [int(share) for share in re.findall(r"(\d+)%", asked.question)]
    assert shares == pytest.approx([100 / 3, 200 / 3], abs=3)
    assert proposal.content()["data"]["tasks"] == 5


# --- From a raw export to figures ------------------------------------------------------------------

METADATA = {
    "StartDate": "Start Date", "IPAddress": "IP Address", "Progress": "Progress",
    "Finished": "Finished", "RecipientEmail": "Recipient Email", "ResponseId": "Response ID",
    "Q1_First Click": "Timing - First Click", "Q1_Click Count": "Timing - Click Count",
}  # fmt: skip
LEGACY = {
    "V1": "ResponseID", "V2": "ResponseSet", "V3": "Name", "V6": "IPAddress", "V10": "Finished",
    "Q1_1": "Timing-First Click",
}  # fmt: skip


def raw_export(path, *, old):
    """A raw export of either form, its embedded data behind the questions; what was shown and chosen."""
    frame, shown, chosen = placed(SHARED, people=200)
    answered(frame, chosen, lambda t, _: f"Q{10 + 3 * int(t)}.2", ["Candidate 1", "Candidate 2"])
    head = LEGACY if old else METADATA
    own = {name: [f"{name}{row % 9}" for row in range(len(frame))] for name in head}
    own |= {name: frame["ResponseId"] for name in ("ResponseId", "V1") if name in own}
    asked = {f"Q{10 + 3 * int(t)}.2": f"Which would you pick? {showing(t)}" for t in chosen}
    asked["Q90"] = "How old are you?"
    frame["Q90"] = np.random.default_rng(8).choice(["18-34", "35-54", "55+"], len(frame))
    order = [*head, *asked, *(name for name in frame if name.startswith("F-"))]
    cells = pd.DataFrame(own, dtype=object).join(frame[[name for name in frame if name not in own]])
    with path.open("w", encoding="cp1252" if old else "utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(order)
        rows.writerow([(head | asked).get(name, name) for name in order])
        if not old:
            rows.writerow([json.dumps({"ImportId": name}) for name in order])
        rows.writerows(cells[order].to_numpy().tolist())
    return shown, chosen


@pytest.mark.parametrize("old", [False, True])
def test_a_raw_export_gives_the_figures_of_what_was_shown(tmp_path, old):
    shown, chosen = raw_export(tmp_path / "export.csv", old=old)
    proposal = propose(read_responses(tmp_path / "export.csv", READ))
    assert not [d for d in proposal.decisions if d.stops]
    assert len([d for d in proposal.decisions if d.key[-1] != "baseline"]) <= 3
    assert list(proposal.content()["questions"]) == ["Q90"]
    write_survey(proposal, tmp_path / "new")
    wave = cj.read_wave(tmp_path / "new")
    check_profiles(wave, shown, chosen, "12", str)
    means = cj.marginal_means(wave).frame.set_index(["attribute", "level"])["estimate"]
    for attribute, levels in SHARED.items():
        cells = np.array([shown[t, p, attribute] for t in chosen for p in "12"])
        picked = np.array([chosen[t] == place for t in chosen for place in (0, 1)])
        for level in levels:
            assert means[attribute, level] == pytest.approx(picked[cells == level].mean())
