"""Known truth is recovered: without bias, and by intervals that cover."""

import os

import numpy as np
import pytest
from coverage import PACKAGE, estimate_some, measure
from preferences import averaged_marginal_means, true_support

SUPPORT = [
    f"{what}: {kind}"
    for what in (
        "support, two attributes",
        "support, whole package",
        "support by group",
        "support, stated partners",
        "head to head",
    )
    for kind in ("additive", "interacting")
]


def test_a_hundred_draws_recover_the_truth():
    """A mean of 100 draws is off by 0.1 standard deviations; 95 of 100, give or take 6 or so."""
    found, _ = measure(100, estimate=estimate_some)
    for kind in ("additive", "interacting"):
        own = found[f"support, two attributes: {kind}"]
        assert (own["covered"] >= 0.88).all()
        assert np.abs(own["relative"]).max() < 0.35
        assert own["ratio"] == pytest.approx(np.ones(1), abs=0.25)
    # What averaging marginal means gives is another number, whatever the sample.
    averaged = found["average of marginal means: additive"]
    wrong = averaged_marginal_means("additive", PACKAGE) - true_support("additive", PACKAGE)
    assert wrong < -0.04
    assert averaged["bias"] == pytest.approx([wrong], abs=0.005)
    assert averaged["relative"].max() < -2


@pytest.mark.slow
def test_two_thousand_draws_recover_the_truth():
    found, tests = measure(2000, workers=os.cpu_count() or 1)
    for name in SUPPORT:
        own = found[name]
        assert ((own["covered"] >= 0.935) & (own["covered"] <= 0.965)).all(), (name, own)
        assert np.abs(own["relative"]).max() < 0.1, (name, own)
    assert 0.035 <= tests["additivity: additive"] <= 0.065
    assert tests["additivity: interacting"] > 0.5
    assert found["average of marginal means: additive"]["covered"][0] < 0.1
    assert abs(found["support, additive model: interacting"]["relative"][0]) > 1
