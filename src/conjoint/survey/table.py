"""The small tables beside survey.toml: comma-separated, with a header row."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from conjoint.errors import Fault
from conjoint.source import LARGEST_TABLE, read_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["read_table"]


def read_table(
    path: Path, required: Sequence[str]
) -> tuple[list[tuple[int, dict[str, str]]], list[Fault]]:
    """Read a table as text.

    Parameters
    ----------
    path
        A UTF-8 CSV file with a header row.
    required
        Columns that have to be there.

    Returns
    -------
    list of (row number, row), list of Fault
        Row numbers count as a spreadsheet does: the header is row 1. Blank rows are left out.
        Where a required column is missing there are no rows.
    """
    try:
        text = read_file(path, LARGEST_TABLE).decode("utf-8-sig")
    except FileNotFoundError:
        return [], [Fault(str(path), "there is no such file", do="Add it, or take it out.")]
    except (OSError, UnicodeDecodeError) as error:
        return [], [Fault(str(path), f"cannot be read: {error}", "a UTF-8 CSV file")]
    reader = csv.DictReader(io.StringIO(text), restval="")
    header = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = header
    missing = [name for name in required if name not in header]
    if missing:
        return [], [
            Fault(
                f"{path}, row 1",
                f"no column {', '.join(missing)}",
                f"the columns {', '.join(required)}",
                "Add the column to the header row.",
            )
        ]
    rows = []
    for row in reader:
        cells = {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)}
        if any(cells.values()):
            rows.append((reader.line_num, cells))
    return rows, []
