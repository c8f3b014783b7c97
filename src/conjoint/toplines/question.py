"""What share gives each answer, in all and by group: one tidy list of figures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError, Fault, RequestError, choices
from conjoint.estimate.sample import specify
from conjoint.estimates import stack
from conjoint.toplines.answers import answered, items_of
from conjoint.toplines.influence import figures_of, refuse_small
from conjoint.typing import Few
from conjoint.wave import TOTAL, find_groups
from conjoint.weight import efficiency

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conjoint.estimates import Estimates
    from conjoint.typing import BoolArray, FloatArray, IntervalMethod, Variance
    from conjoint.wave import Wave

__all__ = ["bases", "sums_of_answers", "toplines"]

NORMAL = 1.959963984540054
"""Reach of a 95% interval, in standard errors of the normal distribution."""


def toplines(
    wave: Wave,
    by: str | Sequence[str] | None = None,
    *,
    question: str | None = None,
    few: Few = "note",
    variance: Variance = "linearised",
    confidence: float = 0.95,
    interval: IntervalMethod = "score",
) -> Estimates:
    """Weighted share of each answer: one row an answer, the total and then each group.

    Estimand
        The share of the population (of the group) that gives the answer, don't know counted; of nets
        the share that gives one of several answers, or the difference of two such shares; the mean of a
        scale, or of the scores of answers that have one.
    Formula
        sum of w y / sum of w over the respondents who were asked and have an answer; y is one or zero for
        an answer, one, zero or minus one for a net.
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
    few
        What becomes of groups with fewer than two answers, such as a segment to which a question was
        not put: ``"note"`` gives rows without figures, and says why in `note`; or ``"leave out"``. A total
        without answers is refused in any case.
    interval
        Method of the intervals of shares, which stay within 0 and 1 (means of a rating within its scale):
        ``"score"``, ``"logit"`` or ``"beta"``; ``"wald"`` as other packages have it. See
        :meth:`conjoint.Estimates.with_interval`.

    Returns
    -------
    Estimates
        `outcome` is the question, `attribute` its respondent column (of a grid that of the item; the
        question where answers have columns of their own), `level` the answer, the net or ``"mean"``, and
        `estimand` ``"share"``, ``"net"`` or ``"mean"``. `n_respondents` is the unweighted base;
        `n_profiles` is 0.

    Raises
    ------
    RequestError
        There is no such question or option, or `by` is not respondent-level.
    EstimationError
        Fewer than two people in all have an answer.

    Examples
    --------
    >>> # cj.toplines(cj.rake(wave), by="segments").frame
    """
    survey = wave.survey
    if question is not None and question not in survey.questions:
        raise RequestError(
            Fault("question", f'there is no "{question}"', choices(survey.questions), "Name one.")
        )
    if few not in get_args(Few):
        raise RequestError(Fault("few", f'there is no "{few}"', choices(get_args(Few))))
    names = [question] if question else [key for key, q in survey.questions.items() if q.topline]
    if not names:
        raise RequestError(Fault("question", "the survey has none", "[questions] in survey.toml"))
    specification = replace(specify(wave, "topline", by, variance, confidence), interval=interval)
    groups = list(_groups(wave, by))
    parts = []
    for name in names:
        items = [answered(wave, name, item) for item in items_of(survey.questions[name])]
        for key, members in groups:
            for found in items:
                try:
                    refuse_small(found, key, members)
                except EstimationError:
                    if key == TOTAL:
                        raise
                    if few == "leave out":
                        continue
                own = figures_of(wave, found, [(key, members)], specification, few=few)
                parts.append(own)
    return stack(parts)


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
        yield from ((group.key, group.respondents) for group in find_groups(wave, by))


def sums_of_answers(wave: Wave, question: str, members: BoolArray) -> tuple[FloatArray, FloatArray]:
    """What a group's toplines are ratios of: each respondent's values, and whether they are in the
    base; of shape (respondents, rows), zero for others.
    """
    items = items_of(wave.survey.questions[question])
    found = [answered(wave, question, item) for item in items]
    values = np.concatenate([each.values() for each in found], axis=1)
    base = np.concatenate([each.bases() for each in found], axis=1)
    inside = members[:, None]
    return np.where(inside, values, 0.0), np.where(inside, base, 0.0)
