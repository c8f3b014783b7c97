"""Every figure of a bundle that a draft may state, with what it is about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from conjoint.report.claim import Figure, Judgement, figure_of, judge
from conjoint.say.label import level_phrase, levels_in, levels_phrase
from conjoint.say.measure import RATED, SHARE, Measure, measure_of
from conjoint.say.number import base
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from conjoint.analysis import Analysis
    from conjoint.survey import Survey

__all__ = ["CROSSBREAK", "Fact", "FactKind", "Unit", "facts_of", "shown_group"]

Unit = Literal["percent", "points", "number", "people"]
FactKind = Literal[
    "answer", "mean", "pair", "groups", "levels", "effect", "pull", "trade", "flip", "background"
]  # fmt: skip

ALPHA = 0.05

CROSSBREAK = ": "
"""Between a crossbreak and its group in a group's key, such as "Sex: Female"."""

FINE = replace(SHARE, decimals=1)
MEASURES: dict[Unit, Measure] = {"percent": FINE, "points": FINE, "number": RATED, "people": RATED}
"""How a draft's unit is written out."""

OF_KINDS: dict[FactKind, str] = {
    "answer": "share of people",
    "mean": "marginal mean",
    "pair": "marginal mean of two levels",
    "groups": "difference between groups",
    "levels": "highest level against lowest",
    "effect": "AMCE, a change",
    "pull": "against the attribute's average",
    "trade": "trade-off",
    "flip": "what would carry it across one half",
    "background": "of the sample",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of the bundle.

    Parameters
    ----------
    figure
        With its interval and base.
    kind, unit
        What it is; what a draft would count it in.
    groups, levels
        Whom and what it is about: the group, and the one it is held against; levels or answers as
        (attribute or question, stored value).
    reading
        By its base.
    clear
        Whether a difference keeps off zero, after adjustment where the bundle has one.
    cue
        Words that a sentence has to have to state it, of figures that are neither answers nor means.
    """

    figure: Figure
    kind: FactKind
    unit: Unit
    groups: tuple[str, ...]
    levels: tuple[tuple[str, str], ...]
    reading: str
    clear: bool = True
    cue: re.Pattern[str] | None = None

    @property
    def subject(self) -> str:
        """The question or attribute."""
        return self.levels[0][0] if self.levels else self.figure.attribute

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells it apart from the others."""
        what = self.figure.estimand if self.cue else ""
        return (self.kind, self.figure.outcome, self.groups, self.levels, what)

    @property
    def scale(self) -> float:
        """How many of what a draft says make one."""
        return 1.0 if self.unit in ("number", "people") else 100.0

    @property
    def value(self) -> float:
        """As a draft would say it; a difference keeps its sign."""
        return self.scale * self.figure.estimate

    def judged(self, analysis: Analysis) -> Judgement:
        """Judge it as a claim of its own."""
        bare = self.cue is not None and pd.isna(self.figure.low)  # such as a segment's size
        return judge(analysis, self.reading, () if bare else (self.figure,))

    def verdict(self, analysis: Analysis) -> str:
        """Whether it may be quoted, in words."""
        found = self.judged(analysis)
        why = ", ".join(found.reasons)
        return f"{found.verdict} ({why})" if why else found.verdict

    def words(self, survey: Survey) -> str:
        """What it is, for the person who wrote the draft."""
        figure = self.figure
        measure = measure_of(survey, figure.outcome) if figure.outcome in survey.outcomes else None
        write = MEASURES[self.unit]
        if self.kind == "pair":  # several levels of an attribute where they are put together
            held: dict[str, list[str]] = {}
            for name, level in self.levels:
                held.setdefault(name, []).append(level)
            what = ", ".join(levels_phrase(survey, name, own) for name, own in held.items())
        else:
            what = ", ".join(_shown(survey, *level) for level in self.levels)
        whose = " against ".join(shown_group(survey, group) for group in self.groups)
        verb = f", {measure.verb}" if measure is not None else ""
        if self.unit == "people":
            text = base(figure.estimate)
        elif pd.isna(figure.estimate):
            text = write.interval(figure.low, figure.high)
        elif pd.isna(figure.low):
            text = write.say(figure.estimate)
        elif self.unit == "points":
            text = write.moved(figure.estimate, figure.low, figure.high, figure.base, unit=True)
        else:
            text = write.figure(figure.estimate, figure.low, figure.high, figure.base)
        kind = f"{OF_KINDS[self.kind]} ({figure.estimand})" if self.cue else OF_KINDS[self.kind]
        about = ", ".join(part for part in (whose, what) if part)
        return f"{kind}: {about}{verb}: {text}"


def shown_group(survey: Survey, group: str) -> str:
    """A group in a sentence; a crossbreak's with what it is broken down by."""
    if group == TOTAL:
        return survey.report.everyone
    return survey.group_noun(group) if group in survey.segments else group


def _shown(survey: Survey, name: str, value: str) -> str:
    if name in survey.questions:
        question = survey.questions[name]
        return f"“{question.shown(value)}” ({question.label or name})"
    if not value:
        return survey.attribute_label(name)
    return level_phrase(survey, name, value)


def facts_of(analysis: Analysis) -> list[Fact]:
    """Collect the figures that are shown; blank ones are not there to be matched."""
    found: dict[tuple[Any, ...], Fact] = {}
    for fact in _all(analysis):
        found.setdefault(fact.key, fact)
    return list(found.values())


def _all(analysis: Analysis) -> Iterator[Fact]:
    yield from _answers(analysis)
    yield from _conjoint(analysis)
    yield from _differences(analysis)


def _rows(analysis: Analysis, name: str) -> list[dict[Any, Any]]:
    table = analysis.tables.get(name)
    if table is None or "estimate" not in table:
        return []
    return table[table["estimate"].notna() & (table["reading"] != "suppressed")].to_dict("records")


def _answers(analysis: Analysis) -> Iterator[Fact]:
    """Toplines by segment, and every question by its crossbreaks where the bundle has them."""
    survey = analysis.survey
    for row in _rows(analysis, "toplines"):
        unit: Unit = "percent" if row["estimand"] == "share" else "number"
        level = (row["outcome"], row["level"])
        yield Fact(
            figure_of(survey, row), "answer", unit, (row["group"],), (level,), row["reading"]
        )
    for row in _rows(analysis, "questions"):
        if row["question"] not in survey.questions or row["kind"] not in ("answer", "net"):
            continue
        told = row | {
            "outcome": row["question"],
            "estimand": "share",
            "level": str(row["row"]),
        }
        item = row.get("item")
        level = (row["question"], str(row["row"]))
        levels = (level,) if not isinstance(item, str) or not item else (level, ("item", item))
        yield Fact(
            figure_of(survey, told),
            "answer",
            "percent",
            (str(row["group"]),),
            levels,
            row["reading"],
        )


def _conjoint(analysis: Analysis) -> Iterator[Fact]:
    survey = analysis.survey
    for row in _rows(analysis, "marginal_means"):
        yield _fact(survey, row, "mean", ((row["attribute"], row["level"]),))
    for row in _rows(analysis, "joint_means"):
        sides = zip(survey.report.grid, (row["across"], row["down"]), strict=True)
        held = [(name, level) for name, side in sides for level in levels_in(survey, name, side)]
        yield _fact(survey, row, "pair", tuple(held))


def _fact(
    survey: Survey, row: dict[Any, Any], kind: FactKind, levels: tuple[tuple[str, str], ...]
) -> Fact:
    share = measure_of(survey, row["outcome"]).unit
    unit: Unit = "percent" if share else "number"
    return Fact(figure_of(survey, row), kind, unit, (row["group"],), levels, row["reading"])


def _differences(analysis: Analysis) -> Iterator[Fact]:
    survey = analysis.survey
    for row in _rows(analysis, "topline_differences"):
        holm = row.get("p_holm")
        clear = _off_zero(row) and (pd.isna(holm) or holm < ALPHA)
        yield _difference(
            survey, row, "groups", (row["group"], row["reference"]), ((row["outcome"], row["level"]),),
            clear=bool(clear),
        )  # fmt: skip
    for row in _rows(analysis, "departures"):
        level = ((row["attribute"], row["level"]),)
        clear = _off_zero(row) and row["p_holm"] < ALPHA
        groups = (row["group"], row.get("reference") or TOTAL)
        yield _difference(survey, row, "groups", groups, level, clear=bool(clear))
    for row in _rows(analysis, "spread"):
        levels = ((row["attribute"], row["high"]), (row["attribute"], row["low"]))
        yield _difference(survey, row, "levels", (row["group"],), levels, clear=_off_zero(row))
    for row in _rows(analysis, "amce"):
        if pd.isna(row["conf_low"]):
            continue
        levels = ((row["attribute"], row["level"]), (row["attribute"], row["baseline"]))
        yield _difference(survey, row, "effect", (row["group"],), levels, clear=_off_zero(row))
    for row in _rows(analysis, "pulls"):
        clear = _off_zero(row) and row["p_holm"] < ALPHA
        level = ((row["attribute"], row["level"]),)
        yield _difference(survey, row, "pull", (row["group"],), level, clear=bool(clear))


def _difference(
    survey: Survey,
    row: dict[Any, Any],
    kind: FactKind,
    groups: tuple[str, ...],
    levels: tuple[tuple[str, str], ...],
    *,
    clear: bool,
) -> Fact:
    outcome = row["outcome"]
    rated = outcome in survey.outcomes and not measure_of(survey, outcome).unit
    against = groups[1] if len(groups) > 1 else levels[1][1] if len(levels) > 1 else "average"
    figure = figure_of(survey, row, reference=str(against))
    return Fact(
        figure, kind, "number" if rated else "points", groups, levels, row["reading"], clear
    )


def _off_zero(row: dict[Any, Any]) -> bool:
    return bool(row["conf_low"] > 0 or row["conf_high"] < 0)
