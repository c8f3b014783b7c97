"""Population AMCEs: against factorEx, and against the formula on weighted profiles."""

import json
from itertools import product

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.errors import EstimationError, RequestError
from conjoint.estimate.population import population_effects, population_means, target_overlap
from conjoint.estimate.sample import samples, specify
from conjoint.estimate.target import profile_weight, read_target, target_ratio
from conjoint.survey import Attribute, Joint

# --- Against factorEx -------------------------------------------------------------------------

FACTORS = ["gender", "age", "family", "race", "experience", "party", "pos_security"]


@pytest.fixture(scope="module")
def make_onoburden(oracle):
    """Make a wave of the data of Ono & Burden, and the target for its attributes."""
    meta = json.loads((oracle / "data" / "onoburden.json").read_text())

    def make(data, factors=FACTORS, rows=None, never=0.0):
        path = oracle / "data" / f"{data}.csv"
        frame = pd.read_csv(path, keep_default_na=False, na_values=[""]).iloc[:rows]
        target = {}
        for name in factors:
            levels = [
                level
                for level in meta[data]["factors"][name]["levels"]
                if (frame[name] == level).any()
            ]
            frame[name] = pd.Categorical(frame[name], categories=levels)
            shares = meta["target_dist_marginal"][name]
            target[name] = {level: shares[level] or never for level in levels}
        frame["profile"] = frame.groupby(["id", "pair_id"]).cumcount()
        wave = cj.Wave.from_frame(
            frame,
            respondent="id",
            outcome="Y",
            attributes=factors,
            task="pair_id",
            profile="profile",
        )
        return wave, target

    return make


FACTOREX = {"randomised": "observed", "cap": 10, "variance": "CR2"}


def effects(wave, target, **options):
    return population_effects(wave, target=target, **options)


def assert_bounds(estimates, reference):
    rows = estimates.frame.merge(
        reference, left_on=["attribute", "level"], right_on=["factor", "level"]
    )
    np.testing.assert_allclose(rows["conf_low"], rows["low.95ci"], rtol=1e-8)
    np.testing.assert_allclose(rows["conf_high"], rows["high.95ci"], rtol=1e-8)


def test_weights_are_those_of_factorex(make_onoburden, golden):
    reference = golden("factorex_design_weights_pr")
    wave, target = make_onoburden("onoburden_pr")
    assert (reference["id"] == wave.profiles["respondent"]).all()
    (sample,) = samples(wave, None, specify(wave, "weights", None, "linearised", 0.95))
    parts = read_target(wave.survey, target)
    for name in ("gender", "age", "experience", "family"):
        ratio = target_ratio(sample, name, parts, "observed")
        weight = profile_weight(sample, name, ratio, "observed", 10)
        np.testing.assert_allclose(weight, reference[name], rtol=1e-12)


@pytest.mark.parametrize(
    ("case", "data", "factors", "rows"),
    [
        ("factorex_design_marginal_pr", "onoburden_pr", FACTORS, None),
        ("factorex_design_marginal_uniform", "onoburden", FACTORS, None),
        ("factorex_design_small", "onoburden_pr", ["gender", "age"], 500),
    ],
)
def test_population_amces_are_those_of_factorex(
    make_onoburden, golden, agrees, case, data, factors, rows
):
    # factorEx leaves profiles of weight zero in CR2's clusters. Here they are left out, which
    # alters its standard errors by 2e-5; all but zero they stay, and the rest agrees.
    wave, target = make_onoburden(data, factors, rows, never=1e-13)
    reference = golden(case)
    reference = reference[reference["type"] == "target"]
    estimates = effects(wave, target, **FACTOREX)
    agrees(estimates, reference, attribute="factor", std_error="se")
    assert_bounds(estimates, reference)


def test_profiles_of_weight_zero_do_not_count(make_onoburden, golden):
    wave, target = make_onoburden("onoburden", never=0.0)
    reference = golden("factorex_design_marginal_uniform")
    reference = reference[reference["type"] == "target"].set_index(["factor", "level"])
    rows = effects(wave, target, **FACTOREX).frame.set_index(["attribute", "level"])
    rows = rows.loc[reference.index]
    np.testing.assert_allclose(rows["estimate"], reference["estimate"], rtol=1e-8)
    np.testing.assert_allclose(rows["std_error"], reference["se"], rtol=5e-5)
    profiles = wave.profiles
    seen = (profiles["race"] != "Asian American") & (profiles["party"] != "Rep")
    assert (
        rows.loc[("gender", "Female"), "n_profiles"]
        == (seen & (profiles["gender"] == "Female")).sum()
    )


