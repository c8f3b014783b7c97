"""Tables of many columns in Markdown: captioned, scrolling, cut so that they fit a printed page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.errors import Fault, ReportError
from conjoint.say import words
from conjoint.say.words import attribute, escape
from conjoint.table.question import by_crossbreak
from conjoint.withhold.mark import NOT_AVAILABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from conjoint.analysis import Analysis
    from conjoint.table import Table
    from conjoint.table.question import Asked

__all__ = [
    "ABSENT",
    "CAUTION",
    "FEWER_COLUMNS",
    "LONG_LABEL",
    "MOST_COLUMNS",
    "SUPPRESSED",
    "chunks",
    "crosstabs",
    "cut",
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

LONG_LABEL, FEWER_COLUMNS = 40, 3
"""Characters of a label that needs a wide column, and how many of those fit."""


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


def crosstabs(analysis: Analysis, question: str) -> Iterator[Asked]:
    """A question by each crossbreak, segments first; a grid item by item; the total where it is alone."""
    names = ("questions", "question_columns")
    tables = {name: table_named(analysis, name) for name in names}
    return by_crossbreak(analysis.survey, tables, question)


def cut(asked: Asked, label: str, *, interval: bool = False) -> Iterator[Table]:
    """A question's table, cut to the width of a page."""
    labels = asked.columns["label"].iloc[1:]
    wide = max(map(len, labels), default=0) > LONG_LABEL
    most = FEWER_COLUMNS if wide else MOST_COLUMNS
    return asked.table(f"tbl-{label}", interval=interval).split(2 + interval, most)
