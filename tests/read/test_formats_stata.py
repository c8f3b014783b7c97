"""Stata files, of every release that is in use."""

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from conjoint.errors import DataError
from conjoint.read.file import read_responses
from conjoint.survey import Data

READ = Data(layout="long", respondent="id")


@pytest.mark.parametrize("release", [10, 12, 13, 15])
def test_labels_stand_for_codes_and_missing_cells_are_empty(tmp_path, release):
    frame = pd.DataFrame({"id": [101000, 101001, 101002], "party": [1.0, 2.0, np.nan]})
    pyreadstat.write_dta(
        frame, str(tmp_path / "a.dta"), version=release, column_labels={"party": "Which party?"},
        variable_value_labels={"party": {2: "Left", 1: "Right", 3: "None"}},
    )  # fmt: skip
    read = read_responses(tmp_path / "a.dta", READ)
    assert read.cells["id"].tolist() == ["101000", "101001", "101002"]
    assert read.cells["party"].astype(object).where(read.cells["party"].notna(), "").tolist() == [
        "Right", "Left", "",
    ]  # fmt: skip
    assert read.answers["party"] == ("Right", "Left", "None")
    assert read.labels["party"] == "Which party?"
    codes = read_responses(tmp_path / "a.dta", READ.model_copy(update={"values": "codes"}))
    assert codes.cells["party"].cat.categories.tolist() == ["1", "2"]


def test_numbers_of_four_bytes_are_plain(tmp_path):
    frame = pd.DataFrame({"price": np.array([0.08, 0.1, np.nan], dtype=np.float32), "w": 0.1})
    frame.to_stata(tmp_path / "a.dta", write_index=False, version=118)
    read = read_responses(tmp_path / "a.dta", READ)
    assert set(read.cells["price"].dropna()) == {"0.08", "0.1"}
    assert set(read.cells["w"]) == {"0.1"}


def test_a_file_that_is_none_or_cut_short_is_refused(tmp_path):
    frame = pd.DataFrame({"a": range(500)})
    frame.to_stata(tmp_path / "a.dta", write_index=False, version=118)
    whole = (tmp_path / "a.dta").read_bytes()
    for content in (whole[: len(whole) // 3], b"\0" * 40, b"%PDF"):
        (tmp_path / "b.dta").write_bytes(content)
        with pytest.raises(DataError, match=r"b\.dta"):
            read_responses(tmp_path / "b.dta", READ)
