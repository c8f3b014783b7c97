"""conjoint report: what it is asked for, what it writes, how it refuses."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import conjoint as cj
from conjoint.cli import report as module
from conjoint.cli.shared import app
from conjoint.report.render import REPORTS, Rendered, known_reports

THERE = [stem for stem in REPORTS.values() if stem in known_reports()]


@pytest.fixture
def bundle(folder, tmp_path_factory):
    return cj.run_analysis(folder.write()).write(tmp_path_factory.mktemp("bundle") / "data")


@pytest.fixture
def asked(monkeypatch):
    """Call the command, and say what it asked of the renderer."""
    kept = {}

    def render(analysis, to, *, reports, formats, renderer, fresh, progress):
        kept.update(renderer=renderer, fresh=fresh)
        kept.update(title=analysis.survey.title, to=Path(to), reports=reports, formats=formats)
        files = tuple(Path(to) / f"{r}.{f}" for r in reports for f in formats)
        return Rendered(files[0], "the embedded renderer", files)

    monkeypatch.setattr("conjoint.report.render_reports", render)

    def call(*arguments):
        kept.clear()
        done = CliRunner().invoke(app, ["report", *map(str, arguments)])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return kept, done.stdout

    return call


def test_a_bundle_is_enough(asked, bundle):
    kept, said = asked(bundle)
    assert kept["title"] == "Small survey"
    assert kept["reports"] == ["segment_report"]
    assert kept["formats"] == ["html"]
    assert kept["to"] == Path("output") / "data"
    assert (kept["renderer"], kept["fresh"]) == (None, False)
    kept, _ = asked(bundle, "--renderer", "embedded", "--fresh")
    assert (kept["renderer"], kept["fresh"]) == ("embedded", True)
    assert said == f"{Path('output') / 'data' / 'segment_report.html'}\n"


@pytest.mark.parametrize(
    ("given", "formats", "to"),
    [
        (("--to", "docx"), ["docx"], None),
        (("--to", "docx,pptx", "--to", "html"), ["docx", "pptx", "html"], None),
        (("--to", "all"), ["html", "docx", "pptx", "pdf", "md"], None),
        (("--to", "some/where"), ["html"], "some/where"),
        (("--to", "pdf", "--to", "some/where"), ["pdf"], "some/where"),
        (("--to", "md", "--output", "there"), ["md"], "there"),
        (("--to", "."), ["html"], "."),
    ],
)
def test_formats_and_the_folder(asked, bundle, given, formats, to):
    kept, _ = asked(bundle, *given)
    assert kept["formats"] == formats
    assert to is None or kept["to"] == Path(to)


def test_several_reports_in_one_run(asked, bundle):
    kept, said = asked(bundle, "--report", "all", "--to", "html,md")
    assert kept["reports"] == THERE
    assert len(said.splitlines()) == 2 * len(THERE)
    kept, _ = asked(bundle, "--report", "segment,segment")
    assert kept["reports"] == ["segment_report"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            ("--to", "odt"),
            '--to: there is no format "odt" (expected html, docx, pptx, pdf, md, all)',
        ),
        (("--to", "a/b", "--output", "c"), '--to: there is no format "a/b"'),
        (
            ("--renderer", "pandoc"),
            'renderer: there is no "pandoc" (expected embedded, quarto)',
        ),
        (("--report", "magic"), '--report: there is no "magic" (expected segment, '),
        (("--data", "x.csv"), "--data: does not fit a bundle"),
    ],
)
def test_a_refusal_names_what_there_is(asked, bundle, given, said, capfd):
    asked(bundle, *given)
    done = CliRunner().invoke(app, ["report", str(bundle), *map(str, given)])
    assert done.exit_code == 2
    told = (done.stderr + capfd.readouterr().err).replace("\n", " ")
    assert said in told, told


def test_the_command_takes_all_formats_of_the_renderer():
    from conjoint.report.typeset.setting import FORMATS

    assert module.FORMATS == FORMATS


def test_a_refusal_is_one_line_and_writes_nothing(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "conjoint", "report", str(tmp_path), "--to", "odt"],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert 'there is no format "odt"' in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
