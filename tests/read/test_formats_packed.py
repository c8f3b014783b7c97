"""Packed files: .gz, and .zip of one file."""

import gzip
import io
from zipfile import ZIP_DEFLATED, ZipFile

import pandas as pd
import pyreadstat
import pytest

from conjoint.errors import DataError
from conjoint.read import packed
from conjoint.read.file import read_responses
from conjoint.survey import Data

READ = Data(layout="long", respondent="id")

TEXT = "id;answer\n1;日本\n2;Süd\n"


def archive(path, files):
    with ZipFile(path, "w", ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path


def stata(folder):
    frame = pd.DataFrame({"id": [1.0, 2.0], "vote": [1.0, 2.0]})
    path = folder / "inner.dta"
    pyreadstat.write_dta(
        frame,
        path,
        variable_value_labels={"vote": {1: "左", 2: "Right"}},
        column_labels=["", "Vote?"],
    )
    return path.read_bytes()


def test_what_is_packed_is_read_as_if_it_were_not(tmp_path):
    (tmp_path / "wave.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    archive(
        tmp_path / "wave.zip",
        {
            "folder/": "",
            "folder/wave.csv": TEXT,
            "__MACOSX/._wave.csv": "x",
            "folder/.DS_Store": "x",
        },
    )
    (tmp_path / "plain.csv").write_text(TEXT, encoding="utf-8")
    plain = read_responses(tmp_path / "plain.csv", READ)
    for name in ("wave.csv.gz", "wave.zip"):
        read = read_responses(tmp_path / name, READ)
        pd.testing.assert_frame_equal(read.cells, plain.cells)
        assert read.path == tmp_path / name
        assert read.notes == ()


def test_labels_come_out_of_a_packed_file_too(tmp_path):
    (tmp_path / "w.dta.gz").write_bytes(gzip.compress(stata(tmp_path)))
    archive(
        tmp_path / "w.zip",
        {"inner.dta": stata(tmp_path), "codebook.pdf": "%PDF", "readme.docx": "x"},
    )
    for name in ("w.dta.gz", "w.zip"):
        read = read_responses(tmp_path / name, READ)
        assert read.cells["vote"].tolist() == ["左", "Right"]
        assert read.labels == {"vote": "Vote?"}
    assert read.notes == ("w.zip: inner.dta was read, and not codebook.pdf, readme.docx.",)


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("w.zip", {"a.csv": TEXT, "b.sav": "x"}, r'2 files that could be the responses .*one of a\.csv, b\.sav\). Name one as member = "a\.csv"' ),
        ("w.zip", {"readme.pdf": "x"}, r"holds none .*it holds readme\.pdf"),
        ("w.zip", {"../../a.csv": "id,a\n1\n"}, r"w\.zip, a\.csv, row 2: has 1 cell"),
        ("w.zip", {"a.csv": b"0" * 2_000_000}, "spreads out to more than"),
        ("w.csv.gz", gzip.compress(b"\0" * 2_000_000), "spreads out to more than"),
        ("w.csv.gz", gzip.compress(gzip.compress(TEXT.encode())), "is packed again"),
        ("w.csv.gz", gzip.compress(TEXT.encode() * 100)[:-30], "is damaged, or was cut short"),
        ("w.csv.gz", b"id,a\n1,2\n", "is not a packed file, whatever its name says"),
    ],
    ids=["several", "none", "fault", "bomb", "gzip bomb", "twice", "cut", "plain"],
)  # fmt: skip
def test_what_cannot_be_unpacked_is_one_fault(tmp_path, monkeypatch, name, content, what):
    monkeypatch.setattr(packed, "BYTES", 100_000)
    path = tmp_path / name
    if isinstance(content, dict):
        archive(path, content)
    else:
        path.write_bytes(content)
    with pytest.raises(DataError, match=what):
        read_responses(path, READ)


def test_a_locked_archive_is_said(tmp_path):
    whole = io.BytesIO()
    archive(whole, {"a.csv": TEXT})
    content = bytearray(whole.getvalue())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    (tmp_path / "w.zip").write_bytes(content)
    with pytest.raises(DataError, match="is protected by a password"):
        read_responses(tmp_path / "w.zip", READ)


@pytest.mark.parametrize(
    "document",
    [
        "README.txt",
        "codebook.csv",
        "doc/Questionnaire_2026.xlsx",
        "study_codebook.xml",
        "notes.tab",
    ],
)
def test_documents_beside_the_data_are_left_where_they_are(tmp_path, document):
    path = archive(tmp_path / "w.zip", {document: "id,answer\n9,x\n", "data/wave.csv": TEXT})
    read = read_responses(path, READ)
    assert read.cells["answer"].tolist() == ["日本", "Süd"]
    assert read.notes == (f"w.zip: data/wave.csv was read, and not {document}.",)


def test_data_that_are_called_as_documents_are_read_where_they_are_all(tmp_path):
    path = archive(tmp_path / "w.zip", {"notes.csv": TEXT, "guide.pdf": "%PDF"})
    assert len(read_responses(path, READ).cells) == 2


@pytest.mark.parametrize("member", ["b/wave.csv", "two.csv"])
def test_one_of_several_files_is_read_by_its_name(tmp_path, member):
    files = {"a/wave.csv": "id\n9\n", "b/wave.csv": TEXT, "c/two.csv": TEXT, "readme.txt": "x"}
    path = archive(tmp_path / "w.zip", files)
    wanted = READ.model_copy(update={"member": member})
    assert read_responses(path, wanted).cells["answer"].tolist() == ["日本", "Süd"]


@pytest.mark.parametrize(
    ("member", "what"), [("wave.csv", "2 files"), ("c.csv", 'no file "c.csv"')]
)
def test_a_member_that_is_no_one_file_is_a_fault(tmp_path, member, what):
    path = archive(tmp_path / "w.zip", {"a/wave.csv": TEXT, "b/wave.csv": TEXT})
    with pytest.raises(DataError, match=what):
        read_responses(path, READ.model_copy(update={"member": member}))
