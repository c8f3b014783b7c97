"""What weighting did: targets against the sample, and the price in effective size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.estimates import effective_base
from conjoint.weight.check import read_constraints
from conjoint.weight.constraint import Shares

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.survey import Margin
    from conjoint.typing import BoolArray, FloatArray
    from conjoint.wave import Wave
    from conjoint.weight.constraint import Constraint

__all__ = [
    "Efficiency",
    "efficiency",
    "margin_members",
    "people_without_answer",
    "weighting_summary",
    "weighting_table",
]

COLUMNS = ["margin", "category", "target", "unweighted", "weighted", "n", "source", "unit"]


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

    @property
    def variation(self) -> float:
        """The weights' standard deviation over their mean (n - 1 in the denominator)."""
        return float(np.sqrt((self.design_effect - 1) * self.n / max(1, self.n - 1)))


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
    n, mean, effective = len(weights), weights.mean(), effective_base(weights)
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

    Columns: ``margin, category, target, unweighted, weighted, n, source, unit``. Where the unit is
    "share" the figures are shares on 0 to 1, of the members where the margin is a segment's, and of
    those with an answer where others keep their share; where it is "mean", means of a number, with "mean" for a category. Empty where this package did not make
    the weights.
    """
    if wave.calibration is None:
        return pd.DataFrame(columns=COLUMNS)
    targets = wave.calibration.targets
    constraints, _ = read_constraints(wave.respondents, targets, wave.survey.segments)
    parts = [pd.DataFrame(columns=COLUMNS)] if not targets.margins else []
    for margin, constraint in zip(targets.margins, constraints, strict=True):
        parts.append(_rows(margin, constraint, wave.weights))
    return pd.concat(parts, ignore_index=True)


def _rows(margin: Margin, constraint: Constraint, weights: FloatArray) -> pd.DataFrame:
    inside = np.ones(len(weights), bool) if constraint.members is None else constraint.members
    if constraint.unknown is not None:
        inside = inside & ~constraint.unknown
    equal, weighted = inside / inside.sum(), inside * weights / weights[inside].sum()
    columns: dict[str, object]
    if isinstance(constraint, Shares):
        code, size = constraint.category(), len(constraint.shares)

        def shares(part: FloatArray) -> FloatArray:
            return np.asarray(np.bincount(code, part, size + 1)[:size])

        columns = {
            "category": list(margin.categories),
            "target": constraint.shares,
            "unweighted": shares(equal),
            "weighted": shares(weighted),
            "n": np.bincount(code[inside], minlength=size),
        }
    else:
        columns = {
            "category": ["mean"],
            "target": constraint.mean,
            "unweighted": float(equal @ constraint.values),
            "weighted": float(weighted @ constraint.values),
            "n": int(inside.sum()),
        }
    unit = "mean" if margin.mean is not None else "share"
    made = {"margin": margin.name} | columns
    return pd.DataFrame(made | {"source": "; ".join(margin.sources), "unit": unit})


def people_without_answer(wave: Wave) -> list[tuple[str, int, float]]:
    """Margins of a weighted wave in which people without an answer keep their share of the weight.

    Returns
    -------
    list of (margin, respondents, share)
        How many people they are, and their share of the starting weight.
    """
    if wave.calibration is None:
        return []
    targets, start = wave.calibration.targets, wave.calibration.start
    constraints, _ = read_constraints(wave.respondents, targets, wave.survey.segments, start)
    return [
        (margin.name, int(who[start > 0].sum()), float(start[who].sum() / start.sum()))
        for margin, constraint in zip(targets.margins, constraints, strict=True)
        if (who := constraint.unknown) is not None
    ]


def margin_members(wave: Wave) -> Iterator[tuple[str, tuple[str, ...], BoolArray]]:
    """Each margin that the weights meet: its name, its categories, and who is in which; (respondents, c)."""
    if wave.calibration is None:
        return
    targets = wave.calibration.targets
    constraints, _ = read_constraints(wave.respondents, targets, wave.survey.segments)
    for margin, constraint in zip(targets.margins, constraints, strict=True):
        if isinstance(constraint, Shares):
            code, size = constraint.category(), len(constraint.shares)
            yield margin.name, tuple(margin.categories), code[:, None] == np.arange(size)


def weighting_summary(wave: Wave) -> pd.DataFrame:
    """What a wave's weights cost, one row a measure: ``measure, value``.

    Measures: ``respondents``; ``effective`` sample, ``efficiency`` and ``design_effect`` (Kish);
    ``smallest`` and ``largest`` weight, their mean being one; ``variation``, their standard deviation
    over their mean; and, where this package made the weights, ``discrepancy``, the largest miss of a
    target; ``trimmed``, the share of respondents held at a limit; ``design_effect_start`` and
    ``design_effect_before``, of the starting weights and of those before trimming.
    """
    cost = efficiency(wave.weights)
    measures: dict[str, float] = {
        "respondents": cost.n,
        "effective": cost.effective,
        "efficiency": cost.efficiency,
        "design_effect": cost.design_effect,
        "smallest": cost.smallest,
        "largest": cost.largest,
        "variation": cost.variation,
    }
    made = wave.calibration
    if made is not None:
        measures |= {
            "discrepancy": made.discrepancy,
            "trimmed": made.trimmed,
            "design_effect_start": made.design_effect_start,
            "design_effect_before": made.design_effect_before,
        }
    return pd.DataFrame({"measure": list(measures), "value": list(measures.values())})