@pytest.mark.parametrize(
    ("case", "data", "rows"),
    [
        ("factorex_design_marginal_pr", "onoburden_pr", None),
        ("factorex_design_marginal_uniform", "onoburden", None),
        ("factorex_design_small", "onoburden_pr", 500),
    ],
)
def test_sample_amces_are_those_of_factorex(make_onoburden, golden, agrees, case, data, rows):
    """It regresses on one attribute at a time, which the unweighted target of none gives."""
    reference = golden(case)
    reference = reference[reference["type"] == "sample AMCE"]
    for name, own in reference.groupby("factor"):
        wave, _ = make_onoburden(data, [name], rows)
        agrees(cj.amce(wave, variance="CR1"), own, attribute="factor", std_error="se")


# --- Against the formula ----------------------------------------------------------------------

LEVELS = {"price": ["low", "mid", "high"], "colour": ["red", "green"], "size": ["S", "M", "L"]}
EVEN = {name: np.full(len(levels), 1 / len(levels)) for name, levels in LEVELS.items()}
TARGET = {
    "price": {"low": 0.7, "mid": 0.2, "high": 0.1},
    "size": {"S": 0.1, "M": 0.0, "L": 0.9},
}


def shares_of(name, target=TARGET):
    own = target.get(name)
    if own is None:
        return dict(zip(LEVELS[name], EVEN[name], strict=True))
    return {level: own.get(level, 0.0) for level in LEVELS[name]}


def ratios(frame, name, target=TARGET, drawn=EVEN):
    """Target over randomised probability of the attributes but one."""
    ratio = np.ones(len(frame))
    for other in LEVELS:
        if other != name and other in target:
            over = {
                level: share / drawn[other][place]
                for place, (level, share) in enumerate(shares_of(other, target).items())
            }
            ratio = ratio * frame[other].astype(str).map(over).to_numpy()
    return ratio


def weighted_means(frame, name, weight, outcome="chosen"):
    each = pd.DataFrame({"own": frame[name], "w": weight, "wy": weight * frame[outcome]})
    sums = each.groupby("own", observed=False).sum()
    return (sums["wy"] / sums["w"]).to_dict()


@pytest.mark.parametrize("weight", [None, "weight"])
def test_population_means_and_amces_are_weighted_means(simulated, as_wave, weight):
    frame = simulated(1, n=100)
    wave = as_wave(frame, weight=weight)
    w = np.ones(len(frame)) if weight is None else frame[weight].to_numpy()
    means = population_means(wave, target=TARGET).frame.set_index(["attribute", "level"])
    amces = effects(wave, TARGET).frame.set_index(["attribute", "level"])
    for name, levels in LEVELS.items():
        expected = weighted_means(frame, name, w * ratios(frame, name))
        for level in levels:
            own = expected[level]
            assert means.loc[(name, level), "estimate"] == pytest.approx(own, rel=1e-10)
            gap = own - expected[levels[0]]
            assert amces.loc[(name, level), "estimate"] == pytest.approx(gap, rel=1e-9, abs=1e-12)
    baselines = [(name, levels[0]) for name, levels in LEVELS.items()]
    assert amces.loc[baselines, "std_error"].isna().all()
    assert set(amces["estimand"]) == {"population amce"}
    assert set(means["estimand"]) == {"population marginal mean"}
    assert set(means["baseline"]) == {""}


def test_the_influence_is_that_of_a_weighted_mean(simulated, as_wave):
    frame = simulated(2)
    estimates = population_means(as_wave(frame, weight="weight"), target=TARGET)
    weight = frame["weight"] * ratios(frame, "colour")
    inside = weight * (frame["colour"] == "green")
    mean = np.average(frame["chosen"], weights=inside)
    moved = (inside * (frame["chosen"] - mean) / inside.sum()).groupby(frame["id"]).sum()
    row = estimates.frame.query("attribute == 'colour' and level == 'green'").index[0]
    np.testing.assert_allclose(estimates.influence[:, row], moved, atol=1e-15)
    G = frame["id"].nunique()
    expected = np.sqrt((moved**2).sum() * G / (G - 1))
    assert estimates.std_errors[row] == pytest.approx(expected)


