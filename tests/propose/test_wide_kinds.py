"""Wide files that were once read wrongly, or not: repeats, codes, one version, other names of profiles."""

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from exported import long, responses, settled, wide

import conjoint as cj
from conjoint.propose import propose, write_survey
from conjoint.read.file import read_responses
from conjoint.survey import Data

READ = Data(layout="long", respondent="")
RNG = np.random.default_rng


def design(**given):
    return wide(lambda t, p, a: f"t{t}_{p}_{a}", lambda t: f"choice{t}", **given)


def came(tmp_path, frame):
    frame.to_csv(tmp_path / "export.csv", index=False)
    proposal = propose(read_responses(tmp_path / "export.csv", READ))
    write_survey(settled(proposal), tmp_path / "new")
    return proposal, cj.read_wave(tmp_path / "new")


# --- Asked twice ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "again", "flipped", "sure"),
    [
        ("choice1_repeated_notflipped", 0.75, False, True),
        ("choice1_repeated_not_flipped", 0.75, False, True),
        ("choice1_rep_unflipped", 0.8, False, True),
        ("choice1_repeated_nonswapped", 0.8, False, True),
        ("choice1_repeated_flipped", 0.25, True, True),
        ("choice1_repeated_swapped", 0.2, True, True),
        ("choice1_repeated_flipped", 0.8, False, False),
        ("choice1_repeated_notflipped", 0.2, True, False),
        ("choice1_repeated", 0.8, False, False),
        ("choice1_repeated", 0.2, True, False),
    ],
)
def test_answers_say_whether_profiles_were_swapped(tmp_path, name, again, flipped, sure):
    frame = design()
    same = RNG(2).random(len(frame)) < again
    other = np.where(frame["choice1"] == "Deal A", "Deal B", "Deal A")
    frame[name] = np.where(same, frame["choice1"], other)
    proposal, wave = came(tmp_path, frame)
    guess = proposal.guesses["data", "repeat"]
    assert (guess.value["of"], guess.value["flipped"]) == ("1", flipped)
    assert (guess.sureness == "sure") is sure
    assert len(wave.repeats) == 2 * len(frame)


# --- Questions ------------------------------------------------------------------------------------


def test_codes_are_no_scales_and_no_means(tmp_path):
    frame, rng = design(), RNG(3)
    n = len(frame)
    frame["zip"] = rng.integers(501, 99950, n)
    frame["hhi"] = rng.choice([*range(1, 25), -3105], n)
    frame["ethnicity"] = rng.choice(range(1, 16), n, p=[0.5, *[0.5 / 14] * 14])
    frame["region"] = rng.choice(range(1, 8), n)
    frame["educ"] = rng.choice([1, 2, 3, 4, 5, 6, -3105], n)
    frame["fips"] = rng.integers(1, 57, n)
    proposal, _ = came(tmp_path, frame)
    asked = proposal.content()["questions"]
    assert {name for name, own in asked.items() if own.get("kind") == "scale"} == {"trust"}
    assert asked["educ"]["missing"] == ["-3105"]
    assert "-3105" not in asked["educ"]["answers"]
    left = " ".join(proposal.notes)
    assert all(name in asked or f'"{name}"' in left for name in ("zip", "hhi", "ethnicity", "fips"))


def test_scales_stay_scales(tmp_path):
    frame, rng = design(), RNG(4)
    n = len(frame)
    frame["trust_gov"] = rng.choice(range(1, 8), n)
    frame["q7"] = rng.choice(range(11), n)
    frame["thermo"] = rng.integers(0, 101, n)
    felt = rng.normal(size=n)
    for item in range(1, 5):
        frame[f"g_{item}"] = np.clip(np.round(3 + felt + rng.normal(size=n)), 1, 5).astype(int)
    asked = came(tmp_path, frame)[0].content()["questions"]
    ends = {name: (own["min"], own["max"]) for name, own in asked.items() if "min" in own}
    grid = {f"g_{item}": (1, 5) for item in range(1, 5)}
    assert ends == {
        "trust": (0, 10),
        "trust_gov": (1, 7),
        "q7": (0, 10),
        "thermo": (0, 100),
        **grid,
    }


# --- Designs --------------------------------------------------------------------------------------


