"""Text into types: levels, outcomes, numbers and answers, with every misfit named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.errors import Fault, choices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from conjoint.read.layout import Long
    from conjoint.survey import Outcome, Question
    from conjoint.typing import BoolArray, FloatArray

__all__ = ["encode_numbers", "encode_profiles", "encode_respondents"]


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
        faults += _misfits(
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


def encode_respondents(long: Long) -> tuple[pd.DataFrame, list[Fault]]:
    """Respondents with scale questions as numbers and single ones as categoricals."""
    survey, respondents = long.survey, long.respondents.copy()
    faults: list[Fault] = []
    for name, question in survey.questions.items():
        column = survey.question_column(name)
        if column not in respondents:
            continue
        cells = respondents[column]
        if question.kind == "scale":
            respondents[column], found = encode_numbers(
                cells, question, long.place_respondent, f'an answer to "{name}"'
            )
        else:
            respondents[column], found = _answers(cells, name, question, long)
        faults += found
    return respondents, faults


def encode_numbers(
    cells: pd.Series[Any],
    scale: Question | Outcome | None,
    place: Callable[[int, str], str],
    what: str,
) -> tuple[FloatArray, list[Fault]]:
    """Numbers from text; `scale` gives the range and the answers that count as missing."""
    missing = cells.isin(scale.missing) if scale is not None else cells.isna()
    known = cells.mask(missing)
    numbers = pd.to_numeric(known, errors="coerce").to_numpy(dtype=float)
    wrong = np.isnan(numbers) & known.notna().to_numpy()
    expected = "a number"
    if scale is not None and scale.min is not None and scale.max is not None:
        expected = f"a number from {scale.min:g} to {scale.max:g}"
        with np.errstate(invalid="ignore"):
            wrong |= (numbers < scale.min) | (numbers > scale.max)
    faults = _misfits(cells, wrong, place, f"is not {what}", expected, "Correct the cell.")
    return numbers, list(faults)


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
    faults = _misfits(
        cells,
        answered & ~known,
        place,
        f'is not an answer to "{name}"',
        choices((*expected, *outcome.missing)),
        "Correct the cell, or say in survey.toml what the answer counts as.",
    )
    return numbers, list(faults)


def _answers(
    cells: pd.Series[Any], name: str, question: Question, long: Long
) -> tuple[pd.Categorical, list[Fault]]:
    known = list(dict.fromkeys(question.values))
    missing = cells.isin(question.missing)
    wrong = cells.notna() & ~missing & ~cells.isin(known)
    faults = _misfits(
        cells,
        wrong.to_numpy(),
        long.place_respondent,
        f'is not an answer to "{name}"',
        choices((*known, *question.missing)),
        "Correct the cell or add the answer in survey.toml.",
    )
    return pd.Categorical(cells.mask(missing | wrong), categories=known), list(faults)


def _misfits(
    cells: pd.Series[Any],
    wrong: BoolArray,
    place: Callable[[int, str], str],
    what: str,
    expected: str,
    do: str,
) -> Iterator[Fault]:
    """One fault a distinct misfit: its first place, and how many more there are.

    The index of `cells` is the position that `place` understands.
    """
    misfits = cells.loc[wrong]
    for value, rows in misfits.groupby(misfits, sort=False).groups.items():
        more = f" ({len(rows) - 1} more cells hold it)" if len(rows) > 1 else ""
        yield Fault(place(int(rows[0]), str(cells.name)), f'"{value}" {what}{more}', expected, do)
