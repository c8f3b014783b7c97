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
