"""Data that are already long, taken apart into the parts of a wave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from conjoint.errors import DataError, Fault, choices
from conjoint.spelling import twins
from conjoint.survey import Data, Repeat, Restriction, Survey
from conjoint.survey.rule import as_text
from conjoint.wave.implied import (
    check_roles,
    implied_attribute,
    implied_outcome,
    repeated_tasks,
    texts_of,
)
from conjoint.wave.invariants import Place, several

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conjoint.survey import Attribute, Outcome
    from conjoint.typing import FloatArray

__all__ = ["constant_columns", "names_of", "parts_of_frame"]


RENAME = 'frame.rename(columns=lambda name: f"column_{name}")'


class Parts(NamedTuple):
    """What :meth:`Wave.build` makes a wave of."""

    survey: Survey
    respondents: pd.DataFrame
    profiles: pd.DataFrame
    weights: FloatArray | None
    repeats: pd.DataFrame | None
    notes: list[str]
    place_respondent: Place
    place_profile: Place


def parts_of_frame(
    frame: pd.DataFrame,
    *,
    respondent: str,
    outcomes: tuple[str, ...],
    attributes: tuple[str, ...],
    task: str | None,
    profile: str | None,
    weight: str | None,
    segments: tuple[str, ...],
    restrictions: tuple[Mapping[str, Sequence[object]], ...],
    across: tuple[str, ...],
    presence: Mapping[str, str | Mapping[str, object]],
    repeat: Repeat | None,
    title: str,
) -> Parts:
    """Survey, respondents, profiles, weights, repeated tasks and places, from one long frame."""
    arms = [str(arm.get("column")) for arm in presence.values() if not isinstance(arm, str)]
    roles = {
        "respondent": (respondent,),
        "outcome": outcomes,
        "attributes": attributes,
        "task": () if task is None else (task,),
        "weight": () if weight is None else (weight,),
        "segments": tuple(dict.fromkeys((*segments, *arms))),
    }
    _check_columns(frame, {**roles, "profile": () if profile is None else (profile,)})
    faults = list(check_roles(roles))
    _check_names(attributes, presence=presence, across=across)
    if faults:
        raise DataError(*faults)
    segments = roles["segments"]
    labels = list(frame.index)
    columns = {"respondent": respondent, "task": task, "profile": profile, "weight": weight}

    def place(row: int, column: str) -> str:
        return f"frame, row {labels[row]}, {columns.get(column) or column}"

    profiles = _named_rows(frame, respondent, task, profile)
    notes = _spellings(frame, segments)
    declared, found, remarks = _attributes(frame, profiles, attributes, presence)
    faults, notes = [*faults, *found], [*notes, *remarks]
    kinds, found, remarks = _outcomes(frame, profiles, outcomes, place, forced=task is not None)
    faults, notes = [*faults, *found], [*notes, *remarks]
    again, found = _repeats(profiles, repeat)
    faults += found
    if profiles["respondent"].isna().any():
        faults += several(
            profiles["respondent"].isna().to_numpy(),
            lambda row: Fault(place(row, respondent), "has no respondent id", "an id in every row"),
        )
    first, found = constant_columns(
        frame, profiles["respondent"], [*segments, *roles["weight"]], place
    )
    faults += found
    weights, found = (None, []) if weight is None else _numbers(frame[weight], place)
    faults += found
    if faults:
        raise DataError(*faults)
    pairs, found = _restrictions(restrictions, across, declared)
    if found:
        raise DataError(*found)
    data = repeat and Data(layout="long", respondent=respondent, repeat=repeat)
    survey = Survey(title=title, attributes=declared, outcomes=kinds, restrictions=pairs, data=data)
    if task is not None:
        notes += repeated_tasks(profiles[~again], attributes)
    respondents = pd.DataFrame({"respondent": profiles["respondent"].to_numpy()[first]})
    for name in segments:
        respondents[name] = frame[name].iloc[first].array
    order = np.argsort(again, kind="stable")  # those of `repeats` count behind the others
    return Parts(
        survey,
        respondents,
        profiles[~again],
        None if weights is None else weights[first],
        profiles[again] if again.any() else None,
        notes,
        lambda row, column: place(int(first[row]), column),
        lambda row, column: place(int(order[row]), column),
    )


def _check_columns(frame: pd.DataFrame, roles: Mapping[str, Sequence[str]]) -> None:
    """Every column that is named stands in the frame, and once."""
    named = dict.fromkeys(name for names in roles.values() for name in names)
    faults = [
        Fault("frame", f'there is no column "{name}"', choices(frame.columns))
        for name in named
        if name not in frame.columns
    ]
    faults += [
        Fault("frame", f'two columns are called "{name}"', "names that differ", "Rename one.")
        for name in named
        if (frame.columns == name).sum() > 1
    ]
    faults += [
        Fault(role, f"{name!r} cannot be a name", "a text", f"Rename it: {RENAME}.")
        for role in ("outcome", "attributes", "segments")
        for name in roles[role]
        if not str(name).strip() or not (isinstance(name, str) or role == "segments")
    ]
    if faults:
        raise DataError(*faults)


def _named_rows(
    frame: pd.DataFrame, respondent: str, task: str | None, profile: str | None
) -> pd.DataFrame:
    """Respondent, task and profile of each row."""
    rows = pd.DataFrame({"respondent": frame[respondent].to_numpy()})
    rows["task"] = names_of(pd.Series("1", frame.index) if task is None else frame[task])
    if profile is not None:
        rows["profile"] = names_of(frame[profile])
    else:
        within = rows.groupby(["respondent", "task"], sort=False, dropna=False)
        rows["profile"] = names_of(within.cumcount() + 1)
    return rows


def _attributes(
    frame: pd.DataFrame,
    profiles: pd.DataFrame,
    names: Sequence[str],
    presence: Mapping[str, str | Mapping[str, object]],
) -> tuple[dict[str, Attribute], list[Fault], list[str]]:
    """Attributes as their columns imply them, put into `profiles`; faults; notes."""
    declared: dict[str, Attribute] = {}
    faults: list[Fault] = []
    notes: list[str] = []
    for name in names:
        attribute, found, remarks = implied_attribute(
            frame[name], name, presence.get(name, "always")
        )
        faults, notes = [*faults, *found], [*notes, *remarks]
        if attribute is not None:
            declared[name] = attribute
            profiles[name] = pd.Categorical(texts_of(frame[name]), categories=attribute.values)
    return declared, faults, notes


def _outcomes(
    frame: pd.DataFrame,
    profiles: pd.DataFrame,
    names: Sequence[str],
    place: Place,
    *,
    forced: bool,
) -> tuple[dict[str, Outcome], list[Fault], list[str]]:
    """Outcomes as their columns imply them, put into `profiles`; faults; notes."""
    kinds: dict[str, Outcome] = {}
    faults: list[Fault] = []
    notes: list[str] = []
    for name in names:
        profiles[name], found = _numbers(frame[name], place)
        faults += found
        if found:
            continue
        outcome, found, remarks = implied_outcome(name, profiles, forced=forced)
        faults, notes = [*faults, *found], [*notes, *remarks]
        if outcome is not None:
            kinds[name] = outcome
    return kinds, faults, notes


def _spellings(frame: pd.DataFrame, segments: Sequence[str]) -> list[str]:
    """Notes on groups whose names look alike: they stay groups of their own."""
    return [
        f'{name}: "{text}" and "{other}" look alike, and count as two groups.'
        for name in segments
        for text, other in twins(as_text(value) for value in frame[name].dropna().unique())
    ]


def _repeats(
    profiles: pd.DataFrame, repeat: Repeat | None
) -> tuple[np.typing.NDArray[np.bool_], list[Fault]]:
    """Which rows are of the repeated task, and faults of its name."""
    if repeat is None:
        return np.zeros(len(profiles), dtype=bool), []
    known = list(profiles["task"].cat.categories)
    faults = [
        Fault("repeat", f'there is no task "{name}"', choices(known), "Correct the name.")
        for name in (repeat.task, repeat.of)
        if name not in known
    ]
    return (profiles["task"] == repeat.task).to_numpy(dtype=bool), faults


def _check_names(attributes: tuple[str, ...], **arguments: Iterable[str]) -> None:
    """Arguments may name attributes alone."""
    faults = [
        Fault(argument, f'there is no attribute "{name}"', choices(attributes))
        for argument, names in arguments.items()
        for name in names
        if name not in attributes
    ]
    if faults:
        raise DataError(*faults)


def constant_columns(
    frame: pd.DataFrame, respondent: pd.Series[Any], columns: Sequence[str], place: Place
) -> tuple[np.typing.NDArray[np.intp], list[Fault]]:
    """First row of each respondent, and a fault for each column that varies within one."""
    codes, _ = pd.factorize(respondent)
    first = np.unique(codes, return_index=True)[1]
    faults: list[Fault] = []
    if (codes < 0).any():
        return first.astype(np.intp), faults
    for name in columns:
        value, _ = pd.factorize(frame[name])
        differs = value != value[first][codes]
        if differs.any():
            row = int(np.flatnonzero(differs)[0])
            faults.append(
                Fault(
                    place(row, name),
                    f"{name} differs from the respondent's earlier rows",
                    "one value a respondent",
                    "Correct it, or use it as an attribute.",
                )
            )
    return first.astype(np.intp), faults


def names_of(column: pd.Series[Any]) -> pd.Categorical:
    """Names of tasks or profiles as text, in the order of their numbers where they are numbers."""
    codes, values = pd.factorize(column)
    names = [as_text(value) for value in values]
    order = sorted(range(len(names)), key=lambda place: _natural(names[place]))
    rank = np.empty(len(names) + 1, dtype=np.intp)
    rank[order], rank[-1] = np.arange(len(names)), -1
    categories = pd.Index([names[place] for place in order], dtype=object)
    return pd.Categorical.from_codes(rank[codes], categories=categories)


def _natural(name: str) -> tuple[bool, int, str]:
    return (False, int(name), name) if name.isdecimal() else (True, 0, name)


def _numbers(column: pd.Series[Any], place: Place) -> tuple[FloatArray, list[Fault]]:
    numbers = pd.to_numeric(column.astype(object), errors="coerce").to_numpy(dtype=float)
    lost = np.isnan(numbers) & column.notna().to_numpy()
    faults = several(
        lost,
        lambda row: Fault(
            place(row, str(column.name)), f'"{column.iloc[row]}" is not a number', "a number"
        ),
    )
    return numbers, list(faults)


def _restrictions(
    restrictions: tuple[Mapping[str, Sequence[object]], ...],
    across: tuple[str, ...],
    attributes: Mapping[str, Attribute],
) -> tuple[tuple[Restriction, ...], list[Fault]]:
    """Restrictions as the survey holds them, and faults of their names."""
    faults = []
    for index, restriction in enumerate(restrictions):
        where = f"restrictions[{index}]"
        for name, values in restriction.items():
            known = attributes[name].values if name in attributes else ()
            faults += [
                Fault(where, f'"{value}" is not a level of "{name}"', choices(known))
                for value in map(as_text, values)
                if value not in known
            ]
        if len(restriction) != 2:
            faults.append(Fault(where, "does not name two attributes"))
    if faults:
        return (), faults
    pairs = [
        Restriction(never={name: tuple(map(as_text, values)) for name, values in pair.items()})
        for pair in restrictions
    ]
    return (*pairs, *([Restriction(across=across)] if across else [])), []
