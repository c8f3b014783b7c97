"""The rows that one figure of one group and outcome is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import EstimationError, Fault
from conjoint.estimates import Estimates, Specification, stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd

    from conjoint.typing import BoolArray, FloatArray, IntArray, Variance
    from conjoint.wave import Wave

__all__ = ["Figures", "Sample", "estimate_each"]


@dataclass(frozen=True, eq=False, slots=True)
class Sample:
    """Profiles of one group with an answer to one outcome, and positive weight.

    `rows` are positions in the wave's profiles, of shape (N,); `y`, `w`, `respondent` go with them.
    `members`, of shape (respondents,), says who belongs to the group, whether or not they answered.
    """

    outcome: str
    group: str
    rows: IntArray
    y: FloatArray
    w: FloatArray
    respondent: IntArray
    members: BoolArray

    @property
    def n_respondents(self) -> int:
        """How many respondents the wave has: rows of the influence."""
        return len(self.members)

    @property
    def where(self) -> str:
        """Words for a fault."""
        return f'outcome "{self.outcome}", group "{self.group}"'


@dataclass(frozen=True, eq=False, slots=True)
class Figures:
    """What an estimator says of one sample: labels, values, influence, and which are fixed."""

    labels: pd.DataFrame
    values: FloatArray
    influence: FloatArray
    fixed: BoolArray


def estimate_each(
    wave: Wave,
    estimator: Callable[[Wave, Sample], Figures],
    specification: Specification,
    outcome: str | None,
) -> Estimates:
    """Run an estimator on every outcome and group that was asked for."""
    parts = []
    for sample in _samples(wave, outcome, specification.by):
        figures = estimator(wave, sample)
        labels = figures.labels.assign(outcome=sample.outcome, group=sample.group)
        parts.append(
            Estimates(
                labels,
                figures.values,
                figures.influence,
                np.full(len(labels), sample.members.sum(), dtype=np.intp),
                figures.fixed,
                sample.members,
                specification,
            )
        )
    return stack(parts)


def specify(
    wave: Wave,
    estimator: str,
    by: str | Sequence[str] | None,
    variance: Variance,
    confidence: float,
) -> Specification:
    """Note what is being estimated, and check the options."""
    return Specification(
        estimator,
        by if by is None or isinstance(by, str) else tuple(by),
        variance,
        confidence,
        weighted=bool(np.ptp(wave.weights) > 0),
        calibrated=wave.calibration is not None,
    )


def _samples(wave: Wave, outcome: str | None, by: str | Sequence[str] | None) -> Iterator[Sample]:
    groups = wave.groups(by)
    respondent, weights = wave.respondent_index, wave.weights
    for name in wave.outcomes(outcome):
        y = wave.outcome(name)
        usable = ~np.isnan(y) & (weights[respondent] > 0)
        for group in groups:
            rows = np.flatnonzero(usable & group.profiles)
            sample = Sample(
                name,
                group.key,
                rows,
                y[rows],
                weights[respondent[rows]],
                respondent[rows],
                group.respondents,
            )
            answering = len(np.unique(sample.respondent))
            if answering < 2:
                raise EstimationError(
                    Fault(
                        sample.where,
                        f"{answering} respondent(s) answered",
                        "two or more: the spread between people is what standard errors come from",
                        "Widen the group, or leave it out.",
                    )
                )
            yield sample
