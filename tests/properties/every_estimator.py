"""Estimators behind one face, and data that suit them."""

from functools import partial
from typing import get_args

import numpy as np
import pandas as pd

import conjoint as cj
from conjoint.survey import Repeat
from conjoint.typing import Variance

PAIR = ("price", "colour")
VARIANCES = get_args(Variance)
AGAIN = Repeat(task="again", of="0", flipped=True)


def _reliability(wave, by=None, **options):
    return cj.reliability(repeated_task_apart(wave), by, repeat=AGAIN, **options)


def _corrected(wave, by=None, **options):
    means = cj.marginal_means(repeated_task_apart(wave), by, **options)
    return cj.corrected(means, _reliability(wave, by, **options))


def _of_pair(estimator, wave, by=None, **options):
    return estimator(wave, PAIR, by, **options)


def _of_tasks(estimator, wave, by=None, **options):
    return estimator(wave, None, by, **options)


ESTIMATORS = {
    "amce": cj.amce,
    "marginal_means": cj.marginal_means,
    "joint_means": partial(_of_pair, cj.joint_means),
    "acie": partial(_of_pair, cj.interactions),
    "amie": partial(_of_pair, partial(cj.interactions, kind="amie")),
    "choice_means": partial(_of_tasks, cj.choice_means),
    "component_preferences": partial(_of_tasks, cj.component_preferences),
    "reliability": _reliability,
    "corrected": _corrected,
}
"""Each called as ``estimator(wave, by, variance=...)``."""

ANSWERED_TWICE = ("reliability", "corrected")
"""Those that need a repeated task."""


def data_for(name, frame):
    """A frame that `simulate` made, with the task that the estimator needs."""
    return with_repeated_task(frame) if name in ANSWERED_TWICE else frame


def with_repeated_task(frame):
    """Task 0 again, profiles swapped; every tenth person answers otherwise."""
    again = frame[frame["task"] == 0].copy()
    again["profile"] = again["profile"].map({"A": "B", "B": "A"})
    again["chosen"] = np.where(again["id"] % 10 == 3, 1 - again["chosen"], again["chosen"])
    again["task"] = "again"
    return pd.concat([frame.astype({"task": object}), again], ignore_index=True)


def repeated_task_apart(wave):
    """The wave with the task called "again" as the repeated one."""
    profiles = wave.profiles
    again = (profiles["task"] == "again").to_numpy()
    return cj.Wave.build(
        wave.survey,
        wave.respondents,
        profiles[~again],
        wave.weights,
        profiles[again],
    )


def same(left, right, rtol=1e-9):
    """The figures, their errors, degrees of freedom and covariance are the same, row by row."""
    np.testing.assert_allclose(left.values, right.values, rtol=rtol, atol=1e-12)
    np.testing.assert_allclose(left.std_errors, right.std_errors, rtol=rtol, atol=1e-12)
    np.testing.assert_allclose(left.covariance, right.covariance, rtol=1e-7, atol=1e-14)
    np.testing.assert_allclose(left.degrees, right.degrees, rtol=1e-6)
