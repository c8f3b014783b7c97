"""Is what was shown what the design declares? Levels, pairs of levels, restrictions, tasks."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from conjoint.audit.fixed import fixed_design
from conjoint.audit.grid import grid_of
from conjoint.audit.item import Item
from conjoint.audit.joint import joint_frequencies
from conjoint.audit.judge import CERTAIN, CLEAR, chance, holm, judge, p_of, together
from conjoint.audit.share import (
    departures,
    effective,
    joint_shares,
    level_shares,
    share_of_respondents,
)
from conjoint.audit.task import alike_tasks, implied_alike
from conjoint.estimate.design import block_for, cells_of, design_shares, find_components
from conjoint.say.number import base, numeral, percent
from conjoint.say.phrase import phrase
from conjoint.say.words import listed
from conjoint.survey import INTERLOCK

if TYPE_CHECKING:
    from conjoint.estimates import Estimates
    from conjoint.typing import FloatArray, Verdict
    from conjoint.wave import Wave

__all__ = ["forbidden_pairs", "identical_profiles", "joint_frequencies", "level_frequencies"]

SMALL, LARGE = 0.01, 0.05
"""Departures of a level's share that are worth a look, and that stop: a point in a hundred moves no
figure that is rounded to points; 55% in place of 50% is another experiment than the one declared."""

OF_ITSELF = 0.1
"""A departure by a tenth of a level's own probability counts as a point, so that a level of 4% that
is shown in 2% of profiles stops as 60% in place of 50% does."""

FEW_ALIKE, MANY_ALIKE = 0.005, 0.05
"""Tasks of identical profiles beyond those the design implies: a look, and a stop. They tell nothing,
and where columns were read twice all tasks are such."""


def level_frequencies(wave: Wave) -> list[Item]:
    """Hold the shares of profiles that show each level against the design, one item an attribute.

    Notes
    -----
    The design draws an attribute's levels with the probabilities declared, uniformly where there are
    none, and draws again what a restriction forbids: see :func:`conjoint.estimate.design.block_for`.
    One joint test an attribute, clustered by respondent and unweighted, Holm over attributes. Of a
    design of fixed versions each different task counts once, as a cluster of its own.
    """
    fixed = fixed_design(wave)
    wave = wave if fixed is None else fixed.wave
    names = [name for name in wave.survey.attributes if wave.shows(name).any()]
    shares = [level_shares(wave, name) for name in names]
    designed = [design_shares(wave.survey, (name,), wave) for name in names]
    tests = [
        together(departures(own, wanted)) for own, wanted in zip(shares, designed, strict=True)
    ]
    items = [
        _level_item(*each, wave.n_respondents)
        for each in zip(names, shares, designed, tests, holm(tests), strict=True)
    ]
    if fixed is None:
        return items
    return [
        replace(item, text=phrase("audit.fixed.seen", design=fixed.text, seen=item.text))
        for item in items
    ]


def _level_item(
    name: str, shares: Estimates, designed: FloatArray, p_value: float, adjusted: float, G: int
) -> Item:
    off = shares.values - designed
    size = np.maximum(np.abs(off), OF_ITSELF * np.abs(off) / np.maximum(designed, 1e-9))
    verdict = judge(adjusted, float(size.max()), SMALL, LARGE)
    never = _never(name, shares, designed, p_value, G)
    if never is not None:
        return never
    worst = int(np.argmax(size))
    level, share = shares.labels["level"].iloc[worst], shares.values[worst]
    largest = phrase(
        "audit.level_frequencies.shown",
        level=phrase("audit.level", level=level, attribute=name),
        share=percent(share, 1),
        designed=percent(designed[worst], 1),
        chance=chance(p_value),
    )
    do = ""
    if verdict != "fine":
        text = phrase("audit.level_frequencies.off", level=largest)
        do = phrase("audit.level_frequencies.do")
    elif p_value < CLEAR:
        text = phrase("audit.level_frequencies.nearly", level=largest)
    else:
        text = phrase("audit.level_frequencies.as_designed", level=largest)
    return Item(
        "level_frequencies", name, verdict, text, do, abs(off[worst]), "points", p_value, (name,)
    )


def _never(
    name: str, shares: Estimates, designed: FloatArray, p_value: float, G: int
) -> Item | None:
    """Levels that the design has and no profile shows, where chance does not explain it."""
    count = shares.labels["n_profiles"].to_numpy()
    expected = designed * effective(shares, G)
    missing = np.flatnonzero((count == 0) & (designed > 0))
    if not len(missing) or not (by_chance := float(np.exp(-expected[missing]).sum())) < CLEAR:
        return None
    levels = listed(f'"{shares.labels["level"].iloc[place]}"' for place in missing)
    wanted = designed[missing].sum()
    return Item(
        "level_frequencies",
        name,
        "stop" if by_chance < CERTAIN else "look",
        phrase(
            "audit.level_frequencies.never",
            levels=levels,
            attribute=name,
            share=percent(wanted, 1),
            profiles=base(count.sum()),
        ),
        phrase("audit.level_frequencies.never_do"),
        float(wanted),
        "points",
        p_value,
        (name,),
    )


def forbidden_pairs(wave: Wave) -> list[Item]:
    """Say how many pairs of levels the design forbids, and that no profile shows one.

    A wave refuses profiles that breach a restriction or a joint distribution, so that an item says
    ``stop`` only if one was made past that check.
    """
    items = []
    for component in find_components(wave.survey):
        if len(component) < 2:
            continue
        allowed = block_for(wave.survey, component, wave).probabilities
        code, _ = cells_of(wave, component)
        shown = np.bincount(code, minlength=allowed.size)
        breaches = int(shown[allowed.ravel() == 0].sum())
        for pair in combinations(component, 2):
            if not wave.shows(*pair).any():
                continue
            table = design_shares(wave.survey, pair, wave)
            pairs = int((table == 0).sum())
            if pairs:
                items.append(_forbidden_item(wave, pair, pairs))
        if breaches:
            subject = INTERLOCK.join(component)
            text = phrase("audit.forbidden_pairs.breach", breaches, attributes=subject)
            do = phrase("audit.forbidden_pairs.breach_do")
            items.append(
                Item(
                    "forbidden_pairs", subject, "stop", text, do, float(breaches), "profiles",
                    attributes=component,
                )
            )  # fmt: skip
    return items or [Item("forbidden_pairs", "", "fine", phrase("audit.forbidden_pairs.none"))]


def _forbidden_item(wave: Wave, pair: tuple[str, str], pairs: int) -> Item:
    joint = joint_shares(wave, pair)
    table = design_shares(wave.survey, pair, wave)
    shown = int(joint.labels["n_profiles"].to_numpy()[table.ravel() == 0].sum())
    apart = np.outer(level_shares(wave, pair[0]).values, level_shares(wave, pair[1]).values)
    would = float(apart[table == 0].sum() * joint.labels["n_profiles"].sum())
    twice = _forbidden_twice(wave, pair)
    if shown:
        text = phrase("audit.forbidden_pairs.shown", pairs, shown=base(shown), would=numeral(would))
    else:
        text = phrase("audit.forbidden_pairs.unshown", pairs, would=numeral(would))
    if twice:
        text += f" {phrase('audit.forbidden_pairs.twice', twice)}"
    do = phrase("audit.forbidden_pairs.do") if shown else ""
    subject = INTERLOCK.join(pair)
    verdict: Verdict = "stop" if shown else "fine"
    return Item(
        "forbidden_pairs", subject, verdict, text, do, float(shown), "profiles", attributes=pair
    )


def _forbidden_twice(wave: Wave, pair: tuple[str, str]) -> int:
    """Pairs of levels that more than one restriction forbids."""
    survey = wave.survey
    times = np.zeros([len(survey.attributes[name].levels) for name in pair], dtype=int)
    for restriction in survey.forbidden:
        if set(restriction.never) == set(pair):
            hit = [
                np.isin(survey.attributes[name].values, restriction.never[name]) for name in pair
            ]
            times += np.outer(*hit)
    return int((times > 1).sum())


def identical_profiles(wave: Wave) -> list[Item]:
    """Hold the share of tasks whose profiles are all alike against what the design implies.

    Notes
    -----
    Two profiles drawn apart are alike with the probability sum of p(profile) squared, which is a
    product over the parts of the design that are drawn apart; profiles that show other attributes
    are never alike. Of a design of fixed versions each different task counts once.
    """
    fixed = fixed_design(wave)
    wave = wave if fixed is None else fixed.wave
    grid = grid_of(wave)
    check = "identical_profiles"
    if grid is None:
        return [Item(check, "", "fine", phrase("audit.unaligned"))]
    apart = [name for name in wave.survey.distinct if wave.survey.attributes[name].is_always]
    if apart:
        text = phrase("audit.identical_profiles.differ", attributes=listed(apart))
        return [Item(check, "", "fine", text)]
    whole = grid.shown
    n = len(grid.profiles)
    tasks = int(whole.sum())
    if n < 2 or not tasks:
        return [Item(check, "", "fine", phrase("audit.identical_profiles.one_profile"))]
    alike, implied = alike_tasks(wave, grid), float(implied_alike(wave, grid, n).mean())
    share = share_of_respondents(alike.sum(axis=1), whole.sum(axis=1))
    more = share.values[0] - implied
    above = departures(share, np.array([implied]))
    p_value = float(p_of(above)[0]) if len(above) else float("nan")
    if np.isnan(p_value) and more > 0:
        p_value = 0.0 if tasks * more > -np.log(CERTAIN) else np.nan
    verdict = judge(p_value, more, FEW_ALIKE, MANY_ALIKE)
    count = int(alike.sum())
    by_chance = numeral(tasks * implied)
    if not count and tasks * implied > -np.log(CLEAR):
        text = phrase("audit.identical_profiles.none", implied=by_chance)
    else:
        text = phrase(
            "audit.identical_profiles.alike",
            count=base(count),
            tasks=base(tasks),
            implied=by_chance,
        )
    do = "" if verdict == "fine" else phrase("audit.identical_profiles.do")
    return [Item(check, "", verdict, text, do, float(share.values[0]), "share", p_value)]
