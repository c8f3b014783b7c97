"""The tidy CSV file: one row a figure of every table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conjoint.analysis.questions import AGAINST_TOTAL
from conjoint.spreadsheet import csv_text
from conjoint.table.sheet import cell_text

if TYPE_CHECKING:
    from conjoint.toplines import Table
    from conjoint.workbook.book import Book

__all__ = ["COLUMNS", "csv_bytes", "tidy"]

COLUMNS = (
    "question", "item", "title", "row", "label", "kind", "crossbreak", "column", "column_label",
    "letter", "value", "percent", "conf_low", "conf_high", "count", "weighted_count", "row_base",
    "unweighted_base", "weighted_base", "effective_base", "reading", "letters", "against_total",
)  # fmt: skip


def tidy(book: Book) -> pd.DataFrame:
    """Every figure of every table, columns as `COLUMNS`.

    Shares are on 0 to 1, to four decimals, and `percent` as printed. Suppressed columns have neither figures nor bases.
    """
    parts = [_rows(table, book.decimals) for table in book.tables]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))


def _rows(table: Table, decimals: int) -> pd.DataFrame:
    frame, R = table.frame, len(table.rows)
    gone = (frame["reading"] == "suppressed").to_numpy()
    made = {
        "question": frame["question"],
        "item": frame["item"],
        "title": table.title,
        "row": frame["row"],
        "label": np.repeat([row.label for row in table.rows], len(table.columns)),
        "kind": frame["kind"],
        "crossbreak": frame["crossbreak"],
        "column": frame["group"],
        "column_label": frame["label"],
        "letter": np.tile([column.letter for column in table.columns], R),
        "value": frame["estimate"],
        "percent": table.percent(decimals).ravel(),
        "conf_low": frame["conf_low"],
        "conf_high": frame["conf_high"],
        "count": frame["count"],
        "weighted_count": frame["weighted_count"],
        "row_base": frame["n_respondents"].astype(float).mask(gone),
        "unweighted_base": pd.Series(np.tile(table.unweighted, R), dtype=float).mask(gone),
        "weighted_base": frame["weighted_base"].mask(gone),
        "effective_base": frame["effective_base"].mask(gone),
        "reading": frame["reading"],
        "letters": frame["letters"],
        "against_total": frame["against_total"].map(AGAINST_TOTAL),
    }
    whole = ("count", "row_base", "unweighted_base")
    return pd.DataFrame(made)[list(COLUMNS)].astype(dict.fromkeys(whole, "Int64"))


def csv_bytes(book: Book) -> bytes:
    """The tidy frame as CSV, UTF-8.

    Text that a spreadsheet would run has an apostrophe before it; numbers are left as they are.
    """
    frame = tidy(book)
    for name in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            frame[name] = frame[name].map(cell_text)
    return csv_text(frame).encode()
