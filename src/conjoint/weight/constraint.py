"""What weights have to meet, as columns over cells of respondents. No pandas here.

Letters: n respondents, C cells, P columns, p of them linearly independent, R replicates.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from conjoint.weight.cells import Cells, find_cells
from conjoint.weight.product import Dense, Products, Tabulated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.typing import BoolArray, FloatArray, IntArray

__all__ = ["TOTAL", "Constraint", "Mean", "Problem", "Shares", "UnreachableError", "pose"]

DEPENDENT = 1e-10
"""A column of which less than this part is its own follows from the columns before it."""

TOTAL = -1
"""The owner of the column that says that the weights sum to one."""


@dataclass(frozen=True, eq=False, slots=True)
class Shares:
    """Each category's share of the weight, among everybody or among `members` alone.

    Parameters
    ----------
    codes
        Each respondent's category from 0, of shape (n,). Whatever it is where not a member.
    shares
        Of shape (c,), summing to one.
    members
        Who the shares are shares of, of shape (n,). Their own part of the weight is left free.
    unknown
        Who has no category, of shape (n,), among everybody: they keep their part of the starting
        weight, and the shares are those of the others.
    """

    codes: IntArray
    shares: FloatArray
    members: BoolArray | None = None
    unknown: BoolArray | None = None

    def category(self) -> IntArray:
        """Each respondent's category, c for those who are no members, or have none."""
        outside = self.unknown if self.members is None else ~self.members
        return self.codes if outside is None else np.where(outside, len(self.shares), self.codes)

    def settled(self, start: FloatArray) -> Shares:
        """The same for starting weights, those without a category as one category more."""
        if self.unknown is None:
            return self
        part = start[self.unknown].sum() / start.sum()
        return Shares(self.category(), np.append(self.shares * (1 - part), part))


@dataclass(frozen=True, eq=False, slots=True)
class Mean:
    """The weighted mean of a number, among everybody or among `members` alone.

    `unknown` have no number, and keep their part of the starting weight, as with :class:`Shares`.
    """

    values: FloatArray
    mean: float
    members: BoolArray | None = None
    unknown: BoolArray | None = None


Constraint: TypeAlias = Shares | Mean


class UnreachableError(ArithmeticError):
    """The targets cannot all be met.

    `margin` is the constraint that is furthest from its target, and `discrepancy` how far each of its
    categories is (reached minus wanted; a mean in standard deviations). `empty` says that a wanted
    category has no weight at all, `vanishing` that the targets are met only in the limit, where some
    weights are zero.
    """

    def __init__(
        self,
        margin: int,
        discrepancy: FloatArray,
        *,
        empty: bool = False,
        vanishing: bool = False,
    ) -> None:
        self.margin, self.discrepancy = margin, discrepancy
        self.empty, self.vanishing = empty, vanishing
        super().__init__(f"constraint {margin} is off by {np.abs(discrepancy).max():.2g}")


@dataclass(frozen=True, eq=False, slots=True)
class Retained:
    """People whose part of the weight is that of the start, whatever it is.

    Parameters
    ----------
    cells
        Which cells hold them, of shape (C,).
    slope
        By how much each column's target moves with their part, of shape (P,).
    """

    cells: BoolArray
    slope: FloatArray


