"""The explorer's page as text: what is in it, and what cannot get out of its place."""

import json
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest

from conjoint.analysis import Analysis, read_bundle
from conjoint.errors import ReportError
from conjoint.explorer import explorer_fragment, explorer_page, page
from conjoint.explorer.data import as_json
from conjoint.scenario.explorer import explorer_tables

HOSTILE = '</script><script>alert("1")</script><!-- style --><!-- data -->'


@pytest.fixture(scope="module")
def wave(simulated, as_wave):
    return as_wave(simulated(4, n=120), segments=None)


@pytest.fixture(scope="module")
def tables(wave):
    return explorer_tables(wave)


@pytest.fixture
def library(monkeypatch):
    """A short stand-in for the charting library, which takes seconds."""
    page.explorer_scripts.cache_clear()
    monkeypatch.setattr(page, "charting_library", lambda: "/* charts */")
    yield
    page.explorer_scripts.cache_clear()


class Elements(HTMLParser):
    """Every element, with its attributes and text."""

    def __init__(self, text):
        super().__init__()
        self.found, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs), []))

    def handle_data(self, data):
        if self.found:
            self.found[-1][2].append(data)


def data_of(text):
    return json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])


def test_what_a_survey_says_stays_text(wave, tables, library):
    survey = wave.survey.model_copy(
        update={"title": HOSTILE, "client": HOSTILE, "synthetic": True, "synthetic_note": HOSTILE}
    )
    told = {"command": HOSTILE, "inputs": {HOSTILE: HOSTILE}, "versions": {HOSTILE: "1"}}
    text = explorer_page(survey, tables, told)
    elements = Elements(text).found
    assert [tag for tag, _, _ in elements].count("script") == 3
    assert "<!-- " not in re.sub(r"&lt;.*?&gt;", "", text)
    assert data_of(text)["title"] == HOSTILE
    heading = next(own for tag, _, own in elements if tag == "h1")
    assert "".join(heading).strip() == HOSTILE


def test_json_in_a_page_cannot_end_its_element():
    hostile = {"a": "</SCRIPT>", "b": "<!--", "c": "]]>&amp;", "d": "\u2028\u2029", "e": "é 👩‍👧"}
    text = as_json(hostile)
    assert not set("<>&\u2028\u2029") & set(text)
    assert "é 👩‍👧" in text
    assert json.loads(text) == hostile
    with pytest.raises(ValueError, match="not JSON compliant"):
        as_json({"a": float("nan")})


def test_a_bundle_makes_the_same_page(wave, tables, library, tmp_path):
    counts = {"respondents": 120, "profiles": 1200, "tasks": 5}
    figures = dict.fromkeys(
        ("efficiency", "effective", "design_effect", "smallest", "largest", "trimmed"), 1.0
    )
    told = {
        "survey": "x", "synthetic": True, "command": "conjoint analyse x", "inputs": {}, "versions": {},
        "inputs_changed": "2026-05-28T20:26:40+00:00", "counts": counts,
        "weighting": figures | {"weighted": False, "margins": [], "distance": ""},
    }  # fmt: skip
    analysis = Analysis(wave.survey, tables, told)
    again = read_bundle(analysis.write(tmp_path / "bundle"))
    direct = explorer_page(wave.survey, analysis.tables, told)
    assert explorer_page(again.survey, again.tables, again.provenance) == direct


def test_the_page_forbids_itself_the_network_and_code_from_text(wave, tables, library):
    text = explorer_page(wave.survey, tables, {})
    policy = next(
        attributes["content"]
        for tag, attributes, _ in Elements(text).found
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'")
    assert "unsafe-eval" not in policy
    assert "http" not in policy


def test_a_frame_holds_the_whole_page(wave, tables, library):
    fragment = explorer_fragment(wave.survey, tables, {})
    ((tag, attributes, _),) = Elements(fragment).found
    assert tag == "iframe"
    assert attributes["title"]
    whole = explorer_page(wave.survey, tables, {}, embedded=True)
    assert attributes["srcdoc"] == whole
    assert "\n" not in fragment


def test_without_the_library_there_is_an_error_in_words(wave, tables, monkeypatch):
    page.charting_library.cache_clear()
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(ReportError, match=r"conjoint\[report\]"):
        explorer_page(wave.survey, tables, {})


def test_without_a_figure_there_is_no_page(wave, library):
    limits = wave.survey.thresholds.model_copy(update={"suppress_below": 500})
    survey = wave.survey.model_copy(update={"thresholds": limits})
    tables = explorer_tables(replace(wave, survey=survey))
    with pytest.raises(ReportError, match="500 people or more"):
        explorer_page(survey, tables, {})


def test_why_there_is_no_figure_is_said(simulated, as_wave, library):
    wave = as_wave(simulated(4, n=120).assign(size=pd.Categorical(["S"] * 720)), segments=None)
    with pytest.raises(ReportError, match="is its only level"):
        explorer_page(wave.survey, explorer_tables(wave), {})


def test_nobody_is_in_the_data(wave, tables, library):
    data = data_of(explorer_page(wave.survey, tables, {}))
    longest = max(_lengths(data))
    # No list is as long as the people or their profiles.
    assert longest < wave.n_respondents


def _lengths(data):
    if isinstance(data, dict):
        for own in data.values():
            yield from _lengths(own)
    elif isinstance(data, list):
        yield len(data)
        for own in data:
            yield from _lengths(own)


def test_the_charting_library_is_made_once_and_a_damaged_copy_again(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path / "cache"))
    made = []

    def make():
        made.append(1)
        return "line\r\nanother\u2028"

    found = [page._remembered("x.js", make) for _ in range(3)]
    assert found == ["line\r\nanother\u2028"] * 3
    assert len(made) == 1
    (tmp_path / "cache" / "x.js").write_text("0\nalert(1)")
    assert page._remembered("x.js", make) == found[0]
    assert len(made) == 2
    monkeypatch.setattr(
        "platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path / "cache" / "x.js")
    )
    assert page._remembered("y.js", make) == found[0]  # where nothing can be written
