"""Spreadsheets that are not .xlsx: .ods, .xls and .xlsb, written by other libraries and read back."""

import datetime
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from conjoint.errors import DataError
from conjoint.read.file import read_responses
from conjoint.survey import Data

READ = Data(layout="long", respondent="id")

LONG = "a long answer, «так»; " * 200

ROWS = [
    ["id", "plan", "share", "day", "at", "agrees", "why"],
    [1, "日本 plan", 0.25, datetime.date(2026, 5, 1), datetime.time(10, 3), True, LONG.strip()],
    [5000, "None", 0.07, datetime.date(2026, 5, 2), datetime.time(0, 0, 5), False, "007"],
    [3, "ليس", 0.5, datetime.date(1999, 12, 31), datetime.time(23, 59), True, None],
]

EXPECTED = {
    "id": ["1", "5000", "3"],
    "plan": ["日本 plan", "None", "ليس"],
    "share": ["25%", "7%", "50%"],
    "day": ["2026-05-01", "2026-05-02", "1999-12-31"],
    "at": ["10:03:00", "00:00:05", "23:59:00"],
    "agrees": ["TRUE", "FALSE", "TRUE"],
    "why": [LONG.strip(), "007", None],
}


def cells(responses):
    return {
        name: [None if cell != cell else cell for cell in column.astype(object)]
        for name, column in responses.cells.items()
    }


def write_xls(path, rows, *, hidden=(), formula=None):
    xlwt = pytest.importorskip("xlwt")
    pytest.importorskip("xlrd")
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Data")
    book.add_sheet("Notes").visibility = 1
    styles = {
        float: xlwt.easyxf(num_format_str="0%"),
        datetime.date: xlwt.easyxf(num_format_str="yyyy-mm-dd"),
        datetime.time: xlwt.easyxf(num_format_str="hh:mm:ss"),
    }
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            if value is not None:
                sheet.write(number, place, value, styles.get(type(value), xlwt.easyxf()))
        sheet.row(number).hidden = number in hidden
    book.save(str(path))


def ods_value(value):
    """The attributes of a cell that hold its value."""
    match value:
        case None:
            return {}
        case bool():
            return {"valuetype": "boolean", "booleanvalue": str(value).lower()}
        case int() | float():
            kind = "float" if isinstance(value, int) else "percentage"
            return {"valuetype": kind, "value": str(value)}
        case datetime.time():
            return {"valuetype": "time", "timevalue": value.strftime("PT%HH%MM%SS")}
        case datetime.date():
            return {"valuetype": "date", "datevalue": value.isoformat()}
        case _:
            return {"valuetype": "string"}


def write_ods(path, rows, *, tail=0, repeated=1):
    pytest.importorskip("odf")
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    book = OpenDocumentSpreadsheet()
    sheet = Table(name="Data")
    book.spreadsheet.addElement(sheet)
    for row in rows:
        line = TableRow()
        sheet.addElement(line)
        for value in row:
            given = {"numbercolumnsrepeated": repeated} if repeated > 1 else {}
            cell = TableCell(**ods_value(value), **given)
            if value is not None:
                cell.addElement(P(text=f"shown: {value}" if not isinstance(value, str) else value))
            line.addElement(cell)
    if tail:
        line = TableRow(numberrowsrepeated=tail)
        line.addElement(TableCell(numbercolumnsrepeated=16384))
        sheet.addElement(line)
    book.save(str(path))


def test_an_ods_sheet_is_read_as_it_is_shown(tmp_path):
    path = tmp_path / "wave.ods"
    write_ods(path, ROWS, tail=1_048_570)
    read = read_responses(path, READ)
    assert cells(read) == EXPECTED
    assert read.rows.tolist() == [2, 3, 4]
    assert [note for note in read.notes if "percentages" in note] == list(read.notes)


def test_an_xls_sheet_is_read_as_it_is_shown(tmp_path):
    path = tmp_path / "wave.xls"
    write_xls(path, ROWS, hidden={2})
    read = read_responses(path, READ)
    assert cells(read) == EXPECTED
    said = " ".join(read.notes)
    assert 'the sheet "Data" was read, and not "Notes"' in said
    assert "rows that the sheet hides (1) were read" in said


def test_an_xlsb_sheet_gives_its_values_and_says_what_it_cannot(tmp_path):
    writer = pytest.importorskip("pyxlsbwriter")
    pytest.importorskip("python_calamine")
    path = tmp_path / "wave.xlsb"
    rows = [
        [cell for cell in row if not isinstance(cell, datetime.time) and cell != "at"]
        for row in ROWS
    ]
    with writer.XlsbWriter(str(path)) as book:
        book.add_sheet("Data")
        book.write_sheet(rows)
    read = read_responses(path, READ)
    expected = {name: own for name, own in EXPECTED.items() if name != "at"}
    assert cells(read) == expected | {"share": ["0.25", "0.07", "0.5"]}
    assert "percentages come as fractions" in read.notes[0]


def test_an_ods_sheet_that_spreads_out_is_refused_before_it_is_made(tmp_path):
    path = tmp_path / "wave.ods"
    write_ods(path, [["id"] * 10] + [["x"]] * 100, repeated=15_000)
    with pytest.raises(DataError, match=r"has more than .* cells"):
        read_responses(path, READ)


def test_an_xlsb_sheet_that_spreads_out_is_refused_before_it_is_made(tmp_path):
    pytest.importorskip("python_calamine")
    path = tmp_path / "wave.xlsb"
    row = bytes([0, 17]) + (1_048_575).to_bytes(4, "little") + bytes(13)
    cell = bytes([1, 8]) + (16_383).to_bytes(4, "little") + bytes(4)
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.bin", b"")
        archive.writestr("xl/worksheets/sheet1.bin", row + cell)
    with pytest.raises(DataError, match=r"has more than .* cells"):
        read_responses(path, READ)


def test_an_error_in_a_cell_is_named(tmp_path):
    path = tmp_path / "wave.ods"
    write_ods(path, [["id", "a"], [1, "x"]])
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    marked = parts["content.xml"].replace(
        b'<table:table-cell office:value-type="string"><text:p>x</text:p>',
        b'<table:table-cell office:value-type="string" calcext:value-type="error"'
        b' xmlns:calcext="urn:x"><text:p>#N/A</text:p>',
    )
    assert marked != parts["content.xml"]
    with ZipFile(path, "w") as archive:
        for name, content in (parts | {"content.xml": marked}).items():
            archive.writestr(name, content)
    with pytest.raises(DataError, match=r"row 2, a: holds the error #N/A"):
        read_responses(path, READ)


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("write", [write_ods, write_xls])
def test_a_sheet_cut_short_is_no_traceback(tmp_path, write, kept):
    path = tmp_path / f"wave.{write.__name__[-3:]}"
    write(path, ROWS)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(DataError, match=r"cut short|cannot be read"):
        read_responses(path, READ)
