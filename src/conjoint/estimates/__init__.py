"""Figures that carry their influence, and what follows from it."""

from conjoint.estimates.basis import Basis, effective_base
from conjoint.estimates.contrast import contrast
from conjoint.estimates.designs import Designs
from conjoint.estimates.difference import MINUS, compared_groups, differences
from conjoint.estimates.equivalence import equivalent, p_equivalent
from conjoint.estimates.freedom import Freedom
from conjoint.estimates.independent import independent, paired
from conjoint.estimates.influence import (
    Influence,
    Placed,
    beside,
    combined,
    cross_product,
    matrix_of,
    squares_of,
    unmoved,
)
from conjoint.estimates.model import COLUMNS, COUNTS, ENOUGH, LABELS, Estimates
from conjoint.estimates.multiplicity import adjust, adjusted
from conjoint.estimates.omnibus import FEW_PEOPLE, omnibus, wald
from conjoint.estimates.specification import Specification
from conjoint.estimates.stack import stack

__all__ = [
    "COLUMNS",
    "COUNTS",
    "ENOUGH",
    "FEW_PEOPLE",
    "LABELS",
    "MINUS",
    "Basis",
    "Designs",
    "Estimates",
    "Freedom",
    "Influence",
    "Placed",
    "Specification",
    "adjust",
    "adjusted",
    "beside",
    "combined",
    "compared_groups",
    "contrast",
    "cross_product",
    "differences",
    "effective_base",
    "equivalent",
    "independent",
    "matrix_of",
    "omnibus",
    "p_equivalent",
    "paired",
    "squares_of",
    "stack",
    "unmoved",
    "wald",
]
