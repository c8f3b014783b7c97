"""Weighting targets: what share of the population each category of a margin holds."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from conjoint.errors import Fault, TargetError
from conjoint.survey.table import read_figure, read_table
from conjoint.typing import Unanswered  # noqa: TC001  # pydantic reads annotations when it runs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conjoint.survey.table import TableReader

__all__ = ["INTERLOCK", "Margin", "Targets", "read_targets"]

INTERLOCK = " * "
"""Joins the columns of an interlocked margin, and the parts of its categories."""

ROUNDING = 0.005
"""How far shares may be from 100% in sum before it is a fault: half a point of rounding."""

DOUBTFUL = 0.25
"""How near to 1 or 100 a sum has to be for its figures to be shares or percentages, not counts."""

UNITS = ("share", "percent", "count")
NUMBERS = ("mean", "total")


@dataclass(frozen=True)
class Margin:
    """What is known of one respondent column, or of several interlocked.

    Parameters
    ----------
    columns
        Respondent columns; more than one for an interlocked margin.
    shares
        Category (one text a column) to share of the population; they sum to one. Empty where the
        target is a mean.
    sources
        Where the figures come from, each source once.
    mean
        The population's mean of a column of numbers.
    segment
        The segment whose members the target is about; everybody where None. How large the segment
        is stays open.
    year
        The year of the oldest figure, where years are given.
    unknown
        What becomes of people without an answer. ``refuse``: nobody may be without one. ``keep``: they
        keep the share that they have by the starting weights, and the targets are met among the
        others. ``drop``: they are left out when the responses are read.
    """

    columns: tuple[str, ...]
    shares: dict[tuple[str, ...], float]
    sources: tuple[str, ...] = ()
    mean: float | None = None
    segment: str | None = None
    year: int | None = None
    unknown: Unanswered = "refuse"

    @property
    def name(self) -> str:
        """The margin as targets.csv writes it, such as ``age_group * sex``; its segment behind it."""
        name = INTERLOCK.join(self.columns)
        return f"{name} in {self.segment}" if self.segment else name

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories as targets.csv writes them."""
        return tuple(INTERLOCK.join(category) for category in self.shares)

    @classmethod
    def of(
        cls,
        name: str,
        target: Mapping[str, float] | float,
        segment: str | None = None,
        unknown: Unanswered = "refuse",
    ) -> Margin:
        """Build a margin of shares, percentages or counts by category, or of a mean.

        Raises
        ------
        TargetError
            Shares or percentages that do not sum to 100%, or a figure below zero.

        Examples
        --------
        >>> Margin.of("sex", {"Female": 51, "Male": 49}).shares[("Female",)]
        0.51
        >>> Margin.of("age", 48.5, segment="switchers").name
        'age in switchers'
        """
        columns = tuple(name.split(INTERLOCK))
        if isinstance(target, (int, float)):
            return cls(columns, {}, mean=float(target), segment=segment, unknown=unknown)
        faults = list(_odd_shares(f'targets, margin "{name}"', target))
        if faults:
            raise TargetError(*faults)
        total = math.fsum(target.values())
        shares = {tuple(key.split(INTERLOCK)): share / total for key, share in target.items()}
        return cls(columns, shares, segment=segment, unknown=unknown)


@dataclass(frozen=True)
class Targets:
    """The margins a sample is weighted to, and the file they came from."""

    margins: tuple[Margin, ...]
    where: str = "targets"

    @classmethod
    def from_shares(
        cls,
        margins: Mapping[str, Mapping[str, float] | float],
        where: str = "targets",
        unknown: Unanswered = "refuse",
    ) -> Targets:
        """Build targets from shares, percentages or counts by margin and category, and from means.

        `unknown` says of all margins what becomes of people without an answer.

        Raises
        ------
        TargetError
            As :meth:`Margin.of` does, with the faults of all margins.

        Examples
        --------
        >>> targets = Targets.from_shares({"sex": {"Female": 51, "Male": 49}, "age": 48.5})
        >>> targets.margins[0].shares[("Female",)]
        0.51
        """
        built: list[Margin] = []
        faults: list[Fault] = []
        for name, target in margins.items():
            try:
                built.append(Margin.of(name, target, unknown=unknown))
            except TargetError as error:
                faults += error.faults
        if faults:
            raise TargetError(*faults)
        return cls(tuple(built), where)

    def place(self, margin: Margin) -> str:
        """Where a margin stands, for a fault."""
        return f'{self.where}, margin "{margin.name}"'

    def with_unknown(self, unknown: Unanswered | Mapping[str, Unanswered]) -> Targets:
        """Say what becomes of people without an answer: in all margins, or in those named."""
        margins = tuple(
            replace(
                margin,
                unknown=unknown
                if isinstance(unknown, str)
                else unknown.get(margin.name, margin.unknown),
            )
            for margin in self.margins
        )
        return Targets(margins, self.where)

    def without(self, margin: Margin) -> Targets:
        """Leave a margin out."""
        return Targets(tuple(each for each in self.margins if each is not margin), self.where)


