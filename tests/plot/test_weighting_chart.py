"""Charts of the weighting: what they draw, say and carry."""

import itertools
import warnings

import pandas as pd
import pytest

from conjoint.plot import weighting_chart, weights_chart
from conjoint.plot.chart import NARROW, WIDE


@pytest.fixture(scope="module")
def before_after(routes):
    return weighting_chart(routes.survey, routes.tables["weighting"])


@pytest.fixture(scope="module")
def histogram(routes):
    tables = routes.tables
    return weights_chart(routes.survey, tables["weight_histogram"], tables["weighting_summary"])


def test_every_category_has_a_ring_a_dot_and_a_stroke(routes, before_after):
    drawn = before_after.draw(WIDE).data
    assert drawn["what"].value_counts().to_dict() == {
        "Unweighted": 35, "Weighted": 35, "Target": 35,
    }  # fmt: skip
    whole = routes.tables["weighting"]
    table = whole[whole["unweighted"].notna()]
    assert len(whole) == 37  # two would give away a few people
    assert before_after.data["Unweighted"].tolist().count("not shown") == 2
    for what, column in (("Unweighted", "unweighted"), ("Weighted", "weighted")):
        assert drawn.loc[drawn["what"] == what, "value"].tolist() == table[column].tolist()


def test_rows_stand_apart_in_the_tables_order(before_after):
    for width in (WIDE, NARROW):
        drawn = before_after.draw(width).data
        places = drawn.loc[drawn["what"] == "Target", "place"].tolist()
        assert places == sorted(places, reverse=True)
        assert min(a - b for a, b in itertools.pairwise(places)) > 0.99


def test_margins_have_their_questions_names(before_after):
    headings = before_after.draw(WIDE).layers[2]._data["text"].tolist()
    assert headings == ["Age group by sex", "Region", "Education", "Vote in 2024", "Vote in 2016"]
    assert before_after.data["Margin"].iloc[-1] == "Vote in 2016"


def test_the_words_say_the_furthest_category_and_whether_targets_are_met(routes, before_after):
    assert "Did not vote (Vote in 2024), 27% of the sample against a target of 40%" in (
        before_after.alt
    )
    assert before_after.alt.endswith("After weighting every category meets its target.")
    table = routes.tables["weighting"]
    missed = table.assign(weighted=table["weighted"] + 0.004)
    assert "further than 0.4 points" in weighting_chart(routes.survey, missed).alt


def test_without_targets_there_is_nothing_to_draw(routes):
    assert weighting_chart(routes.survey, routes.tables["weighting"].head(0)).empty


def test_nothing_drawn_lies_outside_the_picture(before_after, histogram):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for chart in (before_after, histogram):
            for width in (WIDE, NARROW):
                assert chart.png(width).startswith(b"\x89PNG")


def test_bars_areas_count_people(routes, histogram):
    drawn = histogram.draw(WIDE).data
    area = drawn["height"] * (drawn["end"] - drawn["start"]) / drawn["step"]
    assert area.tolist() == pytest.approx(drawn["n_respondents"].tolist())
    assert drawn["n_respondents"].sum() == 2369
    assert histogram.data["People"].str.replace(",", "").astype(int).sum() == 2369


def test_the_histogram_marks_the_mean_and_says_what_the_weights_cost(histogram):
    plot = histogram.draw(WIDE)
    rules = [
        layer._data["xintercept"].tolist()
        for layer in plot.layers
        if type(layer.geom).__name__ == "geom_vline"
    ]
    assert rules == [[1]]
    said = "Efficiency 77.4%. Weights from 0.38 to 6.24."
    assert plot.labels.caption == f"{said}\nSynthetic wave: not for quotation"
    assert histogram.alt.endswith(said)


def test_equal_weights_have_no_histogram(routes):
    bins = pd.DataFrame({"start": [1.0], "end": [1.01], "step": [0.01], "n_respondents": [60]})
    assert weights_chart(routes.survey, bins, routes.tables["weighting_summary"]).empty
