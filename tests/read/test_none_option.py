"""Choices that may choose none: all profiles of the task count 0."""

import numpy as np
import pytest

import conjoint as cj
from conjoint.errors import DataError, RequestError

WIDE = """\
title = "None"
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
chosen = { A = "A", B = "B" }
none = ["Neither", "Can't say"]
missing = "Skipped"
"""
HEADER = "id,p1A_price,p1B_price,p2A_price,p2B_price,c1,c2\n"


def rows(*answers):
    return HEADER + "".join(
        f"r{n},low,high,high,low,{one},{two}\n" for n, (one, two) in enumerate(answers)
    )


DATA = rows(("A", "Neither"), ("Can't say", "B"), ("Skipped", "B"))


def test_a_task_in_which_none_is_chosen_counts_zero(small):
    outcome = small.read(WIDE, DATA).outcome("choice")
    assert outcome[:8].tolist() == [1, 0, 0, 0, 0, 0, 0, 1]
    assert np.isnan(outcome[8:10]).all()


def test_an_answer_that_is_not_declared_is_a_fault(small):
    (fault,) = small.faults(WIDE.replace('"Neither", ', ""), DATA)
    assert fault.startswith('responses.csv, row 2, c2: "Neither" is not an answer to "choice"')
    assert "Can't say" in fault


def test_shares_count_who_chose_none(small):
    frame = cj.marginal_means(small.read(WIDE, DATA)).frame.set_index("level")
    # low: 1A 1, 2B 0; 1A 0, 2B 1; 2B 1. high: 1B 0, 2A 0; 1B 0, 2A 0; 2A 0.
    assert frame.loc["low", "estimate"] == pytest.approx(3 / 5)
    assert frame.loc["high", "estimate"] == 0


@pytest.mark.parametrize("estimate", [cj.choice_means, cj.reliability])
def test_what_needs_a_forced_choice_refuses(small, estimate):
    wave = small.read(WIDE, DATA)
    with pytest.raises(RequestError, match='"choice" lets people choose none'):
        estimate(wave)


def test_a_forced_choice_beside_it_can_still_be_had(small):
    toml = (
        WIDE
        + '[outcomes.forced]\nkind = "choice"\ncolumn = "f{task}"\nchosen = { A = "A", B = "B" }\n'
    )
    lines = DATA.splitlines()
    data = "\n".join([f"{lines[0]},f1,f2", *(f"{line},A,B" for line in lines[1:])])
    wave = small.read(toml, data)
    assert set(cj.choice_means(wave).frame["outcome"]) == {"forced"}
    assert not wave.survey.is_forced("choice")
    assert wave.survey.is_forced("forced")
    assert wave.survey.even_choice("choice") is None
    assert wave.survey.even_choice("forced") == 0.5


PROFILE = WIDE.replace('"c{task}"', '"c{task}{profile}"').replace(
    'chosen = { A = "A", B = "B" }', 'positive = "1"\nnegative = "0"'
)
PROFILE_HEADER = "id,p1A_price,p1B_price,p2A_price,p2B_price,c1A,c1B,c2A,c2B\n"


def own(answers):
    return f"{PROFILE_HEADER}a,low,high,high,low,{answers}\n"


def test_each_profile_may_say_that_none_is_chosen(small):
    wave = small.read(PROFILE, own("1,0,Neither,Neither"))
    assert wave.outcome("choice").tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        ("1,0,0,0", "row 2, c2A: no profile of the task is chosen"),
        ("1,0,Neither,0", "row 2, c2A: no profile of the task is chosen"),
        ("1,0,Neither,1", "row 2, c2A: a profile is chosen, and the task says none is"),
        ("1,0,1,1", "row 2, c2A: more than one of the task's profiles is chosen"),
        ("1,0,Neither,", "row 2, c2A: some profiles of the task have an answer, some none"),
    ],
)
def test_a_task_that_says_two_things_is_the_one_fault(small, answers, fault):
    (found,) = small.faults(PROFILE, own(answers))
    assert found.startswith(f"responses.csv, {fault}")


def test_an_answer_of_no_may_mean_none_where_all_profiles_hold_it(small):
    toml = PROFILE.replace('["Neither", "Can\'t say"]', '"0"')
    assert small.read(toml, own("1,0,0,0")).outcome("choice").tolist() == [1, 0, 0, 0]
    (fault,) = small.faults(toml.replace('none = "0"\n', ""), own("1,0,0,0"))
    assert fault.startswith("responses.csv, row 2, c2A: none of the task's profiles is chosen")


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
column = "won"
positive = "1"
negative = "0"
none = "0"
"""
LONG_DATA = "id,task,profile,price,won\na,1,A,low,0\na,1,B,high,0\na,2,A,low,1\na,2,B,high,0\n"


def test_a_long_file_declares_that_all_zeros_mean_none(small):
    assert small.read(LONG, LONG_DATA).outcome("choice").tolist() == [0, 0, 1, 0]
    (fault,) = small.faults(LONG.replace('none = "0"\n', ""), LONG_DATA)
    assert fault.startswith("responses.csv, row 2, won: none of the task's profiles is chosen")


def test_a_wave_built_by_hand_goes_by_the_survey(small):
    wave = small.read(LONG, LONG_DATA)
    again = cj.Wave.build(wave.survey, wave.respondents, wave.profiles)
    assert again.outcome("choice").tolist() == [0, 0, 1, 0]
    choice = wave.survey.outcomes["choice"].model_copy(update={"none": ()})
    forced = wave.survey.model_copy(update={"outcomes": {"choice": choice}})
    with pytest.raises(DataError, match="none of the task's profiles is chosen"):
        cj.Wave.build(forced, wave.respondents, wave.profiles)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('none = ["Neither", "Can\'t say"]', 'none = "A"', '"A" chooses no profile, and chooses a'),
        ('missing = "Skipped"', 'missing = "Neither"', '"Neither" chooses no profile, and counts'),
    ],
)
def test_an_answer_means_one_thing(small, old, new, fault):
    assert old in WIDE
    (found,) = small.faults(WIDE.replace(old, new), rows(("A", "B")))
    assert found.startswith(f"survey.toml, outcomes.choice.none: {fault}")


def test_none_belongs_to_choices(small):
    toml = WIDE + '[outcomes.s]\nkind = "support"\ncolumn = "c{task}{profile}"\n'
    toml += 'positive = "y"\nnegative = "n"\nnone = "0"\n'
    found = small.faults(toml, DATA)
    assert any("outcomes.s.none: does not fit an outcome of kind support" in f for f in found)
