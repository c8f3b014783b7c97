"""The grid's sheet: two attributes against each other, the total and then each segment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjoint.say.label import group_label, is_share, levels_label, outcome_label
from conjoint.say.phrase import phrase
from conjoint.say.words import MARKS
from conjoint.workbook.figures import figure_notes, groups_of, measure_in_cells, write_figure
from conjoint.workbook.sheet import LINE, Sheet
from conjoint.workbook.style import HUE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from xlsxwriter.workbook import Workbook

    from conjoint.survey import Survey
    from conjoint.workbook.book import Book
    from conjoint.workbook.style import Styles

__all__ = ["grid_sheet", "grid_text", "grid_title", "sides_of"]

LABEL, FIGURE, MARK = 30.0, 8.5, 2.5
PER_LEVEL = 5
"""Columns of a level: the figure, both ends of its interval, its base, a mark."""


def grid_sheet(workbook: Workbook, styles: Styles, book: Book) -> None:
    """Write the grid: the first attribute across, the second down, a block a group.

    A block whose levels are put together has heads of its own, over the first of the columns.
    """
    survey, frame = book.survey, book.figures["joint_means"]
    across, down = survey.report.grid
    columns = survey.attributes[across].values
    widths = [LABEL, *(FIGURE, FIGURE, FIGURE, FIGURE, MARK) * len(columns)]
    starts = range(1, len(widths), PER_LEVEL)
    sheet = Sheet(
        workbook,
        styles,
        phrase("workbook.grid.name"),
        grid_title(survey),
        survey,
        widths,
        starts=starts,
    )
    share = is_share(survey, survey.grid_outcome)
    sheet.paragraph(grid_text(survey))
    sheet.paragraph(phrase("workbook.grid.bases"), "muted")
    top = sheet.row
    sheet.text(0, survey.attribute_label(down), "head_left")
    _heads(sheet, book, across, columns)
    sheet.height(LINE * sheet.lines(survey.attribute_label(down), LABEL))
    sheet.next()
    sheet.text(0, "", "subhead_left")
    heads = [phrase(f"workbook.head.{name}") for name in ("mean", "low", "high", "base")]
    for place, head in enumerate([*heads, ""] * len(columns)):
        sheet.text(1 + place, head, "subhead")
    sheet.next()
    sheet.freeze(1)
    sheet.repeat(top, 1)
    for group in groups_of(book, frame):
        _group(sheet, book, group, frame[frame["group"] == group], share=share)
    sheet.next()
    sheet.notes(figure_notes(book, "joint_means"))


def grid_title(survey: Survey) -> str:
    """Both attributes of the grid."""
    across, down = (survey.attribute_label(name) for name in survey.report.grid)
    down = f"{down[:1].lower()}{down[1:]}"
    return phrase("workbook.grid.title", across=across, down=down)


def grid_text(survey: Survey) -> str:
    """What the grid's figures say."""
    share = is_share(survey, survey.grid_outcome)
    return phrase(
        "workbook.grid.said" if share else "workbook.grid.rated",
        outcome=outcome_label(survey, survey.grid_outcome),
    )


def _heads(sheet: Sheet, book: Book, across: str, columns: Sequence[str]) -> None:
    """Levels over their columns, one beside another."""
    for place, levels in enumerate(columns):
        first = 1 + place * PER_LEVEL
        name = levels_label(book.survey, across, levels)
        sheet.heading(first, first + PER_LEVEL - 1, name, "head")


def _group(sheet: Sheet, book: Book, group: str, frame: pd.DataFrame, *, share: bool) -> None:
    survey = book.survey
    across, down = survey.report.grid
    sheet.text(0, group_label(survey, group), "band")
    sheet.fill(1, len(sheet.widths) - 1, "band")
    sheet.next()
    columns, rows = sides_of(survey, frame)
    if columns != list(
        survey.attributes[across].values
    ):  # put together: these have heads of their own
        sheet.text(0, "", "head_left")
        _heads(sheet, book, across, columns)
        sheet.next()
    cells = {(str(cell["across"]), str(cell["down"])): cell for cell in frame.to_dict("records")}
    measure, first_row = measure_in_cells(share=share), sheet.row
    for levels in rows:
        sheet.text(0, levels_label(survey, down, levels), "label")
        for place, other in enumerate(columns):
            first, cell = 1 + place * PER_LEVEL, cells.get((other, levels))
            write_figure(sheet, first, cell, measure)
            reading = "suppressed" if cell is None else str(cell["reading"])
            mark = MARKS[reading]
            sheet.text(first + 4, mark, "mark")
        sheet.next()
    _shade(sheet, book, first_row, len(columns))


def sides_of(survey: Survey, frame: pd.DataFrame) -> tuple[list[str], list[str]]:
    """The columns and rows of a group's grid, by their levels: all levels, unless some are put together."""
    sides = []
    for name, side in zip(survey.report.grid, ("across", "down"), strict=True):
        values, found = survey.attributes[name].values, list(dict.fromkeys(map(str, frame[side])))
        sides.append(list(values) if set(found) <= set(values) else found)
    return sides[0], sides[1]


def _shade(sheet: Sheet, book: Book, first_row: int, levels: int) -> None:
    """One hue over the means, the same scale for every group."""
    known = book.figures["joint_means"]["estimate"].dropna()
    if known.empty:
        return
    rule = {
        "type": "2_color_scale",
        "min_type": "num", "max_type": "num",
        "min_value": float(known.min()), "max_value": float(known.max()),
        "min_color": HUE[0], "max_color": HUE[1],
    }  # fmt: skip
    for place in range(levels):
        column = 1 + place * PER_LEVEL
        sheet.worksheet.conditional_format(first_row, column, sheet.row - 1, column, rule)
