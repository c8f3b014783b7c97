"""Ties dropped: profiles whose level another profile of the same task shows as well."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.errors import EstimationError, RequestError

PRICES = ["low", "mid", "high"]


@pytest.fixture
def frame(simulated):
    return simulated(3, n=50)


@pytest.fixture
def wave(frame, as_wave):
    return as_wave(frame, weight="weight")


def untied(frame, name):
    """The rows whose level nothing else in the task shows, by pandas."""
    return frame[~frame.duplicated(["id", "task", name], keep=False)]


def mean(frame, name, level):
    rows = untied(frame, name)
    rows = rows[rows[name] == level]
    return np.average(rows["chosen"], weights=rows["weight"])


def test_means_are_over_the_tasks_in_which_a_level_stands_against_another(frame, wave):
    means = cj.marginal_means(wave, ties="drop").frame
    assert list(means["level"]) == [*PRICES, "red", "green", "S", "M", "L"]
    for row in means.itertuples():
        assert row.estimate == pytest.approx(mean(frame, row.attribute, row.level), rel=1e-12)
        rows = untied(frame, row.attribute)
        rows = rows[rows[row.attribute] == row.level]
        assert (row.n_profiles, row.n_respondents) == (len(rows), rows["id"].nunique())


def test_effects_are_differences_of_those_means(frame, wave):
    effects = cj.amce(wave, ties="drop", baselines={"price": "mid"})
    for row in effects.frame.itertuples():
        gap = mean(frame, row.attribute, row.level) - mean(frame, row.attribute, row.baseline)
        assert row.estimate == pytest.approx(gap, abs=1e-12)
    own = effects.frame["level"] == effects.frame["baseline"]
    assert (effects.fixed == own).all()
    assert own.sum() == 3


@pytest.mark.parametrize("estimate", [cj.marginal_means, cj.amce])
def test_the_jackknife_leaves_each_respondent_out(wave, estimate):
    whole = estimate(wave, ties="drop", variance="CR3")
    moved = []
    for person in range(wave.n_respondents):
        weights = wave.weights.copy()
        weights[person] = 0
        moved.append(estimate(wave.with_weights(weights), ties="drop").values - whole.values)
    moved, G = np.array(moved), wave.n_respondents
    np.testing.assert_allclose(whole.covariance, moved.T @ moved * (G - 1) / G, atol=1e-14)


def test_the_linearised_variance_is_that_of_a_difference_of_means(wave):
    means, effects = (f(wave, ties="drop") for f in (cj.marginal_means, cj.amce))
    influence = means.influence[:, 1] - means.influence[:, 0]
    np.testing.assert_allclose(effects.influence[:, 1], influence, atol=1e-15)


def test_cr2_has_the_freedom_of_the_two_cells_alone(frame, as_wave):
    rows = untied(frame, "price")
    rows = rows[rows["price"].isin(["low", "high"])]
    two = rows.assign(price=rows["price"].cat.remove_unused_categories())
    alone = cj.amce(as_wave(two, outcome="rating", attributes=["price"]), variance="CR2")
    among = cj.amce(as_wave(frame, outcome="rating"), ties="drop", variance="CR2")
    small, large = alone.select(level="high"), among.select(attribute="price", level="high")
    np.testing.assert_allclose(large.values, small.values, rtol=1e-10)
    np.testing.assert_allclose(large.std_errors, small.std_errors, rtol=1e-10)
    np.testing.assert_allclose(large.degrees, small.degrees, rtol=1e-8)
    assert np.isnan(among.degrees[0])  # the baseline is fixed


def test_with_levels_drawn_alike_the_effect_is_larger_by_k_over_k_less_one():
    rows = [
        {"id": who, "task": task, "profile": place, "price": price, "chosen": None}
        for who in range(4)
        for task, pair in enumerate(product(PRICES, PRICES))
        for place, price in enumerate(pair)
    ]
    frame = pd.DataFrame(rows)
    rng = np.random.default_rng(5)
    first = rng.integers(0, 2, len(frame) // 2)
    frame["chosen"] = np.column_stack([first, 1 - first]).ravel()
    wave = cj.Wave.from_frame(
        frame,
        respondent="id",
        task="task",
        profile="profile",
        outcome="chosen",
        attributes=["price"],
    )
    kept, dropped = cj.amce(wave), cj.amce(wave, ties="drop")
    # Every ordered pair of levels stands once, so that expectation is what is observed.
    np.testing.assert_allclose(dropped.values, 3 / 2 * kept.values, atol=1e-12)
    means = cj.marginal_means(wave, ties="drop").values
    assert means.mean() == pytest.approx(0.5)


def test_ties_are_of_the_task_even_where_a_group_has_one_profile_of_it(frame, as_wave):
    wave = as_wave(frame)
    means = cj.marginal_means(wave, by="profile", ties="drop")
    rows = untied(frame, "price")
    for who in "AB":
        own = rows[(rows["profile"] == who) & (rows["price"] == "mid")]
        row = means.select(group=who, attribute="price", level="mid")
        assert row.values[0] == pytest.approx(own["chosen"].mean(), rel=1e-12)
        assert row.frame["n_profiles"][0] == len(own)


def test_of_three_profiles_the_one_with_a_level_of_its_own_stays():
    frame = pd.DataFrame(
        {
            "id": ["a", "a", "a", "b", "b", "b"],
            "task": "1",
            "colour": ["red", "red", "green", "green", "red", "green"],
            "rating": [1.0, 2.0, 5.0, 4.0, 8.0, 6.0],
        }
    )
    wave = cj.Wave.from_frame(
        frame, respondent="id", task="task", outcome="rating", attributes=["colour"]
    )
    means = cj.marginal_means(wave, ties="drop").frame
    assert means[["level", "estimate", "n_profiles"]].to_numpy().tolist() == [
        ["green", 5.0, 1],
        ["red", 8.0, 1],
    ]


def test_the_option_is_noted_where_it_is_taken(wave):
    assert cj.marginal_means(wave, ties="drop").specification.options == (("ties", "drop"),)
    assert cj.amce(wave, ties="drop").specification.options == (("ties", "drop"),)
    assert cj.amce(wave, ties="keep").specification.options == ()


def test_effects_without_ties_can_be_held_against_another_baseline(wave):
    anew = cj.amce(wave, ties="drop", baselines={"price": "high"})
    turned = cj.amce(wave, ties="drop").relevel({"price": "high"})
    np.testing.assert_allclose(turned.values, anew.values, atol=1e-14)
    np.testing.assert_allclose(turned.std_errors, anew.std_errors, rtol=1e-10)


@pytest.mark.parametrize("estimate", [cj.marginal_means, cj.amce])
def test_an_unknown_option_is_refused(wave, estimate):
    with pytest.raises(RequestError) as caught:
        estimate(wave, ties="half")
    assert str(caught.value) == (
        'ties: there is no "half" (expected keep, drop). Name one of them.'
    )


@pytest.mark.parametrize("estimate", [cj.marginal_means, cj.amce])
def test_single_profiles_have_no_ties(frame, as_wave, estimate):
    one = frame[frame["profile"] == "A"]
    with pytest.raises(RequestError, match="every task has one profile"):
        estimate(as_wave(one, outcome="rating"), ties="drop")


@pytest.mark.parametrize("estimate", [cj.marginal_means, cj.amce])
def test_a_level_that_meets_nothing_but_itself_is_missing_alone(frame, as_wave, estimate):
    """All profiles are red."""
    plain = estimate(as_wave(frame), ties="drop")
    alike = frame.assign(colour=pd.Categorical(["red"] * len(frame), ["red"]))
    made = estimate(as_wave(alike), ties="drop")
    assert made.select(attribute="colour").notes == (
        "the level(s) red never stand against another level",
    )
    others = ["price", "size"]
    np.testing.assert_array_equal(
        made.select(attribute=others).values, plain.select(attribute=others).values
    )
    with pytest.raises(EstimationError) as caught:
        estimate(as_wave(alike, attributes=["colour"]), ties="drop")
    assert str(caught.value).startswith(
        'outcome "chosen", group "Total", attribute "colour": the level(s) red never stand against '
        "another level"
    )


def test_a_mean_without_profiles_is_left_out_and_an_effect_missing(frame, as_wave):
    task = frame["id"].astype(str) + "-" + frame["task"].astype(str)
    colours = frame["colour"].astype(str).where(task != task.iloc[0], "blue")
    wave = as_wave(frame.assign(colour=pd.Categorical(colours, ["red", "green", "blue"])))
    means = cj.marginal_means(wave, ties="drop").select(attribute="colour")
    assert list(means.labels["level"]) == ["red", "green"]
    effects = cj.amce(wave, ties="drop").select(attribute="colour")
    assert effects.estimable.tolist() == [True, True, False]
    assert effects.notes[2] == "the level(s) blue never stand against another level"
    green = cj.amce(wave, ties="drop").select(level="green").values
    np.testing.assert_allclose(green, means.values[1] - means.values[0], rtol=1e-9)


def test_restricted_attributes_have_no_effects_without_ties(frame, as_wave):
    free = frame[~((frame["price"] == "low") & (frame["size"] == "S"))]
    wave = as_wave(free, outcome="rating", restrictions=[{"price": ["low"], "size": ["S"]}])
    with pytest.raises(RequestError) as caught:
        cj.amce(wave, ties="drop")
    assert "price, size are restricted" in str(caught.value)
    assert len(cj.marginal_means(wave, ties="drop")) == 8
