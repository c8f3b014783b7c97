"""Who is in the file twice: whole patterns, answers alike, ids that differ by a hand's slip."""

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.audit.duplicates import duplicated_ids, duplicates


def by_subject(wave):
    return {item.subject: item for item in duplicates(wave)}


def copied(frame, people, by=10_000):
    again = frame[frame["id"] < people]
    return pd.concat([frame, again.assign(id=again["id"] + by)], ignore_index=True)


@pytest.fixture
def frame(simulated):
    return simulated(9, n=200, tasks=5)


def test_a_clean_wave_is_fine(frame, as_wave):
    assert {item.verdict for item in duplicates(as_wave(frame))} == {"fine"}


@pytest.mark.parametrize(("people", "verdict"), [(1, "look"), (6, "stop")])
def test_copies_are_counted_and_named(frame, as_wave, people, verdict):
    wave = as_wave(copied(frame, people))
    item = by_subject(wave)["whole patterns"]
    assert (item.verdict, item.value) == (verdict, people)
    groups = duplicated_ids(wave)
    assert groups == [[str(who), str(who + 10_000)] for who in range(people)]
    assert not any("10000" in item.text for item in duplicates(wave))


def test_the_order_of_rows_does_not_matter(frame, as_wave):
    mixed = copied(frame, 6).sample(frac=1, random_state=1)
    assert by_subject(as_wave(mixed))["whole patterns"].value == 6


def test_one_other_answer_makes_another_person(frame, as_wave):
    twice = copied(frame, 6)
    rows = (twice["id"] >= 10_000) & (twice["task"] == 0)
    twice["chosen"] = twice["chosen"].mask(rows, 1 - twice["chosen"])
    found = by_subject(as_wave(twice))
    assert found["whole patterns"].value == 0
    assert found["profiles shown"].verdict == "look"
    assert found["profiles shown"].value == 6


def test_a_small_design_says_nothing(simulated, as_wave):
    frame = simulated(1, n=300, tasks=1).drop(columns=["price", "size"])
    item = by_subject(as_wave(frame, attributes=["colour"]))["whole patterns"]
    assert item.verdict == "fine"
    assert "by chance" in item.text or "others saw" in item.text


def test_fixed_versions_are_no_copies(frame, as_wave):
    """Ten versions of the tasks, as a designed experiment has them."""
    versions = frame.copy()
    for name in ("price", "colour", "size"):
        version = versions[name].to_numpy().reshape(200, 10)
        versions[name] = version[np.arange(200) % 10].ravel()
    item = by_subject(as_wave(versions))["whole patterns"]
    assert item.verdict == "fine"
    assert "10 versions" in item.text


def test_people_alike_in_all_they_say(folder):
    """Copied rows with new profiles: all answers and columns alike."""
    responses = folder.responses
    responses["postcode"] = [f"P{place}" for place in range(60)]
    said = [name for name in responses if "_" not in name or name.endswith(("choice", "support"))]
    for row in range(4):
        for name in set(said) - {"id"}:
            responses.loc[50 + row, name] = responses.loc[row, name]
    found = by_subject(cj.read_wave(folder.write()))
    assert found["whole patterns"].verdict == "fine"
    assert found["whole answers"].verdict == "look"
    assert found["whole answers"].value == 4


def test_ids_that_differ_in_case_or_space(folder):
    folder.cell(5, "id", "R 001").cell(6, "id", "r002 x").cell(7, "id", "R002X")
    wave = cj.read_wave(folder.write())
    item = by_subject(wave)["ids"]
    assert (item.verdict, item.value) == ("look", 2)
    assert [sorted(group) for group in duplicated_ids(wave)] == [
        ["R 001", "r001"],
        ["R002X", "r002 x"],
    ]
