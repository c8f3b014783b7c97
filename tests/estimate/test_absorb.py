"""Respondents' effects absorbed: linearmodels, one dummy a respondent, and R's estimatr agree."""

import importlib.util

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from linearmodels.iv import absorbing
from linearmodels.panel import PanelOLS

import conjoint as cj
from conjoint.errors import EstimationError, RequestError
from conjoint.estimate.absorb import absorbed_effects
from conjoint.estimate.additive import find_baselines

N = 60
NAMES = ["price", "colour", "size"]


def absorbed(wave, by=None, *, outcome=None, baselines=None, variance="linearised"):
    return absorbed_effects(
        wave,
        by,
        outcome=outcome,
        baselines=find_baselines(wave, baselines),
        variance=variance,
        confidence=0.95,
    )


def estimated(estimates):
    rows = ~estimates.fixed
    return estimates.values[rows], estimates.std_errors[rows]


def dummies(frame):
    return pd.get_dummies(frame[NAMES], drop_first=True, dtype=float)


@pytest.fixture(scope="module")
def frame(simulated):
    """Respondents of two, three or four tasks, who differ in how kindly they rate."""
    frame = simulated(20260601, n=N, tasks=4)
    frame = frame[frame["task"] < 2 + frame["id"] % 3].reset_index(drop=True)
    frame["rating"] += frame["id"] % 5
    frame["liked"] = (frame["rating"] > 6).astype(float)
    return frame


@pytest.mark.parametrize("outcome", ["chosen", "rating", "liked"])
@pytest.mark.parametrize("weight", [None, "weight"])
def test_one_dummy_a_respondent_gives_the_same(frame, as_wave, outcome, weight):
    values, errors = estimated(absorbed(as_wave(frame, outcome=outcome, weight=weight)))
    X = dummies(frame).join(pd.get_dummies(frame["id"], dtype=float))
    X.columns = X.columns.astype(str)
    weights = 1.0 if weight is None else frame[weight]
    fit = sm.WLS(frame[outcome], X, weights=weights).fit(
        cov_type="cluster", cov_kwds={"groups": frame["id"], "use_correction": False}
    )
    np.testing.assert_allclose(values, fit.params.iloc[:5], rtol=1e-9)
    np.testing.assert_allclose(errors, fit.bse.iloc[:5] * np.sqrt(N / (N - 1)), rtol=1e-8)


@pytest.mark.parametrize("variance", ["linearised", "CR1"])
@pytest.mark.parametrize("weight", [None, "weight"])
def test_panel_regression_of_linearmodels_gives_the_same(frame, as_wave, variance, weight):
    """Its correction counts no respondents' effects either: they are nested in the clusters."""
    estimates = absorbed(as_wave(frame, outcome="rating", weight=weight), variance=variance)
    values, errors = estimated(estimates)
    panel = frame.assign(row=range(len(frame))).set_index(["id", "row"])
    X = sm.add_constant(dummies(panel))
    weights = None if weight is None else panel[weight]
    corrected = variance == "CR1"
    factor = 1.0 if corrected else np.sqrt(N / (N - 1))
    fit = PanelOLS(panel["rating"], X, entity_effects=True, weights=weights).fit(
        cov_type="clustered", cluster_entity=True, debiased=corrected, group_debias=corrected
    )
    np.testing.assert_allclose(values, fit.params[1:], rtol=1e-9)
    np.testing.assert_allclose(errors, factor * fit.std_errors[1:], rtol=1e-8)


def test_the_correction_counts_levels_and_one_constant(frame, as_wave):
    wave = as_wave(frame, outcome="rating")
    plain, corrected = absorbed(wave), absorbed(wave, variance="CR1")
    rows = ~plain.fixed
    ratio = np.sqrt((len(frame) - 1) / (len(frame) - 6))
    np.testing.assert_allclose(
        corrected.std_errors[rows], ratio * plain.std_errors[rows], rtol=1e-12
    )


@pytest.fixture(scope="module")
def judged(pytestconfig):
    return pytestconfig.rootpath / "tests" / "oracles" / "absorb"


@pytest.mark.parametrize("variance", ["linearised", "CR1"])
@pytest.mark.parametrize("outcome", ["chosen", "rating"])
@pytest.mark.parametrize("case", ["unweighted", "weighted"])
def test_estimatr_gives_the_same(judged, as_wave, case, outcome, variance):
    frame = pd.read_csv(judged / "data.csv")
    for name, levels in (("price", ["low", "mid", "high"]), ("size", ["S", "M", "L"])):
        frame[name] = pd.Categorical(frame[name], levels)
    frame["colour"] = pd.Categorical(frame["colour"], ["red", "green"])
    weight = "weight" if case == "weighted" else None
    rows = absorbed(as_wave(frame, outcome=outcome, weight=weight), variance=variance).frame
    figures = pd.read_csv(judged / "figures.csv")
    figures = figures.query("case == @case and outcome == @outcome and variance == @variance")
    both = rows.merge(figures, on=["attribute", "level"], suffixes=("", "_reference"))
    assert len(both) == 5
    np.testing.assert_allclose(both["estimate"], both["estimate_reference"], rtol=1e-9)
    np.testing.assert_allclose(both["std_error"], both["std_error_reference"], rtol=1e-9)


