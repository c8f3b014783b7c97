"""Who, and what, was left out of a wave before it was made."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Excluded", "Unused"]


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


@dataclass(frozen=True, slots=True)
class Unused:
    """One entry of the ledger of what no figure uses. It never holds a respondent's id.

    Parameters
    ----------
    kind
        What is counted: ``respondents``, ``weights`` (people without one), ``tasks``, ``answers``
        (outside a question's filter), ``rows`` (of files joined to the responses), ``columns`` or
        ``files``.
    count
        How many.
    where
        The file, with the first row and column where there is one; or the key of survey.toml.
    text
        What is not used and why, as a sentence.
    """

    kind: str
    count: int
    where: str
    text: str
