"""What a scenario says: figures, what was shown, and whether levels add up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError, Fault, RequestError
from conjoint.estimate.design import find_blocks
from conjoint.estimate.groups import estimate_outcomes
from conjoint.estimate.pairs import estimate_pairs
from conjoint.estimate.presence import never_mixed
from conjoint.estimate.target import read_target
from conjoint.estimates import omnibus
from conjoint.estimates.interval import FEW
from conjoint.say.number import base, numeral, p_value
from conjoint.say.prompt import at_prompt
from conjoint.scenario.model import (
    LOGIT,
    SHOWN,
    answers_with,
    beside_shown,
    bounded,
    departures,
    fit_model,
    shown_shares,
    undecided,
    unmodelled,
)
from conjoint.scenario.package import in_words, named, parted
from conjoint.survey import INTERLOCK
from conjoint.wave import find_groups
from conjoint.withhold.mark import has_few_carriers, reason_of_thin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conjoint.estimate.groups import Figures
    from conjoint.estimate.pairs import Pairs
    from conjoint.estimate.sample import Sample
    from conjoint.estimates import Estimates, Specification
    from conjoint.scenario.package import Package, Pair
    from conjoint.wave import Wave

__all__ = ["KEYS", "STATUS_QUO", "TESTED_AT", "Request", "Scene", "look_at"]

STATUS_QUO = "status quo"
"""The opponent that is no profile: the answer that chooses none."""

KEYS = ["outcome", "group", "attribute", "level", "baseline"]
"""What tells one figure of a scene from another."""

TEST = ["statistic", "df_num", "df_denom", "p_value"]

TESTED_AT = 0.05


PEOPLE_NEEDED = 5
"""For each interaction that is tested: with fewer the test finds interactions where there are none."""


@dataclass(frozen=True, eq=False, slots=True)
class Request:
    """Packages to be looked at, and how."""

    wave: Wave
    packages: tuple[Package, ...]
    interactions: tuple[Pair, ...]
    average: Any
    opponent: Package | str | None
    outcomes: tuple[str, ...]
    specification: Specification

    @property
    def estimand(self) -> str:
        """What the figures are called."""
        if self.opponent is None:
            return "support"
        return "over status quo" if self.opponent == STATUS_QUO else "head to head"

    @property
    def against(self) -> Package | None:
        """The opponent, where it is a profile."""
        return self.opponent if isinstance(self.opponent, dict) else None

    @property
    def involved(self) -> tuple[str, ...]:
        """The attributes that any of the packages name, in the survey's order."""
        everything = [*self.packages, self.against or {}]
        known = self.wave.survey.attributes
        return tuple(name for name in known if any(name in package for package in everything))


