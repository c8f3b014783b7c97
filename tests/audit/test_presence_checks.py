"""The audit of attributes that are not always shown, and of levels kept apart within a task."""

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.audit.design import identical_profiles
from conjoint.audit.presence import presence
from conjoint.audit.share import level_shares


def text_of(wave, check, subject=""):
    frame = cj.audit(wave).frame
    return frame[(frame["check"] == check) & (frame["subject"] == subject)]["text"].iloc[0]


def departing(wave):
    frame = cj.audit(wave).frame
    frame = frame[frame["check"] != "minimum_detectable"]
    return frame[frame["verdict"] != "fine"][["check", "subject", "text"]].to_numpy().tolist()


@pytest.fixture(scope="module")
def partial(simulated):
    frame = simulated(11, n=400)
    rng = np.random.default_rng(2)
    frame.loc[np.repeat(rng.random(len(frame) // 2) < 0.5, 2), "colour"] = np.nan
    frame.loc[rng.random(len(frame)) < 0.25, "size"] = np.nan
    return frame


@pytest.fixture(scope="module")
def partial_wave(partial, as_wave):
    return as_wave(partial, presence={"colour": "some", "size": "some"})


def test_a_sound_partial_design_has_nothing_to_look_at(partial_wave):
    assert departing(partial_wave) == []


def test_how_often_attributes_are_shown_is_counted(partial_wave, partial):
    items = presence(partial_wave)
    for name in ("colour", "size"):
        assert f"{name} in {partial[name].notna().mean():.1%}" in items[0].text
    count = partial.groupby(["id", "task"])["size"].count()
    assert items[-1].value == (count == 1).sum()
    assert f"size in {(count == 1).sum():,}" in items[-1].text


def test_shares_of_levels_are_among_profiles_that_show_them(partial, as_wave):
    planted = partial.copy()
    rows = np.flatnonzero(planted["colour"] == "red")
    planted.loc[rows[: len(rows) // 3], "colour"] = "green"
    frame = cj.audit(as_wave(planted, presence={"colour": "some", "size": "some"})).frame
    part = frame[(frame["check"] == "level_frequencies") & (frame["verdict"] != "fine")]
    assert part["subject"].tolist() == ["colour"]
    share = (planted["colour"] == "green").sum() / planted["colour"].notna().sum()
    assert part["value"].iloc[0] == pytest.approx(share - 0.5)


def test_arms_are_said_with_what_they_show(simulated, as_wave):
    frame = simulated(12, n=400)
    frame["arm"] = np.where(frame["id"] % 2 == 0, "a", "b")
    frame.loc[frame["arm"] == "b", "colour"] = np.nan
    frame.loc[frame["arm"] == "a", "size"] = np.nan
    wave = as_wave(
        frame,
        presence={
            "colour": {"column": "arm", "arm": "a"},
            "size": {"column": "arm", "arm": ["b"]},
        },
    )
    items = {item.subject: item.text for item in presence(wave)}
    assert '"a" (200 respondents) colour' in items["arm"]
    assert set(level_shares(wave, "colour").design) == {200}  # those of the arm, not everybody
    assert "colour and size" in items["together"]
    assert departing(wave) == []


def test_an_attribute_that_no_profile_shows_stops(partial, as_wave):
    frame = partial.assign(size=pd.Categorical([None] * len(partial), ["S", "L"]))
    wave = as_wave(frame, presence={"colour": "some", "size": "some"})
    item = presence(wave)[0]
    assert (item.verdict, item.text) == ("stop", "No profile shows size.")
    assert cj.audit(wave).verdict == "stop"


def test_identical_profiles_are_expected_where_they_show_the_same(partial_wave):
    item = identical_profiles(partial_wave)[0]
    assert item.verdict == "fine"
    profiles = partial_wave.profiles
    pairs = profiles[["price", "colour", "size"]].astype(object).fillna("-").to_numpy()
    count = (pairs[::2] == pairs[1::2]).all(axis=1).sum()
    assert f"alike in {count} of 1,200 tasks" in item.text
    # One in three shares a price; a colour half of the time, where there is one; a size or none.
    implied = (1 / 3) * (0.5 * 0.5 + 0.5) * (0.75**2 / 3 + 0.25**2) * 1200
    assert float(item.text.rsplit(" ", 1)[1].rstrip(".")) == pytest.approx(implied, rel=0.15)


# --- Levels that two profiles of a task never share ---------------------------------------------


@pytest.fixture(scope="module", params=[2, 3, 4])
def apart(request, simulated):
    """Brands of one task always differ; all else is drawn freely."""
    frame = simulated(13, n=400)
    rng = np.random.default_rng(3)
    brands = np.array(["A", "B", "C", "D"])[: request.param]
    frame["brand"] = np.concatenate([rng.permutation(brands)[:2] for _ in range(len(frame) // 2)])
    return frame


def test_a_declared_restriction_across_profiles_leaves_nothing_to_look_at(apart, as_wave):
    names = ["price", "brand", "size"]
    assert departing(as_wave(apart, attributes=names, across=["brand"])) == []
    undeclared = as_wave(apart, attributes=names)
    assert "brand" in [subject for _, subject, _ in departing(undeclared)]


def test_a_level_twice_in_a_task_is_a_fault_of_the_data(apart, as_wave):
    frame = apart.copy()
    frame.loc[1, "brand"] = frame.loc[0, "brand"]
    with pytest.raises(cj.errors.DataError, match="stands in two profiles of the task"):
        as_wave(frame, attributes=["price", "brand"], across="brand")


def test_no_estimate_changes_by_declaring_it(apart, as_wave):
    names = ["price", "brand", "size"]
    for estimator in (cj.amce, cj.marginal_means, cj.choice_means):
        declared, plain = (
            estimator(as_wave(apart, attributes=names, **arguments)).frame
            for arguments in ({"across": ["brand"]}, {})
        )
        pd.testing.assert_frame_equal(declared, plain)


def test_levels_drawn_unevenly_are_expected_as_they_come_when_tasks_are_drawn_again(small):
    from conjoint.estimate.design import design_shares

    toml = """
title = "T"
restrictions = [{ across = ["brand"] }]
[data]
file = "responses.csv"
layout = "long"
respondent = "id"
task = "task"
profiles = ["1", "2"]
[attributes.brand]
levels = ["A", "B", "C"]
probabilities = [0.6, 0.3, 0.1]
[attributes.price]
levels = ["low", "high"]
[outcomes.chosen]
kind = "choice"
column = "chosen"
positive = "1"
negative = "0"
"""
    data = "id,task,brand,price,chosen\n1,1,A,low,1\n1,1,B,high,0\n2,1,C,low,1\n2,1,B,low,0\n"
    survey = small.read(toml, data).survey
    p = np.array([0.6, 0.3, 0.1])
    expected = p * (1 - p) / (p * (1 - p)).sum()
    np.testing.assert_allclose(design_shares(survey, ("brand",)), expected)
    np.testing.assert_allclose(design_shares(survey, ("price",)), [0.5, 0.5])
