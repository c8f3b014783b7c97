"""From regressions on a sample to figures with their influence: the chain, once for all estimators."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError, Fault, choices
from conjoint.estimate.carriers import Carriers
from conjoint.estimate.cell_mean import cell_means
from conjoint.estimate.groups import Figures
from conjoint.estimate.leverage import BellMcCaffrey, SaturatedError, find_leverage
from conjoint.estimate.linear import CollinearityError, RegressionInfluence, Term, least_squares
from conjoint.estimates import beside, unmoved
from conjoint.wave import Tally, cell_counts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from conjoint.estimate.linear import Regression
    from conjoint.estimate.sample import Sample
    from conjoint.estimates import Freedom
    from conjoint.typing import BoolArray, FloatArray, IntArray, Integers

__all__ = [
    "Cells",
    "Faults",
    "intercept",
    "join",
    "join_each",
    "linear_figures",
    "means_of",
    "missing",
    "regress",
    "together",
]

Cells = list[tuple[str, str]]
"""For each coefficient, the attribute and level it is about, as a fault would name them."""


Faults = tuple[Fault | None, ...]
"""One a figure: why it cannot be estimated, or None; empty where all can be."""


def intercept(N: int) -> Term:
    """The constant, as a factor of one cell."""
    return Term(np.zeros(N, dtype=np.int8), np.zeros(1, dtype=np.intp))


def regress(
    sample: Sample, terms: Sequence[Term], cells: Cells, tally: Tally | None = None
) -> Regression:
    """Weighted least squares of the sample's outcome.

    `tally` is that of the terms with several cells, where it has been made already.

    Raises
    ------
    EstimationError
        Coefficients cannot be told apart; the fault names their attributes.
    """
    try:
        return least_squares(
            terms, sample.y, sample.w, sample.respondent, sample.n_respondents, tally
        )
    except CollinearityError as error:
        names = dict.fromkeys(cells[column][0] for column in error.columns if cells[column][0])
        do = "Leave one of them out, or declare the restriction."
        raise EstimationError(together(sample, names, do)) from error


def together(sample: Sample, names: Iterable[str], do: str) -> Fault:
    """Say that the effects of attributes cannot be told apart."""
    return Fault(
        sample.where,
        f"the effects of {choices(names)} cannot be told apart: their levels go together",
        "attributes that vary freely, apart from the restrictions declared",
        do,
    )


def linear_figures(
    sample: Sample,
    regression: Regression,
    figures: FloatArray,
    labels: pd.DataFrame,
    cells: Cells,
    faults: Faults = (),
) -> Figures:
    """Figures that are linear in a regression's coefficients, by the variance asked for.

    Parameters
    ----------
    figures
        Of shape (k, K); a row of zeros is fixed at zero, unless it has a fault.
    faults
        Why figures cannot be estimated.
    """
    lacking = np.array(
        [fault is not None for fault in faults] or [False] * len(figures), dtype=bool
    )
    residual = regression.residual
    freedom: Freedom | None = None
    if sample.variance == "CR1":
        N, K = len(residual), len(regression.coefficients)
        residual = residual * _stata(sample, N, K)
    if sample.variance != "linearised":
        try:
            leverage = find_leverage(regression, sample.place, sample.variance)
        except SaturatedError as error:
            raise EstimationError(_saturated(sample, error.columns, cells)) from error
        freedom = BellMcCaffrey((leverage,), figures)
        if sample.variance != "CR1":
            residual = leverage.residual
    return Figures(
        labels,
        np.where(lacking, np.nan, figures @ regression.coefficients),
        RegressionInfluence(regression, figures, residual),
        (figures == 0).all(axis=1) & ~lacking,
        freedom,
        faults=faults,
        carrying=Carriers.of(regression, figures),
    )


def means_of(
    sample: Sample,
    codes: Sequence[Integers],
    sizes: Sequence[int],
    cells: Sequence[Cells],
    tally: Tally | None = None,
    reported: Sequence[BoolArray] | None = None,
    estimand: str = "",
) -> Figures:
    """Weighted means of the cells of each factor that occur, with their labels but outcome and group.

    Parameters
    ----------
    codes, sizes, cells
        For each factor its codes, (N,), its number of cells, and their names.
    tally
        Of these factors, where it has been made already.
    reported
        For each factor which cells have a mean, of shape (cells,); all where None.

    Raises
    ------
    EstimationError
        No row is in a cell that has a mean.
    """
    if reported is None:
        reported = [np.ones(size, dtype=bool) for size in sizes]
    weight = sample.weight_of_respondents
    if sample.variance != "linearised" or weight is None:
        parts = [
            _regressed_means(sample, code, size, names, own, estimand)
            for code, size, names, own in zip(codes, sizes, cells, reported, strict=True)
            if own[code].any()
        ]
        if not parts:
            raise EstimationError(_nothing(sample, cells))
        return join(parts)
    if tally is None:
        tally = Tally(codes, sizes, sample.respondent, sample.n_respondents)
    result = cell_means(tally, sample.y, weight, np.concatenate(reported))
    if not len(result.cells):
        raise EstimationError(_nothing(sample, cells))
    names = [name for own in cells for name in own]
    n_profiles, n_respondents = tally.counts
    return Figures(
        _mean_labels(estimand, names, n_profiles, n_respondents, result.cells),
        result.means,
        result.influence,
        np.zeros(len(result.cells), dtype=bool),
        rarer=np.minimum(result.answers, n_profiles[result.cells] - result.answers),
    )


def _nothing(sample: Sample, cells: Sequence[Cells]) -> Fault:
    return Fault(
        f"{sample.where}, attribute(s) {choices(dict.fromkeys(own[0][0] for own in cells))}",
        "no profile shows them",
        "profiles that show the attributes (where there are several, together)",
        "Widen the group, or ask for other attributes.",
    )


def _regressed_means(
    sample: Sample, code: Integers, size: int, cells: Cells, reported: BoolArray, estimand: str
) -> Figures:
    """The same as a regression on cells without intercept, which knows the cells' leverage."""
    if not reported.all():
        rows = reported[code]
        sample, code = sample.only(rows), code[rows]
    counts = cell_counts(code, size, sample.respondent, sample.n_respondents)
    shown = np.flatnonzero(counts[0])
    columns = np.full(size, -1, dtype=np.intp)
    columns[shown] = np.arange(len(shown))
    own = [cells[cell] for cell in shown]
    regression = regress(sample, [Term(code, columns)], own)
    labels = _mean_labels(estimand, cells, *counts, shown)
    figures = linear_figures(sample, regression, np.eye(len(shown)), labels, own)
    answers = np.bincount(code, sample.y, minlength=size)
    return replace(figures, rarer=np.minimum(answers, counts[0] - answers)[shown])


