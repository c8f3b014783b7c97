"""A file of responses of any format, as text."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from conjoint.errors import DataError, Fault, choices
from conjoint.read.content import kind_of
from conjoint.read.delimited import read_delimited
from conjoint.read.library import library
from conjoint.read.packed import PACKED, unpacked
from conjoint.read.parquet import read_parquet
from conjoint.read.qualtrics import remarks
from conjoint.read.rdata import read_rdata
from conjoint.read.sheets import read_sheets
from conjoint.read.spss import read_spss, read_stata
from conjoint.read.triples import read_triples, triples_beside
from conjoint.read.workbook import read_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conjoint.read.content import Kind
    from conjoint.read.responses import Responses
    from conjoint.survey import Data

__all__ = ["READABLE", "check_library", "companions", "read_responses"]

KINDS: dict[str, Kind] = {
    ".csv": "delimited text",
    ".tsv": "delimited text",
    ".tab": "delimited text",
    ".txt": "delimited text",
    ".xlsx": "an Excel workbook",
    ".xlsm": "an Excel workbook",
    ".xls": "an Excel 97-2003 workbook",
    ".xlsb": "a binary workbook",
    ".ods": "an OpenDocument spreadsheet",
    ".parquet": "a Parquet file",
    ".sav": "an SPSS file",
    ".zsav": "an SPSS file",
    ".dta": "a Stata file",
    ".rda": "an R file",
    ".rdata": "an R file",
    ".rds": "an R file",
    ".sss": "a Triple-S survey",
    ".xml": "a Triple-S survey",
    ".asc": "a Triple-S survey",
    **dict.fromkeys(PACKED, "a packed file"),
}

READABLE = tuple(KINDS)
"""Endings of files that can be read."""


ELSEWHERE = {
    ".por": "Save it as .sav, in SPSS or PSPP.",
    ".sas7bdat": "Save it as .dta or .csv, in SAS, Stata or R (haven).",
    ".xpt": "Save it as .dta or .csv, in SAS, Stata or R (haven).",
    ".mdb": "Export the table of answers as .csv.",
}
"""What to do with formats that archives keep and that are not read."""


def _packed_again(path: Path, data: Data) -> Responses:  # noqa: ARG001  # as every reader
    raise DataError(Fault(str(path), "is packed again", "a file of responses", "Unpack it first."))


READERS: dict[Kind, Callable[[Path, Data], Responses]] = {
    "delimited text": read_delimited,
    "an Excel workbook": read_workbook,
    "an Excel 97-2003 workbook": read_sheets,
    "a binary workbook": read_sheets,
    "an OpenDocument spreadsheet": read_sheets,
    "a Parquet file": read_parquet,
    "an SPSS file": read_spss,
    "a Stata file": read_stata,
    "an R file": read_rdata,
    "a Triple-S survey": read_triples,
    "a packed file": _packed_again,
}

LIBRARIES: dict[Kind, tuple[str, str]] = {
    "an Excel 97-2003 workbook": ("xlrd", "sheets"),
    "a binary workbook": ("python_calamine", "sheets"),
    "a Parquet file": ("pyarrow", "parquet"),
}
"""What reads the formats that conjoint alone cannot read, and the extra that brings it."""


def check_library(path: Path) -> None:
    """See that what reads a file of this name is installed: before anything else is done.

    Raises
    ------
    DataError
        It is not; names the extra.
    """
    inner = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    needed = LIBRARIES.get(KINDS.get(inner.suffix.lower(), "delimited text"))
    if needed is not None:
        library(needed[0], inner, needed[1])


def companions(path: Path) -> tuple[Path, ...]:
    """Files that are read with a file of responses: the other one of a Triple-S survey."""
    if KINDS.get(path.suffix.lower()) != "a Triple-S survey":
        return ()
    other = triples_beside(path)
    return () if other is None else (other,)


def read_responses(path: Path, data: Data) -> Responses:
    """Read a file of responses as text, the format told by its name and its first bytes.

    Nothing is interpreted: ``"None"``, ``"NA"`` and ``"N/A"`` are text like any other, and only an
    empty cell is missing, or one of those that `data.missing` names.

    Raises
    ------
    DataError
        The file is not there, cannot be read, or has no rows; names all that is wrong with it.
    """
    named = _named(path)
    check_library(path)
    with _found(path):
        kind = kind_of(path, named)
        if kind == "a packed file":
            return _packed(path, data)
        responses = READERS[kind](path, data)
    return _with_notes(responses, kind, named)


def _named(path: Path) -> Kind:
    """What a file is by its name."""
    named = KINDS.get(path.suffix.lower())
    if named is None:
        ending = f'a "{path.suffix}" file' if path.suffix else "a file without an ending"
        do = ELSEWHERE.get(path.suffix.lower(), "Convert it.")
        fault = Fault(str(path), f"{ending} cannot be read", choices(READABLE, 30), do)
        raise DataError(fault)
    return named


def _packed(path: Path, data: Data) -> Responses:
    """What a packed file holds; faults name the packed file, too."""
    plain = [ending for ending in READABLE if ending not in PACKED]
    with unpacked(path, plain, data.member) as (inner, notes):
        named = _named(inner)
        try:
            check_library(inner)
            kind = kind_of(inner, named)
            responses = _with_notes(READERS[kind](inner, data), kind, named)
        except DataError as error:
            raise DataError(*(_outside(fault, path, inner) for fault in error.faults)) from error
    return replace(responses, path=path, notes=(*notes, *responses.notes))


def _outside(fault: Fault, path: Path, inner: Path) -> Fault:
    """A fault of an unpacked file as one of the file that it was packed in."""
    where, shown = f"{inner.parent}", f"{path}, {inner.name}"
    also = tuple(place.replace(str(inner), shown) for place in fault.also)
    place = fault.where.replace(str(inner), shown).replace(where, str(path))
    return replace(fault, where=place, also=also)


def _with_notes(responses: Responses, kind: Kind, named: Kind) -> Responses:
    notes = [*responses.notes, *remarks(responses)]
    if kind != named:
        name = responses.path.name
        notes.insert(0, f"{name}: is {kind} by its content, and was read as such.")
    return replace(responses, notes=tuple(notes))


@contextmanager
def _found(path: Path) -> Iterator[None]:
    """Say as a fault that a file is not there, or may not be read."""
    try:
        yield
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
