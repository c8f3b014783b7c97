"""What the explorer's page computes with: models, designs and tests, and no respondent."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, permutations, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import special

from conjoint.errors import ConjointError, EstimationError, Fault, RequestError, choices
from conjoint.estimate import amce
from conjoint.estimate.design import cell_names, find_blocks
from conjoint.estimate.figures import linear_figures
from conjoint.estimate.groups import estimate_each
from conjoint.estimate.identification import identification
from conjoint.estimate.pairs import estimate_pairs
from conjoint.estimate.rank import NOTHING_LEFT
from conjoint.estimate.sample import specify
from conjoint.estimates import omnibus, stack
from conjoint.scenario.curve import numbers_of
from conjoint.scenario.model import (
    LOGIT,
    answers_with,
    bounded,
    departures,
    fit_model,
    undecided,
    unmodelled,
)
from conjoint.scenario.shown import combinations_shown
from conjoint.scenario.trade import weigh
from conjoint.survey import INTERLOCK
from conjoint.wave import TOTAL
from conjoint.withhold.mark import has_few_carriers, reason_of_thin, too_small
from conjoint.withhold.threshold import reading_of, too_few, too_few_to_estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from conjoint.estimate.groups import Figures
    from conjoint.estimate.pairs import Pairs
    from conjoint.estimate.rank import Basis
    from conjoint.estimate.sample import Sample
    from conjoint.estimates import Estimates, Specification
    from conjoint.scenario.model import Model
    from conjoint.scenario.package import Pair
    from conjoint.survey import Survey
    from conjoint.typing import FloatArray
    from conjoint.wave import Wave

__all__ = [
    "ACROSS",
    "EXPLORER_TABLES",
    "OVER",
    "PRESENCE",
    "QUO",
    "SUPPORT",
    "TOGETHER",
    "USABLE",
    "explorer_tables",
    "measures",
]

KEYS = ["outcome", "measure", "group"]

COLUMNS = {
    "explorer_models": [
        *KEYS, "n_profiles", "n_respondents", "n_effective", "degrees", "quantile", "confidence", "scale_low", "scale_high",
        "status", "note", "model",
    ],
    "explorer_coefficients": [*KEYS, "column", "attribute", "level", "estimate"],
    "explorer_covariance": [*KEYS, "column", "other", "covariance"],
    "explorer_cells": [*KEYS, "block", "place", "attribute", "level", "drawn", "column"],
    "explorer_shown": ["outcome", "group", "attribute", "shown"],
    "explorer_additivity": [
        *KEYS, "attribute", "statistic", "df_num", "df_denom", "p_value", "note",
    ],
    "explorer_trade_offs": [
        "outcome", "group", "give", "take", "question", "give_from", "give_to", "take_from", "take_to",
        "give_end", "take_end", "estimate", "delta_low", "delta_high", "fieller_low", "fieller_high",
        "gain", "gain_low", "gain_high", "loss", "loss_low", "loss_high", "net", "net_low", "net_high",
        "n_respondents", "words",
    ],
}  # fmt: skip
EXPLORER_TABLES = tuple(COLUMNS)
"""The names of the tables that the page is made from."""

PRESENCE = "explorer_presence"
"""The table of what is shown together, where some attribute is not always shown."""

TOGETHER = "explorer_together"
"""The table of columns that have no coefficient, because they go with others."""

ACROSS = "explorer_across"
"""The table of covariances between the models of a question's answers, where these are logits."""

SUPPORT, OVER, QUO = "support", "head to head", "over status quo"

USABLE = ("safe", "caution")
"""The status of a model that may be shown."""

MOST_PAIRS = 150
"""Pairs of attributes that are tested for interactions; of more attributes none is."""

LARGEST_BLOCK = 500
"""Joint cells of a pair, with what is tied to it, that are tested for interactions."""

REFERENCE, UNSEEN = 0, -1
"""The column of a cell that has no coefficient: it is what the others are against, or nobody saw it."""


