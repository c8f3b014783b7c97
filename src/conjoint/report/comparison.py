"""The page of a comparison: what changed, what cannot be compared, and what a change is made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.analysis.dictionary import WORDS
from conjoint.plot.trend import trend_chart
from conjoint.report import method
from conjoint.report.change import (
    EXACT,
    arrow_said,
    badge_of,
    bases_said,
    chance_line,
    change_claim,
    change_said,
    decomposition_line,
    figures_said,
    kept,
    points_said,
)
from conjoint.report.claim import badge
from conjoint.report.document import DOCUMENTS, Report
from conjoint.report.show import Joined
from conjoint.say.label import group_label, subject_label, value_label
from conjoint.say.number import base, percent_exactly
from conjoint.say.phrase import phrase
from conjoint.say.words import escape, listed, sentence_case
from conjoint.table import Cell, Row, Table, strong
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conjoint.report.claim import Claim
    from conjoint.report.show import Part

__all__ = ["ComparisonReport"]

MOST_SENTENCES = 8
"""Clear changes that are told in a sentence; all are in the tables."""

LOOKS = {"not compared": "suppressed", "care": "caution", "noted": "safe"}

REASONS = ("wording", "answers", "asked", "mode", "population", "synthetic")
"""Kinds of flags of which a figure's sentence says why it is not compared."""


