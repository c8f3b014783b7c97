"""Analysis: one call from a survey folder to a bundle of aggregates, the privacy line."""

from conjoint.analysis.bundle import Analysis, is_bundle
from conjoint.analysis.opened import read_bundle
from conjoint.analysis.pages import (
    audit_analysis,
    comparison_analysis,
    reproduction_analysis,
    shown_of,
)
from conjoint.analysis.run import STEPS, run_analysis

__all__ = [
    "STEPS",
    "Analysis",
    "audit_analysis",
    "comparison_analysis",
    "is_bundle",
    "read_bundle",
    "reproduction_analysis",
    "run_analysis",
    "shown_of",
]
