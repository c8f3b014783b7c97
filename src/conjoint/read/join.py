"""Files that belong together as one: columns of other files beside those of the responses."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from conjoint.errors import DataError, Fault, choices, together
from conjoint.read.file import read_responses
from conjoint.read.responses import Joined, Responses, Unmatched
from conjoint.say.number import counted
from conjoint.survey.recode import tidy_text
from conjoint.wave import Unused

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    from conjoint.survey import Data, JoinedFile, RespondentsFile
    from conjoint.typing import BoolArray, IntArray

__all__ = [
    "MATCHED",
    "beside",
    "join_respondents",
    "match_texts",
    "matched_key",
    "read_joined",
    "reading_of",
    "used_in",
    "without_unmatched",
]

NUMBER = re.compile(r"\+?0*(\d+)(?:\.0*)?", re.ASCII)

Value = TypeVar("Value")

AS_NUMBERS = "as numbers"
AS_WORDS = "as words"
MATCHED = {
    AS_NUMBERS: "are matched as numbers: 0012, 12 and 12.0 are alike",
    AS_WORDS: "are matched whatever their case: R12 and r12 are alike",
}
"""How keys of two files are matched that are spelled otherwise, in words."""

MOST_NAMED = 8


def reading_of(part: JoinedFile, data: Data) -> Data:
    """How a file is read that is joined to the responses; `data` says how those are."""
    keys = ("encoding", "delimiter", "sheet", "member", "object", "values")
    update: dict[str, Any] = {key: getattr(part, key) for key in keys}
    update["decimal"] = part.decimal or data.decimal
    update["missing"] = (*data.missing, *part.missing)
    return data.model_copy(update=update)


def read_joined(path: Path, options: Data) -> Responses:
    """Read a file that is joined to the responses."""
    other = read_responses(path, options)
    mark = "." if other.typed else options.decimal
    return replace(other, decimals=dict.fromkeys(map(str, other.cells), mark))


def join_respondents(
    responses: Responses,
    other: Responses,
    part: RespondentsFile,
    data: Data,
    named: Collection[str],
) -> Responses:
    """Add the columns of a file of respondents, by the ids of both.

    Parameters
    ----------
    named
        Columns that survey.toml names: where both files have one of these, they must agree.

    Raises
    ------
    DataError
        A column of ids is not there; an id stands twice; or a column that is named differs.
    """
    column = matched_key(responses, part.key, data)
    faults = [*other.absent([part.key]), *other.ambiguous([part.key, *named])]
    faults += responses.absent([column])
    if faults:
        raise DataError(*faults)
    ids, keys = responses.cells[column].cat, other.cells[part.key].cat
    alike, way = match_texts(used_in(ids), used_in(keys))
    known: dict[str, int] = {}
    for row, code in enumerate(keys.codes):
        if code < 0:
            continue
        text = alike(str(keys.categories[code]))
        if text in known:
            first = other.place(known[text], part.key).split(", ")[-2]
            what = f"the key of another row stands again (first at {first})"
            faults.append(
                Fault(other.place(row, part.key), what, "one row a respondent", "Take one out.")
            )
        known.setdefault(text, row)
    if faults:
        raise DataError(*faults)
    found = [known.get(alike(str(text)), -1) for text in ids.categories]
    at = np.array([*found, -1], dtype=np.intp)[ids.codes.to_numpy()]
    columns = {
        str(name): (cells, at, other.rows, str(name))
        for name, cells in other.cells.items()
        if name not in (part.key, column)
    }
    unmatched = Unmatched(
        responses.rows[(at < 0) & (ids.codes.to_numpy() >= 0)],
        column,
        part.unmatched,
        f"the id is not in {other.path.name}",
        f"a row of {other.path.name} with this {part.key}",
        'Add it there, or write respondents.unmatched = "keep" (its cells are empty) or "drop".',
    )
    joined = beside(responses, other, columns, named)
    notes = [f"{other.path.name}: keys {MATCHED[way]}."] if way else []
    return replace(
        joined,
        notes=(*joined.notes, *notes),
        unmatched=(*joined.unmatched, unmatched),
        unused=(
            *joined.unused,
            *_left_over(other, part.key, np.unique(at[at >= 0]), responses.path),
        ),
    )


def matched_key(responses: Responses, key: str, data: Data) -> str:
    """The column of the responses whose texts the key of a file of respondents repeats."""
    return key if key in responses.cells else data.respondent


def match_texts(
    texts: Collection[str], others: Collection[str]
) -> tuple[Callable[[str], str], str]:
    """How keys of two files are brought to one spelling.

    As they are, or as whole numbers ("0012", "12" and "12.0" are one), or whatever their case, where
    that finds more and makes no two keys of a file one.

    Returns
    -------
    function, str
        What is alike of a text; and a key of `MATCHED`, empty where texts are matched as they are.
    """
    plain, wanted = {tidy_text(text) for text in others}, {tidy_text(text) for text in texts}
    if wanted <= plain:
        return tidy_text, ""
    best: tuple[Callable[[str], str], str] = (tidy_text, "")
    most = len(plain & wanted)
    for way, said in ((_plain_number, AS_NUMBERS), (_plain_word, AS_WORDS)):
        own = {way(text) for text in plain}, {way(text) for text in wanted}
        safe = len(own[0]) == len(plain) and len(own[1]) == len(wanted)
        if safe and len(own[0] & own[1]) > most:
            best, most = (way, said), len(own[0] & own[1])
    return best


def beside(
    responses: Responses,
    other: Responses,
    columns: Mapping[str, tuple[pd.Series[Any], IntArray, IntArray, str]],
    named: Collection[str],
    *,
    shown: bool = False,
) -> Responses:
    """Add columns of another file.

    Where both files have a column, the responses' cells stay, and empty ones are filled; one that
    differs is left out, or a fault where survey.toml names it.

    Parameters
    ----------
    columns
        By the name of the column to make: cells of the other file, for each row of the responses the
        position among them (-1 where there is none), the number of each position's row, and the
        column's name in the other file.
    shown
        Whether they hold what was shown.
    """
    cells = responses.cells
    added: dict[str, pd.Categorical] = {}
    joined, decimals = dict(responses.joined), dict(responses.decimals)
    faults: list[Fault] = []
    differing: list[str] = []
    numbers: dict[int, IntArray] = {}
    for name, (source, at, rows, column) in columns.items():
        values = _taken(source, at)
        if id(at) not in numbers:
            numbers[id(at)] = np.where(at >= 0, rows[np.maximum(at, 0)], 0)
        there = Joined(other.top, other.path, column, responses.rows, numbers[id(at)], shown)
        differ = _differ(cells[name].array, values) if name in cells else None
        if differ is not None:
            differing.append(name)
            if name in named:
                what = f'differs from the column "{name}" of {responses.path.name}'
                where = there.place(int(responses.rows[differ])) or other.top
                do = "Take one of the columns out, or give it another name."
                faults.append(Fault(where, what, "one column of a name, or the same in both", do))
            continue
        if name not in cells or cells[name].isna().all():
            joined[name], decimals[name] = there, other.decimal_of(column, ".")
        added[name] = _filled(cells[name].array, values) if name in cells else values
    if faults:
        raise DataError(*faults)
    ledger = []
    if differing:
        differ_in = f"columns stand in {responses.path.name} too, where they differ"
        text = f"{differ_in}: {choices(differing, MOST_NAMED)}"
        ledger.append(Unused("columns", len(differing), other.top, text))
    sources = {name: columns[name][3] for name in added}
    sets = {name: own for name, own in other.sets.items() if {*own[1]} <= {*columns}}
    return replace(
        responses,
        cells=_with_columns(cells, added),
        labels=_of_both(responses.labels, other.labels, sources),
        missing=_of_both(responses.missing, other.missing, sources),
        answers=_of_both(responses.answers, other.answers, sources),
        texts=_of_both(responses.texts, other.texts, sources),
        sets={**sets, **responses.sets},
        joined=joined,
        decimals=decimals,
        notes=(*responses.notes, *other.notes),
        unused=(*responses.unused, *ledger),
    )


def _of_both(
    known: Mapping[str, Value], other: Mapping[str, Value], sources: Mapping[str, str]
) -> dict[str, Value]:
    """What is known of columns, with what another file knows of those that come from it."""
    return {name: other[c] for name, c in sources.items() if c in other} | {**known}


def _with_columns(cells: pd.DataFrame, added: Mapping[str, pd.Categorical]) -> pd.DataFrame:
    """Cells with columns in place of those of their names, new ones behind."""
    kept = cells.drop(columns=[name for name in added if name in cells])
    frame = pd.concat([kept, pd.DataFrame(dict(added), index=cells.index)], axis=1)
    frame = frame[[*cells.columns, *(name for name in added if name not in cells)]]
    frame.columns = frame.columns.astype(object)
    return frame


def without_unmatched(
    responses: Responses, data: Data
) -> tuple[Responses, list[Unused], list[str], list[Fault]]:
    """What becomes of rows whose key another file does not have.

    They are faults, are left out and counted, or stay with a note, as survey.toml says.
    """
    entries: list[Unused] = []
    notes: list[str] = []
    faults: list[Fault] = []
    for lacking in responses.unmatched:
        here = np.isin(responses.rows, lacking.rows)
        rows = np.flatnonzero(here)
        if not len(rows):
            continue
        where = responses.place(int(rows[0]), lacking.column)
        count = responses.cells[lacking.column].iloc[rows].nunique()
        if lacking.policy == "keep":
            people = counted(count, "respondent has", "respondents have")
            source = lacking.what.removeprefix("the id is not in ")
            notes.append(f"{people} no row in {source}: its cells are empty for them ({where}).")
            continue
        if lacking.policy == "refuse":
            places = dict.fromkeys(responses.place(int(row), lacking.column) for row in rows)
            what, expected = lacking.what, lacking.expected
            faults += together(Fault(place, what, expected, lacking.do) for place in places)
            # What else is wrong with these people may follow from it, and is not named.
            whose = responses.cells[data.respondent]
            here |= whose.isin(whose.iloc[rows]).to_numpy()
        else:
            source = lacking.what.removeprefix("the id is not in ")
            text = f"respondents have no row in {source}; they count nowhere"
            entries.append(Unused("respondents", int(count), where, text))
        responses = replace(
            responses,
            cells=responses.cells.loc[~here].reset_index(drop=True),
            rows=responses.rows[~here],
        )
    return responses, entries, notes, faults


def _left_over(other: Responses, column: str, used: IntArray, path: Path) -> Iterator[Unused]:
    """Count the rows of another file that no row of the responses at `path` asks for."""
    idle = np.ones(len(other.cells), dtype=bool)
    idle[used] = False
    if idle.any():
        where = other.place(int(np.flatnonzero(idle)[0]), column)
        text = f"rows of {other.path.name} match nobody in {path.name}"
        yield Unused("rows", int(idle.sum()), where, text)


def _plain_number(text: str) -> str:
    """A whole number without its zeros; other texts as they are."""
    found = NUMBER.fullmatch(tidy_text(text))
    return found[1] if found else tidy_text(text)


def _plain_word(text: str) -> str:
    return tidy_text(text).casefold()


def used_in(column: Any) -> list[str]:
    """The texts that occur in a categorical column."""
    return [str(column.categories[code]) for code in np.unique(column.codes) if code >= 0]


def _taken(cells: pd.Series[Any], at: IntArray) -> pd.Categorical:
    """A column's cells at these positions, empty where there is none."""
    codes = np.append(cells.cat.codes.to_numpy(), -1)[at]
    return pd.Categorical.from_codes(codes, cells.cat.categories)


def _texts(values: Any) -> Any:
    return np.array([*values.categories, None], dtype=object)[values.codes]


def _differ(values: Any, others: pd.Categorical) -> int | None:
    """The first row in which two columns hold different texts; None where there is none."""
    filled: BoolArray = (np.asarray(values.codes) >= 0) & (np.asarray(others.codes) >= 0)
    wrong = np.flatnonzero(filled & (_texts(values) != _texts(others)))
    return int(wrong[0]) if len(wrong) else None


def _filled(values: Any, others: pd.Categorical) -> pd.Categorical:
    """A column with its empty cells taken from another."""
    texts = list(dict.fromkeys([*values.categories, *others.categories]))
    index = pd.Index(texts, dtype=object)
    mine = np.append(index.get_indexer(values.categories), -1)[values.codes]
    theirs = np.append(index.get_indexer(others.categories), -1)[others.codes]
    return pd.Categorical.from_codes(np.where(mine >= 0, mine, theirs), index)
