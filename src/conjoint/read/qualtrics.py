"""What Qualtrics adds to an export: rows below the names, its own columns, previews, unfinished interviews."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conjoint.say.number import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from conjoint.read.responses import Responses

__all__ = ["LOOKED_AT", "header_rows", "remarks", "service_columns", "test_rows"]

IMPORT_ID = re.compile(r"""\{\s*["']{0,2}ImportId""")

LOOKED_AT = 20
"""Rows below the names that say whether the first of them is the columns' wording."""

IDS = {"ResponseId": "Response ID", "ResponseID": "ResponseID"}
WORDINGS = {
    **IDS,
    "StartDate": "Start Date",
    "EndDate": "End Date",
    "RecordedDate": "Recorded Date",
    "Status": "Response Type",
    "IPAddress": "IP Address",
    "Progress": "Progress",
    "Finished": "Finished",
    "RecipientLastName": "Recipient Last Name",
    "RecipientFirstName": "Recipient First Name",
    "RecipientEmail": "Recipient Email",
    "ExternalReference": "External Data Reference",
    "LocationLatitude": "Location Latitude",
    "LocationLongitude": "Location Longitude",
    "DistributionChannel": "Distribution Channel",
    "UserLanguage": "User Language",
}
"""What the second row of an export says under these names."""

NUMBERED = re.compile(r"V\d{1,2}")
TITLES = frozenset(
    {
        *(
            "ResponseID",
            "ResponseSet",
            "Name",
            "ExternalDataReference",
            "EmailAddress",
            "IPAddress",
        ),
        *("Status", "StartDate", "EndDate", "Finished"),
    }
)
"""What the second row says under V1, V2 and so on, in exports before 2017."""

REPEATED = 3
"""So many cells that repeat the name above them, which no answer does, mark a row of wordings."""

SERVICE = re.compile(
    r"(Start|End|Recorded) ?Date|Response ?Set|IP ?Address|Progress|Recipient ?(Last ?Name|First ?Name|Email)"
    r"|External ?(Data)? ?Reference|Email ?Address|Location ?(Latitude|Longitude|Accuracy)"
    r"|Distribution ?Channel|User ?Language|Q_Language|Q_Recaptcha ?Score|Q_\w*(Score|Risk|Duplicate)\w*"
    r"|Q_(Total)?Duration|.*[_ ](First Click|Last Click|Page Submit|Click Count)( .*)?"
    r"|.+_DO([_-].*)?|.*Display Order.*|.+_Operating System"
    r"|Status|Finished|Response Type"
)
"""Columns that the platform adds, by their name or wording."""

TIMING = re.compile(r"Timing[\W_]+(First Click|Last Click|Page Submit|Click Count)")
"""The wording of a page's timings, where their names do not say it."""

SYSTEM = "_Operating System"

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
        The next rows, some twenty.

    Returns
    -------
    int, dict
        How many rows they are, and the wording by column; none where the file is not Qualtrics'.
    """
    for count, cells in enumerate(following[:2], start=1):
        given = [cell.strip() for cell in cells if cell.strip()]
        marked = sum(IMPORT_ID.match(cell) is not None for cell in given)
        if given and marked > len(given) / 2:
            return count, _labels(names, following[0]) if count > 1 else {}
    if following and _is_wording(names, following):
        return 1, _labels(names, following[0])
    return 0, {}


def _is_wording(names: Sequence[str], following: Sequence[Sequence[str]]) -> bool:
    """Whether the first row words the columns: it titles them, or repeats their names as no other row."""
    first = [cell.strip() for cell in following[0]]
    pairs = [(name, cell) for name, cell in zip(names, first, strict=False) if name and cell]
    if all(name.strip() == cell for name, cell in pairs):
        return False  # the header once more, which is a faulty row and named as one
    if any(NUMBERED.fullmatch(name) and cell in TITLES for name, cell in pairs):
        return True
    if any(IDS.get(name) == cell for name, cell in pairs):
        return True
    if sum(WORDINGS.get(name) == cell for name, cell in pairs) >= 2:
        return True
    alike = [
        place for place, name in enumerate(names) if name and first[place : place + 1] == [name]
    ]
    again = any(
        cells[place : place + 1] == [names[place]] for cells in following[1:] for place in alike
    )
    return len(alike) >= max(REPEATED, len(pairs) / 4) and len(following) > 1 and not again


def service_columns(responses: Responses) -> set[str]:
    """The columns that Qualtrics adds to answers: dates, addresses, timings, orders of display."""
    titles = _titles(responses)
    if not any(title in IDS or title in IDS.values() for title in titles.values()):
        return set()
    found = {
        name
        for name, title in titles.items()
        if SERVICE.fullmatch(title)
        or (NUMBERED.fullmatch(name) and title in TITLES - {*IDS.values()})
        or TIMING.fullmatch(responses.labels.get(name, ""))
    }
    stems = {name.removesuffix(SYSTEM) for name in titles if name.endswith(SYSTEM)}
    return found | {
        f"{stem}_{part}" for stem in stems for part in ("Browser", "Version", "Resolution")
    }


def _titles(responses: Responses) -> dict[str, str]:
    """Each column's name; its wording where the name is V1 and says nothing."""
    labels = responses.labels
    return {
        str(name): labels.get(name, name) if NUMBERED.fullmatch(str(name)) else str(name)
        for name in responses.cells.columns
    }


def _labels(names: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    return {
        name: text.strip()
        for name, text in zip(names, cells, strict=False)
        if name and text.strip()
    }


def test_rows(responses: Responses) -> Iterator[tuple[str, list[str], int]]:
    """Columns that tell previews and tests, the answers that say so, and how many rows hold them."""
    titled = {title: name for name, title in _titles(responses).items()}
    for column, answers in (("Status", (*TESTS, *CODED_TESTS)), ("DistributionChannel", TESTS)):
        if IDS.keys() & titled.keys() and column in titled:
            cells = responses.cells[titled[column]]
            texts = [str(t) for t in cells.cat.categories if str(t).lower() in answers]
            rows = _count(cells, answers)
            if rows:
                yield titled[column], texts, rows


def remarks(responses: Responses) -> list[str]:
    """Say how many rows are previews or tests, and how many interviews were not finished."""
    titled = {title: name for name, title in _titles(responses).items()}
    if not IDS.keys() & titled.keys():
        return []
    name = responses.path.name
    notes = [
        f"{name}: {counted(rows, 'row is', 'rows are')} of previews or tests by {column}. An [exclusions] rule in survey.toml leaves "
        "them out."
        for column, _, rows in test_rows(responses)
    ]
    if "Finished" in titled:
        rows = _count(responses.cells[titled["Finished"]], ("false", "0", "no"))
        if rows:
            notes.append(
                f"{name}: {counted(rows, 'row is', 'rows are')} of unfinished interviews by {titled['Finished']}. An [exclusions] rule "
                "in survey.toml leaves them out, if they should not count."
            )
    return notes


def _count(column: pd.Series[str], counted: Sequence[str]) -> int:
    return int(column.str.lower().isin(counted).sum())
