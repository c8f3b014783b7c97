"""Reproduction: what came of making published figures again."""

from __future__ import annotations

import html
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd

from conjoint.output import write_file
from conjoint.say.number import counted
from conjoint.spreadsheet import csv_text
from conjoint.typing import Reproducing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

__all__ = ["VERDICTS", "Reproduced", "Reproduction", "TableFound"]

VERDICTS: tuple[Reproducing, ...] = get_args(Reproducing)

WORDS: dict[Reproducing, tuple[str, str]] = {
    "reproduced": ("is reproduced", "are reproduced"),
    "within sampling error": (
        "is within sampling error, but not the same",
        "are within sampling error, but not the same",
    ),
    "differs": ("differs", "differ"),
    "cannot be computed": ("cannot be computed", "cannot be computed"),
}
"""Of one figure, and of several."""


@dataclass(frozen=True, slots=True)
class Reproduced:
    """One published figure, and what was made of it.

    Parameters
    ----------
    estimand, question, outcome, group, answer, attribute, level, baseline
        What it is about; names as the survey has them, and a baseline that was found where none was
        published.
    value, decimals, unit
        As published. The figures below are in this unit.
    computed, rounded, std_error
        The figure made again under the conventions of its table (see :class:`TableFound`), the same
        with the published decimals, and its standard error by the conventions of this package.
    difference, in_errors
        Published less computed, and the same in standard errors.
    n_respondents
        People it stands on.
    verdict
        ``reproduced`` (the same after rounding), ``within sampling error`` (another figure, inside the
        95% interval of the computed one), ``differs``, ``cannot be computed``.
    conventions
        Those under which the published figure appears: all that cannot be told apart. Where it is not
        reproduced, conventions other than its table's under which this one figure happens to appear.
    uncertainty
        Of a published standard error or interval: how it is made, or ``not found``; empty without.
    missing
        Why it cannot be computed.
    note
        Anything else that is worth saying.
    where
        The page, table or note it stands in.
    reading
        ``safe``, ``caution`` or ``suppressed`` by its base, once :func:`conjoint.reproduce.withhold` has
        looked at it; a suppressed figure made again is NaN.
    """

    estimand: str
    question: str
    outcome: str
    group: str
    answer: str
    attribute: str
    level: str
    baseline: str
    value: float
    decimals: int
    unit: str
    computed: float = np.nan
    rounded: float = np.nan
    std_error: float = np.nan
    difference: float = np.nan
    in_errors: float = np.nan
    n_respondents: int = 0
    verdict: Reproducing = "cannot be computed"
    conventions: str = ""
    uncertainty: str = ""
    missing: str = ""
    note: str = ""
    where: str = ""
    reading: str = ""

    @property
    def item(self) -> str:
        """What it is about within its question or outcome, in words."""
        if self.question:
            return self.answer
        against = f" against {self.baseline}" if self.baseline else ""
        return f"{self.attribute}: {self.level}{against}"

    @property
    def subject(self) -> str:
        """The question, or the estimand and the outcome."""
        if self.question:
            return self.question
        named = self.estimand.replace("_", " ").replace("amce", "AMCE").replace("acie", "ACIE")
        return f"{named} of {self.outcome}" if self.outcome else named


@dataclass(frozen=True, slots=True)
class TableFound:
    """The conventions of published conjoint figures of one estimand and outcome.

    Parameters
    ----------
    estimand, outcome, where
        Which; `where` is empty unless the same figure is published in several places.
    n
        Published figures that can be computed.
    n_values
        Those whose value appears under the conventions found.
    n_errors, n_errors_found
        Those with a standard error or an interval, and those of which these appear too.
    conventions
        How values are made, the first being what figures were computed by; all are listed that give
        as many of the published values. Empty where none gives any.
    uncertainty
        How standard errors and intervals are made, all that give as many of the published ones.
    packages
        Software that does so by an option of its own.
    """

    estimand: str
    outcome: str
    where: str
    n: int
    n_values: int
    n_errors: int
    n_errors_found: int
    conventions: tuple[str, ...]
    uncertainty: tuple[str, ...]
    packages: tuple[str, ...]

    @property
    def text(self) -> str:
        """What was found, in sentences."""
        named = self.estimand.replace("_", " ").replace("amce", "AMCE").replace("acie", "ACIE")
        place = f" ({self.where})" if self.where else ""
        head = f"{named} of {self.outcome}{place}: {self.n_values} of {self.n} values appear"
        text = f"{head} under {_either(self.conventions)}." if self.conventions else f"{head}."
        if self.n_errors:
            found = (
                f" {self.n_errors_found} of {self.n_errors} standard errors and intervals appear"
            )
            text += found + (f" as {_either(self.uncertainty)}." if self.uncertainty else ".")
        if self.packages:
            text += f" Software that does so: {', '.join(self.packages)}."
        return text


