"""Rows of a long file that stand for choosing none of the profiles, or for what people have already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.propose.draft import quoted
from conjoint.propose.value import is_none_option

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conjoint.propose.column import Column
    from conjoint.propose.long import Long
    from conjoint.typing import BoolArray, IntArray

__all__ = ["NoneRows", "find_none"]

OFTEN = 0.05
"""The share of tasks that have such a row, at least."""


@dataclass(frozen=True, eq=False, slots=True)
class NoneRows:
    """Rows that are no profiles.

    `rule` says what cells of them hold, as survey.toml's `none_rows`; `columns` are dummies that say
    no more than the rule; `profiles` are the other rows.
    """

    rule: Mapping[str, Any]
    columns: tuple[str, ...]
    profiles: IntArray
    why: str

    def chosen_of(self, long: Long) -> list[Column]:
        """The choices of which such a row may hold the answer: those of the whole task."""
        return [column for column in long.varying if column.name in {c.name for c in long.chosen}]


def find_none(long: Long) -> NoneRows | None:
    """The rows, one in a task at most, in which no attribute varies: the option of choosing none."""
    if long.size < 2:
        return None
    taken = set(long.chosen)
    levels = [c for c in long.varying if c not in taken and c.distinct + (c.filled < c.rows) > 1]
    found = [
        (rank, rule, rows)
        for rank, rule, rows in _candidates(long, levels)
        if _is_none(long, levels, rows, set(rule))
    ]
    if not found:
        return None
    _, rule, rows = min(found, key=lambda item: item[0])
    said = " and ".join(
        f"{quoted(name)} is {quoted(text)}" if text else f"{quoted(name)} is empty"
        for name, text in rule.items()
    )
    why = f"{int(rows.sum()):,} rows, in which {said} and no attribute varies: they are no profiles"
    also = [c.name for c in levels if _is_dummy(c) and np.array_equal(c.holds("1"), rows)]
    # A word for none may stand among the levels of an attribute; other columns of the rule say no more.
    also += [c.name for c in levels if c.name in rule and c.at(np.flatnonzero(~rows)).distinct < 2]
    return NoneRows(
        dict(rule), tuple(dict.fromkeys(also)), np.flatnonzero(~rows).astype(np.intp), why
    )


def _is_dummy(column: Column) -> bool:
    return {text.removesuffix(".0") for text in column.answers} == {"0", "1"}


def _candidates(
    long: Long, levels: Sequence[Column]
) -> Iterator[tuple[int, dict[str, str], BoolArray]]:
    """What may mark such rows: a dummy, a word for none, empty attributes, the profile's number."""
    for column in levels:
        for text in column.answers:
            if _is_dummy(column) and text.removesuffix(".0") == "1":
                yield 1, {column.name: text}, column.holds(text)
            elif is_none_option(text) and column.distinct <= 60:
                yield 2, {column.name: text}, column.holds(text)
    lacking = [c for c in levels if c.filled < c.rows]
    if lacking:
        rows = np.logical_and.reduce([c.codes < 0 for c in lacking])
        yield 0, {c.name: "" for c in lacking[:3]}, np.asarray(rows, dtype=bool)
    if long.profile is not None:
        for text in long.profile.answers:
            yield 3, {long.profile.name: text}, long.profile.holds(text)


def _is_none(long: Long, levels: Sequence[Column], rows: BoolArray, named: set[str]) -> bool:
    """Whether each attribute holds one text in these rows, and several in others."""
    each = np.bincount(long.group, weights=rows)
    if not rows.any() or each.max() > 1 or each.mean() < OFTEN:
        return False
    if rows.sum() < 30 or np.bincount(long.group)[each > 0].min() < 2:
        return False
    varied = 0
    for column in levels:
        here = np.unique(column.codes[rows])
        there = np.unique(column.codes[~rows])
        if len(here) > 1:
            return False
        varied += len(there[there >= 0]) > 1
    return varied > (len(named) == 1 and len(levels) > 2)
