"""Wide exports become the long data that projoint and cregg make of them, row by row."""

import json

import numpy as np
import pandas as pd
import pytest

import conjoint as cj

# A few lines a survey: attributes in random order, an answer to a repeated task and nothing else.
PROJOINT = """\
title = "Communities"
[data]
layout = "wide"
respondent = "ResponseId"
tasks = 8
profiles = ["1", "2"]
name = "K-{task}-{position}"
attribute = "K-{task}-{profile}-{position}"
positions = 7
repeat = { task = "1_repeated_flipped", of = "1", flipped = true, attributes = "same" }
[outcomes.selected]
kind = "choice"
column = "choice{task}"
chosen = { 1 = "Community A", 2 = "Community B" }
"""

CREGG = """\
title = "Wide"
[data]
layout = "wide"
respondent = "respondent"
tasks = ["a", "b", "c", "d"]
profiles = ["1", "2"]
attribute = "{attribute}{task}{profile}"
[outcomes.choice]
kind = "choice"
column = "choice_{task}"
[outcomes.rating]
kind = "rating"
column = "rating_{task}{profile}"
min = 1
max = 7
"""


@pytest.fixture(scope="module")
def labels(golden):
    """projoint's names of attributes and levels: projoint_labels."""
    return golden("projoint_labels")


@pytest.fixture(scope="module")
def communities(oracle, labels, tmp_path_factory):
    folder = tmp_path_factory.mktemp("communities")
    toml = PROJOINT
    for key, rows in labels.groupby("attribute_id"):
        name, levels = rows["attribute"].iloc[0], rows["level"].tolist()
        written = [json.dumps(text, ensure_ascii=False) for text in (name, levels)]
        toml += f"[attributes.{key}]\nlabel = {written[0]}\nlevels = {written[1]}\n"
    (folder / "survey.toml").write_text(toml, encoding="utf-8")
    return cj.read_wave(folder, data=oracle / "data" / "projoint_exampleData1.csv")


@pytest.fixture(scope="module")
def merged(communities, golden):
    """Each row of projoint_reshaped beside the wave's."""
    reference = golden("projoint_reshaped").astype({"task": str, "profile": str})
    mine = communities.profiles.astype({"task": str, "profile": str})
    rows = mine.merge(
        reference,
        left_on=["respondent", "task", "profile"],
        right_on=["id", "task", "profile"],
        suffixes=("", "_reference"),
        validate="1:1",
    )
    assert len(rows) == len(mine) == len(reference) == 6400
    return rows


@pytest.mark.parametrize("attribute", [f"att{number}" for number in range(1, 8)])
def test_every_level_is_projoint_s(merged, labels, attribute):
    name = labels[labels["attribute_id"] == attribute].set_index("level")["level_id"]
    assert merged[attribute].astype(str).map(name).equals(merged[f"{attribute}_reference"])


def test_every_choice_is_projoint_s(merged):
    assert merged["selected"].tolist() == merged["selected_reference"].tolist()


def test_the_repeated_task_agrees_as_in_projoint(communities, golden):
    reference = golden("projoint_irr").iloc[0]
    told = cj.reliability(communities, variance="CR2").frame.set_index("level")
    assert told.loc["irr", "estimate"] == pytest.approx(reference["irr"], rel=1e-12)
    assert told.loc["irr", "std_error"] == pytest.approx(reference["irr_se_cr2"], rel=1e-8)
    assert told.loc["tau", "estimate"] == pytest.approx(reference["tau"], rel=1e-12)
    assert told.loc["irr", "n_respondents"] == reference["n"]


def test_positions_are_those_of_the_raw_cells(communities, labels, oracle):
    raw = pd.read_csv(oracle / "data" / "projoint_exampleData1.csv", dtype=str)
    raw = raw.set_index("ResponseId")
    attribute = labels.drop_duplicates("attribute_id").set_index("attribute")["attribute_id"]
    positions, profiles = communities.positions, communities.profiles
    assert (np.sort(positions.to_numpy(), axis=1) == np.arange(1, 8)).all()
    for row in range(0, len(profiles), 97):
        who, task = profiles.loc[row, ["respondent", "task"]]
        for place in range(1, 8):
            named = attribute[raw.loc[who, f"K-{task}-{place}"]]
            assert positions.loc[row, named] == place


@pytest.fixture(scope="module")
def features(oracle, tmp_path_factory):
    folder = tmp_path_factory.mktemp("features")
    data = oracle / "data" / "wide_conjoint.csv"
    wide, toml = pd.read_csv(data), CREGG
    for name in ("feature1", "feature2", "feature3"):
        columns = [f"{name}{task}{profile}" for task in "abcd" for profile in "12"]
        toml += f"[attributes.{name}]\nlevels = {sorted(set(wide[columns].to_numpy().ravel()))}\n"
    (folder / "survey.toml").write_text(toml)
    return cj.read_wave(folder, data=data)


def test_every_cell_is_cregg_s(features, golden):
    reference = golden("wide_cj_tidy")
    mine = features.profiles.astype({"respondent": int, "task": str})
    mine["task"] = mine["task"].map({name: place for place, name in enumerate("abcd", 1)})
    mine["profile"] = mine["profile"].map({"1": "A", "2": "B"})
    keys = ["respondent", "task", "profile"]
    rows = mine.merge(reference, on=keys, suffixes=("", "_reference"), validate="1:1")
    assert len(rows) == len(reference) == 800
    for name in ("feature1", "feature2", "feature3"):
        assert rows[name].astype(str).tolist() == rows[f"{name}_reference"].tolist()
    assert rows["rating"].tolist() == rows["rating_reference"].tolist()
    # cregg keeps the number of the chosen profile in both rows of a task.
    chosen = rows["profile"].map({"A": 1, "B": 2}) == rows["choice_reference"]
    assert rows["choice"].tolist() == chosen.astype(float).tolist()


def test_answers_that_are_the_profiles_names_are_read_with_a_note(features):
    assert features.notes == ("The answers of choice (1, 2) are read as the profiles' names.",)
    assert features.survey.outcomes["choice"].chosen == {"1": ("1",), "2": ("2",)}


def test_what_a_task_took_stays_with_the_respondent(features, golden):
    reference = golden("wide_cj_tidy").drop_duplicates(["respondent", "task"])
    people = features.respondents.set_index("respondent")
    for place, task in enumerate("abcd", 1):
        theirs = reference[reference["task"] == place].set_index("respondent")["timing"]
        mine = people[f"timing_{task}"].astype(float)
        assert mine.loc[theirs.index.astype(str)].tolist() == theirs.tolist()
