"""Pairs of levels of the grid's two attributes as tables, and what a step of one is worth in the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.say.label import group_label, levels_label, merged_note, outcome_label
from conjoint.say.measure import Measure, fine_measure
from conjoint.say.number import DASH, amount, between, exact
from conjoint.say.phrase import phrase
from conjoint.say.words import ABSENT, CAUTION, base_notes, numbered, together
from conjoint.table.figures import PAIRS, Said, notes_of, rows_by, said_of, shown_segments
from conjoint.table.model import Cell, Column, Row, Table
from conjoint.table.number import change, people
from conjoint.wave import TOTAL
from conjoint.withhold.threshold import reading_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conjoint.survey import Survey, Thresholds
    from conjoint.typing import BoolArray

__all__ = ["Pairs", "trade_tables"]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Marginal means of the grid's pairs of levels.

    Parameters
    ----------
    survey
        What was asked.
    tables
        Those of a bundle.
    """

    survey: Survey
    tables: Mapping[str, pd.DataFrame]

    @property
    def frame(self) -> pd.DataFrame:
        """The bundle's table."""
        return self.tables[PAIRS.frame]

    @cached_property
    def _rows(self) -> dict[tuple[str, ...], dict[Any, Any]]:
        return rows_by(self.frame, "group", "across", "down")

    def sides(self, group: str) -> tuple[list[str], list[str]]:
        """A group's columns and rows, by their levels: all levels, unless some are put together."""
        sides, own = [], self.frame[self.frame["group"] == group]
        for name, side in zip(self.survey.report.grid, ("across", "down"), strict=True):
            values, found = self.survey.attributes[name].values, dict.fromkeys(map(str, own[side]))
            sides.append([*values] if set(found) <= set(values) else [*found])
        return sides[0], sides[1]

    def said(self, group: str, across: str, down: str) -> Said:
        """A pair's mean in its parts; that no profile shows it, where others of the group are known."""
        row = self._rows.get((group, across, down))
        if row is None and any(known == group for known, _, _ in self._rows):
            return Said.gone(ABSENT)
        return said_of(PAIRS, fine_measure(self.survey, self.survey.grid_outcome), row)

    def everybody(self, label: str) -> Iterator[Table]:
        """Everybody's pairs, one below another."""
        first, second = self.survey.report.grid
        across, down = self.sides(TOTAL)
        rows: list[tuple[str | Cell, ...]] = []
        for one in across:
            rows.append((levels_label(self.survey, first, one),))
            for two in down:
                own, named = self.said(TOTAL, one, two), levels_label(self.survey, second, two)
                rows.append((named, own.figure, own.interval, own.base))
        keys = ("method.levels", "words.mean", "column.interval", "column.people")
        heads, widths = [phrase(key) for key in keys], (3, 1, 1.4, 1)
        asked = outcome_label(self.survey, self.survey.grid_outcome)
        name = phrase("appendix.joint_means", who=group_label(self.survey, TOTAL), outcome=asked)
        notes = self._notes([TOTAL])
        yield from Table.of(name, heads, rows, widths=widths, label=label, notes=notes).cut()

    def sheet(self, groups: Sequence[str]) -> list[Table]:
        """Every group's pairs, each part in a column of its own, as a spreadsheet has them."""
        names = {"figure": "mean", "low": "low", "high": "high", "base": "base"}
        heads = {part: phrase(f"workbook.head.{name}") for part, name in names.items()}
        return self._whole(groups, heads)

    def page(self, groups: Sequence[str]) -> list[Table]:
        """Every group's pairs, with their intervals and bases beneath."""
        *made, last = self._whole(groups, {"beneath": ""})
        return [*made, replace(last, notes=(phrase("workbook.grid.beneath"), *last.notes))]

    def _whole(self, groups: Sequence[str], parts: Mapping[str, str]) -> list[Table]:
        """The first attribute across, the second down, a band a group; a table for each way to put levels together.

        Parameters
        ----------
        parts
            Those of `Said` in each column of levels, with what stands over them; one alone is the column.
        """
        first, second = self.survey.report.grid
        over, made = self.survey.attribute_label(first), []
        for across, own in groupby(groups, key=lambda group: self.sides(group)[0]):
            columns = [Column(self.survey.attribute_label(second), 3.4, words=True)]
            for one in across:
                name = levels_label(self.survey, first, one)
                columns += [
                    Column(head or name, 1, name if head else over) for head in parts.values()
                ]
            rows = []
            for group in own:
                rows.append(Row((Cell(group_label(self.survey, group)),), "band"))
                for two in self.sides(group)[1]:
                    said = [self.said(group, one, two) for one in across]
                    cells = (getattr(each, part) for each in said for part in parts)
                    rows.append(Row((Cell(levels_label(self.survey, second, two)), *cells)))
            made.append(Table(self.title, tuple(columns), tuple(rows), captioned=False))
        notes = tuple(self._notes(groups, whole=True))
        made = [
            replace(table, name=f"{table.name}{numbered(place, len(made))}")
            for place, table in enumerate(made, 1)
        ]
        return [*made[:-1], replace(made[-1], notes=notes)]

    def _notes(self, groups: Sequence[str], *, whole: bool = False) -> Iterator[str]:
        """That levels are put together, where those of a group are, and what marks mean."""
        own = self.frame[self.frame["group"].isin([*groups])]
        merged = merged_note(self.survey, zip(own["across"], own["down"], strict=True))
        yield from filter(None, [merged])
        yield from notes_of(self.survey, self.frame, groups, whole=whole)

    @property
    def title(self) -> str:
        """Both attributes."""
        across, down = map(self.survey.attribute_label, self.survey.report.grid)
        return phrase("workbook.grid.title", across=across, down=f"{down[:1].lower()}{down[1:]}")


