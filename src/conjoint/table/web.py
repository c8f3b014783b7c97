"""Tables as HTML: heads that screen readers know, in a box that scrolls by keyboard too."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from conjoint.say.words import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.table.model import Cell, Row, Table

__all__ = ["web"]

TAGS = {"strong": "strong", "code": "code"}


def web(table: Table) -> str:
    """Write a table; its notes are the page's to set."""
    caption = f"<caption>{_safe(table.name)}</caption>" if table.captioned else ""
    rows = "\n".join(_row(row, table) for row in table.rows)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{_safe(table.name)}"><table>{caption}\n'
        f"<thead>{''.join(_heads(table))}</thead>\n<tbody>\n{rows}\n</tbody></table></div>"
    )


def _heads(table: Table) -> Iterator[str]:
    if any(column.over for column in table.columns):
        yield "<tr>"
        for over, own in groupby(column.over for column in table.columns):
            size = len(list(own))
            yield (
                f'<th scope="colgroup" colspan="{size}">{_safe(over)}</th>'
                if over
                else "<td></td>" * size
            )
        yield "</tr>"
    yield "<tr>"
    for column in table.columns:
        yield (
            f'<th scope="col"{_class("words" * column.words)}>{_safe(column.head)}</th>'
            if column.head
            else "<td></td>"
        )
    yield "</tr>"


def _row(row: Row, table: Table) -> str:
    first, *others = row.cells
    if row.kind == "band" and not others:
        size = len(table.columns)
        return f'<tr class="band"><th scope="rowgroup" colspan="{size}">{_said(first)}</th></tr>'
    cells = "".join(
        f"<td{_class('words' * column.words)}>{_said(cell)}</td>"
        for column, cell in zip(table.columns[1:], others, strict=True)
    )
    return f'<tr{_class(row.kind)}><th scope="row">{_said(first)}</th>{cells}</tr>'


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def _said(cell: Cell) -> str:
    """A cell's text, its mark, and beneath it in small letters what stands behind a figure."""
    text = _safe(cell.text)
    if text and cell.tone in TAGS:
        text = f"<{TAGS[cell.tone]}>{text}</{TAGS[cell.tone]}>"
    mark = f" <b>{_safe(cell.mark)}</b>" if cell.mark else ""
    beneath = " ".join(part for part in (cell.aside, cell.letters) if part)
    if cell.aside:  # the mark is that of the base, which stands there
        return f"{text}<small>{_safe(beneath)}{mark}</small>"
    return text + mark + (f"<small>{_safe(beneath)}</small>" if beneath else "")


def _safe(text: object) -> str:
    return escape(printable(text).replace("\n", " "))
