"""The Quarto extension of the reports: its static files, and what the formats are made of by them."""

import re
import tomllib
import zlib
from pathlib import Path
from zipfile import ZipFile

import docx
import pptx
import pytest
import yaml
from docx.oxml.ns import qn
from PIL import Image
from pptx.enum.shapes import PP_PLACEHOLDER

from conftest import ROOT
from conjoint.report.render import known_reports, report_sources
from conjoint.report.typeset.finish import finish
from conjoint.report.typeset.pdf import compile_pdf
from conjoint.report.typeset.setting import Look, extension, set_document

HEAD = "Embargo · <b>A</b> $title$ #1 · Synthetic wave: not for quotation"
LOOK = Look("A [title] & more: segment report", HEAD)

TEXT = """\
---
lang: en-GB
---

# The title

## One {.segment-page}

![](dot.png){fig-alt="A dot"}

## Two {.last-page}

| Group | Share |
|-------|------:|
| All   |   50% |
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A small text in every format."""
    folder = tmp_path_factory.mktemp("made")
    Image.new("RGB", (8, 8), "black").save(folder / "dot.png")
    return {
        wanted: set_document(TEXT, folder / "page.qmd", wanted, LOOK)
        for wanted in ("html", "docx", "pptx", "pdf")
    }


def formats():
    told = yaml.safe_load((extension() / "_extension.yml").read_text("utf-8"))
    return told["contributes"]["formats"]


def front_matter(report):
    return yaml.safe_load((report_sources() / f"{report}.qmd").read_text("utf-8").split("---\n")[1])