def trade_tables(survey: Survey, tables: Mapping[str, pd.DataFrame], label: str) -> Iterator[Table]:
    """What a step of one of the grid's attributes is worth in the other, and what would keep support.

    Worth and level needed are ratios of effects, with Fieller's intervals; one end of these may be open.
    """
    table, limits = tables["trade_off"], survey.thresholds
    table = table[table["group"].isin([TOTAL, *shown_segments(survey, tables)])]
    made: list[Table] = []
    for question, own in table.groupby("question", sort=False):
        first = own.iloc[0]
        said = {name: survey.attribute_label(str(first[name])) for name in ("take", "give")}
        said["start"] = exact(first["give_from"])
        if question == "buys":
            name = phrase("appendix.trade.buys", **said)
            heads = [phrase("appendix.trade.step"), phrase("appendix.trade.pays_for")]
        else:
            name = phrase("appendix.trade.keeps", **said, end=exact(first["give_to"]))
            heads = [phrase("words.from"), phrase("appendix.trade.needed")]
        heads += [
            phrase("column.interval"),
            phrase("appendix.trade.net"),
            phrase("column.people"),
        ]
        measure = fine_measure(survey, str(first["outcome"]))
        rows: list[Sequence[str | Cell]] = []
        for group, lines in own.groupby("group", sort=False):
            few = bool(_is_careful(lines, limits).any())
            rows.append((group_label(survey, str(group)),))
            rows += [_traded(row, measure, few=few) for row in lines.to_dict("records")]
        kind = "buys" if question == "buys" else "keeps"
        widths = (1.6, 1.0, 1.8, 1.6, 0.8)
        made += Table.of(name, heads, rows, widths=widths, label=f"{label}-{kind}").cut()
    notes = [phrase("appendix.trade.net_note")]
    gone = dict.fromkeys(text for text in table["words"].dropna() if text.startswith(NOT_ESTIMABLE))
    if gone:
        reasons = phrase("words.or_else").join(text.removeprefix(NOT_ESTIMABLE) for text in gone)
        notes.append(phrase("appendix.trade.not_estimable", reasons=reasons))
    if _is_careful(table, limits).any():
        notes += base_notes(["caution"], limits, effective=True)
    for place, part in enumerate(made, 1):
        yield replace(part, notes=tuple(notes)) if place == len(made) else part


def _is_careful(rows: pd.DataFrame, limits: Thresholds) -> BoolArray:
    """Which trade-offs ask for caution, by people or equally weighted ones."""
    reading = reading_of(rows["n_respondents"], limits, rows.get("n_effective", np.nan))
    return np.asarray(reading != "safe")


NOT_ESTIMABLE = "not estimable: "
"""Before the reason why a trade-off has no figure."""


def _traded(row: Mapping[Any, Any], measure: Measure, *, few: bool) -> list[str | Cell]:
    """A row of the trade-off."""
    begin = exact(row["take_from"])
    step = between(begin, exact(row["take_end"])) if row["question"] == "buys" else begin
    net = Cell(DASH)
    if not pd.isna(row["net"]):
        reach = measure.change_reach(row["net"], row["net_low"], row["net_high"])
        net = replace(change(measure, row["net"]), aside=together(reach))
    return [
        step,
        amount(row["estimate"]),
        _ends(row["fieller_low"], row["fieller_high"]),
        net,
        people(row["n_respondents"], CAUTION * few),
    ]


def _ends(low: float, high: float) -> str:
    if pd.isna(low) or pd.isna(high) or (np.isinf(low) and np.isinf(high)):
        return DASH if pd.isna(low) else phrase("appendix.trade.any")
    if np.isinf(low):
        return phrase("words.or_less", number=amount(high))
    if np.isinf(high):
        return phrase("words.or_more", number=amount(low))
    return between(amount(low), amount(high))
