"""Answers by the place and time of a profile."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from drawn import SIZES, draw, only, verdicts, wave_of

import conjoint as cj
from conjoint.audit.order import attribute_position, carry_over, fatigue, profile_position

ORDER = (profile_position, carry_over, fatigue)


@pytest.fixture(scope="module")
def clean():
    return wave_of(draw(1))


@pytest.mark.parametrize("check", ORDER)
def test_a_clean_wave_is_fine(clean, check):
    items = check(clean)
    assert verdicts(items) == {}
    assert {item.subject for item in items} >= {"chosen", "support"}


# --- The place of a profile -----------------------------------------------------------------


def lean_left(frame, points, seed=0):
    """The first profile wins more often, by a share of all choices."""
    rng = np.random.default_rng(seed)
    chosen = frame["chosen"].to_numpy().reshape(-1, 2).copy()
    hit = rng.random(len(chosen)) < 2 * points
    chosen[hit] = [1.0, 0.0]
    return frame.assign(chosen=chosen.ravel())


def test_a_bias_of_five_points_is_flagged_with_its_interval():
    items = profile_position(wave_of(lean_left(draw(2), 0.05)))
    item = next(item for item in items if item.subject == "chosen")
    assert item.verdict == "look"
    assert item.value == pytest.approx(0.05, abs=0.015)
    share = cj.marginal_means(wave_of(lean_left(draw(2), 0.05)), by="profile", outcome="chosen")
    first = share.frame.query("group == 'A' and attribute == 'colour'")["estimate"].mean()
    assert item.value == pytest.approx(first - 0.5, abs=0.002)
    assert "points (" in item.text
    assert "weaker" in item.do


@pytest.mark.parametrize("seed", range(5))
def test_such_a_bias_is_flagged_every_time(seed):
    items = profile_position(wave_of(lean_left(draw(seed), 0.05), outcome="chosen"))
    assert verdicts(items).get("chosen") == "look"


def test_a_bias_of_twelve_points_stops():
    items = profile_position(wave_of(lean_left(draw(3), 0.12)))
    assert verdicts(items)["chosen"] == "stop"


def test_always_the_first_stops():
    frame = draw(4, n=200)
    items = profile_position(wave_of(frame.assign(chosen=(frame["profile"] == "A") * 1.0)))
    assert verdicts(items)["chosen"] == "stop"


def test_effects_that_differ_by_place_are_worth_a_look():
    def liking(codes):
        only_first = np.array([1.0, 0.0])
        return only_first * (codes["colour"] == 1) * 0.8

    items = profile_position(wave_of(draw(5, liking=liking), outcome="support"))
    found = verdicts(items)
    assert found["support, effects"] == "look"
    item = next(item for item in items if item.subject == "support, effects")
    assert '"colour 1" of colour' in item.text


def test_one_of_three_places():
    frame = draw(6, profiles=3)
    chosen = frame["chosen"].to_numpy().reshape(-1, 3).copy()
    chosen[np.random.default_rng(1).random(len(chosen)) < 0.1] = [0.0, 0.0, 1.0]
    items = profile_position(wave_of(frame.assign(chosen=chosen.ravel()), outcome="chosen"))
    item = next(item for item in items if item.subject == "chosen")
    assert item.verdict == "look"
    assert 'Profile "C"' in item.text
    assert item.value == pytest.approx(0.1 * 2 / 3, abs=0.015)


def test_ratings_count_in_parts_of_their_range():
    frame = draw(7)
    frame["rating"] += (frame["profile"] == "B") * 0.8
    wave = wave_of(frame, outcome="rating")
    item = next(item for item in profile_position(wave) if item.subject == "rating")
    width = wave.survey.outcomes["rating"].max - wave.survey.outcomes["rating"].min
    assert item.value == pytest.approx(0.4 / width, abs=0.01)
    assert item.verdict == "look"


def test_one_profile_a_task_has_no_place():
    frame = draw(8, n=100)
    wave = wave_of(frame[frame["profile"] == "A"], outcome="support")
    (item,) = profile_position(wave)
    assert item.verdict == "fine"
    assert "one profile" in item.text


# --- The place of an attribute --------------------------------------------------------------


def placed(frame, seed=0, **changed):
    """A wave whose respondents saw the attributes in an order of their own."""
    rng = np.random.default_rng(seed)
    wave = wave_of(frame, **changed)
    order = rng.permuted(np.tile(np.arange(1, 5), (wave.n_respondents, 1)), axis=1)
    positions = pd.DataFrame(order[wave.respondent_index], columns=list(SIZES))
    return replace(wave, _positions=positions), order


def test_without_positions_it_says_so(clean):
    (item,) = attribute_position(clean)
    assert item.verdict == "fine"
    assert "does not say" in item.text


def test_one_order_for_everybody_cannot_be_tested(clean):
    positions = pd.DataFrame(dict.fromkeys(SIZES, 1), index=range(clean.n_profiles))
    (item,) = attribute_position(replace(clean, _positions=positions))
    assert "same order for everybody" in item.text


def test_positions_that_do_not_matter_are_fine():
    items = attribute_position(placed(draw(9))[0])
    assert verdicts(items) == {}
    assert "8 tests of attributes by position: 0 differences" in items[-1].text


def test_an_attribute_that_counts_for_more_on_top_is_worth_a_look():
    frame = draw(10)
    wave, order = placed(frame, outcome="support")
    top = (order[:, list(SIZES).index("colour")] == 1)[wave.respondent_index]
    hit = top & (frame["colour"] == "colour 1").to_numpy()
    hit &= np.random.default_rng(2).random(len(frame)) < 0.3
    frame.loc[hit, "support"] = 1.0
    items = attribute_position(placed(frame, outcome="support")[0])
    assert verdicts(items) == {"colour, support": "look"}
    assert "position 1" in only(items, "look").text


def test_few_respondents_are_compared_by_halves():
    items = attribute_position(placed(draw(11, n=40))[0])
    assert "stop" not in verdicts(items).values()
    assert items[-1].text


# --- The task before, and time --------------------------------------------------------------


def test_a_level_that_is_liked_less_the_second_time_is_worth_a_look():
    def liking(codes):
        seen = np.zeros_like(codes["brand"], dtype=bool)
        seen[:, 1:] = (codes["brand"][:, 1:, :, None] == codes["brand"][:, :-1, None, :]).any(
            axis=3
        )
        return -0.5 * seen

    items = carry_over(wave_of(draw(12, liking=liking)))
    assert verdicts(items) == {"chosen": "look", "support": "look"}
    assert "of brand" in items[0].text
    assert "showed it too" in items[0].text


def test_a_place_that_remembers_the_task_before_is_worth_a_look():
    def liking(codes):
        before = np.zeros(codes["size"].shape)
        before[:, 1:] = codes["size"][:, :-1] == 3
        return 0.5 * before

    items = carry_over(wave_of(draw(13, liking=liking)))
    assert verdicts(items)["chosen"] == "look"
    assert 'after one with "size 3" of size in its place' in items[0].text


def without_replacement(_, codes):
    rng = np.random.default_rng(len(codes["size"]))
    n = len(codes["size"])
    for name, size in (("size", 4), ("price", 3), ("colour", 2)):
        each = np.tile(np.arange(size), (n, 12 // size))
        codes[name] = rng.permuted(each, axis=1).reshape(n, 6, 2)


def test_a_draw_without_replacement_is_no_carry_over():
    """There, a level seen before stands against other levels than one that was not."""
    strong = lambda codes: 0.8 * codes["size"] + 1.5 * codes["colour"]  # noqa: E731
    for seed in range(20, 25):
        wave = wave_of(draw(seed, tasks=6, shown=without_replacement, liking=strong))
        assert verdicts(carry_over(wave)) == {}


@pytest.mark.parametrize("check", [carry_over, fatigue])
def test_one_task_has_none_before(check):
    (item,) = check(wave_of(draw(14, n=100, tasks=1)))
    assert item.verdict == "fine"
    assert "one task" in item.text


def test_people_who_tire_are_worth_a_look():
    def liking(codes):
        tired = np.linspace(1, 0, codes["size"].shape[1])[None, :, None]
        return tired * 0.4 * codes["size"]

    items = fatigue(wave_of(draw(15, liking=liking)))
    assert verdicts(items)["chosen"] == "look"
    assert "first half" in items[0].text
    assert "of size" in items[0].text


def test_halves_of_tasks_are_averages_of_their_effects(clean):
    item = fatigue(clean)[0]
    effects = cj.amce(clean, by="task", outcome="chosen").frame
    wide = effects.pivot_table(index=["attribute", "level"], columns="group", values="estimate")
    change = wide[["4", "5"]].mean(axis=1) - wide[["1", "2"]].mean(axis=1)
    assert np.isclose(change.abs(), item.value, rtol=1e-9).any()


def test_a_level_missing_in_a_task_is_said():
    frame = draw(16, n=60)
    hit = (frame["task"] == 2) & (frame["price"] == "price 2")
    frame.loc[hit, "price"] = "price 1"
    items = fatigue(wave_of(frame))
    assert verdicts(items) == {}
    assert 'no figure of price price 2: "price 2" is never shown' in items[0].text
    assert "changes by" in items[0].text


def test_tasks_with_names_of_their_own_cannot_be_aligned():
    frame = draw(17, n=200)
    frame["task"] = frame["id"].astype(str) + "-" + frame["task"].astype(str)
    for check in ORDER:
        (item,) = check(wave_of(frame))
        assert item.verdict == "fine"


@pytest.mark.parametrize("people", [3, 8, 25])
@pytest.mark.parametrize("check", [*ORDER, attribute_position])
def test_a_handful_of_respondents_is_no_error(check, people):
    assert "stop" not in verdicts(check(wave_of(draw(18, n=people)))).values()


def test_missing_tasks_and_answers_are_passed_over():
    frame = draw(19, n=400)
    frame = frame[~((frame["task"] == 3) & (frame["id"] % 3 == 0))]
    frame.loc[(frame["task"] == 2) & (frame["id"] % 5 == 0), ["chosen", "support"]] = np.nan
    for check in ORDER:
        assert verdicts(check(wave_of(frame))) == {}


def test_weights_are_used_where_there_are_any():
    frame = lean_left(draw(20), 0.0)
    frame["weight"] = np.where(frame["id"] % 2, 3.0, 0.2)
    left = (frame["id"] % 2 == 1) & (frame["profile"] == "A")
    right = (frame["id"] % 2 == 1) & (frame["profile"] == "B")
    hit = np.repeat(np.random.default_rng(3).random(len(frame) // 2) < 0.1, 2)
    frame.loc[left & hit, "chosen"], frame.loc[right & hit, "chosen"] = 1.0, 0.0
    plain = profile_position(wave_of(frame, outcome="chosen"))[0]
    weighted = profile_position(wave_of(frame, outcome="chosen", weight="weight"))[0]
    assert weighted.value > 1.5 * plain.value


# --- Published data, and clean waves --------------------------------------------------------


@pytest.mark.parametrize("check", ORDER)
def test_published_experiments_pass(immigration, taxes, check):
    assert verdicts(check(immigration)) == {}
    assert "stop" not in verdicts(check(taxes)).values()


def found_in(seeds, **size):
    counts = {check.__name__: 0 for check in ORDER}
    for seed in seeds:
        wave = wave_of(draw(seed, **size))
        for check in ORDER:
            found = verdicts(check(wave)).values()
            assert "stop" not in found
            counts[check.__name__] += bool(found)
    return counts


def test_clean_waves_are_fine():
    counts = found_in(range(300, 330), n=400)
    assert all(looks <= 3 for looks in counts.values()), counts


@pytest.mark.slow
def test_no_clean_wave_of_two_thousand_stops():
    counts = found_in(range(3000, 3200))
    assert all(looks <= 10 for looks in counts.values()), counts
