"""How many people carry an effect."""

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.estimate.identification import identification


def wave(odd, n=600, tasks=3, seed=1):
    """Two attributes that go together but in so many profiles, each of another person; a third is free."""
    rng = np.random.default_rng(seed)
    rows = n * tasks * 2
    who = np.repeat(np.arange(n), tasks * 2)
    first = rng.choice(["x", "y"], rows)
    second = first.copy()
    at = np.searchsorted(who, rng.choice(n, odd, replace=False))
    second[at] = np.where(first[at] == "x", "y", "x")
    frame = pd.DataFrame(
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
    return cj.Wave.from_frame(
        frame,
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
