"""Attributes that not every profile shows: figures among the profiles that show them."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

import conjoint as cj

LEVELS = {"price": ["low", "mid", "high"], "colour": ["red", "green"], "size": ["S", "M", "L"]}
SOMETIMES = {"colour": "some", "size": "some"}


def effects(estimates):
    frame = estimates.frame
    return frame.set_index(["group", "attribute", "level"])[["estimate", "std_error", "p_value"]]


@pytest.fixture(scope="module")
def partial(simulated):
    """Colour is absent from some tasks, size from some profiles."""
    frame = simulated(3, n=120)
    rng = np.random.default_rng(5)
    frame.loc[np.repeat(rng.random(len(frame) // 2) < 0.4, 2), "colour"] = np.nan
    frame.loc[rng.random(len(frame)) < 0.3, "size"] = np.nan
    return frame


@pytest.fixture(scope="module")
def wave(partial, as_wave):
    return as_wave(partial, outcome=["chosen", "rating"], weight="weight", presence=SOMETIMES)


@pytest.fixture(scope="module")
def arms(simulated):
    """Two arms that share no attribute: `left` sees price and colour, `right` size and brand."""
    frame = simulated(4, n=80)
    frame["brand"] = np.random.default_rng(6).choice(["A", "B"], len(frame))
    frame["arm"] = np.where(frame["id"] % 2 == 0, "left", "right")
    frame.loc[frame["arm"] == "right", ["price", "colour"]] = np.nan
    frame.loc[frame["arm"] == "left", ["size", "brand"]] = np.nan
    return frame


@pytest.fixture(scope="module")
def arms_wave(arms, as_wave):
    shows = {"price": "left", "colour": "left", "size": "right", "brand": "right"}
    presence = {name: {"column": "arm", "arm": arm} for name, arm in shows.items()}
    return as_wave(arms, attributes=list(shows), weight="weight", presence=presence)


@pytest.mark.parametrize("estimator", [cj.amce, cj.marginal_means])
def test_an_arm_is_estimated_as_its_respondents_alone(arms, arms_wave, as_wave, estimator):
    for arm, names in (("left", ["price", "colour"]), ("right", ["size", "brand"])):
        alone = as_wave(arms[arms["arm"] == arm], attributes=names, weight="weight")
        expected = effects(estimator(alone, variance="CR2"))
        together = effects(estimator(arms_wave, variance="CR2")).loc[expected.index]
        np.testing.assert_allclose(together, expected, rtol=1e-10, atol=1e-12)


def test_groups_by_arm_have_their_own_attributes_alone(arms_wave):
    frame = cj.amce(arms_wave, by="arm").frame
    absent = frame[frame["estimate"].isna()]
    assert absent["note"].str.endswith("is never shown").all()
    names_by_group = (
        frame.drop(absent.index).groupby("group")["attribute"].unique().map(sorted).to_dict()
    )
    assert names_by_group == {"left": ["colour", "price"], "right": ["brand", "size"]}


def test_amces_are_those_of_a_regression_with_a_dummy_for_not_shown(wave, partial):
    frame = partial.copy()
    for name in SOMETIMES:
        frame[name] = frame[name].cat.add_categories("none").fillna("none")
    fit = smf.wls("chosen ~ C(price) + C(colour) + C(size)", frame, weights=frame["weight"]).fit()
    result = effects(cj.amce(wave, outcome="chosen"))["estimate"]["Total"]
    for (attribute, level), estimate in result.items():
        expected = fit.params.get(f"C({attribute})[T.{level}]", 0.0)
        assert estimate == pytest.approx(expected, abs=1e-10)
    assert len(result) == 8


@pytest.mark.parametrize("variance", ["linearised", "CR1", "CR2"])
def test_marginal_means_are_those_of_the_profiles_that_show_the_attribute(
    wave, partial, as_wave, variance
):
    result = effects(cj.marginal_means(wave, outcome="rating", variance=variance))
    shown = partial[partial["size"].notna()]
    alone = as_wave(shown, outcome="rating", attributes=["size"], weight="weight")
    expected = effects(cj.marginal_means(alone, variance=variance))
    np.testing.assert_allclose(result.loc[expected.index], expected, rtol=1e-9)


def test_joint_means_are_those_of_profiles_that_show_both(wave, partial):
    result = cj.joint_means(wave, ("colour", "size"), outcome="rating").frame
    together = partial.dropna(subset=["colour", "size"])
    for (colour, size), cell in together.groupby(["colour", "size"], observed=True):
        row = result[result["level"] == f"{colour} * {size}"].iloc[0]
        assert row["estimate"] == pytest.approx(np.average(cell["rating"], weights=cell["weight"]))
        assert row["n_profiles"] == len(cell)
    assert len(result) == 6


def test_attributes_that_never_meet_have_no_joint_mean(arms_wave):
    with pytest.raises(cj.errors.EstimationError, match="no profile shows them"):
        cj.joint_means(arms_wave, ("price", "size"))


def test_choices_are_compared_in_tasks_whose_profiles_both_show_the_attribute(
    wave, partial, as_wave
):
    task = partial.groupby(["id", "task"])["size"].transform("count")
    alone = as_wave(partial[task == 2], attributes=["size"], weight="weight")
    for estimator in (cj.choice_means, cj.choice_effects, cj.component_preferences):
        expected = effects(estimator(alone, "size", variance="CR2"))
        result = effects(estimator(wave, "size", outcome="chosen", variance="CR2"))
        np.testing.assert_allclose(result.loc[expected.index], expected, rtol=1e-9, atol=1e-12)


def test_interactions_of_an_arm_are_those_of_its_respondents(arms, arms_wave, as_wave):
    alone = as_wave(arms[arms["arm"] == "left"], attributes=["price", "colour"], weight="weight")
    for kind in ("acie", "amie"):
        expected, result = (
            effects(cj.interactions(part, ("price", "colour"), kind=kind, variance="CR2"))
            for part in (alone, arms_wave)
        )
        np.testing.assert_allclose(result, expected, rtol=1e-9, atol=1e-12)


def test_a_fixed_number_of_attributes_shown_is_no_collinearity():
    rng = np.random.default_rng(1)
    N, K, k = 6_000, 10, 3
    shows = np.argsort(rng.random((N, K)), axis=1) < k
    codes = rng.integers(0, 2, (N, K))
    worth = np.linspace(-0.2, 0.2, K)
    liking = (shows * codes * worth).sum(axis=1)
    frame = pd.DataFrame(np.where(shows, np.array(["no", "yes"], dtype=object)[codes], None))
    frame.columns = names = [f"a{place}" for place in range(K)]
    frame["id"], frame["answer"] = np.arange(N) // 6, rng.random(N) < 0.5 + liking
    wave = cj.Wave.from_frame(
        frame, respondent="id", outcome="answer", attributes=names,
        presence=dict.fromkeys(names, "some"),
    )  # fmt: skip
    result = cj.amce(wave).frame.query("level == 'yes'")
    off = (result["estimate"].to_numpy() - worth) / result["std_error"].to_numpy()
    assert np.abs(off).max() < 3.5
    assert (result["n_profiles"] < N * k / K * 0.6).all()


def test_attributes_tied_to_one_not_always_shown_average_over_its_absence(simulated, as_wave):
    frame = simulated(7, n=300)
    frame.loc[frame["size"] == "L", "colour"] = "red"
    frame.loc[np.random.default_rng(2).random(len(frame)) < 0.5, "size"] = np.nan
    wave = as_wave(
        frame, outcome="rating", presence={"size": "some"},
        restrictions=[{"size": ["L"], "colour": ["green"]}],
    )  # fmt: skip
    # Of profiles that show a size two in five are green, each half S and half M; of others one half.
    share = frame["size"].isna().mean()
    drawn = {"S": (1 - share) / 5, "M": (1 - share) / 5, "none": share / 2}
    among = {part: p / sum(drawn.values()) for part, p in drawn.items()}
    size = frame["size"].cat.add_categories("none").fillna("none")
    wide = pd.get_dummies(frame["price"], dtype=float).drop(columns="low")
    cells = pd.get_dummies(size.astype(str) + frame["colour"].astype(str), dtype=float)
    X = pd.concat([wide, cells], axis=1)
    b = dict(zip(X, np.linalg.lstsq(X.to_numpy(), frame["rating"].to_numpy())[0], strict=True))
    expected = sum(p * (b[f"{part}green"] - b[f"{part}red"]) for part, p in among.items())
    result = effects(cj.amce(wave))["estimate"]["Total", "colour", "green"]
    assert result == pytest.approx(expected, abs=1e-10)


# --- Whether an attribute is shown at all -------------------------------------------------------


def test_presence_effects_of_judgements_compare_all_profiles(wave, partial):
    row = cj.presence_effects(wave, "colour", outcome="rating", variance="CR2").frame.iloc[0]
    frame = partial.assign(shown=partial["colour"].notna().astype(int))
    fit = smf.wls("rating ~ shown", frame, weights=frame["weight"]).fit()
    assert row["estimate"] == pytest.approx(fit.params["shown"], abs=1e-10)
    assert row["n_profiles"] == frame["shown"].sum()


def test_presence_effects_of_choices_stand_on_tasks_that_show_it_once(wave, partial):
    once = partial.groupby(["id", "task"])["size"].transform("count") == 1
    frame = partial[once].assign(shown=partial["size"].notna().astype(int))
    fit = smf.wls("chosen ~ shown", frame, weights=frame["weight"]).fit(
        cov_type="cluster", cov_kwds={"groups": frame["id"]}
    )
    result = cj.presence_effects(wave, outcome="chosen").frame
    # Colour is shown by both profiles of a task or by none, of which choices say nothing.
    assert result["attribute"].tolist() == ["size"]
    assert result["estimate"][0] == pytest.approx(fit.params["shown"], abs=1e-10)
    assert result["std_error"][0] == pytest.approx(fit.bse["shown"], rel=0.02)
    with pytest.raises(cj.errors.EstimationError, match="choices say nothing of it"):
        cj.presence_effects(wave, "colour", outcome="chosen")


def test_presence_effects_need_presence_that_varies(wave, arms_wave):
    for part, name, what in (
        (wave, "price", "is shown in every profile"),
        (arms_wave, "price", "is shown by arms"),
        (arms_wave, None, "shown by arms"),
        (wave, "shape", 'there is no attribute "shape"'),
    ):
        with pytest.raises(cj.errors.RequestError, match=what):
            cj.presence_effects(part, name)


# --- Packages -----------------------------------------------------------------------------------


def fitted(frame, formula):
    for name in SOMETIMES:
        frame[name] = frame[name].cat.add_categories("none").fillna("none")
    return smf.wls(formula, frame, weights=frame["weight"]).fit()


def test_a_package_averages_over_what_profiles_like_it_show(wave, partial):
    fit = fitted(partial.copy(), "rating ~ C(price) + C(colour) + C(size)")
    beside = partial[partial["colour"].notna()]
    shown = beside["size"].notna().mean()
    shares = {"S": shown / 3, "M": shown / 3, "L": shown / 3, "none": 1 - shown}
    expected = sum(
        share * fit.predict(pd.DataFrame({"price": ["low"], "colour": ["red"], "size": [size]}))[0]
        for size, share in shares.items()
    )
    scene = cj.support(wave, {"price": "low", "colour": "red"}, outcome="rating")
    assert scene.figures.values[0] == pytest.approx(expected, abs=1e-9)
    cell = beside[(beside["price"] == "low") & (beside["colour"] == "red")]
    raw = np.average(cell["rating"], weights=cell["weight"])
    assert scene.frame["shown_estimate"][0] == pytest.approx(raw)


def test_a_package_may_lack_an_attribute(wave, partial):
    fit = fitted(partial.copy(), "rating ~ C(price) + C(colour) + C(size)")
    alike = partial[partial["size"].isna()]
    shown = alike["colour"].notna().mean()
    colours = {"red": shown / 2, "green": shown / 2, "none": 1 - shown}
    expected = sum(
        share
        * fit.predict(pd.DataFrame({"price": ["low"], "colour": [colour], "size": ["none"]}))[0]
        for colour, share in colours.items()
    )
    scene = cj.support(wave, {"price": "low", "size": None}, outcome="rating")
    row = scene.frame.iloc[0]
    assert row["estimate"] == pytest.approx(expected, abs=1e-9)
    assert (row["attribute"], row["level"]) == ("price * size", "low * (not shown)")
    cell = alike[alike["price"] == "low"]
    assert row["shown_estimate"] == pytest.approx(
        np.average(cell["rating"], weights=cell["weight"])
    )
    # The test of adding up: price, by whether and which size.
    whole = fitted(partial.copy(), "rating ~ C(price) * C(size) + C(colour)")
    assert scene.additivity["df_num"][0] == whole.df_model - fit.df_model


def test_a_package_may_be_held_against_one_that_lacks_an_attribute(wave, partial):
    worn = {"price": "low", "colour": "red", "size": "L"}
    scene = cj.support(wave, worn, outcome="chosen", against={"size": None})
    filled = partial.astype(dict.fromkeys(LEVELS, object)).fillna("none")
    dummies = pd.get_dummies(filled[list(LEVELS)]).astype(float)
    first, second = dummies[::2].to_numpy(), dummies[1::2].to_numpy()
    X = np.column_stack([np.ones(len(first)), first - second])
    root = np.sqrt(filled["weight"][::2].to_numpy())
    b = np.linalg.lstsq(X * root[:, None], filled["chosen"][::2].to_numpy() * root, rcond=None)[0]
    coefficients = dict(zip(dummies, b[1:], strict=True))
    expected = 0.5 + coefficients["size_L"] - coefficients["size_none"]
    # Some packages leave the scale in a model in points, so that a logit predicts all: near it, and within.
    assert scene.frame["model"][0] == "logit"
    assert scene.figures.values[0] == pytest.approx(expected, abs=0.03)
    assert scene.frame["baseline"][0] == "low * red * (not shown)"
    assert not [text for text in scene.warnings if "leaving it out" in text]


def test_what_leaving_out_is_worth_is_not_told_by_choices_that_never_had_it(wave):
    package = {"price": "low", "colour": None}
    (warning,) = cj.support(wave, package, outcome="chosen").warnings
    assert warning.startswith("colour: in every task all profiles show it or none does")
    assert cj.support(wave, package, outcome="rating").warnings == ()
    with pytest.raises(cj.errors.EstimationError, match="cannot be told apart"):
        cj.support(wave, package, outcome="chosen", against={"colour": "red"})


def test_shares_of_packages_that_lack_an_attribute(wave):
    packages = [{"price": "low", "size": "L"}, {"price": "high", "size": None}]
    index = cj.shares(wave, packages, outcome="chosen").frame["estimate"]
    assert index.sum() == pytest.approx(1)
    assert index[0] > 0.5
    with pytest.raises(cj.errors.EstimationError, match="cannot be told apart"):
        cj.shares(wave, [{"colour": "red"}, {"colour": None}], outcome="chosen")


def test_packages_that_lack_what_they_cannot_are_refused(wave, arms_wave):
    with pytest.raises(cj.errors.RequestError, match='every profile shows "price"'):
        cj.support(wave, {"price": None})
    with pytest.raises(cj.errors.RequestError, match="no profile shows price without colour"):
        cj.support(arms_wave, {"price": "low", "colour": None})
    with pytest.raises(cj.errors.RequestError, match="no profile lacks price, size, so"):
        cj.support(arms_wave, {"price": None, "size": None})
    with pytest.raises(cj.errors.RequestError, match="no profile shows price, size together"):
        cj.shares(arms_wave, [{"price": "low", "size": own} for own in ("S", "M")])
    row = cj.support(arms_wave, {"price": "low", "size": None}).frame.iloc[0]
    assert row["estimate"] == pytest.approx(
        cj.support(arms_wave, {"price": "low"}).figures.values[0]
    )


def test_a_package_that_no_profile_shows_whole_is_refused(arms_wave):
    with pytest.raises(cj.errors.RequestError, match="no profile shows price, size together"):
        cj.support(arms_wave, {"price": "low", "size": "S"})
    assert len(cj.grid(arms_wave, "price", "colour").frame) == 6


# --- What needs whole profiles ------------------------------------------------------------------


def test_populations_are_those_of_attributes_always_shown(wave, partial, as_wave):
    target = {"price": {"low": 0.5, "mid": 0.5}}
    result = effects(cj.population_effects(wave, target=target, outcome="rating"))
    alone = as_wave(partial[partial["size"].notna()], attributes=["price", "size"],
                    outcome="rating", weight="weight")  # fmt: skip
    expected = effects(cj.population_effects(alone, target=target))
    expected = expected[expected.index.get_level_values("attribute") == "size"]
    np.testing.assert_allclose(result.loc[expected.index], expected, rtol=1e-9)
    with pytest.raises(cj.errors.RequestError, match='"size" is not shown in every profile'):
        cj.population_effects(wave, target={"size": {"S": 1.0}})


@pytest.mark.parametrize(
    "ask",
    [
        lambda wave: cj.amce(wave, outcome="chosen", model="logit"),
        lambda wave: cj.best(wave),
        lambda wave: cj.population_effects(
            wave, target={"price": {"low": 1.0}}, outcome="chosen", method="model"
        ),
    ],
)
def test_what_needs_whole_profiles_says_so(wave, ask):
    with pytest.raises(cj.errors.RequestError, match="colour, size are not shown in every profile"):
        ask(wave)


def test_ties_are_dropped_among_profiles_that_show_the_attribute(wave, partial):
    result = cj.amce(wave, outcome="chosen", ties="drop").frame.set_index(["attribute", "level"])
    count = partial.groupby(["id", "task", "size"], observed=True)["price"].transform("size")
    untied = partial[partial["size"].notna() & (count == 1)]
    means = {
        level: np.average(part["chosen"], weights=part["weight"])
        for level, part in untied.groupby("size", observed=True)
    }
    assert result["estimate"]["size", "L"] == pytest.approx(means["L"] - means["S"])


def test_replicates_are_of_the_profiles_that_show_the_attribute(wave):
    replicated = cj.replicate(wave, outcome="chosen", replicates=30).frame
    plain = cj.marginal_means(wave, outcome="chosen").frame
    np.testing.assert_array_equal(replicated["estimate"], plain["estimate"])
    assert (replicated["std_error"] / plain["std_error"]).between(0.6, 1.6).all()


@pytest.mark.parametrize(
    "estimator",
    [
        lambda wave: cj.part_worths(wave, model="conditional_logit", outcome="chosen"),
        lambda wave: cj.part_worths(wave, model="logit", outcome="chosen"),
        lambda wave: cj.amce(wave, absorb="respondent", outcome="chosen"),
    ],
)
def test_models_of_each_arm_are_those_of_its_respondents(arms, arms_wave, as_wave, estimator):
    alone = as_wave(arms[arms["arm"] == "left"], attributes=["price", "colour"], weight="weight")
    expected = effects(estimator(alone))["estimate"]
    np.testing.assert_allclose(
        effects(estimator(arms_wave))["estimate"].loc[expected.index], expected, rtol=1e-6
    )


def test_presence_that_never_varies_within_a_task_is_no_obstacle(wave, partial):
    result = effects(cj.part_worths(wave, model="conditional_logit", outcome="chosen"))["estimate"]
    frame = partial.copy()
    for name in SOMETIMES:
        frame[name] = frame[name].cat.add_categories("none").fillna("none")
    dummies = pd.get_dummies(frame[["price", "colour", "size"]], dtype=float)
    X = dummies.drop(columns=["price_low", "colour_red", "colour_none", "size_S"]).to_numpy()
    D, w = X[::2] - X[1::2], frame["weight"].to_numpy()[::2]
    y, b = frame["chosen"].to_numpy()[::2], np.zeros(X.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-D @ b))
        b += np.linalg.solve((D * (w * p * (1 - p))[:, None]).T @ D, D.T @ (w * (y - p)))
    names = [("price", "mid"), ("price", "high"), ("colour", "green"), ("size", "M"), ("size", "L")]
    np.testing.assert_allclose(result["Total"].loc[names], b[:5], rtol=1e-6)


# --- Groups that never see an attribute ---------------------------------------------------------


@pytest.mark.parametrize(
    "estimator",
    [
        lambda wave, by: cj.joint_means(wave, ("price", "colour"), by=by),
        lambda wave, by: cj.interactions(wave, ("price", "colour"), by=by),
        lambda wave, by: cj.choice_means(wave, "price", by=by),
        lambda wave, by: cj.component_preferences(wave, ["price", "colour"], by=by),
        lambda wave, by: cj.support(wave, {"price": "low"}, by=by).figures,
        lambda wave, by: cj.grid(wave, "price", "colour", by=by).figures,
    ],
)
def test_a_group_that_never_sees_an_attribute_has_no_figure_of_it(arms_wave, estimator):
    total, groups = estimator(arms_wave, None), estimator(arms_wave, "arm")
    members = (groups.frame["group"] == "left").to_numpy()
    np.testing.assert_allclose(groups.values[members], total.values, atol=1e-9)
    assert np.isnan(groups.values[~members]).all()
    assert (groups.frame["note"][~members] != "").all()