def test_the_wheel_has_the_sources_with_the_extension():
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = told["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {"reports": "conjoint/report/sources"}
    assert extension().is_relative_to(ROOT / "reports")


@pytest.mark.parametrize("report", known_reports())
def test_a_source_names_formats_of_the_extension_and_no_options(report):
    told = front_matter(report)
    assert set(told) <= {"pagetitle", "lang", "format", "jupyter"}
    assert told["format"] == {
        f"conjoint-{name}": "default" for name in ("html", "docx", "pptx", "typst", "gfm")
    }


def test_the_first_markdown_of_a_source_is_no_heading():
    """Quarto takes a heading that begins the first Markdown cell for the page's title."""
    for report in known_reports():
        text = (report_sources() / f"{report}.qmd").read_text("utf-8")
        assert text.split("---\n", 2)[2].strip().startswith("<!--")


def files_named(told):
    if isinstance(told, dict):
        return [name for value in told.values() for name in files_named(value)]
    if isinstance(told, list):
        return [name for value in told for name in files_named(value)]
    return [told] if re.search(r"\.(css|docx|pptx|typ|lua)$", str(told)) else []


def test_files_that_formats_name_are_there():
    assert set(formats()) == {"common", "html", "docx", "pptx", "typst", "gfm"}
    named = files_named(formats())
    assert {"theme.css", "reference.docx", "reference.pptx", "typst-show.typ"} <= set(named)
    for told in (extension() / "pandoc").iterdir():
        named += [
            name.removeprefix("${.}/../")
            for name in files_named(yaml.safe_load(told.read_text("utf-8")))
        ]
    assert [name for name in named if not (extension() / name).is_file()] == []


PANDOCS = (
    "Title", "Subtitle", "Heading 1", "Heading 2", "Heading 3", "Body Text", "First Paragraph",
    "Compact", "Table Caption", "Table", "Verbatim Char", "Hyperlink",
)  # fmt: skip
"""Styles that pandoc gives a document's parts."""


def styles_named():
    """Styles that the filter for Word names."""
    text = (extension() / "word.lua").read_text("utf-8")
    return re.findall(r'(?<!== )"([A-Z][a-z]+(?: [A-Z][a-z]+)*)"', text)


def test_the_word_reference_has_the_houses_styles_and_nobodys_name():
    document = docx.Document(str(extension() / "reference.docx"))
    known = {style.name for style in document.styles}
    assert {"Banner", "Kept Row", "Verdict Safe"} <= set(styles_named())
    assert [name for name in (*PANDOCS, *styles_named()) if name not in known] == []
    assert document.styles["Page Break"].paragraph_format.page_break_before
    (section,) = document.sections
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    bound = section.header.part.element.find(f".//{qn('w:dataBinding')}")
    assert "subject" in bound.get(qn("w:xpath"))
    fields = [
        element.text.strip() for element in section.footer.part.element.iter(qn("w:instrText"))
    ]
    assert fields == ["PAGE", "NUMPAGES"]
    assert nobodys(document.core_properties)


def test_the_presentations_reference_has_layouts_within_the_slide_and_nobodys_name():
    deck = pptx.Presentation(str(extension() / "reference.pptx"))
    assert deck.slide_width / deck.slide_height == pytest.approx(16 / 9)
    boxes = {layout.name: layout.placeholders for layout in deck.slide_layouts}
    # Pandoc knows layouts by these names.
    assert set(boxes) >= {
        "Title Slide", "Title and Content", "Section Header", "Two Content", "Comparison",
        "Content with Caption", "Blank",
    }  # fmt: skip
    for box in (box for placed in boxes.values() for box in placed):
        assert 0 <= box.left <= box.left + box.width <= deck.slide_width
        assert 0 <= box.top <= box.top + box.height <= deck.slide_height
    assert nobodys(deck.core_properties)


def nobodys(properties):
    """Whether a file says nothing of who made it, or when."""
    named = (properties.author, properties.last_modified_by, properties.comments)
    return set(named) == {""} and {properties.created.year, properties.modified.year} == {1980}


def test_the_same_text_is_the_same_bytes(made):
    before = {wanted: path.read_bytes() for wanted, path in made.items()}
    for wanted, path in made.items():
        assert (
            set_document(TEXT, path.with_suffix(".qmd"), wanted, LOOK).read_bytes()
            == before[wanted]
        )
    for wanted in ("docx", "pptx"):
        with ZipFile(made[wanted]) as parts:
            assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_page_has_its_title_and_one_main_landmark(made):
    page = made["html"].read_text("utf-8")
    assert "<title>A [title] &amp; more: segment report</title>" in page
    assert page.count("<main>") == page.count("</main>") == 1
    assert re.search(r"<body>\s*<main>", page)
    assert "--warn-wash" in page


def test_word_has_its_running_head_as_text_and_whole_rows(made):
    document = docx.Document(str(made["docx"]))
    rows = list(document.element.body.iter(qn("w:tr")))
    assert len(rows) == len(list(document.element.body.iter(qn("w:cantSplit")))) == 2
    (section,) = document.sections
    assert [paragraph.text for paragraph in section.header.paragraphs] == [HEAD]
    assert round(section.page_width.mm) == 210


def test_every_slide_but_the_first_has_the_running_head_and_its_number(made):
    first, *others = pptx.Presentation(str(made["pptx"])).slides
    feet = [
        {p.placeholder_format.type: p for p in slide.placeholders if not p.has_table}
        for slide in others
    ]
    assert len(feet) == 2
    for foot in feet:
        assert foot[PP_PLACEHOLDER.FOOTER].text_frame.text == HEAD
        assert PP_PLACEHOLDER.SLIDE_NUMBER in foot
    assert PP_PLACEHOLDER.FOOTER not in {p.placeholder_format.type for p in first.placeholders}


def test_pictures_on_slides_say_what_they_show_or_nothing(tmp_path):
    Image.new("RGB", (8, 8), "black").save(tmp_path / "a dot.png")
    text = '## A\n\n![](a%20dot.png){fig-alt="A dot, no path/x.png."}\n\n## B\n\n![](a%20dot.png)\n'
    deck = pptx.Presentation(str(set_document(text, tmp_path / "page.qmd", "pptx", LOOK)))
    pictures = [shape for slide in deck.slides for shape in slide.shapes if shape.shape_type == 13]
    described = [picture.element.nvPicPr.cNvPr.get("descr") for picture in pictures]
    assert described == ["A dot, no path/x.png.", ""]


def test_a_document_without_the_houses_header_is_left_as_it_is(tmp_path):
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Their own"
    document.save(str(tmp_path / "theirs.docx"))
    finish(tmp_path / "theirs.docx", HEAD)
    read = docx.Document(str(tmp_path / "theirs.docx"))
    assert read.sections[0].header.paragraphs[0].text == "Their own"


def pages(pdf):
    """What is drawn on each page of a PDF."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    drawn = []
    for stream in streams:
        try:
            drawn.append(zlib.decompressobj().decompress(stream))
        except zlib.error:
            continue
    return [page for page in drawn if b"/Footer" in page]


def test_every_page_of_a_pdf_has_the_running_head(made):
    pdf = made["pdf"].read_bytes()
    assert b"A [title] &amp; more: segment report</rdf:li>" in pdf
    drawn = pages(pdf)
    assert len(drawn) == 3
    assert all(page.count(b"/Header") == 1 for page in drawn)
    markup = made["pdf"].with_suffix(".typ").read_text("utf-8")
    assert r"running: [Embargo · \<b\>A\</b\> \$title\$ \#1 · Synthetic wave" in markup


QUARTO = """\
$typst-template.typ()$

#set page(paper: "us-letter")

$typst-show.typ()$

$body$
"""
"""The order of parts in Quarto's own template."""

FLOATS = """\
---
running: Head
lang: de-AT
margin: {x: 30mm, y: 20mm}
---

``` {=typst}
#figure([A dot], caption: figure.caption(position: top, [Said]), kind: "quarto-float-fig",
  supplement: "Figure") <fig-a>
#figure(table([1]), caption: figure.caption(position: top, [Said]), kind: "quarto-float-tbl",
  supplement: "Table") <tbl-a>
#context assert.eq(query(<fig-a>).first().numbering, "1")
#context assert.eq(text.lang + text.region, "deAT")
#context assert.eq(page.width, 210mm)
#context assert.eq(page.margin.left, 30mm)
```

See `@fig-a`{=typst}.
"""


def test_partials_stand_in_a_template_as_quartos(tmp_path):
    """Floats keep the numbers that Quarto gives them; language and margins of a source are heeded."""
    import pypandoc

    for partial in extension().glob("typst-*.typ"):
        (tmp_path / partial.name).write_text(partial.read_text("utf-8"))
    (tmp_path / "template.typ").write_text(QUARTO)
    arguments = [f"--template={tmp_path / 'template.typ'}", "--metadata=pagetitle=T"]
    source = Path(tmp_path / "page.qmd")
    pypandoc.convert_text(
        FLOATS,
        "typst",
        "markdown",
        extra_args=arguments,
        outputfile=str(source.with_suffix(".typ")),
    )
    assert compile_pdf(source, LOOK).read_bytes().startswith(b"%PDF")
