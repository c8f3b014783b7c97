"""What Quarto adds to Markdown and the embedded renderer honours: docs/reports.md lists it."""

import re
from pathlib import Path

import docx
import pptx
import pytest
from PIL import Image

from conjoint.errors import ReportError
from conjoint.report.typeset.notebook import read_source
from conjoint.report.typeset.setting import Look, _active_in, set_document


@pytest.fixture
def put(tmp_path):
    """Set Markdown in a format, and read what came of it."""
    Image.new("RGB", (8, 8), "black").save(tmp_path / "dot.png")

    def make(text, wanted="html"):
        made = set_document(text, tmp_path / "page.qmd", wanted, Look("A title", "Head"))
        if wanted in ("html", "md"):
            return made.read_text("utf-8")
        return made

    return make


def body(page):
    return page[page.index("<body") :]


def said(path):
    """The words of a Word document or a presentation."""
    if path.suffix == ".docx":
        return [paragraph.text for paragraph in docx.Document(str(path)).paragraphs]
    return [
        paragraph.text
        for slide in pptx.Presentation(str(path)).slides
        for shape in slide.shapes
        if shape.has_text_frame
        for paragraph in shape.text_frame.paragraphs
    ]


CONDITIONS = """
::: {.content-visible when-format="html"}
on pages
:::

::: {.content-visible unless-format="html"}
elsewhere
:::

::: {.content-hidden when-format="pptx"}
not on slides
:::

::: {.content-hidden unless-format="docx"}
[in Word]{.content-visible when-format="docx"}[never]{.content-hidden when-format="docx"}
:::
"""


def test_text_for_some_formats_stands_in_those_alone(put):
    page, text = put(CONDITIONS), put(CONDITIONS, "md")
    assert re.findall(r"<p>(.*?)</p>", body(page)) == ["on pages", "not on slides"]
    assert text.split("\n\n") == ["elsewhere", "not on slides\n"]
    assert said(put(CONDITIONS, "docx"))[-3:] == ["elsewhere", "not on slides", "in Word"]
    assert "elsewhere" in said(put(CONDITIONS, "pptx"))
    assert "not on slides" not in said(put(CONDITIONS, "pptx"))


def test_headings_in_a_condition_are_headings_of_the_document(put):
    text = '::: {.content-hidden when-format="pptx"}\n\n## One\n\nWords.\n\n:::\n'
    assert docx.Document(str(put(text, "docx"))).paragraphs[-2].style.name == "Heading 1"


FLOATS = """
See @fig-dot, [-@tbl-one] and [see @fig-div].

![A **caption**](dot.png){#fig-dot fig-alt="A dot"}

| a | b |
|---|---|
| 1 | 2 |

: A table {#tbl-one}

::: {#fig-div .chart}
![](dot.png){fig-alt="Another"}

The last paragraph.
:::
"""


def test_figures_and_tables_are_numbered_and_referred_to(put):
    page = put(FLOATS).replace("\u00a0", " ")
    assert "Figure 1: A <strong>caption</strong></figcaption>" in page
    assert "Figure 2: The last paragraph.</figcaption>" in page
    assert "<caption>Table 1: A table</caption>" in page
    assert re.findall(r'<a href="(#[\w-]+)"\s+class="reference">(.*?)</a>', page) == [
        ("#fig-dot", "Figure 1"), ("#tbl-one", "1"), ("#fig-div", "Figure 2"),
    ]  # fmt: skip
    assert set(re.findall(r' alt="(.*?)"', page)) == {"A dot", "Another"}
    text = put(FLOATS, "md").replace("\u00a0", " ")
    assert text.startswith("See Figure 1, 1 and see Figure 2.")
    assert "![A dot](dot.png)\n\nFigure 1: A **caption**" in text


def test_a_reference_to_nothing_is_a_fault(put):
    with pytest.raises(ReportError, match=r"refers to @fig-none, which does not exist"):
        put("See @fig-none.")


def test_an_address_with_an_at_stays_as_it_is(put):
    assert "press@example.org" in put("Write to press\\@example\\.org.")


def test_a_callout_has_its_title_and_a_role(put):
    text = (
        '::: {.callout-note}\n## Mind\n\nThe base.\n:::\n\n::: {.callout-tip title="Do"}\nAsk.\n:::'
    )
    page = put(text)
    assert re.findall(r'<div class="callout callout-(\w+)" role="note">', page) == ["note", "tip"]
    assert "<strong>Mind</strong>" in page
    assert "<strong>Do</strong>" in page
    assert "<h2" not in body(page)
    assert "> **Mind**\n>\n> The base." in put(text, "md")
    styles = [
        paragraph.style.name for paragraph in docx.Document(str(put(text, "docx"))).paragraphs
    ]
    assert styles.count("Callout") == 4


def test_a_tabset_is_headed_sections(put):
    page = body(put("::: {.panel-tabset}\n\n### One\n\nFirst.\n\n### Two\n\nSecond.\n\n:::"))
    assert re.findall(r"<h3.*?>(.*?)</h3>", page) == ["One", "Two"]
    assert page.index("First.") < page.index("Two") < page.index("Second.")
    assert "panel-tabset" not in page


