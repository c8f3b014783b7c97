"""Faults that real files have, planted in the shipped survey's answers: `conjoint check` finds each."""

import json
import sys
from dataclasses import dataclass

import numpy as np
import planting
import pytest

from conftest import ROUTES
from conjoint.audit import audit
from conjoint.cli import main

TOML = (ROUTES / "survey.toml").read_text("utf-8")


@pytest.fixture
def check(monkeypatch, capsys):
    """Run `conjoint check` on a folder: its end, its words, its items."""

    def run(folder, *arguments):
        to = folder / "items.json"
        given = ["conjoint", "check", str(folder), "--to", str(to), *arguments]
        monkeypatch.setattr(sys, "argv", given)
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        items = json.loads(to.read_text("utf-8"))["items"] if to.exists() else []
        return Done(end.value.code, said.out, said.err), items

    return run


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


def found(items, name, *verdicts):
    return [item for item in items if item["check"] == name and item["verdict"] in verdicts]


def test_one_tasks_swapped_choice_code(check, tmp_path):
    done, items = check(planting.write(tmp_path, planting.swap_choice(planting.shipped(), 3)))
    assert done.returncode == 1
    texts = [item["text"] for item in found(items, "choice_reading", "stop")]
    assert len(texts) == 1
    assert texts[0].startswith("Task 3's answers look swapped: what does well elsewhere")
    assert "Profiles chosen there (choice) do worse on support" in texts[0]


def test_every_choice_code_swapped(check, tmp_path):
    answers = planting.shipped()
    for task in range(1, 7):
        answers = planting.swap_choice(answers, task)
    done, items = check(planting.write(tmp_path, answers))
    assert done.returncode == 1
    stop = found(items, "choice_reading", "stop")
    assert [item["subject"] for item in stop] == ["choice and support"]
    assert "read the wrong way round" in stop[0]["text"]


def test_a_repeated_task_whose_flip_is_not_declared(check, tmp_path):
    answers = planting.swap_choice(planting.shipped(), 6)
    done, items = check(planting.write(tmp_path, answers))
    assert done.returncode == 1
    subjects = {item["subject"] for item in found(items, "choice_reading", "stop")}
    assert subjects == {"choice, repeated task"}
    assert found(items, "repeated_task", "stop")


@pytest.mark.parametrize(("share", "verdict"), [(1.0, "stop"), (0.03, "stop"), (0.002, "look")])
def test_a_task_overwritten_by_the_next(check, tmp_path, share, verdict):
    answers = planting.overwrite(planting.shipped(), 2, share)
    done, items = check(planting.write(tmp_path, answers))
    assert done.returncode == (verdict == "stop")
    items = found(items, "overwritten_tasks", "look", "stop")
    assert [item["subject"] for item in items] == ["tasks 2 and 3"]
    assert items[0]["value"] == round(share * len(answers))
    assert items[0]["verdict"] == verdict


def test_a_forbidden_pair_is_a_fault_of_reading(check, tmp_path):
    pair = '\n[[restrictions]]\nnever = { cap = "5000", reduction = "90%" }\n'
    done, items = check(planting.write(tmp_path, planting.shipped(), TOML + pair))
    assert done.returncode == 2
    assert '"5000" (cap) meets "90%" (reduction)' in done.stderr
    assert items == []


def test_sixty_forty_randomisation(check, tmp_path):
    done, items = check(planting.write(tmp_path, planting.weighted_coin(planting.shipped(), 0.6)))
    assert done.returncode == 1
    assert found(items, "level_frequencies", "stop")


def test_a_left_profile_bias_of_five_points(check, tmp_path):
    _, items = check(planting.write(tmp_path, planting.lean_left(planting.shipped(), 0.05)))
    flagged = found(items, "profile_position", "look", "stop")
    assert flagged


def test_three_in_a_hundred_speeders(check, tmp_path):
    done, items = check(planting.write(tmp_path, planting.speed_up(planting.shipped(), 0.03)))
    assert done.returncode == 0
    fast = found(items, "speeding", "look")
    assert len(fast) == 1
    assert 0.03 <= fast[0]["value"] <= 0.04
    assert "LOOK  Interviews that were too fast" in done.stdout
    assert check(tmp_path, "--strict")[0].returncode == 1


def test_duplicated_respondents(check, tmp_path):
    answers = planting.duplicate(planting.shipped(), 0.02)
    copies = len(answers) - len(planting.shipped())
    done, items = check(planting.write(tmp_path, answers), "--all")
    assert done.returncode == 1
    stop = found(items, "duplicates", "stop")
    assert [item["value"] for item in stop] == [copies]
    assert "Ids that belong together" in done.stdout
    assert "X000000" in done.stdout
    assert not any("X0000" in item["text"] for item in items)


def test_straight_liners(check, tmp_path):
    answers = planting.shipped()
    rows = planting.some(answers, 0.08)
    for task in range(1, 7):
        answers.loc[rows, f"t{task}_choice"] = "Deal A"
    _, items = check(planting.write(tmp_path, answers))
    assert found(items, "straight_lining", "look")


FOUND_IN_ANY = ("repeated_task", "segment_bases", "targets", "minimum_detectable")
"""What the recipe itself gives: an unreliable repeated task, a small segment, an old target."""


def false_alarms(tmp_path, seeds):
    """Stops of clean waves, and how many of them have something to look at, a check."""
    stops, looks = [], {}
    for seed in seeds:
        made = audit(planting.clean_wave(tmp_path, seed))
        stops += [(seed, item) for item in made.having("stop")]
        for name in {item.check for item in made.having("look")} - set(FOUND_IN_ANY):
            looks[name] = looks.get(name, 0) + 1
    return stops, looks


def test_a_clean_wave_raises_no_alarm(tmp_path):
    stops, looks = false_alarms(tmp_path, range(5))
    assert stops == []
    assert max(looks.values(), default=0) <= 2


@pytest.mark.slow
def test_no_clean_wave_of_two_hundred_is_stopped(tmp_path):
    stops, looks = false_alarms(tmp_path, range(1000, 1200))
    assert stops == []
    assert {name: count for name, count in looks.items() if count >= 10} == {}


def test_the_audit_changes_nothing(tmp_path):
    wave = planting.clean_wave(tmp_path, 1, 300)
    before = [wave.profiles.copy(), wave.respondents.copy(), np.array(wave.weights)]
    audit(wave)
    assert before[0].equals(wave.profiles)
    assert before[1].equals(wave.respondents)
    assert (before[2] == wave.weights).all()
