"""What has to be true of a wave, and how each breach is named."""

import numpy as np
import pandas as pd
import pytest

from conjoint import Wave, reliability
from conjoint.errors import DataError

GIVEN = {
    "respondent": "id",
    "outcome": "chosen",
    "attributes": ["price", "colour"],
    "task": "task",
    "profile": "profile",
}


def refusal(frame, **given):
    with pytest.raises(DataError) as caught:
        Wave.from_frame(frame, **(GIVEN | given))
    return [str(fault) for fault in caught.value.faults]


def test_a_frame_becomes_respondents_and_profiles(pair_frame):
    wave = Wave.from_frame(pair_frame, **GIVEN, weight="weight", segments=["party"])
    assert wave.respondents.to_dict("list") == {
        "respondent": ["a", "b"],
        "party": ["Left", "Right"],
    }
    assert list(wave.profiles) == ["respondent", "task", "profile", "price", "colour", "chosen"]
    assert wave.weights.tolist() == [2.0, 0.5]
    assert wave.respondent_index.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert wave.describe() == {
        "respondents": 2,
        "profiles": 8,
        "tasks": 2,
        "repeated_task": False,
        "judged": {"chosen": {"profiles": 8, "respondents": 2, "tasks": [2, 2]}},
    }


def test_the_order_of_categories_is_the_order_of_levels(pair_frame):
    pair_frame["price"] = pd.Categorical(pair_frame["price"], ["low", "high"])
    wave = Wave.from_frame(pair_frame, **GIVEN)
    assert wave.survey.attributes["price"].values == ("low", "high")
    assert wave.codes("price").tolist() == [0, 1, 1, 0, 1, 0, 0, 1]


def test_levels_of_other_columns_are_sorted(pair_frame):
    pair_frame["price"] = pair_frame["price"].map({"low": 10, "high": 9})
    wave = Wave.from_frame(pair_frame, **GIVEN)
    assert wave.survey.attributes["price"].values == ("9", "10")


@pytest.mark.parametrize("word", ["None", "NA", "N/A", "nan"])
def test_a_level_that_reads_like_nothing_survives(pair_frame, word):
    pair_frame["price"] = pair_frame["price"].replace("low", word)
    wave = Wave.from_frame(pair_frame, **GIVEN)
    assert set(wave.survey.attributes["price"].values) == {word, "high"}
    assert (wave.profiles["price"] == word).sum() == 4


def test_a_forced_choice_is_recognised(pair_frame):
    assert Wave.from_frame(pair_frame, **GIVEN).survey.outcomes["chosen"].kind == "choice"


def test_judgements_of_each_profile_are_support(pair_frame):
    pair_frame.loc[1, "chosen"] = 1
    assert Wave.from_frame(pair_frame, **GIVEN).survey.outcomes["chosen"].kind == "support"


def test_numbers_beyond_zero_and_one_are_a_rating(pair_frame):
    pair_frame["chosen"] = range(8)
    outcome = Wave.from_frame(pair_frame, **GIVEN).survey.outcomes["chosen"]
    assert (outcome.kind, outcome.min, outcome.max) == ("rating", 0.0, 7.0)


def test_booleans_are_ones_and_zeros(pair_frame):
    pair_frame["chosen"] = pair_frame["chosen"].astype(bool)
    assert Wave.from_frame(pair_frame, **GIVEN).outcome("chosen").tolist()[:2] == [1.0, 0.0]


def test_missing_outcomes_stay_missing(pair_frame):
    pair_frame["chosen"] = pair_frame["chosen"].astype(float)
    pair_frame.loc[[0, 1], "chosen"] = np.nan
    assert np.isnan(Wave.from_frame(pair_frame, **GIVEN).outcome("chosen")).sum() == 2


def test_without_task_and_profile_the_rows_are_counted(pair_frame):
    wave = Wave.from_frame(pair_frame, **(GIVEN | {"task": None, "profile": None}))
    assert wave.profiles["profile"].tolist() == ["1", "2", "3", "4"] * 2


def test_it_shows_what_it_is(pair_frame):
    shown = repr(Wave.from_frame(pair_frame, **GIVEN, title="Two people")).splitlines()
    assert (
        shown[0] == '<Wave "Two people": 2 respondents, 8 profiles, 2 attributes, outcome chosen>'
    )
    assert shown[1].split() == ["attribute", "levels"]
    assert len(shown) == 4


# --- Breaches ---------------------------------------------------------------------------------


def test_missing_columns_are_all_named(pair_frame):
    faults = refusal(pair_frame.drop(columns=["id", "colour"]))
    assert [f.split(" (")[0] for f in faults] == [
        'frame: there is no column "id"',
        'frame: there is no column "colour"',
    ]


