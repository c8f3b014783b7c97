"""Profiles' cells into levels and outcomes, with every misfit named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.errors import Fault, choices
from conjoint.read.cells import alias_advice, encode_numbers, misfits, places_of
from conjoint.say.number import counted
from conjoint.wave import answers_of
from conjoint.wave.invariants import several

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conjoint.read.layout import Long
    from conjoint.survey import Outcome
    from conjoint.typing import BoolArray, FloatArray, IntArray

__all__ = ["encode_profiles"]


def encode_profiles(
    long: Long,
) -> tuple[pd.DataFrame, pd.DataFrame | None, dict[str, BoolArray], list[Fault]]:
    """Profiles with categorical attributes and float outcomes; tasks never seen are left out.

    A task is left out where all its attribute and outcome cells are empty.

    Returns
    -------
    pandas.DataFrame, pandas.DataFrame or None, dict, list of Fault
        The profiles; which answer was given to each outcome of kind support; by attribute or outcome, whether the cell could not be read (its column is
        not there, or it holds something else), which a fault says; the faults. The index is the
        row's position in `long.profiles`.
    """
    survey = long.survey
    seen = long.seen()
    kept = np.flatnonzero(seen)
    text = long.profiles if seen.all() else long.profiles.iloc[kept]
    group = long.group[kept]
    faults: list[Fault] = []
    unread: dict[str, BoolArray] = {}
    answers: dict[str, pd.Categorical] = {}
    columns: dict[str, Any] = {name: text[name] for name in ("respondent", "task", "profile")}
    for name, attribute in survey.attributes.items():
        known = list(dict.fromkeys(attribute.values))
        codes = text[name].cat.codes.to_numpy()
        level = places_of(text[name].cat.categories, known)[codes]
        unread[name] = (level < 0) & (codes >= 0)
        columns[name] = pd.Categorical.from_codes(level, pd.Index(known, dtype=object))
        faults += misfits(
            text[name],
            unread[name],
            long.place,
            f'is not a level of "{name}"',
            choices(known),
            alias_advice(name, known, "level"),
        )
    for name, outcome in survey.outcomes.items():
        columns[name], empty, found = _outcome(long, text, group, name, outcome)
        faults += found
        unread[name] = np.isnan(columns[name]) & ~empty
        if outcome.kind == "support":
            answers[name] = _answers(text[name], outcome)
    for name, mask in long.unread.items():
        unread[name] = unread[name] | mask[kept]
    bare = _bare(long, text, group, unread)
    if bare.any():
        faults += _without_profiles(long, kept[bare])
        for name in survey.attributes:
            unread[name] = unread[name] | bare
    profiles = pd.DataFrame(columns, index=text.index)
    given = pd.DataFrame(answers, index=text.index) if answers else None
    return profiles, given, unread, faults


def _answers(cells: pd.Series[Any], outcome: Outcome) -> pd.Categorical:
    """Which answer each cell holds, missing where it holds none that counts."""
    known = list(answers_of(outcome))
    codes = places_of(cells.cat.categories, known)[cells.cat.codes.to_numpy()]
    return pd.Categorical.from_codes(codes, pd.Index(known, dtype=object))


def _bare(
    long: Long, text: pd.DataFrame, group: IntArray, unread: dict[str, BoolArray]
) -> BoolArray:
    """Which profiles are of answered tasks of which nothing says what they showed."""
    attributes = long.survey.attributes
    filled = np.zeros(len(text), dtype=bool)
    for name in attributes:
        filled |= (text[name].cat.codes.to_numpy() >= 0) | unread[name]
    if filled.all() or not any(attribute.is_always for attribute in attributes.values()):
        return np.zeros(len(text), dtype=bool)
    return np.asarray(np.bincount(group, filled)[group] == 0)


def _without_profiles(long: Long, rows: IntArray) -> Iterator[Fault]:
    """One fault a person whose answered tasks hold no levels; `rows` are those of the profiles."""
    who = pd.factorize(long.profiles["respondent"].iloc[rows])[0]
    first = rows[np.unique(who, return_index=True)[1]]
    tasks = pd.Series(long.group[rows]).groupby(who).nunique()
    counts = dict(zip(first.tolist(), tasks.tolist(), strict=True))
    name = next(iter(long.survey.attributes))

    def fault(row: int) -> Fault:
        number = long.responses.rows[long.profile_rows[row]]
        count = counted(counts[row], "task")
        return Fault(
            f"{long.responses.path}, row {number}",
            f"answered {count} whose profiles are empty",
            "the levels that the profiles showed",
            "Fill the cells in, or leave such people out by a rule: under [exclusions.no_profiles] in "
            f'survey.toml, where = {{ "{long.column(row, name)}" = {{ empty = true }} }}.',
        )

    marked = np.zeros(len(long.profiles), dtype=bool)
    marked[first] = True
    yield from several(marked, fault)


def _outcome(
    long: Long, text: pd.DataFrame, group: IntArray, name: str, outcome: Outcome
) -> tuple[FloatArray, BoolArray, list[Fault]]:
    """One outcome as numbers, and which cells are empty or count as missing.

    1 and 0 for choices and support, the number for a rating.
    """
    cells = text[name]
    codes = cells.cat.codes.to_numpy()
    texts = [str(answer) for answer in cells.cat.categories]
    empty = np.array([answer in outcome.missing for answer in texts] + [True])[codes]
    if outcome.kind == "rating":
        what = f'a rating of "{name}"'
        numbers, faults = encode_numbers(cells, outcome, long.place, what, long.decimal_of())
        return numbers, empty, faults
    if not (outcome.chosen or outcome.positive):  # a fault that `resolve_choices` names
        return np.full(len(codes), np.nan), empty, []
    none = np.array([answer in outcome.none for answer in texts] + [False])[codes]
    if outcome.chosen:
        profile = text["profile"].cat
        profiles = list(outcome.chosen)
        meant = {answer: profiles.index(name) for answer, name in outcome.profile_of.items()}
        chosen = np.array([meant.get(answer, -1) for answer in texts] + [-1])[codes]
        own = places_of(profile.categories, profiles)[profile.codes.to_numpy()]
        positive, known = (chosen >= 0) & (chosen == own), (chosen >= 0) | none
        expected: Sequence[str] = outcome.choosing
    else:
        positive = np.array([answer in outcome.positive for answer in texts] + [False])[codes]
        negative = np.array([answer in outcome.negative for answer in texts] + [False])[codes]
        known = positive | negative | none
        expected = (*outcome.positive, *outcome.negative)
    numbers = np.where(~empty & known, positive.astype(float), np.nan)
    found = misfits(
        cells,
        ~empty & ~known,
        long.place,
        f'is not an answer to "{name}"',
        choices(dict.fromkeys((*expected, *outcome.none, *outcome.missing))),
        "Correct the cell, or say in survey.toml what the answer counts as.",
    )
    faults = [*found]
    if outcome.kind == "choice" and outcome.none:
        faults += _opted_out(long, name, numbers, none, group, text.index.to_numpy())
    return numbers, empty, faults


def _opted_out(
    long: Long, name: str, numbers: FloatArray, none: BoolArray, group: IntArray, rows: IntArray
) -> Iterator[Fault]:
    """Tasks whose answers choose no profile, and do not all say so."""
    size = np.bincount(group)
    said = np.bincount(group, none)
    chosen = np.bincount(group, np.nan_to_num(numbers))
    answered = np.bincount(group, ~np.isnan(numbers))
    outcome = long.survey.outcomes[name]
    apart = set(outcome.none).isdisjoint(outcome.negative)
    problems = (
        ((chosen == 0) & (answered == size) & (said < size), "no profile of the task is chosen"),
        ((chosen > 0) & (said > 0) & apart, "a profile is chosen, and the task says none is"),
    )
    for wrong, what in problems:
        found = np.flatnonzero((wrong & (size > 0))[group])
        if len(found):
            tasks = len(np.unique(group[found]))
            more = f" ({tasks - 1} more tasks like this one)" if tasks > 1 else ""
            yield Fault(
                long.place(int(rows[found[0]]), name),
                what + more,
                f"one chosen profile, or {choices(outcome.none)} in each cell of the task",
                "Correct the row, or say in survey.toml what the answer counts as.",
            )
