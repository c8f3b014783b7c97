"""The claims of a report as a table, and as claims.csv."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from conjoint.report.claim import OMNIBUS, Claim, Figure
from conjoint.say.measure import RATED, SHARE, fine_measure
from conjoint.say.number import base_text, p_value
from conjoint.say.words import plain
from conjoint.spreadsheet import csv_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conjoint.survey import Survey

__all__ = ["CLAIM_COLUMNS", "claims_csv", "claims_table"]

CLAIM_COLUMNS = [
    "section", "kind", "text", "verdict", "reasons", "in_a_real_wave",
    "estimand", "outcome", "group", "reference", "attribute", "level",
    "estimate", "conf_low", "conf_high", "n_respondents", "also",
]  # fmt: skip


def claims_table(survey: Survey, said: Iterable[tuple[str, Claim]]) -> pd.DataFrame:
    """List the claims of a report.

    Parameters
    ----------
    survey
        What was asked.
    said
        Claims with the sections they stand in, as ``SegmentReport.said`` gives them.

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
    for section, claim in said:
        found = claim.judgement
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
                "also": "; ".join(_in_words(survey, figure) for figure in claim.figures[1:]),
            }
        )
    return pd.DataFrame(rows, columns=CLAIM_COLUMNS)


def claims_csv(survey: Survey, said: Iterable[tuple[str, Claim]]) -> bytes:
    """The claims as CSV; text that a spreadsheet would take for a formula stays text."""
    return csv_text(claims_table(survey, said)).encode()


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
