"""Choice-level figures, against projoint and against sums written out."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import conjoint as cj
from conjoint.errors import EstimationError, RequestError
from conjoint.estimate.choice import choice_effects, choice_means
from conjoint.estimate.share import choice_share

RTOL = 1e-8
ATTRIBUTES = [f"att{k}" for k in range(1, 8)]


# --- Against projoint -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reshaped(golden):
    return golden("projoint_reshaped")


@pytest.fixture(scope="module")
def communities(reshaped):
    """Projoint's example: 400 people, eight tasks of two communities, one task asked again."""
    return cj.Wave.from_frame(
        reshaped,
        respondent="id",
        outcome="selected",
        attributes=ATTRIBUTES,
        task="task",
        profile="profile",
        segments=["race_white"],
    )


@pytest.fixture(scope="module")
def tasks(reshaped):
    """One row a task, the two profiles side by side."""
    first, second = (reshaped[reshaped["profile"] == who] for who in (1, 2))
    return first.merge(second, on=["id", "task"], suffixes=("_1", "_2"))


def against(tasks, chosen, other):
    """Tasks that set two sets of levels against each other, and whether the first was chosen."""
    mine, theirs = chosen[0].split(":")[0], other[0].split(":")[0]
    one = tasks[f"{mine}_1"].isin(chosen) & tasks[f"{theirs}_2"].isin(other)
    two = tasks[f"{mine}_2"].isin(chosen) & tasks[f"{theirs}_1"].isin(other)
    selected = np.where(one, tasks["selected_1"], tasks["selected_2"])
    found = tasks.assign(selected=selected)[one | two]
    return found.rename(columns={"agree_1": "agree"})


def corrected(estimates, reshaped, rows, less=None):
    """Projoint's correction for random answers, from our figure and its covariance with agreement.

    Its covariance looks at the answers to the repeated task alone, and not at respondents.
    """
    agree = reshaped.dropna(subset="agree").drop_duplicates("id")["agree"]
    n, rate = len(agree), agree.mean()
    tau = (1 - np.sqrt(2 * rate - 1)) / 2
    variance = agree.var() / n / (4 * (2 * rate - 1))

    def moved(part):
        part = part.dropna(subset="agree")
        return np.cov(part["selected"], part["agree"])[0, 1] / n

    covariance = moved(rows) - (0.0 if less is None else moved(less))
    covariance /= -2 * np.sqrt(2 * rate - 1)
    (value,), (error,), (degrees,) = estimates.values, estimates.std_errors, estimates.degrees
    f = 1 / (1 - 2 * tau)
    if less is None:
        figure, slope = (value - tau) * f, (2 * value - 1) * f**2
    else:
        figure, slope = value * f, 2 * value * f**2
    spread = np.sqrt(f**2 * error**2 + slope**2 * variance + 2 * f * slope * covariance)
    reach = stats.t.ppf(0.975, degrees) * spread
    return [figure, spread, figure - reach, figure + reach]


NUMBERS = ["estimate", "se", "conf.low", "conf.high"]
OURS = ["estimate", "std_error", "conf_low", "conf_high"]


def agrees(mine, reference, **tolerance):
    np.testing.assert_allclose(
        np.asarray(mine, dtype=float),
        reference[NUMBERS].to_numpy(dtype=float),
        **({"rtol": RTOL, "atol": 1e-12} | tolerance),
    )


def halves(reference):
    """The uncorrected rows, and the corrected ones."""
    plain = reference["estimand"].str.endswith("_uncorrected")
    assert plain.sum() == (~plain).sum() > 0
    return reference[plain].reset_index(drop=True), reference[~plain].reset_index(drop=True)


def pick(estimates, level):
    return estimates.select(level=level)


def test_choice_means_are_those_of_projoint(communities, reshaped, tasks, golden):
    plain, fixed = halves(golden("projoint_choice_mm"))
    means = choice_means(communities, variance="CR2")
    texts = plain["att_level_choose"] + " over " + plain["att_level_notchoose"]
    assert len(texts) == len(means)
    agrees(means.with_interval("wald").frame.set_index("level").loc[texts, OURS], plain)
    composed = [
        corrected(pick(means, text), reshaped, against(tasks, [level], [other]))
        for text, level, other in zip(
            texts, plain["att_level_choose"], plain["att_level_notchoose"], strict=True
        )
    ]
    agrees(composed, fixed)


