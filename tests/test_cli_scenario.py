"""``conjoint scenario`` as a person meets it."""

import subprocess
import sys
from shutil import copytree
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conftest import ROOT, STRONG_TOML, draw_strong, without_crossbreaks
from conjoint.cli.run import main
from conjoint.scenario import support

ROUTES = "surveys/routes_for_returns_2026"
SET = ("--set", "cap=20000", "--set", "reduction=90%")


@pytest.fixture
def run(capsys, monkeypatch):
    """The command in this process: starting Python anew takes longer than it."""

    def called(*arguments, folder=ROUTES):
        monkeypatch.chdir(ROOT)
        monkeypatch.setattr(
            sys, "argv", ["conjoint", "scenario", str(folder), *map(str, arguments)]
        )
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capsys.readouterr()
        return SimpleNamespace(returncode=stopped.value.code, stdout=said.out, stderr=said.err)

    return called


def read(path):
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def test_a_table_and_a_file_hold_what_python_computes(run, tmp_path):
    done = run(*SET, "--by", "segments", "--to", tmp_path / "x.csv")
    assert done.returncode == 0
    assert "Synthetic wave" in done.stderr
    assert max(map(len, done.stdout.splitlines())) < 80
    wave = cj.rake(cj.read_wave(ROOT / ROUTES))
    package = {"cap": "20000", "reduction": "90%"}
    direct = pd.concat([support(wave, package).frame, support(wave, package, "segments").frame])
    frame = read(tmp_path / "x.csv")
    assert frame["estimate"].to_list() == pytest.approx(direct["estimate"].to_list(), abs=1e-4)
    assert frame["synthetic"].all()
    for share in direct["estimate"]:
        assert f"{100 * share:.1f}" in done.stdout
    small = frame[frame["group"] == "right_switchers"]
    assert (small["reading"] == "caution").all()
    # 31 people were shown the package: its raw mean is not shown, and the model's is.
    assert (small["shown_respondents"] < 50).all()
    assert small["shown_estimate"].isna().all()
    assert small["estimate"].notna().all()


def test_head_to_head_is_of_the_choice_alone(run, tmp_path):
    done = run(*SET, "--versus", "cap=40000", "--to", tmp_path / "x.csv")
    frame = read(tmp_path / "x.csv")
    assert frame["outcome"].to_list() == ["choice"]
    assert frame["baseline"].to_list() == ["40000 * 90%"]
    assert "against the same with Cap on managed arrivals: 40,000 a year" in done.stdout


def test_a_group_that_is_too_small_is_not_shown(run, tmp_path):
    folder = copytree(ROOT / ROUTES, tmp_path / "survey")
    toml = without_crossbreaks((folder / "survey.toml").read_text("utf-8"))
    (folder / "survey.toml").write_text(
        toml.replace("[report]", "[thresholds]\nsuppress_below = 98\n\n[report]", 1), "utf-8"
    )
    done = run(*SET, "--by", "right_switchers", "--to", tmp_path / "x.csv", folder=folder)
    assert "not shown" in done.stdout
    assert "* Base under 98, or one that would give such a base away: not shown." in done.stdout
    row = read(tmp_path / "x.csv").query("group == 'right_switchers'")
    assert (row["reading"] == "suppressed").all()
    assert row[["estimate", "conf_low", "shown_estimate", "additivity_p"]].isna().all(axis=None)
    counts = ["n_respondents", "n_profiles", "n_effective", "shown_profiles", "shown_respondents"]
    assert row[counts].isna().all(axis=None)
    assert " 97 " not in done.stdout
    # Neither is any of its answers.
    assert done.stdout.count(" not shown  ") == 2
    assert done.stdout.count("  Oppose") == 1


THREE = """\
[outcomes.support]
kind = "support"
label = "Deal supported"
column = "t{task}_{profile}_support"
positive = "Support"
negative = ["Oppose", "Don't know"]
[outcomes.oppose]
kind = "support"
column = "t{task}_{profile}_support"
positive = "Oppose"
negative = ["Support", "Don't know"]
[outcomes.dont_know]
kind = "support"
column = "t{task}_{profile}_support"
positive = "Don't know"
negative = ["Support", "Oppose"]

"""


def with_outcomes(folder, declared):
    """A copy of the shipped survey in which its judgement of deals is declared otherwise."""
    copytree(ROOT / ROUTES, folder)
    toml = (folder / "survey.toml").read_text("utf-8")
    before, rest = toml.split("[outcomes.support]")
    after = rest[rest.index("# --- The questions") :]
    (folder / "survey.toml").write_text(f"{before}{declared}{after}", "utf-8")
    return folder


