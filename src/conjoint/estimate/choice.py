"""Choice-level figures: how often a profile with one level is chosen over a profile with another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError, Fault, choices
from conjoint.estimate.additive import find_baselines
from conjoint.estimate.figures import join, means_of
from conjoint.estimate.groups import Figures
from conjoint.estimate.pairs import (
    attributes_that_vary,
    estimate_pairs,
    free_attributes,
    level_over,
    share_of,
)
from conjoint.estimate.sample import specify
from conjoint.estimates import matrix_of
from conjoint.wave import cell_counts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.estimate.figures import Cells
    from conjoint.estimate.pairs import Pairs
    from conjoint.estimate.sample import Sample
    from conjoint.estimates import Estimates
    from conjoint.typing import IntArray, Variance
    from conjoint.wave import Wave

__all__ = ["choice_effects", "choice_means"]

FEW = "shown to fewer than two respondents"
"""Why a group lacks a pair of levels that another group has."""


def choice_means(
    wave: Wave,
    attributes: str | Sequence[str] | None = None,
    by: str | Sequence[str] | None = None,
    *,
    outcome: str | None = None,
    variance: Variance = "linearised",
    confidence: float = 0.95,
) -> Estimates:
    """Choice-level means: the share choosing a level over another, one row an ordered pair.

    Estimand
        P(the profile with the level is chosen | one profile has the level, the other profile has the
        opponent), the other attributes of both as they were randomised. Tasks whose two profiles
        share the level say nothing of it and play no part; nor do those in which not both profiles
        show the attribute.
    Formula
        sum of w y / sum of w over the tasks that set the two levels against each other, y of the
        profile with the first of them.
    Variance
        That of :func:`conjoint.marginal_means`; each share is a regression of its own.
    Units
        0 to 1. The two orders of a pair sum to one; `statistic` and `p_value` test against zero:
        ``.with_null(0.5)`` tests against an even choice.
    Restricted designs
        Averaged over the profiles that were shown, hence over the levels allowed with each of the
        two.

    Parameters
    ----------
    wave, outcome, variance, confidence
        As for :func:`conjoint.amce`; outcomes that are no forced choice are passed over.
    attributes
        One or several; all with two levels or more where None.
    by
        As for :func:`conjoint.amce`; an attribute or ``"profile"`` splits by the profile that holds
        the level.

    Returns
    -------
    Estimates
        `level` is ``"level over opponent"``, rows in the order outcome, group, attribute, level,
        opponent. `n_profiles` counts tasks: the one row that each gives. Pairs shown to fewer than
        two respondents of every group are left out; of some, they are NaN there, with the reason in
        `note`.

    Raises
    ------
    RequestError
        No outcome is a forced choice, a task has other than two profiles, or an attribute is unknown
        or has one level.
    EstimationError
        No share can be estimated: groups have fewer than two respondents, or were shown no pair.

    References
    ----------
    Clayton, Horiuchi, Kaufman, King & Komisarchik, "Correcting Measurement Error Bias in Conjoint
    Survey Experiments". Checked against projoint 1.1.3 (its uncorrected rows, with CR2).

    Examples
    --------
    >>> import pandas as pd, conjoint as cj
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 2, 2, 3, 3], "task": 1, "bought": [0, 1, 1, 0, 1, 0],
    ...     "price": ["high", "low", "low", "high", "high", "low"]})
    >>> wave = cj.Wave.from_frame(
    ...     frame, respondent="id", task="task", outcome="bought", attributes=["price"])
    >>> choice_means(wave).frame[["level", "estimate"]].round(3).to_dict("list")
    {'level': ['high over low', 'low over high'], 'estimate': [0.333, 0.667]}
    """
    names = attributes_that_vary(wave.survey, attributes)
    specification = specify(wave, "choice_mean", by, variance, confidence)
    return estimate_pairs(
        wave, lambda sample, pairs: _means(sample, pairs, names), specification, outcome, FEW
    )


def choice_effects(
    wave: Wave,
    attributes: str | Sequence[str] | None = None,
    by: str | Sequence[str] | None = None,
    *,
    outcome: str | None = None,
    baselines: Mapping[str, str] | None = None,
    variance: Variance = "linearised",
    confidence: float = 0.95,
) -> Estimates:
    """Choice-level effects: a level instead of the baseline, against one and the same opponent.

    Estimand
        The change in the share of choices when a profile's attribute goes from its baseline to the
        level while the other profile shows a third level, the opponent; averaged over the other
        attributes of both as they were randomised.
    Formula
        (level over opponent) minus (baseline over opponent), of :func:`conjoint.choice_means`.
    Variance
        That of the contrast; the two shares stand on different tasks of the same people.
    Units
        Proportions, -1 to 1.
    Restricted designs
        Refused: levels of attributes that are tied do not meet the same levels of the others, so
        that the difference would be theirs as well.

    Parameters
    ----------
    wave, by, outcome, variance, confidence
        As for :func:`conjoint.choice_means`.
    attributes
        One or several, of three levels or more; all of them but the tied ones where None.
    baselines
        Levels to measure against, by attribute; the survey's baselines for those not named.

    Returns
    -------
    Estimates
        `level` is ``"level over opponent"`` and `baseline` ``"baseline over opponent"``; rows in the
        order outcome, group, attribute, level, opponent, the baselines' own at zero. `n_profiles`
        counts the level's tasks. Rows with a pair shown to fewer than two respondents are treated as
        those of :func:`conjoint.choice_means`.

    Raises
    ------
    RequestError
        As for :func:`conjoint.choice_means`; or an attribute is tied or has fewer than three levels.
    EstimationError
        As for :func:`conjoint.choice_means`.

    References
    ----------
    As for :func:`conjoint.choice_means`.

    Examples
    --------
    >>> import pandas as pd, conjoint as cj
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 2, 2, 3, 3, 4, 4], "task": 1, "bought": [1, 0, 0, 1, 1, 0, 0, 1],
    ...     "colour": ["blue", "white", "blue", "white", "red", "white", "white", "red"]})
    >>> wave = cj.Wave.from_frame(
    ...     frame, respondent="id", task="task", outcome="bought", attributes=["colour"])
    >>> choice_effects(wave).select(level="red over white").frame[["baseline", "estimate"]]
              baseline  estimate
    0  blue over white       0.5
    """
    names = free_attributes(wave.survey, attributes, least=3)
    chosen = find_baselines(wave, baselines)
    specification = specify(wave, "choice_effect", by, variance, confidence)
    return estimate_pairs(
        wave,
        lambda sample, pairs: _effects(sample, pairs, names, chosen),
        specification,
        outcome,
        FEW,
    )


def _means(sample: Sample, pairs: Pairs, names: Sequence[str]) -> Figures:
    parts = [_pair_means(sample, pairs, name)[0] for name in names]
    shown = [part for part in parts if len(part.labels)]
    if not shown:
        raise EstimationError(_no_pair(sample, names))
    return join(shown)


def _pair_means(sample: Sample, pairs: Pairs, name: str) -> tuple[Figures, IntArray]:
    """Shares of an attribute's pairs; and where each, level times levels plus opponent, stands.

    The places are -1 for pairs that fewer than two respondents saw.
    """
    values = sample.wave.survey.attributes[name].values
    sample = pairs.showing(sample, name)
    own, other = pairs.codes(sample, name)
    code, size = own * len(values) + other, len(values) ** 2
    _, people = cell_counts(code, size, sample.respondent, sample.n_respondents)
    kept = np.flatnonzero((people >= 2) & ~np.eye(len(values), dtype=bool).ravel())
    place = np.full(size, -1, dtype=np.intp)
    place[kept] = np.arange(len(kept))
    cells = [
        (name, level_over(values[pair // len(values)], values[pair % len(values)])) for pair in kept
    ]
    if not cells:
        nothing = np.zeros(0)
        none = np.zeros((sample.n_respondents, 0))
        return Figures(pd.DataFrame(), nothing, none, nothing.astype(bool)), place
    figures = _shares(sample, place[code], cells)
    return replace(figures, labels=figures.labels.assign(estimand="choice-level mean")), place


def _shares(sample: Sample, cell: IntArray, cells: Cells) -> Figures:
    """Each cell's share; `cell` is -1 where a row is in none."""
    if sample.variance == "linearised":
        inside = cell >= 0
        return means_of(sample.only(inside), [cell[inside]], [len(cells)], [cells])
    # A regression each: many small ones have their degrees of freedom sooner than a large one.
    return join([share_of(sample.only(cell == row), name) for row, name in enumerate(cells)])


