"""A chart: one picture for wide screens and one for a phone, its alt text and its data."""

from __future__ import annotations

import base64
import html
import io
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from plotnine import ggplot

__all__ = ["NARROW", "WIDE", "Chart"]

WIDE, NARROW = 7.2, 3.75
"""Widths in inches: the report's column, and a phone's."""

DPI = 200
PHONE = "(max-width: 640px)"


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
        The figures drawn, as they are to be read: one click away in HTML.
    empty
        That no figure can be shown, so that there is nothing to draw.
    title, measure
        The finding, and what is measured: words that stand above the picture.
    """

    draw: Callable[[float], ggplot]
    alt: str
    data: pd.DataFrame
    empty: bool = False
    title: str = ""
    measure: str = ""

    def titled(self, title: str, measure: str) -> Chart:
        """Give back the chart with words above it."""
        return replace(self, title=title, measure=measure)

    def png(self, width: float = WIDE) -> bytes:
        """Draw the picture at a width in inches."""
        from matplotlib import pyplot as plt  # only drawing needs it

        figure = self.draw(width).draw()
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
        plt.close(figure)
        return buffer.getvalue()

    @cached_property
    def html(self) -> str:
        """The chart as one piece of HTML: a picture for each width, and a table of its figures."""
        wide, narrow = (_data_uri(self.png(width)) for width in (WIDE, NARROW))
        title = f"<strong>{html.escape(self.title)}</strong> " if self.title else ""
        words = f"<figcaption>{title}{html.escape(self.measure)}</figcaption>"
        table = self.data.to_html(index=False, border=0, classes="figures", escape=True)
        return (
            f'<figure class="chart">{words if self.measure else ""}<picture><source media="{PHONE}" srcset="{narrow}">'
            f'<img src="{wide}" alt="{html.escape(self.alt, quote=True)}"></picture>'
            f"<details><summary>The figures in this chart</summary>"
            f'<div class="scroll" tabindex="0" role="region" aria-label="Figures in this chart">'
            f"{table}</div></details></figure>"
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {
            "text/html": self.html,
            "image/png": base64.b64encode(self.png()).decode("ascii"),
            "text/plain": self.alt,
        }


def _data_uri(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
