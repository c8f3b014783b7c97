"""Reproduction: what came of making published figures again."""

from __future__ import annotations

import html
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd

from conjoint.output import write_file
from conjoint.say.phrase import phrase
from conjoint.say.prompt import at_prompt
from conjoint.spreadsheet import csv_text
from conjoint.typing import Reproducing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

__all__ = ["VERDICTS", "Reproduced", "Reproduction", "TableFound", "either", "verdict_key"]

VERDICTS: tuple[Reproducing, ...] = get_args(Reproducing)


def verdict_key(verdict: Reproducing) -> str:
    """A verdict as the last part of its phrases' keys."""
    return verdict.replace(" ", "_")


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
        said = {"attribute": self.attribute, "level": self.level}
        if self.baseline:
            return phrase("reproduction.item.within_against", **said, baseline=self.baseline)
        return phrase("reproduction.item.within", **said)

    @property
    def subject(self) -> str:
        """The question, or the estimand and the outcome."""
        if self.question:
            return self.question
        return _estimand_of(self.estimand, self.outcome)


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
        figures = _estimand_of(self.estimand, self.outcome)
        if self.where:
            figures = phrase("reproduction.figures.where", figure=figures, where=self.where)
        said = {"figures": figures, "found": self.n_values, "all": self.n}
        if self.conventions:
            under = either(self.conventions)
            parts = [phrase("reproduction.conventions.values_under", **said, conventions=under)]
        else:
            parts = [phrase("reproduction.conventions.values", **said)]
        errors = {"found": self.n_errors_found, "all": self.n_errors}
        if self.n_errors and self.uncertainty:
            ways = either(self.uncertainty)
            parts.append(phrase("reproduction.conventions.errors_as", **errors, ways=ways))
        elif self.n_errors:
            parts.append(phrase("reproduction.conventions.errors", **errors))
        if self.packages:
            names = ", ".join(self.packages)
            parts.append(phrase("reproduction.conventions.packages", packages=names))
        return " ".join(parts)


def either(names: Iterable[str]) -> str:
    """Several that cannot be told apart."""
    first, *others = [*names] or [""]
    for other in others:
        first = phrase("reproduction.conventions.either", first=first, second=other)
    return first


def _estimand_of(estimand: str, outcome: str) -> str:
    named = estimand.replace("_", " ").replace("amce", "AMCE").replace("acie", "ACIE")
    return phrase("reproduction.item.of", estimand=named, outcome=outcome) if outcome else named


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
        shown = ["subject", "group", "level", "published", "estimate", "verdict"]
        return at_prompt(f"<Reproduction: {self.summary}>", self.frame, shown)

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
            return phrase("reproduction.summary.none")
        counts = self.counts
        if counts["reproduced"] == total:
            if total == 1:
                return phrase("reproduction.summary.only")
            return phrase("reproduction.summary.all", count=total)
        said = [
            phrase(f"reproduction.summary.{verdict_key(verdict)}", counts[verdict])
            for verdict in VERDICTS
            if counts[verdict]
        ]
        return phrase("reproduction.summary.of", total, verdicts=", ".join(said))

    def to_csv(self, path: str | PathLike[str]) -> None:
        """Write the frame as CSV."""
        write_file(path, csv_text(self.frame).encode(), where=str(path))

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self.summary)}</p>" + str(self.frame.to_html(index=False))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _words(of: type) -> list[str]:
    """The fields of a dataclass that hold text, or lists of it."""
    kinds = {field.name: str(field.type) for field in fields(of)}
    return [name for name, kind in kinds.items() if kind not in ("float", "int")]


def _text(column: pd.Series[str]) -> pd.Series[str]:
    return (
        column.astype(object).fillna("").astype(str)
    )  # a column without a word is read as numbers
