"""PDF by Typst: pandoc writes its markup, the PyPI package compiles it; the page is A4 in the house's look."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from conjoint.errors import Fault, ReportError

if TYPE_CHECKING:
    from conjoint.report.typeset.setting import Look

__all__ = ["compile_pdf", "fonts"]

PREAMBLE = """\
#set document(title: {title}, date: none)
#set page(
  paper: "a4",
  margin: (x: 19mm, top: 22mm, bottom: 20mm),
  header: context if here().page() > 1 {{ text(8.5pt, fill: rgb("#595959"), {running}) }},
  footer: context align(right, text(8.5pt, fill: rgb("#595959"),
    counter(page).display("1 / 1", both: true))),
)
#set text(font: ("Source Sans Pro", "DejaVu Sans"), size: 10.5pt, lang: "en", region: "GB",
  fill: rgb("#1a1a1a"), number-width: "tabular")
#set par(leading: 0.65em, spacing: 0.95em, justify: false)
#set figure(numbering: none, supplement: none, gap: 0.5em)
#set figure.caption(position: top)
#show figure: set align(left)
#show figure: set block(breakable: false)
#show figure.where(kind: table): set block(breakable: true)
#show figure.where(kind: table): it => layout(size => {{
  // A table that fits a page is not cut by its end.
  let height = measure(block(width: size.width, it)).height
  block(width: 100%, breakable: height > 235mm, it)
}})
#show figure.caption: it => block(sticky: true, width: 100%,
  align(left, text(9.5pt, fill: rgb("#595959"), it.body)))
#show heading: set text(weight: "bold", hyphenate: false)
#set strong(delta: 0)
#show strong: set text(weight: "bold")
#show heading.where(level: 1): set text(22pt)
#show heading.where(level: 2): it => block(above: 2.2em, below: 0.9em, sticky: true, width: 100%,
  stroke: (top: 1.2pt + rgb("#1a1a1a")), inset: (top: 0.6em), text(15pt, it.body))
#show heading.where(level: 3): it => block(above: 1.7em, below: 0.7em, sticky: true, text(12pt, it.body))
#set table(stroke: (x, y) => (bottom: 0.4pt + rgb("#b3b3b3")), inset: (x: 3.5pt, y: 3.5pt))
#set table.hline(stroke: 0.8pt + rgb("#1a1a1a"))
#show table: set text(8.8pt)
#show table: set par(leading: 0.5em)
#let tablehead(body) = text(weight: "bold", fill: rgb("#595959"), body)
#show regex("[+][+]|−−"): it => box(it)
#show raw: set text(font: "DejaVu Sans Mono", size: 0.82em)
#show link: set text(fill: rgb("#1a1a1a"))
#let horizontalrule = line(length: 100%, stroke: 0.4pt)
#let blockquote(body) = block(inset: (left: 1em), text(fill: rgb("#595959"), body))
#let banner(body) = block(width: 100%, fill: rgb("#fff4d6"), inset: 9pt,
  stroke: (left: 4pt + rgb("#b98900")), body)
#let boxed(body) = block(width: 100%, fill: rgb("#f5f6f7"), inset: 9pt,
  stroke: (left: 4pt + rgb("#0072b2")), body)
#let embargo(body) = text(weight: "bold", fill: rgb("#a3150f"), body)
#let overchart(body) = block(sticky: true, width: 100%, body)
#let segment(body) = {{
  set text(9.8pt)
  set par(leading: 0.55em, spacing: 0.75em)
  show heading.where(level: 3): set block(above: 1.2em, below: 0.5em)
  body
}}
#let noted(body) = block(sticky: true, width: 100%, body)
#let small(body) = text(9pt, fill: rgb("#595959"), body)
#let verdict(colour, body) = box(inset: (x: 4pt), outset: (y: 2pt), radius: 5pt,
  stroke: 0.6pt + rgb(colour), text(8pt, weight: "semibold", fill: rgb(colour), body))
"""
"""The look of the page; pandoc's own template is not used."""


def compile_pdf(markup: str, source: Path, look: Look) -> Path:
    """Compile Typst markup to a PDF beside a source.

    Raises
    ------
    ReportError
        The package is not installed, or Typst refuses the markup.
    """
    try:
        import typst
    except ModuleNotFoundError as error:
        raise ReportError(
            Fault("pdf", f"{error.name} is not installed", do='pip install "conjoint[report]".')
        ) from error
    written = source.with_suffix(".typ")
    head = PREAMBLE.format(title=typst_string(look.title), running=typst_string(look.running))
    written.write_text(head + markup, "utf-8")
    made = source.with_suffix(".pdf")
    try:
        typst.compile(
            str(written),
            output=str(made),
            root=str(source.parent),
            font_paths=[str(folder) for folder in fonts()],
            timestamp=look.date.replace(tzinfo=datetime.UTC) if look.date else None,
        )
    except typst.TypstError as error:
        raise ReportError(Fault(source.name, f"Typst could not set it: {error}")) from error
    return made


def typst_string(text: str) -> str:
    r"""Text as a string of Typst.

    >>> print(typst_string('a "b"'))
    "a \"b\""
    """
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def fonts() -> list[Path]:
    """Folders of the fonts that come with the report extra."""
    import matplotlib as mpl

    folders = [Path(mpl.get_data_path()) / "fonts" / "ttf"]
    try:
        import font_source_sans_pro as package
    except ImportError:
        return folders
    return [Path(str(package.__file__)).parent / "files", *folders]
