"""How figures are said."""

import pytest

from conjoint.say.measure import RATED, SHARE


@pytest.mark.parametrize(
    ("difference", "low", "high", "said"),
    [
        (0.142, 0.105, 0.18, "14 points (10 to 18)"),
        (-0.142, -0.18, -0.105, "14 points (10 to 18)"),
        (0.03, -0.02, 0.08, "3 points (−2 to 8)"),
        (0.01, 0.002, 0.018, "1 point (0 to 2)"),
        (-0.01, -0.03, 0.01, "1 point (−1 to 3)"),
    ],
)
def test_a_difference_is_a_size_with_its_interval(difference, low, high, said):
    assert SHARE.gap(difference, low, high) == said


def test_a_rating_is_said_in_its_own_units():
    assert RATED.mean(6.123) == "rated 6.1 on average"
    assert RATED.gap(-1.04, -1.5, -0.6, 80) == "1.0 (0.6 to 1.5; base 80)"
    assert RATED.axis([4, 5.5]) == ["4.0", "5.5"]
    assert RATED.change(0.31) == "+0.3"


def test_no_figure_is_minus_zero():
    assert SHARE.say(-0.001) == "0%"
    assert SHARE.change(-0.001) == "0"
    assert SHARE.change(-0.02) == "−2"