def test_a_missing_level_is_named_by_the_index_label(pair_frame):
    frame = pair_frame.set_index(pd.Index([f"row{i}" for i in range(8)]))
    frame.loc["row3", "colour"] = None
    assert refusal(frame) == [
        'frame, row row3, colour: no level of "colour" (expected green, red). '
        "Fill the cell in, or leave the whole task out; where the design does not always show the "
        'attribute, declare it: attributes.colour.presence = "some" (in Wave.from_frame, '
        'presence={"colour": "some"}).'
    ]


def test_many_rows_alike_are_counted(pair_frame):
    pair_frame.loc[1:6, "colour"] = None
    pair_frame.loc[7, "colour"] = "green"
    (fault,) = refusal(pair_frame)
    start = 'frame, row 1, colour: no level of "colour", in 6 places: also row 2, row 3, row 4, row 5 and 1 more ('
    assert fault.startswith(start)


def test_rows_that_lack_the_same_are_one_fault(pair_frame):
    pair_frame["taste"] = ["sweet", *["sour"] * 7]
    pair_frame.loc[1:5, ["colour", "taste"]] = None
    pair_frame.loc[3, "taste"] = "sour"
    faults = refusal(pair_frame, attributes=["price", "colour", "taste"])
    assert [fault.split(" (")[0] for fault in faults] == [
        'frame, row 1, colour: no level of "colour", "taste", in 4 places: also row 2, row 4, row 5',
        'frame, row 3, colour: no level of "colour"',
    ]


def test_faults_that_differ_are_counted_after_the_first_five(pair_frame):
    frame = pair_frame.assign(weight=[-1.0, -1, -2, -2, -3, -3, -4, -4])
    frame["id"] = [1, 1, 2, 2, 3, 3, 4, 4]
    assert len(refusal(frame, weight="weight")) == 4


def test_a_profile_twice_is_named(pair_frame):
    pair_frame.loc[1, "profile"] = "A"
    (fault,) = refusal(pair_frame.assign(own=range(8)), outcome="own")
    assert fault.startswith(
        "frame, row 1, profile: the same respondent, task and profile stand again"
    )


def test_a_forbidden_pair_is_named(pair_frame):
    (fault,) = refusal(pair_frame, restrictions=[{"price": ["low"], "colour": ["green"]}])
    assert fault.startswith("frame, row 3, price: ")
    assert '"low" (price) meets "green" (colour), in 2 places: also row 6' in fault


def test_a_restriction_of_unknown_levels_is_named(pair_frame):
    (fault,) = refusal(pair_frame, restrictions=[{"price": ["lowest"], "colour": ["red"]}])
    assert fault.startswith('restrictions[0]: "lowest" is not a level of "price"')


def test_a_restriction_of_one_attribute_is_named(pair_frame):
    assert refusal(pair_frame, restrictions=[{"price": ["low"]}]) == [
        "restrictions[0]: does not name two attributes."
    ]


def test_a_row_without_respondent_is_named(pair_frame):
    pair_frame.loc[2, "id"] = None
    (fault,) = refusal(pair_frame)
    assert fault.startswith("frame, row 2, id: has no respondent id")


def test_a_row_without_task_is_named_by_its_column(pair_frame):
    pair_frame.loc[2, "task"] = None
    frame = pair_frame.rename(columns={"task": "contest"})
    (fault,) = refusal(frame, task="contest")
    assert fault.startswith("frame, row 2, contest: has no task")


def test_an_infinite_outcome_is_named(pair_frame):
    pair_frame["chosen"] = pair_frame["chosen"].astype(float)
    pair_frame.loc[5, "chosen"] = np.inf
    (fault,) = refusal(pair_frame)
    assert fault.startswith('frame, row 5, chosen: "chosen" is infinite')


def test_an_outcome_in_words_is_named(pair_frame):
    pair_frame["chosen"] = pair_frame["chosen"].astype(object)
    pair_frame.loc[5, "chosen"] = "yes"
    (fault,) = refusal(pair_frame)
    assert fault == 'frame, row 5, chosen: "yes" is not a number (expected a number).'


@pytest.mark.parametrize(
    ("weight", "what"),
    [
        (-1.0, "the weight -1 cannot be used"),
        (np.inf, "the weight inf cannot be used"),
        (np.nan, "the weight nan cannot be used"),
    ],
)
def test_a_weight_that_cannot_be_used_is_named(pair_frame, weight, what):
    pair_frame.loc[pair_frame["id"] == "b", "weight"] = weight
    (fault,) = refusal(pair_frame, weight="weight")
    assert fault.startswith(f"frame, row 4, weight: {what}")


