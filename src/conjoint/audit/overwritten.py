"""Was a task overwritten by another? Then it shows the other's profiles once more."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from conjoint.audit.fixed import fixed_design
from conjoint.audit.grid import grid_of
from conjoint.audit.item import Item
from conjoint.audit.pattern import number_rows
from conjoint.audit.quality import WORTH_A_LOOK
from conjoint.audit.task import arms_of
from conjoint.say.number import base, by_chance, percent_by_size
from conjoint.say.phrase import phrase
from conjoint.say.words import sentence_case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.typing import IntArray, Verdict
    from conjoint.wave import Wave

__all__ = ["overwritten_tasks"]

CHECK = "overwritten_tasks"

BY_CHANCE = 0.001
"""Chance, over all pairs of tasks, under which equal tasks are no accident of the design."""


def overwritten_tasks(wave: Wave) -> list[Item]:
    """Count respondents to whom two tasks show the same profiles, against what the design gives.

    What the design gives is taken from the data: how often one person's task shows the profiles of
    another person's. That holds for every design, restricted or not. Of a design of fixed versions
    each version counts once.
    """
    patterns = _patterns(wave)
    if patterns is None:
        return [Item(CHECK, "", "fine", phrase("audit.unaligned"))]
    names, straight, turned = patterns
    arms = arms_of(wave)
    fixed, whose = fixed_design(wave), "respondents"
    if fixed is not None:  # each version once: it may show a task twice on purpose
        first = np.unique(straight, axis=0, return_index=True)[1]
        straight, turned, arms, whose = straight[first], turned[first], arms[first], "versions"
    if len(names) < 2:
        return [Item(CHECK, "", "fine", phrase("audit.overwritten_tasks.one_task"))]
    pairs = list(combinations(range(len(names)), 2))
    items = [
        item
        for first, second in pairs
        for item in _pair(names, (first, second), straight, turned, arms, len(pairs), whose)
    ]
    if items:
        return items
    text = phrase("audit.overwritten_tasks.none", count=len(names))
    return [Item(CHECK, "", "fine", text, "", 0, "respondents")]


def _patterns(wave: Wave) -> tuple[tuple[str, ...], IntArray, IntArray] | None:
    """Each task's profiles as one number a respondent, as they stand and turned round.

    The tasks' names, then the numbers, (respondents, tasks), -1 where a task was not shown. A
    repeated task is left out: `repeated_task` holds it against the task that it repeats.
    """
    grid = grid_of(wave)
    if grid is None:
        return None
    profile = number_rows(wave.codes(name) for name in wave.survey.attributes)
    return grid.tasks, *_numbered(np.where(grid.row < 0, -1, profile[grid.row]))


def _numbered(shown: IntArray) -> tuple[IntArray, IntArray]:
    n, T, P = shown.shape
    rows = np.concatenate([shown.reshape(-1, P), shown[:, :, ::-1].reshape(-1, P)])
    number = number_rows(rows.T)
    absent = rows.min(axis=1, initial=0) < 0
    both = np.where(absent, -1, number).reshape(2, n, T).astype(np.intp)
    return both[0], both[1]


def _pair(
    names: tuple[str, ...],
    pair: tuple[int, int],
    straight: IntArray,
    turned: IntArray,
    arms: IntArray,
    pairs: int,
    whose: str,
) -> Iterator[Item]:
    """Two tasks, their profiles in the same places or in each other's, whichever is more."""
    first, second = pair
    found = [
        (*_equal(straight[:, first], other[:, second], arms), is_turned)
        for other, is_turned in ((straight, False), (turned, True))
    ]
    count, n, chance, is_turned = max(found, key=lambda own: own[0])
    p_value = float(special.bdtrc(count - 1, n, chance)) if count else 1.0
    if p_value * 2 * pairs >= BY_CHANCE:
        return
    verdict: Verdict = "stop" if count / n >= WORTH_A_LOOK else "look"
    tasks = phrase("audit.tasks", first=names[first], second=names[second])
    text = phrase(
        "audit.overwritten_tasks.turned" if is_turned else "audit.overwritten_tasks.same",
        tasks=sentence_case(tasks),
        who=phrase(f"audit.count.{whose}", count),
        all=base(n),
        share=percent_by_size(count / n),
        chance=by_chance(n * chance),
    )
    do = phrase("audit.overwritten_tasks.do", tasks=tasks)
    yield Item(CHECK, tasks, verdict, text, do, count, whose, p_value)


def _equal(here: IntArray, there: IntArray, arms: IntArray) -> tuple[int, int, float]:
    """To how many respondents two tasks are equal, of how many, and the chance of it by design."""
    both = (here >= 0) & (there >= 0)
    n, count = int(both.sum()), int((here[both] == there[both]).sum())
    if n < 2:
        return count, n, 1.0
    chance = 0.0
    for arm in np.unique(arms[both]):
        inside = both & (arms == arm)
        chance += int(inside.sum()) / n * _between_people(here[inside], there[inside])
    return count, n, min(1.0, chance)


def _between_people(here: IntArray, there: IntArray) -> float:
    """How often one person's task is another's, one such pair added: never nought."""
    count = int((here == there).sum())
    n = len(here)
    size = int(max(here.max(), there.max())) + 1
    equal = np.bincount(here, minlength=size).astype(float) @ np.bincount(there, minlength=size)
    return min(1.0, float((equal - count + 1) / (n * (n - 1) + 1)))
