"""The compare command: flags first, clear changes, faults of all folders together."""

import re
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from conftest import ROOT
from conjoint.cli import main

FIRST = ROOT / "surveys" / "routes_for_returns_2026"
SECOND = ROOT / "surveys" / "routes_for_returns_2026_autumn"


@pytest.fixture
def compare(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["conjoint", "compare", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return end.value.code, said.out, said.err

    return run


def test_flags_come_first_then_clear_changes_then_the_rest_folded(compare):
    code, out, err = compare(FIRST, SECOND)
    assert code == 0
    assert "Synthetic wave" in err
    assert (
        out.index("NOT COMPARED")
        < out.index("Changes clear of zero")
        < out.index("without a clear")
    )
    assert re.search(r"deal · Support +47\.7 +54\.8 +\+7\.1 +\+2\.9 to \+11\.2", out)
    assert "work · Support" not in out
    assert max(map(len, out.splitlines())) < 80
    assert "allow for all figures of the comparison" in out


def test_all_shows_what_is_not_clear(compare):
    _, out, _ = compare(FIRST, SECOND, "--all")
    assert "deal · Oppose" in out
    assert "work · Support" not in out  # not compared, so there is no change to show


def test_every_change_is_written(compare, tmp_path):
    code, _, _ = compare(FIRST, SECOND, "--by", "segments", "--to", tmp_path / "c.csv")
    frame = pd.read_csv(tmp_path / "c.csv")
    assert code == 0
    assert set(frame["group"]) >= {"Total", "labour_voters"}
    assert set(frame["verdict"]) >= {"rose", "no clear change", "not compared"}


def test_composition_hold_and_family_are_passed_on(compare, tmp_path):
    shutil.copytree(SECOND, tmp_path / "b")
    targets = pd.read_csv(SECOND / "targets.csv", dtype=str)
    targets[targets["margin"] != "vote_2016"].to_csv(tmp_path / "b" / "targets.csv", index=False)
    _, as_is, _ = compare(FIRST, tmp_path / "b")
    assert "different targets" in " ".join(as_is.split())
    _, held, _ = compare(
        FIRST, tmp_path / "b", "--composition", "same targets", "--hold", "vote_2016",
        "--family", "table",
    )  # fmt: skip
    assert "different targets" not in " ".join(held.split())
    assert "allow for the figures of a table" in " ".join(held.split())
    assert "one comparison in 20, at most" in " ".join(as_is.split())


def test_faults_of_all_folders_are_told_together(compare, tmp_path):
    for name in ("a", "b"):
        shutil.copytree(SECOND, tmp_path / name)
        text = (tmp_path / name / "survey.toml").read_text("utf-8")
        (tmp_path / name / "survey.toml").write_text(
            text.replace('"Green", "SNP', '"Grene", "SNP'), "utf-8"
        )
    code, out, err = compare(tmp_path / "a", tmp_path / "b")
    assert code == 2
    assert not out
    assert str(tmp_path / "a") in err
    assert str(tmp_path / "b") in err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([FIRST], "one survey alone"),
        ([FIRST, SECOND, "--to", "changes.xlsx"], "no known ending"),
        ([FIRST, SECOND, "--composition", "held"], 'no "held"'),
        ([FIRST, SECOND, "--by", "nobody"], 'segment "nobody"'),
        ([FIRST, FIRST], "panel=True"),
        ([FIRST, SECOND, "--hold", "colour"], "no column colour"),
        ([FIRST, SECOND, "--despite", "weather"], 'no "weather"'),
    ],
)
def test_wrong_arguments_are_told(compare, arguments, told):
    code, out, err = compare(*arguments)
    assert code != 0
    assert not out
    assert told in err


def test_the_second_wave_is_drawn_from_its_recipe(tmp_path):
    folder = tmp_path / SECOND.name
    shutil.copytree(SECOND, folder)
    (folder / "responses.csv").unlink()
    subprocess.run([sys.executable, "-m", "conjoint.plan", str(folder)], check=True)
    assert (folder / "responses.csv").read_bytes() == (SECOND / "responses.csv").read_bytes()
    assert (SECOND / "responses.csv").stat().st_size < 1_500_000
    assert (SECOND / "targets.csv").read_bytes() == (FIRST / "targets.csv").read_bytes()
