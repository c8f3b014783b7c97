"""What a survey was made of as tables: its levels, and what its weights were made to meet."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from conjoint.say.cell import cell_format
from conjoint.say.label import level_label, margin_label
from conjoint.say.measure import RATED, SHARE
from conjoint.say.number import exact
from conjoint.say.phrase import phrase
from conjoint.say.words import SUPPRESSED, base_notes
from conjoint.survey import INTERLOCK
from conjoint.table.model import Cell, Table
from conjoint.table.number import figure, people

if TYPE_CHECKING:
    import pandas as pd

    from conjoint.survey import Survey

__all__ = ["FINE", "FINE_MEAN", "levels_table", "targets_table"]

FINE, FINE_MEAN = replace(SHARE, decimals=1), replace(RATED, decimals=2)
"""Shares and means with a decimal more than for the press."""


def levels_table(survey: Survey, shown: pd.DataFrame, label: str = "") -> Table:
    """Attributes and levels: how they are stored, their numbers, how often they were meant to show and did.

    Parameters
    ----------
    shown
        A bundle's table of that name.
    """
    known = {(str(row["attribute"]), str(row["level"])): row for row in shown.to_dict("records")}
    rows: list[tuple[str | Cell, ...]] = []
    for name, attribute in survey.attributes.items():
        rows.append((survey.attribute_label(name) + "\u00a0†" * attribute.assumed,))
        for place, level in enumerate(attribute.levels):
            text, row = level_label(survey, name, level.value), known[name, level.value]
            if place == attribute.baseline_index:
                text = phrase("workbook.baseline", level=text)
            shares = (figure(FINE, float(row[column])) for column in ("designed", "estimate"))
            rows.append((text, level.value, _stored(level.number), *shares))
    heads = (
        phrase("column.level"),
        phrase("workbook.head.stored"),
        phrase("workbook.head.number"),
        phrase("column.designed"),
        phrase("column.shown"),
    )
    widths = (4, 2, 1.2, 1.2, 1.2)
    name = phrase("appendix.design.table")
    return Table.of(name, heads, rows, words=2, widths=widths, label=label)


def _stored(number: float | None) -> Cell:
    """The number of a level, with all its digits."""
    if number is None:
        return Cell()
    text = exact(number)
    digits = text.partition(".")[2]
    return Cell(text, float(number), cell_format("count", number, len(digits)))


def targets_table(survey: Survey, frame: pd.DataFrame, label: str = "") -> Table:
    """Targets, and the sample before weighting and after; sample figures of small categories are left out.

    Parameters
    ----------
    frame
        A bundle's table ``weighting``.
    """
    rows: list[tuple[str | Cell, ...]] = []
    for margin, own in frame.groupby("margin", sort=False):
        rows.append((margin_label(survey, str(margin)),))
        for row in own.to_dict("records"):
            measure = FINE_MEAN if row["unit"] == "mean" else FINE
            said = [
                Cell(SUPPRESSED) if math.isnan(row[name]) else figure(measure, float(row[name]))
                for name in ("target", "unweighted", "weighted")
            ]
            base = Cell(SUPPRESSED) if math.isnan(row["n"]) else people(row["n"])
            rows.append((", ".join(str(row["category"]).split(INTERLOCK)), *said, base))
    names = ("category", "target", "unweighted", "weighted", "people")
    heads = [phrase(f"column.{name}") for name in names]
    return Table.of(
        phrase("appendix.weighting.targets"),
        heads,
        rows,
        widths=(2.6, 1, 1, 1, 1),
        label=label,
        notes=base_notes({*frame["reading"]} & {"suppressed"}, survey.thresholds),
    )
