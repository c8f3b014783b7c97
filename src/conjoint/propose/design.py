"""A wide file's hidden structure: which columns hold which attribute of which task and profile."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import log2
from typing import TYPE_CHECKING

import numpy as np

from conjoint.propose.evidence import (
    DEPENDS,
    agreement,
    codes_of,
    depends_on,
    distinctness,
    flat_codes,
    kept_apart,
    memory,
    pooled,
    sample_rows,
)
from conjoint.propose.judged import REMEMBERED, Families
from conjoint.propose.pattern import MANY, families, hint, in_order, lattices, narrowed, ordinal
from conjoint.propose.words import NEGATIVE, POSITIVE, plain_set

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conjoint.propose.column import Column
    from conjoint.propose.pattern import Family, Lattice
    from conjoint.typing import IntArray

__all__ = ["MOST_LEVELS", "Wide", "cell_names", "find_wide", "numbered", "same_places"]

MOST_LEVELS = 60
"""An attribute of more levels than this is none."""

MOST_SHOWN = 400
"""Levels of all attributes that one column may hold, where attributes change places."""

ALIKE, BARELY_ALIKE = 0.8, 0.5
"""How alike the levels of one attribute's columns should be over tasks and profiles.

Versions of a fixed design hold each level in some of them alone: names that tell tasks and profiles
apart let these pass."""

MOST_FAMILIES = 60
"""Attributes and outcomes that share a pattern; more are no conjoint."""

TOLD = 0.1
"""The share of cells, by chance, of levels that never stand where an attribute is named."""

CUSTOM = 4
"""What names speak for that follow a custom, where cells do not tell."""

UNCERTAIN = 2.5
"""Readings whose scores differ by less are both shown."""

MOST_POINTS = 101
"""Points of a scale that people may rate a profile on."""

MOST_WEIGHED = 6
"""Attributes with which ratings may go that are looked at."""

MOST_APART = 100
"""Families of other names that are looked through for answers."""

MOST_LOOKED_AT, FEWER_LOOKED_AT = 40, 20
"""Readings that explain most columns; others are not weighed against each other."""


@dataclass(frozen=True, eq=False, slots=True)
class Wide:
    """How a wide file holds its profiles.

    `attributes` are by the text that names them in the pattern; `outcomes` are families of the
    same places. `names` is the family that holds the attributes' names where they change places.
    `left` are patterns of columns that go by the same names and hold no levels; `rival` is another
    reading of the same columns for which as much speaks. `borne_out` says whether cells bear the names
    of attributes out, and not the columns' names alone.
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
    left: tuple[str, ...] = ()
    rival: Wide | None = None
    borne_out: bool = True

    @property
    def columns(self) -> set[str]:
        """The names of all columns that hold levels, or names of attributes."""
        held = {c.name for family in self.attributes.values() for c in family.cells.values()}
        return held | ({c.name for c in self.names.cells.values()} if self.names else set())


def find_wide(columns: Sequence[Column]) -> Wide | None:
    """The reading of a wide file that its cells speak for most; none where there is none."""
    usable = [c for c in columns if c.name and 0 < c.distinct <= MOST_SHOWN]
    best = _best(usable)
    unfilled = _unfilled(best, columns) if best is not None else []
    return _best([*usable, *unfilled]) if unfilled else best


def _unfilled(best: Wide, columns: Sequence[Column]) -> list[Column]:
    """Columns without a single cell that stand for an attribute which a task or profile never shows."""
    empty = [c for c in columns if c.name and not c.distinct]
    if not empty:
        return []
    named = cell_names(best)
    return [c for c in empty if named.fullmatch(c.name)]


def cell_names(wide: Wide) -> re.Pattern[str]:
    """What the names of columns of attributes are like, the attribute as their one group."""
    pattern = re.escape(wide.pattern)
    for place, texts in (("task", wide.tasks), ("profile", wide.profiles)):
        pattern = pattern.replace(rf"\{{{place}\}}", f"(?:{'|'.join(map(re.escape, texts))})")
    return re.compile(pattern.replace(r"\{attribute\}", "(.+)"), re.DOTALL)


