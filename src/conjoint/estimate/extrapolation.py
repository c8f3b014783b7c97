"""Reliability guessed from different tasks, where none was repeated."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError, Fault
from conjoint.estimate.agreement import Agreeing, choices_between_two, find_tasks
from conjoint.estimate.figures import intercept, linear_figures, regress
from conjoint.estimates import matrix_of
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from conjoint.typing import FloatArray, IntArray
    from conjoint.wave import Wave

__all__ = ["extrapolated_reliability"]


def extrapolated_reliability(wave: Wave, *, outcome: str | None = None) -> pd.DataFrame:
    """How often people would choose alike if a task were repeated, guessed from different tasks.

    Estimand
        irr, as in :func:`conjoint.reliability`, of a wave without a repeated task.
    Formula
        Any two tasks of a person differ in x attributes: those in which the pair of levels (first
        profile's, second's) is not the same. At each x from 1 on, the share of pairs of tasks in
        which the person chose the same position; a straight line through these shares, weighted by
        1 / variance (CR2, clustered by respondent); the line at x = 0 is the irr.
    Variance
        None is given: the points of the line come from the same people.
    Units
        Proportions, 0 to 1.
    Restricted designs
        No matter.

    It assumes that agreement falls along a straight line as tasks differ in more attributes, that
    all attributes count alike in this, and that people tire or learn nothing in between. Pairs of
    tasks that differ little are rare, so the line reaches far beyond most of the data. A repeated
    task needs none of this: have one in the survey.

    Parameters
    ----------
    wave
        The answers; its weights are used.
    outcome
        One forced choice; all of the survey's where None.

    Returns
    -------
    pandas.DataFrame
        One row an outcome and number of differing attributes: ``outcome``, ``differing`` (from 0),
        ``predicted`` (by the line; the irr where `differing` is 0), ``agreement``, ``std_error``,
        ``n_pairs`` (of tasks) and ``n_respondents``. The observed columns are missing where nothing
        is known of them. Give the irr to :func:`conjoint.reliability` by ``irr=``.

    Raises
    ------
    RequestError
        There is no forced choice between two profiles.
    EstimationError
        Pairs of tasks differ in one number of attributes only, or nobody answered two.

    References
    ----------
    As :func:`conjoint.reliability`. Checked against projoint 1.1.3.

    Examples
    --------
    >>> # guessed = cj.extrapolated_reliability(wave, outcome="choice")
    >>> # tau = cj.reliability(wave, outcome="choice", irr=guessed["predicted"].iloc[0])
    """
    return pd.concat(
        [_extrapolated(wave, name) for name in choices_between_two(wave, outcome)],
        ignore_index=True,
    )


def _extrapolated(wave: Wave, outcome: str) -> pd.DataFrame:
    differing, agree, respondent = _pairs_of_tasks(wave, outcome)
    frame = pd.DataFrame(
        [
            {"differing": x, **_agreement(wave, outcome, agree[own], respondent[own])}
            for x in range(len(wave.survey.attributes) + 1)
            for own in (differing == x,)
        ]
    )
    known = frame.loc[(frame["differing"] > 0) & frame["std_error"].notna()]
    if len(known) < 2:
        raise EstimationError(
            Fault(
                f'outcome "{outcome}"',
                f"pairs of tasks differ in {len(known)} number(s) of attributes that tell something",
                "two or more: a line needs them",
                "Assume a reliability with reliability(..., irr=).",
            )
        )
    slope, start = np.polyfit(
        known["differing"], known["agreement"], 1, w=1 / known["std_error"].to_numpy()
    )
    frame.insert(0, "outcome", outcome)
    frame.insert(2, "predicted", start + slope * frame["differing"])
    return frame


def _pairs_of_tasks(wave: Wave, outcome: str) -> tuple[IntArray, FloatArray, IntArray]:
    """For each two tasks of a respondent: attributes that differ, same position, respondent."""
    tasks = find_tasks(wave, outcome)
    usable = wave.weights[tasks.respondent] > 0
    at = np.full((wave.n_respondents, len(tasks.names)), -1, dtype=np.intp)
    at[tasks.respondent[usable], tasks.task[usable]] = np.flatnonzero(usable)
    differing, agree, respondent = [], [], []
    for two in combinations(range(len(tasks.names)), 2):
        first, second = at[(at[:, two] >= 0).all(axis=1)][:, two].T
        other = (tasks.levels[:, first] != tasks.levels[:, second]).any(axis=2)
        differing.append(other.sum(axis=0))
        agree.append((tasks.chosen[first] == tasks.chosen[second]).astype(float))
        respondent.append(tasks.respondent[first])
    nothing = np.empty(0, dtype=np.intp)
    return (
        np.concatenate([nothing, *differing]),
        np.concatenate([nothing, *agree]),
        np.concatenate([nothing, *respondent]),
    )


def _agreement(
    wave: Wave, outcome: str, agree: FloatArray, respondent: IntArray
) -> dict[str, float]:
    """The weighted share that agrees; no standard error where all do, none does, or one is asked."""
    people = len(np.unique(respondent))
    counts = {"n_pairs": len(agree), "n_respondents": people}
    if people < 2 or np.ptp(agree) == 0:
        share = float(agree[0]) if people > 1 else np.nan
        return {"agreement": share, "std_error": np.nan, **counts}
    sample = Agreeing(
        wave,
        outcome,
        TOTAL,
        np.arange(len(agree)),
        agree,
        wave.weights[respondent],
        respondent,
        np.ones(wave.n_respondents, dtype=bool),
        "CR2",
    )
    cells = [("", "agreement")]
    regression = regress(sample, [intercept(len(agree))], cells)
    figures = linear_figures(sample, regression, np.eye(1), pd.DataFrame(index=[0]), cells)
    error = float(np.sqrt(np.sum(matrix_of(figures.influence) ** 2)))
    return {"agreement": float(figures.values[0]), "std_error": error, **counts}
