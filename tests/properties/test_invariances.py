"""What must not change an estimate, and what must change it in a known way."""

import numpy as np
import pandas as pd
import pytest
from every_estimator import ANSWERED_TWICE, ESTIMATORS, PAIR, VARIANCES, data_for, same
from hypothesis import given, settings
from hypothesis import strategies as st

import conjoint as cj

SEEDS = st.integers(0, 2**32 - 1)
LEVELS = {"price": ["low", "mid", "high"], "colour": ["red", "green"], "size": ["S", "M", "L"]}

modest = settings(max_examples=12, deadline=None)
few = settings(max_examples=3, deadline=None)

every_estimator = pytest.mark.parametrize("name", ESTIMATORS)


@pytest.fixture(scope="session")
def draw(simulated):
    """Data from a seed that suit an estimator."""

    def make(name, seed, **size):
        return data_for(name, simulated(seed, **size))

    return make


def agree(name, left, right, by=None):
    """Two waves give an estimator's figures alike, by every variance."""
    for variance in VARIANCES:
        one, other = (ESTIMATORS[name](wave, by, variance=variance) for wave in (left, right))
        same(one, other)
        assert (one.frame["group"] == other.frame["group"]).all()


@every_estimator
@few
@given(seed=SEEDS, weight=st.floats(0.01, 100))
def test_constant_weights_equal_none(draw, as_wave, name, seed, weight):
    frame = draw(name, seed).assign(weight=weight)
    agree(name, as_wave(frame), as_wave(frame, weight="weight"))


@every_estimator
@few
@given(seed=SEEDS, scale=st.floats(0.001, 1000))
def test_the_scale_of_weights_changes_nothing(draw, as_wave, name, seed, scale):
    wave = as_wave(draw(name, seed), weight="weight")
    agree(name, wave, wave.with_weights(scale * wave.weights))


