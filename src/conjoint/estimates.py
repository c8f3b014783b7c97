"""Estimates: figures that carry their influence, and all that follows from it.

The sandwich, the interval and the test are written here, once, for every estimator.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from conjoint.errors import EstimationError, Fault, RequestError, choices

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from conjoint.typing import BoolArray, FloatArray, IntArray, Variance

__all__ = [
    "COLUMNS",
    "Estimates",
    "Specification",
    "compared_groups",
    "differences",
    "stack",
]

COLUMNS = [
    "outcome", "estimand", "group", "attribute", "level", "baseline",
    "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high",
    "n_profiles", "n_respondents",
]  # fmt: skip
"""The columns of every tidy frame, in order."""

LABELS = ["outcome", "estimand", "group", "attribute", "level", "baseline"]
COUNTS = ["n_profiles", "n_respondents"]
MINUS = " − "


@dataclass(frozen=True, slots=True)
class Specification:
    """What made a set of estimates."""

    estimator: str
    by: str | tuple[str, ...] | None = None
    variance: Variance = "linearised"
    confidence: float = 0.95
    weighted: bool = False
    calibrated: bool = False

    def __post_init__(self) -> None:
        if self.variance != "linearised":
            raise RequestError(
                Fault("variance", f'there is no "{self.variance}"', '"linearised"', "Name it.")
            )
        if not 0 < self.confidence < 1:
            raise RequestError(
                Fault("confidence", f"{self.confidence} is no probability", "0.95, for example")
            )


@dataclass(frozen=True, eq=False, repr=False)
class Estimates:
    """Figures with their influence: how far each respondent moved each of them.

    Parameters
    ----------
    labels
        One row a figure: ``outcome, estimand, group, attribute, level, baseline, n_profiles,
        n_respondents``.
    values
        The figures, of shape (k,). Proportions on 0 to 1.
    influence
        Of shape (respondents, k); a column sums to zero, and is all zero for a respondent who does
        not belong to the figure's group.
    design
        Of shape (k,): how many respondents make up the design each figure stands in, its group
        members. A comparison of groups stands in the design of all of them together.
    fixed
        Of shape (k,): figures that are so by definition (an AMCE's baseline), not estimated.
    members
        Of shape (respondents,): who belongs to any of the figures' groups, answer or no answer.

    Notes
    -----
    Covariance of figures j and k, clustered by respondent::

        V[j, k] = sum_i psi[i, j] psi[i, k] * sqrt(f[j] f[k]),    f = G / (G - 1)

    with G the figure's design. Intervals and tests use t with G - 1 degrees of freedom. This is the
    linearised variance of survey sampling (Binder 1983), the one that R's survey and cregg give.
    """

    labels: pd.DataFrame
    values: FloatArray
    influence: FloatArray
    design: IntArray
    fixed: BoolArray
    members: BoolArray
    specification: Specification

    def __post_init__(self) -> None:
        k = len(self.labels)
        shapes = (self.values.shape, self.design.shape, self.fixed.shape, self.influence.shape[1:])
        if any(shape != (k,) for shape in shapes):
            raise ValueError(f"{k} labels with parts of shapes {shapes}")
        for array in (self.values, self.influence, self.design, self.fixed, self.members):
            array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        specification = self.specification
        by = "" if specification.by is None else f" by {specification.by}"
        return f"<Estimates: {len(self)} {specification.estimator}{by}>"

    def _repr_html_(self) -> str:
        return str(self.frame.to_html(index=False, float_format=lambda value: f"{value:.4f}"))

    @property
    def covariance(self) -> FloatArray:
        """Covariance of all figures, of shape (k, k), clustered by respondent."""
        scaled = self.influence * np.sqrt(_inflation(self.design))
        return np.asarray(scaled.T @ scaled)

    @cached_property
    def std_errors(self) -> FloatArray:
        """Standard errors, of shape (k,); NaN where the figure is fixed by definition."""
        variance = np.einsum("ij,ij->j", self.influence, self.influence)
        errors = np.sqrt(variance * _inflation(self.design))
        return np.where(self.fixed, np.nan, errors)

    @property
    def frame(self) -> pd.DataFrame:
        """One tidy row a figure, with the columns that every estimator gives. A copy each time."""
        return self._frame.copy(deep=False)

    @cached_property
    def _frame(self) -> pd.DataFrame:
        errors = self.std_errors
        freedom = self.design - 1.0
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = np.where(errors > 0, self.values / errors, np.nan)
        reach = stats.t.ppf((1 + self.specification.confidence) / 2, freedom) * errors
        frame = self.labels.reset_index(drop=True).assign(
            estimate=self.values,
            std_error=errors,
            statistic=statistic,
            p_value=2 * stats.t.sf(np.abs(statistic), freedom),
            conf_low=self.values - reach,
            conf_high=self.values + reach,
        )
        return frame[COLUMNS]

    def to_csv(self, path: str | PathLike[str]) -> None:
        """Write the tidy frame as CSV."""
        self.frame.to_csv(path, index=False)

    def select(self, **keys: str | Sequence[str]) -> Estimates:
        """Keep the rows whose label columns hold the given values.

        >>> # estimates.select(group="Total", attribute=["cap", "reduction"])
        """
        keep = np.ones(len(self), dtype=bool)
        for name, wanted in keys.items():
            if name not in LABELS:
                raise RequestError(Fault("select", f'there is no "{name}"', choices(LABELS)))
            values = [wanted] if isinstance(wanted, str) else list(wanted)
            known = self.labels[name].unique()
            for value in values:
                if value not in known:
                    raise RequestError(Fault(f"select {name}", f'no "{value}"', choices(known)))
            keep &= self.labels[name].isin(values).to_numpy()
        return self._take(np.flatnonzero(keep))

    def contrast(
        self, matrix: FloatArray, labels: pd.DataFrame, estimator: str = "contrast"
    ) -> Estimates:
        """Linear combinations of the figures: estimates again, with their true covariance.

        Parameters
        ----------
        matrix
            Of shape (m, k): one row a new figure, one column a figure here.
        labels
            The new figures' labels and counts, m rows.
        """
        involved = matrix != 0
        smallest = np.where(involved, self.design, np.iinfo(np.intp).max).min(axis=1)
        largest = np.where(involved, self.design, 0).max(axis=1)
        groups = self.labels["group"].to_numpy()
        whole = self.joint_design
        design = np.array(
            [
                largest[row]
                if smallest[row] == largest[row] and len(set(groups[involved[row]])) <= 1
                else whole
                for row in range(len(matrix))
            ],
            dtype=np.intp,
        )
        # A combination of estimated figures is estimated; one of fixed figures alone is fixed.
        estimated = involved[:, ~self.fixed].any(axis=1)
        return Estimates(
            labels.reset_index(drop=True)[LABELS + COUNTS],
            matrix @ self.values,
            self.influence @ matrix.T,
            design,
            ~estimated,
            self.members,
            replace(self.specification, estimator=estimator),
        )

    def with_confidence(self, confidence: float) -> Estimates:
        """Give back the figures with intervals of another coverage."""
        return replace(self, specification=replace(self.specification, confidence=confidence))

    @property
    def joint_design(self) -> int:
        """How many respondents belong to any group of these figures."""
        return int(self.members.sum())

    def _take(self, rows: IntArray) -> Estimates:
        return replace(
            self,
            labels=self.labels.iloc[rows].reset_index(drop=True),
            values=self.values[rows],
            influence=self.influence[:, rows],
            design=self.design[rows],
            fixed=self.fixed[rows],
        )


def _inflation(design: IntArray) -> FloatArray:
    if (design < 2).any():
        raise EstimationError(
            Fault("estimates", "fewer than two respondents", "two or more: one has no spread")
        )
    return np.asarray(design / (design - 1.0))


def stack(parts: Sequence[Estimates]) -> Estimates:
    """Put figures of the same respondents side by side, so that they can be compared."""
    return Estimates(
        pd.concat([part.labels for part in parts], ignore_index=True),
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.influence for part in parts], axis=1),
        np.concatenate([part.design for part in parts]),
        np.concatenate([part.fixed for part in parts]),
        np.any([part.members for part in parts], axis=0),
        parts[0].specification,
    )


def differences(estimates: Estimates, reference: str) -> Estimates:
    """Differences between each group and a reference group, figure by figure.

    Estimand
        Figure of group g minus figure of the reference, for each outcome, attribute and level.
    Variance
        From the difference of the two influence columns: people who belong to both groups, or who
        gave profiles to both, are counted as one person who moved both figures.
    Units
        As the figures: proportions give differences on -1 to 1.

    Parameters
    ----------
    estimates
        Made with a `by`.
    reference
        The group to compare with. The new `group` is ``"g − reference"``. The counts are those of
        the smaller of the two bases.

    Raises
    ------
    RequestError
        There is no such group, or no other.

    References
    ----------
    Leeper, Hobolt & Tilley 2020, doi:10.1017/pan.2019.30: compare groups by marginal means.
    """
    labels = estimates.labels
    groups = list(dict.fromkeys(labels["group"]))
    if reference not in groups or len(groups) < 2:
        others = [group for group in groups if group != reference]
        raise RequestError(
            Fault("reference", f'cannot compare with "{reference}"', choices(others or groups))
        )
    rows = []
    pairs = _pairs(estimates, reference)
    for row, other in pairs:
        both = labels.iloc[[row, other]]
        rows.append(
            labels.iloc[row].to_dict()
            | {"group": f"{labels['group'].iloc[row]}{MINUS}{reference}"}
            | {"estimand": f"{labels['estimand'].iloc[row]} difference"}
            | {count: int(both[count].min()) for count in COUNTS}
        )
    matrix = np.zeros((len(pairs), len(estimates)))
    for new, (row, other) in enumerate(pairs):
        matrix[new, row], matrix[new, other] = 1.0, -1.0
    return estimates.contrast(matrix, pd.DataFrame(rows), "differences")


def compared_groups(estimates: Estimates, reference: str) -> list[str]:
    """For each row of :func:`differences`, the key of the group that is compared."""
    groups = estimates.labels["group"]
    return [str(groups.iloc[row]) for row, _ in _pairs(estimates, reference)]


def _pairs(estimates: Estimates, reference: str) -> list[tuple[int, int]]:
    """Rows of every other group with the reference's row of the same keys."""
    labels = estimates.labels
    keys = [name for name in LABELS if name not in ("group", "baseline")]
    position: dict[tuple[Any, ...], int] = {
        (group, *key): row
        for row, (group, key) in enumerate(
            zip(labels["group"], labels[keys].itertuples(index=False, name=None), strict=True)
        )
    }
    return [
        (row, position[reference, *key])
        for (group, *key), row in position.items()
        if group != reference and (reference, *key) in position
    ]
