"""Designs that tie attributes or draw levels unevenly: against cjoint, and by the formula itself."""

import re
from itertools import product

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.errors import RequestError
from conjoint.estimate.design import (
    Block,
    against,
    design_shares,
    find_blocks,
    find_components,
    tied_attributes,
)
from conjoint.survey import Attribute, Joint, Outcome, Restriction, Survey

# --- Against cjoint ---------------------------------------------------------------------------

BY_CJOINT = {"attribute": "attribute"}


@pytest.mark.parametrize(
    ("case", "changed", "options"),
    [
        ("cjoint_amce_restricted", {}, {"variance": "CR1"}),
        ("cjoint_amce_uniform", {"restricted": False}, {"variance": "CR1"}),
        (
            "cjoint_amce_restricted_baseline_graduate",
            {},
            {"variance": "CR1", "baselines": {"Education": "graduate degree"}},
        ),
        # Weighted, cjoint takes survey's variance.
        ("cjoint_amce_restricted_weighted", {"weight": "w"}, {"variance": "linearised"}),
    ],
)
def test_amces_are_those_of_cjoint(make_cjoint, golden, agrees, case, changed, options):
    reference = golden(case)
    estimates = cj.amce(make_cjoint(**changed), **options)
    agrees(estimates, reference, **BY_CJOINT)
    rows = estimates.frame.merge(reference, on=["attribute", "level"])
    assert (rows["baseline_x"] == rows["baseline_y"]).all()


def test_unclustered_errors_are_those_of_cjoint(make_cjoint, golden):
    """HC2 is CR2 with every row a respondent."""
    reference = golden("cjoint_amce_restricted_hc2").set_index(["attribute", "level"])
    wave = make_cjoint(respondent="row", task=None, profile=None)
    estimates = cj.amce(wave, variance="CR2")
    estimated = np.flatnonzero(~estimates.fixed)
    rows = estimates.labels.iloc[estimated][["attribute", "level"]].apply(tuple, axis=1)
    assert len(rows) == len(reference)
    theirs = reference.loc[list(rows)]
    np.testing.assert_allclose(estimates.values[estimated], theirs["estimate"], rtol=1e-8)
    np.testing.assert_allclose(estimates.std_errors[estimated], theirs["std.error"], rtol=1e-8)


def test_covariance_of_restricted_effects_is_that_of_cjoint(make_cjoint, golden):
    reference = golden("cjoint_amce_restricted_vcov").set_index("term")
    estimates = cj.amce(make_cjoint(), variance="CR1")
    estimated = np.flatnonzero(~estimates.fixed)
    labels = estimates.labels.iloc[estimated]
    terms = [re.sub(r"[^0-9A-Za-z]", "", name) for name in labels["attribute"] + labels["level"]]
    assert sorted(terms) == sorted(set(reference.index) - {"(Intercept)"})
    mine = estimates.covariance[np.ix_(estimated, estimated)]
    size = np.sqrt(np.outer(np.diag(mine), np.diag(mine)))
    gap = mine - reference.loc[terms, terms].to_numpy()
    np.testing.assert_allclose(gap / size, 0, atol=1e-9)


# --- The formula, on cells that a test draws itself -------------------------------------------

LEVELS = {
    "school": ["none", "some", "degree"],
    "job": ["cook", "clerk", "doctor"],
    "sex": ["f", "m"],
}
SHARES = {
    ("none", "cook"): 0.25, ("none", "clerk"): 0.05,
    ("some", "cook"): 0.10, ("some", "clerk"): 0.20, ("some", "doctor"): 0.05,
    ("degree", "clerk"): 0.05, ("degree", "doctor"): 0.30,
}  # fmt: skip
LIKING = {
    ("none", "cook"): 0.0, ("none", "clerk"): 1.0,
    ("some", "cook"): 2.0, ("some", "clerk"): 5.0, ("some", "doctor"): 4.0,
    ("degree", "clerk"): 9.0, ("degree", "doctor"): 6.0,
}  # fmt: skip


