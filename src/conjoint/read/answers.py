"""Respondents' answers: scales as numbers, single answers as categories in the survey's order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from conjoint.errors import Fault, choices
from conjoint.read.cells import encode_numbers, misfits

if TYPE_CHECKING:
    from conjoint.read.layout import Long
    from conjoint.survey import Question

__all__ = ["encode_respondents"]


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


def _answers(
    cells: pd.Series[Any], name: str, question: Question, long: Long
) -> tuple[pd.Categorical, list[Fault]]:
    known = list(dict.fromkeys(question.values))
    missing = cells.isin(question.missing)
    wrong = cells.notna() & ~missing & ~cells.isin(known)
    faults = misfits(
        cells,
        wrong.to_numpy(),
        long.place_respondent,
        f'is not an answer to "{name}"',
        choices((*known, *question.missing)),
        "Correct the cell or add the answer in survey.toml.",
    )
    return pd.Categorical(cells.mask(missing | wrong), categories=known), list(faults)
