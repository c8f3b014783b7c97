"""Published figures: what the survey's publisher said, one row a figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjoint.errors import Fault
from conjoint.survey.table import read_table

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PublishedFigure", "read_published"]

COLUMNS = ("question", "group", "answer", "value", "decimals", "where")


@dataclass(frozen=True)
class PublishedFigure:
    """A published percentage: `value` in percentage points, rounded to `decimals`.

    `group` is a segment's key, or ``Total``. `where` is the page or note it stands in.
    """

    question: str
    group: str
    answer: str
    value: float
    decimals: int
    where: str


def read_published(path: Path) -> tuple[tuple[PublishedFigure, ...], list[Fault]]:
    """Read published.csv, with every fault found in it."""
    rows, faults = read_table(path, COLUMNS)
    figures = []
    for number, row in rows:
        try:
            value, decimals = float(row["value"]), int(row["decimals"] or 0)
        except ValueError:
            faults.append(
                Fault(
                    f"{path}, row {number}",
                    f'value "{row["value"]}" with decimals "{row["decimals"]}" is not a figure',
                    "a percentage such as 48, and a whole number of decimals",
                    "Correct the cell.",
                )
            )
            continue
        figures.append(
            PublishedFigure(
                row["question"], row["group"], row["answer"], value, decimals, row["where"]
            )
        )
    return tuple(figures), faults
