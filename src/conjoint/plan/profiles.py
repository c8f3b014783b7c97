"""Draw what the profiles of a task show: which attributes, and which of their levels."""

from __future__ import annotations

from collections import Counter
from functools import cache, partial
from itertools import combinations, compress
from typing import TYPE_CHECKING

import numpy as np

from conjoint.errors import Fault, SurveyError, choices
from conjoint.estimate.design import find_components, profile_shares
from conjoint.survey import Arm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import pandas as pd

    from conjoint.plan.recipe import Presence
    from conjoint.survey import Survey
    from conjoint.typing import BoolArray, FloatArray, IntArray

    Shares = Callable[[tuple[str, ...]], FloatArray]

__all__ = ["NOT_SHOWN", "draw_levels", "draw_presence", "presence_by_person", "presence_faults"]

NOT_SHOWN = -1
"""The code of an attribute that a profile does not show."""

ROUNDS, TRIES = 1000, 1000
"""How often tasks that break a rule of the design are drawn again, and how many tasks at a time."""

ROUNDS_ALIKE = 200
"""The same for profiles that are alike, which they have to be where there are too few combinations."""


def presence_faults(survey: Survey, rules: Sequence[Presence]) -> Iterator[Fault]:
    """Find what keeps a recipe's `presence` from fitting the attributes that are shown sometimes."""
    sometimes = [name for name, part in survey.attributes.items() if part.presence == "some"]
    times: Counter[str] = Counter()
    for index, rule in enumerate(rules):
        where = f"simulation.toml, presence[{index}]"
        sets = _sets(survey, rule)
        names = [name for members in sets for name in members]
        times.update(names)
        for name in names:
            if name not in sometimes:
                what = f'"{name}" is not an attribute with presence = "some"'
                yield Fault(f"{where}.attributes", what, choices(sometimes), "Correct the name.")
        if rule.count is not None and rule.count > len(sets):
            what, expected = f"{rule.count} of {len(sets)} cannot be shown", f"1 to {len(sets)}"
            yield Fault(f"{where}.count", what, expected, "Lower it, or name more attributes.")
    for name in sometimes:
        if times[name] != 1:
            what = f'"{name}", which some profiles show, stands in {times[name]} rules'
            do = f'Say how it is drawn, such as attributes = ["{name}"] with count or probability.'
            yield Fault("simulation.toml, presence", what, "exactly one", do)


def presence_by_person(
    rng: np.random.Generator, survey: Survey, rules: Sequence[Presence], people: pd.DataFrame
) -> BoolArray:
    """Which attributes a person's arms, and rules drawn person by person, show in all tasks.

    Of shape (attributes, people, profiles).
    """
    profiles = len(survey.data.profiles) if survey.data else 0
    shows = np.zeros((len(survey.attributes), len(people), profiles), dtype=bool)
    for place, (name, attribute) in enumerate(survey.attributes.items()):
        arm = attribute.presence
        if not isinstance(arm, Arm):
            shows[place] = attribute.is_always
        elif arm.column in people:
            shows[place] = people[arm.column].astype(str).isin(arm.arm).to_numpy()[:, None]
        else:
            what = f'the recipe draws no column "{arm.column}", which holds the arms'
            do = "Add it to the recipe as [[columns]], with a share for each arm."
            raise SurveyError(Fault(f"attributes.{name}.presence", what, do=do))
    later = any(rule.per != "respondent" for rule in rules)
    return _add(rng, survey, [rule for rule in rules if rule.per == "respondent"], shows, later)


def draw_presence(
    rng: np.random.Generator, survey: Survey, rules: Sequence[Presence], by_person: BoolArray
) -> BoolArray:
    """Which attributes the profiles of one task show, of the shape of `by_person`."""
    drawn = [rule for rule in rules if rule.per != "respondent"]
    return _add(rng, survey, drawn, by_person) if drawn else by_person


def _add(
    rng: np.random.Generator,
    survey: Survey,
    rules: Sequence[Presence],
    base: BoolArray,
    may_be_empty: bool = False,
) -> BoolArray:
    """Attributes shown anyway and those that rules draw, again where a profile would show none."""
    shows = _draw_rules(rng, survey, rules, base)
    for _ in range(ROUNDS):
        empty = (shows.sum(axis=0) == 0).any(axis=1)
        if may_be_empty or not empty.any():
            return shows
        shows[:, empty] = _draw_rules(rng, survey, rules, base[:, empty])
    raise SurveyError(
        Fault(
            "simulation.toml, presence",
            "leaves some profiles without any attribute",
            "one attribute or more in every profile",
            "Raise count or probability, or give every arm an attribute.",
        )
    )


def _draw_rules(
    rng: np.random.Generator, survey: Survey, rules: Iterable[Presence], base: BoolArray
) -> BoolArray:
    shows, order = base.copy(), list(survey.attributes)
    _, people, profiles = base.shape
    for rule in rules:
        sets = _sets(survey, rule)
        number = rng.random((len(sets), people, profiles if rule.per == "profile" else 1))
        if rule.count is not None:
            drawn = number.argsort(axis=0).argsort(axis=0) < rule.count
        else:
            drawn = number < (rule.probability or 0.0)
        for members, has in zip(sets, drawn, strict=True):
            for name in members:
                shows[order.index(name)] |= has
    return shows


