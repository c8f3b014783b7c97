"""What intervals and tests need to know of the people and the scale behind each figure."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.estimates.interval import (
    EXPECTED,
    ROUNDING,
    Sides,
    design_effect,
    expected_answers,
    inverse_base,
    score_difference,
    score_statistic,
    share_interval,
    sides,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from conjoint.typing import BoolArray, FloatArray, IntArray, IntervalMethod

__all__ = ["Basis", "ComparedShares", "effective_base"]

PAIR = 2
"""Figures in a difference."""

SAME_PEOPLE = 1e-9
"""Groups that differ by no more than this part of their weight are of the same people."""


def effective_base(weights: FloatArray) -> float:
    """Kish's effective base, (sum w)^2 / sum w^2, of people's weights; 0 where nobody has any."""
    squares = float(np.square(weights).sum())  # no product: BLAS would wake threads
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0


@dataclass(frozen=True, eq=False, slots=True)
class ComparedShares:
    """Two shares whose difference is a figure; NaN for other figures.

    Parameters
    ----------
    p, inverse
        The shares of two samples without common members, and one over their effective bases by weights
        alone, of shape (k, 2); see :func:`conjoint.estimates.interval.sides`.
    scale
        The figure is so many times their difference, of shape (k,).
    """

    p: FloatArray
    inverse: FloatArray
    scale: FloatArray

    @property
    def exist(self) -> BoolArray:
        """Which figures are differences of two shares."""
        return np.asarray(~np.isnan(self.scale))

    def degrees(self) -> FloatArray:
        """Degrees of freedom of the two samples by Welch and Satterthwaite, on their bases; (k,)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            parts = self.inverse**2 / np.maximum(1 / self.inverse - 1, 1.0)
            return np.asarray(self.inverse.sum(axis=1) ** 2 / parts.sum(axis=1))

    def at(self, rows: IntArray, variance: FloatArray) -> tuple[Sides, BoolArray]:
        """Return some figures' shares, with the bases that their variances imply, and which can be tested.

        Parameters
        ----------
        variance
            Of all figures, of shape (k,).
        """
        p, inverse, scale = self.p[rows].T, self.inverse[rows].T, self.scale[rows]
        implied = inverse * design_effect(p, inverse, variance[rows] / scale**2)
        expected = expected_answers(p, np.minimum(inverse, implied))
        return Sides(p, implied, scale), expected >= EXPECTED - ROUNDING