def test_choice_effects_are_those_of_projoint(communities, reshaped, tasks, golden):
    plain, fixed = halves(golden("projoint_choice_amce"))
    effects = choice_effects(communities, variance="CR2")
    texts = plain["att_level_choose"] + " over " + plain["att_level_notchoose"]
    assert (~effects.fixed).sum() == len(texts)
    rows = effects.frame.set_index("level").loc[texts]
    base = plain["att_level_choose_baseline"] + " over " + plain["att_level_notchoose_baseline"]
    assert rows["baseline"].tolist() == base.tolist()
    agrees(rows[OURS], plain)
    composed = [
        corrected(
            pick(effects, text),
            reshaped,
            against(tasks, [row["att_level_choose"]], [row["att_level_notchoose"]]),
            against(
                tasks, [row["att_level_choose_baseline"]], [row["att_level_notchoose_baseline"]]
            ),
        )
        for text, row in zip(texts, plain.to_dict("records"), strict=True)
    ]
    agrees(composed, fixed)


def level_of(number, attribute=1):
    return f"att{attribute}:level{number}"


def test_a_set_of_levels_is_that_of_projoint(communities, reshaped, tasks, golden):
    plain, fixed = halves(golden("projoint_choice_mm_multi"))
    chosen = [level_of(1), level_of(2)]
    share = choice_share(communities, {"att1": chosen}, {"att1": level_of(3)}, variance="CR2")
    agrees(share.with_interval("wald").frame[OURS], plain)
    agrees([corrected(share, reshaped, against(tasks, chosen, [level_of(3)]))], fixed)
    assert share.labels["level"].tolist() == ["att1:level1 or att1:level2 over att1:level3"]


def test_one_place_alone_is_that_of_projoint(communities, reshaped, tasks, golden):
    """Where projoint minds the place, it means that the level stands second."""
    plain, fixed = halves(golden("projoint_choice_mm_position"))
    sides = {"att1": level_of(1)}, {"att1": level_of(3)}
    share = choice_share(communities, *sides, shown="second", variance="CR2")
    agrees(share.with_interval("wald").frame[OURS], plain)
    rows = against(tasks, [level_of(1)], [level_of(3)])
    agrees([corrected(share, reshaped, rows[rows["att1_2"] == level_of(1)])], fixed)
    counts = [
        choice_share(communities, *sides, shown=shown).labels["n_profiles"].iloc[0]
        for shown in ("second", "first", "either")
    ]
    assert counts == [334, 697 - 334, 697]


def test_levels_of_two_attributes_leave_out_what_projoint_misreads(communities, tasks, golden):
    plain, _ = halves(golden("projoint_choice_mm_cross"))
    chosen, other = level_of(1, 1), level_of(1, 3)
    one = (tasks["att1_1"] == chosen) & (tasks["att3_2"] == other)
    two = (tasks["att1_2"] == chosen) & (tasks["att3_1"] == other)
    # Its rule: the first profile's answer wherever that profile shows the level chosen.
    first = tasks["att1_1"] == chosen
    selected = np.where(first, tasks["selected_1"], tasks["selected_2"])
    assert selected[one | two].mean() == pytest.approx(plain["estimate"].iloc[0], rel=1e-12)
    # Some of these rows have only the other profile on that side, some have both.
    assert (two & ~one & first).sum() > 0
    assert (one & two).sum() == 26
    right = np.where(one, tasks["selected_1"], tasks["selected_2"])[one ^ two]
    share = choice_share(communities, {"att1": chosen}, {"att3": other}, variance="CR2")
    assert share.labels["n_profiles"].tolist() == [len(right)] == [488]
    assert share.values[0] == pytest.approx(right.mean(), rel=1e-12)
    np.testing.assert_allclose(
        [*share.values, *share.std_errors], [0.559426, 0.023530], rtol=0, atol=6e-7
    )
    assert abs(share.values[0] - plain["estimate"].iloc[0]) > 0.02


