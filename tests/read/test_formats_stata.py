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


LONG = "ответ на открытый вопрос; " * 300


def test_no_label_is_lost_on_the_way(tmp_path):
    """Written by pandas, with labels, dates, long texts and scripts of several kinds."""
    frame = pd.DataFrame(
        {
            "id": [1, 2, 3],
            "vote": pd.Categorical(
                ["自民党", None, "Лейбористы"], ["自民党", "Лейбористы", "لا أعرف"]
            ),
            "why": [LONG.strip(), "", "x"],
            "day": pd.to_datetime(["2026-05-01", None, "1959-12-31"]),
        }
    )
    frame.to_stata(
        tmp_path / "a.dta", write_index=False, version=118, convert_dates={"day": "td"}, convert_strl=["why"],
        variable_labels={"vote": "どの政党？", "why": "Почему?"},
    )  # fmt: skip
    read = read_responses(tmp_path / "a.dta", READ)
    found = {
        name: [None if c != c else c for c in own.astype(object)]
        for name, own in read.cells.items()
    }
    assert found == {
        "id": ["1", "2", "3"],
        "vote": ["自民党", None, "Лейбористы"],
        "why": [LONG.strip(), None, "x"],
        "day": ["2026-05-01", None, "1959-12-31"],
    }
    assert read.answers["vote"] == ("自民党", "Лейбористы", "لا أعرف")
    assert read.labels == {"vote": "どの政党？", "why": "Почему?"}
    assert read.notes == ()


@pytest.mark.parametrize("values", ["labels", "codes"])
def test_extended_missing_values_stay_under_their_label_and_are_listed(tmp_path, values):
    frame = pd.DataFrame(
        {"id": [1.0, 2, 3, 4, 5], "vote": [1.0, "a", "r", np.nan, "z"], "age": [44.0, "a", 31.0, np.nan, 9.0],
         "text": ["a", "b", "", ".a", "z"]}
    )  # fmt: skip
    pyreadstat.write_dta(
        frame, str(tmp_path / "a.dta"), missing_user_values={"vote": ["a", "r", "z"], "age": ["a"]},
        variable_value_labels={"vote": {1: "Left", 2: "Right", "a": "Don't know", "r": "Refused"}},
    )  # fmt: skip
    read = read_responses(tmp_path / "a.dta", READ.model_copy(update={"values": values}))
    found = {
        name: [None if c != c else c for c in own.astype(object)]
        for name, own in read.cells.items()
    }
    labelled = values == "labels"
    texts = (
        ["Left", "Don't know", "Refused", None, ".z"] if labelled else ["1", ".a", ".r", None, ".z"]
    )
    assert found["vote"] == texts
    assert read.missing["vote"] == set(texts[1:3] + texts[4:])
    assert read.answers["vote"] == (
        ("Left", "Right", "Don't know", "Refused") if labelled else ("1", "2", ".a", ".r")
    )
    assert found["age"] == ["44", ".a", "31", None, "9"]
    assert read.missing["age"] == {".a"}
    assert found["text"] == ["a", "b", None, ".a", "z"]
    assert "text" not in read.missing


def test_months_quarters_and_weeks_are_read_as_dates(tmp_path):
    frame = pd.DataFrame(
        {"id": [1, 2], "m": [796, -1], "q": [265, -1], "w": [3458, -1], "h": [132, -1]}
    )
    formats = {name: f"%t{name}" for name in "mqwh"}
    pyreadstat.write_dta(frame, str(tmp_path / "a.dta"), variable_format=formats)
    read = read_responses(tmp_path / "a.dta", READ)
    assert {name: read.cells[name].tolist() for name in "mqwh"} == {
        "m": ["2026-05", "1959-12"],
        "q": ["2026q2", "1959q4"],
        "w": ["2026w27", "1959w52"],
        "h": ["2026h1", "1959h2"],
    }


def test_a_file_of_before_stata_14_says_that_its_encoding_was_guessed(tmp_path):
    frame = pd.DataFrame({"id": [1, 2], "a": ["Für", "x"]})
    frame.to_stata(tmp_path / "a.dta", write_index=False, version=117)
    read = read_responses(tmp_path / "a.dta", READ)
    assert read.cells["a"].tolist() == ["Für", "x"]
    assert "was taken to be cp1252" in read.notes[0]
    named = read_responses(tmp_path / "a.dta", READ.model_copy(update={"encoding": "cp1252"}))
    assert named.notes == ()


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
