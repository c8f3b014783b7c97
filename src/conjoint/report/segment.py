"""The segment report's parts, in the order that a press officer reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjoint.explorer import explorer_fragment
from conjoint.plot import grid_chart, level_chart, pull_chart, several_chart, share_chart
from conjoint.plot.level import LevelPanel
from conjoint.plot.several import MOST_CHARTS, in_parts
from conjoint.report import method, passage
from conjoint.report.claims import (
    PARTINGS,
    departures,
    group_claim,
    headline_questions,
    is_compared,
    lead_question,
    leader,
    level_claim,
    ranked,
    swing,
)
from conjoint.report.document import DOCUMENTS, Report
from conjoint.report.listing import claims_table
from conjoint.report.moves import (
    agreement,
    divides,
    grid_claim,
    is_pulled,
    pull_title,
    wins_or_loses,
)
from conjoint.report.show import FENCE, Joined, only
from conjoint.report.slides import segment_slides
from conjoint.report.trade import trade_claim
from conjoint.report.weighting import fragility_line, weighting
from conjoint.say.label import group_label, level_label, level_pair, level_phrase, merged_note
from conjoint.say.measure import SHARE, measure_of
from conjoint.say.number import between
from conjoint.say.phrase import phrase
from conjoint.say.words import escape, listed, plain, sentence_case
from conjoint.scenario.explorer import USABLE
from conjoint.table import Cell, Table
from conjoint.table.figures import absences
from conjoint.table.question import by_group
from conjoint.wave import TOTAL
from conjoint.withhold.mark import NOT_AVAILABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from conjoint.report.claim import Claim
    from conjoint.report.show import Part

__all__ = ["SegmentReport"]

STRONGEST = 3
"""Attributes that are told where a survey asked no topline question, or a segment is small."""


@dataclass(frozen=True, eq=False)
class SegmentReport(Report):
    """Everything the segment report says, as Markdown, charts and claims for each of its sections."""

    document = DOCUMENTS["segment_report"]

    def claims(self) -> pd.DataFrame:
        """Every claim of the report with its figure, base, interval and verdict: see `claims_table`."""
        return claims_table(self.analysis.survey, self.said())

    def opening(self) -> Iterator[Part]:
        """Title, who asked whom and when, and the banner of a synthetic wave."""
        yield self.properties()
        yield from method.opening(self.analysis, self.analysis.survey.title)

    def headlines(self) -> Iterator[Part]:
        """The poll in one look: three sentences with their verdicts, and one chart."""
        question = lead_question(self.analysis)
        claims = self.one_look()
        if question is None:
            yield from claims
            return
        first, *others = claims
        yield first
        yield fragility_line(self.analysis, question, TOTAL)
        yield from others
        chart = share_chart(self.analysis.survey, self.analysis.tables["toplines"], question)
        yield chart.titled(self._share_title(question, first), phrase("segment.headlines.measure"))

    def one_look(self) -> list[Claim]:
        """The few claims of the first page: everybody, the leading segment, what moves most."""
        question, order = lead_question(self.analysis), ranked(self.analysis)
        if question is None:
            return [level_claim(self.analysis, name, TOTAL) for name in order[:STRONGEST]]
        first = leader(self.analysis, question)
        strongest = [level_claim(self.analysis, name, TOTAL) for name in order[:1]]
        return [
            group_claim(self.analysis, question, TOTAL),
            *([first] if first else []),
            *strongest,
        ]

    def toplines(self) -> Iterator[Part]:
        """Each topline question: weighted percentages by group, with bases."""
        survey = self.analysis.survey
        if "toplines" not in self.analysis.tables:
            return
        yield f"## {phrase('segment.toplines.heading')}\n\n{phrase('segment.toplines.intro')}"
        for name, question in survey.questions.items():
            if question.topline:
                yield f"### {escape(question.label or name)}"
                if question.text:
                    yield phrase("words.quoted", text=escape(question.text))
                yield from by_group(survey, self.analysis.tables["toplines"], name)
                if name in headline_questions(self.analysis) and name != lead_question(
                    self.analysis
                ):
                    yield from self._headline(name, TOTAL)

    def movers(self) -> Iterator[Part]:
        """Marginal means, an attribute at a time: the sentence, the chart, who differs.

        Of many attributes several share a chart, and come in the survey's order.
        """
        survey, outcome = self.analysis.survey, self.analysis.survey.main_outcome
        yield passage.averages_intro(ranked=not self._many)
        yield passage.attributes_intro(self.analysis)
        yield passage.assumed_note(survey)
        words = phrase(
            "segment.movers.how_often"
            if measure_of(survey, outcome).unit
            else "segment.movers.how",
            outcome=survey.outcomes[outcome].label or outcome,
            profiles=survey.report.profiles,
            verb=measure_of(survey, outcome).verb,
        )
        rule = passage.even_rule(survey, outcome)
        if self._many:
            yield from self._sharing(words, rule)
            return
        for place, name in enumerate(ranked(self.analysis)):
            yield f"### {escape(survey.attribute_label(name))}"
            yield passage.shown_only(self.analysis, name)
            claim = level_claim(self.analysis, name, TOTAL)
            yield _over_chart(claim)
            chart = level_chart(survey, self.analysis.tables["marginal_means"], name, outcome)
            notes = [] if place else [rule, phrase("segment.bases")]  # said once, of all of them
            yield chart.titled(
                self._swing_title(name, claim), " ".join(filter(None, [words, *notes]))
            )
            tied = passage.tied(survey, name)
            if tied:
                yield phrase("segment.tied", attributes=listed(tied))
            yield from self._parting(name)

    @property
    def _many(self) -> bool:
        """Whether there are too many attributes for a chart each."""
        return len(self.analysis.survey.attributes) > MOST_CHARTS

    def _sharing(self, words: str, rule: str) -> Iterator[Part]:
        """Charts that attributes share, in the survey's order; under each a sentence or two of every one."""
        survey, outcome = self.analysis.survey, self.analysis.survey.main_outcome
        names = list(survey.attributes)
        yield passage.shown_only(self.analysis, *names)
        links = (
            f"[{escape(survey.attribute_label(name))}](#moves-{place})"
            for place, name in enumerate(names, 1)
        )
        yield phrase("segment.sharing.find", links=" · ".join(links))
        for part in in_parts(survey):
            yield f"### {self._span(part)}"
            table = self.analysis.tables["marginal_means"]
            chart = several_chart(survey, table, part, outcome)
            notes = [rule if part[0] == names[0] else "", phrase("segment.sharing.note")]
            notes += [phrase("segment.bases")]
            yield chart.titled("", " ".join(filter(None, [words, *notes])))
            yield Joined(
                tuple(self._in_line(name, names.index(name) + 1) for name in part), by="\n"
            )
        yield phrase("segment.sharing.none")

    def _in_line(self, attribute: str, place: int) -> Joined:
        """An attribute's claims as an item of a list."""
        survey = self.analysis.survey
        head = f"- [**{escape(survey.attribute_label(attribute))}.**]{{#moves-{place}}}"
        tied = passage.tied(survey, attribute)
        return Joined(
            (
                head,
                level_claim(self.analysis, attribute, TOTAL),
                *departures(self.analysis, attribute=attribute),
                phrase("segment.tied", attributes=listed(tied)) if tied else "",
            )
        )

    def _span(self, part: Sequence[str]) -> str:
        """The attributes of a part, by its first and last."""
        ends = [
            escape(self.analysis.survey.attribute_label(name))
            for name in dict.fromkeys((part[0], part[-1]))
        ]
        return ends[0] if len(ends) == 1 else phrase("grid.span", first=ends[0], last=ends[1])

    def agreement(self) -> Iterator[Part]:
        """Where the segments agree and where they part, by joint tests, in plain words."""
        claims = agreement(self.analysis)
        if claims:
            yield f"## {phrase('segment.agreement.heading')}\n\n{phrase('segment.agreement.intro')}"
            yield from claims

    def grid(self) -> Iterator[Part]:
        """Two attributes against each other, for everybody and for each segment."""
        survey, joint = self.analysis.survey, self.analysis.tables.get("joint_means")
        if joint is None:
            return
        first, second = (survey.attribute_label(name) for name in survey.report.grid)
        second = second[:1].lower() + second[1:]
        heading = phrase("segment.grid.heading", first=escape(first), second=escape(second))
        yield f"## {heading}"
        yield passage.grid_intro(survey)
        yield passage.assumed_note(survey)
        for group in (TOTAL, *self.segments):
            own = joint[joint["group"] == group]
            yield f"### {escape(group_label(survey, group))}"
            if not own["estimate"].notna().any():
                yield passage.grid_too_small(survey, own, group)
                continue
            claim = grid_claim(self.analysis, group)
            yield _over_chart(claim)
            measure = phrase("segment.grid.measure", first=first, second=second)
            if (own["reading"] == "caution").any():
                limit = str(survey.thresholds.caution_below)
                measure += f" {phrase('segment.grid.caution', limit=limit)}"
            cells = zip(own["across"], own["down"], strict=True)
            measure = " ".join(filter(None, [measure, merged_note(survey, cells)]))
            title = self._grid_title(group, own) if claim.is_quotable else ""
            yield grid_chart(survey, joint, group).titled(title, measure)

    def _grid_title(self, group: str, own: pd.DataFrame) -> str:
        """The finding of a group's grid: its lowest and highest cell."""
        survey = self.analysis.survey
        how = measure_of(survey, survey.grid_outcome)
        return sentence_case(
            phrase(
                "segment.grid.title",
                profiles=survey.report.profiles,
                verb=how.verb,
                range=how.interval(own["estimate"].min(), own["estimate"].max()),
                ending=how.ending,
                among="" if group == TOTAL else phrase("words.among", who=survey.group_noun(group)),
            )
        )

    def trade_off(self) -> Iterator[Part]:
        """What the grid's attributes make up for of each other, for everybody and each segment.

        It is told of the longest step: how far all of the second attribute makes up for the first.
        """
        table = self.analysis.tables.get("trade_off")
        if table is None:
            return
        own = table[table["question"] == "buys"]
        own = own.assign(step=(own["take_end"] - own["take_from"]).abs())
        claims = []
        for group in (TOTAL, *self.segments):
            rows = own[own["group"] == group].sort_values("step", kind="stable")
            if len(rows):
                row = {str(key): value for key, value in rows.iloc[-1].to_dict().items()}
                claims.append(trade_claim(self.analysis, row))
        if claims:
            yield f"### {phrase('segment.trade_off.heading')}"
            yield from claims

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
            f"## {phrase('segment.explorer.heading', profile=profile)} {{.on-screen}}",
            f"{FENCE}{{=html}}\n{frame}\n{FENCE}",
        )

    def segment_pages(self) -> Iterator[Part]:
        """The pages of all segments."""
        for group in self.segments:
            yield from self.segment_page(group)

    def segment_page(self, group: str) -> Iterator[Part]:
        """A segment: who they are, what they think, what moves them, where they part from everybody."""
        yield "::::: {.segment}"
        yield f"## {escape(self.analysis.survey.segment_label(group))} {{.segment-page}}"
        yield passage.who(self.analysis, group)
        questions = headline_questions(self.analysis)
        if questions:
            yield f"### {phrase('segment.page.think')}"
            for name in questions:
                yield from self._headline(name, group)
        yield from self._moves(group)
        yield from self._parts(group)
        yield ":::::"

    def _moves(self, group: str) -> Iterator[Part]:
        survey = self.analysis.survey
        yield f"### {phrase('segment.page.moves')}"
        if not is_pulled(self.analysis, group):
            for name in ranked(self.analysis, group)[:STRONGEST]:
                yield level_claim(self.analysis, name, group)
            return
        chart = pull_chart(survey, self.analysis.tables["pulls"], group)
        how = measure_of(survey, survey.main_outcome)
        measure = phrase(
            "segment.pull.measure_often" if how.unit else "segment.pull.measure_high",
            profiles=survey.report.profiles,
            verb=how.verb,
            bases=phrase("segment.bases"),
        )
        yield chart.titled(pull_title(self.analysis, group), measure)
        wins, loses = (wins_or_loses(self.analysis, group, wins=way) for way in (True, False))
        yield from [*wins, *loses] or (phrase("segment.page.no_pull"),)
        yield f"### {phrase('segment.page.divides')}"
        yield from divides(self.analysis, group) or (
            phrase("segment.page.no_divide", who=escape(survey.group_noun(group))),
        )

    def _parts(self, group: str) -> Iterator[Part]:
        yield f"### {phrase('segment.page.parts')}"
        found = departures(self.analysis, group=group)
        if found:
            yield from found[:PARTINGS]
            more = len(found) - PARTINGS
            if more > 0:
                yield phrase("segment.page.more_parts", more)
        elif not is_compared(self.analysis, group=group):
            table = self.analysis.tables.get("departures")
            own = [] if table is None else list(table.loc[table["group"] == group, "reading"])
            few = NOT_AVAILABLE in own
            yield phrase("segment.page.few_answered" if few else "segment.page.small_base")
        else:
            yield phrase("segment.page.no_parts")

    def method(self) -> Iterator[Part]:
        """The method box, the design, the wording and the weighting."""
        yield method.method_box(self.analysis)
        yield f"### {phrase('segment.method.design')}"
        yield from method.design(self.analysis)
        yield f"### {phrase('segment.method.wording')}"
        yield method.wording(self.analysis)
        yield f"### {phrase('segment.method.segments')}"
        yield passage.definitions(self.analysis)
        yield f"### {phrase('segment.method.weighting')}"
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
            heading = phrase(
                "segment.effects.heading", attributes=escape(label[:1].lower() + label[1:])
            )
            yield f"### {heading}"
            measure = phrase(
                "segment.effects.measure",
                outcome=survey.outcomes[outcome].label or outcome,
                baseline=baseline,
                bases=phrase("segment.bases"),
            )
            yield level_chart(survey, self.analysis.tables["amce"], name, outcome).titled(
                "", measure
            )
            table = self.analysis.tables["amce"]
            own = table[(table["outcome"] == outcome) & (table["attribute"] == name)]
            yield "\\\n".join(map(escape, absences(survey, own)))

    def _effects(self) -> Iterator[Part]:
        """AMCEs as tables, one for the attributes that share a chart above."""
        survey, outcome = self.analysis.survey, self.analysis.survey.main_outcome
        table = self.analysis.tables["amce"]
        yield phrase(
            "segment.effects.intro", outcome=escape(survey.outcomes[outcome].label or outcome)
        )
        for part in in_parts(survey):
            label = self._span(part)
            yield f"### {phrase('segment.effects.heading', attributes=label)}"
            rows: list[tuple[str | Cell, ...]] = []
            own = table[(table["outcome"] == outcome) & table["attribute"].isin(part)]
            frames = [LevelPanel.of(survey, own, name, outcome).data() for name in part]
            columns = list(dict.fromkeys(str(column) for frame in frames for column in frame))
            for name, frame in zip(part, frames, strict=True):
                attribute = survey.attributes[name]
                baseline = escape(
                    level_label(survey, name, attribute.values[attribute.baseline_index])
                )
                head = phrase(
                    "segment.effects.row",
                    attribute=escape(survey.attribute_label(name)),
                    baseline=baseline,
                )
                rows.append((Cell(head, tone="markup"),))
                aligned = frame.reindex(columns=columns, fill_value="")
                rows += [
                    row
                    for at, row in enumerate(aligned.itertuples(index=False, name=None))
                    if at != attribute.baseline_index
                ]
            title = phrase("segment.effects.table", attributes=plain(label))
            widths = (4, *[3] * (len(columns) - 1))
            yield Table.of(title, columns, rows, widths=widths, captioned=False)
            yield "\\\n".join(map(escape, absences(survey, own)))

    def colophon(self) -> Iterator[Part]:
        """Software, inputs, and the command that makes the report again."""
        yield method.colophon(self.analysis)

    def slides(self) -> Iterator[Part]:
        """The same as a presentation."""
        yield from segment_slides(self)

    def _headline(self, question: str, group: str) -> Iterator[Part]:
        """A group's headline claim, and under it how little would flip it."""
        yield group_claim(self.analysis, question, group)
        yield fragility_line(self.analysis, question, group)

    def _share_title(self, question: str, claim: Claim) -> str:
        """The finding of the first chart: the total's share, and the reach of the segments'."""
        survey, table = self.analysis.survey, self.analysis.tables["toplines"]
        asked = survey.questions[question]
        own = table[(table["outcome"] == question) & (table["level"] == asked.headline)]
        known = own.dropna(subset=["estimate"]).set_index("group")["estimate"]
        says = asked.claim or phrase("segment.headlines.answer", answer=asked.headline)
        if TOTAL not in known or not claim.is_quotable:
            return phrase("segment.headlines.who_would", says=says.removeprefix("would "))
        segments = known.drop(TOTAL)
        share, everyone = SHARE.say(known[TOTAL]), survey.report.everyone
        parts = {"share": share, "everyone": everyone, "says": says}
        if segments.empty:
            return phrase("segment.headlines.title", **parts)
        low, high = SHARE.say(segments.min()), SHARE.say(segments.max())
        reach = low if low == high else between(low, high)
        return phrase("segment.headlines.title_and_segments", **parts, segments=reach)

    def _swing_title(self, attribute: str, claim: Claim) -> str:
        """The finding of an attribute's chart, where there is a clear one that may be quoted."""
        survey, row = self.analysis.survey, swing(self.analysis, attribute)
        unknown = row["reading"] in ("suppressed", NOT_AVAILABLE)
        if unknown or not claim.is_quotable:
            return ""
        high, low = level_pair(survey, attribute, str(row["high"]), str(row["low"]))
        if not (row["conf_low"] > 0 or row["conf_high"] < 0):
            return phrase("segment.movers.none_clear")
        measure = measure_of(survey, survey.main_outcome)
        size = measure.size(row["estimate"])
        return phrase(
            "segment.movers.title", high=high, low=low, size=f"{size}{measure.units(size)}"
        )

    def _parting(self, attribute: str) -> Iterator[Part]:
        if is_compared(self.analysis, attribute=attribute):
            found = departures(self.analysis, attribute=attribute)
            yield from found or (phrase("segment.movers.none_parts"),)


def _over_chart(claim: Claim) -> Joined:
    """A claim that no page break parts from the chart under it."""
    return Joined(("::: {.over-chart}", claim, ":::"), by="\n")