@pytest.mark.parametrize("case", ["projoint_choice_mm_bootstrap", "projoint_choice_mm_simulation"])
def test_random_variances_of_projoint_are_near(communities, reshaped, tasks, golden, case):
    plain, fixed = halves(golden(case))
    means = choice_means(communities, "att1", variance="CR2")
    mine = pick(means, f"{level_of(1)} over {level_of(3)}")
    rows = against(tasks, [level_of(1)], [level_of(3)])
    for figures, reference in (
        (mine.frame[OURS].to_numpy()[0], plain),
        (corrected(mine, reshaped, rows), fixed),
    ):
        agrees([figures], reference, rtol=0, atol=2e-3)
        assert figures[0] == pytest.approx(reference["estimate"].iloc[0], abs=1e-3)
        assert figures[1] == pytest.approx(reference["se"].iloc[0], rel=2e-2)


# --- Against sums written out -----------------------------------------------------------------


@pytest.fixture(scope="module")
def frame(simulated):
    return simulated(20261120, n=80)


@pytest.fixture(scope="module")
def wave(frame, as_wave):
    return as_wave(frame, weight="weight")


def sides(frame):
    """Each profile with its opponent's levels; rows of one task next to each other."""
    other = frame.iloc[np.arange(len(frame)) ^ 1].reset_index(drop=True)
    return frame.join(other[["price", "colour", "size"]].add_suffix("_other"))


def share_of(rows, people):
    """Weighted share, and its linearised standard error clustered by respondent."""
    w, y = rows["weight"], rows["chosen"]
    mean = np.average(y, weights=w)
    moved = (w * (y - mean)).groupby(rows["id"]).sum() / w.sum()
    return mean, np.sqrt((moved**2).sum() * people / (people - 1))


def test_means_are_weighted_shares_of_tasks(frame, wave):
    means = choice_means(wave)
    paired = sides(frame)
    expected = {
        f"{level} over {other}": paired[
            (paired[name] == level) & (paired[f"{name}_other"] == other)
        ]
        for name in ("price", "colour", "size")
        for level in frame[name].cat.categories
        for other in frame[name].cat.categories
        if level != other
    }
    assert means.labels["level"].tolist() == list(expected)
    for row, rows in zip(means.frame.to_dict("records"), expected.values(), strict=True):
        value, error = share_of(rows, 80)
        assert (row["estimate"], row["std_error"]) == pytest.approx((value, error), rel=1e-10)
        assert (row["n_profiles"], row["n_respondents"]) == (len(rows), rows["id"].nunique())
        assert row["baseline"] == ""
        assert row["estimand"] == "choice-level mean"


@pytest.mark.parametrize("variance", ["linearised", "CR1", "CR2", "CR3"])
def test_the_two_orders_of_a_pair_sum_to_one(wave, variance):
    means = choice_means(wave, "price", variance=variance).frame.set_index("level")
    one, two = means.loc["low over high"], means.loc["high over low"]
    assert one["estimate"] + two["estimate"] == pytest.approx(1, abs=1e-12)
    assert one["std_error"] == pytest.approx(two["std_error"], rel=1e-9)


@pytest.mark.parametrize("variance", ["linearised", "CR1", "CR2", "CR3"])
def test_a_share_of_one_level_over_another_is_the_choice_mean(wave, variance):
    mean = pick(choice_means(wave, variance=variance), "low over high")
    share = choice_share(wave, {"price": "low"}, {"price": ["high"]}, variance=variance)
    columns = ["attribute", "level", "n_profiles", "n_respondents"]
    assert share.frame[columns].equals(mean.frame[columns])
    pd.testing.assert_frame_equal(share.frame[OURS], mean.frame[OURS], rtol=1e-10)


def test_cr3_leaves_each_respondent_out(frame, as_wave):
    share = choice_share(
        as_wave(frame, weight="weight"), {"size": "L"}, {"size": ["S", "M"]}, variance="CR3"
    )
    without = [
        choice_share(
            as_wave(frame[frame["id"] != who], weight="weight"),
            {"size": "L"},
            {"size": ["S", "M"]},
        ).values[0]
        for who in frame["id"].unique()
    ]
    jackknife = np.sqrt(79 / 80 * np.sum((np.array(without) - share.values) ** 2))
    assert share.std_errors[0] == pytest.approx(jackknife, rel=1e-8)


