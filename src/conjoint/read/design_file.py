"""The profiles of a design file, beside the answers of those who saw its versions.

The design becomes columns of the responses, as if these had held what was shown: one a task, profile and
attribute in a wide file, one a profile and attribute in one of a row a task, one an attribute in a long one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.errors import DataError, Fault, choices
from conjoint.read.join import MATCHED, MOST_NAMED, beside, match_texts, used_in
from conjoint.read.responses import Unmatched
from conjoint.read.wide import stacked, texts_of
from conjoint.survey.data import column_of
from conjoint.wave import Unused

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from conjoint.read.responses import Responses
    from conjoint.survey import Data, DesignFile, Survey
    from conjoint.typing import BoolArray, IntArray

__all__ = ["join_design"]

MOST_VERSIONS = 12
"""Unknown versions or tasks that are named one by one."""


def join_design(
    responses: Responses, other: Responses, survey: Survey, named: Collection[str]
) -> Responses:
    """Add what each task showed, by the version that a respondent saw.

    Parameters
    ----------
    other
        The design file.
    named
        Columns that survey.toml names.

    Raises
    ------
    DataError
        A column is not there; two rows say what one profile shows; or the design lacks a task or a
        profile that survey.toml names.
    """
    data, part = survey.data, survey.design
    if data is None or part is None:
        return responses
    columns = _columns_of_keys(part, data)
    faults = [*other.absent(part.keys), *other.ambiguous(part.keys)]
    faults += responses.absent([name for own in columns.values() for name in own.values() if name])
    if faults:
        raise DataError(*faults)
    table = _Table.of(other, responses, survey, named)
    keys = [_Key.of(name, own, table, responses, part) for name, own in columns.items()]
    numbers = _numbers(table, keys)
    lookup = _Lookup(responses, other, keys, numbers, data.respondent)
    seen: dict[str, list[IntArray]] = {}
    made: dict[str, tuple[pd.Series[Any], IntArray, IntArray, str]] = {}
    for task, profile in _cells_shown(data):
        at = lookup.positions(task, profile)
        seen.setdefault(task, []).append(at)
        for source, cells in table.cells.items():
            name, column = source, source
            if data.layout != "long":
                name = column_of(data.attribute, task, profile, source)
            if part.attribute:
                names = part.tasks.get(task, task), part.profiles.get(profile, profile)
                column = column_of(part.attribute, *names, source)
            made[name] = (cells, at, table.rows, column)
    if data.layout == "wide":
        lookup.torn(seen.values())
    result = beside(responses, other, made, named, shown=True)
    notes = [f"{other.path.name}: {key.name}s {MATCHED[key.way]}." for key in keys if key.way]
    return replace(
        result,
        notes=(*result.notes, *notes),
        unmatched=(*result.unmatched, *lookup.unmatched()),
        unused=(*result.unused, *_unused(table, part, lookup.used)),
    )


def _cells_shown(data: Data) -> Iterator[tuple[str, str]]:
    """Task and profile of each column that is made of an attribute; empty where rows tell them."""
    tasks = list(data.tasks) if data.layout == "wide" else [""]
    if data.layout == "wide" and data.repeat is not None and data.repeat.attributes == "own":
        tasks.append(data.repeat.task)
    return product(tasks, data.profiles if data.layout != "long" else [""])


def _columns_of_keys(part: DesignFile, data: Data) -> dict[str, dict[tuple[str, str], str]]:
    """By key, the column of the responses for each task and profile; empty where names tell it.

    Keys are ``version``, ``task``, ``profile``, and ``task 2`` of a second column of tasks.
    """
    pairs = list(_cells_shown(data))
    columns: dict[str, dict[tuple[str, str], str]] = {}
    if part.version:
        pattern = data.version or part.version
        columns["version"] = {pair: column_of(pattern, *pair, "") for pair in pairs}
    count = len(part.task) or int("{task}" in part.attribute)
    for place in range(count):
        column = "" if data.layout == "wide" else data.task[place]
        columns[f"task {place + 1}" if place else "task"] = dict.fromkeys(pairs, column)
    if part.profile or "{profile}" in part.attribute:
        column = data.profile if data.layout == "long" else ""
        columns["profile"] = dict.fromkeys(pairs, column)
    return columns


@dataclass(frozen=True, eq=False, slots=True)
class _Table:
    """A design file as one row a profile.

    Parameters
    ----------
    cells
        The columns of attributes, and others that are taken from it, by name.
    rows
        The number of each row in the file, of shape (profiles,).
    keys
        The texts of each key, None where a cell is empty; of shape (profiles,).
    read
        The file's columns that the cells come from.
    """

    other: Responses
    cells: dict[str, pd.Series[Any]]
    rows: IntArray
    keys: dict[str, pd.Series[Any]]
    read: frozenset[str]

    @classmethod
    def of(
        cls, other: Responses, responses: Responses, survey: Survey, named: Collection[str]
    ) -> _Table:
        """Bring profiles, and tasks, that stand side by side one below another."""
        data, part = survey.data, survey.design
        assert data is not None and part is not None  # noqa: S101, PT018  # as the caller saw
        sources = [
            source
            for name, attribute in survey.attributes.items()
            for source in dict.fromkeys(c for own in attribute.cells.values() for c in own)
            or [attribute.column or name]
        ]
        if data.layout == "long" and not part.attribute:
            sources += [
                name
                for name in map(str, other.cells)
                if name in named and name not in (*sources, *part.keys, *responses.cells)
            ]
        pattern = part.attribute or "{attribute}"
        tasks, profiles = [""], [""]
        if "{task}" in pattern:
            wide = data.layout == "wide"
            every = [task for task, _ in _cells_shown(data)]
            tasks = _names(every if wide else _texts(responses, data.task), part.tasks)
        if "{profile}" in pattern:
            by_row = data.layout == "long"
            every = _texts(responses, [data.profile]) if by_row else [*data.profiles]
            profiles = _names(every, part.profiles)
        every_block = [
            (pair, {source: column_of(pattern, *pair, source) for source in sources})
            for pair in product(tasks, profiles)
        ]
        held = [
            own for own in every_block if any(column in other.cells for column in own[1].values())
        ]
        shown = held or every_block[:1]
        needed = [column for _, own in shown for column in own.values()]
        faults = [*other.absent(needed), *other.ambiguous(needed)]
        if faults:
            raise DataError(*faults)
        cells = {
            source: pd.Series(stacked(other.cells, [own[source] for _, own in shown]))
            for source in sources
        }
        count = len(shown)
        keys = {}
        columns = {"version": part.version, "profile": part.profile}
        columns |= {f"task {n + 1}" if n else "task": name for n, name in enumerate(part.task)}
        for key, column in columns.items():
            if column:
                texts = texts_of(other.cells[column])
                keys[key] = texts.repeat(count).reset_index(drop=True)
        for place, key in enumerate(("task", "profile")):
            if "{" + key + "}" in pattern:
                names = [pair[place] for pair, _ in shown] * len(other.cells)
                keys[key] = pd.Series(names, dtype=object)
        return cls(other, cells, np.repeat(other.rows, count), keys, frozenset(needed))


def _names(known: Sequence[str], called: dict[str, str]) -> list[str]:
    return list(dict.fromkeys(called.get(name, name) for name in known))


def _texts(responses: Responses, columns: Sequence[str]) -> list[str]:
    return [text for name in columns[:1] for text in used_in(responses.cells[name].cat)]


@dataclass(frozen=True, eq=False, slots=True)
class _Key:
    """One key of the design: what the responses call its texts.

    Parameters
    ----------
    columns
        The column of the responses for each task and profile; empty where their name tells it.
    called
        What the design calls a task or profile.
    number
        The number of each text, brought to one spelling.
    codes
        That number for each profile of the design, -1 where it says none.
    """

    name: str
    columns: dict[tuple[str, str], str]
    called: dict[str, str]
    alike: Callable[[str], str]
    way: str
    number: dict[str, int]
    codes: IntArray

    @classmethod
    def of(
        cls,
        name: str,
        columns: dict[tuple[str, str], str],
        table: _Table,
        responses: Responses,
        part: DesignFile,
    ) -> _Key:
        called = {"task": part.tasks, "profile": part.profiles}.get(name, {})
        place = {"task": 0, "profile": 1}.get(name, 0)
        wanted = {pair[place] for pair, column in columns.items() if not column}
        for column in filter(None, dict.fromkeys(columns.values())):
            wanted |= {*used_in(responses.cells[column].cat)}
        wanted = {called.get(text, text) for text in wanted}
        texts = table.keys[name]
        alike, way = match_texts(wanted, {*texts.dropna()})
        codes, known = pd.factorize(texts.map(alike, na_action="ignore"))
        number = {str(text): code for code, text in enumerate(known)}
        key = cls(name, columns, called, alike, way, number, codes.astype(np.intp))
        lacking = [text for text in sorted(wanted) if key.find(text) < 0]
        if lacking and not any(columns.values()):
            label = choices(lacking, MOST_NAMED)
            do = f'Correct data.{name}s, or say under [design] {name}s = {{ NAME = "..." }} what it is called there.'
            what = f"there is no {name} {label}"
            raise DataError(
                Fault(table.other.top, what, choices(dict.fromkeys(texts.dropna())), do)
            )
        return key

    def find(self, text: str) -> int:
        """The number of a text, as the responses write it; -1 where the design has none."""
        return self.number.get(self.alike(self.called.get(text, text)), -1)


def _numbers(table: _Table, keys: Sequence[_Key]) -> IntArray:
    """One number for each profile of the design, -1 where a key is empty.

    Raises
    ------
    DataError
        Two rows say what one profile shows.
    """
    number = np.zeros(len(table.rows), dtype=np.intp)
    whole = np.ones(len(table.rows), dtype=bool)
    for key in keys:
        number = number * (len(key.number) + 1) + key.codes + 1
        whole &= key.codes >= 0
    number[~whole] = -1
    again = pd.Series(number).duplicated().to_numpy() & whole
    if again.any():
        first = pd.Series(table.rows).groupby(number).transform("first").to_numpy()
        told = ", ".join(key.name for key in keys) or "profile"
        what = f"has the {told} of another row (first at row {{}})"
        raise DataError(
            *(
                Fault(
                    f"{table.other.path}, row {table.rows[row]}",
                    what.format(first[row]),
                    "one row a profile",
                    "Take one out, or name the columns that tell the rows apart under [design].",
                )
                for row in np.flatnonzero(again)[:1000]
            )
        )
    return number


class _Lookup:
    """Which profile of the design each row of the responses saw."""

    def __init__(
        self,
        responses: Responses,
        other: Responses,
        keys: Sequence[_Key],
        numbers: IntArray,
        whose: str,
    ) -> None:
        self.responses, self.other, self.keys, self.whose = responses, other, keys, whose
        self.order = np.argsort(numbers, kind="stable")
        self.sorted = numbers[self.order]
        self.used = np.zeros(len(numbers), dtype=bool)
        self.unknown: dict[str, BoolArray] = {}
        self.apart = np.zeros(len(responses.cells), dtype=bool)

    def positions(self, task: str, profile: str) -> IntArray:
        """The place of a profile in the design for each row, -1 where it has none."""
        number = np.zeros(len(self.responses.cells), dtype=np.intp)
        known = np.ones(len(number), dtype=bool)
        by_row = False
        for key in self.keys:
            column = key.columns[task, profile]
            if column:
                own = self.responses.cells[column].cat
                found = np.array([key.find(str(text)) for text in own.categories] + [-1])
                codes = found[own.codes.to_numpy()]
                lost = (codes < 0) & (own.codes.to_numpy() >= 0)
                self.unknown[column] = lost | self.unknown.get(column, False)
                by_row |= key.name != "version"
            else:
                text = {"task": task, "profile": profile}[key.name]
                codes = np.full(len(number), key.find(text))
            number = number * (len(key.number) + 1) + codes + 1
            known &= codes >= 0
        place = np.minimum(np.searchsorted(self.sorted, number), len(self.sorted) - 1)
        there = known & (self.sorted[place] == number)
        if by_row or not any(key.name == "task" for key in self.keys):
            self.apart |= known & ~there
        at = np.where(there, self.order[place], -1)
        self.used[at[there]] = True
        return at

    def torn(self, tasks: Iterable[Sequence[IntArray]]) -> None:
        """Find rows whose version lacks a profile of a task, and has another; by task, its profiles' places."""
        for places in tasks:
            # A profile that no version shows in this task is none of it.
            there = np.stack([at >= 0 for at in places if (at >= 0).any()] or [self.apart])
            self.apart |= there.any(axis=0) & ~there.all(axis=0)

    def unmatched(self) -> Iterator[Unmatched]:
        """Rows of which the design says nothing, by what is unknown there."""
        name, rows = self.other.path.name, self.responses.rows
        names = {c: key for key in self.keys for c in key.columns.values() if c}
        for column, lost in self.unknown.items():
            key = names[column]
            texts = texts_of(self.responses.cells[column])[lost]
            expected = choices(key.number)
            do = "Correct the cell, or add its rows to the design."
            several = texts.nunique() > MOST_VERSIONS
            for text in ["" if several else text for text in texts.unique()][
                : 1 if several else None
            ]:
                here = lost if several else lost & (texts_of(self.responses.cells[column]) == text)
                what = f"the {key.name.split()[0]}" + ("" if several else f' "{text}"')
                what += f" is not in {name}"
                yield Unmatched(rows[np.asarray(here)], column, "refuse", what, expected, do)
        if self.apart.any():
            told = " and ".join(key.name for key in self.keys)
            column = next((c for key in self.keys for c in key.columns.values() if c), self.whose)
            what = f"{name} has no row of this {told}"
            do = "Add it to the design, or correct the cells."
            yield Unmatched(rows[self.apart], column, "refuse", what, "one", do)


def _unused(table: _Table, part: DesignFile, used: Any) -> Iterator[Unused]:
    """Count rows of the design that nobody saw, and its columns that are not read."""
    other = table.other
    idle = ~np.isin(other.rows, table.rows[used])
    if idle.any():
        column = (part.keys or tuple(map(str, other.cells)))[0]
        where = other.place(int(np.flatnonzero(idle)[0]), column)
        text = f"rows of {other.path.name} were shown to nobody"
        yield Unused("rows", int(idle.sum()), where, text)
    others = [str(name) for name in other.cells if name not in {*part.keys, *table.read}]
    if others:
        text = f"columns are not named in survey.toml: {choices(others, MOST_NAMED)}"
        yield Unused("columns", len(others), other.top, text)
