"""A file of responses of any format, as text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conjoint.errors import DataError, Fault, choices
from conjoint.read.content import kind_of
from conjoint.read.delimited import read_delimited
from conjoint.read.parquet import read_parquet
from conjoint.read.qualtrics import remarks
from conjoint.read.rdata import read_rdata
from conjoint.read.spss import read_spss, read_stata
from conjoint.read.workbook import read_workbook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conjoint.read.content import Kind
    from conjoint.read.responses import Responses
    from conjoint.survey import Data

__all__ = ["READABLE", "read_responses"]

KINDS: dict[str, Kind] = {
    ".csv": "delimited text",
    ".tsv": "delimited text",
    ".tab": "delimited text",
    ".txt": "delimited text",
    ".xlsx": "an Excel workbook",
    ".xlsm": "an Excel workbook",
    ".parquet": "a Parquet file",
    ".sav": "an SPSS file",
    ".zsav": "an SPSS file",
    ".dta": "a Stata file",
    ".rda": "an R file",
    ".rdata": "an R file",
    ".rds": "an R file",
}

READABLE = tuple(KINDS)
"""Endings of files that can be read."""

READERS: dict[Kind, Callable[[Path, Data], Responses]] = {
    "delimited text": read_delimited,
    "an Excel workbook": read_workbook,
    "a Parquet file": read_parquet,
    "an SPSS file": read_spss,
    "a Stata file": read_stata,
    "an R file": read_rdata,
}


def read_responses(path: Path, data: Data) -> Responses:
    """Read a file of responses as text, the format told by its name and its first bytes.

    Nothing is interpreted: ``"None"``, ``"NA"`` and ``"N/A"`` are text like any other, and only an
    empty cell is missing, or one of those that `data.missing` names.

    Raises
    ------
    DataError
        The file is not there, cannot be read, or has no rows; names all that is wrong with it.
    """
    named = KINDS.get(path.suffix.lower())
    if named is None:
        ending = f'a "{path.suffix}" file' if path.suffix else "a file without an ending"
        raise DataError(
            Fault(str(path), f"{ending} cannot be read", choices(READABLE, 20), "Convert it.")
        )
    try:
        kind = kind_of(path, named)
        responses = READERS[kind](path, data)
    except FileNotFoundError:
        raise DataError(
            Fault(
                str(path),
                "there is no such file",
                "the file of responses",
                "Put it there, or name another with --data FILE.",
            )
        ) from None
    except IsADirectoryError:
        raise DataError(Fault(str(path), "is a folder", "the file of responses")) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataError(
            Fault(str(path), f"cannot be read: {reason}", "a file of responses")
        ) from error
    notes = [*responses.notes, *remarks(responses)]
    if kind != named:
        notes.insert(0, f"{path.name}: is {kind} by its content, and was read as such.")
    return replace(responses, notes=tuple(notes))
