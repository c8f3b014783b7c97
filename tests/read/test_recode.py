"""Texts of a file are read as the recodes say, before levels, answers, rules and targets see them."""

import tomllib
import unicodedata
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from conjoint.folder import open_folder
from conjoint.read.recode import labelled_number
from conjoint.read.responses import Responses
from conjoint.read.wave import wave_of
from conjoint.survey import Survey
from conjoint.wave import Recoded

TOML = """\
title = "Recodes"
[data]
file = "responses.csv"
layout = "wide"
respondent = "id"
tasks = 2
profiles = ["A", "B"]
attribute = "t{task}_{profile}_{attribute}"
[attributes.price]
levels = [5000, 10000]
[outcomes.choice]
kind = "choice"
column = "t{task}_choice"
chosen = { A = "A", B = "B" }
"""
DATA = """\
id,t1_A_price,t1_B_price,t2_A_price,t2_B_price,t1_choice,t2_choice,vote,age,trust,tick
a,5000,10000,10000,5000,A,B,Labour,18,0 - Not at all,1
b,5000,10000,10000,5000,A,B,Lab,34,10 - Completely,
c,5000,10000,10000,5000,B,A,labour party,35,5,1
d,10000,5000,5000,10000,B,A,-99,67,Rather (7),
e,10000,5000,5000,10000,A,A,,-99,,
"""


def column(wave, name):
    texts = wave.respondents[name].astype(object)
    return texts.where(texts.notna(), None).tolist()


def test_several_texts_are_read_as_one(small):
    toml = TOML + '[recode.vote]\naliases = { Labour = ["Lab", "labour party"] }\nmissing = -99\n'
    wave = small.read(toml, DATA)
    assert column(wave, "vote") == ["Labour", "Labour", "Labour", None, None]
    assert wave.recoded == (
        Recoded("vote", "alias", "Labour", ("Lab", "labour party"), 2),
        Recoded("vote", "missing", "", ("-99",), 1),
    )


def test_numbers_fall_into_bands(small):
    bands = '{ "18-34" = { min = 18, max = 34 }, "35-64" = { min = 35, below = 65 }, "65+" = { min = 65 } }'
    toml = TOML + f"[recode.age]\nbands = {bands}\nmissing = -99\n"
    wave = small.read(toml, DATA)
    assert column(wave, "age") == ["18-34", "18-34", "35-64", "65+", None]
    assert [(made.kind, made.to, made.cells) for made in wave.recoded] == [
        ("band", "18-34", 2),
        ("band", "35-64", 1),
        ("band", "65+", 1),
        ("missing", "", 1),
    ]


def test_a_band_may_stand_in_a_column_of_its_own(small):
    toml = TOML + (
        '[questions.age]\nkind = "scale"\nmin = 18\nmax = 99\n'
        "[recode.age]\nmissing = -99\n"
        '[recode.age_group]\nof = "age"\nempty = "Unknown"\n'
        "bands = { young = { max = 34 }, old = { min = 35 } }\n"
        '[segments.old]\nwhere = { age_group = "old" }\n'
    )
    wave = small.read(toml, DATA)
    assert column(wave, "age") == [18, 34, 35, 67, None]
    assert column(wave, "age_group") == ["young", "young", "old", "old", "Unknown"]
    assert wave.segment("old").tolist() == [False, False, True, True, False]


def test_labels_of_a_scale_are_read_as_their_numbers(small):
    toml = TOML + (
        '[recode.trust]\nlabelled = true\n[questions.trust]\nkind = "scale"\nmin = 0\nmax = 10\n'
    )
    wave = small.read(toml, DATA)
    assert column(wave, "trust") == [0, 10, 5, 7, None]
    assert {(made.kind, made.to, made.texts) for made in wave.recoded} == {
        ("label", "0", ("0 - Not at all",)),
        ("label", "10", ("10 - Completely",)),
        ("label", "7", ("Rather (7)",)),
    }


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0 - Not at all", "0"),
        ("0 – Not at all", "0"),
        ("10: Completely", "10"),
        ("5. Neither", "5"),
        ("3) Rather", "3"),
        ("-3 much worse", "-3"),
        ("Completely (10)", "10"),
        ("Not at all - 0", "0"),
        ("Agree=5", "5"),
        ("18-34", None),
        ("1 to 5", None),
        ("65+", None),
        ("10%", None),
        ("10", None),
        ("2024-05-11", None),
        ("7 -", None),
    ],
)
def test_which_labels_hold_a_number(text, number):
    assert labelled_number(text) == number


