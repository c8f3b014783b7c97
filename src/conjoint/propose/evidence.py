"""What cells say for one reading of a file and against another.

Columns of one attribute hold the same levels whatever the task and profile; a level is drawn
anew each time, so that it says nothing about the next; a choice picks one profile of each task.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.propose.column import Column
    from conjoint.propose.pattern import Family
    from conjoint.typing import BoolArray, FloatArray, IntArray

__all__ = [
    "DEPENDS",
    "agreement",
    "association",
    "chosen_one",
    "codes_of",
    "dependence",
    "depends_on",
    "distinctness",
    "fits",
    "flat_codes",
    "kept_apart",
    "memory",
    "pooled",
    "sample_rows",
    "sums_to_one",
]

NUMBER = re.compile(r"-?\d+(\.\d+)?")

MOST_ROWS = 4000
"""Rows on which relations between columns are looked at; more would not change what is seen."""

DEPENDS = 8.0
"""Standard errors beyond chance from which on a column goes with an attribute that was drawn apart."""

MOST_CHOOSE, AT_MOST_ONE = 0.6, 0.98
"""Where people may opt out: so many tasks at least have a chosen profile, so few have two."""

CHANCE = 0.6
"""How far shares of `k` answers among `n` differ by chance: about this times sqrt(k / n)."""


@lru_cache(maxsize=16)
def sample_rows(rows: int, most: int = MOST_ROWS) -> IntArray:
    """Rows spread over the file, in order."""
    if rows <= most:
        return np.arange(rows, dtype=np.intp)
    return np.unique(np.linspace(0, rows - 1, most).astype(np.intp))


def pooled(columns: Sequence[Column]) -> Counter[str]:
    """Each answer's count over several columns."""
    counts: dict[str, int] = {}
    for column in columns:
        for text, count in column.answers.items():
            counts[text] = counts.get(text, 0) + count
    return Counter(counts)


