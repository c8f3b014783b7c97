"""Heavily raked and trimmed weights: how often intervals cover what the estimator averages to.

A population of 60,000 people in four margins that hang together a little. Who is drawn hangs on all four,
the more the larger the design effect, and so does what people want; each has a mind of their own besides.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import pandas as pd

import conjoint as cj
from conjoint.errors import TargetError
from conjoint.survey import Attribute, Level, Outcome, Question, Survey

SEED = 20263
PEOPLE = 1_000
TASKS = 3
MARGINS = {"age": 6, "sex": 2, "region": 11, "vote": 6}
STRENGTH = {1.2: 0.4, 1.8: 0.72, 4.0: 1.2}
"""By the design effect of the raked weights, how strongly being drawn hangs on the margins."""

LIMITS = {1.2: (0.5, 3.0), 1.8: (0.35, 7.0), 4.0: (0.25, 20.0)}
"""By design effect, where weights are trimmed."""

WEIGHTS = (
    "raked",
    "raked, as R's survey",
    "raked, weights as given",
    "trimmed and raked again",
    "trimmed once",
)
FIGURES = ("answers to a question", "marginal means", "AMCEs")
BANDS = {
    (weights, design_effect): (0.935, 0.965) if design_effect == 4.0 else (0.94, 0.96)
    for weights in ("raked", "trimmed and raked again", "trimmed once")
    for design_effect in STRENGTH
}
"""What the intervals are held to, by way to weight and design effect; the others are there for contrast."""


@dataclass(frozen=True, eq=False)
class Population:
    """Everybody: their categories, by margin; how they lean, and what pulls them into a sample."""

    codes: dict[str, np.ndarray]
    leaning: np.ndarray
    pull: np.ndarray

    @property
    def targets(self) -> dict[str, dict[str, float]]:
        """The shares of categories."""
        return {
            name: {f"{name} {k}": share for k, share in enumerate(np.bincount(code) / len(code))}
            for name, code in self.codes.items()
        }


@dataclass(frozen=True, eq=False)
class Heavy:
    """What many draws say of figures under one way to weight.

    `covered` is the share of draws whose interval holds the mean of all draws' estimates, by figure; `ratio`
    the root of the mean squared standard error over the standard deviation of the estimates; `band` what the
    first is held to.
    """

    weights: str
    figures: str
    design_effect: float
    covered: np.ndarray
    ratio: np.ndarray
    band: tuple[float, float] | None


@cache
def population() -> Population:
    """Made once; the same for every design effect."""
    rng = np.random.default_rng(SEED)
    common = rng.normal(size=60_000)
    codes = {}
    for name, size in MARGINS.items():
        own = 0.5 * common + rng.normal(size=len(common))
        edges = np.quantile(own, np.cumsum(rng.dirichlet(np.full(size, 8.0)))[:-1])
        codes[name] = np.searchsorted(edges, own)

    def score() -> np.ndarray:
        sums = sum(rng.normal(size=size)[codes[name]] for name, size in MARGINS.items())
        return (sums - sums.mean()) / sums.std()

    return Population(codes, 0.8 * score() + 0.8 * rng.normal(size=len(common)), score())


@cache
def _survey() -> Survey:
    return Survey(
        title="Drawn at random",
        attributes={
            name: Attribute(levels=tuple(Level(value=value) for value in values))
            for name, values in {"a": ("x", "y"), "b": ("u", "v", "w")}.items()
        },
        outcomes={"y": Outcome(kind="choice", column="y")},
        questions={"q": Question(answers=(Level(value="Yes"), Level(value="No")))},
    )


def draw(rng: np.random.Generator, design_effect: float) -> cj.Wave:
    """A wave whose raked weights have about that design effect."""
    people = population()
    chance = np.exp(STRENGTH[design_effect] * people.pull)
    drawn = rng.choice(len(chance), PEOPLE, p=chance / chance.sum())
    leaning = people.leaning[drawn]
    respondents = pd.DataFrame(
        {
            "respondent": np.arange(PEOPLE),
            "q": pd.Categorical.from_codes(
                (rng.logistic(size=PEOPLE) > leaning) * 1, ["Yes", "No"]
            ),
        }
        | {
            name: pd.Categorical.from_codes(
                code[drawn], [f"{name} {k}" for k in range(MARGINS[name])]
            )
            for name, code in people.codes.items()
        }
    )
    a, b = (rng.integers(0, size, (PEOPLE, TASKS, 2)) for size in (2, 3))
    # The second level of a repels some and draws others; b says the same to all.
    worth = a * leaning[:, None, None] + 0.4 * b
    first = worth[..., 0] - worth[..., 1] + rng.logistic(size=(PEOPLE, TASKS)) > 0
    profiles = pd.DataFrame(
        {
            "respondent": np.repeat(np.arange(PEOPLE), TASKS * 2),
            "task": pd.Categorical.from_codes(
                np.tile(np.repeat(np.arange(TASKS), 2), PEOPLE),
                [str(task) for task in range(TASKS)],
            ),
            "profile": pd.Categorical.from_codes(np.tile([0, 1], PEOPLE * TASKS), ["1", "2"]),
            "a": pd.Categorical.from_codes(a.ravel(), ["x", "y"]),
            "b": pd.Categorical.from_codes(b.ravel(), ["u", "v", "w"]),
            "y": np.stack([first, ~first], axis=-1).ravel().astype(float),
        }
    )
    return cj.Wave.build(_survey(), respondents, profiles, np.ones(PEOPLE))


def coverage(design_effect: float, draws: int, workers: int = 1) -> list[Heavy]:
    """Draw waves, weight each in every way, and count how often intervals hold the mean estimate.

    Draws that cannot be weighted in some way (a category without people, limits too tight) are left out of it.
    """
    if workers == 1:
        drawn = [_draw(design_effect, number) for number in range(draws)]
    else:
        with ProcessPoolExecutor(workers) as pool:
            drawn = list(pool.map(partial(_draw, design_effect), range(draws), chunksize=20))
    return [
        _count(
            weights,
            figures,
            [own[weights, figures] for own in drawn if (weights, figures) in own],
            BANDS.get((weights, design_effect)),
        )
        for weights in WEIGHTS
        for figures in FIGURES
    ]


def _count(
    weights: str,
    figures: str,
    drawn: list[tuple[float, np.ndarray]],
    band: tuple[float, float] | None,
) -> Heavy:
    estimate, error, low, high = np.stack([own for _, own in drawn], axis=1)
    mean = estimate.mean(axis=0)
    ratio = np.sqrt((error**2).mean(axis=0)) / estimate.std(axis=0, ddof=1)
    covered = ((low <= mean) & (mean <= high)).mean(axis=0)
    return Heavy(weights, figures, float(np.mean([own for own, _ in drawn])), covered, ratio, band)


def _draw(design_effect: float, number: int) -> dict[tuple[str, str], tuple[float, np.ndarray]]:
    rng = np.random.default_rng([SEED, round(10 * design_effect), number])
    wave = draw(rng, design_effect)
    try:
        raked = cj.rake(wave, population().targets)
    except TargetError:  # nobody of some category was drawn
        return {}
    low, high = LIMITS[design_effect]
    waves = {
        "raked": raked,
        "raked, as R's survey": raked.at_start(),
        "raked, weights as given": raked.fixed(),
        "trimmed once": cj.trim(raked, lower=low, upper=high, again=False),
    }
    with suppress(TargetError):
        waves["trimmed and raked again"] = cj.trim(raked, lower=low, upper=high)
    found = {}
    for name, own in waves.items():
        price = cj.efficiency(own.weights).design_effect
        shares = cj.toplines(own, question="q").frame.iloc[:1]
        for figures, frame in zip(
            FIGURES, (shares, cj.marginal_means(own).frame, cj.amce(own).frame), strict=True
        ):
            shown = frame[frame["std_error"] > 0]
            columns = ["estimate", "std_error", "conf_low", "conf_high"]
            found[name, figures] = price, shown[columns].to_numpy(dtype=float).T
    return found
