"""Nothing changes a wave."""

import dataclasses

import numpy as np
import pytest

from conjoint import marginal_means
from conjoint.errors import DataError, RequestError


def test_changing_the_frames_it_hands_out_does_not_change_it(small_wave):
    before = marginal_means(small_wave).frame
    profiles, respondents = small_wave.profiles, small_wave.respondents
    profiles["choice"] = 0.5
    profiles.loc[:, "support"] = 1.0
    profiles.loc[0, "price"] = "high"
    respondents["party"] = "Left"
    respondents.loc[0, "respondent"] = "somebody else"
    assert marginal_means(small_wave).frame.equals(before)
    assert small_wave.respondents["respondent"].iloc[0] == "r001"
    assert set(small_wave.respondents["party"]) == {"Left", "Right", "None"}


def test_changing_the_frame_it_was_made_of_does_not_change_it(simulated, as_wave):
    frame = simulated(1)
    wave = as_wave(frame)
    before = wave.profiles.copy(deep=True)
    frame["chosen"] = 0.0
    frame.loc[:, "price"] = "high"
    assert wave.profiles.equals(before)


@pytest.mark.parametrize("array", ["weights", "respondent_index"])
def test_its_arrays_are_read_only(small_wave, array):
    with pytest.raises(ValueError, match="read-only"):
        getattr(small_wave, array)[0] = 5


def test_its_codes_are_read_only(small_wave):
    with pytest.raises(ValueError, match="read-only"):
        small_wave.codes("price")[0] = 1


def test_its_parts_cannot_be_set(small_wave):
    with pytest.raises(dataclasses.FrozenInstanceError):
        small_wave.weights = np.ones(60)


def test_other_weights_make_another_wave(small_wave):
    weights = np.arange(1.0, 61.0)
    weighted = small_wave.with_weights(weights)
    weights[0] = 99.0
    assert weighted.weights.tolist() == list(range(1, 61))
    assert small_wave.weights.tolist() == [1.0] * 60


def test_other_weights_are_read_only_too(small_wave):
    with pytest.raises(ValueError, match="read-only"):
        small_wave.with_weights(np.ones(60)).weights[0] = 5


def test_weights_of_another_length_are_refused(small_wave):
    with pytest.raises(DataError, match=r"weights: shape \(3,\) \(expected \(60,\)\)"):
        small_wave.with_weights([1.0, 2.0, 3.0])


def test_a_weight_below_zero_is_refused(small_wave):
    with pytest.raises(DataError, match="weights, respondent 2: the weight -1 cannot be used"):
        small_wave.with_weights([1.0, 1.0, -1.0] + [1.0] * 57)


def test_an_unknown_outcome_is_named(small_wave):
    with pytest.raises(RequestError, match=r'there is no "chioce" \(expected choice, support\)'):
        small_wave.outcome("chioce")


def test_an_unknown_attribute_is_named(small_wave):
    with pytest.raises(RequestError, match=r'there is no "prize" \(expected price, colour, size\)'):
        small_wave.codes("prize")


def test_other_weights_keep_what_weights_have_nothing_to_do_with(small_wave):
    index, members = small_wave.respondent_index, small_wave.segment("left")
    before = small_wave.weight_of_profiles.copy()
    other = small_wave.with_weights(np.arange(1.0, 61))
    assert other.respondent_index is index
    assert other.segment("left") is members
    assert other.weight_of_profiles.tolist() == (index + 1.0).tolist()
    assert (small_wave.weight_of_profiles == before).all()
