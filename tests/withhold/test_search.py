"""In what detail a share may be shown, held against all solutions in whole numbers."""

from itertools import product

import numpy as np
import pytest

from conjoint.withhold.search import COARSE, detail_shown, feasible_counts


def column(sizes, values, given):
    """Everybody's weight, and who gave the answer."""
    weights = np.repeat(values, sizes)
    who = np.concatenate(
        [np.arange(size) < yes for size, yes in zip(sizes, given, strict=True)]
    ).astype(float)
    return weights, np.stack([who, 1 - who], axis=1)


def test_equal_weights_and_large_kinds_need_no_search():
    weights, answers = column([60], [1.0], [20])
    assert detail_shown(weights, answers, 50) == "full"
    weights, answers = column([60, 70], [0.7, 1.3], [20, 30])
    assert detail_shown(weights, answers, 50) == "full"


def test_many_different_weights_are_ambiguous():
    rng = np.random.default_rng(1)
    weights, answers = rng.uniform(0.4, 2.5, 80), np.eye(2)[rng.integers(0, 2, 80)]
    assert detail_shown(weights, answers, 50) == "full"


def test_six_kinds_of_a_few_people_are_whole_percentages():
    values = [0.66, 1.07, 1.27, 1.14, 0.76, 1.04]
    weights, answers = column([6, 8, 9, 10, 11, 13], values, [3, 4, 4, 5, 5, 6])
    assert detail_shown(weights, answers, 50) == "coarse"


def test_what_a_whole_percentage_tells_is_not_shown():
    """One of three heavy people gave a rare answer: no number of the others weighs as much."""
    weights, answers = column([57, 3], [0.96, 3.3], [0, 1])
    assert detail_shown(weights, answers, 50) == "none"


@pytest.mark.parametrize("seed", range(6))
def test_numbers_held_possible_are_so_by_trying_all(seed):
    rng = np.random.default_rng(seed)
    n = rng.integers(2, 8, 4)
    values, given = rng.uniform(0.4, 2.5, 4), np.array([rng.integers(0, size + 1) for size in n])
    all_numbers = np.array(list(product(*(range(size + 1) for size in n))))
    near = np.abs(all_numbers @ values - given @ values) <= COARSE * (values @ n)
    for kind in range(4):
        held = np.flatnonzero(feasible_counts(values, n, given, kind))
        assert set(held) <= set(all_numbers[near, kind])
        assert given[kind] in held
