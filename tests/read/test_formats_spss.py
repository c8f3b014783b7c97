"""SPSS files: labels or codes, declared missing answers, multiple-response sets."""

import datetime
import struct

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from conjoint.errors import DataError
from conjoint.read.file import read_responses
from conjoint.survey import Data

VOTE = {1.0: "Labour", 2.0: "None", 3.0: " Green ", 98.0: "Don't know", 99.0: "Refused"}


@pytest.fixture
def read(tmp_path):
    """Write columns as a .sav, and read it."""

    def write_and_read(
        columns, name="responses.sav", alter=None, values="labels", missing=(), **given
    ):
        path = tmp_path / name
        pyreadstat.write_sav(pd.DataFrame(columns), str(path), **given)
        if alter is not None:
            path.write_bytes(alter(path.read_bytes()))
        data = Data(layout="long", respondent="id", values=values, missing=missing)
        return read_responses(path, data)

    return write_and_read


def cells(responses, name):
    return [None if cell != cell else cell for cell in responses.cells[name].astype(object)]


def test_labels_stand_for_codes(read):
    responses = read(
        {"id": [1.0, 2.0, 3.0, 4.0], "vote": [1.0, 2.0, 3.0, None]},
        column_labels={"vote": "How would you vote?"},
        variable_value_labels={"vote": VOTE},
    )
    assert cells(responses, "vote") == ["Labour", "None", "Green", None]
    assert cells(responses, "id") == ["1", "2", "3", "4"]
    assert responses.answers == {"vote": ("Labour", "None", "Green", "Don't know", "Refused")}
    assert responses.labels == {"vote": "How would you vote?"}
    assert (responses.rows.tolist(), responses.header, responses.typed) == ([1, 2, 3, 4], 0, True)
    assert responses.notes == ()


def test_codes_stay_where_the_survey_wants_them(read):
    responses = read(
        {"id": [1.0, 2.0], "vote": [1.0, 99.0]},
        values="codes",
        variable_value_labels={"vote": VOTE},
        missing_ranges={"vote": [99]},
    )
    assert cells(responses, "vote") == ["1", "99"]
    assert responses.answers["vote"] == ("1", "2", "3", "98", "99")
    assert responses.missing == {"vote": frozenset({"99"})}


def test_a_code_without_label_stays_and_is_said(read):
    responses = read(
        {"id": [1.0, 2.0, 3.0], "warmth": [0.0, 5.0, 10.0]},
        variable_value_labels={"warmth": {0.0: "Cold", 10.0: "Warm"}},
    )
    assert cells(responses, "warmth") == ["Cold", "5", "Warm"]
    (note,) = responses.notes
    assert note == "responses.sav: codes without a value label are kept as codes in warmth (5)."


def test_codes_that_share_a_label_are_never_merged(read):
    responses = read(
        {"id": [1.0, 2.0, 3.0], "a": [1.0, 2.0, 3.0], "b": [1.0, 2.0, 7.0]},
        variable_value_labels={
            "a": {1.0: "Yes", 2.0: "Yes ", 3.0: "No"},
            "b": {1.0: "7", 2.0: "No"},  # a label that is another code
        },
    )
    assert cells(responses, "a") == ["Yes (1)", "Yes (2)", "No"]
    assert cells(responses, "b") == ["7 (1)", "No", "7 (7)"]
    assert responses.answers["a"] == ("Yes (1)", "Yes (2)", "No")
    assert "share a label are told apart by their code in a (Yes), b (7)" in responses.notes[-1]


def test_labels_that_no_code_can_tell_apart_are_refused(read):
    with pytest.raises(
        DataError, match=r'responses\.sav, a: the label "Yes \(1\)" and a code in brackets'
    ):
        read(
            {"id": [1.0], "a": [1.0]},
            variable_value_labels={"a": {1.0: "Yes", 2.0: "Yes", 3.0: "Yes (1)"}},
        )


def test_an_empty_label_is_none(read):
    responses = read(
        {"id": [1.0, 2.0], "a": [1.0, 2.0]}, variable_value_labels={"a": {1.0: "Yes", 2.0: " "}}
    )
    assert cells(responses, "a") == ["Yes", "2"]


def test_answers_declared_missing_stay_and_are_listed(read):
    responses = read(
        {
            "id": [1.0, 2.0, 3.0, 4.0],
            "vote": [1.0, 98.0, 99.0, None],
            "age": [30.0, -1.0, 999.0, 40.0],
        },
        variable_value_labels={"vote": VOTE},
        missing_ranges={
            "vote": [{"lo": 98, "hi": 99}],
            "age": [{"lo": float("-inf"), "hi": 0}, 999],
        },
    )
    assert cells(responses, "vote") == ["Labour", "Don't know", "Refused", None]
    assert cells(responses, "age") == ["30", "-1", "999", "40"]
    assert responses.missing == {
        "vote": frozenset({"Don't know", "Refused"}),
        "age": frozenset({"-1", "999"}),
    }


def test_texts_are_stripped_and_an_empty_one_is_missing(read):
    responses = read(
        {"id": [1.0, 2.0, 3.0, 4.0], "text": ["  a ", "", "N/A", "REF"]},
        variable_value_labels={"text": {"REF": "Refused"}},
        missing_ranges={"text": ["REF"]},
    )
    assert cells(responses, "text") == ["a", None, "N/A", "Refused"]
    assert responses.missing == {"text": frozenset({"Refused"})}
    assert responses.notes == ()


