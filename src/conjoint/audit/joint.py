"""Do pairs of levels meet as the design has them meet, within profiles and between them?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.audit.fixed import fixed_design
from conjoint.audit.grid import grid_of
from conjoint.audit.item import Item
from conjoint.audit.judge import CERTAIN, CLEAR, all_zero, chance, holm, judge, p_of, together
from conjoint.audit.share import (
    Shares,
    association,
    departures,
    effective,
    joint_counts,
    joint_shares,
    level_shares,
    share_of_respondents,
)
from conjoint.audit.task import implied_alike, shows_twins
from conjoint.estimate.design import design_shares, find_components, tied_attributes
from conjoint.estimates import stack
from conjoint.say.number import base, numeral, percent
from conjoint.say.phrase import phrase
from conjoint.say.words import listed
from conjoint.survey import INTERLOCK

if TYPE_CHECKING:
    from conjoint.audit.fixed import FixedDesign
    from conjoint.audit.grid import Grid
    from conjoint.estimates import Estimates
    from conjoint.typing import BoolArray, FloatArray, IntArray
    from conjoint.wave import Wave

__all__ = ["joint_frequencies"]

SMALL, LARGE = 0.02, 0.08
"""Departures of a level's share among the profiles with another attribute's level: worth a look, and
a stop. Two levels of 50% that meet in 60% in place of 50% are 10 points off."""

TIES = 0.02
"""Departures of the share of tasks whose profiles share a level that are worth a look."""

ENOUGH, HARDLY = 20.0, 0.1
"""Profiles alike in all but one attribute that would differ in it by chance, before their lack says
that it follows from the others; and what part of them may differ even so, as rounding makes them."""

MOST_ROWS = 50_000
"""Profiles that are enough to see it."""

LARGEST = 1 << 62
"""Combinations of states that a whole number tells apart."""

CHECK = "joint_frequencies"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two attributes: how their levels met, and what the design says of it."""

    names: tuple[str, str]
    p_value: float
    size: float
    text: str
    never: Item | None


def joint_frequencies(wave: Wave) -> list[Item]:
    """Hold how often levels of two attributes meet against the design.

    One item a pair of attributes that departs, one for all the others; then attributes that follow
    from the others, and how often the profiles of a task share a level.

    Notes
    -----
    Attributes that the design draws apart are tested for association at the shares in which their
    levels were shown, so that a level shown too often is not said again here; attributes tied by a
    restriction or a joint distribution are held against the joint probabilities declared. One joint
    test a pair, clustered by respondent and unweighted, Holm over pairs. Of a design of fixed versions
    each different task counts once, as a cluster of its own.
    """
    fixed = fixed_design(wave)
    wave = wave if fixed is None else fixed.wave
    names = [name for name in wave.survey.attributes if wave.shows(name).any()]
    shares = {name: level_shares(wave, name) for name in names}
    tied = tied_attributes(wave.survey)
    alone = {name: design_shares(wave.survey, (name,), wave) for name in names if name not in tied}
    each = [_pair(wave, pair, shares, alone, fixed) for pair in combinations(shares, 2)]
    pairs = [pair for pair in each if pair is not None]
    items = [*_pair_items(pairs, fixed), *_determined(wave, shares), *_shared_levels(wave, shares)]
    return items or [Item(CHECK, "", "fine", phrase("audit.joint_frequencies.alone"))]


def _pair(
    wave: Wave,
    names: tuple[str, str],
    shares: dict[str, Estimates],
    alone: dict[str, FloatArray],
    fixed: FixedDesign | None,
) -> Pair | None:
    """One pair; None where no profile shows both."""
    table = joint_counts(wave, names)
    if not table.any():
        return None
    joint = Shares.of(table)
    designed, apart = _designed(wave, names, alone)
    shape = (designed.shape[0], designed.shape[1])
    met = joint.values.reshape(shape)
    never = _never_met(wave, names, joint, designed, shares, fixed)
    if apart:
        margins = [met.sum(axis=1), met.sum(axis=0)]
        expected = np.outer(*margins)
        p_value = all_zero(*association(joint, shape), joint.people)
    else:
        expected = designed
        p_value = together(departures(joint_shares(wave, names), designed.ravel()))
    off = np.where(expected > 0, met - expected, 0.0)
    c, d = np.unravel_index(
        np.argmax(np.abs(off) / np.sqrt(np.maximum(expected, 1e-12))), off.shape
    )
    return Pair(names, p_value, *_departure(wave, names, (int(c), int(d)), met, expected), never)


