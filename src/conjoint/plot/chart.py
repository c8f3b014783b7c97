"""A chart: its pictures for a page, a phone and a slide, its alt text and its data."""

from __future__ import annotations

import gc
import hashlib
import html
import io
import os
import signal
import sys
import unicodedata
import warnings
from dataclasses import dataclass, replace
from functools import cached_property
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Literal

from conjoint.plot.picture import SLIDE, data_uri, drawn, fitted, png_of, svg_of
from conjoint.say.phrase import phrase
from conjoint.spreadsheet import csv_text
from conjoint.withhold.threshold import too_few

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pandas as pd
    from plotnine import ggplot

    from conjoint.survey import Survey

__all__ = ["NARROW", "WIDE", "Chart", "View", "chart_name", "draw_together"]

WIDE, NARROW = 7.2, 3.75
"""Widths in inches: the report's column, and a phone's."""

PHONE = "(max-width: 640px)"


View = Literal["page", "phone", "slide"]
"""What a chart is drawn for."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn chart as PNG and as SVG."""

    png: bytes
    svg: bytes


@dataclass(frozen=True, eq=False, repr=False)
class Chart:
    """A chart that a report shows, drawn anew for the width it is seen at.

    Parameters
    ----------
    draw
        Gives the plot for a width in inches.
    alt
        What the chart shows, for those who cannot see it.
    data
        The figures drawn, as they are to be read: one click away in HTML, and a CSV.
    empty
        That no figure can be shown, so that there is nothing to draw.
    title, measure
        The finding, and what is measured: words that stand above the picture.
    name
        What its files are called and it is referred to by: see :func:`chart_name`. No two charts of
        a report have the same.
    """

    draw: Callable[[float], ggplot]
    alt: str
    data: pd.DataFrame
    empty: bool = False
    title: str = ""
    measure: str = ""
    name: str = ""

    def titled(self, title: str, measure: str, name: str = "") -> Chart:
        """Give back the chart with words above it, and another name where it is given."""
        return replace(self, title=title, measure=measure, name=name or self.name)

    @property
    def stem(self) -> str:
        """What its files are called, also where nobody named it."""
        return self.name or f"chart-{_digest(self.alt)}"

    def png(self, width: float = WIDE) -> bytes:
        """Draw the picture at a width in inches."""
        with drawn(self.draw(width)) as figure:
            return png_of(figure)

    @cached_property
    def page(self) -> Picture:
        """The chart at a page's width."""
        with drawn(self.draw(WIDE)) as figure:
            return Picture(png_of(figure), svg_of(figure, self.alt))

    @cached_property
    def phone(self) -> bytes:
        """The chart at a phone's width, as PNG."""
        return self.png(NARROW)

    @cached_property
    def slide(self) -> bytes:
        """The chart in the shape of a slide, as PNG."""
        plot, width = fitted(self.draw)
        with drawn(plot) as figure:
            return png_of(figure, SLIDE[0] / width)

    def csv(self) -> bytes:
        """The figures as CSV; text that a spreadsheet would take for a formula stays text."""
        return csv_text(self.data).encode()

    @cached_property
    def html(self) -> str:
        """The chart as one piece of HTML: words, a picture for each width, a table of its figures."""
        title = f"<strong>{html.escape(self.title)}</strong> " if self.title else ""
        words = f"<figcaption>{title}{html.escape(self.measure)}</figcaption>"
        return f'<figure class="chart">{words if self.measure else ""}{self.body}</figure>'

    @cached_property
    def body(self) -> str:
        """The HTML without the words: whoever sets it writes them."""
        wide, narrow = data_uri(self.page.png), data_uri(self.phone)
        table = self.data.to_html(index=False, border=0, classes="figures", escape=True)
        return (
            f'<picture><source media="{PHONE}" srcset="{narrow}">'
            f'<img src="{wide}" alt="{html.escape(self.alt, quote=True)}"></picture>'
            f"<details><summary>{phrase('charts.figures')}</summary>"
            f'<div class="scroll" tabindex="0" role="region" aria-label="{phrase("charts.table")}">'
            f"{table}</div></details>"
        ).replace("`", "&#96;")

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {
            "text/html": self.html,
            "image/png": data_uri(self.page.png).partition(",")[2],
            "text/plain": self.alt,
        }


_WAITING: list[tuple[Chart, View]] = []
"""What is drawn together, as the processes that draw it find it."""


def draw_together(wanted: Iterable[tuple[Chart, View]]) -> None:
    """Draw charts on as many processors as there are, each once for all that it is wanted for.

    Where processes cannot be forked, or there is one processor, nothing is done: charts are then drawn one by
    one, when their pictures are wanted.
    """
    same: dict[tuple[str, str, bytes, View], list[Chart]] = {}
    for chart, view in wanted:
        if not chart.empty:
            same.setdefault((chart.stem, chart.alt, chart.csv(), view), []).append(chart)
    _WAITING[:] = [(own[0], key[-1]) for key, own in same.items()]
    try:
        made = _drawn_by_many(len(_WAITING))
    finally:
        _WAITING.clear()
    for (*_, view), own, picture in zip(same, same.values(), made, strict=False):
        for chart in own:
            chart.__dict__[view] = picture


def _drawn_by_many(count: int) -> list[Any]:
    """Pictures of the charts that wait; none where it is not done here."""
    workers = min(count, len(os.sched_getaffinity(0))) if sys.platform == "linux" else 1
    if workers < 2:
        return []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads
        pool = get_context("fork").Pool(workers, _begin)
    with pool:
        return pool.map(_drawn_at, range(count), chunksize=1)


def _begin() -> None:
    """In a process that draws: leave Ctrl-C and the terminal to the one that waits for it.

    Garbage is collected after each picture, not while one is drawn: its thousands of objects all stay till then.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.stdout = sys.stderr = io.StringIO()
    gc.freeze()
    gc.disable()


def _drawn_at(place: int) -> Any:
    chart, view = _WAITING[place]
    try:
        return getattr(chart, view)
    finally:
        gc.collect()


def chart_name(*parts: str) -> str:
    """A chart's name: lower case letters, digits and hyphens; other scripts become a short digest.

    >>> chart_name("means", "Reduction_In_Arrivals")
    'means-reduction-in-arrivals'
    """
    return "-".join(_slug(part) for part in parts)


def not_quoted(survey: Survey, row: Mapping[Any, Any] | pd.Series[Any]) -> str:
    """Say behind a figure in alt text that its effective base is too small for it to be quoted."""
    few = too_few(float(row.get("n_effective", float("nan"))), survey.thresholds)
    return phrase("charts.not_quoted") if few else ""


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).lower()
    lost = any(letter.isalnum() and not letter.isascii() for letter in plain)
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in plain).split()
    return "-".join([*words, _digest(text)] if lost or not words else words)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
