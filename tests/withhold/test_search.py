"""In what detail a share may be shown, held against all solutions in whole numbers."""

from itertools import product

import numpy as np
import pytest

from conjoint.withhold.detail import COARSE, detail_shown, feasible_counts
from conjoint.withhold.exchange import is_open
from conjoint.withhold.outward import rounded


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


def exchange(sizes, given, columns, few, weights=None, coarse=False):
    """Whether a small group's answers stay open: kinds of people by size, how many said yes, and where they stand."""
    kind = np.repeat(np.arange(len(sizes)), sizes)
    yes = np.concatenate([np.arange(n) < k for n, k in zip(sizes, given, strict=True)])
    members = np.stack([np.isin(kind, own) for own in columns], axis=1)
    answers = np.stack([yes, ~yes], axis=1).astype(float)
    rest = np.ones((len(kind), 1), dtype=bool)
    told = np.full(len(columns), coarse)
    own = np.isin(kind, few)[:, None]
    weight = np.ones(len(kind)) if weights is None else weights[kind]
    return bool(is_open(own, members, told, weight, answers, rest)[0])


EVERYBODY = [0, 1, 2, 3]


def test_two_people_who_stand_in_the_same_columns_may_have_exchanged_their_answers():
    assert exchange([5, 60, 60], [2, 30, 30], [[0, 1, 2]], [0])
    assert not exchange([5, 60, 60], [2, 30, 30], [[0, 1, 2], [1, 2]], [0])


def test_numbers_that_only_a_chain_of_people_can_change_stay_open():
    """Nobody else stands where the few stand; two columns overlap, so that three people change together."""
    columns = [EVERYBODY, [0, 1], [0, 2]]
    assert exchange([4, 60, 60, 60], [2, 20, 20, 20], columns, [0])
    assert not exchange([4, 60, 60, 60], [2, 20, 20, 20], [*columns, [1, 2]], [0])


def test_an_answer_that_everybody_gave_is_told_by_the_column_and_by_no_other():
    assert exchange([5, 60], [5, 60], [[0, 1], [1]], [0])
    assert not exchange([5, 60], [5, 59], [[0, 1], [1]], [0])


@pytest.mark.parametrize("seed", range(4))
def test_of_people_all_different_fractions_decide(seed):
    """The same as by whole numbers, where people are enough; of one answer, and of any of three."""
    rng = np.random.default_rng(seed)
    n = 240
    members = np.column_stack([np.ones(n, bool), rng.random((n, 4)) < 0.5])
    members[:4, 1:] = [True, False, True, False]
    one = np.eye(3)[rng.choice(3, n, p=[0.5, 0.3, 0.2])]
    any_of = (rng.random((n, 3)) < 0.5).astype(float)
    weights, rest = rng.uniform(0.5, 2.0, n), np.ones((n, 1), dtype=bool)
    few = (np.arange(n) < 4)[:, None]
    alone = np.column_stack([members, ~few])  # all but the few: they are told
    for answers in (one, any_of):
        assert is_open(few, members, np.zeros(5, bool), weights, answers, rest).all()
        assert not is_open(few, alone, np.zeros(6, bool), weights, answers, rest).any()


@pytest.mark.parametrize("seed", range(8))
def test_what_is_held_open_is_so_by_trying_all_numbers(seed):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 6, 5)
    given = np.array([rng.integers(0, size + 1) for size in sizes])
    columns = [[0, 1, 2, 3, 4], *(np.flatnonzero(rng.random(5) < 0.5) for _ in range(3))]
    inside = np.array([np.isin(np.arange(5), own) for own in columns])
    all_numbers = np.array(list(product(*(range(size + 1) for size in sizes))))
    weights = np.ones(5) if seed % 2 else rng.choice([0.5, 0.7, 1.2], 5)
    n, base, heavy = inside @ given, inside @ sizes, np.maximum(inside @ (weights * sizes), 1e-9)
    share = rounded((all_numbers * weights) @ inside.T / heavy)
    fits = (all_numbers @ inside.T == n) & (share == rounded(inside @ (weights * given) / heavy))
    same = all_numbers[fits.all(axis=1)]
    for few in range(5):
        told = inside[((n == 0) | (n == base))].any(axis=0)[few] or given.sum() in (0, sizes.sum())
        truly = told or len(np.unique(same[:, few])) > 1
        assert exchange(sizes, given, columns, [few], weights) == truly, few
