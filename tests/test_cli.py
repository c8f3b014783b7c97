"""The command line as a person meets it: what it prints, where it writes, how it ends."""

import inspect
import io
import subprocess
import sys
from importlib import import_module

import pandas as pd
import pytest

import conjoint as cj
from conftest import ROOT, run
from conjoint.cli.run import COMMANDS
from test_folder import plant_ten_faults

ROUTES = "surveys/routes_for_returns_2026"


def test_check_says_what_the_folder_holds():
    done = run("check", ROUTES)
    assert done.returncode == 0
    assert "2,369 respondents, 23,690 profiles, 5 tasks, one task repeated" in done.stdout
    assert "under 100: with caution" in done.stdout
    assert "Targets can be met, at a weighting efficiency of 77.4%" in done.stdout
    assert "No faults found.\n" in done.stdout
    assert "Nothing to stop for, " in done.stdout.splitlines()[-1]
    assert max(map(len, done.stdout.splitlines())) < 80
    assert "Synthetic wave" in done.stderr


def test_estimate_writes_the_tidy_frame_to_standard_output():
    done = run("estimate", ROUTES, "--what", "mm", "--by", "segments", "--all")
    assert done.returncode == 0
    frame = pd.read_csv(io.StringIO(done.stdout), keep_default_na=False, na_values=[""])
    direct = cj.marginal_means(cj.rake(cj.read_wave(ROOT / ROUTES)), by="segments").frame
    assert list(frame.columns) == list(direct.columns)
    assert frame["estimate"].to_numpy() == pytest.approx(direct["estimate"].to_numpy(), rel=1e-14)


def test_estimate_gives_figures_of_two_attributes():
    done = run(
        "estimate",
        ROUTES,
        "--what",
        "acie",
        "--pair",
        "cap",
        "reduction",
        "--outcome",
        "choice",
        "--all",
    )
    frame = pd.read_csv(io.StringIO(done.stdout), keep_default_na=False, na_values=[""])
    direct = cj.interactions(
        cj.rake(cj.read_wave(ROUTES)), ("cap", "reduction"), outcome="choice"
    ).frame
    assert frame["level"].to_list() == direct["level"].to_list()
    assert frame["std_error"].to_numpy() == pytest.approx(direct["std_error"].to_numpy(), rel=1e-12)


def test_estimate_gives_joint_tests(tmp_path):
    run(
        "estimate",
        ROUTES,
        "--by",
        "segments",
        "--variance",
        "CR1",
        "--test",
        "--to",
        tmp_path / "t.csv",
    )
    table = pd.read_csv(tmp_path / "t.csv")
    assert set(table["attribute"]) == set(cj.read_survey(ROUTES).attributes)
    assert table["p_value"].between(0, 1).all()


def test_estimate_can_leave_the_weights_out(tmp_path):
    done = run(
        "estimate",
        ROUTES,
        "--what",
        "toplines",
        "--unweighted",
        "--all",
        "--to",
        tmp_path / "t.csv",
    )
    assert done.returncode == 0
    assert "rows" in done.stderr
    frame = pd.read_csv(tmp_path / "t.csv")
    direct = cj.toplines(cj.read_wave(ROOT / ROUTES)).frame
    assert frame["estimate"].to_numpy() == pytest.approx(direct["estimate"].to_numpy(), rel=1e-14)


def test_weight_writes_one_weight_a_respondent(tmp_path):
    done = run("weight", ROUTES, "--to", tmp_path / "weights.csv")
    assert done.returncode == 0
    assert "Efficiency 77.4%" in done.stdout
    weights = pd.read_csv(tmp_path / "weights.csv")
    assert len(weights) == 2369
    assert weights["weight"].mean() == pytest.approx(1)


def test_weights_can_be_bounded_and_trimmed(tmp_path):
    done = run(
        "weight", ROUTES, "--distance", "logit", "--lower", "0.3", "--upper", "4",
        "--to", tmp_path / "logit.csv",
    )  # fmt: skip
    assert done.returncode == 0
    own = pd.read_csv(tmp_path / "logit.csv")["weight"]
    direct = cj.calibrate(cj.read_wave(ROOT / ROUTES), distance="logit", bounds=(0.3, 4)).weights
    assert own.to_numpy() == pytest.approx(direct, rel=1e-12)
    assert "Trimmed" not in done.stdout
    done = run("weight", ROUTES, "--trim-above", "3", "--to", tmp_path / "cut.csv")
    cut = pd.read_csv(tmp_path / "cut.csv")["weight"]
    assert cut.max() == pytest.approx(3)
    assert "of the respondents are held at a limit. Before, the design effect was 1.29" in (
        done.stdout
    )


