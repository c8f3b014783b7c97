"""The page of tables: one HTML file that needs nothing from elsewhere."""

from __future__ import annotations

import math
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from conjoint.errors import Fault, ReportError
from conjoint.policy import with_policy
from conjoint.say.label import (
    group_label,
    is_share,
    level_label,
    levels_label,
)
from conjoint.say.measure import RATED, SHARE
from conjoint.say.number import base_text
from conjoint.say.phrase import phrase
from conjoint.say.words import MARKS
from conjoint.table.question import asked_of, items
from conjoint.table.sheet import cell_text
from conjoint.table.web import web
from conjoint.workbook.figures import KINDS, figure_notes, groups_of, rows_of, subject_of
from conjoint.workbook.grid import grid_text, grid_title, sides_of
from conjoint.workbook.method import cover_facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from great_tables import GT

    from conjoint.workbook.book import Asked, Book
    from conjoint.workbook.figures import Kind

__all__ = ["page_bytes"]

CSS = """
:root { --ink: #1a1a1a; --muted: #595959; --rule: #b3b3b3; --head: #e8eef4; --link: #0072b2; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 100rem; color: var(--ink); background: #fff;
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; }
a { color: var(--link); }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .25rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
p { max-width: 70ch; margin: .25rem 0; }
.synthetic { color: #c00000; font-weight: 600; }
.muted, .note, dd small { color: var(--muted); }
.note { font-size: .8rem; margin: .1rem 0; max-width: 110ch; }
.back { font-size: .8rem; }
nav ol { columns: 22rem; padding-left: 1.5rem; }
dl { display: grid; grid-template-columns: minmax(9rem, 14rem) 1fr; gap: .25rem 1rem; margin: 0; }
dt { font-weight: 600; } dd { margin: 0; max-width: 100ch; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; margin: .5rem 0; }
table { border-collapse: collapse; font-size: .8rem; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .5rem; text-align: right; vertical-align: top; font-weight: 400; }
thead th { background: var(--head); vertical-align: bottom; min-width: 4.4rem; max-width: 8rem; hyphens: none; }
thead th[scope=colgroup] { font-weight: 600; text-align: center; border-left: 2px solid #fff; max-width: none; }
thead th.words { text-align: left; }
tbody th { text-align: left; position: sticky; left: 0; background: #fff; min-width: 9rem; max-width: 18rem; }
tbody .band th { font-weight: 600; background: #f5f7f9; border-top: 1px solid var(--rule); max-width: none; }
tr.net th, tr.net td { font-weight: 600; } tr.base { color: var(--muted); }
thead .gt_column_spanner_outer { text-align: center; border-left: 2px solid #fff; }
thead .gt_column_spanner { font-weight: 600; }
thead tr:last-child th { border-bottom: 1px solid var(--rule); }
.gt_stub { text-align: left; position: sticky; left: 0; background: #fff; min-width: 9rem;
  max-width: 18rem; }
.gt_group_heading { text-align: left; font-weight: 600; background: #f5f7f9;
  border-top: 1px solid var(--rule); }
td small { display: block; color: var(--muted); font-size: .7rem; white-space: nowrap; }
td b { color: #c00000; }
@media (max-width: 40rem) { body { padding: 1rem; } dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
@media print { @page { size: A4 landscape; margin: 12mm; } body { padding: 0; font-size: 9pt; max-width: none; }
  section { break-inside: avoid; } .scroll { overflow: visible; } .back { display: none; } }
"""


def page_bytes(book: Book) -> bytes:
    """Write the page.

    Raises
    ------
    ReportError
        The extra `tables` is not installed.
    """
    try:
        import great_tables  # noqa: F401  # said before anything is made
    except ModuleNotFoundError as error:
        raise ReportError(
            Fault("html", f"{error.name} is not installed", do='pip install "conjoint[tables]".')
        ) from error
    title = _safe(book.survey.title)
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{phrase('workbook.titled', survey=title)}</title>\n<style>{CSS}</style>\n</head>\n<body>\n"
        + "\n".join(_body(book, title))
        + "\n</body>\n</html>\n"
    )
    return with_policy(page).encode()


