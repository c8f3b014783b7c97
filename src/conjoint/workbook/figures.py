"""Sheets of the conjoint's figures: levels down, the total and segments across."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from conjoint.errors import choices
from conjoint.say.label import group_label, is_share, level_label, merged_note, outcome_label
from conjoint.say.measure import CHANGED, RATED, SHARE, Measure, excluded
from conjoint.say.phrase import phrase
from conjoint.say.words import ABSENT, MARKS, base_notes
from conjoint.wave import TOTAL
from conjoint.withhold.mark import NOT_AVAILABLE
from conjoint.workbook.sheet import LINE, Sheet

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    import pandas as pd
    from xlsxwriter.workbook import Workbook

    from conjoint.say.cell import CellKind
    from conjoint.survey import Survey
    from conjoint.workbook.book import Book
    from conjoint.workbook.style import Styles

__all__ = ["KINDS", "Kind", "figure_notes", "figures_sheet", "groups_of", "rows_of", "subject_of"]

LABEL, FIGURE, MARK = 38.0, 8.5, 2.5
PER_GROUP = 5
"""Columns of a group: the figure, both ends of its interval, its base, a mark."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of figure.

    Parameters
    ----------
    frame
        Its table in the bundle.
    change
        Whether a figure is a change, and not a level.
    adjusted
        Whether it has p-values adjusted for their number.
    """

    frame: str
    change: bool
    adjusted: bool = False

    @property
    def name(self) -> str:
        """Of the sheet."""
        return phrase(f"workbook.figures.{self.frame}.name")

    @property
    def heading(self) -> str:
        """Over the figures."""
        return phrase(f"workbook.figures.{self.frame}.heading")

    @property
    def text(self) -> str:
        """What it says, in plain words."""
        return phrase(f"workbook.figures.{self.frame}.text")


KINDS = (
    Kind("marginal_means", change=False),
    Kind("amce", change=True),
    Kind("departures", change=True, adjusted=True),
)


def figures_sheet(workbook: Workbook, styles: Styles, book: Book, kind: Kind) -> None:
    """Write one kind of figure: a block an outcome, a band an attribute, a row a level."""
    survey, frame = book.survey, book.figures[kind.frame]
    groups = groups_of(book, frame)
    own = (FIGURE, FIGURE, FIGURE, FIGURE, *[FIGURE] * kind.adjusted, MARK)
    starts = range(1, 1 + len(own) * len(groups), len(own))
    widths = [LABEL, *own * len(groups)]
    sheet = Sheet(workbook, styles, kind.name, kind.name, survey, widths, starts=starts)
    sheet.paragraph(kind.text)
    sheet.paragraph(phrase("workbook.bases"), "muted")
    top = sheet.row
    _heads(sheet, book, kind, groups)
    sheet.freeze(1)
    sheet.repeat(top, 1)
    for outcome, attribute, rows in rows_of(frame):
        _block(sheet, book, kind, (outcome, attribute), rows, groups)
    sheet.next()
    sheet.notes(figure_notes(book, kind.frame))


def subject_of(survey: Survey, outcome: str, attribute: str) -> str:
    """An outcome and an attribute, over the levels of the attribute."""
    return phrase(
        "workbook.subject",
        outcome=outcome_label(survey, outcome),
        attribute=survey.attribute_label(attribute),
    )


def groups_of(book: Book, frame: pd.DataFrame) -> list[str]:
    """The total and segments that have figures, or would have them were their base not too small."""
    present = {*frame["group"], *book.hidden}
    return [group for group in (TOTAL, *book.survey.segments) if group in present]


def rows_of(frame: pd.DataFrame) -> Iterator[tuple[str, str, dict[Hashable, pd.DataFrame]]]:
    """Outcome, attribute, and their rows by level."""
    for (outcome, attribute), own in frame.groupby(["outcome", "attribute"], sort=False):
        yield str(outcome), str(attribute), dict(list(own.groupby("level", sort=False)))


def figure_notes(book: Book, name: str) -> Iterator[str]:
    """Explain marks under a table of the bundle, and say why it lacks figures."""
    yield from base_notes(["caution", "suppressed"], book.survey.thresholds)
    if name == "joint_means":
        frame = book.figures[name]
        yield from filter(
            None, [merged_note(book.survey, zip(frame["across"], frame["down"], strict=True))]
        )
    yield from _reasons(book.survey, book.figures[name])
    if book.survey.has_assumed_levels:
        yield phrase("workbook.assumed")


def _reasons(survey: Survey, frame: pd.DataFrame) -> Iterator[str]:
    """One sentence for each reason that figures of a group cannot be estimated."""
    lacking = frame[frame["reading"] == NOT_AVAILABLE]
    rows = Counter(frame["group"])
    for (group, note), own in lacking.groupby(["group", "note"], sort=False):
        named = own[["attribute", "level"]].drop_duplicates().itertuples(index=False, name=None)
        what = choices(
            f"{survey.attribute_label(a)} {level_label(survey, a, b)}"
            if a in survey.attributes
            else f"{a} {b}"
            for a, b in named
        )
        said = {"mark": ABSENT, "group": group_label(survey, str(group)), "reason": note}
        if len(own) == rows[group]:
            yield phrase("workbook.not_available", **said)
        else:
            yield phrase("workbook.not_available_of", **said, figures=what)


def _heads(sheet: Sheet, book: Book, kind: Kind, groups: list[str]) -> None:
    size = PER_GROUP + kind.adjusted
    sheet.text(0, "", "head_left")
    for place, group in enumerate(groups):
        first = 1 + place * size
        sheet.heading(first, first + size - 1, group_label(book.survey, group), "head")
    sheet.height(LINE)
    sheet.next()
    sheet.text(0, "", "subhead_left")
    names = ("low", "high", "base", *["p"] * kind.adjusted)
    heads = (kind.heading, *(phrase(f"workbook.head.{name}") for name in names), "")
    for place, head in enumerate(heads * len(groups)):
        sheet.text(1 + place, head, "subhead")
    sheet.next()


def _block(
    sheet: Sheet,
    book: Book,
    kind: Kind,
    subject: tuple[str, str],
    rows: Mapping[Hashable, pd.DataFrame],
    groups: list[str],
) -> None:
    survey, (outcome, attribute) = book.survey, subject
    sheet.text(0, subject_of(survey, outcome, attribute), "band")
    sheet.fill(1, len(sheet.widths) - 1, "band")
    sheet.next()
    for level, own in rows.items():
        cells = {str(cell["group"]): cell for cell in own.to_dict("records")}
        name = level_label(survey, attribute, str(level))
        baseline = "amce" in kind.frame and bool((own["baseline"] == level).any())
        if baseline:
            name = phrase("workbook.baseline", level=name)
        sheet.text(0, name, "label")
        sheet.height(LINE * sheet.lines(name, LABEL) + 1)
        for place, group in enumerate(groups):
            _cell(sheet, kind, place, cells.get(group), share=is_share(survey, outcome))
        sheet.next()


def _cell(
    sheet: Sheet, kind: Kind, place: int, cell: Mapping[Hashable, Any] | None, *, share: bool
) -> None:
    """A group's figure with its interval, base and mark."""
    first = 1 + place * (PER_GROUP + kind.adjusted)
    reading = "suppressed" if cell is None else str(cell["reading"])
    # A baseline has no interval: what is empty is not left out.
    empty = "blank" if reading in ("suppressed", NOT_AVAILABLE) else "plain"
    write_figure(sheet, first, cell, measure_in_cells(share=share), change=kind.change, blank=empty)
    if kind.adjusted:
        sheet.number(first + 4, None if cell is None else float(cell["p_holm"]), "p", style="muted")
    mark = MARKS[reading]
    sheet.text(first + PER_GROUP - 1 + kind.adjusted, mark, "mark")


def measure_in_cells(*, share: bool) -> Measure:
    """How figures of the conjoint are shown, with a decimal more than for the press."""
    return replace(SHARE, decimals=1) if share else replace(RATED, decimals=2)


def write_figure(
    sheet: Sheet,
    first: int,
    cell: Mapping[Hashable, Any] | None,
    measure: Measure,
    *,
    change: bool = False,
    blank: str = "blank",
) -> None:
    """Write a figure, both ends of its interval and its base, from a column on."""
    factor = measure.factor if change else 1.0
    kind: CellKind = "points" if change else "share" if measure.sign else "mean"
    figures = [
        math.nan if cell is None else float(cell[name])
        for name in ("estimate", "conf_low", "conf_high")
    ]
    marks = excluded(figures[1], figures[2], CHANGED if change else measure.beside)
    for step, figure in enumerate(figures):
        sheet.number(
            first + step,
            factor * figure,
            kind,
            measure.decimals,
            marks=marks if step else (),
            style="muted" if step else "",
            blank=blank,
        )
    people = None if cell is None else float(cell["n_respondents"])
    sheet.number(first + 3, people, "count", style="muted")
