"""Pairs of levels that were never shown together, though chance would have shown them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from math import log
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from conjoint.propose.shown import Shown
    from conjoint.typing import FloatArray, IntArray

__all__ = ["Never", "never_together", "versions"]

CHANCE = 1e-4
"""How probable it may be that chance alone leaves any pair of the whole file out."""

MOST_ATTRIBUTES = 30


@dataclass(frozen=True, slots=True)
class Never:
    """Levels of two attributes that never met; `expected` is how often chance would have it."""

    one: str
    one_levels: tuple[str, ...]
    other: str
    other_levels: tuple[str, ...]
    expected: float
    profiles: int


def never_together(shown: Shown) -> list[Never]:
    """Blocks of levels that never meet, those that chance would show most often first."""
    names = list(shown.codes)[:MOST_ATTRIBUTES]
    codes = shown.by_person()
    people = versions([codes[name] for name in names])
    flat = {name: codes[name][people].ravel() for name in names}
    sizes = [len(shown.texts[name]) for name in names]
    cells = sum(a * b for a, b in combinations(sizes, 2))
    enough = log(max(cells, 1) / CHANCE)
    found: list[Never] = []
    for one, other in combinations(names, 2):
        counts = _crossed(flat[one], flat[other], len(shown.texts[one]), len(shown.texts[other]))
        total = counts.sum()
        if not total:
            continue
        expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / total
        never = (counts == 0) & (expected > enough)
        for rows, columns in _blocks(never):
            found.append(
                Never(
                    one,
                    tuple(shown.texts[one][row] for row in rows),
                    other,
                    tuple(shown.texts[other][column] for column in columns),
                    float(expected[np.ix_(rows, columns)].sum()),
                    int(total),
                )
            )
    return sorted(found, key=lambda never: -never.expected)


def versions(codes: list[IntArray]) -> IntArray:
    """One respondent of each version of the design: seeing it again says nothing new."""
    if not codes or len(codes[0]) < 2:
        return np.zeros(1, dtype=np.intp)
    rows = np.concatenate([own.reshape(len(own), -1) for own in codes], axis=1)
    keys = np.random.default_rng(0).integers(1, 2**62, rows.shape[1], dtype=np.int64)
    with np.errstate(over="ignore"):
        mixed = (rows.astype(np.int64) + 2) @ keys
    return np.asarray(np.unique(mixed, return_index=True)[1], dtype=np.intp)


def _crossed(one: IntArray, other: IntArray, rows: int, columns: int) -> FloatArray:
    both = (one >= 0) & (other >= 0)
    joint = one[both] * columns + other[both]
    return np.bincount(joint, minlength=rows * columns).reshape(rows, columns).astype(float)


def _blocks(
    never: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
) -> list[tuple[list[int], list[int]]]:
    """Rectangles of a table's marked cells: rows that are marked in the same columns."""
    by_row: dict[tuple[int, ...], list[int]] = defaultdict(list)
    by_column: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for row, marked in enumerate(never):
        if marked.any():
            by_row[tuple(map(int, np.flatnonzero(marked)))].append(row)
    for column, marked in enumerate(never.T):
        if marked.any():
            by_column[tuple(map(int, np.flatnonzero(marked)))].append(column)
    if len(by_column) < len(by_row):
        return [(list(rows), columns) for rows, columns in by_column.items()]
    return [(rows, list(columns)) for columns, rows in by_row.items()]
