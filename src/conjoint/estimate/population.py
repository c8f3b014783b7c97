"""Population AMCEs: the other attributes as profiles of interest have them, not as randomised."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError, Fault, RequestError, choices
from conjoint.estimate.additive import (
    apart,
    find_baselines,
    level_labels,
    levels_shown,
    never_shown,
)
from conjoint.estimate.design import (
    against,
    block_for,
    cell_names,
    cells_of,
    check_always_shown,
    find_components,
)
from conjoint.estimate.figures import join_each, linear_figures, regress
from conjoint.estimate.groups import estimate_each
from conjoint.estimate.linear import Term
from conjoint.estimate.modelled import modelled_population_effects
from conjoint.estimate.sample import check_answers, samples, specify
from conjoint.estimate.target import (
    Shares,
    check_overlap,
    note_target,
    profile_weight,
    read_target,
    target_block,
    target_ratio,
)
from conjoint.estimates import effective_base
from conjoint.typing import Method, Randomised

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.estimate.groups import Figures
    from conjoint.estimate.sample import Sample
    from conjoint.estimates import Estimates
    from conjoint.typing import FloatArray, Variance
    from conjoint.wave import Wave

__all__ = ["population_effects", "population_means", "target_overlap"]

COSTS = ("largest_ratio", "effective_profiles", "effective_share")


def population_effects(
    wave: Wave,
    by: str | Sequence[str] | None = None,
    *,
    target: Mapping[Any, Mapping[Any, Any]],
    outcome: str | None = None,
    baselines: Mapping[str, str] | None = None,
    method: Method = "design",
    randomised: Randomised = "declared",
    cap: float | None = None,
    variance: Variance = "linearised",
    confidence: float = 0.95,
) -> Estimates:
    """Population AMCEs: effects averaged over profiles as they are out there.

    Estimand
        The AMCE, with the other attributes of the profile distributed as in the target in place of
        the randomised distribution. Attributes that the target does not name, and the opponent in a
        paired task, stay as they were randomised.
    Formula
        One weighted regression an attribute z, on its levels alone, so a difference of weighted
        means. A profile's weight is the respondent's times the target's probability of its other
        attributes over their randomised one, over that of its own level of z.
    Variance
        Linearised and clustered by respondent, the target weights taken as given; see
        :class:`conjoint.Estimates`.
    Units
        Those of the outcome: 0 to 1 for choices and support.
    Restricted designs
        Attributes tied to z are modelled with it by their joint cells, and averaged as the design,
        weighted to the target, draws them with the level, over the combinations allowed with both
        level and baseline.

    Parameters
    ----------
    wave, by, outcome, variance, confidence
        As for :func:`conjoint.amce`.
    target
        For each attribute named, the share of each level; for a tuple of attributes, their joint
        shares, nested or keyed by tuples of levels. Each sums to one.
    baselines
        Levels to measure against, by attribute; the survey's baselines for those not named.
    method
        ``"design"`` weights profiles, and assumes nothing. ``"model"``, for forced choices between
        two, averages a model of all two-way interactions, whose intervals are narrower where the
        target is far from the design: see
        :func:`conjoint.estimate.modelled.modelled_population_effects`.
    randomised
        ``"declared"``: as the survey says the design draws levels; ``"observed"``: as the group's
        profiles, weighted, show them.
    cap
        The largest weight of a profile, the respondent's own apart; None for none. It trades some
        of the target for narrower intervals. factorEx caps at 10.

    Returns
    -------
    Estimates
        Rows in the order outcome, group, attribute, level. Counts leave out profiles that the
        target gives no weight.

    Raises
    ------
    RequestError
        The target, or an option, is wrong; every fault of the target is named.
    EstimationError
        No profile shows what the target holds; or as for :func:`conjoint.amce`.

    References
    ----------
    de la Cuesta, Egami & Imai 2022, doi:10.1017/pan.2020.40. Checked against factorEx 1.0.1.
    """
    chosen = find_baselines(wave, baselines)
    if method not in get_args(Method):
        raise RequestError(
            Fault("method", f'there is no "{method}"', choices(get_args(Method)), "Name one.")
        )
    if method == "model":
        if cap is not None or randomised != "declared":
            raise RequestError(
                Fault("method", '"model" has no weights to cap, and observes none', '"design"')
            )
        check_always_shown(wave.survey, "method")
        return modelled_population_effects(
            wave, by, target=target, outcome=outcome, baselines=chosen, variance=variance,
            confidence=confidence,
        )  # fmt: skip
    parts = _read(wave, target, randomised, cap)

    def estimator(sample: Sample) -> Figures:
        check_overlap(sample, parts)
        return join_each(
            sample,
            wave.survey.attributes,
            lambda name: _figures_of(sample, name, parts, randomised, cap, chosen[name]),
            lambda name: _labels(sample, name, chosen[name]),
        )

    options = _options(parts, randomised, cap)
    specification = specify(wave, "population_amce", by, variance, confidence, **options)
    return estimate_each(wave, estimator, specification, outcome)


def population_means(
    wave: Wave,
    by: str | Sequence[str] | None = None,
    *,
    target: Mapping[Any, Mapping[Any, Any]],
    outcome: str | None = None,
    randomised: Randomised = "declared",
    cap: float | None = None,
    variance: Variance = "linearised",
    confidence: float = 0.95,
) -> Estimates:
    """Population marginal means: the mean outcome of a level's profiles, weighted to a target.

    Estimand
        E[Y | level], with the other attributes of the profile distributed as in the target. In a
        forced choice the average of an attribute's means need not be one half: the opponent is
        still drawn as it was randomised.
    Restricted designs
        Averaged over the combinations that the design allows with the level.

    Formula, variance, units, parameters, errors and references as :func:`population_effects`.
    """
    parts = _read(wave, target, randomised, cap)

    def estimator(sample: Sample) -> Figures:
        check_overlap(sample, parts)
        return join_each(
            sample,
            wave.survey.attributes,
            lambda name: _figures_of(sample, name, parts, randomised, cap, None),
            lambda name: _labels(sample, name, None),
        )

    options = _options(parts, randomised, cap)
    specification = specify(wave, "population_marginal_mean", by, variance, confidence, **options)
    return estimate_each(wave, estimator, specification, outcome)


def target_overlap(
    wave: Wave,
    target: Mapping[Any, Mapping[Any, Any]],
    by: str | Sequence[str] | None = None,
    *,
    outcome: str | None = None,
    randomised: Randomised = "declared",
    cap: float | None = None,
) -> pd.DataFrame:
    """What a target costs: one row an attribute whose population AMCE is to be estimated.

    Returns
    -------
    pandas.DataFrame
        ``outcome, group, attribute``; ``n_profiles``, those answered; ``largest_ratio`` of target to
        randomised probability of a profile's other attributes; ``effective_profiles``, (sum w)^2 /
        sum w^2 over all weights together; ``effective_share``, that over what the respondents'
        weights alone leave. A share near zero says that few profiles look like the target. ``note``
        says why a group has none of these.

    Raises
    ------
    RequestError, EstimationError
        As for :func:`population_effects`.
    """
    parts = _read(wave, target, randomised, cap)
    rows: list[dict[str, Any]] = []
    faults: list[Fault] = []
    for sample in samples(wave, outcome, specify(wave, "target_overlap", by, "linearised", 0.95)):
        keys = {"outcome": sample.outcome, "group": sample.group}
        note = ""
        try:
            check_answers(sample)
            check_overlap(sample, parts)
        except EstimationError as error:
            note = error.faults[0].what
            faults += error.faults
        for name in wave.survey.attributes:
            part = sample.showing(name)
            cost = {} if note else _cost(part, name, parts, randomised, cap)
            own = {"attribute": name, "n_profiles": len(part.y)}
            rows.append(keys | own | dict.fromkeys(COSTS, np.nan) | cost | {"note": note})
    if all(row["note"] for row in rows):
        raise EstimationError(*faults)
    return pd.DataFrame(rows)


def _cost(
    sample: Sample,
    name: str,
    target: Sequence[Shares],
    randomised: Randomised,
    cap: float | None,
) -> dict[str, float]:
    """What a target costs the effects of one attribute, as `COSTS`."""
    ratio = target_ratio(sample, name, target, randomised)
    weight = profile_weight(sample, name, ratio, randomised, cap)
    effective = effective_base(sample.w * weight)
    share = effective / effective_base(sample.w)
    return dict(zip(COSTS, (float(ratio.max()), effective, share), strict=True))


def _read(
    wave: Wave, target: Mapping[Any, Mapping[Any, Any]], randomised: Randomised, cap: float | None
) -> tuple[Shares, ...]:
    if randomised not in get_args(Randomised):
        what, known = f'there is no "{randomised}"', choices(get_args(Randomised))
        raise RequestError(Fault("randomised", what, known, "Name one of them."))
    if cap is not None and not cap > 0:
        raise RequestError(Fault("cap", f"{cap} is no weight", "a number above zero, or None"))
    return read_target(wave.survey, target)


def _options(parts: Sequence[Shares], randomised: str, cap: float | None) -> dict[str, str]:
    capped = {} if cap is None else {"cap": f"{cap:g}"}
    return {**note_target(parts), "randomised": randomised, **capped}


def _figures_of(
    sample: Sample,
    name: str,
    target: Sequence[Shares],
    randomised: Randomised,
    cap: float | None,
    baseline: int | None,
) -> Figures:
    """One attribute's effects, or its means where there is no baseline."""
    survey, sample = sample.wave.survey, sample.showing(name)
    (component,) = (part for part in find_components(survey) if name in part)
    drawn = block_for(survey, component, sample.wave, (name,))
    block = target_block(sample, name, drawn, target, randomised)
    ratio = target_ratio(sample, name, target, randomised)
    counted = _reweighted(sample, name, profile_weight(sample, name, ratio, randomised, cap))
    code = cells_of(sample.wave, block.attributes)[0][counted.rows]
    seen = np.bincount(code, minlength=block.size) > 0
    columns = np.full(block.size, -1, dtype=np.intp)
    columns[seen] = np.arange(seen.sum())
    names = cell_names(survey, block.attributes)
    cells = [names[cell] for cell in np.flatnonzero(seen)]
    regression = regress(counted, [Term(code, columns)], cells)
    values = survey.attributes[name].values
    rows, faults = np.zeros((len(values), len(cells))), list[Fault | None]()
    for level in range(len(values)):
        change = np.eye(len(values))[level]
        if baseline is not None:
            change = against(level, baseline, len(values))
        row = block.average({name: change}, {name: level}, seen)
        faults.append(None)
        if row is not None:
            rows[level] = row[seen]
            continue
        other = level if baseline is None else baseline
        unseen = [place for place in (level, other) if not levels_shown(block, seen, name)[place]]
        faults[level] = apart(counted, name, values[level], values[other])
        if unseen:
            faults[level] = never_shown(counted, name, values[unseen[0]])
    labels = _labels(counted, name, baseline)
    figures = linear_figures(counted, regression, rows, labels, cells, tuple(faults))
    return replace(figures, rarer=np.full(len(rows), np.inf) if baseline is None else None)


def _labels(sample: Sample, name: str, baseline: int | None) -> pd.DataFrame:
    estimand = "marginal mean" if baseline is None else "amce"
    return level_labels(sample, {name: baseline}, f"population {estimand}")


def _reweighted(sample: Sample, name: str, weight: FloatArray) -> Sample:
    """The profiles that the target gives weight."""
    counted = sample.only(weight > 0)
    if len(np.unique(counted.respondent)) < 2:
        raise EstimationError(
            Fault(
                f'{sample.where}, attribute "{name}"',
                "fewer than two respondents saw profiles that the target gives weight",
                "two or more",
                "Widen the target, or the group.",
            )
        )
    return replace(counted, w=counted.w * weight[weight > 0])
