"""The page of a comparison: honest words, flags, a trend, and no respondent."""

import html
import re
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import conjoint as cj
from conftest import ROOT, ROUTES
from conjoint.analysis import comparison_analysis, read_bundle
from conjoint.compare import compare
from conjoint.plot import Chart
from conjoint.plot.chart import NARROW, WIDE
from conjoint.plot.trend import trend_chart
from conjoint.report.change import chance_line, change_claim
from conjoint.report.comparison import ComparisonReport
from conjoint.report.show import markdown

sys.path.insert(0, str(Path(__file__).parent.parent / "compare"))
from two_waves import asked, draw

AUTUMN = ROOT / "surveys" / "routes_for_returns_2026_autumn"


@pytest.fixture(scope="module")
def waves():
    return [cj.rake(cj.read_wave(folder)) for folder in (ROUTES, AUTUMN)]


@pytest.fixture(scope="module")
def bundle(waves):
    compared = compare(*waves, by="segments")
    return comparison_analysis(waves, compared, [ROUTES, AUTUMN], "--by segments")


@pytest.fixture(scope="module")
def page(bundle, tmp_path_factory):
    pytest.importorskip("pypandoc", reason="needs the report extra")
    from conjoint.report import render_report

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("conjoint.report.render.find_quarto", lambda: None)
        return render_report(bundle, tmp_path_factory.mktemp("c"), report="compare_report").path


def text_of(parts):
    return markdown(part for part in parts if not isinstance(part, Chart)).replace("\\", "")


def of(*waves, **how):
    compared = compare(*waves, **how)
    return ComparisonReport(
        comparison_analysis(waves, compared, [ROUTES] * len(waves))
        if waves[0].survey.data
        else _bundle(waves, compared)
    )


