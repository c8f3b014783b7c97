"""targets.csv: means, totals, segments and years, and every fault of theirs with its row."""

import re

import pytest

from conftest import ROOT
from conjoint import read_survey
from conjoint.folder import open_folder
from conjoint.survey import Margin, Targets

SHARES = "sex,Female,0.52,\nsex,Male,0.48,\n"


def margins(folder):
    return {margin.name: margin for margin in read_survey(folder.write()).targets.margins}


def test_a_mean_stands_in_a_column_of_its_own(folder):
    folder.targets = f"margin,category,share,mean\n{SHARES}warmth,,,5.5\n"
    found = margins(folder)
    assert (found["warmth"].mean, found["warmth"].shares) == (5.5, {})
    assert found["sex"].mean is None


def test_means_alone_need_no_column_of_shares(folder):
    folder.targets = "margin,category,mean\nwarmth,,5.5\n"
    assert margins(folder)["warmth"].mean == 5.5


def test_a_total_is_a_mean_over_the_people_counted(folder):
    folder.targets = "margin,category,count,total\nsex,Female,30,\nsex,Male,20,\nwarmth,,,275\n"
    assert margins(folder)["warmth"].mean == 5.5


def test_a_margin_of_a_segment_stands_beside_that_of_everybody(folder):
    folder.targets = (
        "margin,category,share,segment\nsex,Female,0.52,\nsex,Male,0.48,\n"
        "sex,Female,0.6,left\nsex,Male,0.4,left\n"
    )
    found = margins(folder)
    assert list(found) == ["sex", "sex in left"]
    assert found["sex in left"].segment == "left"
    assert found["sex in left"].shares[("Female",)] == pytest.approx(0.6)
    assert found["sex in left"].columns == ("sex",)


def test_the_year_of_a_margin_is_that_of_its_oldest_figure(folder):
    folder.targets = (
        "margin,category,share,source,year\nsex,Female,0.5,Census,2021 and 2022\n"
        "sex,Male,0.5,Register,2024\nage,young,0.5,Guess,\nage,old,0.5,Guess,\n"
    )
    found = margins(folder)
    assert found["sex"].year == 2022
    assert found["sex"].sources == ("Census (2021 and 2022)", "Register (2024)")
    assert found["age"].year is None


def test_means_and_segments_can_be_given_in_python():
    targets = Targets.from_shares({"sex": {"F": 1, "M": 3}, "age": 48})
    assert targets.margins[1].mean == 48
    margin = Margin.of("sex * age", {"F * young": 1, "F * old": 3}, segment="left")
    assert margin.name == "sex * age in left"
    assert margin.categories == ("F * young", "F * old")
    assert margin.shares[("F", "old")] == 0.75


@pytest.mark.parametrize(
    ("rows", "place", "what"),
    [
        ("warmth,,,many,", "row 4", 'mean "many" is not a number'),
        ("warmth,,,inf,", "row 4", 'mean "inf" is not a number'),
        ("warmth,,,5,\nwarmth,,,6,", "row 5", '"warmth" has more than one (expected one mean'),
        ("sex * warmth,,,5,", "row 4", 'the mean of "sex * warmth" (expected one respondent'),
        ("warmth,low,,5,", "row 4", 'the category "low" has a mean'),
        ("age,,0.5,,", "row 4", "names no category (expected a category of age, or a figure in"),
        (",young,0.5,,", "row 4", "names no margin (expected a respondent column)"),
        ("sex,,,0.5,", 'margin "sex"', "has a mean and categories (expected one or the other)"),
        ("age,young,0.5,,left", 'margin "age in left"', "its 1 categories sum to 50%"),
        ("age,young,1,,lft", 'margin "age in lft"', 'there is no segment "lft" (expected left'),
    ],
)
def test_a_fault_is_named(folder, rows, place, what):
    folder.targets = (
        f"margin,category,share,mean,segment\nsex,Female,0.52,,\nsex,Male,0.48,,\n{rows}\n"
    )
    faults = folder.faults()
    assert [f for f in faults if f"targets.csv, {place}: " in f and what in f], faults


@pytest.mark.parametrize("unit", ["share", "percent"])
def test_a_total_needs_counts(folder, unit):
    folder.targets = f"margin,category,{unit},total\nwarmth,,,275\n"
    (fault,) = folder.faults()
    assert 'targets.csv, margin "warmth": has a total' in fault
    assert "expected a margin of everybody with counts" in fault


def test_a_segment_nobody_declared_is_named_once_for_the_folder(folder):
    folder.targets = "margin,category,share,segment\nsex,Female,0.5,lft\nsex,Male,0.5,lft\n"
    (fault,) = folder.faults(open_folder)
    assert 'targets.csv, margin "sex in lft": there is no segment "lft"' in fault


def test_a_margin_of_a_segment_is_held_against_its_members(folder):
    folder.responses["party"] = folder.responses["sex"].map({"Female": "Left", "Male": "Right"})
    folder.targets = "margin,category,share,segment\nsex,Female,0.5,left\nsex,Male,0.5,left\n"
    (fault,) = folder.faults(open_folder)
    assert 'margin "sex in left": nobody is in the category "Male" (target 50%)' in fault


def test_the_documented_file_is_read_as_documented(folder):
    text = (ROOT / "docs" / "targets.md").read_text("utf-8")
    (folder.targets,) = re.findall(r"```csv\n(.*?)```", text, re.DOTALL)
    folder.toml += '\n[segments.switchers]\nwhere = { party = "Right" }\n'
    found = margins(folder)
    assert list(found) == ["age_group * sex", "education", "household_size", "sex in switchers"]
    assert found["household_size"].mean == 2.36
    assert sum(found["age_group * sex"].shares.values()) == pytest.approx(1)
    for column in folder.targets.splitlines()[0].split(","):
        assert f"`{column}`" in text
