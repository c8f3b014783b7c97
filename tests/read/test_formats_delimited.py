"""Delimited text: every delimiter, encoding and irregular row that a survey platform may write."""

import codecs
import tracemalloc

import pandas as pd
import pytest

from conjoint.errors import DataError
from conjoint.read import delimited
from conjoint.read.arrow import parse_regular
from conjoint.read.file import read_responses
from conjoint.survey import Data

TEXT = "id,vote,note\n1,Labour,fine\n2,None,NA\n3,Grün,=1+1\n"
CELLS = {"id": ["1", "2", "3"], "vote": ["Labour", "None", "Grün"], "note": ["fine", "NA", "=1+1"]}


@pytest.fixture
def read(tmp_path):
    """Write bytes or text to a file, and read it."""

    def write_and_read(content, name="responses.csv", **data):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_responses(path, Data(layout="long", respondent="id", **data))

    return write_and_read


@pytest.fixture
def faults(read, tmp_path):
    """Read what cannot be read, and say the faults, the folder's path left out."""

    def refused(content, name="responses.csv", **data):
        with pytest.raises(DataError) as caught:
            read(content, name, **data)
        return [str(fault).replace(f"{tmp_path}/", "") for fault in caught.value.faults]

    return refused


def cells(responses):
    return {
        name: [None if cell != cell else cell for cell in column.astype(object)]
        for name, column in responses.cells.items()
    }


def test_every_cell_is_text_and_only_an_empty_one_is_missing(read):
    responses = read("id,vote,w\n1,None,\n 2 ,NA, N/A \n3,nan,007\n")
    assert cells(responses) == {
        "id": ["1", "2", "3"],
        "vote": ["None", "NA", "nan"],
        "w": [None, "N/A", "007"],
    }
    assert responses.rows.tolist() == [2, 3, 4]
    assert (responses.header, responses.typed, responses.notes) == (1, False, ())


def test_columns_are_categories_of_distinct_stripped_objects(read):
    responses = read("id,a\n1, x\n2,x \n3,x\n4,\n")
    assert responses.cells["a"].cat.categories.tolist() == ["x"]
    assert responses.cells["a"].cat.categories.dtype == object
    assert responses.cells["a"].cat.codes.tolist() == [0, 0, 0, -1]


def test_cells_that_the_survey_calls_missing_are(read):
    responses = read("id,a,b\n1,-99,x\n2,y,-99\n3,z,(blank)\n", missing=["-99", "(blank)"])
    assert cells(responses)["a"] == [None, "y", "z"]
    assert cells(responses)["b"] == ["x", None, None]


# --- Delimiters ---------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["responses.csv", "responses.tsv", "responses.txt"])
def test_a_delimiter_is_found(read, delimiter, name):
    responses = read(TEXT.replace(",", delimiter), name)
    assert cells(responses) == CELLS
    assert responses.notes == ()


def test_a_delimiter_within_quotation_marks_is_none(read):
    text = 'id;comment;price\n1;"a;b, c, d";1,5\n2;"e, f";2,5\n'
    assert cells(read(text)) == {
        "id": ["1", "2"],
        "comment": ["a;b, c, d", "e, f"],
        "price": ["1,5", "2,5"],
    }


def test_a_decimal_comma_is_left_as_it_is(read):
    assert cells(read("id;w\n1;0,5\n2;1,25\n", decimal=","))["w"] == ["0,5", "1,25"]


def test_the_survey_s_delimiter_wins(read):
    text = "id,x|vote\n1,2|Labour\n"
    assert list(read(text, delimiter="|").cells) == ["id,x", "vote"]


def test_two_delimiters_that_would_both_do_are_said(read):
    (note,) = read("id,x;vote\n1,2;Labour\n3,4;Green\n").notes
    assert (
        "read with a comma as delimiter (2 columns); semicolon (2 columns) would fit as well"
        in note
    )


def test_a_file_of_one_column_needs_no_delimiter(read):
    assert cells(read("id\n1\n2\n")) == {"id": ["1", "2"]}


def test_a_first_line_for_spreadsheets_names_the_delimiter(read):
    responses = read("sep=;\r\nid;a,b\r\n1;x,y\r\n")
    assert cells(responses) == {"id": ["1"], "a,b": ["x,y"]}
    assert (responses.header, responses.rows.tolist()) == (2, [3])


