"""Published figures: what the survey's publisher said, one row a figure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast, get_args

from conjoint.errors import Fault, choices
from conjoint.survey.table import MOST_DECIMALS, read_figure, read_table
from conjoint.survey.target import INTERLOCK
from conjoint.typing import PublishedEstimand, PublishedUnit

if TYPE_CHECKING:
    from pathlib import Path

    from conjoint.survey.table import TableReader

__all__ = ["PublishedFigure", "compared", "read_published"]

QUESTION = ("question", "answer")
CONJOINT = ("estimand", "attribute", "level")
BETWEEN = ("difference", "amce_difference")
"""Estimands that hold one group against another."""
PAIRS = ("acie", "amie", "joint_mean")
"""Estimands of two attributes or more."""
ERRORS = ("std_error", "conf_low", "conf_high")

MINUS = re.compile(r" (?:−|–|-|minus) ")


@dataclass(frozen=True)
class PublishedFigure:
    """A figure as it was published, rounded to `decimals`.

    Parameters
    ----------
    question, answer
        What it is about: a question and an answer, a net or ``mean``; of a grid the answer is
        ``item * answer``. Empty for a conjoint figure.
    group
        ``Total``, a segment, or a respondent column's value as ``column: value``; ``a − b`` for a
        difference between two groups.
    value, decimals
        The figure, and how many decimals it was rounded to.
    where
        The page, table or note it stands in.
    estimand
        What kind of conjoint figure it is; empty for a question's.
    outcome
        Of which outcome; empty where the survey has one, or for its main one.
    attribute, level, baseline
        What it is about; two attributes and their levels are joined by `` * ``. A baseline that is
        left out is the survey's, or is looked for.
    std_error, conf_low, conf_high
        As published, if they were.
    unit
        ``percent``, ``points`` or ``share`` (0 to 1); where it is empty, per cent for a question, and
        whichever fits for a conjoint figure.
    error_decimals
        How many decimals `std_error` and the interval have; where None, as the value.
    row
        The row of published.csv; 0 where it does not come from there.
    """

    question: str
    group: str
    answer: str
    value: float
    decimals: int
    where: str
    estimand: PublishedEstimand | None = None
    outcome: str = ""
    attribute: str = ""
    level: str = ""
    baseline: str = ""
    std_error: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    unit: PublishedUnit | None = None
    error_decimals: int | None = None
    row: int = 0

    @property
    def groups(self) -> tuple[str, ...]:
        """The group it is about; the two groups where it is a difference between them."""
        return compared(self.group) if self.estimand in BETWEEN else (self.group,)

    @property
    def decimals_of_error(self) -> int:
        """How many decimals its standard error and interval were rounded to."""
        return self.decimals if self.error_decimals is None else self.error_decimals

    @property
    def has_error(self) -> bool:
        """Whether a standard error or an interval was published with it."""
        return self.std_error is not None or self.conf_low is not None


def compared(group: str) -> tuple[str, ...]:
    """The groups that a difference is between; one where the text names no two.

    >>> compared("ethno2: High - Low")
    ('ethno2: High', 'ethno2: Low')
    """
    sides = [side.strip() for side in MINUS.split(group)]
    if len(sides) == 2 and ": " in sides[0] and ": " not in sides[1]:
        # Everybody is no value of a column.
        column = sides[0].split(": ")[0]
        sides[1] = sides[1] if sides[1] == "Total" else f"{column}: {sides[1]}"
    return tuple(sides)


def read_published(
    path: Path, reader: TableReader | None = None
) -> tuple[tuple[PublishedFigure, ...], list[Fault]]:
    """Read published.csv, with every fault found in it; other formats by the reader.

    Columns: `group`, `value`, `where`; `question` and `answer` for a question's figure, `estimand`,
    `attribute` and `level` for a conjoint figure; optional `decimals` (as the value is written where
    empty), `outcome`, `baseline`, `std_error`, `conf_low`, `conf_high`, `unit`.
    """
    rows, faults = read_table(path, ("group", "value", "where"), ("value", *ERRORS), reader)
    if rows and not any(set(kind) <= set(rows[0][1]) for kind in (QUESTION, CONJOINT)):
        lack = "no columns that say what the figures are"
        expected = f"{', '.join(QUESTION)}; or {', '.join(CONJOINT)}"
        return (), [Fault(f"{path}, row 1", lack, expected, "Add the columns.")]
    figures = []
    for number, row in rows:
        figure = _Row(f"{path}, row {number}", row, faults).figure(number)
        if figure is not None:
            figures.append(figure)
    for figure in _twice(figures):
        what = f'"{_name(figure)}" stands twice in "{figure.where}"'
        fault = Fault(f"{path}, row {figure.row}", what, "each figure once", "Take one row out.")
        faults.append(fault)
    return tuple(figures), faults


def _name(figure: PublishedFigure) -> str:
    parts = (figure.question, figure.estimand, figure.outcome, figure.group, figure.answer,
             figure.attribute, figure.level)  # fmt: skip
    return " / ".join(part for part in parts if part)


def _twice(figures: list[PublishedFigure]) -> list[PublishedFigure]:
    """Figures that an earlier row of the same place gives already."""
    seen: Counter[tuple[str, ...]] = Counter()
    again = []
    for figure in figures:
        key = (_name(figure), figure.baseline, figure.where)
        again += [figure] if seen[key] else []
        seen[key] += 1
    return again


@dataclass
class _Row:
    """One row as text, and the faults it adds to."""

    where: str
    row: dict[str, str]
    faults: list[Fault]

    def cell(self, name: str) -> str:
        return self.row.get(name, "")

    def fault(self, what: str, expected: str, do: str = "Correct the cell.") -> None:
        self.faults.append(Fault(self.where, what, expected, do))

    def figure(self, number: int) -> PublishedFigure | None:
        """The figure, or None where there is none to be had; all its faults are noted."""
        before = len(self.faults)
        value = self.number("value")
        decimals = self.decimals()
        self.subject()
        unit = self.unit()
        error = {name: self.number(name) for name in ERRORS if self.cell(name)}
        self.check_error(value, error)
        if len(self.faults) > before or value is None or decimals is None:
            return None
        written = max((_decimals(self.cell(name)) for name in error), default=0)
        return PublishedFigure(
            self.cell("question"),
            self.cell("group") or "Total",
            self.cell("answer"),
            value,
            decimals,
            self.cell("where"),
            cast("PublishedEstimand | None", self.cell("estimand") or None),
            self.cell("outcome"),
            self.cell("attribute"),
            self.cell("level"),
            self.cell("baseline"),
            unit=unit,
            error_decimals=max(decimals, written) if error else None,
            row=number,
            **error,
        )

    def number(self, name: str) -> float | None:
        text = self.cell(name)
        number, odd = read_figure(_plain(text))
        if not odd:
            return number
        decimals = f' with decimals "{self.cell("decimals")}"' if name == "value" else ""
        expected = "a number such as 48, 0.034 or -2.5"
        wrong = "is not a figure" if odd == "is not a number" else odd
        self.fault(f'{name} "{text}"{decimals} {wrong}', expected)
        return None

    def decimals(self) -> int | None:
        """How many decimals the value has: as said, or as written."""
        text, written = self.cell("decimals"), _decimals(self.cell("value"))
        if not text:
            return written
        if not (text.isascii() and text.isdecimal() and int(text[:4]) <= MOST_DECIMALS):
            expected = f"a whole number up to {MOST_DECIMALS}, or nothing for as many as the value is written with"
            self.fault(f'decimals "{text}" is not a number of decimals', expected)
            return None
        if written > int(text):
            what = f'value "{self.cell("value")}" has {written} decimals, not {text}'
            self.fault(what, "the value as it was published", "Correct one of the two cells.")
        return int(text)

    def subject(self) -> None:
        """What the figure is about has to be said, once."""
        question, estimand = self.cell("question"), self.cell("estimand")
        if question and estimand:
            what = f'names the question "{question}" and the estimand "{estimand}"'
            self.fault(what, "one of the two", "Clear one of the cells.")
        elif question:
            self.needed("answer", "an answer, a net, or mean")
        elif estimand:
            self.conjoint(estimand)
        else:
            known = choices(get_args(PublishedEstimand))
            self.fault("names neither a question nor an estimand", f"a question, or {known}")

    def conjoint(self, estimand: str) -> None:
        if estimand not in get_args(PublishedEstimand):
            known = choices(get_args(PublishedEstimand))
            self.fault(f'there is no estimand "{estimand}"', known)
            return
        attribute, level = self.cell("attribute"), self.cell("level")
        self.needed("attribute", "an attribute")
        self.needed("level", "one of its levels")
        if estimand in PAIRS and attribute and INTERLOCK not in attribute:
            what = f'"{attribute}" is one attribute, and {estimand} is about several'
            self.fault(what, f'attributes joined by "{INTERLOCK}"')
        for name in ("level", "baseline"):
            text = self.cell(name)
            parts = text.count(INTERLOCK), attribute.count(INTERLOCK)
            if text and level and estimand in PAIRS and parts[0] != parts[1]:
                what = f'{name} "{text}" has {parts[0] + 1} part(s), the attribute {parts[1] + 1}'
                self.fault(what, f'one a part of the attribute, joined by "{INTERLOCK}"')
        if estimand in BETWEEN and len(compared(self.cell("group"))) != 2:
            what = f'the group "{self.cell("group")}" is no two groups'
            self.fault(what, 'the two that are compared, such as "left − right"')

    def needed(self, name: str, expected: str) -> None:
        if not self.cell(name):
            self.fault(f"names no {name}", expected, "Fill the cell in.")

    def unit(self) -> PublishedUnit | None:
        text = self.cell("unit")
        if text and text not in get_args(PublishedUnit):
            self.fault(f'there is no unit "{text}"', choices(get_args(PublishedUnit)))
        if not text and self.cell("value").endswith("%"):
            return "percent"
        return cast("PublishedUnit", text) if text else None

    def check_error(self, value: float | None, error: dict[str, float | None]) -> None:
        std_error, low, high = (error.get(name) for name in ERRORS)
        if std_error is not None and std_error < 0:
            self.fault(f'std_error "{self.cell("std_error")}" is below zero', "zero or more")
        if ("conf_low" in error) != ("conf_high" in error):
            have, lack = ERRORS[1:] if "conf_low" in error else ERRORS[:0:-1]
            self.fault(f"has {have} without {lack}", "both ends of the interval, or neither")
        elif (
            low is not None and high is not None and value is not None and not low <= value <= high
        ):
            what = f"the interval from {low:g} to {high:g} does not hold {value:g}"
            self.fault(what, "an interval around the value")


def _plain(text: str) -> str:
    """A number without its per cent sign, a typographic minus as Python writes it."""
    return text.rstrip("% ").replace("−", "-")


def _decimals(text: str) -> int:
    """How many decimals a number is written with."""
    return len(_plain(text).partition(".")[2].partition("e")[0])