def test_effects_are_differences_of_means_with_one_opponent(wave):
    means = choice_means(wave, "price", variance="CR2")
    effects = choice_effects(wave, "price", baselines={"price": "mid"}, variance="CR2")
    rows = effects.labels[["level", "baseline"]].to_records(index=False).tolist()
    assert rows == [
        ("low over high", "mid over high"),
        ("mid over low", "mid over low"),
        ("mid over high", "mid over high"),
        ("high over low", "mid over low"),
    ]
    place = {level: row for row, level in enumerate(means.labels["level"])}
    for row, (level, baseline) in enumerate(rows):
        if level == baseline:
            assert effects.fixed[row]
            assert effects.values[row] == 0
            assert np.isnan(effects.std_errors[row])
            continue
        matrix = np.zeros((1, len(means)))
        matrix[0, place[level]], matrix[0, place[baseline]] = 1, -1
        gap = means.contrast(matrix, means.labels.iloc[[place[level]]])
        for mine, theirs in (
            (effects.values[row], gap.values[0]),
            (effects.std_errors[row], gap.std_errors[0]),
            (effects.degrees[row], gap.degrees[0]),
        ):
            assert mine == pytest.approx(theirs, rel=1e-10)


def test_effects_take_attributes_of_three_levels_that_are_not_tied(frame, as_wave):
    free = choice_effects(as_wave(frame))
    assert set(free.labels["attribute"]) == {"price", "size"}
    assert not free.labels.duplicated(["outcome", "group", "attribute", "level"]).any()
    allowed = frame[~((frame["price"] == "low") & (frame["colour"] == "red"))]
    whole = allowed.groupby(["id", "task"])["chosen"].transform("size") == 2
    tied = as_wave(allowed[whole], restrictions=[{"price": ["low"], "colour": ["red"]}])
    assert set(choice_effects(tied).labels["attribute"]) == {"size"}
    assert set(choice_means(tied).labels["attribute"]) == {"price", "colour", "size"}
    with pytest.raises(RequestError, match='attributes: "price" is tied to colour'):
        choice_effects(tied, ["size", "price"])


def test_figures_of_groups_can_be_told_apart(frame, wave):
    paired = sides(frame)
    rows = paired[(paired["price"] == "low") & (paired["price_other"] == "high")]
    values = {
        party: np.average(part["chosen"], weights=part["weight"])
        for party, part in rows.groupby("party")
    }
    means = choice_means(wave, "price", by="party")
    gap = pick(cj.differences(means, reference="Left"), "low over high")
    assert gap.values[0] == pytest.approx(values["Right"] - values["Left"], rel=1e-10)
    assert gap.labels["group"].tolist() == ["Right − Left"]
    # No one is in both, so that the variances add up, each by its own group's factor.
    parts = pick(means, "low over high")
    assert len(parts) == 2
    assert gap.std_errors[0] == pytest.approx(np.hypot(*parts.std_errors), rel=0.02)


def test_groups_of_profiles_are_of_the_one_that_holds_the_level(frame, wave):
    by_place = choice_means(wave, "price", by="profile")
    for place, shown in (("A", "first"), ("B", "second")):
        share = choice_share(wave, {"price": "low"}, {"price": "mid"}, shown=shown)
        mean = pick(by_place.select(group=place), "low over mid")
        assert share.values[0] == pytest.approx(mean.values[0], rel=1e-12)
        assert share.frame["n_profiles"].tolist() == mean.frame["n_profiles"].tolist()
    paired = sides(frame)
    rows = paired[
        (paired["price"] == "low") & (paired["price_other"] == "mid") & (paired["colour"] == "red")
    ]
    mean = pick(choice_means(wave, "price", by="colour").select(group="red"), "low over mid")
    assert mean.values[0] == pytest.approx(share_of(rows, 80)[0], rel=1e-12)


def test_sides_of_several_attributes_have_to_hold_at_once(frame, wave):
    paired = sides(frame)
    chosen = (paired["price"] != "high") & paired["size"].isin(["M", "L"])
    over = paired["colour_other"] == "red"
    back = (
        (paired["price_other"] != "high")
        & paired["size_other"].isin(["M", "L"])
        & (paired["colour"] == "red")
    )
    assert (chosen & over & back).sum() > 0
    rows = paired[chosen & over & ~back]
    share = choice_share(wave, {"size": ["L", "M"], "price": ["mid", "low"]}, {"colour": "red"})
    assert (share.values[0], share.std_errors[0]) == pytest.approx(share_of(rows, 80), rel=1e-10)
    assert share.labels["attribute"].tolist() == ["price * colour * size"]
    assert share.labels["level"].tolist() == ["price: low or mid, size: M or L over colour: red"]
    assert share.labels["n_profiles"].tolist() == [len(rows)]