def test_an_empty_cell_means_what_the_recode_says(small):
    toml = TOML + '[recode.tick]\naliases = { yes = 1 }\nempty = "no"\n'
    wave = small.read(toml, DATA)
    assert column(wave, "tick") == ["yes", "no", "yes", "no", "no"]
    assert wave.recoded[1] == Recoded("tick", "empty", "no", (), 3)


def test_the_cells_of_an_attribute_are_recoded_in_all_tasks(small):
    data = DATA.replace("b,5000,10000", "b,5000.0,ten thousand").replace("A,B,Lab,", "A,B,x,")
    toml = TOML + '[recode.price]\naliases = { 5000 = "5000.0", 10000 = "ten thousand" }\n'
    wave = small.read(toml, data)
    assert wave.profiles["price"].tolist() == small.read(TOML, DATA).profiles["price"].tolist()
    assert [made.cells for made in wave.recoded] == [1, 1]


@pytest.mark.parametrize("key", ["t1_A_price", '"t{task}_{profile}_{attribute}"', "prices"])
def test_a_recode_is_of_a_column_a_pattern_or_columns(small, key):
    columns = 'columns = ["t1_A_price", "t2_A_price"]\n' if key == "prices" else ""
    data = DATA.replace("a,5000", "a,5k")
    wave = small.read(TOML + f'[recode.{key}]\naliases = {{ 5000 = "5k" }}\n{columns}', data)
    assert wave.recoded == (Recoded(key.strip('"'), "alias", "5000", ("5k",), 1),)


def test_an_empty_cell_of_a_task_that_nobody_saw_means_nothing(small):
    toml = TOML.replace("levels = [5000, 10000]", 'levels = ["5000", "none"]')
    toml += '[recode.price]\nempty = "none"\n'
    data = "id,t1_A_price,t1_B_price,t2_A_price,t2_B_price,t1_choice,t2_choice\n"
    wave = small.read(toml, data + "a,5000,,,5000,A,B\nb,,5000,,,B,\nc,5000,,5000,,A,A\n")
    assert wave.profiles["respondent"].tolist() == [*"aaaa", *"bb", *"cccc"]
    assert wave.profiles["price"].tolist()[:6] == ["5000", "none", "none", "5000", "none", "5000"]
    assert wave.recoded == (Recoded("price", "empty", "none", (), 5),)


def test_an_empty_answer_of_a_task_is_counted_once(small):
    toml = TOML + 'none = "neither"\n[recode.choice]\nempty = "neither"\n'
    wave = small.read(toml, DATA.replace("5000,A,B,", "5000,A,,"))
    assert wave.recoded == (Recoded("choice", "empty", "neither", (), 2),)
    assert wave.outcome("choice").reshape(-1, 2).sum(axis=1).tolist() == [1, 0, 1, 0] + [1] * 6


POSITIONS = """\
title = "Positions"
[data]
file = "responses.csv"
layout = "wide"
respondent = "id"
tasks = 1
profiles = ["1", "2"]
attribute = "F-{task}-{profile}-{position}"
name = "F-{task}-{position}"
positions = 2
[attributes.Price]
levels = ["none", "some"]
[attributes.Help]
levels = ["no", "yes"]
[outcomes.choice]
kind = "choice"
column = "c{task}"
chosen = { 1 = "1", 2 = "2" }
[recode."F-{task}-{position}"]
aliases = { Price = "Prise" }
[recode.Price]
aliases = { some = "0" }
empty = "none"
[recode.Help]
aliases = { no = "0" }
"""


def test_attributes_by_position_are_recoded_where_each_stood(small):
    data = "id,F-1-1,F-1-2,F-1-1-1,F-1-2-1,F-1-1-2,F-1-2-2,c1\n"
    wave = small.read(POSITIONS, data + "a,Prise,Help,0,,0,yes,1\nb,Help,Price,0,yes,0,none,2\n")
    assert wave.profiles["Price"].tolist() == ["some", "none", "some", "none"]
    assert wave.profiles["Help"].tolist() == ["no", "yes", "no", "yes"]
    assert {(made.key, made.kind, made.to, made.cells) for made in wave.recoded} == {
        ("F-{task}-{position}", "alias", "Price", 1),
        ("Price", "alias", "some", 2),
        ("Price", "empty", "none", 1),
        ("Help", "alias", "no", 2),
    }


ACCENT = unicodedata.normalize("NFD", "Réforme")


def test_texts_are_found_whatever_their_blanks_and_unicode_form(small):
    toml = TOML + '[recode.vote]\naliases = { "Réforme" = "La  Réforme" }\n'
    data = DATA.replace(",Lab,", f",La {ACCENT},").replace(",Labour,", f",{ACCENT},")
    wave = small.read(toml, data.replace("labour party", "labour  party"))
    assert column(wave, "vote")[:3] == ["Réforme", "Réforme", "labour  party"]


