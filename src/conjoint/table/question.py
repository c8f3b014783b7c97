"""A question's table: bases, answers, nets and the mean, by everybody and by crossbreaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from conjoint.say.label import column_label, crossbreak_label, group_label, question_label
from conjoint.say.measure import RATED, SHARE, Measure
from conjoint.say.number import DASH, MINUS, rounding_note
from conjoint.say.phrase import phrase
from conjoint.say.words import CAUTION, SUPPRESSED, base_notes, together
from conjoint.table.model import Cell, Column, Row, Table, strong
from conjoint.table.number import change, figure, people
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conjoint.analysis import Analysis
    from conjoint.survey import Survey

__all__ = ["Asked", "asked_of", "by_crossbreak", "by_group", "everybody", "items"]

MARKS = {"above 95%": "+", "above 99%": "++", "below 95%": MINUS, "below 99%": 2 * MINUS}
"""How a figure stands against the total, as it is printed."""

MOST_COLUMNS = 6
"""Columns of figures that stand beside the total's on an A4 page."""

SET = 1e-9
"""Standard errors of shares that are smaller are zeros that rounding has touched."""

Cells: TypeAlias = Mapping[Any, Any]


@dataclass(frozen=True, eq=False)
class Asked:
    """A question, or an item of a grid, by the total and other columns.

    Parameters
    ----------
    survey
        What was asked.
    question, item
        Keys; the item is empty where the question is no grid.
    figures, columns
        Their rows of a bundle's ``questions`` and ``question_columns``.
    crossbreak
        Whose columns stand beside the total's; empty where those of all do.
    decimals
        Of percentages; means have one more.
    """

    survey: Survey
    question: str
    item: str
    figures: pd.DataFrame
    columns: pd.DataFrame
    crossbreak: str = ""
    decimals: int = 0

    @property
    def title(self) -> str:
        """The question, and the item where it is a grid."""
        return question_label(self.survey, self.question, self.item)

    @property
    def item_label(self) -> str:
        """The item of a grid as shown; nothing for other questions."""
        asked = self.survey.questions[self.question]
        return (asked.items[self.item].label or self.item) if self.item else ""

    @property
    def name(self) -> str:
        """Of the table."""
        if not self.crossbreak:
            return self.title
        heading = crossbreak_label(self.crossbreak)
        return phrase("table.by", title=self.title, crossbreak=heading[:1].lower() + heading[1:])

    def without_letters(self) -> Asked:
        """The same without tests, as where columns have no room for them."""
        figures = self.figures.assign(letters="", against_total="")
        return replace(self, figures=figures, columns=self.columns.assign(letter=""))

    def table(self, label: str = "", *, interval: bool = False) -> Table:
        """The table, with notes.

        Parameters
        ----------
        label
            What a text refers to it by.
        interval
            Whether the total's 95% interval has a column.
        """
        columns = [Column(phrase("column.percentages"), 3, words=True), *self._heads()]
        rows = [*self.bases(), *self.rows()]
        if interval:
            columns.insert(2, Column(phrase("column.interval"), 1.4))
            ends = [*[Cell()] * 3, *map(Cell, self._intervals())]
            rows = [
                replace(row, cells=(*row.cells[:2], end, *row.cells[2:]))
                for row, end in zip(rows, ends, strict=True)
            ]
        notes = tuple(self._notes(interval=interval))
        return Table(self.name, tuple(columns), tuple(rows), label, notes=notes)

    def parts(self, label: str, *, interval: bool = False) -> Iterator[Table]:
        """The table cut to the width of a page."""
        return self.table(label, interval=interval).split(2 + interval, MOST_COLUMNS)

    def _heads(self) -> Iterator[Column]:
        for row in self.columns.to_dict("records"):
            over = "" if self.crossbreak else crossbreak_label(row["crossbreak"])
            yield Column(column_label(row["label"], row["letter"]), 1, over)

    def bases(self) -> Iterator[Row]:
        """The three bases, the first with the marks of small ones."""
        records = self.columns.to_dict("records")
        for name, key in (
            (phrase("column.unweighted_base"), "n_respondents"),
            (phrase("column.weighted_base"), "weighted_base"),
            (phrase("column.effective_base"), "effective_base"),
        ):
            marked = key == "n_respondents"
            yield Row((Cell(name), *(_base(row, key, marked=marked) for row in records)), "base")

    def rows(self) -> Iterator[Row]:
        """Answers, nets and the mean, each column's figure with its letters."""
        groups = list(self.columns["group"])
        for _, own in self.figures.groupby(["row", "kind"], sort=False):
            cells = {str(cell["group"]): cell for cell in own.to_dict("records")}
            first = cells[groups[0]]
            label = phrase("words.mean") if first["kind"] == "mean" else first["label"]
            made = (self._cell(cells[group]) for group in groups)
            yield Row((Cell(label), *made), "" if first["kind"] == "answer" else "net")

    def _cell(self, cell: Cells) -> Cell:
        if cell["reading"] == "suppressed":
            return Cell(SUPPRESSED)
        if pd.isna(cell["estimate"]):
            return Cell(DASH)
        write = change if self._is_difference(cell) else figure
        letters = f"{cell['letters']} {MARKS.get(cell['against_total'], '')}".strip()
        return replace(write(self._measure(cell), float(cell["estimate"])), letters=letters)

    def _measure(self, cell: Cells) -> Measure:
        if cell["kind"] == "mean":
            return replace(RATED, decimals=self.decimals + 1)
        return replace(SHARE, decimals=self.decimals)

    def _is_difference(self, cell: Cells) -> bool:
        net = self.survey.questions[self.question].nets.get(str(cell["row"]))
        return cell["kind"] == "net" and net is not None and bool(net.minus)

    def _total(self) -> Sequence[Cells]:
        return self.figures[self.figures["group"] == TOTAL].to_dict("records")

    def _intervals(self) -> Iterator[str]:
        """The total's interval, row by row; none where weighting leaves nothing to chance."""
        for cell in self._total():
            if pd.isna(cell["conf_low"]) or _is_set(cell):
                yield SUPPRESSED if cell["reading"] == "suppressed" else DASH
                continue
            measure = self._measure(cell)
            write = measure.changes if self._is_difference(cell) else measure.interval
            yield together(write(float(cell["conf_low"]), float(cell["conf_high"])))

    def _notes(self, *, interval: bool) -> Iterator[str]:
        if self.survey.questions[self.question].kind == "multiple":
            yield phrase("table.several")
        else:
            yield from self._rounding()
        yield from base_notes({*self.columns["reading"]}, self.survey.thresholds)
        if interval and any(_is_set(cell) for cell in self._total()):
            yield phrase("table.no_interval")

    def _rounding(self) -> Iterator[str]:
        """Where rounded answers do not sum to 100, by what they sum to."""
        answers = self.figures[self.figures["kind"] == "answer"]
        shares = {group: own["estimate"] for group, own in answers.groupby("group", sort=False)}
        summed: dict[str, list[str]] = {}
        for row in self.columns.to_dict("records"):
            said = rounding_note(shares[row["group"]].to_numpy(dtype=float), self.decimals)
            if said:
                over = "" if self.crossbreak else crossbreak_label(row["crossbreak"])
                column = Column(row["label"], over=over)
                summed.setdefault(said.rstrip("."), []).append(column.named)
        for said, who in summed.items():
            yield phrase("table.rounding", note=said, columns="; ".join(who))


