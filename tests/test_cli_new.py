"""``conjoint new`` as a person meets it."""

import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

import conftest
import conjoint as cj
from conftest import ROUTES

RESPONSES = ROUTES / "responses.csv"


def run(*arguments, **options):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "160")
        return conftest.run(*arguments, **options)


def small(path, answers=("0", "1")):
    """A wide file whose choice may be read two ways."""
    rng = np.random.default_rng(1)
    columns = {"respondent_id": [f"R{i}" for i in range(120)]}
    for task in "123":
        for profile in "AB":
            columns[f"t{task}_{profile}_price"] = rng.choice(["£5", "£10", "£20"], 120)
            columns[f"t{task}_{profile}_partner"] = rng.choice(["France", "Spain", "Malta"], 120)
        columns[f"t{task}_choice"] = rng.choice(answers, 120)
    frame = pd.DataFrame(columns)
    frame.to_csv(path, index=False)
    return frame


def test_it_says_what_it_proposes_and_what_is_to_decide(tmp_path):
    done = run("new", RESPONSES, tmp_path / "wave")
    assert done.returncode == 0
    assert "t{task}_{profile}_{attribute}" in done.stdout
    assert "its profiles are those of task 1, with the profiles swapped" in done.stdout
    assert f"Next: conjoint check {tmp_path / 'wave'}" in done.stdout
    assert "DECIDE outcomes.support.missing" in done.stderr
    assert "does it count 0, or is it left out?" in done.stderr
    assert "conjoint check stops until this is decided." in done.stderr
    assert sorted(p.name for p in (tmp_path / "wave").iterdir()) == ["responses.csv", "survey.toml"]


def test_check_stops_where_a_decision_is_left_open_and_passes_once_taken(tmp_path):
    small(tmp_path / "export.csv")
    done = run("new", tmp_path / "export.csv", tmp_path / "wave")
    assert done.returncode == 0
    assert "DECIDE outcomes.choice.chosen" in done.stderr
    stopped = run("check", tmp_path / "wave")
    assert stopped.returncode == 2
    assert "outcomes.choice" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    toml = tmp_path / "wave" / "survey.toml"
    line = 'chosen = { A = "0", B = "1" }'
    assert f"# {line}" in toml.read_text()
    toml.write_text(toml.read_text().replace(f"# {line}", line))
    assert run("check", tmp_path / "wave").returncode == 0


