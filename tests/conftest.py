"""What several tests share: a small survey folder, simulated waves, and the reference results."""

from __future__ import annotations

import json
import os
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings

import conjoint as cj
import conjoint.folder as folder_module
from conjoint.cli.run import main
from conjoint.output import WRITTEN

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parent.parent
ROUTES = ROOT / "surveys" / "routes_for_returns_2026"


def run(*arguments: object, cwd: Path = ROOT, stdin: str = "") -> SimpleNamespace:
    """Run a command in this process, as Python started anew would: its exit code and what it printed."""
    out, err = StringIO(), StringIO()
    WRITTEN.clear()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(cwd)
        patch.setattr(sys, "argv", ["conjoint", *map(str, arguments)])
        patch.setattr(sys, "stdin", StringIO(stdin))
        with pytest.raises(SystemExit) as end:
            main()
    return SimpleNamespace(
        returncode=end.value.code or 0, stdout=out.getvalue(), stderr=err.getvalue()
    )


_read_folder = folder_module._load


@cache
def _read_shipped(folder: Path) -> tuple[Any, ...]:
    return _read_folder(folder, None)


def _read_once(folder: Any, data: Any) -> tuple[Any, ...]:
    """A survey that ships, which no test alters, is read once, and what it withholds found once."""
    if data is not None or ROOT / "surveys" not in Path(folder).resolve().parents:
        return _read_folder(folder, data)
    wave, faults, empty = _read_shipped(Path(folder))
    return wave, list(faults), set(empty)


folder_module._load = _read_once


def without_crossbreaks(toml: str) -> str:
    """The survey that ships with fewer columns: what has to be withheld under a high limit is found sooner."""
    return re.sub(r"^crossbreaks = \[\n.*?^\]\n", "", toml, flags=re.M | re.S)


# The same examples in every run: a failure belongs to the change that brought it.
settings.register_profile("steady", derandomize=True, database=None, deadline=None)
settings.load_profile("steady")

SMALL_TOML = """\
title = "Small survey"

[data]
file = "responses.csv"
layout = "wide"
respondent = "id"
tasks = 3
profiles = ["A", "B"]
attribute = "t{task}_{profile}_{attribute}"

[attributes.price]
levels = ["low", "mid", "high"]

[attributes.colour]
levels = ["red", "green"]

[attributes.size]
label = "How large"
levels = [{ value = "S", label = "Small" }, { value = "L", label = "Large" }]

[outcomes.choice]
kind = "choice"
column = "t{task}_{profile}_choice"
positive = "1"
negative = "0"

[outcomes.support]
kind = "support"
column = "t{task}_{profile}_support"
positive = "yes"
negative = "no"
missing = "skip"

[questions.party]
answers = ["Left", "Right", "None"]

[questions.warmth]
kind = "scale"
min = 0
max = 10
missing = "DK"

[segments.left]
label = "The left"
where = { party = "Left" }

[segments.warm]
where = { warmth = { min = 5 } }

[weighting]
targets = "targets.csv"
"""

SMALL_TARGETS = """\
margin,category,share
sex,Female,0.52
sex,Male,0.48
age,young,0.4
age,old,0.6
"""


