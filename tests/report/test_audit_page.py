"""The audit's page: one verdict first, every check, no respondent; and its line in the method box."""

import html
import re

import pytest
from tables_in import words_in

import conjoint as cj
from conftest import ROUTES
from conjoint.analysis import audit_analysis, read_bundle
from conjoint.audit import NAMES, Audit, Item, audit
from conjoint.audit.model import title_of
from conjoint.errors import ReportError
from conjoint.report.audit import AuditReport
from conjoint.report.method import audit_line, method_box
from conjoint.table.markdown import markdown


@pytest.fixture(scope="module")
def wave():
    return cj.read_wave(ROUTES)


@pytest.fixture(scope="module")
def bundle(wave):
    return audit_analysis(wave, audit(wave), ROUTES)


@pytest.fixture(scope="module")
def page(bundle, tmp_path_factory):
    pytest.importorskip("pypandoc", reason="needs the report extra")
    from conjoint.report import render_report

    target = tmp_path_factory.mktemp("audit")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("conjoint.report.render.find_quarto", lambda: None)
        return render_report(bundle, target, report="audit_report").path


def text_of(parts):
    return words_in(parts)


def with_items(bundle, *items):
    return AuditReport(
        type(bundle)(
            bundle.survey, bundle.tables | {"audit": Audit(items).frame}, bundle.provenance
        )
    )


def test_the_page_says_the_verdict_and_every_check(page):
    text = page.read_text("utf-8")
    assert page.name == "audit_report.html"
    assert (page.parent / "audit_data" / "audit.csv").exists()
    assert re.search(r"Nothing to stop for, \d things? to look at\.", text)
    assert "Synthetic wave." in text
    plain = html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text)))
    for title in map(title_of, NAMES):
        assert title.replace("'", "’") in plain.replace("'", "’"), title
    assert "conjoint check routes_for_returns_2026 --page" in plain


def test_nobody_is_on_the_page_or_in_its_bundle(page, wave):
    ids = set(wave.respondents["respondent"].astype(str))
    files = [page, *(page.parent / "audit_data").iterdir()]
    for file in files:
        words = set(re.findall(r"\w+", re.sub(r"base64,[^\"]+", "", file.read_text("utf-8"))))
        assert not words & ids, file.name


def test_the_bundle_reads_back(page, bundle):
    again = read_bundle(page.parent / "audit_data")
    assert AuditReport(again).audit.frame.equals(Audit.of_frame(bundle.tables["audit"]).frame)


def test_stops_come_before_looks_with_what_to_do(bundle):
    look = Item("speeding", "", "look", "Some were fast.", "Leave them out.")
    stop = Item("duplicates", "ids", "stop", "Two <b>are</b> one.", "Find *them*.")
    text = text_of(with_items(bundle, look, stop).verdict())
    assert text.startswith("**1 thing to stop for, 1 to look at.** Nothing should be published")
    assert text.index("To stop for") < text.index("To look at")
    assert r"Two \<b\>are\<\/b\> one\." in text
    assert r"*What to do:* Find \*them\*\." in text


def test_a_check_that_was_not_made_has_no_row(bundle):
    text = text_of(with_items(bundle, Item("targets", "", "fine", "None.")).sections())
    assert "## The sample" in text
    assert "## The answers" not in text


def test_the_method_box_has_one_line_of_it(routes):
    assert "|**Audit**|Nothing to stop for" in markdown(method_box(routes))
    rule = Item("exclusions", "Speeders", "fine", "...", "", 12, "respondents")
    total = Item("exclusions", "", "fine", "...", "", 12, "respondents")
    assert audit_line(Audit((rule, total))) == (
        "Nothing to stop for and nothing to look at. Left out by rule: Speeders (12)"
    )


def test_a_bundle_has_to_be_named():
    with pytest.raises(ReportError, match="bundle: is not named"):
        AuditReport.of_bundle("")
