"""The design of a difference: the two groups that it compares, and no other."""

import numpy as np
import pandas as pd
import pytest

import conjoint as cj


@pytest.fixture(scope="module")
def wave():
    """Twenty-five people of two sorts, beside 2,450 of a third."""
    rng = np.random.default_rng(7)
    sizes = {"a": 25, "b": 25, "c": 2450}
    people = pd.DataFrame(
        {"id": np.arange(2500), "sort": np.repeat(list(sizes), list(sizes.values()))}
    )
    people["some"] = np.where(people["sort"] == "c", "c", "a or b")
    frame = people.loc[people.index.repeat(4)].reset_index(drop=True)
    frame["price"] = rng.choice(["high", "low"], len(frame))
    frame["bought"] = (rng.random(len(frame)) < 0.5).astype(float)
    return cj.Wave.from_frame(
        frame, respondent="id", outcome="bought", attributes=["price"], segments=["sort", "some"]
    )


@pytest.mark.parametrize("estimator", [cj.amce, cj.marginal_means])
@pytest.mark.parametrize("variance", ["linearised", "CR1", "CR2", "CR3"])
def test_a_third_group_has_no_part_in_a_difference(wave, estimator, variance):
    means = estimator(wave, by="sort", variance=variance)
    beside = cj.differences(means, "b").select(group="a − b")
    alone = cj.differences(means.select(group=["a", "b"]), "b")
    pd.testing.assert_frame_equal(beside.frame, alone.frame)
    assert (beside.design == 50).all()
    assert (beside.degrees[~beside.fixed] <= 48 + 1e-9).all()


def test_each_group_keeps_its_own_factor(wave):
    means = cj.marginal_means(wave, by="sort")
    gap = cj.differences(means, "c")
    covariance = means.covariance
    k = len(means) // 3
    for group in range(2):
        own, other = np.arange(k) + group * k, np.arange(k) + 2 * k
        added = np.diag(covariance)[own] + np.diag(covariance)[other]
        np.testing.assert_allclose(gap.std_errors[group * k :][:k] ** 2, added, rtol=1e-12)


def test_the_thin_group_has_the_degrees_of_freedom(wave):
    """A mean of few beside one of many is known as well as that of the few, by Satterthwaite."""
    means = cj.marginal_means(wave, by="sort").with_interval("wald")
    gap = cj.differences(means, "c").select(group="a − c")
    a, c = (means.select(group=group).std_errors ** 2 for group in "ac")
    np.testing.assert_allclose(gap.degrees, (a + c) ** 2 / (a**2 / 24 + c**2 / 2449), rtol=1e-9)
    double = gap.contrast(2 * np.eye(len(gap)), gap.labels)
    np.testing.assert_allclose(double.degrees, gap.degrees, rtol=1e-12)
    np.testing.assert_allclose(double.std_errors, 2 * gap.std_errors, rtol=1e-12)


def test_weights_moved_far_leave_fewer_degrees_of_freedom():
    """Those of the group's own weights; of a difference, by Welch or the least of who shares people."""
    rng = np.random.default_rng(3)
    n = 400
    frame = pd.DataFrame({"id": np.arange(n), "price": rng.choice(["high", "low"], n)})
    frame["sex"], frame["age"] = rng.choice(["f", "m"], n), rng.choice(["a", "b", "c", "d"], n)
    frame["bought"] = rng.normal(size=n)
    wave = cj.Wave.from_frame(
        frame, respondent="id", outcome="bought", attributes=["price"], segments=["sex", "age"]
    )
    sex, age = {"f": 0.3, "m": 0.7}, {"a": 0.05, "b": 0.05, "c": 0.1, "d": 0.8}
    one, two = cj.rake(wave, {"age": age}), cj.rake(wave, {"age": age, "sex": sex})
    means = cj.marginal_means(one, by="sex")
    assert (means.degrees == means.design - 1).all()
    assert (cj.marginal_means(two.at_start()).degrees == n - 1).all()
    means = cj.stack([cj.marginal_means(two, by="sex"), cj.marginal_means(two)])
    place = means.labels["group"].to_numpy()
    for group, members in (("f", frame["sex"] == "f"), ("Total", frame["sex"] != "")):
        squares = two.weights[members] ** 2
        expected = squares.sum() ** 2 / (squares**2).sum() - 1
        np.testing.assert_allclose(means.degrees[place == group], expected)
        assert expected < 0.6 * members.sum()
    apart = cj.differences(means, "f").select(group="m − f")
    f, m = (means.select(group=group) for group in "fm")
    total = f.std_errors**2 + m.std_errors**2
    expected = total**2 / (f.std_errors**4 / f.degrees + m.std_errors**4 / m.degrees)
    np.testing.assert_allclose(apart.degrees, expected)
    shared = cj.differences(means, "Total").select(group="f − Total")
    least = min((means.degrees / (means.design - 1.0))[place != "m"])
    np.testing.assert_allclose(shared.degrees, (n - 1) * least)


def test_groups_that_share_people_are_one_design(wave):
    both = cj.stack([cj.marginal_means(wave, by="sort"), cj.marginal_means(wave)])
    gap = cj.differences(both, "Total").select(group="a − Total")
    place = both.labels["group"].to_numpy()
    psi = both.influence[:, place == "a"] - both.influence[:, place == "Total"]
    np.testing.assert_allclose(gap.std_errors**2, (psi**2).sum(axis=0) * 2500 / 2499, rtol=1e-12)
    assert (gap.design == 2500).all()


def test_one_design_takes_all_groups_together(wave):
    means = cj.marginal_means(wave, by="sort")
    gap = cj.differences(means, "b", one_design=True).select(group="a − b")
    place = means.labels["group"].to_numpy()
    psi = means.influence[:, place == "a"] - means.influence[:, place == "b"]
    np.testing.assert_allclose(gap.std_errors**2, (psi**2).sum(axis=0) * 2500 / 2499, rtol=1e-12)
