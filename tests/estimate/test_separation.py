"""What logit, probit and conditional logit refuse: wrong questions, and answers that levels decide."""

import numpy as np
import pandas as pd
import pytest

from conjoint.errors import EstimationError, RequestError
from conjoint.estimate.additive import find_baselines
from conjoint.estimate.logit import logit_effects, part_worths

MODELS = ["logit", "probit", "conditional_logit"]


def effects(wave, by=None, *, outcome=None, baselines=None, variance="linearised", model="logit"):
    return logit_effects(
        wave,
        by,
        outcome=outcome,
        baselines=find_baselines(wave, baselines),
        variance=variance,
        confidence=0.95,
        model=model,
    )


@pytest.fixture(scope="module")
def frame(simulated):
    frame = simulated(20260611, n=120)
    return frame.assign(liked=(frame["rating"] > 6).astype(float))


def refused(error, call):
    with pytest.raises(error) as caught:
        call()
    return str(caught.value)


@pytest.mark.parametrize("variance", ["CR2", "CR3"])
def test_variances_that_need_leverage_are_refused(frame, as_wave, variance):
    wave = as_wave(frame)
    expected = (
        f'variance: "{variance}" is not available with model="logit" (expected linearised, CR1). '
        "Name one of them, or use the linear model of amce."
    )
    assert refused(RequestError, lambda: effects(wave, variance=variance)) == expected
    assert refused(RequestError, lambda: part_worths(wave, variance=variance)) == expected


def test_the_conditional_logit_has_one_variance(frame, as_wave):
    message = refused(
        RequestError,
        lambda: part_worths(as_wave(frame), model="conditional_logit", variance="CR1"),
    )
    assert 'not available with model="conditional_logit" (expected linearised)' in message


def test_numbers_are_refused(frame, as_wave):
    wave = as_wave(frame, outcome=["chosen", "rating"])
    for call in (effects, part_worths):
        assert refused(RequestError, lambda call=call: call(wave)) == (
            'outcome: "rating" has answers other than 0 and 1, which model="logit" cannot take '
            "(expected answers of 0 and 1). Name an outcome that has none, or use the linear model "
            "of amce."
        )
        assert call(wave, outcome="chosen").frame["outcome"].unique().tolist() == ["chosen"]


def test_a_conditional_logit_is_of_forced_choices(frame, as_wave):
    wave = as_wave(frame, outcome=["chosen", "liked", "rating"])
    estimates = part_worths(wave, model="conditional_logit")
    assert estimates.frame["outcome"].unique().tolist() == ["chosen"]
    message = refused(
        RequestError, lambda: part_worths(wave, model="conditional_logit", outcome="liked")
    )
    assert message.startswith('outcome: "liked" is of kind "support" (expected an outcome of kind')


def test_an_unknown_model_is_refused(frame, as_wave):
    assert refused(RequestError, lambda: part_worths(as_wave(frame), model="tobit")) == (
        'model: there is no "tobit" (expected logit, probit, conditional_logit). Name one of them.'
    )


@pytest.mark.parametrize("model", MODELS)
def test_part_worths_of_tied_attributes_are_refused(frame, as_wave, model):
    forbidden = (frame["price"] == "low") & (frame["colour"] == "green")
    whole = ~forbidden.groupby([frame["id"], frame["task"]]).transform("any")
    restrictions = [{"price": ["low"], "colour": ["green"]}]
    wave = as_wave(frame[whole], restrictions=restrictions)
    message = refused(RequestError, lambda: part_worths(wave, model=model))
    assert message.startswith("part_worths: price, colour are tied by a restriction")
    assert message.endswith("which averages over the combinations allowed.")


def test_a_conditional_logit_needs_whole_tasks(frame, as_wave):
    message = refused(
        RequestError, lambda: part_worths(as_wave(frame), "profile", model="conditional_logit")
    )
    assert message == (
        'by, group "A": holds some profiles of a task without the others '
        '(expected groups of people or of tasks). Use model="logit".'
    )


