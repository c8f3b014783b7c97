"""Columns of an export, each looked at once: its answers with their counts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.propose.words import piped, wording
from conjoint.read.recode import labelled_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.read.responses import Responses
    from conjoint.typing import BoolArray, FloatArray, IntArray, Integers

__all__ = ["Column", "decimal_comma", "look"]


FEW = 200
"""Texts that are quicker read one by one than as a series."""

MOST_LOOKED_AT = 2000
"""Texts of a column that say whether its numbers have a decimal comma."""

MOST_POINTS = 25
WHOLE = re.compile(r"-?\d{1,3}")
BEYOND = re.compile(
    r"\+|\b(more|less|fewer|under|over|above|below|mehr|weniger|plus|moins)\b", re.IGNORECASE
)
"""What a label says that stands for several numbers: 5 or more."""

COMMA = re.compile(r"-?\d+(,\d+)?")
POINT = re.compile(r"-?\d+(\.\d+)?")
THOUSANDS = re.compile(r"-?[1-9]\d{0,2}(,\d{3})*")


def decimal_comma(responses: Responses) -> tuple[str, str] | None:
    """A column whose numbers have a decimal comma, and one of them.

    None where no column has some, or another has decimal points; 1,234 alone may be a thousand.
    """
    found = None
    for name, cells in () if responses.typed else responses.cells.items():
        texts = [str(text) for text in cells.cat.categories[:MOST_LOOKED_AT]]
        if texts and all(map(POINT.fullmatch, texts)) and any("." in text for text in texts):
            return None
        if found or not texts or not all(map(COMMA.fullmatch, texts)):
            continue
        clear = [text for text in texts if "," in text and not THOUSANDS.fullmatch(text)]
        found = (str(name), clear[0]) if clear else None
    return found


def _number(text: str) -> float:
    try:
        return float(text) if "_" not in text else float("nan")
    except ValueError:
        return float("nan")


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a file.

    Parameters
    ----------
    name
        As the file has it.
    place
        Its place among the columns, from 0.
    categories
        Distinct texts, objects of shape (categories,).
    codes
        Each row's category, -1 where the cell is empty; of shape (rows,).
    counts
        Rows of each category, of shape (categories,).
    label
        The question's wording, where the file holds it, without tags and piped fields.
    declared
        The answers in order, where the file declares them.
    missing
        Answers that the file declares as missing.
    texts
        What codes mean, where a questionnaire says it: code to wording.
    comma
        Whether numbers have a decimal comma.
    fields
        The columns whose contents the wording shows: ``${e://Field/F-1-1-1}``.
    labelled
        Whether the file holds labels at the ends of its numbers: "0 - Not at all", 1, 2.
    shown
        Whether a design file says that it holds what was shown.
    """

    name: str
    place: int
    categories: np.ndarray[tuple[int], np.dtype[np.object_]]
    codes: Integers
    counts: IntArray
    label: str = ""
    declared: tuple[str, ...] = ()
    missing: frozenset[str] = frozenset()
    comma: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    labelled: bool = False
    shown: bool = False

    @property
    def rows(self) -> int:
        """How many rows the file has."""
        return len(self.codes)

    @cached_property
    def filled(self) -> int:
        """How many cells are not empty."""
        return int(self.counts.sum())

    @cached_property
    def distinct(self) -> int:
        """How many different texts there are."""
        return int(np.count_nonzero(self.counts))

    @cached_property
    def answers(self) -> dict[str, int]:
        """Each text with its count, in the order of the categories."""
        held = np.flatnonzero(self.counts)
        return {str(self.categories[code]): int(self.counts[code]) for code in held}

    @cached_property
    def numbers(self) -> FloatArray:
        """Each category as a number, not a number where it is none; of shape (categories,)."""
        texts = [str(text) for text in self.categories]
        if self.comma and all(map(COMMA.fullmatch, texts)):
            texts = [text.replace(",", ".") for text in texts]
        if len(texts) <= FEW:
            numbers = np.array([_number(text) for text in texts], dtype=float)
        else:
            parsed = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce")
            numbers = parsed.to_numpy(dtype=float)
        return np.where(np.isfinite(numbers), numbers, np.nan)

    @cached_property
    def is_numeric(self) -> bool:
        """Whether every cell that is filled holds a number."""
        held = self.counts > 0
        return bool(held.any()) and not bool(np.isnan(self.numbers[held]).any())

    @cached_property
    def is_whole(self) -> bool:
        """Whether every cell that is filled holds a whole number."""
        held = self.numbers[self.counts > 0]
        return self.is_numeric and bool(np.all(held == np.round(held)))

    @cached_property
    def is_unique(self) -> bool:
        """Whether every cell is filled, and no two are alike."""
        return self.filled == self.rows == self.distinct

    def at(self, rows: IntArray) -> Column:
        """The same column with some of its rows."""
        codes = self.codes[rows]
        counts = np.bincount(codes[codes >= 0], minlength=len(self.categories)).astype(np.intp)
        return replace(self, codes=codes, counts=counts)

    def without(self, texts: Sequence[str]) -> Column:
        """The same column, empty where it holds one of these texts."""
        gone = np.isin(self.categories, texts)
        if not gone.any():
            return self
        codes = np.where(np.append(gone, False)[self.codes], -1, self.codes)
        return replace(self, codes=codes, counts=np.where(gone, 0, self.counts))

    def as_labelled_scale(self) -> Column:
        """The column with numbers in place of the labels at the ends of a scale, where it is one."""
        if not 4 <= self.distinct <= MOST_POINTS:
            return self
        bare = {text: float(text) for text in self.answers if WHOLE.fullmatch(text)}
        if not 3 <= len(bare) < self.distinct:
            return self
        told = {text: labelled_number(text) for text in self.answers}
        labels = {t: n for t, n in told.items() if n is not None and WHOLE.fullmatch(n)}
        points = sorted({*bare.values(), *(float(n) for n in labels.values())})
        if not labels or len(points) < len(bare) + len(labels):
            return self
        ends = {float(n) for n in labels.values()} & {points[0], points[-1]}
        gaps = points[-1] - points[0] + 1 > len(points) + 2
        if gaps or not ends or any(map(BEYOND.search, labels)):
            return self
        texts = np.array([labels.get(str(t), str(t)) for t in self.categories], dtype=object)
        declared = tuple(labels.get(text, text) for text in self.declared)
        return replace(self, categories=texts, declared=declared, labelled=True)

    def holds(self, text: str) -> BoolArray:
        """Rows that hold a text, of shape (rows,)."""
        found = np.flatnonzero(self.categories == text)
        if not len(found):
            return np.zeros(self.rows, dtype=bool)
        return np.asarray(self.codes == found[0], dtype=bool)


def look(responses: Responses, *, comma: bool = False) -> list[Column]:
    """Look at every column of a file once; with `comma`, numbers have a decimal comma."""
    columns = []
    for place, (name, cells) in enumerate(responses.cells.items()):
        array = cells.array
        if not isinstance(array, pd.Categorical):
            array = pd.Categorical(cells)
        codes = array.codes
        size = len(array.categories)
        held = codes[codes >= 0] if (codes < 0).any() else codes
        label = str(responses.labels.get(str(name), ""))
        joined = responses.joined.get(str(name))
        columns.append(
            Column(
                str(name),
                place,
                array.categories.to_numpy(dtype=object),
                codes,
                np.bincount(held, minlength=size).astype(np.intp),
                wording(label),
                tuple(responses.answers.get(str(name), ())),
                frozenset(responses.missing.get(str(name), ())),
                comma,
                responses.texts.get(str(name), {}),
                piped(label),
                shown=joined is not None and joined.shown,
            )
        )
    return columns
