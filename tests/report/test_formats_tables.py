"""Tables in every format: bands over all columns, words whole, rows together on a page, letters to read."""

import re
from zipfile import ZipFile

import pptx
import pytest
from PIL import Image
from pptx.util import Pt

from conjoint.report.typeset.setting import Look, set_document
from conjoint.table import Cell, Table, strong
from conjoint.table.markdown import markdown

NOTE = "\n\n::: {.note}\n\\! Base under 100.\n:::\n"


@pytest.fixture
def put(tmp_path):
    """Set Markdown in a format, and read what came of it: Word's XML, and Typst's markup of a PDF."""
    Image.new("RGB", (8, 8), "black").save(tmp_path / "dot.png")

    def make(text, wanted="html"):
        made = set_document(text, tmp_path / "page.qmd", wanted, Look("A title", "Head"))
        if wanted == "docx":
            return ZipFile(made).read("word/document.xml").decode()
        if wanted == "pdf":
            return made.with_suffix(".typ").read_text("utf-8")
        if wanted == "html":
            return made.read_text("utf-8").partition("<body>")[2]
        return made.read_text("utf-8") if wanted == "md" else made

    return make


def figure_table(name, heads, rows, words=1):
    widths = (3, *[1] * (len(heads) - 1))
    return markdown(Table.of(name, heads, rows, widths=widths, words=words, label="tbl-x"))


def banded(rows=2):
    lines = [["A long name of an attribute"]]
    lines += [[f"Level {n}", f"{n}0%", "±2"] for n in range(1, rows + 1)]
    return figure_table("Some figures", ["Level", "Share", "Margin"], lines)


def test_a_band_stands_over_all_columns(put):
    page = put(banded())
    assert len(re.findall(r'<td colspan="3"[^>]*><strong>A long name', page)) == 1
    assert page.count("<td") == 7
    assert '<w:gridSpan w:val="3"/>' in put(banded(), "docx")
    assert "table.cell(align: left, colspan: 3)[#strong[A long name" in put(banded(), "pdf")
    assert "| **A long name of an attribute** |" in re.sub(r" +", " ", put(banded(), "md"))


def test_a_bold_name_with_figures_is_no_band(put):
    rows = [[strong("Everybody"), "1", "2"], [strong("Others"), "", "3"]]
    page = put(figure_table("Bases", ["Group", "One", "Two"], rows))
    assert "colspan" not in page


def test_only_the_head_of_a_table_looks_like_one(put):
    """In print the first row of a table without a head is a row as any other."""
    markup = put(banded(), "pdf").split("#show: report", 1)[1]
    assert markup.count("#tablehead[") == 3
    rows = [[strong("Client"), "Them"], [strong("Mode"), "Online"]]
    bare = figure_table("Facts", ["", ""], rows, words=2)
    assert "#tablehead[" not in put(bare, "pdf").split("#show: report", 1)[1]


def test_word_keeps_a_table_together_with_its_note(put):
    def kept(text):
        xml = put(text, "docx")
        rows = re.findall(r"<w:tr>.*?</w:tr>", xml, re.DOTALL)
        return ["KeptRow" in row for row in rows]

    assert kept(banded()) == [True, True, True, False]
    assert kept(banded() + NOTE) == [True] * 4
    # A long one: its head with the first rows, names with their rows, the last two rows.
    assert kept(banded(60)) == [*[True] * 2, *[False] * 58, True, False]


def test_print_keeps_a_table_together_with_its_note(put):
    assert "#noted[" not in put(banded(), "pdf").split("#show: report", 1)[1]
    assert "#noted[" in put(banded() + NOTE, "pdf").split("#show: report", 1)[1]


def test_no_word_of_a_head_is_cut():
    """The first column gives of its room what the heads of the others need."""
    header = ["Weighted percentages", "Total", "Conservatives", "Progressive switchers", "x", "y"]
    rows = [["Support", "48%", Cell("62%", letters="BCefgH ++"), "1%", "2%", "3%"]]
    rule = figure_table("T", header, rows).splitlines()[3]
    wide = [len(part) for part in rule.strip("|").split("|")]
    assert wide[2] >= len("62% BCefgH ++") + 2
    assert wide[3] >= len("Progressive") + 2
    assert wide[0] >= len("percentages") + 2
    even = figure_table("T", ["Level", "a", "b"], [["c", "1", "2"]]).splitlines()[3]
    assert [len(part) for part in even.strip("|").split("|")] == [55, 19, 19]


def slide(header, rows):
    lines = [header, ["-" * 12] * len(header), *rows]
    return "## T\n\n" + "\n".join("|" + "|".join(line) + "|" for line in lines) + "\n"


def sizes(deck):
    shapes = [shape for one in pptx.Presentation(str(deck)).slides for shape in one.shapes]
    cells = [cell for shape in shapes if shape.has_table for cell in shape.table.iter_cells()]
    return {
        run.font.size.pt for cell in cells for p in cell.text_frame.paragraphs for run in p.runs
    }


def test_letters_on_slides_are_as_large_as_words_and_rows_let_them(put):
    few = slide(["Group", "Effects", "Clear"], [["Everybody", "13", "11"]] * 3)
    assert sizes(put(few, "pptx")) == {14}
    words = slide(["Group", *["Constitutionally"] * 5], [["Everybody", *"12345"]])
    assert sizes(put(words, "pptx")) == {10.5}
    deep = slide(["Group", "Effects"], [["Everybody", "13"]] * 9)
    assert 12 <= min(sizes(put(deep, "pptx"))) < 14


def test_a_long_title_of_a_deck_is_set_smaller(put):
    def largest(title):
        deck = pptx.Presentation(str(put(f"# {title}\n\n## T\n\n- a", "pptx")))
        return {
            run.font.size
            for p in deck.slides[0].shapes.title.text_frame.paragraphs
            for run in p.runs
        }

    assert largest("Routes for returns: topline results") == {None}
    assert largest("A deal with Europe on small boats " * 4) == {Pt(20)}
    assert largest("A deal with Europe on small boats " * 8) == {Pt(16)}


def test_long_labels_count_as_lines(put):
    """Else a table of few rows would be pushed off a page that it does not fit."""
    label = "A label of many letters, of which the first column cuts its text in many lines "
    long = [[label * 3, "1", "2"] for _ in range(9)]
    xml = put(figure_table("T", ["Level", "a", "b"], long), "docx").split("<w:body>")[1]
    assert xml.count("KeptRow") == 3
