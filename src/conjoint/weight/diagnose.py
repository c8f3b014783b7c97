"""What weighting did: targets against the sample, and the price in effective size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.survey import INTERLOCK
from conjoint.weight.sample import margin_codes, shares_of

if TYPE_CHECKING:
    from conjoint.typing import FloatArray
    from conjoint.wave import Wave

__all__ = ["Efficiency", "efficiency", "weighting_table"]


@dataclass(frozen=True, slots=True)
class Efficiency:
    """The price of weights.

    Parameters
    ----------
    n
        Respondents.
    effective
        Kish's effective sample, (sum w)^2 / sum w^2.
    efficiency
        Effective over actual sample, 0 to 1.
    design_effect
        Its inverse.
    smallest, largest
        Weights, scaled to a mean of one.
    """

    n: int
    effective: float
    efficiency: float
    design_effect: float
    smallest: float
    largest: float


def efficiency(weights: FloatArray) -> Efficiency:
    """Kish's effective sample and what goes with it.

    References
    ----------
    Kish 1965, Survey Sampling.

    Examples
    --------
    >>> import numpy as np
    >>> efficiency(np.array([1.0, 1.0, 2.0, 0.0])).effective
    2.6666666666666665
    """
    n, total, squares = len(weights), weights.sum(), (weights**2).sum()
    effective = float(total**2 / squares)
    mean = total / n
    return Efficiency(
        n,
        effective,
        effective / n,
        n / effective,
        float(weights.min() / mean),
        float(weights.max() / mean),
    )


def weighting_table(wave: Wave) -> pd.DataFrame:
    """Target against unweighted and weighted share, one row a category of a margin.

    Columns: ``margin, category, target, unweighted, weighted, n, source``; shares on 0 to 1.
    Empty where this package did not make the weights.
    """
    columns = ["margin", "category", "target", "unweighted", "weighted", "n", "source"]
    if wave.calibration is None:
        return pd.DataFrame(columns=columns)
    respondents, parts = wave.respondents, []
    for margin in wave.calibration.targets.margins:
        codes, size = margin_codes(respondents, margin), len(margin.shares)
        parts.append(
            pd.DataFrame(
                {
                    "margin": margin.name,
                    "category": [INTERLOCK.join(category) for category in margin.shares],
                    "target": list(margin.shares.values()),
                    "unweighted": shares_of(codes, size, np.ones(len(codes))),
                    "weighted": shares_of(codes, size, wave.weights),
                    "n": np.bincount(codes, minlength=size),
                    "source": "; ".join(margin.sources),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
