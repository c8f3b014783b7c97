"""Average marginal effects and part-worths: R's glm, svyglm, clogit and cregg, and what must hold."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.discrete.conditional_models import ConditionalLogit

import conjoint as cj
from conjoint.estimate.additive import find_baselines, fit_blocks
from conjoint.estimate.binary import fit_binary
from conjoint.estimate.design import find_blocks
from conjoint.estimate.leverage import dense_rows
from conjoint.estimate.logit import logit_effects, part_worths
from conjoint.estimate.sample import samples
from conjoint.estimates import stack

RTOL = 1e-6
"""R stops its iterations where the deviance stands still to eight digits."""
MODELS = ["logit", "probit", "conditional_logit"]
NAMES = ["price", "colour", "size"]


def effects(wave, by=None, *, outcome=None, baselines=None, variance="linearised", model="logit"):
    return logit_effects(
        wave,
        by,
        outcome=outcome,
        baselines=find_baselines(wave, baselines),
        variance=variance,
        confidence=0.95,
        model=model,
    )


def same(left, right, rtol=1e-7):
    np.testing.assert_allclose(left.values, right.values, rtol=rtol, atol=1e-10)
    np.testing.assert_allclose(left.covariance, right.covariance, rtol=rtol, atol=1e-12)


# --- R's packages on published data -----------------------------------------------------------


def by_term(wave, reference):
    """The reference's terms, attribute and level pasted together, taken apart again."""
    place = {
        f"{name}{level}": (name, level)
        for name, attribute in wave.survey.attributes.items()
        for level in attribute.values
    }
    reference = reference[reference["term"] != "(Intercept)"]
    parts = [place[term] for term in reference["term"]]
    return reference.assign(
        variable=[name for name, _ in parts], level=[level for _, level in parts]
    )


@pytest.mark.parametrize(
    ("case", "data", "model", "error"),
    [
        ("imm_logit", "immigration", "logit", "se_g"),
        ("imm_logit_weighted", "immigration_weighted", "logit", "se"),
        ("imm_probit", "immigration", "probit", "se_g"),
        ("tax_logit", "taxes", "logit", "se_g"),
        ("tax_logit_weighted", "taxes_weighted", "logit", "se"),
        ("tax_probit", "taxes", "probit", "se_g"),
        ("imm_clogit", "immigration", "conditional_logit", "se_robust_g"),
        ("tax_clogit", "taxes", "conditional_logit", "se_robust_g"),
    ],
)
def test_part_worths(request, golden, agrees, case, data, model, error):
    wave = request.getfixturevalue(data)
    reference = by_term(wave, golden(case))
    agrees(part_worths(wave, model=model), reference, RTOL, std_error=error)


@pytest.mark.parametrize(
    ("case", "data"),
    [("imm_clogit_weighted", "immigration_weighted"), ("tax_clogit_weighted", "taxes_weighted")],
)
def test_weighted_conditional_logit(request, golden, agrees, case, data):
    """survival's robust error has no factor for small samples."""
    wave = request.getfixturevalue(data)
    reference = by_term(wave, golden(case))
    G = wave.n_respondents
    reference["se_robust"] *= np.sqrt(G / (G - 1))
    agrees(part_worths(wave, model="conditional_logit"), reference, RTOL, std_error="se_robust")


@pytest.mark.parametrize(("case", "data"), [("imm_logit", "immigration"), ("tax_logit", "taxes")])
def test_part_worths_with_the_correction_for_coefficients(request, golden, agrees, case, data):
    wave = request.getfixturevalue(data)
    reference = by_term(wave, golden(case))
    agrees(part_worths(wave, variance="CR1"), reference, RTOL, std_error="se_hc1")


def test_cregg_calls_part_worths_effects(immigration, golden):
    """Its binomial family gives log odds, in the rows of its AMCEs: attributes by label."""
    reference = golden("imm_cregg_amce_binomial")
    mine = part_worths(immigration).frame
    assert mine["level"].tolist() == reference["level"].tolist()
    columns = {"estimate": "estimate", "std_error": "std.error", "statistic": "z"}
    for own, theirs in columns.items():
        np.testing.assert_allclose(mine[own], reference[theirs], RTOL)


@pytest.mark.parametrize(
    ("case", "data", "model"),
    [
        ("imm_logit_ame", "immigration", "logit"),
        ("imm_logit_ame_weighted", "immigration_weighted", "logit"),
        ("imm_probit_ame", "immigration", "probit"),
    ],
)
def test_average_marginal_effects(request, golden, agrees, case, data, model):
    wave = request.getfixturevalue(data)
    agrees(effects(wave, model=model), golden(case), RTOL, estimate="ame", std_error="se")


