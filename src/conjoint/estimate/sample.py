"""The rows that one figure of one group and outcome is made from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError, Fault, RequestError, choices
from conjoint.estimate.leverage import BellMcCaffrey
from conjoint.estimates import (
    COUNTS,
    Basis,
    Estimates,
    Placed,
    Specification,
    effective_base,
    matrix_of,
    squares_of,
    stack,
    unmoved,
)
from conjoint.wave import Tally, find_groups, nobody_in
from conjoint.wave.group import is_of_respondents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from conjoint.estimates import Freedom, Influence
    from conjoint.survey import Outcome
    from conjoint.typing import BoolArray, FloatArray, IntArray, Integers, Variance
    from conjoint.wave import Wave

__all__ = [
    "NEVER",
    "Attempt",
    "Figures",
    "Sample",
    "as_estimates",
    "attempt",
    "check_answers",
    "estimate_each",
    "estimate_outcomes",
    "footing_of",
    "forced_choices",
    "samples",
    "side_by_side",
    "specify",
]

KEYS = ["estimand", "attribute", "level", "baseline"]
"""What tells the figures of one group and outcome apart."""

NEVER = "never shown"
"""Why a group lacks a figure that others have, unless its estimator has another reason."""


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


@dataclass(frozen=True, eq=False, slots=True)
class Figures:
    """What an estimator says of one sample: labels, values, influence, and which are fixed.

    `faults` has one entry a figure, why it cannot be estimated or None; it is empty where all can be.
    Such a figure is NaN, and nobody moves it.
    `rarer` is there where the figures are means of the outcome, and cannot leave its scale: of shape (k,),
    how many answers are of the rarer sort; infinite for what a model says the mean would be.
    """

    labels: pd.DataFrame
    values: FloatArray
    influence: FloatArray | Influence
    fixed: BoolArray
    freedom: Freedom | None = None
    rarer: FloatArray | None = None
    faults: tuple[Fault | None, ...] = ()


Key: TypeAlias = tuple[str, ...]
"""A figure's entries in `KEYS`."""

Attempt: TypeAlias = "tuple[Sample, Figures | EstimationError]"
"""A sample with its figures, or why there are none."""


def estimate_each(
    wave: Wave,
    estimator: Callable[[Sample], Figures],
    specification: Specification,
    outcome: str | None,
    absent: str = NEVER,
) -> Estimates:
    """Run an estimator on every outcome and group that was asked for.

    Parameters
    ----------
    absent
        Why a group lacks a figure that another group has.

    Returns
    -------
    Estimates
        A row for each figure that any group has: NaN where it cannot be estimated, with the reason in
        `note`.

    Raises
    ------
    EstimationError
        No figure of any group of an outcome can be estimated.
    """
    return estimate_outcomes(wave, estimator, specification, wave.outcomes(outcome), absent)


def estimate_outcomes(
    wave: Wave,
    estimator: Callable[[Sample], Figures],
    specification: Specification,
    outcomes: Sequence[str],
    absent: str = NEVER,
) -> Estimates:
    """The same for several outcomes by name."""
    tried = [
        attempt(sample, estimator)
        for name in outcomes
        for sample in samples(wave, name, specification)
    ]
    return side_by_side(tried, specification, absent)


def attempt(sample: Sample, estimator: Callable[[Sample], Figures]) -> Attempt:
    """Run an estimator on one sample."""
    try:
        check_answers(sample)
        return sample, estimator(sample)
    except EstimationError as error:
        return sample, error


def side_by_side(
    tried: Sequence[Attempt], specification: Specification, absent: str = NEVER
) -> Estimates:
    """Estimates of several groups and outcomes; each group has the rows of all of its outcome.

    Raises
    ------
    EstimationError
        No figure of any group of an outcome can be estimated.
    """
    if not tried:
        what = f'nobody has an answer to "{specification.by}"'
        raise EstimationError(Fault("by", what, "a column with answers", "Name another."))
    brought = any(isinstance(made, Figures) and made.freedom is not None for _, made in tried)
    parts = []
    for outcome in dict.fromkeys(sample.outcome for sample, _ in tried):
        own = [each for each in tried if each[0].outcome == outcome]
        _check_some([made for _, made in own])
        keys = [_keys(made) if isinstance(made, Figures) else [] for _, made in own]
        rows = _merged(keys)
        for (sample, made), names in zip(own, keys, strict=True):
            if isinstance(made, EstimationError):
                made = _none_of(sample, made, rows, brought=brought)
            elif names != rows:
                made = _in_rows(sample, made, rows, absent)
            parts.append(as_estimates(sample, made, specification))
    return stack(parts)