@dataclass(frozen=True, eq=False, slots=True)
class Basis:
    """What is known of the scale and the people behind figures, an entry a figure.

    Parameters
    ----------
    low, high
        The ends of the scale of the answers that a figure is a mean of; infinite where a figure is no
        mean, or its scale has no ends.
    share
        Whether the answers are zeros and ones.
    rarer
        How many of the answers are of the rarer sort; infinite for other means, but 0 where all are alike.
    effective
        The effective base in people; NaN where it is not known.
    exposure
        For each figure the weight that each respondent has in its base, of shape (respondents,), or None.
    compared
        The two shares that a figure is the difference of.
    """

    low: FloatArray
    high: FloatArray
    share: BoolArray
    rarer: FloatArray
    effective: FloatArray
    exposure: npt.NDArray[Any]
    compared: ComparedShares

    @staticmethod
    def of(
        k: int,
        effective: FloatArray | None = None,
        *,
        low: FloatArray | float = -np.inf,
        high: FloatArray | float = np.inf,
        share: BoolArray | bool = False,
        rarer: FloatArray | float = np.inf,
        exposure: Sequence[FloatArray | None] | None = None,
    ) -> Basis:
        """Make one of k figures; what is left out is not known."""
        weights = np.full(k, None, dtype=object)
        for row, column in enumerate(exposure or ()):
            weights[row] = column
        nothing = np.full((k, PAIR), np.nan)
        return Basis(
            np.full(k, low, dtype=float),
            np.full(k, high, dtype=float),
            np.full(k, share, dtype=bool),
            np.full(k, rarer, dtype=float),
            np.full(k, np.nan) if effective is None else effective,
            weights,
            ComparedShares(nothing, nothing, nothing[:, 0]),
        )

    @property
    def bounded(self) -> BoolArray:
        """Which figures are means on a scale with two ends."""
        return np.asarray(np.isfinite(self.low) & np.isfinite(self.high))

    def take(self, rows: IntArray) -> Basis:
        """Return the entries of some figures."""
        taken: Basis = _by_field([self], lambda columns: columns[0][rows])
        return taken

    def carried(self, same: BoolArray, source: IntArray, effective: FloatArray) -> Basis:
        """Return the entries of figures made of these: the source's where it is the same figure.

        Parameters
        ----------
        same, source
            Whether each new figure is one of these unchanged, and which, of shape (m,).
        effective
            The new figures' effective bases, of shape (m,).
        """

        def choose(columns: list[Any]) -> Any:
            source_column, blank = columns
            return np.where(same.reshape(-1, *[1] * (blank.ndim - 1)), source_column, blank)

        carried: Basis = _by_field([self.take(source), Basis.of(len(same), effective)], choose)
        return carried

    def with_compared(self, rows: IntArray, compared: ComparedShares) -> Basis:
        """Return the same, some of the figures being differences of two shares."""

        def fill(columns: list[Any]) -> Any:
            filled = columns[0].copy()
            filled[rows] = columns[1]
            return filled

        return replace(self, compared=_by_field([self.compared, compared], fill))

    @staticmethod
    def concatenate(parts: Sequence[Basis]) -> Basis:
        """Put the entries of several sets of figures one behind another."""
        joined: Basis = _by_field(parts, np.concatenate)
        return joined

    def tested(
        self,
        values: FloatArray,
        errors: FloatArray,
        wald: FloatArray,
        null: FloatArray,
        method: IntervalMethod,
    ) -> FloatArray:
        """Return the statistics that go with the intervals, of shape (k,); Wald's for other figures.

        Parameters
        ----------
        values, errors, wald
            The figures, their standard errors and Wald's statistics, of shape (k,).
        null
            What they are tested against, of shape (k,).
        """
        statistic = wald.copy()
        rows = np.flatnonzero(self.compared.exist)
        if len(rows):
            two, enough = self.compared.at(rows, np.nan_to_num(errors) ** 2)
            score = score_statistic(null[rows] / two.scale, two.p, two.inverse)
            statistic[rows] = np.where(enough & ~np.isnan(wald[rows]), score, np.nan)
        # A share is not tested against an end of its scale: nought is the default, and asks nothing.
        rows = np.flatnonzero(self.bounded & (null > self.low) & (null < self.high) & (null != 0))
        if len(rows) and method == "score":
            p, inverse = self._on_unit(values, errors)
            at = (null - self.low)[rows] / (self.high - self.low)[rows]
            with np.errstate(divide="ignore", invalid="ignore"):
                score = (p[rows] - at) / np.sqrt(at * (1 - at) * inverse[rows])
            statistic[rows] = np.where(inverse[rows] > 0, score, np.nan)
        return statistic

    def ends(
        self,
        values: FloatArray,
        errors: FloatArray,
        quantile: FloatArray,
        tail: FloatArray,
        method: IntervalMethod,
    ) -> tuple[FloatArray, FloatArray]:
        """Return both ends of intervals, each of shape (k,); Wald's of figures without a scale.

        Parameters
        ----------
        quantile, tail
            How many standard errors the interval reaches, and the probability beyond it on one side.
        """
        reach = quantile * errors
        low, high = values - reach, values + reach
        rows = np.flatnonzero(self.bounded)
        if len(rows):
            p, inverse = self._on_unit(values, errors, steadied=method == "score")
            within = np.clip(p[rows], 0.0, 1.0)
            ends = share_interval(
                within, inverse[rows], quantile[rows], tail[rows], method, self.effective[rows]
            )
            bottom, top, value = self.low[rows], self.high[rows], values[rows]
            # What a model puts outside the scale has Wald's interval, cut at the scale's ends.
            outside = np.abs(p[rows] - within) > ROUNDING
            cut = np.clip(
                [low[rows], high[rows]], np.minimum(bottom, value), np.maximum(top, value)
            )
            low[rows], high[rows] = np.where(outside, cut, bottom + (top - bottom) * ends)
        rows = np.flatnonzero(self.compared.exist)
        if len(rows):
            two, enough = self.compared.at(rows, np.nan_to_num(errors) ** 2)
            ends = score_difference(two.p, two.inverse, quantile[rows]) * two.scale
            # What cannot be tested is not said to differ.
            low[rows] = np.where(enough, ends[0], np.minimum(ends[0], 0.0))
            high[rows] = np.where(enough, ends[1], np.maximum(ends[1], 0.0))
        return low, high

    def _on_unit(
        self, values: FloatArray, errors: FloatArray, *, steadied: bool = True
    ) -> tuple[FloatArray, FloatArray]:
        """Move means to a scale from 0 to 1, with one over their effective bases; NaN without ends."""
        width = np.where(self.bounded, self.high - self.low, np.nan)
        p, variance = (values - self.low) / width, (np.nan_to_num(errors) / width) ** 2
        rarer = self.rarer if steadied else np.full_like(self.rarer, np.inf)
        return p, inverse_base(p, variance, rarer, self.effective)

    def difference(self, pairs: IntArray, values: FloatArray, *, same: BoolArray) -> ComparedShares:
        """Note what the tests of differences of two shares need, row by row.

        Parameters
        ----------
        pairs
            The figures of each difference, of shape (m, 2).
        values
            Of these figures.
        same
            Whether the two are one quantity of two groups, so that people may be in both; of shape (m,).
        """
        recorded = np.array([column is not None for column in self.exposure], dtype=bool)
        shared = same & recorded[pairs].all(axis=1)
        alone, squares = np.ones((2, len(pairs))), np.ones((2, len(pairs)))
        if shared.any():
            alone[:, shared], squares[:, shared] = _apart(self.exposure[pairs[shared]])
        p, base = values, self.effective  # where both are shares, from 0 to 1
        inverse = np.divide(1.0, base, out=np.full_like(base, np.nan), where=base > 0)
        split = sides(p[pairs].T, inverse[pairs].T, alone, squares)
        exist = self.share[pairs].all(axis=1) & (alone.max(axis=0) > SAME_PEOPLE)
        exist &= ~np.isnan(inverse[pairs]).any(axis=1)
        return ComparedShares(
            np.where(exist, split.p, np.nan).T,
            np.where(exist, split.inverse, np.nan).T,
            np.where(exist, split.scale, np.nan),
        )


