"""What moves whom: each attribute's reach, segments against everybody, and who is in two segments.

Marginal means average over whatever stood beside a level. Where attributes went together, their
contrasts may point the other way than the effects do, which hold the others equal: both are kept.
"""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.estimates import adjusted
from conjoint.robust.headlines import compared_with, framed
from conjoint.wave import TOTAL
from conjoint.withhold.mark import EFFECT

if TYPE_CHECKING:
    from conjoint.estimates import Estimates
    from conjoint.survey import Survey
    from conjoint.typing import BoolArray, FloatArray
    from conjoint.wave import Wave

__all__ = ["departures", "opposed", "overlap", "spread", "with_effects"]

CLEAR = 1.96
"""Standard errors from zero on which a contrast of means is clear at 95%, taken by itself."""

CELL = ["outcome", "group", "attribute", "level"]


def spread(survey: Survey, means: Estimates, effects: Estimates | None = None) -> pd.DataFrame:
    """For each attribute, its highest level's mean minus its lowest's: how much it moves.

    Where AMCEs of the same levels are given, ``effect, effect_low, effect_high`` are that of the highest
    level against the lowest, with its interval at 95%: what is left of the difference with all else equal.

    The two levels are picked by their figures, so intervals and p-values allow for every pair of
    the attribute's levels (Bonferroni); taken at face value, chance alone would set a five-level
    attribute "clearly" apart in some three samples of ten.

    ``moves`` is what the range is too large for: the standard deviation of the level means, with what their
    errors alone would make of it taken out (0 where that is all of it). It does not grow with the number of
    levels, and is what attributes are ordered by::

        moves^2 = max(0, s^2 - (tr V - 1'V 1 / L) / (L - 1))

    with s^2 the variance of the L means (over L - 1) and V their covariance. ``p_equivalent``, where the survey
    declares a smallest effect, is that of the pair of levels with the largest: under 0.05 all levels are alike.
    """
    parts = []
    for attribute in dict.fromkeys(means.labels["attribute"]):
        own = means.select(attribute=attribute)
        pairs = max(1, comb(own.labels["level"].nunique(), 2))
        wide = own.with_confidence(1 - (1 - own.specification.confidence) / pairs)
        frame = _highest_against_lowest(wide).frame
        frame["p_value"] = (frame["p_value"] * pairs).clip(upper=1)
        parts.append(frame.assign(**_of_all_levels(survey, own)))
    spread = pd.concat(parts, ignore_index=True)
    if effects is not None:
        spread = with_effects(spread, means.labels, effects, _ends(means.labels, spread))
    return spread.rename(columns={"level": "high", "baseline": "low"})


def _ends(labels: pd.DataFrame, rows: pd.DataFrame) -> FloatArray:
    """Rows of a level against another as contrasts of the cells in `labels`, (rows, cells)."""
    cells_in_order = pd.MultiIndex.from_frame(labels[CELL])
    matrix = np.zeros((len(rows), len(labels)))
    for sign, end in ((1.0, "level"), (-1.0, "baseline")):
        cells = pd.MultiIndex.from_frame(rows[[*CELL[:-1], end]].rename(columns={end: "level"}))
        matrix[np.arange(len(rows)), cells_in_order.get_indexer(cells)] += sign
    return matrix


def with_effects(
    rows: pd.DataFrame, cells: pd.DataFrame, effects: Estimates, matrix: FloatArray
) -> pd.DataFrame:
    """Add the same contrasts of AMCEs to contrasts of marginal means: ``effect`` and its interval.

    Parameters
    ----------
    rows
        The contrasts, with the usual labels and counts.
    cells
        The labels of the marginal means.
    effects
        AMCEs, baselines included. A contrast with a level that has none gets no effect.
    matrix
        Of shape (rows, cells): what each contrast takes of each mean.
    """
    known_cells = pd.MultiIndex.from_frame(effects.labels[CELL])
    column = known_cells.get_indexer(pd.MultiIndex.from_frame(cells[CELL]))
    estimated = column >= 0
    moved = np.zeros((len(rows), len(effects)))
    moved[:, column[estimated]] = matrix[:, estimated]
    complete = ~(matrix[:, ~estimated] != 0).any(axis=1) & rows["estimate"].notna().to_numpy()
    figures = effects.contrast(moved, rows, "effects").frame[["estimate", "conf_low", "conf_high"]]
    values = figures.where(np.tile(complete[:, None], 3)).to_numpy()
    return rows.assign(**dict(zip(EFFECT, values.T, strict=True)))


