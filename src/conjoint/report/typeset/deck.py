"""The look of presentations: a reference deck made from pandoc's own, 16:9, a chart and its small print."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from conjoint.report.typeset.package import default_reference, edited, names, put

__all__ = ["reference_pptx", "with_alternatives"]

FONT = "Source Sans Pro"
INCH = 914400
ACCENT = "4D4D4D"
"""Of tables' headings: no party's colour."""

BULLET = '<a:buFont typeface="Arial"/><a:buChar char="•"/>'

TABLE_SIZE = 1050
"""Letters in tables, in hundredths of a point."""

SIZES = (1400, 1300, 1200, 1100)
"""Letters in tables, where they leave room for so many."""

ROOM, MARGIN, LETTER = 255, 0.2, 0.6
"""Points of a slide's height that a table may take; inches of a cell that hold no text; the width of a
letter in its height, in a wide font.
"""

TITLES = ((180, 1600), (130, 2000), (90, 2400))
"""Letters of a deck's title, and how large they are in one that has more."""

SHAPE = re.compile(r"<p:sp>(?:(?!<p:sp>).)*?</p:sp>", re.DOTALL)
TABLE = re.compile(r"<a:tbl>.*?</a:tbl>", re.DOTALL)
DESCRIBED = re.compile(r'descr="([^"]*?)(?:\s|&#10;|&#xA;)+[^"\s]+"')

LAYOUTS = "ppt/slideLayouts/slideLayout{}.xml"


@dataclass(frozen=True, slots=True)
class Box:
    """A placeholder of a layout: where it stands, in inches of a slide of 10 by 5.625, and its letters.

    Parameters
    ----------
    holds
        The placeholder's attributes, by which it is found.
    size
        Of the letters, in points.
    """

    holds: str
    x: float
    y: float
    width: float
    height: float
    size: int
    bold: bool = False
    anchor: str = "t"
    muted: bool = False
    bullets: bool = False

    def put(self, layout: str) -> str:
        """The layout with the placeholder so."""
        found = re.search(
            rf"<p:sp>(?:(?!<p:sp>).)*?<p:ph {self.holds}/>.*?</p:sp>", layout, re.DOTALL
        )
        if found is None:
            raise LookupError(self.holds)
        shape = put(found.group(), r"<p:spPr>.*?</p:spPr>|<p:spPr/>", self._place())
        shape = put(shape, r"<a:bodyPr.*?(?=<a:p>)", self._text())
        return layout.replace(found.group(), shape)

    def _place(self) -> str:
        x, y, width, height = (
            round(INCH * side) for side in (self.x, self.y, self.width, self.height)
        )
        return (
            f'<p:spPr><a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
            '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr>'
        )

    def _indent(self, level: int) -> str:
        step = INCH // 5
        if self.bullets:
            return f'marL="{step * level}" indent="-{step}"'
        return f'marL="{step * (level - 1)}" indent="0"'

    def _text(self) -> str:
        colour = "595959" if self.muted else "1A1A1A"
        levels = "".join(
            f'<a:lvl{level}pPr {self._indent(level)} algn="l"><a:spcBef><a:spcPts val="{45 * self.size}"/>'
            f"</a:spcBef>{BULLET if self.bullets else '<a:buNone/>'}"
            f'<a:defRPr sz="{100 * self.size}" b="{int(self.bold)}"><a:solidFill><a:srgbClr val="{colour}"/>'
            f"</a:solidFill></a:defRPr></a:lvl{level}pPr>"
            for level in (1, 2, 3)
        )
        return (
            f'<a:bodyPr lIns="0" tIns="0" rIns="0" bIns="0" anchor="{self.anchor}"><a:normAutofit/></a:bodyPr>'
            f"<a:lstStyle>{levels}</a:lstStyle>"
        )