@dataclass
class _Rows:
    """What the rows of one margin say, as far as it could be read."""

    figures: dict[tuple[str, ...], float] = field(default_factory=dict)
    number: tuple[str, float] | None = None
    sources: dict[str, None] = field(default_factory=dict)
    years: list[int] = field(default_factory=list)


def read_targets(
    path: Path, reader: TableReader | None = None
) -> tuple[Targets | None, list[Fault]]:
    """Read targets.csv, with every fault found in it; other formats by the reader.

    Columns: `margin`, `category`, one of `share` (0 to 1), `percent` or `count`; `mean` or `total` for
    a column of numbers, whose category is empty; optional `segment`, `source` and `year`. Interlocked
    margins join columns and categories by " * ".
    """
    rows, faults = read_table(path, ("margin", "category"), (*UNITS, *NUMBERS), reader)
    if faults:
        return None, faults
    if not rows:
        return None, [Fault(str(path), "has no rows", "one row a category", "Fill it in.")]
    header = set(rows[0][1])
    units = [unit for unit in UNITS if unit in header]
    if len(units) > 1 or not (units or header & set(NUMBERS)):
        fault = Fault(
            f"{path}, row 1",
            f"{'no' if not units else 'more than one'} column of figures",
            "one of share, percent, count",
            "Name the column by its unit.",
        )
        return None, [fault]
    unit = units[0] if units else "share"
    margins: dict[tuple[str, str], _Rows] = {}
    for number, row in rows:
        own = margins.setdefault((row["margin"], row.get("segment", "")), _Rows())
        faults += _take_row(f"{path}, row {number}", row, unit, own)
        source, year = row.get("source", ""), row.get("year", "")
        source = f"{source} ({year})" if source and year else source or year
        if source:
            own.sources[source] = None
        # The latest year a row names: a figure may combine several.
        own.years += [max(map(int, found)) for found in [re.findall(r"\b\d{4}\b", year)] if found]
    population = _population(margins) if unit == "count" else None
    built = []
    for (name, segment), own in margins.items():
        margin, found = _margin(str(path), name, segment, own, unit, population)
        faults += found
        built += [margin] if margin is not None else []
    return Targets(tuple(built), str(path)), faults


def _population(margins: Mapping[tuple[str, str], _Rows]) -> float | None:
    """How many people the counts of the first whole margin add up to."""
    for (_, segment), own in margins.items():
        if own.figures and not segment:
            return math.fsum(own.figures.values()) or None
    return None


def _margin(
    path: str, name: str, segment: str, own: _Rows, unit: str, population: float | None
) -> tuple[Margin | None, list[Fault]]:
    """One margin of its rows, or None where they say nothing that could be used."""
    columns, sources = tuple(name.split(INTERLOCK)), tuple(own.sources)
    year = min(own.years, default=None)
    where = f'{path}, margin "{Margin(columns, {}, segment=segment or None).name}"'
    if own.number is not None:
        kind, figure = own.number
        faults = []
        if own.figures:
            faults = [_fault(where, f"has a {kind} and categories", "one or the other")]
        if kind == "total":
            if population is None or segment:
                expected = "a margin of everybody with counts, which says how many people there are"
                return None, [
                    *faults,
                    _fault(where, "has a total, and nobody knows of how many", expected),
                ]
            figure /= population
        return Margin(columns, {}, sources, figure, segment or None, year), faults
    scale = math.fsum(own.figures.values())
    total = scale / (100 if unit == "percent" else 1)
    faults = []
    if unit != "count" and own.figures and abs(total - 1) > ROUNDING:
        faults.append(
            Fault(
                where,
                f"its {len(own.figures)} categories sum to {100 * total:.4g}%",
                "100%, give or take half a point of rounding",
                "Add the missing category or correct the shares.",
            )
        )
    if scale <= 0:
        return None, faults
    shares = {category: share / scale for category, share in own.figures.items()}
    return Margin(columns, shares, sources, None, segment or None, year), faults


