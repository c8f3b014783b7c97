"""How the weighting works out, in words that hold for whatever a survey brings."""

from dataclasses import replace

import pandas as pd
import pytest

import conjoint as cj
from conjoint.plot import Chart
from conjoint.report import SegmentReport
from conjoint.report.method import method_box
from conjoint.report.weighting import fragility_line, weighting
from conjoint.table import Table
from conjoint.table.markdown import markdown


def altered(analysis, group="Total", **values):
    table = analysis.tables["headline_checks"].copy()
    own = (table["outcome"] == "deal") & (table["group"] == group)
    for column, value in values.items():
        table.loc[own, column] = value
    return replace(analysis, tables=analysis.tables | {"headline_checks": table})


def plain(text):
    return text.replace("\\", "").removeprefix("::: {.fragility}\n").removesuffix("\n:::")


def test_one_person_is_named_as_one(routes):
    changed = altered(
        routes, estimate=0.501, respondents=1.0, respondent_share=0.0004, shift=float("nan")
    )
    assert plain(fragility_line(changed, "deal", "Total")) == (
        "It would be under half without the one person who pulls it up most (<0.05% of the base)."
    )


def test_a_target_can_be_said_alone_and_to_go_down(routes):
    changed = altered(routes, respondents=float("nan"), shift=-0.012)
    assert plain(fragility_line(changed, "deal", "Total")) == (
        "It would be over half if the target for “Labour” (Vote in 2024) were more than about 1.2 "
        "points lower than its 21%."
    )


@pytest.mark.parametrize(
    "values",
    [
        {"respondents": float("nan"), "shift": float("nan")},
        {"respondents": float("nan"), "shift": 0.2},  # further than a target is likely to be wrong
        {"reading": "suppressed"},
    ],
)
def test_nothing_is_said_where_there_is_nothing_to_say(routes, values):
    assert fragility_line(altered(routes, **values), "deal", "Total") == ""


def test_without_checks_there_is_no_line(routes):
    tables = {k: v for k, v in routes.tables.items() if k != "headline_checks"}
    assert fragility_line(replace(routes, tables=tables), "deal", "Total") == ""


def test_categories_of_targets_are_text(routes):
    line = fragility_line(altered(routes, category="<b>*x*</b>"), "deal", "Total")
    assert "<b>" not in line
    assert r"\<b\>\*x\*" in line


def test_lines_stand_under_their_claims(routes):
    claim, line, *_ = SegmentReport(routes).headlines()
    assert claim.text.startswith("**48%**")
    assert line.startswith("::: {.fragility}\nIt would be over half")


def test_a_survey_that_is_not_weighted_says_so(folder):
    folder.replace('[weighting]\ntargets = "targets.csv"\n', "")
    folder.targets = ""
    analysis = cj.run_analysis(folder.write())
    assert list(weighting(analysis)) == ["The figures are not weighted."]


def test_the_parts_come_in_order(routes):
    parts = [part for part in weighting(routes) if part != ""]
    kinds = ["chart" if isinstance(part, Chart) else "text" for part in parts]
    assert kinds == ["text", "text", "text", "text", "chart", "text", "chart"]
    assert parts[5].startswith("::: {.note}\nTargets: ")


def test_suppressed_headlines_are_dashes(routes):
    blank = dict.fromkeys(
        ["estimate", "unweighted", "conf_low", "conf_high", "conf_low_fixed", "conf_high_fixed"],
        float("nan"),
    )
    changed = altered(routes, group="right_switchers", reading="suppressed", **blank)
    table = next(
        part for part in weighting(changed) if isinstance(part, Table) and "UK-Europe" in part.name
    )
    row = next(row for row in table.rows if row.cells[0].text == "Right switchers")
    assert [cell.text for cell in row.cells[1:]] == ["–"] * 4


def test_targets_that_are_means_have_a_table_of_their_own(routes):
    table = routes.tables["weighting"].copy()
    row = table.iloc[[0]].assign(
        margin="age", category="mean", target=48.5, unweighted=50.25, weighted=48.5, unit="mean"
    )
    table = pd.concat([table, row], ignore_index=True)
    changed = replace(routes, tables=routes.tables | {"weighting": table})
    parts = list(weighting(changed))
    place = next(place for place, part in enumerate(parts) if isinstance(part, Chart))
    chart, means = parts[place : place + 2]
    assert [cell.text for cell in means.rows[-1].cells] == ["Age", "48.50", "50.25", "48.50"]
    assert "48.50" in chart.data["Target"].tolist()
    assert "35 categories of 5 margins" in chart.alt


def test_the_method_box_counts_recoded_cells_and_people_without_an_answer(folder):
    folder.responses["sex"] = folder.responses["sex"].replace("Female", "F")
    folder.responses.loc[:5, "sex"] = "-99"
    folder.replace('targets = "targets.csv"', 'targets = "targets.csv"\nunknown = { sex = "keep" }')
    folder.toml += '[recode.sex]\naliases = { Female = "F" }\nmissing = -99\n'
    women = (folder.responses["sex"] == "F").sum()
    analysis = cj.run_analysis(folder.write())
    box = markdown(method_box(analysis)).replace("\\", "")
    assert analysis.provenance["recoded"] == {"sex": women + 6}
    assert f"by recode: sex ({women + 6})" in box
    assert "In sex, 6 people without an answer keep 10.0% of the weight" in box
