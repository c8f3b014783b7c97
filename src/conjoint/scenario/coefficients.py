"""A model's coefficients as figures: few of them, and thousands of packages as weights on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import special

from conjoint.errors import EstimationError
from conjoint.estimate.figures import linear_figures
from conjoint.estimate.groups import as_estimates, attempt, side_by_side
from conjoint.estimate.sample import samples
from conjoint.estimates import stack
from conjoint.scenario.model import LOGIT, bounded, fit_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.estimate.groups import Figures
    from conjoint.estimate.sample import Sample
    from conjoint.estimates import Estimates, Specification
    from conjoint.scenario.model import Model
    from conjoint.scenario.package import Pair
    from conjoint.typing import BoolArray, FloatArray, IntArray
    from conjoint.wave import Wave

__all__ = ["Coefficients", "fit_coefficients"]


@dataclass(frozen=True, eq=False, slots=True)
class Coefficients:
    """Coefficients of each group's model.

    Parameters
    ----------
    estimates
        All groups' coefficients, with their joint influence.
    models
        Each group's model.
    places
        Where each group's coefficients start among the estimates, of shape (groups + 1,).
    missing
        Groups without a model: their samples, and why.
    """

    estimates: Estimates
    models: tuple[Model, ...]
    places: IntArray
    missing: tuple[tuple[Sample, str], ...] = ()

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups' keys."""
        return tuple(model.sample.group for model in self.models)

    def rows(self, group: int, packages: IntArray) -> tuple[FloatArray, BoolArray]:
        """Whole packages, a column of levels an attribute, as weights on a group's coefficients.

        Returns
        -------
        numpy.ndarray, numpy.ndarray
            Of shape (packages, coefficients), and which packages the group's model can tell, (packages,).
        """
        model = self.models[group]
        weights = np.zeros((len(packages), int(model.fit.starts[-1])))
        for cells in _cells(model, packages):
            weights[np.arange(len(packages)), cells] = 1.0
        rows, faults = model.fit.express(weights, 1.0)
        return rows, np.array([fault is None for fault in faults], dtype=bool)

    def supports(self, group: int, rows: FloatArray, b: FloatArray) -> FloatArray:
        """Support for packages by a group's coefficients: rows b, on the scale of a logit its curve.

        Parameters
        ----------
        rows
            Of shape (packages, coefficients).
        b
            Of shape (coefficients,), or (coefficients, draws).
        """
        index = rows @ b
        model = self.models[group]
        if model.link != LOGIT:
            return index
        low, high = model.ends
        return np.asarray(low + (high - low) * special.expit(index))

    def slopes(self, group: int, rows: FloatArray) -> FloatArray:
        """How support for packages moves with a group's coefficients, of shape (packages, coefficients)."""
        model = self.models[group]
        if model.link != LOGIT:
            return rows
        low, high = model.ends
        share = special.expit(rows @ self.estimates.values[self.inside(group)])
        return (high - low) * (share * (1 - share))[:, None] * rows

    def inside(self, group: int) -> slice:
        """Where a group's coefficients stand among the estimates."""
        return slice(self.places[group], self.places[group + 1])


def fit_coefficients(
    wave: Wave, specification: Specification, outcome: str, interacting: Sequence[Pair]
) -> Coefficients:
    """Fit the model in each group.

    Raises
    ------
    EstimationError
        No group has one.
    """
    models: list[Model] = []

    def estimator(sample: Sample) -> Figures:
        model = bounded(fit_model(sample, interacting))
        models.append(model)
        K = len(model.fit.regression.coefficients)
        labels = pd.DataFrame(
            {
                "estimand": "coefficient",
                "attribute": [name for name, _ in model.fit.cells],
                "level": [level for _, level in model.fit.cells],
                "baseline": "",
                "n_profiles": len(sample.y),
                "n_respondents": len(np.unique(sample.respondent)),
            }
        )
        return linear_figures(sample, model.fit.regression, np.eye(K), labels, model.fit.cells)

    tried = [attempt(sample, estimator) for sample in samples(wave, outcome, specification)]
    if not models:
        side_by_side(tried, specification)
    parts, missing = [], []
    for sample, made in tried:
        if isinstance(made, EstimationError):
            missing.append((sample, made.reasons))
        else:
            # Groups that did not see some level have fewer coefficients.
            parts.append(as_estimates(sample, made, specification))
    places = np.cumsum([0, *(len(part) for part in parts)]).astype(np.intp)
    return Coefficients(stack(parts), tuple(models), places, tuple(missing))


def _cells(model: Model, packages: IntArray) -> list[IntArray]:
    """The cell of each block in which each package stands."""
    order = {name: place for place, name in enumerate(model.sample.wave.survey.attributes)}
    found = []
    for block, start in zip(model.fit.blocks, model.fit.starts[:-1], strict=True):
        levels = tuple(packages[:, order[name]] for name in block.attributes)
        found.append(start + np.ravel_multi_index(levels, block.shape).astype(np.intp))
    return found
