"""Tasks of two profiles, taken as pairs: each profile's row with the row it stood against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.errors import Fault, RequestError, choices
from conjoint.estimate.design import find_blocks
from conjoint.estimate.figures import means_of
from conjoint.estimate.groups import NEVER, estimate_outcomes
from conjoint.estimate.sample import forced_choices
from conjoint.say.number import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conjoint.estimate.groups import Figures
    from conjoint.estimate.sample import Sample
    from conjoint.estimates import Estimates, Specification
    from conjoint.survey import Survey
    from conjoint.typing import BoolArray, IntArray
    from conjoint.wave import Wave

__all__ = [
    "Pairs",
    "attributes_that_vary",
    "estimate_pairs",
    "free_attributes",
    "level_over",
    "share_of",
    "whole_tasks",
]


@dataclass(frozen=True, eq=False, slots=True)
class Pairs:
    """The opponent of each of a wave's profiles, and who of the two stood first.

    Parameters
    ----------
    opponent
        The row of the other profile of the task, of shape (profiles,); -1 where the task has other
        than two.
    first
        Whether the profile stood first in its task, of shape (profiles,): in the order that the
        survey names its profiles, or else by number or alphabet.
    """

    opponent: IntArray
    first: BoolArray

    def codes(self, sample: Sample, attribute: str) -> tuple[IntArray, IntArray]:
        """The level of each of the sample's rows, and that of its opponent; both (N,)."""
        levels = sample.wave.codes(attribute)
        opponent = self.opponent[sample.place]
        return levels[sample.place].astype(np.intp), levels[opponent].astype(np.intp)

    def showing(self, sample: Sample, attribute: str) -> Sample:
        """The rows that show an attribute against opponents that show it, too."""
        if sample.wave.survey.attributes[attribute].is_always:
            return sample
        shows = sample.wave.shows(attribute)
        return sample.only(shows[sample.place] & shows[self.opponent[sample.place]])


def whole_tasks(sample: Sample, pairs: Pairs) -> Sample:
    """One row a task, that of the profile that stood first.

    Raises
    ------
    RequestError
        The group holds one profile of a task and not the other.
    """
    inside = np.zeros(sample.wave.n_profiles, dtype=bool)
    inside[sample.place] = True
    if not inside[pairs.opponent[sample.place]].all():
        raise RequestError(
            Fault(
                f'by, group "{sample.group}"',
                "holds one profile of a task without the other",
                "groups of people or of tasks",
                "Use choice_means, which groups by the profile that holds the level.",
            )
        )
    return sample.only(pairs.first[sample.place])


def level_over(level: str, opponent: str) -> str:
    """How the `level` column says that one was chosen over the other."""
    return f"{level} over {opponent}"


def share_of(sample: Sample, cell: tuple[str, str]) -> Figures:
    """The share of one cell that holds all the rows."""
    return means_of(sample, [np.zeros(len(sample.y), dtype=np.int8)], [1], [[cell]])


def estimate_pairs(
    wave: Wave,
    estimator: Callable[[Sample, Pairs], Figures],
    specification: Specification,
    outcome: str | Sequence[str] | None,
    absent: str = NEVER,
) -> Estimates:
    """Run an estimator of pairs on every forced choice and group that was asked for.

    See :func:`conjoint.estimate.groups.estimate_each`.

    Raises
    ------
    EstimationError
        No figure can be estimated.
    RequestError
        The outcome is no forced choice, or some task with an answer has other than two profiles.
    """
    names = (
        forced_choices(wave, outcome) if outcome is None or isinstance(outcome, str) else outcome
    )
    pairs = _find_pairs(wave)
    for name in names:
        _check_two(wave, name, pairs)
    return estimate_outcomes(
        wave, lambda sample: estimator(sample, pairs), specification, names, absent
    )


