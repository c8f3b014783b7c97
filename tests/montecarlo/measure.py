"""Draw, estimate, and count: how often intervals cover the truth, and tests reject."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from studies import QUICK, STUDIES, Study

SEED = 20261
LEVEL = 0.05


@dataclass(frozen=True, eq=False)
class Coverage:
    """What the draws of one study say of figures that belong together.

    `covered` says by figure in what share of draws the interval held the truth; `bias` is the mean
    estimate less the truth, in standard deviations of one estimate; `ratio` the root of the mean
    squared standard error over that standard deviation.
    """

    name: str
    covered: np.ndarray
    bias: np.ndarray
    ratio: np.ndarray


@dataclass(frozen=True, eq=False)
class Rejection:
    """How often tests at 5 percent reject what is true, by attribute."""

    name: str
    rejected: np.ndarray


def measure(study: Study, draws: int, workers: int = 1) -> list[Coverage | Rejection]:
    """Draw waves and count. A draw depends on its number alone, not on how many there are."""
    place = (*STUDIES, *QUICK).index(study)
    if workers == 1:
        drawn = [_draw(place, number) for number in range(draws)]
    else:
        with ProcessPoolExecutor(workers) as pool:
            drawn = list(pool.map(partial(_draw, place), range(draws), chunksize=20))
    figures, tests = (
        {name: np.array([own[kind][name] for own in drawn]) for name in drawn[0][kind]}
        for kind in (0, 1)
    )
    truth = _truth(study)
    return [
        *(_coverage(name, own, truth[name]) for name, own in figures.items()),
        *(Rejection(name, (own < LEVEL).mean(axis=0)) for name, own in tests.items()),
    ]


def _draw(place: int, number: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Estimate, error and both ends of the interval of each figure; the p-values of each test."""
    study = (*STUDIES, *QUICK)[place]
    rng = np.random.default_rng([SEED, place, number])
    wave = study.population.draw(rng, study.respondents, study.tasks)
    columns = ["estimate", "std_error", "conf_low", "conf_high"]
    figures, tests = study.estimate(wave)
    return (
        {
            name: own.frame.loc[~own.fixed, columns].to_numpy(dtype=float).T
            for name, own in figures.items()
        },
        {name: own["p_value"].to_numpy(dtype=float) for name, own in tests.items()},
    )


def _truth(study: Study) -> dict[str, np.ndarray]:
    wave = study.population.draw(np.random.default_rng(SEED), study.respondents, study.tasks)
    figures, _ = study.estimate(wave)
    return {name: study.truth(name, own)[~own.fixed] for name, own in figures.items()}


def _coverage(name: str, drawn: np.ndarray, truth: np.ndarray) -> Coverage:
    """`drawn` has the shape (draws, 4, figures)."""
    estimate, error, low, high = np.moveaxis(drawn, 1, 0)
    spread = estimate.std(axis=0, ddof=1)
    return Coverage(
        name,
        ((low <= truth) & (truth <= high)).mean(axis=0),
        (estimate.mean(axis=0) - truth) / spread,
        np.sqrt((error**2).mean(axis=0)) / spread,
    )