@dataclass(frozen=True, eq=False, slots=True)
class _Part:
    """One outcome, measured in one way, of one group."""

    outcome: str
    measure: str
    group: str
    specification: Specification

    @property
    def keys(self) -> dict[str, str]:
        return {"outcome": self.outcome, "measure": self.measure, "group": self.group}

    def estimate(self, wave: Wave, figures: Callable[[Sample, Pairs | None], Figures]) -> Estimates:
        """Run what makes figures on the rows that this measure looks at."""
        if self.measure == OVER:
            return estimate_pairs(wave, figures, self.specification, self.outcome)
        rows = _decided if self.measure == QUO else _all
        return estimate_each(
            wave, lambda sample: figures(rows(sample), None), self.specification, self.outcome
        )


def explorer_tables(
    wave: Wave, segments: Sequence[str] | None = None, *, confidence: float = 0.95
) -> dict[str, pd.DataFrame]:
    """Everything that a page needs to give support for any package, without a respondent in it.

    Estimand
        The models of :func:`support`, additive, of the total and each segment: for every outcome
        support, for forced choices head to head too, and for choices with a `none` option over the
        status quo. Outcomes that :meth:`conjoint.Wave.by_answer` makes have models, and tests, alone.
    Formula
        For a package with weights x on a model's coefficients b, support is x'b and its variance x'Vx.
        x holds 1 for the intercept (0 head to head, where one half is added) and for each block of
        attributes the cells that have the package's levels, by `drawn` among those that were seen. Where
        `model` is logit, it is the mean of the logistic curve over these cells: see :func:`support`.
    Units
        0 to 1, or those of a rating.
    Restricted designs
        Tied attributes are modelled by their joint cells; `drawn` is 0 for those that never meet.

    Parameters
    ----------
    wave
        Weighted as it shall be.
    segments
        Which of the survey's segments, those that may be shown; all where None. Segments under the
        survey's limit are left out, as are those of which fewer people, but some, saw some level.
    confidence
        Coverage of the intervals.

    Returns
    -------
    dict
        ``explorer_models``
            One row a model: bases, degrees of freedom, the quantile of t that intervals reach to;
            `status` is safe, caution, suppressed or not estimable, and `note` says why; `model` is
            linear or logit. Groups left out have a row here alone.
        ``explorer_coefficients``, ``explorer_covariance``
            `column` 0 is the intercept. The covariance of `column` with each `other` up to itself.
        ``explorer_cells``
            The coefficient's `column` of each joint cell of each block; 0: the reference, -1: the group
            never saw it.
        ``explorer_shown``
            For each set of attributes a letter a combination, the last attribute turning fastest: n
            never shown, f shown to fewer people than the survey's limit, s to more.
        ``explorer_additivity``
            One row a pair of attributes; not head to head.
        ``explorer_trade_offs``
            As :func:`trade_off` for every two attributes whose levels are numbers, from every level but
            the largest; `words` is its `reading`.

        ``explorer_presence``
            Where some attribute is not always shown: for each set of these that profiles show together
            (`attribute` joins them, empty for none), how many profiles do. What a package leaves out is
            averaged over as it stands in profiles that show all that it names.
        ``explorer_together``
            There, too: a `column` behind those with coefficients is `share` times each `other` (-1 and 0
            where it is made of nothing). A package can be told if its weight on it is that of its parts.
        ``explorer_across``
            Where the answers to a question have logits: the covariance of each `column` of an outcome's model
            with each `other_column` of the model of `other`.

    Raises
    ------
    RequestError
        A segment is unknown.

    Examples
    --------
    >>> # explorer_tables(wave)["explorer_models"]
    """
    survey = wave.survey
    names = list(survey.segments if segments is None else segments)
    unknown = [name for name in names if name not in survey.segments]
    if unknown:
        what = f'there is no segment "{unknown[0]}"'
        raise RequestError(Fault("segments", what, choices(survey.segments), "Correct the name."))
    few = too_small(wave)
    told = [TOTAL, *(name for name in names if name not in few)]
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in (*EXPLORER_TABLES, TOGETHER)}
    curved: dict[tuple[str, str], Estimates] = {}
    apart = wave.by_answer()
    for outcome in apart.survey.outcomes:
        for measure, group in product(measures(apart.survey, outcome), [TOTAL, *names]):
            by = None if group == TOTAL else (group,)
            specification = specify(wave, "explorer", by, "linearised", confidence)
            part = _Part(outcome, measure, group, specification)
            for name, found in _of_part(apart, part, curved, small=group not in told):
                rows[name].append(found)
    # Of a group that is left out nothing else is told either.
    shown = {
        (row["outcome"], row["group"]): None
        for row in rows["explorer_models"]
        if row["measure"] == SUPPORT and row["status"] in USABLE
        if row["outcome"] in survey.outcomes
    }
    for outcome, group in shown:
        rows["explorer_shown"] += combinations_shown(wave, outcome, group)
    together = pd.DataFrame(rows.pop(TOGETHER))
    tables = {name: pd.DataFrame(found, columns=COLUMNS[name]) for name, found in rows.items()}
    if len(together):
        tables[TOGETHER] = together
    across = list(_across(apart.survey, curved))
    if across:
        tables[ACROSS] = pd.concat(across, ignore_index=True)
    tables["explorer_trade_offs"] = _trade_offs(wave, list(shown), confidence)
    if all(attribute.is_always for attribute in survey.attributes.values()):
        return tables
    return tables | {PRESENCE: _presence(wave)}


