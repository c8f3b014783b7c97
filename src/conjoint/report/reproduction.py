"""The page of published figures made again: what differs first, then every figure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from conjoint.estimates import MINUS
from conjoint.report import method
from conjoint.report.claim import NORMAL, Claim, Figure, badge, judge
from conjoint.report.document import DOCUMENTS, Report
from conjoint.report.passage import assumed_note
from conjoint.report.show import Joined
from conjoint.reproduce import Reproduction
from conjoint.reproduce.model import verdict_key
from conjoint.say.label import answer_label, level_label
from conjoint.say.number import DASH, numeral
from conjoint.say.phrase import phrase
from conjoint.say.words import escape, sentence_case
from conjoint.survey import INTERLOCK, TOTAL
from conjoint.table import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conjoint.report.show import Part
    from conjoint.reproduce import Reproduced
    from conjoint.typing import Reproducing

__all__ = ["ReproductionReport"]

LOOKS: dict[Reproducing, str] = {
    "reproduced": "safe",
    "within sampling error": "caution",
    "differs": "suppressed",
    "cannot be computed": "caution",
}

OFF: tuple[Reproducing, ...] = ("differs", "within sampling error", "cannot be computed")
"""Verdicts whose figures are told one by one, in this order."""

UNITS = ("percent", "points")
"""Those that are written behind a number."""


@dataclass(frozen=True, eq=False)
class ReproductionReport(Report):
    """Everything the page says, as Markdown for each of its sections."""

    document = DOCUMENTS["reproduction_report"]

    @cached_property
    def made(self) -> Reproduction:
        """The figures, and the conventions of their tables."""
        tables = self.analysis.tables
        return Reproduction.of_frames(tables["reproduction"], tables.get("conventions"))

    def opening(self) -> Iterator[str]:
        """Title, whose poll it is, and the banner of a synthetic wave."""
        yield self.properties()
        title = phrase("reproduction.title", survey=self.analysis.survey.title)
        yield from method.opening(self.analysis, title)

    def verdict(self) -> Iterator[Part]:
        """How many figures hold, and which do not."""
        yield f"**{self.made.summary}**"
        for verdict in OFF:
            figures = self.made.having(verdict)
            if figures:
                yield f"### {phrase(f'reproduction.heading.{verdict_key(verdict)}')}"
                yield from map(self._told, figures)

    def figures(self) -> Iterator[Part]:
        """Every figure, a table a question or estimand."""
        yield f"## {phrase('reproduction.figures.heading')}"
        subjects = dict.fromkeys(figure.subject for figure in self.made.figures)
        for subject in subjects:
            own = [figure for figure in self.made.figures if figure.subject == subject]
            units = {figure.unit for figure in own} & {*UNITS}
            title, alone = self._subject(own[0]), len(units) == 1
            if alone:
                unit = phrase(f"reproduction.unit.{units.pop()}_alone")
                title = phrase("reproduction.figures.subject_and_unit", subject=title, unit=unit)
            yield f"### {escape(title)}"
            grouped = len({figure.group for figure in own}) > 1
            yield Table.of(
                phrase("reproduction.figures.table", subject=subject),
                tuple(
                    phrase(f"reproduction.figures.{name}")
                    for name in ("figure", "verdict", "published", "again", "difference")
                ),
                [self._row(figure, alone, grouped) for figure in own],
                words=2,
                widths=(9, 4, 3, 3, 3),
                captioned=False,
            )
            for note in dict.fromkeys(figure.note for figure in own if figure.note):
                yield f"::: {{.note}}\n{escape(note)}\n:::"
        if any(figure.attribute for figure in self.made.figures):
            yield assumed_note(self.analysis.survey)

    def conventions(self) -> Iterator[str]:
        """How conjoint figures were made, as far as their decimals tell."""
        if not self.made.tables:
            return
        yield f"## {phrase('reproduction.conventions.heading')}"
        for table in self.made.tables:
            yield escape(table.text)
        yield phrase("reproduction.conventions.alike")

    def method(self) -> Iterator[str]:
        """What the verdicts mean."""
        yield phrase("reproduction.method.verdicts")
        if any(figure.question for figure in self.made.figures):
            yield phrase("reproduction.method.questions")
        least = self.analysis.survey.thresholds.suppress_below
        yield phrase("reproduction.method.withheld", limit=least)

    def colophon(self) -> Iterator[str]:
        """Software, inputs, and the command that makes the page again."""
        yield method.colophon(self.analysis)

    def _subject(self, figure: Reproduced) -> str:
        survey = self.analysis.survey
        question = survey.questions.get(figure.question)
        if question is not None:
            return question.label or figure.question
        return sentence_case(figure.subject)

    def _item(self, figure: Reproduced) -> str:
        """Group and answer or level, as the survey labels them."""
        survey = self.analysis.survey
        group = MINUS.join(survey.segment_label(side) for side in figure.group.split(MINUS))
        if figure.question:
            answer = answer_label(survey, figure.question, figure.answer)
            return phrase("reproduction.item.answer", group=group, answer=answer)
        names = [
            survey.attribute_label(name) if name in survey.attributes else name
            for name in figure.attribute.split(INTERLOCK)
        ]
        said = {
            "group": group,
            "attribute": _both(names),
            "level": self._levels(figure.attribute, figure.level),
        }
        against = self._levels(figure.attribute, figure.baseline)
        if against:
            return phrase("reproduction.item.level_against", **said, baseline=against)
        return phrase("reproduction.item.level", **said)

    def _levels(self, attributes: str, levels: str) -> str:
        """Levels as shown, or as they are where a survey has none such."""
        names, parts = attributes.split(INTERLOCK), levels.split(INTERLOCK)
        known = self.analysis.survey.attributes
        if len(names) != len(parts) or not all(
            name in known and part in known[name].values
            for name, part in zip(names, parts, strict=True)
        ):
            return levels
        return _both(
            level_label(self.analysis.survey, name, part)
            for name, part in zip(names, parts, strict=True)
        )

    def _row(self, figure: Reproduced, said: bool, grouped: bool) -> tuple[str | Cell, ...]:
        """A line of a table, without the unit and the group where its heading says them."""
        item = self._item(figure)
        if not grouped and figure.group == TOTAL:
            item = item.removeprefix(f"{TOTAL}: ")
        unit = "" if said else figure.unit
        name = sentence_case(item)
        if figure.where:
            name = phrase("reproduction.figures.where", figure=name, where=figure.where)
        return (
            name,
            Cell(_badge(figure), tone="markup"),
            _number(figure.value, figure.decimals, unit),
            _number(figure.computed, figure.decimals + 1, unit),
            _signed(figure),
        )

    def _told(self, figure: Reproduced) -> Part:
        """A figure as a paragraph: what was published, what comes out, what might explain it."""
        said = {"subject": escape(self._subject(figure)), "figure": escape(self._item(figure))}
        if figure.where:
            head = phrase("reproduction.item.told_where", **said, where=escape(figure.where))
        else:
            head = phrase("reproduction.item.told", **said)
        lines: list[Part] = [f"{head} {_badge(figure)}"]
        if figure.missing:
            lines.append(
                phrase(
                    "reproduction.again.missing",
                    published=escape(_number(figure.value, figure.decimals, figure.unit)),
                    missing=escape(sentence_case(figure.missing)),
                )
            )
            return Joined(tuple(lines), by=BREAK)
        lines.append(self._again(figure))
        if figure.conventions:
            conventions = escape(figure.conventions)
            lines.append(phrase("reproduction.again.convention", conventions=conventions))
        if figure.note:
            lines.append(escape(figure.note))
        return Joined(tuple(lines), by=BREAK)

    def _again(self, figure: Reproduced) -> Claim:
        """Published and made again, in a sentence, on the figure made again and its interval."""
        key = "reproduction.again.withheld"
        parts = {"published": _number(figure.value, figure.decimals, figure.unit)}
        if not pd.isna(figure.computed):
            key = "reproduction.again.shown"
            parts["again"] = _number(figure.computed, figure.decimals + 1, figure.unit)
            parts["difference"] = _difference(figure)
        share = 0.01 if figure.unit in UNITS else 1.0
        made, reach = share * figure.computed, share * NORMAL * figure.std_error
        own = Figure(
            figure.estimand or "share", figure.group, figure.question or figure.outcome,
            figure.attribute, figure.level or figure.answer, figure.baseline, made, made - reach,
            made + reach, figure.n_respondents,
        )  # fmt: skip
        escaped = {name: escape(text) for name, text in parts.items()}
        judgement = judge(self.analysis, figure.reading or "safe", [own])
        return Claim(key, (own,), figure.reading, judgement, escaped, "")


BREAK = "\\\n"
"""Between lines of a paragraph."""


def _badge(figure: Reproduced) -> str:
    words = phrase(f"reproduction.verdict.{verdict_key(figure.verdict)}")
    return badge(words, LOOKS[figure.verdict])


def _both(names: Iterable[str]) -> str:
    """Attributes, or levels, that are taken together."""
    first, *others = names
    for other in others:
        first = phrase("reproduction.item.both", first=first, second=other)
    return first


def _number(value: float, decimals: int, unit: str) -> str:
    if pd.isna(value):
        return DASH
    number = numeral(value, decimals)
    return phrase(f"reproduction.unit.{unit}", number=number) if unit in UNITS else number


def _signed(figure: Reproduced) -> str:
    return numeral(figure.difference, figure.decimals + 1, signed=True)


def _difference(figure: Reproduced) -> str:
    """How much was published beyond what comes out, and how many standard errors that is."""
    if pd.isna(figure.in_errors):
        return _signed(figure)
    errors = numeral(abs(figure.in_errors), 1)
    key = "one_error" if errors == "1.0" else "errors"
    return phrase(f"reproduction.again.{key}", difference=_signed(figure), errors=errors)
