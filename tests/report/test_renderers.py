"""Two renderers of one source: which is used, what it is given, and what happens when it fails."""

import os
import re
import stat
import sys
from dataclasses import replace
from textwrap import dedent

import docx
import pytest

import conjoint as cj
from conftest import SMALL_TARGETS, SMALL_TOML, SurveyFolder, small_responses
from conjoint.errors import ReportError
from conjoint.report import SegmentReport, render_report
from conjoint.report.render import FORMATS, known_reports, report_sources
from conjoint.report.typeset.notebook import execute, read_source

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
def without_quarto(monkeypatch):
    monkeypatch.setattr("conjoint.report.render.find_quarto", lambda: None)


def fake_quarto(folder, body, monkeypatch):
    """A program called quarto that notes what it is asked and then does `body`."""
    program = folder / "quarto"
    program.write_text(
        f"#!{sys.executable}\n"
        + dedent("""\
            import os, pathlib, sys
            log = pathlib.Path(sys.argv[0]).with_name("asked")
            params = sys.argv[sys.argv.index("--execute-params") + 1]
            told = sys.argv[sys.argv.index("--to") + 1].removeprefix("conjoint-")
            log.write_text("\\n".join([*sys.argv[1:], os.environ["QUARTO_PYTHON"],
                                      pathlib.Path(params).read_text()]))
            source = pathlib.Path(sys.argv[2])
            """)
        + body
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("QUARTO_PATH", str(program))
    return folder / "asked"


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


def test_quarto_renders_where_it_is(analysis, tmp_path, monkeypatch):
    asked = fake_quarto(
        tmp_path, 'source.with_suffix(".html").write_text("by quarto")\n', monkeypatch
    )
    before = os.environ.get("QUARTO_PYTHON")
    rendered = render_report(analysis, tmp_path / "out")
    assert rendered.path.read_text() == "by quarto"
    assert rendered.renderer.startswith("Quarto (")
    said = asked.read_text()
    assert "segment_report.qmd" in said
    assert "--to\nconjoint-html" in said
    assert sys.executable in said
    assert "bundle: " in said
    assert os.environ.get("QUARTO_PYTHON") == before


def test_quarto_renders_each_format_with_the_houses_extension(analysis, tmp_path, monkeypatch):
    body = """\
import shutil
endings = {"typst": "pdf", "gfm": "md"}
asked = pathlib.Path(sys.argv[0]).with_name("all")
with asked.open("a") as file:
    file.write(" ".join(sys.argv[3:]) + "\\n")
assert not pathlib.Path("_quarto.yml").exists()
house = pathlib.Path("_extensions", "conjoint")
made = source.with_suffix("." + endings.get(told, told))
if told in ("docx", "pptx"):
    shutil.copy(house / f"reference.{told}", made)
else:
    made.write_text(told + str((house / "_extension.yml").exists()))
"""
    fake_quarto(tmp_path, body, monkeypatch)
    made = render_report(analysis, tmp_path / "out", formats=FORMATS)
    assert [path.name.partition(".")[2] for path in made.files] == [*FORMATS, "csv"]
    assert (tmp_path / "out" / "segment_report.pdf").read_text() == "typstTrue"
    document = docx.Document(str(tmp_path / "out" / "segment_report.docx"))
    assert document.sections[0].header.paragraphs[0].text == HOSTILE
    asked = (tmp_path / "all").read_text().splitlines()
    assert [line.split()[1] for line in asked] == [
        f"conjoint-{name}" for name in ("html", "docx", "pptx", "typst", "gfm")
    ]


def test_a_failure_of_quarto_is_told_and_nothing_is_written(analysis, tmp_path, monkeypatch):
    fake_quarto(tmp_path, "print('cell middle: boom', file=sys.stderr); sys.exit(1)\n", monkeypatch)
    with pytest.raises(ReportError, match="Quarto could not render it: cell middle: boom"):
        render_report(analysis, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_second_report_replaces_the_first_whole(analysis, tmp_path, monkeypatch):
    fake_quarto(
        tmp_path, 'source.with_suffix(".html").write_text("<head></head>page")\n', monkeypatch
    )
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
