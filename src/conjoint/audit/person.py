"""Figures of respondents, not of profiles, made by the estimation core."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from conjoint.estimate.agreement import Agreeing
from conjoint.estimate.figures import intercept, linear_figures, regress
from conjoint.estimate.groups import calibrated, footing_of
from conjoint.estimate.sample import specify
from conjoint.estimates import Designs, Estimates, stack
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conjoint.typing import FloatArray
    from conjoint.wave import Wave

__all__ = ["below", "means_of_people", "unweighted"]


_PLAIN: WeakKeyDictionary[Wave, Wave] = WeakKeyDictionary()


def unweighted(wave: Wave) -> Wave:
    """The wave with everybody counted once: what a file holds has nothing to do with weights.

    It is made once for all checks, so that they share what they count.
    """
    if (wave.weights == 1).all() and wave.calibration is None:
        return wave
    if wave not in _PLAIN:
        _PLAIN[wave] = wave.with_weights(np.ones(wave.n_respondents))
    return _PLAIN[wave]


def means_of_people(wave: Wave, columns: Mapping[str, FloatArray]) -> Estimates:
    """Weighted means of numbers that respondents have, side by side.

    Parameters
    ----------
    columns
        By `level` of the figure, one number a respondent; NaN for those who are not asked.
    """
    specification = specify(wave, "share", None, "linearised", 0.95)
    everybody = np.ones(wave.n_respondents, dtype=bool)
    parts = []
    for name, column in columns.items():
        people = np.flatnonzero(~np.isnan(column) & (wave.weights > 0))
        sample = Agreeing(
            wave, "", TOTAL, people, column[people], wave.weights[people], people, everybody
        )
        labels = pd.DataFrame(
            {
                "outcome": "",
                "estimand": "share",
                "group": TOTAL,
                "attribute": "",
                "level": [name],
                "baseline": "",
                "n_profiles": 0,
                "n_respondents": len(people),
            }
        )
        cells = [("", name)]
        figures = linear_figures(
            sample, regress(sample, [intercept(len(people))], cells), np.eye(1), labels, cells
        )
        yes = float(column[people].sum())
        counted = replace(figures, rarer=np.full(1, min(yes, len(people) - yes)))
        parts.append(
            Estimates(
                figures.labels,
                figures.values,
                calibrated(wave, figures.influence),
                Designs.of(everybody, 1),
                figures.fixed,
                specification,
                basis=footing_of(sample, counted),
            )
        )
    return stack(parts)


def below(figures: Estimates) -> FloatArray:
    """One-sided p-values: how easily chance alone puts each figure this far under the null.

    One where a figure has no spread, and so no test.
    """
    frame = figures.frame
    under = np.where(frame["statistic"] < 0, frame["p_value"] / 2, 1 - frame["p_value"] / 2)
    return np.nan_to_num(under, nan=1.0)
