"""Attributes that stood in an order of each respondent's own: whose cell is whose."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import Fault, choices
from conjoint.wave.invariants import several

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conjoint.read.responses import Responses
    from conjoint.read.wide import Wide
    from conjoint.survey import Data, Survey
    from conjoint.typing import BoolArray, Integers

__all__ = ["Placed", "attribute_names", "place_attributes", "stated_positions"]

POSITION = re.compile(r"\d{1,3}", re.ASCII)

UNKNOWN = -2
"""The code of a text that names no attribute; -1 is an empty cell."""


@dataclass(frozen=True, eq=False, slots=True)
class Placed:
    """Levels by attribute, for files that keep them by position.

    Parameters
    ----------
    levels
        By attribute, one text a profile.
    positions
        By attribute, at which place it stood (from 1 on, 0 where nowhere), one number a profile.
    unread
        By attribute, the profiles of which nobody can tell at which place it stood, of shape
        (profiles,).
    """

    levels: dict[str, pd.Categorical]
    positions: pd.DataFrame
    unread: dict[str, BoolArray]
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]


@dataclass(eq=False, slots=True)
class _Found:
    """What was found at the positions.

    The first three by attribute, of shape (attributes, rows, profiles shown); the others of shape
    (rows, profiles shown): an attribute or a position at fault, -1 where there is none. `always`
    says of each attribute whether every profile shows it.
    """

    level: Integers
    position: Integers
    unread: BoolArray
    twice: Integers
    missing: Integers
    unnamed: Integers
    always: BoolArray
    unknown: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    folded: dict[str, str] = field(default_factory=dict)


def attribute_names(survey: Survey) -> dict[str, list[str]]:
    """The attributes that a text names exactly: by its column, its key or its label."""
    names: dict[str, list[str]] = {}
    for key, attribute in survey.attributes.items():
        for text in dict.fromkeys((attribute.column, key, attribute.label)):
            if text:
                names.setdefault(text, []).append(key)
    return names


def place_attributes(responses: Responses, wide: Wide) -> Placed:
    """Tell by the names of the attributes which cell holds whose level."""
    survey, shown = wide.survey, wide.shown
    n, m, k = len(responses.cells), len(wide.shown), len(survey.attributes)
    found = _Found(
        np.full((k, n, m), -1, dtype=np.int32),
        np.zeros((k, n, m), dtype=np.int16),
        np.zeros((k, n, m), dtype=bool),
        np.full((n, m), -1, dtype=np.int16),
        np.full((n, m), -1, dtype=np.int16),
        np.full((n, m), -1, dtype=np.int16),
        np.array([attribute.is_always for attribute in survey.attributes.values()]),
    )
    texts: dict[str, int] = {}
    names: dict[str, Integers] = {}
    for place, (task, profile) in enumerate(shown):
        columns = wide.name_columns(task, profile)
        for column in columns:
            if column not in names:
                names[column] = _named(responses, column, survey, found)
        own = np.stack([names[column] for column in columns])
        level = np.stack([_coded(responses, c, texts) for c in wide.level_columns(task, profile)])
        there = [c in responses.cells for c in (*columns, *wide.level_columns(task, profile))]
        _place(found, place, own, level, np.array(there).reshape(2, -1))
    known = pd.Index(list(texts), dtype=object)
    keys = list(survey.attributes)
    return Placed(
        {
            key: pd.Categorical.from_codes(found.level[a].ravel(), known)
            for a, key in enumerate(keys)
        },
        pd.DataFrame({key: found.position[a].ravel() for a, key in enumerate(keys)}),
        {key: mask.ravel() for key, mask in zip(keys, found.unread, strict=True) if mask.any()},
        tuple(_faults(responses, wide, found)),
        tuple(f'"{text}" is read as the attribute "{key}".' for text, key in found.folded.items()),
    )


def stated_positions(
    responses: Responses, survey: Survey, data: Data
) -> tuple[pd.DataFrame | None, list[Fault]]:
    """Positions that columns of a long file state, one an attribute; 0 where a cell is empty."""
    if not data.position:
        return None, []
    found, faults = {}, []
    for key, attribute in survey.attributes.items():
        column = data.position.replace("{attribute}", attribute.column or key)
        absent = responses.absent([column])
        if absent:
            faults += absent
            continue
        cells = responses.cells[column].cat
        texts = [str(text) for text in cells.categories]
        number = np.array([int(t) if POSITION.fullmatch(t) else 0 for t in texts] + [0])
        wrong = np.array([not POSITION.fullmatch(t) for t in texts] + [False])
        codes = cells.codes.to_numpy()
        found[key] = number[codes]
        for row in np.flatnonzero(wrong[codes])[:1]:
            what = f'"{texts[codes[row]]}" is no position'
            faults.append(Fault(responses.place(int(row), column), what, "1, 2, 3 and so on"))
    return (None if faults else pd.DataFrame(found, dtype=np.int16)), faults


def _coded(responses: Responses, column: str, texts: dict[str, int]) -> Integers:
    """A column's cells by one numbering of all texts; -1 where empty or not there."""
    if column not in responses.cells:
        return np.full(len(responses.cells), -1, dtype=np.int32)
    cells = responses.cells[column].cat
    code = np.array([texts.setdefault(text, len(texts)) for text in cells.categories] + [-1])
    return code.astype(np.int32)[cells.codes.to_numpy()]


