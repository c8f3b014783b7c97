"""How reliably people choose, from a task that they answered twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError, Fault, RequestError
from conjoint.estimate.agreement import Agreeing, choices_between_two, find_agreement
from conjoint.estimate.figures import intercept, linear_figures, regress
from conjoint.estimate.groups import Figures, side_by_side
from conjoint.estimate.leverage import BellMcCaffrey
from conjoint.estimate.sample import specify
from conjoint.say.number import counted, percent
from conjoint.wave import find_groups, nobody_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.estimate.groups import Attempt
    from conjoint.estimates import Estimates
    from conjoint.survey import Repeat
    from conjoint.typing import FloatArray, Variance
    from conjoint.wave import Group, Wave

__all__ = ["reliability"]


def reliability(
    wave: Wave,
    by: str | Sequence[str] | None = None,
    *,
    outcome: str | None = None,
    irr: float | None = None,
    repeat: Repeat | None = None,
    variance: Variance = "linearised",
    confidence: float = 0.95,
) -> Estimates:
    """How often people choose the same profile when a task is repeated, and the error it implies.

    Estimand
        ``irr``: the share of people who choose the same profile both times (intra-respondent
        reliability). ``tau``: the chance that a choice between two profiles comes out as the
        opposite of what it would be without error, if that chance is the same in every task and
        errors are independent of each other: then two answers agree where both or neither is
        swapped, irr = (1 - tau)^2 + tau^2.
    Formula
        irr = sum of w a / sum of w, a being 1 for the same profile, over people who answered both
        times; tau = (1 - sqrt(2 irr - 1)) / 2.
    Variance
        irr is a weighted mean of respondents; tau by the delta method, so that it moves with irr.
        Its interval can be wide: with 100 people and irr 0.7, tau is known to some 7 points each
        way. Show it with whatever is corrected by it.
    Units
        Proportions, 0 to 1. An irr of one half is what tossing a coin gives.
    Restricted designs
        No matter: a task is compared with itself.

    Parameters
    ----------
    wave
        The answers; its weights are used. Its repeated task is `wave.repeats`.
    by
        None, ``"segments"``, names of segments or a respondent column: one irr and tau a group.
    outcome
        One forced choice; all of the survey's where None.
    irr
        Assume this irr instead of estimating one: tau is then taken as known, and no repeated task
        is needed.
    repeat
        Which task repeats which, and whether the two profiles changed places; what survey.toml
        declares (data.repeat) where None.
    variance, confidence
        See :func:`conjoint.amce`.

    Returns
    -------
    Estimates
        Two rows an outcome and group: estimand and level are ``"irr"``, then ``"tau"``.
        `n_respondents` counts those who answered both times, `n_profiles` is 0. What is assumed is
        fixed: it has no standard error.

    Raises
    ------
    RequestError
        There is no forced choice between two profiles, no repeated task, or `by` is not of
        respondents.
    DataError
        The repeated task does not show the profiles of the first.
    EstimationError
        No group's reliability can be estimated. Where some can, the others are NaN, and `note` says why:
        fewer than two people answered both times, or (tau alone) they agree no more often than a coin
        would.

    References
    ----------
    Clayton, Horiuchi, Kaufman, King & Komisarchik, "Correcting Measurement Error Bias in Conjoint
    Survey Experiments". Checked against projoint 1.1.3.

    Examples
    --------
    >>> import pandas as pd, conjoint as cj
    >>> frame = pd.DataFrame({
    ...     "id": [who for who in "abcd" for _ in range(4)],
    ...     "task": ["1", "1", "again", "again"] * 4,
    ...     "profile": ["A", "B"] * 8,
    ...     "price": ["low", "high", "high", "low"] * 4,
    ...     "chosen": [1, 0, 0, 1] * 3 + [1, 0, 1, 0]})
    >>> wave = cj.Wave.from_frame(frame, respondent="id", task="task", profile="profile",
    ...                           outcome="chosen", attributes=["price"],
    ...                           repeat={"task": "again", "of": "1", "flipped": True})
    >>> reliability(wave).frame[["level", "estimate"]].round(3).to_dict("list")
    {'level': ['irr', 'tau'], 'estimate': [0.75, 0.146]}
    """
    if irr is not None and not 0.5 < irr <= 1:
        raise RequestError(
            Fault("irr", f"{irr:g} cannot be corrected for", "a number above 0.5 and up to 1")
        )
    names = choices_between_two(wave, outcome)
    _check_by(wave, by)
    assumed = {} if irr is None else {"irr": f"{irr:g}"}
    specification = specify(wave, "reliability", by, variance, confidence, **assumed)
    tried: list[Attempt] = []
    for name in names:
        nothing = np.full(wave.n_respondents, np.nan)
        agree = nothing if irr is not None else find_agreement(wave, name, repeat)
        for group in find_groups(wave, by):
            sample = _answered_twice(wave, name, group, agree, variance)
            tried.append((sample, _assumed(wave, irr)) if irr is not None else _observed(sample))
    return _with_tau(side_by_side(tried, specification))


def _check_by(wave: Wave, by: str | Sequence[str] | None) -> None:
    of_respondents = (*wave.respondent_columns, *wave.survey.segments)
    if by in (*wave.survey.attributes, "task", "profile") and by not in of_respondents:
        raise RequestError(
            Fault("by", f'"{by}" differs between profiles', "segments or a respondent column")
        )


def _answered_twice(
    wave: Wave, outcome: str, group: Group, agree: FloatArray, variance: Variance
) -> Agreeing:
    """Those of a group who answered both times."""
    people = np.flatnonzero(group.respondents & ~np.isnan(agree) & (wave.weights > 0))
    y, w, members = agree[people], wave.weights[people], group.respondents
    return Agreeing(wave, outcome, group.key, people, y, w, people, members, variance)


def _observed(sample: Agreeing) -> Attempt:
    """The share that agrees, or why nobody can say."""
    people = len(sample.y)
    if not sample.members.any():
        return sample, EstimationError(nobody_in(sample.group))
    if people < 2:
        what = f"{people} respondent(s) answered both the task and its repeat"
        do = "Widen the group, or assume a reliability with irr=."
        return sample, EstimationError(Fault(sample.where, what, "two or more", do))
    cells = [("", "irr")]
    regression = regress(sample, [intercept(people)], cells)
    figures = linear_figures(sample, regression, np.eye(1), _labels(people), cells)
    rarer = np.full(1, min(sample.y.sum(), people - sample.y.sum()))
    return sample, replace(figures, rarer=rarer)


def _assumed(wave: Wave, irr: float) -> Figures:
    """A figure that is known: nobody moves it."""
    values = np.array([irr], dtype=float)
    influence, nothing = np.zeros((wave.n_respondents, 1)), BellMcCaffrey((), np.zeros((1, 0)))
    return Figures(_labels(0), values, influence, np.ones(1, dtype=bool), nothing)


def _labels(n_respondents: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "estimand": ["irr"],
            "attribute": "",
            "level": "irr",
            "baseline": "",
            "n_profiles": 0,
            "n_respondents": n_respondents,
        }
    )


def _with_tau(rates: Estimates) -> Estimates:
    """Each group's irr followed by its tau, which there is where people agree more than a coin does.

    Raises
    ------
    EstimationError
        No group does.
    """
    m = len(rates)
    low = {place: _no_better(rates, int(place)) for place in np.flatnonzero(rates.values <= 0.5)}
    if low and not (rates.values > 0.5).any():
        raise EstimationError(*low.values())
    notes = np.full((m, 2), "", dtype=object)
    for place, fault in low.items():
        notes[place, 1] = f"{fault.what}, no more often than a coin would"
    root = np.sqrt(np.where(rates.values > 0.5, 2 * rates.values - 1, np.nan))
    values = np.column_stack([rates.values, (1 - root) / 2]).ravel()
    jacobian = np.zeros((m, 2, m))
    jacobian[np.arange(m), 0, np.arange(m)] = 1.0
    jacobian[np.arange(m), 1, np.arange(m)] = -1 / (2 * root)
    labels = rates.labels.iloc[np.repeat(np.arange(m), 2)].assign(
        estimand=["irr", "tau"] * m, level=["irr", "tau"] * m
    )
    return rates.derive(
        values, jacobian.reshape(2 * m, m), labels, "reliability", notes.ravel().tolist()
    )


def _no_better(rates: Estimates, place: int) -> Fault:
    row = rates.labels.iloc[place]
    return Fault(
        f'outcome "{row["outcome"]}", group "{row["group"]}"',
        f"{percent(rates.values[place], 1)} of {counted(row['n_respondents'], 'respondent')} chose alike both times",
        "more than half: a coin tossed twice gives that",
        "Correct for the reliability of larger groups, or assume one with irr=.",
    )