def _by_field(parts: Sequence[Any], change: Callable[[list[Any]], Any]) -> Any:
    """Change the arrays of one name of several records, and of the records within them."""
    columns = ([getattr(part, field.name) for part in parts] for field in fields(parts[0]))
    return type(parts[0])(
        *(
            change(column) if isinstance(column[0], np.ndarray) else _by_field(column, change)
            for column in columns
        )
    )


def _apart(exposure: npt.NDArray[Any]) -> tuple[FloatArray, FloatArray]:
    """The part of each group's weight, and of its squares, that the other has not; each (2, m).

    Parameters
    ----------
    exposure
        Of shape (m, 2): the weights of the people of both groups.
    """
    columns_of = {id(column): column for column in exposure.ravel()}
    place = {identity: row for row, identity in enumerate(columns_of)}
    columns = np.stack(list(columns_of.values()))
    first, second = np.array([[place[id(one)], place[id(two)]] for one, two in exposure]).T
    weight, square = columns @ (columns > 0).T, columns @ columns.T
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [
            1
            - np.stack([table[first, second] / np.diag(table)[group] for group in (first, second)])
            for table in (weight, square)
        ]
    alone, squares = (np.clip(np.nan_to_num(part, nan=1.0), 0.0, 1.0) for part in parts)
    return alone, squares
