"""The audit as a whole: every check once, on any wave; its frame, its verdict, its HTML."""

import html

import pandas as pd
import pytest

import conjoint as cj
from conjoint.audit import NAMES, SECTIONS, Audit, Item, audit
from conjoint.audit.model import COLUMNS, title_of
from conjoint.audit.run import CHECKS
from conjoint.audit.shown import items_without_ids, position_table, shown_table


@pytest.fixture
def made(small_wave):
    return audit(small_wave)


def test_every_check_has_a_title_in_order():
    assert tuple(check.__name__ for check in CHECKS) == NAMES


def test_every_check_says_something_of_every_wave(made, simulated, as_wave):
    for found in (made, audit(as_wave(simulated(2)))):
        assert list(dict.fromkeys(item.check for item in found.items)) == list(NAMES)


def test_it_runs_on_the_smallest_waves(pair_frame):
    for given in ({}, {"task": "task"}, {"task": "task", "profile": "profile"}):
        wave = cj.Wave.from_frame(
            pair_frame, respondent="id", outcome="chosen", attributes=["price", "colour"], **given
        )
        assert audit(wave).verdict in ("fine", "look", "stop")


def test_a_task_name_of_each_persons_own_is_no_error(simulated, as_wave):
    frame = simulated(3, n=60)
    frame["task"] = frame["id"].astype(str) + "-" + frame["task"].astype(str)
    assert audit(as_wave(frame)).verdict != "stop"


def test_steps_are_named(small_wave):
    named = []
    audit(small_wave, named.append)
    assert named == list(map(title_of, NAMES))


def test_the_frame_is_tidy_and_makes_the_audit_again(made, tmp_path):
    frame = made.frame
    assert list(frame) == COLUMNS
    assert len(frame) == len(made.items)
    made.to_csv(tmp_path / "audit.csv")
    read = pd.read_csv(tmp_path / "audit.csv", keep_default_na=False, na_values=[""])
    again = Audit.of_frame(read)
    pd.testing.assert_frame_equal(again.frame, frame)


ITEMS = {
    verdict: Item("speeding", "", verdict, f"Says <b>{verdict}</b>.")
    for verdict in ("fine", "look", "stop")
}


@pytest.mark.parametrize(
    ("verdicts", "worst", "summary"),
    [
        ("", "fine", "Nothing to stop for and nothing to look at."),
        ("fine fine", "fine", "Nothing to stop for and nothing to look at."),
        ("fine look", "look", "Nothing to stop for, 1 thing to look at."),
        ("look look", "look", "Nothing to stop for, 2 things to look at."),
        ("stop fine", "stop", "1 thing to stop for and nothing to look at."),
        ("stop stop look look look", "stop", "2 things to stop for, 3 to look at."),
    ],
)
def test_the_verdict_is_the_worst(verdicts, worst, summary):
    found = Audit(tuple(ITEMS[name] for name in verdicts.split()))
    assert found.verdict == worst
    assert found.summary == summary
    assert found.counts == {name: verdicts.split().count(name) for name in ITEMS}


def test_html_is_escaped():
    page = Audit((ITEMS["stop"],))._repr_html_()
    assert "<b>stop</b>" not in page
    assert html.escape("<b>stop</b>") in page


def test_sections_hold_every_check_once():
    names = [name for checks in SECTIONS.values() for name in checks]
    assert len(names) == len(set(names)) == len(CHECKS)


def test_what_leaves_the_house_names_nobody(small_wave):
    note = Item("reader_notes", "", "look", "row 5: r003 has two answers.")
    found = Audit((note, ITEMS["look"]))
    texts = list(items_without_ids(small_wave, found)["text"])
    assert "r003" not in texts[0]
    assert texts[1] == ITEMS["look"].text


def test_what_the_charts_draw_is_counted(small_wave):
    shown = shown_table(small_wave)
    direct = small_wave.profiles["price"].value_counts(normalize=True)
    own = shown[shown["attribute"] == "price"].set_index("level")["estimate"]
    assert own.to_dict() == pytest.approx(direct.to_dict())
    places = position_table(small_wave).set_index(["task", "profile"])["estimate"]
    means = small_wave.profiles.groupby(["task", "profile"], observed=True)["choice"].mean()
    assert places.to_dict() == pytest.approx(means.to_dict())
