"""Parquet files and R's: frames of typed columns as text."""

import datetime
import importlib

import numpy as np
import pandas as pd
import pyreadr
import pytest

from conjoint.errors import DataError
from conjoint.read.file import read_responses
from conjoint.survey import Data

DATA = Data(layout="long", respondent="id")


def frame():
    return pd.DataFrame(
        {
            "id": ["a", " b ", ""],
            "vote": pd.Categorical(["None", "Labour", None], ["Labour", "None", "Green"]),
            "whole": [1.0, 5000.0, None],
            "share": [0.1, 2.5, 1e-7],
            "yes": [True, False, True],
            "day": pd.to_datetime(["2026-05-01", "2026-05-01 10:03", None], format="ISO8601"),
        }
    )


EXPECTED = {
    "id": ["a", "b", None],
    "vote": ["None", "Labour", None],
    "whole": ["1", "5000", None],
    "share": ["0.1", "2.5", "0.0000001"],
    "yes": ["True", "False", "True"],
}


def cells(responses):
    return {
        name: [None if cell != cell else cell for cell in column.astype(object)]
        for name, column in responses.cells.items()
    }


def test_parquet_columns_are_text(tmp_path):
    path = tmp_path / "responses.parquet"
    frame().to_parquet(path)
    responses = read_responses(path, DATA)
    assert cells(responses) == EXPECTED | {"day": ["2026-05-01", "2026-05-01 10:03:00", None]}
    assert responses.answers == {"vote": ("Labour", "None", "Green")}
    assert (responses.rows.tolist(), responses.header, responses.typed) == ([1, 2, 3], 0, True)
    assert responses.notes == ()


def test_parquet_numbers_of_every_kind(tmp_path):
    path = tmp_path / "responses.parquet"
    pd.DataFrame(
        {
            "id": pd.array([1, 2, None], dtype="Int64"),
            "single": np.array([0.1, 3, np.nan], dtype="float32"),
            "big": [2**60, 1, 2],
            "at": [datetime.time(10, 3), None, None],
            "raw": [b"x", b"y", None],
            "void": [None, None, None],
        }
    ).to_parquet(path)
    assert cells(read_responses(path, DATA)) == {
        "id": ["1", "2", None],
        "single": ["0.1", "3", None],
        "big": [str(2**60), "1", "2"],
        "at": ["10:03:00", None, None],
        "raw": ["x", "y", None],
        "void": [None, None, None],
    }


def test_parquet_columns_of_lists_are_left_out_and_said(tmp_path):
    path = tmp_path / "responses.parquet"
    pd.DataFrame({"id": ["a"], "picks": [["x", "y"]]}).to_parquet(path)
    responses = read_responses(path, DATA)
    assert list(responses.cells) == ["id"]
    assert "columns of lists or records are left out: picks" in responses.notes[0]


def test_parquet_in_several_chunks_is_one_table(tmp_path):
    path = tmp_path / "responses.parquet"
    made = pd.DataFrame({"id": [str(i) for i in range(100)], "a": pd.Categorical(list("xy") * 50)})
    made.to_parquet(path, row_group_size=7)
    assert cells(read_responses(path, DATA)) == {"id": made["id"].tolist(), "a": made["a"].tolist()}


def test_parquet_below_a_folder_that_looks_like_a_partition(tmp_path):
    path = tmp_path / "wave=3" / "responses.parquet"
    path.parent.mkdir()
    frame().to_parquet(path)
    assert "wave" not in read_responses(path, DATA).cells


@pytest.mark.parametrize("kept", [0, 0.001, 0.5, 0.99])
def test_parquet_cut_short_is_no_traceback(tmp_path, kept):
    path = tmp_path / "responses.parquet"
    frame().to_parquet(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(DataError, match=r"cannot be read|is not a Parquet file|is empty"):
        read_responses(path, DATA)


def test_a_small_file_cannot_fill_the_memory(tmp_path, monkeypatch):
    """What repeats takes a few bytes: rows of nothing else, and long texts."""
    path = tmp_path / "responses.parquet"
    pd.DataFrame({"id": np.zeros(1_500_000, np.int8)}).to_parquet(path)
    with pytest.raises(DataError, match=r"has more than 1,\d{3},\d{3} cells, for"):
        read_responses(path, DATA)
    monkeypatch.setattr("conjoint.read.packed.BYTES", 10_000)
    pd.DataFrame({"id": [f"{number}{'x' * 9000}" for number in range(500)]}).to_parquet(
        path, compression="gzip", use_dictionary=False, write_statistics=False
    )
    with pytest.raises(DataError, match="spreads out to more than"):
        read_responses(path, DATA)


def test_parquet_without_rows_is_named(tmp_path):
    path = tmp_path / "responses.parquet"
    frame().iloc[:0].to_parquet(path)
    with pytest.raises(DataError, match="there are no responses in it"):
        read_responses(path, DATA)


@pytest.mark.parametrize("name", ["responses.rds", "responses.rda", "responses.RData"])
def test_r_s_data_frames_are_text(tmp_path, name):
    path = tmp_path / name
    if name.endswith(".rds"):
        pyreadr.write_rds(path, frame())
    else:
        pyreadr.write_rdata(path, frame(), df_name="wave")
    responses = read_responses(path, DATA)
    found = cells(responses)
    assert {name: found[name] for name in EXPECTED} == EXPECTED
    assert responses.answers == {"vote": ("Labour", "None", "Green")}
    assert responses.rows.tolist() == [1, 2, 3]


def test_an_r_file_that_is_none_is_no_traceback(tmp_path):
    path = tmp_path / "responses.rda"
    path.write_bytes(b"\x1f\x8b\x08\x00 not so")
    with pytest.raises(DataError, match="cannot be read"):
        read_responses(path, DATA)


@pytest.mark.parametrize(
    ("name", "package", "extra"),
    [
        ("responses.parquet", "pyarrow", "parquet"),
        ("responses.xls", "xlrd", "sheets"),
        ("responses.xlsb", "python_calamine", "sheets"),
    ],
)
def test_an_absent_library_is_said_before_the_file_is_looked_at(
    tmp_path, monkeypatch, name, package, extra
):
    path = tmp_path / name

    def absent(wanted, *given):
        if wanted.partition(".")[0] == package:
            raise ModuleNotFoundError(wanted)
        return importlib.__import__(wanted, *given)

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(
        DataError, match=rf"needs {package}, which is not installed\. .*conjoint\[{extra}\]"
    ):
        read_responses(path, DATA)
