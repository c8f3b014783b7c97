"""Files of responses that come packed: .gz, and .zip of one file of data, or of several that are named."""

from __future__ import annotations

import gzip
import re
import zlib
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from conjoint.errors import DataError, Fault, choices
from conjoint.say.number import numeral

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
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

TEXT = ".txt"

DOCUMENT = re.compile(
    r"(?<![A-Za-z])(read[ _-]?me|licen[cs]e|code[ _-]?book|data[ _-]?dictionary|dictionary|documentation|questionnaire"
    r"|fragebogen|cuestionario|meta[ _-]?data|manifest|change[ _-]?log|citation|user[ _-]?guide|file[ _-]?info"
    r"|(variable|var)s?[ _-]?(list|labels?|names?)|value[ _-]?labels?|notes?)(?![A-Za-z])",
    re.IGNORECASE,
)
"""How documents beside data are called."""

RECORDS = (".asc", ".csv", ".dat", ".fix", ".txt")
"""Endings of the records that a Triple-S survey of the same name describes."""

ASIDE = ("__MACOSX", ".", "Thumbs.db", "desktop.ini")
"""How what systems add to archives begins."""


@contextmanager
def unpacked(
    path: Path, readable: Collection[str], member: str = ""
) -> Iterator[tuple[Path, list[str]]]:
    """Unpack a file into a temporary folder; the path of what it holds, and notes.

    Parameters
    ----------
    path
        A .gz file, or an archive with one file of data whose ending is in `readable`.
    readable
        Endings of files that can be read.
    member
        Which file of an archive is wanted, by its name or its path there.

    Raises
    ------
    DataError
        The file is damaged, locked, holds several files of responses or none, or spreads out to far
        more than its size tells.
    """
    with TemporaryDirectory(prefix="conjoint-") as folder:
        try:
            found = _extract(path, Path(folder), readable, member)
        except (BadZipFile, EOFError, zlib.error, gzip.BadGzipFile, NotImplementedError) as error:
            what = "is damaged, or was cut short"
            raise DataError(_fault(path, what, "a whole archive", "Export it again.")) from error
        yield found


def _extract(
    path: Path, target: Path, readable: Collection[str], member: str
) -> tuple[Path, list[str]]:
    """Put what is packed into a folder."""
    left = most_bytes(path)
    if _is_gzip(path):
        inner = path.stem if path.suffix.lower() == ".gz" else path.name
        inner = inner if Path(inner).suffix else f"{inner}.csv"
        with gzip.open(path) as packed:
            _copy(path, packed, target / inner, left)
        return target / inner, []
    with ZipFile(path) as archive:
        chosen, notes = _chosen(path, archive, readable, member)
        for name, entry in chosen.items():
            with archive.open(entry) as source:
                left -= _copy(path, source, target / name, left)
    return target / next(iter(chosen)), notes


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _chosen(
    path: Path, archive: ZipFile, readable: Collection[str], member: str
) -> tuple[dict[str, ZipInfo], list[str]]:
    """The file that an archive holds, and those of its name; by the name that each gets here."""
    entries = [
        entry
        for entry in archive.infolist()
        if not entry.is_dir() and not any(map(_is_aside, _parts(entry)))
    ]
    fitting = _data_files(entries, readable)
    if member:
        fitting = [entry for entry in entries if _is_named(entry, member)]
    if len(fitting) != 1:
        raise DataError(_not_one(path, fitting or entries, len(fitting), member))
    chosen = {_parts(fitting[0])[-1]: fitting[0]}
    if _ending(fitting[0]) in (".sss", ".xml"):  # its records lie in a file of their own
        chosen |= {_parts(own)[-1]: own for own in entries if own in _of_stem(fitting[0], entries)}
    if any(entry.flag_bits & 1 for entry in chosen.values()):
        what = "is protected by a password"
        raise DataError(_fault(path, what, "a file of responses", "Unpack it, and give the file."))
    others = [entry.filename for entry in entries if entry not in chosen.values()]
    notes = []
    if others:
        notes = [f"{path.name}: {fitting[0].filename} was read, and not {choices(others, 6)}."]
    return chosen, notes


def _data_files(entries: Sequence[ZipInfo], readable: Collection[str]) -> list[ZipInfo]:
    """The files that may hold responses, without documents beside them."""
    fitting = [entry for entry in entries if _ending(entry) in readable]
    described = [
        entry
        for entry in fitting
        if _ending(entry) == ".sss"
        or (
            _ending(entry) == ".xml"
            and any(_ending(own) in RECORDS for own in _of_stem(entry, entries))
        )
    ]
    if len(described) == 1:
        return described
    data = [e for e in fitting if not DOCUMENT.search(_parts(e)[-1]) and _ending(e) != ".xml"]
    return [entry for entry in data if _ending(entry) != TEXT] or data or fitting


def _of_stem(entry: ZipInfo, entries: Sequence[ZipInfo]) -> list[ZipInfo]:
    """The other files of a file's name."""
    stem = PurePosixPath(entry.filename).stem.lower()
    return [
        own
        for own in entries
        if own is not entry and PurePosixPath(own.filename).stem.lower() == stem
    ]


def _is_named(entry: ZipInfo, member: str) -> bool:
    wanted = PurePosixPath(member.replace("\\", "/")).parts
    return _parts(entry)[-len(wanted) :] == wanted


def _not_one(path: Path, entries: Sequence[ZipInfo], count: int, member: str) -> Fault:
    """An archive that does not say which file is meant."""
    names = [entry.filename for entry in entries]
    if member and not count:
        return _fault(path, f'holds no file "{member}"', choices(names, 6), "Correct data.member.")
    if not count:
        expected = (
            f"a file of responses; it holds {choices(names, 6)}" if names else "a file of responses"
        )
        return _fault(path, "holds none", expected, "Unpack it, and give the file itself.")
    what = f"holds {count} files that could be the responses"
    name = names[0].replace('"', "")
    do = (
        f'Name one as member = "{name}" under [data] in survey.toml; for `conjoint new`: '
        f'--read "member={name}".'
    )
    return _fault(path, what, f"one of {choices(names, 6)}", do)


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
