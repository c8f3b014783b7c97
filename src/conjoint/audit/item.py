"""One item of the audit: what was looked at, what was seen, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conjoint.typing import Verdict

__all__ = ["Item"]


@dataclass(frozen=True, slots=True)
class Item:
    """What one check says of one subject.

    Parameters
    ----------
    check
        The check's name, as `Audit.frame` has it: ``level_frequencies``.
    subject
        What it is about: an attribute, a pair, a task, a segment; empty where it is the whole wave.
    verdict
        ``fine``, ``look`` (a person should) or ``stop`` (nothing should be published before).
    text
        What was seen, with its figures, as one sentence.
    do
        What to do about it; empty where it is fine.
    value
        The figure the verdict hangs on, in the unit that `unit` names: ``share`` (0 to 1),
        ``points`` (0 to 1), ``respondents``, ``pairs`` (of respondents), ``tasks``, ``profiles``,
        ``correlation``, ``outcome`` (in the outcome's own units) or ``p``.
    p_value
        Of the test, where there is one, before any adjustment; NaN elsewhere.
    attributes, outcomes
        Whose figures it concerns; empty where it concerns those of all.
    """

    check: str
    subject: str
    verdict: Verdict
    text: str
    do: str = ""
    value: float = float("nan")
    unit: str = ""
    p_value: float = float("nan")
    attributes: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
