"""Tasks that show another task's profiles."""

import pytest

import conjoint as cj
from conjoint.audit.overwritten import overwritten_tasks

NAMES = ["price", "colour", "size"]


@pytest.fixture
def frame(simulated):
    return simulated(8, n=600, tasks=4).assign(task=lambda d: d["task"].astype(str))


def overwrite(frame, people, old="1", new="2", *, turned=False):
    out = frame.copy()
    goes = (out["task"] == old) & (out["id"] < people)
    comes = (out["task"] == new) & (out["id"] < people)
    for name in NAMES:
        values = out.loc[comes, name].to_numpy()
        out.loc[goes, name] = values.reshape(-1, 2)[:, ::-1].ravel() if turned else values
    return out


def flagged(wave):
    return [item for item in overwritten_tasks(wave) if item.verdict != "fine"]


def test_a_clean_wave_is_fine(frame, as_wave):
    items = overwritten_tasks(as_wave(frame))
    assert [item.verdict for item in items] == ["fine"]


def test_the_pair_is_named_and_counted(frame, as_wave):
    found = flagged(as_wave(overwrite(frame, 600)))
    assert [(item.subject, item.verdict, item.value) for item in found] == [
        ("tasks 1 and 2", "stop", 600)
    ]


def test_some_respondents_are_enough(frame, as_wave):
    found = flagged(as_wave(overwrite(frame, 20)))
    assert [(item.subject, item.verdict) for item in found] == [("tasks 1 and 2", "stop")]


def test_profiles_in_each_others_places(frame, as_wave):
    found = flagged(as_wave(overwrite(frame, 600, turned=True)))
    assert len(found) == 1
    assert "in each other's places" in found[0].text
    assert "declare data.repeat" in found[0].do


def test_a_small_design_repeats_by_chance(simulated, as_wave):
    frame = simulated(8, n=600, tasks=4)
    items = overwritten_tasks(as_wave(frame, attributes=["colour"]))
    assert [item.verdict for item in items] == ["fine"]


def test_the_repeated_task_is_left_to_its_own_check(folder):
    folder.replace("tasks = 3", 'tasks = 2\nrepeat = { task = "3", of = "1", flipped = true }')
    turned = {"A": "B", "B": "A"}
    for who in "AB":
        for name in ("price", "colour", "size"):
            folder.responses[f"t3_{who}_{name}"] = folder.responses[f"t1_{turned[who]}_{name}"]
    wave = cj.read_wave(folder.write())
    assert [item.verdict for item in overwritten_tasks(wave)] == ["fine"]


def test_one_task_has_no_other(simulated, as_wave):
    items = overwritten_tasks(as_wave(simulated(1, tasks=1)))
    assert [item.text for item in items] == ["One task: there is no other that could overwrite it."]
