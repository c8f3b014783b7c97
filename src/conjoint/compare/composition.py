"""Composition held: every wave weighted to the same targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjoint.compare.sampled import same_targets, targets_of
from conjoint.errors import Fault, TargetError, choices
from conjoint.survey import Targets
from conjoint.weight import rake
from conjoint.weight.check import check_targets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.survey import Margin
    from conjoint.typing import FloatArray
    from conjoint.wave import Wave

__all__ = ["hold_composition"]


def hold_composition(waves: Sequence[Wave]) -> tuple[list[Wave], tuple[Margin, ...]]:
    """Weight all waves to the targets of the last one that has some, as far as all waves know them.

    Returns
    -------
    waves
        Those whose weights meet these targets already stay as they are; the others are raked, from
        their design weights.
    left
        Margins that some wave lacks a column, a category or an answer for.

    Raises
    ------
    TargetError
        No wave has targets, no margin serves for all, or they cannot be met together.
    """
    whole = _last_targets(waves)
    usable = [margin for margin in whole.margins if _serves(margin, whole.where, waves)]
    if not usable:
        raise TargetError(
            Fault(
                whole.where,
                f"no wave but its own can be weighted to {choices(m.name for m in whole.margins)}",
                "a margin whose columns and categories all waves have",
                "Compare the waves as they are weighted.",
            )
        )
    targets = Targets(tuple(usable), whole.where)
    held = [_weighted(wave, targets) for wave in waves]
    return held, tuple(margin for margin in whole.margins if margin not in usable)


def _last_targets(waves: Sequence[Wave]) -> Targets:
    for wave in reversed(waves):
        found = targets_of(wave) or wave.survey.targets
        if found is not None and found.margins:
            return found
    raise TargetError(
        Fault("composition", "no wave has targets", "a targets.csv in one of the folders at least")
    )


def _serves(margin: Margin, where: str, waves: Sequence[Wave]) -> bool:
    if margin.segment is not None and any(
        margin.segment not in wave.survey.segments for wave in waves
    ):
        return False
    alone = Targets((margin,), where)
    return not any(
        check_targets(wave.respondents, alone, wave.survey.segments, _start(wave)) for wave in waves
    )


def _start(wave: Wave) -> FloatArray:
    """The weights before any targets were met."""
    return wave.weights if wave.calibration is None else wave.calibration.start


def _weighted(wave: Wave, targets: Targets) -> Wave:
    own = targets_of(wave)
    if own is not None and same_targets(own, targets):
        return wave
    return rake(wave.with_weights(_start(wave)), targets)
