"""Question tables: weighted percentages with their bases, intervals and significance."""

from conjoint.toplines.compare import Comparisons
from conjoint.toplines.crosstab import crosstab, tables
from conjoint.toplines.question import bases, toplines
from conjoint.toplines.table import Table

__all__ = [
    "Comparisons",
    "Table",
    "bases",
    "crosstab",
    "tables",
    "toplines",
]
