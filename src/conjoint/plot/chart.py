"""A chart: its pictures for a page, a phone and a slide, its alt text and its data."""

from __future__ import annotations

import gc
import hashlib
import html
import io
import os
import pickle
import signal
import sys
import tempfile
import unicodedata
import warnings
from dataclasses import dataclass, replace
from functools import cached_property
from multiprocessing import get_context
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Literal, Self

from conjoint.plot.picture import SLIDE, data_uri, drawn, fitted, png_of, svg_of
from conjoint.say.phrase import phrase
from conjoint.spreadsheet import csv_text
from conjoint.withhold.threshold import too_few

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from multiprocessing.process import BaseProcess
    from typing import BinaryIO

    import pandas as pd
    from plotnine import ggplot

    from conjoint.survey import Survey

__all__ = ["NARROW", "WIDE", "Chart", "Drawing", "View", "chart_name"]

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


Wanted = tuple[str, str, bytes, "View"]
"""What tells a picture from every other: its chart's name, alt text and figures, and what it is drawn for."""

AT_ONCE = 4
"""Pictures that a process draws before it gives way to one that knows of newer charts."""


class Drawing:
    """Charts drawn by processes beside this one, each once for all that it is wanted for.

    Where processes cannot be forked, or there is one processor, nothing is done, and what could not be drawn is
    left: such charts are drawn when their pictures are wanted, where an error has its place.
    """

    def __init__(self) -> None:
        self._processors = len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1
        self._charts: dict[Wanted, list[Chart]] = {}
        self._waiting: list[Wanted] = []
        self._running: dict[BaseProcess, BinaryIO] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process, file in self._running.items():
            process.terminate()
            file.close()

    def begin(self, wanted: Iterable[tuple[Chart, View]]) -> None:
        """Have charts drawn from here on."""
        for chart, view in wanted:
            if not chart.empty and self._processors > 1:
                key = (chart.stem, chart.alt, chart.csv(), view)
                if key not in self._charts:
                    self._waiting.append(key)
                self._charts.setdefault(key, []).append(chart)
        self._go_on()

    def finish(self) -> None:
        """Wait for the pictures."""
        while self._running:
            wait([process.sentinel for process in self._running])
            self._go_on()

    def _go_on(self) -> None:
        """Give the pictures that are ready to their charts, and have others drawn instead."""
        for process, file in [*self._running.items()]:
            if not process.is_alive():
                del self._running[process]
                with file:
                    file.seek(0)
                    drawn = pickle.load(file) if process.exitcode == 0 else {}  # noqa: S301 - its own
                for key, picture in drawn.items():
                    for chart in self._charts[key]:
                        chart.__dict__[key[-1]] = picture
        while self._waiting and len(self._running) < self._processors:
            own, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
            file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it has been read
            process = get_context("fork").Process(target=self._draw, args=(own, file), daemon=True)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads
                process.start()
            self._running[process] = file

    def _draw(self, own: list[Wanted], file: BinaryIO) -> None:
        """In a process that draws: leave Ctrl-C and the terminal to the one that waits for it.

        Garbage is collected after each picture, not while one is drawn: its thousands of objects all stay till then.
        """
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        sys.stdout = sys.stderr = io.StringIO()
        gc.freeze()
        gc.disable()
        drawn = {}
        for key in own:
            drawn[key] = getattr(self._charts[key][0], key[-1])
            gc.collect()
        pickle.dump(drawn, file)
        file.flush()


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
