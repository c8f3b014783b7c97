"""The technical appendix: every figure that of an estimator, every way to make it, reasons where none."""

import html
import re

import numpy as np
import pandas as pd
import pytest
from nasty_survey import HARM, ISLE, SOUTH, write_nasty
from tables_in import columns, tables_in, words_in

import conjoint as cj
from conftest import ROUTES, SMALL_TOML, SurveyFolder
from conjoint.plot.specification import MOST_LEVELS, specification_charts
from conjoint.report import AppendixReport, render_report
from conjoint.report.robustness import OUTSIDE, TURNED, Robustness
from conjoint.report.table_slides import appendix_slides
from conjoint.say.number import amount, p_value
from conjoint.table import Table

METHODS = (
    "opening", "figures", "design", "audit", "weighting", "estimates", "robustness", "reliability",
    "multiplicity", "omnibus", "reproduction",
)  # fmt: skip


def everything(report):
    return [part for name in METHODS for part in getattr(report, name)()]


def words_of(report, *names):
    """What sections say, pictures left out."""
    return words_in(part for name in names for part in getattr(report, name)())


def tables_of(report, name, folder):
    parts = getattr(report, name)()
    return tables_in((part for part in parts if isinstance(part, Table)), folder)


@pytest.fixture(scope="module")
def report(routes):
    return AppendixReport(routes)


@pytest.fixture(scope="module")
def wave():
    return cj.rake(cj.read_wave(ROUTES))


@pytest.fixture(scope="module")
def nasty(tmp_path_factory):
    folder = SurveyFolder(tmp_path_factory.mktemp("nasty"), "", pd.DataFrame(), "")
    return AppendixReport(cj.run_analysis(write_nasty(folder)))


def reduced(frame, level="90%"):
    return frame[(frame["attribute"] == "reduction") & (frame["level"] == level)].iloc[0]


def test_effects_are_those_of_amce(report, wave, tmp_path):
    found = tables_of(report, "estimates", tmp_path)
    assert "All: joint marginal means, “Deal supported”" in found
    told = columns(found["Deal preferred, everybody: average marginal component effects"])
    row = reduced(cj.amce(wave, outcome="choice").frame)
    assert told["Points"]["90% fewer"] == f"+{100 * row['estimate']:.1f}"
    assert told["SE"]["90% fewer"] == f"{100 * row['std_error']:.2f}"
    ends = [f"+{100 * row[end]:.1f}" for end in ("conf_low", "conf_high")]
    assert told["95% interval"]["90% fewer"] == " to ".join(ends)
    assert told["People"]["90% fewer"] == f"{row['n_respondents']:,}"
    assert told["Points"]["No reduction †"] == "baseline"


def test_segments_that_differ_from_everybody_are_marked(report, routes, tmp_path):
    found = tables_of(report, "estimates", tmp_path)
    told = columns(found["Deal preferred, segments: marginal means"])
    gone = routes.tables["departures"]
    own = gone[(gone["outcome"] == "choice") & (gone["attribute"] == "partners")]
    for row in own.to_dict("records"):
        label = {"labour_voters": "Labour voters", "right_switchers": "Right switchers",
                 "progressive_switchers": "Progressive switchers"}[row["group"]]  # fmt: skip
        level = next(name for name in told["Level"] if row["level"].split(" ")[0] in name)
        assert ("‡" in told[label][level]) == (row["p_holm"] < 0.05)
    assert "!" in told["Right switchers"]["5,000 a year"]


