"""Effects within respondents: everybody's own average absorbed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import Fault, RequestError, choices
from conjoint.estimate.additive import fit_blocks
from conjoint.estimate.contrasts import level_figures
from conjoint.estimate.design import find_blocks
from conjoint.estimate.groups import estimate_each
from conjoint.estimate.leverage import dense_rows
from conjoint.estimate.linear import sums_by_cell, weighted_gram
from conjoint.estimate.sample import specify
from conjoint.estimate.within import invert_within, predictor, varying_within, with_slopes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.estimate.additive import BlockFit
    from conjoint.estimate.groups import Figures
    from conjoint.estimate.linear import Regression
    from conjoint.estimate.sample import Sample
    from conjoint.estimates import Estimates
    from conjoint.typing import FloatArray, Variance
    from conjoint.wave import Wave

__all__ = ["absorbed_effects"]

ALLOWED: tuple[Variance, ...] = ("linearised", "CR1")
DENSE = 1 << 22
"""Numbers in the largest design matrix that linearmodels is given, which copies it some ten times; beyond
that the normal equations, which are made without it, are solved."""


def absorbed_effects(
    wave: Wave,
    by: str | Sequence[str] | None,
    *,
    outcome: str | None,
    baselines: dict[str, int],
    variance: Variance,
    confidence: float,
) -> Estimates:
    """Effects with respondents' own averages absorbed: a check on the AMCEs of ratings and support.

    Estimand
        The change in the outcome when a profile's attribute goes from its baseline to the level,
        each profile held against the same respondent's other profiles alone: whoever says yes to
        everything moves nothing. For ratings and support it is the AMCE once more. In a forced
        choice it is not: a profile wins where others of the same respondent lose, so that holding it
        against them counts a victory more than once. With n profiles a respondent the effects are,
        in expectation, n / (n - 1) times the AMCE: 10/9 for five pairs, 2 for a single one.
        Respondents with one profile add nothing.
    Formula
        Weighted least squares of the outcome on level dummies of all attributes and one dummy a
        respondent; linearmodels' AbsorbingLS takes the latter out.
    Variance
        Clustered by respondent. By Frisch and Waugh the influence is (X~'WX~)^-1 times the
        respondent's sum of x~ w e, x~ the dummies less their respondent's weighted means.
        ``"linearised"``; or ``"CR1"``, (N - 1) / (N - K) on top, with N profiles and K the
        coefficients of levels and one for the constant. Respondents' effects are not counted,
        because they are nested in the clusters (Stata's ``xtreg, fe``; linearmodels).
    Units
        Those of the outcome: 0 to 1 for choices and support.
    Restricted designs
        As :func:`conjoint.amce`.

    Parameters
    ----------
    wave, by, outcome, variance, confidence
        As for :func:`conjoint.amce`.
    baselines
        Position of each attribute's baseline among its levels.

    Returns
    -------
    Estimates
        Rows as :func:`conjoint.amce` gives them; the estimand is "within-respondent effect".

    Raises
    ------
    RequestError
        The variance is not one of the two.
    EstimationError
        As for :func:`conjoint.amce`, or levels never vary within a respondent.

    References
    ----------
    Frisch & Waugh 1933; Cameron & Miller 2015, doi:10.3368/jhr.50.2.317. Checked against
    linearmodels' PanelOLS, a regression with one dummy a respondent, and estimatr 1.0.0.

    Examples
    --------
    >>> import pandas as pd
    >>> from conjoint import Wave
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 1, 2, 2, 2], "price": ["high", "low", "low", "high", "high", "low"],
    ...     "bought": [1, 1, 1, 0, 0, 1]})
    >>> wave = Wave.from_frame(frame, respondent="id", outcome="bought", attributes=["price"])
    >>> effects = absorbed_effects(
    ...     wave, None, outcome=None, baselines={"price": 0}, variance="linearised", confidence=0.95)
    >>> effects.frame[["level", "estimate"]].round(9).to_dict("list")
    {'level': ['high', 'low'], 'estimate': [0.0, 0.5]}
    """
    specification = specify(wave, "amce", by, variance, confidence, absorb="respondent")
    _check_variance(variance)
    blocks = find_blocks(wave.survey)

    def estimator(sample: Sample) -> Figures:
        pooled = fit_blocks(sample, blocks, baselines)
        pooled.refuse_confounded()
        fit = _absorb(sample, pooled)
        figures = level_figures(sample, fit, baselines, "within-respondent effect")
        # Degrees of freedom from leverage would need that of the absorbed dummies.
        return replace(figures, freedom=None)

    return estimate_each(wave, estimator, specification, outcome)


def _absorb(sample: Sample, pooled: BlockFit) -> BlockFit:
    """The fit with respondents' effects absorbed; its residual has mean zero in each of them."""
    pooled = varying_within(pooled, _within(pooled.regression))
    regression = pooled.regression
    inverse = invert_within(sample, pooled, _within(regression), "respondent")
    if len(sample.y) * len(inverse) <= DENSE:
        slopes = _slopes(sample, regression)
    else:
        slopes = inverse @ _within_answers(sample, regression)
    rest = sample.y - predictor(regression.terms, np.append(0.0, slopes))
    residual = rest - _means(regression, rest)[sample.respondent]
    # Dummies need no demeaning in the score: a residual that sums to zero does it.
    return with_slopes(pooled, slopes, inverse, residual)


