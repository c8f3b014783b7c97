"""Sheets of the conjoint's figures: levels down, the total and segments across; pairs of levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjoint.say.label import is_share, outcome_label
from conjoint.say.phrase import phrase
from conjoint.table.figures import KINDS, Figures, Kind
from conjoint.table.pairs import Pairs
from conjoint.table.sheet import Sheet
from conjoint.table.style import HUE, Styles
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from conjoint.survey import Survey
    from conjoint.workbook.book import Book

__all__ = ["figures_sheet", "grid_sheet", "grid_text", "groups_of", "kinds_of"]


def kinds_of(book: Book) -> Iterator[Kind]:
    """The kinds of figures that there are."""
    return (kind for kind in KINDS if kind.frame in book.figures)


def groups_of(book: Book, frame: pd.DataFrame) -> list[str]:
    """The total and segments that have figures, or would have them were their base not too small."""
    present = {*frame["group"], *book.hidden}
    return [group for group in (TOTAL, *book.survey.segments) if group in present]


def figures_sheet(styles: Styles, book: Book, kind: Kind) -> None:
    """Write one kind of figure: a band an outcome and attribute, a row a level."""
    made = Figures(book.survey, book.figures, kind)
    table = made.sheet(groups_of(book, made.frame))
    sheet = Sheet(styles, kind.name, kind.name, book.survey, [table])
    sheet.paragraph(kind.text)
    sheet.paragraph(phrase("workbook.bases"), "muted")
    sheet.table(table)


def grid_sheet(styles: Styles, book: Book) -> None:
    """Write the grid: the first attribute across, the second down, a band a group.

    Groups whose levels are put together have heads of their own.
    """
    survey = book.survey
    made = Pairs(survey, book.figures)
    tables = made.sheet(groups_of(book, made.frame))
    widest = sorted(tables, key=lambda table: -len(table.columns))
    sheet = Sheet(styles, phrase("workbook.grid.name"), made.title, survey, widest)
    sheet.paragraph(grid_text(survey))
    sheet.paragraph(phrase("workbook.grid.bases"), "muted")
    for table in tables:
        top = sheet.row
        sheet.table(table)
        for place in range(1, len(table.columns), 4):
            _shade(sheet, made.frame["estimate"].dropna(), sheet.places[place], top)


def grid_text(survey: Survey) -> str:
    """What the grid's figures say."""
    share = is_share(survey, survey.grid_outcome)
    return phrase(
        "workbook.grid.said" if share else "workbook.grid.rated",
        outcome=outcome_label(survey, survey.grid_outcome),
    )


def _shade(sheet: Sheet, known: pd.Series[float], column: int, top: int) -> None:
    """One hue over a column of means, the same scale for every group."""
    if known.empty:
        return
    rule = {
        "type": "2_color_scale",
        "min_type": "num", "max_type": "num",
        "min_value": float(known.min()), "max_value": float(known.max()),
        "min_color": HUE[0], "max_color": HUE[1],
    }  # fmt: skip
    sheet.worksheet.conditional_format(top, column, sheet.row - 1, column, rule)
