"""Cells of text into numbers, with every misfit named.

A column holds few texts and many cells: each text is looked at once.
"""

from __future__ import annotations

import json
import math
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.errors import Fault
from conjoint.say.number import between, exact

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from typing import Literal

    from conjoint.survey import Outcome, Question
    from conjoint.typing import BoolArray, FloatArray, IntArray

__all__ = [
    "alias_advice",
    "encode_durations",
    "encode_numbers",
    "misfits",
    "places_of",
    "read_number",
    "used_texts",
]

MOST_NAMED = 12
"""So many distinct misfits of a column are named one by one; the others are counted."""

NUMBERS = {
    mark: re.compile(
        rf"[+-]?(inf|infinity|(\d+({mark}\d*)?|{mark}\d+)(e[+-]?\d+)?)", re.ASCII | re.IGNORECASE
    )
    for mark in (r"\.", ",")
}
PLAIN = frozenset("0123456789.")

GROUPED = re.compile(r"[+-]?\d+([.,'’ \u00a0\u202f]\d+)+", re.ASCII)
"""What looks like a number with marks for thousands, or another mark for decimals."""

GROUPS = re.compile(r"[,'’ \u00a0\u202f](?=\d{3}(?!\d))")
"""Marks for thousands."""

BARE = re.compile(r"[A-Za-z0-9_-]+")
"""Keys that TOML takes without quotation marks."""

NEAR = 0.75
"""How alike texts are, of 1, where one may be the other misspelt."""

CLOCK = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{2}(?:[.,]\d+)?)", re.ASCII)


def read_number(text: str, decimal: Literal[".", ","] = ".") -> float:
    """The number that a text is, NaN where it is none."""
    if decimal == "." and PLAIN.issuperset(text):
        try:
            return float(text)  # reads of these signs what the pattern does, and is quicker
        except ValueError:
            return math.nan
    if NUMBERS["," if decimal == "," else r"\."].fullmatch(text) is None:
        return math.nan
    return float(text.replace(",", "."))


def read_seconds(text: str, decimal: Literal[".", ","] = ".") -> float:
    """Seconds from a number of them, or from ``mm:ss`` or ``hh:mm:ss``; NaN from anything else."""
    clock = CLOCK.fullmatch(text)
    if clock is None:
        seconds = read_number(text, decimal)
        return seconds if 0 <= seconds < math.inf else math.nan
    hours, minutes, rest = clock.groups()
    return 3600 * float(hours or 0) + 60 * float(minutes) + float(rest.replace(",", "."))


def encode_numbers(
    cells: pd.Series[Any],
    scale: Question | Outcome | None,
    place: Callable[[int, str], str],
    what: str,
    decimal: Literal[".", ","] = ".",
) -> tuple[FloatArray, list[Fault]]:
    """Numbers from text; `scale` gives the range and the answers that count as missing."""
    expected, low, high = "a number", -math.inf, math.inf
    if scale is not None and scale.min is not None and scale.max is not None:
        expected = f"a number from {between(exact(scale.min), exact(scale.max))}"
        low, high = scale.min, scale.max
    missing = frozenset(scale.missing) if scale is not None else frozenset()

    def read(text: str) -> float:
        number = read_number(text, decimal)
        return number if low <= number <= high else math.nan

    return _encode(cells, read, missing, place, what, expected, decimal)


def encode_durations(
    cells: pd.Series[Any], place: Callable[[int, str], str], decimal: Literal[".", ","] = "."
) -> tuple[FloatArray, list[Fault]]:
    """Seconds from text."""
    expected = "seconds, mm:ss or hh:mm:ss"

    def read(text: str) -> float:
        return read_seconds(text, decimal)

    return _encode(cells, read, frozenset(), place, "a duration", expected, decimal)


def places_of(texts: Collection[Any], known: Collection[str]) -> IntArray:
    """For each text its place among those known, -1 where it is none of them; of shape (texts,).

    One more stands at the end, -1 for the code of an empty cell.
    """
    place = {text: number for number, text in reversed(list(enumerate(known)))}
    return np.array([place.get(text, -1) for text in texts] + [-1], dtype=np.intp)


