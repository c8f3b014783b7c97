"""Does what the task before showed change the answers now?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.audit.grid import UNALIGNED, grid_of
from conjoint.audit.item import Item
from conjoint.audit.judge import chance, holm, judge, together
from conjoint.audit.mean import in_words, range_of, sorted_means, standing_out

if TYPE_CHECKING:
    from conjoint.audit.grid import Grid
    from conjoint.estimates import Estimates
    from conjoint.typing import BoolArray, Integers
    from conjoint.wave import Wave

__all__ = ["carry_over"]

EFFECT = 0.02
"""Points by which the task before moves an answer before it is worth a look."""

THIN = 30
"""Profiles that a mean needs to be compared."""

CHECK = "carry_over"


@dataclass(frozen=True, eq=False, slots=True)
class Before:
    """What each profile's task before showed.

    Parameters
    ----------
    among
        Which profiles have a task before, of shape (profiles,).
    level
        By attribute, the level of the profile that stood in the same place, (profiles,).
    again
        By attribute, whether any profile of the task before showed the level, (profiles,).
    """

    among: BoolArray
    level: dict[str, Integers]
    again: dict[str, BoolArray]


def carry_over(wave: Wave) -> list[Item]:
    """See whether answers depend on what the task before showed, one item an outcome.

    Estimand
        For each level, the mean outcome of its profiles where the task before showed the level too,
        minus that where it did not; and for each level that the profile in the same place of the task
        before had, the mean outcome now.
    Variance
        Clustered by respondent. One joint test of all that an outcome has, Holm over outcomes.

    Notes
    -----
    Hainmueller, Hopkins & Yamamoto 2014 assume that there is no carry-over, and test it by task; this
    test looks for the two ways in which a task can work on the next one. Tasks are taken to have stood
    in the order of their names.
    """
    grid = grid_of(wave)
    if grid is None:
        return [Item(CHECK, "", "fine", UNALIGNED)]
    if len(grid.tasks) < 2:
        return [Item(CHECK, "", "fine", "There is one task.")]
    before = _before(wave, grid)
    if not before.among.any():
        return [Item(CHECK, "", "fine", "Nobody has two tasks one after the other.")]
    outcomes = list(wave.survey.outcomes)
    figures = [_moved(wave, outcome, before) for outcome in outcomes]
    tests = [together(own) for own in figures]
    return [_item(wave, *each) for each in zip(outcomes, figures, tests, holm(tests), strict=True)]


def _before(wave: Wave, grid: Grid) -> Before:
    now, then = grid.row[:, 1:], grid.row[:, :-1]
    both = grid.shown[:, 1:] & grid.shown[:, :-1]
    now, then = now[both], then[both]
    among = np.zeros(wave.n_profiles, dtype=bool)
    among[now] = True
    level: dict[str, Integers] = {}
    again: dict[str, BoolArray] = {}
    for name in wave.survey.attributes:
        code = wave.codes(name)
        earlier, own = code[then], code[now]
        level[name] = np.zeros_like(code)
        level[name][now] = earlier
        again[name] = np.zeros_like(among)
        again[name][now] = (own[:, :, None] == earlier[:, None, :]).any(axis=2)
    return Before(among, level, again)


def _moved(wave: Wave, outcome: str, before: Before) -> Estimates:
    """Means by the level before, and differences between levels shown again and not."""
    sortings = []
    for name, attribute in wave.survey.attributes.items():
        values, size = attribute.values, len(attribute.values)
        sortings.append((before.level[name], [(f"{name} before", value) for value in values]))
        code = wave.codes(name) + size * before.again[name].astype(np.intp)
        cells = [(f"{name} {when}", value) for when in ("new", "again") for value in values]
        sortings.append((code, cells))
    means = sorted_means(wave, outcome, sortings, before.among)
    rows = {
        key: place
        for place, key in enumerate(
            zip(means.labels["attribute"], means.labels["level"], strict=True)
        )
        if means.labels["n_profiles"].iloc[place] >= THIN
    }
    weights, labels = [], []
    for name, attribute in wave.survey.attributes.items():
        known = [value for value in attribute.values if (f"{name} before", value) in rows]
        for value in known:
            weights.append({rows[f"{name} before", value]: 1.0})
            labels.append((f"{name} before", value))
        twice = [
            value
            for value in attribute.values
            if (f"{name} new", value) in rows and (f"{name} again", value) in rows
        ]
        if twice:
            # What a joint test holds the differences against.
            weights.append({})
            labels.append((f"{name} again", ""))
        for value in twice:
            weights.append({rows[f"{name} again", value]: 1.0, rows[f"{name} new", value]: -1.0})
            labels.append((f"{name} again", value))
    matrix = np.zeros((len(weights), len(means)))
    for place, own in enumerate(weights):
        for column, weight in own.items():
            matrix[place, column] = weight
    frame = means.labels.iloc[[0] * len(labels)].assign(
        attribute=[attribute for attribute, _ in labels], level=[level for _, level in labels]
    )
    return means.contrast(matrix, frame, "carry-over")


def _item(wave: Wave, outcome: str, figures: Estimates, p_value: float, adjusted: float) -> Item:
    differences = _as_differences(figures)
    scale = range_of(wave.survey, outcome)
    worst, size = standing_out(differences)
    verdict = judge(adjusted, size / scale, EFFECT)
    attribute, level = differences.labels[["attribute", "level"]].iloc[worst]
    name, when = str(attribute).rsplit(" ", 1)
    what = (
        f'after a task that showed it too, "{level}" of {name} does otherwise'
        if when == "again"
        else f'a profile after one with "{level}" of {name} in its place does otherwise'
    )
    text = (
        f"Answers {'do not depend' if verdict == 'fine' else 'depend'} on the task before "
        f"({chance(p_value)}); most: {what}, by {in_words(differences, worst, scale)}."
    )
    do = (
        "" if verdict == "fine" else "Estimate from each respondent's first task too, and say both."
    )
    return Item(CHECK, outcome, verdict, text, do, size / scale, "points", p_value)


def _as_differences(figures: Estimates) -> Estimates:
    """Means by the level before as differences from their average; differences as they are."""
    labels = figures.labels
    matrix = np.eye(len(figures))
    before = labels["attribute"].str.endswith(" before").to_numpy()
    family = pd.factorize(labels["attribute"])[0]
    same = (family[:, None] == family) & before
    matrix -= same / np.maximum(same.sum(axis=1, keepdims=True), 1)
    return figures.contrast(matrix, labels, "carry-over")
