"""Array types and closed sets of options, defined once."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["BoolArray", "FloatArray", "IntArray", "Integers", "Layout", "Variance"]

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.intp]
Integers: TypeAlias = npt.NDArray[np.integer]
"""Codes as they are kept, maybe in few bytes: widen before multiplying."""
BoolArray: TypeAlias = npt.NDArray[np.bool_]

Layout: TypeAlias = Literal["wide", "long"]
Variance: TypeAlias = Literal["linearised", "CR1", "CR2", "CR3"]
