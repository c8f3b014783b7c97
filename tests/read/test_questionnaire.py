"""Qualtrics' survey files: wordings, answers in order and codes; broken ones are one clear fault."""

import json

import numpy as np
import pandas as pd
import pytest

from conjoint.errors import DataError
from conjoint.propose import propose
from conjoint.read.questionnaire import read_questionnaire, with_questionnaire
from conjoint.read.responses import Responses


def element(tag, text, choices, kind="MC", **more):
    shown = {str(number): {"Display": text} for number, text in choices.items()}
    payload = {"DataExportTag": tag, "QuestionText": text, "QuestionType": kind, "Choices": shown}
    return {"Element": "SQ", "Payload": payload | more}


ELEMENTS = [
    {"Element": "BL", "Payload": [{"Type": "Default"}]},
    element("Q1", "<b>Did you</b> vote&nbsp;&amp; <script>alert(1)</script>why?", {1: "Yes", 2: "No"},
            Selector="SAVR", ChoiceOrder=["2", "1"], RecodeValues={"1": "10", "2": "20"}),
    element("Q2", "Which do you prefer?", {1: "Plan A", 2: "Plan B"}, Selector="SAVR",
            RecodeValues={"1": "2", "2": "1"}),
    element("Q3", "How good is", {1: "Health", 2: "Tax"}, "Matrix",
            Answers={"1": {"Display": "Bad"}, "2": {"Display": "Good"}}, AnswerOrder=[2, 1]),
]  # fmt: skip


def written(path, elements):
    path.write_text(json.dumps({"SurveyEntry": {}, "SurveyElements": elements}), encoding="utf-8")
    return path


@pytest.fixture
def asked(tmp_path):
    return read_questionnaire(written(tmp_path / "survey.qsf", ELEMENTS))


def responses(tmp_path, columns):
    cells = pd.DataFrame({name: pd.Categorical(texts) for name, texts in columns.items()})
    return Responses(tmp_path / "export.csv", cells, np.arange(2, len(cells) + 2))


def test_tags_are_left_out_and_entities_decoded(asked):
    assert asked["Q1"].text == "Did you vote & why?"
    assert list(asked["Q1"].answers.items()) == [("20", "No"), ("10", "Yes")]


def test_columns_of_codes_learn_what_they_mean(asked, tmp_path):
    told = with_questionnaire(
        responses(tmp_path, {"Q1": ["10", "20"], "Q3_1": ["1", "2"], "Q3_2": ["Good", "Bad"]}),
        asked,
    )
    assert told.answers == {"Q1": ("20", "10"), "Q3_1": ("2", "1"), "Q3_2": ("Good", "Bad")}
    assert told.texts["Q1"] == {"20": "No", "10": "Yes"}
    assert told.labels["Q3_2"] == "How good is - Tax"


def test_codes_of_a_choice_are_read_by_their_wording(asked, tmp_path):
    rng = np.random.default_rng(1)
    columns = {"ResponseId": [f"R_{i}" for i in range(200)], "Q1": rng.choice(["10", "20"], 200)}
    for profile in "AB":
        for name in ("price", "colour"):
            levels = [f"{name} {place}" for place in range(3)]
            columns[f"t1_{profile}_{name}"] = rng.choice(levels, 200)
            columns[f"t2_{profile}_{name}"] = rng.choice(levels, 200)
    tagged = dict(asked) | {f"t{task}_choice": asked["Q2"] for task in "12"}
    columns |= {f"t{task}_choice": rng.choice(["1", "2"], 200) for task in "12"}
    content = propose(with_questionnaire(responses(tmp_path, columns), tagged)).content()
    assert content["outcomes"]["choice"]["chosen"] == {"A": "2", "B": "1"}
    assert content["questions"]["Q1"]["answers"] == [
        {"value": "20", "label": "No"},
        {"value": "10", "label": "Yes"},
    ]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "3", '{"SurveyElements": 3}', '{"SurveyElements": []}', "\udcff",
     '{"SurveyElements": [3, null, {"Element": "SQ", "Payload": null}]}', "[" * 100_000],
)  # fmt: skip
def test_a_broken_questionnaire_is_one_fault(text, tmp_path):
    path = tmp_path / "survey.qsf"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(DataError) as error:
        read_questionnaire(path)
    assert len(error.value.faults) == 1
    assert str(path) in str(error.value)


def test_a_questionnaire_that_is_not_there_is_one_fault(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_questionnaire(tmp_path / "none.qsf")


def test_odd_parts_of_a_questionnaire_are_passed_over(tmp_path):
    odd = [
        element("Q9", 5, {1: "Yes"}),
        element("Q8", "x" * 10_000, {1: None}, ChoiceOrder="1", RecodeValues=[]),
    ]
    odd[0]["Payload"]["Choices"] = [{"Display": "Yes"}, 3]
    found = read_questionnaire(written(tmp_path / "survey.qsf", odd))
    assert found["Q9"].answers == {"1": "Yes"}
    assert len(found["Q8"].text) == 2000