def _body(book: Book, title: str) -> Iterator[str]:
    survey = book.survey
    yield f'<header id="contents"><h1>{title}</h1>'
    if survey.synthetic:
        yield f'<p class="synthetic">{phrase("workbook.synthetic")} {_safe(survey.synthetic_note)}</p>'
    yield f"</header><nav><h2>{phrase('workbook.contents')}</h2><ol>"
    for asked in book.questions:
        yield f'<li><a href="#q{asked.number}">{_safe(asked.title)}</a></li>'
    kinds = [kind for kind in KINDS if kind.frame in book.figures]
    for kind in kinds:
        yield f'<li><a href="#{kind.frame}">{kind.name}</a></li>'
    if "joint_means" in book.figures:
        yield f'<li><a href="#joint_means">{_safe(grid_title(survey))}</a></li>'
    yield f'<li><a href="#method">{phrase("workbook.how_made")}</a></li></ol></nav><main>'
    for asked in book.questions:
        yield from _question(book, asked)
    for kind in kinds:
        yield from _figures(book, kind)
    if "joint_means" in book.figures:
        yield from _grid(book)
    yield from _method(book)
    yield "</main>"


def _question(book: Book, asked: Asked) -> Iterator[str]:
    first = asked.tables[0]
    title = phrase("workbook.question.titled", number=asked.number, question=_safe(asked.title))
    yield f'<section id="q{asked.number}"><h2>{title}</h2>'
    if first.text:
        yield f"<p>{_safe(first.text)}</p>"
    yield f'<p class="muted">{_safe(asked_of(first.base))}</p>'
    for item in items(book.survey, book.frames, asked.key, book.decimals):
        if item.item:
            yield f"<h3>{_safe(item.item_label)}</h3>"
        yield web(replace(item.table(), captioned=False))
    yield f"{_back()}</section>"


SMALL, MARK = ("\ue000", "\ue001"), ("\ue002", "\ue003")
"""Stand for tags while great-tables escapes a cell: characters that `cell_text` takes out of any text."""

TAGS = {SMALL[0]: "<small>", SMALL[1]: "</small>", MARK[0]: "<b>", MARK[1]: "</b>"}

FINE, FINE_RATED = replace(SHARE, decimals=1), replace(RATED, decimals=2)
"""Figures of the conjoint have a decimal more than for the press."""


def _back() -> str:
    return f'<p class="back"><a href="#contents">{phrase("workbook.contents")}</a></p>'


def _mark(reading: str) -> str:
    return f" {MARK[0]}{MARKS[reading]}{MARK[1]}" if MARKS[reading] else ""


def _great_table(
    labels: Sequence[str],
    cells: Sequence[Sequence[str]],
    heads: Sequence[str],
    spanners: Sequence[str],
    name: str,
    bands: Sequence[str] | None = None,
) -> GT:
    """A table of plain texts: great-tables escapes them."""
    from great_tables import GT

    names = [f"c{place}" for place in range(len(heads))]
    frame = pd.DataFrame([list(row) for row in cells], columns=names, dtype=object)
    frame.insert(0, "stub", [cell_text(label) for label in labels])
    given: dict[str, Any] = {"rowname_col": "stub", "id": name}
    if bands is not None:
        frame.insert(0, "band", [cell_text(band) for band in bands])
        given["groupname_col"] = "band"
    named: dict[str, Any] = {n: cell_text(h) for n, h in zip(names, heads, strict=True)}
    table = GT(frame, **given).cols_label(**named)
    for place, spanner in enumerate(dict.fromkeys(spanners)):
        if spanner:
            own = [n for n, each in zip(names, spanners, strict=True) if each == spanner]
            table = table.tab_spanner(cell_text(spanner), columns=own, id=f"s{place}")
    return table


def _rendered(table: GT) -> str:
    """The table alone: the page has its style once."""
    whole = str(table.as_raw_html(inline_css=False))
    inside = whole[whole.index("<table") : whole.rindex("</table>") + len("</table>")]
    for mark, tag in TAGS.items():
        inside = inside.replace(mark, tag)
    return f'<div class="scroll" tabindex="0">{inside}</div>'