def test_cells_that_the_survey_calls_missing_are(read):
    responses = read({"id": [1.0, 2.0], "a": [-99.0, 3.0]}, missing=["-99"])
    assert cells(responses, "a") == [None, "3"]


def test_numbers_and_dates_are_plain(read):
    responses = read(
        {
            "id": [1.0, 2.0],
            "w": [0.123456789012345, 5000.0],
            "day": [datetime.date(2026, 5, 1), None],
            "at": [datetime.datetime(2026, 5, 1, 10, 3), None],
        }
    )
    assert cells(responses, "w") == ["0.123456789012345", "5000"]
    assert cells(responses, "day") == ["2026-05-01", None]
    assert cells(responses, "at") == ["2026-05-01 10:03:00", None]


def test_a_compressed_file_is_read(read):
    responses = read({"id": [1.0], "a": [2.0]}, "responses.zsav", compress=True)
    assert cells(responses, "a") == ["2"]


def plant_sets(content, text):
    """Put a record of multiple-response sets before the end of the dictionary."""
    end = struct.pack("<ii", 999, 0)
    at = content.index(end)
    record = struct.pack("<iiii", 7, 7, 1, len(text)) + text.encode()
    return content[:at] + record + content[at:]


def test_multiple_response_sets_are_kept(read):
    responses = read(
        {"id": [1.0, 2.0], "M1": [1.0, 0.0], "M2": [0.0, 1.0], "C1": [1.0, 2.0]},
        alter=lambda content: plant_sets(
            content, "$news=D1 1 15 Sources of news m1 m2\n$picks=C 0  c1 m1\n"
        ),
    )
    assert responses.sets == {
        "news": ("Sources of news", ("M1", "M2")),
        "picks": ("", ("C1", "M1")),
    }
    assert cells(responses, "M1") == ["1", "0"]


@pytest.mark.parametrize("kept", [0.02, 0.3, 0.7, 0.99])
def test_a_file_cut_short_is_no_traceback(read, kept):
    columns = {"id": [float(i) for i in range(200)], "a": ["some text"] * 200}
    with pytest.raises(
        DataError, match=r"responses\.sav: (cannot be read|its dictionary is damaged)"
    ):
        read(columns, alter=lambda content: content[: int(len(content) * kept)])


def spoil(at, value):
    """Put a number in place of four bytes."""
    return lambda content: content[:at] + struct.pack("<i", value) + content[at + 4 :]


@pytest.mark.parametrize(
    "alter",
    [
        spoil(180, 32),  # the first variable is a text of 32 letters, and nothing continues it
        spoil(180, -1),  # it continues a text, and there is none
        spoil(180, 300),
        spoil(184, 7),  # it has a label or not, no third
        spoil(176, 5),  # a record of no kind
        spoil(64, 9),  # an order of bytes of no machine
        lambda content: content.replace(b"\x04\0\0\0\x01\0\0\0\x02\0\0\0", b"\x04\0\0\0\x01\0\0\0\x09\0\0\0"),
        lambda content: content.replace(b"\x04\0\0\0\x01\0\0\0\x02\0\0\0", b"\x04\0\0\0\x01\0\0\0\x03\0\0\0"),
    ],
    ids=["uncontinued", "continued", "wide", "labelled", "record", "order", "beyond", "text"],
)  # fmt: skip
def test_a_damaged_dictionary_does_not_end_the_process(read, alter):
    columns = {"id": [1.0, 2.0], "a": [1.0, 2.0], "text": ["x", "y"]}
    whole = {"variable_value_labels": {"a": {1.0: "Yes", 2.0: "No"}}}
    assert cells(read(columns, **whole), "a") == ["Yes", "No"]
    with pytest.raises(DataError, match="its dictionary is damaged"):
        read(columns, alter=alter, **whole)


def test_altered_bytes_are_read_or_refused(read):
    rng = np.random.default_rng(4)
    columns = {"id": [1.0, 2.0] * 20, "a": [1.0, 2.0] * 20, "text": ["one text", "ü" * 40] * 20}
    refused = 0
    for _ in range(150):

        def alter(content):
            altered = bytearray(content)
            for place in rng.integers(len(content), size=rng.integers(1, 6)):
                altered[place] = rng.choice([0, 1, 2, 200, 255])
            return bytes(altered)

        try:
            read(columns, alter=alter, variable_value_labels={"a": {1.0: "Yes", 2.0: "No"}})
        except DataError:
            refused += 1
    assert 30 < refused < 150


def test_a_file_without_rows_is_named(read):
    with pytest.raises(DataError, match="there are no responses in it"):
        read({"id": pd.Series([], dtype=float), "a": pd.Series([], dtype=float)})


def test_text_under_the_name_of_an_spss_file_is_refused(tmp_path):
    (tmp_path / "responses.sav").write_text("id,a\n1,2\n")
    with pytest.raises(DataError, match="is not an SPSS file, whatever its name says"):
        read_responses(tmp_path / "responses.sav", Data(layout="long", respondent="id"))


def test_a_column_that_is_not_there_is_named_without_a_row(read):
    (fault,) = read({"id": [1.0]}).absent(["vote"])
    assert str(fault).split("/")[-1].startswith('responses.sav: there is no column "vote"')


def test_a_small_packed_file_cannot_fill_the_memory(read):
    """Six million cells of one value take some kilobytes; a file of the usual kind is read."""
    assert len(read({"id": ["a", "b"]}, name="responses.zsav", compress=True).cells) == 2
    with pytest.raises(DataError, match="unpacks to far more than a file of its size holds"):
        read({f"c{n}": np.zeros(300_000) for n in range(20)}, name="responses.zsav", compress=True)