def _sets(survey: Survey, rule: Presence) -> list[tuple[str, ...]]:
    """The attributes of a rule, in sets that are shown together; without any, all shown sometimes."""
    if rule.attributes:
        return list(rule.attributes)
    return [(name,) for name, part in survey.attributes.items() if part.presence == "some"]


def draw_levels(rng: np.random.Generator, survey: Survey, shows: BoolArray) -> dict[str, IntArray]:
    """The level of each attribute, (people, profiles), :data:`NOT_SHOWN` where it is not shown.

    Formula
        Profiles are drawn apart from the distribution that survey.toml declares, and again while
        they share a level that `across` keeps apart; the audit expects just that. Profiles of a
        task that are alike in all they show are drawn again where every combination is as likely
        as any other: elsewhere that would make the likely levels rarer than declared.

    Parameters
    ----------
    shows
        Which attributes each profile shows, of shape (attributes, people, profiles).
    """
    levels = _draw_tasks(rng, survey, shows)
    even = not survey.joint and not any(part.probabilities for part in survey.attributes.values())
    for _ in range(ROUNDS_ALIKE if even else 0):
        alike = _any_pair(levels, all_of=True)
        if not alike.any():
            break
        levels[:, alike] = _draw_tasks(rng, survey, shows[:, alike])
    return dict(zip(survey.attributes, levels, strict=True))


def _draw_tasks(rng: np.random.Generator, survey: Survey, shows: BoolArray) -> IntArray:
    """Levels of tasks, of the shape of `shows`, one part of the design after another."""
    levels = np.empty(shows.shape, dtype=np.intp)
    order = list(survey.attributes)
    shares = cache(partial(profile_shares, survey))
    for names in find_components(survey):
        rows = [order.index(name) for name in names]
        levels[rows] = _draw_apart(rng, survey, names, shows[rows], shares)
    return levels


def _draw_apart(
    rng: np.random.Generator,
    survey: Survey,
    names: tuple[str, ...],
    shows: BoolArray,
    shares: Shares,
) -> IntArray:
    """Levels of tied attributes, tasks drawn again until those of `across` differ."""
    levels = _draw_profiles(rng, survey, names, shows, shares)
    apart = [row for row, name in enumerate(names) if name in survey.distinct]
    waiting = np.flatnonzero(_any_pair(levels[apart], all_of=False))
    for _ in range(ROUNDS):
        if not len(waiting):
            return levels
        tries = np.repeat(waiting, max(1, TRIES // len(waiting)))
        drawn = _draw_profiles(rng, survey, names, shows[:, tries], shares)
        fits = np.flatnonzero(~_any_pair(drawn[apart], all_of=False))
        done, first = np.unique(tries[fits], return_index=True)
        levels[:, done] = drawn[:, fits[first]]
        waiting = np.setdiff1d(waiting, done)
    raise SurveyError(
        Fault(
            "survey.toml, restrictions",
            f"no task was drawn whose profiles differ in {choices(names[row] for row in apart)}",
            "levels that restrictions and joint distributions let differ",
            "Take `across` or another restriction out.",
        )
    )


def _draw_profiles(
    rng: np.random.Generator,
    survey: Survey,
    names: tuple[str, ...],
    shows: BoolArray,
    shares: Shares,
) -> IntArray:
    """Levels of tied attributes, each profile drawn on its own; of the shape of `shows`."""
    attribute = survey.attributes[names[0]]
    if len(names) == 1 and not attribute.probabilities:
        drawn = rng.integers(len(attribute.levels), size=shows.shape[1:])
        return np.where(shows, drawn, NOT_SHOWN).astype(np.intp)
    profiles = shows.reshape(len(names), -1)
    levels = np.full(profiles.shape, NOT_SHOWN, dtype=np.intp)
    patterns, index = np.unique(profiles, axis=1, return_inverse=True)
    for place, pattern in enumerate(patterns.T):
        if pattern.any():
            table = shares(tuple(compress(names, pattern)))
            columns = np.flatnonzero(index.ravel() == place)
            cells = rng.choice(table.size, len(columns), p=table.ravel())
            levels[np.ix_(pattern, columns)] = np.unravel_index(cells, table.shape)
    return levels.reshape(shows.shape)


def _any_pair(levels: IntArray, *, all_of: bool) -> BoolArray:
    """In which tasks two profiles agree in all attributes, or share a level of any, (people,)."""
    agree = np.zeros(levels.shape[1], dtype=bool)
    for one, two in combinations(range(levels.shape[2]), 2):
        first, second = levels[:, :, one], levels[:, :, two]
        if all_of:
            agree |= (first == second).all(axis=0)
        else:
            agree |= ((first == second) & (first != NOT_SHOWN)).any(axis=0)
    return agree