def _figures(book: Book, kind: Kind) -> Iterator[str]:
    survey, frame = book.survey, book.figures[kind.frame]
    groups = groups_of(book, frame)
    yield f'<section id="{kind.frame}"><h2>{kind.name}</h2><p>{kind.text}</p>'
    labels, cells, bands = [], [], []
    for outcome, attribute, rows in rows_of(frame):
        share = is_share(survey, outcome)
        head = subject_of(survey, outcome, attribute)
        for level, own in rows.items():
            by_group = {str(row["group"]): row for row in own.to_dict("records")}
            labels.append(level_label(survey, attribute, str(level)))
            bands.append(head)
            cells.append([_figure(by_group.get(group), kind, share=share) for group in groups])
    heads = [group_label(survey, group) for group in groups]
    yield _rendered(
        _great_table(labels, cells, heads, [""] * len(heads), f"{kind.frame}_table", bands)
    )
    yield f'<p class="note">{phrase("workbook.beneath")}</p>'
    yield from (f'<p class="note">{_safe(text)}</p>' for text in figure_notes(book, kind.frame))
    yield f"{_back()}</section>"


def _grid(book: Book) -> Iterator[str]:
    survey, frame = book.survey, book.figures["joint_means"]
    across, down = survey.report.grid
    share = is_share(survey, survey.grid_outcome)
    kind = next(kind for kind in KINDS if not kind.change)
    yield f'<section id="joint_means"><h2>{_safe(grid_title(survey))}</h2>'
    yield f"<p>{_safe(grid_text(survey))}</p>"
    tables: dict[tuple[str, ...], list[tuple[str, list[str], str]]] = {}
    for group in groups_of(book, frame):
        own = frame[frame["group"] == group]
        found = {(str(row["across"]), str(row["down"])): row for row in own.to_dict("records")}
        columns, rows = sides_of(survey, own)
        for levels in rows:
            figures = [_figure(found.get((each, levels)), kind, share=share) for each in columns]
            line = levels_label(survey, down, levels), figures, group_label(survey, group)
            tables.setdefault(tuple(columns), []).append(line)
    for place, (sides, lines) in enumerate(tables.items()):
        labels, cells, bands = zip(*lines, strict=True)
        heads = [levels_label(survey, across, levels) for levels in sides]
        spanners = [survey.attribute_label(across)] * len(heads)
        name = f"grid{place}" if place else "grid"
        yield _rendered(_great_table(labels, cells, heads, spanners, name, bands))
    yield f'<p class="note">{phrase("workbook.grid.beneath")}</p>'
    yield from (f'<p class="note">{_safe(text)}</p>' for text in figure_notes(book, "joint_means"))
    yield f"{_back()}</section>"


def _figure(cell: Any, kind: Kind, *, share: bool) -> str:
    """A figure with its interval and base beneath."""
    if cell is None or math.isnan(cell["estimate"]):
        return _mark("suppressed" if cell is None else cell["reading"]).strip()
    measure = FINE if share else FINE_RATED
    say, ends = (
        (measure.change, measure.changes) if kind.change else (measure.say, measure.bare_interval)
    )
    low, high = cell["conf_low"], cell["conf_high"]
    interval = "" if math.isnan(low) else f"{ends(low, high)}; "
    base = f"{base_text(cell['n_respondents'])}{_mark(cell['reading'])}"
    return f"{say(cell['estimate'])}{SMALL[0]}{interval}{base}{SMALL[1]}"


def _method(book: Book) -> Iterator[str]:
    yield f'<section id="method"><h2>{phrase("workbook.how_made")}</h2>'
    for heading, rows in cover_facts(book):
        yield f"<h3>{heading}</h3><dl>"
        yield from (f"<dt>{_safe(name)}</dt><dd>{_safe(text)}</dd>" for name, text in rows)
        yield "</dl>"
    yield f"{_back()}</section>"


def _safe(text: object) -> str:
    return escape(cell_text(text))
