"""Two renderers of one source: which is used, what it is given, and what happens when it fails."""

import os
import re
import stat
import sys
from dataclasses import replace
from pathlib import Path

import docx
import pytest
import yaml

import conjoint as cj
from conftest import SMALL_TARGETS, SMALL_TOML, SurveyFolder, small_responses
from conjoint.errors import Fault, ReportError, RequestError
from conjoint.report import SegmentReport, render_report
from conjoint.report import render as render_module
from conjoint.report.render import FORMATS, known_reports, report_sources
from conjoint.report.typeset.external import front_matter
from conjoint.report.typeset.notebook import execute, read_source
from conjoint.report.typeset.setting import Look, extension

EXECUTED = {}
"""The Markdown of the hostile survey's segment report."""

HOSTILE = "<script>alert(1)</script> {{< include /etc/passwd >}} ```{python} *x* $5"


@pytest.fixture(scope="module")
def analysis(tmp_path_factory):
    where = tmp_path_factory.mktemp("hostile_labels")
    folder = SurveyFolder(where, SMALL_TOML, small_responses(), SMALL_TARGETS)
    folder.replace('title = "Small survey"', f"title = '{HOSTILE}'")
    folder.replace('label = "How large"', f"label = '{HOSTILE}'")
    folder.replace('label = "The left"', f"label = '{HOSTILE}'")
    folder.toml += "\n[thresholds]\ncaution_below = 0\nsuppress_below = 0\n"
    return cj.run_analysis(folder.write())


@pytest.fixture
def executed_once(monkeypatch):
    """What a source writes, run once and kept for the module: these tests are of what is done with it."""
    runs, run = [], render_module.execute

    def execute_once(source, bundle, progress):
        runs.append(source)
        if "text" not in EXECUTED:
            EXECUTED["text"] = run(source, bundle, progress)
        return EXECUTED["text"]

    monkeypatch.setattr(render_module, "execute", execute_once)
    return runs


@pytest.fixture
def without_quarto(monkeypatch):
    monkeypatch.setattr("conjoint.report.render.find_quarto", lambda: None)


STAND_IN = """\
import os, pathlib, sys, yaml
here = pathlib.Path(sys.argv[0]).parent
source = pathlib.Path(sys.argv[-1])
_, head, text = source.read_text().split("---\\n", 2)
options = yaml.safe_load(head)
names = {"typst": "pdf", "gfm": "md"}
made = [name.rpartition("-")[2] for name in options["format"]]
with (here / "calls").open("a") as calls:
    print(*sys.argv[1:], *made, file=calls)
(here / "asked.qmd").write_text(source.read_text())
(here / "fonts").write_text(os.environ["TYPST_FONT_PATHS"])
for name in made:
    path = source.with_suffix("." + names.get(name, name))
    house = source.parent / "_extensions" / "conjoint"
    static = house / f"reference.{name}"
    (here / "house").mkdir(exist_ok=True)
    for file in house.iterdir():
        (here / "house" / file.name).write_bytes(file.read_bytes() if file.is_file() else b"")
    path.write_bytes(static.read_bytes() if static.exists() else b"<head></head>by quarto")
assert not (source.parent / "_quarto.yml").exists()
"""
"""Notes what it is asked, and writes a file for each format of the source."""


@pytest.fixture
def quarto(tmp_path, monkeypatch):
    """Put a program called quarto in the place of Quarto: it does what its body says."""

    def stand_in(body=STAND_IN):
        folder = tmp_path / "quarto"
        folder.mkdir(exist_ok=True)
        program = folder / "quarto"
        program.write_text(f"#!{sys.executable}\n{body}")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("QUARTO_PATH", str(program))
        return folder

    return stand_in


def test_labels_stay_text_and_steps_are_named(analysis, without_quarto, tmp_path):
    named = []
    rendered = render_report(analysis, tmp_path / "out", progress=named.append)
    page = rendered.path.read_text("utf-8")
    assert "embedded" in rendered.renderer
    assert named[0] == "Report: parameters"
    assert {"Report: headlines", "Report: movers", "Report: grid"} <= set(named)
    assert named[-1] == "Setting the page"
    title = page[page.index("<title>") : page.index("</title>")]
    assert "alert(1)" in title
    assert "<script" not in title
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "include /etc/passwd" in page
    assert "root:x:" not in page


def test_a_cell_that_fails_is_named_and_nothing_is_written(
    analysis, without_quarto, tmp_path, monkeypatch
):
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "broken.qmd").write_text(
        "---\npagetitle: x\n---\n\n```{python}\n#| tags: [parameters]\nbundle = ''\n```\n\n"
        "```{python}\n#| label: middle\nraise ValueError('no such thing')\n```\n"
    )
    monkeypatch.setattr("conjoint.report.render.report_sources", lambda: sources)
    with pytest.raises(ReportError, match=r"cell middle: failed with ValueError: no such thing"):
        render_report(analysis, tmp_path / "out", report="broken")
    assert not (tmp_path / "out").exists()


