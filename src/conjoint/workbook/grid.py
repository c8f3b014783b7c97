"""The grid's sheet: two attributes against each other, the total and then each segment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjoint.say.label import group_label, is_share, level_label, outcome_label
from conjoint.say.phrase import phrase
from conjoint.say.words import MARKS
from conjoint.survey import INTERLOCK
from conjoint.workbook.figures import figure_notes, groups_of, measure_in_cells, write_figure
from conjoint.workbook.sheet import LINE, Sheet
from conjoint.workbook.style import HUE

if TYPE_CHECKING:
    import pandas as pd
    from xlsxwriter.workbook import Workbook

    from conjoint.survey import Survey
    from conjoint.workbook.book import Book
    from conjoint.workbook.style import Styles

__all__ = ["grid_sheet", "grid_text", "grid_title"]

LABEL, FIGURE, MARK = 30.0, 8.5, 2.5
PER_LEVEL = 5
"""Columns of a level: the figure, both ends of its interval, its base, a mark."""


def grid_sheet(workbook: Workbook, styles: Styles, book: Book) -> None:
    """Write the grid: the first attribute across, the second down, a block a group."""
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
    _heads(sheet, book, across, down)
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


def _heads(sheet: Sheet, book: Book, across: str, down: str) -> None:
    survey = book.survey
    values = survey.attributes[across].values
    sheet.text(0, survey.attribute_label(down), "head_left")
    for place, value in enumerate(values):
        first = 1 + place * PER_LEVEL
        sheet.heading(first, first + PER_LEVEL - 1, level_label(survey, across, value), "head")
    lines = sheet.lines(survey.attribute_label(down), LABEL)
    sheet.height(LINE * lines)
    sheet.next()
    sheet.text(0, "", "subhead_left")
    heads = [phrase(f"workbook.head.{name}") for name in ("mean", "low", "high", "base")]
    for place, head in enumerate([*heads, ""] * len(values)):
        sheet.text(1 + place, head, "subhead")
    sheet.next()


def _group(sheet: Sheet, book: Book, group: str, frame: pd.DataFrame, *, share: bool) -> None:
    survey = book.survey
    across, down = survey.report.grid
    sheet.text(0, group_label(survey, group), "band")
    sheet.fill(1, len(sheet.widths) - 1, "band")
    sheet.next()
    cells = {str(cell["level"]): cell for cell in frame.to_dict("records")}
    measure, first_row = measure_in_cells(share=share), sheet.row
    for value in survey.attributes[down].values:
        sheet.text(0, level_label(survey, down, value), "label")
        for place, other in enumerate(survey.attributes[across].values):
            first, key = 1 + place * PER_LEVEL, f"{other}{INTERLOCK}{value}"
            cell = cells.get(key)
            write_figure(sheet, first, cell, measure)
            reading = "suppressed" if cell is None else str(cell["reading"])
            mark = MARKS[reading]
            sheet.text(first + 4, mark, "mark")
        sheet.next()
    _shade(sheet, book, first_row, len(survey.attributes[across].values))


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
