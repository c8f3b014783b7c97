"""Average marginal component effects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import numpy as np

from conjoint.errors import Fault, RequestError, choices
from conjoint.estimate.additive import find_baselines, fit_blocks, level_labels
from conjoint.estimate.contrasts import level_figures
from conjoint.estimate.design import cell_names, find_blocks
from conjoint.estimate.figures import join, linear_figures, missing, regress
from conjoint.estimate.groups import estimate_each
from conjoint.estimate.linear import Term
from conjoint.estimate.sample import specify
from conjoint.estimate.ties import find_untied, never_alone, note_ties, without_ties
from conjoint.typing import Absorb, Model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.estimate.groups import Figures
    from conjoint.estimate.sample import Sample
    from conjoint.estimates import Estimates
    from conjoint.typing import BoolArray, Ties, Variance
    from conjoint.wave import Wave

__all__ = ["amce"]


def amce(
    wave: Wave,
    by: str | Sequence[str] | None = None,
    *,
    outcome: str | None = None,
    baselines: Mapping[str, str] | None = None,
    ties: Ties = "keep",
    model: Model = "linear",
    absorb: Absorb | None = None,
    variance: Variance = "linearised",
    confidence: float = 0.95,
) -> Estimates:
    """Average marginal component effects (AMCEs): one row a level, the baseline at zero.

    Estimand
        The change in the expected outcome when a profile's attribute goes from its baseline to the
        level, averaged over the randomised distribution of the other attributes and, in a paired
        task, of the opponent. For a forced choice: a change in expected share of choices. It is an
        average over people and profiles, and never says what most people prefer.
    Formula
        Weighted least squares of the outcome on level dummies, all attributes at once.
    Variance
        Linearised and clustered by respondent; see :class:`conjoint.Estimates`.
    Units
        Those of the outcome: 0 to 1 for choices and support.
    Restricted designs
        Attributes tied by a restriction or a joint distribution are modelled by their joint cells,
        and the effect averages over the combinations of the tied attributes that the design allows
        with both the level and the baseline, as often as it draws them with the level.

    Parameters
    ----------
    wave
        The answers; its weights are used.
    by
        None, ``"segments"``, names of segments, a respondent column, an attribute, ``"task"`` or
        ``"profile"``: one set of effects a group, each from its group's profiles alone.
    outcome
        One outcome; all of the survey's where None.
    baselines
        Levels to measure against, by attribute; the survey's baselines for those not named.
    ties
        ``"drop"`` leaves out, level by level, the profiles of tasks in which another profile shows
        the same level. The effect is then the mean of the level's remaining profiles minus the
        baseline's, and no other attribute is in the model. In a choice between two profiles with K
        equally likely levels it is, in expectation, K / (K - 1) times the usual AMCE: a task that
        shows a level twice is always half lost, half won, and draws the usual effect towards zero.
    model
        ``"logit"`` or ``"probit"`` for average marginal effects, a check on the linear model: see
        :func:`conjoint.estimate.logit.logit_effects`.
    absorb
        ``"respondent"`` for effects within respondents, each one's own level taken out: see
        :func:`conjoint.estimate.absorb.absorbed_effects`. In a forced choice these come out n/(n-1)
        times as large for n profiles a respondent, because a profile wins where others lose.
    variance, confidence
        How standard errors are made (see :class:`conjoint.Estimates`), and the intervals' coverage.

    Returns
    -------
    Estimates
        Rows in the order outcome, group, attribute, level.

    Raises
    ------
    RequestError
        Ties are to be dropped although no task has several profiles, or although attributes are
        restricted, so that a difference of means is not their effect.
    EstimationError
        No effect can be estimated. Where some can, the others are NaN, and `note` says why: a group has
        fewer than two respondents, a level or its baseline is never shown in it, the two never meet
        the same levels of the attributes they are tied with, or attributes do not vary freely.

    References
    ----------
    Hainmueller, Hopkins & Yamamoto 2014, doi:10.1093/pan/mpt024. Checked against cregg 0.4.0 and
    survey 4.1 on that article's immigration data; with ties dropped against projoint 1.1.3.

    Examples
    --------
    >>> import pandas as pd, conjoint as cj
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 2, 2], "price": ["high", "low", "low", "high"], "bought": [0, 1, 1, 0]})
    >>> wave = cj.Wave.from_frame(frame, respondent="id", outcome="bought", attributes=["price"])
    >>> cj.amce(wave).frame[["level", "estimate"]].round(9).to_dict("list")
    {'level': ['high', 'low'], 'estimate': [0.0, 1.0]}
    """
    _check_options(ties, model, absorb)
    chosen = find_baselines(wave, baselines)
    if model != "linear":
        from conjoint.estimate.logit import logit_effects  # statsmodels takes a while to import

        return logit_effects(
            wave, by, outcome=outcome, baselines=chosen, variance=variance,
            confidence=confidence, model=model,
        )  # fmt: skip
    if absorb is not None:
        from conjoint.estimate.absorb import absorbed_effects  # so does linearmodels

        return absorbed_effects(
            wave, by, outcome=outcome, baselines=chosen, variance=variance, confidence=confidence
        )
    specification = specify(wave, "amce", by, variance, confidence, **note_ties(ties))
    if ties == "keep":
        held = by if isinstance(by, str) and by in wave.survey.attributes else None
        return estimate_each(
            wave, lambda sample: _effects(_without(sample, held), chosen), specification, outcome
        )
    _check_unrestricted(wave)
    untied = find_untied(wave)
    return estimate_each(
        wave,
        lambda sample: join([_untied_effect(sample, *item, untied) for item in chosen.items()]),
        specification,
        outcome,
    )


def _check_options(ties: Ties, model: Model, absorb: Absorb | None) -> None:
    faults = []
    if model not in get_args(Model):
        faults.append(Fault("model", f'there is no "{model}"', choices(get_args(Model))))
    if absorb not in (None, *get_args(Absorb)):
        faults.append(Fault("absorb", f'cannot absorb "{absorb}"', choices(get_args(Absorb))))
    asked = [
        name
        for name, on in (
            ('ties="drop"', ties == "drop"),
            (f'model="{model}"', model != "linear"),
            (f'absorb="{absorb}"', absorb is not None),
        )
        if on
    ]
    if len(asked) > 1:
        faults.append(Fault("amce", f"{' and '.join(asked)} do not go together", "one of them"))
    if faults:
        raise RequestError(*faults)


def _without(sample: Sample, held: str | None) -> Sample:
    """The sample of a survey that lacks the attribute by which groups are made: it does not vary.

    Raises
    ------
    RequestError
        The attribute is tied to another one.
    """
    if held is None:
        return sample
    survey = sample.wave.survey
    tied = next(block.attributes for block in find_blocks(survey) if held in block.attributes)
    if len(tied) > 1:
        others = choices(name for name in tied if name != held)
        raise RequestError(
            Fault("by", f'"{held}" is tied to {others}', "an attribute that varies freely")
        )
    left = {name: attribute for name, attribute in survey.attributes.items() if name != held}
    return replace(
        sample, wave=replace(sample.wave, survey=survey.model_copy(update={"attributes": left}))
    )


def _effects(sample: Sample, baselines: dict[str, int]) -> Figures:
    fit = fit_blocks(sample, find_blocks(sample.wave.survey), baselines)
    return level_figures(sample, fit, baselines, "amce")


def _untied_effect(
    sample: Sample, name: str, baseline: int, untied: dict[str, BoolArray]
) -> Figures:
    """Differences between the means of an attribute's levels, as one regression on its cells."""
    rest = without_ties(sample, name, untied)
    survey = sample.wave.survey
    cells = cell_names(survey, (name,))[: len(survey.attributes[name].levels)]
    shown = np.bincount(rest.codes(name), minlength=len(cells)) > 0
    labels = level_labels(rest, {name: baseline}, "amce")
    alone = [
        None if has else never_alone(rest, name, [level])
        for (_, level), has in zip(cells, shown, strict=True)
    ]
    faults = tuple(fault or alone[baseline] for fault in alone)
    if not shown[baseline]:
        return missing(sample, labels, faults)
    columns = np.where(shown, np.cumsum(shown) - 1, -1)
    figures = np.eye(len(cells))[:, shown]
    figures[:, columns[baseline]] -= shown
    cells = [cells[place] for place in np.flatnonzero(shown)]
    regression = regress(rest, [Term(rest.codes(name), columns)], cells)
    return linear_figures(rest, regression, figures, labels, cells, faults)


def _check_unrestricted(wave: Wave) -> None:
    tied = [
        name
        for block in find_blocks(wave.survey)
        if len(block.attributes) > 1
        for name in block.attributes
    ]
    if tied:
        raise RequestError(
            Fault(
                "ties",
                f"{choices(tied)} are restricted, so that differences of means are not effects",
                "attributes that vary freely",
                'Use ties="keep", or marginal_means(..., ties="drop").',
            )
        )