def test_cells_whose_process_ends_are_a_fault(tmp_path):
    source = tmp_path / "ends.qmd"
    source.write_text("```{python}\nimport os\nos._exit(1)\n```\n")
    with pytest.raises(ReportError, match=r"ends\.qmd: the process that runs its cells ended"):
        execute(source, tmp_path, lambda _: None)


def test_an_unknown_report_is_refused_with_the_known_ones(analysis, tmp_path):
    with pytest.raises(
        ReportError, match=r'there is no "nonsense" \(expected audit_report, .*segment_report'
    ):
        render_report(analysis, tmp_path, report="nonsense")


def test_a_report_without_a_bundle_says_how_to_name_one():
    with pytest.raises(ReportError, match="-P bundle:PATH"):
        SegmentReport.of_bundle("")


def test_quarto_sets_all_formats_of_what_the_cells_wrote_once(
    analysis, quarto, tmp_path, monkeypatch
):
    """The same Markdown, filters and reference files as pandoc gets, in one call."""
    asked, runs, given = quarto(), [], {}
    run = render_module.execute
    monkeypatch.setattr(render_module, "execute", lambda *args: runs.append(args) or run(*args))
    made = render_report(analysis, tmp_path / "out", formats=FORMATS)
    assert made.renderer.startswith("Quarto (")
    assert [path.name.partition(".")[2] for path in made.files] == [*FORMATS, "csv"]
    assert (asked / "calls").read_text().splitlines() == [
        "render segment_report.qmd html docx pptx typst gfm"
    ]
    assert len(runs) == 1
    _, head, text = (asked / "asked.qmd").read_text().split("---\n", 2)
    options = yaml.safe_load(head)
    assert options["engine"] == "markdown"
    assert HOSTILE in options["running"]
    assert list(options["format"]) == [
        f"conjoint-{name}" for name in ("html", "docx", "pptx", "typst", "gfm")
    ]
    assert "jupyter" not in options
    document = docx.Document(str(tmp_path / "out" / "segment_report.docx"))
    assert document.sections[0].header.paragraphs[0].text == HOSTILE
    assert any("sans" in path.name.lower() for folder in (asked / "fonts").read_text().split(os.pathsep)
               for path in Path(folder).glob("*.ttf"))  # fmt: skip

    def keep(text, source, formats, look, progress):
        given.update(text=text, options=look)
        raise ReportError(Fault("x", "is enough"))

    monkeypatch.setattr(render_module, "render_embedded", keep)
    with pytest.raises(ReportError, match="is enough"):
        render_report(analysis, tmp_path / "other", formats=FORMATS, renderer="embedded")
    assert given["text"].split("---\n", 2)[2].strip() == text.strip()
    assert given["options"].title == options["pagetitle"]
    for file in extension().glob("*.*"):  # pandoc's, which set_document names
        assert (asked / "house" / file.name).read_bytes() == file.read_bytes()


def test_the_embedded_renderer_may_be_asked_for(analysis, tmp_path, monkeypatch):
    monkeypatch.setenv("QUARTO_PATH", str(tmp_path / "nothing"))  # which it has no use for
    made = render_report(analysis, tmp_path / "out", formats=["md"], renderer="embedded")
    assert "embedded" in made.renderer


@pytest.mark.parametrize("named", ["nothing", "folder", "file"])
def test_a_quarto_path_that_is_no_program_is_a_fault(analysis, tmp_path, monkeypatch, named):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("QUARTO_PATH", str(tmp_path / named))
    with pytest.raises(
        ReportError, match=rf"QUARTO_PATH: .*{named} is no program .*--renderer embedded"
    ):
        render_report(analysis, tmp_path / "out")


