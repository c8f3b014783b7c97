"""Figures that belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from conjoint.typing import IntArray

__all__ = ["families"]


def families(
    labels: pd.DataFrame, columns: Sequence[str]
) -> Iterator[tuple[tuple[str, ...], IntArray]]:
    """The rows that share their entries in some columns, in the order of their first row."""
    keys = list(labels[list(columns)].itertuples(index=False, name=None))
    for wanted in dict.fromkeys(keys):
        rows = [row for row, key in enumerate(keys) if key == wanted]
        yield wanted, np.array(rows, dtype=np.intp)
