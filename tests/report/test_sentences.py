"""Every sentence of a report is in the one file of sentences: without them it says nothing."""

import html
import re
from dataclasses import replace
from importlib import import_module

import pytest
from pydantic import BaseModel

import conjoint as cj
from conftest import ROUTES
from conjoint.analysis.questions import disclosure_table
from conjoint.plot import Chart
from conjoint.report import AppendixReport, SegmentReport, ToplineReport
from conjoint.report.show import markdown
from conjoint.say.phrase import spoken
from conjoint.say.words import attribute, escape
from conjoint.survey import INTERLOCK

SHOW = import_module("conjoint.report.show")  # the package has a function of that name

ELSEWHERE = {"explorer", "audit"}
"""Sections with sentences of others: the explorer's page, and the audit's, which its own report has."""

NOTED = {
    "question_columns": ["label"],
    "weighting": ["margin", "category", "source"],
    "trade_off": ["words"],
    "robustness": ["note"],
}
"""Columns of the bundle whose texts are not sentences: answers and categories, and reasons for missing figures."""

RUN = re.compile(r"[^\W\d_][^\W\d_'’]+(?:[ \u00a0]+[^\W\d_][^\W\d_'’]+)+")
"""Two or more words after each other."""

UNREAD = re.compile(
    r"`[^`\n]*`|\]\([^)\n]*\)|class=\"[^\"]*\"|[\w-]+=(?=\")|</?\w+|[.#][a-z][\w-]*"
)
"""What no reader reads: code, addresses, tags, names of attributes and of classes."""


def marked(key, text):
    """The words of a sentence in brackets; what fills its places stands outside of them."""
    pieces = re.split(r"(\{\w+\})", text)
    return "".join(f"⟦{own}⟧" if place % 2 == 0 else own for place, own in enumerate(pieces))


def texts_in(value):
    """Every text within a survey, tables and lists; of tables the keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, BaseModel):
        yield from texts_in([inner for _, inner in value])
    elif isinstance(value, dict):
        yield from texts_in([*value.keys(), *value.values()])
    elif isinstance(value, (list, tuple, set)):
        for inner in value:
            yield from texts_in(inner)


def own_texts(analysis):
    """What the survey says itself, what its data hold and what its bundle notes, as reports write it."""
    audit = [(item.text, item.do, item.subject) for item in analysis.audit.items]
    columns = [analysis.tables[table][name] for table in NOTED for name in NOTED[table]]
    in_tables = [text.split(INTERLOCK) for own in columns for text in own.dropna().unique()]
    others = [audit, analysis.audit.summary, in_tables, analysis.provenance["command"]]
    found = [*texts_in(analysis.survey), *texts_in(others)]
    texts = {text.removeprefix("not estimable: ").strip(" .") for text in found}
    texts |= {text.replace("_", " ") for text in texts}
    return {way for text in texts for way in (escape(text), attribute(text), html.escape(text))}


def left_over(text, own):
    """Runs of words that are neither within brackets nor the survey's own."""
    several = sorted((re.escape(known) for known in own if " " in known), key=len, reverse=True)
    known = re.compile(rf"(?<!\w)(?:{'|'.join(several) or '⟧'})(?!\w)", re.IGNORECASE)
    bare = known.sub("•", re.sub(r"⟦[^⟦⟧]*⟧", "•", text))
    return sorted(set(RUN.findall(UNREAD.sub("•", bare).replace("\\", ""))))


@pytest.fixture
def undrawn(monkeypatch):
    """Charts with their words and their figures, but without pictures."""
    monkeypatch.setattr(Chart, "png", lambda *_: bytes(24))
    monkeypatch.setattr(SHOW, "_write", lambda *_: None)
    monkeypatch.setattr(SHOW, "_share", lambda *_: 100)


@pytest.mark.parametrize("report", [SegmentReport, ToplineReport, AppendixReport])
@pytest.mark.usefixtures("undrawn")
def test_a_report_says_nothing_that_is_not_in_the_file_of_sentences(report, routes, tmp_path):
    left, own = {}, own_texts(routes)
    with spoken(marked):
        asked = {
            "disclosure": disclosure_table(cj.read_wave(ROUTES))
        }  # its sentences are the bundle's
        made = report(replace(routes, tables=routes.tables | asked))
        for section in made.document.sections:
            if section.name not in ELSEWHERE:
                text = markdown(getattr(made, section.name)(), tmp_path)
                assert "⟦" in text, section.name
                left[section.name] = left_over(text, own)
    assert {name: runs for name, runs in left.items() if runs} == {}


def test_words_outside_of_sentences_are_found():
    text = marked("", "The share of {who}, weighted").format(who="Green\\-leaning voters here")
    assert left_over(text, set()) == ["leaning voters here"]
    assert left_over(text, {"Green\\-leaning voters"}) == []
    assert left_over("::: {.note}\n⟦Targets: ⟧`by our office`.\n:::", set()) == []
