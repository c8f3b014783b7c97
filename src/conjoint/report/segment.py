"""The segment report's parts, in the order that a press officer reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjoint.analysis import Analysis, read_bundle
from conjoint.errors import Fault, ReportError
from conjoint.plot import Chart, grid_chart, level_chart, share_chart
from conjoint.plot.level import shown_level
from conjoint.plot.measure import SHARE, measure_of
from conjoint.report import method, passage
from conjoint.report.claims import (
    Claim,
    departures,
    group_claim,
    is_compared,
    lead_question,
    leader,
    level_claim,
    verdict,
)
from conjoint.report.text import escape, listed
from conjoint.report.weighting import fragility_line, weighting
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SegmentReport", "read_for_report"]

Part = str | Chart

BASES = "Beside each name, the fewest people who saw any of the levels."


def read_for_report(folder: str) -> Analysis:
    """Read the bundle that a report's source was given.

    Raises
    ------
    ReportError
        No bundle is named.
    """
    if not folder:
        raise ReportError(
            Fault(
                "bundle",
                "is not named",
                "a folder that `conjoint report` wrote",
                "Pass -P bundle:PATH.",
            )
        )
    return read_bundle(folder)


@dataclass(frozen=True, eq=False)
class SegmentReport:
    """Everything the segment report says, as Markdown and charts for each of its sections."""

    analysis: Analysis

    @classmethod
    def of_bundle(cls, folder: str) -> SegmentReport:
        """Read the bundle a report is made from.

        Raises
        ------
        ReportError
            No bundle is named.
        """
        return cls(read_for_report(folder))

    @property
    def segments(self) -> tuple[str, ...]:
        """The segments, in the survey's order."""
        return tuple(self.analysis.survey.segments)

    def ranked(self, group: str = TOTAL) -> list[str]:
        """Attributes by how far they move a group, the furthest first."""
        survey, table = self.analysis.survey, self.analysis.tables["spread"]
        own = table[(table["outcome"] == survey.main_outcome) & (table["group"] == group)]
        return list(own.sort_values("estimate", ascending=False, kind="stable")["attribute"])

    def opening(self) -> Iterator[Part]:
        """Title, who asked whom and when, and the banner of a synthetic wave."""
        yield from method.opening(self.analysis, self.analysis.survey.title)

    def headlines(self) -> Iterator[Part]:
        """One sentence a group with its verdict, and the chart they come from."""
        question = lead_question(self.analysis)
        if question is None:
            yield "\n\n".join(
                self._claim(level_claim(self.analysis, name, TOTAL)) for name in self.ranked()[:3]
            )
            return
        said = [self._headline(question, group) for group in (TOTAL, *self.segments)]
        first = leader(self.analysis, question)
        yield "\n\n".join([*said, *([self._claim(first)] if first else [])])
        chart = share_chart(self.analysis.survey, self.analysis.tables["toplines"], question)
        yield chart.titled(
            f"Who would {self._claim_words(question)}",
            "Weighted share and 95% interval. The dashed rule is the share of everybody.",
        )

    def toplines(self) -> Iterator[Part]:
        """Each topline question: weighted percentages by group, with bases."""
        survey = self.analysis.survey
        if "toplines" not in self.analysis.tables:
            return
        yield (
            "## What people said\n\nWeighted percentages, with the half-width of their 95% intervals. "
            "*Base* counts people, *weighted* is their weight, *effective* is what the sample is worth "
            "after weighting."
        )
        for name, question in survey.questions.items():
            if question.topline:
                yield f"### {escape(question.label or name)}"
                if question.text:
                    yield f"“{escape(question.text)}”"
                yield passage.topline_table(self.analysis, name)
                if question.headline and name != lead_question(self.analysis):
                    yield "\n\n".join(
                        self._headline(name, group) for group in (TOTAL, *self.segments)
                    )

    def movers(self) -> Iterator[Part]:
        """Marginal means, an attribute at a time: the sentence, the chart, who differs."""
        survey, outcome = self.analysis.survey, self.analysis.survey.main_outcome
        asked = survey.outcomes[outcome]
        yield passage.assumed_note(survey)
        for name in self.ranked():
            label = escape(survey.attribute_label(name))
            yield f"### {label}"
            yield self._claim(level_claim(self.analysis, name, TOTAL))
            often = "how often" if asked.kind != "rating" else "how"
            words = (
                f"{asked.label or outcome}: {often} {survey.report.profiles} with each level are "
                f"{measure_of(survey, outcome).verb} (marginal means), with 95% intervals."
            )
            rule = (
                f" The rule at {SHARE.say(survey.even_choice)} is where a level neither helps nor hurts."
                * survey.is_forced(outcome)
            )
            chart = level_chart(survey, self.analysis.tables["marginal_means"], name, outcome)
            yield chart.titled("", f"{words}{rule} {BASES}")
            tied = passage.tied(survey, name)
            if tied:
                yield (
                    f"Which levels could appear together with those of {listed(tied)} was restricted, so "
                    "these shares also carry that company. The effects in the appendix allow for it."
                )
            yield self._parting(name)

    def grid(self) -> Iterator[Part]:
        """Two attributes against each other, for everybody and for each segment."""
        survey, joint = self.analysis.survey, self.analysis.tables.get("joint_means")
        if joint is None:
            return
        first, second = (survey.attribute_label(name) for name in survey.report.grid)
        yield f"## {escape(first)} against {escape(second[:1].lower() + second[1:])}"
        yield passage.grid_intro(survey)
        yield passage.assumed_note(survey)
        for group in (TOTAL, *self.segments):
            own = joint[joint["group"] == group]
            who = "All" if group == TOTAL else survey.segment_label(group)
            yield f"### {escape(who)}"
            if own["estimate"].notna().any():
                yield passage.grid_sentence(survey, own)
                measure = f"{first} across, {second[:1].lower()}{second[1:]} down."
                if (own["reading"] == "caution").any():
                    measure += f" “!” marks a base under {survey.thresholds.caution_below}."
                yield grid_chart(survey, joint, group).titled("", measure)
            else:
                yield passage.grid_too_small(survey, own, group)

    def segment_pages(self) -> Iterator[Part]:
        """One page a segment: who they are, what they think, what moves them, where they part."""
        for group in self.segments:
            yield f"## {escape(self.analysis.survey.segment_label(group))} {{.segment-page}}"
            yield passage.who(self.analysis, group)
            yield "### What they think"
            for name, question in self.analysis.survey.questions.items():
                if question.topline and question.headline:
                    yield self._headline(name, group)
            yield "### What moves them"
            for name in self.ranked(group)[:3]:
                yield self._claim(level_claim(self.analysis, name, group))
            yield "### What would lose them"
            yield self._lowest(group)
            yield "### Where they part from everybody"
            found = departures(self.analysis, group=group)
            if found:
                yield "\n\n".join(self._claim(claim) for claim in found)
            elif not is_compared(self.analysis, group=group):
                yield "Their base is too small to say."
            else:
                yield (
                    "On no level do they clearly differ from everybody, once the number of "
                    "comparisons is allowed for (Holm)."
                )

    def method(self) -> Iterator[Part]:
        """The method box, the design, the wording and the weighting."""
        yield method.method_box(self.analysis)
        yield "### The design"
        yield method.design(self.analysis)
        yield "### The wording"
        yield method.wording(self.analysis)
        yield "### The segments"
        yield passage.definitions(self.analysis)
        yield "### How the weighting works out"
        yield from weighting(self.analysis)

    def appendix(self) -> Iterator[Part]:
        """AMCEs, an attribute at a time."""
        survey, outcome = self.analysis.survey, self.analysis.survey.main_outcome
        for name, attribute in survey.attributes.items():
            label = survey.attribute_label(name)
            baseline = shown_level(survey, name, attribute.values[attribute.baseline_index])
            yield f"### Effects: {escape(label[:1].lower() + label[1:])}"
            yield level_chart(survey, self.analysis.tables["amce"], name, outcome).titled(
                "",
                f"Average marginal component effects on “{survey.outcomes[outcome].label or outcome}” "
                f"against “{baseline}”, with 95% intervals. {BASES}",
            )

    def colophon(self) -> Iterator[Part]:
        """Software, inputs, and the command that makes the report again."""
        yield method.colophon(self.analysis)

    def _claim(self, claim: Claim) -> str:
        return f"{claim.text} {verdict(self.analysis.survey, claim.reading)}"

    def _headline(self, question: str, group: str) -> str:
        """A group's headline claim, and under it how little would flip it."""
        claim = self._claim(group_claim(self.analysis, question, group))
        line = fragility_line(self.analysis, question, group)
        return f"{claim}\n\n{line}" if line else claim

    def _claim_words(self, question: str) -> str:
        asked = self.analysis.survey.questions[question]
        return (asked.claim or f"answer “{asked.headline}”").removeprefix("would ")

    def _parting(self, attribute: str) -> str:
        if not is_compared(self.analysis, attribute=attribute):
            return ""
        found = departures(self.analysis, attribute=attribute)
        if found:
            return "\n\n".join(self._claim(claim) for claim in found)
        return (
            "No segment clearly differs from everybody here, once the number of comparisons is "
            "allowed for (Holm)."
        )

    def _lowest(self, group: str) -> str:
        """The level a group likes least."""
        survey, table = self.analysis.survey, self.analysis.tables["marginal_means"]
        own = table[(table["outcome"] == survey.main_outcome) & (table["group"] == group)]
        own = own.dropna(subset=["estimate"]).sort_values("estimate", kind="stable")
        if own.empty:
            return "The bases are too small to say."
        row, measure = own.iloc[0], measure_of(survey, survey.main_outcome)
        level = escape(shown_level(survey, row["attribute"], row["level"]))
        text = (
            f"In this sample {escape(survey.report.profiles)} with “{level}” do worst of all: "
            f"{measure.mean(row['estimate'])} (base {row['n_respondents']:,}; "
            f"{measure.interval(row['conf_low'], row['conf_high'])})."
        )
        return self._claim(Claim(text, row["reading"]))
