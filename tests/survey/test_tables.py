"""targets.csv and published.csv: what they may say, and every fault with its row."""

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from conjoint import read_survey
from conjoint.errors import SurveyError
from conjoint.folder import open_folder
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


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_delimiter_and_encoding_is_read(folder, mark, encoding):
    path = folder.write()
    text = f"margin{mark}category{mark}share\nGroße{mark}Süd{mark}0.25\nGroße{mark}Nord{mark}0.75\n"
    (path / "targets.csv").write_bytes(text.encode(encoding))
    (margin,) = read_survey(path).targets.margins
    assert (margin.name, margin.shares) == ("Große", {("Süd",): 0.25, ("Nord",): 0.75})


@pytest.mark.parametrize(
    "table",
    [
        "sep=;\nmargin;category;percent\nsex;Female;12,5\nsex;Male;87,5 %\n",
        "margin;category;share\nsex;Female;0,125\nsex;Male;0,875\n",
        'margin,category,percent\nsex,Female,"12,5"\nsex,Male,"87,5"\n',
        "margin;category;count\nsex;Female;1,250\nsex;Male;8,75\n",
    ],
)
def test_a_decimal_comma_is_read_where_it_is_plain(folder, table):
    folder.targets = table
    assert shares(folder, "sex") == pytest.approx({("Female",): 0.125, ("Male",): 0.875})


@pytest.mark.parametrize("male", ["8,750", "8.75"])
def test_a_comma_that_may_mark_thousands_is_a_fault(folder, male):
    folder.targets = f"margin;category;count\nsex;Female;1,250\nsex;Male;{male}\n"
    assert 'count "1,250" has marks for thousands' in folder.faults()[0]


def test_published_figures_are_read_with_semicolons_and_commas(folder):
    folder.published = (
        "estimand;outcome;group;attribute;level;value;std_error;where\n"
        "amce;choice;Total;cap;5,000;-0,034;0,0120;Table 2\n"
    )
    (figure,) = read_survey(folder.write()).published
    assert (figure.value, figure.decimals, figure.std_error) == (-0.034, 3, 0.012)
    assert (figure.level, figure.error_decimals) == ("5,000", 4)


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


def test_targets_csv_is_read_without_the_table_weighting(folder):
    declared = read_survey(folder.write()).targets
    folder.replace('[weighting]\ntargets = "targets.csv"\n', "")
    assert read_survey(folder.write()).targets == declared
    (folder.path / "targets.csv").unlink()
    assert read_survey(folder.path).targets is None


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


CONJOINT = (
    "estimand,outcome,attribute,level,baseline,group,value,decimals,std_error,conf_low,conf_high,"
    "unit,where\n"
)


def test_published_conjoint_figures_are_read(folder):
    folder.published = (
        CONJOINT
        + "amce,choice,price,low,high,Total,0.120,,0.0314,0.06,0.18,share,Table 2\n"
        + "difference,,price,low,,left − Total,\u22122.5,1,,,,points,\n"
        + "marginal_mean,choice,price * size,low * S,,,51%,,,,,,Figure 1\n"
    )
    amce, gap, mean = read_survey(folder.write()).published
    assert (amce.value, amce.decimals, amce.decimals_of_error, amce.row) == (0.12, 3, 4, 2)
    assert (amce.std_error, amce.conf_low, amce.conf_high) == (0.0314, 0.06, 0.18)
    assert (amce.question, amce.estimand, amce.baseline, amce.unit) == ("", "amce", "high", "share")
    assert (gap.value, gap.groups, gap.std_error, gap.unit) == (
        -2.5,
        ("left", "Total"),
        None,
        "points",
    )
    assert (mean.value, mean.group, mean.unit, mean.decimals) == (51, "Total", "percent", 0)


def test_a_question_may_stand_beside_conjoint_figures(folder):
    folder.published = (
        "question,answer,estimand,attribute,level,group,value,where\n"
        "party,Left,,,,Total,48.0,p. 1\n,,amce,price,low,Total,0.1,p. 2\n"
    )
    question, amce = read_survey(folder.write()).published
    assert (question.question, question.decimals, question.estimand) == ("party", 1, None)
    assert (amce.question, amce.attribute) == ("", "price")