def small_responses(n: int = 60, seed: int = 1) -> pd.DataFrame:
    """Answers to the small survey, as the text of a wide file."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"id": [f"r{i + 1:03d}" for i in range(n)]})
    frame["sex"] = rng.choice(["Female", "Male"], n)
    frame["age"] = rng.choice(["young", "old"], n)
    frame["party"] = rng.choice(["Left", "Right", "None"], n)
    frame["warmth"] = rng.choice([*map(str, range(11)), "DK"], n)
    for task in "123":
        drawn = {
            who: {
                "price": rng.choice(["low", "mid", "high"], n),
                "colour": rng.choice(["red", "green"], n),
                "size": rng.choice(["S", "L"], n),
            }
            for who in "AB"
        }
        liking = {
            who: 0.8 * (d["price"] == "low") + 0.4 * (d["size"] == "L") + rng.gumbel(size=n)
            for who, d in drawn.items()
        }
        for who, d in drawn.items():
            for name, levels in d.items():
                frame[f"t{task}_{who}_{name}"] = levels
            other = "B" if who == "A" else "A"
            frame[f"t{task}_{who}_choice"] = np.where(liking[who] > liking[other], "1", "0")
            frame[f"t{task}_{who}_support"] = np.where(liking[who] > 0.6, "yes", "no")
    return frame.astype(object)


@dataclass
class SurveyFolder:
    """A survey folder that a test can spoil before it is read."""

    path: Path
    toml: str
    responses: pd.DataFrame
    targets: str
    published: str = ""

    def replace(self, old: str, new: str) -> SurveyFolder:
        """Alter survey.toml; `old` has to stand in it."""
        assert old in self.toml
        self.toml = self.toml.replace(old, new)
        return self

    def cell(self, row: int, column: str, value: str) -> SurveyFolder:
        """Alter a cell; rows count as in a spreadsheet, where the header is row 1."""
        assert column in self.responses.columns
        self.responses.loc[row - 2, column] = value
        return self

    def write(self) -> Path:
        """Write the files."""
        (self.path / "survey.toml").write_text(self.toml, encoding="utf-8")
        self.responses.to_csv(self.path / "responses.csv", index=False)
        if self.targets:
            (self.path / "targets.csv").write_text(self.targets, encoding="utf-8")
        if self.published:
            (self.path / "published.csv").write_text(self.published, encoding="utf-8")
        return self.path

    def faults(self, read: Any = cj.read_survey) -> list[str]:
        """Read the folder, and say the faults it was refused for, the folder's path left out."""
        with pytest.raises(cj.errors.InputError) as caught:
            read(self.write())
        return [str(fault).removeprefix(f"{self.path}{os.sep}") for fault in caught.value.faults]


@pytest.fixture
def folder(tmp_path: Path) -> SurveyFolder:
    """The small survey, without fault and not yet written."""
    return SurveyFolder(tmp_path, SMALL_TOML, small_responses(), SMALL_TARGETS)


@dataclass
class SmallFolder:
    """A survey folder made of two texts."""

    path: Path

    def read(self, toml: str, data: str = "") -> cj.Wave:
        """Write both and read the wave."""
        (self.path / "survey.toml").write_text(toml, encoding="utf-8")
        (self.path / "responses.csv").write_text(data, encoding="utf-8")
        return cj.read_wave(self.path)

    def faults(self, toml: str, data: str = "") -> list[str]:
        """What both are refused for, the folder's path left out."""
        with pytest.raises(cj.errors.InputError) as caught:
            self.read(toml, data)
        return [str(fault).replace(f"{self.path}{os.sep}", "") for fault in caught.value.faults]


@pytest.fixture
def small(tmp_path: Path) -> SmallFolder:
    """A place to write a survey of two texts to."""
    return SmallFolder(tmp_path)


@pytest.fixture
def small_wave(folder: SurveyFolder) -> cj.Wave:
    """The small survey as a wave."""
    return cj.read_wave(folder.write())


@pytest.fixture
def pair_frame() -> pd.DataFrame:
    """Two respondents, two tasks of two profiles each, long."""
    return pd.read_csv(
        StringIO(
            "id,task,profile,price,colour,chosen,weight,party\n"
            "a,1,A,low,red,1,2.0,Left\n"
            "a,1,B,high,green,0,2.0,Left\n"
            "a,2,A,high,red,0,2.0,Left\n"
            "a,2,B,low,green,1,2.0,Left\n"
            "b,1,A,high,green,1,0.5,Right\n"
            "b,1,B,low,red,0,0.5,Right\n"
            "b,2,A,low,green,1,0.5,Right\n"
            "b,2,B,high,red,0,0.5,Right\n"
        ),
        dtype={"task": str},
    )


