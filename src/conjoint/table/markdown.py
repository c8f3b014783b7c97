"""Tables as Markdown: captioned, in a box that scrolls by keyboard too, no word cut by a narrow column."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conjoint.say.words import attribute, code, escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conjoint.table.model import Cell, Row, Table

__all__ = ["markdown", "note"]

WIDEST = 90
"""Characters of a line of Markdown that is longer than what pandoc sets without widths."""

LONGEST_PIECE = 18
"""Letters of a word for which others make room; longer ones are cut."""

MARKUP = re.compile(r"\*+|\{[^}]*\}|[\[\]]|\\(.)|`[^`]*`")
"""What of a cell is not read: stress, spans, escapes; code may be cut anywhere."""

FIGURES = re.compile(r"[\d\s.,%±−–+()]*(?:to[\d\s.,%±−–+()]*)?")
"""Numbers, intervals and their signs, none of which is markup."""

LETTERED = "{.letters}"
"""Class of the letters of column tests."""


def markdown(table: Table) -> str:
    """Write a table, and its notes under it."""
    heads = [escape(column.head) for column in table.columns]
    rows = [_line(row, len(heads)) for row in table.rows]
    rule = "|".join(
        f":{dashes}" if column.words else f"{dashes}:"
        for column, dashes in zip(table.columns, _dashes(table, [heads, *rows]), strict=True)
    )
    lines = "\n".join(f"|{line}|" for line in ["|".join(heads), rule, *map("|".join, rows)])
    caption = f": {escape(table.name)}" + (f" {{#{table.label}}}" if table.label else "")
    inside = [lines, caption] if table.captioned else [lines]
    box = (
        f'{{.scroll{_kind(table)} tabindex="0" role="region" aria-label="{attribute(table.name)}"}}'
    )
    written = "\n\n".join([f"::: {box}", *inside, ":::"])
    return f"{written}\n\n{note(table.notes)}" if table.notes else written


def note(said: Iterable[str]) -> str:
    """Sentences under a table, a line each."""
    return "::: {.note}\n" + "\\\n".join(said) + "\n:::"


def _kind(table: Table) -> str:
    """A table of words alone may be cut by a page's end."""
    if not table.captioned:
        return ""
    return " .listing" if all(column.words for column in table.columns) else " .crosstab"


def _line(row: Row, columns: int) -> list[str]:
    first, *others = row.cells
    if row.kind in ("band", "net") and first.tone == "":
        first = replace(first, tone="strong")
    return [_said(first), *map(_said, others), *[""] * (columns - 1 - len(others))]


def _said(cell: Cell) -> str:
    """A cell with everything that stands behind its text."""
    marks = "\u00a0".join(_plain(part) for part in (cell.aside, cell.mark) if part)
    text = _set(cell) + f"\u00a0{marks}" * bool(marks)
    return text + (f" [{_plain(cell.letters)}]{LETTERED}" if cell.letters else "")


def _set(cell: Cell) -> str:
    if cell.tone == "code":
        return code(cell.text)
    if cell.tone == "strong" and cell.text:
        return f"**{escape(cell.text)}**"
    return cell.text if cell.tone == "markup" else _plain(cell.text)


def _plain(text: str) -> str:
    """Text that stays text; figures need no escape for that."""
    return text if FIGURES.fullmatch(text) and ".." not in text else escape(text)


def _dashes(table: Table, lines: Sequence[Sequence[str]]) -> list[str]:
    """The line under the heads: pandoc takes widths from it where a line is long."""
    sizes = [column.width for column in table.columns]
    if not any(sizes):
        return ["---" for _ in sizes]
    sizes = _with_room(sizes, lines)
    unit = max(6.0, WIDEST / sum(sizes))
    return ["-" * round(unit * size) for size in sizes]


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
