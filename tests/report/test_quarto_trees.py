"""What the look is on the trees that Quarto hands to filters: alternative texts, titles, styles, pages."""

import os
import re
import subprocess
from itertools import pairwise
from pathlib import Path

import docx
import pptx
import pypandoc
import pytest
from PIL import Image

from conftest import ROOT
from conjoint.report.typeset.setting import extension

TREES = Path(
    os.environ.get("CONJOINT_QUARTO_TREES")
    or Path(os.environ.get("CONJOINT_ORACLE", ROOT.parent / "shared" / "oracle")).parent / "quarto"
)
AS_QUARTO = Path(__file__).with_name("as_quarto.lua")


def pandoc(given, *arguments, folder=None):
    done = subprocess.run(
        [pypandoc.get_pandoc_path(), *arguments],
        input=given,
        cwd=folder,
        env=os.environ | {"CONJOINT_EXTENSION": str(extension())},
        check=False,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def pictures(tree):
    """The paths of a tree's pictures."""
    return re.findall(r'\["(figures/[^"]+\.png)",', tree.decode())


@pytest.fixture(scope="module")
def dressed(tmp_path_factory):
    """Quarto's tree for a format, set in it."""

    def make(medium):
        tree = TREES / f"post-quarto.{medium}.json"
        if not tree.is_file():
            pytest.skip(
                f"no trees of Quarto's: set CONJOINT_QUARTO_TREES to their folder, not {TREES}"
            )
        folder = tmp_path_factory.mktemp(medium)
        given = tree.read_bytes()
        for picture in (folder / path for path in pictures(given)):
            picture.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (16, 9)).save(picture)
        arguments = ["--from=json", f"--lua-filter={extension() / 'conjoint.lua'}"]
        made = folder / f"made.{medium}"
        slides = ["--slide-level=2"] if medium == "pptx" else []
        more = [*slides, "--standalone", f"--to={medium}", f"--output={made}"]
        pandoc(given, *arguments, *more, folder=folder)
        return made

    return make


def test_word_has_no_table_but_those_of_the_text(dressed):
    document = docx.Document(str(dressed("docx")))
    assert len(document.tables) == 8
    assert not document.element.body.xpath(".//w:tbl//w:tbl")
    assert not document.element.body.xpath(".//w:tbl//w:drawing")


def test_word_describes_every_picture_under_its_caption(dressed):
    document = docx.Document(str(dressed("docx")))
    drawn = document.element.body.xpath(".//wp:docPr/@descr")
    assert len(drawn) == 19
    assert all(re.match("Dot chart|Grid|Histogram", said) for said in drawn)
    paragraphs = document.paragraphs
    for before, paragraph in pairwise(paragraphs):
        if paragraph._p.xpath(".//w:drawing"):
            assert before.style.name == "Image Caption"
            assert paragraph.style.name == "Captioned Figure"


def test_word_has_the_houses_styles_a_title_and_pages(dressed):
    document = docx.Document(str(dressed("docx")))
    styles = [paragraph.style.name for paragraph in document.paragraphs]
    assert styles[:3] == ["Title", "Subtitle", "Banner"]
    assert styles.count("Fine Print") == 5
    assert styles.count("Over Chart") == 8
    assert "Segment" in styles
    assert document.core_properties.title.startswith("Routes for returns")
    runs = document.element.body.xpath(".//w:r[w:rPr/w:rStyle/@w:val='VerdictSafe']")
    assert len(runs) > 10
    # Three segments, the method, the appendix.
    assert styles.count("Page Break") == 5
    for place, style in enumerate(styles):
        if style == "Page Break":
            assert styles[place + 1] == "Heading 1"


def test_slides_have_one_title_and_describe_every_picture(dressed):
    deck = pptx.Presentation(str(dressed("pptx")))
    layouts = [slide.slide_layout.name for slide in deck.slides]
    assert layouts.count("Title Slide") == 1
    assert "Section Header" not in layouts
    first = deck.slides[0]
    assert first.shapes.title.text.startswith("Routes for returns")
    assert "Synthetic wave." in first.placeholders[1].text_frame.text
    drawn = [shape for slide in deck.slides for shape in slide.shapes if shape.shape_type == 13]
    described = [picture._element.nvPicPr.cNvPr.get("descr") for picture in drawn]
    assert len(described) == 12
    assert all(re.match("Dot chart|Grid", said) for said in described)
    titles = [slide.shapes.title.text for slide in deck.slides]
    assert all(titles)
    assert len(titles) == 15
    notes = [slide for slide in deck.slides if slide.has_notes_slide]
    assert len(notes) == 12


