"""Weights that make a sample look like its population, and what they cost."""

from conjoint.weight.diagnose import Efficiency, efficiency, weighting_table
from conjoint.weight.sample import check_targets, rake

__all__ = ["Efficiency", "check_targets", "efficiency", "rake", "weighting_table"]