def as_estimates(sample: Sample, made: Figures, specification: Specification) -> Estimates:
    """The figures of one group and outcome as estimates."""
    wave, labels = sample.wave, made.labels.assign(outcome=sample.outcome, group=sample.group)
    outcome, of_people = (
        wave.survey.outcomes[sample.outcome],
        is_of_respondents(wave, specification.by),
    )
    some = bool((~np.isnan(made.values) & ~made.fixed).any())
    return Estimates(
        labels,
        made.values,
        _calibrated(wave, made.influence),
        np.full(len(labels), sample.members.sum(), dtype=np.intp),
        made.fixed,
        # A group without a figure takes no part in comparisons of the others.
        sample.members if some or not any(made.faults) else np.zeros_like(sample.members),
        specification,
        made.freedom,
        basis=footing_of(sample, made, outcome, of_people=of_people),
        notes=tuple(fault.what if fault else "" for fault in made.faults),
    )


def _check_some(tried: Sequence[Figures | EstimationError]) -> None:
    """Some group has to have a figure that is estimated."""
    faults: list[Fault | None] = []
    for made in tried:
        if isinstance(made, Figures) and (~np.isnan(made.values) & ~made.fixed).any():
            return
        faults += made.faults
    reasons = dict.fromkeys(fault for fault in faults if fault)
    if reasons:
        raise EstimationError(*reasons)


def _keys(figures: Figures) -> list[Key]:
    return list(zip(*(figures.labels[name].tolist() for name in KEYS), strict=True))


def _none_of(
    sample: Sample, error: EstimationError, rows: Sequence[Key], *, brought: bool
) -> Figures:
    """The rows of a group of which nothing can be estimated; `brought` where degrees of freedom are."""
    k = len(rows)
    reasons = dict.fromkeys(fault.what for fault in error.faults)
    labels = pd.DataFrame(rows, columns=KEYS).assign(
        **dict(zip(COUNTS, sample.base(), strict=True))
    )
    return Figures(
        labels,
        np.full(k, np.nan),
        unmoved(sample.n_respondents, k),
        np.zeros(k, dtype=bool),
        BellMcCaffrey((), np.zeros((k, 0))) if brought else None,
        faults=(Fault(sample.where, "; ".join(reasons)),) * k,
    )


def _in_rows(sample: Sample, made: Figures, rows: Sequence[Key], absent: str) -> Figures:
    """Figures in other rows, those that they lack with the reason."""
    order = {key: place for place, key in enumerate(_keys(made))}
    place = np.array([order.get(key, -1) for key in rows], dtype=np.intp)
    there = place >= 0
    old = made.faults or (None,) * len(order)
    matrix = np.eye(len(order) + 1)[place, :-1]
    where = np.empty(len(order), dtype=np.intp)
    where[place[there]] = np.flatnonzero(there)
    labels = made.labels.iloc[place].reset_index(drop=True)
    labels[KEYS] = pd.DataFrame(rows, columns=KEYS)
    labels.loc[~there, COUNTS] = 0
    return Figures(
        labels,
        np.where(there, made.values[place], np.nan),
        Placed(made.influence, where, len(rows)),
        there & made.fixed[place],
        None if made.freedom is None else made.freedom.combine(matrix),
        None if made.rarer is None else np.where(there, made.rarer[place], np.inf),
        tuple(old[at] if at >= 0 else Fault(sample.where, absent) for at in place),
    )


def _merged(lists: Iterable[Sequence[Key]]) -> list[Key]:
    """All keys of several lists that have their order in common; the longest sets it."""
    merged: list[Key] = []
    for keys in sorted(lists, key=len, reverse=True):
        if not merged:
            merged = list(keys)
        place = 0
        for key in keys if set(keys) - set(merged) else ():
            if key in merged:
                place = merged.index(key) + 1
            else:
                merged.insert(place, key)
                place += 1
    return merged


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
    answering = np.count_nonzero(np.bincount(sample.respondent))
    if answering < 2:
        raise EstimationError(
            Fault(
                sample.where,
                f"{answering} respondent(s) answered",
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
