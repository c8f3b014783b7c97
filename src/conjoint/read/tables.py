"""The small tables of a survey folder in any format that responses may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import DataError
from conjoint.read.file import read_responses
from conjoint.survey import Data, Survey
from conjoint.survey import read_survey as read_text_survey

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    from conjoint.survey.table import Records

__all__ = ["read_survey", "table_records"]


def table_records(path: Path) -> Records:
    """The rows of a table as text, the names of its columns first.

    Raises
    ------
    DataError
        What the reader of responses names, and columns that share a name.
    """
    table = read_responses(path, Data(layout="long", respondent=""))
    if table.twice:
        raise DataError(*table.ambiguous(tuple(table.twice)))
    columns = []
    for name in table.cells:
        cells = table.cells[name].cat
        columns.append(np.array([*map(str, cells.categories), ""], dtype=object)[cells.codes])
    rows = zip(table.rows.tolist(), *columns, strict=True)
    return [(table.header, [*map(str, table.cells)]), *((row, cells) for row, *cells in rows)]


def read_survey(folder: str | PathLike[str]) -> Survey:
    """Read what was asked from a survey folder.

    Parameters
    ----------
    folder
        A folder with a survey.toml; targets.csv and published.csv, or tables of these names in other
        formats (targets.xlsx), are read where they are.

    Raises
    ------
    SurveyError
        Names every fault of the three files: file, key or row, what was expected, what to do.
    """
    return read_text_survey(folder, table_records)
