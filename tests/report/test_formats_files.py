"""A small report in every format: what Word, slides, PDF and the folder of charts hold."""

import csv
import re
import shutil

import docx
import pandas as pd
import pptx
import pytest
from PIL import Image
from pptx.enum.shapes import PP_PLACEHOLDER

import conjoint as cj
from conftest import SMALL_TARGETS, SMALL_TOML, SurveyFolder, small_responses
from conjoint.analysis import read_bundle
from conjoint.errors import ReportError
from conjoint.plot import Chart
from conjoint.plot.chart import chart_name
from conjoint.report import render_reports
from conjoint.report.show import markdown, only, slide, without
from conjoint.report.typeset.setting import Look, set_document

SOURCE = """---
pagetitle: x
lang: en-GB
---

```{python}
#| label: parameters
#| tags: [parameters]
bundle = ""
```

```{python}
#| label: opening
#| output: asis
from conjoint.plot import level_chart
from conjoint.report import SegmentReport, show
from conjoint.report.show import slide

report = SegmentReport.of_bundle(bundle)
survey, table = report.analysis.survey, report.analysis.tables["marginal_means"]
chart = level_chart(survey, table, "price", "choice").titled("A *finding*", "What is measured.")
show(report.opening())
```

:::: {.content-hidden when-format="pptx"}

## One look {.segment-page}

As @fig-means-price says.

```{python}
#| label: look
#| output: asis
show([chart, "| Who | Share |\\n|---|--:|\\n| All | 1 |\\n\\n: Shares {#tbl-shares}"])
```

### Under it

::: {.note}
Small.
:::

::::

```{python}
#| label: slides
#| output: asis
show([slide("The message", chart, small="The base.", notes="Say this.")])
```
"""

LONG = "Long " * 30