TITLE = ('type="title"', 0.5, 0.3, 9.0, 0.8, 20, True, "t")
BOXES: dict[int, tuple[Box, ...]] = {
    1: (
        Box('type="ctrTitle"', 0.7, 1.2, 8.6, 1.5, 32, True, "b"),
        Box('type="subTitle" idx="1"', 0.7, 2.85, 8.6, 1.9, 13, muted=True),
    ),
    2: (Box(*TITLE), Box('idx="1"', 0.5, 1.25, 9.0, 3.75, 16, bullets=True)),
    3: (
        Box('type="title"', 0.7, 1.6, 8.6, 1.2, 28, True, "b"),
        Box('type="body" idx="1"', 0.7, 2.95, 8.6, 1.2, 14, muted=True),
    ),
    4: (
        Box(*TITLE),
        Box('sz="half" idx="1"', 0.5, 1.25, 4.35, 3.75, 13),
        Box('sz="half" idx="2"', 5.15, 1.25, 4.35, 3.75, 13),
    ),
    6: (Box(*TITLE),),
    8: (
        Box(*TITLE),
        Box('idx="1"', 0.5, 1.2, 6.7, 3.8, 14),
        Box('type="body" sz="half" idx="2"', 7.45, 1.3, 2.1, 3.6, 11, muted=True),
    ),
}
"""Layouts by number: title, title and content, section, two contents, title alone, chart and words."""


def reference_pptx() -> bytes:
    """A reference deck: the house's font, titles on the left, a chart beside its small print."""
    edits = {
        LAYOUTS.format(number): lambda text, boxes=boxes: _laid_out(text, boxes)
        for number, boxes in BOXES.items()
    }
    theme = {f"ppt/theme/theme{number}.xml": _font for number in (1, 2)}
    master = {"ppt/slideMasters/slideMaster1.xml": _master}
    sizes = {"ppt/presentation.xml": lambda text: text.replace('sz="1800"', f'sz="{TABLE_SIZE}"')}
    return edited(default_reference("pptx"), edits | theme | master | sizes)


def with_alternatives(deck: bytes) -> bytes:
    """A presentation whose pictures say what they show, its tables as large as they can be read.

    Pandoc puts the file's name after what a picture shows, and gives all tables one size of letters.
    """
    slides = {
        name: lambda text: SHAPE.sub(
            _titled, TABLE.sub(_readable, DESCRIBED.sub(r'descr="\1"', text))
        )
        for name in names(deck)
        if name.startswith("ppt/slides/slide")
    }
    return edited(deck, slides)


def _readable(found: re.Match[str]) -> str:
    """A table in the largest letters that its rows leave room for, and that cut no word."""
    table = found.group()
    widths = [int(width) / INCH - MARGIN for width in re.findall(r'<a:gridCol w="(\d+)"', table)]
    rows = [re.findall(r"<a:tc>.*?</a:tc>", row, re.DOTALL) for row in table.split("<a:tr ")[1:]]
    least = min(
        width / max(1, max(map(_longest_word, cells)))
        for width, cells in zip(widths, zip(*rows, strict=True), strict=True)
    )
    high = ROOM / (len(rows) + 1)
    size = next(
        (s for s in SIZES if s * LETTER <= 7200 * least and 1.7 * s <= 100 * high), TABLE_SIZE
    )
    return table.replace("<a:rPr", f'<a:rPr sz="{size}"')


def _titled(found: re.Match[str]) -> str:
    """A shape; the title of the deck in smaller letters where it is long."""
    shape = found.group()
    size = next((s for most, s in TITLES if len(_said(shape)) > most), 0)
    if 'type="ctrTitle"' not in shape or not size:
        return shape
    return shape.replace("<a:rPr", f'<a:rPr sz="{size}"')


def _said(shape: str) -> str:
    return unescape("".join(re.findall(r"<a:t>(.*?)</a:t>", shape, re.DOTALL)))


def _longest_word(cell: str) -> int:
    return max(map(len, re.split(r"[ -]", _said(cell))))


def _laid_out(text: str, boxes: tuple[Box, ...]) -> str:
    for box in boxes:
        text = box.put(text)
    return text.replace('lang="en-US"', 'lang="en-GB"')


def _font(text: str) -> str:
    text = text.replace('<a:srgbClr val="4F81BD"/>', f'<a:srgbClr val="{ACCENT}"/>')
    return text.replace('<a:latin typeface="Calibri"/>', f'<a:latin typeface="{FONT}"/>')


def _master(text: str) -> str:
    text = Box(*TITLE).put(text)
    text = text.replace('<a:lvl1pPr algn="ctr" defTabSz', '<a:lvl1pPr algn="l" defTabSz')
    text = text.replace('sz="1350"', f'sz="{TABLE_SIZE}"')
    return text.replace('lang="en-US"', 'lang="en-GB"')
