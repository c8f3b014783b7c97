"""Before fieldwork: draw waves from stated preferences."""

from conjoint.plan.recipe import Recipe, read_recipe
from conjoint.plan.simulate import simulate

__all__ = ["Recipe", "read_recipe", "simulate"]
