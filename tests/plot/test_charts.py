"""Charts: what they draw, say and carry. Nothing here looks at pixels."""

import html
import re

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.offsetbox import DrawingArea

import conjoint as cj
from conjoint.plot import grid_chart, level_chart, several, several_chart, share_chart
from conjoint.plot.chart import NARROW, WIDE
from conjoint.plot.theme import group_styles, wrap


@pytest.fixture(scope="module")
def reduction(routes):
    return level_chart(routes.survey, routes.tables["marginal_means"], "reduction", "choice")


def layers(plot):
    return [type(layer.geom).__name__ for layer in plot.layers]


def test_groups_keep_their_colours_and_shapes(routes):
    styles = group_styles(routes.survey)
    assert [style[1] for style in styles.values()] == ["#000000", "#D55E00", "#0072B2", "#009E73"]
    assert len({style[2] for style in styles.values()}) == 4


def test_levels_stand_in_the_surveys_order_and_assumed_ones_are_marked(reduction):
    scale = reduction.draw(WIDE).scales.get_scales("y")
    assert [label.replace("\u00a0", " ") for label in scale.labels] == [
        "No reduction †", "25% fewer †", "50% fewer †", "75% fewer †", "90% fewer",
    ]  # fmt: skip
    assert list(scale.breaks) == [5, 4, 3, 2, 1]


def test_every_group_has_its_own_lane(reduction):
    drawn = reduction.draw(WIDE).data
    assert len(drawn) == 5 * 4
    assert drawn["place"].is_unique


def test_a_rule_at_one_half_stands_only_in_forced_choices(routes, reduction):
    means = routes.tables["marginal_means"]
    support = level_chart(routes.survey, means, "reduction", "support")
    effects = level_chart(routes.survey, routes.tables["amce"], "reduction", "choice")
    rules = [
        [layer._data["xintercept"].tolist() for layer in chart.draw(WIDE).layers
         if type(layer.geom).__name__ == "geom_vline"]
        for chart in (reduction, support, effects)
    ]  # fmt: skip
    assert rules == [[[0.5]], [[]], [[0.0]]]


def test_the_baseline_of_an_effect_is_drawn_at_zero(routes):
    chart = level_chart(routes.survey, routes.tables["amce"], "cap", "choice")
    drawn = chart.draw(WIDE).data
    assert (drawn.loc[drawn["level"] == "40000", "estimate"] == 0).all()
    assert "baseline" in chart.data["All"].tolist()


def test_legends_name_the_smallest_base(reduction):
    labels = reduction.draw(WIDE).scales.get_scales("color").labels
    assert [re.sub(r"[\d,]+", "n", label) for label in labels] == [
        "All (n+)", "Labour voters (n+)", "Right switchers (n+)", "Progressive switchers (n+)",
    ]  # fmt: skip


def test_legends_take_fewer_columns_on_a_phone(reduction):
    wide, narrow = (reduction.draw(width).guides.color.ncol for width in (WIDE, NARROW))
    assert narrow == 1 < wide


def test_a_share_chart_draws_the_headline_answer_of_each_group(routes):
    chart = share_chart(routes.survey, routes.tables["toplines"], "deal")
    drawn = chart.draw(WIDE).data
    assert list(drawn["shown"]) == ["48%", "62%", "67%", "65%"]
    assert layers(chart.draw(WIDE)) == ["geom_vline", "geom_segment", "geom_point", "geom_text"]
    assert "Right switchers 67% (56% to 76%)" in chart.alt
    assert chart.data["Base"].tolist()[0] == "2,369"


def test_a_grid_says_its_bases_and_where_they_are_too_small(routes):
    joint = routes.tables["joint_means"]
    chart = grid_chart(
        routes.survey, joint.assign(estimate=np.nan, n_respondents=30), "labour_voters"
    )
    drawn = chart.draw(WIDE).data
    assert set(drawn["figure"]) == {"–"}
    assert drawn["small"].str.contains("too small").all()
    assert "every base is too small" in chart.alt
    total = grid_chart(routes.survey, routes.tables["joint_means"], "Total")
    assert len(total.draw(WIDE).data) == 20
    small = total.draw(WIDE).data["small"]
    assert small.str.match(r"[<>]?\d+ to [<>]?\d+\nbase [\d,]+$").all()
    # Its interval excludes one half, and does not seem to touch it.
    assert small.str.startswith(">50 to 58\n").sum() == 1


def test_levels_that_are_put_together_fill_the_frame_of_those_that_are_not(routes):
    joint = routes.tables["joint_means"]
    frames = {}
    for group in ("Total", "right_switchers", "progressive_switchers"):
        drawn = grid_chart(routes.survey, joint, group).draw(WIDE).data
        assert (drawn["wide"] * drawn["high"]).sum() == 20
        frames[group] = [
            float((drawn[at] + sign * drawn[size] / 2).agg(end))
            for at, size in (("x", "wide"), ("y", "high"))
            for sign, end in ((-1, "min"), (1, "max"))
        ]
        assert frames[group] == frames["Total"]
    chart = grid_chart(routes.survey, joint, "right_switchers")
    assert set(chart.data.iloc[:, 0]) == {
        "5,000 or 10,000 a year\u00a0†",
        "20,000 or 40,000 a year\u00a0†",
    }
    assert "Highest: 5,000 or 10,000 a year\u00a0† with 75% fewer\u00a0† at 82%" in chart.alt


