"""Excel's workbooks: cells as they are shown, and what a sheet does not show said."""

import datetime
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook
from xlsxwriter import Workbook as Writer

from conjoint.errors import DataError
from conjoint.read.file import read_responses
from conjoint.survey import Data


class Book:
    """A workbook that a test fills before it is read."""

    def __init__(self, folder):
        self.path = folder / "responses.xlsx"
        self.book = Workbook()
        self.sheet = self.book.active
        self.sheet.title = "Data"

    def rows(self, *rows):
        for row in rows:
            self.sheet.append(row)
        return self

    def read(self, **data):
        self.book.save(self.path)
        return read_responses(self.path, Data(layout="long", respondent="id", **data))

    def faults(self, **data):
        with pytest.raises(DataError) as caught:
            self.read(**data)
        return [str(f).replace(str(self.path), "responses.xlsx") for f in caught.value.faults]


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5000.0, "5000"),
        (5000, "5000"),
        (0.1, "0.1"),
        (-0.0, "0"),
        (1e20, "100000000000000000000"),
        (1234567890123, "1234567890123"),
        (1e-7, "0.0000001"),
        (True, "TRUE"),
        (False, "FALSE"),
        (" x ", "x"),
        ("None", "None"),
        ("N/A", "N/A"),
        ("007", "007"),
        (datetime.date(2026, 5, 1), "2026-05-01"),
        (datetime.datetime(2026, 5, 1, 10, 3), "2026-05-01 10:03:00"),
        (datetime.time(10, 3), "10:03:00"),
        (datetime.timedelta(minutes=5), "300"),
    ],
)
def test_a_cell_is_text_as_it_is_shown(book, value, text):
    responses = book.rows(["id", "a"], [1, value]).read()
    assert responses.cells["a"].tolist() == [text]
    assert responses.typed


def test_a_number_shown_as_percentage_is_read_so_and_said(book):
    book.rows(["id", "a", "b"], [1, 0.25, 0.25], [2, 0.07, 0.5])
    for row in (2, 3):
        book.sheet.cell(row, 2).number_format = "0%"
    responses = book.read()
    assert responses.cells["a"].tolist() == ["25%", "7%"]
    assert responses.cells["b"].tolist() == ["0.25", "0.5"]
    assert "shows as percentages" in responses.notes[0]


def test_rows_keep_their_number_behind_blank_ones(book):
    responses = book.rows([], ["id", "a"], [], [1, None], [None, None], [2, "x"]).read()
    assert responses.header == 2
    assert responses.rows.tolist() == [4, 6]
    assert responses.cells["a"].isna().tolist() == [True, False]


def test_the_sheet_that_the_survey_names_is_read(book):
    book.rows(["id"], [1])
    book.book.create_sheet("Second").append(["id", "b"])
    book.book["Second"].append([7, "x"])
    assert book.read(sheet="Second").cells["id"].tolist() == ["7"]
    assert book.read(sheet="Second").notes == ()


def test_the_first_sheet_shown_is_read_and_said(book):
    book.rows(["id"], [1])
    book.book.create_sheet("Second").append(["id"])
    (note,) = book.read().notes
    assert 'the sheet "Data" was read, and not "Second"' in note
    book.sheet.sheet_state = "hidden"
    book.book["Second"].append([8])
    assert book.read().cells["id"].tolist() == ["8"]


def test_a_sheet_that_is_not_there_is_named(book):
    (fault,) = book.rows(["id"], [1]).faults(sheet="Answers")
    assert fault.startswith('responses.xlsx: there is no sheet "Answers" (expected Data)')


def test_cells_that_hold_an_error_are_named(book):
    book.rows(["id", "a", "b"], [1, "#N/A", "x"], [2, "#N/A", "#DIV/0!"])
    for place in ("B2", "B3", "C3"):
        book.sheet[place].data_type = "e"
    assert [fault.split(" (expected")[0] for fault in book.faults()] == [
        "responses.xlsx, row 2, a: holds the error #N/A (1 more cells do)",
        "responses.xlsx, row 3, b: holds the error #DIV/0!",
    ]


def test_a_formula_that_was_never_calculated_is_no_empty_cell(book):
    (fault,) = book.rows(["id", "a"], [1, "=1+1"], [2, "=A2"]).faults()
    assert fault.startswith(
        "responses.xlsx, cell B2: holds a formula that was never calculated (1 more do)"
    )


def alter_sheet(path, alter, name="xl/worksheets/sheet1.xml"):
    """Alter the markup of a workbook's first sheet, or of another part."""
    with ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[name] = alter(parts[name])
    with ZipFile(path, "w", ZIP_DEFLATED) as new:
        for part, content in parts.items():
            new.writestr(part, content)