@dataclass(frozen=True, eq=False)
class Problem:
    """Constraints on cells, ready to be solved.

    Parameters
    ----------
    cells
        Cells of the respondents with a weight; the others are in none.
    base
        Starting weight of each cell, of shape (C,), summing to one.
    target
        What the columns come to under weights that sum to one, of shape (P,).
    owner, place
        The constraint that each column belongs to, -1 for the total, and which of the constraint's
        columns it is; of shape (P,).
    scale
        What a column has been divided by so that it is of the order of one, of shape (P,).
    kept
        Columns that do not follow from the others, of shape (p,).
    categories
        For each constraint of shares its codes on cells, of shape (C,), and the shares.
    needed
        Which of these shares need somebody, in any set of weights.
    retained
        The people of each constraint who keep their part of the starting weight.
    products, every
        Products with the kept columns, and with all of them.
    plain
        All constraints are shares among everybody: proportional fitting can be used.
    """

    cells: Cells
    base: FloatArray
    target: FloatArray
    owner: IntArray
    place: IntArray
    scale: FloatArray
    kept: IntArray
    categories: tuple[tuple[IntArray, FloatArray], ...]
    needed: tuple[BoolArray, ...]
    retained: tuple[Retained, ...]
    products: Products
    every: Products
    plain: bool

    @cached_property
    def columns(self) -> FloatArray:
        """What each column sums up, of shape (C, P)."""
        return self.every.columns()

    @cached_property
    def basis(self) -> FloatArray:
        """The independent columns, of shape (C, p)."""
        return self.products.columns()

    def target_of(self, base: FloatArray) -> FloatArray:
        """What the independent columns come to where cells start with other weights, (C,) to (p,)."""
        target = self.target.copy()
        for part in self.retained:
            moved = base[part.cells].sum() / base.sum() - self.base[part.cells].sum()
            target += part.slope * moved
        return np.asarray(target[self.kept])

    def drawn(self) -> FloatArray | None:
        """How each cell moves the targets that hang on the sample, of shape (C, p); None for none."""
        if not self.retained:
            return None
        moved = np.zeros((len(self.base), len(self.target)))
        for part in self.retained:
            moved += np.outer(part.cells - self.base[part.cells].sum(), part.slope)
        return np.asarray(moved[:, self.kept])

    def misses(self, mass: FloatArray) -> FloatArray:
        """How far weights of cells are from each target, of shape (P,)."""
        return np.asarray(self.every.sums(mass[:, None])[:, 0] - self.target)

    def furthest(self, mass: FloatArray, *, vanishing: bool) -> UnreachableError:
        """Say which constraint weights of cells miss the most."""
        misses = self.misses(mass)
        own = self.owner[int(np.argmax(np.where(self.owner == TOTAL, 0, np.abs(misses))))]
        return UnreachableError(int(own), misses[self.owner == own], vanishing=vanishing)


def pose(
    constraints: Sequence[Constraint], start: FloatArray, apart: Sequence[IntArray] = ()
) -> Problem:
    """Set constraints up for respondents who start with weights.

    Parameters
    ----------
    constraints
        What the weights shall meet.
    start
        Starting weights, of shape (n,), not negative.
    apart
        Further codes that keep respondents in different cells.

    Raises
    ------
    ValueError
        Starting weights are negative, not finite, or all zero.
    UnreachableError
        A category, or all members of a constraint, have a target but no weight.
    """
    if not (np.isfinite(start).all() and (start >= 0).all() and start.sum() > 0):
        raise ValueError("starting weights have to be finite numbers of zero or more, not all zero")
    posed = list(constraints)
    constraints = [each.settled(start) if isinstance(each, Shares) else each for each in posed]
    cells, base = _cells(constraints, start, apart)
    categories, needed = [], []
    for place, each in enumerate(constraints):
        if isinstance(each, Shares):
            needed.append(each.shares > 0)
            needed[-1][len(each.shares) - (posed[place].unknown is not None) :] = False
            codes = each.category()[cells.first].astype(np.intp, copy=False)
            categories.append((codes, each.shares))
            _refuse_empty(place, *categories[-1], base)
    whole = [_is_whole(each) for each in constraints]
    plain = all(whole) and len(whole) > 0
    every: Products
    if plain:
        sizes = [len(shares) for _, shares in categories]
        every = Tabulated([codes for codes, _ in categories], sizes, np.arange(sum(sizes)))
        parts = [(shares, np.ones(len(shares))) for _, shares in categories]
    else:
        found = [_columns(place, each, cells, base) for place, each in enumerate(constraints)]
        parts = [(target, scale) for _, target, scale in found]
        total = [] if any(whole) else [np.ones((len(cells), 1))]
        every = Dense(np.hstack([*(columns for columns, _, _ in found), *total]))
        parts += [(np.ones(1), np.ones(1))] * len(total)
    counts = [len(target) for target, _ in parts]
    owner = np.repeat([*range(len(constraints)), *([TOTAL] * (len(parts) - len(whole)))], counts)
    # Whole shares come first, else the total: then the others are measured against all weight.
    order = np.lexsort((np.arange(len(owner)), owner != TOTAL, ~np.array([*whole, False])[owner]))
    kept = _independent(every.hessians(base[:, None])[0], order)
    slopes = _slopes(posed, counts)
    unknown = [(each.unknown, own) for each, own in zip(posed, slopes, strict=True)]
    return Problem(
        cells,
        base,
        np.concatenate([target for target, _ in parts]),
        owner,
        np.concatenate([np.arange(count) for count in counts]),
        np.concatenate([scale for _, scale in parts]),
        kept,
        tuple(categories),
        tuple(needed),
        tuple(Retained(who[cells.first], own) for who, own in unknown if who is not None),
        every.only(kept),
        every,
        plain,
    )


