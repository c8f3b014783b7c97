"""Conjoint polls, from a survey folder to a segment report."""

# ruff: noqa: F405  # names that type checkers take from `public`

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from conjoint import errors as errors

if TYPE_CHECKING:
    from conjoint.public import *  # noqa: F403

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

__version__ = "0.1.0"


class _Package(ModuleType):
    """Loads public names when the first is asked for, so that ``conjoint --help`` need not wait.

    Some are functions called after the folder that they stand in, such as ``audit``: importing the
    folder does not take the name away.
    """

    def __getattr__(self, name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        value = getattr(import_module("conjoint.public"), name)
        super().__setattr__(name, value)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in __all__ and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*__all__, "errors", *(name for name in vars(self) if name.startswith("__"))})


sys.modules[__name__].__class__ = _Package