def test_a_formula_counts_by_the_value_it_last_had(tmp_path):
    with Writer(tmp_path / "f.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "a", "b", "c"])
        sheet.write_row(1, 0, [1])
        sheet.write_formula(1, 1, "=2*3", None, 6)
        sheet.write_formula(1, 2, "=A1", None, "x")
        sheet.write_formula(1, 3, "=A2", None, "empty text")
    alter_sheet(tmp_path / "f.xlsx", lambda markup: markup.replace(b"empty text", b""))
    responses = read_responses(tmp_path / "f.xlsx", Data(layout="long", respondent="id"))
    assert responses.cells["a"].tolist() == ["6"]
    assert responses.cells["b"].tolist() == ["x"]
    assert responses.cells["c"].isna().all()


def test_what_a_sheet_hides_or_merges_is_said(book):
    book.rows(["id", "Task 1", None], [1, "x", "y"], [2, "z", "w"])
    book.sheet.merge_cells("B1:C1")
    book.sheet.row_dimensions[3].hidden = True
    book.sheet.column_dimensions["B"].hidden = True
    responses = book.read()
    assert list(responses.cells) == ["id", "Task 1"]
    assert len(responses.cells) == 2
    said = " ".join(responses.notes)
    assert "rows that the sheet hides (1) were read" in said
    assert "columns that the sheet hides were read" in said
    assert "cells are merged (B1:C1)" in said
    assert "cells right of the last column that row 1 names are left out" in said


def test_columns_without_a_name_are_left_out_and_said(book):
    responses = book.rows(["id", None, "a"], [1, "x", "y", None, "z"]).read()
    assert responses.cells.astype(object).to_dict("list") == {"id": ["1"], "a": ["y"]}
    assert "cells right of the last column that row 1 names" in responses.notes[0]
    assert "gives no name to column 2 of the file, which is left out" in responses.notes[1]


def test_a_sheet_without_cells_is_named(book):
    (fault,) = book.faults()
    assert "there are no responses in it" in fault


def test_a_workbook_under_the_name_of_a_text_is_read_and_said(book, tmp_path):
    book.rows(["id"], [1]).book.save(tmp_path / "really.csv")
    responses = read_responses(tmp_path / "really.csv", Data(layout="long", respondent="id"))
    assert responses.cells["id"].tolist() == ["1"]
    assert "is an Excel workbook by its content" in responses.notes[0]


def test_text_under_the_name_of_a_workbook_is_read_and_said(tmp_path):
    (tmp_path / "really.xlsx").write_text("id,a\n1,x\n")
    responses = read_responses(tmp_path / "really.xlsx", Data(layout="long", respondent="id"))
    assert responses.cells["a"].tolist() == ["x"]
    assert "is delimited text by its content" in responses.notes[0]


def test_a_workbook_locked_up_is_said(tmp_path):
    path = tmp_path / "responses.xlsx"
    inside = "EncryptedPackage".encode("utf-16-le")
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100) + inside)
    with pytest.raises(DataError, match="is protected by a password"):
        read_responses(path, Data(layout="long", respondent="id"))


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_workbook_cut_short_is_no_traceback(book, share):
    book.rows(["id", "a"], *[[i, "x"] for i in range(200)]).read()
    whole = book.path.read_bytes()
    book.path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(DataError, match="cut short"):
        read_responses(book.path, Data(layout="long", respondent="id"))


def test_a_workbook_whose_sheet_is_damaged_is_no_traceback(book):
    book.rows(["id", "a"], [1, "x"]).read()
    alter_sheet(book.path, lambda markup: markup[:200])
    with pytest.raises(DataError, match="cannot be read"):
        read_responses(book.path, Data(layout="long", respondent="id"))


def test_a_small_workbook_cannot_fill_the_memory(book, monkeypatch):
    """Parts that repeat one sign are packed to nearly nothing; none of them is unpacked."""
    monkeypatch.setattr("conjoint.read.packed.BYTES", 10_000)
    book.rows(["id", "a"], [1, "x"]).read()
    alter_sheet(book.path, lambda markup: markup + b"A" * 9_000_000)
    with pytest.raises(DataError, match="spreads out to more than"):
        read_responses(book.path, Data(layout="long", respondent="id"))


def test_a_million_formats_are_refused_before_they_are_read(book):
    book.rows(["id", "a"], [1, "x"]).read()
    crowd = b"<xf/>" * 1_000_000 + b"</cellXfs>"
    alter_sheet(book.path, lambda text: text.replace(b"</cellXfs>", crowd), "xl/styles.xml")
    with pytest.raises(DataError, match=r"xl/styles\.xml has 1,000,\d+ elements of XML"):
        read_responses(book.path, Data(layout="long", respondent="id"))


def test_what_is_no_workbook_is_said_to_be_none(tmp_path):
    path = tmp_path / "picture.xlsx"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    with pytest.raises(DataError, match="is not an Excel workbook, whatever its name says"):
        read_responses(path, Data(layout="long", respondent="id"))
    path.write_bytes("id\tb\n1\t2\n".encode("utf-16"))
    assert list(read_responses(path, Data(layout="long", respondent="id")).cells) == ["id", "b"]
