"""Effects of levels against baselines, as weights on the cells of a fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import EstimationError
from conjoint.estimate.additive import level_labels
from conjoint.estimate.figures import linear_figures

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from conjoint.errors import Fault
    from conjoint.estimate.additive import BlockFit
    from conjoint.estimate.figures import Faults
    from conjoint.estimate.groups import Figures
    from conjoint.estimate.sample import Sample
    from conjoint.typing import FloatArray

__all__ = ["level_contrasts", "level_figures"]


def level_figures(
    sample: Sample, fit: BlockFit, baselines: Mapping[str, int], estimand: str
) -> Figures:
    """The effect of each level of every attribute against its baseline, by the fit's coefficients."""
    labels, weights, faults = level_contrasts(sample, fit, baselines, estimand)
    figures, faults = fit.express(weights, faults=faults)
    return linear_figures(sample, fit.regression, figures, labels, fit.cells, faults)


def level_contrasts(
    sample: Sample, fit: BlockFit, baselines: Mapping[str, int], estimand: str
) -> tuple[pd.DataFrame, FloatArray, Faults]:
    """One row a level of every attribute: its labels, and its weights on the cells of all blocks.

    Returns
    -------
    pandas.DataFrame, numpy.ndarray, tuple
        Labels without outcome and group; weights of shape (levels, all cells), zeros for
        a baseline (what an effect averages over is said by :meth:`BlockFit.average`); and why a level
        has no effect: it, or its baseline, was never shown, or the two never meet the same levels of
        the attributes they are tied with.
    """
    attributes = sample.wave.survey.attributes
    k = sum(len(attribute.levels) for attribute in attributes.values())
    weights = np.zeros((k, int(fit.starts[-1])))
    faults: list[Fault | None] = []
    for name, attribute in attributes.items():
        for level in range(len(attribute.levels)):
            try:
                weights[len(faults)] = fit.effect(name, level, baselines[name])
                faults.append(None)
            except EstimationError as error:
                faults.append(error.faults[0])
    labels = level_labels(sample, {name: baselines[name] for name in attributes}, estimand)
    return labels, weights, tuple(faults)
