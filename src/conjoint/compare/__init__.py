"""Waves side by side: what changed, what that is made of, and what cannot be compared."""

from conjoint.compare.flag import Flag
from conjoint.compare.model import Comparison
from conjoint.compare.power import minimum_detectable_change, power_of_change
from conjoint.compare.run import compare

__all__ = ["Comparison", "Flag", "compare", "minimum_detectable_change", "power_of_change"]