def test_names_that_nobody_knows_are_no_faults(folder):
    """A report holds figures that a survey cannot give; reproducing says which."""
    folder.published = PUBLISHED + "prty,lft,Lft,10,0,p\n"
    (figure,) = read_survey(folder.write()).published
    assert (figure.question, figure.group, figure.answer) == ("prty", "lft", "Lft")


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("party,Total,Left,much,0,p", 'published.csv, row 2: value "much"'),
        ("party,Total,Left,nan,0,p", 'published.csv, row 2: value "nan"'),
        ("party,Total,Left,48,some,p", 'decimals "some" is not a number of decimals'),
        ("party,Total,Left,48.25,1,p", 'value "48.25" has 2 decimals, not 1'),
        ("party,Total,,48,0,p", "names no answer (expected an answer, a net, or mean)"),
        (",Total,Left,48,0,p", "names neither a question nor an estimand"),
        (
            "party,Total,Left,48,0,p\nparty,Total,Left,49,0,p",
            'row 3: "party / Total / Left" stands twice in "p"',
        ),
    ],
)
def test_a_fault_of_published_figures_is_named(folder, row, what):
    folder.published = f"{PUBLISHED}{row}\n"
    (fault,) = folder.faults()
    assert what in fault


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("ame,,price,low,,Total,0.1,,,,,,p", 'there is no estimand "ame" (expected amce, marg'),
        ("amce,,,low,,Total,0.1,,,,,,p", "names no attribute"),
        ("amce,,price,,,Total,0.1,,,,,,p", "names no level"),
        ("amce,,price,low,,Total,0.1,,x,,,,p", 'std_error "x" is not a figure'),
        ("amce,,price,low,,Total,0.1,,-1,,,,p", 'std_error "-1" is below zero'),
        ("amce,,price,low,,Total,0.1,,,0.0,,,p", "has conf_low without conf_high"),
        ("amce,,price,low,,Total,0.1,,,,0.2,,p", "has conf_high without conf_low"),
        ("amce,,price,low,,Total,0.1,,,0.2,0.3,,p", "from 0.2 to 0.3 does not hold 0.1"),
        ("amce,,price,low,,Total,0.1,,,,,share of,p", 'there is no unit "share of"'),
        ("difference,,price,low,,left,0.1,,,,,,p", 'the group "left" is no two groups'),
        ("acie,,price,low,,Total,0.1,,,,,,p", '"price" is one attribute, and acie is about'),
        ("acie,,price * size,low,,Total,0.1,,,,,,p", 'level "low" has 1 part(s), the attribute 2'),
    ],
)
def test_a_fault_of_published_conjoint_figures_is_named(folder, row, what):
    folder.published = f"{CONJOINT}{row}\n"
    (fault,) = folder.faults()
    assert fault.startswith("published.csv, row 2: ")
    assert what in fault


def test_all_faults_of_published_figures_are_named_at_once(folder):
    folder.published = (
        CONJOINT + "ame,,price,low,,Total,much,,x,,,,p\n,,,,,,,,,,,,\namce,,price,,,a,1,9x,,,,u,p\n"
    )
    faults = folder.faults()
    assert [fault.split(": ")[0] for fault in faults] == [
        *["published.csv, row 2"] * 3,
        *["published.csv, row 4"] * 3,
    ]


def test_a_published_file_needs_the_columns_that_say_what(folder):
    folder.published = "question,group,value,where\nparty,Total,48,p\n"
    (fault,) = folder.faults()
    assert "row 1: no columns that say what the figures are (expected question, answer; or" in fault


@pytest.fixture(params=["xlsx", "ods", "sav"])
def saved(request):
    """Save a frame in a format, by a library that the reader does not use where there is one."""

    def save(frame, path):
        file = path.with_suffix(f".{request.param}")
        if request.param == "sav":
            pyreadstat.write_sav(frame, file)
        else:
            frame.to_excel(file, index=False, engine={"ods": "odf"}.get(request.param, "openpyxl"))
        return file

    return save


def test_targets_are_read_from_any_format_that_responses_may_have(folder, saved):
    plain = read_survey(folder.write()).targets
    path = folder.path / "targets.csv"
    file = saved(pd.read_csv(path), path)
    path.unlink()
    toml = folder.path / "survey.toml"
    toml.write_text(toml.read_text().replace("targets.csv", file.name))
    survey = read_survey(folder.path)
    assert survey.targets.margins == plain.margins
    assert open_folder(folder.path).survey.targets.margins == plain.margins


def test_workbooks_of_targets_and_published_figures_are_found_by_their_names(folder):
    path = folder.write()
    targets, published = path / "targets.csv", path / "published.csv"
    published.write_text("question,group,answer,value,where\nparty,Total,Left,41.5,p. 1\n")
    plain = read_survey(path)
    for file in (targets, published):
        pd.read_csv(file).to_excel(file.with_suffix(".xlsx"), index=False)
        file.unlink()
    toml = path / "survey.toml"
    toml.write_text(toml.read_text().replace('targets = "targets.csv"', 'text = "Census"'))
    survey = read_survey(path)
    assert (survey.targets.margins, survey.published) == (plain.targets.margins, plain.published)
    assert survey.weighting.targets == "targets.xlsx"
    assert not [own for own in open_folder(path).unused if own.kind == "files"]


def test_figures_of_a_workbook_are_numbers_whatever_its_cells_show(folder):
    """Percentages, and what calculating leaves in the last digit."""
    path = folder.write()
    book = openpyxl.Workbook()
    sheet = book.active
    rows = [
        ("sex", "Female", 0.1 + 0.2),
        ("sex", "Male", 0.7),
        ("age", "young", 0.45),
        ("age", "old", 0.55),
    ]
    for row in [("margin", "category", "share"), *rows]:
        sheet.append(row)
    for number in (2, 3, 4, 5):
        sheet.cell(number, 3).number_format = "0%" if number > 3 else "General"
    book.save(path / "targets.xlsx")
    (path / "targets.csv").unlink()
    toml = path / "survey.toml"
    toml.write_text(toml.read_text().replace("targets.csv", "targets.xlsx"))
    margins = {margin.name: margin for margin in read_survey(path).targets.margins}
    assert margins["sex"].shares["Female",] == pytest.approx(0.3)
    assert margins["age"].shares["young",] == pytest.approx(0.45)


def test_a_fault_in_a_workbook_of_targets_names_its_row(folder):
    path = folder.write()
    frame = pd.read_csv(path / "targets.csv").astype({"share": object})
    frame.loc[1, "share"] = "many"
    frame.to_excel(path / "targets.xlsx", index=False)
    toml = path / "survey.toml"
    toml.write_text(toml.read_text().replace("targets.csv", "targets.xlsx"))
    with pytest.raises(SurveyError, match=r'targets.xlsx, row 3.*"many" is not a number'):
        read_survey(path)
