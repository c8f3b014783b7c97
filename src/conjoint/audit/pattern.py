"""Rows of several whole numbers as one number each, so that equal rows are found quickly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from conjoint.typing import IntArray, Integers

__all__ = ["number_rows", "row_hashes"]

LARGEST = 2**62
"""Above all numbers that tell rows apart."""


def _packed(columns: Iterable[Integers]) -> pd.DataFrame:
    """Columns of numbers from -1 on as few columns as tell the same rows apart."""
    packed: list[npt.NDArray[np.int64]] = []
    size = LARGEST
    for column in columns:
        states = int(column.max(initial=-1)) + 2
        if size * states >= LARGEST:
            packed.append(np.zeros(len(column), dtype=np.int64))
            size = 1
        packed[-1] = packed[-1] * states + column + 1
        size *= states
    return pd.DataFrame({str(place): column for place, column in enumerate(packed)})


def row_hashes(columns: Iterable[Integers]) -> npt.NDArray[np.uint64]:
    """A hash of each row of some columns of numbers from -1 on, of shape (rows,)."""
    return np.asarray(pd.util.hash_pandas_object(_packed(columns), index=False), dtype=np.uint64)


def number_rows(columns: Iterable[Integers]) -> IntArray:
    """Number rows from 0 on, equal ones alike, as they come; of shape (rows,)."""
    packed = _packed(columns)
    key = packed["0"] if packed.shape[1] == 1 else pd.util.hash_pandas_object(packed, index=False)
    return pd.factorize(key)[0].astype(np.intp)
