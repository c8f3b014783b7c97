"""One column of a file as a categorical of text."""

from __future__ import annotations

import datetime
import math
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from conjoint.typing import Integers

__all__ = ["Codes", "as_column", "number_text", "text_of"]


Value = TypeVar("Value")


class Codes(dict[Value, int]):
    """Values numbered in the order in which they come."""

    def __missing__(self, value: Value) -> int:
        self[value] = code = len(self)
        return code


def as_column(
    codes: Integers, texts: Sequence[str], missing: Collection[str] = ()
) -> pd.Categorical:
    """Make a column of text of codes.

    Parameters
    ----------
    codes
        For each row the position of its text, of shape (rows,); negative where it is empty.
    texts
        White space around them is taken off; those that are then alike become one.
    missing
        Texts that count as empty, beside ``""``.
    """
    stripped = [text.strip() for text in texts]
    known = dict.fromkeys(stripped)
    for text in ("", *missing):
        known.pop(text, None)
    place = dict(zip(known, range(len(known)), strict=True))
    # One more at the end: a negative code points there.
    final = np.array([place.get(text, -1) for text in stripped] + [-1], dtype=np.int32)
    dtype = pd.CategoricalDtype(pd.Index(list(known), dtype=object))
    return pd.Categorical.from_codes(final[np.maximum(codes, -1)], dtype=dtype)


def text_of(value: Any) -> str:
    """A value as text: numbers plain, dates in ISO's form, ``""`` for what is not there."""
    if isinstance(value, str):
        return value
    if value is None or value is pd.NaT:
        return ""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, float, np.number)):
        return number_text(value)
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time() and value.tzinfo is None
        return value.date().isoformat() if midnight else value.isoformat(" ")
    return str(value)


def number_text(value: float | np.number[Any]) -> str:
    """Write a number plainly: ``5000``, not ``5000.0`` nor ``5e3``; ``""`` where it is none."""
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if math.isnan(float(value)):
        return ""
    exact = value if isinstance(value, np.floating) else np.float64(value)
    text = np.format_float_positional(exact, trim="-")
    return "0" if text == "-0" else text
