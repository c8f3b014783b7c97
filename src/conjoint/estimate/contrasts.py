"""Effects of levels against baselines, as weights on the cells of a fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conjoint.estimate.additive import level_labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from conjoint.estimate.additive import BlockFit
    from conjoint.estimate.sample import Sample
    from conjoint.typing import FloatArray

__all__ = ["level_contrasts"]


def level_contrasts(
    sample: Sample, fit: BlockFit, baselines: Mapping[str, int]
) -> tuple[pd.DataFrame, FloatArray]:
    """One row a level of every attribute: its labels, and its weights on the cells of all blocks.

    Returns
    -------
    pandas.DataFrame, numpy.ndarray
        Labels without outcome, estimand and group; weights of shape (levels, all cells), zeros for
        a baseline. What an effect averages over is said by :meth:`BlockFit.average`.

    Raises
    ------
    EstimationError
        A level never meets the same levels of the attributes it is tied with as its baseline.
    """
    attributes = sample.wave.survey.attributes
    weights = [
        fit.effect(name, level, baselines[name])
        for name, attribute in attributes.items()
        for level in range(len(attribute.levels))
    ]
    labels = level_labels(sample, {name: baselines[name] for name in attributes})
    return labels, np.array(weights)
