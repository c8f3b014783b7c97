"""What does not fit in questions and crossbreaks is named with its key."""

import pytest
from kinds import with_kinds

from conjoint import read_survey

FAULTS = {
    "a net of no answer": (
        'Support = ["Strongly support", "Tend to support"]',
        'Support = ["Strongly support", "Tends to"]',
        'questions.policy.nets.Support: "Tends to" is not one of the answers',
    ),
    "a net named as an answer": (
        '"Net support" = {',
        "Oppose = {",
        'questions.policy.nets.Oppose: "Oppose" is taken',
    ),
    "a net that takes off what it adds": (
        'minus = "Oppose" }',
        'minus = "Tend to support" }',
        "questions.policy.nets.Net support: ['Tend to support'] stand in both",
    ),
    "a score of no answer": (
        '"Oppose" = -1 }',
        '"Opose" = -1 }',
        'questions.policy.scores: "Opose" is not one of the answers',
    ),
    "scores of several answers": (
        'unselected = "0"',
        'unselected = "0"\nscores = { Health = 1 }',
        "questions.issues.scores: do not go with kind multiple",
    ),
    "columns and a separator": (
        'separator = ";"',
        'separator = ";"\ncolumns = { Radio = "a" }',
        "questions.media: a multiple question needs either `columns`",
    ),
    "columns of other answers": (
        'unselected = "0"',
        'unselected = "0"\nanswers = ["Health", "Tax"]',
        "questions.issues.columns: holds Health, Tax, War",
    ),
    "a column twice": (
        'Tax = "issue_2"',
        'Tax = "issue_1"',
        'questions.issues.columns: the column "issue_1" stands twice',
    ),
    "selected and not": (
        'unselected = "0"',
        'unselected = ["0", "1"]',
        "questions.issues.selected: 1 stand(s) in both",
    ),
    "a grid without items": (
        'items = { police = "trust_1", courts = { label = "The courts", column = "trust_2" } }\n',
        "",
        "questions.trust: a grid needs its `items`",
    ),
    "a headline of a grid": (
        "scores = { Yes = 1, No = 0 }",
        'scores = { Yes = 1, No = 0 }\nheadline = "Yes"',
        "questions.trust.headline: one answer leads for one item",
    ),
    "items of a single question": (
        'base = "Those who oppose"',
        'base = "Those who oppose"\nitems = { a = "b" }',
        "questions.reason.items: does not go with kind single",
    ),
    "a filter of no answer": (
        'filter = { policy = "Oppose" }',
        'filter = { policy = "Against" }',
        'questions.reason.filter.policy: "Against" is not an answer to "policy"',
    ),
    "a filter by numbers of what is no scale": (
        'filter = { policy = "Oppose" }',
        "filter = { age = { min = 45 } }",
        "questions.reason.filter.age: min and max need a column of numbers",
    ),
    "a crossbreak twice": (
        '  "sex",\n',
        '  "sex", "sex",\n',
        'crossbreaks[1]: "sex" stands twice',
    ),
    "a scale without groups": (
        '  "sex",\n',
        '  "sex", "warmth",\n',
        'crossbreaks[1].groups: "warmth" is a scale, and its groups are not said',
    ),
    "a group called as the total": (
        '"Cold" = {',
        '"Total" = {',
        'crossbreaks[2].groups: "Total" is taken',
    ),
    "a crossbreak of a question with an answer it has not": (
        '  "sex",\n',
        '  "sex", { column = "policy", groups = { For = "Support" } },\n',
        'crossbreaks[1].groups.policy: "Support" is not an answer to "policy"',
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_each_fault_names_its_key(folder, case):
    old, new, expected = FAULTS[case]
    faults = with_kinds(folder).replace(old, new).faults(read_survey)
    assert any(expected in fault for fault in faults), faults


def test_without_a_fault_there_is_none(folder):
    survey = read_survey(with_kinds(folder).write())
    assert survey.questions["issues"].values == ("Health", "Tax", "War")
    assert survey.questions["trust"].stored("trust") == {"police": "trust_1", "courts": "trust_2"}
    assert set(survey.asked_columns()) >= {"issue_1", "media", "trust_2", "policy", "sex", "age"}


def test_a_survey_with_all_kinds_is_kept_by_the_bundle(folder):
    survey = read_survey(with_kinds(folder).write())
    text = survey.model_dump_json(exclude={"targets", "published"})
    again = type(survey).model_validate_json(text)
    assert again.questions == survey.questions
    assert again.crossbreaks == survey.crossbreaks
