"""Figures made in other ways: for draws of respondents, without some of them, under other methods."""

from conjoint.robust.fragility import fragility
from conjoint.robust.headlines import compared_with, framed, headline_checks, headline_differences
from conjoint.robust.methods import robustness_tables
from conjoint.robust.replicates import Replicates, replicate

__all__ = [
    "Replicates",
    "compared_with",
    "fragility",
    "framed",
    "headline_checks",
    "headline_differences",
    "replicate",
    "robustness_tables",
]
