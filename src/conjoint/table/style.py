"""How worksheets look: a few named cell styles, in the colours of the charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook

__all__ = ["HUE", "INK", "LINK", "MUTED", "RULE", "STYLES", "Styles"]

INK, MUTED, RULE = "#1A1A1A", "#595959", "#B3B3B3"
HUE = ("#E6F0F8", "#6BAED6")
"""Those of `plot/theme.py`, which needs the report extra; a test holds both against each other."""

LINK, RED = "#0072B2", "#C00000"
HEAD, BAND, EMPTY = "#E8EEF4", "#F5F7F9", "#EFEFEF"
LOOK, STOP = "#FFF3D6", "#FBE0DC"

FONT = {"font_name": "Arial", "font_size": 9, "font_color": INK, "valign": "top"}

STYLES: dict[str, dict[str, Any]] = {
    "text": {"text_wrap": True},
    "figure": {"align": "right"},
    "label": {"text_wrap": True, "indent": 1},
    "title": {"bold": True, "font_size": 14},
    "head": {"bg_color": HEAD, "align": "right", "text_wrap": True, "valign": "bottom",
             "bottom": 1, "bottom_color": RULE},
    "words": {"align": "left"},
    "band": {"bold": True, "bg_color": BAND, "top": 1, "top_color": RULE},
    "net": {"bold": True},
    "base": {"font_color": MUTED},
    "strong": {"bold": True},
    "muted": {"font_color": MUTED},
    "beside": {"font_color": MUTED, "font_size": 8, "align": "left"},
    "missing": {"font_color": RED, "bold": True, "align": "right", "bg_color": EMPTY},
    "look": {"bold": True, "bg_color": LOOK},
    "stop": {"bold": True, "bg_color": STOP, "font_color": RED},
    "note": {"font_color": MUTED, "font_size": 8, "text_wrap": True},
    "red": {"bold": True, "font_color": RED},
    "link": {"font_color": LINK, "underline": 1},
    "within": {"indent": 2, "align": "left"},
}  # fmt: skip


class Styles:
    """Cell formats of a workbook, each made once.

    A name is that of a style, or of several, such as ``net muted``.
    """

    def __init__(self, workbook: Workbook) -> None:
        self.workbook = workbook
        self._made: dict[tuple[str, str], Format] = {}

    def __getitem__(self, name: str) -> Format:
        return self.of_number(name, "")

    def of_number(self, name: str, shown: str) -> Format:
        """A style for a number that is shown by a number format."""
        if (name, shown) not in self._made:
            properties: dict[str, Any] = dict(FONT)
            for part in name.split():
                properties |= STYLES[part]
            if shown:
                properties |= {"num_format": shown}
            self._made[name, shown] = self.workbook.add_format(properties)
        return self._made[name, shown]
