"""conjoint lint-claims: a draft, a survey or its bundle, an exit code."""

import json
import os
import subprocess
import sys

import pandas as pd
import pytest


@pytest.fixture(scope="module")
def bundle(routes, tmp_path_factory):
    return routes.write(tmp_path_factory.mktemp("lint") / "data")


def lint(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "conjoint", "lint-claims", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "140"},
    )


def test_a_draft_that_is_right_passes_and_one_that_is_not_ends_with_one(bundle, tmp_path):
    draft = tmp_path / "draft.md"
    draft.write_text("62% of Labour voters support the deal.\n", "utf-8")
    ran = lint(draft, bundle)  # a bundle stands for its survey
    assert (ran.returncode, "found" in ran.stdout) == (0, True)
    assert "Synthetic wave" in ran.stderr
    draft.write_text("=HYPERLINK(1) 67% of Labour voters support the deal.\n", "utf-8")
    ran = lint(draft, "--bundle", bundle, "--to", tmp_path / "found.csv")
    assert ran.returncode == 1
    assert "another figure" in ran.stdout
    assert "right switchers" in " ".join(ran.stdout.split())
    frame = pd.read_csv(tmp_path / "found.csv")
    assert list(frame["status"]) == ["another figure"]
    assert frame["sentence"].iloc[0].startswith("'=HYPERLINK")
    lint(draft, "--bundle", bundle, "--to", tmp_path / "found.json")
    assert json.loads((tmp_path / "found.json").read_text("utf-8"))[0]["said"] == "67%"


@pytest.mark.parametrize(
    ("name", "content", "options", "told"),
    [
        ("draft.md", b"\xff\xfe1", ["--bundle", "BUNDLE"], "is not text in UTF-8"),
        ("draft.md", b"62%", [], "names nothing to hold the draft against"),
        ("draft.md", b"62%", ["BUNDLE", "--bundle", "BUNDLE"], "are both given"),
        ("draft.md", b"62%", ["--bundle", "BUNDLE", "--to", "x.docx"], "no such file"),
        ("draft.md", b"62%", ["--bundle", "/nowhere"], "is no bundle"),
    ],
)
def test_wrong_arguments_are_one_line_and_exit_two(bundle, tmp_path, name, content, options, told):
    draft = tmp_path / name
    draft.write_bytes(content)
    ran = lint(draft, *(str(bundle) if option == "BUNDLE" else option for option in options))
    assert ran.returncode == 2
    assert told in " ".join(ran.stderr.split())
    assert "Traceback" not in ran.stderr
