"""What Qualtrics adds to an export: rows below the names, previews, unfinished interviews."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from conjoint.read.responses import Responses

__all__ = ["header_rows", "remarks"]

IMPORT_ID = '{"ImportId"'

WORDINGS = {
    "StartDate": "Start Date",
    "EndDate": "End Date",
    "RecordedDate": "Recorded Date",
    "Status": "Response Type",
    "Progress": "Progress",
    "Finished": "Finished",
    "ResponseId": "Response ID",
    "ResponseID": "ResponseID",
    "UserLanguage": "User Language",
}
"""What the second row of an export says under these names."""

TESTS = ("survey preview", "survey test", "preview", "test")

CODED_TESTS = ("1", "2", "9", "17")
"""Response types of previews and tests, where the export holds codes."""


def header_rows(
    names: Sequence[str], following: Sequence[Sequence[str]]
) -> tuple[int, dict[str, str]]:
    """Count the rows below the names that are no answers, and read the wording from them.

    Parameters
    ----------
    names
        The names of the columns.
    following
        The next rows, two suffice.

    Returns
    -------
    int, dict
        How many rows they are, and the wording by column; none where the file is not Qualtrics'.
    """
    for count, cells in enumerate(following, start=1):
        given = [cell.strip() for cell in cells if cell.strip()]
        marked = sum(cell.startswith(IMPORT_ID) for cell in given)
        if given and marked > len(given) / 2:
            return count, _labels(names, following[0]) if count > 1 else {}
    if following:
        pairs = zip(names, following[0], strict=False)
        if sum(WORDINGS.get(name) == cell.strip() for name, cell in pairs) >= 2:
            return 1, _labels(names, following[0])
    return 0, {}


def _labels(names: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    return {
        name: text.strip()
        for name, text in zip(names, cells, strict=False)
        if name and text.strip()
    }


def remarks(responses: Responses) -> list[str]:
    """Say how many rows are previews or tests, and how many interviews were not finished."""
    cells, name = responses.cells, responses.path.name
    if not {"ResponseId", "ResponseID"} & set(cells.columns):
        return []
    notes = []
    for column in ("Status", "DistributionChannel"):
        if column not in cells:
            continue
        counted = (*TESTS, *CODED_TESTS) if column == "Status" else TESTS
        rows = _count(cells[column], counted)
        if rows:
            notes.append(
                f"{name}: {_rows(rows)} previews or tests by {column}, and kept. "
                "Leave them out with an [exclusions] rule in survey.toml."
            )
    if "Finished" in cells:
        rows = _count(cells["Finished"], ("false", "0", "no"))
        if rows:
            notes.append(
                f"{name}: {_rows(rows)} unfinished interviews by Finished, and kept. "
                "Leave them out with an [exclusions] rule in survey.toml if they should not count."
            )
    return notes


def _count(column: pd.Series[str], counted: Sequence[str]) -> int:
    return int(column.str.lower().isin(counted).sum())


def _rows(count: int) -> str:
    return "1 row is of" if count == 1 else f"{count:,} rows are of"
