"""One model of tables, and what each writer makes of it: the same words, and nothing run or lost."""

import json
import re
from html.parser import HTMLParser

import pypandoc
import pytest

from conjoint.table import Cell, Row, Table, strong
from conjoint.table.markdown import markdown
from conjoint.table.web import web

NASTY = "a | b <script>*x*</script> {{< include y >}} [z](http://x) `c`"


@pytest.fixture(scope="module")
def table():
    rows = [
        Row((Cell("Base"), Cell("2,003"), Cell("97", mark="!")), "base"),
        ("By vote",),
        (strong("Labour"), Cell("48%", aside="±2"), Cell("50%", letters="b ++")),
        ("Green", "12% to 15%", NASTY),
    ]
    return Table.of("Deal", ("", "All", "Right"), rows, widths=(3, 1, 1), label="tbl-deal")


def cells_of(html):
    class Cells(HTMLParser):
        def __init__(self):
            super().__init__()
            self.found = []

        def handle_starttag(self, tag, _):
            if tag in ("td", "th"):
                self.found.append("")

        def handle_data(self, data):
            if self.found:
                self.found[-1] += data

    parser = Cells()
    parser.feed(html[html.index("<thead") : html.index("</table>")])
    return [re.sub(r"\s+", " ", cell).strip() for cell in parser.found]


def test_markdown_and_html_say_the_same(table):
    set_by_pandoc = pypandoc.convert_text(markdown(table), "html", format="markdown")
    said, own = cells_of(set_by_pandoc), cells_of(web(table))
    spaceless = [[cell.replace(" ", "") for cell in cells if cell] for cells in (said, own)]
    assert spaceless[0] == spaceless[1]
    assert "12% to 15%" in own
    assert NASTY in own


def test_html_of_a_text_is_text(table):
    assert "<script" not in web(table)
    assert "&lt;script&gt;" in web(table)


def test_markdown_names_numbers_and_boxes_a_table(table):
    tree = json.loads(pypandoc.convert_text(markdown(table), "json", format="markdown"))
    (box,) = tree["blocks"]
    (_, classes, pairs), (inside,) = box["c"]
    assert classes == ["scroll", "crosstab"]
    assert dict(pairs)["aria-label"] == "Deal"
    assert inside["t"] == "Table"
    assert inside["c"][0][0] == "tbl-deal"


def test_only_columns_of_words_stand_left():
    words = Table.of("Facts", ("", ""), [("Mode", "Online")], words=2, widths=(1, 2))
    assert "{.scroll .listing" in markdown(words)
    rule = markdown(words).splitlines()[3]
    assert re.fullmatch(r"\|(:-+\|){2}", rule)


def test_widths_leave_words_whole():
    rules = [
        markdown(
            Table.of("T", "abcdef", [("x", word, *"1234")], widths=(5, *[1] * 5))
        ).splitlines()[3]
        for word in ("Extraordinarily", "2")
    ]
    long, short = (rule.split("|")[2].count("-") for rule in rules)
    assert long > len("Extraordinarily") > short


def test_split_repeats_the_first_columns_and_counts_parts(table):
    parts = list(table.split(1, 1))
    assert [part.name for part in parts] == ["Deal (1 of 2)", "Deal (2 of 2)"]
    assert [part.label for part in parts] == ["tbl-deal-1", "tbl-deal-2"]
    assert [[cell.text for cell in part.rows[2].cells] for part in parts] == [
        ["Labour", "48%"],
        ["Labour", "50%"],
    ]


def test_cut_tears_no_band():
    rows = [row for band in "abc" for row in [(band,), (band, "1"), (band, "2")]]
    parts = list(Table.of("T", ("", "n"), rows, label="tbl-t").cut(most=6))
    assert [[row.cells[0].text for row in part.rows] for part in parts] == [
        list("aaabbb"),
        list("ccc"),
    ]
    assert [part.label for part in parts] == ["tbl-t", "tbl-t-2"]
    assert [row.kind for row in parts[1].rows] == ["band", "", ""]