def _best(usable: Sequence[Column]) -> Wide | None:
    pairs, singles = families(usable)
    every = Families(singles)
    for family in pairs:
        every.by_profiles[family.profiles].append(family)
    readings = [lattice for lattice in lattices(pairs) if _is_possible(lattice)]
    most = MOST_LOOKED_AT if len(usable) < MANY else FEWER_LOOKED_AT
    readings = sorted(readings, key=_size, reverse=True)[:most]
    found = [wide for lattice in readings if (wide := _weigh(lattice, every)) is not None]
    if not found:
        alone = [lattice for lattice in lattices(singles) if _is_possible(lattice)]
        alone = sorted(alone, key=_size, reverse=True)[:most]
        found = [wide for lattice in alone if (wide := _weigh(lattice, every)) is not None]
    best = max(found, key=lambda wide: wide.score, default=None)
    if best is None:
        return None
    by_custom = best.names is not None and _rival(best, found, UNCERTAIN + CUSTOM) is not None
    return replace(
        best, rival=_rival(best, found, UNCERTAIN), borne_out=best.borne_out and not by_custom
    )


def _rival(best: Wide, found: Sequence[Wide], within: float) -> Wide | None:
    """Another reading of the same columns and attributes that is hardly worse."""
    return next(
        (
            wide
            for wide in found
            if wide.pattern != best.pattern
            and wide.score > best.score - within
            and set(wide.attributes) == set(best.attributes)
            and (wide.names is None) == (best.names is None)
            and wide.columns == best.columns
        ),
        None,
    )


def _size(lattice: Lattice) -> int:
    return sum(len(family.cells) for family in lattice.families.values())


def _is_possible(lattice: Lattice) -> bool:
    first = next(iter(lattice.families.values()))
    tasks, profiles = len(first.tasks), len(first.profiles)
    if len(lattice.families) > MOST_FAMILIES:
        return False
    if tasks == 1 and not first.tasks[0].isdecimal():
        return False
    if profiles:
        return 2 <= profiles <= 8 and tasks <= 60
    return 2 <= tasks <= 60 and len(lattice.families) > 1


def _weigh(lattice: Lattice, every: Families) -> Wide | None:
    """What speaks for one reading: a score, and words for it."""
    first = next(iter(lattice.families.values()))
    tasks, profiles = first.tasks, first.profiles
    names, borne_out = _name_family(lattice, every) if profiles else (None, False)
    levels, outcomes, left = _told_apart(lattice, every, names)
    # Names of attributes at positions are families of the same form.
    left += tuple(p for p in lattice.lacking if names is None or p != names.pattern)
    taken = {c.name for family in lattice.families.values() for c in family.cells.values()}
    if not levels:
        return None
    # Columns that name attributes are never answers, though they may be as many as profiles.
    taken |= {c.name for c in names.cells.values()} if names is not None else set()
    outcomes |= _apart(tasks, profiles, every, taken, {} if names is not None else levels)
    outcomes = {name: f for name, f in outcomes.items() if not _names_levels(f, levels)}
    choices = _choices(tasks, profiles, every, taken)
    choices = tuple(family for family in choices if not _names_levels(family, levels))
    if not (len(levels) > 1 or choices or outcomes):
        return None
    if not _is_design(levels, names, bool(choices or outcomes), bool(profiles)):
        return None
    kept = narrowed(lattice, levels)
    held = sum(len(family.cells) for family in levels.values())
    differ = 0.5 if names else distinctness([pooled(_few(f)) for f in levels.values()])
    # One attribute differs from no other: that is nothing in its favour.
    differ = differ if len(levels) > 1 else 0.0
    score = 4 * log2(held) + 10 * (
        float(np.mean([agreement(_few(f)) for f in levels.values()])) - ALIKE
    ) / (1 - ALIKE)
    score += 6 * differ + 8 * bool(choices) + 2 * bool(outcomes)
    if names is not None:
        score += (25 if borne_out else 15) + CUSTOM * _is_custom(kept.pattern, names.pattern)
        # Positions that stand last are the commoner way, where nothing else tells.
        score += kept.pattern.endswith("{attribute}")
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
        left, borne_out=borne_out,
    )  # fmt: skip


def _is_custom(pattern: str, names: str) -> bool:
    """Whether columns go by the names that the usual designer of conjoints gives.

    F-{task}-{profile}-{position} has its names in F-{task}-{position}; that order alone tells tasks and
    profiles apart where there are as many of both.
    """
    found = re.fullmatch(r"(.*)\{task\}(\W|_)\{profile\}\2\{attribute\}", pattern)
    return found is not None and names == f"{found[1]}{{task}}{found[2]}{{profile}}"