def test_a_layout_stands_side_by_side(put):
    text = "::: {layout-ncol=2}\n\nLeft.\n\nRight.\n\n:::"
    assert "grid-template-columns: repeat(2, minmax(0, 1fr))" in put(text)
    assert put(text, "pdf").read_bytes().startswith(b"%PDF")
    assert [words for words in said(put(text, "docx")) if words][-2:] == ["Left.", "Right."]


def test_a_pictures_width_is_one_in_print_too(put):
    widths = ["80%", "96px", "5cm", "1;2"]
    text = "\n\n".join(f'![](dot.png){{width="{width}"}}' for width in widths)
    markup = put(text, "pdf").with_suffix(".typ").read_text("utf-8")
    assert re.findall(r'"dot.png", width: (\S+),', markup) == ["80%", "72pt", "5cm", "100%"]


def test_a_page_break_breaks_pages_and_slides(put):
    text = "One.\n\n{{< pagebreak >}}\n\nTwo.\n"
    page = put(text)
    assert "break-after: page" in page
    assert "pagebreak &gt;" not in page
    styles = [
        paragraph.style.name for paragraph in docx.Document(str(put(text, "docx"))).paragraphs[-2:]
    ]
    assert styles == ["Page Break", "Body Text"]
    assert put(text, "md") == "One.\n\nTwo.\n"


REORDERED = """
Our own words first.

# Part one

More words.

# The report

::: {.facts}
By somebody
:::

{{< pagebreak >}}

## A segment {.segment-page}

Said.

## Before the figures

As @fig-later and @fig-dot say.

![Caption](dot.png){#fig-dot fig-alt="A dot"}

::: {#fig-later}
![](dot.png){fig-alt="Another"}

A second one.
:::
"""


def test_a_source_may_be_reordered_and_have_words_of_its_own(put):
    document = docx.Document(str(put(REORDERED, "docx")))
    styled = [(p.style.name, p.text.replace("\u00a0", " ").strip()) for p in document.paragraphs]
    assert styled[:5] == [
        ("Title", "The report"),
        ("Subtitle", "By somebody"),
        ("First Paragraph", "Our own words first."),
        ("Heading 1", "Part one"),
        ("First Paragraph", "More words."),
    ]
    assert [style for style, _ in styled].count("Page Break") == 1
    assert ("First Paragraph", "As Figure 2 and Figure 1 say.") in styled
    assert not document.tables


def test_another_shortcode_is_refused_but_not_where_it_is_text(put):
    with pytest.raises(ReportError, match=r"has the shortcode \{\{< include x >\}\}"):
        put("{{< include x >}}")
    assert "{{&lt; include x &gt;}}" in put(r"\{\{\< include x \>\}\}")


def test_options_of_a_cell_are_read(tmp_path):
    source = tmp_path / "x.qmd"
    source.write_text(
        "---\npagetitle: x\n---\n\n```{python}\n#| label: one\n#| output: asis\n#| include: false\n1\n```\n"
    )
    cells = [cell for cell in read_source(source).cells if cell.cell_type == "code"]
    assert cells[0].metadata["options"] == {"label": "one", "output": "asis", "include": "false"}
    assert cells[0].metadata["name"] == "one"


HOSTILE = [
    r"\<script\>alert\(1\)\<\/script\>",
    r"\=cmd\(\)",
    r"\{\{\< include \/etc\/passwd \>\}\}",
    r"\`\`\`\{python\} 1 \`\`\`",
    r"\#import \"\/etc\/passwd\"\: \*",
    r"\$x\^2\$",
    r"\:\:\: \{\.banner\}",
    r"\@fig\-none",
]


def test_what_a_survey_says_stays_text_in_every_format(put):
    text = "# Title\n\n" + "\n\n".join(HOSTILE)
    plain = [words.replace("\\", "") for words in HOSTILE]
    assert said(put(text, "docx"))[-len(plain) :] == plain
    assert [words for words in said(put(text, "pptx")) if words in plain] == plain
    page = put(text)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert put(text, "pdf").stat().st_size > 1000
    assert "<script>" not in put(text, "md").replace(r"\<script\>", "")


@pytest.mark.parametrize("wanted", ["html", "docx", "pptx", "pdf", "md"])
def test_the_same_text_gives_the_same_bytes(put, wanted):
    text = f"# Title\n\n{FLOATS}"
    once, again = (
        Path(made).read_bytes() if not isinstance(made, str) else made
        for made in (put(text, wanted), put(text, wanted))
    )
    assert once == again


@pytest.mark.parametrize(
    ("html", "wrong"),
    [
        ('<p title="&lt;img src=x onerror=alert(1)&gt;">url(x) href= &lt;script&gt;</p>', ""),
        ('<img src="data:image/png;base64,AA" alt="src=x"><a href="#a">b</a>', ""),
        ("<style>p { color: red }</style>", ""),
        ("<img src=x>", "src="),
        ("<p ONclick='x'>", "onclick="),
        ("<SCRIPT>x</SCRIPT>", "<script"),
        ('<a href=" javascript:x">', "href="),
        ("<style>p { background: url(x) }</style>", "url("),
        ('<p style="background: URL(x)">', "style="),
        ("<p>a</p><img src=x", "<img"),
    ],
)
def test_html_that_loads_or_runs_is_found_and_its_words_are_not(html, wrong):
    assert _active_in(html) == wrong
