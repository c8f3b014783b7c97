"""Respondents' answers: scales as numbers, single answers as categories in the survey's order.

Where several answers may be given the columns stay as the file stores them; what they hold is checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from conjoint.errors import Fault, choices
from conjoint.read.cells import alias_advice, encode_numbers, misfits, places_of
from conjoint.survey.several import several_answers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.read.layout import Long
    from conjoint.survey import Question

__all__ = ["encode_respondents"]


def encode_respondents(long: Long) -> tuple[pd.DataFrame, list[Fault]]:
    """Respondents with scale questions as numbers and single ones and grids as categoricals."""
    respondents = long.respondents.copy()
    faults: list[Fault] = []
    for name, question in long.survey.questions.items():
        for part, column in question.stored(name).items():
            if column not in long.respondents:
                continue
            cells = long.respondents[column]
            if question.kind == "scale":
                respondents[column], found = encode_numbers(
                    cells,
                    question,
                    long.place_respondent,
                    f'an answer to "{name}"',
                    long.decimal_of(column),
                )
            elif question.kind == "multiple":
                found = list(_several(cells, name, part, question, long))
            else:
                respondents[column], found = _answers(cells, name, question, long)
            faults += found
    return respondents, faults


def _answers(
    cells: pd.Series[Any], name: str, question: Question, long: Long
) -> tuple[pd.Categorical, list[Fault]]:
    known = list(dict.fromkeys(question.values))
    codes = cells.cat.codes.to_numpy()
    answer = places_of(cells.cat.categories, known)[codes]
    missing = places_of(cells.cat.categories, question.missing)[codes] >= 0
    faults = misfits(
        cells,
        (codes >= 0) & ~missing & (answer < 0),
        long.place_respondent,
        f'is not an answer to "{name}"',
        choices((*known, *question.missing)),
        alias_advice(name, known, "answer"),
    )
    answer[missing] = -1
    return pd.Categorical.from_codes(answer, pd.Index(known, dtype=object)), list(faults)


def _several(
    cells: pd.Series[Any], name: str, answer: str, question: Question, long: Long
) -> Iterator[Fault]:
    """Faults of a column that holds one of several answers, or all of them."""
    texts = pd.Series(pd.unique(cells.dropna()), dtype=object)
    unknown = texts[[several_answers(question, answer, text) is None for text in texts]]
    if answer and not question.mentions:
        selected = question.selected or (answer, question.shown(answer))
        known = tuple(dict.fromkeys((*selected, *question.unselected, *question.missing)))
        what, do = "says neither that it was selected nor that it was not", "survey.toml"
        do = f"Correct the cell, or name it under selected or unselected in {do}."
    else:
        known = (*question.values, *question.missing)
        what, do = (
            "is not made of its answers",
            "Correct the cell or add the answer in survey.toml.",
        )
    wrong = cells.isin(unknown).to_numpy()
    of = f'"{answer}" of "{name}"' if answer and not question.mentions else f'"{name}"'
    yield from misfits(cells, wrong, long.place_respondent, f"{what} ({of})", choices(known), do)