def test_the_data_are_those_that_were_drawn(judged, simulated, tmp_path):
    spec = importlib.util.spec_from_file_location("make_data", judged / "make_data.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.draw(simulated).to_csv(tmp_path / "data.csv", index=False)
    drawn, kept = (pd.read_csv(folder / "data.csv") for folder in (tmp_path, judged))
    pd.testing.assert_frame_equal(drawn, kept)


def test_rows_are_those_of_the_usual_effects(frame, as_wave):
    wave = as_wave(frame, outcome=["chosen", "rating"])
    mine, usual = absorbed(wave, "party"), cj.amce(wave, by="party")
    labels = ["outcome", "group", "attribute", "level", "baseline"]
    counts = ["n_profiles", "n_respondents"]
    pd.testing.assert_frame_equal(mine.frame[labels + counts], usual.frame[labels + counts])
    assert mine.frame["estimand"].unique().tolist() == ["within-respondent effect"]
    assert mine.design.tolist() == usual.design.tolist()
    assert (mine.values[mine.fixed] == 0).all()
    assert dict(mine.specification.options) == {"absorb": "respondent"}


def test_what_people_add_to_every_answer_changes_nothing(frame, as_wave):
    kinder = frame.assign(rating=frame["rating"] + 3.7 * np.sin(frame["id"]))
    mine = absorbed(as_wave(frame, outcome="rating", weight="weight"))
    moved = absorbed(as_wave(kinder, outcome="rating", weight="weight"))
    np.testing.assert_allclose(moved.values, mine.values, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(moved.covariance, mine.covariance, rtol=1e-8, atol=1e-14)


def test_constant_weights_equal_none(frame, as_wave):
    mine = absorbed(as_wave(frame))
    weighted = absorbed(as_wave(frame.assign(weight=0.03), weight="weight"))
    np.testing.assert_allclose(weighted.values, mine.values, rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(weighted.covariance, mine.covariance, rtol=1e-9, atol=1e-16)


def test_a_respondent_with_one_profile_adds_nothing(frame, as_wave):
    single = frame.groupby("id").head(1).assign(id=lambda rows: rows["id"] + 1000)
    mine = absorbed(as_wave(frame, outcome="rating", weight="weight"))
    wave = as_wave(pd.concat([frame, single]), outcome="rating", weight="weight")
    more = absorbed(wave)
    np.testing.assert_allclose(more.values, mine.values, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(more.influence[N:], 0, atol=1e-15)
    np.testing.assert_allclose(more.influence[:N], mine.influence, rtol=1e-8, atol=1e-14)


def test_influence_sums_to_zero_and_stays_within_the_group(frame, as_wave):
    wave = as_wave(frame, outcome="rating", weight="weight")
    estimates = absorbed(wave, "party")
    np.testing.assert_allclose(estimates.influence.sum(axis=0), 0, atol=1e-12)
    left = wave.respondents["party"].to_numpy() == "Left"
    other = estimates.labels["group"].to_numpy() == "Left"
    assert not estimates.influence[np.ix_(~left, other)].any()


def test_missing_answers_and_people_of_no_weight_are_left_out(frame, as_wave):
    gaps = frame.copy()
    gaps.loc[gaps["id"] % 7 == 2, "rating"] = np.nan
    wave = as_wave(gaps, outcome="rating", weight="weight")
    weights = np.where(np.arange(N) % 5 == 1, 0.0, wave.weights)
    mine = absorbed(wave.with_weights(weights))
    kept = frame[(frame["id"] % 7 != 2) & (frame["id"] % 5 != 1)]
    alone = absorbed(as_wave(kept, outcome="rating", weight="weight"))
    np.testing.assert_allclose(mine.values, alone.values, rtol=1e-10, atol=1e-13)
    assert mine.frame["n_profiles"].tolist() == alone.frame["n_profiles"].tolist()
    assert mine.design[0] == N


def test_restricted_attributes_average_over_the_combinations_allowed(frame, as_wave):
    """Cells of price and colour, respondents' dummies, and the average written out by hand."""
    allowed = frame[~((frame["price"] == "low") & (frame["colour"] == "green"))]
    allowed = allowed[allowed.groupby("id")["id"].transform("size") > 1]
    wave = as_wave(
        allowed,
        outcome="rating",
        weight="weight",
        restrictions=[{"price": ["low"], "colour": ["green"]}],
    )
    rows = absorbed(wave).frame.set_index(["attribute", "level"])["estimate"]
    cells = pd.get_dummies(
        allowed["price"].astype(str) + allowed["colour"].astype(str), dtype=float
    )
    size = pd.get_dummies(allowed["size"], prefix="size", drop_first=True, dtype=float)
    people = pd.get_dummies(allowed["id"], dtype=float, drop_first=True).add_prefix("id")
    b = (
        sm.WLS(allowed["rating"], cells.join(size).join(people), weights=allowed["weight"])
        .fit()
        .params
    )
    assert rows["price", "high"] == pytest.approx(b["highred"] - b["lowred"], rel=1e-9)
    green = np.mean([b["midgreen"] - b["midred"], b["highgreen"] - b["highred"]])
    assert rows["colour", "green"] == pytest.approx(green, rel=1e-9)
    assert rows["size", "L"] == pytest.approx(b["size_L"], rel=1e-9)


def test_another_baseline_is_a_difference(frame, as_wave):
    wave = as_wave(frame, outcome="rating")
    moved = absorbed(wave, baselines={"price": "high"})
    releveled = absorbed(wave).relevel({"price": "high"})
    np.testing.assert_allclose(moved.values, releveled.values, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(moved.covariance, releveled.covariance, rtol=1e-8, atol=1e-14)


def test_an_attribute_constant_within_respondents_is_named(frame, as_wave):
    fixed = frame.copy()
    fixed["colour"] = pd.Categorical(np.where(fixed["id"] % 2, "red", "green"), ["red", "green"])
    with pytest.raises(EstimationError) as caught:
        absorbed(as_wave(fixed))
    text = str(caught.value)
    assert text.startswith('outcome "chosen", group "Total": levels of colour never vary within')
    assert "price" not in text


def test_levels_that_go_together_within_respondents_are_named(frame, as_wave):
    """Some see red small or green middling, others red middling or green large profiles.

    All together colour and size vary, but within a respondent size says the colour.
    """
    tied = frame.copy()
    step = (tied["colour"] == "green").to_numpy() + tied["id"].to_numpy() % 2
    tied["size"] = pd.Categorical.from_codes(step, ["S", "M", "L"])
    assert cj.amce(as_wave(tied)).frame["estimate"].notna().all()
    message = "levels of colour, size cannot be told apart within a respondent"
    with pytest.raises(EstimationError, match=message):
        absorbed(as_wave(tied))


@pytest.mark.parametrize("variance", ["CR2", "CR3"])
def test_variances_that_need_leverage_are_refused(frame, as_wave, variance):
    with pytest.raises(RequestError) as caught:
        absorbed(as_wave(frame), variance=variance)
    assert str(caught.value) == (
        f'variance: "{variance}" is not available with absorbed respondents '
        "(expected linearised, CR1). Name one of them, or leave `absorb` out."
    )


def test_large_designs_give_the_same_without_a_design_matrix(frame, as_wave, monkeypatch):
    wave = as_wave(frame, weight="weight")
    dense = cj.amce(wave, absorb="respondent")
    monkeypatch.setattr("conjoint.estimate.absorb.DENSE", 0)
    monkeypatch.setattr("conjoint.estimate.absorb._slopes", None)
    sparse = cj.amce(wave, absorb="respondent")
    np.testing.assert_allclose(sparse.values, dense.values, atol=1e-12)
    np.testing.assert_allclose(sparse.std_errors, dense.std_errors, atol=1e-12)


def test_no_respondent_is_kept_in_the_cache_of_linearmodels(frame, as_wave):
    absorbing.clear_cache()
    absorbed(as_wave(frame, weight="weight"))
    assert not absorbing._VARIABLE_CACHE


@pytest.mark.parametrize("tasks", [1, 3])
def test_a_forced_choice_enlarges_the_effects(simulated, as_wave, tasks):
    """A profile wins where the same respondent's others lose: n / (n - 1) times the AMCE."""
    wave = as_wave(simulated(20260602, n=3000, tasks=tasks))
    usual, mine = cj.amce(wave).values, absorbed(wave).values
    n = 2 * tasks
    assert usual @ mine / (usual @ usual) == pytest.approx(n / (n - 1), rel=0.02)


def test_a_rating_has_the_same_effects_on_average(simulated, as_wave):
    wave = as_wave(simulated(20260603, n=3000), outcome="rating")
    usual, mine = cj.amce(wave), absorbed(wave)
    rows = ~usual.fixed
    gap = np.abs(mine.values - usual.values)[rows]
    assert (gap < usual.std_errors[rows]).all()


def test_immigration_effects_are_enlarged_by_ten_ninths(immigration):
    usual, mine = cj.amce(immigration).values, absorbed(immigration).values
    assert usual @ mine / (usual @ usual) == pytest.approx(10 / 9, rel=0.02)
