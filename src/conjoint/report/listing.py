"""Every claim of the segment report, section by section; and as a table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.report.claim import OMNIBUS, Claim, Figure, judge
from conjoint.report.claims import (
    PARTINGS,
    departures,
    group_claim,
    headline_questions,
    lead_question,
    leader,
    level_claim,
    ranked,
)
from conjoint.report.moves import agreement, divides, grid_claim, is_pulled, wins_or_loses
from conjoint.report.trade import trade_claim
from conjoint.say.measure import RATED, SHARE, fine_measure
from conjoint.say.number import base_text, p_value
from conjoint.say.words import plain
from conjoint.spreadsheet import csv_text
from conjoint.survey import INTERLOCK
from conjoint.wave import TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conjoint.analysis import Analysis
    from conjoint.survey import Survey

__all__ = [
    "CLAIM_COLUMNS",
    "claims_of",
    "has_grid",
    "one_look",
    "said",
    "trade_claims",
    "write_claims",
]

CLAIM_COLUMNS = [
    "section", "kind", "text", "verdict", "reasons", "in_a_real_wave",
    "estimand", "outcome", "group", "reference", "attribute", "level",
    "estimate", "conf_low", "conf_high", "n_respondents", "also",
]  # fmt: skip

STRONGEST = 3
"""Attributes that are told where a survey asked no topline question."""


def claims_of(analysis: Analysis) -> pd.DataFrame:
    """List every claim of the segment report.

    Returns
    -------
    pandas.DataFrame
        One row a claim, in the report's order: ``section, kind, text`` (plain), ``verdict`` (safe to
        quote, with caution, do not quote), ``reasons``, ``in_a_real_wave`` (the verdict if people had
        given the answers; differs for synthetic waves alone), the leading figure (``estimand, outcome,
        group, reference, attribute, level, estimate, conf_low, conf_high, n_respondents``; its estimate
        is the p-value for an omnibus test) and ``also``, the other figures in words.
    """
    rows = []
    for section, claim in said(analysis):
        found = judge(analysis, claim)
        first = claim.figures[0] if claim.figures else None
        rows.append(
            {
                "section": section,
                "kind": claim.kind,
                "text": plain(claim.text),
                "verdict": found.verdict,
                "reasons": "; ".join(found.reasons),
                "in_a_real_wave": found.otherwise,
                "estimand": first.estimand if first else "",
                "outcome": first.outcome if first else "",
                "group": first.group if first else "",
                "reference": first.reference if first else "",
                "attribute": first.attribute if first else "",
                "level": first.level if first else "",
                "estimate": first.estimate if first else None,
                "conf_low": first.low if first else None,
                "conf_high": first.high if first else None,
                "n_respondents": (first.base or None) if first else None,
                "also": "; ".join(
                    _in_words(analysis.survey, figure) for figure in claim.figures[1:]
                ),
            }
        )
    return pd.DataFrame(rows, columns=CLAIM_COLUMNS)


def write_claims(analysis: Analysis, to: Path) -> Path:
    """Write the claims as CSV; text that a spreadsheet would take for a formula stays text."""
    to.write_bytes(csv_text(claims_of(analysis)).encode())
    return to


def _in_words(survey: Survey, figure: Figure) -> str:
    parts = (figure.estimand, figure.group, figure.attribute, figure.level)
    against = f" against {figure.reference}" if figure.reference else ""
    return f"{' '.join(part for part in parts if part)}{against} {_written(survey, figure)}"


def _written(survey: Survey, figure: Figure) -> str:
    """A figure with its interval and base, with one decimal more than in the report."""
    if figure.estimand == OMNIBUS:
        return f"{p_value(figure.estimate, 'p')} ({base_text(figure.base)})"
    measure = replace(SHARE, decimals=1)
    if figure.outcome in survey.outcomes:
        measure = fine_measure(survey, figure.outcome)
    elif figure.estimand == "mean":
        measure = replace(RATED, decimals=2)
    figures = (figure.estimate, figure.low, figure.high, figure.base)
    return measure.moved(*figures, unit=True) if figure.reference else measure.figure(*figures)


def said(analysis: Analysis) -> Iterator[tuple[str, Claim]]:
    """Every claim of the segment report with its section, in order."""
    survey = analysis.survey
    sections = {
        "one look": one_look(analysis),
        "what moves support": _movers(analysis),
        "where segments part": agreement(analysis),
        "grid": (
            grid_claim(analysis, group)
            for group in (TOTAL, *survey.segments)
            if has_grid(analysis, group)
        ),
        "trade-off": trade_claims(analysis),
        **{f"segment: {group}": segment_claims(analysis, group) for group in survey.segments},
        "toplines": (
            group_claim(analysis, question, TOTAL)
            for question in headline_questions(analysis)
            if question != lead_question(analysis)
        ),
    }
    for section, claims in sections.items():
        for claim in claims:
            yield section, claim


def _movers(analysis: Analysis) -> Iterator[Claim]:
    for attribute in ranked(analysis):
        yield level_claim(analysis, attribute, TOTAL)
        yield from departures(analysis, attribute=attribute)


def one_look(analysis: Analysis) -> list[Claim]:
    """The few claims of the first page: everybody, the leading segment, what moves most."""
    question = lead_question(analysis)
    order = ranked(analysis)
    if question is None:
        return [level_claim(analysis, name, TOTAL) for name in order[:STRONGEST]]
    first = leader(analysis, question)
    strongest = [level_claim(analysis, name, TOTAL) for name in order[:1]]
    return [group_claim(analysis, question, TOTAL), *([first] if first else []), *strongest]


def segment_claims(analysis: Analysis, group: str) -> Iterator[Claim]:
    """Every claim on a segment's page, in order."""
    for question in headline_questions(analysis):
        yield group_claim(analysis, question, group)
    if not is_pulled(analysis, group):
        for attribute in ranked(analysis, group)[:STRONGEST]:
            yield level_claim(analysis, attribute, group)
    for wins in (True, False):
        yield from wins_or_loses(analysis, group, wins=wins)
    yield from divides(analysis, group)
    yield from departures(analysis, group=group)[:PARTINGS]


