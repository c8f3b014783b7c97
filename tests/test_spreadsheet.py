"""Text in CSV files: no spreadsheet runs it, whatever it parts columns by, and it can be read back."""

import csv
import io
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conjoint.spreadsheet import csv_text, harmless, restored

PIECES = st.sampled_from(
    [*"=+-@'\";,\t\r\n 1a", "＝", "\u200b", "\xa0", "\ufeff", "0+cmd|' /C calc'!A0", "-5", "5,000"]
)
CELLS = st.lists(PIECES, max_size=8).map("".join)


def opened(text, mark):
    """The cells that a spreadsheet makes of a file, by its mark between columns."""
    if mark == ",":
        return [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    # Quotation marks count, or are dropped, or are text: programs differ.
    read = [
        cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark) for cell in row
    ]
    plain = [cell for line in text.splitlines() for cell in line.split(mark)]
    return [*read, *plain, *(cell.lstrip('"') for cell in plain)]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@settings(max_examples=40)
@given(cells=st.lists(CELLS, min_size=1, max_size=3))
def test_no_spreadsheet_runs_a_cell(mark, cells):
    frame = pd.DataFrame(
        [["first", *cells, "last"]], columns=["a", *map(str, range(len(cells))), "z"]
    )
    for cell in opened(csv_text(frame), mark):
        start = cell.lstrip("\t\r\n \xa0\u200b\ufeff")
        number = mark == "," and re.fullmatch(r"""[+-][\d, a'"]*""", cell.strip())
        assert number or start[:1] not in {*"=+-@＝"}, (cell, cells)


@given(CELLS)
def test_what_was_made_harmless_can_be_read_back(cell):
    assert restored(harmless(cell)) == cell


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("-5", "-5"),
        ("+5,000", "+5,000"),
        ("a;=1+1", "a;'=1+1"),
        ("a\t@x", "a\t'@x"),
        ('a;"=1', "a;'\"=1"),
        ("a\n-1+cmd", "a\n'-1+cmd"),
        ("a; -5", "a;' -5"),
        ("\u200b=1", "'\u200b=1"),
        ("Left; right", "Left; right"),
    ],
)
def test_numbers_stay_and_what_may_become_a_cell_is_text(cell, written):
    assert harmless(cell) == written