@dataclass(frozen=True, eq=False, repr=False)
class Scene:
    """Support for packages, with what stands behind it.

    Parameters
    ----------
    figures
        What the model says, one row an outcome, group and package.
    shown
        The raw means of the profiles that showed the package, where two people or more saw it; what
        the package leaves out is as the design drew it, whatever was stated to average over.
    gap
        The model's figure less the raw mean, with its interval: how badly the model fits just there.
    additivity
        One row an outcome and group: the joint test that the attributes named, and those of which shares
        are stated, do not interact beyond what the model has (``statistic, df_num, df_denom, p_value``), or in `note` why there is none.
    warnings
        For people to read: combinations never shown, models that do not fit.
    models
        By outcome and group which model made the figures: ``"linear"``, or ``"logit"`` where the linear one would
        leave the scale for some package that the design draws.
    """

    figures: Estimates
    shown: Estimates | None
    gap: Estimates | None
    additivity: pd.DataFrame
    warnings: tuple[str, ...]
    models: Mapping[tuple[str, str], str]

    @property
    def frame(self) -> pd.DataFrame:
        """The figures' tidy frame, and beside each the test of additivity, what was shown, and the model.

        `shown_profiles` is 0, and `extrapolated` true, where fewer than two people were shown the
        package. `gap_p` tests the model's figure against the raw mean; where fewer than ten people gave the
        rarer answer, whose spread nobody knows then, at least with the spread that the model's figure has.
        """
        frame = self.figures.frame
        test = self.additivity.set_index(["outcome", "group"])["p_value"]
        frame["additivity_p"] = [
            test[key] for key in zip(frame["outcome"], frame["group"], strict=True)
        ]
        given = {
            "shown_estimate": "estimate",
            "shown_low": "conf_low",
            "shown_high": "conf_high",
            "shown_profiles": "n_profiles",
            "shown_respondents": "n_respondents",
        }
        shown = _keyed(self.shown)
        for column, source in given.items():
            frame[column] = _matched(frame, shown, source)
        gap = np.asarray(_matched(frame, _keyed(self.gap), "p_value"), dtype=float)
        frame["gap_p"] = np.where(np.isnan(gap), gap, np.fmax(gap, self._at_model(frame, shown)))
        for column in ("shown_profiles", "shown_respondents"):
            frame[column] = frame[column].fillna(0).astype(int)
        itself = frame["level"] == frame["baseline"]
        told = frame["estimate"].notna()
        frame["extrapolated"] = (frame["shown_profiles"] == 0) & ~itself & told
        keys = zip(frame["outcome"], frame["group"], strict=True)
        frame["model"] = [self.models.get(key, "") for key in keys]
        return frame

    def _at_model(self, frame: pd.DataFrame, shown: pd.DataFrame | None) -> Any:
        """P-values of raw shares of few rarer answers, if the model's figures were true; else NaN."""
        if self.shown is None or shown is None:
            return np.nan
        model = frame.set_index(KEYS)["estimate"].reindex(shown.index).to_numpy(dtype=float)
        p = self.shown.p_values_of(self.shown.tested(self.shown.std_errors, model))
        own = shown.assign(p_value=np.where(self.shown.footing.rarer < FEW, p, np.nan))
        return _matched(frame, own, "p_value")

    def __repr__(self) -> str:
        return at_prompt(
            f"<Scene: {len(self.figures)} figures, {len(self.warnings)} warnings>",
            self.frame,
            list(self.frame),
        )

    def _repr_html_(self) -> str:
        return str(self.frame.to_html(index=False, float_format=lambda value: numeral(value, 4)))


def _keyed(estimates: Estimates | None) -> pd.DataFrame | None:
    return None if estimates is None else estimates.frame.set_index(KEYS)


def _matched(frame: pd.DataFrame, known: pd.DataFrame | None, column: str) -> Any:
    keys = pd.MultiIndex.from_frame(frame[KEYS])
    if known is None:
        return pd.Series(np.nan, index=frame.index)
    return known[column].reindex(keys).to_numpy()


def look_at(request: Request) -> Scene:
    """Estimate what a request asks for, and test it."""
    wave, opponent = request.wave, request.against
    stated = () if request.average == "design" else read_target(wave.survey, request.average)
    shares_of = {name for part in stated for name in part.attributes}
    _check_stated(request, shares_of)
    # How stated levels go with the package matters too: the design's average would forgive it.
    tested = tuple(
        name for name in wave.survey.attributes if name in request.involved or name in shares_of
    )
    labels = _labels(request)
    names = list(zip(labels["attribute"], labels["level"], strict=True))

    models: dict[tuple[str, str], str] = {}

    def figures(sample: Sample, pairs: Pairs | None) -> Figures:
        model = bounded(fit_model(sample, request.interactions, stated, pairs))
        models[sample.outcome, sample.group] = model.link
        made = model.figures(request.packages, opponent)
        shown = shown_shares(sample, request.packages, names, opponent, pairs)
        return beside_shown(made, shown, labels, request.estimand)

    both = _adding_up(_each(request, figures), request, models)
    modelled = both.select(estimand=request.estimand)
    known = both.without_missing()
    raw = known.select(estimand=SHOWN) if SHOWN in set(known.labels["estimand"]) else None
    additivity = _test(request, tested)
    return Scene(
        modelled,
        raw,
        # What was shown averages over the design, which may not be what is stated.
        None if stated else _gap(known),
        additivity,
        tuple(_warnings(request, tested, modelled, raw, additivity, models)),
        models,
    )


