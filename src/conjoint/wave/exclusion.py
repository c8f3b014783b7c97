"""Who was left out of a wave before it was made."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Excluded"]


@dataclass(frozen=True, slots=True)
class Excluded:
    """One rule of exclusion, and how many people it left out.

    Parameters
    ----------
    key, label, text
        The rule's name in survey.toml, as shown, and in plain words.
    respondents
        How many people the rule meets.
    alone
        How many of them no other rule meets.
    """

    key: str
    label: str
    text: str
    respondents: int
    alone: int