def opposed(table: pd.DataFrame) -> pd.DataFrame:
    """Select contrasts of means whose effect points the other way, one of the two being clear at 95%."""
    if not {*EFFECT} <= set(table.columns):
        return table.iloc[:0]
    means = table["estimate"].abs() > CLEAR * table["std_error"]
    clear = means | (table["effect_low"] > 0) | (table["effect_high"] < 0)
    apart: pd.Series[bool] = np.sign(table["estimate"]) * np.sign(table["effect"]) < 0
    return table[clear & apart]


def _highest_against_lowest(means: Estimates) -> Estimates:
    """One attribute's highest mean minus its lowest, for each outcome and group."""
    labels = means.labels
    rows, pairs = [], []
    for _, own in labels.groupby(["outcome", "group"], sort=False, observed=True):
        there = own.index[means.estimable[own.index]]
        values = means.values[there]
        # Without any mean there is no difference, and the first row says why.
        high, low = own.index[0], -1
        if len(there):
            high, low = there[int(np.argmax(values))], there[int(np.argmin(values))]
        pairs.append((high, low))
        low = high if low < 0 else low
        both = own.loc[[high, low]]
        rows.append(
            labels.loc[high].to_dict()
            | {"estimand": "marginal mean difference", "baseline": labels["level"].loc[low]}
            | {count: int(both[count].min()) for count in ("n_profiles", "n_respondents")}
        )
    matrix = np.zeros((len(pairs), len(means)))
    for row, (high, low) in enumerate(pairs):
        matrix[row, high] += 1
        if low >= 0:
            matrix[row, low] -= 1
    return means.contrast(matrix, pd.DataFrame(rows), "spread")


def _of_all_levels(survey: Survey, means: Estimates) -> dict[str, list[float]]:
    """One attribute's `moves`, and `p_equivalent` where asked for, for each outcome and group."""
    moves, alike, covariance = [], [], means.covariance
    for _, own in means.labels.groupby(["outcome", "group"], sort=False, observed=True):
        at = own.index[means.estimable[own.index]].to_numpy()
        L = len(at)
        moves.append(np.nan)
        if L > 1:
            V = covariance[np.ix_(at, at)]
            chance = (np.trace(V) - V.sum() / L) / (L - 1)
            moves[-1] = float(np.sqrt(max(0.0, means.values[at].var(ddof=1) - chance)))
        if survey.smallest_effect is not None:
            pairs = list(combinations(at, 2)) if len(own) == L else []
            matrix = np.zeros((len(pairs), len(means)))
            for row, pair in enumerate(pairs):
                matrix[row, list(pair)] = 1.0, -1.0
            gaps = means.contrast(matrix, means.labels.iloc[[pair[0] for pair in pairs]], "spread")
            alike.append(framed(survey, gaps)["p_equivalent"].max(skipna=False))
    columns = {"moves": moves}
    return columns | {"p_equivalent": alike} if survey.smallest_effect is not None else columns


def departures(survey: Survey, means: Estimates) -> pd.DataFrame:
    """Each segment's marginal means against the total's, with p-values adjusted by Holm."""
    frame = compared_with(survey, means, TOTAL)
    families = frame.groupby(["outcome", "group"], sort=False)["p_value"]
    return frame.assign(p_holm=families.transform(adjusted))


def _share(weights: FloatArray, first: BoolArray, second: BoolArray) -> float:
    """The weighted share of the first who are among the second; NaN where there are none."""
    total = float(weights[first].sum())
    return float(weights[first & second].sum()) / total if total > 0 else np.nan


def overlap(wave: Wave) -> pd.DataFrame:
    """How many respondents of one segment are in another."""
    members = {name: wave.segment(name) for name in wave.survey.segments}
    rows = [
        {
            "group": first,
            "other": second,
            "n_respondents": int((members[first] & members[second]).sum()),
            "share": _share(wave.weights, members[first], members[second]),
        }
        for first in members
        for second in members
        if first != second
    ]
    return pd.DataFrame(rows, columns=["group", "other", "n_respondents", "share"])
