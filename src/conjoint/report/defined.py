"""How each figure is defined: its estimand in a line, and where the definition comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjoint.say.phrase import phrase
from conjoint.say.words import small_bases_quoted
from conjoint.table import Table, strong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjoint.analysis import Analysis

__all__ = ["defined"]

FIGURES = (
    "share",
    "marginal_mean",
    "amce",
    "standard_errors",
    "unweighted",
    "absorbed",
    "logit",
    "reliability",
    "corrected",
    "omnibus",
    "adjusted",
    "effective_base",
)
"""The figures that are defined, in order."""


def defined(analysis: Analysis) -> Iterator[str | Table]:
    """A table of the figures that the appendix holds."""
    rows = [
        (
            strong(phrase(f"method.defined.{name}.name")),
            phrase(f"method.defined.{name}.what"),
            phrase(f"method.defined.{name}.source"),
        )
        for name in FIGURES
    ]
    yield Table.of(
        phrase("method.defined.heading"),
        (
            phrase("method.defined.figure"),
            phrase("method.defined.what"),
            phrase("method.source"),
        ),
        rows,
        words=3,
        widths=(2, 6, 4),
        label="tbl-definitions",
    )
    yield phrase("method.defined.intervals", small_bases=small_bases_quoted(analysis.survey))
