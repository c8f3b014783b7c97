"""Files of responses that come packed: .gz, and .zip of one file."""

from __future__ import annotations

import gzip
import zlib
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from conjoint.errors import DataError, Fault, choices
from conjoint.say.number import numeral

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from zipfile import ZipInfo

__all__ = ["PACKED", "most_bytes", "too_many_bytes", "unpacked"]

PACKED = (".gz", ".zip")
"""Endings of packed files that are read."""

MOST_BYTES = 2_000_000_000
BYTES = 100_000_000
BYTES_A_BYTE = 100
"""What is packed may have so many bytes, and so many more for each byte of the packed file; never
more than `MOST_BYTES`."""

CHUNK = 1 << 20

ASIDE = ("__MACOSX", ".", "Thumbs.db", "desktop.ini")
"""How what systems add to archives begins."""


@contextmanager
def unpacked(path: Path, readable: Collection[str]) -> Iterator[tuple[Path, list[str]]]:
    """Unpack a file into a temporary folder; the path of what it holds, and notes.

    Parameters
    ----------
    path
        A .gz file, or an archive with one file whose ending is in `readable`.
    readable
        Endings of files that can be read.

    Raises
    ------
    DataError
        The file is damaged, locked, holds several files of responses or none, or spreads out to far
        more than its size tells.
    """
    with TemporaryDirectory(prefix="conjoint-") as folder:
        try:
            found = _extract(path, Path(folder), readable)
        except (BadZipFile, EOFError, zlib.error, gzip.BadGzipFile, NotImplementedError) as error:
            what = "is damaged, or was cut short"
            raise DataError(_fault(path, what, "a whole archive", "Export it again.")) from error
        yield found


def _extract(path: Path, target: Path, readable: Collection[str]) -> tuple[Path, list[str]]:
    """Put what is packed into a folder."""
    left = most_bytes(path)
    if _is_gzip(path):
        inner = path.stem if path.suffix.lower() == ".gz" else path.name
        inner = inner if Path(inner).suffix else f"{inner}.csv"
        with gzip.open(path) as packed:
            _copy(path, packed, target / inner, left)
        return target / inner, []
    with ZipFile(path) as archive:
        chosen, notes = _chosen(path, archive, readable)
        for name, entry in chosen.items():
            with archive.open(entry) as source:
                left -= _copy(path, source, target / name, left)
    return target / next(iter(chosen)), notes


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _chosen(
    path: Path, archive: ZipFile, readable: Collection[str]
) -> tuple[dict[str, ZipInfo], list[str]]:
    """The file that an archive holds, and those of its name; by the name that each gets here."""
    entries = [
        entry
        for entry in archive.infolist()
        if not entry.is_dir() and not any(map(_is_aside, _parts(entry)))
    ]
    fitting = [entry for entry in entries if _ending(entry) in readable]
    described = [entry for entry in fitting if _ending(entry) in (".sss", ".xml")]
    if len(described) == 1:  # the data of a Triple-S survey lie in a file of its own
        fitting = described
    if len(fitting) != 1:
        listed = choices([entry.filename for entry in fitting or entries], 6)
        what = (
            f"holds {len(fitting)} files that could be the responses" if fitting else "holds none"
        )
        expected = f"one file of responses; it holds {listed}" if entries else "a file of responses"
        raise DataError(_fault(path, what, expected, "Unpack it, and give the file itself."))
    stem = PurePosixPath(fitting[0].filename).stem.lower()
    chosen = {_parts(fitting[0])[-1]: fitting[0]}
    if described:
        chosen |= {
            _parts(own)[-1]: own
            for own in entries
            if PurePosixPath(own.filename).stem.lower() == stem and own is not fitting[0]
        }
    if any(entry.flag_bits & 1 for entry in chosen.values()):
        what = "is protected by a password"
        raise DataError(_fault(path, what, "a file of responses", "Unpack it, and give the file."))
    others = [entry.filename for entry in entries if entry not in chosen.values()]
    notes = []
    if others:
        notes = [f"{path.name}: {fitting[0].filename} was read, and not {choices(others, 6)}."]
    return chosen, notes


def _is_aside(part: str) -> bool:
    return part.startswith(ASIDE) and part not in (".", "..")


def _parts(entry: ZipInfo) -> tuple[str, ...]:
    return PurePosixPath(entry.filename.replace("\\", "/")).parts


def _ending(entry: ZipInfo) -> str:
    return PurePosixPath(entry.filename).suffix.lower()


def most_bytes(path: Path) -> int:
    """How many bytes a packed file may hold."""
    return min(MOST_BYTES, BYTES + BYTES_A_BYTE * path.stat().st_size)


def too_many_bytes(path: Path, most: int) -> Fault:
    """A packed file that spreads out far beyond what it is."""
    what = f"spreads out to more than {numeral(most / 1e6)} MB"
    do = "Unpack it, and look whether it is the right file."
    return _fault(path, what, "a file of responses", do)


def _copy(path: Path, source: IO[bytes] | gzip.GzipFile, target: Path, most: int) -> int:
    """Copy what is packed; says how many bytes it is."""
    count = 0
    with target.open("wb") as file:
        while chunk := source.read(CHUNK):
            count += len(chunk)
            if count > most:
                raise DataError(too_many_bytes(path, most))
            file.write(chunk)
    return count


def _fault(path: Path, what: str, expected: str, do: str) -> Fault:
    return Fault(str(path), what, expected, do)
