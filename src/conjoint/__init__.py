"""Conjoint polls, from a survey folder to a segment report."""

from conjoint.estimate import amce, joint_means, marginal_means
from conjoint.estimates import Estimates, differences
from conjoint.survey import Survey, read_survey
from conjoint.wave import Wave

__all__ = [
    "Estimates",
    "Survey",
    "Wave",
    "amce",
    "differences",
    "joint_means",
    "marginal_means",
    "read_survey",
]

__version__ = "0.1.0"
