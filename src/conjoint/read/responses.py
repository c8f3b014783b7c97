"""Responses: a file of any format as cells of text, before anything is interpreted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conjoint.errors import Fault, choices

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from conjoint.typing import IntArray

__all__ = ["Responses"]

MOST = 12
"""So many columns whose name stands twice are named one by one."""


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

    def place(self, row: int, column: str) -> str:
        """Where a cell stands, as a fault says it."""
        if column in self.sides:
            column = self.sides[column][row % len(self.sides[column])]
        return f"{self.path}, row {self.rows[row]}, {column}"

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
