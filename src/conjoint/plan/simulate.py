"""Draw a synthetic wave: a population, a panel that is off target, and answers.

The population's respondents are raked to the survey's targets; the panel over-represents whom
the recipe says; topline answers are placed so that the *weighted* shares are the ones stated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import Fault, SurveyError, choices
from conjoint.plan.profiles import (
    NOT_SHOWN,
    draw_levels,
    draw_presence,
    presence_by_person,
    presence_faults,
)
from conjoint.weight.sample import rake_respondents

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conjoint.plan.recipe import Column, Panel, QuestionShares, Recipe, Shift
    from conjoint.survey import Data, Rule, Survey, Targets
    from conjoint.typing import BoolArray, FloatArray, IntArray

__all__ = ["simulate"]


def simulate(survey: Survey, recipe: Recipe) -> pd.DataFrame:
    """Draw a synthetic wave in the survey's own wide layout.

    Parameters
    ----------
    survey
        A wide layout with weighting targets. Levels are drawn as it declares, with its
        probabilities, joint distributions and restrictions; attributes with an arm are shown to the
        people whose column holds the arm. See :func:`conjoint.plan.profiles.draw_levels`.
    recipe
        Seed, preferences and shares, and how often attributes that are shown sometimes are shown.
        What is not shown adds nothing to anybody's utility, and its cell is empty.

    Returns
    -------
    pandas.DataFrame
        One row a respondent, all cells text, columns as survey.toml declares them.

    Raises
    ------
    SurveyError
        The survey's layout is not wide, it has no targets, or an outcome is neither a choice with
        `chosen` nor support; or the recipe does not fit the survey's attributes.
    """
    data, targets = survey.data, survey.targets
    if data is None or data.layout != "wide" or data.name or targets is None:
        raise SurveyError(
            Fault("survey.toml", "cannot be simulated", "a wide layout and weighting targets")
        )
    for name, outcome in survey.outcomes.items():
        if outcome.kind == "rating" or (outcome.kind == "choice" and not outcome.chosen):
            raise SurveyError(
                Fault(f"outcomes.{name}", "cannot be drawn", "a choice with `chosen`, or support")
            )
    if faults := [*_utility_faults(survey, recipe), *presence_faults(survey, recipe.presence)]:
        raise SurveyError(*faults)
    rng = np.random.default_rng(recipe.seed)
    people = _panel(rng, recipe, targets)
    weights = rake_respondents(people, targets, np.ones(len(people))).weights
    worths, lean = _preferences(rng, survey, recipe, people)
    frame = pd.DataFrame({data.respondent: _ids(rng, recipe)})
    frame = pd.concat([frame, people.reset_index(drop=True)], axis=1)
    for name, parts in recipe.questions.items():
        score = lean + recipe.question_noise * rng.normal(size=len(people))
        frame[survey.question_column(name)] = _answers(survey, name, parts, people, weights, score)
    shows = presence_by_person(rng, survey, recipe.presence, frame)
    tasks = _tasks(rng, survey, data, recipe, worths, lean, shows)
    frame = pd.concat([frame, tasks], axis=1)
    if data.duration:
        seconds = recipe.median_seconds * np.exp(0.4 * rng.normal(size=len(people)))
        frame[data.duration] = np.maximum(seconds, 60).round().astype(int).astype(str)
    return frame


def _utility_faults(survey: Survey, recipe: Recipe) -> Iterator[Fault]:
    for index, preference in enumerate(recipe.preferences):
        for name, utility in preference.utility.items():
            where = f"simulation.toml, preferences[{index}].utility"
            if name not in survey.attributes:
                expected = choices(survey.attributes)
                yield Fault(where, f'there is no attribute "{name}"', expected, "Correct the name.")
                continue
            values = survey.attributes[name].values
            for value in utility:
                if value not in values:
                    what = f'"{value}" is not a level of "{name}"'
                    yield Fault(f"{where}.{name}", what, choices(values), "Correct the level.")


def _ids(rng: np.random.Generator, recipe: Recipe) -> list[str]:
    numbers = rng.choice(900_000, size=recipe.respondents, replace=False) + 100_000
    return [f"{recipe.id_prefix}{number}" for number in numbers]


def _panel(rng: np.random.Generator, recipe: Recipe, targets: Targets) -> pd.DataFrame:
    """Draw people from the population as the panel leans."""
    panel: Panel = recipe.panel
    pool = pd.DataFrame(index=pd.RangeIndex(panel.pool))
    for column in recipe.columns:
        pool[column.name] = _draw_column(rng, column, pool)
    chance = rake_respondents(pool, targets, np.ones(panel.pool)).weights
    for lean in panel.leans:
        chance = chance * np.where(lean.where.members(pool), np.exp(lean.log_odds), 1.0)
    chosen = rng.choice(panel.pool, recipe.respondents, replace=False, p=chance / chance.sum())
    return pool.iloc[chosen].reset_index(drop=True)


def _draw_column(rng: np.random.Generator, column: Column, pool: pd.DataFrame) -> list[str]:
    categories = list(column.shares)
    logits = np.tile(np.log(np.array(list(column.shares.values()))), (len(pool), 1))
    for shift in column.shifts:
        logits += _shifted(shift, categories, pool)
    # The largest of logits plus Gumbel noise is a multinomial draw.
    drawn = np.argmax(logits + rng.gumbel(size=logits.shape), axis=1)
    return [categories[place] for place in drawn]


def _shifted(shift: Shift, categories: Sequence[str], pool: pd.DataFrame) -> FloatArray:
    add = np.array([shift.add.get(category, 0.0) for category in categories])
    return np.outer(shift.where.members(pool), add)


def _members(where: Rule | None, people: pd.DataFrame) -> BoolArray:
    """Who a rule means: everybody where there is none."""
    return np.ones(len(people), dtype=bool) if where is None else where.members(people)


def _preferences(
    rng: np.random.Generator, survey: Survey, recipe: Recipe, people: pd.DataFrame
) -> tuple[dict[str, FloatArray], FloatArray]:
    """Each person's part-worths, (people, levels) an attribute, and leaning to support a deal."""
    n = len(people)
    worths: dict[str, FloatArray] = {
        name: np.zeros((n, len(attribute.levels))) for name, attribute in survey.attributes.items()
    }
    lean = np.zeros(n)
    for preference in recipe.preferences:
        applies = _members(preference.where, people).astype(float)
        lean += applies * preference.support
        for name, utility in preference.utility.items():
            values = [utility.get(value, 0.0) for value in survey.attributes[name].values]
            worths[name] += np.outer(applies, values)
    for name, worth in worths.items():
        worths[name] = worth + recipe.person_sd * rng.normal(size=worth.shape)
    return worths, lean + recipe.support_sd * rng.normal(size=n)