def _told_apart(
    lattice: Lattice, every: Families, names: Family | None
) -> tuple[dict[str, Family], dict[str, Family], tuple[str, ...]]:
    """Families of levels, families of answers, and the patterns of what is neither."""
    levels: dict[str, Family] = {}
    outcomes: dict[str, Family] = {}
    left = []
    blocked = names is None and _is_blocked(lattice, every)
    paired = "{profile}" in lattice.pattern
    alike = BARELY_ALIKE if paired else ALIKE
    for name, family in lattice.families.items():
        several = len(pooled(_few(family)))
        few = max(several, *(c.distinct for c in family.cells.values())) <= MOST_LEVELS
        varied = several > 1
        alone = name if len(lattice.families) > 1 else ""
        # Of one version, which all people saw, each column holds one level.
        one_version = paired and varied and all(c.distinct <= 1 for c in family.cells.values())
        fixed = one_version or (paired and few and varied and every.is_of_versions(family, alone))
        if names is None and not fixed and every.is_judged(family, alone, blocked=blocked):
            outcomes[name] = family
        elif fixed or ((few or names is not None) and varied and agreement(_few(family)) >= alike):
            levels[name] = family
        else:
            left.append(family.pattern)
    return levels, outcomes, tuple(left)


def _is_blocked(lattice: Lattice, every: Families) -> bool:
    """Whether most families go with the respondent: versions of a fixed design, each drawn whole."""
    held = [every.remembered(family) > REMEMBERED for family in lattice.families.values()]
    return len(held) > 2 and sum(held) > len(held) / 2


