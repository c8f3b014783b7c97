"""Which way each level pulls a group: its mean against the average of its attribute's levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conjoint.analysis.spread import with_effects
from conjoint.estimates import adjusted
from conjoint.withhold.mark import BLANKED, blank

if TYPE_CHECKING:
    import pandas as pd

    from conjoint.estimates import Estimates

__all__ = ["complete_attributes", "pulls"]


def pulls(means: Estimates, effects: Estimates | None = None) -> pd.DataFrame:
    """Each level's mean minus the plain average of its attribute's levels, group by group.

    Estimand
        The level's marginal mean less the unweighted average of the marginal means of all levels of
        the attribute: above zero, the level does better with the group than the attribute does on
        average. It hangs on no baseline, and those of an attribute sum to zero. Levels without a mean
        play no part.
    Variance
        A linear contrast of the marginal means, with their covariance. `p_holm` allows for all
        levels of a group and outcome (Holm). Where AMCEs are given, ``effect, effect_low, effect_high`` are
        the level's AMCE less the average of its attribute's, baseline included.
    Units
        As the means: proportions give differences on -1 to 1.
    """
    labels = means.labels
    matrix = np.zeros((len(means), len(means)))
    rows = labels.assign(estimand="marginal mean difference", baseline="")
    for _, own in labels.groupby(["outcome", "group", "attribute"], sort=False, observed=True):
        every = own.index.to_numpy()
        matrix[every, every] = 1.0
        at = every[means.estimable[every]]
        if len(at):
            matrix[np.ix_(at, at)] -= 1 / len(at)
            for count in ("n_profiles", "n_respondents"):
                rows.loc[at, count] = int(own[count].loc[at].min())
    frame = means.contrast(matrix, rows, "pulls").frame
    families = frame.groupby(["outcome", "group"], sort=False)["p_value"]
    frame = frame.assign(p_holm=families.transform(adjusted))
    return frame if effects is None else with_effects(frame, labels, effects, matrix)


def complete_attributes(marked: pd.DataFrame) -> pd.DataFrame:
    """Take out a group's whole attribute where any of its levels is not shown: each figure tells all."""
    hidden = marked["reading"] == "suppressed"
    keys = [marked[name] for name in ("outcome", "group", "attribute")]
    whole = hidden.groupby(keys, sort=False).transform("any")
    taken = marked.assign(reading=marked["reading"].mask(whole, "suppressed"))
    return blank(taken, whole.to_numpy(dtype=bool), [*BLANKED, "p_holm"])