def _answers(
    survey: Survey,
    name: str,
    parts: Sequence[QuestionShares],
    people: pd.DataFrame,
    weights: FloatArray,
    score: FloatArray,
) -> list[str]:
    """Place answers so that each part's weighted shares come out as stated.

    Answers go by score, the first answer to the highest: who leans to a deal supports it.
    """
    answers = survey.questions[name].values
    given = np.full(len(people), -1)
    for part in parts:
        members = _members(part.where, people)
        total = weights[members].sum() / sum(part.shares.values())
        for place, answer in enumerate(answers):
            free = np.flatnonzero(members & (given < 0))
            if place == len(answers) - 1:
                given[free] = place
                break
            has = weights[members & (given == place)].sum()
            # The first answer goes to the highest scores, the second (oppose) to the lowest.
            leaning = score[free] if place == 0 else -score[free]
            picked = _subset(weights[free], leaning, part.shares[answer] * total - has)
            given[free[picked]] = place
    return [answers[place] for place in given]


def _subset(weights: FloatArray, score: FloatArray, wanted: float) -> BoolArray:
    """People with the highest scores whose weights sum to `wanted`, as nearly as swaps allow."""
    order = np.argsort(-score, kind="stable")
    running = np.concatenate([[0.0], np.cumsum(weights[order])])
    count = int(np.argmin(np.abs(running - wanted)))
    picked = np.zeros(len(weights), dtype=bool)
    picked[order[:count]] = True
    near = 200  # swaps are sought among people next to the threshold
    inside, outside = order[max(count - near, 0) : count], order[count : count + near]
    miss = wanted - weights[picked].sum()
    if len(inside) and len(outside):
        gain = weights[outside][None, :] - weights[inside][:, None]
        best = np.unravel_index(np.argmin(np.abs(gain - miss)), gain.shape)
        if abs(gain[best] - miss) < abs(miss):
            picked[inside[best[0]]], picked[outside[best[1]]] = False, True
    return picked


