"""A thin group, a level nobody saw or a contrast that cannot be told is said; all else comes out."""

import io
import sys
from textwrap import dedent

import numpy as np
import openpyxl
import pandas as pd
import pytest

import conjoint as cj
from conjoint.cli import main

NEVER = "never meet the same levels of the attributes they are restricted with"
TOGETHER = "cannot be told apart: their levels go together"


@pytest.fixture
def conjoint(monkeypatch, capsys):
    """Run a command; give back its exit code, and what it printed."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["conjoint", *map(str, arguments)])
        monkeypatch.setattr("conjoint.report.render.find_quarto", lambda: None)
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return end.value.code, said.out, " ".join(said.err.split())

    return run


def table(text):
    return pd.read_csv(
        io.StringIO(text), keep_default_na=False, na_values=[""], dtype={"note": str}
    )


def write(folder, toml, frame):
    (folder / "survey.toml").write_text(dedent(toml), "utf-8")
    frame.to_csv(folder / "responses.csv", index=False)
    return folder


def choose(frame, worth, rng):
    """A forced choice between two rows after each other, the second attribute's worth added."""
    liking = (worth + rng.gumbel(size=len(frame))).reshape(-1, 2)
    return (
        np.stack([liking[:, 0] > liking[:, 1], liking[:, 0] <= liking[:, 1]], 1).ravel().astype(int)
    )


@pytest.fixture
def nested(tmp_path):
    """A price that is fixed, by day or by season: of three attributes one alone is ever other than 0."""
    rng = np.random.default_rng(1)
    n, tasks = 100, 5
    cells = np.array([(0, 1, 0), (0, 0, 1), (7, 0, 0), (9, 0, 0)])[
        rng.integers(4, size=n * tasks * 2)
    ]
    frame = pd.DataFrame(cells, columns=["fixed", "day", "season"])
    frame["years"] = rng.choice([0, 1, 5], len(frame))
    frame.insert(0, "id", np.repeat(np.arange(n), tasks * 2))
    frame.insert(1, "task", np.tile(np.repeat(range(tasks), 2), n))
    frame.insert(2, "profile", np.tile([1, 2], n * tasks))
    frame["chosen"] = choose(frame, -frame["years"].to_numpy() / 5, rng)
    toml = """\
        title = "Nested"
        [data]
        file = "responses.csv"
        layout = "long"
        respondent = "id"
        task = "task"
        profile = "profile"
        [attributes]
        fixed.levels = ["0", "7", "9"]
        day.levels = ["0", "1"]
        season.levels = ["0", "1"]
        years.levels = ["0", "1", "5"]
        [outcomes.chosen]
        kind = "choice"
        column = "chosen"
        positive = "1"
        negative = "0"
        """
    return write(tmp_path, toml, frame)


RESTRICTIONS = """
[[restrictions]]
never = { day = ["1"], season = ["1"] }
[[restrictions]]
never = { fixed = ["7", "9"], season = ["1"] }
[[restrictions]]
never = { fixed = ["7", "9"], day = ["1"] }
"""