def test_sets_that_overlap_leave_out_tasks_that_do_not_say_which_is_which(frame, wave):
    paired = sides(frame)
    own, other = paired["price"], paired["price_other"]
    rows = paired[
        own.isin(["low", "mid"])
        & other.isin(["mid", "high"])
        & ~(own.isin(["mid", "high"]) & other.isin(["low", "mid"]))
    ]
    share = choice_share(wave, {"price": ["low", "mid"]}, {"price": ["mid", "high"]})
    assert share.values[0] == pytest.approx(share_of(rows, 80)[0], rel=1e-12)
    assert share.labels["n_profiles"].tolist() == [len(rows)]
    with pytest.raises(EstimationError, match='saw a task that sets "low over low"'):
        choice_share(wave, {"price": "low"}, {"price": "low"})


def test_the_order_of_rows_changes_nothing(frame, as_wave):
    mixed = frame.sample(frac=1, random_state=4)
    for estimate in (
        choice_means,
        choice_effects,
        lambda wave: choice_share(wave, {"price": "low"}, {"price": "mid"}, shown="first"),
    ):
        one, two = (estimate(as_wave(rows, weight="weight")) for rows in (frame, mixed))
        pd.testing.assert_frame_equal(one.frame, two.frame, rtol=1e-10)


@pytest.mark.parametrize("names", [{"A": "9", "B": "10"}, {"A": "Bottom", "B": "Top"}])
def test_first_is_by_number_or_alphabet(frame, as_wave, names):
    renamed = as_wave(frame.replace({"profile": names}), weight="weight")
    plain = as_wave(frame, weight="weight")
    for shown in ("first", "second"):
        one, two = (
            choice_share(wave, {"price": "low"}, {"price": "mid"}, shown=shown)
            for wave in (plain, renamed)
        )
        assert one.values[0] == two.values[0]


def test_first_is_by_the_order_that_the_survey_names(folder):
    sides = {"price": "low"}, {"price": "high"}
    plain = choice_share(cj.read_wave(folder.write()), *sides, shown="first")
    folder.replace('profiles = ["A", "B"]', 'profiles = ["B", "A"]')
    turned = choice_share(cj.read_wave(folder.write()), *sides, shown="second")
    assert plain.frame[OURS].equals(turned.frame[OURS])
    assert plain.specification.options == (("shown", "first"),)


def test_answers_missing_and_weights_of_zero_play_no_part(frame, as_wave):
    gone = frame["id"].isin([3, 4]) | ((frame["id"] % 5 == 0) & (frame["task"] == 1))
    gaps = frame.assign(chosen=frame["chosen"].where(~gone))
    kept = choice_means(as_wave(frame[~gone]), "size")
    missing = choice_means(as_wave(gaps), "size")
    np.testing.assert_allclose(missing.values, kept.values, rtol=1e-12)
    # The two who answered nothing stay in the design: G / (G - 1).
    assert (missing.design == 80).all()
    ratio = np.sqrt(80 / 79 / (78 / 77))
    np.testing.assert_allclose(missing.std_errors, kept.std_errors * ratio, rtol=1e-10)
    zero = frame.assign(weight=frame["weight"].where(~frame["id"].isin([3, 4]), 0.0))
    one = choice_means(as_wave(zero, weight="weight"), "size")
    two = choice_means(as_wave(frame[~frame["id"].isin([3, 4])], weight="weight"), "size")
    np.testing.assert_allclose(one.values, two.values, rtol=1e-12)


def test_pairs_that_one_respondent_saw_or_nobody_are_left_out(frame, as_wave):
    paired = sides(frame)
    both = paired["price"].astype(str) + paired["price_other"].astype(str)
    met = both.isin(["lowhigh", "highlow"])
    rare = frame[~met].reset_index(drop=True)
    levels = choice_means(as_wave(rare), "price").labels["level"].tolist()
    assert levels == ["low over mid", "mid over low", "mid over high", "high over mid"]
    one = frame[~met | (frame["id"] == frame["id"][met].iloc[0])]
    assert choice_means(as_wave(one), "price").labels["level"].tolist() == levels
    effects = choice_effects(as_wave(rare), "price")
    # "mid over high" against "low over high", and "high over mid" against "low over mid".
    estimated = effects.labels["level"][~effects.fixed]
    assert estimated.tolist() == ["high over mid"]


