"""How many people carry an effect."""

import io
import sys

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.cli import main
from conjoint.estimate.identification import identification


def frame_of(odd, n=600, tasks=3, seed=1):
    """Two attributes that go together but in so many profiles, each of another person; a third is free."""
    rng = np.random.default_rng(seed)
    rows = n * tasks * 2
    who = np.repeat(np.arange(n), tasks * 2)
    first = rng.choice(["x", "y"], rows)
    second = first.copy()
    at = np.searchsorted(who, rng.choice(n, odd, replace=False))
    second[at] = np.where(first[at] == "x", "y", "x")
    return pd.DataFrame(
        {
            "id": who,
            "task": np.tile(np.repeat(np.arange(tasks), 2), n),
            "profile": np.tile(["A", "B"], n * tasks),
            "first": pd.Categorical(first),
            "second": pd.Categorical(second),
            "free": pd.Categorical(rng.choice(["p", "q", "r"], rows)),
            "yes": (rng.random(rows) < 0.5).astype(float),
            "weight": np.repeat(rng.uniform(0.4, 2.0, n), tasks * 2),
        }
    )


def wave(odd, n=600):
    return cj.Wave.from_frame(
        frame_of(odd, n),
        respondent="id",
        outcome="yes",
        attributes=["first", "second", "free"],
        weight="weight",
    )


@pytest.mark.parametrize(("odd", "low", "high"), [(1, 1, 1), (4, 2, 4), (60, 40, 70)])
def test_as_many_carry_an_effect_as_tell_the_attributes_apart(odd, low, high):
    found = identification(wave(odd)).set_index("attribute")
    for name in ("first", "second"):
        assert low <= found.loc[name, "n_carrying"] <= high
        assert found.loc[name, "n_respondents"] > 550
    free = found.loc["free"]
    assert (free["n_carrying"] == free["n_respondents"]).all()


def test_everybody_who_saw_a_level_carries_the_effects_of_a_plain_design(simulated, as_wave):
    plain = as_wave(simulated(5, n=200), weight="weight")
    found = identification(plain, "party")
    assert len(found) == 2 * 5
    assert (found["n_carrying"] == found["n_respondents"]).all()
    saw = cj.amce(plain, "party").frame
    saw = saw[saw["level"] != saw["baseline"]]
    assert found["n_respondents"].tolist() == saw["n_respondents"].tolist()


def test_a_restricted_design_is_no_collinear_one(immigration_restricted):
    found = identification(immigration_restricted)
    assert (found["n_carrying"] >= 400).all()


def test_an_effect_of_one_person_is_not_shown_and_the_reason_is():
    from conjoint.analysis.core import main_figures

    collinear = wave(1)
    assert cj.amce(collinear).frame["p_value"].min() < 1e-50
    _, tables = main_figures(collinear)
    effects = tables["amce"].set_index(["attribute", "level"])
    for name in ("first", "second"):
        row = effects.loc[name, "y"]
        assert np.isnan(row["estimate"])
        assert np.isnan(row["std_error"])
        assert row["reading"] == "not available"
        assert row["note"].startswith("fewer than 50 people carry it")
    assert effects.loc[("free", "q"), "reading"] == "safe"
    spread = tables["spread"].set_index("attribute")
    assert spread.loc[["first", "second"], "effect"].isna().all()
    assert spread.loc[["free"], "effect"].notna().all()


ONE_REGRESSION = {
    "interactions": lambda own, by, outcome: cj.interactions(own, ("first", "second"), by, outcome=outcome),
    "AMIEs": lambda own, by, outcome: cj.interactions(own, ("first", "second"), by, outcome=outcome, kind="amie"),
    "part-worths": lambda own, by, outcome: cj.part_worths(own, by, outcome=outcome),
    "effects by CR2": lambda own, by, outcome: cj.amce(own, by, outcome=outcome, variance="CR2"),
}  # fmt: skip


@pytest.mark.parametrize("name", ONE_REGRESSION)
def test_every_figure_of_a_regression_knows_who_carries_it(name):
    found = identification(wave(4), estimator=ONE_REGRESSION[name])
    odd = found["attribute"].str.contains("first|second")
    assert (found.loc[odd, "n_carrying"] <= 4).any()
    assert (found.loc[~odd, "n_carrying"] == found.loc[~odd, "n_respondents"]).all()


def test_a_presence_that_three_people_lack_is_carried_by_three(simulated):
    frame = simulated(3, n=300, tasks=2)
    lacking = frame.groupby("id").head(1).index[:3]
    frame["label"] = np.where(frame.index % 2 == 0, "eco", "fair").astype(object)
    frame.loc[lacking, "label"] = None
    own = cj.Wave.from_frame(
        frame, respondent="id", outcome="rating", attributes=["label"], presence={"label": "some"}
    )
    found = identification(
        own, estimator=lambda wave, by, outcome: cj.presence_effects(wave, by=by, outcome=outcome)
    )
    assert found["n_respondents"].tolist() == [300]
    assert found["n_carrying"].tolist() == [3]


def test_what_is_made_of_figures_is_carried_by_those_who_carry_it(simulated, as_wave):
    """A contrast of two effects that few carry alone may be carried by everybody."""
    made = cj.amce(wave(4)).select(attribute=["first", "second"])
    assert (made.n_carrying[~made.fixed] <= 4).all()
    total = made.contrast(np.array([[0.0, 1, 0, 1]]), made.labels.iloc[:1])
    assert total.n_carrying[0] == total.labels["n_respondents"][0]


def test_no_command_shows_what_few_people_carry(tmp_path, monkeypatch, capsys):
    frame_of(4, 300).assign(yes=lambda own: own["yes"].astype(int)).to_csv(
        tmp_path / "responses.csv", index=False
    )
    (tmp_path / "survey.toml").write_text(
        """
        title = "Collinear"
        [data]
        file = "responses.csv"
        layout = "long"
        respondent = "id"
        task = "task"
        profile = "profile"
        [attributes]
        first.levels = ["x", "y"]
        second.levels = ["x", "y"]
        free.levels = ["p", "q", "r"]
        [outcomes.support]
        kind = "support"
        column = "yes"
        positive = "1"
        negative = ["0"]
        """,
        "utf-8",
    )

    def table(*arguments):
        monkeypatch.setattr(sys, "argv", ["conjoint", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == 0
        return pd.read_csv(io.StringIO(capsys.readouterr().out))

    pair = ("--what", "acie", "--pair", "first", "second")
    row = table("estimate", tmp_path, *pair).iloc[0]
    assert row["reading"] == "not available"
    assert row["note"].startswith("fewer than 50 people carry it")
    assert np.isnan(row["estimate"])
    row = table("estimate", tmp_path, *pair, "--all").iloc[0]
    assert row["std_error"] < 1e-2 or row["p_value"] >= 0  # who may see it, sees it
    tests = table("estimate", tmp_path, "--test").set_index("attribute")
    assert tests.loc[["first", "second"], "p_value"].isna().all()
    assert tests.loc["free", "p_value"] >= 0
