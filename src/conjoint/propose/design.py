"""A wide file's hidden structure: which columns hold which attribute of which task and profile."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import log2
from typing import TYPE_CHECKING

import numpy as np

from conjoint.propose.evidence import (
    agreement,
    codes_of,
    distinctness,
    memory,
    pooled,
    sample_rows,
    sums_to_one,
)
from conjoint.propose.pattern import families, hint, in_order, lattices, narrowed
from conjoint.propose.reading import names_profiles
from conjoint.propose.value import is_missing_code
from conjoint.propose.words import NEGATIVE, POSITIVE, names_outcome, plain_set

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Mapping, Sequence

    from conjoint.propose.column import Column
    from conjoint.propose.pattern import Family, Lattice

__all__ = ["Wide", "find_wide", "judged", "numbered", "one_each"]

MOST_LEVELS = 60
"""An attribute of more levels than this is none."""

MOST_SHOWN = 400
"""Levels of all attributes that one column may hold, where attributes change places."""

ALIKE = 0.8
"""How alike the levels of one attribute's columns have to be over tasks and profiles."""

REMEMBERED = 0.04
"""Above this, what a respondent answers goes with the answer before: no level drawn by chance does."""

MOST_LOOKED_AT = 40
"""Readings that explain most columns; others are not weighed against each other."""


@dataclass(frozen=True, eq=False, slots=True)
class Wide:
    """How a wide file holds its profiles.

    `attributes` are by the text that names them in the pattern; `outcomes` are families of the
    same places. `names` is the family that holds the attributes' names where they change places.
    """

    pattern: str
    tasks: tuple[str, ...]
    profiles: tuple[str, ...]
    attributes: Mapping[str, Family]
    outcomes: Mapping[str, Family]
    names: Family | None
    choices: tuple[Family, ...]
    score: float
    evidence: tuple[str, ...] = ()
    singles: tuple[Family, ...] = field(default=(), repr=False)

    @property
    def columns(self) -> set[str]:
        """The names of all columns that hold levels, or names of attributes."""
        held = {c.name for family in self.attributes.values() for c in family.cells.values()}
        return held | ({c.name for c in self.names.cells.values()} if self.names else set())


def judged(
    column: Column,
    complementary: float,
    remembered: float,
    others: Sequence[Column] = (),
    pattern: str = "",
) -> bool:
    """Whether columns hold answers, and not levels that were shown.

    `complementary` is the share of tasks with one chosen profile; `remembered` is how much a
    respondent's answers go with each other.
    """
    columns = others or (column,)
    points = 5.0 * (complementary >= 0.9) + 2.0 * names_outcome(pattern or column.name)
    tidy = plain_set(pooled(columns))
    points += 2.0 * (
        any(POSITIVE.fullmatch(text) for text in tidy)
        and any(NEGATIVE.fullmatch(text) for text in tidy)
    )
    points += 1.5 * _is_scale(columns)
    if remembered > REMEMBERED:
        points += 2.0
    elif column.rows >= 200 and (len(columns) > 1 or not pattern):
        points -= 1.0
    return points >= 2.0


def _is_scale(columns: Sequence[Column]) -> bool:
    """Whether the answers are whole numbers from 0 or 1 on, without a gap."""
    if not all(column.is_whole for column in columns):
        return False
    held = np.unique(np.concatenate([c.numbers[c.counts > 0] for c in columns]))
    held = held[[not is_missing_code(f"{n:g}", set(held) - {n}) for n in held]]
    return 5 <= len(held) <= 101 and np.ptp(held) == len(held) - 1 and held[0] in (0, 1)


def find_wide(columns: Sequence[Column]) -> Wide | None:
    """The reading of a wide file that its cells speak for most; none where there is none."""
    usable = [c for c in columns if c.name and 0 < c.distinct <= MOST_SHOWN]
    pairs, singles = families(usable)
    readings = [lattice for lattice in lattices(pairs) if _is_possible(lattice)]
    readings = sorted(readings, key=_size, reverse=True)[:MOST_LOOKED_AT]
    found = [wide for lattice in readings if (wide := _weigh(lattice, pairs, singles)) is not None]
    if not found:
        alone = [lattice for lattice in lattices(singles) if _is_possible(lattice)]
        alone = sorted(alone, key=_size, reverse=True)[:MOST_LOOKED_AT]
        found = [wide for lattice in alone if (wide := _weigh(lattice, pairs, singles)) is not None]
    return max(found, key=lambda wide: wide.score, default=None)