def test_weights_of_zero_alone_are_refused(pair_frame):
    pair_frame["weight"] = 0.0
    (fault,) = refusal(pair_frame, weight="weight")
    assert "all weights are zero" in fault


@pytest.mark.parametrize("given", [{"weight": "weight"}, {"segments": ["weight"]}])
def test_what_belongs_to_a_respondent_may_not_vary_within_one(pair_frame, given):
    pair_frame.loc[3, "weight"] = 9.0
    (fault,) = refusal(pair_frame, **given)
    assert fault.startswith(
        "frame, row 3, weight: weight differs from the respondent's earlier rows"
    )


def test_breaches_are_named_together(pair_frame):
    pair_frame.loc[3, "colour"] = None
    pair_frame.loc[pair_frame["id"] == "b", "weight"] = -1.0
    assert len(refusal(pair_frame, weight="weight")) == 2


# A declared forced choice is read from a survey folder: see tests/read.


@pytest.mark.parametrize(
    ("answers", "what"),
    [
        ([1, 1], "more than one of the task's profiles is chosen"),
        ([0, 0], "none of the task's profiles is chosen"),
        ([1, np.nan], "some profiles of the task have an answer, some none"),
    ],
)
def test_a_forced_choice_has_exactly_one_chosen(pair_frame, answers, what):
    wave = Wave.from_frame(pair_frame, **GIVEN)
    profiles = wave.profiles
    profiles.loc[[4, 5], "chosen"] = answers
    with pytest.raises(DataError) as caught:
        Wave.build(wave.survey, wave.respondents, profiles)
    assert [(f.where, f.what) for f in caught.value.faults] == [("profiles, row 4, chosen", what)]


def test_profiles_of_strangers_are_named(pair_frame):
    wave = Wave.from_frame(pair_frame, **GIVEN)
    with pytest.raises(DataError, match="1 respondents are not among the respondents"):
        Wave.build(wave.survey, wave.respondents.iloc[:1], wave.profiles)


def test_a_wave_without_profiles_is_refused(pair_frame):
    wave = Wave.from_frame(pair_frame, **GIVEN)
    with pytest.raises(DataError, match="profiles: there are none"):
        Wave.build(wave.survey, wave.respondents, wave.profiles.iloc[:0])


def test_a_respondent_who_stands_twice_is_named_once(pair_frame):
    wave = Wave.from_frame(pair_frame, **GIVEN)
    people = pd.concat([wave.respondents, wave.respondents.iloc[:1]])
    profiles = pd.concat([wave.profiles, wave.profiles.iloc[:4]])
    with pytest.raises(DataError) as caught:
        Wave.build(wave.survey, people, profiles)
    (fault,) = caught.value.faults
    assert fault.where == "respondents, row 2, respondent"
    assert fault.what == "the id of another respondent stands again (first at row 0, respondent)"


def test_tasks_and_profiles_stand_in_the_order_of_their_numbers():
    frame = pd.DataFrame(
        {
            "id": ["a"] * 4,
            "task": [10, 9, 2, "extra"],
            "price": ["low", "high", "low", "high"],
            "bought": [1, 0, 1, 0],
        }
    )
    wave = Wave.from_frame(
        frame, respondent="id", outcome="bought", attributes=["price"], task="task"
    )
    assert list(wave.profiles["task"].cat.categories) == ["2", "9", "10", "extra"]
    assert wave.profiles["task"].tolist() == ["10", "9", "2", "extra"]
    assert [group.key for group in wave.groups("task")] == ["2", "9", "10", "extra"]
    assert wave.profiles["profile"].tolist() == ["1"] * 4


def test_what_a_respondent_was_shown_is_counted(as_wave, simulated):
    frame = simulated(3, n=12)
    wave = as_wave(frame)
    shown = wave.shown("size")
    table = pd.crosstab(frame["size"], frame["id"])
    assert shown.tolist() == table.to_numpy().tolist()
    assert np.shares_memory(shown, wave.shown("size"))
    with pytest.raises(ValueError, match="read-only"):
        shown[0] = 1


def choices(sizes):
    """Each person's tasks of so many profiles, the first chosen; tasks and profiles count on over people."""
    rows, number = [], 0
    for person, tasks in enumerate(sizes):
        for size in tasks:
            number += 1
            rows += [
                {
                    "id": person,
                    "task": number,
                    "price": ["low", "high"][(place + number) % 2],
                    "chosen": float(place == 0),
                    "rating": float(place + number % 3),
                }
                for place in range(size)
            ]
    frame = pd.DataFrame(rows)
    return frame.assign(profile=range(len(frame)))


