"""What cannot be estimated is refused by name; what is merely odd gives figures that say so."""

import re
from functools import partial

import numpy as np
import pandas as pd
import pytest

import conjoint as cj
from conjoint.errors import DataError, EstimationError, RequestError
from conjoint.survey import Segment

PAIR = ("price", "colour")
VARIANCES = ["linearised", "CR1", "CR2", "CR3"]


def of_pair(estimator, wave, by=None, **options):
    return estimator(wave, PAIR, by, **options)


def of_tasks(estimator, wave, by=None, **options):
    return estimator(wave, None, by, **options)


def share(wave, by=None, **options):
    return cj.choice_share(wave, {"price": "low"}, {"price": "high"}, by, **options)


EFFECTS = {
    "amce": cj.amce,
    "amce by a logit": partial(cj.amce, model="logit"),
    "amce within people": partial(cj.amce, absorb="respondent"),
    "acie": partial(of_pair, cj.interactions),
    "amie": partial(of_pair, partial(cj.interactions, kind="amie")),
}
"""By one regression on all attributes."""

MEANS = {
    "marginal_means": cj.marginal_means,
    "joint_means": partial(of_pair, cj.joint_means),
}
CHOICES = {
    "choice_means": partial(of_tasks, cj.choice_means),
    "choice_effects": partial(of_tasks, cj.choice_effects),
    "choice_share": share,
    "component_preferences": partial(of_tasks, cj.component_preferences),
}


def parametrised(*estimators):
    named = {name: own for part in estimators for name, own in part.items()}
    return pytest.mark.parametrize("estimator", named.values(), ids=named)


every_estimator = parametrised(EFFECTS, MEANS, CHOICES)
LINEAR = {name: EFFECTS[name] for name in ("amce", "acie", "amie")}
"""Whose variances are all there."""


@pytest.fixture(scope="module")
def frame(simulated):
    return simulated(4, n=60)


def refusal(error, ask, *arguments, **options):
    """The faults of what is refused, as they are shown."""
    with pytest.raises(error) as caught:
        ask(*arguments, **options)
    return [str(fault) for fault in caught.value.faults]


# --- Attributes and levels --------------------------------------------------------------------


@parametrised(EFFECTS)
def test_an_attribute_of_one_level_has_no_effect(frame, as_wave, estimator):
    wave = as_wave(frame.assign(colour=pd.Categorical(["red"] * len(frame))))
    assert refusal(EstimationError, estimator, wave) == [
        'outcome "chosen", group "Total", attribute "colour": "red" is its only level '
        "(expected two or more: an effect is that of one level against another). "
        "Leave the attribute out."
    ]


def test_every_attribute_of_one_level_is_named(frame, as_wave):
    same = {name: pd.Categorical(["same"] * len(frame)) for name in ("price", "size")}
    faults = refusal(EstimationError, cj.amce, as_wave(frame.assign(**same)))
    assert [re.search(r'attribute "(\w+)"', fault)[1] for fault in faults] == ["price", "size"]


def test_the_mean_of_an_only_level_is_that_of_everything(frame, as_wave):
    wave = as_wave(frame.assign(colour=pd.Categorical(["red"] * len(frame))))
    only = cj.marginal_means(wave).select(attribute="colour")
    assert only.values.tolist() == pytest.approx([0.5])
    assert len(cj.joint_means(wave, PAIR)) == 3


def rest(estimates, group):
    """The frame of the other groups, as it would be without this one."""
    frame = estimates.frame
    return frame[frame["group"] != group].reset_index(drop=True)


def notes(estimates, group):
    """Why a group lacks figures, by level; nothing but these are missing."""
    frame = estimates.frame
    assert ((frame["note"] != "") == frame["estimate"].isna()).all()
    assert (
        frame.loc[frame["note"] != "", ["std_error", "p_value", "conf_low"]].isna().all(axis=None)
    )
    own = frame[(frame["group"] == group) & (frame["note"] != "")]
    return dict(zip(own["level"], own["note"], strict=True))


