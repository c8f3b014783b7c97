"""Estimates by convention, each made once; published figures are combinations of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.errors import ConjointError
from conjoint.estimate import (
    amce,
    corrected,
    interactions,
    joint_means,
    reliability,
)
from conjoint.estimate.design import cell_names, cells_of, find_components, level_cells
from conjoint.estimate.figures import join, means_of
from conjoint.estimate.groups import estimate_each
from conjoint.estimate.sample import specify
from conjoint.estimate.ties import find_untied, without_ties
from conjoint.estimates import Estimates, stack
from conjoint.survey import TOTAL, Joint, Outcome
from conjoint.wave import Wave
from conjoint.weight import rake

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from conjoint.estimate.groups import Figures
    from conjoint.estimate.sample import Sample
    from conjoint.reproduce.convention import Averaging, Convention, Weights
    from conjoint.survey import Repeat, Survey
    from conjoint.typing import BoolArray, FloatArray, Interaction, PublishedEstimand, Variance

__all__ = ["LINEARISED", "Errors", "Key", "Made", "group_name"]

By = str | tuple[str, ...] | None
Key = tuple[str, str]
"""A group: the column it is a value of (empty for everybody and segments), and the group."""


@dataclass(frozen=True, slots=True)
class Errors:
    """How the influence of figures is taken: a variance, of respondents or of profiles.

    `profiles` takes every profile for a respondent of its own; `fixed` takes weights as given, although
    they were made to meet targets.
    """

    variance: Variance = "linearised"
    profiles: bool = False
    fixed: bool = False


LINEARISED = Errors()


class Made:
    """The estimates of one wave by convention, made when first asked for.

    Parameters
    ----------
    wave
        As read, or weighted.
    repeat
        What the repeated task repeats, where survey.toml does not say.
    """

    def __init__(self, wave: Wave, repeat: Repeat | None = None) -> None:
        self.wave = wave
        self.repeat = repeat
        self._waves: dict[tuple[Weights, Averaging, bool, bool], Wave] = {}
        self._estimates: dict[tuple[object, ...], Estimates] = {}
        self._failed: dict[tuple[object, ...], str] = {}

    @cached_property
    def _by_weights(self) -> dict[Weights, Wave]:
        wave, survey = self.wave, self.wave.survey
        even = np.ones(wave.n_respondents)
        given = wave.weights if wave.calibration is None else wave.calibration.start
        found: dict[Weights, Wave] = {}
        if wave.calibration is not None:
            found["targets"] = wave
        elif survey.targets is not None:
            found["targets"] = rake(wave)
        if np.ptp(given) > 0:
            found["given"] = wave.with_weights(given)
        # Who has no weight is in no figure, weighted or not.
        found["none"] = wave.with_weights(np.where(given > 0, even, 0.0))
        return found

    @property
    def weights(self) -> tuple[Weights, ...]:
        """The weights there are, those that reports use first."""
        return tuple(self._by_weights)

    @cached_property
    def untied(self) -> dict[str, BoolArray]:
        """For each attribute, the profiles whose level no other profile of their task shows."""
        return find_untied(self.wave)

    @cached_property
    def has_pairs(self) -> bool:
        """Whether tasks show several profiles, so that some can be tied."""
        try:
            return bool(self.untied)
        except ConjointError:
            return False

    @cached_property
    def can_correct(self) -> bool:
        """Whether a repeated task says how reliable choices are."""
        if self.wave.repeats is None:
            return False
        try:
            reliability(self._by_weights[self.weights[0]], repeat=self.repeat)
        except ConjointError:
            return False
        return True

    def weighted(self, weights: Weights) -> Wave:
        """The wave by its weights."""
        return self._by_weights[weights]

    def _wave(self, weights: Weights, averaging: Averaging, errors: Errors) -> Wave:
        key = (weights, averaging, errors.profiles, errors.fixed)
        if key not in self._waves:
            wave = self._by_weights[weights]
            if errors.fixed:
                wave = wave.fixed()
            if errors.profiles:
                wave = _profiles_apart(wave)
            if averaging != "intended":
                wave = replace(wave, survey=_SURVEYS[averaging](wave))
            self._waves[key] = wave
        return self._waves[key]

    def tau(
        self, convention: Convention, outcome: str, groups: Sequence[Key], variance: Variance
    ) -> Estimates:
        """The reliability of choices, of each group its own."""

        def rate(by: By) -> Estimates:
            wave = self._by_weights[convention.weights]
            return reliability(wave, by, outcome=outcome, repeat=self.repeat, variance=variance)

        return self._of_groups(rate, groups, ("tau", convention.weights, outcome, variance))

    def estimates(
        self,
        estimand: PublishedEstimand,
        convention: Convention,
        outcome: str,
        groups: Sequence[Key],
        errors: Errors = LINEARISED,
        *,
        baselines: Mapping[str, str] | None = None,
        several: Sequence[tuple[str, ...]] = (),
    ) -> Estimates:
        """Figures of some groups side by side; groups are called as `group_name` calls them.

        Parameters
        ----------
        baselines
            Of effects, other than the survey's.
        several
            The sets of attributes of interactions and joint means.

        Raises
        ------
        ConjointError
            A group has no such figures.
        """
        wave = self._wave(convention.weights, convention.averaging, errors)
        estimator = self._estimator(
            estimand, convention, wave, outcome, errors.variance, baselines or {}, several
        )
        key = (estimand in ("amce", "amce_difference") and not convention.of_means, estimand
               if several else "", convention.weights, convention.averaging, convention.regression,
               convention.ties, outcome, errors, tuple((baselines or {}).items()), tuple(several))  # fmt: skip
        found = self._of_groups(estimator, groups, key)
        if convention.corrected:
            found = corrected(found, self.tau(convention, outcome, groups, errors.variance))
        return found

    def _estimator(
        self,
        estimand: PublishedEstimand,
        convention: Convention,
        wave: Wave,
        outcome: str,
        variance: Variance,
        baselines: Mapping[str, str],
        several: Sequence[tuple[str, ...]],
    ) -> Callable[[By], Estimates]:
        if estimand in ("acie", "amie"):
            kind: Interaction = "acie" if estimand == "acie" else "amie"
            return lambda by: stack(
                [
                    interactions(
                        wave, own, by, kind=kind, outcome=outcome, baselines=baselines,
                        variance=variance,
                    )
                    for own in ([several] if convention.regression == "all" else several)
                ]
            )  # fmt: skip
        if estimand == "joint_mean":
            return lambda by: stack(
                [joint_means(wave, own, by, outcome=outcome, variance=variance) for own in several]
            )
        if estimand in ("amce", "amce_difference") and not convention.of_means:
            return lambda by: amce(
                wave, by, outcome=outcome, baselines=baselines, variance=variance
            )
        untied = self.untied if convention.ties == "drop" else None
        return lambda by: _level_means(wave, by, outcome, untied, variance)

    def _of_groups(
        self,
        estimator: Callable[[By], Estimates],
        groups: Sequence[Key],
        key: tuple[object, ...],
    ) -> Estimates:
        """Each group's figures, those of a column or of segments made at one go where that works."""
        parts = []
        for by in _asked(groups):
            try:
                parts.append(self._one(estimator, by, key))
            except ConjointError:
                if not isinstance(by, tuple) or len(by) < 2:
                    raise
                parts += [self._one(estimator, (name,), key) for name in by]
        return stack(parts)

    def _one(
        self,
        estimator: Callable[[By], Estimates],
        by: By,
        key: tuple[object, ...],
    ) -> Estimates:
        own = (*key, by)
        if own not in self._estimates:
            made = estimator(by)
            if isinstance(by, str):
                labels = made.labels.assign(group=by + ": " + made.labels["group"])
                made = replace(made, labels=labels)
            self._estimates[own] = made
        return self._estimates[own]


