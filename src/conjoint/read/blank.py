"""Answers that the file itself declares as missing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import choices
from conjoint.read.wide import Wide

if TYPE_CHECKING:
    from conjoint.read.responses import Responses
    from conjoint.survey import Data, Survey

__all__ = ["without_declared_missing"]


def without_declared_missing(
    responses: Responses, survey: Survey, data: Data
) -> tuple[Responses, list[str]]:
    """Empty the cells of answers that the file declares as missing, and say so in a note.

    So it is in columns of attributes, outcomes and questions, of the weight and the duration. An
    answer that survey.toml names is an answer all the same. Other columns stay as they are.
    """
    cells, emptied, texts = responses.cells.copy(deep=False), 0, dict[str, None]()
    named = _named(survey, data)
    for column, missing in responses.missing.items():
        if column not in named or column not in cells:
            continue
        own = cells[column].cat
        gone = [text in missing and text not in named[column] for text in own.categories]
        empty = np.array([*gone, False])[own.codes.to_numpy()]
        if empty.any():
            left = np.where(empty, -1, own.codes.to_numpy())
            cells[column] = pd.Categorical.from_codes(left, own.categories)
            emptied += int(empty.sum())
            texts |= dict.fromkeys(t for t, out in zip(own.categories, gone, strict=True) if out)
    if not emptied:
        return responses, []
    note = f"{emptied:,} cells hold answers that the file declares as missing ({choices(texts)})."
    return replace(responses, cells=cells), [note]


def _named(survey: Survey, data: Data) -> dict[str, set[str]]:
    """By column that the survey declares, the answers it names there."""
    named: dict[str, set[str]] = {
        column: set() for column in (data.weight, data.duration) if column
    }
    for name, question in survey.questions.items():
        for column in question.stored(name).values():
            named[column] = {*question.values, *question.selected, *question.unselected}
    levels = {value for attribute in survey.attributes.values() for value in attribute.values}
    if data.layout == "wide":
        wide = Wide.declared(survey, data)
        named |= {column: levels for pair in wide.shown for column in wide.level_columns(*pair)}
        pairs = wide.shown
    else:
        named |= {survey.column(name, "", ""): levels for name in survey.attributes}
        pairs = (("", ""),)
    for name, outcome in survey.outcomes.items():
        known = {*outcome.choosing, *outcome.positive, *outcome.negative, *outcome.none}
        named |= {survey.column(name, *pair): known for pair in pairs}
    for key, recode in survey.recode.items():
        own = survey.recode_columns(key)
        named |= {column: {*named[column], *recode.texts} for column in own if column in named}
    return named