@pytest.mark.parametrize("where", ["[recode.vote]\ntidy = true\n", "data"])
def test_blanks_and_unicode_form_are_made_alike_where_that_is_declared(small, where):
    toml = TOML + where if where != "data" else TOML.replace("[data]", "[data]\ntidy = true")
    data = DATA.replace(",Lab,", ",Lib \u00a0 Dem,").replace(",Labour,", f",{ACCENT},")
    wave = small.read(toml, data)
    assert column(wave, "vote")[:2] == ["Réforme", "Lib Dem"]
    key = "vote" if where != "data" else "data.tidy"
    assert wave.recoded == (Recoded(key, "tidy", "", (ACCENT, "Lib \u00a0 Dem"), 2),)


def test_without_a_recode_texts_stay_as_they_are_but_for_white_space_around_them(small):
    wave = small.read(TOML, DATA.replace(",Lab,", f',"  Lib  {ACCENT} ",'))
    assert column(wave, "vote")[1] == f"Lib  {ACCENT}"
    assert wave.recoded == ()


def test_rules_and_targets_see_what_is_recoded(folder):
    folder.responses["sex"] = folder.responses["sex"].replace({"Female": "F", "Male": "M"})
    folder.responses.loc[0, "sex"] = "refused"
    folder.toml += (
        '[recode.sex]\naliases = { Female = "F", Male = "M" }\nmissing = "refused"\n'
        '[segments.women]\nwhere = { sex = "Female" }\n'
        "[exclusions.sexless]\nwhere = { sex = { empty = true } }\n"
    )
    folder.replace('title = "Small survey"', 'title = "Small survey"\ncrossbreaks = ["sex"]')
    wave = open_folder(folder.write())
    assert set(wave.respondents["sex"]) == {"Female", "Male"}
    assert [rule.respondents for rule in wave.excluded] == [1]
    assert wave.segment("women").sum() == (wave.respondents["sex"] == "Female").sum() > 0


def test_a_long_file_has_new_columns_too(small):
    toml = """\
title = "Long"
[data]
file = "responses.csv"
layout = "long"
respondent = "id"
[attributes.price]
levels = ["low", "high"]
[outcomes.choice]
kind = "choice"
column = "chosen"
positive = "1"
negative = "0"
[recode.age_group]
of = "age"
bands = { young = { max = 34 }, old = { min = 35 } }
[segments.old]
where = { age_group = "old" }
"""
    rows = ["a,20,low,1", "a,20,high,0", "b,50,low,1", "b,50,high,0"]
    wave = small.read(toml, "id,age,price,chosen\n" + "\n".join(rows) + "\n")
    assert column(wave, "age_group") == ["young", "old"]
    assert wave.segment("old").tolist() == [False, True]


def test_the_answers_of_a_long_file_are_recoded(small):
    toml = """\
title = "Long"
[data]
file = "responses.csv"
layout = "long"
respondent = "id"
task = "task"
[attributes.price]
levels = ["low", "high"]
[outcomes.choice]
kind = "choice"
column = "chosen"
positive = "1"
negative = "0"
[recode.choice]
empty = 0
[recode.task]
aliases = { 2 = "two" }
"""
    rows = ["a,1,low,1", "a,1,high,", "a,two,low,", "a,2,high,1", "b,1,low,1", "b,1,high,"]
    wave = small.read(toml, "id,task,price,chosen\n" + "\n".join(rows) + "\n")
    assert wave.outcome("choice").tolist() == [1, 0, 0, 1, 1, 0]
    assert wave.profiles["task"].tolist() == ["1", "1", "2", "2", "1", "1"]


# --- What is wrong -----------------------------------------------------------------------------

AGES = "bands = { young = { min = 18, max = 34 }, old = { min = 36 } }\n"


def test_cells_that_no_band_takes_are_faults_by_their_place(small):
    toml = TOML + '[recode.age_group]\nof = "age"\nmissing = -99\n' + AGES.replace("36", "35")
    toml += '[questions.age_group]\nanswers = ["young", "old"]\n'
    data = DATA.replace(",18,", ",eighteen,").replace(",34,", ",34.5,").replace(",35,", ",7,")
    assert small.faults(toml, data) == [
        f'responses.csv, row {row}, age: "{text}" {what} (expected a number in "young" (from 18 to 34), '
        '"old" (from 35)). Correct the cell, or name it in survey.toml, recode.age_group, under '
        "missing, aliases or bands."
        for row, text, what in (
            (2, "eighteen", "is not a number"),
            (3, "34.5", "lies in no band"),
            (4, "7", "lies in no band"),
        )
    ]


