"""All shares of support, oppose and don't know: joint, of one base, and nowhere that nobody asked."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conftest import ROUTES
from conjoint.errors import DataError, RequestError
from conjoint.scenario import best, grid, support
from conjoint.scenario.explorer import explorer_tables
from conjoint.survey import Outcome
from conjoint.wave import shares_of, split_survey

PACKAGE = {"cap": "20000", "reduction": "90%"}
SHARES = ["support", "support: Oppose", "support: Don't know"]
THRICE = {"support": "Support", "oppose": "Oppose", "dont_know": "Don't know"}


@pytest.fixture(scope="module")
def read():
    return cj.read_wave(ROUTES)


@pytest.fixture(scope="module")
def wave(read):
    return cj.rake(read)


def declared(wave, outcomes):
    """The wave as if its survey declared other outcomes of the same cells."""
    own = wave.survey.outcomes["support"]
    given = wave.answers["support"]
    made = {
        name: own.model_copy(
            update={
                "positive": positive,
                "negative": tuple(
                    answer for answer in given.cat.categories if answer not in positive
                ),
            }
        )
        for name, positive in outcomes.items()
    }
    survey = wave.survey.model_copy(
        update={"outcomes": {"choice": wave.survey.outcomes["choice"]} | made}
    )
    columns = {
        name: given.isin(one.positive).astype(float).where(given.notna())
        for name, one in made.items()
    }
    profiles = wave.profiles.drop(columns="support").assign(**columns)
    answers = pd.DataFrame(
        {name: pd.Categorical(given, [*one.positive, *one.negative]) for name, one in made.items()}
    )
    again = cj.Wave.build(survey, wave.respondents, profiles, wave.weights, answers=answers)
    return replace(again, calibration=wave.calibration)


@pytest.mark.parametrize("variance", ["linearised", "CR2"])
@pytest.mark.parametrize("by", [None, "segments"])
def test_the_shares_add_up_to_one_for_certain(wave, variance, by):
    figures = support(wave, PACKAGE, by, outcome="support", variance=variance).figures
    assert list(dict.fromkeys(figures.labels["outcome"])) == SHARES
    for group in figures.labels["group"].unique():
        own = figures.select(group=group)
        assert own.values.sum() == pytest.approx(1.0, abs=1e-12)
        total = own.contrast(np.ones((1, 3)), own.labels.iloc[[0]])
        assert total.std_errors == pytest.approx([0.0], abs=1e-9)
        # Joint: what one loses others gain, and a contrast knows it.
        assert own.covariance[0, 1:].sum() == pytest.approx(-own.covariance[0, 0], rel=1e-9)
        assert len(set(own.labels["n_respondents"])) == 1


def test_what_is_not_support_has_the_rows_that_it_had(wave):
    frame = support(wave, PACKAGE, "segments").frame
    assert list(dict.fromkeys(frame["outcome"])) == ["choice", *SHARES]
    plain = replace(wave, _answers=None)
    assert plain.by_answer() is plain
    before = support(plain, PACKAGE, "segments").frame
    pd.testing.assert_frame_equal(frame.iloc[: len(before)], before)


def test_oppose_is_what_a_survey_that_declares_it_gives(wave):
    thrice = declared(wave, {name: (answer,) for name, answer in THRICE.items()})
    assert thrice.by_answer() is thrice
    one, three = (support(own, PACKAGE, "segments") for own in (wave, thrice))
    assert list(dict.fromkeys(three.frame["outcome"])) == ["choice", *THRICE]
    both = [own.frame.drop(columns="outcome") for own in (one, three)]
    pd.testing.assert_frame_equal(*both, rtol=1e-10)
    assert one.figures.covariance == pytest.approx(three.figures.covariance, abs=1e-14)


def test_only_what_is_not_declared_is_made(wave):
    twice = declared(wave, {"support": ("Support",), "oppose": ("Oppose",)}).by_answer()
    assert list(twice.survey.outcomes) == ["choice", "support", "support: Don't know", "oppose"]
    figures = support(twice, PACKAGE, outcome="oppose").figures
    assert figures.values.sum() == pytest.approx(1.0, abs=1e-12)
    assert shares_of(twice.survey, "oppose") == ("oppose", "support", "support: Don't know")


def test_positive_answers_stay_together(wave):
    net = declared(wave, {"open": ("Support", "Don't know")})
    # Of two shares one is the rest.
    assert net.by_answer() is net
    assert len(support(net, PACKAGE, outcome="open").figures) == 1
    five = Outcome(
        kind="support", column="x", positive=("1", "2"), negative=("3", "4", "5"), missing=("5",)
    )
    survey = net.survey.model_copy(update={"outcomes": {"five": five}})
    assert list(split_survey(survey).outcomes) == ["five", "five: 3", "five: 4"]


def test_marginal_means_take_an_answer_too_and_only_when_asked(wave):
    means = cj.marginal_means(wave, outcome=None)
    assert set(means.labels["outcome"]) == {"choice", "support"}
    apart = cj.marginal_means(wave.by_answer())
    assert set(apart.labels["outcome"]) == {"choice", *SHARES}
    same = apart.select(outcome=["choice", "support"])
    pd.testing.assert_frame_equal(same.frame.reset_index(drop=True), means.frame)
    by_hand = wave.answers["support"] == "Oppose"
    shown = (wave.profiles["cap"] == "5000").to_numpy()
    weights = wave.weight_of_profiles[shown]
    own = apart.select(outcome="support: Oppose", attribute="cap", level="5000")
    assert own.values == pytest.approx([np.average(by_hand[shown], weights=weights)], rel=1e-12)


def test_grid_and_best_keep_to_the_positive_share(wave):
    made = grid(wave, "cap", "reduction", draws=1000).figures
    assert set(made.labels["outcome"]) == {"choice", "support"}
    assert set(best(wave, outcome="support", top=1).figures.labels["outcome"]) == {"support"}
    asked = best(wave.by_answer(), outcome="support: Oppose", top=1)
    assert set(asked.figures.labels["outcome"]) == {"support: Oppose"}


def test_head_to_head_is_as_it_was(wave):
    frame = support(wave, PACKAGE, against={"cap": "40000"}).frame
    assert frame["outcome"].to_list() == ["choice"]
    with pytest.raises(RequestError, match=r'"support" is of kind "support"'):
        support(wave, PACKAGE, outcome="support", against={"cap": "40000"})


def test_answers_go_with_every_wave_that_is_made_of_the_wave(read, wave):
    rng = np.random.default_rng(1)
    for own in (wave, wave.fixed(), read.with_weights(rng.uniform(0.5, 2, read.n_respondents))):
        pd.testing.assert_frame_equal(own.answers, read.answers)
        assert list(own.by_answer().survey.outcomes) == ["choice", *SHARES]
        assert (own.by_answer().weights == own.weights).all()
        assert own.by_answer().calibration is own.calibration


def test_answers_say_what_profiles_say_and_cost_a_byte_each(read):
    given = read.answers["support"]
    assert len(given) == read.n_profiles
    assert list(given.cat.categories) == ["Support", "Oppose", "Don't know"]
    assert ((given == "Support") == (read.profiles["support"] == 1)).all()
    assert given.cat.codes.dtype == np.int8
    given.iloc[0] = np.nan
    assert read.answers["support"].notna().all()


def test_the_repeated_task_is_told_apart_too(read):
    apart = read.by_answer()
    sums = apart.repeats[SHARES].sum(axis=1)
    assert len(sums) == len(read.repeats) > 0
    assert (sums == 1).all()
    assert 0 < apart.repeats["support: Oppose"].mean() < 1


def test_there_and_back(read):
    """Parts of a wave make the wave again; missing answers are missing in every share."""
    profiles, answers = read.profiles, read.answers
    profiles.loc[[3, 40], "support"] = np.nan
    answers.loc[[3, 40], "support"] = np.nan
    again = cj.Wave.build(read.survey, read.respondents, profiles, answers=answers)
    pd.testing.assert_frame_equal(again.answers, answers)
    apart = again.by_answer().profiles[SHARES]
    assert apart.isna().all(axis=1).to_numpy().nonzero()[0].tolist() == [3, 40]
    assert support(again, PACKAGE, outcome="support").figures.values.sum() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda answers: answers.iloc[1:], "23,689 rows (expected 23,690, one a profile)"),
        (lambda answers: answers.rename(columns={"support": "choice"}), '"choice" is no outcome of kind support (expected support)'),
        (lambda answers: answers.astype(object), '"support" is not a categorical of its answers in order (expected Support, Oppose'),
        (lambda answers: answers.assign(support=answers["support"].where(answers.index != 7)), 'no answer does not count'),
    ],
)  # fmt: skip
def test_answers_that_do_not_fit_are_refused(read, change, said):
    with pytest.raises(DataError) as refused:
        cj.Wave.build(read.survey, read.respondents, read.profiles, answers=change(read.answers))
    assert said in str(refused.value)
    assert "answers" in refused.value.faults[0].where


def test_a_name_that_is_taken_is_told(wave):
    own = wave.survey.outcomes
    taken = wave.survey.model_copy(update={"outcomes": own | {"support: Oppose": own["choice"]}})
    with pytest.raises(RequestError, match=r'"support: Oppose" is taken.*Rename it'):
        split_survey(taken)


def test_an_answer_that_nobody_gave_has_a_share_of_nought(read):
    profiles, answers = read.profiles, read.answers
    answers["support"] = answers["support"].where(answers["support"] != "Don't know", "Oppose")
    wave = cj.Wave.build(read.survey, read.respondents, profiles, answers=answers)
    frame = support(wave, PACKAGE, "segments", outcome="support").frame
    own = frame[frame["outcome"] == "support: Don't know"]
    assert (own["estimate"].abs() < 1e-12).all()
    assert frame.groupby("group")["estimate"].sum().to_numpy() == pytest.approx([1.0] * 3)
    assert set(explorer_tables(wave)["explorer_models"]["status"]) == {"safe", "caution"}


def test_a_wave_of_a_frame_knows_no_answers(simulated, as_wave):
    frame = simulated(3).drop(columns=["task", "profile"])
    wave = as_wave(frame, task=None, profile=None)
    assert wave.answers is None
    assert wave.by_answer() is wave
    assert set(support(wave, {"price": "low"}).frame["outcome"]) == set(wave.survey.outcomes)


TOML = """\
title = "Long"
[data]
layout = "long"
file = "responses.csv"
respondent = "id"
[attributes.price]
levels = ["low", "high"]
[outcomes.view]
kind = "support"
column = "view"
positive = ["Strongly for", "For"]
negative = ["Against", "Don't know", "Neither"]
missing = ["Refused"]
"""


def test_a_long_file_with_missing_answers(small):
    rng = np.random.default_rng(4)
    known = ["Strongly for", "For", "Against", "Don't know", "Refused", ""]
    frame = pd.DataFrame({"id": np.repeat(range(80), 4), "price": ["low", "high"] * 160})
    frame["view"] = rng.choice(known, len(frame))
    wave = small.read(TOML, frame.to_csv(index=False))
    given = wave.answers["view"].astype(object).where(wave.answers["view"].notna(), "")
    assert given.to_list() == frame["view"].replace("Refused", "").to_list()
    figures = support(wave, {"price": "low"}).figures
    assert figures.labels["outcome"].to_list() == ["view", "view: Against", "view: Don't know", "view: Neither"]  # fmt: skip
    low = frame[(frame["price"] == "low") & ~frame["view"].isin(["Refused", ""])]["view"]
    wanted = [low.isin(known[:2]).mean(), (low == "Against").mean(), (low == "Don't know").mean(), 0]  # fmt: skip
    assert figures.values == pytest.approx(wanted, abs=1e-12)
