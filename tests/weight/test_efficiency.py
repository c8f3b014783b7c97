"""What weighting did, and what it costs."""

import numpy as np
import pytest

import conjoint as cj


def test_equal_weights_cost_nothing():
    found = cj.efficiency(np.full(8, 3.0))
    assert (found.n, found.effective, found.efficiency, found.design_effect) == (8, 8.0, 1.0, 1.0)
    assert (found.smallest, found.largest) == (1.0, 1.0)


def test_efficiency_by_hand():
    found = cj.efficiency(np.array([1.0, 1.0, 2.0, 4.0]))
    assert found.effective == pytest.approx(8**2 / 22)
    assert found.efficiency == pytest.approx(64 / 22 / 4)
    assert found.design_effect == pytest.approx(4 * 22 / 64)
    assert (found.smallest, found.largest) == (0.5, 2.0)


def test_the_table_holds_target_sample_and_result_side_by_side(small_wave):
    table = cj.weighting_table(cj.rake(small_wave))
    women = (small_wave.respondents["sex"] == "Female").mean()
    assert table[["margin", "category"]].to_numpy().tolist() == [
        ["sex", "Female"],
        ["sex", "Male"],
        ["age", "young"],
        ["age", "old"],
    ]
    assert table["unweighted"].iloc[0] == pytest.approx(women)
    assert table["n"].iloc[0] == round(60 * women)
    np.testing.assert_allclose(table["weighted"], table["target"], atol=1e-9)


def test_a_wave_that_was_not_raked_has_an_empty_table(small_wave):
    table = cj.weighting_table(small_wave)
    assert len(table) == 0
    assert list(table) == [
        "margin",
        "category",
        "target",
        "unweighted",
        "weighted",
        "n",
        "source",
        "unit",
    ]
