"""Tables of many columns in Markdown: captioned, scrolling, cut so that they fit a printed page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.errors import Fault, ReportError
from conjoint.say import words
from conjoint.say.label import column_label, crossbreak_label, question_label
from conjoint.say.measure import RATED, SHARE
from conjoint.say.number import DASH, MINUS, base, rounding_note
from conjoint.say.phrase import phrase
from conjoint.say.words import (
    attribute,
    base_notes,
    escape,
    numbered,
    together,
)
from conjoint.wave import TOTAL
from conjoint.withhold.mark import NOT_AVAILABLE

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

    from conjoint.analysis import Analysis
    from conjoint.survey import Survey

__all__ = [
    "ABSENT",
    "CAUTION",
    "FEWER_COLUMNS",
    "LONG_LABEL",
    "MOST_COLUMNS",
    "SUPPRESSED",
    "Crosstab",
    "asked_of",
    "chunks",
    "crosstabs",
    "figure_table",
    "mark_of",
    "note",
    "pipe_table",
    "shown_segments",
    "table_named",
]

SUPPRESSED, CAUTION, ABSENT = (escape(words.SUPPRESSED), escape(words.CAUTION), words.ABSENT)
"""Marks of figures that are not shown, of those on a small base, and of those that cannot be estimated."""

MOST_COLUMNS = 6
"""Columns of figures that stand beside the total's on an A4 page."""

WIDEST = 90
"""Characters of a line of Markdown that is longer than what pandoc sets without widths."""

LONGEST_PIECE = 18
"""Letters of a word for which others make room; longer ones are cut."""

MARKUP = re.compile(r"\*+|\{[^}]*\}|[\[\]]|\\(.)|`[^`]*`")
"""What of a cell is not read: stress, spans, escapes; code may be cut anywhere."""

LETTERED = "{.letters}"
"""Class of the letters of column tests."""

SET = 1e-9
"""Standard errors of shares that are smaller are zeros that rounding has touched."""

LONG_LABEL, FEWER_COLUMNS = 40, 3
"""Characters of a label that needs a wide column, and how many of those fit."""

MARKS = {"above 95%": "+", "above 99%": "++", "below 95%": MINUS, "below 99%": 2 * MINUS}
"""How a figure stands against the total, as it is printed."""


def figure_table(
    name: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    label: str = "",
    first: float = 3,
    widths: Sequence[float] = (),
    left: int = 1,
) -> str:
    """A Markdown table with a caption, figures on the right, in a box that scrolls by keyboard too.

    Parameters
    ----------
    name
        The caption, plain text.
    header, rows
        Cells that are already escaped.
    label
        What the text refers to it by, such as ``tbl-bases``.
    first
        Width of the first column, where one of figures is 1; `widths` of all, instead.
    left
        Columns of words, which stand on the left. A table of words alone may be cut by a page's end.
    """
    sizes = _with_room([*widths] or [first, *[1.0] * (len(header) - 1)], [header, *rows])
    # Pandoc gives columns these widths where a line of the source is longer than its own.
    unit = max(6.0, WIDEST / sum(sizes))
    rule = "|".join(
        f":{dash}" if place < left else f"{dash}:"
        for place, dash in enumerate("-" * round(unit * size) for size in sizes)
    )
    table = "\n".join(f"|{line}|" for line in ["|".join(header), rule, *map("|".join, rows)])
    kind = ".listing" if left == len(header) else ".crosstab"
    box = f'{{.scroll {kind} tabindex="0" role="region" aria-label="{attribute(name)}"}}'
    caption = f": {escape(name)}" + (f" {{#{label}}}" if label else "")
    return f"::: {box}\n\n{table}\n\n{caption}\n\n:::"


def pipe_table(
    name: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    align: str,
    widths: Sequence[int] = (),
) -> str:
    """A Markdown table of cells that are already escaped, in a box that scrolls by keyboard too.

    Parameters
    ----------
    name
        What the table is, for screen readers.
    align
        One letter a column: l or r.
    widths
        Relative widths of the columns, for tables whose cells hold sentences.
    """
    dashes = ["-" * 3 * width for width in widths or [1] * len(align)]
    rule = "|".join(
        f":{dash}" if letter == "l" else f"{dash}:"
        for letter, dash in zip(align, dashes, strict=True)
    )
    lines = ["|".join(header), rule, *("|".join(row) for row in rows)]
    table = "\n".join(f"|{line}|" for line in lines)
    box = f'{{.scroll tabindex="0" role="region" aria-label="{attribute(name)}"}}'
    return f"::: {box}\n\n{table}\n\n:::"


def _with_room(sizes: Sequence[float], lines: Sequence[Sequence[str]]) -> list[float]:
    """Widths under which no word is cut, as far as other columns have more than their words need."""
    unit = WIDEST / sum(sizes)
    room = np.array([unit * size for size in sizes])
    pieces = [max(map(_longest_piece, column)) for column in zip(*lines, strict=True)]
    need = 2.6 + np.minimum(pieces, LONGEST_PIECE)
    short, spare = np.maximum(need - room, 0), np.maximum(room - need, 0)
    if not short.any() or not spare.any():
        return list(sizes)
    given = min(1.0, spare.sum() / short.sum())
    fitted = room + given * short - given * short.sum() * spare / spare.sum()
    return [float(width / unit) for width in fitted]


