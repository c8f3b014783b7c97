"""Further files of each kind that was once misread: other words, languages, layouts and codings."""

import numpy as np
import pandas as pd
import pytest
from exported import long, settled

import conjoint as cj
from conjoint.propose import propose, write_survey
from conjoint.read.file import read_responses
from conjoint.survey import Data

READ = Data(layout="long", respondent="")
RNG = np.random.default_rng
DESIGN = {"price": ["5", "10", "20"], "brand": ["North", "South", "West"], "cut": ["25%", "50%"]}
KEYS = ("id", "task", "profile", "chosen", "age")


@pytest.fixture(scope="module")
def shown():
    return long(110, design=DESIGN)


def sides(frame, index, name, choice, answers, profiles=("A", "B")):
    """Profiles side by side: one row a person, or a task where `index` says so."""
    columns = {}
    for task, rows in frame.groupby("task", sort=False) if index == ["id"] else [("", frame)]:
        for side, (_, own) in zip(profiles, rows.groupby("profile"), strict=True):
            for attribute in [column for column in frame if column not in KEYS]:
                columns[name(task, side, attribute)] = own[attribute].to_numpy()
        place = rows["chosen"].astype(int).to_numpy().reshape(-1, 2).argmax(axis=1)
        columns[choice(task)] = np.array([own.format(t=task) for own in answers])[place]
    rows = frame[index].drop_duplicates().reset_index(drop=True)
    return pd.concat([rows, pd.DataFrame(columns)], axis=1)


LAYOUTS = {
    "long": lambda f: f,
    "wide": lambda f: sides(f, ["id"], "t{}_{}_{}".format, "t{}_choice".format, "AB"),
    "tasks": lambda f: sides(
        f, ["id", "task"], lambda _, p, a: f"{a}_{p}", "{}choice".format, "AB"
    ),
}


def came(tmp_path, file, stops=0):
    file.to_csv(tmp_path / "export.csv", index=False)
    proposal = propose(read_responses(tmp_path / "export.csv", READ))
    assert sum(d.stops for d in proposal.decisions) == stops
    write_survey(settled(proposal), tmp_path / "new")
    return proposal, cj.read_wave(tmp_path / "new")


def assert_means(wave, frame, names=tuple(DESIGN)):
    """Marginal means of some attributes, whatever their levels are called."""
    means = cj.marginal_means(wave, outcome=wave.survey.main_outcome).frame
    own = frame.assign(chosen=pd.to_numeric(frame["chosen"])).dropna(subset="chosen")
    for name in names:
        rows = own[~own[name].isin(["", "NA", "-", "Not shown"])]
        theirs = rows.groupby(name)["chosen"].mean()
        found = means[means["attribute"] == name]["estimate"]
        assert np.sort(found) == pytest.approx(np.sort(theirs)), name


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("on", "off", "left_out"), [("1", "0", 0), ("yes", "no", 1)])
def test_columns_of_levels_are_one_attribute(shown, layout, on, off, left_out, tmp_path):
    apart = shown.drop(columns="brand")
    for level in DESIGN["brand"][left_out:]:
        apart[f"brand_{level.lower()}"] = np.where(shown["brand"] == level, on, off)
    proposal, wave = came(tmp_path, LAYOUTS[layout](apart))
    assert [d.key for d in proposal.decisions if d.waits] == [("attributes",)]
    assert_means(wave, shown)


def test_people_who_left_early_have_no_level_of_several_columns(shown, tmp_path):
    apart = shown.drop(columns="brand")
    for level in DESIGN["brand"][1:]:
        apart[f"brand_{level.lower()}"] = (shown["brand"] == level).astype(int)
    file = LAYOUTS["wide"](apart).astype(object)
    gone = [name for name in file if name.startswith("t5_")]
    file.loc[::3, gone] = ""
    file.to_csv(tmp_path / "export.csv", index=False)
    full = propose(read_responses(tmp_path / "export.csv", READ))
    write_survey(full, tmp_path / "new")
    kept = shown[(shown["task"] != "5") | ~shown["id"].isin(file["id"][::3])]
    wave = cj.read_wave(tmp_path / "new")
    assert len(wave.profiles) == len(kept)
    assert_means(wave, kept, ("price", "cut"))