def _designed(
    wave: Wave, names: tuple[str, str], alone: dict[str, FloatArray]
) -> tuple[FloatArray, bool]:
    """How often the design draws each pair of levels, and whether it draws the attributes apart.

    `alone` has the shares of the levels of attributes that are tied to no other.
    """
    if all(name in alone for name in names):
        return np.outer(*(alone[name] for name in names)), True
    designed = design_shares(wave.survey, names, wave)
    product = np.outer(designed.sum(axis=1), designed.sum(axis=0))
    return designed, np.allclose(designed, product, rtol=0, atol=1e-9)


def _departure(
    wave: Wave, names: tuple[str, str], cell: tuple[int, int], met: FloatArray, expected: FloatArray
) -> tuple[float, str]:
    """How far a cell is off among the profiles with one of its levels, the one that shows it more."""
    each = [_given(met, expected, cell, held) for held in (0, 1)]
    gaps = [abs(share - wanted) for share, wanted in each]
    held = int(np.argmax(gaps))
    share, wanted = each[held]
    said = [
        phrase("audit.level", level=wave.survey.attributes[name].values[own], attribute=name)
        for name, own in zip(names, cell, strict=True)
    ]
    text = phrase(
        "audit.joint_frequencies.showed",
        given=said[held],
        share=percent(share, 1),
        level=said[1 - held],
        wanted=percent(wanted, 1),
    )
    return gaps[held], text


def _given(
    met: FloatArray, expected: FloatArray, cell: tuple[int, int], held: int
) -> tuple[float, float]:
    """The share of a cell among the profiles with one of its levels, and the share designed."""
    own, wanted = (table.sum(axis=1 - held)[cell[held]] for table in (met, expected))
    if not own or not wanted:
        return 0.0, 0.0
    return float(met[cell] / own), float(expected[cell] / wanted)


def _never_met(
    wave: Wave,
    names: tuple[str, str],
    joint: Shares,
    designed: FloatArray,
    shares: dict[str, Estimates],
    fixed: FixedDesign | None,
) -> Item | None:
    """Levels that the design lets meet and that never do, where chance does not explain it.

    Few fixed tasks leave pairs out by chance or on purpose, which is said where it cannot be told.
    """
    n = int(joint.counts.sum())
    own = [shares[name].values for name in names]
    missing = (joint.values.reshape(designed.shape) == 0) & (designed > 0)
    missing &= np.outer(own[0] > 0, own[1] > 0)
    if not missing.any():
        return None
    expected = designed * min(
        effective(shares[name], wave.n_respondents) * n / shares[name].labels["n_profiles"].sum()
        for name in names
    )
    # A few cells may be rare enough to be missed by chance; what is left is what counts.
    surprising = missing & (np.exp(-expected) < CLEAR / designed.size)
    if not surprising.any():
        return None if fixed is None else _open(wave, names, missing, fixed)
    by_chance = float(np.exp(-expected[surprising]).sum())
    pairs = _in_words(wave, names, surprising)
    would = float(designed[surprising].sum())
    said = {"profiles": numeral(would * n), "pairs": listed(pairs, most=4)}
    if fixed is None:
        text = phrase("audit.joint_frequencies.never", len(pairs), **said)
    else:
        text = phrase(
            "audit.joint_frequencies.never_of_tasks", len(pairs), tasks=base(fixed.tasks), **said
        )
    return Item(
        CHECK,
        INTERLOCK.join(names),
        "stop" if by_chance < CERTAIN else "look",
        text,
        phrase("audit.joint_frequencies.never_do"),
        would,
        "share",
        attributes=names,
    )


def _in_words(wave: Wave, names: tuple[str, str], cells: BoolArray) -> list[str]:
    values = [wave.survey.attributes[name].values for name in names]
    return [
        phrase("audit.joint_frequencies.pair", first=values[0][c], second=values[1][d])
        for c, d in np.argwhere(cells)
    ]