def simulate(seed: int, n: int = 40, tasks: int = 3) -> pd.DataFrame:
    """A long forced choice with unequal weights, for tests that want many different waves."""
    rng = np.random.default_rng(seed)
    rows = n * tasks * 2
    frame = pd.DataFrame(
        {
            "id": np.repeat(np.arange(n), tasks * 2),
            "task": np.tile(np.repeat(np.arange(tasks), 2), n),
            "profile": np.tile(["A", "B"], n * tasks),
            "price": pd.Categorical(
                rng.choice(["low", "mid", "high"], rows), ["low", "mid", "high"]
            ),
            "colour": pd.Categorical(rng.choice(["red", "green"], rows), ["red", "green"]),
            "size": pd.Categorical(rng.choice(["S", "M", "L"], rows), ["S", "M", "L"]),
        }
    )
    liking = (frame["price"] == "low") * 1.0 + (frame["size"] == "L") * 0.5 + rng.gumbel(size=rows)
    pairs = liking.to_numpy().reshape(-1, 2)
    first = pairs[:, 0] > pairs[:, 1]
    frame["chosen"] = np.column_stack([first, ~first]).ravel().astype(float)
    frame["rating"] = np.clip(np.round(5 + 2 * liking.to_numpy()), 0, 10)
    frame["weight"] = np.repeat(rng.uniform(0.3, 3.0, n), tasks * 2)
    frame["party"] = np.repeat(rng.choice(["Left", "Right"], n), tasks * 2)
    return frame


@pytest.fixture(scope="session")
def simulated() -> Any:
    """Make a long forced choice from a seed: see `simulate`."""
    return simulate


@pytest.fixture(scope="session")
def as_wave() -> Any:
    """Make a wave of a frame that `simulate` made, keywords as for `Wave.from_frame`."""

    def make(frame: pd.DataFrame, **changed: Any) -> cj.Wave:
        given = {
            "respondent": "id",
            "outcome": "chosen",
            "attributes": ["price", "colour", "size"],
            "task": "task",
            "profile": "profile",
            "segments": ["party"],
        }
        return cj.Wave.from_frame(frame, **(given | changed))

    return make


# --- Feelings so strong that a linear model leaves the scale -----------------------------------------

STRONG_TOML = """\
title = "Strong"
[data]
layout = "long"
file = "responses.csv"
respondent = "id"
task = "task"
profile = "profile"
respondent_columns = ["party"]
[attributes.price]
levels = ["high", "mid", "low"]
[attributes.size]
levels = ["S", "M", "L"]
[attributes.colour]
levels = ["red", "green"]
[outcomes.chosen]
kind = "choice"
column = "chosen"
positive = "1"
negative = "0"
[outcomes.rating]
kind = "rating"
column = "rating"
min = 0
max = 10
[outcomes.view]
kind = "support"
label = "View"
column = "view"
positive = ["For"]
negative = ["Against", "Unsure"]
[segments.left]
where = { party = "Left" }
[questions.party]
answers = ["Left", "Right"]
"""

STRENGTH = {"price": (-2.2, 0.2, 2.0), "size": (-1.4, 0.0, 1.4), "colour": (-0.5, 0.5)}
"""What levels are worth in log odds of saying For."""


def draw_strong(seed: int, n: int = 240, tasks: int = 4) -> pd.DataFrame:
    """A long wave of STRONG_TOML; of the chances of For the truth is known."""
    rng, N = np.random.default_rng(seed), n * tasks * 2
    frame = pd.DataFrame(
        {
            "id": np.repeat(np.arange(n), 2 * tasks),
            "task": np.tile(np.repeat(np.arange(tasks), 2), n),
            "profile": np.tile(["A", "B"], n * tasks),
            "party": np.repeat(rng.choice(["Left", "Right"], n), 2 * tasks),
        }
    )
    levels = {"price": ["high", "mid", "low"], "size": ["S", "M", "L"], "colour": ["red", "green"]}
    index = np.zeros(N)
    for name, own in levels.items():
        place = rng.integers(len(own), size=N)
        frame[name] = np.array(own)[place]
        index += np.array(STRENGTH[name])[place]
    chance = 1 / (1 + np.exp(-index))
    others = np.where(rng.random(N) < 0.7, "Against", "Unsure")
    frame["view"] = np.where(rng.random(N) < chance, "For", others)
    frame["rating"] = np.clip(np.round(10 * chance + rng.normal(0, 0.8, N)), 0, 10).astype(int)
    liking = (index + rng.gumbel(size=N)).reshape(-1, 2)
    frame["chosen"] = (liking == liking.max(axis=1, keepdims=True)).astype(int).ravel()
    return frame