def test_quarto_that_is_asked_for_and_not_there_is_a_fault(analysis, tmp_path, without_quarto):
    with pytest.raises(ReportError, match=r"renderer: the Quarto program is not on PATH"):
        render_report(analysis, tmp_path / "out", renderer="quarto")
    with pytest.raises(RequestError, match=r'there is no "pandoc" \(expected embedded, quarto\)'):
        render_report(analysis, tmp_path / "out", renderer="pandoc")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            "import sys; print('cell middle: boom', file=sys.stderr); sys.exit(1)",
            "cell middle: boom",
        ),
        ("", "it said nothing"),
        ("import time; time.sleep(60)", r"took more than 2 seconds"),
    ],
)
def test_a_failure_of_quarto_is_told_and_nothing_is_written(
    analysis, quarto, tmp_path, monkeypatch, executed_once, body, told
):
    quarto(body)
    monkeypatch.setattr("conjoint.report.typeset.external.MOST_SECONDS", 2)
    with pytest.raises(ReportError, match=told):
        render_report(analysis, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_options_of_a_sources_own_formats_are_kept():
    look = Look("Title: x", "head")
    text = "---\nauthor: Me\nformat:\n  html:\n    toc: true\n  docx: default\n---\n\nText"
    written = front_matter(text, ["html", "pdf"], look)
    _, head, body = written.split("---\n", 2)
    assert yaml.safe_load(head) == {
        "author": "Me", "engine": "markdown", "pagetitle": "Title: x", "running": "head",
        "format": {"html": {"toc": True}, "conjoint-typst": "default"},
    }  # fmt: skip
    assert body == "\nText"
    assert "format:\n  conjoint-gfm: default" in front_matter("No head", ["md"], look)


def test_what_has_not_changed_is_not_made_again(analysis, tmp_path, without_quarto, executed_once):
    out = tmp_path / "out"

    def again(formats=("md",), **options):
        runs = len(executed_once)
        made = render_report(analysis, out, formats=formats, fresh=False, **options)
        return len(executed_once) - runs, [path.name for path in made.kept]

    assert again() == (1, [])
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    assert again() == (0, ["segment_report.md"])
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
    assert again(("md", "html")) == (1, ["segment_report.md"])
    assert again(("md", "html")) == (0, ["segment_report.md", "segment_report.html"])
    (out / "claims.csv").write_text("mine")
    assert again() == (1, [])
    (out / "segment_report.md").unlink()
    assert again() == (1, [])
    other = replace(analysis, survey=analysis.survey.model_copy(update={"title": "Another"}))
    assert render_report(other, out, formats=["md"], fresh=False).kept == ()


def test_a_second_report_replaces_the_first_whole(analysis, quarto, tmp_path, executed_once):
    quarto()
    out = tmp_path / "out"
    render_report(analysis, out)
    (out / "data" / "mine.csv").write_text("mine")
    fewer = {name: table for name, table in analysis.tables.items() if name != "positions"}
    render_report(replace(analysis, tables=fewer), out)
    assert not (out / "data" / "positions.csv").exists()
    assert (out / "data" / "mine.csv").read_text() == "mine"
    assert {p.name for p in out.iterdir()} == {
        ".conjoint.json", "claims.csv", "data", "segment_report.html",
    }  # fmt: skip
    policy = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'none'"
    assert policy in (out / "segment_report.html").read_text()


@pytest.mark.parametrize("report", known_reports())
def test_the_source_is_plain_quarto(report):
    """Options that both renderers honour: every cell labelled, one tagged with parameters."""
    notebook = read_source(report_sources() / f"{report}.qmd")
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    names = [cell.metadata["name"] for cell in cells]
    assert len(names) == len(set(names))
    assert [n for n, c in zip(names, cells, strict=True) if "tags" in c.metadata["options"]] == [
        "parameters"
    ]
    allowed = {"label", "tags", "output", "include"}
    assert all(set(cell.metadata["options"]) <= allowed for cell in cells)


def test_a_survey_with_bases_too_small_still_gives_a_report(folder, without_quarto, tmp_path):
    folder.toml += '\n[thresholds]\nsuppress_below = 1000\n\n[report]\ngrid = ["price", "size"]\n'
    folder.replace(
        'answers = ["Left", "Right", "None"]',
        'answers = ["Left", "Right", "None"]\nheadline = "Left"',
    )
    page = render_report(cj.run_analysis(folder.write()), tmp_path).path.read_text("utf-8")
    assert "Too few people answered to say what share" in page
    assert "Too few people saw each level to say how price moves them (base " in page
    assert "Too few people saw each pair" in page
    assert "Their base is too small to say." in page
    pictures = re.findall(r'<img[^>]* alt="([^"]*)"', page)
    # Of what people answered there is none: these are about the sample.
    assert all("population targets" in alt or "weights" in alt for alt in pictures)
    assert "It would be" not in page
    assert "clearly differ" not in page


def test_a_data_folder_of_somebody_elses_is_not_lost(analysis, tmp_path):
    mine = tmp_path / "data" / "responses.csv"
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(ReportError, match="which would be lost"):
        render_report(analysis, tmp_path)
    assert mine.read_text() == "mine"


def test_a_target_that_is_a_file_is_refused(analysis, tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ReportError, match="is a file"):
        render_report(analysis, tmp_path / "out")