def test_no_pair_at_all_is_an_error(frame, as_wave):
    paired = sides(frame)
    same = frame[paired["price"].astype(str) == paired["price_other"].astype(str)]
    with pytest.raises(EstimationError) as caught:
        choice_means(as_wave(same), "price")
    assert str(caught.value) == (
        'outcome "chosen", group "Total", attribute(s) price: no task that two respondents saw sets '
        "the levels asked for against each other (expected profiles of one task that differ). Widen "
        "the group, or leave it out."
    )


def test_other_outcomes_are_passed_over_or_refused(small_wave):
    assert set(choice_means(small_wave).labels["outcome"]) == {"choice"}
    with pytest.raises(RequestError) as caught:
        choice_means(small_wave, outcome="support")
    assert str(caught.value).startswith(
        'outcome: "support" is of kind "support" (expected an outcome of kind "choice": one profile '
        "chosen in each task)."
    )
    with pytest.raises(RequestError, match='there is no "nothing"'):
        choice_means(small_wave, outcome="nothing")


def test_several_forced_choices_stand_side_by_side(frame, as_wave):
    turned = frame.assign(other=1 - frame["chosen"])
    means = choice_means(as_wave(turned, outcome=["chosen", "other"]), "price", variance="CR2")
    half = len(means) // 2
    assert means.labels["outcome"].unique().tolist() == ["chosen", "other"]
    np.testing.assert_allclose(means.values[:half], 1 - means.values[half:], rtol=1e-12)
    np.testing.assert_allclose(means.degrees[:half], means.degrees[half:], rtol=1e-9)


@pytest.mark.parametrize("change", ["three", "one"])
def test_tasks_of_other_than_two_profiles_are_refused(wave, change):
    profiles = wave.profiles
    if change == "three":
        third = profiles.iloc[[0]].assign(profile="C", chosen=0.0)
        changed = pd.concat([profiles, third], ignore_index=True)
    else:
        changed = profiles.drop(index=0 if profiles["chosen"].iloc[0] == 0 else 1)
    with pytest.raises(RequestError) as caught:
        choice_means(cj.Wave.build(wave.survey, wave.respondents, changed))
    assert str(caught.value) == (
        'outcome "chosen": task "0" of respondent number 1 has other than two profiles (expected two in '
        "every task with an answer). Leave such tasks out."
    )
    first = (changed["respondent"] == 0) & (changed["task"] == "0")
    unanswered = changed.assign(chosen=changed["chosen"].mask(first))
    means = choice_means(cj.Wave.build(wave.survey, wave.respondents, unanswered), "price")
    assert len(means) == 6


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda wave: choice_means(wave, ["price", "taste"]),
            'attributes: there is no attribute "taste" (expected price, colour, size). Correct the '
            "name.",
        ),
        (
            lambda wave: choice_effects(wave, "colour"),
            'attributes: "colour" has 2 levels (expected 3 or more). Leave it out.',
        ),
        (
            lambda wave: choice_means(wave, []),
            "attributes: none is left (expected price, colour, size). Name one of them.",
        ),
        (
            lambda wave: choice_effects(wave, baselines={"price": "free"}),
            'baselines: "free" is not a level of "price" (expected low, mid, high). Name one of them.',
        ),
        (
            lambda wave: choice_share(wave, {}, {"price": "low"}),
            "chosen: names no attribute (expected levels by attribute).",
        ),
        (
            lambda wave: choice_share(wave, {"price": "low"}, {"price": []}),
            'over: names no level of "price" (expected low, mid, high).',
        ),
        (
            lambda wave: choice_share(wave, {"price": "free"}, {"taste": "sour"}),
            'chosen: "free" is not a level of "price" (expected low, mid, high).',
        ),
        (
            lambda wave: choice_share(wave, {"price": "low"}, {"taste": "sour"}),
            'over: there is no attribute "taste" (expected price, colour, size). Correct the name.',
        ),
        (
            lambda wave: choice_share(wave, {"price": "low"}, {"price": "mid"}, shown="left"),
            'shown: there is no "left" (expected either, first, second). Name one.',
        ),
        (
            lambda wave: choice_means(wave, by="taste"),
            'by: there is no "taste" (expected segments, party, price, colour, size, task, profile). '
            "Name one of them.",
        ),
    ],
)
def test_what_is_not_there_is_refused(wave, ask, message):
    with pytest.raises(RequestError) as caught:
        ask(wave)
    assert str(caught.value) == message