def test_truth_is_met_where_every_profile_is_shown_once():
    """Nothing random: effects that differ by size, averaged over the target's sizes."""
    liking = {("low", "S"): 0.1, ("low", "M"): 0.9, ("low", "L"): 0.3}
    liking |= {("high", "S"): 0.6, ("high", "M"): 0.2, ("high", "L"): 0.8}
    cells = pd.DataFrame(list(liking), columns=["price", "size"]).assign(rating=liking.values())
    frame = pd.concat([cells.assign(id=who) for who in range(3)])
    frame["price"] = pd.Categorical(frame["price"], categories=["low", "high"])
    wave = cj.Wave.from_frame(
        frame, respondent="id", outcome="rating", attributes=["price", "size"]
    )
    target = {"size": {"S": 0.5, "M": 0.1, "L": 0.4}}
    high = effects(wave, target).select(attribute="price", level="high").values[0]
    assert high == pytest.approx(0.5 * 0.5 + 0.1 * -0.7 + 0.4 * 0.5)
    # Its own shares, and those of what the target leaves out, alter nothing.
    for more in ({"price": {"high": 1.0}}, {"price": {"low": 0.99, "high": 0.01}}):
        again = effects(wave, target | more).select(attribute="price", level="high").values[0]
        assert again == pytest.approx(high)
    sizes = effects(wave, target).select(attribute="size", level="M").values[0]
    assert sizes == pytest.approx(np.mean([0.9 - 0.3, 0.2 - 0.8]))


def test_a_target_that_is_the_design_leaves_differences_of_means(simulated, as_wave):
    wave = as_wave(simulated(3), weight="weight")
    target = {name: dict.fromkeys(levels, 1 / len(levels)) for name, levels in LEVELS.items()}
    means = population_means(wave, target=target)
    np.testing.assert_allclose(means.values, cj.marginal_means(wave).values, rtol=1e-12)
    np.testing.assert_allclose(means.covariance, cj.marginal_means(wave).covariance, atol=1e-15)
    alone = cj.amce(as_wave(simulated(3), weight="weight", attributes=["price"]))
    mine = effects(wave, target).select(attribute="price")
    np.testing.assert_allclose(mine.values, alone.values, atol=1e-14)
    np.testing.assert_allclose(mine.std_errors[1:], alone.std_errors[1:], rtol=1e-10)


def test_declared_probabilities_are_what_a_target_is_held_against(simulated, as_wave):
    frame = simulated(4)
    wave = as_wave(frame)
    attributes = dict(wave.survey.attributes)
    uneven = (0.2, 0.2, 0.6)
    attributes["size"] = Attribute(levels=attributes["size"].levels, probabilities=uneven)
    survey = wave.survey.model_copy(update={"attributes": attributes})
    declared = cj.Wave.build(survey, wave.respondents, wave.profiles)
    ratio = ratios(frame, "colour", drawn=EVEN | {"size": uneven})
    expected = weighted_means(frame, "colour", ratio)
    mine = population_means(declared, target=TARGET).select(attribute="colour")
    np.testing.assert_allclose(mine.values, list(expected.values()), rtol=1e-10)
    # Shares as they are observed know nothing of what is declared.
    seen = [
        population_means(each, target=TARGET, randomised="observed").values
        for each in (wave, declared)
    ]
    np.testing.assert_array_equal(*seen)
    shown = frame["size"].value_counts(normalize=True)[LEVELS["size"]].to_numpy()
    prices = frame["price"].value_counts(normalize=True)[LEVELS["price"]].to_numpy()
    ratio = ratios(frame, "colour", drawn=EVEN | {"size": shown, "price": prices})
    expected = weighted_means(frame, "colour", ratio)
    mine = population_means(wave, target=TARGET, randomised="observed").select(attribute="colour")
    np.testing.assert_allclose(mine.values, list(expected.values()), rtol=1e-10)


def test_joint_shares_may_be_nested_or_keyed_by_tuples(simulated, as_wave):
    wave = as_wave(simulated(5))
    tuples = {(p, s): a * b for p, a in TARGET["price"].items() for s, b in TARGET["size"].items()}
    nested = {s: {p: a * b for p, a in TARGET["price"].items()} for s, b in TARGET["size"].items()}
    apart = effects(wave, TARGET)
    for together in ({("price", "size"): tuples}, {("size", "price"): nested}):
        estimates = effects(wave, together)
        np.testing.assert_allclose(estimates.values, apart.values, atol=1e-12)
        np.testing.assert_allclose(estimates.std_errors, apart.std_errors, rtol=1e-9)