def _odd_shares(where: str, target: Mapping[str, float]) -> Iterator[Fault]:
    """Figures by category that cannot be meant: below zero, or nearly 100% in sum and not 100%."""
    for category, figure in target.items():
        if not (math.isfinite(figure) and figure >= 0):
            what = f'"{category}" is {figure:g}'
            yield Fault(where, what, "a figure of zero or more", "Correct it.")
            return
    total = math.fsum(target.values())
    if total <= 0:
        yield Fault(where, "its figures sum to 0", "shares, percentages or counts", "Correct them.")
    for whole, unit in ((1, "shares that sum to 1"), (100, "percentages that sum to 100")):
        off = abs(total / whole - 1)
        if ROUNDING < off < DOUBTFUL:
            what = f"its {len(target)} categories sum to {total:.4g}"
            expected = f"{unit}, give or take half a point of rounding, or counts"
            yield Fault(where, what, expected, "Add the missing category or correct the figures.")


def _fault(where: str, what: str, expected: str) -> Fault:
    return Fault(where, what, expected, "Correct the rows.")


def _take_row(where: str, row: dict[str, str], unit: str, own: _Rows) -> list[Fault]:
    """Add one row to its margin, or say what is wrong with it."""
    margin = row["margin"]
    if not margin:
        return [Fault(where, "names no margin", "a respondent column", "Fill the cell in.")]
    kinds = [kind for kind in NUMBERS if row.get(kind)]
    if kinds and not row["category"]:
        return _take_number(where, row, kinds, own)
    if kinds:
        what = f'the category "{row["category"]}" has a {kinds[0]}'
        return [Fault(where, what, f"an empty category, or a {unit}", "Clear one of the cells.")]
    category = tuple(row["category"].split(INTERLOCK))
    figure, odd = read_figure(row.get(unit, "").removesuffix("%").rstrip())
    if odd or figure < 0:
        wrong = odd if odd not in ("", "is not a number") else "is not a number of zero or more"
        return [
            Fault(
                where,
                f'{unit} "{row.get(unit, "")}" {wrong}',
                "a figure such as 0.125" if unit == "share" else "a figure such as 12.5",
                "Correct the cell.",
            )
        ]
    if not row["category"]:
        expected = f"a category of {margin}, or a figure in the column mean"
        return [Fault(where, "names no category", expected, "Fill the cell in.")]
    if len(category) != len(margin.split(INTERLOCK)):
        return [
            Fault(
                where,
                f'category "{row["category"]}" has {len(category)} part(s)',
                f'{len(margin.split(INTERLOCK))} joined by "{INTERLOCK}", as in the margin "{margin}"',
                "Write one part for each column of the margin.",
            )
        ]
    if category in own.figures:
        return [
            Fault(
                where,
                f'category "{row["category"]}" of "{margin}" stands twice',
                "each category once",
                "Take one of the rows out.",
            )
        ]
    own.figures[category] = figure
    return []


def _take_number(where: str, row: dict[str, str], kinds: list[str], own: _Rows) -> list[Fault]:
    """Add the mean or total of a column of numbers to its margin."""
    margin, kind = row["margin"], kinds[0]
    figure, odd = read_figure(row[kind])
    if INTERLOCK in margin:
        expected = "one respondent column of numbers"
        return [Fault(where, f'the {kind} of "{margin}"', expected, "Name one column.")]
    if len(kinds) > 1 or own.number is not None:
        expected = "one mean or total a margin"
        return [Fault(where, f'"{margin}" has more than one', expected, "Take one out.")]
    if odd:
        what = f'{kind} "{row[kind]}" {odd}'
        return [Fault(where, what, "a figure such as 48.5", "Correct the cell.")]
    own.number = (kind, figure)
    return []
