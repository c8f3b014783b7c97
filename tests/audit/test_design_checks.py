"""What was shown against the design declared."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from drawn import SIZES, draw, only, verdicts, wave_of

import conjoint as cj
from conjoint.audit.balance import balance
from conjoint.audit.design import (
    forbidden_pairs,
    identical_profiles,
    joint_frequencies,
    level_frequencies,
)
from conjoint.audit.judge import CERTAIN, CLEAR, chance, holm, judge, together
from conjoint.audit.order import attribute_position, carry_over, fatigue, profile_position
from conjoint.audit.power import minimum_detectable
from conjoint.audit.share import joint_shares, level_shares
from conjoint.errors import DataError
from conjoint.survey import Joint, Restriction

DESIGN = (level_frequencies, joint_frequencies, forbidden_pairs, identical_profiles)
CHECKS = (
    *DESIGN,
    balance,
    profile_position,
    attribute_position,
    carry_over,
    fatigue,
    minimum_detectable,
)


def declared(wave, **changes):
    """The wave with another design declared; by attribute its probabilities."""
    attributes = {
        name: attribute.model_copy(update={"probabilities": changes.get(name, ())})
        for name, attribute in wave.survey.attributes.items()
    }
    return replace(wave, survey=wave.survey.model_copy(update={"attributes": attributes}))


def with_design(wave, **parts):
    return replace(wave, survey=wave.survey.model_copy(update=parts))


def drawn_with(name, probabilities):
    def shown(rng, codes):
        codes[name] = rng.choice(SIZES[name], size=codes[name].shape, p=probabilities)

    return shown


@pytest.fixture(scope="module")
def clean():
    return wave_of(draw(1))


# --- Shares ---------------------------------------------------------------------------------


def test_shares_are_counts_and_their_errors_are_clustered(clean):
    shares = level_shares(clean, "size")
    counts = clean.profiles["size"].value_counts(normalize=True).sort_index()
    np.testing.assert_allclose(shares.values, counts, rtol=1e-12)
    np.testing.assert_allclose(shares.influence.sum(axis=0), 0, atol=1e-12)
    # The same as the mean of an indicator by the estimation core.
    frame = clean.profiles.assign(
        one=pd.Categorical(["all"] * clean.n_profiles),
        hit=(clean.profiles["size"] == "size 2") * 1.0,
    )
    means = cj.marginal_means(
        cj.Wave.from_frame(frame, respondent="respondent", outcome="hit", attributes=["one"])
    )
    assert shares.std_errors[2] == pytest.approx(means.std_errors[0], rel=0.01)


def test_everybody_who_sees_each_level_equally_often_leaves_no_spread():
    frame = draw(2, n=60, tasks=6)
    frame["price"] = pd.Categorical(np.tile(["a", "b", "c"], len(frame) // 3))
    wave = wave_of(frame)
    assert (level_shares(wave, "price").influence == 0).all()
    assert verdicts(level_frequencies(wave)) == {}


def test_joint_shares_sum_to_the_shares(clean):
    joint = joint_shares(clean, ("price", "size")).values.reshape(3, 4)
    np.testing.assert_allclose(joint.sum(axis=1), level_shares(clean, "price").values)


# --- Levels ---------------------------------------------------------------------------------


def test_a_clean_wave_is_fine_one_item_an_attribute(clean):
    items = level_frequencies(clean)
    assert [item.subject for item in items] == list(SIZES)
    assert verdicts(items) == {}
    assert all("as designed" in item.text and not item.do for item in items)


def test_sixty_forty_stops():
    items = level_frequencies(wave_of(draw(3, shown=drawn_with("colour", [0.6, 0.4]))))
    assert verdicts(items) == {"colour": "stop"}
    item = only(items, "stop")
    assert item.text.startswith('"colour ')
    assert "designed 50.0%" in item.text
    assert item.value == pytest.approx(0.1, abs=0.015)
    assert item.unit == "points"
    assert item.p_value < CERTAIN
    assert "survey.toml" in item.do


def test_a_few_points_are_worth_a_look():
    items = level_frequencies(wave_of(draw(4, shown=drawn_with("colour", [0.53, 0.47]))))
    assert verdicts(items) == {"colour": "look"}


def test_a_rare_level_shown_half_as_often_stops():
    probabilities = [0.02, 0.34, 0.32, 0.32]
    wave = wave_of(draw(5, shown=drawn_with("size", probabilities)))
    wave = declared(wave, size=(0.04, 0.32, 0.32, 0.32))
    assert verdicts(level_frequencies(wave)) == {"size": "stop"}


def test_declared_probabilities_are_what_counts():
    wave = wave_of(draw(6, shown=drawn_with("size", [0.4, 0.3, 0.2, 0.1])))
    assert verdicts(level_frequencies(wave)) == {"size": "stop"}
    assert verdicts(level_frequencies(declared(wave, size=(0.4, 0.3, 0.2, 0.1)))) == {}


def test_a_small_departure_in_a_large_wave_is_let_pass():
    frame = draw(7, n=20_000, tasks=5, shown=drawn_with("colour", [0.507, 0.493]))
    item = level_frequencies(wave_of(frame))[1]
    assert item.verdict == "fine"
    assert item.p_value < CLEAR
    assert "nearly as designed" in item.text


def test_a_level_never_shown_stops_and_is_named():
    frame = draw(8, n=300)
    frame["price"] = frame["price"].cat.add_categories(["free"])
    item = only(level_frequencies(wave_of(frame)), "stop")
    assert '"free" of price was never shown, designed in 25.0% of 3,000 profiles' in item.text


def test_one_level_for_everybody_stops():
    frame = draw(9, n=300)
    frame["colour"] = pd.Categorical(["red"] * len(frame), ["red", "green"])
    item = only(level_frequencies(wave_of(frame)), "stop")
    assert '"green" of colour was never shown' in item.text


def test_a_rare_level_that_chance_leaves_out_is_no_fault():
    frame = draw(10, n=30, tasks=2)
    frame["price"] = frame["price"].cat.add_categories(["free"])
    wave = declared(wave_of(frame), price=(0.33, 0.33, 0.33, 0.01))
    assert "price" not in verdicts(level_frequencies(wave))


def test_a_share_that_no_respondent_departs_from_is_no_accident():
    frame = draw(11, n=100, tasks=5)
    frame["colour"] = pd.Categorical(np.tile(["red"] * 6 + ["green"] * 4, 100), ["red", "green"])
    item = level_frequencies(wave_of(frame))[1]
    assert (item.verdict, item.p_value) == ("stop", 0.0)


# --- Pairs ----------------------------------------------------------------------------------


def test_two_attributes_of_two_levels_that_go_together_are_named():
    """One comparison is all that such a pair has."""
    rng = np.random.default_rng(7)
    ids = np.repeat(np.arange(300), 6)
    first = rng.integers(2, size=len(ids))
    second = np.where(rng.random(len(ids)) < 0.2, first, rng.integers(2, size=len(ids)))
    frame = pd.DataFrame({"id": ids, "a": first, "b": second, "y": rng.integers(2, size=len(ids))})
    wave = cj.Wave.from_frame(frame, respondent="id", outcome="y", attributes=["a", "b"])
    assert set(verdicts(joint_frequencies(wave))) == {"a * b"}
    apart = cj.Wave.from_frame(
        frame.assign(b=rng.integers(2, size=len(ids))),
        respondent="id", outcome="y", attributes=["a", "b"],
    )  # fmt: skip
    assert verdicts(joint_frequencies(apart)) == {}


def test_pairs_of_a_clean_wave_are_fine_in_one_item(clean):
    items = joint_frequencies(clean)
    assert verdicts(items) == {}
    assert items[0].text.startswith("6 pairs of attributes met as designed")


def test_an_undeclared_restriction_stops_and_names_its_pairs():
    def shown(rng, codes):
        hit = (codes["price"] == 0) & (codes["size"] == 3)
        codes["size"][hit] = rng.integers(3, size=hit.sum())

    wave = wave_of(draw(12, n=300, shown=shown))
    item = next(item for item in joint_frequencies(wave) if item.subject == "price * size")
    assert item.verdict == "stop"
    assert "1 pair of levels never met" in item.text
    assert '"price 0" with "size 3"' in item.text
    assert "Declare the restriction" in item.do


def test_a_declared_restriction_is_counted_and_fine():
    def shown(rng, codes):
        while True:
            hit = (codes["price"] == 0) & (codes["size"] == 3)
            if not hit.any():
                return
            codes["size"][hit] = rng.integers(4, size=hit.sum())
            codes["price"][hit] = rng.integers(3, size=hit.sum())

    never = {"price": ["price 0"], "size": ["size 3"]}
    wave = wave_of(draw(13, shown=shown), restrictions=[never])
    assert all(verdicts(check(wave)) == {} for check in DESIGN)
    (item,) = forbidden_pairs(wave)
    assert item.subject == "price * size"
    assert "1 pair of levels is forbidden, and no profile shows one" in item.text


def test_pairs_forbidden_twice_are_said(clean):
    never = Restriction(never={"price": ("price 0",), "size": ("size 3", "size 2")})
    again = Restriction(never={"size": ("size 3",), "price": ("price 0",)})
    (item,) = forbidden_pairs(with_design(clean, restrictions=(never, again)))[:1]
    assert "2 pairs of levels are forbidden" in item.text
    assert "1 pair of them is declared twice" in item.text


def test_a_wave_made_past_its_own_check_stops(clean):
    never = Restriction(never={"price": ("price 0",), "size": ("size 3",)})
    items = forbidden_pairs(with_design(clean, restrictions=(never,)))
    assert set(verdicts(items).values()) == {"stop"}
    assert "profiles show one" in items[0].text


def test_reading_refuses_a_forbidden_pair():
    with pytest.raises(DataError, match="restrictions allow"):
        wave_of(draw(1), restrictions=[{"price": ["price 0"], "size": ["size 3"]}])


def test_attributes_that_go_together_stop():
    def shown(rng, codes):
        same = rng.random(codes["colour"].shape) < 0.2
        codes["colour"] = np.where(same, codes["price"] > 0, codes["colour"]).astype(int)

    items = joint_frequencies(wave_of(draw(14, shown=shown)))
    assert verdicts(items) == {"price * colour": "stop"}
    item = only(items, "stop")
    assert "of price" in item.text
    assert "of colour" in item.text
    assert item.value > 0.08


def test_a_weak_association_is_worth_a_look():
    def shown(rng, codes):
        same = rng.random(codes["colour"].shape) < 0.08
        codes["colour"] = np.where(same, codes["price"] > 0, codes["colour"]).astype(int)

    items = joint_frequencies(wave_of(draw(15, shown=shown)))
    assert verdicts(items) == {"price * colour": "look"}


def test_a_level_shown_too_often_is_not_said_again_of_its_pairs():
    wave = wave_of(draw(16, shown=drawn_with("colour", [0.65, 0.35])))
    assert verdicts(joint_frequencies(wave)) == {}


def test_a_joint_distribution_is_held_against_the_data():
    cells = {"price 0": {"colour 0": 0.3, "colour 1": 0.1}, "price 1": {"colour 0": 0.1, "colour 1": 0.3},
             "price 2": {"colour 0": 0.1, "colour 1": 0.1}}  # fmt: skip

    def shown(rng, codes):
        cell = rng.choice(6, size=codes["price"].shape, p=[0.3, 0.1, 0.1, 0.3, 0.1, 0.1])
        codes["price"], codes["colour"] = np.divmod(cell, 2)

    wave = wave_of(draw(17, shown=shown))
    joint = Joint(attributes=("price", "colour"), cells=cells)
    assert verdicts(joint_frequencies(wave)) == {"price * colour": "stop"}
    as_drawn = with_design(wave, joint=(joint,))
    assert all(verdicts(check(as_drawn)) == {} for check in DESIGN)


def test_an_attribute_that_follows_from_the_others_is_said():
    def shown(rng, codes):
        codes["brand"] = (codes["price"] + codes["colour"] + codes["size"]) % 3

    items = joint_frequencies(wave_of(draw(18, shown=shown)))
    item = next(item for item in items if "follow" in item.text)
    assert item.verdict == "look"
    assert item.subject == "price, colour and brand"
    assert "all agree in it" in item.text


def test_profiles_that_never_share_a_level_are_said():
    def shown(rng, codes):
        first = codes["size"][..., 0]
        codes["size"][..., 1] = (first + rng.integers(1, 4, size=first.shape)) % 4

    items = joint_frequencies(wave_of(draw(19, shown=shown)))
    assert verdicts(items) == {"size": "look"}
    assert "never share a level of size" in only(items, "look").text


def test_profiles_that_share_a_level_too_often_are_said():
    def shown(rng, codes):
        same = rng.random(codes["size"].shape[:2]) < 0.1
        codes["size"][..., 1] = np.where(same, codes["size"][..., 0], codes["size"][..., 1])

    assert verdicts(joint_frequencies(wave_of(draw(20, shown=shown)))) == {"size": "look"}


def test_balance_within_respondents_is_no_fault():
    """Every respondent sees each level of size as often: drawn without replacement."""

    def shown(rng, codes):
        n = len(codes["size"])
        codes["size"] = rng.permuted(np.tile(np.arange(4), (n, 3)), axis=1).reshape(n, 6, 2)

    wave = wave_of(draw(21, tasks=6, shown=shown))
    assert verdicts(level_frequencies(wave)) == {}
    items = joint_frequencies(wave)
    assert verdicts(items) == {"size": "look"}, "they stand against their own level less often"


# --- Tasks of identical profiles ------------------------------------------------------------


def test_columns_read_twice_stop():
    def shown(_, codes):
        for name in SIZES:
            codes[name][..., 1] = codes[name][..., 0]

    (item,) = identical_profiles(wave_of(draw(22, shown=shown)))
    assert item.verdict == "stop"
    assert item.value == 1.0
    assert "all alike in 10,000 of 10,000 tasks; the design implies 139" in item.text


def test_a_few_more_than_implied_are_worth_a_look():
    def shown(rng, codes):
        hit = rng.random(codes["price"].shape[:2]) < 0.02
        for name in SIZES:
            codes[name][..., 1] = np.where(hit, codes[name][..., 0], codes[name][..., 1])

    (item,) = identical_profiles(wave_of(draw(23, shown=shown)))
    assert item.verdict == "look"


def test_a_design_that_draws_identical_profiles_again_is_fine():
    def shown(rng, codes):
        while True:
            alike = np.all([codes[name][..., 0] == codes[name][..., 1] for name in SIZES], axis=0)
            if not alike.any():
                return
            for name, size in SIZES.items():
                codes[name][alike] = rng.integers(size, size=(alike.sum(), 2))

    wave = wave_of(draw(24, shown=shown))
    (item,) = identical_profiles(wave)
    assert item.verdict == "fine"
    assert "No task shows identical profiles" in item.text
    assert verdicts(joint_frequencies(wave)) == {}


def test_a_single_profile_a_task_is_said():
    frame = draw(25, n=100, profiles=2)
    wave = wave_of(frame[frame["profile"] == "A"], outcome="support")
    (item,) = identical_profiles(wave)
    assert item.verdict == "fine"
    assert "No task shows several profiles" in item.text
    assert verdicts(joint_frequencies(wave)) == {}


@pytest.mark.parametrize("people", [2, 5, 12])
@pytest.mark.parametrize("check", DESIGN)
def test_a_handful_of_respondents_is_no_error(check, people):
    items = check(wave_of(draw(26, n=people)))
    assert "stop" not in verdicts(items).values()
    assert items


def test_three_profiles_a_task():
    wave = wave_of(draw(27, profiles=3))
    assert all(verdicts(check(wave)) == {} for check in DESIGN)


def bare(frame):
    return cj.Wave.from_frame(frame, respondent="id", outcome="support", attributes=["price"])


def of_one_level(frame):
    frame["colour"] = pd.Categorical(["red"] * len(frame))
    return wave_of(frame)


def weighted(frame):
    frame["weight"] = (frame["id"] % 3 > 0) * 1.5
    return wave_of(frame, weight="weight")


@pytest.mark.parametrize("make", [bare, of_one_level, weighted, wave_of])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_every_check_says_something_of_any_wave(check, make):
    frame = draw(29, n=150)
    items = check(make(frame))
    assert items
    assert all(item.check == check.__name__ and item.text.endswith(".") for item in items)
    assert all(item.do or item.verdict == "fine" for item in items)
    assert "stop" not in verdicts(items).values()


# --- Verdicts -------------------------------------------------------------------------------


def test_a_stop_needs_certainty_and_size():
    assert judge(1e-9, 0.1, 0.01, 0.05) == "stop"
    assert judge(1e-9, 0.02, 0.01, 0.05) == "look"
    assert judge(1e-3, 0.1, 0.01, 0.05) == "look"
    assert judge(0.02, 0.1, 0.01, 0.05) == "fine"
    assert judge(1e-9, 0.001, 0.01, 0.05) == "fine"
    assert judge(float("nan"), 0.5, 0.01, 0.05) == "fine"


def test_holm_leaves_alone_what_finds_nothing():
    np.testing.assert_allclose(holm([0.5, np.nan, 0.2]), [0.5, np.nan, 0.2])
    np.testing.assert_allclose(holm([0.001, np.nan, 0.2]), [0.002, np.nan, 0.2])


def test_too_few_respondents_are_not_tested():
    shares = level_shares(wave_of(draw(28, n=8)), "size")
    assert np.isnan(together(shares))
    assert chance(together(shares)) == "not tested: too few cases"


# --- Published data -------------------------------------------------------------------------


def test_immigration_without_its_restrictions_stops(immigration):
    found = verdicts(joint_frequencies(immigration))
    assert found == {
        "Education * Job": "stop",
        "CountryOfOrigin * ReasonForApplication": "stop",
    }
    levels = verdicts(level_frequencies(immigration))
    assert levels == {"Job": "stop", "ReasonForApplication": "stop"}


def test_the_shipped_design_of_the_immigration_data_does_not_match_its_frequencies(make_cjoint):
    """Declared: uniform over the combinations allowed. Fielded: uniform over education."""
    wave = make_cjoint()
    levels = verdicts(level_frequencies(wave))
    assert set(levels) == {"Education", "Country of Origin", "Reason for Application", "Job"}
    pairs = verdicts(joint_frequencies(wave))
    assert set(pairs) == {"Education * Job", "Country of Origin * Reason for Application"}
    items = {item.subject: item for item in forbidden_pairs(wave)}
    assert "16 pairs of levels are forbidden" in items["Education * Job"].text
    assert "6 pairs" in items["Country of Origin * Reason for Application"].text


def test_tax_revenue_follows_from_the_rates(taxes):
    items = joint_frequencies(taxes)
    item = next(item for item in items if item.subject == "taxrev")
    assert item.verdict == "look"
    assert "follows from the levels of the other attributes" in item.text
    others = verdicts(items)
    assert {name for name in others if "*" in name} == {f"taxrate{i} * taxrev" for i in range(1, 7)}
    assert others["taxrate1 * taxrev"] == "stop"


# --- Clean waves ----------------------------------------------------------------------------


def found_in(seeds, checks, **size):
    """By check, how many clean waves get a look, and how many a stop."""
    counts = {check.__name__: [0, 0] for check in checks}
    for seed in seeds:
        wave = wave_of(draw(seed, **size))
        for check in checks:
            found = verdicts(check(wave)).values()
            counts[check.__name__][0] += "look" in found
            counts[check.__name__][1] += "stop" in found
    return counts


def test_clean_waves_are_fine():
    counts = found_in(range(100, 130), DESIGN, n=400)
    assert all(stops == 0 and looks <= 3 for looks, stops in counts.values()), counts


@pytest.mark.slow
def test_no_clean_wave_of_two_thousand_stops():
    counts = found_in(range(1000, 1200), DESIGN)
    assert all(stops == 0 and looks <= 10 for looks, stops in counts.values()), counts
