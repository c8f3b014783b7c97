"""What a report consists of is listed once: its source, its methods and its list of claims follow."""

import re

import pytest

from conjoint import report as reports
from conjoint.report import SegmentReport
from conjoint.report.claim import Claim
from conjoint.report.document import DOCUMENTS
from conjoint.report.render import known_reports, report_sources
from conjoint.report.show import parts_of

CLASSES = {
    own.document: own
    for own in vars(reports).values()
    if isinstance(own, type) and hasattr(own, "document")
}


def test_every_source_has_its_list_and_its_class():
    assert set(known_reports()) == set(DOCUMENTS)
    assert len(CLASSES) == len(DOCUMENTS)


@pytest.mark.parametrize("source", DOCUMENTS)
def test_a_source_shows_the_sections_in_order(source):
    document = DOCUMENTS[source]
    names = [section.name for section in document.sections]
    text = (report_sources() / f"{source}.qmd").read_text("utf-8")
    assert re.findall(r"^show\(report\.(\w+)\(\)\)$", text, re.MULTILINE) == names
    methods = [*names, *(section.page for section in document.sections if section.page)]
    assert [name for name in methods if not callable(getattr(CLASSES[document], name, None))] == []


def test_claims_stand_in_the_sections_that_say_so(routes):
    """No other section makes one, so that none is missing from claims.csv."""
    report = SegmentReport(routes)
    silent = [section.name for section in report.document.sections if not section.claims]
    made = {
        name: list(parts_of(getattr(report, name)(), Claim))
        for name in silent
        if name not in ("explorer", "slides")
    }
    assert {name: claims for name, claims in made.items() if claims} == {}
    assert {section for section, _ in report.said()} >= {"one look", "grid", "trade-off"}