@pytest.mark.parametrize(
    ("sizes", "even"),
    [
        ([[2, 2], [2]], 1 / 2),
        ([[3, 3], [3, 3]], 1 / 3),
        ([[4, 4, 4], [4]], 1 / 4),
        ([[4, 3], [4, 4]], None),
        ([[2, 2], [5, 5]], None),
    ],
)
def test_an_even_choice_is_one_over_the_profiles_that_tasks_show(sizes, even):
    """However tasks and profiles are called: here no two people have a task's name in common."""
    given = {"respondent": "id", "attributes": ["price"], "task": "task", "profile": "profile"}
    wave = Wave.from_frame(choices(sizes), outcome=["chosen", "rating"], **given)
    assert wave.survey.even_choice("chosen") == even
    assert wave.survey.even_choice("rating") is None


def test_tasks_that_nobody_answered_set_no_even_choice():
    frame = choices([[2, 2], [2, 3]])
    frame.loc[frame["task"] == 4, "chosen"] = np.nan
    wave = Wave.from_frame(
        frame,
        respondent="id",
        outcome="chosen",
        attributes=["price"],
        task="task",
        profile="profile",
    )
    assert wave.survey.even_choice("chosen") == 1 / 2


def test_what_was_judged_is_counted_by_outcome():
    frame = choices([[2, 2, 2], [2, 2], [2]])
    frame.loc[frame["id"] == 2, "chosen"] = np.nan
    frame.loc[frame["task"] == 1, "rating"] = np.nan
    wave = Wave.from_frame(
        frame, respondent="id", outcome=["chosen", "rating"], attributes=["price"], task="task"
    )
    counts = wave.describe()
    assert (counts["respondents"], counts["profiles"], counts["tasks"]) == (3, 12, 3)
    assert counts["judged"] == {
        "chosen": {"profiles": 10, "respondents": 2, "tasks": [2, 3]},
        "rating": {"profiles": 10, "respondents": 3, "tasks": [1, 2]},
    }


def test_an_outcome_that_nobody_answered_was_judged_by_nobody(pair_frame):
    frame = pair_frame.assign(later=np.nan)
    frame.loc[0, "later"] = 1.0
    wave = Wave.from_frame(frame, **(GIVEN | {"outcome": ["chosen", "later"]}))
    judged = wave.describe()["judged"]["later"]
    assert judged == {"profiles": 1, "respondents": 1, "tasks": [1, 1]}


# --- What a bare frame cannot mean ----------------------------------------------------------------


@pytest.fixture(scope="module")
def frame():
    """Forty people, five tasks of two profiles each, one chosen in each."""
    rng = np.random.default_rng(5)
    ids = np.repeat(np.arange(40), 10)
    left = rng.integers(0, 2, 200)
    return pd.DataFrame(
        {
            "id": ids,
            "task": np.tile(np.repeat(np.arange(1, 6), 2), 40),
            "profile": np.tile(["A", "B"], 200),
            "price": rng.choice(["low", "mid", "high"], 400),
            "colour": rng.choice(["green", "red", "blue"], 400),
            "size": rng.integers(1, 30, 400),
            "chosen": np.column_stack([left, 1 - left]).ravel().astype(float),
            "party": np.array(["Left", "Right"])[ids % 2],
        }
    )


def slips(frame):
    """By name, a slip in the frame, or in what it is named for, and what the fault says of it."""
    renamed = frame.rename(columns={"colour": "task", "task": "round"})
    coded = frame.assign(chosen=frame["chosen"] + 1)
    return {
        "a reserved name": (renamed, {"attributes": ["price", "task"], "task": "round"},
                            'attributes: "task" is taken'),
        "a number for a name": (frame.rename(columns={"chosen": 5}), {"outcome": 5},
                                "outcome: 5 cannot be a name"),
        "no name": (frame.rename(columns={"price": ""}), {"attributes": ["", "colour"]},
                    "attributes: '' cannot be a name"),
        "two parts": (frame, {"attributes": ["price", "chosen"]}, 'which is outcome, too'),
        "codes 1 and 2": (coded, {}, 'column "chosen": its answers are 1 and 2'),
        "a code among choices": (frame.assign(chosen=frame["chosen"].where(frame.index > 3, -99)), {},
                                 '-99 (4 rows) looks like a code for no answer'),
        "a code among ratings": (
            frame.assign(chosen=(frame.index % 7 + 1.0).where(frame.index > 3, 99)), {},
            "99 (4 rows) looks like a code for no answer"),
        "a code among levels": (frame.assign(price=frame["price"].where(frame.index > 3, "-99")), {},
                                '"-99" looks like a code for no answer'),
        "look-alike levels": (frame.assign(price=frame["price"].where(frame.index > 3, "LOW")), {},
                              "look alike"),
        "nothing varies": (frame.assign(price="low"), {}, "nothing varies"),
        "all alike": (frame.assign(chosen=3), {}, "every answer is 3"),
        "a column twice": (pd.concat([frame, frame[["price"]]], axis=1), {},
                           'two columns are called "price"'),
        "no such repeated task": (frame, {"repeat": {"task": "9", "of": "1"}},
                                  'repeat: there is no task "9"'),
    }  # fmt: skip


