"""Book: everything that tables for publication are made of. Aggregates alone; no respondent is in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from conjoint.analysis.questions import question_frames

if TYPE_CHECKING:
    import pandas as pd

    from conjoint.disclosure import Disclosed
    from conjoint.survey import Survey
    from conjoint.toplines import Table
    from conjoint.typing import Adjustment, ColumnTest

__all__ = ["Asked", "Book"]


@dataclass(frozen=True, eq=False)
class Asked:
    """A question with its tables: one, or one an item of a grid.

    Parameters
    ----------
    key
        Its key in survey.toml.
    title
        The question as shown, without an item.
    number
        Its place among the questions, from 1 on.
    tables
        In the order of the items.
    """

    key: str
    title: str
    number: int
    tables: tuple[Table, ...]


@dataclass(frozen=True, eq=False)
class Book:
    """Everything that the workbook, the CSV file and the page of tables are made of.

    Made by :func:`conjoint.workbook.collect`. Suppressed columns, segments and categories hold neither
    figures nor bases.

    Parameters
    ----------
    survey
        What was asked.
    questions
        Every question that has a table, in the order of survey.toml.
    figures
        Tidy frames by name: ``amce``, ``marginal_means``, ``departures``, ``joint_means``,
        ``weighting``, ``weighting_summary``, ``bases``, ``audit``, ``shown``; those of
        :class:`conjoint.Analysis`, and what share of profiles showed each level.
    hidden
        Segments that no conjoint figure is shown of.
    disclosed
        What the British Polling Council asks for.
    provenance
        Versions, hashes of the input, counts, weighting, and the command.
    decimals
        Of percentages.
    test, adjustment
        How columns were tested.
    """

    survey: Survey
    questions: tuple[Asked, ...]
    figures: dict[str, pd.DataFrame]
    hidden: tuple[str, ...]
    disclosed: tuple[Disclosed, ...]
    provenance: dict[str, Any]
    decimals: int
    test: ColumnTest
    adjustment: Adjustment | None

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table, grids item by item."""
        return tuple(table for asked in self.questions for table in asked.tables)

    @cached_property
    def frames(self) -> dict[str, pd.DataFrame]:
        """Question tables as a bundle has them."""
        return question_frames(self.tables, self.survey.thresholds)

    def told(self) -> dict[str, pd.DataFrame]:
        """Bases and figures as a bundle has them, for what compares releases."""
        names = ("bases", "weighting", "marginal_means")
        return {name: self.figures[name] for name in names} | self.frames
