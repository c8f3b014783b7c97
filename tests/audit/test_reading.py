"""Are answers read the right way round? Swapped ones stop, weak or absent effects do not."""

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.audit.reading import choice_reading, chosen_against, pattern_agreement


@pytest.fixture
def frame(simulated):
    made = simulated(3, n=400, tasks=4)
    return made.assign(task=made["task"].astype(str), weight=1.0)


def swapped(frame, task, outcome="chosen"):
    rows = frame["task"] == task
    return frame.assign(**{outcome: frame[outcome].mask(rows, 1 - frame[outcome])})


def stops(wave):
    return [item for item in choice_reading(wave) if item.verdict == "stop"]


def test_a_clean_wave_is_fine(frame, as_wave):
    items = choice_reading(as_wave(frame, outcome=["chosen", "rating"]))
    assert {item.verdict for item in items} == {"fine"}
    assert [item.subject for item in items] == [
        "chosen, by task", "chosen, by position", "rating, by task", "rating, by position",
        "chosen and rating",
    ]  # fmt: skip


def test_a_swapped_task_is_named(frame, as_wave):
    found = stops(as_wave(swapped(frame, "2")))
    assert [item.subject for item in found] == ["chosen, task 2"]
    assert found[0].value < -0.5
    assert found[0].p_value < 1e-6


def test_of_two_tasks_neither_is_blamed(frame, as_wave):
    two = swapped(frame[frame["task"].isin(["0", "1"])], "1")
    found = stops(as_wave(two))
    assert [item.subject for item in found] == ["chosen, tasks 0 and 1"]


def test_a_rating_turned_round_in_one_task(frame, as_wave):
    rows = frame["task"] == "1"
    turned = frame.assign(rating=frame["rating"].mask(rows, 10 - frame["rating"]))
    subjects = [item.subject for item in stops(as_wave(turned, outcome=["chosen", "rating"]))]
    assert subjects == ["rating, task 1"]


def test_choices_turned_round_throughout_show_against_the_rating(frame, as_wave):
    turned = frame.assign(chosen=1 - frame["chosen"])
    found = stops(as_wave(turned, outcome=["chosen", "rating"]))
    assert [item.subject for item in found] == ["chosen and rating"]
    assert found[0].value < 0
    assert "do worse on rating" in found[0].text


def test_a_choice_of_other_people_deserves_a_look(frame, as_wave):
    rng = np.random.default_rng(1)
    pairs = rng.permutation(frame["chosen"].to_numpy().reshape(-1, 2))
    items = choice_reading(
        as_wave(frame.assign(chosen=pairs.ravel()), outcome=["chosen", "rating"])
    )
    looks = [item.subject for item in items if item.verdict == "look"]
    assert looks == ["chosen and rating"]


def test_effects_of_nothing_are_no_alarm(as_wave):
    """Without any effect, tasks run against each other half of the time, and never clearly."""
    rng = np.random.default_rng(7)
    alarms = 0
    for _ in range(60):
        n = 100
        frame = pd.DataFrame({
            "id": np.repeat(np.arange(n), 6), "task": np.tile(np.repeat(list("123"), 2), n),
            "profile": np.tile(["A", "B"], 3 * n),
        })  # fmt: skip
        for name in ("price", "colour", "size"):
            frame[name] = rng.choice(list("xyz"), 6 * n)
        first = rng.random(3 * n) < 0.5
        frame["chosen"] = np.column_stack([first, ~first]).ravel().astype(float)
        alarms += bool(stops(as_wave(frame, segments=None)))
    assert alarms == 0


def test_agreement_of_patterns_is_what_it_says(frame, as_wave):
    wave = as_wave(frame)
    figures, correlation = pattern_agreement(wave, "chosen", "task")
    means = cj.marginal_means(wave, by="task").frame
    table = means.pivot_table(index="group", columns=["attribute", "level"], values="estimate")
    centred = table - table.T.groupby(level=0).transform("mean").T
    others = (centred.sum() - centred) / 3
    assert figures.values == pytest.approx((centred * others).sum(axis=1).to_numpy())
    direct = [np.corrcoef(centred.loc[t], others.loc[t])[0, 1] for t in centred.index]
    assert correlation == pytest.approx(direct)


def test_its_standard_error_is_the_jackknifes(frame, as_wave):
    """The delta method against leaving out one respondent at a time."""
    small = frame[frame["id"] < 40]
    figures, _ = pattern_agreement(as_wave(small), "chosen", "task")
    left = np.array([
        pattern_agreement(as_wave(small[small["id"] != who]), "chosen", "task")[0].values
        for who in range(40)
    ])  # fmt: skip
    jackknife = np.sqrt(39 / 40 * ((left - left.mean(axis=0)) ** 2).sum(axis=0))
    assert figures.std_errors == pytest.approx(jackknife, rel=0.15)


def test_chosen_less_not_chosen_is_a_difference_of_means(frame, as_wave):
    wave = as_wave(frame, outcome=["chosen", "rating"])
    figures = chosen_against(wave, "chosen", "rating").frame
    means = frame.groupby("chosen")["rating"].mean()
    assert figures["estimate"].iloc[0] == pytest.approx(means[1.0] - means[0.0])
    own = frame[frame["task"] == "2"].groupby("chosen")["rating"].mean()
    assert figures.set_index("group")["estimate"]["2"] == pytest.approx(own[1.0] - own[0.0])


def test_one_task_and_one_outcome_have_nothing_to_be_held_against(pair_frame):
    alone = pair_frame.drop_duplicates("id").assign(chosen=[1, 0])
    wave = cj.Wave.from_frame(
        alone, respondent="id", outcome="chosen", attributes=["price", "colour"]
    )
    items = choice_reading(wave)
    assert [(item.verdict, item.subject) for item in items] == [("fine", "")]
    assert "nothing to hold answers against" in items[0].text
