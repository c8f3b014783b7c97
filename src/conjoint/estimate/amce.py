"""Average marginal component effects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError, Fault, choices
from conjoint.estimate.design import cells_of, find_blocks
from conjoint.estimate.linear import CollinearityError, additive_fit, cell_counts
from conjoint.estimate.sample import Figures, Sample, estimate_each, specify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.estimate.design import Block
    from conjoint.estimate.linear import CellEffects
    from conjoint.estimates import Estimates
    from conjoint.typing import BoolArray, IntArray, Variance
    from conjoint.wave import Wave

__all__ = ["amce"]


def amce(
    wave: Wave,
    by: str | Sequence[str] | None = None,
    *,
    outcome: str | None = None,
    variance: Variance = "linearised",
    confidence: float = 0.95,
) -> Estimates:
    """Average marginal component effects (AMCEs): one row a level, the baseline at zero.

    Estimand
        The change in the expected outcome when a profile's attribute goes from its baseline to the
        level, averaged over the randomised distribution of the other attributes and, in a paired
        task, of the opponent. For a forced choice: a change in expected share of choices. It is an
        average over people and profiles, and never says what most people prefer.
    Formula
        Weighted least squares of the outcome on level dummies, all attributes at once.
    Variance
        Linearised and clustered by respondent; see :class:`conjoint.Estimates`.
    Units
        Those of the outcome: 0 to 1 for choices and support.
    Restricted designs
        Attributes tied by a restriction are modelled by their joint cells, and the effect averages
        uniformly over the combinations of the tied attributes that the design allows with both the
        level and the baseline.

    Parameters
    ----------
    wave
        The answers; its weights are used.
    by
        None, ``"segments"``, names of segments, a respondent column, an attribute, ``"task"`` or
        ``"profile"``: one set of effects a group, each from its group's profiles alone.
    outcome
        One outcome; all of the survey's where None.
    variance, confidence
        How standard errors are made, and the intervals' coverage.

    Returns
    -------
    Estimates
        Rows in the order outcome, group, attribute, level.

    Raises
    ------
    EstimationError
        A group has fewer than two respondents, a level is never shown in it, or its attributes do
        not vary freely; the fault names which.

    References
    ----------
    Hainmueller, Hopkins & Yamamoto 2014, doi:10.1093/pan/mpt024. Checked against cregg 0.4.0 and
    survey 4.1 on that article's immigration data.

    Examples
    --------
    >>> import pandas as pd, conjoint as cj
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 2, 2], "price": ["high", "low", "low", "high"], "bought": [0, 1, 1, 0]})
    >>> wave = cj.Wave.from_frame(frame, respondent="id", outcome="bought", attributes=["price"])
    >>> cj.amce(wave).frame[["level", "estimate"]].round(9).to_dict("list")
    {'level': ['high', 'low'], 'estimate': [0.0, 1.0]}
    """
    return estimate_each(wave, _effects, specify(wave, "amce", by, variance, confidence), outcome)


def _effects(wave: Wave, sample: Sample) -> Figures:
    blocks = find_blocks(wave.survey)
    codes = [cells_of(wave, block.attributes)[0][sample.rows] for block in blocks]
    seen = [
        np.bincount(c, minlength=block.size) > 0 for c, block in zip(codes, blocks, strict=True)
    ]
    _check_levels(wave, sample, blocks, seen)
    baselines = {name: part.baseline_index for name, part in wave.survey.attributes.items()}
    references = [
        block.reference([baselines[name] for name in block.attributes], cells)
        for block, cells in zip(blocks, seen, strict=True)
    ]
    try:
        fit = additive_fit(
            codes,
            [block.size for block in blocks],
            references,
            sample.y,
            sample.w,
            sample.respondent,
            sample.n_respondents,
        )
    except CollinearityError as error:
        raise EstimationError(_collinear(sample, blocks, error.cells)) from error
    return _averaged(wave, sample, blocks, fit, baselines)


def _averaged(
    wave: Wave,
    sample: Sample,
    blocks: tuple[Block, ...],
    fit: CellEffects,
    baselines: dict[str, int],
) -> Figures:
    """Average the cells' effects into one figure a level."""
    rows, contrasts, fixed = [], [], []
    block_of = {name: index for index, block in enumerate(blocks) for name in block.attributes}
    for name, attribute in wave.survey.attributes.items():
        index = block_of[name]
        block, cells = blocks[index], slice(fit.offsets[index], fit.offsets[index + 1])
        n_profiles, n_respondents = cell_counts(
            wave.codes(name)[sample.rows],
            len(attribute.levels),
            sample.respondent,
            sample.n_respondents,
        )
        for level, value in enumerate(attribute.values):
            contrast = block.contrast(name, level, baselines[name], fit.observed[cells])
            if contrast is None:
                raise EstimationError(
                    Fault(
                        f'{sample.where}, attribute "{name}"',
                        f'"{value}" and the baseline "{attribute.values[baselines[name]]}" never '
                        "meet the same levels of the attributes they are restricted with",
                        "some combination that allows both",
                        "Choose another baseline.",
                    )
                )
            row = np.zeros(fit.offsets[-1])
            row[cells] = contrast
            contrasts.append(row)
            fixed.append(level == baselines[name])
            rows.append(
                (
                    name,
                    value,
                    attribute.values[baselines[name]],
                    n_profiles[level],
                    n_respondents[level],
                )
            )
    labels = pd.DataFrame(
        rows, columns=["attribute", "level", "baseline", "n_profiles", "n_respondents"]
    ).assign(estimand="amce")
    matrix = np.array(contrasts)
    return Figures(
        labels,
        matrix @ np.nan_to_num(fit.effects),
        fit.influence @ matrix.T,
        np.array(fixed),
    )


def _check_levels(
    wave: Wave, sample: Sample, blocks: tuple[Block, ...], seen: list[BoolArray]
) -> None:
    """Every level has to be shown, or it has no effect to estimate."""
    faults = []
    for block, cells in zip(blocks, seen, strict=True):
        for axis, name in enumerate(block.attributes):
            others = tuple(place for place in range(len(block.shape)) if place != axis)
            shown = np.atleast_1d(cells.reshape(block.shape).any(axis=others))
            never = [
                value
                for value, has in zip(wave.survey.attributes[name].values, shown, strict=True)
                if not has
            ]
            if never:
                faults.append(
                    Fault(
                        f'{sample.where}, attribute "{name}"',
                        f"the level(s) {choices(never)} are never shown",
                        "every level in some profile",
                        "Take the level out of the survey, or merge it with another.",
                    )
                )
    if faults:
        raise EstimationError(*faults)


def _collinear(sample: Sample, blocks: tuple[Block, ...], cells: IntArray) -> Fault:
    starts = np.cumsum([0, *(block.size for block in blocks)])
    involved = [
        name
        for block, start, stop in zip(blocks, starts[:-1], starts[1:], strict=True)
        if ((cells >= start) & (cells < stop)).any()
        for name in block.attributes
    ]
    return Fault(
        sample.where,
        f"the effects of {choices(involved)} cannot be told apart: their levels go together",
        "attributes that vary freely, apart from the restrictions declared",
        "Leave one of them out, or declare the restriction.",
    )
