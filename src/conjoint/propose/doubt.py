"""Columns that may be levels or answers, and numbers that are too many to be levels: left to a person."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import chisquare

from conjoint.propose.draft import Draft, quoted
from conjoint.propose.evidence import dependence, pooled
from conjoint.propose.judged import is_scale, spoken
from conjoint.propose.model import Option
from conjoint.propose.value import is_no_answer
from conjoint.propose.words import all_outcome
from conjoint.spelling import is_missing_code

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conjoint.propose.column import Column
    from conjoint.propose.model import Key
    from conjoint.typing import IntArray

__all__ = ["MANY", "ask_what_it_is", "doubt", "says_so", "too_many"]

DEPENDS = 8.0
"""Standard errors beyond chance from which on a column goes with an attribute that was drawn apart."""

EVEN = 1e-3
"""Counts of answers that are more probable than this where all are equally likely may be levels'."""

MANY = 20
"""Numbers that are more than these are hardly the levels of an attribute."""


def says_so(columns: Sequence[Column], name: str, share: float, *, uneven: bool) -> bool:
    """Whether columns hold answers by more than going with the person's other answers."""
    return share >= 0.9 or spoken(columns, name) > 0 or (uneven and is_scale(columns))


def depends_on(codes: IntArray, levels: dict[str, IntArray]) -> tuple[float, str]:
    """The attribute that a column goes with most, and by how many standard errors."""
    found = [(dependence(codes, own), name) for name, own in levels.items()]
    return max(found, default=(0.0, ""))


def doubt(
    columns: Sequence[Column],
    name: str,
    codes: IntArray,
    levels: dict[str, IntArray],
    *,
    is_answer: bool,
    speaks: bool,
    answered: bool,
) -> tuple[bool, str] | None:
    """Weigh whether columns hold levels or answers: answers go with the attributes shown.

    Parameters
    ----------
    columns, name, codes
        The columns, the words that name them, and their cells, one a profile.
    levels
        The codes of the attributes about which there is no doubt.
    is_answer, speaks
        Whether they are taken for answers, and whether words or numbers say so.
    answered
        Whether the file has other answers.

    Returns
    -------
    tuple of bool and str, or None
        Whether they are answers and what speaks for it, where a person should look.
    """
    most, other = depends_on(codes, levels)
    goes = most >= DEPENDS
    if not is_answer:
        return (False, f"It goes with {quoted(other)}, as answers do.") if goes else None
    if goes:
        return None if speaks or not answered else (True, f"It goes with {quoted(other)}.")
    if not answered:
        return None if speaks else (True, "It goes with no attribute.")
    if (speaks or is_scale(columns)) and not _as_even_as_levels(columns):
        return None
    worded = spoken(columns, "") > 0 or set(pooled(columns)) <= {"0", "1"}
    if speaks and (is_scale(columns) or (worded and all_outcome(name))):
        return True, "Its answers are as even as levels, and go with no attribute."
    why = "It looks like answers, but goes with no attribute; the file has answers besides."
    return False, why


def _as_even_as_levels(columns: Sequence[Column]) -> bool:
    """Whether all texts are equally frequent, but for chance, and none means no answer."""
    answers = pooled(columns)
    numbers = [own for own in map(_as_number, answers) if own is not None]
    for text in answers:
        number = _as_number(text)
        if is_no_answer(text) or (
            number is not None and is_missing_code(text, [n for n in numbers if n != number])
        ):
            return False
    return float(chisquare(list(answers.values())).pvalue) > EVEN


def _as_number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"-?\d{1,4}", text) else None


def ask_what_it_is(
    draft: Draft,
    name: str,
    start: Key,
    now: str,
    otherwise: tuple[str, Callable[[Draft], object]],
    why: str,
) -> None:
    """Leave to a person whether a column holds levels, answers, or neither.

    Parameters
    ----------
    draft
        The proposal, with the reading that is likelier in it.
    name
        The column, or the pattern of the columns.
    start
        Where that reading stands.
    now, otherwise
        The reading in words; the other one, and what proposes it.
    why
        What speaks for the reading.
    """
    guesses = {key: own for key, own in draft.guesses.items() if key[: len(start)] != start}
    other = Draft(draft.path, dict(guesses))
    otherwise[1](other)
    sets = [(key, own.value) for key, own in other.guesses.items() if key not in guesses]
    for decision in other.decisions:
        if decision.stops and decision.options:
            sets += decision.options[0].sets
    draft.ask(
        ("attributes",),
        f"What is {quoted(name, 100)}? {why}",
        Option(f"it is {now}", "as it stands"),
        Option(f"it is {otherwise[0]}", "", tuple(sets), drops=(start,)),
        Option("leave it out", "", drops=(start,)),
    )


def too_many(
    draft: Draft, name: str, column: Column, propose: Callable[[Draft], object] | None
) -> None:
    """Name an attribute of very many values, which is left out: none is dropped without a word."""
    if not column.is_numeric:
        draft.notes.append(
            f"{quoted(name)} holds {column.distinct:,} different texts, too many to be levels: it is left "
            "out. Say in [recode] which of them are one, and declare it as an attribute."
        )
        return
    held = column.numbers[column.counts > 0]
    sets: tuple[tuple[Key, object], ...] = ()
    if propose is not None:
        other = Draft(draft.path, dict(draft.guesses))
        propose(other)
        sets = tuple((k, own.value) for k, own in other.guesses.items() if k not in draft.guesses)
    options = [
        Option("leave it out", "effects of the others stay as they are where it was drawn on its own"),
        Option("in bands, as levels", f"name the bands as levels of [attributes.{name}], and their ends in "
               f'[recode.{name}]: bands."under {float(np.median(held)):g}" = {{ below = {float(np.median(held)):g} }}'),
    ]  # fmt: skip
    if sets:
        options.append(Option("each number as a level", f"{column.distinct:,} levels", sets))
    draft.ask(
        ("attributes",),
        f"{quoted(name)} holds {column.distinct:,} different numbers, {held.min():g} to {held.max():g}: too "
        "many to be levels. How is it read? It is left out.",
        *options,
    )
