"""A claim as data: the key of its sentence, the figures it stands on, and whether to quote it.

The verdict weighs what the audit says, whether the effects bear the means out, the base and the effective
base, the width of the interval, and whether anybody gave the answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from conjoint.audit.model import title_of
from conjoint.say.label import level_pair, level_phrase
from conjoint.say.measure import measure_of
from conjoint.say.phrase import phrase
from conjoint.say.words import escape, sentence_case
from conjoint.survey import INTERLOCK
from conjoint.wave import TOTAL
from conjoint.withhold.threshold import reading_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    from conjoint.analysis import Analysis
    from conjoint.audit import Item
    from conjoint.survey import Survey

__all__ = [
    "NORMAL",
    "OMNIBUS",
    "SYNTHETIC",
    "Claim",
    "Figure",
    "Judgement",
    "Verdict",
    "badge",
    "claim",
    "figure_of",
    "judge",
    "mark",
    "obstacles",
    "stop_reason",
    "widest",
]

Verdict = Literal["safe to quote", "with caution", "do not quote"]

NORMAL = 1.96

OMNIBUS = "omnibus test"
"""The estimand of a joint test, whose figure is a p-value and has no interval."""

SYNTHETIC = "synthetic wave"
"""The reason why no claim of a wave may be quoted that a computer drew."""

NO_WIDTH = 1e-9
"""Intervals this narrow beside the outcome's scale are rounding."""


@dataclass(frozen=True, slots=True)
class Figure:
    """An estimate as a claim holds it.

    Parameters
    ----------
    estimand
        As in the bundle: ``share``, ``marginal mean``, ``amce`` and so on; a difference ends on
        ``difference``.
    group, outcome, attribute, level, reference
        Whose and of what; `reference` is the group or level it is held against, if any.
    estimate, low, high, base
        On 0 to 1 for shares; the base counts people.
    reach
        From one end of the outcome's scale to the other: 1 for shares.
    effective
        How many equally weighted people would tell as much; not a number where the bundle has none.
    """

    estimand: str
    group: str
    outcome: str
    attribute: str
    level: str
    reference: str
    estimate: float
    low: float
    high: float
    base: int
    reach: float = 1.0
    effective: float = float("nan")

    @property
    def is_difference(self) -> bool:
        """Whether it holds two figures against each other."""
        return bool(self.reference) or self.estimand.endswith("difference")

    @property
    def is_clear(self) -> bool:
        """Whether the interval keeps off zero: what a comparison needs."""
        return bool(self.low > 0 or self.high < 0)

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attribute; of two that are taken together, each as well."""
        return tuple(dict.fromkeys([self.attribute, *self.attribute.split(INTERLOCK)]))

    @property
    def lacks_interval(self) -> bool:
        """Return True for a figure whose interval is missing or has no width."""
        if np.isnan(self.estimate) or self.estimand == OMNIBUS:
            return False
        return not self.high - self.low > NO_WIDTH * self.reach


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a claim may be quoted, and why not; `otherwise` is what it would be in a real wave."""

    verdict: Verdict
    reasons: tuple[str, ...]
    otherwise: Verdict


@dataclass(frozen=True, slots=True)
class Claim:
    """What may be said of figures: the sentence by its key, the figures, and the verdict.

    Parameters
    ----------
    key
        Of the sentence in ``phrases.en.toml``; its first part is the `kind`.
    figures
        All the figures it says, the leading one first. None where they are not shown.
    reading
        Of its smallest base: safe, caution or suppressed.
    judgement
        Whether it may be quoted.
    parts
        Names and figures as the sentence has them, in Markdown.
    marks
        What stands behind the sentence in place of the mark of its verdict, in Markdown.
    """

    key: str
    figures: tuple[Figure, ...]
    reading: str
    judgement: Judgement
    parts: Mapping[str, str] = field(default_factory=dict, hash=False)
    marks: str | None = None

    @property
    def kind(self) -> str:
        """What sort of sentence it is, such as ``headline`` or ``departure``."""
        return self.key.split(".")[1].replace("_", "-")

    @property
    def text(self) -> str:
        """The sentence in Markdown."""
        return sentence_case(phrase(self.key, **self.parts))

    @property
    def marked(self) -> str:
        """The sentence with its verdict, in Markdown."""
        marks = mark(self.judgement) if self.marks is None else self.marks
        return f"{self.text} {marks}".rstrip()

    @property
    def is_quotable(self) -> bool:
        """Return True unless it may not be quoted, had people given the answers."""
        return self.judgement.otherwise != "do not quote"


