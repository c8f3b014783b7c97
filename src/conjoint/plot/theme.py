"""How charts look: one theme, fixed colours and shapes for groups, words that wrap."""

from __future__ import annotations

import textwrap
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib import font_manager
from plotnine import (
    element_blank,
    element_line,
    element_rect,
    element_text,
    theme,
    theme_minimal,
)

from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from conjoint.survey import Survey

__all__ = [
    "HUE",
    "INK",
    "MUTED",
    "GroupStyle",
    "chart_theme",
    "group_styles",
    "source_note",
    "wrap",
]

INK, MUTED, RULE = "#1a1a1a", "#595959", "#b3b3b3"
HUE = ("#f7fbff", "#6baed6")
"""Ends of the one-hue scale; both are light enough for dark text."""

SEGMENT_COLOURS = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F5F00")
SEGMENT_SHAPES = ("s", "^", "D", "v", "P", "X", "p")
FONT = "Source Sans Pro"

LONGEST_WORD = 20
"""Characters that a word may have before a label breaks it."""

SYNTHETIC = "Synthetic wave: not for quotation"

GroupStyle = tuple[str, str, str]
"""Label, colour and shape of a group."""


@cache
def font_family() -> str:
    """The chart font: the open font that the report extra installs, else matplotlib's own."""
    try:
        import font_source_sans_pro as package
    except ImportError:
        return "DejaVu Sans"
    files = Path(str(package.__file__)).parent / "files"
    for style in ("Regular", "Semibold", "Bold"):
        font_manager.fontManager.addfont(files / f"SourceSansPro-{style}.ttf")
    return FONT


def group_styles(survey: Survey) -> dict[str, GroupStyle]:
    """Label, colour and shape of the total and each segment, the same in every chart."""
    styles: dict[str, GroupStyle] = {TOTAL: ("All", "#000000", "o")}
    for place, name in enumerate(survey.segments):
        styles[name] = (
            survey.segment_label(name),
            SEGMENT_COLOURS[place % len(SEGMENT_COLOURS)],
            SEGMENT_SHAPES[place % len(SEGMENT_SHAPES)],
        )
    return styles


def chart_theme(width: float, height: float) -> theme:
    """The theme, for a picture of a size in inches."""
    return theme_minimal(base_size=11, base_family=font_family()) + theme(
        figure_size=(width, height),
        text=element_text(color=INK),
        axis_title=element_text(size=10, color=MUTED),
        axis_text=element_text(size=10.5, color=INK),
        axis_text_y=element_text(size=10.5, color=INK, ha="right", ma="right"),
        axis_ticks=element_blank(),
        panel_grid_minor=element_blank(),
        panel_grid_major_y=element_blank(),
        panel_grid_major_x=element_line(color="#e6e6e6", size=0.4),
        panel_background=element_blank(),
        plot_background=element_rect(fill="white", color="white"),
        legend_position="top",
        legend_justification="left",
        legend_title=element_blank(),
        legend_text=element_text(size=10.5),
        legend_key=element_blank(),
        legend_margin=0,
        legend_box_margin=0,
        plot_caption=element_text(size=9, color=MUTED, ha="right"),
        strip_text=element_text(size=10.5, weight="semibold", ha="left"),
    )


def source_note(survey: Survey) -> str:
    """What stands under every picture of a survey that nobody answered."""
    return SYNTHETIC if survey.synthetic else ""


def wrap(text: str, width: int) -> str:
    r"""Break a label into lines of about `width` characters.

    >>> wrap("Half through community sponsorship", 18)
    'Half through\ncommunity\nsponsorship'
    """
    longest = max((len(word) for word in text.split(" ")), default=0)
    return "\n".join(textwrap.wrap(printable(text), max(width, min(longest, LONGEST_WORD)))) or " "


def printable(text: str) -> str:
    """Text that a picture can hold: no control characters, and no dollar that starts a formula."""
    kept = (c for c in text if c in "\n " or unicodedata.category(c)[0] != "C")
    return "".join(kept).replace("$", r"\$")