def test_a_delimiter_of_two_characters_is_refused(faults):
    (fault,) = faults(TEXT, delimiter=";;")
    assert fault.startswith('survey.toml, data.delimiter: ";;" is not a delimiter')


# --- Encodings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoded",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
    ],
)
def test_a_mark_or_utf_8_needs_no_guess(read, encoded):
    responses = read(encoded)
    assert cells(responses) == CELLS
    assert responses.notes == ()


def test_a_quoted_first_name_behind_a_mark_is_a_name(read):
    assert list(read('"id","vote"\n1,2\n'.encode("utf-8-sig")).cells) == ["id", "vote"]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_mark_is_recognised_and_said(read, codec):
    responses = read((TEXT * 20).replace("\nid,vote,note", "").encode(codec))
    assert responses.cells["vote"].iloc[2] == "Grün"
    assert codec in responses.notes[0]


@pytest.mark.parametrize(
    ("codec", "words"),
    [
        ("cp1252", ["Grün", "£5 or more – don’t know", "Île-de-France", "Größe"]),
        ("cp1251", ["Поддерживаю", "Не поддерживаю", "Затрудняюсь ответить"]),
        ("cp1253", ["Υποστηρίζω", "Δεν υποστηρίζω"]),
        ("cp932", ["賛成です", "反対します", "わからない"]),
        ("gb18030", ["我支持这个协议", "我反对这个协议", "不知道"]),
        ("mac_roman", ["Île-de-France", "Provence-Alpes-Côte d’Azur", "Rhône"]),
    ],
)
def test_another_encoding_is_guessed_and_said(read, codec, words):
    rows = [f"{i},{words[i % len(words)]}" for i in range(90)]
    responses = read("\n".join(["id,vote", *rows]).encode(codec))
    assert responses.cells["vote"].tolist()[: len(words)] == words
    (note,) = responses.notes
    assert f"was taken to be {codec}" in note
    assert "data.encoding" in note


def test_the_survey_s_encoding_wins(read):
    responses = read("id,vote\n1,Świętokrzyskie\n".encode("cp1250"), encoding="cp1250")
    assert cells(responses)["vote"] == ["Świętokrzyskie"]
    assert responses.notes == ()


def test_a_mark_is_taken_off_where_the_survey_names_the_encoding_too(read):
    assert list(read(TEXT.encode("utf-8-sig"), encoding="UTF8").cells) == ["id", "vote", "note"]
    assert list(read(TEXT.encode("utf-16"), encoding="utf-16-le").cells) == ["id", "vote", "note"]


def test_an_encoding_that_is_not_the_file_s_is_refused_by_line(faults):
    (fault,) = faults(TEXT.encode("latin-1"), encoding="utf-8")
    assert fault.startswith("responses.csv, line 4: holds bytes that are not UTF-8")


def test_one_line_in_another_encoding_is_refused_and_the_rest_not_garbled(faults):
    lines = [f"{i},Grün".encode() for i in range(50)]
    lines[30] = "30,Grün".encode("latin-1")
    (fault,) = faults(b"\n".join([b"id,vote", *lines]))
    assert fault.startswith(
        "responses.csv, line 32: holds bytes that are not UTF-8, as other lines are"
    )


def test_an_encoding_that_contradicts_the_mark_is_refused(faults):
    (fault,) = faults(TEXT.encode("utf-8-sig"), encoding="cp1252")
    assert "begins with the mark of UTF-8, and survey.toml says cp1252" in fault


@pytest.mark.parametrize("name", ["utf9", "rot13", "hex"])
def test_an_encoding_that_is_none_is_refused(faults, name):
    (fault,) = faults(TEXT, encoding=name)
    assert fault.startswith(f'survey.toml, data.encoding: "{name}" is not an encoding of text')


def test_utf_16_cut_amid_a_letter_is_refused(faults):
    (fault,) = faults(TEXT.encode("utf-16")[:-1])
    assert "holds bytes that are not UTF-16" in fault


# --- Rows ---------------------------------------------------------------------------------------


def test_rows_are_numbered_as_a_spreadsheet_shows_them(read):
    responses = read('\n\nid,a\n\n1,"two\nlines"\n,\n2,y\n  ,  \n3,z\n\n')
    assert responses.header == 3
    assert responses.rows.tolist() == [5, 7, 9]
    assert cells(responses)["a"] == ["two\nlines", "y", "z"]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_any_end_of_line_will_do(read, end):
    responses = read(TEXT.replace("\n", end))
    assert cells(responses) == CELLS
    assert responses.rows.tolist() == [2, 3, 4]