SLIPS = tuple(slips(pd.DataFrame({"colour": [""], "chosen": [0.0], "price": [""]}, index=[9])))


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_is_refused(frame, name):
    changed, given, what = slips(frame)[name]
    faults = refusal(changed, **given)
    assert any(what in fault for fault in faults), faults


def test_slips_of_several_columns_are_named_together(frame):
    odd = frame.assign(
        price=frame["price"].replace("high", "Low"), chosen=frame["chosen"] + 1, colour="red"
    )
    assert len(refusal(odd)) == 3


def test_one_bad_task_is_a_fault_and_not_another_kind_of_outcome(frame):
    odd = frame.copy()
    odd.loc[[0, 1], "chosen"] = 1.0
    (fault,) = refusal(odd)
    assert "row 0, chosen: more than one of the task's profiles is chosen" in fault


def test_support_that_looks_like_choices_is_noted(frame):
    odd = frame.copy()
    odd.loc[odd["task"] == 5, "chosen"] = 1.0
    wave = Wave.from_frame(odd, **GIVEN)
    assert wave.survey.outcomes["chosen"].kind == "support"
    (note,) = wave.notes
    assert "chosen is read as support" in note
    assert "80% have exactly one profile with 1" in note


def test_one_attribute_may_be_named_by_itself(frame):
    wave = Wave.from_frame(frame, **(GIVEN | {"attributes": "price", "segments": "party"}))
    assert (list(wave.survey.attributes), wave.respondent_columns) == (["price"], ("party",))


def test_blanks_at_the_ends_of_levels_are_taken_off_and_noted(frame):
    odd = frame.assign(price=frame["price"].where(frame.index > 3, frame["price"] + " "))
    wave = Wave.from_frame(odd, **GIVEN)
    assert wave.survey.attributes["price"].values == ("high", "low", "mid")
    assert wave.notes[0].startswith("price: blanks at the ends of ")
    same = Wave.from_frame(frame, **GIVEN)
    assert wave.codes("price").tolist() == same.codes("price").tolist()
    assert not same.notes


def test_categories_are_taken_as_declared_with_a_note(frame):
    odd = frame.assign(price=pd.Categorical(frame["price"].replace("mid", "Low")))
    wave = Wave.from_frame(odd, **GIVEN)
    assert wave.survey.attributes["price"].values == ("Low", "high", "low")
    assert wave.notes == ('price: "Low" and "low" look alike.',)


def test_groups_that_look_alike_are_noted(frame):
    odd = frame.assign(party=np.where(frame["id"] == 2, "left", frame["party"]))
    assert Wave.from_frame(odd, **GIVEN, segments=["party"]).notes == (
        'party: "Left" and "left" look alike, and count as two groups.',
    )


@pytest.fixture(scope="module")
def with_a_repeat(frame):
    """Task 5 shows the profiles of task 1, swapped; seven people in eight give the same answer."""
    again = frame[frame["task"] == 1].assign(task=5)
    swapped = again.assign(profile=again["profile"].map({"A": "B", "B": "A"}))
    other = (swapped["id"] % 8 == 0).to_numpy()
    swapped["chosen"] = np.where(other, 1 - swapped["chosen"], swapped["chosen"])
    return pd.concat([frame[frame["task"] != 5], swapped.iloc[::-1]], ignore_index=True)


def test_a_repeated_task_is_noted(with_a_repeat):
    (note,) = Wave.from_frame(with_a_repeat, **GIVEN).notes
    assert note.startswith("task 5 shows the profiles of task 1 again to 40 of 40 respondents.")


def test_a_repeated_task_that_is_declared_stays_out_of_figures(with_a_repeat):
    wave = Wave.from_frame(with_a_repeat, **GIVEN, repeat={"task": "5", "of": "1", "flipped": True})
    assert (wave.n_profiles, len(wave.repeats), wave.notes) == (320, 80, ())
    told = reliability(wave).frame.set_index("estimand")
    assert told.loc["irr", "estimate"] == pytest.approx(7 / 8)
