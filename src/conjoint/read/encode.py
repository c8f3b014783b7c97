"""Profiles' cells into levels and outcomes, with every misfit named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.errors import Fault, choices
from conjoint.read.cells import encode_numbers, misfits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conjoint.read.layout import Long
    from conjoint.survey import Outcome
    from conjoint.typing import FloatArray

__all__ = ["encode_profiles"]


def encode_profiles(long: Long) -> tuple[pd.DataFrame, dict[str, pd.Series[bool]], list[Fault]]:
    """Profiles with categorical attributes and float outcomes; tasks never seen are left out.

    A task is left out where all its attribute and outcome cells are empty.

    Returns
    -------
    pandas.DataFrame, dict, list of Fault
        The profiles; by attribute or outcome, whether the cell could not be read (its column is
        not there, or it holds something else), which a fault says; the faults. The index is the
        row's position in `long.profiles`.
    """
    survey = long.survey
    names = [*survey.attributes, *survey.outcomes]
    text = long.profiles
    blank = text[names].isna().all(axis=1)
    task_blank = blank.groupby([text["respondent"], text["task"]], sort=False, dropna=False)
    text = text.loc[~task_blank.transform("all")]
    faults: list[Fault] = []
    unread: dict[str, pd.Series[bool]] = {}
    profiles = text[["respondent", "task", "profile"]].copy()
    for name, attribute in survey.attributes.items():
        known = attribute.values
        unread[name] = text[name].notna() & ~text[name].isin(known)
        profiles[name] = pd.Categorical(
            text[name].mask(unread[name]), categories=list(dict.fromkeys(known))
        )
        faults += misfits(
            text[name],
            unread[name].to_numpy(),
            long.place,
            f'is not a level of "{name}"',
            choices(known),
            "Correct the cell or add the level in survey.toml.",
        )
    for name, outcome in survey.outcomes.items():
        profiles[name], found = _outcome(text[name], text["profile"], outcome, long.place)
        faults += found
        empty = text[name].isna() | text[name].isin(outcome.missing)
        unread[name] = profiles[name].isna() & ~empty
    for name, mask in long.unread.items():
        unread[name] |= mask[text.index]
    return profiles, unread, faults


def _outcome(
    cells: pd.Series[Any],
    profile: pd.Series[Any],
    outcome: Outcome,
    place: Callable[[int, str], str],
) -> tuple[FloatArray, list[Fault]]:
    """One outcome as numbers: 1 and 0 for choices and support, the number for a rating."""
    name = str(cells.name)
    if outcome.kind == "rating":
        return encode_numbers(cells, outcome, place, f'a rating of "{name}"')
    answered = (cells.notna() & ~cells.isin(outcome.missing)).to_numpy()
    if outcome.chosen:
        positive = (cells == profile.map(outcome.chosen)).to_numpy(dtype=bool, na_value=False)
        known = cells.isin(outcome.chosen.values()).to_numpy()
        expected: Sequence[str] = tuple(outcome.chosen.values())
    else:
        positive = cells.isin(outcome.positive).to_numpy()
        known = positive | cells.isin(outcome.negative).to_numpy()
        expected = (*outcome.positive, *outcome.negative)
    numbers = np.where(answered & known, positive.astype(float), np.nan)
    faults = misfits(
        cells,
        answered & ~known,
        place,
        f'is not an answer to "{name}"',
        choices((*expected, *outcome.missing)),
        "Correct the cell, or say in survey.toml what the answer counts as.",
    )
    return numbers, list(faults)
