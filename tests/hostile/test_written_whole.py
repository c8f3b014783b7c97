"""Each writing command, killed at 50 moments of its writing: the old set is there or the new one, whole.

What a command computes is computed once, before; each moment is a forked process.
"""

import re
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest
from promised import load_commands
from typer.testing import CliRunner

import conjoint as cj
from conftest import SMALL_TARGETS, SMALL_TOML, SurveyFolder, small_responses
from conjoint.analysis import Analysis
from conjoint.cli.run import COMMANDS
from conjoint.cli.shared import app
from conjoint.output import digest
from test_output import moments, tree

REPORTS = {
    "audit": "audit_report",
    "comparison": "compare_report",
    "reproduction": "reproduction_report",
}

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kills its own forks")


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    load_commands()
    place = tmp_path_factory.mktemp("survey")
    published = "question,group,answer,value,where\nparty,Total,Left,33,p. 1\n"
    return SurveyFolder(place, SMALL_TOML, small_responses(), SMALL_TARGETS, published).write()


@pytest.fixture(scope="module")
def small_analysis(survey):
    wave = cj.read_wave(survey)
    names = ["amce", "audit", "bases", "changes", "marginal_means", "positions", "pulls"]
    names += ["reproduction", "spread"]
    tables = dict.fromkeys(names, cj.amce(wave).frame)
    return Analysis(wave.survey, tables, {"command": "one"})


def changed(analysis):
    """Another analysis, with a table fewer."""
    tables = {
        name: table.iloc[::-1] for name, table in analysis.tables.items() if name != "positions"
    }
    return Analysis(analysis.survey, tables, analysis.provenance | {"command": "another"})


@pytest.fixture
def killed(monkeypatch):
    """Run a command whose writing into a folder is killed at 50 moments, in forks, before it goes on.

    After each the folder is whole: as before, or as a run that lives leaves it.
    """

    def run(folder, *arguments):
        seen = []

        def killing(real):
            def write(target, *given, **named):
                if Path(target).resolve().is_relative_to(folder.resolve()):
                    write_killed(lambda: real(target, *given, **named), folder)
                    seen.append(tree(folder))
                return real(target, *given, **named)

            return write

        with monkeypatch.context() as patch:
            for name, module in [*sys.modules.items()]:
                for writer in ("write_file", "write_set"):
                    if name.startswith("conjoint.") and name != "conjoint.output":
                        real = getattr(module, writer, None)
                        if real is not None:
                            patch.setattr(module, writer, killing(real))
            invoke(*arguments)
        assert len(seen) == 1  # all at once, and nothing else before or after
        assert tree(folder) != seen[0]

    return run


def write_killed(write, folder):
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


def test_analyse(survey, small_analysis, tmp_path, monkeypatch, killed):
    folder, another = tmp_path / "bundle", changed(small_analysis)
    small_analysis.write(folder)
    monkeypatch.setattr(cj, "run_analysis", lambda *_: another)
    killed(folder, "analyse", survey, "--to", folder)


@pytest.fixture
def quick_rendering(monkeypatch):
    """Pages that are made at once, of what the bundle says."""
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

    def claims(_analysis, _bundle, work):
        (work / "claims.csv").write_bytes(b"claims")
        return work / "claims.csv"

    monkeypatch.setattr(render, "_render", rendered)
    monkeypatch.setattr(render, "_claims", claims)
    monkeypatch.setattr(render, "find_quarto", lambda: None)
    return render


def test_report(survey, small_analysis, tmp_path, monkeypatch, quick_rendering, killed):
    folder = tmp_path / "out"
    command = ("report", survey, "--to", "html,docx", "--output", folder)
    monkeypatch.setattr(cj, "run_analysis", lambda *_: small_analysis)
    invoke(*command)
    monkeypatch.setattr(cj, "run_analysis", lambda *_: changed(small_analysis))
    killed(folder, *command)


@pytest.mark.parametrize(
    ("command", "made"),
    [
        ("check SURVEY", "audit"),
        ("compare SURVEY SURVEY --panel", "comparison"),
        ("reproduce SURVEY", "reproduction"),
    ],
)
def test_a_page(
    survey, small_analysis, tmp_path, monkeypatch, quick_rendering, killed, command, made
):
    """A page comes with its figures: one set."""
    folder, analysis = tmp_path / "out", f"conjoint.analysis.{made}_analysis"
    words = command.replace("SURVEY", str(survey)).split()
    quick_rendering.render_report(small_analysis, folder, report=REPORTS[made])
    monkeypatch.setattr(analysis, lambda *_: changed(small_analysis))
    killed(folder, *words, "--page", folder)