@parametrised(EFFECTS, CHOICES, MEANS)
def test_a_level_never_shown_to_a_group_is_missing_there_alone(frame, as_wave, estimator):
    seen = (frame["party"] != "Left") | ~frame.groupby(["id", "task"])["price"].transform(
        lambda own: (own == "mid").any()
    )
    made, right = (
        estimator(as_wave(own), "party") for own in (frame[seen], frame[frame["party"] == "Right"])
    )
    pd.testing.assert_frame_equal(rest(made, "Left"), right.frame)
    lacking = notes(made, "Left")
    of_all = "not every combination of levels occurs"  # an AMIE hangs on every cell
    assert all("mid" in level + why or of_all in why for level, why in lacking.items())
    if estimator is share:  # of low over high
        assert not lacking
    else:
        assert lacking
        assert estimator is EFFECTS["amie"] or made.estimable.sum() > len(right)


def test_a_level_that_is_the_baseline_takes_its_attribute_with_it(frame, as_wave):
    seen = (frame["party"] != "Left") | (frame["price"] != "low")
    made = cj.amce(as_wave(frame[seen], task=None, profile=None), "party")
    assert notes(made, "Left") == dict.fromkeys(["low", "mid", "high"], '"low" is never shown')


@parametrised(LINEAR)
@pytest.mark.parametrize("variance", VARIANCES)
def test_attributes_that_go_together_in_a_group_are_missing_there_alone(
    frame, as_wave, estimator, variance
):
    of_size = frame["size"].map({"S": "round", "M": "square", "L": "flat"}).astype(object)
    by_lot = np.random.default_rng(1).choice(["round", "square", "flat"], len(frame))
    frame = frame.assign(shape=np.where(frame["party"] == "Right", of_size, by_lot))
    attributes = ["price", "colour", "size", "shape"]
    made, left, without = (
        estimator(as_wave(own, attributes=names), "party", variance=variance)
        for own, names in (
            (frame, attributes),
            (frame[frame["party"] == "Left"], attributes),
            (frame, attributes[:3]),
        )
    )
    pd.testing.assert_frame_equal(rest(made, "Right"), left.frame)
    why = "the effects of size, shape cannot be told apart: their levels go together"
    twins = ("M", "L", "round", "square") if estimator is cj.amce else ()
    assert notes(made, "Right") == dict.fromkeys(twins, why)
    # What can be told is what a model without the twin says.
    for attribute in ("price", "colour") if estimator is cj.amce else ("price * colour",):
        own, other = (e.select(group="Right", attribute=attribute) for e in (made, without))
        np.testing.assert_allclose(own.values, other.values, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(own.degrees, other.degrees, rtol=1e-6)


def test_an_attribute_that_is_not_there_is_named_before_anything_is_read(frame, as_wave):
    assert refusal(DataError, as_wave, frame, attributes=["price", "taste", "smell"]) == [
        f'frame: there is no column "{name}" (expected {", ".join(frame.columns)}).'
        for name in ("taste", "smell")
    ]


# --- Groups -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def segmented(frame, as_wave):
    """A wave with a segment of nobody and one of a single person."""
    frame = frame.assign(age=20 + frame["id"])
    wave = as_wave(frame, segments=["age"])
    segments = {
        "ancient": Segment.model_validate({"where": {"age": {"min": 100}}}),
        "youngest": Segment.model_validate({"where": {"age": {"max": 20}}}),
        "young": Segment.model_validate({"where": {"age": {"max": 50}}}),
    }
    survey = wave.survey.model_copy(update={"segments": segments})
    return cj.Wave.build(survey, wave.respondents, wave.profiles)


@every_estimator
@pytest.mark.parametrize("variance", VARIANCES)
def test_a_segment_of_nobody_or_one_is_missing_alone(segmented, estimator, variance):
    options = {} if variance == "linearised" else {"variance": variance}
    if isinstance(estimator, partial) and {"model", "absorb"} & {*estimator.keywords}:
        options = {} if variance in ("linearised", "CR1") else pytest.skip("no such variance")
    made = estimator(segmented, ["young", "ancient", "youngest"], **options)
    alone = estimator(segmented, ["young"], **options)
    pd.testing.assert_frame_equal(made.select(group="young").frame, alone.frame)
    assert set(notes(made, "ancient").values()) == {"nobody is in it"}
    assert set(notes(made, "youngest").values()) == {"1 respondent(s) answered"}
    assert [len(made.select(group=name)) for name in ("ancient", "youngest")] == [len(alone)] * 2
    assert made.joint_design == alone.joint_design
    with pytest.raises(EstimationError) as caught:
        estimator(segmented, ["ancient", "youngest"], **options)
    assert [str(fault) for fault in caught.value.faults] == [
        "segments.ancient: nobody is in it. Correct its rule, or leave it out.",
        'outcome "chosen", group "youngest": 1 respondent(s) answered (expected two or more: the '
        "spread between people is what standard errors come from). Widen the group, or leave it out.",
    ]


@every_estimator
def test_people_of_no_weight_are_not_counted(frame, as_wave, estimator):
    wave = as_wave(frame)
    alone = wave.with_weights(np.eye(wave.n_respondents)[7])
    (fault,) = refusal(EstimationError, estimator, alone)
    assert fault.startswith('outcome "chosen", group "Total": 1 respondent(s) answered')


@every_estimator
def test_an_outcome_that_nobody_of_a_group_answered_is_missing_there_alone(
    frame, as_wave, estimator
):
    left = frame["party"] == "Left"
    wave = as_wave(frame.assign(chosen=frame["chosen"].mask(left)))
    made = estimator(wave, "party")
    assert set(notes(made, "Left").values()) == {"0 respondent(s) answered"}
    assert not notes(made, "Right")


@parametrised(MEANS)
@pytest.mark.parametrize("variance", VARIANCES)
def test_two_respondents_are_enough_for_a_mean(as_wave, estimator, variance):
    cells = [("low", "red"), ("low", "green"), ("high", "red"), ("high", "green")]
    frame = pd.DataFrame(
        [(person, *cell) for person in range(2) for cell in cells],
        columns=["id", "price", "colour"],
    ).assign(chosen=[1, 0, 0, 1, 1, 1, 0, 0])
    wave = as_wave(frame, attributes=["price", "colour"], task=None, profile=None, segments=None)
    means = estimator(wave, variance=variance)
    assert (means.degrees == 1).all()
    assert np.isfinite(means.frame[["estimate", "std_error", "conf_low", "conf_high"]]).all(
        axis=None
    )


@pytest.mark.parametrize("variance", VARIANCES)
def test_two_respondents_can_have_effects(as_wave, variance):
    cells = [("low", "red"), ("low", "green"), ("high", "red"), ("high", "green")]
    frame = pd.DataFrame(
        [(person, *cell) for person in range(2) for cell in cells],
        columns=["id", "price", "colour"],
    ).assign(chosen=[1, 0, 0, 1, 1, 1, 0, 0])
    wave = as_wave(frame, attributes=["price", "colour"], task=None, profile=None, segments=None)
    effects = cj.amce(wave, variance=variance).frame.dropna()
    assert len(effects) == 2
    assert refusal(EstimationError, cj.omnibus, cj.marginal_means(wave), together=True) == [
        'outcome "chosen", attribute price, colour: 2 comparisons among 2 respondents (expected more '
        "respondents than comparisons, and answers that differ). Merge levels or groups."
    ]


# --- Weights ----------------------------------------------------------------------------------


@pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf, -np.inf])
def test_weights_that_cannot_be_used_are_named_by_respondent(frame, as_wave, weight):
    wave = as_wave(frame)
    weights = np.ones(wave.n_respondents)
    weights[[3, 8]] = weight
    assert refusal(DataError, wave.with_weights, weights) == [
        f"weights, respondent {row}: the weight {weight:g} cannot be used "
        "(expected a finite number of zero or more). Correct it, or drop the respondent."
        for row in (3, 8)
    ]