def claim(
    analysis: Analysis, key: str, reading: str, figures: Iterable[Figure], **parts: str
) -> Claim:
    """Make a claim and judge it."""
    own = tuple(figures)
    return Claim(key, own, reading, judge(analysis, reading, own), parts)


def figure_of(survey: Survey, row: Mapping[Any, Any] | pd.Series[Any], **given: str) -> Figure:
    """Take a figure from a row of the bundle; `given` sets keys that the row says otherwise."""
    outcome = str(row["outcome"])
    asked = survey.outcomes.get(outcome)
    rated = asked is not None and asked.kind == "rating"
    reach = float(asked.max - asked.min) if rated and asked and asked.max is not None and asked.min is not None else 1.0  # fmt: skip

    def word(name: str) -> str:
        value = given.get(name, row.get(name, ""))
        return "" if not isinstance(value, str) else value

    return Figure(
        word("estimand"),
        word("group"),
        outcome,
        word("attribute"),
        word("level"),
        word("reference"),
        float(row["estimate"]),
        float(row["conf_low"]),
        float(row["conf_high"]),
        int(row["n_respondents"]),
        reach,
        float(row.get("n_effective", np.nan)),
    )


def widest(people: int, figure: Figure) -> float:
    """The widest interval that so many people would give: a share of 50%, or two of them apart."""
    if people <= 0:
        return float("inf")
    both = np.sqrt(2) if figure.is_difference else 1.0
    return float(2 * NORMAL * 0.5 * figure.reach * both / np.sqrt(people))


def judge(analysis: Analysis, reading: str, figures: Sequence[Figure]) -> Judgement:
    """Weigh figures by the audit, the effects, their bases and intervals, and whether anybody was asked."""
    survey = analysis.survey
    limits = survey.thresholds
    stop, caution = _by_base(survey, reading, figures)
    stop = [*obstacles(analysis, figures), *stop]
    if _wider(figures, limits.suppress_below):
        stop.append(phrase("verdict.too_wide"))
    elif _wider(figures, limits.caution_below):
        caution.append(phrase("verdict.wide"))
    if any(figure.lacks_interval for figure in figures):
        caution.append(phrase("verdict.no_width"))
    otherwise: Verdict = "do not quote" if stop else "with caution" if caution else "safe to quote"
    reasons = tuple(stop or caution)
    if survey.synthetic:
        return Judgement("do not quote", (SYNTHETIC, *reasons), otherwise)
    return Judgement(otherwise, reasons, otherwise)


def _by_base(
    survey: Survey, reading: str, figures: Sequence[Figure]
) -> tuple[list[str], list[str]]:
    """What people and the effective base say against figures: reasons not to quote them, and for caution."""
    limits = survey.thresholds
    people = reading_of(min((figure.base for figure in figures), default=0), limits)
    effective = min((f.effective for f in figures if not np.isnan(f.effective)), default=np.inf)
    weighted = reading_of(effective, limits)
    least, careful = (str(limit) for limit in (limits.suppress_below, limits.caution_below))
    stop, caution = [], []
    if reading == "suppressed":
        hidden = people != "suppressed"
        stop.append(phrase("verdict.withheld") if hidden else phrase("verdict.base", limit=least))
    elif weighted == "suppressed":
        stop.append(phrase("verdict.effective_base", limit=least))
    if reading == "caution" and (people != "safe" or weighted == "safe"):
        caution.append(phrase("verdict.base", limit=careful))
    elif weighted != "safe":
        caution.append(phrase("verdict.effective_base", limit=careful))
    return stop, caution


