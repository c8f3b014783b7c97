"""Do answers depend on where and when a profile stood?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.audit.carry import carry_over
from conjoint.audit.fixed import fixed_design
from conjoint.audit.grid import UNALIGNED, grid_of
from conjoint.audit.item import Item
from conjoint.audit.judge import PER_COMPARISON, chance, holm, judge, together
from conjoint.audit.mean import in_words, range_of, sorted_means, standing_out
from conjoint.errors import EstimationError, choices
from conjoint.estimate import amce
from conjoint.say.number import counted

if TYPE_CHECKING:
    from conjoint.estimates import Estimates
    from conjoint.typing import FloatArray
    from conjoint.wave import Wave

__all__ = ["attribute_position", "carry_over", "fatigue", "profile_position"]

SMALL, LARGE = 0.02, 0.1
"""Points by which a position is favoured: a look, and a stop. Two points leave effects as they are,
because positions are drawn; with ten, one respondent in five or so answers by position."""

EFFECT = 0.02
"""Points by which an effect changes with its place before it is worth a look."""

DO_AVERAGE = "Effects are averages over positions; say so, and show them apart where they differ."


MIXED_UP = "what {0} do to answers cannot be told from what {0} show."


def profile_position(wave: Wave) -> list[Item]:
    """See whether the place of a profile in its task changes how it fares, two items an outcome.

    Estimand
        Mean outcome of the profiles in a place minus the average over places: in a forced choice of
        tasks alike the share chosen minus one over their profiles. Then, whether AMCEs differ by place.
    Variance
        Clustered by respondent. One joint test each, Holm over all.
    """
    check = "profile_position"
    grid = grid_of(wave)
    if grid is None:
        return [Item(check, "", "fine", UNALIGNED)]
    if len(grid.profiles) < 2:
        return [Item(check, "", "fine", "Every task shows one profile.")]
    fixed = fixed_design(wave)
    if fixed is not None and fixed.is_small and not fixed.turned:
        text = (
            f"{fixed.text}, each with its profiles in the same places: {MIXED_UP.format('places')}"
        )
        return [Item(check, "", "fine", text)]
    code = pd.Categorical(wave.profiles["profile"], categories=list(grid.profiles)).codes
    cells = [("profile", name) for name in grid.profiles]
    favour, effects, tests = [], [], []
    for outcome in wave.survey.outcomes:
        means = sorted_means(wave, outcome, [(np.asarray(code), cells)])
        favour.append(_off_average(means))
        effects.append(_effects(wave, "profile", outcome))
        tests += [together(means), _same(effects[-1])]
    adjusted = holm(tests).reshape(-1, 2)
    items = []
    for place, outcome in enumerate(wave.survey.outcomes):
        raw = tests[2 * place], tests[2 * place + 1]
        items.append(_favour_item(wave, outcome, favour[place], raw[0], adjusted[place, 0]))
        items.append(_by_place_item(wave, outcome, effects[place], raw[1], adjusted[place, 1]))
    return items


def _off_average(means: Estimates) -> Estimates:
    n = len(means)
    return means.contrast(np.eye(n) - 1 / n, means.labels, "off average")


def _favour_item(wave: Wave, outcome: str, off: Estimates, p_value: float, adjusted: float) -> Item:
    scale = range_of(wave.survey, outcome)
    # With two places one is off as much as the other: the first is said.
    worst = standing_out(off)[0] if len(off) > 2 else 0
    size = float(np.abs(off.values).max()) / scale
    verdict = judge(adjusted, size, SMALL, LARGE)
    name = off.labels["level"].iloc[worst]
    even = wave.survey.even_choice(outcome)
    against = "the average of all places" if even is None else "the share of an even choice"
    text = f'Profile "{name}" is {in_words(off, worst, scale)} off {against} ({chance(p_value)}).'
    do = ""
    if verdict != "fine":
        do = (
            "Check that the answers' codes mean the profiles that survey.toml says. If so, effects "
            "are weaker than they would be among those who read both; say so."
        )
    return Item(
        "profile_position", outcome, verdict, text, do, size, "points", p_value, outcomes=(outcome,)
    )


def _effects(wave: Wave, by: str, outcome: str) -> Estimates | str:
    """AMCEs by place, or why there are none."""
    try:
        return amce(wave, by, outcome=outcome)
    except EstimationError as error:
        return f"{error.faults[0].where}: {error.faults[0].what}"


def _why(effects: Estimates) -> str:
    """Why effects cannot be compared: the first reason that some of them are not there."""
    return next((note for note in effects.notes if note), "no two groups share a level")


def _left_out(effects: Estimates) -> str:
    """Which effects a comparison goes without."""
    return f" Left out: {choices(effects.reasons, 3)}" if effects.reasons else ""


def _same(effects: Estimates | str) -> float:
    return float("nan") if isinstance(effects, str) else together(effects)


def _by_place_item(
    wave: Wave, outcome: str, effects: Estimates | str, p_value: float, adjusted: float
) -> Item:
    check, subject = "profile_position", f"{outcome}, effects"
    if isinstance(effects, str):
        return Item(check, subject, "fine", f"Effects by place were not tested: {effects}.")
    groups = list(dict.fromkeys(effects.labels["group"]))
    change = effects.contrast(*_between(effects, groups[:1], groups[1:]), "change")
    change = change.without_missing()
    if not len(change):
        return Item(check, subject, "fine", f"Effects by place were not tested: {_why(effects)}.")
    labels, scale = change.labels, range_of(wave.survey, outcome)
    worst, size = standing_out(change)
    verdict = judge(adjusted, size / scale, EFFECT)
    level = f'"{labels["level"].iloc[worst]}" of {labels["attribute"].iloc[worst]}'
    text = (
        f"Effects {'do not differ' if verdict == 'fine' else 'differ'} by the place of the profile "
        f'({chance(p_value)}); most: {level}, in profile "{groups[0]}" against the rest, by '
        f"{in_words(change, worst, scale)}.{_left_out(effects)}"
    )
    do = "" if verdict == "fine" else DO_AVERAGE
    return Item(check, subject, verdict, text, do, size / scale, "points", p_value)


def _between(
    effects: Estimates, first: list[str], second: list[str]
) -> tuple[FloatArray, pd.DataFrame]:
    """Average effects in some groups minus those in others, level by level; baselines left out."""
    labels = effects.labels
    keys = list(zip(labels["attribute"], labels["level"], strict=True))
    estimated = (labels["level"] != labels["baseline"]).to_numpy()
    rows = {key: place for place, key in enumerate(keys) if estimated[place]}
    order = {key: place for place, key in enumerate(rows)}
    matrix = np.zeros((len(rows), len(effects)))
    for column, (key, group) in enumerate(zip(keys, labels["group"], strict=True)):
        if key in order and group in first:
            matrix[order[key], column] = 1 / len(first)
        elif key in order and group in second:
            matrix[order[key], column] = -1 / len(second)
    return matrix, labels.iloc[list(rows.values())].reset_index(drop=True)


def fatigue(wave: Wave) -> list[Item]:
    """See whether AMCEs differ over tasks, one item an outcome.

    Notes
    -----
    Two joint tests, clustered by respondent: whether AMCEs are the same in all tasks, and whether
    they are in the first half of the tasks and in the last; Holm over both and all outcomes. Tasks are
    taken to have stood in the order of their names.
    """
    check = "fatigue"
    grid = grid_of(wave)
    if grid is None:
        return [Item(check, "", "fine", UNALIGNED)]
    if len(grid.tasks) < 2:
        return [Item(check, "", "fine", "There is one task.")]
    fixed = fixed_design(wave)
    if fixed is not None and fixed.is_small and not fixed.shuffled:
        text = f"{fixed.text}: {MIXED_UP.format('tasks')}"
        return [Item(check, "", "fine", text)]
    outcomes = list(wave.survey.outcomes)
    effects = {outcome: _effects(wave, "task", outcome) for outcome in outcomes}
    halves = {name: own if isinstance(own, str) else _halves(own) for name, own in effects.items()}
    tests = [[_same(effects[name]), _same(halves[name])] for name in outcomes]
    adjusted = holm(np.ravel(tests)).reshape(-1, 2)
    return [
        _fatigue_item(wave, name, halves[name], tests[place], adjusted[place])
        for place, name in enumerate(outcomes)
    ]


FIRST, LAST = "first half", "last half"


def _halves(effects: Estimates) -> Estimates:
    """Average effects over the first half of tasks, and over the last; a middle task is in neither."""
    labels = effects.labels
    tasks = list(dict.fromkeys(labels["group"]))
    half = len(tasks) // 2
    keys = list(zip(labels["attribute"], labels["level"], strict=True))
    order = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    matrix = np.zeros((2 * len(order), len(effects)))
    for column, (key, task) in enumerate(zip(keys, labels["group"], strict=True)):
        if task in tasks[:half]:
            matrix[order[key], column] = 1 / half
        if task in tasks[-half:]:
            matrix[len(order) + order[key], column] = 1 / half
    shape = labels.iloc[: len(order)]
    both = [shape.assign(group=name) for name in (FIRST, LAST)]
    return effects.contrast(matrix, pd.concat(both), "halves")


def _fatigue_item(
    wave: Wave, outcome: str, halves: Estimates | str, tests: list[float], adjusted: FloatArray
) -> Item:
    check = "fatigue"
    if isinstance(halves, str):
        return Item(check, outcome, "fine", f"Effects by task were not tested: {halves}.")
    change = halves.contrast(*_between(halves, [LAST], [FIRST]), "change").without_missing()
    if not len(change):
        return Item(check, outcome, "fine", f"Effects by task were not tested: {_why(halves)}.")
    scale = range_of(wave.survey, outcome)
    worst, size = standing_out(change)
    p_value = float(np.fmin.reduce(adjusted)) if not np.isnan(adjusted).all() else float("nan")
    verdict = judge(p_value, size / scale, EFFECT)
    level = f'"{change.labels["level"].iloc[worst]}" of {change.labels["attribute"].iloc[worst]}'
    text = (
        f"Effects {'do not differ' if verdict == 'fine' else 'differ'} between tasks "
        f"({chance(tests[0])}; first half against last: {chance(tests[1])}). From the first half to "
        f"the last, that of {level} changes by {in_words(change, worst, scale)}.{_left_out(halves)}"
    )
    do = ""
    if verdict != "fine":
        do = "Compare the effects of the first tasks with those of all; say so if they disagree."
    return Item(check, outcome, verdict, text, do, size / scale, "points", tests[0])


def attribute_position(wave: Wave) -> list[Item]:
    """See whether an attribute's levels fare otherwise by where the attribute stood in the profile.

    Estimand
        Marginal means of an attribute's levels by its position; whether their pattern is the same in
        all positions, or in upper and lower ones where respondents are few.
    Variance
        Clustered by respondent. One joint test an attribute and outcome, Holm over all.
    """
    check = "attribute_position"
    positions = wave.positions
    if positions is None:
        return [Item(check, "", "fine", "The file does not say where the attributes stood.")]
    positions = positions.where(positions > 0)
    moving = [name for name in wave.survey.attributes if len(positions[name].dropna().unique()) > 1]
    if not moving:
        return [Item(check, "", "fine", "Attributes stood in the same order for everybody.")]
    subjects, found = [], []
    for outcome in wave.survey.outcomes:
        for name in moving:
            means = _means_by_position(wave, name, outcome, positions[name])
            subjects.append((name, outcome))
            found.append((means, together(means)))
    items, adjusted = [], holm([p_value for _, p_value in found])
    for (name, outcome), (means, p_value), p in zip(subjects, found, adjusted, strict=True):
        scale = range_of(wave.survey, outcome)
        size, text = _apart(means, scale)
        if (verdict := judge(p, size, EFFECT)) != "fine":
            text = f"Levels of {name} fare otherwise by where it stood ({chance(p_value)}); {text}."
            subject = f"{name}, {outcome}"
            items.append(Item(check, subject, verdict, text, DO_AVERAGE, size, "points", p_value))
    known = [p_value for _, p_value in found if not np.isnan(p_value)]
    text = f"{counted(len(found), 'test')} of attributes by position"
    text += (
        f": {counted(len(items), 'difference')}; the least likely by chance has {chance(min(known))}."
        if known
        else " could not be made: too few respondents."
    )
    least = min(known, default=float("nan"))
    return [*items, Item(check, "", "fine", text, "", least, "p", least)]


def _means_by_position(
    wave: Wave, name: str, outcome: str, position: pd.Series[float]
) -> Estimates:
    """Means by level, one group a position; levels that some position lacks are left out."""
    place, names = pd.factorize(position.where(wave.shows(name)), sort=True)
    values = wave.survey.attributes[name].values
    if (len(values) - 1) * (len(names) - 1) * PER_COMPARISON > wave.n_respondents:
        place = np.where(place >= 0, (place >= len(names) / 2).astype(np.intp), -1)
        names = pd.Index(["upper positions", "lower positions"])
    code = place * len(values) + wave.codes(name)
    cells = [(str(where), value) for where in names for value in values]
    means = sorted_means(wave, outcome, [(np.maximum(code, 0), cells)], place >= 0)
    labels = means.labels
    everywhere = (
        labels.groupby("level")["attribute"].transform("size") == labels["attribute"].nunique()
    )
    kept = np.flatnonzero(everywhere)
    labels = labels.iloc[kept]
    labels = labels.assign(group="position " + labels["attribute"], attribute=name)
    return means.contrast(np.eye(len(means))[kept], labels, "mean")


def _apart(means: Estimates, scale: float) -> tuple[float, str]:
    """The level and position that stand out most from the level's average over positions."""
    labels = means.labels
    level, n = pd.factorize(labels["level"])[0], labels["group"].nunique()
    same = (level[:, None] == level) / n
    off = means.contrast(np.eye(len(means)) - same, labels, "off average")
    worst, size = standing_out(off)
    row = labels.iloc[worst]
    text = f'most: "{row["level"]}" at {row["group"]}, by {in_words(off, worst, scale)}'
    return size / scale, text
