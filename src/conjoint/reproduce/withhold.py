"""Figures made again that are not shown: on too small a base, or giving such a one away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conjoint.estimates import MINUS
from conjoint.reproduce.model import Reproduction
from conjoint.survey import INTERLOCK, TOTAL
from conjoint.survey.rule import as_text
from conjoint.toplines.answers import answered
from conjoint.toplines.withheld import find_withheld
from conjoint.withhold.derive import suppressed_columns
from conjoint.withhold.outward import whole_share
from conjoint.withhold.threshold import reading_of, too_few

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from conjoint.reproduce.model import Reproduced
    from conjoint.typing import BoolArray
    from conjoint.wave import Wave
    from conjoint.withhold.decision import Withheld

__all__ = ["withhold"]


def withhold(made: Reproduction, wave: Wave) -> Reproduction:
    """Take out what may not be shown of figures made again; their verdicts stay.

    Figures on fewer people than the survey's `suppress_below`, those that its reports leave out because
    they would give such a figure away (see :func:`conjoint.toplines.withheld.find_withheld`), and those of a
    value of a respondent column that would follow from its other values.

    Parameters
    ----------
    made
        What came of making published figures again.
    wave
        The wave that they were made from.

    Returns
    -------
    Reproduction
        The same, each figure with its `reading`; those that are not shown are NaN, and so is all that
        tells them: standard errors and differences. The base stays, but that of a hidden segment.
    """
    limits, hidden = wave.survey.thresholds, find_withheld(wave)
    figures = []
    for figure in made.figures:
        if figure.missing:
            figures.append(figure)
        elif too_few(figure.n_respondents, limits) or _told(figure, wave, hidden):
            gone = bool(hidden.segments & {*figure.group.split(MINUS)})
            people = 0 if gone else figure.n_respondents
            figures.append(replace(_blank(figure), n_respondents=people))
        else:
            marked = replace(figure, reading=reading_of(figure.n_respondents, limits))
            figures.append(_whole(marked) if _is_coarse(figure, wave, hidden) else marked)
    return Reproduction(tuple(figures), made.tables)


def _blank(figure: Reproduced) -> Reproduced:
    nothing = float("nan")
    return replace(
        figure, computed=nothing, rounded=nothing, std_error=nothing, difference=nothing,
        in_errors=nothing, reading="suppressed",
    )  # fmt: skip


def _whole(figure: Reproduced) -> Reproduced:
    """A figure as a whole percentage, without what would tell more of it."""
    nothing = float("nan")
    computed = float(whole_share(np.array([figure.computed]))[0])
    return replace(
        figure, computed=computed, std_error=nothing, difference=nothing, in_errors=nothing
    )


def _is_coarse(figure: Reproduced, wave: Wave, hidden: Withheld) -> bool:
    if not figure.question:
        return False
    item = figure.answer.partition(INTERLOCK)[0] if _is_grid(figure, wave) else ""
    groups = figure.group.split(MINUS)
    return any((figure.question, item, group) in hidden.coarse for group in groups)


def _told(figure: Reproduced, wave: Wave, hidden: Withheld) -> bool:
    """Whether a figure of enough people would give away one of fewer."""
    groups = figure.group.split(MINUS)
    if any(_of_column(figure, wave, group) for group in groups):
        return True
    if figure.question:
        item = figure.answer.partition(INTERLOCK)[0] if _is_grid(figure, wave) else ""
        return (figure.question, item, groups[0]) in hidden.items
    own = [(part, level) for part, level in _cells(figure) if level]
    rows = [(figure.outcome, part, level, group) for part, level in own for group in groups]
    return bool(hidden.segments & {*groups}) or any(row in hidden.cells for row in rows)


def _is_grid(figure: Reproduced, wave: Wave) -> bool:
    return wave.survey.questions[figure.question].kind == "grid"


def _cells(figure: Reproduced) -> Iterator[tuple[str, str]]:
    """Attributes and levels that a figure tells of, joined and each by itself."""
    names = figure.attribute.split(INTERLOCK)
    for levels in (figure.level, figure.baseline):
        yield figure.attribute, levels
        parts = levels.split(INTERLOCK)
        if len(parts) == len(names):
            yield from zip(names, parts, strict=True)


def _of_column(figure: Reproduced, wave: Wave, group: str) -> bool:
    """Whether a value of a respondent column is too small, or would give one away."""
    column, _, value = group.partition(": ")
    known = (TOTAL, *wave.survey.segments)
    if not value or group in known or column not in wave.respondents:
        return False
    asked = np.ones(wave.n_respondents, dtype=bool)
    if figure.question:
        item = figure.answer.partition(INTERLOCK)[0] if _is_grid(figure, wave) else ""
        asked = answered(wave, figure.question, item).asked
    return value in _hidden_values(wave.respondents[column][asked], wave)


def _hidden_values(column: pd.Series[str], wave: Wave) -> set[str]:
    texts = column.map(as_text, na_action="ignore")
    values = list(dict.fromkeys(texts.dropna()))
    inside = np.stack([np.ones(len(texts)), *(texts == value for value in values)], axis=1)
    members = inside.astype(float)
    block = np.arange(1, len(values) + 1, dtype=np.intp)
    small, joined = suppressed_columns(members, [block], wave.survey.thresholds.suppress_below)
    gone: BoolArray = (small | joined)[1:]
    return {value for value, hidden in zip(values, gone, strict=True) if hidden}
