"""Parquet files: columns of any simple type as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conjoint.errors import DataError, Fault, choices
from conjoint.read.column import as_column, text_of
from conjoint.read.grid import assemble, check_width
from conjoint.read.library import library, reading
from conjoint.read.packed import most_bytes, too_many_bytes
from conjoint.read.workbook import most_cells

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from conjoint.read.responses import Responses
    from conjoint.survey import Data

__all__ = ["read_parquet"]

MOST_CELLS = 100_000_000
"""However large the file."""


def read_parquet(path: Path, data: Data) -> Responses:
    """Read a Parquet file. A dictionary column declares its answers; rows are numbered from 1.

    Raises
    ------
    DataError
        pyarrow is not installed, or the file is damaged.
    """
    arrow = library("pyarrow", path, "parquet")
    parquet = library("pyarrow.parquet", path, "parquet")
    names: list[str] = []
    columns: list[pd.Categorical] = []
    answers: dict[str, tuple[str, ...]] = {}
    nested = []
    with reading(path, "a Parquet file"), parquet.ParquetFile(path) as file:
        shape = file.metadata
        size = path.stat().st_size
        most = min(MOST_CELLS, most_cells(path))
        check_width(path, shape.num_columns)
        groups = range(shape.num_row_groups)
        if shape.num_rows * shape.num_columns > most:
            what = f"has more than {most:,} cells, for {size:,} bytes"
            raise DataError(Fault(str(path), what, "a file of responses", "Leave columns out."))
        if sum(shape.row_group(group).total_byte_size for group in groups) > most_bytes(path):
            raise DataError(too_many_bytes(path, most_bytes(path)))
        table = file.read().unify_dictionaries()
        for name, column in zip(table.column_names, table.columns, strict=True):
            if arrow.types.is_nested(column.type):
                nested.append(name)
                continue
            names.append(name.strip())
            codes, texts = _coded(arrow, column)
            columns.append(as_column(codes, texts, data.missing))
            if texts and arrow.types.is_dictionary(column.type):
                answers[name.strip()] = tuple(text for text in map(str.strip, texts) if text)
    notes = []
    if nested:
        notes.append(
            f"{path.name}: columns of lists or records are left out: {choices(nested, 6)}."
        )
    return assemble(
        path,
        names,
        columns,
        range(1, table.num_rows + 1),
        header=0,
        notes=notes,
        typed=True,
        answers=answers,
    )


def _coded(arrow: Any, column: Any) -> tuple[np.ndarray[Any, np.dtype[np.int64]], list[str]]:
    """Codes (-1 where empty) and texts of a column."""
    if column.null_count == len(column):
        return np.full(len(column), -1), []
    if not arrow.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    chunk = column.combine_chunks()
    codes = chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    kept = chunk.dictionary
    if arrow.types.is_floating(kept.type):  # as NumPy's, which keep their precision
        return codes, [text_of(value) for value in kept.to_numpy(zero_copy_only=False)]
    return codes, [_text(value) for value in kept.to_pylist()]


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else text_of(value)