@pytest.mark.parametrize("layout", ["long", "wide"])
@pytest.mark.parametrize("word", ["NA", "-", "Not shown"])
def test_a_word_may_say_that_an_attribute_was_not_shown(shown, layout, word, tmp_path):
    lacks = np.repeat(RNG(1).random(len(shown) // 2) < 0.4, 2)
    frame = shown.assign(brand=shown["brand"].mask(lacks, word))
    proposal, wave = came(tmp_path, LAYOUTS[layout](frame))
    content = proposal.content()
    assert content["recode"] == {"brand": {"missing": [word]}}
    assert content["attributes"]["brand"]["presence"] == "some"
    assert_means(wave, frame)


def test_what_some_profiles_of_a_task_hold_alone_is_a_level(shown, tmp_path):
    frame = shown.assign(brand=shown["brand"].replace("West", "NA"))
    proposal, _ = came(tmp_path, frame)
    assert "NA" in proposal.content()["attributes"]["brand"]["levels"]
    assert "recode" not in proposal.content()


def test_a_program_s_word_for_an_empty_cell_is_found_among_numbers(shown, tmp_path):
    gone = np.repeat(RNG(2).random(len(shown) // 2) < 0.1, 2)
    frame = shown.assign(chosen=shown["chosen"].mask(gone, "NA"))
    proposal, wave = came(tmp_path, frame)
    assert proposal.content()["data"]["missing"] == ["NA"]
    assert_means(wave, frame.assign(chosen=frame["chosen"].replace("NA", np.nan)))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("name", "words"),
    [("stance", ("For", "Against")), ("supports_tax", ("Yes", "No")), ("trust", ("low", "high"))],
)
def test_levels_that_sound_like_answers_are_levels(shown, layout, name, words, tmp_path):
    frame = shown.assign(**{name: RNG(3).choice(words, len(shown))})
    proposal, wave = came(tmp_path, LAYOUTS[layout](frame))
    assert [own["kind"] for own in proposal.content()["outcomes"].values()] == ["choice"]
    assert_means(wave, frame, (*DESIGN, name))
    for asked in [d for d in proposal.decisions if d.key == ("attributes",)]:
        texts = [option.text for option in asked.options]
        assert texts == ["it is an attribute", "it is an answer", "leave it out"]
        assert name not in proposal.decide(asked, 1).content()["attributes"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_answers_that_go_with_the_levels_are_answers_without_a_question(shown, layout, tmp_path):
    liked = RNG(4).random(len(shown)) < np.where(shown["price"] == "20", 0.3, 0.7)
    frame = shown.assign(support=np.where(liked, "Support", "Oppose"))
    proposal, _ = came(tmp_path, LAYOUTS[layout](frame))
    kinds = [own["kind"] for own in proposal.content()["outcomes"].values()]
    assert sorted(kinds) == ["choice", "support"]
    assert not any(d.key == ("attributes",) for d in proposal.decisions)


@pytest.mark.parametrize("versions", [2, 4])
def test_versions_of_a_design_are_no_answers_in_long_files(versions, tmp_path):
    frame = long(120, design=DESIGN)
    size = len(frame) // 120
    row = np.arange(len(frame))
    frame[list(DESIGN)] = frame[list(DESIGN)].to_numpy()[row // size % versions * size + row % size]
    proposal, wave = came(tmp_path, frame)
    assert list(proposal.content()["outcomes"]) == ["chosen"]
    assert_means(wave, frame)


@pytest.mark.parametrize(
    ("who", "ends", "name"),
    [("LR", (0, 10), "rate{}_{}"), ("12", (0, 100), "slider_{}_{}"), ("12", (1, 7), "x{}.{}")],
)
def test_ratings_are_told_by_name_or_by_what_they_go_with(shown, who, ends, name, tmp_path):
    low, high = ends
    cheap = shown["price"].map({"5": 0.6, "10": 0.5, "20": 0.4})
    felt = (cheap + RNG(5).normal(0, 0.25, len(shown))).clip(0, 1)
    rated = (low + np.round(felt * (high - low))).astype(int)
    file = sides(shown, ["id"], lambda t, p, a: f"src_{t}_{a}_{p}", "pick_{}".format,
                 ["Person A", "Person B"], "12")  # fmt: skip
    for task in shown["task"].unique():
        for place, own in enumerate(who):
            rows = (shown["task"] == task) & (shown["profile"] == str(place + 1))
            file[name.format(task, own)] = rated[rows].to_numpy()
    proposal, wave = came(tmp_path, file)
    kinds = {own["kind"]: key for key, own in proposal.content()["outcomes"].items()}
    assert set(kinds) == {"choice", "rating"}
    assert wave.outcome(kinds["rating"]).sum() == rated.sum()
    assert_means(wave, shown)


@pytest.mark.parametrize(
    ("pattern", "profiles", "answers"),
    [
        (lambda _, p, a: f"{a}{p}", "12", ["Option1", "Option2"]),
        (lambda _, p, a: f"{a}.{p}", "12", ["alt1", "alt2"]),
        (lambda _, p, a: f"{a}_{p}", ("links", "rechts"), ["links", "rechts"]),
        (lambda _, p, a: f"{p}_{a}", ("gauche", "droite"), ["gauche", "droite"]),
        (lambda _, p, a: f"{a}.{p}", ("ref", "alt"), ["ref", "alt"]),
        (lambda _, p, a: f"{p}_{a}", ("car", "bus"), ["car", "bus"]),
    ],
)
def test_answers_glued_and_sides_in_other_languages(shown, pattern, profiles, answers, tmp_path):
    file = sides(shown, ["id", "task"], pattern, "{}choice".format, answers, profiles)
    assert_means(came(tmp_path, file.drop(columns="task"))[1], shown)


@pytest.mark.parametrize("words", [("ja", "nein"), ("oui", "non"), ("sí", "no")])
def test_yes_and_no_in_other_languages(shown, words, tmp_path):
    marks = shown["chosen"].map({"1": words[0], "0": words[1]})
    file = shown.assign(chosen=marks).rename(columns={"chosen": "gewaehlt"})
    assert_means(came(tmp_path, file.drop(columns=["task", "profile"]))[1], shown)


def test_a_word_for_none_among_the_levels_leaves_the_attribute_in(shown, tmp_path):
    shown = shown.iloc[:600]
    rng, parts, kept = RNG(6), [], shown.copy()
    for _, own in shown.groupby(["id", "task"], sort=False):
        none = own.iloc[[0]].assign(profile="3", chosen="0", **dict.fromkeys(DESIGN, "None"))
        if rng.random() < 0.2:
            own, none = own.assign(chosen="0"), none.assign(chosen="1")
            kept.loc[own.index, "chosen"] = "0"
        parts += [own, none]
    proposal, wave = came(tmp_path, pd.concat(parts, ignore_index=True))
    assert proposal.content()["data"]["none_rows"] == {"price": "None"}
    assert_means(wave, kept)


def test_labels_at_the_ends_of_ratings_are_read_as_numbers(shown, tmp_path):
    points = ["0 - Bad", "1", "2", "3", "4 - Good"]
    code = RNG(7).integers(5, size=len(shown))
    proposal, wave = came(tmp_path, LAYOUTS["wide"](shown.assign(score=np.array(points)[code])))
    content = proposal.content()
    assert content["recode"] == {"score": {"labelled": True}}
    assert content["outcomes"]["score"]["kind"] == "rating"
    assert wave.outcome("score").sum() == code.sum()


def test_labels_that_stand_for_several_numbers_are_no_ends_of_a_scale(shown, tmp_path):
    file = LAYOUTS["wide"](shown)
    file["kids"] = RNG(8).choice(["0", "1", "2", "3", "4 or more"], len(file))
    content = came(tmp_path, file)[0].content()
    assert content["questions"]["kids"]["answers"][-1] == "4 or more"
    assert "recode" not in content


@pytest.mark.parametrize(("name", "who"), [("rating{}", "12"), ("warm_{}", ("left", "right"))])
def test_ratings_beside_one_row_a_task_may_call_the_profiles_otherwise(shown, name, who, tmp_path):
    file = LAYOUTS["tasks"](shown)
    stars = RNG(9).integers(1, 8, len(shown))
    for place, own in enumerate(who):
        file[name.format(own)] = stars[place::2]
    proposal, wave = came(tmp_path, file)
    (rating,) = [own for own in proposal.content()["outcomes"].values() if own["kind"] == "rating"]
    assert rating["profiles"] == dict(zip("AB", who, strict=True))
    assert wave.outcome(list(wave.survey.outcomes)[1]).tolist() == stars.tolist()
    assert_means(wave, shown)


@pytest.mark.parametrize("layout", ["wide", "tasks"])
def test_one_version_that_everybody_saw_is_read_with_its_ratings(shown, layout, tmp_path):
    frame, first = shown.copy(), shown["id"] == shown["id"].iloc[0]
    repeats = shown["id"].nunique()
    for name in DESIGN:
        frame[name] = np.tile(shown[name][first].to_numpy(), repeats)
    file = LAYOUTS[layout](frame)
    stars = RNG(9).integers(1, 8, len(shown))
    for place, who in enumerate("AB"):
        if layout == "tasks":
            file[f"rate_{who}"] = stars[place::2]
            continue
        for task in shown["task"].unique():
            rows = (shown["task"] == task) & (shown["profile"] == str(place + 1))
            file[f"t{task}_{who}_rating"] = stars[rows]
    proposal, wave = came(tmp_path, file)
    assert set(proposal.content()["attributes"]) == set(DESIGN)
    assert {own["kind"] for own in proposal.content()["outcomes"].values()} == {"choice", "rating"}
    assert_means(wave, frame)


def test_a_choice_of_one_row_a_task_is_told_by_what_it_goes_with(shown, tmp_path):
    worth = RNG(2).gumbel(size=len(shown)) - shown["price"].astype(float) / 5
    best = worth.groupby([shown["id"], shown["task"]]).transform("max")
    frame = shown.assign(chosen=(worth == best).astype(int))
    file = LAYOUTS["tasks"](frame).rename(columns={"choice": "entscheidung"})
    file["entscheidung"] = file["entscheidung"].map({"A": "0", "B": "1"})
    file["laune"] = RNG(2).integers(0, 2, len(file))
    _, wave = came(tmp_path, file, stops=1)
    assert_means(wave, frame)


@pytest.mark.parametrize(
    ("pattern", "who", "name", "low"),
    [
        ("Q1_screen{}{}_1", "ab", "Q1", 1),
        ("Q{}.7{}", "LR", "rating", 3),
        ("warm_{}_{}", "XY", "warm", 1),
        ("Bewertung_{}_{}", ("links", "rechts"), "bewertung", 1),
    ],
)
def test_ratings_may_call_the_profiles_otherwise(shown, pattern, who, name, low, tmp_path):
    """They are named by what their columns share, and need not use the ends of their scale."""
    stars = RNG(9).integers(low, 8, len(shown)) + 2 * (shown["price"] == shown["price"].min())
    file = LAYOUTS["wide"](shown)
    for task in shown["task"].unique():
        for place, own in enumerate(who):
            rows = (shown["task"] == task) & (shown["profile"] == str(place + 1))
            file[pattern.format(task, own)] = stars[rows].to_numpy()
    proposal, wave = came(tmp_path, file)
    outcomes = proposal.content()["outcomes"]
    assert outcomes[name]["profiles"] == dict(zip("AB", who, strict=True))
    assert wave.outcome(name).tolist() == stars.tolist()


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
@pytest.mark.parametrize(("versions", "levels"), [(1, 3), (2, 3), (6, 3), (4, 2)])
def test_fixed_versions_are_read_alike_in_every_layout(shown, layout, versions, levels, tmp_path):
    """Nothing is restricted for pairs that few tasks lack, and no attribute is taken for a choice."""
    rng = RNG(versions + levels)
    people = shown["id"].nunique()
    each = rng.integers(levels, size=(versions, 2, len(shown) // people))
    each[:, 1, 1::2] = (each[:, 1, ::2] + 1) % levels  # no task shows a level twice
    seen = each[rng.integers(versions, size=people)]
    frame = shown.drop(columns=list(DESIGN))
    frame["price"] = np.array(["10", "20", "30"])[seen[:, 0].ravel()]
    frame["brand"] = np.array(["North", "South", "West"])[seen[:, 1].ravel()]
    file = LAYOUTS[layout](frame)
    proposal, _ = came(tmp_path, file)
    content = proposal.content()
    assert set(content["attributes"]) == {"price", "brand"}
    assert [own["kind"] for own in content["outcomes"].values()] == ["choice"]
    assert "restrictions" not in content
