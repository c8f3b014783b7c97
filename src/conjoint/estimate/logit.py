"""Logit, probit and conditional logit: average marginal effects, and part-worths."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import numpy as np

from conjoint.errors import Fault, RequestError, choices
from conjoint.estimate.additive import find_baselines, fit_blocks
from conjoint.estimate.contrasts import level_contrasts, level_figures
from conjoint.estimate.design import check_always_shown, find_blocks, tied_attributes
from conjoint.estimate.figures import linear_figures
from conjoint.estimate.groups import estimate_each, estimate_outcomes
from conjoint.estimate.sample import forced_choices, specify
from conjoint.typing import ChoiceModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.estimate.groups import Figures
    from conjoint.estimate.sample import Sample
    from conjoint.estimates import Estimates
    from conjoint.typing import Link, Variance
    from conjoint.wave import Wave

__all__ = ["logit_effects", "part_worths"]


def logit_effects(
    wave: Wave,
    by: str | Sequence[str] | None,
    *,
    outcome: str | None,
    baselines: dict[str, int],
    variance: Variance,
    confidence: float,
    model: Link = "logit",
) -> Estimates:
    """Average marginal effects of a logit or probit: a check on the linear model's AMCEs.

    Estimand
        The change in the probability of a yes when a profile's attribute goes from its baseline to
        the level, averaged over the profiles that were shown. With attributes randomised it is the
        AMCE; the model is only another way to average.
    Formula
        sum of w [F(x(level)'b) - F(x(baseline)'b)] / sum of w over all profiles, x(c) the profile
        with c in the place of its own level, b the weighted maximum likelihood coefficients on
        level dummies of all attributes, F logistic or normal.
    Variance
        Delta method from the coefficients, clustered by respondent, the profiles that the effect is
        averaged over held fixed (as Stata's ``margins`` and R's margins do): the influence is the
        effect's gradient times inverse expected information times the respondent's scores.
        ``"linearised"``, or ``"CR1"`` with N profiles and K coefficients, intercept included.
    Units
        Probability, 0 to 1.
    Restricted designs
        As :func:`conjoint.amce`: tied attributes are modelled by their joint cells, and the changes
        are averaged over the combinations allowed with both level and baseline with the same
        weights; all other attributes as they were shown.

    Parameters
    ----------
    wave, by, outcome, variance, confidence
        As for :func:`conjoint.amce`; outcomes have to be 0 or 1.
    baselines
        Position of each attribute's baseline among its levels.
    model
        F: ``"logit"`` or ``"probit"``.

    Returns
    -------
    Estimates
        Rows as :func:`conjoint.amce` gives them; the estimand is "average marginal effect".

    Raises
    ------
    RequestError
        The outcome is not 0 or 1, or the variance is not one of the two.
    EstimationError
        As for :func:`conjoint.amce`, or levels decide answers altogether.

    References
    ----------
    Hainmueller, Hopkins & Yamamoto 2014, doi:10.1093/pan/mpt024. Checked against R's glm, sandwich
    3.0-2 and survey 4.1 on that article's immigration data, weighted and not.

    Examples
    --------
    >>> import pandas as pd
    >>> from conjoint import Wave
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 2, 2, 3, 3], "price": ["high", "low"] * 3, "bought": [0, 1, 1, 1, 0, 0]})
    >>> wave = Wave.from_frame(frame, respondent="id", outcome="bought", attributes=["price"])
    >>> effects = logit_effects(
    ...     wave, None, outcome=None, baselines={"price": 0}, variance="linearised", confidence=0.95)
    >>> effects.frame[["level", "estimate"]].round(9).to_dict("list")
    {'level': ['high', 'low'], 'estimate': [0.0, 0.333333333]}
    """
    from conjoint.estimate.binary import fit_binary  # statsmodels takes a while to import

    specification = specify(wave, "amce", by, variance, confidence, model=model)
    _check_variance(variance, model, ("linearised", "CR1"))
    _check_binary(wave, wave.outcomes(outcome), model)
    check_always_shown(wave.survey, "model")
    blocks = find_blocks(wave.survey)

    def estimator(sample: Sample) -> Figures:
        fit = fit_binary(sample, fit_blocks(sample, blocks, baselines), model)
        linear = fit.blocks
        labels, weights, faults = level_contrasts(
            sample, linear, baselines, "average marginal effect"
        )
        means, jacobian = fit.predictions()
        figures = linear_figures(
            sample,
            linear.regression,
            weights @ jacobian,
            labels,
            linear.cells,
            faults,
        )
        # Degrees of freedom from leverage are for least squares.
        lacking = np.isnan(figures.values)
        return replace(figures, values=np.where(lacking, np.nan, weights @ means), freedom=None)

    return estimate_each(wave, estimator, specification, outcome)


def part_worths(
    wave: Wave,
    by: str | Sequence[str] | None = None,
    *,
    model: ChoiceModel = "logit",
    outcome: str | None = None,
    baselines: Mapping[str, str] | None = None,
    variance: Variance = "linearised",
    confidence: float = 0.95,
) -> Estimates:
    """Part-worths: coefficients of a logit, probit or conditional logit, the baseline at zero.

    Estimand
        How far a level moves the index that the model puts behind the answers, against its
        baseline. An index has no natural unit, and its scale differs between groups of people:
        a part-worth is never to be read as a change in share. :func:`conjoint.amce` gives that.
    Formula
        Weighted maximum likelihood on level dummies of all attributes. ``"logit"`` and ``"probit"``
        take each profile's answer for itself; ``"conditional_logit"`` (McFadden 1974) the choice
        within each respondent's task, of any number of profiles: exp(x'b) over the task's sum of
        it, without an intercept.
    Variance
        Clustered by respondent: the influence is the inverse expected information times the sum of
        the respondent's scores. ``"linearised"``; for logit and probit also ``"CR1"``, with N
        profiles and K coefficients, intercept included.
    Units
        Log odds of a yes (logit), of the choice against another profile of the task (conditional
        logit), or standard deviations of the normal index (probit).
    Restricted designs
        Refused: coefficients of tied attributes are coefficients of their joint cells, and an
        average of such has no meaning on an index. Use ``amce(..., model="logit")``.

    Parameters
    ----------
    wave, by, baselines, confidence
        As for :func:`conjoint.amce`. Groups of the conditional logit have to hold whole tasks.
    model
        ``"logit"``, ``"probit"`` or ``"conditional_logit"``.
    outcome
        One outcome, of answers of 0 and 1; where None, all of the survey's, for the conditional
        logit all its forced choices.
    variance
        See above.

    Returns
    -------
    Estimates
        Rows as :func:`conjoint.amce` gives them; the estimand is "part-worth".

    Raises
    ------
    RequestError
        An outcome, variance or model that cannot be had, or attributes tied by a restriction.
    EstimationError
        As for :func:`conjoint.amce`; levels decide answers altogether, so that no coefficient is
        finite; or, for the conditional logit, never vary within a task.

    References
    ----------
    McFadden 1974, Conditional logit analysis of qualitative choice behavior. Checked against R's
    glm, sandwich 3.0-2, survey 4.1, survival's clogit and cregg 0.4.0 on the data of Hainmueller,
    Hopkins & Yamamoto 2014 and of Ballard-Rosa, Martin & Scheve 2016, weighted and not.

    Examples
    --------
    >>> import pandas as pd
    >>> from conjoint import Wave
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 2, 2, 3, 3, 4, 4], "task": 1, "profile": ["A", "B"] * 4,
    ...     "price": ["high", "low"] * 4, "bought": [0, 1, 0, 1, 0, 1, 1, 0]})
    >>> wave = Wave.from_frame(
    ...     frame, respondent="id", outcome="bought", attributes=["price"], task="task",
    ...     profile="profile")
    >>> worths = part_worths(wave, model="conditional_logit")  # the log of odds of 3 to 1
    >>> worths.frame[["level", "estimate"]].round(6).to_dict("list")
    {'level': ['high', 'low'], 'estimate': [0.0, 1.098612]}
    """
    from conjoint.estimate.binary import fit_binary  # statsmodels takes a while to import
    from conjoint.estimate.conditional import fit_conditional

    chosen = find_baselines(wave, baselines)
    _check_model(model)
    specification = specify(wave, "part_worth", by, variance, confidence, model=model)
    conditional = model == "conditional_logit"
    _check_variance(variance, model, ("linearised",) if conditional else ("linearised", "CR1"))
    names = forced_choices(wave, outcome) if conditional else wave.outcomes(outcome)
    _check_binary(wave, names, model)
    _check_untied(wave)
    blocks = find_blocks(wave.survey)

    def estimator(sample: Sample) -> Figures:
        fit = fit_blocks(sample, blocks, chosen)
        if model == "conditional_logit":
            fit = fit_conditional(sample, fit)
        else:
            fit = fit_binary(sample, fit, model).blocks
        return replace(level_figures(sample, fit, chosen, "part-worth"), freedom=None)

    return estimate_outcomes(wave, estimator, specification, names)


def _check_model(model: str) -> None:
    if model not in get_args(ChoiceModel):
        what, known = f'there is no "{model}"', choices(get_args(ChoiceModel))
        raise RequestError(Fault("model", what, known, "Name one of them."))


def _check_variance(variance: Variance, model: str, allowed: tuple[Variance, ...]) -> None:
    if variance not in allowed:
        raise RequestError(
            Fault(
                "variance",
                f'"{variance}" is not available with model="{model}"',
                choices(allowed),
                "Name one of them, or use the linear model of amce.",
            )
        )


def _check_binary(wave: Wave, names: Sequence[str], model: str) -> None:
    faults = []
    for name in names:
        answers = wave.outcome(name)
        if not np.isin(answers[~np.isnan(answers)], (0.0, 1.0)).all():
            what = f'"{name}" has answers other than 0 and 1, which model="{model}" cannot take'
            do = "Name an outcome that has none, or use the linear model of amce."
            faults.append(Fault("outcome", what, "answers of 0 and 1", do))
    if faults:
        raise RequestError(*faults)


def _check_untied(wave: Wave) -> None:
    tied = tied_attributes(wave.survey)
    if tied:
        raise RequestError(
            Fault(
                "part_worths",
                f"{choices(tied)} are tied by a restriction or joint distribution: their coefficients "
                "belong to combinations of levels, and to no level alone",
                "attributes that vary freely",
                'Use amce(..., model="logit"), which averages over the combinations allowed.',
            )
        )
