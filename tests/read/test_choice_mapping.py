"""What the answers to a choice mean is said, or certain, or a fault that shows every reading."""

import tomllib

import pytest

from conjoint import Wave
from conjoint.errors import InputError

TOML = """\
title = "Choices"
[data]
file = "responses.csv"
layout = "wide"
respondent = "id"
tasks = 2
profiles = ["A", "B"]
attribute = "p{task}{profile}_{attribute}"
[attributes.price]
levels = ["low", "high"]
[outcomes.choice]
kind = "choice"
column = "c{task}"
"""
HEADER = "id,p1A_price,p1B_price,p2A_price,p2B_price,c1,c2\n"


def rows(*answers):
    lines = [f"r{n},low,high,high,low,{one},{two}" for n, (one, two) in enumerate(answers)]
    return HEADER + "\n".join(lines) + "\n"


def lines_of(fault):
    """The lines that a fault offers, each as what survey.toml would hold."""
    offered = fault.split("the one that is right: ")[1].removesuffix(".")
    return [
        tomllib.loads("\n".join(reading.split("`")[1::2])) for reading in offered.split(", or ")
    ]


def test_the_profiles_names_are_read_and_noted(small):
    wave = small.read(TOML, rows("AB", "BB", "AA"))
    assert wave.outcome("choice").tolist() == [1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0]
    assert wave.notes == ("The answers of choice (A, B) are read as the profiles' names.",)
    assert wave.survey.outcomes["choice"].chosen == {"A": ("A",), "B": ("B",)}


def test_several_answers_may_choose_one_profile(small):
    chosen = 'chosen = { A = ["1A", "2A"], B = ["1B", "2B"] }\n'
    wave = small.read(TOML + chosen, rows(("1A", "2B"), ("1B", "2B"), ("1A", "2A")))
    assert wave.outcome("choice").tolist() == [1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0]
    (fault,) = small.faults(TOML + chosen, rows(("1A", "3B")))
    assert '"3B" is not an answer to "choice"' in fault
    assert "(expected 1A, 2A, 1B, 2B)" in fault


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ('{ A = ["x", "y"], B = ["y"] }', '"y" chooses more than one profile'),
        ('{ A = ["x", "x"], B = "y" }', '"x" stands twice'),
        ('{ A = [], B = "y" }', "is chosen by no answer"),
        (
            '{ A = ["Deal B", "b"], B = ["Deal A", "a"] }',
            'chosen by "Deal B", which names profile "B"',
        ),
    ],
)
def test_answers_that_contradict_themselves_are_faults(small, chosen, said):
    faults = small.faults(TOML + f"chosen = {chosen}\n", rows("xy"))
    assert any(said in fault for fault in faults)


def test_what_is_said_needs_no_note(small):
    wave = small.read(TOML + 'chosen = { A = "A", B = "B" }\n', rows("AB", "BB"))
    assert wave.notes == ()


def test_codes_stop_and_both_readings_are_shown_with_their_counts(small):
    (fault,) = small.faults(TOML, rows("12", "22", "11", "12"))
    assert fault == (
        'survey.toml, outcomes.choice: nothing says what the answers in "c{task}" mean, which could '
        "be read as 1 = A, 2 = B (4 / 4 tasks); or 2 = A, 1 = B (4 / 4 tasks) (expected `chosen`, or "
        "`positive` and `negative`). Put into survey.toml, under [outcomes.choice], the one that is "
        'right: `chosen = { A = "1", B = "2" }`, or `chosen = { A = "2", B = "1" }`.'
    )


@pytest.mark.parametrize(
    ("answers", "first"),
    [
        (("10", "00", "10"), {"chosen": {"A": "0", "B": "1"}}),
        (("xy", "yy"), {"chosen": {"A": "x", "B": "y"}}),
        # A reading that contradicts its own words is not offered.
        ((("Deal B", "Deal A"),), {"chosen": {"A": "Deal A", "B": "Deal B"}}),
        # One answer of three chooses none.
        (("13", "23"), {"chosen": {"A": "1", "B": "2"}, "none": ["3"]}),
        ((('say "A"', "B\\"),), {"chosen": {"A": 'say "A"', "B": "B\\"}}),
    ],
)
def test_each_reading_offered_is_one_that_reads(small, answers, first):
    quoted = [[f'"{text.replace(chr(34), chr(34) * 2)}"' for text in pair] for pair in answers]
    (fault,) = small.faults(TOML, rows(*quoted))
    offered = lines_of(fault)
    assert offered[0] == first
    for reading in fault.split("the one that is right: ")[1].removesuffix(".").split(", or "):
        toml = TOML + "\n".join(reading.split("`")[1::2])
        assert isinstance(small.read(toml, rows(*quoted)), Wave)