def used_texts(cells: pd.Series[Any]) -> dict[str, int]:
    """The texts that occur, with how many cells hold each; in the order of the categories."""
    counts = np.bincount(cells.cat.codes.to_numpy() + 1, minlength=len(cells.cat.categories) + 1)
    texts = zip(cells.cat.categories, counts[1:], strict=True)
    return {str(text): int(count) for text, count in texts if count}


def misfits(
    cells: pd.Series[Any],
    wrong: BoolArray,
    place: Callable[[int, str], str],
    what: str,
    expected: str,
    do: str | Callable[[str], str],
) -> Iterator[Fault]:
    """One fault a distinct misfit: its first place, and how many more there are.

    The index of `cells` is the position that `place` understands. `do` may hang on the misfit.
    """
    rows = np.flatnonzero(wrong)
    if not len(rows):
        return
    codes, texts = pd.factorize(cells.iloc[rows])
    first, counts = np.unique(codes, return_index=True)[1], np.bincount(codes)
    for code, value in enumerate(texts[:MOST_NAMED]):
        count = counts[code]
        more = f" ({count - 1} more cells hold it)" if count > 1 else ""
        where = place(int(cells.index[rows[first[code]]]), str(cells.name))
        advice = do if isinstance(do, str) else do(str(value))
        yield Fault(where, f'"{value}" {what}{more}', expected, advice)
    if len(texts) > MOST_NAMED:
        where = place(int(cells.index[rows[first[MOST_NAMED]]]), str(cells.name))
        more = f"and {len(texts) - MOST_NAMED} more texts like this one"
        yield Fault(where, more, expected, do if isinstance(do, str) else "")


def alias_advice(name: str, known: Collection[str], what: str) -> Callable[[str], str]:
    """What to do about a text that is none of those known: the lines of survey.toml that read it as one.

    Parameters
    ----------
    name
        The attribute or question.
    what
        What the texts are: a level or an answer.
    """
    key = name if BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)
    numbers = {number: text for text in known if not math.isnan(number := read_number(text))}

    def advice(text: str) -> str:
        near = get_close_matches(text.casefold(), [own.casefold() for own in known], 1, NEAR)
        meant = next((own for own in known if own.casefold() in near), what.upper())
        meant = numbers.get(read_number(GROUPS.sub("", text)), meant)
        alias = f"{{ {json.dumps(meant, ensure_ascii=False)} = [{json.dumps(text, ensure_ascii=False)}] }}"
        unknown = "" if meant in known else f", with the {what} it stands for in place of {meant}"
        return (
            f"Correct the cell, add the {what} in survey.toml, or have it read as one: under "
            f"[recode.{key}] write aliases = {alias}{unknown}."
        )

    return advice


def _encode(
    cells: pd.Series[Any],
    read: Callable[[str], float],
    missing: Collection[str],
    place: Callable[[int, str], str],
    what: str,
    expected: str,
    decimal: Literal[".", ","],
) -> tuple[FloatArray, list[Fault]]:
    texts = [str(text) for text in cells.cat.categories]
    codes = cells.cat.codes.to_numpy()
    absent = np.array([text in missing for text in texts] + [True])
    values = np.array([read(text) for text in texts] + [math.nan])
    values[absent] = math.nan
    wrong = np.isnan(values) & ~absent
    other = np.zeros(len(wrong), dtype=bool)
    # A number written in another way is told apart from what is no number, or out of range.
    for at in np.flatnonzero(wrong):
        number = math.isnan(read_number(texts[at], decimal))
        other[at] = number and GROUPED.fullmatch(texts[at]) is not None
    mark = (
        'If a comma marks decimals, say decimal = "," under [data] in survey.toml; '
        "write thousands without a mark."
        if decimal == "."
        else 'data.decimal is ","; write thousands without a mark.'
    )
    faults = [*misfits(cells, (wrong & ~other)[codes], place, f"is not {what}", expected, "Correct the cell.")]  # fmt: skip
    faults += misfits(cells, other[codes], place, f"is not {what}", expected, mark)
    return values[codes], faults
