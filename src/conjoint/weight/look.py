"""What to look at before weighting: small categories, with whom to merge them; old figures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import Fault
from conjoint.say.number import counted, percent_by_size
from conjoint.survey import Targets
from conjoint.weight.check import read_constraints
from conjoint.weight.constraint import Shares

if TYPE_CHECKING:
    from conjoint.survey import Margin
    from conjoint.typing import IntArray
    from conjoint.wave import Wave

__all__ = ["target_warnings"]

FEW = 10
"""Respondents below which a category is small: a few of them then carry the whole category."""

OLD = 5
"""Years before fieldwork that make a figure old."""


def target_warnings(wave: Wave, targets: Targets | None = None) -> list[Fault]:
    """Say what of the targets deserves a look, though a wave can be weighted to them.

    Parameters
    ----------
    wave
        Who would be weighted.
    targets
        The survey's own where None.

    Returns
    -------
    list of Fault
        A category of fewer than ten respondents, with the one to merge it with: its smaller
        neighbour where the categories are ranges of numbers, such as ages, otherwise the smallest of
        the others. A margin whose oldest figure is from more than five years before fieldwork. Empty
        where there is nothing to say, and for margins that do not fit the wave at all.
    """
    targets = targets or wave.survey.targets
    if targets is None:
        return []
    notes = []
    for margin in targets.margins:
        alone = Targets((margin,), targets.where)
        constraints, faults = read_constraints(
            wave.respondents, alone, wave.survey.segments, wave.weights
        )
        if constraints and not faults and isinstance(constraints[0], Shares):
            inside = wave.weights > 0
            counts = np.bincount(constraints[0].category()[inside], minlength=len(margin.shares))
            notes += _small(margin, counts[: len(margin.shares)], targets.place(margin))
        notes += _old(margin, wave, targets.place(margin))
    return notes


def _small(margin: Margin, counts: IntArray, where: str) -> list[Fault]:
    notes = []
    shares = np.array(list(margin.shares.values()))
    for place in np.flatnonzero((counts < FEW) & (shares > 0)):
        name, other = margin.categories[place], _neighbour(margin, counts, int(place))
        people = counted(counts[place], "respondent")
        do = ""
        if other is not None:
            do = f'Merge it with "{margin.categories[other]}" ({counts[other]} respondents).'
        what = f'only {people} in "{name}" (target {percent_by_size(shares[place])})'
        notes.append(Fault(where, what, f"{FEW} or more", do))
    return notes


def _neighbour(margin: Margin, counts: IntArray, place: int) -> int | None:
    """Whom to merge a category with: it differs in one part, a range of numbers by one place."""
    keys = list(margin.shares)
    own = keys[place]
    adjacent: list[int] = []
    others: list[int] = []
    for part in range(len(own)):
        order = list(dict.fromkeys(key[part] for key in keys))
        ranges = all(re.search(r"\d", text) for text in order)
        for other, key in enumerate(keys):
            apart = [here != there for here, there in zip(own, key, strict=True)]
            if sum(apart) == 1 and apart[part]:
                if not ranges:
                    others.append(other)
                elif abs(order.index(key[part]) - order.index(own[part])) == 1:
                    adjacent.append(other)
    return min(adjacent or others, key=lambda other: int(counts[other]), default=None)


def _old(margin: Margin, wave: Wave, where: str) -> list[Fault]:
    fieldwork = wave.survey.fieldwork
    if margin.year is None or fieldwork is None or fieldwork.start.year - margin.year <= OLD:
        return []
    age = fieldwork.start.year - margin.year
    what = f"its figures are from {margin.year}, {age} years before fieldwork"
    return [Fault(where, what, f"{OLD} years at most", "Look for newer ones, or say so.")]
