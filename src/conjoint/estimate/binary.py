"""Logit and probit on blocks of attributes: least squares, weighted anew until the scores are nought."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special
from statsmodels.genmod.families import links

from conjoint.errors import EstimationError, Fault
from conjoint.estimate.linear import CollinearityError, least_squares
from conjoint.estimate.separation import DECIDED, SETTLED, check_sides, diverged

if TYPE_CHECKING:
    from conjoint.estimate.additive import BlockFit
    from conjoint.estimate.linear import Regression
    from conjoint.estimate.sample import Sample
    from conjoint.typing import FloatArray, Link

__all__ = ["BinaryFit", "fit_binary", "fit_fractional"]

LINKS: dict[Link, Any] = {"logit": links.Logit(), "probit": links.Probit()}
STEPS = 100
"""Newton steps after which there is no maximum: a decided answer shows itself in some 25."""
HALVINGS = 30
"""How often a step is halved that would make the answers less likely."""


@dataclass(frozen=True, eq=False, slots=True)
class BinaryFit:
    """A logit or probit on the cells of all blocks.

    Parameters
    ----------
    blocks
        Its regression has the link's coefficients b, the inverse of the expected information, and
        (y - F) f / (F (1 - F)) for a residual, so that x w residual is the score.
    link
        F.
    """

    blocks: BlockFit
    link: Link

    def predictions(self) -> tuple[FloatArray, FloatArray]:
        """Mean predicted probability with every profile's cell set to a given one.

        Formula
            m(c) = sum w F(x_c'b) / sum w, x_c the profile with cell c in the place of its own.

        Returns
        -------
        numpy.ndarray, numpy.ndarray
            m, of shape (all cells,), zero for cells that do not occur; and its derivative by the
            coefficients, (all cells, K).
        """
        fit, link = self.blocks, LINKS[self.link]
        regression = fit.regression
        b, tally = regression.coefficients, regression.tally
        means, jacobian = np.zeros(len(fit.columns)), np.zeros((len(fit.columns), len(b)))
        share = regression.w / regression.w.sum()
        eta = tally.spread(regression.pattern @ b)
        bounds = zip(fit.starts[:-1], fit.starts[1:], strict=True)
        for term, (start, stop) in zip(regression.terms[1:], bounds, strict=True):
            own = fit.columns[start:stop]
            own = own[own >= 0]
            others = eta - term.spread(b)[term.codes]
            for cell in start + np.flatnonzero(fit.observed[start:stop]):
                column = fit.columns[cell]
                moved = others + (b[column] if column >= 0 else 0.0)
                means[cell] = share @ link.inverse(moved)
                slope = link.inverse_deriv(moved)
                jacobian[cell] = regression.pattern.T @ tally.totals(slope, share)
                jacobian[cell, own] = 0.0
                if column >= 0:
                    jacobian[cell, column] = share @ slope
        return means, jacobian


def fit_binary(sample: Sample, linear: BlockFit, link: Link) -> BinaryFit:
    """Maximise the weighted likelihood of answers of 0 and 1.

    Each step of Newton's, with the expected information (Fisher scoring), is a weighted regression on the
    same cells: no design matrix is built.

    Parameters
    ----------
    linear
        The linear model of the same answers, which says whether levels vary freely.

    Raises
    ------
    EstimationError
        Levels do not vary freely, or decide answers altogether, so that there is no maximum; the fault
        names them.
    """
    linear.refuse_confounded()
    _check_answers(sample, linear)
    b, working = _maximise(sample, linear, link)
    eta = working.tally.spread(working.pattern @ b)
    function = LINKS[link]
    mean, slope = function.inverse(eta), function.inverse_deriv(eta)
    score = (sample.y - mean) * (slope / (mean * (1 - mean)))
    final = replace(linear.regression, coefficients=b, inverse=working.inverse, residual=score)
    return BinaryFit(replace(linear, regression=final), link)


def fit_fractional(sample: Sample, linear: BlockFit) -> BlockFit:
    """Fit a logit to answers anywhere from 0 to 1, by quasi-likelihood.

    Formula
        sum of w x (y - F(x'b)) = 0, F logistic (Papke & Wooldridge 1996): of answers of 0 and 1 the logit's own
        equations, of others those of a mean that stays within 0 and 1.

    Returns
    -------
    BlockFit
        The linear fit with another regression, the last of iteratively reweighted least squares: weights
        w F (1 - F) and residuals (y - F) / (F (1 - F)), so that x times both is the score.

    Parameters
    ----------
    linear
        The linear model of the same rows; columns that go together are those that it leaves out.

    Raises
    ------
    EstimationError
        Levels decide answers altogether, so that no coefficient is finite; the fault names them.
    """
    _check_answers(sample, linear)
    b, working = _maximise(sample, linear, "logit")
    mean = special.expit(working.tally.spread(working.pattern @ b))
    residual = (sample.y - mean) / (mean * (1 - mean))
    return replace(linear, regression=replace(working, coefficients=b, residual=residual))


def _maximise(sample: Sample, linear: BlockFit, link: Link) -> tuple[FloatArray, Regression]:
    """Find the coefficients at the maximum, and the weighted regression of the step from there.

    Raises
    ------
    EstimationError
        There is no maximum.
    """
    regression, function = linear.regression, LINKS[link]
    tally, pattern, y = regression.tally, regression.pattern, sample.y
    b = np.zeros(len(regression.coefficients))
    likelihood, settled = -np.inf, False
    for _ in range(STEPS):
        eta = tally.spread(pattern @ b)
        mean, slope = function.inverse(eta), function.inverse_deriv(eta)
        variance = mean * (1 - mean)
        if not (variance > DECIDED).all():
            raise diverged(sample, linear, b)
        error = y - mean
        try:
            step = least_squares(
                regression.terms,
                error / slope,
                sample.w * (slope**2 / variance),
                sample.respondent,
                sample.n_respondents,
                tally,
            )
        except CollinearityError as problem:
            raise diverged(sample, linear, b) from problem
        if settled:
            return b, step
        change = step.coefficients
        for _ in range(HALVINGS):
            mean = function.inverse(tally.spread(pattern @ (b + change)))
            reached = float(sample.w @ (special.xlogy(y, mean) + special.xlogy(1 - y, 1 - mean)))
            if reached >= likelihood - SETTLED * abs(likelihood):
                break
            change = change / 2
        b, likelihood, settled = b + change, reached, bool((np.abs(change) < SETTLED).all())
    raise diverged(sample, linear, b)


def _check_answers(sample: Sample, fit: BlockFit) -> None:
    """Both answers have to occur in every cell that does."""
    if np.ptp(sample.y) == 0:
        what = f"every answer is {sample.y[0]:g}"
        do = "Widen the group, or leave it out."
        raise EstimationError(Fault(sample.where, what, "answers of 0 and of 1", do))
    terms = fit.regression.terms[1:]
    if sum(term.size for term in terms) != fit.starts[-1]:
        return  # differences within tasks: a cell may stand on either side
    shown = np.concatenate([np.bincount(term.codes, minlength=term.size) for term in terms])
    yes = np.concatenate([np.bincount(term.codes, sample.y, term.size) for term in terms])
    words = ('every answer at "{}" is 0', 'every answer at "{}" is 1')
    check_sides(sample, fit, fit.observed & (yes == 0), fit.observed & (yes == shown), words)
