"""Straight-liners beside chance, and who was too fast."""

import numpy as np
import pytest

import conjoint as cj
from conjoint.audit.grid import grid_of
from conjoint.audit.quality import speeding, straight_liners, straight_lining


@pytest.fixture
def frame(simulated):
    return simulated(5, n=800, tasks=5)


def always_first(frame, people):
    first = (frame["profile"] == "A").astype(float)
    return frame.assign(chosen=frame["chosen"].mask(frame["id"] < people, first))


def test_shares_are_counted(frame, as_wave):
    figures = straight_liners(as_wave(frame), "chosen", grid_of(as_wave(frame)))
    left = frame[frame["profile"] == "A"].pivot_table(index="id", columns="task", values="chosen")
    straight = (left.nunique(axis=1) == 1).mean()
    p = left.mean()
    assert figures.values == pytest.approx(
        [straight, p.prod() + (1 - p).prod(), straight - p.prod() - (1 - p).prod()]
    )


def test_chance_alone_is_fine(frame, as_wave):
    item = straight_lining(as_wave(frame))[0]
    assert item.verdict == "fine"
    assert "chance gives 6" in item.text


@pytest.mark.parametrize(("people", "verdict"), [(48, "look"), (400, "stop")])
def test_more_than_chance_is_flagged(frame, as_wave, people, verdict):
    item = straight_lining(as_wave(always_first(frame, people)))[0]
    assert item.verdict == verdict
    assert item.p_value < 0.01


def test_a_bias_that_all_share_is_not_straight_lining(simulated, as_wave):
    """Everybody leans left a little: position and number of tasks explain who is always left."""
    rng = np.random.default_rng(2)
    frame = simulated(6, n=2000, tasks=5)
    first = rng.random(10_000) < 0.65
    frame["chosen"] = np.column_stack([first, ~first]).ravel().astype(float)
    item = straight_lining(as_wave(frame))[0]
    assert item.verdict == "fine"
    assert "chance gives 12%" in item.text


def test_two_tasks_say_nothing(simulated, as_wave):
    item = straight_lining(as_wave(simulated(1, tasks=2)))[0]
    assert item.verdict == "fine"
    assert "Fewer than 3 tasks" in item.text


def test_one_rating_for_all_profiles(frame, as_wave):
    flat = frame.assign(rating=frame["rating"].mask(frame["id"] < 160, 5.0))
    item = straight_lining(as_wave(flat, outcome=["chosen", "rating"]))[1]
    assert item.verdict == "look"
    assert item.value == pytest.approx(0.2, abs=0.005)


TIMED = (
    'attribute = "t{task}_{profile}_{attribute}"',
    'attribute = "t{task}_{profile}_{attribute}"\nduration = "seconds"',
)


@pytest.mark.parametrize(("fast", "verdict"), [(0, "fine"), (1, "fine"), (3, "look")])
def test_speeders_are_counted_against_the_median(folder, fast, verdict):
    folder.replace(*TIMED)
    folder.responses["seconds"] = ["50"] * fast + ["300"] * (60 - fast)
    item = speeding(cj.read_wave(folder.write()))[0]
    assert item.verdict == verdict
    assert item.value == pytest.approx(fast / 60)
    assert "a third of the median of 300" in item.text


def test_the_limit_is_the_surveys(folder):
    folder.replace(*TIMED).toml += "\n[audit]\nspeeding = 0.5\n"
    folder.responses["seconds"] = ["140"] * 5 + ["300"] * 55
    item = speeding(cj.read_wave(folder.write()))[0]
    assert item.verdict == "look"
    assert "less than half of the median" in item.text


def test_a_time_that_is_none_is_said(folder):
    folder.replace(*TIMED)
    folder.responses["seconds"] = ["300"] * 58 + ["0", "0"]
    items = speeding(cj.read_wave(folder.write()))
    assert [item.verdict for item in items] == ["look", "fine"]
    assert items[0].value == 2


def test_no_durations_are_fine(small_wave):
    items = speeding(small_wave)
    assert [(item.verdict, item.text) for item in items] == [("fine", "No durations in the file.")]
