"""Products of influence in pieces are the products."""

import numpy as np
import pytest

from conjoint.estimates.influence import combined, cross_product


@pytest.mark.parametrize("n", [0, 1, 17, 5000])
@pytest.mark.parametrize(("k", "m"), [(1, 1), (3, 7), (90, 60), (200, 150)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_pieces_make_the_whole(n, k, m, order):
    rng = np.random.default_rng(1)
    influence = np.asarray(rng.normal(size=(n, k)), order=order)
    matrix = rng.normal(size=(m, k))
    made = combined(influence, matrix)
    assert made.shape == (n, m)
    np.testing.assert_allclose(made, influence @ matrix.T, rtol=1e-12, atol=1e-12)
    crossed = cross_product(influence)
    np.testing.assert_allclose(crossed, influence.T @ influence, rtol=1e-12, atol=1e-10)
    np.testing.assert_array_equal(crossed, crossed.T)


def test_no_figures_have_no_products():
    assert combined(np.empty((5, 0)), np.empty((0, 0))).shape == (5, 0)
    assert cross_product(np.empty((5, 0))).shape == (0, 0)