def drawn(seed=0, n=400, noise=1.0):
    """Ratings of profiles that a joint distribution draws, men liked 0.7 better."""
    rng = np.random.default_rng(seed)
    cells = list(SHARES)
    picked = rng.choice(len(cells), 5 * n, p=list(SHARES.values()))
    frame = pd.DataFrame([cells[cell] for cell in picked], columns=["school", "job"])
    frame["sex"] = rng.choice(["f", "m"], len(frame), p=[0.8, 0.2])
    frame["id"] = np.repeat(np.arange(n), 5)
    frame["weight"] = np.repeat(rng.uniform(0.5, 2, n), 5)
    frame["rating"] = [LIKING[cells[cell]] for cell in picked]
    frame["rating"] += 0.7 * (frame["sex"] == "m") + noise * rng.normal(size=len(frame))
    for name, levels in LEVELS.items():
        frame[name] = pd.Categorical(frame[name], categories=levels)
    return frame


def nested(shares=SHARES):
    cells = {}
    for (first, second), share in shares.items():
        cells.setdefault(first, {})[second] = share
    return cells


def tied_wave(frame, shares=SHARES, **changed):
    """The wave of a frame, with the joint distribution declared."""
    given = {"respondent": "id", "outcome": "rating", "attributes": list(LEVELS)} | changed
    wave = cj.Wave.from_frame(frame, **given)
    joint = Joint(attributes=("school", "job"), cells=nested(shares))
    attributes = dict(wave.survey.attributes)
    attributes["sex"] = Attribute(levels=attributes["sex"].levels, probabilities=(0.8, 0.2))
    survey = wave.survey.model_copy(update={"joint": (joint,), "attributes": attributes})
    return cj.Wave.build(survey, wave.respondents, wave.profiles, wave.weights)


def by_formula(level, baseline, axis, mean, shares):
    """Sum of q(d) [m(level, d) - m(baseline, d)], q(d) as P(d | level) where both are drawn."""
    others = [cell[1 - axis] for cell in shares if cell[axis] == level]

    def cell(value, other):
        return (value, other) if axis == 0 else (other, value)

    both = [other for other in others if shares.get(cell(baseline, other), 0) > 0]
    q = np.array([shares[cell(level, other)] for other in both])
    gaps = [mean[cell(level, other)] - mean[cell(baseline, other)] for other in both]
    return float(q @ gaps / q.sum())


def expected_effects(mean, shares=SHARES):
    rows = {
        ("school", level): by_formula(level, "some", 0, mean, shares) for level in LEVELS["school"]
    }
    rows |= {("job", level): by_formula(level, "clerk", 1, mean, shares) for level in LEVELS["job"]}
    return rows


BASELINES = {"school": "some", "job": "clerk"}


def test_effects_of_tied_attributes_are_the_truth_where_nothing_is_random():
    wave = tied_wave(drawn(noise=0.0))
    frame = cj.amce(wave, baselines=BASELINES).frame.set_index(["attribute", "level"])
    for key, value in expected_effects(LIKING).items():
        assert frame.loc[key, "estimate"] == pytest.approx(value, abs=1e-9)
    # By hand: a degree against some schooling, clerks and doctors as often as degrees have them.
    assert frame.loc[("school", "degree"), "estimate"] == pytest.approx((0.05 * 4 + 0.3 * 2) / 0.35)
    assert frame.loc[("sex", "m"), "estimate"] == pytest.approx(0.7)


def test_effects_of_tied_attributes_come_to_the_truth():
    estimates = cj.amce(tied_wave(drawn(1, n=3000)), baselines=BASELINES)
    frame = estimates.frame.set_index(["attribute", "level"])
    truth = expected_effects(LIKING)
    away = [
        (frame.loc[key, "estimate"] - value) / frame.loc[key, "std_error"]
        for key, value in truth.items()
        if key[1] not in BASELINES.values()
    ]
    assert len(away) == 4
    assert np.abs(away).max() < 3