def _effects(
    sample: Sample, pairs: Pairs, names: Sequence[str], baselines: Mapping[str, int]
) -> Figures:
    parts = [_contrasts(sample, pairs, name, baselines[name]) for name in names]
    shown = [part for part in parts if len(part.labels)]
    if not shown:
        raise EstimationError(_no_pair(sample, names))
    return join(shown)


def _contrasts(sample: Sample, pairs: Pairs, name: str, baseline: int) -> Figures:
    values = sample.wave.survey.attributes[name].values
    means, place = _pair_means(sample, pairs, name)
    table = place.reshape(len(values), len(values))
    rows = [
        (
            table[level, opponent],
            table[baseline, opponent],
            level_over(values[baseline], values[opponent]),
        )
        for level in range(len(values))
        for opponent in range(len(values))
        if min(table[level, opponent], table[baseline, opponent]) >= 0
    ]
    matrix = np.zeros((len(rows), len(means.values)))
    for row, (level, against, _) in enumerate(rows):
        matrix[row, level] += 1.0
        matrix[row, against] -= 1.0
    labels = means.labels.iloc[[level for level, _, _ in rows]].reset_index(drop=True)
    return Figures(
        labels.assign(estimand="choice-level amce", baseline=[text for _, _, text in rows]),
        matrix @ means.values,
        matrix_of(means.influence) @ matrix.T,
        (matrix == 0).all(axis=1),
        None if means.freedom is None else means.freedom.combine(matrix),
    )


def _no_pair(sample: Sample, names: Sequence[str]) -> Fault:
    return Fault(
        f"{sample.where}, attribute(s) {choices(names)}",
        "no task that two respondents saw sets the levels asked for against each other",
        "profiles of one task that differ",
        "Widen the group, or leave it out.",
    )
