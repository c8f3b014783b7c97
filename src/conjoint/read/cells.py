"""Cells of text into numbers, with every misfit named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conjoint.survey import Outcome, Question
    from conjoint.typing import BoolArray, FloatArray

__all__ = ["encode_numbers", "misfits"]


def encode_numbers(
    cells: pd.Series[Any],
    scale: Question | Outcome | None,
    place: Callable[[int, str], str],
    what: str,
) -> tuple[FloatArray, list[Fault]]:
    """Numbers from text; `scale` gives the range and the answers that count as missing."""
    missing = cells.isin(scale.missing) if scale is not None else cells.isna()
    known = cells.mask(missing)
    numbers = pd.to_numeric(known, errors="coerce").to_numpy(dtype=float)
    wrong = np.isnan(numbers) & known.notna().to_numpy()
    expected = "a number"
    if scale is not None and scale.min is not None and scale.max is not None:
        expected = f"a number from {scale.min:g} to {scale.max:g}"
        with np.errstate(invalid="ignore"):
            wrong |= (numbers < scale.min) | (numbers > scale.max)
    faults = misfits(cells, wrong, place, f"is not {what}", expected, "Correct the cell.")
    return numbers, list(faults)


def misfits(
    cells: pd.Series[Any],
    wrong: BoolArray,
    place: Callable[[int, str], str],
    what: str,
    expected: str,
    do: str,
) -> Iterator[Fault]:
    """One fault a distinct misfit: its first place, and how many more there are.

    The index of `cells` is the position that `place` understands.
    """
    found = cells.loc[wrong]
    for value, rows in found.groupby(found, sort=False).groups.items():
        more = f" ({len(rows) - 1} more cells hold it)" if len(rows) > 1 else ""
        yield Fault(place(int(rows[0]), str(cells.name)), f'"{value}" {what}{more}', expected, do)
