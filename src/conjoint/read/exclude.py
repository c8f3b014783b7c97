"""Who is left out by the survey's rules, before anything else is read of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import Fault
from conjoint.read.answers import encode_respondents
from conjoint.read.cells import encode_durations
from conjoint.read.layout import Long, key_columns, people_of
from conjoint.survey.rule import BY_ID, as_text
from conjoint.wave import Excluded

if TYPE_CHECKING:
    from conjoint.read.responses import Responses
    from conjoint.survey import Data, Exclusion, Survey
    from conjoint.typing import BoolArray, IntArray

__all__ = ["Left", "exclude"]


@dataclass(frozen=True, eq=False, slots=True)
class Left:
    """Responses without those excluded, and what was left out.

    Parameters
    ----------
    kept, out
        The rows of those who stay, and of those who do not.
    excluded
        How many people each rule meets.
    n_read
        How many people the file holds.
    notes
        What a rule could not decide, each a sentence.
    exclusions
        The rules as outputs may show them, without ids.
    """

    kept: Responses
    out: Responses
    excluded: tuple[Excluded, ...] = ()
    n_read: int = 0
    notes: tuple[str, ...] = ()
    exclusions: dict[str, Exclusion] = field(default_factory=dict)


def exclude(
    responses: Responses, survey: Survey, data: Data, where: str
) -> tuple[Left, list[Fault]]:
    """Leave out whom the survey's rules meet, so that a broken cell of theirs stops nobody.

    Parameters
    ----------
    where
        survey.toml, for the faults.
    """
    nobody = np.zeros(len(responses.cells), dtype=bool)
    if responses.absent(key_columns(data)):
        return Left(responses, _rows(responses, nobody)), []
    people, first, owner, _ = people_of(responses, survey, data)
    ids = set(people["respondent"].dropna())
    people, notes = _known(people, responses, survey, data, first)
    faults, met = [], {}
    for key, rule in survey.exclusions.items():
        members, found, said = _members(rule, people, data, f"exclusions.{key}")
        if found is None and len(people) and members.all():
            found = Fault(
                f"exclusions.{key}",
                f"leaves nobody: it meets all {len(people):,} respondents",
                "a rule that some people do not meet",
                "Correct the rule.",
            )
        if found is not None:
            faults.append(replace(found, where=f"{where}, {found.where}"))
            continue
        met[key] = members
        notes += said
    table = np.array(list(met.values()), dtype=bool).reshape(len(met), len(people))
    gone = np.asarray(table.any(axis=0), dtype=bool)
    if len(people) and gone.all():
        what = "leave nobody: together they meet every respondent"
        faults.append(Fault(f"{where}, exclusions", what, do="Correct the rules."))
        gone[:] = False
    hidden = survey.without_ids(ids).exclusions
    shown = dict(zip(survey.exclusions, hidden, strict=True))
    excluded = tuple(
        _said(shown[key], hidden[shown[key]], people, data, members, table)
        for key, members in met.items()
    )
    out = (owner >= 0) & gone[np.maximum(owner, 0)] if len(people) else nobody
    kept, gone_rows = _rows(responses, ~out), _rows(responses, out)
    left = Left(kept, gone_rows, excluded, len(people), tuple(notes), hidden)
    return left, faults


def _rows(responses: Responses, kept: BoolArray) -> Responses:
    if kept.all():
        return responses
    cells = responses.cells.loc[kept].reset_index(drop=True)
    return replace(responses, cells=cells, rows=responses.rows[kept])


def _known(
    people: pd.DataFrame, responses: Responses, survey: Survey, data: Data, first: IntArray
) -> tuple[pd.DataFrame, list[str]]:
    """What the rules need to know of people; cells that cannot be read are empty."""
    needed = [
        column
        for rule in survey.exclusions.values()
        if rule.where is not None
        for column, _ in rule.where.conditions()
    ]
    kept = [name for name in dict.fromkeys(needed) if name in responses.cells]
    cells = responses.cells[kept].iloc[first].reset_index(drop=True)
    nothing = np.zeros(0, dtype=np.intp)
    long = Long(
        responses, survey, data, cells, first, pd.DataFrame(), nothing, nothing, nothing == 1
    )
    known, _ = encode_respondents(long)
    if data.duration in people:
        seconds, _ = encode_durations(people[data.duration], long.place_respondent, long.decimal)
        known[data.duration] = seconds
    ids = survey.id_columns
    notes = [
        f"exclusions: {len(unknown):,} of the ids that a rule names are of nobody in the file."
        for rule in survey.exclusions.values()
        if rule.where is not None
        and (unknown := rule.where.ids(ids) - set(people["respondent"].dropna()))
    ]
    notes += [
        f'exclusions.{key}: no cell of "{column}" holds "{value}".'
        for key, rule in survey.exclusions.items()
        if rule.where is not None
        for column, condition in rule.where.conditions()
        for value in condition.values
        if column in kept
        and column not in ids
        and value not in set(known[column].map(as_text, na_action="ignore"))
    ]
    return known, notes


def _members(
    rule: Exclusion, people: pd.DataFrame, data: Data, key: str
) -> tuple[BoolArray, Fault | None, list[str]]:
    """Whom a rule meets; a fault where it cannot be told; notes."""
    nobody = np.zeros(len(people), dtype=bool)
    if rule.where is not None:
        absent = [column for column, _ in rule.where.conditions() if column not in people]
        # A column that is not there is a fault that the layout names.
        return (nobody if absent else rule.where.members(people)), None, []
    if not data.duration or data.duration not in people:
        return nobody, None, []
    seconds = people[data.duration].to_numpy(dtype=float)
    unknown = int(np.isnan(seconds).sum())
    if unknown == len(seconds):
        what, expected = "no duration is known", f'seconds in the column "{data.duration}"'
        return nobody, Fault(key, what, expected, "Correct data.duration, or the rule."), []
    with np.errstate(invalid="ignore"):
        members = seconds < _limit(rule, seconds)
    said = f"{key}: the duration of {unknown:,} of {len(seconds):,} people is not known; they stay."
    return members, None, [said] if unknown else []


def _limit(rule: Exclusion, seconds: np.typing.NDArray[np.float64]) -> float:
    return float(rule.faster_than or 0) * float(np.nanmedian(seconds))


def _said(
    key: str,
    rule: Exclusion,
    people: pd.DataFrame,
    data: Data,
    members: BoolArray,
    table: BoolArray,
) -> Excluded:
    alone = int((members & (table.sum(axis=0) == 1)).sum())
    text = rule.text
    if not text and rule.where is not None:
        ways = [
            " and ".join(
                BY_ID
                if column in (data.respondent, "respondent")
                else f"{column} {condition.words()}"
                for column, condition in way.items()
            )
            for way in rule.where.any_of
        ]
        text = "; or ".join(ways)
    elif not text and data.duration in people:
        seconds = people[data.duration].to_numpy(dtype=float)
        text = (
            f"faster than {100 * (rule.faster_than or 0):.3g}% of the median duration: "
            f"under {_limit(rule, seconds):,.0f} of {np.nanmedian(seconds):,.0f} seconds"
        )
    return Excluded(key, rule.label or key, text, int(members.sum()), alone)