def _bundle(waves, compared):
    """A bundle of waves that no folder holds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("conjoint.analysis.pages.provenance_of", lambda *_: {
            "survey": "x", "synthetic": False, "inputs": {}, "versions": {}})  # fmt: skip
        return comparison_analysis(waves, compared, ["x"] * len(waves))


def test_the_page_says_what_changed_and_what_is_not_compared(page):
    text = html.unescape(re.sub(r"base64,[^\"]+", "", page.read_text("utf-8")))
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text))
    assert "The share of British adults who support the deal rose: 48% in May 2026, 55% in" in plain
    assert "is not compared: its wording changed." in plain
    assert "and pay tax" in plain
    assert "No person gave the answers of May 2026 and October 2026." in plain
    assert "+7.1 (+2.9 to +11.2)" in plain
    assert "Of the change of +7.1 points" in plain
    assert re.search(
        r"\d of \d+ tables show a clear change\. Every change is held against all others", plain
    )
    assert (
        "conjoint compare routes_for_returns_2026 routes_for_returns_2026_autumn --by segments"
        in plain
    )
    assert "routes_for_returns_2026_autumn/responses.csv" in plain


def test_nobody_is_on_the_page_or_in_its_bundle(page, waves):
    ids = {str(own) for wave in waves for own in wave.people}
    for file in (page, *(page.parent / "compare_data").iterdir()):
        words = set(re.findall(r"\w+", re.sub(r"base64,[^\"]+", "", file.read_text("utf-8"))))
        assert not words & ids, file.name


def test_the_bundle_reads_back(page, bundle):
    again = read_bundle(page.parent / "compare_data")
    first, second = (text_of(ComparisonReport(own).tables()) for own in (bundle, again))
    assert first == second
    assert text_of(ComparisonReport(again).decomposition()) == text_of(
        ComparisonReport(bundle).decomposition()
    )


def test_waves_that_say_nothing_of_themselves_read_back(waves, bundle, tmp_path):
    bare = bundle.tables["waves"].assign(start="", end="", mode="", population="", margins="")
    analysis = replace(bundle, tables={**bundle.tables, "waves": bare})
    report = ComparisonReport(read_bundle(analysis.write(tmp_path / "b")))
    text = text_of(report.method())
    assert "nan" not in text
    assert re.search(r"\*\*Fieldwork\*\* *\| *Not stated", text)


def test_small_bases_are_not_in_the_bundle(page):
    changes = pd.read_csv(page.parent / "compare_data" / "changes.csv")
    small = changes[changes[["n_first", "n_second"]].min(axis=1) < 50]
    assert len(small)
    assert small["change"].isna().all()


def test_only_what_is_clear_after_adjustment_rose():
    """A change whose own interval keeps off zero, and whose adjusted test does not, did not rise."""
    a, b = draw(1, 300, prefix="a"), draw(2, 300, prefix="b")
    report = of(a, b)
    row = report.latest[report.latest["level"] == "Support"].iloc[0].to_dict()
    row |= {"change": 0.05, "conf_low": 0.01, "conf_high": 0.09, "p_adjusted": 0.08}
    row |= {"verdict": "no clear change", "detectable": 0.06}
    said = change_claim(report.analysis.survey, row, "").marked
    assert "no clear change" in said
    assert "rose" not in said
    assert "under about 6" in said
    assert "rose" in change_claim(report.analysis.survey, row | {"verdict": "rose"}, "").text


def test_two_waves_of_one_truth_read_as_no_clear_change():
    report = of(draw(11, 300, prefix="a"), draw(12, 300, prefix="b"), family="comparison")
    text = text_of(report.verdict())
    assert "no clear change" in text
    assert not re.search(r"\b(rose|fell|more often|less often)\b", text)
    assert "one comparison in 20, at most, would show any" in text
    assert "Nothing differs between the waves" in text_of(report.flags())
    assert "Synthetic" not in text_of(report.opening())


def test_words_of_a_survey_stay_text():
    survey = asked(
        "2026-10-05", questions__deal__label="<b>{{< include x >}}</b>", mode="<i>Post</i>"
    )
    report = of(
        draw(1, 200, prefix="a"), draw(2, 200, prefix="b", survey=survey), despite=("mode",)
    )
    parts = [*report.verdict(), *report.flags(), *report.tables(), *report.method()]
    whole = markdown(parts)
    assert "include x" in whole
    assert not re.search(r"(?<!\\)<", whole)


def test_the_chart_joins_only_what_can_be_compared(bundle):
    report = ComparisonReport(bundle)
    deal, work = report.trend()
    assert "Not joined" not in deal.measure
    assert "Not joined" in work.measure
    assert "48% in May 2026, 55% in October 2026" in deal.alt
    assert list(deal.data["Base"][:1]) == ["2,369"]
    for width in (WIDE, NARROW):
        assert deal.png(width)[:4] == b"\x89PNG"


def test_a_trend_of_many_waves_is_drawn():
    pytest.importorskip("plotnine")
    waves = [
        draw(seed, 150, survey=asked(f"2026-{seed:02d}-01"), prefix=f"w{seed}")
        for seed in range(1, 6)
    ]
    report = of(*waves)
    chart = next(iter(report.trend()))
    own = chart.draw(WIDE)
    assert own.data["wave"].nunique() == 5
    assert own.layers[0]._data["line"].nunique() == 4
    alone = trend_chart(
        waves[-1].survey,
        report.analysis.tables["trend"],
        report.waves,
        "deal",
        "Support",
        joined=(),
    )
    assert alone.draw(WIDE).layers[0]._data.empty
    assert "other waves are in the data" in text_of(report.tables())


@pytest.mark.parametrize(
    ("tables", "clear", "told"),
    [(20, 4, "4 of them show"), (20, 1, "1 of them shows"), (3, 0, "none of them show"), (3, 0, "fewer than one")],
)  # fmt: skip
def test_chance_is_told(tables, clear, told):
    asked_for = {"tables": tables, "confidence": 0.95, "family": "table"}
    assert told in chance_line(asked_for, clear)


def test_three_waves_are_told_from_the_last_and_from_the_first():
    waves = [
        draw(seed, 900, prefix=f"w{seed}", lift=lift, survey=asked(day))
        for seed, lift, day in ((1, 0.0, "2026-05-11"), (2, 0.15, "2026-08-10"), (3, 0.15, "2026-10-05"))
    ]  # fmt: skip
    report = of(*waves)
    text = text_of(report.verdict()).replace("&nbsp;", " ").replace("\u00a0", " ")
    last, rest = text.split("### From May 2026 to October 2026")
    assert "### From August 2026 to October 2026" in last
    assert "no clear change" in last
    assert "rose" not in last
    assert "rose" in rest
    found = compare(*waves).frame
    keys = ["kind", "outcome", "item", "group", "first", "second"]
    clear = found[found["verdict"].isin(["rose", "fell"])][keys].drop_duplicates()
    assert f"{len(clear)} of " in rest
    assert len(clear) >= 2