def test_tables(survey, tmp_path, monkeypatch, killed):
    module, turn = sys.modules["conjoint.cli.tables"], {"of": b"old"}
    book = {"survey": cj.read_survey(survey), "provenance": {}, "told": dict}
    monkeypatch.setattr(module, "collect", lambda *_, **__: type("Book", (), book))
    monkeypatch.setattr(module, "csv_bytes", lambda _: turn["of"])
    for kind, (name, _) in [*module.FORMATS.items()]:
        monkeypatch.setitem(module.FORMATS, kind, (name, lambda _: turn["of"] * 9999))
    folder = tmp_path / "out"
    invoke("tables", survey, "--to", folder)
    turn["of"] = b"new"
    killed(folder, "tables", survey, "--to", folder)


def test_new(survey, tmp_path, killed):
    """Into a folder that is there, where nothing is overwritten."""
    folder = tmp_path / "new"
    folder.mkdir()
    killed(folder, "new", survey / "responses.csv", folder)


@pytest.mark.parametrize(
    "command",
    [
        "estimate SURVEY --what toplines --to figures.csv",
        "weight SURVEY --to figures.csv",
        "check SURVEY --bpc --to figures.csv",
        "check SURVEY --to items.csv",
        "check SURVEY --to items.json",
        "explore SURVEY --to page.html",
        "scenario SURVEY --set price=low --to figures.csv",
        "compare SURVEY SURVEY --panel --to figures.csv",
        "reproduce SURVEY --to figures.csv",
        "lint-claims SURVEY/survey.toml SURVEY --to findings.csv",
        "lint-claims SURVEY/survey.toml SURVEY --to findings.json",
    ],
    ids=lambda command: command.replace("SURVEY", "").replace(" --to", ""),
)
def test_a_file(survey, tmp_path, command, monkeypatch, killed):
    if command.startswith("explore"):
        pytest.importorskip("vl_convert")
        made = Analysis(cj.read_survey(survey), {}, {})
        monkeypatch.setattr("conjoint.explorer.explorer_page", lambda *_: "new" * 9999)
        monkeypatch.setattr("conjoint.cli.explore._made", lambda *_, **__: made)
    if command.startswith("lint-claims"):
        lint = pytest.importorskip("conjoint.report.lint", reason="needs the report extra")
        columns = ["line", "sentence", "said", "status", "note", "figure", "verdict"]
        found = pd.DataFrame([[1, "62% agree.", "62%", "found", "", "", ""]], columns=columns)
        made = Analysis(cj.read_survey(survey), {}, {})
        monkeypatch.setattr(lint, "lint_claims", lambda *_: found)
        monkeypatch.setattr("conjoint.cli.lint_claims._analysis", lambda *_: made)
    *words, target = command.replace("SURVEY", str(survey)).split()
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / target).write_bytes(b"old")
    killed(folder, *words, folder / target)


def test_fetch(survey, tmp_path, monkeypatch):
    """In the cache, and in the copy, there is a whole file or none, and no other run sees less."""
    content = (survey / "responses.csv").read_bytes()
    published = tmp_path / "published"
    published.mkdir()
    declared = f"url = 'http://localhost/responses.csv'\nsha256 = '{digest(content)}'"
    toml = SMALL_TOML.replace('file = "responses.csv"', declared)
    SurveyFolder(published, toml, small_responses(), SMALL_TARGETS).write()
    (published / "responses.csv").unlink()
    monkeypatch.setattr(
        "conjoint.read.fetch._transfer", lambda _, partial, __: partial.write_bytes(content)
    )
    cache, folder = tmp_path / "cache", tmp_path / "out"
    monkeypatch.setenv("CONJOINT_CACHE", str(cache))
    folder.mkdir()
    file = folder / "mine.csv"
    file.write_bytes(b"old")
    kept = cache / digest(content)[:16] / "responses.csv"
    for moment, _ in moments(lambda: invoke("fetch", published, "--to", file), folder):
        assert not kept.exists() or kept.read_bytes() == content, moment
        assert file.read_bytes() in (b"old", content), moment
        shutil.rmtree(cache, ignore_errors=True)
        file.write_bytes(b"old")


def test_every_command_that_writes_is_here():
    """A new command is thought of: it has to write by :mod:`conjoint.output`, as all others do."""
    here = Path(__file__).read_text("utf-8")
    for name in COMMANDS:
        assert re.search(rf'"{name}( SURVEY|/|", )', here), name
