"""A task asked twice: found by its name, or because its profiles were shown before."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from conjoint.propose.evidence import codes_of, pooled, sample_rows
from conjoint.propose.shown import matching_tasks, same_profiles
from conjoint.propose.words import REPEATED
from conjoint.say.number import percent
from conjoint.survey.data import column_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conjoint.propose.column import Column
    from conjoint.propose.design import Wide
    from conjoint.propose.pattern import Family
    from conjoint.propose.shown import Shown
    from conjoint.typing import Sureness

__all__ = ["Repeated", "extra_tasks", "mixed_by_answer", "repeat_by_answer", "repeat_by_content"]

SWAPPED = re.compile(r"flip|swap|revers", re.IGNORECASE)
NOT_SWAPPED = re.compile(
    r"(not?|non|un|never|without)[\W_]*(flip|swap|revers)|(flip|swap|revers)\w*?[\W_]+(no|0|false)(?![a-z])",
    re.IGNORECASE,
)

MOST_ARMS = 6
CLEARLY = 3.3
"""Standard errors from one half that a share of answers lies, to say whether profiles were swapped."""

SAME = 0.95
"""The share of respondents who have to have seen the same profiles again."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """A task that repeats an earlier one, and what says so.

    `mixed` says what speaks for profiles that were swapped for some people, and not for others.
    """

    task: str
    of: str
    flipped: bool
    attributes: str
    sureness: Sureness
    evidence: str
    mixed: str = ""


def extra_tasks(wide: Wide, columns: Mapping[str, Column]) -> list[str]:
    """Tasks that have all columns of attributes, and a name that is more than a number."""
    names = list(columns)
    first = next(iter(wide.attributes))
    found = []
    for task in matching_tasks(wide.pattern, names, (wide.profiles or ("",))[0], first):
        needed = [
            column_of(wide.pattern, task, profile, attribute)
            for profile in wide.profiles or ("",)
            for attribute in wide.attributes
        ]
        if wide.names is not None:
            needed += [column_of(wide.names.pattern, task, place) for place in wide.attributes]
        if task not in wide.tasks and REPEATED.search(task) and all(n in columns for n in needed):
            found.append(task)
    return found


def repeat_by_content(shown: Shown, profiles: int) -> Repeated | None:
    """The task whose profiles are those of an earlier one, as they stood or swapped."""
    count = next(iter(shown.codes.values())).shape
    if count[1] < 2 or count[0] < 5 or not _tells(shown):
        return None
    keep = np.zeros(count[0], dtype=bool)
    keep[sample_rows(count[0], 1500)] = True
    for later in range(count[1] - 1, 0, -1):
        for earlier in range(later):
            shares = {
                swapped: same_profiles(shown, earlier, later, swapped, keep)
                for swapped in ((True, False) if profiles > 1 else (False,))
            }
            if (
                max(shares.values()) < SAME <= sum(shares.values())
                and min(shares.values()) > 1 - SAME
            ):
                task, of = shown.tasks[later], shown.tasks[earlier]
                mixed = (
                    f"task {task} shows the profiles of task {of} once more, to {percent(shares[True])} of "
                    f"respondents swapped, and to {percent(shares[False])} in the same places"
                )
                return Repeated(task, of, shares[True] > 0.5, "own", "guess", mixed, mixed)
            for swapped, share in shares.items():
                if share >= SAME:
                    task, of = shown.tasks[later], shown.tasks[earlier]
                    how = "with the profiles swapped" if swapped else "in the same places"
                    said = f"its profiles are those of task {of}, {how}, for {percent(share)} of respondents"
                    return Repeated(
                        task, of, swapped, "own", "sure" if share > 0.99 else "likely", said
                    )
    return None


def _tells(shown: Shown) -> bool:
    """Whether profiles have so many levels that two tasks hardly agree by chance."""
    same = 1.0
    for codes in shown.codes.values():
        held = codes[codes >= 0]
        if len(held):
            share = np.bincount(held) / len(held)
            same *= float(share @ share)
    return same < 0.2


def repeat_by_answer(
    choices: Sequence[Family], wide: Wide, columns: Mapping[str, Column]
) -> Repeated | None:
    """A second answer to a task whose profiles the file holds once: choice1_repeated_flipped."""
    for family in choices:
        for task in matching_tasks(family.pattern, list(columns), "", ""):
            if task in wide.tasks or not REPEATED.search(task):
                continue
            own = columns[column_of(family.pattern, task)]
            usual = pooled([family.cells[t, ""] for t in wide.tasks])
            if not set(own.answers) <= set(usual):
                continue
            of, why = _repeated_task(task, own, family, wide)
            flipped, sure, how = _flipped(task, own, family.cells[of, ""])
            sureness: Sureness = "sure" if sure and why == "by its name" else "likely"
            said = f"{own.name} repeats task {of} {why}; {how}"
            return Repeated(task, of, flipped, "same", sureness, said)
    return None


def mixed_by_answer(one: Column, other: Column, people: Sequence[Column]) -> str:
    """The column that tells for whom the profiles of a second answer were swapped, in words.

    People mostly choose the same profile again: clearly fewer than half give the same answer where it
    was swapped, clearly more where it was not.
    """
    codes = codes_of([one, other], np.arange(one.rows, dtype=np.intp), list(pooled([one, other])))
    known = (codes >= 0).all(axis=1)
    same = codes[:, 0] == codes[:, 1]
    for column in people:
        if not 2 <= column.distinct <= MOST_ARMS:
            continue
        shares = {}
        for code in np.flatnonzero(column.counts):
            own = known & (column.codes == code)
            n = int(own.sum())
            if n and abs(share := float(same[own].mean()) - 0.5) > CLEARLY * 0.5 / n**0.5:
                shares[str(column.categories[code])] = share + 0.5
        apart = [text for text, share in shares.items() if share < 0.5]
        if apart and len(apart) < len(shares):
            said = ", ".join(f'{percent(share)} where "{column.name}" is "{text}"'
                             for text, share in shares.items())  # fmt: skip
            return f"of those who answered {one.name}, the same answer again gave {said}"
    return ""


def _repeated_task(task: str, own: Column, family: Family, wide: Wide) -> tuple[str, str]:
    named = [t for t in re.findall(r"\d+|[^\W\d_]", task) if t in wide.tasks]
    if named:
        return named[0], "by its name"
    shares = {t: abs(_agree(own, family.cells[t, ""]) - 0.5) for t in wide.tasks}
    return max(shares, key=shares.__getitem__), "as its answers go with that task's most"


def _agree(one: Column, other: Column) -> float:
    return _agreed(one, other)[0]


def _agreed(one: Column, other: Column) -> tuple[float, int]:
    """The share of people who gave the same answer twice, and of how many."""
    codes = codes_of([one, other], sample_rows(one.rows), list(pooled([one, other])))
    known = (codes >= 0).all(axis=1)
    share = float((codes[known, 0] == codes[known, 1]).mean()) if known.any() else 0.5
    return share, int(known.sum())


def _flipped(task: str, own: Column, other: Column) -> tuple[bool, bool, str]:
    """Whether the profiles were swapped, whether nothing speaks against it, and why.

    People mostly choose the same profile again: where they were swapped, the other answer. Where what
    they answered is clear it decides; the name does where it is not.
    """
    share, people = _agreed(own, other)
    said = f"{percent(share)} gave the same answer again"
    clear = abs(share - 0.5) > 2 * 0.5 / max(people, 1) ** 0.5
    by_answers = share < 0.5
    if not SWAPPED.search(task):
        return by_answers, False, said
    by_name = not NOT_SWAPPED.search(task)
    swapped = "swapped" if by_name else "not swapped"
    if clear and by_name != by_answers:
        return by_answers, False, f"the name says that the profiles were {swapped}, but {said}"
    return by_name, clear, f"the name says that the profiles were {swapped}, and {said}"
