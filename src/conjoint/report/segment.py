"""The segment report's parts, in the order that a press officer reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjoint.analysis import Analysis, read_bundle
from conjoint.errors import Fault, ReportError
from conjoint.explorer import explorer_fragment
from conjoint.plot import grid_chart, level_chart, pull_chart, several_chart, share_chart
from conjoint.plot.level import LevelPanel
from conjoint.plot.several import MOST_CHARTS, in_parts
from conjoint.plot.theme import use_font
from conjoint.report import method, passage
from conjoint.report.claim import Claim, is_quotable, mark
from conjoint.report.claims import (
    PARTINGS,
    departures,
    group_claim,
    headline_questions,
    is_compared,
    lead_question,
    level_claim,
    ranked,
    swing,
)
from conjoint.report.crosstab import pipe_table
from conjoint.report.estimated import absences
from conjoint.report.listing import STRONGEST, claims_of, has_grid, one_look, trade_claims
from conjoint.report.moves import (
    agreement,
    divides,
    grid_claim,
    is_pulled,
    pull_title,
    wins_or_loses,
)
from conjoint.report.show import FENCE, only
from conjoint.report.weighting import fragility_line, weighting
from conjoint.say.label import group_label, level_label, level_pair, level_phrase, merged_note
from conjoint.say.measure import SHARE, measure_of
from conjoint.say.number import between, counted
from conjoint.say.words import escape, listed, sentence_case
from conjoint.scenario.explorer import USABLE
from conjoint.wave import TOTAL
from conjoint.withhold.mark import NOT_AVAILABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pandas as pd

    from conjoint.report.show import Part

__all__ = ["SegmentReport", "read_for_report"]

BASES = "Beside each name, the fewest people who saw any of the levels."

SHARING = f"Everybody's figures; those of the segments are in the table below. {BASES}"
"""What stands under charts that attributes share."""

TIED = (
    "Which levels could appear together with those of {} was restricted, so these shares also carry that "
    "company. The effects in the appendix allow for it."
)
"""Of an attribute that is tied to others."""


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
    analysis = read_bundle(folder)
    use_font(analysis.survey.report.fonts.charts)
    return analysis


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

    def claims(self) -> pd.DataFrame:
        """Every claim of the report with its figure, base, interval and verdict: see `claims_of`."""
        return claims_of(self.analysis)

    def opening(self) -> Iterator[Part]:
        """Title, who asked whom and when, and the banner of a synthetic wave."""
        yield from method.opening(self.analysis, self.analysis.survey.title)

    def headlines(self) -> Iterator[Part]:
        """The poll in one look: three sentences with their verdicts, and one chart."""
        question = lead_question(self.analysis)
        claims = one_look(self.analysis)
        if question is None:
            yield self._claims(claims)
            return
        first, *others = claims
        yield self._with_fragility(first, question, TOTAL)
        yield self._claims(others)
        chart = share_chart(self.analysis.survey, self.analysis.tables["toplines"], question)
        yield chart.titled(
            self._share_title(question),
            "Weighted share and 95% interval. The dashed rule is the share of everybody.",
        )

    def toplines(self) -> Iterator[Part]:
        """Each topline question: weighted percentages by group, with bases."""
        survey = self.analysis.survey
        if "toplines" not in self.analysis.tables:
            return
        yield (
            "## What people said\n\nWeighted percentages, with the half-width of their 95% intervals. "
            "*Base* counts people, *weighted* is the weight they carry, *effective* is what they are "
            "worth after weighting."
        )
        for name, question in survey.questions.items():
            if question.topline:
                yield f"### {escape(question.label or name)}"
                if question.text:
                    yield f"“{escape(question.text)}”"
                yield passage.topline_table(self.analysis, name)
                if name in headline_questions(self.analysis) and name != lead_question(
                    self.analysis
                ):
                    yield self._headline(name, TOTAL)

    def movers(self) -> Iterator[Part]:
        """Marginal means, an attribute at a time: the sentence, the chart, who differs.

        Of many attributes several share a chart, and come in the survey's order.
        """
        survey, outcome = self.analysis.survey, self.analysis.survey.main_outcome
        asked = survey.outcomes[outcome]
        yield passage.averages_intro(ranked=not self._many)
        yield passage.attributes_intro(self.analysis)
        yield passage.assumed_note(survey)
        often = "how often" if asked.kind != "rating" else "how"
        words = (
            f"{asked.label or outcome}: {often} {survey.report.profiles} with each level are "
            f"{measure_of(survey, outcome).verb} (marginal means), with 95% intervals."
        )
        rule = passage.even_rule(survey, outcome)
        if self._many:
            yield from self._sharing(words, rule)
            return
        for place, name in enumerate(ranked(self.analysis)):
            yield f"### {escape(survey.attribute_label(name))}"
            yield passage.shown_only(self.analysis, name)
            yield self._over_chart(level_claim(self.analysis, name, TOTAL))
            chart = level_chart(survey, self.analysis.tables["marginal_means"], name, outcome)
            told = "" if place else f"{rule} {BASES}"  # said once, of all of them
            yield chart.titled(self._swing_title(name), words + told)
            tied = passage.tied(survey, name)
            if tied:
                yield TIED.format(listed(tied))
            yield self._parting(name)

    @property
    def _many(self) -> bool:
        """Whether there are too many attributes for a chart each."""
        return len(self.analysis.survey.attributes) > MOST_CHARTS

    def _sharing(self, words: str, rule: str) -> Iterator[Part]:
        """Charts that attributes share, in the survey's order; under each a sentence or two of every one."""
        survey, outcome = self.analysis.survey, self.analysis.survey.main_outcome
        names = list(survey.attributes)
        yield passage.shown_only(self.analysis, *names)
        yield "Find an attribute: " + " · ".join(
            f"[{escape(survey.attribute_label(name))}](#moves-{place})"
            for place, name in enumerate(names, 1)
        )
        for part in in_parts(survey):
            yield f"### {self._span(part)}"
            table = self.analysis.tables["marginal_means"]
            chart = several_chart(survey, table, part, outcome)
            yield chart.titled("", f"{words}{rule if part[0] == names[0] else ''} {SHARING}")
            yield "\n".join(
                f"- [**{escape(survey.attribute_label(name))}.**]{{#moves-{names.index(name) + 1}}} "
                + self._claims_in_line(name)
                for name in part
            )
        yield (
            "An attribute of which no segment is named is one on which none clearly differs from "
            "everybody, once all levels of all attributes are allowed for within each segment, or on which "
            "their bases are too small to say."
        )

    def _claims_in_line(self, attribute: str) -> str:
        claims = [level_claim(self.analysis, attribute, TOTAL)]
        claims += departures(self.analysis, attribute=attribute)
        tied = passage.tied(self.analysis.survey, attribute)
        told = [f"{TIED.format(listed(tied))}"] if tied else []
        return " ".join([*map(self._claim, claims), *told])

    def _span(self, part: Sequence[str]) -> str:
        """The attributes of a part, by its first and last."""
        ends = dict.fromkeys((part[0], part[-1]))
        return " to ".join(escape(self.analysis.survey.attribute_label(name)) for name in ends)

    def agreement(self) -> Iterator[Part]:
        """Where the segments agree and where they part, by joint tests, in plain words."""
        claims = agreement(self.analysis)
        if claims:
            yield "## Where the segments part\n\nEach attribute is tested as a whole, all segments at once."
            yield self._claims(claims)

    def grid(self) -> Iterator[Part]:
        """Two attributes against each other, for everybody and for each segment; and their trade-off."""
        survey, joint = self.analysis.survey, self.analysis.tables.get("joint_means")
        if joint is None:
            return
        first, second = (survey.attribute_label(name) for name in survey.report.grid)
        yield f"## {escape(first)} against {escape(second[:1].lower() + second[1:])}"
        yield passage.grid_intro(survey)
        yield passage.assumed_note(survey)
        for group in (TOTAL, *self.segments):
            own = joint[joint["group"] == group]
            yield f"### {escape(group_label(survey, group))}"
            if not has_grid(self.analysis, group):
                yield passage.grid_too_small(survey, own, group)
                continue
            claim = grid_claim(self.analysis, group)
            yield self._over_chart(claim)
            measure = f"{first} across, {second[:1].lower()}{second[1:]} down: means, 95% intervals and bases."
            if (own["reading"] == "caution").any():
                measure += f" “!” marks a base, or effective base, under {survey.thresholds.caution_below}."
            cells = zip(own["across"], own["down"], strict=True)
            measure = " ".join(filter(None, [measure, merged_note(survey, cells)]))
            seen = own["estimate"].dropna()
            how = measure_of(survey, survey.grid_outcome)
            among = "" if group == TOTAL else f" among {survey.group_noun(group)}"
            finding = sentence_case(
                f"{survey.report.profiles} are {how.verb} "
                f"{how.interval(seen.min(), seen.max())} {how.ending}{among}"
            )
            title = finding if is_quotable(self.analysis, claim) else ""
            yield grid_chart(survey, joint, group).titled(title, measure)
        traded = trade_claims(self.analysis)
        if traded:
            yield "### What makes up for what"
            yield self._claims(traded)

    def explorer(self) -> Iterator[Part]:
        """The explorer in a frame of its own, in HTML alone; nothing where no figure may be shown."""
        tables = self.analysis.tables
        models = tables.get("explorer_models")
        if models is None or not models["status"].isin(USABLE).any():
            return
        frame = explorer_fragment(self.analysis.survey, tables, self.analysis.provenance)
        profile = escape(self.analysis.survey.report.profile)
        yield only(
            "html",
            f"## Choose a {profile} of your own {{.on-screen}}",
            f"{FENCE}{{=html}}\n{frame}\n{FENCE}",
        )

    def segment_pages(self) -> Iterator[Part]:
        """One page a segment: who they are, what they think, what moves them, where they part."""
        for group in self.segments:
            yield "::::: {.segment}"
            yield f"## {escape(self.analysis.survey.segment_label(group))} {{.segment-page}}"
            yield passage.who(self.analysis, group)
            yield from self._think(group)
            yield from self._moves(group)
            yield from self._parts(group)
            yield ":::::"

    def _think(self, group: str) -> Iterator[Part]:
        questions = headline_questions(self.analysis)
        if questions:
            yield "### What they think"
            for name in questions:
                yield self._headline(name, group)

    def _moves(self, group: str) -> Iterator[Part]:
        survey = self.analysis.survey
        yield "### What moves them"
        if not is_pulled(self.analysis, group):
            order = ranked(self.analysis, group)[:STRONGEST]
            yield self._claims(level_claim(self.analysis, name, group) for name in order)
            return
        chart = pull_chart(survey, self.analysis.tables["pulls"], group)
        yield chart.titled(
            pull_title(self.analysis, group),
            f"How far each level is above or below the average of its attribute’s levels, in how "
            f"{'often' if measure_of(survey, survey.main_outcome).unit else 'high'} "
            f"{survey.report.profiles} are {measure_of(survey, survey.main_outcome).verb}, with 95% "
            f"intervals. {BASES}",
        )
        wins, loses = (wins_or_loses(self.analysis, group, wins=way) for way in (True, False))
        yield self._claims([*wins, *loses]) or (
            "No level is clearly above or below the average of its attribute, once all levels of all "
            "attributes are allowed for within the segment."
        )
        yield "### What moves them and loses others"
        yield self._claims(divides(self.analysis, group)) or (
            f"No level clearly does well with {escape(survey.group_noun(group))} and badly with others, "
            "or the other way round, once all levels of all attributes are allowed for within each segment."
        )

    def _parts(self, group: str) -> Iterator[Part]:
        yield "### Where they part from everybody"
        found = departures(self.analysis, group=group)
        if found:
            yield self._claims(found[:PARTINGS])
            more = len(found) - PARTINGS
            if more > 0:
                yield f"{counted(more, 'more such level')}: see “What moves support”."
        elif not is_compared(self.analysis, group=group):
            table = self.analysis.tables.get("departures")
            own = [] if table is None else list(table.loc[table["group"] == group, "reading"])
            few = NOT_AVAILABLE in own
            yield "Too few of them answered to say." if few else "Their base is too small to say."
        else:
            yield (
                "On no level do they clearly differ from everybody, once all levels of "
                "all attributes are allowed for within the segment."
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
        """AMCEs, an attribute at a time; as tables where there are many."""
        survey, outcome = self.analysis.survey, self.analysis.survey.main_outcome
        if self._many:
            yield from self._effects()
            return
        for name, attribute in survey.attributes.items():
            label = survey.attribute_label(name)
            baseline = level_phrase(survey, name, attribute.values[attribute.baseline_index])
            yield f"### Effects: {escape(label[:1].lower() + label[1:])}"
            yield level_chart(survey, self.analysis.tables["amce"], name, outcome).titled(
                "",
                f"Average marginal component effects on “{survey.outcomes[outcome].label or outcome}” "
                f"against {baseline}, with 95% intervals. {BASES}",
            )
            table = self.analysis.tables["amce"]
            own = table[(table["outcome"] == outcome) & (table["attribute"] == name)]
            yield "\\\n".join(absences(survey, own))

    def _effects(self) -> Iterator[Part]:
        """AMCEs as tables, one for the attributes that share a chart above."""
        survey, outcome = self.analysis.survey, self.analysis.survey.main_outcome
        table = self.analysis.tables["amce"]
        yield (
            f"Average marginal component effects on “{escape(survey.outcomes[outcome].label or outcome)}” "
            "against each attribute's baseline, with 95% intervals and the people who saw the level."
        )
        for part in in_parts(survey):
            label = self._span(part)
            yield f"### Effects: {label}"
            rows: list[tuple[str, ...]] = []
            own = table[(table["outcome"] == outcome) & table["attribute"].isin(part)]
            frames = [LevelPanel.of(survey, own, name, outcome).data() for name in part]
            columns = list(dict.fromkeys(column for frame in frames for column in frame))
            for name, frame in zip(part, frames, strict=True):
                attribute = survey.attributes[name]
                baseline = escape(
                    level_label(survey, name, attribute.values[attribute.baseline_index])
                )
                head = f"**{escape(survey.attribute_label(name))}**, against “{baseline}”"
                rows.append((head, *[""] * (len(columns) - 1)))
                aligned = frame.reindex(columns=columns, fill_value="")
                rows += [
                    tuple(map(escape, row))
                    for at, row in enumerate(aligned.itertuples(index=False, name=None))
                    if at != attribute.baseline_index
                ]
            groups = len(columns) - 1
            yield pipe_table(
                f"Effects, {label}",
                tuple(map(escape, columns)),
                rows,
                "l" + "r" * groups,
                (4, *[3] * groups),
            )
            yield "\\\n".join(absences(survey, own))

    def colophon(self) -> Iterator[Part]:
        """Software, inputs, and the command that makes the report again."""
        yield method.colophon(self.analysis)

    def _claim(self, claim: Claim) -> str:
        return f"{claim.text} {mark(self.analysis, claim)}"

    def _over_chart(self, claim: Claim) -> str:
        """A claim that no page break parts from the chart under it."""
        return f"::: {{.over-chart}}\n{self._claim(claim)}\n:::"

    def _claims(self, claims: Iterable[Claim]) -> str:
        return "\n\n".join(map(self._claim, claims))

    def _headline(self, question: str, group: str) -> str:
        """A group's headline claim, and under it how little would flip it."""
        claim = group_claim(self.analysis, question, group)
        return self._with_fragility(claim, question, group)

    def _with_fragility(self, claim: Claim, question: str, group: str) -> str:
        line = fragility_line(self.analysis, question, group)
        return f"{self._claim(claim)}\n\n{line}" if line else self._claim(claim)

    def _share_title(self, question: str) -> str:
        """The finding of the first chart: the total's share, and the reach of the segments'."""
        survey, table = self.analysis.survey, self.analysis.tables["toplines"]
        asked = survey.questions[question]
        own = table[(table["outcome"] == question) & (table["level"] == asked.headline)]
        known = own.dropna(subset=["estimate"]).set_index("group")["estimate"]
        says = asked.claim or f"answer “{asked.headline}”"
        if TOTAL not in known or not is_quotable(
            self.analysis, group_claim(self.analysis, question, TOTAL)
        ):
            return f"Who would {says.removeprefix('would ')}"
        text = f"{SHARE.say(known[TOTAL])} of {survey.report.everyone} {says}"
        if len(known) < 2:
            return text
        segments = known.drop(TOTAL)
        low, high = SHARE.say(segments.min()), SHARE.say(segments.max())
        return f"{text}; in the segments {low if low == high else between(low, high)}"

    def _swing_title(self, attribute: str) -> str:
        """The finding of an attribute's chart, where there is a clear one that may be quoted."""
        survey, row = self.analysis.survey, swing(self.analysis, attribute)
        claim = level_claim(self.analysis, attribute, TOTAL)
        unknown = row["reading"] in ("suppressed", NOT_AVAILABLE)
        if unknown or not is_quotable(self.analysis, claim):
            return ""
        high, low = level_pair(survey, attribute, str(row["high"]), str(row["low"]))
        if not (row["conf_low"] > 0 or row["conf_high"] < 0):
            return "No level is clearly above another"
        measure = measure_of(survey, survey.main_outcome)
        size = measure.size(row["estimate"])
        return f"{high} is {size}{measure.units(size)} above {low}"

    def _parting(self, attribute: str) -> str:
        if not is_compared(self.analysis, attribute=attribute):
            return ""
        return self._claims(departures(self.analysis, attribute=attribute)) or (
            "No segment clearly differs from everybody here, once all levels of all attributes are "
            "allowed for within each segment."
        )
