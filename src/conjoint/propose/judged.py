"""Whether columns hold answers, and not levels that were shown; which answers choose a profile."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np

from conjoint.propose.evidence import (
    agreement,
    chosen_one,
    codes_of,
    memory,
    pooled,
    sample_rows,
    sums_to_one,
)
from conjoint.propose.pattern import Family
from conjoint.propose.reading import by_task, names_profiles
from conjoint.propose.words import (
    NEGATIVE,
    POSITIVE,
    asks_to_choose,
    names_outcome,
    plain_set,
    without_numbers,
)
from conjoint.spelling import is_missing_code

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conjoint.propose.column import Column
    from conjoint.typing import IntArray

__all__ = [
    "FEW_VERSIONS",
    "REMEMBERED",
    "UNEVEN",
    "Families",
    "few_patterns",
    "is_scale",
    "judged",
    "one_each",
    "spoken",
]

REMEMBERED = 0.04
"""Above this, what a respondent answers goes with the answer before: no level drawn by chance does."""


FEW_VERSIONS = 3
"""How many people, or ways to choose, there are for each pattern of what was shown, where a design has
few versions."""

UNEVEN = 4
"""How many times as common as the rarest the commonest point of a scale is, where people answered."""


def judged(
    column: Column,
    complementary: float,
    remembered: float,
    others: Sequence[Column] = (),
    pattern: str = "",
    *,
    blocked: bool = False,
) -> bool:
    """Whether columns hold answers, and not levels that were shown.

    `complementary` is the share of tasks with one chosen profile; `remembered` is how much a
    respondent's answers go with each other. Where `blocked`, few versions of a design make levels
    uneven.
    """
    columns = others or (column,)
    if any(own.shown for own in columns):
        return False
    even_chance = not blocked and remembered >= -REMEMBERED
    points = 5.0 * (complementary >= 0.9) + spoken(columns, pattern or column.name)
    points += 1.5 * is_scale(columns) * (1 + (even_chance and _is_uneven(columns)))
    if remembered > REMEMBERED:
        points += 2.0
    elif column.rows >= 200 and (len(columns) > 1 or not pattern):
        points -= 1.0
    return points >= 2.0


def spoken(columns: Sequence[Column], name: str) -> float:
    """What words say for answers: 2 points for the columns' name, 2 for words for and against.

    Two, too, where labels stand at the ends of a scale.
    """
    if any(column.labelled for column in columns):
        return 2.0 + 2.0 * names_outcome(name)
    tidy = plain_set(pooled(columns))
    agrees = any(POSITIVE.fullmatch(text) for text in tidy)
    return 2.0 * names_outcome(name) + 2.0 * (
        agrees and any(NEGATIVE.fullmatch(text) for text in tidy)
    )


def is_scale(columns: Sequence[Column]) -> bool:
    """Whether the answers are whole numbers from 0, 1 or 2 on, without a gap.

    A scale from 1 on whose end nobody used starts at 2.
    """
    if not all(column.is_whole for column in columns):
        return False
    held = np.unique(np.concatenate([c.numbers[c.counts > 0] for c in columns]))
    held = held[[not is_missing_code(f"{n:g}", set(held) - {n}) for n in held]]
    return 5 <= len(held) <= 101 and np.ptp(held) == len(held) - 1 and held[0] in (0, 1, 2)


def _is_uneven(columns: Sequence[Column]) -> bool:
    """Whether some answers are much commoner than others: levels are drawn more evenly."""
    counts = pooled(columns)
    return sum(counts.values()) >= 200 and max(counts.values()) >= UNEVEN * min(counts.values())


class Families:
    """All families of a file, and what was found out about them."""

    def __init__(self, singles: Sequence[Family]) -> None:
        self.singles = singles
        self.by_profiles: dict[tuple[str, ...], list[Family]] = defaultdict(list)
        self._judged: dict[tuple[str, str, bool], bool] = {}
        self._remembered: dict[str, float] = {}
        self._versions: dict[tuple[str, str], bool] = {}
        self._one_each: dict[str, tuple[float, str, float]] = {}
        self._chooses: dict[tuple[str, tuple[str, ...], tuple[str, ...]], bool] = {}

    def naming(self, positions: tuple[str, ...], tasks: tuple[str, ...]) -> Iterator[Family]:
        """Families that may name what stands at each position, in each task or once for all of them."""
        for family in self.by_profiles.get(positions, ()):
            if set(tasks) <= set(family.tasks):
                yield family
        for family in self.singles:
            if family.tasks == positions and not re.search(r"\d", "".join(family.parts)):
                cells = {
                    (task, place): family.cells[place, ""] for task in tasks for place in positions
                }
                yield Family(("profile",), family.parts, cells, tasks, positions)

    def remembered(self, family: Family) -> float:
        """How much what a family holds goes with the respondent."""
        if family.pattern not in self._remembered:
            columns = _of_one_profile(family)
            self._remembered[family.pattern] = memory(columns, sample_rows(columns[0].rows))
        return self._remembered[family.pattern]

    def is_judged(self, family: Family, name: str = "", *, blocked: bool = False) -> bool:
        """Whether a family holds answers; where `blocked`, levels go with the respondent too.

        `name` is the part of its pattern that is its alone: what it shares with attributes, such as
        ``choice`` of ``choice{task}_price_{profile}``, says nothing of it. The whole pattern without.
        """
        key = (family.pattern, name, blocked)
        if key not in self._judged:
            columns = _of_one_profile(family)
            remembered = 0.0 if blocked else self.remembered(family)
            if family.pattern not in self._one_each:
                self._one_each[family.pattern] = one_each(family)
            share = self._one_each[family.pattern][0]
            self._judged[key] = judged(
                columns[0], share, remembered, columns, name or family.pattern, blocked=blocked
            )
        return self._judged[key]

    def is_of_versions(self, family: Family, name: str = "") -> bool:
        """Whether a family that no word calls an answer holds what a design's few versions show."""
        key = (family.pattern, name)
        if key not in self._versions:
            said = names_outcome(name or family.pattern)
            self._versions[key] = not said and _is_of_versions(family)
        return self._versions[key]

    def is_rated(self, family: Family) -> bool:
        """Whether a family holds whole numbers on a scale."""
        return is_scale(_of_one_profile(family))

    def chooses(self, family: Family, tasks: Sequence[str], profiles: tuple[str, ...]) -> bool:
        """Whether a family answers the tasks by naming profiles."""
        key = (family.pattern, tuple(tasks), profiles)
        if key not in self._chooses:
            own = [family.cells[task, ""] for task in tasks]
            few = max(column.distinct for column in own) <= len(profiles) + 4
            counts = pooled(own) if few else Counter()
            named = len(counts) <= len(profiles) + 4 and _may_choose(family, counts, profiles)
            self._chooses[key] = few and (
                (named and agreement(own) >= 0.6)
                or by_task({task: family.cells[task, ""].answers for task in tasks}, profiles)
                is not None
            )
        return self._chooses[key]


