"""targets.csv and published.csv: what they may say, and every fault with its row."""

import pytest

from conjoint import read_survey
from conjoint.survey import Targets


def shares(folder, margin):
    (found,) = [m for m in read_survey(folder.write()).targets.margins if m.name == margin]
    return found.shares


def test_shares_by_margin_and_category(folder):
    assert shares(folder, "sex") == {("Female",): 0.52, ("Male",): 0.48}


@pytest.mark.parametrize(
    ("unit", "figures"),
    [("share", ("0.25", "0.75")), ("percent", ("25", "75%")), ("count", ("1200", "3600"))],
)
def test_shares_percents_and_counts_say_the_same(folder, unit, figures):
    folder.targets = f"margin,category,{unit}\nsex,Female,{figures[0]}\nsex,Male,{figures[1]}\n"
    assert shares(folder, "sex") == pytest.approx({("Female",): 0.25, ("Male",): 0.75})


def test_rounded_shares_are_scaled_to_one(folder):
    folder.targets = "margin,category,percent\nage,young,33.3\nage,mid,33.3\nage,old,33.3\n"
    assert shares(folder, "age")[("mid",)] == pytest.approx(1 / 3)


def test_an_interlocked_margin_has_a_part_for_each_column(folder):
    folder.targets = (
        "margin,category,share\n"
        "sex * age,Female * young,0.2\nsex * age,Female * old,0.3\n"
        "sex * age,Male * young,0.1\nsex * age,Male * old,0.4\n"
    )
    (margin,) = read_survey(folder.write()).targets.margins
    assert margin.columns == ("sex", "age")
    assert margin.shares[("Male", "old")] == pytest.approx(0.4)


def test_sources_are_kept_once_with_their_year(folder):
    folder.targets = (
        "margin,category,share,source,year\nsex,Female,0.5,Census,2021\nsex,Male,0.5,Census,2021\n"
    )
    (margin,) = read_survey(folder.write()).targets.margins
    assert margin.sources == ("Census (2021)",)


def test_targets_can_be_given_in_python():
    targets = Targets.from_shares({"sex * age": {"F * young": 1, "F * old": 3}})
    assert targets.margins[0].columns == ("sex", "age")
    assert targets.margins[0].shares[("F", "old")] == 0.75


@pytest.mark.parametrize(
    ("old", "new", "place", "what"),
    [
        ("sex,Male,0.48", "sex,Male,0.45", 'margin "sex"', "its 2 categories sum to 97%"),
        ("sex,Male,0.48", "sex,Female,0.48", "row 3", '"Female" of "sex" stands twice'),
        ("0.52", "many", "row 2", 'share "many" is not a number of zero or more'),
        ("0.52", "", "row 2", 'share "" is not a number of zero or more'),
        ("0.52", "-0.52", "row 2", 'share "-0.52" is not a number of zero or more'),
        ("0.52", "nan", "row 2", 'share "nan" is not a number of zero or more'),
        ("sex,Female", "sex,Female * young", "row 2", "has 2 part(s) (expected 1 joined"),
        ("margin,category,share", "margin,kind,share", "row 1", "no column category"),
        ("margin,category,share", "margin,category,figure", "row 1", "no column of figures"),
    ],
)
def test_a_fault_of_targets_is_named(folder, old, new, place, what):
    assert old in folder.targets
    folder.targets = folder.targets.replace(old, new)
    faults = folder.faults()
    assert [f for f in faults if f"targets.csv, {place}: " in f and what in f], faults


def test_two_columns_of_figures_are_one_too_many(folder):
    folder.targets = "margin,category,share,percent\nsex,Female,0.5,50\nsex,Male,0.5,50\n"
    (fault,) = folder.faults()
    assert "targets.csv, row 1: more than one column of figures" in fault


def test_a_file_of_targets_that_is_not_there_is_named(folder):
    (fault,) = folder.replace('"targets.csv"', '"other.csv"').faults()
    assert "other.csv: there is no such file" in fault


def test_without_weighting_no_targets_are_read(folder):
    folder.replace('[weighting]\ntargets = "targets.csv"\n', "")
    assert read_survey(folder.write()).targets is None


def test_blank_rows_keep_the_numbers_of_the_others(folder):
    folder.targets = folder.targets.replace("age,young,0.4", "\n,,\nage,young,much")
    (fault,) = [f for f in folder.faults() if "much" in f]
    assert "targets.csv, row 6: " in fault


PUBLISHED = "question,group,answer,value,decimals,where\n"


def test_published_figures_are_read(folder):
    folder.published = PUBLISHED + "party,left,Left,100,0,page 3\nparty,Total,Right,33.3,1,page 4\n"
    figures = read_survey(folder.write()).published
    assert [(f.group, f.answer, f.value, f.decimals) for f in figures] == [
        ("left", "Left", 100.0, 0),
        ("Total", "Right", 33.3, 1),
    ]
    assert figures[1].where == "page 4"


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("party,Total,Left,much,0,p", 'published.csv, row 2: value "much"'),
        ("party,lft,Left,10,0,p", '"party / lft / Left": there is no group "lft"'),
        ("prty,Total,Left,10,0,p", 'there is no question "prty" (expected party, warmth)'),
        ("party,Total,Lft,10,0,p", '"Lft" is not an answer (expected Left, Right, None)'),
    ],
)
def test_a_fault_of_published_figures_is_named(folder, row, what):
    folder.published = f"{PUBLISHED}{row}\n"
    (fault,) = folder.faults()
    assert what in fault