def _open(wave: Wave, names: tuple[str, str], missing: BoolArray, fixed: FixedDesign) -> Item:
    """Pairs of levels that few tasks lack."""
    pairs = _in_words(wave, names, missing)
    text = phrase(
        "audit.joint_frequencies.open",
        len(pairs),
        design=fixed.text,
        pairs=listed(pairs, most=4),
    )
    do = phrase("audit.joint_frequencies.open_do")
    size = float(missing.sum())
    return Item(CHECK, INTERLOCK.join(names), "look", text, do, size, "pairs", attributes=names)


def _pair_items(pairs: list[Pair], fixed: FixedDesign | None) -> list[Item]:
    items, fine = [], []
    adjusted = holm([pair.p_value for pair in pairs])
    for pair, p_value in zip(pairs, adjusted, strict=True):
        verdict = judge(p_value, pair.size, SMALL, LARGE)
        subject = INTERLOCK.join(pair.names)
        if pair.never is not None:
            items.append(pair.never)
        elif verdict == "fine":
            fine.append(pair)
        else:
            items.append(
                Item(
                    CHECK,
                    subject,
                    verdict,
                    phrase(
                        "audit.joint_frequencies.off",
                        pair=pair.text,
                        chance=chance(pair.p_value),
                    ),
                    phrase("audit.joint_frequencies.do"),
                    pair.size,
                    "points",
                    pair.p_value,
                    pair.names,
                )
            )
    return [*items, *_fine(fine, fixed)]


def _fine(pairs: list[Pair], fixed: FixedDesign | None) -> list[Item]:
    tested = [pair for pair in pairs if not np.isnan(pair.p_value)]
    if not pairs:
        return []
    text, why = (
        phrase("audit.count.attribute_pairs", len(pairs)),
        phrase("audit.few_respondents" if fixed is None else "audit.few_tasks"),
    )
    if fixed is not None:
        text = phrase("audit.fixed.of", design=fixed.text, what=text)
    least = min(tested, key=lambda pair: pair.p_value, default=None)
    if least is None:
        text = phrase("audit.joint_frequencies.untested", pairs=text, why=why)
        return [Item(CHECK, "", "fine", text)]
    nearly = least.p_value < CLEAR
    text = phrase(
        "audit.joint_frequencies.met_nearly" if nearly else "audit.joint_frequencies.met",
        pairs=text,
        pair=least.text,
        chance=chance(least.p_value),
    )
    if len(tested) < len(pairs):
        untested = len(pairs) - len(tested)
        text += f" {phrase('audit.joint_frequencies.few_tested', count=untested, why=why)}"
    return [Item(CHECK, "", "fine", text, "", least.size, "points", least.p_value)]


def _determined(wave: Wave, shares: dict[str, Estimates]) -> list[Item]:
    """Attributes whose level follows from those of all others, though the design ties them to none."""
    tied, packed = tied_attributes(wave.survey), _packed(wave)
    each = {
        name: _agreement(wave, name, own, packed)
        for name, own in shares.items()
        if name not in tied and (own.values > 0).sum() > 1
    }
    found = {name: agree for name, agree in each.items() if agree is not None}
    if not found or len(shares) < 2:
        return []
    agree = min(found.values())
    text = phrase(
        "audit.joint_frequencies.follows" if len(found) == 1 else "audit.joint_frequencies.follow",
        attributes=listed(found),
        share=phrase("audit.joint_frequencies.follows_all") if agree == 1 else percent(agree, 1),
    )
    do = phrase("audit.joint_frequencies.follows_do")
    return [Item(CHECK, listed(found), "look", text, do, agree, "share", attributes=tuple(found))]


def _packed(wave: Wave) -> list[tuple[IntArray, dict[str, int]]]:
    """All attributes' states as digits of whole numbers, as many in one as it holds.

    Each with the value of a digit's one, by attribute.
    """
    words: list[tuple[IntArray, dict[str, int]]] = []
    size = LARGEST
    for name, attribute in wave.survey.attributes.items():
        if size * attribute.states > LARGEST:
            words.append((np.zeros(wave.n_profiles, dtype=np.int64), {}))
            size = 1
        number, ones = words[-1]
        number += wave.codes(name) * np.int64(size)
        ones[name] = size
        size *= attribute.states
    return words


