"""Who is left out by the survey's rules, before anything else is read of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import Fault
from conjoint.read.answers import encode_respondents
from conjoint.read.cells import encode_durations
from conjoint.read.layout import Long, columns_of_rows, key_columns, people_of
from conjoint.say.label import condition_words
from conjoint.say.number import numeral, percent_exactly
from conjoint.say.phrase import phrase
from conjoint.survey import Condition, Exclusion, Rule
from conjoint.survey.rule import BY_ID, as_text
from conjoint.wave import Excluded

if TYPE_CHECKING:
    from collections.abc import Collection

    from conjoint.read.responses import Responses
    from conjoint.survey import Data, Survey
    from conjoint.typing import BoolArray, FloatArray, IntArray

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
    rules = {f"exclusions.{name}": rule for name, rule in survey.exclusions.items()}
    rules |= _unanswered(survey)
    looked = _looked(responses, survey, data, rules, first, owner)
    faults, met = [], {}
    notes = _never_met(rules, looked, survey.id_columns, ids)
    for key, rule in rules.items():
        members, found, said = _members(rule, looked, data, key)
        if found is None and len(people) and members.all():
            found = Fault(
                key,
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
    named = {
        f"exclusions.{key}": (own, hidden[own])
        for key, own in zip(survey.exclusions, hidden, strict=True)
    }
    excluded = tuple(
        _said(*named.get(key, (key, rules[key])), survey.id_columns, looked.seconds, members, table)
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


@dataclass(frozen=True, eq=False, slots=True)
class _Looked:
    """The rows that rules look at: the first of each person; all, where a rule is about profiles.

    `owner` is each row's person, of `people` in all; `unread` says by column which cells cannot be
    read, which are missing in `cells`. `seconds` are each person's, None where no column has them.
    """

    cells: pd.DataFrame
    owner: IntArray
    people: int
    unread: dict[str, BoolArray]
    seconds: FloatArray | None

    def members(self, rule: Rule) -> BoolArray:
        """Whom a rule meets, in any of the rows looked at; of shape (people,)."""
        met = rule.members(self.cells, self.unread)
        return np.asarray(np.bincount(self.owner[met], minlength=self.people) > 0)


def _unanswered(survey: Survey) -> dict[str, Exclusion]:
    """Rules for margins whose people without an answer are dropped, by their key in survey.toml."""
    rules = {}
    for margin in survey.targets.margins if survey.targets else ():
        if margin.unknown != "drop" or margin.segment not in (None, *survey.segments):
            continue
        segment = survey.segments[margin.segment].where.any_of if margin.segment else ({},)
        empty = Condition(empty=True)
        ways = [way | {own: empty} for way in segment for own in margin.columns if own not in way]
        if ways:
            label = f"No answer to {margin.name}, which the weighting needs"
            where = Rule(any_of=tuple(ways))
            rules[f"weighting.unknown.{margin.name}"] = Exclusion(label=label, where=where)
    return rules


def _looked(
    responses: Responses,
    survey: Survey,
    data: Data,
    rules: dict[str, Exclusion],
    first: IntArray,
    owner: IntArray,
) -> _Looked:
    needed = dict.fromkeys(
        column
        for rule in rules.values()
        if rule.where is not None
        for column, _ in rule.where.conditions()
    )
    kept = [name for name in needed if name in responses.cells]
    every = not columns_of_rows(survey, data).isdisjoint(kept)
    rows = np.flatnonzero(owner >= 0) if every else first
    raw = responses.cells[kept].iloc[rows].reset_index(drop=True)
    nothing = np.zeros(0, dtype=np.intp)
    long = Long(responses, survey, data, raw, rows, pd.DataFrame(), nothing, nothing, nothing == 1)
    cells, _ = encode_respondents(long)
    seconds = None
    if data.duration in responses.cells:
        took = responses.cells[data.duration]
        decimal = long.decimal_of(data.duration)
        seconds, _ = encode_durations(took.iloc[first], responses.place, decimal)
        if data.duration in kept:
            cells[data.duration], _ = encode_durations(raw[data.duration], responses.place, decimal)
    missing = {
        column: question.missing
        for name, question in survey.questions.items()
        for column in question.stored(name).values()
    }
    unread = {
        column: (raw[column].notna() & cells[column].isna()).to_numpy()
        & ~raw[column].isin(missing.get(column, ())).to_numpy()
        for column in kept
    }
    return _Looked(cells, owner[rows], len(first), unread, seconds)


def _never_met(
    rules: dict[str, Exclusion], looked: _Looked, ids: Collection[str], known: set[str]
) -> list[str]:
    """A note on each answer that a rule names and nobody gave; ids, of the columns `ids`, are counted."""
    notes = [
        f"exclusions: {len(unknown):,} of the ids that a rule names are of nobody in the file."
        for rule in rules.values()
        if rule.where is not None and (unknown := rule.where.ids(ids) - known)
    ]
    return notes + [
        f'{key}: no cell of "{column}" holds "{value}".'
        for key, rule in rules.items()
        if key.startswith("exclusions.")
        if rule.where is not None
        for column, condition in rule.where.conditions()
        if column in looked.cells and condition.values
        for values in [set(looked.cells[column].map(as_text, na_action="ignore"))]
        for value in condition.values
        if column not in ids and value not in values
    ]


def _members(
    rule: Exclusion, looked: _Looked, data: Data, key: str
) -> tuple[BoolArray, Fault | None, list[str]]:
    """Whom a rule meets; a fault where it cannot be told; notes."""
    nobody, seconds = np.zeros(looked.people, dtype=bool), looked.seconds
    if rule.where is not None:
        absent = [column for column, _ in rule.where.conditions() if column not in looked.cells]
        # A column that is not there is a fault that the layout names.
        return (nobody if absent else looked.members(rule.where)), None, []
    if seconds is None:
        return nobody, None, []
    unknown = int(np.isnan(seconds).sum())
    if unknown == len(seconds):
        what, expected = "no duration is known", f'seconds in the column "{data.duration}"'
        return nobody, Fault(key, what, expected, "Correct data.duration, or the rule."), []
    with np.errstate(invalid="ignore"):
        members = seconds < _limit(rule, seconds)
    said = f"{key}: the duration of {unknown:,} of {len(seconds):,} people is not known; they stay."
    return members, None, [said] if unknown else []


def _limit(rule: Exclusion, seconds: FloatArray) -> float:
    return float(rule.faster_than or 0) * float(np.nanmedian(seconds))


def _said(
    key: str,
    rule: Exclusion,
    ids: Collection[str],
    seconds: FloatArray | None,
    members: BoolArray,
    table: BoolArray,
) -> Excluded:
    alone = int((members & (table.sum(axis=0) == 1)).sum())
    text = rule.text
    if not text and rule.where is not None:
        ways = [
            phrase("words.and").join(
                BY_ID if column in ids else f"{column} {condition_words(condition)}"
                for column, condition in way.items()
            )
            for way in rule.where.any_of
        ]
        text = phrase("words.or_else").join(ways)
    elif not text and seconds is not None:
        text = (
            f"faster than {percent_exactly(rule.faster_than or 0)} of the median duration: "
            f"under {numeral(_limit(rule, seconds))} of {numeral(float(np.nanmedian(seconds)))} seconds"
        )
    return Excluded(key, rule.label or key, text, int(members.sum()), alone)
