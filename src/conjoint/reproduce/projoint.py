"""projoint's own ways with standard errors, rewritten so that its figures can be told by them.

These are another package's conventions, kept to recognise its figures. The estimates of this package
have one covariance of figure and tau together, clustered by respondent (:func:`conjoint.corrected`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conjoint.estimate.agreement import find_agreement
from conjoint.reproduce.made import group_name
from conjoint.survey import TOTAL

if TYPE_CHECKING:
    from conjoint.reproduce.combine import Combined, Table
    from conjoint.reproduce.convention import Convention
    from conjoint.reproduce.made import Key, Made
    from conjoint.reproduce.wanted import Wanted
    from conjoint.typing import BoolArray, FloatArray
    from conjoint.wave import Group

__all__ = ["own_profiles_factor", "with_tau"]


def own_profiles_factor(
    made: Made, table: Table, convention: Convention, combined: Combined
) -> tuple[FloatArray, FloatArray]:
    """What turns linearised errors into Stata's of each figure's own profiles, and its freedom.

    Formula
        sqrt(g / (g - 1) (n - 1) / (n - k)) over sqrt(G / (G - 1)), with n profiles, g respondents and k
        levels in the regression of the figure alone (projoint 1.1.3 with ``.se_type_1 = "stata"``).
    """
    factors, freedom = [], []
    for wanted, baseline, known in zip(
        table.wanted, combined.baselines, combined.known, strict=True
    ):
        if not known:
            continue
        rows = _rows(made, convention, table, wanted, wanted.groups[0])
        levels = {wanted.level, baseline} if baseline else {wanted.level}
        own = np.isin(_shown(made, wanted), list(levels)) & rows
        n, k = int(own.sum()), len(levels)
        g = len(np.unique(made.wave.respondent_index[own]))
        G = int(_members(made, wanted.groups[0]).sum())
        factors.append(np.sqrt(g / (g - 1) * (n - 1) / (n - k) * (G - 1) / G))
        freedom.append(float(g - 1))
    return np.array(factors), np.array(freedom)


def with_tau(
    made: Made,
    table: Table,
    convention: Convention,
    combined: Combined,
    errors: FloatArray,
    side: int = 0,
) -> FloatArray:
    """Standard errors of corrected figures by projoint's covariance of figure and tau.

    Formula
        f^2 v + d^2 v_tau + 2 f d c, f = 1 / (1 - 2 tau); d = (2 m - 1) f^2 for a mean, 2 a f^2 for an
        effect; c = -C / (2 sqrt(2 irr - 1)), and C the sample covariance of answer and agreement over
        the profiles of the repeated task that show the level (less that of the baseline), divided by
        the respondents who answered twice. Not clustered, not weighted.

    Parameters
    ----------
    combined
        The figures not corrected.
    errors
        Their standard errors.
    side
        Which of a difference's two groups.
    """
    agree = find_agreement(made.wave, table.outcome, made.repeat)
    repeat = made.repeat or (made.wave.survey.data and made.wave.survey.data.repeat)
    values = _side(combined, side)
    found = []
    place = 0
    for wanted, baseline, known in zip(
        table.wanted, combined.baselines, combined.known, strict=True
    ):
        if not known:
            continue
        key = wanted.groups[side]
        rates = made.tau(convention, table.outcome, (key,), "CR2")
        tau = rates.select(group=group_name(key))
        irr, t = tau.values[0], tau.values[1]
        n = int((_members(made, key) & ~np.isnan(agree)).sum())
        rows = _rows(made, convention, table, wanted, key)
        first = rows & (made.wave.profiles["task"] == (repeat.of if repeat else "")).to_numpy()
        parts = [_covariance(made, table, wanted, level, first, agree) / n
                 for level in ([wanted.level, baseline] if baseline else [wanted.level])]  # fmt: skip
        moved = -(parts[0] - (parts[1] if baseline else 0.0)) / (2 * np.sqrt(2 * irr - 1))
        f, value = 1 / (1 - 2 * t), values[place]
        d = (2 * value - (0 if baseline else 1)) * f**2
        square = (f * errors[place]) ** 2 + (d * tau.std_errors[1]) ** 2 + 2 * f * d * moved
        found.append(np.sqrt(max(square, 0.0)))
        place += 1
    return np.array(found)


def _side(combined: Combined, side: int) -> FloatArray:
    if combined.estimates is None:
        return np.zeros(0)
    matrix = (combined.first, combined.second)[side]
    return np.asarray(matrix[combined.known] @ combined.estimates.values)


def _covariance(
    made: Made, table: Table, wanted: Wanted, level: str, rows: BoolArray, agree: FloatArray
) -> float:
    own = rows & (_shown(made, wanted) == level)
    answers = made.wave.outcome(table.outcome)[own]
    agreeing = agree[made.wave.respondent_index[own]]
    both = ~np.isnan(answers) & ~np.isnan(agreeing)
    return float(np.cov(answers[both], agreeing[both])[0, 1])


def _shown(made: Made, wanted: Wanted) -> np.typing.NDArray[np.object_]:
    return made.wave.profiles[wanted.attribute].to_numpy(dtype=object)


def _members(made: Made, key: Key) -> BoolArray:
    return _group(made, key).respondents


def _group(made: Made, key: Key) -> Group:
    column, name = key
    by: str | tuple[str, ...] | None = column or (None if name == TOTAL else (name,))
    return next(group for group in made.wave.groups(by) if group.key == name)


def _rows(made: Made, convention: Convention, table: Table, wanted: Wanted, key: Key) -> BoolArray:
    """The profiles of a group with an answer, without ties where those are dropped."""
    wave = made.wave
    rows = _group(made, key).profiles & ~np.isnan(wave.outcome(table.outcome))
    if convention.ties == "drop":
        rows &= made.untied[wanted.attribute]
    return np.asarray(rows)