@pytest.mark.parametrize("declared", [False, True])
def test_attributes_of_which_one_alone_is_shown_leave_the_others(conjoint, nested, declared):
    if declared:
        text = (nested / "survey.toml").read_text("utf-8")
        (nested / "survey.toml").write_text(text + RESTRICTIONS, "utf-8")
    why = NEVER if declared else f"the effects of fixed, day, season {TOGETHER}"
    code, out, err = conjoint("estimate", nested)
    assert code == 0
    frame = table(out)
    assert "note" in frame
    lacking = frame["estimate"].isna()
    assert frame.loc[lacking, "attribute"].tolist() == ["fixed", "fixed", "day", "season"]
    assert frame.loc[lacking, "note"].str.endswith(why).all()
    assert frame.loc[~lacking, "note"].isna().all()
    assert why in err
    # The one attribute that varies freely is what it is alone.
    wave = cj.read_wave(nested)
    alone = cj.marginal_means(wave).select(attribute="years").values
    years = frame.loc[frame["attribute"] == "years", "estimate"].to_numpy()
    assert years == pytest.approx(alone - alone[0], abs=0.05)
    if declared:
        assert conjoint("tables", nested, "--to", nested / "made")[0] == 0
        page = (nested / "made" / "tables.html").read_text("utf-8")
        assert "Not available, All, fixed 7" in page
        (book,) = (nested / "made").glob("*.xlsx")
        cells = [str(c.value) for row in openpyxl.load_workbook(book)["AMCE"] for c in row]
        assert any(cell.startswith("– Not available, All, ") and why in cell for cell in cells)
    else:
        to = nested / "report"
        code, _, err = conjoint("report", nested, "--report", "appendix", "--output", to)
        assert code == 0, err
        page = " ".join((to / "technical_appendix.html").read_text("utf-8").split())
        assert f"– Not available, All, fixed 7, fixed 9, day 1, season 1: {why}" in page
        assert ">nan<" not in page
    code, _, err = conjoint("explore", nested, "--to", nested / "explorer.html")
    assert code == (0 if declared else 1), err
    assert declared or f"there is no figure that may be shown: {why}" in err
    assert declared or "suppress_below" not in err


def test_a_design_of_fixed_profiles_is_checked_as_far_as_it_goes(conjoint, tmp_path):
    """Three tasks, the same for everybody: no level is in all of them."""
    shown = {
        "1": [("10", "N"), ("20", "S")],
        "2": [("30", "W"), ("20", "N")],
        "3": [("10", "S"), ("30", "W")],
    }
    rng, n = np.random.default_rng(2), 90
    frame = pd.DataFrame({"id": range(n)})
    for task, pair in shown.items():
        for profile, levels in zip("AB", pair, strict=True):
            frame[f"t{task}_{profile}_price"], frame[f"t{task}_{profile}_brand"] = levels
        frame[f"t{task}_choice"] = rng.choice(["A", "B"], n, p=[0.6, 0.4])
    toml = """\
        title = "Fixed"
        [data]
        file = "responses.csv"
        layout = "wide"
        respondent = "id"
        tasks = 3
        profiles = ["A", "B"]
        attribute = "t{task}_{profile}_{attribute}"
        [attributes]
        price.levels = ["10", "20", "30"]
        brand.levels = ["N", "S", "W"]
        [outcomes.choice]
        kind = "choice"
        column = "t{task}_choice"
        chosen = { A = "A", B = "B" }
        """
    folder = write(tmp_path, toml, frame)
    code, out, _ = conjoint("check", folder, "--all")
    assert code in (0, 1)
    said = " ".join(out.split())
    assert "Tasks cannot be compared: no level was shown in all of them." in said
    code, out, _ = conjoint("estimate", folder)
    assert table(out)["note"].dropna().tolist() == [f"the effects of price, brand {TOGETHER}"] * 2
    assert conjoint("tables", folder, "--to", folder / "made")[0] == 0
    code, _, err = conjoint("report", folder, "--output", folder / "report")
    assert code == 0, err
    page = " ".join((folder / "report" / "segment_report.html").read_text("utf-8").split())
    assert "– Not available, All, price 30: the effects of price, brand" in page


THIN = """
[segments.nobody]
where = { age = "ancient" }
[segments.alone]
where = { age = "alone" }
[segments.blind]
where = { age = "blind" }
[segments.twins]
where = { age = "twins" }
[segments.silent]
where = { age = "silent" }
[thresholds]
suppress_below = 0
caution_below = 10
[report]
grid = ["price", "colour"]

[weighting]
"""