def items(
    survey: Survey, tables: Mapping[str, pd.DataFrame], question: str, decimals: int = 0
) -> Iterator[Asked]:
    """A question by all its columns; a grid item by item.

    Parameters
    ----------
    tables
        Those of a bundle, ``questions`` and ``question_columns`` among them.
    """
    figures, columns = (
        tables[name][tables[name]["question"] == question]
        for name in ("questions", "question_columns")
    )
    for item, own in columns.groupby("item", sort=False):
        mine = figures[figures["item"] == item]
        yield Asked(survey, question, str(item), mine, own, decimals=decimals)


def by_crossbreak(analysis: Analysis, question: str) -> Iterator[Asked]:
    """A question by each crossbreak, segments first; a grid item by item; the total where it is alone."""
    tables = {name: analysis.table(name) for name in ("questions", "question_columns")}
    for asked in items(analysis.survey, tables, question):
        names = [key for key in dict.fromkeys(asked.columns["crossbreak"]) if key]
        for name in names or [""]:
            own = asked.columns[asked.columns["crossbreak"].isin([name, ""])]
            shown = asked.figures[asked.figures["group"].isin(own["group"])]
            yield replace(asked, figures=shown, columns=own, crossbreak=name)


def everybody(grid: Sequence[Asked], label: str = "") -> Table:
    """A grid in one look: items down, answers across, everybody."""
    rows, first = [], grid[0]
    for asked in grid:
        bare = asked.without_letters()
        base = replace(next(bare.bases()).cells[1], mark="")
        rows.append((strong(asked.item_label), *(row.cells[1] for row in bare.rows()), base))
    answers = first.figures[first.figures["group"] == TOTAL]["label"]
    heads = (group_label(first.survey, TOTAL), *answers, phrase("column.base"))
    question = question_label(first.survey, first.question)
    name = phrase("table.everybody", question=question)
    return Table.of(name, heads, rows, widths=(3, *[1] * (len(heads) - 1)), label=label)


