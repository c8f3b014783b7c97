"""Puts Markdown and charts where a notebook cell stands; Quarto and the embedded renderer read it.

Everything is written as plain Quarto Markdown, with the pictures as files beside the source, so that
one executed notebook can be set in every format.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from conjoint.plot import Chart
from conjoint.plot.chart import chart_name
from conjoint.report.claim import Claim
from conjoint.say.words import escape
from conjoint.table import Table
from conjoint.table.markdown import markdown as table_markdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conjoint.plot.chart import View
    from conjoint.typing import ReportFormat

__all__ = [
    "FIGURES",
    "Joined",
    "Only",
    "Part",
    "formats_wanted",
    "markdown",
    "only",
    "parts_of",
    "show",
    "slide",
    "taken",
    "views",
    "without",
]

FIGURES = Path("figures")
"""Where beside the source the files of charts are written."""

FENCE = "`" * 8

TALLEST = 1.2
"""Height of a picture over its width from which a document shows it narrower than its column."""

SLIDES = FIGURES / "slides"
"""Where those in the shape of a slide are, which only presentations need."""

DRAWN: dict[Path, tuple[str, bytes]] = {}
"""What each chart's file was drawn from: the words and the figures."""

Medium = Literal["html", "docx", "pptx", "typst", "markdown"]
"""Formats by the names that Quarto's conditions know; PDF is typst here."""

MEDIA: dict[ReportFormat, Medium] = {
    "html": "html", "docx": "docx", "pptx": "pptx", "pdf": "typst", "md": "markdown"
}  # fmt: skip
"""What Quarto's conditions call the formats that people ask for."""


@dataclass(frozen=True, slots=True)
class Only:
    """Parts that stand in one format alone, or in every other."""

    medium: Medium
    parts: tuple[Part, ...]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """Parts that stand in one passage, such as claims in an item of a list."""

    parts: tuple[Part, ...]
    by: str = " "


Kind = TypeVar("Kind", Chart, Claim)

Part = str | Chart | Claim | Table | Joined | Only
"""What a report's methods yield: Markdown, a chart, a claim, a table, or some of these."""


def parts_of(parts: Iterable[Part], kind: type[Kind]) -> Iterator[Kind]:
    """The charts or claims among parts, in order, those within other parts too."""
    for part in parts:
        if isinstance(part, kind):
            yield part
        elif isinstance(part, Joined | Only):
            yield from parts_of(part.parts, kind)


def only(medium: Medium, *parts: Part) -> Only:
    """Parts that stand in one format alone."""
    return Only(medium, parts)


def without(medium: Medium, *parts: Part) -> Only:
    """Parts that stand in every format but one."""
    return Only(medium, parts, hidden=True)


def slide(title: str, *parts: Part, small: str = "", notes: str = "") -> Only:
    """A slide of its own, for presentations alone: one message, its chart, its small print.

    Parameters
    ----------
    title
        The message, as Markdown that is already escaped.
    parts
        A chart, or a few lines of Markdown, or a table of a few rows: what fits one slide.
    small
        The measure and the bases, in small print under the chart.
    notes
        For the speaker's notes.
    """
    told = f"::: {{.notes}}\n{notes}\n:::" if notes else ""
    return Only("pptx", (f"## {title}", *([small] if small else []), *parts, told))


_WANTED: ContextVar[frozenset[Medium]] = ContextVar("wanted", default=frozenset(MEDIA.values()))
_TAKEN: ContextVar[list[Part] | None] = ContextVar("taken", default=None)


@contextmanager
def formats_wanted(formats: Iterable[ReportFormat]) -> Iterator[None]:
    """Write what these formats need and nothing else, from here on; without it all that any format needs."""
    token = _WANTED.set(frozenset(MEDIA[name] for name in formats))
    try:
        yield
    finally:
        _WANTED.reset(token)


@contextmanager
def taken() -> Iterator[list[Part]]:
    """Keep what is shown from here on, instead of displaying it."""
    parts: list[Part] = []
    token = _TAKEN.set(parts)
    try:
        yield parts
    finally:
        _TAKEN.reset(token)


def views(parts: Iterable[Part]) -> Iterator[tuple[Chart, View]]:
    """What charts among parts have to be drawn for, as far as a format that is wanted shows them."""
    media = _WANTED.get()
    for part in parts:
        if isinstance(part, Chart):
            yield part, "page"
            yield from ((part, "phone"),) if "html" in media else ()
            yield from ((part, "slide"),) if "pptx" in media else ()
        elif isinstance(part, Joined) or (isinstance(part, Only) and _is_wanted(part)):
            yield from views(part.parts)


def _is_wanted(part: Only) -> bool:
    return part.hidden or part.medium in _WANTED.get()


