"""Numbers as people write them: with commas, with marks for thousands, as a clock."""

import numpy as np
import pandas as pd
import pytest

from conjoint.read.cells import encode_durations, encode_numbers, read_number, read_seconds

TOML = """\
title = "Numbers"
[data]
file = "responses.csv"
layout = "wide"
respondent = "id"
tasks = 1
profiles = ["A", "B"]
attribute = "{profile}_{attribute}"
duration = "took"
weight = "w"
delimiter = ";"
[attributes.price]
levels = ["low", "high"]
[outcomes.score]
kind = "rating"
column = "s{profile}"
min = 0
max = 10
[questions.mood]
kind = "scale"
min = 0
max = 2000
"""


def data(score="1", took="60", weight="1", mood="3"):
    return f"id;A_price;B_price;sA;sB;took;w;mood\na;low;high;{score};2;{took};{weight};{mood}\n"


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("5", ".", 5), ("-5.25", ".", -5.25), ("+.5", ".", 0.5), ("1e3", ".", 1000), ("5.", ".", 5),
        ("5", ",", 5), ("-5,25", ",", -5.25), (",5", ",", 0.5), ("1,5e3", ",", 1500),
        ("1,5", ".", None), ("1.5", ",", None), ("1,234,567", ".", None), ("1.234,5", ",", None),
        ("1 000", ".", None), ("0x10", ".", None), ("1_000", ".", None), ("nan", ".", None),
        ("", ".", None), ("five", ".", None), ("=1+1", ".", None), ("٣", ".", None), ("--1", ".", None),
    ],
)  # fmt: skip
def test_what_is_a_number(text, decimal, number):
    assert (
        np.isnan(read_number(text, decimal))
        if number is None
        else read_number(text, decimal) == number
    )


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90), ("1:30", 90), ("01:30", 90), ("1:01:30", 3690), ("90:00", 5400), ("0:09.5", 9.5),
        ("-5", None), ("1:5", None), ("1:2:3:4", None), ("inf", None), ("soon", None),
    ],
)  # fmt: skip
def test_what_is_a_duration(text, seconds):
    assert np.isnan(read_seconds(text)) if seconds is None else read_seconds(text) == seconds


def test_durations_become_seconds(small):
    for text, seconds in [("125.5", 125.5), ("2:05", 125.0), ("01:00:01", 3601.0)]:
        wave = small.read(TOML, data(took=text))
        assert wave.respondents["took"].tolist() == [seconds]
        assert wave.respondents["took"].dtype == float


def test_a_duration_that_is_none_is_named(small):
    (fault,) = small.faults(TOML, data(took="soon"))
    assert fault == (
        'responses.csv, row 2, took: "soon" is not a duration (expected seconds, mm:ss or hh:mm:ss). '
        "Correct the cell."
    )


def test_a_comma_marks_decimals_where_survey_toml_says_so(small):
    toml = TOML.replace('delimiter = ";"', 'delimiter = ";"\ndecimal = ","')
    wave = small.read(toml, data("2,5", "60,5", "1,25", "3,5"))
    assert wave.outcome("score").tolist() == [2.5, 2]
    assert wave.respondents["took"].tolist() == [60.5]
    assert wave.weights.tolist() == [1.25]
    assert wave.respondents["mood"].tolist() == [3.5]


@pytest.mark.parametrize(
    ("cell", "column"), [("score", "sA"), ("took", "took"), ("weight", "w"), ("mood", "mood")]
)
def test_without_the_key_a_comma_is_a_fault_that_says_the_key(small, cell, column):
    (fault,) = small.faults(TOML, data(**{cell: "2,5"}))
    assert fault.startswith(f'responses.csv, row 2, {column}: "2,5" is not a')
    assert 'say decimal = "," under [data] in survey.toml' in fault


@pytest.mark.parametrize("text", ["1,234.5", "1 234", "1'234", "1.234,5"])
def test_marks_for_thousands_are_a_fault(small, text):
    (fault,) = small.faults(TOML, data(mood=text))
    assert fault.startswith(f'responses.csv, row 2, mood: "{text}" is not an answer to "mood"')
    assert "write thousands without a mark" in fault


def test_a_point_is_a_fault_where_commas_mark_decimals(small):
    toml = TOML.replace('delimiter = ";"', 'delimiter = ";"\ndecimal = ","')
    (fault,) = small.faults(toml, data(mood="1.234"))
    assert '"1.234" is not an answer to "mood"' in fault
    assert 'data.decimal is ","' in fault


def test_a_number_out_of_range_is_a_wrong_cell_not_another_way_to_write_it(small):
    (fault,) = small.faults(TOML, data(score="11"))
    assert fault.endswith("(expected a number from 0 to 10). Correct the cell.")


def test_formats_that_hold_numbers_are_not_concerned(tmp_path):
    import conjoint as cj

    toml = TOML.replace('delimiter = ";"', 'decimal = ","').replace(".csv", ".xlsx")
    (tmp_path / "survey.toml").write_text(toml)
    frame = pd.DataFrame([["a", "low", "high", 2.5, 2, 60.5, 1.25, 3]])
    frame.columns = ["id", "A_price", "B_price", "sA", "sB", "took", "w", "mood"]
    frame.to_excel(tmp_path / "responses.xlsx", index=False)
    wave = cj.read_wave(tmp_path)
    assert wave.outcome("score").tolist() == [2.5, 2]
    assert wave.respondents["took"].tolist() == [60.5]


def place(row, column):
    return f"row {row}, {column}"


def test_misfits_of_many_kinds_are_counted_after_the_first():
    cells = pd.Series([f"x{n}" for n in range(100)] * 2, name="c").astype("category")
    numbers, faults = encode_numbers(cells, None, place, "a number")
    assert np.isnan(numbers).all()
    assert len(faults) == 13
    assert str(faults[0]) == (
        'row 0, c: "x0" is not a number (1 more cells hold it) (expected a number). Correct the cell.'
    )
    assert str(faults[-1]).startswith("row 12, c: and 88 more texts like this one")


def test_each_text_is_read_once(monkeypatch):
    import conjoint.read.cells as module

    seen = []
    monkeypatch.setattr(module, "read_seconds", lambda text, _: seen.append(text) or float(text))
    cells = pd.Series(np.tile(["1", "2", None], 10_000), name="c").astype("category")
    seconds, faults = encode_durations(cells, place)
    assert (len(seconds), faults) == (30_000, [])
    assert seen == ["1", "2"]
