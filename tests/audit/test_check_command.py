"""What `conjoint check` prints, writes and ends with, beside the faults of its files."""

import json
import sys

import pandas as pd
import planting
import pytest

from conjoint.audit.model import COLUMNS
from conjoint.cli import main


@pytest.fixture
def check(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["conjoint", "check", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return end.value.code, said.out, said.err

    return run


def test_stops_come_first_then_looks_then_one_line_a_check(check, folder):
    for place in (4, 5, 6):
        folder.responses.loc[place] = folder.responses.loc[3].to_numpy()
        folder.responses.loc[place, "id"] = f"x{place}"
    code, out, _ = check(folder.write())
    lines = out.splitlines()
    words = [line.split()[0] for line in lines if line.startswith(("STOP", "LOOK", "fine"))]
    assert words == sorted(words, key=["STOP", "LOOK", "fine"].index)
    assert "STOP" in words
    assert max(map(len, lines)) < 80
    assert code == 1
    assert " ".join(out.split()).endswith("Publish nothing before every stop is explained.")
    assert "x4" not in out


def test_all_shows_every_item_and_who_is_twice(check, folder):
    folder.responses.loc[4] = folder.responses.loc[3].to_numpy()
    folder.responses.loc[4, "id"] = "x4"
    path = folder.write()
    _, short, _ = check(path)
    _, long, _ = check(path, "--all")
    assert long.count("\nfine") > short.count("\nfine")
    assert "r004, x4" in long
    assert "x4" not in short


def test_items_are_written_as_csv_and_json(check, folder, tmp_path_factory):
    path, to = folder.write(), tmp_path_factory.mktemp("to")
    check(path, "--to", to / "items.csv")
    check(path, "--to", to / "items.json")
    frame = pd.read_csv(to / "items.csv")
    assert list(frame) == COLUMNS
    content = json.loads((to / "items.json").read_text("utf-8"))
    assert [item["check"] for item in content["items"]] == list(frame["check"])
    assert sum(content["counts"].values()) == len(frame)
    assert all(item["value"] is None or item["value"] == item["value"] for item in content["items"])


def test_the_file_says_nothing_of_hidden_segments_unless_asked(check, folder, tmp_path):
    """60 people, of whom no segment reaches the limit of 50."""
    path, to = folder.write(), tmp_path / "items.csv"
    told = []
    for more in ((), ("--all",)):
        check(path, "--to", to, *more)
        frame = pd.read_csv(to)
        told.append(frame[frame["subject"].fillna("").str.contains("left|warm", case=False)])
    assert told[0].empty
    assert not told[1].empty


def test_another_ending_is_refused_before_anything_is_read(check, folder):
    code, out, err = check(folder.write(), "--to", "items.docx")
    assert code == 2
    assert out == ""
    assert '"items.docx" has no known ending (expected .csv or .json)' in err


def test_a_place_that_cannot_be_written_is_said(check, folder):
    for name in ("items.csv", "items.json"):
        code, _, err = check(folder.write(), "--to", f"no/such/folder/{name}")
        assert code == 2
        assert "cannot be written" in err


def test_faults_of_segments_come_with_the_audit_of_the_rest(check, folder, tmp_path_factory):
    folder.toml += '\n[segments.nobody]\nwhere = { age = "middle" }\n'
    to = tmp_path_factory.mktemp("to") / "items.csv"
    code, out, err = check(folder.write(), "--to", to)
    assert code == 2
    assert "nobody is in this segment" in err
    assert "No faults found." not in out
    assert "Answers left out" in out
    assert not to.exists()


def test_a_clean_folder_ends_well(check, tmp_path):
    code, out, err = check(planting.write(tmp_path, planting.shipped()))
    assert code == 0
    assert "No faults found." in out
    assert "Synthetic wave" in err
    assert " ".join(out.split()).endswith("Read them before any figure is used.")


def test_the_ledger_of_what_is_not_used_stands_before_the_verdict(check, folder, tmp_path):
    folder.responses["note"] = "-"
    folder.responses.loc[len(folder.responses), "id"] = "nobody-1"
    path, to = folder.write(), tmp_path / "items.json"
    _, out, _ = check(path, "--to", to)
    ledger = out.split("Not used:")[1]
    assert "1  respondents gave no answer" in ledger
    assert "1  columns are not named in survey.toml: note" in ledger
    assert "nobody-1" not in out + to.read_text("utf-8")
    assert [entry["kind"] for entry in json.loads(to.read_text("utf-8"))["unused"]] == [
        "respondents",
        "columns",
    ]
