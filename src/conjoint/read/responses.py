"""Responses: a file of any format as cells of text, before anything is interpreted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import Fault, choices

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path
    from typing import Literal

    import pandas as pd

    from conjoint.typing import IntArray
    from conjoint.wave import Unused

__all__ = ["Joined", "Responses", "Unmatched"]

MOST = 12
"""So many columns whose name stands twice are named one by one."""


@dataclass(frozen=True, eq=False, slots=True)
class Joined:
    """Where the cells of a column stand that was joined from another file.

    Parameters
    ----------
    top
        The other file, and where it names its columns.
    path, column
        The other file, and the column's name in it.
    to
        Numbers of the rows of the responses, ascending, of shape (rows,).
    rows
        For each the number of the other file's row, 0 where it has none.
    shown
        Whether it is a design's, and holds what was shown.
    """

    top: str
    path: Path
    column: str
    to: IntArray
    rows: IntArray
    shown: bool = False

    def place(self, number: int) -> str | None:
        """Where the cell of a row of the responses stands; None where the other file has none."""
        at = int(np.searchsorted(self.to, number))
        row = int(self.rows[at]) if at < len(self.to) and self.to[at] == number else 0
        return f"{self.path}, row {row}, {self.column}" if row else None


@dataclass(frozen=True, eq=False, slots=True)
class Unmatched:
    """Rows of the responses whose key another file does not have.

    Parameters
    ----------
    rows
        Their numbers.
    column
        The column of the key in the responses.
    policy
        What becomes of them: ``refuse``, ``keep`` or ``drop``.
    what, expected, do
        As in a fault.
    """

    rows: IntArray
    column: str
    policy: Literal["refuse", "keep", "drop"]
    what: str
    expected: str
    do: str


@dataclass(frozen=True, eq=False, slots=True)
class Responses:
    """A file of responses.

    Parameters
    ----------
    path
        The file.
    cells
        One row a row of the file, one column a column. Every column is categorical, its categories
        distinct texts (objects, stripped of white space); an empty cell is missing. Categories may
        stand in any order and may occur nowhere.
    rows
        Each row's number as a spreadsheet shows it, of shape (rows,).
    header
        The number of the row that names the columns; 0 where the format keeps names elsewhere.
    typed
        Whether the file's format holds numbers as numbers. They stand here with a decimal point, so
        that `decimal` of survey.toml does not concern them.
    labels
        The question's wording, for columns whose file holds it.
    missing
        For columns whose file declares some answers as missing (SPSS, Stata, R), those answers.
    answers
        For columns whose file declares its answers, the answers in order.
    texts
        For columns that hold codes, and whose questionnaire says what they mean: code to wording.
    sets
        Multiple-response sets that the file declares: name to (label, columns).
    sides
        Where rows of tasks were brought to rows of profiles: the file's columns, by profile, that a
        column was made of.
    notes
        What had to be guessed in reading, each a sentence.
    twice
        Names that stand over several columns, of which `cells` has the first: how many more there are.
    joined
        Columns that come from another file, by name.
    decimals
        What marks decimals in columns that come from another file.
    unmatched
        Rows whose key another file does not have.
    unused
        What of other files was not joined, counted.
    """

    path: Path
    cells: pd.DataFrame
    rows: IntArray
    header: int = 1
    typed: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, frozenset[str]] = field(default_factory=dict)
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sets: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    sides: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    twice: Mapping[str, int] = field(default_factory=dict)
    joined: Mapping[str, Joined] = field(default_factory=dict)
    decimals: Mapping[str, Literal[".", ","]] = field(default_factory=dict)
    unmatched: tuple[Unmatched, ...] = ()
    unused: tuple[Unused, ...] = ()

    def decimal_of(self, column: str, declared: Literal[".", ","]) -> Literal[".", ","]:
        """What marks decimals in a column; `declared` in those of the responses' own text."""
        return self.decimals.get(column, "." if self.typed else declared)

    def place(self, row: int, column: str) -> str:
        """Where a cell stands, as a fault says it."""
        if column in self.sides:
            column = self.sides[column][row % len(self.sides[column])]
        number = int(self.rows[row])
        elsewhere = self.joined[column].place(number) if column in self.joined else None
        return elsewhere or f"{self.path}, row {number}, {column}"

    def top_of(self, column: str) -> str:
        """Where a column is named: in the responses, or in the file that it comes from."""
        return self.joined[column].top if column in self.joined else self.top

    @property
    def top(self) -> str:
        """Where the columns are named."""
        return f"{self.path}, row {self.header}" if self.header else str(self.path)

    def ambiguous(self, columns: Collection[str]) -> list[Fault]:
        """A fault for each of these columns whose name stands over another one too."""
        do = "Take the other column out of the file, or give it another name."
        return [
            Fault(self.top, f'the column "{name}" stands twice', "each name once", do)
            for name in self.twice
            if name in columns
        ][:MOST]

    def absent(self, columns: Sequence[str]) -> list[Fault]:
        """A fault for each column that is not there."""
        return [
            Fault(
                self.top,
                f'there is no column "{column}"',
                f"one of {choices(self.cells.columns, 8)}",
                "Correct the name in survey.toml, or export the column.",
            )
            for column in dict.fromkeys(columns)
            if column not in self.cells.columns
        ]
