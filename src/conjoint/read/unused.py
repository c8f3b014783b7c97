"""What of a file no figure can use: left out with a count, so that one bad row does not stop a file.

Few faulty tasks are left out; many say that the file is read wrongly, and stay faults.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import choices
from conjoint.read.layout import used_columns
from conjoint.read.wide import Wide, texts_of
from conjoint.survey.data import column_of
from conjoint.wave import Unused, wrong_choices

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from conjoint.read.layout import Long
    from conjoint.read.responses import Responses
    from conjoint.survey import Data, Survey
    from conjoint.typing import BoolArray, IntArray

__all__ = [
    "are_few",
    "named_columns",
    "outside_filters",
    "unusable_tasks",
    "unused_columns",
    "without_silent",
    "without_tasks",
]

FEW = 0.01
"""Share of tasks, or of people, under which faulty ones are left out: no figure moves by a point, which
is what polls are quoted to. From there on the file is more likely read wrongly."""

LEAST = 200
"""Tasks, or people, from which a share says anything. In a smaller file every fault is named."""

MOST_NAMED = 8


def are_few(count: int, total: int) -> bool:
    """Whether so many of a total are left out rather than refused."""
    return total >= LEAST and count < FEW * total


def without_silent(
    responses: Responses, survey: Survey, data: Data
) -> tuple[Responses, list[Unused]]:
    """Leave out people who gave no answer at all, and those without a weight.

    No answer at all: every cell of the outcomes and of the questions in survey.toml is empty, or holds
    an answer that counts as missing. People with an empty weight go where they answered no task, as
    people do who were screened out; those who did where they are few. Nothing is left out where
    that would leave nobody.
    """
    cells = responses.cells
    if data.respondent not in cells or not len(cells):
        return responses, []
    owner = _owner(cells, data)
    tasks, questions = _answer_columns(survey, data)
    judged = _any_cell(cells, tasks, owner)
    silent = ~(judged | _any_cell(cells, questions, owner))
    entries = []
    if silent.all():
        silent[:] = False
    if silent.any():
        text = "gave no answer to any task or question; they count nowhere"
        entries.append(_first_of(responses, owner, silent, "respondents", data.respondent, text))
    unweighted = np.zeros(len(silent), dtype=bool)
    if data.weight in cells:
        empty = ~_any_cell(cells, {data.weight: frozenset()}, owner) & ~silent
        few = are_few(int((empty & judged).sum()), int((~silent).sum()))
        # Who answered and is missing from the file of respondents is a fault of its own.
        unweighted = empty & ~(judged & _lacking(responses, owner)) if few else empty & ~judged
        if (unweighted | silent).all():
            unweighted[:] = False
    if unweighted.any():
        text = f"have no weight, {int((unweighted & judged).sum()):,} of whom answered a task; they count nowhere"
        entries.append(_first_of(responses, owner, unweighted, "weights", data.weight, text))
    gone = np.append(silent | unweighted, False)[owner]  # a row without an id belongs to the last
    if not gone.any():
        return responses, []
    left = replace(
        responses, cells=cells.loc[~gone].reset_index(drop=True), rows=responses.rows[~gone]
    )
    return left, entries


def _lacking(responses: Responses, owner: IntArray) -> BoolArray:
    """Whether a respondent is missing from another file that needs to have all of them."""
    rows = np.zeros(len(owner), dtype=bool)
    for unmatched in responses.unmatched:
        if unmatched.policy == "refuse":
            rows |= np.isin(responses.rows, unmatched.rows)
    whose = owner >= 0
    return np.asarray(np.bincount(owner[whose], rows[whose]) > 0)


def _owner(cells: pd.DataFrame, data: Data) -> IntArray:
    """For each row the number of its respondent, -1 in a long file's row without an id."""
    if data.layout == "wide":
        return np.arange(len(cells), dtype=np.intp)
    return pd.factorize(texts_of(cells[data.respondent]))[0].astype(np.intp)


