"""The look of Word documents: a reference document made from pandoc's own, with the house's styles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape as escape_xml

from conjoint.report.typeset.package import default_reference, edited, put

__all__ = ["STYLES", "reference_docx"]

FONT, FALLBACK = "Source Sans Pro", "Calibri"
INK, MUTED, LINE = "1A1A1A", "595959", "B3B3B3"
SAFE, CAUTION, STOP = "0B6B3A", "8A4B00", "A3150F"

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
A4 = (
    '<w:headerReference w:type="default" r:id="rIdHeader"/>'
    '<w:footerReference w:type="default" r:id="rIdFooter"/>'
    '<w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="1247" w:right="1077" w:bottom="1134" w:left="1077" w:header="567" w:footer="567" '
    'w:gutter="0"/>'
)
"""A4 in twentieths of a point, margins of 19 to 22 mm."""


@dataclass(frozen=True, slots=True)
class Style:
    """A style: sizes in half points, spaces in twentieths of a point."""

    name: str
    size: int = 21
    bold: bool = False
    colour: str = INK
    before: int = 0
    after: int = 120
    line: int = 276
    parent: str = "Normal"
    outline: int | None = None
    keep: bool = False
    shade: str = ""
    bar: str = ""
    kind: str = "paragraph"

    @property
    def key(self) -> str:
        """The identifier by which a document refers to it."""
        return self.name.title().replace(" ", "")

    def xml(self) -> str:
        """The style as Word stores it."""
        font = (
            "<w:b/>" * self.bold
            + f'<w:color w:val="{self.colour}"/><w:sz w:val="{self.size}"/><w:szCs w:val="{self.size}"/>'
        )
        built_in = self.name.startswith("heading") or self.name in BUILT_IN
        custom = "" if built_in else ' w:customStyle="1"'
        if self.kind == "character":
            return (
                f'<w:style w:type="character"{custom} w:styleId="{self.key}"><w:name w:val="{self.name}"/>'
                f"<w:rPr>{'<w:b/>' * self.bold}"
                f'<w:color w:val="{self.colour}"/></w:rPr></w:style>'
            )
        return (
            f'<w:style w:type="paragraph"{custom} w:styleId="{self.key}"><w:name w:val="{self.name}"/>'
            f'<w:basedOn w:val="{self.parent}"/><w:next w:val="BodyText"/><w:qFormat/>'
            f"<w:pPr>{self._paragraph()}</w:pPr><w:rPr>{font}</w:rPr></w:style>"
        )

    def _paragraph(self) -> str:
        bar = f'<w:left w:val="single" w:sz="24" w:space="8" w:color="{self.bar}"/>'
        outline = f'<w:outlineLvl w:val="{self.outline}"/>' * (self.outline is not None)
        return (
            "<w:keepNext/><w:keepLines/>" * self.keep
            + f"<w:pBdr>{bar}</w:pBdr>" * bool(self.bar)
            + f'<w:shd w:val="clear" w:color="auto" w:fill="{self.shade}"/>' * bool(self.shade)
            + f'<w:spacing w:before="{self.before}" w:after="{self.after}" w:line="{self.line}" '
            f'w:lineRule="auto"/>' + outline
        )


BUILT_IN = ("Normal", "Body Text", "Title", "Subtitle", "Block Text", "header", "footer")

STYLES = (
    Style("Body Text", before=60, after=120),
    Style("First Paragraph", before=60, after=120, parent="BodyText"),
    Style("Compact", size=18, before=20, after=20, line=250, parent="BodyText"),
    Style("Kept Row", size=18, before=20, after=20, line=250, parent="Compact", keep=True),
    Style("Title", 44, bold=True, after=80, line=240, keep=True),
    Style("Subtitle", 20, colour=MUTED, after=240),
    Style("Author", 20, colour=MUTED, after=240),
    Style("heading 1", 36, bold=True, before=360, after=120, line=250, outline=0, keep=True),
    Style("heading 2", 25, bold=True, before=200, after=50, line=250, outline=1, keep=True),
    Style("heading 3", 24, bold=True, before=280, after=80, line=250, outline=2, keep=True),
    Style("heading 4", 21, bold=True, before=200, after=60, line=250, outline=3, keep=True),
    Style("Image Caption", 19, colour=MUTED, before=160, after=60, keep=True),
    Style("Table Caption", 19, colour=MUTED, before=160, after=60, keep=True),
    Style("Captioned Figure", before=0, after=100),
    Style("Figure", before=0, after=160),
    Style("Block Text", 20, colour=MUTED),
    Style("Banner", before=120, after=120, shade="FFF4D6", bar="B98900"),
    Style("Callout", before=60, after=60, shade="F5F6F7", bar="0072B2"),
    Style("Embargo", bold=True, colour=STOP, after=80),
    Style("Facts", 20, colour=MUTED, after=60),
    Style("Over Chart", before=60, after=120, parent="BodyText", keep=True),
    Style("Segment", 18, before=0, after=50, line=245, parent="BodyText"),
    Style("Page Break", 2, before=0, after=0, line=20),
    Style("Fine Print", 18, colour=MUTED, before=60, after=100),
    Style("header", 17, colour=MUTED, after=0),
    Style("footer", 17, colour=MUTED, after=0),
    Style("Verdict Safe", bold=True, colour=SAFE, kind="character"),
    Style("Verdict Caution", bold=True, colour=CAUTION, kind="character"),
    Style("Verdict Stop", bold=True, colour=STOP, kind="character"),
)

TABLE = (
    '<w:style w:type="table" w:default="1" w:styleId="Table"><w:name w:val="Table"/>'
    '<w:basedOn w:val="TableNormal"/><w:qFormat/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblBorders>'
    f'<w:bottom w:val="single" w:sz="6" w:space="0" w:color="{INK}"/>'
    f'<w:insideH w:val="single" w:sz="4" w:space="0" w:color="{LINE}"/></w:tblBorders><w:tblCellMar>'
    '<w:top w:w="30" w:type="dxa"/><w:left w:w="0" w:type="dxa"/><w:bottom w:w="30" w:type="dxa"/>'
    '<w:right w:w="110" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblStylePr w:type="firstRow"><w:rPr><w:b/>'
    f'<w:color w:val="{MUTED}"/></w:rPr><w:tblPr/><w:tcPr><w:tcBorders><w:bottom w:val="single" w:sz="8" '
    f'w:space="0" w:color="{INK}"/></w:tcBorders><w:vAlign w:val="bottom"/></w:tcPr></w:tblStylePr></w:style>'
)


def reference_docx(running: str, lang: str = "en-GB") -> bytes:
    """A reference document: A4, the house's styles, a running head and page numbers.

    Parameters
    ----------
    running
        What stands at the head of every page.
    lang
        The language that Word checks the spelling of.
    """
    return edited(
        default_reference("docx"),
        {
            "word/styles.xml": lambda text: _styles(text, lang),
            "word/fontTable.xml": lambda text: put(text, "</w:fonts>", f"{FONT_ENTRY}</w:fonts>"),
            "word/settings.xml": lambda text: put(
                text, 'themeFontLang w:val="[^"]*"', SPELLING % lang
            ),
            "word/document.xml": lambda text: put(
                text, "<w:sectPr>(?!.*<w:sectPr>)", f"<w:sectPr>{A4}"
            ),
            "word/_rels/document.xml.rels": lambda text: put(
                text, "</Relationships>", f"{RELATIONS}</Relationships>"
            ),
            "[Content_Types].xml": lambda text: put(text, "</Types>", f"{TYPES}</Types>"),
        },
        {"word/header1.xml": _header(running), "word/footer1.xml": FOOTER},
    )


SPELLING = 'themeFontLang w:val="%s"'
FONT_ENTRY = (
    f'<w:font w:name="{FONT}"><w:altName w:val="{FALLBACK}"/><w:panose1 w:val="020B0503030403020204"/>'
    '<w:charset w:val="00"/><w:family w:val="swiss"/><w:pitch w:val="variable"/></w:font>'
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "".join(
    f'<Relationship Type="{OFFICE}/{kind}" Id="rId{kind.title()}" Target="{kind}1.xml"/>'
    for kind in ("header", "footer")
)
TYPES = "".join(
    f'<Override PartName="/word/{kind}1.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    f'wordprocessingml.{kind}+xml"/>'
    for kind in ("header", "footer")
)
FOOTER = (
    f'<?xml version="1.0" encoding="UTF-8"?><w:ftr {NAMESPACES}><w:p><w:pPr><w:pStyle w:val="Footer"/>'
    '<w:jc w:val="right"/></w:pPr><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r>'
    '<w:instrText xml:space="preserve"> PAGE </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/>'
    '</w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p></w:ftr>'
)


def _header(running: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><w:hdr {NAMESPACES}><w:p><w:pPr>'
        f'<w:pStyle w:val="Header"/></w:pPr><w:r><w:t xml:space="preserve">{escape_xml(running)}</w:t></w:r>'
        "</w:p></w:hdr>"
    )


def _styles(text: str, lang: str) -> str:
    """Pandoc's styles with the house's in place of those of the same name."""
    fonts = f'<w:rFonts w:ascii="{FONT}" w:hAnsi="{FONT}" w:cs="{FONT}"/>'
    text = put(text, "<w:rFonts [^>]*/>(?=.*?</w:rPrDefault>)", fonts)
    text = put(text, '(?<=<w:lang )w:val="[^"]*"', f'w:val="{lang}"')
    text = put(
        text,
        r'<w:sz w:val="24" />\s*<w:szCs w:val="24" />',
        '<w:sz w:val="21"/><w:szCs w:val="21"/>',
    )
    text = put(
        text, r'<w:style w:type="table" w:default="1" w:styleId="Table">.*?</w:style>', TABLE
    )
    for style in STYLES:
        known = re.compile(
            rf'<w:style w:type="{style.kind}"[^>]*w:styleId="{style.key}">.*?</w:style>', re.DOTALL
        )
        text = known.sub("", text)
    made = "".join(style.xml() for style in STYLES)
    return put(text, "</w:styles>", f"{made}</w:styles>")