@pytest.mark.parametrize("weight", [None, "weight"])
def test_effects_are_the_formula_on_a_dense_design_matrix(weight):
    frame = drawn(2)
    wave = tied_wave(frame, weight=weight)
    estimates = cj.amce(wave, baselines=BASELINES)
    cell = list(zip(frame["school"], frame["job"], strict=True))
    names = list(SHARES)
    X = np.array([[own == name for name in names] for own in cell], dtype=float)
    X = np.column_stack([X, frame["sex"] == "m"])
    w = np.ones(len(frame)) if weight is None else frame[weight].to_numpy()
    bread = np.linalg.inv(X.T @ (w[:, None] * X))
    b = bread @ X.T @ (w * frame["rating"].to_numpy())
    scores = pd.DataFrame(X * (w * (frame["rating"] - X @ b).to_numpy())[:, None])
    scores = scores.groupby(frame["id"]).sum().to_numpy()
    G = len(scores)
    V = bread @ scores.T @ scores @ bread * G / (G - 1)
    rows = []
    for name, level in product(["school", "job"], range(3)):
        # The formula is linear in the cells' means: a cell's weight is what it gives alone.
        rows.append(
            [
                expected_effects(dict.fromkeys(names, 0.0) | {own: 1.0})[name, LEVELS[name][level]]
                for own in names
            ]
            + [0.0]
        )
    C = np.array(rows)
    mine = estimates.select(attribute=["school", "job"])
    np.testing.assert_allclose(mine.values, C @ b, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(mine.covariance, C @ V @ C.T, rtol=1e-7, atol=1e-12)


def test_another_baseline_of_attributes_drawn_together_has_to_be_estimated():
    estimates = cj.amce(tied_wave(drawn(7)))
    assert estimates.specification.tied == ("school", "job")
    with pytest.raises(RequestError, match='"job" is tied by a restriction'):
        estimates.relevel({"job": "clerk"})
    assert estimates.relevel({"sex": "m"}).select(attribute="sex").values[1] == 0


def test_what_the_data_never_show_is_not_averaged_over():
    frame = drawn(3, n=60, noise=0.0)
    frame = frame[~((frame["school"] == "degree") & (frame["job"] == "clerk"))]
    estimates = cj.amce(tied_wave(frame), baselines=BASELINES)
    degree = estimates.select(attribute="school", level="degree")
    assert degree.values[0] == pytest.approx(2.0)


def test_uneven_levels_alone_leave_an_untied_effect_as_it_is(simulated, as_wave):
    wave = as_wave(simulated(4))
    attributes = dict(wave.survey.attributes)
    levels = attributes["price"].levels
    attributes["price"] = Attribute(levels=levels, probabilities=(0.6, 0.3, 0.1))
    survey = wave.survey.model_copy(update={"attributes": attributes})
    uneven = cj.Wave.build(survey, wave.respondents, wave.profiles)
    np.testing.assert_array_equal(cj.amce(uneven).values, cj.amce(wave).values)


def test_uneven_levels_under_a_restriction_weigh_the_average():
    frame = drawn(5, noise=0.0)
    frame = frame[frame["job"] != "doctor"]
    frame = frame.assign(job=frame["job"].cat.set_categories(["cook", "clerk"]))
    never = {"school": ["degree"], "job": ["cook"]}
    wave = cj.Wave.from_frame(
        frame,
        respondent="id",
        outcome="rating",
        attributes=list(LEVELS),
        restrictions=[never],
    )
    attributes = dict(wave.survey.attributes)
    attributes["job"] = Attribute(levels=attributes["job"].levels, probabilities=(0.9, 0.1))
    survey = wave.survey.model_copy(update={"attributes": attributes})
    uneven = cj.Wave.build(survey, wave.respondents, wave.profiles)
    some = cj.amce(uneven).select(attribute="school", level="some")
    even = cj.amce(wave).select(attribute="school", level="some")
    # 2 better among cooks, 4 among clerks.
    assert even.values[0] == pytest.approx(3.0)
    assert some.values[0] == pytest.approx(0.9 * 2 + 0.1 * 4)


def test_levels_with_nothing_in_common_have_no_effect():
    shares = {("none", "cook"): 0.3, ("some", "cook"): 0.2, ("degree", "doctor"): 0.5}
    frame = drawn(6, n=100)
    kept = [cell in shares for cell in zip(frame["school"], frame["job"], strict=True)]
    frame = frame[kept].assign(job=lambda own: own["job"].cat.set_categories(["cook", "doctor"]))
    effects = cj.amce(tied_wave(frame, shares))
    assert effects.select(attribute="school", level="some").estimable.all()
    never = "never meet the same levels of the attributes they are restricted with"
    assert [note for note in effects.notes if note] == [
        f'"degree" and the baseline "none" {never}',
        f'"doctor" and the baseline "cook" {never}',
    ]


# --- Blocks -----------------------------------------------------------------------------------


def survey_of(sizes, restrictions=(), joint=(), probabilities=None):
    return Survey(
        title="Design",
        attributes={
            name: Attribute(
                levels=[f"{name}{level}" for level in range(size)],
                probabilities=(probabilities or {}).get(name, ()),
            )
            for name, size in sizes.items()
        },
        outcomes={"y": Outcome(kind="rating", column="y", min=0, max=1)},
        restrictions=tuple(Restriction(never=pair) for pair in restrictions),
        joint=tuple(joint),
    )


FIVE = {"a": 2, "b": 3, "c": 2, "d": 2, "e": 2}
NEVER = {"b": ["b0"], "d": ["d1"]}


def test_attributes_under_a_restriction_form_a_block_the_others_stand_alone():
    survey = survey_of(FIVE, [NEVER])
    assert find_components(survey) == (("a",), ("b", "d"), ("c",), ("e",))
    assert tied_attributes(survey) == ("b", "d")
    assert [block.attributes for block in find_blocks(survey)] == [
        ("a",),
        ("b", "d"),
        ("c",),
        ("e",),
    ]


@pytest.mark.parametrize(
    ("also", "blocks"),
    [
        ([("a", "c")], [("a", "c"), ("b", "d"), ("e",)]),
        # What is tied to one of a pair comes with it.
        ([("a", "b")], [("a", "b", "d"), ("c",), ("e",)]),
        ([("b", "d")], [("a",), ("b", "d"), ("c",), ("e",)]),
        ([("a", "c"), ("a", "e")], [("a", "c"), ("a", "e"), ("b", "d")]),
        ([("e", "b"), ("d", "c")], [("a",), ("b", "c", "d"), ("b", "d", "e")]),
        ([("a", "b"), ("b", "d")], [("a", "b", "d"), ("c",), ("e",)]),
    ],
)
def test_interactions_make_blocks_that_may_overlap(also, blocks):
    found = find_blocks(survey_of(FIVE, [NEVER]), also)
    assert [block.attributes for block in found] == blocks


def test_a_design_draws_what_its_parts_allow():
    joint = Joint(attributes=("d", "b"), cells={"d0": {"b0": 0.5, "b1": 0.2}, "d1": {"b2": 0.3}})
    survey = survey_of(FIVE, joint=[joint], probabilities={"a": (0.9, 0.1), "b": (0.2, 0.2, 0.6)})
    np.testing.assert_allclose(design_shares(survey, ("a",)), [0.9, 0.1])
    # The joint distribution says how its own attributes are drawn, not their own probabilities.
    np.testing.assert_allclose(design_shares(survey, ("b",)), [0.5, 0.2, 0.3])
    np.testing.assert_allclose(design_shares(survey, ("b", "d")), [[0.5, 0], [0.2, 0], [0, 0.3]])
    both = design_shares(survey, ("d", "a", "b"))
    np.testing.assert_allclose(both[0, 1], [0.05, 0.02, 0])
    assert both.sum() == pytest.approx(1)


def test_a_restriction_takes_combinations_out_of_what_is_drawn():
    survey = survey_of(
        {"a": 2, "b": 2}, [{"a": ["a0"], "b": ["b0"]}], probabilities={"a": (0.5, 0.5)}
    )
    np.testing.assert_allclose(design_shares(survey, ("a", "b")), [[0, 1 / 3], [1 / 3, 1 / 3]])
    np.testing.assert_allclose(design_shares(survey, ("b",)), [1 / 3, 2 / 3])


def test_weights_of_an_average_by_hand():
    table = np.array([[0.2, 0.1, 0.0], [0.1, 0.3, 0.3]])
    block = Block(("x", "z"), (2, 3), table)
    seen = np.ones(6, dtype=bool)
    effect = block.average({"x": against(1, 0, 2)}, {"x": 1}, seen)
    np.testing.assert_allclose(effect.reshape(2, 3), [[-0.25, -0.75, 0], [0.25, 0.75, 0]])
    np.testing.assert_array_equal(block.contrast("x", 1, 0, seen), effect)
    # A mean averages over everything drawn with the level.
    mean = block.average({"x": np.array([0.0, 1.0])}, {"x": 1}, seen)
    np.testing.assert_allclose(mean.reshape(2, 3), [[0, 0, 0], [1 / 7, 3 / 7, 3 / 7]])
    pair = block.average({"x": against(1, 0, 2), "z": against(1, 0, 3)}, {"x": 1, "z": 1}, seen)
    np.testing.assert_allclose(pair.reshape(2, 3), [[1, -1, 0], [-1, 1, 0]])
    assert block.average({"x": against(1, 0, 2), "z": against(2, 0, 3)}, {}, seen) is None
    assert not block.average({"x": against(0, 0, 2)}, {"x": 0}, seen).any()
    # Axes in another order than the block's.
    turned = block.average({"z": against(1, 0, 3), "x": against(1, 0, 2)}, {"x": 1, "z": 1}, seen)
    np.testing.assert_allclose(turned, pair)
