"""Data that are already long, taken apart into the parts of a wave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import ValidationError

from conjoint.errors import DataError, Fault, choices
from conjoint.survey import Attribute, Outcome, Restriction, Survey
from conjoint.survey.rule import as_text
from conjoint.wave.invariants import Place, several

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conjoint.typing import FloatArray

__all__ = ["constant_columns", "names_of", "parts_of_frame"]

Parts = tuple[Survey, pd.DataFrame, pd.DataFrame, "FloatArray | None", Place, Place]


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
    title: str,
) -> Parts:
    """Survey, respondents, profiles, weights and the two places, from one long frame."""
    arms = [str(arm.get("column")) for arm in presence.values() if not isinstance(arm, str)]
    segments = tuple(dict.fromkeys((*segments, *arms)))
    named = [respondent, *outcomes, *attributes, *segments]
    named += [name for name in (task, profile, weight) if name is not None]
    missing = [name for name in dict.fromkeys(named) if name not in frame.columns]
    if missing:
        raise DataError(
            *(
                Fault("frame", f'there is no column "{name}"', choices(frame.columns))
                for name in missing
            )
        )
    labels = list(frame.index)
    columns = {"respondent": respondent, "task": task, "profile": profile, "weight": weight}

    def place(row: int, column: str) -> str:
        return f"frame, row {labels[row]}, {columns.get(column) or column}"

    profiles = pd.DataFrame({"respondent": frame[respondent].to_numpy()})
    profiles["task"] = names_of(pd.Series("1", frame.index) if task is None else frame[task])
    if profile is not None:
        profiles["profile"] = names_of(frame[profile])
    else:
        within = profiles.groupby(["respondent", "task"], sort=False, dropna=False)
        profiles["profile"] = names_of(within.cumcount() + 1)
    faults: list[Fault] = []
    _check_names(attributes, presence=presence, across=across)
    declared = {name: _attribute(frame[name], name, presence) for name in attributes}
    for name, attribute in declared.items():
        profiles[name] = pd.Categorical(_texts(frame[name]), categories=attribute.values)
    for name in outcomes:
        profiles[name], found = _numbers(frame[name], place)
        faults += found
    survey = _survey(
        title, declared, outcomes, restrictions, across, profiles, forced=task is not None
    )
    if profiles["respondent"].isna().any():
        faults += several(
            profiles["respondent"].isna().to_numpy(),
            lambda row: Fault(place(row, respondent), "has no respondent id", "an id in every row"),
        )
    level = [*segments, *([weight] if weight is not None else [])]
    first, found = constant_columns(frame, profiles["respondent"], level, place)
    faults += found
    weights, found = (None, []) if weight is None else _numbers(frame[weight], place)
    faults += found
    if faults:
        raise DataError(*faults)
    respondents = pd.DataFrame({"respondent": profiles["respondent"].to_numpy()[first]})
    for name in segments:
        respondents[name] = frame[name].iloc[first].array
    return (
        survey,
        respondents,
        profiles,
        None if weights is None else weights[first],
        lambda row, column: place(int(first[row]), column),
        place,
    )


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


def _texts(column: pd.Series[Any]) -> np.typing.NDArray[np.object_]:
    """Each value as text, missing where it is missing; each distinct value is written once."""
    codes, values = pd.factorize(column)
    texts = np.array([as_text(value) for value in values] + [None], dtype=object)
    return np.asarray(texts[codes])


def _attribute(
    column: pd.Series[Any], name: str, presence: Mapping[str, str | Mapping[str, object]]
) -> Attribute:
    if isinstance(column.dtype, pd.CategoricalDtype):
        values = list(column.cat.categories)
    else:
        values = sorted(column.dropna().unique())
    levels = [{"value": as_text(value)} for value in values]
    try:
        return Attribute.model_validate(
            {"levels": levels, "presence": presence.get(name, "always")}
        )
    except ValidationError as error:
        what = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise DataError(Fault(f'presence["{name}"]', what)) from error


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


def _survey(
    title: str,
    attributes: dict[str, Attribute],
    outcomes: tuple[str, ...],
    restrictions: tuple[Mapping[str, Sequence[object]], ...],
    across: tuple[str, ...],
    profiles: pd.DataFrame,
    *,
    forced: bool,
) -> Survey:
    """The survey that a bare frame implies; kinds of outcome are read off the answers."""
    faults = []
    for index, restriction in enumerate(restrictions):
        for name, values in restriction.items():
            known = attributes[name].values if name in attributes else ()
            faults += [
                Fault(
                    f"restrictions[{index}]",
                    f'"{value}" is not a level of "{name}"',
                    choices(known),
                )
                for value in map(as_text, values)
                if value not in known
            ]
        if len(restriction) != 2:
            faults.append(Fault(f"restrictions[{index}]", "does not name two attributes"))
    if faults:
        raise DataError(*faults)
    return Survey(
        title=title,
        attributes=attributes,
        outcomes={name: _outcome(name, profiles, forced=forced) for name in outcomes},
        restrictions=tuple(
            Restriction(never={name: tuple(map(as_text, values)) for name, values in pair.items()})
            for pair in restrictions
        )
        + ((Restriction(across=across),) if across else ()),
    )


def _outcome(name: str, profiles: pd.DataFrame, *, forced: bool) -> Outcome:
    values = profiles[name].dropna()
    if not values.isin((0.0, 1.0)).all():
        low, high = float(values.min()), float(values.max())
        if low == high:
            raise DataError(
                Fault(
                    f'frame, column "{name}"',
                    f"every answer is {low:g}",
                    "answers that differ, or only zeros and ones",
                    "Name the column that holds the answers.",
                )
            )
        return Outcome(kind="rating", column=name, min=low, max=high)
    answered = profiles.loc[values.index]
    per_task = answered.groupby(["respondent", "task"], sort=False, observed=True)[name].agg(
        ["sum", "size"]
    )
    chosen = forced and bool(((per_task["sum"] == 1) & (per_task["size"] > 1)).all())
    return Outcome(
        kind="choice" if chosen else "support", column=name, positive=("1",), negative=("0",)
    )