def test_answers_that_are_all_the_same_are_named(frame, as_wave):
    alike = frame.assign(liked=1.0)
    assert refused(EstimationError, lambda: effects(as_wave(alike, outcome="liked"))) == (
        'outcome "liked", group "Total": every answer is 1 (expected answers of 0 and of 1). '
        "Widen the group, or leave it out."
    )


@pytest.mark.parametrize("model", ["logit", "probit"])
@pytest.mark.parametrize("level", ["low", "mid"])
def test_a_level_that_decides_the_answer_is_named(frame, as_wave, model, level):
    """The baseline as well: then all other levels have no finite coefficient."""
    decided = frame.assign(liked=np.where(frame["price"] == level, 0.0, frame["liked"]))
    wave = as_wave(decided, outcome="liked")
    for call in (effects, part_worths):
        message = refused(EstimationError, lambda call=call: call(wave, "party", model=model))
        assert message.splitlines() == [
            f'outcome "liked", group "{group}", attribute "price": every answer at "{level}" is 0, so '
            "that its coefficient has no finite value (expected answers of both kinds at every "
            "level). Merge levels, or widen the group; the linear model of amce needs neither."
            for group in ("Left", "Right")
        ]
    left = frame["party"] == "Left"
    wave = as_wave(
        decided.assign(liked=decided["liked"].where(left, frame["liked"])), outcome="liked"
    )
    for call in (effects, part_worths):
        made = call(wave, "party", model=model)
        assert set(made.select(group="Left").notes) == {
            f'every answer at "{level}" is 0, so that its coefficient has no finite value'
        }
        assert made.select(group="Right").estimable.all()


@pytest.mark.parametrize("model", ["logit", "probit"])
def test_levels_that_decide_answers_together_are_named(frame, as_wave, model):
    """Neither decides alone: cheap and large are liked, dear and small are not, others vary."""
    sign = (frame["price"] == "low").astype(int) + (frame["size"] == "L") - 1
    liked = np.where(sign > 0, 1.0, np.where(sign < 0, 0.0, frame["liked"]))
    wave = as_wave(frame.assign(liked=liked), outcome="liked")
    message = refused(EstimationError, lambda: part_worths(wave, model=model))
    assert message.startswith(
        'outcome "liked", group "Total": "mid" of price, "high" of price, "L" of'
    )
    assert "decide some answers altogether" in message
    assert "colour" not in message


@pytest.mark.parametrize(("price", "words"), [(9.0, "always"), (-9.0, "never")])
def test_a_level_always_chosen_is_named(frame, as_wave, price, words):
    message = refused(
        EstimationError,
        lambda: part_worths(as_wave(choose(frame, price, 0.0)), model="conditional_logit"),
    )
    assert message.startswith(
        'outcome "chosen", group "Total", attribute "price": '
        f'"low" is {words} chosen over another level, so that its coefficient has no finite value'
    )


def test_levels_that_decide_choices_together_are_named(frame, as_wave):
    wave = as_wave(choose(frame, 9.0, 9.0))
    message = refused(EstimationError, lambda: part_worths(wave, model="conditional_logit"))
    assert '"mid" of price, "high" of price, "L" of size decide some answers' in message
    assert part_worths(wave).frame["estimate"].notna().all()


def choose(frame, price, size):
    """Choices that hang on low prices and large sizes as far as said, else on chance."""
    rng = np.random.default_rng(8)
    liking = price * (frame["price"] == "low") + size * (frame["size"] == "L")
    pairs = (liking + rng.uniform(size=len(frame))).to_numpy().reshape(-1, 2)
    first = pairs[:, 0] > pairs[:, 1]
    return frame.assign(chosen=np.column_stack([first, ~first]).ravel().astype(float))


def test_an_attribute_constant_within_tasks_is_named(frame, as_wave):
    fixed = frame.copy()
    fixed["colour"] = pd.Categorical(np.where(fixed["task"] == 1, "red", "green"), ["red", "green"])
    message = refused(
        EstimationError, lambda: part_worths(as_wave(fixed), model="conditional_logit")
    )
    assert message.startswith(
        'outcome "chosen", group "Total": levels of colour never vary within a task'
    )
