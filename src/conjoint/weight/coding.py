"""Respondents as codes: which category of a margin each is in, found once a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conjoint.survey import INTERLOCK
from conjoint.survey.rule import as_text
from conjoint.weight.cells import find_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjoint.typing import FloatArray, IntArray

__all__ = ["Coder"]


class Coder:
    """Codes the columns of respondents, each column once."""

    def __init__(self, respondents: pd.DataFrame) -> None:
        self.respondents = respondents
        self._columns: dict[str, tuple[IntArray, tuple[str, ...]]] = {}

    def column(self, name: str) -> tuple[IntArray, tuple[str, ...]]:
        """Each respondent's place among the texts of a column, -1 where missing; and the texts."""
        if name not in self._columns:
            self._columns[name] = _factorise(self.respondents[name])
        return self._columns[name]

    def combinations(self, columns: Sequence[str]) -> tuple[IntArray, tuple[str, ...]]:
        """The same for columns interlocked; missing where any part is."""
        if len(columns) == 1:
            return self.column(columns[0])
        parts = [self.column(name) for name in columns]
        codes = np.stack([codes for codes, _ in parts])
        known = np.asarray((codes >= 0).all(axis=0))
        sizes = [len(texts) + 1 for _, texts in parts]
        cells = find_cells(list(np.where(known, codes + 1, 0)), sizes, codes.shape[1])
        firsts = np.where(known[cells.first], cells.first, -1)
        texts = [
            INTERLOCK.join(parts[part][1][codes[part, first]] for part in range(len(parts)))
            for first in firsts[firsts >= 0]
        ]
        place = np.where(firsts >= 0, np.cumsum(firsts >= 0) - 1, -1)
        return place[cells.member], tuple(texts)

    def numbers(self, name: str) -> FloatArray:
        """A column's numbers, NaN where there is none."""
        column = self.respondents[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            column = column.astype(object)
        return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def _factorise(column: pd.Series[Any]) -> tuple[IntArray, tuple[str, ...]]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy().astype(np.intp)
        return codes, tuple(map(as_text, column.cat.categories))
    codes, values = pd.factorize(column)
    return np.asarray(codes, dtype=np.intp), tuple(map(as_text, values))
