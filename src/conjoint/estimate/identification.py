"""How many people carry an effect: those whose answers the data really compare.

Where two attributes nearly always go together, their effects are told apart by the few profiles in which they do
not. A thousand people may have seen the level, and one profile of one of them may be all that the effect hangs on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError
from conjoint.estimate.additive import find_baselines, fit_blocks
from conjoint.estimate.contrasts import level_contrasts
from conjoint.estimate.design import find_blocks
from conjoint.estimate.sample import check_answers, samples, specify

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conjoint.estimate.linear import Regression
    from conjoint.estimate.sample import Sample
    from conjoint.typing import FloatArray
    from conjoint.wave import Wave

__all__ = ["COLUMNS", "identification"]

COLUMNS = ["outcome", "group", "attribute", "level", "n_respondents", "n_carrying"]

ENOUGH = 0.5
"""Concentration, as a part of a plain comparison's, from which all who saw the level carry the effect."""


def identification(
    wave: Wave, by: str | Sequence[str] | None = None, outcome: str | None = None
) -> pd.DataFrame:
    """Count the people who carry each AMCE.

    Estimand
        An AMCE is a sum over profiles of h y, where h hangs on the design and on weights alone. It is carried by
        those whose h is not next to nothing.
    Formula
        With s_i the sum of h^2 over the profiles of person i, (sum s)^2 / sum s^2 people are worth as much as
        all of them. The same number for the plain difference of the level's mean and the baseline's is what
        a design without collinearity gives. Where the effect's is at least half of it, everybody who saw
        the level carries the effect; otherwise as many as the ratio of the two leaves of them.

    Parameters
    ----------
    wave, by, outcome
        As for :func:`conjoint.amce`.

    Returns
    -------
    pandas.DataFrame
        One row an outcome, group, attribute and level: ``n_respondents`` (who saw the level) and
        ``n_carrying``; baselines, and effects that cannot be estimated, are left out.

    Examples
    --------
    >>> # identification(wave).query("n_carrying < 50")
    """
    specification = specify(wave, "identification", by, "linearised", 0.95)
    chosen, parts = find_baselines(wave, None), []
    for sample in samples(wave, outcome, specification):
        try:
            check_answers(sample)
            parts.append(_carried(sample, chosen))
        except EstimationError:  # there is no effect, and so nobody who carries it
            continue
    return pd.concat([pd.DataFrame(columns=COLUMNS), *parts], ignore_index=True)[COLUMNS]


def _carried(sample: Sample, baselines: dict[str, int]) -> pd.DataFrame:
    fit = fit_blocks(sample, find_blocks(sample.wave.survey), baselines)
    labels, weights, faults = level_contrasts(sample, fit, baselines, "amce")
    figures, faults = fit.express(weights, faults=faults)
    labels = labels.assign(outcome=sample.outcome, group=sample.group)
    worth = np.array([_worth(sample, h) for h in _coefficients(fit.regression, figures)])
    plain = np.array(
        [_worth(sample, _difference(sample, *row)) for row in _levels(sample, baselines)]
    )
    known = np.array([fault is None for fault in faults], dtype=bool) & (worth > 0) & (plain > 0)
    ratio = np.ones(len(labels))
    ratio[known] = worth[known] / plain[known]
    n = labels["n_respondents"].to_numpy(dtype=float)
    labels["n_carrying"] = np.where(ratio >= ENOUGH, n, np.rint(n * ratio)).astype(int)
    return labels[known]


def _coefficients(regression: Regression, figures: FloatArray) -> Iterator[FloatArray]:
    """What each profile's answer counts for in each figure, each of shape (N,)."""
    by_cell = regression.pattern @ (regression.inverse @ figures.T)
    tally = regression.tally
    starts = np.cumsum([0, *tally.sizes[:-1]])
    for own in by_cell.T:
        counted = np.zeros(len(regression.w))
        for start, code in zip(starts, tally.codes, strict=True):
            counted += own[start + code.astype(np.intp)]
        yield counted * regression.w


def _difference(sample: Sample, name: str, level: int, baseline: int) -> FloatArray:
    """What each profile's answer counts for in the plain difference of two levels' means."""
    codes, w = sample.codes(name), sample.w
    counted = np.zeros(len(w))
    for sign, place in ((1.0, level), (-1.0, baseline)):
        rows = codes == place
        if rows.any():
            counted[rows] = sign * w[rows] / w[rows].sum()
    return counted


def _levels(sample: Sample, baselines: dict[str, int]) -> Iterator[tuple[str, int, int]]:
    for name, attribute in sample.wave.survey.attributes.items():
        for level in range(len(attribute.levels)):
            yield name, level, baselines[name]


def _worth(sample: Sample, counted: FloatArray) -> float:
    """How many people are worth as much as all who count."""
    squares = np.bincount(sample.respondent, counted**2, minlength=sample.n_respondents)
    total = float(squares.sum())
    return total**2 / float((squares**2).sum()) if total > 0 else 0.0
