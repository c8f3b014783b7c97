"""Each writing command, killed at 50 moments of its writing: the old set is there or the new one, whole.

What a command computes is computed once, before; each moment is a forked process.
"""

import shutil
import sys

import pytest
from promised import load_commands
from typer.testing import CliRunner

import conjoint as cj
from conftest import SMALL_TARGETS, SMALL_TOML, SurveyFolder, small_responses
from conjoint.analysis import Analysis
from conjoint.cli.run import COMMANDS
from conjoint.cli.shared import app
from test_output import moments, tree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kills its own forks")


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    load_commands()
    place = tmp_path_factory.mktemp("survey")
    return SurveyFolder(place, SMALL_TOML, small_responses(), SMALL_TARGETS).write()


@pytest.fixture(scope="module")
def small_analysis(survey):
    wave = cj.read_wave(survey)
    names = ["amce", "audit", "bases", "marginal_means", "positions", "pulls", "spread"]
    tables = dict.fromkeys(names, cj.amce(wave).frame)
    return Analysis(wave.survey, tables, {"command": "one"})


def changed(analysis):
    """Another analysis, with a table fewer."""
    tables = {
        name: table.iloc[::-1] for name, table in analysis.tables.items() if name != "positions"
    }
    return Analysis(analysis.survey, tables, analysis.provenance | {"command": "another"})


def killed_at_50_moments(write, folder):
    """The sets seen after each kill are whole: the one before, or the one of a run that lives."""
    (folder / "mine.txt").write_text("mine")
    kept = folder.with_name("kept")
    shutil.copytree(folder, kept)

    def reset():
        shutil.rmtree(folder)
        shutil.copytree(kept, folder)

    old = tree(folder)
    write()
    new = tree(folder)
    assert new != old
    assert "mine.txt" in new
    reset()
    seen = set()
    for moment, _ in moments(write, folder):
        found = tree(folder)
        assert found in (old, new), moment
        if found == new:
            reset()
        seen.add(found == new)
    assert tree(folder) == old
    assert seen == {False, True}


def invoke(*arguments):
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code in (0, 1), done.output


def test_analyse(survey, small_analysis, tmp_path, monkeypatch):
    folder, another = tmp_path / "bundle", changed(small_analysis)
    small_analysis.write(folder)
    monkeypatch.setattr(cj, "run_analysis", lambda *_: another)
    killed_at_50_moments(lambda: invoke("analyse", survey, "--to", folder), folder)


def test_report(survey, small_analysis, tmp_path, monkeypatch):
    render = pytest.importorskip("conjoint.report.render", reason="needs the report extra")

    def rendered(source, bundle, formats, *_):
        figures = source.parent / "figures"
        figures.mkdir(exist_ok=True)
        stamp = (bundle / "provenance.json").read_bytes()
        for name in "abc" if b"another" in stamp else "abd":
            (figures / f"{name}.png").write_bytes(name.encode() + stamp)
        for wanted in formats:
            source.with_suffix(f".{wanted}").write_bytes(stamp)
        return [source.with_suffix(f".{wanted}") for wanted in formats]

    monkeypatch.setattr(render, "render_embedded", rendered)
    monkeypatch.setattr(render, "write_claims", lambda _, to: (to.write_text("claims"), to)[1])
    monkeypatch.setattr("conjoint.report.typeset.external.find_quarto", lambda: None)
    monkeypatch.setattr(render, "find_quarto", lambda: None)
    folder, another = tmp_path / "out", changed(small_analysis)

    def write(analysis):
        monkeypatch.setattr(cj, "run_analysis", lambda *_: analysis)
        invoke("report", survey, "--to", "html,docx", "--output", folder)

    write(small_analysis)
    killed_at_50_moments(lambda: write(another), folder)


def test_tables(survey, tmp_path, monkeypatch):
    module = sys.modules["conjoint.cli.tables"]
    turn = {"of": b"old"}
    monkeypatch.setattr(
        module,
        "collect",
        lambda *_, **__: type(
            "Book", (), {"survey": cj.read_survey(survey), "provenance": {}, "told": dict}
        ),
    )
    monkeypatch.setattr(module, "csv_bytes", lambda _: turn["of"])
    formats = {
        kind: (name, lambda _: turn["of"] * 9999) for kind, (name, _) in module.FORMATS.items()
    }
    monkeypatch.setattr(module, "FORMATS", formats)
    folder = tmp_path / "out"

    def write(of):
        turn["of"] = of
        invoke("tables", survey, "--to", folder)

    write(b"old")
    killed_at_50_moments(lambda: write(b"new"), folder)


def test_new(survey, tmp_path):
    """Into a folder that is there, where nothing is overwritten."""
    folder = tmp_path / "new"
    folder.mkdir()
    killed_at_50_moments(lambda: invoke("new", survey / "responses.csv", folder), folder)


@pytest.mark.parametrize(
    "command",
    [
        ("estimate", "--what", "toplines"),
        ("weight",),
        ("check", "--bpc"),
        ("explore",),
    ],
    ids=lambda command: command[0],
)
def test_a_file(survey, tmp_path, command, monkeypatch):
    """Commands that write one file share one way of writing it."""
    name, *options = command
    if name == "explore":
        pytest.importorskip("vl_convert")
        monkeypatch.setattr("conjoint.explorer.explorer_page", lambda *_: "new" * 9999)
        monkeypatch.setattr(
            "conjoint.cli.explore._made", lambda *_, **__: Analysis(cj.read_survey(survey), {}, {})
        )
    folder = tmp_path / "out"
    folder.mkdir()
    file = folder / ("page.html" if name == "explore" else "figures.csv")
    file.write_bytes(b"old")
    killed_at_50_moments(lambda: invoke(name, survey, *options, "--to", file), folder)


def test_every_command_that_writes_is_here_or_writes_one_file():
    """A new command is thought of: it has to write by :mod:`conjoint.output`, as all others do."""
    known = "new check fetch estimate weight analyse tables scenario explore compare lint-claims report reproduce"
    assert set(COMMANDS) == set(known.split())
