"""Predictions near the ends of the scale: how often the intervals of a bounded model hold the truth.

What people say is a logistic function of the package (`conftest.draw_strong`), so the truth is known; the
linear model leaves 0 to 100%.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from scipy.special import expit

import conjoint as cj
from conjoint.scenario import support

sys.path.append(str(Path(__file__).parents[1]))
from conftest import STRENGTH, draw_strong

SEED = 10_000
PEOPLE = 150
LEVELS = {"price": ("high", "mid", "low"), "size": ("S", "M", "L"), "colour": ("red", "green")}
WHOLE = [dict(zip(LEVELS, own, strict=True)) for own in product(*LEVELS.values())]
PACKAGES = [*WHOLE[::2], {"price": "low"}, {"size": "S"}]
"""Nine packages, from under 1% to 98%, and two that leave attributes out."""


@dataclass(frozen=True)
class Ends:
    """A package's true share, and in what share of draws the interval held it."""

    package: str
    share: float
    covered: float


def truth(package: dict[str, str]) -> float:
    """The mean over what a package leaves out."""
    return float(
        np.mean(
            [
                expit(sum(STRENGTH[name][LEVELS[name].index(own[name])] for name in LEVELS))
                for own in WHOLE
                if package.items() <= own.items()
            ]
        )
    )


def coverage(draws: int, workers: int = 1) -> list[Ends]:
    """Draw waves and count how often intervals hold the truth."""
    if workers == 1:
        held = [_held(number) for number in range(draws)]
    else:
        with ProcessPoolExecutor(workers) as pool:
            held = list(pool.map(_held, range(draws), chunksize=10))
    return [
        Ends(", ".join(package.values()), truth(package), float(covered))
        for package, covered in zip(PACKAGES, np.mean(held, axis=0), strict=True)
    ]


def _held(number: int) -> np.ndarray:
    frame = draw_strong(SEED + number, n=PEOPLE)
    frame["view"] = (frame["view"] == "For").astype(float)
    wave = cj.Wave.from_frame(
        frame, respondent="id", outcome="view", attributes=[*LEVELS], task="task", profile="profile"
    )
    rows = [support(wave, package).frame.iloc[0] for package in PACKAGES]
    return np.array(
        [
            row["conf_low"] <= truth(package) <= row["conf_high"]
            for package, row in zip(PACKAGES, rows, strict=True)
        ]
    )