def test_support_oppose_and_dont_know_come_together(run, tmp_path):
    """From one declared outcome the same figures, and the same table, as from three."""
    asked = (*SET, "--outcome", "support", "--by", "segments", "--to")
    once = run(*asked, tmp_path / "once.csv")
    thrice = run(*asked, tmp_path / "thrice.csv", folder=with_outcomes(tmp_path / "s", THREE))
    assert once.stdout == thrice.stdout
    assert once.stdout.count("\nDeal supported\n") == 1
    for answer in ("  Support ", "  Oppose ", "  Don't know "):
        assert once.stdout.count(answer) == 4
    one, three = read(tmp_path / "once.csv"), read(tmp_path / "thrice.csv")
    assert one["outcome"].unique().tolist() == ["support", "support: Oppose", "support: Don't know"]
    assert three["outcome"].unique().tolist() == ["support", "oppose", "dont_know"]
    pd.testing.assert_frame_equal(one.drop(columns="outcome"), three.drop(columns="outcome"))
    sums = one.groupby("group")["estimate"].agg(["sum", "size"])
    assert sums["sum"].to_numpy() == pytest.approx([1.0] * 4, abs=3e-4)
    assert sums["size"].to_list() == [3] * 4


def test_an_answer_of_its_own_may_be_asked_for(run, tmp_path):
    done = run(*SET, "--outcome", "support: Oppose", "--to", tmp_path / "x.csv")
    assert done.returncode == 0
    assert len(read(tmp_path / "x.csv")) == 3


