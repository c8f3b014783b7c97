"""Figures that carry their influence, and what follows from it."""

from conjoint.estimates.difference import compared_groups, differences
from conjoint.estimates.freedom import Freedom
from conjoint.estimates.model import COLUMNS, COUNTS, LABELS, Estimates, Specification, stack

__all__ = [
    "COLUMNS",
    "COUNTS",
    "LABELS",
    "Estimates",
    "Freedom",
    "Specification",
    "compared_groups",
    "differences",
    "stack",
]