def _answer_columns(
    survey: Survey, data: Data
) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """Columns of the tasks' answers, and of the questions', with what counts as no answer there."""
    pairs = Wide.declared(survey, data).shown if data.layout == "wide" else (("", ""),)
    tasks = {
        survey.column(name, *pair): frozenset(outcome.missing)
        for name, outcome in survey.outcomes.items()
        for pair in pairs
    }
    questions = {
        column: frozenset(question.missing)
        for name, question in survey.questions.items()
        for column in question.stored(name).values()
    }
    return tasks, questions


def _any_cell(
    cells: pd.DataFrame, columns: Mapping[str, Collection[str]], owner: IntArray
) -> BoolArray:
    """Whether a respondent has an answer in any of these columns, of shape (respondents,)."""
    filled = np.zeros(len(cells), dtype=bool)
    for column, missing in columns.items():
        if column in cells:
            own = cells[column].cat
            says = np.array([text not in missing for text in own.categories] + [False])
            filled |= says[own.codes.to_numpy()]
    whose = owner >= 0
    return np.asarray(np.bincount(owner[whose], filled[whose]) > 0)


def _first_of(
    responses: Responses, owner: IntArray, people: BoolArray, kind: str, column: str, text: str
) -> Unused:
    """An entry on some people, with the first of their rows."""
    row = int(np.flatnonzero(np.append(people, False)[owner])[0])
    return Unused(kind, int(people.sum()), responses.place(row, column), f"respondents {text}")


def unusable_tasks(
    long: Long, shown: pd.DataFrame, unread: Mapping[str, BoolArray]
) -> dict[str, tuple[BoolArray, str]]:
    """Tasks that cannot be used, by reason, each with the column of the first.

    Parameters
    ----------
    shown
        Profiles as read; the index is the row of `long.profiles`.
    unread
        By attribute or outcome, the rows of `shown` whose cell holds what survey.toml does not declare.

    Returns
    -------
    dict
        Reason to the tasks, of shape (tasks,), and the attribute or outcome of the first.
    """
    group = long.group[shown.index.to_numpy()]
    size = int(long.group.max(initial=-1)) + 1
    found: dict[str, tuple[BoolArray, str]] = {}

    def add(reason: str, tasks: BoolArray, name: str) -> None:
        if tasks.any():
            earlier, first = found.get(reason, (np.zeros(size, dtype=bool), name))
            sooner = not earlier.any() or tasks.argmax() < earlier.argmax()
            found[reason] = (earlier | tasks, name if sooner else first)

    def any_of(rows: BoolArray) -> BoolArray:
        none = np.zeros(size, dtype=bool)
        return np.asarray(np.bincount(group, rows, size) > 0) if rows.any() else none

    bare = any_of(_bare(long, shown, unread))
    add(
        "they were answered, but their profiles are empty", bare, next(iter(long.survey.attributes))
    )
    for name, mask in unread.items():
        reason = "a cell holds a level or an answer that survey.toml does not declare"
        add(reason, any_of(mask) & ~bare, name)
    for name, attribute in long.survey.attributes.items():
        if attribute.is_always:
            empty = shown[name].isna().to_numpy() & ~unread[name]
            add("the cell of a level is empty", any_of(empty), name)
    for name, outcome in long.survey.outcomes.items():
        if outcome.kind == "choice":
            values = shown[name].to_numpy(dtype=float)
            for wrong in wrong_choices(values, group, size, forced=not outcome.none).values():
                add("not exactly one profile is chosen", wrong & ~any_of(unread[name]), name)
    return found


def _bare(long: Long, shown: pd.DataFrame, unread: Mapping[str, BoolArray]) -> BoolArray:
    """Rows of answered tasks in which no level stands: their empty cells count as unread."""
    rows = shown.index.to_numpy()
    bare = np.ones(len(rows), dtype=bool)
    for name in long.survey.attributes:
        bare &= unread[name] & (long.profiles[name].cat.codes.to_numpy()[rows] < 0)
        if name in long.unread:
            bare &= ~long.unread[name][rows]
    return bare