def test_robustness_is_that_of_the_estimators(report, wave, tmp_path):
    found = tables_of(report, "robustness", tmp_path)
    errors = columns(
        found["Labour voters, average marginal component effects: standard errors, by variance"]
    )
    for name in ("CR1", "CR2", "CR3"):
        made = cj.amce(wave, ["labour_voters"], outcome="choice", variance=name)
        row = reduced(made.frame)
        assert errors[name]["90% fewer"] == f"{100 * row['std_error']:.2f}"
    at = made.labels.index[(made.labels["level"] == "90%")][0]
    degrees = cj.amce(wave, ["labour_voters"], outcome="choice", variance="CR2").degrees[at]
    assert errors["CR2's df"]["90% fewer"] == f"{degrees:,.0f}"
    others = columns(found["Labour voters, average marginal component effects: made otherwise"])
    for head, options in (("Absorbed", {"absorb": "respondent"}), ("Logit", {"model": "logit"})):
        row = reduced(cj.amce(wave, ["labour_voters"], outcome="choice", **options).frame)
        reach = 100 * (row["conf_high"] - row["conf_low"]) / 2
        assert (
            others[head]["90% fewer"].split(" ▲")[0] == f"+{100 * row['estimate']:.1f} ±{reach:.1f}"
        )
    rates = cj.reliability(wave, ["labour_voters"], outcome="choice")
    row = reduced(cj.corrected(cj.amce(wave, ["labour_voters"], outcome="choice"), rates).frame)
    assert others["Corrected"]["90% fewer"].startswith(f"+{100 * row['estimate']:.1f} ")


def test_differences_from_the_main_figure_are_marked(routes, tmp_path):
    made = Robustness(routes)
    told = columns(tables_in(made.others("amce", "Total", "x"), tmp_path).popitem()[1])
    table = routes.tables["robustness"].query(
        "figure == 'amce' and group == 'Total' and level != ''"
    )
    wide = table.set_index(["method", "attribute", "level"])
    heads = {"unweighted": "Unweighted", "logit": "Logit", "corrected": "Corrected"}
    seen = set()
    for (method, attribute, level), row in wide.iterrows():
        main = wide.loc["linearised", attribute, level]
        if method not in heads or np.isnan(main["conf_low"]):
            continue
        label = routes.survey.level(attribute, level).shown
        cell = next(text for name, text in told[heads[method]].items() if name.startswith(label))
        outside = not main["conf_low"] <= row["estimate"] <= main["conf_high"]
        turned = (main["conf_low"] > 0, main["conf_high"] < 0) != (
            row["conf_low"] > 0,
            row["conf_high"] < 0,
        )
        assert (OUTSIDE in cell, TURNED in cell) == (outside, turned), (method, level)
        seen |= {outside, turned}
    assert seen == {True, False}
    summary = columns(tables_in([made.summary()], tmp_path).popitem()[1])
    turned = sum(TURNED in cell for cell in told["Unweighted"].values())
    assert summary["Unweighted"]["All"] == str(turned)


def test_p_values_allow_for_all_effects(report, wave, tmp_path):
    found = tables_of(report, "multiplicity", tmp_path)
    told = columns(found["Right switchers: p-values of effects"])
    holm = reduced(cj.adjust(cj.amce(wave, ["right_switchers"], outcome="choice")), "50%")
    assert told["Holm"]["50% fewer †"] == p_value(holm["p_adjusted"])
    counts = columns(
        next(table for name, table in found.items() if name.startswith("Effects with"))
    )
    made = cj.adjust(cj.amce(wave, ["right_switchers"], outcome="choice"))
    assert counts["By Holm"]["Right switchers"] == str((made["p_adjusted"] < 0.05).sum())


def test_joint_tests_and_reliability(report, wave, tmp_path):
    found = tables_of(report, "omnibus", tmp_path)
    between = columns(next(table for name, table in found.items() if "segments differ" in name))
    direct = cj.omnibus(cj.marginal_means(wave, "segments", outcome="choice")).set_index(
        "attribute"
    )
    row = direct.loc["cap"]
    assert between["F"]["Cap on managed arrivals"] == f"{row['statistic']:.2f}"
    assert between["df"]["Cap on managed arrivals"] == f"6; {row['df_denom']:,.0f}"
    rates = tables_of(report, "reliability", tmp_path).popitem()[1]
    assert rates[1][:2] == ["All", "60.7%"]
    assert rates[1][-1] == "2,369"


