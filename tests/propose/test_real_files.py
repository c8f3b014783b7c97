"""Files that people published: what is proposed is what their authors say of them."""

import json

import pandas as pd
import pytest
from exported import long, responses, settled

import conjoint as cj
from conftest import ROUTES
from conjoint.propose import as_toml, propose, write_survey
from conjoint.read.file import read_responses
from conjoint.survey import Data, read_survey

READ = Data(layout="long", respondent="")


def proposed(path):
    return propose(read_responses(path, READ))


def levels_of(survey):
    return {name: set(attribute.values) for name, attribute in survey.attributes.items()}


def test_the_shipped_survey_is_found_again(tmp_path):
    proposal = proposed(ROUTES / "responses.csv")
    stops = [".".join(d.key) for d in proposal.decisions if d.stops]
    assert stops == ["outcomes.support.missing"]  # whether "Don't know" counts 0, nobody can see
    write_survey(settled(proposal), tmp_path / "new")
    ours, theirs = read_survey(tmp_path / "new"), read_survey(ROUTES)
    for key in ("layout", "respondent", "tasks", "profiles", "attribute", "repeat", "duration"):
        assert getattr(ours.data, key) == getattr(theirs.data, key), key
    assert list(ours.attributes) == list(theirs.attributes)
    assert levels_of(ours) == levels_of(theirs)
    for name in ("cap", "reduction", "returned"):
        assert [(level.value, level.number) for level in ours.attributes[name].levels] == [
            (level.value, level.number) for level in theirs.attributes[name].levels
        ]
    for name, outcome in theirs.outcomes.items():
        for key in ("kind", "column", "chosen", "positive", "negative", "min", "max"):
            assert getattr(ours.outcomes[name], key) == getattr(outcome, key), (name, key)
    for name in theirs.questions:
        assert set(ours.questions[name].values) == set(theirs.questions[name].values)
        assert ours.questions[name].kind == theirs.questions[name].kind
    mine, shipped = cj.read_wave(tmp_path / "new"), cj.read_wave(ROUTES)
    for name in ("respondent", "task", "profile", *levels_of(theirs), "choice", "support"):
        assert (
            mine.profiles[name].astype(str).to_list()
            == shipped.profiles[name].astype(str).to_list()
        )


def test_an_attribute_order_of_each_respondent_s_own(oracle, tmp_path):
    proposal = proposed(oracle / "data" / "projoint_exampleData1.csv")
    assert not [d for d in proposal.decisions if d.stops]
    data = proposal.content()["data"]
    assert data["attribute"] == "K-{task}-{profile}-{position}"
    assert data["name"] == "K-{task}-{position}"
    assert (data["tasks"], data["profiles"], data["positions"]) == (8, ["1", "2"], 7)
    assert data["repeat"] == {
        "task": "1_repeated_flipped", "of": "1", "flipped": True, "attributes": "same",
    }  # fmt: skip
    outcome = proposal.content()["outcomes"]["choice"]
    assert outcome["column"] == "choice{task}"
    assert outcome["chosen"] == {"1": "Community A", "2": "Community B"}
    labels = {}
    for line in (oracle / "golden" / "projoint_labels.csv").read_text().splitlines()[1:]:
        attribute, level = line.split('","')[0].strip('"'), line.split('","')[1].split('",')[0]
        labels.setdefault(attribute, set()).add(level)
    survey = read_survey(write_survey(proposal, tmp_path / "new").parent)
    assert {a.column: set(a.values) for a in survey.attributes.values()} == labels
    wave = cj.read_wave(tmp_path / "new")
    assert len(wave.profiles) == 6400
    assert len(wave.repeats) == 800


def test_features_by_letter_and_digit(oracle, tmp_path):
    proposal = proposed(oracle / "data" / "wide_conjoint.csv")
    assert not [d for d in proposal.decisions if d.stops]
    data = proposal.content()["data"]
    assert data["attribute"] == "{attribute}{task}{profile}"
    assert (data["tasks"], data["profiles"]) == (["a", "b", "c", "d"], ["1", "2"])
    outcomes = proposal.content()["outcomes"]
    assert outcomes["choice"]["chosen"] == {"1": "1", "2": "2"}
    assert outcomes["choice"]["column"] == "choice_{task}"
    assert outcomes["rating"]["column"] == "rating_{task}{profile}"
    write_survey(proposal, tmp_path / "new")
    wave = cj.read_wave(tmp_path / "new")
    assert list(wave.survey.attributes) == ["feature1", "feature2", "feature3"]
    assert len(wave.profiles) == 800


KEYS = {
    "immigration": ("CaseID", "contest_no", "profile", "ChosenImmigrant"),
    "taxes": ("ID", "task", "profile", "chose_plan"),
    "immigrationconjoint": ("CaseID", "contest_no", "profile", "Chosen_Immigrant"),
}


