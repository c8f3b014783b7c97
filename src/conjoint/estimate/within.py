"""What varies within tasks or within respondents: slopes without an intercept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import EstimationError, Fault, choices
from conjoint.estimate.linear import CollinearityError, inverse_of
from conjoint.estimate.rank import find_basis, renumber

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.estimate.additive import BlockFit
    from conjoint.estimate.linear import Term
    from conjoint.estimate.sample import Sample
    from conjoint.typing import FloatArray, IntArray

__all__ = ["invert_within", "predictor", "varying_within", "with_slopes"]

NOTHING_LEFT = 1e-10
"""A share of a dummy's variation this small is rounding: it does not vary."""


def varying_within(fit: BlockFit, within: FloatArray) -> BlockFit:
    """The fit without columns that say nothing within units, where attributes are not always shown.

    Whether one is shown is often the same in a whole unit. Figures that need such a column cannot be
    told: see :meth:`BlockFit.figures`. `within` is as for :func:`invert_within`.
    """
    if fit.basis is None:
        return fit
    gram = np.eye(len(fit.regression.coefficients))
    gram[1:, 1:] = within
    still = 1 + _still(fit, within)
    gram[still], gram[:, still] = 0.0, 0.0
    basis = find_basis(gram)
    columns, regression = basis.kept, fit.regression
    regression = replace(
        regression,
        terms=tuple(renumber(regression.terms, basis)),
        coefficients=regression.coefficients[columns],
        inverse=regression.inverse[np.ix_(columns, columns)],
        pattern=regression.pattern[:, columns],
    )
    cells = [fit.cells[column] for column in columns]
    return replace(fit, regression=regression, cells=cells, basis=fit.basis.then(basis))


def invert_within(sample: Sample, fit: BlockFit, within: FloatArray, unit: str) -> FloatArray:
    """Inverse of the slopes' normal matrix within units, checked against what varies at all.

    Parameters
    ----------
    within
        Weighted sums of squares and products of the dummies' deviations from their units' means,
        (K - 1, K - 1).
    unit
        What the units are called: "task", "respondent".

    Raises
    ------
    EstimationError
        Attributes never vary within a unit, or cannot be told apart there; the fault names them.
    """
    columns = _still(fit, within)
    what = f"never vary within a {unit}"
    if not len(columns):
        try:
            return inverse_of(within)
        except CollinearityError as error:
            columns, what = error.columns, f"cannot be told apart within a {unit}"
    names = dict.fromkeys(fit.cells[column + 1][0] for column in columns)
    raise EstimationError(
        Fault(
            sample.where,
            f"levels of {choices(names)} {what}",
            f"attributes that vary freely within a {unit}",
            "Leave them out, or compare all profiles with the linear model of amce.",
        )
    )


def _still(fit: BlockFit, within: FloatArray) -> IntArray:
    """The slopes whose dummies do not vary within units."""
    total = np.zeros(len(fit.regression.coefficients))
    for term in fit.regression.terms:
        sums = np.bincount(term.codes, fit.regression.w, term.size)
        total[term.coefficients] += term.fold(sums.astype(float))
    return np.flatnonzero(np.diag(within) <= NOTHING_LEFT * total[1:])


def predictor(terms: Sequence[Term], coefficients: FloatArray) -> FloatArray:
    """X'b of every profile, of shape (N,)."""
    total = np.zeros(len(terms[0].codes))
    for term in terms:
        total += term.spread(coefficients)[term.codes]
    return total


def with_slopes(
    fit: BlockFit, slopes: FloatArray, inverse: FloatArray, residual: FloatArray
) -> BlockFit:
    """The fit with other coefficients; its intercept stays, with the coefficient zero.

    Parameters
    ----------
    slopes, inverse
        Of shape (K - 1,) and (K - 1, K - 1).
    residual
        Of shape (N,): the score is x w residual.
    """
    bordered = np.zeros((len(slopes) + 1,) * 2)
    bordered[1:, 1:] = inverse
    regression = replace(
        fit.regression,
        coefficients=np.concatenate([[0.0], slopes]),
        inverse=bordered,
        residual=residual,
    )
    return replace(fit, regression=regression)
