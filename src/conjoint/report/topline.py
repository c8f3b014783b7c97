"""The topline report's parts: every question with its wording, its bases and its crossbreaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.analysis.provenance import judged_in_words
from conjoint.report import method
from conjoint.report.again import made_again
from conjoint.report.crosstab import (
    SUPPRESSED,
    asked_of,
    crosstabs,
    figure_table,
    pipe_table,
    shown_segments,
    table_named,
)
from conjoint.report.document import DOCUMENTS, Report
from conjoint.report.table_slides import topline_slides
from conjoint.say.label import group_label
from conjoint.say.measure import measure_of
from conjoint.say.number import bare_points, base, percent
from conjoint.say.phrase import phrase
from conjoint.say.words import day, escape, listed, small_bases
from conjoint.table import Table
from conjoint.table.figures import MEANS, Figures
from conjoint.wave import TOTAL
from conjoint.withhold.threshold import too_few

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.plot import Chart
    from conjoint.report.show import Only
    from conjoint.survey import Question

__all__ = ["ToplineReport"]

SEGMENTS = "Segments"
"""What the crossbreak of the survey's segments is called."""

SHARES = (0.5, 0.3, 0.1)
"""Shares whose margin of error is told, each with its counterpart."""


@dataclass(frozen=True, eq=False)
class ToplineReport(Report):
    """Everything the topline report says, as Markdown for each of its sections."""

    document = DOCUMENTS["topline_report"]

    def opening(self) -> Iterator[str | Chart | Table]:
        """Title, who asked whom and when, and the banner of a synthetic wave."""
        yield from method.opening(
            self.analysis, phrase("topline.title", title=self.analysis.survey.title)
        )

    def statement(self) -> Iterator[str]:
        """What every report of a poll has to say, by the British Polling Council's rules."""
        yield self._disclosed(
            phrase("topline.statement"),
            "tbl-poll",
            ("every report", "where practical"),
        )

    def method(self) -> Iterator[str]:
        """The rest of the Council's list: what the pollster's website holds."""
        yield self._disclosed(
            phrase("topline.method"),
            "tbl-method",
            ("the website",),
        )

    def _disclosed(self, name: str, label: str, places: tuple[str, ...]) -> str:
        items = table_named(self.analysis, "disclosure")
        rows = [
            (f"**{escape(row['name'])}**", escape(row["text"]))
            for row in items[items["place"].isin(places)].to_dict("records")
        ]
        return figure_table(name, ("", ""), rows, label=label, widths=(2, 5), left=2)

    def reading(self) -> Iterator[str]:
        """How to read the tables: letters, bases, rounding, small bases, margins of error."""
        has_breaks = bool(self.analysis.survey.segments or self.analysis.survey.crossbreaks)
        letters = phrase("topline.reading.letters", too_few=phrase("topline.too_few"))
        yield "\n\n".join(
            text
            for text in (
                phrase("topline.reading.percentages"),
                phrase("topline.reading.bases"),
                phrase(
                    "topline.reading.small_bases", rule=small_bases(self.analysis.survey, escape)
                ),
                letters * has_breaks,
                phrase("topline.reading.margin_of_error"),
            )
            if text
        )
        yield self._margins()
        yield phrase(
            "topline.reading.differences" if has_breaks else "topline.reading.rule_of_thumb"
        )

    def _margins(self) -> str:
        """Margins of error of some shares, for everybody and each segment that is shown."""
        survey, bases = self.analysis.survey, self.analysis.tables["bases"]
        shown = [TOTAL, *shown_segments(self.analysis)]
        rows = []
        for row in bases[bases["group"].isin(shown)].to_dict("records"):
            few = too_few(row["n_respondents"], survey.thresholds)
            who = group_label(survey, str(row["group"]))
            counts = [base(row["n_respondents"]), base(row["effective_base"])]
            margins = [
                f"±{bare_points(row['margin_of_error'] * 2 * np.sqrt(p * (1 - p)))}" for p in SHARES
            ]
            rows.append((f"**{escape(who)}**", *([SUPPRESSED] * 5 if few else counts + margins)))
        heads = (phrase("column.group"), phrase("column.base"), phrase("column.effective_base"))
        header = (*heads, *(_pair(p) for p in SHARES))
        name = phrase("topline.margins")
        return figure_table(name, header, rows, label="tbl-margins", first=2.5)

    def answers(self) -> Iterator[str]:
        """Every question: wording, base, and answers by the total and the segments."""
        questions = self.analysis.survey.questions
        if not questions:
            yield phrase("topline.no_questions")
            return
        yield from method.forbidden(self.analysis)
        for number, (key, question) in enumerate(questions.items(), 1):
            yield f"### {number}. {escape(question.label or key)} {{#question-{number}}}"
            yield self._asked(question)
            if question.kind == "grid":
                yield self._grid(key, f"q{number}")
            for place, table in enumerate(crosstabs(self.analysis, key), 1):
                if table.crossbreak in ("", SEGMENTS) or self._is_alone(table.crossbreak):
                    yield from self._titled(table.item and table.title)
                    yield from table.markdown(f"q{number}-{place}", interval=True)

    def _is_alone(self, crossbreak: str) -> bool:
        """Whether the survey has no segments, so that its first crossbreak stands with the answers."""
        survey = self.analysis.survey
        columns = table_named(self.analysis, "question_columns")
        first = next((name for name in columns["crossbreak"] if name), "")
        return not survey.segments and crossbreak == first

    def _titled(self, title: str) -> Iterator[str]:
        if title:
            yield f"#### {escape(title)}"

    def _asked(self, question: Question) -> str:
        """The wording as it was put, who was asked, and how."""
        wording = phrase("words.quoted", text=escape(question.text))
        wording = wording if question.text else f"*{phrase('topline.no_wording')}*"
        left = [phrase("words.quoted", text=escape(answer)) for answer in question.missing]
        facts = [
            asked_of(question.base),
            _how(question),
            phrase("topline.not_counted", answers=listed(left)) if left else "",
        ]
        said = " ".join(fact for fact in facts if fact)
        return f"::: {{.wording}}\n{wording}\n:::\n\n{said}"

    def _grid(self, question: str, label: str) -> str:
        """A grid in one look: items down, answers across, everybody."""
        tables = {table.item: table for table in crosstabs(self.analysis, question)}
        first = next(iter(tables.values()))
        heads = first.figures[first.figures["group"] == TOTAL]
        header = [
            group_label(self.analysis.survey, TOTAL),
            *(escape(text) for text in heads["label"]),
            phrase("column.base"),
        ]
        rows = []
        for table in tables.values():
            own = table.figures[table.figures["group"] == TOTAL].to_dict("records")
            cells = [
                SUPPRESSED if cell["reading"] == "suppressed" else table.say(cell, cell["estimate"])
                for cell in own
            ]
            people = table.columns["n_respondents"].iloc[0]
            item = table.survey.questions[question].items[table.item].label or table.item
            rows.append(
                [f"**{escape(item)}**", *cells, SUPPRESSED if pd.isna(people) else base(people)]
            )
        asked = first.survey.questions[question].label or question
        name = phrase("topline.grid", question=asked)
        return figure_table(name, header, rows, label=f"tbl-{label}-all")

    def crossbreaks(self) -> Iterator[str]:
        """Every question by every crossbreak that does not stand with the answers."""
        survey = self.analysis.survey
        if not survey.questions:
            return
        parts = []
        for number, (key, question) in enumerate(survey.questions.items(), 1):
            made = [
                (place, table)
                for place, table in enumerate(crosstabs(self.analysis, key), 1)
                if table.crossbreak not in ("", SEGMENTS) and not self._is_alone(table.crossbreak)
            ]
            if made:
                asked = escape(question.label or key)
                parts.append(f"### {number}. {phrase('topline.question_by', question=asked)}")
            for place, table in made:
                parts += table.markdown(f"q{number}-{place}")
        if parts:
            yield f"## {phrase('topline.crossbreaks')} {{.appendix}}"
            yield from parts

    def experiment(self) -> Iterator[str | Chart | Table]:
        """What the conjoint showed and asked, and its marginal means."""
        survey, counts = self.analysis.survey, self.analysis.provenance["counts"]
        judged = judged_in_words(survey, counts, escape, past=True)
        outcome = survey.outcomes[survey.main_outcome]
        measure, things = measure_of(survey, survey.main_outcome), escape(survey.report.profiles)
        yield phrase(
            "topline.experiment.drawn_and_repeated" if counts["repeated_task"] else "topline.experiment.drawn",
            judged=judged, profiles=things,
        )  # fmt: skip
        yield "\n\n".join(
            f"::: {{.wording}}\n{phrase('words.quoted', text=escape(asked.text))}\n:::"
            for asked in survey.outcomes.values()
            if asked.text
        )
        yield from method.design(self.analysis)
        if not self.analysis.tables["marginal_means"]["estimate"].notna().any():
            yield phrase("topline.experiment.too_few")
            return
        yield from method.forbidden(self.analysis, survey.main_outcome)
        yield phrase(
            "topline.experiment.how_often" if measure.unit else "topline.experiment.how",
            profiles=things, verb=measure.verb, outcome=escape(outcome.label or survey.main_outcome),
        )  # fmt: skip
        made = Figures(survey, self.analysis.tables, MEANS)
        yield from made.press(survey.main_outcome, "tbl-experiment")

    def contact(self) -> Iterator[str]:
        """Whom to ask, where the full tables are, and when they came out."""
        survey = self.analysis.survey
        rows = [
            (f"**{name}**", escape(text))
            for name, text in (
                (phrase("topline.contact.name"), survey.contact),
                (phrase("topline.contact.tables"), survey.website),
                (phrase("topline.contact.published"), day(survey.released)),
                (phrase("method.source"), survey.source),
            )
            if text
        ]
        if rows:
            yield pipe_table(phrase("topline.contact.name"), ("", ""), rows, "ll", (1, 3))
        else:
            yield phrase("topline.contact.nobody")

    def colophon(self) -> Iterator[str | Table]:
        """Software, inputs, and the command that makes the report again."""
        yield from made_again(self.analysis, "topline")

    def slides(self) -> Iterator[Only]:
        """The same as a presentation."""
        yield from topline_slides(self)


def _how(question: Question) -> str:
    """How a question was answered, where that does not go without saying."""
    if question.kind == "multiple":
        return phrase("topline.any_number")
    if question.kind == "scale":
        return phrase("topline.number_from", scale=method.scale(question))
    return ""


def _pair(share: float) -> str:
    own, other = percent(share), percent(1 - share)
    return own if own == other else phrase("topline.either_share", share=own, other=other)
