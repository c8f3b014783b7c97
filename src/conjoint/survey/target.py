"""Weighting targets: what share of the population each category of a margin holds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjoint.errors import Fault
from conjoint.survey.table import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["INTERLOCK", "Margin", "Targets", "read_targets"]

INTERLOCK = " * "
"""Joins the columns of an interlocked margin, and the parts of its categories."""

ROUNDING = 0.005
"""How far shares may be from 100% in sum before it is a fault: half a point of rounding."""


@dataclass(frozen=True)
class Margin:
    """The distribution of one respondent column, or of several interlocked.

    Parameters
    ----------
    columns
        Respondent columns; more than one for an interlocked margin.
    shares
        Category (one text a column) to share of the population; they sum to one.
    sources
        Where the shares come from, each source once.
    """

    columns: tuple[str, ...]
    shares: dict[tuple[str, ...], float]
    sources: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The margin as targets.csv writes it, such as ``age_group * sex``."""
        return INTERLOCK.join(self.columns)


@dataclass(frozen=True)
class Targets:
    """The margins a sample is weighted to, and the file they came from."""

    margins: tuple[Margin, ...]
    where: str = "targets"

    @classmethod
    def from_shares(
        cls, margins: Mapping[str, Mapping[str, float]], where: str = "targets"
    ) -> Targets:
        """Build targets from shares or counts, by margin and category.

        >>> targets = Targets.from_shares({"sex": {"Female": 51, "Male": 49}})
        >>> targets.margins[0].shares[("Female",)]
        0.51
        """
        built = []
        for name, shares in margins.items():
            columns, total = tuple(name.split(INTERLOCK)), sum(shares.values())
            built.append(
                Margin(
                    columns,
                    {tuple(key.split(INTERLOCK)): share / total for key, share in shares.items()},
                )
            )
        return cls(tuple(built), where)


def read_targets(path: Path) -> tuple[Targets | None, list[Fault]]:
    """Read targets.csv, with every fault found in it.

    Columns: `margin`, `category`, one of `share` (0 to 1), `percent` or `count`; optional `source`
    and `year`. Interlocked margins join columns and categories by " * ".
    """
    rows, faults = read_table(path, ("margin", "category"))
    if faults:
        return None, faults
    if not rows:
        return None, [Fault(str(path), "has no rows", "one row a category", "Fill it in.")]
    units = [unit for unit in ("share", "percent", "count") if unit in rows[0][1]]
    if len(units) != 1:
        fault = Fault(
            f"{path}, row 1",
            f"{'no' if not units else 'more than one'} column of figures",
            "one of share, percent, count",
            "Name the column by its unit.",
        )
        return None, [fault]
    unit = units[0]
    figures: dict[str, dict[tuple[str, ...], float]] = {}
    sources: dict[str, dict[str, None]] = {}
    for number, row in rows:
        fault_or_none = _take_row(f"{path}, row {number}", row, unit, figures)
        if fault_or_none is not None:
            faults.append(fault_or_none)
        source, year = row.get("source", ""), row.get("year", "")
        source = f"{source} ({year})" if source and year else source or year
        if source:
            sources.setdefault(row["margin"], {})[source] = None
    margins = []
    for name, shares in figures.items():
        total = math.fsum(shares.values()) / (100 if unit == "percent" else 1)
        if unit != "count" and abs(total - 1) > ROUNDING:
            faults.append(
                Fault(
                    f'{path}, margin "{name}"',
                    f"its {len(shares)} categories sum to {100 * total:.4g}%",
                    "100%, give or take half a point of rounding",
                    "Add the missing category or correct the shares.",
                )
            )
        scale = math.fsum(shares.values())
        if scale > 0:
            margins.append(
                Margin(
                    tuple(name.split(INTERLOCK)),
                    {category: share / scale for category, share in shares.items()},
                    tuple(sources.get(name, ())),
                )
            )
    return Targets(tuple(margins), str(path)), faults


def _take_row(
    where: str, row: dict[str, str], unit: str, figures: dict[str, dict[tuple[str, ...], float]]
) -> Fault | None:
    """Add one row to `figures`, or say what is wrong with it."""
    margin, category = row["margin"], tuple(row["category"].split(INTERLOCK))
    try:
        figure = float(row[unit].rstrip("%"))
    except ValueError:
        figure = math.nan
    if not (math.isfinite(figure) and figure >= 0):
        return Fault(
            where,
            f'{unit} "{row[unit]}" is not a number of zero or more',
            "a figure such as 0.125" if unit == "share" else "a figure such as 12.5",
            "Correct the cell.",
        )
    if len(category) != len(margin.split(INTERLOCK)):
        return Fault(
            where,
            f'category "{row["category"]}" has {len(category)} part(s)',
            f'{len(margin.split(INTERLOCK))} joined by "{INTERLOCK}", as in the margin "{margin}"',
            "Write one part for each column of the margin.",
        )
    if category in figures.setdefault(margin, {}):
        return Fault(
            where,
            f'category "{row["category"]}" of "{margin}" stands twice',
            "each category once",
            "Take one of the rows out.",
        )
    figures[margin][category] = figure
    return None