def _tasks(
    rng: np.random.Generator,
    survey: Survey,
    data: Data,
    recipe: Recipe,
    worths: dict[str, FloatArray],
    lean: FloatArray,
    by_person: BoolArray,
) -> pd.DataFrame:
    """Shown levels, choices and support for every task, columns in the order of the tasks."""
    columns: dict[str, list[str]] = {}
    shown_first: dict[str, IntArray] = {}
    for task in data.tasks:
        shows = draw_presence(rng, survey, recipe.presence, by_person)
        shown = draw_levels(rng, survey, shows)
        if data.repeat is not None and task == data.repeat.of:
            shown_first = shown
        columns |= _answer_task(rng, survey, data, recipe, worths, lean, task, shown)
    if data.repeat is not None:
        order = slice(None, None, -1 if data.repeat.flipped else 1)
        shown = {name: codes[:, order] for name, codes in shown_first.items()}
        columns |= _answer_task(rng, survey, data, recipe, worths, lean, data.repeat.task, shown)
    return pd.DataFrame(columns)


def _answer_task(
    rng: np.random.Generator,
    survey: Survey,
    data: Data,
    recipe: Recipe,
    worths: dict[str, FloatArray],
    lean: FloatArray,
    task: str,
    shown: dict[str, IntArray],
) -> dict[str, list[str]]:
    """The columns of one task: its profiles' levels, then its outcomes."""
    utility = sum(
        (
            np.where(codes == NOT_SHOWN, 0.0, np.take_along_axis(worths[name], codes, axis=1))
            for name, codes in shown.items()
        ),
        np.zeros((len(lean), len(data.profiles))),
    )
    columns: dict[str, list[str]] = {}
    for place, profile in enumerate(data.profiles):
        for name, codes in shown.items():
            # Not shown is the last code, counted from behind.
            cells = (*survey.attributes[name].values, "")
            columns[survey.column(name, task, profile)] = [cells[code] for code in codes[:, place]]
    choice = np.argmax(utility + rng.gumbel(size=utility.shape), axis=1)
    logit = lean[:, None] + utility + rng.logistic(size=utility.shape)
    for name, outcome in survey.outcomes.items():
        if outcome.kind == "choice":
            answers = [outcome.chosen[data.profiles[place]][0] for place in choice]
            columns[survey.column(name, task, "")] = answers
        else:
            for place, profile in enumerate(data.profiles):
                columns[survey.column(name, task, profile)] = _support(
                    logit[:, place], recipe.dont_know, outcome.positive[0], outcome.negative
                )
    return columns


def _support(
    logit: FloatArray, dont_know: float, positive: str, negative: Sequence[str]
) -> list[str]:
    """Support above a band around zero, oppose below it, don't know (where there is one) in it."""
    unsure = negative[-1]
    return [
        positive if value > dont_know else negative[0] if value < -dont_know else unsure
        for value in logit
    ]