def _each(request: Request, figures: Callable[[Sample, Pairs | None], Figures]) -> Estimates:
    """Run what makes figures of a sample for each outcome and group."""
    wave, specification = request.wave, request.specification
    if request.against is not None:
        return estimate_pairs(wave, figures, specification, request.outcomes)
    rows = _decided if request.opponent == STATUS_QUO else _all
    return estimate_outcomes(
        wave, lambda sample: figures(rows(sample), None), specification, request.outcomes
    )


def _adding_up(
    estimates: Estimates, request: Request, models: Mapping[tuple[str, str], str]
) -> Estimates:
    """Have the answers to a question share what its own outcome leaves, where their models are logits.

    Formula
        r_j = (1 - p) q_j / sum of q, p the outcome's own share and q those that each other answer's logit gives. Linear
        models fitted to the same rows add up by themselves.
    """
    labels, survey = estimates.labels, request.wave.survey
    values, jacobian = estimates.values.copy(), np.eye(len(estimates))
    modelled = (labels["estimand"] == request.estimand).to_numpy()
    at = {
        (name, *key): row
        for row, (name, key) in enumerate(
            zip(
                labels["outcome"], labels[["group", *KEYS[2:]]].itertuples(index=False), strict=True
            )
        )
        if modelled[row]
    }
    changed = False
    for (name, *key), row in at.items():
        first, *rest = answers_with(survey, name)
        if name != first or not rest or models.get((rest[0], str(key[0]))) != LOGIT:
            continue
        rows = [at[other, *key] for other in rest]
        left, own = 1 - estimates.values[row], estimates.values[rows]
        total = own.sum()
        values[rows] = left * own / total
        jacobian[rows, row] = -own / total
        jacobian[np.ix_(rows, rows)] = left * (np.eye(len(rows)) - own[:, None] / total) / total
        changed = True
    if not changed:
        return estimates
    made = estimates.derive(values, jacobian, labels, "support")
    return replace(
        made, labels=labels, specification=estimates.specification, basis=estimates.basis
    )


def _all(sample: Sample) -> Sample:
    return sample


def _decided(sample: Sample) -> Sample:
    rest = undecided(sample)
    if not ((rest.y == 0).any() and (rest.y == 1).any()):
        raise EstimationError(
            Fault(
                sample.where,
                "everybody, or nobody, chose none",
                "some tasks in which none was chosen, and some in which a profile was",
                "Widen the group.",
            )
        )
    return rest


def _labels(request: Request) -> pd.DataFrame:
    survey = request.wave.survey
    attribute, level = zip(*(named(survey, own) for own in request.packages), strict=True)
    if request.against is not None:
        baseline = named(survey, request.against)[1]
    else:
        baseline = STATUS_QUO if request.opponent == STATUS_QUO else ""
    return pd.DataFrame({"attribute": attribute, "level": level, "baseline": baseline})


def _check_stated(request: Request, stated: set[str]) -> None:
    both = [name for name in request.involved if name in stated]
    if both:
        raise RequestError(
            Fault(
                "average",
                f'it states shares of "{both[0]}", which the package fixes',
                "attributes that the package leaves out",
                "Take it out of one of them.",
            )
        )


def _gap(both: Estimates) -> Estimates | None:
    """The model's figures less the raw means, where there are some."""
    labels = both.labels
    keys = list(labels[KEYS].itertuples(index=False, name=None))
    raw = (labels["estimand"] == SHOWN).to_numpy()
    place = {keys[row]: row for row in np.flatnonzero(~raw)}
    rows = np.array([row for row in np.flatnonzero(raw) if keys[row] in place], dtype=np.intp)
    if not len(rows):
        return None
    matrix = np.zeros((len(rows), len(both)))
    for new, row in enumerate(rows):
        matrix[new, place[keys[row]]], matrix[new, row] = 1.0, -1.0
    return both.contrast(matrix, labels.iloc[rows].assign(estimand="model less shown"), "gap")


