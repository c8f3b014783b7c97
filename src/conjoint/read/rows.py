"""Files of several rows a respondent brought to one row a profile, with one column a key.

Rows of tasks become rows of profiles; tasks that two columns number, or that are every so many rows,
get a column; rows of the none option are left out; levels that several columns hold get one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import DataError, Fault
from conjoint.read.wide import stacked, texts_of
from conjoint.survey.data import column_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.read.responses import Responses
    from conjoint.survey import Data, Survey
    from conjoint.typing import BoolArray, IntArray

__all__ = ["place_in", "rows_of_profiles"]


def rows_of_profiles(responses: Responses, survey: Survey, data: Data) -> tuple[Responses, Survey]:
    """Bring a file of several rows a respondent to one row a profile; others stay as they are.

    Returns
    -------
    Responses, Survey
        The survey's `data` then say how these responses are laid out.

    Raises
    ------
    DataError
        A column is not there, or the rows do not make up tasks.
    """
    if data.layout == "wide":
        return _with_levels(responses, survey, data), survey
    numbered = data.layout == "tasks" or data.rows or len(data.task) > 1
    cells = [c for own in survey.attributes.values() for at in own.cells.values() for c in at]
    if not (numbered or data.none_rows or cells):
        return responses, survey
    keys = [name for name in (data.respondent, *data.task, *data.none_rows) if name]
    alone = [] if data.layout == "tasks" else cells
    absent = responses.absent([*keys, *(c for c in alone if "{profile}" not in c)])
    if absent:
        raise DataError(*absent)
    if numbered:
        responses, data = _with_tasks(responses, data)
    if data.layout == "tasks":
        responses, data = _stacked(responses, survey, data, cells)
    responses = _with_levels(responses, survey, data)
    if data.none_rows:
        responses = _without_none(responses, data)
    return responses, survey.model_copy(update={"data": data})


def place_in(group: IntArray) -> IntArray:
    """Each row's place within its group, from 0, in the order of the rows."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    start = np.r_[True, ordered[1:] != ordered[:-1]]
    at = np.arange(len(group))
    place = np.empty(len(group), dtype=np.intp)
    place[order] = at - np.maximum.accumulate(np.where(start, at, 0))
    return place


def _free(cells: pd.DataFrame, name: str) -> str:
    """A column's name that the file does not have."""
    while name in cells:
        name = f"{name} "
    return name


