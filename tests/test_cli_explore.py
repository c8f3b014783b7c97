"""``conjoint explore`` as a person meets it."""

import json
import re
from shutil import copytree

import pytest

import conftest
from conftest import ROOT, without_crossbreaks
from conjoint.analysis import Analysis
from conjoint.scenario.explorer import explorer_tables

ROUTES = ROOT / "surveys" / "routes_for_returns_2026"


def run(*arguments):
    return conftest.run("explore", *arguments)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    pytest.importorskip("vl_convert")
    folder = tmp_path_factory.mktemp("explore")
    survey = copytree(ROUTES, folder / "survey")
    text = without_crossbreaks((survey / "survey.toml").read_text("utf-8"))
    limits = "[thresholds]\nsuppress_below = 98\ncaution_below = 200\n\n[report]"
    (survey / "survey.toml").write_text(text.replace("[report]", limits, 1), "utf-8")
    page = folder / "page.html"
    return run(survey, "--to", page), page


def test_one_page_is_written_that_says_it_is_synthetic(made):
    done, page = made
    assert done.returncode == 0, done.stderr
    assert "Synthetic wave" in done.stderr
    assert [own.name for own in page.parent.glob("page*")] == ["page.html"]
    text = page.read_text("utf-8")
    assert "Nothing on this page may be quoted as a finding." in text
    assert "conjoint explore survey --to FILE.html" in text
    assert len(text) < 1_200_000


def test_small_groups_are_not_in_its_data(made):
    _, page = made
    data = json.loads(re.search(r'id="data">(.*?)</script>', page.read_text("utf-8"), re.DOTALL)[1])
    assert [group["label"] for group in data["groups"]] == ["All", "Labour voters", "Progressive switchers"]  # fmt: skip
    assert data["hidden"] == ["Right switchers"]
    assert {key.split("|")[2] for key in data["models"]} == {"0", "1", "2"}
    grid = {group["label"]: group["cells"] for group in data["grid"]["groups"]}
    assert list(grid) == ["All", "Labour voters", "Progressive switchers"]
    assert len(grid["All"]) == 20
    # 97 right switchers answered, and nobody's answers are here.
    assert "97" not in {str(model["n"]) for model in data["models"].values()}
    assert data["models"]["0|support|2"]["caution"] is True


def test_a_bundle_does_as_well_as_a_folder(tmp_path, simulated, as_wave):
    pytest.importorskip("vl_convert")
    wave = as_wave(simulated(1, n=80), segments=None)
    told = {
        "command": "conjoint analyse x", "survey": "x", "synthetic": False, "inputs": {}, "versions": {},
        "inputs_changed": "2026-05-28T20:26:40+00:00",
        "counts": {"respondents": 80, "profiles": 800, "tasks": 5},
        "weighting": dict.fromkeys(
            ("efficiency", "effective", "design_effect", "smallest", "largest", "trimmed"), 1.0
        ) | {"weighted": False, "margins": [], "distance": ""},
    }  # fmt: skip
    bundle = Analysis(wave.survey, explorer_tables(wave), told).write(tmp_path / "bundle")
    done = run(bundle, "--to", tmp_path / "x.html")
    assert done.returncode == 0, done.stderr
    assert "conjoint analyse x" in (tmp_path / "x.html").read_text("utf-8")
    refused = run(bundle, "--to", tmp_path / "y.html", "--unweighted")
    assert refused.returncode == 2
    assert "does not fit a bundle" in refused.stderr
    (bundle / "explorer_cells.csv").unlink()
    damaged = run(bundle, "--to", tmp_path / "y.html")
    assert damaged.returncode == 2
    assert "explorer_cells" in " ".join(damaged.stderr.split())
    assert not (tmp_path / "y.html").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Missing option"),
        (("--to", "x.pdf"), "no known ending (expected .html)"),
        (("--to", "no/such/folder/x.html"), "there is no folder"),
    ],
)
def test_what_is_refused_is_told_in_words(arguments, said):
    done = run(ROUTES, *arguments)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
