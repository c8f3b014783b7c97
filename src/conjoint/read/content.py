"""What a file is by its first bytes, whatever its name says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NoReturn
from zipfile import BadZipFile, ZipFile

from conjoint.errors import DataError, Fault
from conjoint.source import check_file

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SHEETS", "Kind", "kind_of"]

Kind = Literal[
    "delimited text",
    "an Excel workbook",
    "an Excel 97-2003 workbook",
    "a binary workbook",
    "an OpenDocument spreadsheet",
    "a Parquet file",
    "an SPSS file",
    "a Stata file",
    "an R file",
    "a Triple-S survey",
    "a packed file",
]

SHEETS: tuple[Kind, ...] = (
    "an Excel workbook",
    "an Excel 97-2003 workbook",
    "a binary workbook",
    "an OpenDocument spreadsheet",
)

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

UNREADABLE = (
    (b"%PDF", "is a PDF", "Export the answers themselves."),
    (b"BZh", "is compressed (bzip2)", "Unpack it first."),
    (b"\xfd7zXZ\0", "is compressed (xz)", "Unpack it first."),
    (b"7z\xbc\xaf", "is a 7z archive", "Unpack it first."),
    (b"Rar!", "is a RAR archive", "Unpack it first."),
    (b"SQLite format 3", "is a database", "Export the answers as CSV."),
)

STARTS: tuple[tuple[tuple[bytes, ...], Kind], ...] = (
    ((b"PAR1",), "a Parquet file"),
    ((b"$FL2", b"$FL3"), "an SPSS file"),
    ((b"<stata_dta>",), "a Stata file"),
    ((b"RDX2\n", b"RDX3\n"), "an R file"),
)
"""What the files of some formats start with."""

UTF_16 = (b"\xff\xfe", b"\xfe\xff")

PAGES = (b"<!doctype html", b"<html", b"<?xml")


def kind_of(path: Path, named: Kind) -> Kind:
    """Tell what the file is; `named` is what its name says.

    Raises
    ------
    DataError
        It is something that holds no responses, or not in a form that can be read.
    """
    check_file(path)
    with path.open("rb") as file:
        head = file.read(512)
    if not head:
        _refuse(path, "the file is empty", "Export it again.")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(path)
    if head.startswith(OLE):
        return _old_office(path)
    marked = next((kind for starts, kind in STARTS if head.startswith(starts)), None)
    if marked is not None:
        return marked
    if named == "a Stata file" and _is_old_stata(head):
        return named
    if named == "an R file":  # packed, as R saves them
        return named
    if head.startswith(b"\x1f\x8b"):
        return "a packed file"
    if named == "a Triple-S survey":
        return named
    return _text(path, head, named)


def _text(path: Path, head: bytes, named: Kind) -> Kind:
    """Text of cells, unless its name says that it should be something else."""
    _check_text(path, head)
    # A table of text that is named .xlsx is read as what it is; zero bytes are of something else.
    sheet = named in SHEETS and b"\0" in head and not head.startswith(UTF_16)
    if sheet or named in ("a Parquet file", "an SPSS file", "a Stata file", "a packed file"):
        _refuse(path, f"is not {named}, whatever its name says", "Export it again.")
    return "delimited text"


def _is_old_stata(head: bytes) -> bool:
    """Whether a file starts as those of Stata 8 to 12 do: a release, a byte order, a 1 and a 0."""
    return len(head) > 3 and head[0] in range(105, 116) and head[1] in (1, 2) and head[2] == 1


def _check_text(path: Path, head: bytes) -> None:
    """Refuse what is plainly no text of cells."""
    for start, what, do in UNREADABLE:
        if head.startswith(start):
            _refuse(path, what, do)
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(PAGES):
        _refuse(path, "is a web page or XML", "Download the export itself.")


def _refuse(path: Path, what: str, do: str) -> NoReturn:
    raise DataError(Fault(str(path), what, "a file of responses", do))


def _zipped(path: Path) -> Kind:
    """An archive: most spreadsheets are some."""
    try:
        with ZipFile(path) as archive:
            names = set(archive.namelist())
            kind = archive.open("mimetype").read(99) if "mimetype" in names else b""
    except (BadZipFile, NotImplementedError, ValueError):
        _refuse(path, "is a workbook or archive that was cut short", "Export it again.")
    if "xl/workbook.xml" in names:
        return "an Excel workbook"
    if "xl/workbook.bin" in names:
        return "a binary workbook"
    if kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return "an OpenDocument spreadsheet"
    if kind:
        _refuse(path, "is a document, not a spreadsheet", "Export the answers themselves.")
    return "a packed file"


def _old_office(path: Path) -> Kind:
    """Office's older container: an old workbook, or a new one locked up."""
    if ENCRYPTED in path.read_bytes():
        _refuse(
            path, "is protected by a password", "Open it, take the password off, and save it again."
        )
    return "an Excel 97-2003 workbook"
