"""The page of tables: one HTML file that needs nothing from elsewhere."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

from conjoint.policy import with_policy
from conjoint.say.phrase import phrase
from conjoint.table.figures import Figures, Kind
from conjoint.table.pairs import Pairs
from conjoint.table.question import asked_of, items
from conjoint.table.sheet import cell_text
from conjoint.table.web import web
from conjoint.workbook.figures import grid_text, groups_of, kinds_of
from conjoint.workbook.method import cover_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.workbook.book import Asked, Book

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
thead tr:last-child th { border-bottom: 1px solid var(--rule); }
td small { display: block; color: var(--muted); font-size: .7rem; white-space: nowrap; }
td b { color: #c00000; }
@media (max-width: 40rem) { body { padding: 1rem; } dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
@media print { @page { size: A4 landscape; margin: 12mm; } body { padding: 0; font-size: 9pt; max-width: none; }
  section { break-inside: avoid; } .scroll { overflow: visible; } .back { display: none; } }
"""


def page_bytes(book: Book) -> bytes:
    """Write the page."""
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
    kinds = list(kinds_of(book))
    for kind in kinds:
        yield f'<li><a href="#{kind.frame}">{kind.name}</a></li>'
    if "joint_means" in book.figures:
        yield f'<li><a href="#joint_means">{_safe(Pairs(survey, book.figures).title)}</a></li>'
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


def _back() -> str:
    return f'<p class="back"><a href="#contents">{phrase("workbook.contents")}</a></p>'


def _figures(book: Book, kind: Kind) -> Iterator[str]:
    made = Figures(book.survey, book.figures, kind)
    yield f'<section id="{kind.frame}"><h2>{kind.name}</h2><p>{kind.text}</p>'
    yield web(made.page(groups_of(book, made.frame)))
    yield f"{_back()}</section>"


def _grid(book: Book) -> Iterator[str]:
    made = Pairs(book.survey, book.figures)
    yield f'<section id="joint_means"><h2>{_safe(made.title)}</h2>'
    yield f"<p>{_safe(grid_text(book.survey))}</p>"
    yield from map(web, made.page(groups_of(book, made.frame)))
    yield f"{_back()}</section>"


def _method(book: Book) -> Iterator[str]:
    yield f'<section id="method"><h2>{phrase("workbook.how_made")}</h2>'
    for heading, rows in cover_facts(book):
        yield f"<h3>{heading}</h3><dl>"
        yield from (f"<dt>{_safe(name)}</dt><dd>{_safe(cell.text)}</dd>" for name, cell in rows)
        yield "</dl>"
    yield f"{_back()}</section>"


def _safe(text: object) -> str:
    return escape(cell_text(text))