def test_weights_that_sum_to_zero_are_refused(frame, as_wave):
    wave = as_wave(frame)
    (fault,) = refusal(DataError, wave.with_weights, np.zeros(wave.n_respondents))
    assert "all weights are zero (expected some weight above zero)" in fault
    # Weights that cancel are below zero somewhere, and are named there.
    cancelling = np.where(np.arange(wave.n_respondents) % 2, 1.0, -1.0)
    faults = refusal(DataError, wave.with_weights, cancelling)
    assert faults[0].startswith("weights, respondent 0: the weight -1 cannot be used")
    assert faults[-1].endswith("and 25 more rows like this one.")


@every_estimator
def test_a_group_of_no_weight_is_missing_alone(frame, as_wave, estimator):
    left = (frame["party"] == "Left").to_numpy()
    wave = as_wave(frame.assign(weight=np.where(left, 0.0, 1.0)), weight="weight")
    made = estimator(wave, "party")
    assert set(notes(made, "Left").values()) == {"0 respondent(s) answered"}
    assert not notes(made, "Right")


# --- Outcomes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_an_infinite_outcome_is_named_by_row(frame, as_wave, value):
    ratings = frame["rating"].where(frame.index != 17, value)
    assert refusal(DataError, as_wave, frame.assign(rating=ratings), outcome="rating") == [
        'frame, row 17, rating: "rating" is infinite (expected a finite number or nothing).'
    ]


