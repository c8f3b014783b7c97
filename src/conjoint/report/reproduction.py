"""The page of published figures made again: what differs first, then every figure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from conjoint.estimates import MINUS
from conjoint.report import method
from conjoint.report.crosstab import pipe_table
from conjoint.report.document import DOCUMENTS, Report
from conjoint.report.passage import assumed_note
from conjoint.reproduce import Reproduction
from conjoint.say.label import answer_label, level_label
from conjoint.say.number import DASH, numeral
from conjoint.say.words import escape, sentence_case
from conjoint.survey import INTERLOCK, TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.reproduce import Reproduced
    from conjoint.typing import Reproducing

__all__ = ["ReproductionReport"]

BADGES: dict[Reproducing, str] = {
    "reproduced": "[reproduced]{.verdict .safe}",
    "within sampling error": "[within sampling error]{.verdict .caution}",
    "differs": "[differs]{.verdict .suppressed}",
    "cannot be computed": "[cannot be computed]{.verdict .caution}",
}

HEADINGS: dict[Reproducing, str] = {
    "differs": "What differs",
    "within sampling error": "Not the same, but within sampling error",
    "cannot be computed": "What cannot be computed",
}

UNITS = {"percent": "%", "points": " points", "share": "", "": ""}
"""Behind a number."""


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
        title = f"Published figures of “{self.analysis.survey.title}”, made again"
        yield from method.opening(self.analysis, title)

    def verdict(self) -> Iterator[str]:
        """How many figures hold, and which do not."""
        yield f"**{self.made.summary}**"
        for verdict, heading in HEADINGS.items():
            figures = self.made.having(verdict)
            if figures:
                yield f"### {heading}"
                yield "\n\n".join(self._told(figure) for figure in figures)

    def figures(self) -> Iterator[str]:
        """Every figure, a table a question or estimand."""
        yield "## Every figure"
        subjects = dict.fromkeys(figure.subject for figure in self.made.figures)
        for subject in subjects:
            own = [figure for figure in self.made.figures if figure.subject == subject]
            units = {UNITS[figure.unit].strip() for figure in own} - {""}
            unit = f" ({units.pop()})" if len(units) == 1 else ""
            yield f"### {escape(self._subject(own[0]) + unit)}"
            grouped = len({figure.group for figure in own}) > 1
            yield pipe_table(
                f"Published figures of {subject}",
                ("Figure", "Verdict", "Published", "Made again", "Difference"),
                [self._row(figure, bool(unit), grouped) for figure in own],
                "llrrr",
                (9, 4, 3, 3, 3),
            )
            for note in dict.fromkeys(figure.note for figure in own if figure.note):
                yield f"::: {{.note}}\n{escape(note)}\n:::"
        if any(figure.attribute for figure in self.made.figures):
            yield assumed_note(self.analysis.survey)

    def conventions(self) -> Iterator[str]:
        """How conjoint figures were made, as far as their decimals tell."""
        if not self.made.tables:
            return
        yield "## The conventions of conjoint figures"
        for table in self.made.tables:
            yield escape(table.text)
        yield (
            "Conventions and packages that stand side by side give the same published decimals; nothing "
            "in these figures tells them apart."
        )

    def method(self) -> Iterator[str]:
        """What the verdicts mean."""
        yield (
            "*Reproduced*: the same after rounding to the published decimals; halves may go to even or "
            "away from zero. *Within sampling error*: another figure, inside the 95% interval of the one "
            "made again. From the same answers a figure should come out the same, so this says that "
            "the difference is small, not that it is explained. *Differs*: outside that interval."
        )
        if any(figure.question for figure in self.made.figures):
            yield (
                "Questions are weighted as in the reports of this survey. Where another way gives the "
                "published figure (no weights, don't know left out of the base), it is named; the "
                "verdict stays."
            )
        least = self.analysis.survey.thresholds.suppress_below
        yield (
            f"Figures made again that stand on fewer than {least} people are not shown, nor those that would "
            "give such a one away."
        )

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
            return f"{group}: {answer_label(survey, figure.question, figure.answer)}"
        against = self._levels(figure.attribute, figure.baseline)
        said = (
            f"{self._levels(figure.attribute, figure.level)}{f' against {against}' * bool(against)}"
        )
        names = [
            survey.attribute_label(name) if name in survey.attributes else name
            for name in figure.attribute.split(INTERLOCK)
        ]
        return f"{group}: {' and '.join(names)}, {said}"

    def _levels(self, attributes: str, levels: str) -> str:
        """Levels as shown, or as they are where a survey has none such."""
        names, parts = attributes.split(INTERLOCK), levels.split(INTERLOCK)
        known = self.analysis.survey.attributes
        if len(names) != len(parts) or not all(
            name in known and part in known[name].values
            for name, part in zip(names, parts, strict=True)
        ):
            return levels
        return " and ".join(
            level_label(self.analysis.survey, name, part)
            for name, part in zip(names, parts, strict=True)
        )

    def _row(self, figure: Reproduced, said: bool, grouped: bool) -> tuple[str, ...]:
        """A line of a table, without the unit and the group where its heading says them."""
        item = self._item(figure)
        if not grouped and figure.group == TOTAL:
            item = item.removeprefix(f"{TOTAL}: ")
        unit = "" if said else UNITS[figure.unit]
        where = f" ({escape(figure.where)})" if figure.where else ""
        return (
            f"{escape(sentence_case(item))}{where}",
            BADGES[figure.verdict],
            escape(_number(figure.value, figure.decimals, unit)),
            escape(_number(figure.computed, figure.decimals + 1, unit)),
            escape(_signed(figure)),
        )

    def _told(self, figure: Reproduced) -> str:
        """A figure as a paragraph: what was published, what comes out, what might explain it."""
        where = f", {escape(figure.where)}" if figure.where else ""
        head = f"**{escape(self._subject(figure))}, {escape(self._item(figure))}**{where}."
        lines = [f"{head} {BADGES[figure.verdict]}"]
        if figure.missing:
            lines.append(f"Published: {escape(_number(figure.value, figure.decimals, UNITS[figure.unit]))}. "
                         f"{escape(sentence_case(figure.missing))}.")  # fmt: skip
            return "\\\n".join(lines)
        lines.append(escape(told_numbers(figure)))
        if figure.conventions:
            lines.append(f"It appears under another convention: {escape(figure.conventions)}.")
        if figure.note:
            lines.append(escape(figure.note))
        return "\\\n".join(lines)


def told_numbers(figure: Reproduced) -> str:
    """Published and made again, in a sentence."""
    published = _number(figure.value, figure.decimals, UNITS[figure.unit])
    if pd.isna(figure.computed):
        return f"Published: {published}. Made again it stands on too few people to be shown, or would give such a figure away."
    said = f"Published: {published}. Made again: {_number(figure.computed, figure.decimals + 1, UNITS[figure.unit])}"
    return f"{said}; the difference is {_difference(figure)}."


def _number(value: float, decimals: int, unit: str) -> str:
    return DASH if pd.isna(value) else f"{numeral(value, decimals)}{unit}"


def _signed(figure: Reproduced) -> str:
    return numeral(figure.difference, figure.decimals + 1, signed=True)


def _difference(figure: Reproduced) -> str:
    """How much was published beyond what comes out, and how many standard errors that is."""
    if pd.isna(figure.in_errors):
        return _signed(figure)
    errors = numeral(abs(figure.in_errors), 1)
    return f"{_signed(figure)} ({errors} standard {'error' if errors == '1.0' else 'errors'})"
