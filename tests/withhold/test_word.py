"""Whether a combination of sums is about few people, held against all sets of people."""

import numpy as np
import pytest

from conjoint.withhold import word
from conjoint.withhold.derive import find_derived, suppressed_columns
from conjoint.withhold.word import light_word


def lightest(columns, size):
    """The fewest people that a combination is about: what is left when all others are in one hyperplane."""
    kinds, rank = len(size), np.linalg.matrix_rank(columns)
    fewest = size.sum()
    for number in range(1, 1 << kinds):
        inside = np.array([number >> place & 1 for place in range(kinds)], dtype=bool)
        if size[inside].sum() < fewest and np.linalg.matrix_rank(columns[~inside]) < rank:
            fewest = size[inside].sum()
    return fewest


@pytest.mark.parametrize("seed", range(10))
def test_the_search_decides_as_trying_all_sets_of_people_does(seed):
    rng = np.random.default_rng(seed)
    kinds = int(rng.integers(6, 10))
    columns = (rng.random((kinds, 5)) < 0.5).astype(float)
    columns[:, 0] = 1
    size = rng.integers(1, 6, kinds).astype(float)
    fewest = lightest(columns, size)
    for limit in range(1, int(size.sum()) + 2):
        about, decided = light_word(columns, size, limit)
        assert decided
        assert (about is not None) == (fewest < limit)
        found, decided = find_derived(columns, size, limit)
        assert decided
        assert bool(found) == (fewest < limit)
        assert all(0 < size[np.abs(vector) > 1e-7].sum() < limit for vector in found)


def test_a_combination_of_many_columns_is_found():
    """Twelve halves of 3,000 people, and one that is their sum modulo two but for seven people."""
    rng = np.random.default_rng(3)
    blocks = rng.random((3000, 12)) < 0.5
    regions = np.eye(12, dtype=bool)[rng.integers(0, 12, 3000)]
    union = regions[:, :6].any(axis=1)
    union[:7] = ~union[:7]
    members = np.column_stack([np.ones(3000, bool), blocks, regions, union])
    small, joined = suppressed_columns(members, [np.arange(13, 25)], 50)
    assert not small.any()
    assert joined.any()
    kept = members[:, ~joined].astype(float)
    assert light_word(kept, np.ones(3000), 50) == (None, True)


def test_what_cannot_be_decided_is_not_shown(monkeypatch):
    """With no steps to take, nothing is proved: columns go until there is nothing left to prove."""
    rng = np.random.default_rng(4)
    members = np.column_stack([np.ones(900, bool), rng.random((900, 4)) < 0.5])
    small, joined = suppressed_columns(members, [], 50)
    assert not (small | joined).any()
    monkeypatch.setattr(word, "MOST_STEPS", 0)
    small, joined = suppressed_columns(members, [], 50)
    assert joined[1:].sum() >= 3


def test_a_poll_s_columns_are_decided_in_few_steps(monkeypatch):
    """Three crossbreaks of 2,400 people: bases that share nobody are enough, at three people each."""
    rng = np.random.default_rng(5)
    kinds = [rng.integers(0, size, 2400) for size in (6, 7, 8)]
    columns = [
        np.ones((2400, 1)),
        *(np.eye(size)[own] for size, own in zip((6, 7, 8), kinds, strict=True)),
    ]
    monkeypatch.setattr(word, "MOST_STEPS", 60)
    assert light_word(np.concatenate(columns, axis=1), np.ones(2400), 150) == (None, True)