def _across(survey: Survey, models: Mapping[tuple[str, str], Estimates]) -> Iterator[pd.DataFrame]:
    """The covariances between the models of a question's answers, which share what its own leaves."""
    for outcome, group in models:
        first, *rest = answers_with(survey, outcome)
        # The others are logits all at once; the question's own outcome may have a linear model.
        if outcome != first or not all((name, group) in models for name in rest):
            continue
        for name, other in combinations((first, *rest), 2):
            both = stack([models[name, group], models[other, group]])
            K = len(models[name, group])
            table = both.covariance[:K, K:]
            column, other_column = np.indices(table.shape).reshape(2, -1)
            yield pd.DataFrame(
                {
                    "outcome": name, "measure": SUPPORT, "group": group, "other": other, "column": column,
                    "other_column": other_column, "covariance": table.ravel(),
                }
            )  # fmt: skip


def _presence(wave: Wave) -> pd.DataFrame:
    """How many profiles show each set of attributes that are not always shown."""
    names = [name for name, own in wave.survey.attributes.items() if not own.is_always]
    seen = np.stack([wave.shows(name) for name in names], axis=1)
    patterns, counts = np.unique(seen, axis=0, return_counts=True)
    joined = [INTERLOCK.join(np.array(names, dtype=object)[own]) for own in patterns]
    return pd.DataFrame({"attribute": joined, "n_profiles": counts})


def measures(survey: Survey, outcome: str) -> tuple[str, ...]:
    """The ways in which support for a package is read from an outcome."""
    if survey.is_forced(outcome):
        return (SUPPORT, OVER)
    return (SUPPORT, QUO) if survey.outcomes[outcome].none else (SUPPORT,)


def _all(sample: Sample) -> Sample:
    return sample


def _decided(sample: Sample) -> Sample:
    """Who takes the profile, or none; with somebody on either side."""
    rest = undecided(sample)
    if len(np.unique(rest.y)) < 2:
        raise EstimationError(Fault(sample.where, "everybody, or nobody, chose none"))
    return rest


def _members(wave: Wave, segment: str) -> int:
    return int(wave.segment(segment).sum())


