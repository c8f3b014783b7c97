"""Decompositions of all toplines that are compared, by every variable that is held."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.compare.change import beside
from conjoint.compare.mix import cells_of, decomposed
from conjoint.compare.model import PARTS
from conjoint.compare.sampled import same_targets, targets_of
from conjoint.estimate.sample import specify
from conjoint.survey import INTERLOCK, Targets
from conjoint.toplines.answers import answered
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.wave import Wave

__all__ = ["decompositions", "variables_to_hold"]


def variables_to_hold(waves: Sequence[Wave], hold: str | Sequence[str] | None) -> tuple[str, ...]:
    """What changes are taken apart by: what is asked for, or what may have changed in the sample.

    Without a word of the user: margins that weighting does not hold alike in all waves, and questions of
    one answer that are no toplines.
    """
    if hold is not None:
        return (hold,) if isinstance(hold, str) else tuple(hold)
    shared = set.intersection(*(set(wave.respondent_columns) for wave in waves))
    found = []
    for wave in reversed(waves):
        targets = targets_of(wave) or wave.survey.targets
        found += [
            INTERLOCK.join(margin.columns)
            for margin in (targets.margins if targets else ())
            if margin.mean is None and margin.segment is None and set(margin.columns) <= shared
        ]
    last = waves[-1].survey
    for name, question in last.questions.items():
        column = question.column or name
        if question.kind == "single" and not question.topline and column in shared:
            found.append(column)
    return tuple(name for name in dict.fromkeys(found) if not _held_alike(waves, name))


def _held_alike(waves: Sequence[Wave], name: str) -> bool:
    """Whether all waves are weighted to the same shares of a variable."""
    own = []
    for wave in waves:
        targets = targets_of(wave)
        margins = targets.margins if targets else ()
        own.append([m for m in margins if m.name == name])
    return all(own) and all(
        same_targets(Targets(tuple(own[0])), Targets(tuple(margins))) for margins in own[1:]
    )


def decompositions(
    waves: tuple[Wave, Wave],
    changes: pd.DataFrame,
    hold: Sequence[str],
    least: int,
    *,
    panel: bool,
    confidence: float,
) -> pd.DataFrame:
    """Take apart the changes of all toplines that have one, by each variable.

    Parameters
    ----------
    changes
        What :func:`conjoint.compare.change.changes_of` gave.
    least
        The smallest cell that stands alone.
    """
    specification = specify(waves[1], "mix", None, "linearised", confidence)
    compared = changes[(changes["kind"] == "topline") & changes["change"].notna()]
    shown = compared.set_index(["outcome", "item", "group", "level"]).index
    parts = []
    for name in hold:
        for group in dict.fromkeys(compared["group"]):
            members = tuple(
                np.ones(wave.n_respondents, dtype=bool) if group == TOTAL else wave.segment(group)
                for wave in waves
            )
            own = compared[compared["group"] == group]
            for outcome, item in own[["outcome", "item"]].drop_duplicates().itertuples(index=False):
                asked = [
                    who & answered(wave, outcome, item).asked
                    for wave, who in zip(waves, members, strict=True)
                ]
                cells = cells_of(waves, name, asked, least)
                if len(cells.names) < 2:
                    continue
                made = decomposed(
                    waves, outcome, item, cells, (members[0], members[1]), specification,
                    lambda sides: beside(waves, sides, panel=panel),
                )  # fmt: skip
                parts.append(made.assign(group=group))
    if not parts:
        return pd.DataFrame(columns=PARTS)
    frame = pd.concat(parts, ignore_index=True)
    keys = frame.set_index(["outcome", "item", "group", "level"]).index
    return frame[keys.isin(shown)].reset_index(drop=True)
