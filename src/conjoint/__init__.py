"""Conjoint polls, from a survey folder to a segment report."""

from conjoint.analysis import Analysis, read_bundle, run_analysis
from conjoint.estimate import amce, joint_means, marginal_means
from conjoint.estimates import Estimates, adjust, contrast, differences, omnibus, stack
from conjoint.read import read_wave
from conjoint.survey import Survey, read_survey
from conjoint.toplines import bases, toplines
from conjoint.wave import Wave
from conjoint.weight import efficiency, rake, weighting_table

__all__ = [
    "Analysis",
    "Estimates",
    "Survey",
    "Wave",
    "adjust",
    "amce",
    "bases",
    "contrast",
    "differences",
    "efficiency",
    "joint_means",
    "marginal_means",
    "omnibus",
    "rake",
    "read_bundle",
    "read_survey",
    "read_wave",
    "run_analysis",
    "stack",
    "toplines",
    "weighting_table",
]

__version__ = "0.1.0"
