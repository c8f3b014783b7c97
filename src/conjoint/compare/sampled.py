"""Who was sampled differently in two waves: mode, population, segments, weights, shared people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.compare.asked import reworded, rule_key
from conjoint.compare.flag import Flag
from conjoint.errors import Fault, RequestError
from conjoint.say.number import base
from conjoint.say.phrase import phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conjoint.survey import Survey, Targets
    from conjoint.wave import Wave

__all__ = ["check_people", "sample_flags", "segment_flags", "targets_of"]

MOST = 0.5
"""Waves of whose smaller one more than this share is in the other are a panel's, or misnumbered."""

EVERY: tuple[dict[str, str], ...] = ({},)


def targets_of(wave: Wave) -> Targets | None:
    """What a wave's weights meet, as far as this package knows."""
    made = wave.calibration
    return made.targets if made is not None and made.targets.margins else None


def sample_flags(first: Wave, second: Wave, *, panel: bool | None) -> Iterator[Flag]:
    """Every way in which the samples of two waves differ."""
    one, two = first.survey, second.survey
    if one.synthetic != two.synthetic:
        which = "first" if one.synthetic else "second"
        text = phrase(f"comparison.flag.synthetic_{which}")
        yield Flag("synthetic", "", "not compared", text, EVERY)
    for name in ("mode", "population", "geography"):
        kind = "mode" if name == "mode" else "population"
        what = phrase(f"comparison.wording.{name}")
        found = reworded(getattr(one, name), getattr(two, name), what)
        if found is not None:
            yield Flag(kind, "", found[0], found[1], EVERY)  # type: ignore[arg-type]
    if one.pollster and two.pollster and one.pollster != two.pollster:
        text = phrase("comparison.flag.pollster", first=one.pollster, second=two.pollster)
        yield Flag("pollster", "", "care", text, EVERY)
    if one.fieldwork and two.fieldwork and two.fieldwork.start <= one.fieldwork.end:
        text = phrase("comparison.flag.overlap")
        yield Flag("order", "", "care", text, EVERY)
    if one.exclusions != two.exclusions:
        text = phrase("comparison.flag.exclusions")
        yield Flag("exclusions", "", "care", text, EVERY)
    yield from _of_weights(first, second)
    shared = _shared(first, second)
    if panel:
        text = phrase("comparison.flag.panel", count=base(shared))
        yield Flag("respondents", "", "noted", text)
    elif shared:
        text = phrase("comparison.flag.shared_ids", count=base(shared))
        yield Flag("respondents", "", "care" if panel is None else "noted", text, EVERY)


def segment_flags(
    one: Survey, two: Survey, segments: Iterable[str], changed: frozenset[str]
) -> Iterator[Flag]:
    """Segments whose rule changed, or rests on a question that did (`changed`, by column)."""
    for name in segments:
        mine, theirs = one.segments[name], two.segments[name]
        label = two.segment_label(name)
        if rule_key(mine.where) != rule_key(theirs.where):
            text = phrase("comparison.flag.segment", segment=label)
            yield Flag("segment", name, "not compared", text, ({"group": name},))
            continue
        rests = [column for column, _ in theirs.where.conditions() if column in changed]
        if rests:
            columns = ", ".join(dict.fromkeys(rests))
            text = phrase("comparison.flag.rests", segment=label, columns=columns)
            yield Flag("segment", name, "not compared", text, ({"group": name},))


def check_people(waves: list[Wave], *, panel: bool | None) -> None:
    """Refuse waves of which most respondents are the same, where nobody has said what that means."""
    for second in range(len(waves)):
        for first in range(second):
            shared = _shared(waves[first], waves[second])
            smaller = min(waves[first].n_respondents, waves[second].n_respondents)
            if panel is None and shared > MOST * smaller:
                raise RequestError(
                    Fault(
                        f"waves {first + 1} and {second + 1}",
                        f"{shared:,} of {smaller:,} respondents have ids of the other wave",
                        "independent samples, or to be told what the ids mean",
                        "Say --panel (panel=True) if they are the same people, so that their answers are "
                        "paired; --independent (panel=False) if the ids only look alike.",
                    )
                )


def _shared(first: Wave, second: Wave) -> int:
    return len(pd.Index(first.people).intersection(pd.Index(second.people)))


def _of_weights(first: Wave, second: Wave) -> Iterator[Flag]:
    one, two = targets_of(first), targets_of(second)
    if one is None and two is None:
        weighted = [bool(np.ptp(wave.weights)) for wave in (first, second)]
        if weighted[0] != weighted[1]:
            text = phrase("comparison.flag.one_weighted")
            yield Flag("targets", "", "care", text, EVERY)
    elif one is None or two is None:
        text = phrase("comparison.flag.one_to_targets")
        yield Flag("targets", "", "care", text, EVERY)
    elif not same_targets(one, two):
        text = phrase("comparison.flag.targets")
        yield Flag("targets", "", "care", text, EVERY)


def same_targets(one: Targets, two: Targets) -> bool:
    """Whether two sets of targets ask for the same, whoever says so."""
    mine, theirs = (
        {
            (margin.columns, margin.segment): (margin.shares, margin.mean)
            for margin in targets.margins
        }
        for targets in (one, two)
    )
    return mine.keys() == theirs.keys() and all(
        mine[key][1] == theirs[key][1]
        and mine[key][0].keys() == theirs[key][0].keys()
        and all(abs(share - theirs[key][0][cell]) < 1e-12 for cell, share in mine[key][0].items())
        for key in mine
    )
