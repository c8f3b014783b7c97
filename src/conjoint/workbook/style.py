"""How the workbook looks: a few named cell styles, in the colours of the charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook

__all__ = ["HUE", "INK", "LINK", "MUTED", "RULE", "Styles"]

INK, MUTED, RULE = "#1A1A1A", "#595959", "#B3B3B3"
HUE = ("#E6F0F8", "#6BAED6")
"""Those of `plot/theme.py`, which needs the report extra; a test holds both against each other."""

LINK, RED = "#0072B2", "#C00000"
HEAD, BAND, EMPTY = "#E8EEF4", "#F5F7F9", "#EFEFEF"
LOOK, STOP = "#FFF3D6", "#FBE0DC"

FONT = {"font_name": "Arial", "font_size": 9, "font_color": INK, "valign": "vcenter"}

STYLES: dict[str, dict[str, Any]] = {
    "text": {"text_wrap": True, "valign": "top"},
    "plain": {"valign": "top"},
    "bold": {"bold": True, "valign": "top", "text_wrap": True},
    "title": {"bold": True, "font_size": 14},
    "heading": {"bold": True, "font_size": 10, "bottom": 1, "bottom_color": RULE},
    "muted": {"font_color": MUTED},
    "note": {"font_color": MUTED, "font_size": 8, "text_wrap": True, "valign": "top"},
    "link": {"font_color": LINK, "underline": 1, "valign": "top"},
    "within": {"indent": 2, "align": "left"},
    "red": {"bold": True, "font_color": RED},
    "red_wrapped": {"bold": True, "font_color": RED, "text_wrap": True, "valign": "top"},
    "head": {"bold": True, "bg_color": HEAD, "align": "center", "text_wrap": True,
             "valign": "bottom", "left": 1, "left_color": "#FFFFFF"},
    "head_left": {"bold": True, "bg_color": HEAD, "text_wrap": True, "valign": "bottom"},
    "subhead": {"bg_color": HEAD, "align": "right", "text_wrap": True, "valign": "bottom",
                "bottom": 1, "bottom_color": RULE},
    "subhead_left": {"bg_color": HEAD, "text_wrap": True, "valign": "bottom",
                     "bottom": 1, "bottom_color": RULE},
    "band": {"bold": True, "bg_color": BAND, "top": 1, "top_color": RULE},
    "group": {"bold": True, "font_size": 11, "top": 2, "top_color": INK},
    "label": {"text_wrap": True, "indent": 1},
    "net": {"bold": True, "text_wrap": True, "indent": 1},
    "base": {"font_color": MUTED, "indent": 1},
    "letters": {"font_color": MUTED, "font_size": 8, "align": "right", "valign": "top"},
    "letters_label": {"font_color": MUTED, "font_size": 8},
    "mark": {"font_color": RED, "bold": True, "align": "left"},
    "reading": {"font_color": RED, "bold": True, "align": "right"},
    "reading_label": {"font_color": MUTED, "indent": 1, "bottom": 1, "bottom_color": RULE},
    "blank": {"bg_color": EMPTY},
    "look": {"bold": True, "bg_color": LOOK, "valign": "top"},
    "stop": {"bold": True, "bg_color": STOP, "font_color": RED, "valign": "top"},
    "fine": {"font_color": MUTED, "valign": "top"},
    "fact": {"align": "left", "valign": "top"},
}  # fmt: skip


class Styles:
    """Cell formats of a workbook, each made once.

    A name is that of a style, or of several, such as ``net muted``.
    """

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
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
                properties |= {"num_format": shown, "align": "right", "indent": 0}
                properties |= STYLES["fact"] if "fact" in name.split() else {}
            self._made[name, shown] = self._workbook.add_format(properties)
        return self._made[name, shown]