@every_estimator
@few
@given(seed=SEEDS, order=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(draw, as_wave, name, seed, order):
    frame = draw(name, seed)
    rows = list(range(len(frame)))
    order.shuffle(rows)
    waves = as_wave(frame, weight="weight"), as_wave(frame.iloc[rows], weight="weight")
    agree(name, *waves, by="party")


@every_estimator
@few
@given(seed=SEEDS)
def test_the_names_of_respondents_change_nothing(draw, as_wave, name, seed):
    frame = draw(name, seed)
    names = np.random.default_rng(seed).permutation(frame["id"].nunique())
    renamed = frame.assign(id=[f"person {names[i]}" for i in frame["id"]])
    agree(name, as_wave(frame, weight="weight"), as_wave(renamed, weight="weight"))


@every_estimator
@few
@given(
    seed=SEEDS, names=st.lists(st.text(min_size=1, max_size=8), min_size=3, max_size=3, unique=True)
)
def test_the_names_of_levels_change_nothing(draw, as_wave, name, seed, names):
    frame = draw(name, seed)
    renamed = frame.assign(price=frame["price"].cat.rename_categories(names))
    agree(name, as_wave(frame), as_wave(renamed))


@pytest.mark.parametrize("name", ["amce", "marginal_means"])
@few
@given(
    seed=SEEDS, names=st.lists(st.text(min_size=1, max_size=8), min_size=3, max_size=3, unique=True)
)
def test_levels_are_shown_by_their_names(draw, as_wave, name, seed, names):
    frame = draw(name, seed)
    renamed = frame.assign(price=frame["price"].cat.rename_categories(names))
    figures = ESTIMATORS[name](as_wave(renamed)).select(attribute="price")
    assert figures.frame["level"].tolist() == names


@modest
@given(seed=SEEDS, baseline=st.sampled_from(LEVELS["price"]))
def test_another_baseline_shifts_the_effects_by_a_constant(simulated, as_wave, seed, baseline):
    frame = simulated(seed)
    others = [level for level in LEVELS["price"] if level != baseline]
    moved = frame.assign(price=frame["price"].cat.reorder_categories([baseline, *others]))
    before = cj.amce(as_wave(frame)).frame.set_index(["attribute", "level"])["estimate"]
    after = cj.amce(as_wave(moved)).frame.set_index(["attribute", "level"])["estimate"]
    expected = before["price"] - before["price", baseline]
    np.testing.assert_allclose(after["price"][expected.index], expected, rtol=1e-8, atol=1e-12)
    for name in ("colour", "size"):
        np.testing.assert_allclose(after[name], before[name], rtol=1e-8, atol=1e-12)


@modest
@given(
    seed=SEEDS, attribute=st.sampled_from(list(LEVELS)), weight=st.sampled_from([None, "weight"])
)
def test_marginal_means_of_a_forced_choice_average_one_half(
    simulated, as_wave, seed, attribute, weight
):
    wave = as_wave(simulated(seed), weight=weight)
    means = cj.marginal_means(wave).select(attribute=attribute)
    shown = np.bincount(wave.codes(attribute), weights=wave.weights[wave.respondent_index])
    assert np.average(means.values, weights=shown) == pytest.approx(0.5, rel=1e-12)


@every_estimator
@few
@given(seed=SEEDS)
def test_everybody_twice_at_half_the_weight_gives_the_same_figures(draw, as_wave, name, seed):
    frame = draw(name, seed)
    half = frame.assign(weight=frame["weight"] / 2)
    twice = pd.concat([half, half.assign(id=half["id"] + 1000)])
    once = ESTIMATORS[name](as_wave(frame, weight="weight"))
    double = ESTIMATORS[name](as_wave(twice, weight="weight"))
    np.testing.assert_allclose(double.values, once.values, rtol=1e-9, atol=1e-12)
    # Twice the people halve the variance; G / (G - 1) changes from 40/39 to 80/79.
    ratio = (80 / 79) / (40 / 39) / 2
    np.testing.assert_allclose(double.covariance, once.covariance * ratio, rtol=1e-7, atol=1e-13)


@pytest.mark.parametrize("name", [name for name in ESTIMATORS if name not in ANSWERED_TWICE])
@few
@given(seed=SEEDS)
def test_every_task_twice_is_no_more_evidence(draw, as_wave, name, seed):
    frame = draw(name, seed)
    twice = pd.concat([frame, frame.assign(task=frame["task"] + 100)])
    # CR1 counts profiles; the others know that they are of the same people.
    for variance in ("linearised", "CR3"):
        once, double = (
            ESTIMATORS[name](as_wave(data), variance=variance) for data in (frame, twice)
        )
        same(once, double)


@every_estimator
@few
@given(seed=SEEDS)
def test_influence_sums_to_zero_and_stays_within_the_group(draw, as_wave, name, seed):
    wave = as_wave(draw(name, seed), weight="weight")
    members = {group.key: group.respondents for group in wave.groups("party")}
    for variance in ("linearised", "CR1"):
        figures = ESTIMATORS[name](wave, "party", variance=variance)
        np.testing.assert_allclose(figures.influence.sum(axis=0), 0, atol=1e-10)
        for column, group in enumerate(figures.labels["group"]):
            assert (figures.influence[~members[group], column] == 0).all()


@pytest.mark.parametrize("by", [None, "colour", "task"])
@few
@given(seed=SEEDS)
def test_influence_sums_to_zero_by_profiles_and_tasks(simulated, as_wave, by, seed):
    wave = as_wave(simulated(seed), weight="weight")
    members = {group.key: group.respondents for group in wave.groups(by)}
    estimates = [cj.marginal_means(wave, by=by)]
    if by != "colour":
        estimates.append(cj.amce(wave, by=by))
    for figures in estimates:
        np.testing.assert_allclose(figures.influence.sum(axis=0), 0, atol=1e-10)
        for column, group in enumerate(figures.labels["group"]):
            assert (figures.influence[~members[group], column] == 0).all()


@every_estimator
@few
@given(seed=SEEDS)
def test_standard_errors_are_the_root_of_the_diagonal(draw, as_wave, name, seed):
    wave = as_wave(draw(name, seed), weight="weight")
    for variance in VARIANCES:
        figures = ESTIMATORS[name](wave, "party", variance=variance)
        free = ~figures.fixed
        diagonal = np.diag(figures.covariance)
        np.testing.assert_allclose(figures.std_errors[free], np.sqrt(diagonal[free]), rtol=1e-10)
        assert np.isnan(figures.std_errors[~free]).all()
        assert (diagonal[~free] == 0).all()


@every_estimator
@few
@given(seed=SEEDS)
def test_a_group_is_estimated_as_if_it_were_alone(draw, as_wave, name, seed):
    frame = draw(name, seed)
    together = as_wave(frame, weight="weight")
    alone = as_wave(frame[frame["party"] == "Left"], weight="weight")
    for variance in VARIANCES:
        figures = ESTIMATORS[name](together, "party", variance=variance)
        same(figures.select(group="Left"), ESTIMATORS[name](alone, variance=variance))


@every_estimator
@few
@given(seed=SEEDS)
def test_people_of_no_weight_leave_the_figures_as_if_they_had_not_answered(
    draw, as_wave, name, seed
):
    frame = draw(name, seed)
    away = frame["id"] % 7 == 1
    left = frame.assign(weight=frame["weight"].where(~away, 0.0))
    with_them = ESTIMATORS[name](as_wave(left, weight="weight"))
    without = ESTIMATORS[name](as_wave(frame[~away], weight="weight"))
    np.testing.assert_allclose(with_them.values, without.values, rtol=1e-9, atol=1e-12)
    # They stay in the design, as R's survey has it: 40 people instead of 34.
    ratio = (40 / 39) / (34 / 33)
    covariance = without.covariance * ratio
    np.testing.assert_allclose(with_them.covariance, covariance, rtol=1e-7, atol=1e-13)


@modest
@given(seed=SEEDS)
def test_effects_and_means_of_one_attribute_alone_say_the_same(simulated, as_wave, seed):
    wave = as_wave(simulated(seed), attributes=["price"], weight="weight")
    effects, means = cj.amce(wave), cj.marginal_means(wave)
    np.testing.assert_allclose(effects.values, means.values - means.values[0], atol=1e-12)
    difference = means.influence - means.influence[:, [0]]
    np.testing.assert_allclose(effects.influence, difference, atol=1e-12)


@pytest.mark.parametrize("variance", VARIANCES)
@few
@given(seed=SEEDS, baseline=st.sampled_from(LEVELS["size"]))
def test_joint_tests_do_not_hang_on_the_baseline(simulated, as_wave, variance, seed, baseline):
    wave = as_wave(simulated(seed), weight="weight")
    for by in (None, "party"):
        before = cj.amce(wave, by, variance=variance)
        after = cj.amce(wave, by, variance=variance, baselines={"size": baseline})
        place = before.labels.groupby(["group", "attribute"], sort=False).ngroup()
        at_baseline = (before.labels["level"] == baseline).to_numpy()
        shift = np.zeros(len(before))
        for group in place[before.labels["attribute"] == "size"].unique():
            own = (place == group).to_numpy()
            shift[own] = before.values[own & at_baseline]
        np.testing.assert_allclose(after.values, before.values - shift, rtol=1e-8, atol=1e-12)
        one, other = cj.omnibus(before), cj.omnibus(after)
        for column in ("statistic", "df_num", "df_denom", "p_value"):
            np.testing.assert_allclose(one[column], other[column], rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("by", [None, "party"])
@few
@given(seed=SEEDS)
def test_joint_means_of_a_forced_choice_average_one_half(simulated, as_wave, by, seed):
    wave = as_wave(simulated(seed), weight="weight")
    weight = wave.weights[wave.respondent_index]
    cell = wave.codes("price").astype(int) * 2 + wave.codes("colour")
    for variance in VARIANCES:
        means = cj.joint_means(wave, PAIR, by, variance=variance)
        for group in wave.groups(by):
            own = means.select(group=group.key)
            inside = np.where(group.profiles, weight, 0.0)
            shown = np.bincount(cell, weights=inside, minlength=6)
            assert np.average(own.values, weights=shown) == pytest.approx(0.5, rel=1e-12)


@few
@given(seed=SEEDS)
def test_the_two_orders_of_a_pair_are_one_figure(simulated, as_wave, seed):
    wave = as_wave(simulated(seed), weight="weight")
    for variance in VARIANCES:
        shares = cj.choice_means(wave, "price", variance=variance)
        place = {level: row for row, level in enumerate(shares.labels["level"])}
        for level, row in place.items():
            own, other = level.split(" over ")
            turned = place[f"{other} over {own}"]
            assert shares.values[row] + shares.values[turned] == pytest.approx(1, abs=1e-12)
            opposite = shares.influence[:, row] + shares.influence[:, turned]
            np.testing.assert_allclose(opposite, 0, atol=1e-12)


# --- A design in which every profile is shown equally often to everybody ------------------------


@pytest.fixture(scope="session")
def balanced(as_wave):
    """Everybody sees all 18 profiles once, in pairs by lot, and chooses."""

    def make(seed, n=12, **given):
        rng = np.random.default_rng(seed)
        grid = pd.MultiIndex.from_product(LEVELS.values(), names=list(LEVELS)).to_frame(index=False)
        parts = []
        for person in range(n):
            own = grid.iloc[rng.permutation(18)].reset_index(drop=True)
            liking = (own["price"] == "low") + (own["size"] == "L") * (own["colour"] == "red")
            liking = (liking * rng.normal(1, 1) + rng.gumbel(size=18)).to_numpy().reshape(9, 2)
            first = liking[:, 0] > liking[:, 1]
            parts.append(
                own.assign(
                    id=person,
                    task=np.repeat(range(9), 2),
                    profile=["A", "B"] * 9,
                    chosen=np.column_stack([first, ~first]).ravel().astype(float),
                    weight=rng.uniform(0.3, 3),
                    party=["Left", "Right"][person % 2],
                )
            )
        frame = pd.concat(parts, ignore_index=True)
        for name, levels in LEVELS.items():
            frame[name] = pd.Categorical(frame[name], levels)
        return as_wave(frame, **given)

    return make


@pytest.mark.parametrize("weight", [None, "weight"])
@few
@given(seed=SEEDS)
def test_balanced_effects_are_differences_of_means(balanced, weight, seed):
    wave = balanced(seed, weight=weight)
    for variance in VARIANCES:
        effects, means = (
            estimator(wave, "party", variance=variance)
            for estimator in (cj.amce, cj.marginal_means)
        )
        first = means.labels.groupby(["group", "attribute"], sort=False)["level"].transform("first")
        assert (effects.labels["baseline"] == first).all()
        matrix = np.eye(len(means))
        base = (means.labels["level"] == first).to_numpy()
        keys = list(zip(means.labels["group"], means.labels["attribute"], strict=True))
        place = {key: row for row, key in enumerate(keys) if base[row]}
        for row, key in enumerate(keys):
            matrix[row, place[key]] -= 1.0
        np.testing.assert_allclose(effects.values, matrix @ means.values, atol=1e-12)
        if variance in ("linearised", "CR3"):
            # CR1 counts coefficients, and CR2 adjusts for those of the model at hand.
            expected = matrix @ means.covariance @ matrix.T
            np.testing.assert_allclose(effects.covariance, expected, rtol=1e-7, atol=1e-13)


@pytest.mark.parametrize("weight", [None, "weight"])
@few
@given(seed=SEEDS)
def test_balanced_interactions_are_differences_of_differences(balanced, weight, seed):
    wave = balanced(seed, weight=weight)
    for variance in ("linearised", "CR3"):
        acies = cj.interactions(wave, PAIR, variance=variance)
        cells = cj.joint_means(wave, PAIR, variance=variance)
        level = {name: row for row, name in enumerate(cells.labels["level"])}
        matrix = np.zeros((len(acies), len(cells)))
        for row, own in enumerate(acies.labels["level"]):
            price, colour = own.split(" * ")
            for sign, cell in (
                (1, own),
                (-1, f"low * {colour}"),
                (-1, f"{price} * red"),
                (1, "low * red"),
            ):
                matrix[row, level[cell]] += sign
        np.testing.assert_allclose(acies.values, matrix @ cells.values, atol=1e-12)
        expected = matrix @ cells.covariance @ matrix.T
        np.testing.assert_allclose(acies.covariance, expected, rtol=1e-7, atol=1e-13)
