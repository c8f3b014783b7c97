"""Rare answers and small bases: how often intervals of shares cover, and letters appear by chance.

One question has answers that some 1, 2, 5 and 20 percent give, several of each, so that one table tests
many shares. Weights are equal, or lognormal with a design effect of 1.5, or informative: a quarter of the
people weighs three times what the others do, and gives a rare answer twice as often.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from typing import get_args

import numpy as np
import pandas as pd
from scipy import special

import conjoint as cj
from conjoint.survey import Attribute, Level, Outcome, Question, Survey
from conjoint.toplines import crosstab
from conjoint.typing import IntervalMethod

SEED = 20262
SHARES = {0.01: 6, 0.02: 6, 0.05: 3, 0.2: 2}
"""By share, how many answers have it."""

BASES = (60, 150, 300, 1000)
COLUMNS = ((60, 2000), (60, 300), (100, 1000), (150, 150))
WEIGHTS = ("equal", "lognormal", "informative")
METHODS = get_args(IntervalMethod)
EFFECTS = {0.01: 0.07, 0.02: 0.08, 0.05: 0.17, 0.2: 0.38}
"""For power: by the share in the second column, that in the first."""

SHARE = np.repeat(list(SHARES), list(SHARES.values()))
REST = "Rest"


@cache
def _survey() -> Survey:
    answers = (*(f"{share:.0%} {place}" for place, share in enumerate(SHARE)), REST)
    return Survey(
        title="Drawn at random",
        attributes={"a": Attribute(levels=(Level(value="x"), Level(value="y")))},
        outcomes={"y": Outcome(kind="support", column="y", positive=("1",), negative=("0",))},
        questions={"q": Question(answers=tuple(Level(value=text) for text in answers))},
    )


def draw(
    rng: np.random.Generator, sizes: tuple[int, ...], weights: str, shares: np.ndarray
) -> cj.Wave:
    """A wave of one group a size; `shares` by group and answer, of shape (groups, answers)."""
    group = np.repeat(np.arange(len(sizes)), sizes)
    n = len(group)
    heavy = np.zeros(n, dtype=bool)
    w = np.ones(n)
    if weights == "lognormal":
        w = np.exp(np.sqrt(np.log(1.5)) * rng.normal(size=n))
    if weights == "informative":
        heavy = rng.random(n) < 0.25
        w = np.where(heavy, 2.0, 2 / 3)
    # Both halves of the weight are as large; the heavy half gives twice as many answers as the other.
    chance = shares[group] * np.where(heavy, 4 / 3, 2 / 3)[:, None] if weights == "informative" else shares[group]  # fmt: skip
    place = (rng.random(n)[:, None] > chance.cumsum(axis=1)).sum(axis=1)
    survey = _survey()
    values = survey.questions["q"].values
    respondents = pd.DataFrame(
        {
            "respondent": np.arange(n),
            "q": pd.Categorical.from_codes(place, values),
            "group": pd.Categorical.from_codes(group, [f"g{code}" for code in range(len(sizes))]),
        }
    )
    profiles = pd.DataFrame(
        {
            "respondent": np.arange(n),
            "task": "1",
            "profile": "1",
            "a": pd.Categorical.from_codes(np.arange(n) % 2, ["x", "y"]),
            "y": 1.0,
        }
    )
    return cj.Wave.build(survey, respondents, profiles, w)


@dataclass(frozen=True)
class Thin:
    """What many draws say of one share.

    `covered` and `width` (in widths of Wilson's interval on the effective base) are by method.
    """

    share: float
    covered: dict[str, float]
    width: dict[str, float]


@dataclass(frozen=True)
class Letters:
    """In what share of tests between two columns, and of the first with the total, a difference is found.

    At 95% and at 99%; by the default test (``score``) or by Wald's, on each column's own variance.
    """

    share: float
    method: str
    pair: tuple[float, float]
    total: tuple[float, float]


def coverage(n: int, weights: str, draws: int, workers: int = 1) -> list[Thin]:
    """Draw waves of n people and count how often intervals hold the share."""
    counted = _run(partial(_intervals, n, weights), draws, workers)
    return [
        Thin(
            share,
            {m: counted[k, rows, 0].mean() for k, m in enumerate(METHODS)},
            {m: counted[k, rows, 1].mean() / counted[k, rows, 2].mean() for k, m in enumerate(METHODS)},
        )
        for share, rows in _rows()
    ]  # fmt: skip


def letters(
    sizes: tuple[int, int], weights: str, draws: int, workers: int = 1, *, apart: bool = False
) -> list[Letters]:
    """Draw waves of two groups and count letters; the groups are alike, or `apart` as in `EFFECTS`."""
    counted = _run(partial(_tests, sizes, weights, apart), draws, workers)
    rows = [(share, own[:1] if apart else own) for share, own in _rows()]
    return [
        Letters(share, method, tuple(counted[k, own, :2].mean(axis=0)), tuple(counted[k, own, 2:].mean(axis=0)))
        for share, own in rows
        for k, method in enumerate(("score", "wald"))
    ]  # fmt: skip


def _rows() -> list[tuple[float, np.ndarray]]:
    return [(share, np.flatnonzero(share == SHARE)) for share in SHARES]


def _run(count, draws: int, workers: int) -> np.ndarray:
    if workers == 1:
        drawn = [count(number) for number in range(draws)]
    else:
        with ProcessPoolExecutor(workers) as pool:
            drawn = list(pool.map(count, range(draws), chunksize=20))
    return np.mean(drawn, axis=0)


def _intervals(n: int, weights: str, number: int) -> np.ndarray:
    """By method and answer: whether it holds the share, its width, and Wilson's; (4, answers, 3)."""
    rng = np.random.default_rng([SEED, n, WEIGHTS.index(weights), number])
    figures = cj.toplines(draw(rng, (n,), weights, SHARE[None]), question="q")
    found = []
    for method in METHODS:
        frame = figures.with_interval(method).frame.iloc[:-1]
        low, high = frame["conf_low"].to_numpy(), frame["conf_high"].to_numpy()
        holds = (low <= SHARE) & (high >= SHARE)
        found.append(np.stack([holds, high - low, _wilson(frame)], axis=1))
    return np.array(found)


def _wilson(frame: pd.DataFrame) -> np.ndarray:
    """The width of Wilson's interval on the effective base."""
    p, e, z = frame["estimate"].to_numpy(), frame["n_effective"].to_numpy(), 1.959963984540054
    return 2 * z * np.sqrt(p * (1 - p) / e + z**2 / (4 * e**2)) / (1 + z**2 / e)


def _tests(sizes: tuple[int, int], weights: str, apart: bool, number: int) -> np.ndarray:
    """By method and answer: pair at 95% and 99%, total at 95% and 99%; (2, answers, 4)."""
    rng = np.random.default_rng([SEED, *sizes, WEIGHTS.index(weights), apart, number])
    second = SHARE
    first = second.copy()
    if apart:
        # One answer of each share, so that all add up to less than one.
        first[:], second = 0.0, np.zeros_like(second)
        for share, rows in _rows():
            first[rows[0]], second[rows[0]] = EFFECTS[share], share
    wave = draw(rng, sizes, weights, np.stack([first, second]))
    made = crosstab(wave, "q", ["group"], suppress=False).comparisons
    # Nobody in either column: no spread, and nothing to test.
    there = made.std_error > 0
    statistic = np.divide(made.difference, made.std_error, out=np.zeros_like(made.difference), where=there)  # fmt: skip
    wald = 2 * special.stdtr(len(wave.weights) - 1.0, -np.abs(statistic))
    found = []
    for p_values in (made.p_value, wald):
        p = np.nan_to_num(p_values[: len(SHARE)], nan=1.0)
        pair, total = p[:, 0], p[:, 1]
        found.append(np.stack([pair < 0.05, pair < 0.01, total < 0.05, total < 0.01], axis=1))
    return np.array(found)
