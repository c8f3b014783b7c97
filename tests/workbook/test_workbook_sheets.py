"""The workbook read back: the same figures, linked sheets, numbers that are numbers, and no formula."""

import datetime
import io
import re
import zipfile

import numpy as np
import openpyxl
import pytest
import xlsxwriter
from nasty import Made, figure_columns

from conjoint.say.label import crossbreak_label
from conjoint.table import Column, Table
from conjoint.table.sheet import Sheet, pages_of, sheet_name
from conjoint.table.style import Styles
from conjoint.toplines import tables
from conjoint.workbook import workbook_bytes

BASES = ["Unweighted base", "Weighted base", "Effective base"]


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


def rows_by_label(sheet, first=1):
    """The first row below `first` with each text in column A, by text."""
    found = {}
    for row in range(first, sheet.max_row + 1):
        text = sheet.cell(row, 1).value
        if isinstance(text, str):
            found.setdefault(text, row)
    return found


def numbers(sheet, row, count, first=2):
    cells = [sheet.cell(row, first + place) for place in range(count)]
    assert all(cell.value is None or cell.data_type == "n" for cell in cells)
    return np.array([np.nan if cell.value is None else cell.value for cell in cells], dtype=float)


def figures(sheet, row):
    """The numbers of a row of a question's sheet, its marks left out."""
    return numbers_at(sheet, row, figure_columns(sheet))


def numbers_at(sheet, row, columns):
    """The numbers of a row; none where a mark stands for one."""
    found = [sheet.cell(row, column).value for column in columns]
    return np.array([np.nan if value == "*" else value for value in found], dtype=float)


def sheet_of(workbook, asked):
    return workbook[sheet_name(asked.number, asked.title)]


def starts(sheet, asked):
    """Where each table of a question begins."""
    rows = [row for row in range(1, sheet.max_row) if sheet.cell(row, 1).value == BASES[0]]
    assert len(rows) == len(asked.tables)
    return rows


def test_every_question_has_the_figures_of_its_tables(workbook, book):
    looked = 0
    for asked in book.questions:
        sheet = sheet_of(workbook, asked)
        for table, start in zip(asked.tables, starts(sheet, asked), strict=True):
            rows = rows_by_label(sheet, start)
            shown = np.array([reading != "suppressed" for reading in table.reading])
            for label, bases in zip(
                BASES, (table.unweighted, table.weighted, table.effective), strict=True
            ):
                told = np.where(shown, bases, np.nan)
                np.testing.assert_allclose(figures(sheet, rows[label]), told, rtol=1e-14)
            for row, values in zip(table.rows, table.values, strict=True):
                # A net that is a difference is in points.
                wanted = values * (100 if row.low < 0 and row.kind == "net" else 1)
                np.testing.assert_allclose(
                    figures(sheet, rows[row.label]), wanted, rtol=1e-14, atol=1e-16
                )
                looked += len(wanted)
    assert looked > 150


def test_letters_stand_beside_their_figures(workbook, book):
    asked = book.questions[0]
    table, sheet = asked.tables[0], sheet_of(workbook, asked)
    row, places = rows_by_label(sheet)["+Yes"], figure_columns(sheet)
    wanted = [
        f"{a} {b}".strip().replace("-", "−")
        for a, b in zip(table.letters[0], table.against_total[0], strict=True)
    ]
    beside = [sheet.cell(row, place + 1) for place in places]
    found = ["" if cell.column in places else cell.value or "" for cell in beside]
    assert found == wanted
    assert any(wanted)


def test_heads_are_one_row_and_each_has_its_own(workbook, book):
    asked = book.questions[0]
    sheet, columns = sheet_of(workbook, asked), asked.tables[0].columns
    row = starts(sheet, asked)[0] - 1
    heads = [sheet.cell(row, place).value for place in figure_columns(sheet)]
    letters = [f"{c.label} ({c.letter})" if c.letter else c.label for c in columns]
    breaks = [f"{crossbreak_label(c.crossbreak)}: " if c.crossbreak else "" for c in columns]
    assert heads == [f"{own}{head}" for own, head in zip(breaks, letters, strict=True)]
    assert "=Region: North (b)" in heads
    for each in book.questions:
        own = starts(sheet_of(workbook, each), each)[0] - bool(each.tables[0].item) - 1
        found = [cell.value for cell in sheet_of(workbook, each)[own] if cell.value]
        assert len(set(found)) == len(found) > len(each.tables[0].columns)


