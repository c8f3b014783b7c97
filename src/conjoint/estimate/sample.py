"""The rows that one figure of one group and outcome is made from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import EstimationError, Fault, RequestError, choices
from conjoint.estimates import Specification
from conjoint.wave import Tally, find_groups, nobody_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conjoint.typing import BoolArray, FloatArray, IntArray, Integers, Variance
    from conjoint.wave import Wave

__all__ = ["Sample", "check_answers", "forced_choices", "samples", "specify"]


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
            return self.wave.weights_judged
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

    def base(self) -> tuple[int, int]:
        """How many profiles and respondents there are."""
        return len(self.y), len(np.unique(self.respondent))

    def only(self, rows: BoolArray) -> Sample:
        """The same with some of its rows; `rows` of shape (N,)."""
        return replace(
            self,
            rows=self.place[rows],
            y=self.y[rows],
            w=self.w[rows],
            respondent=self.respondent[rows],
        )


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
    """Every outcome and group that was asked for, outcomes first; see :func:`check_answers`."""
    groups = find_groups(wave, specification.by)
    respondent = wave.respondent_index
    weights = wave.weight_of_profiles
    for name in wave.outcomes(outcome):
        y = wave.outcome(name)
        usable = ~np.isnan(y) & (weights > 0)
        for group in groups:
            inside = usable & group.profiles
            whole = bool(inside.all())
            rows = slice(None) if whole else np.flatnonzero(inside)
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


def check_answers(sample: Sample) -> None:
    """Two respondents or more have to have answered.

    Raises
    ------
    EstimationError
        Fewer did, or the group has no members.
    """
    if not sample.members.any():
        raise EstimationError(nobody_in(sample.group))
    answering, last = sample.respondent[:1], sample.respondent[-1:]
    if (last == answering).all() and not (sample.respondent != answering).any():
        raise EstimationError(
            Fault(
                sample.where,
                f"{len(answering)} respondent(s) answered",
                "two or more: the spread between people is what standard errors come from",
                "Widen the group, or leave it out.",
            )
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
