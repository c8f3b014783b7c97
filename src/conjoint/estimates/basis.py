"""What intervals and tests need to know of the people and the scale behind each figure."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.estimates.interval import EXPECTED, chance_of, inverse_base

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from conjoint.typing import BoolArray, FloatArray, IntArray

__all__ = ["Basis", "ComparedShares", "effective_base"]

PAIR = 2
"""Figures in a difference."""


def effective_base(weights: FloatArray) -> float:
    """Kish's effective base, (sum w)^2 / sum w^2, of people's weights; 0 where nobody has any."""
    squares = float(weights @ weights)
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0


@dataclass(frozen=True, eq=False, slots=True)
class ComparedShares:
    """Two shares whose difference is a figure, each array of shape (k, 2) or (k,); NaN for other figures.

    Parameters
    ----------
    p, inverse
        The shares, and one over their effective bases (see :mod:`conjoint.estimates.interval`).
    squares
        Sums of squares of the two columns of influence.
    overlap
        The correlation of the two figures that follows from who stands in both, by weights alone.
    chance
        How far that correlation counts in place of the estimated one: where answers are rare.
    """

    p: FloatArray
    inverse: FloatArray
    squares: FloatArray
    overlap: FloatArray
    chance: FloatArray

    @property
    def exist(self) -> BoolArray:
        """Which figures are differences of two shares."""
        return np.asarray(~np.isnan(self.overlap))

    def correlation(self, squares: FloatArray) -> FloatArray:
        """Return the correlation of the two shares, given the squares of the difference's influence."""
        sizes = np.sqrt(self.squares.prod(axis=1))
        both = self.squares.sum(axis=1) - squares
        estimated = np.divide(both / 2, sizes, out=np.zeros_like(sizes), where=sizes > 0)
        return np.asarray(
            np.clip((1 - self.chance) * estimated + self.chance * self.overlap, -1.0, 1.0)
        )

    def testable(self) -> BoolArray:
        """Whether each group can be expected to give enough answers of both sorts, if all are alike."""
        with np.errstate(divide="ignore", invalid="ignore"):
            base = 1 / self.inverse
            pooled = np.nan_to_num((base * self.p).sum(axis=1) / base.sum(axis=1), nan=0.5)
            expected = base.min(axis=1) * np.minimum(pooled, 1 - pooled)
        # A share without any error needs no answers.
        return np.asarray(np.isinf(base).any(axis=1) | (expected >= EXPECTED))


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
            ComparedShares(nothing, nothing, nothing, nothing[:, 0], nothing[:, 0]),
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
            old, new = columns
            return np.where(same.reshape(-1, *[1] * (old.ndim - 1)), old, new)

        carried: Basis = _by_field([self.take(source), Basis.of(len(same), effective)], choose)
        return carried

    @staticmethod
    def concatenate(parts: Sequence[Basis]) -> Basis:
        """Put the entries of several sets of figures one behind another."""
        joined: Basis = _by_field(parts, np.concatenate)
        return joined

    def on_unit(self, values: FloatArray, errors: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Move means and their variances to a scale from 0 to 1; NaN where there are no ends."""
        width = np.where(self.bounded, self.high - self.low, np.nan)
        return (values - self.low) / width, (np.nan_to_num(errors) / width) ** 2

    def difference(
        self,
        pairs: IntArray,
        values: FloatArray,
        errors: FloatArray,
        squares: FloatArray,
        *,
        same: BoolArray,
    ) -> ComparedShares:
        """Note what the test of differences of two shares needs, row by row.

        Parameters
        ----------
        pairs
            The figures of each difference, of shape (m, 2); -1 where it is none of two shares.
        values, errors, squares
            Of these figures: their standard errors, and the sums of squares of their influence.
        same
            Of shape (m,): whether the two are one quantity of two groups, so that people in both count.
        """
        p, variance = self.on_unit(values, errors)
        inverse = inverse_base(p, variance, self.rarer, self.effective)
        exist: BoolArray = np.asarray((pairs >= 0).all(axis=1))
        exist[exist] = self.share[pairs[exist]].all(axis=1)
        chance = chance_of(self.rarer)[pairs].max(axis=1)
        overlap = np.full(len(pairs), np.nan)
        overlap[exist] = 0.0
        for row in np.flatnonzero(exist & same & (chance > 1e-3)):
            overlap[row] = _overlap(*self.exposure[pairs[row]])
        values_of, inverse_of, squares_of = (
            np.where(exist[:, None], column[pairs], np.nan) for column in (p, inverse, squares)
        )
        chance = np.where(exist, chance, np.nan)
        return ComparedShares(values_of, inverse_of, squares_of, overlap, chance)


def _by_field(parts: Sequence[Any], change: Callable[[list[Any]], Any]) -> Any:
    """Change the arrays of one name of several records, and of the records within them."""
    columns = ([getattr(part, field.name) for part in parts] for field in fields(parts[0]))
    return type(parts[0])(
        *(
            change(column) if isinstance(column[0], np.ndarray) else _by_field(column, change)
            for column in columns
        )
    )


def _overlap(first: FloatArray | None, second: FloatArray | None) -> float:
    """Correlation of two weighted means of answers that are independent between people."""
    if first is None or second is None or len(first) != len(second):
        return 0.0
    size = np.sqrt((first @ first) * (second @ second))
    return float(first @ second / size) if size > 0 else 0.0
