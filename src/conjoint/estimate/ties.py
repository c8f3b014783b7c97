"""Ties: profiles whose level another profile of the same task shows as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd

from conjoint.errors import EstimationError, Fault, RequestError, choices
from conjoint.typing import Ties

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.estimate.sample import Sample
    from conjoint.typing import BoolArray, IntArray
    from conjoint.wave import Wave

__all__ = ["check_shown", "find_untied", "never_alone", "note_ties", "task_of_row", "without_ties"]


def note_ties(ties: Ties) -> dict[str, str]:
    """What a specification says of ties: nothing where they are kept.

    Raises
    ------
    RequestError
        There is no such option.
    """
    if ties not in get_args(Ties):
        raise RequestError(
            Fault("ties", f'there is no "{ties}"', choices(get_args(Ties)), "Name one of them.")
        )
    return {} if ties == "keep" else {"ties": ties}


def find_untied(wave: Wave) -> dict[str, BoolArray]:
    """For each attribute, the profiles whose level no other profile of their task shows.

    Raises
    ------
    RequestError
        No task has several profiles.
    """
    task = task_of_row(wave)
    if len(task) == 1 + task.max():
        raise RequestError(
            Fault(
                "ties",
                "every task has one profile, so that none can be tied",
                "tasks of two profiles or more",
                'Use ties="keep".',
            )
        )
    untied = {}
    for name, attribute in wave.survey.attributes.items():
        cell = task * attribute.states + wave.codes(name)
        untied[name] = (np.bincount(cell)[cell] == 1) & wave.shows(name)
    return untied


def without_ties(sample: Sample, name: str, untied: dict[str, BoolArray]) -> Sample:
    """Leave out the profiles that are tied in an attribute."""
    return sample.only(untied[name][sample.rows])


def check_shown(sample: Sample, name: str) -> None:
    """Some level of an attribute has to stand against another in some task.

    Raises
    ------
    EstimationError
        None does.
    """
    if not len(sample.y):
        raise EstimationError(never_alone(sample, name, sample.wave.survey.attributes[name].values))


def never_alone(sample: Sample, name: str, levels: Sequence[str]) -> Fault:
    """Say that levels never stand against another."""
    return Fault(
        f'{sample.where}, attribute "{name}"',
        f"the level(s) {choices(levels)} never stand against another level",
        "tasks in which one profile alone shows the level",
        'Use ties="keep", a larger group, or merge the level with another.',
    )


def task_of_row(wave: Wave) -> IntArray:
    """Each profile's task, numbered from 0 across respondents; of shape (profiles,)."""
    task = pd.factorize(wave.profiles["task"])[0]
    number = pd.factorize(wave.respondent_index * (int(task.max()) + 1) + task)[0]
    return np.asarray(number, dtype=np.intp)