def without_tasks(
    long: Long, found: Mapping[str, tuple[BoolArray, str]]
) -> tuple[Long, list[Unused]]:
    """Empty the cells of tasks that cannot be used: a task without any counts as never shown."""
    entries, done = [], np.zeros(int(long.group.max(initial=-1)) + 1, dtype=bool)
    for reason, (tasks, name) in found.items():
        new = tasks & ~done
        if new.any():
            row = int(np.flatnonzero(new[long.group])[0])
            text = f"tasks are left out: {reason}"
            entries.append(Unused("tasks", int(new.sum()), long.place(row, name), text))
        done |= tasks
    gone = done[long.group]
    profiles = long.profiles.copy(deep=False)
    for name in (*long.survey.attributes, *long.survey.outcomes):
        own = profiles[name].cat
        codes = np.where(gone, -1, own.codes.to_numpy())
        profiles[name] = pd.Categorical.from_codes(codes, own.categories)
    return replace(long, profiles=profiles), entries


def outside_filters(survey: Survey, respondents: pd.DataFrame, where: str) -> Iterator[Unused]:
    """Count answers to each question of people whom its filter leaves out."""
    for name, question in survey.questions.items():
        if question.filter is None:
            continue
        nothing = {*question.missing, *question.unselected}
        filled = np.zeros(len(respondents), dtype=bool)
        for column in question.stored(name).values():
            filled |= (respondents[column].notna() & ~respondents[column].isin(nothing)).to_numpy()
        count = int((filled & ~question.filter.members(respondents)).sum())
        if count:
            text = f'answers to "{name}" come from people outside its filter, and are in no figure of it'
            yield Unused("answers", count, f"{where}, questions.{name}.filter", text)


def unused_columns(
    responses: Responses, survey: Survey, data: Data
) -> tuple[Responses, list[Unused]]:
    """Count the columns that survey.toml does not name.

    Several of one name are left out: nobody could say which is meant.
    """
    named = named_columns(survey, data)
    twice = [name for name in responses.twice if name not in named]
    others: dict[str, list[str]] = {}
    for name in map(str, responses.cells):
        if name not in {*named, *twice}:
            others.setdefault(responses.top_of(name), []).append(name)
    entries = []
    for top, names in others.items():
        text = f"columns are not named in survey.toml: {choices(names, MOST_NAMED)}"
        entries.append(Unused("columns", len(names), top, text))
    if not twice:
        return responses, entries
    count = sum(responses.twice[name] + 1 for name in twice)
    text = f"columns share a name and are left out: {choices(twice, MOST_NAMED)}"
    entries.append(Unused("columns", count, responses.top, text))
    return replace(responses, cells=responses.cells.drop(columns=twice)), entries


def named_columns(survey: Survey, data: Data) -> set[str]:
    """Every column of the file that survey.toml names, by itself or by a pattern."""
    named = {*used_columns(survey, data), *data.task, *data.none_rows}
    if survey.respondents is not None:
        named.add(survey.respondents.key)
    if survey.design is not None and survey.design.version:
        named |= {*survey.spelt_out(data.version or survey.design.version)}
    for name, recode in survey.recode.items():
        named |= {name, recode.of, *recode.columns}
    profiles, tasks = data.profiles or ("",), [*data.tasks, ""]
    if data.layout == "tasks":
        names = (*survey.attributes, *survey.outcomes)
        named |= {survey.column(name, "", who) for name in names for who in profiles}
    if data.repeat is not None:
        tasks.append(data.repeat.task)
    patterns = set()
    for name, attribute in survey.attributes.items():
        patterns.add(data.position.replace("{attribute}", attribute.column or name))
        own = {column for cells in attribute.cells.values() for column in cells}
        if data.layout != "wide":
            patterns |= own
        if data.layout != "long":
            patterns |= {data.attribute.replace("{attribute}", c) for c in own}
    return named | {
        column_of(pattern, task, who, "{attribute}")
        for pattern, task, who in product(patterns, tasks, profiles)
    }
