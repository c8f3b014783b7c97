"""Charts of many segments, and of letters that few fonts have."""

import io
import warnings

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from conjoint.explorer.data import SHAPES
from conjoint.plot import level_chart, pull_chart
from conjoint.plot.chart import NARROW, WIDE
from conjoint.plot.theme import ABSENT, SEGMENT_SHAPES, drawable, font_settings, use_font, wrap
from conjoint.say.words import printable


@pytest.fixture
def many(routes):
    """The survey that ships with ten segments: its own, again and again."""
    own = list(routes.survey.segments)
    names = {f"{name}_{turn}": name for turn in range(4) for name in own}
    names = dict(list(names.items())[:10])
    segments = {
        key: routes.survey.segments[name].model_copy(update={"label": f"{key} 🚤 الحد الأقصى"})
        for key, name in names.items()
    }
    survey = routes.survey.model_copy(update={"segments": segments})
    means = routes.tables["marginal_means"]
    parts = [means[means["group"] == "Total"]]
    parts += [means[means["group"] == name].assign(group=key) for key, name in names.items()]
    return survey, pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_more_than_seven_segments_have_a_panel_each(many, width):
    survey, means = many
    plot = level_chart(survey, means, "cap", "choice").draw(width)
    drawn_rows = plot.data
    assert drawn_rows["panel"].nunique() == 10
    assert (drawn_rows.groupby("panel", observed=True)["group"].nunique() == 2).all()
    assert plot.labels.caption.startswith("Grey: everybody.")


def test_seven_segments_still_share_one_panel(many):
    survey, means = many
    seven = {name: survey.segments[name] for name in list(survey.segments)[:7]}
    few = survey.model_copy(update={"segments": seven})
    own = means[means["group"].isin(["Total", *seven])]
    plot = level_chart(few, own, "cap", "choice").draw(WIDE)
    assert "panel" not in plot.data
    assert len(set(plot.scales.get_scales("color").palette(8))) == 8


def test_panels_are_drawn_without_a_warning(many):
    survey, means = many
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert level_chart(survey, means, "cap", "choice").png(NARROW)[:4] == b"\x89PNG"


def test_letters_that_no_font_has_are_boxes_in_pictures_and_stay_in_text():
    # DejaVu Sans, which comes with matplotlib, has Greek and Arabic, and no Linear B.
    assert drawable("όριο الحد 𐀀") == f"όριο الحد {ABSENT}"
    assert printable("𐀀 👩‍👧") == "𐀀 👩‍👧"
    assert wrap("👩\u200d👧 two\x07", 20).endswith(" two")


def test_nothing_runs_over_the_edges_of_the_picture(many):
    survey, means = many
    for width in (WIDE, NARROW):
        png = level_chart(survey, means, "cap", "choice").png(width)
        pixels = np.asarray(Image.open(io.BytesIO(png)).convert("L"))
        edges = [pixels[:3], pixels[-3:], pixels[:, :3], pixels[:, -3:]]
        assert min(edge.min() for edge in edges) > 200  # a letter that is cut leaves ink there


def test_a_font_of_ones_own_comes_first_where_it_is_installed():
    try:
        use_font("DejaVu Serif")
        assert font_settings()["font.family"][0] == "DejaVu Serif"
        use_font("No Such Font")
        assert "No Such Font" not in font_settings()["font.family"]
    finally:
        use_font("")


def test_the_explorer_knows_every_shape_that_a_chart_may_draw():
    assert set(SEGMENT_SHAPES) <= set(SHAPES)
    assert len(set(SHAPES.values())) == len(SHAPES)


def test_pulls_are_drawn_best_first_with_everybody_beside(routes):
    chart = pull_chart(routes.survey, routes.tables["pulls"], "progressive_switchers")
    levels = list(chart.data["Level"])
    assert levels[0].startswith("May work from day one")
    assert levels[-1] == "5,000 a year"
    assert len(levels) == 6
    assert "5,000 a year −8" in chart.alt
    plot = chart.draw(WIDE)
    assert set(plot.data["group"]) == {"progressive_switchers", "Total"}
    assert chart.data["All"].str.contains("base 2,").all()
