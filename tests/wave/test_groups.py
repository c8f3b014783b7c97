"""What `by` can ask for."""

import numpy as np
import pytest

from conjoint.errors import EstimationError, RequestError
from conjoint.read import read_wave


def members(wave, by):
    return {group.key: int(group.respondents.sum()) for group in wave.groups(by)}


def test_without_by_there_is_the_total(small_wave):
    (group,) = small_wave.groups()
    assert group.key == "Total"
    assert group.respondents.all()
    assert group.profiles.all()


def test_segments_may_overlap(small_wave):
    left, warm = small_wave.groups("segments")
    people = small_wave.respondents
    assert (left.key, warm.key) == ("left", "warm")
    assert left.respondents.tolist() == (people["party"] == "Left").tolist()
    assert warm.respondents.tolist() == (people["warmth"] >= 5).tolist()
    assert (left.respondents & warm.respondents).any()


def test_profiles_of_a_group_are_those_of_its_members(small_wave):
    left, _ = small_wave.groups("segments")
    owner = small_wave.respondent_index[left.profiles]
    assert left.respondents[owner].all()
    assert left.profiles.sum() == 6 * left.respondents.sum()


def test_one_segment_or_a_list_of_them(small_wave):
    assert list(members(small_wave, "warm")) == ["warm"]
    assert list(members(small_wave, ["warm", "left"])) == ["warm", "left"]


def test_a_respondent_column_gives_its_values_in_order(small_wave):
    people = small_wave.respondents
    assert members(small_wave, "party") == {
        key: int((people["party"] == key).sum()) for key in ("Left", "Right", "None")
    }
    assert list(members(small_wave, "sex")) == ["Female", "Male"]


def test_people_without_an_answer_are_in_no_group(small_wave):
    missing = int(small_wave.respondents["warmth"].isna().sum())
    assert missing > 0
    assert sum(members(small_wave, "warmth").values()) == 60 - missing


def test_an_attribute_splits_profiles_not_people(small_wave):
    red, green = small_wave.groups("colour")
    assert (red.profiles ^ green.profiles).all()
    assert (red.respondents & green.respondents).any()
    seen = np.unique(small_wave.respondent_index[red.profiles])
    assert np.flatnonzero(red.respondents).tolist() == seen.tolist()


def test_tasks_and_profiles_split_profiles(small_wave):
    assert list(members(small_wave, "task")) == ["1", "2", "3"]
    assert [int(g.profiles.sum()) for g in small_wave.groups("profile")] == [180, 180]


def test_anything_else_is_refused_with_what_there_is(small_wave):
    with pytest.raises(RequestError, match='by: there is no "region"') as caught:
        small_wave.groups("region")
    assert "segments, left, warm, sex, age, party, warmth, price" in str(caught.value)


def test_unknown_segments_of_a_list_are_all_named(small_wave):
    with pytest.raises(RequestError) as caught:
        small_wave.groups(["left", "centre", "up"])
    assert [f.what for f in caught.value.faults] == [
        'there is no segment "centre"',
        'there is no segment "up"',
    ]


def test_a_segment_of_nobody_cannot_be_estimated(folder):
    folder.toml += '\n[segments.nobody]\nwhere = { sex = "Unknown" }\n'
    wave = read_wave(folder.write())
    with pytest.raises(EstimationError, match=r"segments\.nobody: nobody is in it"):
        wave.groups("segments")