def _named(responses: Responses, column: str, survey: Survey, found: _Found) -> Integers:
    """Which attribute each cell names: -1 where it is empty, UNKNOWN where it names none."""
    if column not in responses.cells:
        return np.full(len(responses.cells), -1, dtype=np.int16)
    exact = {text: keys[0] for text, keys in attribute_names(survey).items() if len(keys) == 1}
    folded = _once({_fold(text): key for text, key in exact.items()}, exact)
    place = {key: number for number, key in enumerate(survey.attributes)}
    cells = responses.cells[column].cat
    codes = cells.codes.to_numpy()
    named = []
    for number, text in enumerate(cells.categories):
        key = exact.get(text) or folded.get(_fold(text))
        named.append(UNKNOWN if key is None else place[key])
        if text in exact:
            continue
        rows = np.flatnonzero(codes == number)
        if key is not None and len(rows):
            found.folded[text] = key
        elif len(rows):
            found.unknown.setdefault(text, []).append((int(rows[0]), column))
    return np.array([*named, -1], dtype=np.int16)[codes]


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())


def _once(folded: Mapping[str, str], exact: Mapping[str, str]) -> dict[str, str]:
    """Folded names that stand for one attribute alone."""
    keys: dict[str, set[str]] = {}
    for text, key in exact.items():
        keys.setdefault(_fold(text), set()).add(key)
    return {text: key for text, key in folded.items() if len(keys[text]) == 1}


def _place(found: _Found, place: int, own: Integers, level: Integers, there: BoolArray) -> None:
    """Put the levels of one profile in one task where they belong.

    `own` and `level` are of shape (positions, rows); `there` says of each position whether the file
    has its column of names, then of levels.
    """
    active, odd = (level >= 0).any(axis=0), (own == UNKNOWN).any(axis=0)
    rows = np.arange(own.shape[1])
    at = np.zeros((len(found.level), own.shape[1]), dtype=np.int16)
    for position in reversed(range(len(own))):  # where two name one attribute the first stays
        named = np.flatnonzero(own[position] >= 0)
        at[own[position, named], named] = position + 1
    found.position[:, :, place] = at
    found.level[:, :, place] = np.where(at > 0, level[at - 1, rows], -1)
    # What cannot be told is said once: by a column that is absent, or by the name's own cell.
    lost = (active & (found.always[:, None] | odd)) | ~there[0].all()
    found.unread[:, :, place] = np.where(at > 0, ~there[1][at - 1], lost)
    again = np.flatnonzero(active & ((own >= 0).sum(axis=0) > (at > 0).sum(axis=0)))
    for a in range(len(at) if len(again) else 0):
        found.twice[again[(own[:, again] == a).sum(axis=0) > 1], place] = a
    gone = (at == 0) & found.always[:, None]
    lacking = np.where(active & ~odd & there[0].all(), gone.any(axis=0), False)
    found.missing[lacking, place] = gone.argmax(axis=0)[lacking]
    bare = (own == -1) & (level >= 0) & there[0][:, None]
    found.unnamed[:, place] = np.where(bare.any(axis=0), bare.argmax(axis=0), -1)


def _faults(responses: Responses, wide: Wide, found: _Found) -> list[Fault]:
    known = choices(attribute_names(wide.survey))
    faults = []
    for text, places in found.unknown.items():
        row, column = min(places)
        more = f" ({len(places) - 1} more columns hold it)" if len(places) > 1 else ""
        faults.append(
            Fault(
                responses.place(row, column),
                f'"{text}" names no attribute{more}',
                known,
                "Correct the cell, or give the attribute this `column` in survey.toml.",
            )
        )
    lacking = np.where((found.twice >= 0) | (found.unnamed >= 0), -1, found.missing)
    for at, what, do in (
        (found.twice, "stands at two positions", "Correct the cells."),
        (lacking, "stands at no position", "Correct the cells, or empty the whole task."),
    ):
        faults += _misplaced(responses, wide, at, what, do)
    for columns, own in _apart(wide, found.unnamed):
        rows = np.flatnonzero(own >= 0)
        if len(rows):
            more = f" ({len(rows) - 1} more rows like this one)" if len(rows) > 1 else ""
            faults.append(
                Fault(
                    responses.place(int(rows[0]), columns[int(own[rows[0]])]),
                    f"names no attribute, and there is a level at its position{more}",
                    known,
                    "Fill the cell in, or empty the whole task.",
                )
            )
    return faults


def _apart(wide: Wide, at: Integers) -> Iterator[tuple[list[str], Integers]]:
    """By columns of names, what is at fault; profiles that share the columns share their faults."""
    columns = [wide.name_columns(*pair) for pair in wide.shown]
    for pair, own in enumerate(columns):
        if own not in columns[:pair]:
            yield own, at[:, [other == own for other in columns]].max(axis=1)


def _misplaced(
    responses: Responses, wide: Wide, at: Integers, what: str, do: str
) -> Iterator[Fault]:
    """Faults of attributes that do not stand at one position; `at` of shape (rows, profiles shown)."""
    keys = list(wide.survey.attributes)
    for columns, own in _apart(wide, at):

        def fault(row: int, columns: list[str] = columns, own: Integers = own) -> Fault:
            where = responses.place(row, columns[0])
            return Fault(where, f'"{keys[own[row]]}" {what}', "each attribute at one", do)

        yield from several(own >= 0, fault)
