"""Audit: all items, and what follows from them."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import pandas as pd

from conjoint.audit.item import Item
from conjoint.output import write_file
from conjoint.say.number import base
from conjoint.say.phrase import phrase
from conjoint.say.prompt import at_prompt
from conjoint.spreadsheet import csv_text
from conjoint.survey import INTERLOCK
from conjoint.typing import Verdict

if TYPE_CHECKING:
    from collections.abc import Collection
    from os import PathLike

__all__ = ["COLUMNS", "NAMES", "SECTIONS", "VERDICTS", "Audit", "title_of"]

SECTIONS = {
    "design": (
        "presence", "level_frequencies", "joint_frequencies", "forbidden_pairs", "identical_profiles",
        "balance", "overwritten_tasks",
    ),
    "order": ("profile_position", "attribute_position", "carry_over", "fatigue"),
    "answers": (
        "choice_reading", "repeated_task", "straight_lining", "speeding", "duplicates",
        "missing_answers",
    ),
    "sample": (
        "reader_notes", "exclusions", "given_weights", "profiles_by_person", "segment_bases",
        "segment_overlap", "targets", "minimum_detectable",
    ),
}  # fmt: skip
"""The checks in their order, by section."""

NAMES = tuple(check for section in SECTIONS.values() for check in section)
"""All checks in their order."""

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
"""From the best to the worst."""

CONCERNED = ("attributes", "outcomes")

COLUMNS = [
    "check", "title", "subject", "verdict", "value", "unit", "p_value", "text", "do", *CONCERNED,
]  # fmt: skip

OF_PEOPLE = ("duplicates", "given_weights", "targets")
"""Checks of who answered and how much each counts: their items concern answers to questions too. All
others look at what profiles showed and how they were judged."""


def title_of(check: str) -> str:
    """A check's title, or its name where it has none."""
    return phrase(f"audit.title.{check}") if check in NAMES else check.replace("_", " ")


@dataclass(frozen=True, eq=False, repr=False)
class Audit:
    """What the audit says of a wave: one item a check and subject.

    Made by :func:`conjoint.audit.run.audit`.

    Parameters
    ----------
    items
        In the order of the checks.
    """

    items: tuple[Item, ...]

    @classmethod
    def of_frame(cls, frame: pd.DataFrame) -> Audit:
        """Make an audit of its frame again."""
        words = ("subject", "text", "do", "unit", *CONCERNED)
        whole = frame.reindex(columns=COLUMNS)  # older bundles do not say what an item concerns
        texts = {name: whole[name].astype(object).fillna("").astype(str) for name in words}
        rows = whole.assign(**texts)
        names = [name for name in COLUMNS if name != "title"]
        values = rows[names].itertuples(index=False, name=None)
        made: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in values]
        for row in made:
            row |= {name: tuple(filter(None, row[name].split(INTERLOCK))) for name in CONCERNED}
        return cls(tuple(Item(**row) for row in made))

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        counts = self.counts
        head = f"<Audit: {', '.join(f'{counts[verdict]} {verdict}' for verdict in VERDICTS[::-1])}>"
        return at_prompt(head, self._ordered(), ["verdict", "title", "subject", "text"])

    def _ordered(self) -> pd.DataFrame:
        """The frame with what there is to stop for first."""
        ranks = {verdict: -place for place, verdict in enumerate(VERDICTS)}
        return self.frame.sort_values(
            "verdict", key=lambda column: column.map(ranks), kind="stable"
        )

    @property
    def frame(self) -> pd.DataFrame:
        """One tidy row an item: its title and all that it says, several attributes joined by ``*``."""
        rows = [
            {name: getattr(item, name, "") for name in COLUMNS}
            | {"title": title_of(item.check)}
            | {name: INTERLOCK.join(getattr(item, name)) for name in CONCERNED}
            for item in self.items
        ]
        frame = pd.DataFrame(rows, columns=COLUMNS)
        return frame.astype({"value": float, "p_value": float})

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many items have each verdict."""
        found = [item.verdict for item in self.items]
        return {verdict: found.count(verdict) for verdict in VERDICTS}

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of any item."""
        return max((item.verdict for item in self.items), key=VERDICTS.index, default="fine")

    @property
    def summary(self) -> str:
        """The verdict as a sentence.

        >>> Audit((Item("targets", "", "look", "A margin is old."),)).summary
        'Nothing to stop for, 1 thing to look at.'
        """
        stops, looks = self.counts["stop"], self.counts["look"]
        if stops:
            if looks:
                return phrase("audit.summary.stops_and_looks", stops, looks=base(looks))
            return phrase("audit.summary.stops", stops)
        return phrase("audit.summary.looks", looks) if looks else phrase("audit.summary.none")

    def having(self, verdict: Verdict) -> tuple[Item, ...]:
        """The items of one verdict."""
        return tuple(item for item in self.items if item.verdict == verdict)

    def stops_for(self, outcome: str = "", attributes: Collection[str] = ()) -> tuple[Item, ...]:
        """Select the stops that concern a figure.

        Parameters
        ----------
        outcome
            The conjoint outcome that the figure is of; empty for answers to a question.
        attributes
            The attributes that it is of.
        """
        return tuple(
            item
            for item in self.having("stop")
            if item.check in OF_PEOPLE
            or (
                outcome
                and (not item.outcomes or outcome in item.outcomes)
                and (not item.attributes or not {*item.attributes}.isdisjoint(attributes))
            )
        )

    def of(self, check: str) -> tuple[Item, ...]:
        """The items of one check."""
        return tuple(item for item in self.items if item.check == check)

    def to_csv(self, path: str | PathLike[str]) -> None:
        """Write the frame as CSV."""
        write_file(path, csv_text(self.frame).encode(), where=str(path))

    def _repr_html_(self) -> str:
        ordered = self._ordered()[["verdict", "title", "subject", "text", "do"]]
        return f"<p>{html.escape(self.summary)}</p>" + str(
            ordered.to_html(index=False, escape=True)
        )
