"""What follows from the answers: one function an estimand."""

from conjoint.estimate.amce import amce
from conjoint.estimate.means import joint_means, marginal_means

__all__ = ["amce", "joint_means", "marginal_means"]