def test_an_infinite_outcome_of_a_wave_that_is_built_is_named_by_row(frame, as_wave):
    wave = as_wave(frame, outcome="rating")
    profiles = wave.profiles.assign(rating=frame["rating"].where(frame.index != 17, np.inf))
    assert refusal(DataError, cj.Wave.build, wave.survey, wave.respondents, profiles) == [
        'profiles, row 17, rating: "rating" is infinite (expected a finite number or nothing).'
    ]


@every_estimator
def test_an_outcome_without_any_answer_is_named(frame, as_wave, estimator):
    wave = as_wave(frame)
    empty = wave.profiles.assign(chosen=np.nan)
    nothing = cj.Wave.build(wave.survey, wave.respondents, empty)
    (fault,) = refusal(EstimationError, estimator, nothing)
    assert fault.startswith('outcome "chosen", group "Total": 0 respondent(s) answered')


def test_ratings_that_are_all_the_same_are_no_scale(frame, as_wave):
    assert refusal(DataError, as_wave, frame.assign(rating=5), outcome="rating") == [
        'frame, column "rating": every answer is 5 (expected answers that differ, or only zeros and '
        "ones). Name the column that holds the answers."
    ]


@parametrised(LINEAR, MEANS)
@pytest.mark.parametrize("variance", VARIANCES)
@pytest.mark.parametrize("answer", [0.0, 1.0])
def test_an_outcome_that_never_varies_has_figures_without_spread(
    frame, as_wave, estimator, variance, answer
):
    """Everybody supports everything, or nothing: no error, nothing to test, and one end that is not sure."""
    wave = as_wave(frame.assign(support=answer), outcome="support", weight="weight")
    figures = estimator(wave, "party", variance=variance)
    expected = answer if estimator in MEANS.values() else 0.0
    np.testing.assert_allclose(figures.values, expected, atol=1e-12)
    rows = figures.frame[~figures.fixed]
    assert (rows["std_error"] == 0).all()
    assert rows[["statistic", "p_value"]].isna().all(axis=None)
    wald = figures.with_interval("wald").frame[~figures.fixed]
    assert (wald["conf_low"] == wald["conf_high"]).all()
    if estimator in MEANS.values():
        sure, unsure = ("conf_high", "conf_low") if answer else ("conf_low", "conf_high")
        assert (rows[sure] == answer).all()
        assert ((rows[unsure] - answer).abs() > 1 / rows["n_respondents"]).all()
    np.testing.assert_allclose(figures.covariance, 0, atol=0)


