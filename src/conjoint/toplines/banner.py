"""Banner: the columns of a table, and who stands in each."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_lowercase
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from conjoint.errors import EstimationError, Fault, RequestError, choices
from conjoint.survey import TOTAL, Crossbreak
from conjoint.wave.group import SEGMENTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from conjoint.survey import Question
    from conjoint.typing import BoolArray, IntArray
    from conjoint.wave import Wave

__all__ = ["OF_SEGMENTS", "Banner", "Column", "Crossbreaks", "make_banner"]

OF_SEGMENTS = "Segments"
"""The heading over the survey's segments."""

Crossbreaks: TypeAlias = "Sequence[str | Crossbreak | Mapping[str, Any]]"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    key
        What the `group` of a tidy frame says: ``Total``, a segment, or ``crossbreak: group``.
    label
        As shown at the head of the column.
    crossbreak
        The heading it stands under; empty for the total.
    letter
        Its name in significance tests, within its crossbreak; empty for the total.
    """

    key: str
    label: str
    crossbreak: str
    letter: str


@dataclass(frozen=True, eq=False, slots=True)
class Banner:
    """The columns of a table, the total first, and who stands in each; (respondents, columns)."""

    columns: tuple[Column, ...]
    members: BoolArray

    @property
    def blocks(self) -> tuple[IntArray, ...]:
        """The places of each crossbreak's columns."""
        headings = [column.crossbreak for column in self.columns]
        return tuple(
            np.flatnonzero([own == heading for own in headings])
            for heading in dict.fromkeys(headings[1:])
        )

    def groups(self) -> list[tuple[str, BoolArray]]:
        """Each column's key and who stands in it."""
        return [(column.key, who) for column, who in zip(self.columns, self.members.T, strict=True)]

    def pairs(self) -> IntArray:
        """The columns that are compared, of shape (pairs, 2): every two of a crossbreak, then each
        column with the total.
        """
        found = [
            (first, second)
            for block in self.blocks
            for index, first in enumerate(block)
            for second in block[index + 1 :]
        ]
        found += [(column, 0) for column in range(1, len(self.columns))]
        return np.array(found, dtype=np.intp).reshape(-1, 2)


def make_banner(wave: Wave, crossbreaks: Crossbreaks | None = None) -> Banner:
    """Set up the columns.

    Parameters
    ----------
    crossbreaks
        Respondent columns, ``"segments"``, :class:`conjoint.survey.Crossbreak` or tables like those
        of survey.toml. Where None, the segments and the crossbreaks of the survey.

    Raises
    ------
    RequestError
        A crossbreak names nothing that is there, or stands twice.
    EstimationError
        A crossbreak has no groups: nobody has an answer.
    """
    if crossbreaks is None:
        own = [SEGMENTS] if wave.survey.segments else []
        crossbreaks = [*own, *wave.survey.crossbreaks]
    columns = [Column(TOTAL, TOTAL, "", "")]
    members = [np.ones(wave.n_respondents, dtype=bool)]
    for asked in crossbreaks:
        heading, groups = _block(wave, asked)
        if heading in {column.crossbreak for column in columns}:
            raise RequestError(
                Fault("crossbreaks", f'"{heading}" stands twice', "each once", "Take one out.")
            )
        if not groups:
            raise EstimationError(Fault(f'crossbreak "{heading}"', "nobody has an answer"))
        for place, (key, label, who) in enumerate(groups):
            columns.append(Column(key, label, heading, _letter(place)))
            members.append(who)
    return Banner(tuple(columns), np.stack(members, axis=1))


def _block(
    wave: Wave, asked: str | Crossbreak | Mapping[str, Any]
) -> tuple[str, list[tuple[str, str, BoolArray]]]:
    """A crossbreak's heading, and key, label and members of each group."""
    survey = wave.survey
    if asked == SEGMENTS and survey.segments and asked not in wave.respondent_columns:
        named = [(key, survey.segment_label(key), wave.segment(key)) for key in survey.segments]
        return OF_SEGMENTS, named
    crossbreak = asked if isinstance(asked, Crossbreak) else Crossbreak.model_validate(asked)
    column = crossbreak.column
    if column not in wave.respondent_columns:
        known = [*([SEGMENTS] if survey.segments else []), *wave.respondent_columns]
        raise RequestError(
            Fault("crossbreaks", f'there is no column "{column}"', choices(known, 30), "Name one.")
        )
    question = _question_of(wave, column)
    heading = crossbreak.label or (question.label if question is not None else "") or column
    name = crossbreak.label or column
    if crossbreak.groups:
        cells = wave.respondents[column]
        groups = [(key, condition.holds(cells)) for key, condition in crossbreak.groups.items()]
        return heading, [(f"{name}: {key}", key, who) for key, who in groups]
    found = [(group.key, group.respondents) for group in wave.groups(column)]
    return heading, [
        (f"{name}: {key}", question.shown(key) if question is not None else key, who)
        for key, who in found
    ]


def _question_of(wave: Wave, column: str) -> Question | None:
    for name, question in wave.survey.questions.items():
        if column in question.stored(name).values():
            return question
    return None


def _letter(place: int) -> str:
    """a, b, ... z, aa, ab, ..."""
    first, second = divmod(place, 26)
    return (ascii_lowercase[first - 1] if first else "") + ascii_lowercase[second]