def test_a_row_of_another_length_is_refused_and_nothing_shifted(faults):
    text = "id,a,b\n1,x,y\n2,x\n3,x,y,z\n4,x\n5,x,y\n6\n"
    assert [f.split(" Look")[0] for f in faults(text)] == [
        "responses.csv, row 3: has 2 cells (1 more rows have) (expected 3 as the header).",
        "responses.csv, row 4: has 4 cells (expected 3 as the header).",
        "responses.csv, row 7: has 1 cell (expected 3 as the header).",
    ]


def test_empty_cells_behind_the_last_name_are_no_fault(read):
    assert cells(read("id,a,,\n1,x,,\n2,y\n3,z,,,,\n")) == {
        "id": ["1", "2", "3"],
        "a": ["x", "y", "z"],
    }
    assert cells(read("id,a\n1,x,,\n2,y, ,\n")) == {"id": ["1", "2"], "a": ["x", "y"]}


def test_a_column_without_name_is_left_out_and_said(read):
    responses = read(",id,a,\n1,7,x,\n2,8,y,\n")
    assert list(responses.cells) == ["id", "a"]
    (note,) = responses.notes
    assert "gives no name to column 1 of the file, which is left out" in note


def test_a_mark_within_a_quoted_cell_is_refused_by_row(faults):
    (fault,) = faults('id,a\n1,x\n2,"he said "hi" to me"\n3,y\n')
    assert fault.startswith("responses.csv, row 3: a quotation mark stands within a cell")


def test_a_quotation_mark_that_never_ends_does_not_swallow_the_rest(faults):
    (fault,) = faults('id,a\n1,x\n2,"he said\n3,y\n4,z\n')
    assert fault.startswith(
        "responses.csv, row 3: a cell begins with a quotation mark that never ends"
    )


def test_a_cell_that_is_too_long_is_refused(faults):
    (fault,) = faults(f"id,a\n1,x\n2,{'y' * 200_000}\n")
    assert "row 3: a cell is too long" in fault
    assert "(expected 131,072 characters at most)" in fault


def test_blank_lines_take_no_room(read):
    wide = ",".join(map(str, range(100)))
    tracemalloc.start()
    try:
        responses = read(f"{wide}\n{wide}\n" + "\n" * 100_000 + f"{wide}\n")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert list(responses.rows) == [2, 100_003]
    assert peak < 20e6


def test_a_mark_amid_an_unquoted_cell_is_text(read):
    assert cells(read('id,screen\n1,5" wide\n2,6"\n'))["screen"] == ['5" wide', '6"']


def test_bytes_of_zero_are_refused_with_their_place(faults):
    (fault,) = faults(b"id,a\n1,x\n2,\x00\x00\n3,y\n4,z\x00\n")
    assert fault.startswith("responses.csv, row 3, a: holds bytes of zero (1 more cells hold some)")


def test_names_that_stand_twice_are_counted_and_refused_where_they_are_needed(read):
    responses = read("id,a,a,b,b,b\n1,2,3,4,5,6\n")
    assert cells(responses) == {"id": ["1"], "a": ["2"], "b": ["4"]}
    assert responses.twice == {"a": 1, "b": 2}
    (fault,) = responses.ambiguous(["id", "b"])
    assert 'responses.csv, row 1: the column "b" stands twice' in str(fault)


def test_all_that_is_wrong_is_said_at_once(faults):
    found = faults(b'id,a,a\n1,x,y\n2,x\n3,\x00,y\n4,"x"y,z\n')
    assert [fault.split(":")[0] for fault in found] == [
        "responses.csv, row 5",
        "responses.csv, row 3",
        "responses.csv, row 4, a",
    ]


@pytest.mark.parametrize("text", ["id,a\n", "\n\n,,\n", "id,a\n,\n , \n", " "])
def test_a_file_without_answers_is_refused(faults, text):
    (fault,) = faults(text)
    assert "there are no responses in it" in fault or "the file is empty" in fault


