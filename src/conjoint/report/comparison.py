"""The page of a comparison: what changed, what cannot be compared, and what a change is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.analysis.dictionary import WORDS
from conjoint.plot import Chart
from conjoint.plot.trend import trend_chart
from conjoint.report import method
from conjoint.report.change import (
    BADGES,
    EXACT,
    arrow_said,
    bases_said,
    chance_line,
    change_said,
    decomposition_line,
    figures_said,
    kept,
    points_said,
    verdict_line,
)
from conjoint.report.crosstab import pipe_table
from conjoint.report.document import DOCUMENTS, Report
from conjoint.say.label import group_label, subject_label, value_label
from conjoint.say.number import base, counted, percent_exactly
from conjoint.say.phrase import phrase
from conjoint.say.words import escape, listed, sentence_case
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


__all__ = ["ComparisonReport"]

Part = str | Chart

MOST_SENTENCES = 8
"""Clear changes that are told in a sentence; all are in the tables."""

REASONS = {
    "wording": "its wording changed",
    "answers": "its answers changed",
    "asked": "others were asked",
    "mode": "the mode changed",
    "population": "the population changed",
    "synthetic": "one of the waves is synthetic",
}

BEARINGS = {
    "not compared": "[not compared]{.verdict .suppressed}",
    "care": "[with care]{.verdict .caution}",
    "noted": "[noted]{.verdict .safe}",
}


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
        survey, names = self.analysis.survey, list(self.waves["wave"])
        yield f"# What changed from {kept(names[0])} to {kept(names[-1])} {{.unnumbered}}"
        facts = [escape(self.waves["title"].iloc[0])]
        facts += [
            kept(f"{name}: {counted(n, 'person', 'people')}")
            for name, n in zip(names, self.waves["n_respondents"], strict=True)
        ]
        yield f"::: {{.facts}}\n{' · '.join(facts)}\n:::"
        made_up = [row["wave"] for row in self.waves.to_dict("records") if row["synthetic"]]
        if made_up:
            note = escape(survey.synthetic_note) if survey.synthetic else ""
            yield (
                f"::: {{.banner}}\n**Synthetic.** No person gave the answers of "
                f"{listed([kept(name) for name in made_up])}. {note} "
                "**Nothing in this report may be quoted as a finding.**\n:::"
            )

    def verdict(self) -> Iterator[Part]:
        """Headline answers of everybody, then every other clear change, then what chance would do."""
        survey, latest, names = self.analysis.survey, self.latest, list(self.waves["wave"])
        if len(names) > 2:
            yield f"### From {kept(names[-2])} to {kept(names[-1])}"
        yield self._lead(latest)
        if len(names) > 2:
            yield f"### From {kept(names[0])} to {kept(names[-1])}"
            yield self._lead(self._between(names[0], names[-1]))
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
            since = f" from {kept(names[-2])} to {kept(names[-1])}" if len(names) > 2 else ""
            yield f"### Other clear changes{since}"
            yield "\n".join(
                f"- {verdict_line(survey, row, '', short=True)}"
                for row in rest.loc[order].head(MOST_SENTENCES).to_dict("records")
            )
            if len(rest) > MOST_SENTENCES:
                yield f"And {len(rest) - MOST_SENTENCES} more, in the tables below."
        every = self._table("changes")
        every = every[every["verdict"].isin(["rose", "fell"])]
        keys = ["kind", "outcome", "item", "group", "first", "second"]
        tables = len(every[keys].drop_duplicates())
        yield f"::: {{.note}}\n{chance_line(self._table('comparison').iloc[0], tables)}\n:::"

    def _lead(self, told: pd.DataFrame) -> str:
        """The headline answers of everybody, a sentence each."""
        lead = []
        for question, level in self.headlines:
            own = told[(told["outcome"] == question) & (told["level"] == level)]
            rows = own[(own["group"] == TOTAL) & (own["kind"] == "topline")].to_dict("records")
            lead += [verdict_line(self.analysis.survey, row, self._reason(row)) for row in rows]
        return "\n\n".join(lead)

    def flags(self) -> Iterator[Part]:
        """What keeps figures from being compared, in a box; then what wants care."""
        flags = self._table("flags")
        if flags.empty:
            yield (
                "Nothing differs between the waves in what was asked, shown and sampled, as far as "
                "their survey files say."
            )
            return
        several = len(self.waves) > 2
        told: dict[str, list[str]] = {bearing: [] for bearing in BEARINGS}
        for row in flags.to_dict("records"):
            pair = f"*{kept(row['first'])}, {kept(row['second'])}*: " if several else ""
            told[row["bearing"]].append(f"{pair}{escape(row['text'])} {BEARINGS[row['bearing']]}")
        stops = told.pop("not compared")
        if stops:
            yield "::: {.banner}\n" + "\n\n".join(stops) + "\n:::"
        rest = [text for own in told.values() for text in own]
        if rest:
            yield "\n".join(f"- {text}" for text in rest)
        if stops:
            yield (
                "::: {.note}\nWhat this touches is shown side by side, without a change: any difference may "
                "be due to what is named here.\n:::"
            )

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
            apart = (
                "" if len(pairs) == len(names) - 1 else " Not joined where it cannot be compared."
            )
            chart = trend_chart(survey, trend, self.waves, question, level, joined=pairs)
            yield chart.titled(
                f"{subject_label(survey, 'topline', question)}: {value_label(survey, own.iloc[-1].to_dict(), level)}",
                f"Share giving the answer, with 95% interval and base.{apart}",
            )

    def tables(self) -> Iterator[Part]:
        """Every figure of the last two waves: toplines by group, then marginal means of everybody."""
        toplines = self.latest[self.latest["kind"] == "topline"]
        yield "## The answers"
        then, now = (kept(name) for name in self.waves["wave"].iloc[-2:])
        yield (
            f"From {then} (then) to {now} (now), in per cent; changes in points, with their 95% interval. "
            "Means are in their own units, n counts people. A change without a mark is no clear change."
        )
        yield from self._several()
        for (question, item), own in toplines.groupby(["outcome", "item"], sort=False):
            label = subject_label(self.analysis.survey, "topline", question, item)
            yield f"### {escape(label)}"
            yield self._side_by_side(label, own, "group")
        means = self.latest[self.latest["kind"] == "marginal mean"]
        means = means[means["group"] == TOTAL]
        if len(means):
            yield "## The conjoint"
            yield (
                "Marginal means of everybody: what share of the profiles with a level is chosen or "
                "supported (or their mean rating)."
            )
        for outcome, own in means.groupby("outcome", sort=False):
            label = subject_label(self.analysis.survey, "marginal mean", outcome)
            yield f"### {escape(label)}"
            yield self._side_by_side(label, own, "attribute")

    def _several(self) -> Iterator[Part]:
        if len(self.waves) > 2:
            yield "Changes between the other waves are in the data beside this page."

    def _side_by_side(self, label: str, own: pd.DataFrame, heading: str) -> str:
        """One table, with a line above each group or attribute."""
        survey = self.analysis.survey
        whole = bool((own["verdict"] == "not compared").all())
        rows: list[tuple[str, ...]] = []
        for key, part in own.groupby(heading, sort=False):
            name = escape(self._heading(heading, str(key)))
            rows.append((f"**{name}**", "", bases_said(part) if heading == "group" else ""))
            rows += [
                (
                    escape(value_label(survey, row, row["level"]))
                    + ("" if whole else f" {BADGES[row['verdict']]}".rstrip()),
                    figures_said(survey, row),
                    change_said(survey, row),
                )
                for row in part.to_dict("records")
            ]
        head = ("", "then → now", "Change")
        table = pipe_table(_plain(label), head, rows, "lrr")
        return f"{BADGES['not compared']}\n\n{table}" if whole else table

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
            yield (
                "No change of an answer is taken apart: nothing that the waves are not weighted to alike "
                "could have changed, or nothing is compared."
            )
            return
        yield (
            "A share can change because there are more or fewer of some people (**mix**), or because people "
            "of the same kind answer otherwise (**view**). The two sum to the change."
        )
        for question, level in self.headlines:
            mine = own[(own["outcome"] == question) & (own["level"] == level)]
            for hold, cells in mine.groupby("hold", sort=False):
                title = (
                    f"{subject_label(survey, 'topline', question)}, by {self._variable(str(hold))}"
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

    def _cells(self, title: str, hold: str, cells: pd.DataFrame) -> str:
        told = cells[cells["cell"] != ""]
        mix = told[told["part"] == "mix"].to_dict("records")
        view = told[told["part"] == "view"].to_dict("records")
        rows = [
            (
                escape(one["cell"]),
                arrow_said(one["share_first"], one["share_second"], EXACT.bare),
                points_said(one),
                arrow_said(one["mean_first"], one["mean_second"], EXACT.bare),
                points_said(two),
            )
            for one, two in zip(mix, view, strict=True)
        ]
        level = escape(
            value_label(self.analysis.survey, {**mix[0], "kind": "topline"}, mix[0]["level"])
        )
        head = (
            escape(sentence_case(self._variable(hold))),
            "People, %",
            "Mix",
            f"{level}, %",
            "View",
        )
        return pipe_table(_plain(title), head, rows, "lrrrr")

    def method(self) -> Iterator[Part]:
        """The waves side by side, and how changes were worked out."""
        waves = self.waves.to_dict("records")
        facts = {
            "Fieldwork": [method.dates_between(row["start"], row["end"]) for row in waves],
            "People": [base(row["n_respondents"]) for row in waves],
            "Worth, after weighting": [base(row["effective"]) for row in waves],
            "Mode": [row["mode"] or phrase("method.not_stated") for row in waves],
            "Universe": [row["population"] or phrase("method.not_stated") for row in waves],
            "Weighted to": [_margins(str(row["margins"])) for row in waves],
        }
        rows = [(f"**{name}**", *(escape(value) for value in own)) for name, own in facts.items()]
        head = ("", *(escape(row["wave"]) for row in waves))
        yield pipe_table("The waves", head, rows, "l" * len(head), (2, *[3] * len(waves)))
        asked = self._table("comparison").iloc[0]
        held = (
            "All waves are weighted to the same targets."
            if asked["composition"] == "same targets"
            else "Each wave has the weights that it came with."
        )
        shared = "the table (a question, or an outcome of the conjoint, in one group)"
        whole = "the whole comparison, half of the chance to err kept for everybody's figures"
        family = shared if asked["family"] == "table" else whole
        yield (
            f"{held} A change's interval adds up the uncertainty of both waves, weighting included. A change "
            f"is called clear where it keeps off zero after allowing for every figure of {family} (Holm). "
            f"Intervals are {percent_exactly(asked['confidence'])}, each for its own change."
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
        return REASONS.get(str(own["kind"].iloc[0]), "") if len(own) else ""


def _plain(text: str) -> str:
    """A name for screen readers, without what Markdown or Quarto could take for a command."""
    return re.sub(r"[<>{}]", "", text)


def _margins(text: str) -> str:
    """Names of margins as people read them."""
    return text.replace("; ", ", ").replace(" * ", " by ").replace("_", " ") or "Nothing"
