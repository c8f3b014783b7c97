"""Population AMCEs by a model of all two-way interactions, in place of weights."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.estimate.additive import (
    apart,
    fit_blocks,
    level_labels,
    levels_shown,
    never_shown,
)
from conjoint.estimate.design import against, find_blocks
from conjoint.estimate.figures import linear_figures
from conjoint.estimate.pairs import estimate_pairs, whole_tasks
from conjoint.estimate.sample import specify
from conjoint.estimate.target import check_overlap, note_target, read_target, target_block

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.errors import Fault
    from conjoint.estimate.additive import BlockFit
    from conjoint.estimate.groups import Figures
    from conjoint.estimate.pairs import Pairs
    from conjoint.estimate.sample import Sample
    from conjoint.estimate.target import Shares
    from conjoint.estimates import Estimates
    from conjoint.typing import FloatArray, Variance
    from conjoint.wave import Wave

__all__ = ["modelled_population_effects"]


def modelled_population_effects(
    wave: Wave,
    by: str | Sequence[str] | None = None,
    *,
    target: Mapping[Any, Mapping[Any, Any]],
    outcome: str | None = None,
    baselines: Mapping[str, int],
    variance: Variance = "linearised",
    confidence: float = 0.95,
) -> Estimates:
    """Population AMCEs of a forced choice, from a model of all two-way interactions.

    Estimand
        As :func:`conjoint.estimate.population.population_effects`, where no three attributes, and
        no attributes of the two profiles, interact. Where they do, the figures say what the nearest
        such model has.
    Formula
        Least squares over tasks: chosen_1 = c + m(profile 1) - m(profile 2), m a sum over pairs of
        attributes of what their joint cells add; c takes up what standing first is worth. The
        effect of a level is the sum over the other attributes of its effect within each pair,
        averaged over the target's shares of the other.
    Variance
        That of the regression, clustered by respondent; N is the number of tasks.
    Restricted designs
        What is tied to an attribute of a pair is crossed with the pair, and averaged as the design,
        weighted to the target, draws it with the level, where both level and baseline are allowed.

    No weight is ever large, so the intervals are narrower than those of weights for a target far
    from the design; they do not allow for the model being wrong. Parameters as
    :func:`conjoint.estimate.population.population_effects`; attributes that the target does not name
    are averaged as the design draws them.

    Raises
    ------
    RequestError
        The target is wrong, no outcome is a forced choice, a task has other than two profiles, or
        `by` takes tasks apart.
    EstimationError
        No profile shows what the target holds, or the model has more than the data can tell.

    References
    ----------
    de la Cuesta, Egami & Imai 2022, doi:10.1017/pan.2020.40. Checked against factorEx 1.0.1 without
    regularisation.
    """
    parts = read_target(wave.survey, target)
    blocks = find_blocks(wave.survey, combinations(wave.survey.attributes, 2))

    def estimator(sample: Sample, pairs: Pairs) -> Figures:
        check_overlap(sample, parts)
        tasks = whole_tasks(sample, pairs)
        fit = fit_blocks(tasks, blocks, baselines, pairs.opponent[tasks.place])
        attributes = wave.survey.attributes
        effects = [
            _effect(fit, name, level, baselines[name], parts)
            for name, attribute in attributes.items()
            for level in range(len(attribute.levels))
        ]
        chosen = {name: baselines[name] for name in attributes}
        frame = level_labels(sample, chosen, "population amce")
        weights = np.array([weights for weights, _ in effects])
        figures, faults = fit.express(weights, faults=tuple(fault for _, fault in effects))
        return linear_figures(tasks, fit.regression, figures, frame, fit.cells, faults)

    options = note_target(parts) | {"method": "model"}
    specification = specify(wave, "population_amce", by, variance, confidence, **options)
    return estimate_pairs(wave, estimator, specification, outcome)


def _effect(
    fit: BlockFit, name: str, level: int, baseline: int, target: Sequence[Shares]
) -> tuple[FloatArray, Fault | None]:
    """Weights on all cells: what the level adds in each pair, averaged over the other's target.

    Zeros, and why, where it cannot be told.
    """
    values = fit.sample.wave.survey.attributes[name].values
    change = {name: against(level, baseline, len(values))}
    weights = np.zeros(fit.starts[-1])
    for number, block in enumerate(fit.blocks):
        if name in block.attributes:
            inside = slice(fit.starts[number], fit.starts[number + 1])
            drawn = target_block(fit.sample, name, block, target)
            own = drawn.average(change, {name: level}, fit.observed[inside])
            if own is None:
                shown = levels_shown(block, fit.observed[inside], name)
                for place in (level, baseline):
                    if not shown[place]:
                        return np.zeros(fit.starts[-1]), never_shown(
                            fit.sample, name, values[place]
                        )
                return np.zeros(fit.starts[-1]), apart(
                    fit.sample, name, values[level], values[baseline]
                )
            weights[inside] = own
    return weights, None