def _either(names: Sequence[str]) -> str:
    return ", or ".join(names)


@dataclass(frozen=True, eq=False, repr=False)
class Reproduction:
    """What came of making published figures again; by :func:`conjoint.reproduce.reproduce`.

    Parameters
    ----------
    figures
        In the order they are published in.
    tables
        What conventions the conjoint figures follow, table by table.
    """

    figures: tuple[Reproduced, ...]
    tables: tuple[TableFound, ...] = ()

    def __len__(self) -> int:
        return len(self.figures)

    def __repr__(self) -> str:
        return f"<Reproduction: {self.summary}>"

    @property
    def frame(self) -> pd.DataFrame:
        """One tidy row a published figure; the columns are those of :class:`Reproduced`."""
        names = [field.name for field in fields(Reproduced)]
        rows = [[getattr(figure, name) for name in names] for figure in self.figures]
        return pd.DataFrame(rows, columns=names)

    @property
    def tables_frame(self) -> pd.DataFrame:
        """One row a table; lists are joined by `` | ``."""
        names = [field.name for field in fields(TableFound)]
        rows = [
            [" | ".join(x) if isinstance(x := getattr(table, name), tuple) else x for name in names]
            for table in self.tables
        ]
        return pd.DataFrame(rows, columns=names)

    @classmethod
    def of_frames(cls, frame: pd.DataFrame, tables: pd.DataFrame | None = None) -> Reproduction:
        """Make a reproduction of its frames again."""
        own = frame.assign(**{name: _text(frame[name]) for name in _words(Reproduced)})
        found = []
        if tables is not None and len(tables):
            told = tables.assign(**{name: _text(tables[name]) for name in _words(TableFound)})
            for name in ("conventions", "uncertainty", "packages"):
                lists = [tuple(part for part in text.split(" | ") if part) for text in told[name]]
                told[name] = pd.Series(lists, index=told.index, dtype=object)
            found = [TableFound(**row) for row in _records(told)]
        figures = [Reproduced(**row) for row in _records(own)]
        return cls(tuple(figures), tuple(found))

    @property
    def counts(self) -> dict[Reproducing, int]:
        """How many figures have each verdict."""
        return {verdict: len(self.having(verdict)) for verdict in VERDICTS}

    def having(self, verdict: Reproducing) -> tuple[Reproduced, ...]:
        """The figures of one verdict."""
        return tuple(figure for figure in self.figures if figure.verdict == verdict)

    @property
    def withheld(self) -> tuple[Reproduced, ...]:
        """The figures that are not shown."""
        return tuple(figure for figure in self.figures if figure.reading == "suppressed")

    @property
    def holds(self) -> bool:
        """Whether no figure differs."""
        return not self.having("differs")

    @property
    def summary(self) -> str:
        """How many figures have each verdict, as a sentence.

        >>> Reproduction(()).summary
        'No published figures.'
        """
        total = len(self.figures)
        if not total:
            return "No published figures."
        counts = self.counts
        if counts["reproduced"] == total:
            return (
                f"All {total} published figures are reproduced."
                if total > 1
                else "It is reproduced."
            )
        said = [f"{counts[verdict]} {_verb(verdict, counts[verdict])}" for verdict in VERDICTS
                if counts[verdict]]  # fmt: skip
        return f"Of {counted(total, 'published figure')} {', '.join(said)}."

    def to_csv(self, path: str | PathLike[str]) -> None:
        """Write the frame as CSV."""
        write_file(path, csv_text(self.frame).encode(), where=str(path))

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self.summary)}</p>" + str(self.frame.to_html(index=False))


def _verb(verdict: Reproducing, count: int) -> str:
    return WORDS[verdict][count != 1]


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _words(of: type) -> list[str]:
    """The fields of a dataclass that hold text, or lists of it."""
    kinds = {field.name: str(field.type) for field in fields(of)}
    return [name for name, kind in kinds.items() if kind not in ("float", "int")]


def _text(column: pd.Series[str]) -> pd.Series[str]:
    return column.fillna("").astype(str)