def test_a_cell_of_somebody_who_is_left_out_stops_nobody(small):
    toml = TOML + "[recode.age]\n" + AGES.replace("36", "35").replace("min = 18, ", "")
    toml += '[exclusions.first]\nwhere = { vote = "Lab" }\n'
    wave = small.read(toml, DATA.replace(",34,", ",aged,"))
    (note,) = wave.notes
    assert note.endswith("row 3, age.")
    assert column(wave, "age") == ["young", "old", "old", "young"]


def test_a_comma_marks_decimals_where_the_file_says_so(small):
    toml = TOML.replace("[data]", '[data]\ndecimal = ","') + "[recode.age]\nmissing = -99\n"
    toml += "bands = { low = { below = 34.5 }, high = { min = 34.5 } }\n"
    wave = small.read(toml, DATA.replace(",34,", ',"34,6",').replace(",35,", ',"34,4",'))
    assert column(wave, "age") == ["low", "high", "low", "high", None]


def test_a_cell_may_hold_the_name_of_its_band(small):
    toml = TOML + '[recode.age]\nbands = { young = { max = 34 }, "35+" = { min = 35 } }\n'
    wave = small.read(toml, DATA.replace(",67,", ",35+,"))
    assert column(wave, "age") == ["young", "young", "35+", "35+", "young"]


def test_what_a_recode_names_and_nobody_says_is_noted(small):
    toml = TOML + (
        '[recode.vote]\naliases = { Labour = ["Lab", "Labor"] }\nmissing = [-99, -98]\n'
        '[recode.id2]\nof = "age"\nbands = { young = { max = 70 }, old = { min = 71 } }\nempty = "none"\n'
    )
    assert small.read(toml, DATA).notes == (
        'recode.vote: no cell holds "-98", "Labor".',
        'recode.id2: no number lies in the band "old".',
        "recode.id2: no cell is empty.",
    )


def test_recodes_of_columns_that_are_not_there_are_faults_with_a_suggestion(small):
    toml = TOML + (
        '[recode.vot]\nmissing = "-99"\n[recode.young]\nof = "agee"\nbands = { a = { min = 0 } }\n'
        '[recode.trust]\nof = "age"\nbands = { b = { min = 0 } }\n'
    )
    faults = small.faults(toml, DATA)
    assert len(faults) == 3
    assert faults[0].startswith(
        'survey.toml, recode.vot: there is no column, attribute, outcome or question "vot"'
    )
    assert faults[0].endswith("Did you mean vote?")
    assert faults[1].startswith("survey.toml, recode.young:")
    assert faults[1].endswith("Did you mean age?")
    assert faults[2].startswith(
        'survey.toml, recode.trust: makes a column "trust", which the file has'
    )


def test_answers_that_a_file_declares_missing_can_be_recoded():
    cells = pd.read_csv(StringIO(DATA), dtype=str).apply(lambda own: own.astype("category"))
    missing = {"vote": frozenset(["-99"])}
    responses = Responses(Path("x.sav"), cells, cells.index.to_numpy() + 1, missing=missing)
    toml = tomllib.loads(
        TOML
        + '[recode.vote]\naliases = { Refused = -99, Labour = ["Lab", "labour party"] }\n'
        + '[questions.vote]\nanswers = ["Labour", "Refused"]\n'
    )
    wave, _, faults = wave_of(responses, Survey.model_validate(toml))
    assert faults == []
    assert column(wave, "vote") == ["Labour", "Labour", "Labour", "Refused", None]


@pytest.mark.parametrize(
    ("old", "new", "advice"),
    [
        ("c,5000", "c,5000.0", '[recode.price] write aliases = { "5000" = ["5000.0"] }'),
        ("c,5000", 'c,"5,000"', '[recode.price] write aliases = { "5000" = ["5,000"] }'),
        (",Labour,18", ",Labor,18", '[recode.vote] write aliases = { "Labour" = ["Labor"] }'),
        (
            ",Labour,18",
            ",Tory,18",
            '[recode.vote] write aliases = { "ANSWER" = ["Tory"] }, with the',
        ),
    ],
)
def test_a_fault_says_which_lines_would_read_the_cell(small, old, new, advice):
    """And read it they do."""
    toml = (
        TOML + '[questions.vote]\nanswers = ["Labour"]\nmissing = ["-99", "Lab", "labour party"]\n'
    )
    (fault,) = small.faults(toml, DATA.replace(old, new))
    assert advice in fault
    key, alias = advice.split(" write ")
    alias = alias.removesuffix(", with the").replace("ANSWER", "Labour")
    assert small.read(f"{toml}{key}\n{alias}\n", DATA.replace(old, new)).n_respondents == 5
