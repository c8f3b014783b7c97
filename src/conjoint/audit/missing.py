"""Who left what unanswered?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.audit.balance import covariates
from conjoint.audit.grid import grid_of
from conjoint.audit.item import Item
from conjoint.audit.person import means_of_people, unweighted
from conjoint.audit.quality import WORTH_A_LOOK
from conjoint.errors import EstimationError
from conjoint.estimate.agreement import Agreeing
from conjoint.estimate.figures import means_of
from conjoint.estimate.sample import specify
from conjoint.estimates import Designs, Estimates, adjusted, omnibus
from conjoint.say.number import between, percent_by_size, points
from conjoint.say.phrase import phrase
from conjoint.say.words import listed
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.audit.grid import Grid
    from conjoint.typing import BoolArray, FloatArray, Verdict
    from conjoint.wave import Wave

__all__ = ["missing_answers"]

CHECK = "missing_answers"

LOST = 0.05
"""Share of answers missing that deserves a look: if those who left them out differed by ten points
from the others, a figure would be off by half a point, which rounding no longer hides."""

HALF_LOST = 0.5
"""Share missing that no drop-out explains: more likely a column that was not read."""

DROPPED = 0.02
"""Fall from the first task to the last that deserves a look, where it is clearly there."""

BY_CHANCE = 0.01
"""Chance, after Holm, under which missing answers are said to depend on who people are."""

LEAST = 2
"""People without whom a question has no table."""

MOST_LEVELS = 20
"""Answers to a question up to which it tells groups of people apart."""


def missing_answers(wave: Wave) -> list[Item]:
    """Count tasks without an answer: in all, over the tasks, by who people are."""
    plain, grid = unweighted(wave), grid_of(wave)
    if grid is None:
        return [Item(CHECK, "", "fine", phrase("audit.unaligned"))]
    items: list[Item] = []
    for name in wave.survey.outcomes:
        items += _of_outcome(plain, name, grid)
    return [*items, *_of_questions(wave), _half_empty(plain, grid)]


def _of_questions(wave: Wave) -> Iterator[Item]:
    """Questions whose tables cannot be made, because hardly anybody answered."""
    shown = {name: own for name, own in wave.survey.questions.items() if own.topline}
    for name, question in shown.items():
        columns = list(dict.fromkeys(question.stored(name).values()))
        people = wave.respondents.loc[wave.weights > 0, columns].notna()
        each = people.any(axis=1).to_frame(name) if question.kind == "multiple" else people
        for column in each.columns[each.sum() < LEAST]:
            n = int(each[column].sum())
            text = phrase(
                "audit.missing_answers.one_person" if n else "audit.missing_answers.nobody",
                question=name,
                column=column,
            )
            do = phrase("audit.missing_answers.nobody_do")
            yield Item(CHECK, column, "stop", text, do, n, "respondents")


def _answered(wave: Wave, outcome: str, grid: Grid) -> BoolArray:
    """Which tasks have an answer for every profile shown, of shape (respondents, tasks)."""
    known = ~np.isnan(grid.values(wave.outcome(outcome)))
    shown = grid.row >= 0
    return np.asarray(shown.any(axis=2) & (known | ~shown).all(axis=2))


def _of_outcome(wave: Wave, outcome: str, grid: Grid) -> Iterator[Item]:
    answered = _answered(wave, outcome, grid)
    asked = np.atleast_1d(answered.any(axis=0))
    if not asked.all():
        names = listed([name for name, has in zip(grid.tasks, asked, strict=True) if not has])
        count = int((~asked).sum())
        said = {"outcome": outcome, "tasks": names}
        text = phrase("audit.missing_answers.unanswered", count, **said)
        subject = phrase("audit.missing_answers.unanswered_subject", count, **said)
        do = phrase("audit.missing_answers.unanswered_do")
        yield Item(CHECK, subject, "look", text, do, 1.0, "share")
    if not asked.any():
        return
    missing = np.asarray(1.0 - answered[:, asked], dtype=float)
    share = float(missing.mean())
    if not share:
        text = phrase("audit.missing_answers.none", outcome=outcome)
        yield Item(CHECK, outcome, "fine", text, "", 0.0, "share")
        return
    tasks = [name for name, has in zip(grid.tasks, asked, strict=True) if has]
    each = ", ".join(
        phrase("audit.missing_answers.by_task", name=name, share=percent_by_size(float(own)))
        for name, own in zip(tasks, missing.mean(axis=0), strict=True)
    )
    text = phrase(
        "audit.missing_answers.share", share=percent_by_size(share), outcome=outcome, tasks=each
    )
    verdict: Verdict = "fine"
    do = ""
    if share >= HALF_LOST:
        verdict, do = "stop", phrase("audit.missing_answers.columns_do")
    elif share >= LOST:
        verdict, do = "look", phrase("audit.missing_answers.do")
    yield Item(CHECK, outcome, verdict, text, do, share, "share", outcomes=(outcome,))
    yield from _drop_off(wave, outcome, tasks, missing)
    if share >= WORTH_A_LOOK:
        yield from _by_people(wave, outcome, missing.mean(axis=1))


def _drop_off(wave: Wave, outcome: str, tasks: list[str], missing: FloatArray) -> Iterator[Item]:
    if len(tasks) < 2 or wave.n_respondents < 2:
        return
    figures = means_of_people(wave, {"first": missing[:, 0], "last": missing[:, -1]})
    labels = figures.labels.iloc[:1].assign(level="last less first")
    row = figures.contrast(np.array([[-1.0, 1.0]]), labels, CHECK).frame.iloc[0]
    fall, p_value = float(row["estimate"]), float(row["p_value"])
    if not (fall >= DROPPED and row["conf_low"] > 0):
        return
    text = phrase(
        "audit.missing_answers.more",
        last=tasks[-1],
        points=points(fall),
        first=tasks[0],
        outcome=outcome,
        interval=between(points(row["conf_low"]), points(row["conf_high"])),
    )
    do = phrase("audit.missing_answers.more_do")
    subject = phrase("audit.missing_answers.over_tasks", outcome=outcome)
    yield Item(CHECK, subject, "look", text, do, fall, "points", p_value)


def _by_people(wave: Wave, outcome: str, missing: FloatArray) -> Iterator[Item]:
    """One joint test a question: does the share left out depend on the answer?"""
    tests = {}
    for name in covariates(wave):
        column = wave.respondents[name]
        if 2 <= column.nunique() <= MOST_LEVELS:
            try:
                tests[name] = omnibus(_means_by(wave, missing, name))["p_value"].iloc[0]
            except EstimationError:
                continue
    if not tests:
        return
    chance = adjusted(pd.Series(tests, dtype=float))
    found = chance[chance < BY_CHANCE].sort_values()
    subject = phrase("audit.missing_answers.by_people", outcome=outcome)
    if found.empty:
        columns = listed(list(tests), most=4)
        text = phrase("audit.missing_answers.independent", outcome=outcome, columns=columns)
        yield Item(CHECK, subject, "fine", text, p_value=min(tests.values()))
        return
    columns = listed(list(found.index), most=4)
    text = phrase("audit.missing_answers.dependent", outcome=outcome, columns=columns)
    do = phrase("audit.missing_answers.dependent_do")
    yield Item(CHECK, subject, "look", text, do, p_value=float(tests[found.index[0]]))


def _means_by(wave: Wave, y: FloatArray, column: str) -> Estimates:
    """Means of a number that respondents have, by what they answered to a question."""
    code, values = pd.factorize(wave.respondents[column])
    people = np.flatnonzero(code >= 0)
    everybody = np.ones(wave.n_respondents, dtype=bool)
    sample = Agreeing(wave, "", TOTAL, people, y[people], wave.weights[people], people, everybody)
    cells = [(column, str(value)) for value in values]
    figures = means_of(sample, [code[people]], [len(values)], [cells])
    labels = figures.labels.assign(outcome="", group=TOTAL, estimand="share")
    design = Designs.of(everybody, len(labels))
    specification = specify(wave, CHECK, None, "linearised", 0.95)
    return Estimates(
        labels, figures.values, figures.influence, design, figures.fixed, specification
    )


def _half_empty(wave: Wave, grid: Grid) -> Item:
    """People who answered fewer than half of the tasks."""
    each = [_answered(wave, name, grid) for name in wave.survey.outcomes]
    asked = np.concatenate([own[:, own.any(axis=0)] for own in each], axis=1)
    few = asked.mean(axis=1) < 0.5 if asked.shape[1] else np.zeros(wave.n_respondents, dtype=bool)
    count = int(few.sum())
    share, subject = count / wave.n_respondents, phrase("audit.missing_answers.respondents")
    if not count:
        text = phrase("audit.missing_answers.everybody")
        return Item(CHECK, subject, "fine", text, "", 0, "respondents")
    text = phrase(
        "audit.missing_answers.half",
        respondents=phrase("audit.count.respondents", count),
        share=percent_by_size(share),
    )
    if share < WORTH_A_LOOK:
        return Item(CHECK, subject, "fine", text, "", count, "respondents")
    do = phrase("audit.missing_answers.half_do")
    return Item(CHECK, subject, "look", text, do, count, "respondents")
