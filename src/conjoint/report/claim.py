"""A claim as data: the sentence, the figures it stands on, and whether to quote it.

The verdict weighs the base, the width of the interval, and whether anybody gave the answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from conjoint.report.text import sentence_case

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from conjoint.survey import Survey

__all__ = ["Claim", "Figure", "Judgement", "Verdict", "figure_of", "judge", "mark", "widest"]

Verdict = Literal["safe to quote", "with caution", "do not quote"]

NORMAL = 1.96


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

    @property
    def is_difference(self) -> bool:
        """Whether it holds two figures against each other."""
        return bool(self.reference) or self.estimand.endswith("difference")

    @property
    def is_clear(self) -> bool:
        """Whether the interval keeps off zero: what a comparison needs."""
        return bool(self.low > 0 or self.high < 0)


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence in Markdown, and what it stands on.

    Parameters
    ----------
    text, reading
        The sentence; the reading of its smallest base: safe, caution or suppressed.
    kind
        What sort of sentence it is, such as ``headline`` or ``departure``.
    figures
        All the figures it says, the leading one first. None where they are not shown.
    """

    text: str
    reading: str
    kind: str = ""
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a claim may be quoted, and why not; `otherwise` is what it would be in a real wave."""

    verdict: Verdict
    reasons: tuple[str, ...]
    otherwise: Verdict


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
    )


def widest(people: int, figure: Figure) -> float:
    """The widest interval that so many people would give: a share of 50%, or two of them apart."""
    if people <= 0:
        return float("inf")
    both = np.sqrt(2) if figure.is_difference else 1.0
    return float(2 * NORMAL * 0.5 * figure.reach * both / np.sqrt(people))


def judge(survey: Survey, claim: Claim) -> Judgement:
    """Weigh a claim by its base, the width of its intervals, and whether anybody was asked."""
    limits = survey.thresholds
    bases = [figure.base for figure in claim.figures]
    stop, caution = [], []
    if claim.reading == "suppressed":
        hidden = bool(bases) and min(bases) >= limits.suppress_below
        stop.append("withheld" if hidden else f"base under {limits.suppress_below}")
    elif claim.reading == "caution":
        caution.append(f"base under {limits.caution_below}")
    if _wider(claim, limits.suppress_below):
        stop.append("interval too wide")
    elif _wider(claim, limits.caution_below):
        caution.append("wide interval")
    otherwise: Verdict = "do not quote" if stop else "with caution" if caution else "safe to quote"
    reasons = tuple(stop or caution)
    if survey.synthetic:
        return Judgement("do not quote", ("synthetic wave", *reasons), otherwise)
    return Judgement(otherwise, reasons, otherwise)


def _wider(claim: Claim, people: int) -> bool:
    return any(f.high - f.low > widest(people, f) for f in claim.figures)


LOOK = {"safe to quote": "safe", "with caution": "caution", "do not quote": "suppressed"}


def mark(survey: Survey, claim: Claim) -> str:
    """A claim's verdict as a mark in Markdown."""
    found = judge(survey, claim)
    reasons = [reason for reason in found.reasons if reason != "synthetic wave"]
    lead = {"with caution": "caution"}.get(found.otherwise, found.otherwise)
    words = f"{lead}: {', '.join(reasons)}" if reasons else lead
    look = LOOK[found.otherwise]
    if survey.synthetic and found.otherwise != "do not quote":
        return f"[Synthetic (else {words})]{{.verdict .synthetic .{look}}}"
    return f"[{sentence_case(words)}]{{.verdict .{look}}}"