def test_the_audit_is_whole(report, routes):
    text = words_of(report, "audit")
    assert text.count("]{.verdict") >= len(routes.tables["audit"])
    assert "### The order" in text


def test_it_says_what_it_was_made_of(report, routes):
    text = words_of(report, "reproduction")
    for digest in routes.provenance["inputs"].values():
        assert digest in text
    assert "with the seed 20260511" in text
    assert "conjoint report" in text
    assert "--report appendix" in text
    for name in ("linearmodels", "statsmodels"):
        assert name in text


def test_small_categories_of_a_target_are_stars(nasty, tmp_path):
    found = columns(
        tables_of(nasty, "weighting", tmp_path)["Targets, the sample before weighting and after"]
    )
    assert found["People"] | {"Region": ""} == {
        "Isle": "*",
        "South": "*",
        "North": "150",
        "Region": "",
    }
    assert found["Unweighted"]["South"] == "*"
    assert found["Target"]["South"] == "40.0%"


def test_a_hidden_segment_has_no_figure_anywhere(nasty, tmp_path):
    for name in ("estimates", "robustness", "multiplicity", "omnibus"):
        for caption, table in tables_of(nasty, name, tmp_path).items():
            assert "Isle people" not in caption
            assert not [head for head in table[0] if head.startswith("Isle people")]
    text = words_of(nasty, "estimates", "robustness", "weighting", "multiplicity")
    assert not re.search(rf"\|({ISLE}|{SOUTH})\|", text)


def test_what_a_survey_says_is_text(nasty, tmp_path):
    pypandoc = pytest.importorskip("pypandoc", reason="needs the report extra")
    source = words_of(nasty, *METHODS)
    assert "{{<" not in source
    page = pypandoc.convert_text(
        source, "html5", format="markdown-auto_identifiers+gfm_auto_identifiers"
    )
    assert "<script" not in page
    assert '<span class="math' not in page
    words = " ".join(html.unescape(re.sub(r"<[^>]+>", "", page)).split())
    for harm in HARM:
        assert harm in words.replace("’", "'").replace("‘", "'"), harm


def test_what_is_not_available_says_why(folder):
    report = AppendixReport(cj.run_analysis(folder.write()))
    text = words_of(report, "robustness", "reliability").replace("\\", "")
    assert "Corrected: not available, because no task was repeated." in text
    assert "All: not available, because no task was repeated." in text
    assert "nan" not in text


def test_without_segments_targets_or_questions(folder):
    folder.toml = SMALL_TOML[: SMALL_TOML.index("[questions.party]")]
    folder.targets = ""
    report = AppendixReport(cj.run_analysis(folder.write()))
    text = words_of(report, *METHODS).replace("\\", "")
    assert "The figures are not weighted" in text
    assert "–: not available, because fewer than two segments are shown." in text
    assert "Segments:" not in text
    assert not re.search(r"\bnan\b", text)
    assert list(appendix_slides(report))


def test_a_restricted_design_says_what_never_meets(folder):
    folder.replace(
        "[outcomes.choice]",
        '[[restrictions]]\nnever.price = "low"\nnever.colour = "red"\n\n[outcomes.choice]',
    )
    frame = folder.responses
    for task in "123":
        for who in "AB":
            bad = (frame[f"t{task}_{who}_price"] == "low") & (
                frame[f"t{task}_{who}_colour"] == "red"
            )
            frame.loc[bad, f"t{task}_{who}_colour"] = "green"
    text = words_of(AppendixReport(cj.run_analysis(folder.write())), "design")
    assert "Never together: “low” (price) with “red” (colour)." in text


def test_of_many_segments_only_everybody_has_tables_of_robustness(report, monkeypatch):
    assert "Right switchers, average marginal" in words_of(report, "robustness").replace("\\", "")
    monkeypatch.setattr("conjoint.report.appendix.MOST_GROUPS", 3)
    text = words_of(AppendixReport(report.analysis), "robustness").replace("\\", "")
    assert "All, average marginal component effects" in text
    assert "Right switchers, average marginal" not in text
    assert "Every segment's figures are in robustness.csv of the bundle." in text
    assert "**Right switchers**" in text  # in the table of verdicts


