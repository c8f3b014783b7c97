"""Columns that may be levels or answers, and numbers that are too many to be levels: left to a person."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from conjoint.propose.attribute import propose_attribute
from conjoint.propose.draft import Draft, quoted
from conjoint.propose.evidence import (
    DEPENDS,
    depends_on,
    fits,
    flat_codes,
    memory,
    pooled,
    sample_rows,
)
from conjoint.propose.judged import REMEMBERED, UNEVEN, is_scale, one_each, spoken
from conjoint.propose.model import Option
from conjoint.propose.outcome import propose_judgement
from conjoint.propose.value import is_no_answer
from conjoint.propose.words import all_outcome, names_outcome, slug
from conjoint.say.number import between, exact
from conjoint.spelling import is_missing_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from conjoint.propose.column import Column
    from conjoint.propose.model import Key
    from conjoint.propose.pattern import Family
    from conjoint.typing import FloatArray, IntArray, Sureness

__all__ = [
    "CHOSEN",
    "ask_many",
    "ask_what_it_is",
    "ask_which",
    "doubt",
    "doubt_of",
    "says_so",
    "too_many",
]

CHOSEN = 0.9
"""Where so many tasks have one profile that holds an answer, it is the one chosen."""

EVEN = 1e-3
"""Counts of answers that are more probable than this where all are equally likely may be levels'."""

MANY = 20
"""Numbers that are more than these are hardly the levels of an attribute."""


def says_so(columns: Sequence[Column], name: str, share: float, *, uneven: bool) -> bool:
    """Whether columns hold answers by more than going with the person's other answers."""
    return share >= 0.9 or spoken(columns, name) > 0 or (uneven and is_scale(columns))