@dataclass(frozen=True, eq=False)
class ComparisonReport(Report):
    """Everything that the page of a comparison says, as Markdown and charts for each of its sections."""

    document = DOCUMENTS["compare_report"]

    def _table(self, name: str) -> pd.DataFrame:
        table = self.analysis.tables[name]
        # A column of words that is empty throughout is read back as one of numbers.
        empty = {name for name in WORDS & {*table.columns} if table[name].isna().all()}
        text = [n for n in table if n in empty or not pd.api.types.is_numeric_dtype(table[n])]
        return table.assign(**{str(n): table[n].astype(object).fillna("") for n in text})

    @cached_property
    def waves(self) -> pd.DataFrame:
        """One row a wave."""
        return self._table("waves")

    @cached_property
    def latest(self) -> pd.DataFrame:
        """The changes between the last two waves."""
        return self._between(*self.waves["wave"].iloc[-2:])

    def _between(self, first: str, second: str) -> pd.DataFrame:
        """The changes between two waves."""
        changes = self._table("changes")
        return pd.DataFrame(changes[(changes["first"] == first) & (changes["second"] == second)])

    @cached_property
    def headlines(self) -> list[tuple[str, str]]:
        """Questions with the answer that leads: the headline, or else the first."""
        compared = self.latest[self.latest["kind"] == "topline"]
        found = []
        for question in dict.fromkeys(compared["outcome"]):
            asked = self.analysis.survey.questions.get(question)
            levels = list(compared["level"][compared["outcome"] == question])
            headline = asked.headline if asked and asked.headline in levels else levels[0]
            found.append((str(question), str(headline)))
        return found

    def opening(self) -> Iterator[Part]:
        """Title, the waves, and the banner where one of them is synthetic."""
        yield self.properties()
        survey, names = self.analysis.survey, list(self.waves["wave"])
        title = phrase("comparison.title", first=kept(names[0]), last=kept(names[-1]))
        yield f"# {title} {{.unnumbered}}"
        facts = [escape(self.waves["title"].iloc[0])]
        facts += [
            kept(phrase("comparison.people", n, wave=name))
            for name, n in zip(names, self.waves["n_respondents"], strict=True)
        ]
        yield f"::: {{.facts}}\n{' · '.join(facts)}\n:::"
        made_up = [row["wave"] for row in self.waves.to_dict("records") if row["synthetic"]]
        if made_up:
            note = escape(survey.synthetic_note) if survey.synthetic else ""
            waves = listed([kept(name) for name in made_up])
            text = phrase("comparison.synthetic", waves=waves, note=note)
            yield f"::: {{.banner}}\n{text}\n:::"

    def verdict(self) -> Iterator[Part]:
        """Headline answers of everybody, then every other clear change, then what chance would do."""
        survey, latest, names = self.analysis.survey, self.latest, list(self.waves["wave"])
        if len(names) > 2:
            yield f"### {_span(*names[-2:])}"
        yield from self._lead(latest)
        if len(names) > 2:
            yield f"### {_span(names[0], names[-1])}"
            yield from self._lead(self._between(names[0], names[-1]))
        clear = latest[latest["verdict"].isin(["rose", "fell"])]
        lead_rows = [
            kind == "topline" and group == TOTAL and (outcome, level) in self.headlines
            for kind, group, outcome, level in clear[
                ["kind", "group", "outcome", "level"]
            ].to_numpy()
        ]
        rest = clear[~np.array(lead_rows, dtype=bool)]
        rest = rest[rest["kind"] != "amce"]
        if len(rest):
            order = (rest["change"].abs() / rest["std_error"]).sort_values(ascending=False).index
            heading = phrase("comparison.other_changes")
            if len(names) > 2:
                heading = phrase(
                    "comparison.other_changes_since", first=kept(names[-2]), last=kept(names[-1])
                )
            yield f"### {heading}"
            told = rest.loc[order].head(MOST_SENTENCES).to_dict("records")
            yield Joined(
                tuple(Joined(("-", change_claim(survey, row, "", short=True))) for row in told),
                by="\n",
            )
            if len(rest) > MOST_SENTENCES:
                yield phrase("comparison.more_changes", count=len(rest) - MOST_SENTENCES)
        every = self._table("changes")
        every = every[every["verdict"].isin(["rose", "fell"])]
        keys = ["kind", "outcome", "item", "group", "first", "second"]
        tables = len(every[keys].drop_duplicates())
        yield f"::: {{.note}}\n{chance_line(self._table('comparison').iloc[0], tables)}\n:::"

    def _lead(self, told: pd.DataFrame) -> Iterator[Claim]:
        """The headline answers of everybody, a sentence each."""
        for question, level in self.headlines:
            own = told[(told["outcome"] == question) & (told["level"] == level)]
            rows = own[(own["group"] == TOTAL) & (own["kind"] == "topline")].to_dict("records")
            for row in rows:
                yield change_claim(self.analysis.survey, row, self._reason(row))

    def flags(self) -> Iterator[Part]:
        """What keeps figures from being compared, in a box; then what wants care."""
        flags = self._table("flags")
        if flags.empty:
            yield phrase("comparison.no_flags")
            return
        several = len(self.waves) > 2
        told: dict[str, list[str]] = {bearing: [] for bearing in LOOKS}
        for row in flags.to_dict("records"):
            text, bearing = escape(row["text"]), row["bearing"]
            if several:
                ends = {"first": kept(row["first"]), "second": kept(row["second"])}
                text = phrase("comparison.pair", **ends, text=text)
            words = phrase(f"comparison.bearing.{bearing.replace(' ', '_')}")
            told[bearing].append(f"{text} {badge(words, LOOKS[bearing])}")
        stops = told.pop("not compared")
        if stops:
            yield "::: {.banner}\n" + "\n\n".join(stops) + "\n:::"
        rest = [text for own in told.values() for text in own]
        if rest:
            yield "\n".join(f"- {text}" for text in rest)
        if stops:
            yield f"::: {{.note}}\n{phrase('comparison.side_by_side')}\n:::"

    def trend(self) -> Iterator[Part]:
        """A chart for each question's leading answer."""
        trend, survey = self._table("trend"), self.analysis.survey
        changes = self._table("changes")
        names = list(self.waves["wave"])
        for question, level in self.headlines:
            own = changes[(changes["outcome"] == question) & (changes["level"] == level)]
            own = own[(own["group"] == TOTAL) & (own["kind"] == "topline")]
            if "mean" in set(own["estimand"]):
                continue
            pairs = [
                (first, second)
                for first, second, verdict in own[["first", "second", "verdict"]].itertuples(
                    index=False
                )
                if verdict != "not compared" and names.index(second) == names.index(first) + 1
            ]
            whole = len(pairs) == len(names) - 1
            chart = trend_chart(survey, trend, self.waves, question, level, joined=pairs)
            yield chart.titled(
                phrase(
                    "comparison.trend.title",
                    question=subject_label(survey, "topline", question),
                    answer=value_label(survey, own.iloc[-1].to_dict(), level),
                ),
                phrase("comparison.trend.measure" if whole else "comparison.trend.measure_broken"),
            )

    def tables(self) -> Iterator[Part]:
        """Every figure of the last two waves: toplines by group, then marginal means of everybody."""
        toplines = self.latest[self.latest["kind"] == "topline"]
        yield f"## {phrase('comparison.table.answers')}"
        then, now = (kept(name) for name in self.waves["wave"].iloc[-2:])
        yield phrase("comparison.table.answers_intro", first=then, second=now)
        if len(self.waves) > 2:
            yield phrase("comparison.table.others")
        for (question, item), own in toplines.groupby(["outcome", "item"], sort=False):
            label = subject_label(self.analysis.survey, "topline", question, item)
            yield f"### {escape(label)}"
            yield from self._side_by_side(label, own, "group")
        means = self.latest[self.latest["kind"] == "marginal mean"]
        means = means[means["group"] == TOTAL]
        if len(means):
            yield f"## {phrase('comparison.table.conjoint')}"
            yield phrase("comparison.table.conjoint_intro")
        for outcome, own in means.groupby("outcome", sort=False):
            label = subject_label(self.analysis.survey, "marginal mean", outcome)
            yield f"### {escape(label)}"
            yield from self._side_by_side(label, own, "attribute")

    def _side_by_side(self, title: str, own: pd.DataFrame, heading: str) -> Iterator[Part]:
        """One table, with a line above each group or attribute."""
        survey = self.analysis.survey
        whole = bool((own["verdict"] == "not compared").all())
        rows: list[Row | tuple[str | Cell, ...]] = []
        for key, part in own.groupby(heading, sort=False):
            bases = bases_said(part) if heading == "group" else ""
            rows.append(Row((Cell(self._heading(heading, str(key))), Cell(), Cell(bases)), "band"))
            for row in part.to_dict("records"):
                label = escape(value_label(survey, row, row["level"]))
                mark = "" if whole else badge_of(row["verdict"])
                named = Cell(f"{label} {mark}".rstrip(), tone="markup")
                rows.append((named, figures_said(survey, row), change_said(survey, row)))
        heads = ("", phrase("comparison.table.then_now"), phrase("comparison.table.change"))
        if whole:
            yield badge_of("not compared")
        yield Table.of(title, heads, rows, captioned=False)

    def _heading(self, heading: str, key: str) -> str:
        survey = self.analysis.survey
        if heading == "group":
            return group_label(survey, key)
        return survey.attribute_label(key) if key in survey.attributes else key

    def decomposition(self) -> Iterator[Part]:
        """What the headline answers' changes are made of, by each variable that is held."""
        parts, survey = self._table("decomposition"), self.analysis.survey
        first, second = self.waves["wave"].iloc[-2:]
        parts = parts[(parts["first"] == first) & (parts["second"] == second)]
        own = parts[parts["group"] == TOTAL] if len(parts) else parts
        if own.empty:
            yield phrase("comparison.decomposition.none")
            return
        yield phrase("comparison.decomposition.intro")
        for question, level in self.headlines:
            mine = own[(own["outcome"] == question) & (own["level"] == level)]
            for hold, cells in mine.groupby("hold", sort=False):
                title = phrase(
                    "comparison.decomposition.title",
                    question=subject_label(survey, "topline", question),
                    variable=self._variable(str(hold)),
                )
                yield f"### {escape(title)}"
                yield decomposition_line(survey, cells, self._variable(str(hold)))
                yield self._cells(title, str(hold), cells)

    def _variable(self, hold: str) -> str:
        questions = self.analysis.survey.questions
        for name, question in questions.items():
            if (question.column or name) == hold and question.label:
                return question.label[:1].lower() + question.label[1:]
        return hold.replace("_", " ")

    def _cells(self, title: str, hold: str, cells: pd.DataFrame) -> Table:
        told = cells[cells["cell"] != ""]
        mix = told[told["part"] == "mix"].to_dict("records")
        view = told[told["part"] == "view"].to_dict("records")
        rows = [
            (
                str(one["cell"]),
                arrow_said(one["share_first"], one["share_second"], EXACT.bare),
                points_said(one),
                arrow_said(one["mean_first"], one["mean_second"], EXACT.bare),
                points_said(two),
            )
            for one, two in zip(mix, view, strict=True)
        ]
        level = value_label(self.analysis.survey, {**mix[0], "kind": "topline"}, mix[0]["level"])
        heads = (
            sentence_case(self._variable(hold)),
            phrase("comparison.decomposition.people"),
            phrase("comparison.decomposition.mix"),
            phrase("comparison.decomposition.share", answer=level),
            phrase("comparison.decomposition.view"),
        )
        return Table.of(title, heads, rows, captioned=False)

    def method(self) -> Iterator[Part]:
        """The waves side by side, and how changes were worked out."""
        waves = self.waves.to_dict("records")
        facts = {
            "fieldwork": [method.dates_between(row["start"], row["end"]) for row in waves],
            "people": [base(row["n_respondents"]) for row in waves],
            "worth": [base(row["effective"]) for row in waves],
            "mode": [row["mode"] or phrase("method.not_stated") for row in waves],
            "universe": [row["population"] or phrase("method.not_stated") for row in waves],
            "weighted_to": [_margins(str(row["margins"])) for row in waves],
        }
        rows: list[tuple[str | Cell, ...]] = [
            (strong(phrase(f"comparison.method.{name}")), *map(str, own))
            for name, own in facts.items()
        ]
        yield Table.of(
            phrase("comparison.method.table"),
            ("", *(str(row["wave"]) for row in waves)),
            rows,
            words=1 + len(waves),
            widths=(2, *[3] * len(waves)),
            captioned=False,
        )
        asked = self._table("comparison").iloc[0]
        same = asked["composition"] == "same targets"
        yield " ".join(
            [
                phrase(
                    "comparison.method.same_targets" if same else "comparison.method.as_weighted"
                ),
                phrase(
                    "comparison.method.clear_table"
                    if asked["family"] == "table"
                    else "comparison.method.clear_comparison",
                    confidence=percent_exactly(asked["confidence"]),
                ),
            ]
        )

    def colophon(self) -> Iterator[Part]:
        """Software, inputs, and the command that makes the page again."""
        yield method.colophon(self.analysis)

    def _reason(self, row: Mapping[Any, Any]) -> str:
        """Why a figure is not compared, in a word, where a flag of its own question says so."""
        flags = self._table("flags")
        pair = (flags["first"] == row["first"]) & (flags["second"] == row["second"])
        stops = flags[(flags["bearing"] == "not compared") & pair]
        own = stops[stops["subject"].isin([row["outcome"], ""])]
        kind = str(own["kind"].iloc[0]) if len(own) else ""
        return phrase(f"comparison.reason.{kind}") if kind in REASONS else ""


def _span(first: str, last: str) -> str:
    return phrase("comparison.span", first=kept(first), last=kept(last))


def _margins(text: str) -> str:
    """Names of margins as people read them."""
    if not text:
        return phrase("comparison.method.nothing")
    return text.replace("; ", ", ").replace(" * ", " by ").replace("_", " ")
