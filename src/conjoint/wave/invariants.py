"""What is true of every wave; each breach is named with its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from conjoint.errors import Fault, choices, together
from conjoint.survey.rule import as_text
from conjoint.wave.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from conjoint.survey import Survey
    from conjoint.typing import BoolArray, FloatArray, Integers

__all__ = ["Place", "Unread", "check_parts", "check_weights", "several", "wrong_choices"]

Place: TypeAlias = Callable[[int, str], str]
"""Says where a row stands: position in the frame and column -> words for a fault."""

Unread: TypeAlias = "Mapping[str, BoolArray]"
"""By attribute or outcome, the profile rows whose cell could not be read, as a fault says."""

MOST_NAMED = 5

LOOKED_AT = 100
"""Rows at fault whose words are compared; there may be a million."""


def several(rows: FloatArray | BoolArray, what: Callable[[int], Fault]) -> Iterator[Fault]:
    """Say what is wrong with the rows of a mask: one fault for all that are alike, with the first places.

    Where rows differ, the first few faults, and the others counted.
    """
    positions = np.flatnonzero(rows)
    if not len(positions):
        return
    found = together(what(int(position)) for position in positions[:LOOKED_AT])
    unseen = max(0, len(positions) - LOOKED_AT)
    if len(found) == 1:
        yield replace(found[0], more=found[0].more + unseen)
        return
    yield from found[:MOST_NAMED]
    left = unseen + sum(1 + fault.more for fault in found[MOST_NAMED:])
    if left:
        yield Fault(found[MOST_NAMED - 1].where, f"and {left} more rows like this one")


def check_parts(
    survey: Survey,
    respondents: pd.DataFrame,
    profiles: pd.DataFrame,
    weights: FloatArray,
    place_respondent: Place,
    place_profile: Place,
    unread: Unread | None = None,
    keys: Keys | None = None,
) -> list[Fault]:
    """Find every breach in the parts of a wave.

    Parameters
    ----------
    unread
        Cells that nothing is held against: what is wrong with them has been said.
    keys
        Of the profiles, where they are numbered already.
    """
    keys = keys or Keys.of(profiles)
    faults = check_respondents(respondents, place_respondent)
    faults += check_weights(weights, place_respondent)
    ids = respondents["respondent"]
    # A respondent who stands twice is named once, not again with every profile.
    wrong = ids.duplicated() | ids.isna()
    named = np.append(keys.ids.isin(ids[wrong]), ids.isna().any())[keys.person]
    faults += check_profiles(profiles, survey, place_profile, named, unread or {}, keys)
    faults += _outside_arms(profiles, respondents, survey, place_profile, unread or {})
    if not len(profiles):
        faults.append(Fault("profiles", "there are none", "at least one answered task"))
    strangers = ~keys.ids.isin(ids)
    if strangers.any():
        count = int(strangers.sum())
        strange = np.append(strangers, False)[keys.person]
        where = place_profile(int(np.flatnonzero(strange)[0]), "respondent")
        faults.append(Fault(where, f"{count:,} respondents are not among the respondents"))
    return faults


def check_respondents(respondents: pd.DataFrame, place: Place) -> list[Fault]:
    """One row a respondent, each with an id."""
    ids = respondents["respondent"]
    faults = list(
        several(
            ids.isna().to_numpy(),
            lambda row: Fault(
                place(row, "respondent"), "has no respondent id", "an id in every row"
            ),
        )
    )
    again = (ids.duplicated() & ids.notna()).to_numpy()
    first = {value: row for row, value in reversed(list(enumerate(ids)))} if again.any() else {}
    faults += several(
        again,
        lambda row: Fault(
            place(row, "respondent"),
            "the id of another respondent stands again (first at "
            f"{place(first[ids.iloc[row]], 'respondent').split(', ', 1)[-1]})",
            "one row a respondent",
            "Take the duplicate out.",
        ),
    )
    return faults


def check_weights(weights: FloatArray, place: Place) -> list[Fault]:
    """Weights are finite, not negative, and not all zero."""
    faults = list(
        several(
            ~(np.isfinite(weights) & (np.nan_to_num(weights) >= 0)),
            lambda row: Fault(
                place(row, "weight"),
                f"the weight {weights[row]:g} cannot be used",
                "a finite number of zero or more",
                "Correct it, or drop the respondent.",
            ),
        )
    )
    if not faults and len(weights) and not weights.sum() > 0:
        faults.append(Fault(place(0, "weight"), "all weights are zero", "some weight above zero"))
    return faults


def check_profiles(
    profiles: pd.DataFrame,
    survey: Survey,
    place: Place,
    named: BoolArray,
    unread: Unread,
    keys: Keys,
) -> list[Fault]:
    """Known levels, no profile twice, no forbidden pair, finite outcomes, one choice a task.

    `named` are rows of respondents that are at fault already, of shape (profiles,).
    """
    faults: list[Fault] = []
    read = np.zeros(len(profiles), dtype=bool)
    for name in ("task", "profile"):
        faults += several(
            profiles[name].isna().to_numpy(),
            lambda row, name=name: Fault(  # type: ignore[misc]
                place(row, name), f"has no {name}", "a name or number in every row"
            ),
        )
    faults += _empty(profiles, survey, place, unread)
    again = keys.again
    faults += several(
        again & ~named,
        lambda row: Fault(
            place(row, "profile"),
            "the same respondent, task and profile stand again",
            "one row a profile",
            "Take the duplicate out.",
        ),
    )
    faults += _forbidden(profiles, survey, place)
    faults += _never_drawn(profiles, survey, place)
    faults += _shared(profiles, survey, place)
    for name, outcome in survey.outcomes.items():
        values = profiles[name].to_numpy(dtype=float)
        faults += several(
            np.isinf(values),
            lambda row, name=name: Fault(  # type: ignore[misc]
                place(row, name), f'"{name}" is infinite', "a finite number or nothing"
            ),
        )
        if outcome.kind == "choice":
            rows = ~again & keys.whole
            faults += _choices(
                values, name, keys, rows, unread.get(name, read), place, forced=not outcome.none
            )
    return faults


def _empty(profiles: pd.DataFrame, survey: Survey, place: Place, unread: Unread) -> Iterator[Fault]:
    """Levels that are missing: one fault for rows that lack the same, not one a cell."""
    empty: dict[str, BoolArray] = {}
    for name, attribute in survey.attributes.items():
        own = profiles[name].isna().to_numpy() if attribute.is_always else np.zeros(0, dtype=bool)
        if own.any():
            empty[name] = own & ~unread[name] if name in unread else own
    if not empty:
        return
    table = np.array(list(empty.values()))
    rows = np.flatnonzero(table.any(axis=0))
    kinds, kind = np.unique(table[:, rows], axis=1, return_inverse=True)
    kind = kind.ravel()
    sets = [[name for name, own in zip(empty, column, strict=True) if own] for column in kinds.T]
    wrong = [(names, rows[kind == number]) for number, names in enumerate(sets)]
    if len(wrong) > max(MOST_NAMED, len(empty)):
        wrong = [([name], np.flatnonzero(own)) for name, own in empty.items()]
    for names, lacking in sorted(wrong, key=lambda own: own[1].min(initial=len(profiles))):
        mask = np.zeros(len(profiles), dtype=bool)
        mask[lacking] = True
        yield from several(
            mask,
            lambda row, names=names: _no_level(survey, names, place(row, names[0])),  # type: ignore[misc]
        )


def _no_level(survey: Survey, names: list[str], where: str) -> Fault:
    first, lacking = names[0], choices([f'"{name}"' for name in names], MOST_NAMED)
    return Fault(
        where,
        f"no level of {lacking}",
        choices(survey.attributes[first].values) if len(names) == 1 else "a level of each",
        f"Fill the cell{'s' * (len(names) > 1)} in, or leave the whole task out; where the design does "
        f'not always show the attribute, declare it: attributes.{first}.presence = "some" (in '
        f'Wave.from_frame, presence={{"{first}": "some"}}).',
    )


def _outside_arms(
    profiles: pd.DataFrame,
    respondents: pd.DataFrame,
    survey: Survey,
    place: Place,
    unread: Unread,
) -> Iterator[Fault]:
    """Attributes of an arm that stand outside it, or are empty within it."""
    for name, attribute in survey.attributes.items():
        arm = attribute.presence
        if isinstance(arm, str):
            continue
        if arm.column not in respondents:
            columns = choices(map(str, respondents.columns))
            what = f'there is no column "{arm.column}" to say which arm shows "{name}"'
            yield Fault(f"attributes.{name}.presence", what, columns, "Name the column of arms.")
            continue
        first = respondents.drop_duplicates("respondent").set_index("respondent")[arm.column]
        texts = first.map(as_text, na_action="ignore").astype(object)
        member = profiles["respondent"].map(texts.isin(arm.arm)).fillna(value=False)
        members = member.to_numpy(dtype=bool)
        empty = profiles[name].isna().to_numpy()
        never = [value for value in arm.arm if value not in set(texts)]
        if never:
            what = f'nobody is in the arm "{never[0]}"'
            arms = choices(dict.fromkeys(texts.dropna()))
            yield Fault(f"attributes.{name}.presence", what, arms, "Correct the arm.")
            continue
        in_words = " or ".join(f'"{value}"' for value in arm.arm)
        yield from several(
            members & empty & ~unread.get(name, np.zeros(len(profiles), dtype=bool)),
            lambda row, name=name, in_words=in_words: Fault(  # type: ignore[misc]
                place(row, name),
                f'no level of "{name}", which the arm {in_words} shows',
                choices(survey.attributes[name].values),
                'Fill the cell in, or declare presence = "some".',
            ),
        )
        yield from several(
            ~members & ~empty,
            lambda row, name=name, in_words=in_words: Fault(  # type: ignore[misc]
                place(row, name),
                f'"{profiles[name].iloc[row]!s}" stands outside the arm {in_words}',
                "an empty cell: other arms do not show the attribute",
                "Correct the cell, the arms of `presence`, or the respondent's arm.",
            ),
        )


def _shared(profiles: pd.DataFrame, survey: Survey, place: Place) -> Iterator[Fault]:
    """Levels that two profiles of a task share, where the design never draws them so."""
    for name in survey.distinct:
        if name not in survey.attributes:
            continue  # a fault of the survey, whose data are looked at all the same
        again = profiles.duplicated(["respondent", "task", name]) & profiles[name].notna()
        again &= ~profiles.duplicated(["respondent", "task", "profile"])
        yield from several(
            again.to_numpy(),
            lambda row, name=name: Fault(  # type: ignore[misc]
                place(row, name),
                f'"{profiles[name].iloc[row]!s}" stands in two profiles of the task',
                f'profiles that differ: the restrictions draw "{name}" across them',
                "Correct `across` in survey.toml, or the cell.",
            ),
        )


def _forbidden(profiles: pd.DataFrame, survey: Survey, place: Place) -> Iterator[Fault]:
    for restriction in survey.forbidden:
        if not set(restriction.never) <= set(survey.attributes):
            continue  # a fault of the survey, whose data are looked at all the same
        (first, first_levels), (second, second_levels) = restriction.never.items()
        breach = profiles[first].isin(first_levels) & profiles[second].isin(second_levels)
        yield from several(
            breach.to_numpy(dtype=bool),
            lambda row, first=first, second=second: Fault(  # type: ignore[misc]
                place(row, first),
                f'"{profiles[first].iloc[row]!s}" ({first}) meets '
                f'"{profiles[second].iloc[row]!s}" ({second})',
                "a pair that the restrictions allow",
                "Correct the restriction in survey.toml, or the cell.",
            ),
        )


def _never_drawn(profiles: pd.DataFrame, survey: Survey, place: Place) -> Iterator[Fault]:
    """Combinations that a declared joint distribution leaves out."""
    for joint in survey.joint:
        names = list(joint.attributes)
        if not set(names) <= set(survey.attributes):
            continue
        drawn = {cell for cell, share in joint.probabilities.items() if share > 0}
        cells = profiles[names].astype(object)
        whole = cells.notna().all(axis=1).to_numpy()
        known = np.fromiter(
            (cell in drawn for cell in cells.itertuples(index=False, name=None)), bool, len(cells)
        )
        yield from several(
            whole & ~known,
            lambda row, names=names: Fault(  # type: ignore[misc]
                place(row, names[0]),
                " meets ".join(f'"{profiles[name].iloc[row]!s}" ({name})' for name in names),
                "a combination with a probability in [[joint]]",
                "Correct the probabilities in survey.toml, or the cell.",
            ),
        )


def _choices(
    values: FloatArray,
    name: str,
    keys: Keys,
    rows: BoolArray,
    unread: BoolArray,
    place: Place,
    *,
    forced: bool,
) -> Iterator[Fault]:
    """In a forced choice one profile of each answered task is chosen; in another one or none.

    `rows` says which to look at; a task with a cell that was not read is let be.
    """
    looked = slice(None) if rows.all() else rows
    n_tasks = len(keys.first)
    known = np.bincount(keys.group[looked], unread[looked], n_tasks) == 0
    expected = f"exactly one chosen profile{'' if forced else ', or none,'} in each task"
    do = "Correct the row, or leave the task's answer empty."
    found = wrong_choices(values[looked], keys.group[looked], n_tasks, forced=forced)
    for what, wrong in found.items():
        mask = np.zeros(len(values), dtype=bool)
        mask[keys.first] = wrong & known
        yield from several(
            mask,
            lambda row, what=what: Fault(place(row, name), what, expected, do),  # type: ignore[misc]
        )


def wrong_choices(
    values: FloatArray, task: Integers, n_tasks: int, *, forced: bool
) -> dict[str, BoolArray]:
    """By what is wrong with its choice, the tasks; of shape (tasks,).

    Parameters
    ----------
    values, task
        For each profile, whether it is chosen (NaN without an answer), and the number of its task.
    n_tasks
        How many tasks there are; those without a row have nothing wrong.
    forced
        Whether one of the profiles has to be chosen.
    """
    empty = np.isnan(values)
    answered = np.bincount(task, ~empty, n_tasks)
    chosen = np.bincount(task, np.where(empty, 0.0, values), n_tasks)
    size = np.bincount(task, minlength=n_tasks)
    partly, nothing = (answered > 0) & (answered < size), (answered == size) & (chosen == 0)
    return {
        "some profiles of the task have an answer, some none": partly,
        "none of the task's profiles is chosen": nothing & forced & (size > 0),
        "more than one of the task's profiles is chosen": chosen > 1,
    }