def test_charts_hold_what_can_be_read(routes):
    charts = list(specification_charts(routes.survey, routes.tables["robustness"]))
    assert len(charts) == 2
    for chart in charts:
        assert len(chart.data) <= MOST_LEVELS
        assert "95% intervals" in chart.alt
        assert set(chart.data.columns) >= {"Main figure", "Unweighted", "Absorbed", "Logit"}


def test_slides_hold_tables_that_fit(report):
    for slide in appendix_slides(report):
        for part in slide.parts:
            if isinstance(part, Table):
                assert len(part.rows) <= 9
                assert len(part.columns) <= 8


@pytest.fixture(scope="module")
def page(routes, tmp_path_factory):
    pytest.importorskip("pypandoc", reason="needs the report extra")
    target = tmp_path_factory.mktemp("appendix")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("conjoint.report.render.find_quarto", lambda: None)
        return render_report(routes, target, report="technical_appendix").path


def test_the_page_is_one_file_without_markup(page):
    text = page.read_text("utf-8")
    assert page.stat().st_size < 3_000_000
    links = re.findall(r'(?:src|href|srcset)="([^"]{1,80})', text)
    assert [link for link in links if not link.startswith(("data:", "#"))] == []
    body = text[text.index("<body") :]
    assert body.count("<table") > 30
    assert all(re.search(r'alt="[^"]{40,}', image) for image in re.findall(r"<img[^>]+>", body))
    words = html.unescape(re.sub(r"<style.*?</style>|<[^>]+>", " ", body, flags=re.DOTALL))
    for markup in ("{#", ":::", "**", "\\", "{.verdict", "#|"):
        assert markup not in words, markup
    assert not re.search(r"\b(nan|NaN)\b", words)
    assert re.search(r"Table\s\d+: Deal preferred, everybody: marginal means", words)


def test_differences_from_everybody_are_those_of_the_bundle(report, routes, tmp_path):
    made = tables_in(report.estimates(), tmp_path)
    table = columns(made["Deal preferred, segments less everybody: differences of marginal means"])
    own = routes.tables["departures"]
    own = own[(own["outcome"] == "choice") & (own["attribute"] == "cap")]
    for group, head in (("labour_voters", "Labour voters"), ("right_switchers", "Right switchers")):
        row = own[(own["group"] == group) & (own["level"] == "5000")].iloc[0]
        reach = 50 * (row["conf_high"] - row["conf_low"])
        said = f"{100 * row['estimate']:+.1f} ±{reach:.1f}".replace("-", "−")
        marks = " ‡" * bool(row["p_holm"] < 0.05) + " !" * (row["reading"] == "caution")
        assert table[head]["5,000 a year"] == said + marks
    assert "‡" in table["Labour voters"]["5,000 a year"]
    assert "!" in table["Right switchers"]["5,000 a year"]


def test_the_trade_off_is_that_of_the_bundle(report, routes, tmp_path):
    made = tables_in(report.estimates(), tmp_path)
    name = next(name for name in made if name.startswith("How far a step of"))
    assert name.endswith("pays for more of “Cap on managed arrivals” than 5,000")
    own = routes.tables["trade_off"]
    total = own[(own["group"] == "Total") & (own["question"] == "buys")].reset_index()
    rows = made[name][2 : 2 + len(total)]
    for row, cells in zip(total.to_dict("records"), rows, strict=True):
        value, net = row["estimate"], 100 * row["net"]
        assert cells[1] == amount(value)
        assert cells[3].split(" ")[0] == f"{net:+.1f}".replace("-", "−")
    assert rows[0][2] == f"{amount(total['fieller_low'][0])} or more"
    assert rows[0][0] == "0 to 25"
    keeps = next(name for name in made if name.startswith("The “Reduction"))
    assert made[keeps][2][2].endswith(" or less")
    assert any(row[4].endswith("!") for row in made[name])
