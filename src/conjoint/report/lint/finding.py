"""A finding, and when a number is a figure's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from conjoint.report.lint.facts import Fact
    from conjoint.report.lint.mention import Mention

__all__ = ["BAD", "Finding", "Status", "fits"]

Status = Literal[
    "found", "caution", "ambiguous", "not read", "level",
    "wrongly rounded", "another figure", "unsupported", "wording", "small base", "do not quote",
]  # fmt: skip

BAD: tuple[Status, ...] = (
    "wrongly rounded", "another figure", "unsupported", "wording", "small base", "do not quote",
)  # fmt: skip
"""What the command ends with exit code 1 for."""

FRACTION_REACH, ABOUT_REACH, BOUND_REACH = 2.5, 3.5, 10.0
"""Points within which a share in words, "about" and a bound ("more than") may be of a figure."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one number, or of one way of putting it.

    Parameters
    ----------
    said
        The words of the draft.
    status, note
        What became of it, and why.
    fact
        The figure of the bundle, where there is one.
    """

    said: str
    status: Status
    note: str = ""
    fact: Fact | None = None


def fits(value: float, mention: Mention) -> bool:
    """Whether a figure, as a draft counts it, is what the draft says, rounded as the draft rounds."""
    reach = 0.5 * 10.0**-mention.decimals
    if mention.kind == "fraction":
        reach = FRACTION_REACH
    off = value - mention.value
    match mention.relation:
        case "over":
            return 0 < off < BOUND_REACH
        case "under":
            return -BOUND_REACH < off < 0
        case "about":
            return abs(off) <= max(reach, ABOUT_REACH)
    return abs(off) <= reach + 1e-9