@pytest.fixture(scope="session")
def strong(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Make a wave of strong feelings from a seed; with `sometimes`, size is not in every profile."""

    def make(seed: int = 1, *, sometimes: bool = False, toml: str = "", **options: int) -> cj.Wave:
        folder, frame = tmp_path_factory.mktemp("strong"), draw_strong(seed, **options)
        text = STRONG_TOML + toml
        if sometimes:
            text = text.replace('["S", "M", "L"]', '["S", "M", "L"]\npresence = "some"')
            frame.loc[np.random.default_rng(seed).random(len(frame)) < 0.3, "size"] = None
        (folder / "survey.toml").write_text(text, "utf-8")
        frame.to_csv(folder / "responses.csv", index=False)
        return cj.read_wave(folder)

    return make


# --- Reference results on published data ------------------------------------------------------


@pytest.fixture(scope="session")
def oracle() -> Path:
    """The folder of reference results, which does not ship with the project."""
    folder = Path(os.environ.get("CONJOINT_ORACLE", ROOT.parent / "shared" / "oracle"))
    if not (folder / "golden" / "cases.json").exists():
        pytest.skip("no reference results: set CONJOINT_ORACLE to the folder that holds them")
    return folder


@pytest.fixture(scope="session")
def golden(oracle: Path) -> Any:
    """Read one table of reference results; a level called None stays text."""

    def read(name: str) -> pd.DataFrame:
        path = oracle / "golden" / f"{name}.csv"
        frame = pd.read_csv(path, keep_default_na=False, na_values=[""])
        return frame.astype({"BY": str}) if "BY" in frame else frame

    return read


RESTRICTIONS = [
    {
        "Education": ["No Formal", "4th Grade", "8th Grade", "High School"],
        "Job": ["Financial Analyst", "Computer Programmer", "Research Scientist", "Doctor"],
    },
    {
        "ReasonForApplication": ["Escape Persecution"],
        "CountryOfOrigin": ["India", "Germany", "France", "Mexico", "Philippines", "Poland"],
    },
]


@pytest.fixture(scope="session")
def make_immigration(oracle: Path) -> Any:
    """Make a wave of the immigration data, keywords as for `Wave.from_frame`."""
    meta = json.loads((oracle / "data" / "meta.json").read_text())["immigration"]
    frame = pd.read_csv(
        oracle / "data" / "immigration.csv", keep_default_na=False, na_values=[""]
    ).astype({"contest_f": str})
    for name, factor in meta["factors"].items():
        frame[name] = pd.Categorical(frame[name].astype(object), categories=factor["levels"])

    def make(**given: Any) -> cj.Wave:
        default = {
            "respondent": "CaseID",
            "outcome": "ChosenImmigrant",
            "attributes": meta["features"],
            "task": "contest_no",
            "profile": "profile",
            "segments": ["ethno2", "ethno3", "ethnocentrism"],
        }
        return cj.Wave.from_frame(frame, **(default | given))

    return make


@pytest.fixture(scope="session")
def immigration(make_immigration: Any) -> cj.Wave:
    """The immigration wave as cregg takes it: unweighted, no restrictions declared."""
    return make_immigration()


@pytest.fixture(scope="session")
def immigration_weighted(make_immigration: Any) -> cj.Wave:
    """The same, weighted."""
    return make_immigration(weight="w")


@pytest.fixture(scope="session")
def immigration_restricted(make_immigration: Any) -> cj.Wave:
    """The same, with the pairs that never meet."""
    return make_immigration(restrictions=RESTRICTIONS)


@pytest.fixture(scope="session")
def immigration_restricted_weighted(make_immigration: Any) -> cj.Wave:
    """The same, weighted and with the pairs that never meet."""
    return make_immigration(weight="w", restrictions=RESTRICTIONS)


@pytest.fixture(scope="session")
def make_taxes(oracle: Path) -> Any:
    """Make a wave of the tax data, keywords as for `Wave.from_frame`; `people` keeps the first."""
    meta = json.loads((oracle / "data" / "meta.json").read_text())["taxes"]
    frame = pd.read_csv(oracle / "data" / "taxes.csv", keep_default_na=False, na_values=[""])
    for name, factor in meta["factors"].items():
        frame[name] = pd.Categorical(frame[name].astype(object), categories=factor["levels"])

    def make(people: int | None = None, **given: Any) -> cj.Wave:
        keep = slice(None) if people is None else frame["ID"].isin(frame["ID"].unique()[:people])
        default = {
            "respondent": "ID",
            "outcome": "chose_plan",
            "attributes": meta["features"],
            "task": "task",
            "profile": "profile",
            "segments": ["partyid"],
        }
        return cj.Wave.from_frame(frame[keep], **(default | given))

    return make


@pytest.fixture(scope="session")
def taxes(make_taxes: Any) -> cj.Wave:
    """The tax wave, unweighted."""
    return make_taxes()


@pytest.fixture(scope="session")
def taxes_weighted(make_taxes: Any) -> cj.Wave:
    """The same, weighted."""
    return make_taxes(weight="weight")


@pytest.fixture(scope="session")
def agrees() -> Any:
    """Check estimates against a table of reference results: see `check_agreement`."""
    return check_agreement


ROUNDING = {"estimate": 1e-13, "statistic": 1e-11}
"""Differences that are exactly zero come out as rounding errors."""


def check_agreement(
    estimates: cj.Estimates, reference: pd.DataFrame, rtol: float = 1e-8, **columns: str
) -> None:
    """Every row of the reference is there, with all that it says about it.

    `columns` say where the reference keeps group, attribute, level, estimate, std_error, statistic;
    what it has no column for is left out. R's packages call them otherwise than this one does; their
    intervals and tests are Wald's.
    """
    estimates = estimates.with_interval("wald")
    named = {
        "group": "BY",
        "attribute": "variable",
        "level": "level",
        "estimate": "estimate",
        "std_error": "std.error",
        "statistic": "z",
    } | columns
    theirs = pd.DataFrame(
        {own: reference[name] for own, name in named.items() if name in reference}
    )
    keys = [name for name in ("group", "attribute", "level") if name in theirs]
    rows = estimates.frame.merge(theirs, on=keys, suffixes=("", "_reference"), validate="1:1")
    assert len(rows) == len(reference) > 0
    for name in theirs.columns.difference(keys):
        mine = rows[name].to_numpy(dtype=float)
        wanted = rows[f"{name}_reference"].to_numpy(dtype=float)
        np.testing.assert_allclose(mine, wanted, rtol, ROUNDING.get(name, 0), err_msg=name)


CJOINT_RESTRICTIONS = [
    {
        "Education": ["no formal", "4th grade", "8th grade", "high school"],
        "Job": ["financial analyst", "computer programmer", "research scientist", "doctor"],
    },
    {
        "Reason for Application": ["escape persecution"],
        "Country of Origin": ["India", "Germany", "France", "Mexico", "Philippines", "Poland"],
    },
]


@pytest.fixture(scope="session")
def make_cjoint(oracle: Path) -> Any:
    """Make a wave of the data that cjoint ships, of some attributes and their restrictions."""
    factors = json.loads((oracle / "data" / "meta.json").read_text())["immigrationconjoint"][
        "factors"
    ]
    frame = pd.read_csv(
        oracle / "data" / "immigrationconjoint.csv", keep_default_na=False, na_values=[""]
    )
    for name, factor in factors.items():
        frame[name] = pd.Categorical(frame[name].astype(object), categories=factor["levels"])
    frame["w"] = 0.5 + (frame["CaseID"] % 7) / 6
    frame["row"] = range(len(frame))

    def make(
        attributes: Sequence[str] = tuple(factors), *, restricted: bool = True, **changed: Any
    ) -> cj.Wave:
        given = {
            "respondent": "CaseID",
            "outcome": "Chosen_Immigrant",
            "task": "contest_no",
            "profile": "profile",
        } | changed
        known = [pair for pair in CJOINT_RESTRICTIONS if set(pair) <= set(attributes)]
        return cj.Wave.from_frame(
            frame,
            attributes=list(attributes),
            restrictions=known if restricted else None,
            **given,
        )

    return make


# --- The survey that ships, analysed and rendered once ----------------------------------------


@pytest.fixture(scope="session")
def routes() -> cj.Analysis:
    """The analysis of the survey that ships."""
    return cj.run_analysis(ROUTES)


@pytest.fixture(scope="session")
def report_page(routes: cj.Analysis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The segment report as the embedded renderer makes it."""
    pytest.importorskip("pypandoc", reason="needs the report extra")
    from conjoint.report import render_report

    target = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("conjoint.report.render.find_quarto", lambda: None)
        return render_report(routes, target).path
