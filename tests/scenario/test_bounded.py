"""Predictions that stay within the scale: a logit wherever the linear model would leave it."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from preferences import as_wave, draw_wave
from scipy.special import expit, stdtr

import conjoint as cj
from conftest import draw_strong
from conjoint.errors import EstimationError
from conjoint.estimate.pairs import estimate_pairs
from conjoint.estimate.sample import samples, specify
from conjoint.scenario import best, grid, shares, support
from conjoint.scenario.model import bounded, fit_model
from conjoint.scenario.package import read_package

LEVELS = {"price": ("high", "mid", "low"), "size": ("S", "M", "L"), "colour": ("red", "green")}
PACKAGES = [dict(zip(LEVELS, own, strict=True)) for own in product(*LEVELS.values())]
WORST, BEST = PACKAGES[0], PACKAGES[-1]
LAST = {"price": "low", "size": "L"}
ENDS = {"view": (0, 1), "rating": (0, 10)}


@pytest.fixture(scope="module")
def wave(strong):
    wave = strong(1)
    return wave.with_weights(np.random.default_rng(3).uniform(0.5, 2.0, wave.n_respondents))


def sample_of(wave, outcome):
    (sample,) = samples(wave, outcome, specify(wave, "support", None, "linearised", 0.95))
    return sample


def figures_of(model, packages, opponent=None):
    survey = model.sample.wave.survey
    read = [read_package(survey, package) for package in packages]
    return model.figures(read, opponent and read_package(survey, opponent))


def dense(wave, rows):
    """Indicators of all levels but the first, with a constant."""
    columns = [
        (rows[name] == level).to_numpy(dtype=float) for name, own in LEVELS.items() for level in own[1:]
    ]  # fmt: skip
    return np.column_stack([np.ones(len(rows)), *columns])


@pytest.mark.parametrize("outcome", ["view", "rating"])
def test_every_package_is_within_the_scale_and_has_the_figure_of_a_dense_logit(wave, outcome):
    low, high = ENDS[outcome]
    linear = fit_model(sample_of(wave, outcome), ())
    figures = figures_of(linear, PACKAGES).values
    assert figures.min() < low or figures.max() > high
    ranked = best(wave, outcome=outcome, top=len(PACKAGES)).frame
    assert (ranked["model"] == "logit").all()
    assert ranked["conf_low"].min() >= low
    assert ranked["conf_high"].max() <= high
    profiles = wave.profiles
    fit = sm.GLM(
        (profiles[outcome] - low) / (high - low),
        dense(wave, profiles),
        family=sm.families.Binomial(),
        freq_weights=wave.weights[wave.respondent_index],
    ).fit(tol=1e-12)
    wanted = fit.predict(dense(wave, ranked[[*LEVELS]]))
    assert ((ranked["estimate"] - low) / (high - low)).to_numpy() == pytest.approx(wanted, abs=1e-7)
    assert (np.diff(fit.predict(dense(wave, ranked[[*LEVELS]]), which="linear")) < 0).all()
    one = support(wave, BEST, outcome=outcome).frame.iloc[0]
    own = ranked[(ranked[[*LEVELS]] == [*BEST.values()]).all(axis=1)].iloc[0]
    columns = ["estimate", "std_error", "conf_low", "conf_high", "model"]
    assert one[columns].to_list() == [*map(pytest.approx, own[columns][:4]), "logit"]


@pytest.mark.parametrize("outcome", ["view", "rating"])
def test_what_is_left_out_is_the_mean_of_predictions_with_its_joint_variance(wave, outcome):
    figures = best(wave, outcome=outcome, top=len(PACKAGES)).figures
    inside = figures.labels["level"].str.startswith("low * L").to_numpy()
    mean = figures.contrast((inside / inside.sum())[None], figures.labels.iloc[[0]])
    scene = support(wave, LAST, outcome=outcome)
    assert scene.figures.values[:1] == pytest.approx(mean.values, abs=1e-12)
    assert scene.figures.std_errors[:1] == pytest.approx(mean.std_errors, rel=1e-9)
    made = grid(wave, "price", "size", outcome=outcome).frame
    low, high = ENDS[outcome]
    assert made[["conf_low", "band_low"]].min(axis=None) >= low
    assert made[["conf_high", "band_high"]].max(axis=None) <= high
    assert made["estimate"].iloc[-1] == pytest.approx(mean.values[0], abs=1e-12)
    stated = {"colour": {"green": 1.0}}
    whole = support(wave, BEST, outcome=outcome).figures.values
    assert support(wave, LAST, outcome=outcome, average=stated).figures.values == pytest.approx(
        whole
    )


def test_where_nothing_leaves_the_scale_nothing_changes():
    wave = as_wave(draw_wave(np.random.default_rng(5), n=120, tasks=6))
    package = {"cap": "5000", "reduction": "90"}
    scene = support(wave, package, outcome="additive")
    model = fit_model(sample_of(wave, "additive"), ())
    assert bounded(model) is model
    assert (scene.frame["model"] == "linear").all()
    assert (scene.figures.values == figures_of(model, [package]).values).all()
    assert set(best(wave, outcome="additive").frame["model"]) == {"linear"}


def test_a_group_has_the_model_of_its_own_data(wave):
    whole = support(wave, LAST, "left", outcome="view").frame
    assert (whole["model"] == "logit").all()
    several = support(wave, LAST, "segments", outcome="view").frame
    columns = ["estimate", "conf_low", "conf_high", "model"]
    left = several[several["group"] == "left"].reset_index()
    pd.testing.assert_frame_equal(left[columns], whole[columns])


def head_to_head(wave):
    models = []

    def estimator(sample, pairs):
        models.append(fit_model(sample, (), (), pairs))
        return figures_of(models[0], [LAST], LAST | {"price": "mid"})

    estimate_pairs(wave, estimator, specify(wave, "x", None, "linearised", 0.95), "chosen")
    return models[0]


def test_head_to_head_is_bounded_and_two_packages_sum_to_one(wave):
    linear = head_to_head(wave)
    assert figures_of(linear, [BEST], WORST).values > 1
    model = bounded(linear)
    values = np.array([figures_of(model, PACKAGES, other).values for other in PACKAGES])
    assert ((values > 0) & (values < 1)).all()
    assert values + values.T == pytest.approx(np.ones_like(values), abs=1e-12)
    assert (np.diag(values) == 0.5).all()
    one = support(wave, BEST, against=WORST).frame.iloc[0]
    two = support(wave, WORST, against=BEST).frame.iloc[0]
    assert one["estimate"] == pytest.approx(values[0, -1])
    assert one["model"] == "logit"
    assert one["std_error"] == pytest.approx(two["std_error"], rel=1e-8)
    assert 0 <= one["conf_low"] < one["conf_high"] <= 1
    itself = support(wave, LAST, against=LAST).frame
    assert (itself[["estimate", "conf_low", "conf_high"]] == 0.5).all(axis=None)
    # What both leave out is drawn for each of the two.
    others = [place for place, own in enumerate(PACKAGES) if own["price"] == "high"]
    mine = [place for place, own in enumerate(PACKAGES) if own["price"] == "low"]
    mean = figures_of(model, [{"price": "low"}], {"price": "high"}).values
    assert mean == pytest.approx([values[np.ix_(others, mine)].mean()], abs=1e-12)


def test_head_to_head_is_a_dense_logit_of_both_orders(wave):
    model = bounded(head_to_head(wave))
    profiles = wave.profiles
    first, second = profiles.iloc[::2], profiles.iloc[1::2]
    X = dense(wave, first) - dense(wave, second)
    X[:, 0] = 1.0
    fit = sm.GLM(
        first["chosen"].to_numpy(), X, family=sm.families.Binomial(),
        freq_weights=wave.weights[wave.respondent_index[::2]],
    ).fit(tol=1e-12)  # fmt: skip
    ends = pd.DataFrame([BEST, WORST])
    between = (dense(wave, ends)[0] - dense(wave, ends)[1]) @ fit.params
    wanted = np.mean(expit([between + fit.params[0], between - fit.params[0]]))
    assert figures_of(model, [BEST], WORST).values == pytest.approx([wanted], abs=1e-8)


def test_answers_to_a_question_share_what_its_own_leaves(wave):
    for package in (LAST, BEST, WORST):
        frame = support(wave, package, "segments", outcome="view").frame
        sums = frame.groupby("group")["estimate"].sum()
        assert sums.to_numpy() == pytest.approx([1.0], abs=1e-12)
        assert frame[["estimate", "conf_low"]].min(axis=None) >= 0
        assert frame[["estimate", "conf_high"]].max(axis=None) <= 1
        assert (frame["model"] == "logit").all()
    scene = support(wave, LAST, outcome="view")
    assert np.ones(3) @ scene.figures.covariance @ np.ones(3) == pytest.approx(0, abs=1e-12)
    gap = scene.figures.values - scene.shown.values
    assert scene.gap.values == pytest.approx(gap, abs=1e-12)


def test_what_is_not_always_shown_is_averaged_as_it_stands(strong):
    wave = strong(4, sometimes=True)
    model = bounded(fit_model(sample_of(wave, "view"), ()))
    assert model.link == "logit"
    seen = wave.shows("size").mean()
    states = [*LEVELS["size"], None]
    share = np.array([seen / 3] * 3 + [1 - seen])
    packages = [{"price": "low", "size": size, "colour": "red"} for size in states]
    each = figures_of(model, packages).values
    mean = figures_of(model, [{"price": "low", "colour": "red"}]).values
    assert mean == pytest.approx([share @ each], abs=1e-12)


def test_interactions_that_share_an_attribute_are_averaged_together(wave):
    pairs = [("price", "size"), ("price", "colour")]
    model = bounded(fit_model(sample_of(wave, "rating"), pairs))
    values = figures_of(model, PACKAGES).values
    if model.link == "linear":  # pragma: no cover - the draw leaves the scale
        pytest.fail("the linear model stays within the scale")
    mean = figures_of(model, [{"price": "low"}]).values
    own = [place for place, package in enumerate(PACKAGES) if package["price"] == "low"]
    assert mean == pytest.approx([values[own].mean()], abs=1e-10)


@pytest.mark.parametrize("variance", ["CR1", "CR2", "CR3"])
def test_other_variances_are_near(wave, variance):
    plain = support(wave, LAST, outcome="view").figures
    other = support(wave, LAST, outcome="view", variance=variance).figures
    assert other.values == pytest.approx(plain.values, abs=1e-12)
    assert other.std_errors == pytest.approx(plain.std_errors, rel=0.02)


def test_where_levels_decide_all_answers_there_is_no_figure():
    frame = draw_strong(6)
    sure = (frame["price"] == "low") & (frame["party"] == "Left")
    frame["view"] = ((frame["view"] == "For") | sure).astype(float)
    table = support(of_views(frame), {"size": "L"}, "party").frame.set_index("group")
    assert np.isnan(table.loc["Left", "estimate"])
    assert "beyond what this model can say" in table.loc["Left", "note"]
    assert table.loc["Right", "model"] == "logit"
    left = best(of_views(frame), "party").frame.set_index("ranking").loc["Left"]
    assert 'every answer at "low" is 1' in left["note"]
    with pytest.raises(EstimationError, match="beyond what this model can say"):
        support(of_views(frame[frame["party"] == "Left"]), {"size": "L"})


def of_views(frame):
    return cj.Wave.from_frame(
        frame, respondent="id", outcome="view", attributes=[*LEVELS], task="task", profile="profile",
        segments=["party"],
    )  # fmt: skip


def test_intervals_of_shares_stay_within_nought_and_one(wave):
    frame = shares(wave, [WORST, BEST, PACKAGES[8]]).frame
    assert frame["estimate"].sum() == pytest.approx(1)
    assert frame["conf_low"].min() > 0
    assert frame["conf_high"].max() < 1


def test_everybody_for_it_is_no_disagreement_where_nearly_everybody_should_be(wave):
    """The raw share is 100% of 100 people, which has no spread of its own; the truth is 98%."""
    scene = support(wave, BEST, outcome="view")
    row = scene.frame.iloc[0]
    assert row["shown_estimate"] == 1
    assert scene.gap.p_values[0] < 0.001
    base = scene.shown.frame["n_effective"].iloc[0]
    z = (1 - row["estimate"]) / np.sqrt(row["estimate"] * (1 - row["estimate"]) / base)
    assert row["gap_p"] == pytest.approx(2 * stdtr(wave.n_respondents - 1, -z))
    assert row["gap_p"] > 0.05
    assert any("do not add up in points (p < 0.001), and need not" in own for own in scene.warnings)
    # Where answers of either sort are many, the test is that of the gap.
    middle = support(wave, {"price": "mid"}, outcome="view")
    assert (middle.frame["gap_p"] == middle.gap.p_values).all()
