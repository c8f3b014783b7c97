"""Population AMCEs by a model: against factorEx, and against a dense design matrix."""

import json
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.errors import EstimationError, RequestError
from conjoint.estimate.additive import find_baselines
from conjoint.estimate.linear import Term
from conjoint.estimate.modelled import modelled_population_effects
from conjoint.estimate.rank import find_basis

LEVELS = {"price": ["low", "mid", "high"], "colour": ["red", "green"], "size": ["S", "M", "L"]}
TARGET = {"price": {"low": 0.7, "mid": 0.2, "high": 0.1}, "size": {"S": 0.1, "L": 0.9}}
FACTORS = ["gender", "age", "family", "race", "experience", "party", "pos_security"]


def effects(wave, target, **options):
    baselines = find_baselines(wave, options.pop("named", None))
    return modelled_population_effects(wave, target=target, baselines=baselines, **options)


@pytest.mark.parametrize(
    ("case", "factors", "keep"),
    [
        ("factorex_model_small", ["gender", "race"], lambda frame: frame.iloc[:300]),
        (
            "factorex_model_congress_noreg",
            FACTORS,
            lambda frame: frame[frame["office"] == "Congress"],
        ),
    ],
)
def test_modelled_effects_are_those_of_factorex(oracle, golden, agrees, case, factors, keep):
    meta = json.loads((oracle / "data" / "onoburden.json").read_text())
    path = oracle / "data" / "onoburden.csv"
    frame = keep(pd.read_csv(path, keep_default_na=False, na_values=[""]))
    frame = frame.assign(profile=frame.groupby(["id", "pair_id"]).cumcount())
    for name in factors:
        levels = meta["onoburden"]["factors"][name]["levels"]
        frame[name] = pd.Categorical(frame[name], categories=levels)

    def wave_of(attributes):
        return cj.Wave.from_frame(
            frame,
            respondent="id",
            outcome="Y",
            attributes=attributes,
            task="pair_id",
            profile="profile",
        )

    reference = golden(case)
    shown = {name: frame[name].value_counts(normalize=True).to_dict() for name in factors}
    wanted = {name: meta["target_dist_marginal"][name] for name in factors}
    for kind, target in (("sample", shown), ("target_1", wanted)):
        estimates = effects(wave_of(factors), target, variance="CR1")
        own = reference[reference["type"] == kind]
        agrees(estimates, own, attribute="factor", std_error="se")
    for name, own in reference[reference["type"] == "sample AMCE"].groupby("factor"):
        alone = cj.amce(wave_of([name]), variance="CR1")
        agrees(alone, own, attribute="factor", std_error="se")


# --- Against a dense design matrix ------------------------------------------------------------


def cells(profiles, names=LEVELS):
    """A dummy for every joint cell of every pair of attributes."""
    each = [
        pd.get_dummies(profiles[list(pair)].astype(str).agg("-".join, axis=1))
        for pair in combinations(names, 2)
    ]
    return pd.concat(each, axis=1)


def dense_fit(frame, weight=None):
    """Least squares of the first profile's choice on differences of cells; coefficients by cell."""
    X = cells(frame).astype(float)
    first = frame["profile"].to_numpy() == "A"
    D = X[first].to_numpy() - X[~first].to_numpy()
    D = np.column_stack([np.ones(len(D)), D])
    s = np.sqrt(np.ones(len(D)) if weight is None else frame.loc[first, weight].to_numpy())
    y = frame.loc[first, "chosen"].to_numpy()
    b = np.linalg.lstsq(D * s[:, None], y * s, rcond=None)[0]
    return pd.Series(b[1:], index=X.columns), D, y - D @ b, first


def fitted(b, profiles):
    return cells(profiles).reindex(columns=b.index, fill_value=0).to_numpy(float) @ b.to_numpy()


def profiles_with(**levels):
    grid = pd.MultiIndex.from_product(LEVELS.values(), names=LEVELS).to_frame(index=False)
    return grid.assign(**levels)


def shares(name, profiles):
    own = dict.fromkeys(LEVELS[name], 1 / len(LEVELS[name]))
    if name in TARGET:
        own = dict.fromkeys(LEVELS[name], 0.0) | TARGET[name]
    return profiles[name].map(own).to_numpy(float)


