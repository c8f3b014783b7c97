"""Designs of fixed versions: what few different tasks cannot tell is said, and stops nothing."""

import numpy as np
import pandas as pd
import pytest
from drawn import verdicts

import conjoint as cj
from conjoint.audit.balance import balance
from conjoint.audit.design import identical_profiles, joint_frequencies, level_frequencies
from conjoint.audit.fixed import fixed_design
from conjoint.audit.order import carry_over, fatigue, profile_position
from conjoint.audit.overwritten import overwritten_tasks

SIZES = (3, 3, 4)
FIRST_TWO = {"a": 0, "b": 2}
ALWAYS_CHECKED = (level_frequencies, joint_frequencies, identical_profiles)


def some_tasks(rng, count, sizes=SIZES, without=None, profiles=2):
    """Tasks as codes, (tasks, profiles, attributes), no profile twice in one, without a pair of levels."""
    made = []
    while len(made) < count:
        task = rng.integers(sizes, size=(profiles, len(sizes)))
        forbidden = without is not None and ((task[:, 0] == 0) & (task[:, 1] == 2)).any()
        if not forbidden and len(np.unique(task, axis=0)) == profiles:
            made.append(task)
    return np.stack(made)


def wave_of(shown, rng):
    """A wave of codes shown, (people, tasks, profiles, attributes)."""
    n, T, K, k = shown.shape
    place = np.indices((n, T, K)).reshape(3, -1)
    frame = pd.DataFrame({"id": place[0], "task": place[1], "profile": place[2]})
    for column in range(k):
        frame["abcde"[column]] = shown[..., column].ravel()
    won = rng.integers(K, size=(n, T, 1)) == np.arange(K)
    frame["y"] = won.ravel().astype(float) if K > 1 else rng.integers(1, 8, size=n * T)
    return cj.Wave.from_frame(
        frame, respondent="id", task="task", profile="profile", outcome="y",
        attributes=[*"abcde"[:k]],
    )  # fmt: skip


def one_version(rng):
    return np.broadcast_to(some_tasks(rng, 6), (150, 6, 2, 3))


def six_blocks(rng):
    return some_tasks(rng, 24).reshape(6, 4, 2, 3)[rng.integers(6, size=200)]


def shuffled_blocks(rng):
    shown = six_blocks(rng)
    return np.stack([own[rng.permutation(4)][:, rng.permutation(2)] for own in shown])


def from_a_list(rng):
    every = some_tasks(rng, 20)
    return np.stack([every[rng.choice(20, 5, replace=False)] for _ in range(200)])


def decks_of_single_profiles(rng):
    return some_tasks(rng, 24, profiles=1).reshape(4, 6, 1, 3)[rng.integers(4, size=200)]


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (one_version, "one version of 6 tasks, which everybody saw"),
        (six_blocks, "6 fixed versions, 24 different tasks"),
        (shuffled_blocks, "6 fixed versions, 24 different tasks"),
        (from_a_list, "a list of 20 tasks"),
        (decks_of_single_profiles, "4 fixed versions, "),
    ],
)
def test_fixed_tasks_are_found_and_stop_nothing(shown, text):
    rng = np.random.default_rng(3)
    wave = wave_of(shown(rng), rng)
    assert text in fixed_design(wave).text
    assert all("stop" not in verdicts(check(wave)).values() for check in ALWAYS_CHECKED)


def test_pairs_in_no_version_are_named_as_beyond_checking():
    rng = np.random.default_rng(5)
    tasks = some_tasks(rng, 4, without=FIRST_TWO)
    wave = wave_of(np.broadcast_to(tasks, (150, *tasks.shape)), rng)
    item = next(item for item in joint_frequencies(wave) if item.subject == "a * b")
    assert item.verdict == "look"
    assert '"0" with "2"' in item.text
    assert "cannot be checked" in item.text
    for check in (profile_position, carry_over, fatigue):
        (item,) = check(wave)
        assert "one version of 4 tasks" in item.text
        assert "cannot be told" in item.text


def test_many_versions_without_a_pair_still_stop():
    rng = np.random.default_rng(7)
    tasks = some_tasks(rng, 300, without=FIRST_TWO).reshape(60, 5, 2, 3)
    wave = wave_of(tasks[rng.integers(60, size=600)], rng)
    item = next(item for item in joint_frequencies(wave) if item.subject == "a * b")
    assert item.verdict == "stop"
    assert "1 pair of levels never met" in item.text
    assert "different tasks" in item.text


@pytest.mark.parametrize(
    ("sizes", "tasks", "profiles"), [((2, 2), 1, 2), ((2, 2), 6, 2), ((3, 3), 4, 2), ((3, 3), 5, 1)]
)
def test_small_random_designs_are_not_fixed(sizes, tasks, profiles):
    """The same tasks come up by chance; a pair that never meets is a fault as in any random design."""
    rng = np.random.default_rng(11)
    shown = rng.integers(sizes, size=(800, tasks, profiles, len(sizes)))
    assert fixed_design(wave_of(shown, rng)) is None
    last = (shown == np.array(sizes) - 1).all(axis=-1)
    shown[last] = 0
    wave = wave_of(shown, rng)
    assert fixed_design(wave) is None
    assert verdicts(joint_frequencies(wave))["a * b"] == "stop"


def test_tasks_left_out_make_no_versions_of_their_own():
    rng = np.random.default_rng(13)
    shown = one_version(rng)
    wave = wave_of(shown, rng)
    frame = wave.profiles
    frame = frame[~((frame["respondent"].astype(int) < 20) & (frame["task"] == "5"))]
    part = cj.Wave.from_frame(
        frame, respondent="respondent", task="task", profile="profile", outcome="y",
        attributes=["a", "b", "c"],
    )  # fmt: skip
    assert fixed_design(part).versions == 1


def test_a_version_that_shows_a_task_twice_is_the_design_s():
    rng = np.random.default_rng(17)
    every = some_tasks(rng, 30).reshape(6, 5, 2, 3)
    every[0, 4] = every[0, 1]
    wave = wave_of(every[rng.integers(6, size=300)], rng)
    assert verdicts(overwritten_tasks(wave)) == {}
    every[:, 4] = every[:, 1]
    wave = wave_of(every[rng.integers(6, size=300)], rng)
    assert "6 versions of 6" in overwritten_tasks(wave)[0].text


def test_the_column_of_the_version_is_no_covariate():
    rng = np.random.default_rng(19)
    version = rng.integers(6, size=300)
    frame = wave_of(some_tasks(rng, 24).reshape(6, 4, 2, 3)[version], rng).profiles
    people = frame["respondent"].astype(int)
    frame = frame.assign(block=np.char.add("v", version.astype(str))[people], sex=people % 2)
    wave = cj.Wave.from_frame(
        frame, respondent="respondent", task="task", profile="profile", outcome="y",
        attributes=["a", "b", "c"], segments=["block", "sex"],
    )  # fmt: skip
    assert verdicts(balance(wave)) == {}
    assert "against sex" in balance(wave)[0].text