def _slopes(constraints: Sequence[Constraint], counts: Sequence[int]) -> list[FloatArray]:
    """By how much columns' targets move with the part of those who keep it, by constraint."""
    ends = np.cumsum(counts)
    slopes = []
    for each, end in zip(constraints, ends, strict=False):
        slope = np.zeros(ends[-1])
        if each.unknown is not None:
            slope[end - 1] = 1.0
            if isinstance(each, Shares):
                slope[end - 1 - len(each.shares) : end - 1] = -each.shares
        slopes.append(slope)
    return slopes


def _is_whole(constraint: Constraint) -> bool:
    return isinstance(constraint, Shares) and constraint.members is None


def _cells(
    constraints: Sequence[Constraint], start: FloatArray, apart: Sequence[IntArray]
) -> tuple[Cells, FloatArray]:
    codes: list[IntArray] = list(apart)
    sizes = [int(code.max()) + 1 for code in apart]
    for constraint in constraints:
        if isinstance(constraint, Shares):
            codes.append(constraint.category())
            sizes.append(len(constraint.shares) + (constraint.members is not None))
            continue
        values = constraint.values
        if constraint.members is not None:
            values = np.where(constraint.members, values, np.inf)
        if constraint.unknown is not None:
            values = np.where(constraint.unknown, np.inf, values)
        distinct, code = np.unique(values, return_inverse=True)
        codes.append(code.ravel())
        sizes.append(len(distinct))
    cells = find_cells(codes, sizes, len(start))
    base = cells.sums(start)
    alive = start > 0
    if not alive.all():
        cells = Cells(np.where(alive, cells.member, -1), cells.first).only(base > 0)
        base = base[base > 0]
    return cells, base / base.sum()


def _refuse_empty(place: int, codes: IntArray, shares: FloatArray, base: FloatArray) -> None:
    reached = np.bincount(codes, base, len(shares))[: len(shares)]
    if ((reached <= 0) & (shares > 0)).any():
        raise UnreachableError(place, reached - shares, empty=True)


def _columns(
    place: int, constraint: Constraint, cells: Cells, base: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """A constraint's columns, what they come to, and what they have been divided by."""
    if isinstance(constraint, Mean):
        return _mean_column(place, constraint, cells, base)
    codes, size = constraint.category()[cells.first], len(constraint.shares)
    columns = np.zeros((len(codes), size + 1))
    columns[np.arange(len(codes)), codes] = 1
    columns = columns[:, :size]
    if constraint.members is None:
        return columns, constraint.shares, np.ones(size)
    # Among members a category's indicator less its share: these sum to zero, whatever the members'
    # own part of the weight.
    inside = codes < size
    columns -= inside[:, None] * constraint.shares
    part = base[inside].sum()
    return columns / part, np.zeros(size), np.full(size, part)


def _mean_column(
    place: int, constraint: Mean, cells: Cells, base: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The number less its target, in standard deviations: its weighted sum has to be zero."""
    values = constraint.values[cells.first]
    inside = np.ones(len(values), dtype=bool)
    if constraint.members is not None:
        inside = constraint.members[cells.first]
    if constraint.unknown is not None:
        inside = ~constraint.unknown[cells.first]
    if not inside.any():
        raise UnreachableError(place, np.array([np.nan]), empty=True)
    part = base[inside] / base[inside].sum()
    spread = np.sqrt(part @ (values[inside] - part @ values[inside]) ** 2)
    scale = (spread or 1.0) * base[inside].sum()
    column = np.where(inside, values - constraint.mean, 0.0) / scale
    if constraint.unknown is None:
        return column[:, None], np.zeros(1), np.array([scale])
    columns = np.column_stack([column, ~inside])
    return columns, np.array([0.0, base[~inside].sum()]), np.array([scale, 1.0])


def _independent(products: FloatArray, order: IntArray) -> IntArray:
    """Columns that do not follow from those before them, by elimination in their cross-products."""
    left = products[np.ix_(order, order)]
    size = np.diag(left).copy()
    kept = []
    for place in range(len(order)):
        pivot = left[place, place]
        if pivot <= DEPENDENT * size[place]:
            continue
        kept.append(order[place])
        row = left[place, place:] / np.sqrt(pivot)
        left[place:, place:] -= np.outer(row, row)
    return np.array(kept, dtype=np.intp)