@pytest.mark.parametrize("weight", [None, "weight"])
def test_effects_are_averages_of_what_the_model_predicts(simulated, as_wave, weight):
    frame = simulated(1, n=150)
    estimates = effects(as_wave(frame, weight=weight), TARGET)
    rows = estimates.frame.set_index(["attribute", "level"])["estimate"]
    b, *_ = dense_fit(frame, weight)
    for name, levels in LEVELS.items():
        base = profiles_with(**{name: levels[0]})
        q = np.prod([shares(other, base) for other in LEVELS if other != name], axis=0)
        for level in levels[1:]:
            gap = fitted(b, profiles_with(**{name: level})) - fitted(b, base)
            assert rows[name, level] == pytest.approx(q @ gap / q.sum(), rel=1e-8)
    assert set(estimates.labels["estimand"]) == {"population amce"}
    assert estimates.specification.options == (("target", "price, size"), ("method", "model"))


def test_the_variance_is_that_of_the_regression_over_tasks(simulated, as_wave):
    frame = simulated(2, n=100)
    plain = effects(as_wave(frame), TARGET)
    stata = effects(as_wave(frame), TARGET, variance="CR1")
    b, D, residual, first = dense_fit(frame)
    N, K = len(D), np.linalg.matrix_rank(D)
    assert (N, K) == (300, 1 + 5 + 8)
    np.testing.assert_allclose(
        stata.std_errors[1:3] / plain.std_errors[1:3], np.sqrt((N - 1) / (N - K))
    )
    base, mid = profiles_with(price="low"), profiles_with(price="mid")
    q = shares("colour", base) * shares("size", base)
    change = cells(mid).reindex(columns=b.index, fill_value=0).to_numpy(float)
    change = change - cells(base).reindex(columns=b.index, fill_value=0).to_numpy(float)
    contrast = np.concatenate([[0.0], q @ change / q.sum()])
    scores = pd.DataFrame(D * residual[:, None]).groupby(frame.loc[first, "id"].to_numpy()).sum()
    moved = scores.to_numpy() @ np.linalg.pinv(D.T @ D) @ contrast
    G = len(moved)
    expected = np.sqrt((moved**2).sum() * G / (G - 1))
    assert plain.frame.query("level == 'mid'")["std_error"].item() == pytest.approx(expected)
    # Counts are of profiles, both of a task.
    shown = (frame["price"] == "mid").sum()
    assert plain.frame.query("level == 'mid'")["n_profiles"].item() == shown


def test_a_baseline_moves_effects_by_a_constant(simulated, as_wave):
    wave = as_wave(simulated(3))
    one = effects(wave, TARGET).select(attribute="price").values
    other = effects(wave, TARGET, named={"price": "high"}).select(attribute="price").values
    np.testing.assert_allclose(one - other, one[2], atol=1e-12)


def test_what_is_tied_is_crossed_with_each_pair(simulated, as_wave):
    frame = simulated(4, n=150)
    met = (frame["price"] == "high") & (frame["colour"] == "green")
    gone = frame.loc[met, ["id", "task"]].apply(tuple, axis=1)
    frame = frame[~frame[["id", "task"]].apply(tuple, axis=1).isin(gone)]
    wave = as_wave(frame, restrictions=[{"price": ["high"], "colour": ["green"]}])
    rows = effects(wave, {"size": TARGET["size"]}).frame.set_index(["attribute", "level"])
    # One block holds all three attributes: means of the cells, up to a constant.
    cell = frame[[*LEVELS]].astype(str).agg("-".join, axis=1)
    X = pd.get_dummies(cell).astype(float)
    first = frame["profile"].to_numpy() == "A"
    D = np.column_stack([np.ones(first.sum()), X[first].to_numpy() - X[~first].to_numpy()])
    b = np.linalg.lstsq(D, frame.loc[first, "chosen"].to_numpy(), rcond=None)[0]
    m = dict(zip(X.columns, b[1:], strict=True))
    q = TARGET["size"]
    expected = sum(q[size] * (m[f"high-red-{size}"] - m[f"low-red-{size}"]) for size in q)
    assert rows.loc[("price", "high"), "estimate"] == pytest.approx(expected, rel=1e-8)
    gaps = [
        q[size] / 2 * (m[f"mid-{colour}-{size}"] - m[f"low-{colour}-{size}"])
        for size in q
        for colour in ("red", "green")
    ]
    assert rows.loc[("price", "mid"), "estimate"] == pytest.approx(sum(gaps), rel=1e-8)