def test_a_joint_target_weighs_combinations(simulated, as_wave):
    frame = simulated(6)
    joint = {"low": {"S": 0.5}, "mid": {"S": 0.1, "M": 0.1}, "high": {"L": 0.3}}
    estimates = population_means(as_wave(frame), target={("price", "size"): joint})
    share = [joint[p].get(s, 0.0) * 9 for p, s in zip(frame["price"], frame["size"], strict=True)]
    expected = weighted_means(frame, "colour", np.array(share))
    mine = estimates.select(attribute="colour").values
    np.testing.assert_allclose(mine, list(expected.values()), rtol=1e-10)
    # Of the attributes named together each is averaged over the other's own shares.
    sizes = frame["size"].astype(str).map({"S": 0.6 * 3, "M": 0.1 * 3, "L": 0.3 * 3}).to_numpy()
    expected = weighted_means(frame, "price", sizes)
    mine = estimates.select(attribute="price").values
    np.testing.assert_allclose(mine, list(expected.values()), rtol=1e-10)


def test_a_cap_bounds_the_weights_and_gives_up_some_of_the_target(simulated, as_wave):
    frame = simulated(7)
    wave = as_wave(frame, weight="weight")
    weight = np.minimum(ratios(frame, "colour") / 0.5, 2.5)
    expected = weighted_means(frame, "colour", weight * frame["weight"])
    capped = population_means(wave, target=TARGET, cap=2.5).select(attribute="colour")
    np.testing.assert_allclose(capped.values, list(expected.values()), rtol=1e-10)
    whole = population_means(wave, target=TARGET).select(attribute="colour")
    assert (capped.values != whole.values).all()
    assert (capped.std_errors < whole.std_errors).all()
    assert dict(capped.specification.options) == {
        "target": "price, size",
        "randomised": "declared",
        "cap": "2.5",
    }


@pytest.mark.parametrize("variance", ["linearised", "CR1", "CR2", "CR3"])
def test_every_variance_is_there(simulated, as_wave, variance):
    frame = simulated(8, n=30)
    estimates = effects(as_wave(frame, weight="weight"), TARGET, variance=variance)
    assert (estimates.std_errors[~estimates.fixed] > 0).all()
    if variance == "CR3":
        people = frame["id"].unique()
        left_out = np.array(
            [
                effects(as_wave(frame[frame["id"] != who], weight="weight"), TARGET).values
                for who in people
            ]
        )
        G = len(people)
        spread = ((left_out - estimates.values) ** 2).sum(axis=0) * (G - 1) / G
        estimated = ~estimates.fixed
        np.testing.assert_allclose(estimates.std_errors[estimated] ** 2, spread[estimated])


def test_each_group_and_outcome_has_its_own(simulated, as_wave):
    frame = simulated(9, n=80)
    frame.loc[(frame["id"] % 4 == 0) & (frame["task"] == 0), "rating"] = np.nan
    wave = as_wave(frame, outcome=["chosen", "rating"])
    together = effects(wave, TARGET, by="party")
    for party, own in frame.groupby("party"):
        alone = effects(as_wave(own.dropna(), outcome="rating"), TARGET)
        mine = together.select(outcome="rating", group=party)
        np.testing.assert_allclose(mine.values, alone.values, atol=1e-12)
        np.testing.assert_allclose(mine.std_errors, alone.std_errors, rtol=1e-9)
    again = effects(wave, TARGET, by="party", randomised="observed").select(group="Left")
    left = frame[frame["party"] == "Left"]
    alone = effects(as_wave(left), TARGET, randomised="observed")
    np.testing.assert_allclose(again.select(outcome="chosen").values, alone.values, atol=1e-12)


def test_people_of_weight_zero_leave_no_trace(simulated, as_wave):
    frame = simulated(10)
    silent = frame["id"] % 5 == 0
    blank = as_wave(frame.assign(weight=frame["weight"].mask(silent, 0.0)), weight="weight")
    rest = as_wave(frame[~silent], weight="weight")
    for randomised in ("declared", "observed"):
        mine = effects(blank, TARGET, randomised=randomised)
        theirs = effects(rest, TARGET, randomised=randomised)
        np.testing.assert_allclose(mine.values, theirs.values, atol=1e-12)


