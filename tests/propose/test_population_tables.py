"""A statistics office's table becomes targets.csv, or the fault says how to do it by hand."""

import numpy as np
import openpyxl
import pandas as pd
import pytest

from conjoint.cli import main
from conjoint.errors import RequestError
from conjoint.propose import propose_targets
from conjoint.read.file import read_responses
from conjoint.survey import Data, Targets
from conjoint.survey.target import read_targets

PEOPLE = {
    "id": [str(row) for row in range(60)],
    "sex": ["Female", "Male"] * 30,
    "age_group": ["18-34", "35-54", "55+"] * 20,
    "region": ["North"] * 30 + ["South"] * 30,
}

JOINT = """\
Table 3: usual residents,,,
"Sex",Age group,Region,Count
Females,18 to 34,North,"1,100"
,,South,900
,35 to 54,North,"1,500"
,,South,"1,500"
,55 and over,North,"1,000"
,,South,"1,000"
,All ages,All,"7,000"
Males,18 to 34,North,600
,,South,400
,35 to 54,North,700
,,South,300
,55 and over,North,500
,,South,500
All,All,All,"10,000"
Source: census,,,
"""

BLOCKS = """\
Usual residents;
Sex;Anzahl
Female;5.100
Male;4.900
Total;10.000

Region;
North;999
South;9.001
"""

CROSS = "Age group,Persons,Male,Female\n18-34,300,100,200\n35-54,300,200,100\n55+,400,250,150\nTotal,1000,550,450\n"


@pytest.fixture
def made(tmp_path):
    """Write a table and make targets of it, by margin and category."""

    def make(text, **options):
        (tmp_path / "export.csv").write_text(pd.DataFrame(PEOPLE).to_csv(index=False))
        responses = read_responses(tmp_path / "export.csv", Data(layout="long", respondent=""))
        table = tmp_path / "table.csv"
        table.write_text(text)
        found = propose_targets(table, responses, **options)
        (tmp_path / "targets.csv").write_text(found.csv)
        targets, faults = read_targets(tmp_path / "targets.csv")
        assert not faults
        assert isinstance(targets, Targets)
        return {
            margin.name: dict(zip(margin.categories, margin.shares.values(), strict=True))
            for margin in targets.margins
        }, found.notes

    return make


def test_counts_by_several_columns_become_a_margin_each(made):
    margins, notes = made(JOINT)
    assert margins == {
        "sex": pytest.approx({"Female": 0.7, "Male": 0.3}),
        "age_group": pytest.approx({"18-34": 0.3, "35-54": 0.4, "55+": 0.3}),
        "region": pytest.approx({"North": 0.54, "South": 0.46}),
    }
    assert notes == (
        "Targets are the margins sex, age_group, region (their cells, all together: with --joint).",
    )


def test_or_their_cells_all_together(made):
    margins, notes = made(JOINT, joint=True)
    ((name, cells),) = margins.items()
    assert name == "sex * age_group * region"
    assert len(cells) == 12
    assert cells["Female * 18-34 * North"] == pytest.approx(0.11)
    assert "the cells of sex, age_group, region" in notes[0]


def test_one_block_a_margin_with_points_for_thousands(made):
    margins, _ = made(BLOCKS)
    assert margins == {
        "sex": pytest.approx({"Female": 0.51, "Male": 0.49}),
        "region": pytest.approx({"North": 0.0999, "South": 0.9001}),
    }


def test_a_column_of_counts_for_each_category(made):
    margins, _ = made(CROSS)
    assert margins == {
        "age_group": pytest.approx({"18-34": 0.3, "35-54": 0.3, "55+": 0.4}),
        "sex": pytest.approx({"Male": 0.55, "Female": 0.45}),
    }


def test_margins_that_stand_as_rows_of_totals(made):
    text = "Sex,Region,Count\nMale,All,40\nFemale,All,60\nAll,North,30\nAll,South,70\nAll,All,100\n"
    margins, _ = made(text)
    assert margins == {
        "sex": pytest.approx({"Male": 0.4, "Female": 0.6}),
        "region": pytest.approx({"North": 0.3, "South": 0.7}),
    }


def test_columns_that_the_data_lack_are_summed_over_and_said(made):
    margins, notes = made(
        "Sex,Country,Count\nMale,Wales,1\nMale,Kent,2\nFemale,Wales,3\nFemale,Kent,4\n"
    )
    assert margins == {"sex": pytest.approx({"Male": 0.3, "Female": 0.7})}
    assert notes == ('"Country" fits no column of the data, and is left out.',)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Sex,Count\n", "holds no rows of categories and counts"),
        ("Male,40\nFemale,60\n", "counts stand under no name"),
        ("Sex,Age,Count\nMale,18-34,:\nFemale,18-34,3\nMale,55+,4\n", 'row 2: ":" is no count'),
        ("Sex,Count\nMale,40\nMale,60\nFemale,3\n", "Male stands in two rows"),
        (
            "Sex,Count\nMale,40\nFemale,60\nTotal,200\n",
            "add up to 100, and the table's total is 200",
        ),
        ("Sex,2019,2024\nMale,40,41\nFemale,60,61\n", "several columns hold numbers"),
        ("Male,18-34,40\nFemale,18-34,60\n", "row 1: its first whole row names no columns"),
        ("Country,Count\nWales,40\nKent,60\n", "no column of the data has the name"),
        ("Sex,Count\nMale,40\n", "has one category of Sex"),
    ],
)
def test_what_is_no_such_table_says_how_to_do_it_by_hand(made, text, what):
    with pytest.raises(RequestError) as caught:
        made(text)
    (fault,) = caught.value.faults
    assert what in str(fault)
    assert "Write targets.csv by hand" in fault.do


def test_what_a_spreadsheet_would_run_is_no_target(made):
    with pytest.raises(RequestError, match="a spreadsheet would run '=1' as a formula"):
        made("Sex,Count\nMale,40\nFemale,50\n=1,10\n")


def test_new_writes_the_targets_that_check_then_uses(tmp_path, monkeypatch, capsys):
    rng = np.random.default_rng(1)
    people = pd.DataFrame(PEOPLE)
    for task in "123":
        for who in "AB":
            people[f"t{task}_{who}_price"] = rng.choice(["5", "10", "20"], 60)
            people[f"t{task}_{who}_place"] = rng.choice(["here", "there", "away"], 60)
        people[f"t{task}_choice"] = rng.choice(["A", "B"], 60)
    people.to_csv(tmp_path / "export.csv", index=False)
    book = openpyxl.Workbook()
    for row in (["Sex", "Number"], ["Male", 4900], ["Female", 5100.0], ["Total", 10_000]):
        book.active.append(row)
    book.save(tmp_path / "table.xlsx")
    for code, arguments in (
        (
            0,
            (
                "new",
                tmp_path / "export.csv",
                tmp_path / "wave",
                "--targets",
                tmp_path / "table.xlsx",
            ),
        ),
        (0, ("weight", tmp_path / "wave")),
        (
            2,
            (
                "new",
                tmp_path / "export.csv",
                tmp_path / "wave",
                "--targets",
                tmp_path / "table.xlsx",
            ),
        ),
    ):
        monkeypatch.setattr("sys.argv", ["conjoint", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == code, capsys.readouterr().err
    assert (tmp_path / "wave" / "targets.csv").read_text() == (
        "margin,category,share,source\nsex,Male,0.49000000,table.xlsx\nsex,Female,0.51000000,table.xlsx\n"
    )
