"""What a bare frame implies of its survey: levels, kinds of outcome, and what to say of them."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import ValidationError

from conjoint.errors import Fault, choices
from conjoint.say.number import percent
from conjoint.spelling import is_missing_code, tidy, twins
from conjoint.survey import Attribute, Outcome
from conjoint.survey.rule import as_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
__all__ = ["check_roles", "implied_attribute", "implied_outcome", "repeated_tasks", "texts_of"]

TAKEN = ("respondent", "task", "profile")
"""Names of columns that a wave makes itself."""

A_CHOICE, MAYBE = 0.9, 0.6
"""Share of tasks with exactly one chosen profile from which answers are choices, the other tasks
being faults; and from which it has to be said that they are read as support."""

REPEATED = 0.9
"""Share of respondents to whom two tasks show the same profiles, from which one repeats the other."""

MOST_TASKS = 40
"""Tasks that are held against one another: names that run on over respondents number no tasks."""


def check_roles(roles: Mapping[str, Sequence[str]]) -> Iterator[Fault]:
    """Columns named for two things, and names that a wave needs for itself.

    Parameters
    ----------
    roles
        Columns by argument of :meth:`Wave.from_frame`.
    """
    first: dict[str, str] = {}
    for role, columns in roles.items():
        for column in columns:
            if column in first:
                what = f'names the column "{column}", which is {first[column]}, too'
                yield Fault(role, what, "one part a column", "Take it out of one of them.")
            first.setdefault(column, role)
    for role in ("outcome", "attributes", "segments"):
        for column in roles.get(role, ()):
            if column in TAKEN and first[column] == role:
                do = f'Rename it: frame.rename(columns={{"{column}": "{column}_shown"}}).'
                yield Fault(role, f'"{column}" is taken', "another name", do)


def texts_of(column: pd.Series[Any]) -> np.typing.NDArray[np.object_]:
    """Each value as the text of its level, missing where it is missing."""
    codes, values = pd.factorize(column)
    texts = np.array([*_levels_of(column, values), None], dtype=object)
    return np.asarray(texts[codes])


def _levels_of(column: pd.Series[Any], values: Iterable[object]) -> list[str]:
    """Values of a column as texts: categories as they are, others without blanks at their ends."""
    texts = [as_text(value) for value in values]
    return texts if isinstance(column.dtype, pd.CategoricalDtype) else [tidy(t) for t in texts]


def implied_attribute(
    column: pd.Series[Any], name: str, presence: str | Mapping[str, object]
) -> tuple[Attribute | None, list[Fault], list[str]]:
    """An attribute with the levels that a column holds; faults; notes.

    The categories of a categorical are levels that somebody declared: they stand as they are, and what
    looks odd about them is noted. Of another column it is a fault.
    """
    declared = isinstance(column.dtype, pd.CategoricalDtype)
    values = list(column.cat.categories) if declared else sorted_values(column)
    levels = list(dict.fromkeys(_levels_of(column, values)))
    where = f'frame, column "{name}"'
    notes: list[str] = []
    faults: list[Fault] = []
    blank = [text for text in map(as_text, values) if text != text.strip()]
    if blank:
        done = "stand as declared" if declared else "were taken off"
        notes.append(f"{name}: blanks at the ends of {choices(blank)} {done}.")
    for what, expected, do in _oddities(levels):
        if declared:
            notes.append(f"{name}: {what}.")
        else:
            faults.append(Fault(where, what, expected, do))
    if "" in levels:
        do = "Make it missing, or give the level a name."
        faults.append(Fault(where, "holds empty text", "a level in every cell", do))
    if faults:
        return None, faults, notes
    try:
        given = {"levels": [{"value": text} for text in levels], "presence": presence}
        return Attribute.model_validate(given), [], notes
    except ValidationError as error:
        what = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        return None, [Fault(f'presence["{name}"]', what)], notes


def sorted_values(column: pd.Series[Any]) -> list[Any]:
    """The distinct values of a column in their order; as texts where they cannot be compared."""
    values = list(column.dropna().unique())
    try:
        return sorted(values)
    except TypeError:
        return sorted(values, key=as_text)


def _oddities(levels: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """What looks like a slip among levels: what is wrong, what was expected, what to do."""
    declare = "or make the column a categorical, whose categories are taken as declared."
    if len(levels) < 2:
        what = f"{len(levels)} level(s): nothing varies"
        yield what, "two levels or more", f"Leave the attribute out, {declare}"
    for text, other in twins(level for level in levels if level):
        what = f'"{text}" and "{other}" look alike'
        yield what, "each level in one spelling", f"Give both one spelling, {declare}"
    for code in _missing_codes(levels):
        what = f'"{code}" looks like a code for no answer'
        yield what, "levels alone", f"Make it missing, {declare}"


def _missing_codes(texts: Sequence[str]) -> list[str]:
    """Texts that look like codes for no answer among the others."""
    numbers = {text: _number(text) for text in texts}
    found = []
    for text in texts:
        others = [n for other, n in numbers.items() if other != text and not np.isnan(n)]
        if is_missing_code(text, others) and (others or text.startswith("-")):
            found.append(text)
    return found


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def implied_outcome(
    name: str, profiles: pd.DataFrame, *, forced: bool
) -> tuple[Outcome | None, list[Fault], list[str]]:
    """The outcome that a column of numbers holds: its kind is read off the answers; faults; notes.

    Parameters
    ----------
    profiles
        ``respondent``, ``task`` and the outcome, one row a profile.
    forced
        Whether tasks are known, so that answers may be choices.
    """
    values = profiles[name].dropna()
    faults = list(_odd_answers(name, values))
    if faults:
        return None, faults, []
    if not values.isin((0.0, 1.0)).all():
        values = values[
            np.isfinite(values)
        ]  # what is infinite is named by its row when the wave is built
        low, high = float(values.min()), float(values.max())
        return Outcome(kind="rating", column=name, min=low, max=high), [], []
    share, size = _one_chosen(profiles.loc[values.index], name) if forced else (0.0, 0)
    kind = "choice" if share >= A_CHOICE else "support"
    notes = []
    if kind == "support" and share >= MAYBE:
        notes.append(
            f"{name} is read as support, each profile judged by itself: of {size:,} answered tasks "
            f"{percent(share)} have exactly one profile with 1."
        )
    return Outcome(kind=kind, column=name, positive=("1",), negative=("0",)), [], notes


def _odd_answers(name: str, values: pd.Series[Any]) -> Iterator[Fault]:
    """Answers that cannot be meant as they stand: codes for none, codes 1 and 2, all alike."""
    where = f'frame, column "{name}"'
    each, counts = np.unique(values.to_numpy(dtype=float), return_counts=True)
    texts = {as_text(float(value)): int(n) for value, n in zip(each, counts, strict=True)}
    codes = _missing_codes(list(texts)) if len(texts) <= 1_000 else []
    for code in codes:
        do = f'Make it missing: frame["{name}"].replace({code}, float("nan")).'
        what = f"{code} ({texts[code]:,} rows) looks like a code for no answer"
        yield Fault(where, what, "answers alone", do)
    answers = sorted(float(text) for text in texts if text not in codes)
    if len(answers) == 1 and answers[0] not in {0, 1}:
        do = "Name the column that holds the answers."
        expected = "answers that differ, or only zeros and ones"
        yield Fault(where, f"every answer is {answers[0]:g}", expected, do)
    elif len(answers) == 2 and answers != [0, 1]:
        low, high = answers
        do = (
            f'Say which counts 1: (frame["{name}"] == {low:g}).astype(float), missing kept missing.'
        )
        what = f"its answers are {low:g} and {high:g}"
        yield Fault(where, what, "0 and 1, or a rating of more than two values", do)


def _one_chosen(answered: pd.DataFrame, name: str) -> tuple[float, int]:
    """Share of answered tasks with exactly one 1 among several profiles, and their number."""
    by_task = answered.groupby(["respondent", "task"], sort=False, observed=True)[name]
    tasks = by_task.agg(["sum", "size"])
    if not len(tasks):
        return 0.0, 0
    return float(((tasks["sum"] == 1) & (tasks["size"] > 1)).mean()), len(tasks)


def repeated_tasks(profiles: pd.DataFrame, attributes: Sequence[str]) -> list[str]:
    """Notes on tasks that show nearly everybody the profiles of an earlier task.

    Order within the task is let be: a repeated task often has its profiles swapped.
    """
    seed = np.full(len(profiles), 1_469_598_103_934_665_603, dtype=np.uint64)
    for name in attributes:
        seed = (seed ^ profiles[name].cat.codes.to_numpy().astype(np.uint64)) * np.uint64(
            1_099_511_628_211
        )
        seed ^= seed >> np.uint64(29)
    person, task = pd.factorize(profiles["respondent"])[0], profiles["task"].cat
    names = [str(name) for name in task.categories]
    codes = task.codes.to_numpy()
    if not 2 <= len(names) <= MOST_TASKS or (person < 0).any() or (codes < 0).any():
        return []
    key = np.zeros((person.max() + 1, len(names)), dtype=np.uint64)
    np.add.at(key, (person, codes), seed)
    shown = key > 0
    notes = []
    for first, second in combinations(range(len(names)), 2):
        both = shown[:, first] & shown[:, second]
        same = both & (key[:, first] == key[:, second])
        if both.sum() >= 5 and same.sum() >= REPEATED * both.sum():
            notes.append(
                f"task {names[second]} shows the profiles of task {names[first]} again to {int(same.sum()):,} "
                f"of {int(both.sum()):,} respondents. If it is a repeated task, say so with `repeat`: "
                "its answers then tell reliability, and no other figure uses them."
            )
    return notes
