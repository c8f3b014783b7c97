"""Do people choose alike when a task is asked twice?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjoint.audit.item import Item
from conjoint.audit.person import means_of_people
from conjoint.errors import ConjointError
from conjoint.estimate import reliability
from conjoint.estimate.agreement import choices_between_two, find_agreement
from conjoint.say.number import between, counted, percent_by_size

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
        return {}, "No task was asked twice."
    try:
        answers = {
            name: find_agreement(wave, name, None) for name in choices_between_two(wave, None)
        }
    except ConjointError as error:
        # `where` may name a respondent; what is wrong does not.
        return {}, "; ".join(f"{fault.what}. {fault.do}" for fault in error.faults)
    found = {name: agree for name, agree in answers.items() if (agree >= 0).sum() >= 2}
    if not found:
        return {}, "Fewer than two people answered both the task and its repeat."
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
                f"The repeated task does not repeat: {reason}" if differs else reason,
                "Correct data.repeat, or take those respondents out." if differs else "",
            )
        ]
    return [_item(wave, name, figure) for name, figure in figures.items()]


def _item(wave: Wave, outcome: str, figure: Estimates) -> Item:
    row = figure.frame.iloc[0]
    share, low, high = (float(row[key]) for key in ("estimate", "conf_low", "conf_high"))
    base = counted(int(row["n_respondents"]), "respondent")
    text = f"{percent_by_size(share)} choose the same profile again ({between(percent_by_size(low), percent_by_size(high))}; {base})"
    if not low > COIN:
        few = share >= RELIABLE
        why = "too few answered twice to tell it from" if few else "not clearly more than"
        return Item(
            CHECK,
            outcome,
            "look" if few else "stop",
            f"{text}: {why} tossing a coin.",
            "Report no correction for reliability."
            if few
            else "Check the codes of both tasks and `flipped`; if they are right, these choices say "
            "next to nothing.",
            share,
            "share",
            outcomes=(outcome,),
        )
    tau = reliability(wave, outcome=outcome).select(level="tau").frame.iloc[0]
    error = f"; {percent_by_size(float(tau['estimate']))} of single choices are swapped by error"
    if share < RELIABLE:
        return Item(
            CHECK,
            outcome,
            "look",
            f"{text}{error}. That is under {percent_by_size(RELIABLE)}.",
            "Show effects corrected for reliability (cj.corrected) beside the raw ones.",
            share,
            "share",
        )
    return Item(CHECK, outcome, "fine", f"{text}{error}.", "", share, "share")
