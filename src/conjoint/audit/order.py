"""Do answers depend on where and when a profile stood?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.audit.carry import carry_over
from conjoint.audit.fixed import fixed_design
from conjoint.audit.grid import grid_of
from conjoint.audit.item import Item
from conjoint.audit.judge import PER_COMPARISON, chance, holm, judge, together
from conjoint.audit.mean import in_words, range_of, sorted_means, standing_out
from conjoint.errors import EstimationError, choices
from conjoint.estimate import amce
from conjoint.say.phrase import phrase

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
        return [Item(check, "", "fine", phrase("audit.unaligned"))]
    if len(grid.profiles) < 2:
        return [Item(check, "", "fine", phrase("audit.profile_position.one_profile"))]
    fixed = fixed_design(wave)
    if fixed is not None and fixed.is_small and not fixed.turned:
        text = phrase("audit.profile_position.mixed_up", design=fixed.text)
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
    text = phrase(
        "audit.profile_position.favour",
        profile=name,
        size=in_words(off, worst, scale),
        against=phrase(
            "audit.profile_position.average" if even is None else "audit.profile_position.even"
        ),
        chance=chance(p_value),
    )
    do = "" if verdict == "fine" else phrase("audit.profile_position.do")
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
    return next(
        (note for note in effects.notes if note), phrase("audit.profile_position.no_shared_level")
    )


def _left_out(effects: Estimates) -> str:
    """Which effects a comparison goes without."""
    if not effects.reasons:
        return ""
    return " " + phrase("audit.profile_position.left_out", reasons=choices(effects.reasons, 3))


def _same(effects: Estimates | str) -> float:
    return float("nan") if isinstance(effects, str) else together(effects)


def _by_place_item(
    wave: Wave, outcome: str, effects: Estimates | str, p_value: float, adjusted: float
) -> Item:
    check = "profile_position"
    subject = phrase("audit.profile_position.effects", outcome=outcome)
    if isinstance(effects, str):
        text = phrase("audit.profile_position.untested", reason=effects)
        return Item(check, subject, "fine", text)
    groups = list(dict.fromkeys(effects.labels["group"]))
    change = effects.contrast(*_between(effects, groups[:1], groups[1:]), "change")
    change = change.without_missing()
    if not len(change):
        text = phrase("audit.profile_position.untested", reason=_why(effects))
        return Item(check, subject, "fine", text)
    labels, scale = change.labels, range_of(wave.survey, outcome)
    worst, size = standing_out(change)
    verdict = judge(adjusted, size / scale, EFFECT)
    text = phrase(
        "audit.profile_position.same" if verdict == "fine" else "audit.profile_position.differ",
        chance=chance(p_value),
        level=_level(labels.iloc[worst]),
        profile=groups[0],
        size=in_words(change, worst, scale),
    )
    text += _left_out(effects)
    do = "" if verdict == "fine" else phrase("audit.profile_position.differ_do")
    return Item(check, subject, verdict, text, do, size / scale, "points", p_value)


def _level(row: pd.Series[Any]) -> str:
    return phrase("audit.level", level=row["level"], attribute=row["attribute"])


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
        return [Item(check, "", "fine", phrase("audit.unaligned"))]
    if len(grid.tasks) < 2:
        return [Item(check, "", "fine", phrase("audit.one_task"))]
    fixed = fixed_design(wave)
    if fixed is not None and fixed.is_small and not fixed.shuffled:
        text = phrase("audit.fatigue.mixed_up", design=fixed.text)
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
        return Item(check, outcome, "fine", phrase("audit.fatigue.untested", reason=halves))
    change = halves.contrast(*_between(halves, [LAST], [FIRST]), "change").without_missing()
    if not len(change):
        return Item(check, outcome, "fine", phrase("audit.fatigue.untested", reason=_why(halves)))
    scale = range_of(wave.survey, outcome)
    worst, size = standing_out(change)
    p_value = float(np.fmin.reduce(adjusted)) if not np.isnan(adjusted).all() else float("nan")
    verdict = judge(p_value, size / scale, EFFECT)
    text = phrase(
        "audit.fatigue.same" if verdict == "fine" else "audit.fatigue.differ",
        chance=chance(tests[0]),
        halves=chance(tests[1]),
        level=_level(change.labels.iloc[worst]),
        size=in_words(change, worst, scale),
    )
    text += _left_out(halves)
    do = "" if verdict == "fine" else phrase("audit.fatigue.do")
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
        return [Item(check, "", "fine", phrase("audit.attribute_position.unknown"))]
    positions = positions.where(positions > 0)
    moving = [name for name in wave.survey.attributes if len(positions[name].dropna().unique()) > 1]
    if not moving:
        return [Item(check, "", "fine", phrase("audit.attribute_position.same_order"))]
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
            text = phrase(
                "audit.attribute_position.differ",
                attribute=name,
                chance=chance(p_value),
                most=text,
            )
            subject = phrase("audit.attribute_position.subject", attribute=name, outcome=outcome)
            do = phrase("audit.profile_position.differ_do")
            items.append(Item(check, subject, verdict, text, do, size, "points", p_value))
    known = [p_value for _, p_value in found if not np.isnan(p_value)]
    tests = phrase("audit.count.tests", len(found))
    if known:
        text = phrase(
            "audit.attribute_position.tests",
            tests=tests,
            differences=phrase("audit.count.differences", len(items)),
            chance=chance(min(known)),
        )
    else:
        text = phrase("audit.attribute_position.untested", tests=tests)
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
        names = pd.Index(
            [phrase("audit.attribute_position.upper"), phrase("audit.attribute_position.lower")]
        )
    code = place * len(values) + wave.codes(name)
    cells = [(str(where), value) for where in names for value in values]
    means = sorted_means(wave, outcome, [(np.maximum(code, 0), cells)], place >= 0)
    labels = means.labels
    everywhere = (
        labels.groupby("level")["attribute"].transform("size") == labels["attribute"].nunique()
    )
    kept = np.flatnonzero(everywhere)
    labels = labels.iloc[kept]
    places = [phrase("audit.attribute_position.position", name=own) for own in labels["attribute"]]
    labels = labels.assign(group=places, attribute=name)
    return means.contrast(np.eye(len(means))[kept], labels, "mean")


def _apart(means: Estimates, scale: float) -> tuple[float, str]:
    """The level and position that stand out most from the level's average over positions."""
    labels = means.labels
    level, n = pd.factorize(labels["level"])[0], labels["group"].nunique()
    same = (level[:, None] == level) / n
    off = means.contrast(np.eye(len(means)) - same, labels, "off average")
    worst, size = standing_out(off)
    row = labels.iloc[worst]
    text = phrase(
        "audit.attribute_position.most",
        level=row["level"],
        position=row["group"],
        size=in_words(off, worst, scale),
    )
    return size / scale, text