def test_grids_stack_their_items(workbook, book):
    asked = next(each for each in book.questions if each.key == "trust")
    sheet = sheet_of(workbook, asked)
    heads = [sheet.cell(row - 1, 1).value for row in starts(sheet, asked)]
    assert heads == ["police", "Courts: <high> & low"]


@pytest.mark.parametrize(
    ("sheet", "frame", "factor"),
    [("Marginal means", "marginal_means", 1), ("AMCE", "amce", 100),
     ("Segments against total", "departures", 100)],
)  # fmt: skip
def test_conjoint_sheets_have_the_figures_of_the_bundle(workbook, book, sheet, frame, factor):
    own, sheet = book.figures[frame], workbook[sheet]
    groups = list(dict.fromkeys(own["group"]))
    assert len(groups) == 4 - (frame == "departures") * 2
    wanted = own.pivot_table(
        index=["outcome", "attribute", "level"], columns="group", sort=False, dropna=False,
        values=["estimate", "conf_low", "conf_high", "n_respondents"], observed=False,
    )  # fmt: skip
    order = own[["outcome", "attribute", "level"]].drop_duplicates().itertuples(index=False)
    rows = [row for row in range(1, sheet.max_row + 1)
            if sheet.cell(row, 1).alignment.indent and sheet.cell(row, 1).value]  # fmt: skip
    for row, key in zip(rows, order, strict=True):
        for group in groups:
            named = "All" if group == "Total" else book.survey.segment_label(group)
            places = figure_columns(sheet, "Level", f"{named}: ")
            assert len(places) == 4 + (frame == "departures")
            found = numbers_at(sheet, row, places[:4])
            figures = [wanted.loc[tuple(key), (name, group)] * scale for name, scale in (
                ("estimate", factor), ("conf_low", factor), ("conf_high", factor), ("n_respondents", 1)
            )]  # fmt: skip
            np.testing.assert_allclose(found, figures, rtol=1e-12, atol=1e-13)


def test_the_grid_has_the_figures_of_the_bundle(workbook, book):
    sheet, own = workbook["Grid"], book.figures["joint_means"]
    places = figure_columns(sheet, "colour")
    rows = [row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).alignment.indent]
    found = [numbers_at(sheet, row, places) for row in rows]
    wanted = []
    groups = list(dict.fromkeys(own["group"]))
    assert set(groups) == {"Total", "left", "warm", "isle"}
    for group in ("Total", "left", "warm", "isle"):
        cells = own[own["group"] == group].set_index("level")
        names = ["estimate", "conf_low", "conf_high", "n_respondents"]
        wanted += [
            [
                cells.loc[f"{price} * {colour}", name]
                for price in ("low", "mid", "high")
                for name in names
            ]
            for colour in ("red", "green")
        ]
    np.testing.assert_allclose(np.array(found), np.array(wanted, dtype=float), rtol=1e-12)


def test_design_weighting_and_audit_are_there(workbook, book):
    design = workbook["Design"]
    texts = [cell.value for row in design.iter_rows() for cell in row]
    assert "Small (baseline)" in texts
    shown = book.figures["shown"].set_index(["attribute", "level"])
    assert any(
        v == pytest.approx(shown.loc[("price", "mid"), "estimate"])
        for v in texts
        if isinstance(v, float)
    )
    weighting = workbook["Weighting"]
    rows = rows_by_label(weighting)
    frame = book.figures["weighting"].set_index("category")
    wanted = frame.loc["Female", ["target", "unweighted", "weighted", "n"]].to_numpy(dtype=float)
    np.testing.assert_allclose(numbers(weighting, rows["Female"], 4), wanted, rtol=1e-12)
    audit = [row[3].value for row in workbook["Audit"].iter_rows()]
    assert set(book.figures["audit"]["text"]) <= set(audit)


