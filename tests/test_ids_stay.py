"""No respondent's id reaches any file or page: the chain of commands on people with telling ids."""

import io
import re
import shutil
import sys
import zipfile
from contextlib import redirect_stderr, redirect_stdout

import pandas as pd
import pytest

import conjoint as cj
from conjoint.cli import main

MARK = re.compile(r"panelist[\W_]*\d|R002X", re.IGNORECASE)

RULES = """
# PANELIST-0007 rang us to be taken out
[exclusions.PANELIST-0007]
label = "Removal of PANELIST-0007"
text = "PANELIST-0007 and PANELIST-0009 asked for it; PANELIST-0031 did not"
where = { id = ["PANELIST-0007", "PANELIST-0009", "PANELIST-9999"] }
[exclusions.liars]
text = "as PANELIST-0011 did"
where = { warmth = 10 }
"""


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    """The small survey with telling ids, copied rows, near ids and cells at fault of people left out."""
    from conftest import SMALL_TARGETS, SMALL_TOML, small_responses

    path = tmp_path_factory.mktemp("telling")
    frame = small_responses(160)
    frame["id"] = [f"PANELIST-{place:04d}" for place in range(160)]
    for place in (20, 21, 22, 23, 24, 25):
        frame.loc[place] = frame.loc[19].to_numpy()
        frame.loc[place, "id"] = f"panelist {place:04d}"
    frame.loc[26, "id"] = "panelist-0027"
    frame.loc[7, "t1_A_price"] = "PANELIST-0008"
    frame.loc[40, ["t1_A_choice", "t1_B_choice"]] = "1"
    silent = pd.DataFrame({"id": ["PANELIST-5001", "PANELIST-5002"]})
    frame = pd.concat([frame, silent], ignore_index=True)
    (path / "survey.toml").write_text(SMALL_TOML + RULES, encoding="utf-8")
    (path / "targets.csv").write_text(SMALL_TARGETS, encoding="utf-8")
    frame.to_csv(path / "responses.csv", index=False)
    (path / "published.csv").write_text(PUBLISHED, encoding="utf-8")
    return path


def run(*arguments):
    """Run a command; give back what it prints."""
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed), redirect_stderr(printed):
        patch.setattr(sys, "argv", ["conjoint", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
    assert end.value.code in (None, 0, 1), printed.getvalue()
    return printed.getvalue()


def texts_of(path):
    """What a file holds, archives unpacked."""
    content = path.read_bytes()
    if not zipfile.is_zipfile(path):
        return content.decode("utf-8", "ignore")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [archive.read(name) for name in archive.namelist()]
    return "\n".join(part.decode("utf-8", "ignore") for part in parts)


def leaks(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return {
        path.name: MARK.findall(texts_of(path))[:3] for path in files if MARK.search(texts_of(path))
    }


def test_rules_on_ids_are_counted_and_say_no_more(survey):
    wave = cj.read_wave(survey)
    rule = wave.excluded[0]
    assert rule.respondents == 2
    assert not MARK.search(rule.key + rule.label)
    assert rule.text == "(id) and (id) asked for it; (id) did not"
    assert not {"PANELIST-0007", "PANELIST-0009"} & set(wave.people)
    assert not MARK.search(" ".join(wave.notes) + str(wave.unused))
    assert not MARK.search(wave.survey.model_dump_json())


def test_a_rule_on_ids_without_words_says_by_id(folder):
    folder.toml += '[exclusions.gone]\nwhere = { id = "r003" }\n'
    assert [rule.text for rule in cj.read_wave(folder.write()).excluded] == ["by id"]


DRAFT = """
Deals with a low price were chosen in 60% of cases, against 40% with a high one. 52% are women.
"""

PUBLISHED = """\
question,group,answer,value,decimals,where
party,Total,Left,34,0,table 1
party,Total,Right,33,0,table 1
"""


@pytest.fixture(scope="module")
def outputs(survey, tmp_path_factory):
    """What every command writes and prints, of one analysis where they can share it."""
    to = tmp_path_factory.mktemp("outputs")
    draft = tmp_path_factory.mktemp("draft") / "draft.md"
    draft.write_text(DRAFT, encoding="utf-8")
    later = tmp_path_factory.mktemp("later") / "wave"
    shutil.copytree(survey, later)
    commands = {
        "check": ("check", survey, "--to", to / "items.json"),
        "bpc": ("check", survey, "--bpc"),
        "analyse": ("analyse", survey, "--to", to / "bundle"),
        "tables": ("tables", survey, "--to", to / "tables"),
        "explore": ("explore", survey, "--to", to / "page.html"),
        "scenario": ("scenario", survey, "--set", "price=low", "--to", to / "scenario.csv"),
        "lint": ("lint-claims", draft, "--bundle", to / "bundle", "--to", to / "lint.json"),
        "compare": ("compare", survey, later, "--independent", "--all", "--to", to / "moves.csv"),
        "estimate": ("estimate", survey, "--by", "segments", "--to", to / "figures.csv"),
        "reproduce": ("reproduce", survey, "--all", "--to", to / "again.csv"),
    }
    printed = {name: run(*command) for name, command in commands.items()}
    return to, printed


def test_no_id_is_in_any_output(outputs):
    to, printed = outputs
    assert leaks(to) == {}
    assert {
        name: MARK.findall(text)[:3] for name, text in printed.items() if MARK.search(text)
    } == {}
    written = {path.name for path in to.rglob("*") if path.is_file()}
    assert written >= {
        "survey.json",
        "provenance.json",
        "items.json",
        "lint.json",
        "moves.csv",
        "again.csv",
        "page.html",
        "scenario.csv",
        "figures.csv",
    }
    assert any(name.endswith(".xlsx") for name in written)


@pytest.mark.slow
def test_no_id_is_in_a_report(survey, outputs, tmp_path):
    from conjoint.analysis import read_bundle
    from conjoint.report import render_reports

    made = read_bundle(outputs[0] / "bundle")
    names = ("segment_report", "topline_report", "technical_appendix")
    render_reports(made, tmp_path, reports=names, formats=("html", "docx", "md"))
    assert leaks(tmp_path) == {}
    kinds = {path.suffix for path in tmp_path.iterdir()}
    assert kinds >= {".html", ".docx", ".md"}


@pytest.mark.slow
@pytest.mark.parametrize("command", ["check", "compare", "reproduce"])
def test_no_id_is_in_a_page(survey, tmp_path, command):
    more = (shutil.copytree(survey, tmp_path / "later"), "--independent")
    printed = run(command, survey, *more[: 2 * (command == "compare")], "--page", tmp_path / "page")
    assert leaks(tmp_path / "page") == {}
    assert not MARK.search(printed)


def test_faults_name_rows_and_not_people(folder):
    folder.responses["id"] = [f"PANELIST-{place:04d}" for place in range(60)]
    folder.cell(9, "id", "PANELIST-0001")
    (fault,) = folder.faults(cj.read_wave)
    assert "row 9" in fault
    assert not MARK.search(fault)
