"""The repeated task: agreement beside the reliability that the estimator gives."""

import numpy as np
import pytest

import conjoint as cj
from conjoint.audit.repeat import agreement, repeated_task
from conjoint.survey import Data, Repeat


def with_repeat(frame, as_wave, same):
    """The wave of a frame, its first task asked again with the profiles swapped; `same` answer so."""
    wave = as_wave(frame)
    first = wave.profiles.query("task == '0'").copy()
    keep = np.repeat(same, 2)
    again = first.assign(
        task="again",
        profile=np.where(first["profile"] == "A", "B", "A"),
        chosen=np.where(keep, first["chosen"], 1 - first["chosen"]),
    )
    data = Data(layout="long", respondent="id", repeat=Repeat(task="again", of="0", flipped=True))
    survey = wave.survey.model_copy(update={"data": data})
    return cj.Wave.build(survey, wave.respondents, wave.profiles, wave.weights, repeats=again)


@pytest.fixture
def make(simulated, as_wave):
    def build(share, n=300):
        frame = simulated(11, n=n).assign(task=lambda d: d["task"].astype(str))
        same = np.arange(n) < round(share * n)
        return with_repeat(frame, as_wave, same)

    return build


def test_it_is_the_estimators_reliability(make):
    wave = make(0.8)
    item = repeated_task(wave)[0]
    irr = cj.reliability(wave).frame.iloc[0]
    assert item.value == pytest.approx(irr["estimate"], abs=1e-12)
    assert item.verdict == "fine"
    mine = agreement(wave)[0]["chosen"].frame.iloc[0]
    for name in ("std_error", "conf_low", "conf_high"):
        assert mine[name] == pytest.approx(irr[name])


def test_it_is_the_estimators_reliability_under_calibrated_weights(make):
    """An audit may be made of a wave that is weighted to targets."""
    wave = make(0.8)
    part = np.arange(wave.n_respondents) % 3 == 0
    wave = cj.Wave.build(
        wave.survey, wave.respondents.assign(part=np.where(part, "a", "b")), wave.profiles,
        wave.weights, repeats=wave.repeats,
    )  # fmt: skip
    weighted = cj.rake(wave, {"part": {"a": 0.6, "b": 0.4}})
    irr = cj.reliability(weighted).frame.iloc[0]
    mine = agreement(weighted)[0]["chosen"].frame.iloc[0]
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        assert mine[name] == pytest.approx(irr[name], abs=1e-12)


@pytest.mark.parametrize(
    ("share", "verdict", "said"),
    [
        (0.75, "fine", "75% choose the same profile again"),
        (0.62, "look", "under 65%"),
        (0.52, "stop", "not clearly more than tossing a coin"),
        (0.2, "stop", "not clearly more than tossing a coin"),
        (1.0, "fine", "100% choose the same"),
    ],
)
def test_the_verdict_follows_from_agreement(make, share, verdict, said):
    item = repeated_task(make(share))[0]
    assert item.verdict == verdict
    assert said in item.text


def test_few_people_who_agree_are_a_look_not_a_stop(make):
    item = repeated_task(make(0.7, n=20))[0]
    assert item.verdict == "look"
    assert "too few answered twice" in item.text


def test_no_repeated_task_is_fine(simulated, as_wave):
    items = repeated_task(as_wave(simulated(1)))
    assert [(item.verdict, item.text) for item in items] == [("fine", "No task was asked twice.")]


def test_a_repeat_of_other_profiles_stops_without_naming_anybody(make):
    wave = make(0.8)
    again = wave.repeats.assign(price=wave.repeats["price"].to_numpy()[::-1])
    broken = cj.Wave.build(wave.survey, wave.respondents, wave.profiles, repeats=again)
    item = repeated_task(broken)[0]
    assert item.verdict == "stop"
    assert 'the levels of "price" are not those of task "0"' in item.text
    assert 'respondent "' not in item.text
