"""Responses: a file of any format as cells of text, before anything is interpreted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conjoint.errors import Fault, choices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from conjoint.typing import IntArray

__all__ = ["Responses"]


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
        For columns whose file declares some answers as missing (SPSS), those answers.
    answers
        For columns whose file declares its answers (SPSS), the answers in order.
    texts
        For columns that hold codes, and whose questionnaire says what they mean: code to wording.
    sets
        Multiple-response sets that the file declares: name to (label, columns).
    notes
        What had to be guessed in reading, each a sentence.
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
    notes: tuple[str, ...] = ()

    def place(self, row: int, column: str) -> str:
        """Where a cell stands, as a fault says it."""
        return f"{self.path}, row {self.rows[row]}, {column}"

    def absent(self, columns: Sequence[str]) -> list[Fault]:
        """A fault for each column that is not there."""
        where = f"{self.path}, row {self.header}" if self.header else str(self.path)
        return [
            Fault(
                where,
                f'there is no column "{column}"',
                f"one of {choices(self.cells.columns, 8)}",
                "Correct the name in survey.toml, or export the column.",
            )
            for column in dict.fromkeys(columns)
            if column not in self.cells.columns
        ]