def test_one_version_that_everybody_saw_is_found(tmp_path):
    frame = design()
    fixed = frame.copy()
    for name in frame.columns[frame.columns.str.match(r"t\d")]:
        fixed[name] = frame[name].iloc[7]
    proposal, wave = came(tmp_path, fixed)
    assert list(proposal.content()["attributes"]) == ["price", "cut", "partner"]
    guess = proposal.guesses["attributes", "price", "levels"]
    assert "one version of the design, which everybody saw" in guess.evidence
    assert "restrictions" not in proposal.content()
    assert "probabilities" not in proposal.content()["attributes"]["price"]
    assert wave.profiles.groupby(["task", "profile"], observed=True)["price"].nunique().max() == 1


def test_ratings_of_a_and_b_beside_profiles_1_and_2(tmp_path):
    frame = wide(
        lambda t, p, a: f"src_{t}_{a}_{p}",
        lambda t: f"Q2_screen{t}_1",
        ("Person A", "Person B"),
        profiles="12",
    )
    rng, given = RNG(5), {}
    for task in "12345":
        for place, who in enumerate("ab"):
            given[task, str(place + 1)] = rng.integers(1, 8, len(frame))
            frame[f"Q1_screen{task}{who}_1"] = given[task, str(place + 1)]
    proposal, wave = came(tmp_path, frame)
    (name,) = [n for n, own in proposal.content()["outcomes"].items() if own["kind"] == "rating"]
    assert proposal.content()["outcomes"][name]["profiles"] == {"1": "a", "2": "b"}
    assert not any(q.startswith("q1_screen") for q in proposal.content().get("questions", {}))
    for (task, profile), ratings in given.items():
        rows = (wave.profiles["task"] == task) & (wave.profiles["profile"] == profile)
        assert wave.profiles.loc[rows, name].tolist() == ratings.tolist()


def test_a_stata_file_without_a_column_of_tasks(tmp_path):
    frame = long(100, design={"farmer": ["0", "1"], "hungry": ["0", "1"]})
    bare = frame.drop(columns=["task", "profile", "age"]).rename(columns={"chosen": "decision"})
    bare["id"] = pd.factorize(bare["id"])[0] + 101000
    numbers = bare.astype(int)
    pyreadstat.write_dta(
        numbers,
        str(tmp_path / "export.dta"),
        variable_value_labels={"farmer": {0: "clerk", 1: "farmer"}},
    )
    proposal = propose(read_responses(tmp_path / "export.dta", READ))
    write_survey(settled(proposal), tmp_path / "new")
    wave = cj.read_wave(tmp_path / "new")
    assert wave.survey.attributes["farmer"].values == ("clerk", "farmer")
    share = numbers.loc[numbers["farmer"] == 1, "decision"].mean()
    means = cj.marginal_means(wave).frame
    found = means[(means["attribute"] == "farmer") & (means["level"] == "farmer")]["estimate"]
    assert found.item() == pytest.approx(share)


def test_most_files_leave_little_to_decide():
    assert sum(d.waits for d in propose(responses(design())).decisions) <= 3
    assert sum(d.waits for d in propose(responses(long())).decisions) <= 3


@pytest.mark.parametrize("seed", range(4))
def test_levels_of_few_versions_are_no_choices(seed, tmp_path):
    """A level that stands once in each task of every version, which nobody drew anew."""
    rng = RNG(seed)
    shown = rng.integers(3, size=(4, 5, 2, 2))
    shown[..., 1] = [[rng.permutation([0, rng.integers(1, 3)]) for _ in range(5)] for _ in range(4)]
    seen = shown[rng.integers(4, size=200)]
    file = pd.DataFrame({"id": range(200)})
    for task in range(5):
        for place, who in enumerate("AB"):
            for column, name in enumerate(("price", "brand")):
                levels = np.array([["10", "20", "30"], ["N", "S", "W"]][column])
                file[f"Q{task + 1}_{who}_{name}"] = levels[seen[:, task, place, column]]
        file[f"Q{task + 1}"] = rng.choice(["A", "B"], 200)
    proposal, _ = came(tmp_path, file)
    assert set(proposal.content()["attributes"]) == {"price", "brand"}
    assert list(proposal.content()["outcomes"]) == ["choice"]
