"""Every sentence of the comparison, the reproduction, the audit and the workbook is one of phrases.en.toml.

Each piece of a phrase between its places is put between marks; what stands outside them then may hold
the surveys' own texts, names in code, numbers and single words, and no two English words in a row.
"""

import html
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace

import pytest

import conjoint as cj
from conftest import ROOT, ROUTES
from conjoint.analysis import audit_analysis, comparison_analysis, reproduction_analysis
from conjoint.audit import audit
from conjoint.compare import compare
from conjoint.plot import Chart
from conjoint.report.audit import AuditReport
from conjoint.report.claim import Claim
from conjoint.report.comparison import ComparisonReport
from conjoint.report.reproduction import ReproductionReport
from conjoint.report.show import markdown, parts_of
from conjoint.reproduce import reproduce, withhold
from conjoint.say.phrase import PART, spoken
from conjoint.workbook import collect, page_bytes, workbook_bytes

AUTUMN = ROOT / "surveys" / "routes_for_returns_2026_autumn"

WORD = r"[^\W\d_]{2,}(?:['’-][^\W\d_]+)*"
WORDS = re.compile(rf"{WORD}(?:[,.;:]? +{WORD})+")
"""Two words in a row or more."""

ELSEWHERE = ("opening", "colophon")
"""Sections that `report/method.py` writes for all reports alike."""


OTHERS = (
    *("Figures sum to", "because each is rounded", "hardly any"),  # say/number
    *(
        "years before fieldwork",
        "years at most",
        "Its figures are from",
        "Look for newer ones, or say so",
    ),
)
"""What stands in no phrase of these sections: numbers in words, and warnings of targets."""


def marked(key, text):
    return f"⟦{PART.sub(lambda place: f'⟧{place[0]}⟦', text)}⟧"


def own_texts(thing, found=None):
    """Every text of a survey: titles, labels, answers, notes."""
    found = set() if found is None else found
    if isinstance(thing, str):
        found |= {thing, " ".join(thing.split()), thing.replace("_", " ")}
    elif is_dataclass(thing):
        for field in fields(thing):
            own_texts(getattr(thing, field.name), found)
    elif isinstance(thing, Mapping):
        own_texts([*thing, *thing.values()], found)
    elif isinstance(thing, Iterable):
        for part in thing:
            own_texts(part, found)
    return found


def unmarked(text, *allowed):
    """Runs of words outside the marks; texts that are allowed are taken out first, in any case."""
    outside = re.sub(r"⟦[^⟦⟧]*⟧", "|", text.replace("\u00a0", " ").replace("\\", ""))
    outside = re.sub(r"`[^`]*`|\{[^{}]*\}", "|", outside)
    names = sorted(
        (name for name in own_texts([*allowed, *OTHERS]) if " " in name), key=len, reverse=True
    )
    if names:
        outside = re.sub("|".join(map(re.escape, names)), "|", outside, flags=re.I)
    columns = {name for survey in allowed for name in columns_of(survey)}
    if columns:
        outside = re.sub(rf"\b(?:{'|'.join(map(re.escape, columns))})\b", "|", outside, flags=re.I)
    return WORDS.findall(outside)


def columns_of(survey):
    """Names of questions and of weighting margins, as the file has them and as words."""
    targets = getattr(survey, "targets", None)
    margins = [margin.columns for margin in targets.margins] if targets else []
    names = {*getattr(survey, "questions", ()), *(name for own in margins for name in own)}
    return names | {name.replace("_", " ") for name in names}


def sections(report):
    """The Markdown of a report's sections, its charts by their titles."""
    names = [each.name for each in report.document.sections if each.name not in ELSEWHERE]
    parts = [part for name in names for part in getattr(report, name)()]
    texts = [f"{p.title}\n\n{p.measure}" if isinstance(p, Chart) else p for p in parts]
    return markdown(texts), list(parts_of(parts, Claim))


@pytest.fixture(scope="module")
def waves():
    return [cj.rake(cj.read_wave(folder)) for folder in (ROUTES, AUTUMN)]


@pytest.mark.parametrize("family", ["comparison", "table"])
def test_the_comparison(waves, family):
    with spoken(marked):
        found = compare(*waves, family=family)
        told = comparison_analysis(waves, found, [ROUTES, AUTUMN], "")
        text, claims = sections(ComparisonReport(told))
        flags = "\n\n".join(found.flags["text"])
    surveys = [wave.survey for wave in waves]
    assert unmarked(f"{text}\n\n{flags}", *surveys) == []
    assert {claim.kind for claim in claims} == {"change"}
    assert len(list(ComparisonReport(told).said())) == len(claims) > 0


def test_the_reproduction(waves):
    wave = waves[0]
    off = [replace(figure, value=figure.value + 9) for figure in wave.survey.published[:3]]
    with spoken(marked):
        made = withhold(reproduce(wave, [*wave.survey.published, *off]), wave)
        told = reproduction_analysis(wave, made, ROUTES, None)
        text, claims = sections(ReproductionReport(told))
    assert unmarked(text, wave.survey) == []
    assert len(claims) == len(off)
    assert all(claim.figures and claim.judgement.reasons for claim in claims)


def test_the_audit():
    wave = cj.read_wave(ROUTES)
    with spoken(marked):
        found = audit(wave)
        text, _ = sections(AuditReport(audit_analysis(wave, found, ROUTES)))
        items = found.frame[["title", "subject", "text", "do"]].to_csv(index=False)
    assert unmarked(f"{text}\n\n{items}", wave.survey) == []


def test_the_workbook_and_the_page_of_tables():
    openpyxl = pytest.importorskip("openpyxl", reason="needs the tables extra")
    with spoken(marked):
        book = collect(ROUTES)
        cells = [
            str(cell.value)
            for sheet in openpyxl.load_workbook(io.BytesIO(workbook_bytes(book)))
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        ]
        page = re.sub(
            r"<style>.*?</style>|<[/!]?[a-z][^>]*>",
            "|",
            page_bytes(book).decode(),
            flags=re.S,
        )
    allowed = (book.survey, book.disclosed, book.provenance)
    assert unmarked("\n\n".join(cells), *allowed) == []
    assert unmarked(html.unescape(page), *allowed) == []


def test_a_sentence_that_stands_in_the_code_is_found():
    assert unmarked("⟦Of ⟧3⟦ figures⟧, two differ clearly") == ["two differ clearly"]
    assert unmarked("Shown: `shown to all`, “A fair deal” 3", ["A fair deal"]) == []
