"""Packages near the ends of the scale: how often intervals of bounded predictions hold the truth.

150 people judge each of 4 x 2 profiles, for or against; the log odds of For add up over three attributes.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import expit

import conjoint as cj
from conjoint.estimate.groups import estimate_each
from conjoint.estimate.sample import specify
from conjoint.scenario.model import beside_shown, bounded, fit_model
from conjoint.scenario.package import named, read_package

SEED = 20264
PEOPLE, PROFILES = 150, 8
WORTH = {
    "price": {"high": -2.2, "mid": 0.2, "low": 2.0},
    "size": {"S": -1.4, "M": 0.0, "L": 1.4},
    "colour": {"red": -0.5, "green": 0.5},
}
"""What levels are worth in log odds."""

PACKAGES = (
    {"price": "high", "size": "S", "colour": "red"},
    {"price": "high", "size": "S", "colour": "green"},
    {"price": "high", "size": "S"},
    {"price": "mid", "size": "M", "colour": "red"},
    {"price": "low"},
    {"price": "low", "size": "M", "colour": "green"},
    {"price": "low", "size": "L", "colour": "green"},
)
MODELS = ("logit", "linear")
BANDS = {"logit": (0.94, 0.96)}
"""The linear model is there for contrast."""


@dataclass(frozen=True)
class Bounded:
    """What many draws say of one package under one model.

    `covered` is the share of draws whose interval holds the truth, `ratio` the root of the mean squared
    standard error over the standard deviation of the estimates, `beyond` the share of estimates outside 0 to 1.
    """

    package: str
    truth: float
    model: str
    covered: float
    ratio: float
    beyond: float

    @property
    def band(self) -> tuple[float, float] | None:
        """What `covered` is held to."""
        return BANDS.get(self.model)


def truth_of(package: dict[str, str]) -> float:
    """The share that is For it, over all that it leaves out."""
    free = [own.items() if name not in package else [(package[name], own[package[name]])] for name, own in WORTH.items()]  # fmt: skip
    return float(np.mean([expit(sum(worth for _, worth in cells)) for cells in product(*free)]))


def coverage(draws: int, workers: int = 1) -> list[Bounded]:
    """Draw waves and count how often intervals hold the truth."""
    if workers == 1:
        drawn = [_draw(number) for number in range(draws)]
    else:
        with ProcessPoolExecutor(workers) as pool:
            drawn = list(pool.map(_draw, range(draws), chunksize=20))
    estimate, error, low, high = np.moveaxis(drawn, 2, 0)  # each (draws, models, packages)
    truth = np.array([truth_of(package) for package in PACKAGES])
    covered = ((low <= truth) & (truth <= high)).mean(axis=0)
    ratio = np.sqrt((error**2).mean(axis=0)) / estimate.std(axis=0, ddof=1)
    beyond = ((estimate < 0) | (estimate > 1)).mean(axis=0)
    return [
        Bounded(" ".join(package.values()), truth[at], model, covered[k, at], ratio[k, at], beyond[k, at])
        for at, package in enumerate(PACKAGES)
        for k, model in enumerate(MODELS)
    ]  # fmt: skip


def _draw(number: int) -> np.ndarray:
    """Estimate, error and both ends, by model and package: (models, 4, packages)."""
    rng, rows = np.random.default_rng([SEED, number]), PEOPLE * PROFILES
    codes = {name: rng.integers(len(own), size=rows) for name, own in WORTH.items()}
    index = sum(np.array([*own.values()])[codes[name]] for name, own in WORTH.items())
    frame = pd.DataFrame({name: np.array([*own])[codes[name]] for name, own in WORTH.items()})
    frame["id"] = np.repeat(np.arange(PEOPLE), PROFILES)
    frame["view"] = (rng.random(rows) < expit(index)).astype(float)
    wave = cj.Wave.from_frame(frame, respondent="id", outcome="view", attributes=[*WORTH])
    packages = [read_package(wave.survey, package) for package in PACKAGES]
    labels = pd.DataFrame([named(wave.survey, own) for own in packages], columns=["attribute", "level"]).assign(baseline="")  # fmt: skip

    def figures(sample, model):
        fitted = fit_model(sample, ())
        made = (bounded(fitted) if model == "logit" else fitted).figures(packages, None)
        return beside_shown(made, [], labels, "support")

    asked = specify(wave, "support", None, "linearised", 0.95)
    columns = ["estimate", "std_error", "conf_low", "conf_high"]
    return np.stack([
        estimate_each(wave, partial(figures, model=model), asked, "view").frame[columns].to_numpy(dtype=float).T
        for model in MODELS
    ])  # fmt: skip
