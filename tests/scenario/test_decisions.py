"""Trade-offs, importance, rankings, shares and shrinkage against what can be worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from preferences import LEVELS, SHARES, as_wave, draw_wave, true_support
from scipy import integrate, stats

import conjoint as cj
from conjoint.errors import RequestError
from conjoint.estimates import stack
from conjoint.scenario import best, grid, importance, shares, shrink, support, trade_off
from conjoint.scenario.curve import Line, crossing

PACKAGE = {"cap": "5000", "reduction": "90"}


@pytest.fixture(scope="module")
def wave():
    return as_wave(draw_wave(np.random.default_rng(11), n=600, tasks=6))


def test_fieller_is_the_closed_form_for_one_straight_piece():
    values, V, t = np.array([1.0, -2.0]), np.array([[0.04, 0.01], [0.01, 0.09]]), 1.96
    # h(x) = a + b x is zero at x = -a / b = 1/2.
    line = Line(np.array([-50.0, 50.0]), np.array([[1, -50.0], [1, 50.0]]))
    found = crossing(line, values, V, 0.0, t)
    a, b = values
    A, B, C = b**2 - t**2 * V[1, 1], a * b - t**2 * V[0, 1], a**2 - t**2 * V[0, 0]
    ends = sorted((-B + sign * np.sqrt(B**2 - A * C)) / A for sign in (1, -1))
    assert found.x == pytest.approx(0.5)
    assert [found.low, found.high] == pytest.approx(ends)
    assert found.steepness == pytest.approx(2 / 0.3)
    assert found.gradient == pytest.approx([0.5, 0.25])


def test_fieller_is_open_where_the_slope_may_be_nothing():
    line = Line(np.array([0.0, 10.0]), np.array([[1, 0.0], [1, 10.0]]))
    found = crossing(line, np.array([1.0, -0.2]), np.diag([0.04, 0.09]), 0.0, 1.96)
    assert found.x == pytest.approx(5)
    assert found.steepness < 1.96
    assert found.high == np.inf


def test_a_trade_off_leaves_support_as_it_was(wave):
    made = trade_off(wave, "cap", "reduction", outcome="additive", curve="straight")
    row = made.frame.query("question == 'buys'").iloc[0]
    assert row[["give_from", "take_from", "take_to"]].to_list() == [5000, 0, 50]
    effects = cj.amce(wave, outcome="additive").frame.set_index(["attribute", "level"])["estimate"]
    slope = {
        name: np.polyfit([float(x) for x in LEVELS[name]], effects[name][list(LEVELS[name])], 1)[0]
        for name in ("cap", "reduction")
    }
    assert row["estimate"] == pytest.approx(-50 * slope["reduction"] / slope["cap"])
    assert row["fieller_low"] < row["estimate"] < row["fieller_high"]
    figure = made.figures.frame.iloc[0]
    assert figure["estimate"] == pytest.approx(row["estimate"])
    assert figure["conf_low"] == pytest.approx(row["delta_low"])


def test_what_keeps_support_is_on_the_curve(wave):
    made = trade_off(wave, "cap", "reduction", outcome="additive")
    kept = made.frame.query("question == 'keeps' and reading.str.startswith('estimated')")
    effects = cj.amce(wave, outcome="additive").frame.set_index(["attribute", "level"])["estimate"]
    f = effects["cap"][list(LEVELS["cap"])].to_numpy()
    g = effects["reduction"][list(LEVELS["reduction"])].to_numpy()
    for row in kept.itertuples():
        gained = np.interp(row.estimate, [0, 50, 90], g) - np.interp(row.take_from, [0, 50, 90], g)
        assert gained == pytest.approx(f[0] - f[1], abs=1e-12)


def test_what_is_weighed_stands_beside_every_trade_off(wave):
    """Gain and loss are differences of AMCEs, to the end that the row names."""
    frame = trade_off(wave, "cap", "reduction", outcome="additive").frame
    effects = cj.amce(wave, outcome="additive")

    def change(attribute, new, old):
        ends = [{"attribute": attribute, "level": f"{level:g}"} for level in (new, old)]
        return cj.contrast(effects, ends)

    for row in frame.to_dict("records"):
        gain = change("reduction", row["take_end"], row["take_from"])
        loss = change("cap", row["give_from"], row["give_end"])
        assert row["gain"] == pytest.approx(gain.values[0], abs=1e-12)
        assert row["loss"] == pytest.approx(loss.values[0], abs=1e-12)
        assert row["net"] == pytest.approx(row["gain"] - row["loss"])
        assert row["loss_low"] == pytest.approx(loss.frame["conf_low"].item(), abs=1e-12)
    ends = frame[["question", "give_end", "take_end"]].to_numpy().tolist()
    assert ends == [
        ["buys", 40000, 50],
        ["buys", 40000, 90],
        ["buys", 40000, 90],
        ["keeps", 10000, 90],
        ["keeps", 10000, 90],
        ["keeps", 10000, 90],
    ]


def test_a_step_worth_more_than_everything_shown_is_said_to_be():
    rng = np.random.default_rng(4)
    frame = draw_wave(rng, n=1500, tasks=6)
    # The reduction decides, and the cap alone between two of the same reduction.
    rank = frame["reduction"].cat.codes * 10 - frame["cap"].cat.codes + rng.uniform(size=len(frame))
    best_of = rank.groupby([frame["id"], frame["task"]]).transform("max")
    frame["additive"] = (rank == best_of).astype(float)
    row = trade_off(as_wave(frame), "cap", "reduction", outcome="additive").frame.iloc[2]
    assert row["reading"].endswith("worth more than all that was shown can take back")
    assert np.isnan(row["estimate"])
    assert row["net_low"] > 0.3


def test_a_trade_off_that_cannot_be_told_is_said_in_words():
    rng = np.random.default_rng(2)
    frame = draw_wave(rng, n=60, tasks=3)
    frame["additive"] = np.ravel([rng.permutation([0.0, 1.0]) for _ in range(len(frame) // 2)])
    made = trade_off(as_wave(frame), "cap", "reduction", outcome="additive")
    assert made.frame["reading"].str.startswith("not estimable").any()
    untold = made.frame[made.frame["reading"].str.startswith("not estimable")]
    assert untold[["estimate", "delta_low", "fieller_low"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (("cap", "partners"), {}, r"have no number \(expected cap, reduction"),
        (("cap", "size"), {}, 'there is no attribute "size"'),
        (("cap", "cap"), {}, "another attribute"),
        (("cap", "reduction"), {"start": {"cap": 1.0}}, "5000 or more, and less than 40000"),
        (("cap", "reduction"), {"start": {"reduction": 1.0}}, 'expected "cap"'),
        (("cap", "reduction"), {"curve": "wavy"}, "piecewise, straight"),
    ],
)
def test_a_bad_trade_off_names_the_choices(wave, arguments, options, said):
    with pytest.raises(RequestError, match=said):
        trade_off(wave, *arguments, **options)


def test_importance_is_shares_of_ranges_and_variances(wave):
    frame = importance(wave, by="group", outcome="additive").frame
    sums = frame.groupby(["estimand", "group"])["estimate"].sum()
    assert sums.to_numpy() == pytest.approx(np.ones(4))
    effects = cj.amce(wave, outcome="additive").frame
    ranges = effects.groupby("attribute", sort=False)["estimate"].agg(lambda own: np.ptp(own))
    whole = importance(wave, outcome="additive").select(estimand="range share")
    assert whole.values == pytest.approx((ranges / ranges.sum()).to_numpy())


def test_best_agrees_with_support_and_with_its_draws(wave):
    made = best(wave, "group", outcome="additive", top=3)
    assert made.n_packages == 24
    for row in made.frame.to_dict("records"):
        package = {name: row[name] for name in LEVELS}
        scene = support(wave, package, "group", outcome="additive").figures.frame
        own = scene[scene["group"] == row["group"]].iloc[0]
        assert row["estimate"] == pytest.approx(own["estimate"], abs=1e-12)
        assert row["std_error"] == pytest.approx(own["std_error"], rel=1e-9)
        if row["ranking"] == "lowest of all groups":
            assert row["estimate"] == pytest.approx(scene["estimate"].min())
    whole = best(wave, outcome="additive", top=24).frame
    assert whole["probability_best"].sum() == pytest.approx(1)
    assert whole["estimate"].is_monotonic_decreasing


def test_the_chance_of_the_better_of_two_is_the_normal_tail(wave):
    limits = {"cap": ["5000", "10000"], "reduction": "90", "partners": "France"}
    made = best(wave, limits=limits, outcome="additive", draws=20_000)
    both = cj.contrast(
        cj.amce(wave, outcome="additive"),
        [{"attribute": "cap", "level": level} for level in ("5000", "10000")],
    )
    chance = stats.norm.cdf(abs(both.values[0]) / both.std_errors[0])
    assert made.frame["probability_best"].iloc[0] == pytest.approx(chance, abs=0.015)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"size": "L"}, 'there is no attribute "size"'),
        ({"cap": ["1"]}, '"1" is not a level of "cap"'),
        ({"cap": []}, 'allows no level of "cap"'),
    ],
)
def test_bad_limits_name_the_choices(wave, limits, said):
    with pytest.raises(RequestError, match=said):
        best(wave, limits=limits)


def test_logit_shares_are_those_of_the_part_worths(wave):
    packages = [{"cap": level} for level in ("5000", "20000", "40000")]
    made = shares(wave, packages, "group", outcome="additive")
    worths = cj.part_worths(wave, "group", model="conditional_logit", outcome="additive").frame
    for group, own in made.frame.groupby("group"):
        v = worths[(worths["group"] == group) & (worths["attribute"] == "cap")]
        e = np.exp(v.set_index("level")["estimate"][["5000", "20000", "40000"]].to_numpy())
        assert own["estimate"].to_numpy() == pytest.approx(e / e.sum())
    assert made.figures.covariance.sum() == pytest.approx(0, abs=1e-12)
    first = shares(wave, packages, outcome="additive", rule="first choice").frame
    assert sorted(first["share"]) == [0, 0, 1]
    assert first["probability_first"].sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("packages", "options", "said"),
    [
        ([PACKAGE], {}, "two or more"),
        ([PACKAGE, PACKAGE], {}, "cap 5000, reduction 90 stands twice"),
        ([PACKAGE, {"cap": "5000"}], {}, "as the first: cap, reduction"),
        ([PACKAGE, PACKAGE | {"cap": "1"}], {}, '"1" is not a level of "cap"'),
        ([PACKAGE, PACKAGE | {"cap": "10000"}], {"rule": "coin"}, "logit, first choice"),
    ],
)
def test_bad_packages_are_refused_by_name(wave, packages, options, said):
    with pytest.raises(RequestError, match=said):
        shares(wave, packages, **options)


def test_shrinkage_lies_between_group_and_total_and_knows_their_covariance(wave):
    groups = support(wave, PACKAGE, "group", outcome="additive").figures
    total = support(wave, PACKAGE, outcome="additive").figures
    frame = shrink(groups, total).frame
    assert frame["estimate"].to_list() == pytest.approx(groups.values)
    low = np.minimum(frame["estimate"], frame["total"]) - 1e-12
    high = np.maximum(frame["estimate"], frame["total"]) + 1e-12
    assert frame["shrunken"].between(low, high).all()
    V = stack([groups, total]).covariance
    v = np.diag(V)[:2] + V[2, 2] - 2 * V[:2, 2]
    d = groups.values - total.values
    # The integral over tau by another rule: Simpson's, on a fine and far grid.
    tau = np.linspace(0, 2000 * np.sqrt(v.max()), 2_000_001)
    chance = np.prod(
        [stats.norm.pdf(x, 0, np.sqrt(y + tau**2)) for x, y in zip(d, v, strict=True)], 0
    )
    whole = integrate.simpson(chance, x=tau)
    B = v[:, None] / (v[:, None] + tau**2)
    mean = integrate.simpson(B * chance, x=tau) / whole
    # G / (G - 1) is that of the group here, and of everybody in a difference.
    assert frame["borrowed"].to_list() == pytest.approx(mean, rel=5e-3)
    unsure = integrate.simpson((B - mean[:, None]) ** 2 * chance, x=tau) / whole
    shared = V[:2, 2] - V[2, 2]
    error = np.sqrt(V[2, 2] + (1 - mean) * v + 2 * (1 - mean) * shared + d**2 * unsure)
    assert frame["shrunken_error"].to_list() == pytest.approx(error, rel=5e-3)


def test_groups_that_agree_are_not_given_the_totals_interval(wave):
    """However alike two groups come out: that they are alike is not known."""
    groups = support(wave, PACKAGE, "group", outcome="additive").figures
    total = support(wave, PACKAGE, outcome="additive").figures
    alike = groups.derive(np.repeat(total.values, 2), np.eye(2), groups.labels, "support")
    frame = shrink(alike, total).frame
    assert frame["borrowed"].between(0.4, 0.95).all()
    assert (frame["shrunken_error"] > 1.1 * total.std_errors[0]).all()
    assert (frame["shrunken_error"] < frame["std_error"]).all()


def test_shrinkage_needs_groups_and_their_total(wave):
    groups = support(wave, PACKAGE, "group", outcome="additive").figures
    total = support(wave, PACKAGE, outcome="additive").figures
    with pytest.raises(RequestError, match="there is one group"):
        shrink(total, total)
    with pytest.raises(RequestError, match="the same figures of everybody"):
        shrink(groups, support(wave, {"cap": "5000"}, outcome="additive").figures)


@pytest.fixture(scope="module")
def towns(wave):
    """Towns of 300, of 299 who never saw a cap of 40000, and of one; and the same without the one."""
    town = np.repeat(["big", "blind", "alone"], [300, 299, 1])
    blind = (town == "blind")[wave.respondent_index]
    tasks = [wave.profiles["respondent"], wave.profiles["task"]]
    gone = pd.Series(blind & (wave.profiles["cap"] == "40000").to_numpy())
    kept = wave.profiles[~gone.groupby(tasks, observed=True).transform("any").to_numpy()]
    people = wave.respondents.assign(town=town)
    without = people.assign(town=people["town"].where(town != "alone"))
    return [cj.Wave.build(wave.survey, own, kept, wave.weights) for own in (people, without)]


@pytest.mark.parametrize(
    "ask",
    [
        lambda wave: support(wave, PACKAGE, "town", outcome="additive"),
        lambda wave: grid(wave, "cap", "reduction", "town", outcome="additive", draws=1000),
        lambda wave: trade_off(wave, "cap", "reduction", "town", outcome="additive"),
        lambda wave: importance(wave, "town", outcome="additive"),
        lambda wave: best(wave, "town", outcome="additive", draws=200),
    ],
    ids=["support", "grid", "trade-off", "importance", "best"],
)
def test_a_town_of_one_leaves_the_others_as_they_are(towns, ask):
    made, without = (ask(wave).frame for wave in towns)
    alone = made["group"] == "alone"
    pd.testing.assert_frame_equal(made[~alone].reset_index(drop=True), without)
    value = "gain" if "gain" in made else "estimate"
    assert alone.any()
    assert made.loc[alone, value].isna().all()
    why = made.loc[alone, "note" if "note" in made else "reading"]
    assert why.str.endswith("1 respondent(s) answered").all()


def test_a_town_without_whole_tasks_leaves_the_others_their_shares(wave):
    town = np.repeat(["big", "alone"], [599, 1])
    people = wave.respondents.assign(town=town)
    packages = [{"cap": "5000"}, {"cap": "20000"}, {"cap": "40000"}]
    made, without = (
        shares(
            cj.Wave.build(wave.survey, own, wave.profiles, wave.weights), packages, "town",
            outcome="additive", rule="first choice", draws=200,
        ).frame
        for own in (people, people.assign(town=people["town"].where(town == "big")))
    )  # fmt: skip
    alone = made["group"] == "alone"
    big = made[~alone].reset_index(drop=True).astype({"rank": int})
    pd.testing.assert_frame_equal(big, without)
    assert made.loc[alone, ["estimate", "rank", "probability_first", "share"]].isna().all(axis=None)


def test_what_a_town_never_saw_is_missing_there_alone(towns):
    wave = towns[0]
    unseen = {"cap": "40000", "reduction": "90"}
    row = support(wave, unseen, "town", outcome="additive").frame.set_index("group")
    assert row.loc["blind", "note"] == "no profile showed cap 40000"
    assert row.loc["big", "estimate"] > 0
    made = grid(wave, "cap", "reduction", "town", outcome="additive", draws=1000).frame
    own = made[made["group"] == "blind"]
    assert own["estimate"].isna().equals(own["level"].str.startswith("40000"))
    assert own.loc[own["estimate"].notna(), "band_low"].notna().all()
    traded = trade_off(wave, "cap", "reduction", "town", outcome="additive").frame
    of = traded[traded["group"] == "blind"].set_index("question")["reading"]
    assert (of["buys"] == 'not estimable: "40000" is never shown').all()
    assert not of["keeps"].str.contains("never shown").any()
    ranked = best(wave, "town", outcome="additive", top=50, draws=200)
    tops = ranked.frame.groupby("ranking")["cap"].agg(set)
    assert "40000" in tops["big"]
    assert "40000" not in tops["blind"] | tops["lowest of all groups"]
    (alone,) = (text for text in ranked.warnings if text.startswith("alone"))
    assert alone == "alone has no ranking: 1 respondent(s) answered."
    chances = ranked.frame.dropna(subset="estimate").groupby("ranking")["probability_best"].sum()
    assert chances["blind"] == pytest.approx(1)


def test_the_truth_of_the_drawn_preferences_is_even_on_average():
    share = sum(
        SHARES["cap"][place] * true_support("interacting", {"cap": level})
        for place, level in enumerate(LEVELS["cap"])
    )
    assert share == pytest.approx(0.5)
