"""What a file is by its first bytes, whatever its name says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NoReturn
from zipfile import BadZipFile, ZipFile

from conjoint.errors import DataError, Fault
from conjoint.source import check_file

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Kind", "kind_of"]

Kind = Literal[
    "delimited text",
    "an Excel workbook",
    "a Parquet file",
    "an SPSS file",
    "a Stata file",
    "an R file",
]

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

UNREADABLE = (
    (b"%PDF", "is a PDF", "Export the answers themselves."),
    (b"\x1f\x8b", "is compressed (gzip)", "Unpack it first."),
    (b"BZh", "is compressed (bzip2)", "Unpack it first."),
    (b"\xfd7zXZ\0", "is compressed (xz)", "Unpack it first."),
    (b"7z\xbc\xaf", "is a 7z archive", "Unpack it first."),
    (b"Rar!", "is a RAR archive", "Unpack it first."),
    (b"SQLite format 3", "is a database", "Export the answers as CSV."),
)

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
        _old_office(path)
    if head.startswith(b"PAR1"):
        return "a Parquet file"
    if head.startswith((b"$FL2", b"$FL3")):
        return "an SPSS file"
    if head.startswith(b"<stata_dta>") or (named == "a Stata file" and _is_old_stata(head)):
        return "a Stata file"
    if named == "an R file" or head.startswith((b"RDX2\n", b"RDX3\n")):
        return "an R file"
    _check_text(path, head)
    # A table of text that is named .xlsx is read as what it is; zero bytes are of something else.
    sheet = named == "an Excel workbook" and b"\0" in head and not head.startswith(UTF_16)
    if sheet or named in ("a Parquet file", "an SPSS file", "a Stata file"):
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
    """An archive: Excel's workbooks are some."""
    try:
        with ZipFile(path) as archive:
            names = set(archive.namelist())
    except (BadZipFile, NotImplementedError, ValueError):
        _refuse(path, "is a workbook or archive that was cut short", "Export it again.")
    if "xl/workbook.xml" in names:
        return "an Excel workbook"
    if "xl/workbook.bin" in names:
        _refuse(path, "is a binary workbook (.xlsb)", "Save it as .xlsx.")
    if "mimetype" in names:
        _refuse(path, "is an OpenDocument file", "Save it as .xlsx or .csv.")
    _refuse(path, "is a zip archive", "Unpack it first.")


def _old_office(path: Path) -> NoReturn:
    """Office's older container: an old workbook, or a new one locked up."""
    if ENCRYPTED in path.read_bytes():
        _refuse(
            path, "is protected by a password", "Open it, take the password off, and save it again."
        )
    _refuse(path, "is an Excel workbook of before 2007 (.xls)", "Save it as .xlsx or .csv.")
