"""Whom figures stand on: segments, exclusions, targets, the reader's notes."""

from dataclasses import replace

import pytest

import conjoint as cj
from conjoint.audit.segments import (
    exclusions,
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