def _size(lattice: Lattice) -> int:
    return sum(len(family.cells) for family in lattice.families.values())


def _is_possible(lattice: Lattice) -> bool:
    first = next(iter(lattice.families.values()))
    tasks, profiles = len(first.tasks), len(first.profiles)
    if tasks == 1 and not first.tasks[0].isdecimal():
        return False
    if profiles:
        return 2 <= profiles <= 8 and tasks <= 60
    return 2 <= tasks <= 60 and len(lattice.families) > 1


def _weigh(lattice: Lattice, pairs: Sequence[Family], singles: Sequence[Family]) -> Wide | None:
    """What speaks for one reading: a score, and words for it."""
    first = next(iter(lattice.families.values()))
    tasks, profiles = first.tasks, first.profiles
    names = _name_family(lattice, pairs) if profiles else None
    levels, outcomes = {}, {}
    for name, family in lattice.families.items():
        cells = list(family.cells.values())
        if names is None and _judged(family):
            outcomes[name] = family
        elif names is not None or max(c.distinct for c in cells) <= MOST_LEVELS:
            levels[name] = family
    alike = {name: agreement(_few(family)) for name, family in levels.items()}
    levels = {
        name: family
        for name, family in levels.items()
        if alike[name] >= ALIKE and len(pooled(_few(family))) > 1
    }
    taken = {c.name for family in lattice.families.values() for c in family.cells.values()}
    choices = _choices(tasks, profiles, singles, taken)
    if not levels or not (len(levels) > 1 or choices or outcomes):
        return None
    if not _is_design(levels, names, bool(choices or outcomes), bool(profiles)):
        return None
    kept = narrowed(lattice, levels)
    held = sum(len(family.cells) for family in levels.values())
    differ = 0.5 if names else distinctness([pooled(_few(f)) for f in levels.values()])
    score = 4 * log2(held) + 10 * (float(np.mean([alike[n] for n in levels])) - ALIKE) / (1 - ALIKE)
    score += 6 * differ + 8 * bool(choices) + 25 * (names is not None) + 2 * bool(outcomes)
    sample = next(iter(kept.families.values()))
    score += 3 * hint("task", sample)
    if profiles:
        score += 3 * hint("profile", sample) + (sample.order[0] == "task")
        score += (
            2 * (len(profiles) < len(tasks))
            + 2 * (len(profiles) == 2)
            - 2 * max(0, len(profiles) - 4)
        )
    said = _evidence(kept, profiles, differ, choices, names)
    return Wide(
        kept.pattern, tasks, profiles, kept.families, outcomes, names, choices, score, said,
        tuple(singles),
    )  # fmt: skip