def attributes_that_vary(
    survey: Survey, wanted: str | Sequence[str] | None, least: int = 2
) -> tuple[str, ...]:
    """Attributes asked for, each with `least` levels or more; all such where None.

    Raises
    ------
    RequestError
        One is unknown or has too few levels, or none is left.
    """
    known = survey.attributes
    many = [name for name, attribute in known.items() if len(attribute.levels) >= least]
    names = [wanted] if isinstance(wanted, str) else list(many if wanted is None else wanted)
    faults = []
    for name in names:
        if name not in known:
            what = f'there is no attribute "{name}"'
            faults.append(Fault("attributes", what, choices(known), "Correct the name."))
        elif name not in many:
            levels = len(known[name].levels)
            what = f'"{name}" has {counted(levels, "level")}'
            faults.append(Fault("attributes", what, f"{least} or more", "Leave it out."))
    if not names:
        faults.append(Fault("attributes", "none is left", choices(many), "Name one of them."))
    if faults:
        raise RequestError(*faults)
    return tuple(dict.fromkeys(names))


def free_attributes(
    survey: Survey, wanted: str | Sequence[str] | None, least: int = 2
) -> tuple[str, ...]:
    """The same, attributes tied by a restriction or a joint distribution refused.

    Raises
    ------
    RequestError
        A tied attribute is named; or none is, and no other is left.
    """
    tied = {
        name: [other for other in block.attributes if other != name]
        for block in find_blocks(survey)
        for name in block.attributes
        if len(block.attributes) > 1
    }
    names = attributes_that_vary(survey, wanted, least)
    free = tuple(name for name in names if name not in tied)
    if free and (wanted is None or free == names):
        return free
    raise RequestError(
        *(
            Fault(
                "attributes",
                f'"{name}" is tied to {choices(tied[name])}, so that its levels do not meet the same '
                "levels of them",
                "attributes that no restriction and no joint distribution ties",
                "Leave it out, and compare shares (choice_means, choice_share) instead.",
            )
            for name in names
            if name in tied
        )
    )


def _find_pairs(wave: Wave) -> Pairs:
    profiles, N = wave.profiles, wave.n_profiles
    task, tasks = pd.factorize(profiles["task"])
    key = wave.respondent_index * len(tasks) + task
    order = np.lexsort((_standing(wave), key))
    _, starts, sizes = np.unique(key[order], return_index=True, return_counts=True)
    two = order[starts[sizes == 2][:, None] + np.arange(2)]
    opponent, first = np.full(N, -1, dtype=np.intp), np.zeros(N, dtype=bool)
    opponent[two[:, 0]], opponent[two[:, 1]] = two[:, 1], two[:, 0]
    first[two[:, 0]] = True
    return Pairs(opponent, first)


def _standing(wave: Wave) -> IntArray:
    """Where each profile stands among the names of profiles, of shape (profiles,)."""
    place, names = pd.factorize(wave.profiles["profile"])
    declared = wave.survey.data.profiles if wave.survey.data else ()
    numbers = pd.to_numeric(pd.Series(names, dtype=object), errors="coerce")
    if set(names) <= set(declared):
        rank = np.array([declared.index(name) for name in names], dtype=np.intp)
    elif numbers.notna().all():
        rank = np.argsort(np.argsort(numbers.to_numpy(dtype=float)))
    else:
        rank = np.argsort(np.argsort(np.array(names, dtype=str)))
    return np.asarray(rank[place], dtype=np.intp)


def _check_two(wave: Wave, outcome: str, pairs: Pairs) -> None:
    others = np.flatnonzero(~np.isnan(wave.outcome(outcome)) & (pairs.opponent < 0))
    if len(others):
        row = wave.profiles.iloc[int(others[0])]
        person = int(wave.respondent_index[others[0]]) + 1
        raise RequestError(
            Fault(
                f'outcome "{outcome}"',
                f'task "{row["task"]}" of respondent number {person:,} has other than two profiles',
                "two in every task with an answer",
                "Leave such tasks out.",
            )
        )
