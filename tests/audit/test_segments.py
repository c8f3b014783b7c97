"""Whom figures stand on: segments, exclusions, targets, the reader's notes."""

import re
from dataclasses import replace

import numpy as np
import pytest

import conjoint as cj
from conjoint.audit.segments import (
    exclusions,
    given_weights,
    profiles_by_person,
    reader_notes,
    segment_bases,
    segment_overlap,
    targets,
)
from conjoint.wave import Excluded


def test_bases_are_held_against_the_surveys_limits(folder):
    folder.toml += "\n[thresholds]\ncaution_below = 30\nsuppress_below = 10\n"
    wave = cj.read_wave(folder.write())
    found = {item.subject: item for item in segment_bases(wave)}
    for name, label in (("left", "The left"), ("warm", "warm")):
        n = int(wave.segment(name).sum())
        assert found[label].value == n
        assert found[label].verdict == ("look" if n < 30 else "fine")


def test_a_base_that_is_suppressed_says_so(folder):
    folder.toml += "\n[thresholds]\ncaution_below = 60\nsuppress_below = 58\n"
    items = segment_bases(cj.read_wave(folder.write()))
    assert all("no figure is shown" in item.text for item in items)


def test_overlap_counts_people_once(small_wave):
    both = int((small_wave.segment("left") & small_wave.segment("warm")).sum())
    items = segment_overlap(small_wave)
    assert [(item.verdict, item.value) for item in items] == [("fine", both)]


def test_two_segments_of_the_same_people_deserve_a_look(folder):
    folder.toml += '\n[segments.again]\nwhere = { party = "Left" }\n'
    items = segment_overlap(cj.read_wave(folder.write()))
    assert [item.subject for item in items if item.verdict == "look"] == ["The left and again"]


def test_each_rule_is_counted_and_all_together(small_wave):
    rules = (Excluded("fast", "Speeders", "too fast", 4, 3), Excluded("failed", "", "", 7, 6))
    wave = replace(small_wave, excluded=rules, n_read=70)
    items = exclusions(wave)
    assert [(item.subject, item.verdict, item.value) for item in items] == [
        ("Speeders", "fine", 4),
        ("failed", "fine", 7),
        ("", "look", 10),
    ]
    assert "Speeders (too fast): 4 respondents left out (5.7%), 3 of them by this rule alone." in (
        items[0].text
    )


def test_nobody_left_out_is_said(small_wave):
    assert exclusions(small_wave)[0].text == "No rule of survey.toml leaves anybody out."


def test_notes_are_passed_on(small_wave):
    wave = replace(small_wave, notes=("Read as windows-1252.",))
    assert [(item.verdict, item.text) for item in reader_notes(wave)] == [
        ("look", "Read as windows-1252.")
    ]
    assert reader_notes(small_wave)[0].verdict == "fine"


def test_targets_say_what_they_cost(small_wave):
    items = targets(small_wave)
    cost = cj.efficiency(cj.rake(small_wave).weights).efficiency
    assert items[0].value == pytest.approx(cost)
    assert items[0].verdict == ("look" if cost < 0.7 else "fine")


def test_a_wave_of_a_frame_has_none_of_it(simulated, as_wave):
    wave = as_wave(simulated(1))
    for check in (segment_bases, segment_overlap, exclusions, reader_notes, targets):
        assert [item.verdict for item in check(wave)] == ["fine"], check


def weighing(simulated, as_wave, largest, n=191):
    """A wave of so many people of whom one holds a share of the weight."""
    frame = simulated(1, n=n)
    rest = (1 - largest) / (n - 1)
    frame["weight"] = np.where(frame["id"] == 7, largest, rest)
    return as_wave(frame, weight="weight")


@pytest.mark.parametrize(
    ("largest", "verdict"),
    [(1 / 191, "fine"), (0.02, "fine"), (0.03, "look"), (0.06, "stop"), (0.995, "stop")],
)
def test_one_person_with_much_of_the_weight_is_seen(simulated, as_wave, largest, verdict):
    (item,) = given_weights(weighing(simulated, as_wave, largest))
    assert item.verdict == verdict
    assert verdict == "fine" or item.value == pytest.approx(largest)


def test_what_weights_leave_is_said(simulated, as_wave):
    (item,) = given_weights(weighing(simulated, as_wave, 0.995))
    assert item.text == (
        "By their weights, 191 respondents are worth 1.0 (efficiency 0.5%). The largest weight of one of them is "
        "99.5%, 190.0 times the average."
    )


@pytest.mark.parametrize(("heavy", "verdict"), [(3.0, "fine"), (8.0, "look"), (300.0, "stop")])
def test_a_tenth_that_weighs_most_is_seen_by_its_efficiency(simulated, as_wave, heavy, verdict):
    """No one person holds much, and yet few speak for all."""
    frame = simulated(1, n=600)
    frame["weight"] = np.where(frame["id"] % 12 == 0, heavy, 1.0)
    (item,) = given_weights(as_wave(frame, weight="weight"))
    assert item.value < 0.03
    assert item.verdict == verdict


def test_weights_of_zero_do_not_count_as_people(simulated, as_wave):
    frame = simulated(1, n=100)
    frame["weight"] = np.where(frame["id"] < 80, 0.0, 1.0)
    (item,) = given_weights(as_wave(frame, weight="weight"))
    assert item.verdict == "fine"
    assert "20 respondents are worth 20 " in item.text


def test_weights_made_here_are_told_under_targets(small_wave):
    (item,) = given_weights(cj.rake(small_wave))
    assert (item.verdict, item.text) == ("fine", "Weights were made to targets.")


def tasks_of(simulated, as_wave, tasks, n=51):
    """A wave in which the first person has so many tasks, and each other one."""
    frame = simulated(2, n=n, tasks=max(tasks, 1))
    return as_wave(frame[(frame["id"] == 0) | (frame["task"] == 0)])


@pytest.mark.parametrize(
    ("tasks", "verdict"), [(1, "fine"), (4, "fine"), (8, "look"), (100, "stop")]
)
def test_one_person_with_many_tasks_is_seen(simulated, as_wave, tasks, verdict):
    (item,) = profiles_by_person(tasks_of(simulated, as_wave, tasks))
    assert item.verdict == verdict
    assert item.value == pytest.approx(tasks / (tasks + 50))


def test_profiles_without_an_answer_do_not_count(simulated, as_wave):
    frame = simulated(2, n=60)
    frame.loc[frame["id"] >= 40, "chosen"] = np.nan
    (item,) = profiles_by_person(as_wave(frame))
    assert item.text.startswith(
        "40 respondents judged 240 profiles; by the profiles of each they are worth 40."
    )


def test_what_is_uneven_names_nobody(simulated, as_wave):
    frame = simulated(2, n=51, tasks=100)
    frame = frame[(frame["id"] == 0) | (frame["task"] == 0)].assign(
        id=lambda own: "P" + own["id"].astype(str),
        weight=lambda own: np.where(own["id"] == 0, 99.0, 1.0),
    )
    wave = as_wave(frame, weight="weight")
    texts = [
        item.text + item.subject + item.do
        for item in (*given_weights(wave), *profiles_by_person(wave))
    ]
    assert len(texts) == 2
    assert not [text for text in texts if re.search(r"P\d", text)]
