"""The technical appendix's parts: design, audit, weighting, every estimate, and how firm they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from conjoint.analysis.provenance import judged_in_words
from conjoint.plot import Chart
from conjoint.plot.specification import specification_charts
from conjoint.report import method
from conjoint.report.again import made_again
from conjoint.report.audit import AuditReport
from conjoint.report.defined import defined
from conjoint.report.document import DOCUMENTS, Report
from conjoint.report.passage import assumed_note, definitions
from conjoint.report.robustness import OUTSIDE, TURNED, Robustness, omnibus_tables
from conjoint.report.table_slides import appendix_slides
from conjoint.report.weighting import weighting
from conjoint.say.label import group_label, shown_rules
from conjoint.say.number import DASH, base, between, numeral, percent, points
from conjoint.say.phrase import phrase
from conjoint.say.words import SUPPRESSED, escape, listed, numbered, together
from conjoint.table import Cell, Table, strong
from conjoint.table.design import levels_table, targets_table
from conjoint.table.figures import DEPARTURES, EFFECTS, MEANS, Figures
from conjoint.table.pairs import Pairs, trade_tables
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from conjoint.audit import Audit
    from conjoint.report.show import Only

__all__ = ["AppendixReport"]

Part = str | Chart | Table

LEAST_MISS = 0.0001
"""Miss of a target that no table shows."""

RATE_WIDTHS = (2.2, 1.0, 1.8, 1.0, 1.8, 1.2)

MOST_GROUPS = 7
"""Groups that have robustness tables of their own, the total among them; for more, a table of counts."""


@dataclass(frozen=True, eq=False)
class AppendixReport(Report):
    """Everything the technical appendix says, as Markdown and charts for each of its sections."""

    document = DOCUMENTS["technical_appendix"]

    def opening(self) -> Iterator[Part]:
        """Title, who asked whom and when, and the banner of a synthetic wave."""
        yield self.properties()
        yield from method.opening(
            self.analysis, phrase("appendix.title", title=self.analysis.survey.title)
        )

    def figures(self) -> Iterator[Part]:
        """How each figure is defined, and where its definition comes from."""
        yield from defined(self.analysis)

    def design(self) -> Iterator[Part]:
        """Attributes, levels, how often they were meant to show and did, and what never meets."""
        survey, counts = self.analysis.survey, self.analysis.provenance["counts"]
        yield phrase(
            "appendix.design.judged_and_repeated" if counts["repeated_task"] else "appendix.design.judged",
            judged=judged_in_words(survey, counts, escape),
        )  # fmt: skip
        yield from levels_table(survey, self.analysis.table("shown"), "tbl-design").cut()
        yield assumed_note(survey)
        told = [
            f"- {escape(survey.attribute_label(name))}: {escape(attribute.text)}"
            for name, attribute in survey.attributes.items()
            if attribute.text
        ]
        yield "\n".join([phrase("appendix.design.in_words") + "\n", *told]) if told else ""
        yield from self._rules()
        asked = [
            "- "
            + phrase(
                "appendix.design.outcome", outcome=escape(outcome.label or name),
                kind=outcome.kind, wording=escape(outcome.text),
            )
            if outcome.text
            else "- "
            + phrase(
                "appendix.design.outcome_without_wording",
                outcome=escape(outcome.label or name), kind=outcome.kind,
            )
            for name, outcome in survey.outcomes.items()
        ]  # fmt: skip
        yield "\n".join([phrase("appendix.design.outcomes") + "\n", *asked])
        if survey.segments:
            yield f"### {phrase('segment.method.segments')}"
            yield definitions(self.analysis)

    def _rules(self) -> Iterator[str]:
        """What never meets, and what is drawn together."""
        survey = self.analysis.survey
        yield from method.never_together(survey)
        for joint in survey.joint:
            names = listed([escape(survey.attribute_label(name)) for name in joint.attributes])
            yield phrase(
                "appendix.design.drawn_together", attributes=names, combinations=len(joint.probabilities)
            )  # fmt: skip
        rules = list(shown_rules(survey, escape))
        yield from rules
        if not survey.forbidden and not survey.joint and not rules:
            yield phrase("appendix.design.apart")

    @property
    def checks(self) -> Audit:
        """What the audit says of the wave."""
        return AuditReport(self.analysis).audit

    def audit(self) -> Iterator[Part]:
        """What every check saw, and its verdict."""
        yield f"**{escape(self.checks.summary)}**"
        yield from AuditReport(self.analysis).sections("###")

    def weighting(self) -> Iterator[Part]:
        """Targets against the sample, the weights, and what they did."""
        survey, made = self.analysis.survey, self.analysis.provenance["weighting"]
        if made["weighted"]:
            yield self._efficiency(made)
        table = self.analysis.table("weighting")
        if len(table):
            yield from targets_table(survey, table, "tbl-targets").cut()
        yield from weighting(self.analysis, flips=False)

    def _efficiency(self, made: dict[str, Any]) -> Table:
        miss, least = made["discrepancy"], points(LEAST_MISS, 2)
        rows = [
            (phrase("appendix.weighting.efficiency"), percent(made["efficiency"], 1)),
            (phrase("column.effective_base"), base(made["effective"])),
            (phrase("appendix.weighting.design_effect"), numeral(made["design_effect"], 2)),
            (phrase("appendix.weighting.weights"), method.weights_between(made)),
        ]
        if made["margins"]:
            counts = {"margins": len(made["margins"]), "rounds": made["rounds"]}
            how = phrase("appendix.weighting.how", **counts)
            if made["distance"]:
                how = phrase(
                    "appendix.weighting.how_and_distance", distance=made["distance"], **counts
                )
            missed = phrase("appendix.weighting.under", points=least)
            rows += [
                (phrase("appendix.weighting.calibration"), how),
                (
                    phrase("appendix.weighting.largest_miss"),
                    missed if miss < LEAST_MISS else points(miss, 2),
                ),
                (phrase("appendix.weighting.trimmed"), percent(made["trimmed"], 1)),
            ]
        facts, name = (
            [(strong(name), value) for name, value in rows],
            phrase("appendix.weighting.table"),
        )
        return Table.of(name, ("", ""), facts, words=2, widths=(2, 3), label="tbl-weights")

    def estimates(self) -> Iterator[Part]:
        """Marginal means and AMCEs of every outcome, for everybody and each segment; the grid."""
        survey, tables = self.analysis.survey, self.analysis.tables
        for number, (name, outcome) in enumerate(survey.outcomes.items(), 1):
            yield f"### {escape(outcome.label or name)}"
            for kind, label in ((MEANS, "means"), (EFFECTS, "effects")):
                made = Figures(survey, tables, kind)
                yield from made.everybody(name, f"tbl-{label}-{number}")
                yield from made.segments(name, f"tbl-{label}-{number}-segments")
            if DEPARTURES.frame in tables:
                made = Figures(survey, tables, DEPARTURES)
                yield from made.segments(name, f"tbl-departures-{number}")
        if survey.report.grid:
            pairs = Pairs(survey, tables)
            first, second = map(survey.attribute_label, survey.report.grid)
            second = f"{second[:1].lower()}{second[1:]}"
            heading = phrase("segment.grid.heading", first=escape(first), second=escape(second))
            yield f"### {heading}"
            yield from pairs.everybody("tbl-grid")
            if "trade_off" in tables:
                yield f"### {phrase('segment.trade_off.heading')}"
                yield from trade_tables(survey, tables, "tbl-trade")

    def robustness(self) -> Iterator[Part]:
        """Each main figure made in other ways, group by group, differences marked."""
        made = Robustness(self.analysis)
        survey = self.analysis.survey
        yield from self._ways()
        yield made.summary("tbl-verdicts")
        charts = list(specification_charts(survey, made.table))
        for number, chart in enumerate(charts, 1):
            outcome = survey.outcomes[survey.main_outcome].label or survey.main_outcome
            yield chart.titled(
                phrase("appendix.robustness.chart") + numbered(number, len(charts)),
                phrase("appendix.robustness.chart_measure", outcome=outcome),
                f"effects-otherwise-{number}",
            )
        groups = made.groups if len(made.groups) <= MOST_GROUPS else [TOTAL]
        for number, group in enumerate(groups, 1):
            yield f"### {escape(group_label(survey, group))}"
            if (made.table.loc[made.table["group"] == group, "reading"] == "caution").any():
                limit = survey.thresholds.caution_below
                yield phrase("appendix.robustness.caution", limit=limit)
            yield from made.errors("amce", group, f"tbl-errors-{number}")
            yield from made.others("amce", group, f"tbl-others-{number}")
            yield from made.errors("marginal mean", group, f"tbl-mean-errors-{number}")
            yield from made.others("marginal mean", group, f"tbl-mean-others-{number}")
        if len(groups) < len(made.groups):
            yield phrase("appendix.robustness.all_in_bundle")

    def _ways(self) -> Iterator[str]:
        counts = self.analysis.provenance["counts"]
        judged = counts.get("judged", {}).get(self.analysis.survey.main_outcome, counts)
        n = judged["profiles"] / max(1, judged["respondents"])
        forced = self.analysis.survey.is_forced(self.analysis.survey.main_outcome)
        yield phrase("appendix.robustness.marks", outside=OUTSIDE, turned=TURNED)
        if forced and n > 1:
            times = numeral(n / (n - 1), 2)
            yield phrase("appendix.robustness.forced", times=times, profiles=numeral(n))

    def reliability(self, label: str = "tbl-reliability") -> Iterator[Part]:
        """How reliably people choose, and what that implies."""
        table, survey = self.analysis.table("reliability"), self.analysis.survey
        rows: list[tuple[str | Cell, ...]] = []
        for group, own in table.groupby("group", sort=False):
            cells = [
                cell
                for name in ("irr", "tau")
                for cell in _rate(own[own["estimand"] == name].to_dict("records"))
            ]
            people = own["n_respondents"].iloc[0]
            named = strong(group_label(survey, str(group)))
            rows.append((named, *cells, base(people) if people else DASH))
        heads = (
            phrase("column.group"),
            phrase("appendix.reliability.alike"),
            phrase("column.interval"),
            phrase("appendix.reliability.tau"),
            phrase("column.interval"),
            phrase("appendix.reliability.twice"),
        )
        name = phrase("appendix.reliability.table")
        yield Table.of(name, heads, rows, widths=RATE_WIDTHS, label=label)
        lacking = table.loc[table["note"] != "", ["group", "estimand", "note"]]
        for (key, reason), own in lacking.groupby(["group", "note"], sort=False):
            who = escape(group_label(survey, str(key)))
            if list(own["estimand"]) == ["tau"]:
                who = phrase("appendix.reliability.of_tau", who=who)
            yield phrase("appendix.not_available", of=who, reason=escape(reason))

    def multiplicity(self) -> Iterator[Part]:
        """How many effects stay significant once all are allowed for."""
        made = Robustness(self.analysis)
        yield made.families("tbl-families")
        groups = made.groups if len(made.groups) <= MOST_GROUPS else [TOTAL]
        for number, group in enumerate(groups, 1):
            yield from made.probabilities(group, f"tbl-probabilities-{number}")

    def omnibus(self) -> Iterator[Part]:
        """Joint tests of whole attributes."""
        yield from omnibus_tables(self.analysis, "tbl-omnibus")

    def reproduction(self) -> Iterator[Part]:
        """Software, hashes, the seed of a synthetic wave, and the command that makes it again."""
        yield from made_again(self.analysis, "appendix")

    def slides(self) -> Iterator[Only]:
        """The same as a presentation."""
        yield from appendix_slides(self)


def _rate(rows: list[dict[Hashable, Any]]) -> list[str]:
    """A reliability with its interval, if there is one."""
    if not rows or pd.isna(rows[0]["estimate"]):
        return [SUPPRESSED if rows and rows[0]["reading"] == "suppressed" else DASH, ""]
    ends = [percent(rows[0][end], 1) for end in ("conf_low", "conf_high")]
    return [percent(rows[0]["estimate"], 1), together(between(*ends))]
