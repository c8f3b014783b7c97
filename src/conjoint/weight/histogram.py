"""Weights counted in bins, none of so few people that it would tell on somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from conjoint.typing import FloatArray

__all__ = ["weight_histogram"]

FEWEST = 5
"""Respondents that a bin has at the least."""

STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0)
WANTED = 20
"""About how many bins there are up to the last hundredth of the weights."""


def weight_histogram(weights: FloatArray) -> pd.DataFrame:
    """Count weights, scaled to a mean of one, in bins of at least five respondents.

    Parameters
    ----------
    weights
        One a respondent; those of zero are left out, as they count for nothing.

    Returns
    -------
    pandas.DataFrame
        One row a bin, the smallest weights first: ``start, end, step, n_respondents``. Bins are one
        step wide, or several where neighbours were too few to stand alone: the long tail is mostly
        one bin. All are in one bin where there are fewer than five.

    Examples
    --------
    >>> weight_histogram(np.array([1.0] * 6 + [2.0] * 6))["n_respondents"].tolist()
    [6, 6]
    """
    own = weights[weights > 0]
    scaled = own / own.mean()
    reach = float(np.quantile(scaled, 0.99) - scaled.min())
    step = next((s for s in STEPS if reach <= WANTED * s), STEPS[-1])
    place = np.floor(scaled / step + 1e-9).astype(np.intp)
    first = int(place.min())
    counts = np.bincount(place - first)
    rows: list[list[int]] = []
    low, waiting = 0, 0
    for at, count in enumerate(counts.tolist()):
        waiting += count
        if waiting >= FEWEST:
            rows.append([low, at + 1, waiting])
            low, waiting = at + 1, 0
    if waiting and rows:
        rows[-1][1], rows[-1][2] = len(counts), rows[-1][2] + waiting
    elif waiting:
        rows.append([0, len(counts), waiting])
    lows, highs, people = (np.array(column) for column in zip(*rows, strict=True))
    return pd.DataFrame(
        {
            "start": ((first + lows) * step).round(10),
            "end": ((first + highs) * step).round(10),
            "step": step,
            "n_respondents": people,
        }
    )
