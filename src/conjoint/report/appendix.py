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
from conjoint.report.crosstab import SUPPRESSED, figure_table, table_named
from conjoint.report.defined import defined
from conjoint.report.departed import departure_tables, trade_tables
from conjoint.report.document import DOCUMENTS, Report
from conjoint.report.estimated import Estimated, banded, grid_tables, paged
from conjoint.report.passage import assumed_note, definitions
from conjoint.report.robustness import OUTSIDE, TURNED, Robustness, omnibus_tables
from conjoint.report.table_slides import appendix_slides
from conjoint.report.weighting import weighting
from conjoint.say.label import group_label, margin_label
from conjoint.say.number import DASH, base, exact, numeral, percent, points
from conjoint.say.words import base_notes, escape, listed, numbered
from conjoint.survey import INTERLOCK
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from conjoint.audit import Audit
    from conjoint.report.show import Only

__all__ = ["AppendixReport"]

Part = str | Chart

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
        yield from method.opening(
            self.analysis, f"{self.analysis.survey.title}: technical appendix"
        )

    def figures(self) -> Iterator[Part]:
        """How each figure is defined, and where its definition comes from."""
        yield from defined(self.analysis)

    def design(self) -> Iterator[Part]:
        """Attributes, levels, how often they were meant to show and did, and what never meets."""
        survey, counts = self.analysis.survey, self.analysis.provenance["counts"]
        again = "; one more task repeats another, and no figure but reliability uses it"
        yield (f"{judged_in_words(survey, counts, escape)}{again * counts['repeated_task']}.")
        shown = {
            (str(row["attribute"]), str(row["level"])): row
            for row in table_named(self.analysis, "shown").to_dict("records")
        }

        def cells(attribute: str, level: str) -> list[str]:
            row, own = shown[attribute, level], survey.attributes[attribute]
            stored = survey.level(attribute, level).number
            is_baseline = own.values[own.baseline_index] == level
            return [
                f"{escape(level)}{' (baseline)' * is_baseline}",
                DASH if stored is None else exact(stored),
                percent(row["designed"], 1),
                percent(row["estimate"], 1),
            ]

        header = ["Stored as", "Number", "Designed", "Shown"]
        yield from banded(
            survey, "Attributes and levels", header, cells, label="tbl-design", first=2.4
        )
        yield assumed_note(survey)
        told = [
            f"- {escape(survey.attribute_label(name))}: {escape(attribute.text)}"
            for name, attribute in survey.attributes.items()
            if attribute.text
        ]
        yield "\n".join(["In words:\n", *told]) if told else ""
        yield from self._rules()
        asked = [
            f"- {escape(outcome.label or name)} ({outcome.kind}): "
            + (f"“{escape(outcome.text)}”" if outcome.text else "its wording is not stated")
            for name, outcome in survey.outcomes.items()
        ]
        yield "\n".join(["Outcomes:\n", *asked])
        if survey.segments:
            yield "### The segments"
            yield definitions(self.analysis)

    def _rules(self) -> Iterator[str]:
        """What never meets, and what is drawn together."""
        survey = self.analysis.survey
        for pair in survey.forbidden:
            sides = []
            for name, values in pair.never.items():
                levels = listed([f"“{escape(survey.level(name, v).shown)}”" for v in values])
                sides.append(f"{levels} ({escape(survey.attribute_label(name))})")
            yield f"Never together: {' with '.join(sides)}."
        for joint in survey.joint:
            names = listed([escape(survey.attribute_label(name)) for name in joint.attributes])
            yield f"Drawn together: {names}, from {len(joint.probabilities)} combinations."
        yield from survey.rules_in_words(escape)
        if not survey.forbidden and not survey.joint and not survey.rules_in_words():
            yield "Attributes were drawn apart from each other: every combination could be shown."

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
            yield from self._efficiency(made)
        table = table_named(self.analysis, "weighting")
        if len(table):
            bands = []
            for margin, own in table.groupby("margin", sort=False):
                title = f"**{escape(margin_label(survey, str(margin)))}**"
                rows = [_category(row) for row in own.to_dict("records")]
                bands.append([[title, "", "", "", ""], *rows])
            header = ["Category", "Target", "Unweighted", "Weighted", "People"]
            name = "Targets, the sample before weighting and after"
            yield from paged(name, header, bands, label="tbl-targets", first=2.6)
            if (table["reading"] == "suppressed").any():
                (note,) = base_notes(["suppressed"], survey.thresholds, escape)
                yield f"::: {{.note}}\n{note}\n:::"
        yield from weighting(self.analysis, flips=False)

    def _efficiency(self, made: dict[str, Any]) -> Iterator[str]:
        distance = f", distance “{escape(made['distance'])}”" if made["distance"] else ""
        miss = made["discrepancy"]
        missed = f"under {points(LEAST_MISS, 2)}" if miss < LEAST_MISS else points(miss, 2)
        rows = [
            ("Efficiency", percent(made["efficiency"], 1)),
            ("Effective base", base(made["effective"])),
            ("Design effect", numeral(made["design_effect"], 2)),
            ("Weights, their mean being 1", method.weights_between(made)),
        ]
        if made["margins"]:
            rows += [
                (
                    "Calibration",
                    f"{len(made['margins'])} margins{distance}, {made['rounds']} rounds",
                ),
                ("Largest miss of a target", missed),
                ("Respondents held at a limit", percent(made["trimmed"], 1)),
            ]
        cells = [(f"**{name}**", value) for name, value in rows]
        yield figure_table(
            "The weights", ("", ""), cells, label="tbl-weights", widths=(2, 3), left=2
        )

    def estimates(self) -> Iterator[Part]:
        """Marginal means and AMCEs of every outcome, for everybody and each segment; the grid."""
        survey = self.analysis.survey
        for number, (name, outcome) in enumerate(survey.outcomes.items(), 1):
            yield f"### {escape(outcome.label or name)}"
            for effects in (False, True):
                yield from Estimated(self.analysis, name, effects).tables(str(number))
            if "departures" in self.analysis.tables:
                yield from departure_tables(self.analysis, name, f"tbl-departures-{number}")
        if survey.report.grid:
            yield from grid_tables(self.analysis, "tbl-grid")
            if "trade_off" in self.analysis.tables:
                yield "### What makes up for what"
                yield from trade_tables(self.analysis, "tbl-trade")

    def robustness(self) -> Iterator[Part]:
        """Each main figure made in other ways, group by group, differences marked."""
        made = Robustness(self.analysis)
        survey = self.analysis.survey
        yield from self._ways()
        yield from made.summary("tbl-verdicts")
        charts = list(specification_charts(survey, made.table))
        for number, chart in enumerate(charts, 1):
            several = numbered(number, len(charts))
            yield chart.titled(
                f"Everybody's effects, made in several ways{several}",
                f"Average marginal component effects on “"
                f"{survey.outcomes[survey.main_outcome].label or survey.main_outcome}” with 95% intervals.",
                f"effects-otherwise-{number}",
            )
        groups = made.groups if len(made.groups) <= MOST_GROUPS else [TOTAL]
        for number, group in enumerate(groups, 1):
            yield f"### {escape(group_label(survey, group))}"
            if (made.table.loc[made.table["group"] == group, "reading"] == "caution").any():
                limit = survey.thresholds.caution_below
                yield f"Some of its bases, or effective bases, are under {limit}: read its figures with caution."
            yield from made.errors("amce", group, f"tbl-errors-{number}")
            yield from made.others("amce", group, f"tbl-others-{number}")
            yield from made.errors("marginal mean", group, f"tbl-mean-errors-{number}")
            yield from made.others("marginal mean", group, f"tbl-mean-others-{number}")
        if len(groups) < len(made.groups):
            yield "Every segment's figures are in robustness.csv of the bundle."

    def _ways(self) -> Iterator[str]:
        counts = self.analysis.provenance["counts"]
        judged = counts.get("judged", {}).get(self.analysis.survey.main_outcome, counts)
        n = judged["profiles"] / max(1, judged["respondents"])
        forced = self.analysis.survey.is_forced(self.analysis.survey.main_outcome)
        yield (
            f"{OUTSIDE}: the estimate lies outside the main figure's 95% interval. {TURNED}: the verdict at 95% "
            "is another one: the interval holds zero (for shares of a forced choice, the even share) where "
            "the main one does not, or the other way round."
        )
        if forced and n > 1:
            yield (
                f"Absorbed effects are {numeral(n / (n - 1), 2)} times the usual ones in expectation, because in a forced "
                f"choice a profile wins where others of the same person lose ({numeral(n)} profiles a person). "
                "Corrected ones are larger too: errors of choice draw every effect towards zero. Neither is a "
                "sign that the main figure is wrong; what counts is whether the pattern stays."
            )

    def reliability(self, label: str = "tbl-reliability") -> Iterator[Part]:
        """How reliably people choose, and what that implies."""
        table, survey = table_named(self.analysis, "reliability"), self.analysis.survey
        rows = []
        for group, own in table.groupby("group", sort=False):
            cells = [
                cell
                for name in ("irr", "tau")
                for cell in _rate(own[own["estimand"] == name].to_dict("records"))
            ]
            people = own["n_respondents"].iloc[0]
            named = f"**{escape(group_label(survey, str(group)))}**"
            rows.append([named, *cells, base(people) if people else DASH])
        header = ("Group", "Chose alike", "95% interval", "tau", "95% interval", "Answered twice")
        name = "How often people choose alike when a task is repeated, and the error that implies"
        yield figure_table(name, header, rows, label=label, widths=RATE_WIDTHS)
        lacking = table.loc[table["note"] != "", ["group", "estimand", "note"]]
        for (key, note), own in lacking.groupby(["group", "note"], sort=False):
            some = ", tau" if list(own["estimand"]) == ["tau"] else ""
            yield f"{escape(group_label(survey, str(key)))}{some}: not available, because {escape(note)}."

    def multiplicity(self) -> Iterator[Part]:
        """How many effects stay significant once all are allowed for."""
        made = Robustness(self.analysis)
        yield from made.families("tbl-families")
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


def _category(row: dict[Hashable, Any]) -> list[str]:
    """A row of the targets; sample figures of small categories are left out."""
    mean = row["unit"] == "mean"
    said = []
    for name in ("target", "unweighted", "weighted"):
        value = row[name]
        said.append(
            SUPPRESSED if pd.isna(value) else numeral(value, 2) if mean else percent(value, 1)
        )
    people = SUPPRESSED if pd.isna(row["n"]) else base(row["n"])
    return [escape(", ".join(str(row["category"]).split(INTERLOCK))), *said, people]


def _rate(rows: list[dict[Hashable, Any]]) -> list[str]:
    """A reliability with its interval, if there is one."""
    if not rows or pd.isna(rows[0]["estimate"]):
        return [SUPPRESSED if rows and rows[0]["reading"] == "suppressed" else "–", ""]
    ends = [percent(rows[0][end], 1) for end in ("conf_low", "conf_high")]
    return [percent(rows[0]["estimate"], 1), "\u00a0to\u00a0".join(ends)]
