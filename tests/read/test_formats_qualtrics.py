"""Qualtrics' exports: rows of wording and of ids below the names, previews, unfinished ones."""

import pytest
from openpyxl import Workbook

from conjoint.read.file import read_responses
from conjoint.survey import Data

NAMES = "StartDate,Status,Finished,ResponseId,DistributionChannel,Q1,F-1-1-1"
WORDING = 'Start Date,Response Type,Finished,Response ID,Distribution Channel,"Which, of\nthese two?",F-1-1-1'
IDS = ",".join(
    '"{""ImportId"":""' + name + '""}"'
    for name in ["startDate", "status", "finished", "_recordId", "ch", "QID1", "F"]
)
ROWS = [
    "2026-05-11 10:00:00,IP Address,True,R_1,anonymous,Plan A,Price",
    "2026-05-11 10:01:00,Survey Preview,True,R_2,preview,Plan B,Job",
    "",
    "2026-05-11 10:02:00,IP Address,False,R_3,anonymous,,Price",
    "2026-05-11 10:02:00,IP Address,False,R_4,anonymous,Plan A,Price",
]


@pytest.fixture
def read(tmp_path):
    def write_and_read(lines, name="export.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_text("\n".join(lines), encoding=encoding)
        return read_responses(
            path, Data(layout="wide", respondent="ResponseId", tasks=1, profiles=2, attribute="x")
        )

    return write_and_read


def test_wording_and_ids_are_no_answers(read):
    responses = read([NAMES, WORDING, IDS, *ROWS])
    assert responses.cells["ResponseId"].tolist() == ["R_1", "R_2", "R_3", "R_4"]
    assert responses.rows.tolist() == [4, 5, 7, 8]
    assert responses.header == 1
    assert responses.labels["Q1"] == "Which, of\nthese two?"
    assert responses.place(3, "Q1").endswith("export.csv, row 8, Q1")


def test_previews_and_unfinished_interviews_are_counted(read):
    notes = read([NAMES, WORDING, IDS, *ROWS]).notes
    assert [note.split(". ")[0] for note in notes] == [
        "export.csv: 1 row is of previews or tests by Status",
        "export.csv: 1 row is of previews or tests by DistributionChannel",
        "export.csv: 2 rows are of unfinished interviews by Finished",
    ]


def test_codes_of_status_and_finished_are_counted_too(read):
    coded = [row.replace("IP Address", "0").replace("Survey Preview", "1") for row in ROWS]
    coded = [row.replace(",True,", ",1,").replace(",False,", ",0,") for row in coded]
    notes = read([NAMES, WORDING, IDS, *coded]).notes
    assert "1 row is of previews or tests by Status" in notes[0]
    assert "2 rows are of unfinished interviews" in notes[2]


def test_tabs_in_utf_16_as_qualtrics_writes_them(read):
    lines = [
        line.replace(",", "\t")
        for line in (NAMES, WORDING.replace("Which, of", "Which of"), IDS, *ROWS)
    ]
    responses = read(lines, "export.tsv", "utf-16")
    assert responses.cells["Q1"].iloc[0] == "Plan A"
    assert responses.labels["Q1"] == "Which of\nthese two?"


def test_an_export_whose_ids_were_deleted_is_recognised_by_its_wording(read):
    responses = read([NAMES, WORDING, *ROWS])
    assert responses.cells["ResponseId"].tolist() == ["R_1", "R_2", "R_3", "R_4"]
    assert responses.rows.tolist() == [3, 4, 6, 7]


def test_an_export_whose_wording_was_deleted_is_recognised_by_its_ids(read):
    responses = read([NAMES, IDS, *ROWS])
    assert responses.rows.tolist() == [3, 4, 6, 7]
    assert responses.labels == {}


def test_a_file_of_another_platform_keeps_its_second_and_third_row(read):
    responses = read(["ResponseId,Status,Q1", "a,b,c", "d,e,f", "g,h,i"])
    assert responses.rows.tolist() == [2, 3, 4]
    assert responses.labels == {}
    assert responses.notes == ()


def test_the_rows_are_found_in_a_workbook_too(tmp_path):
    book = Workbook()
    sheet = book.active
    for row in (
        ["ResponseId", "Q1"],
        ["Response ID", "Which?"],
        ['{"ImportId":"_recordId"}', '{"ImportId":"QID1"}'],
        ["R_1", 5.0],
    ):
        sheet.append(row)
    book.save(tmp_path / "export.xlsx")
    responses = read_responses(
        tmp_path / "export.xlsx", Data(layout="long", respondent="ResponseId")
    )
    assert responses.cells["Q1"].tolist() == ["5"]
    assert responses.rows.tolist() == [4]
    assert responses.labels == {"ResponseId": "Response ID", "Q1": "Which?"}


OLD = "V1,V2,V10,F-1-1,Q2.3"
OLD_WORDING = 'ResponseID,ResponseSet,Finished,F-1-1,"Please choose, ${e://Field/x}"'


@pytest.mark.parametrize(
    ("names", "wording"),
    [
        (OLD, OLD_WORDING),
        (OLD.replace("V2,V10", "a,b"), OLD_WORDING.replace("ResponseSet,Finished", "a,b")),
        (OLD.replace("V1,V2,V10", "ResponseID,x,y"), OLD_WORDING.replace("ResponseSet,Finished", "x,y")),
        (OLD.replace("V1,V2,V10", "who,x,y"), OLD_WORDING.replace("ResponseID,ResponseSet,Finished", "Who,x,y")),
    ],
    ids=["numbered", "numbered in part", "an id", "names come back"],
)  # fmt: skip
@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_two_rows_of_names_are_one_of_wordings(names, wording, mark, encoding, read):
    rows = [f"R_{i},Default,1,{'Price' if i % 2 else 'Job'},{i % 2}" for i in range(4)]
    swapped = wording.replace("choose, ", "choose ")
    lines = [line.replace(",", mark) for line in (names, swapped, *rows)]
    responses = read(lines, encoding=encoding)
    assert len(responses.cells) == 4
    assert responses.labels["Q2.3"] == "Please choose ${e://Field/x}"


def test_answers_that_repeat_the_names_of_their_columns_are_no_wordings(read):
    rows = ["R_1,Red,Blue,Green", "R_2,Red,,", "R_3,,Blue,"]
    responses = read(["who,Red,Blue,Green", *rows])
    assert responses.cells["who"].tolist() == ["R_1", "R_2", "R_3"]
