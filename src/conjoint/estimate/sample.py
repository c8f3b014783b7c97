"""The rows that one figure of one group and outcome is made from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import EstimationError, Fault, RequestError, choices
from conjoint.estimates import (
    Basis,
    Estimates,
    Specification,
    effective_base,
    matrix_of,
    squares_of,
    stack,
)
from conjoint.wave import Tally
from conjoint.wave.group import is_of_respondents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd

    from conjoint.estimates import Freedom, Influence
    from conjoint.survey import Outcome
    from conjoint.typing import BoolArray, FloatArray, IntArray, Integers, Variance
    from conjoint.wave import Wave

__all__ = [
    "Figures",
    "NotShownError",
    "Sample",
    "estimate_each",
    "footing_of",
    "forced_choices",
    "samples",
    "specify",
]


class NotShownError(EstimationError):
    """No profile of a group shows what a figure is about: the group has none, where others do."""


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
    _tallies: list[Tally] = field(default_factory=list, init=False)

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

    def weight_by_respondent(self) -> FloatArray:
        """The weight of all of each respondent's rows together, of shape (respondents,)."""
        if self.w is self.wave.weight_of_profiles and isinstance(self.rows, slice):
            return (
                np.where(self.wave.weights > 0, self.wave.weights, 0.0) * self.tally().profiles_of
            )
        return np.bincount(self.respondent, self.w, minlength=self.n_respondents).astype(float)

    def codes(self, attribute: str) -> Integers:
        """The state of an attribute in each row: see :meth:`conjoint.Wave.codes`; of shape (N,)."""
        return self.wave.codes(attribute)[self.rows]

    @property
    def weight_of_respondents(self) -> FloatArray | None:
        """One weight a respondent, above zero; None where rows of one differ."""
        if self.w is self.wave.weight_of_profiles:
            return np.where(self.wave.weights > 0, self.wave.weights, 1.0)
        weight = np.ones(self.n_respondents)
        weight[self.respondent] = self.w
        return weight if (weight[self.respondent] == self.w).all() else None

    def shown(self, attribute: str) -> Integers:
        """How many of the rows of a respondent show each level, of shape (levels, respondents)."""
        tally, inside = self.tally(), self._inside(attribute)
        return tally.shown[:, inside].T

    def counts(self, attribute: str) -> tuple[IntArray, IntArray]:
        """For each level, how many of the rows show it and how many respondents saw it in them."""
        (profiles, people), inside = self.tally().counts, self._inside(attribute)
        return profiles[inside], people[inside]

    def _inside(self, attribute: str) -> slice:
        attributes = self.wave.survey.attributes
        start = self.tally().inside(list(attributes).index(attribute)).start
        return slice(start, start + len(attributes[attribute].levels))

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes that any of the rows show, in the survey's order."""
        return tuple(
            name
            for name, attribute in self.wave.survey.attributes.items()
            if attribute.is_always or self.counts(name)[0].any()
        )

    def showing(self, *attributes: str) -> Sample:
        """The rows that show all of these attributes."""
        rows = self.wave.shows(*attributes)[self.rows]
        return self if rows.all() else self.only(rows)

    def tally(self) -> Tally:
        """The rows by the states of each of the survey's attributes, made once."""
        if isinstance(self.rows, slice):
            return self.wave.tally
        if not self._tallies:
            attributes = self.wave.survey.attributes
            sizes = [attribute.states for attribute in attributes.values()]
            codes = [self.codes(name) for name in attributes]
            self._tallies.append(Tally(codes, sizes, self.respondent, self.n_respondents))
        return self._tallies[0]

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
    """What an estimator says of one sample: labels, values, influence, and which are fixed.

    `rarer` is there where the figures are means of the outcome, and cannot leave its scale: of shape (k,),
    how many answers are of the rarer sort; infinite for what a model says the mean would be.
    """

    labels: pd.DataFrame
    values: FloatArray
    influence: FloatArray | Influence
    fixed: BoolArray
    freedom: Freedom | None = None
    rarer: FloatArray | None = None