def test_the_cover_says_how_the_poll_was_made(workbook):
    cover = {row[0].value: row[1].value for row in workbook["Cover"].iter_rows(max_col=2)}
    assert cover["Client"] == "+1 & Sons"
    assert cover["Fieldwork"] == "30 May to 2 June 2026"
    assert "Margins: Sex and Region" in cover["Weighting"]
    assert 0.5 < cover["Weighting efficiency"] <= 1
    assert "lower-case" in cover["Letters"]
    assert "Under 50" in cover["Small bases"]
    assert "conjoint" in cover["Software"]


def test_every_sheet_is_linked_from_the_contents_and_back(workbook):
    links = [
        cell.hyperlink.location
        for row in workbook["Contents"].iter_rows()
        for cell in row
        if cell.hyperlink
    ]
    linked = {re.fullmatch(r"'?(.+?)'?!A\d+", link).group(1) for link in links}
    assert linked == set(workbook.sheetnames) - {"Contents"}
    for sheet in workbook:
        if sheet.title != "Contents":
            assert sheet["A1"].hyperlink.location.replace("'", "") == "Contents!A1"
    trust = next(name for name in workbook.sheetnames if name.endswith("Trust"))
    rows = [int(link.rsplit("A", 1)[1]) for link in links if trust in link]
    assert len(rows) == 3
    assert [workbook[trust].cell(row, 1).value for row in rows[1:]] == [
        "police", "Courts: <high> & low",
    ]  # fmt: skip


def test_nothing_is_a_formula(workbook, content):
    kinds = {cell.data_type for sheet in workbook for row in sheet.iter_rows() for cell in row}
    assert kinds == {"s", "n"}
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            text = parts.read(name).decode("utf-8", "replace")
            assert "<f>" not in text
            assert "<script" not in text
            assert "externalLink" not in text
            assert not re.search(r'TargetMode="External"', text)
    labels = {cell.value for sheet in workbook for row in sheet.iter_rows() for cell in row}
    assert {
        "+Yes",
        "-No",
        "=Opinion",
        "@Would you <i>support</i> it?",
        "=Region: North (b)",
    } <= labels


def test_names_of_sheets_are_valid_and_apart(workbook):
    names = workbook.sheetnames
    assert len({name.lower() for name in names}) == len(names)
    assert all(len(name) <= 31 and not set("[]:*?/\\'") & set(name) for name in names)
    assert sheet_name(12, "x" * 80) == "12 " + "x" * 28
    assert sheet_name(3, "") == "3"


@pytest.mark.parametrize(
    ("sizes", "pages"),
    [
        ([1, 3, 2, 6], [(0, 12)]),
        ([1, 3, 2, 6, 11, 3, 8, 9], [(0, 12), (13, 23), (24, 34), (35, 43)]),
        ([1, 30], [(0, 12), (13, 24), (25, 31)]),
    ],
)
def test_pages_are_torn_between_crossbreaks_where_that_is_possible(sizes, pages):
    """A column of 32 and figures of 9: twelve to a page that can be read."""
    starts = np.cumsum([1, *sizes[:-1]]).tolist()
    assert pages_of([32.0] + [9.0] * sum(sizes), starts) == pages


def test_a_wide_sheet_breaks_where_a_crossbreak_begins(book):
    overs = ["", "", *["Sex"] * 7, *["Region"] * 12]
    columns = [Column(f"{place}", 1, over) for place, over in enumerate(overs)]
    table, buffer = Table("Wide", tuple(columns), ()), io.BytesIO()
    with xlsxwriter.Workbook(buffer) as made:
        sheet = Sheet(Styles(made), "wide", "Wide", book.survey, [table])
        sheet.paragraph("Wording that is longer than the first column. " * 3)
        sheet.table(table)
    own = openpyxl.load_workbook(buffer)["wide"]
    assert [mark.id for mark in own.col_breaks.brk] == [9]
    assert 0 < own.page_setup.scale < 100
    assert (own["C4"].value, own["J4"].value) == ("Sex: 2", "Region: 9")
    assert own["A3"].value is None  # a column on every page would cut it
    assert own["B3"].value.startswith("Wording")