def test_the_two_readings_are_each_other_turned_round(small):
    data = rows("12", "22", "11")
    one = small.read(TOML + 'chosen = { A = "1", B = "2" }', data).outcome("choice")
    other = small.read(TOML + 'chosen = { A = "2", B = "1" }', data).outcome("choice")
    assert (one == 1 - other).all()


def test_profiles_in_digits_are_read_by_digits_alone(small):
    toml = TOML.replace('["A", "B"]', "2")
    data = rows("12", "22").replace("A_", "1_").replace("B_", "2_")
    assert small.read(toml, data).outcome("choice").tolist() == [1, 0, 0, 1, 0, 1, 0, 1]
    (fault,) = small.faults(toml, data.replace("low,2", "low,0"))
    assert "0 = 1, 1 = 2" in fault or "1 = 1, 0 = 2" in fault or "0 (" in fault


def test_answers_that_count_as_missing_are_no_reading(small):
    toml = TOML + 'missing = ["99"]\n'
    wave = small.read(toml, rows("AB", ("99", "B")))
    assert wave.profiles["choice"].isna().sum() == 2
    (fault,) = small.faults(toml, rows("12", ("99", "2")))
    assert "99" not in fault


def test_many_answers_are_listed_with_their_counts(small):
    (fault,) = small.faults(TOML, rows("12", "34", "56", "78"))
    assert "1 (1), 2 (1), 3 (1)" in fault
    assert "the one that is right" not in fault


def test_one_answer_alone_says_nothing(small):
    (fault,) = small.faults(TOML, rows("11", "11"))
    assert 'nothing says what the answers in "c{task}" mean: 1 (4)' in fault


def test_nobody_answered(small):
    wave = small.read(TOML, rows(("", ""), ("", "")))
    assert wave.profiles["choice"].isna().all()
    assert wave.notes == ()


PROFILE = TOML.replace('"c{task}"', '"c{task}{profile}"')
PROFILE_HEADER = "id,p1A_price,p1B_price,p2A_price,p2B_price,c1A,c1B,c2A,c2B\n"


def test_codes_of_a_profile_s_own_stop_with_what_fits(small):
    data = PROFILE_HEADER + "a,low,high,high,low,1,0,0,1\nb,low,low,low,high,0,1,0,1\n"
    (fault,) = small.faults(PROFILE, data)
    assert "0 = chosen, 1 = not (4 of 4 tasks have one chosen profile)" in fault
    assert "1 = chosen, 0 = not (4 of 4 tasks have one chosen profile)" in fault
    assert lines_of(fault) == [
        {"positive": "0", "negative": ["1"]},
        {"positive": "1", "negative": ["0"]},
    ]
    one = small.read(f'{PROFILE}positive = "1"\nnegative = ["0"]', data)
    assert one.outcome("choice").tolist() == [1, 0, 0, 1, 0, 1, 0, 1]


def test_the_reading_that_fits_stands_first(small):
    toml = PROFILE.replace('["A", "B"]', '["A", "B", "C"]').replace("tasks = 2", "tasks = 1")
    data = "id,p1A_price,p1B_price,p1C_price,c1A,c1B,c1C\n"
    data += "a,low,high,low,0,0,1\nb,low,high,low,1,0,0\n"
    (fault,) = small.faults(toml, data)
    assert lines_of(fault)[0] == {"positive": "1", "negative": ["0"]}
    assert "1 = chosen, 0 = not (2 of 2 tasks have one chosen profile)" in fault
    assert "0 = chosen, 1 = not (0 of 2 tasks have one chosen profile)" in fault


def test_codes_one_and_two_of_a_profile_s_own_are_not_taken_for_names(small):
    toml = PROFILE.replace('["A", "B"]', "2")
    header = PROFILE_HEADER.replace("A", "1").replace("B", "2")
    (fault,) = small.faults(toml, header + "a,low,high,high,low,1,2,2,1\n")
    assert "1 = chosen, 2 = not" in fault
    assert "2 = chosen, 1 = not" in fault


