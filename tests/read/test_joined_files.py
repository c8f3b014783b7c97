"""Files that belong together: respondents, weights and designs in files of their own are one wave."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import conjoint as cj
from conjoint.analysis.provenance import provenance_of
from conjoint.errors import DataError
from conjoint.folder import load_folder

DESIGN = {"price": ["low", "mid", "high"], "colour": ["red", "green"]}
TASKS, SIDES = ("1", "2", "3"), ("A", "B")

HEAD = """
[attributes.price]
levels = ["low", "mid", "high"]
[attributes.colour]
levels = ["red", "green"]
[questions.party]
answers = ["Left", "Right"]
[questions.warmth]
kind = "scale"
min = 0
max = 10
missing = "DK"
"""
DATA = {
    "wide": 'tasks = 3\nprofiles = ["A", "B"]\n',
    "tasks": 'task = "task"\nprofiles = ["A", "B"]\n',
    "long": 'task = "task"\nprofile = "profile"\n',
}
ATTRIBUTE = {
    "wide": 'attribute = "t{task}_{profile}_{attribute}"\n',
    "tasks": 'attribute = "{attribute}_{profile}"\n',
    "long": "",
}
CHOICE = '[outcomes.choice]\nkind = "choice"\ncolumn = "{}"\nchosen = {{ A = "A", B = "B" }}\n'
COLUMN = {"wide": "pick{task}", "tasks": "pick", "long": "pick"}
PEOPLE = '[respondents]\nfile = "people.csv"\nkey = "id"\n'
SHOWN = '[design]\nfile = "design.csv"\nversion = "version"\ntask = "task"\nprofile = "profile"\n'


def survey(layout, parts="", data=""):
    own = f'title = "t"\n[data]\nfile = "responses.csv"\nlayout = "{layout}"\nrespondent = "id"\n'
    attribute = "" if "[design]" in parts else ATTRIBUTE[layout]
    data = f'{own}weight = "weight"\n{DATA[layout]}{attribute}{data}'
    return f"{data}{parts}{HEAD}{CHOICE.format(COLUMN[layout])}"


def drawn(seed, people=24, versions=4):
    """A design, the people who saw its versions, and what they chose."""
    rng = np.random.default_rng(seed)
    names = [str(version) for version in range(versions)]
    shown = pd.DataFrame(
        [(v, t, p) for v in names for t in TASKS for p in SIDES],
        columns=["version", "task", "profile"],
    )
    for name, levels in DESIGN.items():
        shown[name] = rng.choice(levels, len(shown))
    who = pd.DataFrame({"id": [f"R_{n}" for n in rng.permutation(people)]})
    who["version"] = rng.choice(names, people)
    who["party"] = rng.choice(["Left", "Right"], people)
    who["warmth"] = rng.choice(["0", "7", "10", "DK"], people)
    who["weight"] = rng.uniform(0.5, 2, people).round(3).astype(str)
    for task in TASKS:
        who[f"pick{task}"] = rng.choice(SIDES, people)
    return shown, who


PERSON = ["id", "version", "party", "warmth", "weight"]


def answers(who, layout):
    """What people chose: one row a respondent, a task, or a profile."""
    if layout == "wide":
        return who
    frame = who.melt(PERSON, [f"pick{task}" for task in TASKS], "task", "pick")
    frame["task"] = frame["task"].str.removeprefix("pick")
    if layout == "long":
        frame = frame.merge(pd.DataFrame({"profile": SIDES}), how="cross")
    return frame.sort_values(["id", "task"], kind="stable", ignore_index=True)


def side_by_side(shown, pattern, keys):
    """A design with what `keys` do not tell side by side."""
    frame = {}
    for own in shown.to_dict("records"):
        row = frame.setdefault(tuple(own[key] for key in keys), {key: own[key] for key in keys})
        for name in DESIGN:
            row[pattern.format(task=own["task"], profile=own["profile"], attribute=name)] = own[
                name
            ]
    return pd.DataFrame(frame.values())


def in_one(shown, who, layout):
    """The same answers with what was shown in the same file."""
    if layout == "wide":
        pattern, keys = "t{task}_{profile}_{attribute}", ["version"]
    elif layout == "tasks":
        pattern, keys = "{attribute}_{profile}", ["version", "task"]
    else:
        return answers(who, layout).merge(shown, on=["version", "task", "profile"], how="left")
    return answers(who, layout).merge(side_by_side(shown, pattern, keys), on=keys, how="left")


def write(folder, text, **tables):
    folder.mkdir(exist_ok=True)
    (folder / "survey.toml").write_text(text, "utf-8")
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return folder


def faults(folder):
    return [str(fault).replace(f"{folder}/", "") for fault in load_folder(folder)[1]]


def assert_same(one, other):
    for name in ("respondent", "task", "profile", "price", "colour"):
        assert one.profiles[name].astype(str).tolist() == other.profiles[name].astype(str).tolist()
    for name in ("respondent", "party", "warmth"):
        assert one.respondents[name].astype(str).tolist() == (
            other.respondents[name].astype(str).tolist()
        )
    assert np.array_equal(one.outcome("choice"), other.outcome("choice"), equal_nan=True)
    assert np.array_equal(one.weights, other.weights)


@settings(max_examples=12)
@given(
    st.integers(0, 10_000),
    st.sampled_from(list(DATA)),
    st.sampled_from(["long", "tasks", "wide"]),
    st.sampled_from(["0", "v0", "0.0", "P 0"]),
)
def test_joined_files_are_the_same_wave_as_one(tmp_path_factory, seed, layout, form, spelling):
    shown, who = drawn(seed)
    rename = {text: spelling.replace("0", text, 1) for text in shown["version"].unique()}
    shown["version"], who["version"] = shown["version"].map(rename), who["version"].map(rename)
    folder = tmp_path_factory.mktemp("joined")
    truth = cj.read_wave(
        write(folder / "one", survey(layout), responses=in_one(shown, who, layout))
    )
    patterns = {"tasks": "{attribute}_{profile}", "wide": "T{task}{profile}.{attribute}"}
    keys = {"tasks": ["version", "task"], "wide": ["version"]}
    part = SHOWN
    if form != "long":
        shown = side_by_side(shown, patterns[form], keys[form])
        part = re.sub("profile = .*\n", f'attribute = "{patterns[form]}"\n', part)
        part = part.replace('task = "task"\n', "") if form == "wide" else part
    rng = np.random.default_rng(seed)
    people = who[PERSON].sample(frac=1, random_state=seed)
    mine = answers(who, layout).drop(columns=["version", "party", "warmth", "weight"])
    mine = mine[rng.permutation(mine.columns)]
    wave = cj.read_wave(
        write(
            folder / "two",
            survey(layout, PEOPLE + part),
            responses=mine,
            people=people[rng.permutation(people.columns)],
            design=shown.sample(frac=1, random_state=seed)[rng.permutation(shown.columns)],
        )
    )
    assert_same(wave, truth)


@pytest.fixture
def parts():
    return drawn(1)


@pytest.fixture
def people(parts):
    """Respondents and their columns, apart from their answers."""
    _, who = parts
    return who[["id", "party", "warmth", "weight"]]


@pytest.fixture
def one(parts, tmp_path):
    return write(tmp_path / "one", survey("wide"), responses=in_one(*parts, "wide"))


def read_two(tmp_path, parts, people, ids=None, more=""):
    frame = in_one(*parts, "wide").drop(columns=["party", "warmth", "weight"])
    if ids is not None:
        frame["id"] = ids
    return write(tmp_path / "two", survey("wide", PEOPLE + more), responses=frame, people=people)


@pytest.mark.parametrize("write_id", ["{:04d}", "{}.0", " {} ", "{}"])
def test_ids_are_found_however_numbers_are_written(tmp_path, parts, people, write_id):
    people = people.assign(id=[write_id.format(n) for n in range(100, 100 + len(people))])
    folder = read_two(tmp_path, parts, people, [str(n) for n in range(100, 100 + len(people))])
    wave = cj.read_wave(folder)
    assert wave.respondents["party"].tolist() == people["party"].tolist()
    noted = any("matched as numbers" in note for note in wave.notes)
    assert noted == (write_id in ("{:04d}", "{}.0"))


@pytest.mark.parametrize(
    ("write_id", "note"), [("r{}", "whatever their case"), (" R{}", ""), ("Ｒ{}", "none")]
)
def test_ids_are_found_in_other_letters(tmp_path, parts, people, write_id, note):
    people = people.assign(id=[write_id.format(n) for n in range(len(people))])
    folder = read_two(tmp_path, parts, people, [f"R{n}" for n in range(len(people))])
    if note == "none":  # letters of full width are other letters
        with pytest.raises(DataError, match="the id is not in people"):
            cj.read_wave(folder)
        return
    wave = cj.read_wave(folder)
    assert wave.respondents["party"].tolist() == people["party"].tolist()
    assert any("whatever their case" in own for own in wave.notes) == bool(note)


def test_texts_that_would_become_one_number_stay_apart(tmp_path, parts, people):
    ids = ["7", "07", "a", "A", *(f"x{n}" for n in range(len(people) - 4))]
    wave = cj.read_wave(read_two(tmp_path, parts, people.assign(id=ids), ids))
    assert wave.respondents["party"].tolist() == people["party"].tolist()


def test_rows_that_nobody_answered_are_counted(tmp_path, parts, people):
    extra = people.iloc[:3].assign(id=["Z1", "Z2", "Z3"], note="x")
    folder = read_two(tmp_path, parts, pd.concat([extra, people]))
    wave, found = load_folder(folder)
    assert found == []
    provenance = provenance_of(wave, wave, folder, None, "check {}")
    assert set(provenance["inputs"]) == {"survey.toml", "people.csv", "responses.csv"}
    assert provenance["unused"] == {"rows": 3, "columns": 2}
    (entry,) = [own for own in wave.unused if own.kind == "rows"]
    assert entry.count == 3
    assert entry.where.endswith("people.csv, row 2, id")
    assert entry.text == "rows of people.csv match nobody in responses.csv"
    (entry,) = [own for own in wave.unused if "people.csv" in own.where and own.kind == "columns"]
    assert entry.text.endswith("not named in survey.toml: note")


def test_people_without_a_row_are_faults_stay_or_go(tmp_path, parts, people):
    few = people.iloc[2:]
    (fault,) = faults(read_two(tmp_path, parts, few))
    assert fault.startswith(
        "responses.csv, row 2, id: the id is not in people.csv, in 2 places: also row 3"
    )
    wave = cj.read_wave(read_two(tmp_path, parts, few, more='unmatched = "drop"\n'))
    assert wave.n_respondents == len(few)
    assert any(own.kind == "respondents" and own.count == 2 for own in wave.unused)
    folder = read_two(tmp_path, parts, few, more='unmatched = "keep"\n')
    text = (folder / "survey.toml").read_text("utf-8").replace('weight = "weight"\n', "")
    (folder / "survey.toml").write_text(text, "utf-8")
    wave = cj.read_wave(folder)
    assert wave.respondents["party"].isna().sum() == 2
    assert any("2 respondents have no row in people.csv" in note for note in wave.notes)


def test_who_answered_is_a_fault_and_not_left_out_as_without_a_weight(tmp_path):
    parts = drawn(2, people=240)
    parts[1].loc[1, [f"pick{task}" for task in TASKS]] = None
    people = parts[1][["id", "party", "warmth", "weight"]].iloc[2:]
    (fault,) = faults(read_two(tmp_path, parts, people))
    assert fault.startswith("responses.csv, row 2, id: the id is not in people.csv (expected")


def test_a_key_twice_is_a_fault_by_row(tmp_path, parts, people):
    people = pd.concat([people, people.iloc[[0, 1]]])
    folder = read_two(tmp_path, parts, people)
    assert [fault.split(" (expected")[0] for fault in faults(folder)] == [
        "people.csv, row 26, id: the key of another row stands again (first at row 2)",
        "people.csv, row 27, id: the key of another row stands again (first at row 3)",
    ]


def test_a_faulty_cell_is_named_where_it_stands(tmp_path, parts, people):
    people = people.sample(frac=1, random_state=1).reset_index(drop=True)
    people.loc[4, "party"] = "Centre"
    people.loc[6, "weight"] = "heavy"
    found = "\n".join(faults(read_two(tmp_path, parts, people)))
    assert 'people.csv, row 6, party: "Centre" is not an answer' in found
    assert 'people.csv, row 8, weight: "heavy" is not a weight' in found
    assert "R_" not in found


def test_joined_columns_are_recoded_and_may_lack_codes(tmp_path, parts, people):
    people = people.assign(party=people["party"].replace({"Left": "L", "Right": "-99"}))
    wave = cj.read_wave(
        read_two(
            tmp_path,
            parts,
            people,
            more='missing = "-99"\n[recode.party]\naliases = { Left = "L" }\n',
        )
    )
    assert wave.respondents["party"].dropna().unique().tolist() == ["Left"]
    assert wave.respondents["party"].isna().any()
    assert sum(own.cells for own in wave.recoded) == (people["party"] == "L").sum()


def test_a_column_in_both_files_must_agree_where_it_is_named(tmp_path, parts, people):
    folder = read_two(tmp_path, parts, people)
    frame = pd.read_csv(folder / "responses.csv", dtype=str)
    frame.assign(party=people["party"].where(frame.index > 3)).to_csv(
        folder / "responses.csv", index=False
    )
    assert cj.read_wave(folder).respondents["party"].tolist() == people["party"].tolist()
    frame.assign(party="Left").to_csv(folder / "responses.csv", index=False)
    (fault,) = faults(folder)
    assert re.match(r'people.csv, row \d+, party: differs from the column "party" of', fault)


def test_a_weights_file_may_mark_decimals_in_another_way(tmp_path, parts, one):
    shown, who = parts
    frame = in_one(shown, who, "wide").drop(columns="weight")
    folder = write(tmp_path / "two", survey("wide", PEOPLE + 'decimal = ","\n'), responses=frame)
    weights = who[["id", "weight"]].assign(weight=who["weight"].str.replace(".", ","))
    weights.to_csv(folder / "people.csv", index=False, sep=";")
    assert_same(cj.read_wave(folder), cj.read_wave(one))


@pytest.mark.parametrize("name", ["../people.csv", "/people.csv", "away/../../people.csv"])
def test_a_file_outside_the_folder_is_refused(tmp_path, parts, people, name):
    folder = read_two(tmp_path, parts, people)
    people.to_csv(tmp_path / "people.csv", index=False)
    text = (folder / "survey.toml").read_text("utf-8").replace("people.csv", name)
    (folder / "survey.toml").write_text(text, "utf-8")
    assert any("survey folder" in fault for fault in faults(folder))


def test_a_link_out_of_the_folder_is_refused(tmp_path, parts, people):
    folder = read_two(tmp_path, parts, people)
    (folder / "people.csv").rename(tmp_path / "people.csv")
    (folder / "people.csv").symlink_to(tmp_path / "people.csv")
    (fault,) = faults(folder)
    assert "respondents.file: 'people.csv' is no file of the survey folder" in fault


def designed(tmp_path, layout, shown, who, part=SHOWN, data="", name="three"):
    mine = answers(who, layout)
    return write(tmp_path / name, survey(layout, part, data), responses=mine, design=shown)


@pytest.mark.parametrize("layout", list(DATA))
def test_an_unknown_version_is_a_fault_by_row(tmp_path, parts, layout):
    shown, who = parts
    who.loc[2, "version"] = "9"
    (fault,) = faults(designed(tmp_path, layout, shown, who))
    assert 'version: the version "9" is not in design.csv' in fault
    assert "(expected 0, 1, 2, 3)" in fault


def test_two_rows_of_one_profile_are_faults_by_row(tmp_path, parts):
    shown, who = parts
    (fault,) = faults(designed(tmp_path, "wide", pd.concat([shown, shown.iloc[[4]]]), who))
    assert fault.startswith("design.csv, row 26: has the version, task, profile of another row")
    assert "(first at row 6)" in fault


def test_a_level_at_fault_is_named_in_the_design(tmp_path, parts):
    shown, who = parts
    shown.loc[0, "price"] = "dear"
    who["version"] = "0"
    for layout in DATA:
        (fault,) = faults(designed(tmp_path, layout, shown, who))
        assert fault.startswith('design.csv, row 2, price: "dear" is not a level of "price"')


def test_rows_of_a_design_that_nobody_saw_are_counted(tmp_path, parts):
    shown, who = parts
    who["version"] = who["version"].replace("3", "2")
    wave = cj.read_wave(designed(tmp_path, "wide", shown.assign(d_error="0.1"), who))
    assert [(own.kind, own.count) for own in wave.unused if "design.csv" in own.where] == [
        ("rows", 6),
        ("columns", 1),
    ]


def test_a_profile_that_the_design_lacks_is_a_fault(tmp_path, parts):
    shown, who = parts
    who["version"] = ["0", *"13" * 2, *who["version"][5:].replace("0", "2")]
    for layout in DATA:
        (fault,) = faults(designed(tmp_path, layout, shown.iloc[1:], who))
        assert re.match(r"responses.csv, row \d+, version: design.csv has no row of this", fault)
    (fault,) = faults(designed(tmp_path, "wide", shown[shown["task"] != "2"], who))
    assert "there is no task 2 (expected 1, 3)" in fault


def test_a_design_may_call_tasks_and_profiles_otherwise(tmp_path, parts, one):
    shown, who = parts
    shown = shown.assign(
        task="Q" + shown["task"], profile=shown["profile"].map({"A": "left", "B": "right"})
    )
    part = (
        SHOWN + 'tasks = { 1 = "Q1", 2 = "Q2", 3 = "Q3" }\nprofiles = { A = "left", B = "right" }\n'
    )
    assert_same(cj.read_wave(designed(tmp_path, "wide", shown, who, part)), cj.read_wave(one))


@pytest.mark.parametrize("layout", list(DATA))
def test_levels_of_a_design_are_recoded_and_may_stand_in_several_columns(tmp_path, parts, layout):
    shown, who = parts
    truth = cj.read_wave(
        write(tmp_path / "one", survey(layout), responses=in_one(shown, who, layout))
    )
    codes = shown.assign(colour=shown["colour"].map({"red": "1", "green": "2"}))
    for level in ("mid", "high"):
        codes[f"is_{level}"] = (shown["price"] == level) * 1
    cells = 'cells.mid = { is_mid = "1" }\ncells.high = { is_high = "1" }\n'
    aliases = '[recode.colour]\naliases = { red = "1", green = "2" }\n'
    text = survey(layout, SHOWN + aliases).replace('"high"]\n', f'"high"]\n{cells}')
    design = codes.drop(columns="price")
    wave = cj.read_wave(
        write(tmp_path / "two", text, responses=answers(who, layout), design=design)
    )
    assert_same(wave, truth)
    assert sum(own.cells for own in wave.recoded) == len(wave.profiles)


def test_everybody_may_have_seen_the_same(tmp_path, parts):
    shown, who = parts
    shown = shown[shown["version"] == "1"].drop(columns="version")
    who["version"] = "1"
    part = SHOWN.replace('version = "version"\n', "")
    wave = cj.read_wave(designed(tmp_path, "wide", shown, who, part))
    assert wave.profiles["price"].tolist()[:6] == shown["price"].tolist()


def test_each_task_may_have_a_card_of_its_own(tmp_path, parts, one):
    """Answers hold the number of the card shown in each place; a design has a row a card."""
    shown, who = parts
    cards = shown.reset_index(names="card")
    for task in TASKS:
        for side in SIDES:
            own = cards[(cards["task"] == task) & (cards["profile"] == side)]
            who[f"card_{task}{side}"] = who["version"].map(own.set_index("version")["card"])
    wave = cj.read_wave(
        designed(
            tmp_path,
            "wide",
            cards[["card", *DESIGN]],
            who,
            '[design]\nfile = "design.csv"\nversion = "card"\n',
            'version = "card_{task}{profile}"\n',
        )
    )
    assert_same(wave, cj.read_wave(one))


def test_two_columns_may_number_the_tasks_of_both_files(tmp_path, parts):
    shown, who = parts
    rounds = {"1": ("x", "1"), "2": ("x", "2"), "3": ("y", "1")}
    mine, design = answers(who, "long"), shown
    for place, column in enumerate(("block", "round")):
        mine[column] = mine["task"].map(lambda task, place=place: rounds[task][place])
        design = design.assign(**{column: design["task"].map(lambda t, p=place: rounds[t][p])})
    truth = cj.read_wave(designed(tmp_path, "long", shown, who))
    text = survey("long", SHOWN).replace('task = "task"', 'task = ["block", "round"]')
    wave = cj.read_wave(
        write(
            tmp_path / "two",
            text,
            responses=mine.drop(columns="task"),
            design=design.drop(columns="task"),
        )
    )
    assert wave.profiles["price"].tolist() == truth.profiles["price"].tolist()
    assert set(wave.profiles["task"]) == {"x, 1", "x, 2", "y, 1"}


def test_a_repeated_task_needs_no_rows_of_its_own(tmp_path, parts):
    shown, who = parts
    who["pick4"] = who["pick1"].map({"A": "B", "B": "A"})
    wave = cj.read_wave(
        designed(
            tmp_path,
            "wide",
            shown,
            who,
            data='repeat = { task = "4", of = "1", flipped = true, attributes = "same" }\n',
        )
    )
    first = wave.profiles[wave.profiles["task"] == "1"]["price"].tolist()
    again = wave.repeats["price"].tolist()
    assert again == [price for pair in zip(first[1::2], first[::2], strict=True) for price in pair]


@pytest.mark.parametrize(
    ("part", "data", "said"),
    [
        (SHOWN.replace('profile = "profile"\n', ""), "", "design: nothing tells which profile"),
        (SHOWN.replace('task = "task"\n', ""), "", "design: nothing tells which task"),
        (SHOWN + 'attribute = "{attribute}_{profile}"\n', "", "design.profile: stands beside"),
        (SHOWN + 'attribute = "a_{person}"\n', "", "design.attribute: "),
        (SHOWN + 'profiles = { C = "x" }\n', "", 'design.profiles: there is no "C"'),
        (SHOWN.replace('"version"', '"block"'), "", 'there is no column "block"'),
        (PEOPLE.replace('"id"', '"pid"'), ATTRIBUTE["wide"], 'there is no column "pid"'),
        ("", 'version = "v"\n' + ATTRIBUTE["wide"], "data.version: names versions"),
    ],
)
def test_what_does_not_fit_together_is_named(tmp_path, parts, people, part, data, said):
    shown, who = parts
    text = survey("wide", part, data if "[design]" in part else data.replace(ATTRIBUTE["wide"], ""))
    folder = write(tmp_path / "two", text, responses=who, design=shown, people=people)
    assert any(said in fault for fault in faults(folder)), faults(folder)


def test_files_beside_the_responses_elsewhere_are_found(tmp_path, monkeypatch):
    """As `conjoint new --no-copy` leaves them; one in the survey folder comes first."""
    shown, who = drawn(5)
    away, here = tmp_path / "away", tmp_path / "survey"
    away.mkdir()
    here.mkdir()
    people = [name for name in PERSON if name not in ("id", "version")]
    who.drop(columns=people).to_csv(away / "answers_of_may.csv", index=False)
    who[["id", *people]].to_csv(away / "people.csv", index=False)
    shown.to_csv(away / "design.csv", index=False)
    (here / "survey.toml").write_text(survey("wide", PEOPLE + SHOWN))
    wave = cj.read_wave(here, away / "answers_of_may.csv")
    assert wave.respondents["party"].tolist() == who["party"].tolist()
    inputs = provenance_of(wave, wave, here, away / "answers_of_may.csv", "")["inputs"]
    assert {"people.csv", "design.csv"} <= {*inputs}
    (here / "people.csv").write_text("id,party,warmth,weight\n")
    with pytest.raises(DataError, match=r"people\.csv"):
        cj.read_wave(here, away / "answers_of_may.csv")
