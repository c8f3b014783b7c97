"""Logit and probit on blocks of attributes: statsmodels maximises, the scores become influence."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from statsmodels.genmod.families import Binomial, links
from statsmodels.genmod.generalized_linear_model import GLM

from conjoint.errors import EstimationError, Fault
from conjoint.estimate.leverage import dense_rows
from conjoint.estimate.linear import CollinearityError, least_squares
from conjoint.estimate.separation import DECIDED, SETTLED, check_sides, diverged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.estimate.additive import BlockFit
    from conjoint.estimate.linear import Term
    from conjoint.estimate.sample import Sample
    from conjoint.typing import FloatArray, IntArray, Link

__all__ = ["BinaryFit", "fit_binary"]

LINKS: dict[Link, Any] = {"logit": links.Logit(), "probit": links.Probit()}
MOST_CELLS = 1 << 62
"""Joint cells are numbered by 64-bit integers."""


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
    X, weight
        The distinct profiles, of shape (U, K), and the weight of those like each, of shape (U,).
    """

    blocks: BlockFit
    link: Link
    X: FloatArray
    weight: FloatArray

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
        b = fit.regression.coefficients
        means, jacobian = np.zeros(len(fit.columns)), np.zeros((len(fit.columns), len(b)))
        share = self.weight / self.weight.sum()
        eta = self.X @ b
        for start, stop in zip(fit.starts[:-1], fit.starts[1:], strict=True):
            own = fit.columns[start:stop]
            own = own[own >= 0]
            others = eta - self.X[:, own] @ b[own]
            for cell in start + np.flatnonzero(fit.observed[start:stop]):
                column = fit.columns[cell]
                moved = others + (b[column] if column >= 0 else 0.0)
                means[cell] = share @ link.inverse(moved)
                slope = share * link.inverse_deriv(moved)
                jacobian[cell] = slope @ self.X
                jacobian[cell, own] = 0.0
                if column >= 0:
                    jacobian[cell, column] = slope.sum()
        return means, jacobian


def fit_binary(sample: Sample, linear: BlockFit, link: Link) -> BinaryFit:
    """Maximise the weighted likelihood of answers of 0 and 1.

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
    first, place = _distinct(linear.regression.terms)
    X = dense_rows(linear.regression, first)
    weight = np.asarray(np.bincount(place, weights=sample.w), dtype=float)
    # Rounding must not leave a share of yes a hair above one.
    share = np.clip(np.bincount(place, weights=sample.w * sample.y) / weight, 0.0, 1.0)
    b = _maximise(X, share, weight, link)
    eta = X @ b
    mean, slope = LINKS[link].inverse(eta), LINKS[link].inverse_deriv(eta)
    variance = mean * (1 - mean)
    if not (variance > DECIDED).all():
        raise diverged(sample, linear, b)
    # One more Newton step, in all profiles: its matrix is the information, its length the test.
    error = sample.y - mean[place]
    try:
        step = least_squares(
            linear.regression.terms,
            error / slope[place],
            sample.w * (slope**2 / variance)[place],
            sample.respondent,
            sample.n_respondents,
        )
    except CollinearityError as problem:
        raise diverged(sample, linear, b) from problem
    if not (np.abs(step.coefficients) < SETTLED).all():
        raise diverged(sample, linear, b)
    regression = replace(
        linear.regression,
        coefficients=b,
        inverse=step.inverse,
        residual=error * (slope / variance)[place],
    )
    return BinaryFit(replace(linear, regression=regression), link, X, weight)


def _maximise(X: FloatArray, share: FloatArray, weight: FloatArray, link: Link) -> FloatArray:
    """The coefficients, or where the algorithm stood when it gave up; whoever calls looks."""
    model = GLM(share, X, family=Binomial(LINKS[link]), var_weights=weight / weight.mean())
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        result = model.fit(
            start_params=np.zeros(X.shape[1]), tol=1e-10, tol_criterion="params", wls_method="qr"
        )
    return np.asarray(result.params)


def _check_answers(sample: Sample, fit: BlockFit) -> None:
    """Both answers have to occur in every cell that does."""
    if np.ptp(sample.y) == 0:
        what = f"every answer is {sample.y[0]:.0f}"
        do = "Widen the group, or leave it out."
        raise EstimationError(Fault(sample.where, what, "answers of 0 and of 1", do))
    terms = fit.regression.terms[1:]
    shown = np.concatenate([np.bincount(term.codes, minlength=term.size) for term in terms])
    yes = np.concatenate([np.bincount(term.codes, sample.y, term.size) for term in terms])
    words = ('every answer at "{}" is 0', 'every answer at "{}" is 1')
    check_sides(sample, fit, fit.observed & (yes == 0), fit.observed & (yes == shown), words)


def _distinct(terms: Sequence[Term]) -> tuple[IntArray, IntArray]:
    """A row of each distinct profile, of shape (U,); and for each row its profile, (N,)."""
    key, size = np.zeros(len(terms[0].codes), dtype=np.int64), 1
    for term in terms:
        if size * term.size > MOST_CELLS:
            key, found = pd.factorize(key)
            size = len(found)
        key = key * term.size + term.codes
        size *= term.size
    place, found = pd.factorize(key)
    first = np.empty(len(found), dtype=np.intp)
    first[place[::-1]] = np.arange(len(place))[::-1]
    return first, np.asarray(place, dtype=np.intp)
