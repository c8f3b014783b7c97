"""The smallest effects that would show."""

import numpy as np
import pytest
from drawn import draw, verdicts, wave_of
from scipy import stats

import conjoint as cj
from conjoint.audit.power import minimum_detectable
from conjoint.survey import Rule, Segment


def with_segments(wave, **rules):
    segments = {
        name: Segment(label=name.title(), where=Rule(any_of=rule)) for name, rule in rules.items()
    }
    from dataclasses import replace

    return replace(wave, survey=wave.survey.model_copy(update={"segments": segments}))


def test_the_figure_is_that_of_the_largest_standard_error():
    wave = wave_of(draw(1, n=500))
    (item,) = minimum_detectable(wave)
    effects = cj.amce(wave, outcome="chosen").frame
    row = effects.loc[effects["std_error"].idxmax()]
    reach = stats.t.ppf(0.975, 499) + stats.t.ppf(0.8, 499)
    assert item.value == pytest.approx(reach * row["std_error"], rel=1e-9)
    assert f'"{row["level"]}" of {row["attribute"]}' in item.text
    assert item.verdict == "fine"


def test_it_agrees_with_planning_for_a_plain_wave():
    """Six tasks of two profiles, five levels, 400 respondents: 6.4 points (Schuessler & Freitag)."""
    frame = draw(2, n=400, tasks=6)
    rng = np.random.default_rng(0)
    frame["size"] = [f"size {level}" for level in rng.integers(5, size=len(frame))]
    frame["chosen"] = rng.permuted(np.tile([0.0, 1.0], (len(frame) // 2, 1)), axis=1).ravel()
    (item,) = minimum_detectable(wave_of(frame))
    assert "planning would promise 6.4 points" in item.text
    assert item.value == pytest.approx(0.064, abs=0.006)


def test_small_segments_are_worth_a_look():
    wave = with_segments(
        wave_of(draw(3, n=1000)),
        few={"party": "party 4"},
        many={"party": "party 0"},
        none={"party": "x"},
    )
    items = minimum_detectable(wave)
    assert [item.subject for item in items] == ["", "Few", "Many", "None"]
    assert verdicts(items) == {"Few": "look", "None": "look"}
    assert items[1].value > 0.1 > items[2].value > items[0].value
    assert "nobody is in it" in items[3].text


def test_a_rating_counts_in_parts_of_its_range():
    wave = wave_of(draw(4, n=500), outcome="rating")
    (item,) = minimum_detectable(wave)
    outcome = wave.survey.outcomes["rating"]
    errors = cj.amce(wave).frame["std_error"].max() / (outcome.max - outcome.min)
    reach = stats.t.ppf(0.975, 499) + stats.t.ppf(0.8, 499)
    assert item.value == pytest.approx(reach * errors, rel=1e-9)
    assert "of the range of the rating" in item.text


def test_effects_that_cannot_be_estimated_are_said():
    frame = draw(5, n=100)
    frame["price"] = frame["price"].cat.add_categories(["free"])
    (item,) = minimum_detectable(wave_of(frame))
    assert item.verdict == "look"
    assert "never shown" in item.text