def show(parts: Iterable[Part]) -> None:
    """Display parts in turn, and write the files of the charts among them.

    A chart that has no figure to show is left out. Its files go to ``figures/``: ``NAME.png`` and
    ``NAME.svg`` at a page's width, ``NAME.csv`` with its figures, and for presentations
    ``slides/NAME.png`` of 1600 by 900 pixels.
    """
    kept = _TAKEN.get()
    if kept is not None:
        kept.extend(parts)
        return
    from IPython.display import Markdown, display  # only notebooks need it

    text = markdown(parts)
    if text:
        display(Markdown(text))


def markdown(parts: Iterable[Part], folder: Path | None = None) -> str:
    """Parts as one piece of Markdown; pictures are written beside the source or into `folder`."""
    target = (folder or Path()) / FIGURES
    texts = (_part(part, target) for part in parts)
    return "\n\n".join(text for text in texts if text)


def _part(part: Part, target: Path) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Claim):
        return part.marked
    if isinstance(part, Table):
        return table_markdown(part)
    if isinstance(part, Joined):
        return part.by.join(filter(None, (_part(own, target) for own in part.parts)))
    if isinstance(part, Chart):
        return "" if part.empty else _chart(part, target)
    if not _is_wanted(part):
        return ""
    inner = "\n\n".join(filter(None, (_inside(p, part, target) for p in part.parts)))
    return _conditional(inner, part.medium, hidden=part.hidden) if inner else ""


def _inside(part: Part, only_in: Only, target: Path) -> str:
    """A part for some formats; a chart for slides alone needs no words of its own."""
    if isinstance(part, Chart) and only_in.medium == "pptx" and not only_in.hidden:
        if part.empty:
            return ""
        part = _settled(part, target)
        _write(part, target)
        return _picture(part, SLIDES)
    return _part(part, target)


def _conditional(text: str, medium: str, *, hidden: bool = False) -> str:
    condition = f'.content-{"hidden" if hidden else "visible"} when-format="{medium}"'
    return f":::::: {{{condition}}}\n\n{text}\n\n::::::"


def _settled(chart: Chart, target: Path) -> Chart:
    """The chart, under a name that no other has: segments may differ in case or punctuation alone."""
    file = target / f"{chart.stem}.csv"
    if not file.is_file() or file.read_bytes() == chart.csv():
        return chart
    return replace(chart, name=chart_name(chart.stem, hashlib.sha256(chart.csv()).hexdigest()[:8]))


def _chart(chart: Chart, target: Path) -> str:
    """A chart in each format: the same words and alt text, the picture that fits the medium."""
    chart = _settled(chart, target)
    _write(chart, target)
    title = f"**{escape(chart.title)}**" if chart.title else ""
    caption = " ".join(filter(None, (title, escape(chart.measure))))
    name, fits = f"#fig-{chart.stem}", f"width={_share(chart.page.png)}%"
    media, texts = _WANTED.get(), []
    if "html" in media:
        raw = f"{FENCE}{{=html}}\n{chart.body}\n{FENCE}"
        page = f":::: {{{name} .chart}}\n\n{raw}\n\n{caption}\n\n::::"
        texts.append(_conditional(page, "html"))
    if "pptx" in media:
        texts.append(_conditional(_picture(chart, SLIDES, caption), "pptx"))
    if media - {"html", "pptx"}:
        other = _picture(chart, FIGURES, caption, name, fits)
        texts.append(_conditional(_conditional(other, "pptx", hidden=True), "html", hidden=True))
    return "\n\n".join(texts)


def _picture(chart: Chart, folder: Path, caption: str = "", name: str = "", fits: str = "") -> str:
    attributes = " ".join(filter(None, (name, f'fig-alt="{escape(chart.alt)}"', fits)))
    return f"![{caption}]({folder.as_posix()}/{chart.stem}.png){{{attributes}}}"


def _share(png: bytes) -> int:
    """How much of a column's width a picture may take so that it fits a page."""
    width, height = (int.from_bytes(png[place : place + 4], "big") for place in (16, 20))
    return min(100, int(100 * TALLEST * width / height))


def _write(chart: Chart, target: Path) -> None:
    """Write the files of a chart, unless the same one was shown before."""
    drawn = (chart.alt, chart.csv())
    page = target / f"{chart.stem}.png"
    slide = target / SLIDES.name / page.name if "pptx" in _WANTED.get() else page
    if DRAWN.get(page.resolve()) == drawn and page.exists() and slide.exists():
        return
    target.mkdir(parents=True, exist_ok=True)
    page.write_bytes(chart.page.png)
    page.with_suffix(".svg").write_bytes(chart.page.svg)
    page.with_suffix(".csv").write_bytes(drawn[1])
    if slide != page:
        slide.parent.mkdir(exist_ok=True)
        slide.write_bytes(chart.slide)
    DRAWN[page.resolve()] = drawn