def _with_tasks(responses: Responses, data: Data) -> tuple[Responses, Data]:
    """A column that numbers the tasks: of several columns, or counted in the file's order."""
    cells = responses.cells.copy(deep=False)
    whose = pd.factorize(texts_of(cells[data.respondent]))[0].astype(np.intp)
    if len(data.task) == 1:
        return responses, data
    if data.task:
        name = _free(cells, " and ".join(data.task))
        cells[name] = _joined(cells, data.task)
        return replace(responses, cells=cells), data.model_copy(update={"task": (name,)})
    size = data.rows or 1
    _check_whole(responses, whose, data)
    place = place_in(whose)
    task, within = _free(cells, "task"), _free(cells, "profile")
    cells[task] = _counted(place // size)
    update: dict[str, object] = {"task": (task,), "rows": 0}
    if data.rows and not data.profile:
        cells[within] = _counted(place % size)
        update["profile"] = within
    return replace(responses, cells=cells), data.model_copy(update=update)


def _joined(cells: pd.DataFrame, columns: Sequence[str]) -> pd.Categorical:
    """The texts of several columns as one; empty where all of them are."""
    codes = np.stack([cells[name].cat.codes.to_numpy() for name in columns], axis=1)
    pairs, which = np.unique(codes, axis=0, return_inverse=True)
    texts = [
        ", ".join(
            str(cells[name].cat.categories[code]) if code >= 0 else ""
            for name, code in zip(columns, pair, strict=True)
        )
        for pair in pairs
    ]
    empty = (pairs < 0).all(axis=1)
    known = pd.Index(list(dict.fromkeys(texts)), dtype=object)
    lookup = np.where(empty, -1, known.get_indexer(pd.Index(texts, dtype=object)))
    return pd.Categorical.from_codes(lookup[which.ravel()], known)


def _counted(number: IntArray) -> pd.Categorical:
    """Numbers from 0 on as texts from 1 on."""
    texts = [str(place + 1) for place in range(int(number.max(initial=-1)) + 1)]
    return pd.Categorical.from_codes(number, pd.Index(texts, dtype=object))


def _check_whole(responses: Responses, whose: IntArray, data: Data) -> None:
    """See that each respondent's rows make up whole tasks."""
    size = np.bincount(whose[whose >= 0])
    torn = np.flatnonzero(size % data.rows) if data.rows else size[:0]
    if len(torn):
        row = int(np.flatnonzero(whose == torn[0])[0])
        more = f" ({len(torn) - 1:,} more respondents like this one)" if len(torn) > 1 else ""
        raise DataError(
            Fault(
                responses.place(row, data.respondent),
                f"has {size[torn[0]]:,} rows{more}",
                f"a multiple of {data.rows}, as data.rows says",
                "Name the columns that number the tasks as data.task.",
            )
        )


def _stacked(
    responses: Responses, survey: Survey, data: Data, cells_of: Sequence[str]
) -> tuple[Responses, Data]:
    """Profiles that stand side by side, one below another."""
    cells, count = responses.cells, len(data.profiles)
    sides: dict[str, tuple[str, ...]] = {}
    for name, attribute in survey.attributes.items():
        own = attribute.column or name
        if not attribute.cells:
            sides[own] = tuple(survey.column(name, "", who) for who in data.profiles)
        if data.position:
            pattern = data.position.replace("{attribute}", own)
            sides[pattern] = tuple(pattern.replace("{profile}", who) for who in data.profiles)
    for name, outcome in survey.outcomes.items():
        sides[outcome.column] = tuple(survey.column(name, "", who) for who in data.profiles)
    for column in cells_of:
        pattern = column
        if "{profile}" not in column and column not in cells:
            pattern = data.attribute.replace("{attribute}", column)
        sides[column] = tuple(pattern.replace("{profile}", who) for who in data.profiles)
    absent = responses.absent([column for own in sides.values() for column in own])
    if absent:
        raise DataError(*absent)
    long: dict[str, object] = {
        str(name): own.repeat(count).reset_index(drop=True) for name, own in cells.items()
    }
    long |= {name: stacked(cells, own) for name, own in sides.items()}
    profile = _free(cells, "profile")
    long[profile] = pd.Categorical.from_codes(
        np.tile(np.arange(count), len(cells)), pd.Index(data.profiles, dtype=object)
    )
    missing = {
        name: frozenset().union(*(responses.missing.get(c, frozenset()) for c in own))
        for name, own in sides.items()
    }
    frame = pd.DataFrame(long)
    frame.columns = frame.columns.astype(object)
    return replace(
        responses,
        cells=frame,
        rows=np.repeat(responses.rows, count),
        missing={**responses.missing, **{name: own for name, own in missing.items() if own}},
        sides=sides,
    ), data.model_copy(update={"layout": "long", "profile": profile})


def _holds(cells: pd.DataFrame, wanted: Mapping[str, Sequence[str]]) -> BoolArray:
    """Rows that hold what is wanted of each column; an empty text is an empty cell."""
    rows = np.ones(len(cells), dtype=bool)
    for column, texts in wanted.items():
        own = cells[column].cat
        there = np.array([*own.categories.isin(list(texts)), "" in texts], dtype=bool)
        rows &= there[own.codes.to_numpy()]
    return rows


def _with_levels(responses: Responses, survey: Survey, data: Data) -> Responses:
    """A column for each attribute whose levels several columns hold; of each profile in a wide file."""
    found: dict[str, pd.Categorical] = {}
    for name, attribute in survey.attributes.items():
        if not attribute.cells:
            continue
        for column, cells in _where_levels_stand(survey, data, name):
            absent = responses.absent([at for wanted in cells.values() for at in wanted])
            if absent:
                raise DataError(*absent)
            found[column] = _level_of(responses, name, attribute.values, cells)
    if not found:
        return responses
    return replace(responses, cells=responses.cells.assign(**found))


Cells = Mapping[str, Mapping[str, Sequence[str]]]


def _where_levels_stand(survey: Survey, data: Data, name: str) -> Iterator[tuple[str, Cells]]:
    """The column to make, and by level what the file's columns hold; several in a wide file."""
    attribute = survey.attributes[name]
    if data.layout != "wide":
        yield attribute.column or name, attribute.cells
        return
    tasks = list(data.tasks or ("",))
    if data.repeat is not None and data.repeat.attributes == "own":
        tasks.append(data.repeat.task)
    for task, profile in product(tasks, data.profiles or ("",)):

        def column(own: str, task: str = task, profile: str = profile) -> str:
            return column_of(data.attribute, task, profile, own)

        yield (
            survey.column(name, task, profile),
            {
                level: {column(own): texts for own, texts in wanted.items()}
                for level, wanted in attribute.cells.items()
            },
        )


def _level_of(
    responses: Responses, name: str, values: Sequence[str], cells: Cells
) -> pd.Categorical:
    """The level that each row's cells stand for; none where all of them are empty."""
    code = np.full(len(responses.cells), -1, dtype=np.intp)
    for value, wanted in cells.items():
        here = _holds(responses.cells, wanted)
        twice = np.flatnonzero(here & (code >= 0))
        if len(twice):
            both = f'"{values[code[twice[0]]]}" and "{value}"'
            where = responses.place(int(twice[0]), next(iter(wanted)))
            what = f"holds two levels of {name}: {both}"
            raise DataError(Fault(where, what, "one", f"Correct attributes.{name}.cells."))
        code[here] = values.index(value)
    remaining = [place for place, value in enumerate(values) if value not in cells]
    if remaining:
        columns = dict.fromkeys(column for wanted in cells.values() for column in wanted)
        seen = [responses.cells[column].cat.codes.to_numpy() >= 0 for column in columns]
        code[(code < 0) & np.logical_or.reduce(seen)] = remaining[0]
    return pd.Categorical.from_codes(code, pd.Index(list(values), dtype=object))


def _without_none(responses: Responses, data: Data) -> Responses:
    """The rows of profiles alone; a note counts those of the none option."""
    out = _holds(responses.cells, data.none_rows)
    said = ", ".join(
        f"{column} is {' or '.join(texts)}" if any(texts) else f"{column} is empty"
        for column, texts in data.none_rows.items()
    )
    note = f"{int(out.sum()):,} rows stand for choosing none ({said}): they are no profiles."
    cells = responses.cells.loc[~out].reset_index(drop=True)
    rows = responses.rows[~out]
    return replace(responses, cells=cells, rows=rows, notes=(*responses.notes, note))
