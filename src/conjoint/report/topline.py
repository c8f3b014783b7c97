"""The topline report's parts: every question with its wording, its bases and its crossbreaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from conjoint.analysis.provenance import judged_in_words
from conjoint.report import method
from conjoint.report.again import made_again
from conjoint.report.document import DOCUMENTS, Report
from conjoint.report.table_slides import topline_slides
from conjoint.say.label import group_label
from conjoint.say.measure import measure_of
from conjoint.say.number import bare_points, base, percent
from conjoint.say.phrase import phrase
from conjoint.say.words import SUPPRESSED, day, escape, listed, small_bases
from conjoint.table import Cell, Table, strong
from conjoint.table.figures import MEANS, Figures, shown_segments
from conjoint.table.question import asked_of, by_crossbreak, everybody
from conjoint.toplines.banner import OF_SEGMENTS
from conjoint.wave import TOTAL
from conjoint.withhold.threshold import too_few

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.report.show import Only, Part
    from conjoint.survey import Question

__all__ = ["ToplineReport"]

SHARES = (0.5, 0.3, 0.1)
"""Shares whose margin of error is told, each with its counterpart."""


@dataclass(frozen=True, eq=False)
class ToplineReport(Report):
    """Everything the topline report says, as Markdown for each of its sections."""

    document = DOCUMENTS["topline_report"]

    def opening(self) -> Iterator[Part]:
        """Title, who asked whom and when, and the banner of a synthetic wave."""
        yield self.properties()
        yield from method.opening(
            self.analysis, phrase("topline.title", title=self.analysis.survey.title)
        )

    def statement(self) -> Iterator[Part]:
        """What every report of a poll has to say, by the British Polling Council's rules."""
        yield self._disclosed(
            phrase("topline.statement"),
            "tbl-poll",
            ("every report", "where practical"),
        )

    def method(self) -> Iterator[Part]:
        """The rest of the Council's list: what the pollster's website holds."""
        yield self._disclosed(
            phrase("topline.method"),
            "tbl-method",
            ("the website",),
        )

    def _disclosed(self, name: str, label: str, places: tuple[str, ...]) -> Table:
        told = self.analysis.table("disclosure")
        rows = [
            (strong(row["name"]), str(row["text"]))
            for row in told[told["place"].isin(places)].to_dict("records")
        ]
        return Table.of(name, ("", ""), rows, words=2, widths=(2, 5), label=label)

    def reading(self) -> Iterator[Part]:
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

    def _margins(self) -> Table:
        """Margins of error of some shares, for everybody and each segment that is shown."""
        survey, bases = self.analysis.survey, self.analysis.tables["bases"]
        shown = [TOTAL, *shown_segments(survey, self.analysis.tables)]
        rows: list[tuple[str | Cell, ...]] = []
        for row in bases[bases["group"].isin(shown)].to_dict("records"):
            few = too_few(row["n_respondents"], survey.thresholds)
            counts = [base(row["n_respondents"]), base(row["effective_base"])]
            margins = [
                f"±{bare_points(row['margin_of_error'] * 2 * np.sqrt(p * (1 - p)))}" for p in SHARES
            ]
            who = strong(group_label(survey, str(row["group"])))
            rows.append((who, *([SUPPRESSED] * 5 if few else counts + margins)))
        heads = (phrase("column.group"), phrase("column.base"), phrase("column.effective_base"))
        name, widths = phrase("topline.margins"), (2.5, *[1] * 5)
        header = (*heads, *(_pair(p) for p in SHARES))
        return Table.of(name, header, rows, widths=widths, label="tbl-margins")

    def answers(self) -> Iterator[Part]:
        """Every question: wording, base, and answers by the total and the segments."""
        questions = self.analysis.survey.questions
        if not questions:
            yield phrase("topline.no_questions")
            return
        yield from method.forbidden(self.analysis)
        for number, (key, question) in enumerate(questions.items(), 1):
            yield f"### {number}. {escape(question.label or key)} {{#question-{number}}}"
            yield self._asked(question)
            made = list(by_crossbreak(self.analysis, key))
            if question.kind == "grid":
                grid = {asked.item: asked for asked in made}
                yield everybody([*grid.values()], f"tbl-q{number}-all")
            for place, asked in enumerate(made, 1):
                if asked.crossbreak in ("", OF_SEGMENTS) or self._is_alone(asked.crossbreak):
                    if asked.item:
                        yield f"#### {escape(asked.title)}"
                    yield from asked.parts(f"tbl-q{number}-{place}", interval=True)

    def _is_alone(self, crossbreak: str) -> bool:
        """Whether the survey has no segments, so that its first crossbreak stands with the answers."""
        survey = self.analysis.survey
        columns = self.analysis.table("question_columns")
        first = next((name for name in columns["crossbreak"] if name), "")
        return not survey.segments and crossbreak == first

    def _asked(self, question: Question) -> str:
        """The wording as it was put, who was asked, and how."""
        wording = phrase("words.quoted", text=escape(question.text))
        wording = wording if question.text else f"*{phrase('topline.no_wording')}*"
        left = [phrase("words.quoted", text=escape(answer)) for answer in question.missing]
        facts = [
            asked_of(escape(question.base)),
            _how(question),
            phrase("topline.not_counted", answers=listed(left)) if left else "",
        ]
        said = " ".join(fact for fact in facts if fact)
        return f"::: {{.wording}}\n{wording}\n:::\n\n{said}"

    def crossbreaks(self) -> Iterator[Part]:
        """Every question by every crossbreak that does not stand with the answers."""
        survey = self.analysis.survey
        if not survey.questions:
            return
        parts: list[Part] = []
        for number, (key, question) in enumerate(survey.questions.items(), 1):
            made = [
                (place, asked)
                for place, asked in enumerate(by_crossbreak(self.analysis, key), 1)
                if asked.crossbreak not in ("", OF_SEGMENTS)
                and not self._is_alone(asked.crossbreak)
            ]
            if made:
                name = phrase("topline.question_by", question=escape(question.label or key))
                parts.append(f"### {number}. {name}")
            for place, asked in made:
                parts += asked.parts(f"tbl-q{number}-{place}")
        if parts:
            yield f"## {phrase('topline.crossbreaks')} {{.appendix}}"
            yield from parts

    def experiment(self) -> Iterator[Part]:
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

    def contact(self) -> Iterator[Part]:
        """Whom to ask, where the full tables are, and when they came out."""
        survey = self.analysis.survey
        rows = [
            (strong(name), text)
            for name, text in (
                (phrase("topline.contact.name"), survey.contact),
                (phrase("topline.contact.tables"), survey.website),
                (phrase("topline.contact.published"), day(survey.released)),
                (phrase("method.source"), survey.source),
            )
            if text
        ]
        if rows:
            name = phrase("topline.contact.name")
            yield Table.of(name, ("", ""), rows, words=2, widths=(1, 3), captioned=False)
        else:
            yield phrase("topline.contact.nobody")

    def colophon(self) -> Iterator[Part]:
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
