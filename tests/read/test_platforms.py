"""What platforms export comes in through patterns: names as they write them, levels as codes."""

import numpy as np
import pytest

TOML = """\
title = "Export"
[data]
file = "responses.csv"
layout = "wide"
respondent = "{respondent}"
tasks = 2
profiles = {profiles}
attribute = "{attribute}"
[attributes.price]
column = "{price}"
levels = [{{ value = "1", label = "Low" }}, {{ value = "2", label = "High" }}, {{ value = "3", label = "Top" }}]
[attributes.brand]
column = "{brand}"
levels = [{{ value = "1", label = "Ours" }}, {{ value = "2", label = "Theirs" }}]
[outcomes.choice]
kind = "choice"
column = "{choice}"
chosen = {chosen}
"""

PLATFORMS = {
    "Decipher: Q5_t1_p1_a1": {
        "respondent": "record",
        "profiles": "2",
        "attribute": "Q5_t{task}_p{profile}_{attribute}",
        "price": "a1",
        "brand": "a2",
        "choice": "Q6_t{task}",
        "chosen": '{ 1 = "1", 2 = "2" }',
        "columns": lambda task, who, name: f"Q5_t{task}_p{who}_{name}",
        "answer": lambda task: f"Q6_t{task}",
    },
    "Forsta: conj_1_2_price": {
        "respondent": "uuid",
        "profiles": "2",
        "attribute": "conj_{task}_{profile}_{attribute}",
        "price": "price",
        "brand": "brand",
        "choice": "conj_{task}",
        "chosen": '{ 1 = "1", 2 = "2" }',
        "columns": lambda task, who, name: f"conj_{task}_{who}_{name}",
        "answer": lambda task: f"conj_{task}",
    },
    "Alchemer: Price:Task 1:Profile A": {
        "respondent": "Response ID",
        "profiles": '["A", "B"]',
        "attribute": "{attribute}:Task {task}:Profile {profile}",
        "price": "Price",
        "brand": "Brand name",
        "choice": "Which would you choose?:Task {task}",
        "chosen": '{ A = "1", B = "2" }',
        "columns": lambda task, who, name: f"{name}:Task {task}:Profile {who}",
        "answer": lambda task: f"Which would you choose?:Task {task}",
    },
    "Confirmit: CJ1_1_2, attributes by number": {
        "respondent": "responseid",
        "profiles": "2",
        "attribute": "CJ{task}_{profile}_{attribute}",
        "price": "1",
        "brand": "2",
        "choice": "CJ{task}_choice",
        "chosen": '{ 1 = "1", 2 = "2" }',
        "columns": lambda task, who, name: f"CJ{task}_{who}_{name}",
        "answer": lambda task: f"CJ{task}_choice",
    },
}  # fmt: skip


def export(form, people=5, seed=3):
    """A file as the platform writes it, and what it holds: (levels, choices) by person and task."""
    rng = np.random.default_rng(seed)
    whos = ["A", "B"] if form["profiles"].startswith("[") else ["1", "2"]
    header, held = [form["respondent"], "status"], []
    for task in "12":
        header += [
            form["columns"](task, who, form[name]) for who in whos for name in ("price", "brand")
        ]
        header.append(form["answer"](task))
    lines = [",".join(header)]
    for person in range(people):
        cells = [str(1000 + person), "complete"]
        for _ in "12":
            levels = [(str(rng.integers(1, 4)), str(rng.integers(1, 3))) for _ in whos]
            choice = int(rng.integers(1, 3))
            cells += [level for pair in levels for level in pair] + [str(choice)]
            held += [(*pair, float(place == choice)) for place, pair in enumerate(levels, 1)]
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n", held


@pytest.mark.parametrize("form", PLATFORMS.values(), ids=PLATFORMS)
def test_every_cell_comes_in_where_it_belongs(small, form):
    data, held = export(form)
    toml = TOML.format(**{key: value for key, value in form.items() if isinstance(value, str)})
    wave = small.read(toml, data)
    rows = wave.profiles.astype({"price": object, "brand": object})
    assert list(rows[["price", "brand", "choice"]].itertuples(index=False, name=None)) == held
    assert wave.respondents["respondent"].tolist() == [str(1000 + n) for n in range(5)]
    assert wave.respondent_columns == ("status",)
    assert [level.shown for level in wave.survey.attributes["price"].levels] == [
        "Low",
        "High",
        "Top",
    ]


@pytest.mark.parametrize("form", PLATFORMS.values(), ids=PLATFORMS)
def test_without_a_mapping_codes_stop_or_are_the_profiles_names(small, form):
    data, held = export(form)
    toml = TOML.format(**{key: value for key, value in form.items() if isinstance(value, str)})
    bare = "\n".join(line for line in toml.splitlines() if not line.startswith("chosen"))
    if form["profiles"] == "2":
        wave = small.read(bare, data)
        assert wave.outcome("choice").tolist() == [choice for *_, choice in held]
        assert "are read as the profiles' names" in wave.notes[0]
    else:
        (fault,) = small.faults(bare, data)
        assert "1 = A, 2 = B" in fault


def test_a_misspelt_place_is_named(small):
    form = PLATFORMS["Forsta: conj_1_2_price"]
    toml = TOML.format(**{key: value for key, value in form.items() if isinstance(value, str)})
    found = small.faults(toml.replace("conj_{task}_{profile}_", "conj_{task}_{profil}_"), "")
    assert any('data.attribute: "{profil}" is no place of this pattern' in fault for fault in found)