def _test(request: Request, names: tuple[str, ...]) -> pd.DataFrame:
    """The joint test of all interactions of these attributes that the model leaves out."""
    survey = request.wave.survey
    pairs = unmodelled(find_blocks(survey, request.interactions), names)
    groups = [group.key for group in find_groups(request.wave, request.specification.by)]
    keys = list(product(request.outcomes, groups))
    frame = pd.DataFrame(keys, columns=["outcome", "group"]).assign(pairs=len(pairs), note="")
    frame[TEST] = np.nan
    if not pairs:
        return frame.assign(note="nothing to test: the model has all their interactions")
    everything = (*request.interactions, *pairs)

    def figures(sample: Sample, tasks: Pairs | None) -> Figures:
        made = departures(fit_model(sample, everything, (), tasks), pairs)
        if made is None:
            what = "no interaction can be told from what was shown"
            raise EstimationError(Fault(sample.where, what, "combinations that were shown"))
        return made

    try:
        estimates = _each(request, figures)
    except EstimationError as error:
        return frame.assign(note=error.faults[0].what)
    for row, (outcome, group) in enumerate(keys):
        figures_of = estimates.select(outcome=outcome, group=group)
        if not figures_of.estimable.any():
            frame.loc[row, "note"] = figures_of.notes[0]
            continue
        people = int(figures_of.design.max())
        if has_few_carriers(figures_of, survey):
            frame.loc[row, "note"] = reason_of_thin(survey)
            continue
        own, note = _tested(figures_of, people)
        if own is None:
            frame.loc[row, "note"] = note
        else:
            frame.loc[row, TEST] = own[TEST].to_numpy(dtype=float)
    return frame


def _tested(departing: Estimates, people: int) -> tuple[pd.Series[Any] | None, str]:
    """The joint test of interactions, or why there is none."""
    try:
        own = omnibus(departing, together=True).iloc[0]
        told, note = own["df_num"], ""
    except EstimationError as error:
        told, note = departing.estimable.sum(), error.faults[0].what
    if people < PEOPLE_NEEDED * told:
        note = f"not tested: {numeral(told)} interactions are too many for {base(people)} people"
    return (None if note else own), note


def _warnings(
    request: Request,
    tested: tuple[str, ...],
    modelled: Estimates,
    raw: Estimates | None,
    additivity: pd.DataFrame,
    models: Mapping[tuple[str, str], str],
) -> list[str]:
    survey = request.wave.survey
    warnings = []
    known = set() if raw is None else set(raw.labels[KEYS].itertuples(index=False, name=None))
    keys = modelled.without_missing().labels[KEYS].itertuples(index=False, name=None)
    warnings += modelled.reasons
    never = dict.fromkeys((key[1], key[3]) for key in keys if key not in known and key[3] != key[4])
    if len(request.packages) == 1:
        said = in_words(survey, request.packages[0])
        for group, _ in never:
            warnings.append(
                f"{group}: fewer than two people were shown {said}"
                + (" against this opponent" if request.against is not None else "")
                + "; the figure rests on the model alone."
            )
    elif never:
        warnings.append(
            f"{len(never)} combination(s) of a group were shown to fewer than two people; their figures "
            "rest on the model alone."
        )
    warnings += _untold(request)
    failing = additivity[additivity["p_value"] < TESTED_AT]
    said = INTERLOCK.join(tested)
    for outcome, group, p in failing[["outcome", "group", "p_value"]].itertuples(index=False):
        chance = p_value(p, "p")
        what = f"do not simply add up ({chance}); ask for their interactions."
        if models.get((outcome, group)) == LOGIT:
            what = f"do not add up in points ({chance}), and need not: in the logit they add up in log odds."
        warnings.append(f'{group}, outcome "{outcome}": {said} {what}')
    return warnings


def _untold(request: Request) -> list[str]:
    """Say of which attributes choices do not tell what it is worth to leave them out."""
    survey = request.wave.survey
    absent = {name for package in request.packages for name in parted(survey, package)[1]}
    if not any(survey.is_forced(outcome) for outcome in request.outcomes):
        return []
    return [
        f"{name}: in every task all profiles show it or none does, so that choices do not tell what "
        "leaving it out is worth against showing it."
        for name in survey.attributes
        if name in absent and never_mixed(request.wave, name)
    ]
