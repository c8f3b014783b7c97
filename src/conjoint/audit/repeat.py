"""Do people choose alike when a task is asked twice?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjoint.audit.item import Item
from conjoint.audit.person import means_of_people
from conjoint.errors import ConjointError
from conjoint.estimate import reliability
from conjoint.estimate.agreement import choices_between_two, find_agreement
from conjoint.say.number import between, percent_by_size
from conjoint.say.phrase import phrase

if TYPE_CHECKING:
    from conjoint.estimates import Estimates
    from conjoint.wave import Wave

__all__ = ["agreement", "repeated_task"]

CHECK = "repeated_task"

RELIABLE = 0.65
"""Agreement under which a choice is swapped by error more than 22 times in a hundred: effects then
show at little more than half their size."""

COIN = 0.5
"""Agreement of people who toss a coin both times."""


def agreement(wave: Wave) -> tuple[dict[str, Estimates], str]:
    """By forced choice, the share who choose the same profile again; or why nobody can say."""
    if wave.repeats is None:
        return {}, phrase("audit.repeated_task.none")
    try:
        answers = {
            name: find_agreement(wave, name, None) for name in choices_between_two(wave, None)
        }
    except ConjointError as error:
        # `where` may name a respondent; what is wrong does not.
        return {}, "; ".join(f"{fault.what}. {fault.do}" for fault in error.faults)
    found = {name: agree for name, agree in answers.items() if (agree >= 0).sum() >= 2}
    if not found:
        return {}, phrase("audit.repeated_task.few")
    return {name: means_of_people(wave, {"irr": agree}) for name, agree in found.items()}, ""


def repeated_task(wave: Wave) -> list[Item]:
    """Say how often people agree with themselves, and whether that is clearly more than a coin."""
    figures, reason = agreement(wave)
    if not figures:
        differs = "the levels of" in reason
        return [
            Item(
                CHECK,
                "",
                "stop" if differs else "fine",
                phrase("audit.repeated_task.differs", reason=reason) if differs else reason,
                phrase("audit.repeated_task.differs_do") if differs else "",
            )
        ]
    return [_item(wave, name, figure) for name, figure in figures.items()]


def _item(wave: Wave, outcome: str, figure: Estimates) -> Item:
    row = figure.frame.iloc[0]
    share, low, high = (float(row[key]) for key in ("estimate", "conf_low", "conf_high"))
    said = {
        "share": percent_by_size(share),
        "interval": between(percent_by_size(low), percent_by_size(high)),
        "base": phrase("audit.count.respondents", int(row["n_respondents"])),
    }
    if not low > COIN:
        few = share >= RELIABLE
        key = "few_twice" if few else "coin"
        return Item(
            CHECK,
            outcome,
            "look" if few else "stop",
            phrase(f"audit.repeated_task.{key}", **said),
            phrase(f"audit.repeated_task.{key}_do"),
            share,
            "share",
            outcomes=(outcome,),
        )
    tau = reliability(wave, outcome=outcome).select(level="tau").frame.iloc[0]
    said |= {"error": percent_by_size(float(tau["estimate"]))}
    if share >= RELIABLE:
        text = phrase("audit.repeated_task.reliable", **said)
        return Item(CHECK, outcome, "fine", text, "", share, "share")
    text = phrase("audit.repeated_task.unreliable", **said, limit=percent_by_size(RELIABLE))
    do = phrase("audit.repeated_task.unreliable_do")
    return Item(CHECK, outcome, "look", text, do, share, "share")