def by_group(survey: Survey, toplines: pd.DataFrame, name: str) -> Iterator[Table]:
    """A question's answers by group, a grid's item by item: percentages with half-widths, and the three bases.

    Parameters
    ----------
    toplines
        The bundle's table of them.
    """
    question, own = survey.questions[name], toplines[toplines["outcome"] == name]
    if question.kind != "grid":
        yield _by_group(survey, name, question_label(survey, name), own)
        return
    for key, column in zip(question.items, question.stored(name).values(), strict=True):
        mine = own[own["attribute"] == column]
        yield _by_group(survey, name, question.items[key].label or key, mine)


def _by_group(survey: Survey, name: str, title: str, own: pd.DataFrame) -> Table:
    question, rows = survey.questions[name], []
    means = {*own.loc[own["estimand"] == "mean", "level"]}
    levels = list(dict.fromkeys(own["level"]))
    for group in (TOTAL, *survey.segments):
        cells = {row["level"]: row for row in own[own["group"] == group].to_dict("records")}
        first = cells[levels[0]]
        bases = [
            _base(first, key, marked=False)
            for key in ("n_respondents", "weighted_base", "effective_base")
        ]
        shares = [_with_reach(cells[level]) for level in levels]
        rows.append((strong(group_label(survey, group)), *shares, *bases))
    answers = (phrase("words.mean") if own in means else question.shown(own) for own in levels)
    heads = (
        title if question.kind == "grid" else phrase("column.group"),
        *answers,
        phrase("column.base"),
        phrase("column.weighted"),
        phrase("column.effective"),
    )
    notes = []
    total = own[(own["estimand"] == "share") & (own["group"] == TOTAL)]
    rounded = rounding_note(total["estimate"].to_numpy(dtype=float))
    if rounded and question.kind in ("single", "grid"):
        notes.append(phrase("table.rounded", note=rounded[:1].lower() + rounded[1:]))
    notes += base_notes({*own["reading"]} - {"caution"}, survey.thresholds)
    return Table.of(title, heads, rows, captioned=False, notes=notes)


def _with_reach(cell: Cells) -> Cell:
    """A figure with its interval behind it."""
    if cell["reading"] == "suppressed":
        return Cell(SUPPRESSED)
    measure = RATED if cell["estimand"] == "mean" else replace(SHARE, decimals=1)
    reach = measure.reach(cell["estimate"], cell["conf_low"], cell["conf_high"])
    return replace(figure(measure, cell["estimate"]), aside=reach)


def asked_of(who: str) -> str:
    """Whom a question was put to; all, where the survey says nothing else."""
    return phrase("table.asked_of", who=who) if who else phrase("table.asked_of_all")


def _base(column: Cells, key: str, *, marked: bool) -> Cell:
    if column["reading"] == "suppressed" or pd.isna(column[key]):
        return Cell(SUPPRESSED)
    return people(column[key], CAUTION if marked and column["reading"] == "caution" else "")


def _is_set(cell: Cells) -> bool:
    """Whether a figure does not vary, because weights were made to meet it."""
    return bool(0 < cell["estimate"] < 1 and cell["std_error"] < SET)