def group_name(key: Key) -> str:
    """How a group is called among the estimates."""
    column, group = key
    return f"{column}: {group}" if column else group


def _asked(groups: Sequence[Key]) -> list[By]:
    """What has to be asked for by: everybody, segments together, each column."""
    asked: list[By] = []
    if ("", TOTAL) in groups:
        asked.append(None)
    segments = tuple(dict.fromkeys(g for column, g in groups if not column and g != TOTAL))
    if segments:
        asked.append(segments)
    asked += dict.fromkeys(column for column, _ in groups if column)
    return asked


def _level_means(
    wave: Wave, by: By, outcome: str, untied: dict[str, BoolArray] | None, variance: Variance
) -> Estimates:
    """Marginal means, maybe of the profiles that are not tied; attribute by attribute."""
    survey = wave.survey

    def estimator(sample: Sample) -> Figures:
        parts = []
        for name in sample.attributes:
            own = sample if untied is None else without_ties(sample, name, untied)
            code, shape = cells_of(wave, (name,))
            cells, levels = cell_names(survey, (name,)), level_cells(survey, (name,))
            codes = [code[own.rows]]
            parts.append(means_of(own, codes, [shape[0]], [cells], reported=[levels]))
        figures = join(parts)
        return replace(figures, labels=figures.labels.assign(estimand="marginal mean"))

    specification = specify(wave, "marginal_mean", by, variance, 0.95)
    return estimate_each(wave, estimator, specification, outcome)


def _profiles_apart(wave: Wave) -> Wave:
    """The wave with every profile a respondent of its own, profiles in the same order.

    A choice is no longer one among the profiles of a task, and is kept as a judgement of 1 or 0.
    """
    rows = np.arange(wave.n_profiles)
    people = wave.respondents.iloc[wave.respondent_index].reset_index(drop=True)
    outcomes = {
        name: outcome
        if outcome.kind == "rating"
        else Outcome(kind="support", column=name, positive=("1",), negative=("0",))
        for name, outcome in wave.survey.outcomes.items()
    }
    return Wave.build(
        wave.survey.model_copy(update={"outcomes": outcomes}),
        people.assign(respondent=rows),
        wave.profiles.assign(respondent=rows),
        np.array(wave.weight_of_profiles),
    )


def _unrestricted(wave: Wave) -> Survey:
    return wave.survey.model_copy(update={"restrictions": (), "joint": ()})


def _as_shown(wave: Wave) -> Survey:
    """The survey whose design draws tied attributes as often together as they were shown."""
    survey = wave.survey
    joints = []
    for names in find_components(survey):
        if len(names) < 2:
            continue
        codes, shape = cells_of(wave, names)
        counts = np.bincount(codes, minlength=int(np.prod(shape)))
        values = [survey.attributes[name].values for name in names]
        counts = counts[level_cells(survey, names)].reshape([len(levels) for levels in values])
        joints.append(Joint(attributes=names, cells=_nested(values, counts / counts.sum())))
    return survey.model_copy(update={"joint": tuple(joints)})


def _nested(values: Sequence[tuple[str, ...]], shares: FloatArray) -> dict[str, Any]:
    """Shares by level within level, without those of zero."""
    if len(values) == 1:
        pairs = zip(values[0], shares, strict=True)
        return {level: float(share) for level, share in pairs if share}
    return {
        level: _nested(values[1:], own)
        for level, own in zip(values[0], shares, strict=True)
        if own.any()
    }


_SURVEYS: dict[str, Callable[[Wave], Survey]] = {"observed": _as_shown, "ignored": _unrestricted}
