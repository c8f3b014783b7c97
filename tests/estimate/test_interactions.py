"""Interactions: against cjoint, survey, dense design matrices, and what is true of them by definition."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.errors import EstimationError, RequestError
from conjoint.estimate.additive import find_baselines
from conjoint.estimate.groups import estimate_each
from conjoint.estimate.interaction import effects_with, interactions
from conjoint.estimate.linear import Term
from conjoint.estimate.rank import find_basis, renumber
from conjoint.estimate.sample import specify
from conjoint.survey import Attribute, Joint

JOIN = " * "
LEVELS = {"price": ["low", "mid", "high"], "colour": ["red", "green"], "size": ["S", "M", "L"]}

# --- Against R --------------------------------------------------------------------------------

CJOINT = {
    "cjoint_acie": (
        (
            "Gender",
            "Education",
            "Language Skills",
            "Country of Origin",
            "Job",
            "Job Experience",
            "Job Plans",
            "Reason for Application",
            "Prior Entry",
        ),
        [
            ("Education", "Language Skills"),
            ("Job", "Job Experience"),
            ("Job Plans", "Reason for Application"),
        ],
    ),
    "cjoint_acie_language_entry": (
        ("Gender", "Language Skills", "Prior Entry"),
        [("Language Skills", "Prior Entry")],
    ),
    "cjoint_acie_education_job": (("Gender", "Education", "Job"), [("Education", "Job")]),
}


@pytest.mark.parametrize("case", list(CJOINT))
def test_acies_are_those_of_cjoint(make_cjoint, golden, agrees, case):
    attributes, pairs = CJOINT[case]
    reference = golden(case).replace({"attribute": {":": JOIN}, "level": {":": JOIN}}, regex=True)
    estimates = interactions(make_cjoint(attributes), pairs, variance="CR1")
    defined = reference.dropna(subset=["estimate"])
    agrees(estimates, defined, attribute="attribute")
    # What cjoint leaves empty has no row: one of its four cells is never shown.
    assert len(estimates) == len(defined)


@pytest.mark.parametrize(
    ("case", "of"),
    [
        ("cjoint_acie_amce", "cjoint_acie"),
        ("cjoint_acie_language_entry_amce", "cjoint_acie_language_entry"),
        ("cjoint_acie_education_job_amce", "cjoint_acie_education_job"),
    ],
)
def test_amces_of_the_same_model_are_those_of_cjoint(make_cjoint, golden, agrees, case, of):
    attributes, pairs = CJOINT[of]
    wave = make_cjoint(attributes)
    baselines = find_baselines(wave, None)
    estimates = estimate_each(
        wave,
        lambda sample: effects_with(sample, baselines, pairs),
        specify(wave, "amce", None, "CR1", 0.95),
        None,
    )
    agrees(estimates, golden(case), attribute="attribute")


def test_acies_are_the_interaction_coefficients_of_survey(immigration, golden):
    reference = golden("imm_acie_regression").set_index("term")
    frame = interactions(immigration, ("LanguageSkills", "PriorEntry")).frame
    terms = [
        f"LanguageSkills{first}:PriorEntry{second}"
        for first, second in (level.split(JOIN) for level in frame["level"])
    ]
    assert len(terms) == reference.index.str.contains(":").sum() == 12
    for mine, theirs in (("estimate", "estimate"), ("std_error", "std.error"), ("statistic", "t")):
        np.testing.assert_allclose(frame[mine], reference.loc[terms, theirs], rtol=1e-8)


# --- Against a dense design matrix ------------------------------------------------------------


def dummies(frame, name, baseline=0):
    kept = [level for place, level in enumerate(LEVELS[name]) if place != baseline]
    return {(name, level): (frame[name] == level).to_numpy(float) for level in kept}


def dense(frame, pairs, baselines):
    """Main effects and the pairs' products in treatment coding, and each product's column."""
    each = {name: dummies(frame, name, baselines.get(name, 0)) for name in LEVELS}
    columns = [np.ones(len(frame)), *(x for own in each.values() for x in own.values())]
    place = {}
    for first, second in pairs:
        for (a, x), (b, z) in product(each[first].items(), each[second].items()):
            place[f"{first}{JOIN}{second}", f"{a[1]}{JOIN}{b[1]}"] = len(columns)
            columns.append(x * z)
    return np.column_stack(columns), place


def clustered(X, y, w, people):
    """Coefficients and their covariance, linearised and clustered."""
    bread = np.linalg.inv(X.T @ (w[:, None] * X))
    b = bread @ X.T @ (w * y)
    scores = pd.DataFrame(X * (w * (y - X @ b))[:, None]).groupby(people).sum().to_numpy()
    G = len(scores)
    return b, bread @ scores.T @ scores @ bread * G / (G - 1)


PAIRS = {
    "one": [("price", "size")],
    "two that share an attribute": [("price", "colour"), ("price", "size")],
    "all": [("price", "colour"), ("price", "size"), ("colour", "size")],
}


@pytest.mark.parametrize("weight", [None, "weight"])
@pytest.mark.parametrize("pairs", PAIRS.values(), ids=PAIRS)
def test_acies_are_products_in_treatment_coding(simulated, as_wave, pairs, weight):
    frame = simulated(3)
    baselines = {"price": 1, "size": 2}
    X, place = dense(frame, pairs, baselines)
    w = np.ones(len(frame)) if weight is None else frame[weight].to_numpy()
    b, V = clustered(X, frame["chosen"].to_numpy(), w, frame["id"])
    wave = as_wave(frame, weight=weight)
    estimates = interactions(wave, pairs, baselines={"price": "mid", "size": "L"})
    columns = [place[key] for key in estimates.frame[["attribute", "level"]].apply(tuple, axis=1)]
    assert sorted(columns) == sorted(place.values())
    np.testing.assert_allclose(estimates.values, b[columns], rtol=1e-8, atol=1e-13)
    np.testing.assert_allclose(estimates.covariance, V[np.ix_(columns, columns)], rtol=1e-7)


def test_cr1_counts_the_columns_that_are_independent(simulated, as_wave):
    frame = simulated(4)
    pairs = PAIRS["all"]
    X, _ = dense(frame, pairs, {})
    N, K = X.shape
    assert np.linalg.matrix_rank(X) == K
    plain = interactions(as_wave(frame), pairs).std_errors
    stata = interactions(as_wave(frame), pairs, variance="CR1").std_errors
    np.testing.assert_allclose(stata / plain, np.sqrt((N - 1) / (N - K)), rtol=1e-12)


def test_cr3_is_the_jackknife(simulated, as_wave):
    frame = simulated(5, n=25)
    pairs = PAIRS["two that share an attribute"]
    estimates = interactions(as_wave(frame, weight="weight"), pairs, variance="CR3")
    left_out = [
        interactions(as_wave(frame[frame["id"] != who], weight="weight"), pairs).values
        for who in frame["id"].unique()
    ]
    G = len(left_out)
    spread = np.array(left_out) - estimates.values
    np.testing.assert_allclose(estimates.std_errors**2, (spread**2).sum(axis=0) * (G - 1) / G)


# --- What the frame says ----------------------------------------------------------------------


def test_rows_are_known_by_their_levels_and_say_what_they_stand_on(simulated, as_wave):
    frame = simulated(6)
    estimates = interactions(as_wave(frame), ("price", "size"), baselines={"size": "M"})
    rows = estimates.frame
    assert set(rows["attribute"]) == {"price * size"}
    assert rows["level"].tolist() == ["mid * S", "mid * L", "high * S", "high * L"]
    assert set(rows["baseline"]) == {"low * M"}
    assert set(rows["estimand"]) == {"acie"}
    assert not rows.duplicated(["outcome", "group", "attribute", "level"]).any()
    shown = frame[(frame["price"] == "mid") & (frame["size"] == "L")]
    row = rows.set_index("level").loc["mid * L"]
    assert (row["n_profiles"], row["n_respondents"]) == (len(shown), shown["id"].nunique())
    assert estimates.specification.estimator == "acie"
    assert estimates.specification.options == (("attributes", "price * size"),)


def test_every_combination_has_an_amie_and_no_baseline(simulated, as_wave):
    rows = interactions(as_wave(simulated(6)), ("size", "colour"), kind="amie").frame
    assert rows["level"].tolist() == [f"{a} * {b}" for a, b in product("SML", ["red", "green"])]
    assert set(rows["baseline"]) == {""}
    assert set(rows["estimand"]) == {"amie"}
    assert rows["std_error"].notna().all()


def test_each_group_has_its_own(simulated, as_wave):
    frame = simulated(7, n=80)
    wave = as_wave(frame, outcome=["chosen", "rating"])
    together = interactions(wave, ("price", "colour"), by="party")
    assert len(together) == 2 * 2 * 2
    for party, own in frame.groupby("party"):
        alone = interactions(as_wave(own, outcome="rating"), ("price", "colour"))
        mine = together.select(outcome="rating", group=party)
        np.testing.assert_allclose(mine.values, alone.values, rtol=1e-9)
        np.testing.assert_allclose(mine.std_errors, alone.std_errors, rtol=1e-9)


def test_people_who_belong_to_two_groups_moved_both(small_wave):
    estimates = interactions(small_wave, ("price", "size"), by="segments", outcome="choice")
    both = small_wave.segment("left") & small_wave.segment("warm")
    assert both.any()
    left, warm = estimates.select(group="left"), estimates.select(group="warm")
    expected = left.influence[both].T @ warm.influence[both]
    across = np.ix_(estimates.labels["group"] == "left", estimates.labels["group"] == "warm")
    factor = np.sqrt(np.outer(left.design / (left.design - 1), warm.design / (warm.design - 1)))
    np.testing.assert_allclose(estimates.covariance[across], expected * factor, rtol=1e-10)
    assert np.abs(expected).max() > 0


def test_missing_answers_and_weights_of_zero_leave_their_profiles_out(simulated, as_wave):
    frame = simulated(8)
    gone = (frame["task"] == 1) & (frame["id"] % 3 == 0)
    silent = frame["id"] % 5 == 0
    blank = frame.assign(
        rating=frame["rating"].mask(gone), weight=frame["weight"].mask(silent, 0.0)
    )
    rest = frame[~gone & ~silent]
    for kind in ("acie", "amie"):
        mine = interactions(
            as_wave(blank, outcome="rating", weight="weight"), ("price", "size"), kind=kind
        )
        theirs = interactions(
            as_wave(rest, outcome="rating", weight="weight"), ("price", "size"), kind=kind
        )
        np.testing.assert_allclose(mine.values, theirs.values, rtol=1e-9, atol=1e-12)


# --- What is true by definition ---------------------------------------------------------------


@pytest.fixture
def uneven(simulated, as_wave):
    """A wave whose design says that levels are drawn unevenly."""
    wave = as_wave(simulated(9))
    attributes = dict(wave.survey.attributes)
    for name, shares in (("price", (0.5, 0.3, 0.2)), ("size", (0.2, 0.2, 0.6))):
        levels = attributes[name].levels
        attributes[name] = Attribute(levels=levels, probabilities=shares)
    survey = wave.survey.model_copy(update={"attributes": attributes})
    return cj.Wave.build(survey, wave.respondents, wave.profiles)


def test_amies_average_to_zero_over_either_attribute(uneven):
    estimates = interactions(uneven, ("price", "size"), kind="amie")
    table = estimates.values.reshape(3, 3)
    assert np.abs(table).max() > 0.01
    np.testing.assert_allclose(np.array([0.5, 0.3, 0.2]) @ table, 0, atol=1e-14)
    np.testing.assert_allclose(table @ np.array([0.2, 0.2, 0.6]), 0, atol=1e-14)
    moved = estimates.influence.reshape(-1, 3, 3)
    np.testing.assert_allclose(moved @ np.array([0.2, 0.2, 0.6]), 0, atol=1e-14)


def test_amies_know_no_baseline_and_differ_as_acies_do(uneven):
    pairs = [("price", "size"), ("colour", "size")]
    amies = interactions(uneven, pairs, kind="amie")
    others = interactions(uneven, pairs, kind="amie", baselines={"price": "high", "size": "M"})
    np.testing.assert_allclose(amies.values, others.values, atol=1e-13)
    np.testing.assert_allclose(amies.std_errors, others.std_errors, rtol=1e-8)
    table = amies.values[:9].reshape(3, 3)
    double = table - table[:1] - table[:, :1] + table[0, 0]
    acies = interactions(uneven, pairs).select(attribute="price * size")
    np.testing.assert_allclose(double[1:, 1:].ravel(), acies.values, rtol=1e-8)


def test_amies_of_two_attributes_are_centred_cell_means(simulated, as_wave):
    wave = as_wave(simulated(10), attributes=["price", "size"], outcome="rating")
    means = cj.joint_means(wave, ("price", "size")).values.reshape(3, 3)
    centred = means - means.mean(axis=0) - means.mean(axis=1, keepdims=True) + means.mean()
    amies = interactions(wave, ("price", "size"), kind="amie")
    np.testing.assert_allclose(amies.values, centred.ravel(), rtol=1e-9)


def test_one_pair_either_way_round(simulated, as_wave):
    wave = as_wave(simulated(11))
    one = interactions(wave, ("price", "size")).values.reshape(2, 2)
    other = interactions(wave, [("size", "price")]).values.reshape(2, 2)
    np.testing.assert_allclose(one, other.T, rtol=1e-10)


# --- Designs that tie attributes --------------------------------------------------------------

TIED = {"price": ["high"], "colour": ["green"]}


def restricted(simulated, as_wave, seed=12, n=150):
    frame = simulated(seed, n=n)
    frame = frame.assign(
        colour=frame["colour"].mask(frame["price"] == "high", "red"),
        rating=frame["rating"] + 2 * (frame["colour"] == "red") * (frame["size"] == "L"),
    )
    return frame, as_wave(frame, outcome="rating", restrictions=[TIED])


def test_an_acie_averages_over_what_is_tied_where_all_four_cells_are_allowed(simulated, as_wave):
    frame, wave = restricted(simulated, as_wave)
    estimates = interactions(wave, ("price", "size"))
    means = frame.groupby(["price", "colour", "size"], observed=False)["rating"].mean()

    def four(level, size, colour):
        return (
            means[level, colour, size]
            - means["low", colour, size]
            - means[level, colour, "S"]
            + means["low", colour, "S"]
        )

    # With high, green is never drawn; with mid, either is as likely.
    expected = [
        np.mean([four("mid", size, colour) for colour in ("red", "green")]) for size in "ML"
    ]
    expected += [four("high", size, "red") for size in "ML"]
    np.testing.assert_allclose(estimates.values, expected, rtol=1e-9)


def test_an_amie_averages_over_what_goes_with_every_combination(simulated, as_wave):
    frame, wave = restricted(simulated, as_wave)
    estimates = interactions(wave, ("price", "size"), kind="amie")
    red = (
        frame[frame["colour"] == "red"].groupby(["price", "size"], observed=False)["rating"].mean()
    )
    table = red.to_numpy().reshape(3, 3)
    # Six of the fifteen allowed combinations of price and colour are with low, six with mid.
    p = np.array([0.4, 0.4, 0.2])
    centre = np.eye(3) - p
    expected = centre @ table @ (np.eye(3) - 1 / 3).T
    np.testing.assert_allclose(estimates.values, expected.ravel(), rtol=1e-9)
    np.testing.assert_allclose(p @ estimates.values.reshape(3, 3), 0, atol=1e-13)


def test_what_the_design_never_draws_has_no_row(simulated, as_wave):
    _, wave = restricted(simulated, as_wave)
    assert interactions(wave, ("price", "colour")).frame["level"].tolist() == ["mid * green"]


def test_where_no_combination_is_defined_it_says_so(simulated, as_wave):
    _, wave = restricted(simulated, as_wave)
    with pytest.raises(EstimationError) as caught:
        interactions(wave, ("price", "colour"), baselines={"price": "high"})
    assert str(caught.value) == (
        'outcome "rating", group "Total", attributes "price * colour": no combination of levels has '
        "an interaction: one of its four cells never occurs (expected some combination that meets "
        "both baselines, as do its levels). Choose other baselines."
    )


def test_an_amie_of_levels_that_never_meet_is_refused(simulated, as_wave):
    _, wave = restricted(simulated, as_wave)
    with pytest.raises(RequestError) as caught:
        interactions(wave, [("price", "size"), ("colour", "price")], kind="amie")
    assert [str(fault) for fault in caught.value.faults] == [
        'attributes: colour * price has levels that never meet, such as "green" and "high", so that '
        "its means have no margins (expected a pair that the design draws in every combination). "
        'Use kind="acie".'
    ]


def test_an_amie_of_a_combination_nobody_saw_is_refused(simulated, as_wave):
    frame = simulated(13, n=40)
    frame = frame[~((frame["price"] == "low") & (frame["size"] == "L"))]
    wave = as_wave(frame, outcome="rating")
    with pytest.raises(EstimationError, match="not every combination of levels occurs") as caught:
        interactions(wave, ("price", "size"), kind="amie")
    assert 'Use kind="acie", or a larger group.' in str(caught.value)
    # The interaction is defined all the same where its own four cells occur.
    made = interactions(wave, ("price", "size"))
    assert made.labels["level"].tolist() == ["mid * M", "mid * L", "high * M", "high * L"]
    assert made.estimable.tolist() == [True, False, True, False]
    assert made.notes[1] == "one of the four cells of the interaction was never shown"


def test_overlapping_pairs_average_over_the_same_combinations(simulated, as_wave):
    """Two blocks hold price and colour; what one of them never shows neither averages over."""
    frame, _ = restricted(simulated, as_wave, n=200)
    rng = np.random.default_rng(2)
    frame = frame.assign(shape=pd.Categorical(rng.choice(["round", "square"], len(frame))))
    unseen = (frame["price"] == "mid") & (frame["colour"] == "green") & (frame["size"] == "M")
    frame = frame[~unseen]
    names = ["price", "colour", "size", "shape"]
    wave = as_wave(frame, outcome="rating", attributes=names, restrictions=[TIED])
    baselines = find_baselines(wave, None)
    effects = estimate_each(
        wave,
        lambda sample: effects_with(sample, baselines, [("price", "size"), ("colour", "shape")]),
        specify(wave, "amce", None, "linearised", 0.95),
        None,
    )

    def design(profiles):
        cells = [
            profiles[[*names[:2], other]].astype(str).agg("-".join, axis=1)
            for other in ("size", "shape")
        ]
        return pd.concat([pd.get_dummies(cell) for cell in cells], axis=1)

    X = design(frame)
    b = np.linalg.lstsq(X.to_numpy(float), frame["rating"].to_numpy(), rcond=None)[0]
    others = product(["red", "green"], "SML", ["round", "square"])
    seen = [d for d in others if d[:2] != ("green", "M")]
    fitted = {
        price: design(pd.DataFrame([(price, *d) for d in seen], columns=names))
        .reindex(columns=X.columns, fill_value=0)
        .to_numpy(float)
        @ b
        for price in ("low", "mid")
    }
    mid = effects.select(attribute="price", level="mid")
    assert mid.values[0] == pytest.approx((fitted["mid"] - fitted["low"]).mean(), rel=1e-9)


# --- What cannot be told ----------------------------------------------------------------------


def test_interactions_of_attributes_that_go_together_are_not_told_apart(simulated, as_wave):
    frame = simulated(14)
    frame = frame.assign(twin=frame["colour"].cat.rename_categories({"red": "a", "green": "b"}))
    wave = as_wave(frame, attributes=["price", "colour", "size", "twin"])
    with pytest.raises(EstimationError) as caught:
        interactions(wave, [("price", "colour"), ("price", "twin")])
    assert [str(fault) for fault in caught.value.faults] == [
        f'outcome "chosen", group "Total": the effects of {pair} cannot be told apart: their '
        "levels go together (expected attributes that vary freely, apart from the restrictions "
        "declared). Ask for fewer interactions, or leave an attribute out."
        for pair in ("price * colour", "price * twin")
    ]


def test_independent_columns_span_the_others():
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 3, 200), rng.integers(0, 4, 200)
    joint = a * 4 + b
    terms = [
        Term(np.zeros(200, dtype=int), np.array([0])),
        Term(a, np.array([1, 2, 3])),
        Term(joint, 4 + np.arange(12)),
    ]
    X = np.zeros((200, 16))
    for term in terms:
        X[np.arange(200), term.columns[term.codes]] = 1.0
    basis = find_basis(X.T @ X)
    assert len(basis.kept) == np.linalg.matrix_rank(X) == 12
    np.testing.assert_allclose(X[:, basis.left], X[:, basis.kept] @ basis.relation, atol=1e-9)
    # A cell's mean can be told, a lone coefficient cannot.
    mean = np.zeros(16)
    mean[[0, 1, 4]] = 1.0
    figures, told = basis.express(np.array([mean, np.eye(16)[4]]))
    assert told.tolist() == [True, False]
    y = rng.normal(size=200)
    fitted = np.linalg.lstsq(X[:, basis.kept], y, rcond=None)[0]
    assert figures[0] @ fitted == pytest.approx(y[joint == 0].mean())
    kept = np.concatenate([term.columns[term.columns >= 0] for term in renumber(terms, basis)])
    assert sorted(kept) == list(range(12))


# --- Wrong arguments --------------------------------------------------------------------------

NO_PAIR = "(expected two different attributes). Name two."
WRONG = {
    "unknown": (
        ("price", "colr"),
        ['attributes: there is no attribute "colr" (expected price, colour, size).'],
    ),
    "twice": (("price", "price"), [f"attributes: ['price', 'price'] is no pair {NO_PAIR}"]),
    "three": (
        ("price", "colour", "size"),
        [f"attributes: ['price', 'colour', 'size'] is no pair {NO_PAIR}"],
    ),
    "one": ("price", [f"attributes: ['price'] is no pair {NO_PAIR}"]),
    "none": ([], [f"attributes: [] is no pair {NO_PAIR}"]),
    "several": (
        [("price", "colour"), ("colour", "price"), "size"],
        [
            "attributes: colour * price stands twice (expected each pair once). Take one out.",
            f"attributes: ['size'] is no pair {NO_PAIR}",
        ],
    ),
}


@pytest.mark.parametrize(("attributes", "faults"), WRONG.values(), ids=WRONG)
def test_what_is_no_pair_is_refused(simulated, as_wave, attributes, faults):
    wave = as_wave(simulated(1))
    with pytest.raises(RequestError) as caught:
        interactions(wave, attributes)
    assert [str(fault) for fault in caught.value.faults] == faults


def test_other_wrong_arguments_are_refused(simulated, as_wave):
    wave = as_wave(simulated(1))
    with pytest.raises(RequestError, match=r'kind: there is no "AMCE" \(expected acie, amie\)'):
        interactions(wave, ("price", "size"), kind="AMCE")
    with pytest.raises(RequestError, match='"XL" is not a level of "size"'):
        interactions(wave, ("price", "size"), baselines={"size": "XL"})
    with pytest.raises(RequestError, match='there is no "CR9"'):
        interactions(wave, ("price", "size"), variance="CR9")


def test_a_declared_joint_distribution_weighs_the_average(simulated, as_wave):
    frame = simulated(15, n=120)
    frame = frame.assign(
        rating=frame["rating"] + 3 * (frame["colour"] == "red") * (frame["size"] == "L")
    )
    plain = as_wave(frame, outcome="rating")
    shares = {"low": {"red": 0.3, "green": 0.1}, "mid": {"red": 0.2, "green": 0.2}}
    shares["high"] = {"red": 0.05, "green": 0.15}
    joint = Joint(attributes=("price", "colour"), cells=shares)
    survey = plain.survey.model_copy(update={"joint": (joint,)})
    wave = cj.Wave.build(survey, plain.respondents, plain.profiles)
    means = frame.groupby(["colour", "price", "size"], observed=False)["rating"].mean()
    estimates = interactions(wave, ("price", "size")).frame.set_index("level")["estimate"]
    for level, given in (("mid", (0.5, 0.5)), ("high", (0.25, 0.75))):
        each = [
            table[level, "L"] - table["low", "L"] - table[level, "S"] + table["low", "S"]
            for table in (means["red"], means["green"])
        ]
        assert estimates[f"{level} * L"] == pytest.approx(np.dot(given, each), rel=1e-9)
