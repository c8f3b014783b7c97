"""Which combinations of levels anybody was shown, and which only a few were."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.estimate.design import cells_of
from conjoint.estimate.sample import samples, specify
from conjoint.survey import INTERLOCK
from conjoint.wave import TOTAL
from conjoint.withhold.threshold import too_few

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.survey import Survey
    from conjoint.wave import Wave

__all__ = ["FEW", "MANY", "NEVER", "combinations_shown", "subsets"]

NEVER, FEW, MANY = "n", "f", "s"
"""Shown to nobody, to fewer people than a figure may stand on, or to more."""

MOST_COMBINATIONS = 20_000
"""Combinations that are told of a group: all of a small design, small ones of a large."""


def combinations_shown(wave: Wave, outcome: str, group: str) -> Iterator[dict[str, Any]]:
    """For each set of attributes, whether each combination was shown, and to more than a few.

    How many people saw a combination is a figure on few people itself, and not told.

    Yields
    ------
    dict
        `attribute` joins the names, `shown` has a letter a combination, the last attribute turning
        fastest. Sets come small ones first, as long as there are not too many combinations.
    """
    by = None if group == TOTAL else (group,)
    (sample,) = samples(wave, outcome, specify(wave, "shown", by, "linearised", 0.95))
    left = MOST_COMBINATIONS
    for names in subsets(wave.survey):
        codes, shape = cells_of(wave, names)
        size = int(np.prod(shape, dtype=float))
        left -= size
        if left < 0:
            return
        seen = np.unique(
            codes[sample.rows].astype(np.int64) * sample.n_respondents + sample.respondent
        )
        people = np.bincount(seen // sample.n_respondents, minlength=size)
        letters = np.select(
            [people == 0, too_few(people, wave.survey.thresholds)], [NEVER, FEW], MANY
        )
        yield {
            "outcome": outcome,
            "group": group,
            "attribute": INTERLOCK.join(names),
            "shown": "".join(letters),
        }


def subsets(survey: Survey) -> Iterator[tuple[str, ...]]:
    """Every set of attributes, small ones first."""
    names = list(survey.attributes)
    for size in range(1, len(names) + 1):
        yield from combinations(names, size)
