"""A segment report of many attributes, and what it says of those not always shown."""

from types import SimpleNamespace

import pytest
from tables_in import words_in

from conjoint.plot import Chart
from conjoint.report import SegmentReport, passage, segment
from conjoint.report.show import formats_wanted, parts_of
from conjoint.report.show import markdown as shown
from conjoint.say.words import escape
from conjoint.scenario.explorer import explorer_tables
from conjoint.table import Table
from conjoint.table.markdown import markdown


@pytest.fixture
def report(routes, monkeypatch):
    monkeypatch.setattr(segment, "MOST_CHARTS", 4)
    return SegmentReport(routes)


def test_many_attributes_share_charts_and_each_can_be_found(report):
    parts = [part for part in report.movers() if part]
    charts = [part for part in parts if isinstance(part, Chart)]
    assert [chart.name for chart in charts] == ["means-cap-to-arrival"]
    text = words_in(parts)
    assert text.startswith("Attributes are in the order of the survey.")
    assert "strongest" not in text
    survey = report.analysis.survey
    for place, name in enumerate(survey.attributes, 1):
        label = survey.attribute_label(name)
        assert f"[{escape(label)}](#moves-{place})" in text
        line = next(row for row in text.splitlines() if row.startswith(f"- [**{escape(label)}.**]"))
        assert f"{{#moves-{place}}}" in line
        assert line.count("points") >= 1


def test_effects_of_many_attributes_are_a_table(report):
    survey, parts = report.analysis.survey, list(report.appendix())
    assert not [part for part in parts if isinstance(part, Chart)]
    (table,) = (part for part in parts if isinstance(part, Table))
    lines = [line for line in markdown(table).replace("\\", "").splitlines() if "base " in line]
    levels = sum(len(own.levels) - 1 for own in survey.attributes.values())
    assert len(lines) == levels
    effects = report.analysis.tables["amce"].set_index(["outcome", "group", "attribute", "level"])
    row = effects.loc["choice", "Total", "reduction", "90%"]
    line = next(line for line in lines if "90% fewer" in line)
    assert f"{100 * row['estimate']:+.0f} (" in line
    assert f"base {row['n_respondents']:,}" in line


def test_a_few_attributes_have_a_chart_each_in_an_order_that_is_said(routes):
    parts = list(SegmentReport(routes).movers())
    assert "after allowing for chance" in parts[0]
    assert "is not tested" in parts[0]
    charts = [part for part in parts if isinstance(part, Chart)]
    assert len(charts) == len(routes.survey.attributes)


def test_a_chart_of_a_page_gets_its_slide_when_a_presentation_asks_for_it(routes, tmp_path):
    """Reports of one run may lack different formats, and share a chart."""
    chart = next(parts_of(SegmentReport(routes).headlines(), Chart))
    slide = tmp_path / "figures" / "slides" / f"{chart.stem}.png"
    for wanted, is_there in (("html", False), ("pptx", True)):
        with formats_wanted([wanted]):
            shown([chart], tmp_path)
        assert slide.exists() == is_there


@pytest.fixture(scope="module")
def sometimes(simulated, as_wave):
    """Colour in 90 of 360 profiles, of one arm; size in the first 216 of each six tasks' rows."""
    frame = simulated(2, n=60)
    frame["arm"] = ["x" if who < 15 else "y" for who in frame["id"]]
    frame["colour"] = frame["colour"].where(frame["arm"] == "x")
    frame["size"] = frame["size"].where(frame.index % 5 < 3)
    presence = {"colour": {"column": "arm", "arm": "x"}, "size": "some"}
    wave = as_wave(frame, presence=presence, segments=["arm"])
    return SimpleNamespace(survey=wave.survey, tables=explorer_tables(wave))


def test_how_often_an_attribute_was_shown_is_said_with_its_count(sometimes):
    assert passage.shown_only(sometimes, "price") == ""
    assert passage.shown_only(sometimes, "size") == (
        "216 (60%) of the 360 profiles showed it: figures are of these."
    )
    assert passage.shown_only(sometimes, "colour") == (
        "90 (25%) of the 360 profiles showed it, to people with “x” (arm) alone: figures are of these."
    )
    assert passage.shown_only(sometimes, "price", "colour", "size") == (
        "“colour” was shown by 90 (25%) of the 360 profiles, to people with “x” (arm) alone. “size” was "
        "shown by 216 (60%) of the 360 profiles. The figures of an attribute are of those that showed it."
    )
    assert passage.attributes_intro(sometimes).endswith("Not every profile showed all of them.")


def test_attributes_alike_are_told_in_one_sentence(simulated, as_wave):
    frame = simulated(2, n=60)
    frame["colour"] = frame["colour"].where(frame.index % 2 == 0)
    frame["size"] = frame["size"].where(frame.index % 10 < 4)
    frame["price"] = frame["price"].where(frame.index % 10 > 0)
    wave = as_wave(frame, presence=dict.fromkeys(["colour", "size", "price"], "some"))
    analysis = SimpleNamespace(survey=wave.survey, tables=explorer_tables(wave))
    assert passage.shown_only(analysis, *wave.survey.attributes) == (
        "Each attribute was shown by 144 to 324 (40% to 90%) of the 360 profiles. "
        "The figures of an attribute are of those that showed it."
    )
