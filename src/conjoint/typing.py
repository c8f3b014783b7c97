"""Array types and closed sets of options, defined once."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = [
    "Absorb",
    "Adjustment",
    "Bearing",
    "BoolArray",
    "BundleFormat",
    "ChoiceModel",
    "ColumnTest",
    "Composition",
    "Curve",
    "Distance",
    "Family",
    "Few",
    "FigureKind",
    "FlagKind",
    "FloatArray",
    "IntArray",
    "Integers",
    "Interaction",
    "IntervalMethod",
    "Layout",
    "Link",
    "Method",
    "Model",
    "PublishedEstimand",
    "PublishedUnit",
    "Randomised",
    "Reading",
    "Reproducing",
    "Resampling",
    "Sharing",
    "Standing",
    "Sureness",
    "Ties",
    "Unanswered",
    "Variance",
    "Verdict",
]

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.intp]
Integers: TypeAlias = npt.NDArray[np.integer]
"""Codes as they are kept, maybe in few bytes: widen before multiplying."""
BoolArray: TypeAlias = npt.NDArray[np.bool_]

BundleFormat: TypeAlias = Literal["csv", "parquet"]
ReportFormat: TypeAlias = Literal["html", "docx", "pptx", "pdf", "md"]
Renderer: TypeAlias = Literal["embedded", "quarto"]
Layout: TypeAlias = Literal["wide", "long", "tasks"]
Ties: TypeAlias = Literal["keep", "drop"]
Interaction: TypeAlias = Literal["acie", "amie"]
Randomised: TypeAlias = Literal["declared", "observed"]
Reading: TypeAlias = Literal["safe", "caution", "suppressed"]
"""How a figure may be read by its base."""
Variance: TypeAlias = Literal["linearised", "CR1", "CR2", "CR3"]
Adjustment: TypeAlias = Literal["holm", "benjamini-hochberg"]
ColumnTest: TypeAlias = Literal["design", "effective base"]
Model: TypeAlias = Literal["linear", "logit", "probit"]
Link: TypeAlias = Literal["logit", "probit"]
IntervalMethod: TypeAlias = Literal["score", "logit", "beta", "wald"]
ChoiceModel: TypeAlias = Literal["logit", "probit", "conditional_logit"]
Unanswered: TypeAlias = Literal["refuse", "keep", "drop"]
Distance: TypeAlias = Literal["raking", "linear", "logit"]
Resampling: TypeAlias = Literal["bootstrap", "jackknife"]
Method: TypeAlias = Literal["design", "model"]
Absorb: TypeAlias = Literal["respondent"]
Verdict: TypeAlias = Literal["fine", "look", "stop"]
Curve: TypeAlias = Literal["piecewise", "straight"]
Sharing: TypeAlias = Literal["logit", "first choice"]
Standing: TypeAlias = Literal["either", "first", "second"]
Sureness: TypeAlias = Literal["sure", "likely", "guess"]
PublishedEstimand: TypeAlias = Literal[
    "amce", "marginal_mean", "difference", "amce_difference", "acie", "amie", "joint_mean"
]
PublishedUnit: TypeAlias = Literal["percent", "points", "share"]
Reproducing: TypeAlias = Literal[
    "reproduced", "within sampling error", "differs", "cannot be computed"
]
Composition: TypeAlias = Literal["as weighted", "same targets"]
FigureKind: TypeAlias = Literal["topline", "marginal mean", "amce"]
Family: TypeAlias = Literal["table", "comparison"]
Few: TypeAlias = Literal["note", "leave out"]
Bearing: TypeAlias = Literal["not compared", "care", "noted"]
FlagKind: TypeAlias = Literal[
    "synthetic", "population", "mode", "wording", "answers", "asked", "attribute", "levels", "design",
    "segment", "respondents", "targets", "estimate", "exclusions", "pollster", "order", "baseline",
]  # fmt: skip