def test_figures_of_the_cover_are_numbers(workbook, book):
    rows = {row[0].value: row[1] for row in workbook["Cover"].iter_rows()}
    told = book.provenance["weighting"]
    for name, key, shown in (
        ("Weighting efficiency", "efficiency", '[=1]0.0%;[>=0.9995]">99.95%";0.0%'),
        ("Effective base", "effective", "#,##0"),
        ("Design effect", "design_effect", "0.00"),
    ):
        assert rows[name].value == pytest.approx(told[key], rel=1e-12)
        assert rows[name].number_format == shown


def test_sheets_are_set_up_for_print(workbook):
    for sheet in workbook:
        if len(sheet.col_breaks.brk) == 0:
            assert sheet.sheet_properties.pageSetUpPr.fitToPage
            assert sheet.page_setup.fitToHeight == 0
        assert sheet.page_setup.paperSize == 9
        assert "&P" in sheet.oddFooter.right.text
        assert "poll" in sheet.oddFooter.left.text
        assert "Synthetic wave" in sheet.oddHeader.right.text
        if sheet.title != "Cover":
            assert sheet.freeze_panes
            assert sheet.print_title_rows
        if sheet.title != "Weighting":
            assert sheet.page_setup.orientation == "landscape"


def test_long_texts_do_not_break_the_file(workbook):
    texts = [
        cell.value for row in workbook["2 Issues which of these those,"].iter_rows() for cell in row
    ]
    longest = max(len(text) for text in texts if isinstance(text, str))
    assert 30_000 < longest < 32_767
    for sheet in workbook:
        heights = [row.height for row in sheet.row_dimensions.values() if row.height]
        assert max(heights) <= 409
        assert len(sheet.oddFooter.left.text + sheet.oddFooter.center.text) < 200


def test_numbers_have_formats(workbook, book):
    asked = book.questions[0]
    sheet = sheet_of(workbook, asked)
    rows = rows_by_label(sheet)
    wanted = {"+Yes": '[=0]0%;[<0.005]"<0.5%";0%', "=Opinion": '[=1]0%;[>=0.995]">99.5%";0%',
              "Net yes": "0;0;0", "Mean": "0.0", "Unweighted base": "#,##0"}  # fmt: skip
    assert {label: sheet.cell(rows[label], 2).number_format for label in wanted} == wanted


def test_it_says_on_every_sheet_that_it_is_synthetic(workbook):
    for sheet in workbook:
        texts = [cell.value for row in sheet.iter_rows(max_row=2) for cell in row]
        assert "Synthetic wave: no person gave these answers. Not for quotation." in texts


def test_the_same_book_makes_the_same_bytes(book, content):
    assert workbook_bytes(book) == content
    made = openpyxl.load_workbook(io.BytesIO(content)).properties
    assert made.created == made.modified == datetime.datetime(2026, 6, 2)


def test_tables_are_those_of_the_package(made):
    import conjoint as cj

    wave = cj.rake(cj.read_wave(made.folder))
    for own, direct in zip(made.book.tables, tables(wave), strict=True):
        np.testing.assert_array_equal(own.values, direct.outward().values)
        fine = ~np.array(direct.coarse)
        np.testing.assert_allclose(own.values[:, fine], direct.values[:, fine], atol=1e-4)
        assert own.letters == direct.letters


def test_colours_are_those_of_the_charts():
    pytest.importorskip("plotnine", reason="needs the report extra")
    from conjoint.plot import theme
    from conjoint.table import style

    assert tuple(colour.upper() for colour in (theme.INK, theme.MUTED, theme.RULE)) == (
        style.INK,
        style.MUTED,
        style.RULE,
    )
    assert tuple(colour.upper() for colour in theme.HUE) == style.HUE
    assert style.LINK in theme.SEGMENT_COLOURS
