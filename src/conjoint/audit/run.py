"""All checks of a wave, in a fixed order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjoint.audit.balance import balance
from conjoint.audit.design import (
    forbidden_pairs,
    identical_profiles,
    joint_frequencies,
    level_frequencies,
)
from conjoint.audit.duplicates import duplicates
from conjoint.audit.item import Item
from conjoint.audit.missing import missing_answers
from conjoint.audit.model import Audit, title_of
from conjoint.audit.order import attribute_position, carry_over, fatigue, profile_position
from conjoint.audit.overwritten import overwritten_tasks
from conjoint.audit.power import minimum_detectable
from conjoint.audit.presence import presence
from conjoint.audit.quality import speeding, straight_lining
from conjoint.audit.reading import choice_reading
from conjoint.audit.repeat import repeated_task
from conjoint.audit.segments import (
    exclusions,
    given_weights,
    profiles_by_person,
    reader_notes,
    segment_bases,
    segment_overlap,
    targets,
)
from conjoint.errors import ConjointError
from conjoint.say.phrase import phrase

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjoint.wave import Wave

__all__ = ["CHECKS", "audit"]

CHECKS: tuple[Callable[[Wave], list[Item]], ...] = (
    presence,
    level_frequencies,
    joint_frequencies,
    forbidden_pairs,
    identical_profiles,
    balance,
    overwritten_tasks,
    profile_position,
    attribute_position,
    carry_over,
    fatigue,
    choice_reading,
    repeated_task,
    straight_lining,
    speeding,
    duplicates,
    missing_answers,
    reader_notes,
    exclusions,
    given_weights,
    profiles_by_person,
    segment_bases,
    segment_overlap,
    targets,
    minimum_detectable,
)
"""In the order of `model.SECTIONS`."""


def audit(wave: Wave, step: Callable[[str], None] | None = None) -> Audit:
    """Is this wave fit to analyse? Every check, each item with a verdict and what to do.

    Parameters
    ----------
    wave
        As it was read, before weighting. Any wave: a check that has nothing to look at says why in
        one item that is fine.
    step
        Called with the title of each check as it begins.

    Returns
    -------
    Audit
        Its `frame` has one row an item, its `verdict` is the worst of them: ``fine``, ``look`` (a
        person should), or ``stop`` (nothing should be published before). docs/audit.md says what
        each check looks at, and from where on.

    Examples
    --------
    >>> import pandas as pd, conjoint as cj
    >>> frame = pd.DataFrame({
    ...     "id": [1, 1, 2, 2], "price": ["high", "low", "low", "high"], "bought": [0, 1, 1, 0]})
    >>> wave = cj.Wave.from_frame(frame, respondent="id", outcome="bought", attributes=["price"])
    >>> audit(wave).frame.query("check == 'speeding'")["text"].to_list()
    ['No durations in the file.']
    """
    items: list[Item] = []
    for check in CHECKS:
        if step is not None:
            step(title_of(check.__name__))
        try:
            items += check(wave)
        except ConjointError as error:
            # `where` may name a respondent; what is wrong does not.
            text = phrase("audit.could_not", reason=error.reasons)
            items.append(Item(check.__name__, "", "look", text))
    return Audit(tuple(items))
