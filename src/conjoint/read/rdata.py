"""R's files (.rda, .RData, .rds): one data frame of theirs as text."""

from __future__ import annotations

import bz2
import gzip
import lzma
from typing import TYPE_CHECKING, Any

import pandas as pd

from conjoint.errors import DataError, Fault, choices
from conjoint.read.column import as_column, text_of
from conjoint.read.grid import assemble
from conjoint.read.library import library, reading
from conjoint.source import most_unpacked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conjoint.read.responses import Responses
    from conjoint.survey import Data

__all__ = ["read_rdata"]

PACKED: dict[bytes, Callable[..., Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\0": lzma.open,
}
"""How R packs its files, by their first bytes."""

CHUNK = 1 << 20


def read_rdata(path: Path, data: Data) -> Responses:
    """Read a data frame of an R file: `data.object`, or the only one.

    A factor declares its answers. Rows are numbered from 1, as R does.

    Raises
    ------
    DataError
        pyreadr is not installed, the file is damaged, or which data frame is meant is not said.
    """
    pyreadr = library("pyreadr", path, "rdata")
    with reading(path, "an R file with a data frame"):
        _check_unpacked(path)
        objects = pyreadr.read_r(str(path))
    frames = {
        "" if name is None else str(name): frame
        for name, frame in objects.items()
        if isinstance(frame, pd.DataFrame)
    }
    frame = _chosen(path, frames, data.object)
    names = [str(name).strip() for name in frame.columns]
    columns, answers = [], {}
    for place, name in enumerate(names):
        column, declared = _column(frame.iloc[:, place], data)
        columns.append(column)
        if declared:
            answers[name] = declared
    return assemble(
        path, names, columns, range(1, len(frame) + 1), header=0, typed=True, answers=answers
    )


def _check_unpacked(path: Path) -> None:
    """Refuse a packed file that would fill the memory."""
    with path.open("rb") as file:
        start = file.read(6)
    unpack = next((opened for mark, opened in PACKED.items() if start.startswith(mark)), None)
    if unpack is None:
        return
    most, size = most_unpacked(path), 0
    with unpack(path) as stream:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > most:
                what = f"unpacks to more than {most:,} bytes"
                raise DataError(Fault(str(path), what, "a file of responses", "Leave columns out."))


def _chosen(path: Path, frames: dict[str, pd.DataFrame], wanted: str) -> pd.DataFrame:
    """The data frame that is meant."""
    if "" in frames:  # an .rds file holds one object, without a name
        return frames[""]
    if wanted in frames:
        return frames[wanted]
    if len(frames) == 1 and not wanted:
        return next(iter(frames.values()))
    if not frames:
        fault = Fault(str(path), "holds no data frame", "one", "Save one from R.")
    elif wanted:
        fault = Fault(
            str(path),
            f'there is no data frame "{wanted}"',
            choices(frames),
            "Correct data.object in survey.toml.",
        )
    else:
        fault = Fault(
            str(path),
            f"holds {len(frames)} data frames",
            choices(frames),
            "Name one of them as data.object in survey.toml.",
        )
    raise DataError(fault)


def _column(column: pd.Series[Any], data: Data) -> tuple[pd.Categorical, tuple[str, ...]]:
    """One column as text, and the answers that a factor declares."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        levels = [text_of(value) for value in column.cat.categories]
        codes = column.cat.codes.to_numpy()
        declared = tuple(text for text in map(str.strip, levels) if text)
        return as_column(codes, levels, data.missing), declared
    codes, values = pd.factorize(column)
    return as_column(codes, [text_of(value) for value in values], data.missing), ()
