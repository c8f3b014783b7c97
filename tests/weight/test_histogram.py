"""Weights in bins: everybody counted once, nobody to be told from them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjoint.weight.histogram import weight_histogram


@given(st.lists(st.floats(0.01, 50), min_size=5, max_size=300))
def test_every_bin_has_five_people_and_everybody_is_in_one(weights):
    own = np.array(weights)
    table = weight_histogram(own)
    assert table["n_respondents"].min() >= 5
    assert table["n_respondents"].sum() == len(own)
    scaled = own / own.mean()
    assert table["start"].iloc[0] <= scaled.min() + 1e-6
    assert table["end"].iloc[-1] >= scaled.max() - 1e-6
    assert table["start"].tolist()[1:] == table["end"].tolist()[:-1]


def test_bins_count_what_lies_in_them():
    weights = np.repeat([0.5, 1.0, 1.5], [10, 20, 10])
    table = weight_histogram(weights)
    for row in table.to_dict("records"):
        inside = (weights >= row["start"] - 1e-9) & (weights < row["end"] - 1e-9)
        assert row["n_respondents"] == inside.sum()
    assert table["n_respondents"].max() == 20


def test_a_long_tail_is_one_bin():
    weights = np.append(np.repeat([0.8, 1.0, 1.2], 100), [3.0, 9.0])
    table = weight_histogram(weights)
    assert table["n_respondents"].iloc[-1] >= 5
    last = table.iloc[-1]
    assert last["end"] - last["start"] > 5 * last["step"]


def test_who_has_no_weight_is_not_counted():
    weights = np.array([0.0] * 7 + [1.0] * 6)
    assert weight_histogram(weights)["n_respondents"].tolist() == [6]


@pytest.mark.parametrize("count", [1, 4])
def test_fewer_than_five_people_are_one_bin(count):
    table = weight_histogram(np.arange(1.0, count + 1))
    assert table["n_respondents"].tolist() == [count]