def estimate_each(
    wave: Wave,
    estimator: Callable[[Sample], Figures],
    specification: Specification,
    outcome: str | None,
) -> Estimates:
    """Run an estimator on every outcome and group that was asked for.

    Groups of which no profile shows what the figures are about have none.

    Raises
    ------
    NotShownError
        So it is in all groups.
    """
    parts, of_people = [], is_of_respondents(wave, specification.by)
    lacking: list[NotShownError] = []
    for sample in samples(wave, outcome, specification):
        try:
            figures = estimator(sample)
        except NotShownError as error:
            lacking.append(error)
            continue
        labels = figures.labels.assign(outcome=sample.outcome, group=sample.group)
        parts.append(
            Estimates(
                labels,
                figures.values,
                _calibrated(wave, figures.influence),
                np.full(len(labels), sample.members.sum(), dtype=np.intp),
                figures.fixed,
                sample.members,
                specification,
                figures.freedom,
                basis=footing_of(
                    sample, figures, wave.survey.outcomes[sample.outcome], of_people=of_people
                ),
            )
        )
    if not parts and lacking:
        raise lacking[0]
    return stack(parts)


def footing_of(
    sample: Sample, figures: Figures, outcome: Outcome | None = None, *, of_people: bool = True
) -> Basis:
    """Return the scale of the answers and the people who gave them.

    A figure's effective base is its number of people times the efficiency of all who answered: weights,
    and profiles where some judged more than others.

    Parameters
    ----------
    outcome
        What the answers are to; zeros and ones where None.
    of_people
        Whether the sample is of a group of people, which can have members in common with another; groups
        of profiles have no profile in common.
    """
    exposure = sample.weight_by_respondent()
    answering = np.count_nonzero(exposure)
    share = effective_base(exposure) / answering if answering else 0.0
    k, effective = len(figures.values), figures.labels["n_respondents"].to_numpy() * share
    if figures.rarer is None:
        return Basis.of(k, effective)
    low, high = (0.0, 1.0) if outcome is None else outcome.ends
    rated = outcome is not None and outcome.kind == "rating"
    # Of a rating what counts is whether answers differ at all.
    rarer = np.where(squares_of(figures.influence) == 0, 0.0, np.inf) if rated else figures.rarer
    return Basis.of(
        k,
        effective,
        low=low,
        high=high,
        share=np.isfinite(figures.rarer) & (not rated),
        rarer=rarer,
        exposure=[exposure] * k if of_people else None,
    )


def _calibrated(wave: Wave, influence: FloatArray | Influence) -> FloatArray | Influence:
    """What calibration leaves of the influence; as it is where the weights met no targets."""
    return influence if wave.calibration is None else wave.residual(matrix_of(influence))


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
            if any(name in restriction.never for restriction in wave.survey.forbidden)
            or any(name in joint.attributes for joint in wave.survey.joint)
        ),
        options=tuple(options.items()),
        people=wave.people,
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
    weights = wave.weight_of_profiles
    for name in wave.outcomes(outcome):
        y = wave.outcome(name)
        usable = ~np.isnan(y) & (weights > 0)
        for group in groups:
            inside = usable & group.profiles
            whole = bool(inside.all())
            rows = slice(None) if whole else np.flatnonzero(inside)
            if whole:
                answering = wave.tally.profiles_of > 0
            else:
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
                y if whole else y[rows],
                weights if whole else weights[rows],
                respondent if whole else respondent[rows],
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
    forced = tuple(name for name in kinds if wave.survey.is_forced(name))
    if forced:
        return forced
    named = choices(
        f'"{name}" lets people choose none' if kind == "choice" else f'"{name}" is of kind "{kind}"'
        for name, kind in kinds.items()
    )
    raise RequestError(
        Fault(
            "outcome",
            named,
            'an outcome of kind "choice": one profile chosen in each task',
            "Name such an outcome; in Wave.from_frame, name the column of tasks.",
        )
    )