def _of_one_profile(family: Family) -> list[Column]:
    """The columns of the first profile that has some, by task; empty ones say nothing."""
    for profile in family.profiles or ("",):
        columns = [family.cells[t, profile] for t in family.tasks if (t, profile) in family.cells]
        filled = [column for column in columns if column.filled]
        if filled:
            return filled
    return list(family.cells.values())


def _is_of_versions(family: Family) -> bool:
    """Whether people share all that a family holds far more often than choices would have it."""
    if len(family.profiles) < 2:
        return False
    cells = list(family.cells.values())
    rows = sample_rows(cells[0].rows, 1000)
    codes = codes_of(cells, rows, list(pooled(cells)))
    return few_patterns(codes, len(family.profiles), len(family.tasks))


def few_patterns(codes: IntArray, profiles: int, tasks: int) -> bool:
    """Whether respondents share rows of codes, (respondents, cells), far more often than if they had chosen."""
    most = min(float(len(codes)), float(profiles) ** min(tasks, 50))
    return FEW_VERSIONS * len(np.unique(codes, axis=0)) <= most


def one_each(family: Family) -> tuple[float, str, float]:
    """The share of tasks in which one profile alone holds an answer, as `chosen_one` says it."""
    if len(family.profiles) < 2:
        return 0.0, "", 0.0
    cells = list(family.cells.values())
    texts = list(pooled(cells))
    if not 2 <= len(texts) <= 3:
        return 0.0, "", 0.0
    rows = sample_rows(cells[0].rows, 1000)
    shares = []
    for task in family.tasks:
        own = [family.cells.get((task, profile)) for profile in family.profiles]
        if all(column is not None and column.filled for column in own):
            codes = codes_of([c for c in own if c is not None], rows, texts)
            known = codes[(codes >= 0).all(axis=1)]
            shares.append([sums_to_one(known == place) for place in range(len(texts))])
    if not shares:
        return 0.0, "", 0.0
    found = np.mean(shares, axis=0)
    return chosen_one(dict(zip(texts, map(tuple, found.tolist()), strict=True)))


def _may_choose(family: Family, counts: Counter[str], profiles: Sequence[str]) -> bool:
    if names_profiles(counts, profiles):
        return True
    small = len(profiles) <= len(counts) <= len(profiles) + 2
    wordings = {without_numbers(column.label) for column in family.cells.values()}
    spoken = len(wordings) == 1 and all(map(asks_to_choose, wordings))
    named = names_outcome(family.pattern) and not family.pattern.endswith("{profile}")
    return small and (named or spoken)
