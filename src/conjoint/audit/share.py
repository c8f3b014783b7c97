"""What share of profiles shows a level, or a pair of levels: figures with their influence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.estimate.design import cell_names, level_cells
from conjoint.estimates import LABELS, Designs, Estimates, Specification, combined
from conjoint.wave import TOTAL, count_shown

if TYPE_CHECKING:
    from conjoint.typing import BoolArray, FloatArray, IntArray, Integers
    from conjoint.wave import Wave

__all__ = [
    "Shares",
    "association",
    "departures",
    "effective",
    "joint_counts",
    "joint_shares",
    "level_shares",
    "rows",
    "share_of_respondents",
]


def level_shares(wave: Wave, attribute: str) -> Estimates:
    """The share of the profiles with the attribute that shows each level, everybody counted once.

    One row a level.

    Estimand
        The probability with which the design drew the level.
    Formula
        n_c / n, with n the profiles shown and n_c those of level c.
    Variance
        Clustered by respondent, whose profiles may have been drawn without replacement.
    """
    values = wave.survey.attributes[attribute].values
    return _shares(wave.shown(attribute), [(attribute, value) for value in values])


def joint_shares(wave: Wave, attributes: tuple[str, str]) -> Estimates:
    """The same for each combination of levels, shown or not, among profiles that show both."""
    cells, names = level_cells(wave.survey, attributes), cell_names(wave.survey, attributes)
    return _shares(joint_counts(wave, attributes), [names[cell] for cell in np.flatnonzero(cells)])


def joint_counts(wave: Wave, attributes: tuple[str, str]) -> Integers:
    """How many profiles with each combination of two attributes' levels a respondent saw.

    Of shape (combinations, respondents).
    """
    C, D = (len(wave.survey.attributes[name].levels) for name in attributes)
    first, second = (wave.codes(name) for name in attributes)
    person = wave.respondent_index
    if not all(wave.survey.attributes[name].is_always for name in attributes):
        rows = np.flatnonzero(wave.shows(*attributes))
        first, second, person = first[rows], second[rows], person[rows]
    return count_shown(first.astype(np.intp) * D + second, C * D, person, wave.n_respondents)


def _shares(table: Integers, cells: list[tuple[str, str]]) -> Estimates:
    """Shares of cells, of how many profiles of each cell a respondent saw, (cells, respondents)."""
    own = Shares.of(table)
    labels = rows(cells, own.counts, np.count_nonzero(table, axis=1).astype(np.intp))
    return estimates(labels, own.values, own.influence, "share", own.saw)


@dataclass(frozen=True, eq=False, slots=True)
class Shares:
    """Shares of cells: `counts` of profiles and `values`, (cells,), `influence`, (respondents, cells).

    `saw` says which respondents saw any of the cells, (respondents,): where profiles do not show
    everything, others say nothing of how they were drawn.

    Formula
        p_c = n_c / n; psi_ic = (n_ic - n_i p_c) / n.
    """

    counts: IntArray
    values: FloatArray
    influence: FloatArray
    saw: BoolArray

    @classmethod
    def of(cls, table: Integers) -> Shares:
        """Of how many profiles of each cell a respondent saw, of shape (cells, respondents)."""
        saw = table.sum(axis=0, dtype=np.int64)
        count = table.sum(axis=1, dtype=np.int64)
        n = int(count.sum())
        # In whole numbers, so that a respondent who saw each level as often as all did moves nothing.
        moved = table * np.int64(n)
        moved -= count[:, None] * saw
        return cls(count, count / n, (moved / float(n) ** 2).T, saw > 0)

    @property
    def people(self) -> int:
        """How many respondents saw any of the cells."""
        return int(np.count_nonzero(self.saw))


def rows(
    cells: list[tuple[str, str]], n_profiles: IntArray, n_respondents: IntArray | int = 0
) -> pd.DataFrame:
    """Labels of shares and means by attribute and level, with what they stand on."""
    # As objects: what takes rows of a frame of other texts takes ten times as long.
    texts = [("", "share", TOTAL, attribute, level, "") for attribute, level in cells]
    frame = pd.DataFrame(np.array(texts, dtype=object), columns=LABELS, dtype=object)
    return frame.assign(n_profiles=n_profiles, n_respondents=n_respondents)


def estimates(
    labels: pd.DataFrame,
    values: FloatArray,
    influence: FloatArray,
    estimator: str,
    members: BoolArray,
) -> Estimates:
    """Figures in whose design all those respondents stand who saw what they are about."""
    k = influence.shape[1]
    return Estimates(
        labels,
        values,
        influence,
        Designs.of(members, k),
        np.zeros(k, dtype=bool),
        Specification(estimator),
    )


def departures(shares: Estimates, designed: FloatArray) -> Estimates:
    """What shares are above those designed, of all that the design has."""
    kept = np.flatnonzero((designed > 0) | (shares.values > 0))
    off = (shares.values - designed)[kept]
    return shares.derive(off, np.eye(len(shares))[kept], shares.labels.iloc[kept], "departure")


def association(joint: Shares, shape: tuple[int, int]) -> tuple[FloatArray, FloatArray]:
    """How much more often levels meet than if the two attributes were drawn apart.

    Formula
        p_cd - p_c. p_.d for all levels but the last of each attribute, from which the others
        follow; by the delta method.

    Returns
    -------
    numpy.ndarray, numpy.ndarray
        Of shape (k,), and their influence, (respondents, k).
    """
    table = joint.values.reshape(shape)
    first, second = table.sum(axis=1), table.sum(axis=0)
    C, D = shape
    c, d = np.divmod(np.arange((C - 1) * (D - 1)), max(1, D - 1))
    gradient = np.zeros((len(c), C, D))
    places = np.arange(len(c))
    gradient[places, c, d] = 1.0
    gradient[places, c, :] -= second[d, None]
    gradient[places, :, d] -= first[c, None]
    values = table[c, d] - first[c] * second[d]
    return values, combined(joint.influence, gradient.reshape(len(c), C * D))


def share_of_respondents(hits: Integers, of: Integers) -> Estimates:
    """A share of things that respondents had several of, one figure; both of shape (respondents,).

    Formula
        p = sum of hits / sum of things; psi_i = (hits_i - p things_i) / sum of things.
    """
    table = np.stack([hits, of - hits])
    return _shares(table, [("", "yes"), ("", "no")]).select(level="yes")


def effective(shares: Estimates, G: int) -> float:
    """How many profiles drawn apart would tell as much of an attribute's levels as those shown.

    The profiles themselves, unless respondents saw a level more alike than chance has it.
    """
    n = float(shares.labels["n_profiles"].sum())
    p = shares.values
    if ((p == 0) | (p == 1)).all():
        return float(min(n, G))
    inside = (p > 0) & (p < 1)
    apart = p[inside] * (1 - p[inside]) / n
    return n / max(1.0, float((shares.std_errors[inside] ** 2 / apart).max()))