def has_grid(analysis: Analysis, group: str) -> bool:
    """Whether any cell of a group's grid can be shown."""
    joint = analysis.tables.get("joint_means")
    if joint is None:
        return False
    return bool(joint.loc[joint["group"] == group, "estimate"].notna().any())


def trade_claims(analysis: Analysis) -> list[Claim]:
    """The trade-off of the grid's two attributes, for everybody and each segment.

    It is that of the longest step: how far all of the second attribute makes up for the first.
    """
    survey = analysis.survey
    table = analysis.tables.get("trade_off")
    if table is None:
        return []
    own = table[table["question"] == "buys"]
    own = own.assign(step=(own["take_end"] - own["take_from"]).abs())
    claims = []
    for group in (TOTAL, *survey.segments):
        rows = own[own["group"] == group].sort_values("step", kind="stable")
        if len(rows):
            row = {str(k): v for k, v in rows.iloc[-1].to_dict().items()}
            claims.append(replace(trade_claim(survey, row), kind="trade-off", figures=_traded(row)))
    return claims


def _traded(row: dict[str, Any]) -> tuple[Figure, ...]:
    """What one step gains, what the other loses, and both together."""
    group, outcome, base = str(row["group"]), str(row["outcome"]), int(row["n_respondents"])
    both = INTERLOCK.join((str(row["give"]), str(row["take"])))
    ends = {"net": both, "gain": row["take"], "loss": row["give"]}
    return tuple(
        Figure(
            f"{name} of a trade-off",
            group,
            outcome,
            str(attribute),
            "",
            "before",
            float(row[name]),
            float(row[f"{name}_low"]),
            float(row[f"{name}_high"]),
            base,
            effective=float(row.get("n_effective", np.nan)),
        )
        for name, attribute in ends.items()
        if name == "net" or pd.notna(row[name])
    )