def _of_part(
    wave: Wave, part: _Part, curved: dict[tuple[str, str], Estimates], *, small: bool
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of one model, each with the table that it belongs to.

    Coefficients of answers whose shares have to be made to add up are put into `curved`.
    """
    model_row: dict[str, Any] = part.keys | {
        "n_profiles": 0,
        "confidence": part.specification.confidence,
        "status": "suppressed",
        "note": "",
    }
    if small:
        yield "explorer_models", model_row | {"n_respondents": _members(wave, part.group)}
        return
    try:
        model, estimates, fewest = _fit(wave, part)
    except ConjointError as error:
        note = error.faults[0].what
        yield "explorer_models", model_row | {"status": "not estimable", "note": note}
        return
    people, limits = int(estimates.labels["n_respondents"].iloc[0]), wave.survey.thresholds
    model_row["n_respondents"] = people
    if too_few_to_estimate(min(people, fewest), limits):
        # Where few people saw a level, its coefficient is a figure on few people.
        yield "explorer_models", model_row
        return
    by = None if part.group == TOTAL else [part.group]
    carried = identification(wave, by, part.outcome)["n_carrying"]
    if len(carried) and too_few(int(carried.min()), limits):
        note = reason_of_thin(wave.survey)
        yield "explorer_models", model_row | {"status": "not estimable", "note": note}
        return
    degrees, confidence = float(estimates.degrees[0]), part.specification.confidence
    low, high = wave.survey.outcomes[part.outcome].ends
    effective = float(estimates.footing.effective[0])
    yield (
        "explorer_models",
        model_row
        | {
            "n_profiles": int(estimates.labels["n_profiles"].iloc[0]),
            "n_effective": effective,
            "degrees": degrees,
            "quantile": float(special.stdtrit(degrees, (1 + confidence) / 2)),
            "scale_low": low,
            "scale_high": high,
            "status": reading_of(people, limits, effective),
            "model": model.link,
        },
    )
    first, *rest = answers_with(wave.survey, part.outcome)
    if rest and part.measure == SUPPORT and (part.outcome == first or model.link == LOGIT):
        curved[part.outcome, part.group] = estimates
    yield from _numbers(part, model, estimates)
    if part.measure == OVER:
        return  # how levels add up is tested where the package stands alone
    pairs = unmodelled(find_blocks(wave.survey), list(wave.survey.attributes))
    for pair in pairs if len(pairs) <= MOST_PAIRS else ():
        yield "explorer_additivity", part.keys | _test(wave, part, pair)


def _fit(wave: Wave, part: _Part) -> tuple[Model, Estimates, int]:
    """A model, its coefficients as figures, and the fewest people who saw any level that it has."""
    models: list[Model] = []
    fewest: list[int] = []

    def figures(sample: Sample, pairs: Pairs | None) -> Figures:
        for name in wave.survey.attributes:
            people = sample.counts(name)[1]
            fewest.extend(people[people > 0].tolist())
        model = fit_model(sample, (), (), pairs)
        model.fit.refuse_confounded()
        model = bounded(model)
        models.append(model)
        cells = model.fit.cells
        labels = pd.DataFrame(
            {
                "estimand": "coefficient",
                "attribute": [name for name, _ in cells],
                "level": [level for _, level in cells],
                "baseline": "",
                "n_profiles": len(model.sample.y),
                "n_respondents": len(np.unique(model.sample.respondent)),
            }
        )
        each = np.eye(len(cells))
        return linear_figures(model.sample, model.fit.regression, each, labels, cells)

    estimates = part.estimate(wave, figures)
    return models[0], estimates, min(fewest)


def _numbers(
    part: _Part, model: Model, estimates: Estimates
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Coefficients, their covariance, and the cells that they belong to."""
    covariance = estimates.covariance
    labels = zip(estimates.labels["attribute"], estimates.labels["level"], strict=True)
    for column, ((attribute, level), value) in enumerate(
        zip(labels, estimates.values, strict=True)
    ):
        own = {"column": column, "attribute": attribute, "level": level, "estimate": float(value)}
        yield "explorer_coefficients", part.keys | own
        for other in range(column + 1):
            shared = {"other": other, "covariance": float(covariance[column, other])}
            yield "explorer_covariance", part.keys | {"column": column} | shared
    fit, survey = model.fit, model.sample.wave.survey
    order = np.arange(1 + max(int(fit.columns.max()), 0))
    if fit.basis is not None:
        order[np.concatenate([fit.basis.kept, fit.basis.left])] = np.arange(len(order))
        yield from _made_of(part, fit.basis)
    for number, block in enumerate(fit.blocks):
        drawn = model.drawn[number].ravel()
        for cell, (attribute, level) in enumerate(cell_names(survey, block.attributes)):
            place = int(fit.starts[number]) + cell
            column = int(fit.columns[place])
            none = REFERENCE if fit.observed[place] else UNSEEN
            own = {"block": number, "place": cell, "attribute": attribute, "level": level}
            own |= {
                "drawn": float(drawn[cell]),
                "column": int(order[column]) if column >= 0 else none,
            }
            yield "explorer_cells", part.keys | own


def _made_of(part: _Part, basis: Basis) -> Iterator[tuple[str, dict[str, Any]]]:
    """What each column without a coefficient is made of."""
    for place, shares in enumerate(basis.relation.T):
        others = np.flatnonzero(np.abs(shares) > NOTHING_LEFT)
        for other in others if len(others) else (-1,):
            share = float(shares[other]) if other >= 0 else 0.0
            own = {"column": len(basis.kept) + place, "other": int(other), "share": share}
            yield TOGETHER, part.keys | own


def _test(wave: Wave, part: _Part, pair: Pair) -> dict[str, Any]:
    """The test that two attributes do not interact, as :func:`support` has it for these two."""
    row: dict[str, Any] = {"attribute": INTERLOCK.join(pair), "note": ""}
    joint = max(block.size for block in find_blocks(wave.survey, [pair]))
    if joint > LARGEST_BLOCK:
        return row | {"note": f"{joint:,} combinations are too many to test"}

    def figures(sample: Sample, pairs: Pairs | None) -> Figures:
        made = departures(fit_model(sample, (pair,), (), pairs), [pair])
        if made is None:
            raise EstimationError(
                Fault(sample.where, "no interaction can be told from what was shown")
            )
        return made

    try:
        made = part.estimate(wave, figures)
        if has_few_carriers(made, wave.survey):
            return row | {"note": reason_of_thin(wave.survey)}
        tested = omnibus(made, together=True).iloc[0]
    except EstimationError as error:
        return row | {"note": error.faults[0].what}
    return row | {name: tested[name] for name in ("statistic", "df_num", "df_denom", "p_value")}


def _trade_offs(wave: Wave, shown: Sequence[tuple[str, str]], confidence: float) -> pd.DataFrame:
    """Trade-offs of every two attributes whose levels are numbers, from every level but the largest."""
    numeric: dict[str, FloatArray] = {}
    for name, attribute in wave.survey.attributes.items():
        numbers = {level.number for level in attribute.levels if level.number is not None}
        if len(numbers) == len(attribute.levels) > 1:
            numeric[name] = numbers_of(wave.survey, name, "give")
    parts = []
    for group in dict.fromkeys(group for _, group in shown) if len(numeric) > 1 else ():
        try:
            effects = amce(wave, None if group == TOTAL else (group,), confidence=confidence)
        except EstimationError:
            continue
        for give, take in permutations(numeric, 2):
            own = {name: numeric[name] for name in (give, take)}
            parts += [weigh(effects, own, start).frame for start in np.sort(own[give])[:-1]]
    columns = COLUMNS["explorer_trade_offs"]
    if not parts:
        return pd.DataFrame(columns=columns)
    frame = pd.concat(parts, ignore_index=True).rename(columns={"reading": "words"})[columns]
    keys = zip(frame["outcome"], frame["group"], strict=True)
    return frame[[key in shown for key in keys]].reset_index(drop=True)
