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
    """One row a level of every attribute that is shown: its labels, and its weights on the cells of all blocks.

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
    attributes, names = sample.wave.survey.attributes, sample.attributes
    weights = [
        fit.effect(name, level, baselines[name])
        for name in names
        for level in range(len(attributes[name].levels))
    ]
    labels = level_labels(sample, {name: baselines[name] for name in names})
    return labels, np.array(weights)