def _few(family: Family, most: int = 12) -> list[Column]:
    cells = list(family.cells.values())
    step = max(1, len(cells) // most)
    return cells[::step]


def _judged(family: Family) -> bool:
    """Whether a family of a lattice holds answers."""
    tasks, profiles = family.tasks, family.profiles
    by_profile = [family.cells[t, profiles[0] if profiles else ""] for t in tasks
                  if (t, profiles[0] if profiles else "") in family.cells]  # fmt: skip
    remembered = memory(by_profile, sample_rows(by_profile[0].rows))
    return judged(by_profile[0], one_each(family)[0], remembered, by_profile, family.pattern)


def one_each(family: Family) -> tuple[float, str]:
    """The share of tasks in which one profile alone holds an answer; which, where one alone does."""
    if len(family.profiles) < 2:
        return 0.0, ""
    cells = list(family.cells.values())
    texts = list(pooled(cells))
    if not 2 <= len(texts) <= 3:
        return 0.0, ""
    rows = sample_rows(cells[0].rows, 1000)
    shares = []
    for task in family.tasks:
        own = [family.cells.get((task, profile)) for profile in family.profiles]
        if all(column is not None for column in own):
            codes = codes_of([c for c in own if c is not None], rows, texts)
            known = np.where(codes >= 0, codes, np.nan).astype(float)
            shares.append([sums_to_one(np.where(np.isnan(known), np.nan, known == place))
                           for place in range(len(texts))])  # fmt: skip
    if not shares:
        return 0.0, ""
    found = np.mean(shares, axis=0)
    best = np.flatnonzero(found == found.max())
    return float(found.max()), texts[int(best[0])] if len(best) == 1 and found.max() >= 0.9 else ""


def _is_design(
    levels: Mapping[str, Family], names: Family | None, answered: bool, paired: bool
) -> bool:
    """Whether levels were drawn: a battery of questions in a grid is remembered by who answers."""
    if names is not None:
        return True
    rows = sample_rows(next(iter(next(iter(levels.values())).cells.values())).rows)
    remembered = []
    for family in list(levels.values())[:8]:
        profile = family.profiles[0] if family.profiles else ""
        columns = [family.cells[t, profile] for t in family.tasks if (t, profile) in family.cells]
        remembered.append(memory(columns, rows))
    drawn = float(np.median(remembered)) <= REMEMBERED
    spoken = all(
        hint(kind, family)
        for family in levels.values()
        for kind in (("task", "profile") if paired else ("task",))
    )
    if not paired:
        return drawn and answered
    return answered or spoken if not drawn else answered or spoken or len(rows) >= 100


def _name_family(lattice: Lattice, pairs: Sequence[Family]) -> Family | None:
    """The family whose cells name the attribute that stands at each position."""
    positions = set(lattice.families)
    if len(positions) < 2 or not all(len(name) < 4 for name in positions):
        return None
    tasks = set(next(iter(lattice.families.values())).tasks)
    own = {c.name for family in lattice.families.values() for c in family.cells.values()}
    for family in pairs:
        if set(family.profiles) != positions or not tasks <= set(family.tasks):
            continue
        cells = list(family.cells.values())
        texts = list(pooled(_few(family)))
        if not own.isdisjoint(c.name for c in cells) or not _could_name(texts, len(positions)):
            continue
        if _all_different(family, texts):
            return family
    return None


def _could_name(texts: Sequence[str], positions: int) -> bool:
    return positions <= len(texts) <= 2 * positions + 2


def _all_different(family: Family, texts: Sequence[str]) -> bool:
    task = family.tasks[0]
    own = [family.cells[task, place] for place in family.profiles if (task, place) in family.cells]
    codes = codes_of(own, sample_rows(own[0].rows, 500), texts)
    full = codes[(codes >= 0).all(axis=1)]
    if not len(full):
        return False
    ordered = np.sort(full, axis=1)
    return float((np.diff(ordered, axis=1) > 0).all(axis=1).mean()) >= 0.95


def _choices(
    tasks: Sequence[str], profiles: Sequence[str], singles: Iterable[Family], taken: set[str]
) -> tuple[Family, ...]:
    """Families of one answer a task that name the profiles."""
    if not profiles:
        return ()
    wanted = {(task, "") for task in tasks}
    found = []
    for family in singles:
        own = {column.name for column in family.cells.values()}
        if wanted <= family.cells.keys() and own.isdisjoint(taken):
            counts = pooled([family.cells[task, ""] for task in tasks])
            alike = agreement([family.cells[task, ""] for task in tasks])
            if (
                len(counts) <= len(profiles) + 4
                and alike >= 0.6
                and _may_choose(family, counts, profiles)
            ):
                found.append(family)
    return tuple(found)


def _may_choose(family: Family, counts: Counter[str], profiles: Sequence[str]) -> bool:
    if names_profiles(counts, profiles):
        return True
    small = len(profiles) <= len(counts) <= len(profiles) + 2
    return small and names_outcome(family.pattern) and not family.pattern.endswith("{profile}")


def _evidence(
    lattice: Lattice,
    profiles: Sequence[str],
    differ: float,
    choices: Sequence[Family],
    names: Family | None,
) -> tuple[str, ...]:
    """Words for the pattern, the tasks and the profiles."""
    family = next(iter(lattice.families.values()))
    count = len(pooled(list(family.cells.values())))
    sample = next(iter(family.cells.values())).name
    alike = f"{len(family.cells)} columns such as {sample} share the same {count} values"
    if names is not None:
        alike = f"{len(names.cells)} columns such as {next(iter(names.cells.values())).name} name the attribute at each position"
    if len(lattice.families) > 1 and names is None:
        alike += f", and {len(lattice.families)} such groups differ from each other" * (
            differ > 0.5
        )
    chosen = f"{choices[0].pattern} answers once for each of them" if choices else ""
    shown = (
        f"every attribute has columns for {len(profiles)} of them in each task" if profiles else ""
    )
    return alike, chosen, shown


def numbered(names: Iterable[str]) -> bool:
    """Whether names are 1, 2, 3 and so on."""
    each = in_order(names)
    return each == tuple(str(place + 1) for place in range(len(each)))
