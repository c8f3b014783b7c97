"""Which columns answer the tasks, where their names do not say it: by wording, and by what it shows."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from conjoint.propose.draft import quoted
from conjoint.propose.evidence import codes_of, pooled, sample_rows
from conjoint.propose.reading import by_task, names_profiles
from conjoint.say.number import percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conjoint.propose.column import Column
    from conjoint.propose.design import Wide
    from conjoint.propose.pattern import Family
    from conjoint.typing import Sureness

__all__ = ["Again", "Answering", "answering", "contradicts", "for_whom", "task_shown"]

ALIKE = 0.8
"""How many answers a column has of those of the fullest, to be a task that everybody saw."""

ARMS = 8


@dataclass(frozen=True, slots=True)
class Again:
    """A further answer to a task: whether profiles were swapped, whether that is plain, and why."""

    column: str
    of: str
    flipped: bool
    evidence: str


@dataclass(frozen=True, slots=True)
class Answering:
    """The column of each task's answer, how sure that is and why; `again` are further answers."""

    columns: Mapping[str, str]
    sureness: Sureness
    evidence: str
    again: tuple[Again, ...]


def wording_of(column: Column) -> str:
    """The wording without its numbers, empty where the file holds none."""
    if not column.label or column.label == column.name:
        return ""
    return re.sub(r"\d+", "#", column.label).casefold()


def task_shown(wide: Wide) -> dict[str, str]:
    """By column of levels or names, the task that it belongs to; none where it belongs to several."""
    tasks: dict[str, set[str]] = defaultdict(set)
    for family in (*wide.attributes.values(), *([wide.names] if wide.names else [])):
        for (task, _), column in family.cells.items():
            tasks[column.name].add(task)
    return {name: next(iter(own)) for name, own in tasks.items() if len(own) == 1}


def contradicts(family: Family, tasks: Sequence[str], shown: Mapping[str, str]) -> bool:
    """Whether wording speaks against the tasks that a family's columns name."""
    own = {task: family.cells[task, ""] for task in tasks if (task, "") in family.cells}
    for task, column in own.items():
        told = {shown[field] for field in column.fields if field in shown}
        if told and told != {task}:
            return True
    words = {wording_of(column) for column in own.values()}
    return len(words) > 1 and "" not in words


def answering(wide: Wide, columns: Sequence[Column], tasks: Sequence[str]) -> list[Answering]:
    """Columns that answer every task: by the fields that their wording shows, or by one wording."""
    shown = task_shown(wide)
    groups: dict[str, list[Column]] = defaultdict(list)
    for column in columns:
        words = wording_of(column)
        if (
            words
            and column.name not in wide.columns
            and 1 < column.distinct <= len(wide.profiles) + 4
        ):
            groups[words].append(column)
    every = [(_by_fields if any(c.fields for c in own) else _by_wording)(wide, own, tasks, shown)
             for own in groups.values() if len(own) >= len(tasks)]  # fmt: skip
    found = [answers for answers in every if answers is not None]
    sure = [answers for answers in found if answers.sureness == "sure"]
    return sure or found


def _chooses(wide: Wide, columns: Mapping[str, Column]) -> bool:
    """Whether the answers of each task's column name the profiles, as they are or as codes mean it."""
    own = list(columns.values())
    counts = pooled(own)
    meant = {code: text for column in own for code, text in column.texts.items()}
    if meant and set(counts) <= set(meant):
        counts = Counter({meant[code]: count for code, count in counts.items()})
    if names_profiles(counts, wide.profiles):
        return True
    answers = {task: column.answers for task, column in columns.items()}
    return by_task(answers, wide.profiles) is not None


def _by_fields(
    wide: Wide, own: Sequence[Column], tasks: Sequence[str], shown: Mapping[str, str]
) -> Answering | None:
    told: dict[str, list[Column]] = defaultdict(list)
    for column in own:
        seen = {shown[field] for field in column.fields if field in shown}
        if len(seen) == 1:
            told[next(iter(seen))].append(column)
    first = {task: told[task][0] for task in tasks if told.get(task)}
    if len(first) < len(tasks) or not _chooses(wide, first):
        return _by_wording(wide, own, tasks, shown)
    again = []
    for task in tasks:
        for column in told[task][1:]:
            flipped = _turned(wide, column) != _turned(wide, first[task])
            how = "the other way round" if flipped else "in the same order"
            said = f"{column.name} shows task {task} once more, its profiles {how}"
            again.append(Again(column.name, task, flipped, said))
    names = {task: column.name for task, column in first.items()}
    why = "their wording shows the columns of that task"
    return Answering(names, "sure", why, tuple(again))


def _turned(wide: Wide, column: Column) -> bool:
    """Whether a wording shows the last profile first."""
    place = {
        cell.name: wide.profiles.index(profile)
        for family in wide.attributes.values()
        for (_, profile), cell in family.cells.items()
    }
    seen = [place[field] for field in column.fields if field in place]
    return bool(seen) and seen[0] > seen[-1]


def _by_wording(
    wide: Wide, own: Sequence[Column], tasks: Sequence[str], _: Mapping[str, str]
) -> Answering | None:
    own = sorted(own, key=lambda column: column.place)
    usual, further = own[: len(tasks)], own[len(tasks) :]
    fullest = max(column.filled for column in own)
    if any(column.filled < ALIKE * fullest for column in usual):
        return None
    # One more that everybody answered may be a trial, or a task asked twice, as well as the last.
    if any(column.filled >= ALIKE * fullest for column in further):
        return None
    if not _chooses(wide, dict(zip(tasks, usual, strict=True))):
        return None
    names = {task: column.name for task, column in zip(tasks, usual, strict=True)}
    again = tuple(_again(column, names, own) for column in further)
    why = f"one wording, {quoted(usual[0].label, 50)}; in the file's order"
    return Answering(names, "likely", why, again)


def _again(column: Column, names: Mapping[str, str], own: Sequence[Column]) -> Again:
    """The task that a further column answers once more: whose answers its own go with most."""
    by_name = {other.name: other for other in own}
    shares = {task: _same(column, by_name[name]) for task, name in names.items()}
    of = max(shares, key=lambda task: abs(shares[task] - 0.5))
    said = (
        f"{column.name} goes with task {of} most: {percent(shares[of])} gave the same answer again"
    )
    return Again(column.name, of, shares[of] < 0.5, said)


def _same(one: Column, other: Column) -> float:
    codes = codes_of([one, other], sample_rows(one.rows), list(pooled([one, other])))
    known = (codes >= 0).all(axis=1)
    return float((codes[known, 0] == codes[known, 1]).mean()) if known.any() else 0.5


def for_whom(column: Column, people: Sequence[Column]) -> Iterator[tuple[str, str]]:
    """Columns of few answers, with the one that all have who answered a column, and nobody else."""
    filled = column.codes >= 0
    for other in people:
        if 1 < other.distinct <= ARMS and other.name != column.name:
            codes = np.unique(other.codes[filled & (other.codes >= 0)])
            apart = len(codes) == 1 and not (filled & (other.codes < 0)).any()
            if apart and (other.codes == codes[0]).sum() <= 1.05 * filled.sum():
                yield other.name, str(other.categories[codes[0]])
