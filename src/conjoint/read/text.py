"""A response file as a frame of text: nothing is guessed, and only an empty cell is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import DataError, Fault, choices

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from conjoint.typing import IntArray

__all__ = ["Responses", "read_responses"]

READABLE = (".csv",)


@dataclass(frozen=True, eq=False, slots=True)
class Responses:
    """A response file: cells as text (missing where empty), and each row's number in the file."""

    path: Path
    cells: pd.DataFrame
    rows: IntArray

    def place(self, row: int, column: str) -> str:
        """Where a cell stands, as a fault says it."""
        return f"{self.path}, row {self.rows[row]}, {column}"

    def missing(self, columns: Sequence[str]) -> list[Fault]:
        """A fault for each column that is not there."""
        return [
            Fault(
                f"{self.path}, row 1",
                f'there is no column "{column}"',
                f"one of {choices(self.cells.columns, 8)}",
                "Correct the name in survey.toml, or export the column.",
            )
            for column in dict.fromkeys(columns)
            if column not in self.cells.columns
        ]


def read_responses(path: Path) -> Responses:
    """Read a file of responses as text.

    ``"None"``, ``"NA"`` and ``"N/A"`` are text like any other; only an empty cell is missing.
    White space around a cell is taken off. Rows are numbered as a spreadsheet shows them: the
    header is row 1.

    Raises
    ------
    DataError
        The file is not there, cannot be read, or has no rows or two columns of one name.
    """
    if path.suffix.lower() not in READABLE:
        raise DataError(
            Fault(
                str(path),
                f'a "{path.suffix}" file cannot be read',
                choices(READABLE),
                "Convert it.",
            )
        )
    try:
        cells = pd.read_csv(
            path,
            header=None,
            dtype=object,
            keep_default_na=False,
            na_filter=False,
            encoding="utf-8-sig",
            skip_blank_lines=False,
            index_col=False,
        )
    except FileNotFoundError:
        raise DataError(
            Fault(
                str(path),
                "there is no such file",
                "the file of responses",
                "Put it there, or name another with --data FILE.",
            )
        ) from None
    except (OSError, ValueError) as error:
        reason = str(error).strip().replace("\n", " ")
        raise DataError(
            Fault(
                str(path),
                f"cannot be read: {reason}",
                "a UTF-8 file, comma-separated",
                "Export it again.",
            )
        ) from error
    text = cells.map(lambda cell: cell.strip() if isinstance(cell, str) else "")
    header = [str(name) for name in text.iloc[0]]
    body = text.iloc[1:]
    filled = (body != "").any(axis=1).to_numpy()
    body = body.loc[filled].reset_index(drop=True)
    twice = sorted({name for name in header if name and header.count(name) > 1})
    faults = [
        Fault(f"{path}, row 1", f'the column "{name}" stands twice', "each name once")
        for name in twice
    ]
    if not len(body):
        faults.append(Fault(str(path), "there are no responses in it", "one row or more"))
    if faults:
        raise DataError(*faults)
    body.columns = pd.Index(header, dtype=object)
    rows = (np.flatnonzero(filled) + 2).astype(np.intp)
    return Responses(path, body.where(body != "", None), rows)
