"""How figures of outcomes are written."""

import pytest

from conjoint.say.measure import RATED, SHARE


@pytest.mark.parametrize(
    ("difference", "low", "high", "said"),
    [
        (0.142, 0.105, 0.18, "14 points (11 to 18)"),
        (-0.142, -0.18, -0.105, "14 points (11 to 18)"),
        (0.03, -0.02, 0.08, "3 points (−2 to 8)"),
        (0.01, 0.002, 0.018, "1 point (>0 to 2)"),
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


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.5, 0.56, "50% to 56%"),
        (0.497, 0.56, "50% to 56%"),  # one half is inside
        (0.5031, 0.56, ">50% to 56%"),
        (0.44, 0.49996, "44% to <50%"),
        (0.0021, 0.03, "<0.5% to 3%"),
        (0.96, 0.9971, "96% to >99.5%"),
    ],
)
def test_an_interval_that_excludes_one_half_never_seems_to_touch_it(low, high, text):
    assert SHARE.interval(low, high) == text


def test_a_clear_difference_is_not_printed_as_nought():
    assert SHARE.moved(0.004, 0.001, 0.007, unit=True) == "+0.4 points (>0 to +1)"
    assert SHARE.gap(-0.004, -0.007, -0.001) == "0.4 points (>0 to 1)"
    assert SHARE.gap(0.004, -0.001, 0.009) == "0 points (0 to 1)"


def test_half_a_width_stands_only_where_it_does_not_reach_what_the_interval_excludes():
    assert SHARE.reach(0.56, 0.53, 0.59) == "±3"
    assert SHARE.reach(0.534, 0.504, 0.564) == "(>50 to 56)"
    assert SHARE.change_reach(-0.034, -0.064, -0.004) == "(−6 to <0)"