@pytest.fixture
def thin(folder):
    """The small survey with segments that lack something, and two that do not."""
    own = folder.responses
    own["age"] = np.repeat(["young", "blind", "twins", "silent"], 15)
    own.loc[0, "age"] = "alone"
    of = {name: (own["age"] == name).to_numpy() for name in ("blind", "twins", "silent")}
    for task in "123":
        for profile in "AB":
            price, colour, size, choice, support = (
                f"t{task}_{profile}_{name}"
                for name in ("price", "colour", "size", "choice", "support")
            )
            own.loc[of["blind"] & (own[price] == "high"), price] = "mid"
            own.loc[of["twins"], size] = own[colour].map({"red": "S", "green": "L"})
            own.loc[of["silent"], choice], own.loc[of["silent"], support] = "", "skip"
    folder.replace("\n[weighting]\n", THIN)
    folder.targets = "margin,category,share\nsex,Female,0.52\nsex,Male,0.48\n"
    return folder


def test_segments_that_lack_something_leave_the_others(conjoint, thin):
    folder = thin.write()
    frames = {}
    for what in ("amce", "mm", "choice", "preferences"):
        code, out, err = conjoint(
            "estimate", folder, "--what", what, "--by", "segments", "--outcome", "choice"
        )
        assert code == 0
        frames[what] = table(out)
        assert 'nobody, outcome "choice": no figure: nobody is in it.' in err
        assert 'alone, outcome "choice": no figure: 1 respondent(s) answered.' in err
        assert 'silent, outcome "choice": no figure: 0 respondent(s) answered.' in err
    effects = frames["amce"].set_index(["group", "level"])
    assert effects.loc[("blind", "high"), "note"] == '"high" is never shown'
    assert effects.loc[("twins", "L"), "note"] == f"the effects of colour, size {TOGETHER}"
    wave = cj.rake(cj.read_wave(folder))
    for name, estimator in (("amce", cj.amce), ("mm", cj.marginal_means)):
        own = frames[name].query("group in ['left', 'warm']").reset_index(drop=True)
        plain = estimator(wave, ["left", "warm"], outcome="choice").frame
        np.testing.assert_allclose(own["estimate"], plain["estimate"], atol=1.1e-4)
        np.testing.assert_allclose(own["std_error"], plain["std_error"], atol=1.1e-4)
    code, out, err = conjoint("estimate", folder, "--by", "segments", "--test")
    assert code == 0
    assert table(out)["p_value"].between(0, 1).all()
    assert "left out: nobody, price low (nobody is in it)" in err


def test_a_bundle_says_why_segments_lack_figures(thin):
    analysis = cj.run_analysis(thin.write())
    for name in ("amce", "marginal_means", "joint_means", "spread", "pulls", "departures"):
        own = analysis.tables[name]
        lacking = own["reading"] == "not available"
        groups = {"silent"} | {"amce": {"blind", "twins"}, "spread": set()}.get(name, {"blind"})
        assert set(own.loc[lacking, "group"]) == groups
        assert (own.loc[lacking, "note"] != "").all()
        assert (own.loc[~lacking, "note"] == "").all()
        assert own.loc[lacking, "estimate"].isna().all()
        assert own.loc[own["reading"].isin(["safe", "caution"]), "estimate"].notna().all()
    pulls = analysis.tables["pulls"].query("group == 'blind' and attribute == 'price'")
    assert pulls["estimate"].sum() == pytest.approx(0)
    models = analysis.tables["explorer_models"].set_index(["outcome", "measure", "group"])
    assert models.loc[("choice", "support", "blind"), "status"] in ("safe", "caution")
    assert models.loc[("choice", "support", "twins"), "status"] == "not estimable"
    cells = analysis.tables["explorer_cells"].query("group == 'blind' and measure == 'support'")
    assert set(cells.loc[cells["column"] == -1, "level"]) == {"high"}
    robust = analysis.tables["robustness"].query("group == 'twins' and method == 'CR2'")
    assert set(robust.loc[robust["reading"] == "not available", "level"]) == {"green", "L"}


def test_notes_of_suppressed_segments_are_not_in_a_bundle(thin):
    thin.replace("suppress_below = 0", "suppress_below = 16")
    for table_of in cj.run_analysis(thin.write()).tables.values():
        if {"note", "group", "reading", "std_error"} <= set(table_of):
            gone = table_of["reading"] == "suppressed"
            own = table_of[gone & (table_of.get("method", "") != "")]
            assert (own["note"] == "").all()