TAX_EFFECTS = [
    ("tax_logit_ame", "taxes", "logit"),
    ("tax_logit_ame_weighted", "taxes_weighted", "logit"),
    ("tax_probit_ame", "taxes", "probit"),
]


@pytest.mark.parametrize(("case", "data", "model"), TAX_EFFECTS)
def test_average_marginal_effects_of_taxes(request, golden, agrees, case, data, model):
    """The attributes that the reference has right: see the next test for the others."""
    wave = request.getfixturevalue(data)
    right = golden(case).query("variable not in ['taxrate1', 'taxrate6', 'taxrev']")
    assert right["variable"].nunique() == 4
    agrees(effects(wave, model=model), right, RTOL, estimate="ame", std_error="se")


@pytest.mark.parametrize(("case", "data", "model"), TAX_EFFECTS)
def test_the_reference_does_not_unset_levels_that_begin_with_a_sign(
    request, golden, case, data, model
):
    """Profiles of a level such as "<75%" keep it beside the level they are set to.

    Two levels of an attribute at once are no profile. Made in the same way, our own figures are the
    reference's, to all its digits; done properly they differ.
    """
    wave = request.getfixturevalue(data)
    reference = golden(case).set_index(["variable", "level"])
    fit = binary_fit(wave, model)
    proper = effects(wave, model=model).frame.set_index(["attribute", "level"])
    for place, (name, attribute) in enumerate(wave.survey.attributes.items()):
        columns = fit.blocks.regression.terms[place + 1].columns
        unset = [
            column
            for column, level in zip(columns, attribute.values, strict=True)
            if column >= 0 and not level.startswith(("<", ">"))
        ]
        for column, level in zip(columns[1:], attribute.values[1:], strict=True):
            value, error = by_hand(fit, wave, unset, column)
            row = reference.loc[(name, level)]
            assert value == pytest.approx(row["ame"], rel=RTOL)
            assert error == pytest.approx(row["se"], rel=RTOL)
            differs = name in ("taxrate1", "taxrate6", "taxrev")
            mine = proper.loc[(name, level), "estimate"]
            assert (abs(mine / row["ame"] - 1) > 0.005) == differs


def binary_fit(wave, model, group=None):
    specification = effects(wave, group, model=model).specification
    sample = next(samples(wave, None, specification))
    blocks, baselines = find_blocks(wave.survey), find_baselines(wave, None)
    return fit_binary(sample, fit_blocks(sample, blocks, baselines), model)


def by_hand(fit, wave, unset, column):
    """Average change from dummies `unset` to one set, with its error by the delta method."""
    regression = fit.blocks.regression
    X = dense_rows(regression, np.arange(len(regression.w)))
    without = X.copy()
    without[:, unset] = 0.0
    with_it = without.copy()
    with_it[:, column] = 1.0
    F, f = {
        "logit": (stats.logistic.cdf, stats.logistic.pdf),
        "probit": (stats.norm.cdf, stats.norm.pdf),
    }[fit.link]
    b, w = regression.coefficients, regression.w
    value = np.average(F(with_it @ b) - F(without @ b), weights=w)
    slope = f(with_it @ b)[:, None] * with_it - f(without @ b)[:, None] * without
    gradient = np.average(slope, axis=0, weights=w)
    people = wave.n_respondents
    scores = np.zeros((people, len(b)))
    np.add.at(scores, regression.respondent, X * (w * regression.residual)[:, None])
    moved = scores @ regression.inverse @ gradient
    return value, np.sqrt(moved @ moved * people / (people - 1))


# --- statsmodels on simulated data ------------------------------------------------------------


@pytest.fixture(scope="module")
def frame(simulated):
    frame = simulated(20260611, n=120)
    return frame.assign(liked=(frame["rating"] > 6).astype(float))


