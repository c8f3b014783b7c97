"""Columns of zeros and ones that are the levels of one attribute: price_low, price_mid, price_high.

A wide file holds them for each task and profile: t1_A_price_low, t1_A_price_mid.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from conjoint.propose.attribute import propose_attribute, say_uneven
from conjoint.propose.column import Column
from conjoint.propose.doubt import ask_what_it_is
from conjoint.propose.words import slug, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.propose.draft import Draft
    from conjoint.propose.model import Key
    from conjoint.propose.shown import Shown
    from conjoint.typing import IntArray

__all__ = ["pooled_columns", "propose_dummies"]

MOST_TEXTS = 6
OFF = frozenset({"0", "0.0", "false", "f", "no", "n", "nein", "non"})
"""What a column of a level holds where another level stands."""

OTHERWISE = "none of these"
"""The level of rows in which all of an attribute's columns are 0."""


@dataclass(frozen=True, eq=False, slots=True)
class _Dummies:
    """Columns of which one at most is not 0 in any row; `stem` are the words that they share."""

    columns: tuple[Column, ...]
    stem: str
    exact: bool


def propose_dummies(
    draft: Draft, levels: Sequence[Column], pattern: str = "{attribute}"
) -> set[str]:
    """Read exclusive columns as one attribute, and leave it to a person; says which they are.

    `pattern` is how survey.toml names a column of levels in `cells`.
    """
    used: set[str] = set()
    for found in _groups([c for c in levels if _may_be_off(c)]):
        names = [column.name for column in found.columns]
        if used.isdisjoint(names):
            _propose(draft, found, {column.name for column in levels}, pattern)
            used |= set(names)
    return used


def pooled_columns(shown: Shown) -> list[Column]:
    """Attributes' cells of all tasks and profiles as one column each, of the profiles that were seen.

    Those alone that may say whether a level stood.
    """
    flat = {
        name: codes.ravel()
        for name, codes in shown.codes.items()
        if len(shown.texts[name]) <= MOST_TEXTS and any(map(_is_off, shown.texts[name]))
    }
    if len(flat) < 2:
        return []
    seen = np.logical_or.reduce([codes >= 0 for codes in flat.values()])
    found = []
    for place, (name, codes) in enumerate(flat.items()):
        own = codes[seen]
        texts = np.array(shown.texts[name], dtype=object)
        counts = np.bincount(own[own >= 0], minlength=len(texts)).astype(np.intp)
        found.append(Column(name, place, texts, own, counts))
    return found


def _is_off(text: str) -> bool:
    return text.strip().casefold() in OFF


def _may_be_off(column: Column) -> bool:
    if column.filled < column.rows or not 1 < column.distinct <= MOST_TEXTS:
        return False
    return (column.is_numeric or column.distinct == 2) and any(map(_is_off, column.answers))


def _on(column: Column) -> IntArray:
    """Rows that do not hold 0, as ones."""
    off = np.array([_is_off(str(text)) for text in column.categories])
    return np.asarray(~off[column.codes], dtype=np.intp)


def _groups(columns: Sequence[Column]) -> list[_Dummies]:
    on = {column: _on(column) for column in columns}
    by_stem: dict[str, list[Column]] = defaultdict(list)
    for column in columns:
        words = words_of(column.name)
        if len(words) > 1 and column.distinct == 2:
            by_stem["_".join(words[:-1])].append(column)
    found = []
    for stem, own in by_stem.items():
        total = sum(on[column] for column in own)
        if len(own) > 1 and np.max(total) == 1 and _not_by_chance(own, on):
            found.append(_Dummies(tuple(own), stem, bool(np.min(total) == 1)))
    taken = {column for group in found for column in group.columns}
    found += _cover([c for c in columns if c not in taken], on)
    return found


def _not_by_chance(own: Sequence[Column], on: dict[Column, IntArray]) -> bool:
    """Whether chance would have shown each two together."""
    rows = own[0].rows
    return all(on[a].mean() * on[b].mean() * rows > 12 for a, b in combinations(own, 2))


def _cover(columns: Sequence[Column], on: dict[Column, IntArray]) -> list[_Dummies]:
    """Columns of which exactly one is not 0 in each row, whatever their names."""
    found: list[_Dummies] = []
    free = list(columns)
    for first in columns:
        if first not in free:
            continue
        group, total = [first], on[first].copy()
        for other in free:
            if other is not first and not np.any(total & on[other]):
                group.append(other)
                total += on[other]
        if len(group) > 1 and bool(total.all()) and _not_by_chance(group, on):
            group.sort(key=lambda column: column.place)
            found.append(_Dummies(tuple(group), "", exact=True))
            free = [column for column in free if column not in group]
    return found


def _propose(draft: Draft, found: _Dummies, taken: set[str], pattern: str) -> None:
    """One attribute; the other reading is that each column is an attribute of its own."""
    cells, counts = _cells(found, pattern)
    names = [column.name for column in found.columns]
    name = found.stem or "_or_".join(slug(own) or "x" for own in names[:3])
    while name in taken:
        name = f"{name}_level"
    listed = ", ".join(names)
    why = f"{'exactly one' if found.exact else 'one at most'} of {listed} is not 0 in each row"
    key: Key = ("attributes", draft.free("attributes", name))
    draft.say((*key, "cells"), cells, "likely", why)
    order = list(cells) + ([OTHERWISE] if not found.exact else [])
    items = tuple(f"{counts[text]:,} profiles" for text in order)
    draft.say((*key, "levels"), order, "likely", "in the columns' order", items)
    say_uneven(draft, key, np.array([counts[text] for text in order], dtype=float))
    ask_what_it_is(
        draft,
        listed,
        key,
        f"one attribute of {len(order)} levels",
        (
            "an attribute each",
            lambda other: [
                propose_attribute(
                    other,
                    own.name,
                    Counter(own.answers),
                    ("likely", "it changes from profile to profile"),
                )
                for own in found.columns
            ],
        ),
        f"{why[0].upper()}{why[1:]}.",
    )


def _cells(found: _Dummies, pattern: str) -> tuple[dict[str, dict[str, str]], dict[str, int]]:
    """By level, what which column holds; and how often each stands."""
    cells: dict[str, dict[str, str]] = {}
    counts: dict[str, int] = {}
    for column in found.columns:
        own = {text: n for text, n in column.answers.items() if not _is_off(text)}
        bare = column.name
        if found.stem:
            bare = column.name[len(column.name) - len(words_of(column.name)[-1]) :]
        for text, count in sorted(own.items(), key=lambda pair: (len(pair[0]), pair[0])):
            level = bare if len(own) == 1 else f"{bare} {text}"
            level = level if level not in cells else f"{column.name} {text}"
            cells[level] = {pattern.replace("{attribute}", column.name): text}
            counts[level] = count
    counts[OTHERWISE] = found.columns[0].rows - sum(counts.values())
    return cells, counts
