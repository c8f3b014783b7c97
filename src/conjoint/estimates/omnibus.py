"""Joint tests: does an attribute matter, and does its pattern differ between groups?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import linalg, special

from conjoint.errors import EstimationError, Fault, choices
from conjoint.estimates.influence import cross_product
from conjoint.say.number import numeral

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjoint.estimates.freedom import Freedom
    from conjoint.estimates.model import Estimates
    from conjoint.estimates.welch import Welch
    from conjoint.typing import BoolArray, FloatArray, IntArray

__all__ = ["FEW_PEOPLE", "Wald", "omnibus", "wald"]

FEW_PEOPLE = 150
"""Respondents of a group below which reports quote the joint test with CR2 (HTZ)."""

RANK_TOLERANCE = 1e-9
"""Standardised comparisons whose variance is this small follow from the others."""

ROUNDING = 1e-12
"""What is left of a variance, as a part of those it is made of, where nothing is."""


def omnibus(
    estimates: Estimates, *, together: bool = False, small_sample: bool = True
) -> pd.DataFrame:
    """Test whole attributes: a cluster-robust Wald test of all their levels at once.

    Estimand
        With one group: do the attribute's levels differ at all? With several: does the pattern of
        its levels (each level against the attribute's first) differ between the groups? A group that
        is higher on all levels alike has the same pattern.
    Formula
        W = d' V^-1 d, with d the q comparisons and V their covariance, clustered by respondent,
        groups that overlap included. F = W (eta - q + 1) / (eta q) on q and eta - q + 1 degrees of
        freedom. Under CR1, CR2 and CR3, eta is the approximation of Pustejovsky & Tipton (their HTZ
        test). With linearised variances it is G - 1 of one group (Hotelling's T squared). Of several groups,
        each keeps its own G / (G - 1) in V, and::

            eta = q (q + 1) / sum_h (tr(O_h O_h) + tr(O_h)^2) / (G_h - 1)

        with O_h the part of the variance that group h of G_h respondents brings, in units of the sum of
        all (Krishnamoorthy & Yu 2004), and at most G - 1 of all groups: a small group beside a large one
        has about its own degrees of freedom. Where groups overlap and the comparisons are many for the
        respondents (4 among 60, 79 among 1,000), the test is cautious: at 5% it rejects 2 to 4 of 100
        true hypotheses.
        Where weights were moved far to meet targets, the degrees of freedom that these leave
        (:meth:`conjoint.Wave.degrees`) stand in the place of G - 1.
    Units
        None.

    Parameters
    ----------
    estimates
        AMCEs, marginal means or their like, with two levels or more of an attribute; with a `by`, of
        two groups or more.
    together
        One test of all attributes instead of one each.
    small_sample
        False gives F = W / q on q and G - 1 degrees of freedom, as R's packages do by default. That
        rejects too often where respondents are few for the number of comparisons.

    Returns
    -------
    pandas.DataFrame
        One row an outcome and attribute: ``outcome, attribute, hypothesis`` ("no effect" or "same in
        all groups"), ``comparisons`` (q), ``statistic`` (F), ``df_num``, ``df_denom``, ``p_value``,
        ``n_respondents`` (of all groups) and ``note``: which figures are left out because they cannot be
        estimated, or why there is no test. `attribute` is empty for all attributes together.

    Raises
    ------
    EstimationError
        No test can be made: there is nothing to compare, or more comparisons than respondents to judge
        them by.

    References
    ----------
    Pustejovsky & Tipton 2018, doi:10.1080/07350015.2016.1247004; Krishnamoorthy & Yu 2004,
    doi:10.1016/j.spl.2003.10.012. Checked against survey's
    regTermTest and clubSandwich's Wald_test.

    Examples
    --------
    >>> # cj.omnibus(cj.marginal_means(wave, by="segments"))
    """
    rows: list[dict[str, Any]] = []
    faults: list[Fault] = []
    labels, estimable = estimates.labels, estimates.estimable
    for outcome in dict.fromkeys(labels["outcome"]):
        own = (labels["outcome"] == outcome).to_numpy()
        attributes = list(dict.fromkeys(labels["attribute"][own]))
        for named in [attributes] if together else [[name] for name in attributes]:
            wanted = own & labels["attribute"].isin(named).to_numpy()
            several = len(set(labels["group"][own])) > 1
            matrix = _comparisons(labels, wanted & estimable, several=several)
            where = f'outcome "{outcome}", attribute {", ".join(named)}'
            row = {
                "outcome": outcome,
                "attribute": "" if together else named[0],
                "hypothesis": _hypothesis(labels[own]),
            }
            without = _left_out(estimates, wanted & ~estimable)
            try:
                tested = _wald(estimates, matrix, where, small_sample=small_sample)
            except EstimationError as error:
                faults += error.faults
                tested = _untested(error.faults[0].what)
            note = "; ".join(filter(None, (tested["note"], without)))
            rows.append(row | tested | {"note": note})
    if len(faults) == len(rows):
        raise EstimationError(*faults)
    return pd.DataFrame(rows)


def _left_out(estimates: Estimates, rows: BoolArray) -> str:
    """Which figures a test goes without, and why."""
    keys = estimates.labels.loc[rows, ["group", "attribute", "level"]]
    notes = [note for note, gone in zip(estimates.notes, rows, strict=True) if gone]
    told = [
        f"{group}, {attribute} {level} ({note})"
        for (group, attribute, level), note in zip(
            keys.itertuples(index=False, name=None), notes, strict=True
        )
    ]
    return f"left out: {choices(told)}" if told else ""


def _untested(note: str) -> dict[str, Any]:
    numbers = dict.fromkeys(("statistic", "df_num", "df_denom", "p_value"), np.nan)
    return {"comparisons": 0} | numbers | {"n_respondents": 0, "note": note}


def _hypothesis(labels: pd.DataFrame) -> str:
    groups = set(labels["group"])
    return "same in all groups" if len(groups) > 1 else "no effect"


def _comparisons(labels: pd.DataFrame, wanted: BoolArray, *, several: bool) -> FloatArray:
    """Every level against its attribute's first, then every group against the first; (q, k).

    Two groups are compared over the levels that both have.
    """
    place: dict[str, dict[str, dict[str, int]]] = {}
    columns = zip(labels["group"], labels["attribute"], labels["level"], strict=True)
    for row, (group, attribute, level) in enumerate(columns):
        if wanted[row]:
            place.setdefault(group, {}).setdefault(attribute, {})[level] = row
    references: dict[str, dict[str, int]] = {}
    rows = []
    for own in place.values():
        for attribute, levels in own.items():
            reference = references.get(attribute)
            if several and reference is None:
                if len(levels) > 1:
                    references[attribute] = levels
                continue
            shared = [level for level in levels if reference is None or level in reference]
            for level in shared[1:]:
                difference = np.zeros(len(labels))
                difference[levels[level]], difference[levels[shared[0]]] = 1.0, -1.0
                if reference is not None:
                    difference[reference[level]], difference[reference[shared[0]]] = -1.0, 1.0
                rows.append(difference)
    return np.array(rows).reshape(-1, len(labels))


def _wald(
    estimates: Estimates, matrix: FloatArray, where: str, *, small_sample: bool
) -> dict[str, Any]:
    if not len(matrix):
        raise EstimationError(
            Fault(where, "there is nothing to compare", "two levels or more that all groups share")
        )
    # What a comparison is called does not matter here.
    labels = estimates.labels.iloc[[0] * len(matrix)]
    compared = estimates.in_one_design().contrast(matrix, labels, "omnibus")
    freedom: Freedom | Welch | None = estimates.freedom
    G, alone = int(compared.design.max()), float(compared.designs.degrees.max())
    several = len(set(estimates.labels["group"].to_numpy()[matrix.any(axis=0)])) > 1
    parts = None
    if several and small_sample and freedom is None:
        parts = _parts_of_groups(estimates, matrix)
    elif freedom is None:
        freedom = estimates.welch  # of what compares groups already

    def hotelling(kept: IntArray) -> float:
        if freedom is not None:
            return freedom.combine(matrix[kept]).hotelling()
        return alone if parts is None else min(parts.eta(kept), alone)

    covariance = (compared if parts is None else parts).covariance.copy()
    # Of groups of the same people rounding is left when the figures of one are taken off the other's.
    same = (
        np.diagonal(covariance)
        <= ROUNDING * (np.abs(matrix) @ np.nan_to_num(estimates.std_errors)) ** 2
    )
    covariance[same], covariance[:, same] = 0.0, 0.0
    tested = wald(
        compared.values,
        covariance,
        G,
        where,
        hotelling=hotelling,
        small_sample=small_sample,
    )
    return asdict(tested) | {"note": ""}


@dataclass(frozen=True, eq=False, slots=True)
class _Parts:
    """The covariance of m comparisons between groups, each group with its own G / (G - 1).

    `own` has what each group brings by itself, (groups, m, m), and `degrees` its degrees of freedom.
    """

    covariance: FloatArray
    own: FloatArray
    degrees: FloatArray

    def eta(self, kept: IntArray) -> float:
        """Return the eta of q comparisons that do not follow from others: see :func:`omnibus`."""
        q, own = len(kept), self.own[:, kept[:, None], kept]
        root = linalg.cholesky(own.sum(axis=0), lower=True)
        half = np.linalg.solve(root, own)
        shares = np.linalg.solve(root, half.swapaxes(1, 2))
        traces = np.einsum("hst,hts->h", shares, shares) + np.einsum("hss->h", shares) ** 2
        return float(q * (q + 1) / np.sum(traces / self.degrees))


def _parts_of_groups(estimates: Estimates, matrix: FloatArray) -> _Parts:
    used = np.flatnonzero(matrix.any(axis=0))
    products = cross_product(estimates.influence[:, used])
    scaled = matrix[:, used] * np.sqrt(estimates.inflation[used])
    groups, freedom = estimates.labels["group"].to_numpy()[used], estimates.designs.degrees[used]
    own, degrees = [], []
    for group in dict.fromkeys(groups):
        rows = groups == group
        own.append(scaled[:, rows] @ products[np.ix_(rows, rows)] @ scaled[:, rows].T)
        degrees.append(freedom[rows].max())
    return _Parts(scaled @ products @ scaled.T, np.array(own), np.array(degrees))


@dataclass(frozen=True, slots=True)
class Wald:
    """A joint test, as :func:`omnibus` gives it."""

    comparisons: int
    statistic: float
    df_num: float
    df_denom: float
    p_value: float
    n_respondents: int


def wald(
    values: FloatArray,
    covariance: FloatArray,
    G: int,
    where: str,
    *,
    hotelling: Callable[[IntArray], float] | None = None,
    small_sample: bool = True,
) -> Wald:
    """Test whether comparisons are zero, all at once: see :func:`omnibus`.

    Parameters
    ----------
    values, covariance
        The comparisons, of shape (m,), and their covariance, clustered by respondent; some may follow
        from others.
    G
        The respondents behind them.
    where
        How a fault names the test.
    hotelling
        The eta of comparisons that do not follow from others; that of Hotelling where None.

    Raises
    ------
    EstimationError
        There are more comparisons than respondents to judge them by.
    """
    kept = _independent(covariance)
    q = len(kept)
    # The covariance of more comparisons than respondents has no inverse, whatever they are.
    if not q or q > G - 1 or (q < len(values) and q == G - 1):
        raise EstimationError(
            Fault(
                where,
                f"{len(values)} comparisons among {G} respondents",
                "more respondents than comparisons, and answers that differ",
                "Merge levels or groups.",
            )
        )
    # Standardised: comparisons may be of any size.
    size = np.sqrt(np.diagonal(covariance)[kept])
    d, correlation = values[kept] / size, covariance[np.ix_(kept, kept)] / np.outer(size, size)
    W = float(d @ linalg.solve(correlation, d, assume_a="pos"))
    eta, denominator, scale = G - 1.0, G - 1.0, 1.0
    if small_sample:
        if hotelling is not None:
            eta = hotelling(kept)
        denominator = eta - q + 1
        if denominator <= 0:
            raise EstimationError(
                Fault(
                    where, f"{q} comparisons with only {numeral(eta, 1)} degrees of freedom", "more"
                )
            )
        scale = denominator / eta
    F = scale * W / q
    p_value = float(special.fdtrc(q, denominator, F))
    return Wald(q, F, float(q), denominator, p_value, G)


def _independent(covariance: FloatArray) -> Any:
    """Comparisons that do not follow from those before them, by pivoted Cholesky."""
    scale = np.sqrt(np.diag(covariance))
    moving = np.flatnonzero(scale > 0)
    if not len(moving):
        return moving
    correlation = covariance[np.ix_(moving, moving)] / np.outer(scale[moving], scale[moving])
    _, pivots, rank, _ = linalg.lapack.dpstrf(correlation, tol=RANK_TOLERANCE, lower=1)
    return np.sort(moving[pivots[:rank] - 1])
