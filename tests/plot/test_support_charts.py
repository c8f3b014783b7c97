"""Charts of scenarios: what they draw and say, and what they leave out."""

import numpy as np
import pytest

import conjoint as cj
from conftest import ROUTES
from conjoint.plot.chart import NARROW, WIDE
from conjoint.plot.packages import best_chart
from conjoint.plot.support import support_lines, support_map
from conjoint.scenario import best, grid


@pytest.fixture(scope="module")
def wave():
    return cj.rake(cj.read_wave(ROUTES))


@pytest.fixture(scope="module")
def frame(wave):
    return grid(wave, "cap", "reduction", "right_switchers", outcome="support").frame


@pytest.fixture(scope="module")
def ranking(wave):
    return best(wave, "segments", top=3, draws=200).frame


@pytest.mark.parametrize("chart", [support_map, support_lines])
def test_every_combination_is_drawn_with_base_and_caution(wave, frame, chart):
    made = chart(wave.survey, frame, "support", "right_switchers")
    assert not made.empty
    assert len(made.draw(WIDE).data) == 20
    assert "right switchers" in made.alt.lower()
    assert "Base 97, caution. Synthetic wave" in made.draw(WIDE).labels.caption
    top = frame.loc[frame["estimate"].idxmax()]
    assert f"at {100 * top['estimate']:.0f}%. Lowest:" in made.alt
    assert made.png(NARROW).startswith(b"\x89PNG")


def test_the_map_says_how_many_saw_a_combination_but_not_how_few(wave, frame):
    chart = support_map(wave.survey, frame, "support", "right_switchers")
    beneath = chart.draw(WIDE).data["small"].tolist()
    assert all(text.endswith("seen by under 50") for text in beneath)
    assert set(chart.data["Saw it"]) == {"under 50"}
    never = frame.assign(extrapolated=True)
    chart = support_map(wave.survey, never, "support", "right_switchers")
    assert set(chart.data["Saw it"]) == {"not shown"}


def test_lines_have_both_bands_and_a_panel_a_level(wave, frame):
    plot = support_lines(wave.survey, frame, "support", "right_switchers").draw(WIDE)
    ribbons = [layer.mapping for layer in plot.layers if type(layer.geom).__name__ == "geom_ribbon"]
    assert [dict(own)["ymin"] for own in ribbons] == ["band_low", "conf_low"]
    panels = plot.data["panel"].cat.categories.tolist()
    assert [name.replace("\u00a0", " ") for name in panels] == [
        "No reduction †", "25% fewer †", "50% fewer †", "75% fewer †", "90% fewer",
    ]  # fmt: skip
    first = plot.data[plot.data["panel"] == panels[0]]
    assert first["place"].to_list() == [0, 1, 2, 3]


@pytest.mark.parametrize("chart", [support_map, support_lines])
def test_a_group_that_is_too_small_is_not_drawn(wave, frame, chart):
    few = frame.assign(n_respondents=49)
    made = chart(wave.survey, few, "support", "right_switchers")
    assert made.empty
    assert made.data.empty
    assert "%" not in made.alt.replace("90%", "")


def test_packages_stand_in_their_order_with_their_chance(wave, ranking):
    chart = best_chart(wave.survey, ranking, "lowest of all groups", "choice")
    plot = chart.draw(WIDE)
    assert plot.data["place"].to_list() == [3, 2, 1]
    assert plot.data["estimate"].is_monotonic_decreasing
    assert chart.data["Rank"].to_list() == ["1", "2", "3"]
    assert "3 best packages" in chart.alt
    unlikely = ranking.assign(probability_best=0.0)
    said = best_chart(wave.survey, unlikely, "lowest of all groups", "choice").data
    assert set(said["Best with chance"]) == {"<1%"}
    assert chart.png(NARROW).startswith(b"\x89PNG")


def test_a_ranking_with_a_small_group_is_not_drawn(wave, ranking):
    small = ranking.assign(n_respondents=np.where(ranking["rank"] == 1, 49, 685))
    assert best_chart(wave.survey, small, "labour_voters", "choice").empty
