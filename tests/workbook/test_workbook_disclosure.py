"""What is too small to show is in no file, in no form; text of the survey is text everywhere."""

import io
import re
import zipfile

import numpy as np
import pytest
from nasty import Made, figure_columns

from conjoint.table.sheet import sheet_name
from conjoint.workbook.tidy import COLUMNS

ISLE, SOUTH = "31", "119"
"""The base under the limit, and the one that would give it away: see nasty.py."""

HIDDEN = {"isle", "=Region: =Isle", "=Region: South"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return Made(tmp_path_factory.mktemp("nasty"))


@pytest.fixture(scope="module")
def book(made):
    return made.book


@pytest.fixture(scope="module")
def content(made):
    return made.content


@pytest.fixture(scope="module")
def workbook(made):
    return made.workbook


@pytest.fixture(scope="module")
def tidy_csv(made):
    return made.tidy_csv


@pytest.fixture(scope="module")
def page(made):
    return made.page


def hidden_places(table):
    return [place for place, reading in enumerate(table.reading) if reading == "suppressed"]


def test_the_small_column_and_the_one_that_gives_it_away_are_left_out(book):
    table = book.tables[0]
    assert {table.columns[place].key for place in hidden_places(table)} == HIDDEN
    assert table.unweighted[[c.key for c in table.columns].index("=Region: =Isle")] == 0


def test_columns_left_out_are_blank_in_the_workbook(workbook, book):
    for asked in book.questions:
        sheet = workbook[sheet_name(asked.number, asked.title)]
        places = figure_columns(sheet)
        assert len(places) == len(asked.tables[0].columns)
        for place in hidden_places(asked.tables[0]):
            column = [
                cell[0].value
                for cell in sheet.iter_rows(min_col=places[place], max_col=places[place])
            ]
            assert not [value for value in column if isinstance(value, (int, float))]
            assert "*" in column
        texts = [str(row[0].value) for row in sheet.iter_rows(max_col=1)]
        assert any(text.endswith("not shown.") and "* Base under 50" in text for text in texts)


def test_segments_left_out_are_blank_in_conjoint_sheets(workbook, book):
    assert book.hidden == ("isle",)
    for name, size in (("Marginal means", 4), ("AMCE", 4), ("Segments against total", 5)):
        places = figure_columns(workbook[name], "Level", "=Isle people: ")
        assert len(places) == size
        for place in places:
            _, *below = (
                cell[0].value
                for cell in workbook[name].iter_rows(min_col=place, max_col=place)
                if cell[0].value
            )
            assert {*below} == {"*"}


def test_weighting_leaves_out_small_parts_of_the_sample(workbook):
    sheet = workbook["Weighting"]
    rows = {row[0].value: [cell.value for cell in row] for row in sheet.iter_rows()}
    for category in ("=Isle", "South"):
        _, target, unweighted, weighted, people = rows[category]
        assert (unweighted, people) == ("*", "*")
        assert weighted == pytest.approx(target)
    assert rows["North"][4] == 150


def test_no_file_tells_a_base_that_is_left_out(content, workbook, page, tidy_csv):
    said = re.compile(rf"\b({ISLE}|{SOUTH}) (respondents|people|\()")
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            text = parts.read(name).decode("utf-8", "replace")
            assert not said.search(text), name
            assert 'state="hidden"' not in text, name
            assert "veryHidden" not in text, name
            assert "comment" not in name
    looked = 0
    for sheet in workbook:
        for row in sheet.iter_rows():
            if str(row[0].value).endswith(" base"):
                looked += 1
                assert not {int(ISLE), int(SOUTH)} & {cell.value for cell in row}
    assert looked >= 15
    assert not said.search(page)
    assert not re.search(rf">({ISLE}|{SOUTH})(?![\d%.])", page)
    assert not {ISLE, SOUTH} & set(tidy_csv["unweighted_base"])
    assert not {ISLE, SOUTH} & set(tidy_csv["row_base"])


def test_the_audit_says_nothing_of_segments_left_out(book):
    audit = book.figures["audit"]
    assert len(audit)
    for column in ("subject", "text"):
        assert not audit[column].str.contains("=Isle people", regex=False).any()


def test_the_csv_file_has_neither_figures_nor_bases_of_what_is_left_out(tidy_csv):
    assert list(tidy_csv.columns) == list(COLUMNS)
    gone = tidy_csv[tidy_csv["reading"] == "suppressed"]
    assert set(gone["column"].str.lstrip("'")) >= HIDDEN
    figures = list(COLUMNS[COLUMNS.index("value") : COLUMNS.index("reading")])
    assert (gone[figures] == "").all(axis=None)
    assert (gone[["letters", "against_total"]] == "").all(axis=None)
    rare = tidy_csv[tidy_csv["question"] == "rare"]
    assert (rare["unweighted_base"] == "").all()


def test_the_csv_file_has_the_figures_of_the_tables(tidy_csv, book):
    values = tidy_csv["value"].replace("", np.nan).astype(float).to_numpy()
    np.testing.assert_array_equal(values, np.concatenate([t.values.ravel() for t in book.tables]))
    bases = tidy_csv["unweighted_base"].replace("", np.nan).astype(float)
    shown = tidy_csv["reading"] != "suppressed"
    wanted = np.concatenate([np.tile(t.unweighted, len(t.rows)) for t in book.tables])
    np.testing.assert_array_equal(bases[shown], wanted[shown])
    assert set(tidy_csv["against_total"]) > {"", "above 99%"}


def test_texts_of_the_csv_file_do_not_begin_like_formulas(tidy_csv):
    for name in ("title", "row", "label", "crossbreak", "column", "column_label", "item"):
        assert not tidy_csv[name].str.match(r"\s*[=+\-@]").any(), name
    assert {"'+Yes", "'-No", "'=Opinion"} <= set(tidy_csv["label"])


def test_texts_of_the_page_are_text(page):
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;i&gt;support&lt;/i&gt;" in page
    assert "Courts: &lt;high&gt; &amp; low" in page
    assert "support: &lt;b&gt;=How large" in page
    assert "<b>=" not in page
    assert "&amp;lt;" not in page
    assert not re.search("[\ue000-\uf8ff]", page)


def test_the_page_needs_nothing_from_elsewhere(page):
    links = re.findall(r'(?:src|href)="([^"]*)', page)
    assert links
    assert all(link.startswith("#") for link in links)
    ids = set(re.findall(r'\bid="([^"]*)"', page))
    assert {link[1:] for link in links} <= ids
    assert "@import" not in page
    assert "url(" not in page


def test_the_page_has_the_figures_as_printed(page, book):
    sections = re.split(r'<section id="', page)[1:]
    for asked in book.questions:
        own = next(text for text in sections if text.startswith(f'q{asked.number}"'))
        printed = re.findall(r'<tr(?: class="net")?><th scope="row".*?</tr>', own)
        wanted = [row for table in asked.tables for row in table.percent()]
        assert len(printed) == len(wanted)
        for row, figures in zip(printed, wanted, strict=True):
            cells = re.findall(r"<td>(.*?)</td>", row)
            found = [re.match(r"[+−\d.]*", cell).group().replace("−", "-") for cell in cells]
            assert [float(text or "nan") for text in found] == pytest.approx(figures, nan_ok=True)


def test_columns_left_out_are_blank_on_the_page(page, book):
    own = page[page.index('<section id="q1"') : page.index('<section id="q2"')]
    hidden = hidden_places(book.tables[0])
    rows = re.findall(r'<tr(?: class="\w+")?><th scope="row".*?</tr>', own)
    assert len(rows) == 3 + len(book.tables[0].rows)
    for row in rows:
        cells = re.findall(r"<td>(.*?)</td>", row)
        assert {cells[place] for place in hidden} == {"*"}