# --- Attributes that the design draws together ------------------------------------------------

DRAWN = {
    ("low", "red"): 0.3, ("low", "green"): 0.1, ("mid", "red"): 0.1,
    ("mid", "green"): 0.3, ("high", "green"): 0.2,
}  # fmt: skip


def tied_wave(simulated, as_wave, seed=11):
    frame = simulated(seed, n=150)
    frame = frame[~((frame["price"] == "high") & (frame["colour"] == "red"))]
    frame = frame.assign(rating=frame["rating"] + 2.0 * (frame["colour"] == "red"))
    plain = as_wave(frame, outcome="rating")
    cells = {}
    for (price, colour), share in DRAWN.items():
        cells.setdefault(price, {})[colour] = share
    joint = Joint(attributes=("price", "colour"), cells=cells)
    survey = plain.survey.model_copy(update={"joint": (joint,)})
    return frame, cj.Wave.build(survey, plain.respondents, plain.profiles)


def test_attributes_tied_to_others_are_weighed_within_their_cells(simulated, as_wave):
    frame, wave = tied_wave(simulated, as_wave)
    target = {"colour": {"red": 0.9, "green": 0.1}, "size": {"L": 1.0}}
    weighted = frame[frame["size"] == "L"]
    means = weighted.groupby(["price", "colour"], observed=True)["rating"].mean()
    # P(price, colour) t(colour) / P(colour), given the price, where both prices have the colour.
    over = {"red": 0.9 / 0.4, "green": 0.1 / 0.6}
    mid = {colour: DRAWN["mid", colour] * over[colour] for colour in over}
    gaps = {colour: means["mid", colour] - means["low", colour] for colour in over}
    expected = sum(mid[c] * gaps[c] for c in over) / sum(mid.values())
    rows = effects(wave, target).frame.set_index(["attribute", "level"])["estimate"]
    assert rows["price", "mid"] == pytest.approx(expected, rel=1e-10)
    assert rows["price", "high"] == pytest.approx(means["high", "green"] - means["low", "green"])
    # The colour's own share plays no part in its own effect.
    green = {price: DRAWN[price, "green"] for price in ("low", "mid")}
    gaps = {price: means[price, "green"] - means[price, "red"] for price in green}
    expected = sum(green[p] * gaps[p] for p in green) / sum(green.values())
    assert rows["colour", "green"] == pytest.approx(expected, rel=1e-10)
    own = population_means(wave, target=target).frame.set_index(["attribute", "level"])["estimate"]
    low = {colour: DRAWN["low", colour] * over[colour] for colour in over}
    expected = sum(low[c] * means["low", c] for c in over) / sum(low.values())
    assert own["price", "low"] == pytest.approx(expected, rel=1e-10)


def test_profiles_are_weighted_by_the_joint_target_of_what_is_drawn_together(simulated, as_wave):
    frame, wave = tied_wave(simulated, as_wave)
    shares = {("low", "red"): 0.5, ("mid", "green"): 0.3, ("high", "green"): 0.2}
    means = population_means(wave, target={("price", "colour"): shares})
    weight = np.array(
        [
            shares.get(cell, 0.0) / DRAWN[cell]
            for cell in zip(frame["price"], frame["colour"], strict=True)
        ]
    )
    expected = weighted_means(frame, "size", weight, "rating")
    np.testing.assert_allclose(means.select(attribute="size").values, list(expected.values()))


def test_the_designs_own_shares_give_the_amces_of_the_design(simulated, as_wave):
    frame, wave = tied_wave(simulated, as_wave)
    target = {("price", "colour"): DRAWN}
    mine = effects(wave, target).select(attribute=["price", "colour"])
    alone = as_wave(frame, outcome="rating", attributes=["price", "colour"])
    survey = alone.survey.model_copy(update={"joint": wave.survey.joint})
    plain = cj.amce(cj.Wave.build(survey, alone.respondents, alone.profiles))
    np.testing.assert_allclose(mine.values, plain.values, atol=1e-12)
    np.testing.assert_allclose(mine.std_errors, plain.std_errors, rtol=1e-9)