def _mean_labels(
    estimand: str, cells: Cells, n_profiles: IntArray, n_respondents: IntArray, shown: IntArray
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "estimand": [estimand] * len(shown),
            "attribute": [cells[cell][0] for cell in shown],
            "level": [cells[cell][1] for cell in shown],
            "baseline": [""] * len(shown),
            "n_profiles": n_profiles[shown],
            "n_respondents": n_respondents[shown],
        }
    )


def join(parts: Sequence[Figures]) -> Figures:
    """Figures of one sample, one estimator's after another's."""
    if len(parts) == 1:
        return parts[0]
    freedom = parts[0].freedom
    rarer = [part.rarer for part in parts if part.rarer is not None]
    for part in parts[1:]:
        freedom = None if freedom is None or part.freedom is None else freedom.beside(part.freedom)
    return Figures(
        pd.concat([part.labels for part in parts], ignore_index=True),
        np.concatenate([part.values for part in parts]),
        beside([part.influence for part in parts]),
        np.concatenate([part.fixed for part in parts]),
        freedom,
        np.concatenate(rarer) if len(rarer) == len(parts) else None,
        tuple(fault for part in parts for fault in part.faults or (None,) * len(part.values)),
        reduce(Carriers.beside, [part.carrying or Carriers(len(part.values)) for part in parts]),
    )


def missing(sample: Sample, labels: pd.DataFrame, faults: Faults) -> Figures:
    """Figures that cannot be estimated, and why."""
    k = len(labels)
    return Figures(
        labels,
        np.full(k, np.nan),
        unmoved(sample.n_respondents, k),
        np.zeros(k, dtype=bool),
        None if sample.variance == "linearised" else BellMcCaffrey((), np.zeros((k, 0))),
        np.full(k, np.inf),
        faults,
    )


def join_each(
    sample: Sample,
    names: Iterable[str],
    estimator: Callable[[str], Figures],
    labels: Callable[[str], pd.DataFrame],
) -> Figures:
    """Figures of one attribute after another's; of those that cannot be estimated the labels alone.

    Raises
    ------
    EstimationError
        Those of no attribute can be estimated.
    """
    parts: list[Figures] = []
    errors: list[Fault] = []
    for name in names:
        try:
            parts.append(estimator(name))
        except EstimationError as error:
            errors += error.faults
            own = labels(name)
            fault = Fault(sample.where, error.reasons)
            parts.append(missing(sample, own, (fault,) * len(own)))
    if parts and all(np.isnan(part.values).all() for part in parts):
        raise EstimationError(*dict.fromkeys(errors))
    return join(parts)


def _stata(sample: Sample, N: int, K: int) -> float:
    if N <= K:
        raise EstimationError(
            Fault(
                sample.where,
                f"{N} profiles for {K} coefficients",
                "more profiles than coefficients, for CR1",
                'Use variance="linearised", or a larger group.',
            )
        )
    return float(np.sqrt((N - 1) / (N - K)))


def _saturated(sample: Sample, columns: IntArray, cells: Cells) -> Fault:
    named = [f'"{level}" of {attribute}' for attribute, level in (cells[c] for c in columns)]
    if ("", "") in (cells[c] for c in columns):
        # Without the baseline the other levels' dummies add up to the intercept.
        attributes = dict.fromkeys(cells[c][0] for c in columns if cells[c][0])
        named = [f"the baseline of {attribute}" for attribute in attributes]
    return Fault(
        sample.where,
        f"{choices(named, 4)} stand(s) on one respondent alone, so that there is no jackknife",
        "every level seen by two or more respondents",
        'Use variance="CR2", or merge the level with another.',
    )
