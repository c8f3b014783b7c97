"""Allowing for many tests."""

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.errors import RequestError
from conjoint.estimates import adjust, omnibus


def test_holm_by_hand():
    frame = pd.DataFrame({"outcome": "a", "group": "g", "p_value": [0.01, 0.04, 0.03, np.nan]})
    adjusted = adjust(frame)["p_adjusted"]
    assert adjusted.iloc[:3].to_list() == pytest.approx([0.03, 0.06, 0.06])
    assert np.isnan(adjusted.iloc[3])


def test_benjamini_hochberg_by_hand():
    frame = pd.DataFrame({"p_value": [0.01, 0.02, 0.03, 0.5]})
    adjusted = adjust(frame, "benjamini-hochberg")["p_adjusted"]
    assert adjusted.to_list() == pytest.approx([0.04, 0.04, 0.04, 0.5])


def test_families_are_kept_apart(small_wave):
    effects = cj.amce(small_wave, by="segments")
    frame = adjust(effects)
    assert list(frame.columns[:-1]) == list(effects.frame.columns)
    for _, own in frame.groupby(["outcome", "group"]):
        known = own.dropna(subset="p_value")
        smallest = known["p_value"].min()
        assert known["p_adjusted"].min() == pytest.approx(min(1, smallest * len(known)))
    one = adjust(effects, family=())
    assert (one["p_adjusted"].dropna() >= frame["p_adjusted"].dropna() - 1e-12).all()


def test_joint_tests_can_be_adjusted_too(small_wave):
    table = adjust(omnibus(cj.marginal_means(small_wave, by="party")))
    assert (table["p_adjusted"] >= table["p_value"]).all()


def test_an_unknown_method_is_named(small_wave):
    with pytest.raises(RequestError, match=r'no "bonferoni" .*holm, benjamini-hochberg'):
        adjust(cj.amce(small_wave), "bonferoni")