@pytest.mark.parametrize("variance", VARIANCES)
def test_groups_that_never_vary_do_not_differ_for_certain(frame, as_wave, variance):
    wave = as_wave(frame.assign(support=1.0), outcome="support", weight="weight")
    for estimator in (cj.amce, cj.marginal_means):
        gap = cj.differences(estimator(wave, "party", variance=variance), "Left")
        assert gap.frame["p_value"].isna().all()
        with pytest.raises(EstimationError, match="answers that differ"):
            cj.omnibus(estimator(wave, "party", variance=variance))


@pytest.mark.parametrize("variance", VARIANCES)
def test_a_group_that_never_varies_has_no_part_in_the_spread_of_a_difference(
    frame, as_wave, variance
):
    left = frame["party"] == "Left"
    support = (frame["rating"] > 5).astype(float).mask(left, 1.0)
    means = cj.marginal_means(
        as_wave(frame.assign(support=support), outcome="support"), "party", variance=variance
    )
    assert (means.select(group="Left").std_errors == 0).all()
    right = means.select(group="Right")
    gap = cj.differences(means, "Right")
    np.testing.assert_allclose(gap.std_errors, right.std_errors, rtol=1e-12)


# --- Requests ---------------------------------------------------------------------------------


@parametrised({name: EFFECTS[name] for name in ("acie", "amie")}, MEANS, CHOICES)
def test_an_unknown_variance_is_refused_with_those_there_are(frame, as_wave, estimator):
    assert refusal(RequestError, estimator, as_wave(frame), variance="HC3") == [
        'variance: there is no "HC3" (expected linearised, CR1, CR2, CR3). Name one of them.'
    ]


@every_estimator
def test_an_unknown_group_is_refused_with_those_there_are(frame, as_wave, estimator):
    assert refusal(RequestError, estimator, as_wave(frame), "region") == [
        'by: there is no "region" (expected segments, party, price, colour, size, task, profile). '
        "Name one of them."
    ]


@every_estimator
def test_unknown_segments_are_all_refused(segmented, estimator):
    assert refusal(RequestError, estimator, segmented, ["young", "wise", "rich"]) == [
        f'by: there is no segment "{name}" (expected ancient, youngest, young).'
        for name in ("wise", "rich")
    ]


@parametrised(EFFECTS, MEANS, CHOICES)
def test_an_unknown_outcome_is_refused_with_those_there_are(frame, as_wave, estimator):
    assert refusal(RequestError, estimator, as_wave(frame), outcome="vote") == [
        'outcome: there is no "vote" (expected chosen). Name one of them.'
    ]


@pytest.mark.parametrize(
    ("ask", "fault"),
    [
        (lambda wave: cj.amce(wave, baselines={"taste": "sour"}), 'no attribute "taste"'),
        (lambda wave: cj.joint_means(wave, ("price", "taste")), 'there is no "taste"'),
        (lambda wave: cj.interactions(wave, ("price", "taste")), 'no attribute "taste"'),
        (lambda wave: cj.choice_means(wave, "taste"), 'no attribute "taste"'),
        (lambda wave: cj.choice_effects(wave, "taste"), 'no attribute "taste"'),
        (lambda wave: cj.choice_share(wave, {"taste": "sour"}, {}), 'no attribute "taste"'),
        (lambda wave: cj.component_preferences(wave, "taste"), 'no attribute "taste"'),
    ],
    ids=["amce", "joint", "acie", "means", "effects", "share", "preferences"],
)
def test_an_unknown_attribute_is_refused_with_those_there_are(frame, as_wave, ask, fault):
    said = refusal(RequestError, ask, as_wave(frame))
    assert fault in said[0]
    assert "(expected price, colour, size)" in said[0]
