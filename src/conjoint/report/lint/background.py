"""Figures of a bundle that are neither answers nor means: of segments, weights, trade-offs and the audit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.report.claim import Figure
from conjoint.report.lint.context import stems
from conjoint.report.lint.draft import BREAK, words
from conjoint.report.lint.facts import Fact
from conjoint.report.lint.mention import mentions
from conjoint.say.label import margin_label
from conjoint.say.measure import measure_of
from conjoint.survey import INTERLOCK
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conjoint.analysis import Analysis
    from conjoint.report.lint.context import Context
    from conjoint.report.lint.facts import FactKind, Unit
    from conjoint.report.lint.mention import Mention
    from conjoint.survey import Survey

__all__ = ["Audited", "audited", "background"]

NAN = float("nan")
WHOLE = re.compile("")
"""A cue that every sentence has."""


def background(analysis: Analysis) -> Iterator[Fact]:
    """Collect them; each has a cue, the words without which a sentence does not state it."""
    for table, facts in (
        ("bases", _sizes), ("overlap", _overlaps), ("weighting_summary", _weights), ("weight_histogram", _histogram),
        ("weighting", _margins), ("headline_checks", _flips), ("joint_means", _spans), ("trade_off", _trades),
        ("shown", _shown),
    ):  # fmt: skip
        frame = analysis.tables.get(table)
        if frame is not None and len(frame):
            yield from facts(analysis.survey, frame)


def _fact(
    what: str,
    unit: Unit,
    value: float,
    cue: str,
    *,
    kind: FactKind = "background",
    groups: tuple[str, ...] = (),
    levels: tuple[tuple[str, str], ...] = (),
    ends: tuple[float, float] = (NAN, NAN),
    people: float = 0,
    reading: str = "safe",
    outcome: str = "",
) -> Fact:
    group = groups[0] if groups else TOTAL
    attribute = INTERLOCK.join(name for name, _ in levels)
    base = 0 if pd.isna(people) else int(people)
    against = "before" if kind == "trade" else ""
    figure = Figure(what, group, outcome, attribute, "", against, value, *ends, base)
    pattern = re.compile(cue, re.IGNORECASE) if cue else WHOLE
    clear = unit != "points" or not ends[0] <= 0 <= ends[1]
    return Fact(figure, kind, unit, groups, levels, reading, clear, pattern)


def _sizes(_: Survey, frame: pd.DataFrame) -> Iterator[Fact]:
    for row in frame.to_dict("records"):
        if row["group"] == TOTAL or pd.isna(row.get("share")):
            continue
        yield _fact(
            "share of everybody", "percent", row["share"], "", groups=(row["group"], TOTAL),
            people=row["n_respondents"],
        )  # fmt: skip


def _overlaps(_: Survey, frame: pd.DataFrame) -> Iterator[Fact]:
    for row in frame[frame["share"].notna()].to_dict("records"):
        yield _fact(
            "share that is also", "percent", row["share"], r"\balso\b|\bboth\b|\boverlap",
            groups=(row["group"], row["other"]), people=row["n_respondents"],
        )  # fmt: skip


def _weights(_: Survey, frame: pd.DataFrame) -> Iterator[Fact]:
    known = dict(zip(frame["measure"], frame["value"], strict=True))
    if "effective" in known:
        yield _fact("effective base", "people", known["effective"], r"\bworth\b|\beffective")
    if "efficiency" in known:
        yield _fact("weighting efficiency", "percent", known["efficiency"], r"\befficien")


def _histogram(_: Survey, frame: pd.DataFrame) -> Iterator[Fact]:
    below = frame.loc[frame["end"] <= 1, "n_respondents"].sum() / frame["n_respondents"].sum()
    yield _fact("mean weight", "number", 1.0, r"\bweights\b")
    yield _fact("weights below their mean", "percent", below, r"\bweights\b.*\bbelow\b")


def _margins(survey: Survey, frame: pd.DataFrame) -> Iterator[Fact]:
    shared = set(frame.loc[frame["category"].duplicated(), "category"])
    for row in frame.to_dict("records"):
        category = r"\W+".join(map(re.escape, str(row["category"]).split(INTERLOCK)))
        if row["category"] in shared:  # of several margins: which has to be said
            category += rf"\W+{re.escape(margin_label(survey, row['margin']))}"
        for name, word in (("unweighted", "sample"), ("weighted", "weight"), ("target", "target")):
            if pd.notna(row[name]):
                yield _fact(
                    f"{name}, {row['category']}", "percent", row[name], f"{category}.*{word}|{word}.*{category}",
                    people=row["n"], reading=row["reading"],
                )  # fmt: skip


def _flips(_: Survey, frame: pd.DataFrame) -> Iterator[Fact]:
    """How little carries a headline across one half: people left out, or another target."""
    for row in frame[frame["reading"] != "suppressed"].to_dict("records"):
        side = "under" if row["estimate"] > row["threshold"] else "over"
        own = {
            "kind": "flip", "groups": (row["group"],), "levels": ((row["outcome"], row["level"]),),
            "reading": row["reading"],
        }  # fmt: skip
        left = rf"\b{side} half\b.*\bwithout\b"
        if pd.notna(row["respondents"]):
            yield _fact("people to leave out", "people", row["respondents"], left, **own)
            share = row["respondent_share"]
            yield _fact("people to leave out, of the base", "percent", share, left, **own)
        if pd.notna(row["shift"]):
            way = "higher" if row["shift"] > 0 else "lower"
            name = re.escape(str(row["category"]).split(INTERLOCK)[-1])
            cue = rf"\b{side} half\b.*\btarget\b.*{name}.*\b{way}\b"
            yield _fact("change of a target", "points", abs(row["shift"]), cue, **own)
            yield _fact("the target", "percent", row["target"], cue, **own)


def _spans(survey: Survey, frame: pd.DataFrame) -> Iterator[Fact]:
    """From the lowest to the highest of all pairs of levels, and how many people saw a pair."""
    for keys, rows in frame.groupby(["outcome", "group"], sort=False):
        outcome, group = map(str, keys)
        verb, people = re.escape(measure_of(survey, outcome).verb), rows["n_respondents"]
        if rows["estimate"].notna().any():
            ends = (rows["estimate"].min(), rows["estimate"].max())
            unit: Unit = "percent" if measure_of(survey, outcome).unit else "number"
            yield _fact(
                "lowest to highest pair of levels", unit, NAN, rf"\b{verb}\b", groups=(group,), ends=ends,
                outcome=outcome,
            )  # fmt: skip
        yield _fact(
            "people who saw a pair of levels", "people", people.min(), r"\bpair\b", groups=(group,),
            ends=(people.min(), people.max()), outcome=outcome,
        )  # fmt: skip


def _trades(survey: Survey, frame: pd.DataFrame) -> Iterator[Fact]:
    """What a step gains, what another loses, and both together."""
    for row in frame[frame["question"] == "buys"].to_dict("records"):
        steps = {which: _step(survey, row, which) for which in ("take", "give")}
        parts = {"net": steps["take"] + steps["give"], "gain": steps["take"], "loss": steps["give"]}
        for name, levels in parts.items():
            if pd.isna(row[name]) or len(set(levels)) < len(levels):
                continue
            sign = -1.0 if name == "loss" else 1.0
            low, high = sorted(sign * row[f"{name}_{end}"] for end in ("low", "high"))
            unit: Unit = "points" if measure_of(survey, row["outcome"]).unit else "number"
            yield _fact(
                f"{name} of a trade-off", unit, sign * row[name], r"\binstead\b", kind="trade", groups=(row["group"],),
                levels=levels, ends=(low, high), people=row["n_respondents"], outcome=row["outcome"],
            )  # fmt: skip


def _step(survey: Survey, row: dict[Any, Any], which: str) -> tuple[tuple[str, str], ...]:
    name = row[which]
    numbers = {level.number: level.value for level in survey.attributes[name].levels}
    ends = (row[f"{which}_end"], row[f"{which}_from"])
    return tuple((name, numbers[end]) for end in ends if end in numbers)


def _shown(_: Survey, frame: pd.DataFrame) -> Iterator[Fact]:
    for row in frame.to_dict("records"):
        for name in ("estimate", "designed"):
            if pd.notna(row.get(name, np.nan)):
                yield _fact(
                    f"how often it was {name.replace('estimate', 'shown')}", "percent", row[name],
                    rf"{re.escape(str(row['level']))} of {re.escape(str(row['attribute']))}\b.*\bshown\b",
                )  # fmt: skip


FEWEST_WORDS = 4
"""Words that a clause of the audit needs to say what its number is; else its sentence does."""


@dataclass(frozen=True, slots=True)
class Audited:
    """A number of the audit's words, with the words of its clause and whom they name."""

    mention: Mention
    words: frozenset[str]
    groups: frozenset[str]

    def is_said(self, mention: Mention, context: Context) -> bool:
        """Whether a draft states it: the number, whom it is of, and what it is, in these words."""
        same = (mention.kind, mention.value, mention.upper) == (
            self.mention.kind, self.mention.value, self.mention.upper
        )  # fmt: skip
        whose = self.groups == frozenset(context.groups)
        return same and whose and self.words <= stems(context.sentence)


def audited(analysis: Analysis, read: Callable[[str], Context]) -> list[Audited]:
    """Collect the numbers that the audit of a bundle states."""
    table = analysis.tables.get("audit")
    found = []
    for text in [] if table is None else table["text"].dropna():
        for sentence in map(words, BREAK.split(str(text))):
            context = read(sentence)
            for mention in mentions(sentence, context.masked):
                before, after = sentence[: mention.start], sentence[mention.end :]
                clause = re.split(r"[;:](?!\d)", before)[-1] + re.split(r"[;:(](?!\d)", after)[0]
                if len(stems(clause)) < FEWEST_WORDS:
                    clause = sentence
                near = frozenset(w for w in stems(clause) if not re.search(r"\d", w))
                found.append(Audited(mention, near, frozenset(context.groups)))
    return found
