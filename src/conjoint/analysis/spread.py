"""What moves whom: each attribute's reach, segments against everybody, and who is in two segments."""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.estimates import adjusted
from conjoint.headlines import compared_with
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from conjoint.estimates import Estimates
    from conjoint.typing import BoolArray, FloatArray
    from conjoint.wave import Wave

__all__ = ["departures", "overlap", "spread"]


def spread(means: Estimates) -> pd.DataFrame:
    """For each attribute, its highest level's mean minus its lowest's: how much it moves.

    The two levels are picked by their figures, so intervals and p-values allow for every pair of
    the attribute's levels (Bonferroni); taken at face value, chance alone would set a five-level
    attribute "clearly" apart in some three samples of ten.
    """
    parts = []
    for attribute in dict.fromkeys(means.labels["attribute"]):
        own = means.select(attribute=attribute)
        pairs = max(1, comb(own.labels["level"].nunique(), 2))
        wide = own.with_confidence(1 - (1 - own.specification.confidence) / pairs)
        frame = _highest_against_lowest(wide).frame
        parts.append(frame.assign(p_value=(frame["p_value"] * pairs).clip(upper=1)))
    spread = pd.concat(parts, ignore_index=True)
    return spread.rename(columns={"level": "high", "baseline": "low"})


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


def departures(means: Estimates) -> pd.DataFrame:
    """Each segment's marginal means against the total's, with p-values adjusted by Holm."""
    frame = compared_with(means, TOTAL)
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