def test_a_group_that_is_called_as_everybody_is_has_rows_of_its_own(run, tmp_path):
    folder = copytree(ROOT / ROUTES, tmp_path / "survey")
    toml = without_crossbreaks((folder / "survey.toml").read_text("utf-8"))
    (folder / "survey.toml").write_text(toml, "utf-8")
    answers = pd.read_csv(folder / "responses.csv", dtype=str, keep_default_na=False)
    answers["panel"] = ["Total", "Other"] * (len(answers) // 2) + ["Total"] * (len(answers) % 2)
    answers.to_csv(folder / "responses.csv", index=False)
    done = run(*SET, "--by", "panel", "--to", tmp_path / "x.csv", folder=folder)
    assert done.returncode == 0
    assert done.stdout.count("  Oppose") == 3
    for share in read(tmp_path / "x.csv")["estimate"]:
        assert f"{100 * share:.1f}" in done.stdout


def test_a_combination_that_the_design_forbids_is_told_with_what_it_allows(run, tmp_path):
    folder = copytree(ROOT / ROUTES, tmp_path / "survey")
    answers = pd.read_csv(folder / "responses.csv", dtype=str, keep_default_na=False)
    for place in (f"t{task}_{profile}" for task in range(1, 7) for profile in "AB"):
        both = (answers[f"{place}_cap"] == "40000") & (answers[f"{place}_reduction"] == "90%")
        answers.loc[both, f"{place}_reduction"] = "75%"
    answers.to_csv(folder / "responses.csv", index=False)
    toml = (folder / "survey.toml").read_text("utf-8")
    never = '[[restrictions]]\nnever = { cap = "40000", reduction = "90%" }\n\n[outcomes.choice]'
    (folder / "survey.toml").write_text(toml.replace("[outcomes.choice]", never), "utf-8")
    for option, given in (("--set", ("--set", "cap=40000", "--set", "reduction=90%")),
                          ("--versus", (*SET, "--versus", "cap=40000"))):  # fmt: skip
        done = run(*given, folder=folder)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert done.stderr.startswith(f"{option}: ")
        assert "never meet" in done.stderr
        assert 'with "40000": None, 25%, 50%, 75%' in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--set", "cap=1"), '--set: "1" is not a level of "cap" (expected 5000, 10000, 20000, 40000)'),
        (("--set", "size=1"), '--set: there is no attribute "size" (expected cap, reduction'),
        (("--set", "cap"), "ATTRIBUTE=LEVEL"),
        (("--set", "cap=5000", "--set", "cap=10000"), '"cap" stands twice'),
        ((*SET, "--versus", "cap=20000"), "the opponent is the package itself"),
        ((*SET, "--versus", "cap=1"), '--versus: "1" is not a level of "cap"'),
        ((*SET, "--versus", "cap=40000", "--outcome", "support"), 'an outcome of kind "choice"'),
        ((*SET, "--outcome", "vote"), 'outcome: there is no "vote" (expected choice, support)'),
        ((*SET, "--versus", "cap=40000", "--status-quo"), "one of the two"),
        ((*SET, "--status-quo"), "a choice with a `none` option"),
        ((*SET, "--by", "nobody"), 'by: there is no "nobody" (expected segments, labour_voters'),
        ((*SET, "--interact", "cap"), "two different attributes"),
        ((*SET, "--to", "x.txt"), 'no known ending (expected .csv)'),
    ],
)  # fmt: skip
def test_what_is_refused_is_told_in_words(run, arguments, said):
    done = run(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_it_runs_as_a_program():
    done = subprocess.run(
        [sys.executable, "-m", "conjoint", "scenario", ROUTES, "--set", "cap=1"],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith('--set: "1" is not a level of "cap"')
    assert done.stdout == ""


RATED = """
title = "Rated"
[data]
file = "responses.csv"
layout = "long"
respondent = "id"
task = "task"
profile = "profile"
[attributes.price]
levels = ["low", "mid", "high"]
[attributes.size]
levels = ["S", "M", "L"]
[outcomes.rating]
kind = "rating"
column = "rating"
min = 0
max = 10
"""


def test_a_rating_is_a_mean_on_its_scale(run, simulated, tmp_path):
    (tmp_path / "survey.toml").write_text(RATED, "utf-8")
    simulated(3, n=120).to_csv(tmp_path / "responses.csv", index=False)
    done = run("--set", "price=low", folder=tmp_path)
    row = support(cj.read_wave(tmp_path), {"price": "low"}).frame.iloc[0]
    assert f"{row['estimate']:.1f}" in done.stdout
    assert f"{row['conf_low']:.1f} to {row['conf_high']:.1f}" in done.stdout
    assert "Mean" in done.stdout
    assert "%  " not in done.stdout


def test_an_attribute_that_is_not_shown_is_set_to_nothing(run, simulated, tmp_path):
    toml = RATED.replace('levels = ["S", "M", "L"]', 'levels = ["S", "M", "L"]\npresence = "some"')
    (tmp_path / "survey.toml").write_text(toml, "utf-8")
    frame = simulated(3, n=120)
    frame.loc[frame.index % 3 == 0, "size"] = None
    frame.to_csv(tmp_path / "responses.csv", index=False)
    package = {"price": "low", "size": None}
    row = support(cj.read_wave(tmp_path), package).frame.iloc[0]
    done = run("--set", "price=low", "--set", "size=", folder=tmp_path)
    assert (
        "price: low; size: not shown\nAll other attributes averaged over the design.\n"
        in done.stdout
    )
    assert f"{row['conf_low']:.1f} to {row['conf_high']:.1f}" in done.stdout
    left_out = run("--set", "price=low", folder=tmp_path).stdout
    assert "those not always shown as they stood beside these" in left_out
    refused = run("--set", "price=", folder=tmp_path)
    assert refused.returncode == 2
    assert '--set: every profile shows "price"' in refused.stderr


def test_beyond_the_scale_the_model_is_said_and_the_raw_mean_that_disagrees(run, tmp_path):
    frame = draw_strong(1)
    odd = (frame["price"] == "low") & (frame["size"] == "L")
    frame.loc[odd, "view"] = np.where(np.arange(odd.sum()) % 2, "For", "Against")
    (tmp_path / "survey.toml").write_text(STRONG_TOML, "utf-8")
    frame.to_csv(tmp_path / "responses.csv", index=False)
    done = run("--set", "price=low", "--set", "size=L", "--to", tmp_path / "x.csv", folder=tmp_path)
    table = pd.read_csv(tmp_path / "x.csv").set_index("outcome")
    assert table["model"].to_dict() == {
        "chosen": "linear", "rating": "logit", "view": "logit", "view: Against": "logit", "view: Unsure": "logit",
    }  # fmt: skip
    said = " ".join(done.stdout.split())
    assert "Model: linear. rating Group" in said
    assert "Model: logit; a linear one would leave 0 to 10 for some packages." in said
    assert "Model: logit; a linear one would leave 0 to 100% for some packages." in said
    row = table.loc["view"]
    assert row["gap_p"] < 0.001
    assert (
        f"All, For: the logit model gives {100 * row['estimate']:.1f}%, the profiles shown "
        f"{100 * row['shown_estimate']:.1f}% (test of no gap: p < 0.001)."
    ) in said
