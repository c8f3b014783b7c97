"""How far figures hang on the way they were made: tables group by group, differences marked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from conjoint.errors import choices
from conjoint.say.label import group_label
from conjoint.say.measure import fine_measure
from conjoint.say.number import DASH, numeral
from conjoint.say.phrase import phrase
from conjoint.say.words import ABSENT, CAUTION, SUPPRESSED, sentence_case, together
from conjoint.table import Cell, Table, strong
from conjoint.table.figures import EFFECTS, MEANS, by_level, mark_of, said_of
from conjoint.table.number import change, probability

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from conjoint.analysis import Analysis
    from conjoint.say.measure import Measure
    from conjoint.survey import Survey
    from conjoint.typing import FigureKind

__all__ = ["Robustness", "omnibus_tables"]

MAIN = "linearised"

VARIANCES = ("linearised", "CR1", "CR2", "CR3")

OTHERS = ("unweighted", "absorbed", "logit", "corrected")
"""Other ways to make a figure."""

OUTSIDE, TURNED = "▲", "◆"
"""Marks: an estimate beyond the main interval's ends; a verdict about zero (or evens) that differs."""


@dataclass(frozen=True, eq=False)
class Robustness:
    """The bundle's ``robustness`` and ``multiplicity`` as tables of the main outcome."""

    analysis: Analysis

    @property
    def survey(self) -> Survey:
        """What was asked."""
        return self.analysis.survey

    @cached_property
    def table(self) -> pd.DataFrame:
        """Every figure made in every way."""
        return self.analysis.table("robustness")

    @cached_property
    def measure(self) -> Measure:
        """How figures are said, with one decimal more than for the press."""
        return fine_measure(self.survey, self.survey.main_outcome)

    @cached_property
    def groups(self) -> list[str]:
        """The total and the segments of whom figures are shown."""
        shown = self.table[self.table["level"] != ""]
        return list(dict.fromkeys(shown.loc[shown["reading"] != "suppressed", "group"]))

    @cached_property
    def _rows(self) -> dict[tuple[str, str, str, str, str], dict[Hashable, Any]]:
        keys = ("figure", "method", "group", "attribute", "level")
        records = self.table[self.table["level"] != ""].to_dict("records")
        return {tuple(str(row[key]) for key in keys): row for row in records}  # type: ignore[misc]

    def row(
        self, figure: str, method: str, group: str, attribute: str, level: str
    ) -> dict[Hashable, Any] | None:
        """A figure made in one way; None where it cannot be."""
        return self._rows.get((figure, method, group, attribute, level))

    def missing(self, figure: str, group: str) -> Iterator[str]:
        """Why a way has no figures, or lacks some, one sentence each."""
        own = self.table[
            (self.table["figure"] == figure)
            & (self.table["group"] == group)
            & (self.table["note"] != "")
        ]
        own = own.assign(some=own["level"] != "")
        for (reason, some), rows in own.groupby(["note", "some"], sort=False):
            methods = dict.fromkeys(rows["method"])
            names = [", ".join(way(str(name)) for name in methods)]
            levels = dict.fromkeys(zip(rows["attribute"], rows["level"], strict=True))
            what = [f"{self.survey.attribute_label(a)} {b}" for a, b in levels if some]
            names += [choices(what)] * bool(some)
            yield phrase("appendix.not_available", of=", ".join(names), reason=reason)

    def summary(self, label: str = "", methods: Sequence[str] = (*VARIANCES[1:], *OTHERS)) -> Table:
        """How many effects of each group change their verdict, way by way."""
        rows: list[tuple[str | Cell, ...]] = []
        for group in self.groups:
            cells = [self._changes(group, method) for method in methods]
            effects = sum(self._counts(group))
            clear = self._counts(group)[1]
            clear_of_all = phrase("appendix.robustness.of", some=clear, all=effects)
            named = strong(group_label(self.survey, group))
            rows.append((named, together(clear_of_all), *cells))
        heads = [phrase("column.group"), phrase("appendix.robustness.clear"), *map(way, methods)]
        name, widths = phrase("appendix.robustness.summary"), (2.2, *[1] * (1 + len(methods)))
        return Table.of(name, heads, rows, widths=widths, label=label)

    def _counts(self, group: str) -> tuple[int, int]:
        """How many effects of a group have an interval that holds zero, and how many do not."""
        own = [
            row
            for (figure, method, mine, _, _), row in self._rows.items()
            if (figure, method, mine) == ("amce", MAIN, group) and not pd.isna(row["conf_low"])
        ]
        clear = sum(_side(row, 0.0) != 0 for row in own)
        return len(own) - clear, clear

    def _changes(self, group: str, method: str) -> str:
        """How many verdicts differ; a dash where the way has no figures."""
        found, turned = 0, 0
        for (figure, made, mine, attribute, level), row in self._rows.items():
            main = self.row("amce", MAIN, group, attribute, level)
            if (figure, made, mine) != ("amce", method, group) or main is None:
                continue
            if not (pd.isna(row["conf_low"]) or pd.isna(main["conf_low"])):
                found += 1
                turned += _side(row, 0.0) != _side(main, 0.0)
        return str(turned) if found else DASH

    def errors(self, figure: FigureKind, group: str, label: str) -> Iterator[Table]:
        """Standard errors under four variances, a row a level."""

        def cells(attribute: str, level: str) -> list[str | Cell]:
            made = [self.row(figure, name, group, attribute, level) for name in VARIANCES]
            main = made[0]
            if main is None or pd.isna(main["estimate"]):
                return [mark_of(main)] * 6
            if pd.isna(main["std_error"]):
                return [phrase("column.baseline"), *[""] * 5]
            said: list[str | Cell] = [replace(self._say(figure, main), aside="")]
            for name, row in zip(VARIANCES, made, strict=True):
                said.append(self._error(row, main, figure))
                if name == "CR2":
                    said.append(
                        DASH if row is None or pd.isna(row["degrees"]) else numeral(row["degrees"])
                    )
            return said

        header = [
            phrase("appendix.column.estimate"),
            phrase("appendix.column.linearised"),
            "CR1",
            "CR2",
            phrase("appendix.column.degrees"),
            "CR3",
        ]
        name = phrase("appendix.robustness.errors", figures=self._name(figure, group))
        yield from by_level(self.survey, name, header, cells, label=label).cut()

    def _error(
        self, row: dict[Hashable, Any] | None, main: dict[Hashable, Any], figure: FigureKind
    ) -> Cell:
        if row is None or pd.isna(row["std_error"]):
            return Cell(DASH)
        null = self._null(figure)
        turned = null is not None and _side(row, null) != _side(main, null)
        error = self.measure.size(row["std_error"], self.measure.decimals + 1)
        return Cell(error, mark=TURNED * turned)

    def others(self, figure: FigureKind, group: str, label: str) -> Iterator[Table]:
        """The figure made otherwise, a row a level: estimate and the half-width of its interval."""
        names = [name for name in OTHERS if figure == "amce" or name in ("unweighted", "corrected")]

        def cells(attribute: str, level: str) -> list[str | Cell]:
            main = self.row(figure, MAIN, group, attribute, level)
            if main is None or pd.isna(main["estimate"]):
                return [mark_of(main)] * (1 + len(names))
            if pd.isna(main["conf_low"]):
                return [phrase("column.baseline"), *[""] * len(names)]
            return [
                self._say(figure, main),
                *(
                    self._beside(figure, self.row(figure, name, group, attribute, level), main)
                    for name in names
                ),
            ]

        header = [phrase("charts.way.linearised"), *map(way, names)]
        name = phrase("appendix.robustness.otherwise", figures=self._name(figure, group))
        made = by_level(self.survey, name, header, cells, label=label, first=2.2)
        yield from replace(made, notes=tuple(self.missing(figure, group))).cut()

    def _beside(
        self, figure: FigureKind, row: dict[Hashable, Any] | None, main: dict[Hashable, Any]
    ) -> Cell:
        if row is None or pd.isna(row["estimate"]):
            return Cell(ABSENT if row is None else mark_of(row))
        marks, null = "", self._null(figure)
        if not pd.isna(main["conf_low"]):
            marks += OUTSIDE * (not main["conf_low"] <= row["estimate"] <= main["conf_high"])
            marks += TURNED * (null is not None and _side(row, null) != _side(main, null))
        return replace(self._say(figure, row), mark=marks)

    def _say(self, figure: FigureKind, row: dict[Hashable, Any]) -> Cell:
        """A figure with its reach."""
        said = said_of(EFFECTS if figure == "amce" else MEANS, self.measure, row)
        return replace(said.figure, aside=said.reach)

    def _null(self, figure: FigureKind) -> float | None:
        """What a verdict is about: no effect, an even choice; nothing for other means."""
        if figure == "amce":
            return 0.0
        return self.survey.even_choice(self.survey.main_outcome)

    def _name(self, figure: FigureKind, group: str) -> str:
        figures = phrase("appendix.effects" if figure == "amce" else "appendix.means")
        return f"{group_label(self.survey, group)}, {figures}"

    def families(self, label: str = "") -> Table:
        """How many effects stay significant once all of a group's are allowed for."""
        table = self.analysis.table("multiplicity")
        rows: list[tuple[str | Cell, ...]] = []
        for group in self.groups:
            own = table[table["group"] == group].dropna(subset=["p_value"])
            names = ("p_value", "p_holm", "p_benjamini_hochberg")
            counts = [str(int((own[name] < 0.05).sum())) for name in names]
            rows.append((strong(group_label(self.survey, group)), str(len(own)), *counts))
        heads = (
            phrase("column.group"),
            phrase("appendix.multiplicity.effects"),
            phrase("appendix.multiplicity.significant"),
            phrase("appendix.multiplicity.by_holm"),
            phrase("appendix.multiplicity.by_benjamini_hochberg"),
        )
        name = phrase("appendix.multiplicity.families")
        return Table.of(name, heads, rows, widths=(2.2, 1, 1, 1, 1), label=label)

    def probabilities(self, group: str, label: str) -> Iterator[Table]:
        """P-values of a group's effects, as they are and adjusted, a row a level."""
        table = self.analysis.table("multiplicity")
        own = table[table["group"] == group].to_dict("records")
        known = {(str(row["attribute"]), str(row["level"])): row for row in own}

        def cells(attribute: str, level: str) -> list[str | Cell]:
            row = known.get((attribute, level))
            if row is None or pd.isna(row["estimate"]):
                return [mark_of(row)] * 4
            if pd.isna(row["p_value"]):
                return [phrase("column.baseline"), "", "", ""]
            names = ("p_value", "p_holm", "p_benjamini_hochberg")
            effect = change(self.measure, row["estimate"])
            return [effect, *(probability(row[name]) for name in names)]

        header = ["AMCE", phrase("appendix.column.p"), "Holm", "Benjamini-Hochberg"]
        name = phrase("appendix.multiplicity.p_values", who=group_label(self.survey, group))
        yield from by_level(self.survey, name, header, cells, label=label).cut()


