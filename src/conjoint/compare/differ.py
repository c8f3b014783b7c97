"""All flags of two waves, and what changed about the columns that segments rest on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conjoint.compare.asked import question_flags
from conjoint.compare.flag import Flag
from conjoint.compare.sampled import sample_flags, segment_flags
from conjoint.compare.shown import design_flags
from conjoint.say.phrase import phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.compare.table import Refused
    from conjoint.wave import Wave

__all__ = ["find_flags"]


def find_flags(
    first: Wave,
    second: Wave,
    segments: Sequence[str],
    refused: tuple[Sequence[Refused], Sequence[Refused]],
    *,
    panel: bool | None,
    despite: Sequence[str] = (),
) -> list[Flag]:
    """Every way in which two waves differ.

    Parameters
    ----------
    segments
        Those that are compared.
    refused
        For each wave, tables that its data cannot give, and why.
    despite
        Kinds of flags that keep nothing from being compared.
    """
    one, two = first.survey, second.survey
    asked = list(question_flags(one, two))
    changed = frozenset(
        column
        for flag in asked
        if flag.bearing == "not compared"
        and {"kind": "topline", "outcome": flag.subject} in flag.touched
        for column in two.questions[flag.subject].stored(flag.subject).values()
    )
    topline = [
        flag
        for flag in asked
        if flag.kind == "asked" or _matters(flag.subject, changed, first, second)
    ]
    found = [
        *sample_flags(first, second, panel=panel),
        *topline,
        *design_flags(first, second),
        *segment_flags(one, two, segments, changed),
    ]
    for side, tables in zip(("first", "second"), refused, strict=True):
        for key, why, attribute, level in tables:
            outcome = key.outcome
            if key.item:
                outcome = phrase("comparison.flag.refused_item", outcome=outcome, item=key.item)
            subject = phrase(
                "comparison.flag.refused_figure", kind=key.kind, outcome=outcome, group=key.group
            )
            if level:
                subject = phrase(
                    "comparison.flag.refused_level",
                    figure=subject,
                    attribute=attribute,
                    level=level,
                )
            text = phrase(f"comparison.flag.refused_{side}", figure=subject, reason=why)
            touched = {
                "kind": key.kind,
                "outcome": key.outcome,
                "item": key.item,
                "group": key.group,
            }
            if level:
                touched |= {"attribute": attribute, "level": level}
            found.append(Flag("estimate", subject, "not compared", text, (touched,)))
    return [_in_spite(flag) if flag.kind in despite else flag for flag in found]


def _matters(question: str, changed: frozenset[str], first: Wave, second: Wave) -> bool:
    """Whether a question's change is worth a flag: toplines, and what segments or weights rest on."""
    if any(wave.survey.questions[question].topline for wave in (first, second)):
        return True
    columns = set(second.survey.questions[question].stored(question).values()) & changed
    used = {
        column
        for segment in second.survey.segments.values()
        for column, _ in segment.where.conditions()
    }
    targets = second.survey.targets
    used |= {column for margin in (targets.margins if targets else ()) for column in margin.columns}
    return bool(columns & used)


def _in_spite(flag: Flag) -> Flag:
    if flag.bearing != "not compared":
        return flag
    return replace(flag, bearing="care", text=phrase("comparison.flag.despite", flag=flag.text))