def _few(family: Family, most: int = 12) -> list[Column]:
    cells = [column for column in family.cells.values() if column.filled]
    step = max(1, len(cells) // most)
    return cells[::step]


def _is_design(
    levels: Mapping[str, Family], names: Family | None, answered: bool, paired: bool
) -> bool:
    """Whether levels were drawn: a battery of questions in a grid is remembered by who answers."""
    if names is not None or all(
        column.shown for family in levels.values() for column in family.cells.values()
    ):
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


def _apart(
    tasks: Sequence[str],
    profiles: tuple[str, ...],
    every: Families,
    taken: set[str],
    levels: Mapping[str, Family],
) -> dict[str, Family]:
    """Answers to each profile whose columns are named otherwise than the attributes'.

    Where they call the profiles otherwise, too, numbers on a scale are no levels.
    """
    wanted = set(tasks)
    found: dict[str, Family] = {}
    likely = [
        family
        for named, own in every.by_profiles.items()
        if profiles and (named == profiles or same_places(named, profiles))
        for family in own
    ]
    for family in likely[:MOST_APART]:
        own = {column.name for column in family.cells.values()}
        if (
            wanted <= set(family.tasks)
            and len(family.cells) == len(family.tasks) * len(family.profiles)
            and own.isdisjoint(taken)
            and (max(c.distinct for c in family.cells.values()) <= MOST_POINTS)
            # Attributes name profiles alike: whole numbers of profiles that go by other names are ratings.
            and (
                every.is_judged(family)
                or (every.is_rated(family) and _goes_with(family, levels, tasks))
                or (family.profiles != profiles and _is_rating(family, every, levels, tasks))
            )
        ):
            found[family.pattern] = family
            taken |= own
    return found


def _is_rating(
    family: Family, every: Families, levels: Mapping[str, Family], tasks: Sequence[str]
) -> bool:
    """Whether whole numbers are on a scale, or, where its ends are not used, go with the levels."""
    whole = all(column.is_whole for column in family.cells.values())
    return whole and (every.is_rated(family) or _goes_with(family, levels, tasks))


def _goes_with(family: Family, levels: Mapping[str, Family], tasks: Sequence[str]) -> bool:
    """Whether what a family holds goes with an attribute of its profile, as answers do."""
    flat = {name: flat_codes(own, tasks) for name, own in list(levels.items())[:MOST_WEIGHED]}
    return depends_on(flat_codes(family, tasks), flat)[0] >= DEPENDS


def same_places(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two lists of profiles count alike: a and b, 1 and 2, X and Y."""
    first, second = (_counted(names) for names in (one, other))
    return first == second == list(range(len(other)))


def _counted(names: Sequence[str]) -> list[int | None]:
    """Which place each name stands for; letters that follow each other count from the first."""
    if all(len(name) == 1 and name.isascii() and name.isalpha() for name in names):
        letters = [ord(name.lower()) - ord(names[0].lower()) for name in names]
        if letters == list(range(len(names))):
            return [*letters]
    return [ordinal(name, names) for name in names]


def _name_family(lattice: Lattice, every: Families) -> tuple[Family | None, bool]:
    """The family whose cells name the attribute that stands at each position.

    Also whether levels bear it out: attributes that all have the same levels say nothing of it.
    """
    positions = in_order(lattice.families)
    if len(positions) < 2 or not all(len(name) < 4 for name in positions):
        return None, False
    tasks = set(next(iter(lattice.families.values())).tasks)
    own = {c.name for family in lattice.families.values() for c in family.cells.values()}
    levels = set(pooled([c for f in lattice.families.values() for c in _few(f)]))
    silent = None
    for family in every.naming(positions, tuple(tasks)):
        cells = list({c.name: c for c in family.cells.values()}.values())
        texts = list(pooled(cells))
        if not own.isdisjoint(c.name for c in cells) or not _could_name(texts, len(positions)):
            continue
        if not _all_different(family, texts):
            continue
        if _belongs(lattice, family, texts):
            return family, True
        # Names are no answers, and no levels.
        if levels.isdisjoint(texts) and not _are_answers(texts):
            silent = silent or family
    return silent, False


def _could_name(texts: Sequence[str], positions: int) -> bool:
    return positions <= len(texts) <= 2 * positions + 2


def _are_answers(texts: Sequence[str]) -> bool:
    """Whether texts may say which profile was chosen, or how it was judged."""
    tidy = plain_set(texts)
    return any(
        len(text) < 3 or POSITIVE.fullmatch(text) or NEGATIVE.fullmatch(text) for text in tidy
    )


def _belongs(lattice: Lattice, names: Family, texts: Sequence[str]) -> bool:
    """Whether some levels never stand where some attributes are named: no chance keeps them apart."""
    first = next(iter(lattice.families.values()))
    shown, named = [], []
    places = list(lattice.families)
    held = {
        (task, profile): [family.cells[task, profile] for family in lattice.families.values()]
        for task in first.tasks[:3]
        for profile in first.profiles
    }
    levels = list(pooled([column for columns in held.values() for column in columns]))
    rows = sample_rows(next(iter(names.cells.values())).rows, 500)
    for (task, _), columns in held.items():
        shown.append(codes_of(columns, rows, levels).ravel())
        own = [names.cells[task, place] for place in places]
        named.append(codes_of(own, rows, texts).ravel())
    return kept_apart(np.concatenate(shown), np.concatenate(named)) >= TOLD


def _names_levels(family: Family, attributes: Mapping[str, Family]) -> bool:
    """Whether what a family holds tells which levels an attribute shows: it names attributes.

    An answer goes with levels, and never leaves out many of them.
    """
    first = next(iter(attributes.values()))
    rows = sample_rows(next(iter(family.cells.values())).rows, 500)
    texts = list(pooled(_few(family)))
    levels = {name: list(pooled(_few(own))) for name, own in attributes.items()}
    answers: IntArray | None = None
    for profile in first.profiles:
        tasks = [
            t for t in first.tasks[:3] if (t, profile) in family.cells or (t, "") in family.cells
        ]
        if not tasks:
            continue
        if answers is None or family.profiles:
            held = [family.cells.get((t, profile)) or family.cells[t, ""] for t in tasks]
            answers = codes_of(held, rows, texts).ravel()
        for name, own in attributes.items():
            cells = [own.cells[task, profile] for task in tasks]
            # Of one version each column holds one level, which says nothing of who leaves it out.
            if all(column.distinct <= 1 for column in cells):
                continue
            if kept_apart(codes_of(cells, rows, levels[name]).ravel(), answers) >= TOLD:
                return True
    return False


def _all_different(family: Family, texts: Sequence[str]) -> bool:
    different = []
    for task in family.tasks[:3]:
        own = [
            family.cells[task, place] for place in family.profiles if (task, place) in family.cells
        ]
        codes = codes_of(own, sample_rows(own[0].rows, 500), texts)
        full = codes[(codes >= 0).all(axis=1)]
        if len(full):
            ordered = np.sort(full, axis=1)
            different.append(float((np.diff(ordered, axis=1) > 0).all(axis=1).mean()))
    return bool(different) and min(different) >= 0.95


def _choices(
    tasks: Sequence[str], profiles: tuple[str, ...], every: Families, taken: set[str]
) -> tuple[Family, ...]:
    """Families of one answer a task that name the profiles."""
    if not profiles:
        return ()
    return tuple(
        family
        for family in every.singles
        if set(tasks) <= set(family.tasks)
        and every.chooses(family, tasks, profiles)
        and taken.isdisjoint(c.name for c in family.cells.values())
    )


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