def test_weight_says_the_design_effect_and_what_deserves_a_look():
    done = run("weight", ROUTES)
    assert "(design effect 1.29). Weights from 0.38 to 6.24." in done.stdout
    assert "its figures are from 2016, 10 years before fieldwork" in " ".join(done.stdout.split())


def test_data_can_lie_elsewhere(oracle):
    data = oracle / "data" / "immigration.csv"
    done = run("estimate", "surveys/immigration_2014", "--data", data)
    assert done.returncode == 0
    assert done.stdout.count("\n") == 1 + 50


def test_ten_faults_are_told_at_once_with_exit_2_and_no_output(folder, tmp_path_factory):
    expected = plant_ten_faults(folder)
    survey, out = folder.write(), tmp_path_factory.mktemp("out")
    before = sorted(path.name for path in survey.iterdir())
    for command in (
        ("check", survey),
        ("estimate", survey, "--to", out / "amce.csv"),
        ("weight", survey, "--to", out / "weights.csv"),
        ("report", survey, "--to", out / "report"),
    ):
        done = run(*command)
        assert done.returncode == 2, command
        assert "Traceback" not in done.stderr
        for where, what in expected:
            lines = [line for line in done.stderr.splitlines() if where in line and what in line]
            assert lines, (command[0], where, what)
        assert "10 faults. Nothing was written." in done.stderr
    assert list(out.iterdir()) == []
    assert sorted(path.name for path in survey.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "nowhere"), "there is no such file"),
        (
            ("estimate", ROUTES, "--by", "nonsense"),
            'by: there is no "nonsense" (expected segments,',
        ),
        (("estimate", ROUTES, "--what", "magic"), '--what: there is no "magic" (expected amce, mm'),
        (("estimate", ROUTES, "--what", "acie"), '--pair: does not fit "acie"'),
        (("estimate", ROUTES, "--pair", "cap", "reduction"), '--pair: does not fit "amce"'),
        (("estimate", ROUTES, "--variance", "HC9"), 'variance: there is no "HC9"'),
        (("estimate", ROUTES, "--outcome", "joy"), 'outcome: there is no "joy"'),
        (("estimate", ROUTES, "--confidence", "95"), "confidence: 95.0 is no probability"),
        (("estimate", "surveys/immigration_2014"), "Give the file with --data FILE"),
        (("estimate", ROUTES, "--to", "no/such/folder/x.csv"), "cannot be written"),
        (("weight", ROUTES, "--distance", "magic"), 'distance: there is no "magic" (expected'),
        (("weight", ROUTES, "--distance", "logit"), "bounds: are missing"),
        (("weight", ROUTES, "--lower", "0.3"), "--upper: is missing"),
        (("weight", ROUTES, "--trim-above", "0.5"), "do not lie on either side of 1"),
    ],
)
def test_a_refusal_is_one_line_without_a_traceback(arguments, said):
    done = run(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("command", ["check", "estimate", "weight", "report"])
def test_help_has_an_example(command):
    done = run(command, "--help")
    assert done.returncode == 0
    assert "Example: conjoint" in " ".join(done.stdout.split())


def test_the_version_is_the_packages():
    assert run("--version").stdout == f"conjoint {cj.__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_each_says_itself(name):
    module = name.replace("-", "_")
    function = getattr(import_module(f"conjoint.cli.{module}"), module)
    assert " ".join(inspect.getdoc(function).split("\n\n")[0].split()) == COMMANDS[name]


@pytest.mark.parametrize("asked", ["--help", "--version", "chekc"])
def test_what_needs_no_command_loads_none(asked):
    code = (
        "import sys, atexit, conjoint.cli; "
        "atexit.register(lambda: print(sorted({'numpy', 'pandas', 'scipy'} & set(sys.modules)))); "
        f"sys.argv = ['conjoint', '{asked}']; conjoint.cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "[]"
    assert (done.returncode == 2) == (asked == "chekc")
    assert ("Did you mean 'check'?" in " ".join(done.stderr.split())) == (asked == "chekc")