def test_ten_thousand_columns_are_read(read):
    names = [f"c{i}" for i in range(10_000)]
    text = "\n".join(
        [",".join(["id", *names])] + [f"{i}," + ",".join(["5"] * 10_000) for i in range(3)]
    )
    responses = read(text)
    assert responses.cells.shape == (3, 10_001)
    assert responses.cells["c9999"].tolist() == ["5"] * 3


def test_many_rows_keep_their_order(read):
    rows = [f"{i},{i % 7}" for i in range(1_000)]
    responses = read("\n".join(["id,a", *rows]))
    assert responses.cells["id"].tolist() == [str(i) for i in range(1_000)]
    assert responses.cells["a"].tolist() == [str(i % 7) for i in range(1_000)]
    assert len(responses.cells["a"].cat.categories) == 7


# --- All at once, or row by row --------------------------------------------------------------------

REGULAR = {
    "plain": TEXT,
    "a blank row": "id,vote\n1,a\n\n2,b\n",
    "line ends of Windows": TEXT.replace("\n", "\r\n"),
    "no last line end": TEXT.rstrip(),
    "quotation marks": 'id,vote,note\n1,"a, b","say ""no"" "\n2,"",""""\n3," x ",y\n',
    "lines within a cell": 'id,"vote\nnow",note\n1,"a\nb",c\n2,"d\r\n",e\n',
    "codes, semicolons": "id;vote;note\n1;1,5;\n2;1,5;x\n",
    "a mark of UTF-8": codecs.BOM_UTF8 + TEXT.encode(),
    "UTF-16": TEXT.encode("utf-16"),
    "Windows' encoding": TEXT.encode("cp1252"),
    "empty columns": "id,vote,note\n1,,\n2,,\n",
}
IRREGULAR = {
    "a short row": "id,vote,\n1,a,\n2,b\n",
    "a mark amid a cell": 'id,vote\n1,5" b\n2,6"\n',
    "a mark at a row": "id,vote\n\ufeff1,a\n2,b\n",
    "line ends of old Macs": "id,vote\r1,a\r2,b\r",
    "one column": "id\n1\n2\n",
    "rows in a cell": 'id,vote,note\n1,a,"b\n2,c,d\n3,e,f"\n4,g,h\n',
}


@pytest.mark.parametrize("name", [*REGULAR, *IRREGULAR])
def test_what_is_read_all_at_once_is_what_is_read_row_by_row(read, monkeypatch, name):
    content = (REGULAR | IRREGULAR)[name]
    taken = []

    def parse(*arguments):
        taken.append(parse_regular(*arguments))
        return taken[-1]

    monkeypatch.setattr(delimited, "parse_regular", parse)
    quick = read(content)
    assert (taken[-1] is not None) == (name in REGULAR)
    monkeypatch.setattr(delimited, "parse_regular", lambda *_: None)
    slow = read(content)
    pd.testing.assert_frame_equal(quick.cells, slow.cells)
    assert list(quick.rows) == list(slow.rows)
    assert (quick.header, quick.notes, quick.labels) == (slow.header, slow.notes, slow.labels)


# --- Files that are something else --------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "the file is empty"),
        (b"PK\x05\x06" + bytes(18), "holds none (expected a file of responses)"),
        (b"PK\x03\x04 cut", "is a workbook or archive that was cut short"),
        (b"%PDF-1.7 ...", "is a PDF"),
        (b"\x1f\x8b\x08 ...", "is damaged, or was cut short (expected a whole archive)"),
        (b"BZh9 ...", "is compressed (bzip2)"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><html>", "is a web page or XML"),
    ],
)
def test_what_is_no_text_of_cells_is_said(faults, content, what):
    (fault,) = faults(content)
    assert fault.startswith(f"responses.csv: {what}")


def test_a_folder_a_file_not_there_and_an_unknown_ending_are_said(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    data = Data(layout="long", respondent="id")
    for name, what in (
        ("folder.csv", r"folder\.csv: is a folder"),
        ("none.csv", r"none\.csv: there is no such file"),
        ("a.docx", r'a\.docx: a "\.docx" file cannot be read \(expected \.csv, .*\.sav, .*\.zip\)'),
        ("a.por", r"Save it as \.sav"),
        ("a.sas7bdat", r"Save it as \.dta or \.csv"),
        ("responses", "responses: a file without an ending cannot be read"),
    ):
        with pytest.raises(DataError, match=what):
            read_responses(tmp_path / name, data)