FEET = (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The small report rendered once in every format, from a bundle whose survey is gone."""
    place = tmp_path_factory.mktemp("survey")
    folder = SurveyFolder(place, SMALL_TOML, small_responses(), SMALL_TARGETS)
    folder.replace('title = "Small survey"', "title = '<b>Small</b> =survey'")
    folder.toml += "\n[thresholds]\ncaution_below = 0\nsuppress_below = 0\n"
    bundle = cj.run_analysis(folder.write()).write(tmp_path_factory.mktemp("bundle") / "data")
    shutil.rmtree(place)
    sources = tmp_path_factory.mktemp("sources")
    (sources / "segment_report.qmd").write_text(SOURCE)
    (sources / "_quarto.yml").write_text("project: {type: website}")
    target = tmp_path_factory.mktemp("out")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("conjoint.report.render.report_sources", lambda: sources)
        patch.setattr("conjoint.report.render.find_quarto", lambda: None)
        named = []
        render_reports(
            read_bundle(bundle),
            target,
            formats=("html", "docx", "pptx", "pdf", "md"),
            progress=named.append,
        )
    return target, named


def test_every_format_is_there_and_the_source_is_run_once(made):
    target, named = made
    assert sorted(path.name for path in target.iterdir()) == [
        ".conjoint.json", "claims.csv", "data", "figures", "segment_report.docx", "segment_report.html", "segment_report.md",
        "segment_report.pdf", "segment_report.pptx",
    ]  # fmt: skip
    assert named.count("Report: look") == 1
    assert named[-5:] == [
        "Setting the page",
        "Setting the Word document",
        "Setting the presentation",
        "Setting the PDF",
        "Setting the Markdown",
    ]


def test_charts_are_files_for_a_deck(made):
    figures = made[0] / "figures"
    assert sorted(str(path.relative_to(figures)) for path in figures.rglob("*.*")) == [
        "means-price.csv", "means-price.png", "means-price.svg", "slides/means-price.png",
    ]  # fmt: skip
    with Image.open(figures / "slides" / "means-price.png") as picture:
        assert picture.size == (1600, 900)
    with Image.open(figures / "means-price.png") as picture:
        assert picture.width == 1440
    svg = (figures / "means-price.svg").read_text("utf-8")
    assert "Dot chart of price" in svg
    assert "<dc:date>" not in svg
    with (figures / "means-price.csv").open(encoding="utf-8") as file:
        assert next(csv.reader(file))[:2] == ["Level", "All"]


def test_word_has_headings_header_rows_alternative_text_and_a_title(made):
    document = docx.Document(str(made[0] / "segment_report.docx"))
    styles = {paragraph.text: paragraph.style.name for paragraph in document.paragraphs}
    assert styles["<b>Small</b> =survey"] == "Title"
    assert styles["One look"] == "Heading 1"
    assert styles["Under it"] == "Heading 2"
    assert styles["Small."] == "Fine Print"
    assert "As Figure\u00a01 says." in styles
    assert document.core_properties.title == "<b>Small</b> =survey"
    assert document.sections[0].page_width.mm == pytest.approx(210, abs=0.1)
    assert document.sections[0].header.paragraphs[0].text == "<b>Small</b> =survey"
    xml = document.element.xml
    assert xml.count("<w:tblHeader") == len(document.tables) == 1
    assert re.findall(r'<wp:docPr [^>]*descr="([^"]*)"', xml)[0].startswith("Dot chart of price")
    assert 'w:val="en-GB"' in document.styles.element.xml
    # A caption is kept on the page of its picture, which is in no table.
    caption, picture = (
        p for p in document.paragraphs if p.style.name in ("Image Caption", "Captioned Figure")
    )
    assert caption.text.startswith("Figure\u00a01: A *finding*")
    assert caption.style.paragraph_format.keep_with_next
    assert picture._p.xpath(".//w:drawing")
    assert not re.search(r":::|\{\.|\{#|\*\*|@fig", "".join(styles))


def test_slides_have_one_message_its_chart_and_notes(made):
    deck = pptx.Presentation(str(made[0] / "segment_report.pptx"))
    assert deck.slide_width / deck.slide_height == pytest.approx(16 / 9, abs=0.01)
    title, message = deck.slides
    assert title.shapes.title.text == "<b>Small</b> =survey"
    assert message.shapes.title.text == "The message"
    assert message.slide_layout.name == "Content with Caption"
    pictures = [shape for shape in message.shapes if shape.shape_type == 13]
    (described,) = [picture._element.nvPicPr.cNvPr.get("descr") for picture in pictures]
    assert described.startswith("Dot chart of price")
    assert "figures/" not in described
    words = [shape.text_frame.text for shape in message.shapes if shape.has_text_frame]
    assert "The base." in words
    assert not any("Dot chart" in text for text in words)
    assert message.notes_slide.notes_text_frame.text == "Say this."
    for shape in message.shapes:
        assert shape.left >= 0
        assert shape.left + shape.width <= deck.slide_width
        assert shape.top + shape.height <= deck.slide_height


def test_the_pdf_has_its_title_and_fonts(made):
    pdf = (made[0] / "segment_report.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert b"SourceSansPro" in pdf
    assert b"/StructTreeRoot" in pdf


def test_markdown_is_plain_and_finds_its_charts(made):
    text = (made[0] / "segment_report.md").read_text("utf-8")
    found = re.findall(r"!\[(.*?)\]\((.*?)\)", text, re.DOTALL)
    assert [path for _, path in found] == ["figures/means-price.png"]
    assert (made[0] / found[0][1]).is_file()
    assert "Table\u00a01: Shares" in text
    assert not re.search(r"<div|<span|:::|\{\.|\{#", text)


def test_the_page_holds_its_pictures(made):
    page = (made[0] / "segment_report.html").read_text("utf-8")
    assert re.search(r'<figure id="fig-means-price" class="chart">', page)
    assert "Figure\u00a01: A *finding*" in page
    assert page.count("data:image/png;base64,") == 2
    assert "figures/" not in page


def chart(name="", data=None, alt="Alt"):
    return Chart(
        lambda _: None, alt, pd.DataFrame({"a": ["1"]}) if data is None else data, name=name
    )


def test_a_csv_holds_no_formula():
    data = pd.DataFrame({"=Level": ["=cmd()", "+1", " @x", "plain", "−3"], "n": [1, 2, 3, 4, 5]})
    rows = list(csv.reader(chart(data=data).csv().decode().splitlines()))
    assert rows[0] == ["'=Level", "n"]
    assert [row[0] for row in rows[1:]] == ["'=cmd()", "+1", "' @x", "plain", "−3"]


def test_names_are_plain_and_told_apart():
    assert chart_name("means", "Small_Boats & more") == "means-small-boats-more"
    greek, arabic = chart_name("means", "τιμή"), chart_name("means", "سعر")
    assert greek != arabic
    assert greek.isascii()
    assert "/" not in chart_name("share", "../../etc")
    assert chart(alt="one").stem != chart(alt="two").stem


def test_parts_for_some_formats_are_written_as_quarto_has_them():
    assert markdown([only("pptx", "Here"), without("docx", "There")]) == (
        ':::::: {.content-visible when-format="pptx"}\n\nHere\n\n::::::\n\n'
        ':::::: {.content-hidden when-format="docx"}\n\nThere\n\n::::::'
    )
    assert "::: {.notes}\nSay\n:::" in markdown([slide("T", "- a", notes="Say")])
    assert markdown([only("pptx", "")]) == ""


@pytest.fixture
def slides(tmp_path):
    """The slides of some Markdown: for each its title and the words under it."""

    def make(text):
        made = set_document(text, tmp_path / "page.qmd", "pptx", Look("A title"))
        return [
            [
                [p.text for p in shape.text_frame.paragraphs]
                if shape.has_text_frame
                else [len(shape.table.rows)]
                for shape in slide.shapes
                if not (shape.is_placeholder and shape.placeholder_format.type in FEET)
            ]
            for slide in pptx.Presentation(str(made)).slides
        ][1:]

    return make


def test_slides_are_fitted(slides):
    made = slides("## Title\n\n" + "\n\n".join([LONG * 2] * 9))
    assert len(made) > 3
    assert {title[0] for title, _ in made} == {"Title"}
    assert sum(len(words) for _, words in made) == 9


def test_a_page_break_begins_a_slide(slides):
    assert slides("## Title\n\nOne.\n\n{{< pagebreak >}}\n\nTwo.") == [
        [["Title"], ["One."]],
        [["Title"], ["Two."]],
    ]


def test_a_table_that_would_run_off_a_slide_is_left_out(slides):
    def table(rows):
        return "## Title\n\nAsked.\n\n| a |\n|---|\n" + "| 1 |\n" * rows

    assert slides(table(3)) == [[["Title"], ["Asked."], [4]]]
    assert slides(table(30)) == [[["Title"], ["Asked."]]]


def test_a_format_that_cannot_be_set_says_how(made, monkeypatch, tmp_path):
    monkeypatch.setattr("conjoint.report.typeset.embedded.find_spec", lambda _: None)
    monkeypatch.setattr("conjoint.report.render.find_quarto", lambda: None)
    with pytest.raises(ReportError, match=r"typst is not installed.*pip install .*quarto\.org"):
        render_reports(read_bundle(made[0] / "data"), tmp_path / "out", formats=("pdf",))
    assert not (tmp_path / "out").exists()


def test_an_unknown_format_is_refused_with_the_known_ones(made, tmp_path):
    with pytest.raises(ReportError, match=r'no "odt" \(expected html, docx, pptx, pdf, md\)'):
        render_reports(read_bundle(made[0] / "data"), tmp_path, formats=("odt",))
