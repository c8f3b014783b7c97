"""The same answers, written in every layout, are the same wave."""

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import conjoint as cj

LEVELS = {"price": ["low", "None", "high"], "colour": ["red", "NA"], "size": ["S", "M", "L", "XL"]}
ATTRIBUTES = "".join(f"[attributes.{name}]\nlevels = {levels}\n" for name, levels in LEVELS.items())


def truth(seed, people, tasks, profiles):
    """One row a profile: what was shown, where, and what was answered; tasks may be missing."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        order = [list(LEVELS)[place] for place in rng.permutation(len(LEVELS))]
        for task in range(1, tasks + 1):
            if task > 1 and rng.random() < 0.2:
                continue
            chosen = rng.integers(profiles)
            for place in range(profiles):
                row = {"respondent": f"r{person}", "task": str(task), "profile": "ABCD"[place]}
                row |= {name: str(rng.choice(levels)) for name, levels in LEVELS.items()}
                row |= {"choice": int(place == chosen), "score": int(rng.integers(0, 11))}
                rows.append(row | {"order": order})
    return pd.DataFrame(rows)


def wide(rows, cell):
    """A row a respondent; `cell` says which cells a profile's row fills."""
    people = {}
    for row in rows.to_dict("records"):
        own = people.setdefault(row["respondent"], {"id": row["respondent"]})
        own |= cell(row)
        own[f"c{row['task']}_{row['profile']}"] = str(row["choice"])
        own[f"s{row['task']}_{row['profile']}"] = str(row["score"])
        if row["choice"]:
            own[f"answer{row['task']}"] = f"Deal {row['profile']}"
    return pd.DataFrame(list(people.values())).astype(object)


def by_attribute(row):
    return {f"v{row['task']}_{row['profile']}_{name}": row[name] for name in LEVELS}


def by_position(row):
    found = {}
    for place, name in enumerate(row["order"], 1):
        found[f"n{row['task']}_{place}"] = name
        found[f"v{row['task']}_{row['profile']}_{place}"] = row[name]
    return found


SCORE = '[outcomes.score]\nkind = "rating"\ncolumn = "{}"\nmin = 0\nmax = 10\n'


def survey(layout, tasks, profiles):
    names = list("ABCD"[:profiles])
    if layout == "long":
        data = 'layout = "long"\nrespondent = "respondent"\ntask = "task"\nprofile = "profile"\n'
        choice, score = 'column = "choice"\npositive = "1"\nnegative = "0"\n', "score"
    else:
        data = f'layout = "wide"\nrespondent = "id"\ntasks = {tasks}\nprofiles = {names}\n'
        place = "{position}" if "position" in layout else "{attribute}"
        data += f'attribute = "v{{task}}_{{profile}}_{place}"\n'
        data += 'name = "n{task}_{position}"\npositions = 3\n' * ("position" in layout)
        score = "s{task}_{profile}"
        chosen = ", ".join(f'{who} = "Deal {who}"' for who in names)
        choice = f'column = "answer{{task}}"\nchosen = {{ {chosen} }}\n'
        if "own" in layout:
            choice = 'column = "c{task}_{profile}"\npositive = "1"\nnegative = "0"\n'
    outcomes = f'[outcomes.choice]\nkind = "choice"\n{choice}' + SCORE.format(score)
    return f'title = "Same"\n[data]\nfile = "responses.csv"\n{data}{ATTRIBUTES}{outcomes}'


LAYOUTS = ["long", "long, shuffled", "wide", "wide, own", "wide, position"]


def read(layout, rows, folder, tasks, profiles):
    kind = layout.split(",")[0] if "shuffled" in layout else layout
    if kind == "long":
        frame = rows.drop(columns="order")
        frame = frame.sample(frac=1, random_state=1) if "shuffled" in layout else frame
    else:
        frame = wide(rows, by_position if "position" in layout else by_attribute)
    text = io.StringIO()
    frame.to_csv(text, index=False)
    (folder / "survey.toml").write_text(survey(kind, tasks, profiles))
    (folder / "responses.csv").write_text(text.getvalue())
    return cj.read_wave(folder)


def in_order(wave):
    """Rows in the order of their names, everything as text or number."""
    keys = ["respondent", "task", "profile"]
    rows = wave.profiles.astype(dict.fromkeys([*keys[1:], *LEVELS], object)).astype(
        {"respondent": object}
    )
    order = rows.sort_values(keys).index
    return rows.loc[order].reset_index(drop=True), order


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=8)
@given(seed=st.integers(0, 10_000), tasks=st.integers(1, 4), profiles=st.integers(2, 4))
def test_every_layout_gives_the_truth(layout, seed, tasks, profiles, tmp_path_factory):
    rows = truth(seed, 5, tasks, profiles)
    shown = sorted(set(rows["task"]))
    wave = read(layout, rows, tmp_path_factory.mktemp("same"), len(shown), profiles)
    found, order = in_order(wave)
    wanted = rows.sort_values(["respondent", "task", "profile"]).reset_index(drop=True)
    for name in ("respondent", "task", "profile", *LEVELS):
        assert found[name].tolist() == wanted[name].tolist()
    assert found["choice"].tolist() == wanted["choice"].tolist()
    assert found["score"].tolist() == wanted["score"].tolist()
    assert wave.n_read == 5
    if "position" in layout:
        positions = wave.positions.loc[order].reset_index(drop=True)
        for name in LEVELS:
            assert positions[name].tolist() == [own.index(name) + 1 for own in wanted["order"]]
    else:
        assert wave.positions is None
