"""Weights that make a sample look like its population, and what they cost."""

from conjoint.weight.check import check_targets
from conjoint.weight.diagnose import (
    Efficiency,
    efficiency,
    margin_members,
    people_without_answer,
    weighting_summary,
    weighting_table,
)
from conjoint.weight.look import target_warnings
from conjoint.weight.replicate import Reweighting, replicate_weights
from conjoint.weight.sample import calibrate, post_stratify, rake, rake_respondents
from conjoint.weight.trim import trim

__all__ = [
    "Efficiency",
    "Reweighting",
    "calibrate",
    "check_targets",
    "efficiency",
    "margin_members",
    "people_without_answer",
    "post_stratify",
    "rake",
    "rake_respondents",
    "replicate_weights",
    "target_warnings",
    "trim",
    "weighting_summary",
    "weighting_table",
]
