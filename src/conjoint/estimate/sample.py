"""The rows that one figure of one group and outcome is made from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import EstimationError, Fault, RequestError, choices
from conjoint.estimates import Estimates, Specification, stack
from conjoint.wave import count_shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd

    from conjoint.estimates import Freedom
    from conjoint.typing import BoolArray, FloatArray, IntArray, Integers, Variance
    from conjoint.wave import Wave

__all__ = ["Figures", "Sample", "estimate_each", "forced_choices", "samples", "specify"]


@dataclass(frozen=True, eq=False, slots=True)
class Sample:
    """Profiles of one group with an answer to one outcome, and positive weight.

    `rows` are positions in the wave's profiles, of shape (N,), or all of them; `y`, `w`,
    `respondent` go with them. `members`, of shape (respondents,), says who belongs to the group,
    whether or not they answered.
    """

    wave: Wave
    outcome: str
    group: str
    rows: IntArray | slice
    y: FloatArray
    w: FloatArray
    respondent: IntArray
    members: BoolArray
    variance: Variance = "linearised"

    @property
    def n_respondents(self) -> int:
        """How many respondents the wave has: rows of the influence."""
        return len(self.members)

    @property
    def where(self) -> str:
        """Words for a fault."""
        return f'outcome "{self.outcome}", group "{self.group}"'

    @property
    def place(self) -> IntArray:
        """The rows' positions in the wave's profiles, of shape (N,)."""
        return np.arange(self.wave.n_profiles, dtype=np.intp)[self.rows]

    def codes(self, attribute: str) -> Integers:
        """The level that each row shows of an attribute, of shape (N,)."""
        return self.wave.codes(attribute)[self.rows]

    @property
    def weight_of_respondents(self) -> FloatArray | None:
        """One weight a respondent, ones where there are no rows; None where rows of one differ."""
        weight = np.ones(self.n_respondents)
        weight[self.respondent] = self.w
        return weight if (weight[self.respondent] == self.w).all() else None

    def shown(self, attribute: str) -> Integers:
        """How many of the rows of a respondent show each level, of shape (levels, respondents)."""
        if isinstance(self.rows, slice):
            return self.wave.shown(attribute)
        size = len(self.wave.survey.attributes[attribute].levels)
        return count_shown(self.codes(attribute), size, self.respondent, self.n_respondents)

    def counts(self, attribute: str) -> tuple[IntArray, IntArray]:
        """For each level, how many of the rows show it and how many respondents saw it in them."""
        shown = self.shown(attribute)
        return shown.sum(axis=1, dtype=np.intp), np.count_nonzero(shown, axis=1)

    def only(self, rows: BoolArray) -> Sample:
        """The same with some of its rows; `rows` of shape (N,)."""
        return replace(
            self,
            rows=self.place[rows],
            y=self.y[rows],
            w=self.w[rows],
            respondent=self.respondent[rows],
        )


@dataclass(frozen=True, eq=False, slots=True)
class Figures:
    """What an estimator says of one sample: labels, values, influence, and which are fixed."""

    labels: pd.DataFrame
    values: FloatArray
    influence: FloatArray
    fixed: BoolArray
    freedom: Freedom | None = None


def estimate_each(
    wave: Wave,
    estimator: Callable[[Sample], Figures],
    specification: Specification,
    outcome: str | None,
) -> Estimates:
    """Run an estimator on every outcome and group that was asked for."""
    parts = []
    for sample in samples(wave, outcome, specification):
        figures = estimator(sample)
        labels = figures.labels.assign(outcome=sample.outcome, group=sample.group)
        parts.append(
            Estimates(
                labels,
                figures.values,
                wave.residual(figures.influence),
                np.full(len(labels), sample.members.sum(), dtype=np.intp),
                figures.fixed,
                sample.members,
                specification,
                figures.freedom,
            )
        )
    return stack(parts)


def specify(
    wave: Wave,
    estimator: str,
    by: str | Sequence[str] | None,
    variance: Variance,
    confidence: float,
    **options: str,
) -> Specification:
    """Note what is being estimated, and check the options."""
    return Specification(
        estimator,
        by if by is None or isinstance(by, str) else tuple(by),
        variance,
        confidence,
        weighted=bool(np.ptp(wave.weights) > 0),
        calibrated=wave.calibration is not None,
        tied=tuple(
            name
            for name in wave.survey.attributes
            if any(name in restriction.never for restriction in wave.survey.restrictions)
            or any(name in joint.attributes for joint in wave.survey.joint)
        ),
        options=tuple(options.items()),
    )


def samples(wave: Wave, outcome: str | None, specification: Specification) -> Iterator[Sample]:
    """Every outcome and group that was asked for, outcomes first.

    Raises
    ------
    EstimationError
        Fewer than two respondents of a group answered.
    """
    groups = wave.groups(specification.by)
    respondent = wave.respondent_index
    weights = wave.weights[respondent]
    for name in wave.outcomes(outcome):
        y = wave.outcome(name)
        usable = ~np.isnan(y) & (weights > 0)
        for group in groups:
            inside = usable & group.profiles
            rows = slice(None) if inside.all() else np.flatnonzero(inside)
            answering = np.zeros(wave.n_respondents, dtype=bool)
            answering[respondent[rows]] = True
            if answering.sum() < 2:
                raise EstimationError(
                    Fault(
                        f'outcome "{name}", group "{group.key}"',
                        f"{answering.sum()} respondent(s) answered",
                        "two or more: the spread between people is what standard errors come from",
                        "Widen the group, or leave it out.",
                    )
                )
            yield Sample(
                wave,
                name,
                group.key,
                rows,
                y[rows],
                weights[rows],
                respondent[rows],
                group.respondents,
                specification.variance,
            )


def forced_choices(wave: Wave, outcome: str | None) -> tuple[str, ...]:
    """The forced choices among the outcomes asked for.

    Raises
    ------
    RequestError
        There is none.
    """
    kinds = {name: wave.survey.outcomes[name].kind for name in wave.outcomes(outcome)}
    forced = tuple(name for name, kind in kinds.items() if kind == "choice")
    if forced:
        return forced
    named = choices(f'"{name}" is of kind "{kind}"' for name, kind in kinds.items())
    raise RequestError(
        Fault(
            "outcome",
            named,
            'an outcome of kind "choice": one profile chosen in each task',
            "Name such an outcome; in Wave.from_frame, name the column of tasks.",
        )
    )