def overlap(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """The share of answers that two sets of counts have in common, 0 to 1."""
    first, second = sum(one.values()), sum(other.values())
    if not first or not second:
        return 0.0
    return float(
        sum(min(count / first, other.get(text, 0) / second) for text, count in one.items())
    )


def agreement(columns: Sequence[Column]) -> float:
    """How alike the answers of columns are, 1 where they differ by no more than chance."""
    pool = pooled(columns)
    found = []
    for column in columns:
        if column.filled:
            by_chance = CHANCE * (len(pool) / column.filled) ** 0.5
            found.append(min(1.0, overlap(column.answers, pool) + by_chance))
    return float(np.mean(found)) if found else 0.0


def distinctness(groups: Sequence[Mapping[str, int]]) -> float:
    """How much the answers of groups of columns differ from group to group, 0 to 1."""
    pairs = list(combinations(groups[:12], 2))
    return float(np.mean([1 - overlap(one, other) for one, other in pairs])) if pairs else 1.0


def codes_of(columns: Sequence[Column], rows: IntArray, texts: Sequence[str]) -> IntArray:
    """The place of each cell's text among `texts`, -1 for others; of shape (rows, columns)."""
    place = {text: index for index, text in enumerate(texts)}
    out = np.full((len(rows), len(columns)), -1, dtype=np.intp)
    for index, column in enumerate(columns):
        lookup = [place.get(text, -1) for text in column.categories.tolist()]
        out[:, index] = np.array([*lookup, -1], dtype=np.intp)[column.codes[rows]]
    return out


def memory(columns: Sequence[Column], rows: IntArray) -> float:
    """How much neighbouring columns agree within a row beyond chance.

    The median over neighbours, so that one task asked twice does not count; see `association`.
    """
    texts = list(pooled(columns))
    codes = codes_of(columns[:9], rows, texts)
    found = [association(one, other, texts) for one, other in pairwise(codes.T)]
    return float(np.median(found)) if found else 0.0


def association(one: IntArray, other: IntArray, texts: Sequence[str]) -> float:
    """How much two answers of a person go together: 0 where it may be chance.

    The correlation of numbers, and how much more often than by chance other answers agree; what lies
    within three standard errors counts as 0. Codes are places among `texts`, -1 where empty.
    """
    both = (one >= 0) & (other >= 0)
    n = int(both.sum())
    if n < 30:
        return 0.0
    numbers = np.array([float(t) if NUMBER.fullmatch(t) else np.nan for t in texts])
    if len(texts) > 3 and np.isnan(numbers).mean() < 0.3:
        first, second = numbers[one[both]], numbers[other[both]]
        known = ~(np.isnan(first) | np.isnan(second))
        if known.sum() > 30 and np.ptp(first[known]) and np.ptp(second[known]):
            r = float(np.corrcoef(first[known], second[known])[0, 1])
            return r if abs(r) > 3 * float(known.sum()) ** -0.5 else 0.0
    size = len(texts)
    share = np.bincount(one[both], minlength=size) / n
    chance = float(share @ np.bincount(other[both], minlength=size)) / n
    excess = np.count_nonzero(one[both] == other[both]) / n - chance
    return excess if abs(excess) > 3 * (chance * (1 - chance) / n) ** 0.5 else 0.0


def dependence(one: IntArray, other: IntArray) -> float:
    """How many standard errors beyond chance two columns go together; codes are -1 where empty.

    Chi-squared of their table: levels that were drawn on their own stay within a few.
    """
    both = (one >= 0) & (other >= 0)
    if both.sum() < 100:
        return 0.0
    first, second = one[both], other[both]
    sizes = int(first.max()) + 1, int(second.max()) + 1
    table = np.bincount(first * sizes[1] + second, minlength=sizes[0] * sizes[1]).reshape(sizes)
    table = table[table.any(axis=1)][:, table.any(axis=0)]
    sizes = table.shape
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    freedom = (sizes[0] - 1) * (sizes[1] - 1)
    if not freedom:
        return 0.0
    chi = float(((table - expected) ** 2 / expected).sum())
    return float((chi - freedom) / (2 * freedom) ** 0.5)


def depends_on(codes: IntArray, levels: Mapping[str, IntArray]) -> tuple[float, str]:
    """The attribute that answers go with most, and by how many standard errors."""
    found = [(dependence(codes, own), name) for name, own in levels.items()]
    return max(found, default=(0.0, ""))


def flat_codes(family: Family, tasks: Sequence[str]) -> IntArray:
    """A family's cells, one a profile, as codes; of some people where there are many."""
    own = [family.cells[t, p] for t in tasks for p in family.profiles or ("",)]
    return codes_of(own, sample_rows(own[0].rows, MOST_ROWS // 4), list(pooled(own))).ravel()


def kept_apart(one: IntArray, other: IntArray, *, equal: bool = True) -> float:
    """How much of a table of two columns chance would have filled, and almost nothing fills.

    0 where they are independent; with the same number of levels each, 1 - 1 / k where each of `k`
    attributes has levels of its own. Codes are -1 where a cell is empty; without `equal`, pairs of the
    same code do not count.
    """
    both = (one >= 0) & (other >= 0)
    if both.sum() < 20:
        return 0.0
    sizes = int(one.max()) + 1, int(other.max()) + 1
    table = np.bincount(one[both] * sizes[1] + other[both], minlength=sizes[0] * sizes[1]).reshape(
        sizes
    )
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    # Cells of slips hold some; of those that chance would hardly fill nothing is said.
    barred = (table <= 0.04 * expected) & (expected >= 3)
    if not equal:
        barred &= ~np.eye(*sizes, dtype=bool)
    return float(expected[barred].sum() / table.sum())


def fits(counts: FloatArray, shares: FloatArray) -> float:
    """The probability of counts that differ so much from the shares."""
    expected = counts.sum() * shares
    return _beyond(float(((counts - expected) ** 2 / expected).sum()), len(counts) - 1)


def _beyond(statistic: float, freedom: int) -> float:
    """The chance of more than a chi-squared statistic x, without scipy, which takes long to load.

    Formula
        The sum of (x/2)^p exp(-x/2) / gamma(p + 1) over p = k/2 - 1, k/2 - 2 and so on above -1/2, k the
        degrees of freedom; where k is odd, with erfc(sqrt(x/2)).
    """
    half = statistic / 2
    if half <= 0:
        return 1.0
    powers = (i / 2 for i in range(freedom % 2, freedom, 2))
    chance = sum(math.exp(p * math.log(half) - half - math.lgamma(p + 1)) for p in powers)
    return min(1.0, chance + (math.erfc(math.sqrt(half)) if freedom % 2 else 0.0))


def sums_to_one(values: BoolArray) -> tuple[float, float]:
    """The shares of tasks in which exactly one profile holds an answer, and in which none does.

    `values` is of shape (tasks, profiles).
    """
    held = values.sum(axis=1)
    size = max(len(held), 1)
    return np.count_nonzero(held == 1) / size, (len(held) - np.count_nonzero(held)) / size


def chosen_one(shares: Mapping[str, tuple[float, float]]) -> tuple[float, str, float]:
    """What `sums_to_one` found for each answer, as a choice of one profile a task.

    Returns the share of tasks in which one profile alone holds an answer, which answer that is (where
    it is one alone), and the share of tasks in which no profile holds it: people may opt out. Levels
    drawn by chance hardly ever stand in one profile at most of every task, and in one of most.
    """
    found = []
    for text, (one, none) in shares.items():
        opts = one >= MOST_CHOOSE and one + none >= AT_MOST_ONE
        found.append((one / (1 - none) if opts else one, text, none if opts else 0.0))
    share = max((own for own, _, _ in found), default=0.0)
    best = [(text, none) for own, text, none in found if own == share]
    text, none = best[0] if len(best) == 1 and share >= 0.9 else ("", 0.0)
    return share, text, none
