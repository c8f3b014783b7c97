"""``conjoint scenario`` as a person meets it."""

import subprocess
import sys

import pandas as pd
import pytest

import conjoint as cj
from conftest import ROOT
from conjoint.scenario import support

ROUTES = "surveys/routes_for_returns_2026"
SET = ("--set", "cap=20000", "--set", "reduction=90%")


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "conjoint", "scenario", ROUTES, *map(str, arguments)],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip


def read(path):
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def test_a_table_and_a_file_hold_what_python_computes(tmp_path):
    done = run(*SET, "--by", "segments", "--to", tmp_path / "x.csv")
    assert done.returncode == 0
    assert "Synthetic wave" in done.stderr
    assert max(map(len, done.stdout.splitlines())) < 80
    wave = cj.rake(cj.read_wave(ROOT / ROUTES))
    package = {"cap": "20000", "reduction": "90%"}
    direct = pd.concat([support(wave, package).frame, support(wave, package, "segments").frame])
    frame = read(tmp_path / "x.csv")
    assert frame["estimate"].to_list() == pytest.approx(direct["estimate"].to_list(), rel=1e-12)
    assert frame["synthetic"].all()
    for share in direct["estimate"]:
        assert f"{100 * share:.1f}" in done.stdout
    small = frame[frame["group"] == "right_switchers"]
    assert (small["reading"] == "caution").all()
    # 31 people were shown the package: its raw mean is not shown, and the model's is.
    assert (small["shown_respondents"] < 50).all()
    assert small["shown_estimate"].isna().all()
    assert small["estimate"].notna().all()


def test_head_to_head_is_of_the_choice_alone(tmp_path):
    done = run(*SET, "--versus", "cap=40000", "--to", tmp_path / "x.csv")
    frame = read(tmp_path / "x.csv")
    assert frame["outcome"].to_list() == ["choice"]
    assert frame["baseline"].to_list() == ["40000 * 90%"]
    assert "against the same with Cap on managed arrivals: 40,000 a year" in done.stdout


def test_a_group_that_is_too_small_is_not_shown(tmp_path):
    from shutil import copytree

    folder = copytree(ROOT / ROUTES, tmp_path / "survey")
    toml = (folder / "survey.toml").read_text("utf-8")
    (folder / "survey.toml").write_text(
        toml.replace("[report]", "[thresholds]\nsuppress_below = 98\n\n[report]", 1), "utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-m", "conjoint", "scenario", str(folder), *SET, "--by", "right_switchers",
         "--to", str(tmp_path / "x.csv")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "not shown" in done.stdout
    assert "under 98" in done.stdout
    row = read(tmp_path / "x.csv").query("group == 'right_switchers'")
    assert (row["reading"] == "suppressed").all()
    assert row[["estimate", "conf_low", "shown_estimate", "additivity_p"]].isna().all(axis=None)
    assert row["n_respondents"].to_list() == [97, 97]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--set", "cap=1"), "5000, 10000, 20000, 40000"),
        (("--set", "size=1"), 'there is no attribute "size" (expected cap, reduction'),
        (("--set", "cap"), "ATTRIBUTE=LEVEL"),
        (("--set", "cap=5000", "--set", "cap=10000"), '"cap" stands twice'),
        ((*SET, "--versus", "cap=20000"), "the opponent is the package itself"),
        ((*SET, "--versus", "cap=40000", "--status-quo"), "one of the two"),
        ((*SET, "--status-quo"), "a choice with a `none` option"),
        ((*SET, "--by", "nobody"), 'by: there is no "nobody" (expected segments, labour_voters'),
        ((*SET, "--interact", "cap"), "two different attributes"),
        ((*SET, "--to", "x.txt"), 'no known ending (expected .csv)'),
    ],
)  # fmt: skip
def test_what_is_refused_is_told_in_words(arguments, said):
    done = run(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""