WIDTHS = (3, *[1.0] * 6)
"""Of joint tests."""


def way(method: str) -> str:
    """A way to make a figure, as heads of columns have it; variances have names of their own."""
    return phrase(f"charts.way.{method}") if method in OTHERS else method


def _side(row: dict[Hashable, Any], null: float) -> int:
    """Where an interval lies: above the value (1), below it (-1), or around it (0)."""
    return int(row["conf_low"] > null) - int(row["conf_high"] < null)


def omnibus_tables(analysis: Analysis, label: str) -> Iterator[Table]:
    """Joint tests of whole attributes: within each group, then between segments."""
    survey, table = analysis.survey, analysis.table("omnibus")
    tests = ["F", phrase("appendix.omnibus.degrees"), phrase("appendix.column.p")]
    header = [phrase("column.attribute"), *tests, *(f"{test}, CR2" for test in tests)]
    for between, name in (
        (False, phrase("appendix.omnibus.within")),
        (True, phrase("appendix.omnibus.between")),
    ):
        own = table[(table["group"] == "") == between]
        rows: list[Sequence[str | Cell]] = []
        for group, tests_of_group in own.groupby("group", sort=False):
            each = phrase("appendix.omnibus.all")
            rows.append((each if between else group_label(survey, str(group)),))
            rows += _tests(survey, tests_of_group)
        tested = own["p_value"].notna()
        reasons = dict.fromkeys(text for text in own.loc[~tested, "note"] if text)
        told = [phrase("appendix.not_available", of=DASH, reason=text) for text in reasons]
        told += [f"{text}." for text in dict.fromkeys(own.loc[tested, "note"]) if text]
        notes = [sentence_case(told[0]), *told[1:]] if told else []
        made = Table.of(
            name, header, rows, widths=WIDTHS, label=f"{label}-{'between' if between else 'within'}"
        )
        yield from replace(made, notes=tuple(notes)).cut()


def _tests(survey: Survey, rows: pd.DataFrame) -> Iterator[list[str | Cell]]:
    """A row an attribute: the test under both variances."""
    known = {(str(row["attribute"]), str(row["variance"])): row for row in rows.to_dict("records")}
    for name in survey.attributes:
        cells: list[str | Cell] = [survey.attribute_label(name)]
        for variance in ("linearised", "CR2"):
            row = known.get((name, variance))
            if row is None or pd.isna(row["p_value"]):
                gone = row is not None and row["reading"] == "suppressed"
                cells += [SUPPRESSED if gone else DASH] * 3
                continue
            statistic = Cell(
                numeral(row["statistic"], 2), mark=CAUTION * (row["reading"] == "caution")
            )
            degrees = f"{numeral(row['df_num'])}; {numeral(row['df_denom'])}"
            cells += [statistic, degrees, probability(row["p_value"])]
        yield cells
