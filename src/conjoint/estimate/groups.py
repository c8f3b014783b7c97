"""Figures of one group after another, side by side as estimates: what cannot be had is a row too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError, Fault
from conjoint.estimate.carriers import Carriers
from conjoint.estimate.leverage import BellMcCaffrey
from conjoint.estimate.sample import check_answers, samples
from conjoint.estimates import (
    COUNTS,
    Basis,
    Designs,
    Estimates,
    Placed,
    effective_base,
    matrix_of,
    squares_of,
    stack,
    unmoved,
)
from conjoint.wave.group import is_of_respondents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from conjoint.estimate.sample import Sample
    from conjoint.estimates import Freedom, Influence, Specification
    from conjoint.survey import Outcome
    from conjoint.typing import BoolArray, FloatArray
    from conjoint.wave import Wave

__all__ = [
    "NEVER",
    "Attempt",
    "Figures",
    "as_estimates",
    "attempt",
    "calibrated",
    "estimate_each",
    "estimate_outcomes",
    "footing_of",
    "side_by_side",
]

KEYS = ["estimand", "attribute", "level", "baseline"]


"""What tells the figures of one group and outcome apart."""


NEVER = "never shown"


"""Why a group lacks a figure that others have, unless its estimator has another reason."""


@dataclass(frozen=True, eq=False, slots=True)
class Figures:
    """What an estimator says of one sample: labels, values, influence, and which are fixed.

    `faults` has one entry a figure, why it cannot be estimated or None; it is empty where all can be.
    Such a figure is NaN, and nobody moves it.
    `rarer` is there where the figures are means of the outcome, and cannot leave its scale: of shape (k,),
    how many answers are of the rarer sort; infinite for what a model says the mean would be.
    `carrying` is there where the figures are of a regression.
    """

    labels: pd.DataFrame
    values: FloatArray
    influence: FloatArray | Influence
    fixed: BoolArray
    freedom: Freedom | None = None
    rarer: FloatArray | None = None
    faults: tuple[Fault | None, ...] = ()
    carrying: Carriers | None = None


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
        keys: list[list[Key]] = [[]]
        if len(own) > 1:  # one group has the rows that it has
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
    wave, names = sample.wave, {"outcome": sample.outcome, "group": sample.group}
    constant = {name: np.full(len(made.values), text, dtype=object) for name, text in names.items()}
    columns = {str(name): made.labels[name].array for name in made.labels}
    labels = pd.DataFrame({**columns, **constant})
    outcome, of_people = (
        wave.survey.outcomes[sample.outcome],
        is_of_respondents(wave, specification.by),
    )
    return Estimates(
        labels,
        made.values,
        calibrated(wave, made.influence),
        Designs.of(sample.members, len(labels), degrees=wave.degrees(sample.members)),
        made.fixed,
        specification,
        made.freedom,
        basis=footing_of(sample, made, outcome, of_people=of_people),
        notes=tuple(fault.what if fault else "" for fault in made.faults),
        carrying=made.carrying or Carriers(len(labels)),
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
    labels = pd.DataFrame(rows, columns=KEYS).assign(
        **dict(zip(COUNTS, sample.base(), strict=True))
    )
    return Figures(
        labels,
        np.full(k, np.nan),
        unmoved(sample.n_respondents, k),
        np.zeros(k, dtype=bool),
        BellMcCaffrey((), np.zeros((k, 0))) if brought else None,
        faults=(Fault(sample.where, error.reasons),) * k,
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
        None if made.carrying is None else made.carrying.combine(matrix),
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


def calibrated(wave: Wave, influence: FloatArray | Influence) -> FloatArray | Influence:
    """What calibration leaves of the influence; as it is where the weights met no targets."""
    return influence if wave.calibration is None else wave.residual(matrix_of(influence))