def _slopes(sample: Sample, regression: Regression) -> FloatArray:
    from linearmodels.iv import AbsorbingLS  # takes a while to import

    X = dense_rows(regression, np.arange(len(sample.y)))[:, 1:]
    people = pd.DataFrame({"respondent": pd.Categorical(sample.respondent)})
    model = AbsorbingLS(sample.y, X, absorb=people, weights=sample.w)
    # One set of dummies, scaled, is orthonormal: LSMR is done in one step, and exact. Its cache
    # would keep respondents' answers for as long as the process lives.
    result = model.fit(cov_type="unadjusted", method="lsmr", use_cache=False)
    return np.asarray(result.params, dtype=float)


def _within(regression: Regression) -> FloatArray:
    """X~'WX~ of the slopes: X'WX less what respondents' means account for."""
    total = weighted_gram(regression, regression, regression.w)[1:, 1:]
    sums = _scores(regression)
    weight = np.bincount(regression.respondent, regression.w, regression.G)
    seen = weight > 0
    means = sums[seen] / np.sqrt(weight[seen])[:, None]
    return np.asarray(total - means.T @ means)


def _within_answers(sample: Sample, regression: Regression) -> FloatArray:
    """X~'Wy of the slopes, of shape (K - 1,)."""
    rest = regression.w * (sample.y - _means(regression, sample.y)[sample.respondent])
    answers = np.ones(len(rest))
    return np.asarray((regression.pattern.T @ regression.tally.totals(rest, answers))[1:])


def _scores(regression: Regression) -> FloatArray:
    """Sums of w x of the slopes by respondent, of shape (G, K - 1)."""
    sums = sums_by_cell(regression, regression.w)
    scores = np.zeros((regression.G, len(regression.coefficients)))
    start = 0
    for term in regression.terms:
        scores[:, term.coefficients] = term.fold(sums[:, start : start + term.size].T).T
        start += term.size
    return scores[:, 1:]


def _means(regression: Regression, values: FloatArray) -> FloatArray:
    """Weighted mean by respondent, of shape (G,), zero for those who are not there."""
    weight = np.bincount(regression.respondent, regression.w, regression.G)
    total = np.bincount(regression.respondent, regression.w * values, regression.G)
    return np.asarray(total / np.where(weight > 0, weight, 1.0))


def _check_variance(variance: Variance) -> None:
    if variance not in ALLOWED:
        raise RequestError(
            Fault(
                "variance",
                f'"{variance}" is not available with absorbed respondents',
                choices(ALLOWED),
                "Name one of them, or leave `absorb` out.",
            )
        )