@pytest.mark.parametrize("outcome", ["chosen", "liked"])
@pytest.mark.parametrize("weight", [None, "weight"])
@pytest.mark.parametrize("model", ["logit", "probit"])
def test_part_worths_are_a_generalised_linear_model(frame, as_wave, model, weight, outcome):
    estimates = part_worths(as_wave(frame, outcome=outcome, weight=weight), model=model)
    rows = ~estimates.fixed
    X = sm.add_constant(pd.get_dummies(frame[NAMES], drop_first=True, dtype=float))
    link = {"logit": sm.families.links.Logit(), "probit": sm.families.links.Probit()}[model]
    weights = None if weight is None else frame[weight]
    fit = sm.GLM(frame[outcome], X, family=sm.families.Binomial(link), freq_weights=weights).fit(
        tol=1e-12
    )
    np.testing.assert_allclose(estimates.values[rows], fit.params[1:], rtol=1e-7)
    mean, slope = fit.fittedvalues, link.inverse_deriv(fit.predict(which="linear"))
    w = np.ones(len(X)) if weights is None else weights
    score = w * (frame[outcome] - mean) * slope / (mean * (1 - mean))
    summed = (X.mul(score, axis=0)).groupby(frame["id"]).sum()
    information = X.T @ X.mul(w * slope**2 / (mean * (1 - mean)), axis=0)
    inverse = np.linalg.inv(information)
    G = len(summed)
    covariance = inverse @ (summed.T @ summed).to_numpy() @ inverse * G / (G - 1)
    own = estimates.covariance[np.ix_(rows, rows)]
    np.testing.assert_allclose(own, covariance[1:, 1:], rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("profiles", [2, 3, 4])
def test_conditional_logit_is_that_of_statsmodels(as_wave, profiles):
    """Its own algorithm stops early; its derivative says that ours is the maximum."""
    frame = many_profiles(profiles)
    estimates = part_worths(as_wave(frame), model="conditional_logit")
    b = estimates.values[~estimates.fixed]
    X = pd.get_dummies(frame[NAMES], drop_first=True, dtype=float)
    model = ConditionalLogit(frame["chosen"], X, groups=frame["id"] * 100 + frame["task"])
    fit = model.fit(disp=False)
    np.testing.assert_allclose(b, fit.params, rtol=0.01, atol=1e-3)
    np.testing.assert_allclose(model.score(b), 0, atol=1e-9)
    assert model.loglike(b) >= model.loglike(fit.params)


def many_profiles(profiles):
    """Tasks of two profiles and more, up to `profiles`, in one order per respondent."""
    rng = np.random.default_rng(profiles)
    sizes = rng.integers(2, profiles + 1, (40, 4))
    rows = [
        {"id": i, "task": task, "profile": profile}
        for i in range(40)
        for task in range(4)
        for profile in range(sizes[i, task])
    ]
    frame = pd.DataFrame(rows)
    for name, levels in zip(
        NAMES, (["low", "mid", "high"], ["red", "green"], ["S", "M", "L"]), strict=True
    ):
        frame[name] = pd.Categorical(rng.choice(levels, len(frame)), levels)
    frame["liking"] = (frame["price"] == "low") * 1.0 + rng.gumbel(size=len(frame))
    best = frame.groupby(["id", "task"])["liking"].transform("max")
    return frame.assign(
        chosen=(frame["liking"] == best).astype(float),
        weight=rng.uniform(0.3, 3, 40)[frame["id"]],
        party="All",
    )


@pytest.mark.parametrize("weight", [None, "weight"])
def test_conditional_logit_maximises_the_likelihood_written_out(as_wave, weight):
    frame = many_profiles(4)
    estimates = part_worths(as_wave(frame, weight=weight), model="conditional_logit")
    rows = ~estimates.fixed
    b = estimates.values[rows]
    X = pd.get_dummies(frame[NAMES], drop_first=True, dtype=float).to_numpy()
    w = np.ones(len(frame)) if weight is None else frame[weight].to_numpy()
    scores, information = np.zeros((40, 5)), np.zeros((5, 5))
    for (person, _), task in frame.groupby(["id", "task"]):
        x = X[task.index]
        p = np.exp(x @ b) / np.exp(x @ b).sum()
        own = w[task.index[0]]
        scores[person] += own * x.T @ (task["chosen"].to_numpy() - p)
        information += own * (x.T @ np.diag(p) @ x - np.outer(p @ x, p @ x))
    np.testing.assert_allclose(scores.sum(axis=0), 0, atol=1e-9)
    moved = scores @ np.linalg.inv(information)
    np.testing.assert_allclose(estimates.influence[:, rows], moved, rtol=1e-7, atol=1e-11)


def test_of_two_profiles_the_conditional_logit_is_a_logit_of_differences(frame, as_wave):
    estimates = part_worths(as_wave(frame), model="conditional_logit")
    X = pd.get_dummies(frame[NAMES], drop_first=True, dtype=float)
    first = (frame["profile"] == "A").to_numpy()
    gap = X[first].to_numpy() - X[~first].to_numpy()
    fit = sm.Logit(frame["chosen"][first].to_numpy(), gap).fit(disp=False, tol=1e-12)
    np.testing.assert_allclose(estimates.values[~estimates.fixed], fit.params, rtol=1e-8)


@pytest.mark.parametrize("weight", [None, "weight"])
@pytest.mark.parametrize("model", ["logit", "probit"])
def test_average_marginal_effects_written_out(frame, as_wave, model, weight):
    wave = as_wave(frame, weight=weight)
    rows = effects(wave, model=model).frame.set_index(["attribute", "level"])
    fit = binary_fit(wave, model)
    for place, (name, attribute) in enumerate(wave.survey.attributes.items()):
        columns = fit.blocks.regression.terms[place + 1].columns
        for column, level in zip(columns[1:], attribute.values[1:], strict=True):
            value, error = by_hand(fit, wave, columns[1:], column)
            assert rows.loc[(name, level), "estimate"] == pytest.approx(value, rel=1e-9)
            assert rows.loc[(name, level), "std_error"] == pytest.approx(error, rel=1e-9)


@pytest.fixture(scope="module")
def restricted(frame, as_wave):
    """Low never meets green; support, because tasks are no longer whole."""
    allowed = frame[~((frame["price"] == "low") & (frame["colour"] == "green"))]
    return as_wave(
        allowed,
        outcome="liked",
        weight="weight",
        restrictions=[{"price": ["low"], "colour": ["green"]}],
    )


def test_restricted_attributes_average_over_the_combinations_allowed(restricted):
    """Cells of price and colour in statsmodels' GLM, and the average written out by hand."""
    rows = effects(restricted).frame.set_index(["attribute", "level"])["estimate"]
    data = restricted.profiles
    w = restricted.weights[restricted.respondent_index]
    X = pd.get_dummies(data["price"].astype(str) + data["colour"].astype(str), dtype=float)
    X = X.join(pd.get_dummies(data["size"], drop_first=True, dtype=float))
    b = (
        sm.GLM(data["liked"], X, family=sm.families.Binomial(), freq_weights=w)
        .fit(tol=1e-12)
        .params
    )
    size = X[["M", "L"]] @ b[["M", "L"]]

    def share(cell):
        return np.average(stats.logistic.cdf(b[cell] + size), weights=w)

    assert rows["price", "mid"] == pytest.approx(share("midred") - share("lowred"), rel=1e-7)
    green = [share(f"{price}green") - share(f"{price}red") for price in ("mid", "high")]
    assert rows["colour", "green"] == pytest.approx(np.mean(green), rel=1e-7)


def test_the_influence_of_a_restricted_effect_is_its_change(restricted):
    """Against coefficients with one respondent's weight a little larger, the profiles held fixed."""
    mine = effects(restricted)
    row = mine.frame.query("level == 'green'").index[0]
    fit = binary_fit(restricted, "logit")
    _, jacobian = fit.predictions()
    gradient = fit.blocks.effect("colour", 1, 0) @ jacobian
    b = fit.blocks.regression.coefficients
    for person in (3, 50):
        step = 1e-4 * (np.arange(120) == person)
        grown = restricted.with_weights(restricted.weights * (1 + step))
        change = (binary_fit(grown, "logit").blocks.regression.coefficients - b) / 1e-4
        assert mine.influence[person, row] == pytest.approx(gradient @ change, rel=1e-3)


# --- What must hold ---------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["logit", "probit"])
def test_rows_are_those_of_the_linear_effects(frame, as_wave, model):
    wave = as_wave(frame, outcome=["chosen", "liked"], weight="weight")
    mine, usual = effects(wave, "party", model=model), cj.amce(wave, by="party")
    same_columns = ["outcome", "group", "attribute", "level", "baseline", "n_profiles"]
    pd.testing.assert_frame_equal(mine.frame[same_columns], usual.frame[same_columns])
    assert mine.frame["estimand"].unique().tolist() == ["average marginal effect"]
    assert mine.design.tolist() == usual.design.tolist()
    assert (mine.values[mine.fixed] == 0).all()
    assert mine.fixed.tolist() == usual.fixed.tolist()
    assert dict(mine.specification.options) == {"model": model}
    # With attributes drawn at random it is the same estimand.
    assert np.abs(mine.values - usual.values).max() < 0.03


@pytest.mark.parametrize("model", MODELS)
def test_part_worths_have_the_rows_of_effects(frame, as_wave, model):
    wave = as_wave(frame, weight="weight")
    mine, usual = part_worths(wave, "party", model=model), cj.amce(wave, by="party")
    same_columns = ["outcome", "group", "attribute", "level", "baseline", "n_respondents"]
    pd.testing.assert_frame_equal(mine.frame[same_columns], usual.frame[same_columns])
    assert mine.frame["estimand"].unique().tolist() == ["part-worth"]
    assert mine.specification.estimator == "part_worth"
    np.testing.assert_allclose(mine.influence.sum(axis=0), 0, atol=1e-8)
    left = wave.respondents["party"].to_numpy() == "Left"
    columns = mine.labels["group"].to_numpy() == "Left"
    assert not mine.influence[np.ix_(~left, columns)].any()


EVERY_MODEL = [pytest.param(partial(part_worths, model=model), id=model) for model in MODELS]
EVERY_MODEL += [
    pytest.param(partial(effects, model=model), id=f"{model} effects")
    for model in ("logit", "probit")
]


@pytest.mark.parametrize("estimate", EVERY_MODEL)
def test_the_scale_of_weights_changes_nothing(frame, as_wave, estimate):
    plain = estimate(as_wave(frame))
    same(estimate(as_wave(frame.assign(weight=0.01), weight="weight")), plain)
    wave = as_wave(frame, weight="weight")
    same(estimate(wave.with_weights(1000 * wave.weights)), estimate(wave))


@pytest.mark.parametrize("estimate", EVERY_MODEL)
def test_the_order_of_rows_changes_nothing(frame, as_wave, estimate):
    shuffled = frame.sample(frac=1, random_state=1)
    first, again = (estimate(as_wave(rows, weight="weight")) for rows in (frame, shuffled))
    np.testing.assert_allclose(first.values, again.values, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(first.std_errors, again.std_errors, rtol=1e-7)


@pytest.mark.parametrize("estimate", EVERY_MODEL)
def test_missing_answers_and_people_of_no_weight_are_left_out(frame, as_wave, estimate):
    gaps = frame.copy()
    gaps.loc[(gaps["id"] % 6 == 2) & (gaps["task"] == 1), "chosen"] = np.nan
    wave = as_wave(gaps, weight="weight")
    weights = np.where(np.arange(120) % 5 == 1, 0.0, wave.weights)
    mine = estimate(wave.with_weights(weights))
    kept = gaps[(gaps["id"] % 5 != 1) & gaps["chosen"].notna()]
    alone = estimate(as_wave(kept, weight="weight"))
    np.testing.assert_allclose(mine.values, alone.values, rtol=1e-7, atol=1e-10)
    assert mine.frame["n_profiles"].tolist() == alone.frame["n_profiles"].tolist()
    assert mine.design[0] == 120


@pytest.mark.parametrize("estimate", EVERY_MODEL)
def test_another_baseline_is_a_difference(frame, as_wave, estimate):
    wave = as_wave(frame, weight="weight")
    before, after = estimate(wave), estimate(wave, baselines={"price": "high"})
    price = (before.labels["attribute"] == "price").to_numpy()
    np.testing.assert_allclose(
        after.values[price], before.values[price] - before.values[2], rtol=1e-7, atol=1e-10
    )
    np.testing.assert_allclose(after.values[~price], before.values[~price], rtol=1e-7, atol=1e-10)
    assert after.frame.query("attribute == 'price'")["baseline"].unique().tolist() == ["high"]


def test_effects_against_another_baseline_are_releveled(frame, as_wave):
    wave = as_wave(frame, weight="weight")
    anew = effects(wave, baselines={"size": "L"})
    same(effects(wave).relevel({"size": "L"}), anew)


@pytest.mark.parametrize("model", MODELS)
def test_overlapping_groups_share_their_respondents(frame, as_wave, model):
    """A group that is everybody differs from everybody by nothing, and without error."""
    wave = as_wave(frame.assign(all="yes"), segments=["party", "all"])
    both = stack([part_worths(wave, model=model), part_worths(wave, "all", model=model)])
    gap = cj.differences(both, reference="Total")
    np.testing.assert_allclose(gap.values, 0, atol=1e-12)
    np.testing.assert_allclose(gap.covariance, 0, atol=1e-12)


def test_many_levels_outgrow_no_integer(as_wave):
    """Twenty-one attributes of nine levels have more joint cells than 64 bits can number."""
    rng = np.random.default_rng(5)
    names = [f"attribute {k}" for k in range(21)]
    frame = pd.DataFrame({name: rng.integers(0, 9, 3000).astype(str) for name in names})
    frame = frame.assign(id=np.arange(3000) // 10, liked=rng.integers(0, 2, 3000))
    wave = cj.Wave.from_frame(frame, respondent="id", outcome="liked", attributes=names)
    fit = binary_fit(wave, "logit")
    regression = fit.blocks.regression
    X = dense_rows(regression, np.arange(3000))
    assert X.shape == (3000, 1 + 21 * 8)
    again = sm.Logit(frame["liked"], X).fit(disp=False)
    np.testing.assert_allclose(regression.coefficients, again.params, rtol=1e-5, atol=1e-7)
