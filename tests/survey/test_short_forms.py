"""The short ways of writing survey.toml mean what the long ones do."""

import pandas as pd
import pytest

from conjoint import read_survey
from conjoint.say.label import condition_words
from conjoint.survey import Condition, Rule


def test_levels_as_text_are_values_without_labels(folder):
    levels = read_survey(folder.write()).attributes["price"].levels
    assert [(level.value, level.label, level.shown) for level in levels] == [
        ("low", "", "low"),
        ("mid", "", "mid"),
        ("high", "", "high"),
    ]


def test_levels_as_tables_keep_label_number_and_assumed(folder):
    folder.replace(
        'levels = ["low", "mid", "high"]',
        'levels = [{ value = "low", label = "Low", number = 1.5, assumed = true }, "high"]',
    )
    level = read_survey(folder.write()).attributes["price"].levels[0]
    assert (level.shown, level.number, level.assumed) == ("Low", 1.5, True)


def test_bare_numbers_are_read_as_the_text_a_file_stores(folder):
    folder.replace('levels = ["low", "mid", "high"]', "levels = [5, 7.0, 0.25]\nbaseline = 7")
    price = read_survey(folder.write()).attributes["price"]
    assert price.values == ("5", "7", "0.25")
    assert price.baseline_index == 1


def test_the_first_level_is_the_baseline_unless_another_is_named(folder):
    folder.replace('levels = ["red", "green"]', 'levels = ["red", "green"]\nbaseline = "green"')
    survey = read_survey(folder.write())
    assert survey.attributes["price"].baseline_index == 0
    assert survey.attributes["colour"].baseline_index == 1


def test_a_number_of_tasks_counts_from_one(folder):
    assert read_survey(folder.write()).data.tasks == ("1", "2", "3")


def test_tasks_can_be_named(folder):
    folder.replace("tasks = 3", 'tasks = ["a", "b"]')
    assert read_survey(folder.write()).data.tasks == ("a", "b")


def test_one_answer_stands_for_a_list_of_one(folder):
    support = read_survey(folder.write()).outcomes["support"]
    assert (support.positive, support.negative, support.missing) == (("yes",), ("no",), ("skip",))


def test_restrictions_take_one_level_or_several(folder):
    folder.toml += '\n[[restrictions]]\nnever = { price = "low", size = ["S", "L"] }\n'
    assert read_survey(folder.write()).restrictions[0].never == {
        "price": ("low",),
        "size": ("S", "L"),
    }


def test_labels_fall_back_on_keys(folder):
    survey = read_survey(folder.write())
    assert (survey.attribute_label("size"), survey.attribute_label("price")) == (
        "How large",
        "price",
    )
    assert (survey.segment_label("left"), survey.segment_label("warm")) == ("The left", "warm")
    assert survey.segment_label("Total") == "Total"


def test_assumed_levels_are_noticed(folder):
    assert not read_survey(folder.write()).has_assumed_levels
    folder.replace('{ value = "L",', '{ value = "L", assumed = true,')
    assert read_survey(folder.write()).has_assumed_levels


def test_a_byte_order_mark_is_no_fault(folder):
    path = folder.write() / "survey.toml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_survey(folder.path).title == "Small survey"


RESPONDENTS = pd.DataFrame(
    {
        "party": ["Left", "Right", "None", None],
        "age": [17.0, 30.0, 70.0, float("nan")],
        "code": ["5", "6", "7", None],
    },
    dtype=object,
).astype({"age": float})


@pytest.mark.parametrize(
    ("rule", "members"),
    [
        ({"party": "Left"}, [1, 0, 0, 0]),
        ({"party": ["Left", "None"]}, [1, 0, 1, 0]),
        ({"party": {"not": ["Left"]}}, [0, 1, 1, 0]),
        ({"party": {"not": "Left"}}, [0, 1, 1, 0]),
        ({"code": 5}, [1, 0, 0, 0]),
        ({"code": [5, 6.0]}, [1, 1, 0, 0]),
        ({"age": {"min": 30}}, [0, 1, 1, 0]),
        ({"age": {"max": 30}}, [1, 1, 0, 0]),
        ({"age": {"min": 18, "max": 69.5}}, [0, 1, 0, 0]),
        ({"age": 30}, [0, 1, 0, 0]),
        ({"party": {"not": "Left"}, "age": {"max": 40}}, [0, 1, 0, 0]),
        ([{"party": "Left"}, {"age": {"min": 60}}], [1, 0, 1, 0]),
        ({"age": {"empty": True}}, [0, 0, 0, 1]),
        ({"party": {"answered": False}}, [0, 0, 0, 1]),
        ({"party": {"answered": True}}, [1, 1, 1, 0]),
        ({"party": {"empty": False, "not": "Left"}}, [0, 1, 1, 0]),
        ([{"party": "Left"}, {"age": {"empty": True}}], [1, 0, 0, 1]),
    ],
)
def test_who_belongs_under_a_rule(rule, members):
    assert Rule.model_validate(rule).members(RESPONDENTS).tolist() == [bool(m) for m in members]


@pytest.mark.parametrize(
    "condition", ["Left", {"not": "Nobody"}, {"min": -1e9}, {"max": 1e9}, {"empty": False}]
)
def test_a_missing_answer_satisfies_no_other_condition(condition):
    nobody = pd.Series([None, None], dtype=object)
    assert not Condition.model_validate(condition).holds(nobody).any()


def test_a_rule_reads_the_same_from_categories_as_from_text():
    categorical = RESPONDENTS.assign(party=pd.Categorical(RESPONDENTS["party"]))
    rule = Rule.model_validate({"party": {"not": "Left"}})
    assert rule.members(categorical).tolist() == rule.members(RESPONDENTS).tolist()


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("Left", "is Left"),
        (["Left", "Right"], "is Left or Right"),
        ({"not": ["Left"]}, "is not Left"),
        ({"min": 5}, "is 5 or more"),
        ({"max": 5.5}, "is 5.5 or less"),
        ({"min": 5, "max": 8}, "is 5 to 8"),
        ({"answered": False}, "is empty"),
        ({"empty": False}, "is not empty"),
    ],
)
def test_a_condition_in_words(condition, words):
    assert condition_words(Condition.model_validate(condition)) == words
