"""Which answer was given, and each answer as an outcome of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import DataError, Fault, RequestError, choices

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from conjoint.survey import Outcome, Survey
    from conjoint.typing import FloatArray

__all__ = [
    "answer_in_words",
    "answers_of",
    "check_answers",
    "shares_of",
    "split_frame",
    "split_survey",
]

ANSWER = ": "
"""What stands between an outcome and one of its answers, in the name of that answer's outcome."""

LEAST = 3
"""Shares that an outcome has to have for them to be told apart: of two, one is the rest."""


def answers_of(outcome: Outcome) -> tuple[str, ...]:
    """The answers that count, as declared: those that count 1, then those that count 0."""
    both = dict.fromkeys((*outcome.positive, *outcome.negative))
    return tuple(answer for answer in both if answer not in outcome.missing)


def answer_in_words(outcome: Outcome) -> str:
    """What counts 1, as it is shown beside other answers."""
    return " or ".join(outcome.positive)


def shares_of(survey: Survey, name: str) -> tuple[str, ...]:
    """The outcomes that share all answers to one among them: that one, then its other answers.

    They are declared, or made by :meth:`Wave.by_answer`. That one alone where there are none.
    """
    outcome = survey.outcomes[name]
    if outcome.kind != "support":
        return (name,)
    rest = [_outcome_of(survey.outcomes, outcome, answer) for answer in _rest(outcome)]
    found = [own for own in rest if own is not None]
    return (name, *found) if len(found) == len(rest) else (name,)


def split_survey(survey: Survey, told: Iterable[str] | None = None) -> Survey:
    """The survey with an outcome for each answer that counts 0, behind the outcome it belongs to.

    Parameters
    ----------
    told
        Outcomes of which it is known who answered what; all of kind support where None.

    Raises
    ------
    RequestError
        A declared outcome has the name that such a one would get.
    """
    known = dict(survey.outcomes)
    names = set(known if told is None else told)
    made: dict[str, Outcome] = {}
    for name, outcome in survey.outcomes.items():
        made[name] = outcome
        rest = _rest(outcome) if outcome.kind == "support" and name in names else ()
        for answer in rest if len(rest) >= LEAST - 1 else ():
            if _outcome_of(known, outcome, answer) is None:
                own = f"{name}{ANSWER}{answer}"
                if own in survey.outcomes:
                    what = f'"{own}" is taken: so the answer "{answer}" to "{name}" would be called'
                    raise RequestError(Fault("outcomes", what, "another name", "Rename it."))
                made[own] = known[own] = _alone(outcome, name, answer)
    return (
        survey
        if len(made) == len(survey.outcomes)
        else survey.model_copy(update={"outcomes": made})
    )


def _rest(outcome: Outcome) -> tuple[str, ...]:
    return tuple(own for own in answers_of(outcome) if own not in outcome.positive)


def _alone(outcome: Outcome, name: str, answer: str) -> Outcome:
    """One answer as an outcome: 1 where it was given."""
    others = tuple(own for own in answers_of(outcome) if own != answer)
    label = f"{outcome.label or name}{ANSWER}{answer}"
    return outcome.model_copy(
        update={"label": label, "positive": (answer,), "negative": others},
    )


def _outcome_of(known: Mapping[str, Outcome], outcome: Outcome, answer: str) -> str | None:
    """The outcome that is 1 for just this answer, read from the same cells and with the same base."""
    for name, own in known.items():
        same = own.kind == "support" and own.cells == outcome.cells
        if same and own.positive == (answer,) and {*answers_of(own)} == {*answers_of(outcome)}:
            return name
    return None


def split_frame(
    profiles: pd.DataFrame, answers: pd.DataFrame, survey: Survey, declared: Survey
) -> pd.DataFrame:
    """Profiles with a column for each outcome that a survey has beyond those declared."""
    made = profiles.copy(deep=False)
    for name in survey.outcomes:
        if name not in declared.outcomes:
            (answer,) = survey.outcomes[name].positive
            parent = next(own for own in declared.outcomes if name == f"{own}{ANSWER}{answer}")
            made[name] = _given(answers[parent], answer)
    return made


def _given(answers: pd.Series[Any], answer: str) -> FloatArray:
    codes = answers.cat.codes.to_numpy()
    given = codes == answers.cat.categories.get_loc(answer)
    return np.where(codes < 0, np.nan, given)


def check_answers(survey: Survey, profiles: pd.DataFrame, answers: pd.DataFrame) -> None:
    """Answers have to be those to the survey's outcomes, and count as the profiles say.

    Raises
    ------
    DataError
        There are more or fewer rows, another outcome, other answers; or a 1 or 0 that they contradict.
    """
    if len(answers) != len(profiles):
        what = f"{len(answers):,} rows"
        raise DataError(Fault("answers", what, f"{len(profiles):,}, one a profile"))
    for name in answers:
        outcome = survey.outcomes.get(str(name))
        if outcome is None or outcome.kind != "support":
            own = [key for key, one in survey.outcomes.items() if one.kind == "support"]
            what = f'"{name}" is no outcome of kind support'
            raise DataError(Fault("answers", what, choices(own), "Take it out."))
        expected = answers_of(outcome)
        column = answers[name]
        if (
            not isinstance(column.dtype, pd.CategoricalDtype)
            or tuple(column.cat.categories) != expected
        ):
            what = f'"{name}" is not a categorical of its answers in order'
            raise DataError(Fault("answers", what, choices(expected)))
        codes = column.cat.codes.to_numpy()
        counts = np.array([float(own in outcome.positive) for own in expected] + [np.nan])[codes]
        wrong = ~(
            (counts == profiles[name]) | (np.isnan(counts) & profiles[name].isna())
        ).to_numpy()
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            given = "no answer" if codes[row] < 0 else f'"{column.iloc[row]}"'
            what = f"{given} does not count {profiles[name].iloc[row]:g}"
            raise DataError(Fault(f"answers, row {row}, {name}", what, "what the profile says"))
