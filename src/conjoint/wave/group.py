"""Groups: the parts of a wave that `by` asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.errors import Fault, RequestError, choices
from conjoint.survey import TOTAL
from conjoint.survey.rule import as_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.typing import BoolArray
    from conjoint.wave.model import Wave

__all__ = ["SEGMENTS", "TOTAL", "Group", "find_groups", "is_of_respondents", "nobody_in"]

SEGMENTS = "segments"
"""The `by` that asks for every segment the survey declares."""


@dataclass(frozen=True, eq=False, slots=True)
class Group:
    """A part of a wave.

    Parameters
    ----------
    key
        What the `group` column of a tidy frame says.
    respondents
        Who belongs, of shape (respondents,): the design that the group's own figures stand in.
    profiles
        Which profile rows belong, of shape (profiles,).
    """

    key: str
    respondents: BoolArray
    profiles: BoolArray


def find_groups(wave: Wave, by: str | Sequence[str] | None) -> tuple[Group, ...]:
    """Split a wave by segments, a respondent column, an attribute, ``task`` or ``profile``.

    Raises
    ------
    RequestError
        `by` is nothing of the kind.
    """
    if by is None:
        everybody = np.ones(len(wave.weights), dtype=bool)
        return (Group(TOTAL, everybody, np.ones(wave.n_profiles, dtype=bool)),)
    if not isinstance(by, str):
        return _segments(wave, tuple(by))
    if by in wave.respondent_columns:
        return _split(wave, wave.respondents[by], of_respondents=True)
    if by == SEGMENTS and wave.survey.segments:
        return _segments(wave, tuple(wave.survey.segments))
    if by in wave.survey.segments:
        return _segments(wave, (by,))
    if by in (*wave.survey.attributes, "task", "profile"):
        return _split(wave, wave.profiles[by], of_respondents=False)
    known = [
        SEGMENTS,
        *wave.survey.segments,
        *wave.respondent_columns,
        *wave.survey.attributes,
        "task",
        "profile",
    ]
    raise RequestError(Fault("by", f'there is no "{by}"', choices(known, 30), "Name one of them."))


def is_of_respondents(wave: Wave, by: str | Sequence[str] | None) -> bool:
    """Whether the groups of `by` are of people, and not of profiles of theirs."""
    of_profiles = by in (*wave.survey.attributes, "task", "profile")
    return not of_profiles or by in (*wave.respondent_columns, *wave.survey.segments)


def nobody_in(segment: str) -> Fault:
    """Say that a segment has no members."""
    return Fault(f"segments.{segment}", "nobody is in it", do="Correct its rule, or leave it out.")


def _segments(wave: Wave, names: tuple[str, ...]) -> tuple[Group, ...]:
    unknown = [name for name in names if name not in wave.survey.segments]
    if unknown:
        raise RequestError(
            *(
                Fault("by", f'there is no segment "{name}"', choices(wave.survey.segments))
                for name in unknown
            )
        )
    return tuple(_of_respondents(wave, name, wave.segment(name)) for name in names)


def _split(wave: Wave, column: pd.Series[Any], *, of_respondents: bool) -> tuple[Group, ...]:
    """One group a value that occurs, categories in their order, others sorted; missing in none."""
    present = column.dropna()
    if isinstance(column.dtype, pd.CategoricalDtype):
        values = [value for value in column.cat.categories if (present == value).any()]
    else:
        values = sorted(present.unique())
    groups = []
    for value in values:
        mask = (column == value).to_numpy(dtype=bool, na_value=False)
        if of_respondents:
            groups.append(_of_respondents(wave, as_text(value), mask))
        else:
            members = np.bincount(wave.respondent_index[mask], minlength=len(wave.weights)) > 0
            groups.append(Group(as_text(value), members, mask))
    return tuple(groups)


def _of_respondents(wave: Wave, key: str, members: BoolArray) -> Group:
    return Group(key, members, members[wave.respondent_index])