def _longest_piece(cell: str) -> int:
    """Characters of the longest piece that no line should cut: a word, or a figure with its letters."""
    if LETTERED in cell:
        cell = cell.replace(" ", "\u00a0")
    text = MARKUP.sub(lambda found: found.group(1) or "", cell)
    return max(map(len, re.split(r"[ -]", text)), default=0)


def chunks(count: int, most: int = MOST_COLUMNS) -> list[slice]:
    """Cut so many columns into pieces of about the same width.

    >>> [(part.start, part.stop) for part in chunks(11)]
    [(0, 6), (6, 11)]
    """
    pieces = max(1, -(-count // most))
    ends = np.cumsum([len(part) for part in np.array_split(np.arange(count), pieces)])
    return [slice(int(start), int(end)) for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def table_named(analysis: Analysis, name: str) -> pd.DataFrame:
    """A table of the bundle, its words without holes.

    Raises
    ------
    ReportError
        The bundle has none: an older version wrote it.
    """
    if name not in analysis.tables:
        raise ReportError(
            Fault(
                "bundle",
                f'has no table "{name}"',
                "one that this version wrote",
                "Analyse the survey again: conjoint analyse SURVEY --to FOLDER.",
            )
        )
    table = analysis.tables[name]
    words = [str(column) for column in table if not pd.api.types.is_numeric_dtype(table[column])]
    return table.assign(**{column: table[column].fillna("") for column in words})


def note(said: Iterable[str]) -> str:
    """Sentences under a table, a line each."""
    return "::: {.note}\n" + "\\\n".join(said) + "\n:::"


def mark_of(row: Mapping[Any, Any] | None) -> str:
    """What a cell without a figure says: that it is not shown, or that it cannot be estimated."""
    return ABSENT if row is not None and row["reading"] == NOT_AVAILABLE else SUPPRESSED


def shown_segments(analysis: Analysis) -> list[str]:
    """Segments of whom any conjoint figure is shown."""
    means = analysis.tables["marginal_means"]
    shown = set(means.loc[means["reading"] != "suppressed", "group"])
    return [name for name in analysis.survey.segments if name in shown]


@dataclass(frozen=True, eq=False)
class Crosstab:
    """One question, or one item of a grid, by one crossbreak: the total and the crossbreak's columns.

    Parameters
    ----------
    survey
        What was asked.
    question, item, crossbreak
        Keys; the crossbreak is empty where the total stands alone.
    figures, columns
        Their rows of the bundle's ``questions`` and ``question_columns``.
    """

    survey: Survey
    question: str
    item: str
    crossbreak: str
    figures: pd.DataFrame
    columns: pd.DataFrame

    @property
    def title(self) -> str:
        """The question, and the item where it is a grid."""
        return question_label(self.survey, self.question, self.item)

    def markdown(self, label: str, *, interval: bool = False) -> Iterator[str]:
        """The tables, cut to the width of a page, and the notes under them.

        Parameters
        ----------
        label
            Of the first table, without ``tbl-``.
        interval
            Whether the total's 95% interval has a column.
        """
        total, others = self.columns.iloc[:1], self.columns.iloc[1:]
        wide = max((len(label) for label in others["label"]), default=0) > LONG_LABEL
        parts = chunks(len(others), FEWER_COLUMNS if wide else MOST_COLUMNS)
        for number, part in enumerate(parts, 1):
            own = pd.concat([total, others.iloc[part]])
            by = phrase("topline.by", title=self.title, crossbreak=self._by())
            name = by if self.crossbreak else self.title
            several = numbered(number, len(parts))
            yield self._table(own, f"{name}{several}", f"{label}-{number}", interval)
        notes = list(self._notes())
        if interval and any(_is_set(cell) for cell in self._total()):
            notes.append(phrase("topline.no_interval"))
        if notes:
            yield note(notes)

    def _by(self) -> str:
        heading = crossbreak_label(self.crossbreak)
        return heading[:1].lower() + heading[1:]

    def _table(self, columns: pd.DataFrame, name: str, label: str, interval: bool) -> str:
        records = columns.to_dict("records")
        header = [phrase("column.percentages"), *map(_head, records)]
        lines = [list(line) for line in _base_rows(records)]
        for _, cells in self.figures.groupby(["row", "kind"], sort=False):
            by_group = {row["group"]: row for row in cells.to_dict("records")}
            lines.append(self._line([by_group[record["group"]] for record in records]))
        widths = [3.0, *[1.0] * len(records)]
        if interval:
            header.insert(2, phrase("column.interval"))
            widths.insert(2, 1.4)
            for line, ends in zip(lines, ["", "", "", *self._intervals()], strict=True):
                line.insert(2, ends)
        return figure_table(name, header, lines, label=f"tbl-{label}", widths=widths)

    def _line(self, cells: list[dict[Hashable, Any]]) -> list[str]:
        """A row: its label, and each column's figure with its letters."""
        first = cells[0]
        label = escape(first["label"])
        if first["kind"] != "answer":
            label = f"**{label if first['kind'] == 'net' else phrase('words.mean')}**"
        return [label, *(self._cell(cell) for cell in cells)]

    def _cell(self, cell: dict[Hashable, Any]) -> str:
        if cell["reading"] == "suppressed":
            return SUPPRESSED
        if pd.isna(cell["estimate"]):
            return DASH
        against = MARKS.get(str(cell["against_total"]), "")
        marks = "\u00a0".join(mark for mark in (escape(cell["letters"]), against) if mark)
        return self.say(cell, float(cell["estimate"])) + (f" [{marks}]{LETTERED}" if marks else "")

    def say(self, cell: dict[Hashable, Any], value: float) -> str:
        """A figure as printed: a percentage, points of a net that is a difference, or a mean."""
        measure = RATED if cell["kind"] == "mean" else SHARE
        return measure.change(value) if self._is_difference(cell) else measure.say(value)

    def _is_difference(self, cell: dict[Hashable, Any]) -> bool:
        net = self.survey.questions[self.question].nets.get(str(cell["row"]))
        return cell["kind"] == "net" and net is not None and bool(net.minus)

    def _intervals(self) -> Iterator[str]:
        """The total's interval, row by row; none where weighting leaves nothing to chance."""
        for cell in self._total():
            if pd.isna(cell["conf_low"]) or _is_set(cell):
                yield SUPPRESSED if cell["reading"] == "suppressed" else DASH
                continue
            measure = RATED if cell["kind"] == "mean" else SHARE
            write = measure.changes if self._is_difference(cell) else measure.interval
            yield together(write(float(cell["conf_low"]), float(cell["conf_high"])))

    def _total(self) -> list[dict[Hashable, Any]]:
        return self.figures[self.figures["group"] == TOTAL].to_dict("records")

    def _notes(self) -> Iterator[str]:
        asked = self.survey.questions[self.question]
        if asked.kind == "multiple":
            yield phrase("topline.several_answers")
        else:
            yield from self._rounding()
        yield from base_notes({*self.columns["reading"]}, self.survey.thresholds, escape)

    def _rounding(self) -> Iterator[str]:
        """Where rounded answers do not sum to 100, by what they sum to."""
        answers = self.figures[self.figures["kind"] == "answer"]
        labels = dict(zip(self.columns["group"], self.columns["label"], strict=True))
        summed: dict[str, list[str]] = {}
        for group, own in answers.groupby("group", sort=False):
            said = rounding_note(own["estimate"].to_numpy(dtype=float))
            if said:
                summed.setdefault(said.rstrip("."), []).append(escape(labels[str(group)]))
        for said, who in summed.items():
            yield f"{said} ({'; '.join(who)})."


def crosstabs(analysis: Analysis, question: str) -> Iterator[Crosstab]:
    """A question by each crossbreak, segments first; a grid item by item; the total where it is alone."""
    figures, columns = (table_named(analysis, name) for name in ("questions", "question_columns"))
    figures = figures[figures["question"] == question]
    columns = columns[columns["question"] == question]
    for item, own in columns.groupby("item", sort=False):
        mine = figures[figures["item"] == item]
        breaks = [key for key, _ in groupby(own["crossbreak"]) if key] or [""]
        for crossbreak in breaks:
            inside = own[own["crossbreak"].isin([crossbreak, ""])]
            shown = mine[mine["group"].isin(inside["group"])]
            yield Crosstab(analysis.survey, question, str(item), crossbreak, shown, inside)


def asked_of(who: str) -> str:
    """Whom a question was put to; all, where the survey says nothing else."""
    return phrase("topline.asked_of", who=escape(who)) if who else phrase("topline.asked_of_all")


def _is_set(cell: dict[Hashable, Any]) -> bool:
    """Whether a figure does not vary, because weights were made to meet it."""
    return bool(0 < cell["estimate"] < 1 and cell["std_error"] < SET)


def _head(column: dict[Hashable, Any]) -> str:
    return column_label(escape(column["label"]), escape(column["letter"]))


def _base_rows(columns: list[dict[Hashable, Any]]) -> Iterator[list[str]]:
    """The three bases, the first with the marks of small ones."""
    for name, key in (
        (phrase("column.unweighted_base"), "n_respondents"),
        (phrase("column.weighted_base"), "weighted_base"),
        (phrase("column.effective_base"), "effective_base"),
    ):
        cells = []
        for column in columns:
            if column["reading"] == "suppressed" or pd.isna(column[key]):
                cells.append(SUPPRESSED)
                continue
            mark = (
                f" {CAUTION}" if column["reading"] == "caution" and key == "n_respondents" else ""
            )
            cells.append(base(column[key]) + mark)
        yield [f"*{name}*", *cells]
