"""What is done to a finished Word document or presentation: what no reference document or filter can say."""

from __future__ import annotations

import io
import mimetypes
import re
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from pptx.shapes.base import BaseShape
    from pptx.table import Table
    from pptx.text.text import TextFrame

__all__ = ["finish"]

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first date that a zip file can hold."""

RUNNING = './/w:sdt[w:sdtPr/w:tag/@w:val="running"]/w:sdtContent/w:r'
"""The text of the control in the reference document's header, which shows the document's subject."""

SIZES = (14.0, 13.0, 12.0, 11.0)
LEAST = 10.5
"""Letters in tables, in points: the first that leave room, else the least."""

ROOM, MARGIN, LETTER = 255, 14.4, 0.6
"""Points of a slide's height that a table may take, and of a cell's width that hold no text; the width of
a letter in its height, in a wide font.
"""

FOOT = 8.0
"""Letters at the foot of a slide, which LibreOffice does not take from the layout."""

TITLES = ((180, 16.0), (130, 20.0), (90, 24.0))
"""Letters of a deck's title, and how large they are in one that has more."""


def finish(made: Path, running: str) -> None:
    """Finish a rendered file where it stands; of formats that need nothing it stays as it is.

    A Word document gets its running head as text, and no row of its tables goes on on the next page. In presentations pictures say what they show without
    the file's name that pandoc puts behind it, tables and a long title get letters that fit, and every foot
    the running head.

    Parameters
    ----------
    made
        The file, by whatever it was rendered.
    running
        What stands at the head of every page.
    """
    if made.suffix == ".docx":
        import docx  # only reports need it
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        document = docx.Document(str(made))
        for row in document.element.body.iter(qn("w:tr")):
            row.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for section in document.sections:
            for run in section.header.part.element.xpath(RUNNING):
                control = run.getparent().getparent()
                run.text = running
                control.getparent().replace(control, run)
        _save(document, made)
    elif made.suffix == ".pptx":
        import pptx  # only reports need it

        deck = pptx.Presentation(str(made))
        for slide in deck.slides:
            for shape in slide.shapes:
                _finish_shape(shape, running)
        _save(deck, made)


def _save(document: Any, made: Path) -> None:
    """Write a document so that the same one is the same bytes: the libraries date the parts of it."""
    written = io.BytesIO()
    document.save(written)
    with (
        zipfile.ZipFile(written) as parts,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as steady,
    ):
        for name in parts.namelist():
            steady.writestr(zipfile.ZipInfo(name, EARLIEST), parts.read(name), zipfile.ZIP_DEFLATED)


def _finish_shape(shape: BaseShape, running: str) -> None:
    from pptx.enum.shapes import PP_PLACEHOLDER
    from pptx.shapes.autoshape import Shape
    from pptx.shapes.graphfrm import GraphicFrame
    from pptx.shapes.picture import Picture

    if isinstance(shape, Picture):
        described = shape.element.xpath("p:nvPicPr/p:cNvPr")[0]
        described.set("descr", _alternative(described.get("descr", "")))
    elif isinstance(shape, GraphicFrame) and shape.has_table:
        _fit_table(shape.table)
    elif isinstance(shape, Shape) and shape.is_placeholder:
        kind, frame = shape.placeholder_format.type, shape.text_frame
        if kind == PP_PLACEHOLDER.FOOTER:
            frame.text = running
            _set_letters(frame, FOOT)
        elif kind == PP_PLACEHOLDER.CENTER_TITLE:
            size = next((size for most, size in TITLES if len(frame.text) > most), None)
            if size:
                _set_letters(frame, size)


def _alternative(said: str) -> str:
    """What a picture shows, without the file's name: pandoc writes two line ends between them."""
    text, between, _ = said.rpartition("  ")
    if between:
        return text.rstrip()
    named = (mimetypes.guess_type(said)[0] or "").startswith("image/")
    return "" if named else said


def _fit_table(table: Table) -> None:
    """The largest letters that the table's rows leave room for, and that cut no word."""
    rows = range(len(table.rows))
    widest = min(
        (table.columns[place].width.pt - MARGIN)
        / max(1, *(_longest_word(table.cell(row, place).text) for row in rows))
        for place in range(len(table.columns))
    )
    high = ROOM / (len(rows) + 1)
    fits = (size for size in SIZES if size * LETTER <= widest and 1.7 * size <= high)
    size = next(fits, LEAST)
    for cell in table.iter_cells():
        _set_letters(cell.text_frame, size)


def _longest_word(text: str) -> int:
    return max(map(len, re.split(r"[ -]", text)))


def _set_letters(frame: TextFrame, size: float) -> None:
    from pptx.util import Pt

    for paragraph in frame.paragraphs:
        for run in paragraph.runs:
            run.font.size = Pt(size)