def test_one_attribute_alone_has_no_interaction(simulated, as_wave):
    frame = simulated(5)
    estimates = effects(as_wave(frame, attributes=["price"]), {"price": {"low": 1.0}})
    X = pd.get_dummies(frame["price"]).astype(float)
    first = frame["profile"].to_numpy() == "A"
    D = X[first].to_numpy() - X[~first].to_numpy()
    D = np.column_stack([np.ones(len(D)), D[:, 1:]])
    b = np.linalg.lstsq(D, frame.loc[first, "chosen"].to_numpy(), rcond=None)[0]
    np.testing.assert_allclose(estimates.values, [0, *b[1:]], atol=1e-12)


def test_each_group_has_its_own(simulated, as_wave):
    frame = simulated(6, n=120)
    together = effects(as_wave(frame), TARGET, by="party")
    for party, own in frame.groupby("party"):
        alone = effects(as_wave(own), TARGET)
        mine = together.select(group=party)
        np.testing.assert_allclose(mine.values, alone.values, rtol=1e-7, atol=1e-12)
        np.testing.assert_allclose(mine.std_errors, alone.std_errors, rtol=1e-7)


@pytest.mark.parametrize("variance", ["CR2", "CR3"])
def test_other_variances_are_there(simulated, as_wave, variance):
    estimates = effects(as_wave(simulated(7, n=60)), TARGET, variance=variance)
    plain = effects(as_wave(simulated(7, n=60)), TARGET)
    estimated = ~estimates.fixed
    assert (estimates.std_errors[estimated] > plain.std_errors[estimated]).all()


def test_signed_columns_that_overlap_have_a_basis():
    rng = np.random.default_rng(1)
    own, other = rng.integers(0, 6, 80), rng.integers(0, 6, 80)
    terms, X, start = [], np.zeros((80, 9)), 0
    for code in (lambda cell: cell, lambda cell: cell // 2):
        size = len({code(cell) for cell in range(6)})
        columns = start + np.arange(size)
        for side, sign in ((own, 1.0), (other, -1.0)):
            codes = np.array([code(cell) for cell in side])
            values = None if sign > 0 else np.full(size, sign)
            terms.append(Term(codes, columns, values))
            X[np.arange(80), columns[codes]] += sign
        start += size
    basis = find_basis(X.T @ X)
    assert len(basis.kept) == np.linalg.matrix_rank(X) == 5
    np.testing.assert_allclose(X[:, basis.left], X[:, basis.kept] @ basis.relation, atol=1e-9)


# --- What it refuses --------------------------------------------------------------------------


def test_an_outcome_that_is_no_forced_choice_is_refused(simulated, as_wave):
    wave = as_wave(simulated(1), outcome="rating")
    with pytest.raises(RequestError, match='"rating" is of kind "rating"'):
        effects(wave, TARGET)


def test_groups_that_take_tasks_apart_are_refused(simulated, as_wave):
    with pytest.raises(RequestError, match="holds one profile of a task without the other"):
        effects(as_wave(simulated(1)), TARGET, by="profile")


def test_an_attribute_that_never_differs_within_tasks_is_not_told(simulated, as_wave):
    frame = simulated(9, n=80)
    frame = frame.assign(colour=frame.groupby(["id", "task"])["colour"].transform("first"))
    made = effects(as_wave(frame), TARGET)
    (green,) = made.select(attribute="colour", level="green").notes
    assert green.endswith("cannot be told apart: their levels go together")
    assert made.select(attribute=["price", "size"]).estimable.all()


def test_a_target_without_overlap_or_with_faults_is_refused(simulated, as_wave):
    frame = simulated(8, n=80)
    seen = frame.groupby(["id", "task"])["size"].transform(lambda own: (own != "L").all())
    wave = as_wave(frame[seen.astype(bool)])
    with pytest.raises(EstimationError, match=r'the target has 0\.9 of "L" of size'):
        effects(wave, TARGET)
    with pytest.raises(RequestError, match="the shares sum to"):
        effects(as_wave(frame), {"size": {"S": 0.5}})
