"""What texts say by themselves: numbers, orders, spellings, readings of a choice."""

import pytest

from conjoint.propose.level import put_in_order, variants
from conjoint.propose.reading import names_profiles, readings
from conjoint.propose.respondent import usual_scale
from conjoint.propose.value import is_no_answer, is_none_option, numbers_in
from conjoint.spelling import is_missing_code

ORDERS = [
    (["5,000 a year", "10,000 a year", "20,000 a year"], [5000, 10000, 20000], "sure"),
    (["€5k", "€10k", "€1.5m"], [5000, 10000, 1500000], "sure"),
    (["5 out of 10", "9 out of 10"], [5, 9], "sure"),
    (["<10k: 0%", "<10k: 5%", "<10k: 15%"], [0, 5, 15], "sure"),
    (["-5%", "0%", "5%"], [-5, 0, 5], "sure"),
    (["5000", "10000"], [5000, 10000], "sure"),
    (["None", "25%", "50%"], [0, 25, 50], "likely"),
    (["No reduction", "25% fewer", "50% fewer"], [0, 25, 50], "likely"),
    (["5.000", "10.000", "20.000"], [5000, 10000, 20000], "guess"),
    (["<75%", "75-95%", "95-105%", "105-125%", ">125%"], None, "likely"),
    (["None", "1-2 Years", "3-5 Years", "5+ Years"], None, "likely"),
    (["50% White, 50% Nonwhite", "96% White, 4% Nonwhite"], None, "likely"),
    (["20% Less Crime", "20% More Crime"], None, "likely"),
    (["None", "Low", "Medium", "High"], None, "likely"),
    (["Not at all", "Somewhat", "Very"], None, "likely"),
    (["Strongly oppose", "Oppose", "Support", "Strongly support", "Don't know"], None, "likely"),
    (
        ["No formal", "4th grade", "high school", "college degree", "graduate degree"],
        None,
        "likely",
    ),
    (["Never", "Rarely", "Always"], None, "likely"),
    (["1", "2", "3"], None, "likely"),
    (["0", "1"], None, "likely"),
    (["Doctor", "Nurse", "Teacher"], None, "guess"),
]


@pytest.mark.parametrize(
    ("texts", "numbers", "sureness"), ORDERS, ids=lambda value: str(value)[:30]
)
def test_levels_stand_in_a_sensible_order(texts, numbers, sureness):
    for given in (texts, texts[::-1], sorted(texts)):
        found = put_in_order(dict.fromkeys(given, 10))
        assert list(found.texts) == texts
        assert found.sureness == sureness
        assert list(found.numbers) == (numbers or [None] * len(texts))


def test_the_file_s_own_order_comes_first():
    found = put_in_order({"b": 3, "a": 2}, ("c", "b", "a"))
    assert (found.texts, found.sureness) == (("b", "a"), "sure")
    assert put_in_order({"b": 3, "z": 2}, ("c", "b", "a")).texts == ("b", "z")


def test_an_order_by_nothing_but_the_alphabet_says_so():
    assert "by alphabet" in put_in_order({"x": 1, "w": 9}).evidence


@pytest.mark.parametrize(
    ("text", "numbers", "words"),
    [
        ("£5,000 a year", [5000], "£# a year"),
        ("3-5 Years", [3, 5], "#-# years"),
        ("-3", [-3], "#"),
        ("10 000", [10], None),
        ("10\u00a0000 €", [10000], "# €"),
        ("2 million", [2e6], "#"),
        ("no number", [], "no number"),
    ],
)
def test_numbers_of_a_text(text, numbers, words):
    found, around = numbers_in(text)
    if words is not None:
        assert (found, around) == (numbers, words)


VARIANTS = [
    ("£5000", "£5,000"),
    ("france", "France"),
    ("Calais  Group", "Calais Group"),
    ("Calais\u00a0Group", "Calais Group"),
    ("Don’t know", "Don't know"),
    ("3–5 years", "3-5 years"),
    ("Yes.", "Yes"),
    ("25 %", "25%"),
]


@pytest.mark.parametrize(("rare", "usual"), VARIANTS)
def test_spellings_of_one_text_are_noticed(rare, usual):
    (found,) = variants({usual: 300, rare: 12, "another": 250})
    assert (found.text, found.count, found.usual, found.usual_count) == (rare, 12, usual, 300)