def test_a_grid_marks_bases_that_ask_for_caution(routes):
    chart = grid_chart(routes.survey, routes.tables["joint_means"], "progressive_switchers")
    known = chart.draw(WIDE).data.dropna(subset=["estimate"])
    assert known["small"].str.endswith("!").all()


def test_grids_of_all_groups_share_one_scale(routes):
    limits = {
        grid_chart(routes.survey, routes.tables["joint_means"], group)
        .draw(WIDE).scales.get_scales("fill").limits
        for group in ("Total", "labour_voters")
    }  # fmt: skip
    assert len(limits) == 1


def test_every_picture_of_a_synthetic_wave_says_so(routes, folder):
    synthetic = share_chart(routes.survey, routes.tables["toplines"], "deal")
    assert synthetic.draw(WIDE).labels.caption == "Synthetic wave: not for quotation"
    small = cj.run_analysis(folder.write())
    real = level_chart(small.survey, small.tables["marginal_means"], "price", "choice")
    assert real.draw(WIDE).labels.caption == ""


def test_the_html_has_a_picture_for_each_width_alt_text_and_the_figures(routes):
    chart = share_chart(routes.survey, routes.tables["toplines"], "deal").titled("Who", "Share")
    page = chart.html
    assert page.count("data:image/png;base64,") == 2
    assert f'alt="{html.escape(chart.alt, quote=True)}"' in page
    assert "<figcaption><strong>Who</strong> Share</figcaption>" in page
    assert page.count("<tr") == 1 + 4
    bundle = chart._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/png", "text/plain"}


def test_labels_are_text_in_html(folder):
    hostile = '<script>alert(1)</script> & "quotes" $x^2$'
    folder.replace('label = "Small"', f"label = '{hostile}'")
    folder.toml += "\n[thresholds]\ncaution_below = 0\nsuppress_below = 0\n"
    analysis = cj.run_analysis(folder.write())
    chart = level_chart(analysis.survey, analysis.tables["marginal_means"], "size", "choice")
    page = chart.titled(hostile, hostile).html
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("Half through community sponsorship", 18, ["Half through", "community", "sponsorship"]),
        ("Government accommodation", 9, ["Government", "accommodation"]),
        ("x" * 50, 10, ["x" * 20, "x" * 20, "x" * 10]),
        ("costs $5", 20, [r"costs \$5"]),
        ("", 10, [" "]),
    ],
)
def test_labels_wrap_and_never_start_a_formula(text, width, lines):
    assert wrap(text, width).split("\n") == lines


def test_legend_keys_wear_their_groups_colours_and_shapes(reduction):
    figure = reduction.draw(WIDE).draw()
    drawn = [part for area in figure.findobj(DrawingArea) for part in area.get_children()]
    keys = [part for part in drawn if isinstance(part, Line2D)]
    worn = [(to_hex(key.get_markerfacecolor()), key.get_marker()) for key in keys]
    plt.close(figure)
    assert worn == [("#000000", "o"), ("#d55e00", "s"), ("#0072b2", "^"), ("#009e73", "D")]


# --- Charts that attributes share -----------------------------------------------------------------


def test_attributes_share_charts_in_the_surveys_order(routes, monkeypatch):
    monkeypatch.setattr(several, "MOST_ROWS", 11)
    names = ["cap", "reduction", "returned", "partners", "arrival"]
    assert list(routes.survey.attributes) == names
    # Levels and headings: 5 and 6, then 4, 4; the last no longer fits.
    assert several.in_parts(routes.survey) == [("cap", "reduction"), ("returned", "partners"), ("arrival",)]  # fmt: skip
    monkeypatch.setattr(several, "MOST_ROWS", 3)
    assert several.in_parts(routes.survey) == [(name,) for name in names]


def test_a_shared_chart_has_everybodys_levels_under_their_attributes(routes):
    means, names = routes.tables["marginal_means"], ("cap", "reduction")
    chart = several_chart(routes.survey, means, names, "choice")
    assert chart.name == "means-cap-to-reduction"
    plot = chart.draw(WIDE)
    own = means[(means["outcome"] == "choice") & (means["group"] == "Total")]
    wanted = own[own["attribute"].isin(names)]
    drawn = plot.data.sort_values("place", ascending=False)
    assert drawn["estimate"].to_list() == wanted["estimate"].to_list()
    scale = plot.scales.get_scales("y")
    assert len(scale.breaks) == len(wanted) == 9
    (heads,) = (layer._data for layer in plot.layers if type(layer.geom).__name__ == "geom_label")
    assert [label.split(" (")[0] for label in heads["label"]] == [
        "Cap on managed arrivals", "Reduction in small boat crossings",
    ]  # fmt: skip
    fewest = wanted.groupby("attribute")["n_respondents"].min()
    assert [f"({fewest[name]:,}+)" in label for name, label in zip(names, heads["label"], strict=True)] == [True] * 2  # fmt: skip
    places = [*heads["place"], *scale.breaks]
    assert sorted(places, reverse=True) == [heads["place"][0], *scale.breaks[:4], heads["place"][1], *scale.breaks[4:]]  # fmt: skip
    # The axis is that of all attributes, so that charts can be compared.
    low, high = plot.coordinates.limits.x
    assert low < own["conf_low"].min() < own["conf_high"].max() < high
    assert list(chart.data.columns[:3]) == ["Attribute", "Level", "All"]
    assert len(chart.data) == 9
    assert "Cap on managed arrivals: 5,000 a year " in chart.alt