def doubt(
    columns: Sequence[Column],
    name: str,
    codes: IntArray,
    levels: dict[str, IntArray],
    *,
    is_answer: bool,
    speaks: bool,
    answered: bool,
    remembered: float = 0.0,
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
    remembered
        How much a respondent's cells go with each other.

    Returns
    -------
    tuple of bool and str, or None
        Whether they are answers and what speaks for it, where a person should look.
    """
    if any(column.shown for column in columns):
        return None
    most, other = depends_on(codes, levels)
    goes = most >= DEPENDS
    if not is_answer:
        return (False, f"It goes with {quoted(other)}, as answers do.") if goes else None
    if goes:
        return None if speaks or not answered else (True, f"It goes with {quoted(other)}.")
    if not answered:
        return None if speaks else (True, "It goes with no attribute.")
    # Words such as yes and no may be levels that are drawn unevenly, but never go with the person.
    uneven = is_scale(columns) or (speaks and names_outcome(name))
    if (uneven and not _as_even_as_levels(columns)) or (speaks and remembered > REMEMBERED):
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
    return fits(np.array(list(answers.values())), np.full(len(answers), 1 / len(answers))) > EVEN


def _as_number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"-?\d{1,4}", text) else None


def doubt_of(
    family: Family,
    name: str,
    tasks: Sequence[str],
    levels: dict[str, IntArray],
    *,
    is_answer: bool,
    answered: bool,
) -> tuple[bool, str] | None:
    """The same of the columns of several tasks and profiles."""
    own = list(family.cells.values())
    counts, first = list(pooled(own).values()), (family.profiles or ("",))[0]
    uneven = sum(counts) >= 200 and max(counts) >= UNEVEN * min(counts)
    return doubt(
        own, name, flat_codes(family, tasks), levels, is_answer=is_answer,
        speaks=says_so(own, name, 0.0, uneven=uneven), answered=answered,
        remembered=memory([family.cells[t, first] for t in tasks], sample_rows(own[0].rows)),
    )  # fmt: skip


def ask_which(
    draft: Draft, name: str, pattern: str, family: Family, why: str, *, is_answer: bool
) -> None:
    """Ask what the columns of a family are that may be levels or answers; `pattern` names them."""
    own = list(family.cells.values())
    part = "outcomes" if is_answer else "attributes"
    start = next(
        (
            key[:2]
            for key, guess in draft.guesses.items()
            if key[0] == part and (key[1] == name or guess.value in (name, pattern))
        ),
        None,
    )
    if start is None:
        return
    if is_answer:
        told: tuple[Sureness, str] = "likely", f"{len(own)} columns such as {own[0].name}"
        level = partial(propose_attribute, text=name, counts=pooled(own), why=told)
        ask_what_it_is(draft, name, start, "an answer", ("an attribute", level), why)
    else:
        share, held, nobody = one_each(family)
        answer = partial(
            propose_judgement, column=pattern, counts=pooled(own), complementary=share, held=held,
            nobody=nobody,
        )  # fmt: skip
        ask_what_it_is(draft, name, start, "an attribute", ("an answer", answer), why)


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


def too_many(draft: Draft, name: str, columns: Sequence[Column]) -> None:
    """Name an attribute of very many values, which is left out: none is dropped without a word."""
    counts = pooled(columns)
    numbers = _numbers_of(columns)
    if numbers is None:
        draft.notes.append(
            f"{quoted(name)} holds {len(counts):,} different texts, too many to be levels: it is left "
            "out. Say in [recode] which of them are one, and declare it as an attribute."
        )
        return
    bare = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", name) is not None
    key = draft.free("attributes", name if bare else slug(name, "attribute"))
    column: Sets = () if key == name else ((("attributes", key, "column"), name),)
    options = [
        Option("leave it out", "effects of the others stay as they are where it was drawn on its own"),
        *(Option(text, why, (*column, *sets)) for text, why, sets in _banded(key, numbers)),
    ]  # fmt: skip
    draft.ask(
        ("attributes",),
        f"{quoted(name)} holds {len(counts):,} different numbers, "
        f"{between(exact(numbers.min()), exact(numbers.max()))}: too many to be levels. How is it read? It is left out.",
        *options,
    )


def ask_many(draft: Draft, name: str, columns: Sequence[Column]) -> None:
    """Ask whether each of many numbers is a level, or bands of them are; `name` is the attribute's."""
    numbers = _numbers_of(columns)
    count = len(pooled(columns))
    if numbers is None or count <= MANY:
        return
    also: Sets = tuple(
        (key, []) for key in (("attributes", name, "probabilities"),) if key in draft.guesses
    )
    draft.ask(
        ("attributes",),
        f"{quoted(name)} holds {count} different numbers. Is each a level?",
        Option("each number is a level", "as it stands"),
        *(Option(text, why, (*also, *sets)) for text, why, sets in _banded(name, numbers)),
        Option("leave it out", "", drops=(("attributes", name),)),
    )


Sets = tuple[tuple["Key", object], ...]


def _numbers_of(columns: Sequence[Column]) -> FloatArray | None:
    """The cells of columns as numbers; none where some are no numbers."""
    if not all(column.is_numeric for column in columns if column.filled):
        return None
    return np.concatenate([np.repeat(c.numbers, c.counts) for c in columns])


def _banded(name: str, numbers: FloatArray) -> Iterator[tuple[str, str, Sets]]:
    """An attribute's numbers as a few bands, each with about as many profiles."""
    bands = _bands(numbers)
    if len(bands) > 1:
        said = f"{len(bands)} bands with about as many profiles each, between round numbers"
        levels = (("attributes", name, "levels"), list(bands))
        yield "in bands, as levels", said, (levels, (("recode", name, "bands"), bands))


def _bands(numbers: FloatArray) -> dict[str, dict[str, float | int]]:
    """Bands between round numbers near the quartiles, from the lowest to the highest."""
    quartiles = np.quantile(numbers, [0.25, 0.5, 0.75])
    spread = float(quartiles[2] - quartiles[0])
    if spread <= 0:
        return {}
    unit = 10.0 ** np.floor(np.log10(spread / 2))
    ends = [round(float(np.round(q / unit) * unit), 10) for q in quartiles]
    ends = [end for end in dict.fromkeys(ends) if numbers.min() < end <= numbers.max()]
    cuts: list[float | int] = [int(end) if end == round(end) else end for end in ends]
    bands: dict[str, dict[str, float | int]] = {}
    for low, high in zip([None, *cuts], [*cuts, None], strict=True):
        if low is None and high is not None:
            bands[f"under {high}"] = {"below": high}
        elif low is not None and high is not None:
            bands[f"{low} to under {high}"] = {"min": low, "below": high}
        elif low is not None:
            bands[f"{low} or more"] = {"min": low}
    return bands
