"""Answers, respondents and a design in files of their own: proposed together, as the documents show."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conftest import ROOT
from conjoint.cli import main
from conjoint.errors import DataError
from conjoint.folder import load_folder
from conjoint.propose import propose, put_together, write_survey
from conjoint.read.file import read_responses
from conjoint.survey import Data

TEXT = (ROOT / "docs" / "new_survey.md").read_text("utf-8")
SECTION = TEXT[TEXT.index("## Files that belong together") : TEXT.index("## Worked examples")]
SIDES = ("A", "B")
LEVELS = {"price": ["10", "20", "30"], "brand": ["North", "South"]}


def run(*arguments, cwd=ROOT):
    command = [sys.executable, "-m", "conjoint", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


def drawn(people=90, versions=24, tasks=2, seed=4):
    """Answers by version, respondents with their weights (some gave no answer), and the design."""
    rng = np.random.default_rng(seed)
    keys = [(v, t, p) for v in range(1, versions + 1) for t in range(1, tasks + 1) for p in SIDES]
    design = pd.DataFrame(keys, columns=["Version", "Task", "Plan"]).astype(str)
    for name, levels in LEVELS.items():
        design[name] = rng.permutation(np.resize(levels, len(design)))
    ids = rng.permutation(people + 4) + 1
    answers = pd.DataFrame({"id": ids[:people].astype(str)})
    answers["block"] = rng.integers(1, versions + 1, people).astype(str)
    for task in range(1, tasks + 1):
        answers[f"choice{task}"] = rng.choice(SIDES, people)
    panel = pd.DataFrame({"panel_id": [f"{number:05d}" for number in sorted(ids)]})
    panel["sex"] = rng.choice(["Female", "Male"], people + 4)
    panel["weight"] = rng.uniform(0.5, 1.5, people + 4).round(3).astype(str)
    return {"answers": answers, "panel": panel, "design": design}


@pytest.fixture
def tables():
    return drawn()


def write(folder, **tables):
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return folder


def proposed(folder, **names):
    files = {
        name: read_responses(folder / f"{name}.csv", Data(layout="long", respondent=""))
        for name in names
        if (folder / f"{name}.csv").exists()
    }
    together = put_together(files["answers"], files.get("panel"), files.get("design"))
    return together.complete(propose(together.responses))


def of(proposal, *parts):
    return {
        ".".join(key): guess.value
        for key, guess in proposal.guesses.items()
        if key[0] in parts and key[-1] not in ("file", "levels", "answers")
    }


ALL = {"answers": 1, "panel": 1, "design": 1}


def test_the_documents_example_is_right(tmp_path, tables):
    write(tmp_path, **tables)
    files = re.findall(r"^`(\w+)\.csv`:\n\n```text\n(.*?)```", SECTION, re.DOTALL | re.MULTILINE)
    assert [name for name, _ in files] == list(tables)
    for name, rows in files:
        shown = rows.splitlines()
        assert (tmp_path / f"{name}.csv").read_text("utf-8").splitlines()[: len(shown)] == shown
    (command,) = re.findall(r"^conjoint (new .*)$", SECTION, re.MULTILINE)
    done = run(*command.split(), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "surveys" / "spring_wave"
    assert sorted(path.name for path in folder.iterdir()) == [
        "answers.csv", "design.csv", "panel.csv", "survey.toml",
    ]  # fmt: skip
    says, decided = re.findall(r"```toml\n(.*?)```", SECTION, re.DOTALL)
    text = (folder / "survey.toml").read_text("utf-8")
    assert set(says.splitlines()) <= set(text.splitlines())
    for line in decided.splitlines():
        assert f"\n# {line}\n" in text
        text = text.replace(f"\n# {line}\n", f"\n{line}\n")
    (folder / "survey.toml").write_text(text, "utf-8")
    wave, faults = load_folder(folder)
    assert faults == []
    answers, panel, design = tables["answers"], tables["panel"], tables["design"]
    person = panel.assign(id=panel["panel_id"].astype(int).astype(str)).set_index("id")
    assert np.array_equal(wave.weights, person.loc[answers["id"], "weight"].astype(float))
    mine = wave.profiles.merge(answers, left_on="respondent", right_on="id")
    theirs = (
        mine[["block", "task", "profile"]]
        .astype(str)
        .merge(
            design,
            left_on=["block", "task", "profile"],
            right_on=["Version", "Task", "Plan"],
            how="left",
        )
    )
    for name in ("price", "brand"):
        assert mine[name].astype(str).tolist() == theirs[name].tolist()
    ledger = re.findall(r"^ +(\d+)  (rows of .*?)\. (.*)$", SECTION, re.MULTILINE)
    assert ledger == [
        (str(own.count), own.text, own.where.removeprefix(f"{folder}/")) for own in wave.unused
    ]


@pytest.mark.parametrize("layout", ["wide", "tasks", "long"])
def test_names_and_order_of_columns_do_not_matter(tmp_path, tables, layout):
    answers = tables["answers"]
    if layout != "wide":
        answers = answers.melt(["id", "block"], ["choice1", "choice2"], "round", "picked")
        answers["round"] = answers["round"].str[-1]
    if layout == "long":
        answers = answers.merge(pd.DataFrame({"option": SIDES}), how="cross")
    answers = answers.sort_values([c for c in answers if c in ("id", "round")], kind="stable")
    design = tables["design"].rename(columns={"Version": "questionnaire", "Task": "set"})
    mixed = {"panel": tables["panel"], "design": design[design.columns[::-1]]}
    write(tmp_path, answers=answers[answers.columns[::-1]], **mixed)
    proposal = proposed(tmp_path, **ALL)
    assert of(proposal, "respondents", "design") == {
        "respondents.key": "panel_id",
        "design.version": "questionnaire",
        "design.task": "set",
        "design.profile": "Plan",
    }
    assert proposal.guesses["data", "layout"].value == layout
    assert proposal.guesses["data", "version"].value == "block"
    assert {key[1] for key in proposal.guesses if key[0] == "attributes"} == {"price", "brand"}
    assert not any(decision.stops for decision in proposal.decisions)


@pytest.mark.parametrize("pattern", ["{attribute}_{profile}", "t{task}_{profile}_{attribute}"])
def test_profiles_of_a_design_may_stand_side_by_side(tmp_path, tables, pattern):
    keys = ["Version", "Task"] if "{task}" not in pattern else ["Version"]
    rows = {}
    for own in tables["design"].to_dict("records"):
        row = rows.setdefault(tuple(own[key] for key in keys), {key: own[key] for key in keys})
        for name in ("price", "brand"):
            column = pattern.format(task=own["Task"], profile=own["Plan"], attribute=name)
            row[column] = own[name]
    write(tmp_path, answers=tables["answers"], design=pd.DataFrame(rows.values()))
    assert of(proposed(tmp_path, **ALL), "design")["design.attribute"] == pattern


def test_designs_may_have_long_names_of_columns_and_of_tasks(tmp_path, tables):
    design = tables["design"].rename(columns={"price": "Att 1 - Price", "brand": "Att 2 - Brand"})
    design["Task"], design["Plan"] = "Task " + design["Task"], "Plan " + design["Plan"]
    write(tmp_path, answers=tables["answers"], design=design)
    proposal = proposed(tmp_path, **ALL)
    assert of(proposal, "design")["design.tasks"] == {"1": "Task 1", "2": "Task 2"}
    columns = [
        guess.value
        for key, guess in proposal.guesses.items()
        if key[0] == "attributes" and key[-1] == "column"
    ]
    assert sorted(columns) == ["Att 1 - Price", "Att 2 - Brand"]


def test_everybody_may_have_seen_one_version(tmp_path, tables):
    design = tables["design"].query("Version == '2'").drop(columns="Version")
    write(tmp_path, answers=tables["answers"].drop(columns="block"), design=design)
    assert of(proposed(tmp_path, **ALL), "design") == {
        "design.task": "Task",
        "design.profile": "Plan",
    }


def test_answers_may_hold_the_card_that_stood_in_each_place(tmp_path, tables):
    cards = tables["design"].assign(card=[str(place + 1) for place in range(96)])
    answers = tables["answers"]
    for (task, side), own in cards.groupby(["Task", "Plan"]):
        answers[f"card_{task}{side}"] = answers["block"].map(own.set_index("Version")["card"])
    cards = cards.drop(columns=["Version", "Task", "Plan"])
    write(tmp_path, answers=answers.drop(columns="block"), design=cards)
    proposal = proposed(tmp_path, **ALL)
    assert of(proposal, "design") == {"design.version": "card"}
    assert not any(key[0] == "questions" for key in proposal.guesses)
    asked = {d.key: [own.text for own in d.options] for d in proposal.decisions if d.stops}
    # Two tasks of two profiles: the names alone do not say which is which.
    assert asked == {("data", "version"): ["card_{task}{profile}", "card_{profile}{task}"]}


def test_what_several_columns_could_mean_is_asked(tmp_path, tables):
    answers = tables["answers"].rename(columns={"block": "g1"})
    answers["g2"] = answers["g1"].sample(frac=1, random_state=1).to_numpy()
    panel = tables["panel"].rename(columns={"panel_id": "c1"})
    panel["c2"] = panel["c1"].to_numpy()[::-1]
    write(tmp_path, answers=answers, design=tables["design"], panel=panel)
    asked = {
        d.key: [own.text for own in d.options]
        for d in proposed(tmp_path, **ALL).decisions
        if d.stops
    }
    assert asked == {("data", "version"): ["g1", "g2"], ("respondents", "key"): ["c1", "c2"]}


def test_sheets_of_one_workbook_may_be_the_files(tmp_path, tables, monkeypatch):
    with pd.ExcelWriter(tmp_path / "w.xlsx") as book:
        for name, table in tables.items():
            table.to_excel(book, sheet_name=name, index=False)
    sheets = ["sheet=answers", "respondents.sheet=panel", "design.sheet=design"]
    given = [word for own in sheets for word in ("--read", own)]
    command = ["new", "w.xlsx", "wave", "--respondents", "w.xlsx", "--design", "w.xlsx", *given]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["conjoint", *command])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code in (None, 0)
    assert len(cj.read_wave(tmp_path / "wave").profiles) == 360


def test_people_without_a_row_are_asked_about(tmp_path, tables):
    lacking = tables["panel"].iloc[30:]
    write(tmp_path, answers=tables["answers"], design=tables["design"], panel=lacking)
    (decision,) = [own for own in proposed(tmp_path, **ALL).decisions if own.stops]
    assert decision.key == ("respondents", "unmatched")
    assert [own.sets[0][1] for own in decision.options] == ["keep", "drop"]


@pytest.mark.parametrize("name", ["panel", "design"])
def test_files_that_do_not_go_together_are_refused(tmp_path, tables, name):
    tables["answers"]["id"] = [f"x{n}" for n in range(90)]
    tables["answers"]["block"] = "z"
    write(tmp_path, answers=tables["answers"], **{name: tables[name]})
    with pytest.raises(DataError, match=f"{name}.csv, row 1: "):
        proposed(tmp_path, **ALL)


def test_nothing_is_copied_where_files_are_to_stay(tmp_path, tables, monkeypatch):
    write(tmp_path, **tables)
    command = ["new", "answers.csv", "wave", "--respondents", "panel.csv", "--design", "design.csv"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["conjoint", *command, "--no-copy"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code in (None, 0)
    assert [path.name for path in (tmp_path / "wave").iterdir()] == ["survey.toml"]
    assert len(cj.read_wave(tmp_path / "wave", tmp_path / "answers.csv").profiles) == 360


@pytest.mark.parametrize("layout", ["wide", "tasks", "long"])
def test_one_attribute_of_a_design_keeps_its_name(tmp_path, tables, layout):
    answers = tables["answers"]
    if layout != "wide":
        answers = answers.melt(["id", "block"], var_name="Task", value_name="choice")
        answers["Task"] = answers["Task"].str.removeprefix("choice")
    if layout == "long":
        answers = answers.merge(pd.DataFrame({"Plan": SIDES}), how="cross")
        answers = answers.sample(frac=1, random_state=2)
    write(tmp_path, answers=answers, design=tables["design"].drop(columns="brand"))
    proposal = proposed(tmp_path, **ALL)
    assert list(proposal.content()["attributes"]) == ["price"]
    assert not {("attributes", "price", "label"), ("attributes", "price", "column")} & {
        *proposal.guesses
    }
    write_survey(proposal, tmp_path / "new", beside={"design.csv": tmp_path / "design.csv"})
    assert cj.amce(cj.read_wave(tmp_path / "new")).labels["attribute"].unique().tolist() == [
        "price"
    ]


@pytest.mark.parametrize("strangers", [0, 200])
def test_a_file_about_few_of_the_people_is_read(tmp_path, tables, strangers):
    panel = tables["panel"].rename(columns={"panel_id": "id"}).iloc[:30]
    more = pd.DataFrame(
        {"id": [f"9{n:04d}" for n in range(strangers)], "sex": "Male", "weight": "1"}
    )
    write(
        tmp_path, answers=tables["answers"], design=tables["design"], panel=pd.concat([panel, more])
    )
    proposal = proposed(tmp_path, **ALL)
    key = proposal.guesses["respondents", "key"]
    assert (key.value, key.sureness) == ("id", "likely")
    (decision,) = [own for own in proposal.decisions if own.stops]
    lacking = re.search(r"becomes of (\d+) respondents", decision.question)
    matched = re.match(r"(\d+) of 90 ids", key.evidence)
    assert int(lacking[1]) + int(matched[1]) == 90
