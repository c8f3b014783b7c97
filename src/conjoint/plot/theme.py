"""How charts look: one theme, fixed colours and shapes for groups, words that wrap."""

from __future__ import annotations

import textwrap
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib import font_manager, ft2font
from plotnine import (
    element_blank,
    element_line,
    element_rect,
    element_text,
    theme,
    theme_minimal,
)

from conjoint.say.label import group_label
from conjoint.say.phrase import phrase
from conjoint.say.words import JOINERS, printable
from conjoint.survey.house import LEAST_APART, told_apart
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conjoint.survey import Survey

__all__ = [
    "HUE",
    "INK",
    "MUTED",
    "GroupStyle",
    "chart_theme",
    "drawable",
    "font_settings",
    "font_size",
    "group_styles",
    "source_note",
    "use_font",
    "wrap",
]

INK, MUTED, RULE = "#1a1a1a", "#595959", "#b3b3b3"
HUE = ("#e6f0f8", "#6baed6")
"""Ends of the one-hue scale; both are light enough for dark text."""

SEGMENT_COLOURS = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#663311", "#8800FF", "#112288")
"""Okabe and Ito's as far as they stand out from white (3 to 1), then colours that none of them is like in
any colour blindness; black is everybody's."""

SEGMENT_SHAPES = ("s", "^", "D", "v", "P", "X", "p", "<", "*", ">", "h")
"""More than colours, and no multiple of them: the combinations differ for 77 segments."""

FONT = "Source Sans Pro"
FALLBACK = (
    "DejaVu Sans", "Noto Sans", "Noto Sans Arabic", "Noto Naskh Arabic", "Noto Sans Hebrew",
    "Noto Sans Devanagari", "Noto Sans CJK SC", "Noto Sans Symbols2", "Noto Emoji", "Symbola",
    "Arial Unicode MS", "Segoe UI", "Segoe UI Symbol", "Helvetica Neue", "Arial",
)  # fmt: skip
"""Fonts that are asked for letters which the ones before them lack, where they are installed."""

ABSENT = "\u25a1"
"""What a picture shows of a letter that no font here has. The page itself has the letter."""

_own_font: ContextVar[str] = ContextVar("own_font", default="")

LONGEST_WORD = 20
"""Characters that a word may have before a label breaks it."""

GroupStyle = tuple[str, str, str]
"""Label, colour and shape of a group."""


def use_font(name: str) -> None:
    """Set the font that charts are drawn with from here on, where it is installed."""
    _own_font.set(name)


def font_family() -> str:
    """The family that charts name: what it stands for is in `font_settings`."""
    return "sans-serif"


def font_settings() -> dict[str, list[str]]:
    """Matplotlib's settings for drawing: the fonts, each asked for what those before it lack."""
    families = list(_families(_own_font.get()))
    return {"font.family": families, "font.sans-serif": families}


@cache
def _families(own: str) -> tuple[str, ...]:
    """The survey's font, the open font that the report extra brings, and fallbacks; if installed."""
    try:
        import font_source_sans_pro as package
    except ImportError:
        pass
    else:
        files = Path(str(package.__file__)).parent / "files"
        for style in ("Regular", "Semibold", "Bold"):
            font_manager.fontManager.addfont(files / f"SourceSansPro-{style}.ttf")
    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    return tuple(name for name in (own, FONT, *FALLBACK) if name in installed)


@cache
def _letters(families: tuple[str, ...]) -> frozenset[int]:
    """Every letter that one of the fonts has."""
    files = (font_manager.findfont(name) for name in families)
    return frozenset(code for file in files for code in ft2font.FT2Font(file).get_charmap())


def group_styles(survey: Survey) -> dict[str, GroupStyle]:
    """Label, colour and shape of the total and each segment, the same in every chart."""
    styles: dict[str, GroupStyle] = {TOTAL: (group_label(survey, TOTAL), "#000000", "o")}
    own = survey.report.colours
    free = [colour for colour in SEGMENT_COLOURS if _is_free(colour, own.values())]
    free = free or list(SEGMENT_COLOURS)
    for place, name in enumerate(survey.segments):
        styles[name] = (
            survey.segment_label(name),
            own.get(name, free[place % len(free)]),
            SEGMENT_SHAPES[place % len(SEGMENT_SHAPES)],
        )
    return styles


def _is_free(colour: str, taken: Iterable[str]) -> bool:
    """Whether a colour is unlike all that the survey gives to its segments."""
    return all(told_apart(colour, other)[0] >= LEAST_APART for other in taken)


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
        strip_text=element_text(size=10.5, weight="bold", ha="left", ma="left"),
    )


def font_size(size: float, **given: Any) -> element_text:
    """Text of a size, in the usual ink; labels of rows are set to the right."""
    return element_text(size=size, color=INK, **({"ha": "right", "ma": "right"} | given))


def source_note(survey: Survey) -> str:
    """What stands under every picture of a survey that nobody answered."""
    return phrase("charts.synthetic") if survey.synthetic else ""


def wrap(text: str, width: int) -> str:
    r"""Break a label into lines of about `width` characters.

    >>> wrap("Half through community sponsorship", 18)
    'Half through\ncommunity\nsponsorship'
    """
    shown = drawable(text)
    longest = max((len(word) for word in shown.split(" ")), default=0)
    return "\n".join(textwrap.wrap(shown, max(width, min(longest, LONGEST_WORD)))) or " "


def drawable(text: str) -> str:
    """Text as pictures show it: a box for each letter that no font here has, and no dollar starts a formula."""
    known = _letters(_families(_own_font.get()))
    joined = "".join(c for c in printable(text) if c not in JOINERS)
    letters = "".join(c if c == "\n" or ord(c) in known else ABSENT for c in joined)
    return letters.replace("$", r"\$")