@pytest.mark.parametrize(
    ("target", "gives"),
    [
        ({"price": {"low": 1.0}, "colour": {"red": 1.0}}, "gives price, colour apart"),
        ({("price", "size"): {("low", "S"): 1.0}}, "gives price, size together"),
    ],
)
def test_tied_attributes_are_given_together_and_with_no_others(simulated, as_wave, target, gives):
    _, wave = tied_wave(simulated, as_wave)
    with pytest.raises(RequestError) as caught:
        effects(wave, target)
    assert [str(fault) for fault in caught.value.faults] == [
        f"target: price, colour are drawn together, and the target {gives} (expected one joint "
        "distribution of attributes that are drawn together, and of no others). Give their shares "
        'as one part: {("price", "colour"): ...}.'
    ]


def test_a_level_to_which_a_target_leaves_nothing_in_common_is_missing(simulated, as_wave):
    _, wave = tied_wave(simulated, as_wave)
    made = effects(wave, {"colour": {"red": 1.0}})
    assert made.estimable.any()
    note = made.select(attribute="price", level="high").notes[0]
    assert note.startswith('"high" and the baseline "low" never meet')


# --- Overlap ----------------------------------------------------------------------------------


def test_a_share_of_what_the_design_never_draws_is_refused(simulated, as_wave):
    _, wave = tied_wave(simulated, as_wave)
    shares = {("low", "red"): 0.6, ("high", "red"): 0.4}
    with pytest.raises(EstimationError) as caught:
        effects(wave, {("price", "colour"): shares})
    assert str(caught.value) == (
        'outcome "rating", group "Total": the target has 0.4 of "high" of price with "red" of colour, '
        "which no profile shows (expected shares above zero only where profiles are shown). Set the "
        "share to zero, or leave the attribute out of the target."
    )


def test_a_group_that_never_saw_a_level_of_the_target_is_named(simulated, as_wave):
    frame = simulated(12)
    frame = frame[(frame["party"] == "Left") | (frame["size"] != "L")]
    made = effects(as_wave(frame, outcome="rating"), TARGET, by="party")
    note = 'the target has 0.9 of "L" of size, which no profile shows'
    assert set(made.select(group="Right").notes) == {note}
    left = effects(as_wave(frame[frame["party"] == "Left"], outcome="rating"), TARGET, by="party")
    pd.testing.assert_frame_equal(made.select(group="Left").frame, left.frame)
    costs = target_overlap(as_wave(frame, outcome="rating"), TARGET, by="party")
    assert (costs["note"] != "").equals(costs["group"] == "Right")
    assert costs["largest_ratio"].isna().equals(costs["group"] == "Right")


def test_a_target_that_leaves_one_person_is_refused(simulated, as_wave):
    frame = simulated(13)
    frame = frame[(frame["id"] == 0) | (frame["size"] != "L")]
    made = population_means(as_wave(frame, outcome="rating"), target={"size": {"L": 1.0}})
    few = "fewer than two respondents saw profiles that the target gives weight"
    assert [note for note in made.notes if note] == [few] * 5
    assert made.select(attribute="size").estimable.all()


def test_what_a_target_costs_is_told(simulated, as_wave):
    frame = simulated(14)
    overlap = target_overlap(as_wave(frame, weight="weight"), TARGET, by="party")
    assert overlap.columns.tolist() == [
        "outcome",
        "group",
        "attribute",
        "n_profiles",
        "largest_ratio",
        "effective_profiles",
        "effective_share",
        "note",
    ]
    assert [*overlap["attribute"][:3]] == list(LEVELS)
    assert [*overlap["group"]] == ["Left"] * 3 + ["Right"] * 3
    own = frame[frame["party"] == "Left"]
    row = overlap.iloc[1]
    w, ratio = own["weight"].to_numpy(), ratios(own, "colour")
    assert row["n_profiles"] == len(own)
    assert row["largest_ratio"] == pytest.approx(0.7 * 3 * 0.9 * 3)
    effective = (w * ratio).sum() ** 2 / ((w * ratio) ** 2).sum()
    assert row["effective_profiles"] == pytest.approx(effective)
    assert row["effective_share"] == pytest.approx(effective / (w.sum() ** 2 / (w**2).sum()))
    capped = target_overlap(as_wave(frame, weight="weight"), TARGET, cap=2.0)
    assert (capped["effective_share"] > overlap["effective_share"].min()).all()
    even = {name: dict.fromkeys(levels, 1 / len(levels)) for name, levels in LEVELS.items()}
    np.testing.assert_allclose(target_overlap(as_wave(frame), even)["effective_share"], 1)


# --- Wrong arguments --------------------------------------------------------------------------


