"""Pictures as bytes: the same plot gives the same ones, and small ones."""

from __future__ import annotations

import base64
import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.text import Text
from PIL import Image
from plotnine import theme

from conjoint.plot.theme import font_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from plotnine import ggplot

__all__ = ["SLIDE", "data_uri", "drawn", "fitted", "png_of", "svg_of"]

SLIDE = (1600, 900)
"""Pixels of a picture for a slide."""

DPI, POINTS = 200, 72
"""Dots of an inch in PNG, and the units of SVG."""

WIDTHS = (8.0, 9.0, 10.0, 11.5, 13.33, 16.0, 20.0, 24.0)
"""Inches tried for a slide: the first whose sixteenth by nine holds the plot keeps text largest."""

COLOURS = 127
"""A chart has a handful of colours; these keep its soft edges too. White comes on top."""


PACKED = 7
"""How hard PNG tries to be small: the most takes six times as long for a tenth."""


@contextmanager
def drawn(plot: ggplot) -> Iterator[Any]:
    """A plot's figure, closed behind."""
    fonts = font_settings()
    for scale in plot.scales:  # no chart shows lines between those that have a label
        if hasattr(scale, "minor_breaks"):
            scale.minor_breaks = None
    # Of frames as small as a chart's Python's own strings are quicker to take apart than Arrow's.
    with rc_context(fonts), pd.option_context("mode.string_storage", "python"):
        figure = plot.draw()
        for text in figure.findobj(Text):  # plotnine names one family, and others may be needed
            text.set_fontfamily(fonts["font.family"])
        try:
            yield figure
        finally:
            plt.close(figure)


def fitted(draw: Callable[[float], ggplot]) -> tuple[ggplot, float]:
    """The plot in the shape of a slide, with its width in inches."""
    for width in WIDTHS:
        plot = draw(width)
        height = width * SLIDE[1] / SLIDE[0]
        if plot.theme.getp("figure_size")[1] <= height:
            break
    return plot + theme(figure_size=(width, height)), width


def png_of(figure: Any, dpi: float = DPI) -> bytes:
    """A drawn figure as a PNG of few colours."""
    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)  # savefig would draw everything once more, to measure it
    canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    small = picture.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette = (small.getpalette() or [])[: 3 * COLOURS]
    small.putpalette([*palette, *[0] * (3 * COLOURS - len(palette)), 255, 255, 255])
    white = picture.convert("L").point(lambda tone: 255 * (tone == 255))
    small.paste(COLOURS, mask=white)  # finding few colours would dull white
    buffer = io.BytesIO()
    small.save(buffer, "PNG", compress_level=PACKED, dpi=(dpi, dpi))
    return buffer.getvalue()


def svg_of(figure: Any, alt: str) -> bytes:
    """A figure as SVG, letters as outlines, so that it needs no font."""
    buffer = io.BytesIO()
    figure.set_dpi(POINTS)
    with rc_context({"svg.hashsalt": "conjoint", "svg.fonttype": "path"}):
        FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Description": alt})
    return buffer.getvalue()


def data_uri(png: bytes) -> str:
    """A PNG as an address that holds it."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
