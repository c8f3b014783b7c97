"""The public names, all loaded: the package itself loads them when one is asked for."""

from conjoint.analysis import Analysis, read_bundle, run_analysis
from conjoint.audit import Audit, audit
from conjoint.compare import Comparison, compare, minimum_detectable_change, power_of_change
from conjoint.disclosure import disclosure
from conjoint.estimate import (
    amce,
    choice_effects,
    choice_means,
    choice_share,
    component_preferences,
    corrected,
    extrapolated_reliability,
    interactions,
    joint_means,
    marginal_means,
    part_worths,
    population_effects,
    population_means,
    presence_effects,
    reliability,
    target_overlap,
)
from conjoint.estimates import (
    Estimates,
    adjust,
    contrast,
    differences,
    equivalent,
    omnibus,
    stack,
)
from conjoint.read import read_wave
from conjoint.read.tables import read_survey
from conjoint.reproduce import Reproduction, reproduce
from conjoint.robust.fragility import fragility
from conjoint.robust.replicates import replicate
from conjoint.say.number import rounded_percent, rounding_note
from conjoint.scenario import best, grid, importance, shares, shrink, support, trade_off
from conjoint.survey import Survey
from conjoint.toplines import Table, bases, crosstab, tables, toplines
from conjoint.wave import Wave
from conjoint.weight import (
    calibrate,
    efficiency,
    post_stratify,
    rake,
    target_warnings,
    trim,
    weighting_summary,
    weighting_table,
)

__all__ = [
    "Analysis",
    "Audit",
    "Comparison",
    "Estimates",
    "Reproduction",
    "Survey",
    "Table",
    "Wave",
    "adjust",
    "amce",
    "audit",
    "bases",
    "best",
    "calibrate",
    "choice_effects",
    "choice_means",
    "choice_share",
    "compare",
    "component_preferences",
    "contrast",
    "corrected",
    "crosstab",
    "differences",
    "disclosure",
    "efficiency",
    "equivalent",
    "extrapolated_reliability",
    "fragility",
    "grid",
    "importance",
    "interactions",
    "joint_means",
    "marginal_means",
    "minimum_detectable_change",
    "omnibus",
    "part_worths",
    "population_effects",
    "population_means",
    "post_stratify",
    "power_of_change",
    "presence_effects",
    "rake",
    "read_bundle",
    "read_survey",
    "read_wave",
    "reliability",
    "replicate",
    "reproduce",
    "rounded_percent",
    "rounding_note",
    "run_analysis",
    "shares",
    "shrink",
    "stack",
    "support",
    "tables",
    "target_overlap",
    "target_warnings",
    "toplines",
    "trade_off",
    "trim",
    "weighting_summary",
    "weighting_table",
]