def test_a_rare_slip_is_noticed_and_a_level_of_its_own_is_not():
    assert [v.text for v in variants({"Calais Group": 500, "Calais Grup": 1})] == ["Calais Grup"]
    assert not variants({"Feature1_levela": 500, "Feature1_levelb": 480})
    assert not variants({"10,000 a year": 500, "40,000 a year": 2})
    assert not variants({"Male": 500, "Female": 3})


def test_words_for_no_answer_and_for_no_profile():
    for text in ("Don't know", "DON’T KNOW", "Prefer not to say", "DK", "Refused", "Not sure"):
        assert is_no_answer(text)
        assert not is_none_option(text)
    for text in (
        "Neither",
        "None of these",
        "Neither of these options",
        "I would choose none",
        "No choice",
    ):
        assert is_none_option(text)
        assert not is_no_answer(text)
    for text in ("None of the above", "Deal A", "Nothing comes close to A"):
        assert not is_no_answer(text)
    assert not is_none_option("Deal A")
    assert is_missing_code("-99", range(11))
    assert is_missing_code("99", range(8))
    assert not is_missing_code("99", range(101))
    assert not is_missing_code("-1", [-3, -2, 0])


SURE = [
    ({"Deal A": 5, "Deal B": 4}, "AB", {"A": "Deal A", "B": "Deal B"}, "sure"),
    ({"1": 5, "2": 4}, "12", {"1": "1", "2": "2"}, "sure"),
    ({"Option 10": 5, "Option 1": 4}, ("1", "10"), {"1": "Option 1", "10": "Option 10"}, "sure"),
    ({"left": 5, "right": 4}, ("Left", "Right"), {"Left": "left", "Right": "right"}, "sure"),
    ({"1": 5, "2": 4}, "AB", {"A": "1", "B": "2"}, "likely"),
    (
        {"Community B": 5, "Community A": 4},
        "12",
        {"1": "Community A", "2": "Community B"},
        "likely",
    ),
    ({"The left one": 5, "The right one": 4}, "AB", None, None),
    ({"Left": 5, "Right": 4}, "12", {"1": "Left", "2": "Right"}, "likely"),
    (
        {"First package": 5, "Second package": 4},
        "AB",
        {"A": "First package", "B": "Second package"},
        "likely",
    ),
]


@pytest.mark.parametrize(("counts", "profiles", "chosen", "sureness"), SURE)
def test_answers_that_name_profiles(counts, profiles, chosen, sureness):
    found = readings(counts, tuple(profiles))
    if chosen is None:
        assert len(found) != 1
        return
    (only,) = found
    assert dict(only.chosen) == chosen
    assert only.sureness == sureness
    assert names_profiles(counts, tuple(profiles))


@pytest.mark.parametrize("codes", [("0", "1"), ("4", "5"), ("yes", "no"), ("2", "3"), ("x", "y")])
def test_codes_that_can_be_read_two_ways(codes):
    found = readings(dict.fromkeys(codes, 10), ("1", "2") if codes != ("2", "3") else ("A", "B"))
    assert len(found) == 2
    assert dict(found[0].chosen) == dict(zip(found[0].chosen, sorted(codes), strict=True))
    assert list(found[0].chosen.values()) == list(found[1].chosen.values())[::-1]
    assert not names_profiles(dict.fromkeys(codes, 10), ("1", "2"))


def test_no_answer_and_none_are_kept_apart():
    (only,) = readings(
        {"Deal A": 5, "Deal B": 4, "Neither": 2, "Don't know": 1, "-99": 3}, ("A", "B")
    )
    assert (only.none, only.missing) == (("Neither",), ("Don't know", "-99"))
    assert readings({"p": 1, "q": 1, "r": 1, "s": 1}, ("A", "B")) == []


@pytest.mark.parametrize(
    ("numbers", "ends"),
    [(range(11), (0, 10)), ([2, 3, 6], (1, 7)), ([3, 55, 100], (0, 100)), (range(1, 6), (1, 5))],
)
def test_the_usual_scale_around_numbers(numbers, ends):
    assert usual_scale(numbers) == ends
