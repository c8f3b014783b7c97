"""A table as data: what its columns are, what its cells say, and how it is cut to the size of a page.

Whoever makes a table says what stands in it, in plain text; the writers beside this module escape it and set it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

import numpy as np

from conjoint.say.words import numbered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["LONGEST", "Cell", "Column", "Row", "RowKind", "Table", "Tone", "chunks", "strong"]

_T = TypeVar("_T")

Tone: TypeAlias = Literal["", "strong", "muted", "code", "markup"]
"""How a text is set; `markup` is Markdown that the report wrote itself, such as a list with a link."""

RowKind: TypeAlias = Literal["", "band", "base", "net"]
"""A band stands over the rows that follow it; bases and nets are set apart from answers."""

LONGEST = 32
"""Rows that a table may have before the next band starts another: about a printed page."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell says.

    Parameters
    ----------
    text
        As people read it: plain text, unless `tone` says otherwise.
    value, shown
        The number behind the text, and the number format under which a spreadsheet shows it as the text; NaN where
        there is none.
    aside
        What stands behind a figure, such as its interval.
    letters
        Of the columns that the figure is held against, and how it stands against the total.
    mark
        Of its base.
    tone
        How the text is set.
    """

    text: str = ""
    value: float = math.nan
    shown: str = ""
    aside: str = ""
    letters: str = ""
    mark: str = ""
    tone: Tone = ""


def strong(text: str) -> Cell:
    """A text that stands out, such as the name of a row.

    >>> strong("All").tone
    'strong'
    """
    return Cell(text, tone="strong")


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Parameters
    ----------
    head
        Over it; for words that a screen reader needs too.
    width
        Of its share of the page, where a column of figures has 1; 0 for as much as its cells need.
    over
        What stands over several columns beside each other.
    words
        Whether it holds words, which stand on the left, and not figures.
    """

    head: str = ""
    width: float = 0
    over: str = ""
    words: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row: a cell a column; a band may have fewer."""

    cells: tuple[Cell, ...]
    kind: RowKind = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Parameters
    ----------
    name
        What it is: its caption, and what screen readers call it.
    columns, rows
        What stands in it.
    label
        What a text refers to it by, such as ``tbl-bases``; empty where it has no number.
    captioned
        Whether the name is printed over it, or only read aloud because a heading says the same.
    notes
        Sentences under it, a line each, as Markdown.
    """

    name: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    label: str = ""
    captioned: bool = True
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        name: str,
        heads: Sequence[str],
        rows: Sequence[Sequence[str | Cell] | Row],
        *,
        words: int = 1,
        widths: Sequence[float] = (),
        label: str = "",
        captioned: bool = True,
    ) -> Table:
        """Make a table of heads and rows.

        Parameters
        ----------
        rows
            Texts and cells; a row of one cell where there are more columns is a band.
        words
            How many columns hold words; they come first.
        widths
            Of the columns; without them each is as wide as its cells need.

        Examples
        --------
        >>> table = Table.of("Bases", ("", "People"), [("All", "2,003"), ("By vote",), ("Labour", "541")])
        >>> [row.kind for row in table.rows]
        ['', 'band', '']
        """
        sizes = widths or [0.0] * len(heads)
        columns = tuple(
            Column(head, width, words=place < words)
            for place, (head, width) in enumerate(zip(heads, sizes, strict=True))
        )
        made = tuple(row if isinstance(row, Row) else _row(row, len(columns)) for row in rows)
        return cls(name, columns, made, label, captioned)

    def split(self, kept: int, most: int) -> Iterator[Table]:
        """Cut a table that is too wide: the first columns are in every part, and so many others at most.

        Parts are numbered in their names, and in their labels.
        """
        parts = chunks(len(self.columns) - kept, most)
        for number, part in enumerate(parts, 1):
            chosen = [*range(kept), *range(kept + part.start, kept + part.stop)]
            rows = (
                row if row.kind == "band" else replace(row, cells=_taken(row.cells, chosen))
                for row in self.rows
            )
            yield replace(
                self,
                name=f"{self.name}{numbered(number, len(parts))}",
                columns=_taken(self.columns, chosen),
                rows=tuple(rows),
                label=f"{self.label}-{number}" if self.label else "",
            )

    def cut(self, most: int = LONGEST) -> Iterator[Table]:
        """Cut a table that is too long before a band: no band is torn."""
        pages: list[list[Row]] = [[]]
        for band in self._bands():
            if pages[-1] and len(pages[-1]) + len(band) > most:
                pages.append([])
            pages[-1] += band
        for number, rows in enumerate(pages, 1):
            yield replace(
                self,
                name=f"{self.name}{numbered(number, len(pages))}",
                rows=tuple(rows),
                label=f"{self.label}-{number}" if number > 1 and self.label else self.label,
            )

    def _bands(self) -> Iterator[list[Row]]:
        """Each band with its rows."""
        held: list[Row] = []
        for row in self.rows:
            if row.kind == "band" and held:
                yield held
                held = []
            held.append(row)
        yield held


def _row(cells: Sequence[str | Cell], columns: int) -> Row:
    made = tuple(Cell(cell) if isinstance(cell, str) else cell for cell in cells)
    return Row(made, "band" if len(made) == 1 < columns else "")


def _taken(items: Sequence[_T], places: Sequence[int]) -> tuple[_T, ...]:
    return tuple(items[place] for place in places)


def chunks(count: int, most: int) -> list[slice]:
    """Cut so many columns into pieces of about the same width.

    >>> [(part.start, part.stop) for part in chunks(11, 6)]
    [(0, 6), (6, 11)]
    """
    pieces = max(1, -(-count // most))
    ends = np.cumsum([len(part) for part in np.array_split(np.arange(count), pieces)])
    return [slice(int(start), int(end)) for start, end in zip([0, *ends[:-1]], ends, strict=True)]
