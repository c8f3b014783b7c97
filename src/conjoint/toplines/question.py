"""What share gives each answer, in all and by group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError, Fault, RequestError, choices
from conjoint.estimate.sample import specify
from conjoint.estimates import Estimates, stack
from conjoint.weight import efficiency

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conjoint.estimates import Specification
    from conjoint.typing import BoolArray, FloatArray, Variance
    from conjoint.wave import Wave

__all__ = ["bases", "toplines"]

MEAN = "mean"
"""The `level` of a scale question's average."""

NORMAL = 1.959963984540054
"""Reach of a 95% interval, in standard errors of the normal distribution."""


def toplines(
    wave: Wave,
    by: str | Sequence[str] | None = None,
    *,
    question: str | None = None,
    variance: Variance = "linearised",
    confidence: float = 0.95,
) -> Estimates:
    """Weighted share of each answer: one row an answer, the total and then each group.

    Estimand
        The share of the population (of the group) that gives the answer, don't know counted; for a
        scale question the mean.
    Formula
        sum of w [answer] / sum of w over the respondents who were asked and have an answer.
    Variance
        Linearised; see :class:`conjoint.Estimates`. Weights made to meet
        targets are known to be: see :meth:`conjoint.Wave.residual`.
    Units
        Shares on 0 to 1; means in the question's units.

    Parameters
    ----------
    wave, variance, confidence
        As for :func:`conjoint.amce`.
    by
        As for :func:`conjoint.amce`, respondent-level only. The total comes first in any case.
    question
        One question; all that survey.toml marks as toplines where None.

    Returns
    -------
    Estimates
        `outcome` is the question, `attribute` its respondent column, `level` the answer (``"mean"``
        for a scale). `n_respondents` is the unweighted base; `n_profiles` is 0.

    Raises
    ------
    RequestError
        There is no such question, or `by` is not respondent-level.
    EstimationError
        A group has fewer than two answers.
    """
    survey = wave.survey
    if question is not None and question not in survey.questions:
        raise RequestError(
            Fault("question", f'there is no "{question}"', choices(survey.questions), "Name one.")
        )
    names = [question] if question else [key for key, q in survey.questions.items() if q.topline]
    if not names:
        raise RequestError(Fault("question", "the survey has none", "[questions] in survey.toml"))
    specification = specify(wave, "topline", by, variance, confidence)
    return stack(
        [
            _shares(wave, name, key, members, specification)
            for name in names
            for key, members in _groups(wave, by)
        ]
    )


def bases(wave: Wave, by: str | Sequence[str] | None = None) -> pd.DataFrame:
    """How many people each group stands on.

    Returns
    -------
    pandas.DataFrame
        One row a group, the total first: ``group``, ``n_respondents`` (unweighted base),
        ``weighted_base`` (weights scaled to a mean of one), ``effective_base`` (Kish), ``share``
        (weighted share of everybody) and ``margin_of_error``: half the width of a 95% interval for
        a share of 50%, the widest there is, 1.96 times 0.5 / sqrt(effective base), on 0 to 1.

    Notes
    -----
    The margin of error is the pollsters' rule: from the normal curve, and with weights as they are.
    It leaves out what calibration saves; the intervals of :func:`conjoint.toplines` know it. Missing
    where nobody has a weight.
    """
    scaled = wave.weights / wave.weights.mean()
    rows = []
    for key, members in _groups(wave, by):
        own = scaled[members]
        effective = efficiency(own).effective if own.sum() > 0 else 0.0
        rows.append(
            {
                "group": key,
                "n_respondents": int(members.sum()),
                "weighted_base": float(own.sum()),
                "effective_base": effective,
                "share": float(own.sum() / scaled.sum()),
                "margin_of_error": NORMAL * 0.5 / np.sqrt(effective) if effective > 0 else np.nan,
            }
        )
    return pd.DataFrame(rows)


def _groups(wave: Wave, by: str | Sequence[str] | None) -> Iterator[tuple[str, BoolArray]]:
    if isinstance(by, str) and by in (*wave.survey.attributes, "task", "profile"):
        raise RequestError(
            Fault("by", f'"{by}" differs between profiles', "segments or a respondent column")
        )
    yield from ((group.key, group.respondents) for group in wave.groups(None))
    if by is not None:
        yield from ((group.key, group.respondents) for group in wave.groups(by))


def _shares(
    wave: Wave, name: str, group: str, members: BoolArray, specification: Specification
) -> Estimates:
    column, levels = _indicators(wave, name)
    asked = _asked(wave, column, members)
    n = int(asked.sum())
    if n < 2:
        raise EstimationError(
            Fault(f'question "{name}", group "{group}"', f"{n} answer(s)", "two or more")
        )
    w = np.where(asked, wave.weights, 0.0)
    y = np.where(asked[:, None], column, 0.0)
    values = (w @ y) / w.sum()
    influence = w[:, None] * (y - values) / w.sum()
    labels = pd.DataFrame(
        {
            "outcome": name,
            "estimand": "mean" if levels == [MEAN] else "share",
            "group": group,
            "attribute": wave.survey.question_column(name),
            "level": levels,
            "baseline": "",
            "n_profiles": 0,
            "n_respondents": n,
        }
    )
    k = len(levels)
    design = np.full(k, members.sum(), dtype=np.intp)
    fixed = np.zeros(k, dtype=bool)
    return Estimates(
        labels, values, wave.residual(influence), design, fixed, members, specification
    )


def answers(wave: Wave, question: str, members: BoolArray) -> tuple[FloatArray, BoolArray]:
    """What a group answered: ones and zeros by answer (a scale's number), and who answered."""
    column, _ = _indicators(wave, question)
    return column, _asked(wave, column, members)


def _asked(wave: Wave, column: FloatArray, members: BoolArray) -> BoolArray:
    return np.asarray(members & ~np.isnan(column[:, 0]) & (wave.weights > 0))


def _indicators(wave: Wave, name: str) -> tuple[FloatArray, list[str]]:
    """One column an answer, ones and zeros; NaN for those without an answer."""
    question = wave.survey.questions[name]
    cells = wave.respondents[wave.survey.question_column(name)]
    if question.kind == "scale":
        return cells.to_numpy(dtype=float)[:, None], [MEAN]
    levels = list(question.values)
    matrix = np.stack([(cells == level).to_numpy(dtype=float, na_value=0.0) for level in levels], 1)
    matrix[cells.isna().to_numpy()] = np.nan
    return np.asarray(matrix, dtype=float), levels