def test_print_has_pages_functions_and_descriptions(dressed):
    markup = dressed("typst").read_text("utf-8")
    assert markup.count("#pagebreak(weak: true)\n") == 5
    assert markup.count("#segment[") == 3
    assert markup.count("#banner[") == 1
    assert markup.count("#verdict(") > 10
    assert (
        len(re.findall(r'#image\("figures/page/[^"]+", width: \d+%, alt: "[^"]{20,}"', markup))
        == 19
    )
    assert markup.count("#figure(kind: image, caption: [") == 19
    assert markup.count("#figure(kind: table") == 8
    assert "__quarto" not in markup


def test_a_page_keeps_what_quarto_makes_of_its_figures(dressed):
    page = dressed("html").read_text("utf-8")
    tree = (TREES / "post-quarto.html.json").read_text("utf-8")
    assert page.count("FloatRefTarget") == tree.count("FloatRefTarget") == 19
    assert '<div class="banner">' in page


QUARTO = """\
# The title

::: {.facts}
By somebody
:::

::: {.document-properties pagetitle="A \\"title\\"\\: one \\& two" running="The \\*head\\*"}
:::

See `#ref(<fig-a>, supplement: [`{=typst}Figure`])`{=typst}.

::::: {#fig-a custom=FloatRefTarget order=2 kind=Figure}
:::: {.place}
![](dot.png){fig-alt="A dot" alt="A dot"}
::::
:::: {.place}
**A finding** and its measure
::::
:::::

::::: {#tbl-b custom=FloatRefTarget order=1 kind=Table}
:::: {.place}
| a | b |
|---|---|
| 1 | 2 |
::::
:::: {.place}
Some figures
::::
:::::

::::: {#fig-539a35d47e664c97a50115a146a7f1bd-1 custom=FloatRefTarget order=3}
:::: {.place}
![](dot.png){fig-alt="Unnamed"}
::::
:::: {.place}
::::
:::::

::::: {custom=Callout kind=note}
:::: {.place}
::::
:::: {.place}
Mind.
::::
:::::

::::: {custom=Tabset}
:::: {.place}
A tab
::::
:::: {.place}
In it.
::::
:::::

::: {layout-ncol=2}
Left.

Right.
:::
"""
"""Divisions as Quarto has its custom nodes, with what it knows of them in attributes."""


@pytest.fixture
def quarto(tmp_path):
    """What conjoint.lua makes of Quarto's figures, tables and callouts in a format."""
    Image.new("RGB", (16, 9)).save(tmp_path / "dot.png")

    def make(medium):
        made = tmp_path / f"made.{medium}"
        arguments = [f"--to={medium}", "--standalone", "--wrap=none", f"--output={made}"]
        pandoc(QUARTO.encode(), f"--lua-filter={AS_QUARTO}", *arguments, folder=tmp_path)
        return made

    return make


def test_figures_and_tables_bear_quartos_numbers(quarto):
    document = docx.Document(str(quarto("docx")))
    told = [(p.style.name, p.text.replace("\u00a0", " ")) for p in document.paragraphs if p.text]
    assert told[:2] == [("Title", "The title"), ("Subtitle", "By somebody")]
    assert ("Image Caption", "Figure 2: A finding and its measure") in told
    assert ("Table Caption", "Table 1: Some figures") in told
    assert told[-6:] == [
        ("Callout", "Note"),
        ("Callout", "Mind."),
        ("Heading 2", "A tab"),
        ("First Paragraph", "In it."),
        ("Body Text", "Left."),
        ("Body Text", "Right."),
    ]
    assert len(document.tables) == 1
    assert document.element.body.xpath(".//wp:docPr/@descr") == ["A dot", "Unnamed"]
    assert document.element.body.xpath(".//w:bookmarkStart[@w:name='fig-a']")


def test_a_reference_in_print_is_a_link_with_quartos_number(quarto):
    markup = quarto("typst").read_text("utf-8")
    assert "See #link(<fig-a>)[Figure~2]." in markup
    assert (
        "#figure(kind: image, caption: [#strong[Figure~2: A finding] and its measure])[" in markup
    )
    assert re.search(r'#image\("dot.png", width: 100%, alt: "A dot"\)\s+\]<fig-a>', markup)
    assert "#figure(kind: table, caption: [Table~1: Some figures])[\n#table(" in markup
    assert "#boxed[\n#strong[Note]" in markup


def test_the_opening_hands_over_the_page_title_and_the_running_head(quarto):
    page = quarto("html").read_text("utf-8")
    assert '<title>A "title": one &amp; two</title>' in page
    assert "document-properties" not in page
    assert "running" not in page


def test_markdown_has_quartos_figures_as_text(quarto):
    text = quarto("gfm").read_text("utf-8").replace("\u00a0", " ")
    assert "![A dot](dot.png)\n\n**Figure 2: A finding** and its measure" in text
    assert "Table 1: Some figures" in text
    assert "> **Note**\n>\n> Mind." in text
    assert not re.search(r"<div|:::|\{#", text)
