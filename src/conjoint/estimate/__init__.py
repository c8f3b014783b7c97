"""What follows from the answers: one function an estimand."""

from conjoint.estimate.amce import amce
from conjoint.estimate.choice import choice_effects, choice_means
from conjoint.estimate.correction import corrected
from conjoint.estimate.extrapolation import extrapolated_reliability
from conjoint.estimate.interaction import interactions
from conjoint.estimate.logit import part_worths
from conjoint.estimate.means import joint_means, marginal_means
from conjoint.estimate.population import population_effects, population_means, target_overlap
from conjoint.estimate.preference import component_preferences
from conjoint.estimate.presence import presence_effects
from conjoint.estimate.reliability import reliability
from conjoint.estimate.share import choice_share

__all__ = [
    "amce",
    "choice_effects",
    "choice_means",
    "choice_share",
    "component_preferences",
    "corrected",
    "extrapolated_reliability",
    "interactions",
    "joint_means",
    "marginal_means",
    "part_worths",
    "population_effects",
    "population_means",
    "presence_effects",
    "reliability",
    "target_overlap",
]