def obstacles(analysis: Analysis, figures: Iterable[Figure]) -> tuple[str, ...]:
    """Say what forbids to quote figures, whatever their base: stops of the audit, and effects.

    A stop concerns the attributes and outcomes that it names, or all conjoint figures; answers to questions
    only where it is about who answered. An effect forbids it that goes the other way than the marginal
    means do, with one of the two clear of zero: the means then tell of what stood beside the level.
    """
    stops: list[Item] = []
    turned: dict[str, None] = {}
    for figure in figures:
        conjoint = _is_conjoint(analysis.survey, figure)
        stops += analysis.audit.stops_for(figure.outcome if conjoint else "", figure.attributes)
        if conjoint:
            turned |= dict.fromkeys(_turned(analysis, figure))
    return (*stop_reason(stops), *turned)


def stop_reason(stops: Iterable[Item]) -> tuple[str, ...]:
    """Say what the audit stops for, as one reason; none where it does not."""
    titles = dict.fromkeys(title_of(item.check) for item in stops)
    words = "; ".join(title[:1].lower() + title[1:] for title in titles)
    return (phrase("verdict.stop", checks=words),) if words else ()


def _is_conjoint(survey: Survey, figure: Figure) -> bool:
    """Return True for figures of an outcome; a question may have an outcome's name."""
    if figure.outcome not in survey.outcomes:
        return False
    of_attribute = any(name in survey.attributes for name in figure.attributes)
    return of_attribute or figure.outcome not in survey.questions


def _turned(analysis: Analysis, figure: Figure) -> Iterator[str]:
    """Say which effects on a figure's attributes go the other way than the means, group by group."""
    levels = {figure.level, figure.reference, *figure.level.split(INTERLOCK)}
    for (outcome, group, attribute), rows in analysis.opposed.items():
        if outcome != figure.outcome or attribute not in figure.attributes:
            continue
        if figure.group and group not in (figure.group, figure.reference):
            continue
        ends = [row for row in rows if "high" in row]
        single = [row for row in rows if not figure.level or row.get("level") in levels]
        for row in ends or single:
            yield _other_way(analysis.survey, row, of_effect=figure.estimand == "amce")


def _other_way(survey: Survey, row: Mapping[Any, Any], *, of_effect: bool) -> str:
    """Say that an effect goes the other way than the means, or of an effect that they do, with an interval."""
    group, attribute = str(row["group"]), str(row["attribute"])
    measure = measure_of(survey, str(row["outcome"]))
    if "high" in row:
        first, against = level_pair(survey, attribute, str(row["high"]), str(row["low"]))
    else:
        first, against = (
            level_phrase(survey, attribute, str(row["level"])),
            phrase("verdict.average"),
        )
    names = (
        ("estimate", "conf_low", "conf_high")
        if of_effect
        else ("effect", "effect_low", "effect_high")
    )
    return phrase(
        "verdict.means_turned" if of_effect else "verdict.effect_turned",
        level=first,
        against=against,
        among="" if group == TOTAL else phrase("words.among", who=survey.group_noun(group)),
        change=measure.moved(*(row[name] for name in names), unit=True),
    )


def _wider(figures: Iterable[Figure], people: int) -> bool:
    return any(f.high - f.low > widest(people, f) for f in figures)


def badge(words: str, look: str) -> str:
    """A verdict of any kind as a mark in Markdown; `look` is safe, caution or suppressed."""
    return f"[{words}]{{.verdict .{look}}}"


LOOK = {"safe to quote": "safe", "with caution": "caution", "do not quote": "suppressed"}


def mark(judgement: Judgement) -> str:
    """A verdict as a mark in Markdown."""
    reasons = [escape(reason) for reason in judgement.reasons if reason != SYNTHETIC]
    otherwise = judgement.otherwise
    words = phrase(f"verdict.mark.{LOOK[otherwise]}")
    if reasons:
        words = phrase("verdict.mark.why", verdict=words, reasons=", ".join(reasons))
    if SYNTHETIC in judgement.reasons and otherwise != "do not quote":
        words = phrase("verdict.mark.synthetic", verdict=words)
        return badge(words, f"synthetic .{LOOK[otherwise]}")
    return badge(sentence_case(words), LOOK[otherwise])
