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
    crosstabs,
    figure_table,
    pipe_table,
    shown_segments,
    table_named,
)
from conjoint.report.document import DOCUMENTS, Report
from conjoint.report.estimated import means_tables
from conjoint.report.table_slides import topline_slides
from conjoint.say.label import group_label
from conjoint.say.measure import measure_of
from conjoint.say.number import bare_points, base, percent
from conjoint.say.words import day, escape, listed, small_bases
from conjoint.toplines import TOO_FEW
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

    def opening(self) -> Iterator[str | Chart]:
        """Title, who asked whom and when, and the banner of a synthetic wave."""
        yield from method.opening(self.analysis, f"{self.analysis.survey.title}: topline results")

    def statement(self) -> Iterator[str]:
        """What every report of a poll has to say, by the British Polling Council's rules."""
        yield self._disclosed(
            "The poll: what the British Polling Council asks every report to say",
            "tbl-poll",
            ("every report", "where practical"),
        )

    def method(self) -> Iterator[str]:
        """The rest of the Council's list: what the pollster's website holds."""
        yield self._disclosed(
            "The method: what the British Polling Council asks the pollster's website to hold",
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
        yield "\n\n".join(
            text
            for text in (
                "**Percentages** are weighted, and rounded each on its own, halves up; none is adjusted "
                "afterwards. So answers may sum to 99% or 101%: 48%, 34% and 19% make 101%. Notes under the "
                "tables say where.",
                "**Bases.** *Unweighted base*: people who were asked and gave an answer that counts. "
                "*Weighted base*: their weight, weights having a mean of 1. *Effective base*: how many people "
                "drawn without weights would tell as much.",
                f"**Small bases.** {small_bases(self.analysis.survey, escape)}",
                LETTERS * has_breaks,
                "**Margin of error.** How far a figure may be off because a sample was asked and not "
                "everybody: 95 samples in 100 would come within it of what everybody would have "
                "answered. It says nothing of other errors, such as who could not be reached or how a "
                "question was put. It is largest for a share of 50%, and larger for fewer people:",
            )
            if text
        )
        yield self._margins()
        yield (
            "A difference between two groups has a larger margin than either figure. Whether two columns "
            "differ is what the letters say; comparing their intervals by eye is no test."
            if has_breaks
            else "These margins are the pollsters' rule of thumb, by the effective base; the intervals in the "
            "tables also allow for what the weights were made to meet."
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
        header = ("Group", "Base", "Effective base", *(_pair(p) for p in SHARES))
        name = "Margins of error in points, at 95%, by the share"
        return figure_table(name, header, rows, label="tbl-margins", first=2.5)

    def answers(self) -> Iterator[str]:
        """Every question: wording, base, and answers by the total and the segments."""
        questions = self.analysis.survey.questions
        if not questions:
            yield "The survey has no questions beside those of the experiment."
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
        who = question.base or "all respondents"
        wording = f"“{escape(question.text)}”" if question.text else "*Its wording is not stated.*"
        left = [f"“{escape(answer)}”" for answer in question.missing]
        missing = f" Not counted: {listed(left)}." if left else ""
        return f"::: {{.wording}}\n{wording}\n:::\n\nBase: {escape(who)}.{_how(question)}{missing}"

    def _grid(self, question: str, label: str) -> str:
        """A grid in one look: items down, answers across, everybody."""
        tables = {table.item: table for table in crosstabs(self.analysis, question)}
        first = next(iter(tables.values()))
        heads = first.figures[first.figures["group"] == TOTAL]
        header = [
            group_label(self.analysis.survey, TOTAL),
            *(escape(text) for text in heads["label"]),
            "Base",
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
        name = f"{first.survey.questions[question].label or question}: everybody"
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
                parts.append(f"### {number}. {escape(question.label or key)}: crossbreaks")
            for place, table in made:
                parts += table.markdown(f"q{number}-{place}")
        if parts:
            yield "## Crossbreaks {.appendix}"
            yield from parts

    def experiment(self) -> Iterator[str | Chart]:
        """What the conjoint showed and asked, and its marginal means."""
        survey, counts = self.analysis.survey, self.analysis.provenance["counts"]
        judged = judged_in_words(survey, counts, escape, "were judged")
        outcome = survey.outcomes[survey.main_outcome]
        measure, things = measure_of(survey, survey.main_outcome), escape(survey.report.profiles)
        again = (
            " One more task repeated another, to see how reliably people choose; no figure uses it."
        )
        yield (
            f"{judged}. The {things} were put together at random from the features below."
            f"{again * counts['repeated_task']}"
        )
        yield "\n\n".join(
            f"::: {{.wording}}\n“{escape(asked.text)}”\n:::"
            for asked in survey.outcomes.values()
            if asked.text
        )
        yield method.design(self.analysis)
        if not self.analysis.tables["marginal_means"]["estimate"].notna().any():
            yield "Too few people took part for any figure to be shown."
            return
        yield from method.forbidden(self.analysis, survey.main_outcome)
        often = "how often" if measure.unit else "how"
        yield (
            f"The tables say {often} {things} with each level are {measure.verb} "
            f"(“{escape(outcome.label or survey.main_outcome)}”), whatever else they held: marginal means, "
            "with 95% intervals for everybody. They are averages over people and over everything else on "
            "offer, and never say how many people prefer something."
        )
        yield from means_tables(self.analysis, survey.main_outcome, label="tbl-experiment")

    def contact(self) -> Iterator[str]:
        """Whom to ask, where the full tables are, and when they came out."""
        survey = self.analysis.survey
        rows = [
            (f"**{name}**", escape(text))
            for name, text in (
                ("Contact", survey.contact),
                ("Full tables", survey.website),
                ("First published", day(survey.released)),
                ("Source", survey.source),
            )
            if text
        ]
        if rows:
            yield pipe_table("Contact", ("", ""), rows, "ll", (1, 3))
        else:
            yield "The survey names nobody to ask."

    def colophon(self) -> Iterator[str]:
        """Software, inputs, and the command that makes the report again."""
        yield from made_again(self.analysis, "topline")

    def slides(self) -> Iterator[Only]:
        """The same as a presentation."""
        yield from topline_slides(self)


def _how(question: Question) -> str:
    """How a question was answered, where that does not go without saying."""
    if question.kind == "multiple":
        return " Any number of answers could be given."
    if question.kind == "scale":
        return f" A number from {method.scale(question)}."
    return ""


def _pair(share: float) -> str:
    own, other = percent(share), percent(1 - share)
    return own if own == other else f"{own} or {other}"


LETTERS = (
    "**Letters** name the columns of a table. A letter behind a figure says that it is significantly above "
    "the figure in that column: lower-case at 95%, upper-case at 99%. “+” and “−” say that it is above or "
    "below the total at 95%, twice at 99%. Tests allow for weighting and for people who stand in both columns. "
    "They are not adjusted for their number: of twenty comparisons without any true difference, one gets "
    f"a letter by chance. {TOO_FEW}"
)
