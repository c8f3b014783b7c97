"""Answers that the file itself declares as missing (SPSS) are so, unless survey.toml names them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from conjoint.read.responses import Responses
from conjoint.read.wave import wave_of
from conjoint.survey import Survey

SURVEY = Survey.model_validate(
    {
        "title": "Missing",
        "data": {
            "layout": "wide",
            "respondent": "id",
            "tasks": 1,
            "profiles": ["A", "B"],
            "attribute": "{profile}_{attribute}",
            "duration": "took",
        },
        "attributes": {"price": {"levels": ["low", "high", "None"]}},
        "outcomes": {
            "score": {"kind": "rating", "column": "s{profile}", "min": 0, "max": 10},
            "choice": {"kind": "choice", "column": "c", "chosen": {"A": "A", "B": "B"}},
        },
        "questions": {"party": {"answers": ["Left", "Right"]}},
    }
)
CELLS = {
    "id": ["a", "b"],
    "A_price": ["low", "None"],
    "B_price": ["high", "low"],
    "sA": ["1", "99"],
    "sB": ["2", "3"],
    "c": ["A", "Refused"],
    "party": ["Refused", "Left"],
    "took": ["60", "-1"],
    "other": ["Refused", "x"],
}


@pytest.fixture
def responses():
    """What a file of SPSS would give."""
    columns = {
        name: pd.Categorical(cells, categories=pd.Index(sorted(set(cells)), dtype=object))
        for name, cells in CELLS.items()
    }
    refused = frozenset({"Refused"})
    missing = dict.fromkeys(("c", "party", "other"), refused)
    missing |= {"sA": frozenset({"99"}), "took": frozenset({"-1"})}
    missing |= {"A_price": frozenset({"None"})}
    return Responses(Path("poll.sav"), pd.DataFrame(columns), np.arange(2) + 2, missing=missing)


def test_they_count_as_missing_without_being_listed(responses):
    wave, _, faults = wave_of(responses, SURVEY)
    assert faults == []
    assert np.isnan(wave.outcome("score")).tolist() == [False, False, True, False]
    assert np.isnan(wave.outcome("choice")).tolist() == [False, False, True, True]
    assert wave.respondents["party"].isna().tolist() == [True, False]
    assert wave.respondents["took"].isna().tolist() == [False, True]
    assert wave.notes == (
        "4 cells hold answers that the file declares as missing (Refused, 99, -1).",
    )


def test_a_level_of_that_name_is_a_level(responses):
    wave, _, _ = wave_of(responses, SURVEY)
    assert wave.profiles["price"].tolist() == ["low", "high", "None", "low"]


def test_columns_that_nothing_declares_keep_their_cells(responses):
    wave, _, _ = wave_of(responses, SURVEY)
    assert wave.respondents["other"].tolist() == ["Refused", "x"]


def test_an_answer_that_survey_toml_names_is_an_answer(responses):
    party = SURVEY.questions["party"]
    answers = (*party.answers, party.answers[0].model_copy(update={"value": "Refused"}))
    survey = SURVEY.model_copy(
        update={"questions": {"party": party.model_copy(update={"answers": answers})}}
    )
    wave, _, _ = wave_of(responses, survey)
    assert wave.respondents["party"].tolist() == ["Refused", "Left"]


def test_without_the_declaration_they_are_faults(responses):
    _, _, faults = wave_of(replace(responses, missing={}), SURVEY)
    assert [fault.where for fault in faults] == [
        f"poll.sav, row {row}, {column}"
        for row, column in ((2, "party"), (3, "took"), (3, "sA"), (3, "c"))
    ]


def test_notes_of_the_reader_come_first(responses):
    wave, _, _ = wave_of(replace(responses, notes=("Read as windows-1252.",)), SURVEY)
    assert wave.notes[0] == "Read as windows-1252."
    assert len(wave.notes) == 2
