"""Answers left out: in all, over the tasks, by who people are."""

import numpy as np
import pytest

import conjoint as cj
from conjoint.audit.missing import missing_answers


@pytest.fixture
def frame(simulated):
    return simulated(4, n=400, tasks=4)


def without(frame, rows):
    return frame.assign(chosen=frame["chosen"].mask(rows))


def told(wave):
    return {item.subject: item for item in missing_answers(wave)}


def test_nothing_missing_is_fine(frame, as_wave):
    items = missing_answers(as_wave(frame))
    assert {item.verdict for item in items} == {"fine"}
    assert items[0].text == "Every task shown has an answer (chosen)."


def test_tasks_are_counted(frame, as_wave):
    found = told(as_wave(without(frame, (frame["id"] < 100) & (frame["task"] == 3))))
    item = found["chosen"]
    assert item.verdict == "look"
    assert item.value == pytest.approx(100 / 1600)
    assert "3: 25%" in item.text
    assert found["chosen, over tasks"].value == pytest.approx(0.25)


def test_tasks_that_the_file_leaves_out_count_as_missing(frame, as_wave):
    whole = frame[~((frame["id"] < 100) & (frame["task"] == 3))]
    assert told(as_wave(whole))["chosen"].value == pytest.approx(100 / 1600)


def test_a_task_that_nobody_answered_is_named(frame, as_wave):
    found = told(as_wave(without(frame, frame["task"] == 2)))
    assert found["chosen, task 2"].verdict == "look"
    assert found["chosen"].value == 0


def test_most_missing_stops(frame, as_wave):
    rng = np.random.default_rng(1)
    lost = np.repeat(rng.random(1600) < 0.6, 2)
    assert told(as_wave(without(frame, lost)))["chosen"].verdict == "stop"


def with_party(frame, as_wave, lost):
    """The wave with its party as a question, so that it is a covariate."""
    wave = as_wave(without(frame, lost))
    auditing = wave.survey.audit.model_copy(update={"covariates": ("party",)})
    return type(wave).build(
        wave.survey.model_copy(update={"audit": auditing}), wave.respondents, wave.profiles
    )


def test_who_leaves_answers_out(frame, as_wave):
    rng = np.random.default_rng(1)
    left = (frame["party"] == "Left").to_numpy()
    lost = np.repeat(rng.random(1600), 2) < np.where(left, 0.12, 0.01)
    assert told(with_party(frame, as_wave, lost))["chosen, by people"].verdict == "look"
    chance = np.repeat(rng.random(1600) < 0.06, 2)
    assert told(with_party(frame, as_wave, chance))["chosen, by people"].verdict == "fine"


def test_people_who_answered_little(frame, as_wave):
    found = told(as_wave(without(frame, (frame["id"] < 8) & (frame["task"] > 0))))
    assert found["respondents"].verdict == "look"
    assert found["respondents"].value == 8


@pytest.mark.parametrize(("n", "text"), [(0, "Nobody answered"), (1, "One person answered")])
def test_a_question_that_has_no_table_stops(small_wave, n, text):
    answers = small_wave.respondents["party"].where(np.arange(len(small_wave.respondents)) < n)
    people = small_wave.respondents.assign(party=answers)
    wave = cj.Wave.build(small_wave.survey, people, small_wave.profiles)
    item = told(wave)["party"]
    assert item.verdict == "stop"
    assert item.text == f'{text} the question "party" (column party).'
    assert "party" not in told(small_wave)
