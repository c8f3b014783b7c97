"""Average component preferences: levels against levels, without a baseline."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError, Fault, choices
from conjoint.estimate.figures import intercept, join_each, linear_figures
from conjoint.estimate.linear import CollinearityError, Term, least_squares
from conjoint.estimate.pairs import estimate_pairs, free_attributes, level_over, whole_tasks
from conjoint.estimate.sample import specify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.estimate.figures import Cells
    from conjoint.estimate.groups import Figures
    from conjoint.estimate.linear import Regression
    from conjoint.estimate.pairs import Pairs
    from conjoint.estimate.sample import Sample
    from conjoint.estimates import Estimates
    from conjoint.typing import FloatArray, IntArray, Variance
    from conjoint.wave import Wave

__all__ = ["component_preferences"]


def component_preferences(
    wave: Wave,
    attributes: str | Sequence[str] | None = None,
    by: str | Sequence[str] | None = None,
    *,
    outcome: str | None = None,
    variance: Variance = "linearised",
    confidence: float = 0.95,
) -> Estimates:
    """Average component preferences (ACPs): how a level does against the others, one row a level.

    Estimand
        The share choosing a profile with the level over a profile with another level of the attribute,
        minus one half, averaged over the other levels, each counting the same, and over the other
        attributes as they were randomised, in the tasks whose profiles both show the attribute. Tasks
        whose profiles share the level do not dilute it, as they do a marginal mean. A share of
        choices, not of people who prefer the level.
    Formula
        ACP_k = sum over l != k of delta_kl / (L - 1), delta_kl = -delta_lk by least squares over
        tasks: chosen_1 = c + sum over k < l of delta_kl D_kl, where D_kl is 1 if the first profile
        has k and the second l, -1 the other way round, and 0 otherwise; c takes up what standing
        first is worth. One regression an attribute.
    Variance
        That of the regression, clustered by respondent; N is the number of tasks.
    Units
        Proportions, -1/2 to 1/2. An attribute's figures sum to zero: there is no baseline.
    Restricted designs
        Attributes that are tied are refused: their levels do not meet the same levels of the others,
        so that the preference would be for those as well.

    Parameters
    ----------
    wave, outcome, variance, confidence
        As for :func:`conjoint.amce`; outcomes that are no forced choice are passed over.
    attributes
        One or several; all with two levels or more, but the tied ones, where None.
    by
        As for :func:`conjoint.amce`, but for attributes and ``"profile"``: a task has two profiles.

    Returns
    -------
    Estimates
        Rows in the order outcome, group, attribute, level. `n_profiles` counts the tasks that set the
        level against another.

    Raises
    ------
    RequestError
        No outcome is a forced choice, a task has other than two profiles, an attribute is unknown,
        tied or has one level, or `by` takes tasks apart.
    EstimationError
        No preference can be estimated. Where some can, the others are NaN, and `note` says why: a group
        has fewer than two respondents, two levels of the attribute never meet in it, or which profile
        stands first goes together with the levels.

    References
    ----------
    Ganter 2023, doi:10.1017/pan.2021.41. Checked against least squares on a dense design matrix.

    Examples
    --------
    >>> import pandas as pd, conjoint as cj
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 2, 2, 3, 3], "task": 1, "bought": [0, 1, 1, 0, 1, 0],
    ...     "price": ["high", "low", "low", "high", "low", "high"]})
    >>> wave = cj.Wave.from_frame(
    ...     frame, respondent="id", task="task", outcome="bought", attributes=["price"])
    >>> component_preferences(wave).frame[["level", "estimate"]].round(9).to_dict("list")
    {'level': ['high', 'low'], 'estimate': [-0.5, 0.5]}
    """
    names = free_attributes(wave.survey, attributes)
    specification = specify(wave, "component_preference", by, variance, confidence)

    def estimator(sample: Sample, pairs: Pairs) -> Figures:
        tasks = whole_tasks(sample, pairs)
        return join_each(
            tasks,
            names,
            lambda name: _preferences(pairs.showing(tasks, name), pairs, name),
            lambda name: _labels_of(pairs.showing(tasks, name), pairs, name),
        )

    return estimate_pairs(wave, estimator, specification, outcome)


def _preferences(tasks: Sample, pairs: Pairs, name: str) -> Figures:
    """An attribute's levels against each other."""
    values = tasks.wave.survey.attributes[name].values
    own, other = pairs.codes(tasks, name)
    L = len(values)
    _check_met(tasks, name, np.bincount(own * L + other, minlength=L * L).reshape(L, L))
    met = list(combinations(range(L), 2))
    cells: Cells = [("", "")]
    cells += [(name, level_over(values[k], values[other])) for k, other in met]
    regression = _regression(tasks, name, own * L + other, L)
    matrix = np.zeros((L, len(cells)))
    for column, (k, against) in enumerate(met, start=1):
        matrix[k, column] += 1 / (L - 1)
        matrix[against, column] -= 1 / (L - 1)
    return linear_figures(tasks, regression, matrix, _labels(tasks, name, own, other), cells)


def _regression(tasks: Sample, name: str, code: IntArray, L: int) -> Regression:
    """The first profile's being chosen on an intercept and the signed pairs of levels."""
    columns = np.full((L, L), -1, dtype=np.intp)
    signs: FloatArray = np.zeros((L, L))
    pairs = np.triu_indices(L, 1)
    columns[pairs] = columns.T[pairs] = 1 + np.arange(len(pairs[0]))
    signs[pairs], signs.T[pairs] = 1.0, -1.0
    terms = [intercept(len(tasks.y)), Term(code, columns.ravel(), signs.ravel())]
    try:
        return least_squares(terms, tasks.y, tasks.w, tasks.respondent, tasks.n_respondents)
    except CollinearityError as error:
        raise EstimationError(
            Fault(
                f'{tasks.where}, attribute "{name}"',
                "every pair of levels stands in one order, so that a preference for what stands "
                "first cannot be told from a preference for the level",
                "pairs in both orders, or tasks whose profiles share the level",
                "Widen the group, or leave the attribute out.",
            )
        ) from error


def _labels_of(tasks: Sample, pairs: Pairs, name: str) -> pd.DataFrame:
    return _labels(tasks, name, *pairs.codes(tasks, name))


def _labels(tasks: Sample, name: str, own: IntArray, other: IntArray) -> pd.DataFrame:
    values = tasks.wave.survey.attributes[name].values
    shown = [(own == level) != (other == level) for level in range(len(values))]
    return pd.DataFrame(
        {
            "estimand": "average component preference",
            "attribute": name,
            "level": values,
            "baseline": "",
            "n_profiles": [int(rows.sum()) for rows in shown],
            "n_respondents": [len(np.unique(tasks.respondent[rows])) for rows in shown],
        }
    )


def _check_met(tasks: Sample, name: str, counts: IntArray) -> None:
    values = tasks.wave.survey.attributes[name].values
    never = [
        f'"{values[k]}" and "{values[other]}"'
        for k, other in combinations(range(len(values)), 2)
        if not counts[k, other] + counts[other, k]
    ]
    if never:
        raise EstimationError(
            Fault(
                f'{tasks.where}, attribute "{name}"',
                f"no task sets these levels against each other: {choices(never)}",
                "every two levels in some task",
                "Leave the attribute out, merge levels, or widen the group.",
            )
        )