@pytest.mark.parametrize("name", KEYS)
def test_long_files(name, oracle, tmp_path):
    respondent, task, profile, outcome = KEYS[name]
    meta = json.loads((oracle / "data" / "meta.json").read_text())[name]
    proposal = proposed(oracle / "data" / f"{name}.csv")
    assert not [d for d in proposal.decisions if d.stops]
    data = proposal.content()["data"]
    assert (data["layout"], data["respondent"], data["task"], data["profile"]) == (
        "long", respondent, task, profile,
    )  # fmt: skip
    write_survey(proposal, tmp_path / "new")
    wave = cj.read_wave(tmp_path / "new")
    factors = {f: set(meta["factors"][f]["levels"]) for f in meta.get("features", meta["factors"])}
    found = {a.column or key: set(a.values) for key, a in wave.survey.attributes.items()}
    assert found == factors
    ((only, made),) = wave.survey.outcomes.items()
    assert (made.kind, made.column) == ("choice", outcome)
    assert made.positive == ("1",)
    assert made.negative == ("0",)
    assert len(wave.profiles) == meta.get("n_rows", 13960)
    assert wave.profiles[only].mean() == 0.5


def test_the_pairs_that_the_immigration_design_leaves_out(oracle):
    proposal = proposed(oracle / "data" / "immigration.csv")
    assert len([d for d in proposal.decisions if d.key == ("restrictions",)]) == 1
    never = [
        {frozenset(levels) for levels in table["never"].values()}
        for table in proposal.content()["restrictions"]
    ]
    schooled = frozenset({"No Formal", "4th Grade", "8th Grade", "High School"})
    skilled = frozenset(
        {"Financial Analyst", "Computer Programmer", "Research Scientist", "Doctor"}
    )
    safe = frozenset({"India", "Germany", "France", "Mexico", "Philippines", "Poland"})
    assert never == [{schooled, skilled}, {safe, frozenset({"Escape Persecution"})}]
    education = proposal.content()["attributes"]["Education"]["levels"]
    assert education == [
        "No Formal", "4th Grade", "8th Grade", "High School", "Two-Year College", "College Degree",
        "Graduate Degree",
    ]  # fmt: skip


def test_pairs_of_candidates_without_a_number_of_the_profile(oracle, tmp_path):
    factors = json.loads((oracle / "data" / "onoburden.json").read_text())["onoburden"]["factors"]
    proposal = proposed(oracle / "data" / "onoburden.csv")
    data = proposal.content()["data"]
    assert (data["respondent"], data["task"]) == ("id", "pair_id")
    assert "profile" not in data
    found = {k: {v if isinstance(v, str) else v["value"] for v in a["levels"]}
             for k, a in proposal.content()["attributes"].items()}  # fmt: skip
    # The office is the same for both candidates of a pair: a circumstance, and no attribute.
    assert found == {name: set(f["levels"]) for name, f in factors.items() if name != "office"}
    assert any('"office"' in note for note in proposal.notes)
    write_survey(proposal, tmp_path / "new")
    assert len(cj.read_wave(tmp_path / "new").profiles) == 31660


@pytest.mark.parametrize("profiles", ["12", "123", ("left", "right")])
def test_long_files_of_our_own(profiles, tmp_path):
    frame = long(profiles=profiles)
    proposal = propose(responses(frame))
    content = proposal.content()
    assert content["data"]["task"] == "task"
    assert content["data"]["profile"] == "profile"
    assert content["data"]["respondent_columns"] == ["age"]
    assert list(content["attributes"]) == ["price", "cut", "partner"]
    assert content["outcomes"]["chosen"]["kind"] == "choice"
    assert content["questions"]["age"]["answers"] == ["18-34", "35-54", "55+"]
    assert '"18-34",  # ' in as_toml(proposal)


def test_a_shuffled_long_file_is_known_by_its_ids(tmp_path):
    frame = long().sample(frac=1, random_state=3).reset_index(drop=True)
    data = propose(responses(frame)).content()["data"]
    assert (data["respondent"], data["task"], data["profile"]) == ("id", "task", "profile")


def test_a_long_file_with_a_repeated_task():
    frame = long()
    again = frame[frame["task"] == "1"].copy()
    again["task"] = "6"
    again["profile"] = again["profile"].map({"1": "2", "2": "1"})
    frame = frame.assign(order=range(len(frame)))
    again = again.assign(order=frame.loc[again.index, "order"].to_numpy() + 0.5)
    merged = pd.concat([frame, again]).sort_values(["id", "task"])
    proposal = propose(responses(merged.drop(columns="order").reset_index(drop=True)))
    assert proposal.content()["data"]["repeat"] == {"task": "6", "of": "1", "flipped": True}