def test_questions_are_asked_and_answers_checked(tmp_path):
    frame = small(tmp_path / "export.csv")
    # Price's baseline; the order of partners, twice wrong; its baseline; which code means A.
    answers = ["9", "x", "2", "1 2", "1 1 2", "3 1 2", "", "2"]
    done = run(
        "new",
        tmp_path / "export.csv",
        tmp_path / "wave",
        "--interactive",
        stdin="\n".join(answers) + "\n",
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("That is no answer") == 4
    survey = cj.read_survey(tmp_path / "wave")
    assert survey.attributes["price"].baseline == "£10"
    assert survey.attributes["partner"].values == ("Spain", "France", "Malta")
    assert survey.attributes["partner"].baseline is None
    assert survey.outcomes["choice"].chosen == {"A": ("1",), "B": ("0",)}
    assert "# DECIDE" not in (tmp_path / "wave" / "survey.toml").read_text()
    wave = cj.read_wave(tmp_path / "wave")
    firsts = sum((frame[f"t{task}_choice"] == "1").sum() for task in "123")
    assert wave.profiles.loc[wave.profiles["profile"] == "A", "choice"].sum() == firsts


def test_answers_that_end_early_leave_the_rest_marked(tmp_path):
    small(tmp_path / "export.csv")
    done = run("new", tmp_path / "export.csv", tmp_path / "wave", "--interactive", stdin="2\n")
    assert done.returncode == 0
    assert "what is left stays marked" in done.stderr
    text = (tmp_path / "wave" / "survey.toml").read_text()
    assert 'baseline = "£10"' in text
    assert "DECIDE: Which answer means which profile?" in text


def test_a_question_can_be_left_open(tmp_path):
    small(tmp_path / "export.csv")
    done = run("new", tmp_path / "export.csv", tmp_path / "wave", "--interactive", stdin="\n" * 9)
    assert done.returncode == 0
    assert (
        "DECIDE: Which answer means which profile?"
        in (tmp_path / "wave" / "survey.toml").read_text()
    )


@pytest.mark.skipif(sys.platform == "win32", reason="pipes cannot be waited on there")
def test_without_anybody_to_answer_it_does_not_wait(tmp_path):
    small(tmp_path / "export.csv")
    begun = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "conjoint", "new", "export.csv", "wave", "--interactive"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
    ) as running:  # fmt: skip
        # The pipe stays open, and nothing comes through it.
        assert running.wait(timeout=120) == 0
        assert "Nobody is there to answer" in running.stderr.read()
    assert time.monotonic() - begun < 120
    done = subprocess.run(
        [sys.executable, "-m", "conjoint", "new", "export.csv", "other", "--interactive"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0


def test_nothing_is_overwritten(tmp_path):
    small(tmp_path / "export.csv")
    assert run("new", tmp_path / "export.csv", tmp_path / "wave").returncode == 0
    before = (tmp_path / "wave" / "survey.toml").read_bytes()
    again = run("new", tmp_path / "export.csv", tmp_path / "wave")
    assert again.returncode == 2
    assert "is already there" in again.stderr
    assert (tmp_path / "wave" / "survey.toml").read_bytes() == before


def test_a_file_may_stay_where_it_lies(tmp_path):
    small(tmp_path / "export.csv", ("A", "B"))
    done = run("new", tmp_path / "export.csv", tmp_path / "wave", "--no-copy")
    assert done.returncode == 0
    assert "--data FILE" in done.stdout
    assert [p.name for p in (tmp_path / "wave").iterdir()] == ["survey.toml"]
    assert run("check", tmp_path / "wave", "--data", tmp_path / "export.csv").returncode == 0


def test_how_a_file_is_read_can_be_said_and_is_kept(tmp_path):
    frame = small(tmp_path / "export.csv", ("A", "B"))
    frame.to_csv(tmp_path / "odd.csv", index=False, sep="|", encoding="utf-16")
    done = run(
        "new",
        tmp_path / "odd.csv",
        tmp_path / "wave",
        "--read",
        "delimiter=|",
        "--read",
        "encoding=utf-16",
    )
    assert done.returncode == 0, done.stderr
    data = cj.read_survey(tmp_path / "wave").data
    assert (data.delimiter, data.encoding) == ("|", "utf-16")
    assert len(cj.read_wave(tmp_path / "wave").respondents) == 120
    for wrong, words in (("colour=red", "is not understood"), ("decimal=;", "--read decimal")):
        refused = run("new", tmp_path / "odd.csv", tmp_path / "other", "--read", wrong)
        assert refused.returncode == 2
        assert words in refused.stderr
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    "kind", ["nothing there", "no conjoint", "a folder", "a strange ending", "empty"]
)
def test_a_refusal_is_told_in_words_and_leaves_nothing(kind, tmp_path):
    path = tmp_path / "file.csv"
    match kind:
        case "no conjoint":
            path.write_text("a,b\n1,2\n3,4\n")
        case "a folder":
            path.mkdir()
        case "a strange ending":
            path = tmp_path / "file.docx"
            path.write_text("x")
        case "empty":
            path.write_text("")
    done = run("new", path, tmp_path / "wave")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert str(path) in done.stderr
    assert "--data" not in done.stderr
    assert not (tmp_path / "wave").exists()


def test_a_decimal_comma_can_be_said(tmp_path):
    frame = small(tmp_path / "export.csv", ("A", "B"))
    # Points elsewhere: by itself it would not take commas for decimals.
    frame = frame.assign(weight="1,234", score="1.5")
    frame.loc[0, "weight"] = "0,5"
    frame.to_csv(tmp_path / "export.csv", index=False, sep=";")
    said = "the weights in weight"
    run("new", tmp_path / "export.csv", tmp_path / "one")
    assert said not in (tmp_path / "one" / "survey.toml").read_text()
    run("new", tmp_path / "export.csv", tmp_path / "two", "--read", "decimal=,")
    text = (tmp_path / "two" / "survey.toml").read_text()
    assert said in text
    assert cj.read_survey(tmp_path / "two").data.decimal == ","


def test_help_has_an_example():
    done = run("new", "--help")
    assert done.returncode == 0
    assert "Example: conjoint new export.csv" in done.stdout
    assert "--interactive" in done.stdout


def test_what_takes_long_says_what_it_does(capsys, monkeypatch):
    from conjoint.cli import new

    monkeypatch.setattr("conjoint.cli.new.QUIET", 0.05)
    with new._busy("Looking at 9 columns"):
        time.sleep(0.4)
    with new._busy("Not said"):
        pass
    said = capsys.readouterr().err
    assert "Looking at 9 columns" in said
    assert "Not said" not in said
