"""The observed cells of the page are the bundle's, in the texts of the report's grid."""

import re

import pandas as pd
import pytest
from test_explorer_tables import TOML

import conjoint as cj
from conjoint.analysis.core import observed_grid
from conjoint.explorer.data import page_data
from conjoint.explorer.grid import observed_cells
from conjoint.plot import grid_chart
from conjoint.plot.grid import beneath
from conjoint.say.measure import measure_of
from conjoint.scenario.explorer import explorer_tables
from conjoint.survey import INTERLOCK
from conjoint.withhold.mark import blank

GRID = (
    # Levels without numbers have no order, and are not put together.
    re.sub(r", number = \d+", "", TOML).replace("suppress_below = 20", "suppress_below = 27")
    + """
[report]
grid = ["price", "size"]
grid_outcome = "chosen"
"""
)


@pytest.fixture(scope="module")
def wave(tmp_path_factory, simulated):
    folder = tmp_path_factory.mktemp("gridded")
    (folder / "survey.toml").write_text(GRID, "utf-8")
    frame = simulated(16, n=130, tasks=3).drop(columns="weight")
    frame.to_csv(folder / "responses.csv", index=False)
    return cj.read_wave(folder)


@pytest.fixture(scope="module")
def joint(wave):
    return observed_grid(wave)["joint_means"]


def merged(joint, group):
    """One group's cells with the first two levels of each attribute put together."""
    rows = joint[joint["group"] == group].iloc[[0, 2, 6, 8]]
    names = {"low": "low * mid", "S": "S * M"}
    rows = rows.assign(
        across=rows["across"].replace(names), down=rows["down"].replace(names), estimate=0.5,
        conf_low=0.4, conf_high=0.6, n_respondents=77, reading="safe",
    )  # fmt: skip
    rows = rows.assign(level=rows["across"] + INTERLOCK + rows["down"])
    return pd.concat([joint[joint["group"] != group], rows], ignore_index=True)


def cells_of(wave, joint, groups=("Total", "left", "right")):
    return observed_cells(wave.survey, joint, list(groups), list(wave.survey.outcomes))


def test_each_cell_has_the_texts_of_the_chart(wave, joint):
    survey, seen = wave.survey, set()
    measure, least = measure_of(survey, survey.grid_outcome), survey.thresholds.suppress_below
    made = cells_of(wave, joint)
    assert made["attributes"] == [0, list(survey.attributes).index("size")]
    for group, told in zip(("Total", "left", "right"), made["groups"], strict=True):
        chart, own = grid_chart(survey, joint, group), joint[joint["group"] == group]
        assert (told["cells"] == []) == chart.empty
        for cell, text, row in zip(told["cells"], chart.data.itertuples(), own.to_dict("records"), strict=True):  # fmt: skip
            assert cell["name"] == f"{text[1]}, {text[2]}"
            assert cell["figure"] == text.Share.replace("not shown", "–")
            assert cell["under"] == beneath(measure, row, least).split("\n")
            seen.add(row["reading"])
    assert seen == {"safe", "caution", "suppressed"}


def test_what_is_withheld_is_not_in_the_data(wave, joint):
    withheld = blank(
        joint, (joint["level"] == "low * S").to_numpy(), ["estimate", "conf_low", "conf_high"]
    )
    cell = cells_of(wave, withheld)["groups"][0]["cells"][0]
    assert cell["figure"] == "–"
    assert not {"fine", "ends", "part", "base"} & set(cell)


def test_a_group_without_a_figure_is_there_only_with_what_else_the_page_has_of_it(wave, joint):
    gone = blank(
        joint, (joint["group"] == "left").to_numpy(), ["estimate", "conf_low", "conf_high"]
    )
    assert [own["label"] for own in cells_of(wave, gone, ("Total", "right"))["groups"]] == ["All", "right"]  # fmt: skip
    made = cells_of(wave, gone)["groups"][1]
    assert (made["label"], made["cells"], made["caution"]) == ("left", [], "")


def test_levels_that_are_put_together_are_one_cell_with_both_names(wave, joint):
    made = cells_of(wave, merged(joint, "left"))
    total, left = made["groups"][:2]
    assert (len(total["cells"]), len(left["cells"])) == (9, 4)
    first = left["cells"][0]
    assert (first["across"], first["down"]) == ([0, 1], [0, 1])
    assert "low or mid" in first["name"]
    assert "S or M" in first["name"]
    assert left["merged"]
    assert total["merged"] == ""


def test_without_a_bundle_s_cells_there_is_no_grid(wave, joint):
    tables = explorer_tables(wave)
    assert "grid" not in page_data(wave.survey, tables, {})
    data = page_data(wave.survey, tables | {"joint_means": joint}, {})
    assert [own["place"] for own in data["grid"]["groups"]] == [0, 1, 2]
    assert data["grid"]["outcome"] == 0
