"""Who answered a repeated task as they did the first time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from conjoint.errors import DataError, Fault, RequestError, choices
from conjoint.estimate.sample import Sample, forced_choices

if TYPE_CHECKING:
    from conjoint.survey import Repeat
    from conjoint.typing import BoolArray, FloatArray, IntArray, Integers
    from conjoint.wave import Wave

__all__ = ["Agreeing", "Tasks", "choices_between_two", "find_agreement", "find_tasks"]


@dataclass(frozen=True, eq=False, slots=True)
class Agreeing(Sample):
    """Answers compared instead of profiles: `y` is 1 where two agree; `rows` number comparisons."""

    @property
    def place(self) -> IntArray:
        """Behind all profiles, so that no comparison is taken for one of them."""
        return self.wave.n_profiles + np.asarray(self.rows, dtype=np.intp)

    def base(self) -> tuple[int, int]:
        """No profiles, and how many respondents there are."""
        return 0, len(np.unique(self.respondent))


@dataclass(frozen=True, eq=False, slots=True)
class Tasks:
    """Answered tasks of two profiles, one row a task.

    Parameters
    ----------
    respondent
        Position of the respondent, of shape (tasks,).
    task
        Which of `names` it is, of shape (tasks,).
    names
        The names of the tasks.
    chosen
        Position of the profile chosen, 0 or 1, of shape (tasks,).
    levels
        The levels shown, of shape (attributes, tasks, 2).
    """

    respondent: IntArray
    task: IntArray
    names: tuple[str, ...]
    chosen: IntArray
    levels: Integers

    def named(self, name: str) -> Tasks:
        """The rows of one task."""
        rows = np.array(self.names)[self.task] == name
        return replace(
            self,
            respondent=self.respondent[rows],
            task=self.task[rows],
            chosen=self.chosen[rows],
            levels=self.levels[:, rows],
        )


def choices_between_two(wave: Wave, outcome: str | None) -> tuple[str, ...]:
    """The outcomes asked for that are forced choices between two profiles.

    Raises
    ------
    RequestError
        There is none, or a task has another number of profiles.
    """
    names = forced_choices(wave, outcome)
    for name in names:
        find_tasks(wave, name)
    return names


def _find_repeat(wave: Wave, repeat: Repeat | None) -> Repeat:
    """What the repeated task repeats.

    Raises
    ------
    RequestError
        The wave has no repeated task, or nothing says what it repeats.
    """
    if repeat is None and wave.survey.data is not None:
        repeat = wave.survey.data.repeat
    assume = "Declare data.repeat in survey.toml, or assume a reliability with irr=."
    if wave.repeats is None:
        raise RequestError(Fault("wave", "has no repeated task", "a task asked twice", assume))
    if repeat is None:
        raise RequestError(
            Fault(
                "repeat",
                "nothing says which task was repeated",
                'repeat=Repeat(task="6", of="1", flipped=True), for example',
                assume,
            )
        )
    for key, name, rows in (
        ("task", repeat.task, wave.repeats),
        ("of", repeat.of, wave.profiles),
    ):
        known = [str(task) for task in rows["task"].unique()]
        if name not in known:
            raise RequestError(
                Fault(f"repeat.{key}", f'there is no task "{name}"', choices(known), "Name one.")
            )
    return repeat


def find_agreement(wave: Wave, outcome: str, repeat: Repeat | None) -> FloatArray:
    """1 where a respondent chose the same profile both times, 0 where not; (respondents,).

    NaN where either answer is missing. The second answer is turned round if the profiles were.

    Raises
    ------
    DataError
        A repeated task does not show the profiles of the first.
    """
    repeat = _find_repeat(wave, repeat)
    first = find_tasks(wave, outcome).named(repeat.of)
    again = find_tasks(wave, outcome, repeated=True).named(repeat.task)
    people, mine, theirs = np.intersect1d(
        first.respondent, again.respondent, assume_unique=True, return_indices=True
    )
    shown, chosen = again.levels[:, theirs], again.chosen[theirs]
    if repeat.flipped:
        shown, chosen = shown[:, :, ::-1], 1 - chosen
    differs = (first.levels[:, mine] != shown).any(axis=2)
    if differs.any():
        raise DataError(_other_profiles(wave, repeat, people, differs))
    agree = np.full(wave.n_respondents, np.nan)
    agree[people] = first.chosen[mine] == chosen
    return agree


_FOUND: WeakKeyDictionary[Wave, dict[tuple[str, bool], Tasks]] = WeakKeyDictionary()


def find_tasks(wave: Wave, outcome: str, *, repeated: bool = False) -> Tasks:
    """Answered tasks of two profiles, main or repeated, profiles in the order of their names.

    Laid out once for a wave.

    Raises
    ------
    RequestError
        An answered task has another number of profiles.
    """
    known = _FOUND.setdefault(wave, {})
    if (outcome, repeated) not in known:
        known[outcome, repeated] = _lay_out(wave, outcome, repeated=repeated)
    return known[outcome, repeated]


def _lay_out(wave: Wave, outcome: str, *, repeated: bool) -> Tasks:
    every = wave.repeats if repeated and wave.repeats is not None else wave.profiles
    attributes = wave.survey.attributes
    answered = every[outcome].notna().to_numpy()
    rows = every[["task", "profile", outcome, *attributes]]
    person = wave.repeat_index if repeated else wave.respondent_index
    if not answered.all():
        rows, person = rows.loc[answered], person[answered]
    task, names = pd.factorize(rows["task"])
    who, profiles = pd.factorize(rows["profile"], sort=True)
    key = person * len(names) + task
    # Stable, because rows mostly stand in this order already: that is quick.
    order = np.argsort(key * len(profiles) + who, kind="stable")
    respondent, task, key = person[order], task[order], key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    size = np.diff(first, append=len(key))
    if (size != 2).any():
        raise RequestError(
            Fault(
                f'outcome "{outcome}"',
                f"some tasks show {size[size != 2][0]} profile(s)",
                "two in every task: errors of choices among more are not of one kind",
                "Leave the correction out.",
            )
        )
    levels = [pd.Categorical(rows[name], list(attributes[name].values)) for name in attributes]
    return Tasks(
        respondent[::2].astype(np.intp),
        task[::2].astype(np.intp),
        tuple(map(str, names)),
        rows[outcome].to_numpy(dtype=float)[order][1::2].astype(np.intp),
        np.stack([level.codes[order].reshape(-1, 2) for level in levels]),
    )


def _other_profiles(wave: Wave, repeat: Repeat, people: IntArray, differs: BoolArray) -> Fault:
    """A repeated task that shows other levels; `differs` has the shape (attributes, people)."""
    attribute, person = np.argwhere(differs)[0]
    name = list(wave.survey.attributes)[attribute]
    count = int(differs.any(axis=0).sum())
    order = "in each other's places" if repeat.flipped else "in the same places"
    return Fault(
        f'task "{repeat.task}", respondent number {int(people[person]) + 1:,}',
        f'the levels of "{name}" are not those of task "{repeat.of}" '
        f"({count} of {len(people)} respondents)",
        f'the profiles of task "{repeat.of}", {order}',
        "Correct data.repeat (of, flipped), or take those respondents out.",
    )
