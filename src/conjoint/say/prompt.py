"""Objects at a prompt: a line that says what it is, and its first rows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.say.number import base, numeral, p_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["at_prompt"]

MOST_ROWS = 12
"""Rows that are shown."""

WIDEST = 48
"""Letters of a text that are shown."""


def at_prompt(head: str, frame: pd.DataFrame, columns: Iterable[Any], decimals: int = 4) -> str:
    """Write a line and the first rows of a frame under it.

    Parameters
    ----------
    columns
        Which are shown; those without any value are left out.
    decimals
        Of numbers that are not whole.

    Examples
    --------
    >>> frame = pd.DataFrame({"level": ["low", "high"], "estimate": [0.0, 0.12345], "n": [10, 12]})
    >>> print(at_prompt("<Two figures>", frame, ["level", "estimate", "n"]))
    <Two figures>
    level  estimate   n
      low    0.0000  10
     high    0.1235  12
    """
    shown = frame.head(MOST_ROWS)
    texts = {
        name: _texts(shown[name], decimals)
        for name in columns
        if not shown[name].isin(["", None]).all() and not shown[name].isna().all()
    }
    if not texts:
        return head
    table = pd.DataFrame(texts).to_string(index=False)
    left = len(frame) - len(shown)
    more = f"\n... and {base(left)} more in .frame" if left else ""
    return f"{head}\n{table}{more}"


def _texts(column: pd.Series[Any], decimals: int) -> list[str]:
    """A column's values: p-values as such, whole numbers without decimals, long texts cut."""
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        lines = (" ".join(str(value).split()) for value in column.fillna(""))
        return [line if len(line) <= WIDEST else f"{line[: WIDEST - 1]}…" for line in lines]
    name, values = str(column.name), column.to_numpy(dtype=float)
    write: Callable[[float], str] = partial(numeral, decimals=decimals)
    if name.startswith("p_") or name.endswith("_p"):
        write = p_value
    elif name.startswith("n_") or pd.api.types.is_integer_dtype(column):
        write = base
    return ["" if np.isnan(value) else write(value) for value in values]