def _agreement(
    wave: Wave, name: str, shares: Estimates, packed: list[tuple[IntArray, dict[str, int]]]
) -> float | None:
    """How often profiles alike in all else are alike in an attribute, where they hardly ever differ."""
    rows = np.flatnonzero(wave.shows(name))[:MOST_ROWS]
    own = wave.codes(name)[rows]
    others: IntArray = np.zeros(len(own), dtype=np.intp)
    for number, ones in packed:
        key, different = pd.factorize(number[rows] - own * np.int64(ones.get(name, 0)))
        others = pd.factorize(others * len(different) + key)[0].astype(np.intp)
    order = np.argsort(others, kind="stable")
    alike = others[order][1:] == others[order][:-1]
    differ = int((alike & (own[order][1:] != own[order][:-1])).sum())
    expected = float(alike.sum() * (1 - (shares.values**2).sum()))
    if expected < ENOUGH or differ > HARDLY * expected:
        return None
    return 1 - differ / int(alike.sum())


def _shared_levels(wave: Wave, shares: dict[str, Estimates]) -> list[Item]:
    """How often the profiles of a task share a level: a design may keep them apart."""
    grid = grid_of(wave)
    if grid is None or len(grid.profiles) < 2 or not grid.shown.any():
        return []
    # What never agrees by declaration is held against it when the data are read; what is tied to it
    # agrees less often than on its own.
    apart = {*wave.survey.distinct}
    bound = {name for part in find_components(wave.survey) if apart & {*part} for name in part}
    names = [
        name for name, own in shares.items() if (own.values > 0).sum() > 1 and name not in bound
    ]
    # Designs that draw identical profiles again share a level less often.
    alike = implied_alike(wave, grid, 2)
    if shows_twins(wave, grid):
        alike = np.zeros_like(alike)
    each = [_tie(wave, name, shares[name], grid, alike) for name in names]
    adjusted = holm([p_value for *_, p_value in each])
    items = []
    for name, (tied, wanted, p_value), p in zip(names, each, adjusted, strict=True):
        never = tied == 0 and p < CLEAR
        if judge(p, abs(tied - wanted), TIES) == "fine":
            continue
        if never:
            text = phrase(
                "audit.joint_frequencies.shared_never", attribute=name, wanted=percent(wanted, 1)
            )
        else:
            text = phrase(
                "audit.joint_frequencies.shared",
                attribute=name,
                share=percent(tied, 1),
                wanted=percent(wanted, 1),
                chance=chance(p_value),
            )
        do = phrase("audit.joint_frequencies.shared_do")
        size = abs(tied - wanted)
        items.append(Item(CHECK, name, "look", text, do, size, "points", p_value, (name,)))
    if not items and names:
        items = [Item(CHECK, "", "fine", phrase("audit.joint_frequencies.shared_as_apart"))]
    return items


def _tie(
    wave: Wave, name: str, shares: Estimates, grid: Grid, alike: FloatArray
) -> tuple[float, float, float]:
    """The share of pairs of profiles that share a level, that expected, and the test of the two.

    Formula
        With s the sum of p(level) squared and a the probability that a task's profiles would be alike
        in all they show, were they not drawn again: the mean of (s - a) / (1 - a) over the pairs.
    """
    levels, has = wave.codes(name)[grid.row], wave.shows(name)[grid.row]
    same: IntArray = np.zeros(len(levels), dtype=np.intp)
    compared = np.zeros_like(same)
    again = np.zeros(grid.shown.shape)
    again[grid.shown] = 1 / np.maximum(1 - alike, 1e-12)
    weight = 0.0
    for j, k in combinations(range(len(grid.profiles)), 2):
        pairs = grid.shown & has[:, :, j] & has[:, :, k]
        compared += pairs.sum(axis=1)
        weight += float(again[pairs].sum())
        same += ((levels[:, :, j] == levels[:, :, k]) & pairs).sum(axis=1)
    if not compared.any():
        return 0.0, 0.0, float("nan")
    share = share_of_respondents(same, compared)
    tied = float(share.values[0])
    weight /= int(compared.sum())
    wanted = 1 - (1 - float((shares.values**2).sum())) * weight
    beside = stack([share, shares])
    slope = np.concatenate([[1.0], -2 * shares.values * weight])[None]
    off = beside.derive(np.array([tied - wanted]), slope, share.labels, "departure")
    p_value = float(p_of(off)[0])
    if np.isnan(p_value):
        p_value = 0.0 if abs(tied - wanted) > TIES and compared.sum() > ENOUGH / TIES else np.nan
    return tied, wanted, p_value