LONG = """\
title = "Long"
[data]
file = "responses.csv"
layout = "long"
respondent = "id"
task = "task"
profile = "profile"
[attributes.price]
levels = ["low", "high"]
[outcomes.choice]
kind = "choice"
column = "choice"
"""


def long_rows(choices):
    lines = ["id,task,profile,price,choice"]
    for task, pair in enumerate(choices, 1):
        lines += [f"a,{task},{who},low,{pair[place]}" for place, who in enumerate("AB")]
    return "\n".join(lines) + "\n"


def test_a_long_file_may_repeat_the_name_of_the_chosen_profile(small):
    wave = small.read(LONG, long_rows(["AA", "BB", "BB"]))
    assert wave.outcome("choice").tolist() == [1, 0, 0, 1, 0, 1]
    assert wave.notes == ("The answers of choice (A, B) are read as the profiles' names.",)


def test_a_long_file_may_repeat_a_code_that_survey_toml_explains(small):
    toml = LONG + 'chosen = { A = "1", B = "2" }\n'
    assert small.read(toml, long_rows(["11", "22"])).outcome("choice").tolist() == [1, 0, 0, 1]
    (fault,) = small.faults(LONG, long_rows(["11", "22"]))
    assert lines_of(fault)[0] == {"chosen": {"A": "1", "B": "2"}}


def test_zeros_and_ones_of_a_long_file_stop(small):
    (fault,) = small.faults(LONG, long_rows(["10", "01"]))
    assert lines_of(fault) == [
        {"positive": "0", "negative": ["1"]},
        {"positive": "1", "negative": ["0"]},
    ]


def test_names_that_differ_within_a_task_are_no_choice(small):
    (fault,) = small.faults(LONG, long_rows(["AB", "BA"]))
    assert "A = chosen, B = not" in fault


# --- Answers that contradict the profiles they choose -----------------------------------------


@pytest.mark.parametrize(
    ("profiles", "chosen"),
    [
        ('["A", "B"]', '{ A = "Deal B", B = "Deal A" }'),
        ('["A", "B"]', '{ A = "B", B = "A" }'),
        ('["1", "2"]', '{ 1 = "Option 2", 2 = "Option 1" }'),
        ('["left", "right"]', '{ left = "The right one", right = "The LEFT one" }'),
        ('["A", "B", "C"]', '{ A = "Deal B", B = "Deal C", C = "Deal A" }'),
    ],
)
def test_answers_that_name_the_other_profile_stop(small, profiles, chosen):
    toml = TOML.replace('["A", "B"]', profiles) + f"chosen = {chosen}\n"
    found = [fault for fault in small.faults(toml, HEADER) if "outcomes.choice.chosen" in fault]
    assert "which names profile" in found[0]


@pytest.mark.parametrize(
    "chosen",
    [
        '{ A = "Deal A", B = "Deal B" }',
        # A word of the language may be a profile's name.
        '{ A = "The first", B = "A second one" }',
        '{ A = "Neither B nor C, but A", B = "B" }',
        '{ A = "I like a bit of B", B = "b" }',
        '{ A = "Labour", B = "Abba" }',
    ],
)
def test_answers_that_do_not_contradict_pass(small, chosen):
    answers = tomllib.loads(f"x = {chosen}")["x"]
    data = rows([f'"{answers["A"]}"', f'"{answers["B"]}"'])
    assert small.read(TOML + f"chosen = {chosen}\n", data).outcome("choice").tolist() == [
        1,
        0,
        0,
        1,
    ]


def test_digits_are_codes_that_may_run_backwards(small):
    toml = TOML.replace('["A", "B"]', "2") + 'chosen = { 1 = "2", 2 = "1" }\n'
    data = rows("12").replace("A_", "1_").replace("B_", "2_")
    assert small.read(toml, data).outcome("choice").tolist() == [0, 1, 1, 0]


def test_a_mapping_of_each_kind_at_once_stops(small):
    toml = TOML + 'chosen = { A = "1", B = "2" }\npositive = "1"\nnegative = "2"\n'
    (fault,) = small.faults(toml, rows("12"))
    assert fault.startswith("survey.toml, outcomes.choice.chosen: stands beside `positive`")


def test_half_a_mapping_stops(small):
    with pytest.raises(InputError, match="needs `positive` and `negative`"):
        small.read(PROFILE + 'positive = "1"\n', PROFILE_HEADER)