def test_every_fault_of_a_target_is_named_at_once(simulated, as_wave):
    target = {
        "prize": {"low": 1.0},
        "colour": {"red": 0.5, "blue": 0.5},
        "size": {"S": 0.5, "M": 0.6},
        ("price", "colour"): {("low", "red"): 1.0},
    }
    with pytest.raises(RequestError) as caught:
        effects(as_wave(simulated(1)), target)
    assert [str(fault) for fault in caught.value.faults] == [
        'target: there is no attribute "prize" (expected price, colour, size). Correct the name.',
        'target, colour: "blue" is not a level of "colour" (expected red, green). Correct it.',
        "target, size: the shares sum to 1.1 (expected shares that sum to 1). Correct them.",
        'target: "colour" stands in two parts of the target (expected each attribute once). Give its '
        "shares once.",
    ]


SHARE = "(expected a number of zero or more). Correct it."
WRONG = {
    "none": ({}, "target: names no attribute (expected one or more of price, colour, size)."),
    "below zero": (
        {"size": {"S": 1.5, "M": -0.5}},
        f'target, size: the share of "M" is -0.5 {SHARE}',
    ),
    "text": ({"size": {"S": "all"}}, f"target, size: the share of \"S\" is 'all' {SHARE}"),
    "not a number": (
        {"size": {"S": float("nan"), "M": 1.0}},
        f'target, size: the share of "S" is nan {SHARE}',
    ),
    "true": ({"size": {"S": True}}, f'target, size: the share of "S" is True {SHARE}'),
    "too shallow": (
        {("price", "size"): {"low": 1.0}},
        'target, price * size: "low" names 1 level(s) (expected one of each of price, size). '
        "Correct it.",
    ),
    "too deep": (
        {"size": {("S", "low"): 1.0}},
        'target, size: "S * low" names 2 level(s) (expected one of each of size). Correct it.',
    ),
    "one twice": (
        {("size", "size"): {("S", "S"): 1.0}},
        "target: ('size', 'size') is no combination (expected different attributes). Correct it.",
    ),
    "no shares": ({"size": 1.0}, 'target, size: "" names 0 level(s) (expected one of each of size). '
                                 "Correct it."),
}  # fmt: skip


@pytest.mark.parametrize(("target", "fault"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("estimator", [effects, lambda wave, target: target_overlap(wave, target)])
def test_faults_of_a_target(simulated, as_wave, target, fault, estimator):
    with pytest.raises(RequestError) as caught:
        estimator(as_wave(simulated(1)), target)
    assert [str(fault) for fault in caught.value.faults] == [fault]


def test_shares_may_be_rounded_but_no_more(simulated, as_wave):
    wave = as_wave(simulated(1))
    rounded = {"size": {"S": 0.3333333, "M": 0.3333333, "L": 0.3333333}}
    thirds = {"size": dict.fromkeys("SML", 1 / 3)}
    np.testing.assert_allclose(effects(wave, rounded).values, effects(wave, thirds).values)
    with pytest.raises(RequestError, match=r"the shares sum to 0\.99"):
        effects(wave, {"size": dict.fromkeys("SML", 0.33)})


def test_levels_may_be_given_as_numbers(simulated, as_wave):
    frame = simulated(1)
    wave = as_wave(frame.assign(size=frame["size"].map({"S": 5, "M": 10, "L": 2.5}).astype(float)))
    numbers = effects(wave, {"size": {5: 0.5, 10: 0.25, 2.5: 0.25}})
    texts = effects(wave, {"size": {"5": 0.5, "10": 0.25, "2.5": 0.25}})
    np.testing.assert_array_equal(numbers.values, texts.values)


def test_other_wrong_arguments_are_refused(simulated, as_wave):
    wave = as_wave(simulated(1))
    with pytest.raises(RequestError, match=r'randomised: there is no "seen" \(expected declared'):
        effects(wave, TARGET, randomised="seen")
    for cap in (0, -1.0, float("nan")):
        with pytest.raises(RequestError, match=r"cap: .* is no weight"):
            effects(wave, TARGET, cap=cap)


def test_all_pairs_of_levels_are_there_once(simulated, as_wave):
    frame = effects(as_wave(simulated(1)), TARGET).frame
    keys = list(zip(frame["attribute"], frame["level"], strict=True))
    assert keys == [key for name in LEVELS for key in product([name], LEVELS[name])]
